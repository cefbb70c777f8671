"""`ExecutionMonitor`: carries a sequence of tasks out and keeps watch over it.

It tells done, refused, failed, timed out, world changed and cancelled apart; asks for a new plan, a
limited number of times; and goes on after a lost server where that can be, else says so.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from factorio_fast.coordination.events import (
    EventKind,
    ExecutionEvent,
    ExecutionReport,
    PlanFailure,
)
from factorio_fast.coordination.queue import TaskQueue, TaskState
from factorio_fast.coordination.sequence import Run, in_order, judged, tick_of
from factorio_fast.coordination.tasks import SkillResult, SkillStatus
from factorio_fast.coordination.watched import (
    TICKS_PER_SECOND,
    SkillStoppedError,
    WatchedSession,
    WorldLostError,
)
from factorio_fast.errors import FactorioFastError, InvalidStateError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from factorio_fast._core import World
    from factorio_fast.coordination.queue import QueueEntry
    from factorio_fast.coordination.sequence import Skills
    from factorio_fast.coordination.tasks import SkillTask
    from factorio_fast.envs.session import Session

__all__ = [
    "MAX_RECOVERIES",
    "MAX_REPLANS",
    "MAX_WAITING_EVENTS",
    "PROGRESS_SECONDS",
    "ExecutionMonitor",
]

MAX_REPLANS = 3
"""New plans for one sequence unless another limit is given; then it ends as the last task did."""
MAX_RECOVERIES = 2
"""How often a lost world is found again in one sequence; then it ends with that as the reason."""
MAX_WAITING_EVENTS = 4_096
"""Events kept for who iterates; the oldest are dropped where nobody takes them."""
PROGRESS_SECONDS = 10.0
"""Game time between two events of progress of one task."""


class ExecutionMonitor:
    """Carries tasks out, one after the other, and keeps watch.

    Args:
        skills: what carries them out; None takes the package's library.
        queue: where tasks wait; one of its own if none is given.
        recover: finds or makes a session after the world was lost, with a begun episode; it may
            raise what a dead server raises. Without it, a lost world ends the sequence.
        on_event: is told everything as it happens.
        max_replans: new plans for one sequence.
        max_recoveries: how often a lost world is found again in one sequence.
    """

    def __init__(
        self,
        skills: Skills | None = None,
        *,
        queue: TaskQueue | None = None,
        recover: Callable[[], Session] | None = None,
        on_event: Callable[[ExecutionEvent], None] | None = None,
        max_replans: int = MAX_REPLANS,
        max_recoveries: int = MAX_RECOVERIES,
    ) -> None:
        if max_replans < 0 or max_recoveries < 0:
            raise InvalidValueError(
                f"max_replans and max_recoveries are at least 0, not {max_replans} and "
                f"{max_recoveries}"
            )
        self.queue = TaskQueue() if queue is None else queue
        self.max_replans = max_replans
        self.max_recoveries = max_recoveries
        self.report: ExecutionReport | None = None
        """What the last sequence came to."""
        self.session: Session | None = None
        """The session that was last worked in: another than was given, once a world was lost."""
        self._skills = _library() if skills is None else skills
        self._recover = recover
        self._on_event = on_event
        self._events: deque[ExecutionEvent] = deque(maxlen=MAX_WAITING_EVENTS)
        self._is_running = False
        self._cancelled: str | None = None

    def cancel(self, reason: str = "asked to") -> None:
        """Stop at the next step; may be called from another thread or from `on_event`."""
        self._cancelled = reason

    def enqueue(self, tasks: Sequence[SkillTask], *, priority: int = 0) -> list[SkillTask]:
        """Queue tasks under ids that the queue does not have yet, and return them with those.

        Tasks that name no others to wait for are done one after the other.

        Raises:
            As `TaskQueue.add_sequence`.
        """
        known = {entry.task.id for entry in self.queue.entries()}
        number = 1
        while any(task_id.startswith(f"{number}.") for task_id in known):
            number += 1
        ordered = in_order(tasks, prefix=f"{number}.")
        self.queue.add_sequence(ordered, priority=priority)
        return ordered

    def track_sequence(
        self,
        tasks: Sequence[SkillTask],
        *,
        session: Session | None = None,
        replan: Callable[[PlanFailure], Sequence[SkillTask] | None] | None = None,
    ) -> ExecutionReport:
        """Carry tasks out to the end and report.

        Args:
            tasks: in order; those that the queue has by their ids are not added again.
            session: where the character is, its episode running; None goes on in the last one.
            replan: makes other tasks of a failure, or None if there is no way.

        Raises:
            InvalidStateError: A sequence is going on already, or the episode is not running.
        """
        for _event in self.watch(tasks, session=session, replan=replan):
            pass
        if self.report is None:
            raise InvalidStateError("the sequence was given up half-way")
        return self.report

    def watch(
        self,
        tasks: Sequence[SkillTask],
        *,
        session: Session | None = None,
        replan: Callable[[PlanFailure], Sequence[SkillTask] | None] | None = None,
    ) -> Iterator[ExecutionEvent]:
        """Carry tasks out, and give what happens; a task is worked on while the next is asked for.

        Whoever stops asking stops the work between two tasks; what was not begun is cancelled.

        Raises:
            As `track_sequence`.
        """
        if self._is_running:
            raise InvalidStateError("this monitor watches a sequence already: use another")
        session = self.session if session is None else session
        if session is None:
            raise InvalidStateError("there is no session: pass one")
        if session.phase != "running":
            raise InvalidStateError(f'the session must be running, not "{session.phase}"')
        self._is_running, self._cancelled, self.report = True, None, None
        self._events.clear()
        run = Run(session=session, replan=replan)
        self.session = session
        try:
            self._adopt(run, tasks)
            yield from self._taken()
            while run.ended is None:
                self._advance(run)
                yield from self._taken()
            self.report = self._reported(run)
            self._tell_end(run, self.report)
            yield from self._taken()
        finally:
            self._is_running = False
            for task_id in run.ids:
                self.queue.cancel(task_id, "the sequence was given up")

    # --- One task ------------------------------------------------------------------------------

    def _advance(self, run: Run) -> None:
        """Carry out the next task, and decide how it goes on."""
        if self._cancelled is not None:
            self._end(run, TaskState.CANCELLED, self._cancelled)
            return
        task = self.queue.next_task()
        if task is None:
            self._end_of_queue(run)
            return
        watched: WatchedSession | None = None
        try:
            self._keep_checkpoint(run)
            world = run.session.look()
            result = self._refusal(run, task, world)
            if result is None:
                self._tell(run, EventKind.STARTED, task)
                watched = self._watched(run, task)
                result = self._carried_out(task, watched)
        except (ConnectionError, TimeoutError) as error:
            self._on_lost(run, task, watched, f"{type(error).__name__}: {error}")
            return
        finally:
            if watched is not None:
                run.n_steps += watched.n_steps
                run.n_ticks += watched.n_ticks
                run.reward += watched.reward
        # Somebody may have cancelled it in the queue meanwhile.
        if self.queue.entry(task.id).state is TaskState.RUNNING and not (
            watched and watched.stopped and watched.stopped.kind == "cancelled"
        ):
            self.queue.finish(task.id, result)
        else:
            self.queue.cancel(task.id, self._why_cancelled())
        entry = self.queue.entry(task.id)
        self._tell(run, EventKind.FINISHED, task, entry, n_steps=result.n_steps)
        if task.id in run.plan_ids and entry.state is not TaskState.DONE:
            self._on_failure(run, task, entry)

    def _refusal(self, run: Run, task: SkillTask, world: World) -> SkillResult | None:
        """Say why a task is not begun, if there is a reason."""
        for task_id in run.plan_ids:
            entry = self.queue.entry(task_id)
            if entry.state is not TaskState.DONE:
                continue
            undone = self._skills.check_after(entry.task, world, is_later=True)
            if undone is not None:
                return SkillResult(
                    skill=task.skill,
                    status=SkillStatus.WORLD_CHANGED,
                    reason=f"{entry.task} was done and is undone: {undone}",
                )
        missing = self._skills.check_before(task, world)
        if missing is None:
            return None
        held = task.id in run.held
        status = SkillStatus.WORLD_CHANGED if held else SkillStatus.REFUSED
        reason = f"no longer holds: {missing}" if held else missing
        return SkillResult(skill=task.skill, status=status, reason=reason)

    def _watched(self, run: Run, task: SkillTask) -> WatchedSession:
        told_tick = 0

        def on_step(watched: WatchedSession) -> None:
            nonlocal told_tick
            if watched.n_ticks - told_tick >= PROGRESS_SECONDS * TICKS_PER_SECOND:
                told_tick = watched.n_ticks
                self._tell(run, EventKind.PROGRESS, task, watched=watched)

        def cancelled() -> str | None:
            if self._cancelled is not None:
                return self._cancelled
            entry = self.queue.entry(task.id)
            return entry.reason if entry.state is TaskState.CANCELLED else None

        ticks = round(task.budget_seconds * TICKS_PER_SECOND)
        return WatchedSession(run.session, budget_ticks=ticks, on_step=on_step, cancelled=cancelled)

    def _carried_out(self, task: SkillTask, watched: WatchedSession) -> SkillResult:
        """Let the library carry a task out, and check what it says of that.

        Raises:
            WorldLostError: The world was lost, whatever the skill has made of that.
        """
        try:
            result = self._skills.execute_skill(
                task.skill,
                task.parameters,
                session=watched,
                budget_seconds=task.budget_seconds,
            )
        except (SkillStoppedError, WorldLostError):
            result = SkillResult(skill=task.skill, status=SkillStatus.FAILED, reason="stopped")
        except FactorioFastError as error:
            reason = f"{type(error).__name__}: {error}"
            result = SkillResult(skill=task.skill, status=SkillStatus.FAILED, reason=reason)
        if watched.lost is not None:
            raise WorldLostError(watched.lost)
        undone = self._skills.check_after(task, watched.look()) if result.is_done else None
        return judged(result, watched, undone)

    def _why_cancelled(self) -> str:
        return self._cancelled or "asked to"

    # --- How it goes on ------------------------------------------------------------------------

    def _on_failure(self, run: Run, task: SkillTask, entry: QueueEntry) -> None:
        state, reason = entry.state, entry.reason
        self._give_up_plan(run, f'task "{task.id}" is {state}')
        if state is TaskState.CANCELLED:
            self._end(run, state, reason)
            return
        if run.session.phase != "running":
            self._end(run, state, reason or "the episode has ended")
            return
        self._replan(run, task, state, reason)

    def _replan(self, run: Run, task: SkillTask, state: TaskState, reason: str) -> None:
        """Ask for another plan, if one may be asked for, or end."""
        if run.replan is None:
            self._end(run, state, f"{task}: {reason}")
            return
        if run.n_replans >= self.max_replans:
            limit = f"; the limit of {self.max_replans} new plans is reached"
            self._end(run, state, f"{task}: {reason}{limit}")
            return
        run.n_replans += 1
        done = tuple(
            entry.task for entry in map(self.queue.entry, run.ids) if entry.state is TaskState.DONE
        )
        failure = PlanFailure(
            task=task, state=state, reason=reason or state, done=done, attempt=run.n_replans
        )
        try:
            tasks = run.replan(failure)
            if tasks is not None:
                self._tell(run, EventKind.REPLANNED, task, reason=str(failure))
                self._adopt(run, tasks)
                return
        except (ConnectionError, TimeoutError) as error:
            self._on_lost(run, task, None, f"{type(error).__name__}: {error}")
            return
        except FactorioFastError as error:
            self._end(run, state, f"{task}: {reason}; there is no other plan: {error}")
            return
        self._end(run, state, f"{task}: {reason}; there is no other plan")

    def _on_lost(
        self, run: Run, task: SkillTask, watched: WatchedSession | None, reason: str
    ) -> None:
        """Find the world again and go on, or end with the reason."""
        del watched
        run.infrastructure = reason
        self._tell(run, EventKind.WORLD_LOST, task, reason=reason)
        if self._recover is None or run.n_recoveries >= self.max_recoveries:
            self._lose(run, task, f"the world was lost: {reason}")
            return
        run.n_recoveries += 1
        try:
            run.session = self._recover()
            self.session = run.session
            is_same = self._restored(run)
            undone = None if is_same else self._first_undone(run)
        except (ConnectionError, TimeoutError, FactorioFastError) as error:
            self._lose(run, task, f"the world was lost: {reason}; and not found again: {error}")
            return
        run.infrastructure = None
        if undone is None:
            if self.queue.entry(task.id).state is TaskState.RUNNING:
                self.queue.put_back(task.id)
            self._tell(run, EventKind.RECOVERED, task, reason="the plan goes on")
            return
        self._tell(run, EventKind.RECOVERED, task, reason=f"the world is another: {undone}")
        changed = SkillResult(skill=task.skill, status=SkillStatus.WORLD_CHANGED, reason=undone)
        if self.queue.entry(task.id).state is TaskState.RUNNING:
            self.queue.finish(task.id, changed)
        self._give_up_plan(run, undone)
        self._replan(run, task, TaskState.WORLD_CHANGED, f"the server was lost, and {undone}")

    def _lose(self, run: Run, task: SkillTask, reason: str) -> None:
        if self.queue.entry(task.id).state is TaskState.RUNNING:
            lost = SkillResult(skill=task.skill, status=SkillStatus.FAILED, reason=reason)
            self.queue.finish(task.id, lost)
        self._give_up_plan(run, reason)
        self._end(run, TaskState.FAILED, reason)

    def _keep_checkpoint(self, run: Run) -> None:
        """Keep the world as it is before a task, where it could be needed and can be written."""
        if self._recover is None:
            return
        try:
            run.checkpoint = run.session.snapshot()
        except (FactorioFastError, NotImplementedError) as error:
            if isinstance(error, ConnectionError | TimeoutError):
                raise
            run.checkpoint = None

    def _restored(self, run: Run) -> bool:
        """Bring the new session to the checkpoint; return whether that was possible."""
        if run.checkpoint is None:
            return False
        try:
            run.session.restore(run.checkpoint)
        except (FactorioFastError, NotImplementedError) as error:
            if isinstance(error, ConnectionError | TimeoutError):
                raise
            return False
        return True

    def _first_undone(self, run: Run) -> str | None:
        """Say what of the work done does not stand in the world that was found."""
        world = run.session.look()
        for task_id in run.plan_ids:
            entry = self.queue.entry(task_id)
            if entry.state is TaskState.DONE:
                undone = self._skills.check_after(entry.task, world)
                if undone is not None:
                    return f"{entry.task} is undone: {undone}"
        return None

    # --- Beginning and end ---------------------------------------------------------------------

    def _adopt(self, run: Run, tasks: Sequence[SkillTask]) -> None:
        """Queue a plan's tasks and make them the present plan; without order, one by one."""
        known = {entry.task.id for entry in self.queue.entries()}
        if tasks and all(task.id and task.id in known for task in tasks):
            ids = [task.id for task in tasks]
        else:
            ids = [task.id for task in self.enqueue(tasks)]
        run.plan_ids = ids
        run.ids += ids
        world = run.session.look() if ids else None
        run.held = {
            task_id
            for task_id in ids
            if world is not None
            and self._skills.check_before(self.queue.entry(task_id).task, world) is None
        }
        for task_id in ids:
            entry = self.queue.entry(task_id)
            self._tell(run, EventKind.QUEUED, entry.task, entry)

    def _end_of_queue(self, run: Run) -> None:
        open_ones = [
            entry
            for entry in map(self.queue.entry, run.plan_ids)
            if entry.state is not TaskState.DONE
        ]
        if open_ones:
            first = open_ones[0]
            state = first.state if first.state.is_ended else TaskState.FAILED
            self._end(run, state, f"{first.task}: {first.reason or 'it waits for others'}")
        else:
            self._end(run, TaskState.DONE, "")

    def _give_up_plan(self, run: Run, reason: str) -> None:
        for task_id in run.plan_ids:
            self.queue.cancel(task_id, reason)

    def _end(self, run: Run, state: TaskState, reason: str) -> None:
        if state is not TaskState.DONE:
            self._give_up_plan(run, reason)
        run.ended = (state, reason)

    def _reported(self, run: Run) -> ExecutionReport:
        state, reason = run.ended or (TaskState.CANCELLED, "given up")
        return ExecutionReport(
            state=state,
            reason=reason,
            entries=tuple(self.queue.entry(task_id) for task_id in run.ids),
            n_steps=run.n_steps,
            n_ticks=run.n_ticks,
            reward=run.reward,
            n_replans=run.n_replans,
            n_recoveries=run.n_recoveries,
            infrastructure=run.infrastructure,
        )

    # --- Telling -------------------------------------------------------------------------------

    def _tell(
        self,
        run: Run,
        kind: EventKind,
        task: SkillTask,
        entry: QueueEntry | None = None,
        *,
        watched: WatchedSession | None = None,
        reason: str = "",
        n_steps: int = 0,
    ) -> None:
        left = None
        if watched is not None and watched.budget_ticks is not None:
            left = (watched.budget_ticks - watched.n_ticks) / TICKS_PER_SECOND
        states = [self.queue.entry(task_id).state for task_id in run.plan_ids]
        self._send(
            ExecutionEvent(
                kind=kind,
                task_id=task.id,
                skill=task.skill,
                state=entry.state if entry is not None else self.queue.entry(task.id).state,
                reason=reason or (entry.reason if entry is not None else ""),
                tick=watched.tick if watched is not None else tick_of(run.session),
                n_steps=watched.n_steps if watched is not None else n_steps,
                budget_left_seconds=left,
                n_done=sum(state is TaskState.DONE for state in states),
                n_tasks=len(states),
            )
        )

    def _tell_end(self, run: Run, report: ExecutionReport) -> None:
        self._send(
            ExecutionEvent(
                kind=EventKind.ENDED,
                state=report.state,
                reason=report.reason,
                tick=tick_of(run.session),
                n_steps=report.n_steps,
                n_done=report.n_done,
                n_tasks=len(run.plan_ids),
            )
        )

    def _send(self, event: ExecutionEvent) -> None:
        self._events.append(event)
        if self._on_event is not None:
            self._on_event(event)

    def _taken(self) -> Iterator[ExecutionEvent]:
        while self._events:
            yield self._events.popleft()


def _library() -> Skills:
    from factorio_fast.skills.library import SkillLibrary

    return SkillLibrary()
