//! Commands: the only door by which an agent changes a world.
//!
//! [`check`] and [`apply`] go through the same planning, so what is checked is what is done; `check` changes nothing.

use serde::{Deserialize, Serialize};

use super::collision::walk_step;
use super::crafting::{self, CraftPlan};
use super::entity::{Entity, EntityRef, Target, footprint, is_simulated};
use super::fluid::shore::suits_ground;
use super::inventory::{count_in, stack_size};
use super::machine::{accepts, gives, room_by_hand, takeable};
use super::mining;
use super::placement::{built_direction, is_in_build_reach, is_placeable, placed_by, snapped};
use super::position::{Direction, MapPos};
use super::research::ResearchRefusal;
use super::world::World;
use crate::contract::action::RejectReason;
use crate::prototypes::{EntityKind, EntityPrototypeId, ItemId, RecipeId, TechnologyId, vanilla};

/// No map goes further from the origin, 1/256 tile: a million tiles.
const MAX_COORDINATE_SUBTILES: u32 = 1_000_000 * 256;

/// Something that the character is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Walk in a direction until told otherwise; `None` stands still.
    Walk(Option<Direction>),
    /// Mine the target until told otherwise.
    Mine(Target),
    /// Stop mining; progress on the same target is kept.
    StopMining,
    /// Build the entity of an item; a ghost of the same kind at the place is fulfilled.
    Build {
        item: ItemId,
        position: MapPos,
        direction: Direction,
    },
    /// Put up to `count` of the item into an entity, one stack at most.
    Insert {
        entity: EntityRef,
        item: ItemId,
        count: u32,
    },
    /// Take what an entity holds or has made: everything, or at most so many of one item.
    Take {
        entity: EntityRef,
        only: Option<(ItemId, u32)>,
    },
    /// Queue crafts of a recipe.
    Craft { recipe: RecipeId, count: u32 },
    /// Set the recipe of a machine.
    SetRecipe { entity: EntityRef, recipe: RecipeId },
    /// Turn an entity a quarter clockwise.
    Rotate { entity: EntityRef },
    /// Say where an entity is wanted, at any distance, as a player does with a blueprint.
    PlaceGhost {
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    },
    /// Take back that an entity is wanted.
    RemoveGhost { ghost: EntityRef },
    /// Research a technology from now on.
    Research { technology: TechnologyId },
}

/// A command that has been found possible, with what carrying it out needs.
enum Plan {
    Walk(Option<Direction>),
    Mine(Target),
    StopMining,
    Build {
        item: ItemId,
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    },
    Insert {
        entity: EntityRef,
        item: ItemId,
        count: u32,
    },
    Take {
        entity: EntityRef,
        only: Option<(ItemId, u32)>,
    },
    Craft(CraftPlan),
    SetRecipe {
        entity: EntityRef,
        recipe: RecipeId,
    },
    Rotate {
        entity: EntityRef,
        direction: Direction,
    },
    PlaceGhost {
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    },
    RemoveGhost(u32),
    Research(TechnologyId),
}

/// Says whether `command` would be accepted now.
///
/// # Errors
/// The reason why it would be refused.
pub fn check(world: &World, command: &Command) -> Result<(), RejectReason> {
    plan(world, command).map(|_| ())
}

/// Carries `command` out, or refuses it and changes nothing.
///
/// # Errors
/// The reason why it is refused.
pub fn apply(world: &mut World, command: &Command) -> Result<(), RejectReason> {
    let plan = plan(world, command)?;
    execute(world, plan);
    world.views.clear();
    world.settle();
    Ok(())
}

fn plan(world: &World, command: &Command) -> Result<Plan, RejectReason> {
    if !world.character.is_alive() && !matches!(command, Command::Walk(None) | Command::StopMining)
    {
        return Err(RejectReason::Dead);
    }
    match *command {
        Command::Walk(None) => Ok(Plan::Walk(None)),
        Command::Walk(Some(direction)) => {
            let from = world.character.position;
            if walk_step(world, from, direction) == from {
                Err(RejectReason::Blocked)
            } else {
                Ok(Plan::Walk(Some(direction)))
            }
        }
        Command::Mine(target) => mining::plan(world, target).map(|_| Plan::Mine(target)),
        Command::StopMining => Ok(Plan::StopMining),
        Command::Build {
            item,
            position,
            direction,
        } => plan_build(world, item, position, direction),
        Command::Insert {
            entity,
            item,
            count,
        } => plan_insert(world, entity, item, count),
        Command::Take { entity, only } => plan_take(world, entity, only),
        Command::Craft { recipe, count } => crafting::plan(world, recipe, count).map(Plan::Craft),
        Command::SetRecipe { entity, recipe } => {
            world.check_recipe(reachable(world, entity)?, recipe)?;
            Ok(Plan::SetRecipe { entity, recipe })
        }
        Command::Rotate { entity } => {
            let direction = check_rotate(world, reachable(world, entity)?)?;
            Ok(Plan::Rotate { entity, direction })
        }
        Command::PlaceGhost {
            prototype,
            position,
            direction,
        } => plan_ghost(world, prototype, position, direction),
        Command::RemoveGhost { ghost } => world
            .ghost(ghost)
            .map(|_| Plan::RemoveGhost(ghost.slot))
            .ok_or(RejectReason::NoTarget),
        Command::Research { technology } => world
            .check_research_now(technology)
            .map(|()| Plan::Research(technology))
            .map_err(research_reason),
    }
}

