//! `LuaSurface`: making entities, and whether there is room for them.

use mlua::{Table, Value};

use super::convert::{self, argument, direction, position, table_argument, truth};
use super::core::{Core, ENEMY, Event, NEUTRAL};
use super::handle::{Handle, Thing};
use super::host::{Call, Registrar, fault, gone};
use super::surface::{change, number_of, on};
use crate::contract::codes::RESOURCE_NAMES;
use crate::prototypes::{EntityKind, EntityPrototypeId, vanilla};
use crate::sim::World;
use crate::sim::belt::BeltKind;
use crate::sim::collision::is_free;
use crate::sim::entity::{Body, footprint, is_simulated};
use crate::sim::inventory::ItemStack;
use crate::sim::placement::{built_direction, is_placeable, snapped};
use crate::sim::position::{Direction, MapPos};
use crate::sim::script;
use crate::sim::terrain::{MAX_RESOURCE_AMOUNT, Resource};
use crate::sim::threat::figures::{Side, figures};

const CLASS: &str = "LuaSurface";

pub(super) fn register(r: &mut Registrar<'_>) {
    r.method(CLASS, "create_entity", |call, arguments| {
        create(call, &table_argument(&arguments)?)
    });
    r.method(CLASS, "can_place_entity", |call, arguments| {
        let table = table_argument(&arguments)?;
        let order = Order::of(call, &table)?;
        let is_manual = match table.raw_get::<Value>("build_check_type")? {
            Value::Nil => false,
            kind => convert::count(&kind)? == call.host.defines.number("build_check_type.manual"),
        };
        call.value(on(call, |surface| {
            let character = surface.character.filter(|_| is_manual);
            let place = character.map(|_| surface.world.character.position);
            order.fits(&surface.world, place)
        })?)
    });
    // The simulation replaces nothing in place.
    r.method(CLASS, "can_fast_replace", |_, _| Ok(Value::Boolean(false)));
    r.method(CLASS, "spill_item_stack", |call, arguments| {
        let table = table_argument(&arguments)?;
        let place = position(&table.raw_get("position")?)?;
        let (item, count) = convert::stack(call, &table.raw_get("stack")?)?;
        if count > 0 {
            change(call, |surface| {
                script::spill(&mut surface.world, place, ItemStack { item, count });
            })?;
        }
        call.lua.create_table().map(Value::Table)
    });
    r.method(CLASS, "entity_prototype_collides", |call, arguments| {
        let prototype = convert::entity_prototype(call, &argument(&arguments, 0))?;
        let facing = direction(&argument(&arguments, 3))?;
        let place = position(&argument(&arguments, 1))?;
        call.value(on(call, |surface| {
            let place = snapped(prototype, place, facing);
            !is_placeable(&surface.world, None, prototype, place, facing)
        })?)
    });
}

/// What is to be made, and where.
struct Order {
    what: What,
    position: MapPos,
    direction: Direction,
}

#[derive(Clone, Copy)]
enum What {
    Entity(EntityPrototypeId),
    Ghost(EntityPrototypeId),
    Resource { code: u8, amount: u32 },
    Pile(Option<ItemStack>),
    Character,
    Unit(EntityPrototypeId),
}

impl Order {
    fn of(call: Call<'_>, table: &Table) -> mlua::Result<Self> {
        let name = convert::name_of(call, &table.raw_get("name")?)?;
        let place = position(&table.raw_get("position")?)?;
        let facing = direction(&table.raw_get("direction")?)?;
        let what = match name.as_str() {
            "entity-ghost" => {
                let inner: Value = table.raw_get("inner_name")?;
                What::Ghost(convert::entity_prototype(call, &inner)?)
            }
            "item-on-ground" => What::Pile(match table.raw_get::<Value>("stack")? {
                Value::Nil => None,
                stack => {
                    let (item, count) = convert::stack(call, &stack)?;
                    Some(ItemStack { item, count })
                }
            }),
            _ => {
                let value = Value::String(call.lua.create_string(&name)?);
                let prototype = convert::entity_prototype(call, &value)?;
                Self::kind_of(prototype, table)?
            }
        };
        let (position, direction) = match what {
            What::Entity(prototype) | What::Ghost(prototype) => {
                let facing = built_direction(prototype, facing);
                (snapped(prototype, place, facing), facing)
            }
            What::Resource { .. } => (place.tile().center(), facing),
            _ => (place, facing),
        };
        Ok(Self {
            what,
            position,
            direction,
        })
    }

