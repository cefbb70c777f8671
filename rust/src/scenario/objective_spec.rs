//! What a scenario file says of its objective, before a seed makes a [`super::objective::Goal`] of it.

use super::file::{Table, Value};
use super::map_settings::{MapSettings, read_range};
use super::objective::Wanted;
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{ItemId, vanilla};
use crate::sim::blueprint::{Content, Layout, decode};
use crate::sim::entity::is_simulated;
use crate::sim::placement::{placed_by, snapped};
use crate::sim::position::{Direction, MapPos, SUBTILES, TileArea};

/// The names of the objectives; `<N>` and `<item>` are the author's.
const NAMES: [&str; 5] = [
    "reach_waypoint",
    "mine_1000_ore",
    "build_blueprint",
    "optimize_production_chains",
    "free_play",
];
/// Goals and spawn points keep this far from the map's edge, in tiles.
pub(super) const EDGE_MARGIN: i32 = 3;
/// The most entities that a generated blueprint has: all its ghosts fit the observation's rows.
const MAX_GENERATED_ENTITIES: u32 = 14;
/// The most entities that a given blueprint has.
const MAX_WANTED: usize = 4_096;
/// The largest amount to mine and the largest rate to reach.
const MAX_AMOUNT: u32 = 1_000_000_000;

/// What a scenario asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectiveSpec {
    /// Walk to a point drawn at random.
    ReachWaypoint {
        radius_subtiles: i32,
        min_distance_tiles: u32,
        max_distance_tiles: Option<u32>,
    },
    /// Produce an amount of what lies in the ground, by hand or with drills.
    MineItems { items: Vec<ItemId>, amount: u64 },
    /// Fulfil the ghosts of a blueprint.
    BuildBlueprint {
        source: BlueprintSource,
        distance_tiles: (u32, u32),
    },
    /// Produce listed items at a rate.
    OptimizeProduction {
        items: Vec<(ItemId, f64)>,
        target_per_minute: f64,
    },
    /// Nothing in particular.
    FreePlay,
}

impl ObjectiveSpec {
    /// Says whether the goal needs no place on the map.
    fn is_without_place(&self) -> bool {
        matches!(self, Self::OptimizeProduction { .. } | Self::FreePlay)
    }
}

/// Where a blueprint comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum BlueprintSource {
    /// Drawn from the seed, with at least and at most so many of the buildings that the character starts with.
    Generated {
        n_entities: (u32, u32),
        buildings: Vec<(ItemId, u32)>,
    },
    /// Given by the author; the north-western corner of its tiles is the origin.
    Given {
        wanted: Vec<Wanted>,
        width: i32,
        height: i32,
    },
}

/// An objective with the name that the file gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedObjective {
    pub name: String,
    pub spec: ObjectiveSpec,
}

impl NamedObjective {
    /// Reads `objectives` and the parameters in `[objective.<name>]`.
    pub(super) fn read(root: &Table<'_>, map: &MapSettings) -> Result<Self> {
        let value = root.need("objectives", "a list of one objective's name")?;
        let names = value.list("a list of one objective's name")?;
        let [name] = names.as_slice() else {
            return Err(value.wrong("a list of one objective's name"));
        };
        let text = name.text()?;
        let parameters = match root.get("objective") {
            Some(tables) => {
                let tables = tables.table("a table for the objective, [objective.<name>]")?;
                tables.refuse_unknown_keys(&[text])?;
                tables
                    .get(text)
                    .map(|value| value.table("a table of parameters"))
                    .transpose()?
            }
            None => None,
        };
        let parameters = parameters.as_ref();
        let spec = match text {
            "reach_waypoint" => read_reach(parameters, map),
            "build_blueprint" => read_build(&name.clone(), parameters, map),
            "optimize_production_chains" => read_optimize(parameters),
            "free_play" => {
                refuse_unknown(parameters, &[])?;
                Ok(ObjectiveSpec::FreePlay)
            }
            _ => match mined(text) {
                Some((amount, what)) => read_mine(name, amount, what, parameters, map),
                None => Err(unknown(name, text)),
            },
        }?;
        if map.new_game.is_some() && !spec.is_without_place() {
            return Err(name.wrong("\"free_play\" or \"optimize_production_chains\" on a map of complexity \"new_game\""));
        }
        Ok(Self {
            name: text.to_owned(),
            spec,
        })
    }
}

fn unknown(name: &Value<'_>, text: &str) -> Error {
    // Any amount is allowed, so the hint is looked for with the author's own.
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mine = if digits.is_empty() {
        NAMES[1].to_owned()
    } else {
        format!("mine_{digits}_ore")
    };
    let known = [NAMES[0], mine.as_str(), NAMES[2], NAMES[3], NAMES[4]];
    let hint = crate::error::nearest(text, known);
    let hint = hint
        .first()
        .map_or_else(String::new, |best| format!(" (did you mean \"{best}\"?)"));
    name.wrong(format_args!(
        "\"{}\", \"mine_<amount>_<item>\", \"{}\", \"{}\" or \"{}\"{hint}",
        NAMES[0], NAMES[2], NAMES[3], NAMES[4]
    ))
}

