//! Keeping chests, belts and pipes full or empty for ever, as test layouts need it at their ends.

use std::collections::BTreeMap;

use super::super::entity::{Body, EntityRef};
use super::super::inventory::stack_size;
use super::super::supply::{SuppliedFluid, Wanted};
use super::super::world::World;
use super::{find, invalid};
use crate::error::{Error, Result};
use crate::prototypes::{FluidId, ItemId, vanilla};

/// Something to keep an entity full of.
enum Material {
    Item(ItemId),
    Fluid(FluidId),
}

fn material(name: &str) -> Result<Material> {
    let data = vanilla();
    if let Ok(item) = data.item(name) {
        return Ok(Material::Item(item));
    }
    data.fluid(name).map(Material::Fluid).map_err(|_| {
        let items = data.items().iter().map(|item| item.name.as_str());
        let fluids = data.fluids().iter().map(|fluid| fluid.name.as_str());
        Error::unknown_name("item or fluid", name, items.chain(fluids))
    })
}

/// Keeps an entity full of an item or a fluid from now on: a chest to the brim, a belt upstream on one lane or both, a
/// pipe or tank with its whole segment.
///
/// # Errors
/// `StaleEntity`; `UnknownName`; `InvalidValue` for what does not hold that, and for a lane other than 1 and 2.
pub fn keep_full(
    world: &mut World,
    reference: EntityRef,
    name: &str,
    lane: Option<i64>,
) -> Result<()> {
    let entity = find(world, reference)?;
    let holder = entity.prototype().name.as_str();
    let lanes: &[usize] = match lane {
        None => &[0, 1],
        Some(1) => &[0],
        Some(2) => &[1],
        Some(other) => {
            return Err(invalid(format!(
                "a belt has the lanes 1 (left of travel) and 2, not {other}"
            )));
        }
    };
    let wanted = match (entity.body, material(name)?) {
        (Body::Chest(index), Material::Item(item)) => {
            let slots = world
                .chests
                .get(index)
                .map_or(0, |chest| chest.slots().len() as u32);
            Wanted::Items(vec![(item, slots * stack_size(item))])
        }
        (Body::Belt(_), Material::Item(item)) => {
            let mut wanted = match world.supply(reference).map(|supply| &supply.wanted) {
                Some(Wanted::Lanes(lanes)) => *lanes,
                _ => [None; 2],
            };
            for lane in lanes {
                wanted[*lane] = Some(item);
            }
            Wanted::Lanes(wanted)
        }
        (Body::Pipe(_), Material::Fluid(fluid)) => Wanted::Fluid(Some(SuppliedFluid {
            fluid,
            share: 1.0,
            temperature: vanilla()[fluid].default_temperature,
        })),
        _ => {
            return Err(invalid(format!(
                "\"{holder}\" cannot be kept full of \"{name}\"; chests and belts hold items, pipes and tanks fluids"
            )));
        }
    };
    world.set_supply(reference, Some(wanted));
    world.settle();
    Ok(())
}

/// Keeps an entity empty from now on: whatever comes in vanishes.
///
/// # Errors
/// `StaleEntity`; `InvalidValue` for what is neither chest nor belt nor pipe.
pub fn keep_empty(world: &mut World, reference: EntityRef) -> Result<()> {
    let entity = find(world, reference)?;
    let wanted = match entity.body {
        Body::Chest(_) => Wanted::Items(Vec::new()),
        Body::Belt(_) => Wanted::EmptyLanes,
        Body::Pipe(_) => Wanted::Fluid(None),
        _ => {
            return Err(invalid(format!(
                "\"{}\" cannot be kept empty; chests, belts, pipes and tanks can",
                entity.prototype().name
            )));
        }
    };
    world.set_supply(reference, Some(wanted));
    world.settle();
    Ok(())
}

/// Leaves an entity to itself again.
///
/// # Errors
/// `StaleEntity`.
pub fn release(world: &mut World, reference: EntityRef) -> Result<()> {
    find(world, reference)?;
    world.set_supply(reference, None);
    Ok(())
}

/// Reads what keeping an entity full or empty has given or taken so far, by name; empty where nothing keeps it.
///
/// # Errors
/// `StaleEntity`.
pub fn moved(world: &World, reference: EntityRef) -> Result<BTreeMap<&'static str, f64>> {
    find(world, reference)?;
    let mut moved = BTreeMap::new();
    if let Some(supply) = world.supply(reference) {
        for (item, count) in &supply.items_moved {
            moved.insert(vanilla()[*item].name.as_str(), *count as f64);
        }
        if supply.fluid_moved > 0.0 {
            moved.insert("fluid", supply.fluid_moved);
        }
    }
    Ok(moved)
}
