"""Plans: a goal, and the tree of steps and tasks by which it is reached.

A plan is data: it can be shown, stored, checked and carried out later, by whatever runs tasks.
Its tasks are done in the order in which the tree lists them.

Example:
    >>> from factorio_fast.coordination.tasks import SkillTask
    >>> from factorio_fast.planning.goals import MoveTo
    >>> from factorio_fast.planning.places import Place
    >>> from factorio_fast.planning.plan import Plan, PlanStep
    >>> step = PlanStep(title="walk there", tasks=(SkillTask("NAVIGATE", target=(5, 3)),))
    >>> plan = Plan(goal=MoveTo(place=Place.at(5, 3)), planner="deterministic", steps=(step,))
    >>> print(plan)
    move to: at (5, 3)
    └ walk there
      · NAVIGATE(target=(5, 3))
    >>> Plan.from_json(plan.to_json()).tasks()[0].skill
    'NAVIGATE'
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic import Field

from factorio_fast.coordination.tasks import SkillTask
from factorio_fast.models import Model
from factorio_fast.planning.goals import AnyGoal
from factorio_fast.planning.places import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Placement", "Plan", "PlanStep", "Quantities"]


class Placement(Model):
    """One entity of a blueprint; its name is that of the item that builds it."""

    entity: str
    position: tuple[float, float]
    """Its middle, in tiles."""
    direction: Direction = "north"
    """Where it faces; an inserter faces what it takes from."""
    recipe: str | None = None


class Quantities(Model):
    """What a plan or a step of it takes."""

    items: dict[str, int] = Field(default_factory=dict)
    """What is to be carried: what will be built or handed over."""
    raw: dict[str, int] = Field(default_factory=dict)
    """What those items are made of: plates, stone, wood, coal."""
    machines: dict[str, int] = Field(default_factory=dict)
    """What is built."""
    rates_per_minute: dict[str, float] = Field(default_factory=dict)
    """What is made per minute in the end, by item; negative is used."""
    power_watts: float = 0.0
    """What is drawn at full work."""


class PlanStep(Model):
    """A part of a plan: tasks in order, or steps of its own."""

    title: str
    tasks: tuple[SkillTask, ...] = ()
    steps: tuple[PlanStep, ...] = ()
    quantities: Quantities = Quantities()
    preconditions: tuple[str, ...] = ()
    """What must hold before, in words."""
    postconditions: tuple[str, ...] = ()
    """What holds after, in words."""

    @property
    def budget_seconds(self) -> float:
        """Game time that all its tasks together may take."""
        return sum(task.budget_seconds for task in self.walk())

    def walk(self) -> Iterator[SkillTask]:
        """Give all its tasks in order; those of its own come before those of its steps."""
        yield from self.tasks
        for step in self.steps:
            yield from step.walk()


class Plan(Model):
    """How a goal is reached."""

    goal: AnyGoal
    planner: str
    """The name of the planner that made it."""
    steps: tuple[PlanStep, ...] = ()
    quantities: Quantities = Quantities()
    blueprint: tuple[Placement, ...] = ()
    """Everything that the plan builds."""
    notes: tuple[str, ...] = ()
    """What whoever asked should know, such as what is fuelled by hand."""

    @property
    def budget_seconds(self) -> float:
        """Game time that all its tasks together may take."""
        return sum(step.budget_seconds for step in self.steps)

    def tasks(self) -> list[SkillTask]:
        """List all tasks in the order in which they are to be done."""
        return [task for step in self.steps for task in step.walk()]

    def numbered(self) -> Plan:
        """Return the plan with ids for all tasks, each depending on the one before."""
        numbers = iter(range(1, len(self.tasks()) + 1))
        return self.model_copy(
            update={"steps": tuple(_numbered(step, numbers) for step in self.steps)}
        )

    def machines(self) -> Counter[str]:
        """Count what the plan builds."""
        return Counter(part.entity for part in self.blueprint)

    def to_json(self, *, indent: int | None = None) -> str:
        """Write the plan as JSON text."""
        return self.model_dump_json(exclude_none=True, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a plan from what `to_json` wrote.

        Raises:
            pydantic.ValidationError: The text is no JSON, or a value is unknown or out of range.
        """
        return cls.model_validate_json(text)

    def __str__(self) -> str:
        """Draw the plan as a tree, a line for every step and task."""
        lines = [str(self.goal)]
        for step in self.steps:
            lines += _drawn(step, "")
        return "\n".join(lines)


def _numbered(step: PlanStep, numbers: Iterator[int]) -> PlanStep:
    tasks = []
    for task in step.tasks:
        number = next(numbers)
        before = (str(number - 1),) if number > 1 else ()
        tasks.append(task.model_copy(update={"id": str(number), "depends_on": before}))
    steps = tuple(_numbered(inner, numbers) for inner in step.steps)
    changes: dict[str, Any] = {"tasks": tuple(tasks), "steps": steps}
    return step.model_copy(update=changes)


def _drawn(step: PlanStep, margin: str) -> list[str]:
    lines = [f"{margin}└ {step.title}"]
    lines += [f"{margin}  · {task}" for task in step.tasks]
    for inner in step.steps:
        lines += _drawn(inner, margin + "  ")
    return lines
