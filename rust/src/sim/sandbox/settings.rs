//! What is set on an entity: recipe, filters, priorities, the end of an underground belt, modules and first contents.
//!
//! The one form of it is the blueprint's [`EntitySettings`]; what is given by name comes as [`Settings`] and is resolved.

use super::super::belt::{BeltKind, SplitterSide};
use super::super::blueprint::model::FilterMode;
use super::super::blueprint::{BeltEnd, EntitySettings, Priority};
use std::collections::BTreeMap;

use super::super::RejectReason;
use super::super::crafter::has_settable_recipe;
use super::super::entity::{Body, Entity, EntityRef};
use super::super::inventory::Inventory;
use super::super::supply::Wanted;
use super::super::world::World;
use super::{contents, find, invalid};
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{EntityKind, ItemId, RecipeId, vanilla};

/// Settings by name, as `place` takes them; what is left out is as newly built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub recipe: Option<String>,
    /// Items by name and count: modules go to the module slots, fuel, ammunition and ingredients where they belong.
    pub items: Vec<(String, u32)>,
    /// Items that an inserter takes, or the one that a splitter sorts out.
    pub filters: Vec<String>,
    /// Whether `filters` name what an inserter must not take.
    pub is_blacklist: bool,
    pub input_priority: Option<String>,
    pub output_priority: Option<String>,
    /// The end of an underground belt: `input` or `output`.
    pub belt_end: Option<String>,
}

impl Settings {
    /// Looks every name up.
    ///
    /// # Errors
    /// `UnknownName` for the first that does not exist.
    pub fn resolve(&self, kind: EntityKind) -> Result<EntitySettings> {
        let data = vanilla();
        let filters = self
            .filters
            .iter()
            .map(|name| data.item(name))
            .collect::<Result<Vec<_>>>()?;
        let is_splitter = kind == EntityKind::Splitter;
        if is_splitter && filters.len() > 1 {
            return Err(invalid(format!(
                "a splitter sorts out one item, not {}",
                filters.len()
            )));
        }
        Ok(EntitySettings {
            recipe: self
                .recipe
                .as_deref()
                .map(|name| data.recipe(name))
                .transpose()?,
            belt_end: self.belt_end.as_deref().map(belt_end).transpose()?,
            input_priority: priority(self.input_priority.as_deref())?,
            output_priority: priority(self.output_priority.as_deref())?,
            splitter_filter: filters.first().copied().filter(|_| is_splitter),
            uses_filters: !is_splitter && !filters.is_empty(),
            filters: if is_splitter { Vec::new() } else { filters },
            filter_mode: if self.is_blacklist {
                FilterMode::Blacklist
            } else {
                FilterMode::Whitelist
            },
            requests: self
                .items
                .iter()
                .map(|(name, count)| Ok((data.item(name)?, *count)))
                .collect::<Result<_>>()?,
            ..EntitySettings::default()
        })
    }
}

fn belt_end(name: &str) -> Result<BeltEnd> {
    match name {
        "input" => Ok(BeltEnd::Input),
        "output" => Ok(BeltEnd::Output),
        _ => Err(Error::unknown_name(
            "end of an underground belt",
            name,
            ["input", "output"],
        )),
    }
}

fn priority(name: Option<&str>) -> Result<Priority> {
    match name {
        None | Some("none") => Ok(Priority::None),
        Some("left") => Ok(Priority::Left),
        Some("right") => Ok(Priority::Right),
        Some(other) => Err(Error::unknown_name(
            "side",
            other,
            ["left", "none", "right"],
        )),
    }
}

