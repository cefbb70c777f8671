"""Machines to which something that they need never comes, and whose fault that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from factorio_fast.semantic.facts import entity_facts, recipe_of, recipes
from factorio_fast.semantic.machines import CRAFTER_TYPES, lab_units_per_minute

if TYPE_CHECKING:
    from factorio_fast.semantic.edits import PoolKey
    from factorio_fast.semantic.facts import Recipe
    from factorio_fast.semantic.layout import Arm
    from factorio_fast.semantic.network import FlowNetwork

__all__ = ["Lack", "missing_supplies"]

MAX_DEPTH = 12
"""How many machines the search for whose fault it is goes up the stream."""


@dataclass(frozen=True, kw_only=True)
class Lack:
    """Something that never comes to a machine; or a machine that does not make what it should."""

    unit: int
    item: str
    pools: tuple[PoolKey, ...] = ()
    """Where it would have to be; empty for a recipe."""
    recipe: str | None = None
    """What the unit should make instead."""


def missing_supplies(network: FlowNetwork) -> list[Lack]:
    """List what is missing, each once, nearest to its source."""
    found: dict[tuple[object, str, str | None], Lack] = {}
    for unit, entity in network.units.items():
        if not network.arms_into.get(unit):
            # Nobody feeds it: it is idle, and what it needs is for whoever stands before it to say.
            continue
        for item in _wanted(network, unit):
            if not _never_comes(network, unit, item):
                continue
            for lack in _blamed(network, unit, item, 0):
                # Machines that wait for the same thing at the same place are one lack.
                found.setdefault((lack.pools or lack.unit, lack.item, lack.recipe), lack)
        if entity.type == "assembling-machine" and network.recipe_name(unit) is None:
            recipe = _meant_recipe(network, unit)
            if recipe is not None:
                found.setdefault((unit, "", recipe), Lack(unit=unit, item="", recipe=recipe))
    return list(found.values())


def _wanted(network: FlowNetwork, unit: int) -> list[str]:
    """List the items that a machine needs; of a furnace without anything, what it should smelt."""
    entity = network.units[unit]
    if entity.type == "lab":
        return list(lab_units_per_minute(network.state, entity)[1])
    if entity.type not in CRAFTER_TYPES:
        return []
    if entity.type == "furnace":
        if network.work_of(unit) != (network.name_of(unit), ""):
            return []
        meant = _meant_smelting(network, unit)
        return [next(iter(meant.ingredients))] if meant is not None else []
    return [
        item
        for recipe in network.recipes_of(unit)
        for item in recipe.ingredients
        if item not in recipe.fluids
    ]


def _never_comes(network: FlowNetwork, unit: int, item: str) -> bool:
    key = (unit, "in", item)
    return not network.givers.get(key) and network.spare.get(key, 0.0) <= 0


def _meant_smelting(network: FlowNetwork, unit: int) -> Recipe | None:
    """Return what an empty furnace should smelt: what lies in its chest, or was made."""
    outlets = [arm.target for arm in network.arms_from.get(unit, ())]
    wanted = {
        item
        for target in outlets
        if target is not None
        for item in (network.accepts(target) or network.units[target].items())
    }
    made = network.state.production.items_made
    choices = [recipe for recipe in network.recipes_of(unit) if set(recipe.results) & wanted]
    choices = choices or [
        recipe for recipe in network.recipes_of(unit) if set(recipe.results) & set(made)
    ]
    choices = choices or network.recipes_of(unit)
    return choices[0] if choices else None


def _blamed(network: FlowNetwork, unit: int, item: str, depth: int) -> list[Lack]:
    """List whose fault it is that an item never comes to a unit."""
    own = _wrong_here(network, unit)
    if own is not None:
        return [Lack(unit=unit, item=item, recipe=own)]
    arms = [
        arm
        for arm in network.arms_into.get(unit, ())
        if arm.entity.type == "inserter" and not _is_barred(arm, item)
    ]
    found: list[Lack] = []
    empty: list[PoolKey] = []
    for arm in arms:
        if arm.source is not None:
            found += _blamed_source(network, arm.source, item, depth)
            if network.units[arm.source].type not in CRAFTER_TYPES:
                empty.append((arm.source, "store", item))
        for run in arm.source_runs:
            found += _blamed_run(network, run, item, depth)
            empty.append((_first_run(network, run), "run", item))
    if found or _has_drills(network, unit, {run for arm in arms for run in arm.source_runs}):
        # Drills without ore are named as that.
        return found
    # Of several chests one that is empty is the one that was meant for it.
    empty.sort(key=lambda key: _is_stocked(network, key))
    pools = tuple(empty[:1]) or ((unit, "in", item),)
    return [Lack(unit=unit, item=item, pools=pools)]


def _has_drills(network: FlowNetwork, unit: int, runs: set[int]) -> bool:
    """Say whether drills give to a unit or to what its belts come from."""
    upstream = set().union(*(network.belts.upstream(run) for run in runs))
    feeding = [*network.arms_into.get(unit, ())]
    feeding += [arm for run in upstream for arm in network.arms_onto.get(run, ())]
    return any(arm.entity.type == "mining-drill" for arm in feeding)


def _is_barred(arm: Arm, item: str) -> bool:
    entity = arm.entity
    return bool(entity.filters) and (item in entity.filters) == (entity.filter_mode == "blacklist")


def _is_stocked(network: FlowNetwork, key: PoolKey) -> bool:
    owner, role, _ = key
    if role == "run":
        return bool(network.belts.runs[owner].counts)
    return bool(network.units[owner].items())


def _blamed_source(network: FlowNetwork, source: int, item: str, depth: int) -> list[Lack]:
    """List whose fault it is that a machine or chest upstream has none of an item."""
    if depth >= MAX_DEPTH:
        return []
    entity = network.units[source]
    if entity.type in CRAFTER_TYPES:
        if entity.type == "furnace":
            return []
        if any(item in recipe.results for recipe in network.recipes_of(source)):
            return []
        meant = _recipe_for(network, source, item)
        return [Lack(unit=source, item=item, recipe=meant)] if meant is not None else []
    found: list[Lack] = []
    for arm in network.arms_into.get(source, ()):
        if arm.source is not None:
            found += _blamed_source(network, arm.source, item, depth + 1)
    return found


def _blamed_run(network: FlowNetwork, run: int, item: str, depth: int) -> list[Lack]:
    """List whose fault it is that a run carries none of an item."""
    upstream = network.belts.upstream(run)
    found: list[Lack] = []
    for arm in [arm for number in upstream for arm in network.arms_onto.get(number, ())]:
        if arm.source is not None:
            found += _blamed_source(network, arm.source, item, depth + 1)
    return found


def _first_run(network: FlowNetwork, run: int) -> int:
    """Return the run furthest up the stream of a run."""
    upstream = network.belts.upstream(run)
    return min((number for number in upstream if not network.belts.before[number]), default=run)


# --- Which recipe was meant ----------------------------------------------------------------------


def _supplied(network: FlowNetwork, unit: int) -> set[str]:
    """Return the items that inserters could bring to a machine, whatever that makes."""
    found: set[str] = set()
    for arm in network.arms_into.get(unit, ()):
        places = [("run", run) for run in arm.source_runs]
        if arm.source is not None:
            places.append(("unit", arm.source))
        for place in places:
            found |= {item for item in network.held[place] if not _is_barred(arm, item)}
    return found | set(network.units[unit].items("source"))


def _possible(network: FlowNetwork, unit: int) -> list[Recipe]:
    """List the recipes that a machine could make of what is brought to it."""
    categories = entity_facts(network.name_of(unit))["crafting_categories"]
    supplied = _supplied(network, unit)
    return [
        recipe
        for recipe in recipes().values()
        if recipe.category in categories
        and recipe.name in network.enabled
        and recipe.ingredients
        and set(recipe.ingredients) - recipe.fluids <= supplied
    ]


def _recipe_for(network: FlowNetwork, unit: int, item: str) -> str | None:
    """Return the recipe by which a machine could make an item of what is brought to it."""
    possible = [recipe for recipe in _possible(network, unit) if item in recipe.results]
    return possible[0].name if possible else None


def _wrong_here(network: FlowNetwork, unit: int) -> str | None:
    """Return what a machine should make that gets none of its ingredients, but those of another."""
    entity = network.units[unit]
    name = network.recipe_name(unit)
    if entity.type != "assembling-machine" or name is None:
        return None
    recipe = recipe_of(name)
    needed = set(recipe.ingredients) - recipe.fluids
    supplied = _supplied(network, unit)
    if needed & supplied and not _outlets_want(network, unit):
        # Part of it comes: what lacks is the rest.
        return None
    return _meant_recipe(network, unit)


def _outlets_want(network: FlowNetwork, unit: int) -> set[str]:
    """Return what the machines at a machine's outlets need, and what was stored there."""
    wanted: set[str] = set()
    for arm in network.arms_from.get(unit, ()):
        if arm.target is not None:
            target = network.units[arm.target]
            accepted = network.accepts(arm.target)
            wanted |= set(target.items("contents")) if accepted is None else accepted
    return wanted


def _meant_recipe(network: FlowNetwork, unit: int) -> str | None:
    """Return the likeliest recipe for a machine by what is brought to it and asked of it."""
    wanted = _outlets_want(network, unit)
    made = network.state.production.items_made
    supplied = _supplied(network, unit)
    current = network.recipe_name(unit)
    choices = [recipe for recipe in _possible(network, unit) if recipe.name != current]
    if not choices:
        return None

    def likelihood(recipe: Recipe) -> tuple[bool, bool, int, int]:
        results = set(recipe.results)
        used = len(set(recipe.ingredients) & supplied)
        return bool(results & wanted), bool(results & set(made)), used, -len(recipe.ingredients)

    best = max(choices, key=likelihood)
    is_sure = likelihood(best)[0] or likelihood(best)[1] or len(choices) == 1
    return best.name if is_sure else None
