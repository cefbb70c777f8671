"""The monitor: how tasks end, when they are not begun, new plans, and lost servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from coordination_rig import LossySession, session_of
from factorio_fast.coordination import (
    EventKind,
    ExecutionMonitor,
    SkillResult,
    SkillStatus,
    SkillTask,
    TaskQueue,
    TaskState,
)
from factorio_fast.errors import InvalidStateError
from factorio_fast.planning.planners import PlanError
from factorio_fast.skills.library import SkillLibrary
from factorio_fast.skills.spec import SkillSpec

if TYPE_CHECKING:
    from factorio_fast.coordination import (
        ExecutionEvent,
        PlanFailure,
    )
    from factorio_fast.envs.session import Session


@pytest.fixture
def library() -> SkillLibrary:
    return SkillLibrary.load("experts")


def states(monitor: ExecutionMonitor) -> list[str]:
    report = monitor.report
    assert report is not None
    return [str(entry.state) for entry in report.entries]


def furnace_plan(session: Session) -> list[SkillTask]:
    """Walk, build the furnace that a new game gives, and fuel it."""
    x, y = session.character()["position"]
    site = (int(x) + 8.0, int(y) + 4.0)
    return [
        SkillTask("NAVIGATE", target=site, reach=5),
        SkillTask("PLACE_ENTITIES", blueprint=[{"entity": "stone-furnace", "position": site}]),
        SkillTask("INSERT", target=site, items={"wood": 1}),
    ]


def test_a_sequence_is_done_in_order_and_told_step_by_step(library: SkillLibrary) -> None:
    session = session_of()
    told: list[ExecutionEvent] = []
    monitor = ExecutionMonitor(library, on_event=told.append)
    report = monitor.track_sequence(furnace_plan(session), session=session)
    assert report.is_done
    assert report.reason == ""
    assert [(event.kind, event.skill, event.n_done) for event in told] == [
        ("queued", "NAVIGATE", 0),
        ("queued", "PLACE_ENTITIES", 0),
        ("queued", "INSERT", 0),
        ("started", "NAVIGATE", 0),
        ("finished", "NAVIGATE", 1),
        ("started", "PLACE_ENTITIES", 1),
        ("finished", "PLACE_ENTITIES", 2),
        ("started", "INSERT", 2),
        ("finished", "INSERT", 3),
        ("ended", "", 3),
    ]
    assert report.n_ticks == session.character()["tick"] == told[-1].tick
    assert report.n_steps == sum(entry.result.n_steps for entry in report.entries if entry.result)
    assert session.look().entities("stone-furnace")[0].burning is not None


def test_the_events_can_be_taken_one_by_one_and_the_work_stops_with_them(
    library: SkillLibrary,
) -> None:
    session = session_of()
    queue = TaskQueue()
    monitor = ExecutionMonitor(library, queue=queue)
    events = monitor.watch(furnace_plan(session), session=session)
    for event in events:
        if event.kind == EventKind.FINISHED:
            break
    events.close()  # type: ignore[attr-defined]
    assert [str(entry.state) for entry in queue.entries()] == ["done", "cancelled", "cancelled"]
    assert queue.entries()[1].reason == "the sequence was given up"
    assert session.look().entities("stone-furnace") == []
    # The monitor is free again.
    assert monitor.track_sequence([SkillTask("WAIT", seconds=1)], session=session).is_done


def test_a_long_task_tells_its_progress_and_what_is_left_of_its_budget(
    library: SkillLibrary,
) -> None:
    told: list[ExecutionEvent] = []
    monitor = ExecutionMonitor(library, on_event=told.append)
    task = SkillTask("WAIT", seconds=25, budget_seconds=40)
    assert monitor.track_sequence([task], session=session_of()).is_done
    left = [event.budget_left_seconds for event in told if event.kind == EventKind.PROGRESS]
    assert left == [30.0, 20.0]


def test_a_task_that_takes_longer_than_its_budget_has_timed_out(library: SkillLibrary) -> None:
    session = session_of()
    monitor = ExecutionMonitor(library)
    report = monitor.track_sequence(
        [SkillTask("WAIT", seconds=60, budget_seconds=5), SkillTask("WAIT", seconds=1)],
        session=session,
    )
    assert (report.state, states(monitor)) == ("timed-out", ["timed-out", "cancelled"])
    assert "the budget of" in report.reason
    assert session.character()["tick"] == 300


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (SkillTask("DANCE"), 'there is no skill "DANCE"'),
        (SkillTask("NAVIGATE", target="there"), "target: "),
        (SkillTask("INSERT", target=(0, 0), items={"coal": 5}), "5 coal not carried"),
        (SkillTask("CRAFT", items={"lab": 1}), "ingredients lack"),
        (SkillTask("PLACE_ENTITIES", blueprint=[{"entity": "lab", "position": (0, 0)}]), "1 lab"),
    ],
)
def test_a_task_that_cannot_begin_is_refused_and_changes_nothing(
    library: SkillLibrary, task: SkillTask, reason: str
) -> None:
    session = session_of()
    before = session.look().digest()
    monitor = ExecutionMonitor(library)
    report = monitor.track_sequence([task], session=session)
    assert report.state is TaskState.REFUSED
    assert reason in report.reason
    assert session.look().digest() == before


def test_a_skill_that_gets_stuck_has_failed_with_its_reason(library: SkillLibrary) -> None:
    session = session_of()
    monitor = ExecutionMonitor(library)
    area = session.look().area
    corner = (float(area[0][0]), float(area[0][1]))
    water = nearest_water(session)
    report = monitor.track_sequence(
        [SkillTask("NAVIGATE", target=water or corner, reach=0.8)], session=session
    )
    assert report.state is TaskState.FAILED
    assert "no way to" in report.reason


def nearest_water(session: Session) -> tuple[float, float] | None:
    world = session.look()
    (left, top), (right, bottom) = world.area
    bits = world.tiles(((left, top), (right, bottom)))
    height, width = bits.shape
    for row in range(4, height - 4):
        for col in range(4, width - 4):
            if (bits[row - 3 : row + 4, col - 3 : col + 4] & 32).all():
                return left + col + 0.5, top + row + 0.5
    return None


class Boaster:
    """Says done and does nothing."""

    def execute(self, parameters: dict[str, Any], **_: Any) -> SkillResult:
        del parameters
        return SkillResult(skill="NAVIGATE", status=SkillStatus.DONE)


def test_what_a_skill_says_is_checked_in_the_world(library: SkillLibrary) -> None:
    library.register("NAVIGATE", Boaster())
    session = session_of()
    monitor = ExecutionMonitor(library)
    report = monitor.track_sequence(furnace_plan(session), session=session)
    assert states(monitor) == ["failed", "cancelled", "cancelled"]
    assert "the skill says done, but the character is" in report.reason


class Saboteur:
    """Removes the furnace that the plan has built, as if something had destroyed it."""

    def execute(
        self, parameters: dict[str, Any], *, session: Session | None = None, **_: Any
    ) -> SkillResult:
        del parameters
        assert session is not None
        unit = session.look().entities("stone-furnace")[0].unit_number
        session.step_commands([("mine-entity", unit)])
        while session.look().entities("stone-furnace"):
            session.step_commands([])
        return SkillResult(skill="SABOTAGE", status=SkillStatus.DONE)


SABOTAGE = SkillSpec(name="SABOTAGE", group="other", description="Break.", parameters_schema={})


def test_a_task_is_not_begun_once_what_was_done_before_is_undone(library: SkillLibrary) -> None:
    library.register("SABOTAGE", Saboteur(), spec=SABOTAGE)
    session = session_of()
    walk, build, insert = furnace_plan(session)
    monitor = ExecutionMonitor(library)
    report = monitor.track_sequence([walk, build, SkillTask("SABOTAGE"), insert], session=session)
    assert states(monitor) == ["done", "done", "done", "world-changed"]
    assert "was done and is undone: no stone-furnace stands at" in report.reason
    assert session.character()["inventory"]["wood"] == 1


def test_a_precondition_that_held_when_the_plan_began_and_no_longer_does_is_a_changed_world(
    library: SkillLibrary,
) -> None:
    library.register("SABOTAGE", Saboteur(), spec=SABOTAGE)
    session = session_of()
    walk, build, insert = furnace_plan(session)
    ExecutionMonitor(library).track_sequence([walk, build], session=session)
    monitor = ExecutionMonitor(library)
    report = monitor.track_sequence([SkillTask("SABOTAGE"), insert], session=session)
    assert report.state is TaskState.WORLD_CHANGED
    assert "no longer holds: nothing stands at" in report.reason


def test_a_new_plan_is_asked_for_with_the_reason_and_carried_out(library: SkillLibrary) -> None:
    session = session_of()
    failures: list[PlanFailure] = []

    def replan(failure: PlanFailure) -> list[SkillTask]:
        failures.append(failure)
        return [
            SkillTask("GATHER", items={"wood": 2}),
            SkillTask("CRAFT", items={"wooden-chest": 1}),
        ]

    monitor = ExecutionMonitor(library)
    plan = [SkillTask("WAIT", seconds=1), SkillTask("CRAFT", items={"wooden-chest": 1})]
    report = monitor.track_sequence(plan, session=session, replan=replan)
    assert (report.state, report.n_replans) == (TaskState.DONE, 1)
    assert states(monitor) == ["done", "refused", "done", "done"]
    (failure,) = failures
    assert (failure.task.skill, failure.state) == ("CRAFT", "refused")
    assert "ingredients lack" in failure.reason
    assert [task.skill for task in failure.done] == ["WAIT"]
    assert session.character()["inventory"]["wooden-chest"] == 1


def test_new_plans_have_a_limit(library: SkillLibrary) -> None:
    monitor = ExecutionMonitor(library, max_replans=2)
    hopeless = SkillTask("INSERT", target=(0, 0), items={"coal": 5})
    report = monitor.track_sequence(
        [hopeless], session=session_of(), replan=lambda _failure: [hopeless]
    )
    assert (report.state, report.n_replans) == (TaskState.REFUSED, 2)
    assert report.reason.endswith("the limit of 2 new plans is reached")


def test_a_planner_without_another_plan_ends_the_sequence(library: SkillLibrary) -> None:
    def no_plan(failure: PlanFailure) -> list[SkillTask]:
        raise PlanError(f"there is no coal anywhere, after {failure.attempt} attempt")

    monitor = ExecutionMonitor(library)
    hopeless = SkillTask("INSERT", target=(0, 0), items={"coal": 5})
    report = monitor.track_sequence([hopeless], session=session_of(), replan=no_plan)
    assert report.state is TaskState.REFUSED
    assert "there is no other plan: there is no coal anywhere, after 1 attempt" in report.reason


def test_cancelling_stops_the_running_task_at_its_next_step(library: SkillLibrary) -> None:
    session = session_of()

    def on_event(event: ExecutionEvent) -> None:
        if event.kind == EventKind.PROGRESS:
            monitor.cancel("the player wants something else")

    monitor = ExecutionMonitor(library, on_event=on_event)
    report = monitor.track_sequence(
        [SkillTask("WAIT", seconds=60), SkillTask("WAIT", seconds=1)], session=session
    )
    assert (report.state, report.reason) == ("cancelled", "the player wants something else")
    assert states(monitor) == ["cancelled", "cancelled"]
    assert session.character()["tick"] == 600


def test_a_running_task_can_be_cancelled_in_the_queue(library: SkillLibrary) -> None:
    queue = TaskQueue()

    def on_event(event: ExecutionEvent) -> None:
        if event.kind == EventKind.PROGRESS:
            queue.cancel(event.task_id, "not needed")

    monitor = ExecutionMonitor(library, queue=queue, on_event=on_event)
    report = monitor.track_sequence([SkillTask("WAIT", seconds=60)], session=session_of())
    assert (report.state, report.reason) == ("cancelled", "not needed")


def test_an_episode_that_ends_under_a_task_has_changed_the_world(library: SkillLibrary) -> None:
    from factorio_fast import EmbeddedBackend, ScenarioManager

    session = EmbeddedBackend().open(ScenarioManager().get("open_play"), max_steps=100)
    session.reset(3)
    monitor = ExecutionMonitor(library)
    report = monitor.track_sequence(
        [SkillTask("WAIT", seconds=60)], session=session, replan=lambda _failure: []
    )
    assert (report.state, report.n_replans) == (TaskState.WORLD_CHANGED, 0)
    assert "the episode has ended" in report.reason
    with pytest.raises(InvalidStateError, match='must be running, not "done"'):
        monitor.track_sequence([], session=session)


@pytest.mark.parametrize("how", ["raise", "infrastructure"])
def test_a_lost_server_ends_the_sequence_with_its_reason_and_is_no_success(
    library: SkillLibrary, how: Literal["raise", "infrastructure"]
) -> None:
    session = LossySession(session_of(), 8, how)
    monitor = ExecutionMonitor(library)
    report = monitor.track_sequence(
        furnace_plan(session), session=session, replan=lambda _failure: []
    )
    assert report.state is TaskState.FAILED
    assert report.infrastructure is not None
    assert "the world was lost" in report.reason
    assert report.n_replans == 0
    assert states(monitor) == ["failed", "cancelled", "cancelled"]


@pytest.mark.parametrize("how", ["raise", "infrastructure"])
@pytest.mark.parametrize("steps", [0, 5, 9])
def test_a_plan_goes_on_from_before_its_task_where_the_world_is_found_again(
    library: SkillLibrary, how: Literal["raise", "infrastructure"], steps: int
) -> None:
    session = LossySession(session_of(), steps, how)
    told: list[ExecutionEvent] = []
    monitor = ExecutionMonitor(library, recover=lambda: session_of(9), on_event=told.append)
    report = monitor.track_sequence(furnace_plan(session), session=session)
    assert (report.state, report.n_recoveries) == (TaskState.DONE, 1)
    assert report.infrastructure is None
    kinds = [event.kind for event in told if event.kind in {"world-lost", "recovered"}]
    assert kinds == ["world-lost", "recovered"]
    assert monitor.session is not None
    assert len(monitor.session.look().entities("stone-furnace")) == 1


class NoSnapshot(LossySession):
    """A server that cannot write its world as bytes."""

    def snapshot(self) -> bytes:
        raise NotImplementedError


def test_in_another_world_a_new_plan_is_made(library: SkillLibrary) -> None:
    # The second task runs when the server dies; the new world has neither walk nor furnace.
    first = session_of()
    plan = furnace_plan(first)
    session = NoSnapshot(first, 30)
    second = session_of(9)
    monitor = ExecutionMonitor(library, recover=lambda: second)
    failures: list[PlanFailure] = []

    def replan(failure: PlanFailure) -> list[SkillTask]:
        failures.append(failure)
        return furnace_plan(second)

    report = monitor.track_sequence(
        [plan[0], plan[1], SkillTask("WAIT", seconds=30), plan[2]], session=session, replan=replan
    )
    assert (report.state, report.n_recoveries, report.n_replans) == ("done", 1, 1)
    assert states(monitor)[:4] == ["done", "done", "world-changed", "cancelled"]
    assert "the server was lost, and" in failures[0].reason
    assert len(second.look().entities("stone-furnace")) == 1


def test_a_world_that_is_lost_again_and_again_ends_the_sequence(library: SkillLibrary) -> None:
    monitor = ExecutionMonitor(
        library, recover=lambda: LossySession(session_of(), 3), max_recoveries=2
    )
    session = LossySession(session_of(), 3)
    report = monitor.track_sequence(furnace_plan(session), session=session)
    assert (report.state, report.n_recoveries) == (TaskState.FAILED, 2)
    assert report.infrastructure == "WorldLostError: ServerClosedError: the connection was lost"


def test_a_server_that_does_not_come_back_is_the_reason(library: SkillLibrary) -> None:
    def recover() -> Session:
        raise ConnectionError("nothing listens")

    monitor = ExecutionMonitor(library, recover=recover)
    session = LossySession(session_of(), 3)
    report = monitor.track_sequence(furnace_plan(session), session=session)
    assert report.state is TaskState.FAILED
    assert report.reason.endswith("and not found again: nothing listens")


def test_tasks_without_ids_get_some_that_are_free(library: SkillLibrary) -> None:
    queue = TaskQueue()
    monitor = ExecutionMonitor(library, queue=queue)
    session = session_of()
    for _ in range(2):
        tasks = [SkillTask("WAIT", seconds=1), SkillTask("WAIT", seconds=1)]
        assert monitor.track_sequence(tasks, session=session).is_done
    assert [(e.task.id, e.task.depends_on) for e in queue.entries()] == [
        ("1.1", ()),
        ("1.2", ("1.1",)),
        ("2.1", ()),
        ("2.2", ("2.1",)),
    ]
