//! Pollution, evolution, enemies and damage in a sandbox.

use super::super::entity::{Body, EntityRef};
use super::super::world::World;
use super::{find, invalid, names, tiles_of};
use crate::error::Result;
use crate::prototypes::{EntityKind, vanilla};

/// The most pollution that one call adds.
const MAX_POLLUTION: f64 = 1e9;

/// A biter or spitter as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitReport {
    /// Number of the unit, unique in the world.
    pub unit: u32,
    pub name: &'static str,
    pub position: (f64, f64),
    pub health: f64,
}

/// Reads the pollution of the chunk at a position; 0 outside the map.
///
/// # Errors
/// `InvalidValue` for a wrong position.
pub fn pollution(world: &World, position: (f64, f64)) -> Result<f64> {
    Ok(world.pollution_at(names::map_position(position)?))
}

/// Adds pollution to the chunk at a position, as a machine does.
///
/// # Errors
/// `InvalidValue` for a position off the map, and for what is negative or no number.
pub fn pollute(world: &mut World, position: (f64, f64), amount: f64) -> Result<()> {
    let place = names::map_position(position)?;
    let chunk = world
        .pollution
        .chunk_of(place.tile())
        .ok_or_else(|| invalid(format!("{} lies outside the map", super::shown(place))))?;
    if !(0.0..=MAX_POLLUTION).contains(&amount) {
        return Err(invalid(format!(
            "amount must be 0 to {MAX_POLLUTION}, not {amount}"
        )));
    }
    world.pollution.emit(chunk, amount);
    Ok(())
}

/// Sets the evolution of the enemies.
///
/// # Errors
/// `InvalidValue` outside 0 to 1.
pub fn set_evolution(world: &mut World, evolution: f64) -> Result<()> {
    if (0.0..1.0).contains(&evolution) {
        world.set_evolution(evolution);
        return Ok(());
    }
    Err(invalid(format!(
        "evolution must be at least 0 and less than 1, not {evolution}"
    )))
}

/// Lets a biter or spitter appear, and returns its number.
///
/// # Errors
/// `UnknownName`; `InvalidValue` for what is no unit and for a place where it cannot stand.
pub fn spawn(world: &mut World, name: &str, position: (f64, f64)) -> Result<u32> {
    let prototype = vanilla().entity(name)?;
    let place = names::map_position(position)?;
    if vanilla()[prototype].kind != EntityKind::Unit {
        let units = vanilla().entities().iter();
        let known: Vec<&str> = units
            .filter(|known| known.kind == EntityKind::Unit)
            .map(|known| known.name.as_str())
            .collect();
        return Err(invalid(format!(
            "\"{name}\" is no unit; place() builds entities, the units are {}",
            known.join(", ")
        )));
    }
    if !world.grid.cell(place.tile()).is_walkable() {
        return Err(invalid(format!(
            "\"{name}\" cannot stand at {}; choose a place that is on land, on the map and clear",
            super::shown(place)
        )));
    }
    let reference = world.add_unit(prototype, place);
    world.settle();
    Ok(reference.unit)
}

/// Lists the living units in order of creation.
pub fn units(world: &World) -> Vec<UnitReport> {
    let mut units: Vec<UnitReport> = world
        .living_units()
        .map(|(reference, unit)| UnitReport {
            unit: reference.unit,
            name: &unit.prototype().name,
            position: tiles_of(unit.position()),
            health: world.unit_health(unit),
        })
        .collect();
    units.sort_unstable_by_key(|unit| unit.unit);
    units
}

/// Reads the health of an entity; 0 for what cannot be harmed.
///
/// # Errors
/// `StaleEntity`.
pub fn health(world: &World, reference: EntityRef) -> Result<f64> {
    Ok(world.health(find(world, reference)?))
}

/// Destroys an entity, as a last blow does: what it holds is lost.
///
/// # Errors
/// `StaleEntity`.
pub fn destroy(world: &mut World, reference: EntityRef) -> Result<()> {
    find(world, reference)?;
    world.destroy(reference);
    world.settle();
    Ok(())
}

/// Counts the rounds that a turret has left.
///
/// # Errors
/// `StaleEntity`; `InvalidValue` for what is no turret.
pub fn rounds(world: &World, reference: EntityRef) -> Result<u32> {
    let entity = find(world, reference)?;
    match entity.body {
        Body::Turret(index) => Ok(world
            .turrets
            .get(index)
            .map_or(0, super::super::threat::turret::Turret::rounds_left)),
        _ => Err(invalid(format!(
            "\"{}\" is no turret and has no rounds",
            entity.prototype().name
        ))),
    }
}
