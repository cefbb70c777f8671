//! Entities: everything that stands, lies or walks on the ground.

use serde_json::Value;

use crate::error::Result;

use super::combat::{Spawner, Turret, Unit};
use super::energy::EnergySource;
use super::entity_kind::EntityKind;
use super::fields::Fields;
use super::fluid_box::FluidBox;
use super::geometry::{CollisionMask, SubtileBox};
use super::id::{EntityPrototypeId, FluidId, ItemId, RecipeId};
use super::logistics::{Belt, ElectricPole, Inserter};
use super::machine::{Beacon, Boiler, Generator, Lab, Radar, RocketSilo};
use super::recipe::{Material, Product};

/// One kind of entity.
///
/// Figures that a type does not have are zero, empty or `None`; the rarer ones are in [`EntityPrototype::raw`].
#[derive(Clone, Debug, PartialEq)]
pub struct EntityPrototype {
    /// The game's name.
    pub name: String,
    /// The game's prototype type.
    pub kind: EntityKind,
    /// Body, relative to the position, facing north.
    pub collision_box: SubtileBox,
    /// What the cursor selects.
    pub selection_box: SubtileBox,
    /// Tiles it takes from west to east, facing north.
    pub tile_width: u32,
    /// Tiles it takes from north to south, facing north.
    pub tile_height: u32,
    /// What it collides with.
    pub collision: CollisionMask,
    /// Whether a character cannot walk through it.
    pub collides_with_player: bool,
    /// Whether it has a direction.
    pub is_rotatable: bool,
    /// Whether it may stand between tile positions.
    pub is_placeable_off_grid: bool,
    /// Health when unharmed; 0 for what cannot be harmed.
    pub max_health: f64,
    /// Health it regains by itself.
    pub healing_per_tick: f64,
    /// How much less it suffers, by damage type.
    pub resistances: Vec<Resistance>,
    /// How it is mined, if it can be.
    pub minable: Option<Minable>,
    /// The item that builds it and how many of it.
    pub placed_by: Option<(ItemId, u32)>,
    /// Whether players do not see it.
    pub hidden: bool,
    /// Entities of one group replace each other in place.
    pub fast_replaceable_group: Option<String>,
    /// What the upgrade planner makes of it.
    pub next_upgrade: Option<EntityPrototypeId>,
    /// Consumption at full work, without drain (`energy_usage`, `energy_consumption`, `consumption` or
    /// `energy_usage_per_tick`, whichever the type has).
    pub energy_usage_watts: f64,
    /// What drives it.
    pub energy_source: Option<EnergySource>,
    /// Pollution at full work.
    pub emissions_per_minute: f64,
    /// Pollution given off at all times; negative for trees.
    pub emissions_per_second: f64,
    /// Pollution taken up, fixed part, per second.
    pub absorptions_per_second: f64,
    /// Speed factor of recipes.
    pub crafting_speed: f64,
    /// Which recipes it makes.
    pub crafting_categories: Vec<String>,
    /// The only recipe it makes.
    pub fixed_recipe: Option<RecipeId>,
    /// Furnaces: input slots.
    pub source_inventory_size: u32,
    /// Furnaces: output slots.
    pub result_inventory_size: u32,
    /// Slots for modules.
    pub module_slots: u32,
    /// Effects of modules it accepts, where restricted.
    pub allowed_effects: Option<Vec<String>>,
    /// Speed factor of mining.
    pub mining_speed: f64,
    /// Which resources it mines.
    pub resource_categories: Vec<String>,
    /// Half side of the square it mines, tiles.
    pub resource_searching_radius: f64,
    /// Where a drill facing north drops what it mines, tiles from its position.
    pub vector_to_place_result: Option<(f64, f64)>,
    /// Slots of its main inventory.
    pub inventory_size: u32,
    /// Pipes and tanks it has: `fluid_boxes`, `fluid_box`, `input_fluid_box`, `output_fluid_box`, in this order.
    pub fluid_boxes: Vec<FluidBox>,
    /// Fluid moved in a tick by pumps and offshore pumps.
    pub pumping_speed_per_tick: f64,
    /// Solar panels and sources: the most power it gives.
    pub production_watts: f64,
    /// What it is as a belt, underground belt, splitter or loader.
    pub belt: Option<Belt>,
    /// What it is as an inserter.
    pub inserter: Option<Inserter>,
    /// What it is as an electric pole.
    pub electric_pole: Option<ElectricPole>,
    /// What it is as a resource in the ground.
    pub resource: Option<Resource>,
    /// What it is as a boiler.
    pub boiler: Option<Boiler>,
    /// What it is as a generator.
    pub generator: Option<Generator>,
    /// What it is as a lab.
    pub lab: Option<Lab>,
    /// What it is as a beacon.
    pub beacon: Option<Beacon>,
    /// What it is as a radar.
    pub radar: Option<Radar>,
    /// What it is as a rocket silo.
    pub rocket_silo: Option<RocketSilo>,
    /// What it is as a turret or worm.
    pub turret: Option<Turret>,
    /// What it is as a biter or spitter.
    pub unit: Option<Unit>,
    /// What it is as a nest.
    pub spawner: Option<Spawner>,
    /// Which setting of the map generator governs it.
    pub autoplace_control: Option<String>,
    /// Whether it counts as a rock.
    pub is_rock: bool,
    /// Colour on the map where it has one of its own.
    pub map_color: Option<[u8; 3]>,
    /// Sort key.
    pub order: String,
    /// The subgroup in which menus show it.
    pub subgroup: Option<String>,
    /// Every extracted field under the game's own name, for the long tail.
    pub raw: Value,
}

