//! What units do in a tick: look round, walk, chase, bite and spit.
//!
//! A unit attacks the character and turrets as soon as it sees them, else what its group has come for; whatever stands on
//! its way it bites through. It looks round every [`LOOK_ROUND_TICKS`], each unit at its own tick.

use super::damage::{Prey, box_distance_squared};
use super::figures::{Delivery, Side, figures};
use super::group::{Purpose, area_of, arrive, is_gathered, next_goal};
use super::path::{Passage, find_path, passage};
use super::stream::Stream;
use super::unit::{Task, Unit, Walked};
use crate::sim::entity::EntityRef;
use crate::sim::position::{MapPos, Rect, TileArea, TilePos};
use crate::sim::world::World;

/// Ticks between two looks round.
const LOOK_ROUND_TICKS: u64 = 16;
/// Ticks after which a unit that chases heads anew for where its prey is.
const CHASE_TICKS: u64 = 30;
/// Ticks in which a unit that found no path looks for no prey: a search that fails is the dearest of all.
const NO_PATH_TICKS: u64 = 600;
/// Paths that are searched in a tick at most; who is left out asks again in the next.
const MAX_PATHS_PER_TICK: u32 = 8;

/// Runs one tick of all units.
pub(super) fn tick_units(world: &mut World) {
    let mut budget = MAX_PATHS_PER_TICK;
    let mut has_moved = false;
    for slot in 0..world.units.end() {
        has_moved |= tick_unit(world, slot, &mut budget);
    }
    world.changes.entities |= has_moved;
}

/// Runs one tick of a unit and returns whether it may have moved.
fn tick_unit(world: &mut World, slot: u32, budget: &mut u32) -> bool {
    let tick = world.tick;
    let Some(unit) = world.units.get_mut(slot) else {
        return false;
    };
    if (tick + u64::from(unit.unit)).is_multiple_of(LOOK_ROUND_TICKS) {
        look_round(world, slot);
    } else if unit.prey.is_none() && unit.blocker.is_none() {
        // What most units do in most ticks: stand, or walk on.
        if matches!(unit.task, Task::Free | Task::Wait) {
            return false;
        }
        let (grid, entities) = (&world.grid, &world.entities);
        if unit.is_mid_leg()
            && unit.walk(|tile| {
                grid.cell(tile).is_walkable() || passage(grid, entities, tile) == Passage::Open
            }) == Walked::OnTheWay
        {
            return true;
        }
    }
    act(world, slot, budget);
    true
}

/// Does what is more than walking on.
fn act(world: &mut World, slot: u32, budget: &mut u32) {
    let Some(unit) = world.units.get(slot) else {
        return;
    };
    if let Some(blocker) = unit.blocker {
        if world.entity(blocker).is_some() {
            strike(world, slot, Prey::Entity(blocker));
            return;
        }
        if let Some(unit) = world.units.get_mut(slot) {
            unit.blocker = None;
        }
    }
    let Some(unit) = world.units.get(slot) else {
        return;
    };
    match (unit.prey, unit.task) {
        (Some(prey), _) => chase(world, slot, prey, budget),
        (None, Task::Free | Task::Wait) => {}
        (None, Task::Return | Task::Gather) => go_home(world, slot, budget),
        (None, Task::March) => march(world, slot, budget),
    }
}

/// Looks for the character and for turrets; drops prey that is too far.
fn look_round(world: &mut World, slot: u32) {
    let Some(unit) = world.units.get(slot) else {
        return;
    };
    let facts = unit.figures();
    let here = unit.position();
    if let Some(prey) = unit.prey {
        let from = if unit.task == Task::March {
            here
        } else {
            unit.home
        };
        let limit = i64::from(facts.pursue_subtiles);
        let is_lost = world
            .prey_box(prey)
            .is_none_or(|place| place.distance_squared(from) > limit * limit);
        if is_lost {
            give_up(world, slot);
        } else if is_military(world, prey) {
            return;
        }
    } else if unit.task == Task::Return || world.tick < unit.look_tick {
        return;
    }
    let seen = nearest_prey(world, here, facts.vision_subtiles)
        .or_else(|| goal_in_sight(world, slot, here, facts.vision_subtiles));
    if let Some(prey) = seen
        && let Some(unit) = world.units.get_mut(slot)
        && unit.prey != Some(prey)
    {
        unit.prey = Some(prey);
        unit.stop();
    }
}

/// Gives the goal of a marching unit's group, if it sees it: from then on it goes as near as its weapon needs.
fn goal_in_sight(world: &World, slot: u32, here: MapPos, reach_subtiles: i32) -> Option<Prey> {
    let unit = world.units.get(slot)?;
    if unit.task != Task::March {
        return None;
    }
    let goal = world.threats.groups.get(unit.group?)?.goal?;
    let distance = world.prey_box(goal)?.distance_squared(here);
    (distance <= i64::from(reach_subtiles) * i64::from(reach_subtiles)).then_some(goal)
}

