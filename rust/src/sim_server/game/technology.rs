//! `LuaTechnology`: one technology of a force.

use mlua::Value;

use super::convert::truth;
use super::force::{change, grant, index_of, number_of, on, technology_object};
use super::host::{Call, Registrar, fault};
use crate::prototypes::{ResearchCost, TechnologyId, vanilla};
use crate::sim::research;
use crate::sim::script;

const TECHNOLOGY: &str = "LuaTechnology";

fn technology_of(call: Call<'_>) -> TechnologyId {
    TechnologyId::from_index(index_of(call))
}

pub(super) fn register(r: &mut Registrar<'_>) {
    r.read(TECHNOLOGY, "name", |call| {
        call.value(vanilla()[technology_of(call)].name.as_str())
    });
    r.read(TECHNOLOGY, "force", |call| {
        call.host.force(call.lua, number_of(call))
    });
    r.read(TECHNOLOGY, "order", |call| {
        call.value(vanilla()[technology_of(call)].order.as_str())
    });
    r.read(TECHNOLOGY, "upgrade", |call| {
        call.value(vanilla()[technology_of(call)].is_upgrade)
    });
    r.read(TECHNOLOGY, "prototype", |call| {
        super::prototypes::technology_object(call.host, call.lua, technology_of(call))
    });
    r.read_write(
        TECHNOLOGY,
        "researched",
        |call| {
            let id = technology_of(call);
            // One without end is never done.
            let is_done = on(call, |world| {
                world.force.is_researched(id) && !vanilla()[id].is_infinite
            });
            call.value(is_done)
        },
        |call, value| {
            let id = technology_of(call);
            if truth(&value) {
                grant(call, id);
                super::events::deliver_within(call)?;
            } else {
                change(call, |world| script::forget_technology(world, id));
            }
            Ok(())
        },
    );
    r.read(TECHNOLOGY, "enabled", |call| {
        call.value(vanilla()[technology_of(call)].enabled)
    });
    r.write(TECHNOLOGY, "enabled", |call, value| {
        if truth(&value) == vanilla()[technology_of(call)].enabled {
            return Ok(());
        }
        Err(fault(
            "technologies cannot be switched on or off on this server",
        ))
    });
    r.read(TECHNOLOGY, "level", |call| {
        let id = technology_of(call);
        let facts = &vanilla()[id];
        // One with an end has one level only.
        let levels = on(call, |world| world.force.levels_of(id));
        let levels = if facts.is_infinite { levels } else { 0 };
        call.value(research::next_level(facts, levels))
    });
    r.read_write(
        TECHNOLOGY,
        "saved_progress",
        |call| {
            let id = technology_of(call);
            let share = on(call, |world| {
                let levels = world.force.levels_of(id);
                let units = research::units(&vanilla()[id], levels).unwrap_or(1.0);
                world.research.units_done(id) / units
            });
            call.value(share)
        },
        |_, _| Err(fault("saved progress cannot be set on this server")),
    );
    register_relations(r);
}

fn register_relations(r: &mut Registrar<'_>) {
    r.read(TECHNOLOGY, "prerequisites", |call| {
        let table = call.lua.create_table()?;
        for id in &vanilla()[technology_of(call)].prerequisites {
            let object = technology_object(call.host, call.lua, number_of(call), *id)?;
            table.raw_set(vanilla()[*id].name.as_str(), object)?;
        }
        Ok(Value::Table(table))
    });
    r.read(TECHNOLOGY, "successors", |call| {
        let own = technology_of(call);
        let table = call.lua.create_table()?;
        for (index, facts) in vanilla().technologies().iter().enumerate() {
            if facts.prerequisites.contains(&own) {
                let id = TechnologyId::from_index(index);
                let object = technology_object(call.host, call.lua, number_of(call), id)?;
                table.raw_set(facts.name.as_str(), object)?;
            }
        }
        Ok(Value::Table(table))
    });
    register_cost(r);
}

fn register_cost(r: &mut Registrar<'_>) {
    r.read(TECHNOLOGY, "research_unit_count", |call| {
        let id = technology_of(call);
        let levels = on(call, |world| world.force.levels_of(id));
        call.value(research::units(&vanilla()[id], levels).unwrap_or(0.0))
    });
    r.read(TECHNOLOGY, "research_unit_energy", |call| {
        let ticks = match &vanilla()[technology_of(call)].cost {
            ResearchCost::Packs {
                unit_time_seconds, ..
            } => unit_time_seconds * 60.0,
            _ => 0.0,
        };
        call.value(ticks)
    });
    r.read(TECHNOLOGY, "research_unit_ingredients", |call| {
        let list = call.lua.create_table()?;
        if let ResearchCost::Packs { ingredients, .. } = &vanilla()[technology_of(call)].cost {
            for (place, (item, count)) in ingredients.iter().enumerate() {
                let entry = call.lua.create_table()?;
                entry.raw_set("type", "item")?;
                entry.raw_set("name", vanilla()[*item].name.as_str())?;
                entry.raw_set("amount", *count)?;
                list.raw_set(place + 1, entry)?;
            }
        }
        Ok(Value::Table(list))
    });
}
