"""Belts as lanes that lead into each other, cut into runs where something joins or leaves.

Every belt has a lane left of its travel (0) and one right of it (1). A run is a stretch of one lane
on which what comes in can only go on: an inserter, drill, side feed or splitter begins another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from factorio_fast.semantic.facts import belt_lane_per_minute, entity_facts
from factorio_fast.semantic.geometry import STEPS, covered, left_of, opposite

if TYPE_CHECKING:
    from factorio_fast.semantic.geometry import Point, Tile
    from factorio_fast.semantic.state import EntityState

__all__ = ["BELT_TYPES", "Belts", "Run", "Way"]

BELT_TYPES = frozenset({"transport-belt", "underground-belt", "splitter"})
N_LANES = 2

Node = tuple[int, int, int]
"""A lane of a belt, or of a half of a splitter: (unit, half, lane)."""


@dataclass(frozen=True, slots=True)
class Way:
    """What a splitter lets into one of its outputs."""

    only: frozenset[str] | None = None
    """The items that alone go there; None for all but `without`."""
    without: frozenset[str] = frozenset()
    rank: int = 0
    """0 for the output that is served first, or both alike."""

    def passes(self, item: str) -> bool:
        """Say whether an item goes there."""
        return item in self.only if self.only is not None else item not in self.without


FREE_WAY = Way()


@dataclass(slots=True)
class Run:
    """A stretch of a lane."""

    nodes: list[Node]
    per_minute: float
    """What it carries at most, in items."""
    counts: dict[str, int]
    """What lies on it now."""
    front: str | None = None
    """What lies foremost on its last belt."""
    next: list[tuple[int, int]] = field(default_factory=list)
    """The runs that it leads into, as (run, priority): 1 where it joins from the side."""
    ways: dict[int, Way] = field(default_factory=dict)
    """What goes into them out of a splitter that sorts."""

    def way(self, after: int) -> Way:
        """Return what goes into a run that it leads into."""
        return self.ways.get(after, FREE_WAY)

    @property
    def n_items(self) -> int:
        """How many items lie on it."""
        return sum(self.counts.values())

    @property
    def units(self) -> list[int]:
        """The belts that it runs over."""
        return list(dict.fromkeys(unit for unit, _, _ in self.nodes))


@dataclass(slots=True)
class _Cell:
    """A belt, or a half of a splitter."""

    entity: EntityState
    half: int
    tile: Tile
    step: Tile


class Belts:
    """All belts of a world as runs; `taps` are the tiles where things are put on or taken off."""

    def __init__(self, belts: list[EntityState], taps: set[Tile], speeds: dict[int, str]) -> None:
        self._names = speeds
        self._cells: dict[Tile, _Cell] = {}
        for belt in belts:
            for half, tile in enumerate(_halves(belt)):
                self._cells[tile] = _Cell(belt, half, tile, STEPS.get(belt.direction, (0, -1)))
        self._next: dict[Node, list[tuple[Node, int]]] = {}
        self._before: dict[Node, tuple[Node, int]] = {}
        self._ways: dict[tuple[Node, Node], Way] = {}
        self._n_before: dict[Node, int] = {}
        for cell in self._cells.values():
            self._link(cell)
        self._taps = taps
        self.runs: list[Run] = []
        self._run_of: dict[Node, int] = {}
        self._cut()
        self.before: list[list[int]] = [[] for _ in self.runs]
        """The runs that lead into each run."""
        for number, run in enumerate(self.runs):
            for after, _ in run.next:
                self.before[after].append(number)
        self._upstream: dict[int, frozenset[int]] = {}

    def runs_at(self, tile: Tile) -> list[int]:
        """List the runs on a tile, left lane first; empty where there is no belt."""
        cell = self._cells.get(tile)
        if cell is None:
            return []
        nodes = [(cell.entity.unit_number, cell.half, lane) for lane in range(N_LANES)]
        return [self._run_of[node] for node in nodes]

    def run_below(self, tile: Tile, point: Point) -> int | None:
        """Return the run onto which something falls that is put down at a point."""
        cell = self._cells.get(tile)
        if cell is None:
            return None
        runs = self.runs_at(tile)
        x, y = point[0] - tile[0] - 0.5, point[1] - tile[1] - 0.5
        dx, dy = cell.step
        ahead, right = x * dx + y * dy, y * dx - x * dy
        turn = self._turn_of(cell)
        if turn == 0 or cell.entity.type == "splitter":
            return runs[int(right >= 0 or cell.entity.type == "splitter")]
        # On a turn the lane of the nearer corner: a turn to the right has its right lane inside.
        inner = 1 if turn > 0 else 0
        return runs[inner if ahead + (right if turn > 0 else -right) > 0 else 1 - inner]

    def upstream(self, number: int) -> frozenset[int]:
        """Return the runs that lead to a run, itself included."""
        if number not in self._upstream:
            seen = {number}
            stack = [number]
            while stack:
                for source in self.before[stack.pop()]:
                    if source not in seen:
                        seen.add(source)
                        stack.append(source)
            self._upstream[number] = frozenset(seen)
        return self._upstream[number]

    # --- How cells lead into each other ----------------------------------------------------------

    def _outlet(self, cell: _Cell) -> Tile | None:
        """Return the tile that a cell gives to."""
        step = cell.step
        if cell.entity.end == "input":
            reach = int(entity_facts(cell.entity.name)["max_distance"])
            for distance in range(1, reach + 1):
                tile = (cell.tile[0] + step[0] * distance, cell.tile[1] + step[1] * distance)
                mate = self._cells.get(tile)
                is_mate = mate is not None and mate.entity.name == cell.entity.name
                if mate is not None and is_mate and mate.step == step:
                    return tile if mate.entity.end == "output" else None
            return None
        return cell.tile[0] + step[0], cell.tile[1] + step[1]

    def _feeds(self, source: Tile, cell: _Cell) -> bool:
        """Say whether the cell on a tile gives to this one from above ground."""
        other = self._cells.get(source)
        return (
            other is not None and other.entity.end != "input" and self._outlet(other) == cell.tile
        )

    def _turn_of(self, cell: _Cell) -> int:
        """Return 1 for a turn to the right, -1 for one to the left, 0 for a straight belt."""
        if cell.entity.type != "transport-belt":
            return 0
        x, y = cell.tile
        back, left = opposite(cell.step), left_of(cell.step)
        is_fed_behind = self._feeds((x + back[0], y + back[1]), cell)
        is_fed_left = self._feeds((x + left[0], y + left[1]), cell)
        is_fed_right = self._feeds((x - left[0], y - left[1]), cell)
        if is_fed_behind or is_fed_left == is_fed_right:
            return 0
        # What comes from the left turns to the right.
        return -1 if is_fed_right else 1

    def _link(self, cell: _Cell) -> None:
        outlet = self._outlet(cell)
        halves = [cell]
        if cell.entity.type == "splitter":
            halves = [self._cells[tile] for tile in _halves(cell.entity)]
        outlets = [self._outlet(half) for half in halves] if len(halves) > 1 else [outlet]
        for lane in range(N_LANES):
            node = (cell.entity.unit_number, cell.half, lane)
            found = self._next.setdefault(node, [])
            for half, tile in zip(halves, outlets, strict=True):
                target = self._cells.get(tile) if tile is not None else None
                if target is None:
                    continue
                entered = self._entered(half, target, lane)
                if entered is not None:
                    found.append(entered)
                    self._ways[node, entered[0]] = _way(half)
                    self._before[entered[0]] = (node, entered[1])
                    self._n_before[entered[0]] = self._n_before.get(entered[0], 0) + 1

    def _entered(self, cell: _Cell, target: _Cell, lane: int) -> tuple[Node, int] | None:
        """Return the node that a lane leads into, with 1 for a feed from the side."""
        unit, half = target.entity.unit_number, target.half
        if cell.step == target.step:
            is_closed = target.entity.end == "output" and cell.entity.end != "input"
            return None if is_closed else ((unit, half, lane), 0)
        if cell.step == opposite(target.step) or target.entity.type == "splitter":
            return None
        if self._turn_of(target) != 0:
            return (unit, half, lane), 0
        if target.entity.end is not None and not _meets_open_half(cell, target, lane):
            return None
        # It comes from the left where it travels to the right.
        is_from_left = left_of(target.step) == opposite(cell.step)
        return (unit, half, 0 if is_from_left else 1), 1

    # --- Cutting into runs -----------------------------------------------------------------------

    def _speed(self, unit: int, cell_name: str) -> float:
        return belt_lane_per_minute(self._names.get(unit, cell_name))

    def _cut(self) -> None:
        cells = {(cell.entity.unit_number, cell.half): cell for cell in self._cells.values()}
        nodes = [node for node in self._next if self._begins(node, cells)]
        # A closed loop without a tap has no beginning: any node will do.
        for node in [*nodes, *self._next]:
            if node not in self._run_of:
                self._follow(node, cells)
        for run in self.runs:
            last = run.nodes[-1]
            run.next = [(self._run_of[after], priority) for after, priority in self._next[last]]
            run.ways = {
                self._run_of[after]: way
                for after, _ in self._next[last]
                if (way := self._ways[last, after]) != FREE_WAY
            }

    def _begins(self, node: Node, cells: dict[tuple[int, int], _Cell]) -> bool:
        """Say whether a node begins a run: nothing, several or something else leads into it."""
        cell = cells[node[:2]]
        if self._n_before.get(node, 0) != 1 or cell.tile in self._taps:
            return True
        before, priority = self._before[node]
        other = cells[before[:2]]
        return (
            priority == 1
            or len(self._next[before]) > 1
            or self._speed(node[0], cell.entity.name) != self._speed(before[0], other.entity.name)
        )

    def _follow(self, node: Node, cells: dict[tuple[int, int], _Cell]) -> None:
        index = len(self.runs)
        cell = cells[node[:2]]
        run = Run([], self._speed(node[0], cell.entity.name), {})
        self.runs.append(run)
        while True:
            self._run_of[node] = index
            run.nodes.append(node)
            held = _on_lane(cells[node[:2]].entity, node[1], node[2])
            for item in held:
                run.counts[item] = run.counts.get(item, 0) + 1
            run.front = held[0] if held else None
            afters = self._next[node]
            if len(afters) != 1:
                return
            node = afters[0][0]
            if node in self._run_of or self._begins(node, cells):
                return


def _way(half: _Cell) -> Way:
    """Return what a half of a splitter gives out."""
    splitter = half.entity
    preferred = splitter.priorities[1]
    if splitter.type != "splitter" or preferred == "none":
        return FREE_WAY
    is_preferred = (preferred == "left") == (half.half == 0)
    items = frozenset(splitter.filters)
    if items:
        return Way(only=items) if is_preferred else Way(without=items)
    return Way(rank=0 if is_preferred else 1)


def _halves(belt: EntityState) -> list[Tile]:
    """List the tiles of a belt; of a splitter, the left half first."""
    tiles = covered(belt)
    left = left_of(STEPS.get(belt.direction, (0, -1)))
    return sorted(tiles, key=lambda tile: -(tile[0] * left[0] + tile[1] * left[1]))


def _on_lane(belt: EntityState, half: int, lane: int) -> list[str]:
    """List what lies on a lane; a splitter has lanes for each input half, then each output half."""
    if belt.type != "splitter":
        return list(belt.lanes[lane]) if lane < len(belt.lanes) else []
    numbers = (half * N_LANES + lane, (2 + half) * N_LANES + lane)
    return [item for number in numbers if number < len(belt.lanes) for item in belt.lanes[number]]


def _meets_open_half(cell: _Cell, target: _Cell, lane: int) -> bool:
    """Say whether a lane of a side feed meets the half of an underground belt that is open."""
    left = left_of(cell.step)
    side = left if lane == 0 else opposite(left)
    is_ahead = side == target.step
    return is_ahead == (target.entity.end == "output")
