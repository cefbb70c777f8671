//! Rewards: a weighted sum of named terms, all functions of the world view and the objective's track.
//!
//! Shaping terms are differences of a potential (Ng, Harada, Russell 1999, undiscounted): over an episode they add up to
//! the potential's change and cannot be farmed by going in circles.

use super::objective::{Goal, Track};
use crate::contract::codes::Status;
use crate::sim::World;
use crate::sim::entity::Body;

/// A term of the reward.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[repr(u8)]
pub enum Term {
    /// 1 in the step that reaches the objective.
    Success = 0,
    /// Potential: the share of the objective that is done.
    Progress = 1,
    /// Potential: minus the distance to the objective's present site, in units of 32 tiles.
    Approach = 2,
    /// Potential: machines at work, in units of 16.
    Working = 3,
    /// 1 in every step.
    Time = 4,
    /// Components of the action that were refused.
    Rejected = 5,
    /// 1 in the step in which the character dies.
    Death = 6,
}

/// Terms in all.
pub const N_TERMS: usize = 7;

impl Term {
    /// All terms, in the order of their numbers.
    pub const ALL: [Self; N_TERMS] = [
        Self::Success,
        Self::Progress,
        Self::Approach,
        Self::Working,
        Self::Time,
        Self::Rejected,
        Self::Death,
    ];

    /// The name in scenario files and in `info["reward_terms"]`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Progress => "progress",
            Self::Approach => "approach",
            Self::Working => "working",
            Self::Time => "time",
            Self::Rejected => "rejected",
            Self::Death => "death",
        }
    }

    /// What a term is, for the documents.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Success => "1 in the step that reaches the objective",
            Self::Progress => "change of the share of the objective that is done",
            Self::Approach => {
                "change of minus the distance to the objective's present site, in units of 32 tiles"
            }
            Self::Working => "change of the number of machines at work, in units of 16",
            Self::Time => "1 in every step",
            Self::Rejected => "components of the action that were refused",
            Self::Death => "1 in the step in which the character dies",
        }
    }

    /// Whether the term stays with sparse rewards.
    pub const fn is_sparse(self) -> bool {
        matches!(self, Self::Success | Self::Death)
    }
}

/// Weights of the terms, by number; 0 where a scenario does not name one.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Weights(pub [f64; N_TERMS]);

impl Weights {
    /// Keeps only the terms of sparse rewards.
    #[must_use]
    pub fn sparse(self) -> Self {
        let mut weights = self;
        for term in Term::ALL {
            if !term.is_sparse() {
                weights.0[term as usize] = 0.0;
            }
        }
        weights
    }
}

/// The potentials of the state that the last step ended in.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Potentials {
    progress: f64,
    approach: f64,
    working: f64,
}

impl Potentials {
    /// Computes the potentials of a state; those without weight are not looked at.
    pub fn of(world: &World, goal: &Goal, track: &Track, weights: &Weights) -> Self {
        let has = |term: Term| weights.0[term as usize] != 0.0;
        Self {
            progress: track.progress(),
            approach: if has(Term::Approach) {
                approach(world, goal)
            } else {
                0.0
            },
            working: if has(Term::Working) {
                working(world)
            } else {
                0.0
            },
        }
    }

    /// Computes the terms, unweighted, of the step that led from `self` to `next`.
    pub fn terms(&self, next: &Self, step: &StepFacts) -> [f64; N_TERMS] {
        let mut terms = [0.0; N_TERMS];
        let one_if = |flag: bool| f64::from(u8::from(flag));
        terms[Term::Success as usize] = one_if(step.succeeded);
        terms[Term::Progress as usize] = next.progress - self.progress;
        terms[Term::Approach as usize] = next.approach - self.approach;
        terms[Term::Working as usize] = next.working - self.working;
        terms[Term::Time as usize] = 1.0;
        terms[Term::Rejected as usize] = f64::from(step.n_rejected);
        terms[Term::Death as usize] = one_if(step.died);
        terms
    }
}

/// What the reward must know of a step beside the potentials.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepFacts {
    pub succeeded: bool,
    pub died: bool,
    pub n_rejected: u8,
}

fn approach(world: &World, goal: &Goal) -> f64 {
    goal.site(world).map_or(0.0, |site| {
        -((site.distance_squared(world.character.position) as f64).sqrt() / 256.0 / 32.0)
    })
}

fn working(world: &World) -> f64 {
    if world.drills.is_empty() && world.crafters.is_empty() {
        return 0.0;
    }
    let n_working = world
        .entities
        .iter()
        .filter(|(_, entity)| matches!(entity.body, Body::Drill(_) | Body::Crafter(_)))
        .filter(|(_, entity)| world.status(entity) == Status::Working)
        .count();
    n_working as f64 / 16.0
}
