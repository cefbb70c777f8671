//! Figures of the game that the simulation must hit, tick for tick (`docs/fidelity.md` names the sources).

use super::command::{Command, apply};
use super::drill::drop_position;
use super::entity::{EntityRef, Target};
use super::position::{Direction, MapPos, TilePos};
use super::setup::{SetupOp, execute};
use super::tick::{run, tick};
use super::world::World;
use crate::contract::action::RejectReason;
use crate::contract::codes::{self, Status};
use crate::prototypes::{ItemId, vanilla};

fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

fn resource(tile: TilePos, name: &str, amount: u32) -> SetupOp {
    SetupOp::Resource {
        tile,
        code: codes::code_of(&codes::RESOURCE_NAMES, name),
        amount,
    }
}

fn entity(name: &str, x: f64, y: f64, direction: Direction, items: &[(&str, u32)]) -> SetupOp {
    SetupOp::Entity {
        prototype: vanilla().entity(name).unwrap(),
        position: MapPos::from_tiles(x, y),
        direction,
        items: items
            .iter()
            .map(|(name, count)| (item(name), *count))
            .collect(),
        recipe: None,
    }
}

fn world(ops: Vec<SetupOp>) -> World {
    let mut all = vec![SetupOp::Map {
        width: 64,
        height: 64,
        tile: vanilla().tile("grass-1").unwrap(),
    }];
    all.extend(ops);
    let mut world = World::new();
    execute(&mut world, 1, &all).unwrap();
    world
}

fn at(world: &World, x: i32, y: i32) -> EntityRef {
    world
        .reference(world.entity_slot_at(TilePos::new(x, y)).unwrap())
        .unwrap()
}

/// Runs until `done`, at most `limit` ticks, and returns the tick at which it was.
fn ticks_until(world: &mut World, limit: u64, mut done: impl FnMut(&World) -> bool) -> u64 {
    while !done(world) {
        assert!(world.tick < limit, "not done within {limit} ticks");
        tick(world);
    }
    world.tick
}

fn ore_field() -> Vec<SetupOp> {
    [(0, -1), (-1, 0), (0, 0), (-1, -1)]
        .map(|(x, y)| resource(TilePos::new(x, y), "iron-ore", 10_000))
        .to_vec()
}

#[test]
fn drl_burner_first_ores_arrive_at_243_483_723() {
    let mut ops = ore_field();
    ops.push(entity(
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
        &[("coal", 20)],
    ));
    ops.push(entity("wooden-chest", -0.5, -1.5, Direction::NORTH, &[]));
    ops.push(SetupOp::Character {
        position: MapPos::from_tiles(10.0, 10.0),
    });
    let mut world = world(ops);
    let chest = at(&world, -1, -2);
    let ore = item("iron-ore");
    let arrivals: Vec<u64> = (1..=3)
        .map(|n| {
            ticks_until(&mut world, 2_000, |world| {
                let entity = world.entity(chest).unwrap();
                crate::sim::inventory::count_in(world.slots(entity).contents, ore) == n
            })
        })
        .collect();
    assert_eq!(arrivals, [243, 483, 723]);
    run(&mut world, 10_000 - 723);
    let entity = world.entity(chest).unwrap();
    assert_eq!(
        crate::sim::inventory::count_in(world.slots(entity).contents, ore),
        41
    );
    assert_eq!(world.produced(ore), 41);
}

#[test]
fn drl_fuel_one_coal_mines_six_ores() {
    let mut ops = ore_field();
    ops.push(entity(
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
        &[("coal", 1)],
    ));
    ops.push(entity("wooden-chest", -0.5, -1.5, Direction::NORTH, &[]));
    let mut world = world(ops);
    run(&mut world, 5_000);
    assert_eq!(world.produced(item("iron-ore")), 6);
    assert_eq!(world.awake_count(), 0, "a drill without fuel sleeps");
}

