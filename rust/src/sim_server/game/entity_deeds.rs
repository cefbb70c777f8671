//! `LuaEntity`: what is done to a thing: destroyed, killed, turned, revived, mined.

use mlua::{MultiValue, Value};

use super::convert::{self, truth};
use super::core::{Event, Surface};
use super::entity::{CLASS, change, has_no, on};
use super::entity_place::turn;
use super::handle::{Handle, Thing};
use super::host::{Call, Registrar, gone};
use crate::sim::drill::resource_facts;
use crate::sim::entity::Target;
use crate::sim::script;
use crate::sim::terrain::Resource;

pub(super) fn register(r: &mut Registrar<'_>) {
    r.method(CLASS, "destroy", |call, arguments| {
        let raise = convert::named(&arguments)?
            .map(|table| table.raw_get::<Value>("raise_destroy"))
            .transpose()?
            .is_some_and(|raise| truth(&raise));
        if raise {
            let event = Event::ScriptRaisedDestroy(call.object.handle);
            call.host.core.borrow_mut().events.push_back(event);
            super::events::deliver_within(call)?;
        }
        change(call, |surface, thing| {
            remove(surface, thing);
            Ok(())
        })?;
        Ok(Value::Boolean(true))
    });
    r.method(CLASS, "die", |call, _| {
        let event = Event::EntityDied(call.object.handle);
        call.host.core.borrow_mut().events.push_back(event);
        super::events::deliver_within(call)?;
        change(call, |surface, thing| {
            match thing {
                Thing::Entity(entity) => script::kill(&mut surface.world, entity),
                other => remove(surface, other),
            }
            Ok(())
        })?;
        Ok(Value::Boolean(true))
    });
    r.method(CLASS, "rotate", |call, arguments| {
        let is_reverse = convert::named(&arguments)?
            .map(|table| table.raw_get::<Value>("reverse"))
            .transpose()?
            .is_some_and(|reverse| truth(&reverse));
        let turned = change(call, |surface, thing| {
            let Thing::Entity(reference) = thing else {
                return Ok(false);
            };
            let entity = surface.world.entity(reference).ok_or_else(gone)?;
            let Ok(mut facing) = crate::sim::command::check_rotate(&surface.world, entity) else {
                return Ok(false);
            };
            if is_reverse {
                // Back is three times on; what is turned by halves is turned as well.
                let is_half = facing == entity.direction.rotated().rotated();
                if !is_half {
                    facing = facing.rotated().rotated();
                }
            }
            Ok(turn(surface, thing, facing))
        })?;
        Ok(Value::Boolean(turned))
    });
    r.method(CLASS, "revive", |call, arguments| revive(call, &arguments));
    r.method(CLASS, "silent_revive", |call, arguments| {
        revive(call, &arguments)
    });
    r.method(CLASS, "update_connections", |_, _| Ok(Value::Nil));
    r.method(CLASS, "mine", |call, arguments| mine(call, &arguments));
    r.read(CLASS, "stack", |call| {
        let is_pile = on(call, |_, thing| Ok(matches!(thing, Thing::Pile(_))))?;
        if !is_pile {
            return Err(has_no(call, "a stack"));
        }
        super::item_stack::pile_stack(call)
    });
}

/// Takes a thing away.
pub(super) fn remove(surface: &mut Surface, thing: Thing) {
    let world = &mut surface.world;
    let target = match thing {
        Thing::Entity(entity) => Target::Entity(entity),
        Thing::Ghost(ghost) => Target::Ghost(ghost),
        Thing::Resource(tile) => Target::Resource(tile),
        Thing::Pile(place) => Target::Pile(place),
        Thing::Unit(unit) => return script::destroy_unit(world, unit),
        Thing::Character(_) => {
            script::remove_character(world);
            surface.character = None;
            surface.selected = None;
            return;
        }
    };
    script::destroy(world, target);
}

/// Makes an entity of a ghost; what was in the way is a table that is empty here.
fn revive(call: Call<'_>, arguments: &MultiValue) -> mlua::Result<Value> {
    let handle = call.handle();
    let made = change(call, |surface, thing| match thing {
        Thing::Ghost(ghost) => Ok(script::revive(&mut surface.world, ghost)),
        _ => Ok(None),
    })?;
    let Some(entity) = made else {
        return Ok(Value::Nil);
    };
    let raise = convert::named(arguments)?
        .map(|table| table.raw_get::<Value>("raise_revive"))
        .transpose()?
        .is_some_and(|raise| truth(&raise));
    if raise {
        let made = Handle::of_thing(handle.surface, handle.epoch, Thing::Entity(entity));
        let event = Event::ScriptRaisedRevive(made.pack());
        call.host.core.borrow_mut().events.push_back(event);
        super::events::deliver_within(call)?;
    }
    // The game gives three values: collided items, the entity, the item request proxy.
    call.lua.create_table().map(Value::Table)
}

/// Mines a thing at once into an inventory, or for nothing; of a resource one unit.
fn mine(call: Call<'_>, arguments: &MultiValue) -> mlua::Result<Value> {
    let inventory = match convert::named(arguments)? {
        Some(table) => table.raw_get::<Value>("inventory")?,
        None => Value::Nil,
    };
    let stacks = change(call, |surface, thing| {
        Ok(match thing {
            Thing::Resource(tile) => {
                let resource = surface.world.terrain.resource(tile).ok_or_else(gone)?;
                let left = Resource {
                    amount: resource.amount - 1,
                    ..resource
                };
                let left = (left.amount > 0).then_some(left);
                script::set_resource(&mut surface.world, tile, left);
                let facts = resource_facts(resource.code);
                (
                    facts
                        .and_then(|facts| facts.item)
                        .map(|item| vec![(item, 1)])
                        .unwrap_or_default(),
                    left.is_none(),
                )
            }
            other => {
                let stacks = script::mined(&mut surface.world, target_of(other));
                if matches!(other, Thing::Character(_) | Thing::Unit(_)) {
                    remove(surface, other);
                }
                (stacks, true)
            }
        })
    })?;
    if let Some(object) = crate::lua::object_of(&inventory) {
        for (item, count) in &stacks.0 {
            super::inventory::insert_into(call, object, *item, *count)?;
        }
    }
    Ok(Value::Boolean(stacks.1))
}

fn target_of(thing: Thing) -> Option<Target> {
    Some(match thing {
        Thing::Entity(entity) => Target::Entity(entity),
        Thing::Ghost(ghost) => Target::Ghost(ghost),
        Thing::Pile(place) => Target::Pile(place),
        Thing::Resource(tile) => Target::Resource(tile),
        Thing::Character(_) | Thing::Unit(_) => return None,
    })
}
