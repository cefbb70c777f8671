//! Steps and resets per second of batches, beside the plain copy of as many records in the same run.
//!
//! `cargo bench --bench batch` runs all; `cargo bench --bench batch -- mining 512` only what the words match.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use factorio_fast::contract::action::NVEC;
use factorio_fast::contract::observation::RECORD_SIZE;
use factorio_fast::env::{AutoresetMode, Batch, BatchOptions, EpisodeOptions};
use factorio_fast::scenario::{BUILTIN, Scenario};
use factorio_fast::sim::rng::Rng;

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_millis(700);
/// Different sets of actions that are gone through in turn.
const N_ACTION_SETS: usize = 16;
const SIZES: [(usize, usize); 7] = [
    (1, 1),
    (64, 1),
    (64, 2),
    (512, 1),
    (512, 2),
    (4_096, 1),
    (4_096, 2),
];

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    println!("scenario             envs threads    steps/s   copies/s  ratio   resets/s");
    for (name, _) in BUILTIN {
        let scenario =
            Arc::new(Scenario::builtin(name).expect("the package's scenarios are valid"));
        for (n_envs, n_threads) in SIZES {
            let label = format!("{name} {n_envs} {n_threads}");
            // The large map of base_optimization times 4,096 would not fit into a small machine.
            let is_too_large = name == "base_optimization" && n_envs > 64;
            if !is_too_large && words.iter().all(|word| label.contains(word)) {
                measure(&scenario, n_envs, n_threads);
            }
        }
    }
}

fn measure(scenario: &Arc<Scenario>, n_envs: usize, n_threads: usize) {
    let options = BatchOptions {
        n_envs,
        n_threads,
        autoreset: AutoresetMode::NextStep,
        is_full: false,
        episode: EpisodeOptions::default(),
    };
    let mut batch = Batch::new(Arc::clone(scenario), options).expect("the options are valid");
    let seeds: Vec<u64> = (0..n_envs as u64).collect();
    batch
        .reset(Some(&seeds), None)
        .expect("every seed has a start");
    let mut rng = Rng::new(1);
    let actions: Vec<Vec<[i64; 4]>> = (0..N_ACTION_SETS)
        .map(|_| {
            (0..n_envs)
                .map(|_| NVEC.map(|size| i64::from(rng.below(size as u32))))
                .collect()
        })
        .collect();
    let mut set = 0;
    let steps = per_second(n_envs, || {
        set = (set + 1) % N_ACTION_SETS;
        batch.step(&actions[set]).expect("the actions are valid");
    });
    let resets = per_second(n_envs, || {
        batch.reset(None, None).expect("every seed has a start");
    });
    let source = vec![[1_u8; RECORD_SIZE]; n_envs];
    let mut target = vec![[0_u8; RECORD_SIZE]; n_envs];
    let copies = per_second(n_envs, || {
        target.copy_from_slice(black_box(&source));
        black_box(&mut target);
    });
    println!(
        "{:<20} {n_envs:>4} {n_threads:>7} {steps:>10.0} {copies:>10.0} {:>6.3} {resets:>10.0}",
        scenario.name(),
        steps / copies
    );
}

/// Counts how many environments a second `work` handles, each call handling `n_envs`.
fn per_second(n_envs: usize, mut work: impl FnMut()) -> f64 {
    let warm_until = Instant::now() + MEASURED / 10;
    while Instant::now() < warm_until {
        work();
    }
    let start = Instant::now();
    let mut n_calls = 0;
    while start.elapsed() < MEASURED {
        work();
        n_calls += 1;
    }
    (n_calls * n_envs) as f64 / start.elapsed().as_secs_f64()
}
