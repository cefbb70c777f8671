//! Lakes: ragged blobs of water that stay apart from each other, the edge and everything else.

use crate::prototypes::{TileId, vanilla};
use crate::sim::position::{TileArea, TilePos};
use crate::sim::rng::Rng;
use crate::sim::setup::SetupOp;

use super::canvas::{Canvas, distance_squared};
use super::noise::value_noise;

/// Tiles of map for one lake.
const TILES_FOR_ONE: i32 = 6_000;
/// The most lakes of a map.
const MAX_LAKES: i32 = 24;
/// Smallest and largest radius of a lake, in tiles.
const RADIUS_TILES: (i32, i32) = (5, 14);
/// Land round a lake that stays free, so that one can walk round it.
const SHORE: i32 = 2;
/// A lake's edge lies between 0.5 and 1 of its radius.
const MEAN_SHARE: f64 = 0.75;
const NOISE_SHARE: f64 = 0.25;
/// Tiles over which the edge changes.
const NOISE_CELL: i32 = 6;
/// Deep water lies within this share of the edge.
const DEEP_SHARE: f64 = 0.5;

/// Digs lakes where there is room; on a crowded map there are fewer.
pub(super) fn place(rng: &mut Rng, canvas: &mut Canvas, ops: &mut Vec<SetupOp>) {
    let area = canvas.inner(0);
    let n_lakes = (area.width * area.height / TILES_FOR_ONE).clamp(1, MAX_LAKES);
    let largest = RADIUS_TILES.1.min(area.width.min(area.height) / 6);
    for _ in 0..n_lakes {
        let radius = rng.between(RADIUS_TILES.0, largest.max(RADIUS_TILES.0));
        let around = radius + SHORE;
        let found = canvas.draw(rng, around + 1, |canvas, tile| {
            canvas.is_disc_clear(tile, around)
        });
        let seed = rng.next_u64();
        if let Some(center) = found {
            dig(center, radius, seed, canvas, ops);
            canvas.reserve_disc(center, around);
        }
    }
}

/// Depth of water at a tile.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Land,
    Shallow,
    Deep,
}

fn dig(center: TilePos, radius: i32, seed: u64, canvas: &mut Canvas, ops: &mut Vec<SetupOp>) {
    let prototype = |name| vanilla().tile(name).expect("the game has this tile");
    let (shallow, deep) = (prototype("water"), prototype("deepwater"));
    let depth_of = |tile: TilePos| {
        let edge =
            f64::from(radius) * (MEAN_SHARE + NOISE_SHARE * value_noise(seed, tile, NOISE_CELL));
        let distance = (distance_squared(center, tile) as f64).sqrt();
        if distance > edge {
            Depth::Land
        } else if distance > edge * DEEP_SHARE {
            Depth::Shallow
        } else {
            Depth::Deep
        }
    };
    for y in center.y - radius..=center.y + radius {
        let mut x = center.x - radius;
        while x <= center.x + radius {
            let (left, depth) = (x, depth_of(TilePos::new(x, y)));
            while x <= center.x + radius && depth_of(TilePos::new(x, y)) == depth {
                x += 1;
            }
            let run = TileArea {
                left,
                top: y,
                width: x - left,
                height: 1,
            };
            let tile = match depth {
                Depth::Land => continue,
                Depth::Shallow => shallow,
                Depth::Deep => deep,
            };
            cover(run, tile, canvas, ops);
        }
    }
}

fn cover(run: TileArea, tile: TileId, canvas: &mut Canvas, ops: &mut Vec<SetupOp>) {
    for place in run.tiles() {
        canvas.block(place);
    }
    ops.push(SetupOp::Tiles { area: run, tile });
}
