//! What goes into a crafting machine and comes out of it: by hand, by machine, by inserter, when its recipe changes.

use super::Crafter;
use super::craft::is_enabled;
use super::recipe_facts::{
    RecipeFacts, can_make, overload_multiplier, recipe_facts, smelting_recipe_of,
};
use crate::contract::action::RejectReason;
use crate::prototypes::{EntityKind, EntityPrototype, ItemId, RecipeId, vanilla};
use crate::sim::burner::{fuel_room_by_inserter, is_fuel_for};
use crate::sim::effects::takes_module;
use crate::sim::entity::{Body, Entity, EntityRef};
use crate::sim::inventory::{ItemStack, count_in, last_wanted, remove_from, stack_size};
use crate::sim::world::World;

/// Where an ingredient goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Place of the slot among the inputs.
    pub place: usize,
    /// How many one craft takes.
    pub amount: u32,
    /// How many crafts' worth inserters bring.
    pub overload: u32,
}

/// Counts the input and output slots of a machine with `recipe`.
pub fn slots_by_recipe(prototype: &EntityPrototype, recipe: Option<RecipeId>) -> (usize, usize) {
    if prototype.kind == EntityKind::Furnace {
        return (1, 1);
    }
    recipe.map_or((0, 0), |recipe| {
        let facts = recipe_facts(recipe);
        let n_outputs = if prototype.rocket_silo.is_some() {
            0
        } else {
            facts.products.len()
        };
        (facts.ingredients.len(), n_outputs)
    })
}

impl Crafter {
    /// Finds where `item` goes as an ingredient.
    pub fn input_for(&self, item: ItemId, enabled_recipes: &[bool]) -> Option<Input> {
        let (place, facts, overload) = if self.figures.is_furnace {
            let recipe = smelting_recipe_of(self.prototype, item)
                .filter(|recipe| is_enabled(enabled_recipes, *recipe))?;
            let facts = recipe_facts(recipe);
            (0, facts, overload_multiplier(facts, self.crafting_speed()))
        } else {
            let facts = recipe_facts(self.recipe?);
            let is_item = |(known, _): &(ItemId, u32)| *known == item;
            let place = facts.ingredients.iter().position(is_item)?;
            (place, facts, self.figures.overload)
        };
        let (_, amount) = facts.ingredients.get(place)?;
        Some(Input {
            place,
            amount: *amount,
            overload,
        })
    }

    /// Computes how many of `item` an inserter may still put in.
    pub(in crate::sim) fn room_by_inserter(&self, item: ItemId, enabled_recipes: &[bool]) -> u32 {
        let fuel_room = fuel_room_by_inserter(&self.energy, self.prototype(), item);
        if fuel_room > 0 {
            return fuel_room;
        }
        let Some(input) = self.input_for(item, enabled_recipes) else {
            return 0;
        };
        if self.is_overfull() {
            return 0;
        }
        match self.inputs[input.place] {
            Some(stack) if stack.item != item => 0,
            slot => (input.amount * input.overload).saturating_sub(slot.map_or(0, |s| s.count)),
        }
    }

    /// Says whether so much lies in the output that inserters bring no more ingredients (measured on 2.1).
    fn is_overfull(&self) -> bool {
        let Some(facts) = self.recipe.map(recipe_facts) else {
            return false;
        };
        facts
            .products
            .iter()
            .zip(&self.outputs)
            .any(|(product, slot)| {
                slot.is_some_and(|stack| stack.count >= product.max * self.figures.overload)
            })
    }

