//! What a `World` reports: `Production`, `PowerNetwork`, `Unit`, `ResourcePatch`; each as it was when it was asked for.

use std::collections::BTreeMap;

use pyo3::prelude::*;

/// What was made and used since a world began.
#[pyclass(frozen, get_all, module = "factorio_fast._core")]
pub(super) struct Production {
    pub(super) items_made: BTreeMap<&'static str, u64>,
    pub(super) items_used: BTreeMap<&'static str, u64>,
    pub(super) items_lost: BTreeMap<&'static str, u64>,
    pub(super) fluids_made: BTreeMap<&'static str, f64>,
    pub(super) fluids_used: BTreeMap<&'static str, f64>,
}

/// An electric network in the last tick.
#[pyclass(frozen, get_all, module = "factorio_fast._core")]
pub(super) struct PowerNetwork {
    pub(super) number: u32,
    pub(super) poles: u32,
    pub(super) members: u32,
    pub(super) satisfaction: f64,
    pub(super) demand_watts: f64,
    pub(super) delivered_watts: f64,
    pub(super) solar_watts: f64,
    pub(super) generator_watts: f64,
    pub(super) discharge_watts: f64,
    pub(super) charge_watts: f64,
    pub(super) stored_joules: f64,
}

/// A biter or spitter as it was when it was asked for.
#[expect(
    clippy::struct_field_names,
    reason = "it is the game's name for the number, and Python's for the attribute"
)]
#[pyclass(frozen, get_all, module = "factorio_fast._core")]
pub(super) struct Unit {
    pub(super) unit_number: u32,
    pub(super) name: &'static str,
    pub(super) position: (f64, f64),
    pub(super) health: f64,
}

/// Tiles of one resource that lie together, as they were when they were asked for.
#[pyclass(frozen, get_all, module = "factorio_fast._core")]
pub(super) struct ResourcePatch {
    pub(super) name: &'static str,
    pub(super) amount: u64,
    pub(super) position: (f64, f64),
    pub(super) area: ((i32, i32), (i32, i32)),
    pub(super) tiles: Vec<((f64, f64), u32)>,
}

#[pymethods]
impl ResourcePatch {
    fn __repr__(&self) -> String {
        let ((x, y), tiles) = (self.position, self.tiles.len());
        format!(
            "<ResourcePatch of {} \"{}\" on {tiles} tiles about ({x}, {y})>",
            self.amount, self.name
        )
    }
}

#[pymethods]
impl Unit {
    fn __repr__(&self) -> String {
        let ((x, y), unit) = (self.position, self.unit_number);
        format!("<Unit \"{}\" at ({x}, {y}), unit {unit}>", self.name)
    }
}

#[pymethods]
impl PowerNetwork {
    fn __repr__(&self) -> String {
        format!(
            "<PowerNetwork {} of {} poles, {} W of {} W>",
            self.number, self.poles, self.delivered_watts, self.demand_watts
        )
    }
}

#[pymethods]
impl Production {
    fn __repr__(&self) -> String {
        format!(
            "Production(items_made={:?}, items_used={:?}, items_lost={:?}, fluids_made={:?}, fluids_used={:?})",
            self.items_made, self.items_used, self.items_lost, self.fluids_made, self.fluids_used
        )
    }
}
