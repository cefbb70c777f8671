//! `LuaInventory`: slots of entities and of characters.
//!
//! What goes in is limited as for a hand ([`crate::sim::machine::room_by_hand`]); what comes out is not limited.

use mlua::Value;

use super::convert::{self, argument, count};
use super::core::Surface;
use super::entity_machine::{owner, stacks_value};
use super::handle::{Handle, Thing};
use super::host::{Call, Host, Registrar, fault, gone};
use crate::lua::ObjectRef;
use crate::prototypes::{EntityKind, ItemId, vanilla};
use crate::sim::entity::Body;
use crate::sim::inventory::{ItemStack, Slot, stack_size};
use crate::sim::machine::room_by_hand;
use crate::sim::script::{self, SlotGroup};

const CLASS: &str = "LuaInventory";

/// Groups of slots, as handles name them.
pub(super) const MAIN: u8 = 1;
pub(super) const CONTENTS: u8 = 2;
pub(super) const FUEL: u8 = 3;
pub(super) const SOURCE: u8 = 4;
pub(super) const RESULT: u8 = 5;
pub(super) const MODULES: u8 = 6;
/// Slots that hold nothing and take nothing: what is left of burnt fuel, guns, armor.
pub(super) const BARREN: u8 = 7;
/// What an inserter holds.
pub(super) const HAND: u8 = 8;
/// A pile on the ground.
pub(super) const PILE: u8 = 9;
/// The cursor of a character, which is always empty.
pub(super) const CURSOR: u8 = 10;

pub(super) fn register(r: &mut Registrar<'_>) {
    register_reading(r);
    register_changing(r);
    super::item_stack::register(r);
}

/// Makes the object of a group of slots of the thing that is called.
pub(super) fn object(call: Call<'_>, group: u8) -> mlua::Result<Value> {
    let handle = Handle {
        group,
        index: 0,
        ..call.handle()
    };
    call.host.object(call.lua, CLASS, handle.pack())
}

/// Finds the group of slots that a number of `defines.inventory` means for a thing; `None` where it has none.
pub(super) fn group_of(surface: &Surface, thing: Thing, number: u32) -> Option<u8> {
    if let Thing::Character(_) = thing {
        return match number {
            1 => Some(MAIN),
            3..=5 | 8 => Some(BARREN),
            _ => None,
        };
    }
    let Thing::Entity(reference) = thing else {
        return None;
    };
    let entity = surface.world.entity(reference)?;
    let facts = entity.prototype();
    let burns = facts.fuel_categories().is_some();
    let has_modules = facts.module_slots > 0;
    match (facts.kind, number) {
        (
            EntityKind::Container
            | EntityKind::InfinityContainer
            | EntityKind::CargoLandingPad
            | EntityKind::AmmoTurret,
            1,
        )
        | (EntityKind::RocketSilo, 9) => Some(CONTENTS),
        (
            EntityKind::Lab
            | EntityKind::Furnace
            | EntityKind::AssemblingMachine
            | EntityKind::RocketSilo,
            2,
        ) => Some(SOURCE),
        (EntityKind::Furnace | EntityKind::AssemblingMachine | EntityKind::RocketSilo, 3) => {
            Some(RESULT)
        }
        (EntityKind::Furnace | EntityKind::AssemblingMachine | EntityKind::RocketSilo, 4)
        | (EntityKind::Lab, 3)
        | (EntityKind::MiningDrill, 2)
        | (EntityKind::Beacon, 1)
            if has_modules =>
        {
            Some(MODULES)
        }
        (_, 1) if burns => Some(FUEL),
        (_, 6) if burns => Some(BARREN),
        _ => None,
    }
}

/// Reads the slots of a group.
fn slots(surface: &Surface, handle: Handle) -> Option<Vec<Slot>> {
    with_slots(surface, handle, <[Slot]>::to_vec)
}

