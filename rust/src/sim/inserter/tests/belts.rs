//! From belts and onto them.

use super::*;
use crate::sim::tick::run;

/// Belts on row -1 from `left` to `right`, running east.
fn row(belt: &str, left: i32, right: i32) -> Vec<SetupOp> {
    (left..=right)
        .map(|x| entity(belt, (x, -1), Direction::EAST, &[]))
        .collect()
}

fn belt_index(world: &World, place: (i32, i32)) -> u32 {
    let Body::Belt(index) = world.entity(at(world, place)).unwrap().body else {
        panic!("no belt lies there");
    };
    index
}

/// Puts items on the back of both lanes of a belt where there is room, as a loader would.
fn feed(world: &mut World, place: (i32, i32), name: &str) {
    let index = belt_index(world, place);
    for lane in 0..2 {
        world.belts.insert(index, lane, 255, item(name));
    }
}

/// Gives `world` the inserter capacity research that makes the hand of `name` hold `size`.
fn enlarge_hands(world: &mut World, size: u32) {
    world.force.bonuses.inserter_stack_size = size - 1;
    world.force.bonuses.bulk_inserter_capacity = size - 1;
}

/// Counts the items that arrive in the chest at `chest` in each second, while the row's first belt is fed.
fn fed_rate(world: &mut World, first: i32, chest: (i32, i32), seconds: u32) -> f64 {
    for _ in 0..1_200 {
        feed(world, (first, -1), "iron-plate");
        tick(world);
    }
    let before = count_at(world, chest, "iron-plate");
    for _ in 0..seconds * 60 {
        feed(world, (first, -1), "iron-plate");
        tick(world);
    }
    f64::from(count_at(world, chest, "iron-plate") - before) / f64::from(seconds)
}

#[test]
fn ins_belt_stopped_takes_an_item_every_64_ticks() {
    let mut ops = row("transport-belt", -6, 0);
    ops.push(entity("inserter", (0, 0), Direction::NORTH, &[]));
    ops.push(chest((0, 1), &[]));
    let mut world = world(ops);
    power_all(&mut world);
    for _ in 0..600 {
        feed(&mut world, (-6, -1), "iron-plate");
        tick(&mut world);
    }
    let mut drops = Vec::new();
    for _ in 0..640 {
        feed(&mut world, (-6, -1), "iron-plate");
        drops.extend(ticks_of_rises(&mut world, 1, |world| {
            count_at(world, (0, 1), "iron-plate")
        }));
    }
    assert_eq!(drops.len(), 10);
    for pair in drops.windows(2) {
        assert_eq!(pair[1] - pair[0], 64);
    }
}

#[test]
fn ins_belt_express_rates() {
    let expected = [
        ("inserter", 1, 0.88, 0.125),
        ("long-handed-inserter", 1, 1.25, 0.125),
        ("fast-inserter", 1, 2.75, 0.125),
        ("fast-inserter", 2, 5.38, 0.25),
    ];
    for (name, hand, rate, tolerance) in expected {
        let far = i32::from(name.starts_with("long"));
        let mut ops = row("express-transport-belt", -6, 6);
        ops.push(entity(name, (0, far), Direction::NORTH, &[]));
        ops.push(chest((0, 1 + 2 * far), &[]));
        // What is not taken leaves the row at its end.
        for x in [5, 6] {
            ops.push(entity("bulk-inserter", (x, -2), Direction::SOUTH, &[]));
            ops.push(chest((x, -3), &[]));
        }
        let mut world = world(ops);
        power_all(&mut world);
        enlarge_hands(&mut world, hand);
        let found = fed_rate(&mut world, -6, (0, 1 + 2 * far), 60);
        assert!((found - rate).abs() <= tolerance, "{name}: {found}/s");
    }
}

#[test]
fn ins_drop_yellow_rates() {
    // With four items 16 ticks more than the 24 of the swings (measured by others); one public rate says 6.4 / s.
    for (hand, rate, tolerance) in [(1, 2.4, 0.125), (2, 4.8, 0.05), (4, 6.0, 0.05)] {
        let mut ops = row("transport-belt", 0, 20);
        ops.push(entity("fast-inserter", (2, 0), Direction::SOUTH, &[]));
        ops.push(chest((2, 1), &[("iron-plate", 4000)]));
        let mut world = world(ops);
        power_all(&mut world);
        enlarge_hands(&mut world, hand);
        let last = belt_index(&world, (20, -1));
        let mut passed = 0;
        for second in 0..70 {
            if second == 10 {
                passed = 0;
            }
            for _ in 0..60 {
                tick(&mut world);
                for lane in 0..2 {
                    let items: Vec<(i32, ItemId)> = world.belts.items_on(last, lane).collect();
                    for (position, kind) in items.into_iter().filter(|(at, _)| *at < 64) {
                        world.belts.take(last, lane, position, kind);
                        passed += 1;
                    }
                }
            }
        }
        let found = f64::from(passed) / 60.0;
        assert!((found - rate).abs() <= tolerance, "hand {hand}: {found}/s");
    }
}

