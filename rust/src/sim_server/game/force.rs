//! `LuaForce`, `LuaTechnology`, `LuaRecipe`: what is researched, queued, unlocked, and what follows from it.
//!
//! A world has one player's force. A force that a script makes becomes that of the surface on which its first thing
//! stands; what it has researched before holds there from then on (`Core::bind`). Deleting or clearing the surface gives
//! it back with what it has researched.

use mlua::{Lua, Value};

use super::convert::{self, argument, number, truth};
use super::core::Event;
use super::host::{Call, Host, Registrar, fault, identity};
use super::tables;
use crate::prototypes::{RecipeId, TechnologyId, vanilla};
use crate::sim::World;
use crate::sim::research;
use crate::sim::sandbox::report;
use crate::sim::script;

const CLASS: &str = "LuaForce";
const TECHNOLOGY: &str = "LuaTechnology";
const RECIPE: &str = "LuaRecipe";

/// Makes the object of a technology or recipe of a force; `of` is the force's number.
pub(super) fn member_object(
    host: &Host,
    lua: &Lua,
    class: &str,
    of: u64,
    index: usize,
) -> mlua::Result<Value> {
    let force = of as u16;
    let serial = host.core.borrow().force(force).map(|held| held.epoch);
    match serial {
        Some(serial) => {
            let handle = (index as u128) << 48 | identity(force, serial);
            host.object(lua, class, handle)
        }
        None => Ok(Value::Nil),
    }
}

/// Makes the object of a technology of a force.
pub(super) fn technology_object(
    host: &Host,
    lua: &Lua,
    force: u16,
    id: TechnologyId,
) -> mlua::Result<Value> {
    member_object(host, lua, TECHNOLOGY, u64::from(force), id.index())
}

/// Makes the object of a recipe of a force.
pub(super) fn recipe_object(
    host: &Host,
    lua: &Lua,
    force: u16,
    id: RecipeId,
) -> mlua::Result<Value> {
    member_object(host, lua, RECIPE, u64::from(force), id.index())
}

pub(super) fn number_of(call: Call<'_>) -> u16 {
    call.object.handle as u16
}

pub(super) fn index_of(call: Call<'_>) -> usize {
    (call.object.handle >> 48) as usize
}

/// Looks at the world of the force that is called.
pub(super) fn on<R>(call: Call<'_>, look: impl FnOnce(&World) -> R) -> R {
    let core = call.host.core.borrow();
    look(core.force_world(number_of(call)))
}

/// Changes the worlds of the force that is called.
pub(super) fn change(call: Call<'_>, change: impl FnMut(&mut World)) {
    let mut core = call.host.core.borrow_mut();
    core.change_force(number_of(call), change);
}

pub(super) fn register(r: &mut Registrar<'_>) {
    register_facts(r);
    register_research(r);
    register_bonuses(r);
    register_relations(r);
    super::charting::register(r);
    super::technology::register(r);
    super::recipe::register(r);
}

fn register_facts(r: &mut Registrar<'_>) {
    r.read(CLASS, "name", |call| {
        let name = {
            let core = call.host.core.borrow();
            core.force(number_of(call)).map(|force| force.name.clone())
        };
        call.value(name)
    });
    r.read(CLASS, "index", |call| call.value(number_of(call)));
    for name in ["players", "connected_players"] {
        r.read(CLASS, name, |call| {
            call.lua.create_table().map(Value::Table)
        });
    }
    r.read(CLASS, "technologies", |call| {
        let of = u64::from(number_of(call));
        tables::object(call.host, call.lua, tables::TECHNOLOGIES, of)
    });
    r.read(CLASS, "recipes", |call| {
        let of = u64::from(number_of(call));
        tables::object(call.host, call.lua, tables::RECIPES, of)
    });
    r.read(CLASS, "rockets_launched", |call| {
        let launched = on(call, World::rockets_launched);
        call.value(launched)
    });
    r.method(CLASS, "get_entity_count", |call, arguments| {
        let prototype = convert::entity_prototype(call, &argument(&arguments, 0))?;
        let own = number_of(call);
        let core = call.host.core.borrow();
        let total: usize = core
            .surfaces()
            .map(|(_, surface)| {
                if prototype == vanilla().character().entity {
                    return usize::from(surface.force == Some(own) && surface.character.is_some());
                }
                if super::find::force_of(surface, prototype) != own {
                    return 0;
                }
                let entities = surface.world.entities.iter();
                entities
                    .filter(|(_, entity)| entity.prototype == prototype)
                    .count()
            })
            .sum();
        drop(core);
        call.value(total)
    });
    register_evolution(r);
}

