//! Values of scripts as values of the simulation, and back: positions, areas, directions, names, stacks.

use mlua::{Lua, MultiValue, Result as LuaResult, Table, Value};

use super::core::Core;
use super::host::{Call, Host, fault};
use crate::lua::object_of;
use crate::prototypes::{
    EntityPrototypeId, FluidId, ItemId, RecipeId, TechnologyId, TileId, vanilla,
};
use crate::sim::position::{Direction, MapPos, Rect};

/// Gives an argument by its place; absent ones are nil.
pub(super) fn argument(arguments: &MultiValue, place: usize) -> Value {
    arguments.get(place).cloned().unwrap_or(Value::Nil)
}

/// Gives the one table of a method with named arguments.
pub(super) fn named(arguments: &MultiValue) -> LuaResult<Option<Table>> {
    match arguments.front() {
        Some(Value::Table(table)) => Ok(Some(table.clone())),
        None | Some(Value::Nil) => Ok(None),
        Some(other) => Err(expected("a table", other)),
    }
}

/// Gives the table of a method that cannot do without.
pub(super) fn table_argument(arguments: &MultiValue) -> LuaResult<Table> {
    named(arguments)?.ok_or_else(|| fault("expected a table of arguments"))
}

/// Makes the error for a value of a wrong kind.
pub(super) fn expected(what: &str, value: &Value) -> mlua::Error {
    fault(format!("expected {what}, got {}", value.type_name()))
}

/// Reads a number.
pub(super) fn number(value: &Value) -> LuaResult<f64> {
    match value {
        Value::Number(number) => Ok(*number),
        Value::Integer(number) => Ok(*number as f64),
        other => Err(expected("a number", other)),
    }
}

/// Reads a whole number from 0 to what 32 bits hold.
pub(super) fn count(value: &Value) -> LuaResult<u32> {
    let number = number(value)?;
    if !(0.0..4_294_967_296.0).contains(&number) {
        return Err(fault(format!(
            "expected a whole number from 0 to 4294967295, got {number}"
        )));
    }
    Ok(number as u32)
}

/// Reads a text.
pub(super) fn text(value: &Value) -> LuaResult<String> {
    match value {
        Value::String(text) => Ok(text.to_string_lossy()),
        Value::Number(number) => Ok(format!("{number}")),
        Value::Integer(number) => Ok(number.to_string()),
        other => Err(expected("a string", other)),
    }
}

/// Says whether a value counts as true.
pub(super) fn truth(value: &Value) -> bool {
    !matches!(value, Value::Nil | Value::Boolean(false))
}

/// Reads a field under its name or its place.
fn field(table: &Table, name: &str, place: i64) -> LuaResult<Value> {
    let value: Value = table.raw_get(name)?;
    if value.is_nil() {
        table.raw_get(place)
    } else {
        Ok(value)
    }
}

/// Reads a pair of numbers.
pub(super) fn pair(value: &Value) -> LuaResult<(f64, f64)> {
    let Value::Table(table) = value else {
        return Err(expected("a position", value));
    };
    let x = number(&field(table, "x", 1)?)?;
    let y = number(&field(table, "y", 2)?)?;
    if !x.is_finite() || !y.is_finite() || x.abs() > 1.0e6 || y.abs() > 1.0e6 {
        return Err(fault(format!(
            "a position lies within 1000000 tiles of the origin, not at ({x}, {y})"
        )));
    }
    Ok((x, y))
}

/// Reads a position on the map.
pub(super) fn position(value: &Value) -> LuaResult<MapPos> {
    pair(value).map(|(x, y)| MapPos::from_tiles(x, y))
}

/// Reads a box on the map.
pub(super) fn area(value: &Value) -> LuaResult<Rect> {
    let Value::Table(table) = value else {
        return Err(expected("an area", value));
    };
    let low = position(&field(table, "left_top", 1)?)?;
    let high = position(&field(table, "right_bottom", 2)?)?;
    Ok(Rect {
        left: low.x.min(high.x),
        top: low.y.min(high.y),
        right: low.x.max(high.x),
        bottom: low.y.max(high.y),
    })
}

/// Reads a direction in sixteenths.
pub(super) fn direction(value: &Value) -> LuaResult<Direction> {
    match value {
        Value::Nil => Ok(Direction::NORTH),
        value => {
            let sixteenths = number(value)?;
            if !(0.0..16.0).contains(&sixteenths) {
                return Err(fault(format!(
                    "a direction is one of defines.direction, 0 to 15, not {sixteenths}"
                )));
            }
            Ok(Direction::from_sixteenths(sixteenths as u8))
        }
    }
}

/// Makes a position of a script.
pub(super) fn position_value(lua: &Lua, position: MapPos) -> LuaResult<Value> {
    pair_value(
        lua,
        f64::from(position.x) / 256.0,
        f64::from(position.y) / 256.0,
    )
}