/// Looks at the slots of a group.
pub(super) fn with_slots<R>(
    surface: &Surface,
    handle: Handle,
    look: impl FnOnce(&[Slot]) -> R,
) -> Option<R> {
    let world = &surface.world;
    match handle.thing()? {
        Thing::Character(_) => match handle.group {
            MAIN => Some(look(world.character.inventory.slots())),
            CURSOR => Some(look(&[None])),
            _ => Some(look(&[])),
        },
        Thing::Pile(place) => Some(look(&[world.ground.get(place)])),
        Thing::Entity(reference) => {
            let entity = world.entity(reference)?;
            if let (HAND, Body::Inserter(index)) = (handle.group, entity.body) {
                return Some(look(&[world.inserters.get(index)?.held]));
            }
            let slots = world.slots(entity);
            Some(look(match handle.group {
                CONTENTS => slots.contents,
                FUEL => slots.fuel,
                SOURCE => slots.source,
                RESULT => slots.result,
                MODULES => slots.modules,
                _ => &[],
            }))
        }
        _ => None,
    }
}

fn read<R>(call: Call<'_>, look: impl FnOnce(&[Slot]) -> R) -> mlua::Result<R> {
    let core = call.host.core.borrow();
    let handle = call.handle();
    let surface = core.surface_of(handle).ok_or_else(gone)?;
    with_slots(surface, handle, look).ok_or_else(gone)
}

fn register_reading(r: &mut Registrar<'_>) {
    r.operator(CLASS, "length", |call, _| {
        let length = read(call, <[Slot]>::len)?;
        call.value(length)
    });
    r.operator(CLASS, "index", |call, arguments| {
        let place = count(&argument(&arguments, 0))?;
        let length = read(call, <[Slot]>::len)?;
        if place == 0 || place as usize > length {
            return Err(fault(format!(
                "Inventory index out of range: {place}, the inventory has {length} slots"
            )));
        }
        let handle = call.handle();
        super::item_stack::stack_object(call, handle.group, place as u16)
    });
    r.method(CLASS, "get_contents", |call, _| {
        let stacks: Vec<ItemStack> = read(call, |slots| slots.iter().flatten().copied().collect())?;
        stacks_value(call, &stacks)
    });
    r.method(CLASS, "get_item_count", |call, arguments| {
        let wanted = match argument(&arguments, 0) {
            Value::Nil => None,
            given => Some(convert::item(call, &given)?),
        };
        let total = read(call, |slots| total_of(slots, wanted))?;
        call.value(total)
    });
    r.method(CLASS, "is_empty", |call, _| {
        let is_empty = read(call, |slots| slots.iter().all(Option::is_none))?;
        call.value(is_empty)
    });
    r.method(CLASS, "is_full", |call, _| {
        let is_full = read(call, |slots| {
            slots
                .iter()
                .all(|slot| slot.is_some_and(|stack| stack.count >= stack_size(stack.item)))
        })?;
        call.value(is_full)
    });
    r.method(CLASS, "count_empty_stacks", |call, _| {
        let free = read(call, |slots| {
            slots.iter().filter(|slot| slot.is_none()).count()
        })?;
        call.value(free)
    });
    register_searches(r);
}

fn register_searches(r: &mut Registrar<'_>) {
    r.method(CLASS, "can_insert", |call, arguments| {
        let (item, _) = convert::stack(call, &argument(&arguments, 0))?;
        let room = room_for(call.host, call.object, item)?;
        call.value(room > 0)
    });
    r.method(CLASS, "get_insertable_count", |call, arguments| {
        let item = convert::item(call, &argument(&arguments, 0))?;
        let room = room_for(call.host, call.object, item)?;
        call.value(room)
    });
    r.method(CLASS, "find_item_stack", |call, arguments| {
        let item = convert::item(call, &argument(&arguments, 0))?;
        let place = read(call, |slots| {
            slots
                .iter()
                .position(|slot| slot.is_some_and(|stack| stack.item == item))
        })?;
        let Some(place) = place else {
            return Ok(Value::Nil);
        };
        super::item_stack::stack_object(call, call.handle().group, place as u16 + 1)
    });
    r.read(CLASS, "entity_owner", |call| {
        call.host
            .object(call.lua, "LuaEntity", owner(call.handle()).pack())
    });
    r.read(CLASS, "index", |call| {
        let number = match call.handle().group {
            SOURCE => 2,
            RESULT => 3,
            MODULES => 4,
            BARREN => 6,
            _ => 1,
        };
        call.value(number)
    });
    for name in ["mod_owner", "player_owner", "equipment_owner"] {
        r.read(CLASS, name, |_| Ok(Value::Nil));
    }
    r.method(CLASS, "supports_bar", |call, _| {
        call.value(call.handle().group == CONTENTS)
    });
    r.method(CLASS, "supports_filters", |call, _| call.value(false));
    r.method(CLASS, "is_filtered", |call, _| call.value(false));
}

