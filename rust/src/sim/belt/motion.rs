//! The belt phase: every lane that is awake moves once.
//!
//! Lanes move last woken first, each after the one that it runs into (measured on 2.0.60). A lane in which nothing
//! moved falls asleep, and so does an empty one; it wakes when an item is put on or taken off, when belts change, and when what it runs into
//! moves, and then moves in the same tick.

use super::lane::SPACING;
use super::{Belts, End, Track};
use crate::prototypes::ItemId;

/// How many lanes may wait for the one ahead of them; beyond it a lane moves without asking the one ahead first.
const MAX_DEPTH: u32 = 500;

impl Belts {
    /// Moves every item one tick.
    pub fn tick(&mut self) {
        self.settle();
        self.clock += 1;
        if self.awake.is_empty() {
            return;
        }
        let tracks = &mut self.tracks;
        self.awake
            .retain(|(track, number)| tracks[*track as usize].awake == *number);
        // Numbered anew each tick, so that the numbers stay small for ever.
        for (index, (track, number)) in self.awake.iter_mut().enumerate() {
            *number = index as u32 + 1;
            tracks[*track as usize].awake = *number;
        }
        self.next_awake = self.awake.len() as u32;
        let mut order = std::mem::take(&mut self.order);
        order.clone_from(&self.awake);
        for &(track, number) in order.iter().rev() {
            let facts = &self.tracks[track as usize];
            if facts.awake == number && facts.acted_at != self.clock {
                self.act(track);
            }
        }
        self.order = order;
    }

    fn track(&self, index: u32) -> &Track {
        &self.tracks[index as usize]
    }

    fn track_mut(&mut self, index: u32) -> &mut Track {
        &mut self.tracks[index as usize]
    }

    /// Wakes a lane, as the last of those that are awake.
    pub(super) fn wake_track(&mut self, index: u32) {
        if self.track(index).awake == 0 {
            self.next_awake += 1;
            let number = self.next_awake;
            self.track_mut(index).awake = number;
            self.awake.push((index, number));
        }
    }

    /// Notes that an item came onto a lane: one that was empty is woken anew, as the last.
    fn note_arrival(&mut self, index: u32) {
        if self.track(index).lane.len() == 1 {
            self.track_mut(index).awake = 0;
        }
        self.touch(index);
    }

    /// Notes that something came onto a lane or left it.
    pub(super) fn touch(&mut self, index: u32) {
        let clock = self.clock;
        self.track_mut(index).changed_at = clock;
        self.changed_at = clock;
        self.wake_track(index);
        self.tell_watchers(index / 2);
    }

    fn tell_watchers(&mut self, line: u32) {
        let watchers = &mut self.lines[line as usize].watchers;
        self.woken.append(watchers);
    }

