//! Slots and stacks: what the character, chests and machines hold.

use serde::{Deserialize, Serialize};

use crate::prototypes::{ItemId, vanilla};

/// Items of one kind in one slot; the count is positive and at most the stack size, except where a machine's slot allows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemStack {
    pub item: ItemId,
    pub count: u32,
}

/// One slot.
pub type Slot = Option<ItemStack>;

/// Reads the stack size of `item`.
pub fn stack_size(item: ItemId) -> u32 {
    vanilla()[item].stack_size
}

/// Counts `item` in `slots`.
pub fn count_in(slots: &[Slot], item: ItemId) -> u32 {
    slots
        .iter()
        .flatten()
        .filter(|stack| stack.item == item)
        .map(|stack| stack.count)
        .sum()
}

/// Computes how many of `item` fit into `slots`.
pub fn room_in(slots: &[Slot], item: ItemId) -> u32 {
    let size = stack_size(item);
    slots
        .iter()
        .map(|slot| match slot {
            None => size,
            Some(stack) if stack.item == item => size.saturating_sub(stack.count),
            Some(_) => 0,
        })
        .fold(0, u32::saturating_add)
}

/// Puts up to `count` of `item` into `slots`, started stacks first, and returns how many went in.
pub fn insert_into(slots: &mut [Slot], item: ItemId, count: u32) -> u32 {
    let size = stack_size(item);
    let mut left = count;
    for stack in slots
        .iter_mut()
        .flatten()
        .filter(|stack| stack.item == item)
    {
        let added = left.min(size.saturating_sub(stack.count));
        stack.count += added;
        left -= added;
    }
    for slot in slots.iter_mut().filter(|slot| slot.is_none()) {
        if left == 0 {
            break;
        }
        let added = left.min(size);
        *slot = Some(ItemStack { item, count: added });
        left -= added;
    }
    count - left
}

/// Takes up to `count` of `item` out of `slots`, last slots first, and returns how many came out.
pub fn remove_from(slots: &mut [Slot], item: ItemId, count: u32) -> u32 {
    let mut left = count;
    for slot in slots.iter_mut().rev() {
        if let Some(stack) = slot
            && stack.item == item
        {
            let taken = left.min(stack.count);
            stack.count -= taken;
            left -= taken;
            if stack.count == 0 {
                *slot = None;
            }
        }
        if left == 0 {
            break;
        }
    }
    count - left
}

/// Finds the last slot with something wanted.
pub fn last_wanted(slots: &[Slot], is_wanted: &mut dyn FnMut(ItemId) -> bool) -> Option<ItemStack> {
    slots
        .iter()
        .rev()
        .flatten()
        .find(|stack| is_wanted(stack.item))
        .copied()
}

/// A row of slots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    slots: Vec<Slot>,
    /// Slots in use, counted once per change since every observation asks for it.
    n_occupied: u32,
    /// The first slot that takes nothing: the red bar of a chest.
    closed_from: Option<u32>,
}

impl Inventory {
    /// Makes an inventory of `size` empty slots.
    pub fn with_size(size: usize) -> Self {
        Self {
            slots: vec![None; size],
            n_occupied: 0,
            closed_from: None,
        }
    }

    /// Empties all slots and sets their number, keeping the memory.
    pub fn reset(&mut self, size: usize) {
        self.slots.clear();
        self.slots.resize(size, None);
        self.n_occupied = 0;
        self.closed_from = None;
    }

    /// Empties all slots.
    pub fn empty(&mut self) {
        self.slots.fill(None);
        self.n_occupied = 0;
    }

    /// Closes the slots from `first` on: they keep what they hold and take nothing more.
    pub fn close_from(&mut self, first: Option<u32>) {
        self.closed_from = first;
    }

    /// Reads the first closed slot, if any is closed.
    pub fn closed_from(&self) -> Option<u32> {
        self.closed_from
    }

    /// Counts the slots that take something.
    fn n_open(&self) -> usize {
        self.closed_from.map_or(self.slots.len(), |first| {
            self.slots.len().min(first as usize)
        })
    }

    /// Adds empty slots until there are `size`; what is held stays where it is.
    pub fn grow(&mut self, size: usize) {
        if size > self.slots.len() {
            self.slots.resize(size, None);
        }
    }

    /// Reads the slots.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Counts `item`.
    pub fn count(&self, item: ItemId) -> u32 {
        if self.is_empty() {
            0
        } else {
            count_in(&self.slots, item)
        }
    }

    /// Computes how many of `item` fit in.
    pub fn room(&self, item: ItemId) -> u32 {
        room_in(&self.slots[..self.n_open()], item)
    }

    /// Says whether one more of `item` fits in: a slot that is free answers at once.
    pub fn has_room(&self, item: ItemId) -> bool {
        let size = stack_size(item);
        self.slots[..self.n_open()].iter().any(|slot| match slot {
            None => size > 0,
            Some(stack) => stack.item == item && stack.count < size,
        })
    }

    /// Puts up to `count` of `item` in and returns how many went in.
    pub fn insert(&mut self, item: ItemId, count: u32) -> u32 {
        let n_open = self.n_open();
        let inserted = insert_into(&mut self.slots[..n_open], item, count);
        self.recount();
        inserted
    }

    /// Takes up to `count` of `item` out and returns how many came out.
    pub fn remove(&mut self, item: ItemId, count: u32) -> u32 {
        let removed = remove_from(&mut self.slots, item, count);
        self.recount();
        removed
    }

    fn recount(&mut self) {
        self.n_occupied = self.slots.iter().flatten().count() as u32;
    }

    /// Counts the slots in use.
    pub fn occupied(&self) -> usize {
        self.n_occupied as usize
    }

    /// Says whether no slot is in use.
    pub fn is_empty(&self) -> bool {
        self.n_occupied == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str) -> ItemId {
        vanilla().item(name).expect("the item exists")
    }

    #[test]
    fn stacks_fill_before_empty_slots() {
        let (coal, plate) = (item("coal"), item("iron-plate"));
        let mut inventory = Inventory::with_size(3);
        assert_eq!(inventory.insert(coal, 30), 30);
        assert_eq!(inventory.insert(plate, 100), 100);
        assert_eq!(
            inventory.insert(coal, 100),
            70,
            "20 to the started stack, 50 to the last slot"
        );
        assert_eq!(inventory.count(coal), 100);
        assert_eq!((inventory.room(coal), inventory.room(plate)), (0, 0));
    }

    #[test]
    fn removal_empties_the_last_slots_first() {
        let coal = item("coal");
        let mut inventory = Inventory::with_size(2);
        inventory.insert(coal, 60);
        assert_eq!(inventory.remove(coal, 15), 15);
        assert_eq!(
            inventory.slots(),
            [
                Some(ItemStack {
                    item: coal,
                    count: 45
                }),
                None
            ]
        );
        assert_eq!(inventory.remove(coal, 100), 45);
        assert!(inventory.is_empty());
    }
}
