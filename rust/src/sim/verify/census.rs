//! The census: how many there are of each item in a world, wherever they are.

use crate::prototypes::{ItemId, Product, vanilla};
use crate::sim::inventory::{ItemStack, Slot};
use crate::sim::world::World;

/// Counts by item.
struct Counts(Vec<i64>);

impl Counts {
    fn add(&mut self, item: ItemId, count: i64) {
        self.0[item.index()] += count;
    }

    fn add_stack(&mut self, stack: ItemStack) {
        self.add(stack.item, i64::from(stack.count));
    }

    fn add_slots(&mut self, slots: &[Slot]) {
        for stack in slots.iter().flatten() {
            self.add_stack(*stack);
        }
    }
}

impl World {
    /// Counts what there is of every item, by item: carried, stored, held, on belts and on the ground, at work by hand,
    /// as rocket parts, and as the entities that stand.
    ///
    /// What a machine has taken for its craft counts as used from the start of the craft, so it is not here.
    pub fn census(&self) -> Vec<i64> {
        let mut counts = Counts(vec![0; vanilla().items().len()]);
        counts.add_slots(self.character.inventory.slots());
        self.count_hand_crafts(&mut counts);
        for (_, stack) in self.ground.iter() {
            counts.add_stack(stack);
        }
        for (_, entity) in self.entities.iter() {
            for stack in World::items_of_entity(entity.prototype()) {
                counts.add_stack(stack);
            }
            if let Some(parts) = self.rocket_parts_of(entity) {
                counts.add_stack(parts);
            }
        }
        for (_, chest) in self.chests.iter() {
            counts.add_slots(chest.slots());
        }
        for (_, drill) in self.drills.iter() {
            counts.add_slots(drill.energy.fuel_slots());
            counts.add_slots(&[drill.held]);
        }
        for (_, crafter) in self.crafters.iter() {
            counts.add_slots(crafter.energy.fuel_slots());
            counts.add_slots(&crafter.inputs);
            counts.add_slots(&crafter.outputs);
        }
        for (_, boiler) in self.boilers.iter() {
            counts.add_slots(boiler.energy.fuel_slots());
        }
        for (_, lab) in self.labs.iter() {
            counts.add_slots(&lab.packs);
        }
        for (_, inserter) in self.inserters.iter() {
            counts.add_slots(inserter.energy.fuel_slots());
            counts.add_slots(&[inserter.held]);
        }
        for (_, turret) in self.turrets.iter() {
            counts.add_slots(&[turret.ammo]);
        }
        for modules in self.modules.values() {
            counts.add_slots(modules.slots());
        }
        for cargo in self.rockets.cargo_held() {
            counts.add_slots(&[cargo]);
        }
        for item in self.belts.all_items() {
            counts.add(item, 1);
        }
        counts.0
    }

    /// Counts what the orders of the hand-crafting queue have taken: all their ingredients, less the intermediates that
    /// earlier orders have yet to make.
    fn count_hand_crafts(&self, counts: &mut Counts) {
        for order in self.character.crafting.orders() {
            let recipe = &vanilla()[order.recipe];
            for ingredient in &recipe.ingredients {
                if let Some(item) = ingredient.item() {
                    counts.add(item, ingredient.amount as i64 * i64::from(order.remaining));
                }
            }
            if let Some(item) = recipe.results.first().and_then(Product::item) {
                counts.add(item, -i64::from(order.reserved));
            }
        }
    }

    /// Draws up the books by item: what there is, plus what was used and lost, less what was made.
    ///
    /// Nothing that a tick or a command does changes it; only what is put into a world from outside does.
    pub fn balance(&self) -> Vec<i64> {
        let mut balance = self.census();
        for (index, count) in balance.iter_mut().enumerate() {
            let item = ItemId::from_index(index);
            *count += self.production.items_used(item) as i64;
            *count += self.production.items_lost(item) as i64;
            *count -= self.production.items_made(item) as i64;
        }
        balance
    }
}
