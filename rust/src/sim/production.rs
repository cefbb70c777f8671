//! What was made and used since the world began, per item and fluid, and the items that were lost.
//!
//! Invariant, checked by [`super::verify`]: what a world holds of an item is what was put there, plus what was made, less
//! what was used and lost.

use serde::{Deserialize, Serialize};

use crate::prototypes::{FluidId, ItemId, vanilla};

/// The force's production statistics; dense tables, since machines write to them each time they finish.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Production {
    items_made: Vec<u64>,
    items_used: Vec<u64>,
    items_lost: Vec<u64>,
    fluids_made: Vec<f64>,
    fluids_used: Vec<f64>,
}

fn at<T: Copy + Default>(table: &[T], index: usize) -> T {
    table.get(index).copied().unwrap_or_default()
}

/// Borrows an entry; a table is empty until something is counted, so that an idle world is small.
fn entry<T: Copy + Default>(table: &mut Vec<T>, index: usize, size: usize) -> &mut T {
    if table.is_empty() {
        table.resize(size, T::default());
    }
    &mut table[index]
}

impl Production {
    /// Forgets everything, keeping memory.
    pub fn clear(&mut self) {
        self.items_made.clear();
        self.items_used.clear();
        self.items_lost.clear();
        self.fluids_made.clear();
        self.fluids_used.clear();
    }

    /// Reads how many of `item` were made or mined.
    pub fn items_made(&self, item: ItemId) -> u64 {
        at(&self.items_made, item.index())
    }

    /// Reads how many of `item` were used up: as an ingredient, as fuel, in research, by building what is not taken up again.
    pub fn items_used(&self, item: ItemId) -> u64 {
        at(&self.items_used, item.index())
    }

    /// Reads how many of `item` were destroyed with what held them, or found no place to lie.
    pub fn items_lost(&self, item: ItemId) -> u64 {
        at(&self.items_lost, item.index())
    }

    /// Reads how much of `fluid` was made.
    pub fn fluids_made(&self, fluid: FluidId) -> f64 {
        at(&self.fluids_made, fluid.index())
    }

    /// Reads how much of `fluid` was used up.
    pub fn fluids_used(&self, fluid: FluidId) -> f64 {
        at(&self.fluids_used, fluid.index())
    }

    /// Counts items as made or mined.
    pub fn make_item(&mut self, item: ItemId, count: u32) {
        *entry(&mut self.items_made, item.index(), vanilla().items().len()) += u64::from(count);
    }

    /// Counts items as used up.
    pub fn use_item(&mut self, item: ItemId, count: u32) {
        *entry(&mut self.items_used, item.index(), vanilla().items().len()) += u64::from(count);
    }

    /// Takes back that items were used: the craft that took them was broken off, and they are there again.
    pub fn return_item(&mut self, item: ItemId, count: u32) {
        let used = entry(&mut self.items_used, item.index(), vanilla().items().len());
        debug_assert!(*used >= u64::from(count), "only what was used comes back");
        *used = used.saturating_sub(u64::from(count));
    }

    /// Counts items as lost.
    pub fn lose_item(&mut self, item: ItemId, count: u32) {
        *entry(&mut self.items_lost, item.index(), vanilla().items().len()) += u64::from(count);
    }

    /// Sets what is reported of an item.
    pub(super) fn mirror(&mut self, item: ItemId, made: Option<u64>, used: Option<u64>) {
        let size = vanilla().items().len();
        for (table, count) in [(&mut self.items_made, made), (&mut self.items_used, used)] {
            if let Some(count) = count {
                *entry(table, item.index(), size) = count;
            }
        }
    }

    /// Counts fluid as made.
    pub fn make_fluid(&mut self, fluid: FluidId, amount: f64) {
        *entry(
            &mut self.fluids_made,
            fluid.index(),
            vanilla().fluids().len(),
        ) += amount;
    }

    /// Counts fluid as used up.
    pub fn use_fluid(&mut self, fluid: FluidId, amount: f64) {
        *entry(
            &mut self.fluids_used,
            fluid.index(),
            vanilla().fluids().len(),
        ) += amount;
    }
}
