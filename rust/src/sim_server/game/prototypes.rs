//! `LuaPrototypes` and the prototype classes: the figures of the base game.

use mlua::{Lua, Value};

use super::convert::{self, area_value, pair_value};
use super::host::{Call, Host, Registrar};
use super::recipe::material;
use super::tables::{self, FIRST_PROTOTYPES, RECIPES, TECHNOLOGIES};
use crate::lua::ObjectRef;
use crate::prototypes::{
    EnergySource, EntityPrototype, EntityPrototypeId, Item, ItemId, Recipe, RecipeId, TechnologyId,
    vanilla,
};
use crate::sim::position::{MapPos, Rect};

const ENTITY: &str = "LuaEntityPrototype";
const ITEM: &str = "LuaItemPrototype";
const RECIPE: &str = "LuaRecipePrototype";
const TECHNOLOGY: &str = "LuaTechnologyPrototype";
const FLUID: &str = "LuaFluidPrototype";
const TILE: &str = "LuaTilePrototype";
const QUALITY: &str = "LuaQualityPrototype";

const ENTITIES_TABLE: u64 = FIRST_PROTOTYPES;
const ITEMS_TABLE: u64 = FIRST_PROTOTYPES + 1;
const RECIPES_TABLE: u64 = FIRST_PROTOTYPES + 2;
const TECHNOLOGIES_TABLE: u64 = FIRST_PROTOTYPES + 3;
const FLUIDS_TABLE: u64 = FIRST_PROTOTYPES + 4;
const TILES_TABLE: u64 = FIRST_PROTOTYPES + 5;
const QUALITIES_TABLE: u64 = FIRST_PROTOTYPES + 6;

/// Gives the table of prototypes that a force's table goes by.
pub(super) fn table_of_force_members(table: u64) -> u64 {
    match table {
        TECHNOLOGIES => TECHNOLOGIES_TABLE,
        RECIPES => RECIPES_TABLE,
        other => other,
    }
}

/// Lists the names of a table, sorted.
pub(super) fn names(table: u64) -> Vec<&'static str> {
    let data = vanilla();
    match table {
        ENTITIES_TABLE => data.entities().iter().map(|held| &*held.name).collect(),
        ITEMS_TABLE => data.items().iter().map(|held| &*held.name).collect(),
        RECIPES_TABLE => data.recipes().iter().map(|held| &*held.name).collect(),
        TECHNOLOGIES_TABLE => data.technologies().iter().map(|held| &*held.name).collect(),
        FLUIDS_TABLE => data.fluids().iter().map(|held| &*held.name).collect(),
        TILES_TABLE => data.tiles().iter().map(|held| &*held.name).collect(),
        QUALITIES_TABLE => vec!["normal"],
        _ => Vec::new(),
    }
}

/// Finds a prototype of a table by its name.
pub(super) fn find(call: Call<'_>, table: u64, key: &Value) -> mlua::Result<Value> {
    let Value::String(name) = key else {
        return Ok(Value::Nil);
    };
    let name = name.to_string_lossy();
    let names = names(table);
    let Ok(index) = names.binary_search(&name.as_str()) else {
        return Ok(Value::Nil);
    };
    let class = match table {
        ENTITIES_TABLE => ENTITY,
        ITEMS_TABLE => ITEM,
        RECIPES_TABLE => RECIPE,
        TECHNOLOGIES_TABLE => TECHNOLOGY,
        FLUIDS_TABLE => FLUID,
        TILES_TABLE => TILE,
        _ => QUALITY,
    };
    call.host.object(call.lua, class, index as u128)
}

/// Gives the name of an object that has one, for arguments that take names and prototypes alike.
pub(super) fn name_of_object(host: &Host, object: ObjectRef) -> Option<String> {
    let layer = host.layer();
    let index = object.handle as usize;
    let member = (object.handle >> 48) as usize;
    let name = match layer.class_name(object) {
        ENTITY => &vanilla().entities().get(index)?.name,
        ITEM => &vanilla().items().get(index)?.name,
        RECIPE => &vanilla().recipes().get(index)?.name,
        TECHNOLOGY => &vanilla().technologies().get(index)?.name,
        FLUID => &vanilla().fluids().get(index)?.name,
        TILE => &vanilla().tiles().get(index)?.name,
        QUALITY => return Some("normal".to_owned()),
        "LuaTechnology" => &vanilla().technologies().get(member)?.name,
        "LuaRecipe" => &vanilla().recipes().get(member)?.name,
        "LuaItemStack" => {
            let held = super::item_stack::stack_of(host, object).ok()??;
            &vanilla()[held.item].name
        }
        "LuaForce" => {
            let core = host.core.borrow();
            return core
                .force(object.handle as u16)
                .map(|force| force.name.clone());
        }
        _ => return None,
    };
    Some(name.clone())
}

