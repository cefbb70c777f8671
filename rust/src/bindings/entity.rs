//! `Entity`: one entity of a `World`.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::prelude::*;

use super::world::{Shared, on_world};
use crate::error::{Error, ErrorKind, Result};
use crate::sim;
use crate::sim::entity::EntityRef;
use crate::sim::sandbox::settings::{self, Sorting};
use crate::sim::sandbox::{self, belts, contents, enemies, fluids, supplies};

/// One entity of a `World`; once it is gone, every use of it raises `StaleEntityError`.
#[pyclass(frozen, eq, hash, module = "factorio_fast._core")]
pub(super) struct Entity {
    world: Shared,
    reference: EntityRef,
}

impl PartialEq for Entity {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.world, &other.world) && self.reference == other.reference
    }
}

impl std::hash::Hash for Entity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.world).addr(), self.reference).hash(state);
    }
}

impl Entity {
    pub(super) fn new(world: Shared, reference: EntityRef) -> Self {
        Self { world, reference }
    }

    /// Gives the reference, if the entity belongs to `world`.
    pub(super) fn reference_in(&self, world: &Shared) -> Result<EntityRef> {
        if Arc::ptr_eq(&self.world, world) {
            return Ok(self.reference);
        }
        Err(Error::new(
            ErrorKind::StaleEntity,
            "the entity belongs to another world; of a fork, ask entities() for its own",
        ))
    }

    /// Reads something of the entity.
    fn read<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&sim::World, &sim::entity::Entity) -> Result<T> + Send,
    ) -> PyResult<T> {
        let reference = self.reference;
        on_world(py, &self.world, |world| {
            let entity = sandbox::find(world, reference)?;
            work(world, entity)
        })
    }

    /// Reads what is set on it that sorts or carries items.
    fn sorting(&self, py: Python<'_>) -> PyResult<Sorting> {
        self.read(py, |world, _| settings::sorting(world, self.reference))
    }

    /// Does something to the entity.
    fn change<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut sim::World, EntityRef) -> Result<T> + Send,
    ) -> PyResult<T> {
        let reference = self.reference;
        on_world(py, &self.world, |world| work(world, reference))
    }
}

#[pymethods]
impl Entity {
    /// Number of the entity, unique in its world, rising in order of creation.
    #[getter]
    fn unit_number(&self) -> u32 {
        self.reference.unit
    }

    /// Whether it still exists.
    #[getter]
    fn valid(&self, py: Python<'_>) -> bool {
        self.read(py, |_, _| Ok(())).is_ok()
    }

