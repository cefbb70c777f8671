"""Measures rows and judges what was measured."""

from __future__ import annotations

import enum
import importlib
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from factorio_fast.errors import AbsentMechanicError
from factorio_fast.fidelity.registry import FAMILIES, registered
from factorio_fast.fidelity.table import row, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

ROUNDING = 1e-8
"""Share by which a sum of doubles, or of angles in single precision, may miss a decimal number."""


class Verdict(enum.StrEnum):
    """How a measurement lies to what the game does."""

    EXACT = "exact"
    WITHIN = "within tolerance"
    OFF = "off"
    CONTRADICTED = "contradicted by public sources"
    """It is off, and public sources contradict each other on the row."""
    ABSENT = "not simulated yet"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a row."""

    row: Row
    measured: tuple[float | str, ...] | None
    """The values, in the row's order; None if the simulation lacks the mechanic."""
    verdict: Verdict
    note: str
    """Which mechanic is absent, or on what public sources contradict each other; or nothing."""
    seconds: float
    """Real time that the measurement took."""

    @property
    def differences(self) -> tuple[float | None, ...]:
        """Measured minus expected, value by value; None where a word stands."""
        return tuple(
            None if isinstance(value, str) or isinstance(wanted, str) else value - wanted
            for value, wanted in zip(self.measured or (), self.row.values, strict=False)
        )


@cache
def _measures() -> None:
    """Import all families, whose functions register themselves."""
    for family in FAMILIES:
        importlib.import_module(f"factorio_fast.fidelity.{family}")


def measure(row_id: str) -> Result:
    """Build a row's set-up, run it, measure, and judge.

    Raises:
        UnknownNameError: the table has no such row.
    """
    _measures()
    wanted = row(row_id)
    start = time.perf_counter()
    try:
        measured = registered(row_id)(wanted)
    except AbsentMechanicError as error:
        return Result(
            row=wanted,
            measured=None,
            verdict=Verdict.ABSENT,
            note=str(error),
            seconds=time.perf_counter() - start,
        )
    values = _values(measured)
    verdict = judge(wanted, values)
    return Result(
        row=wanted,
        measured=values,
        verdict=verdict,
        note=wanted.conflict or "",
        seconds=time.perf_counter() - start,
    )


def measure_all(row_ids: Iterable[str] | None = None) -> Iterator[Result]:
    """Measure rows, by default all of the table in its order."""
    for row_id in rows() if row_ids is None else row_ids:
        yield measure(row_id)


def _values(measured: Measurement) -> tuple[float | str, ...]:
    several = measured if isinstance(measured, tuple) else (measured,)
    return tuple(value if isinstance(value, str) else float(value) for value in several)


def judge(wanted: Row, measured: tuple[float | str, ...]) -> Verdict:
    """Say how measured values lie to those of a row."""
    expected = wanted.values
    if len(measured) != len(expected):
        return Verdict.OFF
    worst = Verdict.EXACT
    for value, target in zip(measured, expected, strict=True):
        one = _judge_value(wanted, value, target)
        if one is Verdict.OFF:
            return Verdict.CONTRADICTED if wanted.conflict else Verdict.OFF
        if one is Verdict.WITHIN:
            worst = one
    return worst


def _judge_value(wanted: Row, value: float | str, target: float | str) -> Verdict:
    if isinstance(value, str) or isinstance(target, str):
        return Verdict.EXACT if value == target else Verdict.OFF
    rounding = ROUNDING * max(1.0, abs(target))
    distance = abs(value - target)
    if distance <= rounding:
        return Verdict.EXACT
    return Verdict.WITHIN if distance <= wanted.allowed(target) + rounding else Verdict.OFF
