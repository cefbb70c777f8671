//! Electricity and pollution of crafting machines, on a network with a steam engine.

use super::support::{add, crafter, item, recipe, world};
use crate::contract::codes::Status;
use crate::prototypes::vanilla;
use crate::sim::energy::Energy;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::position::{Direction, MapPos};
use crate::sim::tick::run;
use crate::sim::world::World;

fn build(world: &mut World, name: &str, x: f64, y: f64) -> EntityRef {
    let prototype = vanilla().entity(name).unwrap();
    let reference = world.add_entity(prototype, MapPos::from_tiles(x, y), Direction::NORTH);
    world.settle();
    reference
}

/// Makes a world with a steam engine of 900 kW for a while, a pole and a machine on it.
fn powered(name: &str) -> (World, EntityRef, EntityRef) {
    let mut world = world();
    let machine = build(&mut world, name, 0.5, 0.5);
    let pole = build(&mut world, "medium-electric-pole", 2.5, 0.5);
    let engine = build(&mut world, "steam-engine", 4.5, 0.5);
    let steam = vanilla().fluid("steam").unwrap();
    world.put_fluid(engine, steam, 200.0, Some(165.0));
    run(&mut world, 2);
    (world, machine, pole)
}

fn demand_watts(world: &World, pole: EntityRef) -> f64 {
    world.network_at(pole).unwrap().stats.demand_joules * 60.0
}

#[test]
fn asm_power_working_and_idle() {
    for (name, working, idle) in [
        ("assembling-machine-1", 77_500.0, 2_500.0),
        ("assembling-machine-2", 155_000.0, 5_000.0),
        ("assembling-machine-3", 387_500.0, 12_500.0),
    ] {
        let (mut world, machine, pole) = powered(name);
        let found = demand_watts(&world, pole);
        assert!((found - idle).abs() < 1e-6, "{name} idle: {found}");
        world
            .set_recipe(machine, recipe("iron-gear-wheel"))
            .unwrap();
        world.insert_by_hand(machine, item("iron-plate"), 100);
        run(&mut world, 30);
        assert_eq!(crafter(&world, machine).status, Status::Working);
        let found = demand_watts(&world, pole);
        assert!((found - working).abs() <= 100.0, "{name} working: {found}");
    }
}

#[test]
fn machines_slow_down_when_power_is_short_and_stop_without() {
    let (mut world, machine, _) = powered("assembling-machine-3");
    // Three more at 387.5 kW: 900 of 1,550 kW are there.
    for x in [0.5, 4.5, 8.5] {
        let other = build(&mut world, "assembling-machine-3", x, -4.5);
        world.set_recipe(other, recipe("iron-gear-wheel")).unwrap();
        world.insert_by_hand(other, item("iron-plate"), 100);
    }
    build(&mut world, "medium-electric-pole", 4.5, -2.5);
    world
        .set_recipe(machine, recipe("iron-gear-wheel"))
        .unwrap();
    world.insert_by_hand(machine, item("iron-plate"), 100);
    run(&mut world, 100);
    let before = crafter(&world, machine).progress();
    assert_eq!(crafter(&world, machine).status, Status::LowPower);
    run(&mut world, 1);
    let gained = (crafter(&world, machine).progress() - before).rem_euclid(1.0);
    let satisfaction: f64 = 900.0 / 1_550.0;
    let share = (satisfaction * 387.5 - 12.5) / 375.0;
    assert!((gained / (share / 24.0) - 1.0).abs() < 1e-6, "{gained}");
    run(&mut world, 2_000);
    assert_eq!(
        crafter(&world, machine).status,
        Status::NoPower,
        "the steam is used up"
    );
}

#[test]
fn a_machine_without_a_network_sleeps_until_a_pole_is_built() {
    let (mut world, _, pole) = powered("assembling-machine-1");
    let far = build(&mut world, "assembling-machine-1", 8.5, 6.5);
    world.set_recipe(far, recipe("iron-gear-wheel")).unwrap();
    world.insert_by_hand(far, item("iron-plate"), 100);
    run(&mut world, 10);
    assert_eq!(crafter(&world, far).status, Status::NoPower);
    assert!(crafter(&world, far).asleep);
    assert_eq!(crafter(&world, far).inputs[0].unwrap().count, 100);
    build(&mut world, "medium-electric-pole", 6.5, 4.5);
    run(&mut world, 3);
    assert_eq!(crafter(&world, far).status, Status::Working);
    assert!(demand_watts(&world, pole) > 77_000.0);
}

#[test]
fn pol_machines_pollute_only_while_they_work() {
    for (name, feed, per_minute) in [
        ("stone-furnace", "iron-ore", 2.0),
        ("steel-furnace", "iron-ore", 4.0),
        ("electric-furnace", "iron-ore", 1.0),
        ("assembling-machine-1", "iron-plate", 4.0),
        ("assembling-machine-2", "iron-plate", 3.0),
        ("assembling-machine-3", "iron-plate", 2.0),
    ] {
        let mut world = world();
        let machine = add(&mut world, name, 0.5, 0.5);
        if name.starts_with("assembling") {
            world.set_recipe(machine, recipe("pipe")).unwrap();
        }
        run(&mut world, 600);
        assert!(world.pollution.produced() == 0.0, "{name} idle");
        for _ in 0..3_600 {
            world.insert_by_hand(machine, item(feed), 50);
            crate::sim::tick::tick(&mut world);
            super::support::empty(&mut world, machine);
        }
        let found = world.pollution.produced();
        assert!((found / per_minute - 1.0).abs() <= 0.01, "{name}: {found}");
    }
}

#[test]
fn modules_change_pollution_with_energy() {
    let mut world = world();
    let machine = add(&mut world, "assembling-machine-3", 0.5, 0.5);
    world
        .set_recipe(machine, recipe("iron-gear-wheel"))
        .unwrap();
    for _ in 0..4 {
        world
            .insert_module(machine, item("productivity-module-3"))
            .unwrap();
    }
    for _ in 0..3_600 {
        super::support::feed(&mut world, machine);
        crate::sim::tick::tick(&mut world);
        super::support::empty(&mut world, machine);
    }
    // 2 a minute, +80 % energy and +10 % pollution four times.
    let expected = 2.0 * 4.2 * 1.4;
    let found = world.pollution.produced();
    assert!((found / expected - 1.0).abs() <= 0.01, "{found}");
    let Body::Crafter(index) = world.entity(machine).unwrap().body else {
        panic!("it crafts");
    };
    assert!(matches!(
        world.crafters.get(index).unwrap().energy,
        Energy::Void
    ));
}
