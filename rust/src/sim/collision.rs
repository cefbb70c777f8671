//! What stands in the way of a walking character, and the walk step itself.
//!
//! The mask asks the same walk step that the tick takes.

use super::position::{Direction, MapPos, Rect, SUBTILES, TilePos};
use super::world::World;
use crate::prototypes::{SubtileBox, vanilla};

/// Furthest that the character slips sideways round a corner, in 1/256 tile (0.7 tile truncated, measured).
const MAX_SLIDE_SUBTILES: i32 = 179;
/// Past the corner the stride is tried this much further out, in 1/256 tile.
const SLIDE_CLEARANCE_SUBTILES: i32 = 1;
/// Largest of the single subtile steps that are tried when even half a stride is blocked.
const SMALLEST_STEPS_FROM: i32 = 8;

/// Gives the character's collision box at `position`.
pub fn character_box(position: MapPos) -> Rect {
    Rect::around(position, character_shape(), 0)
}

fn character_shape() -> SubtileBox {
    use std::sync::OnceLock;
    static SHAPE: OnceLock<SubtileBox> = OnceLock::new();
    *SHAPE.get_or_init(|| vanilla()[vanilla().character().entity].collision_box)
}

/// Finds the first obstacle that the character would touch at `position`.
fn obstacle_at(world: &World, position: MapPos) -> Option<Rect> {
    let body = character_box(position);
    // Boxes that touch collide, so the tile beyond an edge that lies exactly on a tile border counts too.
    let (first_col, last_col) = ((body.left - 1) >> 8, body.right >> 8);
    let (first_row, last_row) = ((body.top - 1) >> 8, body.bottom >> 8);
    for y in first_row..=last_row {
        for x in first_col..=last_col {
            let tile = TilePos { x, y };
            let cell = world.grid.cell(tile);
            if cell.is_walkable() {
                continue;
            }
            if cell.blocks_walking() {
                let edge = Rect {
                    left: x * SUBTILES,
                    top: y * SUBTILES,
                    right: (x + 1) * SUBTILES,
                    bottom: (y + 1) * SUBTILES,
                };
                if body.touches(&edge) {
                    return Some(edge);
                }
            }
            if let Some(solid) = world.solid_box(tile)
                && body.touches(&solid)
            {
                return Some(solid);
            }
        }
    }
    None
}

/// Says whether the character can stand at `position`.
pub fn is_free(world: &World, position: MapPos) -> bool {
    obstacle_at(world, position).is_none()
}

/// Computes where one tick of walking leads; `from` itself where everything is blocked.
///
/// Straight: full stride, else round the corner, else half a stride, else 8, 7 … 1 subtiles (measured on 2.0.60).
/// Diagonal: both parts, else the horizontal part, else the vertical part, else half the stride (TAS).
pub fn walk_step(world: &World, from: MapPos, direction: Direction) -> MapPos {
    let facts = world.terrain.facts(from.tile());
    let (dx, dy) = direction.steps();
    if direction.is_diagonal() {
        let stride = facts.walk_diagonal_subtiles_per_tick;
        let candidates = [
            from.offset(dx * stride, dy * stride),
            from.offset(dx * stride, 0),
            from.offset(0, dy * stride),
            from.offset(dx * (stride / 2), dy * (stride / 2)),
        ];
        return candidates
            .into_iter()
            .find(|to| is_free(world, *to))
            .unwrap_or(from);
    }
    straight_step(world, from, (dx, dy), facts.walk_subtiles_per_tick)
}

/// Computes where a belt carries a character that stands at `from`: a step of `stride` that goes as a walking one.
pub fn carried_step(world: &World, from: MapPos, direction: Direction, stride: i32) -> MapPos {
    straight_step(world, from, direction.steps(), stride)
}

/// Takes a step along an axis, round a corner, or as far as it goes.
fn straight_step(world: &World, from: MapPos, (dx, dy): (i32, i32), stride: i32) -> MapPos {
    let to = from.offset(dx * stride, dy * stride);
    let Some(obstacle) = obstacle_at(world, to) else {
        return to;
    };
    if let Some(aside) = slide(world, from, (dx, dy), stride, &obstacle) {
        return aside;
    }
    std::iter::once(stride / 2)
        .chain((1..=SMALLEST_STEPS_FROM.min(stride - 1)).rev())
        .map(|step| from.offset(dx * step, dy * step))
        .find(|to| is_free(world, *to))
        .unwrap_or(from)
}

/// Slips sideways round the corner of `obstacle`, if that is short enough and the way past it is free.
fn slide(
    world: &World,
    from: MapPos,
    (dx, dy): (i32, i32),
    stride: i32,
    obstacle: &Rect,
) -> Option<MapPos> {
    let body = character_box(from);
    // The two sideways ways that clear the obstacle: toward smaller and toward larger coordinates.
    let (toward_low, toward_high) = if dx == 0 {
        (body.right - obstacle.left, obstacle.right - body.left)
    } else {
        (body.bottom - obstacle.top, obstacle.bottom - body.top)
    };
    let (way, sign) = if toward_low < toward_high {
        (toward_low, -1)
    } else {
        (toward_high, 1)
    };
    if !(0..=MAX_SLIDE_SUBTILES).contains(&way) {
        return None;
    }
    let sideways = |distance: i32| {
        if dx == 0 {
            from.offset(sign * distance, 0)
        } else {
            from.offset(0, sign * distance)
        }
    };
    let past = sideways(way + SLIDE_CLEARANCE_SUBTILES);
    if !is_free(world, past.offset(dx * stride, dy * stride)) {
        return None;
    }
    let aside = sideways(stride.min(way + SLIDE_CLEARANCE_SUBTILES));
    is_free(world, aside).then_some(aside)
}
