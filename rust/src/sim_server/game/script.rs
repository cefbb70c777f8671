//! `LuaBootstrap`: what a mod registers, and the events that it raises itself.

use mlua::{Function, Table, Value};

use super::convert::{argument, count, expected, named, text, truth};
use super::core::Event;
use super::handle::{Handle, Kind};
use super::host::{Call, Host, Registrar, Side, fault};
use crate::lua::object_of;

const CLASS: &str = "LuaBootstrap";

pub(super) fn register(r: &mut Registrar<'_>) {
    r.read(CLASS, "mod_name", |call| {
        let name = match Host::side(call.lua) {
            Side::Mod => call.host.session.mod_name.as_str(),
            Side::Level => "level",
        };
        call.value(name)
    });
    r.read(CLASS, "level", |call| {
        let level = call.lua.create_table()?;
        level.raw_set("is_simulation", false)?;
        level.raw_set("level_name", "freeplay")?;
        level.raw_set("mod_name", "base")?;
        Ok(Value::Table(level))
    });
    r.read(CLASS, "active_mods", |call| {
        let session = &call.host.session;
        let mods = call.lua.create_table()?;
        mods.raw_set("base", session.game_version.as_str())?;
        if !session.mod_name.is_empty() {
            mods.raw_set(session.mod_name.as_str(), session.mod_version.as_str())?;
        }
        Ok(Value::Table(mods))
    });
    r.read(CLASS, "feature_flags", |call| {
        let flags = call.lua.create_table()?;
        for name in [
            "expansion_shaders",
            "freezing",
            "quality",
            "rail_bridges",
            "segmented_units",
            "space_travel",
            "spoiling",
        ] {
            flags.raw_set(name, false)?;
        }
        Ok(Value::Table(flags))
    });
    register_handlers(r);
    register_raising(r);
    r.method(CLASS, "register_metatable", |call, arguments| {
        if !call.host.session.is_loading.get() {
            return Err(fault(
                "register_metatable can be used only while control.lua is loaded",
            ));
        }
        let name = text(&argument(&arguments, 0))?;
        let Value::Table(table) = argument(&arguments, 1) else {
            return Err(expected("a table", &argument(&arguments, 1)));
        };
        let handlers = call.host.handlers(Host::side(call.lua));
        handlers.borrow_mut().metatables.insert(name, table);
        Ok(Value::Nil)
    });
    r.methods(CLASS, "register_on_object_destroyed", |call, arguments| {
        register_object(call, &argument(&arguments, 0))
    });
}

fn register_handlers(r: &mut Registrar<'_>) {
    r.method(CLASS, "on_init", |call, arguments| {
        let function = function_or_nil(&argument(&arguments, 0))?;
        handlers(call, |handlers| handlers.on_init = function);
        Ok(Value::Nil)
    });
    r.method(CLASS, "on_load", |call, arguments| {
        let function = function_or_nil(&argument(&arguments, 0))?;
        handlers(call, |handlers| handlers.on_load = function);
        Ok(Value::Nil)
    });
    r.method(CLASS, "on_configuration_changed", |call, arguments| {
        let function = function_or_nil(&argument(&arguments, 0))?;
        handlers(call, |handlers| {
            handlers.on_configuration_changed = function;
        });
        Ok(Value::Nil)
    });
    r.method(CLASS, "on_event", |call, arguments| {
        let function = function_or_nil(&argument(&arguments, 1))?;
        let filters = argument(&arguments, 2);
        for event in events_of(call, &argument(&arguments, 0))? {
            handlers(call, |handlers| match &function {
                Some(function) => {
                    let handler = (function.clone(), filters.clone());
                    handlers.events.insert(event, handler);
                }
                None => drop(handlers.events.remove(&event)),
            });
        }
        Ok(Value::Nil)
    });
    r.method(CLASS, "on_nth_tick", |call, arguments| {
        let function = function_or_nil(&argument(&arguments, 1))?;
        let ticks = match argument(&arguments, 0) {
            Value::Nil => {
                handlers(call, |handlers| handlers.nth_tick.clear());
                return Ok(Value::Nil);
            }
            Value::Table(list) => list
                .sequence_values::<Value>()
                .map(|entry| count(&entry?))
                .collect::<mlua::Result<Vec<u32>>>()?,
            one => vec![count(&one)?],
        };
        if ticks.contains(&0) {
            return Err(fault("on_nth_tick takes a number of ticks above 0, not 0"));
        }
        for tick in ticks {
            handlers(call, |handlers| match &function {
                Some(function) => drop(handlers.nth_tick.insert(tick, function.clone())),
                None => drop(handlers.nth_tick.remove(&tick)),
            });
        }
        Ok(Value::Nil)
    });
    register_lookups(r);
}

