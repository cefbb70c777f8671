//! Fluids as 2.0 has them: connected pipes and tanks are one segment that shares one amount; machines exchange with it.
//!
//! [`Fluids`] owns every fluid box of the world. Boxes of pipes, undergrounds and tanks merge into *segments*; the boxes of
//! machines and pumps stay apart and exchange by [`flow`]. A *pool* is what holds fluid: a segment or a machine's box.
//!
//! Invariants outside of a structural change:
//! - the content of a segment lies in its member of the lowest index, the others are empty: so the state has one form;
//! - pools, links and systems follow from the state (`derived`), and are computed again after a restore;
//! - per fluid, what was put in less what was taken and lost is what the pools hold.
//!
//! What is approximate: two segments of different fluids that get joined stay apart (the game refuses to build that;
//! [`Fluids::would_mix`] lets builders refuse it too); fluid in a box that is removed is lost.

mod boxes;
mod check;
mod derived;
pub mod flow;
mod geometry;
mod pump;
mod recipes;
mod segments;
pub mod shore;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::position::{Direction, MapPos};
use super::slab::Slab;
use crate::prototypes::{EntityPrototypeId, FluidId, vanilla};

use derived::Derived;
pub use pump::Pump;
pub use segments::SegmentInfo;

/// An amount of one fluid at one temperature; without amount there is no fluid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    pub fluid: Option<FluidId>,
    pub amount: f64,
    /// Degrees; 0 where there is no fluid.
    pub temperature: f64,
}

/// How a box takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// It merges with its neighbours: pipes, undergrounds, tanks.
    Segment,
    /// It belongs to a machine and exchanges by the flow rule.
    Machine,
    /// It belongs to a pump or an offshore pump; the number is its place among the pumps.
    Pump(u32),
}

/// A fluid box.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FluidBox {
    /// Slot of the entity that it belongs to.
    pub owner: u32,
    /// Its number among the boxes of the prototype.
    pub number: u8,
    /// How many boxes of the prototype it stands for, from its own number on: a recipe merges those that it leaves over.
    pub span: u8,
    pub part: Part,
    /// Whether its connections are there: machines without a recipe that uses the box close it.
    pub is_open: bool,
    /// The only fluid that it takes.
    pub filter: Option<FluidId>,
    /// The coldest and the hottest fluid that it takes.
    pub temperatures: (f64, f64),
    pub volume: f64,
    /// What it holds; for a member of a segment, see the module's invariants.
    pub content: Content,
    /// Whether its owner sleeps until the content changes.
    pub wakes_owner: bool,
    /// The box that holds the content of the pool: the segment's first member, or itself.
    #[serde(skip)]
    pool: u32,
    /// Units that the pool holds; kept in the box that stands for it.
    #[serde(skip)]
    capacity: f64,
    /// One through the capacity: flows ask for the fullness in every tick.
    #[serde(skip)]
    per_unit: f64,
    /// The system of the pool; `NO_SYSTEM` where nothing is linked to it.
    #[serde(skip)]
    system: u32,
}

/// What went in and out of the boxes of one fluid since the world began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub put: f64,
    pub taken: f64,
    /// Lost with removed boxes and changed recipes.
    pub lost: f64,
}

/// Every fluid box of a world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Fluids {
    boxes: Slab<FluidBox>,
    /// Pumps and offshore pumps.
    pub pumps: Slab<Pump>,
    /// Neighbouring boxes that do not merge because they held different fluids; the lower index first.
    apart: BTreeSet<(u32, u32)>,
    /// By fluid.
    totals: Vec<Totals>,
    #[serde(skip)]
    derived: Derived,
}

impl Fluids {
    /// Drops all boxes but keeps memory where it can.
    pub fn clear(&mut self) {
        self.boxes.clear();
        self.pumps.clear();
        self.apart.clear();
        self.totals.clear();
        self.derived.clear();
    }

