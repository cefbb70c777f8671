//! Set-up operations: the explicit list that a scenario and a seed are lowered to.
//!
//! The embedded world executes it here, the mod executes the same list on a real server.

use serde::{Deserialize, Serialize};

use super::entity::is_simulated;
use super::placement::{is_placeable, snapped};
use super::position::{Direction, MapPos, TileArea, TilePos};
use super::terrain::{MAX_MAP_SIDE, MAX_RESOURCE_AMOUNT, Resource};
use super::world::World;
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{EntityPrototypeId, ItemId, RecipeId, TechnologyId, TileId, vanilla};

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetupOp {
    /// Makes the map anew: always the first operation.
    Map {
        width: i32,
        height: i32,
        tile: TileId,
    },
    /// Covers an area with a tile.
    Tiles { area: TileArea, tile: TileId },
    /// Puts a resource on a tile.
    Resource {
        tile: TilePos,
        code: u8,
        amount: u32,
    },
    /// Places an entity, with a recipe if it has one to set, and items in it (fuel, ore, contents, modules as it accepts them).
    Entity {
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
        items: Vec<(ItemId, u32)>,
        recipe: Option<RecipeId>,
    },
    /// Places a ghost.
    Ghost {
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    },
    /// Puts the character there; its position becomes the spawn point.
    Character { position: MapPos },
    /// Gives the character items.
    Items { item: ItemId, count: u32 },
    /// Researches a technology: its recipes are unlocked.
    Research { technology: TechnologyId },
}

/// Gives the seed of the random streams of a world: 32 bits, since a surface of the game has no more.
pub const fn stream_seed(seed: u64) -> u64 {
    seed & 0xffff_ffff
}

/// Builds the world of `seed` from a list of operations.
///
/// # Errors
/// Where an operation cannot be done; the message says which one. The world is then empty.
pub fn execute(world: &mut World, seed: u64, ops: &[SetupOp]) -> Result<()> {
    let seed = stream_seed(seed);
    world.clear(seed);
    for (index, op) in ops.iter().enumerate() {
        if let Err(error) = execute_one(world, op, index) {
            world.clear(seed);
            world.reset_map(0, 0, TileId::from_index(0));
            return Err(error.within(format_args!("set-up operation {index}")));
        }
    }
    world.settle();
    world.changes.clear();
    world.changes.overflowed = true;
    Ok(())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidScenario, message)
}

fn execute_one(world: &mut World, op: &SetupOp, index: usize) -> Result<()> {
    match op {
        SetupOp::Map {
            width,
            height,
            tile,
        } => {
            let sides = 1..=MAX_MAP_SIDE;
            if index != 0 || !sides.contains(width) || !sides.contains(height) {
                return Err(invalid(format!(
                    "a map is made first and has sides of 1 to {MAX_MAP_SIDE} tiles, not {width} x {height}"
                )));
            }
            world.reset_map(*width, *height, *tile);
        }
        SetupOp::Tiles { area, tile } => {
            for place in area.tiles() {
                if !world.set_tile(place, *tile) {
                    return Err(off_map("tile", place));
                }
            }
        }
        SetupOp::Resource { tile, code, amount } => {
            if super::drill::resource_facts(*code).is_none() || *amount > MAX_RESOURCE_AMOUNT {
                return Err(invalid(format!(
                    "no resource has code {code} or amount {amount}"
                )));
            }
            if !world.set_resource(
                *tile,
                Some(Resource {
                    code: *code,
                    amount: *amount,
                }),
            ) {
                return Err(off_map("resource", *tile));
            }
        }
        SetupOp::Entity {
            prototype,
            position,
            direction,
            items,
            recipe,
        } => {
            place_entity(world, *prototype, *position, *direction, items, *recipe)?;
        }
        SetupOp::Ghost {
            prototype,
            position,
            direction,
        } => {
            let place = snapped(*prototype, *position, *direction);
            if !is_placeable(world, None, *prototype, place, *direction) {
                return Err(occupied("ghost", *prototype, place));
            }
            world.add_ghost(*prototype, place, *direction);
        }
        SetupOp::Character { position } => {
            if !super::collision::is_free(world, *position) {
                return Err(occupied_character(*position));
            }
            world.character.position = *position;
            world.spawn = *position;
        }
        SetupOp::Items { item, count } => {
            let given = world.character.inventory.insert(*item, *count);
            if given < *count {
                return Err(invalid(format!(
                    "the character's inventory has room for {given} of {count} \"{}\"",
                    vanilla()[*item].name
                )));
            }
        }
        SetupOp::Research { technology } => {
            world.grant_technology(*technology);
        }
    }
    Ok(())
}

fn place_entity(
    world: &mut World,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
    items: &[(ItemId, u32)],
    recipe: Option<RecipeId>,
) -> Result<()> {
    if !is_simulated(prototype) {
        return Err(Error::new(
            ErrorKind::AbsentMechanic,
            format!(
                "the simulation does not have the entity \"{}\" yet",
                vanilla()[prototype].name
            ),
        ));
    }
    let place = snapped(prototype, position, direction);
    if !is_placeable(world, None, prototype, place, direction) {
        return Err(occupied("entity", prototype, place));
    }
    let reference = world.add_entity(prototype, place, direction);
    if let Some(recipe) = recipe {
        world.set_recipe(reference, recipe).map_err(|reason| {
            invalid(format!(
                "\"{}\" cannot be set to \"{}\": {reason}",
                vanilla()[prototype].name,
                vanilla()[recipe].name
            ))
        })?;
    }
    for (item, count) in items {
        let inserted = world.insert_by_hand(reference, *item, *count);
        if inserted < *count {
            return Err(invalid(format!(
                "\"{}\" takes {inserted} of {count} \"{}\"",
                vanilla()[prototype].name,
                vanilla()[*item].name
            )));
        }
    }
    Ok(())
}

fn off_map(what: &str, tile: TilePos) -> Error {
    invalid(format!(
        "{what} at ({}, {}) lies outside the map",
        tile.x, tile.y
    ))
}

fn occupied(what: &str, prototype: EntityPrototypeId, place: MapPos) -> Error {
    invalid(format!(
        "no room for the {what} \"{}\" at ({}, {})",
        vanilla()[prototype].name,
        f64::from(place.x) / 256.0,
        f64::from(place.y) / 256.0
    ))
}

fn occupied_character(place: MapPos) -> Error {
    invalid(format!(
        "the character cannot stand at ({}, {})",
        f64::from(place.x) / 256.0,
        f64::from(place.y) / 256.0
    ))
}
