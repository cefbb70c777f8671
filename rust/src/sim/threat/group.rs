//! Groups of units: they gather near the nests that sent them, set out together, and attack or settle.
//!
//! A group gathers for one to ten minutes and waits two more for those who are late (map settings). Its path is searched
//! once, when it sets out; its members follow it at their own speed. Approximate: members keep no formation.

use serde::{Deserialize, Serialize};

use super::damage::Prey;
use super::figures::{Side, figures};
use super::nest::draw_place;
use super::path::find_path;
use super::pollution::ChunkPos;
use super::rules::map_rules;
use super::unit::{Task, Unit};
use crate::sim::entity::{EntityRef, footprint};
use crate::sim::position::{MapPos, TileArea, TilePos};
use crate::sim::world::World;

/// How far from its nest a group gathers, in tiles.
const GATHERING_RADIUS_TILES: i32 = 12;
/// How near its place a unit counts as there, in tiles along an axis.
const GATHERED_TILES: i32 = 4;
/// Chunks round the most polluted one that are searched for what pollutes.
const TARGET_RADIUS_CHUNKS: i32 = 1;

/// What a group is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Attack what pollutes.
    Attack,
    /// Found nests round a place.
    Settle(MapPos),
}

/// A group of units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub purpose: Purpose,
    /// Where it gathers.
    pub place: MapPos,
    /// Whether it has set out.
    pub is_marching: bool,
    pub(super) departs_tick: u64,
    pub(super) n_members: u32,
    /// Members that have come to the place.
    n_waiting: u32,
    /// What it attacks.
    pub(super) goal: Option<Prey>,
    /// The bends of its path.
    pub(super) path: Vec<TilePos>,
}

impl Group {
    /// Counts its members.
    pub fn n_members(&self) -> u32 {
        self.n_members
    }

    pub(super) fn new(purpose: Purpose, place: MapPos, departs_tick: u64) -> Self {
        Self {
            purpose,
            place,
            is_marching: false,
            departs_tick,
            n_members: 0,
            n_waiting: 0,
            goal: None,
            path: Vec::new(),
        }
    }
}

impl World {
    /// Lets a unit of a nest join the attack that gathers near it; returns whether there is room in one.
    pub(super) fn join_attack(&mut self, slot: u32, nest: EntityRef) -> bool {
        let rules = &map_rules().groups;
        let Some(center) = self.entity(nest).map(|entity| entity.position) else {
            return false;
        };
        let reach = i64::from(rules.radius_subtiles) * i64::from(rules.radius_subtiles);
        let gathering = self.threats.groups.iter().find(|(_, group)| {
            !group.is_marching
                && group.purpose == Purpose::Attack
                && group.n_members < rules.max_size
                && group.place.distance_squared(center) <= reach
        });
        let index = if let Some((index, _)) = gathering {
            index
        } else {
            if self.threats.groups.len() >= rules.max_gathering_groups {
                return false;
            }
            let Some(place) = draw_place(self, center, GATHERING_RADIUS_TILES) else {
                return false;
            };
            let gathering_ticks = self.threats.rng.between(
                rules.min_gathering_ticks as i32,
                rules.max_gathering_ticks as i32,
            ) as u64;
            self.threats.groups.insert(Group::new(
                Purpose::Attack,
                place,
                self.tick + gathering_ticks,
            ))
        };
        self.join_group(slot, index);
        true
    }

    /// Sends units off to attack an entity, as a scenario's wave does; they set out at once from where the first stands.
    pub fn send_attack(&mut self, units: &[EntityRef], goal: EntityRef) {
        let Some(first) = units.first().and_then(|unit| self.unit(*unit)) else {
            return;
        };
        let place = first.position();
        let Some(area) = area_of(self, goal) else {
            return;
        };
        let index = self
            .threats
            .groups
            .insert(Group::new(Purpose::Attack, place, self.tick));
        for unit in units {
            if self.unit(*unit).is_some_and(|unit| unit.group.is_none()) {
                self.join_group(unit.slot, index);
            }
        }
        let path = find_path(self, place.tile(), area);
        start_march(self, index, Some(Prey::Entity(goal)), path);
    }

    /// Makes a unit a member of a group that gathers.
    pub(super) fn join_group(&mut self, slot: u32, index: u32) {
        let Some(group) = self.threats.groups.get_mut(index) else {
            return;
        };
        group.n_members += 1;
        let place = group.place;
        let Some(unit) = self.units.get_mut(slot) else {
            return;
        };
        unit.group = Some(index);
        unit.task = Task::Gather;
        unit.home = place;
        unit.stop();
        let nest = unit.nest.take();
        self.release_from_nest(nest);
    }

    /// Notes that a unit has left its group; a group without members is no more.
    pub(super) fn leave_group(&mut self, group: Option<u32>, task: Task) {
        let Some(index) = group else {
            return;
        };
        let Some(group) = self.threats.groups.get_mut(index) else {
            return;
        };
        group.n_members -= 1;
        group.n_waiting -= u32::from(task == Task::Wait);
        if group.n_members == 0 {
            self.threats.groups.remove(index);
        }
    }

    /// Lets a unit leave its group and stay where it is.
    pub(super) fn settle_down(&mut self, slot: u32) {
        let Some(unit) = self.units.get_mut(slot) else {
            return;
        };
        let (group, task) = (unit.group.take(), unit.task);
        unit.task = Task::Free;
        unit.prey = None;
        unit.home = unit.position();
        unit.stop();
        self.leave_group(group, task);
    }
}

