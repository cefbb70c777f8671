"""`HierarchicalFactorioEnv`: an environment in which an action is a skill, done to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from factorio_fast import contract
from factorio_fast.coordination.tasks import SkillResult, SkillStatus
from factorio_fast.coordination.watched import TICKS_PER_SECOND, WatchedSession
from factorio_fast.envs.fast import FastFactorioEnv
from factorio_fast.envs.skill_actions import (
    N_PLACES,
    PLACE_COLUMNS,
    SKILL_NAMES,
    SkillActions,
)
from factorio_fast.envs.spaces import checked_actions, observation_space
from factorio_fast.errors import ClosedError, InvalidStateError, InvalidValueError
from factorio_fast.skills.library import SkillLibrary

if TYPE_CHECKING:
    from pathlib import Path

    from factorio_fast import _core
    from factorio_fast.envs.session import Backend, Session
    from factorio_fast.envs.spaces import Observation, RewardShaping

__all__ = ["HierarchicalFactorioEnv"]

_BOUND = float(2**32)


class HierarchicalFactorioEnv(gym.Env[dict[str, NDArray[Any]], NDArray[np.int64]]):
    """An environment over skills, for a policy or a model that decides what to do, not how.

    Goal:
        The scenario's objective; `open_play` has none but what its reward pays for.

    Start:
        As `FastFactorioEnv`: a map drawn from the seed, one episode after the other.

    Actions:
        `MultiDiscrete([11, 16, 32, 8])`: skill, place, item, amount. A skill reads some of the last
        three (`skill_actions.USES`). Places are the nearest patch of each resource and the ten
        nearest machines; items are the scenario's palette; amounts are 1 to 200. A skill that
        cannot begin is refused; `info["rejected"]` says why, and one step of the world passes.

    Observation:
        `Dict` of the compact observation's `entities`, `local_map` and `player_state`, and of
        `places` (16, 6), `inventory` (32,) and `action_mask` (67,) bool.

    Reward:
        The scenario's rewards of all steps of the skill, each discounted by the steps before it in
        the skill, as in options: `r_0 + d r_1 + d^2 r_2 + …`. `info["duration"]` is the number of
        steps and `info["discount"]` is d to that power, for what follows.

    Termination:
        As the scenario's: the objective is reached, or the character is dead.

    Truncation:
        The scenario's time is up, `max_skills` were tried, or the world was lost
        (`info["infrastructure"]` says how, and the step is not to be learned from).

    Registered ids:
        None; it needs the extra `plan`.

    Example:
        >>> from factorio_fast.envs.hierarchical import HierarchicalFactorioEnv
        >>> env = HierarchicalFactorioEnv(skills="experts")
        >>> obs, info = env.reset(seed=3)
        >>> gather_wood = env.action("GATHER", item="wood", amount=5)
        >>> obs, reward, terminated, truncated, info = env.step(gather_wood)
        >>> info["skill_status"], info["discount"] == 0.999 ** info["duration"]
        ('done', True)
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 10,
    }

    def __init__(  # noqa: PLR0913 - settings of an environment, keyword-only
        self,
        scenario: str | Path | dict[str, Any] | _core.Scenario = "open_play",
        *,
        backend: str | Backend = "embedded",
        skills: str | Path | SkillLibrary = "default",
        discount: float = 0.999,
        budget_seconds: float = 120.0,
        max_skills: int | None = None,
        reward_shaping: RewardShaping = "dense",
        episode_length: float | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Make an environment.

        Args:
            scenario: As of `FastFactorioEnv`; at least ten steps a second, or skills stumble.
            backend: As of `FastFactorioEnv`.
            skills: A library, or what `SkillLibrary.load` takes.
            discount: Per step of the world, above 0 and at most 1.
            budget_seconds: Game time that one skill may take.
            max_skills: Skills of an episode.
            reward_shaping: `dense`, or `sparse` for success and death alone.
            episode_length: Seconds of game time instead of the scenario's own.
            render_mode: `rgb_array`, `ansi` or `None`.

        Raises:
            InvalidValueError: A value is out of range.
            As `FastFactorioEnv`.
        """
        if not 0 < discount <= 1:
            raise InvalidValueError(f"discount must be above 0 and at most 1, not {discount}")
        if not 0 < budget_seconds <= 36_000:  # noqa: PLR2004 - ten hours, as of a task
            raise InvalidValueError(
                f"budget_seconds must be above 0 and at most 36000, not {budget_seconds}"
            )
        if max_skills is not None and max_skills < 1:
            raise InvalidValueError(f"max_skills must be at least 1, not {max_skills}")
        self._env = FastFactorioEnv(
            scenario,
            backend=backend,
            reward_shaping=reward_shaping,
            episode_length=episode_length,
            render_mode=render_mode,
        )
        self.render_mode = render_mode
        self.discount = discount
        self.palette = list(self._env.scenario.palette)
        self.skill_names = SKILL_NAMES
        self.skill_library = (
            skills
            if isinstance(skills, SkillLibrary)
            else SkillLibrary.load(skills, palette=self.palette)
        )
        self._actions = SkillActions(self.palette, budget_seconds=budget_seconds)
        self._max_skills = max_skills
        self._n_skills = 0
        self._is_over = True
        self._is_closed = False
        self.action_space = spaces.MultiDiscrete(np.array(self._actions.nvec, np.int64))
        compact = observation_space("compact")
        members: dict[str, spaces.Space[Any]] = {
            key: compact[key] for key in ("entities", "local_map", "player_state")
        }
        n_choices = sum(self._actions.nvec)
        n_items = contract.FULL_INVENTORY_SIZE
        shape = (N_PLACES, len(PLACE_COLUMNS))
        members["action_mask"] = spaces.Box(0, 1, (n_choices,), np.bool_)
        members["inventory"] = spaces.Box(0, _BOUND, (n_items,), np.float32)
        members["places"] = spaces.Box(-_BOUND, _BOUND, shape, np.float32)
        self.observation_space = cast("spaces.Space[Any]", spaces.Dict(members))

    @property
    def session(self) -> Session:
        """The session that skills act in."""
        return self._env.session

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Begin an episode: number 0 of `seed`, or the next one of the seed before.

        Raises:
            As `FastFactorioEnv.reset`.
        """
        self._ensure_open()
        super().reset(seed=seed)
        obs, info = self._env.reset(seed=seed, options=options)
        self._n_skills, self._is_over = 0, False
        return self._observed(obs), {**info, "duration": 0, "discount": 1.0}

    def step(
        self, action: NDArray[np.int64]
    ) -> tuple[dict[str, NDArray[Any]], float, bool, bool, dict[str, Any]]:
        """Carry one skill out to its end.

        Raises:
            ClosedError: The environment was closed.
            InvalidValueError: The action has another shape or dtype, or a component is out of
                range; the environment is then as it was.
            InvalidStateError: `reset` comes first.
        """
        self._ensure_open()
        if self._is_over:
            raise InvalidStateError("the episode has not begun or is over: call reset first")
        choice = checked_actions(action, (len(self._actions.nvec),))
        if not self.action_space.contains(choice):
            raise InvalidValueError(f"the action is not in {self.action_space}: {choice.tolist()}")
        watched = WatchedSession(
            self.session,
            budget_ticks=round(self._actions.budget_seconds * TICKS_PER_SECOND),
            discount=self.discount,
        )
        result, rejected = self._carried_out(choice.tolist(), watched)
        self._n_skills += 1
        obs, info = self._observed_after(watched)
        is_last = self._max_skills is not None and self._n_skills >= self._max_skills
        is_lost = watched.lost is not None
        truncated = watched.truncated or is_lost or (is_last and not watched.terminated)
        self._is_over = watched.terminated or truncated
        info.update(
            {
                "rejected": {"skill": rejected} if rejected else {},
                "skill": result.skill,
                "skill_status": str(result.status),
                "skill_reason": result.reason,
                "duration": watched.n_steps,
                "ticks": watched.n_ticks,
                "discount": self.discount**watched.n_steps,
                "undiscounted_reward": watched.reward,
            }
        )
        if is_lost:
            return obs, 0.0, False, True, info
        return obs, watched.discounted_reward, watched.terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return which choices some legal action has.

        Returns:
            mask: bool; (67,); skill (11), place (16), item (32), amount (8); the caller's own.
        """
        self._ensure_begun()
        return self._actions.masks()

    def conditional_masks(self, skill: int) -> NDArray[np.bool_]:
        """Return exactly what a skill would begin with.

        Returns:
            table: bool; (16, 32, 8); axes (place, item, amount); the caller's own.
        """
        self._ensure_begun()
        if not 0 <= skill < len(SKILL_NAMES):
            raise InvalidValueError(f"a skill is 0..{len(SKILL_NAMES) - 1}, not {skill}")
        return self._actions.table(int(skill)).copy()

    def action(
        self, skill: str, *, place: int = 0, item: str | None = None, amount: int = 1
    ) -> NDArray[np.int64]:
        """Return the action of a skill by name; the amount is the smallest that is enough.

        Raises:
            InvalidValueError: There is no such skill, or the palette lacks the item.
        """
        from factorio_fast.envs.skill_actions import AMOUNTS

        if skill not in SKILL_NAMES:
            raise InvalidValueError(f'skills are {", ".join(SKILL_NAMES)}, not "{skill}"')
        if item is not None and item not in self.palette:
            raise InvalidValueError(f'the palette has no "{item}"')
        enough = [index for index, count in enumerate(AMOUNTS) if count >= amount]
        number = enough[0] if enough else len(AMOUNTS) - 1
        index = 0 if item is None else self.palette.index(item)
        return np.array([SKILL_NAMES.index(skill), place, index, number], np.int64)

    def render(self) -> NDArray[np.uint8] | str | None:
        """Draw the present state; see `FastFactorioEnv.render`."""
        return self._env.render()

    def close(self) -> None:
        """Give the environment up; may be called twice."""
        self._is_closed = True
        self._env.close()

    def _carried_out(
        self, action: list[int], watched: WatchedSession
    ) -> tuple[SkillResult, str | None]:
        """Carry an action's skill out; what is refused lets one step pass."""
        from factorio_fast.coordination.watched import SkillStoppedError, WorldLostError

        name = SKILL_NAMES[action[0]]
        task = self._actions.task(action)
        try:
            if isinstance(task, str):
                watched.step_commands([])
                refused = SkillResult(skill=name, status=SkillStatus.REFUSED, reason=task)
                return refused, task
            result = self.skill_library.execute_skill(
                task.skill,
                task.parameters,
                session=watched,
                budget_seconds=task.budget_seconds,
            )
            if watched.n_steps == 0:
                # Nothing had to be done; a decision without time would never end an episode.
                watched.step_commands([])
        except WorldLostError as error:
            return SkillResult(skill=name, status=SkillStatus.FAILED, reason=str(error)), None
        except SkillStoppedError as error:
            status = SkillStatus.TIMED_OUT if error.kind == "timed-out" else SkillStatus.FAILED
            return SkillResult(skill=name, status=status, reason=str(error)), None
        refused_reason = result.reason if result.status is SkillStatus.REFUSED else None
        return result, refused_reason

    def _observed_after(
        self, watched: WatchedSession
    ) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Observe what a skill has left; of a lost world there are only zeros."""
        if watched.lost is None:
            try:
                info = self.session.info()
                return self._observed(self._env.obs_extractor.extract()), info
            except (ConnectionError, TimeoutError) as error:
                watched.lost = f"{type(error).__name__}: {error}"
        nothing = {key: np.zeros(space.shape, space.dtype) for key, space in self._members()}
        return nothing, {"infrastructure": watched.lost}

    def _observed(self, obs: Observation) -> dict[str, NDArray[Any]]:
        self._actions.look(self.session.look())
        return {
            "action_mask": self._actions.masks(),
            "entities": obs["entities"],
            "inventory": self._actions.inventory(),
            "local_map": obs["local_map"],
            "places": self._actions.places(),
            "player_state": obs["player_state"],
        }

    def _members(self) -> list[tuple[str, Any]]:
        return list(cast("spaces.Dict", self.observation_space).items())

    def _ensure_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the environment was closed: make a new one")

    def _ensure_begun(self) -> None:
        self._ensure_open()
        if self.session.phase == "new":
            raise InvalidStateError("nothing has begun yet: call reset first")
