//! One episode: a scenario and a seed become a world, actions become commands and ticks, and what follows is observed.
//!
//! Invariant: after [`Episode::observe`] the record holds the observation of the present state, and the rows that the
//! next action's target refers to are those that the record shows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::action::decode::{Action, interaction};
use crate::action::mask::{MaskCache, Table, conditional};
use crate::action::order::{MAX_ORDERS, Order};
use crate::contract::action::{Interact, RejectReason};
use crate::contract::mask;
use crate::contract::observation::{ENTITY_ROWS, FULL_INVENTORY_SIZE};
use crate::error::{Error, ErrorKind, Result};
use crate::observation::local_map::KeptMap;
use crate::observation::player_state::{self, Situation};
use crate::observation::record::{self, Record};
use crate::observation::{TargetRows, entities};
use crate::scenario::objective::{Goal, Track};
use crate::scenario::reward::{N_TERMS, Potentials, StepFacts, Weights};
use crate::scenario::{Scenario, Start};
use crate::sim::command::{Command, apply};
use crate::sim::position::{Direction, MapPos};
use crate::sim::snapshot;
use crate::sim::{World, setup, tick};
use crate::view::render::Hud;

/// What of an episode the user may choose beside the scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EpisodeOptions {
    /// Steps after which the episode is cut off; the scenario's own length where `None`.
    pub max_steps: Option<u32>,
    /// Reward only success and death.
    pub is_sparse: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepResult {
    pub reward: f64,
    /// The objective is reached, or the character is dead.
    pub terminated: bool,
    /// Time is up.
    pub truncated: bool,
    /// The objective is reached.
    pub succeeded: bool,
    /// Why the move and the interaction were refused; 0 where they were not.
    pub rejected: [u8; 2],
    /// The weighted terms that the reward is the sum of.
    pub terms: [f64; N_TERMS],
}

/// Where an episode stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// No world yet: reset comes first.
    New,
    Running,
    /// Terminated or truncated: reset comes next.
    Done,
}

/// What the character was told in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// The four numbers of an action.
    Action([u8; 4]),
    Orders(Vec<Order>),
}

/// What a snapshot of an episode holds.
#[derive(Clone, Serialize, Deserialize)]
struct State {
    scenario_digest: u64,
    world: World,
    goal: Goal,
    track: Track,
    potentials: Potentials,
    step: u32,
    seed: u64,
    rejected: [u8; 2],
    phase: Phase,
    deeds: Vec<Deed>,
    shown: Option<(Goal, Track)>,
}

/// One episode after another of a scenario.
#[derive(Clone)]
pub struct Episode {
    pub(super) scenario: Arc<Scenario>,
    pub(super) weights: Weights,
    pub(super) max_steps: u32,
    pub(super) start: Start,
    pub(super) world: World,
    pub(super) track: Track,
    pub(super) potentials: Potentials,
    pub(super) step: u32,
    pub(super) seed: u64,
    pub(super) rejected: [u8; 2],
    /// What the character was told last, for pictures.
    pub(super) last_action: Option<Action>,
    pub(super) phase: Phase,
    /// What was done so far, for a replay; empty unless recording.
    pub(super) deeds: Vec<Deed>,
    pub(super) is_recording: bool,
    /// A goal that is shown in place of the scenario's, which keeps deciding reward and end.
    pub(super) shown: Option<(Goal, Track)>,
    /// Why each order of the last step was refused, 0 where it was not.
    pub(super) refusals: Vec<u8>,
    pub(super) kept: Kept,
}

/// What is kept between observations; all of it follows from the state.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) map: KeptMap,
    pub(super) mask: MaskCache,
    pub(super) rows: TargetRows,
    pub(super) seen_from: Option<(MapPos, Direction)>,
}

impl Episode {
    /// Prepares an environment; [`Episode::reset`] gives it a world.
    pub fn new(scenario: Arc<Scenario>, options: EpisodeOptions) -> Self {
        let weights = *scenario.weights();
        Self {
            weights: if options.is_sparse {
                weights.sparse()
            } else {
                weights
            },
            max_steps: options.max_steps.unwrap_or_else(|| scenario.max_steps()),
            scenario,
            start: Start::default(),
            world: World::new(),
            track: Track::default(),
            potentials: Potentials::default(),
            step: 0,
            seed: 0,
            rejected: [0; 2],
            last_action: None,
            phase: Phase::New,
            deeds: Vec::new(),
            is_recording: false,
            shown: None,
            refusals: Vec::new(),
            kept: Kept::default(),
        }
    }

    /// Keeps the actions from the next reset on, so that [`Episode::replay`] can be asked for.
    pub fn set_recording(&mut self, is_recording: bool) {
        self.is_recording = is_recording;
    }

