//! Speed, spacing, turns, drops, undergrounds: rows BLT-* of the fidelity table.

use super::super::{SPACING, Shape};
use super::kit::{Rig, flow, plate};
use crate::sim::position::{Direction, MapPos};

const TIERS: [(&str, i32, f64); 3] = [("", 8, 15.0), ("fast-", 16, 30.0), ("express-", 24, 45.0)];

#[test]
fn items_move_at_the_speed_of_their_belt() {
    for (tier, speed, _) in TIERS {
        let mut rig = Rig::of_tier(tier, &[">>"]);
        rig.lay(0, 0, 0, 200);
        rig.run(1);
        assert_eq!(rig.positions(0, 0, 0), [200 - speed], "{tier}");
    }
}

#[test]
fn full_belts_carry_what_their_speed_says() {
    for (tier, _, items_per_second) in TIERS {
        for lanes in [&[0, 1][..], &[0][..]] {
            let mut rig = Rig::of_tier(tier, &[">>>>>>"]);
            let (source, sink) = (rig.at(0, 0), rig.at(5, 0));
            let count = flow(&mut rig, &[source], lanes, &[sink], 600, 3_600)[0];
            let wanted = items_per_second / 2.0 * lanes.len() as f64;
            let rate = f64::from(count) / 60.0;
            assert!((rate - wanted).abs() <= wanted * 0.005, "{tier}: {rate}");
        }
    }
}

#[test]
fn an_item_crosses_a_tile_in_32_ticks_without_a_pause_between_belts() {
    let mut rig = Rig::new(&[">>>>>>>>>>"]);
    rig.lay(0, 0, 0, 248);
    for belt in 0..9 {
        rig.run(31);
        assert_eq!(rig.positions(belt, 0, 0), [0]);
        rig.run(1);
        assert_eq!(rig.positions(belt + 1, 0, 0), [248]);
    }
    rig.run(31);
    assert_eq!(rig.positions(9, 0, 0), [0], "tick 319, and it stops there");
    rig.run(50);
    assert_eq!(rig.positions(9, 0, 0), [0]);
    assert!(rig.belts.awake_heads().is_empty(), "a line at rest sleeps");
}

#[test]
fn lanes_of_turns_have_their_lengths() {
    let right = Rig::new(&[">v", " v"]);
    let left = Rig::new(&[">^"]);
    let lengths = |rig: &Rig| [0, 1].map(|lane| rig.belts.lane_length(rig.at(1, 0), lane));
    assert_eq!(lengths(&right), [295, 106]);
    assert_eq!(
        lengths(&left),
        [106, 295],
        "of a left turn lane 1 is the inner one"
    );
    assert_eq!(right.belts.lane_length(right.at(0, 0), 0), 256);
    assert_eq!(
        left.belts.belt(left.at(1, 0)).unwrap().inner_lane(),
        Some(0)
    );
}

#[test]
fn a_turn_is_crossed_in_the_measured_ticks() {
    // Four belts east, a right turn, three belts south; one item on each lane, put on at 248.
    let mut rig = Rig::new(&[">>>>v", "    v", "    v", "    v"]);
    rig.lay(0, 0, 0, 248);
    rig.lay(0, 0, 1, 248);
    rig.run(127);
    assert_eq!(rig.positions(3, 0, 0), [0], "t = 127");
    rig.run(1);
    assert_eq!(
        (rig.positions(4, 0, 0), rig.positions(4, 0, 1)),
        (vec![287], vec![98])
    );
    rig.run(12);
    assert_eq!(rig.positions(4, 0, 1), [2], "t = 140");
    rig.run(1);
    assert_eq!(rig.positions(4, 1, 1), [250], "t = 141");
    rig.run(22);
    assert_eq!(rig.positions(4, 0, 0), [7], "t = 163");
    rig.run(1);
    assert_eq!(rig.positions(4, 1, 0), [255], "t = 164");
    rig.run(73);
    assert_eq!(rig.positions(4, 3, 1), [0], "t = 237");
    rig.run(22);
    assert_eq!(rig.positions(4, 3, 0), [7], "t = 259");
    rig.run(1);
    assert_eq!(rig.positions(4, 3, 0), [0], "t = 260");
}