/// How an entity or tile is mined.
#[derive(Clone, Debug, PartialEq)]
pub struct Minable {
    /// The time at mining speed 1.
    pub mining_time_seconds: f64,
    /// What is gained.
    pub results: Vec<Product>,
    /// Fluid that a drill must have, and how much of it for ten operations.
    pub required_fluid: Option<(FluidId, f64)>,
}

/// How much less an entity suffers from a type of damage.
#[derive(Clone, Debug, PartialEq)]
pub struct Resistance {
    /// `physical`, `fire`, …
    pub damage_type: String,
    /// Taken off each hit.
    pub decrease: f64,
    /// Then this share is taken off, 0 to 1.
    pub fraction: f64,
}

/// A resource in the ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Which drills mine it.
    pub category: String,
    /// Whether it never runs out.
    pub infinite: bool,
    /// Infinite resources: the amount below which the yield does not fall.
    pub minimum: u32,
    /// Infinite resources: the amount at which the yield is 100 %.
    pub normal: u32,
    /// Infinite resources: taken off the amount by one operation.
    pub infinite_depletion_amount: u32,
}

impl EntityPrototype {
    /// Returns width and height in tiles when the entity faces `quarter_turns` clockwise from north.
    pub fn tile_size(&self, quarter_turns: u32) -> (u32, u32) {
        if quarter_turns.is_multiple_of(2) {
            (self.tile_width, self.tile_height)
        } else {
            (self.tile_height, self.tile_width)
        }
    }

    #[expect(clippy::too_many_lines, reason = "one line per field")]
    pub(super) fn read(name: &str, fields: &Fields, raw: &Value) -> Result<Self> {
        let kind = EntityKind::from_name(&fields.needed_text("type")?)?;
        let flags = fields.texts("flags")?;
        let collision = CollisionMask::read(fields)?;
        let energy_usage_watts = energy_usage_watts(fields)?;
        let fluid_boxes = FluidBox::read_all(fields)?;
        let has_direction = kind.has_direction()
            || (kind == EntityKind::AssemblingMachine && !fluid_boxes.is_empty());
        Ok(Self {
            name: name.to_owned(),
            kind,
            collision_box: fields.subtile_box("collision_box")?.unwrap_or_default(),
            selection_box: fields.subtile_box("selection_box")?.unwrap_or_default(),
            tile_width: fields.whole_or("tile_width", 0)?,
            tile_height: fields.whole_or("tile_height", 0)?,
            collision,
            collides_with_player: !collision.with_tiles_only
                && collision.collides_with(CollisionMask::of_layer(fields, "player")?),
            is_rotatable: has_direction && !flags.iter().any(|flag| flag == "not-rotatable"),
            is_placeable_off_grid: flags.iter().any(|flag| flag == "placeable-off-grid"),
            max_health: fields.number_or("max_health", 0.0)?,
            healing_per_tick: fields.number_or("healing_per_tick", 0.0)?,
            resistances: fields
                .tables("resistances")?
                .iter()
                .map(Resistance::read)
                .collect::<Result<_>>()?,
            minable: Minable::read(fields)?,
            placed_by: placeable_by(fields)?,
            hidden: fields.flag("hidden")?,
            fast_replaceable_group: fields.owned_text("fast_replaceable_group")?,
            next_upgrade: fields.entity("next_upgrade")?,
            energy_usage_watts,
            energy_source: EnergySource::read(fields, energy_usage_watts)?,
            emissions_per_minute: emissions_per_minute(fields)?,
            emissions_per_second: fields.pollution("emissions_per_second")?,
            absorptions_per_second: absorptions_per_second(fields)?,
            crafting_speed: fields.number_or("crafting_speed", 0.0)?,
            crafting_categories: fields.texts("crafting_categories")?,
            fixed_recipe: fields.recipe("fixed_recipe")?,
            source_inventory_size: fields.whole_or("source_inventory_size", 0)?,
            result_inventory_size: fields.whole_or("result_inventory_size", 0)?,
            module_slots: fields.whole_or("module_slots", 0)?,
            allowed_effects: if fields.has("allowed_effects") {
                Some(fields.texts("allowed_effects")?)
            } else {
                None
            },
            mining_speed: fields.number_or("mining_speed", 0.0)?,
            resource_categories: fields.texts("resource_categories")?,
            resource_searching_radius: fields.number_or("resource_searching_radius", 0.0)?,
            vector_to_place_result: fields.point("vector_to_place_result")?,
            inventory_size: fields.whole_or("inventory_size", 0)?,
            fluid_boxes,
            pumping_speed_per_tick: fields.number_or("pumping_speed", 0.0)?,
            production_watts: match fields.energy("production")? {
                Some(watts) => watts,
                None => fields.energy_or_zero("energy_production")?,
            },
            belt: Belt::read(kind, fields)?,
            inserter: Inserter::read(kind, fields)?,
            electric_pole: ElectricPole::read(kind, fields)?,
            resource: Resource::read(kind, fields)?,
            boiler: Boiler::read(kind, fields)?,
            generator: Generator::read(kind, fields)?,
            lab: Lab::read(kind, fields)?,
            beacon: Beacon::read(kind, fields)?,
            radar: Radar::read(kind, fields)?,
            rocket_silo: RocketSilo::read(kind, fields)?,
            turret: Turret::read(kind, fields)?,
            unit: Unit::read(kind, fields)?,
            spawner: Spawner::read(kind, fields)?,
            autoplace_control: match fields.table("autoplace")? {
                Some(autoplace) => autoplace.owned_text("control")?,
                None => None,
            },
            is_rock: fields.flag("count_as_rock_for_filtered_deconstruction")?,
            map_color: fields.color("map_color")?,
            order: fields.owned_text("order")?.unwrap_or_default(),
            subgroup: fields.owned_text("subgroup")?,
            raw: raw.clone(),
        })
    }
}

