"""`CoordinationLayer`: a command in words to a goal, a plan, tasks, and deeds.

Example:
    >>> from factorio_fast import open_session
    >>> from factorio_fast.coordination import CoordinationLayer
    >>> layer = CoordinationLayer(session=open_session("open_play", seed=3), skills="experts")
    >>> report = layer.execute_llm_command("gather 4 wood")
    >>> str(report.state), layer.session.character()["inventory"]["wood"] >= 4
    ('done', True)
    >>> layer.execute_llm_command("game.player.insert{name='coal'}")
    Traceback (most recent call last):
    factorio_fast.coordination.layer.CommandRefusedError: the command is not understood: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from factorio_fast.coordination.decompose import refined
from factorio_fast.coordination.monitor import MAX_RECOVERIES, MAX_REPLANS, ExecutionMonitor
from factorio_fast.coordination.queue import TaskQueue
from factorio_fast.errors import FactorioFastError, InvalidStateError, InvalidValueError
from factorio_fast.planning.choice import make_plan, make_planner
from factorio_fast.planning.goals import Goal
from factorio_fast.skills.library import SkillLibrary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from factorio_fast._core import World
    from factorio_fast.coordination.events import ExecutionEvent, ExecutionReport, PlanFailure
    from factorio_fast.coordination.tasks import SkillTask
    from factorio_fast.envs.session import Session
    from factorio_fast.planning.goals import AnyGoal
    from factorio_fast.planning.plan import Plan
    from factorio_fast.planning.planners import Planner

__all__ = ["CommandRefusedError", "CoordinationLayer"]


class CommandRefusedError(FactorioFastError, ValueError):
    """A command that is not understood or not allowed; the message says what it would need."""


class CoordinationLayer:
    """Coordinates planning by words and goals with acting by skills.

    Args:
        session: where the character is, with a running episode.
        planner: a planner, or its name.
        skills: a library, or what `SkillLibrary.load` takes.
        open_session: opens the session when it is first needed; instead of `session`.
        recover: finds or makes a session after the world was lost; see `ExecutionMonitor`.
        queue: where tasks wait.
        queue_path: a file in which tasks are kept; instead of `queue`.
        on_event: is told everything as it happens.
        max_replans: new plans for one command.
        max_recoveries: how often a lost world is found again for one command.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, keyword-only
        self,
        session: Session | None = None,
        *,
        planner: str | Planner = "deterministic",
        skills: str | Path | SkillLibrary = "default",
        open_session: Callable[[], Session] | None = None,
        recover: Callable[[], Session] | None = None,
        queue: TaskQueue | None = None,
        queue_path: str | Path | None = None,
        on_event: Callable[[ExecutionEvent], None] | None = None,
        max_replans: int = MAX_REPLANS,
        max_recoveries: int = MAX_RECOVERIES,
    ) -> None:
        if queue is not None and queue_path is not None:
            raise InvalidValueError("give a queue or the path of its file, not both")
        self.task_queue = TaskQueue(path=queue_path) if queue is None else queue
        self.skill_library = (
            skills if isinstance(skills, SkillLibrary) else SkillLibrary.load(skills)
        )
        self.execution_monitor = ExecutionMonitor(
            self.skill_library,
            queue=self.task_queue,
            recover=recover,
            on_event=on_event,
            max_replans=max_replans,
            max_recoveries=max_recoveries,
        )
        self.execution_monitor.session = session
        self.planner: Planner = (
            make_planner(planner, catalogue=self.skill_library)
            if isinstance(planner, str)
            else planner
        )
        self.last_plan: Plan | None = None
        """The plan that was made last."""
        self._session = session
        self._open_session = open_session

    @property
    def session(self) -> Session:
        """The session that commands are carried out in.

        Raises:
            InvalidStateError: There is none.
        """
        if self._session is None:
            if self._open_session is None:
                raise InvalidStateError("there is no session: pass one to the coordination layer")
            self._session = self._open_session()
        return self._session

    # --- From words to tasks ---------------------------------------------------------------------

    def parse_semantic_command(self, command: str) -> AnyGoal:
        """Read a command in plain English as a typed goal.

        Raises:
            CommandRefusedError: It is not understood; the message says what it would need.
        """
        from factorio_fast.semantic.language.parser import parse_command

        found = parse_command(command)
        if not isinstance(found, Goal):
            raise CommandRefusedError(f"the command is not understood: {found}")
        return found

    def goal_of(self, command: str) -> AnyGoal | None:
        """Read a command; None where the parser does not understand it, but the planner may.

        Raises:
            CommandRefusedError: Neither does.
        """
        try:
            return self.parse_semantic_command(command)
        except CommandRefusedError:
            if getattr(self.planner, "understands_commands", False):
                return None
            raise

    def plan(
        self,
        goal: AnyGoal | None,
        context: Mapping[str, Any] | None = None,
        *,
        command: str = "",
        failure: PlanFailure | None = None,
    ) -> Plan:
        """Make a plan of a goal; its building tasks are taken apart into skills, and numbered.

        Args:
            goal: what is wanted; None only for a planner that understands commands itself.
            context: `world`, the world to plan in; without it the session's is looked at.
            command: what the player said.
            failure: why the plan before did not come to its end.

        Raises:
            FactorioFastError: There is no plan; the message says why.
        """
        world = self._world(context)
        plan = refined(make_plan(self.planner, goal, world, command=command, failure=failure))
        self.last_plan = plan
        return plan

    def decompose_to_skills(
        self, high_level_task: AnyGoal, context: Mapping[str, Any] | None = None
    ) -> list[SkillTask]:
        """Turn a goal into tasks for skills, in the order in which they are to be done.

        Raises:
            FactorioFastError: There is no plan; the message says why.
        """
        return self.plan(high_level_task, context).tasks()

    # --- From tasks to deeds ---------------------------------------------------------------------

    def execute_llm_command(
        self, command: str, context: Mapping[str, Any] | None = None
    ) -> ExecutionReport:
        """Carry a command out: understand, plan, queue, act, watch, plan anew where need be.

        Args:
            command: what the player or a language model says.
            context: `session` and `world` instead of the layer's, `replan` False for one plan only.

        Raises:
            CommandRefusedError: The command is not understood; nothing was changed.
            FactorioFastError: There is no plan; nothing was changed.
        """
        for _event in self.watch_command(command, context):
            pass
        return self._reported()

    def watch_command(
        self, command: str, context: Mapping[str, Any] | None = None
    ) -> Iterator[ExecutionEvent]:
        """Carry a command out and give what happens; see `execute_llm_command`."""
        goal = self.goal_of(command)
        tasks = self.plan(goal, context, command=command).tasks()
        yield from self._watch(tasks, goal, context, command)

    def execute_goal(
        self, goal: AnyGoal, context: Mapping[str, Any] | None = None
    ) -> ExecutionReport:
        """Carry a goal out, as `execute_llm_command` does a command."""
        tasks = self.plan(goal, context).tasks()
        for _event in self._watch(tasks, goal, context, ""):
            pass
        return self._reported()

    def execute_plan(
        self, plan: Plan, context: Mapping[str, Any] | None = None, *, command: str = ""
    ) -> ExecutionReport:
        """Carry a plan out that was made before; another one is made where it does not go on."""
        self.last_plan = plan.numbered()
        for _event in self._watch(self.last_plan.tasks(), plan.goal, context, command):
            pass
        return self._reported()

    def execute_sequence(
        self, action_sequence: Sequence[SkillTask], context: Mapping[str, Any] | None = None
    ) -> ExecutionReport:
        """Carry tasks out as they are; where one is not done, the sequence ends there."""
        for _event in self._watch(list(action_sequence), None, context, ""):
            pass
        return self._reported()

    def resume(self, context: Mapping[str, Any] | None = None) -> ExecutionReport:
        """Go on with what waits in the queue, such as one that was read from its file."""
        waiting = [entry.task for entry in self.task_queue.entries() if not entry.state.is_ended]
        return self.execute_sequence(waiting, context)

    def cancel(self, reason: str = "asked to") -> None:
        """Stop what is going on at its next step."""
        self.execution_monitor.cancel(reason)

    # --- Inside ----------------------------------------------------------------------------------

    def _watch(
        self,
        tasks: list[SkillTask],
        goal: AnyGoal | None,
        context: Mapping[str, Any] | None,
        command: str,
    ) -> Iterator[ExecutionEvent]:
        values = dict(context or {})
        session = values.get("session") or self.session
        may_replan = values.get("replan", True) and (goal is not None or bool(command))

        def replan(failure: PlanFailure) -> list[SkillTask]:
            # After a lost world the monitor's session is another than the one given.
            world = cast("Session", self.execution_monitor.session).look()
            return self.plan(goal, {"world": world}, command=command, failure=failure).tasks()

        known = {entry.task.id for entry in self.task_queue.entries()}
        if not (tasks and all(task.id in known for task in tasks)):
            tasks = self._queued(tasks)
        try:
            yield from self.execution_monitor.watch(
                tasks, session=session, replan=replan if may_replan else None
            )
        finally:
            if session is self._session:
                self._session = self.execution_monitor.session

    def _queued(self, tasks: list[SkillTask]) -> list[SkillTask]:
        """Queue tasks under ids that the queue does not have yet."""
        return self.execution_monitor.enqueue(tasks)

    def _world(self, context: Mapping[str, Any] | None) -> World:
        values = dict(context or {})
        if values.get("world") is not None:
            return cast("World", values["world"])
        session: Session = values.get("session") or self.session
        return session.look()

    def _reported(self) -> ExecutionReport:
        report = self.execution_monitor.report
        if report is None:
            raise InvalidStateError("the sequence was given up half-way")
        return report
