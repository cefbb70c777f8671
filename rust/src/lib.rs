//! The Rust core of `factorio_fast`: contract, prototypes, simulation, observation, masks, environments.
//!
//! Contents, in the order of the layers (a module uses only those above it; `tests/rust/layering.rs` checks that):

pub mod contract;
pub mod error;
pub mod prototypes;

pub mod protocol;
pub mod sim;

pub mod action;
pub mod observation;
pub mod scenario;
pub mod view;

pub mod env;
pub mod transport;

#[cfg(feature = "lua")]
pub mod lua;

#[cfg(all(feature = "sim-server", unix))]
pub mod sim_server;

#[cfg(feature = "python")]
mod bindings;

pub use error::{Error, ErrorKind, Result};
