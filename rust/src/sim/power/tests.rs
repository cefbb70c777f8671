//! Figures of electricity that the simulation must hit, and laws that hold whatever is built.

use proptest::prelude::*;

use super::{NetworkId, NetworkStats, solar};
use crate::contract::codes::Status;
use crate::prototypes::{FluidId, ItemId, vanilla};
use crate::sim::entity::{Body, EntityRef};
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

const NORTH: Direction = Direction::NORTH;
const EAST: Direction = Direction::EAST;
/// The tick of midnight.
const MIDNIGHT: u64 = 12_600;

fn fluid(name: &str) -> FluidId {
    vanilla().fluid(name).unwrap()
}

fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

/// Makes a meadow with a lake in the north: rows -60 to -41.
fn meadow() -> World {
    let mut world = World::new();
    let ops = [
        SetupOp::Map {
            width: 512,
            height: 120,
            tile: vanilla().tile("grass-1").unwrap(),
        },
        SetupOp::Tiles {
            area: TileArea {
                left: -256,
                top: -60,
                width: 512,
                height: 20,
            },
            tile: vanilla().tile("water").unwrap(),
        },
    ];
    execute(&mut world, 1, &ops).unwrap();
    world
}

fn build(world: &mut World, name: &str, x: f64, y: f64, direction: Direction) -> EntityRef {
    let reference = world.add_entity(
        vanilla().entity(name).unwrap(),
        MapPos::from_tiles(x, y),
        direction,
    );
    world.settle();
    reference
}

fn stats(world: &World, pole: EntityRef) -> NetworkStats {
    world.network_at(pole).unwrap().stats
}

/// Runs a tick in which `joules` are asked for.
fn load(world: &mut World, pole: EntityRef, joules: f64) -> f64 {
    let Body::Pole(index) = world.entity(pole).unwrap().body else {
        panic!("it is a pole");
    };
    let network = world.power.network_of_pole(index);
    let share = world.power.draw(network, joules, 0.0);
    tick(world);
    share
}

/// Builds a pole, a steam engine beside it, and fills that with steam.
fn engine(world: &mut World, temperature: f64) -> (EntityRef, EntityRef) {
    let pole = build(world, "medium-electric-pole", 0.5, 0.5, NORTH);
    let engine = build(world, "steam-engine", 2.5, 0.5, NORTH);
    world.put_fluid(engine, fluid("steam"), 200.0, Some(temperature));
    (pole, engine)
}

fn steam(world: &World, engine: EntityRef) -> f64 {
    world.fluids.amount(world.fluids.boxes_of(engine.slot)[0])
}

fn is_near(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance
}

fn assert_snapshot_is_canonical(world: &World) {
    let bytes = world.snapshot();
    let mut restored = World::restore(&bytes).unwrap();
    assert_eq!(restored.snapshot(), bytes);
    let mut original = world.clone();
    run(&mut original, 50);
    run(&mut restored, 50);
    assert_eq!(restored.digest(), original.digest());
}

#[test]
fn ele_engine_gives_900_kw_for_30_steam_a_second() {
    let mut world = meadow();
    let (pole, engine) = engine(&mut world, 165.0);
    let before = steam(&world, engine);
    for _ in 0..60 {
        load(&mut world, pole, 1e9);
        assert!(is_near(
            stats(&world, pole).generator_joules * 60.0,
            900_000.0,
            0.0
        ));
    }
    assert!(is_near(before - steam(&world, engine), 30.0, 1e-9));
    assert_eq!(world.status(world.entity(engine).unwrap()), Status::Working);
}

#[test]
fn ele_engine_part_uses_3_steam_a_second_at_90_kw() {
    let mut world = meadow();
    let (pole, engine) = engine(&mut world, 165.0);
    let before = steam(&world, engine);
    for _ in 0..60 {
        load(&mut world, pole, 90_000.0 / 60.0);
    }
    assert!(is_near(before - steam(&world, engine), 3.0, 0.03));
}

