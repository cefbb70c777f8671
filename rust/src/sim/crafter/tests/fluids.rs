//! Recipes with fluids. Pipes are left out: what goes in and out of the boxes is moved by hand.

use super::support::{add, crafter, feed, item, machine, recipe, world};
use crate::contract::codes::Status;
use crate::prototypes::{FluidId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

fn fluid(name: &str) -> FluidId {
    vanilla().fluid(name).unwrap()
}

fn fluid_box(world: &World, machine: EntityRef, name: &str, is_input: bool) -> u32 {
    let makes = crafter(world, machine).recipe.unwrap();
    world
        .fluids
        .recipe_box(machine.slot, makes, fluid(name), is_input)
        .unwrap()
}

/// Fills a fluid ingredient up; returns how much went in.
fn pour(world: &mut World, machine: EntityRef, name: &str, limit: f64) -> f64 {
    let index = fluid_box(world, machine, name, true);
    let poured = world.fluids.put(index, fluid(name), limit, 25.0);
    let reference = machine;
    world.wake(reference);
    poured
}

/// Takes a fluid product out; returns how much there was.
fn drain(world: &mut World, machine: EntityRef, name: &str) -> f64 {
    let index = fluid_box(world, machine, name, false);
    world.wake(machine);
    world.fluids.take(index, f64::INFINITY)
}

/// Runs a machine for 100 s after a warm-up and returns the rates of `fluids_in`, `fluids_out`, items made.
fn rates(
    name: &str,
    makes: &str,
    fluids_in: &[&str],
    fluids_out: &[&str],
) -> (Vec<f64>, Vec<f64>, World) {
    let mut world = world();
    let machine = machine(&mut world, name, makes);
    let mut before = Vec::new();
    for second in 0..110 {
        if second == 10 {
            before = fluids_in
                .iter()
                .map(|n| world.production.fluids_used(fluid(n)))
                .collect();
            before.extend(
                fluids_out
                    .iter()
                    .map(|n| world.production.fluids_made(fluid(n))),
            );
        }
        for _ in 0..60 {
            for name in fluids_in {
                pour(&mut world, machine, name, f64::INFINITY);
            }
            feed(&mut world, machine);
            tick(&mut world);
            for name in fluids_out {
                drain(&mut world, machine, name);
            }
            super::support::empty(&mut world, machine);
        }
    }
    let used = fluids_in
        .iter()
        .zip(&before)
        .map(|(n, then)| (world.production.fluids_used(fluid(n)) - then) / 100.0)
        .collect();
    let made = fluids_out
        .iter()
        .zip(&before[fluids_in.len()..])
        .map(|(n, then)| (world.production.fluids_made(fluid(n)) - then) / 100.0)
        .collect();
    (used, made, world)
}

fn assert_near(found: &[f64], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found / expected - 1.0).abs() <= 0.005,
            "{found} for {expected}"
        );
    }
}

#[test]
fn fld_basic_turns_20_crude_into_9_petroleum_a_second() {
    let (used, made, _) = rates(
        "oil-refinery",
        "basic-oil-processing",
        &["crude-oil"],
        &["petroleum-gas"],
    );
    assert_near(&used, &[20.0]);
    assert_near(&made, &[9.0]);
}

#[test]
fn fld_adv_gives_5_9_11_a_second() {
    let (used, made, _) = rates(
        "oil-refinery",
        "advanced-oil-processing",
        &["crude-oil", "water"],
        &["heavy-oil", "light-oil", "petroleum-gas"],
    );
    assert_near(&used, &[20.0, 10.0]);
    assert_near(&made, &[5.0, 9.0, 11.0]);
}

#[test]
fn fld_crack_uses_20_heavy_or_15_light_a_second() {
    for (makes, from, to, used, made) in [
        ("heavy-oil-cracking", "heavy-oil", "light-oil", 20.0, 15.0),
        (
            "light-oil-cracking",
            "light-oil",
            "petroleum-gas",
            15.0,
            10.0,
        ),
    ] {
        let (found_used, found_made, _) = rates("chemical-plant", makes, &[from, "water"], &[to]);
        assert_near(&found_used, &[used, 15.0]);
        assert_near(&found_made, &[made]);
    }
}

#[test]
fn fld_plastic_takes_one_coal_and_20_petroleum_for_two_bars_a_second() {
    let (used, _, world) = rates("chemical-plant", "plastic-bar", &["petroleum-gas"], &[]);
    assert_near(&used, &[20.0]);
    let coal = world.production.items_used(item("coal")) as f64 / 110.0;
    let bars = world.produced(item("plastic-bar")) as f64 / 110.0;
    assert!((coal - 1.0).abs() <= 0.015, "{coal}");
    assert!((bars - 2.0).abs() <= 0.03, "{bars}");
}