/// Sets on an entity what `settings` say.
///
/// # Errors
/// `InvalidValue` for what the entity does not have or has no room for, `AbsentMechanic` for what is not simulated.
pub(super) fn apply(
    world: &mut World,
    reference: EntityRef,
    settings: &EntitySettings,
) -> Result<()> {
    let entity = find(world, reference)?;
    let (prototype, body) = (entity.prototype(), entity.body);
    if let Some(recipe) = settings.recipe {
        set_recipe(world, reference, recipe)?;
    }
    if let Body::Splitter(index) = body {
        if let Some(splitter) = world.belts.splitter_mut(index) {
            splitter.input_priority = side_of(settings.input_priority);
            splitter.output_priority = side_of(settings.output_priority);
            splitter.filter = settings.splitter_filter;
        }
        return Ok(());
    }
    if settings.input_priority != Priority::None || settings.output_priority != Priority::None {
        return Err(has_no("priorities"));
    }
    if settings.splitter_filter.is_some() {
        return Err(has_no("filter"));
    }
    if settings.uses_filters {
        set_filters(world, reference, settings)?;
    }
    if let Some(end) = settings.belt_end {
        if prototype.kind != EntityKind::UndergroundBelt {
            return Err(has_no("ends"));
        }
        let kind = match end {
            BeltEnd::Input => BeltKind::Entrance,
            BeltEnd::Output => BeltKind::Exit,
        };
        world.set_underground_end(reference, kind);
    }
    if let Some(first) = settings.bar {
        set_bar(world, reference, first)?;
    }
    if prototype.kind == EntityKind::InfinityContainer {
        let items = settings.requests.clone();
        world.set_supply(reference, Some(Wanted::Items(items)));
        return Ok(());
    }
    for (item, count) in &settings.requests {
        let inserted = contents::insert_item(world, reference, *item, *count);
        if inserted < *count {
            return Err(invalid(format!(
                "it takes {inserted} of {count} \"{}\"",
                vanilla()[*item].name
            )));
        }
    }
    Ok(())
}

/// Sets what a machine makes; what it held goes to the character.
///
/// # Errors
/// `InvalidValue` where it has no recipe to set or cannot make this one, or this one is not unlocked.
pub(super) fn set_recipe(world: &mut World, reference: EntityRef, recipe: RecipeId) -> Result<()> {
    let entity = find(world, reference)?;
    let name = &vanilla()[recipe].name;
    match world.check_recipe(entity, recipe) {
        Ok(()) => {
            world.change_recipe(reference, Some(recipe));
            Ok(())
        }
        Err(RejectReason::WrongTarget) => Err(has_no("recipe to set")),
        Err(RejectReason::RecipeLocked) => {
            let unlocks = vanilla().technologies().iter();
            let technology = unlocks
                .filter(|technology| technology.unlocked_recipes().any(|known| known == recipe))
                .map(|technology| technology.name.as_str())
                .next();
            let fix = technology.map_or_else(String::new, |technology| {
                format!("; call research(\"{technology}\") or enable_all_recipes() first")
            });
            Err(invalid(format!("the recipe \"{name}\" is locked{fix}")))
        }
        Err(RejectReason::AbsentMechanic) => Err(Error::new(
            ErrorKind::AbsentMechanic,
            format!("the simulation cannot run the recipe \"{name}\" yet"),
        )),
        Err(reason) => Err(invalid(format!(
            "it cannot make \"{name}\" ({reason}); its categories are {}",
            crate::error::quoted_list(&entity.prototype().crafting_categories)
        ))),
    }
}

/// Closes the slots of a chest from `first` on.
fn set_bar(world: &mut World, reference: EntityRef, first: u32) -> Result<()> {
    let Body::Chest(index) = find(world, reference)?.body else {
        return Err(has_no("slots to close"));
    };
    if let Some(chest) = world.chests.get_mut(index) {
        chest.close_from(Some(first));
    }
    Ok(())
}

/// Sets what an inserter takes.
fn set_filters(world: &mut World, reference: EntityRef, settings: &EntitySettings) -> Result<()> {
    let entity = find(world, reference)?;
    let Some(facts) = &entity.prototype().inserter else {
        return Err(has_no("filters"));
    };
    let (given, limit) = (settings.filters.len(), facts.filter_count);
    if given > limit as usize {
        return Err(invalid(format!(
            "it has {limit} filters, too few for {given} items"
        )));
    }
    let is_blacklist = settings.filter_mode == FilterMode::Blacklist;
    world.set_filters(reference, &settings.filters, is_blacklist);
    Ok(())
}

