//! A lane: the items on one side of a line of belts, and how they move along it.
//!
//! Positions are distances from the lane's downstream end in 1/256 tile, rising; the front item comes first.
//! An item keeps [`SPACING`] to the one ahead. One that was put on closer behind (a "squash", as the game calls it)
//! waits until the item ahead has gone that far; until then `is_squashed` makes each tick look at every item.
//! The front is popped by moving `head`; the space before it is given back in one go.

use std::ops::Range;

use crate::prototypes::ItemId;

/// Smallest distance that moving keeps between the centres of two items, 1/256 tile (measured on 2.0.60).
pub const SPACING: i32 = 64;
/// Popped items are cut off once there are this many of them, and more than items left.
const MAX_POPPED: usize = 64;

/// The items of one lane, front first.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    positions: Vec<i32>,
    items: Vec<ItemId>,
    /// Items before this index have left the lane.
    head: usize,
    /// The front items that cannot move as long as the first of them cannot.
    n_stopped: usize,
    /// Some item may be closer than [`SPACING`] to the one ahead.
    is_squashed: bool,
}

impl Lane {
    pub(super) fn len(&self) -> usize {
        self.positions.len() - self.head
    }

    pub(super) fn is_empty(&self) -> bool {
        self.positions.len() == self.head
    }

    /// Reads the positions, front first.
    #[inline]
    pub(super) fn positions(&self) -> &[i32] {
        &self.positions[self.head..]
    }

    /// Reads the items, front first.
    #[inline]
    pub(super) fn items(&self) -> &[ItemId] {
        &self.items[self.head..]
    }

    /// Gives the position and kind of the front item.
    #[inline]
    pub(super) fn front(&self) -> Option<(i32, ItemId)> {
        Some((*self.positions.get(self.head)?, *self.items.get(self.head)?))
    }

    /// Gives the position of the rearmost item.
    #[inline]
    pub(super) fn back(&self) -> Option<i32> {
        if self.is_empty() {
            None
        } else {
            self.positions.last().copied()
        }
    }

    /// Takes the front item off.
    pub(super) fn pop_front(&mut self) {
        debug_assert!(!self.is_empty(), "only what is there is popped");
        self.head += 1;
        self.n_stopped = 0;
        if self.head == self.positions.len() {
            self.positions.clear();
            self.items.clear();
            self.head = 0;
        } else if self.head >= MAX_POPPED && self.head > self.len() {
            self.positions.drain(..self.head);
            self.items.drain(..self.head);
            self.head = 0;
        }
    }

    /// Says whether the lane knows that some items may lie closer than [`SPACING`].
    pub(super) fn knows_squash(&self) -> bool {
        self.is_squashed
    }

    /// Puts an item on behind all others; `position` is not ahead of them.
    pub(super) fn push_back(&mut self, position: i32, item: ItemId) {
        if let Some(back) = self.back() {
            debug_assert!(position >= back, "items keep their order");
            self.is_squashed |= position - back < SPACING;
        }
        self.positions.push(position);
        self.items.push(item);
    }

    /// Finds the indices of the items within `range`.
    pub(super) fn range(&self, range: Range<i32>) -> Range<usize> {
        let start = self.first_at(range.start);
        // What is looked for is seldom longer than a belt: a few items.
        let length = self.positions()[start..]
            .iter()
            .take_while(|position| **position < range.end)
            .count();
        start..start + length
    }

    /// Finds the index of the first item at or behind `position`.
    ///
    /// Spacing leaves few indices to search: none on a lane that is full up to there, or from there on.
    #[inline]
    pub(super) fn first_at(&self, position: i32) -> usize {
        let positions = self.positions();
        let (Some(front), Some(back)) = (positions.first(), positions.last()) else {
            return 0;
        };
        if position <= *front {
            return 0;
        }
        if position > *back {
            return positions.len();
        }
        if self.is_squashed {
            return positions.partition_point(|other| *other < position);
        }
        // Each item lies a spacing or more behind the one ahead; division by a power of two is a shift.
        let n_ahead = ((position - front - 1) / SPACING) as usize + 1;
        let n_behind = ((back - position) / SPACING) as usize + 1;
        let end = n_ahead.min(positions.len());
        let start = positions.len().saturating_sub(n_behind);
        let index = start + positions[start..end].partition_point(|other| *other < position);
        debug_assert_eq!(
            index,
            positions.partition_point(|other| *other < position),
            "a lane that is not squashed keeps its spacing"
        );
        index
    }

    /// Puts an item on before the item at `index`.
    pub(super) fn insert(&mut self, index: usize, position: i32, item: ItemId) {
        let positions = self.positions();
        let is_squashed = (index > 0 && position - positions[index - 1] < SPACING)
            || (index < positions.len() && positions[index] - position < SPACING);
        self.is_squashed |= is_squashed;
        self.n_stopped = self.n_stopped.min(index);
        self.positions.insert(self.head + index, position);
        self.items.insert(self.head + index, item);
    }

