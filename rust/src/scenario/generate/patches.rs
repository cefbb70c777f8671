//! Ore patches: round, richest in the middle, with the ragged edge that noise gives.
//!
//! Shape and amounts follow the game's resource autoplace (`docs/fidelity.md`, section on resources): a cone of radius
//! `f * q^(1/3)` holds `q` units, where `f` is the resource's radius factor / 7.

use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{ItemId, vanilla};
use crate::scenario::map_settings::{PatchSettings, Richness};
use crate::sim::position::TilePos;
use crate::sim::rng::Rng;
use crate::sim::setup::SetupOp;

use super::canvas::{Canvas, disc, distance_squared};
use super::noise::value_noise;

/// Tiles between a patch and the map's edge.
const EDGE_MARGIN: i32 = 2;
/// Clear tiles between two patches, or a patch and the spawn point's clearing.
const GAP: i32 = 2;
/// How far past the near edge of its range a first patch may lie, in tiles.
const RANGE_TILES: i32 = 6;
/// A patch that finds no room shrinks to this radius at least, in tiles.
const MIN_RADIUS: f64 = 3.5;
/// A patch's radius is at most this share of the map's shorter side.
const MAX_SHARE_OF_SIDE: f64 = 0.125;
/// Weight of the noise: the edge lies between 0.65 and 1.35 radii.
const RAGGEDNESS: f64 = 0.35;
/// Noise of the shape: tiles over which it changes.
const NOISE_CELL: i32 = 7;
/// Share of the radius beyond which no ore lies, whatever the noise says.
const OUTERMOST: f64 = 1.25;

/// A patch that was placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patch {
    pub item: ItemId,
    pub center: TilePos,
}

/// Radius of a normal patch in tiles, and the radius factor `f`, by resource.
fn shape(item: ItemId) -> (f64, f64) {
    // Radius factors 1.5, 1.2, 1.1, 1.1 and base densities 10, 8, 8, 4 of the game; 180,000 units of iron at density 10.
    match vanilla()[item].name.as_str() {
        "iron-ore" => (12.1, 1.5 / 7.0),
        "copper-ore" => (9.0, 1.2 / 7.0),
        "coal" => (8.2, 1.1 / 7.0),
        _ => (6.5, 1.1 / 7.0),
    }
}

/// Cube roots of 1/3, 1 and 2.2: a poor patch holds a third of a normal one, a rich one 2.2 times as much.
const fn radius_share(richness: Richness) -> f64 {
    match richness {
        Richness::Poor => 0.69,
        Richness::Normal => 1.0,
        Richness::Rich => 1.3,
    }
}

/// Places all patches, the first of each kind near the spawn point.
pub(super) fn place(
    settings: &[PatchSettings],
    spawn: TilePos,
    rng: &mut Rng,
    canvas: &mut Canvas,
    patches: &mut Vec<Patch>,
    ops: &mut Vec<SetupOp>,
) -> Result<()> {
    let n_rounds = settings
        .iter()
        .map(|kind| kind.n_patches)
        .max()
        .unwrap_or(0);
    // All first patches come before any second one, so that the near ground goes to every kind.
    for round in 0..n_rounds {
        for kind in settings.iter().filter(|kind| round < kind.n_patches) {
            let (center, radius) = find_room(kind, round == 0, spawn, rng, canvas)?;
            lay(kind, center, radius, rng.next_u64(), canvas, ops);
            patches.push(Patch {
                item: kind.item,
                center,
            });
        }
    }
    Ok(())
}

fn find_room(
    kind: &PatchSettings,
    is_near: bool,
    spawn: TilePos,
    rng: &mut Rng,
    canvas: &Canvas,
) -> Result<(TilePos, f64)> {
    let map = canvas.inner(0);
    let largest = f64::from(map.width.min(map.height)) * MAX_SHARE_OF_SIDE;
    let mut radius = (shape(kind.item).0 * radius_share(kind.richness)).min(largest);
    while radius >= MIN_RADIUS {
        let reach = reach(radius);
        let near = match kind.distance_tiles {
            Some((least, most)) => (least as i32, most as i32),
            // Kinds of the same size share the ring round the spawn point until it is full.
            None => (reach + 2 * GAP, reach + 2 * GAP + RANGE_TILES),
        };
        let margin = EDGE_MARGIN + reach;
        let squared = |tiles: i32| i64::from(tiles) * i64::from(tiles);
        let is_near_enough = |tile: TilePos, most: i32| {
            (squared(near.0)..=squared(most)).contains(&distance_squared(spawn, tile))
        };
        // Other patches may lie anywhere; a near one without room goes a little farther before it shrinks.
        let limits = if !is_near {
            [i32::MAX; 2]
        } else if kind.distance_tiles.is_some() {
            [near.1; 2]
        } else {
            [near.1, 2 * near.1]
        };
        for most in limits {
            let found = canvas.draw(rng, margin, |canvas, tile| {
                is_near_enough(tile, most) && canvas.is_disc_clear(tile, reach)
            });
            if let Some(center) = found {
                return Ok((center, radius));
            }
        }
        radius *= 0.75;
    }
    Err(Error::new(
        ErrorKind::InvalidScenario,
        format!(
            "the map has no room for all patches of \"{}\"; make it larger, ask for fewer, or widen their distance",
            vanilla()[kind.item].name
        ),
    ))
}

fn reach(radius: f64) -> i32 {
    (radius * OUTERMOST).ceil() as i32
}

fn lay(
    kind: &PatchSettings,
    center: TilePos,
    radius: f64,
    seed: u64,
    canvas: &mut Canvas,
    ops: &mut Vec<SetupOp>,
) {
    let factor = shape(kind.item).1;
    // The height of a cone of `(radius / f)^3` units on that radius.
    let peak = 3.0 * radius / (std::f64::consts::PI * factor * factor * factor);
    for tile in disc(center, reach(radius)) {
        let distance = (distance_squared(center, tile) as f64).sqrt();
        let noise = value_noise(seed, tile, NOISE_CELL);
        let amount = peak * (1.0 - distance / radius + RAGGEDNESS * noise);
        if amount >= 1.0 {
            ops.push(SetupOp::Resource {
                tile,
                code: kind.code,
                amount: amount as u32,
            });
        }
    }
    canvas.reserve_disc(center, reach(radius) + GAP);
}
