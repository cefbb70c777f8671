//! Nanoseconds per active entity and tick of whole factories: running, backed up, in many copies.
//!
//! An entity is active in a tick if its own state changed in it: a machine, an inserter, a boiler whose record differs; a
//! belt or splitter on which an item came, went or moved; a generator that gave energy; a pump that moved fluid. Poles,
//! pipes, chests and what only waits never count, and neither does an inserter that looks at a belt and finds nothing.
//! It is counted in ticks of its own, which are not timed.
//!
//! Beside each tick stands what copying the factory's snapshot takes in the same run: the bytes of its state read and
//! written once. `cargo bench --bench factories -- large` runs only what the words match.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints"
)]

#[path = "factories/mod.rs"]
mod factories;

use std::hint::black_box;
use std::time::Instant;

use factories::Factory;
use factorio_fast::sim::World;
use factorio_fast::sim::entity::Body;
use factorio_fast::sim::tick::{PHASES, run, tick};

const TICKS: u32 = 2_000;
const REPETITIONS: u32 = 7;
/// Ticks in which activity is counted.
const COUNTED_TICKS: u32 = 300;
/// Copies that run each phase together, so that reading the clock does not count.
const PHASE_COPIES: usize = 8;
const PHASE_TICKS: usize = 300;
/// A step at 10 Hz.
const TICKS_PER_TURN: u32 = 6;
const COPIES: [usize; 3] = [1, 10, 100];
/// Ticks of all copies together, and the least of each.
const COPY_TICKS: u32 = 3_000;
const LEAST_COPY_TICKS: u32 = 100;
/// Copy-ticks that are timed together: a few milliseconds at most, less than what a scheduler gives in one go.
const STRETCH: u32 = 100;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    for mut factory in factories::all() {
        if !words.iter().all(|word| factory.name.contains(word)) {
            continue;
        }
        factory.start();
        println!(
            "{}: {} entities, snapshot of {} bytes",
            factory.name,
            factory.world.entities.len(),
            factory.world.snapshot().len()
        );
        check_production(&factory);
        let running = measure("running", &factory.world);
        copies(&factory.world);
        factory.block();
        let blocked = measure("backed up", &factory.world);
        println!("  backed up costs {:.3} of running\n", blocked / running);
    }
}

/// Fails if a product is not made any more: what stands still is fast.
fn check_production(factory: &Factory) {
    let mut later = factory.clone();
    run(&mut later.world, 3_600);
    for ((name, before), (_, after)) in factory.made().iter().zip(later.made()) {
        assert!(after > *before, "{} makes no {name}", factory.name);
    }
}

/// Measures a tick and its phases; returns nanoseconds per tick.
fn measure(label: &str, start: &World) -> f64 {
    let ns_per_tick = ns_per_copy_tick(start, 1, TICKS, 1);
    let active = active_entities(start);
    println!(
        "  {label}: {ns_per_tick:.0} ns per tick, {active:.0} active entities, {:.2} ns per active entity-tick, \
         {:.2} snapshot copies",
        ns_per_tick / active.max(1.0),
        ns_per_tick / snapshot_copy_ns(start)
    );
    phases(start);
    ns_per_tick
}

/// Runs copies of a world in turn, each so many ticks; returns nanoseconds per copy and tick.
///
/// The same ticks are run several times and the least time of each stretch counts: other work on the machine only adds.
fn ns_per_copy_tick(start: &World, n_copies: usize, n_ticks: u32, ticks_per_turn: u32) -> f64 {
    let turns_per_stretch = (STRETCH / n_copies as u32 / ticks_per_turn).max(1);
    let ticks_per_stretch = turns_per_stretch * ticks_per_turn;
    let n_stretches = n_ticks.div_ceil(ticks_per_stretch) as usize;
    let mut least = vec![f64::INFINITY; n_stretches];
    for _ in 0..REPETITIONS {
        let mut worlds = vec![start.clone(); n_copies];
        for least in &mut least {
            let begin = Instant::now();
            for _ in 0..turns_per_stretch {
                for world in &mut worlds {
                    run(world, ticks_per_turn);
                }
            }
            *least = least.min(begin.elapsed().as_secs_f64());
        }
        black_box(&worlds);
    }
    let n_run = n_stretches * ticks_per_stretch as usize * n_copies;
    least.iter().sum::<f64>() * 1e9 / n_run as f64
}

