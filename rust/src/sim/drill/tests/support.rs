//! Worlds with a drill at full power without a network.

use crate::contract::codes;
use crate::prototypes::{ItemId, vanilla};
use crate::sim::drill::Drill;
use crate::sim::energy::Energy;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::position::{Direction, MapPos, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::terrain::Resource;
use crate::sim::world::World;

pub(super) fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

pub(super) fn world() -> World {
    let map = SetupOp::Map {
        width: 64,
        height: 64,
        tile: vanilla().tile("grass-1").unwrap(),
    };
    let mut world = World::new();
    execute(&mut world, 1, &[map]).unwrap();
    world
}

pub(super) fn lay(world: &mut World, x: i32, y: i32, name: &str, amount: u32) {
    let code = codes::code_of(&codes::RESOURCE_NAMES, name);
    assert!(world.set_resource(TilePos::new(x, y), Some(Resource { code, amount })));
}

/// Lays ore on all tiles from -8 to 8.
pub(super) fn field(world: &mut World, name: &str) {
    for y in -8..=8 {
        for x in -8..=8 {
            lay(world, x, y, name, 100_000);
        }
    }
}

pub(super) fn build(
    world: &mut World,
    name: &str,
    x: f64,
    y: f64,
    direction: Direction,
) -> EntityRef {
    let prototype = vanilla().entity(name).unwrap();
    let reference = world.add_entity(prototype, MapPos::from_tiles(x, y), direction);
    world.settle();
    if let Body::Drill(index) = world.entity(reference).unwrap().body {
        let drill = world.drills.get_mut(index).unwrap();
        if matches!(drill.energy, Energy::Electric(_)) {
            drill.energy = Energy::Void;
        }
    }
    reference
}

/// Builds an electric drill at the origin that faces east into a chest.
pub(super) fn electric(world: &mut World) -> (EntityRef, EntityRef) {
    let drill = build(world, "electric-mining-drill", 0.5, 0.5, Direction::EAST);
    let chest = build(world, "steel-chest", 2.5, 0.5, Direction::NORTH);
    (drill, chest)
}

pub(super) fn drill(world: &World, reference: EntityRef) -> &Drill {
    let Body::Drill(index) = world.entity(reference).unwrap().body else {
        panic!("it is a drill");
    };
    world.drills.get(index).unwrap()
}

pub(super) fn count(world: &World, chest: EntityRef, name: &str) -> u32 {
    let slots = world.slots(world.entity(chest).unwrap());
    crate::sim::inventory::count_in(slots.contents, item(name))
}
