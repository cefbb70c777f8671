//! Belts in a world: characters, drills, hands, observers.

use crate::prototypes::vanilla;
use crate::sim::World;
use crate::sim::belt::BeltKind;
use crate::sim::command::{Command, apply};
use crate::sim::entity::{Body, EntityRef, Target};
use crate::sim::position::{Direction, MapPos, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::{run, tick};

use super::kit::item;

fn world(things: &[(&str, f64, f64, Direction)], character: (f64, f64)) -> World {
    let mut ops = vec![SetupOp::Map {
        width: 64,
        height: 64,
        tile: vanilla().tile("grass-1").unwrap(),
    }];
    ops.extend(
        things
            .iter()
            .map(|(name, x, y, direction)| SetupOp::Entity {
                prototype: vanilla().entity(name).unwrap(),
                position: MapPos::from_tiles(*x, *y),
                direction: *direction,
                items: Vec::new(),
                recipe: None,
            }),
    );
    ops.push(SetupOp::Character {
        position: MapPos::from_tiles(character.0, character.1),
    });
    let mut world = World::new();
    execute(&mut world, 1, &ops).unwrap();
    world
}

fn row(
    name: &'static str,
    xs: std::ops::Range<i32>,
    y: f64,
) -> Vec<(&'static str, f64, f64, Direction)> {
    xs.map(|x| (name, f64::from(x) + 0.5, y, Direction::EAST))
        .collect()
}

fn at(world: &World, x: i32, y: i32) -> EntityRef {
    world
        .reference(world.entity_slot_at(TilePos::new(x, y)).unwrap())
        .unwrap()
}

fn belt(world: &World, x: i32, y: i32) -> u32 {
    match world.entity(at(world, x, y)).unwrap().body {
        Body::Belt(index) => index,
        _ => panic!("there is no belt"),
    }
}

#[test]
fn a_standing_character_is_carried_8_a_tick_to_the_end_of_the_belt() {
    let mut world = world(&row("transport-belt", 0..4, 0.5), (0.5, 0.5));
    let start = world.character.position;
    tick(&mut world);
    assert_eq!(world.character.position, start.offset(8, 0));
    run(&mut world, 200);
    assert_eq!(
        world.character.position,
        MapPos::new(4 * 256, 128),
        "it stops on the edge"
    );
}

#[test]
fn walking_with_and_against_a_belt_makes_46_and_30_a_tick() {
    for (direction, dx) in [(Direction::EAST, 46), (Direction::WEST, -30)] {
        let mut world = world(&row("transport-belt", -8..8, 0.5), (0.5, 0.5));
        apply(&mut world, &Command::Walk(Some(direction))).unwrap();
        for ticks in 1..=10 {
            tick(&mut world);
            assert_eq!(world.character.position, MapPos::new(128 + dx * ticks, 128));
        }
    }
}

#[test]
fn a_character_walks_across_belts_and_is_carried_aside_only_on_them() {
    let mut world = world(&row("transport-belt", -8..8, 0.5), (0.5, -1.5));
    apply(&mut world, &Command::Walk(Some(Direction::SOUTH))).unwrap();
    run(&mut world, 20);
    let place = world.character.position;
    assert_eq!(place.y, -384 + 20 * 38, "belts are walked over");
    let ticks_on_belt = (1..=20)
        .filter(|tick| (0..256).contains(&(-384 + tick * 38)))
        .count();
    assert_eq!(place.x, 128 + 8 * ticks_on_belt as i32);
}

#[test]
fn a_belt_can_be_built_under_the_character_and_a_chest_cannot() {
    let mut world = world(&[], (0.5, 0.5));
    for (name, is_built) in [("wooden-chest", false), ("transport-belt", true)] {
        world.character.inventory.insert(item(name), 1);
        let build = Command::Build {
            item: item(name),
            position: MapPos::new(128, 128),
            direction: Direction::EAST,
        };
        assert_eq!(apply(&mut world, &build).is_ok(), is_built, "{name}");
    }
}

#[test]
fn mining_a_belt_yields_what_lies_on_it_in_13_ticks() {
    let mut world = world(&row("transport-belt", 2..5, 0.5), (0.5, 0.5));
    let end = belt(&world, 4, 0);
    for lane in 0..2 {
        for position in [0, 64, 128] {
            assert!(world.belts.insert(end, lane, position, item("coal")));
        }
    }
    run(&mut world, 60);
    let last = Target::Entity(at(&world, 4, 0));
    apply(&mut world, &Command::Mine(last)).unwrap();
    run(&mut world, 12);
    assert_eq!(world.character.inventory.count(item("coal")), 0);
    tick(&mut world);
    assert_eq!(world.character.inventory.count(item("coal")), 6);
    assert_eq!(world.character.inventory.count(item("transport-belt")), 1);
    assert_eq!(world.belts.belt_at(TilePos::new(4, 0)), None);
}

#[test]
fn turning_a_belt_by_hand_turns_what_items_do() {
    let mut world = world(&row("transport-belt", 2..5, 0.5), (0.5, 0.5));
    let last = at(&world, 4, 0);
    apply(&mut world, &Command::Rotate { entity: last }).unwrap();
    let facts = world.belts.belt(belt(&world, 4, 0)).unwrap();
    assert_eq!(facts.direction, Direction::SOUTH);
    assert_eq!(
        facts.inner_lane(),
        Some(1),
        "fed from the west it is a right turn"
    );
}

#[test]
fn undergrounds_pair_as_they_are_built_and_turn_round_together() {
    let ends = [
        ("underground-belt", 1.5, 0.5, Direction::EAST),
        ("underground-belt", 5.5, 0.5, Direction::EAST),
    ];
    let mut world = world(&ends, (0.5, 3.5));
    let kinds = |world: &World| [1, 5].map(|x| world.belts.belt(belt(world, x, 0)).unwrap().kind);
    assert_eq!(kinds(&world), [BeltKind::Entrance, BeltKind::Exit]);
    let first = at(&world, 1, 0);
    apply(&mut world, &Command::Rotate { entity: first }).unwrap();
    assert_eq!(kinds(&world), [BeltKind::Exit, BeltKind::Entrance]);
    for x in [1, 5] {
        assert_eq!(
            world.entity(at(&world, x, 0)).unwrap().direction,
            Direction::WEST
        );
    }
}

#[test]
fn a_burner_drill_fills_a_belt_and_waits_for_it() {
    let mut world = world(
        &[
            ("burner-mining-drill", 0.0, 0.0, Direction::SOUTH),
            ("transport-belt", 0.5, 1.5, Direction::EAST),
        ],
        (10.0, 10.0),
    );
    for (x, y) in [(0, -1), (-1, 0), (0, 0), (-1, -1)] {
        let ore = SetupOp::Resource {
            tile: TilePos::new(x, y),
            code: crate::contract::codes::code_of(
                &crate::contract::codes::RESOURCE_NAMES,
                "iron-ore",
            ),
            amount: 10_000,
        };
        execute_one(&mut world, &ore);
    }
    let drill = at(&world, 0, 0);
    world.insert_by_hand(drill, item("coal"), 5);
    let end = belt(&world, 0, 1);
    let positions = |world: &World| -> Vec<i32> {
        world
            .belts
            .items_on(end, 0)
            .map(|(position, _)| position)
            .collect()
    };
    run(&mut world, 242);
    assert_eq!(positions(&world), [0; 0]);
    tick(&mut world);
    assert_eq!(positions(&world), [120], "t = 243, on lane 1, one step on");
    run(&mut world, 480);
    assert_eq!(positions(&world), [0, 64, 128], "t = 723");
    run(&mut world, 777);
    assert_eq!(positions(&world), [0, 64, 128], "192 stays empty");
    assert_eq!(world.awake_count(), 0, "the drill sleeps");
    // At t = 1500 the belt is made longer; the ore that waited lands at 1501 and reads 184.
    let more = SetupOp::Entity {
        prototype: vanilla().entity("transport-belt").unwrap(),
        position: MapPos::from_tiles(1.5, 1.5),
        direction: Direction::EAST,
        items: Vec::new(),
        recipe: None,
    };
    execute_one(&mut world, &more);
    tick(&mut world);
    assert_eq!(positions(&world), [56, 120, 184]);
}

/// Carries one more operation out in a world that runs already.
fn execute_one(world: &mut World, op: &SetupOp) {
    match op {
        SetupOp::Entity {
            prototype,
            position,
            direction,
            ..
        } => {
            world.add_entity(*prototype, *position, *direction);
        }
        SetupOp::Resource { tile, code, amount } => {
            let resource = crate::sim::terrain::Resource {
                code: *code,
                amount: *amount,
            };
            world.set_resource(*tile, Some(resource));
        }
        _ => panic!("only these two are needed"),
    }
    world.settle();
}

#[test]
fn a_new_belt_takes_up_what_lies_under_it() {
    let mut world = world(&[], (3.5, 3.5));
    let stack = crate::sim::inventory::ItemStack {
        item: item("coal"),
        count: 1,
    };
    world.lay_pile(MapPos::new(100, 50), stack);
    world.add_entity(
        vanilla().entity("transport-belt").unwrap(),
        MapPos::new(128, 128),
        Direction::EAST,
    );
    world.settle();
    assert!(world.ground.on_tile(TilePos::new(0, 0)).is_none());
    let on: Vec<i32> = world
        .belts
        .items_on(belt(&world, 0, 0), 0)
        .map(|(p, _)| p)
        .collect();
    assert_eq!(on, [256 - 100 - 8]);
}

#[test]
fn a_world_with_belts_comes_back_from_its_snapshot_byte_for_byte() {
    let mut world = world(&row("transport-belt", 0..6, 0.5), (8.0, 8.0));
    let first = belt(&world, 0, 0);
    for ticks in 0..100 {
        if ticks % 9 == 0 {
            world.belts.insert(first, ticks % 2, 128, item("coal"));
        }
        tick(&mut world);
    }
    let mut copy = World::restore(&world.snapshot()).unwrap();
    assert_eq!(copy.digest(), world.digest());
    for _ in 0..200 {
        tick(&mut world);
        tick(&mut copy);
        assert_eq!(copy.digest(), world.digest());
    }
}