fn has_no(what: &str) -> Error {
    invalid(format!("it has no {what}; leave that out"))
}

/// What is set on a belt, splitter or inserter, by the game's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorting {
    /// What an inserter takes or leaves, or what a splitter sorts out.
    pub filters: Vec<&'static str>,
    /// `whitelist` or `blacklist`.
    pub filter_mode: &'static str,
    pub input_priority: &'static str,
    pub output_priority: &'static str,
    /// The end of an underground belt: `input` or `output`.
    pub end: Option<&'static str>,
}

/// Reads what is set on an entity that sorts or carries items.
///
/// # Errors
/// `StaleEntity`.
pub fn sorting(world: &World, reference: EntityRef) -> Result<Sorting> {
    let settings = of(world, super::find(world, reference)?);
    let filters = settings.filters.iter().chain(&settings.splitter_filter);
    Ok(Sorting {
        filters: filters.map(|item| vanilla()[*item].name.as_str()).collect(),
        filter_mode: match settings.filter_mode {
            FilterMode::Blacklist => "blacklist",
            FilterMode::Whitelist => "whitelist",
        },
        input_priority: priority_name(settings.input_priority),
        output_priority: priority_name(settings.output_priority),
        end: settings.belt_end.map(|end| match end {
            BeltEnd::Input => "input",
            BeltEnd::Output => "output",
        }),
    })
}

fn priority_name(priority: Priority) -> &'static str {
    match priority {
        Priority::None => "none",
        Priority::Left => "left",
        Priority::Right => "right",
    }
}

fn side_of(priority: Priority) -> Option<SplitterSide> {
    match priority {
        Priority::None => None,
        Priority::Left => Some(SplitterSide::Left),
        Priority::Right => Some(SplitterSide::Right),
    }
}

fn priority_of(side: Option<SplitterSide>) -> Priority {
    match side {
        None => Priority::None,
        Some(SplitterSide::Left) => Priority::Left,
        Some(SplitterSide::Right) => Priority::Right,
    }
}

/// Reads what is set on an entity, as a blueprint keeps it.
pub(super) fn of(world: &World, entity: &Entity) -> EntitySettings {
    let mut settings = EntitySettings {
        recipe: world
            .recipe_of(entity)
            .filter(|_| has_settable_recipe(entity.prototype())),
        requests: modules(world, entity),
        ..EntitySettings::default()
    };
    match entity.body {
        Body::Splitter(index) => {
            if let Some(splitter) = world.belts.splitter(index) {
                settings.input_priority = priority_of(splitter.input_priority);
                settings.output_priority = priority_of(splitter.output_priority);
                settings.splitter_filter = splitter.filter;
            }
        }
        Body::Belt(index) => {
            settings.belt_end = match world.belts.belt(index).map(|belt| belt.kind) {
                Some(BeltKind::Entrance) => Some(BeltEnd::Input),
                Some(BeltKind::Exit) => Some(BeltEnd::Output),
                _ => None,
            };
        }
        Body::Chest(index) => {
            settings.bar = world.chests.get(index).and_then(Inventory::closed_from);
        }
        Body::Inserter(index) => {
            if let Some(inserter) = world.inserters.get(index) {
                settings.filters = inserter.filters().collect();
                settings.uses_filters = !settings.filters.is_empty();
                if inserter.is_blacklist() {
                    settings.filter_mode = FilterMode::Blacklist;
                }
            }
        }
        _ => {}
    }
    settings
}

/// Counts the modules of an entity, by item.
fn modules(world: &World, entity: &Entity) -> Vec<(ItemId, u32)> {
    let mut counts = BTreeMap::new();
    for stack in world.slots(entity).modules.iter().flatten() {
        *counts.entry(stack.item).or_insert(0) += stack.count;
    }
    counts.into_iter().collect()
}
