//! Builds [`Prototypes`] from the embedded file.

use std::collections::BTreeMap;

use serde::Deserialize as _;
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
    let mut file: Map<String, Value> = serde_json::from_str(json).map_err(|error| {
        Error::new(
            ErrorKind::InvalidValue,
            format!("prototypes are not a JSON table: {error}"),
        )
    })?;
    let names = names(&file)?;
    let mut items = read_kind("item", section(&file, "items")?, &names, Item::read)?;
    let recipes = read_kind("recipe", section(&file, "recipes")?, &names, Recipe::read)?;
    let raw_entities = section(&file, "entities")?;
    let mut entities = read_kind("entity", raw_entities, &names, EntityPrototype::read)?;
    link_placing_items(&mut entities, &items);
    let character = read_character(raw_entities, &names)?;
    let technologies = section(&file, "technologies")?;
    let technologies = read_kind("technology", technologies, &names, Technology::read)?;
    let fluids = read_kind("fluid", section(&file, "fluids")?, &names, Fluid::read)?;
    let tiles = read_kind("tile", section(&file, "tiles")?, &names, Tile::read)?;
    // What is left is moved, not copied: it is most of the file.
    for (entity, raw) in entities
        .iter_mut()
        .zip(take_sorted(&mut file, "entities").into_values())
    {
        entity.raw = raw;
    }
    for (item, raw) in items
        .iter_mut()
        .zip(take_sorted(&mut file, "items").into_values())
    {
        item.raw = raw;
    }
    let item_index = |what: Material| what.item().map(ItemId::index);
    Ok(Prototypes {
        recipes_by_item: recipes_by(&recipes, items.len(), results, item_index),
        recipes_using_item: recipes_by(&recipes, items.len(), ingredients, item_index),
        recipes_by_fluid: recipes_by(&recipes, fluids.len(), results, |what| {
            what.fluid().map(FluidId::index)
        }),
        items,
        recipes,
        entities,
        technologies,
        fluids,
        tiles,
        character,
        projectiles: take_sorted(&mut file, "projectiles"),
        rules: take_sorted(&mut file, "rules"),
        collision_layers: names.collision_layers,
    })
}

fn read_character(entities: &Map<String, Value>, names: &Names) -> Result<Character> {
    let name = "character";
    let id = EntityPrototypeId::from_index(find("entity", &names.entities, name)?);
    Character::read(id, &Fields::new("entity", name, &entities[name], names)?)
}

fn section<'a>(file: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>> {
    file.get(name).and_then(Value::as_object).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidValue,
            format!("the prototype file has no section \"{name}\""),
        )
    })
}

fn names(file: &Map<String, Value>) -> Result<Names> {
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
    let layers = section(file, "rules")?
        .get("collision_layers")
        .unwrap_or(&Value::Null);
    names.collision_layers = Vec::deserialize(layers).map_err(|error| {
        Error::new(
            ErrorKind::InvalidValue,
            format!("rules, field \"collision_layers\": {error}"),
        )
    })?;
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
    kind: &'static str,
    section: &Map<String, Value>,
    names: &Names,
    read: impl Fn(&str, &Fields) -> Result<T>,
) -> Result<Vec<T>> {
    let sorted: BTreeMap<&String, &Value> = section.iter().collect();
    sorted
        .into_iter()
        .map(|(name, value)| read(name, &Fields::new(kind, name, value, names)?))
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

/// Lists for each item or fluid the recipes that `materials_of` connects with it, those enabled from the start first.
fn recipes_by(
    recipes: &[Recipe],
    n_materials: usize,
    materials_of: impl Fn(&Recipe) -> Vec<Material>,
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
            for material in materials_of(recipe).into_iter().filter_map(&index_of) {
                let list: &mut Vec<RecipeId> = &mut lists[material];
                // A recipe may name the same material twice.
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
    }
    lists
}

fn results(recipe: &Recipe) -> Vec<Material> {
    recipe.results.iter().map(|product| product.what).collect()
}

fn ingredients(recipe: &Recipe) -> Vec<Material> {
    recipe
        .ingredients
        .iter()
        .map(|ingredient| ingredient.what)
        .collect()
}

/// Takes a section out of the file, sorted by name.
fn take_sorted(file: &mut Map<String, Value>, name: &str) -> BTreeMap<String, Value> {
    match file.remove(name) {
        Some(Value::Object(section)) => section.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}
