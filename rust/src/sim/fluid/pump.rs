//! Pumps between segments, and offshore pumps that draw water.

use serde::{Deserialize, Serialize};

use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, EntityPrototype, FluidId, vanilla};
use crate::sim::energy::Energy;

/// A pump or an offshore pump.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pump {
    /// Its box.
    pub fluid_box: u32,
    /// Units that it moves in a tick.
    pub speed_per_tick: f64,
    /// Energy of a tick of pumping; offshore pumps need none, whatever it says.
    pub joules_per_tick: f64,
    /// What drives it.
    pub energy: Energy,
    /// What an offshore pump draws.
    pub source: Option<FluidId>,
    pub status: Status,
}

impl Pump {
    pub(super) fn new(facts: &EntityPrototype) -> Self {
        let is_offshore = facts.kind == EntityKind::OffshorePump;
        Self {
            fluid_box: 0,
            speed_per_tick: facts.pumping_speed_per_tick,
            joules_per_tick: facts.energy_usage_watts / 60.0,
            energy: Energy::of(facts),
            source: is_offshore.then(shore_fluid),
            status: Status::Normal,
        }
    }
}

/// Gives the fluid of the water tiles: the tiles of the base game have only one.
fn shore_fluid() -> FluidId {
    vanilla()
        .tiles()
        .iter()
        .find(|tile| tile.is_water)
        .and_then(|tile| tile.fluid)
        .expect("the data has a water tile")
}
