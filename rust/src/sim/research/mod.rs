//! Research: the queue of technologies, the progress that labs make, and what a finished technology sets off.
//!
//! Invariants: `current` holds the figures of the first of the queue and is `None` only where the queue is empty;
//! the progress of everything that was begun and is not current is in `saved`, and switching loses none of it.
//! A technology is done in the research phase of the tick in which labs bring its last share, so labs work on the
//! next one from the next tick on.

mod cost;
mod trigger;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::lab::{PACK_KINDS, pack_kinds};
use super::world::World;
use crate::error::{Error, ErrorKind};
use crate::prototypes::{ItemId, ResearchCost, Technology, TechnologyId, vanilla};

pub use cost::{evaluate, next_level, units};

/// The queue holds at most this many technologies, as the game's does; more are refused.
pub const MAX_QUEUED: usize = 7;
/// Units that may be missing when a technology is done: the sum of thousands of small shares is not exact.
const UNITS_TOLERANCE: f64 = 1e-6;

/// What is being researched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Research {
    queue: Vec<TechnologyId>,
    current: Option<Current>,
    /// Units done on technologies that were begun and put aside, by technology.
    saved: Vec<(TechnologyId, f64)>,
}

/// The technology that labs work on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Current {
    pub technology: TechnologyId,
    /// Units that it takes.
    pub units: f64,
    /// Units that are done.
    pub done: f64,
    /// Ticks that a lab of speed 1 needs for a unit.
    pub ticks_per_unit: f64,
    /// Packs of a unit, by slot of a lab.
    pub packs: [f64; PACK_KINDS],
}

/// Why a technology cannot be researched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResearchRefusal {
    /// It is researched and has no further level.
    AlreadyResearched,
    /// It is in the queue.
    AlreadyQueued,
    /// It is not in the queue.
    NotQueued,
    /// Players cannot see or choose it.
    NotAvailable,
    /// It comes by itself when something is made, mined or launched.
    ComesByTrigger,
    /// This one is neither researched nor queued before it.
    MissingPrerequisite(TechnologyId),
    /// The queue holds [`MAX_QUEUED`] technologies.
    QueueFull,
}

impl fmt::Display for ResearchRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyResearched => f.write_str("the technology is researched already"),
            Self::AlreadyQueued => f.write_str("the technology is in the queue already"),
            Self::NotQueued => f.write_str("the technology is not in the queue"),
            Self::NotAvailable => f.write_str("the technology is hidden or disabled"),
            Self::ComesByTrigger => {
                f.write_str("the technology is not researched in labs: it comes by a trigger")
            }
            Self::MissingPrerequisite(missing) => write!(
                f,
                "a prerequisite is missing: \"{}\"",
                vanilla()[*missing].name
            ),
            Self::QueueFull => write!(f, "the queue is full: {MAX_QUEUED} technologies"),
        }
    }
}

impl std::error::Error for ResearchRefusal {}

impl From<ResearchRefusal> for Error {
    fn from(refusal: ResearchRefusal) -> Self {
        Self::new(ErrorKind::InvalidState, refusal.to_string())
    }
}

impl Research {
    /// Forgets everything, keeping memory.
    pub fn clear(&mut self) {
        self.queue.clear();
        self.current = None;
        self.saved.clear();
    }

    /// Reads the queue; the first is being researched.
    pub fn queue(&self) -> &[TechnologyId] {
        &self.queue
    }

    /// Reads what labs work on.
    pub fn current(&self) -> Option<&Current> {
        self.current.as_ref()
    }

    /// Borrows what labs work on, for their progress.
    pub(super) fn current_mut(&mut self) -> Option<&mut Current> {
        self.current.as_mut()
    }

    /// Reads how many units are done on the next level of a technology.
    pub fn units_done(&self, technology: TechnologyId) -> f64 {
        if let Some(current) = &self.current
            && current.technology == technology
        {
            return current.done;
        }
        self.saved
            .iter()
            .find(|(known, _)| *known == technology)
            .map_or(0.0, |(_, done)| *done)
    }