#[test]
fn ele_steam_kj_a_unit_of_steam_is_30_kj_and_colder_steam_gives_less() {
    let steam = &vanilla()[fluid("steam")];
    assert!(is_near(
        super::generator::joules_per_unit(steam, 165.0),
        30_000.0,
        0.0
    ));
    let mut world = meadow();
    let (pole, _) = engine(&mut world, 115.0);
    load(&mut world, pole, 1e9);
    assert!(is_near(
        stats(&world, pole).generator_joules * 60.0,
        600_000.0,
        1e-6
    ));
}

#[test]
fn an_engine_is_no_better_with_hotter_steam() {
    let mut world = meadow();
    let (pole, _) = engine(&mut world, 500.0);
    load(&mut world, pole, 1e9);
    assert!(is_near(
        stats(&world, pole).generator_joules * 60.0,
        900_000.0,
        0.0
    ));
}

#[test]
fn ele_boiler_makes_60_steam_a_second_of_6_water_with_1_8_mw() {
    let mut world = meadow();
    let boiler = build(&mut world, "boiler", 0.5, 0.0, NORTH);
    assert_eq!(world.insert_by_hand(boiler, item("coal"), 5), 5);
    world.put_fluid(boiler, fluid("water"), 200.0, None);
    // The first tick only fills the burner's buffer.
    tick(&mut world);
    let boxes = world.fluids.boxes_of(boiler.slot).to_vec();
    let energy = |world: &World| {
        let boiler = world.boiler(world.entity(boiler).unwrap().body).unwrap();
        let burner = boiler.energy.burner().unwrap();
        let left = burner.fuel.map_or(0.0, |stack| f64::from(stack.count)) * 4e6;
        left + burner.remaining_joules + burner.buffer_joules
    };
    let (water, joules) = (world.fluids.amount(boxes[0]), energy(&world));
    run(&mut world, 60);
    assert!(is_near(world.fluids.amount(boxes[1]), 60.0, 1e-9));
    assert!(is_near(water - world.fluids.amount(boxes[0]), 6.0, 1e-9));
    assert!(is_near(joules - energy(&world), 1.8e6, 1e-3));
    assert!(is_near(world.fluids.temperature(boxes[1]), 165.0, 0.0));
    // It stops when its box is full, and sleeps.
    run(&mut world, 200);
    assert!(is_near(world.fluids.amount(boxes[1]), 200.0, 1e-5));
    assert_eq!(world.status(world.entity(boiler).unwrap()), Status::Full);
    assert_eq!(world.awake_count(), 0);
    world.fluids.take(boxes[1], 100.0);
    assert_snapshot_is_canonical(&world);
}

#[test]
fn pol_boiler_gives_off_30_a_minute_at_full_load_and_nothing_when_idle() {
    let mut world = meadow();
    let boiler = build(&mut world, "boiler", 0.5, 0.0, NORTH);
    world.insert_by_hand(boiler, item("coal"), 50);
    world.put_fluid(boiler, fluid("water"), 200.0, None);
    tick(&mut world);
    let steam = world.fluids.boxes_of(boiler.slot)[1];
    let before = world.pollution.produced();
    for _ in 0..600 {
        tick(&mut world);
        world.fluids.take(steam, 1.0);
    }
    let per_minute = (world.pollution.produced() - before) * 6.0;
    assert!(is_near(per_minute, 30.0, 0.3), "{per_minute}");
    run(&mut world, 300);
    let idle = world.pollution.produced();
    run(&mut world, 300);
    assert!(is_near(world.pollution.produced(), idle, 0.0));
}

