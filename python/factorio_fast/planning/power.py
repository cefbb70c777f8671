"""Steam power: how much of it, and the plant that gives it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factorio_fast.planning.cells import Part, turns
from factorio_fast.planning.layout import LayoutError

if TYPE_CHECKING:
    from factorio_fast.planning.layout import LayoutSolver, Site

__all__ = ["ENGINE_WATTS", "MAX_ENGINES", "Plant", "engines_for", "find_plant", "plant_parts"]

Position = tuple[float, float]

ENGINE_WATTS = 900_000.0
"""What a steam engine gives with steam of 165 degrees (prototype data 2.0.77)."""
ENGINES_PER_BOILER = 2
MAX_ENGINES = 16
"""A pump gives 1,200 water a second, which 20 boilers use; a longer row finds no shore."""
BOILER_TILES = 4
"""A boiler and a pipe before the next one."""
MAX_PIPES = 6
RADIUS_TILES = 150
"""How far from where power is wanted water is looked for."""
MAX_CANDIDATES = 120


@dataclass(frozen=True)
class Plant:
    """A power plant laid on the map."""

    site: Site
    """With chests for the boilers' coal."""
    row: tuple[Part, ...]
    """The belt that may stand in the place of those chests."""
    watts: float

    @property
    def hub(self) -> Position:
        """The pole from which power leaves."""
        pole = self.site.of_role("hub")[0]
        return pole.x, pole.y

    @property
    def boilers(self) -> list[Part]:
        """The boilers."""
        return self.site.of_role("boiler")

    @property
    def stores(self) -> list[Part]:
        """The chests from which the boilers are fed."""
        return self.site.of_role("store")


def engines_for(power_watts: float) -> int:
    """Return how many steam engines give a power, with a tenth to spare."""
    return max(1, math.ceil(1.1 * power_watts / ENGINE_WATTS))


def plant_parts(n_engines: int, n_pipes: int) -> list[Part]:
    """Return a pump with water in the north, pipes, boilers in a column and engines to their east.

    Burner inserters feed the boilers from chests, so that the plant starts without power.
    """
    n_boilers = math.ceil(n_engines / ENGINES_PER_BOILER)
    parts = [Part("offshore-pump", 0.5, 0.5, "north", role="pump")]
    parts += [Part("pipe", 0.5, 1.5 + pipe, role="pipe") for pipe in range(n_pipes)]
    left = n_engines
    for boiler in range(n_boilers):
        top = 1 + n_pipes + BOILER_TILES * boiler
        middle = top + 1.5
        if boiler:
            parts.append(Part("pipe", 0.5, top - 0.5, role="pipe"))
        parts.append(Part("boiler", 1, middle, "east", role="boiler"))
        for engine in range(min(left, ENGINES_PER_BOILER)):
            parts.append(Part("steam-engine", 4.5 + 5 * engine, middle, "east", role="engine"))
        left -= ENGINES_PER_BOILER
        parts += [
            Part("small-electric-pole", 6.5, top + 3.5, role="hub"),
            Part("wooden-chest", -1.5, middle, role="store"),
            Part("burner-inserter", -0.5, middle, "west", role="feeder"),
        ]
    return parts


def coal_row(n_engines: int, n_pipes: int) -> list[Part]:
    """Return the belt that may stand where the chests of a plant are; it runs south."""
    n_boilers = math.ceil(n_engines / ENGINES_PER_BOILER)
    first = 2 + n_pipes
    return [
        Part("transport-belt", -1.5, first + row + 0.5, "south", role="belt")
        for row in range(BOILER_TILES * (n_boilers - 1) + 1)
    ]


def row_tiles(n_engines: int, n_pipes: int) -> list[tuple[int, int]]:
    """Return the tiles of the belt for coal, of its end, and two from which it may be reached."""
    row = coal_row(n_engines, n_pipes)
    tiles = [(math.floor(part.x), math.floor(part.y)) for part in row]
    x, y = tiles[0]
    return [*tiles, (x, tiles[-1][1] + 1), (x, y - 1), (x - 1, y)]


def find_plant(solver: LayoutSolver, near: Position, n_engines: int) -> Plant:
    """Find a shore for a plant, as near to a position as can be; it is claimed.

    Raises:
        LayoutError: there is no such shore, or so many engines do not fit one plant.
    """
    if n_engines > MAX_ENGINES:
        raise LayoutError(
            f"{n_engines} steam engines are too many for one plant; at most {MAX_ENGINES}"
        )
    if not solver.terrain.water.any():
        raise LayoutError("there is no water on the known map")
    best: Site | None = None
    row: list[Part] = []
    for n_pipes in range(1, MAX_PIPES + 1):
        parts = plant_parts(n_engines, n_pipes)
        for site in solver.sites(
            parts,
            near,
            choices=turns(),
            radius=RADIUS_TILES,
            water=[(0, -1), (0, -2)],
            spare=row_tiles(n_engines, n_pipes),
            limit=MAX_CANDIDATES,
        ):
            if best is not None and site.cost >= best.cost:
                break
            pump = site.of_role("pump")[0]
            if solver.terrain.can_place(pump.entity, (pump.x, pump.y), pump.direction):
                best, row = site, coal_row(n_engines, n_pipes)
                break
        if best is not None:
            break
    if best is None:
        raise LayoutError(f"no shore within {RADIUS_TILES} tiles of {near} has room for a plant")
    solver.claim(best)
    laid = tuple(best.turn.part(part, best.corner) for part in row)
    solver.claim_parts(laid)
    last = row[-1]
    # A belt that passed the end of this one would be fed by it.
    solver.terrain.claim([best.tile((math.floor(last.x), math.floor(last.y) + 1))])
    return Plant(best, laid, n_engines * ENGINE_WATTS)
