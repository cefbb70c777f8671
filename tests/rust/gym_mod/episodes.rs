//! Environments: many at once, recycled, closed; what single commands do; datagrams.

use factorio_fast::contract::action::RejectReason;
use factorio_fast::contract::wire;
use factorio_fast::lua::PairsOrder;
use factorio_fast::protocol::assembly::Assembler;
use factorio_fast::protocol::payload::{EntityState, GhostState, Held, Removed};
use factorio_fast::prototypes::vanilla;
use factorio_fast::sim::World;
use factorio_fast::sim_server::game::Game;

use crate::kit::{Server, item, meadow, mod_files, options, prototype, read, recipe};

fn refused(reason: RejectReason) -> String {
    format!("1/0/{}", reason as u8)
}

/// A server with one environment, whose first frame was seen.
fn began(ops: &[&str]) -> Server {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(ops));
    server.see("w", 1);
    server
}

#[test]
fn as_many_environments_as_there_are_forces_go_side_by_side() {
    let mut server = Server::new();
    server.configure(0);
    let n = wire::MAX_ENVIRONMENTS as u32;
    for number in 1..=n {
        let op = format!(r#"["i","coal",{number}]"#);
        assert_eq!(server.reset(number, 1, &meadow(&[&op])), "0,0,0,0");
    }
    let frames = server.look("w", "*");
    assert_eq!(frames.len(), wire::MAX_ENVIRONMENTS);
    for (number, bytes) in &frames {
        assert_eq!(read(bytes).carried[0].count, *number);
    }
    let walks: Vec<String> = (1..=n)
        .map(|number| format!("{number}:W {}", number % 8))
        .collect();
    assert_eq!(server.step(10, &walks.join(";")), "-");
    let frames = server.look("w", "*");
    let north = read(&frames[&8]).character;
    assert_eq!((north.x, north.y), (128, 128 - 10 * 38));
    // Every force is taken, and still each environment can begin anew.
    for number in 1..=n {
        server.reset(number, 2, &meadow(&[]));
    }
    server.assert_quiet();
}

#[test]
fn nothing_of_an_episode_reaches_the_next_one() {
    let busy = meadow(&[
        r#"["i","wooden-chest",5]"#,
        r#"["k","automation-science-pack"]"#,
        r#"["r","coal",[2,1,100,4,3,100]]"#,
        r#"["e","burner-mining-drill",1024,768,0,{"coal":5},0]"#,
    ]);
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[]));
    let fresh = server.look("a", "1");
    let clean = server.game.with_world("gym-1-1", World::digest).unwrap();
    server.reset(1, 2, &busy);
    server.look("a", "1");
    let chest = prototype("wooden-chest");
    let research = vanilla().technology("logistics").unwrap().index();
    assert_eq!(
        server.step(500, &format!("1:B {chest} 640 128 0,M r 2 1,R {research}")),
        "-"
    );
    assert_eq!(
        server.step(10, "1:W 3,C 0 1"),
        format!("1/1/{}", RejectReason::RecipeLocked as u8)
    );
    assert!(!read(&server.look("a", "1")[&1]).produced.is_empty());
    server.reset(1, 3, &meadow(&[]));
    let again = server.look("a", "1");
    assert!(
        again == fresh,
        "the first frame is that of a fresh environment"
    );
    assert_eq!(
        server.game.with_world("gym-1-3", World::digest),
        Some(clean)
    );
    server.step(1, "-");
    assert_eq!(
        server.game.with_world("gym-1-2", World::digest),
        None,
        "old surfaces go with the next tick"
    );
    server.assert_quiet();
}

