//! Electric networks.

use serde::{Deserialize, Serialize};

/// An electric network; the default is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NetworkId(pub u32);

impl Default for NetworkId {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

/// All electric networks of a world.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Power {}

impl Power {
    /// Asks a network for the energy of one tick and returns the share of full work that it gives.
    pub fn draw(&mut self, _network: NetworkId, _joules: f64, _drain_joules: f64) -> f64 {
        0.0
    }

    /// Reads which share of its demand a network met in the last tick.
    pub fn satisfaction(&self, _network: NetworkId) -> f64 {
        0.0
    }
}
