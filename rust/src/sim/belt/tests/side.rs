//! Side feeds: where they enter, whom they let pass.

use std::cmp::Ordering;

use super::kit::{Rig, flow, plate};

#[test]
fn side_feeds_enter_at_188_and_67_on_the_near_lane() {
    // A feed from the south joins an east belt on lane 2: from the feed's lane 1 at 180 + k, from lane 2 at 59 + k.
    for phase in 0..8 {
        for (lane, entry) in [(0, 180), (1, 59)] {
            let mut rig = Rig::new(&[">>>>", " ^  ", " ^  "]);
            rig.lay(1, 1, lane, phase);
            rig.run(1);
            assert_eq!(rig.positions(1, 0, 1), [entry + phase], "lane {lane}");
            assert!(rig.positions(1, 0, 0).is_empty());
        }
        for (lane, entry) in [(1, 180), (0, 59)] {
            let mut rig = Rig::new(&[" v  ", ">>>>"]);
            rig.lay(1, 0, lane, phase);
            rig.run(1);
            assert_eq!(
                rig.positions(1, 1, 0),
                [entry + phase],
                "from the left, lane {lane}"
            );
        }
    }
}

#[test]
fn everything_from_the_right_lands_on_the_right_lane() {
    let mut rig = Rig::new(&[">>>>>", " ^   ", " ^   "]);
    let (source, sink) = (rig.at(1, 2), rig.at(4, 0));
    let mut lanes = [0, 0];
    for _ in 0..2_000 {
        rig.feed(source, 0, plate());
        rig.feed(source, 1, plate());
        rig.belts.tick();
        let drained = rig.drain(sink);
        lanes[0] += drained[0];
        lanes[1] += drained[1];
    }
    assert_eq!(lanes[0], 0);
    assert!(lanes[1] > 200, "a full lane came through: {}", lanes[1]);
}

#[test]
fn acceptance_follows_the_measured_sweep() {
    // One item passes the entry as another arrives, at every distance; positions on the target after its move.
    for entry in [188, 67] {
        let lane = usize::from(entry == 67);
        for passing in entry - 70..entry + 40 {
            for phase in 0..8 {
                let mut rig = Rig::new(&[">>>>", " ^  "]);
                if passing < 0 {
                    continue;
                }
                // Passing reads so after this tick's move.
                if passing + 8 < 256 {
                    rig.lay(1, 0, 1, passing + 8);
                } else {
                    rig.lay(0, 0, 1, passing + 8 - 256);
                }
                rig.lay(1, 1, lane, phase);
                rig.run(1);
                let on_target = rig.positions(1, 0, 1);
                let placed: Vec<i32> = on_target
                    .iter()
                    .copied()
                    .filter(|p| *p != passing)
                    .collect();
                let free = entry + phase - 8;
                let wanted = match passing.cmp(&entry) {
                    Ordering::Less => vec![free.max(passing + 64)],
                    Ordering::Equal => vec![],
                    Ordering::Greater => vec![free],
                };
                if wanted.iter().all(|place| *place != passing) {
                    assert_eq!(
                        placed, wanted,
                        "entry {entry}, passing {passing}, phase {phase}"
                    );
                }
                assert_eq!(rig.count(), 2);
            }
        }
    }
}

#[test]
fn a_full_lane_lets_no_side_feed_in() {
    let mut rig = Rig::new(&[">>>>>>", "  ^   ", "  ^   "]);
    let (main, feed, sink) = (rig.at(0, 0), rig.at(2, 2), rig.at(5, 0));
    // The main lane is full before the feed arrives.
    flow(&mut rig, &[main], &[1], &[sink], 400, 0);
    let n_fed_before = rig.count();
    for _ in 0..600 {
        rig.feed(main, 1, plate());
        rig.feed(feed, 0, plate());
        rig.belts.tick();
        rig.drain(sink);
    }
    let waiting = rig.positions(2, 1, 0).len() + rig.positions(2, 2, 0).len();
    assert_eq!(waiting, 8, "the feed stands full");
    assert!(rig.count() >= n_fed_before);
}

#[test]
fn two_that_enter_an_empty_lane_in_one_tick_do_not_both_stay_back() {
    // The second to enter moves the first, which then lies 8 further (172 or 51 instead of 180 or 59).
    let mut rig = Rig::new(&[">>>>", " ^  "]);
    rig.lay(1, 1, 0, 0);
    rig.lay(1, 1, 1, 0);
    rig.run(1);
    // The one put on last moves first: the feed's lane 2, to 59, and then 8 on.
    assert_eq!(rig.positions(1, 0, 1), [51, 180]);
}

#[test]
fn a_side_feed_reaches_the_open_half_of_an_underground_only() {
    // Entrance heading east: its west half is open. A feed from the south has its lane 1 there.
    let mut rig = Rig::new(&["E  6>", "^    ", "^    "]);
    rig.lay(0, 1, 0, 3);
    rig.lay(0, 1, 1, 3);
    rig.run(600);
    assert_eq!(rig.positions(0, 1, 1), [0], "lane 2 meets the ramp");
    assert!(rig.positions(0, 1, 0).is_empty());
    assert_eq!(
        rig.positions(4, 0, 1),
        [0],
        "what passes goes to the near lane"
    );
    // Exit heading east: its east half is open, where the feed's lane 2 is.
    let mut rig = Rig::new(&["6>>", "^  "]);
    rig.lay(0, 1, 0, 3);
    rig.lay(0, 1, 1, 3);
    rig.run(600);
    assert_eq!(rig.positions(0, 1, 0), [0]);
    assert_eq!(rig.positions(2, 0, 1), [0]);
}
