//! `LuaEntity`: what stands, lies or walks on a surface. Members that characters share with players: `control`.
//!
//! `status` says the class of the simulation by the names that a mod maps back to it: `working`, `no_fuel`, `no_power`,
//! `low_power`, `no_recipe`, `no_minable_resources` and `waiting_for_source_items` stand for themselves; what lacks
//! ingredients says `item_ingredient_shortage` (furnaces `no_ingredients`, labs `missing_science_packs`), what has no
//! room says `full_output` (drills and inserters `waiting_for_space_in_destination`), what is off says
//! `disabled_by_script`, what has nothing to report (damaged or not) says `normal`.
//!
//! `energy` and `electric_buffer_size`: an electric machine of the game draws into a buffer of two ticks' demand. Here a
//! consumer's buffer is `electric_buffer_size = 2 x demand of a tick` and `energy` is that times the share of the demand
//! that its network met in the last tick, so `energy / electric_buffer_size` is the satisfaction of that network. For all
//! consumers of a set of networks, the demand-weighted mean of it is `World::power_satisfaction_in`; what a network is
//! asked for and gives as a whole is told by poles: see `electric_network_statistics`.

use mlua::{MultiValue, Value};

use super::convert::{self, count, direction, number, truth};
use super::core::{Event, NEUTRAL, Surface};
use super::find::force_of;
use super::handle::{Handle, Kind, Thing};
use super::host::{Call, Host, Registrar, fault, gone};
use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, EntityPrototypeId, vanilla};
use crate::sim::World;
use crate::sim::character::{HEALTH_SCALE, max_health};
use crate::sim::crafter::has_settable_recipe;
use crate::sim::drill::{drop_position, resource_facts};
use crate::sim::entity::{Body, Entity, EntityRef, Target, collision_box, footprint};
use crate::sim::inserter;
use crate::sim::placement::built_direction;
use crate::sim::position::{Direction, MapPos, Rect};
use crate::sim::script;
use crate::sim::terrain::{MAX_RESOURCE_AMOUNT, Resource};

pub(super) const CLASS: &str = "LuaEntity";

pub(super) fn register(r: &mut Registrar<'_>) {
    register_facts(r);
    register_place(r);
    register_state(r);
    register_deeds(r);
    super::entity_machine::register(r);
}

/// Gives the number of a thing, unique in the save: which life of which surface, and the number there.
pub(super) fn unit_number(handle: Handle) -> u64 {
    match handle.kind {
        Kind::Entity | Kind::Ghost | Kind::Unit => {
            u64::from(handle.epoch) << 32 | u64::from(handle.b)
        }
        // Characters count from the other end.
        Kind::Character => u64::from(handle.epoch) << 32 | u64::from(u32::MAX - handle.a),
        _ => 0,
    }
}

/// Gives the prototype of a thing; of a ghost, what it is a ghost of.
pub(super) fn prototype_of(surface: &Surface, thing: Thing) -> Option<EntityPrototypeId> {
    let world = &surface.world;
    match thing {
        Thing::Entity(entity) => world.entity(entity).map(|entity| entity.prototype),
        Thing::Ghost(ghost) => world.ghost(ghost).map(|ghost| ghost.prototype),
        Thing::Resource(tile) => {
            let resource = world.terrain.resource(tile)?;
            resource_facts(resource.code).map(|facts| facts.prototype)
        }
        Thing::Pile(_) => vanilla().entity("item-on-ground").ok(),
        Thing::Character(_) => Some(vanilla().character().entity),
        Thing::Unit(unit) => world.unit(unit).map(|unit| unit.prototype),
    }
}

/// Gives name, type and what it is a ghost of, for filters of events.
pub(super) fn naming(
    host: &Host,
    handle: Handle,
) -> Option<(&'static str, &'static str, Option<&'static str>)> {
    let core = host.core.borrow();
    let surface = core.surface_of(handle)?;
    let thing = handle.thing()?;
    let facts = &vanilla()[prototype_of(surface, thing)?];
    Some(match thing {
        Thing::Ghost(_) => ("entity-ghost", "entity-ghost", Some(facts.name.as_str())),
        _ => (facts.name.as_str(), facts.kind.name(), None),
    })
}

