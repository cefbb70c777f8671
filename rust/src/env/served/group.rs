//! The environments of one server: they share its clock, so they are stepped together.
//!
//! A round is a step with the commands of all; then the resets, and a look at all that took part; then the frames. Every numbered line may be sent again without being done twice, so a lost connection is made again and the
//! round goes on; a lost datagram is asked for again.
//!
//! Invariant: after a [`Loss`] the group takes no part in anything until it has another link.

use std::time::Duration;

use super::link::{Link, LinkMetrics, Loss};
use super::lower;
use super::plan::{Plan, Told};
use super::request::{self, Reply, Scope};
use crate::action::decode::Action;
use crate::action::order::Order;
use crate::contract::wire::MAX_ENVIRONMENTS;
use crate::contract::{self, VERSION};
use crate::env::{Episode, StepResult};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::assembly::Frame;
use crate::protocol::fragment::FrameKey;
use crate::scenario::Scenario;
use crate::scenario::reward::Term;
use crate::view::mirror::{Mirror, SetupCounts};

/// How often a line is sent again because the ticks of the step before have not all run, at [`Link::pause`]s.
pub const MAX_WAITS: u32 = 200_000;
/// How often lines are sent again because the server executed a later one before them.
pub const MAX_OVERTAKEN: u32 = 16;
/// How often a frame is asked for again.
pub const MAX_AGAIN: u32 = 16;

/// How a group asks for frames and lets time run.
#[derive(Clone, Copy, Debug)]
pub struct GroupOptions {
    /// The speed of the game while it runs; as fast as it can where it is large.
    pub speed: f64,
    /// Only what the force could know is told.
    pub is_fair: bool,
    /// A frame that has not come so long after the reply to its look is asked for again.
    pub lost_after: Duration,
}

impl Default for GroupOptions {
    fn default() -> Self {
        Self {
            speed: 1_000.0,
            is_fair: false,
            lost_after: Duration::from_millis(10),
        }
    }
}

/// What one environment does in a round.
#[derive(Clone, Debug)]
pub enum Task<'a> {
    /// Nothing; its time may pass all the same.
    Rest,
    Act(Action),
    Order(&'a [Order]),
    /// Begin the episode of this world seed.
    Reset(u64),
}

/// What came of a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Outcome {
    #[default]
    Rested,
    Stepped(StepResult),
    Begun,
}

/// What is kept of one environment.
#[derive(Clone, Debug, Default)]
struct Seat {
    mirror: Mirror,
    told: Told,
    /// Number of the episode on the server; 0 before the first.
    episode: u32,
    /// Number of the next frame.
    frame: u32,
}

/// The environments of one server.
pub struct Group {
    link: Box<dyn Link>,
    seats: Vec<Seat>,
    /// The number of the last line that was done.
    sequence: u32,
    transfer: u32,
    scope: Scope,
    ticks_per_step: u32,
    options: GroupOptions,
    loss: Option<Loss>,
    has_udp: bool,
    /// Lines were sent whose answers have not all been used.
    is_midway: bool,
}

/// Why a round failed: the server, or what was asked of it.
#[derive(Debug)]
enum Failure {
    Loss(Loss),
    Error(Error),
}

