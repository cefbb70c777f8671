//! The ground: tiles and resource amounts of a bounded map whose centre is the origin.

use serde::{Deserialize, Serialize};

use super::position::{TileArea, TilePos};
use crate::contract::codes;
use crate::prototypes::{TileId, vanilla};

/// The longest side of a map, in tiles.
pub const MAX_MAP_SIDE: i32 = 2_048;
/// The largest amount that one resource tile holds (28 bits).
pub const MAX_RESOURCE_AMOUNT: u32 = (1 << 28) - 1;

/// What an ore tile holds: the contract's resource code and a positive amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    pub code: u8,
    pub amount: u32,
}

/// Tiles and resources in row order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terrain {
    area: Option<TileArea>,
    tiles: Vec<u8>,
    /// Resource code in the upper 4 bits, amount in the lower 28; 0 is none.
    resources: Vec<u32>,
}

/// What the simulation asks of a tile, looked up once per tile prototype.
#[derive(Clone, Copy, Debug)]
pub struct TileFacts {
    pub code: u8,
    pub blocks_walking: bool,
    pub blocks_building: bool,
    pub walk_subtiles_per_tick: i32,
    pub walk_diagonal_subtiles_per_tick: i32,
}

/// Looks up the facts of a kind of ground.
pub fn tile_facts(tile: TileId) -> &'static TileFacts {
    &tile_facts_table()[tile.index()]
}

fn tile_facts_table() -> &'static [TileFacts] {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Vec<TileFacts>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let speed = vanilla().character().running_speed;
        vanilla()
            .tiles()
            .iter()
            .map(|tile| {
                // The stride is truncated to the 1/256 grid each tick: 0.15 tile becomes 38/256, 27/256 per axis on a diagonal.
                let stride = speed * tile.walking_speed_modifier * 256.0;
                TileFacts {
                    code: if tile.is_water {
                        codes::TERRAIN_WATER
                    } else if tile.walking_speed_modifier > 1.0 {
                        codes::TERRAIN_PAVED
                    } else {
                        codes::TERRAIN_LAND
                    },
                    blocks_walking: tile.blocks_walking,
                    blocks_building: tile.blocks_building,
                    walk_subtiles_per_tick: stride as i32,
                    walk_diagonal_subtiles_per_tick: (stride / std::f64::consts::SQRT_2) as i32,
                }
            })
            .collect()
    })
}

/// What lies outside the map: nothing can walk or build there.
const OUTSIDE: TileFacts = TileFacts {
    code: 0,
    blocks_walking: true,
    blocks_building: true,
    walk_subtiles_per_tick: 0,
    walk_diagonal_subtiles_per_tick: 0,
};

impl Terrain {
    /// Makes the map `width` x `height` tiles of `tile` without resources, keeping memory where it can.
    pub fn reset(&mut self, width: i32, height: i32, tile: TileId) {
        let n_tiles = (width * height) as usize;
        self.area = Some(TileArea {
            left: -(width / 2),
            top: -(height / 2),
            width,
            height,
        });
        self.tiles.clear();
        self.tiles.resize(n_tiles, tile.index() as u8);
        self.resources.clear();
        self.resources.resize(n_tiles, 0);
    }

    /// Gives the area of the map; empty before the first reset.
    pub fn area(&self) -> TileArea {
        self.area.unwrap_or(TileArea {
            left: 0,
            top: 0,
            width: 0,
            height: 0,
        })
    }

    /// Gives the index of `tile` in row order, if it is on the map.
    #[inline]
    pub fn index(&self, tile: TilePos) -> Option<usize> {
        let area = self.area?;
        let (col, row) = (tile.x - area.left, tile.y - area.top);
        if (col as u32) < area.width as u32 && (row as u32) < area.height as u32 {
            Some((row * area.width + col) as usize)
        } else {
            None
        }
    }

    /// Reads what the simulation needs to know of a tile.
    #[inline]
    pub fn facts(&self, tile: TilePos) -> &'static TileFacts {
        match self.index(tile) {
            Some(index) => &tile_facts_table()[usize::from(self.tiles[index])],
            None => &OUTSIDE,
        }
    }

    /// Reads the prototype of a tile on the map.
    pub fn tile(&self, tile: TilePos) -> Option<TileId> {
        self.index(tile)
            .map(|index| TileId::from_index(usize::from(self.tiles[index])))
    }

    /// Sets a tile; returns whether it is on the map.
    pub fn set_tile(&mut self, tile: TilePos, prototype: TileId) -> bool {
        let Some(index) = self.index(tile) else {
            return false;
        };
        self.tiles[index] = prototype.index() as u8;
        true
    }

    /// Reads the resource on a tile.
    #[inline]
    pub fn resource(&self, tile: TilePos) -> Option<Resource> {
        let packed = self.resources[self.index(tile)?];
        (packed != 0).then_some(Resource {
            code: (packed >> 28) as u8,
            amount: packed & MAX_RESOURCE_AMOUNT,
        })
    }

    /// Sets the resource on a tile (`None` clears it); returns whether the tile is on the map.
    pub fn set_resource(&mut self, tile: TilePos, resource: Option<Resource>) -> bool {
        let Some(index) = self.index(tile) else {
            return false;
        };
        self.resources[index] = match resource {
            Some(Resource { code, amount }) if amount > 0 => {
                (u32::from(code) << 28) | amount.min(MAX_RESOURCE_AMOUNT)
            }
            _ => 0,
        };
        true
    }
}
