//! The ground: tiles with a texture by place, shores, and resources as pebbles in the colour of the ore.

use super::nature::is_natural;
use super::palette::{Color, hash, mix, resource_color, shade, tile_color};
use super::raster::{Canvas, OPAQUE};
use crate::contract::codes::{self, TERRAIN_PAVED, TERRAIN_WATER};
use crate::sim::World;
use crate::sim::position::{SUBTILES, TileArea, TilePos};
use crate::sim::terrain::Resource;

/// Below this many pixels a tile, texture would be noise: tiles are plain.
pub(super) const MIN_DETAIL_PIXELS: i32 = 6;

const OUTSIDE: Color = [24, 24, 28];
const FOAM: Color = [196, 224, 232];
const MAP_BORDER: Color = [226, 92, 60];

/// Paints the ground of `area`, whose upper left tile is the canvas's.
pub(super) fn draw(canvas: &mut Canvas, world: &World, area: TileArea) {
    let is_detailed = canvas.tile_pixels() >= MIN_DETAIL_PIXELS;
    for tile in area.tiles() {
        let (col, row) = (tile.x - area.left, tile.y - area.top);
        let Some(id) = world.terrain.tile(tile) else {
            let checker = ((tile.x ^ tile.y) & 1) * 5;
            canvas.tile(col, row, shade(OUTSIDE, checker));
            continue;
        };
        let base = tile_color(id);
        let code = world.terrain.facts(tile).code;
        let jitter = (hash(tile.x, tile.y, 1) % 7) as i32 - 3;
        let checker = if code == TERRAIN_WATER {
            0
        } else {
            ((tile.x ^ tile.y) & 1) * 5 - 2
        };
        let color = shade(base, jitter + checker);
        canvas.tile(col, row, color);
        if is_detailed {
            match code {
                TERRAIN_WATER => draw_water(canvas, world, tile, color),
                TERRAIN_PAVED => draw_paving(canvas, tile, color),
                _ => draw_land(canvas, tile, color),
            }
        }
    }
    draw_map_border(canvas, world);
}

/// Paints the resources of `area` that no machine stands on.
pub(super) fn draw_resources(canvas: &mut Canvas, world: &World, area: TileArea) {
    for tile in area.tiles() {
        let look = world.look(tile);
        let is_covered = look
            .entity
            .is_some_and(|entity| !is_natural(entity.prototype()));
        if let Some(resource) = look.resource.filter(|_| !is_covered) {
            draw_resource(canvas, tile, resource);
        }
    }
}

/// Gives the box of 1/256 tiles `left, top, width, height` within a tile.
fn within(tile: TilePos, left: i32, top: i32, width: i32, height: i32) -> [i32; 4] {
    let (x, y) = (tile.x * SUBTILES + left, tile.y * SUBTILES + top);
    [x, y, x + width, y + height]
}

fn draw_land(canvas: &mut Canvas, tile: TilePos, color: Color) {
    for salt in 2..5 {
        let h = hash(tile.x, tile.y, salt);
        let (left, top) = ((h & 0xff) as i32, ((h >> 8) & 0xff) as i32);
        let lightness = if h & 0x1_0000 == 0 { 11 } else { -13 };
        let width = 30 + ((h >> 20) & 0x1f) as i32;
        canvas.rect(
            within(tile, left, top, width, 16),
            shade(color, lightness),
            OPAQUE,
        );
    }
    let h = hash(tile.x, tile.y, 9);
    if h.is_multiple_of(7) {
        // A tuft: three blades, so that walking shows against the ground.
        let (left, top) = (
            40 + ((h >> 8) & 0x7f) as i32,
            60 + ((h >> 16) & 0x7f) as i32,
        );
        let blade = shade(color, -26);
        for (dx, height) in [(0, 44), (26, 68), (52, 48)] {
            canvas.rect(
                within(tile, left + dx, top + 68 - height, 16, height),
                blade,
                OPAQUE,
            );
        }
    }
}

