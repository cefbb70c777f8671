"""`doctor`, `servers` and `install-mod`: what they print and return."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from factorio_fast.cli import main
from factorio_fast.servers import records
from server_rig import FAKE, HELLO, left_over

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tests look into /proc")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the servers, of this test alone."""
    monkeypatch.setenv("FACTORIO_FAST_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of a program that behaves as the variable FAKE says."""
    monkeypatch.setenv("FAKE_HELLO", json.dumps(HELLO))
    monkeypatch.setenv("FAKE_FOLDER", str(tmp_path))
    path = tmp_path / "factorio"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{FAKE}" "$@"\n', "utf-8")
    path.chmod(0o755)
    return str(path)


def test_doctor_names_what_fails_and_its_remedy(
    state: Path, program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAKE", "no-mod")
    assert main(["doctor", "--factorio", program]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"pass  executable    {program}"
    assert lines[1] == "pass  version       2.0.77"
    assert [line.split()[0] for line in lines[:9] if line[0] != " "] == [
        *("pass", "pass", "pass", "pass", "pass"),
        *("FAIL", "skip", "skip"),
    ]
    assert lines[5].startswith("FAIL  start         the server runs without the mod")
    assert lines[6].startswith(f"{'':20}remedy: install this package again")
    assert lines[-1] == "5 passed, 1 failed, 3 skipped"
    assert left_over(state) == {}


def test_doctor_without_an_executable_examines_what_it_can(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--factorio", str(tmp_path / "absent")]) == 1
    output = capsys.readouterr().out
    assert (
        f"FAIL  executable    cannot run the server, there is no such file: '{tmp_path}" in output
    )
    assert "remedy: name the game's executable with --factorio PATH or FACTORIO_BIN" in output
    assert output.endswith("3 passed, 1 failed, 5 skipped\n")
    assert left_over(state) == {}


def test_servers_are_started_listed_and_stopped(
    state: Path, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    started = ["servers", "start", "--factorio", program, "--count", "2", "--name", "mine"]
    assert main(started) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["mine", "mine-2"]
    assert main(started) == 2
    assert "there is a server of that name already: 'mine'" in capsys.readouterr().err
    assert main(["servers", "status"]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[:2] for row in rows] == [["mine", "ready"], ["mine-2", "ready"]]
    assert [record.is_detached for record in records()] == [True, True]
    assert main(["servers", "status", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["is_alive"] for row in listed] == [True, True]
    assert main(["servers", "stop", "mine"]) == 0
    assert capsys.readouterr().out == "mine stopped\n"
    assert main(["servers", "stop", "mine"]) == 2
    assert main(["servers", "stop", "--all"]) == 0
    assert capsys.readouterr().out == "mine-2 stopped\n"
    assert left_over(state) == {}


def test_server_that_does_not_start_ends_the_command_with_its_error(
    state: Path,
    program: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FAKE", "bad-mod")
    assert main(["servers", "start", "--factorio", program]) == 1
    assert capsys.readouterr().err.startswith("factorio-fast servers: a mod does not load")
    assert main(["servers", "start", "--factorio", program, "--game-speed", "0"]) == 2
    assert "game_speed must be from 0.01" in capsys.readouterr().err
    assert left_over(state) == {}


def test_mod_is_installed_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mods"
    assert main(["install-mod", "--mods", str(folder), "--factorio-version", "2.1"]) == 0
    target = folder / "factorio-gym-mod"
    assert capsys.readouterr().out == f"{target}  (for Factorio 2.1)\n"
    assert json.loads((target / "info.json").read_text("utf-8"))["factorio_version"] == "2.1"
    (tmp_path / "file").touch()
    assert main(["install-mod", "--mods", str(tmp_path / "file")]) == 1
    assert "cannot write the mod" in capsys.readouterr().err


def test_mod_is_installed_for_the_version_of_the_game(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORIO_BIN", program)
    monkeypatch.setenv("FAKE_VERSION", "Version: 2.1.9 (build 1)")
    assert main(["install-mod", "--mods", str(tmp_path)]) == 0
    info = json.loads((tmp_path / "factorio-gym-mod" / "info.json").read_text("utf-8"))
    assert info["factorio_version"] == "2.1"
