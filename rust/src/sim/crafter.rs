//! Furnaces: take ore when a craft starts, hold the remainder of progress from craft to craft.

use serde::{Deserialize, Serialize};

use super::burner::{buffer_capacity_joules, joules_per_tick};
use super::energy::Energy;
use super::entity::Body;
use super::inventory::{ItemStack, Slot, stack_size};
use super::machine::smelting_recipe;
use super::power::Power;
use super::threat::pollution::{Exhaust, Pollution};
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{EntityPrototype, RecipeId, vanilla};

/// A furnace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crafter {
    pub energy: Energy,
    pub source: Slot,
    pub result: Slot,
    /// The recipe of the craft in progress.
    pub recipe: Option<RecipeId>,
    /// Seconds of work done on the craft at speed 1.
    pub seconds: f64,
    pub status: Status,
    pub asleep: bool,
    pub exhaust: Exhaust,
}

impl Crafter {
    /// Makes an idle furnace; it acts in the next tick.
    pub fn new(prototype: &EntityPrototype) -> Self {
        Self {
            energy: Energy::of(prototype),
            source: None,
            result: None,
            recipe: None,
            seconds: 0.0,
            status: Status::NoFuel,
            asleep: false,
            exhaust: Exhaust::default(),
        }
    }
}

/// Runs one tick of the furnace in entity slot `slot`.
pub(super) fn tick_crafter(world: &mut World, slot: u32) {
    let Some(entity) = world.entities.get(slot) else {
        return;
    };
    let Body::Crafter(index) = entity.body else {
        return;
    };
    let prototype = entity.prototype();
    let Some(furnace) = world.crafters.get_mut(index) else {
        return;
    };
    let before = (furnace.status, furnace.recipe, furnace.result.is_some());
    let outcome = run(
        furnace,
        prototype,
        &mut world.power,
        &mut world.pollution,
        &world.force.enabled_recipes,
    );
    furnace.status = outcome.status;
    furnace.asleep = outcome.falls_asleep;
    let after = (furnace.status, furnace.recipe, furnace.result.is_some());
    if let Some(product) = outcome.made {
        world.count_produced(product.item, product.count);
        world.changes.contents = true;
    }
    if outcome.took_ingredients {
        world.wake_waiters(slot);
        world.changes.contents = true;
    }
    // A fuel item that was lit leaves room in the slot.
    world.changes.contents |= outcome.lit_fuel;
    if before != after {
        world.mark_entity(slot);
    }
}

/// What a tick did.
struct Outcome {
    status: Status,
    falls_asleep: bool,
    made: Option<ItemStack>,
    took_ingredients: bool,
    lit_fuel: bool,
}

fn run(
    furnace: &mut Crafter,
    prototype: &EntityPrototype,
    power: &mut Power,
    pollution: &mut Pollution,
    enabled_recipes: &[bool],
) -> Outcome {
    let mut outcome = Outcome {
        status: Status::Working,
        falls_asleep: false,
        made: None,
        took_ingredients: false,
        lit_fuel: false,
    };
    let capacity = buffer_capacity_joules(prototype);
    if furnace.energy.is_cold() {
        // The first tick with fuel only fills the buffer.
        outcome.lit_fuel = furnace.energy.refill(capacity);
        if furnace.energy.is_cold() {
            outcome.status = Status::NoFuel;
            outcome.falls_asleep = true;
        }
        return outcome;
    }
    if furnace.recipe.is_none() {
        match start(furnace, prototype, enabled_recipes) {
            Ok(()) => outcome.took_ingredients = true,
            Err(status) => {
                furnace.seconds = 0.0;
                outcome.status = status;
                outcome.falls_asleep = true;
                return outcome;
            }
        }
    }
    let demand = joules_per_tick(prototype);
    let share = furnace.energy.draw(power, demand);
    furnace.exhaust.emit(pollution, share);
    furnace.seconds += prototype.crafting_speed / 60.0 * share;
    if let Some(id) = furnace.recipe
        && furnace.seconds / vanilla()[id].energy_required_seconds >= 1.0
    {
        furnace.seconds -= vanilla()[id].energy_required_seconds;
        furnace.recipe = None;
        outcome.made = finish(furnace, id);
        // The next craft takes its ingredients in the tick in which the last one ends; if it cannot, the next tick says why.
        outcome.took_ingredients |= start(furnace, prototype, enabled_recipes).is_ok();
    }
    outcome.lit_fuel = furnace.energy.refill(capacity);
    outcome
}

/// Takes the ingredients of the next craft, if they are there and the product will have room.
fn start(
    furnace: &mut Crafter,
    prototype: &EntityPrototype,
    enabled_recipes: &[bool],
) -> Result<(), Status> {
    let Some(stack) = furnace.source else {
        return Err(Status::NoIngredients);
    };
    let Some(id) = smelting_recipe(prototype, stack.item, enabled_recipes) else {
        return Err(Status::NoIngredients);
    };
    let recipe = &vanilla()[id];
    let needed = recipe
        .ingredients
        .first()
        .map_or(1, |ingredient| ingredient.amount as u32);
    if stack.count < needed {
        return Err(Status::NoIngredients);
    }
    if let Some((product, count)) = product_of(id)
        && let Some(result) = furnace.result
        && (result.item != product || result.count + count > stack_size(product))
    {
        return Err(Status::Full);
    }
    let left = stack.count - needed;
    furnace.source = (left > 0).then_some(ItemStack {
        item: stack.item,
        count: left,
    });
    furnace.recipe = Some(id);
    Ok(())
}

/// Puts the product of a finished craft into the result slot.
fn finish(furnace: &mut Crafter, id: RecipeId) -> Option<ItemStack> {
    let (item, count) = product_of(id)?;
    match &mut furnace.result {
        Some(stack) => stack.count += count,
        empty => *empty = Some(ItemStack { item, count }),
    }
    Some(ItemStack { item, count })
}

fn product_of(id: RecipeId) -> Option<(crate::prototypes::ItemId, u32)> {
    let product = vanilla()[id].results.first()?;
    Some((product.item()?, product.amount_min as u32))
}

/// Says what a furnace is making, or what it has made last and still holds.
pub fn smelted_item(
    world: &World,
    entity: &super::entity::Entity,
) -> Option<crate::prototypes::ItemId> {
    let Body::Crafter(index) = entity.body else {
        return None;
    };
    let furnace = world.crafters.get(index)?;
    match furnace.recipe {
        Some(id) => product_of(id).map(|(item, _)| item),
        None => furnace.result.map(|stack| stack.item),
    }
}
