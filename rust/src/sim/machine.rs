//! What every container and machine has in common: groups of slots, what goes in, what comes out.
//!
//! The rules are functions of the prototype and the slots alone, so that the mask computes them from what the agent sees.

use super::burner::is_fuel_for;
use super::entity::{Body, Entity, EntityRef};
use super::inventory::{ItemStack, Slot, insert_into, room_in, stack_size};
use super::threat::turret::{Turret, takes_ammo};
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, EntityPrototype, ItemId, RecipeId, vanilla};

/// The slots of an entity by group; a group that the entity lacks is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineSlots<'a> {
    pub contents: &'a [Slot],
    pub fuel: &'a [Slot],
    pub source: &'a [Slot],
    pub result: &'a [Slot],
}

/// Says which recipe a furnace of this prototype makes of `item`; the force must be allowed to use it.
pub fn smelting_recipe(
    prototype: &EntityPrototype,
    item: ItemId,
    enabled_recipes: &[bool],
) -> Option<RecipeId> {
    vanilla()
        .recipes_using_item(item)
        .iter()
        .copied()
        .find(|id| {
            let recipe = &vanilla()[*id];
            enabled_recipes.get(id.index()).copied().unwrap_or(false)
                && prototype.crafting_categories.contains(&recipe.category)
                && matches!(recipe.ingredients.as_slice(), [only] if only.item() == Some(item))
        })
}

/// Computes how many of `item` a hand can put into an entity.
pub fn room_by_hand(
    prototype: &EntityPrototype,
    slots: &MachineSlots<'_>,
    item: ItemId,
    enabled_recipes: &[bool],
) -> u32 {
    match prototype.kind {
        EntityKind::Container => room_in(slots.contents, item),
        EntityKind::AmmoTurret if takes_ammo(prototype, item) => room_in(slots.contents, item),
        EntityKind::Furnace if !is_fuel_for(prototype, item) => {
            if smelting_recipe(prototype, item, enabled_recipes).is_none() {
                return 0;
            }
            room_in(slots.source, item)
        }
        EntityKind::Furnace | EntityKind::MiningDrill | EntityKind::Boiler
            if is_fuel_for(prototype, item) =>
        {
            room_in(slots.fuel, item)
        }
        _ => 0,
    }
}

/// Says whether an entity could ever take `item` from a hand, full or not.
pub fn accepts(prototype: &EntityPrototype, item: ItemId, enabled_recipes: &[bool]) -> bool {
    match prototype.kind {
        EntityKind::Container => true,
        EntityKind::Furnace => {
            is_fuel_for(prototype, item)
                || smelting_recipe(prototype, item, enabled_recipes).is_some()
        }
        EntityKind::AmmoTurret => takes_ammo(prototype, item),
        EntityKind::MiningDrill | EntityKind::Boiler => is_fuel_for(prototype, item),
        _ => false,
    }
}

/// Says whether an entity is one that things can be taken from.
pub fn gives(prototype: &EntityPrototype) -> bool {
    matches!(
        prototype.kind,
        EntityKind::Container | EntityKind::Furnace | EntityKind::AmmoTurret
    )
}

/// Gives the slots that a hand takes from: what a chest holds, what a furnace has made.
pub fn takeable<'a>(prototype: &EntityPrototype, slots: &MachineSlots<'a>) -> &'a [Slot] {
    match prototype.kind {
        EntityKind::Container | EntityKind::AmmoTurret => slots.contents,
        EntityKind::Furnace => slots.result,
        _ => &[],
    }
}

/// Finds the item of which `slots` hold most; of equals, the one that comes first by name.
pub fn most_held(slots: &[Slot]) -> Option<ItemId> {
    let mut best: Option<ItemStack> = None;
    for stack in slots.iter().flatten() {
        let count = super::inventory::count_in(slots, stack.item);
        let is_better = best.is_none_or(|best| {
            count > best.count || (count == best.count && stack.item < best.item)
        });
        if is_better {
            best = Some(ItemStack {
                item: stack.item,
                count,
            });
        }
    }
    best.map(|stack| stack.item)
}