#[test]
fn a_dead_end_fills_at_64() {
    let mut rig = Rig::new(&[">>>>"]);
    let source = rig.at(0, 0);
    flow(&mut rig, &[source], &[0, 1], &[], 400, 0);
    for lane in 0..2 {
        assert_eq!(rig.positions(3, 0, lane), [0, 64, 128, 192]);
        assert_eq!(rig.positions(2, 0, lane), [0, 64, 128, 192]);
    }
    assert_eq!(
        rig.positions(2, 0, 0).len() + rig.positions(2, 0, 1).len(),
        8
    );
}

#[test]
fn a_stopped_line_moves_again_as_one_when_its_front_goes() {
    let mut rig = Rig::new(&[">>>>"]);
    let source = rig.at(0, 0);
    flow(&mut rig, &[source], &[0], &[], 400, 0);
    let end = rig.at(3, 0);
    assert!(rig.belts.take(end, 0, 0, plate()));
    rig.run(1);
    assert_eq!(rig.positions(3, 0, 0), [56, 120, 184, 248]);
    assert_eq!(rig.positions(2, 0, 0), [56, 120, 184, 248]);
    rig.run(7);
    assert_eq!(rig.positions(3, 0, 0), [0, 64, 128, 192]);
    rig.run(1);
    assert_eq!(rig.positions(3, 0, 0), [0, 64, 128, 192]);
}

#[test]
fn a_drop_moves_at_once_unless_the_line_stands() {
    let mut rig = Rig::new(&[">"]);
    let belt = rig.at(0, 0);
    assert!(rig.belts.insert(belt, 0, 128, plate()));
    assert_eq!(rig.positions(0, 0, 0), [120]);
    rig.run(40);
    assert!(rig.belts.insert(belt, 0, 128, plate()));
    rig.run(40);
    assert!(rig.belts.insert(belt, 0, 128, plate()));
    assert_eq!(
        rig.positions(0, 0, 0),
        [0, 64, 128],
        "behind a stopped item it reads 128"
    );
    assert!(!rig.belts.can_insert(belt, 0, 128), "192 stays empty");
    assert!(!rig.belts.insert(belt, 0, 128, plate()));
    // A belt built on at the front: the line moves, and the next one lands 64 behind the last.
    rig.build(1, 0, &[">"]);
    rig.run(1);
    assert!(rig.belts.insert(belt, 0, 128, plate()));
    assert_eq!(rig.positions(0, 0, 0), [56, 120, 184]);
}

#[test]
fn a_drop_goes_at_most_63_behind_its_point() {
    // One item ahead at every distance; the new one goes 64 behind it or is refused.
    for ahead in 0..200 {
        let mut rig = Rig::new(&[">>"]);
        rig.lay(0, 0, 0, ahead);
        let belt = rig.at(0, 0);
        let taken = rig.belts.insert(belt, 0, 128, plate());
        let wanted = match ahead {
            0..64 => Some((ahead + SPACING).max(120)),
            64..128 => Some(ahead + SPACING),
            128 => None,
            // An item behind the point is not asked.
            _ => Some(120),
        };
        assert_eq!(taken, wanted.is_some(), "ahead at {ahead}");
        if let Some(wanted) = wanted {
            assert!(rig.positions(0, 0, 0).contains(&wanted), "ahead at {ahead}");
        }
    }
}

#[test]
fn drops_find_their_lane_and_place() {
    let straight = Rig::new(&[">"]);
    let belt = straight.at(0, 0);
    let arm = MapPos::new(128, -128);
    // An arm north of an east belt reaches past its middle: the far lane.
    let place = straight
        .belts
        .drop_place(belt, arm, MapPos::new(128, -128 + 307));
    assert_eq!(place, (1, 128));
    // A belt that runs away along the arm: lane 2 at 77.
    let arm = MapPos::new(-128, 128);
    let place = straight
        .belts
        .drop_place(belt, arm, MapPos::new(-128 + 307, 128));
    assert_eq!(place, (1, 77));
    // A turn from east to south has its inner corner in the south-west.
    let turn = Rig::new(&[">v"]);
    let belt = turn.at(1, 0);
    let from_east = turn
        .belts
        .drop_place(belt, MapPos::new(640, 128), MapPos::new(333, 128));
    assert_eq!(from_east, (1, 53));
    let from_south = turn
        .belts
        .drop_place(belt, MapPos::new(384, 384), MapPos::new(384, 77));
    assert_eq!(from_south, (0, 147));
}

