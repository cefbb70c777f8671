//! Opens the game that a server runs, and fits it to what the process needs of it.

use std::path::PathBuf;

use super::args::{GameVersion, Gate};
use super::game::{Game, GameError as CoreError, GameOptions};
use super::host::{Datagram, GameError, Orders, SaveOrder, Simulation};
use super::log::Log;
use super::mods::Mod;
use crate::lua::PairsOrder;

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

/// Makes a game, new or from the bytes of a save.
///
/// # Errors
/// What a script raised, or why the bytes are no save.
pub(super) fn open(setup: Setup<'_>, saved: Option<&[u8]>) -> Result<Box<dyn Simulation>, String> {
    let (name, files) = setup.scripts.map_or_else(Default::default, |scripts| {
        (scripts.name.as_str(), scripts.files.clone())
    });
    let mut options = GameOptions::new(name, files);
    options.line = setup.version.line;
    setup.version.text.clone_into(&mut options.game_version);
    options.seed = setup.seed.into();
    options.order = setup.order;
    options.is_udp_enabled = setup.is_udp_enabled;
    options.max_datagram_bytes = setup.udp_limit_bytes;
    options.script_output = Some(setup.script_output);
    if setup.gate == Gate::Empty {
        options.gate_reply.clear();
    }
    let log = setup.log;
    options.log = Box::new(move |line| write_line(&log, line));
    let game = match saved {
        None => Game::new(options),
        Some(bytes) => Game::load(options, bytes),
    };
    match game {
        Ok(game) => Ok(Box::new(game)),
        Err(error) => Err(error.to_string()),
    }
}

/// Writes a line of the console with the date, another with the time.
fn write_line(log: &Log, line: &str) {
    if line.starts_with("[CHAT]") || line.starts_with("[WARNING]") {
        log.console(line);
    } else {
        log.line(line);
    }
}

impl From<CoreError> for GameError {
    fn from(error: CoreError) -> Self {
        match error {
            CoreError::Aborted(text) => Self::Aborted(text),
            other => Self::Crashed(other.to_string()),
        }
    }
}

impl Simulation for Game {
    fn tick(&self) -> u64 {
        Self::tick(self)
    }

    fn speed(&self) -> f64 {
        Self::speed(self)
    }

    fn is_running(&self) -> bool {
        Self::is_running(self)
    }

    fn update(&mut self) -> Result<(), GameError> {
        Self::update(self)?;
        Ok(())
    }

    fn console(&mut self, line: &str) -> Result<String, GameError> {
        let reply = Self::console(self, line);
        match self.crash() {
            Some(error) => Err(error.clone().into()),
            None => Ok(reply.text),
        }
    }

    fn take_orders(&mut self) -> Orders {
        let save = self.take_save_order();
        Orders {
            save: save.map(|name| name.map_or(SaveOrder::OverOwn, SaveOrder::As)),
            quits: self.wants_quit(),
        }
    }

    fn take_datagrams(&mut self) -> Vec<Datagram> {
        let sent = Self::take_datagrams(self).into_iter();
        sent.map(|datagram| Datagram {
            port: datagram.port,
            data: datagram.bytes,
        })
        .collect()
    }

    fn push_datagram(&mut self, datagram: Datagram) {
        Self::push_datagram(self, datagram.port, datagram.data);
    }

    fn save(&mut self) -> Result<Vec<u8>, GameError> {
        Ok(Self::save(self)?)
    }
}