impl World {
    /// Reads the slots of an entity.
    pub fn slots(&self, entity: &Entity) -> MachineSlots<'_> {
        let from_ref = |slot| std::slice::from_ref(slot);
        match entity.body {
            Body::Chest(index) => MachineSlots {
                contents: self.chests.get(index).map_or(&[], |chest| chest.slots()),
                ..MachineSlots::default()
            },
            Body::Drill(index) => {
                self.drills
                    .get(index)
                    .map_or_else(MachineSlots::default, |drill| MachineSlots {
                        fuel: drill.energy.fuel_slots(),
                        ..MachineSlots::default()
                    })
            }
            Body::Crafter(index) => {
                self.crafters
                    .get(index)
                    .map_or_else(MachineSlots::default, |furnace| MachineSlots {
                        contents: &[],
                        fuel: furnace.energy.fuel_slots(),
                        source: from_ref(&furnace.source),
                        result: from_ref(&furnace.result),
                    })
            }
            Body::Boiler(index) => MachineSlots {
                fuel: self
                    .boilers
                    .get(index)
                    .map_or(&[], |boiler| boiler.energy.fuel_slots()),
                ..MachineSlots::default()
            },
            Body::Turret(index) => self
                .turrets
                .get(index)
                .filter(|turret| turret.has_slot())
                .map_or_else(MachineSlots::default, |turret| MachineSlots {
                    contents: from_ref(&turret.ammo),
                    ..MachineSlots::default()
                }),
            _ => MachineSlots::default(),
        }
    }

    /// Reads the status class of an entity.
    ///
    /// What has nothing of its own to report says that it is damaged, if it is.
    pub fn status(&self, entity: &Entity) -> Status {
        let status = self.working_status(entity);
        if status == Status::Normal && self.is_damaged(entity) {
            Status::Damaged
        } else {
            status
        }
    }

    fn working_status(&self, entity: &Entity) -> Status {
        match entity.body {
            Body::Drill(index) => self
                .drills
                .get(index)
                .map_or(Status::Normal, |drill| drill.status),
            Body::Crafter(index) => self
                .crafters
                .get(index)
                .map_or(Status::Normal, |furnace| furnace.status),
            Body::Boiler(_) | Body::Generator(_) | Body::Pump(_) | Body::Accumulator(_) => {
                self.status_on_networks(entity.body)
            }
            Body::Turret(index) => self
                .turrets
                .get(index)
                .map_or(Status::Normal, Turret::status),
            _ => Status::Normal,
        }
    }

    /// Puts up to `count` of `item` into an entity as a hand does, and returns how many went in.
    pub(super) fn insert_by_hand(&mut self, reference: EntityRef, item: ItemId, count: u32) -> u32 {
        let Some(entity) = self.entity(reference) else {
            return 0;
        };
        let (body, prototype) = (entity.body, entity.prototype());
        let count = count.min(room_by_hand(
            prototype,
            &self.slots(entity),
            item,
            &self.force.enabled_recipes,
        ));
        if count == 0 {
            return 0;
        }
        let inserted = match body {
            Body::Chest(index) => self
                .chests
                .get_mut(index)
                .map_or(0, |chest| chest.insert(item, count)),
            Body::Drill(index) => self
                .drills
                .get_mut(index)
                .map_or(0, |drill| drill.energy.insert_fuel(prototype, item, count)),
            Body::Boiler(index) => self.boilers.get_mut(index).map_or(0, |boiler| {
                boiler.energy.insert_fuel(prototype, item, count)
            }),
            Body::Crafter(index) => self.crafters.get_mut(index).map_or(0, |furnace| {
                if is_fuel_for(prototype, item) {
                    furnace.energy.insert_fuel(prototype, item, count)
                } else {
                    insert_into(std::slice::from_mut(&mut furnace.source), item, count)
                }
            }),
            Body::Turret(index) => self
                .turrets
                .get_mut(index)
                .map_or(0, |turret| turret.insert(item, count)),
            _ => 0,
        };
        self.wake(reference);
        self.mark_entity(reference.slot);
        inserted
    }

    /// Puts one `item` into an entity as a drill does, and returns whether it went in.
    ///
    /// A furnace takes ore beyond a full stack: stack size + 4 (measured: 54 iron ore).
    pub(super) fn insert_by_machine(&mut self, slot: u32, item: ItemId) -> bool {
        const OVERLOAD_ITEMS: u32 = 4;
        let Some(entity) = self.entities.get(slot) else {
            return false;
        };
        let (body, prototype) = (entity.body, entity.prototype());
        let enabled_recipes = &self.force.enabled_recipes;
        let inserted = match body {
            Body::Chest(index) => self
                .chests
                .get_mut(index)
                .is_some_and(|chest| chest.insert(item, 1) == 1),
            Body::Drill(index) => self
                .drills
                .get_mut(index)
                .is_some_and(|drill| drill.energy.insert_fuel(prototype, item, 1) == 1),
            Body::Boiler(index) => self
                .boilers
                .get_mut(index)
                .is_some_and(|boiler| boiler.energy.insert_fuel(prototype, item, 1) == 1),
            Body::Crafter(index) => self.crafters.get_mut(index).is_some_and(|furnace| {
                if is_fuel_for(prototype, item) {
                    return furnace.energy.insert_fuel(prototype, item, 1) == 1;
                }
                if smelting_recipe(prototype, item, enabled_recipes).is_none() {
                    return false;
                }
                match &mut furnace.source {
                    Some(stack) => {
                        let has_room =
                            stack.item == item && stack.count < stack_size(item) + OVERLOAD_ITEMS;
                        stack.count += u32::from(has_room);
                        has_room
                    }
                    empty => {
                        *empty = Some(ItemStack { item, count: 1 });
                        true
                    }
                }
            }),
            Body::Turret(index) => self
                .turrets
                .get_mut(index)
                .is_some_and(|turret| turret.insert(item, 1) == 1),
            _ => false,
        };
        if inserted {
            if let Some(reference) = self.reference(slot) {
                // A machine that waits reacts in the tick after its contents changed.
                self.woken.push(reference);
            }
            self.mark_entity(slot);
        }
        inserted
    }

    /// Moves what a hand can take from an entity into the character's inventory, as far as there is room; counts it.
    pub(super) fn take_by_hand(&mut self, reference: EntityRef) -> u32 {
        let Some(entity) = self.entity(reference) else {
            return 0;
        };
        let body = entity.body;
        let stacks: Vec<ItemStack> = takeable(entity.prototype(), &self.slots(entity))
            .iter()
            .flatten()
            .copied()
            .collect();
        let mut taken = 0;
        for stack in stacks {
            let moved = self.character.inventory.insert(stack.item, stack.count);
            match body {
                Body::Chest(index) => {
                    if let Some(chest) = self.chests.get_mut(index) {
                        chest.remove(stack.item, moved);
                    }
                }
                Body::Crafter(index) => {
                    if let Some(furnace) = self.crafters.get_mut(index) {
                        super::inventory::remove_from(
                            std::slice::from_mut(&mut furnace.result),
                            stack.item,
                            moved,
                        );
                    }
                }
                Body::Turret(index) => {
                    if let Some(turret) = self.turrets.get_mut(index) {
                        turret.remove(moved);
                    }
                }
                _ => {}
            }
            taken += moved;
        }
        if taken > 0 {
            self.wake(reference);
            self.wake_waiters(reference.slot);
            self.wake_pending();
            self.mark_entity(reference.slot);
            self.changes.contents = true;
        }
        taken
    }

    /// Lists everything that an entity holds, in the order in which mining it yields: chest slots; fuel, source, result.
    pub(super) fn contents_of(&self, entity: &Entity) -> Vec<ItemStack> {
        let slots = self.slots(entity);
        let held = match entity.body {
            Body::Drill(index) => self.drills.get(index).and_then(|drill| drill.held),
            _ => None,
        };
        [slots.contents, slots.fuel, slots.source, slots.result]
            .into_iter()
            .flat_map(|group| group.iter().flatten().copied())
            .chain(held.map(|item| ItemStack { item, count: 1 }))
            .collect()
    }
}
