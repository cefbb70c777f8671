"""Templates of what planners build, in a frame of their own, and how they are turned.

In that frame things flow to the east along the row of tiles y = 0, and machines stand north of it
(negative y). Inserters face what they take from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from factorio_fast import prototypes
from factorio_fast.planning.plan import Placement

__all__ = [
    "QUARTERS",
    "Part",
    "Turn",
    "belt_line",
    "coal_column",
    "drill_chest",
    "fed_column",
    "footprint",
    "placements",
    "smelter_column",
    "steel_column",
    "turns",
]

Tile = tuple[int, int]

QUARTERS = ("north", "east", "south", "west")
CELL_TILES = 2
"""Burner drills and stone furnaces are two by two, so cells repeat every two tiles."""


@dataclass(frozen=True)
class Part:
    """One entity of a template: its middle and where it faces, in the frame of the template."""

    entity: str
    x: float
    y: float
    direction: str = "north"
    recipe: str | None = None
    role: str = ""
    """What it is for, for whoever looks for it: `drill`, `furnace`, `out`, `store`, `belt`."""


@dataclass(frozen=True)
class Turn:
    """How a template is laid on the map: mirrored (north for south) first, then turned."""

    quarters: int = 0
    """Quarter turns clockwise."""
    is_mirrored: bool = False

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Turn a point about the origin."""
        if self.is_mirrored:
            y = -y
        for _ in range(self.quarters % 4):
            x, y = -y, x
        return x, y

    def tile(self, tile: Tile) -> Tile:
        """Turn a tile about the origin."""
        x, y = self.point(tile[0] + 0.5, tile[1] + 0.5)
        return round(x - 0.5), round(y - 0.5)

    def direction(self, direction: str) -> str:
        """Turn a direction."""
        quarter = QUARTERS.index(direction)
        if self.is_mirrored and quarter % 2 == 0:
            quarter = 2 - quarter
        return QUARTERS[(quarter + self.quarters) % 4]

    def part(self, part: Part, corner: Tile) -> Part:
        """Turn a part and move the origin to a tile's north-western corner."""
        x, y = self.point(part.x, part.y)
        return Part(
            part.entity,
            x + corner[0],
            y + corner[1],
            self.direction(part.direction),
            part.recipe,
            part.role,
        )


def turns(*, mirrored: bool | None = None) -> list[Turn]:
    """List the eight turns, or the four that are mirrored or not."""
    sides = (False, True) if mirrored is None else (mirrored,)
    return [Turn(quarters, side) for quarters in range(4) for side in sides]


@cache
def size_of(entity: str) -> tuple[int, int]:
    """Return width and height in tiles of an entity that faces north."""
    facts = prototypes.get("entity", entity)
    return facts["tile_width"], facts["tile_height"]


def footprint(part: Part) -> list[Tile]:
    """List the tiles that a part covers."""
    width, height = size_of(part.entity)
    if part.direction in {"east", "west"}:
        width, height = height, width
    left, top = round(part.x - width / 2), round(part.y - height / 2)
    return [(x, y) for x in range(left, left + width) for y in range(top, top + height)]


def placements(parts: list[Part]) -> list[Placement]:
    """Write parts as entries of a blueprint."""
    return [
        Placement.model_validate(
            {
                "entity": part.entity,
                "position": (part.x, part.y),
                "direction": part.direction,
                "recipe": part.recipe,
            }
        )
        for part in parts
    ]


def smelter_column(
    n_cells: int, *, inserter: str = "burner-inserter", store: str | None = "wooden-chest"
) -> list[Part]:
    """Return drills that feed furnaces that are emptied by inserters.

    Without a `store` the inserters put plates on the belt of the row y = 0, which is no part of it.
    """
    parts: list[Part] = []
    for cell in range(n_cells):
        x = CELL_TILES * cell
        parts += [
            Part("burner-mining-drill", x + 1, -4, "south", role="drill"),
            Part("stone-furnace", x + 1, -2, role="furnace"),
            Part(inserter, x + 0.5, -0.5, "north", role="out"),
        ]
        if store is not None:
            parts.append(Part(store, x + 0.5, 0.5, role="store"))
    return parts


