//! `defines`: the names of the official tables with their numbers.
//!
//! The documentation has no numbers. Those in `defines.json` were printed by a running game of the 2.0 line; names that
//! are not among them get numbers of our own from [`FIRST_OWN`] on, in the order of the tables. No script may rely on a
//! number: scripts name.

use std::collections::BTreeMap;

use mlua::{Lua, Result as LuaResult, Table, Value};
use serde_json::Value as Json;

use crate::lua::Api;

/// Numbers from here on are ours.
const FIRST_OWN: u32 = 1_000;

/// The numbers of one line of the game.
pub(super) struct Defines {
    /// By dotted name.
    numbers: BTreeMap<String, u32>,
    /// Those of `entity_status`, which is asked for most.
    statuses: BTreeMap<String, u32>,
    /// The names of events by their numbers.
    pub events: BTreeMap<u32, String>,
    /// Dotted names in the order of the tables; whole numbers are theirs, others are texts.
    names: Vec<String>,
}

impl Defines {
    /// Gives every name of the tables its number.
    pub(super) fn of(api: &Api) -> Self {
        let known: Json = serde_json::from_str(include_str!("../../lua/defines.json"))
            .expect("the embedded file is JSON");
        let mut defines = Self {
            numbers: BTreeMap::new(),
            statuses: BTreeMap::new(),
            events: BTreeMap::new(),
            names: Vec::new(),
        };
        let mut own = FIRST_OWN;
        for (group, names) in &api.defines {
            defines.add(group, names, known.get(group), &mut own);
        }
        for name in &defines.names {
            if let Some(event) = name.strip_prefix("events.") {
                defines
                    .events
                    .insert(defines.numbers[name], event.to_owned());
            }
        }
        defines
    }

    fn add(&mut self, path: &str, names: &Json, known: Option<&Json>, own: &mut u32) {
        match names {
            Json::Array(list) => {
                for name in list.iter().filter_map(Json::as_str) {
                    let number = known
                        .and_then(|known| known.get(name))
                        .and_then(Json::as_u64)
                        .map_or_else(
                            || {
                                *own += 1;
                                *own - 1
                            },
                            |number| number as u32,
                        );
                    let group = path;
                    let path = format!("{group}.{name}");
                    self.numbers.insert(path.clone(), number);
                    self.names.push(path);
                    if group == "entity_status" {
                        self.statuses.insert(name.to_owned(), number);
                    }
                }
            }
            Json::Object(groups) => {
                for (name, inner) in groups {
                    let inner_known = known.and_then(|known| known.get(name));
                    self.add(&format!("{path}.{name}"), inner, inner_known, own);
                }
            }
            _ => {}
        }
    }

    /// Gives the number of a dotted name.
    pub(super) fn number(&self, name: &str) -> u32 {
        self.numbers.get(name).copied().unwrap_or(u32::MAX)
    }

    /// Gives the number of a status of entities.
    pub(super) fn status(&self, name: &str) -> u32 {
        self.statuses.get(name).copied().unwrap_or(u32::MAX)
    }

    /// Gives the number of an event, if the game has it.
    pub(super) fn event(&self, name: &str) -> Option<u32> {
        self.numbers.get(&format!("events.{name}")).copied()
    }

    /// Makes the table of scripts.
    pub(super) fn table(&self, lua: &Lua) -> LuaResult<Table> {
        let root = lua.create_table()?;
        for name in &self.names {
            let mut table = root.clone();
            let mut parts = name.split('.').peekable();
            while let Some(part) = parts.next() {
                if parts.peek().is_none() {
                    let value = if name.starts_with("prototypes.") {
                        Value::Number(0.0)
                    } else {
                        Value::Number(f64::from(self.numbers[name]))
                    };
                    table.raw_set(part, value)?;
                } else {
                    let inner: Value = table.raw_get(part)?;
                    table = if let Value::Table(inner) = inner {
                        inner
                    } else {
                        let inner = lua.create_table()?;
                        table.raw_set(part, &inner)?;
                        inner
                    };
                }
            }
        }
        Ok(root)
    }
}
