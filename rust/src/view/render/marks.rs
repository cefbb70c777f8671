//! Marks that are no part of the world: the objective, the way to it, what is being mined and crafted.

use super::font;
use super::machines::{bounds_of, frame};
use super::palette::{BLACK, Color, GREEN, INK, RED, WHITE, YELLOW, shade};
use super::raster::{Bounds, Canvas, OPAQUE, Point};
use crate::scenario::objective::Goal;
use crate::sim::World;
use crate::sim::entity::Target;
use crate::sim::position::{MapPos, SUBTILES, TileArea, TilePos};

/// Positions of goals are cut off here, beyond any map, so that sums of them stay in range.
const FARTHEST: i32 = 1 << 28;

fn tamed(position: MapPos) -> Point {
    (
        position.x.clamp(-FARTHEST, FARTHEST),
        position.y.clamp(-FARTHEST, FARTHEST),
    )
}

/// Draws what lies under things: the ring of the waypoint.
pub(super) fn draw_goal_ground(canvas: &mut Canvas, goal: &Goal) {
    let Goal::ReachWaypoint {
        position,
        radius_subtiles,
    } = goal
    else {
        return;
    };
    let at = tamed(*position);
    let radius = (*radius_subtiles).clamp(96, FARTHEST);
    canvas.disc(at, radius, YELLOW, 46);
    canvas.ring(at, radius, 34, INK, 150);
    canvas.ring(at, radius, 20, YELLOW, OPAQUE);
    canvas.ring(at, radius * 5 / 9, 16, YELLOW, 150);
}

/// Draws the objective over things: the flag of the waypoint, or corners round the place that is wanted now.
pub(super) fn draw_goal(canvas: &mut Canvas, world: &World, goal: &Goal) {
    let Some(site) = goal.site(world) else {
        return;
    };
    let (x, y) = tamed(site);
    match goal {
        Goal::ReachWaypoint { .. } => draw_flag(canvas, x, y),
        Goal::BuildBlueprint { wanted } => {
            if let Some(wanted) = wanted.iter().find(|wanted| wanted.position == site) {
                let bounds = bounds_of(wanted.prototype, MapPos::new(x, y), wanted.direction);
                draw_corners(canvas, grown(bounds, 40), YELLOW);
            }
        }
        Goal::MineItems { .. } | Goal::OptimizeProduction { .. } | Goal::FreePlay => {
            canvas.polygon(
                &[(x, y - 40), (x - 74, y - 190), (x + 74, y - 190)],
                INK,
                OPAQUE,
            );
            canvas.polygon(
                &[(x, y - 74), (x - 46, y - 172), (x + 46, y - 172)],
                YELLOW,
                OPAQUE,
            );
        }
    }
}

fn draw_flag(canvas: &mut Canvas, x: i32, y: i32) {
    canvas.disc((x + 10, y + 10), 54, BLACK, 90);
    canvas.line((x, y), (x, y - 330), 54, INK, OPAQUE);
    canvas.polygon(
        &[(x - 8, y - 362), (x + 262, y - 250), (x - 8, y - 138)],
        INK,
        OPAQUE,
    );
    canvas.polygon(
        &[(x, y - 334), (x + 212, y - 250), (x, y - 166)],
        RED,
        OPAQUE,
    );
    canvas.polygon(
        &[(x, y - 334), (x + 212, y - 250), (x, y - 250)],
        shade(RED, 40),
        OPAQUE,
    );
    canvas.line((x, y), (x, y - 330), 26, WHITE, OPAQUE);
    canvas.disc((x, y), 36, YELLOW, OPAQUE);
}

fn grown([left, top, right, bottom]: Bounds, by: i32) -> Bounds {
    [left - by, top - by, right + by, bottom + by]
}

/// Draws the four corners of a box, as the game marks a selection.
fn draw_corners(canvas: &mut Canvas, bounds: Bounds, color: Color) {
    for (bounds, line, color) in [(grown(bounds, 10), 48, INK), (bounds, 28, color)] {
        let [left, top, right, bottom] = bounds;
        let arm = ((right - left).min(bottom - top) / 4).max(60) + line / 2;
        for (x, to_x) in [(left, left + arm), (right - arm, right)] {
            canvas.rect([x, top, to_x, top + line], color, OPAQUE);
            canvas.rect([x, bottom - line, to_x, bottom], color, OPAQUE);
        }
        for (y, to_y) in [(top, top + arm), (bottom - arm, bottom)] {
            canvas.rect([left, y, left + line, to_y], color, OPAQUE);
            canvas.rect([right - line, y, right, to_y], color, OPAQUE);
        }
    }
}

