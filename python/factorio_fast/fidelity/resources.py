"""Rows of resources in the ground."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import ORE_AREA

if TYPE_CHECKING:
    from factorio_fast._core import ResourcePatch
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


SEEDS = range(64)
"""The default maps that are looked at."""

STARTING = ("iron-ore", "copper-ore", "coal", "stone")


@cache
def patches(seed: int) -> dict[str, ResourcePatch]:
    """Return the nearest patch of every resource on a default map."""
    world = World.default_map(seed, enemies=False, woods=False)
    nearest: dict[str, ResourcePatch] = {}
    for patch in world.resource_patches():
        nearest.setdefault(patch.name, patch)
    return nearest


@measures("RES-iron", "RES-copper", "RES-coal", "RES-stone")
def starting_amount(row: Row) -> Measurement:
    """What the starting patch holds on the map where it is farthest off the mean of all."""
    words = {"RES-iron": "iron-ore", "RES-copper": "copper-ore"}
    name = words.get(row.id, row.id.removeprefix("RES-"))
    amounts = [patches(seed)[name].amount for seed in SEEDS]
    mean = sum(amounts) / len(amounts)
    return max(amounts, key=lambda amount: abs(amount - mean))


@measures("RES-radius")
def starting_radius(_: Row) -> Measurement:
    """How far the farthest tile of a starting patch lies from the spawn point, of many maps."""
    return max(
        math.hypot(*tile)
        for seed in SEEDS
        for name in STARTING
        for tile, _ in patches(seed)[name].tiles
    )


@measures("RES-oil")
def starting_oil(_: Row) -> Measurement:
    """How many maps have a well of crude oil in the starting area."""
    reach = 120.0
    wells = (patches(seed)["crude-oil"].tiles for seed in SEEDS)
    return sum(any(math.hypot(*tile) <= reach for tile, _ in tiles) for tiles in wells)


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
