//! Nests: they keep a few units around, and pay with the pollution that they take in for those they send to attack.
//!
//! The time between units goes from the first to the second figure of the data as the enemies evolve; which unit comes is
//! drawn by weights that depend on evolution too. Approximate: the shares of a full nest and of its neighbours in the
//! spawning time are left out, and a unit that joins an attack makes room for another at once.

use serde::{Deserialize, Serialize};

use super::figures::figures;
use super::path::{Passage, passage};
use super::rules::map_rules;
use super::unit::Task;
use crate::prototypes::{EntityPrototypeId, Spawner as SpawnerPrototype, vanilla};
use crate::sim::entity::{Body, EntityRef};
use crate::sim::position::{MapPos, TilePos};
use crate::sim::world::World;

/// Draws for a free place round a nest before it waits for the next time.
const MAX_PLACE_DRAWS: u32 = 16;
/// A nest takes in no more once it could pay this many of the dearest units (wiki, Pollution).
const MAX_UNITS_PAID_AHEAD: f64 = 3.0;
/// Weights are drawn in this many parts.
const WEIGHT_PARTS: f64 = 1e6;

/// A nest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spawner {
    /// Slot of its entity.
    pub(super) slot: u32,
    /// Number of its chunk.
    pub(super) chunk: u32,
    /// The tick at which it makes the next unit; the end of time while it has as many as it keeps.
    next_unit_tick: u64,
    /// Units that belong to it.
    n_units: u32,
    /// Pollution that it has taken in and not spent.
    absorbed: f64,
}

impl Spawner {
    /// Counts the units that belong to the nest.
    pub fn n_units(&self) -> u32 {
        self.n_units
    }

    /// Reads the pollution that it has taken in and not spent.
    pub fn absorbed(&self) -> f64 {
        self.absorbed
    }
}

impl World {
    /// Makes the record of a nest that stands in `slot`.
    pub(in crate::sim) fn new_spawner(&mut self, slot: u32, tile: TilePos) -> u32 {
        self.threats.next_nest_tick = 0;
        self.spawners.insert(Spawner {
            slot,
            chunk: self.pollution.chunk_of(tile).unwrap_or(u32::MAX),
            next_unit_tick: 0,
            n_units: 0,
            absorbed: 0.0,
        })
    }

    fn nest_index(&self, nest: EntityRef) -> Option<u32> {
        match self.entity(nest)?.body {
            Body::Spawner(index) => Some(index),
            _ => None,
        }
    }

    /// Tells a nest that one of its units is gone.
    pub(super) fn release_from_nest(&mut self, nest: Option<EntityRef>) {
        let Some(index) = nest.and_then(|nest| self.nest_index(nest)) else {
            return;
        };
        let evolution = self.evolution();
        let tick = self.tick;
        let Some(spawner) = self.spawners.get_mut(index) else {
            return;
        };
        spawner.n_units -= 1;
        if spawner.next_unit_tick == u64::MAX
            && let Some(entity) = self.entities.get(spawner.slot)
            && let Some(facts) = &entity.prototype().spawner
        {
            spawner.next_unit_tick = tick + cooldown_ticks(facts, evolution);
            self.threats.next_nest_tick = self.threats.next_nest_tick.min(spawner.next_unit_tick);
        }
    }
}

/// Gives the ticks between two units of a nest.
fn cooldown_ticks(facts: &SpawnerPrototype, evolution: f64) -> u64 {
    let (first, last) = facts.spawning_cooldown_ticks;
    (first + (last - first) * evolution).round() as u64
}

/// Reads the weight of a unit among the others at a stage of evolution: linear between the points, level beyond them.
fn weight_at(points: &[(f64, f64)], evolution: f64) -> f64 {
    let Some(&(mut x0, mut y0)) = points.first() else {
        return 0.0;
    };
    if evolution <= x0 {
        return y0;
    }
    for &(x1, y1) in &points[1..] {
        if evolution < x1 {
            return y0 + (y1 - y0) * (evolution - x0) / (x1 - x0);
        }
        (x0, y0) = (x1, y1);
    }
    y0
}

/// Draws the unit that a nest makes.
fn draw_unit(world: &mut World, facts: &SpawnerPrototype) -> Option<EntityPrototypeId> {
    let evolution = world.evolution();
    let weights: Vec<(EntityPrototypeId, u32)> = facts
        .result_units
        .iter()
        .map(|chance| {
            let weight = weight_at(&chance.weights, evolution).max(0.0);
            (chance.unit, (weight * WEIGHT_PARTS) as u32)
        })
        .collect();
    let total: u32 = weights.iter().map(|(_, weight)| weight).sum();
    if total == 0 {
        return None;
    }
    let mut drawn = world.threats.rng.below(total);
    for (unit, weight) in weights {
        if drawn < weight {
            return Some(unit);
        }
        drawn -= weight;
    }
    None
}

/// Gives the price of the dearest unit that a nest may make now.
fn dearest_cost(facts: &SpawnerPrototype, evolution: f64) -> f64 {
    facts
        .result_units
        .iter()
        .filter(|chance| weight_at(&chance.weights, evolution) > 0.0)
        .map(|chance| cost_of(chance.unit))
        .fold(0.0, f64::max)
}

/// Gives the pollution that sending a unit costs.
fn cost_of(unit: EntityPrototypeId) -> f64 {
    figures(unit).unit.map_or(0.0, |unit| {
        unit.pollution_to_join_attack * map_rules().pollution.attack_cost_factor
    })
}