#[test]
fn closed_environments_are_gone() {
    let mut server = began(&[]);
    assert_eq!(server.ask("close 1"), "ok");
    assert_eq!(server.ask("close 1"), "ok");
    assert_eq!(
        server.ask("step 3 1 1:S"),
        "error no-environment environment 1 was not set up"
    );
    assert_eq!(
        server.ask("look 3 w 1"),
        "error no-environment environment 1 was not set up"
    );
    assert_eq!(server.ask("look 3 w *"), "ok 0 rcon");
    assert!(server.ask("again 1 0").starts_with("error no-environment"));
    server.assert_quiet();
}

#[test]
fn what_is_built_is_told_with_its_number() {
    let mut server = began(&[
        r#"["i","burner-mining-drill",2]"#,
        r#"["r","coal",[4,4,50]]"#,
        r#"["g","lab",-640,128,0]"#,
    ]);
    let drill = prototype("burner-mining-drill");
    assert_eq!(server.step(1, &format!("1:B {drill} 1024 1024 4")), "-");
    let frame = server.see("w", 1);
    let entity = EntityState {
        unit: 2,
        code: 22,
        prototype: drill as u16,
        x: 1024,
        y: 1024,
        direction: 4,
        status: 3,
        contents: item("coal"),
        health: u32::MAX,
        recipe: 0,
    };
    assert_eq!(frame.entities, [entity]);
    assert_eq!(frame.carried[0].count, 1);
    let again = format!("1:B {drill} 1024 1024 4");
    assert_eq!(server.step(1, &again), refused(RejectReason::NoSpace));
    assert_eq!(
        server.step(1, &format!("1:B {drill} 6400 128 4")),
        refused(RejectReason::OutOfReach)
    );
    let lab = prototype("lab");
    assert_eq!(
        server.step(1, &format!("1:B {lab} 640 -640 0")),
        refused(RejectReason::MissingItem)
    );
    let tree = prototype("tree-01");
    assert_eq!(
        server.step(1, &format!("1:B {tree} 640 -640 0")),
        refused(RejectReason::WrongItem)
    );
    assert_eq!(server.see("w", 1).entities, []);
    server.assert_quiet();
}

#[test]
fn ghosts_come_and_go() {
    let mut server = began(&[
        r#"["i","wooden-chest",2]"#,
        r#"["g","wooden-chest",640,128,0]"#,
    ]);
    let (chest, lab) = (prototype("wooden-chest"), prototype("lab"));
    assert_eq!(server.step(0, &format!("1:G {lab} -640 128 0")), "-");
    assert_eq!(
        server.step(0, &format!("1:G {lab} -640 128 0")),
        refused(RejectReason::NoSpace)
    );
    let ghost = GhostState {
        unit: 2,
        prototype: lab as u16,
        x: -640,
        y: 128,
        direction: 0,
    };
    assert_eq!(server.see("w", 1).ghosts, [ghost]);
    assert_eq!(server.step(0, &format!("1:B {chest} 640 128 0")), "-");
    let frame = server.see("w", 1);
    assert_eq!(
        frame.removed,
        [Removed { unit: 1 }],
        "what is built over a ghost fulfils it"
    );
    assert_eq!(frame.entities.len(), 1);
    assert_eq!(server.step(0, "1:U 3"), refused(RejectReason::WrongTarget));
    assert_eq!(
        server.step(0, "1:U 2,U 2"),
        format!("1/1/{}", RejectReason::NoTarget as u8)
    );
    assert_eq!(server.see("w", 1).removed, [Removed { unit: 2 }]);
    server.assert_quiet();
}

