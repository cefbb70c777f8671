"""The rows of `table.csv`: what the game does, who says so, and how far off is still right."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from factorio_fast.errors import UnknownNameError

ONLY_ON_2_1 = "measured on 2.1.20 only; the data that it follows from is the same in 2.0.77"
CONFLICTS = {
    "INS-cycle-long-handed-inserter": "measured 50 ticks on 2.0.77; a wiki table says 48",
    "INS-rate-long-handed-inserter": "measured 1.204/s on 2.0.77; a wiki table says 1.25/s",
    "INS-belt-express-bulk12": (
        "measured on 2.0.76 with Space Age: the cycle grows with the 5th and the 9th item only, as "
        "on belts with stacks of four; tests of single items say a tick an item at least"
    ),
    "INS-drop-yellow-fast4": (
        "measured 6.40/s on 2.0.76; tests of others in the game: 64 / belt speed ticks for each "
        "item past the second, 6.0/s; the base game has no such hand of four"
    ),
    "INS-drop-yellow-fast": "measured 2.40/s on 2.0.76; the measured rule of motion gives 2.5/s",
    "BLT-side-near": "measured 67 on 2.0.60; geometry and the wiki say 68",
    "LAB-trig-lag": "one recorded case on 2.0.60; the law is not published",
    "POL-diffuse": "prototype data: every 60 ticks; the wiki: every 64",
    "INS-limit-AM1-iron-gear-wheel": ONLY_ON_2_1,
    "INS-limit-AM2-engine-unit": ONLY_ON_2_1,
    "INS-limit-AM3-copper-cable": ONLY_ON_2_1,
    "INS-limit-AM2-electronic-circuit": ONLY_ON_2_1,
    "INS-limit-AM3-iron-gear-wheel": ONLY_ON_2_1,
    "FUR-cap": "a craft without room is refused (2.0.60) or its product held (2.1); 100 either way",
    "DRL-furnace-cap": "54 is measured for iron ore only; other stacks by the same formula",
}
"""Rows on which public sources contradict each other, or that rest on one case: which say what.

Also a row that was measured on what the base game does not have.
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure of the game."""

    id: str
    setup: str
    """What is built; `same` is the set-up of the row above."""
    quantity: str
    """What is measured; several, with semicolons."""
    expected: str
    """What the game does: one value or several, with semicolons."""
    unit: str
    tolerance: str
    """How far a measurement may lie off: a number in the unit, or a share in percent."""
    source: str
    confidence: str
    """`A` measured on 2.0.x to `F` from memory; docs/fidelity.md explains the letters."""

    @property
    def conflict(self) -> str | None:
        """Say how public sources contradict each other on this row, if they do."""
        return CONFLICTS.get(self.id)

    @property
    def values(self) -> tuple[float | str, ...]:
        """Return the expected values; a number loses a unit behind it, a word stays a word."""
        return tuple(_value(part) for part in self.expected.split(";"))

    def allowed(self, value: float) -> float:
        """Return how far a measurement of an expected `value` may lie off."""
        number = float(self.tolerance.rstrip("%"))
        return abs(value) * number / 100 if self.tolerance.endswith("%") else number


def _value(text: str) -> float | str:
    match = re.match(r"[-+]?\d+(?:\.\d+)?(?= |$)", text)
    return float(match[0]) if match else text


@cache
def rows() -> dict[str, Row]:
    """Return the rows of the table by their ids, in the table's order."""
    table = resources.files("factorio_fast.fidelity").joinpath("table.csv")
    with table.open(encoding="utf-8") as lines:
        return {line["id"]: Row(**line) for line in csv.DictReader(lines)}


def row(row_id: str) -> Row:
    """Return a row.

    Raises:
        UnknownNameError: the table has no such row.
    """
    try:
        return rows()[row_id]
    except KeyError:
        family = row_id.partition("-")[0]
        hint = [known for known in rows() if known.startswith(f"{family}-")]
        shown = f"; rows of that family: {', '.join(hint)}" if hint else ""
        raise UnknownNameError(f'unknown fidelity row "{row_id}"{shown}') from None
