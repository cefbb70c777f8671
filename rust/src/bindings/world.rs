//! `World`: a world to build by hand, and what it reports as a whole.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods as _};
use pyo3::prelude::*;
use pyo3::sync::MutexExt as _;
use pyo3::types::PyBytes;

use super::character::Character;
use super::entity::Entity;
use super::errors::raised;
use super::gateway::detached;
use super::reports::{PowerNetwork, Production, ResourcePatch, Unit};
use super::scenario::Scenario;
use crate::error::Result;
use crate::prototypes::vanilla;
use crate::scenario::Start;
use crate::scenario::default_map::{self, MapOptions};
use crate::sim;
use crate::sim::entity::EntityRef;
use crate::sim::sandbox::{
    self, enemies, names::Corners, patches, report, settings::Settings, site,
};
use crate::view::render::{self, Hud, RenderOptions, Window};

/// A simulation that a `World`, its entities and its character share.
pub(super) type Shared = Arc<Mutex<sim::World>>;

/// Waits without holding the interpreter: whoever has the lock may need it before letting go.
pub(super) fn lock<'a>(py: Python<'_>, world: &'a Shared) -> MutexGuard<'a, sim::World> {
    world
        .lock_py_attached(py)
        .unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` on a locked world with the GIL released.
pub(super) fn on_world<T: Send>(
    py: Python<'_>,
    world: &Shared,
    work: impl FnOnce(&mut sim::World) -> Result<T> + Send,
) -> PyResult<T> {
    let mut world = lock(py, world);
    let world = &mut *world;
    detached(py, || work(world))
}

/// Ticks between two looks for Ctrl-C.
const TICKS_PER_SLICE: u32 = 6_000;

/// A world of the simulation to build by hand, run and read.
#[pyclass(frozen, module = "factorio_fast._core")]
pub(super) struct World {
    inner: Shared,
}

/// One name, or several.
#[derive(FromPyObject)]
pub(super) enum Names {
    One(String),
    Many(Vec<String>),
}

impl World {
    pub(super) fn wrap(world: sim::World) -> Self {
        Self {
            inner: Arc::new(Mutex::new(world)),
        }
    }

    fn entity(&self, reference: EntityRef) -> Entity {
        Entity::new(Arc::clone(&self.inner), reference)
    }

    fn wrap_all(&self, references: Vec<EntityRef>) -> Vec<Entity> {
        let wrap = |reference| self.entity(reference);
        references.into_iter().map(wrap).collect()
    }
}

fn window_of(area: Option<Corners>) -> Result<Window> {
    Ok(match area {
        Some(corners) => Window::Area(sandbox::names::tile_area(corners)?),
        None => Window::WholeMap,
    })
}

#[pymethods]
impl World {
    #[new]
    #[pyo3(signature = (width = 64, height = 64, *, seed = 0, tile = "grass-1"))]
    fn new(py: Python<'_>, width: i64, height: i64, seed: u64, tile: &str) -> PyResult<Self> {
        detached(py, || sandbox::create(width, height, seed, tile)).map(Self::wrap)
    }

    /// Makes the world in which an episode of a scenario begins.
    #[staticmethod]
    #[pyo3(signature = (scenario, seed = 0))]
    fn from_scenario(py: Python<'_>, scenario: &Scenario, seed: u64) -> PyResult<Self> {
        let scenario = Arc::clone(&scenario.inner);
        detached(py, || {
            let mut start = Start::default();
            scenario.lower(seed, &mut start)?;
            let mut world = sim::World::new();
            sim::setup::execute(&mut world, seed, &start.ops)?;
            Ok(world)
        })
        .map(Self::wrap)
    }

    /// Makes a map like that of a new game with default settings.
    #[staticmethod]
    #[pyo3(signature = (seed = 0, *, width = 512, height = 512, enemies = true, woods = true))]
    fn default_map(
        py: Python<'_>,
        seed: u64,
        width: i64,
        height: i64,
        enemies: bool,
        woods: bool,
    ) -> PyResult<Self> {
        let options = MapOptions {
            width,
            height,
            has_enemies: enemies,
            has_woods: woods,
        };
        detached(py, || default_map::create(seed, &options)).map(Self::wrap)
    }

    /// Places an entity, complete with what is set on it, and returns it.
    #[pyo3(signature = (
        name, position, direction = "north", *, recipe = None, items = None, filter = None,
        filter_mode = "whitelist", input_priority = None, output_priority = None, r#type = None
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a setting with a name of its own"
    )]
    fn place(
        &self,
        py: Python<'_>,
        name: &str,
        position: (f64, f64),
        direction: &str,
        recipe: Option<String>,
        items: Option<BTreeMap<String, i64>>,
        filter: Option<Names>,
        filter_mode: &str,
        input_priority: Option<String>,
        output_priority: Option<String>,
        r#type: Option<String>,
    ) -> PyResult<Entity> {
        let filters = match filter {
            None => Vec::new(),
            Some(Names::One(name)) => vec![name],
            Some(Names::Many(names)) => names,
        };
        on_world(py, &self.inner, |world| {
            let settings = Settings {
                recipe,
                items: sandbox::contents::check_counts(items.unwrap_or_default())?,
                filters,
                is_blacklist: sandbox::names::is_blacklist(filter_mode)?,
                input_priority,
                output_priority,
                belt_end: r#type,
            };
            sandbox::place(world, name, position, direction, &settings)
        })
        .map(|reference| self.entity(reference))
    }

    /// Takes an entity away with all that it holds.
    fn remove(&self, py: Python<'_>, entity: &Entity) -> PyResult<()> {
        let reference = entity.reference_in(&self.inner).map_err(raised)?;
        on_world(py, &self.inner, |world| sandbox::remove(world, reference))
    }

    /// Puts `amount` of a resource on every tile of an area; 0 clears it.
    fn set_resource(&self, py: Python<'_>, name: &str, area: Corners, amount: u64) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            sandbox::set_resource(world, name, area, amount)
        })
    }

    /// Reads the resource on a tile as (name, amount), or None.
    fn resource(
        &self,
        py: Python<'_>,
        position: (f64, f64),
    ) -> PyResult<Option<(&'static str, u32)>> {
        on_world(py, &self.inner, |world| {
            sandbox::resource_at(world, position)
        })
    }

    /// Lists what lies together of the resources, nearest to the spawn point first.
    #[pyo3(signature = (name = None))]
    fn resource_patches(&self, py: Python<'_>, name: Option<&str>) -> PyResult<Vec<ResourcePatch>> {
        let found = on_world(py, &self.inner, |world| patches::patches(world, name))?;
        let wrap = |patch: patches::PatchReport| ResourcePatch {
            name: patch.name,
            amount: patch.amount,
            position: patch.position,
            area: patch.area,
            tiles: patch.tiles,
        };
        Ok(found.into_iter().map(wrap).collect())
    }

    /// Covers an area with a tile.
    fn set_tiles(&self, py: Python<'_>, name: &str, area: Corners) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            sandbox::set_tiles(world, name, area)
        })
    }

    /// Runs a number of ticks, 60 to a second.
    #[pyo3(signature = (ticks = 1))]
    fn run(&self, py: Python<'_>, ticks: i64) -> PyResult<()> {
        let mut left = sandbox::check_ticks(ticks).map_err(raised)?;
        while left > 0 {
            let slice = left.min(TICKS_PER_SLICE);
            on_world(py, &self.inner, |world| {
                sandbox::run(world, slice);
                Ok(())
            })?;
            left -= slice;
            py.check_signals()?;
        }
        Ok(())
    }

    /// Ticks since the world was made.
    #[getter]
    fn tick(&self, py: Python<'_>) -> u64 {
        lock(py, &self.inner).tick
    }

    /// The map as ((left, top), (right, bottom)).
    #[getter]
    fn area(&self, py: Python<'_>) -> ((i32, i32), (i32, i32)) {
        let area = lock(py, &self.inner).terrain.area();
        (
            (area.left, area.top),
            (area.left + area.width, area.top + area.height),
        )
    }

    /// The character of this world.
    #[getter]
    fn character(&self) -> Character {
        Character::new(Arc::clone(&self.inner))
    }

    /// Lists the entities in order of creation: all, those of a name, those that touch an area.
    #[pyo3(signature = (name = None, area = None))]
    fn entities(
        &self,
        py: Python<'_>,
        name: Option<&str>,
        area: Option<Corners>,
    ) -> PyResult<Vec<Entity>> {
        on_world(py, &self.inner, |world| {
            sandbox::entities(world, name, area)
        })
        .map(|references| self.wrap_all(references))
    }

    /// Builds a blueprint string with its north-western corner at `position`.
    #[pyo3(signature = (string, position, *, skip_absent = false))]
    fn import_blueprint(
        &self,
        py: Python<'_>,
        string: &str,
        position: (f64, f64),
        skip_absent: bool,
    ) -> PyResult<Vec<Entity>> {
        on_world(py, &self.inner, |world| {
            sandbox::exchange::import(world, string, position, skip_absent)
        })
        .map(|references| self.wrap_all(references))
    }

    /// Writes what stands in an area as a blueprint string.
    fn export_blueprint(&self, py: Python<'_>, area: Corners) -> PyResult<String> {
        on_world(py, &self.inner, |world| {
            sandbox::exchange::export(world, area)
        })
    }

    /// Grants a technology.
    fn research(&self, py: Python<'_>, technology: &str) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            sandbox::research(world, technology)
        })
    }

    /// Researches a technology from now on, in labs and with packs.
    fn start_research(&self, py: Python<'_>, technology: &str) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            sandbox::start_research(world, technology)
        })
    }

    /// Whether a technology is researched.
    fn is_researched(&self, py: Python<'_>, technology: &str) -> PyResult<bool> {
        on_world(py, &self.inner, |world| {
            sandbox::is_researched(world, technology)
        })
    }

    /// What is researched now and the share of it that is done, or None.
    #[getter]
    fn current_research(&self, py: Python<'_>) -> Option<(&'static str, f64)> {
        sandbox::current_research(&lock(py, &self.inner))
    }

    /// Allows every recipe, without the bonuses of the technologies that unlock them.
    fn enable_all_recipes(&self, py: Python<'_>) {
        let mut world = lock(py, &self.inner);
        let world = &mut *world;
        py.detach(|| sandbox::enable_all_recipes(world));
    }

    /// Sets a bonus of the force under the game's name for it.
    fn set_bonus(&self, py: Python<'_>, name: &str, value: f64) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            report::set_bonus(world, name, value)
        })
    }

    /// Reads the bonuses that `set_bonus` sets, by name.
    fn bonuses(&self, py: Python<'_>) -> BTreeMap<&'static str, f64> {
        report::bonuses(&lock(py, &self.inner))
    }

    /// Reports what was made and used since the world began.
    fn production(&self, py: Python<'_>) -> Production {
        let report = report::production(&lock(py, &self.inner));
        Production {
            items_made: report.items_made,
            items_used: report.items_used,
            items_lost: report.items_lost,
            fluids_made: report.fluids_made,
            fluids_used: report.fluids_used,
        }
    }

    /// Reports every electric network as it was in the last tick.
    fn power(&self, py: Python<'_>) -> Vec<PowerNetwork> {
        let networks = report::power(&lock(py, &self.inner)).into_iter();
        networks
            .map(|network| PowerNetwork {
                number: network.number,
                poles: network.poles,
                members: network.members,
                satisfaction: network.satisfaction,
                demand_watts: network.demand_watts,
                delivered_watts: network.delivered_watts,
                solar_watts: network.solar_watts,
                generator_watts: network.generator_watts,
                discharge_watts: network.discharge_watts,
                charge_watts: network.charge_watts,
                stored_joules: network.stored_joules,
            })
            .collect()
    }

    /// Pollution of the chunk at a position; 0 outside the map.
    fn pollution(&self, py: Python<'_>, position: (f64, f64)) -> PyResult<f64> {
        on_world(py, &self.inner, |world| enemies::pollution(world, position))
    }

    /// Adds pollution to the chunk at a position.
    fn pollute(&self, py: Python<'_>, position: (f64, f64), amount: f64) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            enemies::pollute(world, position, amount)
        })
    }

    /// Rockets that have left since the world began.
    #[getter]
    fn rockets_launched(&self, py: Python<'_>) -> u64 {
        lock(py, &self.inner).rockets_launched()
    }

    /// How far the enemies have come, 0 to 1.
    #[getter]
    fn evolution(&self, py: Python<'_>) -> f64 {
        lock(py, &self.inner).evolution()
    }

    /// Sets how far the enemies have come.
    fn set_evolution(&self, py: Python<'_>, evolution: f64) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            enemies::set_evolution(world, evolution)
        })
    }

    /// Lets a biter or spitter appear and returns its number.
    fn spawn(&self, py: Python<'_>, name: &str, position: (f64, f64)) -> PyResult<u32> {
        on_world(py, &self.inner, |world| {
            enemies::spawn(world, name, position)
        })
    }

    /// Lists the living biters and spitters in order of creation.
    fn units(&self, py: Python<'_>) -> Vec<Unit> {
        let units = enemies::units(&lock(py, &self.inner)).into_iter();
        units
            .map(|unit| Unit {
                unit_number: unit.unit,
                name: unit.name,
                position: unit.position,
                health: unit.health,
            })
            .collect()
    }

    /// Lists what lies on the ground, north to south, as (position, item, count).
    fn items_on_ground(&self, py: Python<'_>) -> Vec<((f64, f64), &'static str, u32)> {
        sandbox::items_on_ground(&lock(py, &self.inner))
    }

    /// Lays items on the ground, at a position or as near to it as there is room.
    #[pyo3(signature = (item, position, count = 1))]
    fn drop(&self, py: Python<'_>, item: &str, position: (f64, f64), count: i64) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            let count = sandbox::contents::check_count(count)?;
            sandbox::drop_items(world, item, position, count)
        })
    }

    /// Describes the tiles of an area as bits; uint8; (height, width).
    fn tiles<'py>(&self, py: Python<'py>, area: Corners) -> PyResult<Bound<'py, PyArray2<u8>>> {
        let (area, bytes) = on_world(py, &self.inner, |world| site::tiles(world, area))?;
        PyArray1::from_vec(py, bytes).reshape([area.height as usize, area.width as usize])
    }

    /// Says whether an entity could be built at a position, by a character who stands elsewhere.
    #[pyo3(signature = (name, position, direction = "north"))]
    fn can_place(
        &self,
        py: Python<'_>,
        name: &str,
        position: (f64, f64),
        direction: &str,
    ) -> PyResult<bool> {
        on_world(py, &self.inner, |world| {
            site::can_place(world, name, position, direction)
        })
    }

    /// Lists the ghosts as (unit, entity, position, direction), oldest first.
    fn ghosts(&self, py: Python<'_>) -> Vec<site::GhostReport> {
        site::ghosts(&lock(py, &self.inner))
    }

    /// Says whether a recipe may be used.
    fn is_enabled(&self, py: Python<'_>, recipe: &str) -> PyResult<bool> {
        let recipe = vanilla().recipe(recipe).map_err(raised)?;
        Ok(lock(py, &self.inner).is_enabled(recipe))
    }

    /// Writes the world as snapshot bytes.
    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let world = lock(py, &self.inner);
        PyBytes::new(py, &py.detach(|| world.snapshot()))
    }

    /// Goes back to a snapshot; entities that it has are valid again, others are stale.
    fn restore(&self, py: Python<'_>, data: &[u8]) -> PyResult<()> {
        on_world(py, &self.inner, |world| {
            *world = sim::World::restore(data)?;
            Ok(())
        })
    }

    /// Returns an independent copy that goes on from here.
    fn fork(&self, py: Python<'_>) -> Self {
        let world = lock(py, &self.inner);
        Self::wrap(py.detach(|| world.clone()))
    }

    /// Returns sixteen hexadecimal digits of the world's state.
    fn digest(&self, py: Python<'_>) -> String {
        let world = lock(py, &self.inner);
        format!("{:016x}", py.detach(|| world.digest()))
    }

    /// Checks rules, caches and a restored copy, and returns what is wrong.
    #[pyo3(signature = (ticks = 60))]
    fn verify(&self, py: Python<'_>, ticks: i64) -> PyResult<Vec<String>> {
        on_world(py, &self.inner, |world| {
            Ok(world.verify(sandbox::check_ticks(ticks)?))
        })
    }

    /// Draws an area, or the whole map; uint8; (height, width, 3).
    #[pyo3(signature = (area = None, *, tile_pixels = 16))]
    fn render<'py>(
        &self,
        py: Python<'py>,
        area: Option<Corners>,
        tile_pixels: u32,
    ) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let image = on_world(py, &self.inner, |world| {
            let options = RenderOptions {
                window: window_of(area)?,
                tile_pixels,
                shows_hud: false,
                shows_reach: false,
                trail: Vec::new(),
            };
            Ok(render::render_rgb(world, None, &Hud::default(), &options))
        })?;
        PyArray1::from_vec(py, image.rgb).reshape([image.height as usize, image.width as usize, 3])
    }

    /// Draws an area, or the whole map, as text: two characters a tile, without colours.
    #[pyo3(signature = (area = None))]
    fn to_text(&self, py: Python<'_>, area: Option<Corners>) -> PyResult<String> {
        on_world(py, &self.inner, |world| {
            Ok(render::map_text(world, window_of(area)?))
        })
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let world = lock(py, &self.inner);
        let area = world.terrain.area();
        format!(
            "<World of {} x {} tiles, {} entities, tick {}>",
            area.width,
            area.height,
            world.entities.len(),
            world.tick
        )
    }
}
