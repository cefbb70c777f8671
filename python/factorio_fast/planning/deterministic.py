"""The planner that needs no network: the same goal and world give the same plan.

It works backwards from the goal over recipes and technologies to what must be mined, smelted,
crafted and researched first, finds places for all of it, and writes the tasks in an order in which
each is paid for by what was built before.

Example:
    >>> from factorio_fast.planning.deterministic import DeterministicPlanner
    >>> from factorio_fast.planning.goals import BuildSmelterArray
    >>> from factorio_fast import World
    >>> world = World.default_map(seed=1, enemies=False)
    >>> goal = BuildSmelterArray(item="iron-plate", rate_per_minute=30)
    >>> plan = DeterministicPlanner().plan(goal, world)
    >>> plan.quantities.machines["stone-furnace"], plan.quantities.rates_per_minute
    (3, {'iron-plate': 45.0})
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.planning import simple
from factorio_fast.planning.chains import ChainError
from factorio_fast.planning.draft import ORE_OF, Draft, cells_for
from factorio_fast.planning.factory import FactoryPlanner
from factorio_fast.planning.goals import (
    AutomateItem,
    BuildPower,
    BuildSmelterArray,
    ExpandMining,
    Research,
)
from factorio_fast.planning.layout import LayoutError
from factorio_fast.planning.locate import PlaceError, locate
from factorio_fast.planning.planners import PlanError
from factorio_fast.planning.power import ENGINE_WATTS, engines_for
from factorio_fast.planning.technologies import technologies_for, technology

if TYPE_CHECKING:
    from factorio_fast._core import World
    from factorio_fast.planning.goals import (
        AnyGoal,
    )
    from factorio_fast.planning.plan import Plan

__all__ = ["DeterministicPlanner"]

NAME = "deterministic"
DEFAULT_RATE_PER_MINUTE = 30.0
MINED_PER_DRILL = 15.0
"""What a burner drill mines per minute."""


class DeterministicPlanner:
    """Plans every kind of goal without asking anyone."""

    def plan(self, goal: AnyGoal, world: World) -> Plan:
        """Make a plan for a goal in a world, which is only read.

        Raises:
            PlanError: There is no way; the message says why.
        """
        draft = Draft(world, goal)
        try:
            near = locate(world, goal.place)
            if isinstance(goal, BuildSmelterArray):
                smelter(draft, goal, near)
            elif isinstance(goal, ExpandMining):
                mining(draft, goal, near)
            elif isinstance(goal, AutomateItem):
                automation(draft, goal, near)
            elif isinstance(goal, BuildPower):
                FactoryPlanner(draft, near).power_plant(
                    goal.count or engines_for(goal.watts or ENGINE_WATTS / 2)
                )
            elif isinstance(goal, Research):
                research(draft, goal, near)
            else:
                simple.plan_simple(draft, goal, near)
        except (LayoutError, ChainError, PlaceError) as error:
            raise PlanError(f"{goal}: {error}") from error
        return draft.finish(NAME)


def smelter(draft: Draft, goal: BuildSmelterArray, near: tuple[float, float]) -> None:
    """Plan a smelter array."""
    if goal.machine not in {None, "stone-furnace"}:
        raise LayoutError(f'arrays are built of "stone-furnace", not of "{goal.machine}"')
    rate = goal.rate_per_minute or DEFAULT_RATE_PER_MINUTE
    n_cells = goal.count or cells_for(goal.item, rate)
    FactoryPlanner(draft, near).smelter_array(goal.item, n_cells)


def mining(draft: Draft, goal: ExpandMining, near: tuple[float, float]) -> None:
    """Plan drills on a resource."""
    if goal.machine not in {None, "burner-mining-drill"}:
        raise LayoutError(f'mines are built of "burner-mining-drill", not of "{goal.machine}"')
    rate = goal.rate_per_minute or DEFAULT_RATE_PER_MINUTE
    if goal.rate_is_total:
        amounts = draft.terrain.amounts(goal.item)
        for drill in draft.world.entities("burner-mining-drill"):
            row, column = draft.terrain.index((int(drill.position[0]), int(drill.position[1])))
            rate -= MINED_PER_DRILL * bool(amounts[row, column])
    n_drills = goal.count or max(0, -(-int(rate) // int(MINED_PER_DRILL)))
    if n_drills == 0:
        draft.notes.append("the drills that stand mine as much already")
        return
    FactoryPlanner(draft, near).mine(goal.item, n_drills)


def automation(draft: Draft, goal: AutomateItem, near: tuple[float, float]) -> None:
    """Plan what makes an item."""
    factory = FactoryPlanner(draft, near)
    rate = goal.rate_per_minute or DEFAULT_RATE_PER_MINUTE
    if goal.item in ORE_OF:
        factory.smelter_array(goal.item, goal.count or cells_for(goal.item, rate))
    elif goal.item in {"iron-ore", "copper-ore", "coal", "stone"}:
        factory.mine(goal.item, max(1, -(-int(rate) // int(MINED_PER_DRILL))))
    else:
        factory.automate(goal.item, rate)


def research(draft: Draft, goal: Research, near: tuple[float, float]) -> None:
    """Plan the research of a technology and of what it needs."""
    names = technologies_for(draft.world, [goal.technology])
    if not names:
        draft.notes.append(f"{goal.technology} is researched already")
        return
    factory = FactoryPlanner(draft, near)
    if "unit" not in technology(goal.technology):
        factory.research(names[:-1])
        trigger = technology(goal.technology)["research_trigger"]
        simple.plan_trigger(draft, factory, goal.technology, trigger)
        return
    factory.research(names)
