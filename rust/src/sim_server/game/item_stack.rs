//! `LuaItemStack`: one slot of an inventory, what an inserter holds, an item on a belt, a pile on the ground.

use mlua::Value;

use super::convert::count;
use super::handle::{Handle, Thing};
use super::host::{Call, Host, Registrar, fault, gone};
use super::inventory::{CURSOR, HAND, PILE, insert_into, remove_from, with_slots};
use crate::lua::ObjectRef;
use crate::prototypes::vanilla;
use crate::sim::inventory::{ItemStack, Slot};
use crate::sim::script;

const STACK: &str = "LuaItemStack";
/// A place on a transport line; the line is in the upper bits of the place.
const LINE: u8 = 11;
/// Places on a line lie below this.
const LINE_PLACES: u16 = 1 << 12;

pub(super) fn stack_object(call: Call<'_>, group: u8, index: u16) -> mlua::Result<Value> {
    let handle = Handle {
        group,
        index,
        ..call.handle()
    };
    call.host.object(call.lua, STACK, handle.pack())
}

/// Makes the object of what an inserter holds.
pub(super) fn held_stack(call: Call<'_>) -> mlua::Result<Value> {
    stack_object(call, HAND, 1)
}

/// Makes the object of what lies on the ground.
pub(super) fn pile_stack(call: Call<'_>) -> mlua::Result<Value> {
    stack_object(call, PILE, 1)
}

/// Makes the object of an item on a transport line.
pub(super) fn line_stack(call: Call<'_>, line: u8, place: u16) -> mlua::Result<Value> {
    let index = u16::from(line) * LINE_PLACES + place.min(LINE_PLACES - 1);
    stack_object(call, LINE, index)
}

/// Makes the object of a character's cursor.
pub(super) fn cursor_stack(call: Call<'_>) -> mlua::Result<Value> {
    stack_object(call, CURSOR, 1)
}

/// Reads what a stack object holds.
pub(super) fn stack_of(host: &Host, object: ObjectRef) -> mlua::Result<Slot> {
    let handle = Handle::unpack(object.handle);
    let core = host.core.borrow();
    let surface = core.surface_of(handle).ok_or_else(gone)?;
    if handle.group == LINE {
        let thing = handle.thing().ok_or_else(gone)?;
        let (line, place) = (handle.index / LINE_PLACES, handle.index % LINE_PLACES);
        let found =
            super::transport::item_at(&surface.world, thing, line as u8, usize::from(place));
        return Ok(found.map(|item| ItemStack { item, count: 1 }));
    }
    let place = usize::from(handle.index).saturating_sub(1);
    let slot = with_slots(surface, handle, |slots| slots.get(place).copied().flatten());
    Ok(slot.flatten())
}

pub(super) fn register(r: &mut Registrar<'_>) {
    r.read(STACK, "valid_for_read", |call| {
        let held = stack_of(call.host, call.object)?;
        call.value(held.is_some())
    });
    r.read(STACK, "name", |call| {
        let held = held(call)?;
        call.value(vanilla()[held.item].name.as_str())
    });
    r.read(STACK, "type", |call| {
        let held = held(call)?;
        call.value(vanilla()[held.item].kind.as_str())
    });
    r.read(STACK, "prototype", |call| {
        let held = held(call)?;
        super::prototypes::item_object(call.host, call.lua, held.item)
    });
    r.read(STACK, "quality", |call| {
        held(call)?;
        super::prototypes::quality(call.host, call.lua)
    });
    r.read_write(
        STACK,
        "count",
        |call| {
            let held = stack_of(call.host, call.object)?;
            call.value(held.map_or(0, |stack| stack.count))
        },
        |call, value| {
            let wanted = count(&value)?;
            set_count(call, wanted)
        },
    );
    r.read(STACK, "health", |call| call.value(1.0));
    r.method(STACK, "clear", |call, _| {
        if stack_of(call.host, call.object)?.is_some() {
            set_count(call, 0)?;
        }
        Ok(Value::Nil)
    });
}

fn held(call: Call<'_>) -> mlua::Result<ItemStack> {
    stack_of(call.host, call.object)?
        .ok_or_else(|| fault("LuaItemStack API call when LuaItemStack was invalid for read."))
}

/// Changes how much a stack holds, as far as there is room.
fn set_count(call: Call<'_>, wanted: u32) -> mlua::Result<()> {
    let stack = held(call)?;
    let handle = call.handle();
    if handle.group == PILE {
        let mut core = call.host.core.borrow_mut();
        let surface = core.surface_of_mut(handle).ok_or_else(gone)?;
        let Some(Thing::Pile(place)) = handle.thing() else {
            return Err(gone());
        };
        script::set_pile(&mut surface.world, place, wanted);
        return Ok(());
    }
    if handle.group == HAND {
        let mut core = call.host.core.borrow_mut();
        let surface = core.surface_of_mut(handle).ok_or_else(gone)?;
        if let (0, Some(Thing::Entity(reference))) = (wanted, handle.thing()) {
            script::take_held(&mut surface.world, reference);
        }
        return Ok(());
    }
    if wanted < stack.count {
        remove_from(call, call.object, stack.item, stack.count - wanted)?;
    } else if wanted > stack.count {
        insert_into(call, call.object, stack.item, wanted - stack.count)?;
    }
    Ok(())
}
