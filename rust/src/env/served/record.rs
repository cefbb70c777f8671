//! Wire sessions on disk: a link that writes down what passes, and one that plays it again without a server.
//!
//! A log is a text of one JSON object a line: `port`, then `sent` with `replies`, and `frame`, in the order in which the
//! client saw them. Other lines are somebody else's and are passed over. Frames are logged as they were put together of
//! their datagrams.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::link::{Link, LinkMetrics, Loss};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::assembly::Frame;
use crate::protocol::fragment::FrameKey;

/// Entries that are read of a log at most; a longer one is refused.
pub const MAX_ENTRIES: usize = 10_000_000;

/// One thing that passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    /// The port that the server was told to send frames to.
    Port(u16),
    Exchange {
        sent: Vec<String>,
        replies: Vec<String>,
    },
    Frame {
        environment: u16,
        episode: u32,
        step: u32,
        tick: u64,
        payload: String,
    },
}

fn failed(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::InvalidValue,
        format!(
            "cannot {what} a wire session: {error}: \"{}\"",
            path.display()
        ),
    )
}

/// Writes down what passes over another link.
pub struct Recorder {
    link: Box<dyn Link>,
    file: BufWriter<File>,
}

impl Recorder {
    /// Appends to the file at `path`.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn new(link: Box<dyn Link>, path: &Path) -> Result<Self> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|error| failed("write", path, &error))?;
        let mut recorder = Self {
            file: BufWriter::new(file),
            link,
        };
        let port = recorder.link.udp_port();
        recorder
            .write(&Entry::Port(port))
            .map_err(|loss| failed("write", path, &loss))?;
        Ok(recorder)
    }

    fn write(&mut self, entry: &Entry) -> std::result::Result<(), Loss> {
        let text = serde_json::to_string(entry).expect("an entry has a text");
        writeln!(self.file, "{text}")
            .map_err(|error| Loss::protocol(format!("cannot write down a wire session: {error}")))
    }
}

impl Link for Recorder {
    fn exchange(&mut self, lines: &[String]) -> std::result::Result<Vec<String>, Loss> {
        let replies = self.link.exchange(lines)?;
        self.write(&Entry::Exchange {
            sent: lines.to_vec(),
            replies: replies.clone(),
        })?;
        Ok(replies)
    }

    fn pause(&mut self, attempt: u32) -> std::result::Result<(), Loss> {
        self.link.pause(attempt)
    }

    fn udp_port(&self) -> u16 {
        self.link.udp_port()
    }

    fn begin_episode(&mut self, environment: u16, episode: u32) {
        self.link.begin_episode(environment, episode);
    }

    fn frame(&mut self, environment: u16, limit: Duration) -> Option<Frame> {
        let frame = self.link.frame(environment, limit)?;
        let entry = Entry::Frame {
            environment: frame.key.environment,
            episode: frame.key.episode,
            step: frame.key.step,
            tick: frame.tick,
            payload: STANDARD.encode(&frame.payload),
        };
        // A disk that is full ends the session at the next exchange.
        self.write(&entry).ok()?;
        Some(frame)
    }

    fn note_missing(&mut self, environment: u16) {
        self.link.note_missing(environment);
    }

    fn supply(&mut self, frame: Frame) -> bool {
        self.link.supply(frame)
    }

    fn metrics(&self) -> LinkMetrics {
        self.link.metrics()
    }

    fn close(&mut self) {
        self.link.close();
        // What cannot be written any more is missing at the end of the log, where a replay says so.
        let _ = self.file.flush();
    }
}

/// Plays a log: who sends what was sent then gets what was answered then.
pub struct Player {
    entries: VecDeque<Entry>,
    port: u16,
    n_played: usize,
}

impl Player {
    /// Reads the log at `path`.
    ///
    /// # Errors
    /// Where it cannot be read or is no log.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| failed("read", path, &error))?;
        let mut entries = VecDeque::new();
        let mut port = None;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| failed("read", path, &error))?;
            match serde_json::from_str(&line) {
                Ok(Entry::Port(number)) if port.is_none() => port = Some(number),
                // A second session in the same file is not this one's.
                Ok(Entry::Port(_)) => break,
                Ok(entry) => entries.push_back(entry),
                Err(_) => {}
            }
            if entries.len() > MAX_ENTRIES {
                return Err(failed("read", path, &"it has too many entries"));
            }
        }
        let Some(port) = port else {
            return Err(failed("read", path, &"it says nothing of one"));
        };
        Ok(Self {
            entries,
            port,
            n_played: 0,
        })
    }
}

impl Link for Player {
    fn exchange(&mut self, lines: &[String]) -> std::result::Result<Vec<String>, Loss> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        // What did not come again needs no waiting for.
        while let Some(Entry::Frame { .. }) = self.entries.front() {
            self.entries.pop_front();
        }
        self.n_played += 1;
        match self.entries.pop_front() {
            Some(Entry::Exchange { sent, replies }) if sent == lines => Ok(replies),
            Some(Entry::Exchange { sent, .. }) => {
                let other = sent.iter().zip(lines).find(|(then, now)| then != now);
                let (then, now) = other.map_or(("", ""), |(then, now)| (then, now));
                Err(Loss::protocol(format!(
                    "exchange {} of the recorded session was \"{then}\", not \"{now}\"",
                    self.n_played
                )))
            }
            _ => Err(Loss::silence(format!(
                "the recorded session ends after {} exchanges",
                self.n_played - 1
            ))),
        }
    }

    fn pause(&mut self, _attempt: u32) -> std::result::Result<(), Loss> {
        Ok(())
    }

    fn udp_port(&self) -> u16 {
        self.port
    }

    fn begin_episode(&mut self, _environment: u16, _episode: u32) {}

    fn frame(&mut self, wanted: u16, _limit: Duration) -> Option<Frame> {
        match self.entries.front()? {
            Entry::Frame { environment, .. } if *environment == wanted => {}
            _ => return None,
        }
        let Some(Entry::Frame {
            environment,
            episode,
            step,
            tick,
            payload,
        }) = self.entries.pop_front()
        else {
            return None;
        };
        Some(Frame {
            key: FrameKey {
                environment,
                episode,
                step,
            },
            tick,
            payload: STANDARD.decode(payload).ok()?,
        })
    }

    fn note_missing(&mut self, _environment: u16) {}

    fn supply(&mut self, _frame: Frame) -> bool {
        false
    }

    fn metrics(&self) -> LinkMetrics {
        LinkMetrics::default()
    }

    fn close(&mut self) {
        self.entries.clear();
    }
}
