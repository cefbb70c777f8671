"""What environments make of the arguments that they share."""

from __future__ import annotations

import math
import operator
from numbers import Real
from pathlib import Path
from typing import Any

from factorio_fast import _core
from factorio_fast.errors import InvalidScenarioError, InvalidValueError
from factorio_fast.scenarios import ScenarioManager

__all__ = ["checked_seed", "max_steps_of", "scenario_of", "whole_number"]

_MAX_STEPS = 2**32 - 1
_MAX_SEED = 2**64 - 1
_TICKS_PER_SECOND = 60


def whole_number(what: str, value: object, limit: int | None = None) -> int:
    """Return a positive whole number as an `int`; NumPy's integers are whole numbers too.

    Raises:
        InvalidValueError: It is not a whole number, or not in 1..=`limit`.
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidValueError(f"{what} must be a whole number, not {value!r}") from None
    if number < 1 or (limit is not None and number > limit):
        allowed = "at least 1" if limit is None else f"in 1..={limit}"
        raise InvalidValueError(f"{what} must be {allowed}, not {number}")
    return number


def checked_seed(seed: object) -> int:
    """Return a seed as an `int`; NumPy's integers are whole numbers too.

    Raises:
        InvalidValueError: It is not a whole number, or not in 0..=2**64 - 1.
    """
    try:
        number = operator.index(seed)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidValueError(f"a seed must be a whole number, not {seed!r}") from None
    if not 0 <= number <= _MAX_SEED:
        raise InvalidValueError(f"a seed must be in 0..=2**64 - 1, not {number}")
    return number


def scenario_of(scenario: str | Path | dict[str, Any] | _core.Scenario) -> _core.Scenario:
    """Find or load what an environment was given as its scenario.

    Raises:
        UnknownNameError: There is no such scenario; the message suggests the nearest.
        InvalidScenarioError: It is not a scenario.
    """
    if isinstance(scenario, _core.Scenario):
        return scenario
    manager = ScenarioManager()
    if isinstance(scenario, dict):
        return manager.register(scenario)
    if not isinstance(scenario, str | Path):
        raise InvalidScenarioError(
            f"scenario must be a name, a path, a dictionary or a Scenario, not {scenario!r}"
        )
    if isinstance(scenario, Path) or scenario.endswith(".toml"):
        return manager.load(scenario)
    return manager.get(scenario)


def max_steps_of(
    scenario: _core.Scenario, episode_length: float | None, max_episode_steps: int | None
) -> int | None:
    """Compute the steps of an episode where the user wants others than the scenario's own.

    Raises:
        InvalidValueError: The number of steps is not in 1..=2**32 - 1.
    """
    if max_episode_steps is not None:
        return whole_number("max_episode_steps", max_episode_steps, _MAX_STEPS)
    if episode_length is None:
        return None
    if not isinstance(episode_length, Real) or not math.isfinite(episode_length):
        raise InvalidValueError(
            f"episode_length must be a number of seconds, not {episode_length!r}"
        )
    # Rounded first: 0.1 s of six ticks is one step, though 0.1 * 60 / 6 may fall just short of it.
    steps = math.floor(round(episode_length * _TICKS_PER_SECOND / scenario.ticks_per_step, 6))
    if not 1 <= steps <= _MAX_STEPS:
        raise InvalidValueError(
            f"episode_length must give 1 to 2**32 - 1 steps, not {episode_length} s"
        )
    return steps
