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

use mlua::Value;

use super::convert::{count, number, truth};
use super::core::{NEUTRAL, Surface};
use super::find::force_of;
use super::handle::{Handle, Kind, Thing};
use super::host::{Call, Host, Registrar, fault, gone};
use crate::contract::codes::Status;
use crate::prototypes::{EntityKind, EntityPrototypeId, vanilla};
use crate::sim::World;
use crate::sim::character::{HEALTH_SCALE, max_health};
use crate::sim::crafter::has_settable_recipe;
use crate::sim::drill::resource_facts;
use crate::sim::entity::{Entity, EntityRef};
use crate::sim::script;
use crate::sim::terrain::{MAX_RESOURCE_AMOUNT, Resource};

pub(super) const CLASS: &str = "LuaEntity";

pub(super) fn register(r: &mut Registrar<'_>) {
    register_facts(r);
    super::entity_place::register(r);
    register_state(r);
    super::entity_deeds::register(r);
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
    register_amount(r);
    register_permissions(r);
}

fn register_amount(r: &mut Registrar<'_>) {
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
}

fn register_permissions(r: &mut Registrar<'_>) {
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

/// Says whether the recipe of an entity can be set.
pub(super) fn takes_recipe(entity: &Entity) -> bool {
    has_settable_recipe(entity.prototype())
}
