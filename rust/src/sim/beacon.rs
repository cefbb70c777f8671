//! Beacons: they draw power at all times and pass on what their modules do to the machines around them.

use serde::{Deserialize, Serialize};

use super::burner::joules_per_tick;
use super::energy::Energy;
use super::power::NetworkId;
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{Beacon as Facts, EntityPrototypeId, vanilla};

/// A beacon; its modules are in [`World::module_slots`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beacon {
    pub energy: Energy,
    /// The entity's slot.
    pub slot: u32,
    prototype: EntityPrototypeId,
    /// Whether it had any power in its last tick; without, it passes nothing on.
    pub is_powered: bool,
    pub status: Status,
    pub asleep: bool,
}

impl Beacon {
    /// Makes a beacon without power; it looks for some in the next tick.
    pub fn new(prototype: EntityPrototypeId, slot: u32) -> Self {
        Self {
            energy: Energy::of(&vanilla()[prototype]),
            slot,
            prototype,
            is_powered: false,
            status: Status::NoPower,
            asleep: false,
        }
    }

    fn facts(&self) -> Option<&'static Facts> {
        vanilla()[self.prototype].beacon.as_ref()
    }

    /// Gives the share of its modules' effects that reaches a machine on which `n_beacons` act.
    pub fn share(&self, n_beacons: usize) -> f64 {
        let Some(facts) = self.facts() else {
            return 0.0;
        };
        let place = n_beacons.clamp(1, facts.profile.len().max(1)) - 1;
        facts.distribution_effectivity * facts.profile.get(place).copied().unwrap_or(1.0)
    }
}

/// Runs one tick of the beacon at `index`.
pub(super) fn tick_beacon(world: &mut World, index: u32) {
    let Some(beacon) = world.beacons.get_mut(index) else {
        return;
    };
    let joules = joules_per_tick(&vanilla()[beacon.prototype]);
    let share = beacon.energy.draw(&mut world.power, joules);
    let status = if share <= 0.0 {
        Status::NoPower
    } else if share < 1.0 {
        Status::LowPower
    } else {
        Status::Working
    };
    // Off all networks it sleeps until it is put on one.
    beacon.asleep = beacon.energy.network() == Some(NetworkId::default());
    if status == beacon.status {
        return;
    }
    beacon.status = status;
    let was_powered = std::mem::replace(&mut beacon.is_powered, share > 0.0);
    let (slot, is_powered) = (beacon.slot, beacon.is_powered);
    if was_powered != is_powered {
        world.modules_changed(slot);
    }
    world.mark_entity(slot);
}
