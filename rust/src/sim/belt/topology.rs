//! What follows from the belts that stand: shapes, pairs of underground belts, lengths of lanes, what runs into what.
//!
//! Nothing here changes anything: [`super::lines`] asks, and keeps the answers.

use super::super::position::{Direction, SUBTILES, TilePos};
use super::tile::{HALF_LENGTH, INNER_LENGTH, OUTER_LENGTH};
use super::{BeltKind, BeltTile, Belts, End, Shape};
use crate::prototypes::vanilla;

/// Where the lane of a side feed that lies upstream joins, from the target's downstream edge (measured on 2.0.60).
const UPSTREAM_ENTRY: i32 = 188;
/// Where the other one joins (measured on 2.0.60; geometry says 68).
const DOWNSTREAM_ENTRY: i32 = 67;

/// How a belt runs into the one in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    Behind,
    /// Into its left (0) or right (1) side.
    Side(usize),
}

impl Belts {
    /// Finds the belt on a tile; of a splitter the half that takes items in.
    pub(super) fn at(&self, tile: TilePos) -> Option<(u32, &BeltTile)> {
        let index = *self.by_tile.get(&tile)?;
        Some((index, self.tiles.get(index)?))
    }

    /// Finds the other end of an underground belt: the nearest of its kind within reach, if it leads the other way.
    pub(super) fn find_mate(&self, index: u32) -> Option<u32> {
        let tile = self.tiles.get(index)?;
        let way = match tile.kind {
            BeltKind::Entrance => 1,
            BeltKind::Exit => -1,
            _ => return None,
        };
        let reach = vanilla()[tile.prototype].belt.as_ref()?.max_distance as i32;
        let (dx, dy) = tile.direction.steps();
        for distance in 1..=reach {
            let there = tile.tile.offset(dx * way * distance, dy * way * distance);
            let Some((mate, other)) = self.at(there) else {
                continue;
            };
            let is_in_line = other.is_underground()
                && other.prototype == tile.prototype
                && (other.direction == tile.direction
                    || other.direction == tile.direction.rotated().rotated());
            if is_in_line {
                let is_mate = other.kind != tile.kind && other.direction == tile.direction;
                return is_mate.then_some(mate);
            }
        }
        None
    }

    /// Says whether a belt lets items out over its front edge, and to which tile.
    fn outlet(tile: &BeltTile) -> Option<TilePos> {
        let (dx, dy) = tile.direction.steps();
        match tile.kind {
            BeltKind::Surface | BeltKind::Exit | BeltKind::SplitterOut { .. } => {
                Some(tile.tile.offset(dx, dy))
            }
            BeltKind::Entrance | BeltKind::SplitterIn { .. } => None,
        }
    }

    /// Says whether the belt on `from` lets items out toward `to` in `direction`.
    fn is_fed_from(&self, from: TilePos, direction: Direction) -> bool {
        self.at(from)
            .is_some_and(|(_, tile)| tile.direction == direction && tile.kind != BeltKind::Entrance)
    }

    /// Finds the shape of a belt: fed from one side only, it is a turn (measured on 2.0.60).
    pub(super) fn find_shape(&self, index: u32) -> Shape {
        let Some(tile) = self.tiles.get(index) else {
            return Shape::Straight;
        };
        if tile.kind != BeltKind::Surface {
            return Shape::Straight;
        }
        let way = tile.direction;
        let from = |heading: Direction| {
            let (dx, dy) = heading.steps();
            self.is_fed_from(tile.tile.offset(-dx, -dy), heading)
        };
        let heading_right = way.rotated();
        let heading_left = heading_right.rotated().rotated();
        match (from(way), from(heading_right), from(heading_left)) {
            (false, true, false) => Shape::TurnLeft,
            (false, false, true) => Shape::TurnRight,
            _ => Shape::Straight,
        }
    }

