//! Equal worlds have equal bytes: on every thread, after every restore, on every machine.

use std::fmt::Write as _;
use std::thread;

use super::deeds::Deed;
use super::plans::{Kind, plan};
use super::runner::{Plan, built};
use crate::sim::rng::Rng;
use crate::sim::snapshot::FORMAT_VERSION;

const KIND: Kind = Kind {
    layouts: 2,
    ticks: 600,
    n_deeds: 40,
    has_enemies: true,
    is_wild: false,
    has_supplies: true,
};

fn plans(n: u64) -> Vec<Plan> {
    (0..n).map(|seed| plan(500 + seed, KIND)).collect()
}

fn digests_of(plans: &[Plan]) -> Vec<u64> {
    plans.iter().map(|plan| built(plan).digest()).collect()
}

#[test]
fn digests_are_the_same_on_one_two_and_eight_threads() {
    let plans = plans(8);
    let alone = digests_of(&plans);
    for n_threads in [2, 8] {
        let together: Vec<u64> = thread::scope(|scope| {
            let pieces: Vec<_> = plans
                .chunks(plans.len() / n_threads)
                .map(|piece| scope.spawn(|| digests_of(piece)))
                .collect();
            let joined = pieces.into_iter().map(|piece| piece.join().unwrap());
            joined.flatten().collect()
        });
        assert_eq!(together, alone, "on {n_threads} threads");
    }
}

#[test]
fn restoring_at_any_time_leads_to_the_same_digest() {
    for plan in plans(6) {
        let plain = built(&plan).digest();
        let mut rng = Rng::new(plan.seed);
        let mut deeds = Vec::new();
        for deed in plan.deeds.clone() {
            if let Deed::Run { ticks } = deed {
                let first = rng.below(ticks + 1);
                deeds.push(Deed::Run { ticks: first });
                deeds.push(Deed::Restore);
                deeds.push(Deed::Run {
                    ticks: ticks - first,
                });
            } else {
                deeds.push(deed);
            }
        }
        let broken = Plan { deeds, ..plan };
        assert_eq!(built(&broken).digest(), plain, "seed {}", broken.seed);
    }
}

/// Where digests are kept for other machines to compare.
const GOLDEN_FILE: &str = "tests/data/golden_digests.txt";

/// Writes the digests of a few factories as the golden file has them.
fn golden() -> String {
    let mut text = String::from(
        "# Digests of random factories: every machine must find the same.\n\
         # A change of the engine changes them on purpose; write them again with\n\
         #   GOLDEN=write cargo test --lib golden\n\
         # snapshot format, seed, ticks, digest\n",
    );
    for plan in plans(4) {
        let world = built(&plan);
        writeln!(
            text,
            "{FORMAT_VERSION} {} {} {:016x}",
            plan.seed,
            world.tick,
            world.digest()
        )
        .unwrap();
    }
    text
}

#[test]
fn golden_digests_are_the_same_on_every_machine() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN_FILE);
    let found = golden();
    if std::env::var_os("GOLDEN").is_some_and(|what| what == "write") {
        std::fs::write(&path, &found).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        found, kept,
        "if the engine was changed on purpose: GOLDEN=write cargo test --lib golden"
    );
}
