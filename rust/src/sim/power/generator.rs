//! Steam engines and turbines: heat of a fluid to electricity, as much as the network asks for.

use serde::{Deserialize, Serialize};

use crate::contract::codes::Status;
use crate::prototypes::{EntityPrototype, Fluid, FluidId, vanilla};
use crate::sim::fluid::Fluids;

/// A steam engine or turbine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Slot of its entity.
    pub slot: u32,
    /// Its fluid box.
    pub fluid_box: u32,
    /// Fluid used in a tick at full power.
    pub usage_per_tick: f64,
    /// Hotter fluid gives no more than this temperature would.
    pub maximum_temperature: f64,
    /// Joules given per joule used.
    pub effectivity: f64,
    /// The most energy that it gives in a tick.
    pub max_joules_per_tick: f64,
    /// Energy given in the last tick.
    pub given_joules: f64,
    pub status: Status,
}

impl Generator {
    /// Makes a generator of a prototype for the entity in `slot`.
    pub fn new(slot: u32, fluid_box: u32, prototype: &EntityPrototype) -> Self {
        let facts = prototype.generator.as_ref();
        Self {
            slot,
            fluid_box,
            usage_per_tick: facts.map_or(0.0, |facts| facts.fluid_usage_per_tick),
            maximum_temperature: facts
                .and_then(|facts| facts.maximum_temperature)
                .unwrap_or(f64::INFINITY),
            effectivity: facts.map_or(1.0, |facts| facts.effectivity),
            max_joules_per_tick: facts
                .and_then(|facts| facts.max_power_output_watts)
                .map_or(f64::INFINITY, |watts| watts / 60.0),
            given_joules: 0.0,
            status: Status::Normal,
        }
    }

    /// Computes what a unit of the fluid in its box gives, joules.
    fn joules_per_unit(&self, fluid: FluidId, temperature: f64) -> f64 {
        joules_per_unit(&vanilla()[fluid], temperature.min(self.maximum_temperature))
            * self.effectivity
    }

    /// Computes what it can give in this tick, joules.
    pub(super) fn available_joules(&self, fluids: &Fluids) -> f64 {
        let Some(fluid) = fluids.fluid(self.fluid_box) else {
            return 0.0;
        };
        let usable = self.usage_per_tick.min(fluids.available(self.fluid_box));
        let per_unit = self.joules_per_unit(fluid, fluids.temperature(self.fluid_box));
        (usable * per_unit).min(self.max_joules_per_tick)
    }

    /// Takes the fluid that gives `joules`.
    pub(super) fn give(&mut self, joules: f64, fluids: &mut Fluids) {
        self.given_joules = joules;
        if joules <= 0.0 {
            return;
        }
        if let Some(fluid) = fluids.fluid(self.fluid_box) {
            let per_unit = self.joules_per_unit(fluid, fluids.temperature(self.fluid_box));
            fluids.take(self.fluid_box, joules / per_unit);
        }
    }
}

/// Computes the heat in a unit of fluid above its default temperature, joules.
pub fn joules_per_unit(fluid: &Fluid, temperature: f64) -> f64 {
    (temperature - fluid.default_temperature).max(0.0) * fluid.heat_capacity_joules
}
