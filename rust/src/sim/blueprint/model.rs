//! The document inside a blueprint string, as the game writes it from 0.15 to 2.0.
//!
//! The types hold what the string said: names and directions are those of its version ([`super::migrate`] translates them),
//! and fields that nothing here reads are kept, so that reading, writing and reading again changes nothing.
//! Numbers with a fraction survive this because positions are whole multiples of 1/256 tile.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::bounded;

/// One thing that a string or a slot of a book holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    pub content: Content,
    /// The slot in the book that holds it.
    pub index: Option<u32>,
    /// What else stood beside it.
    pub extra: Map<String, Value>,
}

/// The kinds of thing that the game exchanges as strings.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Blueprint(Box<Blueprint>),
    Book(Box<BlueprintBook>),
    /// Legal in a book, kept as it is.
    DeconstructionPlanner(Value),
    /// Legal in a book, kept as it is.
    UpgradePlanner(Value),
}

/// A book of blueprints, planners and further books.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlueprintBook {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, deserialize_with = "bounded::members")]
    pub blueprints: Vec<Exchange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_index: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One blueprint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Blueprint {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icons: Option<Value>,
    #[serde(
        default,
        deserialize_with = "bounded::entities",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub entities: Vec<Entity>,
    #[serde(
        default,
        deserialize_with = "bounded::tiles",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub tiles: Vec<Tile>,
    #[serde(
        default,
        rename = "snap-to-grid",
        skip_serializing_if = "Option::is_none"
    )]
    pub snap_to_grid: Option<Position>,
    #[serde(
        default,
        rename = "absolute-snapping",
        skip_serializing_if = "Option::is_none"
    )]
    pub absolute_snapping: Option<bool>,
    #[serde(
        default,
        rename = "position-relative-to-grid",
        skip_serializing_if = "Option::is_none"
    )]
    pub position_relative_to_grid: Option<Position>,
    /// Tuples of entity numbers and connectors, from 2.0 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wires: Option<Value>,
    /// The game that wrote it: major, minor, patch and build in 16 bits each, major highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A point in tiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub x: f64,
    pub y: f64,
}

/// A tile of flooring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    pub name: String,
    pub position: Position,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An entity with the settings that the simulation may come to need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    pub entity_number: u32,
    pub name: String,
    /// The centre of the footprint.
    pub position: Position,
    /// In eighths or sixteenths of a turn, by the version of the blueprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
    /// Which end of an underground belt or a loader it is.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub belt_end: Option<BeltEnd>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<ItemRequests>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_priority: Option<Priority>,
    /// The splitter's item: a name up to 1.1, an object with a name from 2.0 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
    #[serde(
        default,
        deserialize_with = "bounded::filters",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub filters: Vec<Filter>,
    /// Says whether an inserter obeys `filters`, from 2.0 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_filters: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_mode: Option<FilterMode>,
    /// The first closed slot of a chest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bar: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_behavior: Option<Value>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The end of an underground belt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BeltEnd {
    Input,
    Output,
}

/// The side that a splitter prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    #[default]
    None,
    Left,
    Right,
}

/// Whether an inserter's filters name what it may take or what it may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FilterMode {
    #[default]
    Whitelist,
    Blacklist,
}

/// One filter slot; one without a name filters by quality alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Items to be brought to the entity once it is built: modules, fuel, ammunition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ItemRequests {
    /// Counts by item name, up to 1.1; also the list of `item` and `count` that 0.15 and 0.16 wrote.
    Counts(BTreeMap<String, u32>),
    /// Which item goes into which slots, from 2.0 on.
    Plans(Vec<InsertPlan>),
}

/// One item of a 2.0 request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InsertPlan {
    pub id: ItemName,
    pub items: InsertPositions,
}