    /// Moves one lane, after the lanes that it runs into.
    fn act(&mut self, index: u32) {
        let clock = self.clock;
        self.track_mut(index).acted_at = clock;
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            self.act_ahead(index);
        }
        let moved = self.advance(index);
        let track = self.track_mut(index);
        track.moved = moved;
        if moved {
            track.changed_at = clock;
            self.changed_at = clock;
            self.tell_watchers(index / 2);
        }
        if !moved || self.track(index).lane.is_empty() {
            self.track_mut(index).awake = 0;
        }
        self.act_behind(index);
        self.depth -= 1;
    }

    /// Moves what a lane runs into, if it is awake and has not moved yet.
    fn act_ahead(&mut self, index: u32) {
        let lane = index as usize % 2;
        match self.track(index).end {
            End::Stop | End::Loop => {}
            End::Lane(next) | End::Side { lane: next, .. } => self.act_if_awake(next),
            End::Splitter { splitter, side } => {
                let Some(facts) = self.splitters.get(splitter) else {
                    return;
                };
                let (outs, partner) = (facts.out_lines, facts.in_lines[usize::from(1 - side)]);
                let waits = facts.preferred_input(lane) != side;
                for line in outs {
                    self.act_if_awake(line * 2 + lane as u32);
                }
                // The input whose turn it is goes first, whichever of the two was woken last.
                let partner = partner * 2 + lane as u32;
                let other = self.track(partner);
                if waits && other.acted_at != self.clock && !other.lane.is_empty() {
                    self.wake_track(partner);
                    self.act(partner);
                }
            }
        }
    }

    fn act_if_awake(&mut self, index: u32) {
        let track = self.track(index);
        if track.awake != 0 && track.acted_at != self.clock {
            self.act(index);
        }
    }

    /// Wakes and moves the sleeping lanes that run into a lane.
    fn act_behind(&mut self, index: u32) {
        for place in 0..self.track(index).feeders.len() {
            let feeder = self.track(index).feeders[place];
            let track = self.track(feeder);
            if track.awake != 0 || track.lane.is_empty() {
                continue;
            }
            let is_due = track.acted_at != self.clock && self.depth <= MAX_DEPTH;
            self.wake_track(feeder);
            if is_due {
                self.act(feeder);
            }
        }
    }

    /// Moves the items of a lane; returns whether any moved.
    fn advance(&mut self, index: u32) -> bool {
        let speed = self.track(index).speed;
        match self.track(index).end {
            End::Stop => self.track_mut(index).lane.advance(speed, 0),
            End::Loop => self.advance_loop(index, speed),
            End::Lane(next) => {
                let mut has_left = false;
                let mut limit = self.limit_behind(next);
                while let Some((before, item)) = self.track(index).lane.front() {
                    let after = (before - speed).max(limit);
                    if after >= 0 {
                        break;
                    }
                    self.track_mut(index).lane.pop_front();
                    self.push(next, after, item);
                    limit = after + SPACING;
                    has_left = true;
                }
                self.track_mut(index).lane.advance(speed, limit) || has_left
            }
            End::Side { .. } | End::Splitter { .. } => {
                let mut has_left = false;
                while let Some((before, item)) = self.track(index).lane.front()
                    && before < speed
                    && self.leave(index, before, item)
                {
                    self.track_mut(index).lane.pop_front();
                    has_left = true;
                }
                self.track_mut(index).lane.advance(speed, 0) || has_left
            }
        }
    }

    /// Gives the lowest position, seen from the lane behind, that the rearmost item of `next` leaves free.
    fn limit_behind(&self, next: u32) -> i32 {
        let track = self.track(next);
        track
            .lane
            .back()
            .map_or(i32::MIN, |back| back + SPACING - track.length)
    }

    /// Puts an item on the back of a lane, `position` below its upstream edge.
    fn push(&mut self, index: u32, position: i32, item: ItemId) {
        let track = self.track_mut(index);
        let length = track.length;
        track.lane.push_back(length + position, item);
        self.note_arrival(index);
    }

    /// Moves a closed loop: nothing ahead holds the front item, and what crosses the seam moves on as far as it went
    /// in (measured on 2.0.60: from 6 before the seam to 4 behind it, from 0 to 16).
    ///
    /// It waits only where there is no place behind the seam. A loop that a changed belt left with more items than it
    /// has room for turns as a whole.
    fn advance_loop(&mut self, index: u32, speed: i32) -> bool {
        let track = self.track_mut(index);
        let Some((before, item)) = track.lane.front() else {
            return false;
        };
        let length = track.length;
        if track.lane.len() as i32 * SPACING > length {
            track.lane.rotate(speed, length);
            return true;
        }
        let after = before - speed;
        let is_free = track.lane.back().is_none_or(|back| back + 1 < length);
        if after >= 0 || !is_free {
            return track.lane.advance(speed, 0);
        }
        track.lane.pop_front();
        track.lane.advance(speed, 0);
        let behind_all = track.lane.back().map_or(0, |back| back + 1);
        track.lane.push_back((length + after).max(behind_all), item);
        track.lane.nudge_back(-after);
        true
    }

    /// Puts the front item of a lane across its end, into a splitter or onto the side of another belt.
    fn leave(&mut self, index: u32, before: i32, item: ItemId) -> bool {
        match self.track(index).end {
            End::Side { lane, entry, belt } => self.put(lane, belt, entry, entry + before, item),
            End::Splitter { splitter, side } => self.pass(index, splitter, side, before, item),
            End::Stop | End::Lane(_) | End::Loop => false,
        }
    }

    /// Passes an item through a splitter, if one of the outputs that may take it has room.
    fn pass(&mut self, index: u32, splitter: u32, input: u8, before: i32, item: ItemId) -> bool {
        let lane = index as usize % 2;
        let after = before - self.track(index).speed;
        let Some(facts) = self.splitters.get(splitter) else {
            return false;
        };
        let outs = facts.out_lines;
        let (better, other) = facts.outputs_for(lane, item);
        for output in std::iter::once(better).chain(other) {
            let next = outs[output] * 2 + lane as u32;
            let after = after.max(self.limit_behind(next));
            if after >= 0 {
                continue;
            }
            self.push(next, after, item);
            // An item moves once in a tick, also where the other input finds its lane awake.
            let clock = self.clock;
            let track = self.track_mut(next);
            track.acted_at = clock;
            track.moved = true;
            if let Some(facts) = self.splitters.get_mut(splitter) {
                facts.note_passed(lane, input, output);
            }
            return true;
        }
        false
    }

    /// Puts an item onto a lane at `target`, a place on `belt`, by the rule of [`super::lane::Lane::place_for`].
    pub(super) fn put(
        &mut self,
        index: u32,
        belt: u32,
        entry: i32,
        target: i32,
        item: ItemId,
    ) -> bool {
        let Some((place, position)) = self.place_on(index, belt, entry, target) else {
            return false;
        };
        self.track_mut(index).lane.insert(place, position, item);
        let arrivals = &mut self.lines[index as usize / 2].arrivals;
        *arrivals = arrivals.wrapping_add(1);
        self.note_arrival(index);
        true
    }

    /// Finds where an item put onto a lane at `target` goes, if it has room on `belt`.
    pub(super) fn place_on(
        &self,
        index: u32,
        belt: u32,
        entry: i32,
        target: i32,
    ) -> Option<(usize, i32)> {
        let track = self.track(index);
        let beyond = match track.end {
            End::Lane(next) => self
                .track(next)
                .lane
                .back()
                .map(|back| back - self.track(next).length),
            // A loop that is full takes nothing more.
            End::Loop if (track.lane.len() as i32 + 1) * SPACING > track.length => return None,
            End::Loop => track.lane.back().map(|back| back - track.length),
            End::Stop | End::Side { .. } | End::Splitter { .. } => None,
        };
        let (place, position) = track.lane.place_for(entry, target, track.speed, beyond)?;
        let spot = self.tiles.get(belt)?.spots[index as usize % 2];
        // The step that it makes at once does not lead over the end of the line.
        (position < spot.start + spot.length).then_some((place, position.max(0)))
    }
}
