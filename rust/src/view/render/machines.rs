//! Machines: bevelled boxes with icons, lamps and contents; the same shapes, tinted, are the ghosts.

use super::font;
use super::nature::clock;
use super::palette::{
    BLACK, Color, GHOST, INK, ORANGE, WHITE, YELLOW, entity_color, item_color, shade, status_color,
};
use super::raster::{Bounds, Canvas, OPAQUE, Point, Tint};
use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, EntityPrototypeId, ItemId, vanilla};
use crate::sim::World;
use crate::sim::drill::drop_position_of;
use crate::sim::entity::{Body, Entity, Ghost, footprint};
use crate::sim::inserter::{hand_position, held_stack};
use crate::sim::machine::most_held;
use crate::sim::position::{Direction, MapPos, SUBTILES};

/// What a machine's picture depends on.
struct Look {
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
    /// Inserters: where the hand is.
    hand: Option<MapPos>,
    is_working: bool,
    /// Advances while machines work: rotors turn, smoke rises.
    phase: u64,
}

/// Draws an entity that is neither tree nor rock.
pub(super) fn draw_machine(canvas: &mut Canvas, world: &World, entity: &Entity) {
    let look = Look {
        prototype: entity.prototype,
        position: entity.position,
        direction: entity.direction,
        hand: hand_position(world, entity),
        is_working: world.status(entity) == Status::Working,
        phase: world.tick / 6,
    };
    draw_shape(canvas, &look);
}

/// Draws what a machine is about: a dot in the colour of its contents, and the lamp of its status.
pub(super) fn draw_state(canvas: &mut Canvas, world: &World, entity: &Entity) {
    let [left, top, right, bottom] = bounds_of(entity.prototype, entity.position, entity.direction);
    let is_small = right - left <= SUBTILES;
    match entity.body {
        Body::Belt(index) => draw_items(canvas, world, index),
        Body::Splitter(index) => {
            for belt in world.belts.splitter_belts(index) {
                draw_items(canvas, world, belt);
            }
        }
        Body::Inserter(_) => {
            if let (Some(hand), Some(held)) =
                (hand_position(world, entity), held_stack(world, entity))
            {
                canvas.disc((hand.x, hand.y), 40, INK, OPAQUE);
                canvas.disc((hand.x, hand.y), 30, item_color(held.item), OPAQUE);
            }
        }
        _ => {}
    }
    if let Some(item) = contents(world, entity) {
        let (center, radius) = if is_small {
            (
                (i32::midpoint(left, right), i32::midpoint(top, bottom) + 16),
                54,
            )
        } else {
            ((right - 92, bottom - 92), 62)
        };
        canvas.disc(center, radius, INK, OPAQUE);
        canvas.disc(center, radius - 14, item_color(item), OPAQUE);
        canvas.disc((center.0 - 12, center.1 - 14), 12, WHITE, 130);
    }
    if let Some(color) = status_color(world.status(entity)) {
        let center = (right - 74, top + 74);
        canvas.disc(center, 58, INK, OPAQUE);
        canvas.disc(center, 42, color, OPAQUE);
        canvas.disc((center.0 - 10, center.1 - 12), 13, WHITE, 150);
    }
}

/// Draws what lies on a belt, as far as it is above the ground.
fn draw_items(canvas: &mut Canvas, world: &World, belt: u32) {
    let Some(tile) = world.belts.belt(belt) else {
        return;
    };
    let middle = tile.tile.center();
    for lane in 0..2 {
        for (position, item) in world.belts.items_on(belt, lane) {
            let (dx, dy) = world.belts.world_position(belt, lane, position);
            if dx.abs().max(dy.abs()) <= SUBTILES / 2 {
                let center = (middle.x + dx, middle.y + dy);
                canvas.disc(center, 34, INK, OPAQUE);
                canvas.disc(center, 26, item_color(item), OPAQUE);
            }
        }
    }
}

/// Draws a ghost: the machine in translucent blue with a bright outline.
pub(super) fn draw_ghost(canvas: &mut Canvas, ghost: &Ghost) {
    let bounds = bounds_of(ghost.prototype, ghost.position, ghost.direction);
    canvas.rect(bounds, GHOST, 70);
    canvas.tint = Some(Tint {
        color: GHOST,
        share: 176,
        alpha: 170,
    });
    draw_shape(
        canvas,
        &Look {
            prototype: ghost.prototype,
            position: ghost.position,
            direction: ghost.direction,
            hand: None,
            is_working: false,
            phase: 0,
        },
    );
    draw_drop_of(canvas, ghost.prototype, ghost.position, ghost.direction);
    canvas.tint = None;
    frame(canvas, bounds, 20, shade(GHOST, 50), 230);
}

