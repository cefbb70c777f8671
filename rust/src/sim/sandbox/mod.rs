//! A world to build by hand: named things placed, filled, run and read, as scenario authors and the fidelity rows need it.
//!
//! Everything goes by the game's names and by positions in tiles, and is checked: an error names the value, the limit
//! and the fix. What is done here is done between ticks, without a character who reaches or pays for it.
//! It owns no state: all of it is the [`World`]'s, so what stands in a sandbox runs exactly as in a scenario.
//!
//! - [`names`]: directions, areas and inventories as people write them
//! - [`settings`]: what is set on an entity (recipe, filters, priorities, modules), in both directions
//! - [`contents`], [`fluids`], [`belts`]: what an entity holds, and putting in and taking out
//! - [`supplies`]: chests, belts and pipes that are kept full or empty
//! - [`exchange`]: blueprint strings in and out
//! - [`enemies`]: pollution, evolution, enemies, damage
//! - [`patches`]: where resources lie
//! - [`person`]: the character; [`report`]: production, power, bonuses

pub mod belts;
pub mod contents;
pub mod enemies;
pub mod exchange;
pub mod fluids;
pub mod names;
pub mod patches;
pub mod person;
pub mod report;
pub mod settings;
pub mod site;
pub mod supplies;
#[cfg(test)]
mod tests;

use super::blueprint::EntitySettings;
use super::entity::{Body, Entity, EntityRef, footprint, is_simulated};
use super::inventory::ItemStack;
use super::placement::{built_direction, is_placeable, snapped};
use super::position::{Direction, MapPos, TileArea, TilePos};
use super::terrain::{MAX_MAP_SIDE, MAX_RESOURCE_AMOUNT, Resource};
use super::tick;
use super::world::World;
use crate::contract::codes::RESOURCE_NAMES;
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{EntityPrototypeId, vanilla};

use settings::Settings;

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

/// Writes a position as people read it: in tiles.
pub(super) fn shown(position: MapPos) -> String {
    let (x, y) = tiles_of(position);
    format!("({x}, {y})")
}

/// Converts a position to tiles.
pub fn tiles_of(position: MapPos) -> (f64, f64) {
    (f64::from(position.x) / 256.0, f64::from(position.y) / 256.0)
}

/// Makes an empty world of `width` x `height` tiles of one kind, its middle at the origin.
///
/// The character waits on the north-western tile, out of the way of what is built.
///
/// # Errors
/// `InvalidValue` for a side outside 1 to [`MAX_MAP_SIDE`], `UnknownName` for a tile that the game does not have.
pub fn create(width: i64, height: i64, seed: u64, tile: &str) -> Result<World> {
    let side = |name: &str, tiles: i64| {
        i32::try_from(tiles)
            .ok()
            .filter(|tiles| (1..=MAX_MAP_SIDE).contains(tiles))
            .ok_or_else(|| {
                invalid(format!(
                    "{name} must be 1 to {MAX_MAP_SIDE} tiles, not {tiles}"
                ))
            })
    };
    let (width, height) = (side("width", width)?, side("height", height)?);
    let tile = vanilla().tile(tile)?;
    let mut world = World::new();
    world.clear(seed);
    world.reset_map(width, height, tile);
    let area = world.terrain.area();
    let corner = TilePos::new(area.left, area.top).center();
    world.character.position = corner;
    world.spawn = corner;
    world.settle();
    Ok(world)
}

/// Places an entity as if it had just been built, then sets on it what `settings` say.
///
/// The position is snapped to the grid, the direction to a quarter; what has no direction faces north.
///
/// # Errors
/// `UnknownName`, `AbsentMechanic` for what the simulation cannot run, `InvalidValue` where there is no room or a
/// setting does not fit; the world is then as before.
pub fn place(
    world: &mut World,
    name: &str,
    position: (f64, f64),
    direction: &str,
    settings: &Settings,
) -> Result<EntityRef> {
    let prototype = vanilla().entity(name)?;
    let position = names::map_position(position)?;
    let direction = names::direction(direction)?;
    let settings = settings.resolve(vanilla()[prototype].kind)?;
    let reference = place_checked(world, prototype, position, direction, &settings)?;
    world.settle();
    Ok(reference)
}

