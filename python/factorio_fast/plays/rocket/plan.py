"""The plan of the rocket play: which cells, where, in which order.

The base is made for about seven hours of the game: what it takes to research the rocket silo and to
build a rocket, over 25,000 seconds, gives the number of machines of every kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from factorio_fast.plays import cells
from factorio_fast.plays.cells import maker
from factorio_fast.plays.pipes import Pipes, ports
from factorio_fast.plays.rocket.terrain import (
    COPPER,
    FUEL_COAL,
    IRON,
    LAKE,
    OIL_WELLS,
    POWER_COAL,
    STONE,
)
from factorio_fast.plays.site import Cell, Part, Site, Want

if TYPE_CHECKING:
    from factorio_fast.plays.site import Tile

__all__ = ["PACKS", "Plan", "make_plan"]

PACKS = (
    "automation-science-pack",
    "logistic-science-pack",
    "chemical-science-pack",
    "production-science-pack",
    "utility-science-pack",
)

N_BOILERS = 10
SPINE_X = -42.5
"""The line of poles along the western side of the base."""

N_HAND_FED = 2
"""Boilers that get coal by hand until the belt is there."""

BELT_Y = 75
"""The row of the belt that takes coal to the boilers."""


@dataclass
class Plan:
    """Cells by name, each in the order in which they are built."""

    site: Site = field(default_factory=Site)
    cells: dict[str, list[Cell]] = field(default_factory=dict)

    def add(self, name: str, *cells_: Cell) -> None:
        """Claim the tiles of cells and list them under a name."""
        for cell in cells_:
            self.cells.setdefault(name, []).append(self.site.claim(cell))

    def note(self, name: str, *cells_: Cell) -> None:
        """List cells whose tiles are claimed already."""
        self.cells.setdefault(name, []).extend(cells_)


def make_plan() -> Plan:
    """Lay everything out."""
    plan = Plan()
    block_lake(plan.site)
    plan_mines(plan)
    plan_power(plan)
    plan_makers(plan)
    plan_fluids(plan)
    plan_poles(plan)
    return plan


def block_lake(site: Site) -> None:
    """Nothing is planned on water or on the wells."""
    (left, top), (right, bottom) = LAKE
    site.taken |= {(x, y) for x in range(left, right) for y in range(top, bottom)}


def column(cell: Cell, x: int, top: int, n_rows: int) -> list[Cell]:
    """Return a column of cells three tiles apart."""
    return [cell.at(x, top + 3 * row) for row in range(n_rows)]


def plan_mines(plan: Plan) -> None:
    """Plan drills and the furnaces beside them."""
    (left, top), _ = IRON
    plan.add("iron", *column(cells.smelter(), left, top, 15))
    plan.add("iron", *column(cells.smelter(), left + 9, top, 10))
    plan.add("iron ore", cells.mine().at(left + 9, top + 30))
    plan.add("steel", *column(cells.steel_smelter(), left + 18, top, 5))
    plan.add("steel", *column(cells.steel_smelter("steel-furnace"), left + 18, top + 15, 10))
    (left, top), _ = COPPER
    plan.add("copper", *column(cells.smelter(), left, top, 15))
    plan.add("copper", *column(cells.smelter("steel-furnace"), left + 9, top, 15))
    (left, top), _ = STONE
    plan.add("stone", *column(cells.mine(), left + 8, top, 3))
    plan.add("brick", *column(cells.smelter(), left, top, 4))
    (left, top), _ = FUEL_COAL
    plan.add("coal", *column(cells.mine(), left, top, 6))
    # Burner drills of the first minutes stand on ore that no cell uses.
    plan.add(
        "burner iron",
        *(cells.burner_smelter().at(IRON[0][0] + 4 * k, IRON[1][1] - 4) for k in range(4)),
    )
    plan.add(
        "burner copper",
        *(cells.burner_smelter().at(COPPER[0][0] + 4 * k, COPPER[1][1] - 3) for k in range(2)),
    )
    plan.add(
        "burner coal",
        *(
            cells.burner_mine(burns_own_coal=True).at(FUEL_COAL[0][0] + 6, top + 4 * k)
            for k in range(2)
        ),
    )
    plan.add(
        "burner stone", cells.burner_mine(burns_own_coal=False).at(STONE[0][0], STONE[1][1] - 3)
    )


def plan_power(plan: Plan) -> None:
    """Plan boilers in a row, two engines each, and the belt that brings coal."""
    shore = LAKE[0][0]
    water = BELT_Y - 2
    plan.add("pump", Cell("pump", (Part("offshore-pump", shore - 0.5, water + 0.5, "east"),)))
    poles = []
    for number in range(N_BOILERS):
        left = shore - 8 - 4 * number
        pipes = [Part("pipe", left + 3.5, water + 0.5)]
        if number == 0:
            pipes += [Part("pipe", x + 0.5, water + 0.5) for x in range(left + 4, shore - 1)]
        fuel = (Want("coal", low=4, high=20, rank=0),) if number < N_HAND_FED else ()
        parts = [
            *pipes,
            Part("boiler", left + 1.5, water, wants=fuel),
            Part("steam-engine", left + 1.5, water - 3.5),
            Part("steam-engine", left + 1.5, water - 8.5),
        ]
        poles.append(Part(cells.POLE, left + 3.5, water - 5.5))
        plan.add("boiler", Cell("boiler", tuple(parts)))
        arm = Part("burner-inserter", left + 1.5, BELT_Y - 0.5, "south")
        plan.add("stoker", Cell("stoker", (arm,)))
    plan.add("poles to the base", Cell("poles", tuple(poles)))
    start, end = POWER_COAL[0][0], shore - 5
    belt = tuple(Part("transport-belt", x + 0.5, BELT_Y + 0.5, "east") for x in range(start, end))
    plan.add("coal belt", Cell("coal belt", belt))
    for number in range(8):
        x = start + 3 * number
        parts = [
            Part("electric-mining-drill", x + 1.5, BELT_Y - 1.5, "south"),
            Part("electric-mining-drill", x + 1.5, BELT_Y + 2.5, "north"),
        ]
        plan.add("power coal", Cell("power coal", tuple(parts)))


def plan_makers(plan: Plan) -> None:
    """Plan rows of machines that need no fluid, and the laboratories."""
    rows: dict[int, list[tuple[str, Cell]]] = {}

    def row(top: int, *entries: tuple[str, int, Cell]) -> None:
        rows[top] = [(name, cell) for name, count, cell in entries for _ in range(count)]

    slow = "inserter"
    one = "assembling-machine-1"
    row(
        -80,
        ("circuit", 8, cells.circuit_maker()),
        ("cable", 2, maker("copper-cable", crafts=400, enough=1_000)),
    )
    row(
        -66,
        ("gear", 1, maker("iron-gear-wheel", one, inserter=slow, crafts=200, enough=400)),
        ("gear", 3, maker("iron-gear-wheel", one, crafts=200, enough=400)),
        ("red", 5, maker("automation-science-pack", one, inserter=slow, enough=600)),
        ("belt", 1, maker("transport-belt", one, inserter=slow)),
        ("inserter", 1, maker("inserter", one, inserter=slow)),
        ("green", 5, maker("logistic-science-pack", one, inserter=slow, enough=600)),
        ("pipe", 1, maker("pipe", one, crafts=200)),
    )
    row(
        -58,
        ("engine", 4, maker("engine-unit", crafts=100)),
        ("advanced circuit", 7, maker("advanced-circuit", crafts=200, enough=1_500)),
        ("blue", 5, maker("chemical-science-pack", crafts=100, enough=600)),
    )
    row(
        -50,
        ("stick", 1, maker("iron-stick", crafts=200)),
        ("rail", 1, maker("rail", crafts=400, enough=1_000)),
        ("electric furnace", 1, maker("electric-furnace", crafts=40, enough=100)),
        ("productivity module", 2, maker("productivity-module", crafts=60, enough=100)),
        ("purple", 2, maker("production-science-pack", crafts=20, enough=600)),
        ("low density structure", 4, maker("low-density-structure", crafts=40, enough=1_200)),
        ("robot frame", 2, maker("flying-robot-frame", crafts=40, enough=100)),
        ("yellow", 2, maker("utility-science-pack", crafts=40, enough=600)),
    )
    for top, entries in rows.items():
        poles: list[Part] = []
        for place, (name, cell) in enumerate(entries):
            whole = cell.at(-40 + 3 * place, top)
            poles += [part for part in whole.parts if part.item == cells.POLE]
            rest = tuple(part for part in whole.parts if part.item != cells.POLE)
            plan.add(name, Cell(name, rest))
        # The poles of a row are built at once: its cells are not built from one end to the other.
        plan.add(f"poles of row {top}", Cell("poles", tuple(poles)))
    for number in range(4):
        plan.add("labs", *(cell.at(-40, -40 + 6 * number) for cell in cells.lab_row(6, PACKS)))
    plan.add(
        "depot",
        *(Cell("depot", (Part("iron-chest", -38.5 + 2 * k, -11.5, gives=True),)) for k in range(6)),
    )
    silo = Part("rocket-silo", -30.5, 2.5)
    arms = [Part(cells.POLE, x, y) for x, y in ((-36.5, 8.5), (-32.5, 7.5), (-28.5, 7.5))]
    for number, item in enumerate(("processing-unit", "low-density-structure", "rocket-fuel")):
        x = -33.5 + 2 * number
        wants = (Want(item, low=50, high=200, rank=0),)
        arms += [Part("iron-chest", x, 8.5, wants=wants), Part("inserter", x, 7.5, "south")]
    plan.add("silo", Cell("silo", (silo, *arms)))
    plan.add("landing pad", Cell("landing pad", (Part("cargo-landing-pad", -18, 2),)))


FLUID_ROWS: tuple[tuple[float, tuple[tuple[str, str, str], ...]], ...] = (
    (
        -44.5,
        (
            ("plastic", "chemical-plant", "plastic-bar"),
            ("plastic", "chemical-plant", "plastic-bar"),
            ("sulfur", "chemical-plant", "sulfur"),
            ("solid fuel", "chemical-plant", "solid-fuel-from-petroleum-gas"),
            ("solid fuel", "chemical-plant", "solid-fuel-from-light-oil"),
            ("rocket fuel", "assembling-machine-2", "rocket-fuel"),
            ("rocket fuel", "assembling-machine-2", "rocket-fuel"),
            ("rocket fuel", "assembling-machine-2", "rocket-fuel"),
        ),
    ),
    (
        -29.5,
        (
            ("acid", "chemical-plant", "sulfuric-acid"),
            ("battery", "chemical-plant", "battery"),
            ("processing unit", "assembling-machine-2", "processing-unit"),
            ("processing unit", "assembling-machine-2", "processing-unit"),
            ("lubricant", "chemical-plant", "lubricant"),
            ("electric engine", "assembling-machine-2", "electric-engine-unit"),
            ("concrete", "assembling-machine-2", "concrete"),
        ),
    ),
)
REFINERIES = ("basic-oil-processing",) * 4 + ("advanced-oil-processing",)
"""From west to east; only the last gives heavy and light oil.

