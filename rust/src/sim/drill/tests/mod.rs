//! Figures of mining drills that the simulation must hit.
