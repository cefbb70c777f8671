//! Costs of the simulated game's API: an attribute, a method, a search, a frame's worth of reads.
//!
//! `cargo bench --features sim-server --bench lua_api`

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use factorio_fast::sim_server::game::{Game, GameOptions};

/// Repetitions of each piece of code.
const TURNS: u32 = 1_000_000;

/// Sets the stage: a furnace with fuel and ore, a chest, a character.
const STAGE: &str = "/sc s = game.create_surface('a', {width = 64, height = 64}) \
    f = game.create_force('team') \
    c = s.create_entity{name = 'character', position = {0, 0}, force = f} \
    e = s.create_entity{name = 'stone-furnace', position = {4, 4}, force = f} \
    e.insert{name = 'coal', count = 5} e.insert{name = 'iron-ore', count = 50} \
    for i = 0, 99 do s.create_entity{name = 'wooden-chest', position = {-20 + i % 20, -20 + math.floor(i / 20)}, force = f} end \
    i = e.get_inventory(2)";

fn main() {
    let mut game = Game::new(GameOptions::new("", BTreeMap::new())).expect("a game can be made");
    game.console("/sc");
    let reply = game.console(STAGE).text;
    assert_eq!(reply, "", "the stage is set");
    let empty = measure(&mut game, "", TURNS);
    for (name, code, turns) in [
        ("attribute: game.tick", "local x = game.tick", TURNS),
        ("attribute: entity.valid", "local x = e.valid", TURNS),
        ("attribute: entity.status", "local x = e.status", TURNS),
        ("attribute: entity.name", "local x = e.name", TURNS),
        ("attribute: entity.position", "local x = e.position", TURNS),
        ("write: walking_state", "c.walking_state = w", TURNS),
        (
            "method: get_item_count",
            "local x = c.get_item_count('coal')",
            TURNS,
        ),
        (
            "method: inventory.is_empty",
            "local x = i.is_empty()",
            TURNS,
        ),
        (
            "method: inventory.get_contents",
            "local x = i.get_contents()",
            TURNS,
        ),
        (
            "method: get_inventory",
            "local x = e.get_inventory(2)",
            TURNS,
        ),
        ("length: #inventory", "local x = #i", TURNS),
        (
            "search: 100 chests of 40 x 40 tiles",
            "local x = s.find_entities_filtered{area = {{-20, -20}, {20, 20}}, type = 'container'}",
            2_000,
        ),
    ] {
        let cost = measure(&mut game, code, turns) - empty;
        println!("{name:40} {cost:10.0} ns");
    }
}

/// Measures a piece of code in a loop, nanoseconds each.
fn measure(game: &mut Game, code: &str, turns: u32) -> f64 {
    let line = format!(
        "/sc local e, s, c, i, game, w = e, s, c, i, game, {{walking = false, direction = 0}} for turn = 1, {turns} do {code} end"
    );
    let start = Instant::now();
    let reply = black_box(game.console(&line).text);
    let took = start.elapsed().as_secs_f64() * 1e9 / f64::from(turns);
    assert_eq!(reply, "", "{code}");
    took
}
