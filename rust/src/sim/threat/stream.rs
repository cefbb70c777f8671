//! Acid streams in flight: they land where their target stood when they were spat, and splash round there.
//!
//! Approximate: the game leads a moving target, lets the acid burn on the ground and slows down who is hit.

use serde::{Deserialize, Serialize};

use super::figures::{Blow, Delivery, Weapon};
use crate::sim::position::MapPos;
use crate::sim::world::World;

/// A stream in flight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    pub lands_at: MapPos,
    pub lands_tick: u64,
    radius_subtiles: i32,
    blow: Blow,
}

impl Stream {
    /// Spits a stream of `weapon` from one place to another.
    pub(super) fn new(weapon: &Weapon, blow: Blow, from: MapPos, to: MapPos, tick: u64) -> Self {
        let (subtiles_per_tick, radius_subtiles) = match weapon.delivery {
            Delivery::Stream {
                subtiles_per_tick,
                radius_subtiles,
            } => (subtiles_per_tick, radius_subtiles),
            Delivery::Instant => (f64::INFINITY, 0),
        };
        // Square roots are exact by IEEE 754, so every machine computes the same flight.
        let distance = (from.distance_squared(to) as f64).sqrt();
        let flight_ticks = (distance / subtiles_per_tick) as u64;
        Self {
            lands_at: to,
            lands_tick: tick + weapon.preparing_ticks + flight_ticks,
            radius_subtiles,
            blow,
        }
    }
}

/// Lets the streams land whose time has come, in the order in which they were spat.
pub(super) fn tick_streams(world: &mut World) {
    if world.threats.streams.is_empty() {
        return;
    }
    let tick = world.tick;
    let mut streams = std::mem::take(&mut world.threats.streams);
    for stream in &streams {
        if stream.lands_tick <= tick {
            world.splash(stream.lands_at, stream.radius_subtiles, stream.blow);
        }
    }
    streams.retain(|stream| stream.lands_tick > tick);
    world.threats.streams = streams;
}