/// Makes a pair of numbers.
pub(super) fn pair_value(lua: &Lua, x: f64, y: f64) -> LuaResult<Value> {
    let table = lua.create_table_with_capacity(0, 2)?;
    table.raw_set("x", x)?;
    table.raw_set("y", y)?;
    Ok(Value::Table(table))
}

/// Makes a box of a script.
pub(super) fn area_value(lua: &Lua, area: Rect) -> LuaResult<Value> {
    let table = lua.create_table_with_capacity(0, 2)?;
    let low = MapPos::new(area.left, area.top);
    let high = MapPos::new(area.right, area.bottom);
    table.raw_set("left_top", position_value(lua, low)?)?;
    table.raw_set("right_bottom", position_value(lua, high)?)?;
    Ok(Value::Table(table))
}

/// Reads a name: a text, or an object of the game that has one.
pub(super) fn name_of(call: Call<'_>, value: &Value) -> LuaResult<String> {
    if let Some(object) = object_of(value) {
        return super::prototypes::name_of_object(call.host, object)
            .ok_or_else(|| fault("expected a name"));
    }
    match value {
        Value::Table(table) => text(&table.raw_get("name")?),
        value => text(value),
    }
}

macro_rules! lookups {
    ($($function:ident, $method:ident, $id:ident, $what:literal;)*) => {
        $(
            #[doc = concat!("Finds the ", $what, " that a value names.")]
            pub(super) fn $function(call: Call<'_>, value: &Value) -> LuaResult<$id> {
                let name = name_of(call, value)?;
                vanilla()
                    .$method(&name)
                    .map_err(|_| fault(format!("Unknown {} name: {name}", $what)))
            }
        )*
    };
}

lookups! {
    item, item, ItemId, "item";
    recipe, recipe, RecipeId, "recipe";
    entity_prototype, entity, EntityPrototypeId, "entity";
    technology, technology, TechnologyId, "technology";
    fluid, fluid, FluidId, "fluid";
    tile, tile, TileId, "tile";
}

/// Reads an item and how many of it; a name alone is one.
pub(super) fn stack(call: Call<'_>, value: &Value) -> LuaResult<(ItemId, u32)> {
    if let Some(object) = object_of(value)
        && call.host.layer().class_name(object) == "LuaItemStack"
    {
        let held = super::item_stack::stack_of(call.host, object)?;
        let held = held.ok_or_else(|| fault("the stack is empty"))?;
        return Ok((held.item, held.count));
    }
    let count = match value {
        Value::Table(table) => match table.raw_get::<Value>("count")? {
            Value::Nil => 1,
            given => count(&given)?,
        },
        _ => 1,
    };
    Ok((item(call, value)?, count))
}

/// Finds the surface that a value names.
pub(super) fn surface(host: &Host, core: &Core, value: &Value) -> LuaResult<u16> {
    if let Some(object) = object_of(value) {
        let class = host.layer();
        let number = match class.class_name(object) {
            "LuaSurface" => object.handle as u16,
            other => return Err(fault(format!("expected a surface, got {other}"))),
        };
        return Ok(number);
    }
    let found = match value {
        Value::String(name) => core.surface_named(&name.to_string_lossy()),
        value => {
            let number = count(value)? as u16;
            core.surface(number).map(|_| number)
        }
    };
    found.ok_or_else(|| {
        fault(format!(
            "Unknown surface: {}",
            value.to_string().unwrap_or_default()
        ))
    })
}

/// Finds the force that a value names.
pub(super) fn force(host: &Host, core: &Core, value: &Value) -> LuaResult<u16> {
    if let Some(object) = object_of(value) {
        let layer = host.layer();
        return match layer.class_name(object) {
            "LuaForce" => Ok(object.handle as u16),
            other => Err(fault(format!("expected a force, got {other}"))),
        };
    }
    let found = match value {
        Value::String(name) => core.force_named(&name.to_string_lossy()),
        value => {
            let number = count(value)? as u16;
            core.force(number).map(|_| number)
        }
    };
    found.ok_or_else(|| {
        fault(format!(
            "Unknown force: {}",
            value.to_string().unwrap_or_default()
        ))
    })
}

/// Reads a list of names: one, or several; `None` where nothing is given.
pub(super) fn names(call: Call<'_>, value: &Value) -> LuaResult<Option<Vec<String>>> {
    match value {
        Value::Nil => Ok(None),
        Value::Table(list) => {
            let mut names = Vec::new();
            for entry in list.sequence_values::<Value>() {
                names.push(name_of(call, &entry?)?);
            }
            Ok(Some(names))
        }
        one => Ok(Some(vec![name_of(call, one)?])),
    }
}
