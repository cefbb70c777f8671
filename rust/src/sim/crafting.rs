//! Crafting by hand: a queue of orders, intermediates first, ingredients taken when an order is queued.
//!
//! Each tick the first order gains speed / 60 seconds; a craft is done at its recipe's time and the next starts from 0,
//! so a recipe of 0.5 s takes 31 ticks (measured on 2.0.77).

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::world::World;
use crate::contract::action::RejectReason;
use crate::prototypes::{ItemId, Product, Recipe, RecipeId, vanilla};

/// The queue holds at most this many orders; a craft that would need more is refused.
pub const MAX_ORDERS: usize = 64;
/// Intermediates are looked for this deep; the base game needs 6.
const MAX_DEPTH: usize = 12;

/// Crafts of one recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CraftOrder {
    pub recipe: RecipeId,
    /// Crafts still to do.
    pub remaining: u32,
    /// How many of the main product later orders have taken already; the rest goes to the inventory.
    pub reserved: u32,
}

/// The hand-crafting queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CraftingQueue {
    orders: VecDeque<CraftOrder>,
    /// Seconds of work done on the present craft.
    seconds: f64,
}

impl CraftingQueue {
    /// Reads the orders, first to be done first.
    pub fn orders(&self) -> impl Iterator<Item = &CraftOrder> {
        self.orders.iter()
    }

    /// Counts the crafts that wait or run.
    pub fn crafts(&self) -> u32 {
        self.orders.iter().map(|order| order.remaining).sum()
    }

    /// Gives the share of the present craft that is done.
    pub fn progress(&self) -> f64 {
        self.orders.front().map_or(0.0, |order| {
            (self.seconds / vanilla()[order.recipe].energy_required_seconds).clamp(0.0, 1.0)
        })
    }

    /// Counts the orders.
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Says whether nothing is queued.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Makes the orders those that are reported; what is reserved of them is not known.
    pub(super) fn mirror(&mut self, orders: impl Iterator<Item = (RecipeId, u32)>) {
        self.clear();
        self.orders
            .extend(orders.map(|(recipe, remaining)| CraftOrder {
                recipe,
                remaining,
                reserved: 0,
            }));
    }

    /// Takes up to `count` crafts out of the order at `index`, from 1, and lists the ingredients that come back.
    ///
    /// Orders before it that only made its ingredients are done all the same; what they make goes to the inventory then.
    pub(super) fn cancel(&mut self, index: usize, count: u32) -> Vec<(ItemId, u32)> {
        let Some(place) = index.checked_sub(1) else {
            return Vec::new();
        };
        let Some(order) = self.orders.get_mut(place) else {
            return Vec::new();
        };
        let cancelled = count.min(order.remaining);
        let recipe = &vanilla()[order.recipe];
        order.remaining -= cancelled;
        let is_done = order.remaining == 0;
        let mut returned = Vec::new();
        for ingredient in &recipe.ingredients {
            let Some(item) = ingredient.item() else {
                continue;
            };
            let mut left = ingredient.amount as u32 * cancelled;
            // What earlier orders still have to make for it was never taken from the inventory.
            for earlier in self.orders.iter_mut().take(place).rev() {
                let makes = &vanilla()[earlier.recipe].results;
                if makes.first().and_then(Product::item) == Some(item) {
                    let freed = left.min(earlier.reserved);
                    earlier.reserved -= freed;
                    left -= freed;
                }
            }
            if left > 0 {
                returned.push((item, left));
            }
        }
        if is_done {
            self.orders.remove(place);
            if place == 0 {
                self.seconds = 0.0;
            }
        }
        returned
    }

    /// Drops all orders.
    pub fn clear(&mut self) {
        self.orders.clear();
        self.seconds = 0.0;
    }
}

/// A craft that can be queued: what it takes from the inventory and the orders it becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CraftPlan {
    pub takes: BTreeMap<ItemId, u32>,
    pub orders: Vec<CraftOrder>,
}

/// Says whether hands can craft a recipe.
pub fn is_hand_craftable(recipe: &Recipe) -> bool {
    vanilla()
        .character()
        .crafting_categories
        .contains(&recipe.category)
        && recipe
            .ingredients
            .iter()
            .all(|ingredient| ingredient.item().is_some())
}

/// Finds the recipe by which hands make `item`.
///
/// # Errors
/// `NoRecipe` where no recipe fits hands, `RecipeLocked` where the force may not use it yet.
pub fn recipe_for(world: &World, item: ItemId) -> Result<RecipeId, RejectReason> {
    let mut reason = RejectReason::NoRecipe;
    for id in vanilla().recipes_for_item(item) {
        if is_hand_craftable(&vanilla()[*id]) {
            if world.is_enabled(*id) {
                return Ok(*id);
            }
            reason = RejectReason::RecipeLocked;
        }
    }
    Err(reason)
}

/// Plans `count` crafts of `recipe` with all intermediates.
///
/// # Errors
/// The reason why hands cannot do it now.
pub fn plan(world: &World, recipe: RecipeId, count: u32) -> Result<CraftPlan, RejectReason> {
    if !is_hand_craftable(&vanilla()[recipe]) {
        return Err(RejectReason::NoRecipe);
    }
    if !world.is_enabled(recipe) {
        return Err(RejectReason::RecipeLocked);
    }
    let mut planner = Planner {
        world,
        plan: CraftPlan::default(),
        surplus: BTreeMap::new(),
    };
    planner.order(recipe, count, 0)?;
    if world.character.crafting.len() + planner.plan.orders.len() > MAX_ORDERS {
        return Err(RejectReason::QueueFull);
    }
    Ok(planner.plan)
}

