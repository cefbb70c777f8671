"""Rows of belts and underground belts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.errors import InvalidValueError
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import ORE_AREA, first_tick, power, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

LANE = 256
"""Length of a lane of a straight belt, 1/256 tile."""
LANES = (1, 2)
TILES_PER_TICK = {"transport-belt": 1 / 32, "fast-transport-belt": 1 / 16}
FASTEST = 3 / 32
FEED_TICKS = 3_600


def line(world: World, name: str, start: int, length: int, y: float = 0.5) -> list[Entity]:
    """Build a straight line of belts to the east and return them from the first on."""
    return [world.place(name, (start + 0.5 + step, y), "east") for step in range(length)]


def fill(belts: Sequence[Entity], lanes: Iterable[int] = LANES, item: str = "iron-plate") -> None:
    """Put four items on every lane of every belt, as on a full line that stands still.

    From the end on, so that none of them finds its way free.
    """
    chosen = tuple(lanes)
    for belt in reversed(belts):
        for lane in chosen:
            for position in (0, 64, 128, 192):
                if not belt.insert_at(lane, item, position):
                    raise RuntimeError(f"no room on lane {lane} of {belt} at {position}")


def clear(belt: Entity) -> int:
    """Take everything off a belt and return how many items that were."""
    taken = 0
    for item, count in belt.inventory().items():
        taken += belt.take(item, count)
    return taken


def place_of(belts: list[Entity], item: str) -> int:
    """Return how far from the start of a straight line an item is, 1/256 tile."""
    for index, belt in enumerate(belts):
        for lane in belt.lane_items():
            for name, position in lane:
                if name == item:
                    return index * LANE + LANE - position
    raise RuntimeError(f"no {item} is on the line")


def belt_of(row: Row) -> str:
    """Return the belt that a row's id ends with."""
    return row.id.split("-", 2)[2]


@measures("BLT-speed-transport-belt", "BLT-speed-fast-transport-belt")
@measures("BLT-speed-express-transport-belt")
def speed(row: Row) -> Measurement:
    """Way of one item in each of a number of ticks."""
    world = World(64, 8)
    belts = line(world, belt_of(row), -20, 40)
    belts[0].insert_at(1, "iron-plate", 200)
    world.run(1)
    ways = set()
    before = place_of(belts, "iron-plate")
    for _tick in range(100):
        world.run(1)
        now = place_of(belts, "iron-plate")
        ways.add(now - before)
        before = now
    if len(ways) != 1:
        raise RuntimeError(f"the item moved by different ways: {sorted(ways)}")
    return ways.pop()


