//! What scenarios and seeds become: starts that can be executed, that repeat, and whose goals can be reached.

use std::collections::{BTreeSet, VecDeque};

use crate::contract::codes::{RESOURCE_NAMES, code_of};
use crate::prototypes::vanilla;
use crate::scenario::{BUILTIN, Goal, Scenario, Start};
use crate::sim::World;
use crate::sim::collision::is_free;
use crate::sim::drill::drop_position;
use crate::sim::entity::Body;
use crate::sim::position::{MapPos, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::run;

fn start(scenario: &Scenario, seed: u64) -> Start {
    let mut start = Start::default();
    scenario.lower(seed, &mut start).unwrap();
    start
}

fn world(scenario: &Scenario, seed: u64) -> (World, Goal) {
    let start = start(scenario, seed);
    let mut world = World::new();
    execute(&mut world, seed, &start.ops).unwrap();
    (world, start.goal)
}

/// Lists the tiles whose centre the character can walk to from tile centre to tile centre, north, east, south, west.
fn reachable(world: &World) -> BTreeSet<TilePos> {
    let first = world.spawn.tile();
    let mut seen = BTreeSet::from([first]);
    let mut queue = VecDeque::from([first]);
    while let Some(tile) = queue.pop_front() {
        for (dx, dy) in [(0, -1), (1, 0), (0, 1), (-1, 0)] {
            let next = tile.offset(dx, dy);
            if is_free(world, next.center()) && seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    seen
}

/// Counts the tiles on whose centre the character could stand.
fn standable(world: &World) -> usize {
    world
        .terrain
        .area()
        .tiles()
        .filter(|tile| is_free(world, tile.center()))
        .count()
}

fn tiles_between(one: MapPos, other: MapPos) -> f64 {
    (one.distance_squared(other) as f64).sqrt() / 256.0
}

#[test]
fn equal_seeds_give_equal_starts_and_others_differ() {
    let mut used = Start::default();
    for (name, _) in BUILTIN {
        let scenario = Scenario::builtin(name).unwrap();
        let seeds: Vec<Start> = (0..3).map(|seed| start(&scenario, seed)).collect();
        // A start whose memory was used for another scenario and seed is the same as a new one.
        scenario.lower(1, &mut used).unwrap();
        assert_eq!(
            (&used.ops, &used.goal),
            (&seeds[1].ops, &seeds[1].goal),
            "{name}"
        );
        assert_ne!(seeds[0].ops, seeds[1].ops, "{name}");
        assert_ne!(seeds[1].ops, seeds[2].ops, "{name}");
    }
}

#[test]
fn starts_are_executed_and_run() {
    for (name, _) in BUILTIN {
        let scenario = Scenario::builtin(name).unwrap();
        for seed in 0..20 {
            let (mut world, _) = world(&scenario, seed);
            let (width, height) = scenario.map_size();
            assert_eq!(
                (world.terrain.area().width, world.terrain.area().height),
                (width, height)
            );
            for (item, count) in &scenario.settings().map.starting_items {
                assert_eq!(world.character.inventory.count(*item), *count);
            }
            run(&mut world, 10);
        }
    }
}

#[test]
fn every_free_tile_of_a_wooded_map_can_be_walked_to() {
    let woods = Scenario::from_toml(
        "type = 'movement_training'
map_generation = { size = 'tiny', terrain = 'lakes', trees = 'many', rocks = 'many' }
objectives = ['reach_waypoint']
episode_length = 60
observation_frequency = 10",
        "woods.toml",
    )
    .unwrap();
    for seed in 0..200 {
        let (world, goal) = world(&woods, seed);
        let reached = reachable(&world);
        let Goal::ReachWaypoint { position, .. } = goal else {
            panic!("the goal is a waypoint")
        };
        assert!(
            reached.contains(&position.tile()),
            "seed {seed}: the waypoint is enclosed"
        );
        // Bays of a lake may hold a few tiles that only a diagonal step leads to.
        assert!(reached.len() + 12 >= standable(&world), "seed {seed}");
    }
}

#[test]
fn waypoints_are_free_far_enough_and_spread_over_the_map() {
    let scenario = Scenario::builtin("movement_basic").unwrap();
    let mut quadrants = BTreeSet::new();
    for seed in 0..300 {
        let (world, goal) = world(&scenario, seed);
        let Goal::ReachWaypoint {
            position,
            radius_subtiles,
            ..
        } = goal
        else {
            panic!("the goal is a waypoint")
        };
        assert_eq!(radius_subtiles, 256);
        assert!(tiles_between(world.spawn, position) >= 12.0);
        assert!(is_free(&world, position));
        assert_eq!(reachable(&world).len(), standable(&world), "seed {seed}");
        quadrants.insert((position.x > 0, position.y > 0));
        assert_eq!(world.entities.iter().count(), 46);
    }
    assert_eq!(quadrants.len(), 4);
}

#[test]
fn mining_sites_hold_more_than_enough_and_lie_near() {
    let scenario = Scenario::builtin("mining_efficiency").unwrap();
    for seed in 0..50 {
        let (world, goal) = world(&scenario, seed);
        let Goal::MineItems {
            items,
            amount,
            sites,
        } = goal
        else {
            panic!("the goal is to mine")
        };
        assert_eq!(items, [vanilla().item("iron-ore").unwrap()]);
        assert_eq!((amount, sites.len()), (1_000, 1));
        let area = world.terrain.area();
        let ores: Vec<(TilePos, u32)> = area
            .tiles()
            .filter_map(|tile| Some((tile, world.terrain.resource(tile)?.amount)))
            .collect();
        let total: u32 = ores.iter().map(|(_, amount)| amount).sum();
        assert!((150_000..800_000).contains(&total), "seed {seed}: {total}");
        let nearest = ores
            .iter()
            .map(|(tile, _)| tiles_between(tile.center(), world.spawn))
            .fold(f64::MAX, f64::min);
        assert!((4.0..=16.0).contains(&nearest), "seed {seed}: {nearest}");
        // Richest near the middle, poorest at the edge.
        let near_middle =
            |(tile, _): &&(TilePos, u32)| tiles_between(tile.center(), sites[0]) < 5.0;
        let mean = |amounts: &[u32]| amounts.iter().sum::<u32>() / amounts.len() as u32;
        let (middle, edge): (Vec<_>, Vec<_>) = ores.iter().partition(|ore| near_middle(ore));
        let amounts = |ores: &[&(TilePos, u32)]| ores.iter().map(|ore| ore.1).collect::<Vec<_>>();
        let edge = amounts(&edge);
        assert!(mean(&amounts(&middle)) > 2 * mean(&edge), "seed {seed}");
    }
}

#[test]
fn blueprints_can_be_built_with_the_kit_and_drills_face_what_they_feed() {
    let scenario = Scenario::builtin("construction_speed").unwrap();
    let mut sizes = BTreeSet::new();
    for seed in 0..200 {
        let (mut world, goal) = world(&scenario, seed);
        let Goal::BuildBlueprint { wanted } = goal else {
            panic!("the goal is a blueprint")
        };
        sizes.insert(wanted.len());
        assert_eq!(world.ghosts.iter().count(), wanted.len());
        for entity in &wanted {
            let distance = tiles_between(world.spawn, entity.position);
            assert!((4.0..=34.0).contains(&distance), "seed {seed}: {distance}");
            let (item, _) = vanilla()[entity.prototype].placed_by.unwrap();
            assert_eq!(
                world.character.inventory.remove(item, 1),
                1,
                "seed {seed}: the kit runs out"
            );
        }
    }
    assert_eq!(sizes, (8..=14).collect());
}

#[test]
fn the_minimal_base_makes_plates() {
    let scenario = Scenario::builtin("base_optimization").unwrap();
    for seed in 0..5 {
        let (mut world, goal) = world(&scenario, seed);
        assert!(matches!(goal, Goal::OptimizeProduction { .. }));
        let drills: Vec<_> = world
            .entities
            .iter()
            .filter(|(_, entity)| matches!(entity.body, Body::Drill(_)))
            .map(|(_, entity)| drop_position(entity).tile())
            .collect();
        assert_eq!(drills.len(), 5);
        assert!(
            drills.iter().all(|drop| world.entity_at(*drop).is_some()),
            "seed {seed}"
        );
        run(&mut world, 60 * 60);
        for (item, least) in [
            ("iron-plate", 20),
            ("copper-plate", 10),
            ("coal", 10),
            ("stone", 10),
        ] {
            let made = world.produced(vanilla().item(item).unwrap());
            assert!(made >= least, "seed {seed}: {made} of {item} in a minute");
        }
    }
}

#[test]
fn the_minimal_base_and_its_ore_lie_in_reach() {
    let scenario = Scenario::builtin("base_optimization").unwrap();
    let reach = vanilla().character().build_distance;
    let mut iron_sides = BTreeSet::new();
    for seed in 0..12 {
        let (world, _) = world(&scenario, seed);
        let near = |tile: &TilePos| tiles_between(tile.center(), world.spawn) <= reach;
        let ore_in_reach = |name: &str| {
            let code = code_of(&RESOURCE_NAMES, name);
            let tiles = world.terrain.area().tiles().filter(near);
            tiles
                .filter(|tile| {
                    world
                        .terrain
                        .resource(*tile)
                        .is_some_and(|r| r.code == code)
                })
                .collect::<Vec<_>>()
        };
        for name in ["iron-ore", "copper-ore", "coal", "stone"] {
            let tiles = ore_in_reach(name);
            let free = tiles
                .iter()
                .filter(|tile| world.entity_at(**tile).is_none());
            assert!(free.count() >= 12, "seed {seed}: {name}");
        }
        let iron = ore_in_reach("iron-ore")[0].center();
        let (dx, dy) = (iron.x - world.spawn.x, iron.y - world.spawn.y);
        iron_sides.insert((dx.signum(), dy.signum()));
        for (_, entity) in world.entities.iter() {
            if !entity.prototype().is_natural() {
                assert!(
                    tiles_between(entity.position, world.spawn) <= 6.0,
                    "seed {seed}"
                );
            }
        }
    }
    assert!(iron_sides.len() > 1, "the base is turned by the seed");
}

#[test]
fn bases_beyond_the_edge_of_the_map_say_so() {
    let narrow = Scenario::from_toml(
        "type = 'strategic_planning'
map_generation = { width = 32, height = 32, resources = 'all', starting_base = 'minimal_automation', spawn_radius = 8 }
objectives = ['optimize_production_chains']
episode_length = 60
observation_frequency = 1",
        "narrow.toml",
    )
    .unwrap();
    let errors: Vec<String> = (0..20)
        .filter_map(|seed| narrow.lower(seed, &mut Start::default()).err())
        .map(|error| error.to_string())
        .collect();
    assert!(
        errors
            .iter()
            .any(|error| error.contains("takes 12 tiles round the spawn point")),
        "{errors:?}"
    );
}

#[test]
fn maps_without_room_say_so() {
    let crowded = Scenario::from_toml(
        "type = 'movement_training'
map_generation = { width = 32, height = 32, resources = { stone = { patches = 16 } } }
objectives = ['reach_waypoint']
episode_length = 60
observation_frequency = 10
[objective.reach_waypoint]
min_distance = 10",
        "crowded.toml",
    )
    .unwrap();
    let error = crowded
        .lower(0, &mut Start::default())
        .expect_err("16 patches do not fit");
    assert_eq!(
        error.to_string(),
        "crowded: the map has no room for all patches of \"stone\"; make it larger, ask for fewer, or \
         widen their distance"
    );
}

#[test]
fn small_maps_shrink_their_patches() {
    let small = Scenario::from_toml(
        "type = 'resource_gathering'
map_generation = { size = 'tiny', resources = 'all' }
objectives = ['mine_10_ore']
episode_length = 60
observation_frequency = 10",
        "small.toml",
    )
    .unwrap();
    for seed in 0..100 {
        let start = start(&small, seed);
        let codes: BTreeSet<u8> = start
            .ops
            .iter()
            .filter_map(|op| match op {
                SetupOp::Resource { code, .. } => Some(*code),
                _ => None,
            })
            .collect();
        assert_eq!(codes.len(), 4, "seed {seed}");
    }
}
