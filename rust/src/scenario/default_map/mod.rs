//! Maps like those of a new game with default settings: starting area, patches, oil, water, enemies, woods.
//!
//! It owns nothing: a seed and a size become the list of set-up operations of a world. Totals, distances, counts and
//! radii follow the prototype data of 2.0.77; the noise is our own, so no seed gives the map that the game makes of it.
//! What is placed later keeps clear of what was placed earlier, and each purpose has a random stream of its own: without
//! enemies or woods the rest of a map is the same.
//!
//! - [`spots`]: cones on candidate points, noise
//! - [`ground`]: water; [`ores`]: resources; [`nests`]: enemy bases; [`woods`]: trees and rocks

mod ground;
mod nests;
mod ores;
mod spots;
#[cfg(test)]
mod tests;
mod woods;

use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::vanilla;
use crate::sim::World;
use crate::sim::position::TilePos;
use crate::sim::rng::{Rng, mix};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::terrain::MAX_MAP_SIDE;

use super::generate::canvas::Canvas;
use ground::Ground;
use ores::Field;
pub use ores::STARTING_RADIUS_TILES;

/// The shortest side of a map: the starting area and a rim for what lies beyond.
pub const MIN_SIDE_TILES: i32 = 320;

/// What a character starts with in the game's freeplay.
const STARTING_ITEMS: [(&str, u32); 6] = [
    ("iron-plate", 8),
    ("wood", 1),
    ("pistol", 1),
    ("firearm-magazine", 10),
    ("burner-mining-drill", 1),
    ("stone-furnace", 1),
];

/// What a map is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapOptions {
    /// Width and height in tiles; the start is in the middle.
    pub width: i64,
    pub height: i64,
    /// Whether there are enemy bases.
    pub has_enemies: bool,
    /// Whether there are trees and rocks.
    pub has_woods: bool,
}

/// Lists the operations that make the map of a seed.
///
/// # Errors
/// `InvalidValue` for a side outside [`MIN_SIDE_TILES`] to [`MAX_MAP_SIDE`].
pub fn generate(seed: u64, options: &MapOptions) -> Result<Vec<SetupOp>> {
    let width = side("width", options.width)?;
    let height = side("height", options.height)?;
    let seed = mix(seed ^ mix(0x6d61_7073));
    let mut ops = vec![SetupOp::Map {
        width,
        height,
        tile: vanilla().tile("grass-1")?,
    }];
    let mut canvas = Canvas::default();
    canvas.reset(width, height);
    let area = canvas.inner(0);
    let ground = Ground::new(seed, area, &mut Rng::new(seed));
    ground.write(&mut ops);
    ores::place(&mut Field {
        seed,
        area,
        ground: &ground,
        canvas: &mut canvas,
        ops: &mut ops,
    });
    if options.has_enemies {
        nests::place(seed, area, &ground, &mut canvas, &mut ops);
    }
    if options.has_woods {
        woods::place(seed, &ground, &mut canvas, &mut ops);
    }
    ops.push(SetupOp::Character {
        position: TilePos::new(0, 0).center(),
    });
    for (item, count) in STARTING_ITEMS {
        ops.push(SetupOp::Items {
            item: vanilla().item(item)?,
            count,
        });
    }
    Ok(ops)
}

/// Makes the world of a seed.
///
/// # Errors
/// As [`generate`].
pub fn create(seed: u64, options: &MapOptions) -> Result<World> {
    let ops = generate(seed, options)?;
    let mut world = World::new();
    execute(&mut world, seed, &ops)?;
    Ok(world)
}

fn side(name: &str, tiles: i64) -> Result<i32> {
    i32::try_from(tiles)
        .ok()
        .filter(|tiles| (MIN_SIDE_TILES..=MAX_MAP_SIDE).contains(tiles))
        .ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "{name} of a default map must be {MIN_SIDE_TILES} to {MAX_MAP_SIDE} tiles, not {tiles}"
                ),
            )
        })
}
