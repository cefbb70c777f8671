//! Trees, rocks, items on the ground and the character.

use super::palette::{BLACK, Color, INK, WHITE, hash, item_color, mix, resource_color, shade};
use super::raster::{Canvas, OPAQUE};
use crate::contract::codes::RESOURCE_ROCK;
use crate::prototypes::{EntityKind, EntityPrototype, vanilla};
use crate::sim::World;
use crate::sim::entity::Entity;
use crate::sim::inventory::ItemStack;
use crate::sim::position::{Direction, MapPos};

/// Greens of canopies, chosen by place.
const LEAVES: [Color; 4] = [[52, 106, 40], [62, 118, 44], [44, 96, 46], [74, 120, 42]];

/// Draws a tree: a canopy with lobes, or bare branches if it is dead.
fn draw_tree(canvas: &mut Canvas, tree: &Entity) {
    let (x, y) = (tree.position.x, tree.position.y);
    let h = hash(x, y, 40);
    let name = tree.prototype().name.as_str();
    if name.contains("dead") || name.contains("dry") {
        return draw_branches(canvas, x, y, h);
    }
    let mut leaves = LEAVES[h as usize % LEAVES.len()];
    if name.ends_with("red") {
        leaves = [136, 74, 44];
    } else if name.ends_with("brown") {
        leaves = [126, 100, 46];
    }
    let size = 172 + ((h >> 4) & 31) as i32;
    canvas.disc((x + 44, y + 60), size, BLACK, 80);
    canvas.disc((x, y), size, shade(leaves, -34), OPAQUE);
    for lobe in 0..3 {
        let turn = ((h >> 10) + lobe * 4) as usize;
        let (dx, dy) = clock(turn, size * 88 / 256);
        let own = shade(
            leaves,
            ((h >> (12 + 4 * lobe)) & 15) as i32 - 10 + lobe as i32 * 5,
        );
        canvas.disc((x + dx - 6, y + dy - 8), size * 130 / 256, own, OPAQUE);
    }
    canvas.disc((x - 36, y - 42), size * 92 / 256, shade(leaves, 24), OPAQUE);
    canvas.disc((x - 48, y - 56), size * 44 / 256, shade(leaves, 46), OPAQUE);
}

fn draw_branches(canvas: &mut Canvas, x: i32, y: i32, h: u32) {
    let bark = [112, 88, 64];
    canvas.disc((x + 30, y + 40), 110, BLACK, 50);
    for branch in 0..5 {
        let (dx, dy) = clock(((h >> 3) + branch * 5) as usize, 150);
        canvas.line((x, y), (x + dx, y + dy), 34, shade(bark, -30), OPAQUE);
        canvas.line((x, y), (x + dx, y + dy), 18, shade(bark, 16), OPAQUE);
    }
    canvas.disc((x, y), 44, bark, OPAQUE);
}

/// Gives the point at `radius` in one of twelve directions, as on a clock face.
pub(super) fn clock(hour: usize, radius: i32) -> (i32, i32) {
    const SINES: [i32; 12] = [0, 128, 222, 256, 222, 128, 0, -128, -222, -256, -222, -128];
    let (sine, cosine) = (SINES[hour % 12], SINES[(hour + 3) % 12]);
    (radius * sine / 256, -radius * cosine / 256)
}

/// Draws a rock as large as its body.
fn draw_rock(canvas: &mut Canvas, rock: &Entity) {
    let body = rock.collision_box();
    let (x, y) = (rock.position.x, rock.position.y);
    let half_width = ((body.right - body.left) / 2).max(100) + 24;
    let half_height = ((body.bottom - body.top) / 2).max(90) + 20;
    let color = resource_color(RESOURCE_ROCK);
    let outline = |grown: i32, dx: i32, dy: i32| {
        [
            (-10, -4),
            (-6, -10),
            (4, -10),
            (10, -3),
            (8, 7),
            (-1, 10),
            (-9, 6),
        ]
        .map(|(px, py)| {
            (
                x + dx + px * (half_width + grown) / 10,
                y + dy + py * (half_height + grown) / 10,
            )
        })
    };
    canvas.polygon(&outline(12, 34, 44), BLACK, 80);
    canvas.polygon(&outline(12, 0, 0), shade(color, -62), OPAQUE);
    canvas.polygon(&outline(-12, 0, 0), color, OPAQUE);
    let facet = [(-9, -4), (-5, -9), (3, -9), (1, -2), (-6, 1)]
        .map(|(px, py)| (x + px * half_width / 11, y + py * half_height / 11));
    canvas.polygon(&facet, shade(color, 34), OPAQUE);
    let crack = |px: i32, py: i32| (x + px * half_width / 11, y + py * half_height / 11);
    canvas.line(crack(1, -2), crack(4, 7), 18, shade(color, -40), OPAQUE);
    canvas.line(crack(1, -2), crack(9, -2), 18, shade(color, -30), OPAQUE);
}

