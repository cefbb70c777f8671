//! Mining drills: burner drills, electric drills, pumpjacks.
//!
//! An ore is delivered the tick after the bar is full, then mining goes on; the remainder of progress is carried over. A
//! drill takes ten ores from one tile, then turns to the next (measured on 2.0.60 with the 2 x 2 burner drill; wider drills
//! are taken to do the same, row by row). Mining productivity fills a bar of its own, which pays one more yield when full.
//!
//! Pumpjacks give their yield to a fluid box and stop while it would not fit; their field falls to a least yield. Ore that
//! needs a fluid takes it from the drill's box at the end of each operation, and only where the force may.
//!
//! Invariant: `tiles`, `code`, `mining_seconds` and `figures` follow from the rest; after a restore they are made again.

mod delivery;
mod place;
mod resources;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use place::{drop_position, drop_position_of, mined_tiles};
pub(in crate::sim) use place::{drop_reach_tiles, mining_reach_tiles};
pub use resources::{ResourceFacts, resource_facts};

use delivery::yield_of;
use resources::minable_codes;

use super::burner::{buffer_capacity_joules, joules_per_tick};
use super::effects::Effects;
use super::energy::Energy;
use super::entity::{Body, Entity};
use super::inventory::{ItemStack, Slot};
use super::position::{MapPos, TilePos};
use super::power::NetworkId;
use super::terrain::Resource;
use super::threat::pollution::{Exhaust, Pollution};
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{EntityPrototype, EntityPrototypeId, FluidBoxRole, ItemId, vanilla};

/// A drill takes this many items from one tile before it turns to the next (measured on 2.0.60).
const ITEMS_PER_TILE: u8 = 10;

/// A mining drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drill {
    pub energy: Energy,
    /// Seconds of work done on the item; the remainder is carried over.
    pub seconds: f64,
    #[serde(skip)]
    figures: Figures,
    /// The resource being mined, by code; 0 where the tile has to be looked for.
    #[serde(skip)]
    code: u8,
    /// Time that the resource takes at mining speed 1.
    #[serde(skip)]
    mining_seconds: f64,
    /// Place of the present tile in the order of tiles.
    tile_index: u8,
    taken_from_tile: u8,
    pub status: Status,
    pub asleep: bool,
    /// Items that are mined but not delivered yet.
    pub held: Slot,
    /// The productivity bar: at 1 it pays one more yield.
    pub bonus: f64,
    /// The tiles that it mines, in the order in which it takes from them.
    #[serde(skip)]
    tiles: Vec<TilePos>,
    exhaust: Exhaust,
    prototype: EntityPrototypeId,
}

/// What a tick of work needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    /// Progress of a tick at full power.
    seconds_per_tick: f64,
    joules_per_tick: f64,
    /// Size of a burner's buffer.
    buffer_joules: f64,
    /// Factor on the pollution of a tick at full power.
    pollution: f64,
    /// What modules add to the productivity bar per operation.
    productivity: f64,
    /// Bits of the resource codes that it mines.
    minable: u16,
}

impl Drill {
    /// Makes an idle drill; it acts in the next tick.
    pub fn new(id: EntityPrototypeId, position: MapPos, exhaust: Exhaust) -> Self {
        let prototype = &vanilla()[id];
        let mut drill = Self {
            energy: Energy::of(prototype),
            seconds: 0.0,
            figures: Figures::default(),
            code: 0,
            mining_seconds: 0.0,
            tile_index: 0,
            taken_from_tile: 0,
            status: match prototype.fuel_categories() {
                Some(_) => Status::NoFuel,
                None => Status::NoPower,
            },
            asleep: false,
            held: None,
            bonus: 0.0,
            tiles: mined_tiles(prototype, position),
            exhaust,
            prototype: id,
        };
        drill.set_effects(Effects::default());
        drill
    }

    /// Changes what modules and beacons do to the drill.
    pub(super) fn set_effects(&mut self, effects: Effects) {
        let prototype: &EntityPrototype = &vanilla()[self.prototype];
        self.figures = Figures {
            seconds_per_tick: prototype.mining_speed * effects.speed_factor() / 60.0,
            joules_per_tick: joules_per_tick(prototype) * effects.consumption_factor(),
            buffer_joules: buffer_capacity_joules(prototype),
            pollution: effects.consumption_factor() * effects.pollution_factor(),
            productivity: effects.productivity.max(0.0),
            minable: minable_codes(prototype),
        };
    }

    /// Lists the tiles that it mines anew, as after a restore.
    pub(super) fn restore_tiles(&mut self, position: MapPos) {
        self.tiles = mined_tiles(&vanilla()[self.prototype], position);
    }

