//! What an entity holds, by inventory; putting in and taking out as a script does it, without a character.

use std::collections::BTreeMap;

use super::super::energy::Energy;
use super::super::entity::{Body, Entity, EntityRef};
use super::super::inventory::{Slot, remove_from};
use super::super::world::World;
use super::{find, invalid};
use crate::error::{Error, Result};
use crate::prototypes::{ItemId, vanilla};

/// The inventories of entities, by name.
pub const INVENTORIES: [&str; 6] = ["contents", "fuel", "source", "result", "modules", "hand"];

/// Reads the slots of one inventory of an entity; empty where it has none of the name.
fn slots_of<'a>(world: &'a World, entity: &Entity, name: &str) -> &'a [Slot] {
    let slots = world.slots(entity);
    match name {
        "contents" => slots.contents,
        "fuel" => slots.fuel,
        "source" => slots.source,
        "result" => slots.result,
        "modules" => slots.modules,
        "hand" => match entity.body {
            Body::Inserter(index) => world
                .inserters
                .get(index)
                .map_or(&[], |inserter| std::slice::from_ref(&inserter.held)),
            _ => &[],
        },
        _ => &[],
    }
}

/// Counts what an entity holds, by item: in one inventory, or in all.
///
/// # Errors
/// `StaleEntity`; `UnknownName` for an inventory that no entity has.
pub fn inventory(
    world: &World,
    reference: EntityRef,
    kind: Option<&str>,
) -> Result<BTreeMap<&'static str, u32>> {
    let entity = find(world, reference)?;
    if let Some(kind) = kind
        && !INVENTORIES.contains(&kind)
    {
        return Err(Error::unknown_name("inventory", kind, INVENTORIES));
    }
    let mut counts = BTreeMap::new();
    for name in INVENTORIES {
        if kind.is_none_or(|kind| kind == name) {
            for stack in slots_of(world, entity, name).iter().flatten() {
                *counts
                    .entry(vanilla()[stack.item].name.as_str())
                    .or_insert(0) += stack.count;
            }
        }
    }
    if kind.is_none_or(|kind| kind == "contents") {
        for stack in world.belt_contents(entity) {
            *counts
                .entry(vanilla()[stack.item].name.as_str())
                .or_insert(0) += stack.count;
        }
    }
    Ok(counts)
}

/// Puts up to `count` of an item into an entity, where it belongs there, and returns how many went in.
///
/// # Errors
/// `StaleEntity`; `UnknownName` for an item that the game does not have.
pub fn insert(world: &mut World, reference: EntityRef, item: &str, count: u32) -> Result<u32> {
    find(world, reference)?;
    let item = vanilla().item(item)?;
    let inserted = insert_item(world, reference, item, count);
    world.settle();
    Ok(inserted)
}

pub(super) fn insert_item(
    world: &mut World,
    reference: EntityRef,
    item: ItemId,
    count: u32,
) -> u32 {
    match world.entity(reference).map(|entity| entity.body) {
        Some(Body::Belt(_) | Body::Splitter(_)) => world.lay_on_belt(reference.slot, item, count),
        _ => world.insert_by_hand(reference, item, count),
    }
}

/// Takes up to `count` of an item out of an entity and returns how many came out.
///
/// What it has made goes first, then what it stores, then what it was given.
///
/// # Errors
/// `StaleEntity`; `UnknownName` for an item that the game does not have.
pub fn take(world: &mut World, reference: EntityRef, item: &str, count: u32) -> Result<u32> {
    let body = find(world, reference)?.body;
    let item = vanilla().item(item)?;
    let mut taken = match body {
        Body::Belt(_) | Body::Splitter(_) => world.take_off_belt(reference.slot, item, count),
        _ => take_from(world, body, item, count),
    };
    if taken == 0 && vanilla()[item].module.is_some() {
        taken = take_modules(world, reference, item, count);
    }
    if taken > 0 {
        world.wake(reference);
        world.contents_changed(reference.slot);
        world.wake_pending();
    }
    world.settle();
    Ok(taken)
}

fn take_from(world: &mut World, body: Body, item: ItemId, count: u32) -> u32 {
    match body {
        Body::Chest(index) => world
            .chests
            .get_mut(index)
            .map_or(0, |chest| chest.remove(item, count)),
        Body::Drill(index) => world.drills.get_mut(index).map_or(0, |drill| {
            take_from_slots(drill.energy.fuel_slot_mut().into_iter(), item, count)
        }),
        Body::Crafter(index) => world.crafters.get_mut(index).map_or(0, |crafter| {
            let slots = crafter.outputs.iter_mut().chain(&mut crafter.inputs);
            take_from_slots(slots.chain(crafter.energy.fuel_slot_mut()), item, count)
        }),
        Body::Inserter(index) => world.inserters.get_mut(index).map_or(0, |inserter| {
            let slots = [&mut inserter.held];
            take_from_slots(
                slots.into_iter().chain(inserter.energy.fuel_slot_mut()),
                item,
                count,
            )
        }),
        Body::Turret(index) => world.turrets.get_mut(index).map_or(0, |turret| {
            take_from_slots([&mut turret.ammo].into_iter(), item, count)
        }),
        Body::Lab(index) => world
            .labs
            .get_mut(index)
            .map_or(0, |lab| lab.take(item, count)),
        Body::Boiler(index) => world.boilers.get_mut(index).map_or(0, |boiler| {
            take_from_slots(boiler.energy.fuel_slot_mut().into_iter(), item, count)
        }),
        _ => 0,
    }
}

