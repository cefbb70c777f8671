"""What a monitor knows of the sequence that it watches, and how tasks without order get one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from factorio_fast.coordination.tasks import SkillStatus
from factorio_fast.errors import FactorioFastError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from factorio_fast._core import World
    from factorio_fast.coordination.events import PlanFailure
    from factorio_fast.coordination.queue import TaskState
    from factorio_fast.coordination.tasks import SkillResult, SkillTask
    from factorio_fast.coordination.watched import WatchedSession
    from factorio_fast.envs.session import Session

__all__ = ["Run", "Skills", "in_order", "judged", "tick_of"]


class Skills(Protocol):
    """What carries tasks out and knows when they may begin; `SkillLibrary` is one."""

    def execute_skill(
        self,
        skill_name: str,
        parameters: dict[str, Any],
        *,
        session: Session | None = None,
        budget_seconds: float | None = None,
    ) -> SkillResult:
        """Carry a skill out."""

    def check_before(self, task: SkillTask, world: World) -> str | None:
        """Say which precondition of a task does not hold."""

    def check_after(self, task: SkillTask, world: World, *, is_later: bool = False) -> str | None:
        """Say which postcondition does not hold; later, only those that are meant to last count."""


@dataclass
class Run:
    """What a sequence has come to so far."""

    session: Session
    replan: Callable[[PlanFailure], Sequence[SkillTask] | None] | None
    ids: list[str] = field(default_factory=list)
    plan_ids: list[str] = field(default_factory=list)
    """Those of the present plan."""
    held: set[str] = field(default_factory=set)
    """Tasks whose preconditions held when the plan began."""
    n_steps: int = 0
    n_ticks: int = 0
    reward: float = 0.0
    n_replans: int = 0
    n_recoveries: int = 0
    infrastructure: str | None = None
    ended: tuple[TaskState, str] | None = None
    checkpoint: bytes | None = None


def judged(result: SkillResult, watched: WatchedSession, undone: str | None) -> SkillResult:
    """Return a skill's result as it was seen from outside: its counts, its end, and a reason."""
    changes: dict[str, Any] = {
        "n_steps": watched.n_steps,
        "n_ticks": watched.n_ticks,
        "reward": watched.reward,
    }
    if undone is not None:
        changes["status"] = SkillStatus.FAILED
        changes["reason"] = f"the skill says done, but {undone}"
    elif not result.is_done and watched.stopped is not None:
        ends = {"timed-out": SkillStatus.TIMED_OUT, "ended": SkillStatus.WORLD_CHANGED}
        changes["status"] = ends.get(watched.stopped.kind, SkillStatus.FAILED)
        changes["reason"] = str(watched.stopped)
    elif not result.is_done and not result.reason:
        changes["reason"] = "the skill gives no reason"
    return result.model_copy(update=changes)


def in_order(tasks: Sequence[SkillTask], prefix: str) -> list[SkillTask]:
    """Give a plan's tasks ids of their own, and an order to those that name none.

    Ids of a plan begin at 1 with every plan; in a queue they must differ.
    """
    names = {task.id: f"{prefix}{task.id}" for task in tasks if task.id}
    ordered: list[SkillTask] = []
    has_order = any(task.depends_on for task in tasks)
    for place, task in enumerate(tasks, start=1):
        task_id = names.get(task.id, f"{prefix}{place}")
        before = tuple(names.get(name, name) for name in task.depends_on)
        if not has_order and ordered:
            before = (ordered[-1].id,)
        ordered.append(task.model_copy(update={"id": task_id, "depends_on": before}))
    return ordered


def tick_of(session: Session) -> int:
    """Read the world's tick; 0 of a world that is lost."""
    try:
        return int(session.character()["tick"])
    except (ConnectionError, TimeoutError, FactorioFastError):
        return 0
