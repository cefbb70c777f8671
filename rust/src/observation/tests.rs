//! What is kept from step to step is what would be drawn anew, whatever happens in a factory.

use super::local_map::KeptMap;
use super::{Record, entities, record};
use crate::contract::observation::{MAP_CHANNELS, RECORD_SIZE, channel};
use crate::sim::World;
use crate::sim::position::{MapPos, SUBTILES};
use crate::sim::rng::Rng;
use crate::sim::verify::tests::watch_a_factory;

/// Looks at a factory after it has been left alone.
const N_LOOKS: u32 = 2_000;

/// Writes map and rows, and returns what the rows name.
fn observe(kept: &mut KeptMap, record: &mut Record, world: &World) -> entities::TargetRows {
    kept.update(record::local_map_mut(record), world, None);
    let rows = entities::list(world, kept, record::local_map_of(record));
    record::write_entities(record, &rows.numbers);
    rows.targets
}

/// Moves the character by less than a tile, or seldom anywhere on the map.
fn wander(world: &mut World, rng: &mut Rng) {
    let half = world.terrain.area().width / 2 * SUBTILES;
    let mut draw = |range: i32| rng.below(2 * range as u32) as i32 - range;
    let position = if draw(100) == 0 {
        MapPos {
            x: draw(half),
            y: draw(half),
        }
    } else {
        MapPos {
            x: (world.character.position.x + draw(SUBTILES)).clamp(-half, half),
            y: (world.character.position.y + draw(SUBTILES)).clamp(-half, half),
        }
    };
    world.character.position = position;
}

#[test]
fn what_is_kept_of_a_random_factory_is_what_is_drawn_anew() {
    for seed in 0..4 {
        let mut rng = Rng::new(seed);
        let mut kept = KeptMap::default();
        let mut record: Box<Record> = Box::new([0; RECORD_SIZE]);
        let (mut n_looks, mut n_changes) = (0, 0);
        watch_a_factory(seed, N_LOOKS, |world| {
            if rng.chance(2, 3) {
                wander(world, &mut rng);
            }
            let before = record.clone();
            let targets = observe(&mut kept, &mut record, world);
            world.changes.clear();
            let mut fresh: Box<Record> = Box::new([0; RECORD_SIZE]);
            let fresh_targets = observe(&mut KeptMap::default(), &mut fresh, world);
            if record != fresh {
                let (old, new) = (record::local_map_of(&record), record::local_map_of(&fresh));
                let wrong = (0..old.len()).find(|byte| old[*byte] != new[*byte]);
                panic!(
                    "seed {seed}, tick {}: byte {wrong:?} of the map, channel {:?}",
                    world.tick,
                    wrong.map(|byte| byte % MAP_CHANNELS)
                );
            }
            assert_eq!(targets, fresh_targets, "seed {seed}, tick {}", world.tick);
            n_looks += 1;
            let shown = |record: &Record| -> Vec<u8> {
                let cells = record::local_map_of(record).chunks_exact(MAP_CHANNELS);
                cells.map(|cell| cell[channel::CONTENTS]).collect()
            };
            n_changes += u32::from(shown(&before) != shown(&record));
        });
        assert!(
            n_looks > N_LOOKS && n_changes > N_LOOKS / 4,
            "seed {seed}: {n_changes}"
        );
    }
}
