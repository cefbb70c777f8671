//! Scenarios: what a file and a seed become.
//!
//! A [`Scenario`] is a checked file; [`Scenario::lower`] turns it and a seed into the set-up operations of one episode
//! and its [`Goal`], the same for every world. It knows no environments and no files: callers bring the text.
//!
//! - `file`: TOML values that know their place; `settings`, `map_settings`, `objective_spec`, `kits`: what they may be
//! - `generate`: maps, patches, lakes, woods, blueprints and bases from a seed
//! - [`default_map`]: maps like those of a new game
//! - [`objective`]: goals and their progress; [`reward`]: the terms of the reward

pub mod default_map;
mod file;
mod generate;
mod kits;
mod map_settings;
pub mod objective;
mod objective_spec;
pub mod reward;
mod settings;

#[cfg(test)]
mod tests;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::prototypes::ItemId;
use file::Source;

pub use generate::Start;
pub use map_settings::{Ground, MapSettings, NewGame, PatchSettings, Richness, StartingBase};
pub use objective::Goal;
pub use objective_spec::{BlueprintSource, NamedObjective, ObjectiveSpec};
pub use settings::{Kind, Settings};

/// The scenarios that come with the package: name and text.
pub const BUILTIN: [(&str, &str); 5] = [
    (
        "movement_basic",
        include_str!("../../../python/factorio_fast/scenarios/data/movement_basic.toml"),
    ),
    (
        "mining_efficiency",
        include_str!("../../../python/factorio_fast/scenarios/data/mining_efficiency.toml"),
    ),
    (
        "construction_speed",
        include_str!("../../../python/factorio_fast/scenarios/data/construction_speed.toml"),
    ),
    (
        "base_optimization",
        include_str!("../../../python/factorio_fast/scenarios/data/base_optimization.toml"),
    ),
    (
        "open_play",
        include_str!("../../../python/factorio_fast/scenarios/data/open_play.toml"),
    ),
];

/// A checked scenario; it never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    settings: Settings,
    source_text: String,
    digest: u64,
}

impl Scenario {
    /// Reads a scenario; `source` is what messages call the text, a file's path as a rule.
    ///
    /// # Errors
    /// For every mistake: file, line, key path, what is allowed with the nearest name, and the offending value.
    pub fn from_toml(text: &str, source: &str) -> Result<Self> {
        Ok(Self {
            settings: Settings::read(Source { name: source, text })?,
            source_text: text.to_owned(),
            digest: xxh3_64(text.as_bytes()),
        })
    }

    /// Reads one of the scenarios that come with the package.
    ///
    /// # Errors
    /// `UnknownName` with the nearest name.
    pub fn builtin(name: &str) -> Result<Self> {
        let (name, text) = BUILTIN
            .into_iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Error::unknown_name("scenario", name, BUILTIN.map(|(name, _)| name)))?;
        Self::from_toml(text, &format!("{name}.toml"))
    }

    /// Computes the start of the episode of `seed` into `start`, whose memory is used again.
    ///
    /// # Errors
    /// `InvalidScenario` where the map has no room for what the scenario asks for.
    pub fn lower(&self, seed: u64, start: &mut Start) -> Result<()> {
        generate::lower(&self.settings, seed, start).map_err(|error| error.within(self.name()))
    }

    /// Reads all settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Reads the name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Reads what the scenario trains.
    pub fn kind(&self) -> Kind {
        self.settings.kind
    }

    /// Reads the description.
    pub fn description(&self) -> &str {
        &self.settings.description
    }

    /// Reads the ticks in a step.
    pub fn ticks_per_step(&self) -> u32 {
        self.settings.ticks_per_step
    }

    /// Reads the steps after which an episode is truncated.
    pub fn max_steps(&self) -> u32 {
        self.settings.max_steps
    }

    /// Reads the items that the action's item head chooses from, in the order of its numbers.
    pub fn palette(&self) -> &[ItemId] {
        &self.settings.palette
    }

    /// Reads the weights of the reward's terms.
    pub fn weights(&self) -> &reward::Weights {
        &self.settings.weights
    }

    /// Reads the objective as the file states it.
    pub fn objective(&self) -> &NamedObjective {
        &self.settings.objective
    }

    /// Reads width and height of the map in tiles.
    pub fn map_size(&self) -> (i32, i32) {
        (self.settings.map.width, self.settings.map.height)
    }

    /// Reads the text that the scenario was read from.
    pub fn source_text(&self) -> &str {
        &self.source_text
    }

    /// Hashes the text: what a snapshot says it belongs to.
    pub fn digest(&self) -> u64 {
        self.digest
    }
}
