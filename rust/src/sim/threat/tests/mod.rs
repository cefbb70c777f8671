//! Fights and their causes, held to the figures of the fidelity table.

#![expect(
    clippy::float_cmp,
    reason = "figures of the data are compared to the last bit"
)]

mod attacks;
mod figures;
mod pollution;
mod turrets;

use super::unit::Unit;
use crate::prototypes::{EntityPrototypeId, ItemId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::tick;
use crate::sim::world::World;

fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

fn prototype(name: &str) -> EntityPrototypeId {
    vanilla().entity(name).unwrap()
}

fn at(x: f64, y: f64) -> MapPos {
    MapPos::from_tiles(x, y)
}

fn entity(name: &str, x: f64, y: f64, items: &[(&str, u32)]) -> SetupOp {
    SetupOp::Entity {
        prototype: prototype(name),
        position: at(x, y),
        direction: Direction::NORTH,
        items: items
            .iter()
            .map(|(name, count)| (item(name), *count))
            .collect(),
        recipe: None,
    }
}

fn character(x: f64, y: f64) -> SetupOp {
    SetupOp::Character { position: at(x, y) }
}

/// Makes a map of `side` x `side` tiles of grass.
fn world(side: i32, ops: Vec<SetupOp>) -> World {
    let mut all = vec![SetupOp::Map {
        width: side,
        height: side,
        tile: vanilla().tile("grass-1").unwrap(),
    }];
    all.extend(ops);
    let mut world = World::new();
    execute(&mut world, 7, &all).unwrap();
    world
}

/// Covers everything with concrete, which takes no pollution in.
fn concrete(side: i32) -> SetupOp {
    SetupOp::Tiles {
        area: TileArea {
            left: -side / 2,
            top: -side / 2,
            width: side,
            height: side,
        },
        tile: vanilla().tile("concrete").unwrap(),
    }
}

fn found(world: &World, x: f64, y: f64) -> EntityRef {
    let tile: TilePos = at(x, y).tile();
    world
        .reference(world.entity_slot_at(tile).unwrap())
        .unwrap()
}

fn biter(world: &mut World, x: f64, y: f64) -> EntityRef {
    world.add_unit(prototype("small-biter"), at(x, y))
}

fn unit(world: &World, reference: EntityRef) -> &Unit {
    world.unit(reference).unwrap()
}

/// Runs until `done`, at most `limit` ticks more, and returns the ticks that it took.
fn ticks_until(world: &mut World, limit: u64, mut done: impl FnMut(&World) -> bool) -> u64 {
    let start = world.tick;
    while !done(world) {
        assert!(world.tick - start < limit, "not done within {limit} ticks");
        tick(world);
    }
    world.tick - start
}
