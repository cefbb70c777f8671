//! Random mazes of belts: nothing is lost, nothing overlaps, and bytes are canonical.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::lane::{Lane, SPACING};
use super::super::{BeltKind, Belts, End};
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
        assert!(
            positions.windows(2).all(|pair| pair[0] < pair[1]),
            "in order: {positions:?}"
        );
        if let (Some(first), Some(last)) = (positions.first(), positions.last()) {
            assert!(
                *first >= 0 && *last < track.length,
                "on the lane: {positions:?} of {}",
                track.length
            );
        }
    }
}

/// Turns or removes what stands there, and checks that nothing is lost.
fn change(belts: &mut Belts, belt: u32, what: u8, position: i32) {
    let n_before = belts.placed_items().len();
    let yielded = match (belts.belt(belt).unwrap().kind, what) {
        (BeltKind::SplitterIn { splitter, .. }, 1) => {
            let way = belts.belt(belt).unwrap().direction;
            belts.turn_splitter(splitter, way.rotated().rotated());
            Vec::new()
        }
        (BeltKind::SplitterIn { splitter, .. }, _) => belts.remove_splitter(splitter),
        (BeltKind::Entrance | BeltKind::Exit, 1) if position < 128 => {
            belts.reverse_underground(belt);
            Vec::new()
        }
        (_, 1) => {
            belts.turn_belt(belt, Direction::from_eighths(position as u8 / 2 * 2));
            Vec::new()
        }
        _ => belts.remove_belt(belt),
    };
    belts.settle();
    let n_displaced = belts.displaced.len();
    let n_after = belts.placed_items().len();
    assert_eq!(n_after + n_displaced + yielded.len(), n_before);
}

/// A lane as its downstream belt and side name it.
type Name = (u32, u32);

/// Describes every lane without the numbers of lines: belts, length, end, what runs into it.
fn lines(belts: &Belts) -> BTreeMap<Name, (Vec<u32>, i32, String, Vec<Name>)> {
    let name = |track: u32| (belts.lines[track as usize / 2].belts[0], track % 2);
    let mut found = BTreeMap::new();
    for (index, track) in belts.tracks.iter().enumerate() {
        let line = &belts.lines[index / 2];
        if line.belts.is_empty() {
            continue;
        }
        let end = match track.end {
            End::Lane(next) => format!("lane {:?}", name(next)),
            End::Side { lane, entry, belt } => format!("side {:?} {entry} {belt}", name(lane)),
            other => format!("{other:?}"),
        };
        let feeders = track.feeders.iter().map(|feeder| name(*feeder)).collect();
        found.insert(
            name(index as u32),
            (line.belts.clone(), track.length, end, feeders),
        );
    }
    found
}

fn lines_made_anew(belts: &Belts) -> BTreeMap<Name, (Vec<u32>, i32, String, Vec<Name>)> {
    let mut copy = belts.clone();
    copy.link();
    lines(&copy)
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
            let tile = TilePos::new(x, y);
            match rig.belts.belt_at(tile) {
                Some(belt) if what == 0 => {
                    let first = rig.belts.items_on(belt, lane).next();
                    if let Some((position, item)) = first {
                        prop_assert!(rig.belts.take(belt, lane, position, item));
                        n_items -= 1;
                    }
                }
                Some(belt) if what < 3 => {
                    change(&mut rig.belts, belt, what, position);
                    rig.belts.settle();
                    let displaced = rig.belts.take_displaced();
                    n_items = rig.count();
                    prop_assert!(displaced.len() <= 200);
                    prop_assert_eq!(lines(&rig.belts), lines_made_anew(&rig.belts));
                }
                Some(belt) => {
                    let can = rig.belts.can_insert(belt, lane, position);
                    let did = rig.belts.insert(belt, lane, position, plate());
                    prop_assert_eq!(can, did);
                    n_items += usize::from(did);
                }
                None => {
                    let symbol = ["^", ">", "v", "<", "N", "E", "6", "8"][position as usize % 8];
                    rig.build(x, y, &[symbol]);
                    rig.belts.settle();
                    n_items -= rig.belts.take_displaced().len();
                    prop_assert_eq!(lines(&rig.belts), lines_made_anew(&rig.belts));
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
    fn lanes_move_as_the_rule_says(
        speed in prop::sample::select(vec![8, 16, 24]),
        actions in prop::collection::vec((0..6_u8, 0..600), 400),
    ) {
        // The rule item by item, without shortcuts, beside the lane.
        let mut lane = Lane::default();
        let mut plain: Vec<i32> = Vec::new();
        let mut limit = 0;
        for (what, place) in actions {
            match what {
                0 => {
                    if let Some((index, position)) = lane.place_for(place, place, speed, None) {
                        let position = position.max(0);
                        lane.insert(index, position, plate());
                        plain.insert(index, position);
                    }
                }
                1 if !plain.is_empty() => {
                    let index = place as usize % plain.len();
                    lane.remove(index);
                    plain.remove(index);
                }
                // The way out is free for a while, or closed.
                2 => limit = if place < 300 { 0 } else { -place },
                _ => {}
            }
            let mut ahead = limit - SPACING;
            let mut has_moved = false;
            for position in &mut plain {
                let after = (*position - speed).max(ahead + SPACING).min(*position);
                has_moved |= after != *position;
                *position = after;
                ahead = after;
            }
            prop_assert_eq!(lane.advance(speed, limit), has_moved);
            prop_assert_eq!(lane.positions(), plain.as_slice());
            while lane.front().is_some_and(|(position, _)| position < 0) {
                lane.pop_front();
                plain.remove(0);
            }
            if plain.is_empty() {
                limit = 0;
            }
        }
    }
}
