from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast import EmbeddedBackend, ScenarioManager
from factorio_fast.coordination.tasks import SkillStatus, SkillTask
from factorio_fast.planning.goals import (
    AutomateItem,
    BuildPower,
    BuildSmelterArray,
    ClearArea,
    ConnectBelt,
    Craft,
    Defend,
    ExpandMining,
    Explore,
    Gather,
    MoveTo,
    PlaceEntity,
    Research,
    Wait,
)
from factorio_fast.planning.places import Place
from factorio_fast.planning.planners import planner_named
from factorio_fast.planning.trials import (
    PROOF_GOALS,
    THROUGHPUT_ITEMS,
    carry_out,
    run_trial,
    table,
    throughput,
)
from factorio_fast.skills.agent import Agent
from factorio_fast.skills.experts import EXPERTS, perform

if TYPE_CHECKING:
    from factorio_fast._core import Episode
    from factorio_fast.coordination.tasks import SkillResult
    from factorio_fast.planning.goals import AnyGoal

SEED = 1
SMELTER, RED_SCIENCE, AUTOMATION = PROOF_GOALS.values()


@pytest.fixture
def session() -> Episode:
    return opened()


def opened(max_steps: int | None = None) -> Episode:
    scenario = ScenarioManager().get("open_play")
    episode = EmbeddedBackend().open(scenario, max_steps=max_steps)
    episode.reset(SEED)
    return episode


def done(session: Episode | Agent, skill: str, **parameters: Any) -> SkillResult:
    result = perform(session, SkillTask(skill, parameters))
    assert result.status == SkillStatus.DONE, result.reason
    return result


def test_every_skill_of_the_sketch_has_an_expert() -> None:
    assert {
        "NAVIGATE",
        "GATHER",
        "CRAFT",
        "CLEAR_AREA",
        "PLACE_ENTITIES",
        "CONNECT_POWER",
        "CONNECT_LOGISTICS",
        "FUEL",
        "SUPPLY",
        "TRANSFER",
        "SET_RECIPES",
        "RESEARCH",
        "DEFEND",
        "WAIT",
        "EXPLORE",
    } <= EXPERTS.keys()


def test_navigate_walks_to_where_it_was_told(session: Episode) -> None:
    result = done(session, "NAVIGATE", target=(-40, 12), reach=1.5)
    assert math.dist(session.character()["position"], (-40, 12)) <= 1.5
    assert result.n_ticks == session.character()["tick"] == 3 * result.n_steps
    assert 40 / 8.9 <= result.n_ticks / 60 <= 8