fn place_checked(
    world: &mut World,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
    settings: &EntitySettings,
) -> Result<EntityRef> {
    let name = &vanilla()[prototype].name;
    if !is_simulated(prototype) {
        return Err(Error::new(
            ErrorKind::AbsentMechanic,
            format!(
                "the simulation cannot run \"{name}\" yet; docs/fidelity.md lists what it can run"
            ),
        ));
    }
    let direction = built_direction(prototype, direction);
    let place = snapped(prototype, position, direction);
    if !is_placeable(world, None, prototype, place, direction) {
        return Err(no_room(world, prototype, place, direction));
    }
    let told = |error: Error| error.within(format!("\"{name}\" at {}", shown(place)));
    if *settings == EntitySettings::default() {
        return Ok(world.add_entity(prototype, place, direction));
    }
    rehearse(world, prototype, direction, settings).map_err(told)?;
    // How many items a belt takes depends on its neighbours, which no rehearsal has.
    let is_belt = vanilla()[prototype].belt.is_some();
    let before = (is_belt && !settings.requests.is_empty()).then(|| world.clone());
    let reference = world.add_entity(prototype, place, direction);
    match settings::apply(world, reference, settings) {
        Ok(()) => Ok(reference),
        Err(error) => {
            debug_assert!(before.is_some(), "what was rehearsed succeeds: {error}");
            match before {
                Some(before) => *world = before,
                None => world.remove_entity(reference),
            }
            Err(told(error))
        }
    }
}

/// Sets up an entity in a world of its own, so that settings that do not fit are found before anything has changed.
fn rehearse(
    world: &World,
    prototype: EntityPrototypeId,
    direction: Direction,
    settings: &EntitySettings,
) -> Result<()> {
    /// The largest entity covers 9 x 9 tiles.
    const SIDE_TILES: i32 = 16;
    let Some(ground) = world.terrain.tile(TilePos::new(
        world.terrain.area().left,
        world.terrain.area().top,
    )) else {
        return Ok(());
    };
    let mut stage = World::new();
    stage.reset_map(SIDE_TILES, SIDE_TILES, ground);
    stage.force = world.force.clone();
    let place = snapped(prototype, MapPos::default(), direction);
    let reference = stage.add_entity(prototype, place, direction);
    settings::apply(&mut stage, reference, settings)
}

/// Says what stands in the way of an entity.
fn no_room(
    world: &World,
    prototype: EntityPrototypeId,
    place: MapPos,
    direction: Direction,
) -> Error {
    let name = &vanilla()[prototype].name;
    let area = footprint(prototype, place, direction);
    let map = world.terrain.area();
    let obstacle = area.tiles().find_map(|tile| {
        if !map.contains(tile) {
            return Some(format!(
                "tile ({}, {}) lies outside the map of {} x {} tiles from ({}, {}); make the world larger",
                tile.x, tile.y, map.width, map.height, map.left, map.top
            ));
        }
        if let Some(other) = world.entity_at(tile) {
            return Some(format!(
                "\"{}\" at {} stands there; remove it or choose another place",
                other.prototype().name,
                shown(other.position)
            ));
        }
        let ground = world.terrain.tile(tile)?;
        world.grid.cell(tile).blocks_building().then(|| {
            format!(
                "tile ({}, {}) is \"{}\"; cover it with set_tiles or choose another place",
                tile.x,
                tile.y,
                vanilla()[ground].name
            )
        })
    });
    let obstacle = obstacle.unwrap_or_else(|| "the place does not suit it".to_owned());
    invalid(format!(
        "no room for \"{name}\" at {}: {obstacle}",
        shown(place)
    ))
}

/// Takes an entity away with all that it holds.
///
/// # Errors
/// `StaleEntity` where it is gone already.
pub fn remove(world: &mut World, reference: EntityRef) -> Result<()> {
    find(world, reference)?;
    world.remove_entity(reference);
    world.settle();
    Ok(())
}