/// Looks at the thing that is called.
pub(super) fn on<R>(
    call: Call<'_>,
    look: impl FnOnce(&Surface, Thing) -> mlua::Result<R>,
) -> mlua::Result<R> {
    let handle = call.handle();
    let core = call.host.core.borrow();
    let surface = core.surface_of(handle).ok_or_else(gone)?;
    look(surface, handle.thing().ok_or_else(gone)?)
}

/// Changes the surface of the thing that is called.
pub(super) fn change<R>(
    call: Call<'_>,
    change: impl FnOnce(&mut Surface, Thing) -> mlua::Result<R>,
) -> mlua::Result<R> {
    let handle = call.handle();
    let mut core = call.host.core.borrow_mut();
    let surface = core.surface_of_mut(handle).ok_or_else(gone)?;
    change(surface, handle.thing().ok_or_else(gone)?)
}

/// Looks at the entity that is called; `None` where it is another kind of thing.
pub(super) fn on_entity<R>(
    call: Call<'_>,
    look: impl FnOnce(&World, EntityRef, &Entity) -> R,
) -> mlua::Result<Option<R>> {
    on(call, |surface, thing| match thing {
        Thing::Entity(reference) => {
            let entity = surface.world.entity(reference).ok_or_else(gone)?;
            Ok(Some(look(&surface.world, reference, entity)))
        }
        _ => Ok(None),
    })
}

/// The error for a member that this kind of thing does not have, as the game raises it.
pub(super) fn has_no(call: Call<'_>, name: &str) -> mlua::Error {
    let what = naming(call.host, call.handle()).map_or("entity", |(_, kind, _)| kind);
    fault(format!("Entity is not of a type with {name}: {what}"))
}

fn register_facts(r: &mut Registrar<'_>) {
    r.read(CLASS, "name", |call| {
        call.value(on(call, |surface, thing| match thing {
            Thing::Ghost(_) => Ok("entity-ghost"),
            _ => prototype_of(surface, thing)
                .map(|id| vanilla()[id].name.as_str())
                .ok_or_else(gone),
        })?)
    });
    r.read(CLASS, "type", |call| {
        call.value(on(call, |surface, thing| match thing {
            Thing::Ghost(_) => Ok("entity-ghost"),
            _ => prototype_of(surface, thing)
                .map(|id| vanilla()[id].kind.name())
                .ok_or_else(gone),
        })?)
    });
    r.read(CLASS, "unit_number", |call| {
        let number = unit_number(call.handle());
        if number == 0 {
            return Ok(Value::Nil);
        }
        Ok(Value::Number(number as f64))
    });
    r.read(CLASS, "prototype", |call| {
        let id = on(call, |surface, thing| match thing {
            Thing::Ghost(_) => vanilla().entity("entity-ghost").map_err(|_| gone()),
            _ => prototype_of(surface, thing).ok_or_else(gone),
        })?;
        super::prototypes::entity_object(call.host, call.lua, id)
    });
    for (name, which) in [("ghost_name", 0), ("ghost_type", 1), ("ghost_prototype", 2)] {
        match which {
            0 => r.read(CLASS, name, |call| {
                let id = ghost_of(call)?;
                call.value(vanilla()[id].name.as_str())
            }),
            1 => r.read(CLASS, name, |call| {
                let id = ghost_of(call)?;
                call.value(vanilla()[id].kind.name())
            }),
            _ => r.read(CLASS, name, |call| {
                let id = ghost_of(call)?;
                super::prototypes::entity_object(call.host, call.lua, id)
            }),
        }
    }
    r.read(CLASS, "surface", |call| {
        call.host.surface(call.lua, call.handle().surface)
    });
    r.read(CLASS, "surface_index", |call| {
        call.value(call.handle().surface)
    });
    r.read(CLASS, "force", |call| {
        let force = force_number(call)?;
        call.host.force(call.lua, force)
    });
    r.read(CLASS, "force_index", |call| call.value(force_number(call)?));
    r.read(CLASS, "is_entity_with_health", |call| {
        call.value(full_health(call)? > 0.0)
    });
}

