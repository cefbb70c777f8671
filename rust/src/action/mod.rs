//! Actions: four numbers to commands, and the mask that says which are legal.
//!
//! - [`decode`]: what each component of an action means in the present world
//! - [`mask`]: the 64 bits, the exact tables, and the cache that keeps them cheap

pub mod decode;
pub mod mask;

pub use decode::{Action, Palette};
