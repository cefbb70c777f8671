//! Requests that are wrong: each gets one line that says so, and changes nothing.

use proptest::prelude::*;

use crate::kit::{Server, meadow, packed};

/// All that can be told of a game from outside.
fn state_of(server: &mut Server) -> (Vec<u8>, String) {
    (server.game.save().unwrap(), server.ask("hello"))
}

#[test]
fn malformed_requests_are_refused_and_change_nothing() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[r#"["i","coal",5]"#]));
    let before = state_of(&mut server);
    let long = "x".repeat(100_000);
    let many = format!("step 2 1 1:{}", vec!["S"; 2_000].join(","));
    let requests = [
        "",
        " ",
        "nothing",
        "HELLO",
        "configure",
        "configure {",
        "configure []",
        "configure 5",
        r#"configure {"udp_port":-1,"speed":1,"fair_play":false}"#,
        r#"configure {"udp_port":65536,"speed":1,"fair_play":false}"#,
        r#"configure {"udp_port":0,"speed":0,"fair_play":false}"#,
        r#"configure {"udp_port":0,"speed":"1","fair_play":false}"#,
        r#"configure {"udp_port":0,"speed":1,"fair_play":1}"#,
        r#"configure {"udp_port":34201,"speed":1,"fair_play":false}"#,
        "put",
        "put a",
        "put a 1 1",
        "put a 0 1 x",
        "put a 2 1 x",
        "put a 1 4097 x",
        "put a 1 1 x y",
        "put a 1.5 2 x",
        "reset",
        "reset 2",
        "reset 2 1 1",
        "reset 2 0 1 m",
        "reset 2 62 1 m",
        "reset 2 1 -1 m",
        "reset 2 1 1 absent",
        "reset x 1 1 m",
        "step 2",
        "step 2 1",
        "step 2 -1 -",
        "step 2 216001 -",
        "step 2 1.5 -",
        "step 2 1 x",
        "step 2 1 1:",
        "step 2 1 1:Q",
        "step 2 1 1:S;1:S",
        "step 2 1 2:S",
        "step 2 1 62:S",
        "step 2 1 1:S,,S",
        "step 2 1 1:S;",
        "step 2 1 :S",
        "look 2",
        "look 2 w",
        "look 2 x 1",
        "look 2 w 0",
        "look 2 w 1,1",
        "look 2 w 2",
        "look 2 w 1 1",
        "look 2 w ,",
        "again",
        "again 1",
        "again 1 7",
        "again 0 0",
        "close",
        "close 0",
        "close 62",
        "close x",
        "step nil 1 -",
        "step 2 0x1 -",
        "look 2 w 1e0",
        &long,
        &many,
        "step 2 1 1:B 0 99999999999 0 0",
        "hello\u{0}x",
        "\u{1b}[31m",
    ];
    for request in requests {
        let reply = server.ask(request);
        let shown: String = request.chars().take(80).collect();
        assert!(reply.starts_with("error "), "{shown:?}: {reply}");
        assert!(reply.len() < 300, "{shown:?}: {} bytes", reply.len());
        assert!(!reply.starts_with("error internal"), "{shown:?}: {reply}");
    }
    assert_eq!(state_of(&mut server), before);
    server.assert_quiet();
}

