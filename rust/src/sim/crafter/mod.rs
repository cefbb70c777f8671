//! Crafting machines: furnaces, assembling machines, chemical plants, refineries, centrifuges, silos. One record for all.
//!
//! It owns the record, its tick and the figures that follow from prototype, recipe and modules; `craft` begins and ends
//! crafts, `contents` says what goes in and out, [`recipe_facts`] what recipes are.
//!
//! Rules (measured on 2.0.60 where `docs/fidelity.md` says so): ingredients are taken when a craft starts; progress
//! counts seconds of work, what is left over is carried to the next craft, which starts in the tick in which the last one
//! ends; a craft starts only if its products will have room. A machine that cannot start sleeps until its contents change.
//!
//! Invariant: `figures` follow from the rest of the record; after a restore they are computed again.
//!
//! Approximate: productivity pays at the end of the craft that fills its bar; production statistics count catalysts in full.

mod contents;
mod craft;
mod fluids;
mod recipe_facts;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use craft::Stores;
use fluids::FluidLink;

pub use contents::{
    Input, has_settable_recipe, ingredient_room_by_hand, recipe_for_machine, slots_by_recipe,
};
pub use recipe_facts::{
    ItemProduct, RecipeFacts, can_make, overload_multiplier, recipe_facts, smelting_recipe_of,
};

use super::burner::{buffer_capacity_joules, joules_per_tick};
use super::effects::Effects;
use super::energy::Energy;
use super::entity::{Body, Entity};
use super::inventory::{ItemStack, Slot};
use super::power::NetworkId;
use super::threat::pollution::{Exhaust, Pollution};
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{
    EntityKind, EntityPrototype, EntityPrototypeId, ItemId, Material, RecipeId, vanilla,
};

/// A crafting machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crafter {
    pub energy: Energy,
    /// Seconds of work done on the craft at speed 1.
    pub seconds: f64,
    #[serde(skip)]
    figures: Figures,
    /// Whether a craft is under way: its ingredients are taken.
    pub is_crafting: bool,
    pub asleep: bool,
    pub status: Status,
    /// What it makes; a furnace chooses by what it is fed, and keeps its last choice.
    pub recipe: Option<RecipeId>,
    /// The productivity bar: at 1 it pays one craft's products.
    pub bonus: f64,
    /// One slot per item ingredient, in the order of the recipe; a furnace has one.
    pub inputs: Vec<Slot>,
    /// One slot per item product, in the order of the recipe; a furnace has one, a silo none.
    pub outputs: Vec<Slot>,
    /// Crafts that it has ended, those that the productivity bar paid apart.
    pub crafts_finished: u64,
    #[serde(skip)]
    fluid_inputs: Vec<FluidLink>,
    #[serde(skip)]
    fluid_outputs: Vec<FluidLink>,
    /// Silos: the parts of the rocket that are made.
    pub parts: u32,
    exhaust: Exhaust,
    prototype: EntityPrototypeId,
    #[serde(skip)]
    effects: Effects,
}

/// What a tick of work needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    /// Progress of a tick at full power.
    seconds_per_tick: f64,
    /// Length of a craft at speed 1; endless without a recipe.
    recipe_seconds: f64,
    joules_per_tick: f64,
    /// Factor on the pollution of a tick at full power.
    pollution: f64,
    /// Size of a burner's buffer.
    buffer_joules: f64,
    /// What a craft adds to the productivity bar.
    productivity: f64,
    /// How many crafts' worth of an ingredient inserters bring.
    overload: u32,
    /// Silos: parts that make a rocket; 0 for all others.
    parts_required: u32,
    is_furnace: bool,
}

impl Crafter {
    /// Makes an idle machine; it acts in the next tick.
    pub fn new(id: EntityPrototypeId, exhaust: Exhaust) -> Self {
        let prototype = &vanilla()[id];
        let mut crafter = Self {
            energy: Energy::of(prototype),
            seconds: 0.0,
            figures: Figures::default(),
            is_crafting: false,
            asleep: false,
            status: match &prototype.energy_source {
                Some(source) if source.is_burner() => Status::NoFuel,
                _ => Status::NoIngredients,
            },
            recipe: None,
            bonus: 0.0,
            inputs: Vec::new(),
            outputs: Vec::new(),
            crafts_finished: 0,
            fluid_inputs: Vec::new(),
            fluid_outputs: Vec::new(),
            parts: 0,
            exhaust,
            prototype: id,
            effects: Effects::default(),
        };
        if prototype.kind == EntityKind::Furnace {
            crafter.inputs = vec![None];
            crafter.outputs = vec![None];
        }
        crafter.choose_recipe(prototype.fixed_recipe);
        crafter
    }

