//! A client of the remote console: many requests in flight over one connection, replies matched by id.
//!
//! It has no thread of its own. Of the threads that wait for replies one reads, and hands the others theirs; so a
//! single caller pays for no change of threads, and many callers share a connection without waiting for each other.
//! Owns the connection, what is in flight on it, and reconnecting. Does not know what a command says.
//!
//! A lost connection fails what was in flight on it; the next call connects again. Whether a command whose reply
//! is missing was executed is a question that only the caller can put, by a sequence number that the server keeps:
//! [`RconClient::command_resolved`] asks it before anything is sent twice.
//!
//! Over 500 lines, since sending, reading and failing share one lock and are read together.
//!
//! Invariants: every request in flight belongs to the present connection; of each connection at most one thread has
//! the reader.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clock;
use super::connection::{self, Arrival, LOGIN_ID, Link, Reader};
use super::error::Error;
use super::metrics::RconMetrics;
use crate::protocol::rcon;

/// Requests in flight at once, of all threads together; one more is refused.
pub const MAX_IN_FLIGHT: usize = 4_096;
/// Requests of one pipeline in flight at once; the rest waits for replies.
pub const PIPELINE_REQUESTS: usize = 256;
/// A pipeline sends no more than one command beyond this many bytes before it reads replies.
pub const PIPELINE_BYTES: usize = 1 << 20;
/// How often one command is resolved, and if need be sent again, before its error is returned.
pub const MAX_RESOLUTIONS: u32 = 3;
/// How often the console is asked to run code: Factorio refuses the first command of a save that has achievements.
pub const MAX_CONSOLE_ATTEMPTS: u32 = 3;
/// How long someone who can be cancelled waits before looking.
pub(super) const CANCEL_CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// How long a writer whose bytes are not taken waits for some to read.
const READ_SLICE: Duration = Duration::from_millis(1);
/// The pause between two attempts to connect grows no longer than this.
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(5);

/// Where a server is and how long to wait for it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `HOST:PORT`; Factorio listens on IPv4 alone, so `127.0.0.1` rather than `localhost`.
    pub address: String,
    pub password: String,
    /// For the connection and the login together.
    pub connect_timeout: Duration,
    /// How long a reply may take; a server that saves answers nothing meanwhile.
    pub request_timeout: Duration,
    /// Attempts to connect again before a command that is resolved is given up.
    pub reconnect_attempts: u32,
    /// Pause after the first such attempt; each further one is twice as long.
    pub reconnect_delay: Duration,
}

impl Settings {
    /// Makes settings with the usual timeouts.
    pub fn new(address: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            password: password.into(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            reconnect_attempts: 6,
            reconnect_delay: Duration::from_millis(100),
        }
    }

    pub(super) fn login_timed_out(&self, what: &'static str) -> Error {
        Error::TimedOut {
            what,
            seconds: self.connect_timeout,
            address: self.address.clone(),
        }
    }
}

/// How long one call waits, and who may end it earlier.
#[derive(Clone, Copy, Default)]
pub struct Patience<'a> {
    /// Replaces the client's own timeout of a request.
    pub timeout: Option<Duration>,
    /// Asked about twenty times a second while nothing comes; `true` ends the call with [`Error::Cancelled`].
    pub is_cancelled: Option<&'a (dyn Fn() -> bool + Sync)>,
}

impl Patience<'_> {
    /// Says whether the call is to end.
    pub fn is_over(&self) -> bool {
        self.is_cancelled.is_some_and(|asked| asked())
    }
}

/// What became of a command whose reply was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It was executed; this is its reply, as far as the server still knows it.
    Applied(Vec<u8>),
    /// It was not executed and will be sent again.
    NotApplied,
}

/// A client of one server's remote console; to be shared between threads by reference.
pub struct RconClient {
    settings: Settings,
    state: Mutex<State>,
    /// Told when replies came, the reader is free, or the connection changed.
    changed: Condvar,
    /// Held by who connects, so that no two do.
    connecting: Mutex<()>,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    present: Option<Present>,
    requests: BTreeMap<i32, Request>,
    last_id: i32,
    logins: u64,
    metrics: RconMetrics,
}

/// The present connection.
struct Present {
    link: Arc<Link>,
    /// Absent while a thread reads.
    reader: Option<Reader>,
}

struct Request {
    sent_at: Instant,
    outcome: Option<Result<Vec<u8>, Error>>,
}

