//! Burning fuel: the energy buffer that drills and furnaces work from.
//!
//! Work takes energy from the buffer first; the buffer is refilled from the burning item afterwards, in the same tick
//! (measured on 2.0.60, `docs/fidelity.md`). The buffer holds 16/15 of one tick's draw.

use serde::{Deserialize, Serialize};

use super::energy::Energy;
use super::inventory::{ItemStack, Slot, stack_size};
use crate::prototypes::{EntityPrototype, ItemId, vanilla};

/// A burner with one fuel slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burner {
    /// Energy at hand, in joules.
    pub buffer_joules: f64,
    /// Energy left in the burning item, in joules.
    pub remaining_joules: f64,
    /// The item that burns.
    pub burning: Option<ItemId>,
    /// The fuel slot.
    pub fuel: Slot,
}

impl Burner {
    /// Makes a cold burner.
    pub fn new() -> Self {
        Self {
            buffer_joules: 0.0,
            remaining_joules: 0.0,
            burning: None,
            fuel: None,
        }
    }

    /// Makes a burner with an empty buffer in which `share` of one `item` still burns.
    pub fn lit(item: ItemId, share: f64) -> Self {
        Self {
            remaining_joules: vanilla()[item].fuel_value_joules * share,
            burning: Some(item),
            ..Self::new()
        }
    }

    /// Takes up to `wanted_joules` from the buffer and returns what it gave.
    pub fn draw(&mut self, wanted_joules: f64) -> f64 {
        let drawn = wanted_joules.min(self.buffer_joules);
        self.buffer_joules -= drawn;
        drawn
    }

    /// Fills the buffer from the burning item, lighting the next one where the last is spent; says whether it lit one.
    #[inline]
    pub fn refill(&mut self, capacity_joules: f64) -> bool {
        let missing = capacity_joules - self.buffer_joules;
        // From half full on the difference is exact, so one step fills the buffer.
        if self.remaining_joules > missing && self.buffer_joules * 2.0 >= capacity_joules {
            self.buffer_joules = self.buffer_joules.max(capacity_joules);
            self.remaining_joules -= missing.max(0.0);
            return false;
        }
        self.refill_by_steps(capacity_joules)
    }

    fn refill_by_steps(&mut self, capacity_joules: f64) -> bool {
        let mut has_lit = false;
        while self.buffer_joules < capacity_joules {
            if self.remaining_joules <= 0.0 {
                let Some(stack) = &mut self.fuel else {
                    self.burning = None;
                    return has_lit;
                };
                self.remaining_joules = vanilla()[stack.item].fuel_value_joules;
                self.burning = Some(stack.item);
                has_lit = true;
                stack.count -= 1;
                if stack.count == 0 {
                    self.fuel = None;
                }
            }
            let moved = (capacity_joules - self.buffer_joules).min(self.remaining_joules);
            if self.buffer_joules + moved <= self.buffer_joules {
                // What is left is too small to change the double: treat the item as burnt out.
                self.remaining_joules = 0.0;
                if self.fuel.is_none() {
                    return has_lit;
                }
                continue;
            }
            self.buffer_joules += moved;
            self.remaining_joules -= moved;
        }
        has_lit
    }

    /// Says whether neither the buffer, the burning item nor the slot has energy.
    pub fn is_spent(&self) -> bool {
        self.buffer_joules <= 0.0 && self.remaining_joules <= 0.0 && self.fuel.is_none()
    }

    /// Computes how many of `item` the fuel slot of `prototype` has room for.
    pub fn room(&self, prototype: &EntityPrototype, item: ItemId) -> u32 {
        if !is_fuel_for(prototype, item) {
            return 0;
        }
        match self.fuel {
            None => stack_size(item),
            Some(stack) if stack.item == item => stack_size(item).saturating_sub(stack.count),
            Some(_) => 0,
        }
    }

    /// Adds up to `count` of a fuel that the slot accepts and returns how many went in.
    pub fn insert(&mut self, prototype: &EntityPrototype, item: ItemId, count: u32) -> u32 {
        let added = count.min(self.room(prototype, item));
        if added > 0 {
            match &mut self.fuel {
                Some(stack) => stack.count += added,
                empty => *empty = Some(ItemStack { item, count: added }),
            }
        }
        added
    }
}

impl Default for Burner {
    fn default() -> Self {
        Self::new()
    }
}

/// Says whether `prototype` burns `item`.
pub fn is_fuel_for(prototype: &EntityPrototype, item: ItemId) -> bool {
    vanilla()[item]
        .fuel_category
        .as_deref()
        .zip(prototype.fuel_categories())
        .is_some_and(|(category, accepted)| accepted.iter().any(|name| name == category))
}

/// Computes how many of `item` an inserter may still bring as fuel: five, or as much as holds 180 buffers if that is more.
pub fn fuel_room_by_inserter(energy: &Energy, prototype: &EntityPrototype, item: ItemId) -> u32 {
    const FUEL_ITEMS: u32 = 5;
    const BUFFERS: f64 = 180.0;
    let Some(burner) = energy.burner() else {
        return 0;
    };
    let room = burner.room(prototype, item);
    if room == 0 {
        return 0;
    }
    let joules = BUFFERS * buffer_capacity_joules(prototype);
    let limit = FUEL_ITEMS.max((joules / vanilla()[item].fuel_value_joules).ceil() as u32);
    room.min(limit.saturating_sub(burner.fuel.map_or(0, |stack| stack.count)))
}

/// Gives the energy that `prototype` draws per working tick, in joules.
pub fn joules_per_tick(prototype: &EntityPrototype) -> f64 {
    prototype.energy_usage_watts / 60.0
}

/// Gives the size of the energy buffer of `prototype`, in joules.
pub fn buffer_capacity_joules(prototype: &EntityPrototype) -> f64 {
    joules_per_tick(prototype) * 16.0 / 15.0
}
