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
use self::group::Group;
use self::gun::LoadedGun;
use self::nest::Spawner;
use self::stream::Stream;
use self::unit::Unit;
use super::entity::EntityRef;
use super::rng::{Rng, mix};
use super::slab::Slab;
use super::world::World;
use crate::prototypes::{EntityPrototypeId, TechnologyEffect};

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
    pub bonuses: Bonuses,
    pub(super) rng: Rng,
    next_nest_tick: u64,
    next_expansion_tick: u64,
    /// Worms on the map.
    n_worms: u32,
    gun: LoadedGun,
    character_hurt_tick: u64,
    /// What the character repairs.
    repairing: Option<EntityRef>,
    /// What is left of the started repair pack.
    repair_durability: f64,
}

/// Bonuses of the force in a fight, as shares: 0.1 for +10 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bonuses {
    pub bullet_damage: f64,
    pub bullet_speed: f64,
    pub gun_turret_damage: f64,
    pub laser_damage: f64,
    pub laser_speed: f64,
}

impl Bonuses {
    /// Adds what a technology gives, if it is about fighting.
    pub fn learn(&mut self, effect: &TechnologyEffect) {
        let TechnologyEffect::Modifier {
            kind,
            amount,
            ammo_category,
            turret,
        } = effect
        else {
            return;
        };
        let bonus = match (kind.as_str(), ammo_category.as_deref()) {
            ("ammo-damage", Some("bullet")) => &mut self.bullet_damage,
            ("ammo-damage", Some("laser")) => &mut self.laser_damage,
            ("gun-speed", Some("bullet")) => &mut self.bullet_speed,
            ("gun-speed", Some("laser")) => &mut self.laser_speed,
            ("turret-attack", _) if turret.is_some_and(|it| figures::figures(it).takes_bullets) => {
                &mut self.gun_turret_damage
            }
            _ => return,
        };
        *bonus += amount;
    }
}

impl Threats {
    /// Starts without enemies.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            evolution: Evolution::default(),
            groups: Slab::default(),
            streams: Vec::new(),
            kills: BTreeMap::new(),
            bonuses: Bonuses::default(),
            rng: Rng::new(mix(seed) ^ STREAM),
            next_nest_tick: 0,
            next_expansion_tick: 0,
            n_worms: 0,
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

/// Runs one tick of everything that threatens and defends.
pub(super) fn tick_threats(world: &mut World) {
    if world.pollution.is_present() && world.tick.is_multiple_of(pollution::UPDATE_TICKS) {
        // Nests take their share before the rest is taken in by the ground and spreads.
        nest::absorb(world);
        pollution::update(world);
    }
    repair::tick_repair(world);
    damage::heal_character(world);
    // Acid lands even when nobody is left who could have spat it.
    stream::tick_streams(world);
    if !world.threats.has_enemies(&world.units, &world.spawners) {
        return;
    }
    nest::tick_nests(world);
    expansion::tick_expansion(world);
    group::tick_groups(world);
    hunt::tick_units(world);
    // Whoever walked into range in this tick is shot at in this tick.
    turret::tick_turrets(world);
    gun::tick_gun(world);
}
