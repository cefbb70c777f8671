//! Builds [`Prototypes`] from the embedded file.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

use super::Prototypes;
use super::character::Character;
use super::entity::EntityPrototype;
use super::fields::{Fields, Names, find};
use super::fluid::Fluid;
use super::id::{EntityPrototypeId, FluidId, ItemId, RecipeId};
use super::item::Item;
use super::recipe::{Material, Recipe};
use super::technology::Technology;
use super::tile::Tile;

/// The most entries of a kind: ids have 16 bits.
const MAX_PROTOTYPES_PER_KIND: usize = u16::MAX as usize;
/// The most collision layers: masks have 32 bits.
const MAX_COLLISION_LAYERS: usize = u32::BITS as usize;

/// Parses a file that `scripts/extract_prototypes.py` wrote.
pub(super) fn parse(json: &str) -> Result<Prototypes> {
    let file: Value = serde_json::from_str(json).map_err(|error| {
        Error::new(
            ErrorKind::InvalidValue,
            format!("prototypes are not JSON: {error}"),
        )
    })?;
    let names = names(&file)?;
    let items = read_kind("item", section(&file, "items")?, &names, Item::read)?;
    let recipes = read_kind("recipe", section(&file, "recipes")?, &names, Recipe::read)?;
    let raw_entities = section(&file, "entities")?;
    let mut entities = read_kind("entity", raw_entities, &names, |name, fields| {
        EntityPrototype::read(name, fields, &raw_entities[name])
    })?;
    link_placing_items(&mut entities, &items);
    let character_id = EntityPrototypeId::from_index(find("entity", &names.entities, "character")?);
    let character_fields = Fields::new(
        "entity \"character\"".to_owned(),
        &raw_entities["character"],
        &names,
    )?;
    let character = Character::read(character_id, &character_fields)?;
    Ok(Prototypes {
        recipes_by_item: recipes_by(&recipes, items.len(), |what| what.item().map(ItemId::index)),
        recipes_by_fluid: recipes_by(&recipes, names.fluids.len(), |what| {
            what.fluid().map(FluidId::index)
        }),
        technologies: read_kind(
            "technology",
            section(&file, "technologies")?,
            &names,
            Technology::read,
        )?,
        fluids: read_kind("fluid", section(&file, "fluids")?, &names, Fluid::read)?,
        tiles: read_kind("tile", section(&file, "tiles")?, &names, Tile::read)?,
        projectiles: entries(section(&file, "projectiles")?),
        rules: entries(section(&file, "rules")?),
        collision_layers: names.collision_layers,
        character,
        items,
        recipes,
        entities,
    })
}

fn section<'a>(file: &'a Value, name: &str) -> Result<&'a Map<String, Value>> {
    file.get(name).and_then(Value::as_object).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidValue,
            format!("the prototype file has no section \"{name}\""),
        )
    })
}

fn names(file: &Value) -> Result<Names> {
    let list = |kind: &str| {
        let mut names: Vec<String> = section(file, kind)?.keys().cloned().collect();
        names.sort_unstable();
        check_count(kind, names.len(), MAX_PROTOTYPES_PER_KIND)?;
        Ok::<_, Error>(names)
    };
    let mut names = Names {
        items: list("items")?,
        recipes: list("recipes")?,
        entities: list("entities")?,
        technologies: list("technologies")?,
        fluids: list("fluids")?,
        tiles: list("tiles")?,
        collision_layers: Vec::new(),
    };
    let rules = Value::Object(section(file, "rules")?.clone());
    names.collision_layers =
        Fields::new("rules".to_owned(), &rules, &names)?.texts("collision_layers")?;
    names.collision_layers.sort_unstable();
    check_count(
        "collision_layers",
        names.collision_layers.len(),
        MAX_COLLISION_LAYERS,
    )?;
    Ok(names)
}

fn check_count(what: &str, count: usize, limit: usize) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidValue,
        format!("{what}: at most {limit}, found {count}"),
    ))
}

/// Reads every entry of a section, in the order of their names.
fn read_kind<T>(
    what: &str,
    section: &Map<String, Value>,
    names: &Names,
    read: impl Fn(&str, &Fields) -> Result<T>,
) -> Result<Vec<T>> {
    let sorted: BTreeMap<&String, &Value> = section.iter().collect();
    sorted
        .into_iter()
        .map(|(name, value)| {
            let place = format!("{what} \"{name}\"");
            let fields = Fields::new(place.clone(), value, names)?;
            read(name, &fields).map_err(|error| {
                if error.to_string().starts_with(&place) {
                    error
                } else {
                    error.within(place)
                }
            })
        })
        .collect()
}

/// Fills `placed_by` of entities that do not declare it: the first item, by name, whose place result they are,
/// or the item of the entity's own name.
fn link_placing_items(entities: &mut [EntityPrototype], items: &[Item]) {
    for (index, item) in items.iter().enumerate() {
        let Some(entity) = item.place_result.map(|id| &mut entities[id.index()]) else {
            continue;
        };
        if entity.placed_by.is_none() || entity.name == item.name {
            entity.placed_by = Some((ItemId::from_index(index), 1));
        }
    }
}

/// Lists the recipes that give each material: those enabled from the start first, then by name.
fn recipes_by(
    recipes: &[Recipe],
    n_materials: usize,
    index_of: impl Fn(Material) -> Option<usize>,
) -> Vec<Vec<RecipeId>> {
    let mut lists = vec![Vec::new(); n_materials];
    for enabled in [true, false] {
        for (index, recipe) in recipes
            .iter()
            .enumerate()
            .filter(|(_, r)| r.enabled == enabled)
        {
            let id = RecipeId::from_index(index);
            for material in recipe
                .results
                .iter()
                .filter_map(|product| index_of(product.what))
            {
                let list: &mut Vec<RecipeId> = &mut lists[material];
                // A recipe may give the same material twice.
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
    }
    lists
}

fn entries(section: &Map<String, Value>) -> BTreeMap<String, Value> {
    section
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
