//! A canvas with a few shapes, drawn with integers only so that every machine paints the same bytes.
//!
//! Shapes on the map are given in 1/256 tile, those of the strip below it in pixels. Edges are smoothed: boxes by the
//! exact share of a pixel that they cover, round and slanted shapes by 4 x 4 samples.

use std::ops::Range;

use super::palette::{Color, mix};

/// Full coverage, and the opaque alpha.
pub(super) const OPAQUE: u32 = 256;
/// Canvas units along one pixel.
const UNITS: i32 = 16;
/// Sample points along one pixel.
const SAMPLES: [i32; 4] = [2, 6, 10, 14];
/// Farther from its middle than this, no point of a pixel lies; half a diagonal, rounded up.
const HALF_PIXEL: i32 = 12;
/// Coordinates are cut off here, far outside any picture, so that products stay in range.
const MAX_UNIT: i64 = 1 << 22;

/// A point on the map in 1/256 tile.
pub(super) type Point = (i32, i32);

/// A box on the map in 1/256 tile: left, top, right, bottom; the right and bottom edge do not belong to it.
pub(super) type Bounds = [i32; 4];

/// An edge of a polygon in canvas units.
type Edge = ((i64, i64), (i64, i64));

/// What is known of a pixel from its middle alone.
enum Guess {
    Outside,
    Inside,
    /// Some of it may be inside.
    Edge,
}

/// What recolours shapes while it is set: ghosts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tint {
    pub color: Color,
    /// Share of the tint's colour in 1/256.
    pub share: u32,
    /// Factor on every alpha in 1/256.
    pub alpha: u32,
}

/// Pixels being painted, with the part of the map that they show.
#[derive(Debug)]
pub(super) struct Canvas {
    width: i32,
    /// Height of the part that shows the map; shapes on the map end here.
    map_height: i32,
    height: i32,
    /// Upper left corner of the picture on the map.
    origin: Point,
    tile_pixels: i32,
    pub tint: Option<Tint>,
    pixels: Vec<Color>,
}

impl Canvas {
    /// Makes a black canvas of `width` x (`map_height` + `strip_height`) pixels.
    pub(super) fn new(
        width: i32,
        map_height: i32,
        strip_height: i32,
        origin: Point,
        tile_pixels: i32,
    ) -> Self {
        let height = map_height + strip_height;
        Self {
            width,
            map_height,
            height,
            origin,
            tile_pixels,
            tint: None,
            pixels: vec![[0; 3]; (width * height) as usize],
        }
    }

    pub(super) fn width(&self) -> i32 {
        self.width
    }

    pub(super) fn map_height(&self) -> i32 {
        self.map_height
    }

    pub(super) fn tile_pixels(&self) -> i32 {
        self.tile_pixels
    }

    pub(super) fn into_rgb(self) -> Vec<u8> {
        self.pixels.into_flattened()
    }

    /// Gives the pixel that shows a point of the map; it may lie outside the picture.
    pub(super) fn pixel_at(&self, point: Point) -> Point {
        let (x, y) = self.unit(point);
        (x / UNITS, y / UNITS)
    }

    fn unit(&self, (x, y): Point) -> Point {
        let scaled = |value: i32, origin: i32| {
            let units = ((i64::from(value) - i64::from(origin)) * i64::from(self.tile_pixels)) >> 4;
            units.clamp(-MAX_UNIT, MAX_UNIT) as i32
        };
        (scaled(x, self.origin.0), scaled(y, self.origin.1))
    }

    fn length(&self, subtiles: i32) -> i32 {
        let units = (i64::from(subtiles) * i64::from(self.tile_pixels)) >> 4;
        units.clamp(0, MAX_UNIT) as i32
    }

    fn tinted(&self, color: Color, alpha: u32) -> (Color, u32) {
        match self.tint {
            Some(tint) => (
                mix(color, tint.color, tint.share),
                (alpha * tint.alpha) >> 8,
            ),
            None => (color, alpha),
        }
    }

    /// Borrows the pixels of a row between two columns, which must lie on the canvas.
    #[inline]
    fn row(&mut self, y: i32, cols: Range<i32>) -> &mut [Color] {
        let start = (y * self.width + cols.start) as usize;
        let end = (y * self.width + cols.end) as usize;
        &mut self.pixels[start..end]
    }

