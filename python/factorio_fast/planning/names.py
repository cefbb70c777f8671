"""Which names of the game a goal may hold, by role."""

from __future__ import annotations

import functools
from typing import Annotated

from pydantic import AfterValidator

from factorio_fast import prototypes

__all__ = [
    "HAND_GATHERED",
    "AmmoName",
    "DrillName",
    "FuelName",
    "FurnaceName",
    "ItemName",
    "MachineName",
    "RecipeName",
    "ResourceName",
    "TechnologyName",
    "ammo_names",
    "drill_names",
    "fluid_names",
    "fuel_names",
    "furnace_names",
    "item_names",
    "machine_names",
    "power_source_names",
    "recipe_names",
    "resource_names",
    "technology_names",
]

# Prototypes that no player of the base game meets: editors' tools and place holders.
_HIDDEN_PREFIXES = ("parameter-", "infinity-", "linked-", "simple-entity-", "factorio-logo")
_HIDDEN = frozenset(
    {
        "blueprint",
        "blueprint-book",
        "bottomless-chest",
        "burner-generator",
        "coin",
        "copper-wire",
        "copy-paste-tool",
        "cut-paste-tool",
        "deconstruction-planner",
        "electric-energy-interface",
        "empty-module-slot",
        "express-loader",
        "fast-loader",
        "green-wire",
        "heat-interface",
        "item-unknown",
        "lane-splitter",
        "loader",
        "no-item",
        "one-way-valve",
        "overflow-valve",
        "proxy-container",
        "red-wire",
        "science",
        "selection-tool",
        "tank-machine-gun",
        "top-up-valve",
        "upgrade-planner",
        "vehicle-machine-gun",
    }
)

# Types of entities that lie in the ground or fly.
_NOT_BUILT = frozenset({"construction-robot", "logistic-robot", "resource"})

HAND_GATHERED = ("coal", "copper-ore", "iron-ore", "stone", "wood")
"""What a character can dig, chop or pick up with its hands; uranium ore and oil need machines."""


def _is_shown(name: str) -> bool:
    return name not in _HIDDEN and not name.startswith(_HIDDEN_PREFIXES)


@functools.cache
def item_names() -> frozenset[str]:
    """Return the items that a player of the base game meets."""
    return frozenset(filter(_is_shown, prototypes.names("item")))


@functools.cache
def fluid_names() -> frozenset[str]:
    """Return the fluids that a player of the base game meets."""
    names = filter(_is_shown, prototypes.names("fluid"))
    return frozenset(name for name in names if name != "fluid-unknown")


@functools.cache
def recipe_names() -> frozenset[str]:
    """Return the recipes."""
    return frozenset(filter(_is_shown, prototypes.names("recipe")))


@functools.cache
def technology_names() -> frozenset[str]:
    """Return the technologies."""
    return frozenset(prototypes.names("technology"))


@functools.cache
def machine_names() -> frozenset[str]:
    """Return the entities that are built from the item of the same name."""
    both = item_names() & frozenset(prototypes.names("entity"))
    return frozenset(
        name for name in both if prototypes.get("entity", name)["type"] not in _NOT_BUILT
    )


def _machines_of(*types: str) -> frozenset[str]:
    return frozenset(
        name for name in machine_names() if prototypes.get("entity", name)["type"] in types
    )


@functools.cache
def furnace_names() -> frozenset[str]:
    """Return the machines that smelt."""
    return _machines_of("furnace")


@functools.cache
def drill_names() -> frozenset[str]:
    """Return the machines that mine; a pumpjack is one."""
    return _machines_of("mining-drill")


@functools.cache
def power_source_names() -> frozenset[str]:
    """Return the machines that give electricity."""
    return _machines_of("generator", "solar-panel", "reactor", "accumulator")


@functools.cache
def resource_names() -> frozenset[str]:
    """Return what lies in the ground and can be mined."""
    names = prototypes.names("entity")
    return frozenset(name for name in names if prototypes.get("entity", name)["type"] == "resource")


@functools.cache
def fuel_names() -> frozenset[str]:
    """Return the items that burn in a burner machine."""
    items = ((name, prototypes.get("item", name)) for name in item_names())
    return frozenset(name for name, item in items if item.get("fuel_category") == "chemical")


@functools.cache
def ammo_names() -> frozenset[str]:
    """Return the items that are ammunition."""
    return frozenset(
        name for name in item_names() if prototypes.get("item", name)["type"] == "ammo"
    )


def _checked_item(name: str) -> str:
    return _checked(name, item_names(), "an item")


def _checked_machine(name: str) -> str:
    return _checked(name, machine_names(), "an entity that is built from an item")


def _checked_furnace(name: str) -> str:
    return _checked(name, furnace_names(), "a furnace")


def _checked_drill(name: str) -> str:
    return _checked(name, drill_names(), "a mining drill")


def _checked_resource(name: str) -> str:
    return _checked(name, resource_names(), "a resource")


def _checked_recipe(name: str) -> str:
    return _checked(name, recipe_names(), "a recipe")


def _checked_technology(name: str) -> str:
    return _checked(name, technology_names(), "a technology")


def _checked_fuel(name: str) -> str:
    return _checked(name, fuel_names(), "a fuel")


def _checked_ammo(name: str) -> str:
    return _checked(name, ammo_names(), "ammunition")


def _checked(name: str, known: frozenset[str], role: str) -> str:
    """Return the name if it is known; pydantic makes a `ValidationError` of a `ValueError`."""
    if name not in known:
        raise ValueError(f'"{name}" is not {role} of the base game')
    return name


ItemName = Annotated[str, AfterValidator(_checked_item)]
MachineName = Annotated[str, AfterValidator(_checked_machine)]
FurnaceName = Annotated[str, AfterValidator(_checked_furnace)]
DrillName = Annotated[str, AfterValidator(_checked_drill)]
ResourceName = Annotated[str, AfterValidator(_checked_resource)]
RecipeName = Annotated[str, AfterValidator(_checked_recipe)]
TechnologyName = Annotated[str, AfterValidator(_checked_technology)]
FuelName = Annotated[str, AfterValidator(_checked_fuel)]
AmmoName = Annotated[str, AfterValidator(_checked_ammo)]
