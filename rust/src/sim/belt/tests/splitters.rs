//! Rows SPL-* of the fidelity table, and filters.

use super::super::SplitterSide;
use super::kit::{Rig, flow, item, plate};

/// Two belts in, a splitter, two belts out, all heading east; the left side is the north one.
fn rig() -> Rig {
    Rig::new(&[">>>]>>>", ">>>]>>>"])
}

fn rates(counts: &[u32], ticks: u32) -> Vec<f64> {
    counts
        .iter()
        .map(|count| f64::from(*count) * 60.0 / f64::from(ticks))
        .collect()
}

fn assert_rates(counts: &[u32], ticks: u32, wanted: &[f64]) {
    for (rate, wanted) in rates(counts, ticks).iter().zip(wanted) {
        assert!(
            (rate - wanted).abs() <= 0.01 * wanted.max(1.0),
            "{rate} for {wanted}"
        );
    }
}

#[test]
fn one_full_input_is_shared_evenly() {
    let mut rig = rig();
    let sinks = [rig.at(6, 0), rig.at(6, 1)];
    let source = rig.at(0, 0);
    let counts = flow(&mut rig, &[source], &[0, 1], &sinks, 600, 3_600);
    assert_rates(&counts, 3_600, &[7.5, 7.5]);
}

#[test]
fn outputs_never_differ_by_more_than_one_item_a_lane() {
    let mut rig = rig();
    let sinks = [rig.at(6, 0), rig.at(6, 1)];
    let source = rig.at(0, 1);
    let mut passed = [[0_i32; 2]; 2];
    for tick in 0..3_000 {
        // Any pattern of gaps, and different items.
        if tick % 7 != 3 {
            rig.feed(source, 0, plate());
        }
        if tick % 11 < 6 {
            rig.feed(source, 1, item("coal"));
        }
        rig.belts.tick();
        for (side, sink) in sinks.iter().enumerate() {
            let drained = rig.drain(*sink);
            for lane in 0..2 {
                passed[lane][side] += drained[lane] as i32;
            }
        }
        for [left, right] in passed {
            assert!((left - right).abs() <= 1, "tick {tick}: {left} and {right}");
        }
    }
    assert!(passed[0][0] > 100);
}

#[test]
fn a_blocked_output_sends_everything_to_the_other() {
    let mut rig = rig();
    let (source, sink) = (rig.at(0, 0), rig.at(6, 1));
    let counts = flow(&mut rig, &[source], &[0, 1], &[sink], 1_200, 3_600);
    assert_rates(&counts, 3_600, &[15.0]);
}

#[test]
fn two_full_inputs_pass_into_two_outputs() {
    let mut rig = rig();
    let sinks = [rig.at(6, 0), rig.at(6, 1)];
    let sources = [rig.at(0, 0), rig.at(0, 1)];
    let counts = flow(&mut rig, &sources, &[0, 1], &sinks, 600, 3_600);
    assert_rates(&counts, 3_600, &[15.0, 15.0]);
}

#[test]
fn output_priority_gives_one_side_everything() {
    for (side, wanted) in [
        (SplitterSide::Left, [15.0, 0.0]),
        (SplitterSide::Right, [0.0, 15.0]),
    ] {
        let mut rig = rig();
        rig.belts.splitter_mut(0).unwrap().output_priority = Some(side);
        let sinks = [rig.at(6, 0), rig.at(6, 1)];
        let source = rig.at(0, 0);
        let counts = flow(&mut rig, &[source], &[0, 1], &sinks, 600, 3_600);
        assert_rates(&counts, 3_600, &wanted);
    }
}

/// Feeds both inputs and counts what each gave, by telling their items apart.
fn taken_from(rig: &mut Rig, ticks: u32) -> [u32; 2] {
    let sources = [rig.at(0, 0), rig.at(0, 1)];
    let items = [plate(), item("coal")];
    let sink = rig.at(6, 0);
    let mut counts = [0; 2];
    for tick in 0..600 + ticks {
        for (source, item) in sources.iter().zip(items) {
            rig.feed(*source, 0, item);
            rig.feed(*source, 1, item);
        }
        rig.belts.tick();
        for lane in 0..2 {
            let found: Vec<_> = rig.belts.items_on(sink, lane).collect();
            for (position, kind) in found {
                assert!(rig.belts.take(sink, lane, position, kind));
                if tick >= 600 {
                    counts[usize::from(kind != items[0])] += 1;
                }
            }
        }
    }
    counts
}

