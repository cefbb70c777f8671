//! Where entities get their energy from.

use crate::error::{Error, ErrorKind, Result};

use super::fields::Fields;
use super::id::{FluidId, ItemId};

/// The drain of an electric machine that declares none, as a share of its energy usage.
const DEFAULT_DRAIN_DIVISOR: f64 = 30.0;

/// What drives an entity.
#[derive(Clone, Debug, PartialEq)]
pub enum EnergySource {
    /// It burns items.
    Burner {
        /// Which fuels it takes.
        fuel_categories: Vec<String>,
        /// Slots for fuel.
        fuel_inventory_size: u32,
        /// Slots for what is left of burnt fuel.
        burnt_inventory_size: u32,
        /// Usable joules per joule of fuel.
        effectivity: f64,
        /// What burns in it when it is built, and which share of that is left.
        initial_fuel: Option<(ItemId, f64)>,
    },
    /// It is on an electric network.
    Electric {
        /// Taken at all times, working or not.
        drain_watts: f64,
        /// When its turn is in the network.
        usage_priority: UsagePriority,
        /// Its declared buffer; `None` where the game derives it from the usage.
        buffer_capacity_joules: Option<f64>,
        /// The most it takes in, where limited.
        input_flow_limit_watts: Option<f64>,
        /// The most it gives out, where limited.
        output_flow_limit_watts: Option<f64>,
    },
    /// It takes heat from its neighbours.
    Heat {
        /// The hottest it gets, degrees.
        max_temperature: f64,
        /// Joules per degree.
        specific_heat_joules: f64,
        /// The most heat it passes on.
        max_transfer_watts: f64,
        /// It works from this temperature on.
        min_working_temperature: f64,
    },
    /// It burns or cools a fluid.
    Fluid {
        /// The only fluid that it takes, if there is one.
        filter: Option<FluidId>,
        /// Usable joules per joule of fluid.
        effectivity: f64,
        /// Whether the fluid's fuel value counts, not its heat.
        burns_fluid: bool,
    },
    /// It needs nothing.
    Void,
}

/// The order in which an electric network serves and draws on its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsagePriority {
    /// Served first: laser turrets.
    PrimaryInput,
    /// Drawn on before others.
    PrimaryOutput,
    /// Served next: nearly all consumers.
    SecondaryInput,
    /// Drawn on next: steam engines.
    SecondaryOutput,
    /// Stores what is left over and gives it back last: accumulators.
    Tertiary,
    /// Drawn on before everything else: solar panels.
    Solar,
    /// Served with the secondary consumers, dims instead of stopping.
    Lamp,
}

impl EnergySource {
    /// Reads `energy_source`, or a generator's `burner`; `usage_watts` is what the default drain is a part of.
    pub(super) fn read(fields: &Fields, usage_watts: f64) -> Result<Option<Self>> {
        let table = match fields.table("energy_source")? {
            Some(source) => Some(source),
            None => fields.table("burner")?,
        };
        table
            .map(|source| Self::read_table(&source, usage_watts))
            .transpose()
    }

    fn read_table(source: &Fields, usage_watts: f64) -> Result<Self> {
        match source.needed_text("type")?.as_str() {
            "burner" => Ok(Self::Burner {
                fuel_categories: source.texts("fuel_categories")?,
                fuel_inventory_size: source.whole_or("fuel_inventory_size", 1)?,
                burnt_inventory_size: source.whole_or("burnt_inventory_size", 0)?,
                effectivity: source.number_or("effectivity", 1.0)?,
                initial_fuel: match source.item("initial_fuel")? {
                    Some(item) => Some((item, source.number_or("initial_fuel_percent", 0.25)?)),
                    None => None,
                },
            }),
            "electric" => Ok(Self::Electric {
                drain_watts: source
                    .energy("drain")?
                    .unwrap_or(usage_watts / DEFAULT_DRAIN_DIVISOR),
                usage_priority: UsagePriority::read(source)?,
                buffer_capacity_joules: source.energy("buffer_capacity")?,
                input_flow_limit_watts: source.energy("input_flow_limit")?,
                output_flow_limit_watts: source.energy("output_flow_limit")?,
            }),
            "heat" => Ok(Self::Heat {
                max_temperature: source
                    .need("max_temperature", source.number("max_temperature")?)?,
                specific_heat_joules: source.energy_or_zero("specific_heat")?,
                max_transfer_watts: source.energy_or_zero("max_transfer")?,
                min_working_temperature: source.number_or("min_working_temperature", 15.0)?,
            }),
            "fluid" => Ok(Self::Fluid {
                filter: match source.table("fluid_box")? {
                    Some(fluid_box) => fluid_box.fluid("filter")?,
                    None => None,
                },
                effectivity: source.number_or("effectivity", 1.0)?,
                burns_fluid: source.flag("burns_fluid")?,
            }),
            "void" => Ok(Self::Void),
            other => Err(unknown(source, "energy source", other)),
        }
    }

    /// Returns the electric drain, zero for what is not electric.
    pub fn drain_watts(&self) -> f64 {
        match self {
            Self::Electric { drain_watts, .. } => *drain_watts,
            _ => 0.0,
        }
    }

    /// Says whether it burns items.
    pub fn is_burner(&self) -> bool {
        matches!(self, Self::Burner { .. })
    }

    /// Says whether it is on an electric network.
    pub fn is_electric(&self) -> bool {
        matches!(self, Self::Electric { .. })
    }
}

impl UsagePriority {
    fn read(source: &Fields) -> Result<Self> {
        match source.needed_text("usage_priority")?.as_str() {
            "primary-input" => Ok(Self::PrimaryInput),
            "primary-output" => Ok(Self::PrimaryOutput),
            "secondary-input" => Ok(Self::SecondaryInput),
            "secondary-output" => Ok(Self::SecondaryOutput),
            "tertiary" => Ok(Self::Tertiary),
            "solar" => Ok(Self::Solar),
            "lamp" => Ok(Self::Lamp),
            other => Err(unknown(source, "usage priority", other)),
        }
    }
}

pub(super) fn unknown(fields: &Fields, what: &str, found: &str) -> Error {
    Error::new(
        ErrorKind::InvalidValue,
        format!("{}: unknown {what} \"{found}\"", fields.place()),
    )
}
