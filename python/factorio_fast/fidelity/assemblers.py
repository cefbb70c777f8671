"""Rows of assembling machines, modules and beacons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import counter, power, ticks_of_rises

if TYPE_CHECKING:
    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

GEAR = "iron-gear-wheel"
GEAR_SECONDS = 0.5
PLATES = {"iron-plate": 100}


def machine(
    number: int,
    recipe: str,
    items: dict[str, int] | None = None,
    modules: dict[str, int] | None = None,
) -> tuple[World, Entity]:
    """Build an assembling machine with power and ingredients."""
    world = World(48, 48)
    for technology in ("logistic-science-pack", "electronics", "automation-science-pack"):
        world.research(technology)
    power(world)
    contents = (items or {}) | (modules or {})
    name = f"assembling-machine-{number}"
    return world, world.place(name, (0.5, 0.5), recipe=recipe, items=contents)


@measures("ASM-gear-1", "ASM-gear-2", "ASM-gear-3")
def gear_ticks(row: Row) -> Measurement:
    """Ticks a gear, over twenty."""
    world, assembler = machine(int(row.id[-1]), GEAR, PLATES)
    rises = ticks_of_rises(world, counter(assembler, GEAR), 22)
    return (rises[-1] - rises[1]) / 20


@measures("ASM-red")
def red(_: Row) -> Measurement:
    """Seconds a red science pack."""
    items = {"copper-plate": 10, GEAR: 10}
    world, assembler = machine(1, "automation-science-pack", items)
    rises = ticks_of_rises(world, counter(assembler, "automation-science-pack"), 4)
    return (rises[-1] - rises[0]) / 3 / 60


@measures("ASM-green")
def green(_: Row) -> Measurement:
    """Seconds a green science pack."""
    items = {"inserter": 10, "transport-belt": 10}
    world, assembler = machine(2, "logistic-science-pack", items)
    rises = ticks_of_rises(world, counter(assembler, "logistic-science-pack"), 4)
    return (rises[-1] - rises[0]) / 3 / 60


def stops_at(recipe: str, ingredient: str) -> int:
    """Return how many products are there when a machine that is kept fed has stopped."""
    world, assembler = machine(2, recipe, {ingredient: 50})
    before = -1
    while (made := assembler.inventory("result").get(recipe, 0)) != before:
        before = made
        for _turn in range(20):
            assembler.insert(ingredient, 50)
            world.run(100)
    return made


@measures("ASM-out-gear")
def most_gears(_: Row) -> Measurement:
    """Gears in the machine."""
    return stops_at(GEAR, "iron-plate")


@measures("ASM-out-cable")
def most_cable(_: Row) -> Measurement:
    """Cable in the machine."""
    return stops_at("copper-cable", "copper-plate")


def kilowatts(number: int, items: dict[str, int] | None) -> float:
    """Return what a network gives for one assembling machine."""
    world, _assembler = machine(number, GEAR, items)
    world.run(20)
    return sum(network.delivered_watts for network in world.power()) / 1_000


@measures("ASM-power")
def working_power(_: Row) -> Measurement:
    """Kilowatts at work."""
    return tuple(kilowatts(number, PLATES) for number in (1, 2, 3))


@measures("ASM-idle-power")
def idle_power(_: Row) -> Measurement:
    """Kilowatts without ingredients."""
    return tuple(kilowatts(number, None) for number in (1, 2, 3))


def gears_in(world: World, assembler: Entity, ticks: int) -> int:
    """Run, keep a machine supplied and emptied, and return the gears that it made."""
    made = 0
    for tick in range(ticks):
        if tick % 60 == 0:
            assembler.insert("iron-plate", 100)
        world.run(1)
        made += assembler.take(GEAR, 100)
    return made


def speed_of(world: World, assembler: Entity) -> float:
    """Return the speed at which a machine crafts, by the gears in 9,600 ticks once it runs."""
    gears_in(world, assembler, 600)
    ticks = 9_600
    return gears_in(world, assembler, ticks) * GEAR_SECONDS * 60 / ticks


@measures("ASM-mod-speed3")
def speed_modules(_: Row) -> Measurement:
    """Crafting speed."""
    return speed_of(*machine(3, GEAR, PLATES, {"speed-module-3": 4}))


@measures("ASM-mod-prod3")
def productivity_modules(_: Row) -> Measurement:
    """Gears from 6,000 ticks of crafting."""
    world, assembler = machine(3, GEAR, PLATES, {"productivity-module-3": 4})
    world.run(1)
    return gears_in(world, assembler, 6_000)


BEACONS = ((-3, 0.5), (4.5, 0.5), (0.5, -3), (0.5, 4), (-3, -3), (4.5, -3), (-3, 4), (4.5, 4))


def beaconed_speed(count: int) -> float:
    """Return the speed of a machine with beacons of two speed modules round it."""
    world, assembler = machine(3, GEAR, PLATES)
    power(world, (10, -8))
    power(world, (-8, 10))
    power(world, (10, 10))
    for x, y in BEACONS[:count]:
        world.place("beacon", (x, y), items={"speed-module-3": 2})
    return speed_of(world, assembler)


@measures("ASM-beacon")
def beacon(_: Row) -> Measurement:
    """Crafting speed."""
    return beaconed_speed(1)


@measures("ASM-beacon8")
def beacons(_: Row) -> Measurement:
    """Crafting speed."""
    return beaconed_speed(8)


@measures("ASM-refund")
def refund(_: Row) -> Measurement:
    """Share of the ingredients of a craft in progress that its character gets back."""
    world, assembler = machine(1, GEAR, {"iron-plate": 2})
    world.run(10)
    if assembler.inventory():
        raise RuntimeError(f"the craft has not begun: {assembler.inventory()}")
    world.character.teleport((3, 0))
    world.character.set_recipe(assembler, "copper-cable")
    return world.character.inventory().get("iron-plate", 0) / 2
