"""Solves `optimize_production_chains`: extends, fuels and empties a small base from one place.

Each new unit is a burner drill on ore and a furnace where it drops. What the units need is crafted
from plates and stone, and burner drills are crafted further when no unit fits any more: their gear
wheels count. The character never walks: at 0.1 Hz a step of walking leads out of view.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from factorio_fast import contract
from factorio_fast.scenarios.solvers.view import View, action

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast.scenarios.solvers.view import Row, Tile

__all__ = ["ProductionSolver"]

_DRILL, _FURNACE, _COAL = "burner-mining-drill", "stone-furnace", "coal"
_CHESTS = ("wooden-chest", "iron-chest", "steel-chest")
_SMELTED = ("iron-ore", "copper-ore")
_NO_FUEL, _FULL = (contract.STATUS_NAMES.index(name) + 1 for name in ("no-fuel", "full"))
_REACH_TILES = 9.0
"""Machines nearer than this are served: the game's reach is 10."""
_CLEAR_TILES = 1.5
"""Nearer than this the character may stand where a building goes."""
_MIN_ORE_TILES = 2
"""Tiles with ore that a drill of four should cover: those that are listed lie at a field's edge."""
_OUTLETS = {0: (0, -2), 2: (2, 0), 4: (1, 2), 6: (-2, 1)}
"""Where building a furnace at a drill's drop point puts its corner, seen from the drill's corner,
by the direction that the drill faces in eighths."""
_DROPS = {0: (0, -1), 2: (2, 0), 4: (1, 2), 6: (-1, 1)}
"""The tile that a drill drops on, seen from its corner."""
_MAX_TRIES = 8
"""Steps that finishing one unit may take."""
_RETRY_STEPS = 3
"""Steps until something that was refused is tried again."""
_COAL_DRILL_STEPS = 20
"""Steps until the drill that all fuel comes from is topped up again."""
_EMPTY_STEPS = 24
"""Steps until a furnace is emptied before it is full: a stack of plates takes 40."""


@dataclass(slots=True)
class _Unit:
    """A drill and a furnace that are being built."""

    corner: Tile
    eighths: int
    n_tries: int = 0
    has_drill: bool = False
    has_tried_furnace: bool = False

    @property
    def furnace(self) -> Tile:
        dx, dy = _OUTLETS[self.eighths]
        return self.corner[0] + dx, self.corner[1] + dy


