//! Chest to chest: ticks, rates, energy, hand sizes, piles.

use super::*;
use crate::sim::inventory::ItemStack;
use crate::sim::snapshot;
use crate::sim::tick::run;

/// A chest of plates, an inserter at (0, 0) that faces it, and an empty chest behind.
fn line(name: &str, facing: Direction, items: &[(&str, u32)]) -> World {
    let far = if name.starts_with("long") { 2 } else { 1 };
    let (dx, dy) = facing.steps();
    let mut world = world(vec![
        chest((dx * far, dy * far), items),
        chest((-dx * far, -dy * far), &[]),
        entity(name, (0, 0), facing, &[]),
    ]);
    power_all(&mut world);
    world
}

fn delivered(name: &str, facing: Direction) -> impl Fn(&World) -> u32 {
    let far = if name.starts_with("long") { 2 } else { 1 };
    let (dx, dy) = facing.steps();
    move |world| count_at(world, (-dx * far, -dy * far), "iron-plate")
}

#[test]
fn ins_first_burner_picks_at_9_drops_at_47_and_every_76_ticks() {
    for facing in FACINGS {
        let mut world = line("burner-inserter", facing, &[("iron-plate", 100)]);
        let picks = ticks_of_rises(&mut world, 8, |world| {
            u32::from(inserter_at(world, (0, 0)).held.is_some())
        });
        assert!(picks.is_empty());
        tick(&mut world);
        assert!(inserter_at(&world, (0, 0)).held.is_some(), "picked at 9");
        let drops = ticks_of_rises(&mut world, 300, delivered("burner-inserter", facing));
        assert_eq!(drops, [47, 123, 199, 275]);
    }
}

#[test]
fn ins_cycle_and_rate_of_every_inserter_in_every_direction() {
    let expected = [
        ("burner-inserter", 76, 0.7895),
        ("inserter", 70, 0.8571),
        ("long-handed-inserter", 50, 1.2),
        ("fast-inserter", 24, 2.5),
        ("bulk-inserter", 24, 2.5),
    ];
    for (name, cycle, rate) in expected {
        for facing in FACINGS {
            let items = [("iron-plate", 1000), ("coal", 5)];
            let mut world = line(name, facing, &items[..1]);
            if name == "burner-inserter" {
                let inserter = at(&world, (0, 0));
                world.insert_by_hand(inserter, item("coal"), 5);
            }
            let drops = ticks_of_rises(&mut world, 7_200, delivered(name, facing));
            for pair in drops.windows(2) {
                assert_eq!(pair[1] - pair[0], cycle, "{name}");
            }
            let found = drops.len() as f64 / 120.0;
            assert!((found - rate).abs() < 0.01 * rate, "{name}: {found}/s");
        }
    }
}

#[test]
fn ins_born_and_energy_burner() {
    let mut world = line("burner-inserter", Direction::NORTH, &[("iron-plate", 100)]);
    let energy = |world: &World| {
        let burner = inserter_at(world, (0, 0)).energy.burner().unwrap().clone();
        (burner.buffer_joules, burner.remaining_joules, burner.fuel)
    };
    assert!(energy(&world).0 <= 0.0 && energy(&world).2.is_none());
    assert!((energy(&world).1 - 500_000.0).abs() < 1e-9);
    let mut left = vec![500_000.0];
    for _ in 0..161 {
        tick(&mut world);
        let (buffer, remaining, _) = energy(&world);
        left.push(buffer + remaining);
    }
    // The first tick only fills the buffer, then eight steps of extension.
    assert!((energy(&world).0 - 2_560.0).abs() < 1e-9);
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 0.01, "{found}");
    near(left[0] - left[1], 0.0);
    near(left[1] - left[9], 8.0 * 1_750.0);
    near(left[9] - left[14], 5.0 * 2_400.0);
    near(left[14] - left[47], 33.0 * 650.0);
    near(left[85] - left[161], 66_900.0);
}

#[test]
fn a_burner_inserter_stops_mid_swing_when_its_fuel_is_spent_and_goes_on_with_new_fuel() {
    let mut world = line("burner-inserter", Direction::NORTH, &[("iron-plate", 100)]);
    run(&mut world, 700);
    let inserter = inserter_at(&world, (0, 0));
    assert_eq!(inserter.status, crate::contract::codes::Status::NoFuel);
    assert_eq!(world.inserter_order.awake_count(), 0);
    let stopped = inserter.hand;
    run(&mut world, 100);
    assert_eq!(inserter_at(&world, (0, 0)).hand, stopped);
    let reference = at(&world, (0, 0));
    world.insert_by_hand(reference, item("wood"), 1);
    // A wood of 2 MJ: 29.9 cycles of 66,900 J.
    let drops = ticks_of_rises(
        &mut world,
        4_000,
        delivered("burner-inserter", Direction::NORTH),
    );
    assert!((29..=30).contains(&drops.len()), "{}", drops.len());
}