/// Splits `mine_1000_ore` into the amount and what to mine.
fn mined(name: &str) -> Option<(u64, &str)> {
    let (amount, what) = name.strip_prefix("mine_")?.split_once('_')?;
    let amount = amount.parse::<u64>().ok()?;
    (1..=u64::from(MAX_AMOUNT))
        .contains(&amount)
        .then_some((amount, what))
}

fn refuse_unknown(parameters: Option<&Table<'_>>, known: &[&str]) -> Result<()> {
    parameters.map_or(Ok(()), |table| table.refuse_unknown_keys(known))
}

fn parameter<'a>(parameters: Option<&Table<'a>>, key: &str) -> Option<Value<'a>> {
    parameters.and_then(|table| table.get(key))
}

fn read_reach(parameters: Option<&Table<'_>>, map: &MapSettings) -> Result<ObjectiveSpec> {
    refuse_unknown(parameters, &["radius", "min_distance", "max_distance"])?;
    let radius = match parameter(parameters, "radius") {
        Some(value) => value.number("tiles from 0.25 to 16", |n| (0.25..=16.0).contains(&n))?,
        None => 1.0,
    };
    // One half of the map is always at least this wide, wherever the spawn point is.
    let limit = (map.width.max(map.height) / 2 - EDGE_MARGIN) as u32;
    let min_distance = match parameter(parameters, "min_distance") {
        Some(value) => value.whole(1, limit)?,
        None => 12,
    };
    let max_distance = match parameter(parameters, "max_distance") {
        Some(value) => Some(value.whole(min_distance, u32::MAX)?),
        None => None,
    };
    Ok(ObjectiveSpec::ReachWaypoint {
        radius_subtiles: (radius * f64::from(SUBTILES)) as i32,
        min_distance_tiles: min_distance,
        max_distance_tiles: max_distance,
    })
}

fn read_mine(
    name: &Value<'_>,
    amount: u64,
    what: &str,
    parameters: Option<&Table<'_>>,
    map: &MapSettings,
) -> Result<ObjectiveSpec> {
    refuse_unknown(parameters, &["items"])?;
    let on_map: Vec<ItemId> = map.patches.iter().map(|patch| patch.item).collect();
    let items = if let Some(value) = parameter(parameters, "items") {
        value
            .list("a list of items")?
            .iter()
            .map(|entry| {
                let item = vanilla()
                    .item(entry.text()?)
                    .map_err(|error| entry.locate(&error))?;
                if on_map.contains(&item) {
                    Ok(item)
                } else {
                    Err(not_on_map(entry, item, map))
                }
            })
            .collect::<Result<Vec<_>>>()?
    } else if what == "ore" {
        let is_ore = |item: &ItemId| vanilla()[*item].name.ends_with("-ore");
        on_map.iter().copied().filter(is_ore).collect()
    } else {
        let item = vanilla().item(what).map_err(|error| name.locate(&error))?;
        if !on_map.contains(&item) {
            return Err(not_on_map(name, item, map));
        }
        vec![item]
    };
    if items.is_empty() {
        return Err(
            name.error("there is nothing to mine: map_generation.resources names no such resource")
        );
    }
    Ok(ObjectiveSpec::MineItems { items, amount })
}

fn not_on_map(value: &Value<'_>, item: ItemId, map: &MapSettings) -> Error {
    let names: Vec<&str> = map
        .patches
        .iter()
        .map(|patch| vanilla()[patch.item].name.as_str())
        .collect();
    value.error(format_args!(
        "map_generation.resources has {}, not \"{}\"",
        if names.is_empty() {
            "nothing".to_owned()
        } else {
            crate::error::quoted_list(&names)
        },
        vanilla()[item].name
    ))
}

