//! Actions: four numbers to commands, and the mask that says which are legal.
//!
//! - [`decode`]: what each component of an action means in the present world
//! - [`order`]: commands with things named by number and place, as scripts and skills give them
//! - [`mask`]: the 64 bits, the exact tables, and the cache that keeps them cheap

pub mod decode;
pub mod mask;
pub mod order;

pub use decode::{Action, Palette};
pub use order::Order;
