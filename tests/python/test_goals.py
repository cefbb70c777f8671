"""Goals and places: what they hold, and what they do not take."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from commands_table import COMMANDS
from factorio_fast.planning.goals import (
    AutomateItem,
    Craft,
    ExpandMining,
    GoalType,
    MoveTo,
    goal_from_dict,
    goal_schema,
)
from factorio_fast.planning.names import item_names, machine_names, technology_names
from factorio_fast.planning.places import Place


def test_goals_go_through_json_and_back() -> None:
    for data in COMMANDS.values():
        goal = goal_from_dict(data)
        assert goal_from_dict(json.loads(json.dumps(goal.to_dict()))) == goal
        assert GoalType(goal.type)


def test_goals_are_values() -> None:
    goal = AutomateItem(item="iron-gear-wheel", rate_per_minute=30)
    assert goal == AutomateItem(item="iron-gear-wheel", rate_per_minute=30.0)
    with pytest.raises(ValidationError, match="frozen"):
        goal.item = "coal"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"type": "AUTOMATE_ITEM", "item": "iron-gear"}, '"iron-gear" is not an item'),
        ({"type": "CRAFT", "item": "pipe", "count": 0}, "greater than 0"),
        ({"type": "CRAFT", "item": "pipe", "count": 100_001}, "less than or equal to 100000"),
        ({"type": "EXPAND_MINING", "item": "iron-plate"}, "is not a resource"),
        ({"type": "RESEARCH", "technology": "warp"}, "is not a technology"),
        ({"type": "FLY", "item": "pipe"}, "'FLY'"),
        ({"type": "CRAFT", "item": "pipe", "colour": "red"}, "not permitted"),
        ({"type": "AUTOMATE_ITEM", "item": "pipe", "rate_per_minute": float("nan")}, "finite"),
        ({"type": "MOVE_TO"}, "Field required"),
    ],
)
def test_what_the_game_does_not_have_is_no_goal(data: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        goal_from_dict(data)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "near"},
        {"kind": "near", "target": "atlantis"},
        {"kind": "at", "position": [0, 2_000_000]},
        {"kind": "direction", "target": "base"},
        {"kind": "here", "target": "base"},
        {"kind": "near", "target": "base", "distance_tiles": 3},
    ],
)
def test_place_that_says_too_little_or_too_much_is_none(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Place.from_dict(data)


def test_goals_say_themselves_in_words() -> None:
    goal = ExpandMining(item="coal", count=3, place=Place.toward("east", distance_tiles=20))
    assert str(goal) == "expand mining: 20 tiles east of the base, item coal, count 3"
    assert str(MoveTo(place=Place.at(1.5, -2))) == "move to: at (1.5, -2)"
    assert str(Craft(item="pipe")) == "craft: item pipe, count 1"


def test_schema_has_every_kind_of_goal() -> None:
    kinds = {reference["$ref"].rpartition("/")[2] for reference in goal_schema()["oneOf"]}
    assert len(kinds) == len(GoalType)


def test_names_leave_out_what_no_player_meets() -> None:
    names = item_names() | machine_names()
    assert not {"parameter-0", "infinity-chest", "blueprint", "coin"} & names
    assert {"iron-plate", "rocket-silo"} <= names
    assert "automation" in technology_names()


def test_package_imports_without_pydantic() -> None:
    code = (
        "import sys; sys.modules['pydantic'] = None\n"
        "import warnings; warnings.simplefilter('ignore')\n"
        "import factorio_fast\n"
        "try:\n"
        "    import factorio_fast.semantic\n"
        "except factorio_fast.errors.MissingExtraError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "pydantic is not installed; run: pip install 'factorio-fast[plan]'\n"