#[test]
fn ele_nopower_an_inserter_without_network_moves_nothing_and_starts_with_one() {
    let mut world = meadow();
    let from = build(&mut world, "wooden-chest", 0.5, -0.5, NORTH);
    let to = build(&mut world, "wooden-chest", 0.5, 1.5, NORTH);
    build(&mut world, "inserter", 0.5, 0.5, NORTH);
    world.insert_by_hand(from, item("coal"), 50);
    let moved = |world: &World| {
        crate::sim::inventory::count_in(
            world.slots(world.entity(to).unwrap()).contents,
            item("coal"),
        )
    };
    run(&mut world, 600);
    assert_eq!(moved(&world), 0);
    let pole = build(&mut world, "small-electric-pole", 2.5, 0.5, NORTH);
    run(&mut world, 600);
    assert_eq!(moved(&world), 0, "a network without power is no better");
    build(&mut world, "solar-panel", 4.5, 2.5, NORTH);
    run(&mut world, 600);
    assert!(moved(&world) >= 6, "{}", moved(&world));
    let drained = stats(&world, pole).demand_joules * 60.0;
    assert!(drained >= 400.0, "the drain is asked for in every tick");
    assert_snapshot_is_canonical(&world);
}

#[test]
fn a_boiler_without_water_or_fuel_says_so_and_wakes_when_it_comes() {
    let mut world = meadow();
    let boiler = build(&mut world, "boiler", 0.5, 0.0, NORTH);
    tick(&mut world);
    let status = |world: &World| world.status(world.entity(boiler).unwrap());
    assert_eq!((status(&world), world.awake_count()), (Status::NoFuel, 0));
    world.insert_by_hand(boiler, item("coal"), 5);
    run(&mut world, 2);
    assert_eq!(
        (status(&world), world.awake_count()),
        (Status::NoIngredients, 0)
    );
    let pipe = build(&mut world, "pipe", -1.5, 0.5, NORTH);
    world.put_fluid(pipe, fluid("water"), 50.0, None);
    run(&mut world, 2);
    assert_eq!(status(&world), Status::Working);
}

#[test]
fn rat_engine40_twenty_boilers_drive_forty_engines_with_36_mw_and_9_coal_a_second() {
    let mut world = meadow();
    let plant = power_plant(&mut world, 20);
    let coal = |world: &World| -> f64 {
        plant
            .boilers
            .iter()
            .map(|boiler| {
                let boiler = world.boiler(world.entity(*boiler).unwrap().body).unwrap();
                let burner = boiler.energy.burner().unwrap();
                let fuel = burner.fuel.map_or(0.0, |stack| f64::from(stack.count));
                // Solid fuel has the energy of three coal.
                fuel * 3.0 + (burner.remaining_joules + burner.buffer_joules) / 4e6
            })
            .sum()
    };
    for _ in 0..600 {
        load(&mut world, plant.pole, 600_000.0);
    }
    let before = coal(&world);
    for _ in 0..600 {
        load(&mut world, plant.pole, 600_000.0);
        assert!(is_near(
            stats(&world, plant.pole).generator_joules * 60.0,
            36e6,
            360.0
        ));
    }
    let coal_per_second = (before - coal(&world)) / 10.0;
    assert!(is_near(coal_per_second, 9.0, 0.09), "{coal_per_second}");
    assert_snapshot_is_canonical(&world);
}

struct Plant {
    boilers: Vec<EntityRef>,
    pole: EntityRef,
}

/// Builds an offshore pump, a row of boilers that pass the water on, and two engines in a row behind each.
fn power_plant(world: &mut World, n_boilers: i32) -> Plant {
    build(world, "offshore-pump", -1.5, -39.5, NORTH);
    for row in 0..3 {
        build(world, "pipe", -1.5, -38.5 + f64::from(row), NORTH);
    }
    let boilers = (0..n_boilers)
        .map(|number| {
            let x = 0.5 + 3.0 * f64::from(number);
            // It faces south: water passes on the north side, steam comes out in the south.
            let boiler = build(world, "boiler", x, -36.0, Direction::SOUTH);
            build(world, "steam-engine", x, -32.5, NORTH);
            build(world, "steam-engine", x, -27.5, NORTH);
            let fuel = item("solid-fuel");
            assert_eq!(world.insert_by_hand(boiler, fuel, 50), 50);
            boiler
        })
        .collect();
    let mut pole = None;
    for number in 0..=(n_boilers * 3 / 8) {
        let x = 0.5 + 8.0 * f64::from(number);
        pole = Some(build(world, "medium-electric-pole", x, -24.5, NORTH));
    }
    for number in 0..=(n_boilers * 3 / 16) {
        let x = 2.0 + 16.0 * f64::from(number);
        pole = Some(build(world, "substation", x, -22.0, NORTH));
    }
    Plant {
        boilers,
        pole: pole.unwrap(),
    }
}

