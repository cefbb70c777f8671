//! One craft: whether it can start, what it takes, what it gives.

use super::Crafter;
use super::recipe_facts::{ItemProduct, recipe_facts, smelting_recipe_of};
use crate::contract::codes::Status;
use crate::prototypes::RecipeId;
use crate::sim::fluid::Fluids;
use crate::sim::inventory::{ItemStack, stack_size};
use crate::sim::production::Production;
use crate::sim::rng::Rng;

/// What a craft takes from and gives to, beside the machine's own slots.
pub(super) struct Stores<'a> {
    pub production: &'a mut Production,
    pub fluids: &'a mut Fluids,
    pub rng: &'a mut Rng,
}

impl Crafter {
    /// Says whether the next craft could start, setting the recipe of a furnace; otherwise why not.
    pub(super) fn can_start(
        &mut self,
        enabled_recipes: &[bool],
        fluids: &Fluids,
    ) -> Result<(), Status> {
        if self.figures.is_furnace {
            self.follow_source(enabled_recipes)?;
        }
        let Some(recipe) = self.recipe else {
            return Err(Status::NoRecipe);
        };
        let facts = recipe_facts(recipe);
        let has_all = facts
            .ingredients
            .iter()
            .zip(&self.inputs)
            .all(|((_, amount), slot)| slot.is_some_and(|stack| stack.count >= *amount));
        // A full machine says so even where it also lacks something.
        if !self.has_room_for(&facts.products) || !self.has_room_for_fluids(fluids) {
            return Err(Status::Full);
        }
        if has_all && self.has_fluids(fluids) {
            Ok(())
        } else {
            Err(Status::NoIngredients)
        }
    }

    /// Makes the recipe of a furnace that of what lies in its source slot.
    fn follow_source(&mut self, enabled_recipes: &[bool]) -> Result<(), Status> {
        let stack = self.inputs[0].ok_or(Status::NoIngredients)?;
        let recipe = smelting_recipe_of(self.prototype, stack.item)
            .filter(|recipe| is_enabled(enabled_recipes, *recipe))
            .ok_or(Status::NoIngredients)?;
        if self.recipe != Some(recipe) {
            self.choose_recipe(Some(recipe));
        }
        Ok(())
    }

    fn has_room_for(&self, products: &[ItemProduct]) -> bool {
        if self.figures.parts_required > 0 {
            return self.parts < self.figures.parts_required;
        }
        products.iter().zip(&self.outputs).all(|(product, slot)| {
            slot.is_none_or(|stack| {
                // A craft that makes more than a stack fits into an empty slot.
                stack.item == product.item && stack.count + product.max <= stack_size(product.item)
            })
        })
    }

    /// Takes the ingredients of the next craft; [`Crafter::can_start`] has said that they are there.
    pub(super) fn start(&mut self, stores: &mut Stores<'_>) {
        let Some(recipe) = self.recipe else {
            return;
        };
        for ((item, amount), slot) in recipe_facts(recipe)
            .ingredients
            .iter()
            .zip(&mut self.inputs)
        {
            *slot = slot.and_then(|stack| {
                let left = stack.count.saturating_sub(*amount);
                (left > 0).then_some(ItemStack {
                    count: left,
                    ..stack
                })
            });
            stores.production.use_item(*item, *amount);
        }
        self.take_fluids(stores.fluids, stores.production);
        self.is_crafting = true;
    }

    /// Ends the craft: its products, and once more those that the productivity bar pays.
    pub(super) fn finish(&mut self, stores: &mut Stores<'_>) {
        self.is_crafting = false;
        self.crafts_finished += 1;
        let Some(recipe) = self.recipe else {
            return;
        };
        self.give(recipe, false, stores);
        self.bonus += self.figures.productivity;
        while self.bonus >= 1.0 {
            self.bonus -= 1.0;
            self.give(recipe, true, stores);
        }
    }

    fn give(&mut self, recipe: RecipeId, is_bonus: bool, stores: &mut Stores<'_>) {
        self.give_fluids(is_bonus, stores.fluids, stores.production);
        let facts = recipe_facts(recipe);
        for (place, product) in facts.products.iter().enumerate() {
            let mut count = drawn(product, stores.rng);
            if is_bonus {
                count = count.saturating_sub(product.catalyst);
            }
            if count == 0 {
                continue;
            }
            stores.production.make_item(product.item, count);
            if self.figures.parts_required > 0 {
                self.parts += count;
                continue;
            }
            match &mut self.outputs[place] {
                Some(stack) => stack.count += count,
                empty => {
                    *empty = Some(ItemStack {
                        item: product.item,
                        count,
                    });
                }
            }
        }
    }
}

/// Draws how many of a product a craft gives.
fn drawn(product: &ItemProduct, rng: &mut Rng) -> u32 {
    if product.probability < 1.0 && rng.unit() >= product.probability {
        return 0;
    }
    if product.min == product.max {
        product.min
    } else {
        rng.between(product.min as i32, product.max as i32) as u32
    }
}

pub(super) fn is_enabled(enabled_recipes: &[bool], recipe: RecipeId) -> bool {
    enabled_recipes
        .get(recipe.index())
        .copied()
        .unwrap_or(false)
}
