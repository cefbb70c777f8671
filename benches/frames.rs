//! Cost of reading and writing the payload of a frame, beside a plain copy of its bytes. `cargo bench --bench frames`.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use factorio_fast::contract::codes::{ITEM_NAMES, code_of};
use factorio_fast::protocol::payload::{
    Carried, Character, EntityState, Held, Payload, Produced, ResourceTile,
};
use factorio_fast::scenario::{Scenario, Start};
use factorio_fast::sim::World;
use factorio_fast::sim::setup::execute;
use factorio_fast::view::mirror::Mirror;

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

/// Patches a world with the frames of an episode of `movement_basic`, and prints how many a second.
fn mirrored() {
    let scenario = Scenario::builtin("movement_basic").expect("it is built in");
    let mut start = Start::default();
    scenario.lower(7, &mut start).expect("it can be lowered");
    let mut world = World::new();
    execute(&mut world, 7, &start.ops).expect("it can be set up");
    let mut mirror = Mirror::default();
    mirror.begin(&mut world, 0);
    let (spawn, inventory) = (world.spawn, world.character.inventory.slots().len());
    let frame = |step: i32, n_carried: u8| {
        let said = Payload {
            character: Character {
                x: spawn.x + step % 2 * 38,
                y: spawn.y,
                health: 250 * 256,
                alive: 1,
                slots: inventory as u16,
                power_satisfaction: 1.0,
                ..Character::default()
            },
            carried: (0..n_carried)
                .map(|_| Carried {
                    item: code_of(&ITEM_NAMES, "coal"),
                    count: 50,
                })
                .collect(),
            ..Payload::default()
        };
        let mut bytes = Vec::new();
        said.write(&mut bytes).expect("it is within its limits");
        bytes
    };
    for (what, n_carried) in [
        ("a step of a walk", 0),
        ("one that changes what is carried", 8),
    ] {
        let frames = [frame(0, n_carried), frame(1, n_carried)];
        let mut step = 0;
        let patching = least(|| {
            step += 1;
            let bytes = black_box(&frames[step % 2]);
            mirror
                .apply(&mut world, step as u64 * 6, bytes)
                .expect("it fits");
            world.changes.clear();
        });
        println!(
            "{what:<34} {:>6} bytes {:>12.0} patched into a mirror/s",
            frames[0].len(),
            1e9 / patching
        );
    }
}

fn main() {
    mirrored();
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
