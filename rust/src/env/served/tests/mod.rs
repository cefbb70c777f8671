mod native;

use std::sync::Arc;

use self::native::Native;
use super::group::{Group, GroupOptions, Outcome, Task};
use super::link::Link;
use super::record::{Player, Recorder};
use crate::action::decode::Action;
use crate::contract::action::{NVEC, RejectReason};
use crate::contract::observation::RECORD_SIZE;
use crate::env::tests::{draw_action, scenarios};
use crate::env::{AutoresetMode, Batch, BatchOptions, Episode, EpisodeOptions};
use crate::observation::Record;
use crate::scenario::Scenario;
use crate::sim::rng::Rng;
use crate::view::mirror::SetupCounts;

/// Plays an episode in both worlds and compares every byte and number.
fn compare(scenario: &Arc<Scenario>, seed: u64, n_steps: u32, group: &mut Group) {
    let options = EpisodeOptions {
        max_steps: Some(n_steps),
        is_sparse: false,
    };
    let mut embedded = Episode::new(scenario.clone(), options);
    let mut served = Episode::new(scenario.clone(), options);
    let (mut ours, mut theirs): (Record, Record) = ([0; RECORD_SIZE], [0; RECORD_SIZE]);
    embedded.reset(seed).unwrap();
    embedded.observe(&mut ours);
    let mut outcomes = [Outcome::Rested];
    group
        .round(&mut [&mut served], &[Task::Reset(seed)], &mut outcomes)
        .unwrap();
    assert_eq!(group.loss(), None);
    served.observe(&mut theirs);
    let name = scenario.name();
    assert!(ours == theirs, "{name} seed {seed}: first observation");
    let mut rng = Rng::new(seed ^ 0x5eed);
    for step in 0..n_steps {
        let action = draw_action(&mut rng, &embedded, &ours);
        let result = embedded.step(action).unwrap();
        embedded.observe(&mut ours);
        group
            .round(&mut [&mut served], &[Task::Act(action)], &mut outcomes)
            .unwrap();
        assert_eq!(group.loss(), None, "{name} seed {seed} step {step}");
        served.observe(&mut theirs);
        let context = format!("{name} seed {seed} step {step} {action:?}");
        let unequal: Vec<usize> = (0..RECORD_SIZE)
            .filter(|at| ours[*at] != theirs[*at])
            .collect();
        assert!(unequal.is_empty(), "{context}: bytes {unequal:?}");
        assert_eq!(outcomes[0], Outcome::Stepped(result), "{context}");
        assert_eq!(served.world().tick, embedded.world().tick, "{context}");
        if result.terminated || result.truncated {
            return;
        }
    }
}

#[test]
fn episodes_on_a_server_go_as_in_the_embedded_world() {
    for scenario in scenarios() {
        let link = Box::new(Native::new());
        let mut group = Group::open(link, &scenario, 1, GroupOptions::default()).unwrap();
        compare(&scenario, 3, 120, &mut group);
        compare(&scenario, 4, 60, &mut group);
    }
}

fn movement() -> Arc<Scenario> {
    Arc::new(Scenario::builtin("movement_basic").unwrap())
}

fn step(group: &mut Group, episode: &mut Episode, numbers: [i64; 4]) -> Outcome {
    let mut outcomes = [Outcome::Rested];
    let task = Task::Act(Action::parse(numbers).unwrap());
    group.round(&mut [episode], &[task], &mut outcomes).unwrap();
    outcomes[0].clone()
}

#[test]
fn what_a_server_refuses_is_refused() {
    let scenario = movement();
    let mut link = Native::new();
    link.refuses = Some(("W 2".to_owned(), RejectReason::Blocked as u8));
    let mut group = Group::open(Box::new(link), &scenario, 1, GroupOptions::default()).unwrap();
    let mut episode = Episode::new(scenario, EpisodeOptions::default());
    let mut outcomes = [Outcome::Rested];
    let begin = [Task::Reset(5)];
    group
        .round(&mut [&mut episode], &begin, &mut outcomes)
        .unwrap();
    let before = episode.world().character.position;
    // East is eighth 2, and the third number of the head.
    let Outcome::Stepped(result) = step(&mut group, &mut episode, [3, 0, 0, 0]) else {
        panic!("it was stepped");
    };
    assert_eq!(result.rejected, [RejectReason::Blocked as u8, 0]);
    assert_eq!(episode.world().character.position, before);
    // It is told again, since the server does not walk.
    let Outcome::Stepped(result) = step(&mut group, &mut episode, [3, 0, 0, 0]) else {
        panic!("it was stepped");
    };
    assert_eq!(result.rejected[0], RejectReason::Blocked as u8);
}

#[test]
fn set_up_that_comes_out_otherwise_is_said_with_both_counts() {
    let scenario = movement();
    let mut link = Native::new();
    link.miscounts = true;
    let mut group = Group::open(Box::new(link), &scenario, 1, GroupOptions::default()).unwrap();
    let mut episode = Episode::new(scenario, EpisodeOptions::default());
    let error = group
        .round(
            &mut [&mut episode],
            &[Task::Reset(5)],
            &mut [Outcome::Rested],
        )
        .unwrap_err()
        .to_string();
    let counts = SetupCounts::of(episode.world());
    assert!(
        error.contains(&format!(
            "the server counts {} entities",
            counts.entities + 1
        )),
        "{error}"
    );
    assert!(error.ends_with(&format!("the mirror {counts}")), "{error}");
}