#[test]
fn items_lie_on_the_centre_lines() {
    let rig = Rig::new(&[">v", " v"]);
    let straight = rig.at(0, 0);
    assert_eq!(rig.belts.world_position(straight, 0, 0), (128, -60));
    assert_eq!(rig.belts.world_position(straight, 1, 256), (-128, 60));
    let turn = rig.at(1, 0);
    // Lane 1 leaves to the south 60 east of the middle, and came in from the west 60 north of it.
    assert_eq!(rig.belts.world_position(turn, 0, 0), (60, 128));
    assert_eq!(rig.belts.world_position(turn, 0, 295), (-128, -60));
    assert_eq!(rig.belts.world_position(turn, 1, 0), (-61, 128));
    assert_eq!(rig.belts.world_position(turn, 1, 106), (-128, 61));
}

#[test]
fn belts_take_their_shape_from_what_feeds_them() {
    let shape = |rows: &[&str], x, y| {
        let rig = Rig::new(rows);
        rig.belts.belt(rig.at(x, y)).unwrap().shape
    };
    assert_eq!(shape(&[">^"], 1, 0), Shape::TurnLeft);
    assert_eq!(shape(&["^<"], 0, 0), Shape::TurnRight);
    assert_eq!(
        shape(&[">^<"], 1, 0),
        Shape::Straight,
        "fed from both sides"
    );
    assert_eq!(
        shape(&[">^", " ^"], 1, 0),
        Shape::Straight,
        "fed from behind too"
    );
    assert_eq!(shape(&["v", "^"], 0, 1), Shape::Straight, "fed head-on");
    assert_eq!(
        shape(&["E 6^"], 3, 0),
        Shape::TurnLeft,
        "an exit feeds like a belt"
    );
    assert_eq!(
        shape(&["E^"], 1, 0),
        Shape::Straight,
        "an entrance does not"
    );
    assert_eq!(
        shape(&["]^", "]^"], 1, 1),
        Shape::TurnLeft,
        "a splitter feeds like a belt"
    );
}

#[test]
fn a_turned_belt_keeps_its_items_at_the_measured_places() {
    let mut rig = Rig::new(&[">>"]);
    for position in [0, 64, 128, 192] {
        let belt = rig.at(1, 0);
        assert!(rig.belts.insert(belt, 0, position, plate()));
        rig.run(40);
    }
    let belt = rig.at(1, 0);
    rig.belts.turn_belt(belt, Direction::SOUTH);
    rig.belts.settle();
    // A right turn now: lane 1 is the outer one.
    let wanted = [0, 64, 128, 192].map(|position| position * 294 / 256);
    assert_eq!(rig.positions(1, 0, 0), wanted);
}

#[test]
fn undergrounds_reach_as_far_as_their_tier() {
    for (tier, gap) in [("", 4), ("fast-", 6), ("express-", 8)] {
        for (gap, is_pair) in [(gap, true), (gap + 1, false)] {
            let row = format!("E{}6", " ".repeat(gap));
            let rig = Rig::of_tier(tier, &[&row]);
            let mate = rig.belts.belt(rig.at(0, 0)).unwrap().mate;
            assert_eq!(mate.is_some(), is_pair, "{tier} over {gap} tiles");
        }
    }
}

#[test]
fn undergrounds_carry_a_full_belt_and_keep_lanes() {
    let mut rig = Rig::new(&[">E    6>>"]);
    let (source, sink) = (rig.at(0, 0), rig.at(8, 0));
    let count = flow(&mut rig, &[source], &[0, 1], &[sink], 600, 3_600)[0];
    assert!((f64::from(count) / 60.0 - 15.0).abs() <= 0.075, "{count}");
    let mut rig = Rig::new(&[">E    6>>"]);
    rig.lay(0, 0, 1, 100);
    rig.run(400);
    assert_eq!(
        (rig.positions(8, 0, 0), rig.positions(8, 0, 1)),
        (vec![], vec![0])
    );
}

