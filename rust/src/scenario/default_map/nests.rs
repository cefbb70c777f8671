//! Enemy bases: none within the starting area, larger and denser the farther out.
//!
//! Frequency, radius and chances are those of `enemy_base_probability` and `enemy_autoplace_base` (prototype data of
//! 2.0.77); points and noise are our own, and so is that worms are rarer on a tile than nests.

use super::ground::Ground;
use super::spots::{Spot, distance, fill_region, noise, regions};
use crate::prototypes::{EntityPrototypeId, vanilla};
use crate::scenario::generate::canvas::{Canvas, disc};
use crate::sim::position::{Direction, TileArea, TilePos};
use crate::sim::rng::{Rng, mix};
use crate::sim::setup::SetupOp;

const REGION_SIDE: i32 = 512;
const N_CANDIDATES: usize = 100;
/// No enemies within this distance of the start.
const STARTING_AREA_RADIUS: f64 = 150.0;
/// Bases grow up to this distance.
const MAX_DISTANCE: f64 = 2_400.0;
/// The most that the chance of an enemy on a tile is.
const MAX_CHANCE: f64 = 0.25;
const PENALTY: f64 = 0.1;
/// A worm where a nest would be, once in so many times: bases have about as many worms as nests.
const ONE_WORM_IN: u32 = 6;
/// Sides of the ground that nests and worms take (`map_generator_bounding_box`, rounded up).
const NEST_TILES: i32 = 7;
const WORM_TILES: i32 = 3;

fn intensity_at(distance: f64) -> f64 {
    distance.min(MAX_DISTANCE) / 325.0
}

fn radius_at(distance: f64) -> f64 {
    15.0 + 4.0 * intensity_at(distance)
}

fn quantity_at(distance: f64) -> f64 {
    let radius = radius_at(distance);
    std::f64::consts::PI / 90.0 * radius * radius * radius
}

/// Bases a tile.
fn frequency_at(distance: f64) -> f64 {
    0.000_01 + 0.000_003 * intensity_at(distance)
}

fn from_start(tile: TilePos) -> f64 {
    distance(TilePos::new(0, 0), tile)
}

/// Founds the bases of a map.
pub(super) fn place(
    seed: u64,
    area: TileArea,
    ground: &Ground,
    canvas: &mut Canvas,
    ops: &mut Vec<SetupOp>,
) {
    let mut rng = Rng::new(seed ^ mix(3 << 8));
    for corner in regions(area.width, area.height, REGION_SIDE) {
        let mut bases = Vec::new();
        fill_region(
            &mut rng,
            corner,
            REGION_SIDE,
            N_CANDIDATES,
            |tile| quantity_at(from_start(tile)) * frequency_at(from_start(tile)),
            |_, tile| Spot {
                center: tile,
                quantity: quantity_at(from_start(tile)),
                radius: radius_at(from_start(tile)),
            },
            |spot| {
                bases.push(spot);
                true
            },
        );
        for base in bases {
            found(&base, seed, ground, canvas, &mut rng, ops);
        }
    }
}

fn found(
    base: &Spot,
    seed: u64,
    ground: &Ground,
    canvas: &mut Canvas,
    rng: &mut Rng,
    ops: &mut Vec<SetupOp>,
) {
    for tile in disc(base.center, base.radius.ceil() as i32) {
        let far = from_start(tile);
        let blobs =
            noise(seed, 11, tile, 8) + noise(seed, 12, tile, 24) + 2.0 * noise(seed, 13, tile, 64)
                - 0.5;
        let chance =
            base.height_at(tile) + blobs * base.radius / 150.0 * (0.1 + 0.9 * far / 3_000.0) - 0.3
                + (20.0 / STARTING_AREA_RADIUS * far - 20.0).min(0.0);
        let chance = chance.min(MAX_CHANCE) - PENALTY * rng.unit();
        if rng.unit() >= chance {
            continue;
        }
        let is_worm = rng.chance(1, ONE_WORM_IN);
        let name = if is_worm {
            worm_at(far, rng)
        } else if rng.chance(1, 2) {
            "biter-spawner"
        } else {
            "spitter-spawner"
        };
        let side = if is_worm { WORM_TILES } else { NEST_TILES };
        let room = TileArea {
            left: tile.x - side / 2,
            top: tile.y - side / 2,
            width: side,
            height: side,
        };
        let is_free = room
            .tiles()
            .all(|tile| ground.is_land(tile) && canvas.is_clear(tile));
        if is_free {
            canvas.reserve_area(room);
            ops.push(SetupOp::Entity {
                prototype: prototype(name),
                position: tile.center(),
                direction: Direction::NORTH,
                items: Vec::new(),
                recipe: None,
            });
        }
    }
}

/// Draws a worm: larger ones only far out, by their distance factors 2, 5 and 8.
fn worm_at(distance: f64, rng: &mut Rng) -> &'static str {
    let is_far_enough = |factor: f64| {
        1.0 + 0.002 * factor * (-312.0 * factor - STARTING_AREA_RADIUS + distance) > 0.0
    };
    let worms = [
        ("small-worm-turret", 0.0),
        ("medium-worm-turret", 2.0),
        ("big-worm-turret", 5.0),
        ("behemoth-worm-turret", 8.0),
    ];
    let n_kinds = worms
        .iter()
        .take_while(|(_, factor)| is_far_enough(*factor))
        .count();
    worms[rng.below(n_kinds as u32) as usize].0
}

fn prototype(name: &str) -> EntityPrototypeId {
    vanilla().entity(name).expect("the game has this entity")
}
