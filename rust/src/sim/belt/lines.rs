//! The lines: made anew where belts came, went or turned, with the items on them kept in their places.
//!
//! A change touches the belts next to it, the ends of tunnels in line with it, and whatever runs into those; only their
//! lines are made anew. Numbers of lines mean nothing: whatever depends on an order goes by the indices of belts.
//! Where a lane's length changes the items are put at floor(p * (new - 1) / old) (measured on 2.0.60).

use std::sync::OnceLock;

use super::super::position::{Direction, TilePos};
use super::placing::Placed;
use super::tile::Spot;
use super::topology::Joint;
use super::{BeltKind, Belts, End, Line, Track};
use crate::prototypes::vanilla;

/// Past this share of changed belts everything is made anew: one in so many.
const CHANGED_SHARE: usize = 4;

/// A lane named by the downstream belt of its line.
pub(super) type Head = (u32, usize);

/// What is carried over from the lines that were there before.
struct Before {
    items: Vec<Placed>,
    /// Where the lanes of each belt lay, sorted by belt; none for a new one.
    spots: Vec<(u32, Option<[Spot; 2]>)>,
    /// Places in the list of awake lanes, with the lanes.
    heads: Vec<(usize, Head)>,
    /// Lanes of other lines that ran into these.
    feeders: Vec<u32>,
}

impl Belts {
    /// Makes the lines anew where belts came, went or turned.
    pub fn settle(&mut self) {
        if self.changed.is_empty() {
            return;
        }
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        if changed.len() * CHANGED_SHARE > self.tiles.len() {
            let all: Vec<u32> = self.tiles.iter().map(|(index, _)| index).collect();
            self.remake(&all, &all);
            return;
        }
        let shaped = self.belts_near(&changed);
        // What runs into a belt of another shape ends elsewhere; its line is made anew too.
        let mut around = shaped.clone();
        for index in &shaped {
            if let Some(tile) = self.tiles.get(*index).map(|tile| tile.tile) {
                around.extend(neighbours(tile).flat_map(|place| self.all_at(place)));
            }
        }
        around.sort_unstable();
        around.dedup();
        self.remake(&shaped, &around);
    }

    /// Computes all lines from the belts alone, as after a restore; the lanes are empty then.
    pub(super) fn link(&mut self) {
        self.changed.clear();
        self.changed_lines.clear();
        self.by_tile.clear();
        self.lines.clear();
        self.free_lines.clear();
        self.tracks.clear();
        self.awake.clear();
        self.next_awake = 0;
        self.n_undergrounds = 0;
        for (index, tile) in self.tiles.iter() {
            self.n_undergrounds += u32::from(tile.is_underground());
            if !matches!(tile.kind, BeltKind::SplitterOut { .. }) {
                self.by_tile.insert(tile.tile, index);
            }
        }
        let all: Vec<u32> = self.tiles.iter().map(|(index, _)| index).collect();
        for index in &all {
            if let Some(tile) = self.tiles.get_mut(*index) {
                tile.line = None;
            }
        }
        self.remake(&all, &all);
    }

    /// Lists the belts on a tile: none, one, or the two halves of a side of a splitter.
    fn all_at(&self, place: TilePos) -> impl Iterator<Item = u32> + use<> {
        let found = self.at(place);
        let twin = found.and_then(|(_, tile)| match tile.kind {
            BeltKind::SplitterIn { splitter, side } => self
                .splitters
                .get(splitter)
                .map(|facts| facts.halves[2 + usize::from(side)]),
            _ => None,
        });
        found.map(|(index, _)| index).into_iter().chain(twin)
    }