fn read_build(
    name: &Value<'_>,
    parameters: Option<&Table<'_>>,
    map: &MapSettings,
) -> Result<ObjectiveSpec> {
    refuse_unknown(parameters, &["blueprint", "entities", "distance"])?;
    let distance_tiles = match parameter(parameters, "distance") {
        Some(value) => read_range(&value, 0, map.width.max(map.height) as u32)?,
        None => (10, 25),
    };
    let entities = parameter(parameters, "entities");
    let source = match (parameter(parameters, "blueprint"), entities) {
        (Some(value), None) => read_blueprint(&value, map)?,
        (Some(value), Some(_)) => {
            return Err(value.error("takes either \"blueprint\" or \"entities\", not both"));
        }
        (None, entities) => {
            let n_entities = match entities {
                Some(value) => read_range(&value, 1, MAX_GENERATED_ENTITIES)?,
                None => (8, MAX_GENERATED_ENTITIES),
            };
            let buildings: Vec<_> = map
                .starting_items
                .iter()
                .copied()
                .filter(|(item, _)| placed_by(*item).is_ok())
                .collect();
            let n_buildings: u32 = buildings.iter().map(|(_, count)| count).sum();
            if n_buildings < n_entities.1 {
                return Err(name.error(format_args!(
                    "map_generation.starting_items has {n_buildings} buildings, a generated blueprint \
                     of up to {} entities needs as many; take \"construction_kit\"",
                    n_entities.1
                )));
            }
            BlueprintSource::Generated {
                n_entities,
                buildings,
            }
        }
    };
    Ok(ObjectiveSpec::BuildBlueprint {
        source,
        distance_tiles,
    })
}

fn read_blueprint(value: &Value<'_>, map: &MapSettings) -> Result<BlueprintSource> {
    let exchange = decode(value.text()?).map_err(|error| value.locate(&error))?;
    let Content::Blueprint(blueprint) = exchange.content else {
        return Err(value.wrong("the string of one blueprint, not of a book"));
    };
    let layout = blueprint
        .layout(vanilla())
        .map_err(|error| value.locate(&error))?
        .normalised();
    let Some(bounds) = layout.bounds() else {
        return Err(value.error("the blueprint has no entities"));
    };
    let room = map.width.min(map.height) - 2 * EDGE_MARGIN;
    if bounds.width() > room || bounds.height() > room {
        return Err(value.error(format_args!(
            "the blueprint is {} x {} tiles, the map has room for {room} x {room}",
            bounds.width(),
            bounds.height()
        )));
    }
    let wanted = wanted(&layout).map_err(|error| value.locate(&error))?;
    Ok(BlueprintSource::Given {
        wanted,
        width: bounds.width(),
        height: bounds.height(),
    })
}

fn wanted(layout: &Layout) -> Result<Vec<Wanted>> {
    let entities = layout.entities();
    if entities.len() > MAX_WANTED {
        return Err(Error::new(
            ErrorKind::InvalidScenario,
            format!(
                "a blueprint has at most {MAX_WANTED} entities, not {}",
                entities.len()
            ),
        ));
    }
    entities
        .iter()
        .map(|entity| {
            let prototype = entity.prototype;
            if !is_simulated(prototype) {
                return Err(Error::new(
                    ErrorKind::AbsentMechanic,
                    format!(
                        "the simulation does not have the entity \"{}\" yet",
                        vanilla()[prototype].name
                    ),
                ));
            }
            let direction = Direction::from_sixteenths(entity.direction);
            let place = MapPos::new(entity.x_subtiles, entity.y_subtiles);
            Ok(Wanted {
                prototype,
                position: snapped(prototype, place, direction),
                direction,
            })
        })
        .collect()
}

/// Measures the tiles that all of `wanted` cover.
pub(super) fn bounds(wanted: &[Wanted]) -> TileArea {
    let (mut left, mut top, mut right, mut bottom) = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
    for entity in wanted {
        let area =
            crate::sim::entity::footprint(entity.prototype, entity.position, entity.direction);
        left = left.min(area.left);
        top = top.min(area.top);
        right = right.max(area.left + area.width);
        bottom = bottom.max(area.top + area.height);
    }
    TileArea {
        left,
        top,
        width: right - left,
        height: bottom - top,
    }
}

fn read_optimize(parameters: Option<&Table<'_>>) -> Result<ObjectiveSpec> {
    refuse_unknown(parameters, &["items", "target_per_minute"])?;
    let items = match parameter(parameters, "items") {
        Some(value) => {
            let allowed = "a table such as { \"iron-plate\" = 1.0 }";
            value
                .table(allowed)?
                .entries()
                .map(|(name, weight)| {
                    let item = vanilla()
                        .item(name)
                        .map_err(|error| weight.locate(&error))?;
                    Ok((
                        item,
                        weight.number("a weight above 0", |weight| weight > 0.0)?,
                    ))
                })
                .collect::<Result<Vec<_>>>()?
        }
        None => ["iron-plate", "copper-plate"]
            .into_iter()
            .map(|name| Ok((vanilla().item(name)?, 1.0)))
            .collect::<Result<Vec<_>>>()?,
    };
    if items.is_empty() {
        let table = parameters.expect("the default list has items");
        return Err(table.error("items names no item"));
    }
    let target_per_minute = match parameter(parameters, "target_per_minute") {
        Some(value) => value.number("a number above 0", |n| {
            n > 0.0 && n <= f64::from(MAX_AMOUNT)
        })?,
        None => 120.0,
    };
    Ok(ObjectiveSpec::OptimizeProduction {
        items,
        target_per_minute,
    })
}
