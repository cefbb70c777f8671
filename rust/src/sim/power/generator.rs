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
    /// The fluid that its box is for, with its default temperature and its heat capacity.
    pub filter: Option<(FluidId, f64, f64)>,
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
            filter: prototype
                .fluid_boxes
                .first()
                .and_then(|shape| shape.filter)
                .map(|id| {
                    let fluid = &vanilla()[id];
                    (id, fluid.default_temperature, fluid.heat_capacity_joules)
                }),
            given_joules: 0.0,
            status: Status::Normal,
        }
    }

    /// Computes what a unit of a fluid gives, joules.
    fn joules_per_unit(&self, fluid: FluidId, temperature: f64) -> f64 {
        let usable = temperature.min(self.maximum_temperature);
        if let Some((filter, coldest, joules_per_degree)) = self.filter
            && filter == fluid
        {
            return (usable - coldest).max(0.0) * joules_per_degree * self.effectivity;
        }
        joules_per_unit(&vanilla()[fluid], usable) * self.effectivity
    }

    /// Computes what it can give in this tick: joules, and joules per unit of fluid.
    pub(super) fn offer(&self, fluids: &Fluids) -> Offer {
        let content = fluids.content(self.fluid_box);
        let Some(fluid) = content.fluid else {
            return Offer::default();
        };
        let joules_per_unit = self.joules_per_unit(fluid, content.temperature);
        let usable = self.usage_per_tick.min(content.amount);
        Offer {
            joules: (usable * joules_per_unit).min(self.max_joules_per_tick),
            joules_per_unit,
        }
    }

    /// Gives `share` of an offer, for the fluid that it takes.
    pub(super) fn give(&mut self, share: f64, offer: Offer, fluids: &mut Fluids) {
        self.given_joules = offer.joules * share;
        if self.given_joules > 0.0 {
            fluids.take(self.fluid_box, self.given_joules / offer.joules_per_unit);
        }
    }
}

/// What a generator can give in a tick.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offer {
    pub(super) joules: f64,
    pub(super) joules_per_unit: f64,
}

/// Computes the heat in a unit of fluid above its default temperature, joules.
pub fn joules_per_unit(fluid: &Fluid, temperature: f64) -> f64 {
    (temperature - fluid.default_temperature).max(0.0) * fluid.heat_capacity_joules
}
