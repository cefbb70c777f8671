from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blueprint_bounds import inserter_rate
from blueprint_rig import Factory, entries
from blueprint_runs import TOLERANCE, run, runs
from blueprint_table import text
from factorio_fast import prototypes

if TYPE_CHECKING:
    from blueprint_runs import Row

REPOSITORY = Path(__file__).resolve().parents[2]
# The first test runs all blueprints: 15 s with a release build, five times that with `make dev`.
pytestmark = pytest.mark.timeout(300)
NAMES = [entry["name"] for entry in entries()]


def rows_of(name: str) -> list[Row]:
    return [row for row in runs() if row.blueprint == name]


@pytest.mark.parametrize("name", NAMES)
def test_a_blueprint_does_what_its_author_says_or_what_its_machines_can(name: str) -> None:
    rows = rows_of(name)
    assert rows
    assert [str(row) for row in rows if row.agrees is False] == []
    # What an author states is reached, and more where the machines round up; titles are rounded.
    short = [row for row in rows if row.stated and row.measured < row.stated * (1 - TOLERANCE)]
    assert short == []


def test_at_least_twenty_factories_of_others_are_compared() -> None:
    strangers = {entry["name"] for entry in entries() if entry["source"] != "own"}
    compared = {
        row.blueprint
        for row in runs()
        if row.agrees and not row.is_upper_bound and row.tolerance <= 0.05
    }
    assert len(strangers & compared) >= 40


def test_the_table_is_what_the_runs_give() -> None:
    written = (REPOSITORY / "docs" / "blueprints.md").read_text(encoding="utf-8")
    assert written == text(), "stale: run scripts/run_blueprints.py"


def test_a_factory_without_its_input_makes_nothing() -> None:
    (entry,) = (entry for entry in entries() if entry["name"] == "nilaus_grenades")
    starved = entry | {"inputs": entry["inputs"][:1]}
    (row,) = run(starved | {"warm_up_minutes": 1})
    assert row.measured == 0
    assert row.agrees is False


def test_ports_are_found_again_in_the_world() -> None:
    (entry,) = (entry for entry in entries() if entry["name"] == "nilaus_balancer_4_4")
    factory = Factory.build(entry)
    factory.connect()
    # Its ports are splitters: belts beside them carry what comes and goes.
    names = {entity.name for _, entity in factory.inputs + factory.outputs}
    assert names == {"transport-belt"}
    assert len({entity.unit_number for _, entity in factory.inputs + factory.outputs}) == 8


@pytest.mark.parametrize(
    ("name", "takes_from_belt", "ticks"),
    [
        ("inserter", False, 70),
        ("inserter", True, 64),
        ("long-handed-inserter", False, 50),
        ("long-handed-inserter", True, 46),
        ("fast-inserter", False, 24),
        ("fast-inserter", True, 22),
    ],
)
def test_rates_of_inserters_are_those_measured(
    name: str, ticks: int, *, takes_from_belt: bool
) -> None:
    rate = inserter_rate(prototypes.get("entity", name), takes_from_belt=takes_from_belt)
    assert rate == pytest.approx(60 / ticks)
