//! Modules and beacons.

use super::support::{add, crafter, empty, feed, item, machine, world};
use crate::contract::action::RejectReason;
use crate::prototypes::vanilla;
use crate::sim::entity::{EntityRef, Target};
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

fn fill(world: &mut World, entity: EntityRef, module: &str, count: u32) {
    for _ in 0..count {
        world.insert_module(entity, item(module)).unwrap();
    }
}

/// Adds `count` beacons round a machine at the origin, each with two modules.
fn surround(world: &mut World, count: usize, module: &str) -> Vec<EntityRef> {
    let places = [
        (-4.5, -4.5),
        (-1.5, -4.5),
        (1.5, -4.5),
        (4.5, -4.5),
        (-4.5, 4.5),
        (-1.5, 4.5),
        (1.5, 4.5),
        (4.5, 4.5),
    ];
    let beacons: Vec<EntityRef> = places[..count]
        .iter()
        .map(|(x, y)| {
            let beacon = add(world, "beacon", *x, *y);
            fill(world, beacon, module, 2);
            beacon
        })
        .collect();
    tick(world);
    beacons
}

fn speed(world: &World, machine: EntityRef) -> f64 {
    crafter(world, machine).crafting_speed()
}

fn is_near(found: f64, expected: f64) -> bool {
    (found / expected - 1.0).abs() < 1e-9
}

#[test]
fn asm_mod_speed3_four_modules_make_3_75() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-3", "iron-gear-wheel");
    fill(&mut world, machine, "speed-module-3", 4);
    assert!(is_near(speed(&world, machine), 3.75));
    assert_eq!(
        world.insert_module(machine, item("speed-module-3")),
        Err(RejectReason::Full)
    );
    // 375 kW, +70 % four times.
    let joules = crafter(&world, machine).joules_per_tick();
    assert!(is_near(joules, 375_000.0 / 60.0 * 3.8));
}

#[test]
fn asm_mod_prod3_four_modules_make_140_gears_of_100_crafts() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-3", "iron-gear-wheel");
    fill(&mut world, machine, "productivity-module-3", 4);
    assert!(is_near(speed(&world, machine), 1.25 * 0.4));
    for _ in 0..6_000 {
        feed(&mut world, machine);
        tick(&mut world);
        empty(&mut world, machine);
    }
    let made = world.produced(item("iron-gear-wheel"));
    assert!((139..=141).contains(&made), "{made}");
    let used = world.production.items_used(item("iron-plate"));
    assert!((200..=202).contains(&used), "{used}");
}

#[test]
fn asm_beacons_add_up_by_their_profile() {
    for (count, expected, tolerance) in [(1, 3.125, 1e-9), (8, 6.5525, 0.005)] {
        let mut world = world();
        let machine = machine(&mut world, "assembling-machine-3", "iron-gear-wheel");
        surround(&mut world, count, "speed-module-3");
        let found = speed(&world, machine);
        assert!(
            (found / expected - 1.0).abs() <= tolerance,
            "{count} beacons: {found}"
        );
    }
}

#[test]
fn beacons_stop_acting_when_they_are_emptied_unpowered_or_gone() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-3", "iron-gear-wheel");
    let beacons = surround(&mut world, 2, "speed-module");
    // The second entry of the beacon's profile, as the data has it.
    let share = 1.5
        * vanilla()[vanilla().entity("beacon").unwrap()]
            .beacon
            .as_ref()
            .unwrap()
            .profile[1];
    assert!(is_near(
        speed(&world, machine),
        1.25 * (1.0 + 4.0 * 0.2 * share)
    ));
    assert_eq!(world.take_modules(beacons[0], |_| false).len(), 2);
    assert!(is_near(
        speed(&world, machine),
        1.25 * (1.0 + 2.0 * 0.2 * 1.5)
    ));
    world.remove_entity(beacons[1]);
    assert!(is_near(speed(&world, machine), 1.25));
    fill(&mut world, beacons[0], "speed-module", 2);
    assert!(is_near(speed(&world, machine), 1.25 * 1.6));
    let crate::sim::entity::Body::Beacon(index) = world.entity(beacons[0]).unwrap().body else {
        panic!("it is a beacon");
    };
    let facts = world.entity(beacons[0]).unwrap().prototype();
    world.beacons.get_mut(index).unwrap().energy = crate::sim::energy::Energy::of(facts);
    run(&mut world, 2);
    assert!(is_near(speed(&world, machine), 1.25), "off the grid");
}

#[test]
fn modules_go_only_where_their_effects_are_allowed() {
    let mut world = world();
    let beacon = add(&mut world, "beacon", 8.5, 0.5);
    let simple = add(&mut world, "assembling-machine-1", -8.5, 0.5);
    let belts = machine(&mut world, "assembling-machine-3", "transport-belt");
    let productivity = item("productivity-module");
    for (entity, reason) in [
        (beacon, RejectReason::WrongItem),
        (simple, RejectReason::WrongTarget),
        (belts, RejectReason::WrongItem),
    ] {
        assert_eq!(world.insert_module(entity, productivity), Err(reason));
    }
    assert_eq!(
        world.insert_module(belts, item("iron-plate")),
        Err(RejectReason::WrongItem)
    );
    world.insert_module(belts, item("speed-module")).unwrap();
}

#[test]
fn efficiency_saves_at_most_four_fifths() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-3", "iron-gear-wheel");
    fill(&mut world, machine, "efficiency-module-3", 4);
    assert!(is_near(
        crafter(&world, machine).joules_per_tick(),
        375_000.0 / 60.0 * 0.2
    ));
}

#[test]
fn modules_come_back_when_the_machine_is_mined() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-3", "iron-gear-wheel");
    fill(&mut world, machine, "speed-module-3", 3);
    let command = crate::sim::command::Command::Mine(Target::Entity(machine));
    crate::sim::command::apply(&mut world, &command).unwrap();
    run(&mut world, 60);
    assert!(world.entity(machine).is_none());
    assert_eq!(world.character.inventory.count(item("speed-module-3")), 3);
    assert!(world.module_slots(machine.slot).is_empty());
}

#[test]
fn a_restored_world_goes_on_as_the_original() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-3", "iron-gear-wheel");
    surround(&mut world, 3, "speed-module-2");
    fill(&mut world, machine, "productivity-module", 4);
    feed(&mut world, machine);
    run(&mut world, 33);
    let mut restored = World::restore(&world.snapshot()).unwrap();
    run(&mut world, 200);
    run(&mut restored, 200);
    assert_eq!(restored.digest(), world.digest());
    assert!(world.produced(item("iron-gear-wheel")) > 3);
}
