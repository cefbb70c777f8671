//! Properties of whole factories: random ones are built, run, changed while they run, and checked all the time.
//!
//! - [`deeds`]: what is done to a world between ticks, and what it must do to the books
//! - [`layouts`]: small working factories, and [`plans`]: random ones made of them, from a seed
//! - [`runner`]: carries a plan out, checks everything, makes a failing plan small
//! - `factories`, `fuzz`, `digests`, `replace`, `regressions`: the tests
//!
//! `FACTORY_SEED`, `FACTORY_SEEDS` choose and count the seeds of the long runs:
//! `FACTORY_SEEDS=1000 cargo test --lib many_large_factories -- --ignored`.

mod deeds;
mod digests;
mod factories;
mod layouts;
mod plans;
mod regressions;
mod replace;
mod runner;
