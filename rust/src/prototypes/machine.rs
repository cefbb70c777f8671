//! Machines with rules of their own: boilers, generators, labs, beacons, radars, the rocket silo.

use crate::error::Result;

use super::entity_kind::EntityKind;
use super::fields::Fields;
use super::id::ItemId;

/// A boiler or heat exchanger; its power is the entity's `energy_usage_watts`.
#[derive(Clone, Debug, PartialEq)]
pub struct Boiler {
    /// Degrees of the fluid it gives.
    pub target_temperature: f64,
}

/// A steam engine, turbine or burner generator.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// Electric joules per joule used.
    pub effectivity: f64,
    /// Fluid used in a tick at full power; 0 for a burner generator.
    pub fluid_usage_per_tick: f64,
    /// Hotter fluid gives no more than this temperature would.
    pub maximum_temperature: Option<f64>,
    /// The most power it gives, where declared; else it follows from the fluid.
    pub max_power_output_watts: Option<f64>,
}

/// A lab.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    /// The science packs it takes, one slot each.
    pub inputs: Vec<ItemId>,
    /// Speed factor of research.
    pub researching_speed: f64,
}

/// A beacon.
#[derive(Clone, Debug, PartialEq)]
pub struct Beacon {
    /// Tiles beyond its own edge that it reaches.
    pub supply_area_distance: f64,
    /// Share of its modules' effects that it passes on, before the profile.
    pub distribution_effectivity: f64,
    /// Factor by the number of beacons that reach a machine; the first entry is for one.
    pub profile: Vec<f64>,
}

/// A radar.
#[derive(Clone, Debug, PartialEq)]
pub struct Radar {
    /// Energy to chart one chunk.
    pub energy_per_sector_joules: f64,
    /// Energy of one scan of the chunks nearby.
    pub energy_per_nearby_scan_joules: f64,
    /// How far it charts, chunks.
    pub max_distance_of_sector_revealed: u32,
    /// How far it shows what happens, chunks.
    pub max_distance_of_nearby_sector_revealed: u32,
}

/// A rocket silo.
#[derive(Clone, Debug, PartialEq)]
pub struct RocketSilo {
    /// Crafts of the fixed recipe that make a rocket.
    pub rocket_parts_required: u32,
    /// Consumption while it prepares a launch.
    pub active_energy_usage_watts: f64,
    /// Slots of the rocket's cargo.
    pub rocket_inventory_size: u32,
    /// Part of its warning lights' run that a tick brings.
    pub light_blinking_speed: f64,
    /// Part of the doors' way in a tick.
    pub door_opening_speed: f64,
    /// Ticks between open doors and the rocket's rise.
    pub rocket_rising_delay_ticks: u32,
    /// Ticks between the order to launch and the start of the engine.
    pub launch_wait_ticks: u32,
    /// Part of the rocket's rise in a tick.
    pub rising_speed: f64,
    /// Part of the engine's start in a tick.
    pub engine_starting_speed: f64,
    /// Part of its way that the rocket flies in its first tick.
    pub flying_speed: f64,
    /// By how much its speed grows in a tick, as a share.
    pub flying_acceleration: f64,
}

impl Boiler {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::Boiler {
            return Ok(None);
        }
        let target_temperature =
            fields.need("target_temperature", fields.number("target_temperature")?)?;
        Ok(Some(Self { target_temperature }))
    }
}

impl Generator {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if !matches!(kind, EntityKind::Generator | EntityKind::BurnerGenerator) {
            return Ok(None);
        }
        Ok(Some(Self {
            effectivity: fields.number_or("effectivity", 1.0)?,
            fluid_usage_per_tick: fields.number_or("fluid_usage_per_tick", 0.0)?,
            maximum_temperature: fields.number("maximum_temperature")?,
            max_power_output_watts: fields.energy("max_power_output")?,
        }))
    }
}

impl Lab {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::Lab {
            return Ok(None);
        }
        Ok(Some(Self {
            inputs: fields
                .texts("inputs")?
                .iter()
                .map(|name| fields.item_named(name))
                .collect::<Result<_>>()?,
            researching_speed: fields.number_or("researching_speed", 1.0)?,
        }))
    }
}

impl Beacon {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::Beacon {
            return Ok(None);
        }
        let number = |key| fields.need(key, fields.number(key)?);
        Ok(Some(Self {
            supply_area_distance: number("supply_area_distance")?,
            distribution_effectivity: number("distribution_effectivity")?,
            profile: fields
                .values("profile")?
                .iter()
                .map(|value| {
                    value
                        .as_f64()
                        .ok_or_else(|| fields.wrong("profile", "a list of numbers", value))
                })
                .collect::<Result<_>>()?,
        }))
    }
}

impl Radar {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::Radar {
            return Ok(None);
        }
        Ok(Some(Self {
            energy_per_sector_joules: fields.energy_or_zero("energy_per_sector")?,
            energy_per_nearby_scan_joules: fields.energy_or_zero("energy_per_nearby_scan")?,
            max_distance_of_sector_revealed: fields
                .whole_or("max_distance_of_sector_revealed", 0)?,
            max_distance_of_nearby_sector_revealed: fields
                .whole_or("max_distance_of_nearby_sector_revealed", 0)?,
        }))
    }
}

impl RocketSilo {
    pub(super) fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::RocketSilo {
            return Ok(None);
        }
        let rocket = fields.need("rocket", fields.table("rocket")?)?;
        let speed = |table: &Fields, key| table.need(key, table.number(key)?);
        Ok(Some(Self {
            rocket_parts_required: fields.need(
                "rocket_parts_required",
                fields.whole("rocket_parts_required")?,
            )?,
            active_energy_usage_watts: fields.energy_or_zero("active_energy_usage")?,
            rocket_inventory_size: fields.whole_or("to_be_inserted_to_rocket_inventory_size", 0)?,
            light_blinking_speed: speed(fields, "light_blinking_speed")?,
            door_opening_speed: speed(fields, "door_opening_speed")?,
            // The data leaves both delays to the engine's defaults (prototype documentation of 2.0).
            rocket_rising_delay_ticks: fields.whole_or("rocket_rising_delay", 30)?,
            launch_wait_ticks: fields.whole_or("launch_wait_time", 120)?,
            rising_speed: speed(&rocket, "rising_speed")?,
            engine_starting_speed: speed(&rocket, "engine_starting_speed")?,
            flying_speed: speed(&rocket, "flying_speed")?,
            flying_acceleration: speed(&rocket, "flying_acceleration")?,
        }))
    }
}
