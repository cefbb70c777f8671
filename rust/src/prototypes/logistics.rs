//! Belts, inserters and electric poles.

use crate::error::Result;

use super::entity_kind::EntityKind;
use super::fields::Fields;
use super::geometry::subtiles;
use super::id::EntityPrototypeId;

/// A belt, underground belt, splitter or loader.
#[derive(Clone, Debug, PartialEq)]
pub struct Belt {
    /// How far items move in a tick, 1/256 tile.
    pub speed_subtiles_per_tick: i32,
    /// Underground belts: the entrance and exit are at most this many tiles apart (the gap is one less).
    pub max_distance: u32,
    /// The underground belt of the same speed.
    pub related_underground_belt: Option<EntityPrototypeId>,
}

/// An inserter; points are tiles from its position when it faces north.
#[derive(Clone, Debug, PartialEq)]
pub struct Inserter {
    /// Turns in a tick.
    pub rotation_speed: f64,
    /// Tiles in a tick.
    pub extension_speed: f64,
    /// Where it takes from.
    pub pickup_position: (f64, f64),
    /// Where it drops to.
    pub insert_position: (f64, f64),
    /// Distance of the resting hand from the base, where the prototype sets it.
    pub starting_distance: Option<f64>,
    /// Energy of one full turn.
    pub energy_per_rotation_joules: f64,
    /// Energy of one tile of stretching.
    pub energy_per_movement_joules: f64,
    /// Filters it has.
    pub filter_count: u32,
    /// Whether it gains the bonus of bulk inserters.
    pub bulk: bool,
}

/// An electric pole.
#[derive(Clone, Debug, PartialEq)]
pub struct ElectricPole {
    /// Half side of the square it supplies, tiles.
    pub supply_area_distance: f64,
    /// Longest wire, tiles.
    pub maximum_wire_distance: f64,
}

impl Belt {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if !kind.is_belt_like() {
            return Ok(None);
        }
        Ok(Some(Self {
            speed_subtiles_per_tick: subtiles(fields.need("speed", fields.number("speed")?)?),
            max_distance: fields.whole_or("max_distance", 0)?,
            related_underground_belt: fields.entity("related_underground_belt")?,
        }))
    }
}

impl Inserter {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::Inserter {
            return Ok(None);
        }
        let number = |key| fields.need(key, fields.number(key)?);
        let point = |key| fields.need(key, fields.point(key)?);
        Ok(Some(Self {
            rotation_speed: number("rotation_speed")?,
            extension_speed: number("extension_speed")?,
            pickup_position: point("pickup_position")?,
            insert_position: point("insert_position")?,
            starting_distance: fields.number("starting_distance")?,
            energy_per_rotation_joules: fields.energy_or_zero("energy_per_rotation")?,
            energy_per_movement_joules: fields.energy_or_zero("energy_per_movement")?,
            filter_count: fields.whole_or("filter_count", 0)?,
            bulk: fields.flag("bulk")?,
        }))
    }
}

impl ElectricPole {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::ElectricPole {
            return Ok(None);
        }
        let number = |key| fields.need(key, fields.number(key)?);
        Ok(Some(Self {
            supply_area_distance: number("supply_area_distance")?,
            maximum_wire_distance: number("maximum_wire_distance")?,
        }))
    }
}
