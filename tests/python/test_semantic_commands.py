"""Commands in plain English: what they mean, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands_table import COMMANDS, MORE_COMMANDS, REFUSED
from factorio_fast import open_session
from factorio_fast.planning.goals import Goal
from factorio_fast.semantic import NaturalLanguageInterface, ParseRefusal, parse_command
from factorio_fast.semantic.language.scanner import mended

ALL_COMMANDS = COMMANDS | MORE_COMMANDS


def meant(command: str) -> dict[str, Any]:
    """Parse a command and leave out the fields that are false."""
    goal = parse_command(command)
    return {name: value for name, value in goal.to_dict().items() if value is not False}


def test_there_are_commands_enough() -> None:
    assert len(COMMANDS) >= 60
    assert len(REFUSED) >= 20
    kinds = {goal["type"] for goal in COMMANDS.values()}
    assert len(kinds) == 20


@pytest.mark.parametrize(("command", "goal"), ALL_COMMANDS.items(), ids=ALL_COMMANDS)
def test_command_means_its_goal(command: str, goal: dict[str, Any]) -> None:
    assert meant(command) == goal


@pytest.mark.parametrize(
    ("command", "reason"), REFUSED.items(), ids=[text[:40] or "nothing" for text in REFUSED]
)
def test_what_means_no_goal_is_refused_with_a_reason(command: str, reason: str) -> None:
    refusal = parse_command(command)
    assert isinstance(refusal, ParseRefusal)
    assert refusal.reason == reason
    assert refusal.message
    assert refusal.suggestion
    assert not refusal


def test_refusal_says_what_could_be_said_instead() -> None:
    assert str(parse_command("automate science at 30 per minute")) == (
        '"science" could be several things; say red science, green science or blue science'
    )
    assert str(parse_command("craft 10 million gears")) == (
        "count: input should be less than or equal to 100000, not 10000000; "
        "say a value that the game can have"
    )


def test_text_in_other_scripts_and_shapes_is_read_or_refused_but_never_fails() -> None:
    assert parse_command("craft 10 gears") == parse_command("ｃｒａｆｔ １０ ｇｅａｒｓ")  # noqa: RUF001 - full width
    assert parse_command("go to 10, \u221220") == parse_command("go to 10, -20")
    assert not parse_command("автоматизируй шестерни")


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_goal_or_a_refusal(text: str) -> None:
    assert isinstance(parse_command(text), Goal | ParseRefusal)


@given(st.lists(st.sampled_from(sorted({w for t in ALL_COMMANDS for w in t.split()})), max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_words_of_commands_are_a_goal_or_a_refusal(words: list[str]) -> None:
    assert isinstance(parse_command(" ".join(words)), Goal | ParseRefusal)


def test_interface_parses() -> None:
    goal = NaturalLanguageInterface().parse_command("research automation")
    assert goal.to_dict() == {"type": "RESEARCH", "technology": "automation"}


def test_interface_plans_a_goal_for_a_world() -> None:
    interface = NaturalLanguageInterface()
    goal = interface.parse_command("gather 5 wood")
    assert isinstance(goal, Goal)
    plan = interface.plan_execution(goal, open_session("open_play", seed=3).look())
    assert plan.goal == goal
    assert plan.tasks()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("sciense", "science"),
        ("elctronic", "electronic"),
        ("fourty", "forty"),
        ("minning", "mining"),
        ("placing", "place"),
    ],
)
def test_misspelt_word_is_mended(word: str, meant: str) -> None:
    assert mended(word) == meant


@pytest.mark.parametrize("word", ["never", "after", "once", "sell", "cook", "star", "zzyzx", "it"])
def test_word_of_its_own_is_left_alone(word: str) -> None:
    assert mended(word) == word
