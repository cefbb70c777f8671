//! Turrets, worms, the character's gun, walls, repair, death.

use super::super::figures::{Blow, DamageType};
use super::{at, biter, character, entity, found, item, prototype, ticks_until, unit, world};
use crate::contract::action::RejectReason;
use crate::contract::codes::Status;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::setup::SetupOp;
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

fn blow(kind: &str, damage: f64) -> Blow {
    Blow {
        damage,
        damage_type: DamageType::named(kind).unwrap(),
    }
}

fn rounds_left(world: &World, turret: EntityRef) -> u32 {
    match world.entity(turret).unwrap().body {
        Body::Turret(index) => world.turrets.get(index).unwrap().rounds_left(),
        _ => panic!("it is a turret"),
    }
}

/// A turret at the origin; the character is far away.
fn turret_world(magazines: &[(&str, u32)]) -> (World, EntityRef) {
    let ops = vec![
        entity("gun-turret", 0.0, 0.0, magazines),
        character(60.0, 60.0),
    ];
    let world = world(128, ops);
    let turret = found(&world, 0.0, 0.0);
    (world, turret)
}

#[test]
fn tur_rate_10_shots_a_second() {
    let (mut world, turret) = turret_world(&[("firearm-magazine", 10)]);
    // A nest has enough health to be shot at for a while.
    world.add_entity(
        prototype("biter-spawner"),
        at(0.5, 12.5),
        crate::sim::position::Direction::NORTH,
    );
    ticks_until(&mut world, 100, |world| rounds_left(world, turret) < 100);
    let before = rounds_left(&world, turret);
    run(&mut world, 60);
    assert_eq!(before - rounds_left(&world, turret), 10);
}

#[test]
fn tur_kill_small_biter_takes_4_bullets_since_it_heals_between_them() {
    let (mut world, turret) = turret_world(&[("firearm-magazine", 1)]);
    let unit = biter(&mut world, 10.0, 0.0);
    ticks_until(&mut world, 200, |world| world.unit(unit).is_none());
    assert_eq!(10 - rounds_left(&world, turret), 4);
    tick(&mut world);
    let idle = world.entity(turret).unwrap();
    assert_eq!(world.status(idle), Status::Normal, "it stands down");
    assert_eq!(world.threats.kills[&prototype("small-biter")], 1);
}

#[test]
fn a_turret_reaches_18_tiles_and_no_farther() {
    let nest = |y: f64| {
        let ops = vec![
            entity("gun-turret", 0.0, 0.0, &[("firearm-magazine", 10)]),
            entity("biter-spawner", 0.5, y, &[]),
            character(-60.0, -60.0),
        ];
        let mut world = world(128, ops);
        run(&mut world, 60);
        rounds_left(&world, found(&world, 0.0, 0.0))
    };
    assert!(nest(17.5) < 100);
    assert_eq!(nest(18.5), 100);
}

#[test]
fn a_magazine_lasts_10_rounds_and_ammunition_is_shown_and_given_back() {
    let (mut world, turret) = turret_world(&[("firearm-magazine", 2)]);
    let full = world.entity(turret).unwrap();
    assert_eq!(world.status(full), Status::Normal);
    world.add_entity(
        prototype("biter-spawner"),
        at(0.5, 12.5),
        crate::sim::position::Direction::NORTH,
    );
    let magazines = |world: &World| {
        let entity = world.entity(turret).unwrap();
        world.slots(entity).contents[0].map_or(0, |stack| stack.count)
    };
    ticks_until(&mut world, 200, |world| rounds_left(world, turret) == 11);
    assert_eq!(magazines(&world), 2);
    ticks_until(&mut world, 20, |world| rounds_left(world, turret) == 10);
    assert_eq!(magazines(&world), 1);
    ticks_until(&mut world, 200, |world| rounds_left(world, turret) == 0);
    assert_eq!(magazines(&world), 0);
    let empty = world.entity(turret).unwrap();
    assert_eq!(world.status(empty), Status::NoIngredients);
    assert_eq!(world.insert_by_hand(turret, item("coal"), 5), 0);
    assert_eq!(
        world.insert_by_hand(turret, item("piercing-rounds-magazine"), 300),
        100
    );
    assert_eq!(world.take_by_hand(turret, None), 100);
}

#[test]
fn inserters_keep_10_magazines_in_a_turret() {
    let (mut world, turret) = turret_world(&[]);
    let magazine = item("firearm-magazine");
    assert_eq!(world.room_by_inserter(turret.slot, magazine), 10);
    world.insert_by_hand(turret, magazine, 8);
    assert_eq!(world.room_by_inserter(turret.slot, magazine), 2);
    world.insert_by_hand(turret, magazine, 50);
    assert_eq!(world.room_by_inserter(turret.slot, magazine), 0);
    assert_eq!(world.room_by_inserter(turret.slot, item("coal")), 0);
}

