//! Reading, filling and emptying boxes: what machines, set-ups and observers ask of [`Fluids`].

use super::{Content, FluidBox, Fluids};
use crate::prototypes::FluidId;

impl Content {
    /// Adds fluid; temperatures average by amount.
    pub(super) fn add(&mut self, fluid: FluidId, amount: f64, temperature: f64) {
        if amount <= 0.0 {
            return;
        }
        let sum = self.amount + amount;
        // What was at one temperature stays at exactly that temperature.
        if self.amount <= 0.0 {
            self.temperature = temperature;
        } else if self.temperature.to_bits() != temperature.to_bits() {
            self.temperature = (self.temperature * self.amount + temperature * amount) / sum;
        }
        self.fluid = Some(fluid);
        self.amount = sum;
    }

    /// Takes up to `amount` and returns how much that was.
    pub(super) fn remove(&mut self, amount: f64) -> f64 {
        if amount >= self.amount {
            let all = self.amount;
            *self = Self::default();
            all
        } else {
            self.amount -= amount;
            amount
        }
    }
}

impl FluidBox {
    /// Sets how much the pool holds that the box stands for.
    pub(super) fn set_capacity(&mut self, capacity: f64) {
        self.capacity = capacity;
        self.per_unit = 1.0 / capacity;
    }

    /// Gives how full the pool is that the box stands for, 0 to 1.
    #[inline]
    pub(super) fn fullness(&self) -> f64 {
        self.content.amount * self.per_unit
    }

    /// Says whether the box may take `fluid` at `temperature`, room aside.
    pub(super) fn admits(&self, fluid: FluidId, temperature: f64) -> bool {
        self.filter.is_none_or(|filter| filter == fluid)
            && self.content.fluid.is_none_or(|held| held == fluid)
            && self.temperatures.0 <= temperature
            && temperature <= self.temperatures.1
    }
}

impl Fluids {
    /// Reads a box.
    pub fn get(&self, index: u32) -> Option<&FluidBox> {
        self.boxes.get(index)
    }

    /// Reads the box that stands for the pool of box `index`.
    pub(super) fn pool(&self, index: u32) -> Option<&FluidBox> {
        self.boxes.get(self.boxes.get(index)?.pool)
    }

    pub(super) fn pool_mut(&mut self, index: u32) -> Option<&mut FluidBox> {
        let pool = self.boxes.get(index)?.pool;
        self.boxes.get_mut(pool)
    }

    /// Reads how much is in a box: a member of a segment has its share by volume.
    pub fn amount(&self, index: u32) -> f64 {
        let (Some(own), Some(pool)) = (self.boxes.get(index), self.pool(index)) else {
            return 0.0;
        };
        if own.pool == index && own.volume.to_bits() == own.capacity.to_bits() {
            return own.content.amount;
        }
        pool.content.amount * (own.volume / pool.capacity)
    }

    /// Reads how much there is to take from a box: for a member of a segment, all that the segment holds.
    pub fn available(&self, index: u32) -> f64 {
        self.pool(index).map_or(0.0, |pool| pool.content.amount)
    }

    /// Reads what the pool of a box holds.
    #[inline]
    pub fn content(&self, index: u32) -> Content {
        self.pool(index)
            .map_or_else(Content::default, |pool| pool.content)
    }

    /// Reads which fluid is in a box.
    pub fn fluid(&self, index: u32) -> Option<FluidId> {
        self.pool(index)?.content.fluid
    }

    /// Reads the temperature of the fluid in a box; 0 without fluid.
    pub fn temperature(&self, index: u32) -> f64 {
        self.pool(index)
            .map_or(0.0, |pool| pool.content.temperature)
    }

    /// Computes how much of `fluid` there is room for in the pool of a box.
    pub fn room(&self, index: u32, fluid: FluidId) -> f64 {
        let (Some(own), Some(pool)) = (self.boxes.get(index), self.pool(index)) else {
            return 0.0;
        };
        let is_admitted = own.filter.is_none_or(|filter| filter == fluid)
            && pool.content.fluid.is_none_or(|held| held == fluid);
        if is_admitted {
            (pool.capacity - pool.content.amount).max(0.0)
        } else {
            0.0
        }
    }