#[test]
fn items_go_in_and_out_in_the_numbers_that_are_told() {
    let mut server = began(&[
        r#"["i","coal",30]"#,
        r#"["i","iron-ore",30]"#,
        r#"["e","stone-furnace",768,256,0,0,0]"#,
    ]);
    let (coal, ore) = (item("coal"), item("iron-ore"));
    assert_eq!(
        server.step(0, &format!("1:I 1 {coal} 7,I 1 {ore} 4294967295")),
        "-"
    );
    let held = |group, item, count| Held {
        unit: 1,
        group,
        item,
        count,
    };
    let frame = server.see("w", 1);
    assert_eq!(frame.held, [held(2, coal, 7), held(3, ore, 30)]);
    assert_eq!(frame.carried.len(), 1);
    assert_eq!(
        server.step(0, &format!("1:I 1 {ore} 1")),
        refused(RejectReason::MissingItem)
    );
    let plate = item("iron-plate");
    assert_eq!(server.step(0, "1:T 1"), refused(RejectReason::Empty));
    server.step(1_000, "-");
    assert_eq!(server.step(0, &format!("1:T 1 {plate} 2")), "-");
    let frame = server.see("w", 1);
    let plates = frame.carried.iter().find(|carried| carried.item == plate);
    assert_eq!(plates.map(|carried| carried.count), Some(2));
    assert_eq!(frame.entities[0].contents, plate);
    assert_eq!(
        usize::from(frame.entities[0].recipe),
        recipe("iron-plate") + 1
    );
    assert_eq!(
        server.step(0, &format!("1:T 1 {coal} 2")),
        refused(RejectReason::Empty)
    );
    assert_eq!(server.step(0, "1:T 9"), refused(RejectReason::NoTarget));
    server.assert_quiet();
}

#[test]
fn machines_are_set_turned_and_taken_up() {
    let machine = r#"["e","assembling-machine-1",768,-640,0,0,0]"#;
    let mut server = began(&[
        machine,
        r#"["i","iron-plate",20]"#,
        r#"["k","automation"]"#,
        r#"["e","transport-belt",128,640,0,0,0]"#,
    ]);
    let (gear, plate) = (recipe("iron-gear-wheel"), item("iron-plate"));
    let locked = recipe("rocket-silo");
    assert_eq!(
        server.step(0, &format!("1:P 1 {locked}")),
        refused(RejectReason::RecipeLocked)
    );
    assert_eq!(
        server.step(0, &format!("1:P 2 {gear}")),
        refused(RejectReason::WrongTarget)
    );
    assert_eq!(
        server.step(0, &format!("1:P 1 {gear},I 1 {plate} 9,O 2")),
        "-"
    );
    let frame = server.see("w", 1);
    assert_eq!(frame.entities.len(), 2);
    assert_eq!(
        usize::from(
            frame
                .entities
                .iter()
                .find(|told| told.unit == 1)
                .unwrap()
                .recipe
        ),
        gear + 1
    );
    assert_eq!(
        frame
            .entities
            .iter()
            .find(|told| told.unit == 2)
            .unwrap()
            .direction,
        4
    );
    assert_eq!(
        frame.held,
        [Held {
            unit: 1,
            group: 3,
            item: plate,
            count: 9
        }]
    );
    let chest = recipe("iron-chest");
    assert_eq!(server.step(0, &format!("1:P 1 {chest}")), "-");
    let frame = server.see("w", 1);
    assert_eq!(
        frame.held,
        [Held {
            unit: 1,
            group: 3,
            item: 0,
            count: 0
        }]
    );
    assert_eq!(frame.carried[0].count, 20, "what it held comes back");
    assert_eq!(server.step(200, "1:M e 1"), "-");
    let frame = server.see("w", 1);
    assert_eq!(frame.removed, [Removed { unit: 1 }]);
    assert_eq!(server.step(0, "1:M e 1"), refused(RejectReason::NoTarget));
    server.assert_quiet();
}

