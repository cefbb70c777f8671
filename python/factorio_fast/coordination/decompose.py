"""A plan's tasks taken apart: going there, clearing, building, connecting power, connecting belts.

Planners say what is to stand where; here each building task becomes the skills that this takes.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from factorio_fast import prototypes
from factorio_fast.coordination.tasks import SkillTask
from factorio_fast.errors import UnknownNameError
from factorio_fast.planning.goals import GoalType
from factorio_fast.planning.plan import Placement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factorio_fast.planning.plan import Plan, PlanStep

__all__ = ["SITE_REACH_TILES", "refined"]

SITE_REACH_TILES = 9.0
"""How near a building site is gone to: from there the first entity can be reached."""
SECONDS_SPARE = 120.0
_BELT_TYPES = frozenset({"inserter", "splitter", "transport-belt", "underground-belt"})
_POLE_TYPES = frozenset({"electric-pole"})
_POWERED_GOALS = frozenset({GoalType.BUILD_SMELTER_ARRAY, GoalType.AUTOMATE_ITEM})
"""Goals after which a look at the power is due, even where nothing was planned that needs any."""


def refined(plan: Plan) -> Plan:
    """Return the plan with its building tasks taken apart, numbered anew."""
    steps = tuple(_refined(step) for step in plan.steps)
    refined_plan = plan.model_copy(update={"steps": steps})
    skills = {task.skill for task in refined_plan.tasks()}
    if plan.goal.type in _POWERED_GOALS and skills and "CONNECT_POWER" not in skills:
        check = SkillTask("CONNECT_POWER", blueprint=(), entities=())
        steps = _after_building(steps, check)
        refined_plan = plan.model_copy(update={"steps": steps})
    return refined_plan.numbered()


def _refined(step: PlanStep) -> PlanStep:
    tasks = tuple(part for task in step.tasks for part in _parts(task))
    inner = tuple(_refined(one) for one in step.steps)
    return step.model_copy(update={"tasks": tasks, "steps": inner})


def _parts(task: SkillTask) -> list[SkillTask]:
    """Take one task apart; others than building tasks stay as they are."""
    if task.skill != "PLACE_ENTITIES" or not task.parameters.get("blueprint"):
        return [task]
    blueprint = [
        part if isinstance(part, Placement) else Placement.model_validate(part)
        for part in task.parameters["blueprint"]
    ]
    machines = [part for part in blueprint if _type(part) not in _BELT_TYPES | _POLE_TYPES]
    poles = [part for part in blueprint if _type(part) in _POLE_TYPES]
    belts = [part for part in blueprint if _type(part) in _BELT_TYPES]
    seconds = task.budget_seconds
    parts = [
        SkillTask(
            "NAVIGATE",
            target=blueprint[0].position,
            reach=SITE_REACH_TILES,
            budget_seconds=seconds + SECONDS_SPARE,
        ),
        SkillTask("CLEAR_AREA", blueprint=_plain(blueprint), budget_seconds=seconds),
    ]
    if machines:
        parts.append(_building("PLACE_ENTITIES", machines, seconds))
    if poles:
        parts.append(_building("CONNECT_POWER", poles, seconds))
    if belts:
        parts.append(_building("CONNECT_LOGISTICS", belts, seconds))
    return parts


def _building(skill: str, blueprint: list[Placement], seconds: float) -> SkillTask:
    return SkillTask(skill, blueprint=_plain(blueprint), budget_seconds=seconds)


def _plain(blueprint: Iterable[Placement]) -> list[dict[str, object]]:
    return [part.to_dict() for part in blueprint]


def _after_building(steps: tuple[PlanStep, ...], check: SkillTask) -> tuple[PlanStep, ...]:
    """Put a task behind the first building task: before what connects belts, if anything does."""
    changed = list(steps)
    for place, step in enumerate(changed):
        names = [task.skill for task in step.tasks]
        if "PLACE_ENTITIES" in names:
            at = names.index("PLACE_ENTITIES") + 1
            tasks = (*step.tasks[:at], check, *step.tasks[at:])
            changed[place] = step.model_copy(update={"tasks": tasks})
            return tuple(changed)
        if step.steps:
            inner = _after_building(step.steps, check)
            if inner != step.steps:
                changed[place] = step.model_copy(update={"steps": inner})
                return tuple(changed)
    return steps


@functools.cache
def _type_of(entity: str) -> str:
    try:
        return str(prototypes.get("entity", entity)["type"])
    except UnknownNameError:
        return ""


def _type(part: Placement) -> str:
    return _type_of(part.entity)
