//! `Character`: the character of a `World`.

use std::collections::BTreeMap;

use pyo3::prelude::*;

use super::entity::Entity;
use super::errors::raised;
use super::world::{Shared, lock, on_world};
use crate::error::Result;
use crate::prototypes::vanilla;
use crate::sim;
use crate::sim::command::Command;
use crate::sim::entity::Target;
use crate::sim::sandbox::{contents, names, person, tiles_of};

/// The character of a `World`: commands are refused or carried out as those of an agent are.
#[pyclass(frozen, module = "factorio_fast._core")]
pub(super) struct Character {
    world: Shared,
}

/// What mining aims at: an entity, or a position.
#[derive(FromPyObject)]
enum Aim<'py> {
    Entity(Bound<'py, Entity>),
    Place((f64, f64)),
}

impl Character {
    pub(super) fn new(world: Shared) -> Self {
        Self { world }
    }

    fn order(
        &self,
        py: Python<'_>,
        command: impl FnOnce(&sim::World) -> Result<Command> + Send,
    ) -> PyResult<()> {
        on_world(py, &self.world, |world| {
            let command = command(world)?;
            person::order(world, &command)
        })
    }
}

#[pymethods]
impl Character {
    /// Where it stands, in tiles.
    #[getter]
    fn position(&self, py: Python<'_>) -> (f64, f64) {
        tiles_of(lock(py, &self.world).character.position)
    }

    /// Health points; 0 is dead.
    #[getter]
    fn health(&self, py: Python<'_>) -> f64 {
        let world = lock(py, &self.world);
        f64::from(world.character.health) / f64::from(sim::character::HEALTH_SCALE)
    }

    /// Slots of its inventory.
    #[getter]
    fn inventory_size(&self, py: Python<'_>) -> usize {
        lock(py, &self.world).character.inventory.slots().len()
    }

    /// Share of the item being mined that is done, 0 to 1.
    #[getter]
    fn mining_progress(&self, py: Python<'_>) -> f64 {
        lock(py, &self.world).mining_progress()
    }

    /// Share of the craft in progress that is done, 0 to 1.
    #[getter]
    fn crafting_progress(&self, py: Python<'_>) -> f64 {
        lock(py, &self.world).crafting_progress()
    }

    /// The hand-crafting queue as (recipe, crafts to do), first to be done first.
    #[getter]
    fn crafting_queue(&self, py: Python<'_>) -> Vec<(&'static str, u32)> {
        person::queue(&lock(py, &self.world))
    }