/// An item and, if it is not normal, its quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemName {
    pub name: String,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The slots that the item goes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InsertPositions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_inventory: Vec<InsertSlot>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One slot, with how many items it is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsertSlot {
    pub inventory: u32,
    pub stack: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

impl ItemRequests {
    /// Sums the request by item name, in alphabetical order; a sum that overflows stays at the maximum.
    pub fn counts(&self) -> BTreeMap<&str, u32> {
        let mut sums = BTreeMap::new();
        let mut add = |name, count: u32| {
            let sum: &mut u32 = sums.entry(name).or_default();
            *sum = sum.saturating_add(count);
        };
        match self {
            Self::Counts(counts) => {
                for (name, count) in counts {
                    add(name.as_str(), *count);
                }
            }
            Self::Plans(plans) => {
                for plan in plans {
                    for slot in &plan.items.in_inventory {
                        add(plan.id.name.as_str(), slot.count.unwrap_or(1));
                    }
                }
            }
        }
        sums
    }
}

/// The three spellings of an item request; which one it is shows in its fields.
#[derive(Deserialize)]
#[serde(untagged)]
enum RequestSpelling {
    Counts(BTreeMap<String, u32>),
    Plans(Vec<InsertPlan>),
    Listed(Vec<ListedItem>),
}

#[derive(Deserialize)]
struct ListedItem {
    item: String,
    count: u32,
}

impl<'de> Deserialize<'de> for ItemRequests {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let spelling = RequestSpelling::deserialize(source).map_err(|_| {
            D::Error::custom(
                "items is neither an object of counts (1.x) nor a list of insert plans with id and items (2.0)",
            )
        })?;
        Ok(match spelling {
            RequestSpelling::Counts(counts) => Self::Counts(counts),
            RequestSpelling::Plans(plans) => Self::Plans(plans),
            RequestSpelling::Listed(listed) => Self::Counts(
                listed
                    .into_iter()
                    .map(|one| (one.item, one.count))
                    .collect(),
            ),
        })
    }
}

impl Entity {
    /// Names the item of a splitter's filter, in either spelling.
    pub fn splitter_filter(&self) -> Option<&str> {
        let filter = self.filter.as_ref()?;
        filter.as_str().or_else(|| filter.get("name")?.as_str())
    }
}

/// The names under which the game puts each kind of content.
const BLUEPRINT: &str = "blueprint";
const BOOK: &str = "blueprint_book";
const DECONSTRUCTION_PLANNER: &str = "deconstruction_planner";
const UPGRADE_PLANNER: &str = "upgrade_planner";

#[derive(Deserialize)]
struct Document {
    blueprint: Option<Box<Blueprint>>,
    blueprint_book: Option<Box<BlueprintBook>>,
    deconstruction_planner: Option<Value>,
    upgrade_planner: Option<Value>,
    index: Option<u32>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Exchange {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let document = Document::deserialize(source)?;
        let mut found = [
            document.blueprint.map(Content::Blueprint),
            document.blueprint_book.map(Content::Book),
            document
                .deconstruction_planner
                .map(Content::DeconstructionPlanner),
            document.upgrade_planner.map(Content::UpgradePlanner),
        ]
        .into_iter()
        .flatten();
        match (found.next(), found.next()) {
            (Some(content), None) => Ok(Self {
                content,
                index: document.index,
                extra: document.extra,
            }),
            (first, _) => Err(D::Error::custom(format!(
                "{} of the keys \"{BLUEPRINT}\", \"{BOOK}\", \"{DECONSTRUCTION_PLANNER}\", \"{UPGRADE_PLANNER}\" \
                 are there, it must be exactly one",
                if first.is_some() { "several" } else { "none" }
            ))),
        }
    }
}

impl Serialize for Exchange {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        let mut map = sink.serialize_map(None)?;
        match &self.content {
            Content::Blueprint(blueprint) => map.serialize_entry(BLUEPRINT, blueprint),
            Content::Book(book) => map.serialize_entry(BOOK, book),
            Content::DeconstructionPlanner(raw) => map.serialize_entry(DECONSTRUCTION_PLANNER, raw),
            Content::UpgradePlanner(raw) => map.serialize_entry(UPGRADE_PLANNER, raw),
        }?;
        if let Some(index) = self.index {
            map.serialize_entry("index", &index)?;
        }
        for (key, value) in &self.extra {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Exchange {
    /// Lists all blueprints, those of books in the books' order.
    pub fn blueprints(&self) -> Vec<&Blueprint> {
        match &self.content {
            Content::Blueprint(blueprint) => vec![&**blueprint],
            Content::Book(book) => book.blueprints.iter().flat_map(Self::blueprints).collect(),
            Content::DeconstructionPlanner(_) | Content::UpgradePlanner(_) => Vec::new(),
        }
    }
}

impl From<Blueprint> for Exchange {
    fn from(blueprint: Blueprint) -> Self {
        Self {
            content: Content::Blueprint(Box::new(blueprint)),
            index: None,
            extra: Map::new(),
        }
    }
}
