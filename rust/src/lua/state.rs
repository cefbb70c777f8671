//! One Lua state in the game's sandbox: the globals of a mod, its files, its limits.
//!
//! Owns the interpreter. Objects of the game (`game`, `script`, ...) come from [`super::ObjectLayer`].

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use mlua::chunk::ChunkMode;
use mlua::{
    Error, Function, HookTriggers, IntoLuaMulti, Lua, LuaOptions, LuaString, MultiValue, Result,
    StdLib, Table, Value, VmState,
};

use super::modules::{self, Modules};
use super::object::LuaObject;
use super::pack;
use super::storage::check_storage;
use crate::sim::rng::Rng;

/// How often the interpreter stops to count; a call may run this much longer than its limit.
const COUNTED_INSTRUCTIONS: u32 = 10_000;

/// The order in which `pairs` and `next` go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairsOrder {
    /// Numbers, strings by their bytes, booleans, objects.
    Canonical,
    /// An order drawn for every loop; a test whose results change under it relies on an order.
    Shuffled { seed: u64 },
}

/// What one call from outside may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions of the interpreter; past them the call ends with an error that no `pcall` stops.
    pub call_instructions: u64,
    /// Bytes that the whole state may hold; past them an allocation raises "not enough memory".
    pub memory_bytes: usize,
}

impl Default for Limits {
    /// Gives a second or so of computing and 512 MiB.
    fn default() -> Self {
        Self {
            call_instructions: 200_000_000,
            memory_bytes: 512 << 20,
        }
    }
}

/// How a state is made.
pub struct Options {
    pub mod_name: String,
    /// Files by `__mod__/path.lua`.
    pub files: BTreeMap<String, Vec<u8>>,
    pub order: PairsOrder,
    /// The seed of `math.random`.
    pub seed: u64,
    pub limits: Limits,
    /// Takes the lines of `log`, `print` and `localised_print`.
    pub log: Box<dyn Fn(&str)>,
}

impl Options {
    /// Takes the defaults for a mod: canonical order, seed 0, default limits, no log.
    pub fn new(mod_name: &str, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            mod_name: mod_name.to_owned(),
            files,
            order: PairsOrder::Canonical,
            seed: 0,
            limits: Limits::default(),
            log: Box::new(|_| {}),
        }
    }
}

/// A Lua state as a mod has one.
pub struct State {
    lua: Lua,
    mod_name: String,
    limits: Limits,
    /// Instructions left to the call that runs.
    left: Rc<Cell<u64>>,
    random: Rc<RefCell<Rng>>,
}

impl State {
    /// Makes a state; no file of the mod has run yet.
    ///
    /// # Errors
    /// Memory limits below what the libraries need.
    pub fn new(options: Options) -> Result<Self> {
        let libraries = StdLib::TABLE | StdLib::STRING | StdLib::MATH | StdLib::BIT;
        let lua = Lua::new_with(libraries, LuaOptions::default())?;
        let left = Rc::new(Cell::new(u64::MAX));
        let random = Rc::new(RefCell::new(Rng::new(options.seed)));
        install_globals(&lua, &options, &left, &random)?;
        install_log(&lua, options.log)?;
        lua.set_app_data(Modules::new(&options.mod_name, options.files));
        lua.set_memory_limit(options.limits.memory_bytes)?;
        lua.set_app_data(Budget {
            left: Rc::clone(&left),
            call_instructions: options.limits.call_instructions.max(1),
        });
        let state = Self {
            lua,
            mod_name: options.mod_name,
            limits: options.limits,
            left,
            random,
        };
        state.set_hook()?;
        Ok(state)
    }

    fn set_hook(&self) -> Result<()> {
        let left = Rc::clone(&self.left);
        let triggers = HookTriggers::new().every_nth_instruction(COUNTED_INSTRUCTIONS);
        self.lua.set_hook(triggers, move |_, _| {
            left.set(left.get().saturating_sub(u64::from(COUNTED_INSTRUCTIONS)));
            check_budget(&left)?;
            Ok(VmState::Continue)
        })
    }

    /// Reads where the stream of `math.random` is.
    pub fn random_state(&self) -> u64 {
        self.random.borrow().state()
    }

