//! Where pollution comes from, where it goes.

use super::super::pollution::ChunkPos;
use super::{at, concrete, entity, world};
use crate::contract::codes;
use crate::sim::position::TilePos;
use crate::sim::setup::SetupOp;
use crate::sim::tick::run;
use crate::sim::world::World;

fn ore() -> Vec<SetupOp> {
    [(0, -1), (-1, 0), (0, 0), (-1, -1)]
        .map(|(x, y)| SetupOp::Resource {
            tile: TilePos::new(x, y),
            code: codes::code_of(&codes::RESOURCE_NAMES, "iron-ore"),
            amount: 10_000,
        })
        .to_vec()
}

/// Runs a machine warm, then measures what it gives off in a minute.
fn per_minute(ops: Vec<SetupOp>) -> f64 {
    let mut world = world(64, ops);
    run(&mut world, 60);
    let before = world.pollution.produced();
    run(&mut world, 3_600);
    world.pollution.produced() - before
}

fn assert_near(read: f64, expected: f64) {
    assert!(
        (read - expected).abs() <= expected * 0.01,
        "{read} instead of {expected}"
    );
}

#[test]
fn pol_burnerdrill_12_a_minute() {
    let mut ops = ore();
    ops.push(entity("burner-mining-drill", 0.0, 0.0, &[("coal", 5)]));
    ops.push(entity("wooden-chest", -0.5, -1.5, &[]));
    assert_near(per_minute(ops), 12.0);
}

#[test]
fn pol_furnace_2_of_stone_4_of_steel() {
    for (name, expected) in [("stone-furnace", 2.0), ("steel-furnace", 4.0)] {
        let ops = vec![entity(name, 0.0, 0.0, &[("coal", 5), ("iron-ore", 50)])];
        assert_near(per_minute(ops), expected);
    }
}

#[test]
fn pol_electricdrill_10_a_minute() {
    let mut ops = ore();
    ops.extend([
        entity("electric-mining-drill", 0.5, 0.5, &[]),
        entity("wooden-chest", 0.5, -1.5, &[]),
        entity("medium-electric-pole", 2.5, 0.5, &[]),
        entity("steam-engine", 4.5, 0.5, &[]),
    ]);
    let mut world = world(64, ops);
    let steam = crate::prototypes::vanilla().fluid("steam").unwrap();
    world.put_fluid(super::found(&world, 4.5, 0.5), steam, 200.0, Some(165.0));
    run(&mut world, 30);
    let before = world.pollution.produced();
    run(&mut world, 600);
    assert_near((world.pollution.produced() - before) * 6.0, 10.0);
}

#[test]
fn pol_asm_4_3_2_and_pol_furnace_1_of_electric() {
    let gears = crate::prototypes::vanilla()
        .recipe("iron-gear-wheel")
        .unwrap();
    let steam = crate::prototypes::vanilla().fluid("steam").unwrap();
    for (name, ingredient, expected) in [
        ("assembling-machine-1", "iron-plate", 4.0),
        ("assembling-machine-2", "iron-plate", 3.0),
        ("assembling-machine-3", "iron-plate", 2.0),
        ("electric-furnace", "iron-ore", 1.0),
    ] {
        let mut machine = entity(name, 0.5, 0.5, &[(ingredient, 50)]);
        if let SetupOp::Entity { recipe, .. } = &mut machine
            && ingredient == "iron-plate"
        {
            *recipe = Some(gears);
        }
        let ops = vec![
            machine,
            entity("medium-electric-pole", 2.5, 0.5, &[]),
            entity("steam-engine", 4.5, 0.5, &[]),
        ];
        let mut world = world(64, ops);
        world.put_fluid(super::found(&world, 4.5, 0.5), steam, 200.0, Some(165.0));
        run(&mut world, 30);
        let before = world.pollution.produced();
        run(&mut world, 300);
        let read = (world.pollution.produced() - before) * 12.0;
        assert!((read - expected).abs() <= expected * 0.01, "{name}: {read}");
    }
}

