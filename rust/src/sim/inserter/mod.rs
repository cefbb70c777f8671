//! Inserters: arms that take from one tile and put down on the opposite one.
//!
//! It owns the records in `World::inserters` and the list `World::inserter_order`. The motion is the measured one of
//! burner inserters, to the tick and the joule; the other inserters follow the same rules with their own figures.
//!
//! - [`arm`]: turning and stretching; `angle`: the trigonometry that it needs; [`kind`]: what a prototype fixes
//! - [`order`]: who acts and in which order; `tick`: one tick of one inserter
//! - `lull`: when an inserter that waits need not look; `view`: when one that swings back need not
//! - `pick`, `chase`, `drop`: what the hand takes from machines and the ground, from belts, and where it leaves it
//!
//! Invariants: an inserter is in the order exactly while it is not asleep; `source` and `sink` say what stands on its two
//! tiles and follow from the map.

use serde::{Deserialize, Serialize};

mod angle;
pub mod arm;
mod chase;
mod drop;
pub mod kind;
mod lull;
pub mod order;
mod pick;
mod tick;
mod view;

#[cfg(test)]
mod tests;

use super::burner::is_fuel_for;
use super::energy::Energy;
use super::entity::{Body, Entity, EntityRef};
use super::inventory::ItemStack;
use super::position::{Direction, MapPos, TileArea};
use super::world::World;
use crate::contract::codes::Status;
use crate::prototypes::{EntityPrototype, EntityPrototypeId, ItemId, vanilla};
use arm::Hand;
use chase::Catch;
use kind::{Kind, kind_of, reach_tiles};

pub(super) use lull::Lull;
pub(super) use tick::tick_inserters;
pub(super) use view::View;

/// The most filters that an inserter has.
pub const MAX_FILTERS: usize = 5;
/// Inserters stop bringing fuel at this many items (measured).
pub const FUEL_LIMIT: u32 = 5;

/// One inserter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inserter {
    pub energy: Energy,
    /// Where the hand is.
    pub hand: Hand,
    /// What the hand holds.
    pub held: Option<ItemStack>,
    pub stage: Stage,
    pub status: Status,
    pub rest: Rest,
    prototype: EntityPrototypeId,
    /// Place of the entity.
    slot: u32,
    quarter: u8,
    /// Whether it got less power than it asked for when it last moved.
    is_slowed: bool,
    /// Whether the hand holds what the inserter itself burns.
    holds_fuel: bool,
    /// Items that it may take, or may not; where there is none, it may take all.
    filters: [Option<ItemId>; MAX_FILTERS],
    is_blacklist: bool,
    /// The item on a belt that the hand goes for.
    catch: Option<Catch>,
    /// A kind of item that the sink has no room for until it says otherwise.
    refused: Option<ItemId>,
    #[serde(skip)]
    source: Place,
    #[serde(skip)]
    sink: Place,
}

/// What an inserter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// On its way to what it takes.
    ToPickup,
    /// At the pickup point, with nothing to take or not enough yet.
    AtPickup,
    /// On its way to the drop point.
    ToDrop,
    /// At the drop point, with no room for what it holds, or not for all of it.
    AtDrop,
    /// On its way to its own fuel slot.
    ToOwnSlot,
}

/// Whether an inserter acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rest {
    Awake,
    /// It waits for a belt or the ground, in its place in the order.
    Dozing,
    /// It waits for a machine, out of the order.
    Asleep,
}

/// What stands where an inserter takes or drops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nothing: items lie on the ground.
    #[default]
    Ground,
    /// A chest or machine, by its place in the slab of entities.
    Machine(u32),
    /// A belt, or the half of a splitter on that tile.
    Belt(BeltPlace),
}

/// A belt that an inserter takes from or drops onto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeltPlace {
    /// The place of the belt or splitter in the slab of entities.
    slot: u32,
    /// The belts on the tile, upstream first: of a splitter two, else one twice.
    belts: [u32; 2],
}

impl Inserter {
    /// Makes an inserter with an empty hand at rest; it acts in the next tick.
    pub fn new(prototype: EntityPrototypeId, slot: u32, quarter: u8) -> Self {
        let kind = kind_of(prototype).expect("the entity is an inserter");
        Self {
            energy: Energy::of(&vanilla()[prototype]),
            hand: kind.sides[usize::from(quarter % 4)].start,
            held: None,
            stage: Stage::ToPickup,
            status: Status::Working,
            rest: Rest::Awake,
            prototype,
            slot,
            quarter: quarter % 4,
            is_slowed: false,
            holds_fuel: false,
            filters: [None; MAX_FILTERS],
            is_blacklist: false,
            catch: None,
            refused: None,
            source: Place::Ground,
            sink: Place::Ground,
        }
    }