/// Gives the contract's reason for a technology that cannot be researched now.
fn research_reason(refusal: ResearchRefusal) -> RejectReason {
    match refusal {
        ResearchRefusal::MissingPrerequisite(_) => RejectReason::RecipeLocked,
        ResearchRefusal::QueueFull => RejectReason::QueueFull,
        ResearchRefusal::AlreadyResearched
        | ResearchRefusal::AlreadyQueued
        | ResearchRefusal::NotQueued
        | ResearchRefusal::NotAvailable
        | ResearchRefusal::ComesByTrigger => RejectReason::WrongTarget,
    }
}

/// A ghost is of something that an item builds; it covers neither an entity nor another ghost.
fn plan_ghost(
    world: &World,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) -> Result<Plan, RejectReason> {
    if !is_simulated(prototype) {
        return Err(RejectReason::AbsentMechanic);
    }
    if vanilla()[prototype].is_natural() || vanilla()[prototype].minable.is_none() {
        return Err(RejectReason::WrongItem);
    }
    check_coordinates(position)?;
    let direction = built_direction(prototype, direction);
    let position = snapped(prototype, position, direction);
    let covers_ghost = footprint(prototype, position, direction)
        .tiles()
        .any(|tile| world.ghost_slot_at(tile).is_some());
    if covers_ghost || !is_placeable(world, None, prototype, position, direction) {
        return Err(RejectReason::NoSpace);
    }
    Ok(Plan::PlaceGhost {
        prototype,
        position,
        direction,
    })
}

/// Refuses places beyond the end of the game's map, where distances would not fit their type.
fn check_coordinates(position: MapPos) -> Result<(), RejectReason> {
    if position.x.unsigned_abs().max(position.y.unsigned_abs()) > MAX_COORDINATE_SUBTILES {
        return Err(RejectReason::OutOfReach);
    }
    Ok(())
}

/// Finds the direction to which an entity in reach would be turned, or why it is not.
///
/// # Errors
/// The reason why it is refused.
#[inline]
pub fn check_rotate(world: &World, entity: &Entity) -> Result<Direction, RejectReason> {
    if !entity.prototype().is_rotatable {
        return Err(RejectReason::WrongTarget);
    }
    let direction = turned(entity);
    if suits_ground(&world.terrain, entity.prototype, entity.position, direction) {
        Ok(direction)
    } else {
        Err(RejectReason::NoSpace)
    }
}

/// Gives the next direction of an entity: a quarter further, or a half for one that is longer than wide and for an
/// underground belt, which leads up where it led down.
fn turned(entity: &Entity) -> Direction {
    let facts = entity.prototype();
    let quarter = entity.direction.rotated();
    if facts.tile_width == facts.tile_height && facts.kind != EntityKind::UndergroundBelt {
        quarter
    } else {
        quarter.rotated()
    }
}

fn reachable(world: &World, reference: EntityRef) -> Result<&super::entity::Entity, RejectReason> {
    let entity = world.entity(reference).ok_or(RejectReason::NoTarget)?;
    if mining::is_in_reach(
        entity
            .collision_box()
            .distance_squared(world.character.position),
    ) {
        Ok(entity)
    } else {
        Err(RejectReason::OutOfReach)
    }
}

fn plan_build(
    world: &World,
    item: ItemId,
    position: MapPos,
    direction: Direction,
) -> Result<Plan, RejectReason> {
    let prototype = placed_by(item)?;
    if world.character.inventory.count(item) == 0 {
        return Err(RejectReason::MissingItem);
    }
    check_coordinates(position)?;
    let direction = built_direction(prototype, direction);
    let position = snapped(prototype, position, direction);
    let character = world.character.position;
    if !is_in_build_reach(character, position) {
        return Err(RejectReason::OutOfReach);
    }
    if !is_placeable(world, Some(character), prototype, position, direction) {
        return Err(RejectReason::NoSpace);
    }
    Ok(Plan::Build {
        item,
        prototype,
        position,
        direction,
    })
}

