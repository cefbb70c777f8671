from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from factorio_fast import World
from factorio_fast.coordination.tasks import SkillResult, SkillStatus, SkillTask
from factorio_fast.errors import UnknownNameError
from factorio_fast.planning.cells import Part, Turn, footprint, turns
from factorio_fast.planning.chains import ChainError, block_for, raw_rates, unit_for
from factorio_fast.planning.goals import (
    AutomateItem,
    BuildPower,
    BuildSmelterArray,
    Craft,
    Defend,
    ExpandMining,
    MoveTo,
    Research,
)
from factorio_fast.planning.layout import LayoutError, LayoutSolver
from factorio_fast.planning.places import Place
from factorio_fast.planning.plan import Plan
from factorio_fast.planning.planners import PlanError, Planner, planner_named, planner_names
from factorio_fast.planning.technologies import technologies_for
from factorio_fast.planning.terrain import Terrain

if TYPE_CHECKING:
    from pathlib import Path

RED = "automation-science-pack"


@pytest.fixture(scope="module")
def world() -> World:
    return World.default_map(seed=1, enemies=False)


def built_on(plan: Plan, world: World) -> World:
    """Build a whole plan at once in a copy of the world, without trees."""
    copy = world.fork()
    for entity in copy.entities():
        copy.remove(entity)
    for part in plan.blueprint:
        copy.place(part.entity, part.position, part.direction)
    return copy


def test_tasks_take_parameters_by_keyword_and_survive_json() -> None:
    task = SkillTask("PLACE_ENTITIES", blueprint=[], budget_seconds=5, id="2", depends_on=("1",))
    assert task.parameters == {"blueprint": []}
    assert SkillTask.from_dict(task.to_dict()) == task


def test_a_result_is_done_only_when_its_status_says_so() -> None:
    assert SkillResult(skill="WAIT", status=SkillStatus.DONE).is_done
    assert not SkillResult(skill="WAIT", status=SkillStatus.WORLD_CHANGED).is_done


def test_plans_survive_json(world: World) -> None:
    plan = planner_named().plan(BuildSmelterArray(item="iron-plate", rate_per_minute=30), world)
    assert Plan.from_json(plan.to_json()) == Plan.from_json(
        Plan.from_json(plan.to_json()).to_json()
    )
    assert Plan.from_json(plan.to_json()).machines() == plan.machines()
    assert [task.id for task in plan.tasks()] == [str(n + 1) for n in range(len(plan.tasks()))]


def test_the_same_goal_and_world_give_the_same_plan(world: World) -> None:
    goal = AutomateItem(item="iron-gear-wheel", rate_per_minute=20)
    assert (
        planner_named().plan(goal, world).to_json() == planner_named().plan(goal, world).to_json()
    )


@pytest.mark.parametrize(
    "goal",
    [
        BuildSmelterArray(item="iron-plate", rate_per_minute=30),
        BuildSmelterArray(item="stone-brick", rate_per_minute=16),
        AutomateItem(item=RED, rate_per_minute=30, with_power=True),
        AutomateItem(item="inserter", rate_per_minute=16),
        ExpandMining(item="coal", count=3),
        BuildPower(count=4),
        Research(technology="automation"),
        Defend(count=4),
    ],
    ids=lambda goal: str(goal.type),
)
def test_nothing_of_a_plan_collides(world: World, goal: AutomateItem) -> None:
    plan = planner_named().plan(goal, world)
    built = built_on(plan, world)
    for entity, count in plan.machines().items():
        assert len(built.entities(entity)) == count


def test_planning_leaves_the_world_as_it_is(world: World) -> None:
    before = world.digest()
    planner_named().plan(AutomateItem(item=RED, rate_per_minute=30), world)
    assert world.digest() == before


def test_all_machines_of_an_automated_item_are_on_one_network(world: World) -> None:
    plan = planner_named().plan(AutomateItem(item=RED, rate_per_minute=30), world)
    built = built_on(plan, world)
    consumers = [*built.entities("assembling-machine-1"), *built.entities("inserter")]
    networks = {machine.power_network for machine in consumers}
    engines = {engine.power_network for engine in built.entities("steam-engine")}
    assert len(networks) == 1
    assert networks == engines
    assert None not in networks


def test_drills_stand_on_nothing_but_their_ore(world: World) -> None:
    plan = planner_named().plan(BuildSmelterArray(item="copper-plate", rate_per_minute=60), world)
    titles = {step.title for step in plan.steps}
    assert "smelt copper-plate" in titles
    for step in plan.steps:
        if step.title != "smelt copper-plate":
            continue
        for entry in step.tasks[-2].parameters["blueprint"]:
            if entry["entity"] == "burner-mining-drill":
                x, y = entry["position"]
                found = {
                    world.resource((x + dx, y + dy)) for dx in (-0.5, 0.5) for dy in (-0.5, 0.5)
                }
                assert {tile and tile[0] for tile in found} == {"copper-ore"}


def test_a_plan_says_what_it_takes(world: World) -> None:
    plan = planner_named().plan(BuildSmelterArray(item="iron-plate", rate_per_minute=30), world)
    assert plan.quantities.machines == {
        "burner-mining-drill": 3,
        "stone-furnace": 3,
        "burner-inserter": 3,
        "wooden-chest": 3,
    }
    assert plan.quantities.raw == {"iron-plate": 36, "stone": 30, "wood": 6}
    assert plan.quantities.rates_per_minute == {"iron-plate": 45.0}
    assert plan.budget_seconds == sum(task.budget_seconds for task in plan.tasks())