#[test]
fn ele_solar_has_a_peak_of_60_kw_a_mean_of_42_kw_and_none_at_midnight() {
    let mut world = meadow();
    let pole = build(&mut world, "small-electric-pole", 0.5, 0.5, NORTH);
    build(&mut world, "solar-panel", 2.5, 0.5, NORTH);
    let mut joules = 0.0;
    let mut peak: f64 = 0.0;
    for _ in 0..solar::day_ticks() {
        load(&mut world, pole, 1e9);
        let given = stats(&world, pole).solar_joules;
        joules += given;
        peak = peak.max(given);
        if world.tick == MIDNIGHT {
            assert!(is_near(given, 0.0, 0.0));
        }
    }
    assert!(is_near(peak * 60.0, 60_000.0, 0.0));
    let mean = joules / solar::day_ticks() as f64 * 60.0;
    assert!(is_near(mean, 42_000.0, 210.0), "{mean}");
}

#[test]
fn ele_day_has_25_200_ticks_half_of_them_bright_and_a_tenth_dark() {
    assert_eq!(solar::day_ticks(), 25_200);
    let count = |is_counted: &dyn Fn(f64) -> bool| {
        let n = (0..25_200)
            .filter(|tick| is_counted(solar::sunlight(*tick)))
            .count();
        n as f64 / 25_200.0
    };
    assert!(is_near(count(&|sun| sun >= 1.0), 0.5, 1e-3));
    assert!(is_near(count(&|sun| sun <= 0.0), 0.1, 1e-3));
    assert!(is_near(count(&|sun| 0.0 < sun && sun < 1.0), 0.4, 1e-3));
}

#[test]
fn ele_accu_charge_takes_1_000_ticks_and_discharge_gives_300_kw() {
    let mut world = meadow();
    let pole = build(&mut world, "substation", 0.0, 0.0, NORTH);
    let accumulator = build(&mut world, "accumulator", 3.0, 0.0, NORTH);
    for number in 0..6 {
        build(
            &mut world,
            "solar-panel",
            -7.5 + 3.0 * f64::from(number),
            5.5,
            NORTH,
        );
    }
    let Body::Accumulator(index) = world.entity(accumulator).unwrap().body else {
        panic!("it is an accumulator");
    };
    let mut ticks = 0.0;
    while world.power.accumulator_joules(index) < 5e6 {
        tick(&mut world);
        ticks += 1.0;
        assert!(ticks < 1_100.0);
    }
    assert!(is_near(ticks, 1_000.0, 2.0), "{ticks}");
    assert!(is_near(world.power.accumulator_joules(index), 5e6, 0.0));
    world.tick = MIDNIGHT;
    load(&mut world, pole, 1e9);
    assert!(is_near(
        stats(&world, pole).discharged_joules * 60.0,
        300_000.0,
        1e-6
    ));
}

#[test]
fn ele_accu_ratio_a_panel_needs_the_store_of_0_84_accumulators_for_the_night() {
    let mut world = meadow();
    let mut pole = None;
    for number in 0..6 {
        pole = Some(build(
            &mut world,
            "substation",
            16.0 * f64::from(number),
            0.0,
            NORTH,
        ));
    }
    for number in 0..25 {
        build(
            &mut world,
            "solar-panel",
            -4.5 + 3.0 * f64::from(number),
            3.5,
            NORTH,
        );
    }
    let accumulators: Vec<EntityRef> = (0..22)
        .map(|number| {
            build(
                &mut world,
                "accumulator",
                -5.0 + 2.0 * f64::from(number),
                -3.0,
                NORTH,
            )
        })
        .collect();
    let pole = pole.unwrap();
    // Two days at 25 x 42 kW: the second must be without a gap, and nearly use up the store.
    for accumulator in &accumulators {
        assert!(world.set_accumulator(*accumulator, 5e6));
    }
    let mut least = f64::INFINITY;
    for _ in 0..50_400 {
        load(&mut world, pole, 25.0 * 700.0);
        assert!(
            is_near(stats(&world, pole).satisfaction(), 1.0, 1e-9),
            "tick {}",
            world.tick
        );
        let Body::Pole(index) = world.entity(pole).unwrap().body else {
            panic!("it is a pole");
        };
        least = least.min(
            world
                .power
                .stored_joules(world.power.network_of_pole(index)),
        );
    }
    let used = (22.0 * 5e6 - least) / 5e6 / 25.0;
    assert!(is_near(used, 0.84, 0.0084), "{used}");
    assert!(
        world.power.banks.len() <= 2,
        "equal accumulators share a bank"
    );
}