#[test]
fn drl_wakes_when_something_is_built_where_it_drops_and_only_then() {
    let places = [(0, 0), (20, 0), (-20, 11), (7, -23)];
    for (x, y) in places {
        for direction in [
            Direction::NORTH,
            Direction::EAST,
            Direction::SOUTH,
            Direction::WEST,
        ] {
            let place = (f64::from(x), f64::from(y));
            // Without fuel the drill sleeps after its first tick.
            let drill = entity("burner-mining-drill", place.0, place.1, direction, &[]);
            let mut world = world(vec![drill]);
            run(&mut world, 2);
            assert_eq!(world.awake_count(), 0);
            let reference = at(&world, x, y);
            let drop = drop_position(world.entity(reference).unwrap()).tile();
            let chest = vanilla().entity("wooden-chest").unwrap();
            for beside in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                let tile = drop.offset(beside.0, beside.1);
                if world.entity_at(tile).is_none() {
                    world.add_entity(chest, tile.center(), Direction::NORTH);
                }
            }
            assert_eq!(world.awake_count(), 0, "{place:?} {direction:?}");
            world.add_entity(chest, drop.center(), Direction::NORTH);
            assert_eq!(world.awake_count(), 1, "{place:?} {direction:?}");
        }
    }
}

#[test]
fn drl_takes_ten_ores_from_a_tile_before_the_next() {
    let mut ops = ore_field();
    ops.push(entity(
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
        &[("coal", 50)],
    ));
    ops.push(entity("wooden-chest", -0.5, -1.5, Direction::NORTH, &[]));
    let mut world = world(ops);
    run(&mut world, 243 + 14 * 240);
    let amounts = [(0, -1), (-1, 0), (0, 0), (-1, -1)]
        .map(|(x, y)| world.terrain.resource(TilePos::new(x, y)).unwrap().amount);
    assert_eq!(amounts, [9_990, 9_995, 10_000, 10_000]);
}

#[test]
fn drl_furnace_cap_stops_at_54_ore() {
    let mut ops = ore_field();
    ops.push(entity(
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
        &[("coal", 50)],
    ));
    ops.push(entity("stone-furnace", 0.0, -2.0, Direction::NORTH, &[]));
    let mut world = world(ops);
    run(&mut world, 60 * 240);
    let furnace = at(&world, -1, -2);
    let slots = world.slots(world.entity(furnace).unwrap());
    assert_eq!(slots.source[0].unwrap().count, 54);
    assert_eq!(
        world.produced(item("iron-ore")),
        55,
        "one more is held by the drill"
    );
    let drill = at(&world, 0, 0);
    assert_eq!(world.status(world.entity(drill).unwrap()), Status::Full);
}

#[test]
fn fur_first_plates_exist_at_194_386_578() {
    let mut world = world(vec![entity(
        "stone-furnace",
        0.0,
        0.0,
        Direction::NORTH,
        &[("iron-ore", 50), ("coal", 5)],
    )]);
    let plate = item("iron-plate");
    let ticks: Vec<u64> = (1..=3)
        .map(|n| ticks_until(&mut world, 1_000, |w| w.produced(plate) == n))
        .collect();
    assert_eq!(ticks, [194, 386, 578]);
    let furnace = at(&world, 0, 0);
    let slots = world.slots(world.entity(furnace).unwrap());
    assert_eq!(
        slots.source[0].unwrap().count,
        46,
        "the fourth craft has taken its ore already"
    );
}

#[test]
fn fur_idle_burns_nothing_after_the_first_load() {
    let mut world = world(vec![entity(
        "stone-furnace",
        0.0,
        0.0,
        Direction::NORTH,
        &[("coal", 5)],
    )]);
    run(&mut world, 3_600);
    let furnace = at(&world, 0, 0);
    assert_eq!(
        world.slots(world.entity(furnace).unwrap()).fuel[0]
            .unwrap()
            .count,
        4
    );
    assert_eq!(world.awake_count(), 0);
}

#[test]
fn fur_steel_takes_five_plates_and_16_seconds() {
    let mut world = world(vec![
        SetupOp::Research {
            technology: vanilla().technology("steel-processing").unwrap(),
        },
        entity(
            "stone-furnace",
            0.0,
            0.0,
            Direction::NORTH,
            &[("iron-plate", 20), ("coal", 10)],
        ),
    ]);
    let steel = item("steel-plate");
    let first = ticks_until(&mut world, 3_000, |world| world.produced(steel) == 1);
    let second = ticks_until(&mut world, 3_000, |world| world.produced(steel) == 2);
    assert_eq!(
        (first, second),
        (961, 1_921),
        "960 ticks each after the tick that lights the fire"
    );
}

