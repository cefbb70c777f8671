"""Planners by name: what makes a plan of a goal and a world.

Other packages add theirs as entry points of the group `factorio_fast.planners`: a name, and a
callable without arguments that returns the planner.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from factorio_fast.errors import FactorioFastError, UnknownNameError

if TYPE_CHECKING:
    from factorio_fast._core import World
    from factorio_fast.planning.goals import AnyGoal
    from factorio_fast.planning.plan import Plan

__all__ = ["ENTRY_POINT_GROUP", "PlanError", "Planner", "planner_named", "planner_names"]

ENTRY_POINT_GROUP = "factorio_fast.planners"


class PlanError(FactorioFastError, ValueError):
    """A goal that cannot be planned for in a world; the message says what is missing."""


@runtime_checkable
class Planner(Protocol):
    """Makes plans."""

    def plan(self, goal: AnyGoal, world: World) -> Plan:
        """Make a plan for a goal in a world, which is only read.

        Raises:
            PlanError: There is no way; the message says why.
        """
        ...


def planner_named(planner: str | Planner = "deterministic") -> Planner:
    """Find a planner by name; an object is returned as it is.

    Raises:
        UnknownNameError: No planner has that name.
    """
    if not isinstance(planner, str):
        return planner
    if planner == "deterministic":
        from factorio_fast.planning.deterministic import DeterministicPlanner

        return DeterministicPlanner()
    for point in entry_points(group=ENTRY_POINT_GROUP, name=planner):
        made: Planner = point.load()()
        return made
    known = ", ".join(f'"{name}"' for name in planner_names())
    raise UnknownNameError(f'unknown planner "{planner}"; choose one of {known}')


def planner_names() -> list[str]:
    """List the planners that can be named."""
    return ["deterministic", *sorted(point.name for point in entry_points(group=ENTRY_POINT_GROUP))]
