//! Tests: a mod of a few lines against the members that it uses, and what the console answers.

mod basics;
mod served;

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