#[test]
fn fur_steel_needs_its_research() {
    let mut world = pockets(&[("iron-plate", 20)]);
    let furnace = vanilla().entity("stone-furnace").unwrap();
    let reference = world.add_entity(furnace, MapPos::from_tiles(3.0, 0.0), Direction::NORTH);
    let command = Command::Insert {
        entity: reference,
        item: item("iron-plate"),
        count: u32::MAX,
    };
    assert_eq!(apply(&mut world, &command), Err(RejectReason::WrongItem));
}

#[test]
fn chr_walks_2280_subtiles_east_in_60_ticks() {
    let mut world = world(vec![]);
    apply(&mut world, &Command::Walk(Some(Direction::EAST))).unwrap();
    run(&mut world, 60);
    assert_eq!(world.character.position, MapPos::new(2_280, 0));
}

#[test]
fn chr_diag_walks_1620_subtiles_along_each_axis() {
    let mut world = world(vec![]);
    apply(&mut world, &Command::Walk(Some(Direction::from_eighths(1)))).unwrap();
    run(&mut world, 60);
    assert_eq!(world.character.position, MapPos::new(1_620, -1_620));
}

#[test]
fn chr_concrete_speeds_walking_up() {
    let ops = vec![SetupOp::Tiles {
        area: crate::sim::position::TileArea {
            left: -1,
            top: -1,
            width: 30,
            height: 3,
        },
        tile: vanilla().tile("concrete").unwrap(),
    }];
    let mut world = world(ops);
    apply(&mut world, &Command::Walk(Some(Direction::EAST))).unwrap();
    run(&mut world, 60);
    assert_eq!(world.character.position.x, 53 * 60);
}

#[test]
fn chr_stops_at_the_edge_of_the_map_and_is_refused_there() {
    let mut world = world(vec![]);
    apply(&mut world, &Command::Walk(Some(Direction::NORTH))).unwrap();
    run(&mut world, 1_000);
    assert_eq!(world.character.position, MapPos::new(0, -32 * 256 + 52));
    assert_eq!(
        apply(&mut world, &Command::Walk(Some(Direction::NORTH))),
        Err(RejectReason::Blocked)
    );
}

#[test]
fn chr_slips_round_the_corner_of_a_furnace() {
    // The furnace's box reaches 179 subtiles from its centre; walking east past its lower corner needs a small step south.
    let mut world = world(vec![
        entity("stone-furnace", 5.0, 0.0, Direction::NORTH, &[]),
        SetupOp::Character {
            position: MapPos::new(0, 130),
        },
    ]);
    apply(&mut world, &Command::Walk(Some(Direction::EAST))).unwrap();
    run(&mut world, 120);
    assert!(
        world.character.position.x > 7 * 256,
        "it came past: {:?}",
        world.character.position
    );
    assert_eq!(world.character.position.y, 179 + 51 + 1);
}

#[test]
fn chr_mine_ore_takes_121_ticks_every_time() {
    let tile = TilePos::new(1, 0);
    let mut world = world(vec![resource(tile, "iron-ore", 100)]);
    apply(&mut world, &Command::Mine(Target::Resource(tile))).unwrap();
    let ore = item("iron-ore");
    let ticks: Vec<u64> = (1..=3)
        .map(|n| ticks_until(&mut world, 1_000, |w| w.character.inventory.count(ore) == n))
        .collect();
    assert_eq!(ticks, [121, 242, 363]);
}

#[test]
fn chr_mining_times_of_entities() {
    for (name, ticks) in [
        ("wooden-chest", 13),
        ("stone-furnace", 25),
        ("burner-mining-drill", 36),
        ("tree-01", 66),
        ("big-rock", 241),
    ] {
        let mut world = world(vec![
            entity(name, 3.5, 0.5, Direction::NORTH, &[]),
            SetupOp::Character {
                position: MapPos::from_tiles(0.5, 0.5),
            },
        ]);
        let slot = world.entities.iter().next().unwrap().0;
        let target = world.reference(slot).unwrap();
        apply(&mut world, &Command::Mine(Target::Entity(target))).unwrap();
        assert_eq!(
            ticks_until(&mut world, 1_000, |w| w.entity(target).is_none()),
            ticks,
            "{name}"
        );
    }
}