#[test]
fn ins_self_refuel_takes_28_ticks_there_and_28_back() {
    // Measured: coal picked at 9 goes into the own slot at 37, the next is picked at 65 and delivered at 103.
    for facing in FACINGS {
        let mut world = line("burner-inserter", facing, &[("coal", 50)]);
        let fuel = |world: &World| {
            inserter_at(world, (0, 0))
                .energy
                .burner()
                .unwrap()
                .fuel
                .map_or(0, |stack| stack.count)
        };
        run(&mut world, 36);
        assert_eq!(fuel(&world), 0);
        tick(&mut world);
        assert_eq!(fuel(&world), 1);
        let (dx, dy) = facing.steps();
        let delivered = move |world: &World| count_at(world, (-dx, -dy), "coal");
        let drops = ticks_of_rises(&mut world, 200, delivered);
        assert_eq!(drops[0], 103, "facing {facing:?}");
    }
}

#[test]
fn ins_hand_sizes_follow_the_researched_bonuses() {
    for (name, technologies, size) in [
        ("inserter", &["inserter-capacity-bonus-2"][..], 2),
        (
            "inserter",
            &["inserter-capacity-bonus-2", "inserter-capacity-bonus-7"],
            3,
        ),
        ("bulk-inserter", &["bulk-inserter"], 2),
        (
            "bulk-inserter",
            &[
                "bulk-inserter",
                "inserter-capacity-bonus-1",
                "inserter-capacity-bonus-2",
                "inserter-capacity-bonus-3",
                "inserter-capacity-bonus-4",
                "inserter-capacity-bonus-5",
                "inserter-capacity-bonus-6",
                "inserter-capacity-bonus-7",
            ],
            12,
        ),
    ] {
        let mut world = line(name, Direction::EAST, &[("iron-plate", 100)]);
        for technology in technologies {
            world
                .force
                .research(vanilla().technology(technology).unwrap());
        }
        run(&mut world, 30);
        assert_eq!(
            inserter_at(&world, (0, 0)).held,
            Some(ItemStack {
                item: item("iron-plate"),
                count: size
            }),
            "{name}"
        );
        let drops = ticks_of_rises(&mut world, 100, delivered(name, Direction::EAST));
        assert_eq!(drops[0], drops[size as usize - 1], "the whole hand at once");
    }
}

#[test]
fn filters_choose_what_is_taken_and_the_last_slot_goes_first() {
    let items = [("coal", 10), ("stone", 10), ("iron-plate", 10)];
    let mut world = line("inserter", Direction::NORTH, &items);
    run(&mut world, 40);
    assert_eq!(
        inserter_at(&world, (0, 0)).held.map(|stack| stack.item),
        Some(item("iron-plate"))
    );
    let mut world = line("inserter", Direction::NORTH, &items);
    let reference = at(&world, (0, 0));
    world.set_filters(reference, &[item("stone"), item("wood")], false);
    run(&mut world, 1_000);
    assert_eq!(count_at(&world, (0, 1), "stone"), 10);
    assert_eq!(count_at(&world, (0, -1), "iron-plate"), 10);
    world.set_filters(reference, &[item("coal")], true);
    run(&mut world, 1_000);
    assert_eq!(count_at(&world, (0, 1), "iron-plate"), 10);
    assert_eq!(count_at(&world, (0, -1), "coal"), 10);
}

#[test]
fn a_full_chest_keeps_the_hand_empty_at_the_pickup() {
    let mut world = world(vec![
        chest((0, -1), &[("iron-plate", 100)]),
        entity("wooden-chest", (0, 1), Direction::NORTH, &[("coal", 800)]),
        entity("inserter", (0, 0), Direction::NORTH, &[]),
    ]);
    power_all(&mut world);
    run(&mut world, 100);
    let inserter = inserter_at(&world, (0, 0));
    assert_eq!(inserter.held, None);
    assert_eq!(inserter.status, crate::contract::codes::Status::Full);
    assert!(world.inserter_order.is_empty(), "it sleeps");
}