pub(super) fn entity_object(host: &Host, lua: &Lua, id: EntityPrototypeId) -> mlua::Result<Value> {
    host.object(lua, ENTITY, id.index() as u128)
}

pub(super) fn item_object(host: &Host, lua: &Lua, id: ItemId) -> mlua::Result<Value> {
    host.object(lua, ITEM, id.index() as u128)
}

pub(super) fn recipe_object(host: &Host, lua: &Lua, id: RecipeId) -> mlua::Result<Value> {
    host.object(lua, RECIPE, id.index() as u128)
}

pub(super) fn technology_object(host: &Host, lua: &Lua, id: TechnologyId) -> mlua::Result<Value> {
    host.object(lua, TECHNOLOGY, id.index() as u128)
}

/// Makes the object of the only quality.
pub(super) fn quality(host: &Host, lua: &Lua) -> mlua::Result<Value> {
    host.object(lua, QUALITY, 0)
}

pub(super) fn register(r: &mut Registrar<'_>) {
    register_tables(r);
    register_entity(r);
    register_item(r);
    register_recipe(r);
    register_others(r);
}

macro_rules! collections {
    ($r:ident, $($name:literal => $table:ident;)*) => {
        $(
            $r.read("LuaPrototypes", $name, |call| {
                tables::object(call.host, call.lua, $table, 0)
            });
        )*
    };
}

fn register_tables(r: &mut Registrar<'_>) {
    collections! { r,
        "entity" => ENTITIES_TABLE;
        "item" => ITEMS_TABLE;
        "recipe" => RECIPES_TABLE;
        "technology" => TECHNOLOGIES_TABLE;
        "fluid" => FLUIDS_TABLE;
        "tile" => TILES_TABLE;
        "quality" => QUALITIES_TABLE;
    }
}