#[test]
fn chr_reach_includes_its_boundary() {
    // A chest's box reaches 89 subtiles from its centre: at 10 tiles + 89 it is just within reach.
    for (distance, expected) in [
        (2_560 + 89, Ok(())),
        (2_560 + 90, Err(RejectReason::OutOfReach)),
    ] {
        let mut world = world(vec![entity(
            "wooden-chest",
            12.5,
            0.5,
            Direction::NORTH,
            &[],
        )]);
        world.character.position = MapPos::new(12 * 256 + 128 - distance, 128);
        let chest = at(&world, 12, 0);
        assert_eq!(
            crate::sim::command::check(&world, &Command::Mine(Target::Entity(chest))),
            expected
        );
    }
}

#[test]
fn mining_a_furnace_yields_its_contents_first() {
    let mut world = world(vec![entity(
        "stone-furnace",
        3.0,
        0.0,
        Direction::NORTH,
        &[("iron-ore", 20), ("coal", 5)],
    )]);
    let furnace = at(&world, 3, 0);
    apply(&mut world, &Command::Mine(Target::Entity(furnace))).unwrap();
    run(&mut world, 30);
    let held: Vec<(&str, u32)> = world
        .character
        .inventory
        .slots()
        .iter()
        .flatten()
        .map(|stack| (vanilla()[stack.item].name.as_str(), stack.count))
        .collect();
    // One coal burns; the ore that is being smelted comes back with the rest.
    assert_eq!(held, [("coal", 4), ("iron-ore", 20), ("stone-furnace", 1)]);
}

fn craft(world: &mut World, name: &str, count: u32) -> Result<(), RejectReason> {
    let recipe = vanilla().recipe(name).unwrap();
    apply(world, &Command::Craft { recipe, count })
}

fn pockets(items: &[(&str, u32)]) -> World {
    world(
        items
            .iter()
            .map(|(name, count)| SetupOp::Items {
                item: item(name),
                count: *count,
            })
            .chain(std::iter::once(SetupOp::Research {
                technology: vanilla().technology("electronics").unwrap(),
            }))
            .collect(),
    )
}

#[test]
fn hcr_ticks_of_hand_crafting() {
    for (name, items, ticks) in [
        ("iron-gear-wheel", &[("iron-plate", 2)][..], 31),
        ("transport-belt", &[("iron-plate", 3)], 62),
        (
            "burner-mining-drill",
            &[("iron-plate", 9), ("stone", 5)],
            245,
        ),
        ("lab", &[("iron-plate", 36), ("copper-plate", 15)], 1_330),
    ] {
        let mut world = pockets(items);
        craft(&mut world, name, 1).unwrap();
        assert!(
            world.character.inventory.is_empty(),
            "{name} takes all ingredients at once"
        );
        let product = item(name);
        let done = ticks_until(&mut world, 2_000, |w| {
            w.character.inventory.count(product) > 0
        });
        assert!(
            done.abs_diff(ticks) <= 3,
            "{name}: {done}, expected {ticks}"
        );
    }
}

#[test]
fn hcr_gear_wheels_take_31_ticks_each_without_a_gap() {
    let mut world = pockets(&[("iron-plate", 16)]);
    craft(&mut world, "iron-gear-wheel", 8).unwrap();
    let gear = item("iron-gear-wheel");
    for n in 1..=8 {
        let tick = ticks_until(&mut world, 400, |w| w.character.inventory.count(gear) == n);
        assert_eq!(tick, 31 * u64::from(n));
    }
}

#[test]
fn hcr_leftover_intermediates_stay_in_the_inventory() {
    let mut world = pockets(&[("iron-plate", 1), ("copper-plate", 2)]);
    craft(&mut world, "electronic-circuit", 1).unwrap();
    run(&mut world, 200);
    assert_eq!(
        world.character.inventory.count(item("electronic-circuit")),
        1
    );
    assert_eq!(world.character.inventory.count(item("copper-cable")), 1);
}

#[test]
fn hcr_refuses_what_hands_cannot_make() {
    let mut world = pockets(&[("iron-ore", 10), ("iron-plate", 1)]);
    assert_eq!(
        craft(&mut world, "iron-plate", 1),
        Err(RejectReason::NoRecipe)
    );
    assert_eq!(
        craft(&mut world, "engine-unit", 1),
        Err(RejectReason::NoRecipe)
    );
    assert_eq!(
        craft(&mut world, "iron-gear-wheel", 1),
        Err(RejectReason::MissingIngredients)
    );
    assert_eq!(
        craft(&mut world, "fast-inserter", 1),
        Err(RejectReason::RecipeLocked)
    );
    assert_eq!(
        world.character.inventory.count(item("iron-plate")),
        1,
        "nothing was taken"
    );
}

