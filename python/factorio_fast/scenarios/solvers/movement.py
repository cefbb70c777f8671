"""Solves `reach_waypoint`: walks the shortest way round what is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factorio_fast.scenarios.solvers.navigation import Navigator
from factorio_fast.scenarios.solvers.view import View, action

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MovementSolver"]


class MovementSolver:
    """Walks to the waypoint."""

    def __init__(self) -> None:
        self._navigator = Navigator()

    def reset(self) -> None:
        """Forget the episode before."""
        self._navigator.reset()

    def act(self, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[np.int64]:
        """Choose the next move; `info` is not read."""
        del info
        view = View(obs)
        return action(self._navigator.move(view, view.site))