    /// Sets what is reported of a technology: levels that are researched, and the share of the next.
    pub(super) fn mirror_progress(&mut self, technology: TechnologyId, levels: u16, progress: f64) {
        self.saved.retain(|(id, _)| *id != technology);
        if progress >= 1.0 {
            self.queue.retain(|id| *id != technology);
            if self
                .current
                .as_ref()
                .is_some_and(|current| current.technology == technology)
            {
                self.current = None;
            }
        } else if let Some(next) = Current::of(technology, u32::from(levels)) {
            let done = next.units * progress;
            match &mut self.current {
                Some(current) if current.technology == technology => current.done = done,
                _ => self.saved.push((technology, done)),
            }
        }
    }

    /// Puts the present progress aside and makes the first of the queue the one that labs work on.
    fn take_up_first(&mut self, levels_of: impl Fn(TechnologyId) -> u32) {
        let first = self.queue.first().copied();
        if self.current.as_ref().map(|current| current.technology) == first {
            return;
        }
        if let Some(current) = self.current.take()
            && current.done > 0.0
        {
            self.saved.push((current.technology, current.done));
        }
        self.current = first.and_then(|technology| {
            let mut current = Current::of(technology, levels_of(technology))?;
            if let Some(place) = self.saved.iter().position(|(id, _)| *id == technology) {
                current.done = self.saved.remove(place).1;
            }
            Some(current)
        });
    }
}

impl Current {
    fn of(technology: TechnologyId, levels: u32) -> Option<Self> {
        let facts = &vanilla()[technology];
        let ResearchCost::Packs {
            ingredients,
            unit_time_seconds,
            ..
        } = &facts.cost
        else {
            return None;
        };
        let mut packs = [0.0; PACK_KINDS];
        for (item, count) in ingredients {
            packs[slot_of(*item)?] += f64::from(*count);
        }
        Some(Self {
            technology,
            units: units(facts, levels)?,
            done: 0.0,
            ticks_per_unit: unit_time_seconds * 60.0,
            packs,
        })
    }

    /// Computes the units that are still to be done; 0 where only rounding is left.
    pub fn units_left(&self) -> f64 {
        let left = self.units - self.done;
        if left > UNITS_TOLERANCE { left } else { 0.0 }
    }

    /// Gives the share that is done, 0 to 1.
    pub fn share_done(&self) -> f64 {
        (self.done / self.units).clamp(0.0, 1.0)
    }
}

/// Finds the slot that a science pack has in every lab.
fn slot_of(item: ItemId) -> Option<usize> {
    pack_kinds().iter().position(|pack| *pack == item)
}