    fn kind_of(prototype: EntityPrototypeId, table: &Table) -> mlua::Result<What> {
        let facts = &vanilla()[prototype];
        Ok(match facts.kind {
            EntityKind::Character => What::Character,
            EntityKind::Unit => What::Unit(prototype),
            EntityKind::Resource => {
                let code = RESOURCE_NAMES
                    .iter()
                    .position(|known| *known == facts.name)
                    .ok_or_else(|| not_simulated(&facts.name))?;
                let amount = match table.raw_get::<Value>("amount")? {
                    Value::Nil => 1,
                    amount => convert::count(&amount)?,
                };
                if amount == 0 || amount > MAX_RESOURCE_AMOUNT {
                    return Err(fault(format!(
                        "a resource of this server has 1 to {MAX_RESOURCE_AMOUNT}, not {amount}"
                    )));
                }
                What::Resource {
                    code: code as u8 + 1,
                    amount,
                }
            }
            _ if !is_simulated(prototype) => return Err(not_simulated(&facts.name)),
            _ => What::Entity(prototype),
        })
    }

    /// Says whether there is room; `character` is where one stands in the way.
    fn fits(&self, world: &World, character: Option<MapPos>) -> bool {
        let is_on_map = world.terrain.area().contains(self.position.tile());
        match self.what {
            What::Entity(prototype) => {
                is_placeable(world, character, prototype, self.position, self.direction)
            }
            What::Ghost(prototype) => {
                is_placeable(world, None, prototype, self.position, self.direction)
                    && footprint(prototype, self.position, self.direction)
                        .tiles()
                        .all(|tile| world.ghost_slot_at(tile).is_none())
            }
            What::Resource { .. } => {
                let tile = self.position.tile();
                is_on_map && world.terrain.resource(tile).is_none()
            }
            What::Pile(_) => is_on_map && world.ground.is_clear(self.position),
            What::Character | What::Unit(_) => is_on_map && is_free(world, self.position),
        }
    }
}

fn not_simulated(name: &str) -> mlua::Error {
    fault(format!(
        "the simulation does not have the entity \"{name}\" yet"
    ))
}

fn create(call: Call<'_>, table: &Table) -> mlua::Result<Value> {
    let order = Order::of(call, table)?;
    let number = number_of(call);
    let handle = {
        let mut core = call.host.core.borrow_mut();
        bind(call, &mut core, number, &order, table)?;
        let next_character = core.next_character;
        let surface = core.surface_mut(number).ok_or_else(gone)?;
        let thing = make(surface, &order, next_character)?;
        if matches!(thing, Some(Thing::Character(_))) {
            core.next_character += 1;
        }
        let epoch = core.surface(number).ok_or_else(gone)?.epoch;
        let Some(thing) = thing else {
            return Ok(Value::Nil);
        };
        Handle::of_thing(number, epoch, thing)
    };
    settle_settings(call, handle, table)?;
    if truth(&table.raw_get("raise_built")?) {
        let event = Event::ScriptRaisedBuilt(handle.pack());
        call.host.core.borrow_mut().events.push_back(event);
        super::events::deliver_within(call)?;
    }
    call.host.object(call.lua, "LuaEntity", handle.pack())
}

