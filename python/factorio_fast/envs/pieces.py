"""The pieces that an environment is made of, usable alone.

Example:
    >>> from factorio_fast import CompactObservationExtractor, FastActionExecutor, open_session
    >>> session = open_session("movement_basic", seed=1)
    >>> extractor, executor = CompactObservationExtractor(session), FastActionExecutor(session)
    >>> extractor.extract()["local_map"].shape
    (32, 32, 8)
    >>> executor.execute([3, 0, 0, 0]).terminated
    False
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast import contract
from factorio_fast.envs.spaces import (
    action_space,
    checked_actions,
    observation_space,
    record_views,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from factorio_fast.envs.session import Session
    from factorio_fast.envs.spaces import (
        Observation,
        ObservationType,
    )

__all__ = ["CompactObservationExtractor", "FastActionExecutor", "StepOutcome"]


class CompactObservationExtractor:
    """Reads observations from a session: one fresh, packed record each time, seen as arrays."""

    def __init__(self, session: Session, observation_type: ObservationType = "compact") -> None:
        """Read from `session`.

        Raises:
            UnknownNameError: `observation_type` is neither `compact` nor `full`.
        """
        self.observation_space = observation_space(observation_type)
        self._session = session
        self._is_full = observation_type == "full"

    def extract(self) -> Observation:
        """Return the present observation.

        Returns:
            obs: one array for each key of `observation_space`; the caller's own.
        """
        record = np.empty(contract.RECORD_SIZE, np.uint8)
        self._session.observe(record)
        obs = record_views(record)
        if self._is_full:
            obs["inventory"], obs["goal"] = self._session.full()
        return obs


@dataclass(frozen=True, kw_only=True)
class StepOutcome:
    """What an action led to."""

    reward: float
    """The sum of the scenario's reward terms."""
    terminated: bool
    """The objective is reached, or the character is dead."""
    truncated: bool
    """Time is up."""
    info: dict[str, Any]
    """What `info` of the environment's step carries."""


class FastActionExecutor:
    """Carries actions out in a session: checked, then given to the character for one step."""

    def __init__(self, session: Session) -> None:
        self.action_space = action_space()
        self._session = session
        self._shape = (len(contract.ACTION_NVEC),)

    def execute(self, action: NDArray[np.integer[Any]] | list[int]) -> StepOutcome:
        """Carry out one action (move, interact, target, item).

        Raises:
            InvalidValueError: The action has another shape, or a component is out of range; the
                world is then as it was.
            InvalidStateError: The episode has not begun or has ended.
        """
        numbers = checked_actions(action, self._shape).tolist()
        reward, terminated, truncated = self._session.step(numbers)
        return StepOutcome(
            reward=reward, terminated=terminated, truncated=truncated, info=self._session.info()
        )
