//! What every container and machine has in common: groups of slots, what goes in, what comes out.
//!
//! The rules are functions of the prototype and the slots alone, so that the mask computes them from what the agent sees.

use super::burner::is_fuel_for;
use super::crafter::{Crafter, can_make, ingredient_room_by_hand, recipe_facts};
use super::effects::takes_module;
use super::entity::{Body, Entity, EntityRef};
use super::inventory::{ItemStack, Slot, room_in};
use super::lab::{Lab, room_for_packs, takes_pack};
use super::silo::is_cargo;
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
    pub modules: &'a [Slot],
    /// What a machine is set to make, or a furnace made last.
    pub recipe: Option<RecipeId>,
}

/// Says whether a furnace of this prototype smelts `item`; the force must be allowed to.
fn is_smelted(prototype: &EntityPrototype, item: ItemId, enabled_recipes: &[bool]) -> bool {
    vanilla().recipes_using_item(item).iter().any(|id| {
        enabled_recipes.get(id.index()).copied().unwrap_or(false)
            && can_make(prototype, *id)
            && matches!(vanilla()[*id].ingredients.as_slice(), [only] if only.item() == Some(item))
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
        EntityKind::Container | EntityKind::CargoLandingPad => room_in(slots.contents, item),
        EntityKind::Lab if takes_pack(prototype, item) => room_for_packs(slots.source, item),
        EntityKind::RocketSilo if is_cargo(item) => room_in(slots.contents, item),
        EntityKind::AmmoTurret if takes_ammo(prototype, item) => room_in(slots.contents, item),
        EntityKind::Furnace
        | EntityKind::MiningDrill
        | EntityKind::Boiler
        | EntityKind::Inserter
            if is_fuel_for(prototype, item) =>
        {
            room_in(slots.fuel, item)
        }
        EntityKind::Furnace if is_smelted(prototype, item, enabled_recipes) => {
            room_in(slots.source, item)
        }
        EntityKind::AssemblingMachine | EntityKind::RocketSilo
            if is_ingredient(slots.recipe, item) =>
        {
            ingredient_room_by_hand(prototype, slots.recipe, slots.source, item)
        }
        _ if takes_module(prototype, slots.recipe, item) => {
            slots.modules.iter().filter(|slot| slot.is_none()).count() as u32
        }
        _ => 0,
    }
}

/// Says whether an entity could ever take `item` from a hand, full or not.
pub fn accepts(
    prototype: &EntityPrototype,
    slots: &MachineSlots<'_>,
    item: ItemId,
    enabled_recipes: &[bool],
) -> bool {
    let takes_by_kind = match prototype.kind {
        EntityKind::Container | EntityKind::CargoLandingPad => true,
        EntityKind::Lab => takes_pack(prototype, item),
        EntityKind::Furnace => {
            is_fuel_for(prototype, item) || is_smelted(prototype, item, enabled_recipes)
        }
        EntityKind::RocketSilo if is_cargo(item) => true,
        EntityKind::AssemblingMachine | EntityKind::RocketSilo => is_ingredient(slots.recipe, item),
        EntityKind::MiningDrill | EntityKind::Boiler | EntityKind::Inserter => {
            is_fuel_for(prototype, item)
        }
        EntityKind::AmmoTurret => takes_ammo(prototype, item),
        _ => false,
    };
    takes_by_kind || takes_module(prototype, slots.recipe, item)
}

fn is_ingredient(recipe: Option<RecipeId>, item: ItemId) -> bool {
    recipe.is_some_and(|recipe| {
        recipe_facts(recipe)
            .ingredients
            .iter()
            .any(|(known, _)| *known == item)
    })
}

/// Says whether an entity is one that things can be taken from.
pub fn gives(prototype: &EntityPrototype) -> bool {
    matches!(
        prototype.kind,
        EntityKind::Container
            | EntityKind::CargoLandingPad
            | EntityKind::Furnace
            | EntityKind::AssemblingMachine
            | EntityKind::AmmoTurret
    )
}

/// Gives the slots that a hand takes from: what a chest holds, what a machine has made.
pub fn takeable<'a>(prototype: &EntityPrototype, slots: &MachineSlots<'a>) -> &'a [Slot] {
    match prototype.kind {
        EntityKind::Container | EntityKind::CargoLandingPad | EntityKind::AmmoTurret => {
            slots.contents
        }
        EntityKind::Furnace | EntityKind::AssemblingMachine => slots.result,
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
        let slots = self.slots_by_kind(entity);
        match self.entity_slot_at(entity.position.tile()) {
            Some(slot) if entity.prototype().kind == EntityKind::RocketSilo => MachineSlots {
                contents: self.rockets.cargo_slots(slot),
                modules: self.module_slots(slot),
                ..slots
            },
            Some(slot) if entity.prototype().module_slots > 0 => MachineSlots {
                modules: self.module_slots(slot),
                ..slots
            },
            _ => slots,
        }
    }

    fn slots_by_kind(&self, entity: &Entity) -> MachineSlots<'_> {
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
                    .map_or_else(MachineSlots::default, |crafter| MachineSlots {
                        fuel: crafter.energy.fuel_slots(),
                        source: &crafter.inputs,
                        result: &crafter.outputs,
                        recipe: crafter.recipe,
                        ..MachineSlots::default()
                    })
            }
            Body::Lab(index) => MachineSlots {
                source: self.labs.get(index).map_or(&[], |lab| &lab.packs),
                ..MachineSlots::default()
            },
            Body::Inserter(index) => {
                self.inserters
                    .get(index)
                    .map_or_else(MachineSlots::default, |inserter| MachineSlots {
                        fuel: inserter.energy.fuel_slots(),
                        ..MachineSlots::default()
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
                    contents: std::slice::from_ref(&turret.ammo),
                    ..MachineSlots::default()
                }),
            _ => MachineSlots::default(),
        }
    }

    /// Reads the status class of an entity.
    ///
    /// What has nothing of its own to report says that it is damaged, if it is.
    pub fn status(&self, entity: &Entity) -> Status {
        if let Some((status, _)) = self.reported_style(entity.unit) {
            return status;
        }
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
                .map_or(Status::Normal, |crafter| crafter.status),
            Body::Lab(index) => self
                .labs
                .get(index)
                .map_or(Status::Normal, |lab| lab.status),
            Body::Beacon(index) => self
                .beacons
                .get(index)
                .map_or(Status::Normal, |beacon| beacon.status),
            Body::Inserter(index) => self
                .inserters
                .get(index)
                .map_or(Status::Normal, |inserter| inserter.status),
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
            Body::Crafter(_) if is_cargo(item) => self.insert_cargo(reference.slot, item, count),
            Body::Crafter(index) => self.crafters.get_mut(index).map_or(0, |crafter| {
                crafter.insert(item, count, 0, &self.force.enabled_recipes)
            }),
            Body::Lab(index) => self
                .labs
                .get_mut(index)
                .map_or(0, |lab| lab.insert(item, count)),
            Body::Turret(index) => self
                .turrets
                .get_mut(index)
                .map_or(0, |turret| turret.insert(item, count)),
            Body::Inserter(index) => self.inserters.get_mut(index).map_or(0, |inserter| {
                inserter.energy.insert_fuel(prototype, item, count)
            }),
            _ => 0,
        };
        let inserted = if inserted == 0 {
            // Only modules have room where no other slot has.
            (0..count)
                .take_while(|_| self.insert_module(reference, item).is_ok())
                .count() as u32
        } else {
            inserted
        };
        self.wake(reference);
        self.wake_waiters(reference.slot);
        self.wake_pending();
        self.mark_entity(reference.slot);
        inserted
    }

    /// Puts one `item` into an entity as a drill does, and returns whether it went in.
    ///
    /// Crafting machines take ingredients beyond a full stack: see `World::overfill`.
    pub(super) fn insert_by_machine(&mut self, slot: u32, item: ItemId) -> bool {
        let Some(entity) = self.entities.get(slot) else {
            return false;
        };
        let (body, prototype) = (entity.body, entity.prototype());
        let overfill = self.overfill();
        let inserted = match body {
            Body::Chest(index) => self
                .chests
                .get_mut(index)
                .is_some_and(|chest| chest.insert(item, 1) == 1),
            Body::Drill(index) => self
                .drills
                .get_mut(index)
                .is_some_and(|drill| drill.energy.insert_fuel(prototype, item, 1) == 1),
            Body::Inserter(index) => self
                .inserters
                .get_mut(index)
                .is_some_and(|inserter| inserter.energy.insert_fuel(prototype, item, 1) == 1),
            Body::Boiler(index) => self
                .boilers
                .get_mut(index)
                .is_some_and(|boiler| boiler.energy.insert_fuel(prototype, item, 1) == 1),
            Body::Crafter(index) => self.crafters.get_mut(index).is_some_and(|crafter| {
                crafter.insert(item, 1, overfill, &self.force.enabled_recipes) == 1
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
            self.wake_waiters(slot);
            self.mark_entity(slot);
        }
        inserted
    }

    /// Moves what a hand can take from an entity into the character's inventory, as far as there is room; counts it.
    pub(super) fn take_by_hand(
        &mut self,
        reference: EntityRef,
        only: Option<(ItemId, u32)>,
    ) -> u32 {
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
        let mut allowed = only.map_or(u32::MAX, |(_, count)| count);
        for stack in stacks {
            if only.is_some_and(|(item, _)| item != stack.item) {
                continue;
            }
            let wanted = stack.count.min(allowed);
            let moved = self.character.inventory.insert(stack.item, wanted);
            allowed -= moved;
            match body {
                Body::Chest(index) => {
                    if let Some(chest) = self.chests.get_mut(index) {
                        chest.remove(stack.item, moved);
                    }
                }
                Body::Crafter(index) => {
                    if let Some(crafter) = self.crafters.get_mut(index) {
                        crafter.take(stack.item, moved);
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

    /// Lists the ingredients of an entity's craft in progress: they count as used, and come back when it is broken off.
    pub(super) fn ingredients_at_work(&self, entity: &Entity) -> Vec<ItemStack> {
        match entity.body {
            Body::Crafter(index) => self
                .crafters
                .get(index)
                .map_or_else(Vec::new, |crafter| crafter.in_progress().collect()),
            _ => Vec::new(),
        }
    }

    /// Lists the items that an entity itself is: what taking it up yields, contents apart.
    ///
    /// Trees and rocks are no items: what they yield is made when they are mined.
    pub(super) fn items_of_entity(prototype: &EntityPrototype) -> Vec<ItemStack> {
        let Some(minable) = prototype
            .minable
            .as_ref()
            .filter(|_| !prototype.is_natural())
        else {
            return Vec::new();
        };
        let results = minable.results.iter();
        results
            .filter_map(|product| {
                let (item, count) = (product.item()?, product.amount_min as u32);
                Some(ItemStack { item, count })
            })
            .collect()
    }

    /// Lists the parts in a silo: no hand takes them out, and they are gone with it.
    pub(super) fn rocket_parts_of(&self, entity: &Entity) -> Option<ItemStack> {
        let Body::Crafter(index) = entity.body else {
            return None;
        };
        let crafter = self.crafters.get(index).filter(|silo| silo.parts > 0)?;
        let product = recipe_facts(crafter.recipe?).products.first()?;
        Some(ItemStack {
            item: product.item,
            count: crafter.parts,
        })
    }

    /// Counts an entity that is destroyed, with all that it holds, as lost.
    pub(super) fn count_destroyed(&mut self, reference: EntityRef) {
        let Some(entity) = self.entity(reference) else {
            return;
        };
        let at_work = self.ingredients_at_work(entity);
        let lost = self
            .contents_of(entity)
            .into_iter()
            .chain(self.rocket_parts_of(entity))
            .chain(Self::items_of_entity(entity.prototype()));
        for stack in lost.collect::<Vec<_>>() {
            self.production.lose_item(stack.item, stack.count);
        }
        for stack in at_work {
            self.production.return_item(stack.item, stack.count);
        }
    }

    /// Lists everything that an entity holds, in the order in which mining it yields: chest slots; fuel, source, result;
    /// modules; the ingredients of the craft in progress.
    pub(super) fn contents_of(&self, entity: &Entity) -> Vec<ItemStack> {
        let slots = self.slots(entity);
        if let Body::Lab(index) = entity.body {
            let lab = self.labs.get(index);
            return lab
                .into_iter()
                .flat_map(Lab::whole_packs)
                .chain(slots.modules.iter().flatten().copied())
                .collect();
        }
        let held = match entity.body {
            Body::Drill(index) => self.drills.get(index).and_then(|drill| drill.held),
            _ => super::inserter::held_stack(self, entity),
        };
        let crafter = match entity.body {
            Body::Crafter(index) => self.crafters.get(index),
            _ => None,
        };
        let groups = [
            slots.contents,
            slots.fuel,
            slots.source,
            slots.result,
            slots.modules,
        ];
        groups
            .into_iter()
            .flat_map(|group| group.iter().flatten().copied())
            .chain(crafter.into_iter().flat_map(Crafter::in_progress))
            .chain(held)
            .chain(self.belt_contents(entity))
            .collect()
    }
}
