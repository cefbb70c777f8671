"""Plans of factories: smelters, mines, power, research, machines beside a belt."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from factorio_fast.coordination.tasks import SkillTask
from factorio_fast.planning.cells import Part, drill_chest, turns
from factorio_fast.planning.chains import block_for, raw_rates, watts_of
from factorio_fast.planning.draft import (
    CELL_RATE,
    FIRST_COAL,
    MAX_COLUMN_CELLS,
    cells_for,
    cells_of,
    fuel_task,
)
from factorio_fast.planning.layout import LayoutError
from factorio_fast.planning.lines import (
    COAL_DRILL_WATTS,
    LineLayout,
    everything,
)
from factorio_fast.planning.power import ENGINE_WATTS, engines_for, find_plant
from factorio_fast.planning.technologies import (
    locked_recipes,
    technologies_for,
    technology,
    unlocking,
)
from factorio_fast.plays.recipes import can_craft, shortages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factorio_fast.planning.draft import (
        Draft,
    )
    from factorio_fast.planning.lines import (
        BeltLine,
        CoalLine,
        Column,
    )
    from factorio_fast.planning.power import Plant

__all__ = ["FactoryPlanner"]

Position = tuple[float, float]

LAST_COAL = 24
"""Pieces of coal that machines hold at the end: a burner drill runs on them for ten minutes."""
BOILER_COAL = 20
STORE_COAL = 100
"""Pieces of coal in the chest of a boiler: an hour and more at a tenth of its power."""
SETTLE_SECONDS = 120.0
"""Until belts are filled and machines work at their rate."""
SETTLE_FED_SECONDS = 300.0
"""The same where belts bring coal: each machine passes it on only when it has enough."""
INSERTER_WATTS = 14e3
LAB_SECONDS = 1_200.0
"""Another laboratory is built for every so long that one would take."""
MAX_LABS = 6
RESEARCH_SLACK_SECONDS = 1_800.0
BURNER_WATTS = {"burner-mining-drill": 150e3, "stone-furnace": 90e3, "burner-inserter": 40e3}
"""What a machine burns at full work (prototype data 2.0.77; of the inserter, measured)."""


class FactoryPlanner:
    """Adds the steps of factories to a draft."""

    def __init__(self, draft: Draft, near: Position) -> None:
        self.draft = draft
        self.near = near
        self.plant: Plant | None = None
        self.hub: Position | None = None
        """The pole that power comes from."""
        self.is_plant_built = False
        self.plant_is_fed = False
        """Whether a belt brings the boilers' coal."""

    def smelter_array(self, item: str, n_cells: int) -> None:
        """Plan drills that feed furnaces that fill chests.

        Raises:
            LayoutError: there is no room, or no ore.
        """
        draft = self.draft
        if item == "steel-plate":
            self.unlock(["steel-plate"])
        sites = draft.columns(item, n_cells, self.near)
        parts = [part for site in sites for part in site.parts]
        self.pay_for(parts, own=item)
        cells = [cell for site in sites for cell in cells_of(site)]
        draft.first_cells(f"smelt {item}", cells)
        rest = [part for part in parts if part.role in {"out", "store"}]
        draft.build(f"empty the furnaces of {item}", rest, coal=1)
        draft.refuel(LAST_COAL)
        draft.rates[item] = n_cells * CELL_RATE[item]
        draft.notes.append(
            "drills, furnaces and burner inserters are fuelled by hand; what they are given lasts "
            "about ten minutes, and FUEL gives more"
        )
        self.settle(60.0)

    def mine(self, item: str, n_drills: int) -> None:
        """Plan burner drills that fill chests with what they mine.

        Raises:
            LayoutError: there is no room, or no such resource.
        """
        draft = self.draft
        left = n_drills
        sites = []
        while left > 0:
            length = min(left, MAX_COLUMN_CELLS)
            _, area = draft.patch(item, self.near, length)
            found = draft.solver.sites(
                drill_chest(length),
                self.near,
                choices=turns(mirrored=False),
                resource=item,
                area=area,
            )
            if not found:
                raise LayoutError(f'no room for {length} drills in a row on the "{item}"')
            sites.append(draft.solver.claim(found[0]))
            left -= length
        self.pay_for([part for site in sites for part in site.parts])
        for site in sites:
            draft.build(f"mine {item}", site.parts, coal=FIRST_COAL)
        draft.refuel(LAST_COAL)
        draft.rates[item] = n_drills * 15.0
        self.settle(30.0)

    def pay_for(self, parts: Iterable[Part], own: str = "") -> None:
        """Plan the first furnaces for the plates that parts are made of.

        Args:
            parts: what will be built.
            own: an item whose smelters are among the parts: they help themselves.
        """
        draft = self.draft
        _, raw = shortages(dict(Counter(part.entity for part in parts)), draft.carried)
        for item in ("iron-plate", "copper-plate", "stone-brick", "steel-plate"):
            if item != own:
                draft.ensure_plates(item, raw[item], self.near)

    def settle(self, seconds: float) -> None:
        """Add the wait until what was built works at its rate."""
        self.draft.step(
            "let it run in",
            [SkillTask("WAIT", seconds=seconds, fuel=True, budget_seconds=seconds + 600)],
        )

    def power(self, watts: float) -> None:
        """Plan a power plant near, or take the power of one that has enough to spare.

        Raises:
            LayoutError: there is no shore for it.
        """
        draft = self.draft
        if self.hub is None:
            self.hub = self.spare_hub(watts)
            if self.hub is not None:
                draft.notes.append("power comes from the plant that stands")
            else:
                self.plant = find_plant(draft.solver, self.near, engines_for(watts))
                self.hub = self.plant.hub
        if self.plant is not None and not self.is_plant_built:
            self.build_plant(self.plant)
        draft.power_watts = max(draft.power_watts, watts)

    def spare_hub(self, watts: float) -> Position | None:
        """Return the nearest pole of a network whose generators have so much to spare."""
        world = self.draft.world
        engines: Counter[int] = Counter()
        for engine in world.entities("steam-engine"):
            if engine.power_network is not None:
                engines[engine.power_network] += 1
        demand = {network.number: network.demand_watts for network in world.power()}
        poles = [
            pole.position
            for pole in world.entities("small-electric-pole")
            if pole.power_network is not None
            and engines[pole.power_network] * ENGINE_WATTS
            >= 1.1 * (watts + demand.get(pole.power_network, 0.0))
        ]
        return min(poles, key=lambda at: math.dist(at, self.near), default=None)

    def power_plant(self, n_engines: int) -> None:
        """Plan a power plant by itself, with coal for it.

        Raises:
            LayoutError: there is no shore for it.
        """
        self.draft.ensure_plates("iron-plate", 60 + 40 * n_engines, self.near)
        self.coal(1)
        self.plant = find_plant(self.draft.solver, self.near, n_engines)
        self.hub = self.plant.hub
        self.power(n_engines * ENGINE_WATTS)
        self.stock_plant()

    def build_plant(self, plant: Plant) -> None:
        """Add the steps of a power plant; its boilers are started by hand."""
        self.is_plant_built = True
        on_belt = {(part.x, part.y) for part in plant.row} if self.plant_is_fed else set()
        parts = [part for part in plant.site.parts if (part.x, part.y) not in on_belt]
        self.pay_for(parts)
        self.draft.build(
            "build the power plant",
            parts,
            extra=[
                fuel_task(plant.boilers, BOILER_COAL),
                fuel_task(plant.site.of_role("feeder"), 2),
            ],
        )
        self.no_fuel_by_hand(parts)

    def stock_plant(self) -> None:
        """Add the task of filling the chests that feed the boilers."""
        if self.plant is None:
            return
        tasks = []
        for store in self.plant.stores:
            tasks += [
                SkillTask(
                    "GATHER", items={"coal": STORE_COAL}, budget_seconds=600 + 5 * STORE_COAL
                ),
                SkillTask(
                    "INSERT",
                    target=(store.x, store.y),
                    items={"coal": STORE_COAL},
                    budget_seconds=120,
                ),
            ]
        self.draft.step("fill the chests of the boilers with coal", tasks)
        self.draft.notes.append(
            "boilers are fed by burner inserters from chests, which are filled by hand with coal "
            "from the coal drills"
        )

    def connect(self, title: str, goal: Position, entities: Iterable[Position]) -> None:
        """Plan poles from the plant to a pole.

        Raises:
            LayoutError: there is no line for them.
        """
        if self.hub is None:
            raise LayoutError("there is no power to connect with")
        poles = self.draft.solver.poles(self.hub, goal)
        targets = list(entities)
        if poles:
            self.draft.build(title, poles, skill="CONNECT_POWER", entities=targets)

    def unlock(self, items: Iterable[str]) -> None:
        """Plan the research that building or crafting some items takes.

        Raises:
            LayoutError: there is no way to do it.
        """
        world = self.draft.world
        names: list[str] = []
        for recipe in locked_recipes(world, items):
            options = unlocking(recipe)
            if not options:
                raise LayoutError(f'no technology unlocks the recipe "{recipe}"')
            names.append(min(options, key=lambda name: len(technologies_for(world, [name]))))
        self.research(technologies_for(world, names))

    def research(self, names: list[str]) -> None:
        """Plan the research of technologies, in this order, with packs made by hand.

        Raises:
            LayoutError: one takes packs that hands cannot make, or there is no room.
        """
        draft = self.draft
        units = [name for name in names if "unit" in technology(name) and not self.planned(name)]
        if not units:
            return
        packs: Counter[str] = Counter()
        seconds = 0.0
        for name in units:
            unit = technology(name)["unit"]
            if "count" not in unit:
                raise LayoutError(f'"{name}" has no fixed number of units')
            seconds += unit["count"] * unit["time"]
            for pack, amount in unit["ingredients"]:
                packs[pack] += amount * unit["count"]
        for pack in packs:
            if not can_craft(pack):
                raise LayoutError(f'"{pack}" cannot be made by hand; automate it first')
        for recipe in locked_recipes(draft.world, packs):
            self.research(
                [
                    name
                    for name in technologies_for(draft.world, unlocking(recipe)[:1])
                    if name not in units
                ]
            )
        self.do_research(units, packs, seconds)

    def planned(self, name: str) -> bool:
        """Whether the research of a technology is in the draft already."""
        return any(step.title == f"research {name}" for step in self.draft.steps)

    def do_research(self, units: list[str], packs: Counter[str], seconds: float) -> None:
        """Plan laboratories, if none stands, and the research in them."""
        draft = self.draft
        n_labs = max(1, min(MAX_LABS, math.ceil(seconds / LAB_SECONDS)))
        _, raw = shortages(dict(packs), Counter())
        items = Counter({"lab": n_labs, "steam-engine": 1, "boiler": 1, "offshore-pump": 1})
        _, built = shortages(dict(items), draft.carried)
        total = raw + built
        draft.ensure_plates("iron-plate", total["iron-plate"], self.near)
        self.coal(1)
        draft.ensure_plates("copper-plate", max(10, total["copper-plate"]), self.near)
        for item in ("stone-brick", "steel-plate"):
            if total[item]:
                if item == "steel-plate":
                    self.unlock(["steel-plate"])
                draft.ensure_plates(item, total[item], self.near)
        labs = self.labs(n_labs)
        for name in units:
            unit = technology(name)["unit"]
            one_lab = unit["count"] * unit["time"]
            made = shortages(
                {pack: n * unit["count"] for pack, n in unit["ingredients"]}, Counter()
            )
            budget = one_lab + RESEARCH_SLACK_SECONDS + 6 * sum(made[1].values())
            draft.step(
                f"research {name}",
                [
                    SkillTask(
                        "RESEARCH",
                        technology=name,
                        labs=labs,
                        budget_seconds=min(36_000.0, budget),
                    )
                ],
                after=[f"{name} is researched"],
            )

    def coal(self, n_drills: int) -> None:
        """Plan as many coal drills as are lacking to so many; those that stand count."""
        missing = n_drills - self.draft.coal_drills()
        if missing > 0:
            self.draft.coal_mine(missing, self.near)

    def labs(self, n_labs: int) -> list[Position]:
        """Plan laboratories beside the power plant, or take those that have power already."""
        draft = self.draft
        standing = [
            lab.position
            for lab in draft.world.entities("lab")
            if lab.power_network is not None and lab.status != "no-power"
        ]
        planned = [part.position for part in draft.blueprint if part.entity == "lab"]
        if standing or planned:
            return standing or planned
        self.power(n_labs * watts_of("lab"))
        assert self.hub is not None  # noqa: S101 - `power` has set it
        parts = [Part("small-electric-pole", 0.5, 1.5, role="pole")]
        for number in range(n_labs):
            x = 1 + 4 * number
            parts.append(Part("lab", x + 1.5, 1.5, role="lab"))
            if number + 1 < n_labs:
                parts.append(Part("small-electric-pole", x + 3.5, 1.5, role="pole"))
        for site in draft.solver.sites(parts, self.hub, radius=40, margin=1):
            saved = draft.terrain.blocked.copy()
            draft.solver.claim(site)
            pole = site.of_role("pole")[0]
            try:
                line = draft.solver.poles(self.hub, (pole.x, pole.y))
            except LayoutError:
                draft.terrain.blocked[:] = saved
                continue
            draft.build("build the laboratories", [*site.of_role("pole"), *site.of_role("lab")])
            labs = [(part.x, part.y) for part in site.of_role("lab")]
            if line:
                draft.build("connect the laboratories", line, skill="CONNECT_POWER", entities=labs)
            return labs
        raise LayoutError(f"no room for {n_labs} laboratories near the power plant")

    def automate(self, item: str, rate: float) -> None:
        """Plan machines beside a belt that make an item, with mines, smelters, belts and power.

        Raises:
            LayoutError: there is no room.
            ChainError: the item cannot be made so.
        """
        draft = self.draft
        block = block_for(item, rate)
        raw = {name: n / 1000 for name, n in raw_rates(item, rate).items()}
        cells = {name: cells_for(name, value) for name, value in raw.items()}
        watts = block.power_watts + INSERTER_WATTS * sum(cells.values())
        needs_plant = self.hub is None and self.spare_hub(watts) is None
        line = LineLayout(draft, self.near).lay(cells, block, watts, needs_plant=needs_plant)
        self.plant = line.plant
        if line.plant is not None:
            self.hub = line.plant.hub
        self.plant_is_fed = line.plant_coal is not None
        self.near = line.block.middle
        self.pay_for(everything(line))
        self.coal(2)
        self.unlock([item, *Counter(part.entity for part in everything(line))])
        self.power(watts)
        if line.plant_coal is not None and line.plant is not None:
            self.lay_coal("the power plant", line.plant_coal, line.plant.row)
        for column in line.columns:
            self.build_column(column)
        self.build_block(item, line)
        if line.plant_coal is None:
            self.stock_plant()
        if not all(column.is_fed for column in line.columns):
            draft.refuel(LAST_COAL)
        draft.rates |= {name: cells[name] * CELL_RATE[name] for name in cells}
        draft.rates[item] = block.rate_per_minute
        is_fed = all(column.is_fed for column in line.columns)
        draft.notes.append(
            "belts bring coal to drills and furnaces, coal drills feed themselves"
            if is_fed
            else "drills, furnaces and burner inserters of the smelters are fuelled by hand"
        )
        self.settle(SETTLE_FED_SECONDS if is_fed else SETTLE_SECONDS)

    def build_column(self, column: Column) -> None:
        """Add the steps of a column of smelters, and of the coal that it is fed."""
        draft, name = self.draft, column.item
        if column.coal is not None:
            self.lay_coal(f"the smelters of {name}", column.coal, ())
        if not column.is_fed:
            self.pay_for(column.site.parts, own=name)
            draft.first_cells(f"smelt {name}", cells_of(column.site))
            rest = [part for part in column.site.parts if part.role in {"out", "belt"}]
            rest.sort(key=lambda part: part.role != "belt")
            draft.build(f"put {name} on the belt", rest, skill="CONNECT_LOGISTICS", coal=1)
            return
        draft.build(f"smelt {name} beside a belt", column.site.parts, skill="CONNECT_LOGISTICS")
        self.no_fuel_by_hand(column.site.parts)
        poles = column.site.of_role("pole")
        self.connect_nearest(f"connect the smelters of {name}", poles, column.site.of_role("out"))

    def build_block(self, item: str, line: BeltLine) -> None:
        """Add the steps of the machines, their power and the belts that lead to them."""
        draft = self.draft
        draft.build(f"build the machines for {item}", line.block.parts)
        self.connect_nearest(
            "connect the machines with power",
            line.block.of_role("pole"),
            line.block.of_role("machine"),
        )
        for number, route in enumerate(line.routes):
            draft.build(f"lay belt {number + 1}", route, skill="CONNECT_LOGISTICS")

    def connect_nearest(self, title: str, poles: list[Part], machines: list[Part]) -> None:
        """Add the step of connecting the pole that is nearest to the plant.

        Raises:
            LayoutError: there is no line of poles.
        """
        assert self.hub is not None  # noqa: S101 - `power` has set it
        hub = self.hub
        pole = min(poles, key=lambda part: math.dist((part.x, part.y), hub))
        self.connect(title, (pole.x, pole.y), [(part.x, part.y) for part in machines])

    def lay_coal(self, where: str, line: CoalLine, row: Iterable[Part]) -> None:
        """Add the step of coal drills and their belt."""
        drills = line.site.parts
        self.draft.build(
            f"mine coal for {where}",
            [*row, *line.route, *drills],
            skill="CONNECT_LOGISTICS",
            extra=[fuel_task([part for part in drills if part.role == "drill"], FIRST_COAL)],
        )
        self.no_fuel_by_hand(drills)

    def no_fuel_by_hand(self, parts: Iterable[Part]) -> None:
        """Leave parts that belts feed out of the last round of fuel."""
        left = {(part.x, part.y) for part in parts}
        self.draft.burners = [part for part in self.draft.burners if (part.x, part.y) not in left]


def coal_drills_for(burners: Iterable[Part], power_watts: float) -> int:
    """Return how many burner drills mine what some machines and a power plant burn."""
    total = sum(BURNER_WATTS.get(part.entity, 0.0) for part in burners) + power_watts
    return math.ceil(total / COAL_DRILL_WATTS)
