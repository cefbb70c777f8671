"""`factorio-fast plan`: the plan, its picture, and carrying it out."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from factorio_fast.cli import main
from factorio_fast.planning.plan import Plan
from llm_server import Reply, ScriptedServer

if TYPE_CHECKING:
    from pathlib import Path

SMELTER = "build a smelter array for 15 iron plates per minute near the iron"
WORDS = ["--skills", "experts", "--seed", "3"]


def test_a_plan_is_shown_as_a_tree_with_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", SMELTER, *WORDS, "--map"]) == 0
    out = capsys.readouterr().out
    for shown in (
        "build smelter array: near the iron-ore, item iron-plate, rate per minute 15",
        "· NAVIGATE(target=",
        "· CONNECT_LOGISTICS(blueprint=",
        "builds ",
        "stone-furnace",
        "by the planner deterministic",
    ):
        assert shown in out
    assert "done after" not in out


def test_a_plan_is_written_as_a_picture_and_as_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, data = tmp_path / "plan.png", tmp_path / "plan.json"
    assert main(["plan", SMELTER, *WORDS, "--out", str(picture)]) == 0
    assert main(["plan", SMELTER, *WORDS, "--out", str(data)]) == 0
    assert f"picture {picture}" in capsys.readouterr().out
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert width % 16 == height % 16 == 0
    plan = Plan.from_json(data.read_text())
    assert plan.machines()["stone-furnace"] == 2


def test_a_plan_is_carried_out_with_progress_and_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "plan.png"
    assert main(["plan", SMELTER, *WORDS, "--execute", "--out", str(picture)]) == 0
    out = capsys.readouterr().out
    assert "started     SUPPLY running" in out
    assert "[####################]" in out
    assert "\ndone after " in out
    rate = next(line for line in out.splitlines() if line.startswith("  iron-plate"))
    assert float(rate.split()[1]) >= 15
    assert (tmp_path / "plan.after.png").exists()


def test_the_language_model_plans_where_it_is_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = {
        "goal": {"type": "GATHER", "item": "wood", "count": 2},
        "steps": [
            {
                "title": "get it",
                "tasks": [{"skill": "GATHER", "parameters": {"items": {"wood": 2}}}],
            }
        ],
    }
    words = ["plan", "bring me two pieces of timber, please", *WORDS, "--planner", "llm"]
    talk = tmp_path / "talk.jsonl"
    with ScriptedServer(Reply(calls=(("plan", plan),)), api_key="none") as server:
        model = ["--model", "scripted", "--base-url", server.base_url]
        status = main([*words, *model, "--transcript", str(talk), "--execute", "--measure", "0"])
    assert status == 0
    assert server.problems == []
    assert "└ get it" in capsys.readouterr().out
    assert main([*words, "--replay", str(talk), "--model", "scripted"]) == 0
    assert "└ get it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["make circuits"], "could be several things"),
        (["game.print(1)"], "the command is not understood"),
        ([SMELTER, "--planner", "wise"], 'unknown planner "wise"'),
        ([SMELTER, "--skills", "some"], '"default", "experts" or a folder'),
        ([SMELTER, "--out", "plan.gif"], "--out must end in .png or .json, got 'plan.gif'"),
        ([SMELTER, "--out", "no/such/plan.png"], "no such folder: 'no/such'"),
        ([SMELTER, "--scenario", "open_plays"], 'unknown scenario "open_plays"'),
    ],
)
def test_mistakes_are_told_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = arguments if "--skills" in arguments else [*arguments, "--skills", "experts"]
    assert main(["plan", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("factorio-fast plan: ")
    assert error.count("\n") == 1
    assert message in error
