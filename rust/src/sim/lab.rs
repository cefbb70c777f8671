//! Labs: they wear science packs down and add the shares to what is being researched.
//!
//! A pack has a durability of 1 and wears evenly over its unit; the slot counts it until it is used up. Labs work on
//! the same technology side by side, each with its own packs. Speed is the lab's own, times one plus the force's bonus,
//! times one plus the modules' (wiki: the two are multiplied); productivity adds to every share as it is made.
//! The started pack never leaves its lab: inserters take only whole ones, and picking the lab up loses it. In the game
//! a worn pack can be moved on with its durability; here nothing holds that, and packs are neither gained nor doubled.

use serde::{Deserialize, Serialize};

use super::burner::joules_per_tick;
use super::effects::Effects;
use super::energy::Energy;
use super::entity::Body;
use super::inventory::{ItemStack, Slot, stack_size};
use super::power::Power;
use super::research::{Current, Research};
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, EntityPrototype, EntityPrototypeId, ItemId, vanilla};

/// Slots of a lab, one for each kind of science pack.
pub const PACK_KINDS: usize = 7;
/// Inserters bring packs for this many units (wiki: twice what is needed); a hand that carries more delivers all.
const UNITS_BY_INSERTER: u32 = 2;
/// A pack of which no more than this is left is used up: the sum of its shares is not exactly 1.
const WEAR_TOLERANCE: f64 = 1e-9;

/// A lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    pub energy: Energy,
    /// Packs by kind, in the order of [`pack_kinds`].
    pub packs: [Slot; PACK_KINDS],
    /// How much of the first pack of each slot is used, 0 to 1; 0 where the slot is empty.
    pub worn: [f64; PACK_KINDS],
    pub status: Status,
    pub asleep: bool,
    prototype: EntityPrototypeId,
    /// What follows from the prototype and the effects on the lab; set again after a restore.
    #[serde(skip)]
    figures: Figures,
}

/// What a tick of work needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    /// Speed before the force's bonus.
    speed: f64,
    /// Energy of one tick of work.
    joules_per_tick: f64,
    /// Share of progress that modules add.
    productivity: f64,
}

/// Lists the science packs that labs take, in the order of their slots.
pub fn pack_kinds() -> &'static [ItemId; PACK_KINDS] {
    use std::sync::OnceLock;
    static KINDS: OnceLock<[ItemId; PACK_KINDS]> = OnceLock::new();
    KINDS.get_or_init(|| {
        vanilla()
            .entities()
            .iter()
            .find_map(|prototype| prototype.lab.as_ref())
            .and_then(|lab| lab.inputs.as_slice().try_into().ok())
            .expect("the data has one lab, which takes seven packs")
    })
}

/// Finds the slot in which labs keep `item`.
pub fn pack_slot(item: ItemId) -> Option<usize> {
    pack_kinds().iter().position(|pack| *pack == item)
}

/// Computes how many of `item` the slots of a lab have room for.
pub fn room_for_packs(packs: &[Slot], item: ItemId) -> u32 {
    let Some(slot) = pack_slot(item).and_then(|slot| packs.get(slot)) else {
        return 0;
    };
    stack_size(item).saturating_sub(slot.map_or(0, |stack| stack.count))
}

impl Lab {
    /// Makes an empty lab; it acts in the next tick.
    pub fn new(prototype: EntityPrototypeId) -> Self {
        let mut lab = Self {
            energy: Energy::of(&vanilla()[prototype]),
            packs: [None; PACK_KINDS],
            worn: [0.0; PACK_KINDS],
            status: Status::NoRecipe,
            asleep: false,
            prototype,
            figures: Figures::default(),
        };
        lab.set_effects(Effects::default());
        lab
    }

    /// Changes what modules and beacons do to the lab.
    pub(super) fn set_effects(&mut self, effects: Effects) {
        let prototype = &vanilla()[self.prototype];
        let own_speed = prototype
            .lab
            .as_ref()
            .map_or(1.0, |lab| lab.researching_speed);
        self.figures = Figures {
            speed: own_speed * effects.speed_factor(),
            joules_per_tick: joules_per_tick(prototype) * effects.consumption_factor(),
            productivity: effects.productivity.max(0.0),
        };
    }

    /// Computes how many of `item` an inserter may still bring: two units' worth.
    pub fn room_by_inserter(&self, item: ItemId, research: &Research) -> u32 {
        let Some(slot) = pack_slot(item) else {
            return 0;
        };
        let per_unit = research
            .current()
            .map_or(1, |current| (current.packs[slot] as u32).max(1));
        let held = self.packs[slot].map_or(0, |stack| stack.count);
        (UNITS_BY_INSERTER * per_unit).saturating_sub(held)
    }

    /// Puts up to `count` of `item` in and returns how many went in.
    pub fn insert(&mut self, item: ItemId, count: u32) -> u32 {
        let Some(slot) = pack_slot(item) else {
            return 0;
        };
        let inserted = count.min(room_for_packs(&self.packs, item));
        if inserted > 0 {
            self.packs[slot]
                .get_or_insert(ItemStack { item, count: 0 })
                .count += inserted;
        }
        inserted
    }

    /// Counts the whole packs in a slot.
    fn whole(&self, slot: usize) -> u32 {
        let held = self.packs[slot].map_or(0, |stack| stack.count);
        held.saturating_sub(u32::from(self.worn[slot] > 0.0))
    }

    /// Finds the last slot with whole packs of something wanted.
    pub fn offered(&self, is_wanted: &mut dyn FnMut(ItemId) -> bool) -> Option<ItemStack> {
        (0..PACK_KINDS).rev().find_map(|slot| {
            let count = self.whole(slot);
            let stack = self.packs[slot].filter(|stack| count > 0 && is_wanted(stack.item))?;
            Some(ItemStack {
                item: stack.item,
                count,
            })
        })
    }