fn plan_insert(
    world: &World,
    entity: EntityRef,
    item: ItemId,
    count: u32,
) -> Result<Plan, RejectReason> {
    let facts = reachable(world, entity)?;
    let slots = world.slots(facts);
    if !accepts(
        facts.prototype(),
        &slots,
        item,
        &world.force.enabled_recipes,
    ) {
        let takes_something = vanilla().items().iter().enumerate().any(|(index, _)| {
            accepts(
                facts.prototype(),
                &slots,
                ItemId::from_index(index),
                &world.force.enabled_recipes,
            )
        });
        return Err(if takes_something {
            RejectReason::WrongItem
        } else {
            RejectReason::WrongTarget
        });
    }
    let carried = world.character.inventory.count(item);
    if carried.min(count) == 0 {
        return Err(RejectReason::MissingItem);
    }
    let room = room_by_hand(
        facts.prototype(),
        &slots,
        item,
        &world.force.enabled_recipes,
    );
    if room == 0 {
        return Err(RejectReason::Full);
    }
    Ok(Plan::Insert {
        entity,
        item,
        count: carried.min(count).min(room).min(stack_size(item)),
    })
}

fn plan_take(
    world: &World,
    entity: EntityRef,
    only: Option<(ItemId, u32)>,
) -> Result<Plan, RejectReason> {
    let facts = reachable(world, entity)?;
    match only {
        None => check_take(world, facts)?,
        Some((item, count)) => {
            if !gives(facts.prototype()) {
                return Err(RejectReason::WrongTarget);
            }
            let slots = world.slots(facts);
            let held = count_in(takeable(facts.prototype(), &slots), item);
            if held.min(count) == 0 {
                return Err(RejectReason::Empty);
            }
            if !world.character.inventory.has_room(item) {
                return Err(RejectReason::Full);
            }
        }
    }
    Ok(Plan::Take { entity, only })
}

/// Says whether a hand would take anything from an entity in reach, or why not.
///
/// # Errors
/// The reason why it is refused.
#[inline]
pub fn check_take(world: &World, entity: &Entity) -> Result<(), RejectReason> {
    if !gives(entity.prototype()) {
        return Err(RejectReason::WrongTarget);
    }
    let slots = world.slots(entity);
    let mut stacks = takeable(entity.prototype(), &slots)
        .iter()
        .flatten()
        .peekable();
    if stacks.peek().is_none() {
        return Err(RejectReason::Empty);
    }
    if stacks.any(|stack| world.character.inventory.has_room(stack.item)) {
        Ok(())
    } else {
        Err(RejectReason::Full)
    }
}

fn execute(world: &mut World, plan: Plan) {
    match plan {
        Plan::Walk(direction) => {
            world.character.walking = direction;
            if let Some(direction) = direction {
                world.character.facing = direction;
            }
        }
        Plan::Mine(target) => mining::start(world, target),
        Plan::StopMining => world.character.is_mining = false,
        Plan::Build {
            item,
            prototype,
            position,
            direction,
        } => {
            world.character.inventory.remove(item, 1);
            remove_ghosts_under(world, prototype, position, direction);
            world.add_entity(prototype, position, direction);
            world.changes.contents = true;
        }
        Plan::Insert {
            entity,
            item,
            count,
        } => {
            let inserted = world.insert_by_hand(entity, item, count);
            world.character.inventory.remove(item, inserted);
            world.changes.contents = true;
        }
        Plan::Take { entity, only } => {
            world.take_by_hand(entity, only);
        }
        Plan::Craft(plan) => crafting::enqueue(world, plan),
        Plan::SetRecipe { entity, recipe } => world.change_recipe(entity, Some(recipe)),
        Plan::Rotate { entity, direction } => world.turn_entity(entity, direction),
        Plan::PlaceGhost {
            prototype,
            position,
            direction,
        } => {
            world.add_ghost(prototype, position, direction);
        }
        Plan::RemoveGhost(slot) => world.remove_ghost(slot),
        Plan::Research(technology) => {
            let started = world.start_research(technology);
            debug_assert!(started.is_ok(), "the plan checked it");
        }
    }
}

/// Building over ghosts removes them, whether it fulfils them or not, as in the game.
fn remove_ghosts_under(
    world: &mut World,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) {
    for tile in footprint(prototype, position, direction).tiles() {
        if let Some(slot) = world.ghost_slot_at(tile) {
            world.remove_ghost(slot);
        }
    }
}
