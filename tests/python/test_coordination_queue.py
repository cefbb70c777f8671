"""The queue of tasks: order, dependencies, cancelling, bounds, and its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factorio_fast.coordination import SkillResult, SkillStatus, SkillTask, TaskQueue, TaskState
from factorio_fast.coordination.queue import MAX_TASKS, QueueFileError, QueueFullError
from factorio_fast.errors import InvalidStateError, InvalidValueError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path


HEADER = '{"format": 1, "max_tasks": 3, "next_number": 1}\n'


def wait(**fields: object) -> SkillTask:
    return SkillTask("WAIT", {"seconds": 1}, **fields)  # type: ignore[arg-type]


def done(task: SkillTask) -> SkillResult:
    return SkillResult(skill=task.skill, status=SkillStatus.DONE)


def failed(task: SkillTask) -> SkillResult:
    return SkillResult(skill=task.skill, status=SkillStatus.FAILED, reason="stuck")


def states(queue: TaskQueue) -> dict[str, str]:
    return {entry.task.id: str(entry.state) for entry in queue.entries()}


def test_the_most_urgent_task_comes_first_and_equal_ones_in_order() -> None:
    queue = TaskQueue()
    for name, priority in (("a", 0), ("b", 5), ("c", 5), ("d", -1)):
        queue.add_task(wait(id=name), priority=priority)
    order = []
    while (task := queue.next_task()) is not None:
        order.append(task.id)
        queue.finish(task.id, done(task))
    assert order == ["b", "c", "a", "d"]


def test_a_task_waits_for_those_that_it_depends_on() -> None:
    queue = TaskQueue()
    queue.add_sequence([wait(id="b", depends_on=("a",)), wait(id="a")], priority=0)
    first = queue.next_task()
    assert first is not None
    assert first.id == "a"
    assert queue.next_task() is None
    queue.finish("a", done(first))
    second = queue.next_task()
    assert second is not None
    assert second.id == "b"


def test_what_waits_for_a_failed_task_is_cancelled_with_the_reason() -> None:
    queue = TaskQueue()
    queue.add_sequence(
        [
            wait(id="a"),
            wait(id="b", depends_on=("a",)),
            wait(id="c", depends_on=("b",)),
            wait(id="d"),
        ]
    )
    task = queue.next_task()
    assert task is not None
    assert queue.finish("a", failed(task)) == ("b", "c")
    assert states(queue) == {"a": "failed", "b": "cancelled", "c": "cancelled", "d": "queued"}
    assert queue.entry("c").reason == 'task "a" is failed: stuck'


def test_a_cancelled_task_takes_those_with_it_that_wait_for_it() -> None:
    queue = TaskQueue()
    queue.add_sequence([wait(id="a"), wait(id="b", depends_on=("a",)), wait(id="c")])
    assert queue.cancel("a", "the ore is gone") == ("a", "b")
    assert queue.cancel("a") == ()
    assert queue.cancel_all() == ("c",)
    assert queue.n_waiting == 0
    with pytest.raises(UnknownNameError, match='no task "x"'):
        queue.cancel("x")


def test_a_new_task_that_waits_for_a_failed_one_is_cancelled_at_once() -> None:
    queue = TaskQueue()
    queue.add_task(wait(id="a"))
    queue.cancel("a")
    queue.add_task(wait(id="b", depends_on=("a",)))
    assert queue.entry("b").state is TaskState.CANCELLED
    assert queue.entry("b").reason == 'task "a" is cancelled'


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([wait(id="a"), wait(id="a")], 'has a task "a" already'),
        ([wait(id="a", depends_on=("z",))], 'waits for task "z", which does not exist'),
        ([wait(id="a", depends_on=("b",)), wait(id="b", depends_on=("a",))], "in a circle"),
        ([wait(id="a", depends_on=("a",))], "in a circle"),
    ],
)
def test_a_sequence_with_a_mistake_adds_nothing(tasks: list[SkillTask], message: str) -> None:
    queue = TaskQueue()
    with pytest.raises(InvalidValueError, match=message):
        queue.add_sequence(tasks)
    assert len(queue) == 0


def test_a_full_queue_refuses_what_waits_and_forgets_what_has_ended() -> None:
    queue = TaskQueue(max_tasks=3)
    queue.add_sequence([wait(id="a"), wait(id="b", depends_on=("a",)), wait(id="c")])
    with pytest.raises(QueueFullError, match="holds 3 tasks, 3 of them waiting, and 1 more"):
        queue.add_task(wait(id="d"))
    task = queue.next_task()
    assert task is not None
    queue.finish("a", done(task))
    # "b" still waits for "a", so nothing can be forgotten yet.
    with pytest.raises(QueueFullError):
        queue.add_task(wait(id="d"))
    queue.cancel("c")
    queue.add_task(wait(id="d"))
    assert list(states(queue)) == ["a", "b", "d"]
    with pytest.raises(InvalidValueError, match=f"1..={MAX_TASKS}"):
        TaskQueue(max_tasks=MAX_TASKS + 1)


def test_only_a_running_task_can_be_finished_or_put_back() -> None:
    queue = TaskQueue()
    queue.add_task(wait(id="a"))
    with pytest.raises(InvalidStateError, match="is not running but queued"):
        queue.finish("a", done(wait()))
    with pytest.raises(InvalidStateError, match="is not running"):
        queue.put_back("a")
    task = queue.next_task()
    assert task is not None
    queue.put_back("a")
    assert queue.entry("a").state is TaskState.QUEUED
    assert queue.entry("a").n_starts == 1


def test_a_queue_is_read_back_as_it_was_and_what_ran_is_queued_again(tmp_path: Path) -> None:
    path = tmp_path / "queue.jsonl"
    queue = TaskQueue(path=path)
    queue.add_sequence(
        [wait(id="a"), wait(), SkillTask("CRAFT", items={"pipe": 2}, depends_on=("a",))], priority=7
    )
    task = queue.next_task()
    assert task is not None
    queue.finish(task.id, done(task))
    running = queue.next_task()
    assert running is not None
    read = TaskQueue.load(path)
    expected = [
        entry.model_copy(update={"state": TaskState.QUEUED})
        if entry.state is TaskState.RUNNING
        else entry
        for entry in queue.entries()
    ]
    assert read.entries() == expected
    assert TaskQueue(path=path).entries() == expected
    assert read.add_task(wait()) == "3"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        '{"format": 9}',
        HEADER + '{"task": {"skill": "wait"}}',
        HEADER + '{"task": {"skill": "WAIT", "id": "a", "depends_on": ["a"]}}',
        HEADER + '{"task": {"skill": "WAIT"}}',
    ],
)
def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "queue.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueueFileError, match=r"queue\.jsonl"):
        TaskQueue.load(path)