    /// Fills a box on the map.
    pub(super) fn rect(&mut self, [left, top, right, bottom]: Bounds, color: Color, alpha: u32) {
        let (color, alpha) = self.tinted(color, alpha);
        let (left, top) = self.unit((left, top));
        let (right, bottom) = self.unit((right, bottom));
        let rows = (top >> 4).max(0)..((bottom + 15) >> 4).min(self.map_height);
        let cols = (left >> 4).max(0)..((right + 15) >> 4).min(self.width);
        if cols.is_empty() {
            return;
        }
        for y in rows {
            let cover_y = (bottom.min((y + 1) * UNITS) - top.max(y * UNITS)).max(0) as u32;
            let row = self.row(y, cols.clone());
            let alpha_y = alpha * cover_y;
            // The first and the last column may be covered in part, those between are not.
            let cover_of =
                |x: i32| (right.min((x + 1) * UNITS) - left.max(x * UNITS)).max(0) as u32;
            match row {
                [] => {}
                [only] => blend(only, color, (alpha_y * cover_of(cols.start)) >> 8),
                [first, between @ .., last] => {
                    blend(first, color, (alpha_y * cover_of(cols.start)) >> 8);
                    blend_all(between, color, alpha_y >> 4);
                    blend(last, color, (alpha_y * cover_of(cols.end - 1)) >> 8);
                }
            }
        }
    }

    /// Fills whole tiles at once, without smoothing: the ground.
    pub(super) fn tile(&mut self, col: i32, row: i32, color: Color) {
        let side = self.tile_pixels;
        self.pixels(col * side, row * side, side, side, color, OPAQUE);
    }

    /// Fills a box of whole pixels.
    pub(super) fn pixels(
        &mut self,
        left: i32,
        top: i32,
        width: i32,
        height: i32,
        color: Color,
        alpha: u32,
    ) {
        let cols = left.max(0)..(left + width).min(self.width);
        if cols.is_empty() {
            return;
        }
        for y in top.max(0)..(top + height).min(self.height) {
            blend_all(self.row(y, cols.clone()), color, alpha);
        }
    }

    /// Fills a disc on the map.
    pub(super) fn disc(&mut self, center: Point, radius: i32, color: Color, alpha: u32) {
        self.annulus(center, 0, radius, color, alpha);
    }

    /// Draws a circle of a given line width on the map.
    pub(super) fn ring(
        &mut self,
        center: Point,
        radius: i32,
        line_width: i32,
        color: Color,
        alpha: u32,
    ) {
        let inner = (radius - line_width / 2).max(1);
        self.annulus(center, inner, radius + line_width / 2, color, alpha);
    }

    fn annulus(&mut self, center: Point, inner: i32, outer: i32, color: Color, alpha: u32) {
        let (center_x, center_y) = self.unit(center);
        let (inner, outer) = (self.length(inner), self.length(outer));
        let square = |value: i32| i64::from(value.max(0)) * i64::from(value.max(0));
        let squared_distance = |x: i32, y: i32| {
            let (dx, dy) = (i64::from(x - center_x), i64::from(y - center_y));
            dx * dx + dy * dy
        };
        let is_inside = |x: i32, y: i32| {
            let squared = squared_distance(x, y);
            squared <= square(outer) && squared >= square(inner)
        };
        let (may_start, may_end) = (square(inner - HALF_PIXEL), square(outer + HALF_PIXEL));
        let must_end = square(outer - HALF_PIXEL);
        let must_start = match inner {
            0 => 0,
            inner => square(inner + HALF_PIXEL),
        };
        let guess = |x: i32, y: i32| {
            let squared = squared_distance(x, y);
            if squared > may_end || squared < may_start {
                Guess::Outside
            } else if squared < must_end && squared >= must_start {
                Guess::Inside
            } else {
                Guess::Edge
            }
        };
        let bounds = [
            center_x - outer,
            center_y - outer,
            center_x + outer,
            center_y + outer,
        ];
        self.sampled(bounds, color, alpha, guess, is_inside);
    }