fn ghost_of(call: Call<'_>) -> mlua::Result<EntityPrototypeId> {
    let found = on(call, |surface, thing| {
        Ok(match thing {
            Thing::Ghost(ghost) => surface.world.ghost(ghost).map(|ghost| ghost.prototype),
            _ => None,
        })
    })?;
    found.ok_or_else(|| has_no(call, "a ghost"))
}

fn force_number(call: Call<'_>) -> mlua::Result<u16> {
    on(call, |surface, thing| {
        Ok(match thing {
            Thing::Entity(_) | Thing::Unit(_) => {
                let id = prototype_of(surface, thing).ok_or_else(gone)?;
                force_of(surface, id)
            }
            Thing::Ghost(_) | Thing::Character(_) => surface.force.unwrap_or(NEUTRAL),
            Thing::Resource(_) | Thing::Pile(_) => NEUTRAL,
        })
    })
}

/// Gives position, direction and body of a thing.
fn place_of(surface: &Surface, thing: Thing) -> mlua::Result<(MapPos, Direction, Rect)> {
    let world = &surface.world;
    Ok(match thing {
        Thing::Entity(entity) => {
            let entity = world.entity(entity).ok_or_else(gone)?;
            (entity.position, entity.direction, entity.collision_box())
        }
        Thing::Ghost(ghost) => {
            let ghost = world.ghost(ghost).ok_or_else(gone)?;
            let body = collision_box(ghost.prototype, ghost.position, ghost.direction);
            (ghost.position, ghost.direction, body)
        }
        Thing::Unit(unit) => {
            let unit = world.unit(unit).ok_or_else(gone)?;
            (unit.position(), Direction::NORTH, unit.collision_box())
        }
        Thing::Character(_) => {
            let character = &world.character;
            let body = crate::sim::collision::character_box(character.position);
            (character.position, character.facing, body)
        }
        Thing::Resource(tile) => {
            let center = tile.center();
            (center, Direction::NORTH, around(surface, thing, center))
        }
        Thing::Pile(place) => (place, Direction::NORTH, around(surface, thing, place)),
    })
}

fn around(surface: &Surface, thing: Thing, center: MapPos) -> Rect {
    let shape = prototype_of(surface, thing)
        .map(|id| vanilla()[id].collision_box)
        .unwrap_or_default();
    Rect::around(center, shape, 0)
}

fn register_place(r: &mut Registrar<'_>) {
    r.read(CLASS, "position", |call| {
        let (place, ..) = on(call, place_of)?;
        convert::position_value(call.lua, place)
    });
    r.read(CLASS, "bounding_box", |call| {
        let (.., body) = on(call, place_of)?;
        convert::area_value(call.lua, body)
    });
    r.read(CLASS, "selection_box", |call| {
        let body = on(call, |surface, thing| {
            let (place, facing, _) = place_of(surface, thing)?;
            let id = prototype_of(surface, thing).ok_or_else(gone)?;
            let shape = vanilla()[id].selection_box;
            Ok(Rect::around(place, shape, facing.quarter_turns()))
        })?;
        convert::area_value(call.lua, body)
    });
    r.read_write(
        CLASS,
        "direction",
        |call| {
            let (_, facing, _) = on(call, place_of)?;
            call.value(facing.sixteenths())
        },
        |call, value| {
            let facing = direction(&value)?;
            change(call, |surface, thing| {
                turn(surface, thing, facing);
                Ok(())
            })
        },
    );
    r.read(CLASS, "orientation", |call| {
        let (_, facing, _) = on(call, place_of)?;
        call.value(f64::from(facing.eighths()) / 8.0)
    });
    r.read(CLASS, "tile_width", |call| {
        let (width, _) = sides(call)?;
        call.value(width)
    });
    r.read(CLASS, "tile_height", |call| {
        let (_, height) = sides(call)?;
        call.value(height)
    });
    r.read(CLASS, "drop_position", |call| {
        let place = on_entity(call, |_, _, entity| match entity.body {
            Body::Inserter(_) => Some(inserter::drop_position(entity)),
            Body::Drill(_) => Some(drop_position(entity)),
            _ => None,
        })?;
        match place.flatten() {
            Some(place) => convert::position_value(call.lua, place),
            None => Err(has_no(call, "a drop position")),
        }
    });
    r.read(CLASS, "pickup_position", |call| {
        let place = on_entity(call, |_, _, entity| match entity.body {
            Body::Inserter(_) => Some(inserter::pickup_position(entity)),
            _ => None,
        })?;
        match place.flatten() {
            Some(place) => convert::position_value(call.lua, place),
            None => Err(has_no(call, "a pickup position")),
        }
    });
    // Writing these on inserters of the base game is passed over in silence, as in the game.
    r.write(CLASS, "drop_position", |_, _| Ok(()));
    r.write(CLASS, "pickup_position", |_, _| Ok(()));
}

