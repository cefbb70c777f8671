//! A game without a world, for tests of the process around it: a tick, a console, datagrams.
//!
//! `/echo TEXT`, `/big BYTES`, `/run TICKS`, `/pause`, `/play`, `/speed X`, `/send PORT TEXT`, `/received`, `/tick`, `/idle`,
//! `/server-save`, `/quit`, `/crash` (at once), `/crash-in-tick`, `/abort`.

use super::host::{Datagram, GameError, Orders, SaveOrder, Simulation};

/// The game.
#[derive(Debug)]
pub(super) struct Toy {
    tick: u64,
    /// Updates without a tick.
    n_idle_updates: u64,
    speed: f64,
    is_paused: bool,
    ticks_to_run: u64,
    crashes: bool,
    orders: Orders,
    sent: Vec<Datagram>,
    received: Vec<Datagram>,
}

impl Toy {
    /// Makes a game that is paused at tick 0.
    pub(super) fn new() -> Self {
        Self {
            tick: 0,
            n_idle_updates: 0,
            speed: 1.0,
            is_paused: true,
            ticks_to_run: 0,
            crashes: false,
            orders: Orders::default(),
            sent: Vec::new(),
            received: Vec::new(),
        }
    }

    fn run(&mut self, name: &str, rest: &str) -> Result<String, GameError> {
        let number = || rest.parse::<u64>().unwrap_or_default();
        match name {
            "echo" => return Ok(format!("{rest}\n")),
            "tick" => return Ok(format!("{}\n", self.tick)),
            "idle" => return Ok(format!("{}\n", self.n_idle_updates)),
            "big" => return Ok("x".repeat(number() as usize)),
            "run" => self.ticks_to_run = number(),
            "pause" => self.is_paused = true,
            "play" => self.is_paused = false,
            "speed" => self.speed = rest.parse().unwrap_or(1.0),
            "send" => {
                let (port, text) = rest.split_once(' ').unwrap_or((rest, ""));
                self.sent.push(Datagram {
                    port: port.parse().unwrap_or_default(),
                    data: text.as_bytes().to_vec(),
                });
            }
            "received" => {
                let texts = self
                    .received
                    .iter()
                    .map(|datagram| String::from_utf8_lossy(&datagram.data));
                return Ok(texts.collect::<Vec<_>>().join(","));
            }
            "server-save" => {
                self.orders.save = Some(match rest {
                    "" => SaveOrder::OverOwn,
                    name => SaveOrder::As(name.to_owned()),
                });
            }
            "quit" => self.orders.quits = true,
            "crash" => return Err(GameError::Crashed("as asked for".to_owned())),
            "crash-in-tick" => self.crashes = true,
            "abort" => return Err(GameError::Aborted("as asked for".to_owned())),
            _ => return Ok("Unknown command.\n".to_owned()),
        }
        Ok(String::new())
    }
}

impl Simulation for Toy {
    fn tick(&self) -> u64 {
        self.tick
    }

    fn speed(&self) -> f64 {
        self.speed
    }

    fn is_running(&self) -> bool {
        !self.is_paused || self.ticks_to_run > 0
    }

    fn update(&mut self) -> Result<(), GameError> {
        if self.crashes {
            return Err(GameError::Crashed("in a tick".to_owned()));
        }
        if !self.is_running() {
            self.n_idle_updates += 1;
            return Ok(());
        }
        self.tick += 1;
        self.ticks_to_run = self.ticks_to_run.saturating_sub(1);
        Ok(())
    }

    fn console(&mut self, line: &str) -> Result<String, GameError> {
        let Some(command) = line.strip_prefix('/') else {
            return Ok(String::new());
        };
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        self.run(name, rest)
    }

    fn take_orders(&mut self) -> Orders {
        std::mem::take(&mut self.orders)
    }

    fn take_datagrams(&mut self) -> Vec<Datagram> {
        std::mem::take(&mut self.sent)
    }

    fn push_datagram(&mut self, datagram: Datagram) {
        self.received.push(datagram);
    }

    fn save(&mut self) -> Result<Vec<u8>, GameError> {
        Ok(self.tick.to_le_bytes().to_vec())
    }
}
