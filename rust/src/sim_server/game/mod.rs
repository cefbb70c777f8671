//! One save as scripts and the console see it: worlds as surfaces, and a mod that runs unmodified in [`crate::lua`].
//!
//! [`Game`] owns the save and the two Lua states (the mod's, and the scenario's in which console commands run). It knows
//! no socket, no clock and no thread: the process round it says when an update is due.
//!
//! One file per class of the game's API says what the members do. What a member does to a world is what the commands of
//! the simulation do ([`crate::sim::script`]), so that a world behind this door and one in process go alike.
//!
//! Facts of the game that are kept: a handler of `on_tick` sees tick T before the entities are updated; nothing ticks
//! while the game is paused, but commands run; deletions of surfaces and mergers of forces wait for the end of an update.

mod charting;
mod commands;
mod console;
mod control;
mod control_items;
mod convert;
mod core;
mod defines;
mod entity;
mod entity_deeds;
mod entity_machine;
mod entity_place;
mod events;
mod find;
mod fluid_box;
mod force;
mod game_script;
mod handle;
mod helpers;
mod host;
mod inventory;
mod item_stack;
mod prototypes;
mod recipe;
mod remote;
mod save;
mod script;
mod settings;
mod statistics;
mod surface;
mod surface_building;
mod tables;
mod technology;
mod tile;
mod transport;
mod update;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;

use crate::lua::{Api, GameLine, Limits, ObjectLayer, ObjectRef, Options, PairsOrder, State};
use core::Core;
use handle::Handle;
use host::{Host, Registrar, Session, Side, SideMark};

pub use console::Reply;
pub use host::Datagram;

/// The largest datagram that a real server was seen to send; larger ones vanish without a word.
pub const MAX_DATAGRAM_BYTES: usize = 9_188;

/// Which game, and which mod in it.
pub struct GameOptions {
    /// The name of the mod; empty for a game without one.
    pub mod_name: String,
    /// The files of the mod by path (`control.lua`, `lib/a.lua`).
    pub files: BTreeMap<String, Vec<u8>>,
    pub line: GameLine,
    /// What `helpers.game_version` says.
    pub game_version: String,
    /// The seed of `math.random` and of the first surface.
    pub seed: u64,
    pub order: PairsOrder,
    pub limits: Limits,
    /// Whether the server was started with `--enable-lua-udp`.
    pub is_udp_enabled: bool,
    pub max_datagram_bytes: usize,
    /// The folder of `helpers.write_file`; without one nothing is written.
    pub script_output: Option<PathBuf>,
    /// What a console command answers that is not executed since it would disable achievements; reports differ.
    pub gate_reply: String,
    /// Takes the lines of `log` and of the console.
    pub log: Box<dyn Fn(&str)>,
}

impl GameOptions {
    /// Takes the defaults for the files of a mod.
    pub fn new(mod_name: &str, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            mod_name: mod_name.to_owned(),
            files,
            line: GameLine::V2_0,
            game_version: crate::prototypes::GAME_VERSION.to_owned(),
            seed: 0,
            order: PairsOrder::Canonical,
            limits: Limits::default(),
            is_udp_enabled: false,
            max_datagram_bytes: MAX_DATAGRAM_BYTES,
            script_output: None,
            gate_reply: console::GATE_WARNING.to_owned(),
            log: Box::new(|_| {}),
        }
    }
}

/// Why a game cannot go on, or cannot begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GameError {
    /// A mod raised an error where the game does not recover; the text is the game's.
    ModCrashed(String),
    /// The process of a real server would abort here.
    Aborted(String),
    /// The bytes are no save, or of another version.
    InvalidSave(String),
    /// The mod's tables cannot be saved.
    CannotSave(String),
    /// The game could not be made.
    Setup(String),
}

impl fmt::Display for GameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ModCrashed(text)
            | Self::Aborted(text)
            | Self::InvalidSave(text)
            | Self::CannotSave(text)
            | Self::Setup(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for GameError {}

/// A running save.
pub struct Game {
    host: Rc<Host>,
    layer: Rc<ObjectLayer>,
    states: [State; 2],
    /// For each state what calls a command's function.
    callers: [mlua::Function; 2],
    gate_reply: String,
    crash: Option<GameError>,
    last_ran: bool,
}

impl fmt::Debug for Game {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Game").finish_non_exhaustive()
    }
}

