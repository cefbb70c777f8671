//! The server's loop: take in what arrived, run commands between ticks, run the update that is due, send.
//!
//! Owns the order of things within one [`Server::turn`]. While ticks run, updates follow the game's speed and sockets
//! are looked at between them; while the game is paused the loop sleeps until something arrives, so that a command is
//! executed at once. Nothing is served while the game is saved, as in the game.

use std::path::PathBuf;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::clock::Clock;
use super::connection::Command;
use super::failure::Failure;
use super::faults::{CommandFate, Faults};
use super::host::{GameError, SaveOrder, Simulation};
use super::log::Log;
use super::pacing::Pacer;
use super::queue::Queue;
use super::rcon_server::RconServer;
use super::saves::{self, Save};
use super::signals::Signals;
use super::stdin::Stdin;
use super::udp::LuaUdp;

/// After a command the sockets are asked so often before the process sleeps: about as long as a client takes to send
/// the next one, and a fraction of what falling asleep and waking up would add to its round trip.
const SPIN_POLLS: u32 = 64;

/// The system wakes a sleeper later than asked for by about this much, so that shorter waits are not slept through.
const SHORTEST_SLEEP: Duration = Duration::from_micros(100);

/// Why a server's loop ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// A signal of that name came.
    Signal(&'static str),
    /// `/quit`.
    Quit,
    /// A fault: the process hangs.
    Freeze,
    /// A fault, or what aborts the game itself.
    Abort(String),
    /// An error that the game does not survive.
    Error(String),
}

/// What a server is made of.
pub(super) struct Parts<C> {
    pub(super) game: Box<dyn Simulation>,
    pub(super) clock: C,
    pub(super) log: Log,
    pub(super) rcon: Option<RconServer>,
    pub(super) udp: Option<LuaUdp>,
    pub(super) stdin: Option<Stdin>,
    pub(super) signals: Signals,
    pub(super) faults: Faults,
    /// Ticks stand still, whatever scripts say, since there are no players.
    pub(super) is_auto_paused: bool,
    pub(super) save_path: PathBuf,
    pub(super) saves_folder: PathBuf,
    pub(super) game_version: String,
}

/// A running server.
pub(super) struct Server<C> {
    parts: Parts<C>,
    queue: Queue,
    arrived: Vec<Command>,
    ready: Vec<PollFlags>,
    pacer: Pacer,
    n_updates: u64,
    was_paced: bool,
    /// Something was served in the last turn: more is likely to come at once.
    has_served: bool,
    ending: Option<Ending>,
}

impl<C: Clock> Server<C> {
    pub(super) fn new(parts: Parts<C>) -> Self {
        Self {
            parts,
            queue: Queue::default(),
            arrived: Vec::new(),
            ready: Vec::new(),
            pacer: Pacer::default(),
            n_updates: 0,
            was_paced: false,
            has_served: false,
            ending: None,
        }
    }

    /// Serves until something ends it.
    ///
    /// # Errors
    /// The system cannot wait for sockets any more.
    pub(super) fn run(&mut self) -> Result<Ending, Failure> {
        loop {
            if let Some(ending) = self.turn(None)? {
                return Ok(ending);
            }
        }
    }

