//! The arrays of a batch, by environment: allocated once, never moved, so that they can be lent out.

use super::batch::{AutoresetMode, BatchOptions};
use super::records::Records;
use crate::contract::observation::{FULL_GOAL_SIZE, FULL_INVENTORY_SIZE};
use crate::error::Result;
use crate::scenario::reward::N_TERMS;

/// The arrays, by environment.
pub struct Arrays {
    pub records: Records,
    pub rewards: Box<[f64]>,
    pub terminated: Box<[u8]>,
    pub truncated: Box<[u8]>,
    pub succeeded: Box<[u8]>,
    pub progress: Box<[f32]>,
    pub steps: Box<[u32]>,
    /// Why the move and the interaction were refused.
    pub rejected: Box<[[u8; 2]]>,
    /// The weighted terms of the reward.
    pub terms: Box<[[f32; N_TERMS]]>,
    /// With `SameStep`: 1 where an episode ended in this step.
    pub has_final: Box<[u8]>,
    /// 1 where an episode was cut off in this step since its server was lost; only of served environments.
    pub lost: Box<[u8]>,
    /// With `SameStep`: the last observation of the episode that ended; empty in the other modes.
    pub final_records: Records,
    /// What `observation_type="full"` adds; empty with the compact one.
    pub full: Box<[FullPart]>,
    /// With `SameStep` and the full observation: its last state.
    pub final_full: Box<[FullPart]>,
}

/// What `observation_type="full"` adds to an observation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct FullPart {
    /// Counts of the palette's items.
    pub inventory: [f32; FULL_INVENTORY_SIZE],
    pub goal: [f32; FULL_GOAL_SIZE],
}

impl Arrays {
    pub(super) fn new(options: &BatchOptions) -> Result<Self> {
        let n_envs = options.n_envs;
        let n_final = if options.autoreset == AutoresetMode::SameStep {
            n_envs
        } else {
            0
        };
        let full = |n: usize| vec![FullPart::default(); if options.is_full { n } else { 0 }].into();
        Ok(Self {
            records: Records::new(n_envs)?,
            rewards: vec![0.0; n_envs].into(),
            terminated: vec![0; n_envs].into(),
            truncated: vec![0; n_envs].into(),
            succeeded: vec![0; n_envs].into(),
            progress: vec![0.0; n_envs].into(),
            steps: vec![0; n_envs].into(),
            rejected: vec![[0; 2]; n_envs].into(),
            terms: vec![[0.0; N_TERMS]; n_envs].into(),
            has_final: vec![0; n_envs].into(),
            lost: vec![0; n_envs].into(),
            final_records: Records::new(n_final)?,
            full: full(n_envs),
            final_full: full(n_final),
        })
    }
}
