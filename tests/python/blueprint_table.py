# ruff: noqa: E501 - a sentence of the document is a line.
"""Writes docs/blueprints.md from the runs of the collected blueprints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blueprint_runs import MEASURED_MINUTES, TOLERANCE, WARM_UP_MINUTES, runs

if TYPE_CHECKING:
    from blueprint_runs import Row

HEAD = f"""# Blueprints of strangers

Real factories that other people built, imported from their blueprint strings, supplied at their inputs, emptied at their outputs and run.
Their output is compared with what their author states, or with what their machines, inserters and belts can do at most.

The strings and their sources are in `tests/data/blueprints/`; `tests/python/blueprint_runs.py` runs them.
This file is written by `python scripts/run_blueprints.py`, and `tests/python/test_blueprint_runs.py` fails if it is stale or a row disagrees.

- Input belts are kept full on the lanes that the index names, input pipes and chests are kept full, output belts and pipes are kept empty.
- Nothing is researched but the recipes: inserters have no bonus.
- Warm-up {WARM_UP_MINUTES} game minutes, then {MEASURED_MINUTES} game minutes (36,000 ticks) are counted; the index says where it is longer. Balancers warm up for two minutes. Solar fields are measured over a day of 25,200 ticks.
- *Calculated*: from prototype data and from what stands where, in `tests/python/blueprint_bounds.py`: speed of the machines with modules and beacons, items that the inserters beside each machine carry, items that the belts at the ports carry. *By hand* marks sums that the index has in a comment, where several machines share unevenly.
- *Difference* is against the calculated figure; agreement is within {TOLERANCE:.0%}, for balancers and solar fields within 1 %, for chests exact. A few crafts more or less in ten minutes make the differences of slow machines.
- *At most* marks bounds that a factory need not reach; the index says what it waits for.
- Lamps, combinators and circuit conditions are left out where the simulation lacks them: none of these factories needs them to run.

"""


def text() -> str:
    """Return the text of docs/blueprints.md."""
    rows = runs()
    compared = [row for row in rows if row.difference is not None and not row.is_upper_bound]
    within = sum(bool(row.agrees) for row in compared)
    factories = len({row.blueprint for row in compared if row.agrees})
    summary = (
        f"{len({row.blueprint for row in rows})} blueprints, {len(compared)} figures compared: "
        f"{within} agree, of {factories} blueprints.\n\n"
    )
    columns = (
        "blueprint",
        "entities",
        "what",
        "stated",
        "calculated",
        "limited by",
        "measured",
        "difference",
    )
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(cells(row)) for row in rows]
    return HEAD + summary + "".join(f"| {line} |\n" for line in lines)


def cells(row: Row) -> tuple[str, ...]:
    """Return one line of the table."""
    if row.difference is None:
        difference = row.note
    elif row.is_upper_bound:
        difference = f"{row.difference:+.1%}, at most"
    else:
        difference = f"{row.difference:+.1%}" + ("" if row.agrees else " **disagrees**")
    return (
        row.blueprint,
        f"{row.entities:,}",
        row.what,
        figure(row.stated),
        figure(row.calculated),
        row.limit,
        figure(row.measured),
        difference.replace("-0.0%", "0.0%").replace("+0.0%", "0.0%"),
    )


def figure(value: float | None) -> str:
    """Write a figure with one place after the point where it has any."""
    if value is None:
        return ""
    return f"{value:,.1f}".removesuffix(".0")