#[test]
fn items_on_the_ground_are_told_and_picked_up() {
    // A drill without a chest lays its coal on the ground.
    let ops = [
        r#"["r","coal",[3,3,50]]"#,
        r#"["e","burner-mining-drill",1024,1024,0,{"coal":5},0]"#,
    ];
    let mut server = began(&ops);
    server.step(400, "-");
    let frame = server.see("w", 1);
    let [pile] = frame.piles[..] else {
        panic!("{:?}", frame.piles)
    };
    assert_eq!((pile.item, pile.count), (item("coal"), 1));
    assert_eq!(
        frame.resources.len(),
        1,
        "the tile under the drill has changed"
    );
    assert_eq!(
        server.step(10, &format!("1:M p {} {}", pile.x, pile.y)),
        "-"
    );
    let frame = server.see("w", 1);
    assert_eq!(frame.carried[0].count, 1);
    let told: Vec<(i32, i32, u32)> = frame
        .piles
        .iter()
        .map(|told| (told.x, told.y, told.count))
        .collect();
    assert_eq!(told, [(pile.x, pile.y, 0)]);
    server.step(400, "-");
    let frame = server.see("w", 1);
    assert_eq!(frame.piles.len(), 1, "the next one lies there");
    server.assert_quiet();
}

#[test]
fn research_is_told_when_it_changes() {
    let mut server = began(&[
        r#"["k","automation-science-pack"]"#,
        r#"["k","automation"]"#,
    ]);
    let technology = |name| vanilla().technology(name).unwrap().index();
    assert_eq!(server.see("w", 1).technologies, []);
    let logistics = technology("logistics");
    assert_eq!(server.step(1, &format!("1:R {logistics}")), "-");
    let frame = server.see("w", 1);
    let told: Vec<(usize, u16, f64)> = frame
        .technologies
        .iter()
        .map(|told| (usize::from(told.technology), told.level, told.progress))
        .collect();
    let wanted = [
        (technology("automation"), 1, 1.0),
        (technology("automation-science-pack"), 1, 1.0),
        (logistics, 0, 0.0),
    ];
    assert_eq!(told, wanted);
    let enabled: Vec<usize> = frame
        .recipes
        .iter()
        .map(|told| usize::from(told.recipe))
        .collect();
    assert!(
        enabled.contains(&recipe("assembling-machine-1")),
        "{enabled:?}"
    );
    assert!(!enabled.contains(&recipe("rocket-silo")), "{enabled:?}");
    assert_eq!(
        server.see("w", 1).technologies,
        [],
        "what has not changed is not told again"
    );
    let silo = technology("rocket-silo");
    let locked = refused(RejectReason::RecipeLocked);
    assert_eq!(server.step(1, &format!("1:R {silo}")), locked);
    let trigger = technology("steam-power");
    assert_eq!(
        server.step(1, &format!("1:R {trigger}")),
        refused(RejectReason::WrongTarget)
    );
    assert_eq!(
        server.step(1, &format!("1:R {}", technology("automation"))),
        refused(RejectReason::WrongTarget)
    );
    assert_eq!(
        server.see("w", 1).technologies,
        [],
        "a refusal changes nothing"
    );
    let walls = technology("stone-wall");
    assert_eq!(
        server.step(1, &format!("1:R {walls}")),
        "-",
        "what is wanted last comes first"
    );
    let frame = server.see("w", 1);
    assert!(
        frame
            .technologies
            .iter()
            .any(|told| usize::from(told.technology) == walls)
    );
    server.assert_quiet();
}

