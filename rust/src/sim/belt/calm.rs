//! How long what is seen of a belt stays as it is, so that who looks at it need not look in every tick.
//!
//! Items move by at most a step a tick, so an item upstream is not on the belt before it can have come there, and an item
//! on it has not left before it can have gone. What comes onto the line from its side, from an arm or a hand, and what
//! is taken off the belt, is counted; [`Belts::is_calm`] says whether either happened.

use std::ops::Range;

use super::{BeltTile, Belts};
use crate::prototypes::ItemId;

/// What comes onto a line over its upstream end lies at most so many steps in it after its first tick there.
const STEPS_OF_ARRIVAL: i32 = 3;

/// What a belt was like when someone looked at it.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Calm {
    belt: u32,
    line: u32,
    layout: u32,
    arrivals: u32,
    removals: u32,
}

impl Belts {
    /// Notes what a belt is like now.
    pub(in super::super) fn calm(&self, belt: u32) -> Option<Calm> {
        let (tile, line) = self.tile_on_line(belt)?;
        Some(Calm {
            belt,
            line,
            layout: self.layout,
            arrivals: self.lines[line as usize].arrivals,
            removals: tile.removals,
        })
    }

    /// Says whether since then nothing came onto the line but over its upstream end, nothing was taken off the belt,
    /// and the line may move in this tick.
    #[inline]
    pub(in super::super) fn is_calm(&self, calm: &Calm) -> bool {
        calm.layout == self.layout
            && self.lines[calm.line as usize].arrivals == calm.arrivals
            && self
                .tiles
                .get(calm.belt)
                .is_some_and(|tile| tile.removals == calm.removals)
            && self.is_line_awake(calm.line)
    }

    /// Counts the ticks in which an empty part of a belt stays empty while the line is calm.
    ///
    /// `visible` gives the part of the belt for each of its lanes.
    pub(in super::super) fn ticks_empty(&self, belt: u32, visible: [Range<i32>; 2]) -> u32 {
        let mut ticks = u32::MAX;
        for (lane, part) in visible.into_iter().enumerate() {
            ticks = ticks.min(self.ticks_to_arrival(belt, lane, part.end, u32::MAX, |_| true));
        }
        ticks
    }

    /// Counts the ticks in which a part of a belt is neither empty nor has any item for which `is_wanted`, while the line
    /// is calm; nothing on it is wanted now.
    pub(in super::super) fn ticks_unwanted(
        &self,
        belt: u32,
        visible: [Range<i32>; 2],
        mut is_wanted: impl FnMut(ItemId) -> bool,
    ) -> u32 {
        let Some((tile, line)) = self.tile_on_line(belt) else {
            return 0;
        };
        let mut ticks = 0;
        for (lane, part) in visible.iter().enumerate() {
            let start = tile.spots[lane].start;
            let items = &self.tracks[line as usize * 2 + lane].lane;
            let seen = items.range(start + part.start..start + part.end);
            if let Some(last) = items.positions()[seen].last() {
                ticks = ticks.max((last - start - part.start) / tile.speed);
            }
        }
        let mut ticks = ticks as u32;
        for (lane, part) in visible.into_iter().enumerate() {
            ticks = ticks.min(self.ticks_to_arrival(belt, lane, part.end, ticks, &mut is_wanted));
        }
        ticks
    }

    /// Counts the ticks, up to `enough`, before an item for which `is_wanted` can be on a belt above ground, while the
    /// line is calm; nothing on it is wanted now.
    pub(in super::super) fn ticks_to_wanted(
        &self,
        belt: u32,
        enough: u32,
        mut is_wanted: impl FnMut(ItemId) -> bool,
    ) -> u32 {
        let mut ticks = enough;
        for lane in 0..2 {
            let edge = self.visible_part(belt, lane).end;
            ticks = self.ticks_to_arrival(belt, lane, edge, ticks, &mut is_wanted);
        }
        ticks
    }

    /// Reads a belt with the line that it is on.
    fn tile_on_line(&self, belt: u32) -> Option<(&BeltTile, u32)> {
        let tile = self.tiles.get(belt)?;
        Some((tile, tile.line?))
    }

    /// Counts the ticks, up to `enough`, before an item for which `is_wanted` can be downstream of `edge` on a belt.
    fn ticks_to_arrival(
        &self,
        belt: u32,
        lane: usize,
        edge: i32,
        enough: u32,
        mut is_wanted: impl FnMut(ItemId) -> bool,
    ) -> u32 {
        let Some((tile, line)) = self.tile_on_line(belt) else {
            return 0;
        };
        let (edge, speed) = (tile.spots[lane].start + edge, tile.speed);
        let track = &self.tracks[line as usize * 2 + lane];
        let positions = track.lane.positions();
        let first = track.lane.first_at(edge);
        for (position, item) in positions[first..].iter().zip(&track.lane.items()[first..]) {
            let ticks = ((position - edge) / speed) as u32;
            if ticks >= enough {
                return enough;
            }
            if is_wanted(*item) {
                return ticks;
            }
        }
        let arrival = track.length - STEPS_OF_ARRIVAL * speed - edge;
        enough.min((arrival / speed).max(0) as u32)
    }
}
