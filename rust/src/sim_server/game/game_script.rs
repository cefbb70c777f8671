//! `LuaGameScript`: clock, surfaces, forces, and what concerns the whole save.

use mlua::{Table, Value};

use super::convert::{self, argument, count, number, text, truth};
use super::core::{Event, MAX_FORCES};
use super::host::{Registrar, fault};
use super::tables;

const CLASS: &str = "LuaGameScript";
/// The game is never slower.
const MIN_SPEED: f64 = 0.01;

pub(super) fn register(r: &mut Registrar<'_>) {
    register_clock(r);
    register_collections(r);
    register_surfaces(r);
    register_forces(r);
    r.read_write(
        CLASS,
        "autosave_enabled",
        |call| call.value(call.host.core.borrow().autosave_enabled),
        |call, value| {
            call.host.core.borrow_mut().autosave_enabled = truth(&value);
            Ok(())
        },
    );
    r.method(CLASS, "server_save", |call, arguments| {
        let name = match argument(&arguments, 0) {
            Value::Nil => None,
            name => Some(text(&name)?),
        };
        *call.host.session.wants_save.borrow_mut() = Some(name);
        Ok(Value::Nil)
    });
    r.method(CLASS, "print", |call, arguments| {
        let line = super::helpers::localised(&argument(&arguments, 0))?;
        (call.host.session.log)(&line);
        Ok(Value::Nil)
    });
    r.read(CLASS, "console_command_used", |call| {
        call.value(call.host.core.borrow().console_command_used)
    });
    r.method(CLASS, "is_multiplayer", |call, _| call.value(true));
    r.method(CLASS, "is_demo", |call, _| call.value(false));
    r.read(CLASS, "finished", |call| call.value(false));
    r.method(CLASS, "get_entity_by_unit_number", |call, arguments| {
        let wanted = number(&argument(&arguments, 0))? as u64;
        // Of the base game's entities only characters can be found so.
        let core = call.host.core.borrow();
        let found = core.surfaces().find_map(|(number, surface)| {
            let character = surface.character?;
            let thing = super::handle::Thing::Character(character);
            let handle = super::handle::Handle::of_thing(number, surface.epoch, thing);
            (super::entity::unit_number(handle) == wanted).then_some(handle)
        });
        drop(core);
        match found {
            Some(handle) => call.host.object(call.lua, "LuaEntity", handle.pack()),
            None => Ok(Value::Nil),
        }
    });
}

fn register_clock(r: &mut Registrar<'_>) {
    r.read(CLASS, "tick", |call| {
        call.value(call.host.core.borrow().tick)
    });
    r.read(CLASS, "ticks_played", |call| {
        call.value(call.host.core.borrow().ticks_played)
    });
    r.read_write(
        CLASS,
        "tick_paused",
        |call| call.value(call.host.core.borrow().tick_paused),
        |call, value| {
            call.host.core.borrow_mut().tick_paused = truth(&value);
            Ok(())
        },
    );
    r.read_write(
        CLASS,
        "ticks_to_run",
        |call| call.value(call.host.core.borrow().ticks_to_run),
        |call, value| {
            let ticks = count(&value)?;
            call.host.core.borrow_mut().ticks_to_run = ticks;
            Ok(())
        },
    );
    r.read_write(
        CLASS,
        "speed",
        |call| call.value(call.host.core.borrow().speed),
        |call, value| {
            let speed = number(&value)?;
            if !speed.is_finite() || speed < MIN_SPEED {
                return Err(fault(format!(
                    "game.speed must be at least {MIN_SPEED}, not {speed}"
                )));
            }
            call.host.core.borrow_mut().speed = speed;
            Ok(())
        },
    );
}

fn register_collections(r: &mut Registrar<'_>) {
    r.read(CLASS, "surfaces", |call| {
        tables::object(call.host, call.lua, tables::SURFACES, 0)
    });
    r.read(CLASS, "forces", |call| {
        tables::object(call.host, call.lua, tables::FORCES, 0)
    });
    for name in ["players", "planets"] {
        r.read(CLASS, name, |call| tables::empty(call.host, call.lua));
    }
    r.read(CLASS, "connected_players", |call| {
        call.lua.create_table().map(Value::Table)
    });
    r.read(CLASS, "player", |_| Ok(Value::Nil));
    r.method(CLASS, "get_player", |_, _| Ok(Value::Nil));
}

