//! The meeting place of Lua and the save: what every member of the API is given when a script uses it.
//!
//! Rules: no borrow of [`Host::core`] is held while Lua runs; what a member raises has the position of the script.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use mlua::{
    Error as LuaError, Function, IntoLua, Lua, MultiValue, Result as LuaResult, Value, WeakLua,
};

use super::core::{Core, Surface};
use super::handle::{Handle, Thing};
pub(super) use crate::lua::fault;
use crate::lua::{GameLine, ObjectLayer, ObjectRef, renew_budget};

/// Which Lua state a function belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Mod,
    /// The scenario's state, in which console commands run.
    Level,
}

/// A datagram that a script sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// The port at localhost.
    pub port: u16,
    pub bytes: Vec<u8>,
}

/// What one Lua state has registered.
#[derive(Default)]
pub(super) struct Handlers {
    pub events: BTreeMap<u32, (Function, Value)>,
    pub nth_tick: BTreeMap<u32, Function>,
    pub on_init: Option<Function>,
    pub on_load: Option<Function>,
    pub on_configuration_changed: Option<Function>,
    pub interfaces: BTreeMap<String, BTreeMap<String, Function>>,
    pub metatables: BTreeMap<String, mlua::Table>,
}

/// A command that a script added.
pub(super) struct CustomCommand {
    pub help: Value,
    pub function: Function,
    pub side: Side,
}

/// What does not enter a save.
pub(super) struct Session {
    pub line: GameLine,
    pub game_version: String,
    pub mod_name: String,
    pub mod_version: String,
    pub udp_enabled: bool,
    pub max_datagram_bytes: usize,
    pub script_output: Option<std::path::PathBuf>,
    /// What `rcon.print` of the command that runs has written.
    pub reply: RefCell<Option<String>>,
    pub sent: RefCell<Vec<Datagram>>,
    pub received: RefCell<Vec<(u16, Vec<u8>)>>,
    /// Whether `recv_udp` was called: what has come in is told in the next update.
    pub wants_datagrams: Cell<bool>,
    /// The order to save, and the name where it has one.
    #[expect(
        clippy::option_option,
        reason = "no order, one without a name, one with"
    )]
    pub wants_save: RefCell<Option<Option<String>>>,
    pub wants_quit: Cell<bool>,
    /// Whether a script did what makes a real 2.0 server abort.
    pub aborted: RefCell<Option<String>>,
    /// Whether `control.lua` is being parsed.
    pub is_loading: Cell<bool>,
    pub log: Rc<dyn Fn(&str)>,
}

/// What members of the API work on.
pub(super) struct Host {
    pub core: RefCell<Core>,
    pub session: Session,
    pub handlers: [RefCell<Handlers>; 2],
    pub commands: RefCell<BTreeMap<String, CustomCommand>>,
    pub layer: RefCell<Weak<ObjectLayer>>,
    pub luas: RefCell<[Option<WeakLua>; 2]>,
    pub defines: super::defines::Defines,
}

/// Marks a Lua state with its side.
pub(super) struct SideMark(pub Side);

impl Host {
    /// Gives the side of the state that runs.
    pub(super) fn side(lua: &Lua) -> Side {
        lua.app_data_ref::<SideMark>()
            .map_or(Side::Mod, |mark| mark.0)
    }

    /// Gives the interpreter of a side; `current` is the one that runs, and another gets the instructions of a call.
    pub(super) fn lua_of(&self, side: Side, current: &Lua) -> Lua {
        if Self::side(current) == side {
            return current.clone();
        }
        let other = self.luas.borrow()[side as usize]
            .as_ref()
            .and_then(WeakLua::try_upgrade)
            .unwrap_or_else(|| current.clone());
        renew_budget(&other);
        other
    }

    pub(super) fn handlers(&self, side: Side) -> &RefCell<Handlers> {
        &self.handlers[side as usize]
    }

    pub(super) fn layer(&self) -> Rc<ObjectLayer> {
        self.layer
            .borrow()
            .upgrade()
            .expect("the layer lives as long as scripts do")
    }

    /// Makes the object of a class by its number.
    pub(super) fn object(&self, lua: &Lua, class: &str, handle: u128) -> LuaResult<Value> {
        let layer = self.layer();
        let reference = layer
            .reference(class, handle)
            .map_err(|error| LuaError::runtime(error.to_string()))?;
        layer.object(lua, reference).map(Value::UserData)
    }

    /// Makes the object of a thing on a surface.
    pub(super) fn entity(
        &self,
        lua: &Lua,
        surface: u16,
        epoch: u32,
        thing: Thing,
    ) -> LuaResult<Value> {
        self.object(
            lua,
            "LuaEntity",
            Handle::of_thing(surface, epoch, thing).pack(),
        )
    }

    /// Makes the object of a surface.
    pub(super) fn surface(&self, lua: &Lua, number: u16) -> LuaResult<Value> {
        let serial = self.core.borrow().surface(number).map(|held| held.serial);
        match serial {
            Some(serial) => self.object(lua, "LuaSurface", identity(number, serial)),
            None => Ok(Value::Nil),
        }
    }

