//! Trees and rocks: forests by noise with gaps to walk through, none on ore or near the start.
//!
//! The game's forests follow moisture and temperature; ours only thin out toward their edges.

use super::ground::Ground;
use super::spots::{distance, noise};
use crate::prototypes::{EntityPrototypeId, vanilla};
use crate::scenario::generate::canvas::{Canvas, random_tile};
use crate::sim::position::{Direction, MapPos, SUBTILES, TileArea, TilePos};
use crate::sim::rng::{Rng, mix};
use crate::sim::setup::SetupOp;

/// Tiles round the start without trees.
const CLEARING: f64 = 16.0;
/// Noise above which there is forest.
const FOREST_ABOVE: f64 = 0.18;
/// The most trees a tile: sparse enough to walk through everywhere.
const MAX_DENSITY: f64 = 0.16;
/// Tiles of map for one rock, and the side of the ground that it takes.
const TILES_FOR_A_ROCK: i32 = 2_600;
const ROCK_TILES: i32 = 4;

/// Lays the rocks, then plants the trees.
pub(super) fn place(seed: u64, ground: &Ground, canvas: &mut Canvas, ops: &mut Vec<SetupOp>) {
    let mut rng = Rng::new(seed ^ mix(4 << 8));
    lay_rocks(&mut rng, ground, canvas, ops);
    plant(seed, &mut rng, ground, canvas, ops);
}

fn entity(name: &str) -> EntityPrototypeId {
    vanilla().entity(name).expect("the game has this entity")
}

fn lay_rocks(rng: &mut Rng, ground: &Ground, canvas: &mut Canvas, ops: &mut Vec<SetupOp>) {
    let rock = entity("big-rock");
    let inner = canvas.inner(ROCK_TILES / 2);
    for _ in 0..inner.width * inner.height / TILES_FOR_A_ROCK {
        let tile = random_tile(rng, inner);
        let room = TileArea {
            left: tile.x - ROCK_TILES / 2,
            top: tile.y - ROCK_TILES / 2,
            width: ROCK_TILES,
            height: ROCK_TILES,
        };
        let is_free = |tile| ground.is_land(tile) && canvas.is_clear(tile);
        if is_past_clearing(tile) && room.tiles().all(is_free) {
            canvas.reserve_area(room);
            let corner = MapPos::new(tile.x * SUBTILES, tile.y * SUBTILES);
            ops.push(plain(rock, corner));
        }
    }
}

fn plant(seed: u64, rng: &mut Rng, ground: &Ground, canvas: &Canvas, ops: &mut Vec<SetupOp>) {
    let trees = ["tree-01", "tree-02", "tree-03", "tree-04", "tree-05"].map(entity);
    for tile in canvas.inner(1).tiles() {
        // The draw comes first: it is dearer to look at the noise.
        let draw = rng.unit();
        if draw >= MAX_DENSITY {
            continue;
        }
        let wood = noise(seed, 21, tile, 70) + 0.35 * noise(seed, 22, tile, 17);
        let density = MAX_DENSITY * ((wood - FOREST_ABOVE) * 3.0).min(1.0);
        let is_free = ground.is_land(tile) && canvas.is_clear(tile);
        if draw < density && is_past_clearing(tile) && is_free {
            let share = f64::midpoint(noise(seed, 23, tile, 120), 1.0);
            let index = (share * trees.len() as f64) as usize;
            ops.push(plain(trees[index.min(trees.len() - 1)], tile.center()));
        }
    }
}

fn is_past_clearing(tile: TilePos) -> bool {
    distance(TilePos::new(0, 0), tile) > CLEARING
}

fn plain(prototype: EntityPrototypeId, position: MapPos) -> SetupOp {
    SetupOp::Entity {
        prototype,
        position,
        direction: Direction::NORTH,
        items: Vec::new(),
        recipe: None,
    }
}
