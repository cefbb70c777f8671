"""Rows of the character: walking, mining, reach, body."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from factorio_fast._core import Scenario, World
from factorio_fast.errors import ActionRejectedError, InvalidValueError
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import ticks_of_rises

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

SUBTILES = 256
"""The grid of positions: 1/256 tile."""
FREEPLAY = """
name = "freeplay"
type = "movement_training"
objectives = ["reach_waypoint"]
episode_length = 60
observation_frequency = 10
map_generation = { size = "tiny", starting_items = "freeplay_kit" }
"""


def walked(direction: str, ticks: int = 60, tile: str = "grass-1") -> tuple[float, float]:
    """Walk on plain ground and return how far east and south that led, in 1/256 tile."""
    world = World(64, 64, tile=tile)
    world.character.teleport((0, 0))
    world.character.walk(direction)
    world.run(ticks)
    x, y = world.character.position
    return x * SUBTILES, y * SUBTILES


@measures("CHR-walk")
def walk(_: Row) -> Measurement:
    """Way east in 60 ticks."""
    return walked("east")[0]


@measures("CHR-walk-s")
def walk_speed(_: Row) -> Measurement:
    """Tiles a second."""
    return walked("east")[0] / SUBTILES


@measures("CHR-diag")
def diagonal(_: Row) -> Measurement:
    """Way along each axis in 60 ticks."""
    east, south = walked("northeast")
    if east != -south:
        raise RuntimeError(f"a diagonal leads as far east as north, not {east} and {-south}")
    return east


@measures("CHR-concrete")
def concrete(_: Row) -> Measurement:
    """Way east in 60 ticks on concrete."""
    return walked("east", tile="concrete")[0]


def miner() -> World:
    """Make a world whose character stands at the origin."""
    world = World(32, 32)
    world.character.teleport((0, 0))
    return world


@measures("CHR-mine-ore", "CHR-mine-ore-mod")
def mine_ore(row: Row) -> Measurement:
    """Ticks between two ores."""
    world = miner()
    world.set_resource("iron-ore", ((1, 0), (2, 1)), 100)
    if row.id == "CHR-mine-ore-mod":
        world.research("steel-axe")
    world.character.mine((1.5, 0.5))
    rises = ticks_of_rises(world, lambda: world.character.inventory().get("iron-ore", 0), 4)
    periods = {later - earlier for earlier, later in zip([0, *rises], rises, strict=False)}
    if len(periods) != 1:
        raise RuntimeError(f"ores came after different times: {rises}")
    return periods.pop()


def mined(name: str, item: str) -> tuple[int, int]:
    """Mine an entity; return the ticks that it took, and how many of `item` it gave."""
    world = miner()
    entity = world.place(name, (3, 0))
    world.character.mine(entity)
    (tick,) = ticks_of_rises(world, lambda: world.character.inventory().get(item, 0), 1)
    return tick, world.character.inventory()[item]


@measures("CHR-mine-chest")
def mine_chest(_: Row) -> Measurement:
    """Ticks until it is mined."""
    return mined("wooden-chest", "wooden-chest")[0]


@measures("CHR-mine-drill")
def mine_drill(_: Row) -> Measurement:
    """Ticks until it is mined."""
    return mined("burner-mining-drill", "burner-mining-drill")[0]


@measures("CHR-mine-furnace")
def mine_furnace(_: Row) -> Measurement:
    """Ticks until it is mined."""
    return mined("stone-furnace", "stone-furnace")[0]


@measures("CHR-mine-tree")
def mine_tree(_: Row) -> Measurement:
    """Ticks until it is mined, and its wood."""
    return mined("tree-01", "wood")


@measures("CHR-mine-rock")
def mine_rock(_: Row) -> Measurement:
    """Ticks until it is mined, and its stone."""
    return mined("big-rock", "stone")


@measures("CHR-mine-pile")
def mine_pile(_: Row) -> Measurement:
    """Ticks until an item on the ground is picked up."""
    world = miner()
    world.drop("coal", (2, 2))
    world.character.mine((2, 2))
    (tick,) = ticks_of_rises(world, lambda: world.character.inventory().get("coal", 0), 1)
    return tick


def farthest(is_reached: Callable[[float, float], bool], expected: float) -> float:
    """Return the largest distance from the origin, on the grid of positions, that is reached.

    Distances are sums of squares; those near `expected` are tried from far to near, and the
    first that is reached is given in thousandths of a tile.
    """
    limit = expected * SUBTILES
    around = range(round((limit - 2) ** 2), round((limit + 2) ** 2) + 1)
    low, high = around.start, around.stop - 1
    points = sorted(
        (x * x + y * y, x, y)
        for x in range(round(limit / math.sqrt(2)), round(limit) + 3)
        for y in range(x + 1)
        if low <= x * x + y * y <= high
    )
    if not points or is_reached(points[-1][1] / SUBTILES, points[-1][2] / SUBTILES):
        raise RuntimeError(f"reach does not end near {expected} tiles")
    # What is nearer than the last that is reached is reached too, so halving finds it.
    near, far = 0, len(points) - 1
    while far - near > 1:
        middle = (near + far) // 2
        _, x, y = points[middle]
        if is_reached(x / SUBTILES, y / SUBTILES):
            near = middle
        else:
            far = middle
    return round(math.sqrt(points[near][0]) / SUBTILES, 3)


def is_accepted(act: Callable[[], object]) -> bool:
    """Say whether a command is carried out."""
    try:
        act()
    except ActionRejectedError:
        return False
    return True


@measures("CHR-reach")
def reach(_: Row) -> Measurement:
    """Farthest distances: to an entity's box, to the middle of what is built, to a resource."""
    world = World(64, 64)
    character = world.character
    character.insert("coal", 50)
    character.insert("stone-furnace", 50)
    chest = world.place("steel-chest", (0.5, 0.5))
    corner = 0.5 + 89 / SUBTILES
    world.set_resource("stone", ((-21, -21), (-20, -20)), 100)

    def reaches_entity(x: float, y: float) -> bool:
        character.teleport((corner + x, corner + y))
        return is_accepted(lambda: character.insert_into(chest, "coal"))

    def reaches_building(x: float, y: float) -> bool:
        character.teleport((-10 + x, -10 + y))
        with_room = world.fork()
        return is_accepted(lambda: with_room.character.build("stone-furnace", (-10, -10)))

    def reaches_resource(x: float, y: float) -> bool:
        character.teleport((-20.5 + x, -20.5 + y))
        return is_accepted(lambda: character.mine((-20.5, -20.5)))

    return (
        farthest(reaches_entity, 10),
        farthest(reaches_building, 10),
        farthest(reaches_resource, 2.7),
    )


@measures("CHR-inv")
def inventory(_: Row) -> Measurement:
    """Slots, by how many stacks of one item go in."""
    character = World(8, 8).character
    return character.insert("stone-furnace", 100_000) / 50


@measures("CHR-box")
def box(_: Row) -> Measurement:
    """Half width: the largest distance at which a chest's side, 89/256 from its middle, is hit."""
    world = World(16, 16)
    world.place("wooden-chest", (0.5, 0.5))
    hits = 0
    for distance in range(89, 256):
        try:
            world.character.teleport((0.5 + distance / SUBTILES, 0.5))
        except InvalidValueError:
            hits = distance
    return hits - 89


@measures("CHR-start")
def start(_: Row) -> Measurement:
    """What the character of a new game carries."""
    scenario = Scenario.from_toml(FREEPLAY, "freeplay.toml")
    carried = World.from_scenario(scenario).character.inventory()
    items = (
        *("iron-plate", "wood", "burner-mining-drill", "stone-furnace"),
        *("pistol", "firearm-magazine"),
    )
    return tuple(carried.get(item, 0) for item in items)


@measures("CHR-health")
def health(_: Row) -> Measurement:
    """Health points of an unharmed character."""
    return World(8, 8).character.health
