//! The grid: one word a tile with all that walking, building and looking ask first.
//!
//! It follows from terrain, entities, ghosts and piles and is rebuilt after a restore. A tile's word is all that most
//! tiles need, and words lie in blocks of 4 x 4, one cache line each: drawing a row or a column of the window then
//! touches eight lines instead of up to 32 (`docs/decisions.md`).

use super::position::{TileArea, TilePos};
use super::terrain::TileFacts;

/// Side of a block in tiles; 16 words of 4 bytes fill a cache line.
const BLOCK_SIDE: i32 = 4;

/// One tile's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell(u32);

impl Cell {
    const OCCUPANT: u32 = (1 << 24) - 1;
    const TERRAIN_SHIFT: u32 = 24;
    const BLOCKS_WALKING: u32 = 1 << 26;
    const BLOCKS_BUILDING: u32 = 1 << 27;
    const RESOURCE: u32 = 1 << 28;
    const GHOST: u32 = 1 << 29;
    const PILE: u32 = 1 << 30;

    /// What lies outside the map: nothing, and nothing can go there.
    pub const OUTSIDE: Self = Self(Self::BLOCKS_WALKING | Self::BLOCKS_BUILDING);

    /// Gives the terrain class.
    pub const fn terrain(self) -> u8 {
        (self.0 >> Self::TERRAIN_SHIFT & 3) as u8
    }

    /// Gives the slot of the entity that covers the tile.
    pub const fn occupant(self) -> Option<u32> {
        (self.0 & Self::OCCUPANT).checked_sub(1)
    }

    /// Says whether the ground stops a walking character.
    pub const fn blocks_walking(self) -> bool {
        self.0 & Self::BLOCKS_WALKING != 0
    }

    /// Says whether nothing can be built on the ground.
    pub const fn blocks_building(self) -> bool {
        self.0 & Self::BLOCKS_BUILDING != 0
    }

    /// Says whether a resource lies there.
    pub const fn has_resource(self) -> bool {
        self.0 & Self::RESOURCE != 0
    }

    /// Says whether a ghost covers the tile.
    pub const fn has_ghost(self) -> bool {
        self.0 & Self::GHOST != 0
    }

    /// Says whether items lie there.
    pub const fn has_pile(self) -> bool {
        self.0 & Self::PILE != 0
    }

    /// Says whether there is bare ground and nothing else.
    pub const fn is_bare(self) -> bool {
        self.0 & (Self::OCCUPANT | Self::RESOURCE | Self::GHOST | Self::PILE) == 0
    }

    /// Says whether a character can be anywhere on the tile.
    pub const fn is_walkable(self) -> bool {
        self.0 & (Self::OCCUPANT | Self::BLOCKS_WALKING) == 0
    }
}

/// The words of a map.
#[derive(Clone, Debug)]
pub struct Grid {
    area: TileArea,
    blocks_per_row: i32,
    cells: Vec<Cell>,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            area: TileArea {
                left: 0,
                top: 0,
                width: 0,
                height: 0,
            },
            blocks_per_row: 0,
            cells: Vec::new(),
        }
    }
}

impl Grid {
    /// Makes the grid of a map whose tiles are all alike, keeping memory where it can.
    pub fn reset(&mut self, area: TileArea, tile: &TileFacts) {
        self.area = area;
        self.blocks_per_row = (area.width + BLOCK_SIDE - 1) / BLOCK_SIDE;
        let block_rows = (area.height + BLOCK_SIDE - 1) / BLOCK_SIDE;
        let n_cells = (self.blocks_per_row * block_rows * BLOCK_SIDE * BLOCK_SIDE) as usize;
        self.cells.clear();
        self.cells.resize(n_cells, ground_of(tile));
    }

    #[inline]
    fn index(&self, tile: TilePos) -> Option<usize> {
        let (col, row) = (tile.x - self.area.left, tile.y - self.area.top);
        if (col as u32) < self.area.width as u32 && (row as u32) < self.area.height as u32 {
            let block = (row / BLOCK_SIDE) * self.blocks_per_row + col / BLOCK_SIDE;
            Some((block * 16 + (row % BLOCK_SIDE) * BLOCK_SIDE + col % BLOCK_SIDE) as usize)
        } else {
            None
        }
    }

    /// Reads a tile's word.
    #[inline]
    pub fn cell(&self, tile: TilePos) -> Cell {
        self.index(tile)
            .map_or(Cell::OUTSIDE, |index| self.cells[index])
    }

    fn change(&mut self, tile: TilePos, clear: u32, set: u32) {
        if let Some(index) = self.index(tile) {
            let cell = &mut self.cells[index];
            cell.0 = cell.0 & !clear | set;
        }
    }

    /// Notes what the ground of a tile is.
    pub fn set_ground(&mut self, tile: TilePos, facts: &TileFacts) {
        let ground = Cell::BLOCKS_WALKING | Cell::BLOCKS_BUILDING | 3 << Cell::TERRAIN_SHIFT;
        self.change(tile, ground, ground_of(facts).0);
    }

    /// Notes which entity covers a tile.
    pub fn set_occupant(&mut self, tile: TilePos, slot: Option<u32>) {
        debug_assert!(
            slot.is_none_or(|slot| slot < Cell::OCCUPANT),
            "slots have 24 bits"
        );
        self.change(tile, Cell::OCCUPANT, slot.map_or(0, |slot| slot + 1));
    }

    /// Notes whether a tile has a resource.
    pub fn set_resource(&mut self, tile: TilePos, is_there: bool) {
        self.change(
            tile,
            Cell::RESOURCE,
            if is_there { Cell::RESOURCE } else { 0 },
        );
    }

    /// Notes whether a ghost covers a tile.
    pub fn set_ghost(&mut self, tile: TilePos, is_there: bool) {
        self.change(tile, Cell::GHOST, if is_there { Cell::GHOST } else { 0 });
    }

    /// Notes whether items lie on a tile.
    pub fn set_pile(&mut self, tile: TilePos, is_there: bool) {
        self.change(tile, Cell::PILE, if is_there { Cell::PILE } else { 0 });
    }
}

fn ground_of(facts: &TileFacts) -> Cell {
    let mut word = u32::from(facts.code) << Cell::TERRAIN_SHIFT;
    if facts.blocks_walking {
        word |= Cell::BLOCKS_WALKING;
    }
    if facts.blocks_building {
        word |= Cell::BLOCKS_BUILDING;
    }
    Cell(word)
}
