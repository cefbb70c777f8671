"""What single machines could do a minute: crafts, ore, swings, research; and their energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast import prototypes
from factorio_fast.semantic.facts import (
    crafting_speed,
    entity_facts,
    fuel_joules,
    inserter_cycle_ticks,
    mined_from,
    recipes,
    technology_packs,
    watts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factorio_fast.semantic.facts import Recipe
    from factorio_fast.semantic.state import EntityState, GameState

__all__ = [
    "CRAFTER_TYPES",
    "burns",
    "crafts_per_minute",
    "drill_per_minute",
    "drill_per_minute_by_name",
    "enabled_recipes",
    "inserter_per_minute",
    "is_electric",
    "is_fuelled",
    "lab_units_per_minute",
    "module_effect",
    "smelting_recipes",
]

CRAFTER_TYPES = frozenset({"assembling-machine", "furnace", "rocket-silo"})
# Off a belt that has piled up a swing is shorter: the item lies where the hand is. Row
# INS-belt-stopped: 64 ticks instead of 70.
_OFF_BELT_FACTOR = 70 / 64
# Each item past the first that a hand lays on a belt waits for the one before to move on, and as
# long for each that it picks up: a quarter tile, 8 ticks on a yellow belt.
_QUARTER_TILE = 0.25


def is_electric(name: str) -> bool:
    """Say whether an entity takes electricity."""
    source = entity_facts(name).get("energy_source", {})
    return source.get("type") == "electric" and "output" not in source.get("usage_priority", "")


def burns(name: str) -> bool:
    """Say whether an entity burns fuel of the kind that is put in as an item."""
    source = entity_facts(name).get("energy_source", {})
    return source.get("type") == "burner" and "chemical" in source.get("fuel_categories", ())


def is_fuelled(entity: EntityState) -> bool:
    """Say whether a burner has fuel or fire."""
    return bool(entity.items("fuel")) or (entity.burning is not None and entity.burning[1] > 0)


def fuel_stock_joules(entity: EntityState) -> float:
    """Return the energy in its fuel and fire."""
    stock = sum(fuel_joules(item) * count for item, count in entity.items("fuel").items())
    return stock + (entity.burning[1] if entity.burning else 0.0)


def energy_watts(name: str) -> float:
    """Return the power that a machine takes at work."""
    facts = entity_facts(name)
    return watts(facts.get("energy_usage") or facts.get("energy_consumption") or "0W")


def module_effect(entity: EntityState, effect: str) -> float:
    """Return the sum of an effect, such as `speed`, over the modules in an entity."""
    total = 0.0
    for item, count in entity.items("modules").items():
        total += float(prototypes.get("item", item).get("effect", {}).get(effect, 0.0)) * count
    return total


def _speed_factor(entity: EntityState) -> float:
    return max(0.2, 1.0 + module_effect(entity, "speed") + entity.beacon_speed)


def productivity(entity: EntityState) -> float:
    """Return the share of products that modules add."""
    return module_effect(entity, "productivity")


def crafts_per_minute(entity: EntityState, name: str, recipe: Recipe) -> float:
    """Return the crafts a minute of a machine with full power and ingredients."""
    return 60.0 * crafting_speed(name) * _speed_factor(entity) / recipe.seconds


def drill_per_minute(state: GameState, drill: EntityState, name: str, ore: str) -> float:
    """Return what a drill yields of one resource, in items a minute, if it mined nothing else."""
    seconds, products = mined_from(ore)
    bonus = 1.0 + state.research.bonuses.get("mining_drill_productivity_bonus", 0.0)
    bonus += productivity(drill)
    speed = float(entity_facts(name)["mining_speed"]) * _speed_factor(drill)
    return 60.0 * speed / seconds * bonus * sum(products.values())


def hand_size(state: GameState, name: str) -> int:
    """Return how many items an inserter moves at once."""
    bonuses = state.research.bonuses
    if name == "bulk-inserter":
        return 1 + int(bonuses.get("bulk_inserter_capacity_bonus", 0))
    return 1 + int(bonuses.get("inserter_stack_size_bonus", 0))


def inserter_per_minute(
    state: GameState,
    name: str,
    *,
    from_belt: float = 0.0,
    onto_belt: float = 0.0,
) -> float:
    """Return the items a minute of an inserter.

    Args:
        state: where bonuses of research are read.
        name: the inserter.
        from_belt: speed of the belt that it takes from, tiles a tick; 0 for no belt.
        onto_belt: speed of the belt that it drops on, tiles a tick; 0 for no belt.
    """
    hand = hand_size(state, name)
    ticks = inserter_cycle_ticks(name)
    if from_belt:
        ticks = ticks / _OFF_BELT_FACTOR + (hand - 1) * _QUARTER_TILE / from_belt
    if onto_belt:
        ticks += (hand - 1) * _QUARTER_TILE / onto_belt
    return 3_600.0 / ticks * hand


def lab_units_per_minute(state: GameState, lab: EntityState) -> tuple[float, dict[str, float]]:
    """Return the units of the current research that a lab does a minute, and a unit's packs."""
    if state.research.current is None:
        return 0.0, {}
    _, seconds, packs = technology_packs(state.research.current)
    if not packs:
        return 0.0, {}
    speed = float(entity_facts(lab.name).get("researching_speed", 1.0))
    speed *= 1.0 + state.research.bonuses.get("laboratory_speed_modifier", 0.0)
    speed *= _speed_factor(lab)
    return 60.0 * speed / seconds, packs


def smelting_recipes(name: str, enabled: frozenset[str]) -> list[Recipe]:
    """List what a furnace would make of what is put into it."""
    categories = entity_facts(name)["crafting_categories"]
    return [
        recipe
        for recipe in recipes().values()
        if recipe.category in categories and recipe.name in enabled
    ]


def enabled_recipes(researched: Iterable[str]) -> frozenset[str]:
    """Return the recipes that may be used with some technologies."""
    enabled = {name for name, recipe in recipes().items() if recipe.is_enabled}
    for technology in researched:
        for effect in prototypes.get("technology", technology).get("effects", ()):
            if effect["type"] == "unlock-recipe":
                enabled.add(effect["recipe"])
    return frozenset(enabled)


def drill_per_minute_by_name(state: GameState, name: str, ore: str) -> float:
    """Return what a new drill without modules would yield of a resource, in items a minute."""
    seconds, products = mined_from(ore)
    bonus = 1.0 + state.research.bonuses.get("mining_drill_productivity_bonus", 0.0)
    return (
        60.0 * float(entity_facts(name)["mining_speed"]) / seconds * bonus * sum(products.values())
    )
