//! Blueprint strings: built in a world at once, with their settings, and written of what stands in an area.

use serde_json::{Value, json};

use super::super::blueprint::{self, Blueprint, Exchange, Layout, PlacedEntity};
use super::super::entity::{Body, Entity, EntityRef, footprint, is_simulated};
use super::super::position::{Direction, MapPos, SUBTILES, TilePos};
use super::super::world::World;
use super::{invalid, names, place_checked, settings};
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::vanilla;

/// Builds a blueprint (of a book, the first) with its north-western corner on the tile at `position`.
///
/// Everything is built at once and complete: recipes, filters, priorities and modules are set, fuel is inside. Poles are
/// wired as the blueprint says or, where it says nothing, to those in reach. Circuit wires and conditions are left out.
/// With `skips_absent`, entities that the simulation cannot run are left out too.
///
/// # Errors
/// Those of the blueprint, and those of placing any of its entities; the world is then as before.
pub fn import(
    world: &mut World,
    text: &str,
    position: (f64, f64),
    skips_absent: bool,
) -> Result<Vec<EntityRef>> {
    let exchange = blueprint::decode(text)?;
    let first = *exchange.blueprints().first().ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidBlueprint,
            "the book holds no blueprint; export one by itself",
        )
    })?;
    let corner = names::map_position(position)?.tile();
    let layout = first.layout(vanilla())?.normalised();
    let before = world.clone();
    let mut built: Vec<(u32, EntityRef)> = Vec::new();
    for entity in layout.entities() {
        if skips_absent && !is_simulated(entity.prototype) {
            continue;
        }
        match build(world, entity, corner) {
            Ok(reference) => built.push((entity.entity_number, reference)),
            Err(error) => {
                *world = before;
                return Err(error.within(format!("blueprint entity {}", entity.entity_number)));
            }
        }
    }
    wire(world, first, &built);
    world.settle();
    Ok(built.into_iter().map(|(_, reference)| reference).collect())
}

fn build(world: &mut World, entity: &PlacedEntity, corner: TilePos) -> Result<EntityRef> {
    if entity.settings.is_mirrored {
        return Err(Error::new(
            ErrorKind::AbsentMechanic,
            "mirrored machines are not simulated; turn it instead",
        ));
    }
    let place = MapPos::new(
        entity.x_subtiles + corner.x * SUBTILES,
        entity.y_subtiles + corner.y * SUBTILES,
    );
    place_checked(
        world,
        entity.prototype,
        place,
        Direction::from_sixteenths(entity.direction),
        &entity.settings,
    )
}

/// The connector of copper wires on a pole (`defines.wire_connector_id.pole_copper`).
const POLE_COPPER: u64 = 5;

/// Wires the poles of a blueprint among each other as it says, if it says anything about wires.
fn wire(world: &mut World, blueprint: &Blueprint, built: &[(u32, EntityRef)]) {
    let Some(wires) = blueprint.wires.as_ref().and_then(Value::as_array) else {
        return;
    };
    let slot_of = |number: &Value| {
        let number = number.as_u64()?;
        let known = built
            .iter()
            .find(|(known, _)| u64::from(*known) == number)?;
        Some(known.1.slot)
    };
    let poles: Vec<u32> = built
        .iter()
        .map(|(_, reference)| reference.slot)
        .filter(|slot| {
            matches!(
                world.entities.get(*slot).map(|e| e.body),
                Some(Body::Pole(_))
            )
        })
        .collect();
    for one in &poles {
        for other in &poles {
            world.power.disconnect_poles(*one, *other);
        }
    }
    for wire in wires {
        if let Some([one, from, other, to]) = wire.as_array().map(Vec::as_slice)
            && from.as_u64() == Some(POLE_COPPER)
            && to.as_u64() == Some(POLE_COPPER)
            && let (Some(one), Some(other)) = (slot_of(one), slot_of(other))
        {
            world.power.connect_poles(one, other);
        }
    }
}

/// Writes what stands in an area as a blueprint string; trees and rocks are left out.
///
/// # Errors
/// `InvalidValue` for a wrong area and for one in which nothing stands.
pub fn export(world: &World, area: names::Corners) -> Result<String> {
    let mut found = Vec::new();
    let mut slots = Vec::new();
    for reference in super::entities(world, None, Some(area))? {
        if let Some(entity) = world.entity(reference)
            && entity.prototype().placed_by.is_some()
        {
            found.push(placed(world, entity));
            slots.push(reference.slot);
        }
    }
    if found.is_empty() {
        return Err(invalid(format!(
            "nothing that can be built stands in (({}, {}), ({}, {}))",
            area.0.0, area.0.1, area.1.0, area.1.1
        )));
    }
    let mut document = Layout::from_entities(found)
        .normalised()
        .to_blueprint("", vanilla())?;
    document.wires = wires_among(world, &slots);
    blueprint::encode(&Exchange::from(document))
}

fn placed(world: &World, entity: &Entity) -> PlacedEntity {
    let prototype = entity.prototype();
    let tiles = footprint(entity.prototype, entity.position, entity.direction);
    PlacedEntity {
        entity_number: 0,
        prototype: entity.prototype,
        x_subtiles: entity.position.x,
        y_subtiles: entity.position.y,
        direction: entity.direction.sixteenths(),
        is_rotatable: prototype.is_rotatable,
        width_tiles: tiles.width as u32,
        height_tiles: tiles.height as u32,
        settings: settings::of(world, entity),
    }
}

/// Lists the copper wires among the poles of a blueprint whose entities, numbered from 1, are in `slots`.
fn wires_among(world: &World, slots: &[u32]) -> Option<Value> {
    let mut has_poles = false;
    let mut wires = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        if !matches!(
            world.entities.get(*slot).map(|entity| entity.body),
            Some(Body::Pole(_))
        ) {
            continue;
        }
        has_poles = true;
        for other in world.power.wires_of(*slot) {
            if let Some(place) = slots[..index].iter().position(|known| *known == other) {
                wires.push(json!([place + 1, POLE_COPPER, index + 1, POLE_COPPER]));
            }
        }
    }
    has_poles.then_some(Value::Array(wires))
}
