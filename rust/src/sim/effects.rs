//! Modules and what they do: slots of machines and beacons, and the sum of effects that reaches a machine.
//!
//! It owns the rules of which module goes where and how effects add up (2.0: own modules, plus those of beacons times
//! their efficiency and the profile of how many there are). Machines keep the sum in their record; it is computed again
//! only when a module, a beacon or the power of a beacon changes.
//!
//! Approximate: a beacon with any power at all works fully, one without modules does not count for the profile.

use serde::{Deserialize, Serialize};

use super::entity::{Body, EntityRef, footprint};
use super::inventory::{ItemStack, Slot};
use super::position::TileArea;
use super::world::World;
use crate::contract::action::RejectReason;
use crate::prototypes::{EntityKind, EntityPrototype, ItemId, Module, RecipeId, vanilla};

/// No machine of the base game has more module slots.
pub const MAX_MODULE_SLOTS: usize = 4;
/// Effects cannot bring speed, consumption or pollution below this share.
const LEAST_FACTOR: f64 = 0.2;

/// The sum of what modules change, as shares of the machine's own figures; 0 changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effects {
    pub speed: f64,
    pub consumption: f64,
    pub productivity: f64,
    pub pollution: f64,
}

impl Effects {
    /// Gives the factor on speed.
    pub fn speed_factor(&self) -> f64 {
        (1.0 + self.speed).max(LEAST_FACTOR)
    }

    /// Gives the factor on energy consumption.
    pub fn consumption_factor(&self) -> f64 {
        (1.0 + self.consumption).max(LEAST_FACTOR)
    }

    /// Gives the factor on pollution, beside that of the energy used.
    pub fn pollution_factor(&self) -> f64 {
        (1.0 + self.pollution).max(LEAST_FACTOR)
    }

    fn add(&mut self, module: &Module, share: f64) {
        self.speed += module.speed * share;
        self.consumption += module.consumption * share;
        self.productivity += module.productivity * share;
        self.pollution += module.pollution * share;
    }
}

/// The module slots of one entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleSlots {
    slots: [Slot; MAX_MODULE_SLOTS],
    size: u8,
}

impl ModuleSlots {
    /// Makes the empty slots of a prototype; `None` where it has none.
    pub fn of(prototype: &EntityPrototype) -> Option<Self> {
        (prototype.module_slots > 0).then(|| Self {
            slots: [None; MAX_MODULE_SLOTS],
            size: prototype.module_slots.min(MAX_MODULE_SLOTS as u32) as u8,
        })
    }

    /// Reads the slots.
    pub fn slots(&self) -> &[Slot] {
        &self.slots[..usize::from(self.size)]
    }

    /// Puts one module into the first free slot; returns whether there was one.
    fn insert(&mut self, item: ItemId) -> bool {
        let free = self.slots[..usize::from(self.size)]
            .iter_mut()
            .find(|slot| slot.is_none());
        free.is_some_and(|slot| {
            *slot = Some(ItemStack { item, count: 1 });
            true
        })
    }

    fn modules(&self) -> impl Iterator<Item = &'static Module> {
        self.slots
            .iter()
            .flatten()
            .filter_map(|stack| vanilla()[stack.item].module.as_ref())
    }

    fn is_empty(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }
}

/// Says whether a machine of `prototype` that makes `recipe` may hold the module `item`.
pub fn takes_module(prototype: &EntityPrototype, recipe: Option<RecipeId>, item: ItemId) -> bool {
    let Some(module) = &vanilla()[item].module else {
        return false;
    };
    let is_allowed = |effect: &str, amount: f64| {
        amount == 0.0
            || prototype
                .allowed_effects
                .as_ref()
                .is_none_or(|allowed| allowed.iter().any(|name| name == effect))
    };
    prototype.module_slots > 0
        && is_allowed("speed", module.speed)
        && is_allowed("consumption", module.consumption)
        && is_allowed("productivity", module.productivity)
        && is_allowed("pollution", module.pollution)
        && (module.productivity == 0.0
            || recipe.is_none_or(|recipe| vanilla()[recipe].allow_productivity))
}

