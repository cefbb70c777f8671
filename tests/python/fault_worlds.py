"""Thirty small factories with one planted fault each, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factorio_fast import World
from fault_rig import (
    CABLE,
    CIRCUIT,
    COPPER,
    GEAR,
    IRON,
    RED,
    FaultWorld,
    at,
    belt,
    circuits,
    engine,
    furnace_cell,
    gear_cells,
    hub,
    lab_of_technologies,
    maker,
    powered,
    replace,
    smelter,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fault_rig import Build, Mend, Position

FAULTS: list[FaultWorld] = []


def fault(
    kind: str, at_position: Position, product: str, mend: Mend, **settings: Any
) -> Callable[[Build], Build]:
    """Register the world that a function builds."""

    def register(build: Build) -> Build:
        name = build.__name__
        FAULTS.append(
            FaultWorld(
                name=name,
                kind=kind,
                at=at_position,
                product=product,
                build=build,
                mend=mend,
                **settings,
            )
        )
        return build

    return register


def fuel(name: str) -> Mend:
    def mend(world: World) -> None:
        for entity in world.entities(name):
            entity.insert("coal", 50)

    return mend


def place(name: str, position: Position, direction: str = "north", **settings: Any) -> Mend:
    def mend(world: World) -> None:
        world.place(name, position, direction, **settings)

    return mend


def set_recipe(position: Position, recipe: str) -> Mend:
    def mend(world: World) -> None:
        at(world, position).set_recipe(recipe)

    return mend


def upgrade(name: str, new_name: str, *positions: Position) -> Mend:
    def mend(world: World) -> None:
        replace(world, name, new_name, list(positions) or None)

    return mend


def bring(position: Position, item: str, count: int) -> Mend:
    def mend(world: World) -> None:
        at(world, position).insert(item, count)

    return mend


# --- Fuel ----------------------------------------------------------------------------------------


@fault("no-fuel", (3, 3), IRON, fuel("stone-furnace"))
def furnace_without_fuel() -> World:
    return smelter(n_drills=2, n_furnaces=3, unfuelled=0)


@fault("no-fuel", (3, 3), IRON, fuel("stone-furnace"))
def furnaces_without_fuel() -> World:
    return smelter(n_drills=2, n_furnaces=3, coal=0)


@fault("no-fuel", (0, 0), IRON, fuel("burner-mining-drill"))
def burner_drill_without_fuel() -> World:
    world = powered()
    world.set_resource("iron-ore", ((-2, -2), (2, 2)), 100_000)
    world.place("burner-mining-drill", (0, 0), "east")
    world.place("stone-furnace", (2, 0), items={"coal": 50})
    world.place("inserter", (3.5, 0.5), "west")
    world.place("steel-chest", (4.5, 0.5))
    return world


@fault("no-fuel", (-0.5, -1.5), GEAR, fuel("burner-inserter"), warm_ticks=9_000)
def burner_inserter_without_fuel() -> World:
    world = lab_of_technologies()
    maker(world, GEAR, {IRON: 200}, inserter="burner-inserter")
    return world


@fault("no-fuel", (24.5, 7), GEAR, fuel("boiler"), warm_ticks=1_200, window_ticks=18_000)
def boiler_without_fuel() -> World:
    world = World(96, 48)
    world.research("automation")
    gear_cells(world, 4, "assembling-machine-1")
    world.place("boiler", (24.5, 7), "north")
    world.place("pipe", (22.5, 7.5)).keep_full("water")
    world.place("steam-engine", (24.5, 3.5), "north")
    for x in (-10, 6, 20):
        world.place("substation", (x, 1))
    return world


@fault("no-fuel", (3, 3), IRON, bring((5.5, 3.5), "coal", 500))
def furnace_whose_coal_chest_is_empty() -> World:
    world = smelter(n_drills=1, n_furnaces=1, coal=0)
    world.place("inserter", (4.5, 3.5), "east")
    world.place("steel-chest", (5.5, 3.5))
    return world


# --- Power ---------------------------------------------------------------------------------------


def mend_with_hub(world: World) -> None:
    hub(world, (6, 0))


@fault("no-power", (0.5, 0.5), GEAR, mend_with_hub)
def machine_without_power() -> World:
    world = World(48, 48)
    world.research("automation")
    maker(world, GEAR, {IRON: 200})
    return world


@fault("no-power", (-0.5, -1.5), GEAR, place("small-electric-pole", (1.5, -2.5)))
def inserter_without_power() -> World:
    world = World(48, 48)
    world.research("automation")
    maker(world, GEAR, {IRON: 200})
    world.place("small-electric-pole", (2.5, 2.5))
    world.place("electric-energy-interface", (4, 4))
    return world


@fault("no-power", (-22.5, -1.5), IRON, lambda world: hub(world, (-23, -8)))
def drill_without_power() -> World:
    world = smelter(n_drills=1, n_furnaces=3)
    world.set_resource("iron-ore", ((-26, -4), (-20, 0)), 100_000)
    belt(world, 0, -24, -10)
    world.place("electric-mining-drill", (-22.5, -1.5), "south")
    return world


@fault("low-power", (-39.5, -4.5), GEAR, lambda world: engine(world, 16.5))
def brown_out() -> World:
    world = World(96, 48)
    world.research("automation")
    gear_cells(world, 14, "assembling-machine-1")
    engine(world, 6.5)
    return world


@fault("low-power", (-38.5, -4.5), "iron-ore", lambda world: engine(world, 16.5))
def drills_on_one_engine() -> World:
    world = World(96, 48)
    world.set_resource("iron-ore", ((-40, -7), (10, -2)), 100_000)
    for step in range(12):
        world.place("electric-mining-drill", (-38.5 + 4 * step, -4.5), "south")
        world.place("steel-chest", (-38.5 + 4 * step, -2.5))
        if step % 4 == 0:
            world.place("substation", (-36 + 4 * step, 1))
    engine(world, 6.5)
    return world


# --- Recipes -------------------------------------------------------------------------------------


@fault("wrong-recipe", (0.5, 0.5), GEAR, set_recipe((0.5, 0.5), GEAR), item=CABLE)
def machine_for_cable_gets_iron() -> World:
    world = lab_of_technologies()
    maker(world, CABLE, {IRON: 200}).set_recipe(CABLE)
    at(world, (0.5, 3.5)).insert(GEAR, 10)
    return world


@fault("wrong-recipe", (-3.5, 0.5), RED, set_recipe((-3.5, 0.5), GEAR), item="iron-stick")
def science_gets_sticks_for_gears() -> World:
    world = lab_of_technologies()
    world.enable_all_recipes()
    maker(world, RED, {COPPER: 200})
    world.place("fast-inserter", (-1.5, 0.5), "west")
    world.place("assembling-machine-1", (-3.5, 0.5), recipe="iron-stick")
    world.place("fast-inserter", (-3.5, -1.5), "north")
    world.place("infinity-chest", (-3.5, -2.5), items={IRON: 200})
    return world


@fault("no-recipe", (0.5, 0.5), GEAR, set_recipe((0.5, 0.5), GEAR))
def machine_without_recipe() -> World:
    world = lab_of_technologies()
    maker(world, None, {IRON: 200})
    at(world, (0.5, 3.5)).insert(GEAR, 10)
    return world


# --- Inserters -----------------------------------------------------------------------------------


@fault(
    "slow-inserter",
    (-0.5, -1.5),
    GEAR,
    upgrade("burner-inserter", "inserter"),
    warm_ticks=600,
)
def burner_inserter_too_slow() -> World:
    world = lab_of_technologies()
    maker(world, GEAR, {IRON: 200}, machine="assembling-machine-2", inserter="burner-inserter")
    at(world, (-0.5, -1.5)).insert("coal", 50)
    return world


@fault("slow-inserter", (-0.5, -1.5), GEAR, upgrade("inserter", "fast-inserter"))
def inserter_too_slow() -> World:
    world = lab_of_technologies()
    maker(world, GEAR, {IRON: 200}, machine="assembling-machine-2", inserter="inserter")
    return world


@fault("slow-inserter", (0.5, 2.5), CABLE, upgrade("inserter", "fast-inserter"))
def outlet_too_slow() -> World:
    world = lab_of_technologies()
    maker(world, CABLE, {COPPER: 200}, machine="assembling-machine-2", out="inserter")
    return world


@fault(
    "slow-inserter",
    (0.5, 1.5),
    IRON,
    upgrade("inserter", "fast-inserter", (0.5, 1.5)),
)
def one_inserter_for_a_whole_belt() -> World:
    """Unload a belt of plates by a single arm."""
    world = powered()
    belt(world, 0, -10, 2)
    world.place("infinity-chest", (-9.5, -1.5), items={IRON: 200})
    world.place("fast-inserter", (-9.5, -0.5), "north")
    world.place("inserter", (0.5, 1.5), "north")
    world.place("steel-chest", (0.5, 2.5))
    return world


# --- Machines ------------------------------------------------------------------------------------


@fault(
    "too-few-machines",
    (-8.5, -1.5),
    IRON,
    place("electric-mining-drill", (-5.5, -1.5), "south"),
)
def one_drill_too_few() -> World:
    return smelter(n_drills=1, n_furnaces=4)


def add_furnace(world: World) -> None:
    furnace_cell(world, 5)


@fault("too-few-machines", (3, 3), IRON, add_furnace)
def one_furnace_too_few() -> World:
    return smelter(n_drills=3, n_furnaces=1)


def add_cable_machine(world: World) -> None:
    world.place("fast-inserter", (2.5, 0.5), "east")
    world.place("assembling-machine-1", (4.5, 0.5), recipe=CABLE)
    world.place("fast-inserter", (4.5, -1.5), "north")
    world.place("infinity-chest", (4.5, -2.5), items={COPPER: 200})


@fault("too-few-machines", (-3.5, 0.5), CIRCUIT, add_cable_machine)
def one_cable_machine_too_few() -> World:
    world = lab_of_technologies()
    circuits(world)
    return world


# --- Belts ---------------------------------------------------------------------------------------


def loaded_belt(n_loaders: int, n_unloaders: int) -> World:
    """Load one lane of a yellow belt by fast inserters and unload it by others."""
    world = powered()
    belt(world, 0, -9, 9)
    for step in range(n_loaders):
        world.place("infinity-chest", (-8.5 + step, -1.5), items={IRON: 200})
        world.place("fast-inserter", (-8.5 + step, -0.5), "north")
    for step in range(n_unloaders):
        world.place("fast-inserter", (step + 0.5, 1.5), "north")
        world.place("steel-chest", (step + 0.5, 2.5))
    return world


@fault(
    "saturated-belt",
    (-4.5, 0.5),
    IRON,
    upgrade("transport-belt", "fast-transport-belt"),
    window_ticks=7_200,
)
def lane_too_slow() -> World:
    return loaded_belt(5, 6)


def unjam(world: World, item: str = CABLE) -> None:
    for entity in world.entities("transport-belt"):
        while entity.take(item, 8):
            pass


@fault("blocked-belt", (15.5, 0.5), IRON, unjam, item=CABLE)
def cable_on_the_belt() -> World:
    world = smelter(n_drills=2, n_furnaces=3)
    for entity in world.entities("transport-belt"):
        for position in range(0, 256, 64):
            entity.insert_at(1, CABLE, position)
            entity.insert_at(2, CABLE, position)
    return world


# --- Chests and outlets --------------------------------------------------------------------------


@fault("full", (2.5, 5.5), IRON, lambda world: _empty(world, (2.5, 5.5)), item=IRON)
def full_chest_of_plates() -> World:
    world = smelter(n_drills=1, n_furnaces=1, chest="wooden-chest")
    at(world, (2.5, 5.5)).insert(IRON, 1_600)
    return world


def _empty(world: World, position: Position) -> None:
    chest = at(world, position)
    for item, count in chest.inventory("contents").items():
        chest.take(item, count)


@fault("full", (0.5, 3.5), GEAR, lambda world: _empty(world, (0.5, 3.5)), item=GEAR)
def full_chest_of_stone() -> World:
    world = lab_of_technologies()
    maker(world, GEAR, {IRON: 200}, chest="wooden-chest")
    at(world, (0.5, 3.5)).insert("stone", 800)
    return world


def add_outlet(world: World) -> None:
    world.place("fast-inserter", (0.5, 2.5), "north")
    world.place("steel-chest", (0.5, 3.5))


@fault("no-outlet", (0.5, 0.5), GEAR, add_outlet, item=GEAR, warm_ticks=9_000)
def machine_without_outlet() -> World:
    world = lab_of_technologies()
    maker(world, GEAR, {IRON: 200}, out=None)
    return world


# --- Ingredients and ore -------------------------------------------------------------------------


@fault("missing-ingredient", (-3.5, 0.5), CIRCUIT, bring((-3.5, -2.5), COPPER, 4_000), item=COPPER)
def copper_for_circuits_is_missing() -> World:
    world = lab_of_technologies()
    circuits(world, copper=0)
    return world


def lay_ore(world: World) -> None:
    world.set_resource("iron-ore", ((-12, -4), (2, 0)), 100_000)


@fault("depleted", (-8.5, -1.5), IRON, lay_ore)
def ore_is_used_up() -> World:
    world = smelter(n_drills=2, n_furnaces=4)
    world.set_resource("iron-ore", ((-12, -4), (2, 0)), 0)
    return world


@fault("depleted", (-8.5, -1.5), IRON, lay_ore)
def one_drill_has_no_ore_left() -> World:
    world = smelter(n_drills=2, n_furnaces=4)
    world.set_resource("iron-ore", ((-12, -4), (-6, 1)), 0)
    return world


# --- Research, and belts of all kinds ------------------------------------------------------------


def researched_units(world: World) -> float:
    """Count the units of logistics 2 that are done."""
    current = world.current_research
    return current[1] * 200 if current is not None else 0.0


@fault(
    "missing-ingredient",
    (0.5, 0.5),
    "research",
    bring((0.5, -2.5), "logistic-science-pack", 200),
    item="logistic-science-pack",
    output=researched_units,
)
def lab_without_green_packs() -> World:
    world = lab_of_technologies()
    for technology in ("logistics", "logistic-science-pack"):
        world.research(technology)
    world.place("lab", (0.5, 0.5))
    world.place("inserter", (-0.5, -1.5), "north")
    world.place("infinity-chest", (-0.5, -2.5), items={RED: 200})
    world.place("inserter", (0.5, -1.5), "north")
    world.place("steel-chest", (0.5, -2.5))
    world.start_research("logistics-2")
    return world


def ore_and_coal(*, coal: int = 0) -> World:
    """Build furnaces that get ore and coal on one belt; the drill on coal is still to be placed."""
    world = World(64, 48)
    for x in (-10, 8):
        hub(world, (x, 10))
    world.place("substation", (-10, -1))
    world.set_resource("iron-ore", ((-8, 1), (2, 6)), 100_000)
    world.set_resource("coal", ((-11, -16), (-1, -11)), 100_000)
    belt(world, 0, -5, 16)
    world.place("electric-mining-drill", (-3.5, 2.5), "north")
    world.place("electric-mining-drill", (-0.5, 2.5), "north")
    for y in range(-15, 0):
        world.place("transport-belt", (-5.5, y + 0.5), "south")
    world.place("transport-belt", (-5.5, 0.5), "east")
    for step in range(3):
        furnace_cell(world, 4 + 3 * step, coal=coal)
    return world


@fault("no-power", (-3.5, -13.5), IRON, place("substation", (-9, -12)))
def coal_drill_without_power() -> World:
    world = ore_and_coal()
    world.place("electric-mining-drill", (-3.5, -13.5), "west")
    return world


@fault("too-few-machines", (10, 3), IRON, lambda world: furnace_cell(world, 12))
def furnaces_behind_splitter_and_tunnel() -> World:
    world = powered()
    world.set_resource("iron-ore", ((-12, -4), (2, 0)), 100_000)
    for step in range(3):
        world.place("electric-mining-drill", (-8.5 + 3 * step, -1.5), "south")
    belt(world, 0, -10, 1)
    world.place("underground-belt", (1.5, 0.5), "east", type="input")
    world.place("underground-belt", (5.5, 0.5), "east", type="output")
    world.place("splitter", (6.5, 0), "east")
    belt(world, 0, 7, 16)
    furnace_cell(world, 9)
    return world


@fault(
    "too-few-machines",
    (-8.5, -1.5),
    IRON,
    place("electric-mining-drill", (-5.5, -1.5), "south"),
)
def belt_with_turns_and_side_feed() -> World:
    """Lead ore round two corners and onto another belt from its side."""
    world = powered()
    world.set_resource("iron-ore", ((-12, -4), (2, 0)), 100_000)
    world.place("electric-mining-drill", (-8.5, -1.5), "south")
    belt(world, 0, -10, -2)
    world.place("transport-belt", (-1.5, 0.5), "south")
    world.place("transport-belt", (-1.5, 1.5), "south")
    world.place("transport-belt", (-1.5, 2.5), "east")
    world.place("transport-belt", (-0.5, 2.5), "north")
    world.place("transport-belt", (-0.5, 1.5), "north")
    belt(world, 0, -1, 12)
    for step in range(3):
        furnace_cell(world, 2 + 3 * step)
    return world


def give_coal_a_lane_of_its_own(world: World) -> None:
    unjam(world, "coal")
    world.remove(at(world, (-7.5, -13.5)))
    world.place("electric-mining-drill", (-3.5, -13.5), "west")


@fault(
    "blocked-belt",
    (3.5, 0.5),
    IRON,
    give_coal_a_lane_of_its_own,
    item="coal",
    warm_ticks=24_000,
)
def too_much_coal_on_the_lane_of_the_ore() -> World:
    world = ore_and_coal(coal=20)
    world.place("substation", (-10, -12))
    world.place("electric-mining-drill", (-7.5, -13.5), "east")
    return world
