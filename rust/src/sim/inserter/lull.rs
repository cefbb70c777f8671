//! Lulls: ticks in which an inserter that waits over a moving belt would find what it found before, so it need not look.
//!
//! A lull is a cache: in each of its ticks looking would change nothing, not even the status. It ends at a known tick,
//! when the belt is no longer calm, and when the inserter is woken, as by a sink that has room again.

use super::{BeltPlace, Inserter, Place, Stage, drop_position, kind::Kind};
use crate::sim::belt::{Calm, Jam};
use crate::sim::energy::Energy;
use crate::sim::power::NetworkId;
use crate::sim::world::World;

/// Why an inserter need not act.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sim) struct Lull {
    /// The last tick of it.
    until: u64,
    watched: Watched,
}

/// What must stay as it is for a lull to last.
#[derive(Clone, Copy, Debug)]
enum Watched {
    /// The belt that it takes from.
    Source(Calm),
    /// The lane that it drops onto, and the power of what is driven by some: it looks whether it has any.
    Sink(Jam, Option<NetworkId>),
}

impl Default for Watched {
    fn default() -> Self {
        Self::Source(Calm::default())
    }
}

#[cfg(test)]
impl Lull {
    /// Says whether there was a lull at all.
    pub(in crate::sim) fn has_been(&self) -> bool {
        self.until > 0
    }
}

impl Inserter {
    /// Says whether a tick of waiting changes nothing in what drives the inserter.
    fn is_steady(&self, kind: &Kind) -> bool {
        match &self.energy {
            Energy::Burner(burner) => burner.buffer_joules >= kind.buffer_joules,
            Energy::Electric(_) => !self.is_slowed,
            Energy::Void => true,
        }
    }
}

impl World {
    /// Says whether the inserter at `index` would only find what it found before.
    #[inline]
    pub(super) fn is_in_lull(&self, index: u32) -> bool {
        let Some(lull) = self.lulls.get(index as usize) else {
            return false;
        };
        self.tick <= lull.until
            && match &lull.watched {
                Watched::Source(calm) => self.belts.is_calm(calm),
                Watched::Sink(jam, network) => {
                    self.belts.is_jammed(jam)
                        && network.is_none_or(|network| self.power.satisfaction(network) >= 1.0)
                }
            }
    }

    /// Ends the lull of an inserter.
    pub(super) fn end_lull(&mut self, index: u32) {
        if let Some(lull) = self.lulls.get_mut(index as usize) {
            lull.until = 0;
        }
        self.end_view(index);
    }

    /// Begins a lull of `ticks` of the inserter at `index`, which waits over `belt`, if it has no sooner reason to act.
    pub(super) fn begin_lull(&mut self, index: u32, belt: u32, ticks: u32) {
        let is_steady = self
            .inserters
            .get(index)
            .is_some_and(|inserter| inserter.is_steady(inserter.kind()));
        let Some(calm) = self.belts.calm(belt) else {
            return;
        };
        if ticks == 0 || !is_steady {
            return;
        }
        self.set_lull(index, ticks, Watched::Source(calm));
    }

    /// Begins a lull of the inserter at `index`, which waits for room on `belt`, which moves, if there can be none for
    /// some ticks.
    pub(super) fn begin_jam(&mut self, index: u32, belt: BeltPlace) {
        let Some(inserter) = self.inserters.get(index) else {
            return;
        };
        let Some(entity) = self.entities.get(inserter.slot) else {
            return;
        };
        if inserter.stage != Stage::AtDrop || inserter.is_slowed || belt.belts[0] != belt.belts[1] {
            return;
        }
        let network = inserter.energy.network();
        let (from, drop) = (entity.position, drop_position(entity));
        let found = self
            .belt_drop_place(belt.slot, from, drop)
            .and_then(|(belt, lane, position)| self.belts.ticks_jammed(belt, lane, position));
        if let Some((jam, ticks)) = found {
            self.set_lull(index, ticks, Watched::Sink(jam, network));
        }
    }

    fn set_lull(&mut self, index: u32, ticks: u32, watched: Watched) {
        let place = index as usize;
        if place >= self.lulls.len() {
            self.lulls.resize(place + 1, Lull::default());
        }
        self.lulls[place] = Lull {
            until: self.tick + u64::from(ticks),
            watched,
        };
    }

    /// Says whether the inserter at `index` is told when its sink has room for what it had none for.
    pub(super) fn is_told_by_sink(&self, index: u32) -> bool {
        self.inserters.get(index).is_some_and(|inserter| {
            !matches!(inserter.sink, Place::Machine(_)) || inserter.refused.is_some()
        })
    }
}