fn register_surfaces(r: &mut Registrar<'_>) {
    r.method(CLASS, "create_surface", |call, arguments| {
        let name = text(&argument(&arguments, 0))?;
        let settings = match argument(&arguments, 1) {
            Value::Table(settings) => Some(settings),
            _ => None,
        };
        let (seed, sides) = map_settings(settings.as_ref())?;
        let number = {
            let mut core = call.host.core.borrow_mut();
            if core.surface_named(&name).is_some() {
                return Err(fault(format!("Surface with name {name} already exists.")));
            }
            let seed = seed.unwrap_or_else(|| core.next_epoch.wrapping_mul(0x9e37_79b9));
            core.add_surface(&name, seed, sides)
        };
        let number = number.ok_or_else(|| {
            fault(format!(
                "this server holds at most {} surfaces",
                super::handle::MAX_SURFACES - 1
            ))
        })?;
        if settings.is_some_and(|settings| settings.get::<bool>("no_enemies_mode").unwrap_or(false))
            && let Some(surface) = call.host.core.borrow_mut().surface_mut(number)
        {
            surface.no_enemies_mode = true;
        }
        super::events::deliver_within(call)?;
        call.host.surface(call.lua, number)
    });
    r.method(CLASS, "delete_surface", |call, arguments| {
        let mut core = call.host.core.borrow_mut();
        let number = convert::surface(call.host, &core, &argument(&arguments, 0))?;
        if number == 1 || core.deletions.contains(&number) {
            return Ok(Value::Boolean(false));
        }
        core.deletions.push(number);
        Ok(Value::Boolean(true))
    });
    r.method(CLASS, "get_surface", |call, arguments| {
        let found = {
            let core = call.host.core.borrow();
            convert::surface(call.host, &core, &argument(&arguments, 0)).ok()
        };
        match found {
            Some(number) => call.host.surface(call.lua, number),
            None => Ok(Value::Nil),
        }
    });
}

/// Reads what our maps have of map settings: the seed and the sides.
pub(super) fn map_settings(settings: Option<&Table>) -> mlua::Result<(Option<u32>, (u32, u32))> {
    let Some(settings) = settings else {
        return Ok((None, (0, 0)));
    };
    let read = |name: &str| -> mlua::Result<Option<u32>> {
        match settings.raw_get::<Value>(name)? {
            Value::Nil => Ok(None),
            value => count(&value).map(Some),
        }
    };
    let sides = (read("width")?.unwrap_or(0), read("height")?.unwrap_or(0));
    Ok((read("seed")?, sides))
}

fn register_forces(r: &mut Registrar<'_>) {
    r.method(CLASS, "create_force", |call, arguments| {
        let name = text(&argument(&arguments, 0))?;
        let number = {
            let mut core = call.host.core.borrow_mut();
            if core.force_named(&name).is_some() {
                return Err(fault(format!("Force with name {name} already exists.")));
            }
            core.add_force(&name)
        };
        let number = number.ok_or_else(|| {
            fault(format!(
                "Can't create force: there are at most {MAX_FORCES} forces."
            ))
        })?;
        super::events::deliver_within(call)?;
        call.host.force(call.lua, number)
    });
    r.method(CLASS, "merge_forces", |call, arguments| {
        let mut core = call.host.core.borrow_mut();
        let source = convert::force(call.host, &core, &argument(&arguments, 0))?;
        let destination = convert::force(call.host, &core, &argument(&arguments, 1))?;
        if source <= 3 || source == destination {
            return Err(fault(
                "the game's own forces cannot be merged into others, nor a force into itself",
            ));
        }
        core.merges.push((source, destination));
        core.events
            .push_back(Event::ForcesMerging(source, destination));
        Ok(Value::Nil)
    });
}
