//! The fluids of a craft: which boxes its recipe uses, whether they hold enough, whether they have room.

use super::Crafter;
use crate::prototypes::{FluidId, vanilla};
use crate::sim::fluid::Fluids;
use crate::sim::production::Production;

/// A fluid of the recipe and the box of the machine that it is in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FluidLink {
    fluid_box: u32,
    fluid: FluidId,
    amount: f64,
    /// The part to which productivity does not apply.
    catalyst: f64,
    /// Ingredients: the coldest and the hottest that will do. Products: their temperature, twice.
    temperatures: (f64, f64),
}

impl Crafter {
    /// Finds the boxes of the recipe's fluids; the boxes of entity slot `slot` fit the recipe already.
    pub(in crate::sim) fn link_fluids(&mut self, slot: u32, fluids: &Fluids) {
        self.fluid_inputs.clear();
        self.fluid_outputs.clear();
        let Some(recipe) = self.recipe else {
            return;
        };
        let facts = &vanilla()[recipe];
        if !facts.uses_fluids() {
            return;
        }
        self.fluid_inputs = facts
            .ingredients
            .iter()
            .filter_map(|ingredient| {
                let fluid = ingredient.what.fluid()?;
                Some(FluidLink {
                    fluid_box: fluids.recipe_box(slot, recipe, fluid, true)?,
                    fluid,
                    amount: ingredient.amount,
                    catalyst: 0.0,
                    temperatures: (
                        ingredient.minimum_temperature.unwrap_or(f64::NEG_INFINITY),
                        ingredient.maximum_temperature.unwrap_or(f64::INFINITY),
                    ),
                })
            })
            .collect();
        self.fluid_outputs = facts
            .results
            .iter()
            .filter_map(|product| {
                let fluid = product.what.fluid()?;
                let temperature = product
                    .temperature
                    .unwrap_or(vanilla()[fluid].default_temperature);
                Some(FluidLink {
                    fluid_box: fluids.recipe_box(slot, recipe, fluid, false)?,
                    fluid,
                    amount: product.amount_max,
                    catalyst: product.ignored_by_productivity,
                    temperatures: (temperature, temperature),
                })
            })
            .collect();
    }

    /// Says whether the fluid ingredients of a craft are there.
    pub(super) fn has_fluids(&self, fluids: &Fluids) -> bool {
        self.fluid_inputs.iter().all(|link| {
            let temperature = fluids.temperature(link.fluid_box);
            fluids.available(link.fluid_box) >= link.amount
                && link.temperatures.0 <= temperature
                && temperature <= link.temperatures.1
        })
    }

    /// Says whether every fluid product of a craft would fit.
    pub(super) fn has_room_for_fluids(&self, fluids: &Fluids) -> bool {
        self.fluid_outputs
            .iter()
            .all(|link| fluids.room(link.fluid_box, link.fluid) >= link.amount)
    }

    /// Lets the machine be woken when fluid flows into or out of its boxes.
    pub(super) fn watch_fluids(&self, fluids: &mut Fluids) {
        for link in self.fluid_inputs.iter().chain(&self.fluid_outputs) {
            fluids.wake_owner_on_change(link.fluid_box);
        }
    }

    pub(super) fn take_fluids(&self, fluids: &mut Fluids, production: &mut Production) {
        for link in &self.fluid_inputs {
            fluids.take(link.fluid_box, link.amount);
            production.use_fluid(link.fluid, link.amount);
        }
    }

    /// Gives the fluid products of a craft; what productivity adds is lost where it has no room.
    pub(super) fn give_fluids(
        &self,
        is_bonus: bool,
        fluids: &mut Fluids,
        production: &mut Production,
    ) {
        for link in &self.fluid_outputs {
            let catalyst = if is_bonus { link.catalyst } else { 0.0 };
            let amount = fluids.put(
                link.fluid_box,
                link.fluid,
                link.amount - catalyst,
                link.temperatures.0,
            );
            production.make_fluid(link.fluid, amount);
        }
    }
}
