//! Recipes, and the materials that recipes, mining and research exchange.

use serde::{Deserialize, Serialize};

use crate::error::Result;

use super::fields::Fields;
use super::id::{FluidId, ItemId};

/// An item or a fluid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Material {
    /// An item, counted.
    Item(ItemId),
    /// A fluid, measured.
    Fluid(FluidId),
}

/// What a recipe uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Ingredient {
    /// Item or fluid.
    pub what: Material,
    /// Whole for items.
    pub amount: f64,
    /// Fluids: the coldest that will do.
    pub minimum_temperature: Option<f64>,
    /// Fluids: the hottest that will do.
    pub maximum_temperature: Option<f64>,
    /// Fluids: the machine's input box that it goes into, counted from 1; else the next free one.
    pub fluidbox_index: Option<u32>,
}

/// What a recipe or mining gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Item or fluid.
    pub what: Material,
    /// The smallest amount; whole for items.
    pub amount_min: f64,
    /// The largest amount; between the two, every whole amount is equally likely.
    pub amount_max: f64,
    /// How likely there is any at all, 0 to 1.
    pub probability: f64,
    /// The part of the amount to which productivity does not apply.
    pub ignored_by_productivity: f64,
    /// Fluids: the temperature, where it is not the fluid's default.
    pub temperature: Option<f64>,
    /// Fluids: the machine's output box that it comes out of, counted from 1; else the next free one.
    pub fluidbox_index: Option<u32>,
}

/// One recipe.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent facts of the game's data"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The game's name.
    pub name: String,
    /// Which machines can make it: those with this among their crafting categories.
    pub category: String,
    /// The time at crafting speed 1.
    pub energy_required_seconds: f64,
    /// What it uses, in the game's order.
    pub ingredients: Vec<Ingredient>,
    /// What it gives, in the game's order.
    pub results: Vec<Product>,
    /// The product it is named after: the declared one, else the only one.
    pub main_product: Option<Material>,
    /// Whether it is available before any research.
    pub enabled: bool,
    /// Whether players do not see it.
    pub hidden: bool,
    /// Whether a player's hand-crafting queue does not offer it.
    pub hide_from_player_crafting: bool,
    /// Whether hand-crafting may make it on the way to another product.
    pub allow_as_intermediate: bool,
    /// Whether hand-crafting may make its ingredients on the way.
    pub allow_intermediates: bool,
    /// Whether productivity modules apply.
    pub allow_productivity: bool,
    /// The largest productivity bonus, as a fraction.
    pub maximum_productivity: f64,
    /// How many crafts' worth of ingredients inserters deliver, where the recipe says; else the general rule applies.
    pub overload_multiplier: Option<u32>,
    /// Factor on the machine's pollution.
    pub emissions_multiplier: f64,
    /// Whether it is a placeholder of parametrised blueprints.
    pub is_parameter: bool,
    /// Sort key.
    pub order: String,
    /// The subgroup in which menus show it; the main product's where this is `None`.
    pub subgroup: Option<String>,
}

impl Material {
    pub(super) fn read(fields: &Fields) -> Result<Self> {
        if fields.text("type")? == Some("fluid") {
            fields.need("name", fields.fluid("name")?).map(Self::Fluid)
        } else {
            fields.need("name", fields.item("name")?).map(Self::Item)
        }
    }

    /// Returns the item, if it is one.
    pub fn item(self) -> Option<ItemId> {
        match self {
            Self::Item(item) => Some(item),
            Self::Fluid(_) => None,
        }
    }

    /// Returns the fluid, if it is one.
    pub fn fluid(self) -> Option<FluidId> {
        match self {
            Self::Fluid(fluid) => Some(fluid),
            Self::Item(_) => None,
        }
    }
}

impl Ingredient {
    /// Returns the item, if the ingredient is one.
    pub fn item(&self) -> Option<ItemId> {
        self.what.item()
    }

    fn read(fields: &Fields) -> Result<Self> {
        Ok(Self {
            what: Material::read(fields)?,
            amount: fields.need("amount", fields.number("amount")?)?,
            minimum_temperature: fields.number("minimum_temperature")?,
            maximum_temperature: fields.number("maximum_temperature")?,
            fluidbox_index: fields.whole("fluidbox_index")?,
        })
    }
}

