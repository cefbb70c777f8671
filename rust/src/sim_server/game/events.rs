//! Events: from what happened to the tables that handlers get, and the calls themselves.

use std::rc::Rc;

use mlua::{Lua, Result as LuaResult, Table, Value};

use super::core::Event;
use super::handle::Handle;
use super::host::{Call, Host, Side};
use super::script::passes;
use crate::lua::State;
use crate::prototypes::vanilla;

/// What a handler of an event raised.
pub(super) struct EventFault {
    pub event: String,
    pub number: u32,
    pub message: String,
}

/// The Lua states whose handlers are called, in this order.
pub(super) type States<'a> = [(Side, &'a State); 2];

/// Calls the handlers of everything that happened, until nothing more happens.
pub(super) fn deliver(host: &Rc<Host>, states: States<'_>) -> Result<(), EventFault> {
    loop {
        let event = host.core.borrow_mut().events.pop_front();
        let Some(event) = event else {
            return Ok(());
        };
        raise(host, states, &event)?;
    }
}

/// Calls the handlers of one event.
pub(super) fn raise(host: &Rc<Host>, states: States<'_>, event: &Event) -> Result<(), EventFault> {
    let name = name_of(event);
    let Some(number) = host.defines.event(name) else {
        return Ok(());
    };
    for (side, state) in states {
        let fault = |message: String| EventFault {
            event: name.to_owned(),
            number,
            message,
        };
        let Some(function) = handler(host, side, number, event) else {
            continue;
        };
        let data =
            data(host, state.lua(), event, number).map_err(|error| fault(error.to_string()))?;
        state.call_traced::<_, ()>(&function, data).map_err(fault)?;
    }
    Ok(())
}

/// Calls the handlers of what has just happened within a call of a script, as the game does: before the call returns.
pub(super) fn deliver_within(call: Call<'_>) -> LuaResult<()> {
    loop {
        let event = call.host.core.borrow_mut().events.pop_front();
        let Some(event) = event else {
            return Ok(());
        };
        let Some(number) = call.host.defines.event(name_of(&event)) else {
            continue;
        };
        for side in [Side::Level, Side::Mod] {
            if let Some(function) = handler(call.host, side, number, &event) {
                let lua = call.host.lua_of(side, call.lua);
                function.call::<()>(data(call.host, &lua, &event, number)?)?;
            }
        }
    }
}

fn handler(host: &Host, side: Side, number: u32, event: &Event) -> Option<mlua::Function> {
    let (function, filters) = {
        let handlers = host.handlers(side).borrow();
        handlers.events.get(&number)?.clone()
    };
    let subject = match event {
        Event::ScriptRaisedBuilt(entity)
        | Event::ScriptRaisedDestroy(entity)
        | Event::ScriptRaisedRevive(entity)
        | Event::EntityDied(entity)
        | Event::BiterBaseBuilt(entity) => Some(Handle::unpack(*entity)),
        _ => None,
    };
    if let Some(handle) = subject {
        let (name, kind, ghost) = super::entity::naming(host, handle)?;
        if !passes(&filters, name, kind, ghost) {
            return None;
        }
    }
    Some(function)
}

fn name_of(event: &Event) -> &'static str {
    match event {
        Event::SurfaceCreated(_) => "on_surface_created",
        Event::PreSurfaceDeleted(_) => "on_pre_surface_deleted",
        Event::SurfaceDeleted(_) => "on_surface_deleted",
        Event::PreSurfaceCleared(_) => "on_pre_surface_cleared",
        Event::SurfaceCleared(_) => "on_surface_cleared",
        Event::ChunkGenerated(..) => "on_chunk_generated",
        Event::ForceCreated(_) => "on_force_created",
        Event::ForceReset(_) => "on_force_reset",
        Event::ForcesMerging(..) => "on_forces_merging",
        Event::ForcesMerged(..) => "on_forces_merged",
        Event::ResearchStarted(..) => "on_research_started",
        Event::ResearchFinished(..) => "on_research_finished",
        Event::ResearchCancelled(..) => "on_research_cancelled",
        Event::ScriptRaisedBuilt(_) => "script_raised_built",
        Event::ScriptRaisedDestroy(_) => "script_raised_destroy",
        Event::ScriptRaisedRevive(_) => "script_raised_revive",
        Event::ObjectDestroyed { .. } => "on_object_destroyed",
        Event::EntityDied(_) => "on_entity_died",
        Event::BiterBaseBuilt(_) => "on_biter_base_built",
        Event::UdpPacket { .. } => "on_udp_packet_received",
    }
}

