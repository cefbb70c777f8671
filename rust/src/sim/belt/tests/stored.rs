//! Snapshots: equal belts give equal bytes, and what is restored goes on as the original does.

use super::super::{Belts, SplitterSide};
use super::kit::{Rig, item, plate};
use crate::sim::entity::EntityRef;

fn bytes(belts: &Belts) -> Vec<u8> {
    postcard::to_allocvec(belts).unwrap()
}

fn restored(belts: &Belts) -> Belts {
    postcard::from_bytes(&bytes(belts)).unwrap()
}

/// A bit of everything, with traffic.
fn busy_rig() -> Rig {
    let mut rig = Rig::new(&[
        ">>>]>>>v  ",
        ">>>]>E  6>",
        "  ^    v  ",
        "^<<<<<<<  ",
        ">>v       ",
        "^ v       ",
        "^<<       ",
    ]);
    rig.belts.splitter_mut(0).unwrap().output_priority = Some(SplitterSide::Right);
    let places = [(0, 0), (0, 1), (2, 2), (0, 4)].map(|(x, y)| rig.at(x, y));
    for tick in 0..700 {
        for (index, belt) in places.into_iter().enumerate() {
            if tick % (index + 3) == 0 {
                rig.belts.insert(
                    belt,
                    tick % 2,
                    128,
                    if tick % 5 == 0 { item("coal") } else { plate() },
                );
            }
        }
        rig.belts.tick();
    }
    rig
}

#[test]
fn a_restored_world_has_the_same_bytes_and_goes_on_the_same() {
    let mut rig = busy_rig();
    let mut copy = restored(&rig.belts);
    assert_eq!(bytes(&copy), bytes(&rig.belts));
    for tick in 0..500 {
        rig.belts.tick();
        copy.tick();
        assert_eq!(bytes(&copy), bytes(&rig.belts), "tick {tick}");
    }
}

#[test]
fn making_the_lines_anew_changes_nothing() {
    let mut rig = busy_rig();
    let mut other = rig.belts.clone();
    for _ in 0..100 {
        rig.belts.tick();
        let places: Vec<_> = other.tiles.iter().map(|(_, tile)| tile.tile).collect();
        other.changed.extend(places);
        other.tick();
        assert_eq!(other.placed_items(), rig.belts.placed_items());
    }
}

#[test]
fn bytes_tell_nothing_of_what_was_popped() {
    // The same items on the same belts, one lane fresh, the other after long traffic.
    let mut used = Rig::new(&[">>>>"]);
    let end = used.at(3, 0);
    let start = used.at(0, 0);
    for _ in 0..5_000 {
        used.feed(start, 0, plate());
        used.belts.tick();
        used.drain(end);
    }
    let mut fresh = Rig::new(&[">>>>"]);
    for belt in 0..4 {
        used.drain(used.at(belt, 0));
    }
    for rig in [&mut used, &mut fresh] {
        rig.run(2);
        rig.lay(1, 0, 0, 100);
    }
    assert_eq!(bytes(&used.belts), bytes(&fresh.belts));
}

#[test]
fn watchers_are_told_once_and_survive_a_snapshot() {
    let mut rig = Rig::new(&[">>>>"]);
    let watcher = EntityRef { slot: 7, unit: 9 };
    rig.belts.watch(rig.at(3, 0), watcher);
    rig.run(3);
    assert!(!rig.belts.has_woken(), "nothing moves");
    let mut copy = restored(&rig.belts);
    let start = rig.at(0, 0);
    for belts in [&mut rig.belts, &mut copy] {
        assert!(belts.insert(start, 0, 128, plate()));
        let mut woken = Vec::new();
        belts.drain_woken(&mut woken);
        assert_eq!(woken, [watcher]);
        belts.tick();
        assert!(!belts.has_woken());
    }
}

#[test]
fn lines_at_rest_sleep_and_wake_when_the_way_is_free() {
    let mut rig = Rig::new(&[">>>>", "  ^ ", "  ^ "]);
    let (main, feed) = (rig.at(0, 0), rig.at(2, 2));
    for _ in 0..600 {
        for lane in 0..2 {
            rig.feed(main, lane, plate());
            rig.feed(feed, lane, plate());
        }
        rig.belts.tick();
    }
    assert_eq!(rig.belts.awake_heads(), [], "everything is full");
    let end = rig.at(3, 0);
    assert!(rig.belts.take(end, 1, 0, plate()));
    rig.run(1);
    assert!(rig.belts.did_move(end) && rig.belts.did_move(main));
    assert_eq!(
        rig.positions(0, 0, 1),
        [56, 120, 184],
        "the whole lane moved in that tick"
    );
}

#[test]
fn bad_bytes_are_refused() {
    let mut bad = bytes(&busy_rig().belts);
    bad.truncate(bad.len() / 2);
    assert!(postcard::from_bytes::<Belts>(&bad).is_err());
}
