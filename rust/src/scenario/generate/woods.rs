//! Trees in small groves, and rocks: things to walk round, or to mine.

use std::sync::OnceLock;

use crate::prototypes::{EntityPrototypeId, vanilla};
use crate::sim::entity::footprint;
use crate::sim::position::{Direction, MapPos, SUBTILES, TilePos};
use crate::sim::rng::Rng;
use crate::sim::setup::SetupOp;

use super::canvas::{Canvas, random_tile};

/// The most trees of a grove; more would be a wall that takes long to walk round.
const MAX_GROVE: usize = 5;
/// Tries for a grove or a rock; after so many the map is full, and there are fewer than asked for.
const MAX_TRIES: u32 = 64;
/// Things to walk round keep this far from the map's edge, so that one can walk along it.
const EDGE_MARGIN: i32 = 1;

struct Kinds {
    trees: Vec<EntityPrototypeId>,
    rock: EntityPrototypeId,
}

fn kinds() -> &'static Kinds {
    static KINDS: OnceLock<Kinds> = OnceLock::new();
    KINDS.get_or_init(|| {
        let entity = |name: &str| vanilla().entity(name).expect("the game has this entity");
        Kinds {
            trees: [
                "tree-01", "tree-02", "tree-03", "tree-04", "tree-05", "tree-08", "tree-09",
            ]
            .map(entity)
            .to_vec(),
            rock: entity("big-rock"),
        }
    })
}

/// Plants trees and lays rocks where nothing else is.
pub(super) fn place(
    n_trees: u32,
    n_rocks: u32,
    rng: &mut Rng,
    canvas: &mut Canvas,
    ops: &mut Vec<SetupOp>,
) {
    for _ in 0..n_rocks {
        if !lay_rock(rng, canvas, ops) {
            break;
        }
    }
    let mut left = n_trees as usize;
    while left > 0 {
        match plant_grove(left, rng, canvas, ops) {
            0 => break,
            planted => left -= planted,
        }
    }
}

fn lay_rock(rng: &mut Rng, canvas: &mut Canvas, ops: &mut Vec<SetupOp>) -> bool {
    let rock = kinds().rock;
    let inner = canvas.inner(EDGE_MARGIN);
    for _ in 0..MAX_TRIES {
        let corner = random_tile(rng, inner);
        let center = MapPos::new((corner.x + 1) * SUBTILES, (corner.y + 1) * SUBTILES);
        let area = footprint(rock, center, Direction::NORTH);
        let has_room = area
            .tiles()
            .all(|tile| inner.contains(tile) && canvas.takes_obstacle(tile));
        if has_room {
            area.tiles().for_each(|tile| canvas.block(tile));
            ops.push(plain(rock, center));
            return true;
        }
    }
    false
}

/// Plants at most `limit` trees of one kind along a staircase, which never closes on itself, and returns how many.
fn plant_grove(limit: usize, rng: &mut Rng, canvas: &mut Canvas, ops: &mut Vec<SetupOp>) -> usize {
    let inner = canvas.inner(EDGE_MARGIN);
    let wanted = (1 + rng.below(MAX_GROVE as u32) as usize).min(limit);
    let step_south_or_north = if rng.chance(1, 2) { 1 } else { -1 };
    let tree = kinds().trees[rng.below(kinds().trees.len() as u32) as usize];
    for _ in 0..MAX_TRIES {
        let mut tiles = [TilePos::default(); MAX_GROVE];
        let (mut tile, mut n_tiles) = (random_tile(rng, inner), 0);
        while n_tiles < wanted && inner.contains(tile) && canvas.takes_obstacle(tile) {
            tiles[n_tiles] = tile;
            n_tiles += 1;
            let is_east = rng.chance(1, 2);
            tile = if is_east {
                tile.offset(1, 0)
            } else {
                tile.offset(0, step_south_or_north)
            };
        }
        if n_tiles > 0 {
            for tile in &tiles[..n_tiles] {
                canvas.block(*tile);
                ops.push(plain(tree, tile.center()));
            }
            return n_tiles;
        }
    }
    0
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
