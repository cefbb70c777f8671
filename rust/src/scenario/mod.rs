//! Scenarios.
pub mod objective;
pub mod reward;
