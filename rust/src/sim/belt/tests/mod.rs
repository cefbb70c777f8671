//! Figures of belts and splitters that the simulation must hit.

mod balance;
mod kit;
mod maze;
mod rules;
mod side;
mod splitters;
mod stored;
mod worlds;
