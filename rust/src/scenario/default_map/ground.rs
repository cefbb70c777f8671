//! Land and water: a lake near the start, more water the farther out, no water but the lake near the start.
//!
//! The terms are those of the game's elevation (`noise-programs`: starting lake, macro terrain that sets in with the
//! distance, starting island); the noise is our own.

use super::spots::{distance, noise};
use crate::prototypes::{TileId, vanilla};
use crate::sim::position::{TileArea, TilePos};
use crate::sim::rng::Rng;
use crate::sim::setup::SetupOp;

/// Distance of the starting lake's middle from the start, in tiles.
const LAKE_DISTANCE: (i32, i32) = (62, 84);
/// Radius of the starting lake, give or take its noise (prototype data: 3 x 8 tiles).
const LAKE_RADIUS: f64 = 24.0;
/// Weight of the noise of its shore.
const LAKE_NOISE: f64 = 7.0;
/// The farthest that the starting lake reaches from its middle.
pub(super) const LAKE_REACH: i32 = 34;
/// Scale of elevations (prototype data).
const MAGNITUDE: f64 = 20.0;
/// Water deeper than this is deep water (prototype data).
const DEEP_BELOW: f64 = -2.0;
/// Distance at which the macro terrain has its full height.
const MACRO_DISTANCE: f64 = 900.0;
/// The ground rises toward the start within this distance, so that it is never flooded.
const ISLAND_DISTANCE: f64 = 333.0;

/// What a tile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    Land,
    Shallow,
    Deep,
}

/// The ground of a map.
pub(super) struct Ground {
    area: TileArea,
    depths: Vec<Depth>,
    /// Which land can be walked to from the start.
    reachable: Vec<bool>,
    pub lake: TilePos,
}

impl Ground {
    /// Makes the ground of a seed.
    pub(super) fn new(seed: u64, area: TileArea, rng: &mut Rng) -> Self {
        let lake = draw_lake(rng);
        let depths: Vec<Depth> = area
            .tiles()
            .map(|tile| depth_of(elevation(seed, lake, tile)))
            .collect();
        let mut ground = Self {
            area,
            reachable: vec![false; depths.len()],
            depths,
            lake,
        };
        ground.flood();
        ground
    }

    fn index(&self, tile: TilePos) -> Option<usize> {
        self.area.contains(tile).then(|| {
            ((tile.y - self.area.top) * self.area.width + tile.x - self.area.left) as usize
        })
    }

    /// Says whether a tile is land that can be walked to from the start.
    pub(super) fn is_reachable(&self, tile: TilePos) -> bool {
        self.index(tile).is_some_and(|index| self.reachable[index])
    }

    /// Says whether a tile is land.
    pub(super) fn is_land(&self, tile: TilePos) -> bool {
        self.index(tile)
            .is_some_and(|index| self.depths[index] == Depth::Land)
    }

    /// Marks the land that is joined to the start.
    fn flood(&mut self) {
        let start = TilePos::new(0, 0);
        let mut open = vec![start];
        while let Some(tile) = open.pop() {
            let Some(index) = self.index(tile) else {
                continue;
            };
            if self.reachable[index] || self.depths[index] != Depth::Land {
                continue;
            }
            self.reachable[index] = true;
            open.extend([
                tile.offset(1, 0),
                tile.offset(-1, 0),
                tile.offset(0, 1),
                tile.offset(0, -1),
            ]);
        }
    }

    /// Writes the water, one operation for each run of equal tiles in a row.
    pub(super) fn write(&self, ops: &mut Vec<SetupOp>) {
        let prototype = |name| vanilla().tile(name).expect("the game has this tile");
        let (shallow, deep) = (prototype("water"), prototype("deepwater"));
        let tile_of = |depth: Depth| -> Option<TileId> {
            match depth {
                Depth::Land => None,
                Depth::Shallow => Some(shallow),
                Depth::Deep => Some(deep),
            }
        };
        for (row, depths) in self.depths.chunks(self.area.width as usize).enumerate() {
            let mut col = 0;
            for run in depths.chunk_by(|one, next| one == next) {
                let area = TileArea {
                    left: self.area.left + col,
                    top: self.area.top + row as i32,
                    width: run.len() as i32,
                    height: 1,
                };
                col += area.width;
                if let Some(tile) = tile_of(run[0]) {
                    ops.push(SetupOp::Tiles { area, tile });
                }
            }
        }
    }
}

fn draw_lake(rng: &mut Rng) -> TilePos {
    let far = LAKE_DISTANCE.1;
    loop {
        // A third of the draws or more lie in the ring.
        let tile = TilePos::new(rng.between(-far, far), rng.between(-far, far));
        let from_start = distance(TilePos::new(0, 0), tile);
        if (f64::from(LAKE_DISTANCE.0)..=f64::from(far)).contains(&from_start) {
            return tile;
        }
    }
}

fn depth_of(elevation: f64) -> Depth {
    if elevation >= 0.0 {
        Depth::Land
    } else if elevation >= DEEP_BELOW {
        Depth::Shallow
    } else {
        Depth::Deep
    }
}

fn elevation(seed: u64, lake: TilePos, tile: TilePos) -> f64 {
    let noise = |purpose: u64, cell: i32| noise(seed, purpose, tile, cell);
    let from_start = distance(TilePos::new(0, 0), tile);
    let from_lake = distance(lake, tile);
    let mut elevation = f64::INFINITY;
    if from_lake <= f64::from(LAKE_REACH) {
        let shore = LAKE_NOISE * (noise(1, 8) * 0.4 + noise(1, 16) + noise(1, 32)) * 0.8;
        elevation = MAGNITUDE * ((from_lake + shore - LAKE_RADIUS) / 8.0) / 8.0;
    }
    let share = (from_start / MACRO_DISTANCE).min(1.0);
    let island = (2.5 - 2.5 * from_start / ISLAND_DISTANCE).max(0.0);
    // Where the ground is high enough whatever the noise says, none is computed.
    if 0.5 + island - 0.25 - 3.0 * share > 0.0 {
        return elevation;
    }
    let detail = 0.6 * noise(2, 24) + 0.4 * noise(2, 11);
    let macro_terrain = 0.5 * noise(3, 320) + 0.35 * noise(3, 140) + 0.15 * noise(3, 60);
    let main = 0.5 + island + 0.25 * detail + 3.0 * share * macro_terrain;
    elevation.min(MAGNITUDE * main)
}