fn draw_water(canvas: &mut Canvas, world: &World, tile: TilePos, color: Color) {
    for salt in 2..4 {
        let h = hash(tile.x, tile.y, salt);
        if h.is_multiple_of(3) {
            continue;
        }
        let (left, top) = (((h >> 4) & 0x7f) as i32, 16 + ((h >> 12) & 0xbf) as i32);
        let width = 60 + ((h >> 20) & 0x3f) as i32;
        canvas.rect(within(tile, left, top, width, 14), shade(color, 16), OPAQUE);
    }
    let is_shore = |dx, dy| {
        let beside = tile.offset(dx, dy);
        world.terrain.tile(beside).is_some() && world.terrain.facts(beside).code != TERRAIN_WATER
    };
    for (depth, alpha) in [(72, 60), (34, 120)] {
        let sides = [
            ((0, -1), within(tile, 0, 0, SUBTILES, depth)),
            ((0, 1), within(tile, 0, SUBTILES - depth, SUBTILES, depth)),
            ((-1, 0), within(tile, 0, 0, depth, SUBTILES)),
            ((1, 0), within(tile, SUBTILES - depth, 0, depth, SUBTILES)),
        ];
        for ((dx, dy), bounds) in sides {
            if is_shore(dx, dy) {
                canvas.rect(bounds, FOAM, alpha);
            }
        }
    }
}

fn draw_paving(canvas: &mut Canvas, tile: TilePos, color: Color) {
    let (dark, light) = (shade(color, -16), shade(color, 14));
    canvas.rect(within(tile, 0, 0, SUBTILES, 16), light, OPAQUE);
    canvas.rect(within(tile, 0, SUBTILES - 16, SUBTILES, 16), dark, OPAQUE);
    canvas.rect(within(tile, SUBTILES - 16, 0, 16, SUBTILES), dark, OPAQUE);
    let joint = if tile.y & 1 == 0 { 128 } else { 64 };
    canvas.rect(within(tile, joint, 0, 16, SUBTILES), dark, 120);
}

fn draw_map_border(canvas: &mut Canvas, world: &World) {
    let map = world.terrain.area();
    if map.width == 0 {
        return;
    }
    let (left, top) = (map.left * SUBTILES, map.top * SUBTILES);
    let (right, bottom) = (left + map.width * SUBTILES, top + map.height * SUBTILES);
    let line = 32;
    for bounds in [
        [left - line, top - line, right + line, top],
        [left - line, bottom, right + line, bottom + line],
        [left - line, top, left, bottom],
        [right, top, right + line, bottom],
    ] {
        canvas.rect(bounds, MAP_BORDER, 170);
    }
}

fn draw_resource(canvas: &mut Canvas, tile: TilePos, resource: Resource) {
    /// Pebbles lie in cells of a 3 x 3 grid, in an order that steps through all of them.
    const CELLS: u32 = 9;
    let color = resource_color(resource.code);
    if canvas.tile_pixels() < MIN_DETAIL_PIXELS {
        canvas.rect(within(tile, 0, 0, SUBTILES, SUBTILES), color, 220);
        return;
    }
    if codes::RESOURCE_NAMES.get(usize::from(resource.code) - 1) == Some(&"crude-oil") {
        draw_oil(canvas, tile, color);
        return;
    }
    canvas.rect(
        within(tile, 0, 0, SUBTILES, SUBTILES),
        mix(color, [40, 36, 32], 90),
        74,
    );
    let n_pebbles = (1 + resource.amount.max(1).ilog2() * 5 / 8).min(CELLS);
    let seed = hash(tile.x, tile.y, 20);
    let step = [2, 4, 7][(seed >> 8) as usize % 3];
    for pebble in 0..n_pebbles {
        let cell = (seed + pebble * step) % CELLS;
        let h = hash(tile.x, tile.y, 21 + pebble);
        let left = (cell % 3) as i32 * 85 + (h & 0x1f) as i32 - 6;
        let top = (cell / 3) as i32 * 85 + ((h >> 5) & 0x1f) as i32 - 6;
        let (width, height) = (58 + ((h >> 10) & 0xf) as i32, 52 + ((h >> 14) & 0xf) as i32);
        let own = shade(color, ((h >> 18) % 25) as i32 - 12);
        canvas.rect(
            within(tile, left + 8, top + 14, width, height),
            shade(own, -80),
            170,
        );
        // A box without corners reads as a round stone.
        canvas.rect(
            within(tile, left + 16, top, width - 32, height),
            own,
            OPAQUE,
        );
        canvas.rect(
            within(tile, left, top + 16, width, height - 32),
            own,
            OPAQUE,
        );
        canvas.rect(
            within(tile, left + 16, top + 8, width - 40, 18),
            shade(own, 40),
            OPAQUE,
        );
    }
}

fn draw_oil(canvas: &mut Canvas, tile: TilePos, color: Color) {
    let center = tile.center();
    let (x, y) = (center.x, center.y);
    canvas.disc((x, y), 170, shade(color, -70), 120);
    canvas.disc((x, y), 120, shade(color, -40), OPAQUE);
    canvas.disc((x + 20, y + 16), 84, [34, 22, 42], OPAQUE);
    canvas.disc((x - 30, y - 36), 30, shade(color, 70), 200);
}
