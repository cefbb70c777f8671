"""What has to be researched or made before something can be built: regression over technologies."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from factorio_fast import prototypes
from factorio_fast.plays.recipes import can_craft, recipe_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factorio_fast._core import World

__all__ = ["locked_recipes", "technologies_for", "technology", "unlocking"]

MAX_DEPTH = 64
"""No chain of the base game's technologies is longer."""


@cache
def technology(name: str) -> dict[str, Any]:
    """Return the data of a technology."""
    return prototypes.get("technology", name)


@cache
def unlocking(recipe: str) -> tuple[str, ...]:
    """List the technologies that unlock a recipe."""
    return tuple(
        name
        for name in prototypes.names("technology")
        if any(effect.get("recipe") == recipe for effect in technology(name).get("effects", ()))
    )


def locked_recipes(world: World, items: Iterable[str]) -> list[str]:
    """List the recipes that items and their parts are made by and that may not be used yet."""
    locked: list[str] = []
    seen: set[str] = set()
    left = list(items)
    while left:
        item = left.pop()
        if item in seen or item not in prototypes.names("recipe"):
            continue
        seen.add(item)
        if not world.is_enabled(item):
            locked.append(item)
        if can_craft(item):
            left += recipe_of(item).ingredients
    return sorted(locked)


def technologies_for(world: World, names: Iterable[str]) -> list[str]:
    """List what has to be researched for some technologies, in an order that works, they last."""
    ordered: list[str] = []

    def visit(name: str, depth: int) -> None:
        if depth > MAX_DEPTH or name in ordered or world.is_researched(name):
            return
        for before in technology(name).get("prerequisites", ()):
            visit(before, depth + 1)
        ordered.append(name)

    for name in names:
        visit(name, 0)
    return ordered
