//! Supplies: what keeps an entity full or empty for ever, at the end of every tick.
//!
//! Infinity chests and infinity pipes have one from the start; a test layout gives one to any chest, belt or pipe. What was
//! taken is there again, what was put in beside it is gone. A belt is kept full at its upstream edge, so that what runs
//! off it lies as closely as it can, or is swept clean. No technology gives supplies: they stand in test layouts and
//! scenarios, and every one counts what it has given and taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::belt::SPACING;
use super::entity::{Body, EntityRef};
use super::inventory::{Inventory, ItemStack, Slot, stack_size};
use super::world::World;
use crate::prototypes::{FluidId, ItemId};

/// What keeps one entity full or empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supply {
    pub entity: EntityRef,
    pub wanted: Wanted,
    /// Items given or taken so far.
    pub items_moved: BTreeMap<ItemId, u64>,
    /// Fluid given or taken so far.
    pub fluid_moved: f64,
    /// Whether a belt had no more room when it was filled last; it has none until something moves on it.
    #[serde(skip)]
    is_full: bool,
}

/// What an entity is to hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wanted {
    /// A chest: exactly these.
    Items(Vec<(ItemId, u32)>),
    /// A pipe or tank: its segment filled so far, or empty.
    Fluid(Option<SuppliedFluid>),
    /// A belt: these on its lanes, as many as there is room for upstream.
    Lanes([Option<ItemId>; 2]),
    /// A belt: nothing.
    EmptyLanes,
}

/// The fluid of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuppliedFluid {
    pub fluid: FluidId,
    /// Share of the segment's volume, 0 to 1.
    pub share: f64,
    pub temperature: f64,
}

/// Says whether an inventory holds exactly `items`, stack after stack from the first slot on.
fn holds_exactly(chest: &Inventory, items: &[(ItemId, u32)]) -> bool {
    let mut slots = chest.slots().iter();
    for (item, count) in items {
        let mut left = *count;
        while left > 0 {
            let expected = ItemStack {
                item: *item,
                count: left.min(stack_size(*item)),
            };
            if slots.next() != Some(&Slot::Some(expected)) {
                return false;
            }
            left -= expected.count;
        }
    }
    slots.all(Option::is_none)
}

impl Supply {
    fn count(&mut self, item: ItemId, count: u32) {
        *self.items_moved.entry(item).or_insert(0) += u64::from(count);
    }
}

impl World {
    /// Says what an entity is kept at from now on, `None` for nothing; what was moved before is counted on.
    pub(super) fn set_supply(&mut self, reference: EntityRef, wanted: Option<Wanted>) {
        let known = self
            .supplies
            .iter()
            .position(|supply| supply.entity == reference);
        match (wanted, known) {
            (Some(wanted), Some(place)) => {
                self.supplies[place].wanted = wanted;
                self.supplies[place].is_full = false;
            }
            (Some(wanted), None) => self.supplies.push(Supply {
                entity: reference,
                wanted,
                items_moved: BTreeMap::new(),
                fluid_moved: 0.0,
                is_full: false,
            }),
            (None, Some(place)) => drop(self.supplies.remove(place)),
            (None, None) => {}
        }
        tick_supplies(self);
        self.wake_pending();
    }

    /// Reads the supply of an entity, if it has one.
    pub fn supply(&self, reference: EntityRef) -> Option<&Supply> {
        self.supplies
            .iter()
            .find(|supply| supply.entity == reference)
    }
}

/// Fills and empties what has a supply, for the next tick.
pub(super) fn tick_supplies(world: &mut World) {
    if world.supplies.is_empty() {
        return;
    }
    let mut supplies = std::mem::take(&mut world.supplies);
    supplies.retain_mut(|supply| refill(world, supply));
    world.supplies = supplies;
}

/// Makes the entity hold what it should; returns whether it still stands.
fn refill(world: &mut World, supply: &mut Supply) -> bool {
    let Some(body) = world.entity(supply.entity).map(|entity| entity.body) else {
        return false;
    };
    match (&supply.wanted, body) {
        (Wanted::Items(_), Body::Chest(index)) => refill_chest(world, supply, index),
        (Wanted::Fluid(fluid), _) => {
            let fluid = *fluid;
            refill_pipe(world, supply, fluid);
        }
        (Wanted::Lanes(lanes), Body::Belt(index)) => {
            let lanes = *lanes;
            refill_belt(world, supply, index, lanes);
        }
        (Wanted::EmptyLanes, Body::Belt(index)) => sweep(world, supply, index),
        _ => return false,
    }
    true
}

fn refill_chest(world: &mut World, supply: &mut Supply, index: u32) {
    let (Some(chest), Wanted::Items(items)) = (world.chests.get_mut(index), &supply.wanted) else {
        return;
    };
    if holds_exactly(chest, items) {
        return;
    }
    let items = items.clone();
    let mut before: BTreeMap<ItemId, i64> = BTreeMap::new();
    for stack in chest.slots().iter().flatten() {
        *before.entry(stack.item).or_insert(0) += i64::from(stack.count);
    }
    chest.empty();
    for (item, count) in &items {
        let count = chest.insert(*item, *count);
        *before.entry(*item).or_insert(0) -= i64::from(count);
    }
    for (item, difference) in before {
        if difference != 0 {
            supply.count(item, difference.unsigned_abs() as u32);
        }
    }
    world.contents_changed(supply.entity.slot);
}

fn refill_pipe(world: &mut World, supply: &mut Supply, wanted: Option<SuppliedFluid>) {
    let Some(own) = world.fluids.boxes_of(supply.entity.slot).first().copied() else {
        return;
    };
    let (fluid, held) = (world.fluids.fluid(own), world.fluids.available(own));
    let Some(wanted) = wanted.filter(|wanted| wanted.share > 0.0) else {
        supply.fluid_moved += world.fluids.take(own, held);
        return;
    };
    let capacity = world
        .fluids
        .segment(own)
        .map_or(0.0, |segment| segment.capacity);
    let amount = capacity * wanted.share;
    let is_right = fluid == Some(wanted.fluid)
        && held.to_bits() == amount.to_bits()
        && world.fluids.temperature(own).to_bits() == wanted.temperature.to_bits();
    if !is_right {
        world.fluids.take(own, held);
        let put = world
            .fluids
            .put(own, wanted.fluid, amount, wanted.temperature);
        supply.fluid_moved += (put - held).abs();
    }
}

/// Puts an item on each lane as far upstream as the last one lets it: 64 behind that, so that none is wasted.
fn refill_belt(world: &mut World, supply: &mut Supply, belt: u32, lanes: [Option<ItemId>; 2]) {
    if supply.is_full && !world.belts.is_awake(belt) {
        return;
    }
    supply.is_full = true;
    for (lane, item) in lanes.into_iter().enumerate() {
        let Some(item) = item else {
            continue;
        };
        let place = (world.belts.lane_length(belt, lane) - SPACING).max(0);
        while world.belts.insert(belt, lane, place, item) {
            supply.count(item, 1);
        }
    }
}

/// Takes everything off a belt.
fn sweep(world: &mut World, supply: &mut Supply, belt: u32) {
    for lane in 0..2 {
        let lying: Vec<(i32, ItemId)> = world.belts.items_on(belt, lane).collect();
        for (position, item) in lying {
            if world.belts.take(belt, lane, position, item) {
                supply.count(item, 1);
            }
        }
    }
}
