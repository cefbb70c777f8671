"""A plan while it is being made: what is built where, in which order, out of what."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast.coordination.tasks import SkillTask
from factorio_fast.planning.cells import (
    belt_line,
    drill_chest,
    footprint,
    placements,
    smelter_column,
    steel_column,
    turns,
)
from factorio_fast.planning.layout import LayoutError, LayoutSolver
from factorio_fast.planning.plan import Plan, PlanStep, Quantities
from factorio_fast.planning.terrain import Terrain
from factorio_fast.plays.recipes import shortages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from factorio_fast._core import World
    from factorio_fast.planning.cells import (
        Part,
    )
    from factorio_fast.planning.goals import AnyGoal
    from factorio_fast.planning.layout import Site
    from factorio_fast.planning.plan import Placement

__all__ = ["CELL_RATE", "ORE_OF", "Draft", "cells_for"]

Position = tuple[float, float]

ORE_OF = {
    "iron-plate": "iron-ore",
    "copper-plate": "copper-ore",
    "stone-brick": "stone",
    "steel-plate": "iron-ore",
}
CELL_RATE = {
    "iron-plate": 15.0,
    "copper-plate": 15.0,
    "stone-brick": 7.5,
    "steel-plate": 3.0,
}
"""What a burner drill (15 ores a minute) with its furnaces makes per minute."""
RATE_MARGIN = 1.04
"""So much more is planned than was asked for: the last inserter swing may miss a count."""
MAX_COLUMN_CELLS = 8
"""Longer rows find no straight stretch of ore; more cells make more columns."""
PATCH_MARGIN_TILES = 14
PLATES_PER_CELL = 80
"""Another drill and furnace are built first for every so many plates that a plan takes."""
MAX_FIRST_CELLS = 6
FIRST_COAL = 5
"""Pieces of coal that a machine is started with."""
SECONDS_PER_PART = 12.0
"""What building one part may take, the walk included."""
SUPPLY_SECONDS = 1200.0
SECONDS_PER_RAW = 4.0


def cells_for(item: str, rate_per_minute: float) -> int:
    """Return how many drills with furnaces make a rate of a smelted item."""
    return max(1, math.ceil(rate_per_minute * RATE_MARGIN / CELL_RATE[item] - 1e-9))


class Draft:
    """Collects the steps of a plan.

    Args:
        world: the world as it is known.
        goal: what the plan is for.
    """

    def __init__(self, world: World, goal: AnyGoal) -> None:
        self.world = world
        self.goal = goal
        self.terrain = Terrain(world)
        self.solver = LayoutSolver(self.terrain)
        self.carried = Counter(world.character.inventory())
        self.steps: list[PlanStep] = []
        self.blueprint: list[Placement] = []
        self.notes: list[str] = []
        self.rates: dict[str, float] = {}
        self.power_watts = 0.0
        self.burners: list[Part] = []
        """What burns fuel among what is built, for the last round."""

    def step(
        self,
        title: str,
        tasks: Sequence[SkillTask],
        *,
        quantities: Quantities | None = None,
        before: Sequence[str] = (),
        after: Sequence[str] = (),
    ) -> None:
        """Add a step."""
        self.steps.append(
            PlanStep(
                title=title,
                tasks=tuple(tasks),
                quantities=quantities or Quantities(),
                preconditions=tuple(before),
                postconditions=tuple(after),
            )
        )

    def supply(self, items: Counter[str]) -> SkillTask:
        """Return the task of coming by items."""
        _, missing = shortages(dict(items), Counter())
        seconds = SUPPLY_SECONDS + SECONDS_PER_RAW * sum(missing.values())
        return SkillTask("SUPPLY", items=dict(items), budget_seconds=min(36_000.0, seconds))

    def build(
        self,
        title: str,
        parts: Sequence[Part],
        *,
        skill: str = "PLACE_ENTITIES",
        extra: Sequence[SkillTask] = (),
        coal: int = 0,
        **parameters: Any,
    ) -> None:
        """Add the step of building parts: their items, the ground cleared, then the parts.

        Args:
            title: the step's title.
            parts: what is built, in order.
            skill: the skill that builds.
            extra: tasks that follow.
            coal: pieces of coal that each part that burns is started with.
            parameters: more parameters of the skill.
        """
        if not parts:
            return
        blueprint = placements(list(parts))
        items = Counter(part.entity for part in parts)
        _, raw = shortages(dict(items), Counter())
        entries = [entry.to_dict() for entry in blueprint]
        tasks = [self.supply(items)]
        overgrown = [
            entry
            for part, entry in zip(parts, entries, strict=True)
            if any(self.terrain.scenery[self.terrain.index(tile)] for tile in footprint(part))
        ]
        if overgrown:
            tasks.append(
                SkillTask(
                    "CLEAR_AREA",
                    blueprint=overgrown,
                    budget_seconds=60 + SECONDS_PER_PART * len(overgrown),
                )
            )
        tasks.append(
            SkillTask(
                skill,
                blueprint=entries,
                budget_seconds=120 + SECONDS_PER_PART * len(entries),
                **parameters,
            )
        )
        burning = [part for part in parts if burns(part)]
        self.burners += burning
        if coal and burning:
            tasks.append(fuel_task(burning, coal))
        tasks += extra
        self.blueprint += blueprint
        self.step(
            title,
            tasks,
            quantities=Quantities(items=dict(items), raw=dict(raw), machines=dict(items)),
            after=[f"{len(parts)} parts stand"],
        )

    def patch(self, resource: str, near: Position, n_drills: int = 1) -> tuple[Position, Any]:
        """Return middle and area of the patch of a resource that is best reached from a position.

        Raises:
            LayoutError: none is known that is rich enough.
        """
        patches = [
            patch
            for patch in self.terrain.patches(resource)
            if len(patch.tiles) >= 8 * n_drills and patch.amount >= 2_000 * n_drills
        ]
        if not patches:
            raise LayoutError(f'no patch of "{resource}" for {n_drills} drills is on the known map')
        best = min(patches, key=lambda patch: math.dist(patch.position, near))
        (left, top), (right, bottom) = best.area
        margin = PATCH_MARGIN_TILES
        area = ((left - margin, top - margin), (right + margin, bottom + margin))
        return best.position, area

    def column(
        self,
        item: str,
        n_cells: int,
        near: Position,
        *,
        with_belt: bool = False,
        mirrored: bool | None = None,
        store: str | None = "wooden-chest",
        at_patch: Position | None = None,
    ) -> list[Site]:
        """Find the best places for a column of smelting cells, none of them claimed.

        Raises:
            LayoutError: there is none.
        """
        template = steel_column if item == "steel-plate" else smelter_column
        parts = template(n_cells, store=None if with_belt else store)
        spare: list[tuple[int, int]] = []
        if with_belt:
            parts += belt_line(2 * n_cells)
            spare = [(-1, 0), (2 * n_cells, 0)]
        ore = ORE_OF[item]
        _, area = self.patch(ore, at_patch or near, n_cells)
        sites = self.solver.sites(
            parts,
            near,
            choices=turns(mirrored=mirrored),
            resource=ore,
            area=area,
            spare=spare,
        )
        if not sites:
            raise LayoutError(f'no room for {n_cells} drills in a row on the "{ore}"')
        return sites

    def columns(self, item: str, n_cells: int, near: Position) -> list[Site]:
        """Find and claim columns that end in chests, as many as so many cells take.

        Raises:
            LayoutError: there is no room.
        """
        found = []
        left = n_cells
        while left > 0:
            length = min(left, MAX_COLUMN_CELLS)
            while True:
                try:
                    site = self.column(item, length, near)[0]
                    break
                except LayoutError:
                    if length == 1:
                        raise
                    length = max(1, length // 2)
            found.append(self.solver.claim(site))
            left -= length
        return found

    def first_cells(self, title: str, cells: Iterable[list[Part]]) -> None:
        """Add a step for every drill with its furnaces, so that each helps to pay for the next."""
        for parts in cells:
            self.build(title, parts, coal=FIRST_COAL)

    def ensure_plates(self, item: str, n_plates: int, near: Position) -> None:
        """Plan the first drills and furnaces of an item, unless some stand already."""
        if n_plates <= 0 or self.makes(item):
            return
        n_cells = max(1, min(MAX_FIRST_CELLS, math.ceil(n_plates / PLATES_PER_CELL)))
        for site in self.columns(item, n_cells, near):
            self.first_cells(f"first {item}", cells_of(site, with_out=item == "steel-plate"))

    def makes(self, item: str) -> bool:
        """Whether something stands or is planned that makes a smelted item."""
        if any(step.title.startswith(("first " + item, "smelt " + item)) for step in self.steps):
            return True
        ore = ORE_OF[item]
        if item == "steel-plate":
            return any(f.recipe == item for f in self.world.entities("stone-furnace"))
        amounts = self.terrain.amounts(ore)
        for drill in self.world.entities("burner-mining-drill"):
            x, y = drill.position
            row, column = self.terrain.index((math.floor(x), math.floor(y)))
            if amounts[row - 1 : row + 1, column - 1 : column + 1].any():
                return True
        return False

    def coal_drills(self) -> int:
        """Count the drills on coal that stand or are planned."""
        positions = [drill.position for drill in self.world.entities("burner-mining-drill")]
        positions += [
            part.position for part in self.blueprint if part.entity == "burner-mining-drill"
        ]
        amounts = self.terrain.amounts("coal")
        n_drills = 0
        for x, y in positions:
            row, column = self.terrain.index((math.floor(x), math.floor(y)))
            n_drills += bool(amounts[row - 1 : row + 1, column - 1 : column + 1].any())
        return n_drills

    def coal_mine(self, n_drills: int, near: Position) -> None:
        """Plan drills that fill chests with coal; without coal that is known, fuel is wood."""
        try:
            _, area = self.patch("coal", near, n_drills)
        except LayoutError as error:
            self.notes.append(f"fuel is wood: {error}")
            return
        for length in (n_drills, 1):
            sites = self.solver.sites(
                drill_chest(length), near, choices=turns(mirrored=False), resource="coal", area=area
            )
            if sites:
                site = self.solver.claim(sites[0])
                self.build("mine coal", site.parts, coal=FIRST_COAL)
                return
        self.notes.append("there is no room for more drills on the coal")

    def refuel(self, coal: int) -> None:
        """Add the last round of fuel for everything planned that burns."""
        slow = [part for part in self.burners if part.entity != "burner-inserter"]
        inserters = [part for part in self.burners if part.entity == "burner-inserter"]
        tasks = [fuel_task(slow, coal)] if slow else []
        if inserters:
            tasks.append(fuel_task(inserters, max(1, coal // 8)))
        if tasks:
            self.step("fuel", tasks, after=["every machine that burns has fuel"])

    def finish(self, planner: str) -> Plan:
        """Return the plan."""
        items = Counter(part.entity for part in self.blueprint)
        _, raw = shortages(dict(items), Counter())
        return Plan(
            goal=self.goal,
            planner=planner,
            steps=tuple(self.steps),
            quantities=Quantities(
                items=dict(items),
                raw=dict(raw),
                machines=dict(items),
                rates_per_minute=self.rates,
                power_watts=self.power_watts,
            ),
            blueprint=tuple(self.blueprint),
            notes=tuple(self.notes),
        ).numbered()


def burns(part: Part) -> bool:
    """Whether a part needs fuel."""
    return part.entity in {
        "burner-mining-drill",
        "stone-furnace",
        "steel-furnace",
        "boiler",
        "burner-inserter",
    }


def fuel_task(parts: Sequence[Part], coal: int) -> SkillTask:
    """Return the task of filling parts up with so many pieces of coal each."""
    return SkillTask(
        "FUEL",
        targets=[(part.x, part.y) for part in parts],
        coal=coal,
        budget_seconds=300 + 8 * coal * len(parts),
    )


def cells_of(site: Site, *, with_out: bool = False) -> list[list[Part]]:
    """Split a column into its cells: the drill and furnaces of each, with inserters if asked."""
    cells: list[list[Part]] = []
    for part in site.parts:
        if part.role == "drill":
            cells.append([])
        if part.role in {"drill", "furnace"} or (with_out and part.role in {"out", "store"}):
            cells[-1].append(part)
    return cells