@pytest.mark.parametrize(
    ("item", "items", "per_minute"),
    [
        (RED, (RED, "iron-gear-wheel", RED), 12.0),
        ("electronic-circuit", ("electronic-circuit", "copper-cable"), 32.0),
        ("inserter", ("copper-cable", "electronic-circuit", "inserter", "iron-gear-wheel"), 32.0),
        ("pipe", ("pipe",), 48.0),
    ],
)
def test_units_are_rows_in_which_neighbours_feed_each_other(
    item: str, items: tuple[str, ...], per_minute: float
) -> None:
    unit = unit_for(item)
    assert unit.items == items
    assert unit.rate_per_minute == pytest.approx(per_minute)


@pytest.mark.parametrize("item", [RED, "electronic-circuit", "inserter", "transport-belt", "pipe"])
def test_a_block_makes_what_it_promises_beside_a_full_belt(item: str) -> None:
    block = block_for(item, 30)
    world = World(96, 64)
    world.enable_all_recipes()
    for part in block.parts:
        world.place(part.entity, (part.x, part.y), part.direction, recipe=part.recipe)
    materials = sorted(raw_rates(item, 1))
    feed = world.place("transport-belt", (-0.5, 0.5), "east")
    for lane in (1, 2):
        feed.keep_full(materials[(lane - 1) % len(materials)], lane=lane)
    for row in range(0, 20, 5):
        world.place("small-electric-pole", (-0.5, row + 1.5))
    world.place("electric-energy-interface", (1, 18))
    world.run(60 * 180)
    before = world.production().items_made.get(item, 0)
    world.run(60 * 180)
    assert (world.production().items_made[item] - before) / 3 >= 30


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("wooden-chest", 'no recipe makes "wood"'),
        ("lab", "3 made parts"),
        ("plastic-bar", "cannot make"),
    ],
)
def test_what_cannot_be_made_beside_one_belt_is_refused_with_the_reason(
    item: str, reason: str
) -> None:
    with pytest.raises(ChainError, match=reason):
        unit_for(item)


def test_a_plan_that_is_not_possible_is_refused_with_the_reason(world: World) -> None:
    with pytest.raises(PlanError, match='"lab" has 3 made parts'):
        planner_named().plan(AutomateItem(item="lab", rate_per_minute=5), world)
    with pytest.raises(PlanError, match="not on the map"):
        planner_named().plan(MoveTo(place=Place.at(9_000, 0)), world)
    with pytest.raises(PlanError, match="cannot be crafted by hand"):
        planner_named().plan(Craft(item="plastic-bar"), world)


def test_an_empty_map_has_no_room_for_a_smelter() -> None:
    with pytest.raises(PlanError, match='no patch of "iron-ore"'):
        planner_named().plan(BuildSmelterArray(item="iron-plate"), World(64, 64))


def test_research_is_planned_with_all_that_it_needs_before() -> None:
    assert technologies_for(World(), ["automation"]) == [
        "steam-power",
        "electronics",
        "automation-science-pack",
        "automation",
    ]


def test_turns_move_tiles_and_directions_alike() -> None:
    part = Part("inserter", 1.5, -0.5, "north")
    assert [
        (turned.x, turned.y, turned.direction)
        for turned in (turn.part(part, (10, 0)) for turn in turns(mirrored=False))
    ] == [
        (11.5, -0.5, "north"),
        (10.5, 1.5, "east"),
        (8.5, 0.5, "south"),
        (9.5, -1.5, "west"),
    ]
    assert Turn(0, is_mirrored=True).part(part, (0, 0)).direction == "south"
    assert footprint(Part("boiler", 1, 1.5, "east")) == [
        (0, 0),
        (0, 1),
        (0, 2),
        (1, 0),
        (1, 1),
        (1, 2),
    ]


def test_routes_go_round_what_is_in_the_way_and_are_refused_where_there_is_no_way() -> None:
    world = World(40, 40)
    for y in range(-8, 9):
        world.place("wooden-chest", (0.5, y + 0.5))
    solver = LayoutSolver(Terrain(world))
    route = solver.route((-5, 0), "east", (5, 0), "east")
    assert {(part.x, part.y) for part in route}.isdisjoint({(0.5, y + 0.5) for y in range(-8, 9)})
    assert route[0].x == -4.5
    for y in range(-20, 20):
        solver.terrain.claim([(0, y)])
    with pytest.raises(LayoutError, match="no way for a belt"):
        solver.route((-5, 0), "east", (5, 0), "east")


def test_poles_are_never_further_apart_than_their_wires_reach() -> None:
    solver = LayoutSolver(Terrain(World(80, 40)))
    line = solver.poles((-30.5, 0.5), (30.5, 3.5))
    points = [(-30.5, 0.5), *((part.x, part.y) for part in line), (30.5, 3.5)]
    gaps = [
        ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        for (x0, y0), (x1, y1) in itertools.pairwise(points)
    ]
    assert max(gaps) <= 7.5
    assert len(line) == 8


def test_planners_are_found_by_name() -> None:
    assert planner_names()[0] == "deterministic"
    planner = planner_named("deterministic")
    assert isinstance(planner, Planner)
    assert planner_named(planner) is planner
    with pytest.raises(UnknownNameError, match='unknown planner "oracle"'):
        planner_named("oracle")


def test_another_package_offers_a_planner_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "their_planner-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-planner\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[factorio_fast.planners]\ntheirs = their_planner:TheirPlanner\n"
    )
    (tmp_path / "their_planner.py").write_text(
        "class TheirPlanner:\n    def plan(self, goal, world):\n        return 'a plan'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "theirs" in planner_names()
    planner = planner_named("theirs")
    assert isinstance(planner, Planner)
    assert type(planner).__module__ == "their_planner"
    with pytest.raises(UnknownNameError, match='"theirs"'):
        planner_named("nobodys")
