//! A slab: items at stable indices, freed places reused last-freed first, so that the order is the same on every machine.

use serde::{Deserialize, Serialize};

/// Items at stable indices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slab<T> {
    items: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    /// Puts `item` at a free index and returns the index.
    pub fn insert(&mut self, item: T) -> u32 {
        if let Some(index) = self.free.pop() {
            self.items[index as usize] = Some(item);
            index
        } else {
            self.items.push(Some(item));
            (self.items.len() - 1) as u32
        }
    }

    /// Gives the index at which the next item will be.
    pub fn next_index(&self) -> u32 {
        self.free.last().copied().unwrap_or(self.items.len() as u32)
    }

    /// Takes the item at `index` out.
    pub fn remove(&mut self, index: u32) -> Option<T> {
        let item = self.items.get_mut(index as usize)?.take();
        if item.is_some() {
            self.free.push(index);
        }
        item
    }

    /// Reads the item at `index`.
    pub fn get(&self, index: u32) -> Option<&T> {
        self.items.get(index as usize)?.as_ref()
    }

    /// Borrows the item at `index` for change.
    pub fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.items.get_mut(index as usize)?.as_mut()
    }

    /// Borrows two different items for change.
    pub fn get_pair_mut(&mut self, a: u32, b: u32) -> Option<(&mut T, &mut T)> {
        let [a, b] = self.items.get_disjoint_mut([a as usize, b as usize]).ok()?;
        a.as_mut().zip(b.as_mut())
    }

    /// Walks the items in index order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| item.as_ref().map(|item| (index as u32, item)))
    }

    /// Makes a slab of what `change` makes of each item, at the same indices.
    pub fn map<U>(&self, change: impl Fn(&T) -> U) -> Slab<U> {
        Slab {
            items: self
                .items
                .iter()
                .map(|item| item.as_ref().map(&change))
                .collect(),
            free: self.free.clone(),
        }
    }

    /// Gives the end of the indices in use: all lie below it.
    pub fn end(&self) -> u32 {
        self.items.len() as u32
    }

    /// Counts the items.
    pub fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// Says whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops all items but keeps the memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.free.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freed_places_are_reused_last_first() {
        let mut slab = Slab::default();
        let indices: Vec<u32> = (0..4).map(|value| slab.insert(value)).collect();
        assert_eq!(indices, [0, 1, 2, 3]);
        assert_eq!(slab.remove(1), Some(1));
        assert_eq!(slab.remove(1), None);
        assert_eq!(slab.remove(3), Some(3));
        assert_eq!((slab.insert(7), slab.insert(8), slab.insert(9)), (3, 1, 4));
        assert_eq!(slab.len(), 5);
    }
}
