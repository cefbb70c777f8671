//! `LuaTransportLine`: the lanes of belts and splitters, by the game's numbers.
//!
//! A belt has lane 1 left of travel and 2 right; a splitter 1 and 2 of the left input, 3 and 4 of the right input, 5 to 8
//! of the outputs. An underground belt has what lies below on the lanes of its entrance; lanes 3 and 4 are empty.

use mlua::Value;

use super::convert::{self, argument, count, number};
use super::entity::{CLASS as ENTITY, change, has_no, on_entity};
use super::entity_machine::stacks_value;
use super::handle::{Handle, Thing};
use super::host::{Call, Registrar, fault, gone};
use crate::prototypes::{EntityKind, ItemId, vanilla};
use crate::sim::World;
use crate::sim::entity::{Body, Entity};
use crate::sim::inventory::ItemStack;

const CLASS: &str = "LuaTransportLine";
/// 1/256 tile.
const SUBTILES: f64 = 256.0;

pub(super) fn register(r: &mut Registrar<'_>) {
    r.method(
        ENTITY,
        "get_max_transport_line_index",
        |call, _| match on_entity(call, |_, _, entity| n_lines(entity))? {
            Some(lines) if lines > 0 => call.value(lines),
            _ => Err(has_no(call, "transport lines")),
        },
    );
    r.method(ENTITY, "get_transport_line", |call, arguments| {
        let wanted = count(&argument(&arguments, 0))?;
        let lines = on_entity(call, |_, _, entity| n_lines(entity))?.unwrap_or(0);
        if lines == 0 {
            return Err(has_no(call, "transport lines"));
        }
        if wanted == 0 || wanted > u32::from(lines) {
            return Err(fault(format!(
                "the entity has transport lines 1 to {lines}, not {wanted}"
            )));
        }
        let handle = Handle {
            group: wanted as u8,
            index: 0,
            ..call.handle()
        };
        call.host.object(call.lua, CLASS, handle.pack())
    });
    register_line(r);
    register_changes(r);
}

fn register_line(r: &mut Registrar<'_>) {
    r.operator(CLASS, "length", |call, _| {
        let length = items(call)?.len();
        call.value(length)
    });
    r.method(CLASS, "get_contents", |call, _| {
        let stacks: Vec<ItemStack> = items(call)?
            .into_iter()
            .map(|(_, item)| ItemStack { item, count: 1 })
            .collect();
        stacks_value(call, &stacks)
    });
    r.method(CLASS, "get_item_count", |call, arguments| {
        let wanted = match argument(&arguments, 0) {
            Value::Nil => None,
            given => Some(convert::item(call, &given)?),
        };
        let items = items(call)?;
        let held = items
            .iter()
            .filter(|(_, item)| wanted.is_none_or(|wanted| wanted == *item));
        call.value(held.count())
    });
    r.method(CLASS, "get_detailed_contents", |call, _| {
        let items = items(call)?;
        let list = call.lua.create_table_with_capacity(items.len(), 0)?;
        for (place, (position, item)) in items.into_iter().enumerate() {
            let stack = call.lua.create_table()?;
            stack.raw_set("name", vanilla()[item].name.as_str())?;
            stack.raw_set("count", 1)?;
            stack.raw_set("quality", "normal")?;
            let entry = call.lua.create_table()?;
            entry.raw_set("stack", stack)?;
            entry.raw_set("position", f64::from(position) / SUBTILES)?;
            // Items have no identity of their own here; the place tells them apart.
            entry.raw_set("unique_id", place + 1)?;
            list.raw_set(place + 1, entry)?;
        }
        Ok(Value::Table(list))
    });
    r.operator(CLASS, "index", |call, arguments| {
        let place = count(&argument(&arguments, 0))?;
        let length = items(call)?.len();
        if place == 0 || place as usize > length {
            return Err(fault(format!(
                "the transport line holds {length} items, it has no place {place}"
            )));
        }
        super::item_stack::line_stack(call, call.handle().group, place as u16)
    });
    r.read(CLASS, "line_length", |call| {
        let length = line(call, |world, belt, lane| {
            world.belts.lane_length(belt, lane)
        })?;
        call.value(f64::from(length.unwrap_or(0)) / SUBTILES)
    });
    r.read(CLASS, "owner", |call| {
        let handle = super::entity_machine::owner(call.handle());
        call.host.object(call.lua, ENTITY, handle.pack())
    });
    r.method(CLASS, "can_insert_at", |call, arguments| {
        let position = (number(&argument(&arguments, 0))? * SUBTILES) as i32;
        let fits = line(call, |world, belt, lane| {
            world.belts.can_insert(belt, lane, position)
        })?;
        call.value(fits.unwrap_or(false))
    });
}