#[test]
fn pol_boiler_30_a_minute_at_full_load() {
    let mut world = world(64, vec![entity("boiler", 0.5, 0.0, &[("coal", 5)])]);
    let boiler = super::found(&world, 0.5, 0.0);
    let water = crate::prototypes::vanilla().fluid("water").unwrap();
    world.put_fluid(boiler, water, 200.0, None);
    run(&mut world, 60);
    let before = world.pollution.produced();
    // Its room for steam lasts for a little more than three seconds.
    run(&mut world, 60);
    assert_near((world.pollution.produced() - before) * 60.0, 30.0);
    run(&mut world, 600);
    let before = world.pollution.produced();
    run(&mut world, 600);
    assert_eq!(world.pollution.produced(), before, "it is full of steam");
}

#[test]
fn pol_idle_machines_give_off_nothing() {
    let ops = vec![
        entity("burner-mining-drill", 4.0, 4.0, &[("coal", 5)]),
        entity("stone-furnace", 0.0, 0.0, &[("coal", 5)]),
    ];
    assert_eq!(per_minute(ops), 0.0);
}

fn pollute(world: &mut World, x: f64, y: f64, amount: f64) {
    let chunk = world.pollution.chunk_of(at(x, y).tile()).unwrap();
    world.pollution.emit(chunk, amount);
}

#[test]
fn pol_grass_takes_in_1_1_a_minute_and_chunk() {
    // One chunk of grass among concrete; too little pollution to spread.
    let mut world = world(96, vec![concrete(96)]);
    for tile in (ChunkPos { x: 0, y: 0 }).tiles().tiles() {
        world.set_tile(tile, crate::prototypes::vanilla().tile("grass-1").unwrap());
    }
    pollute(&mut world, 1.0, 1.0, 10.0);
    run(&mut world, 3_600);
    assert_near(10.0 - world.pollution_at(at(1.0, 1.0)), 1.10592);
}

#[test]
fn pol_tree_takes_in_0_06_a_minute() {
    let mut world = world(96, vec![concrete(96), entity("tree-01", 8.5, 8.5, &[])]);
    pollute(&mut world, 1.0, 1.0, 10.0);
    run(&mut world, 3_600);
    assert_near(10.0 - world.pollution_at(at(1.0, 1.0)), 0.06);
    let tree = super::found(&world, 8.5, 8.5);
    world.destroy(tree);
    let before = world.pollution_at(at(1.0, 1.0));
    run(&mut world, 600);
    assert_eq!(
        world.pollution_at(at(1.0, 1.0)),
        before,
        "concrete takes in nothing"
    );
}

#[test]
fn pol_diffuse_20_of_1000_to_each_neighbour() {
    let mut world = world(160, vec![concrete(160)]);
    pollute(&mut world, 1.0, 1.0, 1_000.0);
    run(&mut world, 60);
    for (x, y) in [(1.0, -20.0), (40.0, 1.0), (1.0, 40.0), (-20.0, 1.0)] {
        assert_eq!(world.pollution_at(at(x, y)), 20.0);
    }
    assert_eq!(world.pollution_at(at(1.0, 1.0)), 920.0);
    assert_eq!(world.pollution_at(at(40.0, 40.0)), 0.0);
}

#[test]
fn pol_min_below_15_nothing_spreads() {
    let mut world = world(160, vec![concrete(160)]);
    pollute(&mut world, 1.0, 1.0, 14.9);
    run(&mut world, 600);
    assert_eq!(world.pollution_at(at(1.0, 1.0)), 14.9);
    assert_eq!(world.pollution_at(at(40.0, 1.0)), 0.0);
}

#[test]
fn pollution_does_not_leave_the_map() {
    let mut world = world(64, vec![concrete(64)]);
    pollute(&mut world, -31.0, -31.0, 1_000.0);
    run(&mut world, 6_000);
    assert!((world.pollution.total() - 1_000.0).abs() < 1e-6);
}

#[test]
fn clean_air_is_noticed() {
    let mut world = world(64, Vec::new());
    pollute(&mut world, 1.0, 1.0, 0.01);
    assert!(world.pollution.is_present());
    run(&mut world, 120);
    assert!(!world.pollution.is_present());
    assert_eq!(world.pollution.produced(), 0.01);
}
