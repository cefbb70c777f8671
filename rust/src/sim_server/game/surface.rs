//! `LuaSurface`: the map, what can be placed on it, and searches.

use mlua::{MultiValue, Value};

use super::convert::{self, area, argument, number, position, table_argument, text, truth};
use super::core::{Event, Surface};
use super::find::{Filter, find};
use super::host::{Call, Registrar, fault, gone};
use crate::prototypes::{EntityKind, vanilla};
use crate::sim::collision::is_free;
use crate::sim::drill::resource_facts;
use crate::sim::placement::{is_placeable, snapped};
use crate::sim::position::Direction;
use crate::sim::script;

const CLASS: &str = "LuaSurface";
/// Chunks that one call may ask for along one side.
const MAX_CHUNK_RADIUS: u32 = 64;
const CHUNK_TILES: i32 = 32;

pub(super) fn register(r: &mut Registrar<'_>) {
    register_facts(r);
    register_flags(r);
    register_chunks(r);
    register_searches(r);
    super::tile::register(r);
    super::surface_building::register(r);
    r.method(CLASS, "clear", |call, _| {
        let number = number_of(call);
        let mut core = call.host.core.borrow_mut();
        if !core.clearings.contains(&number) {
            core.clearings.push(number);
        }
        Ok(Value::Nil)
    });
    r.method(CLASS, "destroy_decoratives", |_, _| Ok(Value::Nil));
    r.method(CLASS, "print", |call, arguments| {
        let line = super::helpers::localised(&argument(&arguments, 0))?;
        (call.host.session.log)(&line);
        Ok(Value::Nil)
    });
    r.method(CLASS, "get_pollution", |call, arguments| {
        let place = position(&argument(&arguments, 0))?;
        let amount = on(call, |surface| surface.world.pollution_at(place))?;
        call.value(amount)
    });
    r.method(CLASS, "get_total_pollution", |call, _| {
        let amount = on(call, |surface| surface.world.pollution.total())?;
        call.value(amount)
    });
}

/// Gives the number of the surface that is called.
pub(super) fn number_of(call: Call<'_>) -> u16 {
    call.object.handle as u16
}

/// Looks at the surface that is called.
pub(super) fn on<R>(call: Call<'_>, look: impl FnOnce(&Surface) -> R) -> mlua::Result<R> {
    let core = call.host.core.borrow();
    core.surface(number_of(call)).map(look).ok_or_else(gone)
}

/// Changes the surface that is called.
pub(super) fn change<R>(call: Call<'_>, change: impl FnOnce(&mut Surface) -> R) -> mlua::Result<R> {
    let mut core = call.host.core.borrow_mut();
    core.surface_mut(number_of(call))
        .map(change)
        .ok_or_else(gone)
}