/// Says whether beacons act on machines of `prototype`.
fn uses_beacons(prototype: &EntityPrototype) -> bool {
    let is_receiver = prototype.kind.is_crafting_machine()
        || matches!(prototype.kind, EntityKind::MiningDrill | EntityKind::Lab);
    is_receiver
        && prototype.raw["effect_receiver"]["uses_beacon_effects"] != false
        && prototype
            .allowed_effects
            .as_ref()
            .is_none_or(|allowed| !allowed.is_empty())
}

fn allowed_share(prototype: &EntityPrototype, effect: &str) -> f64 {
    let is_allowed = prototype
        .allowed_effects
        .as_ref()
        .is_none_or(|allowed| allowed.iter().any(|name| name == effect));
    f64::from(u8::from(is_allowed))
}

impl World {
    /// Reads the module slots of the entity in `slot`; empty where it has none.
    pub fn module_slots(&self, slot: u32) -> &[Slot] {
        self.modules.get(&slot).map_or(&[], ModuleSlots::slots)
    }

    /// Puts one module into an entity; it comes back when the entity is mined.
    ///
    /// # Errors
    /// `NoTarget`, `WrongTarget` where it has no module slots, `WrongItem` where it may not hold this one, `Full`.
    pub fn insert_module(
        &mut self,
        reference: EntityRef,
        item: ItemId,
    ) -> Result<(), RejectReason> {
        let entity = self.entity(reference).ok_or(RejectReason::NoTarget)?;
        let (prototype, recipe) = (entity.prototype(), self.recipe_of(entity));
        let slots = self
            .modules
            .get_mut(&reference.slot)
            .ok_or(RejectReason::WrongTarget)?;
        if !takes_module(prototype, recipe, item) {
            return Err(RejectReason::WrongItem);
        }
        if !slots.insert(item) {
            return Err(RejectReason::Full);
        }
        self.modules_changed(reference.slot);
        Ok(())
    }

    /// Takes all modules out of an entity that fail `is_kept`.
    pub(super) fn take_modules(
        &mut self,
        reference: EntityRef,
        mut is_kept: impl FnMut(ItemId) -> bool,
    ) -> Vec<ItemStack> {
        let mut taken = Vec::new();
        if self.entity(reference).is_none() {
            return taken;
        }
        let Some(modules) = self.modules.get_mut(&reference.slot) else {
            return taken;
        };
        for slot in &mut modules.slots {
            if slot.is_some_and(|stack| !is_kept(stack.item)) {
                taken.extend(slot.take());
            }
        }
        if !taken.is_empty() {
            self.modules_changed(reference.slot);
        }
        taken
    }

    /// Computes the sum of effects on the entity in `slot`: its modules and those of the beacons that reach it.
    pub fn effects_of(&self, slot: u32) -> Effects {
        let mut sum = Effects::default();
        let Some(entity) = self.entities.get(slot) else {
            return sum;
        };
        let prototype = entity.prototype();
        for module in self.modules.get(&slot).iter().flat_map(|own| own.modules()) {
            sum.add(module, 1.0);
        }
        if self.beacons.is_empty() || !uses_beacons(prototype) {
            return sum;
        }
        let area = footprint(entity.prototype, entity.position, entity.direction);
        let reaching = || {
            self.beacons.iter().filter(move |(_, beacon)| {
                beacon.is_powered
                    && self
                        .supply_area(beacon.slot)
                        .is_some_and(|supplied| supplied.overlaps(area))
                    && self
                        .modules
                        .get(&beacon.slot)
                        .is_some_and(|own| !own.is_empty())
            })
        };
        // The base game has one kind of beacon, so counting "the same type" counts all.
        let n_beacons = reaching().count();
        let mut from_beacons = Effects::default();
        for (_, beacon) in reaching() {
            let share = beacon.share(n_beacons);
            for module in self
                .modules
                .get(&beacon.slot)
                .iter()
                .flat_map(|own| own.modules())
            {
                from_beacons.add(module, share);
            }
        }
        sum.speed += from_beacons.speed * allowed_share(prototype, "speed");
        sum.consumption += from_beacons.consumption * allowed_share(prototype, "consumption");
        sum.productivity += from_beacons.productivity * allowed_share(prototype, "productivity");
        sum.pollution += from_beacons.pollution * allowed_share(prototype, "pollution");
        sum
    }

