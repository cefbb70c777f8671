//! Many episodes side by side: one set of arrays, stepped in parallel, reset by Gymnasium's rules.
//!
//! The arrays are allocated once and never move, so that the bindings can lend them out as `NumPy` arrays.
//! Environments are worked in blocks of at most [`MAX_BLOCK`]; which thread works which block makes no difference.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::arrays::Arrays;
use super::block::{Block, Lane, split};
use super::episode::{Episode, EpisodeOptions, Phase, StepResult, table_bytes};
use super::served::{self, Group, GroupOptions, Link};
use crate::action::decode::Action;
use crate::contract::action::Interact;
use crate::contract::observation::ENTITY_ROWS;
use crate::error::{Error, ErrorKind, Result};
use crate::scenario::Scenario;
use crate::sim::snapshot;

/// A thread works this many environments at a time at most: their records and worlds then stay in its cache
/// (`docs/decisions.md`).
pub const MAX_BLOCK: usize = 256;
/// A block is not made smaller than this: handing it over would cost more than working it.
const MIN_BLOCK: usize = 8;
/// Most environments of one batch.
pub const MAX_ENVS: usize = 1 << 20;
/// Most threads of one batch.
pub const MAX_THREADS: usize = 256;

/// What happens to an environment whose episode has ended (Gymnasium's `AutoresetMode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AutoresetMode {
    /// The next step resets it; the action is ignored.
    #[default]
    NextStep,
    /// The step that ends it also resets it; the last observation goes to `final_records`.
    SameStep,
    /// Nothing: the user resets it.
    Disabled,
}

/// How a batch is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct BatchOptions {
    pub n_envs: usize,
    pub n_threads: usize,
    pub autoreset: AutoresetMode,
    /// Also write what `observation_type="full"` adds.
    pub is_full: bool,
    pub episode: EpisodeOptions,
}

/// Many environments.
pub struct Batch {
    scenario: Arc<Scenario>,
    options: BatchOptions,
    lanes: Vec<Lane>,
    arrays: Arrays,
    block_size: usize,
    /// The threads beside the calling one; none where one thread is enough.
    pool: Option<rayon::ThreadPool>,
    /// The servers, of which each serves a block; none where the worlds are embedded.
    groups: Vec<Group>,
}

#[derive(Serialize, Deserialize)]
struct SavedBatch {
    lanes: Vec<SavedLane>,
}

#[derive(Serialize, Deserialize)]
struct SavedLane {
    seed: u64,
    episode_number: u64,
    needs_reset: bool,
    episode: Vec<u8>,
}

impl Batch {
    /// Makes the environments and starts the threads.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] where a number is out of range or a thread cannot be started.
    pub fn new(scenario: Arc<Scenario>, options: BatchOptions) -> Result<Self> {
        for (name, value, limit) in [
            ("num_envs", options.n_envs, MAX_ENVS),
            ("num_threads", options.n_threads, MAX_THREADS),
        ] {
            if !(1..=limit).contains(&value) {
                return Err(Error::new(
                    ErrorKind::InvalidValue,
                    format!("{name} must be in 1..={limit}, not {value}"),
                ));
            }
        }
        let lane = Lane {
            episode: Episode::new(Arc::clone(&scenario), options.episode),
            seed: 0,
            episode_number: 0,
            needs_reset: false,
        };
        let n_threads = options.n_threads.min(options.n_envs.div_ceil(MIN_BLOCK));
        let pool = if n_threads > 1 {
            Some(start_threads(n_threads - 1)?)
        } else {
            None
        };
        Ok(Self {
            scenario,
            options,
            lanes: vec![lane; options.n_envs],
            arrays: Arrays::new(&options)?,
            block_size: options
                .n_envs
                .div_ceil(n_threads * 2)
                .clamp(MIN_BLOCK, MAX_BLOCK),
            pool,
            groups: Vec::new(),
        })
    }

