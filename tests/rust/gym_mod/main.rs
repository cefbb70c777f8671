//! The mod in the simulated game: what it answers, what it refuses, what its frames say, and that nothing of it depends
//! on the order of `pairs`, on a save in between, or on what a surface was before.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod costs;
mod episodes;
mod hostile;
mod kit;
mod machines;
mod order;
mod pure;
mod requests;
mod worlds;
