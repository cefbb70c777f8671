//! The Python face of the core: the module `factorio_fast._core`.
//!
//! Bodies have one shape: take typed arguments, call the core with the GIL released, return. No rule of the domain is
//! decided here. One file per exposed class:
//!
//! - [`contract`]: constants, code tables, generated files; [`prototypes`]: figures of the game by name
//! - [`scenario`]: `Scenario`; [`episode`]: `Episode`; [`batch`]: `Batch`; [`blueprint`]: `Blueprint`; [`rcon`]: `RconClient`
//! - [`sim_server`]: the simulated server's `main`
//! - [`world`]: `World`, with what it [reports](reports); [`entity`]: `Entity`; [`character`]: `Character`, all of the sandbox
//! - [`orders`]: typed commands; [`facts`]: the character's facts and goals, as tuples and dictionaries
//! - [`gateway`]: the one doorway that releases the GIL; [`errors`]: the core's errors as Python exceptions

mod batch;
mod blueprint;
mod character;
mod contract;
mod entity;
mod episode;
mod errors;
mod facts;
mod gateway;
mod orders;
mod prototypes;
mod rcon;
mod reports;
mod scenario;
mod served;
#[cfg(all(feature = "sim-server", unix))]
mod sim_server;
mod world;

use pyo3::prelude::*;

#[pymodule(name = "_core")]
mod core_module {
    #[pymodule_export]
    use super::batch::Batch;
    #[pymodule_export]
    use super::blueprint::Blueprint;
    #[pymodule_export]
    use super::character::Character;
    #[pymodule_export]
    use super::contract::{contract, generated_files};
    #[pymodule_export]
    use super::entity::Entity;
    #[pymodule_export]
    use super::episode::Episode;
    #[pymodule_export]
    use super::prototypes::{prototype, prototype_names};
    #[pymodule_export]
    use super::rcon::RconClient;
    #[pymodule_export]
    use super::reports::{PowerNetwork, Production, ResourcePatch, Unit};
    #[pymodule_export]
    use super::scenario::Scenario;
    #[cfg(all(feature = "sim-server", unix))]
    #[pymodule_export]
    use super::sim_server::sim_server_main;
    #[pymodule_export]
    use super::world::World;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("is_debug_build", cfg!(debug_assertions))
    }
}
