//! What an observer sees of belts, and whether it has to look again.

use super::Belts;
use crate::prototypes::ItemId;

impl Belts {
    /// Gives the number of the belt tick, to be given to [`Belts::changed_since`] later.
    pub fn clock(&self) -> u64 {
        self.clock
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
