"""Recipes as a player reckons with them: what goes in, what comes out, what hands can do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from factorio_fast import prototypes

__all__ = ["Recipe", "can_craft", "recipe_of", "shortages", "slots_of", "stack_size"]

HAND_CATEGORIES = frozenset({"crafting"})
"""Recipe categories of the character (Factorio 2.0.77 prototype data)."""


@dataclass(frozen=True)
class Recipe:
    """The items of one craft of a recipe; fluids are left out."""

    name: str
    ingredients: dict[str, int]
    results: dict[str, int]
    by_hand: bool


@cache
def recipe_of(name: str) -> Recipe:
    """Return the recipe of a name.

    Raises:
        UnknownNameError: The game has no such recipe.
    """
    data = prototypes.get("recipe", name)
    return Recipe(
        name=name,
        ingredients={part["name"]: part["amount"] for part in data["ingredients"] if is_item(part)},
        results={part["name"]: part["amount"] for part in data["results"] if is_item(part)},
        by_hand=data["category"] in HAND_CATEGORIES,
    )


def is_item(part: dict[str, str]) -> bool:
    """Whether an ingredient or result is an item."""
    return part["type"] == "item"


@cache
def stack_size(item: str) -> int:
    """Return how many of an item a slot holds."""
    size: int = prototypes.get("item", item)["stack_size"]
    return size


@cache
def can_craft(item: str) -> bool:
    """Whether hands can make an item: its recipe bears its name and is one of theirs."""
    return item in prototypes.names("recipe") and recipe_of(item).by_hand


def slots_of(inventory: Counter[str]) -> int:
    """Return how many slots items take."""
    return sum(-(-count // stack_size(item)) for item, count in inventory.items())


def shortages(
    wanted: dict[str, int], stock: Counter[str], leave: frozenset[str] = frozenset()
) -> tuple[Counter[str], Counter[str]]:
    """Work out what making things by hand takes from a stock, and what it lacks.

    Args:
        wanted: items to have in the end.
        stock: all there is, wherever it lies.
        leave: items that are not to be made by hand, though they could be.

    Returns:
        (what of the stock is used, what is missing).
    """
    rest, used, missing = Counter(stock), Counter[str](), Counter[str]()

    def want(item: str, count: int) -> None:
        found = min(count, rest[item])
        rest[item] -= found
        used[item] += found
        count -= found
        if count == 0:
            return
        if item in leave or not can_craft(item):
            missing[item] += count
            return
        recipe = recipe_of(item)
        crafts = -(-count // recipe.results[item])
        for ingredient, amount in recipe.ingredients.items():
            want(ingredient, crafts * amount)
        rest[item] += crafts * recipe.results[item] - count

    for item, count in wanted.items():
        want(item, count)
    return +used, +missing