@pytest.mark.parametrize(
    ("skill", "parameters", "reason"),
    [
        ("FLY", {}, 'no expert for the skill "FLY"'),
        ("NAVIGATE", {}, "missing a required argument"),
        ("NAVIGATE", {"target": (1, 2), "speed": 9}, "unexpected keyword argument"),
        ("NAVIGATE", {"target": (5_000, 0)}, "is not on the map"),
        ("NAVIGATE", {"target": "north"}, "a position is two numbers"),
        ("NAVIGATE", {"target": (math.nan, 0)}, "two finite numbers"),
        ("GATHER", {"items": {"unobtainium": 1}}, 'there is no item "unobtainium"'),
        ("GATHER", {"items": {"wood": -3}}, "a count of wood is 1 to 100000"),
        ("GATHER", {"items": {"iron-gear-wheel": 1}}, "is crafted"),
        ("CRAFT", {"items": {"transport-belt": 100}}, "the ingredients lack"),
        (
            "PLACE_ENTITIES",
            {"blueprint": [{"entity": "lab", "position": (3.5, 3.5)}]},
            "needs {'lab': 1} more than is carried",
        ),
        ("PLACE_ENTITIES", {"blueprint": [{"entity": "lab"}]}, "Field required"),
        ("TRANSFER", {"source": (1, 1), "target": (2, 2), "items": {"coal": 1}}, "no machine"),
        ("RESEARCH", {"technology": "automation", "labs": [(1, 1)]}, "automation-science-pack"),
        ("RESEARCH", {"technology": "magic", "labs": []}, "magic"),
        ("EXPLORE", {"direction": "up"}, '"up" is no direction'),
        ("WAIT", {"seconds": -1}, "a time is above 0"),
        ("SUPPLY", {"items": 5}, "int"),
        ("SET_RECIPES", {"recipes": [{"recipe": "pipe"}]}, "position"),
        ("FUEL", {"targets": 3}, "not iterable"),
        ("CLEAR_AREA", {}, "say an area or a blueprint"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    session: Episode, skill: str, parameters: dict[str, Any], reason: str
) -> None:
    before = session.look().digest()
    result = perform(session, SkillTask(skill, parameters))
    assert result.status in {SkillStatus.REFUSED, SkillStatus.WORLD_CHANGED}
    assert reason in result.reason
    assert result.n_steps == 0
    assert session.look().digest() == before


def test_a_task_that_takes_longer_than_its_budget_times_out(session: Episode) -> None:
    task = SkillTask("NAVIGATE", target=(150, -100), budget_seconds=2)
    result = perform(session, task)
    assert (result.status, result.n_ticks) == (SkillStatus.TIMED_OUT, 120)


def test_a_task_under_which_the_episode_ends_says_so() -> None:
    session = opened(max_steps=50)
    result = perform(session, SkillTask("WAIT", seconds=60))
    assert (result.status, result.n_steps) == (SkillStatus.WORLD_CHANGED, 50)


def test_a_place_in_the_water_cannot_be_reached(session: Episode) -> None:
    result = perform(session, SkillTask("NAVIGATE", target=(50, 50)))
    assert result.status == SkillStatus.FAILED
    assert "no way to (50.0, 50.0)" in result.reason


def test_gathering_digs_and_fells_until_enough_is_carried(session: Episode) -> None:
    result = done(session, "GATHER", items={"wood": 10, "coal": 3, "iron-ore": 2})
    carried = session.character()["inventory"]
    assert carried["wood"] >= 10
    assert (carried["coal"], carried["iron-ore"]) == (3, 2)
    assert result.details["carried"]["coal"] == 3


def test_building_steps_aside_and_leaves_what_stands(session: Episode) -> None:
    x, y = session.character()["position"]
    blueprint = [{"entity": "stone-furnace", "position": (round(x), round(y))}]
    assert done(session, "PLACE_ENTITIES", blueprint=blueprint).details == {"built": 1, "stood": 0}
    assert done(session, "PLACE_ENTITIES", blueprint=blueprint).details == {"built": 0, "stood": 1}


def test_items_go_from_one_chest_to_another(session: Episode) -> None:
    agent = Agent(session)
    done(agent, "GATHER", items={"wood": 12})
    done(agent, "CRAFT", items={"wooden-chest": 2})
    chests = [(-3.5, 0.5), (-3.5, 6.5)]
    done(
        agent,
        "PLACE_ENTITIES",
        blueprint=[{"entity": "wooden-chest", "position": chest} for chest in chests],
    )
    done(agent, "INSERT", target=chests[0], items={"wood": 5})
    done(agent, "TRANSFER", source=chests[0], target=chests[1], items={"wood": 4})
    held = [chest.inventory() for chest in session.look().entities("wooden-chest")]
    assert held == [{"wood": 1}, {"wood": 4}]
    done(agent, "REMOVE", targets=chests)
    assert session.look().entities("wooden-chest") == []
    result = perform(agent, SkillTask("TAKE", target=chests[0]))
    assert result.status == SkillStatus.WORLD_CHANGED


def test_a_belt_carries_items_from_one_chest_to_another(session: Episode) -> None:
    agent = Agent(session)
    for result in carry_out(agent, planner_named().plan(SMELTER, session.look())):
        assert result.is_done, result.reason
    done(agent, "SUPPLY", items={"iron-chest": 1, "wooden-chest": 1})
    chests = [
        {"entity": "iron-chest", "position": (-4.5, 4.5)},
        {"entity": "wooden-chest", "position": (4.5, 9.5)},
    ]
    done(agent, "PLACE_ENTITIES", blueprint=chests)
    goal = ConnectBelt(source="iron-chest", target="wooden-chest", place=Place.at(0, 5))
    for result in carry_out(agent, planner_named().plan(goal, session.look())):
        assert result.is_done, result.reason
    done(agent, "GATHER", items={"iron-plate": 20})
    done(agent, "INSERT", target=(-4.5, 4.5), items={"iron-plate": 20})
    agent.wait(90)
    chest = agent.at((4.5, 9.5), "wooden-chest")
    assert chest is not None
    assert chest.inventory() == {"iron-plate": 20}


@pytest.mark.parametrize(
    "goal",
    [
        Gather(item="stone", count=12),
        Craft(item="iron-gear-wheel", count=4),
        ExpandMining(item="coal", count=2),
        BuildPower(count=2),
        PlaceEntity(machine="stone-furnace", count=1),
        ClearArea(width_tiles=6, place=Place.near("trees")),
        MoveTo(place=Place.near("water")),
        Explore(direction="east", distance_tiles=40),
        Wait(ticks=120),
    ],
    ids=lambda goal: str(goal.type),
)
def test_other_goals_are_carried_out_from_a_bare_start(session: Episode, goal: AnyGoal) -> None:
    plan = planner_named().plan(goal, session.look())
    results = carry_out(session, plan)
    assert results[-1].is_done, results[-1].reason


def test_turrets_are_built_and_loaded(session: Episode) -> None:
    plan = planner_named().plan(Defend(count=2), session.look())
    results = carry_out(session, plan)
    assert results[-1].is_done, results[-1].reason
    assert [turret.rounds for turret in session.look().entities("gun-turret")] == [100, 100]


def test_an_area_is_cleared_of_trees(session: Episode) -> None:
    trees = [tree.position for tree in session.look().entities("tree-03")]
    x, y = min(trees, key=lambda at: math.dist(at, (0, 0)))
    area = ((x - 4, y - 4), (x + 4, y + 4))
    before = len(session.look().entities(None, area))
    result = done(session, "CLEAR_AREA", area=area)
    assert sum(result.details["cleared"].values()) == before > 0
    assert session.look().entities(None, area) == []


def test_exploring_leads_in_the_direction_asked_for(session: Episode) -> None:
    result = done(session, "EXPLORE", direction="west", distance=60)
    assert result.details["walked_tiles"] >= 55
    assert session.character()["position"][0] < -50


def test_nothing_appears_from_nowhere() -> None:
    session = opened()
    plan = planner_named().plan(SMELTER, session.look())
    assert all(result.is_done for result in carry_out(session, plan))
    world = session.look()
    made, used = world.production().items_made, world.production().items_used
    plates = 8 + made["iron-plate"]
    held = sum(entity.inventory().get("iron-plate", 0) for entity in world.entities())
    # What the drills, inserters and gears took is on the books of the game itself.
    assert session.character()["inventory"].get("iron-plate", 0) + held == (
        plates - used["iron-plate"]
    )


@pytest.mark.parametrize("seed", [0, 7])
def test_a_smelter_array_from_a_bare_start_reaches_its_rate(seed: int) -> None:
    result = run_trial(SMELTER, seed)
    assert result.is_reached, result.reason
    assert result.plan_seconds < 600


def test_automation_is_researched_from_a_bare_start() -> None:
    result = run_trial(AUTOMATION, 3)
    assert result.is_reached, result.reason
    assert result.plan_seconds < 1_200


def test_red_science_from_a_bare_start_goes_on_without_hands() -> None:
    result = run_trial(RED_SCIENCE, 9, measure_seconds=600)
    assert result.is_reached, result.reason
    assert result.plan_seconds < 3_600


def test_a_goal_that_cannot_be_planned_is_reported_with_the_reason() -> None:
    result = run_trial(AutomateItem(item="lab", rate_per_minute=1), 0)
    assert (result.is_reached, result.n_tasks) == (False, 0)
    assert '"lab" has 3 made parts' in result.reason
    assert table([result]).splitlines()[1].startswith("lab  ")


def test_a_plan_goes_on_where_another_ended() -> None:
    session = opened()
    agent = Agent(session)
    for goal in (
        BuildSmelterArray(item="iron-plate", rate_per_minute=30),
        Research(technology="automation"),
        Research(technology="logistics"),
    ):
        plan = planner_named().plan(goal, session.look())
        results = carry_out(agent, plan)
        assert results[-1].is_done, results[-1].reason
    assert session.look().is_researched("logistics")
    assert len(session.look().entities("lab")) == 1


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("words", list(PROOF_GOALS))
def test_goals_are_reached_on_at_least_eighteen_of_twenty_maps(words: str) -> None:
    results = [run_trial(PROOF_GOALS[words], seed) for seed in range(20)]
    assert sum(result.is_reached for result in results) >= 18, table(results)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_throughput_tasks_reach_their_quota() -> None:
    results = list(throughput())
    assert [result.item for result in results if result.is_reached] == list(THROUGHPUT_ITEMS), (
        table(results)
    )
