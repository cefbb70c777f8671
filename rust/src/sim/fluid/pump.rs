//! Pumps between segments, and offshore pumps that draw water.

use serde::{Deserialize, Serialize};

use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, EntityPrototype, FluidId, vanilla};

/// A pump or an offshore pump.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pump {
    /// Its box.
    pub fluid_box: u32,
    /// Units that it moves in a tick.
    pub speed_per_tick: f64,
    /// Electric energy of a tick of pumping; 0 for offshore pumps, which need none.
    pub joules_per_tick: f64,
    /// Its place among the members of electric networks, if it needs energy.
    pub member: Option<u32>,
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
            joules_per_tick: if facts
                .energy_source
                .as_ref()
                .is_some_and(crate::prototypes::EnergySource::is_electric)
            {
                facts.energy_usage_watts / 60.0
            } else {
                0.0
            },
            member: None,
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
