//! What scripts of the game do to a world: the effects of its runtime API, one function each.
//!
//! A script is not held to reach, nor does it pay for what it makes; it is held to room. Where an agent's command does
//! the same ([`super::command`]), the world afterwards is the same, so that a mod which carries out a command by the API
//! leaves what the command would have left. All references must be of things that exist; others change nothing.

use super::crafting::{self, CraftPlan};
use super::entity::{Body, EntityRef, Ghost, Target, footprint};
use super::inventory::{Inventory, ItemStack, remove_from};
use super::mining;
use super::position::{Direction, MapPos, TilePos};
use super::sandbox::contents::take_from_slots;
use super::terrain::Resource;
use super::world::World;
use crate::prototypes::{EntityPrototypeId, ItemId, RecipeId, TechnologyId, TileId};

/// A group of an entity's slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotGroup {
    /// What a chest holds, the ammunition of a turret, the cargo of a silo.
    Contents,
    Fuel,
    Source,
    Result,
    Modules,
}

/// Makes an empty world of `width` x `height` tiles of one kind, whose character is not there yet.
pub fn new_world(width: i32, height: i32, tile: TileId, seed: u64) -> World {
    let mut world = World::new();
    world.clear(seed);
    world.reset_map(width, height, tile);
    remove_character(&mut world);
    world.settle();
    world
}

/// Makes everything but the map, the force and its statistics as at the beginning: clock, places, random streams.
///
/// Only a world without entities, ghosts, units and character is renewed, so that nothing is lost by it. Numbers go on
/// rising, so that a reference to what was there stays one to nothing.
pub fn renew(world: &mut World, seed: u64) {
    let has_things = !world.entities.is_empty()
        || !world.ghosts.is_empty()
        || !world.units.is_empty()
        || world.character.is_alive();
    let was_used = world.tick > 0
        || world.entities.end() > 0
        || world.ghosts.end() > 0
        || world.units.end() > 0;
    if has_things || !was_used {
        return;
    }
    let next_unit = world.next_unit;
    let terrain = std::mem::take(&mut world.terrain);
    let ground = std::mem::take(&mut world.ground);
    let force = std::mem::take(&mut world.force);
    let research = std::mem::take(&mut world.research);
    let production = std::mem::take(&mut world.production);
    world.clear(seed);
    world.terrain = terrain;
    world.ground = ground;
    world.force = force;
    world.research = research;
    world.production = production;
    world.next_unit = next_unit;
    world.pollution.reset(world.terrain.area());
    remove_character(world);
    world.rebuild_caches();
}

/// Starts the random streams of a world anew.
pub fn reseed(world: &mut World, seed: u64) {
    world.rng = super::rng::Rng::new(seed);
    if world.units.is_empty() && world.spawners.is_empty() {
        world.threats = super::threat::Threats::new(seed);
    }
}

/// Puts a new character there, whose position becomes the spawn point.
pub fn create_character(world: &mut World, position: MapPos) {
    world.character.reset();
    world
        .character
        .inventory
        .grow(inventory_slots(world) as usize);
    world.character.position = position;
    world.spawn = position;
    world.changes.overflowed = true;
}

fn inventory_slots(world: &World) -> u32 {
    crate::prototypes::vanilla().character().inventory_size
        + world.force.bonuses.character_inventory_slots
}

/// Takes the character away with all that it carries.
pub fn remove_character(world: &mut World) {
    world.character.reset();
    world.character.health = 0;
    world.changes.overflowed = true;
}

/// Builds an entity where [`super::placement::is_placeable`] allows it; ghosts under it go.
pub fn create_entity(
    world: &mut World,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) -> EntityRef {
    for tile in footprint(prototype, position, direction).tiles() {
        if let Some(slot) = world.ghost_slot_at(tile) {
            world.remove_ghost(slot);
        }
    }
    let reference = world.add_entity(prototype, position, direction);
    world.changes.contents = true;
    world.views.clear();
    world.settle();
    reference
}

/// Adds a ghost.
pub fn create_ghost(
    world: &mut World,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) -> EntityRef {
    world.add_ghost(prototype, position, direction)
}