    /// Fills a convex polygon on the map; its corners may go round either way.
    pub(super) fn polygon(&mut self, corners: &[Point], color: Color, alpha: u32) {
        const MAX_CORNERS: usize = 8;
        debug_assert!(
            (3..=MAX_CORNERS).contains(&corners.len()),
            "a polygon has 3 to 8 corners"
        );
        let mut points = [(0_i64, 0_i64); MAX_CORNERS];
        let n_points = corners.len().min(MAX_CORNERS);
        for (point, corner) in points.iter_mut().zip(corners) {
            let (x, y) = self.unit(*corner);
            *point = (i64::from(x), i64::from(y));
        }
        let points = &points[..n_points];
        let edges = || (0..n_points).map(|index| (points[index], points[(index + 1) % n_points]));
        // Twice the area, signed: positive if the corners go round clockwise on the screen.
        let area: i64 = edges().map(|((ax, ay), (bx, by))| ax * by - bx * ay).sum();
        let turn = if area < 0 { -1 } else { 1 };
        let side = |x: i32, y: i32, ((ax, ay), (bx, by)): Edge| {
            turn * ((bx - ax) * (i64::from(y) - ay) - (by - ay) * (i64::from(x) - ax))
        };
        let is_inside = |x: i32, y: i32| edges().all(|edge| side(x, y, edge) >= 0);
        let guess = |x: i32, y: i32| {
            let mut guess = Guess::Inside;
            for edge in edges() {
                let ((ax, ay), (bx, by)) = edge;
                let reach = ((bx - ax).abs() + (by - ay).abs()) * i64::from(UNITS / 2);
                let value = side(x, y, edge);
                if value < -reach {
                    return Guess::Outside;
                }
                if value < reach {
                    guess = Guess::Edge;
                }
            }
            guess
        };
        let mut bounds = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
        for &(x, y) in points {
            let (x, y) = (x as i32, y as i32);
            bounds = [
                bounds[0].min(x),
                bounds[1].min(y),
                bounds[2].max(x),
                bounds[3].max(y),
            ];
        }
        self.sampled(bounds, color, alpha, guess, is_inside);
    }

    /// Draws a straight line with round ends on the map.
    pub(super) fn line(
        &mut self,
        from: Point,
        to: Point,
        line_width: i32,
        color: Color,
        alpha: u32,
    ) {
        let (ax, ay) = self.unit(from);
        let (bx, by) = self.unit(to);
        let radius = self.length(line_width) / 2;
        let (dx, dy) = (i64::from(bx - ax), i64::from(by - ay));
        let length_squared = dx * dx + dy * dy;
        let radius_squared = i64::from(radius) * i64::from(radius);
        // Multiplied by the length squared, so that no root is needed.
        let is_within = |x: i32, y: i32, squared: i64| {
            let (px, py) = (i64::from(x - ax), i64::from(y - ay));
            let along = px * dx + py * dy;
            if along <= 0 {
                return px * px + py * py <= squared;
            }
            if along >= length_squared {
                let (qx, qy) = (i64::from(x - bx), i64::from(y - by));
                return qx * qx + qy * qy <= squared;
            }
            let across = px * dy - py * dx;
            match (
                across.checked_mul(across),
                squared.checked_mul(length_squared),
            ) {
                (Some(left), Some(right)) => left <= right,
                _ => i128::from(across).pow(2) <= i128::from(squared) * i128::from(length_squared),
            }
        };
        let is_inside = |x: i32, y: i32| is_within(x, y, radius_squared);
        let square = |value: i32| i64::from(value.max(0)) * i64::from(value.max(0));
        let (outer, inner) = (square(radius + HALF_PIXEL), square(radius - HALF_PIXEL));
        let guess = |x: i32, y: i32| {
            if !is_within(x, y, outer) {
                Guess::Outside
            } else if radius > HALF_PIXEL && is_within(x, y, inner) {
                Guess::Inside
            } else {
                Guess::Edge
            }
        };
        let bounds = [
            ax.min(bx) - radius,
            ay.min(by) - radius,
            ax.max(bx) + radius,
            ay.max(by) + radius,
        ];
        self.sampled(bounds, color, alpha, guess, is_inside);
    }

