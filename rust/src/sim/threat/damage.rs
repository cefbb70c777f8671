//! Damage and healing: entities keep a health only while they are hurt, so what is unharmed costs nothing.
//!
//! Healing is computed when the health is asked for. What is destroyed goes the way of everything that is removed; what it
//! held is lost. A dead character keeps its inventory: corpses are not simulated, the episode is over.

use serde::{Deserialize, Serialize};

use super::figures::{Blow, Side, figures};
use super::unit::Unit;
use crate::prototypes::vanilla;
use crate::sim::character::{HEALTH_SCALE, max_health};
use crate::sim::entity::{Entity, EntityRef};
use crate::sim::position::{MapPos, Rect, TileArea, TilePos};
use crate::sim::world::World;

/// The health of something at a known tick; what it healed since is computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wound {
    pub health: f64,
    pub tick: u64,
}

impl Wound {
    pub(super) fn health_at(self, tick: u64, healing_per_tick: f64, max_health: f64) -> f64 {
        (self.health + healing_per_tick * tick.saturating_sub(self.tick) as f64).min(max_health)
    }
}

/// What the enemies attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prey {
    Character,
    Entity(EntityRef),
}

/// What the character's side attacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Foe {
    Unit(EntityRef),
    /// A nest or a worm.
    Structure(EntityRef),
}

impl World {
    /// Reads the health of an entity.
    pub fn health(&self, entity: &Entity) -> f64 {
        let facts = figures(entity.prototype);
        self.damaged
            .get(&entity.unit)
            .map_or(facts.max_health, |wound| {
                wound.health_at(self.tick, facts.healing_per_tick, facts.max_health)
            })
    }

    /// Says whether an entity has less than its full health.
    pub fn is_damaged(&self, entity: &Entity) -> bool {
        !self.damaged.is_empty() && self.health(entity) < figures(entity.prototype).max_health
    }

    /// Reads the health of a unit.
    pub fn unit_health(&self, unit: &Unit) -> f64 {
        let facts = figures(unit.prototype);
        unit.wound
            .health_at(self.tick, facts.healing_per_tick, facts.max_health)
    }

    /// Sets the health of an entity, at most its full health; at 0 it is destroyed.
    pub(in crate::sim) fn set_health(&mut self, reference: EntityRef, health: f64) {
        let Some(entity) = self.entity(reference) else {
            return;
        };
        let was_damaged = self.damaged.contains_key(&entity.unit);
        if health >= figures(entity.prototype).max_health {
            self.damaged.remove(&reference.unit);
        } else if health > 0.0 {
            let tick = self.tick;
            self.damaged.insert(reference.unit, Wound { health, tick });
        } else {
            self.destroy(reference);
            return;
        }
        if was_damaged != self.damaged.contains_key(&reference.unit) {
            self.mark_entity(reference.slot);
        }
    }

    /// Hurts an entity.
    pub fn hurt_entity(&mut self, reference: EntityRef, blow: Blow) {
        let Some(entity) = self.entity(reference) else {
            return;
        };
        let facts = figures(entity.prototype);
        if facts.max_health > 0.0 {
            let health = self.health(entity) - facts.after_resistance(blow);
            self.set_health(reference, health);
        }
    }

    /// Destroys an entity with all that it holds.
    pub fn destroy(&mut self, reference: EntityRef) {
        let Some(entity) = self.entity(reference) else {
            return;
        };
        let is_nest = entity.prototype().spawner.is_some();
        let prototype = entity.prototype;
        self.count_destroyed(reference);
        self.remove_entity(reference);
        if figures(prototype).side == Side::Enemy {
            self.threats.count_kill(prototype);
        }
        if is_nest {
            self.evolve_by_lost_nest();
        }
    }

    /// Hurts the character; at 0 it dies.
    pub fn hurt_character(&mut self, blow: Blow) {
        if !self.character.is_alive() {
            return;
        }
        let left = figures(vanilla().character().entity).after_resistance(blow);
        let lost = (left * f64::from(HEALTH_SCALE)).round() as u32;
        self.character.health = self.character.health.saturating_sub(lost);
        self.threats.character_hurt_tick = self.tick;
        if !self.character.is_alive() {
            self.character.walking = None;
            self.character.is_mining = false;
            self.threats.repairing = None;
        }
    }

