"""Rows of mining drills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import (
    ORE_AREA,
    counter,
    drill_and_chest,
    power,
    settled,
    ticks_of_rises,
)

if TYPE_CHECKING:
    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


@measures("DRL-burner-rate")
def burner_rate(_: Row) -> Measurement:
    """Ore that comes into the chest in a second."""
    world, _drill, chest = drill_and_chest(300)
    before = chest.inventory()["iron-ore"]
    world.run(24_000)
    return (chest.inventory()["iron-ore"] - before) / 400


@measures("DRL-burner-first")
def burner_first(_: Row) -> Measurement:
    """Ticks at which ore comes into the chest."""
    world, _drill, chest = drill_and_chest()
    return tuple(ticks_of_rises(world, counter(chest, "iron-ore"), 3))


@measures("DRL-burner-10000")
def burner_long(_: Row) -> Measurement:
    """Ore in the chest after 10,000 ticks."""
    _world, _drill, chest = drill_and_chest(10_000)
    return chest.inventory()["iron-ore"]


def electric_drill_and_chest() -> tuple[World, Entity]:
    """Build an electric drill with power on iron ore; return its chest."""
    world = World(40, 40)
    world.set_resource("iron-ore", ((-2, -2), (3, 3)), 100_000)
    power(world)
    world.place("electric-mining-drill", (0.5, 0.5))
    return world, world.place("steel-chest", (0.5, -1.5))


@measures("DRL-electric-rate")
def electric_rate(_: Row) -> Measurement:
    """Ore that comes into the chest in a second."""
    world, chest = electric_drill_and_chest()
    world.run(600)
    before = chest.inventory()["iron-ore"]
    world.run(12_000)
    return (chest.inventory()["iron-ore"] - before) / 200


@measures("DRL-electric-period")
def electric_period(_: Row) -> Measurement:
    """Ticks between two ores, once it runs."""
    world, chest = electric_drill_and_chest()
    rises = ticks_of_rises(world, counter(chest, "iron-ore"), 4)
    return rises[3] - rises[2]


@measures("DRL-fuel")
def fuel(_: Row) -> Measurement:
    """Ore that one coal mines."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 1})
    chest = world.place("iron-chest", (-0.5, -1.5))
    settled(world, chest.inventory)
    return chest.inventory()["iron-ore"]


@measures("DRL-coal-per-ore")
def coal_per_ore(_: Row) -> Measurement:
    """Coal burnt, by the energy that is left of it, over ore mined."""
    world, drill, chest = drill_and_chest(243)

    def coal_left() -> float:
        _, joules = drill.burning or ("", 0.0)
        return drill.inventory("fuel").get("coal", 0) + (joules + drill.energy) / 4e6

    ore, coal = chest.inventory()["iron-ore"], coal_left()
    world.run(240 * 40)
    return (coal - coal_left()) / (chest.inventory()["iron-ore"] - ore)


@measures("DRL-furnace-cap")
def furnace_cap(_: Row) -> Measurement:
    """Ore in a cold furnace that a drill has filled."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 50})
    furnace = world.place("stone-furnace", (0, -2))
    settled(world, furnace.inventory)
    return furnace.inventory("source")["iron-ore"]


@measures("DRL-area", "DRL-area-burner")
def area(row: Row) -> Measurement:
    """Sides of the area in which a drill empties all tiles of one ore each."""
    world = World(40, 40)
    field = range(-6, 7)
    if row.id == "DRL-area":
        power(world)
        world.place("electric-mining-drill", (0.5, 0.5), "east")
        chest = world.place("steel-chest", (2.5, 0.5))
    else:
        world.place("burner-mining-drill", (0, 0), items={"coal": 50})
        chest = world.place("iron-chest", (-0.5, -1.5))
    world.set_resource("iron-ore", ((-6, -6), (7, 7)), 1)
    settled(world, chest.inventory)
    emptied = [(x, y) for y in field for x in field if world.resource((x, y)) is None]
    width = 1 + max(x for x, _ in emptied) - min(x for x, _ in emptied)
    if len(emptied) != width * width:
        raise RuntimeError(f"the drill did not empty a square: {emptied}")
    return width


@measures("DRL-drop-n")
def drop_north(_: Row) -> Measurement:
    """Where the first ore lies on the ground, from the drill's centre."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 1})
    world.run(243)
    ((position, _item, _count),) = world.items_on_ground()
    return position


@measures("DRL-drop-e")
def drop_east(_: Row) -> Measurement:
    """The tile on which the first ore lies."""
    world = World(40, 40)
    world.set_resource("iron-ore", ((-2, -2), (3, 3)), 1_000)
    power(world)
    world.place("electric-mining-drill", (0.5, 0.5), "east")
    world.run(200)
    (((x, y), _item, _count),) = world.items_on_ground()
    return x // 1, y // 1


@measures("DRL-mp1")
def productivity(_: Row) -> Measurement:
    """Ore in 12,000 ticks with 10 % of productivity, once it runs."""
    world, chest = electric_drill_and_chest()
    world.research("mining-productivity-1")
    world.run(1_200)
    before = chest.inventory()["iron-ore"]
    world.run(12_000)
    return chest.inventory()["iron-ore"] - before


FULL_YIELD = 10
"""Crude oil a second of a field of 100 %, as the row DRL-pumpjack measures it."""


def pumpjack_rate(amount: int) -> float:
    """Return the crude oil that a pumpjack makes in a second on a field of `amount`."""
    world = World(40, 40)
    power(world)
    world.set_resource("crude-oil", ((0, 0), (1, 1)), amount)
    pumpjack = world.place("pumpjack", (0.5, 0.5))
    world.run(200)
    before = world.production().fluids_made["crude-oil"]
    for _ in range(10):
        world.run(60)
        pumpjack.set_fluid("crude-oil", 0)
    return (world.production().fluids_made["crude-oil"] - before) / 10


@measures("DRL-pumpjack")
def pumpjack(_: Row) -> Measurement:
    """Crude oil a second on a field of 100 %."""
    return pumpjack_rate(300_000)


@measures("DRL-pumpjack-min")
def pumpjack_least(_: Row) -> Measurement:
    """Yield of a field that gives no less, in percent of a full one."""
    return 100 * pumpjack_rate(1) / FULL_YIELD
