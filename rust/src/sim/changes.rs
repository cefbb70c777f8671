//! What changed since the observer last looked. Not part of the state: it never enters a snapshot.

use super::position::TilePos;

/// How many changed tiles are remembered for the observer; past it, everything counts as changed.
const MAX_CHANGED_TILES: usize = 64;
/// How many changed entities are remembered for the observer; past it, everything counts as changed.
const MAX_CHANGED_ENTITIES: usize = 1_024;

/// Tiles and entities whose look changed, and which kinds of things changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    tiles: Vec<TilePos>,
    /// Slots of the entities whose status or contents changed, each once.
    restyled: Vec<u32>,
    /// Bit `slot` is set while the slot is in `restyled`: a machine is marked many times between two looks.
    is_restyled: Vec<u64>,
    /// More tiles or entities changed than are remembered.
    pub overflowed: bool,
    /// The inventory, the crafting queue or a machine's content changed.
    pub contents: bool,
    /// An entity or ghost came or went.
    pub entities: bool,
}

impl Changes {
    /// Reads the tiles whose look changed.
    pub fn tiles(&self) -> &[TilePos] {
        &self.tiles
    }

    /// Reads the slots of the entities whose status or contents changed; they may be empty or taken anew by now.
    pub fn restyled(&self) -> &[u32] {
        &self.restyled
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.tiles.clear();
        for slot in self.restyled.drain(..) {
            self.is_restyled[slot as usize / 64] = 0;
        }
        self.overflowed = false;
        self.contents = false;
        self.entities = false;
    }

    /// Notes that the look of a tile changed.
    pub(super) fn mark(&mut self, tile: TilePos) {
        if self.tiles.len() < MAX_CHANGED_TILES {
            self.tiles.push(tile);
        } else {
            self.overflowed = true;
        }
    }

    /// Notes that the status or the contents of the entity in `slot` changed, not where it is or what it is.
    #[inline]
    pub(super) fn restyle(&mut self, slot: u32) {
        let (word, bit) = (slot as usize / 64, 1 << (slot % 64));
        if word >= self.is_restyled.len() {
            self.is_restyled.resize(word + 1, 0);
        }
        if self.is_restyled[word] & bit != 0 {
            return;
        }
        if self.restyled.len() < MAX_CHANGED_ENTITIES {
            self.is_restyled[word] |= bit;
            self.restyled.push(slot);
        } else {
            self.overflowed = true;
        }
    }
}
