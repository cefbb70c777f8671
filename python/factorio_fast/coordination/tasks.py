"""What a skill is asked to do, and what came of it.

Example:
    >>> from factorio_fast.coordination.tasks import SkillTask
    >>> task = SkillTask("NAVIGATE", target=(10, -4), budget_seconds=30)
    >>> task.skill, task.parameters, task.budget_seconds
    ('NAVIGATE', {'target': (10, -4)}, 30.0)
    >>> SkillTask.from_dict(task.to_dict()).skill
    'NAVIGATE'
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from factorio_fast.models import Model

__all__ = [
    "DEFAULT_BUDGET_SECONDS",
    "MAX_BUDGET_SECONDS",
    "SkillResult",
    "SkillStatus",
    "SkillTask",
]

DEFAULT_BUDGET_SECONDS = 600.0
"""Game time that a task may take if nothing else is said."""
MAX_BUDGET_SECONDS = 36_000.0
"""Ten hours of game time."""


class SkillTask(Model):
    """One skill with its parameters, as part of a plan.

    Args:
        skill: the skill's name, in upper case.
        parameters: its parameters by name; those given by keyword are added to them.
    """

    skill: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=64)]
    parameters: dict[str, Any] = Field(default_factory=dict)
    budget_seconds: Annotated[float, Field(gt=0, le=MAX_BUDGET_SECONDS)] = DEFAULT_BUDGET_SECONDS
    """Game time after which it is stopped as timed out."""
    id: str = ""
    """Unique within a plan; a queue numbers tasks that have none."""
    depends_on: tuple[str, ...] = ()
    """Ids of the tasks that must be done before."""

    def __init__(
        self,
        skill: str,
        parameters: dict[str, Any] | None = None,
        *,
        budget_seconds: float = DEFAULT_BUDGET_SECONDS,
        id: str = "",  # noqa: A002 - the field's name
        depends_on: tuple[str, ...] = (),
        **keywords: Any,
    ) -> None:
        # Pydantic's own initialiser takes keywords only, and the sketch names the skill first.
        values: dict[str, Any] = {
            "skill": skill,
            "parameters": {**(parameters or {}), **keywords},
            "budget_seconds": budget_seconds,
            "id": id,
            "depends_on": depends_on,
        }
        super().__init__(**values)

    def __str__(self) -> str:
        """Say the task in a line."""
        parts = ", ".join(f"{name}={_short(value)}" for name, value in self.parameters.items())
        return f"{self.skill}({parts})"


class SkillStatus(StrEnum):
    """How a task ended."""

    DONE = "done"
    REFUSED = "refused"
    """Nothing was begun: a parameter is wrong or a precondition does not hold."""
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    WORLD_CHANGED = "world-changed"
    """What it worked on is gone, or the episode ended under it."""


class SkillResult(Model):
    """What came of a task."""

    skill: str
    status: SkillStatus
    reason: str = ""
    """Why it is not done; empty if it is."""
    n_steps: int = 0
    """Environment steps."""
    n_ticks: int = 0
    reward: float = 0.0
    """Sum over its steps."""
    details: dict[str, Any] = Field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether the task was done."""
        return self.status == SkillStatus.DONE


def _short(value: Any) -> str:
    """Write a value: of a blueprint what it is made of, of another long list only its length."""
    few = 4
    if not isinstance(value, (list, tuple)):
        return str(value)
    if value and all(isinstance(entry, dict) and "entity" in entry for entry in value):
        counts = Counter(str(entry["entity"]) for entry in value)
        return "[" + ", ".join(f"{count} {name}" for name, count in counts.items()) + "]"
    return f"[{len(value)} entries]" if len(value) > few else str(value)
