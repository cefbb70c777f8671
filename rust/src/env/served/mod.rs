//! Served episodes: the worlds live on servers, and here is a mirror of each.
//!
//! A step is decided on the mirror exactly as in the embedded world, its commands go to the server, and the frame that
//! comes back patches the mirror before the step is judged and observed: the code of both is the same from there on.
//!
//! - [`lower`]: set-up operations as the mod reads them; [`plan`]: from an action to the commands of a step
//! - [`request`]: lines to the mod and its replies; [`link`]: what carries them, [`network`] over sockets
//! - [`group`]: the environments of one server, stepped together
//! - [`record`]: links that write down what passes, and play it again without a server
//!
//! Whatever goes wrong with a server, and not with what the caller asked for, is a [`Loss`]: the episodes of its
//! environments end, and after a new link they can be reset.

mod batch;
pub mod group;
pub mod link;
pub mod lower;
pub mod network;
pub mod plan;
pub mod record;
pub mod request;

pub(super) use batch::{begin_lost, reset, step};
pub use group::{Group, GroupOptions, Outcome, Task};
pub use link::{Link, Loss};
pub use network::{Address, IsCancelled, NetworkLink};

#[cfg(test)]
mod tests;
