//! One tick: the ordered list of phases.

use super::character::tick_walking;
use super::crafting::tick_crafting;
use super::drill::tick_drill;
use super::entity::Body;
use super::furnace::tick_furnace;
use super::mining::tick_mining;
use super::world::World;

/// Runs one tick.
pub fn tick(world: &mut World) {
    world.tick += 1;
    // The character acts first: walking, then mining from where the walk led, then crafting.
    if world.character.is_alive() {
        tick_walking(world);
        tick_mining(world);
        tick_crafting(world);
    }
    // Machines come after the character, so that ore put in by hand between ticks is seen in this one.
    tick_machines(world);
}

/// Runs `ticks` ticks.
pub fn run(world: &mut World, ticks: u32) {
    for _ in 0..ticks {
        tick(world);
    }
}

/// Machines act last built first (measured on 2.0.60); one that is woken meanwhile acts from the next tick on.
fn tick_machines(world: &mut World) {
    if world.awake_count() == 0 {
        return;
    }
    let mut order = std::mem::take(&mut world.scratch);
    world.copy_acting_order(&mut order);
    for slot in &order {
        match world.entities.get(*slot).map(|entity| entity.body) {
            Some(Body::Drill(_)) => tick_drill(world, *slot),
            Some(Body::Furnace(_)) => tick_furnace(world, *slot),
            Some(Body::Plain | Body::Chest(_)) | None => {}
        }
    }
    world.scratch = order;
    world.drop_sleepers();
    world.wake_pending();
}