impl Game {
    /// Makes a new save and runs the mod's `control.lua` and its `on_init`.
    ///
    /// # Errors
    /// [`GameError::ModCrashed`] with what the mod raised.
    pub fn new(options: GameOptions) -> Result<Self, GameError> {
        let core = Core::new(options.seed);
        let mut game = Self::build(options, core)?;
        game.load_scripts()?;
        game.first_calls()?;
        Ok(game)
    }

    /// Takes up a save: `control.lua`, `on_load`, and `on_configuration_changed` where mod or game have changed.
    ///
    /// # Errors
    /// [`GameError::InvalidSave`] where the bytes are none of ours; [`GameError::ModCrashed`] as for a new one.
    pub fn load(options: GameOptions, save: &[u8]) -> Result<Self, GameError> {
        save::load(options, save)
    }

    /// Writes the save: worlds, clock, forces, and the mod's `storage`.
    ///
    /// # Errors
    /// [`GameError::CannotSave`] where `storage` holds what the game cannot save.
    pub fn save(&self) -> Result<Vec<u8>, GameError> {
        save::save(self)
    }

    fn build(options: GameOptions, core: Core) -> Result<Self, GameError> {
        let setup = |error: mlua::Error| GameError::Setup(error.to_string());
        let api = Api::of(options.line);
        let info = mod_info(&options.files);
        let log: Rc<dyn Fn(&str)> = Rc::from(options.log);
        let host = Rc::new(Host {
            core: RefCell::new(core),
            session: Session {
                line: options.line,
                game_version: options.game_version,
                mod_version: info,
                mod_name: options.mod_name.clone(),
                udp_enabled: options.is_udp_enabled,
                max_datagram_bytes: options.max_datagram_bytes,
                script_output: options.script_output,
                reply: RefCell::new(None),
                sent: RefCell::default(),
                received: RefCell::default(),
                wants_datagrams: Cell::new(false),
                wants_save: RefCell::new(None),
                wants_quit: Cell::new(false),
                aborted: RefCell::new(None),
                is_loading: Cell::new(true),
                log: Rc::clone(&log),
            },
            handlers: [RefCell::default(), RefCell::default()],
            commands: RefCell::default(),
            layer: RefCell::default(),
            luas: RefCell::new([None, None]),
            defines: defines::Defines::of(&api),
        });
        let mut layer = ObjectLayer::new(api);
        register_all(&mut layer, &host);
        let layer = Rc::new(layer);
        *host.layer.borrow_mut() = Rc::downgrade(&layer);
        let files = options
            .files
            .into_iter()
            .map(|(path, bytes)| (format!("__{}__/{path}", options.mod_name), bytes))
            .collect();
        let make = |name: &str, files| {
            let mut lua_options = Options::new(name, files);
            lua_options.order = options.order;
            lua_options.seed = options.seed;
            lua_options.limits = options.limits;
            let log = Rc::clone(&log);
            lua_options.log = Box::new(move |line| log(line));
            State::new(lua_options)
        };
        let states = [
            make(&options.mod_name, files).map_err(setup)?,
            make("level", BTreeMap::new()).map_err(setup)?,
        ];
        for (state, side) in states.iter().zip([Side::Mod, Side::Level]) {
            install_globals(&host, &layer, state, side).map_err(setup)?;
        }
        let caller = |state: &State| {
            let caller = state.compile(console::CALLER_CHUNK, console::CALLER);
            caller.map_err(GameError::Setup)
        };
        let callers = [caller(&states[0])?, caller(&states[1])?];
        Ok(Self {
            host,
            layer,
            states,
            callers,
            gate_reply: options.gate_reply,
            crash: None,
            last_ran: false,
        })
    }