    /// Copies it without the resource that it has at hand, which one just restored looks for again.
    pub(super) fn without_hint(&self) -> Self {
        Self {
            code: 0,
            mining_seconds: 0.0,
            ..self.clone()
        }
    }

    /// Says whether the time that it takes for its resource is right.
    pub(super) fn has_true_hint(&self) -> bool {
        self.code == 0
            || resource_facts(self.code).is_some_and(|facts| {
                facts.mining_time_seconds.to_bits() == self.mining_seconds.to_bits()
            })
    }

    /// Reads the energy that a tick of full work takes, drain aside.
    pub fn joules_per_tick(&self) -> f64 {
        self.figures.joules_per_tick
    }

    /// Gives the tile from which it takes the next ore, if one of its tiles has some.
    pub fn present_tile(&self, terrain: &super::terrain::Terrain) -> Option<TilePos> {
        let n_tiles = self.tiles.len();
        (0..n_tiles)
            .map(|step| self.tiles[(usize::from(self.tile_index) + step) % n_tiles])
            .find(|tile| {
                terrain
                    .resource(*tile)
                    .is_some_and(|found| self.mines(found.code))
            })
    }

    fn mines(&self, code: u8) -> bool {
        self.figures.minable >> code & 1 == 1
    }

    /// Makes a tick's progress with a share of full power.
    #[inline]
    fn work(&mut self, pollution: &mut Pollution, share: f64) {
        self.seconds += self.figures.seconds_per_tick * share;
        self.exhaust.emit(pollution, share * self.figures.pollution);
    }
}

/// Runs one tick of the drill at `index`, which is in entity slot `slot`.
pub(super) fn tick_drill(world: &mut World, slot: u32, index: u32) {
    let Some(drill) = world.drills.get_mut(index) else {
        return;
    };
    let before = drill.status;
    if drill.held.is_some() && world.is_drill_jammed(index) {
        return;
    }
    let Some(drill) = world.drills.get_mut(index) else {
        return;
    };
    let is_steady = before == Status::Working
        && drill.code != 0
        && drill.held.is_none()
        && !drill.energy.is_cold();
    let is_there = |resource: Resource| resource.code == drill.code;
    if is_steady
        && world
            .terrain
            .resource(drill.tiles[usize::from(drill.tile_index)])
            .is_some_and(is_there)
    {
        // What nearly every tick is: some energy, some progress, nothing else.
        let share = drill
            .energy
            .draw(&mut world.power, drill.figures.joules_per_tick);
        drill.work(&mut world.pollution, share);
        if drill.seconds < drill.mining_seconds && share >= 1.0 {
            let energy = &mut drill.energy;
            if energy.refill_counted(drill.figures.buffer_joules, &mut world.production) {
                world.lit_fuel(slot);
            }
            return;
        }
        finish_tick(world, slot, index, share);
    } else {
        let shown = shown_code(world, index);
        begin_tick(world, slot, index);
        if shown_code(world, index) != shown {
            // What it takes next is what it shows.
            world.mark_entity(slot);
        }
    }
    if let Some(drill) = world.drills.get(index)
        && drill.status != before
    {
        world.mark_entity(slot);
    }
}

/// Reads the code of the resource that a drill takes next.
fn shown_code(world: &World, index: u32) -> Option<u8> {
    let tile = world.drills.get(index)?.present_tile(&world.terrain)?;
    Some(world.terrain.resource(tile)?.code)
}

/// The tick of a drill that has something to deliver, a tile to look for, or did not work before.
fn begin_tick(world: &mut World, slot: u32, index: u32) {
    // What was mined last tick is put down before mining goes on.
    if !world.deliver_held(slot, index) {
        world.set_drill(index, Status::Full);
        return;
    }
    let found = next_tile(world, index);
    let Some(drill) = world.drills.get_mut(index) else {
        return;
    };
    if drill.energy.is_cold() {
        // The first tick with fuel only fills the buffer.
        let has_lit = drill
            .energy
            .refill_counted(drill.figures.buffer_joules, &mut world.production);
        drill.asleep = drill.energy.is_cold();
        drill.status = if drill.asleep {
            Status::NoFuel
        } else {
            Status::Working
        };
        if has_lit {
            world.lit_fuel(slot);
        }
        return;
    }
    let Some(resource) = found else {
        drill.asleep = true;
        drill.status = Status::NoResources;
        return;
    };
    let Some(facts) = resource_facts(resource.code) else {
        return;
    };
    if let Err(status) = world.check_fluids(slot, index, facts, resource.amount) {
        world.set_drill(index, status);
        return;
    }
    let Some(drill) = world.drills.get_mut(index) else {
        return;
    };
    (drill.code, drill.mining_seconds) = (resource.code, facts.mining_time_seconds);
    let share = drill
        .energy
        .draw(&mut world.power, drill.figures.joules_per_tick);
    drill.work(&mut world.pollution, share);
    // Off all networks it sleeps until it is put on one.
    drill.asleep = share <= 0.0 && drill.energy.network() == Some(NetworkId::default());
    finish_tick(world, slot, index, share);
}

