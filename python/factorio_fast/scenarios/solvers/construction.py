"""Solves `build_blueprint`: walks to the ghosts and builds each with its item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factorio_fast.scenarios.solvers.navigation import Navigator, move_toward
from factorio_fast.scenarios.solvers.view import View, action

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast.scenarios.solvers.view import Row

__all__ = ["ConstructionSolver"]

_REACH_TILES = 9.5
"""Ghosts nearer than this are built: the game's reach is 10."""
_CLEAR_TILES = 2.0
"""Nearer than this the character may stand where the building goes."""


class ConstructionSolver:
    """Builds ghosts, the farthest in reach first, so that it never walls itself in."""

    def __init__(self, palette: list[str]) -> None:
        """Make a solver for a scenario with this palette."""
        self._items = {name: index for index, name in enumerate(palette)}
        self._navigator = Navigator()

    def reset(self) -> None:
        """Forget the episode before."""
        self._navigator.reset()

    def act(self, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[np.int64]:
        """Choose the next action; `info` is not read."""
        del info
        view = View(obs)
        ghosts = [row for row in view.rows() if row.is_ghost and row.kind in self._items]
        ready = [row for row in ghosts if _CLEAR_TILES < row.distance <= _REACH_TILES]
        if ready and view.may("build"):
            row = ready[-1]
            return action(0, "build", row.index, self._items[row.kind])
        too_near = [row for row in ghosts if row.distance <= _CLEAR_TILES]
        if too_near:
            return action(self._step_back(view, too_near[0]))
        return action(self._navigator.move(view, view.site))

    def _step_back(self, view: View, row: Row) -> int:
        """Return the move away from a ghost that the character stands on."""
        move = move_toward(view.x - row.x, view.y - row.y) or 1
        ways = [1 + (move - 1 + turn) % 8 for turn in (0, 1, -1, 2, -2, 3, -3, 4)]
        return next((way for way in ways if view.may_move(way)), 0)
