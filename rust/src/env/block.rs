//! A block: some environments of a batch with their parts of the arrays, worked by one thread at a time.

use super::arrays::{Arrays, FullPart};
use super::batch::AutoresetMode;
use super::episode::{Episode, StepResult};
use super::seeds::episode_seed;
use crate::action::decode::Action;
use crate::error::Result;
use crate::observation::record::Record;
use crate::scenario::reward::N_TERMS;

/// One environment of the batch.
#[derive(Clone)]
pub(super) struct Lane {
    pub(super) episode: Episode,
    /// Seed of the last seeded reset, and the number of episodes since.
    pub(super) seed: u64,
    pub(super) episode_number: u64,
    pub(super) needs_reset: bool,
}

/// A block of environments with their parts of the arrays.
pub(super) struct Block<'a> {
    pub(super) first: usize,
    pub(super) lanes: &'a mut [Lane],
    pub(super) records: &'a mut [Record],
    pub(super) rewards: &'a mut [f64],
    pub(super) terminated: &'a mut [u8],
    pub(super) truncated: &'a mut [u8],
    pub(super) succeeded: &'a mut [u8],
    pub(super) progress: &'a mut [f32],
    pub(super) steps: &'a mut [u32],
    pub(super) rejected: &'a mut [[u8; 2]],
    pub(super) terms: &'a mut [[f32; N_TERMS]],
    pub(super) has_final: &'a mut [u8],
    pub(super) lost: &'a mut [u8],
    pub(super) final_records: &'a mut [Record],
    pub(super) full: &'a mut [FullPart],
    pub(super) final_full: &'a mut [FullPart],
}

/// Cuts lanes and arrays into blocks.
pub(super) fn split<'a>(
    lanes: &'a mut [Lane],
    arrays: &'a mut Arrays,
    block_size: usize,
) -> Vec<Block<'a>> {
    let n_blocks = lanes.len().div_ceil(block_size);
    let mut final_records = arrays.final_records.as_mut_slice().chunks_mut(block_size);
    let mut full = arrays.full.chunks_mut(block_size);
    let mut final_full = arrays.final_full.chunks_mut(block_size);
    let mut records = arrays.records.as_mut_slice().chunks_mut(block_size);
    let mut rewards = arrays.rewards.chunks_mut(block_size);
    let mut terminated = arrays.terminated.chunks_mut(block_size);
    let mut truncated = arrays.truncated.chunks_mut(block_size);
    let mut succeeded = arrays.succeeded.chunks_mut(block_size);
    let mut progress = arrays.progress.chunks_mut(block_size);
    let mut steps = arrays.steps.chunks_mut(block_size);
    let mut rejected = arrays.rejected.chunks_mut(block_size);
    let mut terms = arrays.terms.chunks_mut(block_size);
    let mut has_final = arrays.has_final.chunks_mut(block_size);
    let mut lost = arrays.lost.chunks_mut(block_size);
    let mut blocks = Vec::with_capacity(n_blocks);
    for (index, lanes) in lanes.chunks_mut(block_size).enumerate() {
        blocks.push(Block {
            first: index * block_size,
            lanes,
            records: records.next().unwrap_or_default(),
            rewards: rewards.next().unwrap_or_default(),
            terminated: terminated.next().unwrap_or_default(),
            truncated: truncated.next().unwrap_or_default(),
            succeeded: succeeded.next().unwrap_or_default(),
            progress: progress.next().unwrap_or_default(),
            steps: steps.next().unwrap_or_default(),
            rejected: rejected.next().unwrap_or_default(),
            terms: terms.next().unwrap_or_default(),
            has_final: has_final.next().unwrap_or_default(),
            lost: lost.next().unwrap_or_default(),
            final_records: final_records.next().unwrap_or_default(),
            full: full.next().unwrap_or_default(),
            final_full: final_full.next().unwrap_or_default(),
        });
    }
    blocks
}

impl Block<'_> {
    /// Begins the episode that the lane's seed and number name, and observes it.
    pub(super) fn begin(&mut self, offset: usize) -> Result<()> {
        let lane = &mut self.lanes[offset];
        lane.needs_reset = false;
        lane.episode
            .reset(episode_seed(lane.seed, lane.episode_number))
            .map_err(|error| error.within(format_args!("environment {}", self.first + offset)))?;
        self.observe(offset);
        Ok(())
    }

    pub(super) fn observe(&mut self, offset: usize) {
        let episode = &mut self.lanes[offset].episode;
        episode.observe(&mut self.records[offset]);
        if let Some(full) = self.full.get_mut(offset) {
            *full = FullPart {
                inventory: episode.palette_counts(),
                goal: episode.goal_numbers(),
            };
        }
    }

    pub(super) fn step(
        &mut self,
        offset: usize,
        numbers: [i64; 4],
        autoreset: AutoresetMode,
    ) -> Result<()> {
        self.has_final[offset] = 0;
        if self.lanes[offset].needs_reset {
            self.lanes[offset].episode_number += 1;
            self.begin(offset)?;
            self.write(offset, &StepResult::default());
            return Ok(());
        }
        let result = self.lanes[offset].episode.step(Action::parse(numbers)?)?;
        self.observe(offset);
        self.write(offset, &result);
        if result.terminated || result.truncated {
            match autoreset {
                AutoresetMode::NextStep => self.lanes[offset].needs_reset = true,
                AutoresetMode::SameStep => {
                    self.keep_final(offset);
                    self.lanes[offset].episode_number += 1;
                    self.begin(offset)?;
                }
                AutoresetMode::Disabled => {}
            }
        }
        Ok(())
    }

    /// Puts the last observation of an episode where a reset in the same step does not overwrite it.
    pub(super) fn keep_final(&mut self, offset: usize) {
        self.final_records[offset] = self.records[offset];
        if let Some(full) = self.full.get(offset) {
            self.final_full[offset] = *full;
        }
        self.has_final[offset] = 1;
    }

    pub(super) fn write(&mut self, offset: usize, result: &StepResult) {
        let episode = &self.lanes[offset].episode;
        self.rewards[offset] = result.reward;
        self.terminated[offset] = u8::from(result.terminated);
        self.truncated[offset] = u8::from(result.truncated);
        self.succeeded[offset] = u8::from(result.succeeded);
        self.progress[offset] = episode.progress() as f32;
        self.steps[offset] = episode.steps();
        self.rejected[offset] = result.rejected;
        self.terms[offset] = result.terms.map(|term| term as f32);
    }
}