fn register_changes(r: &mut Registrar<'_>) {
    r.method(CLASS, "insert_at", |call, arguments| {
        let position = (number(&argument(&arguments, 0))? * SUBTILES) as i32;
        let (item, _) = convert::stack(call, &argument(&arguments, 1))?;
        let handle = call.handle();
        let inserted = change(call, |surface, thing| {
            let found = lane_of(&surface.world, thing, handle.group);
            let Some((belt, lane)) = found else {
                return Ok(false);
            };
            let is_on_it = (0..surface.world.belts.lane_length(belt, lane)).contains(&position);
            let inserted = is_on_it && surface.world.belts.insert(belt, lane, position, item);
            surface.world.settle();
            Ok(inserted)
        })?;
        call.value(inserted)
    });
    r.method(CLASS, "remove_item", |call, arguments| {
        let (item, wanted) = convert::stack(call, &argument(&arguments, 0))?;
        let removed = remove(call, Some((item, wanted)))?;
        call.value(removed)
    });
    r.method(CLASS, "clear", |call, _| {
        remove(call, None)?;
        Ok(Value::Nil)
    });
}

/// Takes items off a lane: some of one, or all.
fn remove(call: Call<'_>, wanted: Option<(ItemId, u32)>) -> mlua::Result<u32> {
    let handle = call.handle();
    change(call, |surface, thing| {
        let world = &mut surface.world;
        let Some((belt, lane)) = lane_of(world, thing, handle.group) else {
            return Ok(0);
        };
        let held: Vec<(i32, ItemId)> = world.belts.items_on(belt, lane).collect();
        let mut removed = 0;
        for (position, item) in held {
            let is_wanted = wanted.is_none_or(|(wanted, count)| wanted == item && removed < count);
            if is_wanted && world.belts.take(belt, lane, position, item) {
                removed += 1;
            }
        }
        world.settle();
        Ok(removed)
    })
}

fn n_lines(entity: &Entity) -> u8 {
    match entity.body {
        Body::Belt(_) if entity.prototype().kind == EntityKind::UndergroundBelt => 4,
        Body::Belt(_) => 2,
        Body::Splitter(_) => 8,
        _ => 0,
    }
}

/// Finds the belt and its lane that a line of the game is.
fn lane_of(world: &World, thing: Thing, line: u8) -> Option<(u32, usize)> {
    let Thing::Entity(reference) = thing else {
        return None;
    };
    let place = usize::from(line).checked_sub(1)?;
    match world.entity(reference)?.body {
        Body::Belt(index) if place < 2 => Some((index, place)),
        Body::Splitter(index) => {
            let belts = world.belts.splitter_belts(index);
            belts
                .into_iter()
                .nth(place / 2)
                .map(|belt| (belt, place % 2))
        }
        _ => None,
    }
}

fn line<R>(call: Call<'_>, look: impl FnOnce(&World, u32, usize) -> R) -> mlua::Result<Option<R>> {
    let handle = call.handle();
    let core = call.host.core.borrow();
    let surface = core.surface_of(handle).ok_or_else(gone)?;
    let thing = handle.thing().ok_or_else(gone)?;
    let found = lane_of(&surface.world, thing, handle.group);
    Ok(found.map(|(belt, lane)| look(&surface.world, belt, lane)))
}

/// Gives the item at a place of a line, from 1.
pub(super) fn item_at(world: &World, thing: Thing, line: u8, place: usize) -> Option<ItemId> {
    let (belt, lane) = lane_of(world, thing, line)?;
    let place = place.checked_sub(1)?;
    world
        .belts
        .items_on(belt, lane)
        .nth(place)
        .map(|(_, item)| item)
}

/// Lists what lies on a line, front first, with positions from the downstream edge.
fn items(call: Call<'_>) -> mlua::Result<Vec<(i32, ItemId)>> {
    let items = line(call, |world, belt, lane| {
        world.belts.items_on(belt, lane).collect()
    })?;
    Ok(items.unwrap_or_default())
}
