//! Figures of crafting machines that the simulation must hit.

mod conserve;
mod fluids;
mod limits;
mod modules;
mod power;
mod rates;
mod recipes;
mod support;
