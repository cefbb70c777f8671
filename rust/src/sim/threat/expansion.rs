//! Expansion: now and then a group of free units goes off and founds nests elsewhere.
//!
//! The chunk is chosen by the score of the game's documentation among those near enough to a nest. Approximate: each
//! settler becomes one building, nests and worms in turn; in the game the map generator's noise says which.

use super::figures::{Side, figures};
use super::group::{Group, Purpose};
use super::nest::draw_place;
use super::pollution::ChunkPos;
use super::rules::{ExpansionRules, map_rules};
use super::unit::Task;
use crate::prototypes::{EntityPrototypeId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::placement::{is_placeable, snapped};
use crate::sim::position::{Direction, MapPos};
use crate::sim::world::World;

/// Ticks until an expansion that lacked settlers or a site is tried again.
const RETRY_TICKS: u64 = 3_600;
/// How far from the nest its settlers gather, in tiles.
const GATHERING_RADIUS_TILES: i32 = 12;
/// How far from the middle of the site settlers build, in tiles.
const SITE_RADIUS_TILES: i32 = 14;
/// The worms that settlers build, and from which evolution on (prototype field `build_base_evolution_requirement`, which
/// the extraction leaves out).
const WORMS: [(&str, f64); 4] = [
    ("small-worm-turret", 0.0),
    ("medium-worm-turret", 0.3),
    ("big-worm-turret", 0.5),
    ("behemoth-worm-turret", 0.9),
];

/// Lets nests expand when it is time.
pub(super) fn tick_expansion(world: &mut World) {
    let rules = &map_rules().expansion;
    if !rules.is_enabled || world.spawners.is_empty() {
        return;
    }
    if world.threats.next_expansion_tick == 0 {
        world.threats.next_expansion_tick = world.tick + cooldown_ticks(rules, world.evolution());
    }
    if world.tick < world.threats.next_expansion_tick {
        return;
    }
    let wait = if expand(world, rules).is_some() {
        cooldown_ticks(rules, world.evolution())
    } else {
        RETRY_TICKS
    };
    world.threats.next_expansion_tick = world.tick + wait;
}

fn between(low: f64, high: f64, share: f64) -> f64 {
    low + (high - low) * share
}

/// Gives the ticks from one expansion to the next: fewer as the enemies evolve.
fn cooldown_ticks(rules: &ExpansionRules, evolution: f64) -> u64 {
    between(
        rules.max_cooldown_ticks as f64,
        rules.min_cooldown_ticks as f64,
        evolution,
    ) as u64
}

/// Sends settlers off, if there is a site and enough of them are free.
fn expand(world: &mut World, rules: &ExpansionRules) -> Option<()> {
    let site = choose_site(world, rules)?;
    let size = between(
        f64::from(rules.group_min_size),
        f64::from(rules.group_max_size),
        world.evolution(),
    ) as usize;
    // The nest nearest to the site, whose neighbours' units come along.
    let (_, slot) = world
        .spawners
        .iter()
        .filter_map(|(_, spawner)| {
            let entity = world.entities.get(spawner.slot)?;
            Some((entity.position.distance_squared(site), spawner.slot))
        })
        .min()?;
    let center = world.entities.get(slot)?.position;
    let mut settlers: Vec<(i64, u32)> = world
        .units
        .iter()
        .filter(|(_, unit)| unit.task == Task::Free && unit.prey.is_none() && unit.nest.is_some())
        .map(|(slot, unit)| (unit.position().distance_squared(center), slot))
        .collect();
    settlers.sort_unstable();
    settlers.truncate(size);
    if settlers.len() < rules.group_min_size as usize {
        return None;
    }
    let place = draw_place(world, center, GATHERING_RADIUS_TILES)?;
    // Settlers set out as soon as they are together.
    let group = Group::new(Purpose::Settle(site), place, world.tick);
    let index = world.threats.groups.insert(group);
    for (_, slot) in settlers {
        world.join_group(slot, index);
    }
    Some(())
}

/// Chooses the middle of the chunk with the best score; of equals one is drawn.
fn choose_site(world: &mut World, rules: &ExpansionRules) -> Option<MapPos> {
    let census = Census::take(world);
    let mut best: Vec<ChunkPos> = Vec::new();
    let mut best_score = 0.0;
    let chunks: Vec<ChunkPos> = world.pollution.chunks().map(|(chunk, _)| chunk).collect();
    for chunk in chunks {
        let is_near = census.around(chunk, rules.max_distance_chunks, |nests, _| nests > 0);
        if !is_near || census.is_crowded(chunk) || !has_room(world, chunk, rules) {
            continue;
        }
        let score = census.score(chunk, rules);
        if score > best_score {
            best.clear();
            best_score = score;
        }
        if score >= best_score {
            best.push(chunk);
        }
    }
    if best.is_empty() {
        return None;
    }
    let drawn = world.threats.rng.below(best.len() as u32);
    Some(best[drawn as usize].tiles().center())
}

/// Says whether enough of a chunk can be built on.
fn has_room(world: &World, chunk: ChunkPos, rules: &ExpansionRules) -> bool {
    let tiles = chunk.tiles();
    let n_closed = tiles
        .tiles()
        .filter(|tile| {
            let cell = world.grid.cell(*tile);
            cell.blocks_building() || cell.occupant().is_some()
        })
        .count();
    let share = n_closed as f64 / f64::from(tiles.width * tiles.height);
    let nest = nest_prototype("biter-spawner");
    share <= rules.max_colliding_share
        && nest.is_some_and(|nest| is_buildable(world, nest, tiles.center()))
}

/// How many nests and player's buildings each chunk has.
struct Census {
    chunks: std::collections::BTreeMap<ChunkPos, (u32, u32)>,
}

impl Census {
    fn take(world: &World) -> Self {
        let mut chunks = std::collections::BTreeMap::new();
        for (_, entity) in world.entities.iter() {
            let chunk = ChunkPos::of_tile(entity.position.tile());
            let (nests, buildings) = chunks.entry(chunk).or_insert((0, 0));
            match figures(entity.prototype).side {
                Side::Enemy => *nests += 1,
                Side::Player => *buildings += 1,
                Side::Nature => {}
            }
        }
        Self { chunks }
    }

    fn count(&self, chunk: ChunkPos) -> (u32, u32) {
        self.chunks.get(&chunk).copied().unwrap_or((0, 0))
    }

    /// Says whether nests stand there already, or buildings of the player.
    fn is_crowded(&self, chunk: ChunkPos) -> bool {
        self.count(chunk) != (0, 0)
    }

    fn around(&self, chunk: ChunkPos, radius: i32, is_wanted: impl Fn(u32, u32) -> bool) -> bool {
        self.chunks.iter().any(|(other, (nests, buildings))| {
            (other.x - chunk.x).abs().max((other.y - chunk.y).abs()) <= radius
                && is_wanted(*nests, *buildings)
        })
    }

    /// Scores a chunk: 1 / (1 + buildings + bases round it, each less the farther it is).
    fn score(&self, chunk: ChunkPos, rules: &ExpansionRules) -> f64 {
        let sum = |radius: i32, factor: f64, each: &dyn Fn((u32, u32)) -> f64| {
            let mut sum = 0.0;
            for dy in -radius..=radius {
                for dx in -radius..=radius {
                    let neighbour = ChunkPos {
                        x: chunk.x + dx,
                        y: chunk.y + dy,
                    };
                    let mut part = each(self.count(neighbour));
                    for _ in 0..dx.abs() + dy.abs() {
                        part *= factor;
                    }
                    sum += part;
                }
            }
            sum
        };
        let buildings = sum(
            rules.enemy_building_radius_chunks,
            rules.neighbouring_chunk_coefficient,
            &|(_, buildings)| f64::from(buildings) * rules.building_coefficient,
        );
        let bases = sum(
            rules.friendly_base_radius_chunks,
            rules.neighbouring_base_chunk_coefficient,
            &|(nests, _)| f64::from(nests) * rules.other_base_coefficient,
        );
        1.0 / (1.0 + buildings + bases)
    }
}

fn nest_prototype(name: &str) -> Option<EntityPrototypeId> {
    vanilla().entity(name).ok()
}

fn is_buildable(world: &World, prototype: EntityPrototypeId, place: MapPos) -> bool {
    let place = snapped(prototype, place, Direction::NORTH);
    let character = world.character.position;
    is_placeable(world, Some(character), prototype, place, Direction::NORTH)
}

/// Turns a settler into a building near the site; without room it stays as it is.
pub(super) fn found(world: &mut World, slot: u32, site: MapPos) {
    let Some(unit) = world.units.get(slot) else {
        return;
    };
    let reference = EntityRef {
        slot,
        unit: unit.unit,
    };
    let group = unit.group;
    let is_spitter = unit.figures().is_spitter;
    let n_left = group
        .and_then(|index| world.threats.groups.get(index))
        .map_or(0, Group::n_members);
    let evolution = world.evolution();
    // Nests and worms in turn; the last of a group builds a nest, so that there is one in any case.
    let prototype = if n_left % 2 == 1 {
        nest_prototype(if is_spitter {
            "spitter-spawner"
        } else {
            "biter-spawner"
        })
    } else {
        WORMS
            .iter()
            .rev()
            .find(|(_, from)| evolution >= *from)
            .and_then(|(name, _)| nest_prototype(name))
    };
    let place = prototype.and_then(|prototype| {
        let middle = Some(site).filter(|place| is_buildable(world, prototype, *place));
        let place = match middle {
            Some(place) => place,
            None => (0..MAX_SITE_DRAWS).find_map(|_| {
                draw_place(world, site, SITE_RADIUS_TILES)
                    .filter(|place| is_buildable(world, prototype, *place))
            })?,
        };
        Some((prototype, snapped(prototype, place, Direction::NORTH)))
    });
    let Some((prototype, place)) = place else {
        world.settle_down(slot);
        return;
    };
    world.remove_unit(reference);
    world.add_entity(prototype, place, Direction::NORTH);
}

/// Draws for room for a building before a settler gives up.
const MAX_SITE_DRAWS: u32 = 16;
