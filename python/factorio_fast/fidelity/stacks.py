"""Rows of stacks and chests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures

if TYPE_CHECKING:
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

MORE_THAN_ANY_CHEST = 1_000_000


def room(chest: str, item: str) -> int:
    """Return how many of an item go into an empty chest."""
    return World(8, 8).place(chest, (0, 0)).insert(item, MORE_THAN_ANY_CHEST)


@measures("STK-plates")
def stacks(_: Row) -> Measurement:
    """Items that fill one of the 16 slots of a wooden chest."""
    items = (
        *("iron-plate", "iron-ore", "coal", "iron-gear-wheel"),
        *("electronic-circuit", "copper-cable", "transport-belt"),
    )
    return tuple(room("wooden-chest", item) / 16 for item in items)


@measures("STK-chests")
def chests(_: Row) -> Measurement:
    """Slots, by how many stacks of 50 go in."""
    return tuple(room(f"{kind}-chest", "coal") / 50 for kind in ("wooden", "iron", "steel"))


@measures("STK-chest-full")
def full_chest(_: Row) -> Measurement:
    """Iron plates that go into a wooden chest."""
    return room("wooden-chest", "iron-plate")