    /// Waits until there is something to do, but not beyond `longest`, and does it.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub(super) fn turn(&mut self, longest: Option<Duration>) -> Result<Option<Ending>, Failure> {
        self.check_faults();
        if self.ending.is_some() {
            return Ok(self.ending.take());
        }
        let is_paced = self.is_ticking() || self.queue.needs_updates();
        let now = self.parts.clock.now();
        if is_paced && !self.was_paced {
            self.pacer.resume(now);
        }
        self.was_paced = is_paced;
        let next_update = is_paced.then(|| self.pacer.wait(now));
        let next_datagram = self.parts.udp.as_ref().and_then(LuaUdp::next_due);
        let next_datagram = next_datagram.map(|due| due.saturating_sub(now));
        let wait = [longest, next_update, next_datagram]
            .into_iter()
            .flatten()
            .min();
        self.wait(wait)?;
        self.has_served = false;
        self.serve();
        self.execute(0);
        self.flush();
        if self.ending.is_none() {
            self.update_if_due(is_paced);
        }
        Ok(self.ending.take())
    }

    /// Runs an update where one is due: by the clock, or where the game is paused after commands.
    fn update_if_due(&mut self, is_paced: bool) {
        let now = self.parts.clock.now();
        if is_paced {
            if self.pacer.is_due(now) {
                self.pacer.begin_update(now, self.parts.game.speed());
                self.update();
                self.flush();
            }
        } else if self.has_served && !self.is_ticking() && !self.queue.needs_updates() {
            // What commands left for the end of an update happens now; no tick comes with it.
            self.update();
            self.flush();
        }
    }

    pub(super) fn tick(&self) -> u64 {
        self.parts.game.tick()
    }

    fn is_ticking(&self) -> bool {
        !self.parts.is_auto_paused && self.parts.game.is_running()
    }

    fn check_faults(&mut self) {
        let spec = self.parts.faults.spec();
        let tick = self.parts.game.tick();
        if spec.crash_at.is_some_and(|at| tick >= at) {
            self.ending = Some(Ending::Abort(format!("crash at tick {tick}, as asked for")));
        } else if spec.freeze_at.is_some_and(|at| tick >= at) {
            self.ending = Some(Ending::Freeze);
        }
    }

    /// Waits for at most `longest`, and notes which descriptors are ready, in the order in which [`Server::serve`]
    /// goes through them.
    fn wait(&mut self, longest: Option<Duration>) -> Result<(), Failure> {
        let parts = &self.parts;
        let mut fds = Vec::with_capacity(self.ready.len() + 1);
        parts.signals.watch(&mut fds);
        if let Some(udp) = &parts.udp {
            fds.push(PollFd::new(udp.socket(), PollFlags::IN));
        }
        if let Some(stdin) = &parts.stdin {
            stdin.watch(&mut fds);
        }
        if let Some(rcon) = &parts.rcon {
            rcon.watch(&mut fds);
        }
        let longest = longest.map(|longest| match longest {
            short if short < SHORTEST_SLEEP => Duration::ZERO,
            long => long,
        });
        let mut n_ready = 0;
        if self.has_served {
            for _ in 0..SPIN_POLLS {
                n_ready = poll_for(&mut fds, Some(Duration::ZERO))?;
                if n_ready > 0 || longest.is_some_and(|longest| longest.is_zero()) {
                    break;
                }
            }
        }
        if n_ready == 0 {
            poll_for(&mut fds, longest)?;
        }
        self.ready.clear();
        self.ready.extend(fds.iter().map(PollFd::revents));
        Ok(())
    }

    /// Takes in what has arrived.
    fn serve(&mut self) {
        let ready = std::mem::take(&mut self.ready);
        let mut rest = ready.as_slice();
        let mut next = |n: usize| {
            let (first, after) = rest.split_at(n);
            rest = after;
            first
        };
        let has_signal = next(self.parts.signals.n_watched())
            .iter()
            .any(|ready| !ready.is_empty());
        if has_signal && let Some(name) = self.parts.signals.taken() {
            self.ending = Some(Ending::Signal(name));
        }
        if self.parts.udp.is_some() && !next(1)[0].is_empty() {
            self.receive_datagrams();
        }
        let n_watched = self.parts.stdin.as_ref().map_or(0, Stdin::n_watched);
        if next(n_watched).iter().any(|ready| !ready.is_empty()) {
            self.read_stdin();
        }
        if let Some(rcon) = &mut self.parts.rcon {
            rcon.serve(rest, &mut self.arrived);
            let spec = self.parts.faults.spec();
            self.has_served |= !self.arrived.is_empty();
            self.queue.add(&mut self.arrived, spec, self.n_updates + 1);
        }
        self.ready = ready;
    }

    fn receive_datagrams(&mut self) {
        let parts = &mut self.parts;
        if let Some(udp) = &parts.udp {
            udp.receive(|datagram| parts.game.push_datagram(datagram));
        }
    }

    fn read_stdin(&mut self) {
        let Some(stdin) = &mut self.parts.stdin else {
            return;
        };
        let (lines, is_open) = stdin.read();
        if !is_open {
            self.parts
                .log
                .line("Info ServerConsole.cpp: EOF on standard input");
        }
        self.has_served |= !lines.is_empty();
        for line in lines {
            let text = self.run_line(&line);
            if !text.is_empty() {
                self.parts.log.plain(&text);
            }
        }
    }

    /// Executes the commands that are due by `update`.
    fn execute(&mut self, update: u64) {
        while self.ending.is_none() {
            let Some(rcon) = &self.parts.rcon else {
                return;
            };
            let due = self
                .queue
                .take_due(update, |connection| rcon.is_congested(connection));
            let Some(command) = due else {
                return;
            };
            self.has_served = true;
            let fate = self.parts.faults.command_fate();
            let text = match fate {
                CommandFate::LostBefore => String::new(),
                _ => self.run_line(&String::from_utf8_lossy(&command.body)),
            };
            let Some(rcon) = &mut self.parts.rcon else {
                return;
            };
            match fate {
                CommandFate::Executed => rcon.reply(&command, text.as_bytes()),
                CommandFate::LostWithin => rcon.reply_in_part(&command, text.as_bytes()),
                CommandFate::LostBefore | CommandFate::LostAfter => {
                    rcon.hang_up(command.connection);
                }
            }
            if fate != CommandFate::Executed {
                // What was sent behind it went the same way.
                self.queue.forget(command.connection);
            }
        }
    }

    /// Runs one line of a console, and gives what it answers.
    fn run_line(&mut self, line: &str) -> String {
        let log = &self.parts.log;
        if let Some(("/c" | "/command", code)) = line.split_once(' ') {
            log.console(&format!("[COMMAND] <server> (command): {code}"));
        }
        let outcome = self.parts.game.console(line);
        self.settle();
        outcome.unwrap_or_else(|error| {
            self.fail(error);
            String::new()
        })
    }

    /// Does what the game asked for while a line or an update ran.
    fn settle(&mut self) {
        self.send_datagrams();
        let orders = self.parts.game.take_orders();
        if let Some(order) = orders.save {
            self.save_by(&order);
        }
        if orders.quits {
            self.ending = Some(Ending::Quit);
        }
    }

    fn update(&mut self) {
        self.n_updates += 1;
        self.execute(self.n_updates);
        if self.ending.is_some() || self.parts.is_auto_paused {
            return;
        }
        let outcome = self.parts.game.update();
        self.settle();
        if let Err(error) = outcome {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: GameError) {
        self.ending = Some(match error {
            GameError::Crashed(text) => Ending::Error(text),
            GameError::Aborted(text) => Ending::Abort(text),
        });
    }

    fn send_datagrams(&mut self) {
        let parts = &mut self.parts;
        let datagrams = parts.game.take_datagrams();
        if let Some(udp) = &mut parts.udp {
            for datagram in datagrams {
                udp.send(datagram, &mut parts.faults, parts.clock.now());
            }
        }
    }

    fn flush(&mut self) {
        if let Some(udp) = &mut self.parts.udp
            && udp.next_due().is_some()
        {
            udp.send_due(self.parts.clock.now());
        }
        if let Some(rcon) = &mut self.parts.rcon {
            rcon.flush();
        }
    }

    /// Saves while the server runs; a save that fails is logged, and the server goes on.
    fn save_by(&mut self, order: &SaveOrder) {
        let path = match order {
            SaveOrder::As(name) => saves::path_of(name.as_ref(), &self.parts.saves_folder),
            SaveOrder::OverOwn => self.parts.save_path.clone(),
        };
        let log = self.parts.log.clone();
        log.line(&format!(
            "Info AppManager.cpp:306: Saving to {} (blocking).",
            path.display()
        ));
        match self.save(&path) {
            Ok(()) => log.line("Info AppManager.cpp:419: Saving finished"),
            Err(failure) => log.line(&format!("Error AppManager.cpp:424: {failure}")),
        }
    }

    fn save(&mut self, path: &std::path::Path) -> Result<(), Failure> {
        let saved = self.parts.game.save();
        let game = saved.map_err(|error| Failure::new(error.to_string()))?;
        let game_version = self.parts.game_version.clone();
        saves::write(path, &Save { game_version, game })
    }

    /// Saves over the save that the server began with.
    ///
    /// # Errors
    /// The game cannot be saved, or the disk is full.
    pub(super) fn save_at_end(&mut self) -> Result<(), Failure> {
        let path = self.parts.save_path.clone();
        let log = self.parts.log.clone();
        log.line(&format!(
            "Info MainLoop.cpp:437: Saving map as {}",
            path.display()
        ));
        self.save(&path)?;
        log.line("Info MainLoop.cpp:440: Saving progress: 100.000000%");
        Ok(())
    }
}

/// Waits until a descriptor is ready, or for at most `longest`; gives how many are.
fn poll_for(fds: &mut [PollFd<'_>], longest: Option<Duration>) -> Result<usize, Failure> {
    let timeout = longest.map(|longest| Timespec {
        tv_sec: i64::try_from(longest.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: longest.subsec_nanos().into(),
    });
    match poll(fds, timeout.as_ref()) {
        Ok(n_ready) => Ok(n_ready),
        // A signal has its own descriptor, which is ready by now.
        Err(rustix::io::Errno::INTR) => Ok(0),
        Err(error) => Err(Failure::new(format!("couldn't wait for sockets: {error}"))),
    }
}
