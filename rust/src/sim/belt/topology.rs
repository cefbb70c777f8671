//! What follows from the belts that stand: shapes, pairs of underground belts, lines, and where each lane ends.
//!
//! Everything here is computed from the belts in the order of their indices, so that a restored world has the same lines
//! under the same numbers. The items keep their places on their belts; where a lane's length changes they are put at
//! floor(p * (new - 1) / old) (measured on 2.0.60).

use super::super::position::{Direction, SUBTILES, TilePos};
use super::tile::{HALF_LENGTH, INNER_LENGTH, OUTER_LENGTH, Spot};
use super::{BeltKind, BeltTile, Belts, End, Line, Shape, Track};
use crate::prototypes::{ItemId, vanilla};

/// Where the lane of a side feed that lies upstream joins, from the target's downstream edge (measured on 2.0.60).
const UPSTREAM_ENTRY: i32 = 188;
/// Where the other one joins (measured on 2.0.60; geometry says 68).
const DOWNSTREAM_ENTRY: i32 = 67;

/// An item with its place on its belt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub belt: u32,
    pub lane: usize,
    pub position: i32,
    pub item: ItemId,
}

/// How a belt runs into the one in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    Behind,
    /// Into its left (0) or right (1) side.
    Side(usize),
}

/// The lane that was awake before the lines were made anew, by its downstream belt.
pub(super) type Head = (u32, usize);

impl Belts {
    /// Makes the lines anew if belts came, went or turned.
    pub fn settle(&mut self) {
        if !self.dirty {
            return;
        }
        let heads = self.awake_heads();
        let items = self.placed_items();
        let before: Vec<(u32, [Option<Spot>; 2])> = self
            .tiles
            .iter()
            .map(|(index, tile)| {
                (
                    index,
                    tile.line
                        .map(|_| tile.spots)
                        .map_or([None; 2], |s| s.map(Some)),
                )
            })
            .collect();
        self.tell_everyone();
        self.link();
        let items = self.moved_to_new_spots(&items, &before);
        self.place(&items);
        for (belt, lane) in heads {
            self.wake_head(belt, lane);
        }
        // Whatever has changed wakes; what has not finds nothing to do and is asleep again after a tick.
        for index in 0..self.tracks.len() as u32 {
            if !self.tracks[index as usize].lane.is_empty() {
                self.wake_track(index);
            }
        }
    }

    /// Wakes the lane that ends with `belt`.
    pub(super) fn wake_head(&mut self, belt: u32, lane: usize) {
        if let Some(line) = self.tiles.get(belt).and_then(|tile| tile.line) {
            let index = line * 2 + lane as u32;
            if self.lines[line as usize].belts[0] == belt {
                self.wake_track(index);
            }
        }
    }

    /// Lists the lanes that are awake by their downstream belts, in the order of waking.
    pub(super) fn awake_heads(&self) -> Vec<Head> {
        self.awake
            .iter()
            .filter(|(track, number)| self.tracks[*track as usize].awake == *number)
            .map(|(track, _)| {
                (
                    self.lines[*track as usize / 2].belts[0],
                    *track as usize % 2,
                )
            })
            .collect()
    }

    /// Lists all items, by belt, lane and position.
    pub(super) fn placed_items(&self) -> Vec<Placed> {
        let mut found = Vec::new();
        for (belt, _) in self.tiles.iter() {
            for lane in 0..2 {
                found.extend(self.items_on(belt, lane).map(|(position, item)| Placed {
                    belt,
                    lane,
                    position,
                    item,
                }));
            }
        }
        found
    }

    fn tell_everyone(&mut self) {
        for line in &mut self.lines {
            self.woken.append(&mut line.watchers);
        }
    }

