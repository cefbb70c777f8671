//! `LuaEntity`: what machines have: recipes, progress, energy, fluids, what inserters hold.

use mlua::{MultiValue, Value};

use super::convert::{self, argument, number};
use super::entity::{CLASS, change, has_no, on_entity, takes_recipe};
use super::handle::{Handle, Thing};
use super::host::{Call, Registrar, fault, gone};
use crate::prototypes::{EnergySource, EntityKind, vanilla};
use crate::sim::World;
use crate::sim::drill::Drill;
use crate::sim::energy::Energy;
use crate::sim::entity::{Body, Entity, EntityRef};
use crate::sim::inserter;
use crate::sim::inventory::ItemStack;
use crate::sim::sandbox::contents::energy_joules;
use crate::sim::script;

/// Ticks of demand that the buffer of an electric machine holds.
const BUFFER_TICKS: f64 = 2.0;

pub(super) fn register(r: &mut Registrar<'_>) {
    register_recipes(r);
    register_progress(r);
    register_energy(r);
    super::fluid_box::register(r);
    r.read(CLASS, "held_stack", |call| {
        let is_inserter = on_entity(call, |_, _, entity| {
            matches!(entity.body, Body::Inserter(_))
        })?;
        if is_inserter != Some(true) {
            return Err(has_no(call, "a held stack"));
        }
        super::item_stack::held_stack(call)
    });
    r.read(CLASS, "held_stack_position", |call| {
        let place = on_entity(call, |world, _, entity| {
            inserter::hand_position(world, entity)
        })?;
        match place.flatten() {
            Some(place) => convert::position_value(call.lua, place),
            None => Err(has_no(call, "a held stack")),
        }
    });
    r.read_write(
        CLASS,
        "rocket_parts",
        |call| {
            let parts = on_entity(call, |world, entity, _| world.rocket_parts(entity.slot))?;
            match parts.flatten() {
                Some(parts) => call.value(parts),
                None => Err(has_no(call, "rocket parts")),
            }
        },
        |_, _| Err(fault("rocket parts cannot be set on this server")),
    );
    r.read(CLASS, "belt_to_ground_type", |call| {
        let kind = on_entity(call, |world, _, entity| match entity.body {
            Body::Belt(index) if entity.prototype().kind == EntityKind::UndergroundBelt => {
                world.belts.belt(index).map(|belt| match belt.kind {
                    crate::sim::belt::BeltKind::Exit => "output",
                    _ => "input",
                })
            }
            _ => None,
        })?;
        match kind.flatten() {
            Some(kind) => call.value(kind),
            None => Err(has_no(call, "ends")),
        }
    });
}

fn register_recipes(r: &mut Registrar<'_>) {
    r.methods(CLASS, "get_recipe", |call, _| {
        let recipe = on_entity(call, |world, _, entity| match entity.body {
            // A furnace has a recipe only while it smelts.
            Body::Crafter(index) if entity.prototype().kind == EntityKind::Furnace => Ok(world
                .recipe_of(entity)
                .filter(|_| is_crafting(world, index))),
            Body::Crafter(_) => Ok(world.recipe_of(entity)),
            _ => Err(()),
        })?;
        let Some(Ok(recipe)) = recipe else {
            return Err(has_no(call, "a recipe"));
        };
        let Some(recipe) = recipe else {
            return Ok(MultiValue::from_iter([Value::Nil, Value::Nil]));
        };
        let force = {
            let core = call.host.core.borrow();
            core.surface_of(call.handle())
                .and_then(|surface| surface.force)
                .unwrap_or(super::core::PLAYER)
        };
        let object = super::force::recipe_object(call.host, call.lua, force, recipe)?;
        let quality = super::prototypes::quality(call.host, call.lua)?;
        Ok(MultiValue::from_iter([object, quality]))
    });
    r.read(CLASS, "previous_recipe", |call| {
        let recipe = on_entity(call, |world, _, entity| {
            (entity.prototype().kind == EntityKind::Furnace).then(|| world.recipe_of(entity))
        })?;
        match recipe.flatten() {
            None => Err(has_no(call, "a previous recipe")),
            Some(None) => Ok(Value::Nil),
            Some(Some(recipe)) => {
                let previous = call.lua.create_table()?;
                previous.raw_set("name", vanilla()[recipe].name.as_str())?;
                previous.raw_set("quality", "normal")?;
                Ok(Value::Table(previous))
            }
        }
    });
    register_recipe_setting(r);
}

