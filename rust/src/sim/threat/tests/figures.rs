//! What the prototype data says, as the simulation reads it.

use super::super::figures::{Blow, DamageType, Delivery, bullets, figures, guns, magazines};
use super::super::rules::map_rules;
use super::{item, prototype, world};
use crate::prototypes::vanilla;
use crate::sim::tick::run;

fn physical(damage: f64) -> Blow {
    Blow {
        damage,
        damage_type: DamageType::named("physical").unwrap(),
    }
}

#[test]
fn bit_small_has_15_health_bites_7_and_costs_4() {
    let facts = figures(prototype("small-biter"));
    let weapon = facts.weapon.unwrap();
    assert_eq!(facts.max_health, 15.0);
    assert_eq!(weapon.blow, Some(physical(7.0)));
    assert_eq!(weapon.cooldown_ticks, 35);
    assert_eq!(facts.unit.unwrap().pollution_to_join_attack, 4.0);
}

#[test]
fn tur_range_is_18_and_24_tiles() {
    let range = |name: &str| figures(prototype(name)).weapon.unwrap().range_subtiles;
    assert_eq!(
        [range("gun-turret"), range("laser-turret")],
        [18 * 256, 24 * 256]
    );
}

#[test]
fn resistances_take_the_decrease_first_and_never_everything() {
    let medium = figures(prototype("medium-biter"));
    // 4 off, then 10 %; below 1 the rest is 1 / (decrease - damage + 2).
    assert_eq!(medium.after_resistance(physical(14.0)), 9.0);
    assert_eq!(medium.after_resistance(physical(5.0)), 0.9);
    assert_eq!(medium.after_resistance(physical(3.0)), 0.9 / 3.0);
    let wall = figures(prototype("stone-wall"));
    assert_eq!(wall.after_resistance(physical(7.0)), 3.2);
}

#[test]
fn magazines_and_guns_come_best_first() {
    let names: Vec<&str> = magazines()
        .iter()
        .map(|item| vanilla()[*item].name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "uranium-rounds-magazine",
            "piercing-rounds-magazine",
            "firearm-magazine"
        ]
    );
    let damage = |name: &str| bullets(item(name)).unwrap().blow.damage;
    assert_eq!(
        [
            damage("firearm-magazine"),
            damage("piercing-rounds-magazine"),
            damage("uranium-rounds-magazine")
        ],
        [5.0, 8.0, 24.0]
    );
    let names: Vec<&str> = guns()
        .iter()
        .map(|(item, _)| vanilla()[*item].name.as_str())
        .collect();
    assert_eq!(names, ["submachine-gun", "pistol"]);
}

#[test]
fn acid_flies_and_splashes() {
    let weapon = figures(prototype("small-spitter")).weapon.unwrap();
    assert_eq!(
        weapon.delivery,
        Delivery::Stream {
            subtiles_per_tick: 86.4,
            radius_subtiles: 256
        }
    );
    assert_eq!(weapon.blow.unwrap().damage, 12.0);
    let worm = figures(prototype("small-worm-turret")).weapon.unwrap();
    assert_eq!(worm.blow.unwrap().damage, 36.0);
}

#[test]
fn a_laser_blow_is_half_a_shot() {
    let weapon = figures(prototype("laser-turret")).weapon.unwrap();
    assert_eq!(weapon.cooldown_ticks, 20);
    assert_eq!(weapon.joules_per_blow, 400_000.0);
    assert_eq!(weapon.blow.unwrap().damage, 20.0);
}

#[test]
fn every_unit_nest_and_worm_of_the_data_can_fight() {
    for prototype in vanilla().entities() {
        let id = vanilla().entity(&prototype.name).unwrap();
        if prototype.unit.is_some() || prototype.name.ends_with("worm-turret") {
            let weapon = figures(id).weapon.unwrap();
            assert!(weapon.blow.unwrap().damage > 0.0, "{}", prototype.name);
        }
    }
    assert_eq!(map_rules().groups.max_size, 200);
}

#[test]
fn evo_time_10_hours_reach_0_1259() {
    let mut world = world(32, Vec::new());
    run(&mut world, 10);
    world.tick = 10 * 3_600 * 60;
    assert!((world.evolution() - 0.1259).abs() < 0.000_1);
}

#[test]
fn evo_spawner_first_nest_killed_adds_0_002() {
    let mut world = world(64, vec![super::entity("biter-spawner", 0.5, 0.5, &[])]);
    let nest = super::found(&world, 0.5, 0.5);
    world.destroy(nest);
    assert!((world.evolution() - 0.002).abs() < 1e-9);
    assert_eq!(world.threats.kills[&prototype("biter-spawner")], 1);
}

#[test]
fn pollution_produced_drives_evolution() {
    let mut world = world(64, Vec::new());
    let chunk = world
        .pollution
        .chunk_of(super::at(0.0, 0.0).tile())
        .unwrap();
    world.pollution.emit(chunk, 1_000.0);
    let small = 1.0 - 1.0 / (1.0 + 9e-7 * 1_000.0);
    assert!((world.evolution() - small).abs() < 1e-12);
}