/// Makes an entity of a ghost; nothing where there is no room.
pub fn revive(world: &mut World, ghost: EntityRef) -> Option<EntityRef> {
    let Ghost {
        prototype,
        position,
        direction,
        ..
    } = *world.ghost(ghost)?;
    let character = world
        .character
        .is_alive()
        .then_some(world.character.position);
    super::placement::is_placeable(world, character, prototype, position, direction)
        .then(|| create_entity(world, prototype, position, direction))
}

/// Takes a thing away with all that it holds.
pub fn destroy(world: &mut World, target: Target) {
    match target {
        Target::Entity(reference) => {
            world.count_destroyed(reference);
            world.remove_entity(reference);
        }
        Target::Ghost(reference) if world.ghost(reference).is_some() => {
            world.remove_ghost(reference.slot);
        }
        Target::Ghost(_) => {}
        Target::Pile(place) => {
            if let Some(stack) = world.take_pile(place) {
                world.production.lose_item(stack.item, stack.count);
            }
        }
        Target::Resource(tile) => {
            world.set_resource(tile, None);
        }
    }
    world.views.clear();
    world.wake_pending();
    world.settle();
}

/// Takes a thing up as mining does, and lists what that yields: contents first, then the thing itself.
pub fn mined(world: &mut World, target: Option<Target>) -> Vec<(ItemId, u32)> {
    let stacks = match target {
        Some(Target::Entity(entity)) => mining::take_up(world, entity),
        Some(Target::Pile(place)) => world.take_pile(place).into_iter().collect(),
        _ => Vec::new(),
    };
    world.views.clear();
    world.wake_pending();
    world.settle();
    stacks
        .into_iter()
        .map(|stack| (stack.item, stack.count))
        .collect()
}

/// Takes one unit of a resource, as mining it by hand does, and counts it as made.
pub fn mined_ore(world: &mut World, tile: TilePos) -> Vec<(ItemId, u32)> {
    let item = world
        .terrain
        .resource(tile)
        .and_then(|resource| super::drill::resource_facts(resource.code))
        .and_then(|facts| facts.item);
    let Some(item) = item else {
        return Vec::new();
    };
    world.deplete_resource(tile);
    world.count_produced(item, 1);
    vec![(item, 1)]
}

/// Gives the character items; what has no room lies round `place`.
pub fn give(world: &mut World, stacks: &[(ItemId, u32)], place: MapPos) {
    for (item, count) in stacks {
        let stack = ItemStack {
            item: *item,
            count: *count,
        };
        mining::give(world, stack, place);
    }
    world.settle();
}

/// Takes crafts out of the hand-crafting queue, with those that only served them, and gives back what they took.
pub fn cancel_craft(world: &mut World, index: u32, count: u32) {
    let place = world.character.position;
    let returned = world.character.crafting.cancel(index as usize, count);
    give(world, &returned, place);
}

/// Takes a biter or spitter away.
pub fn destroy_unit(world: &mut World, unit: EntityRef) {
    world.remove_unit(unit);
}

/// Kills an entity as an enemy does.
pub fn kill(world: &mut World, entity: EntityRef) {
    world.destroy(entity);
    world.views.clear();
    world.settle();
}

/// Sets the health of an entity; at 0 it is destroyed.
pub fn set_health(world: &mut World, entity: EntityRef, health: f64) {
    world.set_health(entity, health);
    world.settle();
}

/// Turns an entity; its footprint must stay the same.
pub fn turn(world: &mut World, entity: EntityRef, direction: Direction) {
    world.turn_entity(entity, direction);
    world.views.clear();
    world.settle();
}

/// Sets the recipe of a machine and hands over what it held.
pub fn set_recipe(
    world: &mut World,
    entity: EntityRef,
    recipe: Option<RecipeId>,
) -> Vec<ItemStack> {
    let returned = world.exchange_recipe(entity, recipe);
    world.views.clear();
    world.settle();
    returned
}

/// Puts up to `count` of `item` into an entity, by the limits of a hand, and returns how many went in.
pub fn insert(world: &mut World, entity: EntityRef, item: ItemId, count: u32) -> u32 {
    let inserted = match world.entity(entity).map(|entity| entity.body) {
        Some(Body::Belt(_) | Body::Splitter(_)) => world.lay_on_belt(entity.slot, item, count),
        _ => world.insert_by_hand(entity, item, count),
    };
    world.changes.contents = true;
    world.views.clear();
    world.settle();
    inserted
}

