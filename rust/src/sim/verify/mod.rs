//! Paranoid mode: a whole world is checked against the rules that it must keep and against what follows from its state.
//!
//! [`World::verify`] changes nothing and is run by nobody but those who ask: the property tests, people who look for a
//! bug, sessions in Python. It costs some milliseconds for a world of a thousand entities, and the future's ticks twice.
//!
//! - [`census`]: how many there are of each item, wherever they are; the books of what was made, used and lost
//! - [`rules`]: what holds between ticks: stacks fit, lanes keep their order, fluids fit, records belong to entities
//! - `caches`: every cache against the one that is computed anew from the stored state
//! - `future`: a world from a snapshot must go on as the original does, so that nothing hides in caches; what sleeps
//!   must have nothing to do

mod caches;
mod census;
mod future;
mod rules;

#[cfg(test)]
pub(crate) mod tests;

use super::world::World;

/// Findings past this many are left out: one cause often shows in many places.
pub const MAX_FINDINGS: usize = 32;

/// What was found wrong, in words.
#[derive(Debug, Default)]
pub(in crate::sim) struct Findings(Vec<String>);

impl Findings {
    /// Notes a finding.
    pub(in crate::sim) fn add(&mut self, finding: impl FnOnce() -> String) {
        if self.0.len() < MAX_FINDINGS {
            self.0.push(finding());
        }
    }

    /// Notes what is wrong unless it is right.
    pub(in crate::sim) fn require(&mut self, is_right: bool, finding: impl FnOnce() -> String) {
        if !is_right {
            self.add(finding);
        }
    }

    /// Notes two values that must be equal and are not.
    pub(in crate::sim) fn require_equal<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: impl FnOnce() -> String,
        live: &T,
        rebuilt: &T,
    ) {
        self.require(live == rebuilt, || {
            format!("{} is {live:?} and should be {rebuilt:?}", what())
        });
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl World {
    /// Checks the world between two ticks and returns what is wrong, at most [`MAX_FINDINGS`]; a sound world gives nothing.
    ///
    /// Its rules and caches are checked first; then copies run for `ticks` ticks, one of them from a snapshot.
    pub fn verify(&self, ticks: u32) -> Vec<String> {
        let mut findings = Findings::default();
        rules::check(self, &mut findings);
        caches::check(self, &mut findings);
        if findings.is_empty() && ticks > 0 {
            future::check(self, ticks, &mut findings);
        }
        findings.0
    }
}
