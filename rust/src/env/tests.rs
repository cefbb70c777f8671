//! What must hold for every scenario: the mask is exact, the kept observation is the drawn one, all is deterministic.

use std::sync::Arc;

use super::batch::{AutoresetMode, Batch, BatchOptions};
use super::episode::{Episode, EpisodeOptions, Phase};
use crate::action::decode::Action;
use crate::action::mask::{conditional, is_accepted};
use crate::contract::action::{Interact, NVEC};
use crate::contract::mask::{INTERACT_BIT, ITEM_BIT, MOVE_BIT, TARGET_BIT};
use crate::contract::observation::{ENTITY_ROWS, RECORD_SIZE};
use crate::observation::local_map::KeptMap;
use crate::observation::{Record, entities, record};
use crate::scenario::{BUILTIN, Scenario};
use crate::sim::command::{Command, check};
use crate::sim::position::Direction;
use crate::sim::rng::Rng;
use crate::view::WorldView;

pub(super) fn scenarios() -> Vec<Arc<Scenario>> {
    BUILTIN
        .iter()
        .map(|(name, _)| Arc::new(Scenario::builtin(name).unwrap()))
        .collect()
}

/// Draws an action; three in four are legal ones, so that worlds go somewhere.
pub(super) fn draw_action(rng: &mut Rng, episode: &Episode, record: &Record) -> Action {
    let bits = record::mask_of(record);
    let choose = |rng: &mut Rng, first: usize, size: usize, always: bool| {
        let legal: Vec<usize> = (0..size).filter(|index| bits[first + index] != 0).collect();
        if legal.is_empty() || (always && rng.chance(1, 9)) {
            return 0;
        }
        legal[rng.below(legal.len() as u32) as usize]
    };
    let numbers = if rng.chance(1, 4) {
        NVEC.map(|size| i64::from(rng.below(size as u32)))
    } else {
        let walk = if bits[MOVE_BIT..INTERACT_BIT].iter().any(|bit| *bit != 0) && rng.chance(1, 2) {
            choose(rng, MOVE_BIT, 8, false) as i64 + 1
        } else {
            0
        };
        let interact = choose(rng, INTERACT_BIT, 8, false);
        // An exact pair for the interaction, where there is one.
        let table = episode.conditional_mask(Interact::ALL[interact]);
        let pairs: Vec<(usize, usize)> = (0..ENTITY_ROWS)
            .flat_map(|target| (0..32).map(move |item| (target, item)))
            .filter(|(target, item)| table[*target] >> item & 1 == 1)
            .collect();
        let (target, item) = if pairs.is_empty() {
            (
                choose(rng, TARGET_BIT, 16, false),
                choose(rng, ITEM_BIT, 32, false),
            )
        } else {
            pairs[rng.below(pairs.len() as u32) as usize]
        };
        [walk, interact as i64, target as i64, item as i64]
    };
    Action::parse(numbers).unwrap()
}

/// Plays random episodes of every scenario and lets `look` see the state before each action.
fn play(n_steps: u32, mut look: impl FnMut(&mut Episode, &Record)) {
    for (index, scenario) in scenarios().into_iter().enumerate() {
        let mut rng = Rng::new(index as u64);
        let mut episode = Episode::new(scenario, EpisodeOptions::default());
        let mut record = [0; RECORD_SIZE];
        for step in 0..n_steps {
            if step % 400 == 0 || episode.phase() != Phase::Running {
                episode.reset(u64::from(step)).unwrap();
                episode.invalidate();
                episode.observe(&mut record);
            }
            look(&mut episode, &record);
            let action = draw_action(&mut rng, &episode, &record);
            episode.step(action).unwrap();
            episode.observe(&mut record);
        }
    }
}

#[test]
fn mask_bits_are_set_exactly_where_some_action_is_accepted() {
    let mut n_set = 0;
    let mut step = 0;
    play(800, |episode, record| {
        step += 1;
        if step % 5 != 0 {
            return;
        }
        let bits = record::mask_of(record);
        let (world, rows) = (episode.world(), *episode.rows());
        let scenario = Arc::clone(episode.scenario());
        for eighths in 0..8 {
            let command = Command::Walk(Some(Direction::from_eighths(eighths)));
            let is_legal = check(world, &command).is_ok();
            assert_eq!(
                bits[MOVE_BIT + usize::from(eighths)] != 0,
                is_legal,
                "move {eighths}"
            );
        }
        let mut expected = [0_u8; 64];
        for interact in Interact::ALL {
            let table = conditional(world, &rows, scenario.palette(), interact);
            for (target, items) in table.iter().enumerate() {
                for item in 0..NVEC[3] {
                    let accepted =
                        is_accepted(world, &rows, scenario.palette(), interact, target, item);
                    assert_eq!(
                        items >> item & 1 == 1,
                        accepted,
                        "{interact:?} {target} {item}"
                    );
                    if accepted {
                        expected[INTERACT_BIT + interact as usize] = 1;
                        if interact.uses_target() {
                            expected[TARGET_BIT + target] = 1;
                        }
                        if interact.uses_item() {
                            expected[ITEM_BIT + item] = 1;
                        }
                    }
                }
            }
        }
        for (first, size) in [(TARGET_BIT, NVEC[2]), (ITEM_BIT, NVEC[3])] {
            if expected[first..first + size].iter().all(|bit| *bit == 0) {
                expected[first] = 1;
            }
        }
        assert_eq!(bits[INTERACT_BIT..], expected[INTERACT_BIT..]);
        n_set += bits.iter().filter(|bit| **bit != 0).count();
    });
    assert!(n_set > 5_000, "the worlds offered something to do: {n_set}");
}

