"""`factorio-fast fidelity`: how the simulation lies to the game, figure by figure."""

from __future__ import annotations

import fnmatch
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command
from factorio_fast.cli.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from factorio_fast.fidelity import Result

DESCRIPTION = """\
Build the set-up of every row of the fidelity table in a world, run it, measure, and compare with
what is publicly known of the game (2.0.77). Exit status 1 if a row is off.
"""
COLUMNS = ("id", "expected", "measured", "difference", "unit", "verdict")


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    text = "measure the simulation against known figures of the game"
    parser = add_command(commands, "fidelity", text, DESCRIPTION)
    parser.add_argument(
        "--row",
        nargs="+",
        metavar="ID",
        help="only these rows, such as DRL-burner-first or 'BLT-*'; without it all",
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the results there too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, print and write; return the exit status."""
    from factorio_fast import fidelity

    results = []
    lines: list[tuple[str, ...]] = [COLUMNS]
    for row_id in chosen(args.row):
        results.append(fidelity.measure(row_id))
        lines.append(columns_of(results[-1]))
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    for line, result in zip(lines, [None, *results], strict=True):
        padded = "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        note = f"  ({result.note})" if result is not None and is_worth_a_note(result) else ""
        sys.stdout.write(f"{padded.rstrip()}{note}\n")
    counts = Counter(str(result.verdict) for result in results)
    summary = ", ".join(f"{counts[verdict]} {verdict}" for verdict in fidelity.Verdict)
    sys.stdout.write(f"\n{len(results)} rows: {summary}\n")
    if args.json is not None:
        text = json.dumps([as_json(result) for result in results], indent=2) + "\n"
        args.json.write_text(text, encoding="utf-8")
    return int(any(result.verdict is fidelity.Verdict.OFF for result in results))


def chosen(patterns: list[str] | None) -> list[str]:
    """Return the ids of the rows that are asked for, in the table's order.

    Raises:
        UsageError: a pattern fits no row.
    """
    from factorio_fast import fidelity

    known = list(fidelity.rows())
    if patterns is None:
        return known
    wanted: set[str] = set()
    for pattern in patterns:
        fitting = fnmatch.filter(known, pattern)
        if not fitting:
            families = sorted({row_id.partition("-")[0] for row_id in known})
            raise UsageError(f"no row is called {pattern!r}; families: {', '.join(families)}")
        wanted.update(fitting)
    return [row_id for row_id in known if row_id in wanted]


def columns_of(result: Result) -> tuple[str, ...]:
    """Return the texts of a result's line."""
    from factorio_fast.fidelity.document import shown

    row = result.row
    return (
        row.id,
        row.expected,
        "-" if result.measured is None else shown(result.measured),
        "-" if result.measured is None else shown(result.differences),
        row.unit,
        str(result.verdict),
    )


def is_worth_a_note(result: Result) -> bool:
    """Say whether a result's note explains it: why there is none, or why it is not alike."""
    from factorio_fast.fidelity import Verdict

    return bool(result.note) and result.verdict in {Verdict.ABSENT, Verdict.CONTRADICTED}


def as_json(result: Result) -> dict[str, Any]:
    """Return a result as plain values."""
    row = result.row
    return {
        "id": row.id,
        "setup": row.setup,
        "quantity": row.quantity,
        "expected": list(row.values),
        "measured": None if result.measured is None else list(result.measured),
        "difference": list(result.differences),
        "unit": row.unit,
        "tolerance": row.tolerance,
        "verdict": str(result.verdict),
        "note": result.note,
        "source": row.source,
        "confidence": row.confidence,
        "seconds": round(result.seconds, 3),
    }
