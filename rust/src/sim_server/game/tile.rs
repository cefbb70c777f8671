//! `LuaTile`, and what `LuaSurface` does with tiles.

use mlua::{Table, Value};

use super::convert::{self, area, argument, number, position, table_argument, truth};
use super::handle::{Handle, Kind, Thing};
use super::host::{Call, Registrar};
use super::surface::{change, number_of, on};
use crate::prototypes::vanilla;
use crate::sim::entity::Target;
use crate::sim::position::{MapPos, TilePos};
use crate::sim::script;

const CLASS: &str = "LuaSurface";

pub(super) fn register(r: &mut Registrar<'_>) {
    register_tiles(r);
    register_tile_class(r);
}

fn register_tiles(r: &mut Registrar<'_>) {
    r.method(CLASS, "get_tile", |call, arguments| {
        let first = argument(&arguments, 0);
        let (x, y) = match &first {
            Value::Table(_) => convert::pair(&first)?,
            _ => (number(&first)?, number(&argument(&arguments, 1))?),
        };
        tile_object(call, TilePos::new(x.floor() as i32, y.floor() as i32))
    });
    r.method(CLASS, "set_tiles", |call, arguments| {
        let Value::Table(list) = argument(&arguments, 0) else {
            return Err(convert::expected(
                "a list of tiles",
                &argument(&arguments, 0),
            ));
        };
        let mut tiles = Vec::with_capacity(list.raw_len());
        for entry in list.sequence_values::<Table>() {
            let entry = entry?;
            let tile = convert::tile(call, &entry.raw_get("name")?)?;
            let (x, y) = convert::pair(&entry.raw_get("position")?)?;
            tiles.push((TilePos::new(x.floor() as i32, y.floor() as i32), tile));
        }
        let removes = match argument(&arguments, 2) {
            Value::Nil => true,
            removes => truth(&removes),
        };
        change(call, |surface| {
            let world = &mut surface.world;
            for (place, tile) in tiles {
                script::set_tile(world, place, tile);
                if removes && vanilla()[tile].blocks_building {
                    if let Some(entity) = world
                        .entity_slot_at(place)
                        .and_then(|slot| world.reference(slot))
                    {
                        script::destroy(world, Target::Entity(entity));
                    }
                    script::set_resource(world, place, None);
                }
            }
            world.settle();
        })?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "find_tiles_filtered", |call, arguments| {
        let found = find_tiles(call, &table_argument(&arguments)?)?;
        let list = call.lua.create_table_with_capacity(found.len(), 0)?;
        for (place, tile) in found.into_iter().enumerate() {
            list.raw_set(place + 1, tile_object(call, tile)?)?;
        }
        Ok(Value::Table(list))
    });
    r.method(CLASS, "count_tiles_filtered", |call, arguments| {
        call.value(find_tiles(call, &table_argument(&arguments)?)?.len())
    });
}

fn find_tiles(call: Call<'_>, filter: &Table) -> mlua::Result<Vec<TilePos>> {
    let get = |name: &str| filter.raw_get::<Value>(name);
    let names = convert::names(call, &get("name")?)?;
    let limit = match get("limit")? {
        Value::Nil => usize::MAX,
        limit => convert::count(&limit)? as usize,
    };
    let is_inverted = truth(&get("invert")?);
    let (mut around, mut bounds) = (None, None);
    match (get("position")?, get("radius")?) {
        (Value::Nil, _) => match get("area")? {
            Value::Nil => {}
            given => bounds = Some(area(&given)?),
        },
        (place, Value::Nil) => {
            let place = position(&place)?;
            bounds = Some(crate::sim::position::Rect {
                left: place.x,
                top: place.y,
                right: place.x + 1,
                bottom: place.y + 1,
            });
        }
        (place, radius) => {
            let radius = (number(&radius)? * 256.0) as i32;
            around = Some((position(&place)?, i64::from(radius) * i64::from(radius)));
        }
    }
    on(call, |surface| {
        let terrain = &surface.world.terrain;
        let map = terrain.area();
        let mut found = Vec::new();
        let (low, high) = match bounds {
            // A tile belongs to an area that it has more than an edge in common with.
            Some(area) => (
                MapPos::new(area.left, area.top).tile(),
                MapPos::new(area.right - 1, area.bottom - 1).tile(),
            ),
            None => (
                TilePos::new(map.left, map.top),
                TilePos::new(map.left + map.width - 1, map.top + map.height - 1),
            ),
        };
        for y in low.y.max(map.top)..=high.y.min(map.top + map.height - 1) {
            for x in low.x.max(map.left)..=high.x.min(map.left + map.width - 1) {
                let tile = TilePos::new(x, y);
                let is_near = around
                    .is_none_or(|(place, reach)| tile.center().distance_squared(place) <= reach);
                let Some(id) = terrain.tile(tile).filter(|_| is_near) else {
                    continue;
                };
                let is_named = names
                    .as_ref()
                    .is_none_or(|names| names.contains(&vanilla()[id].name));
                if is_named != is_inverted {
                    found.push(tile);
                    if found.len() >= limit {
                        return found;
                    }
                }
            }
        }
        found
    })
}

fn tile_object(call: Call<'_>, tile: TilePos) -> mlua::Result<Value> {
    let epoch = on(call, |surface| surface.epoch)?;
    let handle = Handle {
        kind: Kind::Resource,
        ..Handle::of_thing(number_of(call), epoch, Thing::Resource(tile))
    };
    call.host.object(call.lua, "LuaTile", handle.pack())
}

fn register_tile_class(r: &mut Registrar<'_>) {
    const TILE: &str = "LuaTile";
    r.read(TILE, "name", |call| {
        let tile = tile_of(call);
        let name = call.host.on_surface(call.object, |surface, _| {
            surface
                .world
                .terrain
                .tile(tile)
                .map_or("out-of-map", |id| vanilla()[id].name.as_str())
        })?;
        call.value(name)
    });
    r.read(TILE, "position", |call| {
        let tile = tile_of(call);
        convert::pair_value(call.lua, f64::from(tile.x), f64::from(tile.y))
    });
    r.read(TILE, "surface", |call| {
        call.host.surface(call.lua, call.handle().surface)
    });
}

fn tile_of(call: Call<'_>) -> TilePos {
    let handle = call.handle();
    TilePos::new(handle.a as i32, handle.b as i32)
}
