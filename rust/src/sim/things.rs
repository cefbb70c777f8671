//! Adding things to a world and taking them away: ground, resources, piles, entities, ghosts.
//!
//! Every change keeps the grid and the list of changes true; nothing else writes to them.

use super::beacon::Beacon;
use super::crafter::Crafter;
use super::drill::Drill;
use super::effects::ModuleSlots;
use super::entity::{Body, Entity, EntityRef, Ghost, footprint};
use super::ground::SPILL_GRID_SUBTILES;
use super::inventory::{Inventory, ItemStack};
use super::lab::Lab;
use super::position::{Direction, MapPos, TileArea, TilePos};
use super::supply::Wanted;
use super::terrain::Resource;
use super::world::World;
use crate::prototypes::{EntityKind, EntityPrototypeId, TileId, vanilla};

impl World {
    /// Covers a tile of the map with another kind of ground; returns whether it is on the map.
    pub(super) fn set_tile(&mut self, tile: TilePos, prototype: TileId) -> bool {
        let is_on_map = self.terrain.set_tile(tile, prototype);
        self.grid.set_ground(tile, self.terrain.facts(tile));
        self.pollution.forget_absorption_at(tile);
        self.mark_tile(tile);
        is_on_map
    }

    /// Sets the resource on a tile of the map; returns whether it is on the map.
    pub(super) fn set_resource(&mut self, tile: TilePos, resource: Option<Resource>) -> bool {
        let was_bare = self.terrain.resource(tile).is_none();
        let is_on_map = self.terrain.set_resource(tile, resource);
        if was_bare && resource.is_some() {
            self.wake_drills_over(tile);
        }
        let is_bare = self.terrain.resource(tile).is_none();
        self.grid.set_resource(tile, !is_bare);
        self.mark_tile(tile);
        if is_bare && !was_bare {
            self.restyle_drills_over(tile);
        }
        is_on_map
    }

    /// Takes one unit from the resource on a tile.
    pub(super) fn deplete_resource(&mut self, tile: TilePos) {
        if let Some(Resource { code, amount }) = self.terrain.resource(tile) {
            self.set_resource(
                tile,
                Some(Resource {
                    code,
                    amount: amount - 1,
                }),
            );
        }
    }

    /// Lays a pile on the ground, where none is near.
    pub(super) fn lay_pile(&mut self, position: MapPos, stack: ItemStack) {
        self.ground.insert(position, stack);
        self.grid.set_pile(position.tile(), true);
        self.mark_tile(position.tile());
        self.changes.entities = true;
        self.wake_inserters_facing_ground(TileArea::footprint(position, 1, 1));
    }

    /// Takes a pile from the ground.
    pub(super) fn take_pile(&mut self, position: MapPos) -> Option<ItemStack> {
        let stack = self.ground.remove(position)?;
        let tile = position.tile();
        self.grid
            .set_pile(tile, self.ground.on_tile(tile).is_some());
        self.mark_tile(tile);
        self.changes.entities = true;
        self.wake_inserters_facing_ground(TileArea::footprint(position, 1, 1));
        Some(stack)
    }

    /// Lays items on the ground round `center`, ring by ring on the spill grid, over free tiles only.
    pub(super) fn spill(&mut self, center: MapPos, stack: ItemStack) {
        const MAX_RINGS: i32 = 64;
        for ring in 0..=MAX_RINGS {
            for dy in -ring..=ring {
                for dx in -ring..=ring {
                    if dx.abs().max(dy.abs()) != ring {
                        continue;
                    }
                    let place = center.offset(dx * SPILL_GRID_SUBTILES, dy * SPILL_GRID_SUBTILES);
                    if self.grid.cell(place.tile()).is_walkable() && self.ground.is_clear(place) {
                        self.lay_pile(place, stack);
                        return;
                    }
                }
            }
        }
        // 16,000 places round the centre are taken: the items are lost, as they are when the game finds no place.
        self.production.lose_item(stack.item, stack.count);
    }

    pub(super) fn take_unit(&mut self) -> u32 {
        let unit = self.next_unit;
        self.next_unit += 1;
        unit
    }

