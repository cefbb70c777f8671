//! Mining by hand: 121 ticks an ore, since the seconds start from 0 for every item and must exceed the mining time;
//! 60 with the steel axe, which doubles the speed (both measured on 2.0.77).

use super::character::{HandMining, is_within};
use super::drill::resource_facts;
use super::entity::{Entity, EntityRef, Target};
use super::inventory::ItemStack;
use super::position::MapPos;
use super::world::World;
use crate::contract::action::RejectReason;
use crate::prototypes::{EntityPrototype, ItemId, Product, vanilla};

/// Seconds that picking up a pile takes at mining speed 1 (prototype `item-on-ground`: 0.025, 4 ticks).
const PILE_MINING_SECONDS: f64 = 0.025;

/// What mining a target takes and gives.
pub struct MiningPlan {
    pub mining_time_seconds: f64,
    /// The first item it yields: the inventory must have room for one.
    pub yields: Option<ItemId>,
}

/// Checks that `target` can be mined from where the character stands.
///
/// # Errors
/// The reason why it cannot.
pub fn plan(world: &World, target: Target) -> Result<MiningPlan, RejectReason> {
    let position = world.character.position;
    let plan = match target {
        Target::Resource(tile) => {
            let resource = world.terrain.resource(tile).ok_or(RejectReason::NoTarget)?;
            let facts = resource_facts(resource.code).ok_or(RejectReason::WrongTarget)?;
            if !facts.is_plain_solid || world.entity_slot_at(tile).is_some() {
                return Err(RejectReason::WrongTarget);
            }
            if !is_resource_in_reach(tile.center().distance_squared(position)) {
                return Err(RejectReason::OutOfReach);
            }
            MiningPlan {
                mining_time_seconds: facts.mining_time_seconds,
                yields: facts.item,
            }
        }
        Target::Entity(reference) => {
            let entity = world.entity(reference).ok_or(RejectReason::NoTarget)?;
            if entity.prototype().minable.is_some()
                && !is_in_reach(entity.collision_box().distance_squared(position))
            {
                return Err(RejectReason::OutOfReach);
            }
            return plan_entity(world, entity);
        }
        Target::Pile(place) => {
            let stack = world.ground.get(place).ok_or(RejectReason::NoTarget)?;
            if !is_in_reach(place.distance_squared(position)) {
                return Err(RejectReason::OutOfReach);
            }
            MiningPlan {
                mining_time_seconds: PILE_MINING_SECONDS,
                yields: Some(stack.item),
            }
        }
        Target::Ghost(reference) => {
            world.ghost(reference).ok_or(RejectReason::NoTarget)?;
            return Err(RejectReason::WrongTarget);
        }
    };
    with_room(world, plan)
}

/// Plans to mine an entity that is in reach.
///
/// # Errors
/// The reason why it cannot be mined.
#[inline]
pub fn plan_entity(world: &World, entity: &Entity) -> Result<MiningPlan, RejectReason> {
    let minable = entity
        .prototype()
        .minable
        .as_ref()
        .ok_or(RejectReason::WrongTarget)?;
    let plan = MiningPlan {
        mining_time_seconds: minable.mining_time_seconds,
        yields: minable.results.first().and_then(Product::item),
    };
    with_room(world, plan)
}

#[inline]
fn with_room(world: &World, plan: MiningPlan) -> Result<MiningPlan, RejectReason> {
    match plan.yields {
        Some(item) if !world.character.inventory.has_room(item) => Err(RejectReason::Full),
        _ => Ok(plan),
    }
}

/// Says whether something at this squared distance (to its collision box) is within reach.
pub fn is_in_reach(distance_squared: i64) -> bool {
    is_within(distance_squared, vanilla().character().reach_distance)
}

/// Says whether a resource at this squared distance (to its centre) can be mined.
pub fn is_resource_in_reach(distance_squared: i64) -> bool {
    is_within(
        distance_squared,
        vanilla().character().reach_resource_distance,
    )
}

