//! The simulation: one [`World`] per environment, changed only by [`command::apply`], [`setup::execute`], [`script`] and [`tick::tick`].
//!
//! It knows no time, sockets, Lua, Python, nor the order of hash maps; equal seeds and commands give byte-equal snapshots.
//!
//! - [`position`], [`inventory`], [`slab`], [`rng`]: the small types that state is made of
//! - [`world`], [`terrain`], [`entity`], [`ground`]: all mutable state; [`grid`]: what follows from it, tile by tile
//! - `things`, `sleep`, [`changes`]: how it changes, who acts, what an observer has to look at again
//! - [`character`], [`mining`], [`crafting`]: what the character does in a tick
//! - [`energy`], [`burner`], [`power`]: what drives machines; [`drill`], [`crafter`]: machines, one file or folder per kind
//! - [`effects`], [`beacon`]: modules, and what passes their effects on
//! - [`inserter`]: arms that carry items from tile to tile
//! - [`fluid`]: pipes, tanks, pumps, and what flows in them
//! - [`belt`]: transport belts, underground belts, splitters
//! - [`force`], [`production`]: what is researched, what was made; `transfer`: what inserters take and bring
//! - [`research`], [`lab`]: the queue of technologies and the labs that work on it; [`silo`]: rockets
//! - [`collision`], [`placement`]: what stands in whose way
//! - [`threat`]: pollution, enemies, turrets, damage
//! - [`collision`], [`placement`], [`path`]: what stands in whose way, and ways round it
//! - [`mirror`]: a world that is not ticked but patched by what is reported of another
//! - [`setup`]: the operations that build a scenario's start; [`command`]: the only door for actions
//! - [`tick`]: the ordered list of phases; [`snapshot`]: bytes, digests, replays; [`verify`]: checks of the whole state
//! - [`blueprint`]: the game's exchange strings; [`sandbox`]: a world to build by hand; [`script`]: what scripts of the game do; [`supply`]: infinity chests

pub mod beacon;
pub mod belt;
pub mod blueprint;
pub mod burner;
pub mod changes;
pub mod character;
pub mod collision;
pub mod command;
pub mod crafter;
pub mod crafting;
pub mod drill;
pub mod effects;
pub mod energy;
pub mod entity;
pub mod fluid;
pub mod force;
pub mod grid;
pub mod ground;
pub mod inserter;
pub mod inventory;
pub mod lab;
pub mod machine;
pub mod mining;
pub mod mirror;
mod network;
pub mod path;
pub mod placement;
pub mod position;
pub mod power;
pub mod production;
pub mod research;
pub mod rng;
pub mod sandbox;
pub mod script;
pub mod setup;
pub mod silo;
pub mod slab;
mod sleep;
pub mod snapshot;
pub mod supply;
pub mod terrain;
mod things;
pub mod threat;
pub mod tick;
mod transfer;
pub mod verify;
pub mod world;

pub use crate::contract::action::RejectReason;
pub use world::World;

#[cfg(test)]
mod tests;
