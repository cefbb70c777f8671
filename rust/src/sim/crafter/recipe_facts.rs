//! What the simulation asks of recipes, looked up once: item counts as integers, products with their chances, which
//! machine makes what.

use std::sync::OnceLock;

use crate::prototypes::{
    EntityKind, EntityPrototype, EntityPrototypeId, ItemId, Product, Recipe, RecipeId, vanilla,
};

/// An item that a craft gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemProduct {
    pub item: ItemId,
    pub min: u32,
    pub max: u32,
    /// How likely there is any at all.
    pub probability: f64,
    /// The part to which productivity does not apply: what the craft only turns round.
    pub catalyst: u32,
}

/// The figures of a recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct RecipeFacts {
    pub seconds: f64,
    /// Items that a craft takes, one input slot each.
    pub ingredients: Vec<(ItemId, u32)>,
    /// Items that a craft gives, one output slot each.
    pub products: Vec<ItemProduct>,
    pub allows_productivity: bool,
    pub maximum_productivity: f64,
    pub emissions_multiplier: f64,
    /// How many crafts' worth inserters deliver, where the recipe says so itself.
    pub overload_multiplier: Option<u32>,
}

/// Looks up the figures of a recipe.
pub fn recipe_facts(recipe: RecipeId) -> &'static RecipeFacts {
    static TABLE: OnceLock<Vec<RecipeFacts>> = OnceLock::new();
    &TABLE.get_or_init(|| vanilla().recipes().iter().map(facts_of).collect())[recipe.index()]
}

fn facts_of(recipe: &Recipe) -> RecipeFacts {
    RecipeFacts {
        seconds: recipe.energy_required_seconds,
        ingredients: recipe
            .ingredients
            .iter()
            .filter_map(|ingredient| Some((ingredient.item()?, ingredient.amount as u32)))
            .collect(),
        products: recipe.results.iter().filter_map(item_product).collect(),
        allows_productivity: recipe.allow_productivity,
        maximum_productivity: recipe.maximum_productivity,
        emissions_multiplier: recipe.emissions_multiplier,
        overload_multiplier: recipe.overload_multiplier,
    }
}

fn item_product(product: &Product) -> Option<ItemProduct> {
    Some(ItemProduct {
        item: product.item()?,
        min: product.amount_min as u32,
        max: product.amount_max as u32,
        probability: product.probability,
        catalyst: product.ignored_by_productivity as u32,
    })
}

/// Says which recipe a furnace of this prototype makes of `item`, whether or not the force may use it.
pub fn smelting_recipe_of(furnace: EntityPrototypeId, item: ItemId) -> Option<RecipeId> {
    static TABLE: OnceLock<Vec<Vec<Option<RecipeId>>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        vanilla()
            .entities()
            .iter()
            .map(|prototype| match prototype.kind {
                EntityKind::Furnace => (0..vanilla().items().len())
                    .map(|item| find_smelting_recipe(prototype, ItemId::from_index(item)))
                    .collect(),
                _ => Vec::new(),
            })
            .collect()
    });
    table[furnace.index()].get(item.index()).copied().flatten()
}

fn find_smelting_recipe(furnace: &EntityPrototype, item: ItemId) -> Option<RecipeId> {
    vanilla()
        .recipes_using_item(item)
        .iter()
        .copied()
        .find(|id| {
            can_make(furnace, *id)
                && matches!(vanilla()[*id].ingredients.as_slice(), [only] if only.item() == Some(item))
        })
}

/// Says whether a machine of this prototype can make a recipe, enabled or not.
pub fn can_make(prototype: &EntityPrototype, recipe: RecipeId) -> bool {
    let facts = &vanilla()[recipe];
    !facts.is_parameter
        && prototype.crafting_categories.contains(&facts.category)
        && prototype.fixed_recipe.is_none_or(|fixed| fixed == recipe)
}

/// Computes how many crafts' worth of an ingredient inserters deliver to a machine that works at `crafting_speed`.
///
/// Prototype data 2.0.77 (utility constants) and measurements: enough for the 70 ticks of a basic inserter's swing and
/// one more craft, at least 2, at most 100.
pub fn overload_multiplier(facts: &RecipeFacts, crafting_speed: f64) -> u32 {
    const SWING_SECONDS: f64 = 1.166;
    const LEAST: f64 = 2.0;
    const MOST: f64 = 100.0;
    facts.overload_multiplier.unwrap_or_else(|| {
        ((SWING_SECONDS * crafting_speed / facts.seconds).ceil() + 1.0).clamp(LEAST, MOST) as u32
    })
}
