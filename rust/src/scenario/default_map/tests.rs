//! What every default map has, over many seeds.

use super::*;
use crate::sim::path;
use crate::sim::position::{MapPos, SUBTILES};
use crate::sim::sandbox::patches::{PatchReport, patches};

const SEEDS: std::ops::Range<u64> = 0..50;
const STARTING: [(&str, f64); 4] = [
    ("iron-ore", 400_000.0),
    ("copper-ore", 320_000.0),
    ("coal", 320_000.0),
    ("stone", 160_000.0),
];

fn map(seed: u64) -> World {
    let options = MapOptions {
        width: 512,
        height: 512,
        has_enemies: true,
        has_woods: true,
    };
    create(seed, &options).expect("every seed has a map")
}

fn far((x, y): (f64, f64)) -> f64 {
    (x * x + y * y).sqrt()
}

fn nearest(world: &World, name: &str) -> PatchReport {
    let found = patches(world, Some(name)).expect("the resource is known");
    found.into_iter().next().expect("the map has some")
}

/// Says whether the character can walk to within `reach` tiles of a place.
fn is_walkable_to(world: &World, (x, y): (f64, f64), reach: i32) -> bool {
    let goal = MapPos::from_tiles(x, y);
    path::find(world, TilePos::new(0, 0), goal, reach * SUBTILES).is_some()
}

fn entities<'a>(world: &'a World, part: &'a str) -> impl Iterator<Item = (f64, f64)> + 'a {
    let named = move |name: &str| name.contains(part);
    world
        .entities
        .iter()
        .filter(move |(_, entity)| named(&entity.prototype().name))
        .map(|(_, entity)| crate::sim::sandbox::tiles_of(entity.position))
}

#[test]
fn every_start_has_the_four_resources_in_the_amounts_of_the_game() {
    let limit = f64::from(STARTING_RADIUS_TILES);
    for seed in SEEDS {
        let world = map(seed);
        for (name, amount) in STARTING {
            let patch = nearest(&world, name);
            let share = patch.amount as f64 / amount;
            assert!((0.85..=1.15).contains(&share), "{name} {share} of {seed}");
            assert!(far(patch.position) <= limit, "{name} of {seed}");
            assert!(
                is_walkable_to(&world, patch.position, 2),
                "{name} of {seed}"
            );
            let (middle, edge) = richest_and_poorest(&patch);
            assert!(middle > 3.0 * edge, "{name} of {seed} is richer inside");
        }
        for name in ["crude-oil", "uranium-ore"] {
            let patch = nearest(&world, name);
            assert!(far(patch.position) > limit, "{name} of {seed}");
            assert!(
                is_walkable_to(&world, patch.position, 8),
                "{name} of {seed}"
            );
        }
    }
}

/// Compares the tiles near the middle of a patch with its outermost ones, by their mean amounts.
fn richest_and_poorest(patch: &PatchReport) -> (f64, f64) {
    let mut tiles: Vec<(f64, u32)> = patch
        .tiles
        .iter()
        .map(|((x, y), amount)| (far((x - patch.position.0, y - patch.position.1)), *amount))
        .collect();
    tiles.sort_by(|one, other| one.0.total_cmp(&other.0));
    let n_tiles = tiles.len() / 8;
    let mean = |tiles: &[(f64, u32)]| {
        tiles
            .iter()
            .map(|(_, amount)| f64::from(*amount))
            .sum::<f64>()
            / tiles.len() as f64
    };
    (
        mean(&tiles[..n_tiles]),
        mean(&tiles[tiles.len() - n_tiles..]),
    )
}

