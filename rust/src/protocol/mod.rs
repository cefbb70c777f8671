//! The bytes that travel between this crate and a Factorio server: what they are, not how they travel.
//!
//! Owns the codecs and their limits. Knows no socket, no thread and no clock: where time matters it is an argument.
//! Whatever comes in is hostile: nothing here panics on it, and nothing is allocated beyond a limit that has a name.
//!
//! - [`rcon`]: packets of the remote console, in Factorio's dialect
//! - [`fragment`]: the datagrams of a frame; [`assembly`]: frames of datagrams that may be lost, doubled or out of order
//! - [`payload`]: what a frame says, in sections of records

pub mod assembly;
pub mod fragment;
pub mod payload;
pub mod rcon;