#[test]
fn two_full_inputs_merge_evenly() {
    let counts = taken_from(&mut rig(), 3_600);
    assert_rates(&counts, 3_600, &[7.5, 7.5]);
}

#[test]
fn input_priority_lets_the_other_side_wait() {
    for (side, wanted) in [
        (SplitterSide::Left, [15.0, 0.0]),
        (SplitterSide::Right, [0.0, 15.0]),
    ] {
        let mut rig = rig();
        rig.belts.splitter_mut(0).unwrap().input_priority = Some(side);
        let counts = taken_from(&mut rig, 3_600);
        assert_rates(&counts, 3_600, &wanted);
    }
}

#[test]
fn a_filter_sends_its_item_to_one_side_and_nothing_else_there() {
    let mut rig = rig();
    let coal = item("coal");
    {
        let splitter = rig.belts.splitter_mut(0).unwrap();
        splitter.filter = Some(coal);
        splitter.output_priority = Some(SplitterSide::Right);
    }
    let source = rig.at(0, 0);
    for tick in 0..600 {
        let kind = if tick % 3 == 0 { coal } else { plate() };
        rig.feed(source, 0, kind);
        rig.belts.tick();
        for lane in 0..2 {
            for x in 4..7 {
                let left = rig.at(x, 0);
                let right = rig.at(x, 1);
                assert!(rig.belts.items_on(left, lane).all(|(_, kind)| kind != coal));
                assert!(
                    rig.belts
                        .items_on(right, lane)
                        .all(|(_, kind)| kind == coal)
                );
            }
        }
    }
    assert!(!rig.positions(6, 0, 0).is_empty());
    assert!(!rig.positions(6, 1, 0).is_empty());
}

#[test]
fn a_side_that_was_blocked_is_owed_five_items() {
    let mut rig = rig();
    let (source, sink, blocked) = (rig.at(0, 0), rig.at(6, 1), rig.at(6, 0));
    // The left output fills up and everything goes right.
    flow(&mut rig, &[source], &[0], &[sink], 1_200, 0);
    // Both run: the left side gets what it is owed, then they alternate.
    let counts = flow(&mut rig, &[source], &[0], &[blocked, sink], 0, 1_200);
    let drained_first = 13;
    let difference = counts[0] as i32 - counts[1] as i32;
    assert!(
        (5..=5 + drained_first + 1).contains(&difference),
        "{counts:?}"
    );
}

#[test]
fn splitters_of_all_tiers_pass_full_belts() {
    for (tier, items_per_second) in [("fast-", 30.0), ("express-", 45.0)] {
        let mut rig = Rig::of_tier(tier, &[">>>]>>>", ">>>]>>>"]);
        let sinks = [rig.at(6, 0), rig.at(6, 1)];
        let sources = [rig.at(0, 0), rig.at(0, 1)];
        let counts = flow(&mut rig, &sources, &[0, 1], &sinks, 600, 3_600);
        assert_rates(&counts, 3_600, &[items_per_second, items_per_second]);
    }
}

#[test]
fn splitters_stand_in_all_four_directions() {
    for (rows, source, sinks) in [
        (&[">>]>", ">>]>"][..], (0, 0), [(3, 0), (3, 1)]),
        (&["<[<<", "<[<<"][..], (3, 1), [(0, 0), (0, 1)]),
        (&["^^", "nn", "^^", "^^"][..], (0, 3), [(0, 0), (1, 0)]),
        (&["vv", "vv", "uu", "vv"][..], (1, 0), [(0, 3), (1, 3)]),
    ] {
        let mut rig = Rig::new(rows);
        let source = rig.at(source.0, source.1);
        let sinks = sinks.map(|(x, y)| rig.at(x, y));
        let counts = flow(&mut rig, &[source], &[0, 1], &sinks, 300, 3_600);
        assert_rates(&counts, 3_600, &[7.5, 7.5]);
    }
}
