//! Belts among the other things of a world: building, removing and turning them, dropping onto them, being carried.

use super::super::collision::carried_step;
use super::super::entity::{Body, Entity, EntityRef, footprint};
use super::super::inventory::ItemStack;
use super::super::position::{Direction, MapPos};
use super::super::world::World;
use super::{BeltKind, SPACING};
use crate::prototypes::{EntityKind, ItemId, vanilla};

/// Moves the belts and wakes those who wait for one that moved or changed.
pub(in super::super) fn tick_belts(world: &mut World) {
    if world.belts.is_empty() {
        return;
    }
    world.belts.tick();
    if world.belts.has_woken() {
        let mut woken = std::mem::take(&mut world.woken);
        let n_before = woken.len();
        world.belts.drain_woken(&mut woken);
        for reference in woken.drain(n_before..) {
            world.wake(reference);
        }
        world.woken = woken;
    }
}

/// Carries the character whose centre is on a belt, as a walking step of the belt's speed (measured on 2.0.60).
pub(in super::super) fn tick_carrying(world: &mut World) {
    if world.belts.is_empty() {
        return;
    }
    // A belt that was just mined carries nobody.
    world.settle_belts();
    let place = world.character.position;
    if world.entity_slot_at(place.tile()).is_none() {
        return;
    }
    let Some(belt) = world.belts.belt_at(place.tile()) else {
        return;
    };
    let (dx, dy) = world.belts.carry(belt, place);
    if (dx, dy) != (0, 0) {
        let direction = world.belts.direction(belt);
        world.character.position = carried_step(world, place, direction, dx.abs().max(dy.abs()));
    }
}

impl World {
    /// Makes the record of a new entity that is a belt; piles on its tile go onto it.
    pub(in super::super) fn join_belts(&mut self, slot: u32, body: Body) -> Body {
        let Some(entity) = self.entities.get(slot) else {
            return body;
        };
        let (prototype, direction) = (entity.prototype, entity.direction.cardinal());
        let tile = entity.position.tile();
        let own = match vanilla()[prototype].kind {
            EntityKind::TransportBelt => {
                Body::Belt(
                    self.belts
                        .add_belt(slot, prototype, tile, direction, BeltKind::Surface),
                )
            }
            EntityKind::UndergroundBelt => {
                let kind = self
                    .belts
                    .kind_of_new_underground(prototype, tile, direction);
                Body::Belt(self.belts.add_belt(slot, prototype, tile, direction, kind))
            }
            EntityKind::Splitter => {
                let mut tiles = footprint(prototype, entity.position, direction).tiles();
                let (Some(first), Some(second)) = (tiles.next(), tiles.next()) else {
                    return body;
                };
                // Left of travel: the western or northern tile going north or east.
                let halves = if matches!(direction, Direction::NORTH | Direction::EAST) {
                    [first, second]
                } else {
                    [second, first]
                };
                Body::Splitter(self.belts.add_splitter(slot, prototype, halves, direction))
            }
            _ => return body,
        };
        if let Some(entity) = self.entities.get_mut(slot) {
            entity.body = own;
        }
        self.take_piles_onto(slot);
        own
    }

    /// Puts the piles that lie under a new belt onto it; what has no room lies down beside it.
    fn take_piles_onto(&mut self, slot: u32) {
        let Some(entity) = self.entities.get(slot) else {
            return;
        };
        let (position, area) = (
            entity.position,
            footprint(entity.prototype, entity.position, entity.direction),
        );
        for tile in area.tiles() {
            while let Some((place, _)) = self.ground.on_tile(tile) {
                let Some(stack) = self.take_pile(place) else {
                    break;
                };
                let mut left = stack.count;
                while left > 0 && self.drop_on_belt(slot, place, place, stack.item) {
                    left -= 1;
                }
                if left > 0 {
                    self.spill(
                        position,
                        ItemStack {
                            item: stack.item,
                            count: left,
                        },
                    );
                }
            }
        }
    }

    /// Takes the record of a removed entity away, if it was a belt; the caller has taken what lay on it.
    pub(in super::super) fn leave_belts(&mut self, body: Body) {
        match body {
            Body::Belt(index) => drop(self.belts.remove_belt(index)),
            Body::Splitter(index) => drop(self.belts.remove_splitter(index)),
            _ => {}
        }
    }

    /// Turns a belt; of an underground belt the other end turns with it.
    pub(in super::super) fn turn_belts(&mut self, body: Body, direction: Direction) {
        match body {
            Body::Belt(index) => {
                self.belts.settle();
                let Some(tile) = self.belts.belt(index) else {
                    return;
                };
                if !tile.is_underground() {
                    self.belts.turn_belt(index, direction);
                } else if tile.direction != direction {
                    let mate = tile.mate.and_then(|mate| self.belts.belt(mate));
                    let other_slot = mate.map(|mate| mate.entity);
                    self.belts.reverse_underground(index);
                    if let Some(other) = other_slot.and_then(|slot| self.entities.get_mut(slot)) {
                        other.direction = direction;
                        let tile = other.position.tile();
                        self.mark_tile(tile);
                    }
                }
            }
            Body::Splitter(index) => self.belts.turn_splitter(index, direction),
            _ => {}
        }
    }

