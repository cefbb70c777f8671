//! Where things on belts are: items on straight belts and turns, drops, and characters that are carried.

use std::sync::OnceLock;

use super::super::position::{Direction, MapPos, SUBTILES};
use super::tile::HALF_LENGTH;
use super::{BeltKind, BeltTile, Belts, INNER_LENGTH, OUTER_LENGTH, Shape};

/// Distance of the centre lines of the lanes from the middle of a straight belt (measured on 2.0.60).
const LANE_OFFSET: i32 = 60;
/// Radii of the lanes of a turn about the inner corner (measured on 2.0.60).
const OUTER_RADIUS: f64 = 188.0;
const INNER_RADIUS: f64 = 67.0;

/// A point as (ahead along the way of travel, to the right of it).
type Along = (i32, i32);

impl Belts {
    /// Gives the place of an item as its offset from the middle of the belt, 1/256 tile.
    pub fn world_position(&self, belt: u32, lane: usize, position: i32) -> (i32, i32) {
        let Some(tile) = self.belt(belt) else {
            return (0, 0);
        };
        let (ahead, right) = match tile.shape {
            Shape::Straight => {
                let side = if lane == 0 { -LANE_OFFSET } else { LANE_OFFSET };
                (Self::front_edge(tile, lane) - position, side)
            }
            Shape::TurnRight => turn_point(lane == 1, position),
            Shape::TurnLeft => {
                let (ahead, right) = turn_point(lane == 0, position);
                (ahead, -right)
            }
        };
        let (dx, dy) = tile.direction.steps();
        (dx * ahead - dy * right, dy * ahead + dx * right)
    }

    /// Gives where position 0 lies, ahead of the middle of the belt: an entrance begins at its tile and ends far ahead,
    /// an end without a mate and a half of a splitter are half a tile long.
    fn front_edge(tile: &BeltTile, lane: usize) -> i32 {
        let length = tile.spots[lane].length;
        match tile.kind {
            BeltKind::Entrance | BeltKind::SplitterIn { .. } => length - HALF_LENGTH,
            BeltKind::Surface | BeltKind::Exit | BeltKind::SplitterOut { .. } => SUBTILES / 2,
        }
    }

    /// Finds where on the belt something goes that an arm or a drill standing at `from` puts down at `drop`, as (lane,
    /// position).
    ///
    /// On a straight belt the lane whose half holds the point, right on the centre line; on a turn the middle of the
    /// inner lane if the point is nearer the inner corner, else of the outer one (measured on 2.0.60).
    pub fn drop_place(&self, belt: u32, _from: MapPos, drop: MapPos) -> (usize, i32) {
        let Some(tile) = self.belt(belt) else {
            return (0, 0);
        };
        let middle = tile.tile.center();
        let (x, y) = (drop.x - middle.x, drop.y - middle.y);
        let (dx, dy) = tile.direction.steps();
        let (ahead, right) = (x * dx + y * dy, y * dx - x * dy);
        let Some(inner) = tile.inner_lane() else {
            let lane = usize::from(right >= 0);
            let last = (tile.spots[lane].length - 1).max(0);
            return (lane, (Self::front_edge(tile, lane) - ahead).clamp(0, last));
        };
        let inward = if tile.shape == Shape::TurnRight {
            right
        } else {
            -right
        };
        let lane = if ahead + inward > 0 { inner } else { 1 - inner };
        (lane, tile.spots[lane].length / 2)
    }

    /// Finds where something put down on a splitter at `drop` goes, as (half belt, lane, position): in the half that
    /// takes items in up to the middle of the tile, else in the other; always the middle of the right lane (measured on
    /// 2.0 by others).
    pub fn splitter_drop_place(&self, splitter: u32, drop: MapPos) -> Option<(u32, usize, i32)> {
        let [left_in, right_in, left_out, right_out] = self.splitter(splitter)?.halves;
        let pair = [(left_in, left_out), (right_in, right_out)];
        let (into, out) = pair.into_iter().find(|(half, _)| {
            self.belt(*half)
                .is_some_and(|tile| tile.tile == drop.tile())
        })?;
        let tile = self.belt(into)?;
        let middle = tile.tile.center();
        let (dx, dy) = tile.direction.steps();
        let ahead = (drop.x - middle.x) * dx + (drop.y - middle.y) * dy;
        Some((if ahead <= 0 { into } else { out }, 1, HALF_LENGTH / 2))
    }

    /// Gives how far a character whose centre is on the belt is carried in a tick, if it is straight.
    ///
    /// A turn swings a character round its inner corner at a rate that nobody has found the rule of; it carries nobody.
    pub fn carry(&self, belt: u32, _position: MapPos) -> (i32, i32) {
        match self.belt(belt) {
            Some(tile) if tile.shape == Shape::Straight => {
                let (dx, dy) = tile.direction.steps();
                (dx * tile.speed, dy * tile.speed)
            }
            _ => (0, 0),
        }
    }

    /// Gives the way in which items leave a belt.
    pub fn direction(&self, belt: u32) -> Direction {
        self.belt(belt)
            .map_or(Direction::NORTH, |tile| tile.direction)
    }
}

/// Gives a point on a right turn: on a quarter circle about the corner that lies ahead on the right.
fn turn_point(is_inner: bool, position: i32) -> Along {
    static POINTS: OnceLock<[Vec<Along>; 2]> = OnceLock::new();
    let points = POINTS.get_or_init(|| {
        [
            turn_points(OUTER_RADIUS, OUTER_LENGTH),
            turn_points(INNER_RADIUS, INNER_LENGTH),
        ]
    });
    let points = &points[usize::from(is_inner)];
    points[(position.max(0) as usize).min(points.len() - 1)]
}

fn turn_points(radius: f64, length: i32) -> Vec<Along> {
    (0..=length)
        .map(|position| {
            let (sin, cos) = quarter_sin_cos(f64::from(position) / f64::from(length));
            let (back, left) = ((radius * sin) as i32, (radius * cos) as i32);
            (SUBTILES / 2 - back, SUBTILES / 2 - left)
        })
        .collect()
}

/// Computes sine and cosine of a share of a quarter turn from sums and products only, which are alike on all machines.
fn quarter_sin_cos(share: f64) -> (f64, f64) {
    const TERMS: u32 = 12;
    let angle = share * std::f64::consts::FRAC_PI_2;
    let (mut sin, mut cos) = (0.0, 0.0);
    let mut term = 1.0;
    for order in 0..2 * TERMS {
        let sign = if order % 4 < 2 { 1.0 } else { -1.0 };
        if order % 2 == 0 {
            cos += sign * term;
        } else {
            sin += sign * term;
        }
        term *= angle / f64::from(order + 1);
    }
    (sin, cos)
}