    /// Makes the environments on servers, shared out among them in order; each is driven by a thread.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] where a number is out of range, and what is wrong with a server.
    pub fn served(
        scenario: &Arc<Scenario>,
        options: BatchOptions,
        links: Vec<Box<dyn Link>>,
        group_options: GroupOptions,
    ) -> Result<Self> {
        let n_servers = links.len();
        if n_servers == 0 || n_servers > options.n_envs {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "{} environments need 1 to as many servers, not {n_servers}",
                    options.n_envs
                ),
            ));
        }
        let mut batch = Self::new(
            Arc::clone(scenario),
            BatchOptions {
                n_threads: 1,
                ..options
            },
        )?;
        batch.options = options;
        batch.block_size = options.n_envs.div_ceil(n_servers);
        let mut left = options.n_envs;
        for (index, link) in links.into_iter().enumerate() {
            let size = batch.block_size.min(left);
            if size == 0 {
                return Err(Error::new(
                    ErrorKind::InvalidValue,
                    format!(
                        "{} environments on {n_servers} servers are {} on each, so server {index} has none: take fewer servers",
                        options.n_envs, batch.block_size
                    ),
                ));
            }
            left -= size;
            let group = Group::open(link, scenario, size, group_options)
                .map_err(|error| error.within(format_args!("server {index}")))?;
            batch.groups.push(group);
        }
        if n_servers > 1 {
            batch.pool = Some(start_threads(n_servers - 1)?);
        }
        Ok(batch)
    }

    /// Reads the servers.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Lets the environments of a lost server go on over another link; with `SameStep` their next episodes begin.
    ///
    /// # Errors
    /// There is no such server, or the new one is of no use.
    pub fn relink(&mut self, server: usize, link: Box<dyn Link>) -> Result<()> {
        let n_servers = self.groups.len();
        let Some(group) = self.groups.get_mut(server) else {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("server must be in 0..{n_servers}, not {server}"),
            ));
        };
        group
            .relink(link)
            .map_err(|error| error.within(format_args!("server {server}")))?;
        if self.options.autoreset != AutoresetMode::SameStep {
            return Ok(());
        }
        let mut blocks = split(&mut self.lanes, &mut self.arrays, self.block_size);
        let (Some(block), Some(group)) = (blocks.get_mut(server), self.groups.get_mut(server))
        else {
            return Ok(());
        };
        served::begin_lost(block, group)
    }

    /// Gives all environments back to their servers and ends the links; embedded ones have none.
    pub fn close(&mut self) {
        for group in &mut self.groups {
            group.close();
        }
    }

    /// Reads the arrays.
    pub fn arrays(&self) -> &Arrays {
        &self.arrays
    }

    /// Borrows the arrays for change, for the bindings to lend out.
    pub fn arrays_mut(&mut self) -> &mut Arrays {
        &mut self.arrays
    }

    /// Reads the scenario.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// Reads how the batch was made.
    pub fn options(&self) -> &BatchOptions {
        &self.options
    }

    /// Reads the episode of one environment.
    pub fn episode(&self, index: usize) -> Option<&Episode> {
        self.lanes.get(index).map(|lane| &lane.episode)
    }

    /// Resets the environments that `chosen` names (all where `None`): environment i with `seeds[i]`, or, without seeds,
    /// to the next episode of the seed it has.
    ///
    /// # Errors
    /// Where there is neither a seed nor an earlier one, or the scenario cannot be lowered.
    pub fn reset(&mut self, seeds: Option<&[u64]>, chosen: Option<&[bool]>) -> Result<()> {
        let n_envs = self.options.n_envs;
        for (name, length) in [
            ("seeds", seeds.map(<[u64]>::len)),
            ("reset_mask", chosen.map(<[bool]>::len)),
        ] {
            if length.is_some_and(|length| length != n_envs) {
                return Err(Error::new(
                    ErrorKind::InvalidValue,
                    format!(
                        "{name} needs {n_envs} entries, not {}",
                        length.unwrap_or_default()
                    ),
                ));
            }
        }
        let is_chosen = |index: usize| chosen.is_none_or(|chosen| chosen[index]);
        if seeds.is_none()
            && let Some(index) = (0..n_envs)
                .find(|index| is_chosen(*index) && self.lanes[*index].episode.phase() == Phase::New)
        {
            return Err(Error::new(
                ErrorKind::InvalidState,
                format!("environment {index} has no seed yet: the first reset needs one"),
            ));
        }
        if !self.groups.is_empty() {
            return self
                .for_each_group(|block, group| served::reset(block, group, seeds, &is_chosen));
        }
        self.for_each_block(|block| {
            for offset in 0..block.lanes.len() {
                let index = block.first + offset;
                if !is_chosen(index) {
                    continue;
                }
                let lane = &mut block.lanes[offset];
                if let Some(seeds) = seeds {
                    lane.seed = seeds[index];
                    lane.episode_number = 0;
                } else {
                    lane.episode_number += 1;
                }
                block.begin(offset)?;
                block.write(offset, &StepResult::default());
                block.has_final[offset] = 0;
            }
            Ok(())
        })
    }

    /// Steps all environments; `actions` has four numbers for each.
    ///
    /// # Errors
    /// Before anything is changed: a number out of range, an environment that was not reset, or (mode `Disabled`) one
    /// whose episode has ended. After the step: where an automatic reset failed.
    pub fn step(&mut self, actions: &[[i64; 4]]) -> Result<()> {
        self.check_actions(actions)?;
        let autoreset = self.options.autoreset;
        if !self.groups.is_empty() {
            return self
                .for_each_group(|block, group| served::step(block, group, actions, autoreset));
        }
        self.for_each_block(|block| {
            for offset in 0..block.lanes.len() {
                let action = actions[block.first + offset];
                block.step(offset, action, autoreset)?;
            }
            Ok(())
        })
    }

    /// Checks everything that could make a step fail, so that a step is done whole or not at all.
    ///
    /// # Errors
    /// Those of [`Batch::step`] that come before anything is changed.
    pub fn check_actions(&self, actions: &[[i64; 4]]) -> Result<()> {
        if actions.len() != self.options.n_envs {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "actions need {} rows, not {}",
                    self.options.n_envs,
                    actions.len()
                ),
            ));
        }
        for (index, (numbers, lane)) in actions.iter().zip(&self.lanes).enumerate() {
            if !lane.needs_reset {
                Action::parse(*numbers)
                    .and_then(|_| lane.episode.ensure_running())
                    .map_err(|error| error.within(format_args!("environment {index}")))?;
            }
        }
        Ok(())
    }

    /// Computes the exact (target, item) table of one interaction per environment.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] where there is not one number in range for each environment.
    pub fn conditional_masks(&self, interacts: &[i64]) -> Result<Vec<[[u8; 32]; ENTITY_ROWS]>> {
        if interacts.len() != self.options.n_envs {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "interacts need {} entries, not {}",
                    self.options.n_envs,
                    interacts.len()
                ),
            ));
        }
        let table = |(lane, number): (&Lane, &i64)| {
            let interact = usize::try_from(*number)
                .ok()
                .and_then(|index| Interact::ALL.get(index));
            let interact = interact.ok_or_else(|| {
                let limit = Interact::ALL.len();
                Error::new(
                    ErrorKind::InvalidValue,
                    format!("interact must be in 0..{limit}, not {number}"),
                )
            })?;
            Ok(table_bytes(&lane.episode.conditional_mask(*interact)))
        };
        self.lanes.iter().zip(interacts).map(table).collect()
    }

    /// Works all blocks, the calling thread among the others, and returns the error of the lowest environment.
    fn for_each_block(&mut self, work: impl Fn(&mut Block<'_>) -> Result<()> + Sync) -> Result<()> {
        let blocks = split(&mut self.lanes, &mut self.arrays, self.block_size);
        work_all(self.pool.as_ref(), blocks, work)
    }

    /// Works the block of each server, all at the same time.
    fn for_each_group(
        &mut self,
        work: impl Fn(&mut Block<'_>, &mut Group) -> Result<()> + Sync,
    ) -> Result<()> {
        let blocks = split(&mut self.lanes, &mut self.arrays, self.block_size);
        let pairs = blocks.into_iter().zip(&mut self.groups).collect();
        work_all(self.pool.as_ref(), pairs, |(block, group)| {
            work(block, group)
        })
    }

    fn ensure_embedded(&self) -> Result<()> {
        if self.groups.is_empty() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidState,
            "only embedded worlds can be written and restored: a server's world is its own; use backend \"embedded\"",
        ))
    }

    /// Writes all environments as snapshot bytes.
    ///
    /// # Errors
    /// Where the worlds are on servers.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        self.ensure_embedded()?;
        let lanes = self
            .lanes
            .iter()
            .map(|lane| SavedLane {
                seed: lane.seed,
                episode_number: lane.episode_number,
                needs_reset: lane.needs_reset,
                episode: lane.episode.snapshot(),
            })
            .collect();
        Ok(snapshot::to_bytes(&SavedBatch { lanes }))
    }

    /// Goes back to a snapshot of a batch of the same scenario and size, observations included.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSnapshot`]; the batch is then as it was.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        self.ensure_embedded()?;
        let saved: SavedBatch = snapshot::from_bytes(bytes)?;
        if saved.lanes.len() != self.lanes.len() {
            return Err(Error::new(
                ErrorKind::InvalidSnapshot,
                format!(
                    "snapshot holds {} environments, the batch has {}",
                    saved.lanes.len(),
                    self.lanes.len()
                ),
            ));
        }
        let mut restored = self.lanes.clone();
        for (index, (lane, saved)) in restored.iter_mut().zip(saved.lanes).enumerate() {
            lane.seed = saved.seed;
            lane.episode_number = saved.episode_number;
            lane.needs_reset = saved.needs_reset;
            lane.episode
                .restore(&saved.episode)
                .map_err(|error| error.within(format_args!("environment {index}")))?;
        }
        self.lanes = restored;
        self.for_each_block(|block| {
            for offset in 0..block.lanes.len() {
                if block.lanes[offset].episode.phase() != Phase::New {
                    block.observe(offset);
                }
            }
            Ok(())
        })
    }
}

