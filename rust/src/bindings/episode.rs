//! `Episode`: one environment in the embedded world.

use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::{
    PyArray1, PyArray2, PyArray3, PyArrayMethods as _, PyReadwriteArray1,
    PyUntypedArrayMethods as _,
};
use pyo3::prelude::*;
use pyo3::sync::MutexExt as _;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use super::errors::raised;
use super::gateway::detached;
use super::scenario::Scenario;
use super::served::{self, Interruption, Server};
use super::world::World;
use super::{facts, orders};
use crate::action::decode::Action;
use crate::contract::action::{Interact, RejectReason};
use crate::contract::observation::RECORD_SIZE;
use crate::env::episode::{Deed, Phase, flat_mask, table_bytes};
use crate::env::replay::Replay;
use crate::env::seeds::episode_seed;
use crate::env::served::{Group, Outcome, Task};
use crate::env::{self, EpisodeOptions, StepResult};
use crate::error::{Error, ErrorKind};
use crate::observation::Record;
use crate::scenario::reward::Term;
use crate::sim::sandbox;
use crate::view::render::{Image, RenderOptions, render_ansi, render_rgb};

/// One environment: begins episodes, steps them, and writes their observations.
#[pyclass(frozen, module = "factorio_fast._core")]
pub(super) struct Episode {
    state: Mutex<State>,
    interruption: Interruption,
}

struct State {
    episode: env::Episode,
    record: Box<Record>,
    last: StepResult,
    /// The server on which the world lives; none of an embedded one.
    group: Option<Box<Group>>,
    /// Why the server was lost in the last step.
    loss: Option<String>,
}

impl State {
    fn of(episode: env::Episode) -> Self {
        Self {
            episode,
            record: Box::new([0; RECORD_SIZE]),
            last: StepResult::default(),
            group: None,
            loss: None,
        }
    }

    /// Refuses what only an embedded world can do.
    fn ensure_embedded(&self, what: &str) -> PyResult<()> {
        if self.group.is_none() {
            return Ok(());
        }
        Err(raised(Error::new(
            ErrorKind::InvalidState,
            format!(
                "{what} needs the embedded backend: a server's world cannot be copied; use backend=\"embedded\""
            ),
        )))
    }

    fn begin(&mut self, seed: u64) -> crate::error::Result<()> {
        self.last = StepResult::default();
        self.loss = None;
        if let Some(group) = &mut self.group {
            if let Some(loss) = group.loss() {
                return Err(loss.clone().into());
            }
            let mut outcomes = [Outcome::Rested];
            group.round(
                &mut [&mut self.episode],
                &[Task::Reset(seed)],
                &mut outcomes,
            )?;
            if let Some(loss) = group.loss() {
                return Err(loss.clone().into());
            }
        } else {
            self.episode.reset(seed)?;
        }
        self.episode.observe(&mut self.record);
        Ok(())
    }

    fn advance(&mut self, task: &Task<'_>) -> crate::error::Result<(f64, bool, bool)> {
        let result = match (&mut self.group, task) {
            (Some(group), task) => {
                self.episode.ensure_running()?;
                let mut outcomes = [Outcome::Rested];
                group.round(
                    &mut [&mut self.episode],
                    std::slice::from_ref(task),
                    &mut outcomes,
                )?;
                match (group.loss(), &outcomes[0]) {
                    (None, Outcome::Stepped(result)) => *result,
                    (loss, _) => {
                        self.loss = Some(loss.map_or_else(String::new, ToString::to_string));
                        self.episode.cut_off();
                        StepResult {
                            truncated: true,
                            ..StepResult::default()
                        }
                    }
                }
            }
            (None, Task::Act(action)) => self.episode.step(*action)?,
            (None, Task::Order(orders)) => self.episode.step_orders(orders)?,
            (None, Task::Rest | Task::Reset(_)) => StepResult::default(),
        };
        self.last = result;
        if self.loss.is_none() {
            self.episode.observe(&mut self.record);
        }
        Ok((result.reward, result.terminated, result.truncated))
    }
}

