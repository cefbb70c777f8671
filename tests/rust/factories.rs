//! The reference factories of the benchmarks really run, and really come to rest.

#[path = "../../benches/factories/mod.rs"]
mod factories;

use factories::Factory;
use factorio_fast::sim::tick::run;

/// Runs a started factory for a minute and blocks it then.
fn check(mut factory: Factory) {
    let name = factory.name;
    factory.start();
    let before = factory.made();
    run(&mut factory.world, 3_600);
    for ((item, before), (_, after)) in before.iter().zip(factory.made()) {
        assert!(after > *before, "{name}: no {item} in a minute");
    }
    assert!(factory.world.inserter_order.awake_count() > 0, "{name}");
    factory.block();
    let n_boilers = factory.world.boilers.len();
    // What is left is the steam for the drain of machines that wait, and the coal for that.
    assert!(
        factory.world.awake_count() <= n_boilers + 2,
        "{name}: {} machines are awake in a factory that is full",
        factory.world.awake_count()
    );
    assert!(
        factory.world.inserter_order.awake_count() <= n_boilers + 2,
        "{name}: {} inserters are awake in a factory that is full",
        factory.world.inserter_order.awake_count()
    );
}

#[test]
fn a_smelting_line_runs_and_comes_to_rest_when_it_is_full() {
    check(factories::smelter::line());
}

#[test]
fn a_science_base_runs_and_comes_to_rest_when_it_is_full() {
    check(factories::science::base());
}

#[test]
fn every_factory_can_be_built() {
    let sizes = factories::all().map(|factory| factory.world.entities.len());
    assert_eq!(sizes, [232, 348, 3_170]);
}
