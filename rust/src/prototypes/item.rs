//! Items.

use crate::error::Result;

use super::fields::Fields;
use super::id::{EntityPrototypeId, ItemId, TileId};

/// One kind of item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The game's name.
    pub name: String,
    /// The game's prototype type: `item`, `ammo`, `module`, `tool`, …
    pub kind: String,
    /// How many fit in one inventory slot.
    pub stack_size: u32,
    /// What it becomes when built.
    pub place_result: Option<EntityPrototypeId>,
    /// What ground it becomes when built.
    pub place_as_tile: Option<TileId>,
    /// The energy it burns to; 0 if it is no fuel.
    pub fuel_value_joules: f64,
    /// Which burners take it.
    pub fuel_category: Option<String>,
    /// What is left when it is burnt.
    pub burnt_result: Option<ItemId>,
    /// Whether players do not see it.
    pub hidden: bool,
    /// Sort key within the subgroup.
    pub order: String,
    /// The subgroup in which menus show it.
    pub subgroup: Option<String>,
    /// Weight in grams for the rocket; the game computes it where this is `None`.
    pub weight: Option<f64>,
    /// Uses of a tool or science pack before one is gone; 1 for a science pack.
    pub durability: Option<f64>,
    /// What it is as ammunition.
    pub ammo: Option<Ammo>,
    /// What it is as a module.
    pub module: Option<Module>,
    /// Armor: additional inventory slots.
    pub inventory_size_bonus: u32,
    /// Repair tool: its speed factor.
    pub repair_speed: Option<f64>,
    /// What comes back when it is launched by a rocket, as item and amount.
    pub rocket_launch_products: Vec<(ItemId, u32)>,
}

/// An item as ammunition.
#[derive(Clone, Debug, PartialEq)]
pub struct Ammo {
    /// Which weapons take it.
    pub category: String,
    /// Shots in one item.
    pub magazine_size: f64,
}

/// An item as a module; effects are fractions, 0.2 for +20 %.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// `speed`, `productivity` or `efficiency`.
    pub category: String,
    /// 1 to 3.
    pub tier: u32,
    /// Effect on speed.
    pub speed: f64,
    /// Effect on energy consumption.
    pub consumption: f64,
    /// Effect on productivity.
    pub productivity: f64,
    /// Effect on pollution.
    pub pollution: f64,
}

impl Item {
    /// Says whether it burns.
    pub fn is_fuel(&self) -> bool {
        self.fuel_value_joules > 0.0
    }

    pub(super) fn read(name: &str, fields: &Fields) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            kind: fields.needed_text("type")?,
            stack_size: fields.need("stack_size", fields.whole("stack_size")?)?,
            place_result: fields.entity("place_result")?,
            place_as_tile: match fields.table("place_as_tile")? {
                Some(place) => place.tile("result")?,
                None => None,
            },
            fuel_value_joules: fields.energy_or_zero("fuel_value")?,
            fuel_category: fields.owned_text("fuel_category")?,
            burnt_result: fields.item("burnt_result")?,
            hidden: fields.flag("hidden")?,
            order: fields.owned_text("order")?.unwrap_or_default(),
            subgroup: fields.owned_text("subgroup")?,
            weight: fields.number("weight")?,
            durability: fields.number("durability")?,
            ammo: Ammo::read(fields)?,
            module: Module::read(fields)?,
            inventory_size_bonus: fields.whole_or("inventory_size_bonus", 0)?,
            repair_speed: fields.number("speed")?,
            rocket_launch_products: fields
                .tables("rocket_launch_products")?
                .iter()
                .map(|product| {
                    let item = product.need("name", product.item("name")?)?;
                    Ok((item, product.whole_or("amount", 1)?))
                })
                .collect::<Result<_>>()?,
        })
    }
}

impl Ammo {
    fn read(fields: &Fields) -> Result<Option<Self>> {
        if !fields.has("ammo_type") {
            return Ok(None);
        }
        Ok(Some(Self {
            category: fields.needed_text("ammo_category")?,
            magazine_size: fields.number_or("magazine_size", 1.0)?,
        }))
    }
}

impl Module {
    fn read(fields: &Fields) -> Result<Option<Self>> {
        let Some(effect) = fields.table("effect")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            category: fields.needed_text("category")?,
            tier: fields.whole_or("tier", 1)?,
            speed: effect.number_or("speed", 0.0)?,
            consumption: effect.number_or("consumption", 0.0)?,
            productivity: effect.number_or("productivity", 0.0)?,
            pollution: effect.number_or("pollution", 0.0)?,
        }))
    }
}