    /// Runs `control.lua`.
    fn load_scripts(&mut self) -> Result<(), GameError> {
        let session = &self.host.session;
        let state = &self.states[Side::Mod as usize];
        if !session.mod_name.is_empty() {
            state.run_control().map_err(|message| {
                GameError::ModCrashed(format!(
                    "Error while loading control.lua of mod \"{}\":\n{message}",
                    session.mod_name
                ))
            })?;
        }
        session.is_loading.set(false);
        Ok(())
    }

    /// Runs `on_init`, as for a mod that is new to a save.
    fn first_calls(&mut self) -> Result<(), GameError> {
        self.show_game()?;
        let handler = self.host.handlers(Side::Mod).borrow().on_init.clone();
        if let Some(handler) = handler {
            let result = self.states[0].call_traced::<_, ()>(&handler, ());
            result.map_err(|message| self.crashed("on_init()", &message))?;
        }
        self.deliver()
    }

    /// Lets scripts use `game`, which is absent while files are loaded and in `on_load`.
    fn show_game(&self) -> Result<(), GameError> {
        let setup = |error: mlua::Error| GameError::Setup(error.to_string());
        for state in &self.states {
            let game = self
                .host
                .object(state.lua(), "LuaGameScript", 0)
                .map_err(setup)?;
            let globals = state.lua().globals();
            globals.raw_set("game", game).map_err(setup)?;
        }
        Ok(())
    }

    /// Makes the error of a mod that raised one where the game does not recover.
    fn crashed(&self, place: &str, message: &str) -> GameError {
        let session = &self.host.session;
        let tick = self.host.core.borrow().tick;
        GameError::ModCrashed(format!(
            "Exception at tick {tick}: The mod {} ({}) caused a non-recoverable error.\n\
             Please report this error to the mod author.\n\n\
             Error while running event {}::{place}\n{message}",
            session.mod_name, session.mod_version, session.mod_name
        ))
    }

    /// Calls the handlers of what has happened.
    fn deliver(&mut self) -> Result<(), GameError> {
        let states = [(Side::Level, &self.states[1]), (Side::Mod, &self.states[0])];
        events::deliver(&self.host, states).map_err(|fault| {
            let place = format!("{} (ID {})", fault.event, fault.number);
            self.crashed(&place, &fault.message)
        })
    }

    /// Reads the game's speed; 1 is 60 updates a second.
    pub fn speed(&self) -> f64 {
        self.host.core.borrow().speed
    }

    /// Reads the tick.
    pub fn tick(&self) -> u64 {
        self.host.core.borrow().tick
    }

    /// Says whether the next update runs a tick.
    pub fn is_running(&self) -> bool {
        let core = self.host.core.borrow();
        !core.tick_paused || core.ticks_to_run > 0
    }

    /// Says whether the game is to save by itself.
    pub fn is_autosave_enabled(&self) -> bool {
        self.host.core.borrow().autosave_enabled
    }

    /// Takes the order to save, if one was given: the name, where one was named.
    pub fn take_save_order(&self) -> Option<Option<String>> {
        self.host.session.wants_save.borrow_mut().take()
    }

    /// Says whether the console told the server to quit.
    pub fn wants_quit(&self) -> bool {
        self.host.session.wants_quit.get()
    }

    /// Takes the datagrams that scripts have sent since the last call, in their order.
    pub fn take_datagrams(&self) -> Vec<Datagram> {
        std::mem::take(&mut self.host.session.sent.borrow_mut())
    }

    /// Hands over a datagram that came in at the server's port for scripts.
    pub fn push_datagram(&self, source_port: u16, payload: Vec<u8>) {
        let received = &self.host.session.received;
        received.borrow_mut().push((source_port, payload));
    }

    /// Reads why the game cannot go on, if it cannot.
    pub fn crash(&self) -> Option<&GameError> {
        self.crash.as_ref()
    }

    /// Looks at the world of a surface, by its name: for tests and for comparisons with an embedded one.
    pub fn with_world<R>(
        &self,
        name: &str,
        look: impl FnOnce(&crate::sim::World) -> R,
    ) -> Option<R> {
        let core = self.host.core.borrow();
        let number = core.surface_named(name)?;
        core.surface(number).map(|surface| look(&surface.world))
    }
}

