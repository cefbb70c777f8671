//! `require` of a mod's files: by names from the mod's root, or `__mod__.name` of another mod.
//!
//! Files are given as a map of `__mod__/path.lua` to bytes; nothing here reads a disk.

use std::collections::BTreeMap;

use mlua::{Error, Lua, Result, Table, Value};

/// The files that scripts may require, and what has been loaded of them.
pub(super) struct Modules {
    mod_name: String,
    files: BTreeMap<String, Vec<u8>>,
    loaded: BTreeMap<String, Value>,
    /// Whether `control.lua` is being parsed; later the game refuses `require`.
    open: bool,
}

impl Modules {
    pub(super) fn new(mod_name: &str, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            mod_name: mod_name.to_owned(),
            files,
            loaded: BTreeMap::new(),
            open: true,
        }
    }

    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// Gives the file's path for a name as scripts write it.
    fn path(&self, name: &str) -> Result<String> {
        let (owner, rest) = match name
            .strip_prefix("__")
            .and_then(|rest| rest.split_once("__"))
        {
            Some((owner, rest)) => (owner, rest.trim_start_matches(['.', '/'])),
            None => (self.mod_name.as_str(), name),
        };
        let rest = rest.strip_suffix(".lua").unwrap_or(rest).replace('.', "/");
        if rest.split('/').any(str::is_empty) {
            return Err(Error::runtime(format!(
                "illegal path of a module \"{name}\""
            )));
        }
        Ok(format!("__{owner}__/{rest}.lua"))
    }
}

/// Loads a module once and gives what it returned, or `true`.
pub(super) fn require(lua: &Lua, name: &str) -> Result<Value> {
    let (path, source) = {
        let modules = lua.app_data_ref::<Modules>().expect("a state has modules");
        if !modules.open {
            let message = "Require can't be used outside of control.lua parsing.";
            return Err(Error::runtime(message));
        }
        let path = modules.path(name)?;
        if let Some(value) = modules.loaded.get(&path) {
            return Ok(value.clone());
        }
        let source = modules.files.get(&path).cloned();
        let source = source.ok_or_else(|| {
            Error::runtime(format!("module {name} not found;  no such file {path}"))
        })?;
        (path, source)
    };
    let set = |value: Value| {
        let mut modules = lua.app_data_mut::<Modules>().expect("a state has modules");
        modules.loaded.insert(path.clone(), value);
    };
    // A file that requires itself sees `true`, not an endless chain.
    set(Value::Boolean(true));
    let value = lua
        .load(source)
        .set_name(format!("@{path}"))
        .set_mode(mlua::chunk::ChunkMode::Text)
        .call::<Value>(name)?;
    if !value.is_nil() {
        set(value.clone());
        return Ok(value);
    }
    Ok(Value::Boolean(true))
}

/// Puts `require` into `globals`.
pub(super) fn install(lua: &Lua, globals: &Table) -> Result<()> {
    let function = lua.create_function(|lua, name: String| require(lua, &name))?;
    globals.set("require", function)
}
