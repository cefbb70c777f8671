//! One electric network: what it was asked for, what it gave.

use serde::{Deserialize, Serialize};

use super::Power;
use super::generator::Offer;
use super::solar::sunlight;
use crate::contract::codes::Status;
use crate::sim::fluid::Fluids;

/// The class of consumers that are served first.
pub(super) const FIRST: usize = 0;
/// The class of all other consumers.
pub(super) const REST: usize = 1;

/// A network of poles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Share of its demand that each class got at the end of the last tick: what it may work with in this one.
    pub(super) satisfaction: [f64; 2],
    /// What happened in the last tick.
    pub stats: NetworkStats,
    /// Asked for since it was last met; between ticks, by those that act after it: laser turrets.
    pub(super) asked: [f64; 2],
    /// Taken in every tick, working or not.
    #[serde(skip)]
    pub(super) drain: [f64; 2],
    /// What its solar panels give in a tick of full sun.
    #[serde(skip)]
    pub(super) solar_joules: f64,
    /// What its electric energy interfaces give in every tick.
    #[serde(skip)]
    pub(super) steady_joules: f64,
    #[serde(skip)]
    pub(super) generators: Vec<u32>,
    #[serde(skip)]
    pub(super) banks: Vec<u32>,
    /// Entities that take or give electricity.
    #[serde(skip)]
    pub n_members: u32,
    #[serde(skip)]
    pub n_poles: u32,
}

/// Energy of one tick of a network, joules; times 60, watts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkStats {
    /// Asked for by consumers, drain included.
    pub demand_joules: f64,
    /// Given to consumers.
    pub delivered_joules: f64,
    pub solar_joules: f64,
    pub generator_joules: f64,
    /// Given by accumulators.
    pub discharged_joules: f64,
    /// Taken by accumulators.
    pub charged_joules: f64,
}

impl NetworkStats {
    /// Computes which share of the demand was met; 1 where there was none.
    pub fn satisfaction(&self) -> f64 {
        if self.demand_joules > 0.0 {
            (self.delivered_joules / self.demand_joules).min(1.0)
        } else {
            1.0
        }
    }
}

impl Network {
    /// Forgets what follows from its members.
    pub(super) fn forget_members(&mut self) {
        self.drain = [0.0; 2];
        self.solar_joules = 0.0;
        self.steady_joules = 0.0;
        self.generators.clear();
        self.n_members = 0;
        self.n_poles = 0;
    }
}

/// What a network can draw on in a tick.
struct Supply {
    solar: f64,
    generators: f64,
    banks: f64,
}

/// Meets what every network was asked for in this tick; returns whether a generator's status changed.
pub fn tick_power(power: &mut Power, fluids: &mut Fluids, tick: u64, restyled: &mut Vec<u32>) {
    let sun = if power.solars.is_empty() {
        0.0
    } else {
        sunlight(tick)
    };
    for number in 0..power.networks.len() {
        power.tick_network(number, sun, fluids, restyled);
    }
}

impl Power {
    fn tick_network(
        &mut self,
        number: usize,
        sun: f64,
        fluids: &mut Fluids,
        restyled: &mut Vec<u32>,
    ) {
        let network = &mut self.networks[number];
        let asked = std::mem::take(&mut network.asked);
        let demand = [
            asked[FIRST] + network.drain[FIRST],
            asked[REST] + network.drain[REST],
        ];
        let need = demand[FIRST] + demand[REST];
        let room: f64 = self.networks[number]
            .banks
            .iter()
            .map(|bank| &self.banks[*bank as usize])
            .map(|bank| bank.taking_joules() * f64::from(bank.size))
            .sum();
        if need <= 0.0 && room <= 0.0 && self.networks[number].stats == NetworkStats::default() {
            // Nothing is asked for and nothing changes. What consumers may count on is computed when they ask.
            return;
        }
        let mut offers = std::mem::take(&mut self.topology.offers);
        let supply = self.supply(number, sun, fluids, &mut offers);
        let mut left = need;
        let mut stats = NetworkStats {
            demand_joules: need,
            ..NetworkStats::default()
        };
        let from_solar = left.min(supply.solar);
        left -= from_solar;
        let from_generators = left.min(supply.generators);
        left -= from_generators;
        stats.discharged_joules = left.min(supply.banks);
        left -= stats.discharged_joules;
        stats.delivered_joules = need - left;
        // Accumulators are charged from what is left of the sun, then from what generators have left.
        let charge_solar = room.min(supply.solar - from_solar);
        let charge_generators = (room - charge_solar).min(supply.generators - from_generators);
        stats.charged_joules = charge_solar + charge_generators;
        stats.solar_joules = from_solar + charge_solar;
        stats.generator_joules = from_generators + charge_generators;
        let share = if supply.generators > 0.0 {
            stats.generator_joules / supply.generators
        } else {
            0.0
        };
        self.run_generators(number, share, &offers, fluids, restyled);
        self.topology.offers = offers;
        self.run_banks(number, &stats, supply.banks, room);
        let total = supply.solar + supply.generators + supply.banks;
        let network = &mut self.networks[number];
        network.satisfaction = satisfaction(demand, total);
        network.stats = stats;
    }

