//! Things on the map: entities, ghosts, and the references that actions and machines hold to them.

use serde::{Deserialize, Serialize};

use super::position::{Direction, MapPos, Rect, TileArea, TilePos};
use crate::contract::codes;
use crate::prototypes::{EntityKind, EntityPrototype, EntityPrototypeId, vanilla};

/// A reference that stays valid as long as the thing exists: its place in the slab and its number, unique in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityRef {
    pub slot: u32,
    pub unit: u32,
}

/// An entity on the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// Number of the entity, unique in the world, rising in order of creation.
    pub unit: u32,
    pub prototype: EntityPrototypeId,
    /// Centre of the entity.
    pub position: MapPos,
    pub direction: Direction,
    pub body: Body,
    /// Machines that sleep until this entity has room again.
    pub waiters: Vec<EntityRef>,
}

/// What an entity is beside standing there; the number is a place in the slab of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Trees, rocks, walls.
    Plain,
    Chest(u32),
    Drill(u32),
    /// Furnaces, assembling machines, chemical plants, refineries, silos.
    Crafter(u32),
    /// Transport belts and underground belts.
    Belt(u32),
    Splitter(u32),
    Inserter(u32),
    Pole(u32),
    Lab(u32),
    Boiler(u32),
    Generator(u32),
    Solar(u32),
    Accumulator(u32),
    /// Pumps and offshore pumps.
    Pump(u32),
    /// Pipes, pipes to ground, storage tanks.
    Pipe(u32),
    Beacon(u32),
    /// Gun turrets, laser turrets, worms.
    Turret(u32),
    Spawner(u32),
    Radar(u32),
}

/// A ghost: where an entity is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ghost {
    pub unit: u32,
    pub prototype: EntityPrototypeId,
    pub position: MapPos,
    pub direction: Direction,
}

/// What an interaction aims at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Target {
    Entity(EntityRef),
    Ghost(EntityRef),
    /// A pile of items on the ground.
    Pile(MapPos),
    /// A resource tile.
    Resource(TilePos),
}

impl Entity {
    /// Reads the entity's prototype.
    pub fn prototype(&self) -> &'static EntityPrototype {
        &vanilla()[self.prototype]
    }

    /// Gives the entity's collision box on the map.
    pub fn collision_box(&self) -> Rect {
        collision_box(self.prototype, self.position, self.direction)
    }
}

/// Gives the collision box that an entity has at `position`.
pub fn collision_box(prototype: EntityPrototypeId, position: MapPos, direction: Direction) -> Rect {
    Rect::around(
        position,
        vanilla()[prototype].collision_box,
        direction.quarter_turns(),
    )
}

/// Gives the tiles that an entity covers; a quarter turn swaps width and height.
pub fn footprint(prototype: EntityPrototypeId, position: MapPos, direction: Direction) -> TileArea {
    let prototype = &vanilla()[prototype];
    let (width, height) = (prototype.tile_width as i32, prototype.tile_height as i32);
    if direction.quarter_turns() % 2 == 1 {
        TileArea::footprint(position, height, width)
    } else {
        TileArea::footprint(position, width, height)
    }
}

/// The observation's codes for an entity prototype.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrototypeCodes {
    /// Entity code; trees and rocks share one each.
    pub entity: u8,
    /// Resource code where the entity is mined for items (trees, rocks), else 0.
    pub resource: u8,
}

/// Looks up the codes of a prototype.
pub fn codes_of(prototype: EntityPrototypeId) -> PrototypeCodes {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Vec<PrototypeCodes>> = OnceLock::new();
    TABLE.get_or_init(|| vanilla().entities().iter().map(compute_codes).collect())
        [prototype.index()]
}

fn compute_codes(prototype: &EntityPrototype) -> PrototypeCodes {
    if prototype.kind == EntityKind::Tree {
        PrototypeCodes {
            entity: codes::code_of(&codes::ENTITY_NAMES, "tree"),
            resource: codes::RESOURCE_TREE,
        }
    } else if prototype.is_rock {
        PrototypeCodes {
            entity: codes::code_of(&codes::ENTITY_NAMES, "rock"),
            resource: codes::RESOURCE_ROCK,
        }
    } else {
        PrototypeCodes {
            entity: codes::code_of(&codes::ENTITY_NAMES, &prototype.name),
            resource: 0,
        }
    }
}

/// Says whether the simulation has the mechanic of a prototype, so that it may be built.
pub fn is_simulated(prototype: EntityPrototypeId) -> bool {
    let prototype = &vanilla()[prototype];
    match prototype.kind {
        EntityKind::Container
        | EntityKind::CargoLandingPad
        | EntityKind::Lab
        | EntityKind::InfinityContainer
        | EntityKind::InfinityPipe
        | EntityKind::ElectricEnergyInterface
        | EntityKind::Wall
        | EntityKind::Tree
        | EntityKind::SimpleEntity
        | EntityKind::UnitSpawner
        // Worms, gun turrets, laser turrets; flamethrower and artillery turrets are other kinds.
        | EntityKind::Turret
        | EntityKind::AmmoTurret
        | EntityKind::ElectricTurret
        | EntityKind::Inserter
        | EntityKind::MiningDrill
        | EntityKind::Furnace
        | EntityKind::AssemblingMachine
        | EntityKind::RocketSilo
        | EntityKind::Beacon => true,
        EntityKind::Boiler => prototype.fuel_categories().is_some(),
        EntityKind::TransportBelt
        | EntityKind::UndergroundBelt
        | EntityKind::Splitter
        | EntityKind::Pipe
        | EntityKind::PipeToGround
        | EntityKind::StorageTank
        | EntityKind::Pump
        | EntityKind::OffshorePump
        | EntityKind::ElectricPole
        | EntityKind::Generator
        | EntityKind::SolarPanel
        | EntityKind::Accumulator => !prototype.hidden,
        _ => false,
    }
}