impl Product {
    /// A sure product of a fixed amount.
    pub fn fixed(what: Material, amount: f64) -> Self {
        Self {
            what,
            amount_min: amount,
            amount_max: amount,
            probability: 1.0,
            ignored_by_productivity: 0.0,
            temperature: None,
            fluidbox_index: None,
        }
    }

    /// Returns the item, if the product is one.
    pub fn item(&self) -> Option<ItemId> {
        self.what.item()
    }

    /// Returns the mean amount.
    pub fn expected_amount(&self) -> f64 {
        f64::midpoint(self.amount_min, self.amount_max) * self.probability
    }

    pub(super) fn read(fields: &Fields) -> Result<Self> {
        let amount = fields.number("amount")?;
        let bound = |key| fields.need(key, amount.or(fields.number(key)?));
        Ok(Self {
            what: Material::read(fields)?,
            amount_min: bound("amount_min")?,
            amount_max: bound("amount_max")?,
            probability: fields.number_or("probability", 1.0)?,
            ignored_by_productivity: fields.number_or("ignored_by_productivity", 0.0)?,
            temperature: fields.number("temperature")?,
            fluidbox_index: fields.whole("fluidbox_index")?,
        })
    }
}

/// The game's default for `maximum_productivity`: +300 %.
const DEFAULT_MAXIMUM_PRODUCTIVITY: f64 = 3.0;

impl Recipe {
    /// Says whether a fluid is among its ingredients or results.
    pub fn uses_fluids(&self) -> bool {
        let materials = self.ingredients.iter().map(|ingredient| ingredient.what);
        materials
            .chain(self.results.iter().map(|product| product.what))
            .any(|what| what.fluid().is_some())
    }

    /// Says whether `what` is among its results.
    pub fn produces(&self, what: Material) -> bool {
        self.results.iter().any(|product| product.what == what)
    }

    pub(super) fn read(name: &str, fields: &Fields) -> Result<Self> {
        let ingredients = fields.tables("ingredients")?;
        let results: Vec<Product> = fields
            .tables("results")?
            .iter()
            .map(Product::read)
            .collect::<Result<_>>()?;
        Ok(Self {
            name: name.to_owned(),
            category: fields.needed_text("category")?,
            energy_required_seconds: fields
                .need("energy_required", fields.number("energy_required")?)?,
            ingredients: ingredients
                .iter()
                .map(Ingredient::read)
                .collect::<Result<_>>()?,
            main_product: main_product(fields, &results)?,
            results,
            enabled: fields.flag_or("enabled", true)?,
            hidden: fields.flag("hidden")?,
            hide_from_player_crafting: fields.flag("hide_from_player_crafting")?,
            allow_as_intermediate: fields.flag_or("allow_as_intermediate", true)?,
            allow_intermediates: fields.flag_or("allow_intermediates", true)?,
            allow_productivity: fields.flag("allow_productivity")?,
            maximum_productivity: fields
                .number_or("maximum_productivity", DEFAULT_MAXIMUM_PRODUCTIVITY)?,
            overload_multiplier: fields.whole("overload_multiplier")?,
            emissions_multiplier: fields.number_or("emissions_multiplier", 1.0)?,
            is_parameter: fields.flag("parameter")?,
            order: fields.owned_text("order")?.unwrap_or_default(),
            subgroup: fields.owned_text("subgroup")?,
        })
    }
}

/// The declared main product; an empty declaration means none, a missing one the only result.
fn main_product(fields: &Fields, results: &[Product]) -> Result<Option<Material>> {
    match fields.text("main_product")? {
        Some("") => Ok(None),
        Some(name) => {
            let item = fields
                .names()
                .items
                .binary_search_by(|known| known.as_str().cmp(name));
            match item {
                Ok(index) => Ok(Some(Material::Item(ItemId::from_index(index)))),
                Err(_) => fields
                    .fluid("main_product")
                    .map(|fluid| fluid.map(Material::Fluid)),
            }
        }
        None => Ok(match results {
            [only] => Some(only.what),
            _ => None,
        }),
    }
}