    /// Computes what a network can draw on; `offers` gets what each of its generators can give.
    fn supply(&self, number: usize, sun: f64, fluids: &Fluids, offers: &mut Vec<Offer>) -> Supply {
        let network = &self.networks[number];
        offers.clear();
        offers.extend(network.generators.iter().map(|index| {
            self.generators
                .get(*index)
                .map_or_else(Offer::default, |generator| generator.offer(fluids))
        }));
        Supply {
            solar: network.solar_joules * sun + network.steady_joules,
            generators: offers.iter().map(|offer| offer.joules).sum(),
            banks: network
                .banks
                .iter()
                .map(|bank| &self.banks[*bank as usize])
                .map(|bank| bank.giving_joules() * f64::from(bank.size))
                .sum(),
        }
    }

    /// Lets every generator give the same share of what it can.
    fn run_generators(
        &mut self,
        number: usize,
        share: f64,
        offers: &[Offer],
        fluids: &mut Fluids,
        restyled: &mut Vec<u32>,
    ) {
        for (index, offer) in self.networks[number].generators.iter().zip(offers) {
            let Some(generator) = self.generators.get_mut(*index) else {
                continue;
            };
            generator.give(share, *offer, fluids);
            let status = if offer.joules <= 0.0 {
                Status::NoIngredients
            } else if generator.given_joules > 0.0 {
                Status::Working
            } else {
                Status::Normal
            };
            if generator.status != status {
                generator.status = status;
                restyled.push(generator.slot);
            }
        }
    }

    /// Charges or discharges the banks, each by the same share of what it can.
    fn run_banks(&mut self, number: usize, stats: &NetworkStats, giving: f64, room: f64) {
        let network = &self.networks[number];
        let mut has_levelled = false;
        for bank in &network.banks {
            let bank = &mut self.banks[*bank as usize];
            let before = bank.stored_joules;
            if stats.discharged_joules > 0.0 {
                bank.stored_joules -= bank.giving_joules() * (stats.discharged_joules / giving);
                bank.stored_joules = bank.stored_joules.max(0.0);
            } else if stats.charged_joules > 0.0 {
                bank.stored_joules += bank.taking_joules() * (stats.charged_joules / room);
                bank.stored_joules = bank.stored_joules.min(bank.capacity_joules);
            }
            let is_at_end = bank.stored_joules <= 0.0 || bank.stored_joules >= bank.capacity_joules;
            has_levelled |= is_at_end && before.to_bits() != bank.stored_joules.to_bits();
        }
        // Banks become equal where they are all full or all empty.
        self.topology.are_banks_stale |= has_levelled && network.banks.len() > 1;
    }
}

/// Computes which share of its demand each class gets of `total`.
fn satisfaction(demand: [f64; 2], total: f64) -> [f64; 2] {
    let share = |demand: f64, available: f64| {
        if demand > 0.0 {
            (available / demand).min(1.0)
        } else if available > 0.0 {
            1.0
        } else {
            0.0
        }
    };
    let left = (total - demand[FIRST]).max(0.0);
    [share(demand[FIRST], total), share(demand[REST], left)]
}