    /// Sets where the stream of `math.random` is.
    pub fn set_random_state(&self, state: u64) {
        *self.random.borrow_mut() = Rng::from_state(state);
    }

    /// Lends the interpreter, to make values and to register functions.
    pub fn lua(&self) -> &Lua {
        &self.lua
    }

    /// Runs the mod's `control.lua`; after it `require` is refused, as in the game.
    ///
    /// # Errors
    /// What the file raises, or that it is absent.
    pub fn run_control(&self) -> std::result::Result<(), String> {
        let name = format!("__{}__/control", self.mod_name);
        let run = self
            .lua
            .create_function(move |lua, ()| modules::require(lua, &name));
        let result = run
            .map_err(|error| error_text(&error))
            .and_then(|run| self.call::<_, Value>(&run, ()));
        if let Some(mut modules) = self.lua.app_data_mut::<Modules>() {
            modules.close();
        }
        result.map(|_| ())
    }

    /// Calls a function with the instructions of one call.
    ///
    /// # Errors
    /// The text that the script raised, position included, without the traceback.
    pub fn call<A: IntoLuaMulti, R: mlua::FromLuaMulti>(
        &self,
        function: &Function,
        arguments: A,
    ) -> std::result::Result<R, String> {
        self.left.set(self.limits.call_instructions.max(1));
        function
            .call::<R>(arguments)
            .map_err(|error| error_text(&error))
    }

    /// Calls a function as [`State::call`] does, and keeps the traceback of what it raises.
    ///
    /// # Errors
    /// The text that the script raised, with the traceback below it.
    pub fn call_traced<A: IntoLuaMulti, R: mlua::FromLuaMulti>(
        &self,
        function: &Function,
        arguments: A,
    ) -> std::result::Result<R, String> {
        self.left.set(self.limits.call_instructions.max(1));
        function
            .call::<R>(arguments)
            .map_err(|error| traced_text(&error))
    }

    /// Compiles text and runs it as one call; `chunk` names it in errors, as `(command)` does for `/sc`.
    ///
    /// # Errors
    /// As [`State::call`], or the syntax error.
    pub fn run<R: mlua::FromLuaMulti>(
        &self,
        chunk: &str,
        source: &str,
    ) -> std::result::Result<R, String> {
        let function = self.compile(chunk, source)?;
        self.call(&function, ())
    }

    /// Compiles text without running it; `chunk` names it in errors.
    ///
    /// # Errors
    /// The syntax error.
    pub fn compile(&self, chunk: &str, source: &str) -> std::result::Result<Function, String> {
        self.lua
            .load(source)
            .set_name(chunk)
            .set_mode(ChunkMode::Text)
            .into_function()
            .map_err(|error| error_text(&error))
    }

    /// Checks that `storage` holds only what the game can save.
    ///
    /// # Errors
    /// The path of the first function or foreign value.
    pub fn check_storage(&self) -> std::result::Result<(), String> {
        self.lua
            .globals()
            .raw_get::<Table>("storage")
            .and_then(|storage| check_storage("storage", &storage))
            .map_err(|error| error_text(&error))
    }
}

/// What a call may use, where the interpreter finds it.
struct Budget {
    left: Rc<Cell<u64>>,
    call_instructions: u64,
}

/// Gives the functions of a state the instructions of one call: for whoever calls them from within another state.
pub fn renew_budget(lua: &Lua) {
    if let Some(budget) = lua.app_data_ref::<Budget>() {
        budget.left.set(budget.call_instructions);
    }
}

fn check_budget(left: &Cell<u64>) -> Result<()> {
    if left.get() == 0 {
        return Err(Error::runtime("the script has used up its instructions"));
    }
    Ok(())
}

/// Gives the message of an error as the game shows it: the innermost cause, without a traceback.
pub fn error_text(error: &Error) -> String {
    match error {
        Error::CallbackError { cause, .. } | Error::WithContext { cause, .. } => error_text(cause),
        Error::RuntimeError(message) | Error::SyntaxError { message, .. } => message
            .split_once("\nstack traceback:")
            .map_or(message.as_str(), |(first, _)| first)
            .to_owned(),
        other => other.to_string(),
    }
}

