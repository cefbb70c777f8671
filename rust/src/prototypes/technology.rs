//! Technologies.

use crate::error::{Error, ErrorKind, Result};

use super::fields::Fields;
use super::id::{EntityPrototypeId, ItemId, RecipeId, TechnologyId};

/// One technology.
#[derive(Clone, Debug, PartialEq)]
pub struct Technology {
    /// The game's name.
    pub name: String,
    /// What must be researched before.
    pub prerequisites: Vec<TechnologyId>,
    /// What it takes.
    pub cost: ResearchCost,
    /// What it gives.
    pub effects: Vec<TechnologyEffect>,
    /// Whether it can be researched at all.
    pub enabled: bool,
    /// Whether players do not see it.
    pub hidden: bool,
    /// Whether it is a level of a longer upgrade.
    pub is_upgrade: bool,
    /// Whether the game marks it as needed to finish.
    pub is_essential: bool,
    /// Whether it has further levels without end.
    pub is_infinite: bool,
    /// Sort key.
    pub order: String,
}

/// What a technology takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ResearchCost {
    /// Science packs in labs.
    Packs {
        /// How many units.
        count: ResearchCount,
        /// Packs of one unit.
        ingredients: Vec<(ItemId, u32)>,
        /// Time of one unit in one lab at speed 1.
        unit_time_seconds: f64,
    },
    /// Making items.
    CraftItem {
        /// Which.
        item: ItemId,
        /// How many.
        count: u32,
    },
    /// Mining an entity once.
    MineEntity {
        /// Which.
        entity: EntityPrototypeId,
    },
    /// Launching an item by rocket.
    SendItemToOrbit {
        /// Which.
        item: ItemId,
    },
}

/// How many units a technology takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ResearchCount {
    /// This many.
    Fixed(u32),
    /// By level `L`, as a formula such as `2^L*1000`.
    Formula(String),
}

/// What a technology gives.
#[derive(Clone, Debug, PartialEq)]
pub enum TechnologyEffect {
    /// A recipe becomes available.
    UnlockRecipe(RecipeId),
    /// A bonus grows.
    Modifier {
        /// The game's name of the bonus: `inserter-stack-size-bonus`, `ammo-damage`, …
        kind: String,
        /// By how much; 1 for a permission such as `cliff-deconstruction-enabled`.
        amount: f64,
        /// For which ammunition, where the bonus is for one.
        ammo_category: Option<String>,
        /// For which turret, where the bonus is for one.
        turret: Option<EntityPrototypeId>,
    },
}

impl Technology {
    pub(super) fn read(name: &str, fields: &Fields) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            prerequisites: fields
                .texts("prerequisites")?
                .iter()
                .map(|name| fields.technology_named(name))
                .collect::<Result<_>>()?,
            cost: ResearchCost::read(fields)?,
            effects: fields
                .tables("effects")?
                .iter()
                .map(TechnologyEffect::read)
                .collect::<Result<_>>()?,
            enabled: fields.flag_or("enabled", true)?,
            hidden: fields.flag("hidden")?,
            is_upgrade: fields.flag("upgrade")?,
            is_essential: fields.flag("essential")?,
            is_infinite: fields.value("max_level").and_then(|level| level.as_str())
                == Some("infinite"),
            order: fields.owned_text("order")?.unwrap_or_default(),
        })
    }
}

impl ResearchCost {
    fn read(fields: &Fields) -> Result<Self> {
        if let Some(unit) = fields.table("unit")? {
            return Self::read_unit(&unit);
        }
        let trigger = fields.need(
            "unit or research_trigger",
            fields.table("research_trigger")?,
        )?;
        let item = || trigger.need("item", trigger.item("item")?);
        match trigger.needed_text("type")?.as_str() {
            "craft-item" => Ok(Self::CraftItem {
                item: item()?,
                count: trigger.whole_or("count", 1)?,
            }),
            "mine-entity" => Ok(Self::MineEntity {
                entity: trigger.need("entity", trigger.entity("entity")?)?,
            }),
            "send-item-to-orbit" => Ok(Self::SendItemToOrbit { item: item()? }),
            other => Err(Error::new(
                ErrorKind::InvalidValue,
                format!("{}: unknown trigger \"{other}\"", trigger.place()),
            )),
        }
    }

    fn read_unit(unit: &Fields) -> Result<Self> {
        let count = match unit.owned_text("count_formula")? {
            Some(formula) => ResearchCount::Formula(formula),
            None => ResearchCount::Fixed(unit.need("count", unit.whole("count")?)?),
        };
        let ingredients = unit
            .values("ingredients")?
            .iter()
            .map(|pair| {
                let wrong = || unit.wrong("ingredients", "pairs [item, count]", pair);
                let name = pair
                    .get(0)
                    .and_then(|name| name.as_str())
                    .ok_or_else(wrong)?;
                let count = pair
                    .get(1)
                    .and_then(serde_json::Value::as_u64)
                    .ok_or_else(wrong)?;
                Ok((unit.item_named(name)?, count as u32))
            })
            .collect::<Result<_>>()?;
        let unit_time_seconds = unit.need("time", unit.number("time")?)?;
        Ok(Self::Packs {
            count,
            ingredients,
            unit_time_seconds,
        })
    }
}

impl TechnologyEffect {
    fn read(fields: &Fields) -> Result<Self> {
        let kind = fields.needed_text("type")?;
        if kind == "unlock-recipe" {
            return Ok(Self::UnlockRecipe(
                fields.need("recipe", fields.recipe("recipe")?)?,
            ));
        }
        let amount = match fields.value("modifier") {
            Some(serde_json::Value::Bool(allowed)) => f64::from(*allowed),
            _ => fields.need("modifier", fields.number("modifier")?)?,
        };
        Ok(Self::Modifier {
            kind,
            amount,
            ammo_category: fields.owned_text("ammo_category")?,
            turret: fields.entity("turret_id")?,
        })
    }
}
