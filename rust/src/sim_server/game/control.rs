//! `LuaControl`: what characters have in common with players, and the items of any entity.

use mlua::{MultiValue, Value};

use super::convert::{self, argument, count, direction, position, table_argument, truth};
use super::core::Surface;
use super::entity::{CLASS as ENTITY, change, has_no, on};
use super::handle::{Handle, Thing};
use super::host::{Call, Registrar, fault};
use super::inventory::{self, CONTENTS, FUEL, HAND, MAIN, MODULES, RESULT, SOURCE};
use crate::lua::object_of;
use crate::prototypes::vanilla;
use crate::sim::World;
use crate::sim::character::is_within;
use crate::sim::collision::is_free;
use crate::sim::entity::{Body, Target};
use crate::sim::mining;
use crate::sim::position::{Direction, MapPos, Rect};
use crate::sim::script;

const CLASS: &str = "LuaControl";

pub(super) fn register(r: &mut Registrar<'_>) {
    register_walking(r);
    register_mining(r);
    register_crafting(r);
    register_items(r);
    register_inventories(r);
    register_reach(r);
}

/// Changes the world of the character that is called.
fn character<R>(
    call: Call<'_>,
    what: &str,
    work: impl FnOnce(&mut Surface) -> R,
) -> mlua::Result<R> {
    let is_character = matches!(call.handle().thing(), Some(Thing::Character(_)));
    if !is_character {
        return Err(has_no(call, what));
    }
    change(call, |surface, _| Ok(work(surface)))
}

/// Looks at the world of the character that is called.
fn seen<R>(call: Call<'_>, what: &str, look: impl FnOnce(&Surface) -> R) -> mlua::Result<R> {
    let is_character = matches!(call.handle().thing(), Some(Thing::Character(_)));
    if !is_character {
        return Err(has_no(call, what));
    }
    on(call, |surface, _| Ok(look(surface)))
}

fn register_walking(r: &mut Registrar<'_>) {
    r.read_write(
        CLASS,
        "walking_state",
        |call| {
            let (walking, facing) = seen(call, "a walking state", |surface| {
                let character = &surface.world.character;
                (character.walking, character.facing)
            })?;
            let state = call.lua.create_table()?;
            state.raw_set("walking", walking.is_some())?;
            state.raw_set("direction", walking.unwrap_or(facing).sixteenths())?;
            Ok(Value::Table(state))
        },
        |call, value| {
            let Value::Table(state) = value else {
                return Err(convert::expected("a table", &value));
            };
            let is_walking = truth(&state.raw_get("walking")?);
            let facing: Value = state.raw_get("direction")?;
            let facing = match facing {
                Value::Nil => None,
                given => Some(direction(&given)?),
            };
            character(call, "a walking state", |surface| {
                let world = &mut surface.world;
                let facing = facing.unwrap_or(world.character.facing);
                script::walk(world, is_walking.then_some(facing));
            })
        },
    );
    r.method(CLASS, "teleport", |call, arguments| {
        let place = match argument(&arguments, 0) {
            Value::Number(x) => {
                let y = convert::number(&argument(&arguments, 1))?;
                MapPos::from_tiles(x, y)
            }
            Value::Integer(x) => {
                let y = convert::number(&argument(&arguments, 1))?;
                MapPos::from_tiles(x as f64, y)
            }
            given => position(&given)?,
        };
        let other: Value = argument(&arguments, 1);
        if let Some(object) = object_of(&other)
            && object.handle as u16 != call.handle().surface
        {
            return Err(fault(
                "nothing is teleported to another surface on this server",
            ));
        }
        let moved = character(call, "a place that can be changed", |surface| {
            let fits = is_free(&surface.world, place);
            if fits {
                script::teleport(&mut surface.world, place);
            }
            fits
        })?;
        call.value(moved)
    });
    r.read(CLASS, "character_running_speed", |call| {
        seen(call, "a running speed", |_| ())?;
        call.value(vanilla().character().running_speed)
    });
    r.read(CLASS, "in_combat", |call| call.value(false));
    r.method(CLASS, "is_player", |call, _| call.value(false));
}