#[test]
fn what_the_table_accepts_is_carried_out_and_what_it_refuses_changes_nothing() {
    let mut rng = Rng::new(3);
    let mut n_accepted = 0;
    play(600, |episode, _| {
        let numbers = NVEC.map(|size| i64::from(rng.below(size as u32)));
        let action = Action::parse([0, numbers[1], numbers[2], numbers[3]]).unwrap();
        let table = episode.conditional_mask(action.interact);
        let is_legal = table[action.target] >> action.item & 1 == 1;
        let mut twin = episode.clone();
        let result = twin.step(action).unwrap();
        assert_eq!(result.rejected[1] == 0, is_legal, "{action:?}");
        if !is_legal {
            let mut idle = episode.clone();
            idle.step(Action::parse([0; 4]).unwrap()).unwrap();
            assert_eq!(twin.world().digest(), idle.world().digest(), "{action:?}");
        }
        n_accepted += u32::from(is_legal && action.interact != Interact::None);
    });
    assert!(n_accepted > 20, "some were accepted: {n_accepted}");
}

#[test]
fn kept_observation_is_the_one_drawn_from_nothing() {
    play(1_500, |episode, record| {
        let mut fresh = [0xAA; RECORD_SIZE];
        let mut twin = episode.clone();
        twin.invalidate();
        twin.observe(&mut fresh);
        assert_eq!(fresh[..], record[..], "tick {}", episode.world().tick);
    });
}

#[test]
fn observation_depends_on_the_world_view_alone() {
    play(400, |episode, record| {
        let view = WorldView::capture(episode.world());
        let mut map = KeptMap::default();
        let mut seen = *record;
        record::local_map_mut(&mut seen).fill(0);
        map.update(
            record::local_map_mut(&mut seen),
            &view,
            episode.goal().waypoint(),
        );
        let listed = entities::list(&view, &mut map, record::local_map_of(&seen));
        record::write_entities(&mut seen, &listed.numbers);
        let mut cache = crate::action::mask::MaskCache::default();
        cache.write(
            record::mask_mut(&mut seen),
            &view,
            &listed.targets,
            episode.scenario().palette(),
            true,
        );
        assert_eq!(seen[..], record[..]);
    });
}

fn batch(scenario: &Arc<Scenario>, n_envs: usize, n_threads: usize, mode: AutoresetMode) -> Batch {
    let options = BatchOptions {
        n_envs,
        n_threads,
        autoreset: mode,
        is_full: true,
        episode: EpisodeOptions {
            max_steps: Some(150),
            is_sparse: false,
        },
    };
    Batch::new(Arc::clone(scenario), options).unwrap()
}

/// Actions that depend on environment and step alone.
fn actions(n_envs: usize, step: u64) -> Vec<[i64; 4]> {
    (0..n_envs as u64)
        .map(|index| {
            let mut rng = Rng::new(index << 32 | step);
            let interact = [0, 1, 1, 2, 2, 3, 4, 5, 7][rng.below(9) as usize];
            [
                i64::from(rng.below(9)),
                interact,
                i64::from(rng.below(16)),
                i64::from(rng.below(8)),
            ]
        })
        .collect()
}

#[test]
fn batches_agree_for_any_number_of_threads_and_with_single_episodes() {
    for scenario in scenarios() {
        let mut one = batch(&scenario, 40, 1, AutoresetMode::SameStep);
        let mut two = batch(&scenario, 40, 2, AutoresetMode::SameStep);
        let mut single = batch(&scenario, 1, 1, AutoresetMode::SameStep);
        let seeds: Vec<u64> = (100..140).collect();
        one.reset(Some(&seeds), None).unwrap();
        two.reset(Some(&seeds), None).unwrap();
        single.reset(Some(&[107]), None).unwrap();
        for step in 0..400 {
            let actions = actions(40, step);
            one.step(&actions).unwrap();
            two.step(&actions).unwrap();
            single.step(&actions[7..8]).unwrap();
            assert_eq!(
                one.arrays().records.as_slice(),
                two.arrays().records.as_slice(),
                "step {step}"
            );
            assert_eq!(one.arrays().rewards, two.arrays().rewards);
            assert_eq!(one.arrays().full, two.arrays().full);
            assert_eq!(one.arrays().has_final, two.arrays().has_final);
            assert_eq!(
                one.arrays().final_records.as_slice(),
                two.arrays().final_records.as_slice()
            );
            assert_eq!(
                one.arrays().records.as_slice()[7],
                single.arrays().records.as_slice()[0]
            );
        }
        assert_eq!(one.snapshot().unwrap(), two.snapshot().unwrap());
    }
}