    /// Makes an underground belt the end that leads down or the one that leads up.
    pub fn set_underground_end(&mut self, reference: EntityRef, kind: BeltKind) {
        if let Some(Body::Belt(index)) = self.entity(reference).map(|entity| entity.body) {
            self.belts.set_underground_end(index, kind);
        }
    }

    /// Makes the lines of belts anew where they changed; what lost its place lies down.
    pub(in super::super) fn settle_belts(&mut self) {
        self.belts.settle();
        for (tile, item) in self.belts.take_displaced() {
            self.spill(tile.center(), ItemStack { item, count: 1 });
        }
    }

    /// Drops an item onto the belt or splitter in `slot`, as an arm or a drill that stands at `from` does at `drop`.
    pub(in super::super) fn drop_on_belt(
        &mut self,
        slot: u32,
        from: MapPos,
        drop: MapPos,
        item: ItemId,
    ) -> bool {
        self.belts.settle();
        let Some((belt, lane, position)) = self.belt_drop_place(slot, from, drop) else {
            return false;
        };
        self.belts.insert(belt, lane, position, item)
    }

    /// Finds where on the belt or splitter in `slot` something put down at `drop` goes, as (belt, lane, position).
    pub(in super::super) fn belt_drop_place(
        &self,
        slot: u32,
        from: MapPos,
        drop: MapPos,
    ) -> Option<(u32, usize, i32)> {
        match self.entities.get(slot)?.body {
            Body::Belt(belt) => {
                let (lane, position) = self.belts.drop_place(belt, from, drop);
                Some((belt, lane, position))
            }
            Body::Splitter(splitter) => self.belts.splitter_drop_place(splitter, drop),
            _ => None,
        }
    }

    /// Lets `waiter` sleep until something moves or changes on the belt or splitter in `slot`.
    pub(in super::super) fn wait_for_belt(&mut self, slot: u32, waiter: EntityRef) {
        match self.entities.get(slot).map(|entity| entity.body) {
            Some(Body::Belt(index)) => self.belts.watch(index, waiter),
            Some(Body::Splitter(index)) => {
                for belt in self.belts.splitter_belts(index) {
                    self.belts.watch(belt, waiter);
                }
            }
            _ => {}
        }
    }

    /// Says whether anything on the belt or splitter in `slot` may move in the next tick.
    pub(in super::super) fn may_belt_move(&self, slot: u32) -> bool {
        match self.entities.get(slot).map(|entity| entity.body) {
            Some(Body::Belt(index)) => self.belts.is_awake(index),
            Some(Body::Splitter(index)) => self
                .belts
                .splitter_belts(index)
                .any(|belt| self.belts.is_awake(belt)),
            _ => false,
        }
    }

    /// Lists the belts that an entity is: one, or the four halves of a splitter.
    pub(in super::super) fn belts_of(&self, entity: &Entity) -> Vec<u32> {
        match entity.body {
            Body::Belt(index) => vec![index],
            Body::Splitter(index) => self.belts.splitter_belts(index).collect(),
            _ => Vec::new(),
        }
    }

    /// Lays up to `count` items on a belt wherever there is room, and returns how many.
    pub(in super::super) fn lay_on_belt(&mut self, slot: u32, item: ItemId, count: u32) -> u32 {
        self.belts.settle();
        let Some(entity) = self.entities.get(slot) else {
            return 0;
        };
        let mut laid = 0;
        for belt in self.belts_of(entity) {
            for lane in 0..2 {
                let mut position = 0;
                while position < self.belts.lane_length(belt, lane) && laid < count {
                    laid += u32::from(self.belts.insert(belt, lane, position, item));
                    position += SPACING;
                }
            }
        }
        laid
    }

    /// Takes up to `count` of `item` off the belt or splitter in `slot`, and returns how many.
    pub(in super::super) fn take_off_belt(&mut self, slot: u32, item: ItemId, count: u32) -> u32 {
        self.belts.settle();
        let Some(entity) = self.entities.get(slot) else {
            return 0;
        };
        let mut taken = 0;
        for belt in self.belts_of(entity) {
            for lane in 0..2 {
                let found: Vec<(i32, ItemId)> = self.belts.items_on(belt, lane).collect();
                for (position, kind) in found {
                    if kind == item && taken < count {
                        taken += u32::from(self.belts.take(belt, lane, position, item));
                    }
                }
            }
        }
        taken
    }

    /// Lists what lies on a belt or in a splitter.
    pub fn items_on_belt(&self, entity: &Entity) -> Vec<ItemStack> {
        self.belt_contents(entity)
    }

    /// Lists what lies on a belt or in a splitter, as mining it yields it.
    pub(in super::super) fn belt_contents(&self, entity: &Entity) -> Vec<ItemStack> {
        self.belts_of(entity)
            .into_iter()
            .flat_map(|belt| self.belts.contents_of(belt))
            .collect()
    }
}