/// Finds what lies at a position: a pile whose box covers it, the entity, the resource of the tile.
fn target_at(surface: &Surface, place: MapPos) -> Option<Target> {
    /// Half the side of what the cursor takes for a pile (prototype `item-on-ground`: 0.17 tiles).
    const PILE_HALF_SUBTILES: i32 = 43;
    let world = &surface.world;
    let tile = place.tile();
    let mut nearest: Option<(i64, MapPos)> = None;
    for dy in -1..=1 {
        for dx in -1..=1 {
            for (pile, _) in world.ground.all_on_tile(tile.offset(dx, dy)) {
                let body = Rect {
                    left: pile.x - PILE_HALF_SUBTILES,
                    top: pile.y - PILE_HALF_SUBTILES,
                    right: pile.x + PILE_HALF_SUBTILES,
                    bottom: pile.y + PILE_HALF_SUBTILES,
                };
                let distance = pile.distance_squared(place);
                if body.contains(place) && nearest.is_none_or(|(best, _)| distance < best) {
                    nearest = Some((distance, pile));
                }
            }
        }
    }
    if let Some((_, pile)) = nearest {
        return Some(Target::Pile(pile));
    }
    if let Some(entity) = world
        .entity_slot_at(tile)
        .and_then(|slot| world.reference(slot))
    {
        return Some(Target::Entity(entity));
    }
    if world.terrain.resource(tile).is_some() {
        return Some(Target::Resource(tile));
    }
    let slot = world.ghost_slot_at(tile)?;
    let unit = world.ghosts.get(slot)?.unit;
    Some(Target::Ghost(crate::sim::entity::EntityRef { slot, unit }))
}