fn register_lookups(r: &mut Registrar<'_>) {
    r.method(CLASS, "get_event_handler", |call, arguments| {
        let event = count(&argument(&arguments, 0))?;
        let handlers = call.host.handlers(Host::side(call.lua)).borrow();
        let found = handlers.events.get(&event);
        Ok(found.map_or(Value::Nil, |(function, _)| {
            Value::Function(function.clone())
        }))
    });
    r.method(CLASS, "set_event_filter", |call, arguments| {
        let event = count(&argument(&arguments, 0))?;
        let filters = argument(&arguments, 1);
        handlers(call, |handlers| {
            if let Some((_, held)) = handlers.events.get_mut(&event) {
                *held = filters;
            }
        });
        Ok(Value::Nil)
    });
    r.method(CLASS, "get_event_filter", |call, arguments| {
        let event = count(&argument(&arguments, 0))?;
        let handlers = call.host.handlers(Host::side(call.lua)).borrow();
        let found = handlers.events.get(&event);
        Ok(found.map_or(Value::Nil, |(_, filters)| filters.clone()))
    });
    r.method(CLASS, "generate_event_name", |call, _| {
        /// Names that scripts make come after those of the game.
        const FIRST_NAME: u32 = 10_000;
        let mut core = call.host.core.borrow_mut();
        core.next_event_name += 1;
        call.value(FIRST_NAME + core.next_event_name - 1)
    });
}