    /// Reads its filters.
    pub fn filters(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.filters.iter().flatten().copied()
    }

    /// Says whether its filters let it take `item`.
    pub fn passes_filters(&self, item: ItemId) -> bool {
        self.filters.iter().all(Option::is_none)
            || self.filters.contains(&Some(item)) != self.is_blacklist
    }

    /// Says whether its filters name what it leaves, not what it takes.
    pub fn is_blacklist(&self) -> bool {
        self.is_blacklist
    }

    fn direction(&self) -> Direction {
        Direction::from_eighths(self.quarter * 2)
    }

    /// Says whether it would put `item` into its own, empty fuel slot.
    fn needs_as_fuel(&self, item: ItemId) -> bool {
        self.energy
            .burner()
            .is_some_and(|burner| burner.fuel.is_none())
            && is_fuel_for(self.facts(), item)
    }

    fn facts(&self) -> &'static EntityPrototype {
        &vanilla()[self.prototype]
    }

    fn kind(&self) -> &'static Kind {
        kind_of(self.prototype).expect("the entity is an inserter")
    }

    fn side(&self) -> &'static kind::Side {
        &self.kind().sides[usize::from(self.quarter)]
    }

    /// Computes how many of `item` another inserter may still put into its fuel slot.
    pub(super) fn fuel_room(&self, item: ItemId) -> u32 {
        self.energy.burner().map_or(0, |burner| {
            let held = burner.fuel.map_or(0, |stack| stack.count);
            burner
                .room(self.facts(), item)
                .min(FUEL_LIMIT.saturating_sub(held))
        })
    }
}

/// Gives the point that an inserter takes from.
pub fn pickup_position(inserter: &Entity) -> MapPos {
    moved(inserter, |side| side.pickup_offset)
}

/// Gives the point that an inserter drops to.
pub fn drop_position(inserter: &Entity) -> MapPos {
    moved(inserter, |side| side.drop_offset)
}

fn moved(inserter: &Entity, offset: impl Fn(&kind::Side) -> MapPos) -> MapPos {
    let offset =
        kind_of(inserter.prototype).map_or(MapPos::default(), |kind| offset(kind.side(inserter)));
    inserter.position.offset(offset.x, offset.y)
}

/// Gives the place of an inserter's hand on the map.
pub fn hand_position(world: &World, entity: &Entity) -> Option<MapPos> {
    let Body::Inserter(index) = entity.body else {
        return None;
    };
    let (x, y) = world.inserters.get(index)?.hand.offset_tiles();
    let offset = MapPos::from_tiles(x, y);
    Some(entity.position.offset(offset.x, offset.y))
}

/// Reads what an inserter holds.
pub fn held_stack(world: &World, entity: &Entity) -> Option<ItemStack> {
    let Body::Inserter(index) = entity.body else {
        return None;
    };
    world.inserters.get(index)?.held
}

impl World {
    /// Makes the record of the new inserter in entity slot `slot`; it acts before all that stand already.
    pub(super) fn add_inserter(&mut self, slot: u32) -> Body {
        let entity = self.entities.get(slot).expect("the entity was just added");
        let inserter = Inserter::new(entity.prototype, slot, entity.direction.quarter_turns());
        let index = self.inserters.insert(inserter);
        self.inserter_order.join(index);
        self.end_lull(index);
        let body = Body::Inserter(index);
        if let Some(entity) = self.entities.get_mut(slot) {
            entity.body = body;
        }
        self.resolve_inserter(index);
        body
    }

    /// Drops the record of an inserter.
    pub(super) fn remove_inserter(&mut self, index: u32) {
        self.inserters.remove(index);
        self.inserter_order.leave(index);
    }