impl World {
    /// Says whether a technology could be researched from now on.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check_research_now(&self, technology: TechnologyId) -> Result<(), ResearchRefusal> {
        self.check_research(technology, 0)?;
        let queue = &self.research.queue;
        if queue.len() >= MAX_QUEUED && !queue.contains(&technology) {
            return Err(ResearchRefusal::QueueFull);
        }
        Ok(())
    }

    /// Researches a technology from now on; what is being researched keeps its progress and comes after it.
    ///
    /// # Errors
    /// Why it cannot be researched now; nothing changes then.
    pub fn start_research(&mut self, technology: TechnologyId) -> Result<(), ResearchRefusal> {
        self.check_research_now(technology)?;
        self.research.queue.retain(|id| *id != technology);
        self.research.queue.insert(0, technology);
        self.research_changed();
        Ok(())
    }

    /// Researches a technology after all that is queued.
    ///
    /// # Errors
    /// Why it cannot be queued; nothing changes then.
    pub fn queue_research(&mut self, technology: TechnologyId) -> Result<(), ResearchRefusal> {
        if self.research.queue.contains(&technology) {
            return Err(ResearchRefusal::AlreadyQueued);
        }
        self.check_research(technology, self.research.queue.len())?;
        if self.research.queue.len() >= MAX_QUEUED {
            return Err(ResearchRefusal::QueueFull);
        }
        self.research.queue.push(technology);
        self.research_changed();
        Ok(())
    }

    /// Takes a technology out of the queue, and those behind it that need it; its progress is kept.
    ///
    /// # Errors
    /// `NotQueued` where it is not in the queue.
    pub fn cancel_research(&mut self, technology: TechnologyId) -> Result<(), ResearchRefusal> {
        if !self.research.queue.contains(&technology) {
            return Err(ResearchRefusal::NotQueued);
        }
        self.research.queue.retain(|id| *id != technology);
        self.drop_unreachable_research();
        self.research_changed();
        Ok(())
    }

    /// Gives a technology with its effects, whether or not its prerequisites are researched.
    pub fn grant_technology(&mut self, technology: TechnologyId) {
        let levels = self.force.levels_of(technology);
        self.force.research(technology);
        if self.force.levels_of(technology) == levels {
            return;
        }
        if self
            .research
            .current()
            .is_some_and(|current| current.technology == technology)
        {
            // What was done was done on the level that is researched now.
            self.research.current = None;
        }
        self.research.saved.retain(|(id, _)| *id != technology);
        self.research.queue.retain(|id| *id != technology);
        self.drop_unreachable_research();
        self.force_changed();
        self.research_changed();
    }

    /// Says whether a technology may stand at `place` of the queue.
    fn check_research(
        &self,
        technology: TechnologyId,
        place: usize,
    ) -> Result<(), ResearchRefusal> {
        let facts: &Technology = &vanilla()[technology];
        if !facts.enabled || facts.hidden {
            return Err(ResearchRefusal::NotAvailable);
        }
        if self.force.is_researched(technology) && !facts.is_infinite {
            return Err(ResearchRefusal::AlreadyResearched);
        }
        if !matches!(facts.cost, ResearchCost::Packs { .. }) {
            return Err(ResearchRefusal::ComesByTrigger);
        }
        let before = &self.research.queue[..place];
        let missing = facts
            .prerequisites
            .iter()
            .copied()
            .find(|needed| !self.force.is_researched(*needed) && !before.contains(needed));
        match missing {
            Some(missing) => Err(ResearchRefusal::MissingPrerequisite(missing)),
            // A cost that cannot be computed makes a technology that nothing can finish.
            None if Current::of(technology, self.force.levels_of(technology)).is_none() => {
                Err(ResearchRefusal::NotAvailable)
            }
            None => Ok(()),
        }
    }

    /// Drops from the queue what can no longer be reached, front to back.
    fn drop_unreachable_research(&mut self) {
        let mut place = 0;
        while let Some(technology) = self.research.queue.get(place).copied() {
            if self.check_research(technology, place).is_ok() {
                place += 1;
            } else {
                self.research.queue.remove(place);
            }
        }
    }

    /// Turns the labs to the first of the queue.
    fn research_changed(&mut self) {
        // Larger hands and new recipes change what is wanted.
        self.views.clear();
        let force = &self.force;
        self.research
            .take_up_first(|technology| force.levels_of(technology));
        let labs: Vec<_> = self
            .entities
            .iter()
            .filter(|(_, entity)| matches!(entity.body, super::entity::Body::Lab(_)))
            .filter_map(|(slot, _)| self.reference(slot))
            .collect();
        for lab in labs {
            self.wake(lab);
            // Another technology may take more packs a unit, for which there is room then.
            self.wake_waiters(lab.slot);
        }
        self.changes.contents = true;
    }
}

/// Says whether technologies that come by a trigger may come in the tick of that number.
pub fn is_trigger_tick(tick: u64) -> bool {
    trigger::is_due(tick)
}

/// Finishes what labs have completed and, now and then, looks for technologies that come by a trigger.
pub(super) fn tick_research(world: &mut World) {
    if let Some(current) = world.research.current()
        && current.units_left() == 0.0
    {
        let technology = current.technology;
        world.grant_technology(technology);
    }
    if trigger::is_due(world.tick) {
        trigger::check(world);
    }
}
