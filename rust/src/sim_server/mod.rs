//! The simulated headless server: a process that behaves as Factorio's, over worlds of the embedded simulation.
//!
//! [`main`] takes Factorio's command line. The process owns sockets, files, signals and time; the game it runs knows
//! none of them and is behind one trait, so that either can be tested without the other.
//!
//! - [`start`]: from the command line to a running server, and to its exit status; [`run`]: its loop
//! - [`args`], [`config`], [`mods`], [`saves`], [`lock`], [`log`]: what lies on the disk and what is printed
//! - [`rcon_server`], [`connection`], [`queue`]: the remote console; [`udp`]: datagrams of scripts; [`stdin`]; [`signals`]
//! - [`clock`], [`pacing`]: time; [`faults`]: what goes wrong on demand
//! - [`host`]: what a game is to the process; [`game_host`]: how one is opened
//! - [`game`]: what one save is: surfaces, forces, the mod's Lua, the console, one update at a time
//!
//! It needs a Unix, for descriptors that can be waited for together.

mod args;
mod clock;
mod config;
mod connection;
mod failure;
mod faults;
pub mod game;
mod game_host;
mod host;
mod lock;
mod log;
mod mods;
mod pacing;
mod queue;
mod rcon_server;
mod run;
mod saves;
mod signals;
mod start;
mod stdin;
mod udp;

#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod toy;

pub use start::main;
