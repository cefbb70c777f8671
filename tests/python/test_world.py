"""`World`: a world to build by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest

from factorio_fast import ScenarioManager, World, errors

ORE = ((-2, -2), (2, 2))


def mine(world: World, ticks: int = 1_000) -> int:
    """Set up a drill and a chest, run, and return the ore in the chest."""
    world.set_resource("iron-ore", ORE, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 50})
    chest = world.place("wooden-chest", (-0.5, -1.5))
    world.run(ticks)
    return chest.inventory().get("iron-ore", 0)


def test_built_machines_run() -> None:
    world = World()
    assert mine(world, 10_000) == 41
    assert world.tick == 10_000
    assert world.production().items_made == {"iron-ore": 41}


def test_entity_reads_what_it_is_and_holds() -> None:
    world = World()
    furnace = world.place("stone-furnace", (3.2, 3.4), items={"coal": 2, "iron-ore": 3})
    assert (furnace.name, furnace.position, furnace.direction) == ("stone-furnace", (3, 3), "north")
    assert furnace.inventory() == {"coal": 2, "iron-ore": 3}
    assert furnace.inventory("fuel") == {"coal": 2}
    assert furnace.inventory("result") == {}
    assert (furnace.recipe, furnace.energy, furnace.burning) == (None, 0.0, None)
    world.run(100)
    assert furnace.status == "working"
    assert furnace.recipe == "iron-plate"
    assert furnace.energy == pytest.approx(1_600)
    fuel, left = furnace.burning or ("", 0.0)
    assert fuel == "coal"
    assert left == pytest.approx(4e6 - 1_600 - 99 * 1_500)
    with pytest.raises(errors.UnknownNameError, match='unknown inventory "fule"; did you mean "fu'):
        furnace.inventory("fule")


def test_items_go_in_where_they_belong_and_come_out_again() -> None:
    world = World()
    furnace = world.place("stone-furnace", (0, 0))
    assert furnace.insert("coal", 70) == 50
    assert furnace.insert("iron-ore", 5) == 5
    assert furnace.insert("copper-ore", 5) == 0, "the slot holds iron ore"
    assert furnace.insert("iron-gear-wheel") == 0
    world.run(194)
    assert furnace.take("iron-plate", 10) == 1
    assert furnace.take("coal", 50) == 49
    assert furnace.inventory() == {"iron-ore": 3}
    with pytest.raises(errors.InvalidValueError, match="count must be 0 to 4294967295, not -1"):
        furnace.insert("coal", -1)


def test_full_drill_goes_on_when_the_chest_is_emptied() -> None:
    world = World()
    world.set_resource("iron-ore", ORE, 1_000)
    drill = world.place("burner-mining-drill", (0, 0), items={"coal": 50})
    chest = world.place("wooden-chest", (-0.5, -1.5), items={"stone": 16 * 50})
    world.run(1_000)
    assert drill.status == "full"
    assert chest.take("stone", 50) == 50
    world.run(1_000)
    assert chest.inventory()["iron-ore"] >= 4


def test_infinity_chest_never_changes() -> None:
    world = World()
    world.set_resource("iron-ore", ORE, 1_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 50})
    sink = world.place("infinity-chest", (-0.5, -1.5), items={"copper-plate": 250})
    world.run(1_000)
    assert world.production().items_made == {"iron-ore": 4}
    assert sink.inventory() == {"copper-plate": 250}
    assert sink.take("copper-plate", 100) == 100
    assert sink.inventory() == {"copper-plate": 150}
    world.run()
    assert sink.inventory() == {"copper-plate": 250}


def test_entities_are_listed_in_order_of_creation() -> None:
    world = World()
    one = world.place("wooden-chest", (5.5, 5.5))
    two = world.place("stone-furnace", (0, 0))
    three = world.place("wooden-chest", (-5.5, 0.5))
    assert world.entities() == [one, two, three]
    assert world.entities("wooden-chest") == [one, three]
    assert world.entities(area=((-1, -1), (0, 0))) == [two], "it touches the area"
    assert world.entities(area=((1, 1), (3, 3))) == []
    world.remove(one)
    four = world.place("wooden-chest", (5.5, 5.5))
    assert world.entities("wooden-chest") == [three, four]
    assert len({one, two, three, four, world.entities()[0]}) == 4


@pytest.mark.parametrize(
    ("area", "message"),
    [
        (((1, 0), (1, 5)), "left < right and top < bottom"),
        (((0, 0), (float("nan"), 1)), "within 1000000 tiles of the origin"),
        (((-40, 0), (0, 1)), r"must lie within \(\(-32, -32\), \(32, 32\)\), the map, not"),
    ],
)
def test_wrong_areas_say_what_is_wrong(
    area: tuple[tuple[float, float], tuple[float, float]], message: str
) -> None:
    with pytest.raises(errors.InvalidValueError, match=message):
        World().set_resource("stone", area, 5)


def test_gone_entities_say_so() -> None:
    world = World()
    chest = world.place("wooden-chest", (0, 0))
    other = World().place("wooden-chest", (0, 0))
    assert chest.valid
    world.remove(chest)
    assert not chest.valid
    assert repr(chest) == "<Entity that is gone, unit 1>"
    for use in (lambda: chest.name, chest.inventory, lambda: chest.insert("coal")):
        with pytest.raises(errors.StaleEntityError, match="the entity is gone: it was removed"):
            use()
    with pytest.raises(errors.StaleEntityError, match="belongs to another world"):
        world.remove(other)


@pytest.mark.parametrize(
    ("name", "position", "message"),
    [
        ("stone-furnace", (0, 0), '"wooden-chest" at (0.5, 0.5) stands there; remove it'),
        ("stone-furnace", (40, 0), "tile (39, -1) lies outside the map of 64 x 64 tiles"),
        ("stone-furnace", (10, 10), 'tile (9, 9) is "water"; cover it with set_tiles'),
    ],
)
def test_no_room_says_what_is_in_the_way(
    name: str, position: tuple[float, float], message: str
) -> None:
    world = World()
    world.place("wooden-chest", (0, 0))
    world.set_tiles("water", ((9, 9), (12, 12)))
    with pytest.raises(errors.InvalidValueError, match=re.escape(message)):
        world.place(name, position)
    assert len(world.entities()) == 1


def test_wrong_names_suggest_the_nearest() -> None:
    world = World()
    with pytest.raises(errors.UnknownNameError, match='did you mean one of "stone-furnace", "st'):
        world.place("stone furnace", (0, 0))
    with pytest.raises(errors.UnknownNameError, match='unknown direction "eats"'):
        world.place("stone-furnace", (0, 0), "eats")
    with pytest.raises(errors.UnknownNameError, match='unknown resource "wood"'):
        world.set_resource("wood", ORE, 1)
    with pytest.raises(errors.UnknownNameError, match='unknown technology "automaton"'):
        world.research("automaton")
    with pytest.raises(errors.UnknownNameError, match="manual_crafting_speed_modifier"):
        world.set_bonus("manual_crafting_speed", 1)


def test_settings_that_do_not_fit_leave_nothing_behind() -> None:
    world = World()
    with pytest.raises(errors.InvalidValueError, match='takes 0 of 3 "iron-plate"'):
        world.place("stone-furnace", (0, 0), items={"coal": 1, "iron-plate": 3})
    with pytest.raises(errors.InvalidValueError, match="it has no recipe to set"):
        world.place("wooden-chest", (0, 0), recipe="iron-gear-wheel")
    assert world.entities() == []


@pytest.mark.parametrize(("width", "height"), [(0, 8), (8, -1), (2_049, 8)])
def test_maps_have_a_largest_size(width: int, height: int) -> None:
    with pytest.raises(errors.InvalidValueError, match="must be 1 to 2048 tiles, not"):
        World(width, height)


def test_same_seed_and_calls_give_the_same_bytes() -> None:
    one, two = World(seed=5), World(seed=5)
    assert mine(one) == mine(two)
    assert one.snapshot() == two.snapshot()
    assert one.digest() == two.digest()
    assert World(seed=6).digest() != World(seed=5).digest()


def test_a_sound_world_has_nothing_to_report() -> None:
    world = World()
    mine(world)
    before = world.digest()
    assert world.verify() == world.verify(0) == []
    assert world.digest() == before, "the copies run, not the world"
    with pytest.raises(errors.InvalidValueError, match="ticks must be 0 to"):
        world.verify(-1)


def test_a_drill_over_a_full_belt_sleeps_on_when_another_fills_it_upstream() -> None:
    """Found by random factories: what comes from upstream makes no room, so nothing is amiss."""
    world = World(44, 44)
    world.place("medium-electric-pole", (-13.5, 13.5))
    world.place("accumulator", (-11, 14)).set_energy(5e6)
    world.set_resource("coal", ((-18, 6), (-14, 18)), 40)
    electric = world.place("electric-mining-drill", (-16.5, 12.5), "east")
    burner = world.place("burner-mining-drill", (-16, 10), "east", items={"coal": 1})
    for y in (9.5, 10.5, 11.5, 12.5):
        world.place("express-transport-belt", (-14.5, y), "south")
    for _ in range(1_100):
        world.run(1)
        assert world.verify(0) == world.verify(1) == []
    assert (electric.status, burner.status) == ("full", "working")


def test_fork_and_restore_go_on_alike() -> None:
    world = World()
    mine(world)
    snapshot, fork = world.snapshot(), world.fork()
    chest = world.entities("wooden-chest")[0]
    world.run(1_000)
    late = world.digest()
    assert chest.inventory() == {"iron-ore": 8}
    fork.run(1_000)
    assert fork.digest() == late
    world.restore(snapshot)
    assert chest.inventory() == {"iron-ore": 4}, "the entity of the snapshot is the same"
    world.run(1_000)
    assert world.digest() == late
    with pytest.raises(errors.InvalidSnapshotError, match="truncated"):
        world.restore(snapshot[:10])
    assert world.digest() == late


def test_blueprints_go_round() -> None:
    world = World()
    mine(world, 1)
    text = world.export_blueprint(((-1, -2), (1, 1)))
    other = World()
    built = other.import_blueprint(text, (10, 12))
    assert [(e.name, e.position) for e in built] == [
        ("burner-mining-drill", (11, 14)),
        ("wooden-chest", (10.5, 12.5)),
    ]
    assert other.export_blueprint(((10, 12), (12, 15))) == text
    with pytest.raises(errors.InvalidValueError, match="stands there"):
        other.import_blueprint(text, (11, 13))
    assert len(other.entities()) == 2, "a blueprint that does not fit builds nothing"
    with pytest.raises(errors.InvalidValueError, match="nothing that can be built stands in"):
        other.export_blueprint(((0, 0), (1, 1)))


def test_resources_are_set_read_and_cleared() -> None:
    world = World()
    world.set_resource("coal", ((0, 0), (2, 1)), 7)
    assert world.resource((1.9, 0.5)) == ("coal", 7)
    assert world.resource((2.1, 0.5)) is None
    world.set_resource("coal", ((0, 0), (1, 1)), 0)
    assert world.resource((0, 0)) is None
    with pytest.raises(errors.InvalidValueError, match="amount must be 0 to 268435455"):
        world.set_resource("coal", ((0, 0), (1, 1)), 1 << 28)


def test_character_obeys_and_refuses() -> None:
    world = World()
    character = world.character
    assert character.position == (-31.5, -31.5)
    character.teleport((0, 0))
    character.walk("east")
    world.run(60)
    character.walk(None)
    assert character.position == (2_280 / 256, 0)
    assert character.insert("iron-plate", 10) == 10
    assert character.craft("iron-gear-wheel", 9) == 5
    assert character.crafting_queue == [("iron-gear-wheel", 5)]
    world.run(31)
    assert character.inventory() == {"iron-gear-wheel": 1}
    assert character.craft("engine-unit") == 0
    assert character.insert("wooden-chest") == 1
    with pytest.raises(errors.ActionRejectedError, match="the command is refused: out-of-reach"):
        character.build("wooden-chest", (-30, 0))
    character.build("wooden-chest", (10, 2))
    chest = world.entities()[0]
    character.insert_into(chest, "iron-gear-wheel")
    assert chest.inventory() == {"iron-gear-wheel": 1}
    character.take_from(chest)
    assert character.take("iron-gear-wheel", 5) == 1
    character.mine(chest)
    world.run(13)
    assert not chest.valid


def test_pictures_show_the_area() -> None:
    world = World(20, 10)
    world.place("stone-furnace", (0, 0))
    assert world.render().shape == (160, 320, 3)
    picture = world.render(((-2, -2), (2, 2)), tile_pixels=8)
    assert picture.shape == (32, 32, 3)
    assert picture.dtype == np.uint8
    assert not np.array_equal(picture[0, 0], picture[16, 16])
    lines = world.to_text().splitlines()
    assert len(lines) == 10
    assert [line.count("F") for line in lines] == [0, 0, 0, 0, 2, 2, 0, 0, 0, 0]
    assert "\x1b" not in world.to_text()


def test_running_is_limited() -> None:
    world = World()
    for ticks in (-1, 60 * 60 * 24 * 8 * 60):
        with pytest.raises(errors.InvalidValueError, match="ticks must be 0 to 36288000, not"):
            world.run(ticks)
    world.run(0)
    assert world.tick == 0


def test_assembling_machine_works_with_power_recipe_and_modules() -> None:
    world = World()
    world.place("substation", (-4, -4))
    world.place("electric-energy-interface", (-6, -4))
    items = {"iron-plate": 100, "speed-module": 2}
    machine = world.place("assembling-machine-2", (0.5, 0.5), recipe="iron-gear-wheel", items=items)
    assert machine.recipe == "iron-gear-wheel"
    assert machine.inventory("modules") == {"speed-module": 2}
    world.run(400)
    assert machine.products_finished == machine.inventory("result")["iron-gear-wheel"] == 13
    (network,) = world.power()
    assert network.satisfaction == 1
    assert network.demand_watts == pytest.approx(150e3 * 2 + 5e3)
    made = world.production()
    assert made.items_made == {"iron-gear-wheel": 13}
    assert made.items_used == {"iron-plate": 28}
    assert machine.take("speed-module", 1) == 1
    assert machine.inventory("modules") == {"speed-module": 1}
    with pytest.raises(errors.InvalidValueError, match=r"locked; call research\(\"engine\"\) or"):
        machine.set_recipe("engine-unit")
    with pytest.raises(errors.InvalidValueError, match='it cannot make "iron-plate"'):
        machine.set_recipe("iron-plate")
    world.enable_all_recipes()
    machine.set_recipe("engine-unit")
    assert machine.inventory("source") == {}


def test_belts_carry_on_lanes_and_are_kept_full_and_empty() -> None:
    world = World()
    belts = [world.place("transport-belt", (x + 0.5, 0.5), "east") for x in range(-5, 6)]
    assert belts[0].insert_at(1, "coal", 100)
    assert belts[0].lane_items() == [[("coal", 92)], []]
    world.run(10)
    assert belts[0].lane_items() == [[("coal", 12)], []]
    with pytest.raises(errors.InvalidValueError, match="positions 0 to 255, not 256"):
        belts[0].insert_at(1, "coal", 256)
    with pytest.raises(errors.InvalidValueError, match="has 2 lanes, numbered from 1; there is no"):
        belts[0].insert_at(3, "coal", 0)
    belts[0].keep_full("iron-plate", lane=1)
    belts[0].keep_full("copper-plate", lane=2)
    belts[-1].keep_empty()
    world.run(600)
    before = belts[-1].moved()
    world.run(600)
    moved = {item: count - before[item] for item, count in belts[-1].moved().items()}
    assert moved == {"coal": 0, "copper-plate": 75, "iron-plate": 75}
    belts[-1].release()
    world.run(600)
    assert belts[-1].inventory() == {"copper-plate": 4, "iron-plate": 4}


def test_splitter_and_inserter_obey_their_settings() -> None:
    world = World()
    splitter = world.place(
        "splitter", (0.5, 0), "east", filter="coal", output_priority="right", type=None
    )
    assert len(splitter.lane_items()) == 8
    lines = {y: world.place("transport-belt", (1.5, y), "east") for y in (-0.5, 0.5)}
    feeder = world.place("transport-belt", (-0.5, -0.5), "east")
    feeder.keep_full("coal", lane=1)
    feeder.keep_full("stone", lane=2)
    world.run(600)
    assert lines[-0.5].inventory() == {"stone": 4}
    assert lines[0.5].inventory() == {"coal": 4}
    chest = world.place("wooden-chest", (9.5, 0.5), items={"coal": 5, "stone": 5})
    world.place("burner-inserter", (10.5, 0.5), "west", filter=["stone"], items={"wood": 5})
    target = world.place("wooden-chest", (11.5, 0.5))
    world.run(1_000)
    assert chest.inventory() == {"coal": 5}
    assert target.inventory() == {"stone": 5}
    with pytest.raises(errors.InvalidValueError, match="it has no priorities"):
        world.place("wooden-chest", (20, 0), input_priority="left")


def test_underground_belt_has_the_end_that_was_asked_for() -> None:
    world = World()
    entrance = world.place("underground-belt", (0.5, 0.5), "east", type="input")
    way_out = world.place("underground-belt", (4.5, 0.5), "east", type="output")
    entrance.keep_full("coal")
    world.run(400)
    assert way_out.inventory()["coal"] > 4
    text = world.export_blueprint(((0, 0), (5, 1)))
    copies = World().import_blueprint(text, (0, 0))
    copies[0].keep_full("coal")


def test_infinity_pipe_fills_and_empties_what_it_is_connected_with() -> None:
    world = World()
    source = world.place("infinity-pipe", (0.5, 0.5))
    tank = world.place("storage-tank", (2.5, 1.5))
    source.set_fluid("water", 50)
    world.run(2)
    assert tank.fluids() == {"water": 12_500}
    assert tank.temperature("water") == 15
    assert tank.temperature("steam") is None
    source.keep_empty()
    world.run(2)
    assert tank.fluids() == {}
    tank.set_fluid("crude-oil", 100)
    world.run(1)
    assert source.moved() == {"fluid": pytest.approx(100 + 12_550 + 12_550, rel=0.01)}
    with pytest.raises(errors.InvalidValueError, match='there is room for 25000 of 30000 "water"'):
        world.place("storage-tank", (20, 20)).set_fluid("water", 30_000)
    with pytest.raises(errors.InvalidValueError, match='has no box that takes "water"'):
        world.place("wooden-chest", (-9, 9)).set_fluid("water", 1)


def test_research_goes_by_labs_or_by_grant() -> None:
    world = World()
    world.place("substation", (0, -4))
    world.place("electric-energy-interface", (-3, -4))
    world.place("lab", (0.5, 0.5), items={"automation-science-pack": 10})
    with pytest.raises(errors.InvalidStateError, match='"logistics": a prerequisite is missing'):
        world.start_research("logistics")
    world.research("automation-science-pack")
    world.start_research("automation")
    world.run(3_001)
    name, share = world.current_research or ("", 0.0)
    assert name == "automation"
    assert share == pytest.approx(0.5)
    world.run(3_000)
    assert world.is_researched("automation")
    assert world.current_research is None
    assert world.production().items_used == {"automation-science-pack": 10}


def test_turret_defends_and_pollution_is_read() -> None:
    world = World()
    turret = world.place("gun-turret", (0, 0), items={"firearm-magazine": 2})
    assert (turret.health, turret.rounds) == (400, 20)
    world.spawn("small-biter", (12, 0))
    (biter,) = world.units()
    assert (biter.name, biter.position, biter.health) == ("small-biter", (12, 0), 15)
    world.run(300)
    assert world.units() == []
    assert turret.rounds < 20
    assert world.evolution > 0
    world.pollute((1, 1), 100)
    assert world.pollution((5, 5)) == 100
    assert world.pollution((500, 5)) == 0
    with pytest.raises(errors.InvalidValueError, match='"gun-turret" is no unit; place'):
        world.spawn("gun-turret", (5, 5))
    chest = world.place("wooden-chest", (20, 20))
    chest.destroy()
    assert not chest.valid


def test_accumulators_are_charged_and_set() -> None:
    world = World()
    accumulator = world.place("accumulator", (0, 0))
    accumulator.set_energy(1e6)
    assert accumulator.energy == 1e6
    with pytest.raises(
        errors.InvalidValueError, match="energy must be 0 to what it holds, 5000000"
    ):
        accumulator.set_energy(6e6)
    with pytest.raises(errors.InvalidValueError, match="only an accumulator's energy"):
        world.place("wooden-chest", (5, 5)).set_energy(1)


def test_world_of_a_scenario_is_its_start() -> None:
    scenario = ScenarioManager().get("mining_efficiency")
    world = World.from_scenario(scenario, 3)
    assert world.character.inventory()["burner-mining-drill"] == 16
    assert world.digest() == World.from_scenario(scenario, 3).digest()
    assert world.tick == 0


def test_default_maps_have_what_a_game_needs() -> None:
    world = World.default_map(5)
    assert world.area == ((-256, -256), (256, 256))
    assert world.character.position == (0.5, 0.5)
    assert world.character.inventory()["burner-mining-drill"] == 1
    patches = world.resource_patches()
    assert {patch.name for patch in patches} == {
        *("iron-ore", "copper-ore", "coal", "stone", "uranium-ore", "crude-oil")
    }
    iron = world.resource_patches("iron-ore")[0]
    assert iron.amount == sum(amount for _, amount in iron.tiles)
    assert world.resource(iron.tiles[0][0]) == ("iron-ore", iron.tiles[0][1])
    (left, top), (right, bottom) = iron.area
    assert left < iron.position[0] < right
    assert top < iron.position[1] < bottom
    assert world.digest() == World.default_map(5).digest()
    assert world.digest() != World.default_map(6).digest()


def test_default_maps_have_enemies_and_woods_on_demand() -> None:
    with_all = World.default_map(5)
    bare = World.default_map(5, enemies=False, woods=False)
    assert with_all.entities("big-rock")
    assert not bare.entities()
    assert [patch.amount for patch in bare.resource_patches()] == [
        patch.amount for patch in with_all.resource_patches()
    ]
    with pytest.raises(errors.InvalidValueError, match="width of a default map must be 320 to"):
        World.default_map(width=64)
    with pytest.raises(errors.UnknownNameError, match="iron-ore"):
        bare.resource_patches("iron-or")


def test_items_lie_where_they_are_dropped() -> None:
    world = World()
    world.drop("coal", (3, 3), 5)
    assert world.items_on_ground() == [((3, 3), "coal", 5)]
    world.character.teleport((3, 5))
    world.character.mine((3, 3))
    world.run(4)
    assert world.character.inventory() == {"coal": 5}


def test_character_walks_round_things() -> None:
    world = World()
    world.set_tiles("water", ((-20, -28), (5, -26)))
    world.character.teleport((-10, -30))
    assert world.character.walk_to((-10, -20)) > 100
    assert world.character.position == pytest.approx((-10, -20), abs=0.75)


def test_entities_say_their_network_and_how_they_sort() -> None:
    world = World(32, 32)
    inserter = world.place("inserter", (0.5, 0.5), filter=["coal", "wood"], filter_mode="blacklist")
    splitter = world.place(
        "splitter", (5, 0.5), filter="coal", input_priority="left", output_priority="right"
    )
    entrance = world.place("underground-belt", (8.5, 0.5), "east", type="input")
    assert (inserter.filters, inserter.filter_mode) == (["coal", "wood"], "blacklist")
    assert (splitter.filters, splitter.priorities) == (["coal"], ("left", "right"))
    assert (entrance.type, inserter.type) == ("input", None)
    assert inserter.power_network is None
    pole = world.place("small-electric-pole", (1.5, 1.5))
    far = world.place("small-electric-pole", (-12.5, -12.5))
    assert inserter.power_network == pole.power_network
    assert {pole.power_network, far.power_network} == {network.number for network in world.power()}


def test_bonuses_are_read_as_they_were_set() -> None:
    world = World(8, 8)
    assert set(world.bonuses().values()) == {0}
    world.research("mining-productivity-1")
    world.set_bonus("inserter_stack_size_bonus", 2)
    assert {name: bonus for name, bonus in world.bonuses().items() if bonus} == {
        "inserter_stack_size_bonus": 2,
        "mining_drill_productivity_bonus": 0.1,
    }
