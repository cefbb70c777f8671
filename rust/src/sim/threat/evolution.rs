//! Evolution: how far the enemies have come, from 0 to 1.
//!
//! Each cause adds its factor times (1 - evolution)². With u = 1 / (1 - evolution) the causes that act all the time (time,
//! pollution) add to u in proportion, so evolution is computed when it is asked for and costs nothing in a tick.

use serde::{Deserialize, Serialize};

use super::rules::map_rules;
use crate::sim::world::World;

/// Evolution at a known tick; what came since is computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evolution {
    /// 1 / (1 - evolution) at `tick`.
    inverse: f64,
    tick: u64,
    /// Pollution produced until `tick`.
    produced: f64,
}

impl Default for Evolution {
    fn default() -> Self {
        Self {
            inverse: 1.0,
            tick: 0,
            produced: 0.0,
        }
    }
}

impl Evolution {
    fn at(&self, tick: u64, produced: f64) -> f64 {
        let rules = &map_rules().evolution;
        let inverse = self.inverse
            + rules.time_factor_per_tick * tick.saturating_sub(self.tick) as f64
            + rules.pollution_factor * (produced - self.produced);
        1.0 - 1.0 / inverse
    }
}

impl World {
    /// Computes the evolution of the enemies, 0 to 1.
    pub fn evolution(&self) -> f64 {
        self.threats
            .evolution
            .at(self.tick, self.pollution.produced())
    }

    /// Sets the evolution, as a scenario may; it must be at least 0 and less than 1.
    pub fn set_evolution(&mut self, evolution: f64) {
        let evolution = evolution.clamp(0.0, 1.0 - 1e-9);
        self.threats.evolution = Evolution {
            inverse: 1.0 / (1.0 - evolution),
            tick: self.tick,
            produced: self.pollution.produced(),
        };
    }

    /// Counts the loss of a nest.
    pub(super) fn evolve_by_lost_nest(&mut self) {
        let evolution = self.evolution();
        let left = 1.0 - evolution;
        self.set_evolution(evolution + map_rules().evolution.destroy_factor * left * left);
    }
}
