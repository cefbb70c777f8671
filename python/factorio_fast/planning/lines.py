"""Where a belt of raw materials runs: past smelters, to machines, with belts that bring coal.

Belts do not cross, since underground belts have to be researched: columns of smelters, the block of
machines, the power plant and the coal are tried in several orders and turned several ways until
every belt has its way.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from factorio_fast.planning.cells import coal_column, fed_column, turns
from factorio_fast.planning.draft import MAX_COLUMN_CELLS, ORE_OF
from factorio_fast.planning.layout import LayoutError
from factorio_fast.planning.power import engines_for, find_plant

if TYPE_CHECKING:
    from factorio_fast.planning.cells import Part
    from factorio_fast.planning.chains import Block
    from factorio_fast.planning.draft import Draft
    from factorio_fast.planning.layout import Site
    from factorio_fast.planning.power import Plant

__all__ = ["COAL_DRILL_WATTS", "BeltLine", "CoalLine", "Column", "LineLayout", "everything"]

Position = tuple[float, float]
End = tuple[tuple[int, int], str]
"""The tile where a belt goes on, and where it runs."""

BLOCK_RADIUS_TILES = 60
COAL_DRILL_WATTS = 850e3
"""A quarter of a piece of coal a second, of 4 MJ, less what the drill burns itself."""
LAY_ATTEMPTS = 4
FED_ATTEMPTS = 12
MAX_COAL_ORDERS = 6
CELL_WATTS = 300e3
"""What a drill with a furnace and their inserters burns."""


@dataclass
class Column:
    """Drills and furnaces along a belt."""

    item: str
    n_cells: int
    site: Site
    is_fed: bool
    """Whether a belt brings their coal."""
    end: End
    """Where the belt of plates goes on."""
    coal: CoalLine | None = None


@dataclass
class CoalLine:
    """Coal drills that feed themselves, and the belt that leads from them."""

    site: Site
    route: list[Part]


@dataclass
class BeltLine:
    """A belt that passes columns of smelters and ends in a block of machines."""

    columns: list[Column]
    routes: list[list[Part]]
    block: Site
    plant: Plant | None = None
    plant_coal: CoalLine | None = None


class LineLayout:
    """Finds the places of a line and claims them.

    Args:
        draft: the plan whose ground it is.
        near: where the line should be.
    """

    def __init__(self, draft: Draft, near: Position) -> None:
        self.draft = draft
        self.near = near

    def lay(
        self, cells: dict[str, int], block: Block, watts: float, *, needs_plant: bool
    ) -> BeltLine:
        """Find the places of columns, block, plant and the belts between, and claim them.

        Belts that bring coal are tried first; where they cross, fuel is left to hands.

        Raises:
            LayoutError: none of the ways tried works.
        """
        last: LayoutError | None = None
        blocked = self.draft.terrain.blocked
        for is_fed in (True, False):
            if is_fed and "steel-plate" in cells:
                continue
            for attempt in range(FED_ATTEMPTS if is_fed else LAY_ATTEMPTS):
                for order in permutations(sorted(cells)):
                    saved = blocked.copy()
                    wanted = [(name, cells[name]) for name in order]
                    try:
                        line = self.lay_in_order(wanted, block, attempt, is_fed=is_fed)
                        self.lay_power(line, watts, needs_plant=needs_plant)
                    except LayoutError as error:
                        last = error
                        blocked[:] = saved
                    else:
                        return line
        raise last or LayoutError("there is nothing to lay")

    def lay_power(self, line: BeltLine, watts: float, *, needs_plant: bool) -> None:
        """Find the places of the power plant and of what feeds everything with coal.

        Raises:
            LayoutError: there is none.
        """
        middle = line.block.middle
        if needs_plant:
            line.plant = find_plant(self.draft.solver, middle, engines_for(watts))
        self.feed_columns([column for column in line.columns if column.is_fed])
        if line.plant is not None:
            first = line.plant.row[0]
            goal = (math.floor(first.x), math.floor(first.y))
            drills = math.ceil(watts / COAL_DRILL_WATTS)
            saved = self.draft.terrain.blocked.copy()
            try:
                line.plant_coal = self.coal_line(drills, goal, first.direction)
            except LayoutError:
                # The boilers have chests then, which are filled by hand.
                self.draft.terrain.blocked[:] = saved

    def feed_columns(self, columns: list[Column]) -> None:
        """Find the places of the coal lines of columns, in an order in which none walls one off.

        Raises:
            LayoutError: no order works.
        """
        blocked = self.draft.terrain.blocked
        saved = blocked.copy()
        last: LayoutError | None = None
        for order in itertools.islice(permutations(columns), MAX_COAL_ORDERS):
            try:
                for column in order:
                    drills = math.ceil(CELL_WATTS * column.n_cells / COAL_DRILL_WATTS)
                    goal = column.site.tile((0, 0))
                    column.coal = self.coal_line(drills, goal, column.site.flow)
            except LayoutError as error:
                last = error
                blocked[:] = saved
            else:
                return
        if last is not None:
            raise last

    def coal_line(self, n_drills: int, goal: tuple[int, int], flow: str) -> CoalLine:
        """Find and claim coal drills with a belt that leads to a line.

        Raises:
            LayoutError: there is no coal, no room, or no way.
        """
        draft = self.draft
        near = (float(goal[0]), float(goal[1]))
        _, area = draft.patch("coal", near, n_drills)
        length = 2 * n_drills
        sites = draft.solver.sites(
            coal_column(n_drills),
            near,
            choices=turns(mirrored=True),
            resource="coal",
            area=area,
            spare=[(length, 0)],
        )
        for site in sites:
            saved = draft.terrain.blocked.copy()
            draft.solver.claim(site)
            try:
                route = draft.solver.route(site.tile((length, 0)), site.flow, goal, flow)
            except LayoutError:
                draft.terrain.blocked[:] = saved
                continue
            draft.solver.claim_parts(route)
            return CoalLine(site, route)
        raise LayoutError(f"no belt leads from the coal to {goal}")

    def lay_in_order(
        self, cells: list[tuple[str, int]], block: Block, attempt: int, *, is_fed: bool
    ) -> BeltLine:
        """Lay the columns in one order, each material on its own lane.

        Raises:
            LayoutError: there is no room, or no way.
        """
        draft = self.draft
        columns: list[Column] = []
        routes: list[list[Part]] = []
        end: End | None = None
        for side, (name, count) in enumerate(cells):
            for length in split(count):
                if end is None and len(cells) > 1:
                    here = draft.patch(ORE_OF[cells[1][0]], self.near)[0]
                else:
                    here = self.near if end is None else middle_of(end[0])
                found = self.column_sites(name, length, here, side, is_fed=is_fed)
                # Each attempt turns the first column or the others another way.
                offset = attempt % 4 if end is None else attempt // 4
                found = varied(found)[offset:] if is_fed else found[attempt if end is None else 0 :]
                first, last = ends_of(length, side, is_fed=is_fed)
                site, route = self.join(found, first, end)
                if route:
                    routes.append(route)
                end = (site.tile(last[0]), site.turn.direction(last[1]))
                columns.append(Column(name, length, site, is_fed, end))
                if is_fed:
                    # A belt that passed the end of this one would be fed by it.
                    draft.terrain.claim([site.tile((2 * length, 0))])
        if end is None:
            raise LayoutError("a block of machines takes something")
        found = draft.solver.sites(
            block.parts,
            middle_of(end[0]),
            radius=BLOCK_RADIUS_TILES,
            margin=1,
            spare=[(-2, 0), (-1, 0), (block.length, 0)],
        )
        site, route = self.join(found, ((0, 0), "east"), end)
        draft.terrain.claim([site.tile((block.length, 0))])
        routes.append(route)
        return BeltLine(columns, routes, site)

    def column_sites(
        self, name: str, length: int, near: Position, side: int, *, is_fed: bool
    ) -> list[Site]:
        """Find places for a column whose plates come to lie on one lane or the other.

        Raises:
            LayoutError: there is none.
        """
        draft = self.draft
        if not is_fed:
            return draft.column(
                name, length, near, with_belt=True, mirrored=side == 1, at_patch=self.near
            )
        ore = ORE_OF[name]
        _, area = draft.patch(ore, self.near, length)
        sites = draft.solver.sites(
            fed_column(length, is_west=side == 1),
            near,
            choices=turns(mirrored=False),
            resource=ore,
            area=area,
            spare=[(-2, 0), (-1, 0), (2 * length, 0), (-1, 5), (2 * length, 5)],
        )
        if not sites:
            raise LayoutError(f'no room for {length} drills beside a belt on the "{ore}"')
        return sites

    def join(self, sites: list[Site], first: End, end: End | None) -> tuple[Site, list[Part]]:
        """Claim the first of some sites to which a belt leads, and the belt.

        Args:
            sites: where it may be, the best first.
            first: the tile of the template to which the belt leads, and where it runs on.
            end: where the belt comes from; None means that none is needed.

        Raises:
            LayoutError: no belt leads to any.
        """
        draft = self.draft
        last = "there is no room"
        for site in sites:
            saved = draft.terrain.blocked.copy()
            draft.solver.claim(site)
            if end is None:
                return site, []
            try:
                route = draft.solver.route(
                    end[0], end[1], site.tile(first[0]), site.turn.direction(first[1])
                )
            except LayoutError as error:
                last = str(error)
                draft.terrain.blocked[:] = saved
                continue
            draft.solver.claim_parts(route)
            return site, route
        raise LayoutError(last)


def varied(sites: list[Site]) -> list[Site]:
    """Return sites with the best of each way to turn first, so that attempts differ."""
    first: dict[int, Site] = {}
    for site in sites:
        first.setdefault(site.turn.quarters, site)
    return [*first.values(), *(site for site in sites if site not in first.values())]


def ends_of(length: int, side: int, *, is_fed: bool) -> tuple[End, End]:
    """Return where the belt of plates of a column begins, and where it goes on."""
    row = 5 if is_fed else 0
    if is_fed and side == 1:
        return ((2 * length - 1, row), "west"), ((-1, row), "west")
    return ((0, row), "east"), ((2 * length, row), "east")


def middle_of(tile: tuple[int, int]) -> Position:
    """Return the middle of a tile."""
    return tile[0] + 0.5, tile[1] + 0.5


def everything(line: BeltLine) -> list[Part]:
    """List all parts of a line."""
    parts = [*line.block.parts, *(part for route in line.routes for part in route)]
    lines = [line.plant_coal]
    for column in line.columns:
        parts += column.site.parts
        lines.append(column.coal)
    for coal in lines:
        if coal is not None:
            parts += [*coal.site.parts, *coal.route]
    if line.plant is not None:
        parts += line.plant.site.parts
    return parts


def split(count: int) -> list[int]:
    """Split so many cells into columns of about the same length."""
    n_columns = math.ceil(count / MAX_COLUMN_CELLS)
    return [count // n_columns + (index < count % n_columns) for index in range(n_columns)]
