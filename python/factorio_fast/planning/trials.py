"""Whole goals carried out from a bare start, and what is made afterwards: the proof of a planner.

A trial opens a session on any backend, plans a goal for the map of a seed, carries the plan out by
the scripted experts, lets the game go on without touching anything, and counts what was made.

Example:
    >>> from factorio_fast.planning.goals import BuildSmelterArray
    >>> from factorio_fast.planning.trials import run_trial
    >>> goal = BuildSmelterArray(item="iron-plate", rate_per_minute=30)
    >>> result = run_trial(goal, seed=1)
    >>> result.is_reached, result.reached >= 30
    (True, True)
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factorio_fast.coordination.tasks import SkillStatus
from factorio_fast.envs.session import backend_named
from factorio_fast.planning.goals import (
    AutomateItem,
    BuildSmelterArray,
    ExpandMining,
    Research,
)
from factorio_fast.planning.planners import PlanError, planner_named
from factorio_fast.scenarios import ScenarioManager
from factorio_fast.skills.agent import TICKS_PER_SECOND, Agent
from factorio_fast.skills.experts import perform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from factorio_fast.coordination.tasks import SkillResult
    from factorio_fast.envs.session import Backend, Session
    from factorio_fast.planning.goals import (
        AnyGoal,
    )
    from factorio_fast.planning.plan import Plan
    from factorio_fast.planning.planners import Planner

__all__ = [
    "PROOF_GOALS",
    "THROUGHPUT_ITEMS",
    "THROUGHPUT_PER_MINUTE",
    "TrialResult",
    "carry_out",
    "open_session",
    "run_trial",
    "table",
    "throughput",
]

MEASURE_SECONDS = 180.0
"""Game time for which what is made is counted after a plan."""
SCENARIO = "open_play"
THROUGHPUT_PER_MINUTE = 16.0
THROUGHPUT_ITEMS = (
    "iron-plate",
    "copper-plate",
    "stone-brick",
    "steel-plate",
    "iron-gear-wheel",
    "copper-cable",
    "pipe",
    "iron-stick",
    "electronic-circuit",
    "transport-belt",
    "burner-inserter",
    "inserter",
    "automation-science-pack",
)
PROOF_GOALS: dict[str, AnyGoal] = {
    "build a smelter array for 30 iron plates per minute": BuildSmelterArray(
        item="iron-plate", rate_per_minute=30
    ),
    "automate red science at 30 per minute with power": AutomateItem(
        item="automation-science-pack", rate_per_minute=30, with_power=True
    ),
    "research automation": Research(technology="automation"),
}
"""What every planner should be able to do on every map, in the words of a player."""


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """What came of a goal on the map of a seed."""

    goal: AnyGoal
    seed: int
    item: str | None
    """What is counted, None where the goal is not a rate."""
    quota: float
    """Wanted per minute; 1 for goals that are reached or not."""
    reached: float
    """Made per minute in the time measured; 1 or 0 for goals that are reached or not."""
    plan_seconds: float
    """Game time that carrying the plan out took."""
    wall_seconds: float
    n_tasks: int
    reason: str = ""
    """Why the plan was not carried out to its end."""

    @property
    def is_reached(self) -> bool:
        """Whether the plan was carried out and gave what was wanted."""
        return not self.reason and self.reached >= self.quota


@contextlib.contextmanager
def open_session(
    seed: int, *, backend: str | Backend = "embedded", scenario: str = SCENARIO
) -> Iterator[Session]:
    """Open a session at the beginning of the episode of a seed, and close it afterwards."""
    session = backend_named(backend).open(
        ScenarioManager().get(scenario), max_steps=None, is_sparse=False
    )
    try:
        session.reset(seed)
        yield session
    finally:
        close = getattr(session, "close", None)
        if close is not None:
            close()


def carry_out(
    session: Session | Agent,
    plan: Plan,
    *,
    watch: Callable[[SkillResult], None] | None = None,
) -> list[SkillResult]:
    """Carry out a plan's tasks in order by their experts, until one is not done.

    Args:
        session: where to act, or the agent who acts there already.
        plan: what to do.
        watch: called with the result of every task.
    """
    agent = session if isinstance(session, Agent) else Agent(session)
    results = []
    for task in plan.tasks():
        result = perform(agent, task)
        results.append(result)
        if watch is not None:
            watch(result)
        if result.status != SkillStatus.DONE:
            break
    return results


def run_trial(
    goal: AnyGoal,
    seed: int,
    *,
    backend: str | Backend = "embedded",
    planner: str | Planner = "deterministic",
    measure_seconds: float = MEASURE_SECONDS,
) -> TrialResult:
    """Plan a goal for the map of a seed, carry it out from a bare start, and measure.

    Args:
        goal: what is wanted.
        seed: which map.
        backend: where it is played.
        planner: who plans.
        measure_seconds: game time for which what is made is counted, untouched by the agent.
    """
    began = time.perf_counter()
    item, quota = measured_by(goal)
    reached, n_tasks, reason = 0.0, 0, ""
    with open_session(seed, backend=backend) as session:
        agent = Agent(session)
        try:
            plan = planner_named(planner).plan(goal, session.look())
        except PlanError as error:
            reason = str(error)
        else:
            results = carry_out(agent, plan)
            n_tasks = len(results)
            last = results[-1]
            if not last.is_done:
                reason = f"{last.skill} {last.status}: {last.reason}"
        plan_seconds = agent.seconds
        if not reason:
            reached = measure(agent, goal, item, measure_seconds)
    return TrialResult(
        goal=goal,
        seed=seed,
        item=item,
        quota=quota,
        reached=reached,
        plan_seconds=plan_seconds,
        wall_seconds=time.perf_counter() - began,
        n_tasks=n_tasks,
        reason=reason,
    )


def measured_by(goal: AnyGoal) -> tuple[str | None, float]:
    """Return the item by whose rate a goal is measured, and the rate that is wanted."""
    if isinstance(goal, AutomateItem | BuildSmelterArray | ExpandMining):
        return goal.item, goal.rate_per_minute or 1.0
    return None, 1.0


def measure(agent: Agent, goal: AnyGoal, item: str | None, seconds: float) -> float:
    """Return what is made per minute while the agent stands still, or whether a goal is reached."""
    if item is None:
        if isinstance(goal, Research):
            return float(agent.look().is_researched(goal.technology))
        return 1.0
    before, began = agent.look().production().items_made.get(item, 0), agent.tick
    agent.wait(seconds)
    made = agent.look().production().items_made.get(item, 0) - before
    return made * 60.0 * TICKS_PER_SECOND / (agent.tick - began)


def throughput(
    items: Iterable[str] = THROUGHPUT_ITEMS,
    *,
    rate_per_minute: float = THROUGHPUT_PER_MINUTE,
    seed: int = 0,
    backend: str | Backend = "embedded",
    planner: str | Planner = "deterministic",
    measure_seconds: float = MEASURE_SECONDS,
) -> Iterator[TrialResult]:
    """Automate items one by one, each from a bare start, and give what was reached."""
    for item in items:
        goal = AutomateItem(item=item, rate_per_minute=rate_per_minute)
        yield run_trial(
            goal, seed, backend=backend, planner=planner, measure_seconds=measure_seconds
        )


def table(results: Iterable[TrialResult]) -> str:
    """Write results as a table: item, seed, quota, reached, game time of the plan, verdict."""
    lines = [f"{'item':<26}{'seed':>5}{'quota':>8}{'reached':>9}{'minutes':>9}  verdict"]
    for result in results:
        name = result.item or str(result.goal.type).lower()
        verdict = "reached" if result.is_reached else (result.reason or "missed")
        lines.append(
            f"{name:<26}{result.seed:>5}{result.quota:>8.1f}{result.reached:>9.1f}"
            f"{result.plan_seconds / 60:>9.1f}  {verdict}"
        )
    return "\n".join(lines)
