//! Worlds with a machine or two, at full power without a network.

use crate::prototypes::{ItemId, RecipeId, vanilla};
use crate::sim::crafter::Crafter;
use crate::sim::energy::Energy;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::position::{Direction, MapPos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::world::World;

pub(super) fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

pub(super) fn recipe(name: &str) -> RecipeId {
    vanilla().recipe(name).unwrap()
}

/// Makes a map of grass with the character at its edge; every technology is researched.
pub(super) fn world() -> World {
    let mut ops = vec![
        SetupOp::Map {
            width: 64,
            height: 64,
            tile: vanilla().tile("grass-1").unwrap(),
        },
        SetupOp::Character {
            position: MapPos::from_tiles(0.5, 8.5),
        },
    ];
    ops.extend(
        (0..vanilla().technologies().len()).map(|index| SetupOp::Research {
            technology: crate::prototypes::TechnologyId::from_index(index),
        }),
    );
    let mut world = World::new();
    execute(&mut world, 1, &ops).unwrap();
    // Research brings bonuses too; only its recipes are wanted here.
    world.force.bonuses = crate::sim::force::Bonuses::default();
    world
}

/// Adds a machine that needs no energy.
pub(super) fn add(world: &mut World, name: &str, x: f64, y: f64) -> EntityRef {
    let prototype = vanilla().entity(name).unwrap();
    let reference = world.add_entity(prototype, MapPos::from_tiles(x, y), Direction::NORTH);
    world.settle();
    let body = world.entity(reference).unwrap().body;
    match body {
        Body::Crafter(index) => world.crafters.get_mut(index).unwrap().energy = Energy::Void,
        Body::Drill(index) => world.drills.get_mut(index).unwrap().energy = Energy::Void,
        Body::Beacon(index) => world.beacons.get_mut(index).unwrap().energy = Energy::Void,
        _ => {}
    }
    reference
}

/// Adds a machine at the origin with a recipe.
pub(super) fn machine(world: &mut World, name: &str, makes: &str) -> EntityRef {
    let reference = add(world, name, 0.5, 0.5);
    world.set_recipe(reference, recipe(makes)).unwrap();
    reference
}

pub(super) fn crafter(world: &World, reference: EntityRef) -> &Crafter {
    let Body::Crafter(index) = world.entity(reference).unwrap().body else {
        panic!("it crafts");
    };
    world.crafters.get(index).unwrap()
}

/// Fills the ingredients up to a stack each.
pub(super) fn feed(world: &mut World, reference: EntityRef) {
    let makes = crafter(world, reference).recipe.unwrap();
    for (item, _) in &crate::sim::crafter::recipe_facts(makes).ingredients {
        world.insert_by_hand(reference, *item, 1_000);
    }
}

/// Takes everything out of the output.
pub(super) fn empty(world: &mut World, reference: EntityRef) {
    let stacks: Vec<_> = crafter(world, reference)
        .outputs
        .iter()
        .flatten()
        .copied()
        .collect();
    for stack in stacks {
        world.take_by_inserter(reference.slot, stack.item, stack.count);
    }
    world.wake_pending();
}