#[test]
fn a_turret_with_magazines_kills_a_wave_and_one_without_dies() {
    let wave = |magazines: &[(&str, u32)]| {
        let (mut world, turret) = turret_world(magazines);
        for index in 0..8 {
            biter(&mut world, 25.0, f64::from(index) - 4.0);
        }
        run(&mut world, 3_600);
        (world.units.len(), world.entity(turret).is_some())
    };
    assert_eq!(wave(&[("firearm-magazine", 10)]), (0, true));
    assert_eq!(wave(&[]), (8, false));
}

#[test]
fn laser_turrets_shoot_with_stored_energy_and_charge_from_their_network() {
    let ops = vec![
        entity("laser-turret", 0.0, 0.0, &[]),
        entity("small-electric-pole", 1.5, -1.5, &[]),
        entity("steam-engine", 4.5, -1.5, &[]),
        character(60.0, 60.0),
    ];
    let mut world = world(160, ops);
    let turret = found(&world, 0.0, 0.0);
    let status = |world: &World| world.status(world.entity(turret).unwrap());
    let stored = |world: &World| match world.entity(turret).unwrap().body {
        Body::Turret(index) => world.turrets.get(index).unwrap().energy_joules,
        _ => panic!("it is a turret"),
    };
    run(&mut world, 60);
    assert_eq!(status(&world), Status::NoPower);
    let steam = crate::prototypes::vanilla().fluid("steam").unwrap();
    let engine = found(&world, 4.5, -1.5);
    world.put_fluid(engine, steam, 200.0, Some(165.0));
    // 801 kJ from an engine of 900 kW, of which the turret's drain takes 24 kW.
    let charging = ticks_until(&mut world, 200, |world| stored(world) >= 801_000.0);
    assert!((52..=62).contains(&charging), "{charging}");
    assert_eq!(status(&world), Status::Normal);
    let far = biter(&mut world, 26.0, 0.0);
    run(&mut world, 1);
    let here = world.unit(far).unwrap().position();
    assert!(here.distance_squared(at(0.0, 0.0)) > (24 * 256) * (24 * 256));
    ticks_until(&mut world, 300, |world| world.unit(far).is_none());
    assert!(stored(&world) >= 400_000.0 && stored(&world) < 801_000.0);
}

#[test]
fn damage_upgrades_make_bullets_stronger_and_faster() {
    let mut ops = vec![
        entity("gun-turret", 0.0, 0.0, &[("firearm-magazine", 10)]),
        entity("biter-spawner", 0.5, 12.5, &[]),
        character(-60.0, -60.0),
    ];
    ops.extend(
        [
            "physical-projectile-damage-1",
            "physical-projectile-damage-2",
            "weapon-shooting-speed-1",
            "weapon-shooting-speed-2",
        ]
        .map(|name| SetupOp::Research {
            technology: crate::prototypes::vanilla().technology(name).unwrap(),
        }),
    );
    let mut world = world(128, ops);
    let turret = found(&world, 0.0, 0.0);
    let nest = found(&world, 0.5, 12.5);
    ticks_until(&mut world, 100, |world| rounds_left(world, turret) == 99);
    // 5 damage x 1.2 for bullets x 1.2 for gun turrets; the nest takes 2 and 15 % off.
    let expected = 350.0 - (5.0 * 1.2 * 1.2 - 2.0) * 0.85;
    let read = world.health(world.entity(nest).unwrap());
    assert!((read - expected).abs() < 1e-9, "{read}");
    run(&mut world, 40);
    // 6 ticks / 1.3 are 4 whole ticks.
    assert_eq!(rounds_left(&world, turret), 89);
}

#[test]
fn walls_take_damage_and_stand_in_the_way() {
    let mut ops = vec![entity("gun-turret", 0.0, 0.0, &[]), character(60.0, 60.0)];
    // A ring of walls round the turret, two tiles off.
    for i in -4..=3 {
        for (x, y) in [(i, -4), (i, 3), (-4, i), (3, i)] {
            let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let wall = entity("stone-wall", x, y, &[]);
            if !ops.contains(&wall) {
                ops.push(wall);
            }
        }
    }
    let mut world = world(128, ops);
    let n_entities = world.entities.len();
    biter(&mut world, 20.0, 0.3);
    ticks_until(&mut world, 2_000, |world| !world.damaged.is_empty());
    let hurt = *world.damaged.first_key_value().unwrap().0;
    let (_, wall) = world
        .entities
        .iter()
        .find(|(_, entity)| entity.unit == hurt)
        .unwrap();
    assert_eq!(wall.prototype, prototype("stone-wall"));
    assert_eq!(world.status(wall), Status::Damaged);
    // 7 - 3, then 20 % off.
    assert!((world.health(wall) - (350.0 - 3.2)).abs() < 1e-9);
    ticks_until(&mut world, 10_000, |world| {
        world.entities.len() < n_entities
    });
    assert!(world.damaged.is_empty(), "the wall's health goes with it");
    ticks_until(&mut world, 10_000, |world| world.turrets.is_empty());
}