    /// Adds the boxes of an entity, if its prototype has any; they join in at the next [`Fluids::settle`].
    pub fn add_entity(
        &mut self,
        slot: u32,
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    ) {
        let facts = &vanilla()[prototype];
        if facts.fluid_boxes.is_empty() {
            return;
        }
        let mut numbers = Vec::new();
        for (number, shape) in facts.fluid_boxes.iter().enumerate() {
            let part = self.part_of(facts);
            let index = self.boxes.insert(FluidBox {
                owner: slot,
                number: number as u8,
                span: 1,
                part,
                is_open: !facts.kind.is_crafting_machine(),
                filter: shape.filter,
                temperatures: (
                    shape.minimum_temperature.unwrap_or(f64::NEG_INFINITY),
                    shape.maximum_temperature.unwrap_or(f64::INFINITY),
                ),
                volume: shape.volume,
                content: Content::default(),
                wakes_owner: false,
                pool: 0,
                capacity: 0.0,
                per_unit: 0.0,
                system: derived::NO_SYSTEM,
            });
            if let Part::Pump(pump) = part {
                let pump = self.pumps.get_mut(pump).expect("it was just inserted");
                pump.fluid_box = index;
            }
            numbers.push(index);
        }
        self.derived
            .set_owner(slot, prototype, position, direction, numbers.clone());
        for index in numbers {
            self.isolate(index);
            if self
                .boxes
                .get(index)
                .is_some_and(|fluid_box| fluid_box.is_open)
            {
                self.connect(index);
            }
        }
    }

    /// Takes the boxes of an entity away, with their share of the fluid.
    pub fn remove_entity(&mut self, slot: u32) {
        for index in self.boxes_of(slot).to_vec() {
            self.disconnect(index);
            if let Some(removed) = self.boxes.remove(index) {
                self.lose(removed.content);
                if let Part::Pump(pump) = removed.part {
                    self.pumps.remove(pump);
                }
            }
        }
        self.derived.forget_owner(slot);
    }

    /// Turns the boxes of an entity to another direction.
    pub fn turn_entity(&mut self, slot: u32, direction: Direction) {
        let indices = self.boxes_of(slot).to_vec();
        for index in &indices {
            self.disconnect(*index);
        }
        self.derived.turn_owner(slot, direction);
        for index in indices {
            if self
                .boxes
                .get(index)
                .is_some_and(|fluid_box| fluid_box.is_open)
            {
                self.connect(index);
            }
        }
    }

    /// Lists the boxes of an entity, in the order of its prototype.
    pub fn boxes_of(&self, slot: u32) -> &[u32] {
        self.derived.boxes_of(slot)
    }

    /// Gives the place among the pumps of the pump in entity slot `slot`.
    pub fn pump_of(&self, slot: u32) -> Option<u32> {
        let first = *self.boxes_of(slot).first()?;
        match self.boxes.get(first)?.part {
            Part::Pump(pump) => Some(pump),
            _ => None,
        }
    }

    /// Takes the owners of boxes whose content changed while they slept on it.
    pub fn drain_woken(&mut self) -> impl Iterator<Item = u32> + '_ {
        self.derived.woken.drain(..)
    }

    /// Takes the pumps whose status changed, as owners, and the pipes that hold another fluid than before.
    pub fn drain_restyled(&mut self, into: &mut Vec<u32>) {
        into.append(&mut self.derived.restyled);
        let mut pools = std::mem::take(&mut self.derived.recoloured);
        pools.sort_unstable();
        pools.dedup();
        for pool in pools {
            if matches!(self.boxes.get(pool), Some(known) if known.part != Part::Machine) {
                let owners = self.members(pool).into_iter();
                into.extend(owners.filter_map(|index| Some(self.boxes.get(index)?.owner)));
            }
        }
    }

    /// Says whether a pump's status or a pipe's fluid changed.
    pub fn has_restyled(&self) -> bool {
        !(self.derived.restyled.is_empty() && self.derived.recoloured.is_empty())
    }

    /// Reads what went in and out of one fluid.
    pub fn totals(&self, fluid: FluidId) -> Totals {
        self.totals.get(fluid.index()).copied().unwrap_or_default()
    }

    fn totals_mut(&mut self, fluid: FluidId) -> &mut Totals {
        if self.totals.is_empty() {
            self.totals
                .resize(vanilla().fluids().len(), Totals::default());
        }
        &mut self.totals[fluid.index()]
    }

    fn lose(&mut self, content: Content) {
        if let Some(fluid) = content.fluid {
            self.totals_mut(fluid).lost += content.amount;
        }
    }
}
