//! Oil fields, and ore that takes a fluid.

use super::support::{build, count, drill, electric, field, item, lay, world};
use crate::contract::codes::Status;
use crate::prototypes::{FluidId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::position::{Direction, TilePos};
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

fn fluid(name: &str) -> FluidId {
    vanilla().fluid(name).unwrap()
}

/// Runs a pumpjack whose box is emptied every tick and returns the crude oil of a second.
fn crude_per_second(world: &mut World, pumpjack: EntityRef, seconds: u32) -> f64 {
    let crude = fluid("crude-oil");
    let before = world.production.fluids_made(crude);
    for _ in 0..seconds * 60 {
        tick(world);
        let fluid_box = world.fluids.boxes_of(pumpjack.slot)[0];
        world.fluids.take(fluid_box, f64::INFINITY);
    }
    (world.production.fluids_made(crude) - before) / f64::from(seconds)
}

#[test]
fn drl_pumpjack_gives_10_a_second_on_a_full_field() {
    let mut world = world();
    lay(&mut world, 0, 0, "crude-oil", 300_000);
    let pumpjack = build(&mut world, "pumpjack", 0.5, 0.5, Direction::NORTH);
    tick(&mut world);
    let rate = crude_per_second(&mut world, pumpjack, 20);
    assert!((rate / 10.0 - 1.0).abs() <= 0.005, "{rate}");
    let left = world.terrain.resource(TilePos::new(0, 0)).unwrap().amount;
    assert_eq!(left, 300_000 - 20 * 10, "ten off for every cycle");
}

#[test]
fn drl_pumpjack_min_is_a_fifth() {
    let mut world = world();
    lay(&mut world, 0, 0, "crude-oil", 60_025);
    let pumpjack = build(&mut world, "pumpjack", 0.5, 0.5, Direction::NORTH);
    run(&mut world, 1);
    crude_per_second(&mut world, pumpjack, 10);
    let left = world.terrain.resource(TilePos::new(0, 0)).unwrap().amount;
    assert_eq!(left, 60_000);
    let rate = crude_per_second(&mut world, pumpjack, 20);
    assert!((rate - 2.0).abs() < 1e-6, "{rate}");
}

#[test]
fn a_pumpjack_stops_when_its_box_is_full_and_wakes_when_oil_flows_off() {
    let mut world = world();
    lay(&mut world, 0, 0, "crude-oil", 3_000_000);
    let pumpjack = build(&mut world, "pumpjack", 0.5, 0.5, Direction::NORTH);
    // 100 a cycle into a box of 1,000.
    run(&mut world, 60 * 12);
    assert_eq!(drill(&world, pumpjack).status, Status::Full);
    assert_eq!(world.awake_count(), 0);
    let held = world.fluids.amount(world.fluids.boxes_of(pumpjack.slot)[0]);
    assert!(held > 900.0 && held <= 1_000.0, "{held}");
    // Its opening is north, on the right.
    build(&mut world, "pipe", 1.5, -1.5, Direction::NORTH);
    run(&mut world, 120);
    let total = world.fluids.total_amount(fluid("crude-oil"));
    assert!(total > held + 50.0, "{total}");
}

#[test]
fn uranium_takes_acid_and_the_technology() {
    let mut world = world();
    field(&mut world, "uranium-ore");
    let (reference, chest) = electric(&mut world);
    let acid = fluid("sulfuric-acid");
    run(&mut world, 10);
    assert_eq!(drill(&world, reference).status, Status::NoResources);
    world.force.bonuses.mining_with_fluid = true;
    run(&mut world, 10);
    assert_eq!(drill(&world, reference).status, Status::NoIngredients);
    assert_eq!(world.awake_count(), 0);
    assert!(world.put_fluid(reference, fluid("water"), 10.0, None) == 0.0);
    assert!((world.put_fluid(reference, acid, 5.5, None) - 5.5).abs() < 1e-9);
    // 2 s at 0.5 a second: 240 ticks an ore; one unit of acid each.
    run(&mut world, 245);
    assert_eq!(count(&world, chest, "uranium-ore"), 1);
    run(&mut world, 3_000);
    assert_eq!(count(&world, chest, "uranium-ore"), 5);
    assert_eq!(world.produced(item("uranium-ore")), 5);
    assert!((world.production.fluids_used(acid) - 5.0).abs() < 1e-9);
}

#[test]
fn a_burner_drill_leaves_uranium_and_oil_alone() {
    let mut world = world();
    field(&mut world, "uranium-ore");
    lay(&mut world, 0, 0, "crude-oil", 300_000);
    world.force.bonuses.mining_with_fluid = true;
    let burner = build(
        &mut world,
        "burner-mining-drill",
        0.0,
        0.0,
        Direction::NORTH,
    );
    world.insert_by_hand(burner, item("coal"), 5);
    run(&mut world, 500);
    assert_eq!(drill(&world, burner).status, Status::NoResources);
}
