//! Pollution: an amount per chunk of 32 x 32 tiles, given off by machines, spread and taken in once a second.
//!
//! The map is bounded: chunks at its edge are cut off there, and pollution does not leave it (the game would make new
//! chunks). An update is every 60 ticks, the interval for which the game's data states its figures; the wiki's 64 is not
//! followed. Trees are not harmed by pollution, and chunks have no trees' damage to show.
//!
//! Invariants: amounts are finite and not negative; without pollution an update costs one branch.

use serde::{Deserialize, Serialize};

use super::rules::map_rules;
use crate::prototypes::{EntityPrototype, TICKS_PER_SECOND, vanilla};
use crate::sim::position::{MapPos, TileArea, TilePos};
use crate::sim::world::World;

/// Side of a chunk, as a shift.
const CHUNK_SHIFT: i32 = 5;
/// Ticks from one update to the next.
pub const UPDATE_TICKS: u64 = 60;
/// What ground and trees take in is counted in these parts of a unit a second: every figure of the data is a multiple.
const ABSORPTION_PARTS: f64 = 1e7;
/// Marks a chunk whose absorption has to be counted again.
const UNKNOWN: u32 = u32::MAX;

/// A chunk of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChunkPos {
    pub x: i32,
    pub y: i32,
}

impl ChunkPos {
    /// Gives the chunk of a tile.
    pub const fn of_tile(tile: TilePos) -> Self {
        Self {
            x: tile.x >> CHUNK_SHIFT,
            y: tile.y >> CHUNK_SHIFT,
        }
    }

    /// Gives the tiles of the chunk.
    pub const fn tiles(self) -> TileArea {
        TileArea {
            left: self.x << CHUNK_SHIFT,
            top: self.y << CHUNK_SHIFT,
            width: 1 << CHUNK_SHIFT,
            height: 1 << CHUNK_SHIFT,
        }
    }
}

/// Where a machine gives off pollution, and how much in a tick of full work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exhaust {
    chunk: u32,
    per_tick: f64,
}

impl Exhaust {
    /// Gives off a tick's pollution; `share` is the energy used as a share of full work, times what modules change.
    #[inline]
    pub fn emit(&self, pollution: &mut Pollution, share: f64) {
        if self.per_tick > 0.0 {
            pollution.emit(self.chunk, self.per_tick * share);
        }
    }
}

/// The pollution of a map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pollution {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
    amounts: Vec<f64>,
    /// Whether any chunk may have pollution.
    is_present: bool,
    produced: f64,
    /// What ground and trees of each chunk take in a second, in parts; follows from the world.
    #[serde(skip)]
    absorption: Vec<u32>,
    /// The amounts before the spread that is being computed.
    #[serde(skip)]
    scratch: Vec<f64>,
}

impl Pollution {
    /// Makes a clean map of `area`.
    pub(in crate::sim) fn reset(&mut self, area: TileArea) {
        let first = ChunkPos::of_tile(TilePos::new(area.left, area.top));
        let last = ChunkPos::of_tile(TilePos::new(
            area.left + area.width - 1,
            area.top + area.height - 1,
        ));
        (self.left, self.top) = (first.x, first.y);
        (self.width, self.height) = (last.x - first.x + 1, last.y - first.y + 1);
        self.amounts.clear();
        self.amounts
            .resize((self.width * self.height) as usize, 0.0);
        self.is_present = false;
        self.produced = 0.0;
        self.forget_absorption();
    }

    /// Forgets what ground and trees take in: it is counted again when it is asked for.
    pub(in crate::sim) fn forget_absorption(&mut self) {
        self.absorption.clear();
        self.absorption.resize(self.amounts.len(), UNKNOWN);
    }

    /// Gives the number of the chunk of a tile, by which machines give pollution off; tiles off the map have none.
    pub fn chunk_of(&self, tile: TilePos) -> Option<u32> {
        self.index(ChunkPos::of_tile(tile))
            .map(|index| index as u32)
    }

    fn index(&self, chunk: ChunkPos) -> Option<usize> {
        let (col, row) = (chunk.x - self.left, chunk.y - self.top);
        if (col as u32) < self.width as u32 && (row as u32) < self.height as u32 {
            Some((row * self.width + col) as usize)
        } else {
            None
        }
    }

    /// Gives off `amount` in a chunk.
    #[inline]
    pub fn emit(&mut self, chunk: u32, amount: f64) {
        if let Some(present) = self.amounts.get_mut(chunk as usize) {
            *present += amount;
            self.produced += amount;
            self.is_present = true;
        }
    }

    /// Takes up to `wanted` out of a chunk and returns what it got.
    pub(super) fn absorb(&mut self, chunk: u32, wanted: f64) -> f64 {
        let Some(present) = self.amounts.get_mut(chunk as usize) else {
            return 0.0;
        };
        let taken = wanted.min(*present);
        *present -= taken;
        taken
    }

    /// Reads the pollution of a chunk by its number.
    pub fn amount(&self, chunk: u32) -> f64 {
        self.amounts.get(chunk as usize).copied().unwrap_or(0.0)
    }

    /// Reads the pollution of a chunk.
    pub fn at(&self, chunk: ChunkPos) -> f64 {
        self.index(chunk).map_or(0.0, |index| self.amounts[index])
    }

    /// Reads all that was ever given off.
    pub fn produced(&self) -> f64 {
        self.produced
    }

