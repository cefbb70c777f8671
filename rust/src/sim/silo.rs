//! Rocket silos: what happens between the hundredth part and the science that a satellite sends back.
//!
//! Parts are crafts of the silo's [`super::crafter::Crafter`]; when a rocket's worth is there it is taken and the silo
//! crafts on for the next rocket while this one rises, waits and flies. A rocket launches by itself once it is ready and
//! has cargo, or on order. It needs a cargo landing pad on the map, to which what the cargo sends back is delivered;
//! what finds no room there is lost.
//!
//! The stages are those of the game (`defines.rocket_silo_status`); their lengths follow from the speeds in the
//! prototype data. Approximate: whether the warning lights run once or once a blink is not public (once is taken); the
//! cargo pod's flight to the pad takes no time; the quick relaunch of 2.0, which leaves the doors open, is absent.

use serde::{Deserialize, Serialize};

use super::entity::{Body, EntityRef};
use super::inventory::{ItemStack, Slot, stack_size};
use super::world::World;
use crate::prototypes::{EntityKind, ItemId, RocketSilo, vanilla};

/// Ticks in which the arms reach the rocket: 32 frames at 0.3 frames a tick, in the game's animation.
const ARMS_TICKS: f64 = 107.0;
/// A flight that takes longer ends; the base game's takes 713 ticks.
const MAX_FLIGHT_TICKS: u32 = 36_000;

/// Silos, landing pads, and what was launched since the world began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rockets {
    n_launched: u64,
    cargo: Vec<(ItemId, u64)>,
    silos: Vec<Silo>,
    /// Landing pads, first built first.
    pads: Vec<EntityRef>,
}

/// What a silo is beside a crafting machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silo {
    entity: EntityRef,
    crafter: u32,
    pub stage: Stage,
    /// Ticks of the stage that are done; less than passed where power is short.
    ticks_done: f64,
    pub cargo: Slot,
    /// Whether it was told to launch.
    is_ordered: bool,
}

/// Where a silo is with its rocket, in the order in which it goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The parts of a rocket are not complete.
    Building,
    LightsOpening,
    DoorsOpening,
    DoorsOpened,
    RocketRising,
    ArmsAdvancing,
    /// The rocket waits for cargo or the order to launch.
    Ready,
    LaunchStarted,
    EngineStarting,
    ArmsRetracting,
    RocketFlying,
    LightsClosing,
    DoorsClosing,
}

/// Why a rocket cannot be launched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchRefusal {
    /// The entity is no rocket silo.
    NoSilo,
    /// The rocket is not complete, or not yet up, or on its way.
    NotReady,
    /// There is no cargo landing pad.
    NoLandingPad,
}

impl Stage {
    fn next(self) -> Self {
        match self {
            Self::Building => Self::LightsOpening,
            Self::LightsOpening => Self::DoorsOpening,
            Self::DoorsOpening => Self::DoorsOpened,
            Self::DoorsOpened => Self::RocketRising,
            Self::RocketRising => Self::ArmsAdvancing,
            Self::ArmsAdvancing => Self::Ready,
            Self::Ready => Self::LaunchStarted,
            Self::LaunchStarted => Self::EngineStarting,
            Self::EngineStarting => Self::ArmsRetracting,
            Self::ArmsRetracting => Self::RocketFlying,
            Self::RocketFlying => Self::LightsClosing,
            Self::LightsClosing => Self::DoorsClosing,
            Self::DoorsClosing => Self::Building,
        }
    }

    /// Says whether the silo takes its additional power in the stage (prototype documentation, `active_energy_usage`).
    fn is_active(self) -> bool {
        matches!(
            self,
            Self::DoorsOpening
                | Self::RocketRising
                | Self::ArmsAdvancing
                | Self::EngineStarting
                | Self::ArmsRetracting
                | Self::DoorsClosing
        )
    }

