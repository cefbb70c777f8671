//! Figures of combat by prototype, taken from the prototype data once: sides, health, resistances, weapons.
//!
//! A tick looks figures up by number only; no name is compared while a world runs.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::prototypes::{
    EntityKind, EntityPrototype, EntityPrototypeId, ItemId, TICKS_PER_SECOND, vanilla,
};
use crate::sim::position::SUBTILES;

/// Kinds of damage that the game's data has.
const N_DAMAGE_TYPES: usize = 8;
/// Ticks in which a worm raises itself and spits, and in which it comes down again: its animation speeds are 0.034 and
/// 0.016 of the animation a tick (game's data; the extraction leaves animation speeds out).
const WORM_STARTING_TICKS: u64 = 30;
const WORM_ENDING_TICKS: u64 = 63;
/// Ticks in which a turret unfolds before its first shot, from the animation speeds 0.08, 0.05 and 0.024 a tick.
const GUN_TURRET_PREPARING_TICKS: u64 = 13;
const LASER_TURRET_PREPARING_TICKS: u64 = 20;
const WORM_PREPARING_TICKS: u64 = 42;

/// A kind of damage: its place in the data's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DamageType(u8);

impl DamageType {
    /// Finds a kind of damage by the game's name.
    pub fn named(name: &str) -> Option<Self> {
        damage_type_names()
            .iter()
            .position(|known| known.as_str() == Some(name))
            .map(|index| Self(index as u8))
    }
}

fn damage_type_names() -> &'static [Value] {
    vanilla()
        .rule("damage_types")
        .and_then(Value::as_array)
        .expect("the data lists the kinds of damage")
}

/// On whose side an entity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The force of the character: everything that is built.
    Player,
    /// Nests, worms, units.
    Enemy,
    /// Trees, rocks, cliffs.
    Nature,
}

/// What an attack does to what it hits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blow {
    pub damage: f64,
    pub damage_type: DamageType,
}

/// How an attack reaches its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Delivery {
    /// It hits at once: bites, bullets, beams.
    Instant,
    /// It flies to where the target stood and splashes round there.
    Stream {
        subtiles_per_tick: f64,
        radius_subtiles: i32,
    },
}

/// A weapon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weapon {
    pub range_subtiles: i32,
    /// Whether the range is measured between the boxes instead of the centres.
    pub is_box_to_box: bool,
    /// Ticks from one blow to the next.
    pub cooldown_ticks: u64,
    /// Ticks from taking aim to the first blow.
    pub preparing_ticks: u64,
    pub delivery: Delivery,
    /// What it does by itself; a gun turret's damage is its ammunition's.
    pub blow: Option<Blow>,
    /// Electric energy of one blow; 0 where it takes none.
    pub joules_per_blow: f64,
}

/// What a unit can do, in the simulation's measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitFigures {
    /// Speed in 1/65536 tile a tick.
    pub speed: i32,
    pub vision_subtiles: i32,
    pub pursue_subtiles: i32,
    pub pollution_to_join_attack: f64,
    pub is_spitter: bool,
}

/// What fighting asks of an entity prototype.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent facts of the game's data"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub side: Side,
    pub max_health: f64,
    pub healing_per_tick: f64,
    pub is_repairable: bool,
    pub pollutes: bool,
    /// Whether units cannot walk through it.
    pub blocks_units: bool,
    /// (decrease, fraction) by kind of damage.
    pub resistances: [(f64, f64); N_DAMAGE_TYPES],
    pub weapon: Option<Weapon>,
    pub takes_bullets: bool,
    /// Magazines that inserters keep in it.
    pub automated_ammo_count: u32,
    /// Laser turrets: the energy that they keep.
    pub store: Option<Store>,
    pub unit: Option<UnitFigures>,
}

/// Electric energy kept for shooting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Store {
    pub capacity_joules: f64,
    /// How fast it fills at most.
    pub joules_per_tick: f64,
}

/// What an item is as bullets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bullets {
    pub blow: Blow,
    pub rounds: u32,
}

/// What an item is as a gun for bullets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gun {
    pub range_subtiles: i32,
    pub cooldown_ticks: u64,
}

/// Looks up what fighting asks of a prototype.
pub fn figures(prototype: EntityPrototypeId) -> &'static Figures {
    static TABLE: OnceLock<Vec<Figures>> = OnceLock::new();
    &TABLE.get_or_init(|| vanilla().entities().iter().map(read_figures).collect())
        [prototype.index()]
}

/// Looks up what an item is as bullets.
pub fn bullets(item: ItemId) -> Option<&'static Bullets> {
    static TABLE: OnceLock<Vec<Option<Bullets>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        vanilla()
            .items()
            .iter()
            .map(|item| {
                let ammo = item.ammo.as_ref().filter(|ammo| ammo.category == BULLET)?;
                Some(Bullets {
                    blow: instant_blow(item.raw.pointer("/ammo_type/action")?)?,
                    rounds: ammo.magazine_size as u32,
                })
            })
            .collect()
    })[item.index()]
    .as_ref()
}

