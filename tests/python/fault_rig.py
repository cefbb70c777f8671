"""Pieces of small factories: worlds with power, smelters, makers, plants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factorio_fast import World

if TYPE_CHECKING:
    from factorio_fast import Entity

Build = Callable[[], World]
Mend = Callable[[World], None]
Output = Callable[[World], float]
Position = tuple[float, float]

IRON, COPPER, GEAR, CABLE, CIRCUIT = (
    "iron-plate",
    "copper-plate",
    "iron-gear-wheel",
    "copper-cable",
    "electronic-circuit",
)
RED = "automation-science-pack"
CHESTS = frozenset({"wooden-chest", "iron-chest", "steel-chest"})


@dataclass(frozen=True, kw_only=True)
class FaultWorld:
    """A factory with a fault: what stands on `at` limits `product`, and `mend` takes that away."""

    name: str
    kind: str
    at: Position
    product: str
    build: Build
    mend: Mend
    item: str | None = None
    warm_ticks: int = 3_600
    output: Output | None = None
    """Counts what came out so far; None counts the product in chests."""
    settle_ticks: int = 3_600
    window_ticks: int = 36_000

    def rate_per_minute(self, world: World) -> float:
        """Let a world settle and measure what comes out of it."""
        output = self.output or (lambda world: stored(world, self.product))
        world.run(self.settle_ticks)
        before = output(world)
        world.run(self.window_ticks)
        return (output(world) - before) * 3_600 / self.window_ticks


def stored(world: World, item: str) -> int:
    """Count an item in the chests of a world, those that never end left out."""
    return sum(
        entity.inventory("contents").get(item, 0)
        for entity in world.entities()
        if entity.name in CHESTS
    )


def at(world: World, position: Position) -> Entity:
    """Return what stands on a position."""
    x, y = position
    (found,) = world.entities(area=((x - 0.01, y - 0.01), (x + 0.01, y + 0.01)))
    return found


def replace(
    world: World, name: str, new_name: str, positions: list[Position] | None = None
) -> None:
    """Replace entities of a name, all or those on positions, keeping their directions."""
    for old in world.entities(name):
        if positions is None or old.position in positions:
            position, direction = old.position, old.direction
            world.remove(old)
            world.place(new_name, position, direction)


def powered(width: int = 64, height: int = 48) -> World:
    """Make a world with power that never lacks from (-19, -17) to (17, 19)."""
    world = World(width, height)
    for x in (-10, 8):
        hub(world, (x, -8))
        hub(world, (x, 10))
    return world


def hub(world: World, position: Position) -> None:
    """Put up a substation with a source that never lacks."""
    x, y = position
    world.place("substation", position)
    world.place("electric-energy-interface", (x - 2, y))


def belt(world: World, y: int, left: int, right: int, name: str = "transport-belt") -> list[Entity]:
    """Lay a belt to the east."""
    return [world.place(name, (x + 0.5, y + 0.5), "east") for x in range(left, right)]


def furnace_cell(
    world: World,
    x: int,
    *,
    inserter: str = "inserter",
    coal: int = 50,
    chest: str = "steel-chest",
) -> None:
    """Put a furnace under the belt on row 0: inserter, furnace, inserter, chest, downwards."""
    world.place(inserter, (x + 0.5, 1.5), "north")
    world.place("stone-furnace", (x + 1, 3), items={"coal": coal} if coal else {})
    world.place("inserter", (x + 0.5, 4.5), "north")
    world.place(chest, (x + 0.5, 5.5))


def smelter(
    *,
    n_drills: int = 2,
    n_furnaces: int = 3,
    coal: int = 50,
    unfuelled: int | None = None,
    chest: str = "steel-chest",
) -> World:
    """Build drills on iron ore above a belt, furnaces under it downstream, the first at (3, 3)."""
    world = powered()
    world.set_resource("iron-ore", ((-12, -4), (2, 0)), 100_000)
    for step in range(n_drills):
        world.place("electric-mining-drill", (-8.5 + 3 * step, -1.5), "south")
    belt(world, 0, -10, 16)
    for step in range(n_furnaces):
        furnace_cell(world, 2 + 3 * step, coal=0 if step == unfuelled else coal, chest=chest)
    return world


def lab_of_technologies(width: int = 48, height: int = 48) -> World:
    """Make a world with power round the origin and the recipes of the first technologies."""
    world = World(width, height)
    hub(world, (0, -8))
    hub(world, (0, 10))
    for technology in (RED, "electronics", "automation", "automation-2", "fast-inserter"):
        world.research(technology)
    return world


def maker(
    world: World,
    recipe: str | None,
    supplies: dict[str, int],
    *,
    machine: str = "assembling-machine-1",
    inserter: str = "fast-inserter",
    out: str | None = "fast-inserter",
    chest: str = "steel-chest",
) -> Entity:
    """Put a machine on the origin, fed from the north by chests that never end, emptied southwards.

    Ingredients come in through (-0.5, -1.5) and (0.5, -1.5), products leave through (0.5, 2.5).
    """
    placed = world.place(machine, (0.5, 0.5), recipe=recipe)
    for step, (item, count) in enumerate(supplies.items()):
        world.place(inserter, (step - 0.5, -1.5), "north")
        world.place("infinity-chest", (step - 0.5, -2.5), items={item: count})
    if out is not None:
        world.place(out, (0.5, 2.5), "north")
        world.place(chest, (0.5, 3.5))
    return placed


def gear_cells(world: World, count: int, machine: str) -> None:
    """Build machines that make gears from (-39.5, -4.5) on, 5 tiles apart, with substations."""
    for step in range(count):
        x = -40 + 5 * step
        if step % 3 == 0:
            world.place("substation", (x + 3, -1))
        world.place(machine, (x + 0.5, -4.5), recipe=GEAR)
        world.place("fast-inserter", (x + 0.5, -6.5), "north")
        world.place("infinity-chest", (x + 0.5, -7.5), items={IRON: 200})
        world.place("fast-inserter", (x + 0.5, -2.5), "north")
        world.place("steel-chest", (x + 0.5, -1.5))


def engine(world: World, x: float) -> None:
    """Put up a steam engine that has all the steam it can use."""
    world.place("steam-engine", (x, 6.5), "north")
    world.place("infinity-pipe", (x, 9.5)).set_fluid("steam", 100, 165.0)
    world.place("substation", (x + 3, 4))


def circuits(world: World, *, n_cable_machines: int = 1, copper: int = 200) -> None:
    """Build a machine for circuits at (0.5, 0.5), and machines for cable beside it that feed it."""
    maker(world, CIRCUIT, {IRON: 200}, machine="assembling-machine-1")
    for step in range(n_cable_machines):
        sign = 1 if step else -1
        x = 0.5 + 4 * sign
        world.place("fast-inserter", (0.5 + 2 * sign, 0.5), "west" if sign < 0 else "east")
        world.place("assembling-machine-1", (x, 0.5), recipe=CABLE)
        world.place("fast-inserter", (x, -1.5), "north")
        if copper:
            world.place("infinity-chest", (x, -2.5), items={COPPER: copper})
        else:
            world.place("steel-chest", (x, -2.5))
