"""Machines in a row that make an item: what each makes, what it takes, how fast it goes.

A unit is a row of assembling machines beside a belt of raw materials. Every machine takes from the
belt what lies there; what another machine makes is handed over by inserters between neighbours.
Both sides of a belt have units, so that one belt with two lanes, a material each, feeds them all.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache

from factorio_fast import prototypes
from factorio_fast.planning.cells import Part
from factorio_fast.plays.recipes import recipe_of

__all__ = ["BELT_ITEMS", "Block", "ChainError", "Unit", "block_for", "raw_rates", "unit_for"]

BELT_ITEMS = frozenset({"iron-plate", "copper-plate", "steel-plate", "stone-brick"})
"""What the belt brings; the rest is made beside it."""
SWINGS_PER_MINUTE = 48.0
"""What one inserter moves from machine to machine (a swing of 70 ticks, with some slack)."""
MACHINE = "assembling-machine-1"
INSERTER = "inserter"
POLE = "small-electric-pole"
MAX_TRANSFERS = 2
MAX_FEEDERS = 3
MAX_BELT_ITEMS = 2
MAX_UNITS = 40
UNIT_TILES = 4
"""A machine and the gap beside it."""


class ChainError(Exception):
    """An item that this way of building cannot make; the message says why."""


@dataclass(frozen=True)
class Unit:
    """Machines in a row."""

    items: tuple[str, ...]
    """What each makes, from west to east."""
    links: tuple[tuple[int, int], ...]
    """Which machine hands its product to which neighbour."""
    roots: tuple[int, ...]
    """The machines whose product leaves the unit."""
    rate_per_minute: float
    """What leaves it at most."""


@dataclass(frozen=True)
class Block:
    """Units on both sides of a belt."""

    parts: tuple[Part, ...]
    length: int
    """Tiles of belt."""
    power_watts: float
    rate_per_minute: float
    n_units: int


@cache
def speed_of(machine: str) -> float:
    """Return the crafting speed of a machine."""
    return float(prototypes.get("entity", machine)["crafting_speed"])


@cache
def made_parts(item: str) -> tuple[str, ...]:
    """List the ingredients of an item that a machine has to make.

    Raises:
        ChainError: an assembling machine of the first kind cannot make it, or not of these.
    """
    if item not in prototypes.names("recipe"):
        raise ChainError(f'no recipe makes "{item}"')
    facts = prototypes.get("recipe", item)
    if facts["category"] not in prototypes.get("entity", MACHINE)["crafting_categories"] or any(
        part["type"] != "item" for part in facts["ingredients"]
    ):
        raise ChainError(f'{MACHINE} cannot make "{item}"')
    return tuple(name for name in recipe_of(item).ingredients if name not in BELT_ITEMS)


def path_of(item: str) -> list[str]:
    """List an item and what makes up its single chain of parts, the item first.

    Raises:
        ChainError: it has more than one part that is itself made.
    """
    parts = made_parts(item)
    if len(parts) > 1:
        raise ChainError(f'"{item}" is itself made of {len(parts)} made parts, {", ".join(parts)}')
    return [item, *(path_of(parts[0]) if parts else [])]


def raw_rates(item: str, rate: float) -> Counter[str]:
    """Return what of the belt a rate of an item takes, per minute, as thousandths rounded up."""
    if item in BELT_ITEMS:
        return Counter({item: math.ceil(rate * 1000)})
    recipe = recipe_of(item)
    total: Counter[str] = Counter()
    for name, amount in recipe.ingredients.items():
        total += raw_rates(name, rate * amount / recipe.results[item])
    return total


def unit_for(item: str) -> Unit:
    """Return the unit that makes an item.

    Raises:
        ChainError: it cannot be made in a row beside one belt.
    """
    parts = made_parts(item)
    materials = sorted(name for name in raw_rates_checked(item))
    if len(materials) > MAX_BELT_ITEMS:
        raise ChainError(
            f'"{item}" takes {", ".join(materials)}; a belt has {MAX_BELT_ITEMS} lanes'
        )
    if len(parts) > 2:  # noqa: PLR2004 - a machine has two neighbours in its row
        raise ChainError(f'"{item}" has {len(parts)} made parts, {", ".join(parts)}; a row has 2')
    if len(parts) == 2:  # noqa: PLR2004
        left, right = path_of(parts[0]), path_of(parts[1])
        items = [*reversed(left), item, *right]
        root = len(left)
        return measured(items, (root,))
    path = path_of(item)
    single = measured(path, (0,))
    if len(path) == 2:  # noqa: PLR2004
        # One machine for the part may serve two for the product.
        double = measured([item, path[1], item], (0, 2))
        if double.rate_per_minute >= 1.9 * single.rate_per_minute:
            return double
    return single


def raw_rates_checked(item: str) -> set[str]:
    """Return the belt items of an item, all of whose parts machines can make."""
    if item in BELT_ITEMS:
        return {item}
    made_parts(item)
    return {raw for name in recipe_of(item).ingredients for raw in raw_rates_checked(name)}


def needs(items: list[str], roots: tuple[int, ...]) -> list[float]:
    """Return how many of its product each machine makes while each root makes one."""
    amounts = [0.0] * len(items)
    for root in roots:
        amounts[root] = 1.0
        for step in (-1, 1):
            index, wanted = root, 1.0
            while 0 <= index + step < len(items) and (index + step) not in roots:
                recipe = recipe_of(items[index])
                part = items[index + step]
                if part not in recipe.ingredients:
                    break
                wanted = wanted / recipe.results[items[index]] * recipe.ingredients[part]
                index += step
                amounts[index] += wanted
    return amounts


def measured(items: list[str], roots: tuple[int, ...]) -> Unit:
    """Return a unit with what it makes at most, by its machines and inserters."""
    amounts = needs(items, roots)
    links = []
    limit = math.inf
    for index, item in enumerate(items):
        recipe = recipe_of(item)
        seconds = prototypes.get("recipe", item)["energy_required"] / speed_of(MACHINE)
        crafts_per_root = amounts[index] / recipe.results[item]
        limit = min(limit, 60 / seconds / crafts_per_root)
        fed = sum(n for name, n in recipe.ingredients.items() if name in BELT_ITEMS)
        if fed:
            limit = min(limit, MAX_FEEDERS * SWINGS_PER_MINUTE / (crafts_per_root * fed))
        for near in (index - 1, index + 1):
            if 0 <= near < len(items) and items[near] in recipe.ingredients:
                links.append((near, index))
                moved = crafts_per_root * recipe.ingredients[items[near]]
                limit = min(limit, MAX_TRANSFERS * SWINGS_PER_MINUTE / moved)
    limit = min(limit, SWINGS_PER_MINUTE)
    return Unit(tuple(items), tuple(links), roots, limit * len(roots))


def block_for(item: str, rate_per_minute: float, *, store: str = "wooden-chest") -> Block:
    """Return the block of units that makes a rate of an item.

    Raises:
        ChainError: the item cannot be made so, or the rate takes too many machines.
    """
    unit = unit_for(item)
    n_units = math.ceil(rate_per_minute / unit.rate_per_minute - 1e-6)
    if n_units > MAX_UNITS:
        raise ChainError(
            f"{rate_per_minute:g} {item} per minute take {n_units} rows of machines; at most "
            f"{MAX_UNITS} are built at once: ask for {MAX_UNITS * unit.rate_per_minute:g}"
        )
    share = rate_per_minute / n_units / len(unit.roots)
    parts: list[Part] = []
    starts = [0, 0]
    for _ in range(n_units):
        side = 0 if starts[0] <= starts[1] else 1
        parts += unit_parts(unit, starts[side], share, store, is_south=side == 1)
        starts[side] += UNIT_TILES * len(unit.items)
    for side in range(2):
        if starts[side]:
            parts.append(
                laid(Part(POLE, starts[side] + 0.5, -2.5, role="pole"), is_south=side == 1)
            )
    length = max(starts) + 1
    parts += [Part("transport-belt", x + 0.5, 0.5, "east", role="belt") for x in range(length)]
    # Poles first, so that the lines are wired as they are built, and the belt before its users.
    order = {"pole": 0, "belt": 1, "machine": 2}
    parts.sort(key=lambda part: order.get(part.role, 3))
    return Block(
        tuple(parts),
        length,
        sum(watts_of(part.entity) for part in parts),
        unit.rate_per_minute * n_units,
        n_units,
    )


def unit_parts(unit: Unit, start: int, rate: float, store: str, *, is_south: bool) -> list[Part]:
    """Return the machines of a unit with their inserters, poles and chests.

    Args:
        unit: what to lay out.
        start: the column of its first gap; each machine stands east of a gap with a pole.
        rate: what each root is to make per minute.
        store: the chest for what leaves.
        is_south: whether it stands south of the belt.
    """
    amounts = needs(list(unit.items), unit.roots)
    parts: list[Part] = []
    for index, item in enumerate(unit.items):
        gap = start + UNIT_TILES * index
        parts.append(Part(POLE, gap + 0.5, -2.5, role="pole"))
        parts.append(Part(MACHINE, gap + 2.5, -2.5, recipe=item, role="machine"))
        recipe = recipe_of(item)
        crafts = rate * amounts[index] / recipe.results[item]
        fed = crafts * sum(n for name, n in recipe.ingredients.items() if name in BELT_ITEMS)
        parts += [
            Part(INSERTER, gap + column + 0.5, -0.5, "south")
            for column in (2, 1, 3)[: math.ceil(fed / SWINGS_PER_MINUTE)]
        ]
        if index in unit.roots:
            parts.append(Part(INSERTER, gap + 2.5, -4.5, "south"))
            parts.append(Part(store, gap + 2.5, -5.5, role="store"))
    for giver, taker in unit.links:
        recipe = recipe_of(unit.items[taker])
        crafts = rate * amounts[taker] / recipe.results[unit.items[taker]]
        moved = crafts * recipe.ingredients[unit.items[giver]]
        gap = start + UNIT_TILES * max(giver, taker)
        facing = "west" if giver < taker else "east"
        parts += [
            Part(INSERTER, gap + 0.5, y, facing)
            for y in (-1.5, -3.5)[: math.ceil(moved / SWINGS_PER_MINUTE)]
        ]
    return [laid(part, is_south=is_south) for part in parts]


def laid(part: Part, *, is_south: bool) -> Part:
    """Return a part as it is on its side of the belt."""
    if not is_south:
        return part
    flipped = {"north": "south", "south": "north"}
    return Part(
        part.entity,
        part.x,
        1.0 - part.y,
        flipped.get(part.direction, part.direction),
        part.recipe,
        part.role,
    )


@cache
def watts_of(entity: str) -> float:
    """Return what a machine draws at full work from the network."""
    facts = prototypes.get("entity", entity)
    if facts.get("energy_source", {}).get("type") != "electric":
        return 0.0
    if entity == INSERTER:
        return 14_000.0
    drain_share = 1 / 30
    return watts(facts.get("energy_usage", "0W")) * (1 + drain_share)


def watts(text: str) -> float:
    """Read a power such as `75kW`."""
    units = {"kW": 1e3, "MW": 1e6, "W": 1.0}
    for unit, factor in units.items():
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(f'no power: "{text}"')