    /// Reads the prototype of the machine.
    pub fn prototype(&self) -> &'static EntityPrototype {
        &vanilla()[self.prototype]
    }

    /// Reads the crafting speed, modules and beacons included.
    pub fn crafting_speed(&self) -> f64 {
        self.prototype().crafting_speed * self.effects.speed_factor()
    }

    /// Reads the energy that a tick of full work takes, drain aside.
    pub fn joules_per_tick(&self) -> f64 {
        self.figures.joules_per_tick
    }

    /// Gives the share of the craft that is done.
    pub fn progress(&self) -> f64 {
        if self.is_crafting {
            (self.seconds / self.figures.recipe_seconds).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// Changes what modules and beacons do to the machine.
    pub(super) fn set_effects(&mut self, effects: Effects) {
        self.effects = effects;
        self.update_figures();
    }

    /// Sets the recipe of a machine that holds nothing; slots follow, a furnace's stay.
    fn choose_recipe(&mut self, recipe: Option<RecipeId>) {
        self.recipe = recipe;
        if !self.figures.is_furnace && self.prototype().kind != EntityKind::Furnace {
            let (inputs, outputs) = slots_by_recipe(self.prototype(), recipe);
            self.inputs = vec![None; inputs];
            self.outputs = vec![None; outputs];
        }
        self.update_figures();
    }

    /// Sets the recipe that is reported.
    pub(in crate::sim) fn mirror_recipe(&mut self, recipe: Option<RecipeId>) {
        self.choose_recipe(recipe);
    }

    /// Puts what is reported into the slots of ingredients; what has no slot is not kept.
    pub(in crate::sim) fn mirror_inputs(&mut self, items: &[(ItemId, u32)]) {
        let known = self.recipe.filter(|_| !self.figures.is_furnace);
        let places = known.map(|recipe| &recipe_facts(recipe).ingredients[..]);
        fill(&mut self.inputs, items, |item| {
            places?
                .iter()
                .position(|(ingredient, _)| *ingredient == item)
        });
    }

    /// Puts what is reported into the slots of products; what has no slot is not kept.
    pub(in crate::sim) fn mirror_outputs(&mut self, items: &[(ItemId, u32)]) {
        let known = self.recipe.filter(|_| !self.figures.is_furnace);
        let places = known.map(|recipe| &recipe_facts(recipe).products[..]);
        fill(&mut self.outputs, items, |item| {
            places?.iter().position(|product| product.item == item)
        });
    }

    /// Makes a tick's progress with a share of full power.
    #[inline]
    fn work(&mut self, pollution: &mut Pollution, share: f64) {
        self.seconds += self.figures.seconds_per_tick * share;
        self.exhaust.emit(pollution, share * self.figures.pollution);
    }

    fn update_figures(&mut self) {
        let prototype = self.prototype();
        let facts = self.recipe.map(recipe_facts);
        let speed = self.crafting_speed();
        let bonus = self.effects.productivity.max(0.0);
        self.figures = Figures {
            seconds_per_tick: speed / 60.0,
            recipe_seconds: facts.map_or(f64::INFINITY, |facts| facts.seconds),
            joules_per_tick: joules_per_tick(prototype) * self.effects.consumption_factor(),
            pollution: self.effects.consumption_factor()
                * self.effects.pollution_factor()
                * facts.map_or(1.0, |facts| facts.emissions_multiplier),
            buffer_joules: buffer_capacity_joules(prototype),
            productivity: facts
                .filter(|facts| facts.allows_productivity)
                .map_or(0.0, |facts| bonus.min(facts.maximum_productivity)),
            overload: facts.map_or(0, |facts| overload_multiplier(facts, speed)),
            parts_required: prototype
                .rocket_silo
                .as_ref()
                .map_or(0, |silo| silo.rocket_parts_required),
            is_furnace: prototype.kind == EntityKind::Furnace,
        };
    }

    /// Says what the machine is making, or what a furnace has made last and still holds.
    fn shown_item(&self) -> Option<ItemId> {
        if self.figures.is_furnace && !self.is_crafting {
            return self.outputs.first()?.map(|stack| stack.item);
        }
        let recipe = self.recipe?;
        vanilla()[recipe]
            .main_product
            .and_then(Material::item)
            .or_else(|| {
                recipe_facts(recipe)
                    .products
                    .first()
                    .map(|product| product.item)
            })
    }
}

/// Empties slots and fills them again: each item where `place_of` says, else the first slot that is free.
fn fill(slots: &mut [Slot], items: &[(ItemId, u32)], place_of: impl Fn(ItemId) -> Option<usize>) {
    slots.fill(None);
    for (item, count) in items.iter().copied().filter(|(_, count)| *count > 0) {
        let place = place_of(item).or_else(|| slots.iter().position(Option::is_none));
        if let Some(slot) = place.and_then(|place| slots.get_mut(place)) {
            *slot = Some(ItemStack { item, count });
        }
    }
}

/// Says what a crafting machine makes, or what a furnace has made last and still holds.
pub fn crafted_item(world: &World, entity: &Entity) -> Option<ItemId> {
    let Body::Crafter(index) = entity.body else {
        return None;
    };
    world.crafters.get(index)?.shown_item()
}

/// What a tick changed beside progress.
#[derive(Clone, Copy, Debug, Default)]
struct Changed {
    took_ingredients: bool,
    made_products: bool,
    lit_fuel: bool,
}

/// Runs one tick of the machine at `index`, which is in entity slot `slot`.
pub(super) fn tick_crafter(world: &mut World, slot: u32, index: u32) {
    let Some(crafter) = world.crafters.get_mut(index) else {
        return;
    };
    if crafter.is_crafting && crafter.status == Status::Working && !crafter.energy.is_cold() {
        // What nearly every tick is: some energy, some progress, nothing else.
        let share = crafter
            .energy
            .draw(&mut world.power, crafter.figures.joules_per_tick);
        crafter.work(&mut world.pollution, share);
        if crafter.seconds < crafter.figures.recipe_seconds && share >= 1.0 {
            if crafter
                .energy
                .refill_counted(crafter.figures.buffer_joules, &mut world.production)
            {
                world.lit_fuel(slot);
            }
            return;
        }
        work_on(world, slot, index, share);
        return;
    }
    begin_work(world, slot, index);
}

/// The tick of a machine that did not work before, or not in full.
fn begin_work(world: &mut World, slot: u32, index: u32) {
    let Some(crafter) = world.crafters.get_mut(index) else {
        return;
    };
    if crafter.energy.is_cold() {
        // The first tick with fuel only fills the buffer.
        let has_lit = crafter
            .energy
            .refill_counted(crafter.figures.buffer_joules, &mut world.production);
        let status = if crafter.energy.is_cold() {
            Status::NoFuel
        } else {
            Status::Working
        };
        crafter.asleep = status == Status::NoFuel;
        if has_lit {
            world.lit_fuel(slot);
        }
        set_status(world, slot, index, status);
        return;
    }
    if !crafter.is_crafting
        && let Err(status) = crafter.can_start(&world.force.enabled_recipes, &world.fluids)
    {
        crafter.watch_fluids(&mut world.fluids);
        crafter.seconds = 0.0;
        crafter.asleep = true;
        set_status(world, slot, index, status);
        return;
    }
    let share = crafter
        .energy
        .draw(&mut world.power, crafter.figures.joules_per_tick);
    if share <= 0.0 {
        // Off all networks it sleeps until it is put on one.
        crafter.asleep = crafter.energy.network() == Some(NetworkId::default());
        set_status(world, slot, index, Status::NoPower);
        return;
    }
    let mut took_ingredients = false;
    if !crafter.is_crafting {
        crafter.start(&mut Stores {
            production: &mut world.production,
            fluids: &mut world.fluids,
            rng: &mut world.rng,
        });
        took_ingredients = true;
    }
    crafter.work(&mut world.pollution, share);
    if took_ingredients {
        world.wake_waiters(slot);
        world.changes.contents = true;
        // A furnace shows what it works on.
        world.mark_entity(slot);
    }
    work_on(world, slot, index, share);
}

/// Ends crafts whose bar is full and says how the machine is.
fn work_on(world: &mut World, slot: u32, index: u32, share: f64) {
    let Some(crafter) = world.crafters.get_mut(index) else {
        return;
    };
    let shown = crafter.shown_item();
    let mut stores = Stores {
        production: &mut world.production,
        fluids: &mut world.fluids,
        rng: &mut world.rng,
    };
    let mut changed = Changed::default();
    // At high speed more than one craft ends in a tick.
    while crafter.is_crafting && crafter.seconds >= crafter.figures.recipe_seconds {
        crafter.seconds -= crafter.figures.recipe_seconds;
        crafter.finish(&mut stores);
        changed.made_products = true;
        // The next craft takes its ingredients in this tick; if it cannot, the next tick says why.
        let enabled = &world.force.enabled_recipes;
        if crafter.can_start(enabled, stores.fluids).is_ok() {
            crafter.start(&mut stores);
            changed.took_ingredients = true;
        }
    }
    changed.lit_fuel = crafter
        .energy
        .refill_counted(crafter.figures.buffer_joules, &mut world.production);
    let status = if share >= 1.0 || matches!(crafter.energy, Energy::Burner(_)) {
        Status::Working
    } else if share > 0.0 {
        Status::LowPower
    } else {
        Status::NoPower
    };
    let looks_different = shown != crafter.shown_item();
    if changed.made_products || changed.took_ingredients || changed.lit_fuel {
        world.wake_waiters(slot);
        world.changes.contents = true;
    }
    if looks_different {
        world.mark_entity(slot);
    }
    set_status(world, slot, index, status);
}

fn set_status(world: &mut World, slot: u32, index: u32, status: Status) {
    let Some(crafter) = world.crafters.get_mut(index) else {
        return;
    };
    if crafter.status != status {
        crafter.status = status;
        world.mark_entity(slot);
    }
}
