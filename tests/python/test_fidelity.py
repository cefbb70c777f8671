"""The fidelity table: every row is measured, judged, and right."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from factorio_fast import World, errors, fidelity
from factorio_fast.cli import main
from factorio_fast.fidelity import Row, Verdict
from factorio_fast.fidelity.document import mechanics
from factorio_fast.fidelity.registry import registered_ids
from factorio_fast.fidelity.results import judge

if TYPE_CHECKING:
    from pathlib import Path

SLOW: set[str] = set()
"""Rows that take more than two seconds."""

KNOWN_OFF: dict[str, str] = {}
"""Rows that the simulation misses so far, and by how much; a row that is met has to leave."""


def marks_of(row_id: str) -> list[pytest.MarkDecorator]:
    """Return the marks of a row's test."""
    marks = [pytest.mark.slow] if row_id in SLOW else []
    if row_id in KNOWN_OFF:
        marks.append(pytest.mark.xfail(reason=KNOWN_OFF[row_id], strict=True))
    return marks


@pytest.mark.parametrize(
    "row_id",
    [pytest.param(row_id, marks=marks_of(row_id)) for row_id in fidelity.rows()],
)
def test_row_is_as_in_the_game(row_id: str) -> None:
    result = fidelity.measure(row_id)
    assert result.verdict is not Verdict.OFF, (
        f"{result.row.setup}: {result.row.quantity} is {result.measured}, "
        f"not {result.row.expected} {result.row.unit}"
    )


def test_every_row_has_one_measure() -> None:
    fidelity.measure("STK-chests")
    assert registered_ids() == set(fidelity.rows())


def row(expected: str, tolerance: str = "0", row_id: str = "X-1") -> Row:
    return Row(
        id=row_id,
        setup="",
        quantity="",
        expected=expected,
        unit="",
        tolerance=tolerance,
        source="",
        confidence="A",
    )


@pytest.mark.parametrize(
    ("expected", "tolerance", "measured", "verdict"),
    [
        ("8", "0", (8.0,), Verdict.EXACT),
        ("8", "0", (8.001,), Verdict.OFF),
        ("0.3", "0", (0.1 + 0.2,), Verdict.EXACT),
        ("200", "0.5%", (201.0,), Verdict.WITHIN),
        ("200", "0.5%", (201.1,), Verdict.OFF),
        ("-1", "2", (1.0,), Verdict.WITHIN),
        ("1;2", "1", (1.0, 3.0), Verdict.WITHIN),
        ("1;2", "1", (1.0, 3.1), Verdict.OFF),
        ("1;2", "1", (1.0,), Verdict.OFF),
        ("1.8 MW;60", "0", (1.8, 60.0), Verdict.EXACT),
        ("t+1", "0", ("t+1",), Verdict.EXACT),
        ("t+1", "0", ("t",), Verdict.OFF),
        ("last built", "0", (1.0,), Verdict.OFF),
    ],
)
def test_judging(
    expected: str, tolerance: str, measured: tuple[float | str, ...], verdict: Verdict
) -> None:
    assert judge(row(expected, tolerance), measured) is verdict


def test_rows_that_sources_contradict_are_marked_and_not_off() -> None:
    assert judge(row("67", "0", "BLT-side-near"), (70.0,)) is Verdict.CONTRADICTED
    assert judge(row("67", "0", "BLT-side-near"), (67.0,)) is Verdict.EXACT
    conflict = fidelity.rows()["BLT-side-near"].conflict or ""
    assert "wiki" in conflict


@pytest.fixture
def _absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every measure find its mechanic absent."""

    def measure(_: Row) -> float:
        raise errors.AbsentMechanicError("the tide is not simulated")

    monkeypatch.setattr("factorio_fast.fidelity.results.registered", lambda _: measure)


@pytest.mark.usefixtures("_absent")
def test_absent_mechanics_are_said_to_be_absent(capsys: pytest.CaptureFixture[str]) -> None:
    result = fidelity.measure("RES-iron")
    assert result.verdict is Verdict.ABSENT
    assert result.measured is None
    assert result.note == "the tide is not simulated"
    assert main(["fidelity", "--row", "RES-iron"]) == 0
    assert "the tide is not simulated" in capsys.readouterr().out


def test_unknown_rows_name_their_family() -> None:
    with pytest.raises(errors.UnknownNameError, match="rows of that family: STK-plates, STK-ch"):
        fidelity.measure("STK-chest")


def test_program_prints_the_rows_and_writes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "fidelity.json"
    assert main(["fidelity", "--row", "DRL-burner-*", "RES-iron", "--json", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["id", "expected", "measured", "difference", "unit", "verdict"]
    assert lines[2].split() == [
        *("DRL-burner-first", "243;483;723", "243;483;723", "0;0;0", "tick", "exact"),
    ]
    assert lines[4].split()[-2:] == ["within", "tolerance"]
    assert lines[-1].startswith("4 rows: 3 exact, 1 within tolerance, 0 off")
    written = json.loads(path.read_text("utf-8"))
    assert [entry["id"] for entry in written][:2] == ["DRL-burner-rate", "DRL-burner-first"]
    assert written[1]["measured"] == [243, 483, 723]
    assert written[3]["id"] == "RES-iron"


def test_program_fails_where_a_row_is_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = fidelity.measure("STK-chest-full")
    off = fidelity.Result(
        row=measured.row, measured=(5.0,), verdict=Verdict.OFF, note="", seconds=0.0
    )
    monkeypatch.setattr(fidelity, "measure", lambda _: off)
    assert main(["fidelity", "--row", "STK-chest-full"]) == 1
    assert "1600      5         -1595       items  off" in capsys.readouterr().out


def test_program_names_the_families_for_a_wrong_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fidelity", "--row", "BELT-*"]) == 2
    assert "no row is called 'BELT-*'; families: ASM, BIT, BLT" in capsys.readouterr().err


def test_mechanics_name_tests_that_exist(repository: Path) -> None:
    sources = [
        path.read_text("utf-8")
        for folder, ending in (("rust", "rs"), ("tests", "rs"), ("tests", "py"))
        for path in (repository / folder).rglob(f"*.{ending}")
    ]
    names = {name for text in sources for name in re.findall(r"\b(?:fn|def) (?:test_)?(\w+)", text)}
    names |= {f"test_{name}" for name in names} | set(fidelity.rows())
    for mechanic in mechanics():
        assert mechanic.state in {"exact", "approximate", "absent", "this project's rule"}
        tests = [name for name in mechanic.test.split(", ") if name]
        assert tests or mechanic.state == "absent", f'"{mechanic.mechanic}" has no test'
        for test in tests:
            if "::" in test:
                module = repository / "rust" / "src" / test.replace("::", "/")
                assert module.is_dir() or module.with_suffix(".rs").is_file(), test
            else:
                start = test.removesuffix("…")
                assert any(name.startswith(start) for name in names), f"no test begins with {start}"


def test_measuring_changes_no_other_world() -> None:
    world = World()
    before = world.digest()
    fidelity.measure("DRL-fuel")
    assert world.digest() == before