/// Ends an operation whose bar is full and says how the drill is.
fn finish_tick(world: &mut World, slot: u32, index: u32, share: f64) {
    let Some(drill) = world.drills.get_mut(index) else {
        return;
    };
    if drill.seconds >= drill.mining_seconds {
        drill.seconds -= drill.mining_seconds;
        let bonus = world.force.bonuses.mining_drill_productivity + drill.figures.productivity;
        drill.bonus += bonus;
        let mut n_yields = 1;
        while drill.bonus >= 1.0 {
            drill.bonus -= 1.0;
            n_yields += 1;
        }
        drill.taken_from_tile += 1;
        let (tile, code) = (drill.tiles[usize::from(drill.tile_index)], drill.code);
        drill.code = 0;
        world.take_yield(slot, index, tile, code, n_yields);
        world.changes.contents = true;
    }
    let Some(drill) = world.drills.get_mut(index) else {
        return;
    };
    let has_lit = drill
        .energy
        .refill_counted(drill.figures.buffer_joules, &mut world.production);
    drill.status = if share >= 1.0 || matches!(drill.energy, Energy::Burner(_)) {
        Status::Working
    } else if share > 0.0 {
        Status::LowPower
    } else {
        Status::NoPower
    };
    if has_lit {
        world.lit_fuel(slot);
    }
}

/// Finds the resource to mine, going on after ten items or where a tile is spent.
fn next_tile(world: &mut World, index: u32) -> Option<Resource> {
    let drill = world.drills.get_mut(index)?;
    let n_tiles = drill.tiles.len();
    if drill.taken_from_tile >= ITEMS_PER_TILE {
        drill.taken_from_tile = 0;
        drill.tile_index = (drill.tile_index + 1) % n_tiles as u8;
    }
    for step in 0..n_tiles {
        let place = (usize::from(drill.tile_index) + step) % n_tiles;
        let Some(resource) = world.terrain.resource(drill.tiles[place]) else {
            continue;
        };
        if drill.mines(resource.code) {
            if step > 0 {
                drill.tile_index = place as u8;
                drill.taken_from_tile = 0;
            }
            return Some(resource);
        }
    }
    None
}

impl World {
    fn set_drill(&mut self, index: u32, status: Status) {
        if let Some(drill) = self.drills.get_mut(index) {
            drill.status = status;
        }
    }

    /// Takes what an operation yields from a tile: items into the drill's hold, fluid into its box.
    fn take_yield(&mut self, slot: u32, index: u32, tile: TilePos, code: u8, n_yields: u32) {
        let Some(facts) = resource_facts(code) else {
            return;
        };
        let amount = self
            .terrain
            .resource(tile)
            .map_or(0, |resource| resource.amount);
        if facts.normal > 1 {
            // It never runs out: the amount falls to the least yield and no further.
            let left = amount
                .saturating_sub(facts.depletion)
                .max(facts.minimum.min(amount));
            self.set_resource(tile, Some(Resource { code, amount: left }));
        } else {
            self.deplete_resource(tile);
        }
        if let Some((fluid, needed)) = facts.required_fluid
            && let Some(fluid_box) = self.drill_box(slot, FluidBoxRole::Input)
        {
            let taken = self.fluids.take(fluid_box, needed);
            self.production.use_fluid(fluid, taken);
        }
        if let Some((fluid, _)) = facts.fluid
            && let Some(fluid_box) = self.drill_box(slot, FluidBoxRole::Output)
        {
            let wanted = yield_of(facts, amount) * f64::from(n_yields);
            let temperature = vanilla()[fluid].default_temperature;
            let put = self.fluids.put(fluid_box, fluid, wanted, temperature);
            self.production.make_fluid(fluid, put);
        }
        if let Some(item) = facts.item
            && let Some(drill) = self.drills.get_mut(index)
        {
            drill.held = Some(ItemStack {
                item,
                count: n_yields,
            });
            self.count_produced(item, n_yields);
        }
    }
}

/// Says what a drill mines now.
pub fn mined_item(world: &World, entity: &Entity) -> Option<ItemId> {
    let Body::Drill(index) = entity.body else {
        return None;
    };
    let drill = world.drills.get(index)?;
    let n_tiles = drill.tiles.len();
    (0..n_tiles).find_map(|step| {
        let tile = drill.tiles[(usize::from(drill.tile_index) + step) % n_tiles];
        let code = world.terrain.resource(tile)?.code;
        drill.mines(code).then_some(resource_facts(code)?.item)
    })?
}