fn register_raising(r: &mut Registrar<'_>) {
    r.method(CLASS, "raise_event", |call, arguments| {
        let event = count(&argument(&arguments, 0))?;
        let data = match argument(&arguments, 1) {
            Value::Table(table) => table,
            other => return Err(expected("a table", &other)),
        };
        let tick = call.host.core.borrow().tick;
        let copy = call.lua.create_table()?;
        for pair in data.pairs::<Value, Value>() {
            let (key, value) = pair?;
            copy.raw_set(key, value)?;
        }
        copy.raw_set("name", event)?;
        copy.raw_set("tick", tick)?;
        copy.raw_set("mod_name", call.host.session.mod_name.as_str())?;
        raise_here(call, event, &copy)?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "raise_script_built", |call, arguments| {
        raise_entity(call, named(&arguments)?, Event::ScriptRaisedBuilt)
    });
    r.method(CLASS, "raise_script_destroy", |call, arguments| {
        raise_entity(call, named(&arguments)?, Event::ScriptRaisedDestroy)
    });
    r.method(CLASS, "raise_script_revive", |call, arguments| {
        raise_entity(call, named(&arguments)?, Event::ScriptRaisedRevive)
    });
}

fn raise_entity(
    call: Call<'_>,
    data: Option<Table>,
    event: fn(u128) -> Event,
) -> mlua::Result<Value> {
    let entity: Value = data
        .ok_or_else(|| fault("expected a table"))?
        .raw_get("entity")?;
    let object = object_of(&entity).ok_or_else(|| expected("a LuaEntity", &entity))?;
    call.host
        .core
        .borrow_mut()
        .events
        .push_back(event(object.handle));
    super::events::deliver_within(call)?;
    Ok(Value::Nil)
}

/// Calls the handler of an event in the state that raises it.
fn raise_here(call: Call<'_>, event: u32, data: &Table) -> mlua::Result<()> {
    let handler = {
        let handlers = call.host.handlers(Host::side(call.lua)).borrow();
        handlers
            .events
            .get(&event)
            .map(|(function, _)| function.clone())
    };
    match handler {
        Some(function) => function.call::<()>(data.clone()),
        None => Ok(()),
    }
}

fn handlers(call: Call<'_>, change: impl FnOnce(&mut super::host::Handlers)) {
    change(&mut call.host.handlers(Host::side(call.lua)).borrow_mut());
}

fn function_or_nil(value: &Value) -> mlua::Result<Option<Function>> {
    match value {
        Value::Nil => Ok(None),
        Value::Function(function) => Ok(Some(function.clone())),
        other => Err(expected("a function or nil", other)),
    }
}

/// Reads events: a number, a name, or a list of them.
fn events_of(call: Call<'_>, value: &Value) -> mlua::Result<Vec<u32>> {
    match value {
        Value::Table(list) => {
            let mut events = Vec::new();
            for entry in list.sequence_values::<Value>() {
                events.extend(events_of(call, &entry?)?);
            }
            Ok(events)
        }
        Value::String(name) => {
            let name = name.to_string_lossy();
            let found = call.host.defines.event(&name);
            Ok(vec![
                found.ok_or_else(|| fault(format!("Unknown event: {name}")))?,
            ])
        }
        number => Ok(vec![count(number)?]),
    }
}

/// Notes that the end of an object is to be told: registration number, useful number, type.
fn register_object(call: Call<'_>, value: &Value) -> mlua::Result<mlua::MultiValue> {
    let object = object_of(value).ok_or_else(|| expected("an object of the game", value))?;
    let class = call.host.layer().class_name(object).to_owned();
    let kind = match class.as_str() {
        "LuaEntity" => "entity",
        "LuaSurface" => "surface",
        other => {
            return Err(fault(format!(
                "the end of a {other} cannot be registered on this server; of LuaEntity and LuaSurface it can"
            )));
        }
    };
    let marked = if kind == "surface" {
        object.handle | 1 << 127
    } else {
        object.handle
    };
    let mut core = call.host.core.borrow_mut();
    let known = core
        .registered
        .iter()
        .find(|(_, held)| **held == marked)
        .map(|(number, _)| *number);
    let number = known.unwrap_or_else(|| {
        let number = core.next_registration;
        core.next_registration += 1;
        core.registered.insert(number, marked);
        number
    });
    let useful = useful_number(marked);
    let kind = call.host.defines.number(&format!("target_type.{kind}"));
    Ok(mlua::MultiValue::from_iter([
        Value::Number(number as f64),
        Value::Number(useful as f64),
        Value::Number(f64::from(kind)),
    ]))
}

/// Gives what an event tells of an object that is gone: the number of an entity or of a surface.
pub(super) fn useful_number(marked: u128) -> u64 {
    if marked >> 127 == 1 {
        return u64::from(marked as u16);
    }
    let handle = Handle::unpack(marked);
    match handle.kind {
        Kind::Entity | Kind::Ghost | Kind::Character | Kind::Unit => {
            super::entity::unit_number(handle)
        }
        _ => 0,
    }
}

/// Says whether a filter of `on_event` lets an event of an entity pass: any entry that agrees will do.
pub(super) fn passes(filters: &Value, name: &str, kind: &str, ghost: Option<&str>) -> bool {
    let Value::Table(list) = filters else {
        return true;
    };
    let mut any = false;
    let mut result = false;
    for entry in list.sequence_values::<Table>().flatten() {
        let get = |field: &str| entry.raw_get::<Value>(field).unwrap_or(Value::Nil);
        let wanted = |field: &str| text(&get(field)).unwrap_or_default();
        let agrees = match wanted("filter").as_str() {
            "name" => wanted("name") == name,
            "type" => wanted("type") == kind,
            "ghost" => ghost.is_some(),
            "ghost_name" => ghost == Some(wanted("name").as_str()),
            _ => true,
        };
        let agrees = agrees != truth(&get("invert"));
        let is_and = wanted("mode") == "and";
        result = match (any, is_and) {
            (false, _) => agrees,
            (true, true) => result && agrees,
            (true, false) => result || agrees,
        };
        any = true;
    }
    !any || result
}