fn register_recipe_setting(r: &mut Registrar<'_>) {
    r.method(CLASS, "set_recipe", |call, arguments| {
        let recipe = match argument(&arguments, 0) {
            Value::Nil => None,
            given => Some(convert::recipe(call, &given)?),
        };
        let removed = change(call, |surface, thing| {
            let Thing::Entity(reference) = thing else {
                return Ok(None);
            };
            let entity = surface.world.entity(reference).ok_or_else(gone)?;
            if !takes_recipe(entity) {
                return Ok(None);
            }
            // Whether the force may use it is no question of scripts; whether the machine can make it is.
            if let Some(recipe) = recipe
                && !crate::sim::crafter::can_make(entity.prototype(), recipe)
            {
                return Err(fault(format!(
                    "{} cannot make {}",
                    entity.prototype().name,
                    vanilla()[recipe].name
                )));
            }
            Ok(Some(script::set_recipe(
                &mut surface.world,
                reference,
                recipe,
            )))
        })?;
        match removed {
            Some(stacks) => stacks_value(call, &stacks),
            None => Err(has_no(call, "a recipe to set")),
        }
    });
}

fn is_crafting(world: &World, index: u32) -> bool {
    world
        .crafters
        .get(index)
        .is_some_and(|crafter| crafter.is_crafting)
}

/// Makes a list of what was removed: equal items together, in their order.
pub(super) fn stacks_value(call: Call<'_>, stacks: &[ItemStack]) -> mlua::Result<Value> {
    let mut counts: Vec<ItemStack> = Vec::new();
    for stack in stacks {
        match counts.iter_mut().find(|known| known.item == stack.item) {
            Some(known) => known.count += stack.count,
            None => counts.push(*stack),
        }
    }
    let list = call.lua.create_table_with_capacity(counts.len(), 0)?;
    for (place, stack) in counts.iter().enumerate() {
        let entry = call.lua.create_table_with_capacity(0, 3)?;
        entry.raw_set("name", vanilla()[stack.item].name.as_str())?;
        entry.raw_set("count", stack.count)?;
        entry.raw_set("quality", "normal")?;
        list.raw_set(place + 1, entry)?;
    }
    Ok(Value::Table(list))
}

