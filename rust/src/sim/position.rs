//! Positions and boxes: map positions are fixed point in 1/256 tile, as in the game; y grows to the south.

use serde::{Deserialize, Serialize};

use crate::prototypes::SubtileBox;

/// Subtiles along one tile.
pub const SUBTILES: i32 = 256;

/// A position on the map, in 1/256 tile.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct MapPos {
    pub x: i32,
    pub y: i32,
}

/// A tile of the map.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct TilePos {
    pub x: i32,
    pub y: i32,
}

impl MapPos {
    /// Makes a position from 1/256 tiles.
    pub const fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }

    /// Makes a position from tiles, truncated toward zero to the grid as the game does.
    pub fn from_tiles(x: f64, y: f64) -> Self {
        Self {
            x: (x * f64::from(SUBTILES)) as i32,
            y: (y * f64::from(SUBTILES)) as i32,
        }
    }

    /// Gives the tile that the position lies on.
    pub const fn tile(self) -> TilePos {
        TilePos {
            x: self.x >> 8,
            y: self.y >> 8,
        }
    }

    /// Gives the position moved by `(dx, dy)` in 1/256 tile.
    #[must_use]
    pub const fn offset(self, dx: i32, dy: i32) -> Self {
        Self {
            x: self.x + dx,
            y: self.y + dy,
        }
    }

    /// Gives the squared distance to `other`, in squares of 1/256 tile.
    pub const fn distance_squared(self, other: Self) -> i64 {
        let dx = (self.x - other.x) as i64;
        let dy = (self.y - other.y) as i64;
        dx * dx + dy * dy
    }
}

impl TilePos {
    /// Makes a tile position.
    pub const fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }

    /// Gives the centre of the tile.
    pub const fn center(self) -> MapPos {
        MapPos {
            x: self.x * SUBTILES + SUBTILES / 2,
            y: self.y * SUBTILES + SUBTILES / 2,
        }
    }

    /// Gives the tile moved by `(dx, dy)` tiles.
    #[must_use]
    pub const fn offset(self, dx: i32, dy: i32) -> Self {
        Self {
            x: self.x + dx,
            y: self.y + dy,
        }
    }
}

/// A box in 1/256 tile; its edges belong to it, so boxes that touch overlap (measured on 2.0.60, see `docs/fidelity.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rect {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Rect {
    /// Places `shape` around `center`, turned by `quarter_turns` clockwise.
    pub const fn around(center: MapPos, shape: SubtileBox, quarter_turns: u8) -> Self {
        let (left, top, right, bottom) = match quarter_turns % 4 {
            0 => (shape.left, shape.top, shape.right, shape.bottom),
            1 => (-shape.bottom, shape.left, -shape.top, shape.right),
            2 => (-shape.right, -shape.bottom, -shape.left, -shape.top),
            _ => (shape.top, -shape.right, shape.bottom, -shape.left),
        };
        Self {
            left: center.x + left,
            top: center.y + top,
            right: center.x + right,
            bottom: center.y + bottom,
        }
    }

    /// Says whether the boxes overlap or touch.
    pub const fn touches(&self, other: &Self) -> bool {
        self.left <= other.right
            && other.left <= self.right
            && self.top <= other.bottom
            && other.top <= self.bottom
    }

    /// Gives the squared distance from `point` to the nearest point of the box; 0 inside.
    pub const fn distance_squared(&self, point: MapPos) -> i64 {
        let dx = distance_to_interval(point.x, self.left, self.right) as i64;
        let dy = distance_to_interval(point.y, self.top, self.bottom) as i64;
        dx * dx + dy * dy
    }

    /// Says whether `point` lies in the box.
    pub const fn contains(&self, point: MapPos) -> bool {
        self.left <= point.x
            && point.x <= self.right
            && self.top <= point.y
            && point.y <= self.bottom
    }
}

const fn distance_to_interval(value: i32, low: i32, high: i32) -> i32 {
    if value < low {
        low - value
    } else if value > high {
        value - high
    } else {
        0
    }
}

/// A rectangle of whole tiles: `left..left + width`, `top..top + height`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileArea {
    pub left: i32,
    pub top: i32,
    pub width: i32,
    pub height: i32,
}

impl TileArea {
    /// Gives the tiles that an entity of `width` x `height` tiles covers when its centre is `center`.
    ///
    /// An odd side is centred on the tile that holds the centre, an even side on the nearest border between tiles.
    pub const fn footprint(center: MapPos, width: i32, height: i32) -> Self {
        Self {
            left: first_tile(center.x, width),
            top: first_tile(center.y, height),
            width,
            height,
        }
    }

    /// Gives the centre of the area.
    pub const fn center(&self) -> MapPos {
        MapPos {
            x: self.left * SUBTILES + self.width * SUBTILES / 2,
            y: self.top * SUBTILES + self.height * SUBTILES / 2,
        }
    }

    /// Says whether the area covers `tile`.
    pub const fn contains(&self, tile: TilePos) -> bool {
        tile.x >= self.left
            && tile.x < self.left + self.width
            && tile.y >= self.top
            && tile.y < self.top + self.height
    }