fn total_of(slots: &[Slot], wanted: Option<ItemId>) -> u32 {
    slots
        .iter()
        .flatten()
        .filter(|stack| wanted.is_none_or(|wanted| wanted == stack.item))
        .map(|stack| stack.count)
        .sum()
}

fn register_changing(r: &mut Registrar<'_>) {
    r.method(CLASS, "insert", |call, arguments| {
        let (item, count) = convert::stack(call, &argument(&arguments, 0))?;
        call.value(insert_into(call, call.object, item, count)?)
    });
    r.method(CLASS, "remove", |call, arguments| {
        let (item, count) = convert::stack(call, &argument(&arguments, 0))?;
        call.value(remove_from(call, call.object, item, count)?)
    });
    r.method(CLASS, "clear", |call, _| {
        clear(call)?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "sort_and_merge", |call, _| {
        let held: Vec<ItemStack> = read(call, |slots| slots.iter().flatten().copied().collect())?;
        if call.handle().group == MAIN {
            clear(call)?;
            let mut totals = std::collections::BTreeMap::new();
            for stack in held {
                *totals.entry(stack.item).or_insert(0) += stack.count;
            }
            for (item, count) in totals {
                insert_into(call, call.object, item, count)?;
            }
        }
        Ok(Value::Nil)
    });
    r.method(CLASS, "get_bar", |call, _| {
        let bar = chest(call, |chest| chest.closed_from().map(|first| first + 1))?;
        let length = read(call, <[Slot]>::len)? as u32;
        call.value(bar.unwrap_or(length + 1))
    });
    r.method(CLASS, "set_bar", |call, arguments| {
        let bar = match argument(&arguments, 0) {
            Value::Nil => None,
            bar => Some(count(&bar)?.saturating_sub(1)),
        };
        chest(call, |chest| chest.close_from(bar))?;
        Ok(Value::Nil)
    });
}

fn chest<R>(
    call: Call<'_>,
    change: impl FnOnce(&mut crate::sim::inventory::Inventory) -> R,
) -> mlua::Result<R> {
    let handle = call.handle();
    let mut core = call.host.core.borrow_mut();
    let surface = core.surface_of_mut(handle).ok_or_else(gone)?;
    let Some(Thing::Entity(reference)) = handle.thing() else {
        return Err(fault("the inventory has no bar"));
    };
    let Some(Body::Chest(index)) = surface.world.entity(reference).map(|held| held.body) else {
        return Err(fault("the inventory has no bar"));
    };
    let chest = surface.world.chests.get_mut(index).ok_or_else(gone)?;
    Ok(change(chest))
}

/// Computes how many of an item a group takes.
fn room_for(host: &Host, object: ObjectRef, item: ItemId) -> mlua::Result<u32> {
    let handle = Handle::unpack(object.handle);
    let core = host.core.borrow();
    let surface = core.surface_of(handle).ok_or_else(gone)?;
    Ok(room_in(surface, handle, item))
}

fn room_in(surface: &Surface, handle: Handle, item: ItemId) -> u32 {
    let world = &surface.world;
    match handle.thing() {
        Some(Thing::Character(_)) if handle.group == MAIN => world.character.inventory.room(item),
        Some(Thing::Entity(reference)) => {
            let Some(entity) = world.entity(reference) else {
                return 0;
            };
            if group_for(surface, handle, item) != Some(handle.group) {
                return 0;
            }
            let slots = world.slots(entity);
            let enabled = &world.force.enabled_recipes;
            room_by_hand(entity.prototype(), &slots, item, enabled)
        }
        _ => 0,
    }
}

/// Finds the group into which a hand's item goes.
fn group_for(surface: &Surface, handle: Handle, item: ItemId) -> Option<u8> {
    let Some(Thing::Entity(reference)) = handle.thing() else {
        return Some(MAIN);
    };
    let entity = surface.world.entity(reference)?;
    let facts = entity.prototype();
    Some(match facts.kind {
        EntityKind::Container | EntityKind::InfinityContainer | EntityKind::CargoLandingPad => {
            CONTENTS
        }
        EntityKind::AmmoTurret => CONTENTS,
        EntityKind::RocketSilo if crate::sim::silo::is_cargo(item) => CONTENTS,
        _ if crate::sim::burner::is_fuel_for(facts, item) => FUEL,
        _ if crate::sim::effects::takes_module(facts, surface.world.slots(entity).recipe, item)
            && !is_ingredient(surface, reference, item) =>
        {
            MODULES
        }
        _ => SOURCE,
    })
}

fn is_ingredient(
    surface: &Surface,
    reference: crate::sim::entity::EntityRef,
    item: ItemId,
) -> bool {
    let Some(entity) = surface.world.entity(reference) else {
        return false;
    };
    surface.world.recipe_of(entity).is_some_and(|recipe| {
        let ingredients = &vanilla()[recipe].ingredients;
        ingredients.iter().any(|used| used.item() == Some(item))
    })
}

/// Puts items into a group of slots and returns how many went in.
pub(super) fn insert_into(
    call: Call<'_>,
    object: ObjectRef,
    item: ItemId,
    count: u32,
) -> mlua::Result<u32> {
    let handle = Handle::unpack(object.handle);
    let mut core = call.host.core.borrow_mut();
    let surface = core.surface_of_mut(handle).ok_or_else(gone)?;
    Ok(match handle.thing() {
        Some(Thing::Character(_)) if handle.group == MAIN => {
            script::character_inventory(&mut surface.world).insert(item, count)
        }
        Some(Thing::Entity(reference)) => {
            let is_its_group =
                handle.group == 0 || group_for(surface, handle, item) == Some(handle.group);
            if is_its_group {
                script::insert(&mut surface.world, reference, item, count)
            } else {
                0
            }
        }
        _ => 0,
    })
}

/// Takes items out of a group of slots and returns how many came out.
pub(super) fn remove_from(
    call: Call<'_>,
    object: ObjectRef,
    item: ItemId,
    count: u32,
) -> mlua::Result<u32> {
    let handle = Handle::unpack(object.handle);
    let mut core = call.host.core.borrow_mut();
    let surface = core.surface_of_mut(handle).ok_or_else(gone)?;
    let world = &mut surface.world;
    Ok(match handle.thing() {
        Some(Thing::Character(_)) if handle.group == MAIN => {
            script::character_inventory(world).remove(item, count)
        }
        Some(Thing::Entity(reference)) => {
            let group = match handle.group {
                CONTENTS => SlotGroup::Contents,
                FUEL => SlotGroup::Fuel,
                SOURCE => SlotGroup::Source,
                RESULT => SlotGroup::Result,
                MODULES => SlotGroup::Modules,
                _ => return Ok(0),
            };
            script::remove(world, reference, group, item, count)
        }
        _ => 0,
    })
}

fn clear(call: Call<'_>) -> mlua::Result<()> {
    let held: Vec<ItemStack> = read(call, |slots| slots.iter().flatten().copied().collect())?;
    for stack in held {
        remove_from(call, call.object, stack.item, stack.count)?;
    }
    Ok(())
}

/// Reads the slots of a handle, for what is counted over several groups.
pub(super) fn all_slots(surface: &Surface, handle: Handle) -> Vec<Slot> {
    slots(surface, handle).unwrap_or_default()
}