/// Draws a free tile at most `radius` tiles from a place.
pub(super) fn draw_place(world: &mut World, center: MapPos, radius_tiles: i32) -> Option<MapPos> {
    let middle = center.tile();
    for _ in 0..MAX_PLACE_DRAWS {
        let dx = world.threats.rng.between(-radius_tiles, radius_tiles);
        let dy = world.threats.rng.between(-radius_tiles, radius_tiles);
        let tile = middle.offset(dx, dy);
        if dx * dx + dy * dy <= radius_tiles * radius_tiles
            && passage(&world.grid, &world.entities, tile) == Passage::Open
        {
            return Some(tile.center());
        }
    }
    None
}

/// Lets the nests whose time has come make a unit.
pub(super) fn tick_nests(world: &mut World) {
    if world.tick < world.threats.next_nest_tick {
        return;
    }
    let evolution = world.evolution();
    let mut next = u64::MAX;
    for index in 0..world.spawners.end() {
        let Some(spawner) = world.spawners.get(index) else {
            continue;
        };
        let (slot, due) = (spawner.slot, spawner.next_unit_tick);
        let Some(entity) = world.entities.get(slot) else {
            continue;
        };
        let Some(facts) = &entity.prototype().spawner else {
            continue;
        };
        let nest = EntityRef {
            slot,
            unit: entity.unit,
        };
        let center = entity.position;
        // A new nest starts with a pause, like one that has just made a unit.
        let makes_one = due != 0 && due <= world.tick && make_unit(world, nest, center, facts);
        let tick = world.tick;
        let Some(spawner) = world.spawners.get_mut(index) else {
            continue;
        };
        spawner.n_units += u32::from(makes_one);
        if due <= tick {
            spawner.next_unit_tick = if spawner.n_units >= facts.max_count_of_owned_units {
                u64::MAX
            } else {
                tick + cooldown_ticks(facts, evolution)
            };
        }
        next = next.min(spawner.next_unit_tick);
    }
    world.threats.next_nest_tick = next;
}

fn make_unit(world: &mut World, nest: EntityRef, center: MapPos, facts: &SpawnerPrototype) -> bool {
    let Some(place) = draw_place(world, center, facts.spawning_radius as i32) else {
        return false;
    };
    let Some(prototype) = draw_unit(world, facts) else {
        return false;
    };
    let made = world.add_unit(prototype, place);
    if let Some(unit) = world.units.get_mut(made.slot) {
        unit.nest = Some(nest);
    }
    true
}

/// Lets every nest take in pollution and send the units that it can pay; once an update of the pollution.
pub(super) fn absorb(world: &mut World) {
    let evolution = world.evolution();
    for index in 0..world.spawners.end() {
        let Some(spawner) = world.spawners.get(index) else {
            continue;
        };
        let Some(entity) = world.entities.get(spawner.slot) else {
            continue;
        };
        let prototype = &vanilla()[entity.prototype];
        let Some(facts) = &prototype.spawner else {
            continue;
        };
        let nest = EntityRef {
            slot: spawner.slot,
            unit: entity.unit,
        };
        let limit = MAX_UNITS_PAID_AHEAD * dearest_cost(facts, evolution);
        let wanted = (prototype.absorptions_per_second
            + facts.proportional_absorption * world.pollution.amount(spawner.chunk))
        .min(limit - spawner.absorbed);
        if wanted > 0.0 {
            let taken = world.pollution.absorb(spawner.chunk, wanted);
            if let Some(spawner) = world.spawners.get_mut(index) {
                spawner.absorbed += taken;
            }
        }
        send_units(world, index, nest);
    }
}

/// Sends the free units of a nest that it can pay, first come first served.
fn send_units(world: &mut World, index: u32, nest: EntityRef) {
    let Some(spawner) = world.spawners.get(index) else {
        return;
    };
    let mut left = spawner.absorbed;
    if left <= 0.0 || spawner.n_units == 0 {
        return;
    }
    for slot in 0..world.units.end() {
        let Some(unit) = world.units.get(slot) else {
            continue;
        };
        let is_free = unit.nest == Some(nest) && unit.task == Task::Free && unit.prey.is_none();
        let cost = cost_of(unit.prototype);
        if is_free && cost <= left && world.join_attack(slot, nest) {
            left -= cost;
        }
    }
    if let Some(spawner) = world.spawners.get_mut(index) {
        spawner.absorbed = left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_linear_between_their_points_and_level_beyond() {
        let points = [(0.2, 0.0), (0.6, 0.3), (0.7, 0.1)];
        let read: Vec<f64> = [0.0, 0.2, 0.4, 0.6, 0.65, 1.0]
            .into_iter()
            .map(|evolution| (weight_at(&points, evolution) * 1e9).round() / 1e9)
            .collect();
        assert_eq!(read, [0.0, 0.0, 0.15, 0.3, 0.2, 0.1]);
    }

    #[test]
    fn nests_hurry_as_enemies_evolve() {
        let nest = vanilla().entity("biter-spawner").unwrap();
        let facts = vanilla()[nest].spawner.as_ref().unwrap();
        let read = [0.0, 0.5, 1.0].map(|evolution| cooldown_ticks(facts, evolution));
        assert_eq!(read, [360, 255, 150]);
    }
}