    /// Begins the episode of world seed `seed`.
    ///
    /// # Errors
    /// Where the scenario cannot be lowered for this seed; the episode then needs another reset.
    pub fn reset(&mut self, seed: u64) -> Result<()> {
        self.make_world(seed)?;
        self.begin();
        Ok(())
    }

    /// Makes the world in which the episode of `seed` begins; [`Episode::begin`] comes next.
    pub(super) fn make_world(&mut self, seed: u64) -> Result<()> {
        self.phase = Phase::New;
        self.seed = seed;
        self.scenario.lower(seed, &mut self.start)?;
        setup::execute(&mut self.world, seed, &self.start.ops)
    }

    /// Begins the episode in the world as it is now.
    pub(super) fn begin(&mut self) {
        self.track = Track::start(&self.start.goal, &self.world);
        self.potentials = self.potentials_now();
        self.step = 0;
        self.rejected = [0; 2];
        self.last_action = None;
        self.deeds.clear();
        self.shown = None;
        self.refusals.clear();
        self.phase = Phase::Running;
        self.invalidate();
    }

    /// Carries out an action for one step.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] before the first reset and after the end of an episode.
    pub fn step(&mut self, action: Action) -> Result<StepResult> {
        self.ensure_running()?;
        if self.is_recording {
            self.deeds.push(Deed::Action(action.numbers()));
        }
        self.last_action = Some(action);
        self.refusals.clear();
        self.rejected = self.act(action);
        tick::run(&mut self.world, self.scenario.ticks_per_step());
        Ok(self.conclude())
    }

    /// Carries out orders, in their order, for one step; what is refused changes nothing.
    ///
    /// # Errors
    /// As [`Episode::step`], and [`ErrorKind::InvalidValue`] for more than [`MAX_ORDERS`]; nothing is done then.
    pub fn step_orders(&mut self, orders: &[Order]) -> Result<StepResult> {
        self.ensure_running()?;
        check_number(orders)?;
        if self.is_recording {
            self.deeds.push(Deed::Orders(orders.to_vec()));
        }
        self.last_action = None;
        self.refusals.clear();
        for order in orders {
            let outcome = order
                .resolve(&self.world)
                .and_then(|command| apply(&mut self.world, &command));
            if outcome.is_err() && matches!(order, Order::Walk(_)) {
                self.stand();
            }
            self.refusals.push(code_of(outcome));
        }
        self.rejected = rejected_of(orders, &self.refusals);
        tick::run(&mut self.world, self.scenario.ticks_per_step());
        Ok(self.conclude())
    }

    /// Judges the step whose ticks have run.
    pub(super) fn conclude(&mut self) -> StepResult {
        self.step += 1;
        self.track.update(&self.start.goal, &self.world);
        if let Some((goal, track)) = &mut self.shown {
            track.update(goal, &self.world);
        }
        let next = self.potentials_now();
        let succeeded = self.track.is_reached();
        let died = !self.world.character.is_alive();
        let facts = StepFacts {
            succeeded,
            died,
            n_rejected: self.rejected.iter().filter(|reason| **reason != 0).count() as u8,
        };
        let mut terms = self.potentials.terms(&next, &facts);
        for (term, weight) in terms.iter_mut().zip(self.weights.0) {
            *term *= weight;
        }
        self.potentials = next;
        let terminated = succeeded || died;
        let truncated = !terminated && self.step >= self.max_steps;
        if terminated || truncated {
            self.phase = Phase::Done;
        }
        StepResult {
            reward: terms.iter().sum(),
            terminated,
            truncated,
            succeeded,
            rejected: self.rejected,
            terms,
        }
    }

    /// Ends the episode where it is: its world is gone.
    pub fn cut_off(&mut self) {
        self.phase = Phase::Done;
    }

    /// Says whether a step is allowed now.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] with what to do first.
    pub fn ensure_running(&self) -> Result<()> {
        match self.phase {
            Phase::Running => Ok(()),
            Phase::New => Err(Error::new(
                ErrorKind::InvalidState,
                "step was called before reset: call reset first",
            )),
            Phase::Done => Err(Error::new(
                ErrorKind::InvalidState,
                "step was called after the episode ended: call reset first",
            )),
        }
    }