impl RconClient {
    /// Makes a client that connects when it is first needed.
    pub fn new(settings: Settings) -> Self {
        let state = State {
            last_id: LOGIN_ID,
            ..State::default()
        };
        Self {
            settings,
            state: Mutex::new(state),
            changed: Condvar::new(),
            connecting: Mutex::new(()),
        }
    }

    /// Returns the settings that the client was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Connects and logs in, unless that is done already.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`], [`Error::WrongPassword`], [`Error::TimedOut`], [`Error::Closed`].
    pub fn connect(&self, patience: &Patience<'_>) -> Result<(), Error> {
        self.link(patience).map(drop)
    }

    /// Sends a command and waits for its reply, which is returned as it came: `rcon.print` ends each line with `\n`.
    ///
    /// # Errors
    /// What [`RconClient::connect`] raises; [`Error::Command`] for a command that would not be answered;
    /// [`Error::Lost`] and [`Error::TimedOut`], after which the command may or may not have been executed.
    pub fn command(&self, command: &[u8], patience: &Patience<'_>) -> Result<Vec<u8>, Error> {
        rcon::check_command(command).map_err(Error::Command)?;
        let ids = self.send(&[command], patience)?;
        self.wait(ids[0], patience)
    }

    /// Sends all commands without waiting between them, and returns their replies in the same order.
    ///
    /// A timeout counts from the reply before. Factorio may execute a long command after a shorter one that was sent
    /// later: where the order matters, send them one by one.
    ///
    /// # Errors
    /// As [`RconClient::command`]; then some of the commands may have been executed.
    pub fn pipeline(
        &self,
        commands: &[&[u8]],
        patience: &Patience<'_>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        for command in commands {
            rcon::check_command(command).map_err(Error::Command)?;
        }
        let mut in_flight = VecDeque::with_capacity(PIPELINE_REQUESTS);
        let outcome = self.pump(commands, &mut in_flight, patience);
        if outcome.is_err() {
            let mut state = self.lock();
            for id in in_flight {
                state.requests.remove(&id);
            }
        }
        outcome
    }

    /// Sends all commands as [`RconClient::pipeline`]; if the connection is lost meanwhile, connects again and sends all
    /// of them again, in the same order. For commands that the server knows by their numbers and does not execute twice.
    ///
    /// # Errors
    /// As [`RconClient::pipeline`], after [`MAX_RESOLUTIONS`] repetitions.
    pub fn pipeline_repeated(
        &self,
        commands: &[&[u8]],
        patience: &Patience<'_>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut outcome = self.pipeline(commands, patience);
        for _ in 0..MAX_RESOLUTIONS {
            match &outcome {
                Err(Error::Lost { .. }) => {}
                _ => break,
            }
            self.reconnect(patience)?;
            self.lock().metrics.resent += commands.len() as u64;
            outcome = self.pipeline(commands, patience);
        }
        outcome
    }

    /// Sends a command; if its reply is lost, connects again and asks `resolve` whether it was executed.
    ///
    /// Only a command that was not executed is sent again. It should carry a number that the server remembers and
    /// does not execute twice: a command can be on its way through the server still while `resolve` is answered.
    /// A reply that only took too long ends the connection too, with all that other threads have in flight on it.
    ///
    /// # Errors
    /// As [`RconClient::command`], after [`MAX_RESOLUTIONS`]; whatever `resolve` raises, unless it was lost itself.
    pub fn command_resolved(
        &self,
        command: &[u8],
        patience: &Patience<'_>,
        resolve: &mut dyn FnMut(&Self) -> Result<Resolution, Error>,
    ) -> Result<Vec<u8>, Error> {
        let mut outcome = self.command(command, patience);
        for _ in 0..MAX_RESOLUTIONS {
            match &outcome {
                Err(error) if error.leaves_command_open() => {}
                _ => return outcome,
            }
            self.disconnect("a reply is missing");
            self.reconnect(patience)?;
            outcome = match resolve(self) {
                Ok(Resolution::Applied(reply)) => return Ok(reply),
                Ok(Resolution::NotApplied) => {
                    self.lock().metrics.resent += 1;
                    self.command(command, patience)
                }
                // Lost itself, so it is asked again.
                Err(error) => Err(error),
            };
        }
        outcome
    }

    /// Sends a command until the console executes it, and returns how many attempts that took.
    ///
    /// On a save with achievements Factorio does not execute the first `/c` or `/sc`, but warns; the second one
    /// disables achievements for good. Commands that a mod defines are not concerned.
    ///
    /// # Errors
    /// [`Error::ConsoleLocked`] after [`MAX_CONSOLE_ATTEMPTS`]; else as [`RconClient::command`].
    pub fn unlock_console(&self, patience: &Patience<'_>) -> Result<u32, Error> {
        let mut last = Vec::new();
        for attempt in 1..=MAX_CONSOLE_ATTEMPTS {
            // A word that no warning contains, and another one each time.
            let word = format!("ready-{}-{attempt}", self.lock().last_id);
            last = self.command(format!("/sc rcon.print(\"{word}\")").as_bytes(), patience)?;
            if last.trim_ascii() == word.as_bytes() {
                return Ok(attempt);
            }
        }
        let reply = String::from_utf8_lossy(&last);
        Err(Error::ConsoleLocked {
            attempts: MAX_CONSOLE_ATTEMPTS,
            reply: reply.trim().chars().take(MAX_QUOTED_CHARACTERS).collect(),
        })
    }

    /// Returns what was done so far.
    pub fn metrics(&self) -> RconMetrics {
        self.lock().metrics.clone()
    }

    /// Says whether there is a connection, as far as was noticed.
    pub fn is_connected(&self) -> bool {
        self.lock().present.is_some()
    }

    /// Ends the connection; what is in flight fails with [`Error::Lost`], and the next call connects again.
    pub fn disconnect(&self, reason: &str) {
        let error = self.lost(reason);
        let mut state = self.lock();
        if let Some(link) = state.present.as_ref().map(|present| present.link.clone()) {
            state.fail(&link, &error);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Ends the connection for good; what is in flight and every later call fails with [`Error::Closed`].
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        if let Some(link) = state.present.as_ref().map(|present| present.link.clone()) {
            state.fail(&link, &Error::Closed);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Keeps commands in flight until every reply is there; `in_flight` names the requests still open.
    fn pump(
        &self,
        commands: &[&[u8]],
        in_flight: &mut VecDeque<i32>,
        patience: &Patience<'_>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut replies = Vec::with_capacity(commands.len());
        let mut rest = commands;
        while replies.len() < commands.len() {
            // Refilled by halves: one write for many commands.
            if in_flight.len() <= PIPELINE_REQUESTS / 2 && !rest.is_empty() {
                let (batch, after) = rest.split_at(batch_length(rest, in_flight.len()));
                in_flight.extend(self.send(batch, patience)?);
                rest = after;
            }
            let id = *in_flight.front().expect("a reply is still missing");
            let reply = self.wait(id, patience)?;
            in_flight.pop_front();
            replies.push(reply);
        }
        Ok(replies)
    }

    /// Connects again, in several attempts.
    fn reconnect(&self, patience: &Patience<'_>) -> Result<(), Error> {
        let mut delay = self.settings.reconnect_delay;
        let mut attempt = 1;
        loop {
            let failure = match self.connect(patience) {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            let is_worth_another = failure.leaves_command_open()
                || matches!(failure, Error::Refused { .. } | Error::Unreachable { .. });
            if attempt >= self.settings.reconnect_attempts || !is_worth_another {
                return Err(failure);
            }
            attempt += 1;
            self.pause(delay, patience)?;
            delay = (delay * 2).min(MAX_RECONNECT_DELAY);
        }
    }

    /// Waits, but no longer than until the client is closed or the call cancelled.
    fn pause(&self, delay: Duration, patience: &Patience<'_>) -> Result<(), Error> {
        let end = clock::now() + delay;
        let mut state = self.lock();
        loop {
            let left = end.saturating_duration_since(clock::now());
            if state.is_closed {
                return Err(Error::Closed);
            }
            if left.is_zero() {
                return Ok(());
            }
            let waited = self
                .changed
                .wait_timeout(state, left.min(CANCEL_CHECK_INTERVAL));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if patience.is_over() {
                return Err(Error::Cancelled);
            }
        }
    }

    /// Returns the present connection, or makes one.
    fn link(&self, patience: &Patience<'_>) -> Result<Arc<Link>, Error> {
        if let Some(link) = self.lock().link()? {
            return Ok(link);
        }
        let _connecting = self
            .connecting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Who had the lock before may have connected.
        if let Some(link) = self.lock().link()? {
            return Ok(link);
        }
        let (link, reader) = connection::connect(&self.settings, patience)?;
        let link = Arc::new(link);
        let mut state = self.lock();
        state.link()?;
        state.present = Some(Present {
            link: link.clone(),
            reader: Some(reader),
        });
        state.metrics.reconnects += u64::from(state.logins > 0);
        state.logins += 1;
        Ok(link)
    }

    /// Sends commands in one go and returns the ids of their requests.
    fn send(&self, commands: &[&[u8]], patience: &Patience<'_>) -> Result<Vec<i32>, Error> {
        let link = self.link(patience)?;
        let mut outgoing = link.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        let ids = {
            let mut state = self.lock();
            if !state.is_present(&link) {
                return Err(state
                    .link()
                    .err()
                    .unwrap_or_else(|| self.lost("it ended before the sending")));
            }
            if state.requests.len() + commands.len() > MAX_IN_FLIGHT {
                return Err(Error::TooManyInFlight {
                    limit: MAX_IN_FLIGHT,
                });
            }
            state.metrics.requests += commands.len() as u64;
            commands
                .iter()
                .map(|_| state.open_request(now))
                .collect::<Vec<i32>>()
        };
        outgoing.clear();
        for (id, command) in ids.iter().zip(commands) {
            rcon::encode(*id, rcon::KIND_COMMAND, command, &mut outgoing);
        }
        let written = self.write(&link, &outgoing, now + self.timeout(patience), patience);
        outgoing.shrink_to(PIPELINE_BYTES);
        let mut state = self.lock();
        match written {
            Ok(()) => state.metrics.bytes_sent += outgoing.len() as u64,
            Err(error) => {
                // What was cut in the middle spoils the stream for everyone, whatever it was cut by.
                let for_others = match &error {
                    Error::Lost { .. } => error.clone(),
                    _ => self.lost("a command was sent only in part"),
                };
                state.fail(&link, &for_others);
                for id in &ids {
                    state.requests.remove(id);
                }
                drop(state);
                self.changed.notify_all();
                return Err(error);
            }
        }
        Ok(ids)
    }

    /// Writes `bytes`, and reads meanwhile if the peer does not take them.
    fn write(
        &self,
        link: &Arc<Link>,
        bytes: &[u8],
        deadline: Instant,
        patience: &Patience<'_>,
    ) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match (&link.stream).write(rest) {
                Ok(0) => return Err(self.lost("the server takes no more bytes")),
                Ok(written) => rest = &rest[written..],
                Err(error) => {
                    if let Some(failure) = Error::of_socket(&error, &self.settings.address) {
                        return Err(failure);
                    }
                    if clock::now() >= deadline {
                        return Err(self.timed_out("send a command", patience));
                    }
                    if patience.is_over() {
                        return Err(Error::Cancelled);
                    }
                    self.read_all_there_is();
                }
            }
        }
        Ok(())
    }

    /// Reads until nothing more comes at once, so that a peer that is stuck in writing gets on.
    fn read_all_there_is(&self) {
        let mut state = self.lock();
        loop {
            let before = state.metrics.bytes_received;
            state = self.progress(state, READ_SLICE);
            if state.metrics.bytes_received == before {
                return;
            }
        }
    }

    /// Waits for the reply to a request.
    fn wait(&self, id: i32, patience: &Patience<'_>) -> Result<Vec<u8>, Error> {
        let mut state = self.lock();
        if let Some(outcome) = state.take_outcome(id) {
            return outcome;
        }
        let begin = clock::now();
        let deadline = begin + self.timeout(patience);
        let mut now = begin;
        let mut next_check = begin + CANCEL_CHECK_INTERVAL;
        loop {
            let limit = deadline.min(next_check).saturating_duration_since(now);
            state = self.progress(state, limit);
            if let Some(outcome) = state.take_outcome(id) {
                return outcome;
            }
            now = clock::now();
            let is_cancelled = if now >= next_check {
                next_check = now + CANCEL_CHECK_INTERVAL;
                // Whoever is asked may need a lock of its own, so ours is let go.
                drop(state);
                let is_cancelled = patience.is_over();
                state = self.lock();
                is_cancelled
            } else {
                false
            };
            if is_cancelled {
                state.requests.remove(&id);
                return Err(Error::Cancelled);
            }
            if now >= deadline {
                state.requests.remove(&id);
                state.metrics.timeouts += 1;
                return Err(self.timed_out("wait for a reply", patience));
            }
        }
    }

    /// Reads once if no other thread does, else waits until that one has read; at most `limit`.
    fn progress<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        limit: Duration,
    ) -> MutexGuard<'a, State> {
        let turn = state
            .present
            .as_mut()
            .and_then(|present| Some((present.link.clone(), present.reader.take()?)));
        let Some((link, mut reader)) = turn else {
            let waited = self.changed.wait_timeout(state, limit);
            return waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        drop(state);
        let arrival = reader.read(&link, limit, &self.settings.address);
        let mut state = self.lock();
        state.deliver(&link, reader, arrival);
        self.changed.notify_all();
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn timeout(&self, patience: &Patience<'_>) -> Duration {
        patience.timeout.unwrap_or(self.settings.request_timeout)
    }

    fn timed_out(&self, what: &'static str, patience: &Patience<'_>) -> Error {
        Error::TimedOut {
            what,
            seconds: self.timeout(patience),
            address: self.settings.address.clone(),
        }
    }

    fn lost(&self, reason: &str) -> Error {
        Error::Lost {
            address: self.settings.address.clone(),
            reason: reason.to_owned(),
        }
    }
}

impl Drop for RconClient {
    fn drop(&mut self) {
        self.close();
    }
}

impl State {
    /// Returns the present connection, if there is one and the client is not closed.
    fn link(&self) -> Result<Option<Arc<Link>>, Error> {
        if self.is_closed {
            return Err(Error::Closed);
        }
        Ok(self.present.as_ref().map(|present| present.link.clone()))
    }

    fn is_present(&self, link: &Arc<Link>) -> bool {
        let present = self.present.as_ref();
        present.is_some_and(|present| Arc::ptr_eq(&present.link, link))
    }

    /// Begins a request under an id that no other one has.
    fn open_request(&mut self, now: Instant) -> i32 {
        loop {
            // Ids begin again after the login's, far from 0 and the -1 of a refusal.
            self.last_id = self.last_id.checked_add(1).unwrap_or(LOGIN_ID + 1);
            if !self.requests.contains_key(&self.last_id) {
                break;
            }
        }
        let request = Request {
            sent_at: now,
            outcome: None,
        };
        self.requests.insert(self.last_id, request);
        self.last_id
    }

    /// Takes the outcome of a request, which is then forgotten.
    fn take_outcome(&mut self, id: i32) -> Option<Result<Vec<u8>, Error>> {
        self.requests.get(&id)?.outcome.as_ref()?;
        self.requests.remove(&id)?.outcome
    }

    /// Hands out what was read, and puts the reader back.
    fn deliver(&mut self, link: &Arc<Link>, reader: Reader, arrival: Arrival) {
        if !self.is_present(link) {
            return;
        }
        self.metrics.bytes_received += arrival.bytes as u64;
        if !arrival.packets.is_empty() {
            let now = clock::now();
            for packet in arrival.packets {
                self.answer(packet, now);
            }
        }
        match (arrival.failure, &mut self.present) {
            (Some(failure), _) => self.fail(link, &failure),
            (None, Some(present)) => present.reader = Some(reader),
            (None, None) => {}
        }
    }

    fn answer(&mut self, packet: rcon::Packet, now: Instant) {
        let open = self
            .requests
            .get_mut(&packet.id)
            .filter(|request| request.outcome.is_none() && packet.kind == rcon::KIND_REPLY);
        let Some(request) = open else {
            // Late, or a line of the console.
            self.metrics.unclaimed += 1;
            return;
        };
        request.outcome = Some(Ok(packet.body));
        let round_trip = now.saturating_duration_since(request.sent_at);
        self.metrics.replies += 1;
        self.metrics.round_trips.record(round_trip);
    }

    /// Ends a connection, and with it what is in flight on it.
    fn fail(&mut self, link: &Arc<Link>, error: &Error) {
        if !self.is_present(link) {
            return;
        }
        link.shut_down();
        self.present = None;
        self.metrics.losses += u64::from(*error != Error::Closed);
        for request in self.requests.values_mut() {
            request.outcome.get_or_insert_with(|| Err(error.clone()));
        }
    }
}

/// A reply in an error is cut after this many characters.
const MAX_QUOTED_CHARACTERS: usize = 200;

/// Says how many of `commands` to send at once, with `in_flight` still open: at least one.
fn batch_length(commands: &[&[u8]], in_flight: usize) -> usize {
    let mut bytes = 0;
    commands
        .iter()
        .take(PIPELINE_REQUESTS - in_flight)
        .take_while(|command| {
            let fits = bytes < PIPELINE_BYTES;
            bytes += command.len();
            fits
        })
        .count()
}