fn register_facts(r: &mut Registrar<'_>) {
    r.read_write(
        CLASS,
        "name",
        |call| {
            let name = on(call, |surface| surface.name.clone())?;
            call.value(name)
        },
        |call, value| {
            let name = text(&value)?;
            if call.host.core.borrow().surface_named(&name).is_some() {
                return Err(fault(format!("Surface with name {name} already exists.")));
            }
            change(call, |surface| surface.name = name)
        },
    );
    r.read(CLASS, "index", |call| call.value(number_of(call)));
    r.read(CLASS, "deletable", |call| call.value(number_of(call) != 1));
    r.read(CLASS, "planet", |_| Ok(Value::Nil));
    r.read(CLASS, "platform", |_| Ok(Value::Nil));
    r.read_write(
        CLASS,
        "map_gen_settings",
        |call| {
            let (seed, sides) = on(call, |surface| (surface.seed, surface.sides))?;
            let settings = call.lua.create_table()?;
            settings.raw_set("seed", seed)?;
            settings.raw_set("width", sides.0)?;
            settings.raw_set("height", sides.1)?;
            Ok(Value::Table(settings))
        },
        // The game generates nothing anew; here the random streams start anew, since nothing else depends on the seed.
        |call, value| {
            let Value::Table(settings) = value else {
                return Err(convert::expected("a table", &value));
            };
            let (seed, sides) = super::game_script::map_settings(Some(&settings))?;
            change(call, |surface| {
                surface.sides = sides;
                if let Some(seed) = seed {
                    surface.seed = seed;
                    script::reseed(&mut surface.world, u64::from(seed));
                }
            })
        },
    );
    r.method(CLASS, "get_resource_counts", |call, _| {
        let counts = on(call, |surface| {
            let mut counts: std::collections::BTreeMap<&str, u64> =
                std::collections::BTreeMap::new();
            let terrain = &surface.world.terrain;
            for tile in terrain.area().tiles() {
                if let Some(resource) = terrain.resource(tile)
                    && let Some(facts) = resource_facts(resource.code)
                {
                    *counts
                        .entry(vanilla()[facts.prototype].name.as_str())
                        .or_insert(0) += u64::from(resource.amount);
                }
            }
            counts
        })?;
        let table = call.lua.create_table()?;
        for (name, amount) in counts {
            table.raw_set(name, amount)?;
        }
        Ok(Value::Table(table))
    });
}

macro_rules! flags {
    ($r:ident, $($name:literal => $field:ident;)*) => {
        $(
            $r.read_write(
                CLASS,
                $name,
                |call| call.value(on(call, |surface| surface.$field)?),
                |call, value| change(call, |surface| surface.$field = truth(&value)),
            );
        )*
    };
}

fn register_flags(r: &mut Registrar<'_>) {
    flags! { r,
        "always_day" => always_day;
        "freeze_daytime" => freeze_daytime;
        "peaceful_mode" => peaceful_mode;
        "no_enemies_mode" => no_enemies_mode;
        "generate_with_lab_tiles" => has_lab_tiles;
    }
    r.read_write(
        CLASS,
        "daytime",
        |call| call.value(on(call, |surface| surface.daytime)?),
        |call, value| {
            let daytime = number(&value)?.rem_euclid(1.0);
            change(call, |surface| surface.daytime = daytime)
        },
    );
}