fn is_military(world: &World, prey: Prey) -> bool {
    match prey {
        Prey::Character => true,
        Prey::Entity(reference) => world
            .entity(reference)
            .is_some_and(|entity| figures(entity.prototype).weapon.is_some()),
    }
}

/// Finds the character or the turret that is nearest to a place; of equals the character, then the first turret.
pub(super) fn nearest_prey(world: &World, from: MapPos, reach_subtiles: i32) -> Option<Prey> {
    let mut best = i64::from(reach_subtiles) * i64::from(reach_subtiles);
    let mut found = None;
    if world.character.is_alive() {
        let distance = world.character.position.distance_squared(from);
        if distance <= best {
            best = distance;
            found = Some(Prey::Character);
        }
    }
    if world.turrets.len() == world.threats.n_worms as usize {
        // On a large map the many worms would be gone through for every unit.
        return found;
    }
    for (_, turret) in world.turrets.iter() {
        let distance = turret.position.distance_squared(from);
        if turret.side == Side::Player && distance <= best && (found.is_none() || distance < best) {
            best = distance;
            found = Some(Prey::Entity(turret.entity));
        }
    }
    found
}

/// Forgets the prey and goes back to what there was to do before.
fn give_up(world: &mut World, slot: u32) {
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    unit.prey = None;
    unit.stop();
    if unit.task == Task::Free && unit.position() != unit.home {
        unit.task = Task::Return;
    }
}

/// Attacks prey in range, else goes nearer.
fn chase(world: &mut World, slot: u32, prey: Prey, budget: &mut u32) {
    let Some(target) = world.prey_box(prey) else {
        give_up(world, slot);
        return;
    };
    let tick = world.tick;
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    let reach = figures(unit.prototype)
        .weapon
        .map_or(0, |weapon| i64::from(weapon.range_subtiles));
    if box_distance_squared(&unit.collision_box(), &target) <= reach * reach {
        unit.halt();
        strike(world, slot, prey);
        return;
    }
    if unit.is_standing() || prey == Prey::Character && tick >= unit.look_tick {
        // Straight at it; round or through what is in the way once something is.
        if prey == Prey::Character && tick >= unit.look_tick {
            unit.path.clear();
            unit.look_tick = tick + CHASE_TICKS;
        }
        match unit.path.get(unit.step as usize) {
            Some(bend) => unit.head_for_tile(*bend),
            None => unit.head_for(center_of(&target)),
        }
    }
    let goal = area_of_prey(world, prey);
    walk_on(world, slot, goal, budget);
}

const fn center_of(area: &Rect) -> MapPos {
    MapPos::new(
        i32::midpoint(area.left, area.right),
        i32::midpoint(area.top, area.bottom),
    )
}

fn area_of_prey(world: &World, prey: Prey) -> TileArea {
    let at_character = TileArea::footprint(world.character.position, 1, 1);
    match prey {
        Prey::Character => at_character,
        Prey::Entity(reference) => area_of(world, reference).unwrap_or(at_character),
    }
}

/// Walks a tick; at the end of a leg of a path turns into the next; where something stands in the way finds a way round or
/// bites it.
fn walk_on(world: &mut World, slot: u32, goal: TileArea, budget: &mut u32) -> Walked {
    let Some(unit) = world.units.get_mut(slot) else {
        return Walked::Arrived;
    };
    let (grid, entities) = (&world.grid, &world.entities);
    let walked = unit.walk(|tile| passage(grid, entities, tile) == Passage::Open);
    match walked {
        Walked::OnTheWay => {}
        Walked::Arrived => {
            if !unit.path.is_empty() {
                unit.step += 1;
                if unit.step as usize >= unit.path.len() {
                    unit.path.clear();
                }
            }
        }
        Walked::Blocked(tile) => step_aside(world, slot, tile, goal, budget),
    }
    walked
}

/// Deals with a tile that is not free: who follows a path bites through, everyone else looks for a path.
fn step_aside(world: &mut World, slot: u32, tile: TilePos, goal: TileArea, budget: &mut u32) {
    let obstacle = match passage(&world.grid, &world.entities, tile) {
        Passage::Obstructed(occupant) => world.reference(occupant),
        Passage::Open | Passage::Closed => None,
    };
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    if obstacle.is_some() && !unit.path.is_empty() {
        unit.blocker = obstacle;
        return;
    }
    if *budget == 0 {
        return;
    }
    *budget -= 1;
    let from = unit.tile();
    // Where the goal itself is closed, a path to it would end here again.
    let path = if obstacle.is_none() && goal.contains(tile) {
        Vec::new()
    } else {
        find_path(world, from, goal)
    };
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    if !path.is_empty() {
        let first = path[0];
        unit.follow(path);
        unit.head_for_tile(first);
    } else if obstacle.is_some() {
        unit.blocker = obstacle;
    } else {
        // Nothing gets it nearer: it stays where it is.
        world.settle_down(slot);
        let tick = world.tick;
        if let Some(unit) = world.units.get_mut(slot) {
            unit.look_tick = tick + NO_PATH_TICKS;
        }
    }
}

