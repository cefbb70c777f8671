//! What a step and a look cost; printed, not asserted: `cargo test --features sim-server --test gym_mod costs -- --ignored --nocapture`.

#![expect(clippy::disallowed_methods, reason = "a measurement measures")]

use std::time::Instant;

use factorio_fast::scenario::{BUILTIN, Scenario, Start};

use crate::kit::Server;
use crate::worlds::lowered;

#[test]
#[ignore = "a measurement"]
fn steps_and_looks() {
    for (name, _) in BUILTIN {
        let mut start = Start::default();
        Scenario::builtin(name)
            .unwrap()
            .lower(5, &mut start)
            .unwrap();
        let mut server = Server::new();
        server.configure(0);
        server.reset(1, 1, &lowered(5, &start.ops));
        server.look("w", "1");
        let rounds = 2_000;
        let (mut steps, mut looks) = (0.0, 0.0);
        for round in 0..rounds {
            let before = Instant::now();
            server.step(6, &format!("1:W {}", (round / 40) % 8));
            let between = Instant::now();
            server.look("w", "1");
            steps += (between - before).as_secs_f64();
            looks += between.elapsed().as_secs_f64();
        }
        let micros = 1e6 / f64::from(rounds);
        eprintln!(
            "{name}: step {:.0} us, look {:.0} us",
            steps * micros,
            looks * micros
        );
    }
}
