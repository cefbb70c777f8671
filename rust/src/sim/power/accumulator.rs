//! Accumulators: charged by what is left over, drawn on last.
//!
//! Those of one network that hold equally much stay equal, so they are kept as one bank: a field of a thousand costs what
//! one does. Banks are state; they are formed again only where networks or accumulators change, or two become equal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{NetworkId, Power};
use crate::prototypes::{EnergySource, EntityPrototype, EntityPrototypeId, vanilla};

/// An accumulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accumulator {
    /// Slot of its entity.
    pub slot: u32,
    pub prototype: EntityPrototypeId,
    /// Its bank.
    pub bank: u32,
}

/// Accumulators of one kind and one network that hold equally much; figures are for one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bank {
    pub stored_joules: f64,
    pub size: u32,
    pub capacity_joules: f64,
    /// The most that it takes in a tick.
    pub input_joules_per_tick: f64,
    /// The most that it gives in a tick.
    pub output_joules_per_tick: f64,
}

impl Bank {
    fn new(prototype: &EntityPrototype, stored_joules: f64) -> Self {
        let (capacity, input, output) = match &prototype.energy_source {
            Some(EnergySource::Electric {
                buffer_capacity_joules,
                input_flow_limit_watts,
                output_flow_limit_watts,
                ..
            }) => (
                buffer_capacity_joules.unwrap_or(0.0),
                input_flow_limit_watts.map_or(f64::INFINITY, |watts| watts / 60.0),
                output_flow_limit_watts.map_or(f64::INFINITY, |watts| watts / 60.0),
            ),
            _ => (0.0, 0.0, 0.0),
        };
        Self {
            stored_joules,
            size: 0,
            capacity_joules: capacity,
            input_joules_per_tick: input,
            output_joules_per_tick: output,
        }
    }

    /// Computes what one of them can give now.
    pub(super) fn giving_joules(&self) -> f64 {
        self.stored_joules.min(self.output_joules_per_tick)
    }

    /// Computes what one of them can take now.
    pub(super) fn taking_joules(&self) -> f64 {
        (self.capacity_joules - self.stored_joules).min(self.input_joules_per_tick)
    }
}

impl Power {
    /// Makes an accumulator's record; it joins a bank when networks are settled.
    pub(super) fn add_accumulator(&mut self, slot: u32, prototype: EntityPrototypeId) -> u32 {
        let mut bank = Bank::new(&vanilla()[prototype], 0.0);
        bank.size = 1;
        self.banks.push(bank);
        self.accumulators.insert(Accumulator {
            slot,
            prototype,
            bank: self.banks.len() as u32 - 1,
        })
    }

    /// Sets the energy in an accumulator, as for a test or a set-up; it joins a bank when networks are settled.
    pub fn set_accumulator_joules(&mut self, index: u32, joules: f64) {
        let Some(prototype) = self.accumulators.get(index).map(|known| known.prototype) else {
            return;
        };
        let mut bank = Bank::new(&vanilla()[prototype], 0.0);
        bank.stored_joules = joules.clamp(0.0, bank.capacity_joules);
        bank.size = 1;
        self.banks.push(bank);
        let number = self.banks.len() as u32 - 1;
        if let Some(accumulator) = self.accumulators.get_mut(index) {
            let old = std::mem::replace(&mut accumulator.bank, number);
            if let Some(old) = self.banks.get_mut(old as usize) {
                old.size -= 1;
            }
        }
        self.topology.are_banks_stale = true;
    }

    /// Forms banks anew: in the order of the accumulators, by network, kind and energy.
    pub(super) fn form_banks(&mut self) {
        let mut banks: Vec<Bank> = Vec::new();
        let mut known: BTreeMap<(NetworkId, EntityPrototypeId, u64), u32> = BTreeMap::new();
        let indices: Vec<u32> = self.accumulators.iter().map(|(index, _)| index).collect();
        for index in indices {
            let Some(accumulator) = self.accumulators.get_mut(index) else {
                continue;
            };
            let stored = self.banks[accumulator.bank as usize].stored_joules;
            let network = self.topology.network_of(accumulator.slot);
            let key = (network, accumulator.prototype, stored.to_bits());
            let bank = *known.entry(key).or_insert_with(|| {
                banks.push(Bank::new(&vanilla()[accumulator.prototype], stored));
                banks.len() as u32 - 1
            });
            accumulator.bank = bank;
            banks[bank as usize].size += 1;
        }
        self.banks = banks;
        self.assign_banks();
        self.topology.are_banks_stale = false;
    }

    /// Lists the banks of each network.
    pub(super) fn assign_banks(&mut self) {
        for network in &mut self.networks {
            network.banks.clear();
        }
        let mut is_seen = vec![false; self.banks.len()];
        for (_, accumulator) in self.accumulators.iter() {
            if std::mem::replace(&mut is_seen[accumulator.bank as usize], true) {
                continue;
            }
            let network = self.topology.network_of(accumulator.slot);
            if let Some(network) = self.networks.get_mut(network.0 as usize) {
                network.banks.push(accumulator.bank);
            }
        }
    }
}
