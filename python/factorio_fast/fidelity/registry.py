"""Which function measures which row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from factorio_fast.errors import UnknownNameError
from factorio_fast.fidelity.table import Row

Value: TypeAlias = float | int | str
Measurement: TypeAlias = Value | tuple[Value, ...]
Measure: TypeAlias = Callable[[Row], Measurement]

FAMILIES = (
    "belts",
    "splitters",
    "inserters",
    "inserter_limits",
    "drills",
    "furnaces",
    "assemblers",
    "hands",
    "character",
    "fuels",
    "electricity",
    "fluids",
    "labs",
    "resources",
    "pollution",
    "threats",
    "ratios",
    "stacks",
    "order",
)
"""The modules that register measures."""

_MEASURES: dict[str, Measure] = {}


def measures(*row_ids: str) -> Callable[[Measure], Measure]:
    """Register the decorated function as the measure of rows."""

    def register(function: Measure) -> Measure:
        for row_id in row_ids:
            if row_id in _MEASURES:
                raise ValueError(f'row "{row_id}" has two measures')
            _MEASURES[row_id] = function
        return function

    return register


def registered(row_id: str) -> Measure:
    """Return the measure of a row.

    Raises:
        UnknownNameError: it has none.
    """
    try:
        return _MEASURES[row_id]
    except KeyError:
        raise UnknownNameError(f'no function measures the fidelity row "{row_id}"') from None


def registered_ids() -> set[str]:
    """Return the ids of all rows that have a measure."""
    return set(_MEASURES)
