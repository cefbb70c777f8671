"""What a language model may answer: a plan over known skills and goals, or why there is none.

Answers are checked field by field. What does not fit goes back to the model with the reason, a
limited number of times; nothing of an answer is ever run as code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import Field

from factorio_fast.coordination.tasks import (
    DEFAULT_BUDGET_SECONDS,
    MAX_BUDGET_SECONDS,
    SkillTask,
)
from factorio_fast.models import Model
from factorio_fast.planning.goals import AnyGoal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_STEPS",
    "MAX_TASKS_PER_STEP",
    "Catalogue",
    "Impossible",
    "PlanDraft",
    "StepDraft",
    "TaskDraft",
    "mistakes",
]

MAX_STEPS = 64
"""Steps of one answer; a longer one is sent back."""
MAX_TASKS_PER_STEP = 64
MAX_TEXT = 2_000


class SkillFacts(Protocol):
    """What a planner must know of a skill; `SkillSpec` has it."""

    @property
    def description(self) -> str:
        """What it does, in a sentence."""

    @property
    def parameters_schema(self) -> dict[str, Any]:
        """The JSON schema of its parameters."""

    def mistake_in(self, parameters: dict[str, Any]) -> str | None:
        """Say what is wrong with parameters, if anything is."""


class Catalogue(Protocol):
    """The skills that there are, by name; `SkillLibrary` is one."""

    @property
    def specs(self) -> Mapping[str, SkillFacts]:
        """What is known of each skill."""


class TaskDraft(Model):
    """One skill with its parameters."""

    skill: Annotated[str, Field(max_length=64)]
    """The name of a skill of the list."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    budget_seconds: Annotated[float, Field(gt=0, le=MAX_BUDGET_SECONDS)] = DEFAULT_BUDGET_SECONDS
    """Game time that it may take."""

    def task(self) -> SkillTask:
        """Return the task."""
        return SkillTask(self.skill, self.parameters, budget_seconds=self.budget_seconds)


class StepDraft(Model):
    """A step: tasks in order, or a goal that is left to the deterministic planner."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    tasks: Annotated[tuple[TaskDraft, ...], Field(max_length=MAX_TASKS_PER_STEP)] = ()
    goal: AnyGoal | None = None
    """Planned in detail by the deterministic planner; give either this or tasks."""


class PlanDraft(Model):
    """A plan, in steps that are done one after the other."""

    goal: AnyGoal
    """What was asked for, as you understand it."""
    steps: Annotated[tuple[StepDraft, ...], Field(min_length=1, max_length=MAX_STEPS)]
    notes: Annotated[
        tuple[Annotated[str, Field(max_length=MAX_TEXT)], ...], Field(max_length=16)
    ] = ()


class Impossible(Model):
    """The answer where what was asked for cannot be done, or is not understood."""

    reason: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


def mistakes(draft: PlanDraft, catalogue: Catalogue) -> list[str]:
    """List what in a draft no skill could carry out, in words for the model."""
    found = []
    specs = catalogue.specs
    for number, step in enumerate(draft.steps, start=1):
        where = f'step {number} "{step.title}"'
        if bool(step.tasks) == (step.goal is not None):
            found.append(f"{where} needs either tasks or a goal")
        for task in step.tasks:
            spec = specs.get(task.skill)
            if spec is None:
                known = ", ".join(sorted(specs))
                found.append(f'{where}: there is no skill "{task.skill}"; there are {known}')
                continue
            wrong = spec.mistake_in(task.parameters)
            if wrong is not None:
                found.append(f"{where}: {task.skill}: {wrong}")
    return found