#[test]
fn ele_satisfaction_of_300_kw_asked_and_180_kw_given_is_60_percent() {
    let mut world = meadow();
    let pole = build(&mut world, "medium-electric-pole", 0.5, 0.5, NORTH);
    for (x, y) in [(2.5, 0.5), (-1.5, 0.5), (0.5, 2.5)] {
        build(&mut world, "solar-panel", x, y, NORTH);
    }
    for _ in 0..3 {
        load(&mut world, pole, 5_000.0);
    }
    assert!(is_near(stats(&world, pole).satisfaction(), 0.6, 1e-9));
    let share = load(&mut world, pole, 5_000.0);
    assert!(is_near(share, 0.6, 1e-9));
}

#[test]
fn drain_is_taken_before_work_where_power_is_short() {
    let mut world = meadow();
    let pole = build(&mut world, "medium-electric-pole", 0.5, 0.5, NORTH);
    build(&mut world, "solar-panel", 2.5, 0.5, NORTH);
    // A charged laser turret drains 24 kW and is served first; of the 60 kW, 36 kW are left for 90 kW.
    let turret = build(&mut world, "laser-turret", -1.0, 1.0, NORTH);
    let Body::Turret(turret) = world.entity(turret).unwrap().body else {
        panic!("it is a turret");
    };
    world.turrets.get_mut(turret).unwrap().energy_joules = 801_000.0;
    let Body::Pole(index) = world.entity(pole).unwrap().body else {
        panic!("it is a pole");
    };
    let network = world.power.network_of_pole(index);
    // Its store is full, so that it takes no more than its drain.
    let turrets: Vec<u32> = world.turrets.iter().map(|(index, _)| index).collect();
    for index in turrets {
        world.turrets.get_mut(index).unwrap().energy_joules = 801_000.0;
    }
    for _ in 0..3 {
        world.power.draw(network, 1_500.0, 0.0);
        tick(&mut world);
    }
    assert!(is_near(world.power.satisfaction(network), 0.4, 1e-12));
    // f = 0.4, usage 1,000 J and drain 200 J: (0.4 x 1,200 - 200) / 1,000.
    assert!(is_near(
        world.power.draw(network, 1_000.0, 200.0),
        0.28,
        1e-12
    ));
    assert!(is_near(
        world.power.draw_first(network, 1_000.0, 200.0),
        1.0,
        0.0
    ));
}

#[test]
fn ele_poles_reach_and_supply_as_declared() {
    for (name, reach, supply) in [
        ("small-electric-pole", 7.5, 5.0),
        ("medium-electric-pole", 9.0, 7.0),
        ("big-electric-pole", 32.0, 4.0),
        ("substation", 18.0, 18.0),
    ] {
        let mut world = meadow();
        let middle = if supply > 3.0 && supply < 8.0 && supply as i32 % 2 == 1 {
            0.5
        } else {
            0.0
        };
        let first = build(&mut world, name, middle, middle, NORTH);
        let inside = build(&mut world, name, middle + f64::floor(reach), middle, NORTH);
        assert_eq!(world.power.wires_of(first.slot), [inside.slot], "{name}");
        let beyond = build(
            &mut world,
            name,
            middle + 2.0 * f64::floor(reach) + 1.0,
            middle,
            NORTH,
        );
        assert!(world.power.wires_of(beyond.slot).is_empty(), "{name}");
        let area = match world.entity(first).unwrap().body {
            Body::Pole(index) => world.power.poles.get(index).unwrap().supply_area(),
            _ => panic!("it is a pole"),
        };
        assert!(is_near(
            f64::from(area.right - area.left) / 256.0,
            supply,
            0.0
        ));
    }
}

