//! The boxes of crafting machines follow their recipe: which fluid, how much room, whether they are open at all.

use super::Fluids;
use crate::prototypes::{FluidBoxRole, FluidId, Recipe, RecipeId, vanilla};

/// How many crafts' worth of a fluid ingredient a box holds (the game's default for `fluidbox_multiplier`).
const CRAFTS_HELD: f64 = 2.0;

impl Fluids {
    /// Fits the boxes of the crafting machine in entity slot `slot` to its recipe; `None` closes them all.
    ///
    /// A box that the recipe does not use closes, and loses what it holds, as does one whose fluid changes.
    pub fn set_recipe(&mut self, slot: u32, recipe: Option<RecipeId>) {
        for index in self.boxes_of(slot).to_vec() {
            let use_ = recipe.and_then(|recipe| self.use_of(slot, index, &vanilla()[recipe]));
            if let Some((fluid, volume)) = use_ {
                self.set_filter(index, Some(fluid));
                self.set_volume(index, volume);
                self.set_open(index, true);
            } else {
                self.empty(index);
                self.set_filter(index, None);
                self.set_open(index, false);
            }
        }
    }

    /// Finds the box of a crafting machine that a fluid ingredient (or product) of its recipe uses.
    pub fn recipe_box(
        &self,
        slot: u32,
        recipe: RecipeId,
        fluid: FluidId,
        is_input: bool,
    ) -> Option<u32> {
        self.boxes_of(slot).iter().copied().find(|index| {
            self.role_of(*index) == Some(is_input)
                && self
                    .use_of(slot, *index, &vanilla()[recipe])
                    .is_some_and(|(used, _)| used == fluid)
        })
    }

    /// Opens or closes the connections of a machine's box.
    pub fn set_open(&mut self, index: u32, is_open: bool) {
        let Some(fluid_box) = self.boxes.get_mut(index) else {
            return;
        };
        if fluid_box.is_open == is_open {
            return;
        }
        fluid_box.is_open = is_open;
        if is_open {
            self.connect(index);
        } else {
            self.disconnect(index);
        }
    }

    /// Says whether a box is an input (`true`) or an output of its machine.
    pub(super) fn role_of(&self, index: u32) -> Option<bool> {
        match self.shape_of(index)?.role {
            FluidBoxRole::Input => Some(true),
            FluidBoxRole::Output => Some(false),
            FluidBoxRole::Storage | FluidBoxRole::InputOutput => None,
        }
    }

    /// Says which fluid of a recipe a box holds, and how much of it.
    ///
    /// Fluids take the boxes of their side in the order of the recipe, unless the recipe names the box.
    fn use_of(&self, slot: u32, index: u32, recipe: &Recipe) -> Option<(FluidId, f64)> {
        let is_input = self.role_of(index)?;
        let place = self
            .boxes_of(slot)
            .iter()
            .filter(|other| self.role_of(**other) == Some(is_input))
            .position(|other| *other == index)?;
        let assigned =
            if is_input {
                places(
                    recipe.ingredients.iter().filter_map(|one| {
                        Some((one.what.fluid()?, one.amount, one.fluidbox_index))
                    }),
                )
            } else {
                places(recipe.results.iter().filter_map(|one| {
                    Some((one.what.fluid()?, one.amount_max, one.fluidbox_index))
                }))
            };
        let (.., fluid, amount) = assigned.into_iter().find(|(taken, ..)| *taken == place)?;
        let declared = self.shape_of(index)?.volume;
        // Inputs hold two crafts. Outputs keep their own volume, which must take at least one craft's product.
        let volume = if is_input {
            amount * CRAFTS_HELD
        } else {
            declared.max(amount)
        };
        Some((fluid, volume))
    }
}

/// Gives each fluid the place of its box: the one it names, else the first that is free.
fn places(fluids: impl Iterator<Item = (FluidId, f64, Option<u32>)>) -> Vec<(usize, FluidId, f64)> {
    let mut taken: Vec<(usize, FluidId, f64)> = Vec::new();
    for (fluid, amount, named) in fluids {
        let first_free = (0..=taken.len())
            .find(|place| taken.iter().all(|(used, ..)| used != place))
            .unwrap_or_default();
        let place = named.map_or(first_free, |named| named as usize - 1);
        taken.push((place, fluid, amount));
    }
    taken
}
