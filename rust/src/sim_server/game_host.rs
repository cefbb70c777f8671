//! Opens the game that a server runs, and fits it to what the process needs of it.

use std::path::PathBuf;

use mlua::{Table, Value};

use super::args::{GameVersion, Gate};
use super::host::{Datagram, GameError, Orders, Simulation};
use super::log::Log;
use super::mods::Mod;
use crate::lua::{Options, PairsOrder, State};

/// What a game is opened with.
pub(super) struct Setup<'a> {
    pub(super) scripts: Option<&'a Mod>,
    pub(super) version: GameVersion,
    pub(super) seed: u32,
    pub(super) order: PairsOrder,
    pub(super) gate: Gate,
    pub(super) is_udp_enabled: bool,
    pub(super) udp_limit_bytes: usize,
    pub(super) script_output: PathBuf,
    pub(super) log: Log,
}

pub(super) fn open(setup: Setup<'_>, _saved: Option<&[u8]>) -> Result<Box<dyn Simulation>, String> {
    let mut options = Options::new("level", std::collections::BTreeMap::new());
    options.order = setup.order;
    options.seed = setup.seed.into();
    let log = setup.log.clone();
    options.log = Box::new(move |line| log.line(line));
    let state = State::new(options).map_err(|error| error.to_string())?;
    let printed = std::rc::Rc::new(std::cell::RefCell::new(String::new()));
    let to = std::rc::Rc::clone(&printed);
    let install = || -> mlua::Result<()> {
        let rcon: Table = state.lua().create_table()?;
        let print = state.lua().create_function(move |_, value: Value| {
            to.borrow_mut().push_str(&value.to_string()?);
            to.borrow_mut().push('\n');
            Ok(())
        })?;
        rcon.set("print", print)?;
        state.lua().globals().set("rcon", rcon)
    };
    install().map_err(|error| error.to_string())?;
    let _ = (
        setup.scripts,
        setup.version,
        setup.is_udp_enabled,
        setup.udp_limit_bytes,
        setup.script_output,
    );
    Ok(Box::new(Interim {
        state,
        printed,
        is_locked: true,
        gate: setup.gate,
        orders: Orders::default(),
        tick: 0,
    }))
}

struct Interim {
    state: State,
    printed: std::rc::Rc<std::cell::RefCell<String>>,
    is_locked: bool,
    gate: Gate,
    orders: Orders,
    tick: u64,
}

impl Simulation for Interim {
    fn tick(&self) -> u64 {
        self.tick
    }
    fn speed(&self) -> f64 {
        1.0
    }
    fn is_running(&self) -> bool {
        true
    }
    fn update(&mut self) -> Result<(), GameError> {
        self.tick += 1;
        Ok(())
    }
    fn console(&mut self, line: &str) -> Result<String, GameError> {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "/sc" | "/c" => {
                if self.is_locked {
                    self.is_locked = false;
                    let warning = "Using Lua console commands will disable achievements. Please repeat the command to proceed.\n";
                    return Ok(if self.gate == Gate::Warning {
                        warning.to_owned()
                    } else {
                        String::new()
                    });
                }
                self.printed.borrow_mut().clear();
                Ok(match self.state.run::<()>("=(command)", rest) {
                    Ok(()) => self.printed.borrow().clone(),
                    Err(error) => format!("Cannot execute command. Error: {error}\n"),
                })
            }
            "/quit" => {
                self.orders.quits = true;
                Ok(String::new())
            }
            "/server-save" => {
                self.orders.save = Some(None);
                Ok(String::new())
            }
            _ if line.starts_with('/') => {
                Ok("Unknown command. Use /help to see all commands.\n".to_owned())
            }
            _ => Ok(String::new()),
        }
    }
    fn take_orders(&mut self) -> Orders {
        std::mem::take(&mut self.orders)
    }
    fn take_datagrams(&mut self) -> Vec<Datagram> {
        Vec::new()
    }
    fn push_datagram(&mut self, _: Datagram) {}
    fn save(&mut self) -> Result<Vec<u8>, GameError> {
        Ok(Vec::new())
    }
}