/// Takes modules out of their slots.
fn take_modules(world: &mut World, reference: EntityRef, item: ItemId, count: u32) -> u32 {
    let mut left = count;
    let taken = world.take_modules(reference, |module| {
        let is_taken = module == item && left > 0;
        left -= u32::from(is_taken);
        !is_taken
    });
    taken.iter().map(|stack| stack.count).sum()
}

pub(in crate::sim) fn take_from_slots<'a>(
    slots: impl Iterator<Item = &'a mut Slot>,
    item: ItemId,
    count: u32,
) -> u32 {
    let mut left = count;
    for slot in slots {
        left -= remove_from(std::slice::from_mut(slot), item, left);
    }
    count - left
}

/// Reads what drives an entity, where it is a machine.
fn energy_of(world: &World, body: Body) -> Option<&Energy> {
    match body {
        Body::Drill(index) => Some(&world.drills.get(index)?.energy),
        Body::Crafter(index) => Some(&world.crafters.get(index)?.energy),
        Body::Lab(index) => Some(&world.labs.get(index)?.energy),
        Body::Boiler(index) => Some(&world.boilers.get(index)?.energy),
        Body::Inserter(index) => Some(&world.inserters.get(index)?.energy),
        _ => None,
    }
}

/// Reads the energy that an entity has at hand, joules: in the buffer of its burner, or in the accumulator.
///
/// Electric machines have no buffers in the simulation: they take from the network what they use.
///
/// # Errors
/// `StaleEntity`.
pub fn energy_joules(world: &World, reference: EntityRef) -> Result<f64> {
    let body = find(world, reference)?.body;
    if let Body::Accumulator(index) = body {
        return Ok(world.power.accumulator_joules(index));
    }
    Ok(energy_of(world, body)
        .and_then(Energy::burner)
        .map_or(0.0, |burner| burner.buffer_joules))
}

/// Sets the energy in an accumulator.
///
/// # Errors
/// `StaleEntity`; `InvalidValue` where it is none, or for what it cannot hold.
pub fn set_energy(world: &mut World, reference: EntityRef, joules: f64) -> Result<()> {
    let Body::Accumulator(index) = find(world, reference)?.body else {
        return Err(invalid("only an accumulator's energy can be set"));
    };
    let capacity = world.power.accumulator_capacity_joules(index);
    if !(0.0..=capacity).contains(&joules) {
        return Err(invalid(format!(
            "energy must be 0 to what it holds, {capacity} joules, not {joules}"
        )));
    }
    world.power.set_accumulator_joules(index, joules);
    world.settle();
    Ok(())
}

/// Reads what burns in an entity: the fuel's name and the joules that are left of it.
///
/// # Errors
/// `StaleEntity`.
pub fn burning(world: &World, reference: EntityRef) -> Result<Option<(&'static str, f64)>> {
    let body = find(world, reference)?.body;
    Ok(energy_of(world, body)
        .and_then(Energy::burner)
        .and_then(|burner| {
            let item = burner.burning?;
            Some((vanilla()[item].name.as_str(), burner.remaining_joules))
        }))
}

/// Names the recipe of an entity: the one set or, for a furnace, the one in progress.
///
/// # Errors
/// `StaleEntity`.
pub fn recipe(world: &World, reference: EntityRef) -> Result<Option<&'static str>> {
    let entity = find(world, reference)?;
    Ok(match entity.body {
        Body::Crafter(index) => world
            .crafters
            .get(index)
            .and_then(|crafter| crafter.recipe)
            .map(|recipe| vanilla()[recipe].name.as_str()),
        _ => None,
    })
}

/// Sets what a machine makes; what it held goes to the character.
///
/// # Errors
/// `StaleEntity`; `UnknownName`; `InvalidValue` where it cannot make that, or must not yet.
pub fn set_recipe(world: &mut World, reference: EntityRef, recipe: &str) -> Result<()> {
    let recipe = vanilla().recipe(recipe)?;
    super::settings::set_recipe(world, reference, recipe)?;
    world.settle();
    Ok(())
}

/// Counts the crafts that a machine has ended.
///
/// # Errors
/// `StaleEntity`.
pub fn crafts_finished(world: &World, reference: EntityRef) -> Result<u64> {
    Ok(match find(world, reference)?.body {
        Body::Crafter(index) => world
            .crafters
            .get(index)
            .map_or(0, |crafter| crafter.crafts_finished),
        _ => 0,
    })
}

/// Checks a count of items.
///
/// # Errors
/// `InvalidValue` below 0 and beyond what a slot could count.
pub fn check_count(count: i64) -> Result<u32> {
    u32::try_from(count)
        .map_err(|_| invalid(format!("count must be 0 to {}, not {count}", u32::MAX)))
}

/// Checks the counts of a list of items.
///
/// # Errors
/// As [`check_count`], with the item's name.
pub fn check_counts(items: BTreeMap<String, i64>) -> Result<Vec<(String, u32)>> {
    let checked = items.into_iter().map(|(name, count)| {
        let count = check_count(count).map_err(|error| error.within(format!("\"{name}\"")))?;
        Ok((name, count))
    });
    checked.collect()
}

/// Counts what slots hold, by item.
pub fn counts(slots: &[Slot]) -> BTreeMap<&'static str, u32> {
    let mut counts = BTreeMap::new();
    for stack in slots.iter().flatten() {
        *counts
            .entry(vanilla()[stack.item].name.as_str())
            .or_insert(0) += stack.count;
    }
    counts
}
