"""Writes `docs/fidelity.md`: which mechanics there are, and every row of the table as measured."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from factorio_fast.fidelity.results import Verdict, measure_all

if TYPE_CHECKING:
    from factorio_fast.fidelity.results import Result

INTRODUCTION = """\
# Fidelity

What the simulation does as the base game 2.0.77 does it, what only nearly, and what not at all.
Nothing here was measured on the real game by this project: figures come from the game's prototype \
data and from published measurements on 2.0.x.
What only the real game can prove is unproven.

This file is written by `make generate` from `mechanics.csv` and `table.csv` in \
`python/factorio_fast/fidelity/`, and from what the simulation measures there.
"""
MECHANICS = """
## Mechanics

*exact*: tick for tick, or to the last 1/256 tile, as the source states it.
*approximate*: the rule is known, parts of it are not.
*absent*: refused with its name.
The last column names Rust tests by their beginning, rows of the table below, or modules of tests.
"""
FIGURES = """
## Figures

Each row is built in a `World`, run and measured; `factorio-fast fidelity` does it again, and \
`tests/python/test_fidelity.py` fails if a row is off.
*within tolerance* is what the source, a rounding or the set-up leaves open.
*sources differ* marks rows on which public sources contradict each other, that rest on one case, \
or that were measured on what the base game does not have; the note says how.
"""
SOURCES = """
## Sources

Confidence: A measured on 2.0.x; B prototype data, API documentation or changelog; C measured on \
another version with the same data; D wiki or other text; E derived from A and B; F from memory.

| key | what |
|---|---|
| DATA, PAPI, CL | prototype data, prototype API and changelog of 2.0.77 |
| FFF | Friday Facts of the game's makers |
| FG, M1, M3, M3D | probes and records of FactorioGym and factory-sim, tick by tick on 2.0.60 |
| FS, OR | the simulator factory-sim 0.3.0, held to those records |
| RS, AR | measured rates of belts, inserters and hand work on 2.0.77, published by others |
| SG | measured rates of inserters on 2.0.76, published by others |
| FA | a published comparison of factory rates with the game |
| FW, CG | probes and recordings of 2.1, where the data is the same |
| TAS | a route simulator whose state is compared with a running game |
| WD | the wiki |
| E | derived from the above |
"""


UNPROVEN = (
    "\n## Unproven\n\n"
    "No real game has run with this package yet: "
    "every figure above is the simulation's, held against what others published.\n"
    "What only the game can prove is unproven: that the mod runs on it and reports what it is "
    "taken to report, that steps are exact, "
    "and that an episode on the game is, byte for byte, the embedded one.\n"
    "`tests/factorio` is written to prove it with `FACTORIO_BIN`, "
    "and [real-server.md](real-server.md) lists the open questions one by one.\n"
)


@dataclass(frozen=True, kw_only=True)
class Mechanic:
    """One line of `mechanics.csv`."""

    mechanic: str
    state: str
    """`exact`, `approximate`, `absent`, or `this project's rule`."""
    figures: str
    source: str
    test: str
    """Beginnings of tests, rows, modules of tests; separated by commas."""


def mechanics() -> list[Mechanic]:
    """Return the mechanics in the file's order."""
    file = resources.files("factorio_fast.fidelity").joinpath("mechanics.csv")
    with file.open(encoding="utf-8") as lines:
        return [Mechanic(**line) for line in csv.DictReader(lines)]


def text() -> str:
    """Measure every row and return the document."""
    results = list(measure_all())
    return "".join(
        (
            INTRODUCTION,
            MECHANICS,
            "\n",
            *_table(("mechanic", "state", "figures", "source", "test"), _mechanic_lines()),
            FIGURES,
            "\n",
            f"{_summary(results)}\n",
            "\n",
            *_table(
                ("id", "set-up", "quantity", "game", "here", "unit", "verdict", "source"),
                [_result_line(result) for result in results],
            ),
            "\n### Notes\n\n",
            *(f"- {result.row.id}: {result.note}.\n" for result in results if result.note),
            SOURCES,
            UNPROVEN,
        )
    )


def _summary(results: list[Result]) -> str:
    counts = Counter(result.verdict for result in results)
    parts = [f"{counts[verdict]} {verdict}" for verdict in Verdict]
    return f"{len(results)} rows: {', '.join(parts)}."


def _mechanic_lines() -> list[tuple[str, ...]]:
    return [
        (
            mechanic.mechanic,
            mechanic.state,
            mechanic.figures,
            mechanic.source,
            ", ".join(f"`{name}`" for name in mechanic.test.split(", ") if name),
        )
        for mechanic in mechanics()
    ]


def _result_line(result: Result) -> tuple[str, ...]:
    row = result.row
    verdict = str(result.verdict)
    if row.conflict is not None:
        verdict += ", sources differ"
    return (
        row.id,
        row.setup,
        row.quantity,
        row.expected,
        "-" if result.measured is None else shown(result.measured),
        row.unit,
        verdict,
        f"{row.source} ({row.confidence})",
    )


def shown(values: tuple[float | str | None, ...]) -> str:
    """Write values as the table does: with semicolons, numbers to six digits after the point."""
    return ";".join(
        value if isinstance(value, str) else "" if value is None else f"{round(value, 6):.10g}"
        for value in values
    )


def _table(header: tuple[str, ...], lines: list[tuple[str, ...]]) -> list[str]:
    written = [header, ("---",) * len(header), *lines]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in written]
