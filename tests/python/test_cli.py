"""The program `factorio-fast`: what it prints, writes and returns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from factorio_fast.cli import main
from factorio_fast.training import default_settings
from factorio_fast.training.errors import SettingsError
from factorio_fast.training.settings import TrainSettings
from factorio_fast.training.worlds import World

if TYPE_CHECKING:
    from pathlib import Path

SMALL = [
    *("--num-envs", "8", "--set", "horizon=16", "--set", "minibatch=64"),
    *("--set", "train_episode_steps=20", "--set", "validation_episodes=4", "--quiet"),
]

SHORT = """
name = "short"
type = "movement_training"
objectives = ["reach_waypoint"]
episode_length = 2
observation_frequency = 10
map_generation = { size = "tiny" }
"""


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished, very short run of `train movement_basic`."""
    folder = tmp_path_factory.mktemp("run")
    args = ["--steps", "512", "--eval-episodes", "3", "--out", str(folder)]
    assert main(["train", "movement_basic", *SMALL, *args]) == 0
    return folder


def test_train_writes_everything_that_it_promises(run_folder: Path) -> None:
    assert (run_folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert (run_folder / "episode.gif").read_bytes().startswith(b"GIF89a")
    assert list((run_folder / "tensorboard").glob("events.*"))
    result = json.loads((run_folder / "result.json").read_text("utf-8"))
    assert result["scenario"] == "movement_basic"
    assert result["steps"] == 512
    assert [row["agent"] for row in result["evaluation"]] == ["random", "solver", "trained"]
    assert all(row["episodes"] == 3 for row in result["evaluation"])
    assert result["evaluation"][1]["success"] == 1.0
    assert [row["steps"] for row in result["history"]] == [128, 256, 384, 512]
    assert [point["steps"] for point in result["validations"]] == [0, 512]
    assert all(point["episodes"] == 4 for point in result["validations"])


@pytest.mark.parametrize("has_script", [True, False])
def test_train_uses_the_script_for_a_file_of_ones_own_and_says_when_there_is_none(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    has_script: bool,
) -> None:
    path = tmp_path / "short.toml"
    path.write_text(SHORT, "utf-8")
    if not has_script:
        monkeypatch.setattr(World, "solver_agent", lambda _: None)
    args = ["--steps", "128", "--eval-episodes", "2", "--out", str(tmp_path)]
    assert main(["train", str(path), *SMALL, *args]) == 0
    out = capsys.readouterr().out
    agents = {line.partition(" ")[0] for line in out.splitlines()}
    assert {"random", "trained"} <= agents
    assert ("solver" in agents) == has_script
    assert ("there is no script that solves this scenario" not in out) == has_script


def test_eval_puts_policy_chance_and_script_in_one_table(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agents = [str(run_folder / "policy.pth"), "random", "solver"]
    assert main(["eval", "movement_basic", *agents, "--episodes", "2", "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "movement_basic"
    assert lines[1].split() == ["agent", "episodes", "success", "progress", "steps", "vs", "solver"]
    assert [line.split()[0] for line in lines[3:]] == agents
    assert lines[5].split()[1:4] == ["2", "100.0", "%"]


def test_eval_takes_the_likeliest_or_draws_as_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "short.toml"
    path.write_text(SHORT, "utf-8")
    for setting, like in (("true", "--sample"), ("false", "--no-sample")):
        run = ["--steps", "128", "--eval-episodes", "1", "--out", str(tmp_path)]
        assert main(["train", str(path), *SMALL, *run, "--set", f"draws_actions={setting}"]) == 0
        capsys.readouterr()
        rows = {}
        for option in ("", "--sample", "--no-sample"):
            args = ["eval", str(path), str(tmp_path), "--episodes", "8", "--json", "--quiet"]
            assert main([*args, *filter(None, [option])]) == 0
            rows[option] = json.loads(capsys.readouterr().out)["evaluation"]
        assert rows[""] == rows[like]
        assert rows["--sample"] != rows["--no-sample"]


def test_eval_repeats_itself_to_the_digit(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = []
    for _ in range(2):
        args = ["eval", "movement_basic", str(run_folder), "random", "--episodes", "4"]
        assert main([*args, "--sample", "--json", "--quiet"]) == 0
        tables.append(json.loads(capsys.readouterr().out))
    assert tables[0] == tables[1]


@pytest.mark.parametrize("name", ["episode.gif", "moment.png"])
def test_render_writes_pictures(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert main(["render", "movement_basic", "solver", "--out", str(path)]) == 0
    assert path.read_bytes()[:4] in {b"GIF8", b"\x89PNG"}


def test_render_prints_text_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "movement_basic", "random", "--max-steps", "3"]) == 0
    out = capsys.readouterr().out
    assert [f"step {i}" in out for i in range(5)] == [True, True, True, True, False]


def test_scenarios_lists_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios"]) == 0
    assert "movement_basic" in capsys.readouterr().out.split()
    assert main(["scenarios", "movement_basic"]) == 0
    shown = capsys.readouterr().out
    assert "3,000 steps of 6 ticks" in shown
    assert 'objectives = ["reach_waypoint"]' in shown, "the file itself stands below"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["train", "movement_basics"], "movement_basics"),
        (["train"], "name a scenario, or a checkpoint with --resume"),
        (["train", "no/such/file.toml"], "no/such/file.toml"),
        (["train", "movement_basic", "--set", "speed=1"], "'speed=1'"),
        (["train", "movement_basic", "--set", "gamma=2"], "gamma must lie in 0..1, got 2.0"),
        (["train", "movement_basic", "--set", "horizon=x"], "horizon must be a whole number"),
        (["train", "movement_basic", "--seed", "2000000000"], "seed must lie in 0.."),
        (["train", "--resume", "no/run"], "no such policy or checkpoint: 'no/run'"),
        (["train", "--resume", "x", "--seed", "1"], "--seed cannot be changed"),
        (["eval", "movement_basic", "no.pth"], "no such policy or checkpoint: 'no.pth'"),
        (["render", "movement_basic", "--out", "x.jpg"], "must end in .gif or .png, got 'x.jpg'"),
        (["render", "movement_basic", "--out", "no/x.gif"], "no such folder: 'no'"),
        (["scenarios", "nothing"], "nothing"),
        (["play", "rocket", "--out", "x.mp4"], "must end in .gif, .png or .snapshot, got 'x.mp4'"),
        (["play", "rocket", "--out", "no/x.gif"], "no such folder: 'no'"),
    ],
)
def test_mistakes_get_one_line_and_status_2(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith(f"factorio-fast {args[0]}: ")
    assert message in err


@pytest.mark.parametrize(
    "args", [["fly"], [], ["train", "movement_basic", "--steps", "many"], ["eval"]]
)
def test_malformed_command_lines_show_the_usage(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(args)
    assert stopped.value.code == 2
    assert "usage: factorio-fast" in capsys.readouterr().err


def test_a_policy_of_another_scenario_is_refused(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", "mining_efficiency", str(run_folder)]) == 2
    wanted = "trained on 'movement_basic', not on 'mining_efficiency'"
    assert wanted in capsys.readouterr().err


def test_resume_goes_on_to_a_new_end(run_folder: Path, tmp_path: Path) -> None:
    args = ["--steps", "768", "--eval-episodes", "1", "--out", str(tmp_path), "--quiet"]
    assert main(["train", "--resume", str(run_folder), *args]) == 0
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert [row["steps"] for row in result["history"]] == [128, 256, 384, 512, 640, 768]


def test_missing_extra_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for args in (["train", "movement_basic"], ["play", "rocket", "--out", "x.gif"]):
        assert main(args) == 2
        assert "pip install 'factorio-fast[train]'" in capsys.readouterr().err


def test_unknown_and_mistyped_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="unknown setting in here: 'lr'; known are total_steps"):
        TrainSettings.from_dict({"lr": 1}, source="here")
    with pytest.raises(SettingsError, match=r"horizon in here must be int, got 1\.5"):
        TrainSettings.from_dict({"horizon": 1.5}, source="here")
    assert default_settings("movement_basic").eval_episodes == 1000
    assert default_settings("a_scenario_of_mine") == default_settings("another")