#[test]
fn drops_of_several_items_take_the_ticks_that_tests_in_the_game_took() {
    // inserter-throughput-lib: one tick more for two items; for n, 64 / speed x (n - 2), and a tick an item at least.
    let belts = [
        ("transport-belt", 8),
        ("fast-transport-belt", 16),
        ("express-transport-belt", 24),
    ];
    for (belt, speed) in belts {
        for hand in [1, 2, 3, 4, 5, 6, 8, 12] {
            let mut ops = row(belt, 0, 20);
            ops.push(entity("bulk-inserter", (2, 0), Direction::SOUTH, &[]));
            ops.push(chest((2, 1), &[("iron-plate", 4000)]));
            let mut world = world(ops);
            power_all(&mut world);
            enlarge_hands(&mut world, hand);
            let last = belt_index(&world, (20, -1));
            let mut takes = Vec::new();
            let mut before = 0;
            while takes.len() < 8 {
                tick(&mut world);
                for lane in 0..2 {
                    let items: Vec<(i32, ItemId)> = world.belts.items_on(last, lane).collect();
                    for (position, kind) in items {
                        world.belts.take(last, lane, position, kind);
                    }
                }
                let held = inserter_at(&world, (2, 0))
                    .held
                    .map_or(0, |held| held.count);
                if before == 0 && held > 0 {
                    takes.push(world.tick);
                }
                before = held;
            }
            let n = u64::from(hand);
            let more = match n {
                1 | 2 => n - 1,
                _ => (n - 1).max(64 * (n - 2) / speed),
            };
            for pair in takes.windows(2).skip(3) {
                assert_eq!(pair[1] - pair[0], 24 + more, "{hand} onto \"{belt}\"");
            }
        }
    }
}

#[test]
fn drops_lie_on_the_far_lane_or_the_right_one() {
    // Measured: across, the far lane at 128; away from the arm, lane 2 at 77; each moved one step at once.
    for (belt_direction, lane, position) in [
        (Direction::EAST, 1, 120),
        (Direction::WEST, 0, 120),
        (Direction::SOUTH, 1, 69),
    ] {
        let mut world = world(vec![
            chest((0, -1), &[("iron-plate", 10)]),
            entity("burner-inserter", (0, 0), Direction::NORTH, &[]),
            entity("transport-belt", (0, 1), belt_direction, &[]),
        ]);
        run(&mut world, 47);
        let index = belt_index(&world, (0, 1));
        let found: Vec<(i32, ItemId)> = world.belts.items_on(index, lane).collect();
        assert_eq!(
            found,
            [(position, item("iron-plate"))],
            "{belt_direction:?}"
        );
        // The lane fills to 0, 64, 128 and no further; the hand waits with the next item.
        run(&mut world, 1_000);
        let found: Vec<i32> = world
            .belts
            .items_on(index, lane)
            .map(|(at, _)| at)
            .collect();
        assert!(found.len() <= 3 && !found.contains(&192), "{found:?}");
        assert!(inserter_at(&world, (0, 0)).held.is_some());
        assert_eq!(
            inserter_at(&world, (0, 0)).status,
            crate::contract::codes::Status::Full
        );
        assert_eq!(world.inserter_order.awake_count(), 0);
    }
}

#[test]
fn an_item_that_comes_is_chased_and_taken_as_measured() {
    // In the game: at 120 in tick 243, taken six moves later at 64, delivered 36 ticks after that, back after 38.
    let mut world = world(vec![
        entity("transport-belt", (0, -1), Direction::EAST, &[]),
        entity("burner-inserter", (0, 0), Direction::NORTH, &[]),
        chest((0, 1), &[]),
    ]);
    run(&mut world, 242);
    let index = belt_index(&world, (0, -1));
    let mut takes = Vec::new();
    let mut drops = Vec::new();
    for lane in [0, 1] {
        let start = world.tick;
        assert!(world.belts.insert(index, lane, 128, item("iron-ore")));
        takes.extend(
            ticks_of_rises(&mut world, 20, |world| {
                u32::from(inserter_at(world, (0, 0)).held.is_some())
            })
            .into_iter()
            .map(|tick| tick - start),
        );
        drops.extend(
            ticks_of_rises(&mut world, 200, |world| count_at(world, (0, 1), "iron-ore"))
                .into_iter()
                .map(|tick| tick - start),
        );
    }
    assert_eq!(takes[0], 7);
    assert_eq!(drops[0], 7 + 36);
    assert_eq!((takes.len(), drops.len()), (2, 2));
}

