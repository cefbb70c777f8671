"""Tasks for skills, their queue and their monitor, from commands on; needs the extra `plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from factorio_fast.coordination.events import (
        EventKind,
        ExecutionEvent,
        ExecutionReport,
        PlanFailure,
    )
    from factorio_fast.coordination.layer import CommandRefusedError, CoordinationLayer
    from factorio_fast.coordination.monitor import ExecutionMonitor
    from factorio_fast.coordination.queue import QueueEntry, TaskQueue, TaskState
    from factorio_fast.coordination.tasks import SkillResult, SkillStatus, SkillTask
    from factorio_fast.coordination.watched import WatchedSession, WorldLostError

__all__ = [
    "CommandRefusedError",
    "CoordinationLayer",
    "EventKind",
    "ExecutionEvent",
    "ExecutionMonitor",
    "ExecutionReport",
    "PlanFailure",
    "QueueEntry",
    "SkillResult",
    "SkillStatus",
    "SkillTask",
    "TaskQueue",
    "TaskState",
    "WatchedSession",
    "WorldLostError",
]

_HOMES = {
    "CommandRefusedError": "layer",
    "CoordinationLayer": "layer",
    "EventKind": "events",
    "ExecutionEvent": "events",
    "ExecutionMonitor": "monitor",
    "ExecutionReport": "events",
    "PlanFailure": "events",
    "QueueEntry": "queue",
    "SkillResult": "tasks",
    "SkillStatus": "tasks",
    "SkillTask": "tasks",
    "TaskQueue": "queue",
    "TaskState": "queue",
    "WatchedSession": "watched",
    "WorldLostError": "watched",
}


def __getattr__(name: str) -> Any:
    # Plan models need tasks from here, and the layer needs plans: names are fetched when wanted.
    if name not in _HOMES:
        raise AttributeError(f'module "{__name__}" has no attribute "{name}"')
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
