//! What fights: turrets and worms, units, nests.
//!
//! How an attack hurts (instant damage, projectiles, streams, fire) is nested as the game nests it:
//! `EntityPrototype::raw`, field `attack_parameters`, and `Prototypes::projectile`.

use crate::error::Result;

use super::entity_kind::EntityKind;
use super::fields::Fields;
use super::id::EntityPrototypeId;

/// How something attacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Attack {
    /// `projectile`, `stream` or `beam`.
    pub kind: String,
    /// Which damage upgrades apply; also which ammunition a gun turret takes.
    pub ammo_category: Option<String>,
    /// Tiles.
    pub range: f64,
    /// Tiles.
    pub min_range: f64,
    /// Ticks from one attack to the next.
    pub cooldown_ticks: f64,
    /// Factor on the damage.
    pub damage_modifier: f64,
    /// Damage of a melee attack, where it is stated with the attacker.
    pub melee_damage: Option<(String, f64)>,
}

/// A turret or worm.
#[derive(Clone, Debug, PartialEq)]
pub struct Turret {
    /// How it attacks; `None` for artillery, whose gun is an item.
    pub attack: Option<Attack>,
    /// Turns in a tick.
    pub rotation_speed: f64,
    /// Magazines that inserters keep in it.
    pub automated_ammo_count: u32,
    /// Tiles in which others come to help.
    pub call_for_help_radius: f64,
}

/// A biter or spitter.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// How it attacks.
    pub attack: Attack,
    /// Tiles in a tick.
    pub movement_speed: f64,
    /// Tiles.
    pub vision_distance: f64,
    /// Tiles it follows before it turns back.
    pub max_pursue_distance: f64,
    /// Pollution a nest takes in to send one.
    pub pollution_to_join_attack: f64,
}

/// A nest.
#[derive(Clone, Debug, PartialEq)]
pub struct Spawner {
    /// Ticks between units at evolution 0 and at evolution 1.
    pub spawning_cooldown_ticks: (f64, f64),
    /// Tiles.
    pub spawning_radius: f64,
    /// Units it keeps around.
    pub max_count_of_owned_units: u32,
    /// Share of the chunk's pollution that it takes in per second, besides the fixed part.
    pub proportional_absorption: f64,
    /// Units and their weights as points (evolution, weight), linear between.
    pub result_units: Vec<(EntityPrototypeId, Vec<(f64, f64)>)>,
}

impl Attack {
    fn read(fields: &Fields) -> Result<Option<Self>> {
        let Some(attack) = fields.table("attack_parameters")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            kind: attack.needed_text("type")?,
            ammo_category: attack.owned_text("ammo_category")?,
            range: attack.need("range", attack.number("range")?)?,
            min_range: attack.number_or("min_range", 0.0)?,
            cooldown_ticks: attack.need("cooldown", attack.number("cooldown")?)?,
            damage_modifier: attack.number_or("damage_modifier", 1.0)?,
            melee_damage: melee_damage(&attack)?,
        }))
    }
}

/// The damage of an attack that hits at once: type and amount.
fn melee_damage(attack: &Fields) -> Result<Option<(String, f64)>> {
    let pointer = "/ammo_type/action/action_delivery/target_effects/damage";
    let Some(damage) = attack.nested(pointer)? else {
        return Ok(None);
    };
    Ok(Some((
        damage.needed_text("type")?,
        damage.need("amount", damage.number("amount")?)?,
    )))
}

impl Turret {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if !matches!(
            kind,
            EntityKind::Turret
                | EntityKind::AmmoTurret
                | EntityKind::ElectricTurret
                | EntityKind::FluidTurret
                | EntityKind::ArtilleryTurret
        ) {
            return Ok(None);
        }
        Ok(Some(Self {
            attack: Attack::read(fields)?,
            rotation_speed: fields.number_or("rotation_speed", 1.0)?,
            automated_ammo_count: fields.whole_or("automated_ammo_count", 0)?,
            call_for_help_radius: fields.number_or("call_for_help_radius", 0.0)?,
        }))
    }
}

impl Unit {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::Unit {
            return Ok(None);
        }
        Ok(Some(Self {
            attack: fields.need("attack_parameters", Attack::read(fields)?)?,
            movement_speed: fields.need("movement_speed", fields.number("movement_speed")?)?,
            vision_distance: fields.number_or("vision_distance", 0.0)?,
            max_pursue_distance: fields.number_or("max_pursue_distance", 50.0)?,
            pollution_to_join_attack: fields.pollution("absorptions_to_join_attack")?,
        }))
    }
}

impl Spawner {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::UnitSpawner {
            return Ok(None);
        }
        let proportional = fields.nested("/absorptions_per_second/pollution")?;
        Ok(Some(Self {
            spawning_cooldown_ticks: fields
                .need("spawning_cooldown", fields.point("spawning_cooldown")?)?,
            spawning_radius: fields.number_or("spawning_radius", 0.0)?,
            max_count_of_owned_units: fields.whole_or("max_count_of_owned_units", 0)?,
            proportional_absorption: proportional
                .map_or(Ok(0.0), |table| table.number_or("proportional", 0.0))?,
            result_units: result_units(fields)?,
        }))
    }
}

fn result_units(fields: &Fields) -> Result<Vec<(EntityPrototypeId, Vec<(f64, f64)>)>> {
    let key = "result_units";
    fields
        .values(key)?
        .iter()
        .map(|entry| {
            let wrong = || fields.wrong(key, "[unit, [[evolution, weight], …]]", entry);
            let unit = entry
                .get(0)
                .and_then(|name| name.as_str())
                .ok_or_else(wrong)?;
            let weights = entry
                .get(1)
                .and_then(|points| points.as_array())
                .ok_or_else(wrong)?;
            let point = |value: &serde_json::Value| {
                Some((value.get(0)?.as_f64()?, value.get(1)?.as_f64()?))
            };
            let weights: Option<Vec<_>> = weights.iter().map(point).collect();
            Ok((fields.entity_named(unit)?, weights.ok_or_else(wrong)?))
        })
        .collect()
}