fn start_threads(n_threads: usize) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .thread_name(|index| format!("factorio-fast-{index}"))
        .build()
        .map_err(|error| {
            Error::new(
                ErrorKind::InvalidValue,
                format!("cannot start {n_threads} threads: {error}"),
            )
        })
}

/// Works all of `jobs`, the calling thread among those of the pool, and returns the error of the first that has one.
fn work_all<T: Send>(
    pool: Option<&rayon::ThreadPool>,
    jobs: Vec<T>,
    work: impl Fn(&mut T) -> Result<()> + Sync,
) -> Result<()> {
    let blocks: Vec<Mutex<(T, Result<()>)>> = jobs
        .into_iter()
        .map(|job| Mutex::new((job, Ok(()))))
        .collect();
    let next = AtomicUsize::new(0);
    let drain = || {
        while let Some(cell) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut cell = cell
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let (block, outcome) = &mut *cell;
            *outcome = work(block);
        }
    };
    match pool {
        Some(pool) if blocks.len() > 1 => pool.in_place_scope(|scope| {
            for _ in 0..pool.current_num_threads().min(blocks.len() - 1) {
                scope.spawn(|_| drain());
            }
            drain();
        }),
        _ => drain(),
    }
    for cell in blocks {
        cell.into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .1?;
    }
    Ok(())
}