/// Draws the four sides of a box, inside its edge.
pub(super) fn frame(
    canvas: &mut Canvas,
    [left, top, right, bottom]: Bounds,
    line: i32,
    color: Color,
    alpha: u32,
) {
    canvas.rect([left, top, right, top + line], color, alpha);
    canvas.rect([left, bottom - line, right, bottom], color, alpha);
    canvas.rect([left, top + line, left + line, bottom - line], color, alpha);
    canvas.rect(
        [right - line, top + line, right, bottom - line],
        color,
        alpha,
    );
}

/// Gives the tiles of a thing as a box on the map.
pub(super) fn bounds_of(
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) -> Bounds {
    let area = footprint(prototype, position, direction);
    let (left, top) = (area.left * SUBTILES, area.top * SUBTILES);
    [
        left,
        top,
        left + area.width.max(1) * SUBTILES,
        top + area.height.max(1) * SUBTILES,
    ]
}

/// Finds the item that stands for what a machine makes or a chest holds.
pub(super) fn contents(world: &World, entity: &Entity) -> Option<ItemId> {
    match entity.body {
        Body::Lab(_) => most_held(world.slots(entity).source),
        Body::Chest(_) | Body::Turret(_) => most_held(world.slots(entity).contents),
        Body::Drill(_) => crate::sim::drill::mined_item(world, entity),
        Body::Crafter(_) => crate::sim::crafter::crafted_item(world, entity),
        _ => None,
    }
}

fn draw_shape(canvas: &mut Canvas, look: &Look) {
    let facts = &vanilla()[look.prototype];
    let bounds = bounds_of(look.prototype, look.position, look.direction);
    let color = entity_color(look.prototype);
    match facts.kind {
        EntityKind::MiningDrill => draw_drill(canvas, look, bounds, color),
        EntityKind::Furnace => draw_furnace(canvas, look, bounds, color),
        EntityKind::Container | EntityKind::LogisticContainer => {
            draw_chest(canvas, bounds, color);
        }
        EntityKind::Wall => draw_wall(canvas, bounds, color),
        EntityKind::Inserter => draw_inserter(canvas, look, bounds, color),
        EntityKind::ElectricPole => draw_pole(canvas, bounds, color),
        kind if kind.is_belt_like() => draw_belt(canvas, look, bounds, color),
        _ => draw_generic(canvas, look, bounds, color),
    }
}

fn middle([left, top, right, bottom]: Bounds) -> Point {
    (i32::midpoint(left, right), i32::midpoint(top, bottom))
}

/// Draws the body that most machines share: shadow, dark rim, lit from the upper left.
fn bevelled(canvas: &mut Canvas, [left, top, right, bottom]: Bounds, inset: i32, color: Color) {
    let (left, top, right, bottom) = (left + inset, top + inset, right - inset, bottom - inset);
    canvas.rect([left + 24, top + 32, right + 24, bottom + 32], BLACK, 90);
    canvas.rect([left, top, right, bottom], shade(color, -96), OPAQUE);
    let (left, top, right, bottom) = (left + 16, top + 16, right - 16, bottom - 16);
    canvas.rect([left, top, right, bottom], color, OPAQUE);
    canvas.rect(
        [left, bottom - 20, right, bottom],
        shade(color, -42),
        OPAQUE,
    );
    canvas.rect([right - 20, top, right, bottom], shade(color, -30), OPAQUE);
    canvas.rect([left, top, right, top + 20], shade(color, 46), OPAQUE);
    canvas.rect([left, top, left + 20, bottom], shade(color, 32), OPAQUE);
}

fn draw_drill(canvas: &mut Canvas, look: &Look, bounds: Bounds, color: Color) {
    bevelled(canvas, bounds, 12, color);
    let (x, y) = middle(bounds);
    let radius = (bounds[2] - bounds[0]) * 74 / 256;
    canvas.disc((x, y), radius, shade(color, -84), OPAQUE);
    canvas.disc((x, y), radius - 20, INK, OPAQUE);
    let hour = if look.is_working {
        (look.phase % 12) as usize
    } else {
        0
    };
    for blade in 0..3 {
        let (dx, dy) = clock(hour + blade * 4, radius - 28);
        canvas.line((x, y), (x + dx, y + dy), 44, [172, 178, 184], OPAQUE);
    }
    canvas.disc((x, y), 34, [222, 226, 230], OPAQUE);
}

/// Draws where a drill drops what it mines; over other machines, since that is what it drops into.
pub(super) fn draw_drop(canvas: &mut Canvas, entity: &Entity) {
    draw_drop_of(canvas, entity.prototype, entity.position, entity.direction);
}

