//! Solid ores.

use super::support::{build, count, drill, electric, field, item, lay, world};
use crate::contract::codes::Status;
use crate::prototypes::vanilla;
use crate::sim::drill::{drop_position, mined_tiles};
use crate::sim::entity::{Body, EntityRef};
use crate::sim::position::{Direction, MapPos, TilePos};
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

#[test]
fn drl_electric_gives_an_ore_every_120_ticks() {
    let mut world = world();
    field(&mut world, "iron-ore");
    let (_, chest) = electric(&mut world);
    let mut arrivals = Vec::new();
    while arrivals.len() < 20 {
        tick(&mut world);
        if count(&world, chest, "iron-ore") as usize > arrivals.len() {
            arrivals.push(world.tick);
        }
        assert!(world.tick < 3_000);
    }
    let gaps: Vec<u64> = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| (119..=121).contains(gap)), "{gaps:?}");
    let rate = 19.0 * 60.0 / (arrivals[19] - arrivals[0]) as f64;
    assert!((rate / 0.5 - 1.0).abs() <= 0.005, "{rate}");
}

#[test]
fn drl_area_is_5_x_5_and_2_x_2() {
    for (name, position, expected) in [
        ("electric-mining-drill", (0.5, 0.5), 25),
        ("burner-mining-drill", (0.0, 0.0), 4),
        ("pumpjack", (0.5, 0.5), 1),
    ] {
        let prototype = &vanilla()[vanilla().entity(name).unwrap()];
        let tiles = mined_tiles(prototype, MapPos::from_tiles(position.0, position.1));
        assert_eq!(tiles.len(), expected, "{name}");
        let width = tiles.iter().map(|tile| tile.x).max().unwrap()
            - tiles.iter().map(|tile| tile.x).min().unwrap()
            + 1;
        assert_eq!(width * width, expected as i32, "{name}");
    }
}

#[test]
fn drl_drop_points() {
    let mut world = world();
    let burner = build(
        &mut world,
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
    );
    let drop = drop_position(world.entity(burner).unwrap());
    assert_eq!((drop.x, drop.y), (-128, -332), "-0.5; -1.296875");
    let electric = build(
        &mut world,
        "electric-mining-drill",
        10.5,
        0.5,
        Direction::EAST,
    );
    let drop = drop_position(world.entity(electric).unwrap());
    assert_eq!(drop.tile(), TilePos::new(12, 0));
}

#[test]
fn drl_mp1_adds_one_ore_in_ten() {
    let mut world = world();
    field(&mut world, "iron-ore");
    world.force.bonuses.mining_drill_productivity = 0.1;
    let (_, chest) = electric(&mut world);
    // Counted from the first ore on.
    run(&mut world, 122);
    let (before, first) = (amount(&world), count(&world, chest, "iron-ore"));
    run(&mut world, 12_000);
    let delivered = count(&world, chest, "iron-ore") - first;
    assert!((109..=111).contains(&delivered), "{delivered}");
    let taken = before - amount(&world);
    assert!(
        (100..=101).contains(&taken),
        "the bonus costs nothing: {taken}"
    );
}

fn amount(world: &World) -> u32 {
    (-8..=8)
        .flat_map(|y| (-8..=8).map(move |x| TilePos::new(x, y)))
        .filter_map(|tile| world.terrain.resource(tile))
        .map(|resource| resource.amount)
        .sum()
}

#[test]
fn drl_coal_per_ore_is_0_15() {
    let mut world = world();
    field(&mut world, "iron-ore");
    let burner = build(
        &mut world,
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
    );
    let chest = build(&mut world, "steel-chest", -0.5, -1.5, Direction::NORTH);
    world.insert_by_hand(burner, item("coal"), 50);
    run(&mut world, 24_243);
    assert_eq!(count(&world, chest, "iron-ore"), 101);
    // What still burns, and the buffer, are not used yet.
    let burner = drill(&world, burner).energy.burner().unwrap();
    let left = (burner.remaining_joules + burner.buffer_joules) / 4e6;
    let coal = world.production.items_used(item("coal")) as f64 - left;
    assert!((coal / 101.0 / 0.15 - 1.0).abs() <= 0.005, "{coal}");
}

