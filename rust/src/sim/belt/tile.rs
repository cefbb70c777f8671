//! One belt: what stands on a tile, and what follows from its neighbours.
//!
//! A transport belt and an underground belt are one record each, a splitter four: two halves that take items in and
//! two that let them out, so that all motion is that of lanes.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::super::position::{Direction, SUBTILES, TilePos};
use crate::prototypes::EntityPrototypeId;

/// Length of the outer lane of a turn (measured on 2.0.60).
pub const OUTER_LENGTH: i32 = 295;
/// Length of the inner lane of a turn (measured on 2.0.60).
pub const INNER_LENGTH: i32 = 106;
/// Length of half a tile: an underground belt without its mate, a half of a splitter.
pub const HALF_LENGTH: i32 = SUBTILES / 2;

/// What kind of belt a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BeltKind {
    /// A transport belt.
    Surface,
    /// An underground belt that leads down (`type = "input"`).
    Entrance,
    /// An underground belt that leads up (`type = "output"`).
    Exit,
    /// The half of a splitter that takes items in; `side` 0 is left of travel.
    SplitterIn { splitter: u32, side: u8 },
    /// The half of a splitter that lets items out.
    SplitterOut { splitter: u32, side: u8 },
}

/// The shape that a transport belt takes from what feeds it; all others are straight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Straight,
    /// Fed from its right only.
    TurnRight,
    /// Fed from its left only.
    TurnLeft,
}

/// Where a lane of a belt lies in the lane of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Position of the belt's downstream edge in the lane.
    pub start: i32,
    pub length: i32,
}

/// One belt: what is built, and below that what [`super::topology`] makes of it.
#[derive(Clone, Debug)]
pub struct BeltTile {
    /// Slot of the entity.
    pub entity: u32,
    pub prototype: EntityPrototypeId,
    pub tile: TilePos,
    pub direction: Direction,
    pub kind: BeltKind,
    /// Rises in order of building; a loop has its seam at its oldest belt.
    pub(super) born: u32,
    pub shape: Shape,
    /// How far items move in a tick, 1/256 tile.
    pub speed: i32,
    /// The line it belongs to; none until the next settling.
    pub(super) line: Option<u32>,
    pub(super) spots: [Spot; 2],
    /// Underground belts: the other end, if there is one.
    pub(super) mate: Option<u32>,
    /// Counts what was taken off it.
    pub(super) removals: u32,
}

impl BeltTile {
    /// Gives the index of the inner lane of a turn.
    pub fn inner_lane(&self) -> Option<usize> {
        match self.shape {
            Shape::Straight => None,
            Shape::TurnLeft => Some(0),
            Shape::TurnRight => Some(1),
        }
    }

    /// Gives the part of a lane that is above ground.
    pub(super) fn visible_part(&self, lane: usize) -> Range<i32> {
        let length = self.spots[lane].length;
        match self.kind {
            BeltKind::Entrance => length - HALF_LENGTH..length,
            BeltKind::Exit => 0..HALF_LENGTH,
            _ => 0..length,
        }
    }

    /// Says whether the belt is a piece of an underground belt.
    pub fn is_underground(&self) -> bool {
        matches!(self.kind, BeltKind::Entrance | BeltKind::Exit)
    }
}
