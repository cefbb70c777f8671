//! Nothing that the mod says depends on the order of `pairs`, on a save in between, or on the environments beside.

use std::collections::BTreeMap;

use factorio_fast::lua::PairsOrder;
use factorio_fast::scenario::{Scenario, Start};

use crate::kit::Server;
use crate::worlds::lowered;

/// Some steps of a base: walking, mining, building, crafting, inserting, taking.
const STEPS: [&str; 14] = [
    "W 2", "W -", "C 89 1", "M e 3", "M e 3", "M e 3", "S", "W 5", "W -,T 1", "T 2", "I 1 34 5",
    "O 4", "W 0", "S",
];

/// The base of a scenario.
fn base() -> String {
    let mut start = Start::default();
    Scenario::builtin("base_optimization")
        .unwrap()
        .lower(11, &mut start)
        .unwrap();
    lowered(11, &start.ops)
}

/// Gives all that is said in an episode: replies and frames.
fn told(order: PairsOrder, reload_at: Option<usize>, beside: u32) -> Vec<BTreeMap<u32, Vec<u8>>> {
    let mut server = Server::with(order, false);
    server.configure(0);
    for number in 0..beside {
        server.reset(10 + number, 1, &base());
    }
    server.reset(1, 1, &base());
    let mut all = vec![server.look("w", "1")];
    for (index, step) in STEPS.iter().enumerate() {
        server.step(20, &format!("1:{step}"));
        if reload_at == Some(index) {
            server.reload(order, false);
        }
        let scope = ["w", "m", "a"][index % 3];
        all.push(server.look(scope, "1"));
    }
    server.assert_quiet();
    all
}

#[test]
fn frames_do_not_depend_on_the_order_of_pairs() {
    let canonical = told(PairsOrder::Canonical, None, 0);
    let sizes: Vec<usize> = canonical.iter().map(|frame| frame[&1].len()).collect();
    assert!(
        sizes.iter().sum::<usize>() > 1_500,
        "there is something to say: {sizes:?}"
    );
    for seed in 0..3 {
        assert!(
            told(PairsOrder::Shuffled { seed }, None, 0) == canonical,
            "seed {seed}"
        );
    }
}

#[test]
fn a_save_in_between_changes_no_byte() {
    let without = told(PairsOrder::Canonical, None, 0);
    for at in [0, 4, 9] {
        assert!(
            told(PairsOrder::Canonical, Some(at), 0) == without,
            "after step {at}"
        );
    }
}

#[test]
fn environments_beside_change_no_byte() {
    assert!(told(PairsOrder::Canonical, None, 3) == told(PairsOrder::Canonical, None, 0));
}