impl Episode {
    /// Waits without holding the interpreter: whoever has the lock may need it before letting go.
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        self.state
            .lock_py_attached(py)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Draws an episode as a picture.
pub(super) fn picture(episode: &env::Episode) -> Image {
    let hud = episode.hud();
    render_rgb(
        episode.world(),
        Some(episode.goal()),
        &hud,
        &RenderOptions::default(),
    )
}

/// Draws an episode as coloured text.
pub(super) fn text(episode: &env::Episode) -> String {
    render_ansi(episode.world(), Some(episode.goal()), &episode.hud())
}

fn name_of(code: u8) -> Option<&'static str> {
    RejectReason::ALL
        .get(usize::from(code).checked_sub(1)?)
        .map(|reason| reason.name())
}

#[pymethods]
impl Episode {
    #[new]
    #[pyo3(signature = (scenario, *, max_steps = None, is_sparse = false))]
    fn new(scenario: &Scenario, max_steps: Option<u32>, is_sparse: bool) -> Self {
        let options = EpisodeOptions {
            max_steps,
            is_sparse,
        };
        let mut episode = env::Episode::new(scenario.inner.clone(), options);
        episode.set_recording(true);
        Self {
            state: Mutex::new(State::of(episode)),
            interruption: Interruption::default(),
        }
    }

