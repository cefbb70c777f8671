"""The one place where training meets the environments: to learn in, to judge in, to show."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gymnasium.vector import AutoresetMode

from factorio_fast.training.agents import RandomAgent, SolverAgent
from factorio_fast.training.errors import SettingsError
from factorio_fast.training.evaluate import evaluate_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factorio_fast.training.agents import BatchAgent
    from factorio_fast.training.evaluate import Evaluation
    from factorio_fast.training.settings import TrainSettings

EVALUATION_SEEDS_START = 1_000_000_000
"""First seed of evaluation; training must start below it."""
VALIDATION_SEEDS_START = 2_000_000_000
"""First seed of the learning curve; evaluation ends long before it."""


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

    def training_envs(self, settings: TrainSettings) -> Any:
        """Make worlds to learn in: no copies, and the step that ends an episode starts the next."""
        return self._vector(
            settings.num_envs,
            AutoresetMode.SAME_STEP,
            max_episode_steps=settings.train_episode_steps or None,
        )

    def evaluation_envs(self, num_envs: int, *, max_episode_steps: int | None = None) -> Any:
        """Make worlds to judge in: the step that ends an episode still shows that episode."""
        return self._vector(num_envs, AutoresetMode.NEXT_STEP, max_episode_steps=max_episode_steps)

    def validate(self, agent: BatchAgent, settings: TrainSettings) -> Evaluation:
        """Judge an agent in mid-training, on seeds for this alone."""
        seeds = evaluation_seeds(settings.validation_episodes, VALIDATION_SEEDS_START)
        steps = settings.curve_episode_steps or None
        make_envs = functools.partial(self.evaluation_envs, max_episode_steps=steps)
        return evaluate_batch(agent, make_envs, seeds, quiet=True)

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
            return SolverAgent(self.source)
        except LookupError:
            return None

    def _vector(
        self, num_envs: int, mode: AutoresetMode, *, max_episode_steps: int | None = None
    ) -> Any:
        from factorio_fast import FactorioVectorEnv

        return FactorioVectorEnv(
            self.source,
            num_envs,
            copy=False,
            autoreset_mode=mode,
            max_episode_steps=max_episode_steps,
        )


def evaluation_seeds(n_episodes: int, first: int = EVALUATION_SEEDS_START) -> Sequence[int]:
    """Return the seeds of `n_episodes` evaluation episodes."""
    return range(first, first + n_episodes)


def check_training_seed(seed: int, num_envs: int) -> None:
    """Refuse a training seed whose worlds would be those of the evaluation."""
    if not 0 <= seed <= EVALUATION_SEEDS_START - num_envs:
        raise SettingsError(f"seed must lie in 0..{EVALUATION_SEEDS_START - num_envs}, got {seed}")
