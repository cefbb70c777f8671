"""The examples of commands and skills run as they are."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "arguments", "shown"),
    [
        ("command.py", ["gather 3 wood"], "done after"),
        ("command.py", ["make circuits"], "could be several things"),
        ("skills_by_chance.py", ["--skills", "4"], "reward "),
    ],
)
def test_an_example_runs(
    name: str,
    arguments: list[str],
    shown: str,
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", [name, *arguments])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(repository / "examples" / name), run_name="__main__")
    assert caught.value.code == (2 if "circuits" in arguments[0] else 0)
    assert shown in capsys.readouterr().out
