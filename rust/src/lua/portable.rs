//! Lua values without their interpreter: for copies between states and for saves.

use std::collections::BTreeMap;
use std::rc::Rc;

use mlua::{Error, Lua, Result, Table, Value};
use serde::{Deserialize, Serialize};

use super::object::{ObjectLayer, class_of};

/// One value; tables are named by their place in [`Portable::tables`], so that shared and circular ones stay so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Item {
    Nil,
    Boolean(bool),
    Number(f64),
    Text(Vec<u8>),
    Table(u32),
    /// Class and number of an object of the game.
    Object(String, u128),
}

/// A table: its entries in the order in which they are set, and the name of its metatable where that is registered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Entries {
    pairs: Vec<(Item, Item)>,
    metatable: Option<String>,
}

/// Values and all the tables that they reach.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Portable {
    values: Vec<Item>,
    tables: Vec<Entries>,
}

/// The tables that were met, and those that are still to be read.
#[derive(Default)]
struct Walk {
    known: BTreeMap<usize, u32>,
    waiting: Vec<Table>,
}

impl Walk {
    fn item(&mut self, value: &Value) -> Result<Item> {
        Ok(match value {
            Value::Nil => Item::Nil,
            Value::Boolean(value) => Item::Boolean(*value),
            Value::Integer(value) => Item::Number(*value as f64),
            Value::Number(value) => Item::Number(*value),
            Value::String(text) => Item::Text(text.as_bytes().to_vec()),
            Value::Table(table) => {
                let key = table.to_pointer() as usize;
                let next = self.known.len() as u32;
                let place = *self.known.entry(key).or_insert(next);
                if place == next {
                    self.waiting.push(table.clone());
                }
                Item::Table(place)
            }
            other => match class_of(other) {
                Some((class, object)) => Item::Object(class, object.handle),
                None => {
                    return Err(Error::runtime(format!(
                        "Can't copy object of type {}",
                        other.type_name()
                    )));
                }
            },
        })
    }
}

impl Portable {
    /// Copies values out of their interpreter.
    ///
    /// # Errors
    /// What a value is that cannot be copied.
    pub fn of(values: &[Value]) -> Result<Self> {
        Self::with_metatables(values, &|_| None)
    }

    /// As [`Portable::of`], with the names of metatables that are to be set again.
    ///
    /// # Errors
    /// As [`Portable::of`].
    pub fn with_metatables(
        values: &[Value],
        name_of: &dyn Fn(&Table) -> Option<String>,
    ) -> Result<Self> {
        let mut walk = Walk::default();
        let mut portable = Self::default();
        for value in values {
            let item = walk.item(value)?;
            portable.values.push(item);
        }
        let mut at = 0;
        while at < walk.waiting.len() {
            let table = walk.waiting[at].clone();
            at += 1;
            let mut found = Vec::new();
            for pair in table.pairs::<Value, Value>() {
                let (key, value) = pair?;
                found.push((walk.item(&key)?, value));
            }
            // Equal tables give equal bytes, whatever order the interpreter keeps them in.
            found.sort_by(|(a, _), (b, _)| order(a, b));
            let pairs = found
                .into_iter()
                .map(|(key, value)| Ok((key, walk.item(&value)?)))
                .collect::<Result<_>>()?;
            let metatable = table.metatable().and_then(|held| name_of(&held));
            portable.tables.push(Entries { pairs, metatable });
        }
        Ok(portable)
    }

    /// Makes the values in an interpreter; `root`, where it is given, becomes the first table.
    ///
    /// # Errors
    /// Classes that the layer does not have, and want of memory.
    pub fn to_values(
        &self,
        lua: &Lua,
        layer: &Rc<ObjectLayer>,
        metatable: &dyn Fn(&str) -> Option<Table>,
        mut root: Option<Table>,
    ) -> Result<Vec<Value>> {
        let tables: Vec<Table> = self
            .tables
            .iter()
            .map(|_| root.take().map_or_else(|| lua.create_table(), Ok))
            .collect::<Result<_>>()?;
        let make = |item: &Item| -> Result<Value> {
            Ok(match item {
                Item::Nil => Value::Nil,
                Item::Boolean(value) => Value::Boolean(*value),
                Item::Number(value) => Value::Number(*value),
                Item::Text(text) => Value::String(lua.create_string(text)?),
                Item::Table(place) => {
                    let table = tables.get(*place as usize);
                    Value::Table(
                        table
                            .ok_or_else(|| Error::runtime("a table is missing in the copy"))?
                            .clone(),
                    )
                }
                Item::Object(class, handle) => {
                    let reference = layer
                        .reference(class, *handle)
                        .map_err(|error| Error::runtime(error.to_string()))?;
                    Value::UserData(layer.object(lua, reference)?)
                }
            })
        };
        for (table, entries) in tables.iter().zip(&self.tables) {
            for (key, value) in &entries.pairs {
                table.raw_set(make(key)?, make(value)?)?;
            }
            if let Some(found) = entries.metatable.as_deref().and_then(metatable) {
                table.set_metatable(Some(found))?;
            }
        }
        self.values.iter().map(make).collect()
    }
}

/// Orders keys: numbers, texts, booleans, objects, tables.
fn order(a: &Item, b: &Item) -> std::cmp::Ordering {
    let rank = |item: &Item| match item {
        Item::Nil => 0,
        Item::Number(_) => 1,
        Item::Text(_) => 2,
        Item::Boolean(_) => 3,
        Item::Object(..) => 4,
        Item::Table(_) => 5,
    };
    match (a, b) {
        (Item::Number(a), Item::Number(b)) => a.total_cmp(b),
        (Item::Text(a), Item::Text(b)) => a.cmp(b),
        (Item::Boolean(a), Item::Boolean(b)) => a.cmp(b),
        (Item::Object(a, i), Item::Object(b, j)) => (a, i).cmp(&(b, j)),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}
