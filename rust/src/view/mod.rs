//! The world view: what a backend reports of its world, and all that observation, mask, reward and ending may depend on.
//!
//! [`mirror`] makes one of the frames of a server.
//!
//! It is a [`World`] without the parts that no server reports (energy buffers, work in progress, random streams), so the
//! code that looks at the embedded world looks at it unchanged. A test feeds both to the observation and compares bytes;
//! that is what keeps the three backends alike.

pub mod mirror;
pub mod render;

use std::ops::Deref;

use crate::sim::World;
use crate::sim::rng::Rng;

/// A world reduced to what is reported.
#[derive(Clone, Debug)]
pub struct WorldView(World);

impl WorldView {
    /// Reduces a world to what a server would report of it.
    pub fn capture(world: &World) -> Self {
        let mut seen = world.clone();
        seen.rng = Rng::new(0);
        seen.forget_intentions();
        let drills: Vec<u32> = seen.drills.iter().map(|(index, _)| index).collect();
        for index in drills {
            if let Some(drill) = seen.drills.get_mut(index) {
                drill.seconds = 0.0;
                drill.bonus = 0.0;
                drill.energy.forget();
            }
        }
        let crafters: Vec<u32> = seen.crafters.iter().map(|(index, _)| index).collect();
        for index in crafters {
            if let Some(furnace) = seen.crafters.get_mut(index) {
                furnace.seconds = 0.0;
                furnace.bonus = 0.0;
                furnace.energy.forget();
            }
        }
        let boilers: Vec<u32> = seen.boilers.iter().map(|(index, _)| index).collect();
        for index in boilers {
            if let Some(boiler) = seen.boilers.get_mut(index) {
                boiler.energy.forget();
            }
        }
        Self(seen)
    }
}

impl Deref for WorldView {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}
