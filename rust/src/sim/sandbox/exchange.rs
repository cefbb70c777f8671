//! Blueprint strings: built in a world at once, with their settings, and written of what stands in an area.

use super::super::blueprint::{self, Exchange, Layout, PlacedEntity};
use super::super::entity::{Entity, EntityRef, footprint};
use super::super::position::{Direction, MapPos, SUBTILES};
use super::super::world::World;
use super::{invalid, names, place_checked, settings};
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::vanilla;

/// Builds a blueprint (of a book, the first) with its north-western corner on the tile at `position`.
///
/// Everything is built at once and complete: recipes, filters, priorities and modules are set, fuel is inside.
///
/// # Errors
/// Those of the blueprint, and those of placing any of its entities; the world is then as before.
pub fn import(world: &mut World, text: &str, position: (f64, f64)) -> Result<Vec<EntityRef>> {
    let exchange = blueprint::decode(text)?;
    let first = *exchange.blueprints().first().ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidBlueprint,
            "the book holds no blueprint; export one by itself",
        )
    })?;
    let corner = names::map_position(position)?.tile();
    let layout = first.layout(vanilla())?.normalised();
    let mut built = Vec::new();
    for entity in layout.entities() {
        let place = MapPos::new(
            entity.x_subtiles + corner.x * SUBTILES,
            entity.y_subtiles + corner.y * SUBTILES,
        );
        let placed = place_checked(
            world,
            entity.prototype,
            place,
            Direction::from_sixteenths(entity.direction),
            &entity.settings,
        );
        match placed {
            Ok(reference) => built.push(reference),
            Err(error) => {
                for reference in built {
                    world.remove_entity(reference);
                }
                world.settle();
                return Err(error.within(format!("blueprint entity {}", entity.entity_number)));
            }
        }
    }
    world.settle();
    Ok(built)
}

/// Writes what stands in an area as a blueprint string; trees and rocks are left out.
///
/// # Errors
/// `InvalidValue` for a wrong area and for one in which nothing stands.
pub fn export(world: &World, area: names::Corners) -> Result<String> {
    let mut found = Vec::new();
    for reference in super::entities(world, None, Some(area))? {
        if let Some(entity) = world.entity(reference)
            && entity.prototype().placed_by.is_some()
        {
            found.push(placed(world, entity));
        }
    }
    if found.is_empty() {
        return Err(invalid(format!(
            "nothing that can be built stands in (({}, {}), ({}, {}))",
            area.0.0, area.0.1, area.1.0, area.1.1
        )));
    }
    let document = Layout::from_entities(found)
        .normalised()
        .to_blueprint("", vanilla())?;
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
