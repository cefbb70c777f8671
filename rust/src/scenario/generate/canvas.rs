//! The drawing board of map generation: which tiles are taken, so that nothing encloses or covers anything else.

use crate::sim::position::{TileArea, TilePos};
use crate::sim::rng::Rng;

/// Water or a thing to walk round: keeps one free tile to the next such group.
const BLOCKED: u8 = 1;
/// Kept for something: nothing else is put there.
const RESERVED: u8 = 2;
/// Tiles drawn at random before the search goes through all of them.
const MAX_DRAWS: u32 = 256;

/// The tiles of a map that are taken.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Canvas {
    area: TileArea,
    flags: Vec<u8>,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            area: TileArea {
                left: 0,
                top: 0,
                width: 0,
                height: 0,
            },
            flags: Vec::new(),
        }
    }
}

impl Canvas {
    /// Empties the canvas and sizes it as the simulation sizes a map: the origin is in the middle.
    pub(in crate::scenario) fn reset(&mut self, width: i32, height: i32) {
        self.area = TileArea {
            left: -(width / 2),
            top: -(height / 2),
            width,
            height,
        };
        self.flags.clear();
        self.flags.resize((width * height) as usize, 0);
    }

    /// Gives the tiles at least `margin` away from the edge.
    pub(in crate::scenario) fn inner(&self, margin: i32) -> TileArea {
        TileArea {
            left: self.area.left + margin,
            top: self.area.top + margin,
            width: (self.area.width - 2 * margin).max(0),
            height: (self.area.height - 2 * margin).max(0),
        }
    }

    fn index(&self, tile: TilePos) -> Option<usize> {
        self.area.contains(tile).then(|| {
            ((tile.y - self.area.top) * self.area.width + tile.x - self.area.left) as usize
        })
    }

    fn has(&self, tile: TilePos, flags: u8) -> bool {
        self.index(tile)
            .is_none_or(|index| self.flags[index] & flags != 0)
    }

    fn mark(&mut self, tile: TilePos, flags: u8) {
        if let Some(index) = self.index(tile) {
            self.flags[index] |= flags;
        }
    }

    /// Says whether nothing is on the tile nor kept for it; false outside the map.
    pub(in crate::scenario) fn is_clear(&self, tile: TilePos) -> bool {
        !self.has(tile, BLOCKED | RESERVED)
    }

    /// Says whether the whole area is clear.
    pub(in crate::scenario) fn is_area_clear(&self, area: TileArea) -> bool {
        area.tiles().all(|tile| self.is_clear(tile))
    }

    /// Says whether the whole disc is clear.
    pub(in crate::scenario) fn is_disc_clear(&self, center: TilePos, radius: i32) -> bool {
        disc(center, radius).all(|tile| self.is_clear(tile))
    }

    /// Says whether something to walk round may stand there: clear itself, and one free tile to the next such thing.
    pub(in crate::scenario) fn takes_obstacle(&self, tile: TilePos) -> bool {
        self.is_clear(tile)
            && TileArea {
                left: tile.x - 1,
                top: tile.y - 1,
                width: 3,
                height: 3,
            }
            .tiles()
            .all(|near| !self.has(near, BLOCKED))
    }

    /// Puts something to walk round on a tile.
    pub(in crate::scenario) fn block(&mut self, tile: TilePos) {
        self.mark(tile, BLOCKED);
    }

    /// Keeps an area free of everything that comes later.
    pub(in crate::scenario) fn reserve_area(&mut self, area: TileArea) {
        for tile in area.tiles() {
            self.mark(tile, RESERVED);
        }
    }

    /// Keeps a disc free of everything that comes later.
    pub(in crate::scenario) fn reserve_disc(&mut self, center: TilePos, radius: i32) {
        for tile in disc(center, radius) {
            self.mark(tile, RESERVED);
        }
    }

    /// Draws a tile that is `wanted`, at least `margin` away from the edge; `None` only if there is none.
    pub(in crate::scenario) fn draw(
        &self,
        rng: &mut Rng,
        margin: i32,
        wanted: impl Fn(&Self, TilePos) -> bool,
    ) -> Option<TilePos> {
        let inner = self.inner(margin);
        if inner.width <= 0 || inner.height <= 0 {
            return None;
        }
        for _ in 0..MAX_DRAWS {
            let tile = random_tile(rng, inner);
            if wanted(self, tile) {
                return Some(tile);
            }
        }
        // What is so rare is looked for tile by tile from a random place on.
        let n_tiles = (inner.width * inner.height) as u32;
        let start = rng.below(n_tiles);
        (0..n_tiles)
            .map(|step| ((start + step) % n_tiles) as i32)
            .map(|index| {
                TilePos::new(
                    inner.left + index % inner.width,
                    inner.top + index / inner.width,
                )
            })
            .find(|tile| wanted(self, *tile))
    }
}

/// Draws a tile of an area that is not empty.
pub(in crate::scenario) fn random_tile(rng: &mut Rng, area: TileArea) -> TilePos {
    let x = area.left + rng.below(area.width as u32) as i32;
    TilePos::new(x, area.top + rng.below(area.height as u32) as i32)
}

/// Walks the tiles whose distance from `center` is at most `radius`, row by row from the north-west.
pub(in crate::scenario) fn disc(center: TilePos, radius: i32) -> impl Iterator<Item = TilePos> {
    let side = 2 * radius + 1;
    TileArea {
        left: center.x - radius,
        top: center.y - radius,
        width: side,
        height: side,
    }
    .tiles()
    .filter(move |tile| distance_squared(center, *tile) <= i64::from(radius) * i64::from(radius))
}

/// Computes the squared distance between two tiles, in tiles.
pub(in crate::scenario) fn distance_squared(one: TilePos, other: TilePos) -> i64 {
    let (dx, dy) = (i64::from(one.x - other.x), i64::from(one.y - other.y));
    dx * dx + dy * dy
}