    /// Gives the character its orders; each component is accepted or refused by itself.
    fn act(&mut self, action: Action) -> [u8; 2] {
        // The interaction is decoded and done before the walk, from where the character stood when it was chosen.
        let command = interaction(
            &self.world,
            &self.kept.rows,
            self.scenario.palette(),
            action.interact,
            action.target,
            action.item,
        );
        if !matches!(command, Ok(Some(Command::Mine(_)))) {
            let stopped = apply(&mut self.world, &Command::StopMining);
            debug_assert!(stopped.is_ok(), "stopping is always allowed");
        }
        let interacted = match command {
            Ok(Some(command)) => apply(&mut self.world, &command),
            Ok(None) => Ok(()),
            Err(reason) => Err(reason),
        };
        if interacted.is_err() {
            let stopped = apply(&mut self.world, &Command::StopMining);
            debug_assert!(stopped.is_ok(), "stopping is always allowed");
        }
        let walked = apply(&mut self.world, &Command::Walk(action.walk));
        if walked.is_err() {
            self.stand();
        }
        [code_of(walked), code_of(interacted)]
    }

    fn stand(&mut self) {
        let stood = apply(&mut self.world, &Command::Walk(None));
        debug_assert!(stood.is_ok(), "standing is always allowed");
    }

    /// Shows another goal in the observation, or the scenario's own again; reward and end stay with the scenario's.
    pub fn show_goal(&mut self, goal: Option<Goal>) {
        self.shown = goal.map(|goal| {
            let track = Track::start(&goal, &self.world);
            (goal, track)
        });
        self.invalidate();
    }

    /// Reads the goal that is shown, with its track.
    fn shown(&self) -> (&Goal, &Track) {
        match &self.shown {
            Some((goal, track)) => (goal, track),
            None => (&self.start.goal, &self.track),
        }
    }

    /// Reads why each order of the last step was refused, 0 where it was not; empty after an action.
    pub fn refusals(&self) -> &[u8] {
        &self.refusals
    }

    fn potentials_now(&self) -> Potentials {
        Potentials::of(&self.world, &self.start.goal, &self.track, &self.weights)
    }

    /// Forgets what was kept of earlier observations: the next one is written whole, into whatever record.
    pub fn invalidate(&mut self) {
        self.kept.map.invalidate();
        self.kept.mask.invalidate();
        self.kept.seen_from = None;
    }

    /// Brings `record` up to date; it must be the record of the last call unless [`Episode::invalidate`] came between.
    pub fn observe(&mut self, record: &mut Record) {
        let waypoint = self.shown().0.waypoint();
        let world = &self.world;
        let seen_from = Some((world.character.position, world.character.facing));
        let changes = &world.changes;
        let is_stale = self.kept.seen_from != seen_from
            || changes.overflowed
            || changes.entities
            || changes.contents
            || !changes.tiles().is_empty();
        if is_stale {
            let contents_changed =
                changes.contents || changes.overflowed || self.kept.seen_from.is_none();
            self.kept
                .map
                .update(record::local_map_mut(record), world, waypoint);
            let rows = entities::list(world, &mut self.kept.map, record::local_map_of(record));
            record::write_entities(record, &rows.numbers);
            self.kept.rows = rows.targets;
            self.kept.mask.write(
                record::mask_mut(record),
                world,
                &self.kept.rows,
                self.scenario.palette(),
                contents_changed,
            );
            self.kept.seen_from = seen_from;
            self.world.changes.clear();
        }
        let state = player_state::compute(&self.world, &self.situation());
        record::write_player_state(record, &state);
    }

    fn situation(&self) -> Situation {
        let (goal, track) = self.shown();
        Situation {
            site: goal.site(&self.world),
            progress: track.progress(),
            time_left: f64::from(self.max_steps.saturating_sub(self.step))
                / f64::from(self.max_steps.max(1)),
            rejected: self.rejected != [0; 2],
        }
    }

    /// Computes the exact (target, item) table of an interaction for the rows last observed.
    pub fn conditional_mask(&self, interact: Interact) -> Table {
        conditional(
            &self.world,
            &self.kept.rows,
            self.scenario.palette(),
            interact,
        )
    }

    /// Counts the palette's items in the inventory, for `observation_type="full"`.
    pub fn palette_counts(&self) -> [f32; FULL_INVENTORY_SIZE] {
        let mut counts = [0.0; FULL_INVENTORY_SIZE];
        for (count, item) in counts.iter_mut().zip(self.scenario.palette()) {
            *count = self.world.character.inventory.count(*item) as f32;
        }
        counts
    }

    /// Describes the goal, for `observation_type="full"`.
    pub fn goal_numbers(&self) -> [f32; 16] {
        let (goal, track) = self.shown();
        goal.describe(&self.world, track)
    }

    /// Reads the rows that the next action's target refers to.
    pub fn rows(&self) -> &TargetRows {
        &self.kept.rows
    }

    /// Reads the world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Reads the goal that is shown.
    pub fn goal(&self) -> &Goal {
        self.shown().0
    }

    /// Reads the scenario.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// Reads the share of the objective that is done.
    pub fn progress(&self) -> f64 {
        self.track.progress()
    }