/// Turns an entity to a direction, as a player turns it.
///
/// # Errors
/// `StaleEntity`; `InvalidValue` where it has no direction or would cover other tiles.
pub fn rotate(world: &mut World, reference: EntityRef, direction: &str) -> Result<()> {
    let direction = names::direction(direction)?.cardinal();
    let entity = find(world, reference)?;
    if built_direction(entity.prototype, direction) != direction
        || footprint(entity.prototype, entity.position, direction)
            != footprint(entity.prototype, entity.position, entity.direction)
    {
        return Err(invalid(format!(
            "\"{}\" cannot be turned to \"{}\" where it stands; remove it and place it anew",
            entity.prototype().name,
            names::direction_name(direction)
        )));
    }
    world.turn_entity(reference, direction);
    world.settle();
    Ok(())
}

/// Reads an entity.
///
/// # Errors
/// `StaleEntity` where it has been removed, or never was in this world.
pub fn find(world: &World, reference: EntityRef) -> Result<&Entity> {
    world.entity(reference).ok_or_else(|| {
        Error::new(
            ErrorKind::StaleEntity,
            format!(
                "the entity is gone: it was removed, mined or destroyed, or the world was restored to a time before it; \
                 look it up again with entities() (unit {})",
                reference.unit
            ),
        )
    })
}

/// Lists the entities, in order of creation: all, those of a name, those that touch an area.
///
/// # Errors
/// `UnknownName` for a name that the game does not have, `InvalidValue` for a wrong area.
pub fn entities(
    world: &World,
    name: Option<&str>,
    area: Option<names::Corners>,
) -> Result<Vec<EntityRef>> {
    let wanted = name.map(|name| vanilla().entity(name)).transpose()?;
    let area = area.map(names::tile_area).transpose()?;
    let mut found: Vec<EntityRef> = world
        .entities
        .iter()
        .filter(|(_, entity)| wanted.is_none_or(|wanted| wanted == entity.prototype))
        .filter(|(_, entity)| {
            area.is_none_or(|area| {
                overlaps(
                    area,
                    footprint(entity.prototype, entity.position, entity.direction),
                )
            })
        })
        .map(|(slot, entity)| EntityRef {
            slot,
            unit: entity.unit,
        })
        .collect();
    found.sort_unstable_by_key(|reference| reference.unit);
    Ok(found)
}

fn overlaps(one: TileArea, other: TileArea) -> bool {
    one.left < other.left + other.width
        && other.left < one.left + one.width
        && one.top < other.top + other.height
        && other.top < one.top + one.height
}

/// Puts `amount` of a resource on every tile of an area; 0 clears it.
///
/// # Errors
/// `UnknownName` for what is no resource, `InvalidValue` for an amount beyond the limit or an area off the map.
pub fn set_resource(
    world: &mut World,
    name: &str,
    area: names::Corners,
    amount: u64,
) -> Result<()> {
    let code = names::resource_code(name)?;
    let amount = u32::try_from(amount)
        .ok()
        .filter(|amount| *amount <= MAX_RESOURCE_AMOUNT)
        .ok_or_else(|| {
            invalid(format!(
                "amount must be 0 to {MAX_RESOURCE_AMOUNT}, not {amount}"
            ))
        })?;
    let area = on_map(world, names::tile_area(area)?)?;
    for tile in area.tiles() {
        let resource = (amount > 0).then_some(Resource { code, amount });
        world.set_resource(tile, resource);
    }
    wake_drills(world);
    world.settle();
    Ok(())
}

/// Drills that had nothing left to mine look again.
fn wake_drills(world: &mut World) {
    let drills: Vec<EntityRef> = world
        .entities
        .iter()
        .filter(|(_, entity)| matches!(entity.body, Body::Drill(_)))
        .map(|(slot, entity)| EntityRef {
            slot,
            unit: entity.unit,
        })
        .collect();
    for drill in drills {
        world.wake(drill);
    }
}

/// Covers an area with a tile; what stands there stays.
///
/// # Errors
/// `UnknownName` for a tile that the game does not have, `InvalidValue` for an area off the map.
pub fn set_tiles(world: &mut World, name: &str, area: names::Corners) -> Result<()> {
    let tile = vanilla().tile(name)?;
    let area = on_map(world, names::tile_area(area)?)?;
    for place in area.tiles() {
        world.set_tile(place, tile);
    }
    world.settle();
    Ok(())
}

