//! The character of a sandbox: told what to do by commands, like an agent, or given things like a god.

use super::super::RejectReason;
use super::super::command::{self, Command};
use super::super::crafting;
use super::super::entity::{EntityRef, Target};
use super::super::mining;
use super::super::path;
use super::super::position::SUBTILES;
use super::super::silo::LaunchRefusal;
use super::super::tick::tick;
use super::super::world::World;
use super::{find, invalid, names, shown, tiles_of};
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::vanilla;

/// Carries a command out.
///
/// # Errors
/// `ActionRejected` with the reason, `AbsentMechanic` for what the simulation cannot run.
pub fn order(world: &mut World, command: &Command) -> Result<()> {
    command::apply(world, command).map_err(|reason| {
        let kind = match reason {
            RejectReason::AbsentMechanic => ErrorKind::AbsentMechanic,
            _ => ErrorKind::ActionRejected,
        };
        Error::new(kind, format!("the command is refused: {reason}"))
    })
}

/// Launches the rocket of a silo in reach, with what cargo it has; it leaves when its countdown is over.
///
/// # Errors
/// `ActionRejected` out of reach, for what is no silo, without a rocket that is ready, and without a landing pad.
pub fn launch_rocket(world: &mut World, silo: EntityRef) -> Result<()> {
    let refused = |why: &str| Error::new(ErrorKind::ActionRejected, format!("no launch: {why}"));
    let entity = find(world, silo)?;
    let distance = entity
        .collision_box()
        .distance_squared(world.character.position);
    if !mining::is_in_reach(distance) {
        return Err(refused(&RejectReason::OutOfReach.to_string()));
    }
    let name = &entity.prototype().name;
    world.launch_rocket(silo).map_err(|refusal| {
        refused(&match refusal {
            LaunchRefusal::NoSilo => format!("{name:?} is no rocket silo"),
            LaunchRefusal::NotReady => "the rocket is not ready".to_owned(),
            LaunchRefusal::NoLandingPad => "there is no cargo-landing-pad".to_owned(),
        })
    })
}

/// Moves the character, whatever is between.
///
/// # Errors
/// `InvalidValue` where it cannot stand there.
pub fn teleport(world: &mut World, position: (f64, f64)) -> Result<()> {
    let place = names::map_position(position)?;
    if !super::super::collision::is_free(world, place) {
        return Err(invalid(format!(
            "the character cannot stand at {}; choose a place that is on land, on the map and clear",
            shown(place)
        )));
    }
    world.character.position = place;
    world.changes.clear();
    world.changes.overflowed = true;
    Ok(())
}

/// Walks to the nearest place within `reach_tiles` of a position, running the world meanwhile; returns the ticks it took.
///
/// # Errors
/// `InvalidValue` where there is no way, `ActionRejected` where the character has not arrived after `limit_ticks`.
pub fn walk_to(
    world: &mut World,
    position: (f64, f64),
    reach_tiles: f64,
    limit_ticks: u32,
) -> Result<u32> {
    let goal = names::map_position(position)?;
    let reach_subtiles = (reach_tiles * f64::from(SUBTILES)) as i32;
    let find = |world: &World| {
        path::find(world, world.character.position.tile(), goal, reach_subtiles).ok_or_else(|| {
            invalid(format!(
                "there is no way from {} to within {reach_tiles} tiles of {}",
                shown(world.character.position),
                shown(goal)
            ))
        })
    };
    let mut way = find(world)?;
    for ticks in 0..limit_ticks {
        let direction = path::follow(&mut way, world.character.position);
        if direction.is_none() {
            return order(world, &Command::Walk(None)).map(|()| ticks);
        }
        if command::apply(world, &Command::Walk(direction)).is_err() {
            // Something was built across the way, or a belt carried the character off it.
            way = find(world)?;
        }
        tick(world);
    }
    order(world, &Command::Walk(None))?;
    Err(Error::new(
        ErrorKind::ActionRejected,
        format!(
            "the character has not reached {} after {limit_ticks} ticks; it stands at {}",
            shown(goal),
            shown(world.character.position)
        ),
    ))
}

/// Finds the middles of the tiles on the way from the character to within `reach_tiles` of a position.
///
/// # Errors
/// `InvalidValue` for a position beyond the end of the game's map.
pub fn way(
    world: &World,
    position: (f64, f64),
    reach_tiles: f64,
) -> Result<Option<Vec<(f64, f64)>>> {
    let goal = names::map_position(position)?;
    let reach_subtiles = (reach_tiles * f64::from(SUBTILES)) as i32;
    let from = world.character.position.tile();
    let way = path::find(world, from, goal, reach_subtiles);
    Ok(way.map(|tiles| tiles.iter().map(|tile| tiles_of(tile.center())).collect()))
}

/// Finds what mining aims at on a position: a pile there, else the entity, else the resource of the tile.
///
/// # Errors
/// `InvalidValue` where there is nothing to mine.
pub fn target_at(world: &World, position: (f64, f64)) -> Result<Target> {
    let place = names::map_position(position)?;
    world
        .mining_target_at(place)
        .ok_or_else(|| invalid(format!("nothing can be mined at {}", shown(place))))
}

/// Queues up to `count` crafts of a recipe, as many as the ingredients allow, and returns how many.
///
/// # Errors
/// `UnknownName` for a recipe that the game does not have.
pub fn craft(world: &mut World, recipe: &str, count: u32) -> Result<u32> {
    let recipe = vanilla().recipe(recipe)?;
    // What is possible once less often is possible too, so the most is found by halving.
    let (mut possible, mut beyond) = (0, count.saturating_add(1));
    while beyond - possible > 1 {
        let middle = possible + (beyond - possible) / 2;
        if crafting::plan(world, recipe, middle).is_ok() {
            possible = middle;
        } else {
            beyond = middle;
        }
    }
    if possible > 0 {
        order(
            world,
            &Command::Craft {
                recipe,
                count: possible,
            },
        )?;
    }
    Ok(possible)
}

/// Lists the hand-crafting queue: recipe and crafts to do, first to be done first.
pub fn queue(world: &World) -> Vec<(&'static str, u32)> {
    let orders = world.character.crafting.orders();
    orders
        .map(|order| (vanilla()[order.recipe].name.as_str(), order.remaining))
        .collect()
}

/// Puts items into the character's inventory and returns how many went in.
///
/// # Errors
/// `UnknownName` for an item that the game does not have.
pub fn insert(world: &mut World, item: &str, count: u32) -> Result<u32> {
    let item = vanilla().item(item)?;
    world.changes.contents = true;
    Ok(world.character.inventory.insert(item, count))
}

/// Takes items out of the character's inventory and returns how many came out.
///
/// # Errors
/// `UnknownName` for an item that the game does not have.
pub fn take(world: &mut World, item: &str, count: u32) -> Result<u32> {
    let item = vanilla().item(item)?;
    world.changes.contents = true;
    Ok(world.character.inventory.remove(item, count))
}
