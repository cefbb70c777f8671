//! What a scenario file says, checked: nothing downstream checks it again.

use super::file::{Source, Table, Value, parse};
use super::map_settings::MapSettings;
use super::objective_spec::NamedObjective;
use super::reward::{Term, Weights};
use crate::contract::action::{ITEM, NVEC};
use crate::error::{Result, quoted_list};
use crate::prototypes::{ItemId, TICKS_PER_SECOND, vanilla};

/// The most steps of an episode.
const MAX_EPISODE_STEPS: u32 = 1_000_000_000;
/// The longest episode: 1,000 hours of game time, in seconds.
const MAX_EPISODE_SECONDS: f64 = 3_600_000.0;
/// The most ticks in a step: one minute of game time.
const MAX_TICKS_PER_STEP: u32 = 3_600;
/// The longest name and description, in characters.
const MAX_NAME_CHARS: usize = 64;
const MAX_DESCRIPTION_CHARS: usize = 2_000;

/// What a scenario trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    MovementTraining,
    ResourceGathering,
    BuildingTraining,
    StrategicPlanning,
}

/// The kinds with their names and the kits that they start with unless the file says otherwise.
const KINDS: [(&str, Kind, &str); 4] = [
    ("movement_training", Kind::MovementTraining, "none"),
    ("resource_gathering", Kind::ResourceGathering, "mining_kit"),
    (
        "building_training",
        Kind::BuildingTraining,
        "construction_kit",
    ),
    (
        "strategic_planning",
        Kind::StrategicPlanning,
        "freeplay_kit",
    ),
];

impl Kind {
    /// The name used in files.
    pub fn name(self) -> &'static str {
        KINDS[self as usize].0
    }

    fn default_kit(self) -> &'static str {
        KINDS[self as usize].2
    }
}

/// A scenario's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub name: String,
    pub kind: Kind,
    pub description: String,
    pub map: MapSettings,
    pub objective: NamedObjective,
    pub weights: Weights,
    pub palette: Vec<ItemId>,
    pub episode_seconds: f64,
    pub ticks_per_step: u32,
    pub max_steps: u32,
}

const KEYS: [&str; 11] = [
    "name",
    "type",
    "description",
    "map_generation",
    "objectives",
    "objective",
    "episode_length",
    "observation_frequency",
    "max_episode_steps",
    "palette",
    "reward",
];

impl Settings {
    /// Reads the text of a file that messages call `source`.
    pub(super) fn read(source: Source<'_>) -> Result<Self> {
        let document = parse(source)?;
        let root = Table::root(source, &document);
        root.refuse_unknown_keys(&KEYS)?;
        let kind = root.need("type", &quoted_list(&KINDS.map(|(name, ..)| name)))?;
        let kind = KINDS[kind.one_of(&KINDS.map(|(name, ..)| name))?].1;
        let map = root.need("map_generation", "a table")?.table("a table")?;
        let map = MapSettings::read(&map, kind.default_kit())?;
        let objective = NamedObjective::read(&root, &map)?;
        let (episode_seconds, ticks_per_step, max_steps) = read_time(&root)?;
        Ok(Self {
            name: read_name(&root, source.name)?,
            kind,
            description: read_description(&root)?,
            weights: read_reward(&root)?,
            palette: read_palette(&root, &map)?,
            map,
            objective,
            episode_seconds,
            ticks_per_step,
            max_steps,
        })
    }
}

/// Reads the name; without one, the file's name without folder and ending.
fn read_name(root: &Table<'_>, source: &str) -> Result<String> {
    let Some(value) = root.get("name") else {
        let file = source.rsplit(['/', '\\']).next().unwrap_or(source);
        let stem = file.strip_suffix(".toml").unwrap_or(file);
        if is_name(stem) {
            return Ok(stem.to_owned());
        }
        return Err(root.error(format_args!(
            "the key \"name\" is missing, and the file's own name is no scenario name: \"{stem}\""
        )));
    };
    let name = value.text()?;
    if is_name(name) {
        return Ok(name.to_owned());
    }
    Err(value.wrong(format_args!(
        "1 to {MAX_NAME_CHARS} letters, digits, \"_\", \"-\" and \".\", a letter first"
    )))
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME_CHARS
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

fn read_description(root: &Table<'_>) -> Result<String> {
    let Some(value) = root.get("description") else {
        return Ok(String::new());
    };
    let text = value.text()?;
    if text.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(value.wrong(format_args!("at most {MAX_DESCRIPTION_CHARS} characters")));
    }
    Ok(text.to_owned())
}

