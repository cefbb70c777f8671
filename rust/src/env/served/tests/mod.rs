mod native;

use std::sync::Arc;

use self::native::Native;
use super::group::{Group, GroupOptions, Outcome, Task};
use crate::contract::observation::RECORD_SIZE;
use crate::env::tests::{draw_action, scenarios};
use crate::env::{Episode, EpisodeOptions};
use crate::observation::Record;
use crate::scenario::Scenario;
use crate::sim::rng::Rng;

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
        if ours != theirs {
            let at: Vec<usize> = (0..RECORD_SIZE).filter(|at| ours[*at] != theirs[*at]).collect();
            panic!("{context}: bytes {at:?}: {:?} {:?}", at.iter().map(|at| ours[*at]).collect::<Vec<_>>(), at.iter().map(|at| theirs[*at]).collect::<Vec<_>>());
        }
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
        for seed in 0..4 {
            compare(&scenario, seed, 300, &mut group);
        }
    }
}
