//! The world: all mutable state of one environment, flat and serialisable, with the caches that follow from it.
//!
//! Invariants: a tile is covered by at most one entity; `grid` and `ghost_tiles` repeat what the state says;
//! `awake` lists the machines whose `asleep` is false, in order of creation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::character::Character;
use super::drill::Drill;
use super::entity::{Body, Entity, EntityRef, Ghost, Target, collision_box, footprint};
use super::furnace::Furnace;
use super::grid::{Cell, Grid};
use super::ground::{Ground, SPILL_GRID_SUBTILES};
use super::inventory::{Inventory, ItemStack};
use super::position::{Direction, MapPos, Rect, TileArea, TilePos};
use super::rng::Rng;
use super::slab::Slab;
use super::terrain::{Resource, Terrain, tile_facts};
use crate::prototypes::{EntityKind, EntityPrototypeId, ItemId, RecipeId, TileId, vanilla};

/// How many changed tiles are remembered for the observer; past it, everything counts as changed.
const MAX_CHANGED_TILES: usize = 64;

/// What changed since the observer last looked. Not part of the state: it never enters a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    tiles: Vec<TilePos>,
    /// More tiles changed than are remembered.
    pub overflowed: bool,
    /// The inventory, the crafting queue or a machine's content changed.
    pub contents: bool,
    /// An entity or ghost came or went.
    pub entities: bool,
}

impl Changes {
    /// Reads the tiles whose look changed.
    pub fn tiles(&self) -> &[TilePos] {
        &self.tiles
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.tiles.clear();
        self.overflowed = false;
        self.contents = false;
        self.entities = false;
    }

    fn mark(&mut self, tile: TilePos) {
        if self.tiles.len() < MAX_CHANGED_TILES {
            self.tiles.push(tile);
        } else {
            self.overflowed = true;
        }
    }
}

/// What is on one tile; outside the map, nothing. The slots mean something only where the thing is there.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub cell: Cell,
    pub resource: Option<Resource>,
    pub entity_slot: u32,
    pub entity: Option<&'a Entity>,
    pub ghost_slot: u32,
    pub ghost: Option<&'a Ghost>,
    pub pile: Option<(MapPos, ItemStack)>,
}

impl Default for Look<'_> {
    fn default() -> Self {
        Self {
            cell: Cell::OUTSIDE,
            resource: None,
            entity_slot: 0,
            entity: None,
            ghost_slot: 0,
            ghost: None,
            pile: None,
        }
    }
}

