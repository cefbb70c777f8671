//! Cost of reading and writing the payload of a frame, beside a plain copy of its bytes. `cargo bench --bench frames`.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use factorio_fast::protocol::payload::{
    Carried, Character, EntityState, Held, Payload, Produced, ResourceTile,
};

const ROUNDS: u32 = 200_000;
const RUNS: u32 = 5;

/// What a step of an episode usually says: the character, a few counts, and what changed near it.
fn payload(changes: u32) -> Payload {
    let entity = |unit| EntityState {
        unit,
        code: 42,
        prototype: 7,
        x: 256 * unit as i32,
        ..EntityState::default()
    };
    let tile = |x| ResourceTile {
        x: x as i16,
        y: 3,
        resource: 1,
        amount: 500,
    };
    Payload {
        character: Character::default(),
        carried: vec![Carried { item: 3, count: 50 }; 8],
        produced: vec![Produced { item: 3, count: 9 }; 4],
        resources: (0..changes).map(tile).collect(),
        entities: (0..changes).map(entity).collect(),
        held: vec![Held::default(); changes as usize],
        ..Payload::default()
    }
}

/// Returns the least nanoseconds that `work` takes once, of several runs.
fn least(mut work: impl FnMut()) -> f64 {
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            work();
        }
        start.elapsed().as_nanos() as f64 / f64::from(ROUNDS)
    };
    (0..RUNS)
        .map(|_| once(&mut work))
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    println!("frames of                     bytes   read/s      written/s   plain copies/s");
    for (what, changes) in [
        ("a quiet step", 2),
        ("a busy step", 30),
        ("a first look", 300),
    ] {
        let written = payload(changes);
        let mut bytes = Vec::new();
        written.write(&mut bytes).expect("it is within its limits");
        let mut read = Payload::default();
        let reading = least(|| {
            read.read(black_box(&bytes)).expect("it was written right");
            black_box(&read);
        });
        let mut out = Vec::new();
        let writing = least(|| {
            out.clear();
            black_box(&written).write(&mut out).expect("as before");
            black_box(&out);
        });
        let mut copy = vec![0; bytes.len()];
        let copying = least(|| {
            copy.copy_from_slice(black_box(&bytes));
            black_box(&copy);
        });
        let rate = |nanoseconds: f64| 1e9 / nanoseconds;
        println!(
            "{what:<28} {:>6} {:>10.0} {:>12.0} {:>14.0}",
            bytes.len(),
            rate(reading),
            rate(writing),
            rate(copying)
        );
    }
}
