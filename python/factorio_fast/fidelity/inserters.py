"""Rows of inserters: cycles, belts, hands, energy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.belts import clear, fill, line
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import counter, first_tick, power, ticks_of_rises

if TYPE_CHECKING:
    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

ITEM = "iron-plate"
NAMES = {
    "burner": "burner-inserter",
    "basic": "inserter",
    "reg": "inserter",
    "long": "long-handed-inserter",
    "fast": "fast-inserter",
    "bulk": "bulk-inserter",
}


def reach(name: str) -> int:
    """Return how many tiles from its own an inserter takes and drops."""
    return 2 if name == "long-handed-inserter" else 1


def between_chests(name: str) -> tuple[World, Entity, Entity]:
    """Build a chest that never ends, an inserter with fuel or power, and a chest to fill.

    Returns the world, the inserter and the chest that fills.
    """
    world = World(40, 40)
    source = world.place("infinity-chest", (0.5, 0.5 - reach(name)), items={ITEM: 200})
    chest = world.place("steel-chest", (0.5, 0.5 + reach(name)))
    if name == "burner-inserter":
        inserter = world.place(name, (0.5, 0.5), items={"coal": 5})
    else:
        power(world)
        inserter = world.place(name, (0.5, 0.5))
    if not source.inventory():
        raise RuntimeError("the chest that never ends is empty")
    return world, inserter, chest


def cycle_ticks(name: str) -> int:
    """Return the ticks between two deliveries; all must be alike."""
    world, _inserter, chest = between_chests(name)
    rises = ticks_of_rises(world, counter(chest, ITEM), 8)
    periods = {later - earlier for earlier, later in pairwise(rises[1:])}
    if len(periods) != 1:
        raise RuntimeError(f"deliveries came after different times: {rises}")
    return periods.pop()


@measures(*(f"INS-cycle-{name}" for name in dict.fromkeys(NAMES.values())))
def cycle(row: Row) -> Measurement:
    """Ticks between two deliveries."""
    return cycle_ticks(row.id.removeprefix("INS-cycle-"))


@measures(*(f"INS-rate-{name}" for name in dict.fromkeys(NAMES.values())))
def rate(row: Row) -> Measurement:
    """Items a second over 7,200 ticks."""
    world, _inserter, chest = between_chests(row.id.removeprefix("INS-rate-"))
    world.run(600)
    before = chest.inventory()[ITEM]
    world.run(7_200)
    return (chest.inventory()[ITEM] - before) / 120


@measures("INS-first-burner")
def first(_: Row) -> Measurement:
    """Ticks of the first pickup and the first drop."""
    world, inserter, chest = between_chests("burner-inserter")
    pickup = first_tick(world, lambda: bool(inserter.inventory("hand")))
    drop = pickup + first_tick(world, lambda: bool(chest.inventory()))
    return pickup, drop


@measures("INS-belt-stopped")
def from_stopped_belt(_: Row) -> Measurement:
    """Items a second off the last belt of a full line that stands still but for that."""
    world = World(160, 40)
    belts = line(world, "transport-belt", -75, 76)
    fill(belts)
    power(world, (6, 6))
    world.place("inserter", (0.5, 1.5), "north")
    chest = world.place("steel-chest", (0.5, 2.5))
    world.run(640)
    before = chest.inventory()[ITEM]
    world.run(64 * 60)
    return (chest.inventory()[ITEM] - before) / 64


def from_express(name: str, *technologies: str) -> float:
    """Return the items a second that an inserter takes off a flooded express belt into a chest.

    The inserter is the only way off the belt, as in the measurement.
    """
    world = World(80, 40)
    belts = line(world, "express-transport-belt", -30, 31)
    fill(belts)
    belts[0].keep_full(ITEM)
    power(world, (6, 8))
    for technology in technologies:
        world.research(technology)
    distance = reach(name)
    world.place(name, (0.5, 0.5 + distance), "north")
    chest = world.place("steel-chest", (0.5, 0.5 + 2 * distance))
    world.run(600)
    before = chest.inventory().get(ITEM, 0)
    seconds = 40
    world.run(seconds * 60)
    return (chest.inventory()[ITEM] - before) / seconds


@measures("INS-belt-express-reg", "INS-belt-express-long", "INS-belt-express-fast")
@measures("INS-belt-express-bulk12")
def from_full_belt(row: Row) -> Measurement:
    """Items a second off a full express belt."""
    kind = row.id.removeprefix("INS-belt-express-")
    if kind == "bulk12":
        return from_express("bulk-inserter", "bulk-inserter", *capacity(7))
    return from_express(NAMES[kind])


@measures("INS-belt-express-fast2")
def from_full_belt_by_two(_: Row) -> Measurement:
    """Items a second off a full express belt, two at a time."""
    return from_express("fast-inserter", "inserter-capacity-bonus-1", "inserter-capacity-bonus-2")


def onto_yellow(hand: int) -> float:
    """Return the items a second that a fast inserter puts on a yellow belt that runs off."""
    world = World(80, 40)
    world.set_bonus("inserter_stack_size_bonus", hand - 1)
    belts = line(world, "transport-belt", -10, 40)
    power(world, (6, 8))
    world.place("infinity-chest", (0.5, 2.5), items={ITEM: 200})
    world.place("fast-inserter", (0.5, 1.5), "south")
    seconds = 60
    # The first items reach the end of the line after 960 ticks.
    settling = 1_200
    taken = 0
    for tick in range(settling + seconds * 60):
        world.run(1)
        off = clear(belts[-1])
        taken += off if tick >= settling else 0
    return taken / seconds


@measures("INS-drop-yellow-fast")
def onto_belt(_: Row) -> Measurement:
    """Items a second, one at a time."""
    return onto_yellow(1)


@measures("INS-drop-yellow-fast4")
def onto_belt_by_four(_: Row) -> Measurement:
    """Items a second, four at a time.

    Research of the base game gives three to other than bulk inserters, so the bonus is set.
    """
    return onto_yellow(4)


@measures("INS-energy-burner")
def burner_energy(_: Row) -> Measurement:
    """Joules for an item, by the energy that is left after twenty of them."""
    world, inserter, chest = between_chests("burner-inserter")

    first_tick(world, lambda: bool(chest.inventory()))
    before = total_joules(inserter)
    world.run(76 * 20)
    return (before - total_joules(inserter)) / 20


ELECTRIC_CYCLES = {"basic": 70, "long": 50, "fast": 24}


@measures("INS-energy-basic", "INS-energy-long", "INS-energy-fast")
def electric_energy(row: Row) -> Measurement:
    """Joules for an item without drain: what the network gives in ten cycles, less its drain."""
    kind = row.id.removeprefix("INS-energy-")
    world, _inserter, chest = between_chests(NAMES[kind])
    first_tick(world, lambda: bool(chest.inventory()))
    joules = 0.0
    ticks = ELECTRIC_CYCLES[kind] * 10
    for _tick in range(ticks):
        world.run(1)
        joules += sum(network.delivered_watts for network in world.power()) / 60
    return (joules - ticks * idle_watts(NAMES[kind]) / 60) / 10


def idle_watts(name: str) -> float:
    """Return what an inserter without work takes."""
    world = World(40, 40)
    power(world)
    world.place(name, (0.5, 0.5))
    world.run(120)
    return sum(network.delivered_watts for network in world.power())


@measures("INS-drain")
def drain(_: Row) -> Measurement:
    """Kilowatts of inserters without work."""
    names = ("inserter", "long-handed-inserter", "fast-inserter", "bulk-inserter")
    return tuple(idle_watts(name) / 1_000 for name in names)


@measures("INS-maxpower-burner")
def most_burner_power(_: Row) -> Measurement:
    """Kilowatts in the tick that takes most."""
    world, inserter, _chest = between_chests("burner-inserter")
    most = 0.0
    before = total_joules(inserter)
    for _tick in range(200):
        world.run(1)
        now = total_joules(inserter)
        most, before = max(most, before - now), now
    return most * 60 / 1_000


def total_joules(inserter: Entity) -> float:
    """Return the energy in an inserter's buffer, fire and fuel slot."""
    _, joules = inserter.burning or ("", 0.0)
    return inserter.inventory("fuel").get("coal", 0) * 4e6 + joules + inserter.energy


