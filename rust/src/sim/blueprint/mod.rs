//! The game's blueprint strings: read, check, place, write.
//!
//! Contents, in the order of the data:
//! - [`codec`]: a string to a document and back, with every limit on hostile input
//! - [`model`]: the document as serde types, faithful to what the string said
//! - [`migrate`]: what a name or a direction of a 1.x document is called in 2.0
//! - [`layout`]: a blueprint checked against the prototypes: snapped, without overlaps, to be turned and placed
//! - `export`: a layout back to a document
//!
//! It owns no world: placing the ghosts of a [`Layout`] is the business of `sim::command`.

mod bounded;
pub mod codec;
mod export;
mod guard;
pub mod layout;
pub mod migrate;
pub mod model;
mod overlap;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use codec::{decode, encode};
pub use layout::{EntitySettings, Layout, PlacedEntity, TileBox};
pub use model::{BeltEnd, Blueprint, BlueprintBook, Content, Entity, Exchange, Position, Priority};