#[test]
fn frames_go_out_in_datagrams() {
    let mut server = Server::with(PairsOrder::Canonical, true);
    assert!(server.ask("hello").contains(r#""has_udp":true"#));
    server.game.take_datagrams();
    server.configure(34_201);
    let chests: Vec<String> = (0..200)
        .map(|index| {
            let (col, row) = (index % 20, index / 20);
            format!(
                r#"["e","wooden-chest",{},{},0,{{"coal":{}}},0]"#,
                256 * (2 + col) + 128 - 2560,
                256 * (3 + row) + 128,
                index + 1
            )
        })
        .collect();
    let ops: Vec<&str> = chests.iter().map(String::as_str).collect();
    server.reset(5, 9, &meadow(&ops));
    server.game.take_datagrams();
    assert_eq!(server.numbered("look @ w 5"), "ok 0 udp");
    let sent = server.game.take_datagrams();
    assert!(sent.len() > 1, "the frame is cut: {}", sent.len());
    let mut assembler = Assembler::default();
    assert!(assembler.begin_episode(5, 9));
    for datagram in sent.iter().rev() {
        assert_eq!(datagram.port, 34_201);
        assembler.accept(&datagram.bytes);
    }
    let frame = assembler.take(5).unwrap();
    assert_eq!(read(&frame.payload).held.len(), 200);
    assert_eq!(
        server.ask(&format!("look {} w 5", server.sequence)),
        "ok 0 udp"
    );
    assert_eq!(
        server.game.take_datagrams(),
        sent,
        "the same number sends the same datagrams again"
    );
    let text = server.ask("again 5 0");
    assert_eq!(
        crate::kit::unpacked(text.strip_prefix("ok 0 ").unwrap()),
        frame.payload
    );
    server.assert_quiet();
}

#[test]
fn another_version_of_the_storage_begins_anew() {
    let mut files = mod_files();
    files.insert(
        "control.lua".to_owned(),
        b"script.on_init(function() storage.version = 1; storage.frames = 'of old'; game.create_surface('gym-1-1') end)".to_vec(),
    );
    let (mut old, _) = options(PairsOrder::Canonical, false);
    old.files = files;
    let info = br#"{"name": "factorio-gym-mod", "version": "0.0.1"}"#;
    old.files.insert("info.json".to_owned(), info.to_vec());
    let save = Game::new(old).unwrap().save().unwrap();
    let (new, log) = options(PairsOrder::Canonical, false);
    let mut server = Server {
        game: Game::load(new, &save).unwrap(),
        log,
        sequence: 0,
    };
    server.configure(0);
    assert_eq!(server.reset(1, 1, &meadow(&[])), "0,0,0,0");
    server.see("a", 1);
    server.step(1, "-");
    assert!(server.game.with_world("gym-1-2", World::digest).is_some());
    assert!(
        server.game.with_world("gym-1-1", World::digest).is_none(),
        "surfaces of old are given back"
    );
    server.assert_quiet();
}

#[test]
fn a_handler_that_fails_is_logged_and_the_server_lives() {
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 1, &meadow(&[]));
    server.step(1, "1:W 2");
    server.game.console("/sc the gate asks for a repetition");
    server
        .game
        .console("/sc __factorio-gym-mod__ storage.characters = 5");
    server.step(30, "-");
    let faults = |server: &Server| {
        server
            .log
            .borrow()
            .iter()
            .filter(|line| line.contains("failed in characters"))
            .count()
    };
    assert_eq!(
        faults(&server),
        20,
        "a failure of every tick is not logged for ever"
    );
    let reply = server.ask("look 4 w 1");
    assert!(reply.starts_with("error internal "), "{reply}");
    assert!(server.ask("hello").starts_with("ok "));
}

#[test]
fn fair_play_tells_only_of_what_the_force_has_seen() {
    let far = r#"["e","wooden-chest",51328,128,0,{"coal":3},0]"#;
    let map = format!(
        r#"{{"seed":1,"width":512,"height":64,"tile":"grass-1","ops":[["c",128,128],["e","wooden-chest",640,128,0,0,0],{far}]}}"#
    );
    for (is_fair, units) in [(true, vec![1]), (false, vec![1, 2])] {
        let mut server = Server::new();
        let settings = format!(r#"configure {{"udp_port":0,"speed":1,"fair_play":{is_fair}}}"#);
        assert_eq!(server.ask(&settings), "ok");
        server.reset(1, 0, &map);
        let told: Vec<u32> = server
            .see("a", 1)
            .entities
            .iter()
            .map(|entity| entity.unit)
            .collect();
        assert_eq!(told, units, "fair: {is_fair}");
        server.assert_quiet();
    }
}