/// Starts to mine `target`, keeping the progress if it is the one that was mined last.
pub(super) fn start(world: &mut World, target: Target) {
    let is_same = world
        .character
        .mining
        .is_some_and(|mining| mining.target == target);
    if !is_same {
        world.character.mining = Some(HandMining {
            target,
            seconds: 0.0,
        });
    }
    world.character.is_mining = true;
}

/// Mines one tick; stops when the target is gone, out of reach, or the inventory is full.
pub(super) fn tick_mining(world: &mut World) {
    if !world.character.is_mining {
        return;
    }
    let Some(mut mining) = world.character.mining else {
        return;
    };
    let Ok(plan) = plan(world, mining.target) else {
        world.character.is_mining = false;
        return;
    };
    let speed =
        vanilla().character().mining_speed * (1.0 + world.force.bonuses.character_mining_speed);
    mining.seconds += speed / 60.0;
    let is_done = mining.seconds > plan.mining_time_seconds;
    if is_done {
        mining.seconds = 0.0;
    }
    world.character.mining = Some(mining);
    if is_done {
        finish(world, mining.target);
    }
}

/// Gives the share of the present item that is done, for the observation.
pub fn progress(world: &World) -> f64 {
    let Some(mining) = world.character.mining.filter(|_| world.character.is_mining) else {
        return 0.0;
    };
    plan(world, mining.target).map_or(0.0, |plan| {
        (mining.seconds / plan.mining_time_seconds).clamp(0.0, 1.0)
    })
}

fn finish(world: &mut World, target: Target) {
    match target {
        Target::Resource(tile) => {
            let item = world
                .terrain
                .resource(tile)
                .and_then(|resource| resource_facts(resource.code))
                .and_then(|facts| facts.item);
            world.deplete_resource(tile);
            if let Some(item) = item {
                give(world, ItemStack { item, count: 1 }, tile.center());
                world.count_produced(item, 1);
            }
        }
        Target::Entity(reference) => pick_up(world, reference),
        Target::Pile(place) => {
            if let Some(stack) = world.take_pile(place) {
                give(world, stack, place);
            }
        }
        Target::Ghost(_) => {}
    }
    world.changes.contents = true;
}

/// Takes an entity up: what it holds first, then itself; what has no room spills.
fn pick_up(world: &mut World, reference: EntityRef) {
    let Some(place) = world.entity(reference).map(|entity| entity.position) else {
        return;
    };
    for stack in take_up(world, reference) {
        give(world, stack, place);
    }
    world.character.is_mining = false;
    world.character.mining = None;
}

/// Takes an entity up and lists what that yields: what it holds first, then itself.
pub(super) fn take_up(world: &mut World, reference: EntityRef) -> Vec<ItemStack> {
    let Some(entity) = world.entity(reference) else {
        return Vec::new();
    };
    let prototype = entity.prototype();
    let mut stacks = world.contents_of(entity);
    let (at_work, parts) = (
        world.ingredients_at_work(entity),
        world.rocket_parts_of(entity),
    );
    for stack in at_work {
        world.production.return_item(stack.item, stack.count);
    }
    if let Some(parts) = parts {
        world.production.lose_item(parts.item, parts.count);
    }
    world.remove_entity(reference);
    for stack in yields_of(world, prototype) {
        if prototype.is_natural() {
            world.count_produced(stack.item, stack.count);
        }
        stacks.push(stack);
    }
    stacks
}

fn yields_of(world: &mut World, prototype: &EntityPrototype) -> Vec<ItemStack> {
    let Some(minable) = &prototype.minable else {
        return Vec::new();
    };
    minable
        .results
        .iter()
        .filter_map(|product| {
            let (low, high) = (product.amount_min as i32, product.amount_max as i32);
            let count = if low == high {
                low
            } else {
                world.rng.between(low, high)
            };
            Some(ItemStack {
                item: product.item()?,
                count: count as u32,
            })
        })
        .filter(|stack| stack.count > 0)
        .collect()
}

pub(super) fn give(world: &mut World, stack: ItemStack, place: MapPos) {
    let given = world.character.inventory.insert(stack.item, stack.count);
    if given < stack.count {
        world.spill(
            place,
            ItemStack {
                item: stack.item,
                count: stack.count - given,
            },
        );
    }
    world.changes.contents = true;
}