#[test]
fn ele_pole_mixed_the_shorter_reach_counts() {
    let mut world = meadow();
    let big = build(&mut world, "big-electric-pole", 0.0, 0.0, NORTH);
    let far = build(&mut world, "small-electric-pole", 0.5, 8.5, NORTH);
    let near = build(&mut world, "small-electric-pole", -7.0 + 0.5, 0.5, NORTH);
    assert_eq!(world.power.wires_of(big.slot), [near.slot]);
    assert!(world.power.wires_of(far.slot).is_empty());
    assert!(!world.power.connect_poles(big.slot, far.slot));
}

#[test]
fn a_body_that_only_touches_the_supply_area_is_not_powered() {
    let mut world = meadow();
    build(&mut world, "small-electric-pole", 0.5, 0.5, NORTH);
    // The area ends at x = 3; a panel's body is 0.1 tile smaller than its tiles.
    let inside = build(&mut world, "solar-panel", 3.5, 0.5, NORTH);
    let outside = build(&mut world, "solar-panel", 0.5, 4.5, NORTH);
    assert_eq!(world.power.network_of(inside.slot), NetworkId(0));
    assert_eq!(world.power.network_of(outside.slot), NetworkId::default());
}

#[test]
fn ele_priority_solar_panels_come_before_engines_and_engines_before_accumulators() {
    let mut world = meadow();
    let (pole, _) = engine(&mut world, 165.0);
    build(&mut world, "solar-panel", 0.5, 2.5, NORTH);
    let accumulator = build(&mut world, "accumulator", -1.0, 1.0, NORTH);
    world.set_accumulator(accumulator, 5e6);
    load(&mut world, pole, 50_000.0 / 60.0);
    assert!(is_near(stats(&world, pole).generator_joules, 0.0, 0.0));
    load(&mut world, pole, 500_000.0 / 60.0);
    let now = stats(&world, pole);
    assert!(is_near(now.discharged_joules, 0.0, 0.0));
    assert!(is_near(now.solar_joules * 60.0, 60_000.0, 1e-6));
    assert!(is_near(now.generator_joules * 60.0, 440_000.0, 1e-6));
    load(&mut world, pole, 1_000_000.0 / 60.0);
    let now = stats(&world, pole);
    assert!(is_near(now.discharged_joules * 60.0, 40_000.0, 1e-6));
}

#[test]
fn engines_with_spare_power_charge_accumulators_and_share_the_load_equally() {
    let mut world = meadow();
    let (pole, first) = engine(&mut world, 165.0);
    let second = build(&mut world, "steam-engine", -1.5, 0.5, NORTH);
    world.put_fluid(second, fluid("steam"), 200.0, Some(165.0));
    let accumulator = build(&mut world, "accumulator", 0.0, 3.0, NORTH);
    load(&mut world, pole, 600_000.0 / 60.0);
    assert!(is_near(
        stats(&world, pole).charged_joules * 60.0,
        300_000.0,
        1e-6
    ));
    let Body::Accumulator(index) = world.entity(accumulator).unwrap().body else {
        panic!("it is an accumulator");
    };
    assert!(is_near(
        world.power.accumulator_joules(index),
        5_000.0,
        1e-9
    ));
    assert!(is_near(steam(&world, first), 199.75, 1e-9));
    assert!(is_near(steam(&world, second), 199.75, 1e-9));
}

