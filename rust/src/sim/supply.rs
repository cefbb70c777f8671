//! Infinity chests and infinity pipes: each holds what it was told to hold, exactly, at the beginning of every tick.
//!
//! What was taken is there again, what was put in beside it is gone; so one with contents never runs out, and one without
//! takes anything for ever. An infinity pipe sets the whole segment that it is part of to its own filling.
//! No technology gives them: they stand in test layouts and scenarios.

use serde::{Deserialize, Serialize};

use super::entity::{Body, EntityRef};
use super::inventory::{Inventory, ItemStack, Slot, stack_size};
use super::world::World;
use crate::prototypes::{FluidId, ItemId};

/// What an infinity chest or pipe holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supply {
    pub entity: EntityRef,
    pub items: Vec<(ItemId, u32)>,
    pub fluid: Option<SuppliedFluid>,
}

/// The fluid of an infinity pipe.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuppliedFluid {
    pub fluid: FluidId,
    /// Share of the segment's volume, 0 to 1.
    pub share: f64,
    pub temperature: f64,
}

impl Supply {
    /// Makes the supply of an entity that voids everything.
    pub(super) fn of(entity: EntityRef) -> Self {
        Self {
            entity,
            items: Vec::new(),
            fluid: None,
        }
    }
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
    /// Says what an infinity chest or pipe holds from now on, as far as it has room.
    pub(super) fn set_supply(&mut self, reference: EntityRef, change: impl FnOnce(&mut Supply)) {
        if let Some(supply) = self
            .supplies
            .iter_mut()
            .find(|supply| supply.entity == reference)
        {
            change(supply);
        }
        tick_supplies(self);
        self.wake_pending();
    }

    /// Reads what an infinity chest or pipe is to hold.
    pub fn supply(&self, reference: EntityRef) -> Option<&Supply> {
        self.supplies
            .iter()
            .find(|supply| supply.entity == reference)
    }
}

/// Fills and empties the infinity chests and pipes for the next tick.
pub(super) fn tick_supplies(world: &mut World) {
    if world.supplies.is_empty() {
        return;
    }
    let mut supplies = std::mem::take(&mut world.supplies);
    supplies.retain(|supply| refill(world, supply));
    world.supplies = supplies;
}

/// Makes the entity hold what it should; returns whether it still stands.
fn refill(world: &mut World, supply: &Supply) -> bool {
    match world.entity(supply.entity).map(|entity| entity.body) {
        Some(Body::Chest(index)) => {
            refill_chest(world, supply, index);
            true
        }
        Some(Body::Pipe(_)) => {
            refill_pipe(world, supply);
            true
        }
        _ => false,
    }
}

fn refill_chest(world: &mut World, supply: &Supply, index: u32) {
    let Some(chest) = world.chests.get_mut(index) else {
        return;
    };
    if !holds_exactly(chest, &supply.items) {
        chest.reset(chest.slots().len());
        for (item, count) in &supply.items {
            chest.insert(*item, *count);
        }
        world.contents_changed(supply.entity.slot);
    }
}

fn refill_pipe(world: &mut World, supply: &Supply) {
    let slot = supply.entity.slot;
    let Some(own) = world.fluids.boxes_of(slot).first().copied() else {
        return;
    };
    let wanted = supply.fluid.filter(|wanted| wanted.share > 0.0);
    let (fluid, held) = (world.fluids.fluid(own), world.fluids.available(own));
    let Some(wanted) = wanted else {
        world.fluids.take(own, held);
        return;
    };
    let capacity = world
        .fluids
        .segment(own)
        .map_or(0.0, |segment| segment.capacity);
    let amount = capacity * wanted.share;
    let is_right = fluid == Some(wanted.fluid)
        && held.to_bits() == amount.to_bits()
        && world.fluids.temperature(own).to_bits() == wanted.temperature.to_bits();
    if !is_right {
        world.fluids.take(own, held);
        world
            .fluids
            .put(own, wanted.fluid, amount, wanted.temperature);
    }
}
