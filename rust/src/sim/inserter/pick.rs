//! Picking up: what an inserter takes, and how much of it.

use super::{Inserter, Place};
use crate::prototypes::ItemId;
use crate::sim::burner::is_fuel_for;
use crate::sim::inventory::ItemStack;
use crate::sim::position::{MapPos, TilePos};
use crate::sim::world::World;

/// What came of reaching out.
pub(super) enum Picked {
    /// The hand holds what it shall bring away.
    Done,
    /// It took something and may take more in the next tick.
    Some,
    Nothing,
}

/// Takes what the sink wants from where the hand is.
pub(super) fn pick_up(world: &mut World, index: u32) -> Picked {
    let Some(inserter) = world.inserters.get(index) else {
        return Picked::Nothing;
    };
    let capacity = hand_size(world, inserter);
    let held = inserter.held.map_or(0, |stack| stack.count);
    let (taken, takes_on) = match inserter.source {
        Place::Machine(slot) => (
            pick_from_machine(world, index, slot, capacity - held),
            false,
        ),
        Place::Ground => (pick_from_ground(world, index), true),
        Place::Belt(_) => (None, false),
    };
    let Some(stack) = taken else {
        // A hand that holds something does not wait for more.
        return if held > 0 {
            Picked::Done
        } else {
            Picked::Nothing
        };
    };
    hold(world, index, stack);
    if takes_on && held + stack.count < capacity {
        Picked::Some
    } else {
        Picked::Done
    }
}

/// Adds what was taken to what the hand holds.
pub(super) fn hold(world: &mut World, index: u32, stack: ItemStack) {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let count = stack.count + inserter.held.map_or(0, |held| held.count);
    inserter.held = Some(ItemStack { count, ..stack });
    inserter.holds_fuel =
        inserter.energy.burner().is_some() && is_fuel_for(inserter.facts(), stack.item);
    let slot = inserter.slot;
    world.mark_entity(slot);
}

/// Computes how many items the hand of an inserter holds.
pub(super) fn hand_size(world: &World, inserter: &Inserter) -> u32 {
    let bonuses = &world.force.bonuses;
    1 + if inserter.kind().is_bulk {
        bonuses.bulk_inserter_capacity
    } else {
        bonuses.inserter_stack_size
    }
}

/// Says whether an inserter would take `item` now: for its own empty fuel slot, or because its sink takes it.
///
/// The limits of the sink are asked before picking up, so a hand that would overfill waits empty (measured).
pub(super) fn wants(world: &World, inserter: &Inserter, item: ItemId) -> bool {
    if inserter.held.is_some_and(|held| held.item != item) || !inserter.passes_filters(item) {
        return false;
    }
    inserter.needs_as_fuel(item)
        || match inserter.sink {
            Place::Ground | Place::Belt(_) => true,
            Place::Machine(slot) => world.room_by_inserter(slot, item) > 0,
        }
}

/// Says whether the source of an inserter holds anything at all that can be taken from it.
pub(super) fn has_anything(world: &World, index: u32) -> bool {
    world
        .inserters
        .get(index)
        .is_some_and(|inserter| match inserter.source {
            Place::Machine(slot) => world.offered_to_inserter(slot, &mut |_| true).is_some(),
            Place::Ground | Place::Belt(_) => false,
        })
}

fn pick_from_machine(world: &mut World, index: u32, slot: u32, count: u32) -> Option<ItemStack> {
    let inserter = world.inserters.get(index)?;
    let sink = match inserter.sink {
        Place::Machine(sink) => Some(sink),
        Place::Ground | Place::Belt(_) => None,
    };
    if !world.may_pass_on(slot, sink) {
        return None;
    }
    let stack = world.offered_to_inserter(slot, &mut |item| wants(world, inserter, item))?;
    let count = world.take_by_inserter(slot, stack.item, count);
    (count > 0).then_some(ItemStack { count, ..stack })
}

/// Takes one item from the piles on the pickup tile: the pile furthest along the arm, then northmost, then westmost.
fn pick_from_ground(world: &mut World, index: u32) -> Option<ItemStack> {
    let inserter = world.inserters.get(index)?;
    let entity = world.entities.get(inserter.slot)?;
    let tile = super::pickup_position(entity).tile();
    if !world.grid.cell(tile).has_pile() {
        return None;
    }
    let (dx, dy) = entity.direction.cardinal().steps();
    let (position, stack) = piles_on(world, tile)
        .filter(|(_, stack)| wants(world, inserter, stack.item))
        .min_by_key(|(position, _)| {
            let along = position.x * dx + position.y * dy;
            (-along, position.y, position.x)
        })?;
    world.take_pile(position);
    if stack.count > 1 {
        world.lay_pile(
            position,
            ItemStack {
                count: stack.count - 1,
                ..stack
            },
        );
    }
    Some(ItemStack { count: 1, ..stack })
}

fn piles_on(world: &World, tile: TilePos) -> impl Iterator<Item = (MapPos, ItemStack)> + '_ {
    world.ground.all_on_tile(tile)
}