/// Gives the message of an error with the traceback of where it was raised, if that is known.
pub fn traced_text(error: &Error) -> String {
    match error {
        Error::CallbackError { cause, traceback } => {
            let inner = traced_text(cause);
            if inner.contains("\nstack traceback:") {
                inner
            } else {
                format!("{inner}\n{}", traceback.trim_end())
            }
        }
        Error::WithContext { cause, .. } => traced_text(cause),
        Error::RuntimeError(message) | Error::SyntaxError { message, .. } => message.clone(),
        other => other.to_string(),
    }
}

fn install_globals(
    lua: &Lua,
    options: &Options,
    left: &Rc<Cell<u64>>,
    random: &Rc<RefCell<Rng>>,
) -> Result<()> {
    let globals = lua.globals();
    globals.set("storage", lua.create_table()?)?;
    lua.load(include_str!("prelude.lua"))
        .set_name("=[prelude]")
        .call::<()>(prelude_host(lua, options.order, left)?)?;
    install_strings(lua, &globals)?;
    install_random(lua, &globals, Rc::clone(random))?;
    install_debug(lua, &globals)?;
    modules::install(lua, &globals)?;
    let serpent: Table = lua
        .load(include_str!("serpent.lua"))
        .set_name("=[serpent]")
        .call(())?;
    globals.set("serpent", serpent)
}

/// Puts the functions that write to the log into the globals of `lua`.
fn install_log(lua: &Lua, log: Box<dyn Fn(&str)>) -> Result<()> {
    let log: Rc<dyn Fn(&str)> = Rc::from(log);
    let globals = lua.globals();
    for name in ["log", "localised_print", "print"] {
        let log = Rc::clone(&log);
        let write = move |lua: &Lua, values: MultiValue| {
            let texts: Vec<String> = values.iter().map(localised).collect::<Result<_>>()?;
            let text = texts.join("\t");
            match position(lua).filter(|_| name == "log") {
                Some(position) => log(&format!("Script @{position}: {text}")),
                None => log(&text),
            }
            Ok(())
        };
        globals.set(name, lua.create_function(write)?)?;
    }
    Ok(())
}

/// Gives the file and line of the script that called the function which runs.
fn position(lua: &Lua) -> Option<String> {
    lua.inspect_stack(1, |frame| {
        let source = frame.source().short_src.map(Cow::into_owned)?;
        Some(format!("{source}:{}", frame.current_line()?))
    })
    .flatten()
}

/// Gives the text of a localised string: `{"", a, b}` is joined, a key stays a key with its parameters behind it.
fn localised(value: &Value) -> Result<String> {
    let Value::Table(table) = value else {
        return value.to_string();
    };
    let mut parts = Vec::new();
    for part in table.sequence_values::<Value>() {
        parts.push(localised(&part?)?);
    }
    if parts.first().is_some_and(String::is_empty) {
        return Ok(parts.concat());
    }
    Ok(parts.join(" "))
}

fn prelude_host(lua: &Lua, order: PairsOrder, left: &Rc<Cell<u64>>) -> Result<Table> {
    let host = lua.create_table()?;
    let left = Rc::clone(left);
    let check = move |_: &Lua, ()| check_budget(&left);
    host.set("check_budget", lua.create_function(check)?)?;
    let error_value = |lua: &Lua, value: Value| match value {
        Value::Error(error) => Ok(Value::String(lua.create_string(error_text(&error))?)),
        other => Ok(other),
    };
    host.set("error_value", lua.create_function(error_value)?)?;
    let has_pairs = |_: &Lua, table: Table| match table.metatable() {
        Some(metatable) => Ok(!metatable.raw_get::<Value>("__pairs")?.is_nil()),
        None => Ok(false),
    };
    host.set("has_pairs", lua.create_function(has_pairs)?)?;
    let object_order = |_: &Lua, value: Value| match value {
        Value::UserData(data) => Ok(data.borrow::<LuaObject>()?.order_text()),
        other => Ok(other.type_name().to_owned()),
    };
    host.set("object_order", lua.create_function(object_order)?)?;
    let seed = match order {
        PairsOrder::Canonical => 0,
        PairsOrder::Shuffled { seed } => seed,
    };
    host.set("shuffled", order != PairsOrder::Canonical)?;
    let rng = RefCell::new(Rng::new(seed));
    let draw = move |_: &Lua, bound: u32| Ok(rng.borrow_mut().below(bound) + 1);
    host.set("draw", lua.create_function(draw)?)?;
    Ok(host)
}