@measures("INS-maxpower-fast")
def most_electric_power(_: Row) -> Measurement:
    """Kilowatts in the tick that takes most, with drain."""
    world, _inserter, _chest = between_chests("fast-inserter")
    most = 0.0
    for _tick in range(200):
        world.run(1)
        most = max(most, *(network.delivered_watts for network in world.power()))
    return most / 1_000


@measures("INS-born")
def born(_: Row) -> Measurement:
    """Joules left in the wood that a new burner inserter burns."""
    fuel, joules = World(8, 8).place("burner-inserter", (0, 0)).burning or ("", 0.0)
    if fuel != "wood":
        raise RuntimeError(f"a new burner inserter burns {fuel!r}")
    return joules


def most_at_once(name: str, *technologies: str) -> int:
    """Return how many items come into the chest in one tick at most, in twenty swings."""
    world, _inserter, chest = between_chests(name)
    for technology in technologies:
        world.research(technology)
    most, before = 0, 0
    for _tick in range(1_500):
        world.run(1)
        now = chest.inventory().get(ITEM, 0)
        most, before = max(most, now - before), now
    return most


def capacity(levels: int) -> list[str]:
    """Return the technologies of the capacity bonus up to a level."""
    return [f"inserter-capacity-bonus-{level}" for level in range(1, levels + 1)]


@measures("INS-hand")
def hand(_: Row) -> Measurement:
    """Items at once after the second and the seventh bonus."""
    return most_at_once("inserter", *capacity(2)), most_at_once("inserter", *capacity(7))


@measures("INS-hand-bulk")
def bulk_hand(_: Row) -> Measurement:
    """Items at once after the unlocking and after the seventh bonus."""
    return (
        most_at_once("bulk-inserter", "bulk-inserter"),
        most_at_once("bulk-inserter", "bulk-inserter", *capacity(7)),
    )


@measures("INS-leech")
def leech(_: Row) -> Measurement:
    """Coal that a burner inserter takes from a furnace's fuel slot in its service."""
    world = World(16, 16)
    furnace = world.place("stone-furnace", (0, 0), items={"coal": 10})
    inserter = world.place("burner-inserter", (0.5, 1.5))
    world.place("iron-chest", (0.5, 2.5))
    world.run(1)
    before = furnace.inventory("fuel")["coal"]
    world.run(2_000)
    if "coal" in inserter.inventory():
        raise RuntimeError("the inserter holds coal")
    return before - furnace.inventory("fuel")["coal"]
