"""What a run of tasks tells while it goes on, and what it comes to in the end."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from factorio_fast.coordination.queue import QueueEntry, TaskState
from factorio_fast.coordination.tasks import SkillTask
from factorio_fast.models import Model

__all__ = ["EventKind", "ExecutionEvent", "ExecutionReport", "PlanFailure"]


class EventKind(StrEnum):
    """What happened."""

    QUEUED = "queued"
    STARTED = "started"
    PROGRESS = "progress"
    FINISHED = "finished"
    WORLD_LOST = "world-lost"
    RECOVERED = "recovered"
    REPLANNED = "replanned"
    ENDED = "ended"


class ExecutionEvent(Model):
    """One thing that happened in a run of tasks."""

    kind: EventKind
    task_id: str = ""
    skill: str = ""
    state: TaskState | None = None
    """Where the task stands then; of the end, where all of them do."""
    reason: str = ""
    tick: int = 0
    """Ticks of the world."""
    n_steps: int = 0
    """Environment steps of the task so far; of the end, of all."""
    budget_left_seconds: float | None = None
    """Game time that the task still has."""
    n_done: int = 0
    """Tasks of the present plan that are done."""
    n_tasks: int = 0
    """Tasks of the present plan."""

    def __str__(self) -> str:
        """Say the event in a line."""
        at = f"{self.tick / 3600:7.2f} min"
        count = f"{self.n_done}/{self.n_tasks}"
        what = f"{self.skill} {self.state or ''}".strip()
        reason = f": {self.reason}" if self.reason else ""
        return f"{at}  {count:>7}  {self.kind:<10}  {what}{reason}"


class PlanFailure(Model):
    """Why a plan did not go on, for the planner that is asked for another."""

    task: SkillTask
    state: TaskState
    reason: str
    done: tuple[SkillTask, ...] = ()
    """What was done of the plan before."""
    attempt: Annotated[int, Field(ge=1)] = 1
    """1 for the first new plan that is asked for."""

    def __str__(self) -> str:
        """Say the failure in a line."""
        return f"{self.task} is {self.state}: {self.reason}"


class ExecutionReport(Model):
    """What a run of tasks came to."""

    state: TaskState
    """Done, or how the first task that was not done ended."""
    reason: str = ""
    """Why it is not done; never empty then."""
    entries: tuple[QueueEntry, ...] = ()
    """All tasks, those of given-up plans included, in the order in which they were planned."""
    n_steps: int = 0
    n_ticks: int = 0
    reward: float = 0.0
    n_replans: int = 0
    n_recoveries: int = 0
    """How often a lost world was found again."""
    infrastructure: str | None = None
    """What happened to the server, if the run ended by that: it says nothing of the plan."""

    @property
    def is_done(self) -> bool:
        """Whether everything was done."""
        return self.state is TaskState.DONE

    @property
    def n_done(self) -> int:
        """How many tasks were done."""
        return sum(entry.state is TaskState.DONE for entry in self.entries)

    def __str__(self) -> str:
        """Say the outcome in a line."""
        minutes = self.n_ticks / 3600
        reason = f": {self.reason}" if self.reason else ""
        again = f", {self.n_replans} new plans" if self.n_replans else ""
        return f"{self.state} after {minutes:.1f} min, {self.n_done} tasks done{again}{reason}"