#[test]
fn a_set_up_that_fails_closes_its_environment_alone() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[]));
    server.reset(2, 1, &meadow(&[]));
    let faults = [
        (
            r#"["e","no-such-thing",128,128,0,0,0]"#,
            "set-up operation 1",
        ),
        (
            r#"["e","wooden-chest",640,640,0,{"coal":100000},0]"#,
            "wooden-chest takes 800 of 100000 coal",
        ),
        (
            r#"["i","coal",1000000]"#,
            "has room for 4000 of 1000000 coal",
        ),
        (r#"["k","no-such-technology"]"#, "no-such-technology"),
        (r#"["r","no-such-ore",[0,0,1]]"#, "set-up operation 1"),
        (r#"["t",0,0,1,1,"no-such-tile"]"#, "set-up operation 1"),
    ];
    for (op, hint) in faults {
        server.put("bad", &meadow(&[op]));
        let reply = server.ask("reset 3 2 2 bad");
        assert!(
            reply.starts_with("error setup set-up operation 1"),
            "{op}: {reply}"
        );
        assert!(reply.contains(hint), "{op}: {reply}");
        let hello = server.ask("hello");
        assert!(
            hello.contains(r#""environments":[{"number":1,"episode":1,"frame":0}]"#),
            "{hello}"
        );
    }
    server.put("good", &meadow(&[]));
    assert_eq!(server.ask("reset 3 2 2 good"), "ok 0 0,0,0,0");
    server.assert_quiet();
}

#[test]
fn transfers_that_are_no_set_up_are_refused_before_anything_is_changed() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[]));
    let maps = [
        "",
        "null",
        "7",
        "[]",
        "{}",
        r#"{"seed":1,"width":8,"height":8,"tile":"grass-1"}"#,
        r#"{"seed":1,"width":0,"height":8,"tile":"grass-1","ops":[]}"#,
        r#"{"seed":1,"width":8,"height":2049,"tile":"grass-1","ops":[]}"#,
        r#"{"seed":4294967296,"width":8,"height":8,"tile":"grass-1","ops":[]}"#,
        r#"{"seed":1,"width":8,"height":8,"tile":"no-such-tile","ops":[]}"#,
        r#"{"seed":1,"width":8,"height":8,"tile":"grass-1","ops":[["x"]]}"#,
        r#"{"seed":1,"width":8,"height":8,"tile":"grass-1","ops":[5]}"#,
        r#"{"seed":1.5,"width":8,"height":8,"tile":"grass-1","ops":[]}"#,
    ];
    for map in maps {
        server.put("bad", map);
        let reply = server.ask("reset 2 1 2 bad");
        assert!(reply.starts_with("error bad-request "), "{map}: {reply}");
    }
    for data in ["!!!", "AAAA", &packed("{")] {
        assert_eq!(server.ask(&format!("put raw 1 1 {data}")), "ok");
        assert!(
            server
                .ask("reset 2 1 2 raw")
                .starts_with("error bad-request "),
            "{data}"
        );
    }
    assert_eq!(server.ask("put half 1 2 AAAA"), "ok");
    let reply = server.ask("reset 2 1 2 half");
    assert_eq!(reply, "error bad-request only 1 of 2 parts have come: half");
    assert!(
        server
            .ask("hello")
            .contains(r#"[{"number":1,"episode":1,"frame":0}]"#)
    );
    server.assert_quiet();
}

#[test]
fn transfers_are_limited_in_number_and_in_bytes() {
    let mut server = Server::new();
    server.configure(0);
    for index in 0..70 {
        assert_eq!(server.ask(&format!("put t{index} 1 2 AAAA")), "ok");
    }
    assert!(
        server
            .ask("reset 1 1 1 t5")
            .contains("no transfer has this id"),
        "the oldest are dropped"
    );
    assert!(server.ask("reset 1 1 1 t6").contains("only 1 of 2 parts"));
    let part = "A".repeat(1 << 20);
    for index in 1..=16 {
        assert_eq!(server.ask(&format!("put big {index} 20 {part}")), "ok");
    }
    let reply = server.ask(&format!("put big 17 20 {part}"));
    assert_eq!(
        reply,
        "error limit a transfer has at most 16777216 bytes: big"
    );
    assert!(
        server
            .ask("reset 1 1 1 big")
            .contains("no transfer has this id")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_text_is_answered_with_one_line(
        texts in prop::collection::vec("(hello|configure|put|reset|step|look|again|close|)[ -~]{0,60}|\\PC{0,40}", 8),
    ) {
        let mut server = Server::new();
        server.configure(0);
        server.reset(1, 1, &meadow(&[]));
        for text in texts {
            let reply = server.ask(&text.replace('\n', " "));
            let is_line = ["ok", "error ", "wait "].iter().any(|head| reply.starts_with(head));
            prop_assert!(is_line && !reply.starts_with("error internal"), "{:?}: {:?}", text, reply);
        }
        server.assert_quiet();
    }
}
