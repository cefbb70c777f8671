//! Infinity chests: each holds what it was told to hold, exactly, at the beginning of every tick.
//!
//! What was taken is there again, what was put in beside it is gone; so one with items never runs out, and one without
//! takes anything for ever. No technology gives them: they stand in test layouts and scenarios.

use serde::{Deserialize, Serialize};

use super::entity::{Body, EntityRef};
use super::inventory::ItemStack;
use super::inventory::{Inventory, Slot, stack_size};
use super::world::World;
use crate::prototypes::ItemId;

/// What an infinity chest holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supply {
    pub entity: EntityRef,
    pub items: Vec<(ItemId, u32)>,
}

/// Says whether an inventory holds exactly `items`, stack after stack from the first slot on.
fn holds_exactly(chest: &Inventory, items: &[(ItemId, u32)]) -> bool {
    let mut slots = chest.slots().iter();
    for (item, count) in items {
        let mut left = *count;
        while left > 0 {
            let expected = ItemStack {
                item: *item,
                count: left.min(stack_size(*item)),
            };
            if slots.next() != Some(&Slot::Some(expected)) {
                return false;
            }
            left -= expected.count;
        }
    }
    slots.all(Option::is_none)
}

impl World {
    /// Says what an infinity chest holds from now on, as far as its slots allow.
    pub(super) fn set_supply(&mut self, reference: EntityRef, items: &[(ItemId, u32)]) {
        if let Some(supply) = self
            .supplies
            .iter_mut()
            .find(|supply| supply.entity == reference)
        {
            supply.items = items.to_vec();
        }
        tick_supplies(self);
        self.wake_pending();
    }

    /// Reads what an infinity chest is to hold.
    pub fn supply(&self, reference: EntityRef) -> Option<&[(ItemId, u32)]> {
        self.supplies
            .iter()
            .find(|supply| supply.entity == reference)
            .map(|supply| supply.items.as_slice())
    }
}

/// Fills and empties the infinity chests for the next tick.
pub(super) fn tick_supplies(world: &mut World) {
    if world.supplies.is_empty() {
        return;
    }
    let mut supplies = std::mem::take(&mut world.supplies);
    supplies.retain(|supply| refill(world, supply));
    world.supplies = supplies;
}

/// Makes the chest hold what it should; returns whether it still stands.
fn refill(world: &mut World, supply: &Supply) -> bool {
    let Some(entity) = world.entity(supply.entity) else {
        return false;
    };
    let Body::Chest(index) = entity.body else {
        return false;
    };
    let Some(chest) = world.chests.get_mut(index) else {
        return false;
    };
    if !holds_exactly(chest, &supply.items) {
        chest.reset(chest.slots().len());
        for (item, count) in &supply.items {
            chest.insert(*item, *count);
        }
        world.contents_changed(supply.entity.slot);
    }
    true
}