Heavy oil goes into tanks: there is room for more of it than comes with the light oil of a rocket,
and none is cracked, so that lubricant never lacks.
"""

CRAFTS = {
    "plastic-bar": 1_000,
    "processing-unit": 60,
    "rocket-fuel": 40,
    "battery": 100,
    "concrete": 40,
}
ENOUGH = {
    "plastic-bar": 2_000,
    "processing-unit": 1_400,
    "rocket-fuel": 1_000,
    "concrete": 1_000,
}


def plan_fluids(plan: Plan) -> None:
    """Plan wells, refineries, tanks and everything that is piped."""
    machines: list[tuple[str, Part]] = []
    for x, y in OIL_WELLS:
        pump = Cell("pumpjack", (Part(cells.POLE, x + 2, y), Part("pumpjack", x, y)))
        plan.add("pumpjack", pump)
    for number, recipe in enumerate(REFINERIES):
        part = Part("oil-refinery", 42.5 + 12 * number, -66.5, "south", recipe)
        plan.add("refinery", Cell("refinery", (part, Part(cells.POLE, part.x + 4, part.y))))
        machines.append(("refinery", part))
    for y, entries in FLUID_ROWS:
        for place, (name, machine, recipe) in enumerate(entries):
            x = 34.5 + 9 * place
            cell = (
                cells.acid_maker()
                if recipe == "sulfuric-acid"
                else maker(
                    recipe, machine, crafts=CRAFTS.get(recipe, 50), enough=ENOUGH.get(recipe, 300)
                )
            ).at(x - 1.5, y - 1.5)
            plan.add(name, cell)
            plan.add("fluid poles", Cell("pole", (Part(cells.POLE, x + 4.5 - 0.5, y + 2),)))
            machines.extend((name, part) for part in cell.parts if part.item == machine)
    site = plan.site
    plan.note(
        "fluid poles",
        site.poles((SPINE_X, -51.5), (24.5, -51.5), (30.5, -54.5), (37.5, -61.5), (100.5, -61.5)),
        site.poles((37.5, -61.5), (37.5, -81.5), (106.5, -81.5)),
        site.poles((30.5, -54.5), (30.5, -27.5)),
    )
    pipe_fluids(plan, machines)


TANK_ENDS = ((-2, -1), (-1, -2), (2, 1), (1, 2))
"""Where a storage tank opens, from its middle; the plan uses the first."""

INTAKE: Tile = (60, LAKE[0][1] - 2)
"""The tile before the offshore pump of the water for fluids."""


def pipe_fluids(plan: Plan, machines: list[tuple[str, Part]]) -> None:
    """Plan the pipes: what each machine takes and gives, by fluid."""
    pipes = Pipes(plan.site, ((26, -92), (119, 60)))
    tanks = [Part("storage-tank", 104.5, -56.5 + 6 * number) for number in range(3)]
    wells = [(math.floor(x + 1), math.floor(y - 2)) for x, y in OIL_WELLS]
    outlets = [before(tank, TANK_ENDS[0]) for tank in tanks]
    for tank in tanks:
        plan.add("tank", Cell("tank", (tank,)))
        pipes.open_ends.update({before(tank, end): "" for end in TANK_ENDS})
    pipes.open_ends.update(dict.fromkeys(outlets, "heavy-oil"))
    pipes.open_ends.update(dict.fromkeys(wells, "crude-oil"))
    pipes.open_ends[INTAKE] = "water"
    for _, part in machines:
        pipes.keep_clear(part)
    pump = Part("offshore-pump", INTAKE[0] + 0.5, INTAKE[1] + 1.5, "south")
    plan.add("water intake", Cell("water intake", (pump,)))
    # From the wells to the refineries first: what comes later finds its way round.
    for tile in wells:
        plan.note("pumpjack pipes", pipes.connect("crude-oil", tile))
    refineries = [entry for entry in machines if entry[1].item == "oil-refinery"]
    connect_machines(plan, pipes, refineries)
    for tile in outlets:
        plan.note("tank pipes", pipes.connect("heavy-oil", tile))
    connect_machines(plan, pipes, [entry for entry in machines if entry not in refineries])
    plan.note("water pipes", pipes.connect("water", INTAKE))
    for _, part in machines:
        if "water" in ports(part):
            plan.note("water pipes", pipes.connect("water", ports(part)["water"]))


def before(part: Part, end: Tile) -> Tile:
    """Return the tile at a distance from the middle of a part."""
    return math.floor(part.x + end[0]), math.floor(part.y + end[1])


def connect_machines(plan: Plan, pipes: Pipes, machines: list[tuple[str, Part]]) -> None:
    """Plan the pipes of machines, but those for water, which come last."""
    for name, part in machines:
        for fluid, tile in sorted(ports(part).items()):
            if fluid != "water":
                plan.note(f"{name} pipes", pipes.connect(fluid, tile))


def plan_poles(plan: Plan) -> None:
    """Plan the lines that join everything to the engines."""
    site = plan.site
    x = SPINE_X
    plan.note("poles to the base", site.poles((-20.5, 67.5), (x, 67.5), (x, -78.5)))
    plan.note("poles to iron", site.poles((x, -71.5), (-107.5, -71.5)))
    plan.note("poles to copper", site.poles((x, -13.5), (-107.5, -13.5)))
    plan.note("poles to coal", site.poles((x, 32.5), (-60.5, 32.5)))
    plan.note("poles to stone", site.poles((-60.5, 32.5), (-66.5, 46.5), (-107.5, 46.5)))
    plan.note(
        "poles to power coal",
        site.poles((x, 67.5), (-37.5, 71.5), (-61.5, 71.5), (-61.5, 79.5), (-36.5, 79.5)),
    )