/// Draws an arrow at the window's border towards the objective's site, with the distance in tiles, if it is out of view.
pub(super) fn draw_way(canvas: &mut Canvas, world: &World, goal: &Goal, window: TileArea) {
    /// Distance of the arrow's tip from the border.
    const MARGIN: i64 = 60;
    const LENGTH: i32 = 330;
    let Some(site) = goal.site(world) else {
        return;
    };
    if window.contains(site.tile()) {
        return;
    }
    let center = window.center();
    let (site_x, site_y) = tamed(site);
    let (dx, dy) = (i64::from(site_x - center.x), i64::from(site_y - center.y));
    let half_width = (i64::from(window.width) * 128 - MARGIN).max(1);
    let half_height = (i64::from(window.height) * 128 - MARGIN).max(1);
    let (tip_x, tip_y) = if dx.abs() * half_height > dy.abs() * half_width {
        (half_width * dx.signum(), dy * half_width / dx.abs().max(1))
    } else {
        (
            dx * half_height / dy.abs().max(1),
            half_height * dy.signum(),
        )
    };
    let length = ((dx * dx + dy * dy) as u64).isqrt().max(1) as i64;
    let (forward_x, forward_y) = ((dx * 256 / length) as i32, (dy * 256 / length) as i32);
    let tip = (center.x + tip_x as i32, center.y + tip_y as i32);
    let along = |back: i32, side: i32| {
        (
            tip.0 - (forward_x * back + forward_y * side) / 256,
            tip.1 - (forward_y * back - forward_x * side) / 256,
        )
    };
    let rim = [
        along(-50, 0),
        along(LENGTH + 24, 230),
        along(LENGTH - 70, 0),
        along(LENGTH + 24, -230),
    ];
    // The notch makes the arrow hollow at the back, so it is drawn as two halves.
    canvas.polygon(&[rim[0], rim[1], rim[2]], INK, OPAQUE);
    canvas.polygon(&[rim[0], rim[2], rim[3]], INK, OPAQUE);
    let body = [
        along(0, 0),
        along(LENGTH - 14, 176),
        along(LENGTH - 100, 0),
        along(LENGTH - 14, -176),
    ];
    canvas.polygon(&[body[0], body[1], body[2]], YELLOW, OPAQUE);
    canvas.polygon(&[body[0], body[2], body[3]], shade(YELLOW, -40), OPAQUE);
    let from = world.character.position;
    let tiles = (site.distance_squared(from) as u64).isqrt() / SUBTILES as u64;
    draw_label(canvas, along(LENGTH + 260, 0), &format!("{tiles}"));
}

/// Writes a small label centred on a point of the map, kept on the picture.
fn draw_label(canvas: &mut Canvas, center: Point, label: &str) {
    let (x, y) = canvas.pixel_at(center);
    let width = font::text_width(label, 1);
    let left = (x - width / 2).clamp(3, (canvas.width() - width - 3).max(3));
    let top = (y - 3).clamp(3, (canvas.map_height() - font::LETTER_HEIGHT - 3).max(3));
    if top + font::LETTER_HEIGHT > canvas.map_height() {
        return;
    }
    canvas.pixels(left - 3, top - 3, width + 6, 13, INK, 190);
    font::text(canvas, left, top, 1, YELLOW, label);
}

/// Draws a selection and a bar over what is mined, and a bar under the character while it crafts.
pub(super) fn draw_work(canvas: &mut Canvas, world: &World) {
    let character = &world.character;
    if let Some(mining) = character.mining.filter(|_| character.is_mining)
        && let Some(bounds) = target_bounds(world, mining.target)
    {
        draw_corners(canvas, grown(bounds, 10), YELLOW);
        let [left, top, right, _] = bounds;
        let center = i32::midpoint(left, right);
        draw_bar(canvas, (center, top - 70), world.mining_progress(), YELLOW);
    }
    if !character.crafting.is_empty() {
        let at = (character.position.x, character.position.y + 210);
        draw_bar(canvas, at, world.crafting_progress(), [96, 200, 255]);
    }
}

fn target_bounds(world: &World, target: Target) -> Option<Bounds> {
    let tile_bounds = |tile: TilePos| {
        let (left, top) = (tile.x * SUBTILES, tile.y * SUBTILES);
        [left, top, left + SUBTILES, top + SUBTILES]
    };
    match target {
        Target::Entity(reference) => {
            let entity = world.entity(reference)?;
            Some(bounds_of(
                entity.prototype,
                entity.position,
                entity.direction,
            ))
        }
        Target::Ghost(reference) => {
            let ghost = world.ghost(reference)?;
            Some(bounds_of(ghost.prototype, ghost.position, ghost.direction))
        }
        Target::Pile(position) => Some([
            position.x - 80,
            position.y - 80,
            position.x + 80,
            position.y + 80,
        ]),
        Target::Resource(tile) => Some(tile_bounds(tile)),
    }
}

fn draw_bar(canvas: &mut Canvas, (x, y): Point, share: f64, color: Color) {
    const HALF_WIDTH: i32 = 200;
    let bounds = [x - HALF_WIDTH, y - 40, x + HALF_WIDTH, y + 40];
    canvas.rect(bounds, INK, OPAQUE);
    frame(canvas, bounds, 16, BLACK, OPAQUE);
    let full = 2 * (HALF_WIDTH - 18);
    let done = super::per_mille(share) * full / 1_000;
    let left = x - HALF_WIDTH + 18;
    canvas.rect([left, y - 22, left + full, y + 22], [84, 84, 88], OPAQUE);
    let color = if share >= 1.0 { GREEN } else { color };
    canvas.rect([left, y - 22, left + done, y + 22], color, OPAQUE);
}
