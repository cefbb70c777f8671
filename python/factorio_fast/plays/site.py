"""Where things go: cells of machines, their footprints, and what is taken already.

A cell is a few entities that belong together, such as a drill, a furnace, an inserter and a chest.
Positions inside a cell count from its north-western corner, in tiles.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from factorio_fast import prototypes
from factorio_fast.plays.errors import PlayError

__all__ = ["Cell", "Part", "Site", "Tile", "Want", "footprint"]

Tile = tuple[int, int]

POLE_STEP = 6.5
"""Tiles from pole to pole; a small pole's wire reaches 7.5."""


@dataclass(frozen=True)
class Want:
    """An item that a part is to be kept supplied with, between `low` and `high`."""

    item: str
    low: int
    high: int
    rank: int = 1
    """Who comes first when there is not enough for all: lower ranks."""
    product: str = ""
    """What is made of it; while `enough` of that lie ready, it is not wanted."""
    enough: int = 0


@dataclass(frozen=True)
class Part:
    """One entity of a plan, with its middle on the map or in its cell."""

    item: str
    x: float
    y: float
    direction: str = "north"
    recipe: str | None = None
    wants: tuple[Want, ...] = ()
    gives: bool = False
    """Whether its contents or products are for others to take."""

    def moved(self, dx: float, dy: float) -> Part:
        """Return the same part elsewhere."""
        return Part(
            self.item, self.x + dx, self.y + dy, self.direction, self.recipe, self.wants, self.gives
        )


@dataclass(frozen=True)
class Cell:
    """Parts that are built together, in this order."""

    name: str
    parts: tuple[Part, ...]

    def at(self, x: float, y: float) -> Cell:
        """Return the same cell with its corner at a position."""
        return Cell(self.name, tuple(part.moved(x, y) for part in self.parts))

    def materials(self) -> Counter[str]:
        """Count the items that it is built of."""
        return Counter(part.item for part in self.parts)

    def tiles(self) -> set[Tile]:
        """Return the tiles that it covers.

        Raises:
            PlayError: two of its parts cover the same tile.
        """
        covered: set[Tile] = set()
        for part in self.parts:
            area = footprint(part)
            if covered & area:
                raise PlayError(f"{self.name}: {part.item} at {part.x}, {part.y} overlaps")
            covered |= area
        return covered


@dataclass
class Site:
    """The tiles that are planned over or cannot be built on."""

    taken: set[Tile] = field(default_factory=set)

    def claim(self, cell: Cell) -> Cell:
        """Take the tiles of a cell.

        Raises:
            PlayError: some are taken.
        """
        tiles = cell.tiles()
        clash = tiles & self.taken
        if clash:
            raise PlayError(f"{cell.name}: tiles {sorted(clash)[:4]} are taken")
        self.taken |= tiles
        return cell

    def poles(self, *points: tuple[float, float]) -> Cell:
        """Plan a line of small poles through points, on free tiles close to the straight way."""
        parts: list[Part] = []
        for start, end in itertools.pairwise(points):
            steps = max(1, math.ceil(math.dist(start, end) / POLE_STEP))
            # A stretch begins where the one before it ends.
            for step in range(min(1, len(parts)), steps + 1):
                share = step / steps
                x = start[0] + (end[0] - start[0]) * share
                y = start[1] + (end[1] - start[1]) * share
                tile = self.free_tile_near((math.floor(x), math.floor(y)))
                self.taken.add(tile)
                parts.append(Part("small-electric-pole", tile[0] + 0.5, tile[1] + 0.5))
        return Cell("poles", tuple(parts))

    def free_tile_near(self, tile: Tile) -> Tile:
        """Return the free tile nearest to a tile, at most two away.

        Raises:
            PlayError: all are taken.
        """
        near = [(x, y) for x in range(-2, 3) for y in range(-2, 3)]
        for dx, dy in sorted(near, key=lambda step: (math.hypot(*step), step)):
            found = (tile[0] + dx, tile[1] + dy)
            if found not in self.taken:
                return found
        raise PlayError(f"no free tile for a pole near {tile}")


@cache
def size_of(item: str) -> tuple[int, int]:
    """Return width and height in tiles of the entity of an item that faces north."""
    data = prototypes.get("entity", item)
    return data["tile_width"], data["tile_height"]


def footprint(part: Part) -> set[Tile]:
    """Return the tiles that a part covers."""
    width, height = size_of(part.item)
    if part.direction in {"east", "west"}:
        width, height = height, width
    left, top = round(part.x - width / 2), round(part.y - height / 2)
    return {(x, y) for x in range(left, left + width) for y in range(top, top + height)}