fn on_map(world: &World, area: TileArea) -> Result<TileArea> {
    let map = world.terrain.area();
    let fits = area.left >= map.left
        && area.top >= map.top
        && area.left + area.width <= map.left + map.width
        && area.top + area.height <= map.top + map.height;
    if fits {
        return Ok(area);
    }
    Err(invalid(format!(
        "the area must lie within (({}, {}), ({}, {})), the map, not (({}, {}), ({}, {}))",
        map.left,
        map.top,
        map.left + map.width,
        map.top + map.height,
        area.left,
        area.top,
        area.left + area.width,
        area.top + area.height
    )))
}

/// Reads kind and amount of the resource on a tile.
///
/// # Errors
/// `InvalidValue` for a position that is no number.
pub fn resource_at(world: &World, position: (f64, f64)) -> Result<Option<(&'static str, u32)>> {
    let tile = names::map_position(position)?.tile();
    Ok(world.terrain.resource(tile).and_then(|resource| {
        let name = RESOURCE_NAMES.get(usize::from(resource.code).checked_sub(1)?)?;
        Some((*name, resource.amount))
    }))
}

/// Grants a technology, whether or not what it needs is researched; its effects count from the next tick on.
///
/// # Errors
/// `UnknownName` for a technology that the game does not have.
pub fn research(world: &mut World, name: &str) -> Result<()> {
    let technology = vanilla().technology(name)?;
    world.grant_technology(technology);
    world.settle();
    Ok(())
}

/// Researches a technology from now on, in labs and with packs.
///
/// # Errors
/// `UnknownName`; `InvalidState` where it cannot be researched now, with the reason.
pub fn start_research(world: &mut World, name: &str) -> Result<()> {
    let technology = vanilla().technology(name)?;
    world.start_research(technology).map_err(|refusal| {
        let error: Error = refusal.into();
        error.within(format!("\"{name}\""))
    })?;
    world.settle();
    Ok(())
}

/// Says whether a technology is researched; of one with levels, the first.
///
/// # Errors
/// `UnknownName`.
pub fn is_researched(world: &World, name: &str) -> Result<bool> {
    Ok(world.force.is_researched(vanilla().technology(name)?))
}

/// Names what is researched now and gives the share of it that is done.
pub fn current_research(world: &World) -> Option<(&'static str, f64)> {
    let current = world.research.current()?;
    Some((
        vanilla()[current.technology].name.as_str(),
        current.share_done(),
    ))
}

/// Allows every recipe, without the bonuses of the technologies that unlock them.
pub fn enable_all_recipes(world: &mut World) {
    world.views.clear();
    world.force.enabled_recipes.fill(true);
    world.force_changed();
    world.settle();
}

/// Lists the items that lie on the ground, north to south: position, item, count.
pub fn items_on_ground(world: &World) -> Vec<((f64, f64), &'static str, u32)> {
    world
        .ground
        .iter()
        .map(|(position, stack)| {
            let name = vanilla()[stack.item].name.as_str();
            (tiles_of(position), name, stack.count)
        })
        .collect()
}

/// Lays items on the ground, at a position or as near to it as there is room.
///
/// # Errors
/// `UnknownName` for an item that the game does not have, `InvalidValue` for a wrong position.
pub fn drop_items(world: &mut World, item: &str, position: (f64, f64), count: u32) -> Result<()> {
    let stack = ItemStack {
        item: vanilla().item(item)?,
        count,
    };
    if count > 0 {
        world.spill(names::map_position(position)?, stack);
    }
    Ok(())
}

/// The most ticks that one call runs: a week of game time.
pub const MAX_TICKS_PER_RUN: u64 = 7 * 24 * 3_600 * 60;

/// Checks a number of ticks.
///
/// # Errors
/// `InvalidValue` beyond [`MAX_TICKS_PER_RUN`] and below 0.
pub fn check_ticks(ticks: i64) -> Result<u32> {
    u32::try_from(ticks)
        .ok()
        .filter(|ticks| u64::from(*ticks) <= MAX_TICKS_PER_RUN)
        .ok_or_else(|| {
            invalid(format!(
                "ticks must be 0 to {MAX_TICKS_PER_RUN}, not {ticks}"
            ))
        })
}

/// Runs a number of ticks.
pub fn run(world: &mut World, ticks: u32) {
    tick::run(world, ticks);
    // Nobody watches a sandbox tile by tile.
    world.changes.clear();
}
