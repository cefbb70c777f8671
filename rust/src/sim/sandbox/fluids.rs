//! Fluids of entities: what is in their boxes, and setting it.

use std::collections::BTreeMap;

use super::super::entity::EntityRef;
use super::super::supply::{SuppliedFluid, Wanted};
use super::super::world::World;
use super::{find, invalid};
use crate::error::Result;
use crate::prototypes::{EntityKind, FluidId, vanilla};

/// Reads what an entity holds of each fluid; a pipe or tank has its share of the segment, by volume.
///
/// # Errors
/// `StaleEntity`.
pub fn amounts(world: &World, reference: EntityRef) -> Result<BTreeMap<&'static str, f64>> {
    find(world, reference)?;
    let mut amounts = BTreeMap::new();
    for (fluid, amount, _) in world.fluids.contents_of(reference.slot) {
        *amounts.entry(vanilla()[fluid].name.as_str()).or_insert(0.0) += amount;
    }
    Ok(amounts)
}

/// Reads the temperature of a fluid in an entity, if it holds any.
///
/// # Errors
/// `StaleEntity`; `UnknownName` for a fluid that the game does not have.
pub fn temperature(world: &World, reference: EntityRef, fluid: &str) -> Result<Option<f64>> {
    find(world, reference)?;
    let fluid = vanilla().fluid(fluid)?;
    let contents = world.fluids.contents_of(reference.slot);
    Ok(contents
        .iter()
        .find(|(held, ..)| *held == fluid)
        .map(|(.., temperature)| *temperature))
}

/// Sets how much of a fluid an entity holds; of a pipe or tank, how much its whole segment holds.
///
/// An infinity pipe keeps its segment filled by that share of its own volume from now on.
///
/// # Errors
/// `StaleEntity`; `UnknownName`; `InvalidValue` where no box takes the fluid or has room for so much.
pub fn set(
    world: &mut World,
    reference: EntityRef,
    fluid: &str,
    amount: f64,
    temperature: Option<f64>,
) -> Result<()> {
    let kind = find(world, reference)?.prototype().kind;
    let id = vanilla().fluid(fluid)?;
    let temperature = temperature.unwrap_or(vanilla()[id].default_temperature);
    if !amount.is_finite() || amount < 0.0 || !temperature.is_finite() {
        return Err(invalid(format!(
            "an amount of fluid must be 0 or more, not {amount}"
        )));
    }
    let index = box_for(world, reference, id, temperature).ok_or_else(|| {
        invalid(format!(
            "it has no box that takes \"{fluid}\" at {temperature} degrees now"
        ))
    })?;
    if kind == EntityKind::InfinityPipe {
        let volume = world.fluids.get(index).map_or(1.0, |own| own.volume);
        let fluid = (amount > 0.0).then_some(SuppliedFluid {
            fluid: id,
            share: (amount / volume).min(1.0),
            temperature,
        });
        world.set_supply(reference, Some(Wanted::Fluid(fluid)));
    } else {
        let capacity = world
            .fluids
            .segment(index)
            .map_or(0.0, |segment| segment.capacity);
        if amount > capacity {
            return Err(invalid(format!(
                "there is room for {capacity} of {amount} \"{fluid}\""
            )));
        }
        let held = world.fluids.available(index);
        world.fluids.take(index, held);
        world.fluids.put(index, id, amount, temperature);
    }
    world.wake(reference);
    world.settle();
    Ok(())
}

/// Finds the box of an entity for a fluid: the one that holds it, else one made for it, else an empty one.
fn box_for(world: &World, reference: EntityRef, fluid: FluidId, temperature: f64) -> Option<u32> {
    let fluids = &world.fluids;
    let boxes = fluids.boxes_of(reference.slot);
    let holds = |index: &&u32| fluids.fluid(**index) == Some(fluid);
    let is_for = |index: &&u32| {
        fluids
            .get(**index)
            .is_some_and(|own| own.filter == Some(fluid))
    };
    let takes = |index: &&u32| {
        fluids.get(**index).is_some_and(|own| {
            own.filter.is_none()
                && own.temperatures.0 <= temperature
                && temperature <= own.temperatures.1
        })
    };
    boxes
        .iter()
        .find(holds)
        .or_else(|| boxes.iter().find(is_for))
        .or_else(|| boxes.iter().find(takes))
        .copied()
}