fn register_progress(r: &mut Registrar<'_>) {
    r.read(CLASS, "crafting_progress", |call| {
        let progress = on_entity(call, |world, _, entity| match entity.body {
            Body::Crafter(index) => world.crafters.get(index).map(|crafter| {
                crafter
                    .recipe
                    .filter(|_| crafter.is_crafting)
                    .map_or(0.0, |recipe| {
                        let seconds = vanilla()[recipe].energy_required_seconds;
                        (crafter.seconds / seconds).clamp(0.0, 1.0)
                    })
            }),
            _ => None,
        })?;
        match progress.flatten() {
            Some(progress) => call.value(progress),
            None => Err(has_no(call, "crafting progress")),
        }
    });
    r.read(CLASS, "bonus_progress", |call| {
        let progress = on_entity(call, |world, _, entity| match entity.body {
            Body::Crafter(index) => world.crafters.get(index).map(|crafter| crafter.bonus),
            _ => None,
        })?;
        match progress.flatten() {
            Some(progress) => call.value(progress),
            None => Err(has_no(call, "crafting progress")),
        }
    });
    r.read(CLASS, "products_finished", |call| {
        let finished = on_entity(call, |world, _, entity| match entity.body {
            Body::Crafter(index) => world
                .crafters
                .get(index)
                .map(|crafter| crafter.crafts_finished),
            _ => None,
        })?;
        match finished.flatten() {
            Some(finished) => call.value(finished),
            None => Err(has_no(call, "crafting progress")),
        }
    });
    r.method(CLASS, "is_crafting", |call, _| {
        let is_crafting = on_entity(call, |world, _, entity| match entity.body {
            Body::Crafter(index) => is_crafting(world, index),
            _ => false,
        })?;
        call.value(is_crafting.unwrap_or(false))
    });
    r.read(CLASS, "crafting_speed", |call| {
        let speed = on_entity(call, |world, reference, entity| match entity.body {
            Body::Crafter(_) => Some(
                entity.prototype().crafting_speed * world.effects_of(reference.slot).speed_factor(),
            ),
            _ => None,
        })?;
        match speed.flatten() {
            Some(speed) => call.value(speed),
            None => Err(has_no(call, "crafting progress")),
        }
    });
    register_mining(r);
}

fn register_mining(r: &mut Registrar<'_>) {
    r.read(CLASS, "mining_progress", |call| {
        let seconds = on_entity(call, |world, _, entity| match entity.body {
            Body::Drill(index) => world.drills.get(index).map(|drill| drill.seconds),
            _ => None,
        })?;
        match seconds.flatten() {
            Some(seconds) => call.value(seconds),
            None => Err(has_no(call, "mining progress")),
        }
    });
    r.read(CLASS, "mining_target", |call| {
        let target = on_entity(call, |world, _, entity| match entity.body {
            Body::Drill(index) => world
                .drills
                .get(index)
                .map(|drill| drill.present_tile(&world.terrain)),
            _ => None,
        })?;
        let handle = call.handle();
        match target.flatten() {
            None => Err(has_no(call, "a mining target")),
            Some(None) => Ok(Value::Nil),
            Some(Some(tile)) => {
                let thing = Thing::Resource(tile);
                call.host
                    .entity(call.lua, handle.surface, handle.epoch, thing)
            }
        }
    });
}

/// Reads what drives a machine.
fn energy_of(world: &World, body: Body) -> Option<&Energy> {
    match body {
        Body::Drill(index) => world.drills.get(index).map(|held| &held.energy),
        Body::Crafter(index) => world.crafters.get(index).map(|held| &held.energy),
        Body::Lab(index) => world.labs.get(index).map(|held| &held.energy),
        Body::Inserter(index) => world.inserters.get(index).map(|held| &held.energy),
        Body::Beacon(index) => world.beacons.get(index).map(|held| &held.energy),
        Body::Boiler(index) => world.boilers.get(index).map(|held| &held.energy),
        _ => None,
    }
}

/// Computes the joules that an electric machine asks for in a tick of work, drain included.
fn demand_joules(world: &World, reference: EntityRef, entity: &Entity) -> f64 {
    let prototype = entity.prototype();
    let drain = prototype
        .energy_source
        .as_ref()
        .map_or(0.0, EnergySource::drain_watts);
    let usage = match entity.body {
        Body::Drill(index) => world.drills.get(index).map_or(0.0, Drill::joules_per_tick),
        _ => {
            prototype.energy_usage_watts / 60.0
                * world.effects_of(reference.slot).consumption_factor()
        }
    };
    usage + drain / 60.0
}

