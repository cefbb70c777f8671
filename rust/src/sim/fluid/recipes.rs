//! The boxes of crafting machines follow their recipe: which fluid, how much room, whether they are open at all.
//!
//! Boxes of one side that the recipe has no fluid for are merged with those that it uses: a chemical plant that wants one
//! fluid takes it at either of its inputs. The boxes of a side follow one another in every prototype of the base game.

use std::ops::Range;

use super::Fluids;
use crate::prototypes::{FluidBoxRole, FluidId, Recipe, RecipeId, vanilla};

/// How many crafts' worth of a fluid ingredient a box holds (the game's default for `fluidbox_multiplier`).
const CRAFTS_HELD: f64 = 2.0;

impl Fluids {
    /// Fits the boxes of the crafting machine in entity slot `slot` to its recipe; `None` closes them all.
    ///
    /// A box that the recipe does not use closes, and loses what it holds, as does one whose fluid changes. Boxes that are
    /// merged with one before them are closed: that one has their connections.
    pub fn set_recipe(&mut self, slot: u32, recipe: Option<RecipeId>) {
        let uses: Vec<(u32, Option<Use>)> = self
            .boxes_of(slot)
            .iter()
            .map(|index| {
                let use_ = recipe.and_then(|recipe| self.use_of(slot, *index, &vanilla()[recipe]));
                (*index, use_)
            })
            .collect();
        // A merged box takes over openings, so these are closed before any is opened.
        for (index, use_) in &uses {
            let span = use_.map_or(1, |used| used.span);
            if use_.is_none() {
                self.empty(*index);
                self.set_filter(*index, None);
            }
            if use_.is_none() || self.get(*index).is_some_and(|known| known.span != span) {
                self.set_open(*index, false);
            }
            if let Some(fluid_box) = self.boxes.get_mut(*index) {
                fluid_box.span = span;
            }
        }
        for (index, use_) in uses {
            if let Some(used) = use_ {
                self.set_filter(index, Some(used.fluid));
                self.set_volume(index, used.volume);
                self.set_open(index, true);
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
                    .is_some_and(|used| used.fluid == fluid)
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

    /// Says which fluid of a recipe a box holds, how much of it, and with how many of the boxes after it it is merged.
    fn use_of(&self, slot: u32, index: u32, recipe: &Recipe) -> Option<Use> {
        let is_input = self.role_of(index)?;
        let side: Vec<u32> = self
            .boxes_of(slot)
            .iter()
            .copied()
            .filter(|other| self.role_of(*other) == Some(is_input))
            .collect();
        let place = side.iter().position(|other| *other == index)?;
        let fluids: Vec<Wanted> = if is_input {
            let wanted = recipe
                .ingredients
                .iter()
                .filter_map(|one| Some((one.what.fluid()?, one.amount, one.fluidbox_index)));
            wanted.collect()
        } else {
            let wanted = recipe
                .results
                .iter()
                .filter_map(|one| Some((one.what.fluid()?, one.amount_max, one.fluidbox_index)));
            wanted.collect()
        };
        let places = places(&fluids, side.len());
        let (which, taken) = places
            .iter()
            .enumerate()
            .find(|(_, taken)| taken.start == place && !taken.is_empty())?;
        let (fluid, amount, _) = fluids[which];
        let declared = self.shape_of(index)?.volume;
        // Inputs hold two crafts. Outputs keep their own volume, which must take at least one craft's product.
        let volume = if is_input {
            amount * CRAFTS_HELD
        } else {
            declared.max(amount)
        };
        Some(Use {
            fluid,
            volume,
            span: taken.len() as u8,
        })
    }
}

/// What a recipe makes of a box.
#[derive(Clone, Copy)]
struct Use {
    fluid: FluidId,
    volume: f64,
    span: u8,
}

/// A fluid of a recipe: which, how much, and the box that the recipe names, counted from 1.
type Wanted = (FluidId, f64, Option<u32>);

/// Gives each fluid its boxes among the `n_boxes` of its side, in the order of the recipe.
///
/// A fluid whose box is named has that one. The others share out the boxes that are left: as many in a row to each as
/// there are for each fluid still to come, rounded up, so that none stays unused and the first fluids get the more. (The
/// game merges the boxes of a fluid, as its API says; this partition is what was seen in it, for two boxes and one fluid
/// and for three boxes and two fluids.)
fn places(fluids: &[Wanted], n_boxes: usize) -> Vec<Range<usize>> {
    let named = |place: usize| {
        fluids
            .iter()
            .any(|(.., named)| *named == Some(place as u32 + 1))
    };
    let mut n_unnamed = fluids.iter().filter(|(.., named)| named.is_none()).count();
    let mut next = 0;
    let mut taken = Vec::new();
    for (.., name) in fluids {
        if let Some(name) = name {
            let place = (*name as usize).saturating_sub(1);
            taken.push(place..place + 1);
            continue;
        }
        while next < n_boxes && named(next) {
            next += 1;
        }
        let n_left = (next..n_boxes).filter(|place| !named(*place)).count();
        let in_a_row = (next..n_boxes).take_while(|place| !named(*place)).count();
        let count = n_left.div_ceil(n_unnamed.max(1)).min(in_a_row);
        taken.push(next..next + count);
        next += count;
        n_unnamed -= 1;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::{Wanted, places};
    use crate::prototypes::vanilla;

    fn of(names: &[Option<u32>], n_boxes: usize) -> Vec<(usize, usize)> {
        let water = vanilla().fluid("water").unwrap();
        let fluids: Vec<Wanted> = names.iter().map(|name| (water, 1.0, *name)).collect();
        let taken = places(&fluids, n_boxes).into_iter();
        taken.map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn boxes_that_a_recipe_leaves_over_are_merged_with_those_before_them() {
        assert_eq!(of(&[None], 2), [(0, 2)]);
        assert_eq!(of(&[None, None], 2), [(0, 1), (1, 2)]);
        assert_eq!(of(&[None, None], 3), [(0, 2), (2, 3)]);
        assert_eq!(of(&[None, None, None], 3), [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn a_named_box_is_not_shared() {
        assert_eq!(of(&[Some(2)], 2), [(1, 2)]);
        assert_eq!(of(&[Some(3)], 3), [(2, 3)]);
        assert_eq!(of(&[Some(1), None], 3), [(0, 1), (1, 3)]);
    }
}
