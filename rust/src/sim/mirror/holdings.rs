//! What a mirror's machines and its character hold, and what its force knows.

use super::{MAX_ITEMS, MAX_LEVELS, Misfit};
use crate::prototypes::{FluidId, ItemId, RecipeId, TechnologyId, vanilla};
use crate::sim::character::max_health;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::inventory::{ItemStack, Slot};
use crate::sim::lab::pack_slot;
use crate::sim::position::{Direction, MapPos};
use crate::sim::world::World;

/// A group of an entity's slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Contents,
    Fuel,
    Source,
    Result,
    Modules,
}

impl Group {
    /// Finds the group of a number of the contract, from 1.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Contents,
            2 => Self::Fuel,
            3 => Self::Source,
            4 => Self::Result,
            5 => Self::Modules,
            _ => return None,
        })
    }
}

/// What is reported of the character in every frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Person {
    pub position: MapPos,
    pub facing: Direction,
    /// In 1/256; 0 is dead.
    pub health: u32,
    pub mining_progress: f64,
    pub crafting_progress: f64,
    pub occupied_slots: u32,
    pub slots: u32,
    pub power_satisfaction: f64,
}

impl World {
    /// Makes the character the one that is reported.
    ///
    /// # Errors
    /// Where it is off the map.
    pub fn mirror_person(&mut self, person: &Person) -> Result<(), Misfit> {
        self.check_on_map(person.position)?;
        let character = &mut self.character;
        if character.is_alive() != (person.health > 0) {
            self.changes.contents = true;
        }
        character.position = person.position;
        character.facing = person.facing;
        character.health = person.health.min(max_health());
        let size = person.slots as usize;
        if character.inventory.slots().len() != size {
            let held = totals(character.inventory.slots());
            character.inventory.reset(size);
            for stack in held {
                character.inventory.insert(stack.item, stack.count);
            }
            self.changes.contents = true;
        }
        if let Some(reported) = &mut self.reported {
            reported.mining_progress = person.mining_progress;
            reported.crafting_progress = person.crafting_progress;
            reported.occupied_slots = person.occupied_slots;
            reported.power_satisfaction = person.power_satisfaction;
        }
        Ok(())
    }

    /// Makes the character carry exactly these items, as far as there is room.
    pub fn mirror_carried(&mut self, items: impl Iterator<Item = (ItemId, u32)>) {
        self.character.inventory.empty();
        for (item, count) in items {
            self.character.inventory.insert(item, count);
        }
        self.changes.contents = true;
    }

    /// Makes the queue of crafts by hand exactly this.
    pub fn mirror_crafting(&mut self, orders: impl Iterator<Item = (RecipeId, u32)>) {
        self.character.crafting.mirror(orders);
        self.changes.contents = true;
    }

    /// Makes a group of an entity's slots hold exactly these items.
    ///
    /// # Errors
    /// More items than a record may count, or an entity that is gone.
    pub fn mirror_slots(
        &mut self,
        reference: EntityRef,
        group: Group,
        items: &[(ItemId, u32)],
    ) -> Result<(), Misfit> {
        if let Some((_, count)) = items.iter().find(|(_, count)| *count > MAX_ITEMS) {
            return Err(Misfit::Items { count: *count });
        }
        let unit = reference.unit;
        let body = self.entity(reference).ok_or(Misfit::Unit { unit })?.body;
        let slot = reference.slot;
        match (body, group) {
            (_, Group::Modules) => self.mirror_modules(reference, items),
            (Body::Chest(index), Group::Contents) => {
                if let Some(chest) = self.chests.get_mut(index) {
                    chest.empty();
                    for (item, count) in items {
                        chest.insert(*item, *count);
                    }
                }
            }
            (Body::Turret(index), Group::Contents) => {
                if let Some(turret) = self.turrets.get_mut(index) {
                    turret.ammo = first_of(items);
                }
            }
            (Body::Crafter(_), Group::Contents) => self.mirror_cargo(slot, first_of(items)),
            (Body::Lab(index), Group::Source | Group::Contents) => {
                if let Some(lab) = self.labs.get_mut(index) {
                    lab.packs.fill(None);
                    for (item, count) in items {
                        if let Some(place) = pack_slot(*item) {
                            lab.packs[place] = stack(*item, *count);
                        }
                    }
                }
            }
            (Body::Crafter(index), Group::Source) => {
                if let Some(crafter) = self.crafters.get_mut(index) {
                    crafter.mirror_inputs(items);
                }
            }
            (Body::Crafter(index), Group::Result) => {
                if let Some(crafter) = self.crafters.get_mut(index) {
                    crafter.mirror_outputs(items);
                }
            }
            (body, Group::Fuel) => {
                let energy = match body {
                    Body::Drill(index) => self.drills.get_mut(index).map(|drill| &mut drill.energy),
                    Body::Crafter(index) => self
                        .crafters
                        .get_mut(index)
                        .map(|crafter| &mut crafter.energy),
                    Body::Boiler(index) => {
                        self.boilers.get_mut(index).map(|boiler| &mut boiler.energy)
                    }
                    Body::Inserter(index) => self
                        .inserters
                        .get_mut(index)
                        .map(|inserter| &mut inserter.energy),
                    _ => None,
                };
                if let Some(fuel) = energy.and_then(|energy| energy.fuel_slot_mut()) {
                    *fuel = first_of(items);
                }
            }
            // What has no such slots in the simulation shows nothing of them.
            _ => {}
        }
        self.mark_entity(slot);
        Ok(())
    }

