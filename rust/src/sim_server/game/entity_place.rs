//! `LuaEntity`: where a thing is, and which way it faces.

use super::convert::{self, direction};
use super::core::Surface;
use super::entity::{CLASS, change, has_no, on, on_entity, prototype_of};
use super::handle::Thing;
use super::host::{Call, Registrar, gone};
use crate::prototypes::vanilla;
use crate::sim::drill::drop_position;
use crate::sim::entity::{Body, collision_box, footprint};
use crate::sim::inserter;
use crate::sim::placement::built_direction;
use crate::sim::position::{Direction, MapPos, Rect};
use crate::sim::script;

/// Gives position, direction and body of a thing.
fn place_of(surface: &Surface, thing: Thing) -> mlua::Result<(MapPos, Direction, Rect)> {
    let world = &surface.world;
    Ok(match thing {
        Thing::Entity(entity) => {
            let entity = world.entity(entity).ok_or_else(gone)?;
            (entity.position, entity.direction, entity.collision_box())
        }
        Thing::Ghost(ghost) => {
            let ghost = world.ghost(ghost).ok_or_else(gone)?;
            let body = collision_box(ghost.prototype, ghost.position, ghost.direction);
            (ghost.position, ghost.direction, body)
        }
        Thing::Unit(unit) => {
            let unit = world.unit(unit).ok_or_else(gone)?;
            (unit.position(), Direction::NORTH, unit.collision_box())
        }
        Thing::Character(_) => {
            let character = &world.character;
            let body = crate::sim::collision::character_box(character.position);
            (character.position, character.facing, body)
        }
        Thing::Resource(tile) => {
            let center = tile.center();
            (center, Direction::NORTH, around(surface, thing, center))
        }
        Thing::Pile(place) => (place, Direction::NORTH, around(surface, thing, place)),
    })
}

fn around(surface: &Surface, thing: Thing, center: MapPos) -> Rect {
    let shape = prototype_of(surface, thing)
        .map(|id| vanilla()[id].collision_box)
        .unwrap_or_default();
    Rect::around(center, shape, 0)
}

pub(super) fn register(r: &mut Registrar<'_>) {
    r.read(CLASS, "position", |call| {
        let (place, ..) = on(call, place_of)?;
        convert::position_value(call.lua, place)
    });
    r.read(CLASS, "bounding_box", |call| {
        let (.., body) = on(call, place_of)?;
        convert::area_value(call.lua, body)
    });
    r.read(CLASS, "selection_box", |call| {
        let body = on(call, |surface, thing| {
            let (place, facing, _) = place_of(surface, thing)?;
            let id = prototype_of(surface, thing).ok_or_else(gone)?;
            let shape = vanilla()[id].selection_box;
            Ok(Rect::around(place, shape, facing.quarter_turns()))
        })?;
        convert::area_value(call.lua, body)
    });
    r.read_write(
        CLASS,
        "direction",
        |call| {
            let (_, facing, _) = on(call, place_of)?;
            call.value(facing.sixteenths())
        },
        |call, value| {
            let facing = direction(&value)?;
            change(call, |surface, thing| {
                turn(surface, thing, facing);
                Ok(())
            })
        },
    );
    r.read(CLASS, "orientation", |call| {
        let (_, facing, _) = on(call, place_of)?;
        call.value(f64::from(facing.eighths()) / 8.0)
    });
    r.read(CLASS, "tile_width", |call| {
        let (width, _) = sides(call)?;
        call.value(width)
    });
    r.read(CLASS, "tile_height", |call| {
        let (_, height) = sides(call)?;
        call.value(height)
    });
    r.read(CLASS, "drop_position", |call| {
        let place = on_entity(call, |_, _, entity| match entity.body {
            Body::Inserter(_) => Some(inserter::drop_position(entity)),
            Body::Drill(_) => Some(drop_position(entity)),
            _ => None,
        })?;
        match place.flatten() {
            Some(place) => convert::position_value(call.lua, place),
            None => Err(has_no(call, "a drop position")),
        }
    });
    r.read(CLASS, "pickup_position", |call| {
        let place = on_entity(call, |_, _, entity| match entity.body {
            Body::Inserter(_) => Some(inserter::pickup_position(entity)),
            _ => None,
        })?;
        match place.flatten() {
            Some(place) => convert::position_value(call.lua, place),
            None => Err(has_no(call, "a pickup position")),
        }
    });
    // Writing these on inserters of the base game is passed over in silence, as in the game.
    r.write(CLASS, "drop_position", |_, _| Ok(()));
    r.write(CLASS, "pickup_position", |_, _| Ok(()));
}

fn sides(call: Call<'_>) -> mlua::Result<(u32, u32)> {
    on(call, |surface, thing| {
        let (_, facing, _) = place_of(surface, thing)?;
        let id = prototype_of(surface, thing).ok_or_else(gone)?;
        Ok(vanilla()[id].tile_size(u32::from(facing.quarter_turns())))
    })
}

/// Turns an entity, if it can be turned so where it stands.
pub(super) fn turn(surface: &mut Surface, thing: Thing, facing: Direction) -> bool {
    let Thing::Entity(reference) = thing else {
        return false;
    };
    let world = &mut surface.world;
    let Some(entity) = world.entity(reference) else {
        return false;
    };
    let keeps_its_tiles = footprint(entity.prototype, entity.position, facing)
        == footprint(entity.prototype, entity.position, entity.direction);
    let is_possible = built_direction(entity.prototype, facing) == facing
        && keeps_its_tiles
        && crate::sim::fluid::shore::suits_ground(
            &world.terrain,
            entity.prototype,
            entity.position,
            facing,
        );
    if is_possible && entity.direction != facing {
        script::turn(world, reference, facing);
    }
    is_possible
}