    /// Adds an entity of a simulated kind; the place must be free.
    pub(super) fn add_entity(
        &mut self,
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    ) -> EntityRef {
        let facts = &vanilla()[prototype];
        let exhaust = self.exhaust_of(facts, position);
        let body = match facts.kind {
            EntityKind::Lab => Body::Lab(self.labs.insert(Lab::new(prototype))),
            EntityKind::Container | EntityKind::InfinityContainer | EntityKind::CargoLandingPad => {
                Body::Chest(
                    self.chests
                        .insert(Inventory::with_size(facts.inventory_size as usize)),
                )
            }
            EntityKind::MiningDrill => {
                Body::Drill(self.drills.insert(Drill::new(prototype, position, exhaust)))
            }
            EntityKind::Furnace | EntityKind::AssemblingMachine | EntityKind::RocketSilo => {
                Body::Crafter(self.crafters.insert(Crafter::new(prototype, exhaust)))
            }
            EntityKind::Beacon => Body::Beacon(
                self.beacons
                    .insert(Beacon::new(prototype, self.entities.next_index())),
            ),
            _ => Body::Plain,
        };
        let unit = self.take_unit();
        let slot = self.entities.insert(Entity {
            unit,
            prototype,
            position,
            direction,
            body,
            waiters: Vec::new(),
        });
        self.occupy(footprint(prototype, position, direction), slot);
        let body = self.join_belts(slot, body);
        let body = if facts.kind == EntityKind::Inserter {
            self.add_inserter(slot)
        } else {
            body
        };
        let body = self.join_networks(slot, body);
        if let Body::Drill(index) = body {
            self.fit_drill_box(slot, index);
        }
        let body = self.join_threats(slot, body);
        self.add_rocket_site(EntityRef { slot, unit });
        if let Some(slots) = ModuleSlots::of(facts) {
            self.modules.insert(slot, slots);
        }
        self.refresh_effects(slot);
        if self.is_awake(body) {
            // The newest number is the largest, so the list stays in order.
            self.awake.push((unit, slot, body));
        }
        if matches!(
            facts.kind,
            EntityKind::InfinityContainer | EntityKind::InfinityPipe
        ) {
            let wanted = if facts.kind == EntityKind::InfinityPipe {
                Wanted::Fluid(None)
            } else {
                Wanted::Items(Vec::new())
            };
            self.set_supply(EntityRef { slot, unit }, Some(wanted));
        }
        self.mark_area(footprint(prototype, position, direction));
        self.changes.entities = true;
        self.resolve_inserters_facing(footprint(prototype, position, direction));
        self.wake_drills_facing(footprint(prototype, position, direction));
        EntityRef { slot, unit }
    }

    /// Takes an entity away with all that it holds; the caller has taken its contents.
    pub(super) fn remove_entity(&mut self, reference: EntityRef) {
        if self.entity(reference).is_none() {
            return;
        }
        let supplied = self.forget_modules(reference.slot);
        let Some(entity) = self.entities.remove(reference.slot) else {
            return;
        };
        let area = footprint(entity.prototype, entity.position, entity.direction);
        for tile in area.tiles() {
            self.grid.set_occupant(tile, None);
        }
        match entity.body {
            Body::Chest(index) => drop(self.chests.remove(index)),
            Body::Drill(index) => {
                self.drills.remove(index);
                self.free_drill(index);
            }
            Body::Crafter(index) => drop(self.crafters.remove(index)),
            Body::Lab(index) => self.remove_lab(index),
            Body::Beacon(index) => drop(self.beacons.remove(index)),
            Body::Inserter(index) => self.remove_inserter(index),
            Body::Boiler(index) => drop(self.boilers.remove(index)),
            _ => {}
        }
        self.leave_belts(entity.body);
        if let Some(supplied) = supplied {
            self.refresh_effects_in(supplied);
        }
        self.power.remove_entity(reference.slot, entity.body);
        self.fluids.remove_entity(reference.slot);
        self.leave_threats(&entity);
        self.remove_rocket_site(reference);
        self.awake.retain(|(unit, ..)| *unit != entity.unit);
        self.mark_area(area);
        self.changes.entities = true;
        self.resolve_inserters_facing(area);
        for waiter in entity.waiters {
            self.wake(waiter);
        }
    }

    /// Turns an entity to another direction; its footprint must stay the same.
    pub(super) fn turn_entity(&mut self, reference: EntityRef, direction: Direction) {
        let Some(entity) = self.entities.get_mut(reference.slot) else {
            return;
        };
        entity.direction = direction;
        let body = entity.body;
        self.power.turn_entity(reference.slot, entity);
        let area = footprint(entity.prototype, entity.position, direction);
        self.fluids.turn_entity(reference.slot, direction);
        self.turn_belts(body, direction);
        self.mark_area(area);
        self.changes.entities = true;
        if let Body::Inserter(index) = body {
            self.turn_inserter(index, direction.quarter_turns());
        }
        self.resolve_inserters_facing(area);
        self.wake(reference);
    }

    /// Adds a ghost.
    pub(super) fn add_ghost(
        &mut self,
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    ) -> EntityRef {
        let unit = self.take_unit();
        let slot = self.ghosts.insert(Ghost {
            unit,
            prototype,
            position,
            direction,
        });
        let area = footprint(prototype, position, direction);
        self.occupy_ghost(area, slot);
        self.mark_area(area);
        self.changes.entities = true;
        EntityRef { slot, unit }
    }

    /// Takes a ghost away.
    pub(super) fn remove_ghost(&mut self, slot: u32) {
        let Some(ghost) = self.ghosts.remove(slot) else {
            return;
        };
        let area = footprint(ghost.prototype, ghost.position, ghost.direction);
        for tile in area.tiles() {
            self.ghost_tiles.remove(&tile);
            self.grid.set_ghost(tile, false);
        }
        self.mark_area(area);
        self.changes.entities = true;
    }

    pub(super) fn occupy(&mut self, area: TileArea, slot: u32) {
        for tile in area.tiles() {
            self.grid.set_occupant(tile, Some(slot));
        }
    }

    pub(super) fn occupy_ghost(&mut self, area: TileArea, slot: u32) {
        for tile in area.tiles() {
            self.ghost_tiles.insert(tile, slot);
            self.grid.set_ghost(tile, true);
        }
    }
}