impl From<Loss> for Failure {
    fn from(loss: Loss) -> Self {
        Self::Loss(loss)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Group {
    /// Takes a server for `n_environments` environments of a scenario: asks who it is, and pauses its game.
    ///
    /// # Errors
    /// Where it does not answer, has another contract, or there are too many environments.
    pub fn open(
        link: Box<dyn Link>,
        scenario: &Scenario,
        n_environments: usize,
        options: GroupOptions,
    ) -> Result<Self> {
        if !(1..=MAX_ENVIRONMENTS).contains(&n_environments) {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "a server has 1 to {MAX_ENVIRONMENTS} environments, not {n_environments}: take more servers"
                ),
            ));
        }
        let needs_machines = scenario.weights().0[Term::Working as usize] != 0.0;
        let mut group = Self {
            link,
            seats: vec![Seat::default(); n_environments],
            sequence: 0,
            transfer: 0,
            scope: if needs_machines {
                Scope::Machines
            } else {
                Scope::Window
            },
            ticks_per_step: scenario.ticks_per_step(),
            options,
            loss: None,
            has_udp: false,
            is_midway: false,
        };
        group.greet()?;
        Ok(group)
    }

    /// Goes on with another link, after a loss; every environment needs a reset.
    ///
    /// # Errors
    /// As [`Group::open`].
    pub fn relink(&mut self, link: Box<dyn Link>) -> Result<()> {
        self.link.close();
        self.link = link;
        self.sequence = 0;
        self.greet()?;
        self.is_midway = false;
        self.loss = None;
        Ok(())
    }

    /// Counts the environments.
    pub fn n_environments(&self) -> usize {
        self.seats.len()
    }

    /// Says why the server is of no use any more, if it is not.
    pub fn loss(&self) -> Option<&Loss> {
        self.loss.as_ref()
    }

    /// Says what passed over the link.
    pub fn metrics(&self) -> LinkMetrics {
        self.link.metrics()
    }

    /// Gives the environments back and ends the link.
    pub fn close(&mut self) {
        if self.loss.is_none() {
            let lines: Vec<String> = (0..self.seats.len())
                .filter(|place| self.seats[*place].episode > 0)
                .map(|place| request::close(environment_of(place)))
                .collect();
            // Whether they are taken back or not, nobody asks for them any more.
            let _ = self.link.exchange(&lines);
        }
        self.loss
            .get_or_insert_with(|| Loss::silence("the link was closed"));
        self.link.close();
    }

    fn greet(&mut self) -> Result<()> {
        let replies = self.link.exchange(&[request::hello()])?;
        let said = replies.first().map_or("", String::as_str);
        let Reply::Ok(text) = request::reply(said)? else {
            return Err(request::strange(said).into());
        };
        let facts: serde_json::Value =
            serde_json::from_str(text).map_err(|_| Error::from(request::strange(said)))?;
        let version = facts["contract_version"].as_u64();
        let hash = facts["contract_hash"].as_str();
        let ours = format!("{:016x}", contract::hash());
        if version != Some(u64::from(VERSION)) || hash != Some(ours.as_str()) {
            return Err(Error::new(
                ErrorKind::ServerProtocol,
                format!(
                    "the mod on the server has contract {} ({}), this package has {VERSION} ({ours}): install the mod that belongs to it",
                    version
                        .map_or_else(|| "of no version".to_owned(), |version| version.to_string()),
                    hash.unwrap_or("no hash"),
                ),
            ));
        }
        self.has_udp = facts["has_udp"].as_bool() == Some(true) && self.link.udp_port() != 0;
        let port = if self.has_udp {
            self.link.udp_port()
        } else {
            0
        };
        let line = request::configure(port, self.options.speed, self.options.is_fair);
        let replies = self.link.exchange(&[line])?;
        let said = replies.first().map_or("", String::as_str);
        match request::reply(said)? {
            Reply::Ok(_) => Ok(()),
            _ => Err(request::strange(said).into()),
        }
    }

    /// Lets every environment do its task, all at the same time, and brings the mirrors up to date.
    ///
    /// After a loss, present or former, `outcomes` says nothing and [`Group::loss`] says why.
    ///
    /// # Errors
    /// What was wrong with a task, or with what it is to make; never what befell the server.
    pub fn round(
        &mut self,
        episodes: &mut [&mut Episode],
        tasks: &[Task<'_>],
        outcomes: &mut [Outcome],
    ) -> Result<()> {
        debug_assert_eq!(episodes.len(), tasks.len());
        if self.loss.is_some() {
            return Ok(());
        }
        match self.try_round(episodes, tasks, outcomes) {
            Ok(()) => Ok(()),
            Err(Failure::Loss(loss)) => {
                self.lose(loss);
                Ok(())
            }
            Err(Failure::Error(error)) => {
                if self.is_midway {
                    self.lose(Loss::protocol(error.to_string()));
                }
                Err(error)
            }
        }
    }

    /// Asks for everything that the server knows of an environment.
    ///
    /// # Errors
    /// Where the server is lost.
    pub fn look_at_all(&mut self, place: usize, episode: &mut Episode) -> Result<()> {
        if let Some(loss) = &self.loss {
            return Err(loss.clone().into());
        }
        let environment = environment_of(place);
        let sequence = self.sequence + 1;
        let line = (
            Some(sequence),
            request::look(sequence, Scope::All, &[environment]),
        );
        let outcome = self
            .converse(&[line])
            .and_then(|replies| self.take_frames(&[place], &replies[0]))
            .and_then(|frames| self.apply(place, episode, &frames[0]));
        match outcome {
            Ok(()) => Ok(()),
            Err(Failure::Loss(loss)) => {
                self.lose(loss.clone());
                Err(loss.into())
            }
            Err(Failure::Error(error)) => Err(error),
        }
    }

    /// Notes that the server is of no use any more.
    fn lose(&mut self, loss: Loss) {
        self.link.close();
        self.loss = Some(loss);
    }

    fn try_round(
        &mut self,
        episodes: &mut [&mut Episode],
        tasks: &[Task<'_>],
        outcomes: &mut [Outcome],
    ) -> std::result::Result<(), Failure> {
        let mut plans: Vec<Option<Plan>> = Vec::with_capacity(tasks.len());
        let mut lines: Vec<(Option<u32>, String)> = Vec::new();
        let mut actions = String::new();
        for (place, task) in tasks.iter().enumerate() {
            let told = &mut self.seats[place].told;
            let plan = match task {
                Task::Act(action) => Some(episodes[place].plan_action(*action, told)?),
                Task::Order(orders) => Some(episodes[place].plan_orders(orders, told)?),
                Task::Rest | Task::Reset(_) => None,
            };
            if let Some(plan) = &plan
                && !plan.text.is_empty()
            {
                if !actions.is_empty() {
                    actions.push(';');
                }
                actions.push_str(&environment_of(place).to_string());
                actions.push(':');
                actions.push_str(&plan.text);
            }
            plans.push(plan);
        }
        let mut sequence = self.sequence;
        let mut next = || {
            sequence += 1;
            sequence
        };
        let is_step = plans.iter().any(Option::is_some);
        if is_step {
            let number = next();
            lines.push((
                Some(number),
                request::step(number, self.ticks_per_step, &actions),
            ));
        }
        let mut reset_lines = Vec::new();
        for (place, task) in tasks.iter().enumerate() {
            if let Task::Reset(seed) = task {
                self.prepare(place, episodes[place], *seed, &mut lines)?;
                let seat = &self.seats[place];
                let number = next();
                let line =
                    request::reset(number, environment_of(place), seat.episode, self.transfer);
                reset_lines.push((place, lines.len()));
                lines.push((Some(number), line));
            }
        }
        let present: Vec<usize> = (0..tasks.len())
            .filter(|place| !matches!(tasks[*place], Task::Rest))
            .collect();
        if present.is_empty() {
            return Ok(());
        }
        let environments: Vec<u16> = present.iter().map(|place| environment_of(*place)).collect();
        let number = next();
        lines.push((
            Some(number),
            request::look(number, self.scope, &environments),
        ));
        self.is_midway = true;
        // What comes behind a step in the same breath would only be told to wait.
        let (at_once, after) = lines.split_at(usize::from(is_step));
        let mut replies = self.converse(at_once)?;
        if is_step {
            self.note_refusals(&replies[0], &mut plans)?;
        }
        replies.extend(self.converse(after)?);
        for (place, line) in reset_lines {
            self.begin(place, episodes[place], &replies[line])?;
        }
        let looked = replies.last().expect("the look is the last line");
        let frames = self.take_frames(&present, looked)?;
        for (place, frame) in present.into_iter().zip(&frames) {
            let episode = &mut *episodes[place];
            self.apply(place, episode, frame)?;
            outcomes[place] = if let Some(plan) = &mut plans[place] {
                if !episode.world.character.is_alive() {
                    self.seats[place].told = Told::default();
                }
                Outcome::Stepped(episode.conclude_plan(plan))
            } else {
                episode.begin();
                Outcome::Begun
            };
        }
        self.is_midway = false;
        Ok(())
    }

    /// Makes the mirror of a new episode and the transfer of its set-up.
    fn prepare(
        &mut self,
        place: usize,
        episode: &mut Episode,
        seed: u64,
        lines: &mut Vec<(Option<u32>, String)>,
    ) -> Result<()> {
        episode.make_world(seed)?;
        let seat = &mut self.seats[place];
        seat.episode = seat.episode.wrapping_add(1).max(1);
        seat.frame = 0;
        seat.told = Told::default();
        self.transfer = self.transfer.wrapping_add(1);
        self.link.begin_episode(environment_of(place), seat.episode);
        let text = lower::transfer(seed, &episode.start.ops);
        let mut parts = Vec::new();
        request::put(self.transfer, &text, &mut parts);
        lines.extend(parts.into_iter().map(|line| (None, line)));
        Ok(())
    }

    /// Begins to mirror an environment that the server has set up.
    fn begin(
        &mut self,
        place: usize,
        episode: &mut Episode,
        reply: &str,
    ) -> std::result::Result<(), Failure> {
        let (tick, counts) = request::reset_reply(reply)?;
        let ours = SetupCounts::of(&episode.world);
        if counts != ours {
            return Err(Failure::Error(Error::new(
                ErrorKind::ServerProtocol,
                format!(
                    "after the set-up of seed {} of scenario \"{}\" the server counts {counts}, the mirror {ours}",
                    episode.seed(),
                    episode.scenario().name(),
                ),
            )));
        }
        self.seats[place].mirror.begin(&mut episode.world, tick);
        Ok(())
    }

    fn note_refusals(
        &mut self,
        reply: &str,
        plans: &mut [Option<Plan>],
    ) -> std::result::Result<(), Failure> {
        for (environment, index, code) in request::step_reply(reply)? {
            let place = usize::from(environment).wrapping_sub(1);
            let told = self.seats.get_mut(place).map(|seat| &mut seat.told);
            let plan = plans.get_mut(place).and_then(Option::as_mut);
            let is_known = match (plan, told) {
                (Some(plan), Some(told)) => plan.refuse(index, code, told),
                _ => false,
            };
            if !is_known {
                return Err(request::strange(reply).into());
            }
        }
        Ok(())
    }

    /// Sends lines until each is answered, and returns the texts of the answers.
    fn converse(
        &mut self,
        lines: &[(Option<u32>, String)],
    ) -> std::result::Result<Vec<String>, Failure> {
        let mut answers: Vec<String> = Vec::with_capacity(lines.len());
        let (mut n_waits, mut n_overtaken) = (0, 0);
        while answers.len() < lines.len() {
            let open: Vec<String> = lines[answers.len()..]
                .iter()
                .map(|(_, line)| line.clone())
                .collect();
            let replies = self.link.exchange(&open)?;
            for said in replies {
                let (number, line) = &lines[answers.len()];
                match request::reply(&said)? {
                    Reply::Ok(text) => {
                        if let Some(number) = number {
                            self.sequence = *number;
                        }
                        answers.push(text.to_owned());
                    }
                    Reply::Wait => {
                        n_waits += 1;
                        if n_waits > MAX_WAITS {
                            return Err(Loss::silence("the ticks of a step do not end").into());
                        }
                        self.link.pause(n_waits)?;
                        break;
                    }
                    Reply::OutOfSequence(_) => {
                        n_overtaken += 1;
                        if n_overtaken > MAX_OVERTAKEN {
                            return Err(request::strange(&said).into());
                        }
                        break;
                    }
                    Reply::Error { kind, text } => return Err(refused(kind, text, line)),
                }
            }
        }
        Ok(answers)
    }

    /// Gets one frame of each environment, by UDP or out of the reply to the look.
    fn take_frames(
        &mut self,
        present: &[usize],
        reply: &str,
    ) -> std::result::Result<Vec<Frame>, Failure> {
        let (tick, packed) = request::look_reply(reply)?;
        let mut frames = Vec::with_capacity(present.len());
        if let Some(packed) = packed {
            for ((environment, payload), place) in packed.into_iter().zip(present) {
                if environment != environment_of(*place) {
                    return Err(request::strange(reply).into());
                }
                frames.push(Frame {
                    key: self.key(*place),
                    tick,
                    payload,
                });
            }
            if frames.len() != present.len() {
                return Err(request::strange(reply).into());
            }
        } else {
            for place in present {
                frames.push(self.receive(*place)?);
            }
        }
        for place in present {
            self.seats[*place].frame += 1;
        }
        Ok(frames)
    }

    fn key(&self, place: usize) -> FrameKey {
        FrameKey {
            environment: environment_of(place),
            episode: self.seats[place].episode,
            step: self.seats[place].frame,
        }
    }

    /// Waits for a datagram's frame, and asks for it again if it does not come.
    fn receive(&mut self, place: usize) -> std::result::Result<Frame, Failure> {
        let environment = environment_of(place);
        let key = self.key(place);
        for _ in 0..MAX_AGAIN {
            if let Some(frame) = self.link.frame(environment, self.options.lost_after) {
                if frame.key == key {
                    return Ok(frame);
                }
                return Err(Loss::protocol("a frame has another number than expected").into());
            }
            self.link.note_missing(environment);
            let line = (None, request::again(environment, key.step));
            let reply = self.converse(&[line])?;
            let (tick, payload) = request::again_reply(&reply[0])?;
            self.link.supply(Frame { key, tick, payload });
        }
        Err(Loss::silence(format!(
            "frame {} of environment {environment} does not come",
            key.step
        ))
        .into())
    }

    fn apply(
        &mut self,
        place: usize,
        episode: &mut Episode,
        frame: &Frame,
    ) -> std::result::Result<(), Failure> {
        self.seats[place]
            .mirror
            .apply(&mut episode.world, frame.tick, &frame.payload)
            .map_err(Loss::from)?;
        Ok(())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.link.close();
    }
}

/// Numbers the environments of a server from 1.
fn environment_of(place: usize) -> u16 {
    place as u16 + 1
}

/// Says whose fault an error of the mod is.
fn refused(kind: &str, text: &str, line: &str) -> Failure {
    let asked: String = line.chars().take(60).collect();
    match kind {
        "setup" | "bad-request" | "limit" => Failure::Error(Error::new(
            ErrorKind::ServerProtocol,
            format!("the mod refuses a request ({kind}): {text}: \"{asked}\""),
        )),
        _ => Failure::Loss(Loss::protocol(format!("the mod failed ({kind}): {text}"))),
    }
}