    /// Computes how long the stage takes at full power; 0 for those that end by an event.
    fn ticks(self, silo: &RocketSilo) -> f64 {
        let inverse = |speed: f64| (1.0 / speed).round();
        match self {
            Self::Building | Self::Ready => 0.0,
            Self::LightsOpening | Self::LightsClosing => inverse(silo.light_blinking_speed),
            Self::DoorsOpening | Self::DoorsClosing => inverse(silo.door_opening_speed),
            Self::DoorsOpened => f64::from(silo.rocket_rising_delay_ticks),
            Self::RocketRising => inverse(silo.rising_speed),
            Self::ArmsAdvancing | Self::ArmsRetracting => ARMS_TICKS,
            Self::LaunchStarted => f64::from(silo.launch_wait_ticks),
            Self::EngineStarting => inverse(silo.engine_starting_speed),
            Self::RocketFlying => flight_ticks(silo),
        }
    }
}

/// Computes how long a rocket flies until it is out of sight: its speed grows by a share in every tick.
fn flight_ticks(silo: &RocketSilo) -> f64 {
    let (mut way, mut speed, mut ticks) = (0.0, silo.flying_speed, 0);
    while way < 1.0 && ticks < MAX_FLIGHT_TICKS {
        way += speed;
        speed *= 1.0 + silo.flying_acceleration;
        ticks += 1;
    }
    f64::from(ticks)
}

/// Says whether silos take `item` as cargo: what sends something back.
pub fn is_cargo(item: ItemId) -> bool {
    !vanilla()[item].rocket_launch_products.is_empty()
}

impl Rockets {
    /// Forgets everything, keeping memory.
    pub fn clear(&mut self) {
        self.n_launched = 0;
        self.cargo.clear();
        self.silos.clear();
        self.pads.clear();
    }

    /// Counts how many of `item` were launched as cargo.
    pub fn launched(&self, item: ItemId) -> u64 {
        self.cargo
            .iter()
            .find(|(known, _)| *known == item)
            .map_or(0, |(_, count)| *count)
    }

    /// Reads the silo whose entity is in `slot`.
    pub fn silo(&self, slot: u32) -> Option<&Silo> {
        self.silos.iter().find(|silo| silo.entity.slot == slot)
    }

    /// Reads the cargo slots of the silo whose entity is in `slot`.
    pub fn cargo_slots(&self, slot: u32) -> &[Slot] {
        self.silo(slot)
            .map_or(&[], |silo| std::slice::from_ref(&silo.cargo))
    }

    /// Walks the cargo slots of all silos.
    pub(super) fn cargo_held(&self) -> impl Iterator<Item = Slot> + '_ {
        self.silos.iter().map(|silo| silo.cargo)
    }

    fn silo_mut(&mut self, slot: u32) -> Option<&mut Silo> {
        self.silos.iter_mut().find(|silo| silo.entity.slot == slot)
    }

    fn count_launch(&mut self, cargo: Slot) {
        self.n_launched += 1;
        let Some(stack) = cargo else {
            return;
        };
        match self.cargo.iter_mut().find(|(item, _)| *item == stack.item) {
            Some((_, count)) => *count += u64::from(stack.count),
            None => self.cargo.push((stack.item, u64::from(stack.count))),
        }
    }
}

impl World {
    /// Counts the rockets that have left.
    pub fn rockets_launched(&self) -> u64 {
        self.rockets.n_launched
    }

    /// Launches the rocket of a silo with what cargo it has, as soon as this tick is over.
    ///
    /// # Errors
    /// Why it cannot be launched now; nothing changes then.
    pub fn launch_rocket(&mut self, silo: EntityRef) -> Result<(), LaunchRefusal> {
        let has_pad = !self.rockets.pads.is_empty();
        let silo = self
            .rockets
            .silo_mut(silo.slot)
            .filter(|known| known.entity == silo)
            .ok_or(LaunchRefusal::NoSilo)?;
        if silo.stage != Stage::Ready {
            return Err(LaunchRefusal::NotReady);
        }
        if !has_pad {
            return Err(LaunchRefusal::NoLandingPad);
        }
        silo.is_ordered = true;
        Ok(())
    }

    /// Sets what is reported of a silo's cargo.
    pub(super) fn mirror_cargo(&mut self, slot: u32, cargo: Slot) {
        if let Some(silo) = self.rockets.silo_mut(slot) {
            silo.cargo = cargo;
        }
    }

    /// Notes a new silo or landing pad.
    pub(super) fn add_rocket_site(&mut self, entity: EntityRef) {
        let Some(facts) = self.entity(entity) else {
            return;
        };
        match (facts.prototype().kind, facts.body) {
            (EntityKind::RocketSilo, Body::Crafter(crafter)) => self.rockets.silos.push(Silo {
                entity,
                crafter,
                stage: Stage::Building,
                ticks_done: 0.0,
                cargo: None,
                is_ordered: false,
            }),
            (EntityKind::CargoLandingPad, _) => self.rockets.pads.push(entity),
            _ => {}
        }
    }

