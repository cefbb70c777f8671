//! Random mazes of belts: nothing is lost, nothing overlaps, and bytes are canonical.

use proptest::prelude::*;

use super::super::{Belts, SPACING};
use super::kit::{Rig, plate};
use crate::sim::position::{Direction, TilePos};

const SIDE: i32 = 7;

/// Symbols of the kit; splitters are drawn as pairs by the kit where two halves meet.
fn symbols() -> impl Strategy<Value = Vec<char>> {
    let symbol = prop_oneof![
        8 => prop::sample::select(vec!['^', '>', 'v', '<']),
        2 => prop::sample::select(vec!['N', 'E', 'S', 'W', '8', '6', '2', '4']),
        2 => prop::sample::select(vec![']', 'n', 'u', '[']),
        2 => Just(' '),
    ];
    prop::collection::vec(symbol, (SIDE * SIDE) as usize)
}

fn build(symbols: &[char], tier: &'static str) -> Rig {
    let rows: Vec<String> = symbols
        .chunks(SIDE as usize)
        .map(|row| row.iter().collect())
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Rig::of_tier(tier, &rows)
}

fn check(belts: &Belts) {
    for track in &belts.tracks {
        let positions = track.lane.positions();
        assert!(positions.windows(2).all(|pair| pair[0] < pair[1]), "in order: {positions:?}");
        if let (Some(first), Some(last)) = (positions.first(), positions.last()) {
            assert!(*first >= 0 && *last < track.length, "on the lane: {positions:?} of {}", track.length);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn mazes_conserve_items_and_order(
        symbols in symbols(),
        tier in prop::sample::select(vec!["", "fast-", "express-"]),
        actions in prop::collection::vec((0..SIDE, 0..SIDE, 0..2_usize, 0..256, 0..12_u8), 150),
    ) {
        let mut rig = build(&symbols, tier);
        let mut n_items = 0;
        for (x, y, lane, position, what) in actions {
            let belt = rig.belts.belt_at(TilePos::new(x, y));
            if let Some(belt) = belt {
                match what {
                    0 => {
                        let first = rig.belts.items_on(belt, lane).next();
                        if let Some((position, item)) = first {
                            prop_assert!(rig.belts.take(belt, lane, position, item));
                            n_items -= 1;
                        }
                    }
                    1 if !matches!(rig.belts.belt(belt).unwrap().kind, super::super::BeltKind::SplitterIn { .. }) => {
                        rig.belts.turn_belt(belt, Direction::from_eighths(position as u8 / 2 * 2));
                        rig.belts.settle();
                        n_items -= rig.belts.take_displaced().len();
                    }
                    _ => {
                        let can = rig.belts.can_insert(belt, lane, position);
                        let did = rig.belts.insert(belt, lane, position, plate());
                        prop_assert_eq!(can, did);
                        n_items += usize::from(did);
                    }
                }
            }
            for _ in 0..4 {
                rig.belts.tick();
                check(&rig.belts);
                prop_assert_eq!(rig.count(), n_items);
            }
        }
        let bytes = postcard::to_allocvec(&rig.belts).unwrap();
        let mut copy: Belts = postcard::from_bytes(&bytes).unwrap();
        prop_assert_eq!(postcard::to_allocvec(&copy).unwrap(), bytes);
        for _ in 0..60 {
            rig.belts.tick();
            copy.tick();
            prop_assert_eq!(postcard::to_allocvec(&copy).unwrap(), postcard::to_allocvec(&rig.belts).unwrap());
        }
    }

    #[test]
    fn fed_from_behind_only_items_keep_their_spacing(symbols in symbols(), places in prop::collection::vec((0..SIDE, 0..SIDE), 4)) {
        // Without side feeds and loops nothing is ever closer than 64.
        let mut rig = build(&symbols, "");
        let has_side = rig.belts.tracks.iter().any(|track| {
            matches!(track.end, super::super::End::Side { .. } | super::super::End::Loop)
        });
        prop_assume!(!has_side);
        let sources: Vec<u32> = places
            .iter()
            .filter_map(|(x, y)| rig.belts.belt_at(TilePos::new(*x, *y)))
            .filter(|belt| {
                let line = rig.belts.belt(*belt).unwrap().line.unwrap();
                rig.belts.lines[line as usize].belts.last() == Some(belt)
                    && rig.belts.tracks[line as usize * 2].feeders.is_empty()
            })
            .collect();
        for _ in 0..300 {
            for source in &sources {
                rig.feed(*source, 0, plate());
            }
            rig.belts.tick();
            for track in &rig.belts.tracks {
                prop_assert!(track.lane.positions().windows(2).all(|pair| pair[1] - pair[0] >= SPACING));
            }
        }
    }
}
