//! What may be kept in a mod's `storage` table, as the game checks it when it saves.

use std::collections::HashSet;

use mlua::{Error, Result, Table, Value};

use super::object::LuaObject;

/// Refuses functions and foreign values anywhere in `storage`, whose name is `name`.
///
/// # Errors
/// The game's own "Cannot serialise lua function", with the path to it.
pub fn check_storage(name: &str, storage: &Table) -> Result<()> {
    let mut seen = HashSet::new();
    // Tables may be nested deeper than the stack is, so the work is listed, not recursive.
    let mut waiting = vec![(name.to_owned(), storage.clone())];
    while let Some((path, table)) = waiting.pop() {
        if !seen.insert(table.to_pointer()) {
            continue;
        }
        for pair in table.pairs::<Value, Value>() {
            let (key, value) = pair?;
            let inner = format!("{path}[{}]", key.to_string()?);
            for part in [key, value] {
                match part {
                    Value::Table(table) => waiting.push((inner.clone(), table)),
                    Value::Function(_) => {
                        let message = format!("Cannot serialise lua function at {inner}");
                        return Err(Error::runtime(message));
                    }
                    Value::UserData(data) if !data.is::<LuaObject>() => {
                        let message = format!("Cannot serialise userdata at {inner}");
                        return Err(Error::runtime(message));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}