    /// Takes up to `count` whole packs out and returns how many came out.
    pub fn take(&mut self, item: ItemId, count: u32) -> u32 {
        let Some(slot) = pack_slot(item) else {
            return 0;
        };
        let taken = count.min(self.whole(slot));
        if let Some(stack) = &mut self.packs[slot] {
            stack.count -= taken;
            if stack.count == 0 {
                self.packs[slot] = None;
            }
        }
        taken
    }

    /// Lists what picking the lab up yields: whole packs.
    pub fn whole_packs(&self) -> impl Iterator<Item = ItemStack> + '_ {
        (0..PACK_KINDS).filter_map(|slot| {
            let stack = self.packs[slot]?;
            let count = self.whole(slot);
            (count > 0).then_some(ItemStack {
                item: stack.item,
                count,
            })
        })
    }

    /// Says which packs are started; picking the lab up loses them.
    pub fn started_packs(&self) -> impl Iterator<Item = ItemId> + '_ {
        (0..PACK_KINDS)
            .filter(|slot| self.worn[*slot] > 0.0)
            .filter_map(|slot| self.packs[slot].map(|stack| stack.item))
    }

    /// Works one tick on `current` and returns by slot how many packs were used up.
    fn work(
        &mut self,
        current: &mut Current,
        power: &mut Power,
        speed_bonus: f64,
    ) -> [u32; PACK_KINDS] {
        let mut used_up = [0; PACK_KINDS];
        let units_left = current.units_left();
        self.status = Status::Working;
        if units_left == 0.0 {
            // Another lab brought the last share in this tick; the research phase finishes the technology.
            return used_up;
        }
        // Divisions are made only where something runs short: this runs for every lab in every tick.
        let yielded = 1.0 + self.figures.productivity;
        let mut units = self.figures.speed * (1.0 + speed_bonus) / current.ticks_per_unit;
        if units * yielded > units_left {
            units = units_left / yielded;
        }
        for slot in 0..PACK_KINDS {
            let per_unit = current.packs[slot];
            if per_unit > 0.0 {
                let held = self.packs[slot].map_or(0.0, |stack| f64::from(stack.count));
                let left = held - self.worn[slot];
                if units * per_unit > left {
                    units = left / per_unit;
                }
            }
        }
        if units <= 0.0 {
            self.status = Status::NoIngredients;
            self.asleep = true;
            return used_up;
        }
        let share = self.energy.draw(power, self.figures.joules_per_tick);
        if share <= 0.0 {
            self.status = Status::NoPower;
            // Off all networks it sleeps until it is put on one.
            self.asleep = self.energy.is_off_networks();
            return used_up;
        }
        if share < 1.0 {
            self.status = Status::LowPower;
            units *= share;
        }
        for (slot, used_up) in used_up.iter_mut().enumerate() {
            if current.packs[slot] > 0.0 {
                self.worn[slot] += units * current.packs[slot];
                *used_up = self.drop_worn(slot);
            }
        }
        current.done += units * yielded;
        used_up
    }

    /// Drops the packs of a slot that are used up and returns how many.
    fn drop_worn(&mut self, slot: usize) -> u32 {
        let mut dropped = 0;
        while self.worn[slot] >= 1.0 - WEAR_TOLERANCE {
            self.worn[slot] -= 1.0;
            if self.worn[slot] < WEAR_TOLERANCE {
                self.worn[slot] = 0.0;
            }
            dropped += 1;
        }
        if dropped > 0
            && let Some(stack) = &mut self.packs[slot]
        {
            stack.count -= dropped;
            if stack.count == 0 {
                self.packs[slot] = None;
            }
        }
        dropped
    }
}

/// Runs one tick of the lab in entity slot `slot`.
pub(super) fn tick_lab(world: &mut World, slot: u32, index: u32) {
    let Some(lab) = world.labs.get_mut(index) else {
        return;
    };
    let before = lab.status;
    let used_up = if let Some(current) = world.research.current_mut() {
        lab.work(
            current,
            &mut world.power,
            world.force.bonuses.laboratory_speed,
        )
    } else {
        lab.status = Status::NoRecipe;
        lab.asleep = true;
        [0; PACK_KINDS]
    };
    let has_changed = lab.status != before;
    if used_up != [0; PACK_KINDS] {
        for (item, count) in pack_kinds().iter().zip(used_up) {
            if count > 0 {
                world.production.use_item(*item, count);
            }
        }
        world.wake_waiters(slot);
        world.mark_entity(slot);
    } else if has_changed {
        world.mark_entity(slot);
    }
}

impl World {
    /// Takes a lab away; its started packs are used up with it.
    pub(super) fn remove_lab(&mut self, index: u32) {
        if let Some(lab) = self.labs.remove(index) {
            for item in lab.started_packs() {
                self.production.use_item(item, 1);
            }
        }
    }

    /// Says whether inserters may move items from one entity to another or to the ground: out of labs, only into labs.
    pub(super) fn may_pass_on(&self, from: u32, to: Option<u32>) -> bool {
        let is_lab = |slot| {
            self.entities
                .get(slot)
                .is_some_and(|entity| matches!(entity.body, Body::Lab(_)))
        };
        !is_lab(from) || to.is_some_and(is_lab)
    }
}

/// Says whether an entity of this prototype is a lab that takes `item`.
pub fn takes_pack(prototype: &EntityPrototype, item: ItemId) -> bool {
    prototype.kind == EntityKind::Lab && pack_slot(item).is_some()
}