    /// The game's name of its kind.
    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<&'static str> {
        self.read(py, |_, entity| Ok(entity.prototype().name.as_str()))
    }

    /// Its centre, in tiles.
    #[getter]
    fn position(&self, py: Python<'_>) -> PyResult<(f64, f64)> {
        self.read(py, |_, entity| Ok(sandbox::tiles_of(entity.position)))
    }

    /// Where it faces; an inserter faces what it takes from.
    #[getter]
    fn direction(&self, py: Python<'_>) -> PyResult<&'static str> {
        self.read(py, |_, entity| {
            Ok(sandbox::names::direction_name(entity.direction))
        })
    }

    /// Turns it.
    fn rotate(&self, py: Python<'_>, direction: &str) -> PyResult<()> {
        self.change(py, |world, entity| {
            sandbox::rotate(world, entity, direction)
        })
    }

    /// Its status class, such as "working" or "no-fuel".
    #[getter]
    fn status(&self, py: Python<'_>) -> PyResult<&'static str> {
        self.read(py, |world, entity| Ok(world.status(entity).name()))
    }

    /// The recipe that is set or, of a furnace, in progress.
    #[getter]
    fn recipe(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        self.read(py, |world, _| contents::recipe(world, self.reference))
    }

    /// Sets what a machine makes; what it held goes to the character.
    fn set_recipe(&self, py: Python<'_>, recipe: &str) -> PyResult<()> {
        self.change(py, |world, entity| {
            contents::set_recipe(world, entity, recipe)
        })
    }

    /// Crafts that it has ended.
    #[getter]
    fn products_finished(&self, py: Python<'_>) -> PyResult<u64> {
        self.read(py, |world, _| {
            contents::crafts_finished(world, self.reference)
        })
    }

    /// Health points; 0 for what cannot be harmed.
    #[getter]
    fn health(&self, py: Python<'_>) -> PyResult<f64> {
        self.read(py, |world, _| enemies::health(world, self.reference))
    }

    /// Rounds that a turret has left.
    #[getter]
    fn rounds(&self, py: Python<'_>) -> PyResult<u32> {
        self.read(py, |world, _| enemies::rounds(world, self.reference))
    }

    /// Destroys it, as a last blow does: what it holds is lost.
    fn destroy(&self, py: Python<'_>) -> PyResult<()> {
        self.change(py, enemies::destroy)
    }

    /// Energy in its buffer, joules.
    #[getter]
    fn energy(&self, py: Python<'_>) -> PyResult<f64> {
        self.read(py, |world, _| {
            contents::energy_joules(world, self.reference)
        })
    }

    /// The number of the electric network that serves it, or of which a pole is part, or None.
    #[getter]
    fn power_network(&self, py: Python<'_>) -> PyResult<Option<u32>> {
        self.read(py, |world, _| {
            Ok(world.network_id_at(self.reference).map(|network| network.0))
        })
    }

    /// What an inserter takes or leaves, or what a splitter sorts out.
    #[getter]
    fn filters(&self, py: Python<'_>) -> PyResult<Vec<&'static str>> {
        Ok(self.sorting(py)?.filters)
    }

    /// Whether `filters` name what is taken (`whitelist`) or what is left (`blacklist`).
    #[getter]
    fn filter_mode(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(self.sorting(py)?.filter_mode)
    }

    /// The sides that a splitter takes from and gives to first: `left`, `none` or `right`.
    #[getter]
    fn priorities(&self, py: Python<'_>) -> PyResult<(&'static str, &'static str)> {
        let sorting = self.sorting(py)?;
        Ok((sorting.input_priority, sorting.output_priority))
    }

    /// The end of an underground belt, `input` or `output`; None for all else.
    #[getter]
    fn r#type(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        Ok(self.sorting(py)?.end)
    }

    /// The fuel that burns in it and the joules that are left of that, or None.
    #[getter]
    fn burning(&self, py: Python<'_>) -> PyResult<Option<(&'static str, f64)>> {
        self.read(py, |world, _| contents::burning(world, self.reference))
    }

    /// Sets the energy in an accumulator, joules.
    fn set_energy(&self, py: Python<'_>, joules: f64) -> PyResult<()> {
        self.change(py, |world, entity| {
            contents::set_energy(world, entity, joules)
        })
    }

    /// Reads what it holds of each fluid; a pipe or tank has its share of the segment, by volume.
    fn fluids(&self, py: Python<'_>) -> PyResult<BTreeMap<&'static str, f64>> {
        self.read(py, |world, _| fluids::amounts(world, self.reference))
    }

    /// Reads the temperature of a fluid that it holds, or None.
    fn temperature(&self, py: Python<'_>, fluid: &str) -> PyResult<Option<f64>> {
        self.read(py, |world, _| {
            fluids::temperature(world, self.reference, fluid)
        })
    }

    /// Sets how much of a fluid it holds; of a pipe or tank, how much its whole segment holds.
    #[pyo3(signature = (fluid, amount, temperature = None))]
    fn set_fluid(
        &self,
        py: Python<'_>,
        fluid: &str,
        amount: f64,
        temperature: Option<f64>,
    ) -> PyResult<()> {
        self.change(py, |world, entity| {
            fluids::set(world, entity, fluid, amount, temperature)
        })
    }

    /// Counts what it holds by item, in one inventory or in all.
    #[pyo3(signature = (kind = None))]
    fn inventory(
        &self,
        py: Python<'_>,
        kind: Option<&str>,
    ) -> PyResult<BTreeMap<&'static str, u32>> {
        self.read(py, |world, _| {
            contents::inventory(world, self.reference, kind)
        })
    }

    /// Reads what lies on each of its lanes, front first, as (item, position).
    fn lane_items(&self, py: Python<'_>) -> PyResult<Vec<Vec<(&'static str, i32)>>> {
        self.read(py, |world, _| belts::lane_items(world, self.reference))
    }

    /// Puts an item on a lane at a position, or a little behind; returns whether there was room.
    fn insert_at(&self, py: Python<'_>, lane: i64, item: &str, position: i64) -> PyResult<bool> {
        self.change(py, |world, entity| {
            belts::insert_at(world, entity, lane, item, position)
        })
    }

    /// Puts items in and returns how many went in.
    #[pyo3(signature = (item, count = 1))]
    fn insert(&self, py: Python<'_>, item: &str, count: i64) -> PyResult<u32> {
        self.change(py, |world, entity| {
            contents::insert(world, entity, item, contents::check_count(count)?)
        })
    }

    /// Takes items out and returns how many came out.
    #[pyo3(signature = (item, count = 1))]
    fn take(&self, py: Python<'_>, item: &str, count: i64) -> PyResult<u32> {
        self.change(py, |world, entity| {
            contents::take(world, entity, item, contents::check_count(count)?)
        })
    }

    /// Keeps it full of an item or a fluid from now on.
    #[pyo3(signature = (name, *, lane = None))]
    fn keep_full(&self, py: Python<'_>, name: &str, lane: Option<i64>) -> PyResult<()> {
        self.change(py, |world, entity| {
            supplies::keep_full(world, entity, name, lane)
        })
    }

    /// Keeps it empty from now on: whatever comes in vanishes.
    fn keep_empty(&self, py: Python<'_>) -> PyResult<()> {
        self.change(py, supplies::keep_empty)
    }

    /// Leaves it to itself again.
    fn release(&self, py: Python<'_>) -> PyResult<()> {
        self.change(py, supplies::release)
    }

    /// Reads what keeping it full or empty has given or taken so far, by name.
    fn moved(&self, py: Python<'_>) -> PyResult<BTreeMap<&'static str, f64>> {
        self.read(py, |world, _| supplies::moved(world, self.reference))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let unit = self.reference.unit;
        self.read(py, |_, entity| {
            let (x, y) = sandbox::tiles_of(entity.position);
            let name = &entity.prototype().name;
            Ok(format!("<Entity \"{name}\" at ({x}, {y}), unit {unit}>"))
        })
        .unwrap_or_else(|_| format!("<Entity that is gone, unit {unit}>"))
    }
}
