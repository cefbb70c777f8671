//! Nests, groups, marches, expansion; determinism of fights.

use super::super::group::Purpose;
use super::super::unit::Task;
use super::{at, biter, character, concrete, entity, found, prototype, ticks_until, world};
use crate::sim::position::{MapPos, TileArea};
use crate::sim::setup::SetupOp;
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

fn pollute(world: &mut World, place: MapPos, amount: f64) {
    let chunk = world.pollution.chunk_of(place.tile()).unwrap();
    world.pollution.emit(chunk, amount);
}

#[test]
fn a_nest_makes_a_unit_every_6_seconds_until_it_has_7() {
    let mut world = world(
        128,
        vec![
            entity("biter-spawner", -40.5, -40.5, &[]),
            character(60.0, 60.0),
        ],
    );
    let first = ticks_until(&mut world, 1_000, |world| world.units.len() == 1);
    let second = ticks_until(&mut world, 1_000, |world| world.units.len() == 2);
    assert!((360..=362).contains(&first), "{first}");
    assert_eq!(second, 360);
    run(&mut world, 10_000);
    assert_eq!(world.units.len(), 7);
    for (_, unit) in world.units.iter() {
        assert_eq!(unit.prototype, prototype("small-biter"));
        assert!(unit.position().distance_squared(at(-40.5, -40.5)) <= (11 * 256) * (11 * 256));
    }
}

#[test]
fn evolution_brings_bigger_units() {
    let mut world = world(
        128,
        vec![
            entity("biter-spawner", -40.5, -40.5, &[]),
            character(60.0, 60.0),
        ],
    );
    world.set_evolution(0.999);
    run(&mut world, 3_000);
    let small = prototype("small-biter");
    assert_eq!(world.units.len(), 7);
    assert!(world.units.iter().all(|(_, unit)| unit.prototype != small));
}

/// A nest in the west, a wall and a furnace in the east, pollution over both.
fn polluted_base() -> World {
    let ops = vec![
        concrete(192),
        entity("biter-spawner", -60.5, 0.5, &[]),
        entity("stone-furnace", 40.0, 0.0, &[]),
        entity("wooden-chest", 44.5, 0.5, &[("coal", 5)]),
        character(90.0, 90.0),
    ];
    let mut world = world(192, ops);
    for x in [-60.0, -30.0, 0.0, 20.0] {
        pollute(&mut world, at(x, 1.0), 200.0 + 5.0 * (x + 60.0));
    }
    pollute(&mut world, at(40.0, 1.0), 2_000.0);
    world
}

#[test]
fn a_nest_under_pollution_sends_an_attack_that_bites_what_pollutes() {
    let mut world = polluted_base();
    let furnace = found(&world, 40.0, 0.0);
    ticks_until(&mut world, 3_000, |world| !world.threats.groups.is_empty());
    // Gathering takes one to ten minutes.
    let gathering = ticks_until(&mut world, 50_000, |world| {
        world
            .threats
            .groups
            .iter()
            .any(|(_, group)| group.is_marching)
    });
    assert!(gathering >= 3_600 - 60, "{gathering}");
    let (_, group) = world.threats.groups.iter().next().unwrap();
    assert_eq!(group.purpose, Purpose::Attack);
    assert!(group.n_members() >= 5, "{}", group.n_members());
    let spent = world.pollution.produced() - world.pollution.total();
    assert!(spent >= 4.0 * f64::from(group.n_members()));
    // 100 tiles at 0.2 tile a tick.
    let marched = ticks_until(&mut world, 3_000, |world| !world.damaged.is_empty());
    assert!((400..1_200).contains(&marched), "{marched}");
    ticks_until(&mut world, 6_000, |world| world.entity(furnace).is_none());
    // What is left of the factory goes next.
    ticks_until(&mut world, 6_000, |world| world.chests.is_empty());
}

#[test]
fn a_clean_nest_attacks_nobody() {
    let mut world = world(
        192,
        vec![
            entity("biter-spawner", -60.5, 0.5, &[]),
            entity("stone-furnace", 40.0, 0.0, &[]),
            character(90.0, 90.0),
        ],
    );
    run(&mut world, 40_000);
    assert!(world.threats.groups.is_empty());
    assert!(world.units.iter().all(|(_, unit)| unit.task == Task::Free));
}

#[test]
fn units_leave_their_nest_for_the_character_and_give_up_far_from_home() {
    let mut world = world(
        256,
        vec![
            entity("biter-spawner", -60.5, 0.5, &[]),
            character(90.0, 90.0),
        ],
    );
    run(&mut world, 10_000);
    world.character.position = at(-40.0, 0.5);
    let near = |world: &World| {
        world
            .units
            .iter()
            .any(|(_, unit)| unit.position().distance_squared(world.character.position) < 1_000_000)
    };
    ticks_until(&mut world, 600, near);
    // It runs away, faster than they are.
    world.character.position = at(60.0, 0.5);
    ticks_until(&mut world, 6_000, |world| {
        world
            .units
            .iter()
            .all(|(_, unit)| unit.task == Task::Free && unit.prey.is_none())
    });
    for (_, unit) in world.units.iter() {
        assert!(unit.position().distance_squared(at(-60.5, 0.5)) < (16 * 256) * (16 * 256));
    }
}