/// Says whether a place is near enough to another to count as reached.
pub(super) fn is_gathered(at: TilePos, place: MapPos) -> bool {
    let place = place.tile();
    (at.x - place.x).abs().max((at.y - place.y).abs()) <= GATHERED_TILES
}

/// Notes that a unit has come to where its group gathers.
pub(super) fn arrive(world: &mut World, slot: u32) {
    let Some(unit) = world.units.get_mut(slot) else {
        return;
    };
    unit.stop();
    unit.task = Task::Wait;
    if let Some(group) = unit
        .group
        .and_then(|index| world.threats.groups.get_mut(index))
    {
        group.n_waiting += 1;
    }
}

/// Lets the groups whose time has come set out.
pub(super) fn tick_groups(world: &mut World) {
    let wait = map_rules().groups.max_wait_for_late_ticks;
    for index in 0..world.threats.groups.end() {
        let Some(group) = world.threats.groups.get(index) else {
            continue;
        };
        let is_due = !group.is_marching
            && world.tick >= group.departs_tick
            && (group.n_waiting == group.n_members || world.tick >= group.departs_tick + wait);
        if is_due {
            set_out(world, index);
        }
    }
}

fn set_out(world: &mut World, index: u32) {
    let Some(group) = world.threats.groups.get(index) else {
        return;
    };
    let place = group.place;
    let way = match group.purpose {
        Purpose::Attack => polluting_target(world, place).and_then(|goal| {
            let area = area_of(world, goal)?;
            Some((
                Some(Prey::Entity(goal)),
                find_path(world, place.tile(), area),
            ))
        }),
        Purpose::Settle(site) => Some((
            None,
            find_path(world, place.tile(), TileArea::footprint(site, 1, 1)),
        )),
    };
    let Some((goal, path)) = way else {
        disband(world, index);
        return;
    };
    start_march(world, index, goal, path);
}

fn start_march(world: &mut World, index: u32, goal: Option<Prey>, path: Vec<TilePos>) {
    if let Some(group) = world.threats.groups.get_mut(index) {
        if group.n_members == 0 {
            world.threats.groups.remove(index);
            return;
        }
        group.is_marching = true;
        group.n_waiting = 0;
        group.goal = goal;
        group.path = path;
    }
    for slot in 0..world.units.end() {
        if let Some(unit) = world.units.get_mut(slot)
            && unit.group == Some(index)
        {
            unit.task = Task::March;
            unit.stop();
            unit.step = 0;
        }
    }
}

fn disband(world: &mut World, index: u32) {
    for slot in 0..world.units.end() {
        if world
            .units
            .get(slot)
            .is_some_and(|unit| unit.group == Some(index))
        {
            world.settle_down(slot);
        }
    }
}

/// Gives the tiles that an entity covers.
pub(super) fn area_of(world: &World, reference: EntityRef) -> Option<TileArea> {
    let entity = world.entity(reference)?;
    Some(footprint(
        entity.prototype,
        entity.position,
        entity.direction,
    ))
}

/// Finds what an attack from a place goes for: up the slope of the pollution the machine nearest to the place that gives any
/// off, else anything built there; where nothing is, the nearest polluting machine of the map.
pub(super) fn polluting_target(world: &World, from: MapPos) -> Option<EntityRef> {
    let summit = world.pollution.summit(ChunkPos::of_tile(from.tile()));
    let corner = ChunkPos {
        x: summit.x - TARGET_RADIUS_CHUNKS,
        y: summit.y - TARGET_RADIUS_CHUNKS,
    }
    .tiles();
    let side = corner.width * (2 * TARGET_RADIUS_CHUNKS + 1);
    let area = TileArea {
        width: side,
        height: side,
        ..corner
    };
    nearest_building(world, from, area, true)
        .or_else(|| nearest_building(world, from, area, false))
        .or_else(|| {
            world
                .entities
                .iter()
                .filter(|(_, entity)| figures(entity.prototype).pollutes)
                .map(|(slot, entity)| {
                    let distance = entity.position.distance_squared(from);
                    (distance, entity.unit, slot)
                })
                .min()
                .map(|(_, unit, slot)| EntityRef { slot, unit })
        })
}

/// Finds the building in an area that is nearest to a place; of equals the oldest.
pub(super) fn nearest_building(
    world: &World,
    from: MapPos,
    area: TileArea,
    must_pollute: bool,
) -> Option<EntityRef> {
    area.tiles()
        .filter_map(|tile| {
            let slot = world.entity_slot_at(tile)?;
            let entity = world.entities.get(slot)?;
            let facts = figures(entity.prototype);
            let is_wanted = facts.side == Side::Player
                && facts.max_health > 0.0
                && (facts.pollutes || !must_pollute);
            is_wanted.then(|| (entity.position.distance_squared(from), entity.unit, slot))
        })
        .min()
        .map(|(_, unit, slot)| EntityRef { slot, unit })
}

/// Finds the next goal of a group whose goal is gone, round one of its members.
pub(super) fn next_goal(world: &mut World, slot: u32) -> Option<Prey> {
    let unit = world.units.get(slot)?;
    let group = world.threats.groups.get(unit.group?)?;
    if let Some(goal) = group.goal
        && world.prey_box(goal).is_some()
    {
        return Some(goal);
    }
    let vision = unit.figures().vision_subtiles >> 8;
    let around = TileArea::footprint(unit.position(), 2 * vision + 1, 2 * vision + 1);
    let goal = nearest_building(world, unit.position(), around, false).map(Prey::Entity)?;
    let index = world.units.get(slot).and_then(|unit: &Unit| unit.group)?;
    if let Some(group) = world.threats.groups.get_mut(index) {
        group.goal = Some(goal);
    }
    Some(goal)
}
