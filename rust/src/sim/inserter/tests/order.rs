//! Who acts first, and when those that wait act.

use super::*;
use crate::sim::tick::run;

#[test]
fn ord_inserters_the_last_built_gets_the_only_item() {
    for last_is_east in [false, true] {
        let mut pair = [
            entity("burner-inserter", (-1, 0), Direction::EAST, &[]),
            entity("burner-inserter", (1, 0), Direction::WEST, &[]),
        ];
        if !last_is_east {
            pair.reverse();
        }
        let mut world = world(
            [
                chest((0, 0), &[("iron-plate", 1)]),
                chest((-2, 0), &[]),
                chest((2, 0), &[]),
            ]
            .into_iter()
            .chain(pair)
            .collect(),
        );
        run(&mut world, 60);
        let got = (
            count_at(&world, (-2, 0), "iron-plate"),
            count_at(&world, (2, 0), "iron-plate"),
        );
        assert_eq!(got, if last_is_east { (0, 1) } else { (1, 0) });
    }
}

#[test]
fn ord_of_those_woken_together_the_first_asleep_acts_first() {
    // The one built last falls asleep first, since it acts first; woken, it acts first again.
    let mut world = world(vec![
        chest((0, 0), &[]),
        chest((-2, 0), &[]),
        chest((2, 0), &[]),
        entity("burner-inserter", (-1, 0), Direction::EAST, &[]),
        entity("burner-inserter", (1, 0), Direction::WEST, &[]),
    ]);
    run(&mut world, 100);
    assert!(world.inserter_order.is_empty());
    let source = at(&world, (0, 0));
    world.insert_by_hand(source, item("iron-plate"), 1);
    run(&mut world, 100);
    assert_eq!(count_at(&world, (2, 0), "iron-plate"), 1);
    // The loser fell asleep first this time: the winner was carrying.
    world.insert_by_hand(source, item("iron-plate"), 1);
    run(&mut world, 100);
    assert_eq!(count_at(&world, (-2, 0), "iron-plate"), 1);
}

#[test]
fn ord_chest_wait_an_item_put_in_is_picked_one_tick_later() {
    // One inserter feeds the chest on which the other waits, built in both orders.
    for feeder_first in [false, true] {
        let mut pair = [
            entity("burner-inserter", (0, -1), Direction::NORTH, &[]),
            entity("burner-inserter", (0, 1), Direction::NORTH, &[]),
        ];
        if !feeder_first {
            pair.reverse();
        }
        let mut world = world(
            [
                chest((0, -2), &[("iron-plate", 1)]),
                chest((0, 0), &[]),
                chest((0, 2), &[]),
            ]
            .into_iter()
            .chain(pair)
            .collect(),
        );
        let put_in = ticks_of_rises(&mut world, 47, |world| {
            count_at(world, (0, 0), "iron-plate")
        });
        assert_eq!(put_in, [47]);
        assert_eq!(inserter_at(&world, (0, 1)).held, None);
        tick(&mut world);
        assert!(inserter_at(&world, (0, 1)).held.is_some());
    }
}

#[test]
fn sleepers_leave_the_order_and_cost_nothing() {
    let mut ops = Vec::new();
    for x in -10..10 {
        ops.push(chest((x, -1), &[]));
        ops.push(chest((x, 1), &[]));
        ops.push(entity("burner-inserter", (x, 0), Direction::NORTH, &[]));
    }
    let mut world = world(ops);
    assert_eq!(world.inserter_order.awake_count(), 20);
    run(&mut world, 20);
    assert!(world.inserter_order.is_empty());
}
