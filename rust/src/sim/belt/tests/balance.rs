//! Balancers balance: they are what a network of splitters is judged by.

use super::kit::{Rig, flow};

/// Stage one mixes belts 1 and 2, and 3 and 4; belts 2 and 3 then change places, one below the other; stage two mixes
/// again.
fn four_to_four() -> Rig {
    Rig::new(&[
        ">>]>>>>>>>]>>",
        ">>]>>>v >>]>>",
        "   >>Ev6^    ",
        "   ^  v      ",
        ">>]^  >>>>]>>",
        ">>]>>>>>>>]>>",
    ])
}

#[test]
fn one_splitter_balances_two_belts() {
    for sources in [&[0][..], &[1][..], &[0, 1][..]] {
        let mut rig = Rig::new(&[">>>]>>>", ">>>]>>>"]);
        let from: Vec<u32> = sources.iter().map(|row| rig.at(0, *row)).collect();
        let sinks = [rig.at(6, 0), rig.at(6, 1)];
        let counts = flow(&mut rig, &from, &[0, 1], &sinks, 600, 3_600);
        assert!(
            counts[0].abs_diff(counts[1]) <= 2,
            "{sources:?}: {counts:?}"
        );
    }
}

#[test]
fn a_loop_back_makes_one_belt_into_one() {
    // A 1-1 lane of splitters: one output is led back into the other input, so all comes out at the end.
    let mut rig = Rig::new(&[" v<<<<  ", " >>]>^  ", ">>>]>>>>"]);
    let (source, sink) = (rig.at(0, 2), rig.at(7, 2));
    let counts = flow(&mut rig, &[source], &[0, 1], &[sink], 2_000, 3_600);
    let rate = f64::from(counts[0]) / 60.0;
    assert!((rate - 15.0).abs() <= 0.15, "{rate}");
}

#[test]
fn four_belts_balance() {
    const ROWS: [i32; 4] = [0, 1, 4, 5];
    for sources in [
        &[0][..],
        &[1],
        &[2],
        &[3],
        &[0, 1],
        &[0, 2, 3],
        &[0, 1, 2, 3],
    ] {
        let mut rig = four_to_four();
        let from: Vec<u32> = sources.iter().map(|belt| rig.at(0, ROWS[*belt])).collect();
        let sinks = ROWS.map(|row| rig.at(12, row));
        let counts = flow(&mut rig, &from, &[0, 1], &sinks, 1_500, 3_600);
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(most - least <= 4, "{sources:?}: {counts:?}");
        let wanted = 900 * sources.len() as u32;
        assert!(
            counts.iter().sum::<u32>().abs_diff(wanted) <= wanted / 100,
            "{sources:?}: {counts:?}"
        );
    }
}
