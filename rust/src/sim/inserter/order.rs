//! Who acts, and in which order: the list of inserters, which is part of the state.
//!
//! The list is run from last to first and a new inserter joins the end, so the one built last acts first. One that waits
//! for a machine or chest sleeps: it leaves the list and rejoins at the end when it is woken, so that of those woken
//! together the first to fall asleep acts first, and never in the tick in which it was woken. One that waits for a belt or
//! for the ground dozes: it keeps its place in the list (measured on 2.0.60, `docs/fidelity.md`).

use serde::{Deserialize, Serialize};

/// The list; an entry is an inserter's place in the slab, and a mark where it dozes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    entries: Vec<u32>,
    /// Whether an inserter fell asleep since the list was last tidied.
    has_gaps: bool,
}

const DOZING: u32 = 1 << 31;
const GAP: u32 = u32::MAX;

impl Order {
    /// Counts the entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Says whether no inserter is in the list.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives the inserter at `place`, if it is awake.
    #[inline]
    pub fn awake_at(&self, place: usize) -> Option<u32> {
        self.entries
            .get(place)
            .copied()
            .filter(|entry| entry & DOZING == 0)
    }

    /// Counts the inserters that act.
    pub fn awake_count(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| *entry & DOZING == 0)
            .count()
    }

    /// Walks the inserters of the list, dozing ones too.
    pub(in crate::sim) fn members(&self) -> impl Iterator<Item = u32> + '_ {
        self.entries.iter().map(|entry| entry & !DOZING)
    }

    pub(super) fn join(&mut self, inserter: u32) {
        self.entries.push(inserter);
    }

    pub(super) fn leave(&mut self, inserter: u32) {
        self.entries.retain(|entry| entry & !DOZING != inserter);
    }

    /// Takes the inserter at `place` out while the list is run; [`Order::tidy`] closes the gap.
    pub(super) fn sleep_at(&mut self, place: usize) {
        self.entries[place] = GAP;
        self.has_gaps = true;
    }

    pub(super) fn doze_at(&mut self, place: usize) {
        self.entries[place] |= DOZING;
    }

    pub(super) fn rouse(&mut self, inserter: u32) {
        if let Some(entry) = self
            .entries
            .iter_mut()
            .find(|entry| **entry == inserter | DOZING)
        {
            *entry = inserter;
        }
    }

    pub(super) fn tidy(&mut self) {
        if std::mem::take(&mut self.has_gaps) {
            self.entries.retain(|entry| *entry != GAP);
        }
    }

    pub(in crate::sim) fn clear(&mut self) {
        self.entries.clear();
        self.has_gaps = false;
    }
}