fn draw_drop_of(
    canvas: &mut Canvas,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) {
    let facts = &vanilla()[prototype];
    if facts.kind == EntityKind::MiningDrill && facts.vector_to_place_result.is_some() {
        let drop = drop_position_of(facts, position, direction.quarter_turns());
        let bounds = bounds_of(prototype, position, direction);
        draw_chute(canvas, bounds, drop, direction.cardinal());
    }
}

/// Draws a chute at the edge of `bounds` with an arrow to the point where the drill drops.
fn draw_chute(canvas: &mut Canvas, bounds: Bounds, drop: MapPos, direction: Direction) {
    let (forward_x, forward_y) = direction.steps();
    let tile_middle = drop.tile().center();
    let [left, top, right, bottom] = bounds;
    // The point of the edge from which the drop tile is straight ahead.
    let (x, y) = match (forward_x, forward_y) {
        (0, -1) => (tile_middle.x, top),
        (0, 1) => (tile_middle.x, bottom),
        (-1, 0) => (left, tile_middle.y),
        _ => (right, tile_middle.y),
    };
    let along = |forward: i32, side: i32| {
        (
            x + forward_x * forward - forward_y * side,
            y + forward_y * forward + forward_x * side,
        )
    };
    let chute = [along(-70, 64), along(-70, -64), along(4, -64), along(4, 64)];
    canvas.polygon(&chute, INK, OPAQUE);
    canvas.polygon(
        &[along(118, 0), along(-22, 100), along(-22, -100)],
        INK,
        OPAQUE,
    );
    canvas.polygon(
        &[along(92, 0), along(-6, 70), along(-6, -70)],
        YELLOW,
        OPAQUE,
    );
}

fn draw_furnace(canvas: &mut Canvas, look: &Look, bounds: Bounds, color: Color) {
    let (x, y) = middle(bounds);
    let [left, top, _, bottom] = bounds;
    if look.is_working {
        canvas.disc((x, bottom - 150), 330, ORANGE, 40);
    }
    bevelled(canvas, bounds, 12, color);
    // Courses of stone.
    let joint = shade(color, -26);
    for row in 1..4 {
        let at = top + 40 + row * (bottom - top - 80) / 4;
        canvas.rect([left + 48, at, bounds[2] - 48, at + 14], joint, OPAQUE);
    }
    canvas.disc((x, y - 100), 76, shade(color, -70), OPAQUE);
    canvas.disc((x, y - 100), 52, INK, OPAQUE);
    let floor = bottom - 58;
    canvas.disc((x, floor - 96), 98, shade(color, -80), OPAQUE);
    canvas.rect(
        [x - 98, floor - 96, x + 98, floor],
        shade(color, -80),
        OPAQUE,
    );
    canvas.disc((x, floor - 92), 76, INK, OPAQUE);
    canvas.rect([x - 76, floor - 92, x + 76, floor], INK, OPAQUE);
    if look.is_working {
        let flicker = (look.phase % 3) as i32 * 8;
        canvas.disc((x, floor - 62), 66, [206, 58, 24], OPAQUE);
        canvas.disc((x + flicker - 8, floor - 54), 50, ORANGE, OPAQUE);
        canvas.disc((x - flicker + 8, floor - 46), 32, [255, 232, 120], OPAQUE);
        let rise = (look.phase % 6) as i32 * 14;
        canvas.disc((x + rise / 3, y - 130 - rise), 44, [206, 206, 210], 110);
        canvas.disc((x + 20 + rise / 2, y - 190 - rise), 58, [206, 206, 210], 64);
    }
}

fn draw_chest(canvas: &mut Canvas, bounds: Bounds, color: Color) {
    bevelled(canvas, bounds, 14, color);
    let [left, top, right, _] = bounds;
    let (x, _) = middle(bounds);
    canvas.rect(
        [left + 30, top + 84, right - 30, top + 98],
        shade(color, -80),
        OPAQUE,
    );
    canvas.rect(
        [x - 20, top + 72, x + 20, top + 116],
        [236, 208, 110],
        OPAQUE,
    );
}

fn draw_wall(canvas: &mut Canvas, bounds: Bounds, color: Color) {
    bevelled(canvas, bounds, 6, color);
    let [left, top, right, bottom] = bounds;
    let joint = shade(color, -52);
    let (x, y) = middle(bounds);
    canvas.rect([left + 24, y - 8, right - 24, y + 8], joint, OPAQUE);
    canvas.rect([x - 8, top + 24, x + 8, y], joint, OPAQUE);
    canvas.rect([left + 70, y, left + 86, bottom - 24], joint, OPAQUE);
    canvas.rect([right - 86, y, right - 70, bottom - 24], joint, OPAQUE);
}