/// Prints the share of each phase.
fn phases(start: &World) {
    let mut least = vec![[f64::INFINITY; PHASES.len()]; PHASE_TICKS];
    for _ in 0..REPETITIONS {
        let mut worlds = vec![start.clone(); PHASE_COPIES];
        for least in &mut least {
            for ((_, phase), least) in PHASES.iter().zip(least) {
                let begin = Instant::now();
                for world in &mut worlds {
                    phase(world);
                }
                *least = least.min(begin.elapsed().as_secs_f64());
            }
        }
    }
    let seconds: Vec<f64> = (0..PHASES.len())
        .map(|phase| least.iter().map(|tick| tick[phase]).sum())
        .collect();
    let total: f64 = seconds.iter().sum();
    print!("   ");
    for ((name, _), seconds) in PHASES.iter().zip(seconds) {
        print!(" {name} {:.1} %", 100.0 * seconds / total);
    }
    println!();
}

/// Measures copies that are run in turn, a step each, as a batch runs them.
fn copies(start: &World) {
    print!("  copies run in turn, {TICKS_PER_TURN} ticks each:");
    let mut single = 0.0;
    for n_copies in COPIES {
        let n_ticks = COPY_TICKS.div_ceil(n_copies as u32).max(LEAST_COPY_TICKS);
        let ns = ns_per_copy_tick(start, n_copies, n_ticks, TICKS_PER_TURN);
        if n_copies == 1 {
            single = ns;
        }
        print!(" {n_copies}: {ns:.0} ns per copy-tick ({:.2})", ns / single);
    }
    println!();
}

/// Measures how long copying the bytes of a snapshot takes, nanoseconds.
fn snapshot_copy_ns(world: &World) -> f64 {
    const N: u32 = 200;
    let source = world.snapshot();
    let mut target = source.clone();
    let mut best = f64::INFINITY;
    for _ in 0..REPETITIONS {
        let begin = Instant::now();
        for _ in 0..N {
            target.copy_from_slice(black_box(&source));
            black_box(&mut target);
        }
        best = best.min(begin.elapsed().as_secs_f64());
    }
    best * 1e9 / f64::from(N)
}

/// Counts the entities whose state changes in a tick, on average.
fn active_entities(start: &World) -> f64 {
    let mut after = start.clone();
    let mut n_active = 0;
    for _ in 0..COUNTED_TICKS {
        let before = after.clone();
        tick(&mut after);
        n_active += after
            .entities
            .iter()
            .filter(|(_, entity)| is_active(&before, &after, entity.body))
            .count();
    }
    n_active as f64 / f64::from(COUNTED_TICKS)
}

fn is_active(before: &World, after: &World, body: Body) -> bool {
    match body {
        Body::Drill(index) => before.drills.get(index) != after.drills.get(index),
        Body::Crafter(index) => before.crafters.get(index) != after.crafters.get(index),
        Body::Lab(index) => before.labs.get(index) != after.labs.get(index),
        Body::Boiler(index) => before.boilers.get(index) != after.boilers.get(index),
        Body::Inserter(index) => before.inserters.get(index) != after.inserters.get(index),
        Body::Generator(index) => after
            .power
            .generators
            .get(index)
            .is_some_and(|generator| generator.given_joules > 0.0),
        Body::Pump(index) => after.fluids.pumps.get(index).is_some_and(|pump| {
            before.fluids.amount(pump.fluid_box).to_bits()
                != after.fluids.amount(pump.fluid_box).to_bits()
        }),
        Body::Belt(index) => has_moved(before, after, index),
        Body::Splitter(index) => after
            .belts
            .splitter_belts(index)
            .any(|belt| has_moved(before, after, belt)),
        _ => false,
    }
}

fn has_moved(before: &World, after: &World, belt: u32) -> bool {
    (0..2).any(|lane| {
        !before
            .belts
            .items_on(belt, lane)
            .eq(after.belts.items_on(belt, lane))
    })
}
