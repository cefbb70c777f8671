"""Solves `mine_<amount>_<item>`: lines of burner drills with chests, and mining by hand beside.

The character walks lanes over the patch, west to east and back. South of the lane it places a drill
wherever one fits, turns it east, fuels it, and puts a chest where it drops its ore.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from factorio_fast import contract
from factorio_fast.scenarios.solvers.navigation import Navigator
from factorio_fast.scenarios.solvers.view import View, action

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast.scenarios.solvers.view import Row, Tile

__all__ = ["MiningSolver"]

_DRILL, _CHEST, _COAL = "burner-mining-drill", "wooden-chest", "coal"
_NO_FUEL = contract.STATUS_NAMES.index("no-fuel") + 1
_EAST, _WEST, _SOUTH, _NORTHEAST = (
    contract.MOVE_NAMES.index(name) for name in ("east", "west", "south", "northeast")
)
_EAST_EIGHTHS = 2
_MIN_AMOUNT_CODE = 49
"""Ore tiles with less than 64 units are left alone: a drill would soon stand idle."""
_LANE_SPACING = 4
"""Tiles from lane to lane: two of drills, one of lane, one to spare for coarse steps."""
_MAX_HALF_LANE = 9
"""Tiles from the patch's middle to a lane's end, at most: farther out the ore is poor."""
_LANE_SHARE = 0.6
"""That distance as a share of the patch's radius."""
_LOWEST_SHARE = 0.4
"""Standing higher in its tile than this, the character sees other ore nearer than that below it."""
_MINE_REACH_TILES = 2.6
"""Ore nearer than this is mined by hand: the game's reach is 2.7."""
_REACH_TILES = 9.0
"""Machines nearer than this are served: the game's reach is 10."""
_MAX_TRIES = 6
"""Steps that finishing one drill may take."""


class MiningSolver:
    """Builds a drill field and mines by hand beside it."""

    def __init__(self, palette: list[str]) -> None:
        """Make a solver for a scenario with this palette."""
        self._items = {name: index for index, name in enumerate(palette)}
        self._navigator = Navigator()
        self.reset()

    def reset(self) -> None:
        """Forget the episode before."""
        self._navigator.reset()
        self._lanes: list[tuple[float, float, float]] | None = None
        self._lane_heading: int | None = None
        self._pending: Tile | None = None
        self._n_tries = 0
        self._has_fuelled = False
        self._queue: list[int] = []
        self._last_x: float | None = None

    def act(self, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[np.int64]:
        """Choose the next action; `info` is not read."""
        del info
        view = View(obs)
        rows = view.rows()
        if self._pending is not None:
            finishing = self._finish_drill(view, rows, self._pending)
            if finishing is not None:
                return finishing
        if self._queue:
            return action(self._queue.pop(0))
        if self._lanes is None:
            self._plan_lanes(view)
        if self._lanes is None:
            return action(self._navigator.move(view, view.site))
        if self._lanes and self._carries(view, _DRILL):
            return self._follow_lane(view, rows)
        return self._tend(view, rows)

    def _carries(self, view: View, name: str) -> bool:
        """Say whether an item may be used now; drills can be built wherever there is room."""
        return name in self._items and (view.may_use(self._items[name]) or not view.may("build"))

    def _plan_lanes(self, view: View) -> None:
        """Lay the lanes out once the whole patch is in view."""
        if view.site_distance > 2.0:  # noqa: PLR2004 - two tiles are near enough
            return
        radius = math.sqrt(view.ore_tiles() / math.pi)
        half = min(_LANE_SHARE * radius, _MAX_HALF_LANE)
        x, y = view.site
        n_lanes = 1 + int(2 * half // _LANE_SPACING)
        self._lanes = []
        for index in range(n_lanes):
            ends = (x - half, x + half) if index % 2 == 0 else (x + half, x - half)
            self._lanes.append((y - half + index * _LANE_SPACING, *ends))

    def _follow_lane(self, view: View, rows: list[Row]) -> NDArray[np.int64]:
        assert self._lanes  # noqa: S101 - the caller looked
        lane_y, start_x, end_x = self._lanes[0]
        if self._lane_heading is None:
            if abs(view.x - start_x) > 1.0 or abs(view.y - lane_y) > 1.0:
                return action(self._navigator.move(view, (start_x, lane_y)))
            if view.y - view.tile[1] < _LOWEST_SHARE:
                # South by a stride and back by a diagonal one: half a tile lower.
                self._queue = [_NORTHEAST]
                return action(_SOUTH)
            self._lane_heading = _EAST if end_x > start_x else _WEST
            self._last_x = None
        placing = self._place_drill(view, rows)
        if placing is not None:
            return placing
        is_past = view.x > end_x if self._lane_heading == _EAST else view.x < end_x
        if is_past or view.x == self._last_x or not view.may_move(self._lane_heading):
            self._lanes.pop(0)
            heading, self._lane_heading = self._lane_heading, None
            return action(heading if view.may_move(heading) else 0)
        self._last_x = view.x
        return action(self._lane_heading)

    def _place_drill(self, view: View, rows: list[Row]) -> NDArray[np.int64] | None:
        corner = (view.tile[0], view.tile[1] + 1)
        row = next((row for row in rows if row.is_resource and row.tile == corner), None)
        if row is None or not view.may("build") or not self._fits(view, corner):
            return None
        self._pending, self._n_tries, self._has_fuelled = corner, 0, False
        return action(0, "build", row.index, self._items[_DRILL])

    def _fits(self, view: View, corner: Tile) -> bool:
        x, y = corner
        body = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)]
        drop = (x + 2, y)
        return not any(view.is_blocked(tile) for tile in (*body, drop)) and all(
            view.ore_amount(tile) >= _MIN_AMOUNT_CODE for tile in body
        )

    def _finish_drill(self, view: View, rows: list[Row], corner: Tile) -> NDArray[np.int64] | None:
        """Turn, fuel and empty the drill that was placed last; `None` when all is done."""
        x, y = corner
        row = next((row for row in rows if row.kind == _DRILL and row.tile == (x + 1, y + 1)), None)
        self._n_tries += 1
        if row is None or self._n_tries > _MAX_TRIES:
            self._pending = None
            return None
        if view.eighths(corner) != _EAST_EIGHTHS:
            return action(0, "rotate", row.index)
        if not self._has_fuelled:
            self._has_fuelled = True
            return action(0, "insert", row.index, self._items[_COAL])
        self._pending = None
        if _CHEST in self._items:
            return action(0, "build", row.index, self._items[_CHEST])
        return None

    def _tend(self, view: View, rows: list[Row]) -> NDArray[np.int64]:
        """Refuel drills that ask for it, else mine by hand."""
        idle = [row for row in rows if row.kind == _DRILL and row.state == _NO_FUEL]
        for row in idle:
            if row.distance <= _REACH_TILES and view.may("insert") and _COAL in self._items:
                return action(0, "insert", row.index, self._items[_COAL])
        for row in rows:
            if row.is_resource and row.distance <= _MINE_REACH_TILES and view.may("mine"):
                is_ore = row.kind not in ("tree", "rock")
                if is_ore:
                    return action(0, "mine", row.index)
        return action(self._navigator.move(view, view.site))