    /// Paints a shape: `guess` judges a pixel by its middle, `is_inside` single points.
    fn sampled(
        &mut self,
        [left, top, right, bottom]: Bounds,
        color: Color,
        alpha: u32,
        guess: impl Fn(i32, i32) -> Guess,
        is_inside: impl Fn(i32, i32) -> bool,
    ) {
        let (color, alpha) = self.tinted(color, alpha);
        let cols = (left >> 4).max(0)..((right >> 4) + 1).min(self.width);
        if cols.is_empty() {
            return;
        }
        for y in (top >> 4).max(0)..((bottom >> 4) + 1).min(self.map_height) {
            let row = self.row(y, cols.clone());
            for (x, pixel) in cols.clone().zip(row) {
                let cover = match guess(x * UNITS + UNITS / 2, y * UNITS + UNITS / 2) {
                    Guess::Outside => continue,
                    Guess::Inside => OPAQUE,
                    Guess::Edge => coverage(x, y, &is_inside),
                };
                blend(pixel, color, (alpha * cover) >> 8);
            }
        }
    }
}

#[inline]
fn blend(pixel: &mut Color, color: Color, alpha: u32) {
    *pixel = if alpha >= OPAQUE {
        color
    } else {
        mix(*pixel, color, alpha)
    };
}

#[inline]
fn blend_all(pixels: &mut [Color], color: Color, alpha: u32) {
    if alpha >= OPAQUE {
        pixels.fill(color);
    } else {
        for pixel in pixels {
            *pixel = mix(*pixel, color, alpha);
        }
    }
}

/// Counts the sample points of a pixel that are inside, as coverage in 1/256.
#[inline]
fn coverage(x: i32, y: i32, is_inside: impl Fn(i32, i32) -> bool) -> u32 {
    let mut n_inside = 0;
    for dy in SAMPLES {
        for dx in SAMPLES {
            n_inside += u32::from(is_inside(x * UNITS + dx, y * UNITS + dy));
        }
    }
    n_inside * OPAQUE / (SAMPLES.len() * SAMPLES.len()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: Color = [255; 3];

    fn canvas() -> Canvas {
        Canvas::new(32, 32, 0, (0, 0), 16)
    }

    fn red(canvas: &Canvas, x: i32, y: i32) -> u8 {
        canvas.pixels[(y * canvas.width + x) as usize][0]
    }

    #[test]
    fn a_box_covers_border_pixels_by_their_share() {
        let mut canvas = canvas();
        canvas.rect([8, 0, 32, 16], WHITE, OPAQUE);
        assert_eq!(
            [red(&canvas, 0, 0), red(&canvas, 1, 0), red(&canvas, 2, 0)],
            [127, 255, 0]
        );
        assert_eq!(red(&canvas, 0, 1), 0);
    }

    #[test]
    fn a_disc_is_full_inside_smooth_at_its_edge_and_symmetric() {
        let mut canvas = canvas();
        canvas.disc((256, 256), 100, WHITE, OPAQUE);
        assert_eq!(red(&canvas, 16, 16), 255);
        assert_eq!(red(&canvas, 16, 24), 0);
        let edge = red(&canvas, 16, 22);
        assert!(edge > 0 && edge < 255, "the edge is smoothed, not {edge}");
        for y in 0..32 {
            for x in 0..32 {
                assert_eq!(red(&canvas, x, y), red(&canvas, 31 - x, y));
                assert_eq!(red(&canvas, x, y), red(&canvas, y, x));
            }
        }
    }

    #[test]
    fn polygons_do_not_care_which_way_round() {
        let (mut one, mut other) = (canvas(), canvas());
        one.polygon(&[(20, 20), (400, 60), (200, 450)], WHITE, OPAQUE);
        other.polygon(&[(200, 450), (400, 60), (20, 20)], WHITE, OPAQUE);
        assert_eq!(one.pixels, other.pixels);
        assert_eq!(red(&one, 12, 10), 255);
    }

    #[test]
    fn shapes_far_outside_leave_the_picture_alone() {
        let mut canvas = canvas();
        let far = 1 << 29;
        canvas.disc((far, -far), 4_000, WHITE, OPAQUE);
        canvas.line((-far, -far), (-far, far), 30, WHITE, OPAQUE);
        canvas.rect([far, far, far + 256, far + 256], WHITE, OPAQUE);
        canvas.polygon(&[(far, 0), (far, 256), (far + 100, 9)], WHITE, OPAQUE);
        canvas.pixels(-50, -50, 20, 20, WHITE, OPAQUE);
        assert!(canvas.pixels.iter().all(|pixel| *pixel == [0; 3]));
    }
}
