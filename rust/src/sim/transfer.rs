//! Items between inserters and what they serve: how much a machine still wants, what it offers.
//!
//! One match over [`Body`] per question; the rules of each kind are with the kind.

use super::burner::fuel_room_by_inserter;
use super::entity::Body;
use super::inventory::{ItemStack, last_wanted};
use super::silo::is_cargo;
use super::world::World;
use crate::prototypes::{EntityKind, ItemId};

impl World {
    /// Computes how many of `item` an inserter may still put into the entity in `slot`, by the rules of automation:
    /// ingredients up to the overload limit, fuel up to five, ammunition up to the turret's count, chests to the brim.
    pub(super) fn room_by_inserter(&self, slot: u32, item: ItemId) -> u32 {
        let Some(entity) = self.entities.get(slot) else {
            return 0;
        };
        match entity.body {
            // A landing pad is filled by rockets only.
            Body::Chest(_) if entity.prototype().kind == EntityKind::CargoLandingPad => 0,
            Body::Chest(index) => self.chests.get(index).map_or(0, |chest| chest.room(item)),
            Body::Crafter(_) if is_cargo(item) => self.room_for_cargo(slot, item),
            Body::Crafter(index) => self.crafters.get(index).map_or(0, |crafter| {
                crafter.room_by_inserter(item, &self.force.enabled_recipes)
            }),
            Body::Drill(index) => self.drills.get(index).map_or(0, |drill| {
                fuel_room_by_inserter(&drill.energy, entity.prototype(), item)
            }),
            Body::Lab(index) => self
                .labs
                .get(index)
                .map_or(0, |lab| lab.room_by_inserter(item, &self.research)),
            Body::Boiler(index) => self.boilers.get(index).map_or(0, |boiler| {
                fuel_room_by_inserter(&boiler.energy, entity.prototype(), item)
            }),
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
            Body::Crafter(_) if is_cargo(stack.item) => {
                self.insert_cargo(slot, stack.item, stack.count)
            }
            Body::Crafter(index) => {
                let overfill = self.overfill();
                self.crafters.get_mut(index).map_or(0, |crafter| {
                    let enabled = &self.force.enabled_recipes;
                    crafter.insert(stack.item, stack.count, overfill, enabled)
                })
            }
            Body::Drill(index) => {
                let prototype = entity.prototype();
                self.drills.get_mut(index).map_or(0, |drill| {
                    drill.energy.insert_fuel(prototype, stack.item, stack.count)
                })
            }
            Body::Lab(index) => self
                .labs
                .get_mut(index)
                .map_or(0, |lab| lab.insert(stack.item, stack.count)),
            Body::Boiler(index) => {
                let prototype = entity.prototype();
                self.boilers.get_mut(index).map_or(0, |boiler| {
                    boiler
                        .energy
                        .insert_fuel(prototype, stack.item, stack.count)
                })
            }
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
            Body::Crafter(index) => self.crafters.get(index)?.offered(is_wanted),
            Body::Lab(index) => self.labs.get(index)?.offered(is_wanted),
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
            Body::Crafter(index) => self
                .crafters
                .get_mut(index)
                .map_or(0, |crafter| crafter.take(item, count)),
            Body::Lab(index) => self
                .labs
                .get_mut(index)
                .map_or(0, |lab| lab.take(item, count)),
            _ => 0,
        };
        if taken > 0 {
            self.contents_changed(slot);
        }
        taken
    }

    /// Computes how many items beyond a stack machines and inserters put into an ingredient slot: four full hands of a
    /// bulk inserter (measured: 54 ore with a hand of one).
    pub(super) fn overfill(&self) -> u32 {
        const HANDS: u32 = 4;
        HANDS * (1 + self.force.bonuses.bulk_inserter_capacity)
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
