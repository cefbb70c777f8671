"""Rows of inserters: cycles, belts, hands, energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.belts import fill, line
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
    periods = {later - earlier for earlier, later in zip(rises[1:], rises[2:], strict=False)}
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


def from_express(name: str) -> float:
    """Return the items a second that an inserter takes off a full express belt into a chest."""
    world = World(640, 40)
    seconds = 40
    length = int((seconds * 60 + 300) * 3 / 32) + 2
    belts = line(world, "express-transport-belt", -length, length + 1)
    line(world, "express-transport-belt", 1, length)
    fill(belts)
    power(world, (6, 8))
    for technology in researched_for(name):
        world.research(technology)
    distance = reach(name)
    world.place(name, (0.5, 0.5 + distance), "north")
    chest = world.place("infinity-chest", (0.5, 0.5 + 2 * distance))
    world.remove(chest)
    chest = world.place("steel-chest", (0.5, 0.5 + 2 * distance))
    world.run(240)
    before = chest.inventory().get(ITEM, 0)
    world.run(seconds * 60)
    return (chest.inventory()[ITEM] - before) / seconds


def researched_for(name: str) -> list[str]:
    """Return what a bulk inserter of the highest level needs; nothing for others."""
    if name != "bulk-inserter":
        return []
    return ["bulk-inserter", *(f"inserter-capacity-bonus-{level}" for level in range(1, 8))]


@measures("INS-belt-express-reg", "INS-belt-express-long", "INS-belt-express-fast")
@measures("INS-belt-express-bulk12")
def from_moving_belt(row: Row) -> Measurement:
    """Items a second off a full express belt."""
    kind = row.id.removeprefix("INS-belt-express-").rstrip("0123456789")
    return from_express(NAMES[kind])
