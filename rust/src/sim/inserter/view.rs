//! What an arm on its way back to a belt knows of it: that nothing there will be wanted for some ticks.
//!
//! A view is a cache, as a lull is: in each of its ticks looking would find nothing to go for. It ends at a known tick,
//! when the belt is no longer calm, and when the contents of the sink change, as those who wait for room there are told.

use super::pick::wants;
use super::{Inserter, Place};
use crate::prototypes::ItemId;
use crate::sim::belt::Calm;
use crate::sim::energy::Energy;
use crate::sim::world::World;

/// How far ahead is looked: as long as the slowest arm takes to come back.
const MAX_TICKS: u32 = 40;

/// That nothing on a belt is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sim) struct View {
    /// The last tick of it.
    until: u64,
    calm: Calm,
    /// The sink, and how often its contents had changed.
    sink: Option<u32>,
    stirs: u32,
}

impl World {
    /// Says whether nothing on the belt that the inserter at `index` takes from is wanted, as it was found before.
    #[inline]
    pub(super) fn sees_nothing_wanted(&self, index: u32) -> bool {
        self.views.get(index as usize).is_some_and(|view| {
            self.tick <= view.until
                && self.belts.is_calm(&view.calm)
                && view
                    .sink
                    .is_none_or(|sink| self.stirs_of(sink) == view.stirs)
        })
    }

    /// Forgets what the inserter at `index` knows.
    pub(super) fn end_view(&mut self, index: u32) {
        if let Some(view) = self.views.get_mut(index as usize) {
            view.until = 0;
        }
    }

    /// Notes for how long nothing on the belt that the inserter at `index` takes from can be wanted; nothing is now.
    pub(super) fn begin_view(&mut self, index: u32, [belt, other]: [u32; 2]) {
        let (Some(inserter), Some(calm)) = (self.inserters.get(index), self.belts.calm(belt))
        else {
            return;
        };
        // What a burner's own slot has room for changes without notice.
        let is_burner = matches!(inserter.energy, Energy::Burner(_));
        if belt != other || is_burner || inserter.held.is_some() {
            return;
        }
        let mut verdict: Option<(ItemId, bool)> = None;
        let ticks = self.belts.ticks_to_wanted(belt, MAX_TICKS, |item| {
            let is_wanted = match verdict {
                Some((known, is_wanted)) if known == item => is_wanted,
                _ => self.is_taken_by(inserter, item),
            };
            verdict = Some((item, is_wanted));
            is_wanted
        });
        let sink = match inserter.sink {
            Place::Machine(slot) => Some(slot),
            Place::Belt(_) | Place::Ground => None,
        };
        let place = index as usize;
        if place >= self.views.len() {
            self.views.resize(place + 1, View::default());
        }
        self.views[place] = View {
            until: self.tick + u64::from(ticks),
            calm,
            sink,
            stirs: sink.map_or(0, |sink| self.stirs_of(sink)),
        };
    }

    fn is_taken_by(&self, inserter: &Inserter, item: ItemId) -> bool {
        inserter.refused != Some(item) && wants(self, inserter, item)
    }

    #[inline]
    fn stirs_of(&self, slot: u32) -> u32 {
        self.stirs.get(slot as usize).copied().unwrap_or(0)
    }

    /// Counts that the contents of the entity in `slot` changed.
    #[inline]
    pub(in crate::sim) fn stir(&mut self, slot: u32) {
        let place = slot as usize;
        if place >= self.stirs.len() {
            self.stirs.resize(place + 1, 0);
        }
        self.stirs[place] = self.stirs[place].wrapping_add(1);
    }
}
