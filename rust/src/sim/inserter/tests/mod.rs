//! Inserters against the figures of the game, tick for tick and joule for joule.

mod belts;
mod limits;
mod lulls;
mod order;
mod power;
mod random;
mod swings;

use super::Inserter;
use crate::prototypes::{ItemId, vanilla};
use crate::sim::energy::Energy;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::inventory::count_in;
use crate::sim::position::{Direction, MapPos, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::tick;
use crate::sim::world::World;

pub(super) const FACINGS: [Direction; 4] = [
    Direction::NORTH,
    Direction::EAST,
    Direction::SOUTH,
    Direction::WEST,
];

pub(super) fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

/// Describes an entity on the tile `(x, y)`, or with its centre on the tile's north-west corner where its sides are even.
pub(super) fn entity(
    name: &str,
    (x, y): (i32, i32),
    direction: Direction,
    items: &[(&str, u32)],
) -> SetupOp {
    let prototype = vanilla().entity(name).unwrap();
    let is_odd = vanilla()[prototype].tile_width % 2 == 1;
    let middle = if is_odd { 0.5 } else { 0.0 };
    SetupOp::Entity {
        prototype,
        position: MapPos::from_tiles(f64::from(x) + middle, f64::from(y) + middle),
        direction,
        items: items
            .iter()
            .map(|(name, count)| (item(name), *count))
            .collect(),
        recipe: None,
    }
}

pub(super) fn chest(place: (i32, i32), items: &[(&str, u32)]) -> SetupOp {
    entity("steel-chest", place, Direction::NORTH, items)
}

pub(super) fn world(ops: Vec<SetupOp>) -> World {
    let mut all = vec![SetupOp::Map {
        width: 64,
        height: 64,
        tile: vanilla().tile("grass-1").unwrap(),
    }];
    all.extend(ops);
    let mut world = World::new();
    execute(&mut world, 1, &all).unwrap();
    world
}

pub(super) fn at(world: &World, (x, y): (i32, i32)) -> EntityRef {
    world
        .reference(world.entity_slot_at(TilePos::new(x, y)).unwrap())
        .unwrap()
}

pub(super) fn inserter_at(world: &World, place: (i32, i32)) -> &Inserter {
    let entity = world.entity(at(world, place)).unwrap();
    let Body::Inserter(index) = entity.body else {
        panic!("no inserter stands there");
    };
    world.inserters.get(index).unwrap()
}

/// Lets the electric inserters run without a network.
pub(super) fn power_all(world: &mut World) {
    let indices: Vec<u32> = world.inserters.iter().map(|(index, _)| index).collect();
    for index in indices {
        let inserter = world.inserters.get_mut(index).unwrap();
        if matches!(inserter.energy, Energy::Electric(_)) {
            inserter.energy = Energy::Void;
        }
    }
}

pub(super) fn count_at(world: &World, place: (i32, i32), name: &str) -> u32 {
    let entity = world.entity(at(world, place)).unwrap();
    count_in(world.slots(entity).contents, item(name))
}

/// Runs `ticks` ticks and lists those in which `value` rose, once per unit.
pub(super) fn ticks_of_rises(
    world: &mut World,
    ticks: u64,
    value: impl Fn(&World) -> u32,
) -> Vec<u64> {
    let mut rises = Vec::new();
    let mut before = value(world);
    let end = world.tick + ticks;
    while world.tick < end {
        tick(world);
        let now = value(world);
        rises.extend((before..now).map(|_| world.tick));
        before = now;
    }
    rises
}
