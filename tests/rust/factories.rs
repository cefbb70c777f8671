//! The reference factories of the benchmarks really run, and really come to rest.

#[path = "../../benches/factories/mod.rs"]
mod factories;

use factories::Factory;
use factorio_fast::sim::tick::run;

fn check_runs(mut factory: Factory) {
    factory.start();
    for network in factorio_fast::sim::sandbox::report::power(&factory.world) {
        eprintln!("{network:?}");
    }
    let before = factory.made();
    run(&mut factory.world, 3_600);
    let after = factory.made();
    eprintln!(
        "{} {} entities {:?} {:?}",
        factory.name,
        factory.world.entities.len(),
        before,
        after
    );
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        assert!(after > before, "{}: no {name} in a minute", factory.name);
    }
}

#[test]
fn every_factory_makes_all_its_products_in_steady_state() {
    for factory in factories::all() {
        check_runs(factory);
    }
}