#[test]
fn laser_turrets_are_charged_before_others_are_served() {
    let mut world = meadow();
    let pole = build(&mut world, "medium-electric-pole", 0.5, 0.5, NORTH);
    build(&mut world, "solar-panel", 2.5, 0.5, NORTH);
    build(&mut world, "laser-turret", -1.0, 1.0, NORTH);
    let Body::Pole(index) = world.entity(pole).unwrap().body else {
        panic!("it is a pole");
    };
    let network = world.power.network_of_pole(index);
    for _ in 0..5 {
        world.power.draw(network, 1_000.0, 0.0);
        tick(&mut world);
    }
    // All of the 60 kW go into the turret's store.
    assert!(is_near(world.power.satisfaction(network), 0.0, 0.0));
    assert!(is_near(stats(&world, pole).delivered_joules, 1_000.0, 1e-9));
    assert_snapshot_is_canonical(&world);
}

#[test]
fn networks_join_and_split_with_their_poles() {
    let mut world = meadow();
    let west = build(&mut world, "small-electric-pole", 0.5, 0.5, NORTH);
    let east = build(&mut world, "small-electric-pole", 12.5, 0.5, NORTH);
    build(&mut world, "solar-panel", 2.5, 0.5, NORTH);
    let accumulator = build(&mut world, "accumulator", 14.0, 0.0, NORTH);
    assert_eq!(world.power.networks().count(), 2);
    assert!(is_near(load(&mut world, east, 100.0), 0.0, 0.0));
    let middle = build(&mut world, "small-electric-pole", 6.5, 0.5, NORTH);
    assert_eq!(world.power.networks().count(), 1);
    tick(&mut world);
    assert!(is_near(load(&mut world, east, 100.0), 1.0, 0.0));
    let Body::Accumulator(index) = world.entity(accumulator).unwrap().body else {
        panic!("it is an accumulator");
    };
    run(&mut world, 10);
    let stored = world.power.accumulator_joules(index);
    assert!(stored > 0.0);
    assert_snapshot_is_canonical(&world);
    world.remove_entity(middle);
    world.settle();
    assert_eq!(world.power.networks().count(), 2);
    assert!(is_near(world.power.accumulator_joules(index), stored, 0.0));
    load(&mut world, east, 100.0);
    assert!(is_near(
        world.power.accumulator_joules(index),
        stored - 100.0,
        1e-9
    ));
    load(&mut world, west, 600.0);
    assert!(is_near(stats(&world, west).solar_joules, 600.0, 1e-9));
    assert_snapshot_is_canonical(&world);
}

#[test]
fn wires_can_be_set_by_hand() {
    let mut world = meadow();
    let a = build(&mut world, "small-electric-pole", 0.5, 0.5, NORTH);
    let b = build(&mut world, "small-electric-pole", 4.5, 0.5, NORTH);
    assert_eq!(world.power.wires_of(a.slot), [b.slot]);
    assert!(world.power.disconnect_poles(a.slot, b.slot));
    world.settle();
    assert_eq!(world.power.networks().count(), 2);
    assert!(world.power.connect_poles(b.slot, a.slot));
    world.settle();
    assert_eq!(world.power.networks().count(), 1);
    world.power.disconnect_all(b.slot);
    world.settle();
    assert!(world.power.wires_of(a.slot).is_empty());
}

#[test]
fn a_new_pole_is_wired_to_the_five_nearest() {
    let mut world = meadow();
    let ring: Vec<EntityRef> = [(0, -6), (0, 6), (-5, 0), (5, 0), (-3, -3), (3, 3), (-4, 4)]
        .iter()
        .map(|(x, y)| {
            build(
                &mut world,
                "small-electric-pole",
                f64::from(*x) + 0.5,
                f64::from(*y) + 0.5,
                NORTH,
            )
        })
        .collect();
    let middle = build(&mut world, "small-electric-pole", 0.5, 0.5, NORTH);
    let mut wires = world.power.wires_of(middle.slot);
    wires.sort_unstable();
    let nearest: Vec<u32> = ring[2..].iter().map(|pole| pole.slot).collect();
    assert_eq!(wires, nearest);
}