fn register_evolution(r: &mut Registrar<'_>) {
    r.method(CLASS, "get_evolution_factor", |call, arguments| {
        let core = call.host.core.borrow();
        let wanted = argument(&arguments, 0);
        let surface = if wanted.is_nil() {
            1
        } else {
            convert::surface(call.host, &core, &wanted)?
        };
        let factor = core
            .surface(surface)
            .map_or(0.0, |surface| surface.world.evolution());
        drop(core);
        call.value(factor)
    });
    r.method(CLASS, "set_evolution_factor", |call, arguments| {
        let factor = number(&argument(&arguments, 0))?.clamp(0.0, 1.0);
        let mut core = call.host.core.borrow_mut();
        let wanted = argument(&arguments, 1);
        let surface = if wanted.is_nil() {
            1
        } else {
            convert::surface(call.host, &core, &wanted)?
        };
        if let Some(surface) = core.surface_mut(surface) {
            surface.world.set_evolution(factor);
        }
        Ok(Value::Nil)
    });
    r.method(CLASS, "print", |call, arguments| {
        let line = super::helpers::localised(&argument(&arguments, 0))?;
        (call.host.session.log)(&line);
        Ok(Value::Nil)
    });
}

fn register_research(r: &mut Registrar<'_>) {
    r.method(CLASS, "research_all_technologies", |call, arguments| {
        let with_hidden = truth(&argument(&arguments, 0));
        for (index, facts) in vanilla().technologies().iter().enumerate() {
            if facts.enabled && (with_hidden || !facts.hidden) {
                grant(call, TechnologyId::from_index(index));
            }
        }
        super::events::deliver_within(call)?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "reset", |call, _| {
        change(call, script::reset_force);
        let event = Event::ForceReset(number_of(call));
        call.host.core.borrow_mut().events.push_back(event);
        super::events::deliver_within(call)?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "reset_technologies", |call, _| {
        change(call, script::reset_force);
        Ok(Value::Nil)
    });
    r.method(CLASS, "reset_recipes", |call, _| {
        change(call, |world| {
            script::unlock(world, |recipe| vanilla()[recipe].enabled);
        });
        Ok(Value::Nil)
    });
    r.method(CLASS, "reset_technology_effects", |call, _| {
        change(call, script::reapply_technologies);
        Ok(Value::Nil)
    });
    r.method(CLASS, "enable_all_recipes", |call, _| {
        change(call, |world| {
            script::unlock(world, |recipe| !vanilla()[recipe].is_parameter);
        });
        Ok(Value::Nil)
    });
    r.method(CLASS, "enable_all_technologies", |_, _| Ok(Value::Nil));
    register_queue(r);
    register_progress(r);
}

fn register_queue(r: &mut Registrar<'_>) {
    r.method(CLASS, "add_research", |call, arguments| {
        let id = convert::technology(call, &argument(&arguments, 0))?;
        let mut was_first = false;
        let mut is_queued = false;
        change(call, |world| {
            was_first = world.research.queue().is_empty();
            is_queued = world.queue_research(id).is_ok();
            world.settle();
        });
        if is_queued && was_first {
            let event = Event::ResearchStarted(number_of(call), id);
            call.host.core.borrow_mut().events.push_back(event);
            super::events::deliver_within(call)?;
        }
        call.value(is_queued)
    });
    r.method(CLASS, "cancel_current_research", |call, _| {
        let current = on(call, |world| world.research.queue().first().copied());
        let Some(id) = current else {
            return Ok(Value::Nil);
        };
        change(call, |world| {
            // It was found in the queue just now.
            let _ = world.cancel_research(id);
            world.settle();
        });
        let event = Event::ResearchCancelled(number_of(call), id);
        call.host.core.borrow_mut().events.push_back(event);
        super::events::deliver_within(call)?;
        Ok(Value::Nil)
    });
}

fn register_progress(r: &mut Registrar<'_>) {
    r.read(CLASS, "current_research", |call| {
        let current = on(call, |world| {
            world.research.current().map(|current| current.technology)
        });
        match current {
            Some(id) => technology_object(call.host, call.lua, number_of(call), id),
            None => Ok(Value::Nil),
        }
    });
    r.read_write(
        CLASS,
        "research_progress",
        |call| {
            let share = on(call, |world| {
                world
                    .research
                    .current()
                    .map_or(0.0, research::Current::share_done)
            });
            call.value(share)
        },
        |call, value| {
            let share = number(&value)?.clamp(0.0, 1.0);
            change(call, |world| script::set_research_share(world, share));
            Ok(())
        },
    );
    r.read_write(
        CLASS,
        "research_queue",
        |call| {
            let queue: Vec<TechnologyId> = on(call, |world| world.research.queue().to_vec());
            let list = call.lua.create_table()?;
            for (place, id) in queue.into_iter().enumerate() {
                let object = technology_object(call.host, call.lua, number_of(call), id)?;
                list.raw_set(place + 1, object)?;
            }
            Ok(Value::Table(list))
        },
        |call, value| {
            let mut wanted = Vec::new();
            if let Value::Table(list) = &value {
                for entry in list.sequence_values::<Value>() {
                    wanted.push(convert::technology(call, &entry?)?);
                }
            }
            change(call, |world| {
                for id in world.research.queue().to_vec() {
                    // What goes by itself with another was in the queue all the same.
                    let _ = world.cancel_research(id);
                }
                for id in &wanted {
                    let _ = world.queue_research(*id);
                }
                world.settle();
            });
            Ok(())
        },
    );
    r.read(CLASS, "research_enabled", |call| call.value(true));
    r.method(CLASS, "enable_research", |_, _| Ok(Value::Nil));
}

/// Gives a technology and notes that it was given.
pub(super) fn grant(call: Call<'_>, id: TechnologyId) {
    let was_researched = on(call, |world| world.force.is_researched(id));
    change(call, |world| script::grant(world, id));
    if !was_researched {
        let event = Event::ResearchFinished(number_of(call), id, true);
        call.host.core.borrow_mut().events.push_back(event);
    }
}

macro_rules! bonuses {
    ($r:ident, $($name:literal => $field:ident;)*) => {
        $(
            $r.read_write(
                CLASS,
                $name,
                |call| {
                    let value = on(call, |world| world.force.bonuses.$field);
                    call.value(value)
                },
                |call, value| {
                    let value = number(&value)?;
                    let mut result = Ok(());
                    change(call, |world| {
                        result = report::set_bonus(world, $name, value);
                        world.settle();
                    });
                    result.map_err(|error| fault(error.to_string()))
                },
            );
        )*
    };
}

fn register_bonuses(r: &mut Registrar<'_>) {
    bonuses! { r,
        "bulk_inserter_capacity_bonus" => bulk_inserter_capacity;
        "character_inventory_slots_bonus" => character_inventory_slots;
        "inserter_stack_size_bonus" => inserter_stack_size;
        "laboratory_speed_modifier" => laboratory_speed;
        "manual_crafting_speed_modifier" => manual_crafting_speed;
        "manual_mining_speed_modifier" => character_mining_speed;
        "mining_drill_productivity_bonus" => mining_drill_productivity;
    }
    r.read_write(
        CLASS,
        "mining_with_fluid",
        |call| {
            let value = on(call, |world| world.force.bonuses.mining_with_fluid);
            call.value(value)
        },
        |call, value| {
            let may = truth(&value);
            change(call, |world| {
                world.force.bonuses.mining_with_fluid = may;
                script::force_changed(world);
            });
            Ok(())
        },
    );
    // The simulation leaves no ghosts of what is destroyed.
    r.read_write(
        CLASS,
        "create_ghost_on_entity_death",
        |call| call.value(false),
        |_, value| {
            if truth(&value) {
                return Err(fault("what is destroyed leaves no ghost on this server"));
            }
            Ok(())
        },
    );
    for name in [
        "character_build_distance_bonus",
        "character_health_bonus",
        "character_reach_distance_bonus",
        "character_resource_reach_distance_bonus",
        "character_running_speed_modifier",
    ] {
        r.read(CLASS, name, |call| call.value(0));
    }
}

fn register_relations(r: &mut Registrar<'_>) {
    r.method(CLASS, "set_cease_fire", |call, arguments| {
        let wanted = truth(&argument(&arguments, 1));
        let mut core = call.host.core.borrow_mut();
        let other = convert::force(call.host, &core, &argument(&arguments, 0))?;
        if let Some(force) = core.force_mut(number_of(call)) {
            if wanted {
                force.cease_fires.insert(other);
            } else {
                force.cease_fires.remove(&other);
            }
        }
        Ok(Value::Nil)
    });
    r.method(CLASS, "get_cease_fire", |call, arguments| {
        let core = call.host.core.borrow();
        let other = convert::force(call.host, &core, &argument(&arguments, 0))?;
        let own = core.force(number_of(call));
        let ceases = own.is_some_and(|force| force.cease_fires.contains(&other));
        Ok(Value::Boolean(ceases || other == number_of(call)))
    });
    r.method(CLASS, "set_friend", |call, arguments| {
        let wanted = truth(&argument(&arguments, 1));
        let mut core = call.host.core.borrow_mut();
        let other = convert::force(call.host, &core, &argument(&arguments, 0))?;
        if let Some(force) = core.force_mut(number_of(call)) {
            if wanted {
                force.friends.insert(other);
            } else {
                force.friends.remove(&other);
            }
        }
        Ok(Value::Nil)
    });
    for name in ["get_friend", "is_friend"] {
        r.method(CLASS, name, |call, arguments| {
            let core = call.host.core.borrow();
            let other = convert::force(call.host, &core, &argument(&arguments, 0))?;
            let own = core.force(number_of(call));
            let is_friend = own.is_some_and(|force| force.friends.contains(&other));
            Ok(Value::Boolean(is_friend || other == number_of(call)))
        });
    }
    r.method(CLASS, "is_enemy", |call, arguments| {
        let core = call.host.core.borrow();
        let other = convert::force(call.host, &core, &argument(&arguments, 0))?;
        let own = core.force(number_of(call));
        let is_at_peace = own.is_some_and(|force| {
            force.cease_fires.contains(&other) || force.friends.contains(&other)
        });
        let is_enemy = !is_at_peace
            && other != number_of(call)
            && other != super::core::NEUTRAL
            && number_of(call) != super::core::NEUTRAL;
        Ok(Value::Boolean(is_enemy))
    });
    r.method(CLASS, "get_spawn_position", |call, arguments| {
        let place = {
            let core = call.host.core.borrow();
            let surface = convert::surface(call.host, &core, &argument(&arguments, 0))?;
            core.surface(surface).map(|held| held.world.spawn)
        };
        convert::position_value(call.lua, place.unwrap_or_default())
    });
}