fn draw_belt(canvas: &mut Canvas, look: &Look, bounds: Bounds, color: Color) {
    let [left, top, right, bottom] = bounds;
    canvas.rect(bounds, [58, 58, 62], OPAQUE);
    frame(canvas, [left, top, right, bottom], 20, [92, 92, 96], OPAQUE);
    let (forward_x, forward_y) = look.direction.cardinal().steps();
    let (x, y) = middle(bounds);
    let along = |forward: i32, side: i32| {
        (
            x + forward_x * forward - forward_y * side,
            y + forward_y * forward + forward_x * side,
        )
    };
    for start in [-70, 30] {
        for side in [70, -70] {
            canvas.line(along(start, side), along(start + 56, 0), 30, color, OPAQUE);
        }
    }
}

fn draw_inserter(canvas: &mut Canvas, look: &Look, bounds: Bounds, color: Color) {
    bevelled(canvas, bounds, 56, shade(color, -50));
    let center = middle(bounds);
    let Some(inserter) = &vanilla()[look.prototype].inserter else {
        return;
    };
    let turned = |(x, y): (f64, f64)| {
        let (x, y) = match look.direction.quarter_turns() {
            0 => (x, y),
            1 => (-y, x),
            2 => (-x, -y),
            _ => (y, -x),
        };
        let vector = MapPos::from_tiles(x, y);
        (center.0 + vector.x * 7 / 10, center.1 + vector.y * 7 / 10)
    };
    let (pickup, drop) = (
        turned(inserter.pickup_position),
        turned(inserter.insert_position),
    );
    canvas.line(pickup, center, 34, INK, 150);
    canvas.line(center, drop, 34, INK, 90);
    // A ghost's arm points where it would drop.
    let hand = look.hand.map_or(drop, |hand| (hand.x, hand.y));
    canvas.line(center, hand, 66, INK, OPAQUE);
    canvas.line(center, hand, 40, color, OPAQUE);
    canvas.disc(hand, 44, INK, OPAQUE);
    canvas.disc(hand, 28, shade(color, 40), OPAQUE);
    canvas.disc(center, 40, shade(color, 30), OPAQUE);
}

fn draw_pole(canvas: &mut Canvas, bounds: Bounds, color: Color) {
    let (x, y) = middle(bounds);
    canvas.disc((x + 26, y + 36), 70, BLACK, 90);
    canvas.line((x - 84, y), (x + 84, y), 40, shade(color, -60), OPAQUE);
    canvas.disc((x, y), 62, INK, OPAQUE);
    canvas.disc((x, y), 46, color, OPAQUE);
    for side in [-84, 84] {
        canvas.disc((x + side, y), 28, [214, 132, 74], OPAQUE);
    }
}

/// Draws a machine without a picture of its own: a box with two letters, and an arrow if it has a direction.
fn draw_generic(canvas: &mut Canvas, look: &Look, bounds: Bounds, color: Color) {
    bevelled(canvas, bounds, 12, color);
    let facts = &vanilla()[look.prototype];
    let (x, y) = middle(bounds);
    if facts.is_rotatable {
        let (dx, dy) = look.direction.cardinal().steps();
        let reach_x = (bounds[2] - bounds[0]) / 2 - 20;
        let reach_y = (bounds[3] - bounds[1]) / 2 - 20;
        let tip = (x + dx * reach_x, y + dy * reach_y);
        let base = (tip.0 - dx * 60, tip.1 - dy * 60);
        let corners = [
            tip,
            (base.0 - dy * 60, base.1 + dx * 60),
            (base.0 + dy * 60, base.1 - dx * 60),
        ];
        canvas.polygon(&corners, INK, 200);
    }
    let label = initials(&facts.name);
    let scale = (canvas.tile_pixels() * ((bounds[2] - bounds[0]) / SUBTILES) / 24).clamp(1, 4);
    if canvas.tile_pixels() < 12 {
        return;
    }
    let (center_x, center_y) = canvas.pixel_at((x, y));
    let left = center_x - font::text_width(&label, scale) / 2;
    let top = center_y - 7 * scale / 2;
    if top + font::LETTER_HEIGHT * scale <= canvas.map_height() {
        font::text(canvas, left + 1, top + 1, scale, shade(color, 80), &label);
        font::text(canvas, left, top, scale, INK, &label);
    }
}

/// Gives the first letters of the first two words of a name, capitalised.
fn initials(name: &str) -> String {
    name.split('-')
        .filter_map(|word| word.chars().next())
        .take(2)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}
