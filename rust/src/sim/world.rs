//! The world: all mutable state of one environment, flat and serialisable, with the caches that follow from it.
//!
//! Invariants: a tile is covered by at most one entity; `grid` and `ghost_tiles` repeat what the state says;
//! `awake` lists the machines whose `asleep` is false, in order of creation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::beacon::Beacon;
use super::belt::{Belts, Jam};
use super::changes::Changes;
use super::character::Character;
use super::crafter::Crafter;
use super::drill::Drill;
use super::effects::ModuleSlots;
use super::entity::{Body, Entity, EntityRef, Ghost, Target, collision_box, footprint};
use super::fluid::Fluids;
use super::force::Force;
use super::grid::{Cell, Grid};
use super::ground::Ground;
use super::inserter::{Inserter, Lull, View, order::Order};
use super::inventory::{Inventory, ItemStack};
use super::lab::Lab;
use super::mirror::Reported;
use super::position::{MapPos, Rect, TileArea, TilePos};
use super::power::Power;
use super::power::boiler::Boiler;
use super::production::Production;
use super::research::Research;
use super::rng::Rng;
use super::silo::Rockets;
use super::slab::Slab;
use super::supply::Supply;
use super::terrain::{Resource, Terrain, tile_facts};
use super::threat::Threats;
use super::threat::damage::Wound;
use super::threat::nest::Spawner;
use super::threat::pollution::Pollution;
use super::threat::turret::Turret;
use super::threat::unit::Unit;
use crate::prototypes::{ItemId, RecipeId, TileId};

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
    pub crafters: Slab<Crafter>,
    pub labs: Slab<Lab>,
    pub beacons: Slab<Beacon>,
    /// The module slots of entities that have some, by entity slot.
    pub(super) modules: BTreeMap<u32, ModuleSlots>,
    pub inserters: Slab<Inserter>,
    /// Which inserters act, and in which order.
    pub inserter_order: Order,
    pub boilers: Slab<Boiler>,
    pub belts: Belts,
    pub production: Production,
    pub force: Force,
    pub research: Research,
    pub rockets: Rockets,
    pub power: Power,
    /// What the infinity chests hold.
    pub supplies: Vec<Supply>,
    pub fluids: Fluids,
    pub pollution: Pollution,
    pub threats: Threats,
    /// Biters and spitters.
    pub units: Slab<Unit>,
    pub spawners: Slab<Spawner>,
    pub turrets: Slab<Turret>,
    /// Health of the entities that are hurt, by their numbers.
    pub damaged: BTreeMap<u32, Wound>,
    /// The stream of what is drawn at random while the world runs.
    pub rng: Rng,
    pub(super) next_unit: u32,
    #[serde(skip)]
    pub grid: Grid,
    /// The ghosts by the tiles that they cover.
    #[serde(skip)]
    pub(super) ghost_tiles: BTreeMap<TilePos, u32>,
    /// Machines that act, as (unit, slot, body), in order of creation.
    #[serde(skip)]
    pub(super) awake: Vec<(u32, u32, Body)>,
    /// Machines woken while machines act; they act from the next tick on.
    #[serde(skip)]
    pub(super) woken: Vec<EntityRef>,
    /// Workspace of the machine phase.
    #[serde(skip)]
    pub(super) scratch: Vec<(u32, u32, Body)>,
    /// Inserters that need not look at the belt that they wait over, by index.
    #[serde(skip)]
    pub(super) lulls: Vec<Lull>,
    /// What inserters on their way back to a belt know of it, by index.
    #[serde(skip)]
    pub(super) views: Vec<View>,
    /// Counts the changes of the contents of entities, by slot.
    #[serde(skip)]
    pub(super) stirs: Vec<u32>,
    /// Drills that need not try to put down what they hold, by index: until when, and on which lane.
    #[serde(skip)]
    pub(super) drill_jams: Vec<(u64, Jam)>,
    #[serde(skip)]
    pub changes: Changes,
    /// What is reported of a world elsewhere that this one mirrors; none for a world of its own.
    #[serde(skip)]
    pub reported: Option<Box<Reported>>,
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
            crafters: Slab::default(),
            labs: Slab::default(),
            beacons: Slab::default(),
            modules: BTreeMap::new(),
            inserters: Slab::default(),
            inserter_order: Order::default(),
            boilers: Slab::default(),
            belts: Belts::default(),
            production: Production::default(),
            force: Force::default(),
            research: Research::default(),
            rockets: Rockets::default(),
            power: Power::default(),
            supplies: Vec::new(),
            fluids: Fluids::default(),
            pollution: Pollution::default(),
            threats: Threats::new(0),
            units: Slab::default(),
            spawners: Slab::default(),
            turrets: Slab::default(),
            damaged: BTreeMap::new(),
            rng: Rng::new(0),
            next_unit: 1,
            grid: Grid::default(),
            ghost_tiles: BTreeMap::new(),
            awake: Vec::new(),
            woken: Vec::new(),
            scratch: Vec::new(),
            lulls: Vec::new(),
            views: Vec::new(),
            stirs: Vec::new(),
            drill_jams: Vec::new(),
            changes: Changes::default(),
            reported: None,
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
        self.crafters.clear();
        self.labs.clear();
        self.beacons.clear();
        self.modules.clear();
        self.inserters.clear();
        self.inserter_order.clear();
        self.boilers.clear();
        self.belts.clear();
        self.production.clear();
        self.force.reset();
        self.research.clear();
        self.rockets.clear();
        self.supplies.clear();
        self.power.clear();
        self.fluids.clear();
        self.threats = Threats::new(seed);
        self.units.clear();
        self.spawners.clear();
        self.turrets.clear();
        self.damaged.clear();
        self.rng = Rng::new(seed);
        self.next_unit = 1;
        self.awake.clear();
        self.woken.clear();
        self.lulls.clear();
        self.views.clear();
        self.stirs.clear();
        self.drill_jams.clear();
        self.reported = None;
        self.changes.clear();
        self.changes.overflowed = true;
    }

    /// Makes the map anew: tiles of one kind, nothing on them.
    pub(super) fn reset_map(&mut self, width: i32, height: i32, tile: TileId) {
        self.terrain.reset(width, height, tile);
        self.grid.reset(self.terrain.area(), tile_facts(tile));
        self.ghost_tiles.clear();
        self.pollution.reset(self.terrain.area());
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
        self.pollution.forget_absorption();
        self.lulls.clear();
        self.views.clear();
        self.drill_jams.clear();
        let inserters: Vec<u32> = self.inserters.iter().map(|(index, _)| index).collect();
        for index in inserters {
            self.resolve_inserter(index);
        }
        self.awake = self
            .entities
            .iter()
            .filter(|(_, entity)| self.is_awake(entity.body))
            .map(|(slot, entity)| (entity.unit, slot, entity.body))
            .collect();
        self.awake.sort_unstable_by_key(|(unit, ..)| *unit);
        self.fluids.rebuild(&self.entities);
        self.power.rebuild(&self.entities);
        self.link_all_networks();
        self.rebuild_machines();
        self.changes.clear();
        self.changes.overflowed = true;
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

    /// Finds the entity of a number, by looking at all.
    pub fn entity_numbered(&self, unit: u32) -> Option<EntityRef> {
        let (slot, _) = self
            .entities
            .iter()
            .find(|(_, entity)| entity.unit == unit)?;
        Some(EntityRef { slot, unit })
    }

    /// Finds the ghost of a number, by looking at all.
    pub fn ghost_numbered(&self, unit: u32) -> Option<EntityRef> {
        let (slot, _) = self.ghosts.iter().find(|(_, ghost)| ghost.unit == unit)?;
        Some(EntityRef { slot, unit })
    }

    /// Finds what mining aims at on a place: a pile there, else the entity, else the resource of the tile.
    pub fn mining_target_at(&self, place: MapPos) -> Option<Target> {
        let tile = place.tile();
        if let Some((pile, _)) = self.ground.on_tile(tile) {
            return Some(Target::Pile(pile));
        }
        if let Some(slot) = self.entity_slot_at(tile) {
            return self.reference(slot).map(Target::Entity);
        }
        let resource = self.terrain.resource(tile);
        resource.map(|_| Target::Resource(tile))
    }

    /// Makes the reference to the entity in `slot`.
    pub fn reference(&self, slot: u32) -> Option<EntityRef> {
        self.entities.get(slot).map(|entity| EntityRef {
            slot,
            unit: entity.unit,
        })
    }

    /// Makes what follows from where things stand true again after a change: lines, segments, networks.
    ///
    /// It runs at the end of every command, set-up and tick, so nothing stale is seen from outside.
    pub fn settle(&mut self) {
        self.settle_belts();
        self.fluids.settle();
        for slot in self.power.settle() {
            self.link_network(slot);
        }
        self.mark_restyled();
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
        self.changes.restyle(slot);
        self.changes.contents = true;
    }

    /// Counts items as made or mined.
    pub(super) fn count_produced(&mut self, item: ItemId, count: u32) {
        self.production.make_item(item, count);
    }

    /// Reads how many of `item` were made or mined.
    pub fn produced(&self, item: ItemId) -> u64 {
        self.production.items_made(item)
    }

    /// Says whether the force may use a recipe.
    pub fn is_enabled(&self, recipe: RecipeId) -> bool {
        self.force.is_enabled(recipe)
    }

    /// Gives the collision box of the entity that covers the tile, if there is one that stops a character.
    #[inline]
    pub fn solid_box(&self, tile: TilePos) -> Option<Rect> {
        self.entity_at(tile)
            .filter(|entity| entity.prototype().collides_with_player)
            .map(|entity| collision_box(entity.prototype, entity.position, entity.direction))
    }
}
