//! Who is on which network: follows from where poles and machines stand and how poles are wired.

use std::collections::BTreeMap;

use super::generator::Offer;
use super::pole::is_supplied;
use super::{Generator, Network, NetworkId, Pole, Power, Solar, network};
use crate::prototypes::{EnergySource, EntityKind, EntityPrototypeId, UsagePriority, vanilla};
use crate::sim::entity::{Body, Entity, collision_box};
use crate::sim::position::{Direction, MapPos, Rect};
use crate::sim::slab::Slab;
use crate::sim::verify::Findings;

/// Side of the squares by which poles are found, 1/256 tile: 32 tiles.
const SQUARE_SUBTILES: i32 = 32 * 256;

/// An entity that takes or gives electricity.
#[derive(Clone, Debug, PartialEq)]
struct Member {
    body: Rect,
    drain_joules: f64,
    class: usize,
    /// The pole that serves it.
    pole: Option<u32>,
    network: NetworkId,
}

/// What follows from the state.
#[derive(Clone, Debug, Default)]
pub(super) struct Topology {
    /// By entity slot.
    members: BTreeMap<u32, Member>,
    /// The poles whose supply area touches a square.
    squares: BTreeMap<(i32, i32), Vec<u32>>,
    /// The network of each pole.
    pole_networks: Vec<NetworkId>,
    /// Poles or wires changed: all members look for their network again.
    pub(super) are_poles_stale: bool,
    /// Members came or went.
    pub(super) are_members_stale: bool,
    /// Workspace: what the generators of a network can give.
    pub(super) offers: Vec<Offer>,
    /// Banks are to be formed again.
    pub(super) are_banks_stale: bool,
}

impl Topology {
    pub(super) fn clear(&mut self) {
        self.members.clear();
        self.squares.clear();
        self.pole_networks.clear();
        self.are_poles_stale = false;
        self.are_members_stale = false;
        self.are_banks_stale = false;
    }

    /// Compares with what a restored copy has.
    pub(super) fn check_caches(&self, rebuilt: &Self, findings: &mut Findings) {
        for (slot, member) in &self.members {
            findings.require_equal(
                || format!("the place of entity {slot} on networks"),
                &Some(member),
                &rebuilt.members.get(slot),
            );
        }
        findings.require_equal(
            || "the number of entities on networks".to_owned(),
            &self.members.len(),
            &rebuilt.members.len(),
        );
        // Removed poles leave places behind that belong to no network.
        let length = self.pole_networks.len().max(rebuilt.pole_networks.len());
        for index in 0..length {
            let of = |topology: &Self| {
                topology
                    .pole_networks
                    .get(index)
                    .copied()
                    .unwrap_or_default()
            };
            findings.require_equal(
                || format!("the network of pole {index}"),
                &of(self),
                &of(rebuilt),
            );
        }
        let squares = |topology: &Self| -> BTreeMap<(i32, i32), Vec<u32>> {
            let filled = topology
                .squares
                .iter()
                .filter(|(_, poles)| !poles.is_empty());
            filled
                .map(|(square, poles)| {
                    let mut poles = poles.clone();
                    poles.sort_unstable();
                    (*square, poles)
                })
                .collect()
        };
        findings.require_equal(
            || "poles by square".to_owned(),
            &squares(self),
            &squares(rebuilt),
        );
    }

    /// Reads the network of the entity in `slot`.
    pub(super) fn network_of(&self, slot: u32) -> NetworkId {
        self.members
            .get(&slot)
            .map_or_else(NetworkId::default, |member| member.network)
    }
}

fn member_of(entity: (EntityPrototypeId, MapPos, Direction)) -> Option<Member> {
    let (prototype, position, direction) = entity;
    let Some(EnergySource::Electric {
        drain_watts,
        usage_priority,
        ..
    }) = &vanilla()[prototype].energy_source
    else {
        return None;
    };
    let class = if *usage_priority == UsagePriority::PrimaryInput {
        network::FIRST
    } else {
        network::REST
    };
    Some(Member {
        body: collision_box(prototype, position, direction),
        drain_joules: drain_watts / 60.0,
        class,
        pole: None,
        network: NetworkId::default(),
    })
}

fn squares_of(area: &Rect) -> impl Iterator<Item = (i32, i32)> + use<> {
    let columns = area.left.div_euclid(SQUARE_SUBTILES)..=area.right.div_euclid(SQUARE_SUBTILES);
    let rows = area.top.div_euclid(SQUARE_SUBTILES)..=area.bottom.div_euclid(SQUARE_SUBTILES);
    rows.flat_map(move |row| columns.clone().map(move |column| (column, row)))
}

