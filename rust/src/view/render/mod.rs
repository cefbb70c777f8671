//! Pictures of a world, drawn from shapes: no sprites, no floats on the canvas, the same bytes on every machine.
//!
//! [`render_rgb`] paints, [`render_ansi`] and [`to_text`] write text. Both show the window of the local map unless told
//! otherwise; neither changes the world. What they say beside the world comes in a [`Hud`].
//!
//! - `raster`, `font`, `palette`: shapes, letters, colours
//! - `ground`, `nature`, `machines`, `marks`, `hud`: the layers of a picture, bottom to top
//! - `ansi`: text; `png`: files

mod ansi;
mod font;
mod ground;
mod hud;
mod machines;
mod marks;
mod nature;
mod palette;
mod png;
mod raster;

#[cfg(test)]
mod tests;

use crate::contract::observation::{CENTER_CELL, MAP_SIDE};
use crate::scenario::objective::Goal;
use crate::sim::World;
use crate::sim::position::{MapPos, SUBTILES, TileArea};
use crate::sim::terrain::MAX_MAP_SIDE;

pub use ansi::{map_text, render_ansi, to_text};
pub use hud::Hud;

use raster::Canvas;

/// The longest side of a picture in pixels, the strip below the map apart; tiles shrink to fit.
pub const MAX_IMAGE_SIDE: u32 = 4_096;
/// Pixels along one tile unless told otherwise.
pub const DEFAULT_TILE_PIXELS: u32 = 16;
/// The most pixels along one tile.
pub const MAX_TILE_PIXELS: u32 = 64;

/// A picture: rows from the top, three bytes (red, green, blue) a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

impl Image {
    /// Writes the picture as a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        png::encode(self)
    }

    /// Reads the pixel at column `x` and row `y`, if it is in the picture.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let start = (y as usize * self.width as usize + x as usize) * 3;
        self.rgb.get(start..start + 3)?.try_into().ok()
    }
}

/// Which tiles a picture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// The tiles of the local map, round the character.
    #[default]
    Character,
    /// All tiles of the map.
    WholeMap,
    /// These tiles, on the map or not; sides are cut to 1 to 2,048.
    Area(TileArea),
}

impl Window {
    /// Gives the tiles to show, at least one.
    pub fn tiles(self, world: &World) -> TileArea {
        /// Corners are kept this near to the origin, so that all arithmetic stays in range.
        const FARTHEST_TILE: i32 = 1 << 20;
        let center = world.character.position.tile();
        let around = TileArea {
            left: center.x - CENTER_CELL as i32,
            top: center.y - CENTER_CELL as i32,
            width: MAP_SIDE as i32,
            height: MAP_SIDE as i32,
        };
        let area = match self {
            Self::Character => around,
            Self::WholeMap => match world.terrain.area() {
                TileArea { width: 0, .. } => around,
                area => area,
            },
            Self::Area(area) => area,
        };
        TileArea {
            left: area.left.clamp(-FARTHEST_TILE, FARTHEST_TILE),
            top: area.top.clamp(-FARTHEST_TILE, FARTHEST_TILE),
            width: area.width.clamp(1, MAX_MAP_SIDE),
            height: area.height.clamp(1, MAX_MAP_SIDE),
        }
    }
}

/// How a picture is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    pub window: Window,
    /// Pixels along one tile, 1 to [`MAX_TILE_PIXELS`]; fewer where the picture would pass [`MAX_IMAGE_SIDE`].
    pub tile_pixels: u32,
    /// Whether the strip below the map and the lines over it are drawn.
    pub shows_hud: bool,
    /// Whether circles show how far the character reaches.
    pub shows_reach: bool,
    /// The way that the character has come, oldest first; empty for none.
    pub trail: Vec<MapPos>,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            window: Window::Character,
            tile_pixels: DEFAULT_TILE_PIXELS,
            shows_hud: true,
            shows_reach: true,
            trail: Vec::new(),
        }
    }
}