/// Lists the guns for bullets, the fastest first.
pub fn guns() -> &'static [(ItemId, Gun)] {
    static TABLE: OnceLock<Vec<(ItemId, Gun)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut guns: Vec<(ItemId, Gun)> = vanilla()
            .items()
            .iter()
            .enumerate()
            .filter(|(_, item)| item.kind == "gun")
            .filter_map(|(index, item)| {
                let attack = item.raw.get("attack_parameters")?;
                // Guns that players do not see are those of vehicles.
                if item.hidden || attack.get("ammo_category")?.as_str()? != BULLET {
                    return None;
                }
                let gun = Gun {
                    range_subtiles: subtiles(attack.get("range")?.as_f64()?),
                    cooldown_ticks: attack.get("cooldown")?.as_f64()? as u64,
                };
                Some((ItemId::from_index(index), gun))
            })
            .collect();
        guns.sort_by_key(|(item, gun)| (gun.cooldown_ticks, *item));
        guns
    })
}

/// Lists the magazines of bullets, the most harmful first.
pub fn magazines() -> &'static [ItemId] {
    static TABLE: OnceLock<Vec<ItemId>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut found: Vec<(ItemId, f64)> = (0..vanilla().items().len())
            .map(ItemId::from_index)
            .filter_map(|item| bullets(item).map(|bullets| (item, bullets.blow.damage)))
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found.into_iter().map(|(item, _)| item).collect()
    })
}

/// The category of ammunition that pistols, submachine guns and gun turrets shoot.
pub(super) const BULLET: &str = "bullet";

/// Turns tiles into 1/256 tiles.
pub(super) fn subtiles(tiles: f64) -> i32 {
    (tiles * f64::from(SUBTILES)) as i32
}

fn read_figures(prototype: &EntityPrototype) -> Figures {
    let mut resistances = [(0.0, 0.0); N_DAMAGE_TYPES];
    for resistance in &prototype.resistances {
        if let Some(DamageType(index)) = DamageType::named(&resistance.damage_type) {
            resistances[usize::from(index)] = (resistance.decrease, resistance.fraction);
        }
    }
    let has_flag = |wanted: &str| {
        prototype
            .raw
            .get("flags")
            .and_then(Value::as_array)
            .is_some_and(|flags| flags.iter().any(|flag| flag.as_str() == Some(wanted)))
    };
    Figures {
        side: side_of(prototype),
        max_health: prototype.max_health,
        healing_per_tick: prototype.healing_per_tick,
        is_repairable: prototype.max_health > 0.0 && !has_flag("not-repairable"),
        pollutes: prototype.emissions_per_minute > 0.0,
        blocks_units: prototype.collides_with_player,
        resistances,
        weapon: weapon_of(prototype),
        takes_bullets: takes_bullets(prototype),
        automated_ammo_count: prototype
            .turret
            .as_ref()
            .map_or(0, |turret| turret.automated_ammo_count),
        store: store_of(prototype),
        unit: prototype.unit.as_ref().map(|unit| UnitFigures {
            speed: (unit.movement_speed * 65_536.0).round() as i32,
            vision_subtiles: subtiles(unit.vision_distance),
            pursue_subtiles: subtiles(unit.max_pursue_distance),
            pollution_to_join_attack: unit.pollution_to_join_attack,
            is_spitter: unit.attack.kind == "stream",
        }),
    }
}

/// Says whether a turret shoots magazines of bullets.
pub(super) fn takes_bullets(prototype: &EntityPrototype) -> bool {
    let attack = prototype
        .turret
        .as_ref()
        .and_then(|turret| turret.attack.as_ref());
    prototype.kind == EntityKind::AmmoTurret
        && attack.and_then(|attack| attack.ammo_category.as_deref()) == Some(BULLET)
}

fn store_of(prototype: &EntityPrototype) -> Option<Store> {
    if prototype.kind != EntityKind::ElectricTurret {
        return None;
    }
    let source = prototype.raw.get("energy_source")?;
    let energy = |key: &str| crate::prototypes::parse_energy(source.get(key)?.as_str()?).ok();
    Some(Store {
        capacity_joules: energy("buffer_capacity")?,
        joules_per_tick: energy("input_flow_limit")? / f64::from(TICKS_PER_SECOND),
    })
}

fn side_of(prototype: &EntityPrototype) -> Side {
    match prototype.kind {
        EntityKind::Unit | EntityKind::UnitSpawner | EntityKind::Turret => Side::Enemy,
        EntityKind::Tree
        | EntityKind::Cliff
        | EntityKind::Fish
        | EntityKind::Resource
        | EntityKind::SimpleEntity => Side::Nature,
        _ => Side::Player,
    }
}

