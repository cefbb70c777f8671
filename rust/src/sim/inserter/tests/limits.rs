//! What inserters bring to machines, and where they stop.

use super::*;
use crate::sim::inventory::Slot;
use crate::sim::tick::run;

/// A chest of `items` north of (0, 0), an inserter there, and `machine` south of it; runs until nothing moves.
fn fed(machine: &str, direction: Direction, recipe: Option<&str>, items: &[(&str, u32)]) -> World {
    let id = vanilla().entity(machine).unwrap();
    let (width, height) = (vanilla()[id].tile_width, vanilla()[id].tile_height);
    let position = MapPos::from_tiles(
        if width % 2 == 1 { 0.5 } else { 1.0 },
        1.0 + f64::from(height) / 2.0,
    );
    let mut world = world(vec![
        chest((0, -1), items),
        entity("inserter", (0, 0), Direction::NORTH, &[]),
    ]);
    for index in 0..world.force.enabled_recipes.len() {
        world.force.enabled_recipes[index] = true;
    }
    let machine = world.add_entity(id, position, direction);
    world.settle();
    if let Some(recipe) = recipe {
        world
            .set_recipe(machine, vanilla().recipe(recipe).unwrap())
            .unwrap();
    }
    power_all(&mut world);
    run(&mut world, 3_000);
    assert_eq!(world.inserter_order.awake_count(), 0);
    assert_eq!(inserter_at(&world, (0, 0)).held, None, "it waits empty");
    world
}

fn held_in(world: &World, name: &str) -> u32 {
    let entity = world.entity_at(TilePos::new(0, 1)).unwrap();
    let slots = world.slots(entity);
    let groups: [&[Slot]; 4] = [slots.contents, slots.fuel, slots.source, slots.result];
    groups.iter().map(|group| count_in(group, item(name))).sum()
}

#[test]
fn ins_limits_of_furnaces_and_turrets() {
    let cases = [
        ("stone-furnace", "coal", 5),
        ("stone-furnace", "iron-ore", 2),
        ("stone-furnace", "stone", 4),
        ("stone-furnace", "iron-plate", 10),
        ("gun-turret", "firearm-magazine", 10),
        ("boiler", "coal", 5),
        ("burner-mining-drill", "coal", 5),
        ("burner-mining-drill", "iron-ore", 0),
    ];
    for (machine, name, limit) in cases {
        let world = fed(machine, Direction::NORTH, None, &[(name, 100)]);
        assert_eq!(held_in(&world, name), limit, "{name} in {machine}");
    }
}

#[test]
fn ins_limits_of_assembling_machines() {
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, u32)]);
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
    for (machine, recipe, limits) in cases {
        let items: Vec<(&str, u32)> = limits.iter().map(|(name, _)| (*name, 100)).collect();
        let world = fed(machine, Direction::NORTH, Some(recipe), &items);
        for (name, limit) in limits {
            assert_eq!(held_in(&world, name), *limit, "{name} for {recipe}");
        }
    }
}

#[test]
fn ins_leech_leaves_the_fuel_of_a_furnace() {
    let mut world = world(vec![
        entity("stone-furnace", (0, -1), Direction::NORTH, &[("coal", 5)]),
        entity("burner-inserter", (0, 0), Direction::NORTH, &[]),
        chest((0, 1), &[]),
    ]);
    run(&mut world, 500);
    let furnace = world.entity_at(TilePos::new(0, -1)).unwrap();
    // One coal burns or fills the buffer.
    assert!(count_in(world.slots(furnace).fuel, item("coal")) >= 4);
    assert_eq!(count_at(&world, (0, 1), "coal"), 0);
}

#[test]
fn room_in_a_working_furnace_is_filled_a_tick_after_it_appears() {
    let mut world = world(vec![
        chest((0, -1), &[("iron-ore", 50)]),
        entity("burner-inserter", (0, 0), Direction::NORTH, &[]),
        entity("stone-furnace", (0, 2), Direction::NORTH, &[("coal", 5)]),
    ]);
    let source = |world: &World| {
        let furnace = world.entity_at(TilePos::new(0, 1)).unwrap();
        count_in(world.slots(furnace).source, item("iron-ore"))
    };
    // Measured: the furnace takes its second ore in tick 240, the hand the next one in tick 241.
    run(&mut world, 239);
    assert_eq!(source(&world), 2);
    assert_eq!(inserter_at(&world, (0, 0)).held, None);
    tick(&mut world);
    assert_eq!(source(&world), 1);
    assert_eq!(inserter_at(&world, (0, 0)).held, None);
    tick(&mut world);
    assert!(inserter_at(&world, (0, 0)).held.is_some());
}

#[test]
fn an_inserter_brings_fuel_again_when_a_machine_has_lit_some() {
    let code = crate::contract::codes::code_of(&crate::contract::codes::RESOURCE_NAMES, "iron-ore");
    let mut things: Vec<SetupOp> = (0..4)
        .map(|n| SetupOp::Resource {
            tile: TilePos::new(n % 2, 1 + n / 2),
            code,
            amount: 1_000,
        })
        .collect();
    things.push(chest((0, -1), &[("coal", 50)]));
    things.push(entity("inserter", (0, 0), Direction::NORTH, &[]));
    things.push(entity("burner-mining-drill", (1, 2), Direction::SOUTH, &[]));
    things.extend([chest((0, 3), &[]), chest((1, 3), &[])]);
    let mut world = world(things);
    power_all(&mut world);
    run(&mut world, 10_000);
    // 150 kW for 166 s are six coal, and five lie in the slot again.
    let source = world.entity_at(TilePos::new(0, -1)).unwrap();
    let brought = 50 - count_in(world.slots(source).contents, item("coal"));
    assert!((11..=13).contains(&brought), "{brought} coal");
}
