//! `LuaFlowStatistics`: what a force made and used on a surface, by item or fluid; and what an electric network moved.

use std::collections::BTreeMap;

use mlua::Value;

use super::convert::{self, argument};
use super::handle::Handle;
use super::host::{Call, Registrar, fault};
use crate::prototypes::vanilla;
use crate::sim::World;
use crate::sim::sandbox::report;

const CLASS: &str = "LuaFlowStatistics";
const FORCE: &str = "LuaForce";

/// What is counted.
const ITEMS: u8 = 1;
const FLUIDS: u8 = 2;
const NONE: u8 = 3;
const NETWORK: u8 = 4;

pub(super) fn register(r: &mut Registrar<'_>) {
    r.method(
        FORCE,
        "get_item_production_statistics",
        |call, arguments| object(call, ITEMS, &argument(&arguments, 0)),
    );
    r.method(
        FORCE,
        "get_fluid_production_statistics",
        |call, arguments| object(call, FLUIDS, &argument(&arguments, 0)),
    );
    // Kills and buildings are not counted here.
    r.method(FORCE, "get_kill_count_statistics", |call, arguments| {
        object(call, NONE, &argument(&arguments, 0))
    });
    r.method(
        FORCE,
        "get_entity_build_count_statistics",
        |call, arguments| object(call, NONE, &argument(&arguments, 0)),
    );
    r.read(CLASS, "input_counts", |call| counts(call, true));
    r.read(CLASS, "output_counts", |call| counts(call, false));
    r.method(CLASS, "get_input_count", |call, arguments| {
        let name = convert::name_of(call, &argument(&arguments, 0))?;
        one(call, &name, true)
    });
    r.method(CLASS, "get_output_count", |call, arguments| {
        let name = convert::name_of(call, &argument(&arguments, 0))?;
        one(call, &name, false)
    });
    r.read(CLASS, "force", |call| {
        call.host.force(call.lua, force_of(call))
    });
    r.method(CLASS, "clear", |call, _| {
        let handle = call.handle();
        let mut core = call.host.core.borrow_mut();
        if let Some(surface) = core.surface_mut(handle.surface)
            && handle.group != NETWORK
        {
            surface.world.production.clear();
        }
        Ok(Value::Nil)
    });
}

/// Makes the statistics of a force on a surface.
fn object(call: Call<'_>, group: u8, surface: &Value) -> mlua::Result<Value> {
    let surface = {
        let core = call.host.core.borrow();
        convert::surface(call.host, &core, surface)?
    };
    let handle = Handle {
        group,
        surface,
        a: u32::from(call.object.handle as u16),
        ..Handle::default()
    };
    call.host.object(call.lua, CLASS, handle.pack())
}

/// Makes the statistics of the network of a pole.
pub(super) fn network_object(call: Call<'_>) -> mlua::Result<Value> {
    let handle = Handle {
        group: NETWORK,
        index: 0,
        ..call.handle()
    };
    call.host.object(call.lua, CLASS, handle.pack())
}

fn force_of(call: Call<'_>) -> u16 {
    let handle = call.handle();
    if handle.group == NETWORK {
        let core = call.host.core.borrow();
        return core
            .surface(handle.surface)
            .and_then(|surface| surface.force)
            .unwrap_or(super::core::PLAYER);
    }
    handle.a as u16
}

/// Looks at the world that has been counted in; `None` where the force has nothing on the surface.
fn on<R>(call: Call<'_>, look: impl FnOnce(&World) -> R) -> Option<R> {
    let handle = call.handle();
    let core = call.host.core.borrow();
    let surface = core.surface(handle.surface)?;
    (surface.force == Some(handle.a as u16)).then(|| look(&surface.world))
}

fn counts(call: Call<'_>, is_input: bool) -> mlua::Result<Value> {
    let table = call.lua.create_table()?;
    if call.handle().group == NETWORK {
        for (name, joules) in network_counts(call, is_input) {
            table.raw_set(name, joules)?;
        }
        return Ok(Value::Table(table));
    }
    let report = on(call, report::production).unwrap_or_default();
    match (call.handle().group, is_input) {
        (ITEMS, true) => set(&table, &report.items_made)?,
        (ITEMS, false) => set(&table, &report.items_used)?,
        (FLUIDS, true) => set(&table, &report.fluids_made)?,
        (FLUIDS, false) => set(&table, &report.fluids_used)?,
        _ => {}
    }
    Ok(Value::Table(table))
}

fn set<T: mlua::IntoLua + Copy>(
    table: &mlua::Table,
    counts: &BTreeMap<&'static str, T>,
) -> mlua::Result<()> {
    for (name, count) in counts {
        table.raw_set(*name, *count)?;
    }
    Ok(())
}

fn one(call: Call<'_>, name: &str, is_input: bool) -> mlua::Result<Value> {
    let count = match call.handle().group {
        ITEMS => {
            let item = vanilla()
                .item(name)
                .map_err(|_| fault(format!("Unknown item name: {name}")))?;
            on(call, |world| {
                if is_input {
                    world.production.items_made(item) as f64
                } else {
                    world.production.items_used(item) as f64
                }
            })
        }
        FLUIDS => {
            let fluid = vanilla()
                .fluid(name)
                .map_err(|_| fault(format!("Unknown fluid name: {name}")))?;
            on(call, |world| {
                if is_input {
                    world.production.fluids_made(fluid)
                } else {
                    world.production.fluids_used(fluid)
                }
            })
        }
        NETWORK => network_counts(call, is_input)
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, joules)| joules),
        _ => None,
    };
    call.value(count.unwrap_or(0.0))
}

/// Gives what a network moved in its last tick, joules: in, what consumers were given; out, what they asked for.
///
/// The game counts by prototype since the network began; here the last tick is told under two names of our own, from
/// which a mod computes the share that was met.
fn network_counts(call: Call<'_>, is_input: bool) -> Vec<(&'static str, f64)> {
    let handle = call.handle();
    let core = call.host.core.borrow();
    let Some(super::handle::Thing::Entity(pole)) = handle.thing() else {
        return Vec::new();
    };
    let stats = core
        .surface_of(handle)
        .and_then(|surface| surface.world.network_at(pole))
        .map(|network| network.stats);
    stats.map_or_else(Vec::new, |stats| {
        if is_input {
            vec![("delivered", stats.delivered_joules)]
        } else {
            vec![("demand", stats.demand_joules)]
        }
    })
}
