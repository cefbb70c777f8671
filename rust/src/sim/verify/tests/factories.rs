//! Whole factories, from seeds.

use super::plans::{Kind, plan};
use super::runner::{Checks, assert_sound};

/// A factory that is changed all the time while it runs.
const BUSY: Kind = Kind {
    layouts: 2,
    ticks: 400,
    n_deeds: 60,
    has_enemies: false,
    is_wild: false,
    has_supplies: false,
};

/// A factory that is left alone.
const CALM: Kind = Kind { n_deeds: 0, ..BUSY };

/// A factory under attack.
const BESIEGED: Kind = Kind {
    has_enemies: true,
    ..BUSY
};

/// A factory whose players ask for nonsense, too.
const FUZZED: Kind = Kind {
    is_wild: true,
    n_deeds: 200,
    has_supplies: true,
    ..BUSY
};

fn seeds(usual: u64) -> impl Iterator<Item = u64> {
    let read = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok())
    };
    let first: u64 = read("FACTORY_SEED").unwrap_or(0);
    first..first + read("FACTORY_SEEDS").unwrap_or(usual)
}

#[test]
fn factories_that_are_changed_while_they_run_keep_their_books_and_caches() {
    for seed in seeds(6) {
        assert_sound(&plan(seed, BUSY), Checks::USUAL);
    }
}

#[test]
fn factories_that_are_left_alone_crowd_no_belt() {
    let checks = Checks {
        has_fixed_belts: true,
        ..Checks::USUAL
    };
    for seed in seeds(4) {
        assert_sound(&plan(seed, CALM), checks);
    }
}

#[test]
fn factories_under_attack_keep_their_books_and_caches() {
    for seed in seeds(3) {
        assert_sound(&plan(seed, BESIEGED), Checks::USUAL);
    }
}

#[test]
fn nonsense_is_refused_and_changes_nothing() {
    for seed in seeds(4) {
        assert_sound(&plan(seed, FUZZED), Checks::USUAL);
    }
}
