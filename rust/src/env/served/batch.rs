//! A block of a batch whose worlds are on one server: the arrays say the same as of embedded ones.

use super::group::{Group, Outcome, Task};
use crate::action::decode::Action;
use crate::env::batch::AutoresetMode;
use crate::env::block::Block;
use crate::env::episode::{Episode, StepResult};
use crate::env::seeds::episode_seed;
use crate::error::{Error, ErrorKind, Result};

/// Steps the environments of a server, and begins the next episodes of those that have ended.
pub(in crate::env) fn step(
    block: &mut Block<'_>,
    group: &mut Group,
    actions: &[[i64; 4]],
    autoreset: AutoresetMode,
) -> Result<()> {
    ensure_present(group, block.first)?;
    let mut tasks = Vec::with_capacity(block.lanes.len());
    for (offset, lane) in block.lanes.iter_mut().enumerate() {
        block.has_final[offset] = 0;
        block.lost[offset] = 0;
        tasks.push(if lane.needs_reset {
            lane.episode_number += 1;
            Task::Reset(episode_seed(lane.seed, lane.episode_number))
        } else {
            Task::Act(Action::parse(actions[block.first + offset])?)
        });
    }
    let outcomes = round(block, group, &tasks)?;
    if group.loss().is_some() {
        cut_off(block, autoreset);
        return Ok(());
    }
    let mut ended = Vec::new();
    for (offset, outcome) in outcomes.iter().enumerate() {
        block.observe(offset);
        match outcome {
            Outcome::Stepped(result) => {
                block.write(offset, result);
                if result.terminated || result.truncated {
                    ended.push(offset);
                }
            }
            Outcome::Begun | Outcome::Rested => {
                block.lanes[offset].needs_reset = false;
                block.write(offset, &StepResult::default());
            }
        }
    }
    match autoreset {
        AutoresetMode::NextStep => {
            for offset in ended {
                block.lanes[offset].needs_reset = true;
            }
        }
        AutoresetMode::SameStep if !ended.is_empty() => {
            for offset in &ended {
                block.keep_final(*offset);
                block.lanes[*offset].episode_number += 1;
            }
            begin(block, group, &ended)?;
            if group.loss().is_some() {
                // The step itself is done; only the new episodes are not begun.
                for lane in &mut *block.lanes {
                    lane.needs_reset = true;
                }
                block.lost.fill(1);
            }
        }
        AutoresetMode::SameStep | AutoresetMode::Disabled => {}
    }
    Ok(())
}

/// Begins the episodes of the environments that are chosen.
pub(in crate::env) fn reset(
    block: &mut Block<'_>,
    group: &mut Group,
    seeds: Option<&[u64]>,
    is_chosen: &impl Fn(usize) -> bool,
) -> Result<()> {
    ensure_present(group, block.first)?;
    let mut chosen = Vec::new();
    for (offset, lane) in block.lanes.iter_mut().enumerate() {
        let index = block.first + offset;
        if is_chosen(index) {
            if let Some(seeds) = seeds {
                lane.seed = seeds[index];
                lane.episode_number = 0;
            } else {
                lane.episode_number += 1;
            }
            chosen.push(offset);
        }
    }
    begin(block, group, &chosen)?;
    if let Some(loss) = group.loss() {
        return Err(loss.clone().into());
    }
    for offset in chosen {
        block.write(offset, &StepResult::default());
        block.has_final[offset] = 0;
        block.lost[offset] = 0;
    }
    Ok(())
}

/// Begins the episodes of all environments of a server that was lost and is there again.
pub(in crate::env) fn begin_lost(block: &mut Block<'_>, group: &mut Group) -> Result<()> {
    let waiting: Vec<usize> = (0..block.lanes.len())
        .filter(|offset| block.lanes[*offset].needs_reset)
        .collect();
    for offset in &waiting {
        block.lanes[*offset].episode_number += 1;
    }
    begin(block, group, &waiting)?;
    match group.loss() {
        Some(loss) => Err(loss.clone().into()),
        None => Ok(()),
    }
}

/// Begins the episodes that the lanes' seeds and numbers name, and observes them.
fn begin(block: &mut Block<'_>, group: &mut Group, chosen: &[usize]) -> Result<()> {
    let mut tasks = vec![Task::Rest; block.lanes.len()];
    for offset in chosen {
        let lane = &block.lanes[*offset];
        tasks[*offset] = Task::Reset(episode_seed(lane.seed, lane.episode_number));
    }
    round(block, group, &tasks)?;
    if group.loss().is_none() {
        for offset in chosen {
            block.lanes[*offset].needs_reset = false;
            block.observe(*offset);
        }
    }
    Ok(())
}

fn round(block: &mut Block<'_>, group: &mut Group, tasks: &[Task<'_>]) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![Outcome::Rested; tasks.len()];
    let mut episodes: Vec<&mut Episode> = block
        .lanes
        .iter_mut()
        .map(|lane| &mut lane.episode)
        .collect();
    group
        .round(&mut episodes, tasks, &mut outcomes)
        .map_err(|error| {
            let last = block.first + tasks.len() - 1;
            error.within(format_args!("environments {} to {last}", block.first))
        })?;
    Ok(outcomes)
}

/// Cuts off the episodes of a server that was lost: no reward, and the last observation stays.
fn cut_off(block: &mut Block<'_>, autoreset: AutoresetMode) {
    let cut = StepResult {
        truncated: true,
        ..StepResult::default()
    };
    for offset in 0..block.lanes.len() {
        let lane = &mut block.lanes[offset];
        lane.episode.cut_off();
        lane.needs_reset = autoreset != AutoresetMode::Disabled;
        block.write(offset, &cut);
        block.lost[offset] = 1;
        if autoreset == AutoresetMode::SameStep {
            block.keep_final(offset);
        }
    }
}

fn ensure_present(group: &Group, first: usize) -> Result<()> {
    match group.loss() {
        None => Ok(()),
        Some(loss) => Err(Error::new(
            ErrorKind::InvalidState,
            format!(
                "the server of the environments from {first} on was lost ({loss}): give it another link first"
            ),
        )),
    }
}