    /// Hurts a unit; at 0 it dies.
    pub fn hurt_unit(&mut self, reference: EntityRef, blow: Blow) {
        let Some(unit) = self.unit(reference) else {
            return;
        };
        let health = self.unit_health(unit) - figures(unit.prototype).after_resistance(blow);
        if health > 0.0 {
            let tick = self.tick;
            if let Some(unit) = self.units.get_mut(reference.slot) {
                unit.wound = Wound { health, tick };
            }
        } else {
            let prototype = unit.prototype;
            self.remove_unit(reference);
            self.threats.count_kill(prototype);
        }
    }

    /// Hurts a foe.
    pub(super) fn hurt_foe(&mut self, foe: Foe, blow: Blow) {
        match foe {
            Foe::Unit(reference) => self.hurt_unit(reference, blow),
            Foe::Structure(reference) => self.hurt_entity(reference, blow),
        }
    }

    /// Hurts prey.
    pub(super) fn hurt_prey(&mut self, prey: Prey, blow: Blow) {
        match prey {
            Prey::Character => self.hurt_character(blow),
            Prey::Entity(reference) => self.hurt_entity(reference, blow),
        }
    }

    /// Gives the box of prey, if it is still there and alive.
    pub(super) fn prey_box(&self, prey: Prey) -> Option<Rect> {
        match prey {
            Prey::Character => self
                .character
                .is_alive()
                .then(|| crate::sim::collision::character_box(self.character.position)),
            Prey::Entity(reference) => self.entity(reference).map(Entity::collision_box),
        }
    }

    /// Gives the place of a foe, if it is still there.
    pub(super) fn foe_position(&self, foe: Foe) -> Option<MapPos> {
        match foe {
            Foe::Unit(reference) => self.unit(reference).map(Unit::position),
            Foe::Structure(reference) => self.entity(reference).map(|entity| entity.position),
        }
    }

    /// Hurts everything but enemies whose box is within `radius` of a point; trees too, so that spitters get through woods.
    pub(super) fn splash(&mut self, center: MapPos, radius_subtiles: i32, blow: Blow) {
        let reach = i64::from(radius_subtiles) * i64::from(radius_subtiles);
        let character = crate::sim::collision::character_box(self.character.position);
        if character.distance_squared(center) <= reach {
            self.hurt_character(blow);
        }
        let low = center.offset(-radius_subtiles, -radius_subtiles).tile();
        let high = center.offset(radius_subtiles, radius_subtiles).tile();
        let around = TileArea {
            left: low.x,
            top: low.y,
            width: high.x - low.x + 1,
            height: high.y - low.y + 1,
        };
        let mut hit: Vec<EntityRef> = around
            .tiles()
            .filter_map(|tile: TilePos| self.reference(self.entity_slot_at(tile)?))
            .filter(|reference| {
                self.entity(*reference).is_some_and(|entity| {
                    figures(entity.prototype).side != Side::Enemy
                        && entity.collision_box().distance_squared(center) <= reach
                })
            })
            .collect();
        hit.sort_unstable_by_key(|reference| reference.unit);
        hit.dedup();
        for reference in hit {
            self.hurt_entity(reference, blow);
        }
    }
}

/// Heals the character when it has not been hurt for a while.
pub(super) fn heal_character(world: &mut World) {
    if world.character.health >= max_health() || !world.character.is_alive() {
        return;
    }
    let facts = vanilla().character();
    let ticks = world.tick.saturating_sub(world.threats.character_hurt_tick);
    let Some(ticks) = ticks.checked_sub(u64::from(facts.ticks_to_stay_in_combat)) else {
        return;
    };
    // Health is kept in 1/256: the parts of a tick's healing that do not fit are made up for later.
    let healed = |ticks: u64| {
        (facts.healing_per_tick * f64::from(HEALTH_SCALE) * ticks as f64).floor() as u64
    };
    if ticks > 0 {
        let gained = (healed(ticks) - healed(ticks - 1)) as u32;
        world.character.health = (world.character.health + gained).min(max_health());
    }
}

/// Gives the squared distance between two boxes; 0 where they touch.
pub(super) fn box_distance_squared(a: &Rect, b: &Rect) -> i64 {
    let gap = |low: i32, high: i32, other_low: i32, other_high: i32| {
        i64::from((other_low - high).max(low - other_high).max(0))
    };
    let dx = gap(a.left, a.right, b.left, b.right);
    let dy = gap(a.top, a.bottom, b.top, b.bottom);
    dx * dx + dy * dy
}