    /// Counts the steps since the reset.
    pub fn steps(&self) -> u32 {
        self.step
    }

    /// Reads the number of steps after which the episode is cut off.
    pub fn max_steps(&self) -> u32 {
        self.max_steps
    }

    /// Reads the seed of the episode's world.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Reads why components of the last action were refused.
    pub fn rejected(&self) -> [u8; 2] {
        self.rejected
    }

    /// Says where the episode stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Reads what was done since the reset, if it was recorded.
    pub fn recorded(&self) -> &[Deed] {
        &self.deeds
    }

    /// Describes the episode for a picture.
    pub fn hud(&self) -> Hud {
        let reason = self.rejected.iter().rev().find(|code| **code != 0);
        let action = self.last_action.map_or_else(String::new, |action| {
            action.describe(self.scenario.palette())
        });
        Hud {
            title: self.scenario.name().to_owned(),
            step: u64::from(self.step),
            max_steps: u64::from(self.max_steps),
            progress: self.track.progress(),
            time_left: self.situation().time_left,
            action,
            rejected: reason
                .and_then(|code| RejectReason::ALL.get(usize::from(*code) - 1))
                .copied(),
            lines: Vec::new(),
        }
    }

    fn state(&self) -> State {
        State {
            scenario_digest: self.scenario.digest(),
            world: self.world.clone(),
            goal: self.start.goal.clone(),
            track: self.track.clone(),
            potentials: self.potentials,
            step: self.step,
            seed: self.seed,
            rejected: self.rejected,
            phase: self.phase,
            deeds: self.deeds.clone(),
            shown: self.shown.clone(),
        }
    }

    /// Writes the episode as snapshot bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::to_bytes(&self.state())
    }

    /// Goes back to a snapshot of the same scenario; on an error the episode is as it was.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSnapshot`] where the bytes are damaged or belong to another scenario.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let mut state: State = snapshot::from_bytes(bytes)?;
        if state.scenario_digest != self.scenario.digest() {
            return Err(Error::new(
                ErrorKind::InvalidSnapshot,
                format!(
                    "snapshot belongs to another scenario than \"{}\": digest {:016x}, expected {:016x}",
                    self.scenario.name(),
                    state.scenario_digest,
                    self.scenario.digest()
                ),
            ));
        }
        state.world.rebuild_caches();
        self.world = state.world;
        self.start.goal = state.goal;
        self.start.ops.clear();
        self.track = state.track;
        self.potentials = state.potentials;
        self.step = state.step;
        self.seed = state.seed;
        self.rejected = state.rejected;
        self.last_action = None;
        self.phase = state.phase;
        self.deeds = state.deeds;
        self.shown = state.shown;
        self.refusals.clear();
        self.invalidate();
        // The rows follow from the state; the next action must find them even if nobody observes before it.
        let mut record = [0; crate::contract::observation::RECORD_SIZE];
        if self.phase != Phase::New {
            // The snapshot's may come from an environment of other weights (sparse), which looks at fewer potentials.
            self.potentials = self.potentials_now();
            self.observe(&mut record);
            self.invalidate();
        }
        Ok(())
    }

    /// Hashes the state of the episode; equal episodes have equal digests everywhere.
    pub fn digest(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(&self.snapshot())
    }
}

/// Checks that a step takes so many orders.
pub(super) fn check_number(orders: &[Order]) -> Result<()> {
    if orders.len() > MAX_ORDERS {
        return Err(Error::new(
            ErrorKind::InvalidValue,
            format!(
                "a step takes at most {MAX_ORDERS} commands, not {}: spread them over steps",
                orders.len()
            ),
        ));
    }
    Ok(())
}

pub(super) fn code_of(outcome: std::result::Result<(), RejectReason>) -> u8 {
    outcome.err().map_or(0, |reason| reason as u8)
}

/// Gives the first refusal of walking and that of everything else, as an action has them.
pub(super) fn rejected_of(orders: &[Order], refusals: &[u8]) -> [u8; 2] {
    let first = |is_walk: bool| {
        orders
            .iter()
            .zip(refusals)
            .find(|(order, code)| matches!(order, Order::Walk(_)) == is_walk && **code != 0)
            .map_or(0, |(_, code)| *code)
    };
    [first(true), first(false)]
}

/// Widens a record's mask to the 65 booleans.
pub fn flat_mask(record: &Record) -> [u8; mask::FLAT_SIZE] {
    let mut flat = [0; mask::FLAT_SIZE];
    mask::flatten(record::mask_of(record), &mut flat);
    flat
}

/// Widens a table to one byte per (target, item).
pub fn table_bytes(table: &Table) -> [[u8; 32]; ENTITY_ROWS] {
    table.map(|bits| std::array::from_fn(|item| (bits >> item & 1) as u8))
}