/// Bites or spits, when it may again.
fn strike(world: &mut World, slot: u32, prey: Prey) {
    let tick = world.tick;
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    let Some(weapon) = figures(unit.prototype).weapon else {
        return;
    };
    if tick < unit.ready_tick {
        return;
    }
    unit.ready_tick = tick + weapon.cooldown_ticks;
    let from = unit.position();
    let Some(blow) = weapon.blow else {
        return;
    };
    match weapon.delivery {
        Delivery::Instant => world.hurt_prey(prey, blow),
        Delivery::Stream { .. } => {
            if let Some(target) = world.prey_box(prey) {
                let stream = Stream::new(&weapon, blow, from, center_of(&target), tick);
                world.threats.streams.push(stream);
            }
        }
    }
}

/// Walks to its home or to where its group gathers.
fn go_home(world: &mut World, slot: u32, budget: &mut u32) {
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    let home = unit.home;
    if is_gathered(unit.tile(), home) {
        if unit.task == Task::Gather {
            arrive(world, slot);
        } else {
            unit.task = Task::Free;
            unit.stop();
        }
        return;
    }
    if unit.is_standing() {
        match unit.path.get(unit.step as usize) {
            Some(bend) => unit.head_for_tile(*bend),
            None => unit.head_for(home),
        }
    }
    walk_on(world, slot, TileArea::footprint(home, 1, 1), budget);
}

/// Follows the path of its group, or a path of its own to the same end.
fn march(world: &mut World, slot: u32, budget: &mut u32) {
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    let Some(group) = unit.group.and_then(|index| world.threats.groups.get(index)) else {
        world.settle_down(slot);
        return;
    };
    let end = group.path.last().copied();
    let at_site = matches!(group.purpose, Purpose::Settle(site) if is_gathered(unit.tile(), site));
    let Some(end) = end.filter(|end| *end != unit.tile() && !at_site) else {
        finish_march(world, slot);
        return;
    };
    let goal = TileArea {
        left: end.x,
        top: end.y,
        width: 1,
        height: 1,
    };
    if !unit.path.is_empty() {
        if unit.is_standing()
            && let Some(bend) = unit.path.get(unit.step as usize)
        {
            unit.head_for_tile(*bend);
        }
        walk_on(world, slot, goal, budget);
        return;
    }
    if unit.step == Unit::LOST {
        find_back(world, slot, goal, budget);
        return;
    }
    let step = unit.step as usize;
    if unit.is_standing() {
        let Some(bend) = group.path.get(step) else {
            finish_march(world, slot);
            return;
        };
        unit.head_for_tile(*bend);
    }
    let (grid, entities) = (&world.grid, &world.entities);
    match unit.walk(|tile| passage(grid, entities, tile) == Passage::Open) {
        Walked::OnTheWay => {}
        Walked::Arrived => unit.step += 1,
        Walked::Blocked(tile) => {
            // The group's path was meant to go through here, except on the way to its beginning.
            if step > 0
                && let Passage::Obstructed(occupant) = passage(grid, entities, tile)
            {
                unit.blocker = entities.get(occupant).map(|entity| EntityRef {
                    slot: occupant,
                    unit: entity.unit,
                });
            } else {
                find_back(world, slot, goal, budget);
            }
        }
    }
}

/// Searches a path of its own to the end of the group's.
fn find_back(world: &mut World, slot: u32, goal: TileArea, budget: &mut u32) {
    if *budget == 0 {
        return;
    }
    *budget -= 1;
    let Some(from) = world.units.get(slot).map(Unit::tile) else {
        return;
    };
    let path = find_path(world, from, goal);
    if path.is_empty() {
        finish_march(world, slot);
    } else if let Some(unit) = world.units.get_mut(slot) {
        unit.follow(path);
    }
}

/// Attacks or settles at the end of the march.
fn finish_march(world: &mut World, slot: u32) {
    let Some(unit) = world.units.get(slot) else {
        return;
    };
    let purpose = unit
        .group
        .and_then(|index| world.threats.groups.get(index))
        .map(|group| group.purpose);
    match purpose {
        Some(Purpose::Attack) => match next_goal(world, slot) {
            Some(goal) => {
                if let Some(unit) = world.units.get_mut(slot) {
                    unit.stop();
                    unit.prey = Some(goal);
                }
            }
            None => world.settle_down(slot),
        },
        Some(Purpose::Settle(site)) => super::expansion::found(world, slot, site),
        None => world.settle_down(slot),
    }
}

impl World {
    /// Lists the units with their places in the slab, in the order of their slots.
    pub fn living_units(&self) -> impl Iterator<Item = (EntityRef, &Unit)> {
        self.units.iter().map(|(slot, unit)| {
            (
                EntityRef {
                    slot,
                    unit: unit.unit,
                },
                unit,
            )
        })
    }
}
