"""Reports of worlds with known answers, and their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast import World, open_session
from factorio_fast.semantic import (
    SemanticWorldAnalyzer,
    count_tokens,
    delta_between,
    full_game_state,
)
from factorio_fast.semantic.opportunities import missing_for
from fault_rig import (
    CABLE,
    CIRCUIT,
    COPPER,
    GEAR,
    IRON,
    circuits,
    lab_of_technologies,
    maker,
    smelter,
)

if TYPE_CHECKING:
    from factorio_fast.semantic import GameState

ANALYZER = SemanticWorldAnalyzer()


def circuit_world() -> World:
    """Build one machine for circuits and two for cable, with all that they need."""
    world = lab_of_technologies()
    circuits(world)
    world.place("fast-inserter", (2.5, 0.5), "east")
    world.place("assembling-machine-1", (4.5, 0.5), recipe=CABLE)
    world.place("fast-inserter", (4.5, -1.5), "north")
    world.place("infinity-chest", (4.5, -2.5), items={COPPER: 200})
    return world


# --- State ---------------------------------------------------------------------------------------


def test_state_holds_what_the_world_reports() -> None:
    world = smelter(n_drills=2, n_furnaces=2)
    world.run(1_200)
    state = full_game_state(world)
    assert state.tick == 1_200
    assert len(state.entities) == len(world.entities())
    assert state.production.items_made == world.production().items_made
    assert [network.demand_watts for network in state.power] == [
        network.demand_watts for network in world.power()
    ]
    drills = state.of_type("mining-drill")
    assert [drill.ore_tiles for drill in drills] == [{"iron-ore": 20}, {"iron-ore": 20}]
    assert drills[0].power_network is not None
    assert state.resources[0].n_drills == 2
    assert state.of_type("furnace")[0].recipe == IRON


@pytest.mark.parametrize("seed", [1, 2])
def test_state_of_a_new_game_goes_through_json_and_back(seed: int) -> None:
    state = full_game_state(World.default_map(seed))
    assert state.scenery["tree"] > 100
    assert {patch.name for patch in state.resources} >= {"iron-ore", "copper-ore", "coal", "stone"}
    assert {nest.type for nest in state.nests} <= {"unit-spawner", "turret"}
    assert type(state).from_dict(state.to_dict()) == state


def test_state_of_a_session_is_that_of_its_world() -> None:
    state = full_game_state(open_session("open_play", seed=3).look())
    assert state.character.inventory["burner-mining-drill"] == 1
    assert not state.nests


# --- Production ----------------------------------------------------------------------------------


def test_flows_of_circuits_are_those_of_the_recipes() -> None:
    world = circuit_world()
    world.run(3_600)
    before = full_game_state(world)
    world.run(7_200)
    found = ANALYZER.analyze_production(world, before)
    rates = {
        flow.item: (round(flow.made, 3), round(flow.used, 3), round(flow.net, 3))
        for flow in found.flows
    }
    # A machine of speed 0.5 makes 60 circuits a minute of 180 cables, for which 1.5 machines do.
    assert rates == {
        CIRCUIT: (60, 0, 60),
        CABLE: (180, 180, 0),
        COPPER: (0, 90, -90),
        IRON: (0, 60, -60),
    }
    assert {item: round(rate, 3) for item, rate in found.products_per_minute.items()} == {
        CIRCUIT: 60
    }
    (group,) = [group for group in found.groups if group.product == CABLE]
    assert len(group.units) == 2
    assert group.possible_per_minute == pytest.approx(240)
    assert group.rate_per_minute == pytest.approx(180, rel=1e-3)
    assert group.measured_per_minute == pytest.approx(180, rel=0.02)
    assert group.share == pytest.approx(0.75, rel=1e-3)
    flow = found.flow(CIRCUIT)
    assert flow is not None
    assert flow.measured_made == pytest.approx(60, rel=0.02)


def test_links_say_where_they_lead_and_how_full_they_are() -> None:
    world = lab_of_technologies()
    maker(world, GEAR, {IRON: 200}, machine="assembling-machine-2", inserter="inserter")
    world.run(600)
    found = ANALYZER.analyze_production(world)
    shown = [
        (link.name, link.source, link.target, {k: round(v, 1) for k, v in link.items.items()})
        for link in found.links
    ]
    assert shown == [
        ("inserter", "infinity-chest", "assembling-machine-2", {IRON: 51.4}),
        ("fast-inserter", "assembling-machine-2", "steel-chest", {GEAR: 25.7}),
    ]
    assert found.links[0].load == pytest.approx(1)


def test_smelter_shares_its_ore_and_says_what_is_idle() -> None:
    world = smelter(n_drills=3, n_furnaces=2)
    world.run(3_600)
    found = ANALYZER.analyze_production(world)
    drills, furnaces = found.groups
    assert (drills.rate_per_minute, drills.possible_per_minute) == pytest.approx((37.5, 90))
    assert (furnaces.rate_per_minute, furnaces.possible_per_minute) == pytest.approx((37.5, 37.5))
    assert found.to_text().splitlines()[0] == "products: iron-plate 37.5/min"


# --- Opportunities -------------------------------------------------------------------------------


def test_new_game_offers_its_ores() -> None:
    world = World.default_map(3, enemies=False)
    found = ANALYZER.find_opportunities(world)
    first = found.first
    assert first is not None
    assert (first.kind, first.gain_per_minute) == ("mine", 15)
    assert first.cost == {"burner-mining-drill": 1}
    assert {step.item for step in found.of_kind("mine")} == {
        "iron-ore",
        "copper-ore",
        "coal",
        "stone",
    }
    steam = next(step for step in found.opportunities if step.technology == "steam-power")
    assert (steam.cost, steam.missing, steam.is_affordable) == ({IRON: 50}, {IRON: 42}, False)


def test_what_piles_up_is_offered_to_be_made_into_more() -> None:
    world = smelter(n_drills=3, n_furnaces=2)
    world.run(3_600)
    found = ANALYZER.find_opportunities(world)
    gears = next(step for step in found.opportunities if step.item == GEAR)
    assert (gears.kind, gears.is_affordable) == ("automate", True)
    assert gears.gain_per_minute == pytest.approx(37.5 / 2, rel=1e-3)
    fix = found.of_kind("fix")[0]
    assert (fix.item, fix.cost, fix.missing) == (IRON, {"stone-furnace": 1}, {"stone": 5})
    world.character.insert("stone", 5)
    assert ANALYZER.find_opportunities(world).of_kind("fix")[0].is_affordable


def test_idle_machine_is_offered_work() -> None:
    world = World(16, 16)
    world.place("stone-furnace", (0, 0), items={"coal": 5})
    world.character.insert("copper-ore", 20)
    (idle,) = ANALYZER.find_opportunities(world).of_kind("idle-machine")
    assert (idle.item, idle.gain_per_minute) == (COPPER, 18.75)


def test_technology_with_packs_in_the_lab_can_be_afforded() -> None:
    world = lab_of_technologies()
    world.place("lab", (0.5, 0.5), items={"automation-science-pack": 100})
    steps = {
        step.technology: step for step in ANALYZER.find_opportunities(world).of_kind("research")
    }
    assert steps["logistics"].is_affordable
    assert steps["logistics"].cost == {"automation-science-pack": 20}
    assert "automation" not in steps


def test_cost_counts_what_can_be_crafted_of_what_is_carried() -> None:
    world = World(16, 16)
    character = world.character
    character.take(IRON, 8)
    character.insert(IRON, 9)
    character.insert("stone", 5)
    state = full_game_state(world)
    # A burner drill is 3 gears (6 plates), 3 plates and a furnace (5 stone).
    character_has = state.character.inventory
    assert (character_has[IRON], character_has["stone"]) == (9, 5)
    assert missing_for(state, {"burner-mining-drill": 1}) == {}
    assert missing_for(state, {"burner-mining-drill": 2}) == {IRON: 9, "stone": 5}


# --- Threats -------------------------------------------------------------------------------------


def nest_world(distance: int = 60) -> World:
    world = World(384, 64)
    world.place("biter-spawner", (distance, 0))
    world.place("steel-chest", (0.5, 0.5))
    return world


def test_world_without_enemies_has_no_threat() -> None:
    found = ANALYZER.assess_threats(World(16, 16))
    assert (found.level, found.n_spawners, found.is_defended) == ("none", 0, True)


def test_pollution_at_a_nest_says_how_many_come() -> None:
    world = nest_world()
    before = ANALYZER.assess_threats(world)
    assert (before.level, before.n_polluted_spawners) == ("medium", 0)
    assert before.nests[0].distance_tiles == pytest.approx(60, abs=1)
    world.pollute((60, 0), 80)
    found = ANALYZER.assess_threats(world)
    # A small biter takes 4 of pollution to come.
    assert (found.attacker, found.attackers_expected) == ("small-biter", 20)
    assert (found.level, found.is_defended) == ("high", False)


def test_armed_turrets_are_a_defence_and_empty_ones_are_none() -> None:
    world = nest_world()
    world.pollute((60, 0), 80)
    turret = world.place("gun-turret", (4, 0))
    assert ANALYZER.assess_threats(world).n_armed_turrets == 0
    turret.insert("firearm-magazine", 10)
    found = ANALYZER.assess_threats(world)
    # 20 small biters of 15 health; ten bullets of 5 a second.
    assert (found.rounds, found.damage_per_second) == (100, 50)
    assert (found.level, found.is_defended) == ("low", True)


def test_enemy_on_its_way_says_when_it_is_there() -> None:
    world = nest_world()
    world.spawn("small-biter", (24.5, 0.5))
    found = ANALYZER.assess_threats(world)
    assert found.n_units_near == 1
    assert found.seconds_to_arrival == pytest.approx(24 / 12, rel=0.02)


def test_spread_of_pollution_says_when_it_is_at_the_nest() -> None:
    world = nest_world(170)
    world.pollute((0, 0), 1_000)
    before = full_game_state(world)
    world.run(120)
    found = ANALYZER.assess_threats(world, before)
    assert found.minutes_to_pollution is not None
    assert 0 < found.minutes_to_pollution < 5
    assert ANALYZER.assess_threats(world).minutes_to_pollution is None


# --- Changes, descriptions, texts ----------------------------------------------------------------


def test_delta_says_what_was_built_lost_made_and_changed() -> None:
    world = smelter(n_drills=1, n_furnaces=1)
    world.run(600)
    before = full_game_state(world)
    chest = world.place("wooden-chest", (10.5, 8.5))
    furnace = world.entities("stone-furnace")[0]
    world.remove(furnace)
    world.character.insert("wood", 3)
    world.research("automation")
    world.run(600)
    found = delta_between(before, full_game_state(world))
    assert [(change.name, change.unit_number) for change in found.built] == [
        ("wooden-chest", chest.unit_number)
    ]
    assert [change.name for change in found.gone] == ["stone-furnace"]
    assert found.ticks == 600
    assert found.produced["iron-ore"] == 5
    assert found.inventory == {"wood": 3}
    assert "automation" in found.researched
    assert not found.is_empty
    assert delta_between(before, before).to_text() == "nothing changed in 0 s"


def test_description_counts_and_points() -> None:
    world = smelter(n_drills=1, n_furnaces=2, unfuelled=1)
    world.run(3_600)
    found = ANALYZER.describe_world(world)
    assert found.buildings["stone-furnace"] == 2
    assert found.troubles["no-fuel"] == {"stone-furnace": 1}
    (patch,) = found.patches
    assert (patch.name, patch.direction, patch.n_drills) == ("iron-ore", "southeast", 1)
    assert found.power_satisfaction == 1
    assert found.to_text().splitlines()[0].startswith("0:01:00 of game time; you stand at")


@pytest.mark.parametrize("max_tokens", [1, 12, 60, 250, 4_000])
def test_texts_keep_to_their_budget(max_tokens: int) -> None:
    world = smelter(n_drills=2, n_furnaces=3, unfuelled=0)
    world.run(600)
    before = full_game_state(world)
    world.run(600)
    for report in reports(full_game_state(world), before):
        text = report.to_text(max_tokens)
        assert count_tokens(text) <= max_tokens
        assert text
        assert type(report).from_dict(report.to_dict()) == report


def reports(state: GameState, before: GameState) -> list[Any]:
    return [
        ANALYZER.describe_world(state),
        ANALYZER.analyze_production(state, before),
        ANALYZER.find_bottlenecks(state),
        ANALYZER.find_opportunities(state),
        ANALYZER.assess_threats(state, before),
        ANALYZER.delta(before, state),
    ]
