//! What is set on an entity: recipe, filters, priorities, the end of an underground belt, modules and first contents.
//!
//! The one form of it is the blueprint's [`EntitySettings`]; what is given by name comes as [`Settings`] and is resolved.

use super::super::blueprint::model::FilterMode;
use super::super::blueprint::{BeltEnd, EntitySettings, Priority};
use super::super::entity::{Body, Entity, EntityRef};
use super::super::world::World;
use super::{contents, find, invalid};
use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{EntityKind, vanilla};

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
    let prototype = entity.prototype();
    if settings.recipe.is_some() && prototype.kind != EntityKind::Furnace {
        return Err(has_no("recipe to set"));
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
    if settings.bar.is_some() {
        return Err(Error::new(
            ErrorKind::AbsentMechanic,
            "closed slots of chests are not simulated; remove the bar",
        ));
    }
    if prototype.kind == EntityKind::InfinityContainer {
        let items = settings.requests.clone();
        world.set_supply(reference, |supply| supply.items = items);
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
    if settings.filter_mode == FilterMode::Blacklist {
        return Err(Error::new(
            ErrorKind::AbsentMechanic,
            "filters that name what an inserter leaves are not simulated; name what it takes",
        ));
    }
    world.set_filters(reference, &settings.filters);
    Ok(())
}

fn has_no(what: &str) -> Error {
    invalid(format!("it has no {what}; leave that out"))
}

/// Reads what is set on an entity, as a blueprint keeps it.
pub(super) fn of(world: &World, entity: &Entity) -> EntitySettings {
    let mut settings = EntitySettings::default();
    if let Body::Inserter(index) = entity.body
        && let Some(inserter) = world.inserters.get(index)
    {
        settings.filters = inserter.filters().collect();
        settings.uses_filters = !settings.filters.is_empty();
    }
    settings
}
