//! The observation of one world, kept in its packed record and patched as the world changes.
//!
//! - [`record`]: the packed record and its parts
//! - [`local_map`]: the window round the character, scrolled in place
//! - [`entities`]: the rows of things that can be acted on
//! - [`player_state`]: the character and the objective
//!
//! Everything here is a function of the world view, the objective's present state and the last action's refusals.

pub mod entities;
pub mod local_map;
pub mod player_state;
pub mod record;

pub use entities::{TargetRow, TargetRows};
pub use record::Record;

#[cfg(test)]
mod tests;