def steel_column(
    n_cells: int, *, inserter: str = "burner-inserter", store: str | None = "wooden-chest"
) -> list[Part]:
    """Return drills that feed furnaces, whose iron goes on to furnaces for steel."""
    parts: list[Part] = []
    for cell in range(n_cells):
        x = CELL_TILES * cell
        parts += [
            Part("burner-mining-drill", x + 1, -7, "south", role="drill"),
            Part("stone-furnace", x + 1, -5, role="furnace"),
            Part(inserter, x + 0.5, -3.5, "north", role="out"),
            Part("stone-furnace", x + 1, -2, role="furnace"),
            Part(inserter, x + 0.5, -0.5, "north", role="out"),
        ]
        if store is not None:
            parts.append(Part(store, x + 0.5, 0.5, role="store"))
    return parts


def drill_chest(n_cells: int, *, store: str = "wooden-chest") -> list[Part]:
    """Return drills that drop into a chest each; not to be laid mirrored."""
    parts: list[Part] = []
    for cell in range(n_cells):
        x = CELL_TILES * cell
        parts += [
            Part("burner-mining-drill", x + 1, -1, "south", role="drill"),
            Part(store, x + 1.5, 0.5, role="store"),
        ]
    return parts


def coal_column(n_cells: int) -> list[Part]:
    """Return coal drills that feed themselves and the belt of the row y = 0; to be laid mirrored.

    Each drops onto a belt that leads to the line, on its right lane once mirrored, and an inserter
    downstream of that brings the drill what it burns. The line begins a tile early: a belt that
    enters its very end from the side would be a curve, which keeps the lanes.
    """
    parts: list[Part] = [Part("transport-belt", -0.5, 0.5, "east", role="belt")]
    for cell in range(n_cells):
        x = CELL_TILES * cell
        parts += [
            Part("transport-belt", x + 0.5, -0.5, "south", role="belt"),
            Part("burner-inserter", x + 1.5, -0.5, "south", role="feeder"),
            Part("burner-mining-drill", x + 1, -2, "south", role="drill"),
        ]
    return [*belt_line(CELL_TILES * n_cells), *parts]


def fed_column(n_cells: int, *, is_west: bool) -> list[Part]:
    """Return drills and furnaces that one belt feeds with coal and ore; not to be laid mirrored.

    The belt of the row y = 0 brings coal on its right lane. Drills north of it put ore on the left
    lane and are fed coal by inserters; furnaces south of it are fed both. Electric inserters put
    the plates on a second belt, on the row y = 5, which runs east or west: that decides on which
    of its lanes they lie.
    """
    parts: list[Part] = []
    for cell in range(n_cells):
        x = CELL_TILES * cell
        parts += [
            Part("transport-belt", x + 1.5, -0.5, "south", role="belt"),
            Part("burner-inserter", x + 0.5, -0.5, "south", role="feeder"),
            Part("burner-mining-drill", x + 1, -2, "south", role="drill"),
            Part("burner-inserter", x + 1.5, 1.5, "north", role="feeder"),
            Part("stone-furnace", x + 1, 3, role="furnace"),
            Part("inserter", x + 0.5, 4.5, "north", role="out"),
        ]
        if cell % 2 == 0:
            parts.append(Part("small-electric-pole", x + 1.5, 4.5, role="pole"))
    length = CELL_TILES * n_cells
    flow = "west" if is_west else "east"
    plates = [Part("transport-belt", x + 0.5, 5.5, flow, role="belt") for x in range(length)]
    return [*belt_line(length), *plates, *parts]


def belt_line(length: int) -> list[Part]:
    """Return a straight belt that runs east from the origin."""
    return [Part("transport-belt", x + 0.5, 0.5, "east", role="belt") for x in range(length)]
