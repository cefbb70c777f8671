//! Rockets from the first part to the science that a satellite sends back.

use super::*;
use crate::sim::energy::Energy;
use crate::sim::position::{Direction, MapPos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::{run, tick};

const PART_INGREDIENTS: [&str; 3] = ["processing-unit", "low-density-structure", "rocket-fuel"];

fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

/// Makes a world with a silo, and a landing pad where `has_pad`; returns the silo.
fn site(has_pad: bool) -> (World, EntityRef) {
    let mut world = World::new();
    let rocket_silo = vanilla().technology("rocket-silo").unwrap();
    let ops = [
        SetupOp::Map {
            width: 64,
            height: 64,
            tile: vanilla().tile("grass-1").unwrap(),
        },
        SetupOp::Research {
            technology: rocket_silo,
        },
    ];
    execute(&mut world, 1, &ops).unwrap();
    let mut build = |name: &str, x: f64| {
        let prototype = vanilla().entity(name).unwrap();
        world.add_entity(prototype, MapPos::from_tiles(x, 0.5), Direction::NORTH)
    };
    let silo = build("rocket-silo", 0.5);
    if has_pad {
        build("cargo-landing-pad", 20.0);
    }
    world.settle();
    let crafter = world.rockets.silo(silo.slot).unwrap().crafter;
    world.crafters.get_mut(crafter).unwrap().energy = Energy::Void;
    (world, silo)
}

fn give_parts(world: &mut World, silo: EntityRef, parts: u32) {
    let crafter = world.rockets.silo(silo.slot).unwrap().crafter;
    world.crafters.get_mut(crafter).unwrap().parts = parts;
}

fn stage(world: &World, silo: EntityRef) -> Stage {
    world.rockets.silo(silo.slot).unwrap().stage
}

/// Runs until the silo is in a stage and returns for how long.
fn ticks_to(world: &mut World, silo: EntityRef, wanted: Stage) -> u64 {
    let begin = world.tick;
    while stage(world, silo) != wanted {
        assert!(world.tick < begin + 50_000, "never {wanted:?}");
        tick(world);
    }
    world.tick - begin
}

#[test]
fn a_hundred_parts_of_ten_of_each_make_a_rocket_in_300_seconds() {
    let (mut world, silo) = site(true);
    let mut given = 0;
    while stage(&world, silo) == Stage::Building {
        for name in PART_INGREDIENTS {
            given += world.insert_by_hand(silo, item(name), 10);
        }
        assert!(world.tick < 20_000);
        tick(&mut world);
    }
    // 3 s a part; the sum of small shares may take a tick more.
    assert!(world.tick.abs_diff(18_000) <= 2, "{}", world.tick);
    assert!(given >= 3_000);
    assert_eq!(world.production.items_made(item("rocket-part")), 100);
    for name in PART_INGREDIENTS {
        assert!(world.production.items_used(item(name)) >= 1_000);
    }
    assert_eq!(
        world.rocket_parts(silo.slot),
        Some(0),
        "the next rocket begins"
    );
}

#[test]
fn a_rocket_takes_its_time_to_rise_and_to_leave() {
    let (mut world, silo) = site(true);
    give_parts(&mut world, silo, 100);
    // Parts, lights 180, doors 255, delay 30, rise 420, arms 107.
    assert_eq!(ticks_to(&mut world, silo, Stage::Ready), 1 + 992);
    run(&mut world, 1_000);
    assert_eq!(stage(&world, silo), Stage::Ready, "without cargo it waits");
    world.launch_rocket(silo).unwrap();
    // Order, wait 120, engine 330, arms 107, flight 713.
    assert_eq!(ticks_to(&mut world, silo, Stage::LightsClosing), 1 + 1_270);
    assert_eq!(world.rockets_launched(), 1);
    assert_eq!(ticks_to(&mut world, silo, Stage::Building), 180 + 255);
    assert_eq!(world.launch_rocket(silo), Err(LaunchRefusal::NotReady));
}

#[test]
fn a_satellite_launches_by_itself_and_brings_a_thousand_packs_and_the_technology() {
    let (mut world, silo) = site(true);
    let (satellite, science) = (item("satellite"), item("space-science-pack"));
    let space = vanilla().technology("space-science-pack").unwrap();
    assert_eq!(world.insert_by_hand(silo, satellite, 2), 1, "one at a time");
    assert_eq!(world.room_by_inserter(silo.slot, satellite), 0);
    give_parts(&mut world, silo, 100);
    ticks_to(&mut world, silo, Stage::LightsClosing);
    assert_eq!(world.rockets_launched(), 1);
    assert_eq!(world.rockets.launched(satellite), 1);
    let pad = world.rockets.pads[0];
    let entity = world.entity(pad).unwrap();
    assert_eq!(
        crate::sim::inventory::count_in(world.slots(entity).contents, science),
        1_000
    );
    assert_eq!(world.production.items_made(science), 1_000);
    assert_eq!(world.production.items_used(satellite), 1);
    assert_eq!(world.room_by_inserter(silo.slot, satellite), 1);
    assert_eq!(world.room_by_inserter(pad.slot, science), 0);
    assert!(world.offered_to_inserter(pad.slot, &mut |_| true).is_some());
    run(&mut world, 60);
    assert!(world.force.is_researched(space));
}

#[test]
fn without_a_landing_pad_no_rocket_leaves() {
    let (mut world, silo) = site(false);
    world.insert_by_hand(silo, item("satellite"), 1);
    give_parts(&mut world, silo, 100);
    ticks_to(&mut world, silo, Stage::Ready);
    assert_eq!(world.launch_rocket(silo), Err(LaunchRefusal::NoLandingPad));
    run(&mut world, 2_000);
    assert_eq!(stage(&world, silo), Stage::Ready);
    let pad = vanilla().entity("cargo-landing-pad").unwrap();
    let pad = world.add_entity(pad, MapPos::from_tiles(20.0, 0.5), Direction::NORTH);
    assert_eq!(world.launch_rocket(pad), Err(LaunchRefusal::NoSilo));
    ticks_to(&mut world, silo, Stage::LightsClosing);
    assert_eq!(world.rockets_launched(), 1);
}

#[test]
fn what_finds_no_room_in_the_pads_is_lost() {
    let (mut world, silo) = site(true);
    let science = item("space-science-pack");
    let pad = world.rockets.pads[0];
    let filled = world.insert_by_hand(pad, item("coal"), 79 * 50);
    assert_eq!(filled, 79 * 50);
    world.insert_by_hand(pad, science, 1_400);
    world.insert_by_hand(silo, item("satellite"), 1);
    give_parts(&mut world, silo, 100);
    ticks_to(&mut world, silo, Stage::LightsClosing);
    let entity = world.entity(pad).unwrap();
    let held = crate::sim::inventory::count_in(world.slots(entity).contents, science);
    assert_eq!(held, 2_000);
    assert_eq!(world.production.items_used(science), 400);
}

#[test]
fn the_launch_takes_the_additional_power_and_waits_without_it() {
    let (mut world, silo) = site(true);
    let facts = vanilla().entity("rocket-silo").unwrap();
    let crafter = world.rockets.silo(silo.slot).unwrap().crafter;
    world.crafters.get_mut(crafter).unwrap().energy = Energy::of(&vanilla()[facts]);
    give_parts(&mut world, silo, 100);
    ticks_to(&mut world, silo, Stage::DoorsOpening);
    run(&mut world, 500);
    assert_eq!(stage(&world, silo), Stage::DoorsOpening, "doors need power");
    let substation = vanilla().entity("substation").unwrap();
    world.add_entity(substation, MapPos::from_tiles(7.0, 1.0), Direction::NORTH);
    world.settle();
    run(&mut world, 3);
    let stats = world.network_at(silo).unwrap().stats;
    let drain_watts = 250_000.0 / 30.0;
    assert!((stats.demand_joules * 60.0 - (3_990_000.0 + drain_watts)).abs() < 1.0);
}

#[test]
fn a_silo_comes_through_a_snapshot_with_its_rocket() {
    let (mut world, silo) = site(true);
    world.insert_by_hand(silo, item("satellite"), 1);
    give_parts(&mut world, silo, 100);
    run(&mut world, 700);
    let mut copy = World::restore(&world.snapshot()).unwrap();
    run(&mut world, 3_000);
    run(&mut copy, 3_000);
    assert_eq!(copy.rockets_launched(), 1);
    assert_eq!(copy.digest(), world.digest());
}

#[test]
fn a_silo_that_is_taken_up_gives_its_cargo_back() {
    let (mut world, silo) = site(true);
    world.insert_by_hand(silo, item("satellite"), 1);
    let entity = world.entity(silo).unwrap();
    assert_eq!(
        world.contents_of(entity),
        [ItemStack {
            item: item("satellite"),
            count: 1
        }]
    );
    world.remove_entity(silo);
    assert!(world.rockets.silo(silo.slot).is_none());
}