#[test]
fn piles_are_dropped_and_picked_one_at_a_time() {
    let mut world = world(vec![
        chest((0, -1), &[("iron-plate", 3)]),
        entity("inserter", (0, 0), Direction::NORTH, &[]),
    ]);
    power_all(&mut world);
    run(&mut world, 200);
    let piles: Vec<(MapPos, ItemStack)> = world.ground.iter().collect();
    let expected = ItemStack {
        item: item("iron-plate"),
        count: 1,
    };
    // 307/256 south of the inserter's centre.
    assert_eq!(piles, [(MapPos::new(128, 128 + 307), expected)]);
    assert!(inserter_at(&world, (0, 0)).held.is_some());
    assert_eq!(world.inserter_order.awake_count(), 0, "it waits for room");
    // Another inserter takes the piles away.
    for op in [
        entity("inserter", (0, 2), Direction::NORTH, &[]),
        chest((0, 3), &[]),
    ] {
        let SetupOp::Entity {
            prototype,
            position,
            direction,
            ..
        } = op
        else {
            unreachable!()
        };
        world.add_entity(prototype, position, direction);
    }
    power_all(&mut world);
    run(&mut world, 400);
    assert_eq!(count_at(&world, (0, 3), "iron-plate"), 3);
    assert_eq!(world.ground.iter().count(), 0);
    assert_eq!(world.inserter_order.awake_count(), 0);
}

#[test]
fn an_inserter_without_a_network_does_nothing() {
    let mut world = world(vec![
        chest((0, -1), &[("iron-plate", 100)]),
        chest((0, 1), &[]),
        entity("inserter", (0, 0), Direction::NORTH, &[]),
    ]);
    let before = inserter_at(&world, (0, 0)).hand;
    run(&mut world, 100);
    let inserter = inserter_at(&world, (0, 0));
    assert_eq!((inserter.hand, inserter.held), (before, None));
    assert_eq!(inserter.status, crate::contract::codes::Status::NoPower);
}

#[test]
fn an_inserter_with_half_its_power_goes_on_at_less_speed() {
    for from in ["steel-chest", "transport-belt"] {
        let delivered = |n_beacons: i32| {
            let mut ops = vec![
                entity(from, (0, -1), Direction::EAST, &[]),
                chest((0, 1), &[]),
                entity("inserter", (0, 0), Direction::NORTH, &[]),
                entity("substation", (4, 0), Direction::NORTH, &[]),
            ];
            ops.extend(
                (0..4).map(|n| entity("solar-panel", (-6 + 3 * n, 6), Direction::NORTH, &[])),
            );
            ops.extend(
                (0..n_beacons).map(|n| entity("beacon", (-3 + 3 * n, -6), Direction::NORTH, &[])),
            );
            let mut world = world(ops);
            let mut count = 0;
            for _ in 0..3_600 {
                let source = at(&world, (0, -1));
                world.insert_by_hand(source, item("iron-plate"), 1);
                if let Body::Belt(belt) = world.entity(source).unwrap().body {
                    world.belts.insert(belt, 0, 0, item("iron-plate"));
                }
                tick(&mut world);
                count = count_at(&world, (0, 1), "iron-plate");
            }
            let network = world.network_at(at(&world, (4, 0))).unwrap();
            (count, network.stats.satisfaction())
        };
        let (full, enough) = delivered(0);
        let (slowed, satisfaction) = delivered(1);
        assert!(
            enough >= 1.0 && (0.4..0.6).contains(&satisfaction),
            "{satisfaction}"
        );
        let share = f64::from(slowed) / f64::from(full);
        // The drain comes first, and the arm stretches before it turns.
        assert!((0.3..0.5).contains(&share), "{from}: {slowed} of {full}");
    }
}

#[test]
fn turning_and_mining_keep_what_is_held() {
    let mut world = line("inserter", Direction::NORTH, &[("iron-plate", 100)]);
    run(&mut world, 20);
    let reference = at(&world, (0, 0));
    assert!(inserter_at(&world, (0, 0)).held.is_some());
    world.turn_entity(reference, Direction::SOUTH);
    run(&mut world, 60);
    assert_eq!(
        count_at(&world, (0, -1), "iron-plate"),
        100,
        "it put the plate back, where it drops now"
    );
    world.turn_entity(reference, Direction::NORTH);
    run(&mut world, 50);
    let held = inserter_at(&world, (0, 0)).held;
    assert!(held.is_some());
    let contents = world.contents_of(world.entity(reference).unwrap());
    assert_eq!(contents, [held.unwrap()]);
}

#[test]
fn snapshots_mid_swing_restore_to_the_same_bytes_and_future() {
    let mut world = line("burner-inserter", Direction::EAST, &[("iron-plate", 100)]);
    run(&mut world, 61);
    let bytes = snapshot::to_bytes(&world);
    let mut restored: World = snapshot::from_bytes(&bytes).unwrap();
    restored.rebuild_caches();
    assert_eq!(snapshot::to_bytes(&restored), bytes);
    run(&mut world, 333);
    run(&mut restored, 333);
    assert_eq!(snapshot::to_bytes(&restored), snapshot::to_bytes(&world));
}
