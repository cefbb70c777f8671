"""Planners by name with their settings, and plans with all that a planner wants to know.

A planner may take more than goal and world by keyword: `failure`, why the plan before did not come
to its end, and `command`, what the player said. It is told what its signature names.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from factorio_fast.errors import FactorioFastError, InvalidValueError
from factorio_fast.planning.planners import PlanError, planner_named

if TYPE_CHECKING:
    from factorio_fast._core import World
    from factorio_fast.coordination.events import PlanFailure
    from factorio_fast.planning.goals import AnyGoal
    from factorio_fast.planning.llm.drafts import Catalogue
    from factorio_fast.planning.plan import Plan
    from factorio_fast.planning.planners import Planner

__all__ = ["make_plan", "make_planner"]


def make_planner(
    name: str = "deterministic", *, catalogue: Catalogue | None = None, **settings: Any
) -> Planner:
    """Make a planner by its name.

    Args:
        name: `deterministic`, `llm`, or a name that another package offers.
        catalogue: the skills that a language model may use; None takes those of the package.
        **settings: what the planner takes besides; only `llm` takes some.

    Raises:
        UnknownNameError: There is no such planner.
        InvalidValueError: Another package's planner cannot be made, or a setting is unknown.
        MissingExtraError: The planner needs an extra that is not installed.
    """
    if name == "llm":
        from factorio_fast.planning.llm import LlmPlanner

        return LlmPlanner(catalogue, **settings)
    if settings:
        raise InvalidValueError(f'planner "{name}" takes no settings, not {sorted(settings)}')
    try:
        planner = planner_named(name)
    except FactorioFastError:
        raise
    except (ImportError, AttributeError, TypeError) as error:
        raise InvalidValueError(f'planner "{name}" cannot be made: {error}') from error
    if not callable(getattr(planner, "plan", None)):
        raise InvalidValueError(f'planner "{name}" has no method "plan"')
    return planner


def make_plan(
    planner: Planner,
    goal: AnyGoal | None,
    world: World,
    *,
    command: str = "",
    failure: PlanFailure | None = None,
) -> Plan:
    """Ask a planner for a plan, telling it as much as it takes.

    Raises:
        PlanError: A goal is missing that the planner needs.
        FactorioFastError: It has no plan; the message says why.
    """
    taken = inspect.signature(planner.plan).parameters
    takes_all = any(one.kind is one.VAR_KEYWORD for one in taken.values())
    extra: dict[str, Any] = {"command": command, "failure": failure}
    told = {key: value for key, value in extra.items() if value and (takes_all or key in taken)}
    if goal is not None:
        return planner.plan(goal, world, **told)
    if "command" not in told:
        raise PlanError("this planner needs a goal, and there is only a command")
    plan: Any = planner.plan
    made: Plan = plan(None, world, **told)
    return made
