//! Tests: a mod of a few lines against the members that it uses, and what the console answers.

mod basics;
mod characters;
mod console;
mod entities;
mod forces;
mod helpers;
mod saving;
mod surfaces;
mod time;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Game, GameOptions};

/// The options of a mod of one file.
fn options(control: &str) -> GameOptions {
    let files = BTreeMap::from([
        ("control.lua".to_owned(), control.as_bytes().to_vec()),
        (
            "info.json".to_owned(),
            br#"{"name": "test", "version": "1.2.3"}"#.to_vec(),
        ),
    ]);
    GameOptions::new("test", files)
}

/// A game with a mod of one file, past the gate of console commands.
fn game(control: &str) -> Game {
    let mut game = Game::new(options(control)).unwrap();
    game.console("/sc");
    game
}

/// Runs code in the mod's state and gives what it prints.
fn run(game: &mut Game, code: &str) -> String {
    game.console(&format!("/sc __test__ {code}")).text
}

/// Collects the lines of a log.
fn log_of(options: &mut GameOptions) -> Rc<RefCell<Vec<String>>> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&lines);
    options.log = Box::new(move |line| sink.borrow_mut().push(line.to_owned()));
    lines
}

/// Code that makes a surface `s` of 32 x 32 tiles, a force `f` and a character `c` on it.
const STAGE: &str = "s = game.create_surface('stage', {width = 32, height = 32, seed = 5})
    f = game.create_force('team')
    c = s.create_entity{name = 'character', position = {0, 0}, force = f}
    function make(name, x, y, more)
        local given = {name = name, position = {x, y}, force = f}
        for key, value in pairs(more or {}) do given[key] = value end
        return s.create_entity(given)
    end
    function say(...)
        local texts = {}
        for place = 1, select('#', ...) do texts[place] = tostring((select(place, ...))) end
        rcon.print(table.concat(texts, ' '))
    end ";

/// A game with a stage, on which `run` goes on.
fn stage() -> Game {
    let mut game = game("");
    assert_eq!(run(&mut game, STAGE), "");
    game
}

/// Runs updates.
fn updates(game: &mut Game, count: u32) {
    for _ in 0..count {
        game.update().unwrap();
    }
}
