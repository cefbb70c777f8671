"""Rows of furnaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import counter, furnace, settled, ticks_of_rises

if TYPE_CHECKING:
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


def ticks_per_plate(
    name: str, product: str, *, fuel: str | None = "coal", ore: str = "iron-ore"
) -> float:
    """Return the ticks between two plates, over ten of them, once the furnace runs."""
    world, machine = furnace(name, fuel=fuel, ore=ore)
    rises = ticks_of_rises(world, counter(machine, product, "result"), 10)
    return (rises[-1] - rises[1]) / (len(rises) - 2)


@measures("FUR-first")
def first(_: Row) -> Measurement:
    """Ticks at which plates exist."""
    world, machine = furnace()
    return tuple(ticks_of_rises(world, counter(machine, "iron-plate", "result"), 3))


@measures("FUR-rate")
def rate(_: Row) -> Measurement:
    """Seconds a plate."""
    return ticks_per_plate("stone-furnace", "iron-plate") / 60


@measures("FUR-steel-time")
def steel(_: Row) -> Measurement:
    """Seconds a steel plate."""
    return ticks_per_plate("stone-furnace", "steel-plate", ore="iron-plate") / 60


@measures("FUR-steel-furnace")
def steel_furnace(_: Row) -> Measurement:
    """Ticks a plate."""
    return ticks_per_plate("steel-furnace", "iron-plate")


@measures("FUR-electric")
def electric_furnace(_: Row) -> Measurement:
    """Ticks a plate."""
    return ticks_per_plate("electric-furnace", "iron-plate", fuel=None)


@measures("FUR-brick")
def brick(_: Row) -> Measurement:
    """Seconds a brick."""
    return ticks_per_plate("stone-furnace", "stone-brick", ore="stone") / 60


@measures("FUR-coal")
def plates_per_coal(_: Row) -> Measurement:
    """Plates made over coal burnt, by the energy that is left of it."""
    world, machine = furnace()
    world.run(194)

    def coal_left() -> float:
        _, joules = machine.burning or ("", 0.0)
        return machine.inventory("fuel").get("coal", 0) + (joules + machine.energy) / 4e6

    before = coal_left()
    world.run(192 * 30)
    return (machine.inventory("result")["iron-plate"] - 1) / (before - coal_left())


@measures("FUR-cap")
def cap(_: Row) -> Measurement:
    """Plates in the result slot when the furnace has stopped for want of room."""
    world, machine = furnace()
    for _turn in range(12):
        world.run(192 * 20)
        machine.insert("iron-ore", 50)
        machine.insert("coal", 50)
    if machine.status != "full":
        raise RuntimeError(f"the furnace is not full but {machine.status}")
    return machine.inventory("result")["iron-plate"]


@measures("FUR-buffer")
def buffer(_: Row) -> Measurement:
    """Energy in the buffer after the first tick with fuel."""
    world, machine = furnace()
    world.run(1)
    return machine.energy


@measures("FUR-idle")
def idle(_: Row) -> Measurement:
    """Coal that a furnace without ore uses after the first."""
    world = World(16, 16)
    machine = world.place("stone-furnace", (0, 0), items={"coal": 10})
    world.run(1)
    before = machine.inventory("fuel"), machine.burning
    settled(world, machine.inventory)
    world.run(3_600)
    if machine.burning != before[1]:
        raise RuntimeError("an idle furnace burnt fuel")
    return before[0]["coal"] - machine.inventory("fuel")["coal"]