/// Takes up to `count` of `item` out of one group of an entity's slots, and returns how many came out.
pub fn remove(
    world: &mut World,
    entity: EntityRef,
    group: SlotGroup,
    item: ItemId,
    count: u32,
) -> u32 {
    let Some(body) = world.entity(entity).map(|entity| entity.body) else {
        return 0;
    };
    let taken = match (group, body) {
        (SlotGroup::Contents, Body::Chest(index)) => world
            .chests
            .get_mut(index)
            .map_or(0, |chest| chest.remove(item, count)),
        (SlotGroup::Contents, Body::Turret(index)) => {
            world.turrets.get_mut(index).map_or(0, |turret| {
                let held = turret.ammo.filter(|stack| stack.item == item);
                let taken = held.map_or(0, |stack| stack.count.min(count));
                if taken > 0 {
                    turret.remove(taken);
                }
                taken
            })
        }
        (SlotGroup::Source, Body::Crafter(index)) => world
            .crafters
            .get_mut(index)
            .map_or(0, |crafter| remove_from(&mut crafter.inputs, item, count)),
        (SlotGroup::Source, Body::Lab(index)) => world
            .labs
            .get_mut(index)
            .map_or(0, |lab| lab.take(item, count)),
        (SlotGroup::Result, Body::Crafter(index)) => world
            .crafters
            .get_mut(index)
            .map_or(0, |crafter| remove_from(&mut crafter.outputs, item, count)),
        (SlotGroup::Fuel, Body::Boiler(index)) => {
            world.boilers.get_mut(index).map_or(0, |boiler| {
                take_from_slots(boiler.energy.fuel_slot_mut().into_iter(), item, count)
            })
        }
        (SlotGroup::Fuel, body) => world.energy_mut(body).map_or(0, |energy| {
            take_from_slots(energy.fuel_slot_mut().into_iter(), item, count)
        }),
        (SlotGroup::Modules, _) => {
            let mut left = count;
            let taken = world.take_modules(entity, |module| {
                let is_taken = module == item && left > 0;
                left -= u32::from(is_taken);
                !is_taken
            });
            taken.iter().map(|stack| stack.count).sum()
        }
        _ => 0,
    };
    if taken > 0 {
        world.wake(entity);
        world.wake_waiters(entity.slot);
        world.wake_pending();
        world.mark_entity(entity.slot);
        world.changes.contents = true;
        world.views.clear();
        world.settle();
    }
    taken
}

/// Takes what an inserter holds.
pub fn take_held(world: &mut World, entity: EntityRef) -> Option<ItemStack> {
    let Some(Body::Inserter(index)) = world.entity(entity).map(|entity| entity.body) else {
        return None;
    };
    let held = world.inserters.get_mut(index)?.held.take();
    world.wake(entity);
    world.wake_pending();
    world.mark_entity(entity.slot);
    world.settle();
    held
}

/// Takes up to `count` of `item` off a belt or splitter and returns how many.
pub fn take_off_belt(world: &mut World, entity: EntityRef, item: ItemId, count: u32) -> u32 {
    if world.entity(entity).is_none() {
        return 0;
    }
    let taken = world.take_off_belt(entity.slot, item, count);
    world.wake_pending();
    world.settle();
    taken
}

/// Borrows the character's inventory for change.
pub fn character_inventory(world: &mut World) -> &mut Inventory {
    world.changes.contents = true;
    &mut world.character.inventory
}

/// Lets the character walk, or stand still.
pub fn walk(world: &mut World, direction: Option<Direction>) {
    world.character.walking = direction;
    if let Some(direction) = direction {
        world.character.facing = direction;
    }
}

/// Lets the character mine, or stop.
pub fn mine(world: &mut World, target: Option<Target>) {
    match target {
        Some(target) => mining::start(world, target),
        None => world.character.is_mining = false,
    }
}

/// Moves the character; the place must be free.
pub fn teleport(world: &mut World, position: MapPos) {
    world.character.position = position;
    world.changes.clear();
    world.changes.overflowed = true;
}

