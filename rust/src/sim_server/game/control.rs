//! `LuaControl`: what characters have in common with players, and the items of any entity.

use mlua::Value;

use super::convert::{self, argument, count, direction, position, table_argument, truth};
use super::core::Surface;
use super::entity::{change, has_no, on};
use super::handle::{Handle, Thing};
use super::host::{Call, Registrar, fault};
use crate::lua::object_of;
use crate::prototypes::vanilla;
use crate::sim::World;
use crate::sim::collision::is_free;
use crate::sim::entity::Target;
use crate::sim::mining;
use crate::sim::position::{MapPos, Rect};
use crate::sim::script;

const CLASS: &str = "LuaControl";

pub(super) fn register(r: &mut Registrar<'_>) {
    register_walking(r);
    register_mining(r);
    register_crafting(r);
    super::control_items::register(r);
}

/// Changes the world of the character that is called.
pub(super) fn character<R>(
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
pub(super) fn seen<R>(
    call: Call<'_>,
    what: &str,
    look: impl FnOnce(&Surface) -> R,
) -> mlua::Result<R> {
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
    register_mining_state(r);
}

fn register_mining_state(r: &mut Registrar<'_>) {
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
