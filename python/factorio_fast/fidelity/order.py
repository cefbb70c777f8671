"""Rows of the order of things within a tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import ORE_AREA, first_tick

if TYPE_CHECKING:
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


def after(ticks: int) -> str:
    """Name a tick that lies some ticks after the tick t."""
    return f"t+{ticks}" if ticks else "t"


@measures("ORD-inserters")
def race(_: Row) -> Measurement:
    """Which of two inserters gets the one item of a chest."""
    world = World(16, 16)
    source = world.place("iron-chest", (0.5, 0.5))
    older = world.place("burner-inserter", (-0.5, 0.5), "east", items={"coal": 5})
    younger = world.place("burner-inserter", (1.5, 0.5), "west", items={"coal": 5})
    world.place("iron-chest", (-1.5, 0.5))
    world.place("iron-chest", (2.5, 0.5))
    world.run(60)
    source.insert("iron-plate", 1)
    first_tick(world, lambda: not source.inventory())
    holders = [inserter for inserter in (older, younger) if inserter.inventory("hand")]
    return {younger: "last built", older: "first built"}[holders[0]]


@measures("ORD-drill-furnace")
def drill_and_furnace(_: Row) -> Measurement:
    """When a furnace starts on the ore that a drill delivers at tick t."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 5})
    furnace = world.place("stone-furnace", (0, -2), items={"coal": 5})
    delivered = first_tick(world, lambda: bool(furnace.inventory("source")))
    started = delivered + first_tick(world, lambda: not furnace.inventory("source"))
    return after(started - delivered)


@measures("ORD-chest-wait")
def waiting_inserter(_: Row) -> Measurement:
    """When a waiting inserter picks up what a drill puts into its chest at tick t."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 5})
    chest = world.place("iron-chest", (-0.5, -1.5))
    inserter = world.place("burner-inserter", (-0.5, -2.5), "south", items={"coal": 5})
    world.place("iron-chest", (-0.5, -3.5))
    put_in = first_tick(world, lambda: bool(chest.inventory()))
    picked = put_in + first_tick(world, lambda: bool(inserter.inventory("hand")))
    return after(picked - put_in)