#[test]
fn the_character_dies_of_biters_and_does_nothing_any_more() {
    let mut world = world(64, vec![character(0.5, 0.5)]);
    for index in 0..4 {
        biter(&mut world, 10.0, f64::from(index));
    }
    ticks_until(&mut world, 2_000, |world| !world.character.is_alive());
    assert_eq!(world.character.health, 0);
    run(&mut world, 600);
    assert!(!world.character.is_alive(), "the dead do not heal");
    let command = crate::sim::command::Command::Walk(Some(crate::sim::position::Direction::NORTH));
    assert_eq!(
        crate::sim::command::check(&world, &command),
        Err(RejectReason::Dead)
    );
}

#[test]
fn the_character_heals_10_seconds_after_the_last_blow() {
    let mut world = world(64, vec![character(0.5, 0.5)]);
    run(&mut world, 10);
    world.hurt_character(blow("physical", 100.0));
    assert_eq!(world.character.health, 150 * 256);
    run(&mut world, 600);
    assert_eq!(world.character.health, 150 * 256);
    run(&mut world, 100);
    // 0.15 a tick.
    assert_eq!(world.character.health, 165 * 256);
    run(&mut world, 3_000);
    assert_eq!(world.character.health, 250 * 256);
}

#[test]
fn an_armed_character_shoots_by_itself() {
    let ops = vec![
        character(0.5, 0.5),
        SetupOp::Items {
            item: item("pistol"),
            count: 1,
        },
        SetupOp::Items {
            item: item("firearm-magazine"),
            count: 1,
        },
    ];
    let mut world = world(64, ops);
    let unit = biter(&mut world, 20.0, 0.5);
    ticks_until(&mut world, 600, |world| world.unit(unit).is_none());
    assert!(world.character.is_alive());
    assert_eq!(
        world.character.inventory.count(item("firearm-magazine")),
        0,
        "the magazine is in the gun"
    );
}

#[test]
fn worms_spit_at_whoever_comes_near() {
    let mut world = world(
        128,
        vec![
            entity("small-worm-turret", 0.0, 0.0, &[]),
            character(24.0, 0.0),
        ],
    );
    let full = world.character.health;
    ticks_until(&mut world, 400, |world| world.character.health < full);
    assert_eq!(full - world.character.health, 36 * 256);
    world.character.position = at(40.0, 40.0);
    let before = world.character.health;
    run(&mut world, 590);
    assert_eq!(world.character.health, before, "out of its range");
}

#[test]
fn acid_lands_where_its_target_stood() {
    let mut world = world(64, vec![character(8.0, 0.5)]);
    world.add_unit(prototype("small-spitter"), at(0.0, 0.5));
    ticks_until(&mut world, 100, |world| !world.threats.streams.is_empty());
    // 30 ticks of warming up and 8 tiles at 0.3375 tile a tick.
    let stream = world.threats.streams[0];
    assert!((stream.lands_tick - world.tick).abs_diff(30 + 23) <= 1);
    let full = world.character.health;
    world.character.position = at(8.0, 5.0);
    ticks_until(&mut world, 100, |world| world.threats.streams.is_empty());
    assert_eq!(world.character.health, full, "it stepped aside");
}

#[test]
fn repair_packs_mend_2_health_a_tick_and_last_300_points() {
    let ops = vec![
        entity("stone-wall", 2.5, 0.5, &[]),
        character(0.5, 0.5),
        SetupOp::Items {
            item: item("repair-pack"),
            count: 1,
        },
    ];
    let mut world = world(64, ops);
    let wall = found(&world, 2.5, 0.5);
    assert_eq!(world.start_repair(wall), Err(RejectReason::Full));
    let acid = blow("acid", 1_000.0);
    world.hurt_entity(wall, acid);
    assert!((world.health(world.entity(wall).unwrap()) - 150.0).abs() < 1e-9);
    world.start_repair(wall).unwrap();
    run(&mut world, 50);
    assert!((world.health(world.entity(wall).unwrap()) - 250.0).abs() < 1e-9);
    run(&mut world, 51);
    assert!(world.damaged.is_empty());
    assert_eq!(world.character.inventory.count(item("repair-pack")), 0);
    // 200 of the pack's 300 points are left; then there is none.
    world.hurt_entity(wall, acid);
    world.start_repair(wall).unwrap();
    run(&mut world, 101);
    world.hurt_entity(wall, acid);
    world.start_repair(wall).unwrap();
    run(&mut world, 101);
    world.hurt_entity(wall, acid);
    assert_eq!(world.start_repair(wall), Err(RejectReason::MissingItem));
    let far = biter(&mut world, 20.0, 20.0);
    assert_eq!(unit(&world, far).position(), at(20.0, 20.0));
}

#[test]
fn nests_heal() {
    let mut world = world(64, vec![entity("biter-spawner", 0.5, 0.5, &[])]);
    let nest = found(&world, 0.5, 0.5);
    world.hurt_entity(nest, blow("acid", 100.0));
    let health = |world: &World| world.health(world.entity(nest).unwrap());
    assert_eq!(health(&world), 250.0);
    for _ in 0..100 {
        tick(&mut world);
    }
    assert!((health(&world) - 252.0).abs() < 1e-9);
}