    /// Adds up the pollution of all chunks.
    pub fn total(&self) -> f64 {
        self.amounts.iter().sum()
    }

    /// Says whether there may be pollution somewhere.
    pub fn is_present(&self) -> bool {
        self.is_present
    }

    /// Lists the chunks of the map with their pollution, row by row.
    pub fn chunks(&self) -> impl Iterator<Item = (ChunkPos, f64)> + '_ {
        self.amounts.iter().enumerate().map(|(index, amount)| {
            let index = index as i32;
            let chunk = ChunkPos {
                x: self.left + index % self.width,
                y: self.top + index / self.width,
            };
            (chunk, *amount)
        })
    }

    /// Notes that the ground or a tree on a tile changed.
    pub(in crate::sim) fn forget_absorption_at(&mut self, tile: TilePos) {
        if let Some(index) = self.index(ChunkPos::of_tile(tile)) {
            self.absorption[index] = UNKNOWN;
        }
    }

    /// Follows the slope of the pollution upwards from a chunk and returns where it ends.
    pub(super) fn summit(&self, from: ChunkPos) -> ChunkPos {
        let mut summit = from;
        loop {
            let mut best = (self.at(summit), summit);
            for (dx, dy) in [
                (0, -1),
                (1, -1),
                (1, 0),
                (1, 1),
                (0, 1),
                (-1, 1),
                (-1, 0),
                (-1, -1),
            ] {
                let chunk = ChunkPos {
                    x: summit.x + dx,
                    y: summit.y + dy,
                };
                if self.at(chunk) > best.0 {
                    best = (self.at(chunk), chunk);
                }
            }
            if best.1 == summit {
                return summit;
            }
            summit = best.1;
        }
    }

    /// Spreads: every chunk with enough gives a share to each neighbour on the map, all at once.
    fn diffuse(&mut self) {
        let rules = &map_rules().pollution;
        self.scratch.clone_from(&self.amounts);
        let (width, height) = (self.width as usize, self.height as usize);
        for row in 0..height {
            for col in 0..width {
                let index = row * width + col;
                let amount = self.scratch[index];
                if amount < rules.min_to_diffuse {
                    continue;
                }
                let share = amount * rules.diffusion_ratio;
                let mut give = |to: usize| {
                    self.amounts[to] += share;
                    self.amounts[index] -= share;
                };
                if row > 0 {
                    give(index - width);
                }
                if col + 1 < width {
                    give(index + 1);
                }
                if row + 1 < height {
                    give(index + width);
                }
                if col > 0 {
                    give(index - 1);
                }
            }
        }
    }
}

/// Updates the map's pollution: ground and trees take in, then the rest spreads.
pub(super) fn update(world: &mut World) {
    let mut is_present = false;
    for index in 0..world.pollution.amounts.len() {
        if world.pollution.amounts[index] <= 0.0 {
            continue;
        }
        if world.pollution.absorption[index] == UNKNOWN {
            world.pollution.absorption[index] = count_absorption(world, index);
        }
        let taken = f64::from(world.pollution.absorption[index]) / ABSORPTION_PARTS
            * map_rules().pollution.ageing;
        let left = (world.pollution.amounts[index] - taken).max(0.0);
        world.pollution.amounts[index] = left;
        is_present |= left > 0.0;
    }
    world.pollution.is_present = is_present;
    if is_present {
        world.pollution.diffuse();
    }
}

/// Counts what the ground and the trees of a chunk take in a second, in parts.
fn count_absorption(world: &World, index: usize) -> u32 {
    let chunk = ChunkPos {
        x: world.pollution.left + index as i32 % world.pollution.width,
        y: world.pollution.top + index as i32 / world.pollution.width,
    };
    let mut parts = 0;
    for tile in chunk.tiles().tiles() {
        let Some(ground) = world.terrain.tile(tile) else {
            continue;
        };
        parts += in_parts(vanilla()[ground].absorptions_per_second);
        if let Some(entity) = world.entity_at(tile)
            && entity.position.tile() == tile
        {
            parts += in_parts(-entity.prototype().emissions_per_second);
        }
    }
    parts
}

fn in_parts(per_second: f64) -> u32 {
    (per_second * ABSORPTION_PARTS).round().max(0.0) as u32
}

impl World {
    /// Finds where a machine of `prototype` at a position gives off pollution.
    pub(in crate::sim) fn exhaust_of(
        &self,
        prototype: &EntityPrototype,
        position: MapPos,
    ) -> Exhaust {
        Exhaust {
            chunk: self.pollution.chunk_of(position.tile()).unwrap_or(u32::MAX),
            per_tick: prototype.emissions_per_minute / f64::from(60 * TICKS_PER_SECOND),
        }
    }

    /// Lists what ground and trees of chunks are known to take in, and what they do, as (chunk, known, counted).
    pub(in crate::sim) fn pollution_absorption(
        &self,
    ) -> impl Iterator<Item = (usize, u32, u32)> + '_ {
        let known = self.pollution.absorption.iter().enumerate();
        known
            .filter(|(_, parts)| **parts != UNKNOWN)
            .map(|(index, parts)| (index, *parts, count_absorption(self, index)))
    }

    /// Reads the pollution of the chunk at a position.
    pub fn pollution_at(&self, position: MapPos) -> f64 {
        self.pollution.at(ChunkPos::of_tile(position.tile()))
    }
}
