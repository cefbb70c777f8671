//! Whole factories, from seeds.

use std::collections::BTreeMap;

use super::plans::{Kind, plan};
use super::runner::{Checks, assert_sound, built};
use crate::sim::sandbox;
use crate::sim::tick::tick;

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

/// Carries plans of all kinds out for as long as it takes: see the module for how to choose the seeds.
#[test]
#[ignore = "takes minutes: FACTORY_SEEDS says how many"]
fn many_large_factories_are_sound() {
    for seed in seeds(100) {
        let large = Kind {
            layouts: 1 + (seed % 4) as i32,
            ticks: 200 + 300 * (seed % 7) as u32,
            n_deeds: 40 * (seed % 6) as u32,
            has_enemies: seed % 3 == 0,
            is_wild: seed % 5 == 0,
            has_supplies: seed % 4 == 1,
        };
        let checks = Checks {
            every_ticks: 11 + seed % 60,
            has_fixed_belts: large.n_deeds == 0,
            ..Checks::USUAL
        };
        assert_sound(&plan(seed, large), checks);
    }
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

/// What the factories of a few seeds must have made, used and drawn between them, so that the other tests mean something.
const SIGNS_OF_LIFE: [&str; 19] = [
    "iron-ore",
    "coal",
    "iron-plate",
    "stone-brick",
    "iron-gear-wheel",
    "copper-cable",
    "electronic-circuit",
    "automation-science-pack",
    "rocket-part",
    "uranium-ore",
    "crude-oil",
    "petroleum-gas",
    "plastic-bar",
    "solar",
    "generators",
    "delivered",
    "stored",
    "research",
    "belts",
];

#[test]
fn factories_are_alive() {
    let mut signs: BTreeMap<&str, f64> = BTreeMap::new();
    let mut add = |what: &'static str, count: f64| *signs.entry(what).or_insert(0.0) += count;
    for seed in 0..60 {
        let kind = Kind { ticks: 0, ..CALM };
        let mut world = built(&plan(seed, kind));
        for _ in 0..600 {
            tick(&mut world);
            for (_, network) in world.power.networks() {
                add("solar", network.stats.solar_joules);
                add("generators", network.stats.generator_joules);
                add("delivered", network.stats.delivered_joules);
                add("stored", network.stats.charged_joules);
            }
            add("belts", world.belts.awake_count() as f64);
            add(
                "research",
                world.research.current().map_or(0.0, |known| known.done),
            );
        }
        let report = sandbox::report::production(&world);
        for (what, count) in report.items_made.into_iter().chain(report.items_used) {
            add(what, count as f64);
        }
        for (what, count) in report.fluids_made.into_iter().chain(report.fluids_used) {
            add(what, count);
        }
    }
    for sign in SIGNS_OF_LIFE {
        assert!(
            signs.get(sign).is_some_and(|count| *count > 0.0),
            "no {sign} in {signs:#?}"
        );
    }
}

#[test]
fn nonsense_is_refused_and_changes_nothing() {
    for seed in seeds(4) {
        assert_sound(&plan(seed, FUZZED), Checks::USUAL);
    }
}