fn weapon_of(prototype: &EntityPrototype) -> Option<Weapon> {
    let (attack, preparing_ticks) = match (&prototype.unit, &prototype.turret) {
        (Some(unit), _) => {
            let warmup = prototype.raw.pointer("/attack_parameters/warmup");
            (
                &unit.attack,
                warmup.and_then(Value::as_f64).unwrap_or(0.0) as u64,
            )
        }
        (_, Some(turret)) => {
            let ticks = match prototype.kind {
                EntityKind::AmmoTurret => GUN_TURRET_PREPARING_TICKS,
                EntityKind::ElectricTurret => LASER_TURRET_PREPARING_TICKS,
                _ => WORM_PREPARING_TICKS,
            };
            (turret.attack.as_ref()?, ticks)
        }
        _ => return None,
    };
    let parameters = prototype.raw.get("attack_parameters")?;
    let mut weapon = Weapon {
        range_subtiles: subtiles(attack.range),
        is_box_to_box: parameters.get("range_mode").and_then(Value::as_str)
            == Some("bounding-box-to-bounding-box"),
        cooldown_ticks: attack.cooldown_ticks as u64,
        preparing_ticks,
        delivery: Delivery::Instant,
        blow: None,
        joules_per_blow: 0.0,
    };
    let action = parameters.pointer("/ammo_type/action");
    match attack.kind.as_str() {
        "projectile" => weapon.blow = action.and_then(instant_blow),
        "stream" => {
            let (delivery, blow) = stream(action?, attack.damage_modifier)?;
            weapon.delivery = delivery;
            weapon.blow = Some(blow);
            if prototype.kind == EntityKind::Turret {
                weapon.cooldown_ticks += WORM_STARTING_TICKS + WORM_ENDING_TICKS;
            }
        }
        "beam" => beam(parameters, attack.damage_modifier, &mut weapon)?,
        _ => return None,
    }
    Some(weapon)
}

/// Makes the weapon of a beam that hurts once an interval: each interval is a blow, and pays its share of the energy.
fn beam(parameters: &Value, damage_modifier: f64, weapon: &mut Weapon) -> Option<()> {
    let name = parameters.pointer("/ammo_type/action/action_delivery/beam")?;
    let beam = vanilla().projectile(name.as_str()?)?;
    let interval = beam.get("damage_interval")?.as_f64()?;
    let mut blow = instant_blow(beam.get("action")?)?;
    blow.damage *= damage_modifier;
    let energy = parameters.pointer("/ammo_type/energy_consumption")?;
    let joules = crate::prototypes::parse_energy(energy.as_str()?).ok()?;
    weapon.joules_per_blow = joules * interval / weapon.cooldown_ticks as f64;
    weapon.cooldown_ticks = interval as u64;
    weapon.blow = Some(blow);
    Some(())
}

/// Reads an acid stream: how fast it flies, how far it splashes, how much that hurts.
fn stream(action: &Value, damage_modifier: f64) -> Option<(Delivery, Blow)> {
    let name = first(first(action)?.get("action_delivery")?)?.get("stream")?;
    let stream = vanilla().projectile(name.as_str()?)?;
    let splash = stream
        .get("initial_action")?
        .as_array()?
        .iter()
        .find(|action| action.get("type").and_then(Value::as_str) == Some("area"))?;
    let mut blow = instant_blow(splash)?;
    blow.damage *= damage_modifier;
    let delivery = Delivery::Stream {
        subtiles_per_tick: stream.get("particle_horizontal_speed")?.as_f64()? * 256.0,
        radius_subtiles: subtiles(splash.get("radius")?.as_f64()?),
    };
    Some((delivery, blow))
}

/// Finds the damage among the effects of an action that hits at once; the data nests single tables and lists alike.
fn instant_blow(action: &Value) -> Option<Blow> {
    let effects = first(first(action)?.get("action_delivery")?)?.get("target_effects")?;
    let damage = match effects {
        Value::Array(list) => list.iter().find_map(|effect| effect.get("damage")),
        single => single.get("damage"),
    }?;
    Some(Blow {
        damage: damage.get("amount")?.as_f64()?,
        damage_type: DamageType::named(damage.get("type")?.as_str()?)?,
    })
}

fn first(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(list) => list.first(),
        single => Some(single),
    }
}

impl Weapon {
    /// Gives the category of ammunition whose upgrades apply; the enemies have none.
    pub(super) const fn bonus_category(&self) -> Option<&'static str> {
        if self.blow.is_none() {
            Some(BULLET)
        } else if self.joules_per_blow > 0.0 {
            Some("laser")
        } else {
            None
        }
    }
}

impl Figures {
    /// Computes what is left of a blow after the resistances: first the decrease, then the share.
    ///
    /// A decrease never takes a blow to nothing: below 1 it leaves `1 / (decrease - damage + 2)` (wiki, Damage).
    pub fn after_resistance(&self, blow: Blow) -> f64 {
        let (decrease, fraction) = self.resistances[usize::from(blow.damage_type.0)];
        let left = blow.damage - decrease;
        let left = if decrease > 0.0 && left < 1.0 {
            (1.0 / (decrease - blow.damage + 2.0)).min(blow.damage)
        } else {
            left
        };
        left * (1.0 - fraction)
    }
}
