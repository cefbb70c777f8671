//! Blueprints drawn from a seed: buildings that touch, with drills that drop into what they touch.

use crate::prototypes::{EntityKind, EntityPrototypeId, ItemId, vanilla};
use crate::scenario::objective::Wanted;
use crate::scenario::objective_spec::bounds;
use crate::sim::drill::drop_position_of;
use crate::sim::entity::footprint;
use crate::sim::placement::{built_direction, placed_by};
use crate::sim::position::{Direction, MapPos, SUBTILES, TileArea};
use crate::sim::rng::Rng;

/// Tries for the next building; after so many the layout stays as it is. Of 100,000 layouts none ever came near.
const MAX_TRIES: u32 = 256;
/// A layout grows no longer or wider than this, in tiles: all of it can be reached from beside it.
const MAX_SIDE: i32 = 12;

/// Draws a layout; returns the entities with the north-western corner of their tiles at the origin, and its size.
///
/// `buildings` are items that can be built, with how many there are of each; there are enough of them.
pub(super) fn draw(
    rng: &mut Rng,
    (least, most): (u32, u32),
    buildings: &[(ItemId, u32)],
) -> (Vec<Wanted>, i32, i32) {
    let n_wanted = rng.between(least as i32, most as i32) as usize;
    let mut left: Vec<(EntityPrototypeId, u32)> = buildings
        .iter()
        .filter_map(|(item, count)| Some((placed_by(*item).ok()?, *count)))
        .collect();
    let mut placed: Vec<Wanted> = Vec::with_capacity(n_wanted);
    for _ in 0..MAX_TRIES * n_wanted as u32 {
        if placed.len() == n_wanted {
            break;
        }
        let kind = rng.below(left.len() as u32) as usize;
        if left[kind].1 == 0 {
            continue;
        }
        let Some(next) = draw_next(rng, &placed, left[kind].0) else {
            continue;
        };
        placed.push(next);
        left[kind].1 -= 1;
    }
    let area = bounds(&placed);
    for entity in &mut placed {
        entity.position = entity
            .position
            .offset(-area.left * SUBTILES, -area.top * SUBTILES);
    }
    (placed, area.width, area.height)
}

/// Draws a place for `prototype` beside one of the buildings, if this try finds one.
fn draw_next(rng: &mut Rng, placed: &[Wanted], prototype: EntityPrototypeId) -> Option<Wanted> {
    let facts = &vanilla()[prototype];
    let (width, height) = (facts.tile_width as i32, facts.tile_height as i32);
    let at = |left: i32, top: i32, direction: Direction| Wanted {
        prototype,
        position: TileArea {
            left,
            top,
            width,
            height,
        }
        .center(),
        direction: built_direction(prototype, direction),
    };
    let random_direction = Direction::from_eighths(2 * rng.below(4) as u8);
    if placed.is_empty() {
        return Some(at(0, 0, random_direction));
    }
    let anchor = placed[rng.below(placed.len() as u32) as usize];
    let beside = area_of(&anchor);
    let side = rng.below(4) as u8;
    let along_x = rng.between(beside.left + 1 - width, beside.left + beside.width - 1);
    let along_y = rng.between(beside.top + 1 - height, beside.top + beside.height - 1);
    let (left, top) = match side {
        0 => (along_x, beside.top - height),
        1 => (beside.left + beside.width, along_y),
        2 => (along_x, beside.top + beside.height),
        _ => (beside.left - width, along_y),
    };
    // A drill beside something that takes ore faces it; what stands to the north faces south.
    let takes_ore = matches!(
        vanilla()[anchor.prototype].kind,
        EntityKind::Container | EntityKind::Furnace
    );
    let is_feeding = facts.kind == EntityKind::MiningDrill && takes_ore;
    let toward_anchor = Direction::from_eighths((2 * side + 4) % 8);
    let next = at(
        left,
        top,
        if is_feeding {
            toward_anchor
        } else {
            random_direction
        },
    );
    if is_feeding {
        let drop = drop_position_of(facts, next.position, next.direction.quarter_turns());
        if !beside.contains(MapPos::tile(drop)) {
            return None;
        }
    }
    is_free(placed, &next).then_some(next)
}

fn area_of(entity: &Wanted) -> TileArea {
    footprint(entity.prototype, entity.position, entity.direction)
}

fn is_free(placed: &[Wanted], next: &Wanted) -> bool {
    let area = area_of(next);
    let overlaps = |other: &Wanted| {
        let other = area_of(other);
        area.left < other.left + other.width
            && other.left < area.left + area.width
            && area.top < other.top + other.height
            && other.top < area.top + area.height
    };
    if placed.iter().any(overlaps) {
        return false;
    }
    let all = bounds(placed);
    let width = (all.left + all.width).max(area.left + area.width) - all.left.min(area.left);
    let height = (all.top + all.height).max(area.top + area.height) - all.top.min(area.top);
    width <= MAX_SIDE && height <= MAX_SIDE
}
