//! Requests: what they answer, and that each is carried out once.

use factorio_fast::contract;
use factorio_fast::contract::wire;

use crate::kit::{Server, meadow, read, unpacked};

#[test]
fn hello_says_what_is_there() {
    let mut server = Server::new();
    let hash = format!("{:016x}", contract::hash());
    let reply = server.ask("hello");
    let said: serde_json::Value = serde_json::from_str(reply.strip_prefix("ok ").unwrap()).unwrap();
    let expected = serde_json::json!({
        "mod_version": "0.1.0", "game_version": "2.0.77", "contract_version": contract::VERSION, "contract_hash": hash,
        "has_udp": false, "sequence": 0, "tick": 0, "max_environments": wire::MAX_ENVIRONMENTS, "environments": [],
    });
    assert_eq!(said, expected);
    server.configure(0);
    server.reset(3, 12, &meadow(&[]));
    server.look("w", "3");
    let reply = server.ask("hello");
    let said: serde_json::Value = serde_json::from_str(reply.strip_prefix("ok ").unwrap()).unwrap();
    assert_eq!(
        said["environments"],
        serde_json::json!([{"number": 3, "episode": 12, "frame": 1}])
    );
    assert_eq!(said["sequence"], 2);
    server.assert_quiet();
}

#[test]
fn requests_are_carried_out_once_however_often_they_come() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[r#"["i","coal",5]"#]));
    let step = "step 2 3 1:W 2";
    assert_eq!(server.ask(step), "ok 3 -");
    assert_eq!(server.ask(step), "ok 3 -");
    let look = "look 3 w 1";
    assert_eq!(server.ask(look), "wait 0");
    server.game.update().unwrap();
    assert_eq!(server.ask(look), "wait 1");
    server.run();
    assert_eq!(server.game.tick(), 3, "the step was done once");
    let reply = server.ask(look);
    assert_eq!(server.ask(look), reply);
    assert_eq!(
        server.ask(step),
        "ok 3 -",
        "the step's reply is kept beside the look's"
    );
    assert!(
        server.ask("hello").contains(r#""frame":1}"#),
        "one frame was made"
    );
    for wrong in [
        "step 3 3 -",
        "step 5 3 -",
        "step 0 3 -",
        "look 7 w 1",
        "reset 99 1 1 x",
    ] {
        let expected = if wrong.starts_with("step 3") {
            reply.clone()
        } else {
            "error out-of-sequence 3".to_owned()
        };
        assert_eq!(server.ask(wrong), expected, "{wrong}");
    }
    server.assert_quiet();
}

#[test]
fn replies_are_kept_of_the_last_sixty_four_and_looks_of_the_last_one() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[]));
    assert!(server.ask("look 2 w 1").starts_with("ok 0 rcon 1="));
    assert!(server.ask("look 3 w 1").starts_with("ok 0 rcon 1="));
    assert_eq!(server.ask("look 2 w 1"), "error out-of-sequence 3");
    for sequence in 4..=66 {
        assert_eq!(server.ask(&format!("step {sequence} 0 -")), "ok 0 -");
    }
    assert!(server.ask("look 3 w 1").starts_with("ok 0 rcon 1="));
    assert_eq!(server.ask("reset 1 1 1 map"), "error out-of-sequence 66");
}

#[test]
fn frames_can_be_asked_for_again() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[r#"["i","coal",5]"#]));
    let first = server.look("w", "1")[&1].clone();
    let reply = server.ask("again 1 0");
    assert_eq!(unpacked(reply.strip_prefix("ok 0 ").unwrap()), first);
    server.step(2, "-");
    let second = server.look("w", "1")[&1].clone();
    assert!(server.ask("again 1 0").starts_with("error no-environment"));
    let reply = server.ask("again 1 1");
    assert_eq!(unpacked(reply.strip_prefix("ok 2 ").unwrap()), second);
    assert_eq!(read(&first).carried.len(), 1);
    assert_eq!(
        read(&second).carried.len(),
        0,
        "what has not changed is not told again"
    );
}

#[test]
fn resets_wait_for_the_ticks_of_a_step() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[]));
    server.reset(2, 1, &meadow(&[]));
    server.put("next", &meadow(&[]));
    assert_eq!(server.ask("step 3 4 -"), "ok 4 -");
    assert_eq!(server.ask("reset 4 2 2 next"), "wait 0");
    server.run();
    assert_eq!(server.ask("reset 4 2 2 next"), "ok 4 0,0,0,0");
    assert_eq!(server.ask("reset 4 2 2 next"), "ok 4 0,0,0,0");
}

#[test]
fn configuring_begins_anew() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[]));
    server.step(5, "-");
    server.configure(0);
    assert!(server.ask("hello").contains(r#""sequence":0,"tick":5"#));
    assert!(server.ask("hello").contains(r#""environments":[]"#));
    assert_eq!(
        server.ask("look 1 w 1"),
        "error no-environment environment 1 was not set up"
    );
    assert_eq!(server.reset(1, 2, &meadow(&[])), "0,0,0,0");
    server.assert_quiet();
}
