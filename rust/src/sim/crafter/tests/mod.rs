//! Figures of crafting machines that the simulation must hit.

mod rates;
mod support;
