//! Parity: an episode whose world lives in a game that runs the mod is, byte for byte, the embedded one.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod actions;
mod game_link;

use std::sync::Arc;

use actions::draw_action;
use factorio_fast::contract::observation::RECORD_SIZE;
use factorio_fast::env::served::{Group, GroupOptions, Outcome, Task};
use factorio_fast::env::{Episode, EpisodeOptions};
use factorio_fast::observation::Record;
use factorio_fast::scenario::Scenario;
use factorio_fast::sim::rng::Rng;
use game_link::GameLink;

/// The seeds that are played; `PARITY_SEEDS=100` plays so many.
fn n_seeds() -> u64 {
    std::env::var("PARITY_SEEDS").map_or(2, |text| text.parse().expect("a number of seeds"))
}

/// The steps that are played at most; `PARITY_STEPS=0` plays to the end of each episode.
fn n_steps() -> Option<u32> {
    let steps =
        std::env::var("PARITY_STEPS").map_or(120, |text| text.parse().expect("a number of steps"));
    (steps > 0).then_some(steps)
}

/// Plays one episode in each of the environments of a group, all at the same time.
fn compare(scenario: &Arc<Scenario>, seeds: &[u64], group: &mut Group) {
    let name = scenario.name();
    let options = EpisodeOptions {
        max_steps: n_steps(),
        is_sparse: false,
    };
    let n = seeds.len();
    let mut embedded = vec![Episode::new(scenario.clone(), options); n];
    let mut served = vec![Episode::new(scenario.clone(), options); n];
    let mut ours: Vec<Record> = vec![[0; RECORD_SIZE]; n];
    let mut theirs = ours.clone();
    let mut rngs: Vec<Rng> = seeds.iter().map(|seed| Rng::new(seed ^ 0x5eed)).collect();
    let mut outcomes = vec![Outcome::Rested; n];
    let mut is_over = vec![false; n];
    let begin: Vec<Task<'_>> = seeds.iter().map(|seed| Task::Reset(*seed)).collect();
    round(group, &mut served, &begin, &mut outcomes);
    for place in 0..n {
        embedded[place].reset(seeds[place]).unwrap();
        embedded[place].observe(&mut ours[place]);
        served[place].observe(&mut theirs[place]);
        let context = format!("{name} seed {} at its beginning", seeds[place]);
        assert_same(&ours[place], &theirs[place], &context);
    }
    let mut step = 0;
    while is_over.iter().any(|over| !over) {
        let tasks: Vec<Task<'_>> = (0..n)
            .map(|place| {
                if is_over[place] {
                    Task::Rest
                } else {
                    Task::Act(draw_action(
                        &mut rngs[place],
                        &embedded[place],
                        &ours[place],
                    ))
                }
            })
            .collect();
        round(group, &mut served, &tasks, &mut outcomes);
        for place in 0..n {
            let Task::Act(action) = tasks[place] else {
                continue;
            };
            let context = format!("{name} seed {} step {step} {action:?}", seeds[place]);
            let result = embedded[place].step(action).unwrap();
            embedded[place].observe(&mut ours[place]);
            served[place].observe(&mut theirs[place]);
            assert_same(&ours[place], &theirs[place], &context);
            assert_eq!(outcomes[place], Outcome::Stepped(result), "{context}");
            assert_eq!(
                served[place].world().tick,
                embedded[place].world().tick,
                "{context}"
            );
            is_over[place] = result.terminated || result.truncated;
        }
        step += 1;
    }
}

fn round(group: &mut Group, served: &mut [Episode], tasks: &[Task<'_>], outcomes: &mut [Outcome]) {
    let mut episodes: Vec<&mut Episode> = served.iter_mut().collect();
    group.round(&mut episodes, tasks, outcomes).unwrap();
    assert_eq!(group.loss(), None);
}

fn assert_same(ours: &Record, theirs: &Record, context: &str) {
    if ours == theirs {
        return;
    }
    let differences: Vec<String> = (0..RECORD_SIZE)
        .filter(|at| ours[*at] != theirs[*at])
        .take(24)
        .map(|at| {
            format!(
                "{} ({} embedded, {} served)",
                actions::field_of(at),
                ours[at],
                theirs[at]
            )
        })
        .collect();
    panic!("{context}: {}", differences.join("; "));
}

fn play(name: &str) {
    let scenario = Arc::new(Scenario::builtin(name).unwrap());
    let seeds: Vec<u64> = (0..n_seeds()).collect();
    for (index, seeds) in seeds.chunks(4).enumerate() {
        // Frames as replies and as datagrams in turn.
        let link = Box::new(GameLink::open(index % 2 == 0));
        let mut group = Group::open(link, &scenario, seeds.len(), GroupOptions::default()).unwrap();
        compare(&scenario, seeds, &mut group);
    }
}

#[test]
fn movement_basic_on_a_server_is_the_embedded_one() {
    play("movement_basic");
}

#[test]
fn mining_efficiency_on_a_server_is_the_embedded_one() {
    play("mining_efficiency");
}

#[test]
fn construction_speed_on_a_server_is_the_embedded_one() {
    play("construction_speed");
}

#[test]
fn base_optimization_on_a_server_is_the_embedded_one() {
    play("base_optimization");
}

#[test]
fn open_play_on_a_server_is_the_embedded_one() {
    play("open_play");
}
