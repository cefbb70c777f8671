//! What drives a machine: fuel, an electric network, or nothing.

use serde::{Deserialize, Serialize};

use super::burner::Burner;
use super::inventory::Slot;
use super::power::{NetworkId, Power};
use super::production::Production;
use crate::prototypes::{EnergySource, EntityPrototype, ItemId, UsagePriority};

/// The energy of one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Energy {
    Burner(Burner),
    Electric(Electric),
    /// It needs none.
    Void,
}

/// A place on an electric network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Electric {
    /// The network; follows from where poles stand, so it is set again by `Power::settle`.
    #[serde(skip)]
    pub network: NetworkId,
    /// What the machine takes in every tick, working or not.
    pub drain_joules_per_tick: f64,
    /// Whether it is served before others, as laser turrets are.
    pub is_served_first: bool,
}

impl Energy {
    /// Makes the energy of a machine of `prototype`, with an empty buffer and on no network.
    pub fn of(prototype: &EntityPrototype) -> Self {
        match &prototype.energy_source {
            Some(EnergySource::Burner { initial_fuel, .. }) => Self::Burner(
                initial_fuel.map_or_else(Burner::new, |(item, share)| Burner::lit(item, share)),
            ),
            Some(EnergySource::Electric {
                drain_watts,
                usage_priority,
                ..
            }) => Self::Electric(Electric {
                network: NetworkId::default(),
                drain_joules_per_tick: drain_watts / 60.0,
                is_served_first: *usage_priority == UsagePriority::PrimaryInput,
            }),
            _ => Self::Void,
        }
    }

    /// Draws `joules` for one tick of work and returns which share of the work they allow, 0 to 1.
    pub fn draw(&mut self, power: &mut Power, joules: f64) -> f64 {
        if joules <= 0.0 {
            return 1.0;
        }
        match self {
            Self::Burner(burner) => burner.draw(joules) / joules,
            Self::Electric(link) if link.is_served_first => {
                power.draw_first(link.network, joules, link.drain_joules_per_tick)
            }
            Self::Electric(link) => power.draw(link.network, joules, link.drain_joules_per_tick),
            Self::Void => 1.0,
        }
    }

    /// Says whether it waits for an electric network.
    pub fn is_off_networks(&self) -> bool {
        matches!(self, Self::Electric(link) if link.network == NetworkId::default())
    }

    /// Says whether it is a burner with nothing in its buffer: the first tick with fuel only fills that.
    pub fn is_cold(&self) -> bool {
        matches!(self, Self::Burner(burner) if burner.buffer_joules <= 0.0)
    }

    /// Fills a burner's buffer from its fuel, as after a tick of work; says whether it lit a fuel item.
    pub fn refill(&mut self, capacity_joules: f64) -> bool {
        self.burner_mut()
            .is_some_and(|burner| burner.refill(capacity_joules))
    }

    /// As [`Energy::refill`], and counts a fuel item that was lit as used.
    pub fn refill_counted(&mut self, capacity_joules: f64, production: &mut Production) -> bool {
        let Self::Burner(burner) = self else {
            return false;
        };
        let has_lit = burner.refill(capacity_joules);
        if has_lit && let Some(item) = burner.burning {
            production.use_item(item, 1);
        }
        has_lit
    }

    /// Reads the fuel slots.
    pub fn fuel_slots(&self) -> &[Slot] {
        self.burner()
            .map_or(&[], |burner| std::slice::from_ref(&burner.fuel))
    }

    /// Borrows the fuel slot for change, where there is one.
    pub(super) fn fuel_slot_mut(&mut self) -> Option<&mut Slot> {
        self.burner_mut().map(|burner| &mut burner.fuel)
    }

    /// Adds up to `count` of a fuel that `prototype` burns and returns how many went in.
    pub fn insert_fuel(&mut self, prototype: &EntityPrototype, item: ItemId, count: u32) -> u32 {
        self.burner_mut()
            .map_or(0, |burner| burner.insert(prototype, item, count))
    }

    /// Forgets what no server reports: energy in the buffer and in the burning item.
    pub fn forget(&mut self) {
        if let Self::Burner(burner) = self {
            burner.buffer_joules = 0.0;
            burner.remaining_joules = 0.0;
            burner.burning = None;
        }
    }

    /// Reads the burner, where there is one.
    pub fn burner(&self) -> Option<&Burner> {
        match self {
            Self::Burner(burner) => Some(burner),
            _ => None,
        }
    }

    /// Borrows the burner for change, where there is one.
    pub fn burner_mut(&mut self) -> Option<&mut Burner> {
        match self {
            Self::Burner(burner) => Some(burner),
            _ => None,
        }
    }

    /// Reads the electric network of what is driven by one; the default where it is on none.
    pub fn network(&self) -> Option<NetworkId> {
        match self {
            Self::Electric(link) => Some(link.network),
            _ => None,
        }
    }

    /// Borrows the place on the electric network for change, where there is one.
    pub fn electric_mut(&mut self) -> Option<&mut Electric> {
        match self {
            Self::Electric(link) => Some(link),
            _ => None,
        }
    }
}
