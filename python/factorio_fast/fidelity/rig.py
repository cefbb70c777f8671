"""Pieces of set-ups that several rows share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast._core import Entity

ORE_AREA = ((-1, -1), (1, 1))
"""The four tiles under a burner drill at the origin."""


def first_tick(world: World, is_so: Callable[[], bool], limit: int = 100_000) -> int:
    """Run tick by tick until something is so, and return the ticks that it took.

    Raises:
        RuntimeError: it is not so within `limit` ticks: the set-up does not work.
    """
    for ticks in range(1, limit + 1):
        world.run(1)
        if is_so():
            return ticks
    raise RuntimeError(f"what the row waits for did not happen in {limit} ticks")


def ticks_of_rises(
    world: World, read: Callable[[], float], count: int, limit: int = 100_000
) -> list[int]:
    """Run tick by tick and return the world's ticks at which a reading rose, `count` of them."""
    rises: list[int] = []
    before = read()
    for _ in range(limit):
        world.run(1)
        now = read()
        if now > before:
            rises.append(world.tick)
            if len(rises) == count:
                return rises
        before = now
    raise RuntimeError(f"{len(rises)} of {count} rises came in {limit} ticks")


def settled(world: World, read: Callable[[], object], window: int = 1_000) -> None:
    """Run until a reading stays the same for `window` ticks."""
    for _ in range(100):
        before = read()
        world.run(window)
        if read() == before:
            return
    raise RuntimeError(f"what the row reads still changes after {100 * window} ticks")


def counter(entity: Entity, item: str, kind: str | None = None) -> Callable[[], int]:
    """Return a function that counts an item in an entity."""
    return lambda: entity.inventory(kind).get(item, 0)


def drill_and_chest(ticks: int = 0) -> tuple[World, Entity, Entity]:
    """Build a fuelled burner drill on iron ore that drops into a chest."""
    world = World(16, 16)
    world.set_resource("iron-ore", ORE_AREA, 100_000)
    drill = world.place("burner-mining-drill", (0, 0), items={"coal": 50})
    chest = world.place("iron-chest", (-0.5, -1.5))
    world.run(ticks)
    return world, drill, chest


def furnace(
    name: str = "stone-furnace",
    *,
    fuel: str | None = "coal",
    ore: str = "iron-ore",
    count: int = 50,
) -> tuple[World, Entity]:
    """Build a furnace with ore and fuel in it."""
    world = World(32, 32)
    world.research("steel-processing")
    items = {ore: count} | ({fuel: 50} if fuel else {})
    if fuel is None:
        power(world)
    return world, world.place(name, (0, 0), items=items)


def power(world: World, position: tuple[float, float] = (-8, -8)) -> None:
    """Put a substation that never lacks power on a position: it serves 9 tiles around."""
    x, y = position
    world.place("substation", position)
    world.place("electric-energy-interface", (x - 2, y))
