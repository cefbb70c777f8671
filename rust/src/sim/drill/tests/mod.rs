//! Figures of mining drills that the simulation must hit.

mod fields;
mod ores;
mod support;
