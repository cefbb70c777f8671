//! The vanilla prototypes: every figure of the game's data that the crate uses.
//!
//! Owns the embedded file `vanilla-2.0.77.json` (facts only, written by `scripts/extract_prototypes.py`) and its typed
//! form, [`Prototypes`]. It knows nothing of worlds. No other module states a figure that is in the game's data.
//!
//! Contents:
//! - kinds: [`Item`], [`Recipe`], [`EntityPrototype`], [`Technology`], [`Fluid`], [`Tile`], [`Character`];
//! - parts of entities: [`EntityKind`], [`EnergySource`], [`FluidBox`], logistics, machines, combat;
//! - units and boxes: [`parse_energy`], [`SubtileBox`], [`CollisionMask`];
//! - `loader` and `fields` read the file; `id` has the numbers by which prototypes refer to each other.

mod character;
mod combat;
mod energy;
mod entity;
mod entity_kind;
mod fields;
mod fluid;
mod fluid_box;
mod geometry;
mod id;
mod item;
mod loader;
mod logistics;
mod machine;
mod recipe;
mod technology;
mod tile;
mod units;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Index;
use std::sync::OnceLock;

use serde_json::Value;

use crate::error::{Error, Result};

pub use character::Character;
pub use combat::{Attack, SpawnChance, Spawner, Turret, Unit};
pub use energy::{EnergySource, UsagePriority};
pub use entity::{EntityPrototype, Minable, Resistance, Resource};
pub use entity_kind::EntityKind;
pub use fluid::Fluid;
pub use fluid_box::{FlowDirection, FluidBox, FluidBoxRole, PipeConnection};
pub use geometry::{CollisionMask, SUBTILES_PER_TILE, SubtileBox, subtiles};
pub use id::{EntityPrototypeId, FluidId, ItemId, RecipeId, TechnologyId, TileId};
pub use item::{Ammo, Item, Module};
pub use logistics::{Belt, ElectricPole, Inserter};
pub use machine::{Beacon, Boiler, Generator, Lab, Radar, RocketSilo};
pub use recipe::{Ingredient, Material, Product, Recipe};
pub use technology::{ResearchCost, ResearchCount, Technology, TechnologyEffect};
pub use tile::Tile;
pub use units::{TICKS_PER_SECOND, parse_energy};

/// The version of the game whose figures are embedded.
pub const GAME_VERSION: &str = "2.0.77";

const VANILLA_JSON: &str = include_str!("vanilla-2.0.77.json");

/// All prototypes of one version of the game; each list is sorted by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Prototypes {
    items: Vec<Item>,
    recipes: Vec<Recipe>,
    entities: Vec<EntityPrototype>,
    technologies: Vec<Technology>,
    fluids: Vec<Fluid>,
    tiles: Vec<Tile>,
    character: Character,
    recipes_by_item: Vec<Vec<RecipeId>>,
    recipes_using_item: Vec<Vec<RecipeId>>,
    recipes_by_fluid: Vec<Vec<RecipeId>>,
    projectiles: BTreeMap<String, Value>,
    rules: BTreeMap<String, Value>,
    collision_layers: Vec<String>,
}

/// Returns the prototypes of the base game; the first call parses the embedded file.
pub fn vanilla() -> &'static Prototypes {
    static VANILLA: OnceLock<Prototypes> = OnceLock::new();
    VANILLA.get_or_init(|| {
        Prototypes::from_json(VANILLA_JSON).expect("tests parse the embedded prototype file")
    })
}

macro_rules! kinds {
    ($($what:literal, $one:ident, $many:ident, $id:ident, $kind:ident;)*) => {
        impl Prototypes {
            $(
                #[doc = concat!("Finds the id of the ", $what, " called `name`.")]
                ///
                /// # Errors
                /// `UnknownName`, with the nearest names, if there is none.
                pub fn $one(&self, name: &str) -> Result<$id> {
                    self.$many
                        .binary_search_by(|known| known.name.as_str().cmp(name))
                        .map($id::from_index)
                        .map_err(|_| {
                            let known = self.$many.iter().map(|known| known.name.as_str());
                            Error::unknown_name($what, name, known)
                        })
                }

                #[doc = concat!("Returns all of this kind (", $what, "), sorted by name; the position is the id.")]
                pub fn $many(&self) -> &[$kind] {
                    &self.$many
                }
            )*
        }

        $(
            impl Index<$id> for Prototypes {
                type Output = $kind;

                fn index(&self, id: $id) -> &$kind {
                    &self.$many[id.index()]
                }
            }
        )*
    };
}

kinds! {
    "item", item, items, ItemId, Item;
    "recipe", recipe, recipes, RecipeId, Recipe;
    "entity", entity, entities, EntityPrototypeId, EntityPrototype;
    "technology", technology, technologies, TechnologyId, Technology;
    "fluid", fluid, fluids, FluidId, Fluid;
    "tile", tile, tiles, TileId, Tile;
}

impl Prototypes {
    /// Parses a file that `scripts/extract_prototypes.py` wrote.
    ///
    /// # Errors
    /// `InvalidValue` or `UnknownName`, with the prototype and the field, if a figure is missing or malformed.
    pub fn from_json(json: &str) -> Result<Self> {
        loader::parse(json)
    }

    /// Returns what the character can do by itself.
    pub fn character(&self) -> &Character {
        &self.character
    }

    /// Lists the recipes that give an item: those enabled from the start first, then by name.
    pub fn recipes_for_item(&self, item: ItemId) -> &[RecipeId] {
        &self.recipes_by_item[item.index()]
    }

    /// Lists the recipes that an item is an ingredient of, in the same order.
    pub fn recipes_using_item(&self, item: ItemId) -> &[RecipeId] {
        &self.recipes_using_item[item.index()]
    }

    /// Lists the recipes that give a fluid, in the same order.
    pub fn recipes_for_fluid(&self, fluid: FluidId) -> &[RecipeId] {
        &self.recipes_by_fluid[fluid.index()]
    }

    /// Returns the fields of a projectile, stream, beam, fire or sticker under the game's own names.
    pub fn projectile(&self, name: &str) -> Option<&Value> {
        self.projectiles.get(name)
    }

    /// Returns a group of rules of the whole game under the game's own names: `map_settings`, `map_gen_presets`,
    /// `autoplace_controls`, `nauvis`, `utility_constants`, `item_groups`, `item_subgroups`, lists of categories.
    pub fn rule(&self, name: &str) -> Option<&Value> {
        self.rules.get(name)
    }

    /// Returns the names of the collision layers, in the order of the bits of [`CollisionMask::layers`].
    pub fn collision_layers(&self) -> &[String] {
        &self.collision_layers
    }
}

/// Returns one prototype of the embedded file as JSON text under the game's own names; `kind` is `item`, `recipe`, ….
pub fn raw_json(kind: &str, name: &str) -> Option<String> {
    static FILE: OnceLock<Value> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        serde_json::from_str(VANILLA_JSON).expect("the embedded prototype data are JSON")
    });
    let section = match kind {
        "entity" => "entities",
        "technology" => "technologies",
        "item" => "items",
        "recipe" => "recipes",
        "fluid" => "fluids",
        "tile" => "tiles",
        _ => return None,
    };
    file.get(section)?.get(name).map(Value::to_string)
}
