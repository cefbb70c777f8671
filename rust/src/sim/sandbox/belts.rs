//! What lies on belts and splitters, lane by lane, and putting it there.
//!
//! Lanes have the game's numbers: of a belt 1 is left of travel and 2 right; of a splitter 1 and 2 are the left input's,
//! 3 and 4 the right input's, 5 to 8 those of the outputs. A position is that of an item's centre, 1/256 tile from the
//! downstream edge.

use super::super::entity::{Body, EntityRef};
use super::super::world::World;
use super::{find, invalid};
use crate::error::Result;
use crate::prototypes::vanilla;

/// Lists the lanes of an entity in the order of their numbers, as (belt, lane of the belt).
fn lanes_of(world: &World, body: Body) -> Vec<(u32, usize)> {
    let halves: Vec<u32> = match body {
        Body::Belt(index) => vec![index],
        Body::Splitter(index) => world.belts.splitter_belts(index).collect(),
        _ => Vec::new(),
    };
    halves
        .into_iter()
        .flat_map(|belt| [(belt, 0), (belt, 1)])
        .collect()
}

/// Reads what lies on every lane of an entity, front first: item and position.
///
/// # Errors
/// `StaleEntity`; `InvalidValue` for what is no belt.
pub fn lane_items(world: &World, reference: EntityRef) -> Result<Vec<Vec<(&'static str, i32)>>> {
    let entity = find(world, reference)?;
    let lanes = lanes_of(world, entity.body);
    if lanes.is_empty() {
        return Err(invalid(format!(
            "\"{}\" is no belt and has no lanes; inventory() reads what it holds",
            entity.prototype().name
        )));
    }
    let items_on = |(belt, lane)| {
        let items = world.belts.items_on(belt, lane);
        items
            .map(|(position, item)| (vanilla()[item].name.as_str(), position))
            .collect()
    };
    Ok(lanes.into_iter().map(items_on).collect())
}

/// Puts an item on a lane at a position, or up to one spacing behind it; returns whether there was room.
///
/// As what an inserter drops, it moves one step at once where the way is free.
///
/// # Errors
/// `StaleEntity`; `UnknownName`; `InvalidValue` for a lane that it does not have or a position off the lane.
pub fn insert_at(
    world: &mut World,
    reference: EntityRef,
    lane: i64,
    item: &str,
    position: i64,
) -> Result<bool> {
    let entity = find(world, reference)?;
    let item = vanilla().item(item)?;
    let lanes = lanes_of(world, entity.body);
    let chosen = lane
        .checked_sub(1)
        .and_then(|place| usize::try_from(place).ok())
        .and_then(|place| lanes.get(place).copied());
    let (belt, side) = chosen.ok_or_else(|| {
        invalid(format!(
            "\"{}\" has {} lanes, numbered from 1; there is no lane {lane}",
            entity.prototype().name,
            lanes.len()
        ))
    })?;
    let length = world.belts.lane_length(belt, side);
    let position = i32::try_from(position)
        .ok()
        .filter(|position| (0..length).contains(position))
        .ok_or_else(|| {
            invalid(format!(
                "lane {lane} has positions 0 to {}, not {position}",
                length - 1
            ))
        })?;
    let inserted = world.belts.insert(belt, side, position, item);
    world.settle();
    Ok(inserted)
}