#[test]
fn units_walk_round_water() {
    let mut world = world(
        128,
        vec![
            // A lake with one way round it in the south.
            SetupOp::Tiles {
                area: TileArea {
                    left: 0,
                    top: -64,
                    width: 6,
                    height: 100,
                },
                tile: crate::prototypes::vanilla().tile("water").unwrap(),
            },
            character(12.5, 0.5),
        ],
    );
    let unit = biter(&mut world, -10.0, 0.5);
    let full = world.character.health;
    let mut southmost = 0;
    ticks_until(&mut world, 2_000, |world| {
        let here = world.unit(unit).unwrap();
        assert!(!world.grid.cell(here.tile()).blocks_walking());
        southmost = southmost.max(here.position().tile().y);
        world.character.health < full
    });
    assert!(southmost >= 36, "{southmost}");
}

#[test]
fn units_without_a_way_stay_and_search_seldom() {
    let mut world = world(
        64,
        vec![
            SetupOp::Tiles {
                area: TileArea {
                    left: 0,
                    top: -32,
                    width: 4,
                    height: 64,
                },
                tile: crate::prototypes::vanilla().tile("water").unwrap(),
            },
            character(12.5, 0.5),
        ],
    );
    let unit = biter(&mut world, -10.0, 0.5);
    run(&mut world, 3_000);
    assert!(world.unit(unit).unwrap().position().x < 0);
    assert!(world.character.is_alive());
}

#[test]
fn nests_expand_to_a_free_chunk() {
    let mut world = world(
        256,
        vec![
            entity("biter-spawner", -60.5, 0.5, &[]),
            entity("stone-furnace", 40.0, 0.0, &[]),
            character(120.0, 120.0),
        ],
    );
    run(&mut world, 6_000);
    assert_eq!(world.units.len(), 7);
    // The first expansion comes after an hour; here it is due now.
    world.threats.next_expansion_tick = world.tick + 1;
    tick(&mut world);
    let (_, group) = world.threats.groups.iter().next().unwrap();
    assert_eq!(group.n_members(), 5);
    let Purpose::Settle(site) = group.purpose else {
        panic!("settlers settle");
    };
    ticks_until(&mut world, 20_000, |world| {
        world.threats.groups.is_empty() && world.spawners.len() > 1
    });
    let founded = world
        .entities
        .iter()
        .filter(|(_, entity)| entity.position.distance_squared(site) < (20 * 256) * (20 * 256))
        .count();
    assert_eq!(founded, 5, "nests and worms in turn");
    assert_eq!((world.spawners.len(), world.turrets.len()), (4, 2));
    assert!(world.threats.next_expansion_tick > world.tick + 100_000);
}

/// Everything at once: nests, pollution, walls, a turret, an armed character.
fn battle() -> World {
    let mut ops = vec![
        entity("biter-spawner", -40.5, 0.5, &[]),
        entity("spitter-spawner", -40.5, 12.5, &[]),
        entity("small-worm-turret", -30.0, 6.0, &[]),
        entity("stone-furnace", 20.0, 0.0, &[("coal", 5), ("iron-ore", 50)]),
        entity("gun-turret", 16.0, 0.0, &[("firearm-magazine", 10)]),
        character(18.0, 4.0),
        SetupOp::Items {
            item: super::item("submachine-gun"),
            count: 1,
        },
        SetupOp::Items {
            item: super::item("firearm-magazine"),
            count: 5,
        },
    ];
    for y in -6..6 {
        ops.push(entity("stone-wall", 12.5, f64::from(y) + 0.5, &[]));
    }
    let mut world = world(128, ops);
    world.set_evolution(0.1);
    for tile in [(-40.0, 0.0), (-40.0, 12.0), (-10.0, 0.0), (20.0, 0.0)] {
        pollute(&mut world, at(tile.0, tile.1), 300.0);
    }
    world
}

#[test]
fn equal_seeds_fight_alike() {
    let (mut one, mut other) = (battle(), battle());
    run(&mut one, 30_000);
    run(&mut other, 30_000);
    assert_eq!(one.digest(), other.digest());
    assert!(!one.threats.kills.is_empty(), "there was a fight");
}

#[test]
fn a_snapshot_in_the_middle_of_an_attack_goes_on_byte_equal() {
    let mut world = battle();
    ticks_until(&mut world, 60_000, |world| {
        !world.damaged.is_empty() && world.units.iter().any(|(_, unit)| unit.prey.is_some())
    });
    let mut restored = World::restore(&world.snapshot()).unwrap();
    for _ in 0..30 {
        run(&mut world, 100);
        run(&mut restored, 100);
        assert_eq!(world.snapshot(), restored.snapshot());
    }
}

#[test]
fn a_quiet_world_changes_nothing() {
    let mut world = world(
        64,
        vec![entity("gun-turret", 0.0, 0.0, &[]), character(8.5, 8.5)],
    );
    let before = world.clone();
    run(&mut world, 1_000);
    assert_eq!(world.threats, before.threats);
    assert_eq!(world.pollution, before.pollution);
    assert_eq!(world.turrets, before.turrets);
}
