"""Figures of the game that the analyzer reckons with: prototypes and the table of figures."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from factorio_fast import prototypes
from factorio_fast.fidelity.table import rows

__all__ = [
    "TICKS_PER_MINUTE",
    "Recipe",
    "belt_lane_per_minute",
    "crafting_speed",
    "entity_facts",
    "entity_type",
    "fuel_joules",
    "inserter_cycle_ticks",
    "inserter_joules",
    "is_known_entity",
    "mined_from",
    "module_speed",
    "recipe_of",
    "recipes",
    "stack_size",
    "technology_packs",
    "watts",
    "worth",
]

TICKS_PER_MINUTE = 3_600.0
_UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_ENERGY = re.compile(r"^([0-9.]+)([kMGT]?)[WJ]$")
# A lane of a yellow belt, of 1/32 tile a tick, carries 7.5 items a second (rows BLT-lane-*).
_LANE_PER_MINUTE_AND_SPEED = 7.5 * 60 / 0.03125


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A recipe, with amounts of a craft."""

    name: str
    category: str
    seconds: float
    ingredients: dict[str, float]
    results: dict[str, float]
    fluids: frozenset[str]
    """Those of its ingredients and results that are fluids."""
    is_enabled: bool
    """Whether it can be made before any research."""


def watts(text: str) -> float:
    """Read a power or an energy as prototypes write it, such as `90kW` or `4MJ`."""
    match = _ENERGY.match(text)
    if match is None:
        raise ValueError(f'no power and no energy: "{text}"')
    return float(match[1]) * _UNITS[match[2]]


@functools.cache
def entity_facts(name: str) -> dict[str, Any]:
    """Return the prototype of an entity; do not change it."""
    return prototypes.get("entity", name)


@functools.cache
def _entity_names() -> frozenset[str]:
    return frozenset(prototypes.names("entity"))


def is_known_entity(name: str) -> bool:
    """Say whether the prototypes have an entity of this name."""
    return name in _entity_names()


@functools.cache
def entity_type(name: str) -> str:
    """Return the game's type of an entity, such as `mining-drill`; '' for the unknown."""
    return str(entity_facts(name)["type"]) if is_known_entity(name) else ""


@functools.cache
def recipes() -> dict[str, Recipe]:
    """Return all recipes by name."""
    return {name: _recipe(prototypes.get("recipe", name)) for name in prototypes.names("recipe")}


def recipe_of(name: str) -> Recipe:
    """Return one recipe."""
    return recipes()[name]


def _recipe(data: dict[str, Any]) -> Recipe:
    ingredients = {part["name"]: float(part["amount"]) for part in data.get("ingredients", ())}
    results: dict[str, float] = {}
    for part in data.get("results", ()):
        amount = part.get("amount")
        if amount is None:
            amount = (part["amount_min"] + part["amount_max"]) / 2
        expected = float(amount) * float(part.get("probability", 1.0))
        results[part["name"]] = results.get(part["name"], 0.0) + expected
    parts = [*data.get("ingredients", ()), *data.get("results", ())]
    return Recipe(
        name=data["name"],
        category=data.get("category", "crafting"),
        seconds=float(data.get("energy_required", 0.5)),
        ingredients=ingredients,
        results=results,
        fluids=frozenset(part["name"] for part in parts if part["type"] == "fluid"),
        is_enabled=bool(data.get("enabled", True)),
    )


@functools.cache
def stack_size(item: str) -> int:
    """Return how many of an item a slot holds."""
    return int(prototypes.get("item", item).get("stack_size", 1))


@functools.cache
def fuel_joules(item: str) -> float:
    """Return the energy in a fuel, 0 for what does not burn."""
    if item not in _item_names():
        return 0.0
    value = prototypes.get("item", item).get("fuel_value")
    return watts(value) if value else 0.0


@functools.cache
def _item_names() -> frozenset[str]:
    return frozenset(prototypes.names("item"))


def module_speed(modules: dict[str, int]) -> float:
    """Return the share by which modules make a machine faster."""
    effects = ((prototypes.get("item", item).get("effect", {}), n) for item, n in modules.items())
    return sum(float(effect.get("speed", 0.0)) * n for effect, n in effects)


def crafting_speed(name: str) -> float:
    """Return the speed of a machine without modules, 1 for what has none."""
    return float(entity_facts(name).get("crafting_speed", 1.0))


@functools.cache
def mined_from(resource: str) -> tuple[float, dict[str, float]]:
    """Return mining time and products of what a drill takes out of the ground."""
    minable = entity_facts(resource)["minable"]
    results = minable.get("results")
    if results is None:
        products = {str(minable["result"]): float(minable.get("count", 1))}
    else:
        products = {part["name"]: _amount(part) for part in results}
    return float(minable["mining_time"]), products


def _amount(part: dict[str, Any]) -> float:
    amount = part.get("amount")
    if amount is None:
        amount = (part["amount_min"] + part["amount_max"]) / 2
    return float(amount)


@functools.cache
def _figures() -> dict[str, float]:
    return {
        row.id: float(row.expected) for row in rows().values() if row.id.startswith("INS-cycle-")
    }


def inserter_cycle_ticks(name: str) -> float:
    """Return the ticks from one delivery to the next between two chests (rows `INS-cycle-*`)."""
    return _figures()[f"INS-cycle-{name}"]


def inserter_joules(name: str) -> float:
    """Return the energy of an electric inserter for an item without drain (rows `INS-energy-*`)."""
    kind = {"inserter": "basic", "long-handed-inserter": "long"}.get(name, "fast")
    return float(rows()[f"INS-energy-{kind}"].expected)


def belt_lane_per_minute(name: str) -> float:
    """Return what a lane of a belt, underground belt or splitter carries, in items."""
    return float(entity_facts(name)["speed"]) * _LANE_PER_MINUTE_AND_SPEED


@functools.cache
def technology_packs(technology: str) -> tuple[float, float, dict[str, float]]:
    """Return units, seconds a unit and packs a unit of a technology; zeros for one by a trigger."""
    unit = prototypes.get("technology", technology).get("unit")
    if unit is None:
        return 0.0, 0.0, {}
    packs = {str(name): float(amount) for name, amount in unit["ingredients"]}
    return float(unit.get("count", 0) or 0), float(unit["time"]), packs


@functools.cache
def worth(item: str, depth: int = 12) -> float:
    """Return what an item is worth: the raw materials in it, and a little for each second of work.

    It only weighs products against each other; raw materials are worth 1.
    """
    makers = [
        recipe
        for recipe in recipes().values()
        if item in recipe.results and item not in recipe.ingredients and recipe.name == item
    ]
    if not makers or depth == 0:
        return 1.0
    recipe = makers[0]
    parts = sum(
        amount * (worth(part, depth - 1) if part not in recipe.fluids else 0.1)
        for part, amount in recipe.ingredients.items()
    )
    return (parts + 0.1 * recipe.seconds) / max(recipe.results[item], 1e-9) or 1.0
