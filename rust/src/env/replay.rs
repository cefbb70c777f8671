//! Replays: a seed and the actions taken, enough to run an episode again bit for bit.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::episode::{Deed, Episode, EpisodeOptions};
use crate::action::decode::Action;
use crate::contract::observation::RECORD_SIZE;
use crate::error::{Error, ErrorKind, Result};
use crate::scenario::Scenario;
use crate::sim::snapshot;

/// A recorded episode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    pub scenario_name: String,
    scenario_digest: u64,
    /// Seed of the episode's world.
    pub seed: u64,
    pub deeds: Vec<Deed>,
    /// Digest of the world after the last action.
    pub world_digest: u64,
}

impl Replay {
    /// Takes the recording of an episode.
    pub fn of(episode: &Episode) -> Self {
        Self {
            scenario_name: episode.scenario().name().to_owned(),
            scenario_digest: episode.scenario().digest(),
            seed: episode.seed(),
            deeds: episode.recorded().to_vec(),
            world_digest: episode.world().digest(),
        }
    }

    /// Writes the replay as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        snapshot::to_bytes(self)
    }

    /// Reads a replay back.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSnapshot`] where the bytes are not a replay of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        snapshot::from_bytes(bytes).map_err(|error| error.within("replay"))
    }

    /// Runs the episode again, calling `look` after the reset and after each step, and checks where it ends.
    ///
    /// # Errors
    /// Where the scenario is another one, or the end differs from the recorded one.
    pub fn run(&self, scenario: Arc<Scenario>, mut look: impl FnMut(&Episode)) -> Result<()> {
        if scenario.digest() != self.scenario_digest {
            return Err(Error::new(
                ErrorKind::InvalidSnapshot,
                format!(
                    "replay was recorded with another version of scenario \"{}\"",
                    self.scenario_name
                ),
            ));
        }
        // Where the recorded environment cut its episodes off is not in the replay; its last action is the end.
        let options = EpisodeOptions {
            max_steps: Some(u32::MAX),
            ..EpisodeOptions::default()
        };
        let mut episode = Episode::new(scenario, options);
        let mut record = [0; RECORD_SIZE];
        episode.reset(self.seed)?;
        episode.observe(&mut record);
        look(&episode);
        for deed in &self.deeds {
            match deed {
                Deed::Action(numbers) => {
                    episode.step(Action::parse(numbers.map(i64::from))?)?;
                }
                Deed::Orders(orders) => {
                    episode.step_orders(orders)?;
                }
            }
            episode.observe(&mut record);
            look(&episode);
        }
        let digest = episode.world().digest();
        if digest == self.world_digest {
            Ok(())
        } else {
            Err(Error::new(
                ErrorKind::InvalidState,
                format!(
                    "replay ended in world {digest:016x}, recorded was {:016x}",
                    self.world_digest
                ),
            ))
        }
    }
}