fn install_strings(lua: &Lua, globals: &Table) -> Result<()> {
    let string: Table = globals.get("string")?;
    let pack = |lua: &Lua, (format, values): (LuaString, MultiValue)| {
        lua.create_string(pack::pack(lua, &format.as_bytes(), &values)?)
    };
    string.set("pack", lua.create_function(pack)?)?;
    let size = |_: &Lua, format: LuaString| pack::packed_size(&format.as_bytes());
    string.set("packsize", lua.create_function(size)?)?;
    let unpack = |lua: &Lua, (format, data, start): (LuaString, LuaString, Option<i64>)| {
        let data = data.as_bytes();
        let length = data.len() as i64;
        let start = match start.unwrap_or(1) {
            start if start > 0 => start - 1,
            start if start < 0 && -start <= length => length + start,
            _ => 0,
        };
        if start > length {
            return Err(Error::runtime("initial position out of string"));
        }
        let (mut values, end) = pack::unpack(lua, &format.as_bytes(), &data, start as usize)?;
        values.push(Value::Number(end as f64));
        Ok(MultiValue::from_iter(values))
    };
    string.set("unpack", lua.create_function(unpack)?)
}

fn install_random(lua: &Lua, globals: &Table, rng: Rc<RefCell<Rng>>) -> Result<()> {
    let math: Table = globals.get("math")?;
    let random = move |_: &Lua, (first, second): (Option<f64>, Option<f64>)| {
        let unit = rng.borrow_mut().unit();
        let (low, high) = match (first, second) {
            (None, _) => return Ok(unit),
            (Some(high), None) => (1.0, high.floor()),
            (Some(low), Some(high)) => (low.floor(), high.floor()),
        };
        if low > high {
            return Err(Error::runtime(
                "bad argument to 'random' (interval is empty)",
            ));
        }
        Ok((unit * (high - low + 1.0)).floor() + low)
    };
    math.set("random", lua.create_function(random)?)?;
    // The game's generator cannot be seeded by scripts.
    math.set(
        "randomseed",
        lua.create_function(|_, _: MultiValue| Ok(()))?,
    )
}

fn install_debug(lua: &Lua, globals: &Table) -> Result<()> {
    let debug = lua.create_table()?;
    let traceback = |lua: &Lua, (message, level): (Value, Option<usize>)| match message {
        Value::Nil => Ok(Value::String(lua.traceback(None, level.unwrap_or(1))?)),
        Value::String(text) => {
            let text = text.to_string_lossy();
            let trace = lua.traceback(Some(&text), level.unwrap_or(1))?;
            Ok(Value::String(trace))
        }
        other => Ok(other),
    };
    debug.set("traceback", lua.create_function(traceback)?)?;
    let getinfo = |lua: &Lua, (of, _): (Value, Value)| {
        let info = lua.create_table()?;
        let (source, line, defined) = match of {
            Value::Function(function) => {
                let found = function.info();
                let source = found.short_src.or(found.source);
                (source, None, found.line_defined)
            }
            level => {
                let level = lua.coerce_integer(level)?.unwrap_or(-1);
                let found = usize::try_from(level).ok().and_then(|level| {
                    lua.inspect_stack(level, |frame| {
                        let source = frame.source();
                        let name = source.short_src.map(Cow::into_owned);
                        (name, frame.current_line(), source.line_defined)
                    })
                });
                let Some(found) = found else {
                    return Ok(Value::Nil);
                };
                found
            }
        };
        info.set("short_src", source.clone())?;
        info.set("source", source.map(|text| format!("@{text}")))?;
        info.set("currentline", line.map_or(-1, |line| line as i64))?;
        info.set("linedefined", defined.map_or(-1, |line| line as i64))?;
        Ok(Value::Table(info))
    };
    debug.set("getinfo", lua.create_function(getinfo)?)?;
    globals.set("debug", debug)
}