    /// Makes the object of a force.
    pub(super) fn force(&self, lua: &Lua, number: u16) -> LuaResult<Value> {
        let serial = self.core.borrow().force(number).map(|held| held.epoch);
        match serial {
            Some(serial) => self.object(lua, "LuaForce", identity(number, serial)),
            None => Ok(Value::Nil),
        }
    }

    /// Looks at the surface of a thing.
    pub(super) fn on_surface<R>(
        &self,
        object: ObjectRef,
        look: impl FnOnce(&Surface, Handle) -> R,
    ) -> LuaResult<R> {
        let handle = Handle::unpack(object.handle);
        let core = self.core.borrow();
        let surface = core.surface_of(handle).ok_or_else(gone)?;
        Ok(look(surface, handle))
    }
}

/// Gives the number of a surface's or a force's object: their own, and which life of it.
pub(super) fn identity(number: u16, serial: u32) -> u128 {
    u128::from(serial) << 16 | u128::from(number)
}

/// The error for what is gone although its validity was asked.
pub(super) fn gone() -> LuaError {
    fault("the object is gone")
}

/// What a member is given: the host, the interpreter, the object.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub host: &'a Rc<Host>,
    pub lua: &'a Lua,
    pub object: ObjectRef,
}

impl Call<'_> {
    pub(super) fn handle(&self) -> Handle {
        Handle::unpack(self.object.handle)
    }

    /// Makes a Lua value.
    pub(super) fn value(&self, value: impl IntoLua) -> LuaResult<Value> {
        value.into_lua(self.lua)
    }
}

type Read = fn(Call<'_>) -> LuaResult<Value>;
type Write = fn(Call<'_>, Value) -> LuaResult<()>;
type Method = fn(Call<'_>, MultiValue) -> LuaResult<Value>;
type List = fn(Call<'_>) -> LuaResult<Vec<(Value, Value)>>;
type Methods = fn(Call<'_>, MultiValue) -> LuaResult<MultiValue>;

/// Tells the layer what members do.
pub(super) struct Registrar<'a> {
    pub layer: &'a mut ObjectLayer,
    pub host: &'a Rc<Host>,
    /// Members that the tables of this line of the game lack.
    pub missing: Vec<String>,
}

impl Registrar<'_> {
    fn note(&mut self, class: &str, name: &str, result: &crate::Result<()>) {
        if result.is_err() {
            self.missing.push(format!("{class}.{name}"));
        }
    }

    /// Builds an attribute that can be read.
    pub(super) fn read(&mut self, class: &str, name: &str, read: Read) {
        let host = Rc::clone(self.host);
        let getter = move |lua: &Lua, object| {
            read(Call {
                host: &host,
                lua,
                object,
            })
        };
        let result = self
            .layer
            .register_attribute(class, name, Some(Rc::new(getter)), None);
        self.note(class, name, &result);
    }

    /// Builds how an attribute is written.
    pub(super) fn write(&mut self, class: &str, name: &str, write: Write) {
        let host = Rc::clone(self.host);
        let setter = move |lua: &Lua, object, value| {
            write(
                Call {
                    host: &host,
                    lua,
                    object,
                },
                value,
            )
        };
        let result = self
            .layer
            .register_attribute(class, name, None, Some(Rc::new(setter)));
        self.note(class, name, &result);
    }

    /// Builds an attribute that can be read and written.
    pub(super) fn read_write(&mut self, class: &str, name: &str, read: Read, write: Write) {
        self.read(class, name, read);
        self.write(class, name, write);
    }

    /// Builds a method that returns one value.
    pub(super) fn method(&mut self, class: &str, name: &str, method: Method) {
        let host = Rc::clone(self.host);
        let result = self
            .layer
            .register_method(class, name, move |lua, object, arguments| {
                let call = Call {
                    host: &host,
                    lua,
                    object,
                };
                method(call, arguments).map(|value| MultiValue::from_iter([value]))
            });
        self.note(class, name, &result);
    }

    /// Builds a method that returns several values.
    pub(super) fn methods(&mut self, class: &str, name: &str, method: Methods) {
        let host = Rc::clone(self.host);
        let result = self
            .layer
            .register_method(class, name, move |lua, object, arguments| {
                let call = Call {
                    host: &host,
                    lua,
                    object,
                };
                method(call, arguments)
            });
        self.note(class, name, &result);
    }

    /// Builds an operator.
    pub(super) fn operator(&mut self, class: &str, name: &str, method: Method) {
        let host = Rc::clone(self.host);
        let result = self
            .layer
            .register_operator(class, name, move |lua, object, arguments| {
                let call = Call {
                    host: &host,
                    lua,
                    object,
                };
                method(call, arguments).map(|value| MultiValue::from_iter([value]))
            });
        self.note(class, name, &result);
    }

    /// Builds what `pairs` goes through.
    pub(super) fn pairs(&mut self, class: &str, list: List) {
        let host = Rc::clone(self.host);
        let result = self.layer.register_pairs(class, move |lua, object| {
            list(Call {
                host: &host,
                lua,
                object,
            })
        });
        self.note(class, "pairs", &result);
    }
}