    /// Finds what a belt runs into, and how.
    pub(super) fn joint(&self, index: u32) -> Option<(u32, Joint)> {
        let tile = self.tiles.get(index)?;
        if tile.kind == BeltKind::Entrance {
            return Some((tile.mate?, Joint::Behind));
        }
        let (next, target) = self.at(Self::outlet(tile)?)?;
        let turn = (target.direction.eighths() + 8 - tile.direction.eighths()) % 8;
        match (turn, target.kind) {
            (0, BeltKind::Exit) | (4, _) | (2 | 6, BeltKind::SplitterIn { .. }) => None,
            (0, _) => Some((next, Joint::Behind)),
            // Turning left means that the feed comes from the left.
            (6, _) if target.shape == Shape::TurnLeft => Some((next, Joint::Behind)),
            (2, _) if target.shape == Shape::TurnRight => Some((next, Joint::Behind)),
            (6, _) => Some((next, Joint::Side(0))),
            (2, _) => Some((next, Joint::Side(1))),
            _ => None,
        }
    }

    /// Reads how far items on a belt move in a tick.
    pub(super) fn speed_of(&self, index: u32) -> i32 {
        self.tiles.get(index).map_or(0, |tile| tile.speed)
    }

    /// Computes the lengths of a belt's lanes.
    pub(super) fn lengths_of(&self, index: u32) -> [i32; 2] {
        let Some(tile) = self.tiles.get(index) else {
            return [0; 2];
        };
        match (tile.kind, tile.shape) {
            (BeltKind::Surface, Shape::Straight) => [SUBTILES; 2],
            (BeltKind::Surface, Shape::TurnLeft) => [INNER_LENGTH, OUTER_LENGTH],
            (BeltKind::Surface, Shape::TurnRight) => [OUTER_LENGTH, INNER_LENGTH],
            (BeltKind::SplitterIn { .. } | BeltKind::SplitterOut { .. }, _) => [HALF_LENGTH; 2],
            (BeltKind::Entrance | BeltKind::Exit, _) => {
                let Some(mate) = tile.mate.and_then(|mate| self.tiles.get(mate)) else {
                    return [HALF_LENGTH; 2];
                };
                let gap = (mate.tile.x - tile.tile.x).abs() + (mate.tile.y - tile.tile.y).abs() - 1;
                // The tunnel belongs to the entrance.
                let n_tiles = if tile.kind == BeltKind::Entrance {
                    gap + 1
                } else {
                    1
                };
                [n_tiles * SUBTILES; 2]
            }
        }
    }

    /// Finds where a lane of a line ends whose downstream belt is `front`.
    pub(super) fn end_of(&self, front: u32, lane: usize) -> End {
        if let Some(BeltKind::SplitterIn { splitter, side }) =
            self.tiles.get(front).map(|tile| tile.kind)
        {
            return End::Splitter { splitter, side };
        }
        let Some((next, joint)) = self.joint(front) else {
            return End::Stop;
        };
        let Some((target, line)) = self
            .tiles
            .get(next)
            .and_then(|target| Some((target, target.line?)))
        else {
            return End::Stop;
        };
        match joint {
            Joint::Behind => End::Lane(line * 2 + lane as u32),
            Joint::Side(side) => {
                // Of a feed from the left the right lane lies upstream, and the other way round.
                let is_upstream = lane != side;
                let spot = target.spots[side];
                let entry = match (target.kind, is_upstream) {
                    // Only the open half of an underground belt can be reached, not the ramp.
                    (BeltKind::Entrance, true) => {
                        spot.start + spot.length - SUBTILES + UPSTREAM_ENTRY
                    }
                    (BeltKind::Exit, false) => spot.start + DOWNSTREAM_ENTRY,
                    (BeltKind::Entrance | BeltKind::Exit, _) => return End::Stop,
                    (_, true) => spot.start + UPSTREAM_ENTRY,
                    (_, false) => spot.start + DOWNSTREAM_ENTRY,
                };
                End::Side {
                    lane: line * 2 + side as u32,
                    entry,
                    belt: next,
                }
            }
        }
    }
}
