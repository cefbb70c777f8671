"""Rows of resources in the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.errors import AbsentMechanicError
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import ORE_AREA

if TYPE_CHECKING:
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


@measures("RES-iron", "RES-copper", "RES-coal", "RES-stone", "RES-radius", "RES-oil")
def default_map(_: Row) -> Measurement:
    """Nothing: scenarios have maps of their own, the game's default map is not generated."""
    raise AbsentMechanicError("the game's map generator is not simulated; scenarios have their own")


@measures("RES-deplete")
def depletion(_: Row) -> Measurement:
    """What an ore taken changes in the amounts of the tiles under a drill."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 100)
    world.place("burner-mining-drill", (0, 0), items={"coal": 1})
    chest = world.place("iron-chest", (-0.5, -1.5))

    def total() -> int:
        tiles = ((x + 0.5, y + 0.5) for y in (-1, 0) for x in (-1, 0))
        return sum((world.resource(tile) or ("", 0))[1] for tile in tiles)

    before = total()
    while not chest.inventory():
        world.run(1)
    return total() - before
