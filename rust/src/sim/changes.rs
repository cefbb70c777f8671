//! What changed since the observer last looked. Not part of the state: it never enters a snapshot.

use super::position::TilePos;

/// How many changed tiles are remembered for the observer; past it, everything counts as changed.
const MAX_CHANGED_TILES: usize = 64;

/// Tiles whose look changed, and which kinds of things changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    tiles: Vec<TilePos>,
    /// More tiles changed than are remembered.
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

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.tiles.clear();
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
}