    /// Adds up to `count` of an ingredient or fuel and returns how many went in.
    ///
    /// Hands fill a stack. Machines go on beyond it, by what four full hands of a bulk inserter hold (measured: a drill
    /// fills a furnace up to 54 ore).
    pub(in crate::sim) fn insert(
        &mut self,
        item: ItemId,
        count: u32,
        overfill: u32,
        enabled_recipes: &[bool],
    ) -> u32 {
        let prototype = self.prototype();
        if is_fuel_for(prototype, item) {
            return self.energy.insert_fuel(prototype, item, count);
        }
        let Some(input) = self.input_for(item, enabled_recipes) else {
            return 0;
        };
        let capacity = stack_size(item).max(input.amount * input.overload) + overfill;
        match &mut self.inputs[input.place] {
            Some(stack) if stack.item != item => 0,
            Some(stack) => {
                let added = count.min(capacity.saturating_sub(stack.count));
                stack.count += added;
                added
            }
            empty => {
                let count = count.min(capacity);
                *empty = Some(ItemStack { item, count });
                count
            }
        }
    }

    /// Finds what an inserter would take.
    pub(in crate::sim) fn offered(
        &self,
        is_wanted: &mut dyn FnMut(ItemId) -> bool,
    ) -> Option<ItemStack> {
        last_wanted(&self.outputs, is_wanted)
    }

    /// Takes up to `count` of a product and returns how many came out.
    pub(in crate::sim) fn take(&mut self, item: ItemId, count: u32) -> u32 {
        remove_from(&mut self.outputs, item, count)
    }

    /// Lists the ingredients of the craft in progress: they come back when the machine is taken up or its recipe changed.
    pub(in crate::sim) fn in_progress(&self) -> impl Iterator<Item = ItemStack> + use<> {
        let recipe = self.recipe.filter(|_| self.is_crafting);
        let ingredients = recipe.map_or(&[][..], |recipe| &recipe_facts(recipe).ingredients[..]);
        ingredients.iter().map(|(item, count)| ItemStack {
            item: *item,
            count: *count,
        })
    }
}

/// Computes how many of an ingredient a hand can put into a machine of `prototype` that makes `recipe`.
pub fn ingredient_room_by_hand(
    prototype: &EntityPrototype,
    recipe: Option<RecipeId>,
    inputs: &[Option<ItemStack>],
    item: ItemId,
) -> u32 {
    let Some(recipe) = recipe else {
        return 0;
    };
    let facts: &RecipeFacts = recipe_facts(recipe);
    let Some(place) = facts
        .ingredients
        .iter()
        .position(|(known, _)| *known == item)
    else {
        return 0;
    };
    let amount = facts.ingredients[place].1 * overload_multiplier(facts, prototype.crafting_speed);
    let held = count_in(&inputs[place..=place], item);
    stack_size(item).max(amount).saturating_sub(held)
}

/// Says whether the recipe of a machine of `prototype` can be set.
pub fn has_settable_recipe(prototype: &EntityPrototype) -> bool {
    prototype.kind == EntityKind::AssemblingMachine && prototype.fixed_recipe.is_none()
}

impl World {
    /// Reads the recipe of a crafting machine: what it is set to, or what a furnace makes.
    pub fn recipe_of(&self, entity: &Entity) -> Option<RecipeId> {
        match entity.body {
            Body::Crafter(index) => self.crafters.get(index)?.recipe,
            _ => None,
        }
    }

    /// Says whether the recipe of a machine could be set to `recipe` now.
    ///
    /// # Errors
    /// `WrongTarget` where it chooses its recipe itself, `NoRecipe` where it cannot make this one, `RecipeLocked`.
    pub fn check_recipe(&self, entity: &Entity, recipe: RecipeId) -> Result<(), RejectReason> {
        let prototype = entity.prototype();
        if !matches!(entity.body, Body::Crafter(_)) || !has_settable_recipe(prototype) {
            return Err(RejectReason::WrongTarget);
        }
        if !can_make(prototype, recipe) {
            return Err(RejectReason::NoRecipe);
        }
        if !self.is_enabled(recipe) {
            return Err(RejectReason::RecipeLocked);
        }
        Ok(())
    }

    /// Sets what a machine makes; what it held goes to the character, or to the ground round the machine.
    ///
    /// # Errors
    /// As [`World::check_recipe`], and `NoTarget`.
    pub fn set_recipe(
        &mut self,
        reference: EntityRef,
        recipe: RecipeId,
    ) -> Result<(), RejectReason> {
        let entity = self.entity(reference).ok_or(RejectReason::NoTarget)?;
        self.check_recipe(entity, recipe)?;
        self.change_recipe(reference, Some(recipe));
        Ok(())
    }

