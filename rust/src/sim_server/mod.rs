//! The simulated server: a mod and its console over worlds of the embedded simulation.
//!
//! - [`game`]: what one save is: surfaces, forces, the mod's Lua, the console, one update at a time

pub mod game;