fn register_chunks(r: &mut Registrar<'_>) {
    r.method(CLASS, "request_to_generate_chunks", |call, arguments| {
        let place = position(&argument(&arguments, 0))?.tile();
        let radius = match argument(&arguments, 1) {
            Value::Nil => 0,
            radius => convert::count(&radius)?,
        };
        if radius > MAX_CHUNK_RADIUS {
            return Err(fault(format!(
                "this server generates at most {MAX_CHUNK_RADIUS} chunks around, not {radius}"
            )));
        }
        let radius = radius as i32;
        let (x, y) = (
            place.x.div_euclid(CHUNK_TILES),
            place.y.div_euclid(CHUNK_TILES),
        );
        change(call, |surface| {
            for dy in -radius..=radius {
                for dx in -radius..=radius {
                    surface.requested.insert((x + dx, y + dy));
                }
            }
        })?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "force_generate_chunk_requests", |call, _| {
        generate(call)?;
        super::events::deliver_within(call)?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "is_chunk_generated", |call, arguments| {
        let (x, y) = convert::pair(&argument(&arguments, 0))?;
        let chunk = (x.floor() as i32, y.floor() as i32);
        call.value(on(call, |surface| surface.generated.contains(&chunk))?)
    });
    r.method(CLASS, "delete_chunk", |call, arguments| {
        let (x, y) = convert::pair(&argument(&arguments, 0))?;
        let chunk = (x.floor() as i32, y.floor() as i32);
        change(call, |surface| surface.generated.remove(&chunk))?;
        Ok(Value::Nil)
    });
}

/// Marks the chunks that were asked for as generated: the map is there from the beginning.
fn generate(call: Call<'_>) -> mlua::Result<()> {
    let number = number_of(call);
    let made: Vec<(i32, i32)> = change(call, |surface| {
        let requested = std::mem::take(&mut surface.requested);
        requested
            .into_iter()
            .filter(|chunk| surface.generated.insert(*chunk))
            .collect()
    })?;
    let mut core = call.host.core.borrow_mut();
    for chunk in made {
        core.events.push_back(Event::ChunkGenerated(number, chunk));
    }
    Ok(())
}

fn register_searches(r: &mut Registrar<'_>) {
    r.method(CLASS, "find_entities_filtered", |call, arguments| {
        let filter = Filter::of(call, &table_argument(&arguments)?)?;
        listed(call, &filter)
    });
    r.method(CLASS, "count_entities_filtered", |call, arguments| {
        let filter = Filter::of(call, &table_argument(&arguments)?)?;
        call.value(on(call, |surface| find(surface, &filter).len())?)
    });
    r.method(CLASS, "find_entities", |call, arguments| {
        let area = match argument(&arguments, 0) {
            Value::Nil => None,
            given => Some(area(&given)?),
        };
        listed(call, &Filter::within(area))
    });
    r.method(CLASS, "find_entity", |call, arguments| {
        let name = convert::name_of(call, &argument(&arguments, 0))?;
        let place = position(&argument(&arguments, 1))?;
        let mut filter = Filter::named_at(name, place);
        filter.limit = 1;
        let (found, epoch) = on(call, |surface| {
            (find(surface, &filter).first().copied(), surface.epoch)
        })?;
        match found {
            Some(thing) => call.host.entity(call.lua, number_of(call), epoch, thing),
            None => Ok(Value::Nil),
        }
    });
    r.method(CLASS, "find_non_colliding_position", |call, arguments| {
        find_free(call, &arguments)
    });
}

fn listed(call: Call<'_>, filter: &Filter) -> mlua::Result<Value> {
    let (found, epoch) = on(call, |surface| (find(surface, filter), surface.epoch))?;
    let list = call.lua.create_table_with_capacity(found.len(), 0)?;
    for (place, thing) in found.into_iter().enumerate() {
        let entity = call.host.entity(call.lua, number_of(call), epoch, thing)?;
        list.raw_set(place + 1, entity)?;
    }
    Ok(Value::Table(list))
}

/// Finds the nearest place for an entity, ring by ring.
fn find_free(call: Call<'_>, arguments: &MultiValue) -> mlua::Result<Value> {
    /// Places that are tried at most.
    const MAX_RINGS: i32 = 512;
    let prototype = convert::entity_prototype(call, &argument(arguments, 0))?;
    let center = position(&argument(arguments, 1))?;
    let radius = number(&argument(arguments, 2))?;
    let precision = number(&argument(arguments, 3))?;
    if precision.is_nan() || precision < 0.01 {
        return Err(fault("the precision must be at least 0.01"));
    }
    let step = ((precision * 256.0) as i32).max(1);
    let rings = if radius <= 0.0 {
        MAX_RINGS
    } else {
        (((radius / precision).floor()) as i32).min(MAX_RINGS)
    };
    let is_character = vanilla()[prototype].kind == EntityKind::Character;
    let found = on(call, |surface| {
        let world = &surface.world;
        for ring in 0..=rings {
            for dy in -ring..=ring {
                for dx in -ring..=ring {
                    if dx.abs().max(dy.abs()) != ring {
                        continue;
                    }
                    let place = center.offset(dx * step, dy * step);
                    let fits = if is_character {
                        is_free(world, place)
                    } else {
                        let place = snapped(prototype, place, Direction::NORTH);
                        is_placeable(world, None, prototype, place, Direction::NORTH)
                    };
                    if fits {
                        return Some(place);
                    }
                }
            }
        }
        None
    })?;
    match found {
        Some(place) => convert::position_value(call.lua, place),
        None => Ok(Value::Nil),
    }
}