    /// Changes what a machine makes without asking whether it may.
    pub(in crate::sim) fn change_recipe(&mut self, reference: EntityRef, recipe: Option<RecipeId>) {
        let Some(position) = self.entity(reference).map(|entity| entity.position) else {
            return;
        };
        for stack in self.exchange_recipe(reference, recipe) {
            crate::sim::mining::give(self, stack, position);
        }
    }

    /// Changes what a machine makes without asking whether it may, and hands over what it held.
    pub(in crate::sim) fn exchange_recipe(
        &mut self,
        reference: EntityRef,
        recipe: Option<RecipeId>,
    ) -> Vec<ItemStack> {
        let Some(entity) = self.entity(reference) else {
            return Vec::new();
        };
        let (body, prototype) = (entity.body, entity.prototype());
        let Body::Crafter(index) = body else {
            return Vec::new();
        };
        let Some(crafter) = self.crafters.get_mut(index) else {
            return Vec::new();
        };
        if crafter.recipe == recipe {
            return Vec::new();
        }
        let mut returned: Vec<ItemStack> = crafter.in_progress().collect();
        for stack in &returned {
            self.production.return_item(stack.item, stack.count);
        }
        returned.extend(
            crafter
                .inputs
                .iter_mut()
                .chain(&mut crafter.outputs)
                .filter_map(Option::take),
        );
        crafter.is_crafting = false;
        crafter.seconds = 0.0;
        crafter.bonus = 0.0;
        crafter.choose_recipe(recipe);
        self.fluids.set_recipe(reference.slot, recipe);
        crafter.link_fluids(reference.slot, &self.fluids);
        returned.extend(self.take_modules(reference, |item| takes_module(prototype, recipe, item)));
        self.contents_changed(reference.slot);
        // Recipes change between ticks, so all that waited acts in the next one.
        self.wake_pending();
        returned
    }

    /// Reads how many parts of the rocket in a silo are made; `None` for what is no silo.
    pub fn rocket_parts(&self, slot: u32) -> Option<u32> {
        match self.entities.get(slot)?.body {
            Body::Crafter(index) => {
                let crafter = self.crafters.get(index)?;
                (crafter.figures.parts_required > 0).then_some(crafter.parts)
            }
            _ => None,
        }
    }

    /// Takes a finished rocket out of a silo, which goes on with the next; returns whether there was one.
    pub(in crate::sim) fn take_rocket(&mut self, slot: u32) -> bool {
        let Some(Body::Crafter(index)) = self.entities.get(slot).map(|entity| entity.body) else {
            return false;
        };
        let Some(crafter) = self.crafters.get_mut(index) else {
            return false;
        };
        let required = crafter.figures.parts_required;
        if required == 0 || crafter.parts < required {
            return false;
        }
        crafter.parts -= required;
        if let Some(product) = crafter
            .recipe
            .and_then(|recipe| recipe_facts(recipe).products.first())
        {
            // The rocket is made of them.
            self.production.use_item(product.item, required);
        }
        self.contents_changed(slot);
        true
    }
}

/// Finds the recipe by which a machine of `prototype` makes `item`.
///
/// # Errors
/// `WrongTarget` where its recipe cannot be set, `NoRecipe` where it has none, `RecipeLocked` where none is enabled yet.
pub fn recipe_for_machine(
    world: &World,
    prototype: &EntityPrototype,
    item: ItemId,
) -> Result<RecipeId, RejectReason> {
    if !has_settable_recipe(prototype) {
        return Err(RejectReason::WrongTarget);
    }
    let mut reason = RejectReason::NoRecipe;
    for recipe in vanilla().recipes_for_item(item) {
        if can_make(prototype, *recipe) {
            if world.is_enabled(*recipe) {
                return Ok(*recipe);
            }
            reason = RejectReason::RecipeLocked;
        }
    }
    Err(reason)
}
