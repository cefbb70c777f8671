"""The one place where training meets the environments: to learn in, to judge in, to show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gymnasium.vector import AutoresetMode

from factorio_fast.training.agents import RandomAgent, SolverAgent
from factorio_fast.training.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

EVALUATION_SEEDS_START = 1_000_000_000
"""First seed of evaluation; training must start below it."""


@dataclass(frozen=True, slots=True)
class World:
    """A scenario to train on."""

    name: str
    source: Any
    """What the environments take as `scenario`: a name or a loaded scenario."""

    @classmethod
    def find(cls, text: str) -> Self:
        """Find a scenario by its name or by the path of its TOML file.

        Raises:
            Exception: of the scenario manager, naming the known scenarios or the mistake in the
            file.
        """
        from factorio_fast import ScenarioManager

        manager = ScenarioManager()
        if text.endswith(".toml") or "/" in text:
            scenario = manager.load(Path(text))
            return cls(str(scenario.name), scenario)
        manager.get(text)
        return cls(text, text)

    def training_envs(self, num_envs: int) -> Any:
        """Make worlds to learn in: no copies, and the step that ends an episode starts the next."""
        return self._vector(num_envs, AutoresetMode.SAME_STEP)

    def evaluation_envs(self, num_envs: int) -> Any:
        """Make worlds to judge in: the step that ends an episode still shows that episode."""
        return self._vector(num_envs, AutoresetMode.NEXT_STEP)

    def single_env(self, render_mode: str | None = None) -> Any:
        """Make one world, to show or for an agent that looks at one world at a time."""
        from factorio_fast import FastFactorioEnv

        return FastFactorioEnv(self.source, render_mode=render_mode)

    def random_agent(self) -> RandomAgent:
        """Make the agent that plays by chance."""
        from factorio_fast import contract

        return RandomAgent(tuple(int(n) for n in contract.ACTION_NVEC))

    def solver_agent(self) -> SolverAgent | None:
        """Make the agent that follows the scenario's script; None where there is no script."""
        try:
            return SolverAgent(self.name)
        except LookupError:
            return None

    def _vector(self, num_envs: int, mode: AutoresetMode) -> Any:
        from factorio_fast import FactorioVectorEnv

        return FactorioVectorEnv(self.source, num_envs, copy=False, autoreset_mode=mode)


def evaluation_seeds(n_episodes: int, first: int = EVALUATION_SEEDS_START) -> Sequence[int]:
    """Return the seeds of `n_episodes` evaluation episodes."""
    return range(first, first + n_episodes)


def check_training_seed(seed: int, num_envs: int) -> None:
    """Refuse a training seed whose worlds would be those of the evaluation."""
    if not 0 <= seed <= EVALUATION_SEEDS_START - num_envs:
        raise SettingsError(f"seed must lie in 0..{EVALUATION_SEEDS_START - num_envs}, got {seed}")