/// Finds how many crafts of a recipe hands can queue now, `limit` at most.
pub fn craftable(world: &World, recipe: RecipeId, limit: u32) -> u32 {
    // What is possible once less often is possible too, so the most is found by halving.
    let (mut possible, mut beyond) = (0, limit.saturating_add(1));
    while beyond - possible > 1 {
        let middle = possible + (beyond - possible) / 2;
        if crafting::plan(world, recipe, middle).is_ok() {
            possible = middle;
        } else {
            beyond = middle;
        }
    }
    possible
}

/// Queues up to `count` crafts and returns how many.
pub fn craft(world: &mut World, recipe: RecipeId, count: u32) -> u32 {
    let whole: Option<CraftPlan> = crafting::plan(world, recipe, count).ok();
    let (plan, count) = if let Some(plan) = whole {
        (Some(plan), count)
    } else {
        let count = craftable(world, recipe, count);
        (crafting::plan(world, recipe, count).ok(), count)
    };
    match plan {
        Some(plan) if count > 0 => {
            crafting::enqueue(world, plan);
            count
        }
        _ => 0,
    }
}

/// Sets the resource on a tile; returns whether it is on the map.
pub fn set_resource(world: &mut World, tile: TilePos, resource: Option<Resource>) -> bool {
    world.set_resource(tile, resource)
}

/// Covers a tile; returns whether it is on the map.
pub fn set_tile(world: &mut World, tile: TilePos, prototype: TileId) -> bool {
    world.set_tile(tile, prototype)
}

/// Lays a pile where none is near; returns whether there was room.
pub fn lay_pile(world: &mut World, position: MapPos, stack: ItemStack) -> bool {
    let is_free = world.ground.is_clear(position) && world.grid.cell(position.tile()).is_walkable();
    if is_free {
        world.lay_pile(position, stack);
        world.settle();
    }
    is_free
}

/// Changes how much lies in a pile; at 0 it goes.
pub fn set_pile(world: &mut World, position: MapPos, count: u32) {
    if let Some(stack) = world.take_pile(position)
        && count > 0
    {
        world.lay_pile(position, ItemStack { count, ..stack });
    }
    world.settle();
}

/// Lays items on the ground, ring by ring.
pub fn spill(world: &mut World, center: MapPos, stack: ItemStack) {
    world.spill(center, stack);
    world.settle();
}

/// Gives a technology with its effects.
pub fn grant(world: &mut World, technology: TechnologyId) {
    world.grant_technology(technology);
    world.settle();
}

/// Makes the force as at the beginning of a game.
pub fn reset_force(world: &mut World) {
    world.research.clear();
    world.force.reset();
    world.force_changed();
    world.settle();
}

/// Lets everything look again at what the force may do.
pub fn force_changed(world: &mut World) {
    world.views.clear();
    world.force_changed();
    world.settle();
}

/// Says of every recipe whether the force may use it.
pub fn unlock(world: &mut World, may: impl Fn(RecipeId) -> bool) {
    for (index, enabled) in world.force.enabled_recipes.iter_mut().enumerate() {
        *enabled = may(RecipeId::from_index(index));
    }
    force_changed(world);
}

/// Says of one recipe whether the force may use it.
pub fn set_unlocked(world: &mut World, recipe: RecipeId, may: bool) {
    if let Some(enabled) = world.force.enabled_recipes.get_mut(recipe.index()) {
        *enabled = may;
    }
    force_changed(world);
}

/// Takes a technology back; its effects go with it.
pub fn forget_technology(world: &mut World, technology: TechnologyId) {
    if let Some(levels) = world.force.researched.get_mut(technology.index()) {
        *levels = 0;
    }
    reapply_technologies(world);
}

/// Makes recipes and bonuses what the researched technologies give.
pub fn reapply_technologies(world: &mut World) {
    let researched = std::mem::take(&mut world.force.researched);
    world.force.reset();
    for (index, levels) in researched.iter().enumerate() {
        for _ in 0..*levels {
            world.force.research(TechnologyId::from_index(index));
        }
    }
    force_changed(world);
}

/// Sets which share of the present technology is done.
pub fn set_research_share(world: &mut World, share: f64) {
    if let Some(current) = world.research.current_mut() {
        current.done = current.units * share;
    }
}

/// Gives the number that the next entity, ghost or unit gets: it rises whenever something comes.
pub fn next_number(world: &World) -> u32 {
    world.next_unit
}