#[test]
fn fld_acid_makes_50_a_second() {
    let (_, made, _) = rates(
        "chemical-plant",
        "sulfuric-acid",
        &["water"],
        &["sulfuric-acid"],
    );
    assert_near(&made, &[50.0]);
}

#[test]
fn fld_205017_refineries_and_crackers_make_390_petroleum_a_second() {
    let mut world = world();
    let mut place = (-30.0, -30.0);
    let mut row = |world: &mut World, name: &str, makes: &str, count: usize| -> Vec<EntityRef> {
        (0..count)
            .map(|_| {
                let machine = add(world, name, place.0 + 0.5, place.1 + 0.5);
                world.set_recipe(machine, recipe(makes)).unwrap();
                place.0 += 6.0;
                if place.0 > 28.0 {
                    place = (-30.0, place.1 + 6.0);
                }
                machine
            })
            .collect()
    };
    let refineries = row(&mut world, "oil-refinery", "advanced-oil-processing", 20);
    let heavy = row(&mut world, "chemical-plant", "heavy-oil-cracking", 5);
    let light = row(&mut world, "chemical-plant", "light-oil-cracking", 17);
    // What is between the machines: heavy and light oil.
    let (mut heavy_oil, mut light_oil, mut before) = (0.0, 0.0, 0.0);
    let gas = fluid("petroleum-gas");
    for second in 0..400 {
        if second == 300 {
            before = world.production.fluids_made(gas);
        }
        for _ in 0..60 {
            for refinery in &refineries {
                pour(&mut world, *refinery, "crude-oil", f64::INFINITY);
                pour(&mut world, *refinery, "water", f64::INFINITY);
                heavy_oil += drain(&mut world, *refinery, "heavy-oil");
                light_oil += drain(&mut world, *refinery, "light-oil");
                drain(&mut world, *refinery, "petroleum-gas");
            }
            for cracker in &heavy {
                pour(&mut world, *cracker, "water", f64::INFINITY);
                heavy_oil -= pour(&mut world, *cracker, "heavy-oil", heavy_oil);
                light_oil += drain(&mut world, *cracker, "light-oil");
            }
            for cracker in &light {
                pour(&mut world, *cracker, "water", f64::INFINITY);
                light_oil -= pour(&mut world, *cracker, "light-oil", light_oil);
                drain(&mut world, *cracker, "petroleum-gas");
            }
            tick(&mut world);
        }
    }
    let rate = (world.production.fluids_made(gas) - before) / 100.0;
    assert!((rate / 390.0 - 1.0).abs() <= 0.01, "{rate}");
}

#[test]
fn a_machine_waits_for_fluid_and_for_room_and_wakes_by_itself() {
    let mut world = world();
    let machine = machine(&mut world, "oil-refinery", "basic-oil-processing");
    run(&mut world, 2);
    assert_eq!(crafter(&world, machine).status, Status::NoIngredients);
    assert_eq!(world.awake_count(), 0);
    for _ in 0..10_000 {
        let index = fluid_box(&world, machine, "crude-oil", true);
        world.fluids.put(index, fluid("crude-oil"), 200.0, 25.0);
        if world.tick == 10 {
            world.wake(machine);
        }
        tick(&mut world);
    }
    assert_eq!(crafter(&world, machine).status, Status::Full);
    assert_eq!(world.awake_count(), 0);
    let held = world
        .fluids
        .amount(fluid_box(&world, machine, "petroleum-gas", false));
    assert!(held > 45.0 && held % 45.0 == 0.0, "{held}");
}

#[test]
fn an_input_box_holds_two_crafts() {
    let mut world = world();
    let machine = machine(&mut world, "oil-refinery", "advanced-oil-processing");
    assert!((pour(&mut world, machine, "crude-oil", 1e9) - 200.0).abs() < 1e-9);
    assert!((pour(&mut world, machine, "water", 1e9) - 100.0).abs() < 1e-9);
}

#[test]
fn a_restored_refinery_goes_on() {
    let mut world = world();
    let machine = machine(&mut world, "oil-refinery", "basic-oil-processing");
    pour(&mut world, machine, "crude-oil", 200.0);
    run(&mut world, 100);
    let mut restored = World::restore(&world.snapshot()).unwrap();
    run(&mut world, 700);
    run(&mut restored, 700);
    assert_eq!(restored.digest(), world.digest());
    assert!((world.production.fluids_made(fluid("petroleum-gas")) - 90.0).abs() < 1e-9);
}
