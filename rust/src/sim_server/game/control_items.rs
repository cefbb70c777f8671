//! `LuaControl`: items and inventories of any entity, and what a character reaches.

use mlua::{MultiValue, Value};

use super::control::{character, seen};
use super::convert::{self, argument, count, direction, position, table_argument};
use super::core::Surface;
use super::entity::{CLASS as ENTITY, change, on};
use super::handle::{Handle, Thing};
use super::host::{Call, Registrar};
use super::inventory::{self, CONTENTS, FUEL, HAND, MAIN, MODULES, RESULT, SOURCE};
use super::item_stack;
use crate::lua::object_of;
use crate::prototypes::vanilla;
use crate::sim::character::is_within;
use crate::sim::entity::Body;
use crate::sim::mining;
use crate::sim::position::Direction;
use crate::sim::script;

const CLASS: &str = "LuaControl";

pub(super) fn register(r: &mut Registrar<'_>) {
    register_items(r);
    register_inventories(r);
    register_reach(r);
}

fn register_items(r: &mut Registrar<'_>) {
    r.method(CLASS, "insert", |call, arguments| {
        let (item, wanted) = convert::stack(call, &argument(&arguments, 0))?;
        let inserted = change(call, |surface, thing| {
            Ok(match thing {
                Thing::Character(_) => {
                    script::character_inventory(&mut surface.world).insert(item, wanted)
                }
                Thing::Entity(entity) => script::insert(&mut surface.world, entity, item, wanted),
                _ => 0,
            })
        })?;
        call.value(inserted)
    });
    r.method(CLASS, "can_insert", |call, arguments| {
        let (item, _) = convert::stack(call, &argument(&arguments, 0))?;
        let fits = on(call, |surface, thing| {
            let world = &surface.world;
            Ok(match thing {
                Thing::Character(_) => world.character.inventory.has_room(item),
                Thing::Entity(reference) => world.entity(reference).is_some_and(|entity| {
                    let slots = world.slots(entity);
                    let enabled = &world.force.enabled_recipes;
                    crate::sim::machine::room_by_hand(entity.prototype(), &slots, item, enabled) > 0
                }),
                _ => false,
            })
        })?;
        call.value(fits)
    });
    r.method(CLASS, "remove_item", |call, arguments| {
        let (item, wanted) = convert::stack(call, &argument(&arguments, 0))?;
        let handle = call.handle();
        if matches!(handle.thing(), Some(Thing::Character(_))) {
            let removed = character(call, "items", |surface| {
                script::character_inventory(&mut surface.world).remove(item, wanted)
            })?;
            return call.value(removed);
        }
        let removed = change(call, |surface, thing| {
            let Thing::Entity(entity) = thing else {
                return Ok(0);
            };
            let body = surface.world.entity(entity).map(|held| held.body);
            if matches!(body, Some(Body::Belt(_) | Body::Splitter(_))) {
                let world = &mut surface.world;
                return Ok(script::take_off_belt(world, entity, item, wanted));
            }
            // What it has made goes first, then what it stores, then what it was given.
            let groups = [
                script::SlotGroup::Result,
                script::SlotGroup::Contents,
                script::SlotGroup::Source,
                script::SlotGroup::Fuel,
                script::SlotGroup::Modules,
            ];
            let mut left = wanted;
            for group in groups {
                left -= script::remove(&mut surface.world, entity, group, item, left);
            }
            Ok(wanted - left)
        })?;
        call.value(removed)
    });
    register_counts(r);
}

fn register_counts(r: &mut Registrar<'_>) {
    r.method(CLASS, "get_item_count", |call, arguments| {
        let wanted = match argument(&arguments, 0) {
            Value::Nil => None,
            given => Some(convert::item(call, &given)?),
        };
        let total = on(call, |surface, thing| {
            let mut total = 0;
            if let Thing::Entity(reference) = thing
                && let Some(entity) = surface.world.entity(reference)
            {
                for stack in surface.world.items_on_belt(entity) {
                    if wanted.is_none_or(|wanted| wanted == stack.item) {
                        total += stack.count;
                    }
                }
            }
            for group in [MAIN, CONTENTS, FUEL, SOURCE, RESULT, MODULES, HAND] {
                if (group == MAIN) != matches!(thing, Thing::Character(_)) {
                    continue;
                }
                let handle = Handle {
                    group,
                    ..call.handle()
                };
                for stack in inventory::all_slots(surface, handle).iter().flatten() {
                    if wanted.is_none_or(|wanted| wanted == stack.item) {
                        total += stack.count;
                    }
                }
            }
            Ok(total)
        })?;
        call.value(total)
    });
    r.method(CLASS, "has_items_inside", |call, _| {
        let has = on(call, |surface, _| {
            let groups = [MAIN, CONTENTS, FUEL, SOURCE, RESULT, MODULES];
            Ok(groups.into_iter().any(|group| {
                let handle = Handle {
                    group,
                    ..call.handle()
                };
                let slots = inventory::all_slots(surface, handle);
                slots.iter().any(Option::is_some)
            }))
        })?;
        call.value(has)
    });
}