/// Makes the table that a handler gets.
fn data(host: &Rc<Host>, lua: &Lua, event: &Event, number: u32) -> LuaResult<Table> {
    let data = lua.create_table()?;
    data.raw_set("name", number)?;
    data.raw_set("tick", host.core.borrow().tick)?;
    let technology = |force: u16, id: crate::prototypes::TechnologyId| {
        super::force::technology_object(host, lua, force, id)
    };
    match event {
        Event::SurfaceCreated(surface)
        | Event::PreSurfaceDeleted(surface)
        | Event::SurfaceDeleted(surface)
        | Event::PreSurfaceCleared(surface)
        | Event::SurfaceCleared(surface) => data.raw_set("surface_index", *surface)?,
        Event::ChunkGenerated(surface, (x, y)) => {
            data.raw_set("surface", host.surface(lua, *surface)?)?;
            data.raw_set(
                "position",
                super::convert::pair_value(lua, f64::from(*x), f64::from(*y))?,
            )?;
            let area = crate::sim::position::Rect {
                left: x * 32 * 256,
                top: y * 32 * 256,
                right: (x + 1) * 32 * 256,
                bottom: (y + 1) * 32 * 256,
            };
            data.raw_set("area", super::convert::area_value(lua, area)?)?;
        }
        Event::ForceCreated(force) | Event::ForceReset(force) => {
            data.raw_set("force", host.force(lua, *force)?)?;
        }
        Event::ForcesMerging(source, destination) => {
            data.raw_set("source", host.force(lua, *source)?)?;
            data.raw_set("destination", host.force(lua, *destination)?)?;
        }
        Event::ForcesMerged(name, number, destination) => {
            data.raw_set("source_name", name.as_str())?;
            data.raw_set("source_index", *number)?;
            data.raw_set("destination", host.force(lua, *destination)?)?;
        }
        Event::ResearchStarted(force, id) => {
            data.raw_set("research", technology(*force, *id)?)?;
        }
        Event::ResearchFinished(force, id, by_script) => {
            data.raw_set("research", technology(*force, *id)?)?;
            data.raw_set("by_script", *by_script)?;
        }
        Event::ResearchCancelled(force, id) => {
            let research = lua.create_table()?;
            research.raw_set(vanilla()[*id].name.as_str(), 1)?;
            data.raw_set("research", research)?;
            data.raw_set("force", host.force(lua, *force)?)?;
        }
        Event::ScriptRaisedBuilt(entity)
        | Event::ScriptRaisedDestroy(entity)
        | Event::ScriptRaisedRevive(entity)
        | Event::EntityDied(entity)
        | Event::BiterBaseBuilt(entity) => {
            data.raw_set("entity", host.object(lua, "LuaEntity", *entity)?)?;
        }
        Event::ObjectDestroyed {
            registration,
            useful_id,
            kind,
        } => {
            data.raw_set("registration_number", *registration)?;
            data.raw_set("useful_id", *useful_id)?;
            data.raw_set("type", *kind)?;
        }
        Event::UdpPacket {
            payload,
            source_port,
        } => {
            data.raw_set("payload", lua.create_string(payload)?)?;
            data.raw_set("source_port", *source_port)?;
            data.raw_set("player_index", 0)?;
        }
    }
    Ok(data)
}

/// Makes the table of `on_tick` and of `on_nth_tick`.
pub(super) fn tick_data(lua: &Lua, number: Option<u32>, tick: u64) -> LuaResult<Value> {
    let data = lua.create_table_with_capacity(0, 2)?;
    if let Some(number) = number {
        data.raw_set("name", number)?;
    }
    data.raw_set("tick", tick)?;
    Ok(Value::Table(data))
}