    /// Counts what it carries, by item.
    fn inventory(&self, py: Python<'_>) -> BTreeMap<&'static str, u32> {
        let world = lock(py, &self.world);
        contents::counts(world.character.inventory.slots())
    }

    /// Moves it, whatever is between.
    fn teleport(&self, py: Python<'_>, position: (f64, f64)) -> PyResult<()> {
        on_world(py, &self.world, |world| person::teleport(world, position))
    }

    /// Walks in a direction until told otherwise; None stands still.
    fn walk(&self, py: Python<'_>, direction: Option<&str>) -> PyResult<()> {
        self.order(py, |_| {
            Ok(Command::Walk(direction.map(names::direction).transpose()?))
        })
    }

    /// Walks to within `reach` tiles of a position, running the world meanwhile, and returns the ticks it took.
    #[pyo3(signature = (position, *, reach = 0.75, limit_ticks = 36_000))]
    fn walk_to(
        &self,
        py: Python<'_>,
        position: (f64, f64),
        reach: f64,
        limit_ticks: u32,
    ) -> PyResult<u32> {
        on_world(py, &self.world, |world| {
            person::walk_to(world, position, reach, limit_ticks)
        })
    }

    /// Mines an entity, or what lies at a position, until told otherwise.
    fn mine(&self, py: Python<'_>, target: Aim<'_>) -> PyResult<()> {
        let target = match target {
            Aim::Entity(entity) => {
                let reference = entity.get().reference_in(&self.world).map_err(raised)?;
                (Some(Target::Entity(reference)), (0.0, 0.0))
            }
            Aim::Place(place) => (None, place),
        };
        self.order(py, |world| {
            Ok(Command::Mine(match target {
                (Some(target), _) => target,
                (None, place) => person::target_at(world, place)?,
            }))
        })
    }

    /// Stops mining.
    fn stop_mining(&self, py: Python<'_>) -> PyResult<()> {
        self.order(py, |_| Ok(Command::StopMining))
    }

    /// Queues crafts of a recipe, as many as the ingredients allow, and returns how many.
    #[pyo3(signature = (recipe, count = 1))]
    fn craft(&self, py: Python<'_>, recipe: &str, count: i64) -> PyResult<u32> {
        on_world(py, &self.world, |world| {
            person::craft(world, recipe, contents::check_count(count)?)
        })
    }

    /// Builds the entity of an item that it carries.
    #[pyo3(signature = (item, position, direction = "north"))]
    fn build(
        &self,
        py: Python<'_>,
        item: &str,
        position: (f64, f64),
        direction: &str,
    ) -> PyResult<()> {
        self.order(py, |_| {
            Ok(Command::Build {
                item: vanilla().item(item)?,
                position: names::map_position(position)?,
                direction: names::direction(direction)?,
            })
        })
    }

    /// Puts up to a stack of an item that it carries into an entity, or at most `count`.
    #[pyo3(signature = (entity, item, count = None))]
    fn insert_into(
        &self,
        py: Python<'_>,
        entity: &Entity,
        item: &str,
        count: Option<i64>,
    ) -> PyResult<()> {
        let entity = entity.reference_in(&self.world).map_err(raised)?;
        self.order(py, |_| {
            Ok(Command::Insert {
                entity,
                item: vanilla().item(item)?,
                count: count.map_or(Ok(u32::MAX), contents::check_count)?,
            })
        })
    }

    /// Takes what an entity holds or has made: everything, or of one item, at most `count`.
    #[pyo3(signature = (entity, item = None, count = None))]
    fn take_from(
        &self,
        py: Python<'_>,
        entity: &Entity,
        item: Option<&str>,
        count: Option<i64>,
    ) -> PyResult<()> {
        let entity = entity.reference_in(&self.world).map_err(raised)?;
        self.order(py, |_| {
            let count = count.map_or(Ok(u32::MAX), contents::check_count)?;
            let item = item.map(|item| vanilla().item(item)).transpose()?;
            let only = item.map(|item| (item, count));
            Ok(Command::Take { entity, only })
        })
    }

    /// Sets the recipe of a machine; what that held goes to the character.
    fn set_recipe(&self, py: Python<'_>, entity: &Entity, recipe: &str) -> PyResult<()> {
        let entity = entity.reference_in(&self.world).map_err(raised)?;
        self.order(py, |_| {
            Ok(Command::SetRecipe {
                entity,
                recipe: vanilla().recipe(recipe)?,
            })
        })
    }

    /// Turns an entity a quarter clockwise.
    fn rotate(&self, py: Python<'_>, entity: &Entity) -> PyResult<()> {
        let entity = entity.reference_in(&self.world).map_err(raised)?;
        self.order(py, |_| Ok(Command::Rotate { entity }))
    }

    /// Launches the rocket of a silo in reach: it must be ready, and a cargo-landing-pad built. Agents have no such action.
    fn launch_rocket(&self, py: Python<'_>, silo: &Entity) -> PyResult<()> {
        let silo = silo.reference_in(&self.world).map_err(raised)?;
        on_world(py, &self.world, |world| person::launch_rocket(world, silo))
    }

    /// Gives it items and returns how many it has room for.
    #[pyo3(signature = (item, count = 1))]
    fn insert(&self, py: Python<'_>, item: &str, count: i64) -> PyResult<u32> {
        on_world(py, &self.world, |world| {
            person::insert(world, item, contents::check_count(count)?)
        })
    }

    /// Takes items from it and returns how many it had.
    #[pyo3(signature = (item, count = 1))]
    fn take(&self, py: Python<'_>, item: &str, count: i64) -> PyResult<u32> {
        on_world(py, &self.world, |world| {
            person::take(world, item, contents::check_count(count)?)
        })
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let (x, y) = self.position(py);
        format!("<Character at ({x}, {y})>")
    }
}