impl Power {
    /// Adds an electric entity or a pole and makes its record, if its kind has one; networks follow at the next settling.
    pub fn add_entity(
        &mut self,
        slot: u32,
        unit: u32,
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
        fluid_boxes: &[u32],
    ) -> Option<Body> {
        let facts = &vanilla()[prototype];
        if let Some(member) = member_of((prototype, position, direction)) {
            self.topology.members.insert(slot, member);
            self.topology.are_members_stale = true;
        }
        match facts.kind {
            EntityKind::ElectricPole => {
                let index = self.poles.insert(Pole {
                    slot,
                    unit,
                    prototype,
                    position,
                    wires: Vec::new(),
                });
                self.note_pole(index);
                self.wire_to_nearest(index);
                self.topology.are_poles_stale = true;
                Some(Body::Pole(index))
            }
            EntityKind::SolarPanel | EntityKind::ElectricEnergyInterface => {
                Some(Body::Solar(self.solars.insert(Solar {
                    slot,
                    joules_per_tick: facts.production_watts / 60.0,
                    is_steady: facts.kind == EntityKind::ElectricEnergyInterface,
                })))
            }
            EntityKind::Generator => Some(Body::Generator(self.generators.insert(Generator::new(
                slot,
                fluid_boxes.first().copied().unwrap_or(0),
                facts,
            )))),
            EntityKind::Accumulator => {
                self.topology.are_banks_stale = true;
                Some(Body::Accumulator(self.add_accumulator(slot, prototype)))
            }
            _ => None,
        }
    }

    /// Takes an electric entity or a pole away.
    pub fn remove_entity(&mut self, slot: u32, body: Body) {
        if self.topology.members.remove(&slot).is_some() {
            self.topology.are_members_stale = true;
        }
        match body {
            Body::Pole(index) => {
                self.disconnect_all(slot);
                if let Some(pole) = self.poles.remove(index) {
                    for square in squares_of(&pole.supply_area()) {
                        if let Some(list) = self.topology.squares.get_mut(&square) {
                            list.retain(|known| *known != index);
                        }
                    }
                }
                self.topology.are_poles_stale = true;
            }
            Body::Solar(index) => drop(self.solars.remove(index)),
            Body::Generator(index) => drop(self.generators.remove(index)),
            Body::Accumulator(index) => {
                self.accumulators.remove(index);
                self.topology.are_banks_stale = true;
            }
            _ => {}
        }
    }

    /// Turns an electric entity.
    pub fn turn_entity(&mut self, slot: u32, entity: &Entity) {
        if let Some(member) = self.topology.members.get_mut(&slot) {
            member.body = entity.collision_box();
            member.pole = None;
            self.topology.are_members_stale = true;
        }
    }

    /// Reads the network of the entity in `slot`; none if no pole serves it.
    pub fn network_of(&self, slot: u32) -> NetworkId {
        self.topology.network_of(slot)
    }

    /// Reads the network of a pole, by its place among the poles.
    pub fn network_of_pole(&self, index: u32) -> NetworkId {
        self.topology
            .pole_networks
            .get(index as usize)
            .copied()
            .unwrap_or_default()
    }

    /// Says whether nothing changed since the last settling.
    pub fn is_settled(&self) -> bool {
        !(self.topology.are_poles_stale
            || self.topology.are_members_stale
            || self.topology.are_banks_stale)
    }

    /// Forms networks anew where poles or members changed; returns the slots whose network is another one now.
    pub fn settle(&mut self) -> Vec<u32> {
        let mut moved = Vec::new();
        if self.is_settled() {
            return moved;
        }
        if self.topology.are_poles_stale {
            self.form_networks();
        }
        if self.topology.are_poles_stale || self.topology.are_members_stale {
            moved = self.find_members();
            self.count_members();
        }
        self.form_banks();
        self.topology.are_poles_stale = false;
        self.topology.are_members_stale = false;
        moved
    }

    /// Computes all that is derived again, as after a restore: no energy moves by it.
    pub fn rebuild(&mut self, entities: &Slab<Entity>) {
        self.topology.clear();
        for (slot, entity) in entities.iter() {
            if let Some(member) = member_of((entity.prototype, entity.position, entity.direction)) {
                self.topology.members.insert(slot, member);
            }
        }
        let poles: Vec<u32> = self.poles.iter().map(|(index, _)| index).collect();
        for index in poles {
            self.note_pole(index);
        }
        let (_, numbers) = self.components();
        self.number_poles(&numbers);
        self.find_members();
        self.count_members();
        self.assign_banks();
    }

