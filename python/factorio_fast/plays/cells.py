"""The cells that plays build: mines, smelters, makers, laboratories.

Inserters face what they take from. Small poles cover five by five tiles, which is what the cells
are measured by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.plays.recipes import recipe_of, stack_size
from factorio_fast.plays.site import Cell, Part, Want

if TYPE_CHECKING:
    from collections.abc import Iterable

FUEL = Want("coal", low=8, high=40, rank=0)
"""Coal that a furnace is kept supplied with."""

SUPPLY_SLOTS = 24
"""Slots that ingredients may take of the 32 of an iron chest."""

POLE = "small-electric-pole"


def burner_smelter() -> Cell:
    """Return a burner drill that feeds a stone furnace; the furnace holds the plates."""
    fuel = Want("coal", low=3, high=10, rank=0)
    return Cell(
        "burner smelter",
        (
            Part("burner-mining-drill", 1, 1, "east", wants=(fuel,)),
            Part("stone-furnace", 3, 1, wants=(fuel,), gives=True),
        ),
    )


def burner_mine(*, burns_own_coal: bool) -> Cell:
    """Return a burner drill that fills a wooden chest."""
    fuel = Want("coal", low=2, high=10, rank=-1 if burns_own_coal else 0)
    return Cell(
        "burner mine",
        (
            Part("burner-mining-drill", 1, 1, "east", wants=(fuel,)),
            Part("wooden-chest", 2.5, 0.5, gives=True),
        ),
    )


def smelter(furnace: str = "stone-furnace") -> Cell:
    """Return a drill that feeds a furnace that fills a chest: 7 by 3 tiles."""
    return Cell(
        "smelter",
        (
            Part(POLE, 4.5, 2.5),
            Part("electric-mining-drill", 1.5, 1.5, "east"),
            Part(furnace, 4, 1, wants=(FUEL,)),
            Part("inserter", 5.5, 0.5, "west"),
            Part("iron-chest", 6.5, 0.5, gives=True),
        ),
    )


def steel_smelter(furnace: str = "stone-furnace") -> Cell:
    """Return a drill and two furnaces in a row, the second for steel: 10 by 3 tiles."""
    return Cell(
        "steel smelter",
        (
            Part(POLE, 4.5, 2.5),
            Part("electric-mining-drill", 1.5, 1.5, "east"),
            Part(furnace, 4, 1, wants=(FUEL,)),
            Part("inserter", 5.5, 0.5, "west"),
            Part(furnace, 7, 1, wants=(FUEL,)),
            Part(POLE, 8.5, 2.5),
            Part("inserter", 8.5, 0.5, "west"),
            Part("iron-chest", 9.5, 0.5, gives=True),
        ),
    )


def mine() -> Cell:
    """Return a drill that fills a chest: 4 by 3 tiles."""
    return Cell(
        "mine",
        (
            Part(POLE, 3.5, 2.5),
            Part("electric-mining-drill", 1.5, 1.5, "east"),
            Part("iron-chest", 3.5, 1.5, gives=True),
        ),
    )


def maker(
    recipe: str,
    machine: str = "assembling-machine-2",
    *,
    inserter: str = "fast-inserter",
    crafts: int = 100,
    enough: int = 300,
) -> Cell:
    """Return a machine with a chest for what goes in, one for what comes out: 3 by 5 tiles.

    Its chest of ingredients is filled for so many crafts while less than `enough` of the product
    lie ready.
    """
    facts = recipe_of(recipe)
    parts = [Part(POLE, 1.5, 3.5), Part(machine, 1.5, 1.5, recipe=recipe)]
    if facts.ingredients:
        product = next(iter(facts.results), "")
        wants = tuple(supply(facts.ingredients, crafts, product, enough))
        parts += [
            Part("iron-chest", 0.5, 4.5, wants=wants),
            Part(inserter, 0.5, 3.5, "south"),
        ]
    if facts.results:
        parts += [
            Part(inserter, 2.5, 3.5, "north"),
            Part("iron-chest", 2.5, 4.5, gives=True),
        ]
    return Cell(recipe, tuple(parts))


def supply(
    ingredients: dict[str, int], crafts: int, product: str = "", enough: int = 0
) -> Iterable[Want]:
    """Return what a chest is kept supplied with for so many crafts, as far as it has room."""
    for item, amount in ingredients.items():
        high = min(amount * crafts, SUPPLY_SLOTS // len(ingredients) * stack_size(item))
        yield Want(item, max(amount, high // 2), high, product=product, enough=enough)


def acid_maker(crafts: int = 60) -> Cell:
    """Return a chemical plant for acid: its items come from the east, as its fluids go south."""
    wants = tuple(supply(recipe_of("sulfuric-acid").ingredients, crafts))
    return Cell(
        "sulfuric-acid",
        (
            Part(POLE, 3.5, 1.5),
            Part("chemical-plant", 1.5, 1.5, recipe="sulfuric-acid"),
            Part("iron-chest", 4.5, 0.5, wants=wants),
            Part("inserter", 3.5, 0.5, "east"),
        ),
    )


def circuit_maker(inserter: str = "fast-inserter") -> Cell:
    """Return a machine for copper cable that feeds one for electronic circuits: 3 by 11 tiles."""
    machine = "assembling-machine-1"
    product, enough = "electronic-circuit", 3_000
    return Cell(
        "electronic-circuit",
        (
            Part(POLE, 1.5, 9.5),
            Part(POLE, 1.5, 5.5),
            Part(POLE, 1.5, 1.5),
            Part(
                "iron-chest",
                0.5,
                0.5,
                wants=(Want("copper-plate", 700, 1_400, product=product, enough=enough),),
            ),
            Part(inserter, 0.5, 1.5, "north"),
            Part(machine, 1.5, 3.5, recipe="copper-cable"),
            Part(inserter, 0.5, 5.5, "north"),
            Part(inserter, 2.5, 5.5, "north"),
            Part(machine, 1.5, 7.5, recipe="electronic-circuit"),
            Part(
                "iron-chest",
                0.5,
                10.5,
                wants=(Want("iron-plate", 400, 800, product=product, enough=enough),),
            ),
            Part(inserter, 0.5, 9.5, "south"),
            Part(inserter, 2.5, 9.5, "north"),
            Part("iron-chest", 2.5, 10.5, gives=True),
        ),
    )


def lab_row(n_labs: int, packs: tuple[str, ...]) -> list[Cell]:
    """Return a chest of science packs and laboratories that hand them on, a cell each.

    Together they are 1 + 4 n by 3 tiles.
    """
    wants = tuple(Want(pack, low=100, high=200) for pack in packs)
    row = []
    for number in range(n_labs):
        x = 1 + 4 * number
        parts = [
            Part(POLE, x + 0.5, 1.5),
            Part("inserter", x + 0.5, 0.5, "west"),
            Part("lab", x + 2.5, 1.5),
        ]
        if number == 0:
            parts.append(Part("iron-chest", 0.5, 0.5, wants=wants))
        row.append(Cell("lab", tuple(parts)))
    return row
