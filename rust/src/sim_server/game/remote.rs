//! `LuaRemote`: functions that Lua states offer each other; arguments and results are copied.

use std::collections::BTreeMap;

use mlua::{MultiValue, Table, Value};

use super::convert::{argument, expected, text};
use super::host::{Call, Host, Registrar, Side, fault};
use crate::lua::{Portable, traced_text};

const CLASS: &str = "LuaRemote";

pub(super) fn register(r: &mut Registrar<'_>) {
    r.method(CLASS, "add_interface", |call, arguments| {
        let name = text(&argument(&arguments, 0))?;
        let Value::Table(functions) = argument(&arguments, 1) else {
            return Err(expected("a table of functions", &argument(&arguments, 1)));
        };
        if owner(call.host, &name).is_some() {
            return Err(fault(format!("Interface name \"{name}\" already in use.")));
        }
        let mut offered = BTreeMap::new();
        for pair in functions.pairs::<String, Value>() {
            let (key, value) = pair?;
            match value {
                Value::Function(function) => drop(offered.insert(key, function)),
                other => return Err(expected("a function", &other)),
            }
        }
        let handlers = call.host.handlers(Host::side(call.lua));
        handlers.borrow_mut().interfaces.insert(name, offered);
        Ok(Value::Nil)
    });
    r.method(CLASS, "remove_interface", |call, arguments| {
        let name = text(&argument(&arguments, 0))?;
        let handlers = call.host.handlers(Host::side(call.lua));
        let removed = handlers.borrow_mut().interfaces.remove(&name);
        Ok(Value::Boolean(removed.is_some()))
    });
    r.methods(CLASS, "call", call_interface);
    r.read(CLASS, "interfaces", |call| {
        let listed = call.lua.create_table()?;
        for side in [Side::Mod, Side::Level] {
            for (name, functions) in &call.host.handlers(side).borrow().interfaces {
                let offered: Table = call.lua.create_table()?;
                for key in functions.keys() {
                    offered.raw_set(key.as_str(), true)?;
                }
                listed.raw_set(name.as_str(), offered)?;
            }
        }
        Ok(Value::Table(listed))
    });
}

fn owner(host: &Host, interface: &str) -> Option<Side> {
    [Side::Mod, Side::Level].into_iter().find(|side| {
        host.handlers(*side)
            .borrow()
            .interfaces
            .contains_key(interface)
    })
}

fn call_interface(call: Call<'_>, arguments: MultiValue) -> mlua::Result<MultiValue> {
    let interface = text(&argument(&arguments, 0))?;
    let name = text(&argument(&arguments, 1))?;
    let side = owner(call.host, &interface)
        .ok_or_else(|| plain(format!("Unknown interface: {interface}")))?;
    let function = {
        let handlers = call.host.handlers(side).borrow();
        handlers
            .interfaces
            .get(&interface)
            .and_then(|functions| functions.get(&name))
            .cloned()
    };
    let function =
        function.ok_or_else(|| plain(format!("No such function: {interface}.{name}")))?;
    let layer = call.host.layer();
    let given: Vec<Value> = arguments.into_iter().skip(2).collect();
    let carried = Portable::of(&given)?;
    // A state's own functions run in it; values enter it as copies either way.
    let lua = call.host.lua_of(side, call.lua);
    let given = carried.to_values(&lua, &layer, &|_| None, None)?;
    let returned = function
        .call::<MultiValue>(MultiValue::from_iter(given))
        .map_err(|error| {
            plain(format!(
                "Error when running interface function {interface}.{name}: {}",
                traced_text(&error)
            ))
        })?;
    let returned: Vec<Value> = returned.into_iter().collect();
    let returned = Portable::of(&returned)?.to_values(call.lua, &layer, &|_| None, None)?;
    Ok(MultiValue::from_iter(returned))
}

/// Makes an error before which the game puts no position, and of which it keeps the traceback.
fn plain(message: String) -> mlua::Error {
    mlua::Error::external(message)
}
