//! Items between inserters and what they serve: how much a machine still wants, what it offers.
//!
//! One match over [`Body`] per question; the rules of each kind are with the kind.

use super::entity::Body;
use super::inventory::{ItemStack, Slot};
use super::world::World;
use crate::prototypes::ItemId;

impl World {
    /// Computes how many of `item` an inserter may still put into the entity in `slot`, by the rules of automation:
    /// ingredients up to the overload limit, fuel up to five, ammunition up to the turret's count, chests to the brim.
    pub(super) fn room_by_inserter(&self, slot: u32, item: ItemId) -> u32 {
        let Some(entity) = self.entities.get(slot) else {
            return 0;
        };
        match entity.body {
            Body::Chest(index) => self.chests.get(index).map_or(0, |chest| chest.room(item)),
            Body::Turret(index) => self
                .turrets
                .get(index)
                .map_or(0, |turret| turret.room_by_inserter(item)),
            Body::Inserter(index) => self
                .inserters
                .get(index)
                .map_or(0, |inserter| inserter.fuel_room(item)),
            _ => 0,
        }
    }

    /// Puts up to `stack.count` items into the entity in `slot` and returns how many went in.
    ///
    /// The caller asked [`World::room_by_inserter`] when it picked them up; a hand that is already full delivers what
    /// fits the slots even where the limit has been reached since.
    pub(super) fn insert_by_inserter(&mut self, slot: u32, stack: ItemStack) -> u32 {
        let Some(entity) = self.entities.get(slot) else {
            return 0;
        };
        let inserted = match entity.body {
            Body::Chest(index) => self
                .chests
                .get_mut(index)
                .map_or(0, |chest| chest.insert(stack.item, stack.count)),
            Body::Turret(index) => self
                .turrets
                .get_mut(index)
                .map_or(0, |turret| turret.insert(stack.item, stack.count)),
            Body::Inserter(index) => {
                let prototype = entity.prototype();
                self.inserters.get_mut(index).map_or(0, |inserter| {
                    inserter
                        .energy
                        .insert_fuel(prototype, stack.item, stack.count)
                })
            }
            _ => 0,
        };
        if inserted > 0 {
            self.contents_changed(slot);
        }
        inserted
    }

    /// Finds what an inserter would take from the entity in `slot`: the last slot that holds something wanted.
    pub(super) fn offered_to_inserter(
        &self,
        slot: u32,
        is_wanted: &mut dyn FnMut(ItemId) -> bool,
    ) -> Option<ItemStack> {
        let entity = self.entities.get(slot)?;
        match entity.body {
            Body::Chest(index) => last_wanted(self.chests.get(index)?.slots(), is_wanted),
            Body::Crafter(index) => last_wanted(
                std::slice::from_ref(&self.crafters.get(index)?.result),
                is_wanted,
            ),
            _ => None,
        }
    }

    /// Takes up to `count` of `item` out of the entity in `slot` and returns how many came out.
    pub(super) fn take_by_inserter(&mut self, slot: u32, item: ItemId, count: u32) -> u32 {
        let Some(entity) = self.entities.get(slot) else {
            return 0;
        };
        let taken = match entity.body {
            Body::Chest(index) => self
                .chests
                .get_mut(index)
                .map_or(0, |chest| chest.remove(item, count)),
            Body::Crafter(index) => self.crafters.get_mut(index).map_or(0, |crafter| {
                super::inventory::remove_from(
                    std::slice::from_mut(&mut crafter.result),
                    item,
                    count,
                )
            }),
            _ => 0,
        };
        if taken > 0 {
            self.contents_changed(slot);
        }
        taken
    }

    /// Notes that what the entity in `slot` holds has changed: it and all that wait for it look again in the next tick.
    pub(super) fn contents_changed(&mut self, slot: u32) {
        if let Some(reference) = self.reference(slot) {
            self.woken.push(reference);
        }
        self.wake_waiters(slot);
        self.mark_entity(slot);
    }

    /// Notes that `waiter` sleeps until the contents of the entity in `slot` change, after all that wait already.
    pub(super) fn wait_for(&mut self, slot: u32, waiter: super::entity::EntityRef) {
        if let Some(entity) = self.entities.get_mut(slot) {
            entity.waiters.retain(|other| *other != waiter);
            entity.waiters.push(waiter);
        }
    }
}

/// Finds the last slot with something wanted.
pub(super) fn last_wanted(
    slots: &[Slot],
    is_wanted: &mut dyn FnMut(ItemId) -> bool,
) -> Option<ItemStack> {
    slots
        .iter()
        .rev()
        .flatten()
        .find(|stack| is_wanted(stack.item))
        .copied()
}
