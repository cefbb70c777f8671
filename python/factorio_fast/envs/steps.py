"""What environments make of the arguments that they share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from factorio_fast import _core
from factorio_fast.errors import InvalidValueError
from factorio_fast.scenarios import ScenarioManager

__all__ = ["max_steps_of", "scenario_of"]

_MAX_STEPS = 2**32 - 1
_TICKS_PER_SECOND = 60


def scenario_of(scenario: str | Path | dict[str, Any] | _core.Scenario) -> _core.Scenario:
    """Find or load what an environment was given as its scenario."""
    if isinstance(scenario, _core.Scenario):
        return scenario
    manager = ScenarioManager()
    if isinstance(scenario, dict):
        return manager.register(scenario)
    if isinstance(scenario, Path) or scenario.endswith(".toml"):
        return manager.load(scenario)
    return manager.get(scenario)


def max_steps_of(
    scenario: _core.Scenario, episode_length: float | None, max_episode_steps: int | None
) -> int | None:
    """Compute the steps of an episode where the user wants others than the scenario's own."""
    if max_episode_steps is not None:
        if not 1 <= max_episode_steps <= _MAX_STEPS:
            raise InvalidValueError(
                f"max_episode_steps must be in 1..=2**32 - 1, not {max_episode_steps}"
            )
        return max_episode_steps
    if episode_length is None:
        return None
    steps = int(episode_length * _TICKS_PER_SECOND / scenario.ticks_per_step)
    if not 1 <= steps <= _MAX_STEPS:
        raise InvalidValueError(
            f"episode_length must give 1 to 2**32 - 1 steps, not {episode_length} s"
        )
    return steps