    /// Lets an inserter take `items` only, or everything else; those past its number of filters are dropped.
    pub fn set_filters(&mut self, reference: EntityRef, items: &[ItemId], is_blacklist: bool) {
        let Some(Body::Inserter(index)) = self.entity(reference).map(|entity| entity.body) else {
            return;
        };
        if let Some(inserter) = self.inserters.get_mut(index) {
            let count = inserter.kind().filter_count.min(MAX_FILTERS);
            inserter.filters = [None; MAX_FILTERS];
            inserter.is_blacklist = is_blacklist;
            for (filter, item) in inserter.filters.iter_mut().take(count).zip(items) {
                *filter = Some(*item);
            }
        }
        self.wake_inserter(index);
    }

    /// Turns the record of an inserter with its entity; the arm stays where it is and swings to its new places.
    pub(super) fn turn_inserter(&mut self, index: u32, quarter: u8) {
        if let Some(inserter) = self.inserters.get_mut(index) {
            inserter.quarter = quarter % 4;
            inserter.catch = None;
            inserter.stage = match inserter.stage {
                Stage::AtPickup => Stage::ToPickup,
                Stage::AtDrop => Stage::ToDrop,
                other => other,
            };
            self.resolve_inserter(index);
            self.wake_inserter(index);
        }
    }

    /// Wakes an inserter; within the inserters' phase it acts from the next tick on.
    pub(super) fn wake_inserter(&mut self, index: u32) {
        let Some(inserter) = self.inserters.get_mut(index) else {
            return;
        };
        inserter.refused = None;
        self.end_lull(index);
        let Some(inserter) = self.inserters.get_mut(index) else {
            return;
        };
        match std::mem::replace(&mut inserter.rest, Rest::Awake) {
            Rest::Awake => {}
            Rest::Dozing => self.inserter_order.rouse(index),
            Rest::Asleep => self.inserter_order.join(index),
        }
    }

    /// Looks up again what stands on the two tiles of an inserter.
    pub(super) fn resolve_inserter(&mut self, index: u32) {
        let Some(entity) = self
            .inserters
            .get(index)
            .and_then(|inserter| self.entities.get(inserter.slot))
        else {
            return;
        };
        let source = self.place_at(pickup_position(entity));
        let sink = self.place_at(drop_position(entity));
        if let Some(inserter) = self.inserters.get_mut(index) {
            inserter.source = source;
            inserter.sink = sink;
        }
    }

    fn place_at(&self, position: MapPos) -> Place {
        let Some(slot) = self.entity_slot_at(position.tile()) else {
            return Place::Ground;
        };
        let belts = match self.entities.get(slot).map(|entity| entity.body) {
            Some(Body::Belt(belt)) => [belt, belt],
            Some(Body::Splitter(splitter)) => {
                let mut halves = self.belts.splitter_belts(splitter).filter(|half| {
                    self.belts
                        .belt(*half)
                        .is_some_and(|belt| belt.tile == position.tile())
                });
                match (halves.next(), halves.next()) {
                    (Some(first), Some(second)) => [first, second],
                    _ => return Place::Machine(slot),
                }
            }
            _ => return Place::Machine(slot),
        };
        Place::Belt(BeltPlace { slot, belts })
    }

    /// Tells the inserters that take from or drop into `area` that something there came, went or turned.
    pub(super) fn resolve_inserters_facing(&mut self, area: TileArea) {
        for index in self.inserters_facing(area) {
            self.resolve_inserter(index);
            if let Some(inserter) = self.inserters.get_mut(index) {
                inserter.catch = None;
            }
            self.wake_inserter(index);
        }
    }

    /// Wakes the inserters that take from or drop onto the ground in `area`, or next to it: piles keep a distance.
    pub(super) fn wake_inserters_facing_ground(&mut self, area: TileArea) {
        for index in self.inserters_facing(area.grown(1)) {
            let is_concerned = self.inserters.get(index).is_some_and(|inserter| {
                inserter.source == Place::Ground || inserter.sink == Place::Ground
            });
            if is_concerned {
                self.wake_inserter(index);
            }
        }
    }

    /// Lists the inserters whose pickup or drop tile lies in `area`, in the order of their places.
    fn inserters_facing(&self, area: TileArea) -> Vec<u32> {
        if self.inserters.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<u32> = area
            .grown(reach_tiles())
            .tiles()
            .filter_map(|tile| self.entity_at(tile))
            .filter_map(|entity| match entity.body {
                Body::Inserter(index)
                    if area.contains(pickup_position(entity).tile())
                        || area.contains(drop_position(entity).tile()) =>
                {
                    Some(index)
                }
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found
    }
}
