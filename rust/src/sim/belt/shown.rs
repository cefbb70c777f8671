//! What an observer sees of belts, and whether it has to look again.

use super::Belts;
use crate::prototypes::ItemId;

/// Items that are passed from where a lane was entered the last time before it is searched as a whole.
const MAX_HINT_STEPS: usize = 8;

impl Belts {
    /// Gives the number of the belt tick, to be given to [`Belts::changed_since`] later.
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// Says whether anything may have changed on any line in or after belt tick `clock`.
    pub fn any_changed_since(&self, clock: u64) -> bool {
        self.changed_at >= clock
    }

    /// Says whether anything may have changed on the line of a belt in or after belt tick `clock`.
    pub fn changed_since(&self, belt: u32, clock: u64) -> bool {
        self.belt(belt)
            .and_then(|tile| tile.line)
            .is_none_or(|line| {
                let tracks = &self.tracks[line as usize * 2..line as usize * 2 + 2];
                tracks.iter().any(|track| track.changed_at >= clock)
            })
    }

    /// Finds anew what stands for what a belt carries, if that may have changed in or after belt tick `clock`.
    ///
    /// `hints` are where the lanes were entered the last time, any numbers at first: a few ticks move that by an item.
    #[inline]
    pub fn shown_since(
        &self,
        belt: u32,
        clock: u64,
        hints: &mut [u32; 2],
    ) -> Option<Option<ItemId>> {
        let Some(tile) = self.belt(belt) else {
            return Some(None);
        };
        let Some(line) = tile.line else {
            return Some(None);
        };
        let tracks = &self.tracks[line as usize * 2..line as usize * 2 + 2];
        if tracks.iter().all(|track| track.changed_at < clock) {
            return None;
        }
        let lanes = tracks.iter().zip(tile.spots).zip(hints);
        for ((track, spot), hint) in lanes {
            let positions = track.lane.positions();
            let index = first_from(positions, spot.start, *hint as usize);
            *hint = index as u32;
            if positions
                .get(index)
                .is_some_and(|position| *position < spot.start + spot.length)
            {
                return Some(Some(track.lane.items()[index]));
            }
        }
        Some(None)
    }

    /// Finds the item that stands for what a belt carries: the front one of lane 1, or of lane 2 where that is empty.
    pub fn shown(&self, belt: u32) -> Option<ItemId> {
        let tile = self.belt(belt)?;
        let line = tile.line? as usize;
        (0..2).find_map(|lane| {
            let spot = tile.spots[lane];
            let items = &self.tracks[line * 2 + lane].lane;
            let positions = items.positions();
            let index = positions.partition_point(|position| *position < spot.start);
            let is_here = *positions.get(index)? < spot.start + spot.length;
            is_here.then(|| items.items()[index])
        })
    }
}

/// Finds the index of the first position that is not before `start`, looking from `hint` on.
#[inline]
fn first_from(positions: &[i32], start: i32, hint: usize) -> usize {
    let mut index = hint.min(positions.len());
    for _ in 0..MAX_HINT_STEPS {
        if index < positions.len() && positions[index] < start {
            index += 1;
        } else if index > 0 && positions[index - 1] >= start {
            index -= 1;
        } else {
            return index;
        }
    }
    positions.partition_point(|position| *position < start)
}

#[cfg(test)]
mod tests {
    use super::first_from;

    #[test]
    fn every_hint_leads_to_the_first_position() {
        let positions: Vec<i32> = (0..40).map(|index| index / 2 * 64).collect();
        for start in -1..1400 {
            let first = positions.partition_point(|position| *position < start);
            for hint in 0..60 {
                assert_eq!(first_from(&positions, start, hint), first);
            }
        }
    }
}
