//! What threatens the factory, and how it is defended.
//!
//! - [`rules`], [`figures`]: the game's figures, by number
//! - [`pollution`], [`evolution`]: why enemies come, and how strong
//! - [`nest`], [`group`], [`expansion`]: where units come from, how they gather, where they settle
//! - [`unit`], [`hunt`], [`path`]: how they walk, what they attack, which way they take
//! - [`turret`], [`gun`], [`stream`]: who shoots, and what flies
//! - [`damage`], [`repair`]: health and its loss, death, healing
//!
//! A world without enemies and pollution pays a few branches a tick. What is random comes from one stream of its own, so
//! that a fight never changes what the rest of the world draws.

pub mod damage;
pub mod evolution;
pub mod expansion;
pub mod figures;
pub mod group;
pub mod gun;
pub mod hunt;
pub mod nest;
pub mod path;
pub mod pollution;
pub mod repair;
pub mod rules;
pub mod stream;
pub mod turret;
pub mod unit;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::evolution::Evolution;
use self::figures::Side;
use self::group::Group;
use self::gun::LoadedGun;
use self::nest::Spawner;
use self::stream::Stream;
use self::turret::Turret;
use self::unit::Unit;
use super::entity::{Body, Entity, EntityRef};
use super::rng::{Rng, mix};
use super::slab::Slab;
use super::world::World;
use crate::prototypes::{EntityKind, EntityPrototypeId};

/// Tells the stream of the threats from the world's other streams of the same seed.
const STREAM: u64 = 0x7468_7265_6174;

/// State of the threats beside units, nests, turrets and pollution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threats {
    pub evolution: Evolution,
    pub groups: Slab<Group>,
    /// Acid in flight.
    pub streams: Vec<Stream>,
    /// Enemies killed, by prototype.
    pub kills: BTreeMap<EntityPrototypeId, u64>,
    pub(super) rng: Rng,
    next_nest_tick: u64,
    next_expansion_tick: u64,
    /// Worms on the map.
    n_worms: u32,
    /// Laser turrets on the map.
    n_lasers: u32,
    /// Whether turrets may still aim at something.
    has_alarm: bool,
    gun: LoadedGun,
    character_hurt_tick: u64,
    /// What the character repairs.
    repairing: Option<EntityRef>,
    /// What is left of the started repair pack.
    repair_durability: f64,
}

impl Threats {
    /// Starts without enemies.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            evolution: Evolution::default(),
            groups: Slab::default(),
            streams: Vec::new(),
            kills: BTreeMap::new(),
            rng: Rng::new(mix(seed) ^ STREAM),
            next_nest_tick: 0,
            next_expansion_tick: 0,
            n_worms: 0,
            n_lasers: 0,
            has_alarm: false,
            gun: LoadedGun::default(),
            character_hurt_tick: 0,
            repairing: None,
            repair_durability: 0.0,
        }
    }

    /// Says whether anything hostile is on the map.
    pub(super) fn has_enemies(&self, units: &Slab<Unit>, spawners: &Slab<Spawner>) -> bool {
        !units.is_empty() || !spawners.is_empty() || self.n_worms > 0
    }

    fn count_kill(&mut self, prototype: EntityPrototypeId) {
        *self.kills.entry(prototype).or_insert(0) += 1;
    }
}

impl World {
    /// Makes the record of a new nest or turret; a new tree changes what its chunk takes in.
    pub(super) fn join_threats(&mut self, slot: u32, body: Body) -> Body {
        let Some(entity) = self.entities.get(slot) else {
            return body;
        };
        let (unit, prototype, position) = (entity.unit, entity.prototype, entity.position);
        let facts = entity.prototype();
        let body = match facts.kind {
            EntityKind::UnitSpawner => Body::Spawner(self.new_spawner(slot, position.tile())),
            EntityKind::Turret | EntityKind::AmmoTurret | EntityKind::ElectricTurret => {
                let turret = Turret::new(EntityRef { slot, unit }, prototype, position);
                self.threats.n_worms += u32::from(turret.side == Side::Enemy);
                self.threats.n_lasers += u32::from(turret.is_electric());
                Body::Turret(self.turrets.insert(turret))
            }
            EntityKind::Tree => {
                self.pollution.forget_absorption_at(position.tile());
                return body;
            }
            _ => return body,
        };
        if let Some(entity) = self.entities.get_mut(slot) {
            entity.body = body;
        }
        body
    }

    /// Forgets what no server reports of the enemies: evolution apart, only what can be seen of them is left.
    pub fn forget_intentions(&mut self) {
        self.threats = Threats {
            evolution: self.threats.evolution.clone(),
            n_worms: self.threats.n_worms,
            n_lasers: self.threats.n_lasers,
            ..Threats::new(0)
        };
        for slot in 0..self.units.end() {
            if let Some(unit) = self.units.get_mut(slot) {
                unit.forget();
            }
        }
    }

    /// Takes away what an entity that is gone fought with.
    pub(super) fn leave_threats(&mut self, entity: &Entity) {
        match entity.body {
            Body::Spawner(index) => drop(self.spawners.remove(index)),
            Body::Turret(index) => {
                let turret = self.turrets.remove(index);
                if let Some(turret) = turret {
                    self.threats.n_worms -= u32::from(turret.side == Side::Enemy);
                    self.threats.n_lasers -= u32::from(turret.is_electric());
                }
            }
            _ if entity.prototype().kind == EntityKind::Tree => {
                self.pollution.forget_absorption_at(entity.position.tile());
            }
            _ => {}
        }
        if !self.damaged.is_empty() {
            self.damaged.remove(&entity.unit);
        }
    }
}

/// Runs one tick of everything that threatens and defends.
pub(super) fn tick_threats(world: &mut World) {
    if world.pollution.is_present() && world.tick.is_multiple_of(pollution::UPDATE_TICKS) {
        // Nests take their share before the rest is taken in by the ground and spreads.
        nest::absorb(world);
        pollution::update(world);
    }
    turret::charge_lasers(world);
    repair::tick_repair(world);
    damage::heal_character(world);
    // Acid lands even when nobody is left who could have spat it.
    stream::tick_streams(world);
    if !world.threats.has_enemies(&world.units, &world.spawners) {
        if std::mem::take(&mut world.threats.has_alarm) {
            turret::stand_down(world);
        }
        return;
    }
    world.threats.has_alarm = true;
    nest::tick_nests(world);
    expansion::tick_expansion(world);
    group::tick_groups(world);
    hunt::tick_units(world);
    // Whoever walked into range in this tick is shot at in this tick.
    turret::tick_turrets(world);
    gun::tick_gun(world);
}