fn sides(call: Call<'_>) -> mlua::Result<(u32, u32)> {
    on(call, |surface, thing| {
        let (_, facing, _) = place_of(surface, thing)?;
        let id = prototype_of(surface, thing).ok_or_else(gone)?;
        Ok(vanilla()[id].tile_size(u32::from(facing.quarter_turns())))
    })
}

/// Turns an entity, if it can be turned so where it stands.
fn turn(surface: &mut Surface, thing: Thing, facing: Direction) -> bool {
    let Thing::Entity(reference) = thing else {
        return false;
    };
    let world = &mut surface.world;
    let Some(entity) = world.entity(reference) else {
        return false;
    };
    let keeps_its_tiles = footprint(entity.prototype, entity.position, facing)
        == footprint(entity.prototype, entity.position, entity.direction);
    let is_possible = built_direction(entity.prototype, facing) == facing
        && keeps_its_tiles
        && crate::sim::fluid::shore::suits_ground(
            &world.terrain,
            entity.prototype,
            entity.position,
            facing,
        );
    if is_possible && entity.direction != facing {
        script::turn(world, reference, facing);
    }
    is_possible
}

fn full_health(call: Call<'_>) -> mlua::Result<f64> {
    on(call, |surface, thing| {
        Ok(match thing {
            Thing::Ghost(_) | Thing::Resource(_) | Thing::Pile(_) => 0.0,
            _ => {
                let id = prototype_of(surface, thing).ok_or_else(gone)?;
                vanilla()[id].max_health
            }
        })
    })
}