    fn mirror_modules(&mut self, reference: EntityRef, items: &[(ItemId, u32)]) {
        self.take_modules(reference, |_| false);
        for (item, count) in items {
            for _ in 0..(*count).min(MAX_MODULES) {
                // What the machine would not take is not there for us.
                if self.insert_module(reference, *item).is_err() {
                    break;
                }
            }
        }
    }

    /// Sets what a crafting machine makes, or a furnace made last.
    pub fn mirror_recipe(&mut self, reference: EntityRef, recipe: Option<RecipeId>) {
        let Some(Body::Crafter(index)) = self.entity(reference).map(|entity| entity.body) else {
            return;
        };
        let Some(crafter) = self.crafters.get_mut(index) else {
            return;
        };
        if crafter.recipe == recipe {
            return;
        }
        let (inputs, outputs) = (pairs(&crafter.inputs), pairs(&crafter.outputs));
        crafter.mirror_recipe(recipe);
        crafter.mirror_inputs(&inputs);
        crafter.mirror_outputs(&outputs);
        self.fluids.set_recipe(reference.slot, recipe);
        crafter.link_fluids(reference.slot, &self.fluids);
        self.mark_entity(reference.slot);
    }

    /// Sets how much of a fluid an entity holds; `None` empties it.
    pub fn mirror_fluid(&mut self, reference: EntityRef, fluid: Option<FluidId>, amount: f64) {
        if self.entity(reference).is_none() {
            return;
        }
        self.fluids.settle();
        for index in self.fluids.boxes_of(reference.slot).to_vec() {
            self.fluids.take(index, f64::INFINITY);
        }
        if let Some(fluid) = fluid {
            self.put_fluid(reference, fluid, amount, None);
        }
    }

    /// Makes the recipes that the force may use exactly these.
    pub fn mirror_recipes(&mut self, recipes: impl Iterator<Item = RecipeId>) {
        self.force.enabled_recipes.fill(false);
        for recipe in recipes {
            self.force.enabled_recipes[recipe.index()] = true;
        }
        self.changes.contents = true;
    }

    /// Makes the researched technologies exactly these, with their levels.
    ///
    /// # Errors
    /// More levels than [`MAX_LEVELS`].
    pub fn mirror_technologies(
        &mut self,
        technologies: impl Iterator<Item = (TechnologyId, u16, f64)>,
    ) -> Result<(), Misfit> {
        let enabled = std::mem::take(&mut self.force.enabled_recipes);
        self.force.reset();
        for (technology, levels, progress) in technologies {
            if levels > MAX_LEVELS {
                return Err(Misfit::Levels { levels });
            }
            for _ in 0..levels {
                self.force.research(technology);
            }
            self.research.mirror_progress(technology, levels, progress);
        }
        self.force.enabled_recipes = enabled;
        self.changes.contents = true;
        Ok(())
    }

    /// Sets how many of an item were made, or used, since the world began.
    pub fn mirror_production(&mut self, item: ItemId, made: Option<u64>, used: Option<u64>) {
        self.production.mirror(item, made, used);
    }
}

/// No entity has more module slots.
const MAX_MODULES: u32 = 8;

fn stack(item: ItemId, count: u32) -> Slot {
    (count > 0).then_some(ItemStack { item, count })
}

fn first_of(items: &[(ItemId, u32)]) -> Slot {
    items.first().and_then(|(item, count)| stack(*item, *count))
}

fn pairs(slots: &[Slot]) -> Vec<(ItemId, u32)> {
    slots
        .iter()
        .flatten()
        .map(|stack| (stack.item, stack.count))
        .collect()
}

/// Adds up what slots hold, by item.
fn totals(slots: &[Slot]) -> Vec<ItemStack> {
    let mut sums: Vec<ItemStack> = Vec::new();
    for held in slots.iter().flatten() {
        match sums.iter_mut().find(|sum| sum.item == held.item) {
            Some(sum) => sum.count += held.count,
            None => sums.push(*held),
        }
    }
    debug_assert!(
        sums.iter().all(|sum| vanilla()[sum.item].stack_size > 0),
        "what is held can be held"
    );
    sums
}
