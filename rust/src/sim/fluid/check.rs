//! Pools, links and systems against those that are computed anew, and what boxes must hold between ticks.

use super::derived::Neighbour;
use super::{Fluids, Part};
use crate::prototypes::{FluidId, vanilla};
use crate::sim::verify::Findings;

/// What may be missing or left over by rounding, as a share of what went through.
const TOLERANCE: f64 = 1e-9;

impl Fluids {
    /// Compares what follows from the boxes with what a restored copy has.
    pub(in crate::sim) fn check_caches(&self, rebuilt: &Self, findings: &mut Findings) {
        findings.require(self.is_settled(), || "fluids are not settled".to_owned());
        for (index, fluid_box) in self.boxes.iter() {
            let Some(other) = rebuilt.boxes.get(index) else {
                continue;
            };
            findings.require_equal(
                || format!("pool, capacity and system of fluid box {index}"),
                &(fluid_box.pool, self.capacity_bits(index), fluid_box.system),
                &(other.pool, rebuilt.capacity_bits(index), other.system),
            );
            findings.require_equal(
                || format!("the neighbours of fluid box {index}"),
                &self.neighbours_by_connection(index),
                &rebuilt.neighbours_by_connection(index),
            );
            findings.require_equal(
                || format!("the boxes of the owner of fluid box {index}"),
                &self.boxes_of(fluid_box.owner),
                &rebuilt.boxes_of(other.owner),
            );
        }
        let (live, anew) = (&self.derived, &rebuilt.derived);
        findings.require_equal(
            || "the openings of fluid boxes".to_owned(),
            &live.openings,
            &anew.openings,
        );
        findings.require_equal(
            || "the links of fluids".to_owned(),
            &live.links,
            &anew.links,
        );
        let ranges = |fluids: &Self| -> Vec<(u32, u32)> {
            let systems = fluids.derived.systems.iter();
            systems.map(|system| (system.first, system.end)).collect()
        };
        findings.require_equal(
            || "the systems of fluids".to_owned(),
            &ranges(self),
            &ranges(rebuilt),
        );
    }

    /// Gives the capacity that counts for a box: that of its pool.
    fn capacity_bits(&self, index: u32) -> (u64, u64) {
        self.pool(index).map_or((0, 0), |pool| {
            (pool.capacity.to_bits(), pool.per_unit.to_bits())
        })
    }

    fn neighbours_by_connection(&self, index: u32) -> Vec<Neighbour> {
        self.derived.neighbours_of(index).to_vec()
    }

    /// Checks that contents fit, that segments have one form, and that no fluid appeared or vanished.
    pub(in crate::sim) fn check_contents(&self, findings: &mut Findings) {
        for (index, fluid_box) in self.boxes.iter() {
            let content = fluid_box.content;
            findings.require(content.amount.is_finite() && content.amount >= 0.0, || {
                format!("fluid box {index} holds {}", content.amount)
            });
            findings.require(content.fluid.is_some() == (content.amount > 0.0), || {
                format!("fluid box {index} holds {content:?}")
            });
            let is_member = fluid_box.part == Part::Segment && fluid_box.pool != index;
            findings.require(!is_member || content.fluid.is_none(), || {
                format!("fluid box {index} holds what belongs into its pool: {content:?}")
            });
            let capacity = self.pool(index).map_or(0.0, |pool| pool.capacity);
            findings.require(content.amount <= capacity * (1.0 + TOLERANCE), || {
                format!("fluid box {index} holds {} of {capacity}", content.amount)
            });
        }
        for number in 0..vanilla().fluids().len() {
            let fluid = FluidId::from_index(number);
            let totals = self.totals(fluid);
            let (held, expected) = (
                self.total_amount(fluid),
                totals.put - totals.taken - totals.lost,
            );
            findings.require(
                (held - expected).abs() <= TOLERANCE * (1.0 + totals.put),
                || {
                    let name = &vanilla()[fluid].name;
                    format!("of \"{name}\" there are {held}, the books say {expected}: {totals:?}")
                },
            );
        }
    }
}