#[test]
fn building_fulfils_a_ghost_and_needs_the_item() {
    let chest = vanilla().entity("wooden-chest").unwrap();
    let place = MapPos::from_tiles(3.5, 0.5);
    let mut world = world(vec![
        SetupOp::Ghost {
            prototype: chest,
            position: place,
            direction: Direction::NORTH,
        },
        SetupOp::Items {
            item: item("wooden-chest"),
            count: 1,
        },
    ]);
    let command = Command::Build {
        item: item("wooden-chest"),
        position: place,
        direction: Direction::NORTH,
    };
    apply(&mut world, &command).unwrap();
    assert!(world.ghosts.is_empty());
    assert_eq!(
        world.entity_at(TilePos::new(3, 0)).unwrap().prototype,
        chest
    );
    assert_eq!(apply(&mut world, &command), Err(RejectReason::MissingItem));
    world.character.inventory.insert(item("wooden-chest"), 1);
    assert_eq!(apply(&mut world, &command), Err(RejectReason::NoSpace));
    world.character.inventory.insert(item("roboport"), 1);
    let roboport = Command::Build {
        item: item("roboport"),
        position: place,
        direction: Direction::NORTH,
    };
    assert_eq!(
        apply(&mut world, &roboport),
        Err(RejectReason::AbsentMechanic)
    );
}

#[test]
fn rotating_a_blocked_drill_lets_it_go_on() {
    let mut ops = ore_field();
    ops.push(entity(
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
        &[("coal", 20)],
    ));
    ops.push(entity("stone-wall", -0.5, -1.5, Direction::NORTH, &[]));
    ops.push(SetupOp::Character {
        position: MapPos::from_tiles(4.0, 4.0),
    });
    let mut world = world(ops);
    run(&mut world, 600);
    let drill = at(&world, 0, 0);
    assert_eq!(world.status(world.entity(drill).unwrap()), Status::Full);
    apply(&mut world, &Command::Rotate { entity: drill }).unwrap();
    run(&mut world, 2);
    assert!(
        world.ground.iter().next().is_some(),
        "it dropped its ore to the east"
    );
}

#[test]
fn snapshots_restore_to_the_same_bytes_and_the_same_future() {
    let mut ops = ore_field();
    ops.push(entity(
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
        &[("coal", 20)],
    ));
    ops.push(entity(
        "stone-furnace",
        0.0,
        -2.0,
        Direction::NORTH,
        &[("coal", 5)],
    ));
    ops.push(SetupOp::Items {
        item: item("iron-plate"),
        count: 50,
    });
    let mut world = world(ops);
    craft(&mut world, "iron-gear-wheel", 5).unwrap();
    run(&mut world, 333);
    let bytes = world.snapshot();
    let mut restored = World::restore(&bytes).unwrap();
    assert_eq!(restored.snapshot(), bytes);
    assert_eq!(restored.digest(), world.digest());
    for _ in 0..2_000 {
        tick(&mut world);
        tick(&mut restored);
        assert_eq!(world.digest(), restored.digest());
    }
}

#[test]
fn broken_snapshots_are_refused() {
    let bytes = world(vec![]).snapshot();
    for length in [0, 3, 10, 31, bytes.len() / 2, bytes.len() - 1] {
        let error = World::restore(&bytes[..length]).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidSnapshot);
    }
    let mut damaged = bytes.clone();
    damaged[40] ^= 1;
    assert!(
        World::restore(&damaged)
            .unwrap_err()
            .to_string()
            .contains("damaged")
    );
}

#[test]
fn invalid_set_up_operations_name_themselves() {
    let mut world = World::new();
    let grass = vanilla().tile("grass-1").unwrap();
    let map = SetupOp::Map {
        width: 8,
        height: 8,
        tile: grass,
    };
    let error = execute(
        &mut world,
        1,
        &[
            map.clone(),
            entity("wooden-chest", 20.0, 0.0, Direction::NORTH, &[]),
        ],
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "set-up operation 1: no room for the entity \"wooden-chest\" at (20.5, 0.5)"
    );
    let error = execute(
        &mut world,
        1,
        &[map, entity("roboport", 0.0, 0.0, Direction::NORTH, &[])],
    )
    .unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::AbsentMechanic);
}