def throughput(name: str, lanes: tuple[int, ...]) -> float:
    """Return the items a second that come off the end of a full line that nothing holds back.

    The line is long enough to last for the whole measurement, and full when it begins.
    """
    ticks_to_see = FEED_TICKS + 200
    length = int(ticks_to_see * TILES_PER_TICK.get(name, FASTEST)) + 2
    world = World(length + 4, 4)
    belts = line(world, name, -(length // 2), length)
    fill(belts, lanes)
    for _tick in range(200):
        world.run(1)
        clear(belts[-1])
    taken = 0
    for _tick in range(FEED_TICKS):
        world.run(1)
        taken += clear(belts[-1])
    return taken / (FEED_TICKS / 60)


@measures("BLT-flow-transport-belt", "BLT-flow-fast-transport-belt")
@measures("BLT-flow-express-transport-belt")
def flow(row: Row) -> Measurement:
    """Items a second off both lanes."""
    return throughput(belt_of(row), LANES)


@measures("BLT-lane-transport-belt", "BLT-lane-fast-transport-belt")
@measures("BLT-lane-express-transport-belt")
def lane_flow(row: Row) -> Measurement:
    """Items a second off one lane."""
    return throughput(belt_of(row), (1,))


@measures("BLT-tile-ticks")
def tile_ticks(_: Row) -> Measurement:
    """Ticks between an item's entering one belt and the next."""
    world = World(16, 8)
    belts = line(world, "transport-belt", -4, 6)
    belts[0].insert_at(1, "iron-plate", 200)
    first_tick(world, lambda: bool(belts[1].inventory()))
    return first_tick(world, lambda: bool(belts[2].inventory()))


def turn() -> tuple[World, list[Entity]]:
    """Build a line to the east that turns left, to the north."""
    world = World(16, 16)
    belts = [
        *line(world, "transport-belt", -3, 3),
        *(world.place("transport-belt", (0.5, 0.5 - step), "north") for step in range(4)),
    ]
    return world, belts


def lane_length(belt: Entity, lane: int) -> int:
    """Return the length of a lane: one more than the farthest position on it."""
    for position in range(400, -1, -1):
        try:
            belt.insert_at(lane, "iron-plate", position)
        except InvalidValueError:
            continue
        return position + 1
    raise RuntimeError(f"lane {lane} of {belt} has no position")


@measures("BLT-len-straight")
def straight_length(_: Row) -> Measurement:
    """Length of a lane, by the farthest position on it."""
    world = World(8, 8)
    return lane_length(world.place("transport-belt", (0, 0)), 1)


@measures("BLT-len-outer", "BLT-len-inner")
def turn_length(row: Row) -> Measurement:
    """Length of a lane of a turn; of a left turn lane 1 is the inner one."""
    _world, belts = turn()
    return lane_length(belts[3], 2 if row.id == "BLT-len-outer" else 1)


@measures("BLT-turn-lane")
def inner_lane(_: Row) -> Measurement:
    """The lane of a left turn that is shorter."""
    _world, belts = turn()
    lengths = [lane_length(belts[3], lane) for lane in LANES]
    return 1 + lengths.index(min(lengths))


def stopped(lanes: tuple[int, ...] = LANES) -> list[Entity]:
    """Return the belts of a line with a dead end that has filled up and stands still."""
    world = World(32, 8)
    belts = line(world, "transport-belt", -8, 8)
    for _turn in range(600):
        for lane in lanes:
            belts[0].insert_at(lane, "iron-plate", 200)
        world.run(4)
    settled(world, lambda: [belt.lane_items() for belt in belts], 100)
    return belts


@measures("BLT-spacing")
def spacing(_: Row) -> Measurement:
    """Distance between the items of a stopped lane, all of them."""
    positions = [position for _, position in stopped()[3].lane_items()[0]]
    distances = {later - earlier for earlier, later in pairwise(positions)}
    if len(distances) != 1:
        raise RuntimeError(f"the items are not evenly spaced: {positions}")
    return distances.pop()


@measures("BLT-density")
def density(_: Row) -> Measurement:
    """Items on a belt in the middle of a stopped line."""
    return sum(len(lane) for lane in stopped()[3].lane_items())


@measures("BLT-deadend-positions")
def dead_end(_: Row) -> Measurement:
    """Positions of the items on the last belt of a stopped line."""
    return tuple(position for _, position in stopped()[-1].lane_items()[0][:4])


def dropped(world: World, belt: Entity, lane: int | None = None) -> tuple[int, int]:
    """Run until an item appears on a belt; return its lane and position then."""
    first_tick(world, lambda: bool(belt.inventory()))
    for number, items in enumerate(belt.lane_items(), start=1):
        if items and lane in {None, number}:
            return number, items[0][1]
    raise RuntimeError("the item is on the other lane")


@measures("BLT-drop-pos")
def drop_position(_: Row) -> Measurement:
    """Position that reads after the tick in which a drill drops from the side."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 5})
    return dropped(world, line(world, "transport-belt", -3, 6, -1.5)[2])[1]


def dropping_inserter(world: World, position: tuple[float, float], direction: str) -> None:
    """Build a fuelled burner inserter with a chest of plates to take from."""
    x, y = position
    east, south = {"north": (0, -1), "south": (0, 1), "west": (-1, 0), "east": (1, 0)}[direction]
    world.place("burner-inserter", position, direction, items={"coal": 2})
    world.place("infinity-chest", (x + east, y + south), items={"iron-plate": 100})


@measures("BLT-drop-along")
def drop_along(_: Row) -> Measurement:
    """Position at which an inserter drops on a belt that runs away from it, before the step."""
    world = World(16, 16)
    belts = line(world, "transport-belt", 1, 5)
    dropping_inserter(world, (0.5, 0.5), "west")
    return dropped(world, belts[0])[1] + 8


@measures("BLT-drop-turn")
def drop_turn(_: Row) -> Measurement:
    """Positions at which inserters drop on the lanes of a left turn, before the step.

    The turn leads from the west to the north, so its inner corner is in the north-west. An arm
    drops a fifth of a tile beyond the middle of the tile: from the south that is nearer to the
    inner corner, from the north, over the belt that leads away, nearer to the outer one.
    """
    world, belts = turn()
    dropping_inserter(world, (0.5, 1.5), "south")
    inner = dropped(world, belts[3], 1)[1] + 8
    world = World(24, 24)
    feeder = line(world, "transport-belt", -3, 3)[0]
    corner = world.place("transport-belt", (0.5, 0.5), "north")
    world.place("transport-belt", (0.5, -0.5), "north")
    world.place("long-handed-inserter", (0.5, -1.5), "north")
    world.place("infinity-chest", (0.5, -3.5), items={"iron-plate": 100})
    power(world)
    outer = dropped(world, corner, 2)[1] + 8
    if not feeder.valid:
        raise RuntimeError("the belt that makes the turn is gone")
    return inner, outer


def side_load(lane: int) -> tuple[int, int]:
    """Side-load a line to the east from the south, from one lane of the feeding belt.

    Returns the lane that the item comes to and its entry position: where it is when it is first
    seen, less what it had gone beyond the end of the feeding belt.
    """
    world = World(16, 16)
    target = line(world, "transport-belt", -3, 6)[3]
    feeder = world.place("transport-belt", (0.5, 1.5), "north")
    feeder.insert_at(lane, "iron-plate", 80)
    before = 0

    def has_crossed() -> bool:
        nonlocal before
        items = feeder.lane_items()[lane - 1]
        if items:
            before = items[0][1]
        return not items

    first_tick(world, has_crossed)
    for number, items in enumerate(target.lane_items(), start=1):
        if items:
            return number, items[0][1] + 8 - before
    raise RuntimeError("the item has vanished")


@measures("BLT-side-near", "BLT-side-far")
def side_entry(row: Row) -> Measurement:
    """Entry position: from the south the right lane of the feeder is the one downstream."""
    return side_load(2 if row.id == "BLT-side-near" else 1)[1]


@measures("BLT-side-lane")
def side_lane(_: Row) -> Measurement:
    """Share of the feeder's lanes that land on the lane of its side, the right one."""
    return sum(side_load(lane)[0] == 2 for lane in LANES) / 2


@measures("BLT-ug-gap")
def underground_gap(_: Row) -> Measurement:
    """Most tiles between an entrance and an exit that still belong together."""
    return tuple(
        max(gap for gap in range(1, 12) if passes_underground(f"{tier}underground-belt", gap))
        for tier in ("", "fast-", "express-")
    )


def passes_underground(name: str, gap: int) -> bool:
    """Say whether an item that goes in comes out behind `gap` tiles."""
    world = World(32, 8)
    entrance = world.place(name, (-7.5, 0.5), "east", type="input")
    try:
        way_out = world.place(name, (-7.5 + gap + 1, 0.5), "east", type="output")
    except InvalidValueError:
        return False
    entrance.insert_at(1, "iron-plate", 100)
    world.run(32 * (gap + 3))
    return bool(way_out.inventory())


@measures("BLT-char-carry", "BLT-char-with")
def carried(row: Row) -> Measurement:
    """Way of the character in a tick on a belt to the east: standing; walking with, against."""
    if row.id == "BLT-char-carry":
        return carried_way(None)
    return carried_way("east"), carried_way("west")


def carried_way(direction: str | None) -> float:
    """Return the way of the character in one tick, without its sign."""
    world = World(64, 8)
    line(world, "transport-belt", -20, 40)
    world.character.teleport((0.5, 0.5))
    world.character.walk(direction)
    world.run(10)
    before = world.character.position[0]
    world.run(1)
    return abs(world.character.position[0] - before) * LANE