/// Draws a pile of items on the ground.
pub(super) fn draw_pile(canvas: &mut Canvas, position: MapPos, stack: ItemStack) {
    let (x, y) = (position.x, position.y);
    canvas.disc((x + 10, y + 16), 56, BLACK, 90);
    canvas.disc((x, y), 56, INK, OPAQUE);
    canvas.disc((x, y), 42, item_color(stack.item), OPAQUE);
    canvas.disc((x - 12, y - 14), 14, WHITE, 120);
}

/// Draws how far the character reaches: faintly what it can use, more faintly what it can mine by hand.
pub(super) fn draw_reach(canvas: &mut Canvas, world: &World) {
    let facts = vanilla().character();
    let at = (world.character.position.x, world.character.position.y);
    let subtiles = |tiles: f64| (tiles * 256.0) as i32;
    canvas.disc(at, subtiles(facts.reach_resource_distance), WHITE, 16);
    canvas.ring(at, subtiles(facts.reach_resource_distance), 18, WHITE, 70);
    canvas.ring(at, subtiles(facts.reach_distance), 22, WHITE, 46);
}

/// Draws the way that the character has come.
pub(super) fn draw_trail(canvas: &mut Canvas, trail: &[MapPos]) {
    for pair in trail.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        canvas.line((from.x, from.y), (to.x, to.y), 40, [255, 236, 170], 90);
    }
}

/// Draws the character: shoulders, head with a visor, and a wedge that shows where it looks.
pub(super) fn draw_character(canvas: &mut Canvas, world: &World) {
    let character = &world.character;
    let (x, y) = (character.position.x, character.position.y);
    let (forward_x, forward_y) = unit_vector(character.facing);
    let along = |forward: i32, right: i32| {
        (
            x + (forward_x * forward - forward_y * right) / 256,
            y + (forward_y * forward + forward_x * right) / 256,
        )
    };
    let suit = if character.is_alive() {
        [240, 134, 38]
    } else {
        [128, 122, 118]
    };
    canvas.disc((x + 30, y + 46), 158, BLACK, 100);
    if character.is_alive() {
        let rim = [along(312, 0), along(120, 138), along(120, -138)];
        let wedge = [along(276, 0), along(132, 98), along(132, -98)];
        canvas.polygon(&rim, INK, OPAQUE);
        canvas.polygon(&wedge, WHITE, OPAQUE);
    }
    for (radius, color) in [(150, INK), (130, suit)] {
        canvas.disc(along(0, 0), radius, color, OPAQUE);
    }
    // A stride shows in the arms: one forward, one back, in turns.
    let swing = match (character.walking, world.tick / 8 % 2) {
        (None, _) => 0,
        (Some(_), 0) => 54,
        (Some(_), _) => -54,
    };
    for (side, forward) in [(108, swing), (-108, -swing)] {
        canvas.disc(along(forward, side), 62, INK, OPAQUE);
        canvas.disc(along(forward, side), 46, shade(suit, -34), OPAQUE);
    }
    canvas.disc(along(-66, 0), 70, shade(suit, -76), OPAQUE);
    canvas.disc(along(18, 0), 88, INK, OPAQUE);
    canvas.disc(along(18, 0), 72, mix(suit, WHITE, 150), OPAQUE);
    canvas.disc(along(48, 0), 38, [70, 190, 214], OPAQUE);
}

fn unit_vector(direction: Direction) -> (i32, i32) {
    let (dx, dy) = direction.steps();
    let length = if direction.is_diagonal() { 181 } else { 256 };
    (dx * length, dy * length)
}

/// Says whether a prototype is drawn here rather than as a machine.
pub(super) fn is_natural(prototype: &EntityPrototype) -> bool {
    prototype.kind == EntityKind::Tree || prototype.is_rock
}

/// Draws a tree or a rock.
pub(super) fn draw_natural(canvas: &mut Canvas, entity: &Entity) {
    if entity.prototype().kind == EntityKind::Tree {
        draw_tree(canvas, entity);
    } else {
        draw_rock(canvas, entity);
    }
}