    /// Computes shapes, pairs, lines and ends; the lanes are empty then.
    pub(super) fn link(&mut self) {
        self.dirty = false;
        self.by_tile.clear();
        for (index, tile) in self.tiles.iter() {
            if !matches!(tile.kind, BeltKind::SplitterOut { .. }) {
                self.by_tile.insert(tile.tile, index);
            }
        }
        let indices: Vec<u32> = self.tiles.iter().map(|(index, _)| index).collect();
        for &index in &indices {
            let mate = self.find_mate(index);
            let shape = self.find_shape(index);
            if let Some(tile) = self.tiles.get_mut(index) {
                tile.mate = mate;
                tile.shape = shape;
                tile.line = None;
            }
        }
        self.make_lines(&indices);
        self.make_ends();
    }

    fn at(&self, tile: TilePos) -> Option<(u32, &BeltTile)> {
        let index = *self.by_tile.get(&tile)?;
        Some((index, self.tiles.get(index)?))
    }

    /// Finds the other end of an underground belt: the nearest of its kind within reach, if it leads the other way.
    fn find_mate(&self, index: u32) -> Option<u32> {
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
    fn find_shape(&self, index: u32) -> Shape {
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
    fn joint(&self, index: u32) -> Option<(u32, Joint)> {
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

    fn make_lines(&mut self, indices: &[u32]) {
        self.lines.clear();
        self.tracks.clear();
        self.awake.clear();
        self.next_awake = 0;
        // What follows each belt in its line, and what leads into it.
        let size = indices.last().map_or(0, |last| *last as usize + 1);
        let mut next = vec![None; size];
        let mut previous = vec![None; size];
        for &index in indices {
            if let Some((target, Joint::Behind)) = self.joint(index)
                && self.speed_of(index) == self.speed_of(target)
            {
                next[index as usize] = Some(target);
                previous[target as usize] = Some(index);
            }
        }
        for &index in indices {
            if next[index as usize].is_none() {
                self.make_line(index, &previous);
            }
        }
        // What is left are closed loops; the oldest belt of each is its front.
        let mut loops: Vec<u32> = indices.to_vec();
        loops.sort_unstable_by_key(|index| self.tiles.get(*index).map(|tile| tile.born));
        for index in loops {
            if self
                .tiles
                .get(index)
                .is_some_and(|tile| tile.line.is_none())
            {
                let line = self.make_line(index, &previous);
                for lane in 0..2 {
                    self.tracks[(line * 2 + lane) as usize].end = End::Loop;
                }
            }
        }
    }

    fn speed_of(&self, index: u32) -> i32 {
        self.tiles.get(index).map_or(0, |tile| tile.speed)
    }

    /// Makes the line that ends with `front`.
    fn make_line(&mut self, front: u32, previous: &[Option<u32>]) -> u32 {
        let line = self.lines.len() as u32;
        let speed = self.speed_of(front);
        let mut belts = Vec::new();
        let mut lengths = [0; 2];
        let mut at = Some(front);
        while let Some(index) = at {
            let spans = self.lengths_of(index);
            let Some(tile) = self.tiles.get_mut(index) else {
                break;
            };
            if tile.line.is_some() {
                break;
            }
            tile.line = Some(line);
            for lane in 0..2 {
                tile.spots[lane] = Spot {
                    start: lengths[lane],
                    length: spans[lane],
                };
                lengths[lane] += spans[lane];
            }
            belts.push(index);
            at = previous[index as usize];
        }
        self.lines.push(Line {
            belts,
            watchers: Vec::new(),
        });
        for length in lengths {
            self.tracks.push(Track {
                length,
                speed,
                changed_at: self.clock,
                ..Track::default()
            });
        }
        line
    }

    /// Computes the lengths of a belt's lanes.
    fn lengths_of(&self, index: u32) -> [i32; 2] {
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

    /// Sets where the lanes end, and for each lane which others run into it.
    fn make_ends(&mut self) {
        for line in 0..self.lines.len() as u32 {
            let front = self.lines[line as usize].belts[0];
            let Some(tile) = self.tiles.get(front) else {
                continue;
            };
            match tile.kind {
                BeltKind::SplitterIn { splitter, side } => {
                    if let Some(facts) = self.splitters.get_mut(splitter) {
                        facts.in_lines[usize::from(side)] = line;
                    }
                }
                BeltKind::Surface
                | BeltKind::Entrance
                | BeltKind::Exit
                | BeltKind::SplitterOut { .. } => {}
            }
            for lane in 0..2 {
                let index = line * 2 + lane as u32;
                if self.tracks[index as usize].end != End::Loop {
                    self.tracks[index as usize].end = self.end_of(front, lane);
                }
            }
        }
        self.link_splitters();
        let mut feeders: Vec<(u32, (bool, i32, u32))> = Vec::new();
        for index in 0..self.tracks.len() as u32 {
            match self.tracks[index as usize].end {
                End::Lane(next) => feeders.push((next, (false, 0, index))),
                End::Side { lane, entry, .. } => feeders.push((lane, (true, entry, index))),
                End::Splitter { splitter, .. } => {
                    if let Some(facts) = self.splitters.get(splitter) {
                        let outs = facts.out_lines.map(|line| line * 2 + index % 2);
                        feeders.extend(outs.map(|out| (out, (false, 0, index))));
                    }
                }
                End::Stop | End::Loop => {}
            }
        }
        // What comes from behind first, then side feeds from the front backward.
        feeders.sort_unstable();
        for (target, (.., feeder)) in feeders {
            self.tracks[target as usize].feeders.push(feeder);
        }
    }

    fn link_splitters(&mut self) {
        let outs: Vec<(u32, u8, u32)> = self
            .tiles
            .iter()
            .filter_map(|(_, tile)| match tile.kind {
                BeltKind::SplitterOut { splitter, side } => Some((splitter, side, tile.line?)),
                _ => None,
            })
            .collect();
        for (splitter, side, line) in outs {
            if let Some(facts) = self.splitters.get_mut(splitter) {
                facts.out_lines[usize::from(side)] = line;
            }
        }
    }

    /// Finds where a lane of a line ends whose downstream belt is `front`.
    fn end_of(&self, front: u32, lane: usize) -> End {
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

    /// Gives the items their places on belts whose lanes may have another length now.
    fn moved_to_new_spots(
        &mut self,
        items: &[Placed],
        before: &[(u32, [Option<Spot>; 2])],
    ) -> Vec<Placed> {
        let mut moved = Vec::with_capacity(items.len());
        let mut at = 0;
        for placed in items {
            while before[at].0 != placed.belt {
                at += 1;
            }
            let (Some(tile), Some(old)) = (self.tiles.get(placed.belt), before[at].1[placed.lane])
            else {
                continue;
            };
            let new = tile.spots[placed.lane].length;
            let position = match tile.kind {
                _ if old.length == new => placed.position,
                // The open half keeps its place; what lay in a tunnel that is gone has none.
                BeltKind::Entrance => placed.position + new - old.length,
                BeltKind::Exit => placed.position,
                _ => placed.position * (new - 1) / old.length,
            };
            if (0..new).contains(&position) {
                moved.push(Placed {
                    position,
                    ..*placed
                });
            } else {
                self.displaced.push((tile.tile, placed.item));
            }
        }
        moved
    }

    /// Puts items onto the lanes, which are empty; `items` are sorted by belt, lane and position.
    pub(super) fn place(&mut self, items: &[Placed]) {
        for line in 0..self.lines.len() {
            for place in 0..self.lines[line].belts.len() {
                let belt = self.lines[line].belts[place];
                let Some(tile) = self.tiles.get(belt) else {
                    continue;
                };
                let start = items.partition_point(|placed| placed.belt < belt);
                for placed in items[start..]
                    .iter()
                    .take_while(|placed| placed.belt == belt)
                {
                    let position = tile.spots[placed.lane].start + placed.position;
                    self.tracks[line * 2 + placed.lane]
                        .lane
                        .push_back(position, placed.item);
                }
            }
        }
    }
}
