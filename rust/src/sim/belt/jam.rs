//! How long a place on a belt takes nothing, so that who waits to put something there need not try in every tick.
//!
//! Something is put behind an item only where the gap behind that is more than one spacing. While nothing is taken off
//! the lane no gap grows: an item follows the one ahead at the same speed, and what comes onto the lane only fills gaps.
//! So none can be at the place before the nearest gap upstream can have come there.

use super::lane::SPACING;
use super::{Belts, End};

/// How many items upstream are looked at: as many as pass a yellow belt in four seconds.
const MAX_LOOKED_AT: usize = 32;

/// A lane that has no room at some place.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Jam {
    track: u32,
    layout: u32,
    removals: u32,
}

impl Belts {
    /// Says whether since then nothing was taken off the lane, and the line may move in this tick.
    #[inline]
    pub(in super::super) fn is_jammed(&self, jam: &Jam) -> bool {
        jam.layout == self.layout
            && self.tracks[jam.track as usize].removals == jam.removals
            && self.is_line_awake(jam.track / 2)
    }

    /// Counts the ticks in which nothing can be put at `position` of a belt as long as the lane stays jammed, where now
    /// nothing can; none where that is not known.
    pub(in super::super) fn ticks_jammed(
        &self,
        belt: u32,
        lane: usize,
        position: i32,
    ) -> Option<(Jam, u32)> {
        let tile = self.tiles.get(belt)?;
        let index = tile.line? * 2 + lane as u32;
        let track = &self.tracks[index as usize];
        let entry = tile.spots[lane].start + position;
        // Near its end a lane depends on the next one, and a loop has gaps across its seam.
        if track.end == End::Loop || entry < 2 * SPACING {
            return None;
        }
        let positions = track.lane.positions();
        let behind = track.lane.first_at(entry + 1);
        let nearest = behind.checked_sub(1)?;
        let last = (nearest + MAX_LOOKED_AT).min(positions.len() - 1);
        let gap = (nearest..last)
            .find(|index| positions[index + 1] - positions[*index] > SPACING)
            .unwrap_or(last);
        // The item ahead of the gap must have passed the place.
        let way = positions[gap] - (entry - 1);
        let ticks = (way + tile.speed - 1).div_euclid(tile.speed.max(1)) - 1;
        let jam = Jam {
            track: index,
            layout: self.layout,
            removals: track.removals,
        };
        (ticks > 0).then_some((jam, ticks as u32))
    }
}