fn batch_on(links: Vec<Box<dyn Link>>, n_envs: usize, autoreset: AutoresetMode) -> Batch {
    let options = BatchOptions {
        n_envs,
        n_threads: 1,
        autoreset,
        is_full: true,
        episode: EpisodeOptions {
            max_steps: Some(7),
            is_sparse: false,
        },
    };
    if links.is_empty() {
        Batch::new(movement(), options).unwrap()
    } else {
        Batch::served(&movement(), options, links, GroupOptions::default()).unwrap()
    }
}

fn assert_same_arrays(served: &Batch, embedded: &Batch, context: &str) {
    let (ours, theirs) = (served.arrays(), embedded.arrays());
    assert!(
        ours.records.as_slice() == theirs.records.as_slice(),
        "{context}: records"
    );
    assert!(
        ours.final_records.as_slice() == theirs.final_records.as_slice(),
        "{context}: final records"
    );
    assert_eq!(ours.rewards, theirs.rewards, "{context}");
    assert_eq!(ours.terminated, theirs.terminated, "{context}");
    assert_eq!(ours.truncated, theirs.truncated, "{context}");
    assert_eq!(ours.succeeded, theirs.succeeded, "{context}");
    assert_eq!(ours.progress, theirs.progress, "{context}");
    assert_eq!(ours.steps, theirs.steps, "{context}");
    assert_eq!(ours.rejected, theirs.rejected, "{context}");
    assert_eq!(ours.terms, theirs.terms, "{context}");
    assert_eq!(ours.has_final, theirs.has_final, "{context}");
    assert_eq!(ours.full, theirs.full, "{context}");
    assert_eq!(ours.final_full, theirs.final_full, "{context}");
}

#[test]
fn batches_on_servers_have_the_arrays_of_embedded_ones() {
    for autoreset in [AutoresetMode::NextStep, AutoresetMode::SameStep] {
        let links: Vec<Box<dyn Link>> = vec![Box::new(Native::new()), Box::new(Native::new())];
        let mut served = batch_on(links, 5, autoreset);
        let mut embedded = batch_on(Vec::new(), 5, autoreset);
        let seeds = [1, 2, 3, 4, 5];
        served.reset(Some(&seeds), None).unwrap();
        embedded.reset(Some(&seeds), None).unwrap();
        assert_same_arrays(&served, &embedded, "after the reset");
        let mut rng = Rng::new(9);
        for step in 0..20 {
            let actions: Vec<[i64; 4]> = (0..5)
                .map(|_| NVEC.map(|size| i64::from(rng.below(size as u32))))
                .collect();
            served.step(&actions).unwrap();
            embedded.step(&actions).unwrap();
            assert_same_arrays(&served, &embedded, &format!("{autoreset:?} step {step}"));
        }
        assert!(served.snapshot().is_err());
    }
}

#[test]
fn episodes_of_a_lost_server_are_cut_off_and_those_of_others_go_on() {
    for autoreset in [AutoresetMode::NextStep, AutoresetMode::SameStep] {
        let mut mortal = Native::new();
        // Hello, configure, two transfers and resets and a look; then each step is two lines.
        mortal.dies_after = Some(2 + 5 + 2 * 3);
        let links: Vec<Box<dyn Link>> = vec![Box::new(Native::new()), Box::new(mortal)];
        let mut batch = batch_on(links, 4, autoreset);
        batch.reset(Some(&[1, 2, 3, 4]), None).unwrap();
        let actions = [[1, 0, 0, 0]; 4];
        for _ in 0..3 {
            batch.step(&actions).unwrap();
            assert_eq!(*batch.arrays().lost, [0; 4]);
        }
        batch.step(&actions).unwrap();
        assert_eq!(*batch.arrays().lost, [0, 0, 1, 1], "{autoreset:?}");
        assert_eq!(*batch.arrays().truncated, [0, 0, 1, 1]);
        assert_eq!(batch.arrays().rewards[2..], [0.0, 0.0]);
        let loss = batch.groups()[1].loss().unwrap().to_string();
        assert_eq!(loss, "the server is gone");
        let error = batch.step(&actions).unwrap_err().to_string();
        assert!(error.contains("the server is gone"), "{error}");
        batch.relink(1, Box::new(Native::new())).unwrap();
        batch.step(&actions).unwrap();
        assert_eq!(*batch.arrays().lost, [0; 4]);
        let n_begun = u32::from(autoreset == AutoresetMode::SameStep);
        assert_eq!(batch.arrays().steps[2..], [n_begun; 2], "{autoreset:?}");
    }
}

#[test]
fn recorded_sessions_are_played_again_and_others_are_refused() {
    let path = std::env::temp_dir().join(format!("wire-session-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let play = |link: Box<dyn Link>, action: [i64; 4]| {
        let scenario = movement();
        let mut group = Group::open(link, &scenario, 1, GroupOptions::default()).unwrap();
        let mut episode = Episode::new(scenario, EpisodeOptions::default());
        let mut seen: Record = [0; RECORD_SIZE];
        let begin = [Task::Reset(5)];
        group
            .round(&mut [&mut episode], &begin, &mut [Outcome::Rested])
            .unwrap();
        for _ in 0..5 {
            step(&mut group, &mut episode, action);
            episode.observe(&mut seen);
        }
        group.close();
        (seen, group.loss().unwrap().to_string())
    };
    let recorder = Recorder::new(Box::new(Native::new()), &path).unwrap();
    let (recorded, _) = play(Box::new(recorder), [3, 0, 0, 0]);
    let (again, _) = play(Box::new(Player::open(&path).unwrap()), [3, 0, 0, 0]);
    assert!(recorded == again);
    let (_, loss) = play(Box::new(Player::open(&path).unwrap()), [1, 0, 0, 0]);
    assert!(loss.contains("of the recorded session was"), "{loss}");
    std::fs::remove_file(&path).unwrap();
    assert!(Player::open(&path).is_err());
}
