"""Holds the simulation to what is publicly known of the game, figure by figure.

The table `table.csv` has one row for each figure: a set-up, what is measured in it, what the game
does (with the source and how sure it is), and how far a measurement may lie off. Every row has a
function here that builds the set-up in a `World`, runs it, and measures.

Example:
    >>> from factorio_fast import fidelity
    >>> result = fidelity.measure("DRL-burner-first")
    >>> result.row.setup
    'same, fuelled at tick 0'
    >>> result.measured
    (243.0, 483.0, 723.0)
    >>> str(result.verdict)
    'exact'

`factorio-fast fidelity` prints the whole table; `docs/fidelity.md` shows it.
"""

from __future__ import annotations

from factorio_fast.fidelity.results import Result, Verdict, measure, measure_all
from factorio_fast.fidelity.table import Row, rows

__all__ = ["Result", "Row", "Verdict", "measure", "measure_all", "rows"]