    /// Takes the item at `index` off.
    pub(super) fn remove(&mut self, index: usize) -> ItemId {
        if index == 0 {
            let item = self.items[self.head];
            self.pop_front();
            return item;
        }
        self.n_stopped = self.n_stopped.min(index);
        self.positions.remove(self.head + index);
        self.items.remove(self.head + index)
    }

    /// Finds where an item dropped at `target` goes, as (index, position after the step that it makes at once).
    ///
    /// Measured on 2.0.60 (1,377 cases): items at or ahead of `entry` count as ahead; the new item goes to the first
    /// place that is [`SPACING`] clear of every item ahead, only if that is less than [`SPACING`] behind the entry, and
    /// at once makes the step of this tick. Items behind are not consulted. `beyond` is the item ahead of the lane's
    /// end, as a position below zero.
    pub(super) fn place_for(
        &self,
        entry: i32,
        target: i32,
        speed: i32,
        beyond: Option<i32>,
    ) -> Option<(usize, i32)> {
        let positions = self.positions();
        let mut place = entry;
        let mut ahead = beyond;
        if let Some(beyond) = beyond {
            place = place.max(beyond + SPACING);
        }
        // Items further ahead than one spacing have no say.
        let mut index = self.first_at(entry - SPACING + 1);
        if index > 0 {
            ahead = Some(positions[index - 1]);
        }
        while let Some(position) = positions.get(index)
            && *position <= place
        {
            ahead = Some(*position);
            place = place.max(position + SPACING);
            index += 1;
        }
        if place - entry >= SPACING {
            return None;
        }
        let place = place.max(target);
        let limit = ahead.map_or(i32::MIN, |ahead| ahead + SPACING);
        Some((index, (place - speed).max(limit).min(place)))
    }

    /// Moves the items by at most `speed`, the front item to no less than `limit`; returns whether any moved.
    ///
    /// The caller has popped what leaves the lane, so nothing ends below zero unless `limit` allows it.
    pub(super) fn advance(&mut self, speed: i32, limit: i32) -> bool {
        let head = self.head;
        let positions = &mut self.positions[head..];
        let Some(front) = positions.first().copied() else {
            return false;
        };
        let mut index = 0;
        let mut limit = limit;
        if front <= limit && self.n_stopped > 0 {
            // The queue behind a front that stands still need not be looked at again.
            index = self.n_stopped;
            limit = positions[index - 1] + SPACING;
        } else {
            self.n_stopped = 0;
        }
        let mut is_queue = index == self.n_stopped;
        let mut has_moved = false;
        if self.is_squashed {
            return self.advance_squashed(index, limit, speed);
        }
        while index < positions.len() {
            let before = positions[index];
            let after = (before - speed).max(limit).min(before);
            if after == before - speed {
                for position in &mut positions[index..] {
                    *position -= speed;
                }
                return true;
            }
            positions[index] = after;
            has_moved |= after != before;
            is_queue &= after == before;
            index += 1;
            if is_queue {
                self.n_stopped = index;
            }
            limit = after + SPACING;
        }
        has_moved
    }

    /// Moves the items from `index` on one by one, and finds whether some are still too close to the one ahead.
    fn advance_squashed(&mut self, index: usize, mut limit: i32, speed: i32) -> bool {
        let positions = &mut self.positions[self.head..];
        let mut is_squashed = positions[..index]
            .windows(2)
            .any(|pair| pair[1] - pair[0] < SPACING);
        let mut has_moved = false;
        let mut n_stopped = index;
        let mut is_first = index == 0;
        for position in &mut positions[index..] {
            let before = *position;
            let after = (before - speed).max(limit).min(before);
            *position = after;
            has_moved |= after != before;
            n_stopped += usize::from(!has_moved);
            is_squashed |= after < limit && !is_first;
            is_first = false;
            limit = after + SPACING;
        }
        self.n_stopped = n_stopped;
        self.is_squashed = is_squashed;
        has_moved
    }

    /// Moves every item of a closed loop of `length` by `speed`, keeping their distances whatever they are.
    pub(super) fn rotate(&mut self, speed: i32, length: i32) {
        for position in &mut self.positions[self.head..] {
            *position -= speed;
        }
        while let Some((position, item)) = self.front()
            && position < 0
        {
            self.pop_front();
            self.push_back(length + position, item);
        }
    }

    /// Moves the rearmost item on by at most `step`, keeping its distance.
    pub(super) fn nudge_back(&mut self, step: i32) {
        let n = self.positions.len();
        if self.is_empty() {
            return;
        }
        let before = self.positions[n - 1];
        let limit = if self.len() > 1 {
            self.positions[n - 2] + SPACING
        } else {
            i32::MIN
        };
        self.positions[n - 1] = (before - step).max(limit).min(before);
        self.is_squashed |= self.positions[n - 1] < limit;
    }
}
