//! How long crafts take and when machines stop.

use super::support::{add, crafter, empty, feed, item, machine, recipe, world};
use crate::contract::codes::Status;
use crate::sim::entity::EntityRef;
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

/// Runs a machine that is fed and emptied every tick and returns the ticks at which its product count rose.
fn completions(world: &mut World, machine: EntityRef, product: &str, ticks: u32) -> Vec<u64> {
    let mut known = 0;
    let mut at = Vec::new();
    for _ in 0..ticks {
        feed(world, machine);
        tick(world);
        empty(world, machine);
        let made = world.produced(item(product));
        if made > known {
            at.push(world.tick);
            known = made;
        }
    }
    at
}

fn steady_ticks(at: &[u64]) -> f64 {
    (at[at.len() - 1] - at[0]) as f64 / (at.len() - 1) as f64
}

#[test]
fn asm_gears_take_60_40_24_ticks() {
    for (name, expected) in [
        ("assembling-machine-1", 60.0),
        ("assembling-machine-2", 40.0),
        ("assembling-machine-3", 24.0),
    ] {
        let mut world = world();
        let machine = machine(&mut world, name, "iron-gear-wheel");
        let at = completions(&mut world, machine, "iron-gear-wheel", 6_000);
        let steady = steady_ticks(&at);
        assert!((steady - expected).abs() <= 0.05, "{name}: {steady}");
    }
}

#[test]
fn asm_science_packs_take_10_and_8_seconds() {
    for (name, makes, expected) in [
        ("assembling-machine-1", "automation-science-pack", 10.0),
        ("assembling-machine-2", "logistic-science-pack", 8.0),
    ] {
        let mut world = world();
        let machine = machine(&mut world, name, makes);
        let at = completions(&mut world, machine, makes, 12_000);
        let seconds = steady_ticks(&at) / 60.0;
        assert!(
            (seconds / expected - 1.0).abs() <= 0.005,
            "{makes}: {seconds}"
        );
    }
}

#[test]
fn asm_stops_at_a_full_stack_of_its_product() {
    for (makes, expected) in [
        ("iron-gear-wheel", 100),
        ("copper-cable", 200),
        ("pipe", 100),
    ] {
        let mut world = world();
        let machine = machine(&mut world, "assembling-machine-2", makes);
        for _ in 0..8_000 {
            feed(&mut world, machine);
            tick(&mut world);
        }
        assert_eq!(world.produced(item(makes)), expected);
        assert_eq!(crafter(&world, machine).status, Status::Full);
        run(&mut world, 1);
        assert_eq!(world.awake_count(), 0, "a full machine sleeps");
        empty(&mut world, machine);
        run(&mut world, 41);
        assert!(
            world.produced(item(makes)) > expected,
            "it wakes when it is emptied"
        );
    }
}

#[test]
fn fur_electric_and_steel_plates_take_96_ticks() {
    for name in ["electric-furnace", "steel-furnace"] {
        let mut world = world();
        let furnace = add(&mut world, name, 0.5, 0.5);
        let mut last = 0;
        let mut gaps = Vec::new();
        for _ in 0..2_000 {
            world.insert_by_hand(furnace, item("iron-ore"), 50);
            let known = world.produced(item("iron-plate"));
            tick(&mut world);
            if world.produced(item("iron-plate")) > known {
                gaps.push(world.tick - last);
                last = world.tick;
            }
        }
        assert_eq!(&gaps[1..5], [96, 96, 96, 96], "{name}");
    }
}

#[test]
fn asm_status_says_what_is_missing() {
    let mut world = world();
    let machine = add(&mut world, "assembling-machine-2", 0.5, 0.5);
    tick(&mut world);
    assert_eq!(crafter(&world, machine).status, Status::NoRecipe);
    world
        .set_recipe(machine, recipe("iron-gear-wheel"))
        .unwrap();
    tick(&mut world);
    assert_eq!(crafter(&world, machine).status, Status::NoIngredients);
    assert_eq!(world.awake_count(), 0);
    world.insert_by_hand(machine, item("iron-plate"), 2);
    tick(&mut world);
    assert_eq!(crafter(&world, machine).status, Status::Working);
    run(&mut world, 40);
    assert_eq!(crafter(&world, machine).status, Status::NoIngredients);
    assert_eq!(world.produced(item("iron-gear-wheel")), 1);
    assert_eq!(world.production.items_used(item("iron-plate")), 2);
}

#[test]
fn asm_without_power_takes_no_ingredients() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-1", "iron-gear-wheel");
    let prototype = world.entity(machine).unwrap().prototype();
    let crate::sim::entity::Body::Crafter(index) = world.entity(machine).unwrap().body else {
        panic!("it crafts");
    };
    world.crafters.get_mut(index).unwrap().energy = crate::sim::energy::Energy::of(prototype);
    feed(&mut world, machine);
    run(&mut world, 5);
    let crafter = crafter(&world, machine);
    assert_eq!(crafter.status, Status::NoPower);
    assert!(!crafter.is_crafting);
    assert_eq!(crafter.inputs[0].unwrap().count, 100);
}