#[test]
fn undergrounds_pair_with_the_nearest_of_their_tier_in_their_way() {
    let rig = Rig::new(&["E E 6"]);
    assert_eq!(rig.belts.belt(rig.at(0, 0)).unwrap().mate, None);
    assert_eq!(
        rig.belts.belt(rig.at(2, 0)).unwrap().mate,
        Some(rig.at(4, 0))
    );
    let crossed = Rig::new(&["  N  ", "E > 6", "  8  "]);
    assert_eq!(
        crossed.belts.belt(crossed.at(0, 1)).unwrap().mate,
        Some(crossed.at(4, 1))
    );
}

#[test]
fn a_tunnel_gives_back_what_is_in_it() {
    let mut rig = Rig::new(&[">E    6"]);
    let source = rig.at(0, 0);
    flow(&mut rig, &[source], &[0, 1], &[], 1_000, 0);
    let n_before = rig.count();
    let exit = rig.at(6, 0);
    let yielded = rig.belts.remove_belt(exit).len();
    rig.belts.settle();
    assert!(rig.belts.take_displaced().is_empty());
    assert_eq!(rig.count() + yielded, n_before);
    assert_eq!(
        rig.positions(1, 0, 0),
        [0, 64],
        "the open half holds two a lane"
    );
    // Lane of 256 * 4 in the tunnel, the hidden half of the entrance, and the exit.
    assert_eq!(yielded, 2 * (256 * 4 + 128 + 256) / 64);
}

#[test]
fn an_underground_built_between_puts_the_tunnel_on_the_ground() {
    let mut rig = Rig::new(&[">E    6"]);
    let source = rig.at(0, 0);
    flow(&mut rig, &[source], &[0, 1], &[], 1_000, 0);
    let n_before = rig.count();
    rig.build(3, 0, &["E"]);
    rig.belts.settle();
    let n_displaced = rig.belts.take_displaced().len();
    assert_eq!(rig.count() + n_displaced, n_before);
    assert_eq!(n_displaced, 2 * (256 * 4 + 128) / 64);
}

#[test]
fn loops_turn_for_ever_and_lose_nothing() {
    for n_wanted in [1, 10, 200] {
        let mut rig = Rig::new(&[">>>v", "^  v", "^<<<"]);
        let entrance = rig.at(1, 0);
        for _ in 0..2_000 {
            for lane in 0..2 {
                if rig.count() < n_wanted {
                    rig.belts.insert(entrance, lane, 128, plate());
                }
            }
            rig.belts.tick();
        }
        let n_items = rig.count();
        assert!(n_items == n_wanted || n_wanted == 200, "{n_items}");
        for _ in 0..2_000 {
            rig.belts.tick();
            assert_eq!(rig.count(), n_items);
            assert!(rig.belts.did_move(entrance), "with {n_items} items");
        }
    }
}

#[test]
fn items_cross_the_seam_of_a_loop_by_the_measured_jump() {
    // The oldest belt is the one at (0, 0), so the seam is between it and (1, 0).
    let mut rig = Rig::new(&[">v", "^<"]);
    rig.lay(0, 0, 0, 14);
    rig.run(1);
    assert_eq!(rig.positions(0, 0, 0), [6]);
    rig.run(1);
    // From 6 before the seam to 4 behind it, on the outer lane of the next turn.
    assert_eq!(rig.positions(1, 0, 0), [295 - 4]);
}

#[test]
fn belts_of_different_speed_hand_over_without_a_pause() {
    let mut rig = Rig::of_tier("fast-", &[">"]);
    let mut slow = Rig::new(&[">>"]);
    std::mem::swap(&mut rig, &mut slow);
    // A yellow belt that leads onto a red one.
    rig.belts.add_belt(
        9,
        crate::prototypes::vanilla()
            .entity("fast-transport-belt")
            .unwrap(),
        crate::sim::position::TilePos::new(2, 0),
        Direction::EAST,
        super::super::BeltKind::Surface,
    );
    rig.belts.settle();
    rig.lay(1, 0, 0, 4);
    rig.run(1);
    assert_eq!(rig.positions(2, 0, 0), [252]);
    rig.run(1);
    assert_eq!(rig.positions(2, 0, 0), [236]);
}