/// Binds the surface to the force of what is made, where that has one of its own.
fn bind(
    call: Call<'_>,
    core: &mut Core,
    number: u16,
    order: &Order,
    table: &Table,
) -> mlua::Result<()> {
    let prototype = match order.what {
        What::Entity(prototype) | What::Ghost(prototype) => Some(prototype),
        What::Character => None,
        What::Resource { .. } | What::Pile(_) | What::Unit(_) => return Ok(()),
    };
    if prototype.is_some_and(|id| vanilla()[id].is_natural() || figures(id).side == Side::Enemy) {
        return Ok(());
    }
    let force = match table.raw_get::<Value>("force")? {
        Value::Nil => ENEMY,
        given => convert::force(call.host, core, &given)?,
    };
    if force == NEUTRAL {
        return Ok(());
    }
    if force == ENEMY {
        return Err(fault(
            "an entity without a force is the enemy's, which builds nothing on this server: pass force",
        ));
    }
    if core.bind(number, force) {
        return Ok(());
    }
    let held = core
        .surface(number)
        .and_then(|surface| core.force(surface.force?))
        .map_or("", |force| force.name.as_str());
    let wanted = core.force(force).map_or("", |force| force.name.as_str());
    Err(fault(format!(
        "a surface of this server has things of one force, here \"{held}\", not \"{wanted}\" too"
    )))
}

/// Makes the thing; `None` where there is no room.
fn make(
    surface: &mut super::core::Surface,
    order: &Order,
    next_character: u32,
) -> mlua::Result<Option<Thing>> {
    if surface.character.is_none() {
        script::renew(&mut surface.world, u64::from(surface.seed));
    }
    let world = &mut surface.world;
    if !order.fits(world, None) {
        return Ok(None);
    }
    let (place, facing) = (order.position, order.direction);
    Ok(match order.what {
        What::Entity(prototype) => Some(Thing::Entity(script::create_entity(
            world, prototype, place, facing,
        ))),
        What::Ghost(prototype) => Some(Thing::Ghost(script::create_ghost(
            world, prototype, place, facing,
        ))),
        What::Resource { code, amount } => {
            let tile = place.tile();
            script::set_resource(world, tile, Some(Resource { code, amount }));
            Some(Thing::Resource(tile))
        }
        What::Pile(stack) => {
            let stack = stack.ok_or_else(|| fault("an item on the ground needs a stack"))?;
            script::lay_pile(world, place, stack).then_some(Thing::Pile(place))
        }
        What::Unit(prototype) => Some(Thing::Unit(world.add_unit(prototype, place))),
        What::Character => {
            if surface.character.is_some() && world.character.is_alive() {
                return Err(fault("a surface of this server has one character at most"));
            }
            script::create_character(world, place);
            surface.character = Some(next_character);
            surface.selected = None;
            Some(Thing::Character(next_character))
        }
    })
}

/// Sets what was asked for beside the entity itself: a recipe, the end of an underground belt.
fn settle_settings(call: Call<'_>, handle: Handle, table: &Table) -> mlua::Result<()> {
    let Some(Thing::Entity(entity)) = handle.thing() else {
        return Ok(());
    };
    let recipe: Value = table.raw_get("recipe")?;
    let recipe = match recipe {
        Value::Nil => None,
        given => Some(convert::recipe(call, &given)?),
    };
    let end: Value = table.raw_get("type")?;
    let mut core = call.host.core.borrow_mut();
    let surface = core.surface_of_mut(handle).ok_or_else(gone)?;
    let world = &mut surface.world;
    if let Some(recipe) = recipe
        && let Some(held) = world.entity(entity)
        && world.check_recipe(held, recipe).is_ok()
    {
        script::set_recipe(world, entity, Some(recipe));
    }
    if let Value::String(end) = end {
        let kind = match &*end.to_string_lossy() {
            "output" => BeltKind::Exit,
            _ => BeltKind::Entrance,
        };
        let present = world.entity(entity).and_then(|entity| match entity.body {
            Body::Belt(index) => world.belts.belt(index).map(|belt| belt.kind),
            _ => None,
        });
        let is_underground = matches!(present, Some(BeltKind::Entrance | BeltKind::Exit));
        if is_underground && present != Some(kind) {
            world.set_underground_end(entity, kind);
            world.settle();
        }
    }
    Ok(())
}