#[test]
fn every_start_is_free_and_has_water_within_reach() {
    for seed in SEEDS {
        let world = map(seed);
        assert!(crate::sim::collision::is_free(&world, world.spawn));
        let shore = world
            .terrain
            .area()
            .tiles()
            .filter(|tile| {
                let is_water = |tile: TilePos| world.terrain.facts(tile).blocks_walking;
                path::is_walkable(&world, *tile) && is_water(tile.offset(1, 0))
            })
            .min_by_key(|tile| tile.x * tile.x + tile.y * tile.y)
            .expect("there is a shore");
        let place = crate::sim::sandbox::tiles_of(shore.center());
        assert!(far(place) < 150.0, "{place:?} of {seed}");
        assert!(is_walkable_to(&world, place, 1), "{place:?} of {seed}");
    }
}

#[test]
fn enemies_keep_out_of_the_starting_area_and_their_bases_grow_with_the_distance() {
    let options = MapOptions {
        width: 2_048,
        height: 2_048,
        has_enemies: true,
        has_woods: false,
    };
    let (mut near, mut away) = (0, 0);
    for seed in 0..3 {
        let world = create(seed, &options).unwrap();
        for place in entities(&world, "spawner").chain(entities(&world, "worm")) {
            assert!(far(place) > 145.0, "{place:?} of {seed}");
        }
        // Rings of the same area.
        near += entities(&world, "spawner")
            .filter(|at| (200.0..=424.0).contains(&far(*at)))
            .count();
        away += entities(&world, "spawner")
            .filter(|at| (900.0..=974.5).contains(&far(*at)))
            .count();
    }
    assert!(near > 0 && away > 2 * near, "{near} near, {away} away");
}

#[test]
fn patches_are_richer_farther_out_and_never_touch() {
    let options = MapOptions {
        width: 2_048,
        height: 2_048,
        has_enemies: false,
        has_woods: false,
    };
    let (mut near, mut away) = (Vec::new(), Vec::new());
    for seed in 0..3 {
        let world = create(seed, &options).unwrap();
        assert_eq!(touching(&world), None, "of {seed}");
        let found = patches(&world, Some("iron-ore")).unwrap();
        for patch in found.iter().skip(1) {
            let is_near = far(patch.position) < 500.0;
            if is_near { &mut near } else { &mut away }.push(patch.amount as f64);
        }
    }
    let mean = |amounts: &[f64]| amounts.iter().sum::<f64>() / amounts.len() as f64;
    assert!(
        away.len() > 10 && near.len() > 2,
        "{} {}",
        near.len(),
        away.len()
    );
    assert!(
        mean(&away) > 1.5 * mean(&near),
        "{} {}",
        mean(&near),
        mean(&away)
    );
}

/// Finds a tile with a resource beside one with another.
fn touching(world: &World) -> Option<TilePos> {
    let code = |tile| world.terrain.resource(tile).map(|resource| resource.code);
    world.terrain.area().tiles().find(|tile| {
        code(*tile).is_some_and(|here| {
            [(1, -1), (1, 0), (1, 1), (0, 1)]
                .iter()
                .any(|(dx, dy)| code(tile.offset(*dx, *dy)).is_some_and(|other| other != here))
        })
    })
}

#[test]
fn a_seed_gives_one_map_and_options_leave_the_rest_of_it_alone() {
    let options = MapOptions {
        width: 320,
        height: 400,
        has_enemies: true,
        has_woods: true,
    };
    let all = generate(9, &options).unwrap();
    assert_eq!(all, generate(9, &options).unwrap());
    assert_ne!(all, generate(10, &options).unwrap());
    let bare = MapOptions {
        has_enemies: false,
        has_woods: false,
        ..options
    };
    let ground = |ops: Vec<SetupOp>| -> Vec<SetupOp> {
        ops.into_iter()
            .filter(|op| !matches!(op, SetupOp::Entity { .. }))
            .collect()
    };
    assert_eq!(ground(all), ground(generate(9, &bare).unwrap()));
}

#[test]
fn sides_that_cannot_hold_a_start_are_refused() {
    for (width, height) in [(319, 512), (512, 2_049), (-1, 512)] {
        let options = MapOptions {
            width,
            height,
            has_enemies: false,
            has_woods: false,
        };
        let error = generate(0, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
    }
}