/// Reads the version of a mod from its `info.json`.
fn mod_info(files: &BTreeMap<String, Vec<u8>>) -> String {
    files
        .get("info.json")
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok())
        .and_then(|info| Some(info.get("version")?.as_str()?.to_owned()))
        .unwrap_or_else(|| "0.0.0".to_owned())
}

/// Builds all members; returns those that the tables of this line lack.
fn register_all(layer: &mut ObjectLayer, host: &Rc<Host>) -> Vec<String> {
    let mut registrar = Registrar {
        layer,
        host,
        missing: Vec::new(),
    };
    let r = &mut registrar;
    game_script::register(r);
    script::register(r);
    commands::register(r);
    remote::register(r);
    settings::register(r);
    helpers::register(r);
    surface::register(r);
    entity::register(r);
    control::register(r);
    inventory::register(r);
    transport::register(r);
    force::register(r);
    statistics::register(r);
    prototypes::register(r);
    tables::register(r);
    let missing = std::mem::take(&mut registrar.missing);
    set_validity(layer, host);
    missing
}

/// What decides whether an object of a class is valid.
#[derive(Clone, Copy)]
enum Validity {
    Always,
    Surface,
    /// A force, or something of one.
    Force,
    /// A thing on a surface, or something of one.
    Thing,
    Tile,
}

fn set_validity(layer: &mut ObjectLayer, host: &Rc<Host>) {
    let kinds: Vec<Validity> = layer
        .class_names()
        .map(|name| match name {
            "LuaSurface" => Validity::Surface,
            "LuaForce" | "LuaRecipe" | "LuaTechnology" => Validity::Force,
            "LuaEntity" | "LuaInventory" | "LuaItemStack" | "LuaTransportLine" | "LuaFluidBox" => {
                Validity::Thing
            }
            "LuaTile" => Validity::Tile,
            _ => Validity::Always,
        })
        .collect();
    let host = Rc::clone(host);
    layer.set_validity(move |object: ObjectRef| match kinds[object.class()] {
        Validity::Always => true,
        Validity::Surface => {
            let core = host.core.borrow();
            let surface = core.surface(object.handle as u16);
            surface.is_some_and(|surface| u128::from(surface.serial) == object.handle >> 16)
        }
        Validity::Force => {
            let core = host.core.borrow();
            let force = core.force(object.handle as u16);
            force
                .is_some_and(|force| u128::from(force.epoch) == (object.handle >> 16) & 0xffff_ffff)
        }
        Validity::Thing => {
            let handle = Handle::unpack(object.handle);
            host.core.borrow().is_thing_valid(handle)
        }
        Validity::Tile => {
            let handle = Handle::unpack(object.handle);
            host.core.borrow().surface_of(handle).is_some()
        }
    });
}

/// Puts the objects of the game into the globals of a state.
fn install_globals(
    host: &Rc<Host>,
    layer: &Rc<ObjectLayer>,
    state: &State,
    side: Side,
) -> mlua::Result<()> {
    let lua = state.lua();
    lua.set_app_data(SideMark(side));
    host.luas.borrow_mut()[side as usize] = Some(lua.weak());
    let globals = lua.globals();
    for (name, class) in Api::of(host.session.line).globals {
        if name == "game" {
            continue;
        }
        let reference = layer
            .reference(&class, 0)
            .map_err(|error| mlua::Error::runtime(error.to_string()))?;
        globals.raw_set(name, layer.object(lua, reference)?)?;
    }
    globals.raw_set("defines", host.defines.table(lua)?)
}

/// Lists the members that we build and the tables of a line lack.
#[cfg(test)]
fn members_missing_in(line: GameLine) -> Vec<String> {
    let mut options = GameOptions::new("", BTreeMap::new());
    options.line = line;
    let game = Game::build(options, Core::new(0)).expect("a game can be made");
    let mut layer = ObjectLayer::new(Api::of(line));
    register_all(&mut layer, &game.host)
}
