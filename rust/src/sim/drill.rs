//! Burner mining drills: 240 ticks an ore, delivered the tick after the bar is full.

use serde::{Deserialize, Serialize};

use super::burner::{buffer_capacity_joules, joules_per_tick};
use super::energy::Energy;
use super::entity::{Body, Entity};
use super::inventory::ItemStack;
use super::position::{MapPos, TilePos};
use super::threat::pollution::Exhaust;
use super::world::World;
use crate::contract::codes::{self, Status};
use crate::prototypes::{EntityKind, EntityPrototype, EntityPrototypeId, ItemId, Product, vanilla};

/// A drill takes this many items from one tile before it turns to the next (measured on 2.0.60).
const ITEMS_PER_TILE: u8 = 10;

/// A mining drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drill {
    pub energy: Energy,
    /// Seconds of work done on the item; the remainder is carried over.
    pub seconds: f64,
    /// An item that is mined but not delivered yet.
    pub held: Option<ItemId>,
    /// Place of the present tile in the order of tiles.
    tile_index: u8,
    taken_from_tile: u8,
    pub status: Status,
    pub asleep: bool,
    #[serde(skip)]
    effects: super::effects::Effects,
    pub exhaust: Exhaust,
}

impl Drill {
    /// Changes what modules and beacons do to the drill.
    pub(super) fn set_effects(&mut self, effects: super::effects::Effects) {
        self.effects = effects;
    }

    /// Makes an idle drill; it acts in the next tick.
    pub fn new(prototype: &EntityPrototype, exhaust: Exhaust) -> Self {
        Self {
            energy: Energy::of(prototype),
            seconds: 0.0,
            held: None,
            tile_index: 0,
            taken_from_tile: 0,
            status: Status::NoFuel,
            asleep: false,
            effects: super::effects::Effects::default(),
            exhaust,
        }
    }
}

/// Gives the point at which a drill drops what it mines.
pub fn drop_position(drill: &Entity) -> MapPos {
    drop_position_of(
        drill.prototype(),
        drill.position,
        drill.direction.quarter_turns(),
    )
}

/// Gives the drop point of a drill of `prototype` at `position`, turned by `quarter_turns` clockwise.
pub fn drop_position_of(
    prototype: &EntityPrototype,
    position: MapPos,
    quarter_turns: u8,
) -> MapPos {
    let (x, y) = prototype.vector_to_place_result.unwrap_or_default();
    let (x, y) = match quarter_turns % 4 {
        0 => (x, y),
        1 => (-y, x),
        2 => (-x, -y),
        _ => (y, -x),
    };
    let vector = MapPos::from_tiles(x, y);
    position.offset(vector.x, vector.y)
}

/// Gives how far from the tile of a drill's middle it drops at most, in tiles along an axis, over all drills.
pub(super) fn drop_reach_tiles() -> i32 {
    use std::sync::OnceLock;
    static REACH: OnceLock<i32> = OnceLock::new();
    *REACH.get_or_init(|| {
        vanilla()
            .entities()
            .iter()
            .filter(|entity| entity.kind == EntityKind::MiningDrill)
            .filter_map(|entity| entity.vector_to_place_result)
            // A middle on a tile's edge may lie a tile farther than the vector is long.
            .map(|(x, y)| x.abs().max(y.abs()).ceil() as i32 + 1)
            .max()
            .unwrap_or(0)
    })
}

/// Lists the tiles that a drill mines, in the order in which it takes from them.
///
/// For the 2 x 2 burner drill the order is measured; wider drills go row by row.
pub fn mined_tiles(prototype: &EntityPrototype, position: MapPos) -> Vec<TilePos> {
    let radius = prototype.resource_searching_radius;
    let center = position.tile();
    if prototype.tile_width == 2 && radius < 1.0 {
        return [(0, -1), (-1, 0), (0, 0), (-1, -1)]
            .map(|(dx, dy)| center.offset(dx, dy))
            .to_vec();
    }
    let reach = radius.ceil() as i32;
    let radius_subtiles = (radius * 256.0) as i32;
    let mut tiles = Vec::new();
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let tile = center.offset(dx, dy);
            let middle = tile.center();
            if (middle.x - position.x).abs() <= radius_subtiles
                && (middle.y - position.y).abs() <= radius_subtiles
            {
                tiles.push(tile);
            }
        }
    }
    tiles
}

/// What the simulation knows of a kind of resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceFacts {
    pub prototype: EntityPrototypeId,
    /// The item that mining yields; none for fluids.
    pub item: Option<ItemId>,
    pub mining_time_seconds: f64,
    /// Whether hands and burner drills can mine it: solid, and without a fluid to help (uranium needs acid).
    pub is_plain_solid: bool,
}

/// Looks up what mining a resource code yields; trees and rocks are entities and have no entry.
pub fn resource_facts(code: u8) -> Option<&'static ResourceFacts> {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Vec<Option<ResourceFacts>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        codes::RESOURCE_NAMES
            .iter()
            .map(|name| {
                let prototype = vanilla().entity(name).ok()?;
                let minable = vanilla()[prototype].minable.as_ref()?;
                let item = minable.results.first().and_then(Product::item);
                Some(ResourceFacts {
                    prototype,
                    item,
                    mining_time_seconds: minable.mining_time_seconds,
                    is_plain_solid: item.is_some() && minable.required_fluid.is_none(),
                })
            })
            .collect()
    });
    table.get(usize::from(code).checked_sub(1)?)?.as_ref()
}