fn thing_of(target: Target) -> Thing {
    match target {
        Target::Entity(entity) => Thing::Entity(entity),
        Target::Ghost(ghost) => Thing::Ghost(ghost),
        Target::Pile(place) => Thing::Pile(place),
        Target::Resource(tile) => Thing::Resource(tile),
    }
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

fn register_mining(r: &mut Registrar<'_>) {
    r.method(CLASS, "update_selected_entity", |call, arguments| {
        let place = position(&argument(&arguments, 0))?;
        character(call, "a selected entity", |surface| {
            surface.selected = target_at(surface, place);
        })?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "clear_selected_entity", |call, _| {
        character(call, "a selected entity", |surface| surface.selected = None)?;
        Ok(Value::Nil)
    });
    r.read_write(
        CLASS,
        "selected",
        |call| {
            let selected = seen(call, "a selected entity", |surface| {
                surface
                    .selected
                    .map(thing_of)
                    .filter(|thing| surface.has(*thing))
            })?;
            let handle = call.handle();
            match selected {
                Some(thing) => call
                    .host
                    .entity(call.lua, handle.surface, handle.epoch, thing),
                None => Ok(Value::Nil),
            }
        },
        |call, value| {
            let wanted = match object_of(&value) {
                Some(object) => Handle::unpack(object.handle).thing().and_then(target_of),
                None => None,
            };
            character(call, "a selected entity", |surface| {
                surface.selected = wanted;
            })
        },
    );
    r.read_write(
        CLASS,
        "mining_state",
        |call| {
            let (is_mining, place) = seen(call, "a mining state", |surface| {
                let character = &surface.world.character;
                let target = character.mining.filter(|_| character.is_mining);
                let place = target.and_then(|mining| place_of(&surface.world, mining.target));
                (character.is_mining, place)
            })?;
            let state = call.lua.create_table()?;
            state.raw_set("mining", is_mining)?;
            if let Some(place) = place {
                state.raw_set("position", convert::position_value(call.lua, place)?)?;
            }
            Ok(Value::Table(state))
        },
        |call, value| {
            let Value::Table(state) = value else {
                return Err(convert::expected("a table", &value));
            };
            let is_mining = truth(&state.raw_get("mining")?);
            character(call, "a mining state", |surface| {
                if !is_mining {
                    script::mine(&mut surface.world, None);
                    return;
                }
                let selected = surface
                    .selected
                    .filter(|target| surface.has(thing_of(*target)));
                // Nothing selected: there is nothing to mine.
                if let Some(target) = selected {
                    script::mine(&mut surface.world, Some(target));
                }
            })
        },
    );
    r.read(CLASS, "character_mining_progress", |call| {
        let progress = seen(call, "mining progress", |surface| {
            mining::progress(&surface.world)
        })?;
        call.value(progress)
    });
    r.read_write(
        CLASS,
        "picking_state",
        |call| {
            seen(call, "a picking state", |_| ())?;
            call.value(false)
        },
        |call, value| {
            if truth(&value) {
                return Err(fault(
                    "characters of this server pick nothing up by walking over it: mine it",
                ));
            }
            character(call, "a picking state", |_| ())
        },
    );
    r.method(CLASS, "mine_entity", |call, arguments| {
        mine_entity(call, &argument(&arguments, 0))
    });
}

fn place_of(world: &World, target: Target) -> Option<MapPos> {
    match target {
        Target::Entity(entity) => world.entity(entity).map(|entity| entity.position),
        Target::Ghost(ghost) => world.ghost(ghost).map(|ghost| ghost.position),
        Target::Pile(place) => Some(place),
        Target::Resource(tile) => Some(tile.center()),
    }
}

/// Mines a thing at once into the character's inventory; what has no room lies round it.
fn mine_entity(call: Call<'_>, value: &Value) -> mlua::Result<Value> {
    let object = object_of(value).ok_or_else(|| convert::expected("a LuaEntity", value))?;
    let other = Handle::unpack(object.handle);
    let target = other.thing().and_then(target_of);
    if other.surface != call.handle().surface || other.epoch != call.handle().epoch {
        return Ok(Value::Boolean(false));
    }
    let mined = character(call, "a mining state", |surface| {
        let world = &mut surface.world;
        let Some(target) = target else { return false };
        let place = place_of(world, target).unwrap_or_default();
        let stacks = match target {
            Target::Resource(tile) => script::mined_ore(world, tile),
            other => script::mined(world, Some(other)),
        };
        script::give(world, &stacks, place);
        true
    })?;
    call.value(mined)
}

fn register_crafting(r: &mut Registrar<'_>) {
    r.method(CLASS, "begin_crafting", |call, arguments| {
        let table = table_argument(&arguments)?;
        let recipe = convert::recipe(call, &table.raw_get("recipe")?)?;
        let wanted = count(&table.raw_get("count")?)?;
        let started = character(call, "a crafting queue", |surface| {
            script::craft(&mut surface.world, recipe, wanted)
        })?;
        call.value(started)
    });
    r.method(CLASS, "get_craftable_count", |call, arguments| {
        /// More than one inventory can give.
        const LIMIT: u32 = 100_000;
        let recipe = convert::recipe(call, &argument(&arguments, 0))?;
        let possible = seen(call, "a crafting queue", |surface| {
            script::craftable(&surface.world, recipe, LIMIT)
        })?;
        call.value(possible)
    });
    r.method(CLASS, "cancel_crafting", |call, arguments| {
        let table = table_argument(&arguments)?;
        let index = count(&table.raw_get("index")?)?;
        let wanted = count(&table.raw_get("count")?)?;
        character(call, "a crafting queue", |surface| {
            script::cancel_craft(&mut surface.world, index, wanted);
        })?;
        Ok(Value::Nil)
    });
    r.read(CLASS, "crafting_queue", |call| {
        let orders: Vec<(usize, u32, bool)> = seen(call, "a crafting queue", |surface| {
            let orders = surface.world.character.crafting.orders();
            orders
                .map(|order| (order.recipe.index(), order.remaining, order.reserved > 0))
                .collect()
        })?;
        if orders.is_empty() {
            return Ok(Value::Nil);
        }
        let queue = call.lua.create_table_with_capacity(orders.len(), 0)?;
        for (place, (recipe, remaining, is_prerequisite)) in orders.into_iter().enumerate() {
            let entry = call.lua.create_table_with_capacity(0, 4)?;
            entry.raw_set("index", place + 1)?;
            entry.raw_set("recipe", vanilla().recipes()[recipe].name.as_str())?;
            entry.raw_set("count", remaining)?;
            entry.raw_set("prerequisite", is_prerequisite)?;
            queue.raw_set(place + 1, entry)?;
        }
        Ok(Value::Table(queue))
    });
    r.read(CLASS, "crafting_queue_size", |call| {
        let crafts = seen(call, "a crafting queue", |surface| {
            surface.world.character.crafting.len()
        })?;
        call.value(crafts)
    });
    r.read(CLASS, "crafting_queue_progress", |call| {
        let progress = seen(call, "a crafting queue", |surface| {
            surface.world.character.crafting.progress()
        })?;
        call.value(progress)
    });
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
        inventory::cursor_stack(call)
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