fn register_state(r: &mut Registrar<'_>) {
    r.read(CLASS, "max_health", |call| {
        let health = full_health(call)?;
        call.value(health)
    });
    r.read_write(
        CLASS,
        "health",
        |call| {
            let health = on(call, |surface, thing| {
                let world = &surface.world;
                Ok(match thing {
                    Thing::Entity(entity) => world
                        .entity(entity)
                        .filter(|entity| entity.prototype().max_health > 0.0)
                        .map(|entity| world.health(entity)),
                    Thing::Unit(unit) => world.unit(unit).map(|unit| world.unit_health(unit)),
                    Thing::Character(_) => {
                        Some(f64::from(world.character.health) / f64::from(HEALTH_SCALE))
                    }
                    _ => None,
                })
            })?;
            call.value(health)
        },
        |call, value| {
            let health = number(&value)?.max(0.0);
            change(call, |surface, thing| {
                match thing {
                    Thing::Entity(entity) => script::set_health(&mut surface.world, entity, health),
                    Thing::Character(_) => {
                        let whole = (health * f64::from(HEALTH_SCALE)) as u32;
                        surface.world.character.health = whole.min(max_health());
                    }
                    _ => {}
                }
                Ok(())
            })
        },
    );
    r.read(CLASS, "status", |call| {
        let name = on(call, |surface, thing| Ok(status_of(surface, thing)))?;
        match name {
            Some(name) => call.value(call.host.defines.status(name)),
            None => Ok(Value::Nil),
        }
    });
    r.read_write(
        CLASS,
        "amount",
        |call| {
            let amount = on(call, |surface, thing| {
                Ok(match thing {
                    Thing::Resource(tile) => surface
                        .world
                        .terrain
                        .resource(tile)
                        .map(|resource| resource.amount),
                    _ => None,
                })
            })?;
            match amount {
                Some(amount) => call.value(amount),
                None => Err(has_no(call, "an amount")),
            }
        },
        |call, value| {
            let amount = count(&value)?;
            if amount == 0 || amount > MAX_RESOURCE_AMOUNT {
                return Err(fault(format!(
                    "a resource of this server has 1 to {MAX_RESOURCE_AMOUNT}, not {amount}"
                )));
            }
            change(call, |surface, thing| {
                if let Thing::Resource(tile) = thing
                    && let Some(Resource { code, .. }) = surface.world.terrain.resource(tile)
                {
                    let resource = Some(Resource { code, amount });
                    script::set_resource(&mut surface.world, tile, resource);
                }
                Ok(())
            })
        },
    );
    r.read(CLASS, "initial_amount", |call| {
        let normal = on(call, |surface, thing| {
            Ok(match thing {
                Thing::Resource(tile) => surface
                    .world
                    .terrain
                    .resource(tile)
                    .and_then(|resource| resource_facts(resource.code))
                    .map(|facts| facts.normal)
                    .filter(|normal| *normal > 0),
                _ => None,
            })
        })?;
        call.value(normal)
    });
    for name in ["active", "destructible", "operable", "rotatable"] {
        r.read(CLASS, name, |call| call.value(true));
    }
    for name in ["minable", "minable_flag"] {
        r.read(CLASS, name, |call| {
            let is_minable = on(call, |surface, thing| {
                let id = prototype_of(surface, thing).ok_or_else(gone)?;
                Ok(matches!(thing, Thing::Ghost(_)) || vanilla()[id].minable.is_some())
            })?;
            call.value(is_minable)
        });
    }
    // What a script may forbid is allowed here: setting it to what it is does nothing.
    for name in [
        "active",
        "destructible",
        "minable",
        "minable_flag",
        "operable",
        "rotatable",
    ] {
        r.write(CLASS, name, |_, value| {
            if truth(&value) {
                return Ok(());
            }
            Err(fault(
                "an entity of this server cannot be switched off, made indestructible or locked",
            ))
        });
    }
}

/// Names the status of a thing among `defines.entity_status`; resources and the like have none.
fn status_of(surface: &Surface, thing: Thing) -> Option<&'static str> {
    let entity = match thing {
        Thing::Entity(entity) => surface.world.entity(entity)?,
        Thing::Ghost(_) => return Some("ghost"),
        _ => return None,
    };
    let kind = entity.prototype().kind;
    Some(match surface.world.status(entity) {
        Status::Normal | Status::Damaged => {
            if matches!(
                kind,
                EntityKind::Tree | EntityKind::SimpleEntity | EntityKind::Wall
            ) {
                return None;
            }
            "normal"
        }
        Status::Working => "working",
        Status::NoFuel => "no_fuel",
        Status::NoPower => "no_power",
        Status::LowPower => "low_power",
        Status::NoIngredients => match kind {
            EntityKind::Furnace => "no_ingredients",
            EntityKind::Lab => "missing_science_packs",
            EntityKind::Boiler | EntityKind::Generator => "no_input_fluid",
            EntityKind::AmmoTurret | EntityKind::ElectricTurret => "no_ammo",
            _ => "item_ingredient_shortage",
        },
        Status::NoRecipe => match kind {
            EntityKind::Lab => "no_research_in_progress",
            _ => "no_recipe",
        },
        Status::Full => match kind {
            EntityKind::MiningDrill | EntityKind::Inserter => "waiting_for_space_in_destination",
            _ => "full_output",
        },
        Status::NoResources => "no_minable_resources",
        Status::WaitingForSource => "waiting_for_source_items",
        Status::Disabled => "disabled_by_script",
    })
}

fn register_deeds(r: &mut Registrar<'_>) {
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
        super::inventory::pile_stack(call)
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

/// Says whether the recipe of an entity can be set.
pub(super) fn takes_recipe(entity: &Entity) -> bool {
    has_settable_recipe(entity.prototype())
}
