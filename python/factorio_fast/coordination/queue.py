"""`TaskQueue`: what is to be done, by whom it has to wait, and what came of it; kept on disk.

Example:
    >>> from factorio_fast.coordination.queue import TaskQueue
    >>> from factorio_fast.coordination.tasks import SkillTask
    >>> queue = TaskQueue()
    >>> wood = queue.add_task(SkillTask("GATHER", item="wood", count=4))
    >>> chest = queue.add_task(SkillTask("CRAFT", item="wooden-chest", depends_on=(wood,)))
    >>> queue.add_task(SkillTask("NAVIGATE", target=(0, 0)), priority=5)
    '3'
    >>> queue.next_task().skill, queue.next_task().skill, queue.next_task()
    ('NAVIGATE', 'GATHER', None)
    >>> queue.cancel(wood, "there is no tree")
    ('1', '2')
    >>> str(queue.entry(chest).state), queue.entry(chest).reason
    ('cancelled', 'task "1" was cancelled: there is no tree')
"""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.coordination.tasks import SkillResult, SkillStatus, SkillTask
from factorio_fast.errors import (
    FactorioFastError,
    InvalidStateError,
    InvalidValueError,
    UnknownNameError,
)
from factorio_fast.models import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MAX_TASKS", "QueueEntry", "QueueFileError", "QueueFullError", "TaskQueue", "TaskState"]

MAX_TASKS = 4_096
"""Tasks that a queue holds. Where it is full, ended tasks that nothing waits for are forgotten,
oldest first; if none is left, a new task is refused."""
MAX_PRIORITY = 1_000_000
MAX_FILE_BYTES = 64 * 1024 * 1024
"""A longer file is refused unread."""
FORMAT = 1


class QueueFullError(FactorioFastError):
    """A queue that has no room; nothing was added."""


class QueueFileError(FactorioFastError, ValueError):
    """A file that no queue has written, or that is damaged."""


