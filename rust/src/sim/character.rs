//! The character: where it is, what it does, what it carries; and its walk phase.

use serde::{Deserialize, Serialize};

use super::collision::walk_step;
use super::crafting::CraftingQueue;
use super::entity::Target;
use super::inventory::Inventory;
use super::position::{Direction, MapPos};
use super::world::World;
use crate::prototypes::vanilla;

/// Health is kept in 1/256 so that healing adds up without floats.
pub const HEALTH_SCALE: u32 = 256;

/// Progress of mining one thing by hand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandMining {
    pub target: Target,
    /// Seconds of work done on the item, from 0 for every item.
    pub seconds: f64,
}

/// The character.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Character {
    pub position: MapPos,
    pub facing: Direction,
    pub walking: Option<Direction>,
    /// Health in 1/256; 0 is dead.
    pub health: u32,
    /// What is or was mined last: progress is kept for the same target and lost on another.
    pub mining: Option<HandMining>,
    pub is_mining: bool,
    pub crafting: CraftingQueue,
    pub inventory: Inventory,
}

impl Character {
    /// Makes a healthy character with empty pockets at the origin.
    pub fn new() -> Self {
        let facts = vanilla().character();
        Self {
            position: MapPos::default(),
            facing: Direction::SOUTH,
            walking: None,
            health: max_health(),
            mining: None,
            is_mining: false,
            crafting: CraftingQueue::default(),
            inventory: Inventory::with_size(facts.inventory_size as usize),
        }
    }

    /// Makes the character new, keeping its memory.
    pub fn reset(&mut self) {
        self.position = MapPos::default();
        self.facing = Direction::SOUTH;
        self.walking = None;
        self.health = max_health();
        self.mining = None;
        self.is_mining = false;
        self.crafting.clear();
        self.inventory.reset(vanilla().character().inventory_size as usize);
    }

    /// Says whether the character lives.
    pub fn is_alive(&self) -> bool {
        self.health > 0
    }
}

impl Default for Character {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives the full health in 1/256.
pub fn max_health() -> u32 {
    (vanilla().character().max_health * f64::from(HEALTH_SCALE)) as u32
}

/// Says whether `distance_squared` (in squares of 1/256 tile) is within `reach_tiles`; the boundary belongs to it.
pub fn is_within(distance_squared: i64, reach_tiles: f64) -> bool {
    let reach = reach_tiles * 256.0;
    distance_squared as f64 <= reach * reach
}

/// Walks the character one tick.
pub(super) fn tick_walking(world: &mut World) {
    if let Some(direction) = world.character.walking {
        let to = walk_step(world, world.character.position, direction);
        world.character.position = to;
    }
}
