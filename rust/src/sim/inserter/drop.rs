//! Putting down: into machines the whole hand at once, onto the ground one item a tick.

use super::{BeltPlace, FUEL_LIMIT, Place, Stage};
use crate::sim::inventory::ItemStack;
use crate::sim::world::World;

/// What came of putting down.
pub(super) enum Dropped {
    All,
    Some,
    Nothing,
}

/// Puts what an inserter holds down at its drop point, as far as there is room.
pub(super) fn drop_held(world: &mut World, index: u32) -> Dropped {
    let Some(inserter) = world.inserters.get(index) else {
        return Dropped::Nothing;
    };
    let Some(held) = inserter.held else {
        return Dropped::All;
    };
    let dropped = match inserter.sink {
        Place::Machine(slot) => world.insert_by_inserter(slot, held),
        Place::Belt(belt) => u32::from(drop_on_belt(world, index, belt, held)),
        Place::Ground => u32::from(drop_on_ground(world, index, held)),
    };
    give_away(world, index, dropped)
}

/// Puts fuel that an inserter holds into its own slot and says what it does next.
pub(super) fn fill_own_slot(world: &mut World, index: u32) -> Stage {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return Stage::ToPickup;
    };
    let facts = inserter.facts();
    let (slot, held) = (inserter.slot, inserter.held);
    let Some(held) = held else {
        return Stage::ToPickup;
    };
    let inserted = inserter
        .energy
        .insert_fuel(facts, held.item, held.count.min(FUEL_LIMIT));
    world.wake_waiters(slot);
    match give_away(world, index, inserted) {
        Dropped::All => Stage::ToPickup,
        _ => Stage::ToDrop,
    }
}

fn drop_on_belt(world: &mut World, index: u32, belt: BeltPlace, held: ItemStack) -> bool {
    let Some(entity) = world
        .inserters
        .get(index)
        .and_then(|inserter| world.entities.get(inserter.slot))
    else {
        return false;
    };
    let (from, drop) = (entity.position, super::drop_position(entity));
    world.drop_on_belt(belt.slot, from, drop, held.item)
}

fn drop_on_ground(world: &mut World, index: u32, held: ItemStack) -> bool {
    let Some(entity) = world
        .inserters
        .get(index)
        .and_then(|inserter| world.entities.get(inserter.slot))
    else {
        return false;
    };
    let place = super::drop_position(entity);
    if world.grid.cell(place.tile()).blocks_walking() || !world.ground.is_clear(place) {
        return false;
    }
    world.lay_pile(place, ItemStack { count: 1, ..held });
    true
}

/// Takes `count` items out of the hand.
fn give_away(world: &mut World, index: u32, count: u32) -> Dropped {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return Dropped::Nothing;
    };
    if count == 0 {
        return Dropped::Nothing;
    }
    let left = inserter
        .held
        .map_or(0, |stack| stack.count.saturating_sub(count));
    inserter.held = inserter.held.filter(|_| left > 0).map(|stack| ItemStack {
        count: left,
        ..stack
    });
    inserter.holds_fuel &= left > 0;
    let slot = inserter.slot;
    world.mark_entity(slot);
    if left == 0 {
        Dropped::All
    } else {
        Dropped::Some
    }
}
