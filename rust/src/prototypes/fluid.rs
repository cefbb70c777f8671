//! Fluids.

use crate::error::Result;

use super::fields::Fields;

/// Joules that warm one unit of a fluid by one degree, where the fluid does not say.
const DEFAULT_HEAT_CAPACITY_JOULES: f64 = 1_000.0;

/// One fluid.
#[derive(Clone, Debug, PartialEq)]
pub struct Fluid {
    /// The game's name.
    pub name: String,
    /// Degrees Celsius.
    pub default_temperature: f64,
    /// The hottest it gets; the default temperature if it cannot be heated.
    pub max_temperature: f64,
    /// Joules per unit and degree.
    pub heat_capacity_joules: f64,
    /// Joules per unit when burnt; 0 if it does not burn.
    pub fuel_value_joules: f64,
    /// Whether players do not see it.
    pub hidden: bool,
    /// Whether it is a placeholder of parametrised blueprints.
    pub is_parameter: bool,
    /// Its colour, red, green, blue.
    pub color: [u8; 3],
    /// Sort key.
    pub order: String,
}

impl Fluid {
    pub(super) fn read(name: &str, fields: &Fields) -> Result<Self> {
        let default_temperature =
            fields.need("default_temperature", fields.number("default_temperature")?)?;
        Ok(Self {
            name: name.to_owned(),
            default_temperature,
            max_temperature: fields.number_or("max_temperature", default_temperature)?,
            heat_capacity_joules: fields
                .energy("heat_capacity")?
                .unwrap_or(DEFAULT_HEAT_CAPACITY_JOULES),
            fuel_value_joules: fields.energy_or_zero("fuel_value")?,
            hidden: fields.flag("hidden")?,
            is_parameter: fields.flag("parameter")?,
            color: fields.need("base_color", fields.color("base_color")?)?,
            order: fields.owned_text("order")?.unwrap_or_default(),
        })
    }
}
