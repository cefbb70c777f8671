"""The map of the rocket play: a lake, a grove, and patches that last for a whole game."""

from __future__ import annotations

from factorio_fast._core import World

__all__ = [
    "COPPER",
    "FUEL_COAL",
    "GROVE",
    "IRON",
    "LAKE",
    "OIL_WELLS",
    "POWER_COAL",
    "STONE",
    "make_world",
]

Area = tuple[tuple[int, int], tuple[int, int]]

SIZE = (240, 200)
START = (-60.0, 0.0)

IRON: Area = ((-112, -70), (-84, -21))
COPPER: Area = ((-112, -12), (-95, 37))
STONE: Area = ((-112, 48), (-100, 64))
FUEL_COAL: Area = ((-64, 34), (-54, 54))
POWER_COAL: Area = ((-60, 72), (-34, 80))
LAKE: Area = ((24, 60), (120, 100))
GROVE: Area = ((-84, 0), (-64, 12))

ORE_PER_TILE = 2_500
OIL_WELLS = tuple((62.5 + 10 * column, -84.5) for column in range(5))
OIL_PER_WELL = 1_800_000
"""Six times what yields 100 %; it falls as it is pumped."""


def make_world(seed: int = 0) -> World:
    """Make the world in which the play begins: nothing built, empty hands."""
    world = World(*SIZE, seed=seed)
    for name, area in (
        ("iron-ore", IRON),
        ("copper-ore", COPPER),
        ("stone", STONE),
        ("coal", FUEL_COAL),
        ("coal", POWER_COAL),
    ):
        world.set_resource(name, area, ORE_PER_TILE)
    for x, y in OIL_WELLS:
        world.set_resource(
            "crude-oil", ((int(x), int(y - 0.5)), (int(x) + 1, int(y + 0.5))), OIL_PER_WELL
        )
    world.set_tiles("water", LAKE)
    (left, top), (right, bottom) = GROVE
    for x in range(left, right, 2):
        for y in range(top, bottom, 2):
            world.place("tree-01", (x + 0.5, y + 0.5))
    world.character.teleport(START)
    return world