class ProductionSolver:
    """Extends, fuels and empties a base of burner drills and stone furnaces."""

    def __init__(self, palette: list[str]) -> None:
        """Make a solver for a scenario with this palette."""
        self._items = {name: index for index, name in enumerate(palette)}
        self.reset()

    def reset(self) -> None:
        """Forget the episode before."""
        self._step = 0
        self._unit: _Unit | None = None
        # The kit is not shown: what is believed to be carried is tried, and a refusal corrects it.
        self._carried = {_DRILL: 1, _FURNACE: 1}
        self._crafted: str | None = None
        self._tried_at: dict[str, int] = {}
        self._taken_at: dict[Tile, int] = {}
        self._fuelled_at: dict[Tile, int] = {}

    def act(self, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[np.int64]:
        """Choose the next action; `info` is not read."""
        del info
        view = View(obs)
        rows = [row for row in view.rows() if row.distance <= _REACH_TILES]
        self._step += 1
        self._note_outcome(view)
        for choose in (self._finish_unit, self._refuel, self._empty_full, self._extend):
            chosen = choose(view, rows)
            if chosen is not None:
                return chosen
        crafted = self._craft(view, _DRILL)
        if crafted is not None:
            return crafted
        gathered = self._gather(view, rows)
        return action() if gathered is None else gathered

    def _note_outcome(self, view: View) -> None:
        """Correct what is believed to be carried by what became of the last order."""
        name, self._crafted = self._crafted, None
        if name is None:
            return
        if view.was_rejected:
            self._tried_at[name] = self._step
        else:
            self._carried[name] += 1

    def _finish_unit(self, view: View, rows: list[Row]) -> NDArray[np.int64] | None:
        """Turn the drill that was placed last toward free ground, and build its furnace."""
        unit = self._unit
        row = None if unit is None else self._drill_of(unit, view, rows)
        if unit is None or row is None or view.is_blocked(unit.furnace):
            if row is not None:
                self._carried[_FURNACE] -= 1
            self._unit = None
            return None
        if view.eighths(unit.corner) != unit.eighths:
            return action(0, "rotate", row.index)
        if unit.has_tried_furnace and view.was_rejected:
            self._carried[_FURNACE] = 0
        unit.has_tried_furnace = self._carried[_FURNACE] > 0
        if unit.has_tried_furnace:
            return action(0, "build", row.index, self._items[_FURNACE])
        crafted = self._craft(view, _FURNACE)
        return crafted if crafted is not None else self._gather(view, rows)

    def _drill_of(self, unit: _Unit, view: View, rows: list[Row]) -> Row | None:
        """Return the row of a unit's drill; `None` if it was refused, has no row or takes long."""
        row = next(
            (row for row in rows if row.kind == _DRILL and _corner(row) == unit.corner), None
        )
        if not unit.has_drill:
            is_built = row is not None or view.is_blocked(unit.corner)
            self._carried[_DRILL] = max(self._carried[_DRILL] - 1, 0) if is_built else 0
            unit.has_drill = is_built
        unit.n_tries += 1
        return None if unit.n_tries > _MAX_TRIES else row

    def _refuel(self, view: View, rows: list[Row]) -> NDArray[np.int64] | None:
        """Fuel what asks for it, and the coal drill before it asks."""
        machines = [row for row in rows if row.kind in (_DRILL, _FURNACE)]
        cold = [row for row in machines if row.state == _NO_FUEL]
        feeders = [
            row for row in machines if row.kind == _DRILL and view.contents(_corner(row)) == _COAL
        ]
        carries_coal = _COAL in self._items and view.may_use(self._items[_COAL])
        if not carries_coal:
            return self._take_coal(view, rows) if cold else None
        late = [
            row
            for row in feeders
            if self._step - self._fuelled_at.get(_corner(row), 0) >= _COAL_DRILL_STEPS
        ]
        for row in (*late, *cold):
            at = self._fuelled_at.get(_corner(row), -_RETRY_STEPS)
            if self._step - at >= _RETRY_STEPS:
                self._fuelled_at[_corner(row)] = self._step
                return action(0, "insert", row.index, self._items[_COAL])
        return None

    def _take_coal(self, view: View, rows: list[Row]) -> NDArray[np.int64] | None:
        for row in rows:
            if row.kind in _CHESTS and view.contents(row.tile) == _COAL:
                return self._take(row)
        return None

    def _empty_full(self, view: View, rows: list[Row]) -> NDArray[np.int64] | None:
        """Empty furnaces that have no room left, or soon will."""
        del view
        for row in rows:
            late = self._step - self._taken_at.get(_corner(row), 0) >= _EMPTY_STEPS
            if row.kind == _FURNACE and (row.state == _FULL or late):
                return self._take(row)
        return None

    def _extend(self, view: View, rows: list[Row]) -> NDArray[np.int64] | None:
        """Begin another unit where there is room, or craft what it needs."""
        orphan = self._find_orphan(view, rows)
        if orphan is not None:
            self._unit = orphan
            return self._finish_unit(view, rows)
        found = self._find_place(view, rows)
        if found is None:
            return None
        for name in (_FURNACE, _DRILL):
            if self._carried[name] == 0:
                crafted = self._craft(view, name)
                return crafted if crafted is not None else self._gather(view, rows)
        row, self._unit = found
        return action(0, "build", row.index, self._items[_DRILL])

    def _find_place(self, view: View, rows: list[Row]) -> tuple[Row, _Unit] | None:
        """Find the nearest ore tile for a drill, and the direction whose furnace comes nearest."""
        listed = view.rows()
        is_crowded = len(listed) == contract.ENTITY_ROWS
        farthest = listed[-1].distance if is_crowded else _REACH_TILES
        best: tuple[tuple[float, float], Row, _Unit] | None = None
        for row in rows:
            if row.kind not in _SMELTED or not _is_free(view, row.tile):
                continue
            drill_distance = _distance(view, row.tile)
            n_ore = sum(view.ore_amount(tile) > 0 for tile in _square(row.tile))
            # A drill without a row of its own could be given neither fuel nor a furnace.
            if drill_distance > farthest or n_ore < _MIN_ORE_TILES:
                continue
            for eighths in _OUTLETS:
                unit = _Unit(row.tile, eighths)
                furnace_distance = _distance(view, unit.furnace)
                score = (drill_distance, furnace_distance)
                if (
                    furnace_distance <= drill_distance
                    and _is_free(view, unit.furnace)
                    and (best is None or score < best[0])
                ):
                    best = (score, row, unit)
        return None if best is None else best[1:]

    def _find_orphan(self, view: View, rows: list[Row]) -> _Unit | None:
        """Find a drill whose ore falls on the ground, and whose furnace has room."""
        for row in rows:
            corner = _corner(row)
            eighths = view.eighths(corner)
            if row.kind != _DRILL or eighths is None or eighths not in _DROPS:
                continue
            dx, dy = _DROPS[eighths]
            unit = _Unit(corner, eighths, has_drill=True)
            is_fed = view.is_blocked((corner[0] + dx, corner[1] + dy))
            if not is_fed and view.contents(corner) in _SMELTED and _is_free(view, unit.furnace):
                return unit
        return None

    def _craft(self, view: View, name: str) -> NDArray[np.int64] | None:
        """Craft an item, unless it was refused just now."""
        is_known = name in self._items and view.may("craft") and view.may_use(self._items[name])
        if not is_known or self._step - self._tried_at.get(name, -_RETRY_STEPS) < _RETRY_STEPS:
            return None
        self._crafted = name
        return action(0, "craft", 0, self._items[name])

    def _gather(self, view: View, rows: list[Row]) -> NDArray[np.int64] | None:
        """Take plates and stone from where that was done longest ago."""
        sources = [
            row
            for row in rows
            if (row.kind == _FURNACE or row.kind in _CHESTS)
            and view.contents(row.tile) not in (None, _COAL)
            and self._step - self._taken_at.get(_corner(row), -_RETRY_STEPS) >= _RETRY_STEPS
        ]
        if not sources or not view.may("take"):
            return None
        return self._take(min(sources, key=lambda row: self._taken_at.get(_corner(row), 0)))

    def _take(self, row: Row) -> NDArray[np.int64]:
        self._taken_at[_corner(row)] = self._step
        return action(0, "take", row.index)


def _corner(row: Row) -> Tile:
    """Return the north-western tile of a machine: what it is known by, and its cell in the map."""
    x, y = row.tile
    return (x, y) if row.kind in _CHESTS else (x - 1, y - 1)


def _square(corner: Tile) -> tuple[Tile, ...]:
    x, y = corner
    return (x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)


def _distance(view: View, corner: Tile) -> float:
    return math.hypot(corner[0] + 1 - view.x, corner[1] + 1 - view.y)


def _is_free(view: View, corner: Tile) -> bool:
    """Say whether a building of two by two tiles has room there."""
    return _distance(view, corner) > _CLEAR_TILES and not any(
        view.is_blocked(tile) for tile in _square(corner)
    )