struct Planner<'a> {
    world: &'a World,
    plan: CraftPlan,
    /// Items that orders of this plan make beyond what is reserved, with the order that makes them.
    surplus: BTreeMap<ItemId, Vec<(usize, u32)>>,
}

impl Planner<'_> {
    /// Adds the order after those of its intermediates and returns its index.
    fn order(&mut self, id: RecipeId, crafts: u32, depth: usize) -> Result<usize, RejectReason> {
        if depth > MAX_DEPTH {
            return Err(RejectReason::MissingIngredients);
        }
        for ingredient in &vanilla()[id].ingredients {
            let item = ingredient.item().ok_or(RejectReason::NoRecipe)?;
            // More than can be counted is more than anyone has.
            let count = (ingredient.amount as u32)
                .checked_mul(crafts)
                .ok_or(RejectReason::MissingIngredients)?;
            self.need(item, count, depth)?;
        }
        self.plan.orders.push(CraftOrder {
            recipe: id,
            remaining: crafts,
            reserved: 0,
        });
        Ok(self.plan.orders.len() - 1)
    }

    /// Finds `count` of `item`: surplus of this plan, then the inventory, then by crafting it.
    fn need(&mut self, item: ItemId, count: u32, depth: usize) -> Result<(), RejectReason> {
        let mut left = count;
        if let Some(sources) = self.surplus.get_mut(&item) {
            for (order, spare) in sources.iter_mut() {
                let taken = left.min(*spare);
                *spare -= taken;
                self.plan.orders[*order].reserved += taken;
                left -= taken;
            }
        }
        let taken_before = self.plan.takes.get(&item).copied().unwrap_or(0);
        let taken = left.min(
            self.world
                .character
                .inventory
                .count(item)
                .saturating_sub(taken_before),
        );
        if taken > 0 {
            *self.plan.takes.entry(item).or_insert(0) += taken;
            left -= taken;
        }
        if left == 0 {
            return Ok(());
        }
        let id = vanilla()
            .recipes_for_item(item)
            .iter()
            .copied()
            .find(|id| {
                let recipe = &vanilla()[*id];
                recipe.allow_as_intermediate
                    && is_hand_craftable(recipe)
                    && self.world.is_enabled(*id)
            })
            .ok_or(RejectReason::MissingIngredients)?;
        let per_craft = made_per_craft(id, item);
        let crafts = left.div_ceil(per_craft);
        let made = crafts
            .checked_mul(per_craft)
            .ok_or(RejectReason::MissingIngredients)?;
        let order = self.order(id, crafts, depth + 1)?;
        self.plan.orders[order].reserved += left;
        self.surplus
            .entry(item)
            .or_default()
            .push((order, made - left));
        Ok(())
    }
}

fn made_per_craft(id: RecipeId, item: ItemId) -> u32 {
    vanilla()[id]
        .results
        .iter()
        .find(|product| product.item() == Some(item))
        .map_or(1, |product| product.amount_min as u32)
        .max(1)
}

/// Takes the ingredients of a plan and queues its orders.
pub(super) fn enqueue(world: &mut World, plan: CraftPlan) {
    for (item, count) in plan.takes {
        world.character.inventory.remove(item, count);
    }
    world.character.crafting.orders.extend(plan.orders);
    world.changes.contents = true;
}

/// Crafts one tick. A finished product that has no room waits in the hand, and the queue with it.
pub(super) fn tick_crafting(world: &mut World) {
    let queue = &mut world.character.crafting;
    let Some(order) = queue.orders.front() else {
        return;
    };
    let (id, remaining, reserved) = (order.recipe, order.remaining, order.reserved);
    let recipe = &vanilla()[id];
    if queue.seconds < recipe.energy_required_seconds {
        queue.seconds += (1.0 + world.force.bonuses.manual_crafting_speed) / 60.0;
        if queue.seconds < recipe.energy_required_seconds {
            return;
        }
    }
    // What later orders have reserved is kept back first; what is left over goes to the inventory.
    let made: Vec<(ItemId, u32)> = recipe
        .results
        .iter()
        .filter_map(|product| Some((Product::item(product)?, product.amount_min as u32)))
        .collect();
    let per_craft = made.first().map_or(1, |(_, count)| *count);
    let kept = reserved.min(per_craft);
    let fits = made.iter().enumerate().all(|(index, (item, count))| {
        let given = if index == 0 { count - kept } else { *count };
        given == 0 || world.character.inventory.room(*item) >= given
    });
    if !fits {
        return;
    }
    for (index, (item, count)) in made.iter().enumerate() {
        let given = if index == 0 { count - kept } else { *count };
        world.character.inventory.insert(*item, given);
        world.count_produced(*item, *count);
    }
    for ingredient in &recipe.ingredients {
        if let Some(item) = ingredient.item() {
            world.production.use_item(item, ingredient.amount as u32);
        }
    }
    let queue = &mut world.character.crafting;
    queue.seconds = 0.0;
    if remaining == 1 {
        queue.orders.pop_front();
    } else if let Some(order) = queue.orders.front_mut() {
        order.remaining -= 1;
        order.reserved -= kept;
    }
    world.changes.contents = true;
}