    /// Makes an environment whose world lives on a server.
    #[staticmethod]
    #[pyo3(signature = (scenario, server, *, max_steps = None, is_sparse = false))]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "extracted from Python, so there is nothing to borrow from"
    )]
    fn served(
        py: Python<'_>,
        scenario: &Scenario,
        server: Server,
        max_steps: Option<u32>,
        is_sparse: bool,
    ) -> PyResult<Self> {
        let options = EpisodeOptions {
            max_steps,
            is_sparse,
        };
        let scenario = scenario.inner.clone();
        let group_options = server.group_options()?;
        let interruption = Interruption::default();
        let opened = detached(py, || {
            Group::open(server.open(&interruption)?, &scenario, 1, group_options)
        });
        let mut state = State::of(env::Episode::new(scenario, options));
        state.group = Some(Box::new(interruption.or(opened)?));
        Ok(Self {
            state: Mutex::new(state),
            interruption,
        })
    }

    /// Goes on with another server after the former was lost; `reset` comes next.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "extracted from Python, so there is nothing to borrow from"
    )]
    fn relink(&self, py: Python<'_>, server: Server) -> PyResult<()> {
        let mut state = self.lock(py);
        let Some(group) = &mut state.group else {
            return Err(raised(Error::new(
                ErrorKind::InvalidState,
                "an embedded world has no server",
            )));
        };
        let outcome = detached(py, || group.relink(server.open(&self.interruption)?));
        self.interruption.or(outcome)
    }

    /// Why the server was lost, None while it is there.
    #[getter]
    fn loss(&self, py: Python<'_>) -> Option<String> {
        let state = self.lock(py);
        let group = state.group.as_ref()?;
        group.loss().map(ToString::to_string)
    }

    /// What passed between the server and here; empty of an embedded world.
    #[getter]
    fn transport_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        match &self.lock(py).group {
            Some(group) => served::report(py, &group.metrics()),
            None => Ok(PyDict::new(py)),
        }
    }

    /// Gives the world back to its server; nothing for an embedded one.
    fn close(&self, py: Python<'_>) {
        let mut state = self.lock(py);
        if let Some(group) = &mut state.group {
            py.detach(|| group.close());
        }
    }

    /// Begins episode number `episode` of the environment seed `seed`.
    #[pyo3(signature = (seed, episode = 0))]
    fn reset(&self, py: Python<'_>, seed: u64, episode: u64) -> PyResult<()> {
        let mut state = self.lock(py);
        let state = &mut *state;
        let outcome = detached(py, || state.begin(episode_seed(seed, episode)));
        self.interruption.or(outcome)
    }

    /// Carries out one action and returns (reward, terminated, truncated).
    fn step(&self, py: Python<'_>, action: [i64; 4]) -> PyResult<(f64, bool, bool)> {
        let mut state = self.lock(py);
        let state = &mut *state;
        let outcome = detached(py, || state.advance(&Task::Act(Action::parse(action)?)));
        self.interruption.or(outcome)
    }

    /// Carries out typed commands for one step and returns (reward, terminated, truncated).
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over")]
    fn step_commands(
        &self,
        py: Python<'_>,
        commands: Vec<Bound<'_, PyTuple>>,
    ) -> PyResult<(f64, bool, bool)> {
        let orders = orders::parse(&commands)?;
        let mut state = self.lock(py);
        let state = &mut *state;
        let outcome = detached(py, || state.advance(&Task::Order(&orders)));
        self.interruption.or(outcome)
    }

    /// Returns for each command of the last step why it was refused, None where it was carried out.
    fn refusals(&self, py: Python<'_>) -> Vec<Option<&'static str>> {
        let state = self.lock(py);
        let codes = state.episode.refusals().iter();
        codes.map(|code| name_of(*code)).collect()
    }

    /// Returns a copy of the world as it is now, or of all that a server tells of it.
    fn look(&self, py: Python<'_>) -> PyResult<World> {
        let mut state = self.lock(py);
        let state = &mut *state;
        let outcome = detached(py, || {
            if let Some(group) = &mut state.group {
                group.look_at_all(0, &mut state.episode)?;
                // What is known of far away now shows in the observation's numbers, too.
                state.episode.observe(&mut state.record);
            }
            Ok(state.episode.world().clone())
        });
        Ok(World::wrap(self.interruption.or(outcome)?))
    }

    /// Returns what the character is and has.
    fn character<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        facts::character(py, self.lock(py).episode.world())
    }

    /// Finds the waypoints to within `reach` tiles of a position, or None where there is no way.
    #[pyo3(signature = (position, reach = 0.75))]
    fn find_path(
        &self,
        py: Python<'_>,
        position: (f64, f64),
        reach: f64,
    ) -> PyResult<Option<Vec<(f64, f64)>>> {
        let state = self.lock(py);
        detached(py, || {
            sandbox::person::way(state.episode.world(), position, reach)
        })
    }

    /// Shows another goal in the observation, or with None the scenario's own; reward and end stay the scenario's.
    fn set_goal(&self, py: Python<'_>, goal: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let goal = goal.map(facts::goal).transpose()?;
        let mut state = self.lock(py);
        let state = &mut *state;
        state.episode.show_goal(goal);
        if state.episode.phase() != Phase::New {
            state.episode.observe(&mut state.record);
        }
        Ok(())
    }

    /// Copies the packed record of the present observation into `out`; uint8; (8576,).
    fn observe(&self, py: Python<'_>, mut out: PyReadwriteArray1<'_, u8>) -> PyResult<()> {
        let length = out.len();
        let state = self.lock(py);
        match out.as_slice_mut() {
            Ok(slice) if slice.len() == RECORD_SIZE => {
                slice.copy_from_slice(&*state.record);
                Ok(())
            }
            _ => Err(raised(Error::new(
                ErrorKind::InvalidValue,
                format!("out must be a contiguous array of {RECORD_SIZE} bytes, not {length}"),
            ))),
        }
    }

    /// Returns what the full observation adds: (inventory, goal).
    fn full<'py>(&self, py: Python<'py>) -> (Bound<'py, PyArray1<f32>>, Bound<'py, PyArray1<f32>>) {
        let state = self.lock(py);
        (
            PyArray1::from_slice(py, &state.episode.palette_counts()),
            PyArray1::from_slice(py, &state.episode.goal_numbers()),
        )
    }

    /// Returns the mask as 65 booleans: move, interact, target, item.
    fn action_masks<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        let state = self.lock(py);
        PyArray1::from_slice(py, &flat_mask(&state.record).map(|byte| byte != 0))
    }

    /// Returns the exact table of an interaction: bool; (16, 32); axes (target, item).
    fn conditional_mask<'py>(
        &self,
        py: Python<'py>,
        interact: i64,
    ) -> PyResult<Bound<'py, PyArray2<bool>>> {
        let index = usize::try_from(interact).ok();
        let interact = *index.and_then(|i| Interact::ALL.get(i)).ok_or_else(|| {
            raised(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "interact must be in 0..{}, not {interact}",
                    Interact::ALL.len()
                ),
            ))
        })?;
        let state = self.lock(py);
        let table = table_bytes(&state.episode.conditional_mask(interact));
        let flat: Vec<bool> = table.as_flattened().iter().map(|byte| *byte != 0).collect();
        PyArray1::from_vec(py, flat).reshape([16, 32])
    }

    /// Returns what Gymnasium's `info` carries about the last step.
    fn info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let state = self.lock(py);
        let info = PyDict::new(py);
        let rejected = PyDict::new(py);
        for (head, code) in ["move", "interact"].into_iter().zip(state.last.rejected) {
            if let Some(name) = name_of(code) {
                rejected.set_item(head, name)?;
            }
        }
        info.set_item("rejected", rejected)?;
        let terms = PyDict::new(py);
        for term in Term::ALL {
            if state.episode.scenario().weights().0[term as usize] != 0.0 {
                terms.set_item(term.name(), state.last.terms[term as usize])?;
            }
        }
        info.set_item("reward_terms", terms)?;
        info.set_item("success", state.last.succeeded)?;
        info.set_item("objective_progress", state.episode.progress())?;
        info.set_item("episode_steps", state.episode.steps())?;
        info.set_item("tick", state.episode.world().tick)?;
        if let Some(loss) = &state.loss {
            info.set_item("infrastructure", loss)?;
        }
        Ok(info)
    }

    /// Says where the episode stands: "new", "running" or "done".
    #[getter]
    fn phase(&self, py: Python<'_>) -> &'static str {
        match self.lock(py).episode.phase() {
            Phase::New => "new",
            Phase::Running => "running",
            Phase::Done => "done",
        }
    }

    #[getter]
    fn max_steps(&self, py: Python<'_>) -> u32 {
        self.lock(py).episode.max_steps()
    }

    /// Draws the world round the character; uint8; (height, width, 3).
    fn render_rgb<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let state = self.lock(py);
        let image = py.detach(|| picture(&state.episode));
        PyArray1::from_vec(py, image.rgb).reshape([image.height as usize, image.width as usize, 3])
    }

    /// Draws the world round the character as coloured text.
    fn render_ansi(&self, py: Python<'_>) -> String {
        let state = self.lock(py);
        py.detach(|| text(&state.episode))
    }

    /// Writes the episode, mid-way or not, as snapshot bytes.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = self.lock(py);
        state.ensure_embedded("a snapshot")?;
        Ok(PyBytes::new(py, &py.detach(|| state.episode.snapshot())))
    }

    /// Goes back to a snapshot of the same scenario.
    fn restore(&self, py: Python<'_>, data: &[u8]) -> PyResult<()> {
        let mut state = self.lock(py);
        let state = &mut *state;
        state.ensure_embedded("restoring")?;
        detached(py, || {
            state.episode.restore(data)?;
            state.last = StepResult::default();
            if state.episode.phase() != Phase::New {
                state.episode.observe(&mut state.record);
            }
            Ok(())
        })
    }

    /// Returns an independent copy that goes on from here.
    fn fork(&self, py: Python<'_>) -> PyResult<Self> {
        let state = self.lock(py);
        state.ensure_embedded("a fork")?;
        let twin = State {
            episode: state.episode.clone(),
            record: state.record.clone(),
            last: state.last,
            group: None,
            loss: None,
        };
        Ok(Self {
            state: Mutex::new(twin),
            interruption: Interruption::default(),
        })
    }

    /// Returns sixteen hexadecimal digits of the episode's state.
    fn digest(&self, py: Python<'_>) -> PyResult<String> {
        let state = self.lock(py);
        state.ensure_embedded("a digest")?;
        Ok(format!("{:016x}", py.detach(|| state.episode.digest())))
    }

    /// Writes the seed and the actions since the reset as replay bytes.
    fn replay<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = self.lock(py);
        state.ensure_embedded("a replay")?;
        Ok(PyBytes::new(py, &Replay::of(&state.episode).to_bytes()))
    }

    /// Runs a replay of this scenario from its beginning to its end, and returns its actions; steps of typed commands
    /// are rows of -1.
    fn run_replay(&self, py: Python<'_>, data: &[u8]) -> PyResult<Vec<[i64; 4]>> {
        let scenario = self.lock(py).episode.scenario().clone();
        detached(py, || {
            let replay = Replay::from_bytes(data)?;
            replay.run(scenario, |_| ())?;
            // As numbers: PyO3 would make `bytes` of each row of u8.
            let rows = replay.deeds.into_iter().map(|deed| match deed {
                Deed::Action(numbers) => numbers.map(i64::from),
                Deed::Orders(_) => [-1; 4],
            });
            Ok(rows.collect())
        })
    }
}