fn register_inventories(r: &mut Registrar<'_>) {
    r.method(CLASS, "get_inventory", |call, arguments| {
        let number = count(&argument(&arguments, 0))?;
        let group = on(call, |surface, thing| {
            Ok(inventory::group_of(surface, thing, number))
        })?;
        match group {
            Some(group) => inventory::object(call, group),
            None => Ok(Value::Nil),
        }
    });
    r.method(CLASS, "get_main_inventory", |call, _| {
        if matches!(call.handle().thing(), Some(Thing::Character(_))) {
            return inventory::object(call, MAIN);
        }
        Ok(Value::Nil)
    });
    r.method(CLASS, "get_max_inventory_index", |call, _| {
        /// No entity of ours has an inventory beyond it.
        const LAST: u32 = 9;
        let last = on(call, |surface, thing| {
            let has = |number: &u32| inventory::group_of(surface, thing, *number).is_some();
            Ok((1..=LAST).rev().find(has).unwrap_or(0))
        })?;
        call.value(last)
    });
    r.method(ENTITY, "get_output_inventory", |call, _| {
        let group = on(call, |surface, thing| {
            Ok([(3, RESULT), (1, CONTENTS)]
                .into_iter()
                .find(|(number, group)| {
                    inventory::group_of(surface, thing, *number) == Some(*group)
                })
                .map(|(_, group)| group))
        })?;
        group.map_or(Ok(Value::Nil), |group| inventory::object(call, group))
    });
    r.method(ENTITY, "get_fuel_inventory", |call, _| {
        let has = on(call, |surface, thing| {
            Ok(inventory::group_of(surface, thing, 1) == Some(FUEL))
        })?;
        if has {
            return inventory::object(call, FUEL);
        }
        Ok(Value::Nil)
    });
    r.method(ENTITY, "get_module_inventory", |call, _| {
        let has = on(call, |surface, thing| {
            Ok((1..=4).any(|number| inventory::group_of(surface, thing, number) == Some(MODULES)))
        })?;
        if has {
            return inventory::object(call, MODULES);
        }
        Ok(Value::Nil)
    });
    r.read(CLASS, "cursor_stack", |call| {
        seen(call, "a cursor", |_| ())?;
        item_stack::cursor_stack(call)
    });
    r.method(CLASS, "is_cursor_empty", |call, _| {
        seen(call, "a cursor", |_| ())?;
        call.value(true)
    });
}

macro_rules! distances {
    ($r:ident, $($name:literal => $field:ident;)*) => {
        $(
            $r.read(CLASS, $name, |call| match call.handle().thing() {
                Some(Thing::Character(_)) => call.value(vanilla().character().$field),
                // What is no character reaches everything.
                _ => call.value(u32::MAX),
            });
        )*
    };
}

fn register_reach(r: &mut Registrar<'_>) {
    distances! { r,
        "reach_distance" => reach_distance;
        "build_distance" => build_distance;
        "resource_reach_distance" => reach_resource_distance;
        "item_pickup_distance" => item_pickup_distance;
        "loot_pickup_distance" => loot_pickup_distance;
        "drop_item_distance" => drop_item_distance;
    }
    r.method(CLASS, "can_reach_entity", |call, arguments| {
        let value = argument(&arguments, 0);
        let object = object_of(&value).ok_or_else(|| convert::expected("a LuaEntity", &value))?;
        let other = Handle::unpack(object.handle);
        let own = call.handle();
        if other.surface != own.surface || other.epoch != own.epoch {
            return Ok(Value::Boolean(false));
        }
        let reaches = seen(call, "reach", |surface| reaches(surface, other))?;
        call.value(reaches)
    });
    r.method(CLASS, "can_place_entity", |call, arguments| {
        can_place(call, &arguments)
    });
}

/// Says whether the character reaches a thing, as the simulation measures it.
fn reaches(surface: &Surface, other: Handle) -> bool {
    let world = &surface.world;
    let from = world.character.position;
    match other.thing() {
        Some(Thing::Entity(entity)) => world.entity(entity).is_some_and(|entity| {
            mining::is_in_reach(entity.collision_box().distance_squared(from))
        }),
        Some(Thing::Resource(tile)) => {
            mining::is_resource_in_reach(tile.center().distance_squared(from))
        }
        Some(Thing::Pile(place)) => mining::is_in_reach(place.distance_squared(from)),
        Some(Thing::Ghost(ghost)) => world.ghost(ghost).is_some_and(|ghost| {
            is_within(
                ghost.position.distance_squared(from),
                vanilla().character().build_distance,
            )
        }),
        Some(Thing::Unit(unit)) => world
            .unit(unit)
            .is_some_and(|unit| mining::is_in_reach(unit.position().distance_squared(from))),
        Some(Thing::Character(_)) => true,
        None => false,
    }
}

fn can_place(call: Call<'_>, arguments: &MultiValue) -> mlua::Result<Value> {
    let table = table_argument(arguments)?;
    let prototype = convert::entity_prototype(call, &table.raw_get("name")?)?;
    let place = position(&table.raw_get("position")?)?;
    let facing: Direction = direction(&table.raw_get("direction")?)?;
    let fits = seen(call, "a build distance", |surface| {
        let world = &surface.world;
        let from = world.character.position;
        let facing = crate::sim::placement::built_direction(prototype, facing);
        let place = crate::sim::placement::snapped(prototype, place, facing);
        crate::sim::placement::is_in_build_reach(from, place)
            && crate::sim::placement::is_placeable(world, Some(from), prototype, place, facing)
    })?;
    call.value(fits)
}