fn entity_of(call: Call<'_>) -> &'static EntityPrototype {
    &vanilla().entities()[call.object.handle as usize]
}

macro_rules! plain {
    ($r:ident, $class:ident, $of:ident, $($name:literal => |$held:ident| $value:expr;)*) => {
        $(
            $r.read($class, $name, |call| {
                let $held = $of(call);
                call.value($value)
            });
        )*
    };
}

fn register_entity(r: &mut Registrar<'_>) {
    plain! { r, ENTITY, entity_of,
        "name" => |held| held.name.as_str();
        "type" => |held| held.kind.name();
        "order" => |held| held.order.as_str();
        "hidden" => |held| held.hidden;
        "tile_width" => |held| held.tile_width;
        "tile_height" => |held| held.tile_height;
        "module_inventory_size" => |held| (held.module_slots > 0).then_some(held.module_slots);
        "mining_speed" => |held| (held.mining_speed > 0.0).then_some(held.mining_speed);
        "fast_replaceable_group" => |held| held.fast_replaceable_group.as_deref();
        "is_building" => |held| held.placed_by.is_some();
        "supports_direction" => |held| held.is_rotatable;
        "infinite_resource" => |held| held.resource.as_ref().map(|resource| resource.infinite);
        "resource_category" => |held| held.resource.as_ref().map(|held| held.category.as_str());
        "minimum_resource_amount" => |held| held.resource.as_ref().map(|held| held.minimum);
        "normal_resource_amount" => |held| held.resource.as_ref().map(|held| held.normal);
        "belt_speed" => |held| held.belt.as_ref().map(|belt| f64::from(belt.speed_subtiles_per_tick) / 256.0);
        "fixed_recipe" => |held| held.fixed_recipe.map(|recipe| vanilla()[recipe].name.as_str());
    }
    register_figures(r);
    register_boxes(r);
}

fn register_figures(r: &mut Registrar<'_>) {
    r.method(ENTITY, "get_max_health", |call, _| {
        call.value(entity_of(call).max_health)
    });
    r.method(ENTITY, "get_crafting_speed", |call, _| {
        call.value(entity_of(call).crafting_speed)
    });
    r.method(ENTITY, "get_max_energy_usage", |call, _| {
        call.value(entity_of(call).energy_usage_watts / 60.0)
    });
    r.method(ENTITY, "get_mining_drill_radius", |call, _| {
        let radius = entity_of(call).resource_searching_radius;
        call.value((radius > 0.0).then_some(radius))
    });
    r.method(ENTITY, "get_supply_area_distance", |call, _| {
        let pole = entity_of(call).electric_pole.as_ref();
        call.value(pole.map_or(0.0, |pole| pole.supply_area_distance))
    });
    r.method(ENTITY, "get_max_wire_distance", |call, _| {
        let pole = entity_of(call).electric_pole.as_ref();
        call.value(pole.map_or(0.0, |pole| pole.maximum_wire_distance))
    });
    r.read(ENTITY, "max_underground_distance", |call| {
        let belt = entity_of(call).belt.as_ref();
        let distance = belt
            .map(|belt| belt.max_distance)
            .filter(|tiles| *tiles > 0);
        call.value(distance)
    });
    r.method(ENTITY, "get_inventory_size", |call, arguments| {
        let number = convert::count(&convert::argument(&arguments, 0))?;
        let held = entity_of(call);
        let size = match number {
            1 if held.inventory_size > 0 => Some(held.inventory_size),
            2 if held.source_inventory_size > 0 => Some(held.source_inventory_size),
            3 if held.result_inventory_size > 0 => Some(held.result_inventory_size),
            _ => None,
        };
        call.value(size)
    });
}

fn register_boxes(r: &mut Registrar<'_>) {
    for name in ["collision_box", "selection_box"] {
        if name == "collision_box" {
            r.read(ENTITY, name, |call| {
                let shape = entity_of(call).collision_box;
                area_value(call.lua, Rect::around(MapPos::default(), shape, 0))
            });
        } else {
            r.read(ENTITY, name, |call| {
                let shape = entity_of(call).selection_box;
                area_value(call.lua, Rect::around(MapPos::default(), shape, 0))
            });
        }
    }
    r.read(ENTITY, "crafting_categories", |call| {
        set_of(call, &entity_of(call).crafting_categories)
    });
    r.read(ENTITY, "resource_categories", |call| {
        set_of(call, &entity_of(call).resource_categories)
    });
    r.read(ENTITY, "vector_to_place_result", |call| {
        match entity_of(call).vector_to_place_result {
            Some((x, y)) => pair_value(call.lua, x, y),
            None => Ok(Value::Nil),
        }
    });
    r.read(ENTITY, "items_to_place_this", |call| {
        let Some((item, count)) = entity_of(call).placed_by else {
            return Ok(Value::Nil);
        };
        let list = call.lua.create_table()?;
        let entry = call.lua.create_table()?;
        entry.raw_set("name", vanilla()[item].name.as_str())?;
        entry.raw_set("count", count)?;
        list.raw_set(1, entry)?;
        Ok(Value::Table(list))
    });
    r.read(ENTITY, "mineable_properties", mineable);
    r.read(ENTITY, "burner_prototype", |call| {
        let source = &entity_of(call).energy_source;
        if !matches!(source, Some(EnergySource::Burner { .. })) {
            return Ok(Value::Nil);
        }
        call.host
            .object(call.lua, "LuaBurnerPrototype", call.object.handle)
    });
    r.read(ENTITY, "electric_energy_source_prototype", |call| {
        let source = entity_of(call).energy_source.as_ref();
        if !source.is_some_and(EnergySource::is_electric) {
            return Ok(Value::Nil);
        }
        let class = "LuaElectricEnergySourcePrototype";
        call.host.object(call.lua, class, call.object.handle)
    });
    r.read("LuaBurnerPrototype", "fuel_categories", |call| {
        let categories = entity_of(call).fuel_categories().unwrap_or_default();
        set_of(call, categories)
    });
}

fn set_of(call: Call<'_>, names: &[String]) -> mlua::Result<Value> {
    let set = call.lua.create_table()?;
    for name in names {
        set.raw_set(name.as_str(), true)?;
    }
    Ok(Value::Table(set))
}

fn mineable(call: Call<'_>) -> mlua::Result<Value> {
    let table = call.lua.create_table()?;
    let minable = &entity_of(call).minable;
    table.raw_set("minable", minable.is_some())?;
    if let Some(minable) = minable {
        table.raw_set("mining_time", minable.mining_time_seconds)?;
        let list = call.lua.create_table()?;
        for (place, product) in minable.results.iter().enumerate() {
            list.raw_set(place + 1, product_value(call, product)?)?;
        }
        table.raw_set("products", list)?;
        if let Some((fluid, amount)) = minable.required_fluid {
            table.raw_set("required_fluid", vanilla()[fluid].name.as_str())?;
            table.raw_set("fluid_amount", amount)?;
        }
    }
    Ok(Value::Table(table))
}

fn product_value(call: Call<'_>, product: &crate::prototypes::Product) -> mlua::Result<Value> {
    let (kind, name) = material(product.what);
    let entry = call.lua.create_table()?;
    entry.raw_set("type", kind)?;
    entry.raw_set("name", name)?;
    if product.amount_min.to_bits() == product.amount_max.to_bits() {
        entry.raw_set("amount", product.amount_min)?;
    } else {
        entry.raw_set("amount_min", product.amount_min)?;
        entry.raw_set("amount_max", product.amount_max)?;
    }
    entry.raw_set("probability", product.probability)?;
    Ok(Value::Table(entry))
}

fn item_of(call: Call<'_>) -> &'static Item {
    &vanilla().items()[call.object.handle as usize]
}

fn register_item(r: &mut Registrar<'_>) {
    plain! { r, ITEM, item_of,
        "name" => |held| held.name.as_str();
        "type" => |held| held.kind.as_str();
        "order" => |held| held.order.as_str();
        "hidden" => |held| held.hidden;
        "stack_size" => |held| held.stack_size;
        "fuel_value" => |held| held.fuel_value_joules;
        "fuel_category" => |held| held.fuel_category.as_deref();
    }
    r.read(ITEM, "place_result", |call| {
        match item_of(call).place_result {
            Some(id) => entity_object(call.host, call.lua, id),
            None => Ok(Value::Nil),
        }
    });
    r.read(ITEM, "burnt_result", |call| {
        match item_of(call).burnt_result {
            Some(id) => item_object(call.host, call.lua, id),
            None => Ok(Value::Nil),
        }
    });
}

fn recipe_of(call: Call<'_>) -> &'static Recipe {
    &vanilla().recipes()[call.object.handle as usize]
}

fn register_recipe(r: &mut Registrar<'_>) {
    plain! { r, RECIPE, recipe_of,
        "name" => |held| held.name.as_str();
        "category" => |held| held.category.as_str();
        "energy" => |held| held.energy_required_seconds;
        "enabled" => |held| held.enabled;
        "hidden" => |held| held.hidden;
        "order" => |held| held.order.as_str();
    }
    r.read(RECIPE, "ingredients", |call| {
        ingredients(call, RecipeId::from_index(call.object.handle as usize))
    });
    r.read(RECIPE, "products", |call| {
        products(call, RecipeId::from_index(call.object.handle as usize))
    });
}

/// Lists what a recipe uses.
pub(super) fn ingredients(call: Call<'_>, id: RecipeId) -> mlua::Result<Value> {
    let list = call.lua.create_table()?;
    for (place, ingredient) in vanilla()[id].ingredients.iter().enumerate() {
        let (kind, name) = material(ingredient.what);
        let entry = call.lua.create_table()?;
        entry.raw_set("type", kind)?;
        entry.raw_set("name", name)?;
        entry.raw_set("amount", ingredient.amount)?;
        list.raw_set(place + 1, entry)?;
    }
    Ok(Value::Table(list))
}

/// Lists what a recipe gives.
pub(super) fn products(call: Call<'_>, id: RecipeId) -> mlua::Result<Value> {
    let list = call.lua.create_table()?;
    for (place, product) in vanilla()[id].results.iter().enumerate() {
        list.raw_set(place + 1, product_value(call, product)?)?;
    }
    Ok(Value::Table(list))
}

fn register_others(r: &mut Registrar<'_>) {
    r.read(TECHNOLOGY, "name", |call| {
        call.value(
            vanilla().technologies()[call.object.handle as usize]
                .name
                .as_str(),
        )
    });
    r.read(TECHNOLOGY, "prerequisites", |call| {
        let table = call.lua.create_table()?;
        let facts = &vanilla().technologies()[call.object.handle as usize];
        for id in &facts.prerequisites {
            let object = technology_object(call.host, call.lua, *id)?;
            table.raw_set(vanilla()[*id].name.as_str(), object)?;
        }
        Ok(Value::Table(table))
    });
    r.read(TECHNOLOGY, "level", |call| {
        let facts = &vanilla().technologies()[call.object.handle as usize];
        call.value(crate::sim::research::next_level(facts, 0))
    });
    r.read(TECHNOLOGY, "enabled", |call| {
        call.value(vanilla().technologies()[call.object.handle as usize].enabled)
    });
    r.read(TECHNOLOGY, "hidden", |call| {
        call.value(vanilla().technologies()[call.object.handle as usize].hidden)
    });
    r.read(FLUID, "name", |call| {
        call.value(
            vanilla().fluids()[call.object.handle as usize]
                .name
                .as_str(),
        )
    });
    r.read(FLUID, "default_temperature", |call| {
        call.value(vanilla().fluids()[call.object.handle as usize].default_temperature)
    });
    r.read(FLUID, "max_temperature", |call| {
        call.value(vanilla().fluids()[call.object.handle as usize].max_temperature)
    });
    r.read(TILE, "name", |call| {
        call.value(vanilla().tiles()[call.object.handle as usize].name.as_str())
    });
    r.read(TILE, "walking_speed_modifier", |call| {
        call.value(vanilla().tiles()[call.object.handle as usize].walking_speed_modifier)
    });
    r.read(QUALITY, "name", |call| call.value("normal"));
    r.read(QUALITY, "level", |call| call.value(0));
}