impl Minable {
    /// Reads `minable`, whose results are a list, or one item with a count.
    pub(super) fn read(fields: &Fields) -> Result<Option<Self>> {
        let Some(minable) = fields.table("minable")? else {
            return Ok(None);
        };
        let results = match minable.item("result")? {
            Some(item) => {
                vec![Product::fixed(
                    Material::Item(item),
                    minable.number_or("count", 1.0)?,
                )]
            }
            None => minable
                .tables("results")?
                .iter()
                .map(Product::read)
                .collect::<Result<_>>()?,
        };
        let required_fluid = match minable.fluid("required_fluid")? {
            Some(fluid) => Some((fluid, minable.number_or("fluid_amount", 0.0)?)),
            None => None,
        };
        Ok(Some(Self {
            mining_time_seconds: minable.need("mining_time", minable.number("mining_time")?)?,
            results,
            required_fluid,
        }))
    }
}

impl Resistance {
    fn read(fields: &Fields) -> Result<Self> {
        Ok(Self {
            damage_type: fields.needed_text("type")?,
            decrease: fields.number_or("decrease", 0.0)?,
            fraction: fields.number_or("percent", 0.0)? / 100.0,
        })
    }
}

impl Resource {
    fn read(kind: EntityKind, fields: &Fields) -> Result<Option<Self>> {
        if kind != EntityKind::Resource {
            return Ok(None);
        }
        Ok(Some(Self {
            category: fields
                .owned_text("category")?
                .unwrap_or_else(|| "basic-solid".to_owned()),
            infinite: fields.flag("infinite")?,
            minimum: fields.whole_or("minimum", 0)?,
            normal: fields.whole_or("normal", 1)?,
            infinite_depletion_amount: fields.whole_or("infinite_depletion_amount", 1)?,
        }))
    }
}

fn energy_usage_watts(fields: &Fields) -> Result<f64> {
    for key in [
        "energy_usage",
        "energy_consumption",
        "consumption",
        "energy_usage_per_tick",
    ] {
        if let Some(watts) = fields.energy(key)? {
            return Ok(watts);
        }
    }
    Ok(0.0)
}

fn emissions_per_minute(fields: &Fields) -> Result<f64> {
    for key in ["energy_source", "burner"] {
        if let Some(source) = fields.table(key)? {
            return source.pollution("emissions_per_minute");
        }
    }
    Ok(0.0)
}

fn absorptions_per_second(fields: &Fields) -> Result<f64> {
    let Some(table) = fields.table("absorptions_per_second")? else {
        return Ok(0.0);
    };
    match table.table("pollution")? {
        Some(pollution) => pollution.number_or("absolute", 0.0),
        None => Ok(0.0),
    }
}

/// The declared item; for all others the loader finds the item whose place result this is.
fn placeable_by(fields: &Fields) -> Result<Option<(ItemId, u32)>> {
    let Some(table) = fields.table("placeable_by")? else {
        return Ok(None);
    };
    let item = table.need("item", table.item("item")?)?;
    Ok(Some((item, table.whole_or("count", 1)?)))
}