#[test]
fn a_network_that_nobody_asks_is_left_alone() {
    let mut world = meadow();
    let (pole, engine) = engine(&mut world, 165.0);
    run(&mut world, 100);
    assert!(is_near(steam(&world, engine), 200.0, 0.0));
    assert_eq!(stats(&world, pole), NetworkStats::default());
    assert!(is_near(
        world.power_satisfaction_in(&crate::sim::position::Rect {
            left: -2_560,
            top: -2_560,
            right: 2_560,
            bottom: 2_560,
        }),
        1.0,
        0.0
    ));
}

/// One step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Build(usize, i32, i32),
    Remove(i32, i32),
    Load(f64, u32),
}

const KINDS: [&str; 6] = [
    "small-electric-pole",
    "medium-electric-pole",
    "substation",
    "solar-panel",
    "accumulator",
    "steam-engine",
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = || (-20..20_i32, -20..20_i32);
    let step = prop_oneof![
        6 => (0..KINDS.len(), place()).prop_map(|(kind, (x, y))| Step::Build(kind, x, y)),
        1 => place().prop_map(|(x, y)| Step::Remove(x, y)),
        3 => (0.0..100_000.0_f64, 1..30_u32).prop_map(|(joules, ticks)| Step::Load(joules, ticks)),
    ];
    proptest::collection::vec(step, 1..60)
}

fn stored(world: &World) -> f64 {
    world
        .power
        .accumulators
        .iter()
        .map(|(index, _)| world.power.accumulator_joules(index))
        .sum()
}

fn steam_joules(world: &World) -> f64 {
    world.fluids.total_amount(fluid("steam")) * 30_000.0
}

/// Runs ticks under load and checks that what is used was produced or stored before.
fn run_loaded(world: &mut World, joules: f64, ticks: u32) {
    for _ in 0..ticks {
        let numbers: Vec<NetworkId> = world.power.networks().map(|(number, _)| number).collect();
        for number in numbers {
            let share = world.power.draw(number, joules, 0.0);
            assert!((0.0..=1.0).contains(&share));
        }
        let (before, steam) = (stored(world), steam_joules(world));
        tick(world);
        let mut total = NetworkStats::default();
        for (_, network) in world.power.networks() {
            let stats = network.stats;
            let given = stats.solar_joules + stats.generator_joules + stats.discharged_joules;
            let used = stats.delivered_joules + stats.charged_joules;
            assert!(is_near(given, used, 1e-6 * given.max(1.0)));
            assert!(stats.delivered_joules <= stats.demand_joules * (1.0 + 1e-12));
            assert!(stats.charged_joules <= 0.0 || stats.discharged_joules <= 0.0);
            total.charged_joules += stats.charged_joules - stats.discharged_joules;
            total.generator_joules += stats.generator_joules;
        }
        assert!(is_near(stored(world) - before, total.charged_joules, 1e-3));
        assert!(is_near(
            steam - steam_joules(world),
            total.generator_joules,
            1e-2
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn energy_is_conserved_whatever_is_built_and_snapshots_have_one_form(steps in steps()) {
        let mut world = meadow();
        // It grows dark while the history runs.
        world.tick = 9_000;
        for (number, step) in steps.iter().enumerate() {
            match *step {
                Step::Build(kind, x, y) => {
                    let prototype = vanilla().entity(KINDS[kind]).unwrap();
                    let place = crate::sim::placement::snapped(
                        prototype,
                        TilePos::new(x, y).center(),
                        EAST,
                    );
                    if crate::sim::placement::is_placeable(&world, None, prototype, place, EAST) {
                        let reference = world.add_entity(prototype, place, EAST);
                        world.put_fluid(reference, fluid("steam"), 150.0, Some(165.0));
                    }
                }
                Step::Remove(x, y) => {
                    let slot = world.entity_slot_at(TilePos::new(x, y));
                    if let Some(reference) = slot.and_then(|slot| world.reference(slot)) {
                        world.remove_entity(reference);
                    }
                }
                Step::Load(joules, ticks) => run_loaded(&mut world, joules, ticks),
            }
            world.settle();
            if number % 8 == 0 {
                assert_snapshot_is_canonical(&world);
            }
        }
    }
}
