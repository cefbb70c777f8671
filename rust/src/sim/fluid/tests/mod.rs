//! Figures of fluids that the simulation must hit, and laws that hold whatever is built.

mod rates;

use proptest::prelude::*;

use super::Fluids;
use crate::prototypes::{EntityKind, FluidId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::{run, tick};
use crate::sim::world::World;

const NORTH: Direction = Direction::NORTH;
const EAST: Direction = Direction::EAST;
const SOUTH: Direction = Direction::SOUTH;
const WEST: Direction = Direction::WEST;

fn fluid(name: &str) -> FluidId {
    vanilla().fluid(name).unwrap()
}

/// Makes a meadow of `side` tiles, water from row -20 up.
fn meadow(side: i32) -> World {
    let mut world = World::new();
    let ops = [
        SetupOp::Map {
            width: side,
            height: side,
            tile: vanilla().tile("grass-1").unwrap(),
        },
        SetupOp::Tiles {
            area: TileArea {
                left: -8,
                top: -side / 2,
                width: 16,
                height: side / 2 - 20,
            },
            tile: vanilla().tile("water").unwrap(),
        },
    ];
    execute(&mut world, 1, &ops).unwrap();
    world
}

/// Builds with the centre on the tile (or with the tile left above the centre, for even sizes).
fn build(world: &mut World, name: &str, x: f64, y: f64, direction: Direction) -> EntityRef {
    let reference = world.add_entity(
        vanilla().entity(name).unwrap(),
        MapPos::from_tiles(x, y),
        direction,
    );
    world.settle();
    reference
}

fn pipes(world: &mut World, from: (i32, i32), step: (i32, i32), count: i32) -> Vec<EntityRef> {
    (0..count)
        .map(|n| {
            let (x, y) = (from.0 + n * step.0, from.1 + n * step.1);
            build(world, "pipe", f64::from(x) + 0.5, f64::from(y) + 0.5, NORTH)
        })
        .collect()
}

fn amount(world: &World, reference: EntityRef, number: usize) -> f64 {
    world
        .fluids
        .amount(world.fluids.boxes_of(reference.slot)[number])
}

fn is_joined(world: &World, a: EntityRef, b: EntityRef) -> bool {
    let of = |reference: EntityRef| world.fluids.boxes_of(reference.slot)[0];
    world.fluids.members(of(a)).contains(&of(b))
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
fn fld_pipe_holds_100_and_a_tank_25_000() {
    let mut world = meadow(64);
    let pipe = build(&mut world, "pipe", 0.5, 0.5, NORTH);
    let tank = build(&mut world, "storage-tank", 10.5, 0.5, NORTH);
    for (reference, volume) in [(pipe, 100.0), (tank, 25_000.0)] {
        let accepted = world.put_fluid(reference, fluid("water"), 1e9, None);
        assert!(is_near(accepted, volume, 0.0));
    }
}

#[test]
fn fld_segment_shares_one_amount_by_volume() {
    let mut world = meadow(64);
    let line = pipes(&mut world, (0, 0), (1, 0), 10);
    // The tank's opening to the west is that of its upper left tile.
    let tank = build(&mut world, "storage-tank", 11.5, 1.5, NORTH);
    world.put_fluid(line[0], fluid("water"), 5_200.0, None);
    run(&mut world, 3);
    for pipe in line {
        assert!(is_near(amount(&world, pipe, 0), 20.0, 1e-9));
    }
    assert!(is_near(amount(&world, tank, 0), 5_000.0, 1e-9));
    assert_eq!(world.fluids.awake_count(), 0);
}

#[test]
fn fld_instant_what_is_put_in_at_one_end_can_be_drawn_at_the_other_in_the_next_tick() {
    let mut world = meadow(128);
    let line = pipes(&mut world, (-50, 0), (1, 0), 100);
    let engine = build(&mut world, "steam-engine", 49.5, 3.5, NORTH);
    world.put_fluid(line[0], fluid("steam"), 1_000.0, Some(165.0));
    assert!(is_near(amount(&world, engine, 0), 0.0, 0.0));
    tick(&mut world);
    assert!(amount(&world, engine, 0) > 0.0);
}

#[test]
fn fld_pump_offshore_gives_20_a_tick_to_a_large_tank() {
    let mut world = meadow(64);
    let pump = build(&mut world, "offshore-pump", 0.5, -19.5, NORTH);
    build(&mut world, "pipe", 0.5, -18.5, NORTH);
    let tank = build(&mut world, "storage-tank", 1.5, -16.5, NORTH);
    run(&mut world, 100);
    let before = amount(&world, tank, 0);
    run(&mut world, 60);
    let per_second = amount(&world, tank, 0) - before;
    assert!(is_near(per_second, 1_200.0, 12.0), "{per_second}");
    assert!(amount(&world, pump, 0) > 0.0);
}

#[test]
fn fld_tank_half_is_reached_after_625_ticks() {
    let mut world = meadow(64);
    build(&mut world, "offshore-pump", 0.5, -19.5, NORTH);
    let tank = build(&mut world, "storage-tank", 1.5, -17.5, NORTH);
    let mut ticks = 0.0;
    while amount(&world, tank, 0) < 12_500.0 {
        tick(&mut world);
        ticks += 1.0;
        assert!(ticks < 1_000.0);
    }
    assert!(is_near(ticks, 625.0, 12.5), "{ticks}");
}

#[test]
fn fld_pump_moves_20_a_tick_from_a_full_source_and_nothing_without_power() {
    let mut world = meadow(64);
    let source = build(&mut world, "storage-tank", 0.5, 5.5, NORTH);
    // Faces north: takes from the south, gives to the north.
    build(&mut world, "pump", -0.5, 3.0, NORTH);
    let sink = build(&mut world, "storage-tank", -1.5, 0.5, NORTH);
    assert!(!is_joined(&world, source, sink));
    world.put_fluid(source, fluid("water"), 25_000.0, None);
    run(&mut world, 30);
    assert!(is_near(amount(&world, sink, 0), 0.0, 0.0));
    build(&mut world, "small-electric-pole", 1.5, 3.5, NORTH);
    build(&mut world, "solar-panel", 4.5, 2.5, NORTH);
    run(&mut world, 3);
    // Keep the source full and the sink empty.
    let before = amount(&world, sink, 0);
    for _ in 0..60 {
        world.put_fluid(source, fluid("water"), 25_000.0, None);
        tick(&mut world);
    }
    let per_second = amount(&world, sink, 0) - before;
    assert!(is_near(per_second, 1_200.0, 12.0), "{per_second}");
    assert_snapshot_is_canonical(&world);
}

#[test]
fn fld_pump_is_scaled_by_how_full_its_source_is() {
    let mut world = meadow(64);
    let source = build(&mut world, "storage-tank", 0.5, 5.5, NORTH);
    let pump = build(&mut world, "pump", -0.5, 3.0, NORTH);
    build(&mut world, "small-electric-pole", 1.5, 3.5, NORTH);
    build(&mut world, "solar-panel", 4.5, 2.5, NORTH);
    run(&mut world, 2);
    world.put_fluid(source, fluid("water"), 12_500.0, None);
    tick(&mut world);
    assert!(is_near(amount(&world, pump, 0), 10.0, 1e-9));
}

#[test]
fn fld_ptg_joins_over_at_most_nine_tiles_between() {
    for (between, joins) in [(0, true), (9, true), (10, false)] {
        let mut world = meadow(64);
        // An end that faces west runs underground to the east.
        let west = build(&mut world, "pipe-to-ground", 0.5, 0.5, WEST);
        let east = build(
            &mut world,
            "pipe-to-ground",
            1.5 + f64::from(between),
            0.5,
            EAST,
        );
        assert_eq!(is_joined(&world, west, east), joins, "{between}");
    }
}

#[test]
fn undergrounds_join_the_nearest_and_find_another_when_it_goes() {
    let mut world = meadow(64);
    let west = build(&mut world, "pipe-to-ground", 0.5, 0.5, WEST);
    let far = build(&mut world, "pipe-to-ground", 8.5, 0.5, EAST);
    world.put_fluid(west, fluid("water"), 100.0, None);
    let near = build(&mut world, "pipe-to-ground", 4.5, 0.5, EAST);
    assert!(is_joined(&world, west, near) && !is_joined(&world, west, far));
    assert!(is_near(amount(&world, far, 0), 50.0, 1e-9));
    // Neither an end that crosses nor one that faces north is in the way.
    build(&mut world, "pipe-to-ground", 2.5, 0.5, SOUTH);
    assert!(is_joined(&world, west, near));
    world.remove_entity(near);
    world.settle();
    assert!(is_joined(&world, west, far));
    assert!(is_near(
        world.fluids.totals(fluid("water")).lost,
        25.0,
        1e-9
    ));
    assert_snapshot_is_canonical(&world);
}

#[test]
fn segments_of_different_fluids_stay_apart_until_one_is_gone() {
    let mut world = meadow(64);
    let water = pipes(&mut world, (0, 0), (1, 0), 2);
    let oil = pipes(&mut world, (3, 0), (1, 0), 2);
    world.put_fluid(water[0], fluid("water"), 50.0, None);
    world.put_fluid(oil[0], fluid("crude-oil"), 60.0, None);
    let pipe = vanilla().entity("pipe").unwrap();
    let gap = MapPos::from_tiles(2.5, 0.5);
    assert!(world.fluids.would_mix(pipe, gap, NORTH));
    assert!(!crate::sim::placement::is_placeable(
        &world, None, pipe, gap, NORTH
    ));
    let bridge = build(&mut world, "pipe", 2.5, 0.5, NORTH);
    assert!(!is_joined(&world, water[0], oil[0]));
    assert!(is_near(
        world.fluids.total_amount(fluid("water")),
        50.0,
        1e-9
    ));
    assert_snapshot_is_canonical(&world);
    for pipe in oil {
        world.remove_entity(pipe);
    }
    world.settle();
    let more = pipes(&mut world, (3, 0), (1, 0), 2);
    assert!(is_joined(&world, bridge, more[1]) && is_joined(&world, bridge, water[0]));
    assert!(world.fluids.would_mix(
        vanilla().entity("steam-engine").unwrap(),
        MapPos::from_tiles(4.5, 3.5),
        NORTH
    ));
}

#[test]
fn fld_extent_a_pipeline_of_more_than_320_tiles_does_not_flow() {
    for (length, flows) in [(320, true), (321, false)] {
        let mut world = meadow(400);
        let line = pipes(&mut world, (-160, 30), (1, 0), length);
        let engine = build(
            &mut world,
            "steam-engine",
            f64::from(length) - 160.5,
            33.5,
            NORTH,
        );
        world.put_fluid(line[0], fluid("steam"), 1_000.0, Some(165.0));
        run(&mut world, 10);
        assert_eq!(amount(&world, engine, 0) > 0.0, flows, "{length}");
        let pipe = world.fluids.boxes_of(line[0].slot)[0];
        assert_eq!(world.fluids.segment(pipe).unwrap().is_overextended, !flows);
    }
}

#[test]
fn temperatures_average_by_amount() {
    let mut world = meadow(64);
    let tank = build(&mut world, "storage-tank", 0.5, 0.5, NORTH);
    world.put_fluid(tank, fluid("steam"), 300.0, Some(165.0));
    world.put_fluid(tank, fluid("steam"), 100.0, Some(505.0));
    let index = world.fluids.boxes_of(tank.slot)[0];
    assert!(is_near(world.fluids.temperature(index), 250.0, 1e-9));
}

#[test]
fn a_steam_engine_takes_no_steam_below_its_temperature() {
    let mut world = meadow(64);
    let pipe = build(&mut world, "pipe", 0.5, 0.5, NORTH);
    let engine = build(&mut world, "steam-engine", 0.5, 3.5, NORTH);
    world.put_fluid(pipe, fluid("steam"), 100.0, Some(90.0));
    run(&mut world, 10);
    assert!(is_near(amount(&world, engine, 0), 0.0, 0.0));
}

#[test]
fn offshore_pumps_stand_on_the_shore_only() {
    let world = meadow(64);
    let pump = vanilla().entity("offshore-pump").unwrap();
    let fits = |x: f64, y: f64, direction: Direction| {
        crate::sim::placement::is_placeable(&world, None, pump, MapPos::from_tiles(x, y), direction)
    };
    assert!(fits(0.5, -19.5, NORTH));
    assert!(!fits(0.5, -19.5, SOUTH) && !fits(0.5, -19.5, EAST));
    assert!(!fits(0.5, -18.5, NORTH) && !fits(0.5, -20.5, NORTH));
    // In front must be water over the whole width.
    assert!(fits(6.5, -19.5, NORTH) && !fits(7.5, -19.5, NORTH));
    assert!(fits(8.5, -25.5, WEST) && fits(-8.5, -25.5, EAST));
}

#[test]
fn boxes_of_crafting_machines_follow_the_recipe() {
    let mut fluids = Fluids::default();
    let refinery = vanilla().entity("oil-refinery").unwrap();
    fluids.add_entity(7, refinery, MapPos::from_tiles(2.5, 2.5), NORTH);
    fluids.settle();
    let basic = vanilla().recipe("basic-oil-processing").unwrap();
    let advanced = vanilla().recipe("advanced-oil-processing").unwrap();
    let state = |fluids: &Fluids| -> Vec<(bool, Option<FluidId>, f64)> {
        fluids
            .boxes_of(7)
            .iter()
            .map(|index| {
                let known = fluids.get(*index).unwrap();
                (known.is_open, known.filter, known.volume)
            })
            .collect()
    };
    assert!(state(&fluids).iter().all(|(is_open, ..)| !is_open));
    fluids.set_recipe(7, Some(basic));
    fluids.settle();
    // Basic oil processing names the second input and the third output.
    let (crude, gas) = (fluid("crude-oil"), fluid("petroleum-gas"));
    assert_eq!(
        state(&fluids),
        [
            (false, None, 1_000.0),
            (true, Some(crude), 200.0),
            (false, None, 100.0),
            (false, None, 100.0),
            (true, Some(gas), 100.0),
        ]
    );
    let input = fluids.recipe_box(7, basic, crude, true).unwrap();
    assert_eq!(input, fluids.boxes_of(7)[1]);
    fluids.put(input, crude, 150.0, 25.0);
    fluids.set_recipe(7, Some(advanced));
    fluids.settle();
    let (water, heavy, light) = (fluid("water"), fluid("heavy-oil"), fluid("light-oil"));
    assert_eq!(
        state(&fluids),
        [
            (true, Some(water), 100.0),
            (true, Some(crude), 200.0),
            (true, Some(heavy), 100.0),
            (true, Some(light), 100.0),
            (true, Some(gas), 100.0),
        ]
    );
    assert!(is_near(fluids.amount(input), 150.0, 0.0));
    fluids.set_recipe(7, None);
    assert!(is_near(fluids.totals(crude).lost, 150.0, 0.0));
}

#[test]
fn outputs_flow_by_fullness_of_source_and_room_of_sink() {
    let mut world = meadow(64);
    let plant = vanilla().entity("chemical-plant").unwrap();
    let crafter = world.add_entity(plant, MapPos::from_tiles(0.5, 0.5), NORTH);
    let recipe = vanilla().recipe("heavy-oil-cracking").unwrap();
    world.fluids.set_recipe(crafter.slot, Some(recipe));
    let pipe = build(&mut world, "pipe", -0.5, 2.5, NORTH);
    let light = fluid("light-oil");
    let output = world
        .fluids
        .recipe_box(crafter.slot, recipe, light, false)
        .unwrap();
    world.fluids.put(output, light, 60.0, 25.0);
    world.put_fluid(pipe, light, 50.0, None);
    tick(&mut world);
    // 100 x 0.6 x (1 - 0.5) = 30.
    assert!(is_near(amount(&world, pipe, 0), 80.0, 1e-9));
    assert!(is_near(world.fluids.amount(output), 30.0, 1e-9));
    run(&mut world, 2_000);
    assert!(is_near(amount(&world, pipe, 0), 100.0, 1e-3));
}

#[test]
fn idle_systems_sleep_and_wake_on_a_change() {
    let mut world = meadow(64);
    let pump = build(&mut world, "offshore-pump", 0.5, -19.5, NORTH);
    let pipe = build(&mut world, "pipe", 0.5, -18.5, NORTH);
    run(&mut world, 2_000);
    assert_eq!(world.fluids.awake_count(), 0);
    assert!(is_near(amount(&world, pipe, 0), 100.0, 1e-3));
    assert_eq!(
        world.status(world.entity(pump).unwrap()),
        crate::contract::codes::Status::Full
    );
    let index = world.fluids.boxes_of(pipe.slot)[0];
    assert!(is_near(world.fluids.take(index, 10.0), 10.0, 0.0));
    assert_eq!(world.fluids.awake_count(), 1);
    run(&mut world, 2_000);
    assert!(is_near(amount(&world, pipe, 0), 100.0, 1e-3));
    assert_snapshot_is_canonical(&world);
}

/// One step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Build(usize, i32, i32, u8),
    Remove(i32, i32),
    Turn(i32, i32),
    Put(i32, i32, bool, f64),
    Take(i32, i32, f64),
    Run(u32),
}

const KINDS: [&str; 5] = [
    "pipe",
    "pipe-to-ground",
    "storage-tank",
    "pump",
    "steam-engine",
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = || (-6..6_i32, -6..6_i32);
    let step = prop_oneof![
        6 => (0..KINDS.len(), place(), 0..4_u8)
            .prop_map(|(kind, (x, y), turn)| Step::Build(kind, x, y, turn)),
        2 => place().prop_map(|(x, y)| Step::Remove(x, y)),
        1 => place().prop_map(|(x, y)| Step::Turn(x, y)),
        4 => (place(), any::<bool>(), 0.0..3_000.0_f64)
            .prop_map(|((x, y), is_water, amount)| Step::Put(x, y, is_water, amount)),
        2 => (place(), 0.0..500.0_f64).prop_map(|((x, y), amount)| Step::Take(x, y, amount)),
        2 => (1..40_u32).prop_map(Step::Run),
    ];
    proptest::collection::vec(step, 1..80)
}

fn apply(world: &mut World, step: &Step) {
    let at = |world: &World, x: i32, y: i32| {
        world
            .entity_slot_at(TilePos::new(x, y))
            .and_then(|slot| world.reference(slot))
    };
    match *step {
        Step::Build(kind, x, y, turn) => {
            let prototype = vanilla().entity(KINDS[kind]).unwrap();
            let direction = Direction::from_eighths(turn * 2);
            let place =
                crate::sim::placement::snapped(prototype, TilePos::new(x, y).center(), direction);
            // Mixing is allowed here: the segments have to cope with it.
            let is_free = crate::sim::entity::footprint(prototype, place, direction)
                .tiles()
                .all(|tile| world.entity_slot_at(tile).is_none());
            if is_free {
                world.add_entity(prototype, place, direction);
            }
        }
        Step::Remove(x, y) => {
            if let Some(reference) = at(world, x, y) {
                world.remove_entity(reference);
            }
        }
        Step::Turn(x, y) => {
            if let Some(reference) = at(world, x, y) {
                let entity = world.entity(reference).unwrap();
                let kind = entity.prototype().kind;
                let direction = entity.direction.rotated();
                if !matches!(kind, EntityKind::Pump | EntityKind::Generator) {
                    world.turn_entity(reference, direction);
                }
            }
        }
        Step::Put(x, y, is_water, amount) => {
            if let Some(reference) = at(world, x, y) {
                let name = if is_water { "water" } else { "steam" };
                world.put_fluid(reference, fluid(name), amount, Some(165.0));
            }
        }
        Step::Take(x, y, amount) => {
            world.settle();
            if let Some(slot) = world.entity_slot_at(TilePos::new(x, y)) {
                for index in world.fluids.boxes_of(slot).to_vec() {
                    world.fluids.take(index, amount);
                }
            }
        }
        Step::Run(ticks) => run(world, ticks),
    }
    world.settle();
}

/// Checks what holds at all times: nothing is made or lost, nothing holds more than it can.
fn check(world: &World) {
    for name in ["water", "steam"] {
        let totals = world.fluids.totals(fluid(name));
        let expected = totals.put - totals.taken - totals.lost;
        let held = world.fluids.total_amount(fluid(name));
        assert!(
            is_near(held, expected, 1e-6 * totals.put.max(1.0)),
            "{name}: {held} held, {expected} expected"
        );
        let mut shares = 0.0;
        for (slot, _) in world.entities.iter() {
            for (held, amount, _) in world.fluids.contents_of(slot) {
                assert!(amount >= 0.0);
                shares += if held == fluid(name) { amount } else { 0.0 };
            }
        }
        assert!(is_near(shares, held, 1e-6 * totals.put.max(1.0)));
    }
    for (slot, _) in world.entities.iter() {
        for index in world.fluids.boxes_of(slot) {
            let info = world.fluids.segment(*index).unwrap();
            assert!(info.content.amount <= info.capacity * (1.0 + 1e-9));
            assert_eq!(info.content.amount > 0.0, info.content.fluid.is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn fluid_is_conserved_whatever_is_built_and_snapshots_have_one_form(steps in steps()) {
        let mut world = meadow(64);
        build(&mut world, "small-electric-pole", 7.5, 0.5, NORTH);
        build(&mut world, "solar-panel", 9.5, 0.5, NORTH);
        for (number, step) in steps.iter().enumerate() {
            apply(&mut world, step);
            check(&world);
            if number % 8 == 0 {
                assert_snapshot_is_canonical(&world);
            }
        }
        assert_snapshot_is_canonical(&world);
    }
}
