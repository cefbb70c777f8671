//! Where entities meet the pipes and wires that they are on: what [`World`] does for [`super::fluid`] and [`super::power`].

use super::energy::Energy;
use super::entity::{Body, EntityRef};
use super::position::Rect;
use super::power::boiler::Boiler;
use super::power::{Network, NetworkId, tick_power};
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, FluidId, vanilla};

/// Lets fluids flow for one tick and wakes the machines that waited for it.
pub(super) fn tick_fluids(world: &mut World) {
    world.fluids.tick(&mut world.power);
    let woken: Vec<u32> = world.fluids.drain_woken().collect();
    for slot in woken {
        if let Some(reference) = world.reference(slot) {
            world.wake(reference);
        }
    }
}

/// Meets what consumers asked their networks for in this tick.
pub(super) fn tick_electricity(world: &mut World) {
    let mut restyled = Vec::new();
    tick_power(
        &mut world.power,
        &mut world.fluids,
        world.tick,
        &mut restyled,
    );
    for slot in restyled {
        world.mark_entity(slot);
    }
}

impl World {
    /// Puts a new entity on pipes and wires, and makes its record where pipes and wires own it.
    pub(super) fn join_networks(&mut self, slot: u32, body: Body) -> Body {
        let Some(entity) = self.entities.get(slot) else {
            return body;
        };
        let (unit, prototype) = (entity.unit, entity.prototype);
        let (position, direction) = (entity.position, entity.direction);
        let facts = &vanilla()[prototype];
        self.fluids.add_entity(slot, prototype, position, direction);
        let boxes = self.fluids.boxes_of(slot).to_vec();
        let own = self
            .power
            .add_entity(slot, unit, prototype, position, direction, &boxes)
            .or_else(|| match facts.kind {
                EntityKind::Boiler => Boiler::new(facts, &boxes).map(|mut boiler| {
                    boiler.exhaust = self.exhaust_of(facts, position);
                    Body::Boiler(self.boilers.insert(boiler))
                }),
                EntityKind::Pump | EntityKind::OffshorePump => {
                    self.fluids.pump_of(slot).map(Body::Pump)
                }
                EntityKind::Pipe
                | EntityKind::InfinityPipe
                | EntityKind::PipeToGround
                | EntityKind::StorageTank => boxes.first().copied().map(Body::Pipe),
                _ => None,
            })
            .unwrap_or(body);
        if let Some(entity) = self.entities.get_mut(slot) {
            entity.body = own;
        }
        own
    }

    /// Borrows what drives a machine.
    pub(super) fn energy_mut(&mut self, body: Body) -> Option<&mut Energy> {
        match body {
            Body::Drill(index) => self.drills.get_mut(index).map(|drill| &mut drill.energy),
            Body::Crafter(index) => self
                .crafters
                .get_mut(index)
                .map(|crafter| &mut crafter.energy),
            Body::Lab(index) => self.labs.get_mut(index).map(|lab| &mut lab.energy),
            Body::Inserter(index) => self
                .inserters
                .get_mut(index)
                .map(|inserter| &mut inserter.energy),
            Body::Beacon(index) => self.beacons.get_mut(index).map(|beacon| &mut beacon.energy),
            Body::Turret(index) => self.turrets.get_mut(index).map(|turret| &mut turret.energy),
            Body::Pump(index) => self
                .fluids
                .pumps
                .get_mut(index)
                .map(|pump| &mut pump.energy),
            _ => None,
        }
    }

    /// Tells a machine which network it is on.
    pub(super) fn link_network(&mut self, slot: u32) {
        let network = self.power.network_of(slot);
        let Some(body) = self.entities.get(slot).map(|entity| entity.body) else {
            return;
        };
        if let Some(link) = self.energy_mut(body).and_then(Energy::electric_mut) {
            link.network = network;
        }
        // What stood still for want of power looks again; so do pumps, which their system moves.
        if let Some(reference) = self.reference(slot) {
            self.wake(reference);
        }
        self.mark_entity(slot);
    }

