"""Rows of fuels and burners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import ORE_AREA, first_tick, furnace

if TYPE_CHECKING:
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


@measures("FUE-wood", "FUE-coal", "FUE-solid-fuel", "FUE-rocket-fuel", "FUE-nuclear-fuel")
def value(row: Row) -> Measurement:
    """Megajoules of a fuel item that a furnace has just lit: those in the buffer and those left."""
    name = row.id.removeprefix("FUE-")
    world = World(8, 8)
    burner = world.place("stone-furnace", (0, 0), items={name: 1})
    world.run(1)
    _, left = burner.burning or ("", 0.0)
    return (left + burner.energy) / 1e6


@measures("FUE-furnace-coal")
def furnace_coal(_: Row) -> Measurement:
    """Seconds that one coal keeps a furnace at work."""
    world, machine = furnace(fuel="coal")
    machine.take("coal", 49)
    world.run(1)
    return first_tick(world, lambda: machine.status == "no-fuel") / 60


@measures("FUE-drill-coal")
def drill_coal(_: Row) -> Measurement:
    """Seconds that one coal keeps a burner drill at work."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    drill = world.place("burner-mining-drill", (0, 0), items={"coal": 1})
    world.place("iron-chest", (-0.5, -1.5))
    world.run(1)
    return first_tick(world, lambda: drill.status == "no-fuel") / 60


@measures("FUE-boiler-coal")
def boiler_coal(_: Row) -> Measurement:
    """Seconds that one coal keeps a boiler at full work."""
    world = World(16, 16)
    boiler = world.place("boiler", (0, 0), items={"coal": 1})

    def is_out() -> bool:
        boiler.set_fluid("steam", 0)
        boiler.set_fluid("water", 200)
        return boiler.burning is None and not boiler.inventory("fuel")

    boiler.set_fluid("water", 200)
    world.run(1)
    return first_tick(world, is_out) / 60


@measures("FUE-buffers")
def buffers(_: Row) -> Measurement:
    """Fullest buffers of a drill, a furnace and an inserter with fuel."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    burners = (
        world.place("burner-mining-drill", (0, 0), items={"coal": 1}),
        world.place("stone-furnace", (4, 4), items={"coal": 1}),
        world.place("burner-inserter", (-4, -4), items={"coal": 1}),
    )
    world.run(1)
    return tuple(burner.energy for burner in burners)