    fn note_pole(&mut self, index: u32) {
        if let Some(pole) = self.poles.get(index) {
            for square in squares_of(&pole.supply_area()) {
                self.topology.squares.entry(square).or_default().push(index);
            }
        }
    }

    /// Numbers the components of the wired poles, each by its first pole; returns their count and the number by pole.
    fn components(&self) -> (u32, Vec<u32>) {
        let size = self.poles.iter().last().map_or(0, |(index, _)| index + 1) as usize;
        let mut numbers = vec![u32::MAX; size];
        let mut count = 0;
        for (first, _) in self.poles.iter() {
            if numbers[first as usize] != u32::MAX {
                continue;
            }
            numbers[first as usize] = count;
            let mut open = vec![first];
            while let Some(index) = open.pop() {
                for other in self.poles.get(index).map_or(&[][..], |pole| &pole.wires) {
                    if numbers[*other as usize] == u32::MAX {
                        numbers[*other as usize] = count;
                        open.push(*other);
                    }
                }
            }
            count += 1;
        }
        (count, numbers)
    }

    /// Forms the networks of the wired poles; each keeps the best satisfaction of those that it is made of.
    fn form_networks(&mut self) {
        let (count, numbers) = self.components();
        let mut networks = vec![Network::default(); count as usize];
        for (index, number) in numbers.iter().enumerate() {
            let Some(network) = networks.get_mut(*number as usize) else {
                continue;
            };
            let old = self.topology.pole_networks.get(index).copied();
            if let Some(old) = old.and_then(|old| self.networks.get(old.0 as usize)) {
                for class in 0..network.satisfaction.len() {
                    network.satisfaction[class] =
                        network.satisfaction[class].max(old.satisfaction[class]);
                }
            }
        }
        self.networks = networks;
        self.number_poles(&numbers);
    }

    fn number_poles(&mut self, numbers: &[u32]) {
        self.topology.pole_networks.clear();
        self.topology
            .pole_networks
            .extend(numbers.iter().map(|number| NetworkId(*number)));
    }

    /// Finds the pole and the network of every member that needs it; returns the slots whose network is another one now.
    fn find_members(&mut self) -> Vec<u32> {
        let mut moved = Vec::new();
        let Topology {
            members,
            squares,
            pole_networks,
            are_poles_stale,
            ..
        } = &mut self.topology;
        for (slot, member) in members {
            if member.pole.is_none() || *are_poles_stale {
                member.pole = squares_of(&member.body)
                    .filter_map(|square| squares.get(&square))
                    .flatten()
                    .filter_map(|index| Some((self.poles.get(*index)?, *index)))
                    .filter(|(pole, _)| is_supplied(&pole.supply_area(), &member.body))
                    .min_by_key(|(pole, _)| pole.unit)
                    .map(|(_, index)| index);
            }
            let network = member
                .pole
                .and_then(|pole| pole_networks.get(pole as usize))
                .copied()
                .unwrap_or_default();
            if network != member.network {
                member.network = network;
                moved.push(*slot);
            }
        }
        moved
    }

    /// Sums up per network what follows from its members.
    fn count_members(&mut self) {
        for network in &mut self.networks {
            network.forget_members();
        }
        for number in &self.topology.pole_networks {
            if let Some(network) = self.networks.get_mut(number.0 as usize) {
                network.n_poles += 1;
            }
        }
        for member in self.topology.members.values() {
            if let Some(network) = self.networks.get_mut(member.network.0 as usize) {
                network.n_members += 1;
                network.drain[member.class] += member.drain_joules;
            }
        }
        for (_, solar) in self.solars.iter() {
            let number = self.topology.network_of(solar.slot);
            if let Some(network) = self.networks.get_mut(number.0 as usize) {
                if solar.is_steady {
                    network.steady_joules += solar.joules_per_tick;
                } else {
                    network.solar_joules += solar.joules_per_tick;
                }
            }
        }
        let mut stranded = Vec::new();
        for (index, generator) in self.generators.iter() {
            let number = self.topology.network_of(generator.slot);
            if let Some(network) = self.networks.get_mut(number.0 as usize) {
                network.generators.push(index);
            } else {
                stranded.push(index);
            }
        }
        for index in stranded {
            if let Some(generator) = self.generators.get_mut(index) {
                generator.given_joules = 0.0;
            }
        }
    }
}