fn register_energy(r: &mut Registrar<'_>) {
    r.read_write(
        CLASS,
        "energy",
        |call| {
            let joules = on_entity(call, |world, reference, entity| {
                if !is_electric(entity) || matches!(entity.body, Body::Accumulator(_)) {
                    return energy_joules(world, reference).unwrap_or(0.0);
                }
                let share = world
                    .network_at(reference)
                    .map_or(0.0, |network| network.stats.satisfaction());
                BUFFER_TICKS * demand_joules(world, reference, entity) * share
            })?;
            call.value(joules.unwrap_or(0.0))
        },
        |call, value| {
            let joules = number(&value)?.max(0.0);
            change(call, |surface, thing| {
                if let Thing::Entity(entity) = thing {
                    let set = crate::sim::sandbox::contents::set_energy(
                        &mut surface.world,
                        entity,
                        joules,
                    );
                    set.map_err(|error| fault(error.to_string()))?;
                }
                Ok(())
            })
        },
    );
    r.read(CLASS, "electric_buffer_size", |call| {
        let size = on_entity(call, |world, reference, entity| {
            if let Body::Accumulator(index) = entity.body {
                return Some(world.power.accumulator_capacity_joules(index));
            }
            is_electric(entity).then(|| BUFFER_TICKS * demand_joules(world, reference, entity))
        })?;
        call.value(size.flatten())
    });
    r.read(CLASS, "electric_drain", |call| {
        let drain = on_entity(call, |_, _, entity| {
            let source = entity.prototype().energy_source.as_ref()?;
            source.is_electric().then(|| source.drain_watts() / 60.0)
        })?;
        call.value(drain.flatten())
    });
    r.method(CLASS, "is_connected_to_electric_network", |call, _| {
        let is_connected = on_entity(call, |world, reference, _| {
            world.network_at(reference).is_some()
        })?;
        call.value(is_connected.unwrap_or(false))
    });
    r.read(CLASS, "electric_network_id", |call| {
        let number = on_entity(call, |world, reference, entity| {
            let id = match entity.body {
                Body::Pole(index) => world.power.network_of_pole(index),
                _ => world.power.network_of(reference.slot),
            };
            world.power.network(id).map(|_| id.0)
        })?;
        call.value(number.flatten())
    });
    r.read(CLASS, "electric_network_statistics", |call| {
        let is_pole = on_entity(call, |_, _, entity| matches!(entity.body, Body::Pole(_)))?;
        if is_pole != Some(true) {
            return Err(has_no(call, "network statistics"));
        }
        super::statistics::network_object(call)
    });
    register_burner(r);
}

fn register_burner(r: &mut Registrar<'_>) {
    r.read(CLASS, "burner", |call| {
        let is_burner = on_entity(call, |world, _, entity| {
            energy_of(world, entity.body).is_some_and(|energy| energy.burner().is_some())
        })?;
        if is_burner != Some(true) {
            return Ok(Value::Nil);
        }
        call.host.object(call.lua, "LuaBurner", call.object.handle)
    });
    r.read("LuaBurner", "remaining_burning_fuel", |call| {
        let left = on_entity(call, |world, _, entity| {
            let burner = energy_of(world, entity.body)?.burner()?;
            Some(burner.remaining_joules)
        })?;
        call.value(left.flatten().unwrap_or(0.0))
    });
    r.read("LuaBurner", "heat", |call| {
        let heat = on_entity(call, |world, _, entity| {
            let burner = energy_of(world, entity.body)?.burner()?;
            Some(burner.buffer_joules)
        })?;
        call.value(heat.flatten().unwrap_or(0.0))
    });
    r.read("LuaBurner", "owner", |call| {
        call.host.object(call.lua, CLASS, call.object.handle)
    });
    r.read("LuaBurner", "inventory", |call| {
        super::inventory::object(call, super::inventory::FUEL)
    });
}

/// Says whether an entity takes its energy from a network.
fn is_electric(entity: &Entity) -> bool {
    entity
        .prototype()
        .energy_source
        .as_ref()
        .is_some_and(EnergySource::is_electric)
}

/// Gives the handle of the entity that something belongs to.
pub(super) fn owner(handle: Handle) -> Handle {
    Handle {
        group: 0,
        index: 0,
        ..handle
    }
}
