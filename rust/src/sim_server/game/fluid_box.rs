//! `LuaFluidBox`, and what `LuaEntity` tells of its fluids.

use mlua::Value;

use super::convert::{self, argument, number};
use super::entity::{CLASS, change, on_entity};
use super::handle::Thing;
use super::host::{Call, Registrar, fault};
use crate::prototypes::vanilla;

pub(super) fn register(r: &mut Registrar<'_>) {
    r.method(CLASS, "get_fluid_count", |call, arguments| {
        let wanted = match argument(&arguments, 0) {
            Value::Nil => None,
            given => Some(convert::fluid(call, &given)?),
        };
        let amount = on_entity(call, |world, reference, _| {
            let held = world.fluids.contents_of(reference.slot);
            held.iter()
                .filter(|(fluid, ..)| wanted.is_none_or(|wanted| wanted == *fluid))
                .map(|(_, amount, _)| *amount)
                .fold(0.0, |sum, amount| sum + amount)
        })?;
        call.value(amount.unwrap_or(0.0))
    });
    r.method(CLASS, "get_fluid_contents", |call, _| {
        let table = call.lua.create_table()?;
        let held = on_entity(call, |world, reference, _| {
            world.fluids.contents_of(reference.slot)
        })?;
        for (fluid, amount, _) in held.into_iter().flatten() {
            let name = vanilla()[fluid].name.as_str();
            let before: Option<f64> = table.raw_get(name)?;
            table.raw_set(name, before.unwrap_or(0.0) + amount)?;
        }
        Ok(Value::Table(table))
    });
    r.read(CLASS, "fluids_count", |call| call.value(boxes(call)?.len()));
    r.method(CLASS, "insert_fluid", |call, arguments| {
        let Value::Table(table) = argument(&arguments, 0) else {
            return Err(convert::expected("a fluid", &argument(&arguments, 0)));
        };
        let fluid = convert::fluid(call, &table.raw_get("name")?)?;
        let amount = number(&table.raw_get("amount")?)?.max(0.0);
        let temperature: Option<f64> = table.raw_get("temperature")?;
        let accepted = change(call, |surface, thing| {
            let Thing::Entity(entity) = thing else {
                return Ok(0.0);
            };
            Ok(surface.world.put_fluid(entity, fluid, amount, temperature))
        })?;
        call.value(accepted)
    });
    r.read(CLASS, "fluidbox", |call| {
        call.host
            .object(call.lua, "LuaFluidBox", call.object.handle)
    });
    register_box(r);
}

fn register_box(r: &mut Registrar<'_>) {
    const BOX: &str = "LuaFluidBox";
    r.read(BOX, "owner", |call| {
        call.host.object(call.lua, CLASS, call.object.handle)
    });
    r.operator(BOX, "length", |call, _| call.value(boxes(call)?.len()));
    r.operator(BOX, "index", |call, arguments| {
        let held = fluid_box(call, &argument(&arguments, 0))?;
        let content = on_entity(call, |world, _, _| {
            let fluid = world.fluids.fluid(held)?;
            let temperature = world.fluids.temperature(held);
            Some((fluid, world.fluids.amount(held), temperature))
        })?;
        let Some((fluid, amount, temperature)) = content.flatten() else {
            return Ok(Value::Nil);
        };
        let table = call.lua.create_table()?;
        table.raw_set("name", vanilla()[fluid].name.as_str())?;
        table.raw_set("amount", amount)?;
        table.raw_set("temperature", temperature)?;
        Ok(Value::Table(table))
    });
    r.method(BOX, "get_capacity", |call, arguments| {
        let held = fluid_box(call, &argument(&arguments, 0))?;
        let volume = on_entity(call, |world, _, _| {
            world.fluids.get(held).map(|own| own.volume)
        })?;
        call.value(volume.flatten())
    });
}

fn boxes(call: Call<'_>) -> mlua::Result<Vec<u32>> {
    let boxes = on_entity(call, |world, reference, _| {
        world.fluids.boxes_of(reference.slot).to_vec()
    })?;
    Ok(boxes.unwrap_or_default())
}

fn fluid_box(call: Call<'_>, place: &Value) -> mlua::Result<u32> {
    let place = convert::count(place)? as usize;
    let boxes = boxes(call)?;
    place
        .checked_sub(1)
        .and_then(|place| boxes.get(place).copied())
        .ok_or_else(|| {
            fault(format!(
                "the entity has {} fluid boxes, not one numbered {place}",
                boxes.len()
            ))
        })
}