    /// Tells every machine which network it is on, as after a restore.
    pub(super) fn link_all_networks(&mut self) {
        let places: Vec<(u32, Body)> = self
            .entities
            .iter()
            .map(|(slot, entity)| (slot, entity.body))
            .collect();
        for (slot, body) in places {
            let network = self.power.network_of(slot);
            if let Some(link) = self.energy_mut(body).and_then(Energy::electric_mut) {
                link.network = network;
            }
        }
    }

    /// Notes that pumps and pipes look different.
    pub(super) fn mark_restyled(&mut self) {
        if !self.fluids.has_restyled() {
            return;
        }
        let mut slots = Vec::new();
        self.fluids.drain_restyled(&mut slots);
        for slot in slots {
            if !self.changes.overflowed {
                self.mark_entity(slot);
            }
        }
        self.changes.contents = true;
    }

    /// Reads the status of what pipes and wires own.
    pub(super) fn status_on_networks(&self, body: Body) -> Status {
        match body {
            Body::Boiler(index) => self.boilers.get(index).map(|boiler| boiler.status),
            Body::Pump(index) => self.fluids.pumps.get(index).map(|pump| pump.status),
            Body::Generator(index) => self.power.generators.get(index).map(|generator| {
                if self.power.network_of(generator.slot) == NetworkId::default() {
                    Status::NoPower
                } else {
                    generator.status
                }
            }),
            Body::Accumulator(_) => Some(Status::Normal),
            _ => None,
        }
        .unwrap_or(Status::Normal)
    }

    /// Reads the network that serves an entity, or of which a pole is part.
    pub fn network_at(&self, reference: EntityRef) -> Option<&Network> {
        self.power.network(self.network_id_at(reference)?)
    }

    /// Reads the number of the network that serves an entity, or of which a pole is part; none where there is none.
    pub fn network_id_at(&self, reference: EntityRef) -> Option<NetworkId> {
        let entity = self.entity(reference)?;
        let number = match entity.body {
            Body::Pole(index) => self.power.network_of_pole(index),
            _ => self.power.network_of(reference.slot),
        };
        (number != NetworkId::default()).then_some(number)
    }

    /// Computes which share of its demand the worst-off network with a pole in `area` met in the last tick; 1 where there
    /// was none.
    pub fn power_satisfaction_in(&self, area: &Rect) -> f64 {
        match &self.reported {
            Some(reported) => reported.power_satisfaction,
            None => self.power.satisfaction_in(area),
        }
    }

    /// Puts fluid at its default temperature, or at `temperature`, into the first box of an entity that takes it, and
    /// returns how much went in: for set-ups and sandboxes.
    pub fn put_fluid(
        &mut self,
        reference: EntityRef,
        fluid: FluidId,
        amount: f64,
        temperature: Option<f64>,
    ) -> f64 {
        if self.entity(reference).is_none() {
            return 0.0;
        }
        self.settle();
        let temperature = temperature.unwrap_or(vanilla()[fluid].default_temperature);
        let boxes = self.fluids.boxes_of(reference.slot).to_vec();
        let accepted = boxes
            .into_iter()
            .find(|index| self.fluids.room(*index, fluid) > 0.0)
            .map_or(0.0, |index| {
                self.fluids.put(index, fluid, amount, temperature)
            });
        self.wake(reference);
        self.mark_restyled();
        accepted
    }

    /// Sets the energy in an accumulator, joules: for set-ups and sandboxes.
    pub fn set_accumulator(&mut self, reference: EntityRef, joules: f64) -> bool {
        let Some(Body::Accumulator(index)) = self.entity(reference).map(|entity| entity.body)
        else {
            return false;
        };
        self.power.set_accumulator_joules(index, joules);
        self.settle();
        true
    }

    /// Reads which fluid the entity on a tile holds, of pipes, tanks and pumps.
    pub fn fluid_shown(&self, body: Body) -> Option<FluidId> {
        match body {
            Body::Pipe(index) => self.fluids.fluid(index),
            Body::Pump(index) => self.fluids.fluid(self.fluids.pumps.get(index)?.fluid_box),
            _ => None,
        }
    }
}