    /// Gives the tiles that the beacon in `slot` supplies.
    fn supply_area(&self, slot: u32) -> Option<TileArea> {
        let entity = self.entities.get(slot)?;
        let reach = entity.prototype().beacon.as_ref()?.supply_area_distance as i32;
        let area = footprint(entity.prototype, entity.position, entity.direction);
        Some(TileArea {
            left: area.left - reach,
            top: area.top - reach,
            width: area.width + 2 * reach,
            height: area.height + 2 * reach,
        })
    }

    /// Brings the figures of machines up to date after a change to the modules in `slot`, or to a beacon's power.
    pub(super) fn modules_changed(&mut self, slot: u32) {
        self.changes.contents = true;
        match self.entities.get(slot).map(|entity| entity.body) {
            Some(Body::Beacon(_)) => {
                if let Some(area) = self.supply_area(slot) {
                    self.refresh_effects_in(area);
                }
            }
            Some(_) => self.refresh_effects(slot),
            None => {}
        }
    }

    /// Computes the effects anew of every machine with a tile in `area`.
    pub(super) fn refresh_effects_in(&mut self, area: TileArea) {
        let mut slots: Vec<u32> = area
            .tiles()
            .filter_map(|tile| self.entity_slot_at(tile))
            .collect();
        slots.sort_unstable();
        slots.dedup();
        for slot in slots {
            self.refresh_effects(slot);
        }
    }

    /// Computes anew what the records of all machines repeat, as after a restore: effects, figures, fluid boxes.
    pub(super) fn rebuild_machines(&mut self) {
        let slots: Vec<u32> = self.entities.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.refresh_effects(slot);
            let Some(entity) = self.entities.get(slot) else {
                continue;
            };
            let (body, position) = (entity.body, entity.position);
            match body {
                Body::Crafter(index) => {
                    if let Some(crafter) = self.crafters.get_mut(index) {
                        crafter.link_fluids(slot, &self.fluids);
                    }
                }
                Body::Drill(index) => {
                    if let Some(drill) = self.drills.get_mut(index) {
                        drill.restore_tiles(position);
                    }
                }
                _ => {}
            }
        }
    }

    /// Computes the effects on one machine anew and writes them into its record.
    pub(super) fn refresh_effects(&mut self, slot: u32) {
        let Some(body) = self.entities.get(slot).map(|entity| entity.body) else {
            return;
        };
        match body {
            Body::Crafter(index) => {
                let effects = self.effects_of(slot);
                if let Some(crafter) = self.crafters.get_mut(index) {
                    crafter.set_effects(effects);
                }
            }
            Body::Lab(index) => {
                let effects = self.effects_of(slot);
                if let Some(lab) = self.labs.get_mut(index) {
                    lab.set_effects(effects);
                }
            }
            Body::Drill(index) => {
                let effects = self.effects_of(slot);
                if let Some(drill) = self.drills.get_mut(index) {
                    drill.set_effects(effects);
                }
            }
            _ => {}
        }
    }

    /// Takes the module slots of an entity that is removed away; a beacon stops acting.
    pub(super) fn forget_modules(&mut self, slot: u32) -> Option<TileArea> {
        self.modules.remove(&slot);
        self.supply_area(slot)
    }
}
