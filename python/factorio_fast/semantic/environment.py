"""`SemanticFactorioEnv`: a Factorio environment that is read and spoken to in text."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import gymnasium as gym

from factorio_fast.envs.session import backend_named
from factorio_fast.envs.spaces import RewardShaping, check_choice
from factorio_fast.envs.steps import checked_seed, max_steps_of, scenario_of, whole_number
from factorio_fast.errors import (
    ClosedError,
    FactorioFastError,
    InvalidStateError,
    InvalidValueError,
    UnknownNameError,
)
from factorio_fast.semantic.analyzer import SemanticWorldAnalyzer
from factorio_fast.semantic.delta import delta_between
from factorio_fast.semantic.language.guard import MAX_CHARACTERS, ParseRefusal
from factorio_fast.semantic.language.parser import NaturalLanguageInterface
from factorio_fast.semantic.meter import RewardMeter
from factorio_fast.semantic.state import full_game_state
from factorio_fast.semantic.text import CHARACTERS_PER_TOKEN, fit_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast import _core
    from factorio_fast.envs.session import Backend, Session
    from factorio_fast.semantic.delta import DeltaReport
    from factorio_fast.semantic.state import GameState

__all__ = ["Coordinator", "SemanticFactorioEnv"]

CHARSET = "".join(sorted({*string.ascii_letters, *string.digits, *string.punctuation, " ", "\n"}))
"""What observations and commands are written in."""
MAX_COMMANDS = 1_000
"""Commands after which an episode is truncated, refused ones included: those pass no time."""
# How the budget of an observation is shared; what one part leaves is not given to another.
_SHARES = {
    "description": 0.35,
    "production_analysis": 0.15,
    "bottlenecks": 0.2,
    "opportunities": 0.2,
    "threats": 0.1,
}


class Coordinator(Protocol):
    """Carries commands out; `factorio_fast.coordination.CoordinationLayer` is one."""

    def execute_llm_command(self, command: str, context: dict[str, Any]) -> Any:
        """Plan a command and carry it out in `context["session"]`; returns a report."""
        ...


class SemanticFactorioEnv(gym.Env[str, str]):
    """A Factorio environment in text, for language models.

    Goal:
        The scenario's objective; `open_play` has none that ends the episode.

    Start:
        A map drawn from the seed, as in `FastFactorioEnv`.

    Actions:
        `Text`: one goal in plain English, at most 300 characters. It is parsed, planned and carried
        out by skills to its end; one that is not understood is refused and changes nothing.

    Observation:
        `Text`: what there is, what is made, what limits it, what could be done, what threatens,
        in at most `max_tokens` tokens of four characters.

    Reward:
        The sum of the scenario's rewards while the command was carried out.

    Termination:
        The objective is reached, or the character is dead.

    Truncation:
        The scenario's time is up, or 1,000 commands were given.

    Registered ids:
        `FactorioFast/Semantic-v0`, in `open_play`.

    Example:
        >>> from factorio_fast.semantic import SemanticFactorioEnv
        >>> env = SemanticFactorioEnv("open_play")
        >>> text, info = env.reset(seed=1)
        >>> text.splitlines()[1]
        'you carry 10 firearm-magazine, 8 iron-plate, 1 burner-mining-drill, 1 pistol, 1 stone-furnace, 1 wood'
        >>> text, reward, terminated, truncated, info = env.step("paint the moon purple")
        >>> print(info["refusal"].splitlines()[0])
        there is no meaning here for "paint", "moon"; use names of the game and plain verbs such as build, mine, craft, research, go
        >>> env.close()
    """  # noqa: E501 - what Python prints

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 1,
    }

    def __init__(  # noqa: PLR0913 - settings of an environment, keyword-only
        self,
        scenario: str | Path | dict[str, Any] | _core.Scenario = "open_play",
        *,
        server: Backend | None = None,
        backend: str | Backend = "embedded",
        observation_type: str = "semantic",
        action_type: str = "natural_language",
        reward_shaping: RewardShaping = "sparse",
        episode_length: float | None = None,
        max_episode_steps: int | None = None,
        max_commands: int = MAX_COMMANDS,
        max_tokens: int = 1_000,
        planner: Any = "deterministic",
        skills: Any = "default",
        coordination: Coordinator | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Make an environment.

        Args:
            scenario: A scenario's name, the path of a TOML file, its content as a dictionary, or
                a loaded one.
            server: What opens sessions on a server, in place of `backend`.
            backend: Where the world is: a name, or an object that opens sessions.
            observation_type: `semantic` is the only one.
            action_type: `natural_language` is the only one.
            reward_shaping: `sparse` for success and death alone, or `dense`.
            episode_length: Seconds of game time instead of the scenario's own.
            max_episode_steps: Steps of the session instead; rules over `episode_length`.
            max_commands: Commands after which an episode is truncated.
            max_tokens: Tokens of an observation, at least 50.
            planner: What plans, by name or as an object; for the coordination layer made here.
            skills: What acts, as `CoordinationLayer` takes it: `default`, `experts`, a library.
            coordination: What carries commands out; made when the first command comes.
            render_mode: `rgb_array`, `ansi` or `None`.

        Raises:
            UnknownNameError: A scenario, backend, type or mode has an unknown name.
            InvalidScenarioError: The scenario is not a valid one.
            InvalidValueError: A number is out of range, or `server` opens no sessions.
        """
        check_choice("reward_shaping", reward_shaping, RewardShaping)
        _check_only("observation_type", observation_type, "semantic")
        _check_only("action_type", action_type, "natural_language")
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            listed = ", ".join(f'"{mode}"' for mode in self.metadata["render_modes"])
            raise UnknownNameError(f'unknown render_mode "{render_mode}"; choose one of {listed}')
        if server is not None and backend != "embedded":
            raise InvalidValueError("server and backend both say where the world is: give one")
        self.max_tokens = whole_number("max_tokens", max_tokens)
        if self.max_tokens < MIN_TOKENS:
            raise InvalidValueError(f"max_tokens must be at least {MIN_TOKENS}, not {max_tokens}")
        self.max_commands = whole_number("max_commands", max_commands)
        self.scenario = scenario_of(scenario)
        self.render_mode = render_mode
        max_steps = max_steps_of(self.scenario, episode_length, max_episode_steps)
        opened = backend_named(backend if server is None else server).open(
            self.scenario, max_steps=max_steps, is_sparse=reward_shaping == "sparse"
        )
        self._session = RewardMeter(opened)
        self.observation_space = gym.spaces.Text(
            self.max_tokens * CHARACTERS_PER_TOKEN, min_length=1, charset=CHARSET
        )
        self.action_space = gym.spaces.Text(MAX_CHARACTERS, min_length=1, charset=CHARSET)
        self.semantic_analyzer = SemanticWorldAnalyzer()
        self.nlp_interface = NaturalLanguageInterface()
        self._planner = planner
        self._skills = skills
        self._coordination = coordination
        self._seed: int | None = None
        self._episode = 0
        self._n_commands = 0
        self._looked: GameState | None = None
        self._is_closed = False

    # --- Gymnasium -------------------------------------------------------------------------------

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
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
        self._n_commands = 0
        state = self.full_game_state()
        self._looked = state
        return self._observation(state, None), self._session.info()

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Carry out one command to its end.

        The info has `refusal`, why it was refused or None; `report`, what carried it out says;
        `delta`, a `DeltaReport`; and what the session says of its last step.

        Raises:
            ClosedError: The environment was closed.
            InvalidStateError: `reset` comes first, or the episode is over.
        """
        self._ensure_running()
        before = self.full_game_state()
        self._session.begin()
        report: Any
        try:
            report = self.execute_plan(action)
        except FactorioFastError as error:
            # A plan that cannot be made is an answer; a lost world is not.
            if not isinstance(error, ValueError):
                raise
            report = error
        self._n_commands += 1
        after = self.full_game_state()
        delta = delta_between(before, after)
        is_refused = isinstance(report, ParseRefusal | Exception)
        refusal = str(report) if is_refused else None
        info = self._session.info() | {
            "refusal": refusal,
            "report": report,
            "delta": delta,
            "n_commands": self._n_commands,
        }
        meter = self._session
        truncated = meter.truncated or self._n_commands >= self.max_commands
        text = self._observation(after, delta if refusal is None else None, refusal)
        return text, meter.reward, meter.terminated, truncated, info

    def render(self) -> NDArray[np.uint8] | str | None:
        """Draw the present state in the render mode.

        Returns:
            frame: uint8; (height, width, 3) with `rgb_array`, text with `ansi`.
        """
        self._ensure_running(may_be_over=True)
        if self.render_mode == "rgb_array":
            return self._session.render_rgb()
        return self._session.render_ansi() if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Give the environment and its session up; may be called twice."""
        if not self._is_closed:
            self._is_closed = True
            closer: Callable[[], None] | None = getattr(self._session.inner, "close", None)
            if closer is not None:
                closer()

    # --- The world in words ----------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session that commands are carried out in."""
        return self._session

    def full_game_state(self) -> GameState:
        """Return everything that is known of the world now.

        Raises:
            InvalidStateError: `reset` comes first.
        """
        self._ensure_running(may_be_over=True)
        return full_game_state(self._session.look())

    def get_world_state(self) -> dict[str, Any]:
        """Return what the world means, each part a typed report with `to_text(max_tokens)`.

        The keys are `description`, `production_analysis`, `bottlenecks`, `opportunities` and
        `threats`. Rates are measured too where there was an earlier look.

        Raises:
            InvalidStateError: `reset` comes first.
        """
        return self._reports(self.full_game_state())

    def delta(self) -> DeltaReport:
        """Return what changed since `delta` was last called, or since the reset.

        Raises:
            InvalidStateError: `reset` comes first.
        """
        state = self.full_game_state()
        looked, self._looked = self._looked, state
        return delta_between(looked if looked is not None else state, state)

    # --- Commands --------------------------------------------------------------------------------

    @property
    def coordination_layer(self) -> Coordinator:
        """What carries commands out; made when it is first asked for."""
        if self._coordination is None:
            from factorio_fast.coordination import CoordinationLayer

            self._coordination = CoordinationLayer(
                open_session=lambda: self._session, planner=self._planner, skills=self._skills
            )
        return self._coordination

    def execute_plan(self, natural_language_command: str) -> Any:
        """Parse, plan and carry out a command.

        Returns:
            The report of the coordination layer, or the `ParseRefusal` of a command that was not
            understood; then nothing has changed.

        Raises:
            ClosedError: The environment was closed.
            InvalidStateError: `reset` comes first, or the episode is over.
        """
        self._ensure_running()
        goal = self.nlp_interface.parse_command(natural_language_command)
        if isinstance(goal, ParseRefusal) and not self._may_be_understood(goal):
            return goal
        context = {"session": self._session}
        return self.coordination_layer.execute_llm_command(natural_language_command, context)

    def _may_be_understood(self, refusal: ParseRefusal) -> bool:
        """Say whether a planner that reads words itself is given what the parser refused.

        What is no command at all, such as code, is given to nobody.
        """
        if refusal.reason in {"empty", "too-long", "hostile"} or self._planner == "deterministic":
            return False
        planner = getattr(self.coordination_layer, "planner", None)
        return bool(getattr(planner, "understands_commands", False))

    # --- Within ----------------------------------------------------------------------------------

    def _reports(self, state: GameState) -> dict[str, Any]:
        analyzer, before = self.semantic_analyzer, self._looked
        return {
            "description": analyzer.describe_world(state),
            "production_analysis": analyzer.analyze_production(state, before),
            "bottlenecks": analyzer.find_bottlenecks(state),
            "opportunities": analyzer.find_opportunities(state),
            "threats": analyzer.assess_threats(state, before),
        }

    def _observation(
        self, state: GameState, delta: DeltaReport | None, refusal: str | None = None
    ) -> str:
        """Write the observation: the answer to the command first, then the reports."""
        lines = [f"refused: {refusal}"] if refusal is not None else []
        if delta is not None:
            lines += delta.to_text(self.max_tokens // 5).splitlines()
        for name, report in self._reports(state).items():
            lines += report.to_text(int(self.max_tokens * _SHARES[name])).splitlines()
        text = fit_lines(lines, self.max_tokens)
        return "".join(char if char in _CHARS else "?" for char in text)

    def _ensure_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the environment was closed: make a new one")

    def _ensure_running(self, *, may_be_over: bool = False) -> None:
        self._ensure_open()
        phase = self._session.phase
        if phase == "new":
            raise InvalidStateError("nothing has begun yet: call reset first")
        if phase == "done" and not may_be_over:
            raise InvalidStateError("the episode is over: call reset")


MIN_TOKENS = 50
_CHARS = frozenset(CHARSET)


def _check_only(what: str, value: str, only: str) -> None:
    if value != only:
        raise UnknownNameError(f'unknown {what} "{value}"; choose "{only}"')
