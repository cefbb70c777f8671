//! Items on the ground: piles of one stack at a map position.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::inventory::ItemStack;
use super::position::{MapPos, TilePos};

/// Piles lie on a grid this wide when items spill, in 1/256 tile (measured).
pub const SPILL_GRID_SUBTILES: i32 = 88;
/// Two piles are never closer than this along both axes, in 1/256 tile.
const PILE_EXTENT_SUBTILES: i32 = 70;

/// All piles, ordered by row and column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    piles: BTreeMap<(i32, i32), ItemStack>,
}

impl Ground {
    /// Reads the pile at `position`.
    pub fn get(&self, position: MapPos) -> Option<ItemStack> {
        self.piles.get(&(position.y, position.x)).copied()
    }

    /// Says whether a new pile at `position` would be clear of the others.
    pub fn is_clear(&self, position: MapPos) -> bool {
        self.piles
            .range(
                (position.y - PILE_EXTENT_SUBTILES, i32::MIN)
                    ..=(position.y + PILE_EXTENT_SUBTILES, i32::MAX),
            )
            .all(|((_, x), _)| (x - position.x).abs() > PILE_EXTENT_SUBTILES)
    }

    /// Lays a pile down; the place must be clear.
    pub fn insert(&mut self, position: MapPos, stack: ItemStack) {
        let replaced = self.piles.insert((position.y, position.x), stack);
        debug_assert!(replaced.is_none(), "a pile is laid where none is");
    }

    /// Takes the pile at `position` away.
    pub fn remove(&mut self, position: MapPos) -> Option<ItemStack> {
        self.piles.remove(&(position.y, position.x))
    }

    /// Finds the first pile on `tile`, northmost first.
    pub fn on_tile(&self, tile: TilePos) -> Option<(MapPos, ItemStack)> {
        if self.piles.is_empty() {
            return None;
        }
        let top = tile.y * 256;
        self.piles
            .range((top, i32::MIN)..(top + 256, i32::MIN))
            .find(|((_, x), _)| x >> 8 == tile.x)
            .map(|((y, x), stack)| (MapPos::new(*x, *y), *stack))
    }

    /// Walks the piles on `tile`, northmost first, then westmost.
    pub fn all_on_tile(&self, tile: TilePos) -> impl Iterator<Item = (MapPos, ItemStack)> + '_ {
        let top = tile.y * 256;
        self.piles
            .range((top, i32::MIN)..(top + 256, i32::MIN))
            .filter(move |((_, x), _)| x >> 8 == tile.x)
            .map(|((y, x), stack)| (MapPos::new(*x, *y), *stack))
    }

    /// Walks all piles.
    pub fn iter(&self) -> impl Iterator<Item = (MapPos, ItemStack)> + '_ {
        self.piles
            .iter()
            .map(|((y, x), stack)| (MapPos::new(*x, *y), *stack))
    }

    /// Drops all piles.
    pub fn clear(&mut self) {
        self.piles.clear();
    }
}
