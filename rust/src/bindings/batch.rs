//! `Batch`: many environments whose arrays NumPy sees in place.

#![allow(
    unsafe_code,
    reason = "lending the batch's arrays to NumPy; see the SAFETY paragraph at `lend`"
)]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use numpy::ndarray::{ArrayView, Dimension};
use numpy::{
    Element, PyArray, PyArray1, PyArray2, PyArray3, PyArrayMethods as _, PyReadonlyArray1,
    PyReadonlyArray2, PyUntypedArrayMethods as _,
};
use pyo3::prelude::*;
use pyo3::sync::MutexExt as _;
use pyo3::types::{PyBytes, PyDict};

use super::episode::{picture, text};
use super::errors::raised;
use super::gateway::detached;
use super::scenario::Scenario;
use super::served::{self, Interruption, Server};
use crate::contract::mask::FLAT_SIZE;
use crate::contract::observation::RECORD_SIZE;
use crate::env::episode::flat_mask;
use crate::env::{self, AutoresetMode, BatchOptions, EpisodeOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::scenario::reward::{N_TERMS, Term};

/// Many environments of one scenario.
#[pyclass(frozen, module = "factorio_fast._core")]
pub(super) struct Batch {
    state: Mutex<State>,
    n_envs: usize,
    interruption: Interruption,
}

struct State {
    /// The environments; away while a step that `send` began is under way.
    batch: Option<Box<env::Batch>>,
    driver: Option<Driver>,
}

/// What travels to the driver and back: the environments, and the actions or what became of them.
type Job = (Box<env::Batch>, Vec<[i64; 4]>);
type Done = (Box<env::Batch>, Result<()>);

/// The thread that carries out the steps that `send` begins. It ends when the batch does.
struct Driver {
    jobs: Option<Sender<Job>>,
    done: Receiver<Done>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    fn start() -> Result<Self> {
        let (jobs, inbox) = channel::<Job>();
        let (outbox, done) = channel::<Done>();
        let work = move || {
            for (mut batch, actions) in inbox {
                let outcome = batch.step(&actions);
                if outbox.send((batch, outcome)).is_err() {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("factorio-fast-driver".to_owned())
            .spawn(work)
            .map_err(|error| {
                Error::new(
                    ErrorKind::InvalidState,
                    format!("cannot start a thread: {error}"),
                )
            })?;
        Ok(Self {
            jobs: Some(jobs),
            done,
            thread: Some(thread),
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closing the channel ends the loop after the step under way; the arrays must outlive it.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            debug_assert!(ended.is_ok(), "the driver does not panic");
        }
    }
}

fn in_flight() -> Error {
    Error::new(
        ErrorKind::InvalidState,
        "a step is under way: call recv before anything else",
    )
}

impl Batch {
    fn of(batch: env::Batch, interruption: Interruption) -> Self {
        let n_envs = batch.options().n_envs;
        let state = State {
            batch: Some(Box::new(batch)),
            driver: None,
        };
        Self {
            state: Mutex::new(state),
            n_envs,
            interruption,
        }
    }

    /// Waits without holding the interpreter: whoever has the lock may need it before letting go.
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        self.state
            .lock_py_attached(py)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Borrows the environments, unless a step is under way.
fn present(state: &mut State) -> Result<&mut env::Batch> {
    state.batch.as_deref_mut().ok_or_else(in_flight)
}

/// Lends `data` to `NumPy` as an array of `shape` without copying; `owner` is kept alive by the array.
///
/// SAFETY: the memory belongs to a `Box<[T]>` inside a boxed `env::Batch` that is allocated once and neither moved,
/// grown nor freed before `owner`, the `Batch` object, is dropped (the driver thread, which holds the box during `send`,
/// is joined first). The array keeps `owner` alive. Python may read while a step writes only if it breaks the documented
/// rule (`recv` or the return of `step` comes first); it then sees numbers of both steps, as with every environment that
/// shares its buffers.
fn lend<'py, T: Element, D: Dimension>(
    owner: &Bound<'py, Batch>,
    data: *const T,
    shape: impl Into<numpy::ndarray::StrideShape<D>>,
) -> Bound<'py, PyArray<T, D>> {
    unsafe {
        let view = ArrayView::from_shape_ptr(shape, data);
        PyArray::borrow_from_array(&view, owner.clone().into_any())
    }
}

fn episode_of(batch: &env::Batch, index: usize) -> Result<&env::Episode> {
    batch.episode(index).ok_or_else(|| {
        let n_envs = batch.options().n_envs;
        Error::new(
            ErrorKind::InvalidValue,
            format!("index must be in 0..{n_envs}, not {index}"),
        )
    })
}

fn autoreset_named(name: &str) -> PyResult<AutoresetMode> {
    Ok(match name {
        "NextStep" => AutoresetMode::NextStep,
        "SameStep" => AutoresetMode::SameStep,
        "Disabled" => AutoresetMode::Disabled,
        other => {
            return Err(raised(Error::unknown_name(
                "autoreset mode",
                other,
                ["NextStep", "SameStep", "Disabled"],
            )));
        }
    })
}

fn as_rows<'a>(actions: &'a PyReadonlyArray2<'_, i64>) -> Result<&'a [[i64; 4]]> {
    let shape = actions.shape();
    let invalid = || {
        Error::new(
            ErrorKind::InvalidValue,
            format!(
                "actions must be a C-contiguous int64 array of shape (num_envs, 4), not {shape:?}"
            ),
        )
    };
    if shape[1] != 4 {
        return Err(invalid());
    }
    let numbers = actions.as_slice().map_err(|_| invalid())?;
    Ok(numbers.as_chunks::<4>().0)
}

#[pymethods]
impl Batch {
    #[new]
    #[expect(
        clippy::too_many_arguments,
        reason = "keyword arguments of the Python class"
    )]
    #[pyo3(signature = (scenario, num_envs, *, num_threads, autoreset_mode, max_steps = None, is_sparse = false, is_full = false))]
    fn new(
        py: Python<'_>,
        scenario: &Scenario,
        num_envs: usize,
        num_threads: usize,
        autoreset_mode: &str,
        max_steps: Option<u32>,
        is_sparse: bool,
        is_full: bool,
    ) -> PyResult<Self> {
        let options = BatchOptions {
            n_envs: num_envs,
            n_threads: num_threads,
            autoreset: autoreset_named(autoreset_mode)?,
            is_full,
            episode: EpisodeOptions {
                max_steps,
                is_sparse,
            },
        };
        let scenario = scenario.inner.clone();
        let batch = detached(py, || env::Batch::new(scenario, options))?;
        Ok(Self::of(batch, Interruption::default()))
    }

    /// Makes environments whose worlds live on servers.
    #[staticmethod]
    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "keyword arguments of the Python class"
    )]
    #[pyo3(signature = (scenario, num_envs, servers, *, autoreset_mode, max_steps = None, is_sparse = false, is_full = false))]
    fn served(
        py: Python<'_>,
        scenario: &Scenario,
        num_envs: usize,
        servers: Vec<Server>,
        autoreset_mode: &str,
        max_steps: Option<u32>,
        is_sparse: bool,
        is_full: bool,
    ) -> PyResult<Self> {
        let options = BatchOptions {
            n_envs: num_envs,
            n_threads: 1,
            autoreset: autoreset_named(autoreset_mode)?,
            is_full,
            episode: EpisodeOptions {
                max_steps,
                is_sparse,
            },
        };
        let scenario = scenario.inner.clone();
        let group_options = match servers.first() {
            Some(server) => server.group_options()?,
            None => env::served::GroupOptions::default(),
        };
        let interruption = Interruption::default();
        let outcome = detached(py, || {
            let links = servers
                .iter()
                .map(|server| server.open(&interruption))
                .collect::<Result<_>>()?;
            env::Batch::served(&scenario, options, links, group_options)
        });
        Ok(Self::of(interruption.or(outcome)?, interruption))
    }

    /// Says why each server was lost, None for those that are there; empty for embedded worlds.
    fn losses(&self, py: Python<'_>) -> PyResult<Vec<Option<String>>> {
        let mut state = self.lock(py);
        let groups = present(&mut state).map_err(raised)?.groups();
        Ok(groups
            .iter()
            .map(|group| group.loss().map(ToString::to_string))
            .collect())
    }

    /// Lets the environments of a lost server go on with another.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "extracted from Python, so there is nothing to borrow from"
    )]
    fn relink(&self, py: Python<'_>, index: usize, server: Server) -> PyResult<()> {
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        let outcome = detached(py, || batch.relink(index, server.open(&self.interruption)?));
        self.interruption.or(outcome)
    }

    /// What passed between each server and here.
    fn transport_metrics<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let mut state = self.lock(py);
        let groups = present(&mut state).map_err(raised)?.groups();
        groups
            .iter()
            .map(|group| served::report(py, &group.metrics()))
            .collect()
    }

    /// Gives all environments back to their servers; nothing for embedded ones.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        py.detach(|| batch.close());
        Ok(())
    }

    /// Returns the arrays, by name; all are views of the batch's own memory and are overwritten by the next step.
    fn arrays<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let batch = slf.get();
        let n = batch.n_envs;
        let mut state = batch.lock(slf.py());
        let arrays = present(&mut state).map_err(raised)?.arrays_mut();
        let dict = PyDict::new(slf.py());
        dict.set_item(
            "records",
            lend(
                slf,
                arrays.records.as_mut_slice().as_mut_ptr().cast::<u8>(),
                (n, RECORD_SIZE),
            ),
        )?;
        dict.set_item("rewards", lend(slf, arrays.rewards.as_mut_ptr(), n))?;
        dict.set_item("terminated", lend(slf, arrays.terminated.as_mut_ptr(), n))?;
        dict.set_item("truncated", lend(slf, arrays.truncated.as_mut_ptr(), n))?;
        dict.set_item("succeeded", lend(slf, arrays.succeeded.as_mut_ptr(), n))?;
        dict.set_item("progress", lend(slf, arrays.progress.as_mut_ptr(), n))?;
        dict.set_item("steps", lend(slf, arrays.steps.as_mut_ptr(), n))?;
        dict.set_item(
            "rejected",
            lend(slf, arrays.rejected.as_mut_ptr().cast::<u8>(), (n, 2)),
        )?;
        dict.set_item(
            "terms",
            lend(slf, arrays.terms.as_mut_ptr().cast::<f32>(), (n, N_TERMS)),
        )?;
        dict.set_item("lost", lend(slf, arrays.lost.as_mut_ptr(), n))?;
        dict.set_item("has_final", lend(slf, arrays.has_final.as_mut_ptr(), n))?;
        let n_final = arrays.final_records.as_slice().len();
        dict.set_item(
            "final_records",
            lend(
                slf,
                arrays
                    .final_records
                    .as_mut_slice()
                    .as_mut_ptr()
                    .cast::<u8>(),
                (n_final, RECORD_SIZE),
            ),
        )?;
        let width = size_of::<env::arrays::FullPart>() / size_of::<f32>();
        let (n_full, n_final_full) = (arrays.full.len(), arrays.final_full.len());
        dict.set_item(
            "full",
            lend(slf, arrays.full.as_mut_ptr().cast::<f32>(), (n_full, width)),
        )?;
        dict.set_item(
            "final_full",
            lend(
                slf,
                arrays.final_full.as_mut_ptr().cast::<f32>(),
                (n_final_full, width),
            ),
        )?;
        Ok(dict)
    }

    /// Names of the columns of the array "terms" that have a weight, with their numbers.
    fn term_columns(&self, py: Python<'_>) -> PyResult<Vec<(&'static str, usize)>> {
        let mut state = self.lock(py);
        let weights = *present(&mut state).map_err(raised)?.scenario().weights();
        Ok(Term::ALL
            .into_iter()
            .filter(|term| weights.0[*term as usize] != 0.0)
            .map(|term| (term.name(), term as usize))
            .collect())
    }

    /// Resets all environments, or those that `reset_mask` names, with one seed each or to their next episodes.
    #[pyo3(signature = (seeds = None, reset_mask = None))]
    fn reset(
        &self,
        py: Python<'_>,
        seeds: Option<PyReadonlyArray1<'_, u64>>,
        reset_mask: Option<PyReadonlyArray1<'_, bool>>,
    ) -> PyResult<()> {
        let seeds = seeds.map(|seeds| seeds.as_array().to_vec());
        let chosen = reset_mask.map(|mask| mask.as_array().to_vec());
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        let outcome = detached(py, || batch.reset(seeds.as_deref(), chosen.as_deref()));
        self.interruption.or(outcome)
    }

    /// Steps all environments; actions: int64; `(num_envs, 4)`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "PyO3 hands the borrow over by value"
    )]
    fn step(&self, py: Python<'_>, actions: PyReadonlyArray2<'_, i64>) -> PyResult<()> {
        let rows = as_rows(&actions).map_err(raised)?;
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        let outcome = detached(py, || batch.step(rows));
        self.interruption.or(outcome)
    }

    /// Begins a step on another thread and returns at once; `recv` waits for its end.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "PyO3 hands the borrow over by value"
    )]
    fn send(&self, py: Python<'_>, actions: PyReadonlyArray2<'_, i64>) -> PyResult<()> {
        let rows = as_rows(&actions).map_err(raised)?.to_vec();
        let mut state = self.lock(py);
        present(&mut state)
            .and_then(|batch| batch.check_actions(&rows))
            .map_err(raised)?;
        if state.driver.is_none() {
            state.driver = Some(Driver::start().map_err(raised)?);
        }
        let State { batch, driver } = &mut *state;
        if let (Some(driver), Some(batch)) = (driver, batch.take()) {
            let jobs = driver
                .jobs
                .as_ref()
                .expect("the channel is open until the driver is dropped");
            jobs.send((batch, rows))
                .expect("the driver lives as long as its channel");
        }
        Ok(())
    }

    /// Waits for the end of the step that `send` began.
    fn recv(&self, py: Python<'_>) -> PyResult<()> {
        let mut state = self.lock(py);
        let state = &mut *state;
        detached(py, || {
            let (None, Some(driver)) = (&state.batch, &mut state.driver) else {
                return Err(Error::new(
                    ErrorKind::InvalidState,
                    "no step is under way: call send before recv",
                ));
            };
            let (batch, outcome) = driver.done.recv().expect("the driver answers every job");
            state.batch = Some(batch);
            outcome
        })
    }

    /// Writes the masks as booleans: `(num_envs, 65)`; columns move, interact, target, item.
    fn action_masks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<bool>>> {
        let mut state = self.lock(py);
        let records = present(&mut state)
            .map_err(raised)?
            .arrays()
            .records
            .as_slice();
        let mut flat = Vec::with_capacity(records.len() * FLAT_SIZE);
        for record in records {
            flat.extend(flat_mask(record).map(|byte| byte != 0));
        }
        PyArray1::from_vec(py, flat).reshape([records.len(), FLAT_SIZE])
    }

    /// Returns the exact table of one interaction per environment: bool; `(num_envs, 16, 32)`; axes (env, target, item).
    #[expect(
        clippy::needless_pass_by_value,
        reason = "PyO3 hands the borrow over by value"
    )]
    fn conditional_masks<'py>(
        &self,
        py: Python<'py>,
        interacts: PyReadonlyArray1<'_, i64>,
    ) -> PyResult<Bound<'py, PyArray3<bool>>> {
        let asked = interacts.as_array().to_vec();
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        let tables = detached(py, || batch.conditional_masks(&asked))?;
        let bools = tables
            .as_flattened()
            .as_flattened()
            .iter()
            .map(|byte| *byte != 0)
            .collect();
        PyArray1::from_vec(py, bools).reshape([asked.len(), 16, 32])
    }

    /// Draws the world round one environment's character; uint8; (height, width, 3).
    fn render_rgb<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        let image = detached(py, || Ok(picture(episode_of(batch, index)?)))?;
        PyArray1::from_vec(py, image.rgb).reshape([image.height as usize, image.width as usize, 3])
    }

    /// Draws the world round one environment's character as coloured text.
    fn render_ansi(&self, py: Python<'_>, index: usize) -> PyResult<String> {
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        detached(py, || Ok(text(episode_of(batch, index)?)))
    }

    /// Writes all environments, mid-episode or not, as snapshot bytes.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        Ok(PyBytes::new(py, &detached(py, || batch.snapshot())?))
    }

    /// Goes back to a snapshot of a batch of the same scenario and size, observations included.
    fn restore(&self, py: Python<'_>, data: &[u8]) -> PyResult<()> {
        let mut state = self.lock(py);
        let batch = present(&mut state).map_err(raised)?;
        detached(py, || batch.restore(data))
    }

    #[getter]
    fn num_envs(&self) -> usize {
        self.n_envs
    }
}
