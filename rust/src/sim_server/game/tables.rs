//! `LuaCustomTable`: what is indexed by name or number and looks like a table: surfaces, forces, prototypes, technologies.
//!
//! The handle's upper half says which table it is, the lower half of what (a force).

use mlua::{Lua, Result as LuaResult, Value};

use super::convert::argument;
use super::host::{Call, Host, Registrar};
use super::{force, prototypes};

pub(super) const EMPTY: u64 = 0;
pub(super) const SURFACES: u64 = 1;
pub(super) const FORCES: u64 = 2;
pub(super) const TECHNOLOGIES: u64 = 3;
pub(super) const RECIPES: u64 = 4;
pub(super) const FIRST_PROTOTYPES: u64 = 16;

const CLASS: &str = "LuaCustomTable";

/// Makes the object of a table.
pub(super) fn object(host: &Host, lua: &Lua, table: u64, of: u64) -> LuaResult<Value> {
    host.object(lua, CLASS, u128::from(table) << 64 | u128::from(of))
}

/// Makes an empty table.
pub(super) fn empty(host: &Host, lua: &Lua) -> LuaResult<Value> {
    object(host, lua, EMPTY, 0)
}

pub(super) fn register(r: &mut Registrar<'_>) {
    r.operator(CLASS, "index", |call, arguments| {
        index(call, &argument(&arguments, 0))
    });
    r.operator(CLASS, "length", |call, _| {
        let length = match table_of(call).0 {
            EMPTY => 0,
            SURFACES => call.host.core.borrow().surfaces().count(),
            FORCES => call.host.core.borrow().forces().count(),
            TECHNOLOGIES => crate::prototypes::vanilla().technologies().len(),
            RECIPES => crate::prototypes::vanilla().recipes().len(),
            table => prototypes::names(table).len(),
        };
        call.value(length)
    });
    r.pairs(CLASS, |call| {
        let (table, of) = table_of(call);
        let names: Vec<String> = match table {
            EMPTY => Vec::new(),
            SURFACES => {
                let core = call.host.core.borrow();
                core.surfaces().map(|(_, held)| held.name.clone()).collect()
            }
            FORCES => {
                let core = call.host.core.borrow();
                core.forces().map(|(_, held)| held.name.clone()).collect()
            }
            TECHNOLOGIES | RECIPES => {
                let table = prototypes::table_of_force_members(table);
                prototypes::names(table)
                    .into_iter()
                    .map(str::to_owned)
                    .collect()
            }
            table => prototypes::names(table)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        };
        let mut listed = Vec::with_capacity(names.len());
        for name in names {
            let key = call.value(name.as_str())?;
            let value = find(call, table, of, &key)?;
            listed.push((key, value));
        }
        Ok(listed)
    });
}

fn table_of(call: Call<'_>) -> (u64, u64) {
    ((call.object.handle >> 64) as u64, call.object.handle as u64)
}

fn index(call: Call<'_>, key: &Value) -> LuaResult<Value> {
    let (table, of) = table_of(call);
    find(call, table, of, key)
}

fn find(call: Call<'_>, table: u64, of: u64, key: &Value) -> LuaResult<Value> {
    match table {
        EMPTY => Ok(Value::Nil),
        SURFACES => {
            let found = {
                let core = call.host.core.borrow();
                super::convert::surface(call.host, &core, key).ok()
            };
            found.map_or(Ok(Value::Nil), |number| call.host.surface(call.lua, number))
        }
        FORCES => {
            let found = {
                let core = call.host.core.borrow();
                super::convert::force(call.host, &core, key).ok()
            };
            found.map_or(Ok(Value::Nil), |number| call.host.force(call.lua, number))
        }
        TECHNOLOGIES => match super::convert::technology(call, key) {
            Ok(id) => force::member_object(call.host, call.lua, "LuaTechnology", of, id.index()),
            Err(_) => Ok(Value::Nil),
        },
        RECIPES => match super::convert::recipe(call, key) {
            Ok(id) => force::member_object(call.host, call.lua, "LuaRecipe", of, id.index()),
            Err(_) => Ok(Value::Nil),
        },
        table => prototypes::find(call, table, key),
    }
}
