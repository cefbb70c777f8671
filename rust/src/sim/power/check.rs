//! Networks against those that are formed anew, and the energy that each must account for.

use std::collections::BTreeMap;

#[cfg(test)]
use super::NetworkId;
use super::Power;
use crate::sim::verify::Findings;

/// What may be missing or left over by rounding, as a share of what went through.
const TOLERANCE: f64 = 1e-9;

impl Power {
    /// Compares what follows from poles and members with what a restored copy has.
    pub(in crate::sim) fn check_caches(&self, rebuilt: &Self, findings: &mut Findings) {
        findings.require(self.is_settled(), || "networks are not settled".to_owned());
        self.topology.check_caches(&rebuilt.topology, findings);
        findings.require_equal(
            || "the number of networks".to_owned(),
            &self.networks.len(),
            &rebuilt.networks.len(),
        );
        for (number, (live, anew)) in self.networks.iter().zip(&rebuilt.networks).enumerate() {
            findings.require_equal(|| format!("network {number}"), live, anew);
        }
    }

    /// Checks that every network gave what it got, and that accumulators hold what they can.
    pub(in crate::sim) fn check_energy(&self, findings: &mut Findings) {
        for (number, network) in self.networks() {
            let stats = &network.stats;
            let got = stats.solar_joules + stats.generator_joules + stats.discharged_joules;
            let given = stats.delivered_joules + stats.charged_joules;
            findings.require((got - given).abs() <= TOLERANCE * (1.0 + got), || {
                format!("network {} got {got} and gave {given}", number.0)
            });
            findings.require(
                stats.delivered_joules <= stats.demand_joules * (1.0 + TOLERANCE),
                || {
                    format!(
                        "network {} gave more than was asked for: {stats:?}",
                        number.0
                    )
                },
            );
        }
        let mut sizes: BTreeMap<u32, u32> = BTreeMap::new();
        for (_, accumulator) in self.accumulators.iter() {
            *sizes.entry(accumulator.bank).or_insert(0) += 1;
        }
        for (number, bank) in self.banks.iter().enumerate() {
            findings.require(
                (0.0..=bank.capacity_joules).contains(&bank.stored_joules),
                || format!("bank {number} of accumulators: {bank:?}"),
            );
            findings.require_equal(
                || format!("the size of bank {number} of accumulators"),
                &bank.size,
                &sizes.get(&(number as u32)).copied().unwrap_or(0),
            );
        }
    }

    /// Checks, after a tick in which nothing was built or removed, that generators gave what networks got of them.
    #[cfg(test)]
    pub(in crate::sim) fn check_generators(&self, findings: &mut Findings) {
        for (number, network) in self.networks() {
            let stats = &network.stats;
            let running = network.generators.iter();
            let from_generators: f64 = running
                .filter_map(|index| self.generators.get(*index))
                .map(|generator| generator.given_joules)
                .sum();
            findings.require(
                stats.generator_joules <= 0.0
                    || (from_generators - stats.generator_joules).abs()
                        <= TOLERANCE * (1.0 + from_generators),
                || {
                    let stated = stats.generator_joules;
                    let number = number.0;
                    format!(
                        "network {number} got {stated} of generators that gave {from_generators}"
                    )
                },
            );
        }
    }

    /// Sums up by network what accumulators hold, and what the last tick says that they took less what they gave.
    #[cfg(test)]
    pub(in crate::sim) fn stored_and_gained(&self) -> Vec<(f64, f64)> {
        (0..self.networks.len() as u32)
            .map(|number| {
                let stats = &self.networks[number as usize].stats;
                let gained = stats.charged_joules - stats.discharged_joules;
                (self.stored_joules(NetworkId(number)), gained)
            })
            .collect()
    }
}
