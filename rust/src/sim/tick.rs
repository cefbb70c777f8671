//! One tick: the ordered list of phases.

use super::beacon::tick_beacon;
use super::belt::{tick_belts, tick_carrying};
use super::character::tick_walking;
use super::crafter::tick_crafter;
use super::crafting::tick_crafting;
use super::drill::tick_drill;
use super::entity::Body;
use super::inserter::tick_inserters;
use super::lab::tick_lab;
use super::mining::tick_mining;
use super::network::{tick_electricity, tick_fluids};
use super::power::boiler::tick_boiler;
use super::research::tick_research;
use super::silo::tick_rockets;
use super::supply::tick_supplies;
use super::threat::tick_threats;
use super::world::World;

/// One phase of a tick.
pub type Phase = fn(&mut World);

/// The phases of a tick, in order; benchmarks run them one by one to time each.
pub const PHASES: [(&str, Phase); 12] = [
    ("clock", tick_clock),
    // The character acts first.
    ("character", tick_character),
    // Belts move before the arms and drills that put things on them and take them off (measured on 2.0.60).
    ("belts", tick_belts),
    // Inserters come before machines, so that what a machine makes is taken in the next tick.
    ("inserters", tick_inserters),
    // Machines come after the character, so that ore put in by hand between ticks is seen in this one.
    ("machines", tick_machines),
    // Silos ask for the power of a launch before networks share out what there is.
    ("silos", tick_rockets),
    // Fluids before electricity: steam that was made in this tick drives engines in this tick.
    ("fluids", tick_fluids),
    ("electricity", tick_electricity),
    // What labs brought in this tick is counted before the next one begins.
    ("research", tick_research),
    // Enemies come after the machines: they meet what this tick built, and the pollution that it gave off.
    ("threats", tick_threats),
    // Infinity chests come last, so that each is full, or empty, whenever anything looks.
    ("supplies", tick_supplies),
    ("settling", settle),
];

/// A mirror that is told to run is a world of its own from then on.
fn tick_clock(world: &mut World) {
    if world.reported.is_some() {
        world.end_mirror();
    }
    world.tick += 1;
}

/// Runs one tick.
pub fn tick(world: &mut World) {
    for (_, phase) in PHASES {
        phase(world);
    }
}

/// Runs `ticks` ticks.
pub fn run(world: &mut World, ticks: u32) {
    for _ in 0..ticks {
        tick(world);
    }
}

/// Walks, mines from where the walk led, is carried by a belt, then crafts.
fn tick_character(world: &mut World) {
    if world.character.is_alive() {
        tick_walking(world);
        tick_mining(world);
        tick_carrying(world);
        tick_crafting(world);
    }
}

/// Makes what follows from the tick's changes true again, so that nothing stale is seen between ticks.
fn settle(world: &mut World) {
    world.wake_pending();
    world.settle();
}

/// Machines act last built first (measured on 2.0.60); one that is woken meanwhile acts from the next tick on.
fn tick_machines(world: &mut World) {
    if world.awake_count() == 0 {
        world.wake_pending();
        return;
    }
    let mut order = std::mem::take(&mut world.scratch);
    order.clone_from(&world.awake);
    let mut any_asleep = false;
    for &(_, slot, body) in order.iter().rev() {
        match body {
            Body::Lab(index) => tick_lab(world, slot, index),
            Body::Drill(index) => tick_drill(world, slot, index),
            Body::Crafter(index) => tick_crafter(world, slot, index),
            Body::Beacon(index) => tick_beacon(world, index),
            Body::Boiler(index) => tick_boiler(world, slot, index),
            _ => {}
        }
        // Asked here, while the machine's record is at hand: a second walk over all would cost as much as the first.
        any_asleep |= !world.is_awake(body);
    }
    world.scratch = order;
    if any_asleep {
        world.drop_sleepers();
    }
    world.wake_pending();
}