/// Reads episode length, ticks in a step and steps in an episode.
fn read_time(root: &Table<'_>) -> Result<(f64, u32, u32)> {
    let frequency = root.need(
        "observation_frequency",
        "observations per second of game time",
    )?;
    let per_second = frequency.number("a number above 0", |n| n > 0.0)?;
    let ticks = f64::from(TICKS_PER_SECOND) / per_second;
    let ticks_per_step = ticks.round();
    // 60 / 0.1 is not exactly 600 in floating point.
    let is_whole = (ticks - ticks_per_step).abs() <= ticks * 1e-9;
    if !is_whole || !(1.0..=f64::from(MAX_TICKS_PER_STEP)).contains(&ticks_per_step) {
        return Err(frequency.wrong(format_args!(
            "a frequency that divides 60 into whole ticks per step, 1 to {MAX_TICKS_PER_STEP} \
             (such as 60, 30, 20, 15, 12, 10, 6, 5, 1, 0.5, 0.1)"
        )));
    }
    let length = root.need("episode_length", "seconds of game time")?;
    let allowed = format!("seconds of game time, above 0 and at most {MAX_EPISODE_SECONDS}");
    let seconds = length.number(&allowed, |n| n > 0.0 && n <= MAX_EPISODE_SECONDS)?;
    // A started step does not count: the episode never runs longer than it says.
    let steps = (seconds * f64::from(TICKS_PER_SECOND) / ticks_per_step + 1e-9) as u32;
    if steps == 0 {
        return Err(length.wrong(format_args!(
            "at least one step, which is {} seconds at this observation_frequency",
            ticks_per_step / f64::from(TICKS_PER_SECOND)
        )));
    }
    let steps = match root.get("max_episode_steps") {
        Some(value) => value.whole(1, MAX_EPISODE_STEPS)?,
        None => steps,
    };
    Ok((seconds, ticks_per_step as u32, steps))
}

fn read_palette(root: &Table<'_>, map: &MapSettings) -> Result<Vec<ItemId>> {
    let size = NVEC[ITEM];
    let Some(value) = root.get("palette") else {
        return Ok(map.default_palette.clone());
    };
    let allowed = format!("a list of at most {size} items");
    let entries = value.list(&allowed)?;
    if entries.len() > size {
        return Err(value.wrong(&allowed));
    }
    let mut palette = Vec::with_capacity(entries.len());
    for entry in entries {
        let item = vanilla()
            .item(entry.text()?)
            .map_err(|error| entry.locate(&error))?;
        if palette.contains(&item) {
            return Err(entry.wrong("each item once"));
        }
        palette.push(item);
    }
    Ok(palette)
}

/// Reads the reward's weights; without a table, progress and success count 1 each.
fn read_reward(root: &Table<'_>) -> Result<Weights> {
    let mut weights = Weights::default();
    let Some(value) = root.get("reward") else {
        for term in [Term::Progress, Term::Success] {
            weights.0[term as usize] = 1.0;
        }
        return Ok(weights);
    };
    let table = value.table("a table of terms and weights")?;
    table.refuse_unknown_keys(&Term::ALL.map(Term::name))?;
    for (name, weight) in table.entries() {
        let weight: Value<'_> = weight;
        let weight = weight.number("a finite weight", |_| true)?;
        for term in Term::ALL {
            if term.name() == name {
                weights.0[term as usize] = weight;
            }
        }
    }
    Ok(weights)
}
