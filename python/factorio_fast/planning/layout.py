"""Where things go: sites for templates, ways for belts, lines of poles.

The solver works on a `Terrain`: it finds places without collisions, covers ore with drills, keeps a
way round what it places, and claims what it has given out, so that nothing is planned twice.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast.planning.cells import Part, footprint, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from factorio_fast.planning.cells import Turn
    from factorio_fast.planning.terrain import Terrain, Tile

__all__ = ["LayoutError", "LayoutSolver", "Site"]

Position = tuple[float, float]
Area = tuple[tuple[int, int], tuple[int, int]]

PADDING_TILES = 96
"""Templates reach at most this far from their origin."""
MIN_ORE_PER_TILE = 200
"""Less is left out of account: four such tiles last a burner drill for 53 minutes."""
SCENERY_TILES = 1.5
"""A tree in the way is worth a detour of so many tiles."""
ORE_TILES = 0.15
"""Ore that is built over is worth a detour of so many tiles."""
TURN_TILES = 0.2
DENSE_SHARE = 0.05
"""Where more of the corners are free than this, whole arrays are added up."""
MAX_ROUTE_TILES = 40_000
"""Tiles that a search for a way of a belt looks at."""
POLE_REACH = 7.5
"""Wire of a small pole, tiles (prototype `small-electric-pole`)."""
STEPS = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}


class LayoutError(Exception):
    """There is no room for what is planned."""


@dataclass(frozen=True)
class Site:
    """A template laid on the map."""

    template: tuple[Part, ...]
    turn: Turn
    corner: Tile
    """Where the template's origin is."""
    cost: float

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts as they lie on the map."""
        return tuple(self.turn.part(part, self.corner) for part in self.template)

    def tile(self, tile: Tile) -> Tile:
        """Turn a tile of the template into one of the map."""
        x, y = self.turn.tile(tile)
        return x + self.corner[0], y + self.corner[1]

    def of_role(self, role: str) -> list[Part]:
        """List the parts of a role."""
        return [part for part in self.parts if part.role == role]

    @property
    def flow(self) -> str:
        """Where its belt runs."""
        return self.turn.direction("east")

    @property
    def middle(self) -> Position:
        """The mean of the middles of its parts."""
        n_parts = len(self.parts)
        return (
            sum(part.x for part in self.parts) / n_parts,
            sum(part.y for part in self.parts) / n_parts,
        )


@dataclass(frozen=True)
class _Search:
    """What one turn of a template is looked for with; see `LayoutSolver.sites`."""

    turn: Turn
    near: Position
    resource: str | None
    margin: int
    spare: tuple[Tile, ...]
    water: tuple[Tile, ...]
    limit: int


class LayoutSolver:
    """Finds places for what is planned.

    Args:
        terrain: the ground; what is placed is claimed on it.
    """

    def __init__(self, terrain: Terrain) -> None:
        self.terrain = terrain

    def sites(  # noqa: PLR0913 - what a site is found by, all of it optional but the template
        self,
        parts: Sequence[Part],
        near: Position,
        *,
        choices: Sequence[Turn] | None = None,
        resource: str | None = None,
        area: Area | None = None,
        radius: int = 60,
        margin: int = 0,
        spare: Iterable[Tile] = (),
        water: Iterable[Tile] = (),
        limit: int = 12,
    ) -> list[Site]:
        """Find the best places for a template, none of them claimed.

        Args:
            parts: the template.
            near: where it should be.
            choices: how it may be turned; all eight ways if None.
            resource: what the parts of the role `drill` must stand on, all four tiles of it.
            area: where its origin may be; None means within `radius` tiles of `near`.
            radius: see `area`.
            margin: free tiles round all of it.
            spare: tiles of the template that must be free too, such as where a belt goes on.
            water: tiles of the template that must be water.
            limit: how many places to return at most, well apart from each other.
        """
        found: list[Site] = []
        x, y = math.floor(near[0]), math.floor(near[1])
        window = _Window(
            self.terrain,
            area or ((x - radius, y - radius), (x + radius + 1, y + radius + 1)),
        )
        for turn in choices or turns():
            search = _Search(turn, near, resource, margin, tuple(spare), tuple(water), limit)
            found += self._sites_of(parts, search, window)
        found.sort(key=lambda site: site.cost)
        return found[:limit]

    def _sites_of(self, parts: Sequence[Part], search: _Search, window: _Window) -> list[Site]:
        terrain, turn = self.terrain, search.turn
        laid = [turn.part(part, (0, 0)) for part in parts]
        tiles = {tile for part in laid for tile in footprint(part)}
        drills = {tile for part in laid if part.role == "drill" for tile in footprint(part)}
        needed = tiles | {turn.tile(tile) for tile in search.spare}
        if search.margin:
            needed = _grown(needed, search.margin)
        is_free = window.all_of(~terrain.blocked, needed)
        if search.water:
            is_free &= window.all_of(terrain.water, map(turn.tile, search.water))
        if search.resource is not None and drills:
            amounts = terrain.amounts(search.resource)
            is_free &= window.all_of(amounts >= MIN_ORE_PER_TILE, drills)
        if not is_free.any():
            return []
        middle_x = sum(part.x for part in laid) / len(laid)
        middle_y = sum(part.y for part in laid) / len(laid)
        rows, columns = np.nonzero(is_free)
        values = window.distance(search.near[0] - middle_x, search.near[1] - middle_y)[
            rows, columns
        ]
        values += SCENERY_TILES * window.counts(terrain.scenery, tiles, rows, columns)
        values += ORE_TILES * window.counts(terrain.ore, tiles - drills, rows, columns)
        cost = np.full(is_free.shape, np.inf)
        cost[rows, columns] = values
        return [
            Site(tuple(parts), turn, corner, value)
            for corner, value in window.best(cost, search.limit)
        ]

    def claim(self, site: Site, spare: Iterable[Tile] = ()) -> Site:
        """Take a site's tiles, and tiles of its template that must stay free."""
        self.claim_parts(site.parts)
        self.terrain.claim(site.tile(tile) for tile in spare)
        return site

    def claim_parts(self, parts: Iterable[Part]) -> None:
        """Take the tiles of parts."""
        self.terrain.claim(tile for part in parts for tile in footprint(part))

    def release_parts(self, parts: Iterable[Part]) -> None:
        """Give the tiles of parts back."""
        self.terrain.release(tile for part in parts for tile in footprint(part))

    def route(self, start: Tile, heading: str, goal: Tile, flow: str) -> list[Part]:
        """Find the way of a belt from one line to another, without its goal; nothing is claimed.

        Args:
            start: the tile after the end of the first line.
            heading: where the first line runs.
            goal: the first tile of the second line.
            flow: where the second line runs; it is not entered from its front.

        Raises:
            LayoutError: there is no way.
        """
        back = STEPS[heading]
        behind = (start[0] - back[0], start[1] - back[1])
        front = (goal[0] + STEPS[flow][0], goal[1] + STEPS[flow][1])
        if start == goal:
            return []
        path = self._search(start, goal, {behind, front}, back)
        if path is None:
            raise LayoutError(f"no way for a belt from {start} to {goal}")
        names = {step: name for name, step in STEPS.items()}
        return [
            Part(
                "transport-belt",
                here[0] + 0.5,
                here[1] + 0.5,
                names[(there[0] - here[0], there[1] - here[1])],
                role="belt",
            )
            for here, there in itertools.pairwise(path)
        ]

    def _search(
        self, start: Tile, goal: Tile, closed: set[Tile], heading: tuple[int, int]
    ) -> list[Tile] | None:
        """Search the cheapest four-way path (A*)."""
        terrain = self.terrain
        if not terrain.is_free(start) or not self._are_joined(start, goal, closed):
            return None
        costs: dict[Tile, float] = {start: 0.0}
        came_from: dict[Tile, Tile] = {}
        queue = [(0.0, start, heading)]
        done = set(closed)
        for _ in range(MAX_ROUTE_TILES):
            if not queue:
                return None
            _, tile, facing = heapq.heappop(queue)
            if tile == goal:
                return _unwound(came_from, tile)
            if tile in done:
                continue
            done.add(tile)
            for step in STEPS.values():
                near = (tile[0] + step[0], tile[1] + step[1])
                if near in done or (near != goal and not terrain.is_free(near)):
                    continue
                cost = costs[tile] + 1.0 + (TURN_TILES if step != facing else 0.0)
                if near != goal:
                    index = terrain.index(near)
                    cost += SCENERY_TILES * bool(terrain.scenery[index])
                    cost += ORE_TILES * bool(terrain.ore[index])
                if cost < costs.get(near, math.inf):
                    costs[near] = cost
                    came_from[near] = tile
                    left = abs(goal[0] - near[0]) + abs(goal[1] - near[1])
                    heapq.heappush(queue, (cost + left, near, step))
        return None

    def _are_joined(self, start: Tile, goal: Tile, closed: set[Tile]) -> bool:
        """Whether free tiles join two tiles, by floods from both that grow in turns.

        Where there is no way one of the two is nearly always shut in, and its flood ends soon: a
        search that only sets out from the other would look at the whole map.
        """
        seen = ({start}, {goal})
        rims = [[start], [goal]]
        while rims[0] and rims[1]:
            for side in (0, 1):
                rim: list[Tile] = []
                for x, y in rims[side]:
                    for near in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                        if near in seen[1 - side] and near not in closed:
                            return True
                        if near in seen[side] or near in closed or not self.terrain.is_free(near):
                            continue
                        seen[side].add(near)
                        rim.append(near)
                rims[side] = rim
        return False

    def poles(self, start: Position, goal: Position, *, reach: float = POLE_REACH) -> list[Part]:
        """Plan small poles that join two poles, and claim their tiles; no more than needed.

        Raises:
            LayoutError: there is no line of free tiles close enough to each other.
        """
        here = start
        parts: list[Part] = []
        for _ in range(400):
            if math.dist(here, goal) <= reach:
                return parts
            best: tuple[float, Tile] | None = None
            span = math.floor(reach)
            for dx in range(-span, span + 1):
                for dy in range(-span, span + 1):
                    spot = (here[0] + dx, here[1] + dy)
                    tile = (math.floor(spot[0]), math.floor(spot[1]))
                    if math.hypot(dx, dy) > reach or not terrain_takes(self.terrain, tile):
                        continue
                    cost = math.dist(spot, goal)
                    index = self.terrain.index(tile)
                    cost += bool(self.terrain.scenery[index]) + 0.1 * bool(self.terrain.ore[index])
                    if best is None or cost < best[0]:
                        best = (cost, tile)
            if best is None or math.dist(here, goal) - best[0] < 0.5:  # noqa: PLR2004
                self.release_parts(parts)
                raise LayoutError(f"no line of poles from {start} to {goal}: stuck at {here}")
            tile = best[1]
            self.terrain.claim([tile])
            here = (tile[0] + 0.5, tile[1] + 0.5)
            parts.append(Part("small-electric-pole", *here, role="pole"))
        raise LayoutError(f"the line of poles from {start} to {goal} is too long")