    /// Forgets a silo, with the rocket in it, or a landing pad.
    pub(super) fn remove_rocket_site(&mut self, entity: EntityRef) {
        self.rockets.silos.retain(|silo| silo.entity != entity);
        self.rockets.pads.retain(|pad| *pad != entity);
    }

    /// Computes how much cargo the silo in `slot` has room for; 0 for what is no silo or no cargo.
    pub(super) fn room_for_cargo(&self, slot: u32, item: ItemId) -> u32 {
        match self.rockets.silo(slot) {
            Some(silo) if is_cargo(item) => super::inventory::room_in(&[silo.cargo], item),
            _ => 0,
        }
    }

    /// Puts up to `count` of `item` into the silo in `slot` as cargo and returns how many went in.
    pub(super) fn insert_cargo(&mut self, slot: u32, item: ItemId, count: u32) -> u32 {
        let inserted = count
            .min(self.room_for_cargo(slot, item))
            .min(stack_size(item));
        if inserted > 0
            && let Some(silo) = self.rockets.silo_mut(slot)
        {
            silo.cargo.get_or_insert(ItemStack { item, count: 0 }).count += inserted;
        }
        inserted
    }

    /// Sends what a launched cargo brings to the first landing pads with room; the rest is lost.
    fn deliver_launch_products(&mut self, cargo: ItemStack) {
        for (item, amount) in &vanilla()[cargo.item].rocket_launch_products {
            let mut left = amount * cargo.count;
            self.production.make_item(*item, left);
            for pad in self.rockets.pads.clone() {
                let inserted = self.insert_by_hand(pad, *item, left);
                if inserted > 0 {
                    self.contents_changed(pad.slot);
                }
                left -= inserted;
            }
            self.production.use_item(*item, left);
        }
    }
}

/// Brings every silo one tick further with its rocket.
pub(super) fn tick_rockets(world: &mut World) {
    for place in 0..world.rockets.silos.len() {
        tick_silo(world, place);
    }
}

fn tick_silo(world: &mut World, place: usize) {
    let has_pad = !world.rockets.pads.is_empty();
    let silo = &mut world.rockets.silos[place];
    let entity = silo.entity;
    let Some(facts) = world
        .entities
        .get(entity.slot)
        .and_then(|entity| entity.prototype().rocket_silo.as_ref())
    else {
        return;
    };
    match silo.stage {
        Stage::Building => {
            if world.take_rocket(entity.slot) {
                begin(world, place, Stage::LightsOpening);
            }
        }
        Stage::Ready => {
            if has_pad && (silo.is_ordered || silo.cargo.is_some()) {
                silo.is_ordered = false;
                begin(world, place, Stage::LaunchStarted);
            }
        }
        stage => {
            let share = match world.crafters.get_mut(silo.crafter) {
                Some(crafter) if stage.is_active() => crafter
                    .energy
                    .draw(&mut world.power, facts.active_energy_usage_watts / 60.0),
                _ => 1.0,
            };
            silo.ticks_done += share;
            if silo.ticks_done >= stage.ticks(facts) {
                if stage == Stage::RocketFlying {
                    finish_flight(world, place);
                }
                begin(world, place, stage.next());
            }
        }
    }
}

fn begin(world: &mut World, place: usize, stage: Stage) {
    let silo = &mut world.rockets.silos[place];
    silo.stage = stage;
    silo.ticks_done = 0.0;
    let slot = silo.entity.slot;
    world.mark_entity(slot);
}

/// Counts a rocket that has left and what its cargo brings.
fn finish_flight(world: &mut World, place: usize) {
    let silo = &mut world.rockets.silos[place];
    let slot = silo.entity.slot;
    let cargo = silo.cargo.take();
    world.rockets.count_launch(cargo);
    if let Some(stack) = cargo {
        world.production.use_item(stack.item, stack.count);
        world.deliver_launch_products(stack);
        // There is room for the next cargo.
        world.contents_changed(slot);
    }
}

#[cfg(test)]
mod tests;
