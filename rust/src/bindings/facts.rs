//! Light facts of a session's world, and goals as Python writes them.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::errors::raised;
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::vanilla;
use crate::scenario::Goal;
use crate::scenario::objective::Wanted;
use crate::sim::World;
use crate::sim::character::HEALTH_SCALE;
use crate::sim::drill::resource_facts;
use crate::sim::placement::{built_direction, snapped};
use crate::sim::position::{MapPos, SUBTILES};
use crate::sim::sandbox::{contents, names, person, tiles_of};

/// Tells what the character is and has.
pub(super) fn character<'py>(py: Python<'py>, world: &World) -> PyResult<Bound<'py, PyDict>> {
    let facts = PyDict::new(py);
    let character = &world.character;
    facts.set_item("position", tiles_of(character.position))?;
    facts.set_item(
        "health",
        f64::from(character.health) / f64::from(HEALTH_SCALE),
    )?;
    facts.set_item("inventory", contents::counts(character.inventory.slots()))?;
    let slots = character.inventory.slots().len();
    facts.set_item("free_slots", slots - character.inventory.occupied())?;
    facts.set_item("crafting_queue", person::queue(world))?;
    facts.set_item("crafting_progress", world.crafting_progress())?;
    facts.set_item("mining_progress", world.mining_progress())?;
    facts.set_item("tick", world.tick)?;
    Ok(facts)
}

/// Reads a goal: one of the keys `waypoint` (with `radius`), `blueprint` and `mine` (with `sites`).
///
/// # Errors
/// Which key or value is wrong.
pub(super) fn goal(goal: &Bound<'_, PyDict>) -> PyResult<Goal> {
    const KEYS: [&str; 5] = ["waypoint", "radius", "blueprint", "mine", "sites"];
    for key in goal.keys() {
        let key: String = key.extract()?;
        if !KEYS.contains(&key.as_str()) {
            return Err(raised(Error::unknown_name("key of a goal", &key, KEYS)));
        }
    }
    if let Some(place) = goal.get_item("waypoint")? {
        let radius: f64 = match goal.get_item("radius")? {
            Some(radius) => radius.extract()?,
            None => 1.0,
        };
        return waypoint(place.extract()?, radius).map_err(raised);
    }
    if let Some(entities) = goal.get_item("blueprint")? {
        let entities: Vec<(String, (f64, f64), String)> = entities.extract()?;
        return blueprint(&entities).map_err(raised);
    }
    if let Some(items) = goal.get_item("mine")? {
        let items: BTreeMap<String, u64> = items.extract()?;
        let sites: Vec<(f64, f64)> = match goal.get_item("sites")? {
            Some(sites) => sites.extract()?,
            None => Vec::new(),
        };
        return mine(&items, &sites).map_err(raised);
    }
    Err(raised(invalid(
        "a goal has one of the keys \"waypoint\", \"blueprint\" and \"mine\"",
    )))
}

fn waypoint(place: (f64, f64), radius: f64) -> Result<Goal> {
    if !(0.25..=64.0).contains(&radius) {
        return Err(invalid(&format!(
            "a waypoint's radius is 0.25 to 64 tiles, not {radius}"
        )));
    }
    Ok(Goal::ReachWaypoint {
        position: names::map_position(place)?,
        radius_subtiles: (radius * f64::from(SUBTILES)) as i32,
    })
}

fn blueprint(entities: &[(String, (f64, f64), String)]) -> Result<Goal> {
    let wanted = entities.iter().map(|(name, place, direction)| {
        let prototype = vanilla().entity(name)?;
        let direction = built_direction(prototype, names::direction(direction)?);
        Ok(Wanted {
            prototype,
            position: snapped(prototype, names::map_position(*place)?, direction),
            direction,
        })
    });
    Ok(Goal::BuildBlueprint {
        wanted: wanted.collect::<Result<_>>()?,
    })
}

fn mine(items: &BTreeMap<String, u64>, sites: &[(f64, f64)]) -> Result<Goal> {
    let amount: u64 = items.values().fold(0, |sum, n| sum.saturating_add(*n));
    if amount == 0 {
        return Err(invalid("a goal to mine names an amount above 0"));
    }
    let named = items.keys().map(|name| {
        let item = vanilla().item(name)?;
        let is_mined = (1..=6_u8)
            .filter_map(resource_facts)
            .any(|facts| facts.item == Some(item));
        if is_mined {
            Ok(item)
        } else {
            Err(invalid(&format!(
                "nothing in the ground gives the item \"{name}\""
            )))
        }
    });
    Ok(Goal::MineItems {
        items: named.collect::<Result<_>>()?,
        amount,
        sites: sites
            .iter()
            .map(|place| names::map_position(*place))
            .collect::<Result<Vec<MapPos>>>()?,
    })
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}