#[test]
fn a_full_hand_is_gathered_from_a_belt_and_a_part_of_it_is_not_waited_for() {
    let mut ops = row("transport-belt", -3, 0);
    ops.push(entity("bulk-inserter", (0, 0), Direction::NORTH, &[]));
    ops.push(chest((0, 1), &[]));
    let mut world = world(ops);
    power_all(&mut world);
    enlarge_hands(&mut world, 4);
    let index = belt_index(&world, (-3, -1));
    for _ in 0..200 {
        if count_on_belts(&world) < 6 {
            world.belts.insert(index, 0, 255, item("iron-plate"));
        }
        tick(&mut world);
        if count_on_belts(&world) == 6 {
            break;
        }
    }
    let loads = ticks_of_rises(&mut world, 400, |world| {
        count_at(world, (0, 1), "iron-plate")
    });
    assert_eq!(loads.len(), 6, "{loads:?}");
    assert_eq!(count_on_belts(&world), 0);
    assert_eq!(world.inserter_order.awake_count(), 0);
}

fn count_on_belts(world: &World) -> usize {
    (-3..=0)
        .map(|x| belt_index(world, (x, -1)))
        .map(|index| {
            world.belts.items_on(index, 0).count() + world.belts.items_on(index, 1).count()
        })
        .sum()
}

#[test]
fn a_splitter_and_undergrounds_are_taken_from_and_dropped_onto() {
    // A splitter on the tiles (0, -1) and (0, -2), fed from the west.
    let splitter = vanilla().entity("splitter").unwrap();
    let mut ops = vec![
        entity("transport-belt", (-1, -1), Direction::EAST, &[]),
        entity("transport-belt", (1, -1), Direction::EAST, &[]),
        SetupOp::Entity {
            prototype: splitter,
            position: MapPos::from_tiles(0.5, -1.0),
            direction: Direction::EAST,
            recipe: None,
            items: Vec::new(),
        },
        entity("inserter", (0, 0), Direction::NORTH, &[]),
        chest((0, 1), &[]),
        // Down at (10, -1), up at (13, -1).
        entity("underground-belt", (10, -1), Direction::EAST, &[]),
        entity("underground-belt", (13, -1), Direction::EAST, &[]),
        chest((10, 1), &[("iron-plate", 20)]),
        entity("inserter", (10, 0), Direction::SOUTH, &[]),
        entity("inserter", (13, 0), Direction::NORTH, &[]),
        chest((13, 1), &[]),
    ];
    ops.push(chest((0, -4), &[("iron-plate", 20)]));
    ops.push(entity("inserter", (0, -3), Direction::NORTH, &[]));
    let mut world = world(ops);
    power_all(&mut world);
    for step in 0..3_000 {
        if step < 1_000 {
            feed(&mut world, (-1, -1), "copper-plate");
        }
        tick(&mut world);
    }
    let through_splitter = count_at(&world, (0, 1), "copper-plate");
    assert!(through_splitter > 10, "{through_splitter}");
    assert_eq!(count_at(&world, (13, 1), "iron-plate"), 20);
    assert!(
        count_at(&world, (0, -4), "iron-plate") < 20,
        "onto the splitter"
    );
}

#[test]
fn chases_over_a_moving_belt_repeat_with_the_measured_periods() {
    // A line fed every 20 ticks on one lane: two items every 140 ticks off the near lane, three every 220 off the far one.
    for (lane, items, period) in [(1, 2, 140), (0, 3, 220)] {
        let mut ops = row("transport-belt", -10, 5);
        ops.push(entity("burner-inserter", (0, 0), Direction::NORTH, &[]));
        ops.push(chest((0, 1), &[]));
        let mut world = world(ops);
        let reference = at(&world, (0, 0));
        world.insert_by_hand(reference, item("coal"), 5);
        let first = belt_index(&world, (-10, -1));
        let last = belt_index(&world, (5, -1));
        let mut takes = Vec::new();
        while world.tick < 3_000 {
            if world.tick.is_multiple_of(20) {
                world.belts.insert(first, lane, 255, item("iron-plate"));
            }
            // What passes by leaves the line.
            let gone: Vec<i32> = world.belts.items_on(last, lane).map(|(at, _)| at).collect();
            for position in gone {
                world.belts.take(last, lane, position, item("iron-plate"));
            }
            let was_empty = inserter_at(&world, (0, 0)).held.is_none();
            tick(&mut world);
            if was_empty && inserter_at(&world, (0, 0)).held.is_some() {
                takes.push(world.tick);
            }
        }
        let settled: Vec<u64> = takes.into_iter().filter(|tick| *tick > 1_000).collect();
        for pair in settled.windows(items + 1) {
            assert_eq!(pair[items] - pair[0], period, "lane {lane}: {settled:?}");
        }
    }
}
