//! Electric power: poles and wires, networks, solar panels, steam engines, accumulators.
//!
//! A consumer asks its network for energy in every tick that it works ([`Power::draw`]) and learns which share of its work
//! it may do: by the satisfaction that the network reached at the end of the last tick. At the end of the tick the
//! network meets what was asked for: solar panels first, then generators, which share the rest in proportion to what each
//! can give, accumulators last. What solar panels and generators have left charges the accumulators.
//!
//! Networks are the connected components of poles, numbered by their first pole; an entity belongs to the network of the
//! oldest pole whose supply area its body touches (in the game it may belong to several).
//!
//! State: poles with their wires, the energy in accumulators, the satisfaction of each network and its last tick.
//! Everything else follows from where entities stand and is computed again after a restore.
//!
//! What is approximate: consumers have no buffers of their own, so a rise of demand is met in full for one tick; a new
//! pole is wired to the five nearest poles in reach, whether or not they are wired to each other.

pub mod accumulator;
pub mod boiler;
mod check;
pub mod generator;
pub mod network;
pub mod pole;
pub mod solar;
mod topology;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::position::Rect;
use super::slab::Slab;

pub use accumulator::{Accumulator, Bank};
pub use generator::Generator;
pub use network::{Network, NetworkStats, tick_power};
pub use pole::Pole;
pub use solar::Solar;

use topology::Topology;

/// An electric network; the default is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NetworkId(pub u32);

impl Default for NetworkId {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

/// All electric networks of a world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Power {
    pub poles: Slab<Pole>,
    pub solars: Slab<Solar>,
    pub generators: Slab<Generator>,
    pub accumulators: Slab<Accumulator>,
    /// Accumulators of one network that hold equally much.
    banks: Vec<Bank>,
    networks: Vec<Network>,
    #[serde(skip)]
    topology: Topology,
}

impl Power {
    /// Asks a network for the energy of one tick of work and returns the share of full work that it gives, 0 to 1.
    ///
    /// The drain is asked for by the network itself; where power is short it comes first:
    /// (f x (usage + drain) - drain) / usage, with f the satisfaction.
    #[inline]
    pub fn draw(&mut self, network: NetworkId, joules: f64, drain_joules: f64) -> f64 {
        self.draw_as(network, joules, drain_joules, network::REST)
    }

    /// Asks a network for `joules` of at most `most_joules` that a consumer can use in a tick; returns what there is to use.
    ///
    /// Where power is short that is a share of the most: what is left to do of a motion gets done even if it is little.
    pub fn draw_up_to(
        &mut self,
        network: NetworkId,
        joules: f64,
        most_joules: f64,
        drain_joules: f64,
    ) -> f64 {
        let share = self.draw(network, joules, drain_joules);
        if share >= 1.0 {
            return joules;
        }
        // The drain is small beside the most, but not beside a last crumb.
        let satisfaction = self.satisfaction(network);
        (satisfaction * (most_joules + drain_joules) - drain_joules).clamp(0.0, most_joules)
    }

    /// As [`Power::draw`], for consumers that are served first: laser turrets.
    #[inline]
    pub fn draw_first(&mut self, network: NetworkId, joules: f64, drain_joules: f64) -> f64 {
        self.draw_as(network, joules, drain_joules, network::FIRST)
    }

    #[inline]
    fn draw_as(&mut self, network: NetworkId, joules: f64, drain_joules: f64, class: usize) -> f64 {
        let Some(network) = self.networks.get_mut(network.0 as usize) else {
            return 0.0;
        };
        network.asked[class] += joules;
        let satisfaction = network.satisfaction[class];
        if satisfaction >= 1.0 {
            return 1.0;
        }
        ((satisfaction * (joules + drain_joules) - drain_joules) / joules).clamp(0.0, 1.0)
    }

    /// Reads which share of its demand a network met in the last tick, for consumers of the common class.
    pub fn satisfaction(&self, network: NetworkId) -> f64 {
        self.network(network)
            .map_or(0.0, |network| network.satisfaction[network::REST])
    }

    /// Reads a network.
    pub fn network(&self, network: NetworkId) -> Option<&Network> {
        self.networks.get(network.0 as usize)
    }

    /// Walks the networks in the order of their numbers.
    pub fn networks(&self) -> impl Iterator<Item = (NetworkId, &Network)> {
        self.networks
            .iter()
            .enumerate()
            .map(|(number, network)| (NetworkId(number as u32), network))
    }

    /// Sums up the energy in the accumulators of a network, joules.
    pub fn stored_joules(&self, network: NetworkId) -> f64 {
        self.banks_of(network)
            .map(|bank| bank.stored_joules * f64::from(bank.size))
            .sum()
    }

    /// Sums up the energy that the accumulators of a network have room for altogether, joules.
    pub fn capacity_joules(&self, network: NetworkId) -> f64 {
        self.banks_of(network)
            .map(|bank| bank.capacity_joules * f64::from(bank.size))
            .sum()
    }

    fn banks_of(&self, network: NetworkId) -> impl Iterator<Item = &Bank> {
        let banks = self.network(network).map(|network| &network.banks);
        banks
            .into_iter()
            .flatten()
            .map(|bank| &self.banks[*bank as usize])
    }

    /// Reads the energy in an accumulator, joules.
    pub fn accumulator_joules(&self, index: u32) -> f64 {
        self.accumulators
            .get(index)
            .and_then(|accumulator| self.banks.get(accumulator.bank as usize))
            .map_or(0.0, |bank| bank.stored_joules)
    }

    /// Reads the energy that an accumulator has room for, joules.
    pub fn accumulator_capacity_joules(&self, index: u32) -> f64 {
        self.accumulators
            .get(index)
            .and_then(|accumulator| self.banks.get(accumulator.bank as usize))
            .map_or(0.0, |bank| bank.capacity_joules)
    }

    /// Computes which share of its demand the worst-off network with a pole in `area` met in the last tick; 1 where there
    /// was none. A server can tell it of any one consumer of each network.
    pub fn satisfaction_in(&self, area: &Rect) -> f64 {
        let mut seen: Vec<NetworkId> = Vec::new();
        let mut worst = 1.0_f64;
        for (index, pole) in self.poles.iter() {
            if !area.contains(pole.position) {
                continue;
            }
            let number = self.network_of_pole(index);
            if !seen.contains(&number) {
                seen.push(number);
                if let Some(network) = self.network(number) {
                    worst = worst.min(network.stats.satisfaction());
                }
            }
        }
        worst
    }

    /// Drops everything but keeps memory where it can.
    pub fn clear(&mut self) {
        self.poles.clear();
        self.solars.clear();
        self.generators.clear();
        self.accumulators.clear();
        self.banks.clear();
        self.networks.clear();
        self.topology.clear();
    }
}