/// Gives the width and height in pixels of the picture that [`render_rgb`] would paint.
pub fn image_size(world: &World, options: &RenderOptions) -> (u32, u32) {
    let window = options.window.tiles(world);
    let side = tile_pixels(window, options) as u32;
    let strip = if options.shows_hud {
        hud::STRIP_HEIGHT as u32
    } else {
        0
    };
    (
        window.width as u32 * side,
        window.height as u32 * side + strip,
    )
}

fn tile_pixels(window: TileArea, options: &RenderOptions) -> i32 {
    let longest = window.width.max(window.height) as u32;
    let wanted = options.tile_pixels.clamp(1, MAX_TILE_PIXELS);
    wanted.min(MAX_IMAGE_SIDE / longest).max(1) as i32
}

/// Paints a world; the same arguments give the same bytes everywhere.
pub fn render_rgb(world: &World, goal: Option<&Goal>, hud: &Hud, options: &RenderOptions) -> Image {
    let window = options.window.tiles(world);
    let (width, height) = image_size(world, options);
    let side = tile_pixels(window, options);
    let map_height = window.height * side;
    let mut canvas = Canvas::new(
        width as i32,
        map_height,
        height as i32 - map_height,
        (window.left * SUBTILES, window.top * SUBTILES),
        side,
    );
    ground::draw(&mut canvas, world, window);
    ground::draw_resources(&mut canvas, world, window);
    if options.shows_reach {
        nature::draw_reach(&mut canvas, world);
    }
    nature::draw_trail(&mut canvas, &options.trail);
    if let Some(goal) = goal {
        marks::draw_goal_ground(&mut canvas, goal);
    }
    draw_things(&mut canvas, world, window);
    if let Some(goal) = goal {
        marks::draw_goal(&mut canvas, world, goal);
    }
    marks::draw_work(&mut canvas, world);
    if let Some(goal) = goal {
        marks::draw_way(&mut canvas, world, goal, window);
    }
    if options.shows_hud {
        hud::draw(&mut canvas, world, goal, hud);
    }
    Image {
        width,
        height,
        rgb: canvas.into_rgb(),
    }
}

/// Draws what stands in the window and near it, layer by layer, each from north to south.
fn draw_things(canvas: &mut Canvas, world: &World, window: TileArea) {
    /// Things this far outside still show: half the side of the largest machine.
    const MARGIN_TILES: i32 = 5;
    let around = TileArea {
        left: window.left - MARGIN_TILES,
        top: window.top - MARGIN_TILES,
        width: window.width + 2 * MARGIN_TILES,
        height: window.height + 2 * MARGIN_TILES,
    };
    let mut machines = Vec::new();
    let mut natural = Vec::new();
    for tile in around.tiles() {
        let look = world.look(tile);
        if let Some(ghost) = look.ghost.filter(|ghost| ghost.position.tile() == tile) {
            machines::draw_ghost(canvas, ghost);
        }
        if let Some(entity) = look.entity.filter(|entity| entity.position.tile() == tile) {
            if nature::is_natural(entity.prototype()) {
                natural.push(entity);
            } else {
                machines.push(entity);
            }
        }
    }
    for entity in &machines {
        machines::draw_machine(canvas, world, entity);
    }
    for entity in &machines {
        machines::draw_drop(canvas, entity);
    }
    for entity in &machines {
        machines::draw_state(canvas, world, entity);
    }
    for (position, stack) in world.ground.iter() {
        if around.contains(position.tile()) {
            nature::draw_pile(canvas, position, stack);
        }
    }
    // The character passes behind the crowns of trees that stand south of it.
    let character_y = world.character.position.y;
    let (behind, before): (Vec<_>, Vec<_>) = natural
        .into_iter()
        .partition(|entity| entity.position.y <= character_y);
    for entity in behind {
        nature::draw_natural(canvas, entity);
    }
    nature::draw_character(canvas, world);
    for entity in before {
        nature::draw_natural(canvas, entity);
    }
}

/// Converts a share to thousandths, cut to 0 to 1,000; what is not a number is 0.
fn per_mille(share: f64) -> i32 {
    (share * 1_000.0).clamp(0.0, 1_000.0) as i32
}