/// One world.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    pub tick: u64,
    pub terrain: Terrain,
    pub spawn: MapPos,
    pub character: Character,
    pub entities: Slab<Entity>,
    pub ghosts: Slab<Ghost>,
    pub ground: Ground,
    pub chests: Slab<Inventory>,
    pub drills: Slab<Drill>,
    pub furnaces: Slab<Furnace>,
    /// Items made and mined since the world began.
    pub produced: BTreeMap<ItemId, u64>,
    /// Recipes that the force may use, by recipe index.
    pub enabled_recipes: Vec<bool>,
    /// The stream of what is drawn at random while the world runs.
    pub rng: Rng,
    next_unit: u32,
    #[serde(skip)]
    pub grid: Grid,
    /// The ghosts by the tiles that they cover.
    #[serde(skip)]
    ghost_tiles: BTreeMap<TilePos, u32>,
    /// Machines that act, as (unit, slot), in order of creation.
    #[serde(skip)]
    awake: Vec<(u32, u32)>,
    /// Machines woken while machines act; they act from the next tick on.
    #[serde(skip)]
    pub(super) woken: Vec<EntityRef>,
    /// Workspace of the machine phase.
    #[serde(skip)]
    pub(super) scratch: Vec<u32>,
    #[serde(skip)]
    pub changes: Changes,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// Makes a world without a map; `setup::execute` gives it one.
    pub fn new() -> Self {
        Self {
            tick: 0,
            terrain: Terrain::default(),
            spawn: MapPos::default(),
            character: Character::new(),
            entities: Slab::default(),
            ghosts: Slab::default(),
            ground: Ground::default(),
            chests: Slab::default(),
            drills: Slab::default(),
            furnaces: Slab::default(),
            produced: BTreeMap::new(),
            enabled_recipes: Vec::new(),
            rng: Rng::new(0),
            next_unit: 1,
            grid: Grid::default(),
            ghost_tiles: BTreeMap::new(),
            awake: Vec::new(),
            woken: Vec::new(),
            scratch: Vec::new(),
            changes: Changes::default(),
        }
    }

    /// Empties the world for another episode and keeps its memory.
    pub fn clear(&mut self, seed: u64) {
        self.tick = 0;
        self.spawn = MapPos::default();
        self.character.reset();
        self.entities.clear();
        self.ghosts.clear();
        self.ground.clear();
        self.chests.clear();
        self.drills.clear();
        self.furnaces.clear();
        self.produced.clear();
        self.enabled_recipes.clear();
        self.enabled_recipes
            .extend(vanilla().recipes().iter().map(|recipe| recipe.enabled));
        self.rng = Rng::new(seed);
        self.next_unit = 1;
        self.awake.clear();
        self.woken.clear();
        self.changes.clear();
        self.changes.overflowed = true;
    }

    /// Makes the map anew: tiles of one kind, nothing on them.
    pub(super) fn reset_map(&mut self, width: i32, height: i32, tile: TileId) {
        self.terrain.reset(width, height, tile);
        self.grid.reset(self.terrain.area(), tile_facts(tile));
        self.ghost_tiles.clear();
    }

    /// Computes every cache again from the state, as after a restore.
    pub fn rebuild_caches(&mut self) {
        self.grid
            .reset(self.terrain.area(), tile_facts(TileId::from_index(0)));
        self.ghost_tiles.clear();
        for tile in self.terrain.area().tiles() {
            self.grid.set_ground(tile, self.terrain.facts(tile));
            self.grid
                .set_resource(tile, self.terrain.resource(tile).is_some());
        }
        for (position, _) in self.ground.iter() {
            self.grid.set_pile(position.tile(), true);
        }
        let covered: Vec<(u32, TileArea)> = self
            .entities
            .iter()
            .map(|(slot, e)| (slot, footprint(e.prototype, e.position, e.direction)))
            .collect();
        for (slot, area) in covered {
            self.occupy(area, slot);
        }
        let wanted: Vec<(u32, TileArea)> = self
            .ghosts
            .iter()
            .map(|(slot, g)| (slot, footprint(g.prototype, g.position, g.direction)))
            .collect();
        for (slot, area) in wanted {
            self.occupy_ghost(area, slot);
        }
        self.awake = self
            .entities
            .iter()
            .filter(|(_, entity)| self.is_awake(entity.body))
            .map(|(slot, entity)| (entity.unit, slot))
            .collect();
        self.awake.sort_unstable();
        self.changes.clear();
        self.changes.overflowed = true;
    }

    fn is_awake(&self, body: Body) -> bool {
        match body {
            Body::Plain | Body::Chest(_) => false,
            Body::Drill(index) => self.drills.get(index).is_some_and(|drill| !drill.asleep),
            Body::Furnace(index) => self
                .furnaces
                .get(index)
                .is_some_and(|furnace| !furnace.asleep),
        }
    }

    fn occupy(&mut self, area: TileArea, slot: u32) {
        for tile in area.tiles() {
            self.grid.set_occupant(tile, Some(slot));
        }
    }

    fn occupy_ghost(&mut self, area: TileArea, slot: u32) {
        for tile in area.tiles() {
            self.ghost_tiles.insert(tile, slot);
            self.grid.set_ghost(tile, true);
        }
    }

    /// Covers a tile of the map with another kind of ground; returns whether it is on the map.
    pub(super) fn set_tile(&mut self, tile: TilePos, prototype: TileId) -> bool {
        let is_on_map = self.terrain.set_tile(tile, prototype);
        self.grid.set_ground(tile, self.terrain.facts(tile));
        self.mark_tile(tile);
        is_on_map
    }

    /// Sets the resource on a tile of the map; returns whether it is on the map.
    pub(super) fn set_resource(&mut self, tile: TilePos, resource: Option<Resource>) -> bool {
        let is_on_map = self.terrain.set_resource(tile, resource);
        self.grid
            .set_resource(tile, self.terrain.resource(tile).is_some());
        self.mark_tile(tile);
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
    }

    /// Takes a pile from the ground.
    pub(super) fn take_pile(&mut self, position: MapPos) -> Option<ItemStack> {
        let stack = self.ground.remove(position)?;
        let tile = position.tile();
        self.grid
            .set_pile(tile, self.ground.on_tile(tile).is_some());
        self.mark_tile(tile);
        self.changes.entities = true;
        Some(stack)
    }

    /// Gives the slot of the entity that covers `tile`.
    #[inline]
    pub fn entity_slot_at(&self, tile: TilePos) -> Option<u32> {
        self.grid.cell(tile).occupant()
    }

    /// Reads the entity that covers `tile`.
    #[inline]
    pub fn entity_at(&self, tile: TilePos) -> Option<&Entity> {
        self.entities.get(self.entity_slot_at(tile)?)
    }

    /// Gives the slot of the ghost that covers `tile`.
    #[inline]
    pub fn ghost_slot_at(&self, tile: TilePos) -> Option<u32> {
        if self.grid.cell(tile).has_ghost() {
            self.ghost_tiles.get(&tile).copied()
        } else {
            None
        }
    }

    /// Reads all that is on a tile.
    #[inline]
    pub fn look(&self, tile: TilePos) -> Look<'_> {
        let cell = self.grid.cell(tile);
        let mut look = Look {
            cell,
            ..Look::default()
        };
        if cell.is_bare() {
            return look;
        }
        if let Some(slot) = cell.occupant() {
            look.entity_slot = slot;
            look.entity = self.entities.get(slot);
        }
        if cell.has_resource() {
            look.resource = self.terrain.resource(tile);
        }
        if cell.has_ghost()
            && let Some(slot) = self.ghost_slot_at(tile)
        {
            look.ghost_slot = slot;
            look.ghost = self.ghosts.get(slot);
        }
        if cell.has_pile() {
            look.pile = self.ground.on_tile(tile);
        }
        look
    }

    /// Reads the entity behind a reference, if it still exists.
    pub fn entity(&self, reference: EntityRef) -> Option<&Entity> {
        self.entities
            .get(reference.slot)
            .filter(|entity| entity.unit == reference.unit)
    }

    /// Reads the ghost behind a reference, if it still exists.
    pub fn ghost(&self, reference: EntityRef) -> Option<&Ghost> {
        self.ghosts
            .get(reference.slot)
            .filter(|ghost| ghost.unit == reference.unit)
    }

    /// Makes the reference to the entity in `slot`.
    pub fn reference(&self, slot: u32) -> Option<EntityRef> {
        self.entities.get(slot).map(|entity| EntityRef {
            slot,
            unit: entity.unit,
        })
    }

    fn take_unit(&mut self) -> u32 {
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
        let body = match facts.kind {
            EntityKind::Container => Body::Chest(
                self.chests
                    .insert(Inventory::with_size(facts.inventory_size as usize)),
            ),
            EntityKind::MiningDrill => Body::Drill(self.drills.insert(Drill::new())),
            EntityKind::Furnace => Body::Furnace(self.furnaces.insert(Furnace::new())),
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
        if matches!(body, Body::Drill(_) | Body::Furnace(_)) {
            // The newest number is the largest, so the list stays in order.
            self.awake.push((unit, slot));
        }
        self.mark_area(footprint(prototype, position, direction));
        self.changes.entities = true;
        self.wake_drills_facing(footprint(prototype, position, direction));
        EntityRef { slot, unit }
    }

    /// Takes an entity away with all that it holds; the caller has taken its contents.
    pub(super) fn remove_entity(&mut self, reference: EntityRef) {
        if self.entity(reference).is_none() {
            return;
        }
        let Some(entity) = self.entities.remove(reference.slot) else {
            return;
        };
        let area = footprint(entity.prototype, entity.position, entity.direction);
        for tile in area.tiles() {
            self.grid.set_occupant(tile, None);
        }
        match entity.body {
            Body::Plain => {}
            Body::Chest(index) => drop(self.chests.remove(index)),
            Body::Drill(index) => drop(self.drills.remove(index)),
            Body::Furnace(index) => drop(self.furnaces.remove(index)),
        }
        self.awake.retain(|(unit, _)| *unit != entity.unit);
        self.mark_area(area);
        self.changes.entities = true;
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
        let area = footprint(entity.prototype, entity.position, direction);
        self.mark_area(area);
        self.changes.entities = true;
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

    /// Notes that the look of a tile changed.
    pub(super) fn mark_tile(&mut self, tile: TilePos) {
        self.changes.mark(tile);
    }

    /// Notes that the look of an area changed.
    pub(super) fn mark_area(&mut self, area: TileArea) {
        for tile in area.tiles() {
            self.changes.mark(tile);
        }
    }

    /// Notes that the look of an entity changed (its status or contents).
    pub(super) fn mark_entity(&mut self, slot: u32) {
        if let Some(entity) = self.entities.get(slot) {
            let area = footprint(entity.prototype, entity.position, entity.direction);
            self.mark_area(area);
            self.changes.contents = true;
        }
    }

    /// Counts items as made or mined.
    pub(super) fn count_produced(&mut self, item: ItemId, count: u32) {
        *self.produced.entry(item).or_insert(0) += u64::from(count);
    }

    /// Reads how many of `item` were made or mined.
    pub fn produced(&self, item: ItemId) -> u64 {
        self.produced.get(&item).copied().unwrap_or(0)
    }

    /// Says whether the force may use a recipe.
    pub fn is_enabled(&self, recipe: RecipeId) -> bool {
        self.enabled_recipes
            .get(recipe.index())
            .copied()
            .unwrap_or(false)
    }

    /// Wakes a machine at once, as for what is done between ticks.
    pub(super) fn wake(&mut self, reference: EntityRef) {
        let Some(entity) = self.entity(reference) else {
            return;
        };
        let was_asleep = match entity.body {
            Body::Plain | Body::Chest(_) => return,
            Body::Drill(index) => self.drills.get_mut(index).map(|drill| &mut drill.asleep),
            Body::Furnace(index) => self
                .furnaces
                .get_mut(index)
                .map(|furnace| &mut furnace.asleep),
        }
        .is_some_and(std::mem::take);
        if was_asleep {
            let key = (reference.unit, reference.slot);
            if let Err(place) = self.awake.binary_search(&key) {
                self.awake.insert(place, key);
            }
        }
    }

    /// Wakes the machines that wait for room in the entity in `slot`; while machines act, from the next tick on.
    pub(super) fn wake_waiters(&mut self, slot: u32) {
        let Some(entity) = self.entities.get_mut(slot) else {
            return;
        };
        let waiters = std::mem::take(&mut entity.waiters);
        self.woken.extend(waiters);
    }

    /// Wakes what was woken while machines acted.
    pub(super) fn wake_pending(&mut self) {
        let mut woken = std::mem::take(&mut self.woken);
        for reference in woken.drain(..) {
            self.wake(reference);
        }
        self.woken = woken;
    }

    /// Wakes the drills whose drop point lies in `area`: what they drop into has changed.
    ///
    /// Only the tiles round `area` are looked at: a map is built from thousands of trees, one call each.
    fn wake_drills_facing(&mut self, area: TileArea) {
        if self.drills.is_empty() {
            return;
        }
        let reach = super::drill::drop_reach_tiles();
        let near = TileArea {
            left: area.left - reach,
            top: area.top - reach,
            width: area.width + 2 * reach,
            height: area.height + 2 * reach,
        };
        let mut slots: Vec<u32> = near
            .tiles()
            .filter_map(|tile| self.entity_slot_at(tile))
            .filter(|slot| {
                self.entities.get(*slot).is_some_and(|entity| {
                    matches!(entity.body, Body::Drill(_))
                        && area.contains(super::drill::drop_position(entity).tile())
                })
            })
            .collect();
        slots.sort_unstable();
        slots.dedup();
        for slot in slots {
            if let Some(reference) = self.reference(slot) {
                self.wake(reference);
            }
        }
    }

    /// Copies the machines that act into `order`, last built first.
    pub(super) fn copy_acting_order(&self, order: &mut Vec<u32>) {
        order.clear();
        order.extend(self.awake.iter().rev().map(|(_, slot)| *slot));
    }

    /// Drops machines that fell asleep from the list of those that act.
    pub(super) fn drop_sleepers(&mut self) {
        let mut awake = std::mem::take(&mut self.awake);
        awake.retain(|(_, slot)| {
            self.entities
                .get(*slot)
                .is_some_and(|entity| self.is_awake(entity.body))
        });
        self.awake = awake;
    }

    /// Counts the machines that act.
    pub fn awake_count(&self) -> usize {
        self.awake.len()
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
    }

    /// Gives the collision box of the entity that covers the tile, if any.
    #[inline]
    pub fn solid_box(&self, tile: TilePos) -> Option<Rect> {
        self.entity_at(tile)
            .map(|entity| collision_box(entity.prototype, entity.position, entity.direction))
    }

    /// Says whether the thing that `target` names still exists.
    pub fn exists(&self, target: Target) -> bool {
        match target {
            Target::Entity(reference) => self.entity(reference).is_some(),
            Target::Ghost(reference) => self.ghost(reference).is_some(),
            Target::Pile(position) => self.ground.get(position).is_some(),
            Target::Resource(tile) => self.terrain.resource(tile).is_some(),
        }
    }
}
