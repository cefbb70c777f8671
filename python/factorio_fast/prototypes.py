"""Figures of the base game (2.0.77) by name, under the game's own field names.

Example:
    >>> from factorio_fast import prototypes
    >>> prototypes.get("item", "coal")["fuel_value"]
    '4MJ'
"""

from __future__ import annotations

import json
from typing import Any

from factorio_fast import _core

__all__ = ["get", "names"]


def names(kind: str) -> list[str]:
    """List all prototypes of a kind, sorted.

    Args:
        kind: `item`, `recipe`, `entity`, `technology`, `fluid` or `tile`.

    Raises:
        UnknownNameError: There is no such kind; the message suggests the nearest.
    """
    return _core.prototype_names(kind)


def get(kind: str, name: str) -> dict[str, Any]:
    """Return one prototype as a dictionary.

    Args:
        kind: `item`, `recipe`, `entity`, `technology`, `fluid` or `tile`.
        name: The game's name, such as `iron-plate`.

    Raises:
        UnknownNameError: There is no such kind or name; the message suggests the nearest.
    """
    prototype: dict[str, Any] = json.loads(_core.prototype(kind, name))
    return prototype
