"""`FastFactorioEnv`: one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from factorio_fast.envs.pieces import CompactObservationExtractor, FastActionExecutor
from factorio_fast.envs.session import backend_named
from factorio_fast.envs.spaces import Observation, RewardShaping, check_choice
from factorio_fast.envs.steps import checked_seed, max_steps_of, scenario_of
from factorio_fast.errors import (
    AbsentMechanicError,
    ClosedError,
    InvalidStateError,
    InvalidValueError,
    UnknownNameError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from factorio_fast import _core
    from factorio_fast.envs.session import Backend, Session
    from factorio_fast.envs.spaces import ObservationType

__all__ = ["FastFactorioEnv"]


class FastFactorioEnv(gym.Env[Observation, NDArray[np.int64]]):
    """One Factorio environment.

    Goal:
        The scenario's objective: reach a waypoint, mine so much ore, build a blueprint, ….

    Start:
        A map drawn from the seed; `reset(seed=s)` begins episode 0 of seed `s`, and each `reset()`
        after it the next one. Equal seeds give byte-equal episodes.

    Actions:
        `MultiDiscrete([9, 8, 16, 32])`: move, interact, target row, palette item. A component that
        is not legal is refused, never replaced; `info["rejected"]` says why.

    Observation:
        `Dict` of `action_mask` (64,) bool, `entities` (16, 4) float32, `local_map` (32, 32, 8)
        uint8 and `player_state` (16,) float32; `observation_type="full"` adds `inventory` (32,) and
        `goal` (16,). Every step returns fresh arrays. See `docs/contract.md`.

    Reward:
        The weighted sum of the scenario's terms; each is in `info["reward_terms"]`.
        `reward_shaping="sparse"` keeps only success and death.

    Termination:
        The objective is reached, or the character is dead.

    Truncation:
        The scenario's time is up; or the server is lost, and `info["infrastructure"]` says why.

    Registered ids:
        `FactorioFast/MovementBasic-v0`, `MiningEfficiency-v0`, `ConstructionSpeed-v0`,
        `BaseOptimization-v0`.

    Example:
        >>> import gymnasium, factorio_fast
        >>> env = gymnasium.make("FactorioFast/MovementBasic-v0")
        >>> obs, info = env.reset(seed=7)
        >>> obs["local_map"].shape
        (32, 32, 8)
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 10,
    }

    def __init__(
        self,
        scenario: str | Path | dict[str, Any] | _core.Scenario = "movement_basic",
        *,
        backend: str | Backend = "embedded",
        observation_type: ObservationType = "compact",
        action_type: str = "discrete",
        reward_shaping: RewardShaping = "dense",
        episode_length: float | None = None,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Make an environment.

        Args:
            scenario: A scenario's name, the path of a TOML file, its content as a dictionary, or
                a loaded one.
            backend: `embedded`, `sim-server`, `factorio`, or an object that opens sessions.
            observation_type: `compact`, or `full` with inventory and goal.
            action_type: `discrete` is the only one.
            reward_shaping: `dense`, or `sparse` for success and death alone.
            episode_length: Seconds of game time instead of the scenario's own.
            max_episode_steps: Steps instead of the scenario's own; rules over `episode_length`.
            render_mode: `rgb_array`, `ansi` or `None`.

        Raises:
            UnknownNameError: A scenario, backend or mode has an unknown name.
            InvalidScenarioError: The scenario is not a valid one.
        """
        check_choice("reward_shaping", reward_shaping, RewardShaping)
        if action_type != "discrete":
            raise UnknownNameError(f'unknown action_type "{action_type}"; choose "discrete"')
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            listed = ", ".join(f'"{mode}"' for mode in self.metadata["render_modes"])
            raise UnknownNameError(f'unknown render_mode "{render_mode}"; choose one of {listed}')
        self.scenario = scenario_of(scenario)
        self.render_mode = render_mode
        max_steps = max_steps_of(self.scenario, episode_length, max_episode_steps)
        self._session: Session = backend_named(backend).open(
            self.scenario, max_steps=max_steps, is_sparse=reward_shaping == "sparse"
        )
        self.obs_extractor = CompactObservationExtractor(self._session, observation_type)
        self.action_executor = FastActionExecutor(self._session)
        self.observation_space = cast(
            "gym.Space[Observation]", self.obs_extractor.observation_space
        )
        self.action_space = self.action_executor.action_space
        self._seed: int | None = None
        self._episode = 0
        self._is_closed = False

    @property
    def session(self) -> Session:
        """The session that the environment steps."""
        return self._session

    @property
    def transport_metrics(self) -> dict[str, float]:
        """What passed between a server and here so far; empty with the embedded backend."""
        return self._session.transport_metrics

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode: number 0 of `seed`, or the next one of the seed before.

        Raises:
            ClosedError: The environment was closed.
            InvalidValueError: The seed is out of range, or `options` has a key.
        """
        self._ensure_open()
        if options:
            raise InvalidValueError(f"reset takes no options, not {sorted(options)}")
        seed = None if seed is None else checked_seed(seed)
        super().reset(seed=seed)
        if seed is not None:
            begun = (seed, 0)
        elif self._seed is None:
            begun = (int(self.np_random.integers(2**63)), 0)
        else:
            begun = (self._seed, self._episode + 1)
        self._session.reset(*begun)
        self._seed, self._episode = begun
        return self.obs_extractor.extract(), self._session.info()

    def step(
        self, action: NDArray[np.int64]
    ) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out one action.

        Raises:
            ClosedError: The environment was closed.
            InvalidValueError: The action has another shape or dtype, or a component is out of
                range; the environment is then as it was.
            InvalidStateError: `reset` comes first.
        """
        self._ensure_open()
        outcome = self.action_executor.execute(action)
        obs = self.obs_extractor.extract()
        return obs, outcome.reward, outcome.terminated, outcome.truncated, outcome.info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return what is legal now, as sb3-contrib's MaskablePPO expects it.

        Returns:
            mask: which choices are legal; bool; (65,); move (9), interact (8), target (16),
            item (32); the caller's own.
        """
        self._ensure_running()
        return self._session.action_masks()

    def conditional_masks(self, interact: int) -> NDArray[np.bool_]:
        """Return exactly which (target, item) an interaction would be accepted with.

        Returns:
            table: bool; (16, 32); axes (target, item); the caller's own.
        """
        self._ensure_running()
        return self._session.conditional_mask(interact)

    def render(self) -> NDArray[np.uint8] | str | None:
        """Draw the present state in the render mode.

        Returns:
            frame: uint8; (height, width, 3) with `rgb_array`, text with `ansi`.
        """
        self._ensure_running()
        if self.render_mode == "rgb_array":
            return self._session.render_rgb()
        if self.render_mode == "ansi":
            return self._session.render_ansi()
        gym.logger.warn("render was called without a render_mode; pass one to the environment")
        return None

    def snapshot(self) -> bytes:
        """Write the episode as it is now; `restore` goes back to it, in any process.

        Raises:
            InvalidStateError: `reset` comes first.
        """
        self._ensure_running()
        return self._session.snapshot()

    def restore(self, data: bytes) -> tuple[Observation, dict[str, Any]]:
        """Go back to a snapshot of this scenario and observe it.

        Raises:
            InvalidSnapshotError: The bytes are damaged or belong to another scenario or version;
                the environment is then as it was.
        """
        self._ensure_open()
        self._session.restore(data)
        return self.obs_extractor.extract(), self._session.info()

    def fork(self) -> FastFactorioEnv:
        """Return an independent environment that goes on from the present state."""
        self._ensure_open()
        twin = FastFactorioEnv(self.scenario, render_mode=self.render_mode)
        twin._session = self._embedded().fork()
        is_full = "goal" in self.obs_extractor.observation_space
        kind: ObservationType = "full" if is_full else "compact"
        twin.obs_extractor = CompactObservationExtractor(twin._session, kind)
        twin.action_executor = FastActionExecutor(twin._session)
        twin.observation_space = self.observation_space
        twin._seed, twin._episode = self._seed, self._episode
        twin._np_random_seed = self._np_random_seed
        return twin

    def digest(self) -> str:
        """Return sixteen hexadecimal digits of the whole state; equal states have equal ones."""
        self._ensure_open()
        return self._embedded().digest()

    def replay(self) -> bytes:
        """Return the seed and all actions since the reset; `run_replay` plays them again.

        Raises:
            InvalidStateError: `reset` comes first.
        """
        self._ensure_running()
        return self._embedded().replay()

    def run_replay(self, data: bytes) -> NDArray[np.int64]:
        """Play a replay of this scenario again, checking that it ends in the recorded world.

        Returns:
            actions: what was played; int64; (steps, 4); the caller's own.

        Raises:
            InvalidSnapshotError: The bytes are not a replay of this scenario.
            InvalidStateError: It ended in another world than the recorded one.
        """
        self._ensure_open()
        return np.array(self._embedded().run_replay(data), np.int64).reshape(-1, 4)

    def close(self) -> None:
        """Give the environment up, and end a server that it started; may be called twice."""
        if not self._is_closed:
            self._is_closed = True
            # A session of somebody else's may own nothing.
            getattr(self._session, "close", lambda: None)()

    def _ensure_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the environment was closed: make a new one")

    def _ensure_running(self) -> None:
        self._ensure_open()
        if self._session.phase == "new":
            raise InvalidStateError("nothing has begun yet: call reset first")

    def _embedded(self) -> _core.Episode:
        from factorio_fast import _core

        if not isinstance(self._session, _core.Episode):
            raise AbsentMechanicError("fork, digest and replay need the embedded backend")
        return self._session
