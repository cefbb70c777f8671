//! What inserters bring to machines that do not work.

use super::support::{add, crafter, item, machine, world};
use crate::sim::entity::EntityRef;
use crate::sim::inventory::ItemStack;
use crate::sim::world::World;

/// Brings one item after another until the machine wants no more, and returns how many went in.
fn brought(world: &mut World, machine: EntityRef, name: &str) -> u32 {
    let stack = ItemStack {
        item: item(name),
        count: 1,
    };
    let mut count = 0;
    while world.room_by_inserter(machine.slot, stack.item) > 0 {
        count += world.insert_by_inserter(machine.slot, stack);
        assert!(count < 1_000, "there is a limit");
    }
    count
}

/// Machine, recipe, and how many of each ingredient inserters bring.
type Case = (&'static str, &'static str, &'static [(&'static str, u32)]);

#[test]
fn ins_limits_of_ingredients() {
    let cases: [Case; 7] = [
        (
            "assembling-machine-1",
            "iron-gear-wheel",
            &[("iron-plate", 6)],
        ),
        (
            "assembling-machine-2",
            "engine-unit",
            &[("steel-plate", 2), ("iron-gear-wheel", 2), ("pipe", 4)],
        ),
        (
            "assembling-machine-3",
            "copper-cable",
            &[("copper-plate", 4)],
        ),
        (
            "assembling-machine-2",
            "electronic-circuit",
            &[("iron-plate", 3), ("copper-cable", 9)],
        ),
        (
            "assembling-machine-3",
            "iron-gear-wheel",
            &[("iron-plate", 8)],
        ),
        (
            "assembling-machine-1",
            "automation-science-pack",
            &[("copper-plate", 2), ("iron-gear-wheel", 2)],
        ),
        (
            "assembling-machine-2",
            "advanced-circuit",
            &[
                ("electronic-circuit", 4),
                ("plastic-bar", 4),
                ("copper-cable", 8),
            ],
        ),
    ];
    for (name, makes, expected) in cases {
        let mut world = world();
        let machine = machine(&mut world, name, makes);
        for (ingredient, count) in expected {
            let found = brought(&mut world, machine, ingredient);
            assert_eq!(found, *count, "{ingredient} for {makes} in {name}");
        }
        assert_eq!(brought(&mut world, machine, "wood"), 0);
    }
}

#[test]
fn ins_limits_of_furnaces() {
    for (ore, expected) in [
        ("iron-ore", 2),
        ("stone", 4),
        ("iron-plate", 10),
        ("coal", 5),
    ] {
        let mut world = world();
        let prototype = crate::prototypes::vanilla()
            .entity("stone-furnace")
            .unwrap();
        let place = crate::sim::position::MapPos::from_tiles(1.0, 1.0);
        let north = crate::sim::position::Direction::NORTH;
        let furnace = world.add_entity(prototype, place, north);
        assert_eq!(brought(&mut world, furnace, ore), expected, "{ore}");
    }
}

#[test]
fn inserters_stop_feeding_once_enough_lies_in_the_output() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-1", "iron-gear-wheel");
    world.insert_by_hand(machine, item("iron-plate"), 100);
    crate::sim::tick::run(&mut world, 60 * 3 + 1);
    assert_eq!(crafter(&world, machine).outputs[0].unwrap().count, 3);
    let plates = crafter(&world, machine).inputs[0].unwrap().count;
    world.take_by_inserter(machine.slot, item("iron-gear-wheel"), 0);
    assert_eq!(world.room_by_inserter(machine.slot, item("iron-plate")), 0);
    // What is there is still worked up.
    crate::sim::tick::run(&mut world, 60);
    assert_eq!(
        crafter(&world, machine).inputs[0].unwrap().count,
        plates - 2
    );
}

#[test]
fn drl_furnace_cap_grows_with_the_hand_of_bulk_inserters() {
    for (bonus, expected) in [(0, 54), (2, 62)] {
        let mut world = world();
        world.force.bonuses.bulk_inserter_capacity = bonus;
        let prototype = crate::prototypes::vanilla()
            .entity("stone-furnace")
            .unwrap();
        let place = crate::sim::position::MapPos::from_tiles(1.0, 1.0);
        let north = crate::sim::position::Direction::NORTH;
        let furnace = world.add_entity(prototype, place, north);
        let mut count = 0;
        while world.insert_by_machine(furnace.slot, item("iron-ore")) {
            count += 1;
        }
        assert_eq!(count, expected);
    }
}

#[test]
fn a_full_hand_goes_in_beyond_the_limit() {
    let mut world = world();
    let machine = add(&mut world, "electric-furnace", 0.5, 0.5);
    let stack = ItemStack {
        item: item("iron-ore"),
        count: 12,
    };
    assert_eq!(world.room_by_inserter(machine.slot, stack.item), 2);
    assert_eq!(world.insert_by_inserter(machine.slot, stack), 12);
    assert_eq!(world.room_by_inserter(machine.slot, stack.item), 0);
}
