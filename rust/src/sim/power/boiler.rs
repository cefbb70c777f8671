//! Boilers: fuel and water to steam.
//!
//! A unit of water becomes ten of steam (2.0): as much as their heat capacities differ, so that no heat is lost.

use serde::{Deserialize, Serialize};

use super::generator::joules_per_unit;
use crate::contract::codes::Status;
use crate::prototypes::{EntityPrototype, FluidId, vanilla};
use crate::sim::burner::{buffer_capacity_joules, joules_per_tick};
use crate::sim::energy::Energy;
use crate::sim::entity::Body;
use crate::sim::fluid::Fluids;
use crate::sim::production::Production;
use crate::sim::threat::pollution::{Exhaust, Pollution};
use crate::sim::world::World;

/// A boiler makes no less steam than this in a tick: less room or water than this counts as none.
const SMALLEST_MADE: f64 = 1e-6;

/// A boiler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Boiler {
    pub energy: Energy,
    /// Its box for water.
    pub input: u32,
    /// Its box for steam.
    pub output: u32,
    pub steam: FluidId,
    pub target_temperature: f64,
    /// Energy in a unit of steam.
    pub joules_per_unit: f64,
    /// Units of steam from a unit of water.
    pub steam_per_water: f64,
    pub joules_per_tick: f64,
    pub buffer_joules: f64,
    /// Where it gives off pollution.
    pub exhaust: Exhaust,
    pub status: Status,
    pub asleep: bool,
}

impl Boiler {
    /// Makes a cold boiler; `None` for a prototype that does not make one fluid of another.
    pub fn new(prototype: &EntityPrototype, fluid_boxes: &[u32]) -> Option<Self> {
        let [input, output] = fluid_boxes else {
            return None;
        };
        let water = &vanilla()[prototype.fluid_boxes.first()?.filter?];
        let steam_id = prototype.fluid_boxes.get(1)?.filter?;
        let steam = &vanilla()[steam_id];
        let target_temperature = prototype.boiler.as_ref()?.target_temperature;
        Some(Self {
            energy: Energy::of(prototype),
            input: *input,
            output: *output,
            steam: steam_id,
            target_temperature,
            joules_per_unit: joules_per_unit(steam, target_temperature),
            steam_per_water: water.heat_capacity_joules / steam.heat_capacity_joules,
            joules_per_tick: joules_per_tick(prototype),
            buffer_joules: buffer_capacity_joules(prototype),
            exhaust: Exhaust::default(),
            status: Status::NoFuel,
            asleep: false,
        })
    }
}

/// Runs one tick of the boiler in entity slot `slot`.
pub(in crate::sim) fn tick_boiler(world: &mut World, slot: u32, index: u32) {
    let Some(boiler) = world.boilers.get_mut(index) else {
        return;
    };
    let before = boiler.status;
    let (status, has_lit) = run(
        boiler,
        &mut world.fluids,
        &mut world.pollution,
        &mut world.production,
    );
    boiler.status = status;
    boiler.asleep = status != Status::Working;
    if has_lit {
        // A fuel item that was lit leaves room in the slot.
        world.changes.contents = true;
        world.wake_waiters(slot);
    }
    if status != before {
        world.mark_entity(slot);
    }
}

/// Does the work of one tick; says what state it leaves the boiler in and whether a fuel item was lit.
fn run(
    boiler: &mut Boiler,
    fluids: &mut Fluids,
    pollution: &mut Pollution,
    production: &mut Production,
) -> (Status, bool) {
    if boiler.energy.is_cold() {
        // The first tick with fuel only fills the buffer.
        let has_lit = boiler
            .energy
            .refill_counted(boiler.buffer_joules, production);
        let status = if boiler.energy.is_cold() {
            Status::NoFuel
        } else {
            Status::Working
        };
        return (status, has_lit);
    }
    let water = fluids.available(boiler.input) * boiler.steam_per_water;
    let room = fluids.room(boiler.output, boiler.steam);
    let wanted = (boiler.joules_per_tick / boiler.joules_per_unit)
        .min(water)
        .min(room);
    if wanted < SMALLEST_MADE {
        let status = if room < SMALLEST_MADE {
            fluids.wake_owner_on_change(boiler.output);
            Status::Full
        } else {
            fluids.wake_owner_on_change(boiler.input);
            Status::NoIngredients
        };
        return (status, false);
    }
    let joules = wanted * boiler.joules_per_unit;
    let drawn = boiler
        .energy
        .burner_mut()
        .map_or(0.0, |burner| burner.draw(joules));
    let made = drawn / boiler.joules_per_unit;
    boiler
        .exhaust
        .emit(pollution, drawn / boiler.joules_per_tick);
    fluids.take(boiler.input, made / boiler.steam_per_water);
    fluids.put(boiler.output, boiler.steam, made, boiler.target_temperature);
    let has_lit = boiler
        .energy
        .refill_counted(boiler.buffer_joules, production);
    (Status::Working, has_lit)
}

impl World {
    /// Finds the boiler of an entity.
    pub fn boiler(&self, body: Body) -> Option<&Boiler> {
        match body {
            Body::Boiler(index) => self.boilers.get(index),
            _ => None,
        }
    }
}
