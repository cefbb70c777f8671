//! What a character can do by itself.

use crate::error::Result;

use super::fields::Fields;
use super::id::EntityPrototypeId;

/// The abilities of the character, before bonuses.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// Its entity, with the boxes and the health.
    pub entity: EntityPrototypeId,
    /// Tiles in a tick.
    pub running_speed: f64,
    /// Speed factor of mining by hand.
    pub mining_speed: f64,
    /// Tiles in which it builds.
    pub build_distance: f64,
    /// Tiles in which it opens and mines things.
    pub reach_distance: f64,
    /// Tiles in which it mines resources.
    pub reach_resource_distance: f64,
    /// Tiles to which it drops items.
    pub drop_item_distance: f64,
    /// Tiles in which it picks up items from the ground.
    pub item_pickup_distance: f64,
    /// Tiles in which it picks up loot.
    pub loot_pickup_distance: f64,
    /// Tiles in which it boards a vehicle.
    pub enter_vehicle_distance: f64,
    /// How far it slides around a corner, tiles.
    pub maximum_corner_sliding_distance: f64,
    /// Slots of the main inventory.
    pub inventory_size: u32,
    /// Which resources it mines.
    pub mining_categories: Vec<String>,
    /// Which recipes it makes by hand.
    pub crafting_categories: Vec<String>,
    /// Health it regains in a tick.
    pub healing_per_tick: f64,
    /// Ticks without a fight before it heals.
    pub ticks_to_stay_in_combat: u32,
}

impl Character {
    pub(super) fn read(entity: EntityPrototypeId, fields: &Fields) -> Result<Self> {
        let number = |key| fields.need(key, fields.number(key)?);
        let whole = |key| fields.need(key, fields.whole(key)?);
        Ok(Self {
            entity,
            running_speed: number("running_speed")?,
            mining_speed: number("mining_speed")?,
            build_distance: number("build_distance")?,
            reach_distance: number("reach_distance")?,
            reach_resource_distance: number("reach_resource_distance")?,
            drop_item_distance: number("drop_item_distance")?,
            item_pickup_distance: number("item_pickup_distance")?,
            loot_pickup_distance: number("loot_pickup_distance")?,
            enter_vehicle_distance: number("enter_vehicle_distance")?,
            maximum_corner_sliding_distance: number("maximum_corner_sliding_distance")?,
            inventory_size: whole("inventory_size")?,
            mining_categories: fields.texts("mining_categories")?,
            crafting_categories: fields.texts("crafting_categories")?,
            healing_per_tick: number("healing_per_tick")?,
            ticks_to_stay_in_combat: whole("ticks_to_stay_in_combat")?,
        })
    }
}
