"""Rows of how much inserters bring: ingredients, fuel, ammunition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import settled

if TYPE_CHECKING:
    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

SIDES = (((0.5, 2.5), "south"), ((-1.5, 0.5), "west"), ((2.5, 0.5), "east"))
"""Where inserters stand round a machine of three tiles at (0.5, 0.5), and what they face."""


def feed(world: World, position: tuple[float, float], direction: str, item: str) -> None:
    """Build a burner inserter and a chest of an item that never ends, in that direction of it."""
    x, y = position
    east, south = {"north": (0, -1), "south": (0, 1), "west": (-1, 0), "east": (1, 0)}[direction]
    world.place("burner-inserter", position, direction, items={"coal": 5})
    world.place("infinity-chest", (x + east, y + south), items={item: 200})


def fed_to_furnace(item: str) -> int:
    """Return how many of an item an inserter brings to a furnace that does nothing."""
    world = World(16, 16)
    furnace = world.place("stone-furnace", (0, 0))
    feed(world, (0.5, 1.5), "south", item)
    settled(world, furnace.inventory)
    return furnace.inventory()[item]


@measures("INS-fuel-limit")
def fuel(_: Row) -> Measurement:
    """Coal in the fuel slot."""
    return fed_to_furnace("coal")


@measures("INS-furnace-ore")
def ore(_: Row) -> Measurement:
    """Ore in the source slot."""
    return fed_to_furnace("iron-ore")


@measures("INS-furnace-stone")
def stone(_: Row) -> Measurement:
    """Stone in the source slot."""
    return fed_to_furnace("stone")


def fed_to_machine(machine: str, recipe: str, ingredients: tuple[str, ...]) -> tuple[int, ...]:
    """Return how many of each ingredient inserters bring to a machine without power."""
    world = World(16, 16)
    world.enable_all_recipes()
    fed: Entity = world.place(machine, (0.5, 0.5), recipe=recipe)
    for (position, direction), item in zip(SIDES, ingredients, strict=False):
        feed(world, position, direction, item)
    settled(world, fed.inventory)
    return tuple(fed.inventory()[item] for item in ingredients)


CASES = {
    "INS-limit-AM1-iron-gear-wheel": ("1", "iron-gear-wheel", ("iron-plate",)),
    "INS-limit-AM2-engine-unit": (
        "2",
        "engine-unit",
        ("steel-plate", "iron-gear-wheel", "pipe"),
    ),
    "INS-limit-AM3-copper-cable": ("3", "copper-cable", ("copper-plate",)),
    "INS-limit-AM2-electronic-circuit": (
        "2",
        "electronic-circuit",
        ("iron-plate", "copper-cable"),
    ),
    "INS-limit-AM3-iron-gear-wheel": ("3", "iron-gear-wheel", ("iron-plate",)),
    "INS-limit-red": ("1", "automation-science-pack", ("copper-plate", "iron-gear-wheel")),
    "INS-limit-redcircuit": (
        "2",
        "advanced-circuit",
        ("electronic-circuit", "plastic-bar", "copper-cable"),
    ),
}
"""Assembling machine, recipe, and ingredients in the row's order."""


@measures(*CASES)
def ingredients(row: Row) -> Measurement:
    """Ingredients in the machine."""
    number, recipe, items = CASES[row.id]
    return fed_to_machine(f"assembling-machine-{number}", recipe, items)


@measures("INS-turret")
def turret(_: Row) -> Measurement:
    """Magazines in the turret."""
    world = World(16, 16)
    turret = world.place("gun-turret", (0, 0))
    feed(world, (0.5, 1.5), "south", "firearm-magazine")
    settled(world, turret.inventory)
    return turret.inventory()["firearm-magazine"]