#[test]
fn restored_batches_go_on_byte_for_byte() {
    for scenario in scenarios() {
        let mut played = batch(&scenario, 12, 2, AutoresetMode::NextStep);
        played
            .reset(Some(&(0..12).collect::<Vec<_>>()), None)
            .unwrap();
        for step in 0..130 {
            played.step(&actions(12, step)).unwrap();
        }
        let bytes = played.snapshot().unwrap();
        let mut restored = batch(&scenario, 12, 1, AutoresetMode::NextStep);
        restored.restore(&bytes).unwrap();
        assert_eq!(restored.snapshot().unwrap(), bytes);
        assert_eq!(
            restored.arrays().records.as_slice(),
            played.arrays().records.as_slice()
        );
        for step in 130..300 {
            played.step(&actions(12, step)).unwrap();
            restored.step(&actions(12, step)).unwrap();
            assert_eq!(
                restored.arrays().records.as_slice(),
                played.arrays().records.as_slice(),
                "step {step}"
            );
            assert_eq!(restored.arrays().terms, played.arrays().terms);
        }
    }
}

#[test]
fn autoreset_modes_follow_gymnasium() {
    let scenario = Arc::new(Scenario::builtin("movement_basic").unwrap());
    let idle = vec![[0; 4]; 2];
    let mut next = batch(&scenario, 2, 1, AutoresetMode::NextStep);
    let mut same = batch(&scenario, 2, 1, AutoresetMode::SameStep);
    let mut disabled = batch(&scenario, 2, 1, AutoresetMode::Disabled);
    for batch in [&mut next, &mut same, &mut disabled] {
        batch.reset(Some(&[5, 6]), None).unwrap();
        for _ in 0..149 {
            batch.step(&idle).unwrap();
        }
        assert_eq!(batch.arrays().truncated[..], [0, 0]);
        batch.step(&idle).unwrap();
        assert_eq!(batch.arrays().truncated[..], [1, 1]);
    }
    assert_eq!(same.arrays().has_final[..], [1, 1]);
    assert_eq!(
        same.arrays().final_records.as_slice(),
        next.arrays().records.as_slice()
    );
    let last = next.arrays().records.as_slice().to_vec();
    next.step(&[[3, 0, 0, 0]; 2]).unwrap();
    assert_eq!(next.arrays().rewards[..], [0.0, 0.0]);
    assert_eq!(next.arrays().truncated[..], [0, 0]);
    assert_ne!(next.arrays().records.as_slice(), last);
    assert_eq!(
        next.arrays().records.as_slice(),
        same.arrays().records.as_slice(),
        "the same second episode"
    );
    let error = disabled.step(&idle).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("environment 0: step was called after the episode ended")
    );
    disabled.reset(None, Some(&[true, false])).unwrap();
    assert_eq!(
        disabled.arrays().records.as_slice()[0],
        next.arrays().records.as_slice()[0]
    );
    assert_eq!(disabled.arrays().records.as_slice()[1], last[1]);
}

#[test]
fn errors_leave_a_batch_as_it_was() {
    let scenario = Arc::new(Scenario::builtin("movement_basic").unwrap());
    let mut batch = batch(&scenario, 2, 1, AutoresetMode::NextStep);
    assert!(
        batch
            .step(&[[0; 4]; 2])
            .unwrap_err()
            .to_string()
            .contains("call reset first")
    );
    assert!(
        batch
            .reset(None, None)
            .unwrap_err()
            .to_string()
            .contains("needs one")
    );
    batch.reset(Some(&[1, 2]), None).unwrap();
    let before = batch.snapshot().unwrap();
    for (actions, message) in [
        (vec![[0; 4]], "actions need 2 rows, not 1"),
        (
            vec![[0; 4], [9, 0, 0, 0]],
            "environment 1: component \"move\" of an action must be in 0..9, not 9",
        ),
        (
            vec![[0, -1, 0, 0], [0; 4]],
            "environment 0: component \"interact\" of an action must be in 0..8, not -1",
        ),
    ] {
        assert_eq!(batch.step(&actions).unwrap_err().to_string(), message);
        assert_eq!(batch.snapshot().unwrap(), before);
    }
    for bytes in [&before[..20], &before[..before.len() - 1], &[]] {
        assert_eq!(
            batch.restore(bytes).unwrap_err().kind(),
            crate::ErrorKind::InvalidSnapshot
        );
        assert_eq!(batch.snapshot().unwrap(), before);
    }
}