/// Runs one tick of the drill in entity slot `slot`.
pub(super) fn tick_drill(world: &mut World, slot: u32) {
    let Some(entity) = world.entities.get(slot) else {
        return;
    };
    let Body::Drill(index) = entity.body else {
        return;
    };
    let (prototype, position) = (entity.prototype(), entity.position);
    let Some(before) = world.drills.get(index).map(|drill| drill.status) else {
        return;
    };
    let status = run(world, slot, index, prototype, position);
    let Some(drill) = world.drills.get_mut(index) else {
        return;
    };
    drill.status = status;
    if status != before {
        world.mark_entity(slot);
    }
}

/// Does the work of one tick and says what state it leaves the drill in.
fn run(
    world: &mut World,
    slot: u32,
    index: u32,
    prototype: &'static EntityPrototype,
    position: MapPos,
) -> Status {
    // What was mined last tick is put down before mining goes on.
    if let Some(held) = world.drills.get(index).and_then(|drill| drill.held) {
        if !deliver(world, slot, index, held) {
            return Status::Full;
        }
        if let Some(drill) = world.drills.get_mut(index) {
            drill.held = None;
        }
    }
    let tile = next_tile(world, index, prototype, position);
    let Some(drill) = world.drills.get_mut(index) else {
        return Status::NoResources;
    };
    let capacity = buffer_capacity_joules(prototype);
    if drill.energy.is_cold() {
        // The first tick with fuel only fills the buffer.
        let has_lit = drill.energy.refill(capacity);
        if drill.energy.is_cold() {
            drill.asleep = true;
            return Status::NoFuel;
        }
        world.changes.contents |= has_lit;
        return Status::Working;
    }
    let Some((tile, facts)) = tile else {
        drill.asleep = true;
        return Status::NoResources;
    };
    let demand = joules_per_tick(prototype);
    let share = drill.energy.draw(&mut world.power, demand);
    drill.exhaust.emit(&mut world.pollution, share);
    drill.seconds += prototype.mining_speed / 60.0 * share;
    let mut mined = None;
    if drill.seconds / facts.mining_time_seconds >= 1.0 {
        drill.seconds -= facts.mining_time_seconds;
        drill.held = facts.item;
        drill.taken_from_tile += 1;
        mined = facts.item;
    }
    // A fuel item that was lit leaves room in the slot.
    world.changes.contents |= drill.energy.refill(capacity);
    if let Some(item) = mined {
        world.deplete_resource(tile);
        world.count_produced(item, 1);
        world.changes.contents = true;
    }
    Status::Working
}

/// Finds the tile to mine, going on after ten items or where a tile is spent.
fn next_tile(
    world: &mut World,
    index: u32,
    prototype: &'static EntityPrototype,
    position: MapPos,
) -> Option<(TilePos, &'static ResourceFacts)> {
    let drill = world.drills.get_mut(index)?;
    let tiles = mined_tiles(prototype, position);
    if drill.taken_from_tile >= ITEMS_PER_TILE {
        drill.taken_from_tile = 0;
        drill.tile_index = (drill.tile_index + 1) % tiles.len() as u8;
    }
    for step in 0..tiles.len() {
        let place = (usize::from(drill.tile_index) + step) % tiles.len();
        let tile = tiles[place];
        let Some(resource) = world.terrain.resource(tile) else {
            continue;
        };
        let Some(facts) = resource_facts(resource.code) else {
            continue;
        };
        if facts.is_plain_solid {
            if step > 0 {
                drill.tile_index = place as u8;
                drill.taken_from_tile = 0;
            }
            return Some((tile, facts));
        }
    }
    None
}

/// Puts `item` down at the drill's drop point; where there is no room the drill waits, asleep if something will wake it.
fn deliver(world: &mut World, slot: u32, index: u32, item: ItemId) -> bool {
    let Some(drill_entity) = world.entities.get(slot) else {
        return false;
    };
    let unit = drill_entity.unit;
    let drop = drop_position(drill_entity);
    let tile = drop.tile();
    if let Some(target) = world.entity_slot_at(tile) {
        if world.insert_by_machine(target, item) {
            return true;
        }
        if let Some(entity) = world.entities.get_mut(target) {
            entity.waiters.push(super::entity::EntityRef { slot, unit });
        }
        if let Some(drill) = world.drills.get_mut(index) {
            drill.asleep = true;
        }
        return false;
    }
    // On bare ground one item lies; the drill looks again each tick until it is gone.
    if world.grid.cell(tile).blocks_walking() || !world.ground.is_clear(drop) {
        return false;
    }
    world.lay_pile(drop, ItemStack { item, count: 1 });
    true
}

/// Says what a drill mines now.
pub fn mined_item(world: &World, entity: &Entity) -> Option<ItemId> {
    let Body::Drill(index) = entity.body else {
        return None;
    };
    let drill = world.drills.get(index)?;
    let tiles = mined_tiles(entity.prototype(), entity.position);
    (0..tiles.len()).find_map(|step| {
        let tile = tiles[(usize::from(drill.tile_index) + step) % tiles.len()];
        let facts = resource_facts(world.terrain.resource(tile)?.code)?;
        if facts.is_plain_solid {
            facts.item
        } else {
            None
        }
    })
}
