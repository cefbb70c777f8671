//! Transport belts, underground belts and splitters.
//!
//! Belts that lead into each other at one speed are one line; a line has a lane on either side, and all motion is that
//! of lanes ([`lane`], [`motion`]). Lines follow from the belts that are built ([`topology`]) and are made anew where one
//! of them comes, goes or turns ([`lines`]); the items on them are state and keep their places. They are stored belt by
//! belt ([`state`]), so equal worlds give equal bytes whatever their history.
//!
//! Rules and figures are those measured tick by tick on 2.0.60 with yellow belts; red and blue belts go by the same
//! rules at their speeds. Known to differ from the game:
//! - consecutive belts become one line at once (in the game after 1 to 600 ticks, which shows in no count);
//! - the lines of a splitter are two halves of 128 a lane, its choice is item by item, and up to five items are owed to
//!   a side that was blocked (wiki; no tick-by-tick record is public);
//! - an underground belt holds 256 a tile, hidden ones included (the wiki's figures follow no one formula); a side feed
//!   reaches the lane on its own side, from the feed's lane that meets the open half only;
//! - points on a turn are those of the quarter circles, rounded down: at most 1/256 off the game's;
//! - a closed loop takes no more items than it has room for at full spacing;
//! - what lies on an underground belt that is turned round, or in a tunnel that is cut by another one, falls to the ground;
//! - a turn does not carry a standing character.

mod access;
mod build;
mod calm;
mod check;
mod geometry;
mod in_world;
mod jam;
mod lane;
mod lines;
mod motion;
mod placing;
mod shown;
mod splitter;
mod state;
mod tile;
mod topology;

use std::collections::BTreeMap;

use super::entity::EntityRef;
use super::position::TilePos;
use super::slab::Slab;
use crate::prototypes::ItemId;

pub(super) use calm::Calm;
pub(super) use in_world::{tick_belts, tick_carrying};
pub(super) use jam::Jam;
use lane::Lane;
pub use lane::SPACING;
pub use splitter::{Splitter, SplitterSide};
pub use tile::{BeltKind, BeltTile, HALF_LENGTH, INNER_LENGTH, OUTER_LENGTH, Shape};

/// Where a lane ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    /// Nothing takes the items.
    #[default]
    Stop,
    /// Another lane, at its back.
    Lane(u32),
    /// The lane itself: a closed loop.
    Loop,
    /// The side of another lane, at a position in it that lies on `belt`.
    Side { lane: u32, entry: i32, belt: u32 },
    /// A splitter.
    Splitter { splitter: u32, side: u8 },
}

/// A lane with its place among the others.
#[derive(Clone, Debug, Default)]
struct Track {
    lane: Lane,
    length: i32,
    speed: i32,
    end: End,
    /// The lanes that run into this one; they wake when it moves.
    feeders: Vec<u32>,
    /// Number of its entry in the list of awake lanes; 0 where it sleeps.
    awake: u32,
    /// The belt tick in which it moved last, or tried to.
    acted_at: u64,
    /// Whether anything moved then.
    moved: bool,
    /// The belt tick in which what lies on it changed last.
    changed_at: u64,
    /// Counts what was taken off it other than over its end.
    removals: u32,
}

/// A line of belts.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Its belts, downstream first.
    belts: Vec<u32>,
    /// Who is told when something on the line moves or changes.
    watchers: Vec<EntityRef>,
    /// Counts what came onto the line other than over its upstream end.
    arrivals: u32,
}

/// All belts of a world.
#[derive(Clone, Debug, Default)]
pub struct Belts {
    tiles: Slab<BeltTile>,
    splitters: Slab<Splitter>,
    next_born: u32,
    /// Items that lost their place under a changed underground belt; the world lays them on the ground.
    displaced: Vec<(TilePos, ItemId)>,
    /// Watchers that are to be told.
    woken: Vec<EntityRef>,
    /// Belts by tile; a splitter's halves that take items in.
    by_tile: BTreeMap<TilePos, u32>,
    lines: Vec<Line>,
    /// The lanes: line * 2 + side, side 0 being left of travel.
    tracks: Vec<Track>,
    /// Lanes that move, as (lane, number of the entry), in order of waking; entries whose number is stale do not count.
    awake: Vec<(u32, u32)>,
    next_awake: u32,
    /// Workspace of the tick.
    order: Vec<(u32, u32)>,
    /// Counts belt ticks, so that a lane acts once in each.
    clock: u64,
    /// The belt tick of the last change on any lane.
    changed_at: u64,
    /// Depth of lanes that move the one ahead of them first.
    depth: u32,
    /// Tiles on which belts came, went or turned since the lines were made, and lines that lost a belt.
    changed: Vec<TilePos>,
    changed_lines: Vec<u32>,
    /// Numbers of lines that are free; those lines have no belts.
    free_lines: Vec<u32>,
    n_undergrounds: u32,
    /// Counts how often lines were made anew.
    layout: u32,
}

#[cfg(test)]
mod tests;
