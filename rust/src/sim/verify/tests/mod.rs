//! Properties of whole factories: random ones are built, run, changed while they run, and checked all the time.
//!
//! - [`deeds`]: what is done to a world between ticks, and what it must do to the books
//! - [`layouts`]: small working factories, and [`plans`]: random ones made of them, from a seed
//! - [`runner`]: carries a plan out, checks everything, makes a failing plan small
//! - `factories`, `fuzz`, `digests`, `replace`, `regressions`: the tests
//!
//! `FACTORY_SEED`, `FACTORY_SEEDS` choose and count the seeds of the long runs:
//! `FACTORY_SEEDS=1000 cargo test --lib many_large_factories -- --ignored`.

mod deeds;
mod digests;
mod factories;
mod layouts;
mod plans;
mod regressions;
mod replace;
mod runner;

use super::super::tick;
use super::super::world::World;
use deeds::{Deed, Gift, act};

/// Ticks between two looks at a factory that runs.
const TICKS_PER_LOOK: u32 = 6;

/// Builds and runs the random factory of a seed, changed while it runs, and shows it to `look` after every deed and every
/// few ticks; `n_more` looks follow once it is left alone.
pub(crate) fn watch_a_factory(seed: u64, n_more: u32, mut look: impl FnMut(&mut World)) {
    let kind = plans::Kind {
        layouts: 2,
        ticks: 400,
        n_deeds: 60,
        has_enemies: seed % 3 == 2,
        is_wild: false,
        has_supplies: seed % 2 == 1,
    };
    let plan = plans::plan(seed, kind);
    let mut world = runner::world_of(&plan);
    let mut run = |world: &mut World, n_looks: u32| {
        for _ in 0..n_looks {
            tick::run(world, TICKS_PER_LOOK);
            look(world);
        }
    };
    for deed in &plan.deeds {
        if let Deed::Run { ticks } = deed {
            run(&mut world, ticks.div_ceil(TICKS_PER_LOOK));
        } else {
            // Whatever does not fit is left out.
            let _ = act(&mut world, deed, &mut Gift::none());
            run(&mut world, 1);
        }
    }
    run(&mut world, n_more);
}