    /// Lists the belts whose shape or mate may follow from what stands on `places`.
    fn belts_near(&self, places: &[TilePos]) -> Vec<u32> {
        let mut found = Vec::new();
        for place in places {
            found.extend(self.all_at(*place));
            for next in neighbours(*place) {
                found.extend(self.all_at(next));
            }
            if self.n_undergrounds == 0 {
                continue;
            }
            for (dx, dy) in DIRECTIONS.map(Direction::steps) {
                for distance in 2..=longest_reach() {
                    let there = place.offset(dx * distance, dy * distance);
                    found.extend(
                        self.at(there)
                            .filter(|(_, tile)| tile.is_underground())
                            .map(|(index, _)| index),
                    );
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Makes the lines of `around` anew, and the shapes and mates of `shaped` before; both are sorted.
    fn remake(&mut self, shaped: &[u32], around: &[u32]) {
        self.layout = self.layout.wrapping_add(1);
        let mut old = std::mem::take(&mut self.changed_lines);
        old.extend(
            around
                .iter()
                .filter_map(|index| self.tiles.get(*index)?.line),
        );
        old.sort_unstable();
        old.dedup();
        let mut belts: Vec<u32> = old
            .iter()
            .flat_map(|line| self.lines[*line as usize].belts.iter().copied())
            .chain(around.iter().copied())
            .filter(|index| self.tiles.get(*index).is_some())
            .collect();
        belts.sort_unstable();
        belts.dedup();
        let before = self.unmake(&old, &belts);
        for &index in shaped {
            let mate = self.find_mate(index);
            let shape = self.find_shape(index);
            if let Some(tile) = self.tiles.get_mut(index) {
                tile.mate = mate;
                tile.shape = shape;
            }
        }
        self.make_lines(&belts);
        self.make_ends(&belts, &before.feeders);
        let items = self.moved_to_new_spots(&before);
        self.place(&items);
        self.wake_made(&belts, before);
    }

    /// Takes lines apart and gives their numbers back.
    fn unmake(&mut self, old: &[u32], belts: &[u32]) -> Before {
        let is_old = |track: u32| old.binary_search(&(track / 2)).is_ok();
        let items = self.items_of(belts);
        let spots = belts
            .iter()
            .map(|index| {
                let tile = self.tiles.get(*index);
                let spots = tile.and_then(|tile| tile.line.map(|_| tile.spots));
                (*index, spots)
            })
            .collect();
        let heads = self
            .awake
            .iter()
            .enumerate()
            .filter(|(_, (track, number))| {
                is_old(*track) && self.tracks[*track as usize].awake == *number
            })
            .map(|(place, (track, _))| (place, self.head_of(*track)))
            .collect();
        let mut feeders = Vec::new();
        let mut targets = Vec::new();
        for line in old {
            for track in [line * 2, line * 2 + 1] {
                feeders.extend(self.tracks[track as usize].feeders.iter().copied());
                targets.extend(self.targets_of(track));
            }
        }
        feeders.retain(|feeder| !is_old(*feeder));
        feeders.sort_unstable();
        feeders.dedup();
        for target in targets.into_iter().filter(|target| !is_old(*target)) {
            let feeders = &mut self.tracks[target as usize].feeders;
            feeders.retain(|feeder| !is_old(*feeder));
        }
        for &line in old {
            let watchers = std::mem::take(&mut self.lines[line as usize]).watchers;
            self.woken.extend(watchers);
            for track in [line * 2, line * 2 + 1] {
                self.tracks[track as usize] = Track::default();
            }
            self.free_lines.push(line);
        }
        for &index in belts {
            if let Some(tile) = self.tiles.get_mut(index) {
                tile.line = None;
            }
        }
        Before {
            items,
            spots,
            heads,
            feeders,
        }
    }

    fn head_of(&self, track: u32) -> Head {
        (self.lines[track as usize / 2].belts[0], track as usize % 2)
    }

    fn track_of(&self, (belt, lane): Head) -> Option<u32> {
        let line = self.tiles.get(belt)?.line?;
        (self.lines[line as usize].belts[0] == belt).then_some(line * 2 + lane as u32)
    }

    /// Lists the lanes that a lane runs into.
    fn targets_of(&self, track: u32) -> impl Iterator<Item = u32> + use<> {
        let (one, two) = match self.tracks[track as usize].end {
            End::Lane(next) | End::Side { lane: next, .. } => (Some(next), None),
            End::Splitter { splitter, .. } => match self.splitters.get(splitter) {
                Some(facts) => {
                    let [left, right] = facts.out_lines.map(|line| line * 2 + track % 2);
                    (Some(left), Some(right))
                }
                None => (None, None),
            },
            End::Stop | End::Loop => (None, None),
        };
        let n_tracks = self.tracks.len() as u32;
        one.into_iter()
            .chain(two)
            .filter(move |target| *target < n_tracks)
    }

    fn make_lines(&mut self, belts: &[u32]) {
        // (what a belt leads into, the belt), for those that are in one line.
        let mut previous = Vec::new();
        let mut fronts = Vec::new();
        for &index in belts {
            match self.joint(index) {
                Some((target, Joint::Behind)) if self.speed_of(index) == self.speed_of(target) => {
                    previous.push((target, index));
                }
                _ => fronts.push(index),
            }
        }
        previous.sort_unstable();
        for index in fronts {
            self.make_line(index, &previous);
        }
        // What is left are closed loops; the oldest belt of each is its front.
        let is_left = |index: &u32| {
            self.tiles
                .get(*index)
                .is_some_and(|tile| tile.line.is_none())
        };
        let mut loops: Vec<u32> = belts.iter().copied().filter(is_left).collect();
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

    /// Makes the line that ends with `front`.
    fn make_line(&mut self, front: u32, previous: &[(u32, u32)]) -> u32 {
        let line = self.free_lines.pop().unwrap_or_else(|| {
            self.lines.push(Line::default());
            self.tracks.extend([Track::default(), Track::default()]);
            self.lines.len() as u32 - 1
        });
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
            at = previous
                .binary_search_by_key(&index, |(target, _)| *target)
                .ok()
                .map(|place| previous[place].1);
        }
        self.lines[line as usize].belts = belts;
        self.changed_at = self.clock;
        for (lane, length) in lengths.into_iter().enumerate() {
            self.tracks[line as usize * 2 + lane] = Track {
                length,
                speed: self.speed_of(front),
                changed_at: self.clock,
                ..Track::default()
            };
        }
        line
    }

    /// Sets where the lanes of new lines end, and of those that ran into what was there, and tells what they run into.
    fn make_ends(&mut self, belts: &[u32], feeders: &[u32]) {
        self.join_splitters(belts);
        let mut tracks: Vec<u32> = belts
            .iter()
            .flat_map(|index| [(*index, 0), (*index, 1)])
            .filter_map(|head| self.track_of(head))
            .chain(feeders.iter().copied())
            .collect();
        tracks.retain(|track| self.tracks[*track as usize].end != End::Loop);
        for &track in &tracks {
            let (front, lane) = self.head_of(track);
            self.tracks[track as usize].end = self.end_of(front, lane);
        }
        let mut fed = Vec::new();
        for &track in &tracks {
            for target in self.targets_of(track) {
                self.tracks[target as usize].feeders.push(track);
                fed.push(target);
            }
        }
        fed.sort_unstable();
        fed.dedup();
        for target in fed {
            let mut feeders = std::mem::take(&mut self.tracks[target as usize].feeders);
            // What comes from behind first, then side feeds from the front backward.
            feeders.sort_unstable_by_key(|feeder| match self.tracks[*feeder as usize].end {
                End::Side { entry, .. } => (true, entry),
                End::Splitter { side, .. } => (false, i32::from(side)),
                End::Lane(_) | End::Stop | End::Loop => (false, 0),
            });
            feeders.dedup();
            self.tracks[target as usize].feeders = feeders;
        }
    }

    /// Tells splitters which lines lead in and out.
    fn join_splitters(&mut self, belts: &[u32]) {
        for index in belts {
            let Some((kind, line)) = self.tiles.get(*index).and_then(|t| Some((t.kind, t.line?)))
            else {
                continue;
            };
            match kind {
                BeltKind::SplitterIn { splitter, side } => {
                    if let Some(facts) = self.splitters.get_mut(splitter) {
                        facts.in_lines[usize::from(side)] = line;
                    }
                }
                BeltKind::SplitterOut { splitter, side } => {
                    if let Some(facts) = self.splitters.get_mut(splitter) {
                        facts.out_lines[usize::from(side)] = line;
                    }
                }
                BeltKind::Surface | BeltKind::Entrance | BeltKind::Exit => {}
            }
        }
    }

    /// Gives the items their places on belts whose lanes may have another length now.
    fn moved_to_new_spots(&mut self, before: &Before) -> Vec<Placed> {
        let mut moved = Vec::with_capacity(before.items.len());
        let mut at = 0;
        for placed in &before.items {
            while before.spots[at].0 != placed.belt {
                at += 1;
            }
            let (Some(tile), Some(old)) = (self.tiles.get(placed.belt), before.spots[at].1) else {
                continue;
            };
            let old = old[placed.lane].length;
            let new = tile.spots[placed.lane].length;
            let position = match tile.kind {
                _ if old == new => placed.position,
                // The open half keeps its place; what lay in a tunnel that is gone has none.
                BeltKind::Entrance => placed.position + new - old,
                BeltKind::Exit => placed.position,
                _ => placed.position * (new - 1) / old,
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

    /// Wakes new lines: one whose downstream belt was that of an awake one keeps its place in the order, the others
    /// come last, and so does what runs into them.
    fn wake_made(&mut self, belts: &[u32], before: Before) {
        let mut gone = Vec::new();
        for (place, head) in before.heads {
            if let Some(track) = self.track_of(head) {
                self.awake[place].0 = track;
                self.tracks[track as usize].awake = self.awake[place].1;
            } else {
                gone.push(place);
            }
        }
        for place in gone.into_iter().rev() {
            self.awake.remove(place);
        }
        let fed = before
            .feeders
            .into_iter()
            .map(|feeder| self.head_of(feeder));
        let mut heads: Vec<Head> = belts
            .iter()
            .flat_map(|index| [(*index, 0), (*index, 1)])
            .chain(fed)
            .collect();
        heads.sort_unstable();
        heads.dedup();
        for head in heads {
            if let Some(track) = self.track_of(head)
                && !self.tracks[track as usize].lane.is_empty()
            {
                self.wake_track(track);
            }
        }
    }

    /// Wakes the lane that ends with a belt.
    pub(super) fn wake_head(&mut self, head: Head) {
        if let Some(track) = self.track_of(head) {
            self.wake_track(track);
        }
    }

    /// Lists the lanes that are awake in the order of waking.
    pub(super) fn awake_heads(&self) -> Vec<Head> {
        self.awake
            .iter()
            .filter(|(track, number)| self.tracks[*track as usize].awake == *number)
            .map(|(track, _)| self.head_of(*track))
            .collect()
    }
}

const DIRECTIONS: [Direction; 4] = [
    Direction::NORTH,
    Direction::EAST,
    Direction::SOUTH,
    Direction::WEST,
];

fn neighbours(tile: TilePos) -> impl Iterator<Item = TilePos> {
    DIRECTIONS
        .map(Direction::steps)
        .into_iter()
        .map(move |(dx, dy)| tile.offset(dx, dy))
}

/// Gives how far apart the ends of an underground belt are at most, over all kinds.
fn longest_reach() -> i32 {
    static REACH: OnceLock<i32> = OnceLock::new();
    *REACH.get_or_init(|| {
        let belts = vanilla()
            .entities()
            .iter()
            .filter_map(|entity| entity.belt.as_ref());
        belts
            .map(|belt| belt.max_distance as i32)
            .max()
            .unwrap_or(0)
    })
}
