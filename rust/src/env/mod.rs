//! Environments: episodes of a scenario in the embedded world, one at a time or many side by side.
//!
//! - [`episode`]: one episode from reset to its end: action, ticks, reward, observation
//! - [`seeds`]: from the seed a user gives to the seed of each episode
//! - [`batch`], [`arrays`], `block`: many episodes in shared arrays, stepped in parallel, with Gymnasium's three autoreset modes
//! - [`records`]: the memory that the observations of a batch lie in
//! - [`served`]: the same episodes in worlds on servers
//! - [`replay`]: a seed and its actions, run again

pub mod arrays;
pub mod batch;
mod block;
pub mod episode;
pub mod records;
pub mod replay;
pub mod seeds;
pub mod served;

pub use batch::{AutoresetMode, Batch, BatchOptions};
pub use episode::{Episode, EpisodeOptions, StepResult};

#[cfg(test)]
mod tests;