class TaskState(StrEnum):
    """Where a task stands; the ends have the names of `SkillStatus`, and cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    WORLD_CHANGED = "world-changed"
    CANCELLED = "cancelled"

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self not in (TaskState.QUEUED, TaskState.RUNNING)


class QueueEntry(Model):
    """A task and where it stands."""

    task: SkillTask
    priority: int = 0
    """Higher is earlier; equal ones come in the order in which they were added."""
    state: TaskState = TaskState.QUEUED
    reason: str = ""
    """Why it is not done."""
    n_starts: int = 0
    """How often it was begun; more than once if the program ended under it."""
    result: SkillResult | None = None


class TaskQueue:
    """Tasks with priorities and dependencies, bounded, and kept in a file where one is named.

    Args:
        max_tasks: how many it holds.
        path: where every change is written to, as JSON lines; a file that is there is gone on with.
    """

    def __init__(self, *, max_tasks: int = MAX_TASKS, path: str | Path | None = None) -> None:
        if not 1 <= max_tasks <= MAX_TASKS:
            raise InvalidValueError(f"max_tasks must be in 1..={MAX_TASKS}, not {max_tasks}")
        self.max_tasks = max_tasks
        self._path = None if path is None else Path(path)
        self._entries: dict[str, QueueEntry] = {}
        self._next_number = 1
        if self._path is not None and self._path.exists():
            self._read(self._path)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def n_waiting(self) -> int:
        """How many tasks are queued or running."""
        return sum(not entry.state.is_ended for entry in self._entries.values())

    def entries(self) -> list[QueueEntry]:
        """List all tasks in the order in which they were added."""
        return list(self._entries.values())

    def entry(self, task_id: str) -> QueueEntry:
        """Find a task.

        Raises:
            UnknownNameError: The queue has none of that id.
        """
        try:
            return self._entries[task_id]
        except KeyError:
            raise UnknownNameError(f'the queue has no task "{task_id}"') from None

    def add_task(self, task: SkillTask, *, priority: int = 0) -> str:
        """Add a task and return its id; a task without one is numbered.

        Raises:
            As `add_sequence`.
        """
        return self.add_sequence([task], priority=priority)[0]

    def add_sequence(self, tasks: Sequence[SkillTask], *, priority: int = 0) -> list[str]:
        """Add tasks that may depend on each other, all or none, and return their ids.

        Raises:
            InvalidValueError: An id is taken, a task waits for one that does not exist, or for
                itself; or the priority is out of range.
            QueueFullError: There is no room.
        """
        if abs(priority) > MAX_PRIORITY:
            raise InvalidValueError(
                f"a priority is in -{MAX_PRIORITY}..={MAX_PRIORITY}, not {priority}"
            )
        number, added = self._next_number, {}
        for task in tasks:
            task_id = task.id
            if not task_id:
                while str(number) in self._entries or str(number) in added:
                    number += 1
                task_id = str(number)
                task = task.model_copy(update={"id": task_id})  # noqa: PLW2901 - with its id
            if task_id in self._entries or task_id in added:
                raise InvalidValueError(f'the queue has a task "{task_id}" already')
            added[task_id] = QueueEntry(task=task, priority=priority)
        _check_order(self._entries, added)
        self._make_room(len(added), needed=_waited_for(added.values()))
        self._next_number = number
        self._entries.update(added)
        for task_id, entry in added.items():
            self._cancel_orphan(task_id, entry)
        self._write()
        return list(added)

    def next_task(self) -> SkillTask | None:
        """Begin the task that is due: of those that wait for nothing, the most urgent, oldest."""
        ready = [
            (-entry.priority, place, task_id)
            for place, (task_id, entry) in enumerate(self._entries.items())
            if entry.state is TaskState.QUEUED and self._is_ready(entry)
        ]
        if not ready:
            return None
        task_id = min(ready)[2]
        entry = self._entries[task_id]
        self._set(task_id, state=TaskState.RUNNING, n_starts=entry.n_starts + 1)
        self._write()
        return entry.task

    def finish(self, task_id: str, result: SkillResult) -> tuple[str, ...]:
        """Note what came of a running task; returns the tasks that were cancelled with it.

        Raises:
            UnknownNameError: The queue has none of that id.
            InvalidStateError: It is not running.
        """
        entry = self.entry(task_id)
        if entry.state is not TaskState.RUNNING:
            raise InvalidStateError(f'task "{task_id}" is not running but {entry.state}')
        self._set(task_id, state=TaskState(result.status), reason=result.reason, result=result)
        cancelled: tuple[str, ...] = ()
        if result.status is not SkillStatus.DONE:
            why = f'task "{task_id}" is {result.status}: {result.reason}'
            cancelled = self._cancel_after(task_id, why)
        self._write()
        return cancelled

    def cancel(self, task_id: str, reason: str = "asked to") -> tuple[str, ...]:
        """Cancel a task and all that wait for it, and return their ids; ended ones are left alone.

        A running task is stopped by whoever runs it, at its next step.

        Raises:
            UnknownNameError: The queue has none of that id.
        """
        if self.entry(task_id).state.is_ended:
            return ()
        self._set(task_id, state=TaskState.CANCELLED, reason=reason)
        after = self._cancel_after(task_id, f'task "{task_id}" was cancelled: {reason}')
        self._write()
        return (task_id, *after)

    def cancel_all(self, reason: str = "asked to") -> tuple[str, ...]:
        """Cancel whatever has not ended, and return the ids."""
        waiting = [key for key, entry in self._entries.items() if not entry.state.is_ended]
        for task_id in waiting:
            self._set(task_id, state=TaskState.CANCELLED, reason=reason)
        self._write()
        return tuple(waiting)

    def put_back(self, task_id: str) -> None:
        """Queue a running task again, as if it had not begun.

        Raises:
            UnknownNameError: The queue has none of that id.
            InvalidStateError: It is not running.
        """
        if self.entry(task_id).state is not TaskState.RUNNING:
            raise InvalidStateError(f'task "{task_id}" is not running')
        self._set(task_id, state=TaskState.QUEUED)
        self._write()

    def save(self, path: str | Path) -> None:
        """Write the queue as JSON lines, replacing a file only once all of it is on disk."""
        target = Path(path)
        header = {"format": FORMAT, "max_tasks": self.max_tasks, "next_number": self._next_number}
        lines = [json.dumps(header), *(entry.model_dump_json() for entry in self.entries())]
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(target.name + ".part")
        with beside.open("w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)

    @classmethod
    def load(cls, path: str | Path) -> TaskQueue:
        """Read a queue; what was running when it was written is queued again.

        Raises:
            QueueFileError: It is not what `save` wrote.
        """
        queue = cls()
        queue._read(Path(path))
        return queue

    def _read(self, path: Path) -> None:
        try:
            _check_size(path)
            first, *lines = path.read_text(encoding="utf-8").splitlines()
            header = json.loads(first)
            _check_format(path, header["format"])
            entries = [QueueEntry.model_validate_json(line) for line in lines]
            self.max_tasks = min(int(header["max_tasks"]), MAX_TASKS)
            self._next_number = int(header["next_number"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, QueueFileError):
                raise
            raise QueueFileError(f'cannot read the queue "{path}": {error}') from error
        if len(entries) > self.max_tasks:
            raise QueueFileError(f'"{path}" has {len(entries)} tasks, not {self.max_tasks}')
        found = {entry.task.id: entry for entry in entries}
        try:
            _check_ids(entries)
            _check_order({}, found)
        except InvalidValueError as error:
            raise QueueFileError(f'cannot read the queue "{path}": {error}') from error
        self._entries = found
        for task_id, entry in found.items():
            if entry.state is TaskState.RUNNING:
                self._set(task_id, state=TaskState.QUEUED)

    def _write(self) -> None:
        if self._path is not None:
            self.save(self._path)

    def _set(self, task_id: str, **changes: Any) -> None:
        self._entries[task_id] = self._entries[task_id].model_copy(update=changes)

    def _is_ready(self, entry: QueueEntry) -> bool:
        return all(
            self._entries[before].state is TaskState.DONE for before in entry.task.depends_on
        )

    def _cancel_after(self, task_id: str, reason: str) -> tuple[str, ...]:
        """Cancel what waits for a task, and what waits for that."""
        gone, cancelled = {task_id}, []
        # Tasks may be added before those that they wait for, within one sequence.
        for _ in range(len(self._entries)):
            more = [
                key
                for key, entry in self._entries.items()
                if entry.state is TaskState.QUEUED and gone & set(entry.task.depends_on)
            ]
            if not more:
                break
            for key in more:
                self._set(key, state=TaskState.CANCELLED, reason=reason)
            gone.update(more)
            cancelled += more
        return tuple(cancelled)

    def _cancel_orphan(self, task_id: str, entry: QueueEntry) -> None:
        """Cancel a new task that waits for one which ended otherwise than done."""
        for before in entry.task.depends_on:
            state = self._entries[before].state
            if state.is_ended and state is not TaskState.DONE:
                why = f'task "{before}" is {state}'
                if self._entries[task_id].state is TaskState.QUEUED:
                    self._set(task_id, state=TaskState.CANCELLED, reason=why)
                    self._cancel_after(task_id, why)

    def _make_room(self, n_new: int, needed: set[str]) -> None:
        excess = len(self._entries) + n_new - self.max_tasks
        if excess <= 0:
            return
        waiting = (entry for entry in self._entries.values() if not entry.state.is_ended)
        needed = needed | _waited_for(waiting)
        spare = [
            key
            for key, entry in self._entries.items()
            if entry.state.is_ended and key not in needed
        ]
        if len(spare) < excess:
            raise QueueFullError(
                f"the queue holds {self.max_tasks} tasks, {self.n_waiting} of them waiting, and "
                f"{n_new} more do not fit: let it work first, or cancel some"
            )
        # Ended tasks that stay may name them; nobody looks at that again.
        for key in spare[:excess]:
            del self._entries[key]


def _check_ids(entries: list[QueueEntry]) -> None:
    ids = {entry.task.id for entry in entries}
    if len(ids) != len(entries) or "" in ids:
        raise InvalidValueError("two tasks have one id, or one has none")


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise QueueFileError(f'a queue has at most {MAX_FILE_BYTES} bytes, not "{path}"')


def _check_format(path: Path, found: object) -> None:
    if found != FORMAT:
        raise QueueFileError(f'"{path}" has format {found}, not {FORMAT}')


def _waited_for(entries: Iterable[QueueEntry]) -> set[str]:
    return {before for entry in entries for before in entry.task.depends_on}


def _check_order(known: dict[str, QueueEntry], added: dict[str, QueueEntry]) -> None:
    """Refuse tasks that wait for what is not there, or in a circle."""
    for task_id, entry in added.items():
        for before in entry.task.depends_on:
            if before not in known and before not in added and not entry.state.is_ended:
                raise InvalidValueError(
                    f'task "{task_id}" waits for task "{before}", which does not exist'
                )
    left = dict(added)
    while left:
        free = [
            key for key, entry in left.items() if not any(b in left for b in entry.task.depends_on)
        ]
        if not free:
            raise InvalidValueError(f"tasks wait for each other in a circle: {sorted(left)}")
        for key in free:
            del left[key]