#[test]
fn mixed_ore_is_mined_tile_by_tile_and_a_spent_field_puts_the_drill_to_sleep() {
    let mut world = world();
    lay(&mut world, -2, -2, "iron-ore", 15);
    lay(&mut world, 2, 0, "copper-ore", 5);
    lay(&mut world, 0, 2, "stone", 12);
    lay(&mut world, 0, 1, "crude-oil", 300_000);
    lay(&mut world, 3, 0, "coal", 50);
    let (reference, chest) = electric(&mut world);
    run(&mut world, 121 * 22);
    let counts = |world: &World| {
        ["iron-ore", "copper-ore", "stone", "coal"].map(|name| count(world, chest, name))
    };
    assert_eq!(counts(&world), [10, 5, 7, 0], "ten of each before the next");
    run(&mut world, 121 * 20);
    assert_eq!(counts(&world), [15, 5, 12, 0]);
    assert_eq!(drill(&world, reference).status, Status::NoResources);
    assert_eq!(world.awake_count(), 0);
    lay(&mut world, 1, 1, "coal", 1);
    run(&mut world, 125);
    assert_eq!(counts(&world), [15, 5, 12, 1], "new ore wakes it");
}

#[test]
fn modules_and_beacons_speed_drills_up() {
    let mut world = world();
    field(&mut world, "iron-ore");
    let (reference, chest) = electric(&mut world);
    for _ in 0..3 {
        world
            .insert_module(reference, item("speed-module-3"))
            .unwrap();
    }
    run(&mut world, 12_001);
    // 0.5/s at 2.5 times the speed.
    let delivered = count(&world, chest, "iron-ore");
    assert!((249..=250).contains(&delivered), "{delivered}");
    let joules = drill(&world, reference).joules_per_tick();
    assert!((joules - 1_500.0 * 3.1).abs() < 1e-6, "{joules}");
}

#[test]
fn a_full_chest_stops_the_drill_and_taking_wakes_it() {
    let mut world = world();
    field(&mut world, "iron-ore");
    let reference = build(
        &mut world,
        "electric-mining-drill",
        0.5,
        0.5,
        Direction::EAST,
    );
    let chest = build(&mut world, "wooden-chest", 2.5, 0.5, Direction::NORTH);
    world.insert_by_hand(chest, item("wood"), 1_600);
    run(&mut world, 400);
    assert_eq!(drill(&world, reference).status, Status::Full);
    assert_eq!(world.awake_count(), 0);
    world.take_by_inserter(chest.slot, item("wood"), 100);
    run(&mut world, 5);
    assert_eq!(drill(&world, reference).status, Status::Working);
    assert_eq!(count(&world, chest, "iron-ore"), 1);
}

#[test]
fn a_restored_drill_goes_on() {
    let mut world = world();
    field(&mut world, "copper-ore");
    let (reference, _) = electric(&mut world);
    world
        .insert_module(reference, item("productivity-module-3"))
        .unwrap();
    run(&mut world, 1_234);
    let mut restored = World::restore(&world.snapshot()).unwrap();
    run(&mut world, 2_000);
    run(&mut restored, 2_000);
    assert_eq!(restored.digest(), world.digest());
}

#[test]
fn drills_put_ore_on_the_near_lane_of_a_belt_and_wait_when_it_is_full() {
    let mut world = world();
    field(&mut world, "iron-ore");
    let belt: Vec<EntityRef> = (-8..=8)
        .map(|y| {
            let y = f64::from(y) + 0.5;
            build(&mut world, "transport-belt", 2.5, y, Direction::SOUTH)
        })
        .collect();
    let drills = [-6.5, -3.5, -0.5, 2.5, 5.5]
        .map(|y| build(&mut world, "electric-mining-drill", 0.5, y, Direction::EAST));
    let on_lanes = |world: &World| {
        let count = |lane| -> usize {
            belt.iter()
                .map(|reference| {
                    let Body::Belt(index) = world.entity(*reference).unwrap().body else {
                        panic!("it is a belt");
                    };
                    world.belts.items_on(index, lane).count()
                })
                .sum()
        };
        (count(0), count(1))
    };
    run(&mut world, 245);
    assert_eq!(on_lanes(&world), (0, 10), "two ores of each");
    run(&mut world, 6_000);
    let (left, right) = on_lanes(&world);
    assert_eq!(left, 0);
    // Two tiles behind the first drop point stay empty; the rest holds four a tile.
    assert!((58..=64).contains(&right), "{right}");
    for reference in drills {
        let drill = drill(&world, reference);
        assert_eq!(drill.status, Status::Full);
        assert_eq!(drill.held.unwrap().count, 1);
    }
    assert_eq!(world.produced(item("iron-ore")), right as u64 + 5);
}
