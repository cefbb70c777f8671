"""`NaturalLanguageInterface`: a command in plain English to a typed goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from factorio_fast.semantic.language.guard import ParseRefusal, checked_text, no_command
from factorio_fast.semantic.language.intents import read_goal
from factorio_fast.semantic.language.reading import Reading, RefusedError
from factorio_fast.semantic.language.scanner import scan
from factorio_fast.semantic.language.splitting import several_goals

if TYPE_CHECKING:
    from factorio_fast._core import World
    from factorio_fast.planning.goals import AnyGoal
    from factorio_fast.planning.plan import Plan
    from factorio_fast.planning.planners import Planner

__all__ = ["NaturalLanguageInterface", "parse_command"]


def parse_command(text: str) -> AnyGoal | ParseRefusal:
    """Read a command in plain English.

    A refusal counts as false, so `if goal:` tells the two apart. Nothing is guessed: a command of
    which a word is not understood is refused, and so is one that could mean two things.

    Example:
        >>> from factorio_fast.semantic.language.parser import parse_command
        >>> print(
        ...     parse_command("please automate red sciense at half a dozen per minute, with power")
        ... )
        automate item: item automation-science-pack, rate per minute 6, with power
        >>> print(parse_command("make circuits"))
        "circuits" could be several things; say green circuits, red circuits or blue circuits
    """
    checked = checked_text(text)
    if isinstance(checked, ParseRefusal):
        return checked
    refusal = no_command(checked)
    return _read(checked) if refusal is None else refusal


def _read(text: str) -> AnyGoal | ParseRefusal:
    """Read a checked text."""
    found = scan(text)
    if isinstance(found, ParseRefusal):
        return found
    refusal = several_goals(found)
    if refusal is not None:
        return refusal
    try:
        return read_goal(Reading(found))
    except RefusedError as refused:
        return refused.refusal
    except ValidationError as error:
        return _of_value(error)


def _of_value(error: ValidationError) -> ParseRefusal:
    """Return the refusal of a value that no goal takes."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "the goal"
    is_name = first["type"] in {"value_error", "literal_error"}
    return ParseRefusal(
        reason="missing-item" if is_name else "out-of-range",
        message=f"{field}: {first['msg'].lower()}, not {first['input']!r}"[:200],
        suggestion="say a value that the game can have",
    )


class NaturalLanguageInterface:
    """Commands to goals, and goals to plans.

    Args:
        planner: what makes plans, by name or as an object.
    """

    def __init__(self, planner: str | Planner = "deterministic") -> None:
        self._planner = planner

    def parse_command(self, text: str) -> AnyGoal | ParseRefusal:
        """Read a command; see `parse_command`."""
        return parse_command(text)

    def plan_execution(self, goal: AnyGoal, world: World) -> Plan:
        """Make a plan of a goal: tasks for skills, with positions that fit the world.

        Args:
            goal: what is wanted.
            world: where; what `session.look()` returns.

        Raises:
            PlanError: There is no way; the message says why.
        """
        from factorio_fast.planning.planners import planner_named

        self._planner = planner_named(self._planner)
        return self._planner.plan(goal, world)