    /// Says whether the two areas have a tile in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.left < other.left + other.width
            && other.left < self.left + self.width
            && self.top < other.top + other.height
            && other.top < self.top + self.height
    }

    /// Gives the area with `tiles` more on every side.
    #[must_use]
    pub const fn grown(self, tiles: i32) -> Self {
        Self {
            left: self.left - tiles,
            top: self.top - tiles,
            width: self.width + 2 * tiles,
            height: self.height + 2 * tiles,
        }
    }

    /// Walks the tiles of the area, row by row from the north-west.
    pub fn tiles(self) -> impl Iterator<Item = TilePos> {
        (self.top..self.top + self.height)
            .flat_map(move |y| (self.left..self.left + self.width).map(move |x| TilePos { x, y }))
    }
}

const fn first_tile(center: i32, size: i32) -> i32 {
    if size % 2 == 1 {
        (center >> 8) - size / 2
    } else {
        ((center + SUBTILES / 2) >> 8) - size / 2
    }
}

/// A direction in eighths of a turn clockwise from north.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Direction(u8);

impl Direction {
    pub const NORTH: Self = Self(0);
    pub const EAST: Self = Self(2);
    pub const SOUTH: Self = Self(4);
    pub const WEST: Self = Self(6);

    /// Makes a direction from eighths; whole turns are dropped.
    pub const fn from_eighths(eighths: u8) -> Self {
        Self(eighths % 8)
    }

    /// Makes a direction from the game's sixteenths (`defines.direction` of 2.0); odd sixteenths round down.
    pub const fn from_sixteenths(sixteenths: u8) -> Self {
        Self((sixteenths % 16) / 2)
    }

    /// Gives the eighths, 0 to 7.
    pub const fn eighths(self) -> u8 {
        self.0
    }

    /// Gives the game's sixteenths.
    pub const fn sixteenths(self) -> u8 {
        self.0 * 2
    }

    /// Gives the quarter turns from north, a diagonal counting as the quarter before it.
    pub const fn quarter_turns(self) -> u8 {
        self.0 / 2
    }

    /// Gives the quarter direction: a diagonal becomes the one before it, clockwise.
    #[must_use]
    pub const fn cardinal(self) -> Self {
        Self(self.0 & !1)
    }

    /// Gives the direction a quarter turn further clockwise.
    #[must_use]
    pub const fn rotated(self) -> Self {
        Self((self.0 + 2) % 8)
    }

    /// Says whether the direction is one of the four diagonals.
    pub const fn is_diagonal(self) -> bool {
        self.0 % 2 == 1
    }

    /// Gives the unit steps `(dx, dy)`.
    pub const fn steps(self) -> (i32, i32) {
        match self.0 {
            0 => (0, -1),
            1 => (1, -1),
            2 => (1, 0),
            3 => (1, 1),
            4 => (0, 1),
            5 => (-1, 1),
            6 => (-1, 0),
            _ => (-1, -1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_of_negative_positions_round_down() {
        assert_eq!(MapPos::new(-1, 255).tile(), TilePos::new(-1, 0));
        assert_eq!(MapPos::new(-256, 256).tile(), TilePos::new(-1, 1));
    }

    #[test]
    fn map_positions_truncate_toward_zero() {
        // A burner drill's drop point -1.3 reads -1.296875 = -332/256 in the game.
        assert_eq!(MapPos::from_tiles(-0.5, -1.3), MapPos::new(-128, -332));
    }

    #[test]
    fn footprints_cover_their_tiles() {
        assert_eq!(
            TileArea::footprint(MapPos::new(0, 0), 2, 2),
            TileArea {
                left: -1,
                top: -1,
                width: 2,
                height: 2
            }
        );
        let one = TileArea::footprint(TilePos::new(-3, 5).center(), 1, 1);
        assert_eq!(
            one,
            TileArea {
                left: -3,
                top: 5,
                width: 1,
                height: 1
            }
        );
        assert_eq!(one.center(), TilePos::new(-3, 5).center());
        // Off the grid: the tile that holds the point, and the nearest corner.
        assert_eq!(
            TileArea::footprint(MapPos::new(20, 300), 1, 1).center(),
            MapPos::new(128, 384)
        );
        assert_eq!(
            TileArea::footprint(MapPos::new(200, 300), 2, 2).center(),
            MapPos::new(256, 256)
        );
    }

    #[test]
    fn boxes_turn_clockwise() {
        let shape = SubtileBox {
            left: -1,
            top: -2,
            right: 3,
            bottom: 4,
        };
        let turned = Rect::around(MapPos::default(), shape, 1);
        assert_eq!(
            turned,
            Rect {
                left: -4,
                top: -1,
                right: 2,
                bottom: 3
            }
        );
        let four = (0..4).fold(shape, |shape, _| {
            let r = Rect::around(MapPos::default(), shape, 1);
            SubtileBox {
                left: r.left,
                top: r.top,
                right: r.right,
                bottom: r.bottom,
            }
        });
        assert_eq!(four, shape);
    }
}