    /// Puts fluid into the pool of a box, as far as there is room, and returns how much went in.
    pub fn put(&mut self, index: u32, fluid: FluidId, amount: f64, temperature: f64) -> f64 {
        let accepted = amount.min(self.room(index, fluid));
        if accepted <= 0.0 {
            return 0.0;
        }
        if let Some(pool) = self.pool_mut(index) {
            let was_empty = pool.content.fluid.is_none();
            pool.content.add(fluid, accepted, temperature);
            let (system, pool) = (pool.system, pool.pool);
            self.derived.wake_system(system);
            if was_empty {
                self.derived.recoloured.push(pool);
            }
            self.totals_mut(fluid).put += accepted;
        }
        accepted
    }

    /// Takes up to `amount` from the pool of a box and returns how much that was.
    pub fn take(&mut self, index: u32, amount: f64) -> f64 {
        let Some(pool) = self.pool_mut(index) else {
            return 0.0;
        };
        let (Some(fluid), true) = (pool.content.fluid, amount > 0.0) else {
            return 0.0;
        };
        let taken = pool.content.remove(amount);
        let is_empty = pool.content.fluid.is_none();
        let (system, pool) = (pool.system, pool.pool);
        self.derived.wake_system(system);
        if is_empty {
            self.derived.recoloured.push(pool);
        }
        self.totals_mut(fluid).taken += taken;
        taken
    }

    /// Lets the owner of a machine's box be woken when fluid flows into or out of it.
    pub fn wake_owner_on_change(&mut self, index: u32) {
        if let Some(fluid_box) = self.boxes.get_mut(index) {
            fluid_box.wakes_owner = true;
        }
    }

    /// Lists what the boxes of an entity hold as (fluid, amount, temperature); of segments, its share.
    pub fn contents_of(&self, slot: u32) -> Vec<(FluidId, f64, f64)> {
        self.boxes_of(slot)
            .iter()
            .filter_map(|index| {
                let fluid = self.fluid(*index)?;
                Some((fluid, self.amount(*index), self.temperature(*index)))
            })
            .collect()
    }

    /// Sums up what all boxes hold of one fluid.
    pub fn total_amount(&self, fluid: FluidId) -> f64 {
        self.boxes
            .iter()
            .filter(|(_, fluid_box)| fluid_box.content.fluid == Some(fluid))
            .map(|(_, fluid_box)| fluid_box.content.amount)
            .sum()
    }

    /// Changes the only fluid that a machine's box takes; what it holds of another is lost.
    pub fn set_filter(&mut self, index: u32, filter: Option<FluidId>) {
        let Some(fluid_box) = self.boxes.get_mut(index) else {
            return;
        };
        fluid_box.filter = filter;
        let is_foreign = filter.is_some()
            && fluid_box.content.fluid.is_some()
            && fluid_box.content.fluid != filter;
        if is_foreign {
            let lost = std::mem::take(&mut fluid_box.content);
            self.lose(lost);
        }
        self.derived.mark_dirty(index);
    }

    /// Changes the volume of a machine's box; what has no room any more is lost.
    pub fn set_volume(&mut self, index: u32, volume: f64) {
        let Some(fluid_box) = self.boxes.get_mut(index) else {
            return;
        };
        debug_assert!(volume > 0.0, "a box has a volume");
        fluid_box.volume = volume;
        fluid_box.set_capacity(volume);
        let content = &mut fluid_box.content;
        let lost = Content {
            amount: (content.amount - volume).max(0.0),
            ..*content
        };
        content.amount = content.amount.min(volume);
        self.lose(lost);
        self.derived.mark_dirty(index);
    }

    /// Empties a machine's box.
    pub(super) fn empty(&mut self, index: u32) {
        if let Some(fluid_box) = self.boxes.get_mut(index) {
            let lost = std::mem::take(&mut fluid_box.content);
            self.lose(lost);
        }
    }
}
