//! A link to a game in this process: the mod in Lua over worlds of the simulation, without a socket.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use factorio_fast::env::served::Link;
use factorio_fast::env::served::link::{LinkMetrics, Loss};
use factorio_fast::protocol::assembly::{Assembler, Frame};
use factorio_fast::sim_server::game::{Game, GameOptions};

/// The port that the mod is told to send to; nobody listens there.
const PORT: u16 = 9_999;
/// Updates between two rounds of commands: no step takes more ticks.
const MAX_UPDATES: u32 = 1 << 20;

type Answer = Result<(Vec<String>, Vec<Vec<u8>>), String>;

/// A game on a thread of its own: its Lua belongs to one.
pub(crate) struct GameLink {
    lines: Option<Sender<Vec<String>>>,
    answers: Mutex<Receiver<Answer>>,
    thread: Option<JoinHandle<()>>,
    assembler: Assembler,
    has_udp: bool,
}

impl GameLink {
    pub(crate) fn open(has_udp: bool) -> Self {
        let (lines, inbox) = channel::<Vec<String>>();
        let (outbox, answers) = channel();
        let thread = std::thread::spawn(move || {
            let mut options = GameOptions::new("factorio-gym-mod", mod_files());
            options.is_udp_enabled = has_udp;
            let mut game = match Game::new(options) {
                Ok(game) => game,
                Err(error) => {
                    let _ = outbox.send(Err(error.to_string()));
                    return;
                }
            };
            for lines in inbox {
                if outbox.send(answer(&mut game, &lines)).is_err() {
                    return;
                }
            }
        });
        Self {
            lines: Some(lines),
            answers: Mutex::new(answers),
            thread: Some(thread),
            assembler: Assembler::default(),
            has_udp,
        }
    }
}

fn answer(game: &mut Game, lines: &[String]) -> Answer {
    let mut replies = Vec::new();
    let mut datagrams = Vec::new();
    for line in lines {
        replies.push(game.console(line).text.trim_end().to_owned());
        // As a server does between commands: what a step has asked for runs.
        for _ in 0..MAX_UPDATES {
            if !game.is_running() {
                break;
            }
            game.update().map_err(|error| error.to_string())?;
        }
        if let Some(crash) = game.crash() {
            return Err(crash.to_string());
        }
        datagrams.extend(
            game.take_datagrams()
                .into_iter()
                .filter(|datagram| datagram.port == PORT)
                .map(|datagram| datagram.bytes),
        );
    }
    Ok((replies, datagrams))
}

fn mod_files() -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mods/factorio-gym-mod");
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
                files.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
            }
        }
    }
    files
}

impl Link for GameLink {
    fn exchange(&mut self, lines: &[String]) -> Result<Vec<String>, Loss> {
        let Some(sender) = &self.lines else {
            return Err(Loss::silence("the game was ended"));
        };
        let _ = sender.send(lines.to_vec());
        let answer = self.answers.get_mut().unwrap().recv();
        let (replies, datagrams) = answer
            .map_err(|_| Loss::silence("the game is gone"))?
            .map_err(Loss::protocol)?;
        for datagram in datagrams {
            self.assembler.accept(&datagram);
        }
        Ok(replies)
    }

    fn pause(&mut self, _attempt: u32) -> Result<(), Loss> {
        Ok(())
    }

    fn udp_port(&self) -> u16 {
        if self.has_udp { PORT } else { 0 }
    }

    fn begin_episode(&mut self, environment: u16, episode: u32) {
        self.assembler.begin_episode(environment, episode);
    }

    fn frame(&mut self, environment: u16, _limit: Duration) -> Option<Frame> {
        self.assembler.take(environment)
    }

    fn note_missing(&mut self, environment: u16) {
        self.assembler.report_missing(environment);
    }

    fn supply(&mut self, frame: Frame) -> bool {
        self.assembler.supply(frame)
    }

    fn metrics(&self) -> LinkMetrics {
        LinkMetrics::default()
    }

    fn close(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