def terrain_takes(terrain: Terrain, tile: Tile) -> bool:
    """Whether a tile can take a pole."""
    return terrain.is_free(tile)


class _Window:
    """The corners that a search tries: an area, as slices of padded arrays."""

    def __init__(self, terrain: Terrain, area: Area) -> None:
        (left, top), (right, bottom) = area
        self.terrain = terrain
        self.left = max(terrain.left, left)
        self.top = max(terrain.top, top)
        self.width = min(terrain.right, right) - self.left
        self.height = min(terrain.bottom, bottom) - self.top
        if self.width <= 0 or self.height <= 0:
            raise LayoutError(f"the area {area} is off the map")

    def _cut(self, padded: NDArray[Any], tile: Tile) -> NDArray[Any]:
        row = self.top - self.terrain.top + PADDING_TILES + tile[1]
        column = self.left - self.terrain.left + PADDING_TILES + tile[0]
        return padded[row : row + self.height, column : column + self.width]

    def all_of(self, grid: NDArray[np.bool_], tiles: Iterable[Tile]) -> NDArray[np.bool_]:
        """Say for each corner whether `grid` holds on all of some tiles."""
        padded = np.pad(grid, PADDING_TILES, constant_values=False)
        result = np.ones((self.height, self.width), np.bool_)
        for tile in tiles:
            result &= self._cut(padded, tile)
        return result

    def counts(
        self,
        grid: NDArray[np.bool_],
        tiles: Iterable[Tile],
        rows: NDArray[np.intp],
        columns: NDArray[np.intp],
    ) -> NDArray[np.int32]:
        """Count for some corners on how many of some tiles `grid` holds."""
        padded = np.pad(grid, PADDING_TILES, constant_values=False)
        if len(rows) > DENSE_SHARE * self.width * self.height:
            total = np.zeros((self.height, self.width), np.int16)
            counted = padded.view(np.int8)
            for tile in tiles:
                total += self._cut(counted, tile)
            return total[rows, columns].astype(np.int32)
        result = np.zeros(len(rows), np.int32)
        rows = rows + (self.top - self.terrain.top + PADDING_TILES)
        columns = columns + (self.left - self.terrain.left + PADDING_TILES)
        for x, y in tiles:
            result += padded[rows + y, columns + x]
        return result

    def distance(self, x: float, y: float) -> NDArray[np.float64]:
        """Return how far each corner is from a position."""
        columns = np.arange(self.left, self.left + self.width) - x
        rows = np.arange(self.top, self.top + self.height) - y
        gaps: NDArray[np.float64] = np.hypot(columns[None, :], rows[:, None])
        return gaps

    def best(self, cost: NDArray[np.float64], limit: int) -> list[tuple[Tile, float]]:
        """List the cheapest corners, at least three tiles from each other."""
        found: list[tuple[Tile, float]] = []
        cost = cost.copy()
        apart = 3
        for _ in range(limit):
            index = int(cost.argmin())
            row, column = divmod(index, self.width)
            value = float(cost[row, column])
            if math.isinf(value):
                break
            found.append(((column + self.left, row + self.top), value))
            cost[
                max(0, row - apart) : row + apart + 1, max(0, column - apart) : column + apart + 1
            ] = np.inf
        return found


def _grown(tiles: set[Tile], margin: int) -> set[Tile]:
    """Return the smallest rectangle round tiles, with a margin."""
    xs = [x for x, _ in tiles]
    ys = [y for _, y in tiles]
    return {
        (x, y)
        for x in range(min(xs) - margin, max(xs) + margin + 1)
        for y in range(min(ys) - margin, max(ys) + margin + 1)
    }


def _unwound(came_from: dict[Tile, Tile], tile: Tile) -> list[Tile]:
    path = [tile]
    while tile in came_from:
        tile = came_from[tile]
        path.append(tile)
    return path[::-1]
