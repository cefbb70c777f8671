//! A game with the mod, asked as a client asks it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use factorio_fast::lua::PairsOrder;
use factorio_fast::protocol::payload::Payload;
use factorio_fast::prototypes::vanilla;
use factorio_fast::sim_server::game::{Game, GameOptions};

/// Updates that a step may take before something is wrong.
const MAX_UPDATES: u32 = 100_000;

/// Reads the files of the mod.
pub(crate) fn mod_files() -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("mods/factorio-gym-mod");
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                files.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// A game with the mod, and what it logged.
pub(crate) struct Server {
    pub(crate) game: Game,
    pub(crate) log: Rc<RefCell<Vec<String>>>,
    pub(crate) sequence: u32,
}

/// What a game is made of.
pub(crate) fn options(
    order: PairsOrder,
    is_udp_enabled: bool,
) -> (GameOptions, Rc<RefCell<Vec<String>>>) {
    let mut options = GameOptions::new("factorio-gym-mod", mod_files());
    options.order = order;
    options.is_udp_enabled = is_udp_enabled;
    let log = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&log);
    options.log = Box::new(move |line| sink.borrow_mut().push(line.to_owned()));
    (options, log)
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::with(PairsOrder::Canonical, false)
    }

    pub(crate) fn with(order: PairsOrder, is_udp_enabled: bool) -> Self {
        let (options, log) = options(order, is_udp_enabled);
        Self {
            game: Game::new(options).unwrap(),
            log,
            sequence: 0,
        }
    }

    /// Saves the game and goes on with what was saved.
    pub(crate) fn reload(&mut self, order: PairsOrder, is_udp_enabled: bool) {
        let save = self.game.save().unwrap();
        let (options, log) = options(order, is_udp_enabled);
        self.game = Game::load(options, &save).unwrap();
        self.log = log;
    }

    /// Sends a request and gives the one line that answers it.
    pub(crate) fn ask(&mut self, request: &str) -> String {
        let reply = self.game.console(&format!("/gym {request}")).text;
        let line = reply.strip_suffix('\n').unwrap_or(&reply);
        assert!(
            !line.contains('\n'),
            "one line answers {request:?}: {reply:?}"
        );
        line.to_owned()
    }

    /// Sends a numbered request, with `@` for its number; it must be carried out.
    pub(crate) fn numbered(&mut self, request: &str) -> String {
        let line = request.replacen('@', &(self.sequence + 1).to_string(), 1);
        let reply = self.ask(&line);
        assert!(
            reply.starts_with("ok "),
            "{line}: {reply}; {:?}",
            self.log.borrow()
        );
        self.sequence += 1;
        reply
    }

    pub(crate) fn configure(&mut self, udp_port: u16) {
        let settings =
            format!(r#"configure {{"udp_port":{udp_port},"speed":1,"fair_play":false}}"#);
        assert_eq!(self.ask(&settings), "ok");
        self.sequence = 0;
    }

    /// Sends a transfer in parts.
    pub(crate) fn put(&mut self, id: &str, map: &str) {
        let text = packed(map);
        let parts: Vec<&[u8]> = text.as_bytes().chunks(500).collect();
        // The last part comes first: parts may overtake each other.
        for (index, part) in parts.iter().enumerate().rev() {
            let data = std::str::from_utf8(part).unwrap();
            let request = format!("put {id} {} {} {data}", index + 1, parts.len());
            assert_eq!(self.ask(&request), "ok");
        }
    }

    /// Begins an episode and gives what the game counts.
    pub(crate) fn reset(&mut self, number: u32, episode: u32, map: &str) -> String {
        self.put("map", map);
        let reply = self.numbered(&format!("reset @ {number} {episode} map"));
        reply.rsplit(' ').next().unwrap().to_owned()
    }

    /// Carries out commands and lets the game run; gives the refusals.
    pub(crate) fn step(&mut self, ticks: u32, actions: &str) -> String {
        let reply = self.numbered(&format!("step @ {ticks} {actions}"));
        self.run();
        reply.rsplit(' ').next().unwrap().to_owned()
    }

    /// Lets the game run until it pauses.
    pub(crate) fn run(&mut self) {
        for _ in 0..MAX_UPDATES {
            if !self.game.is_running() {
                return;
            }
            self.game.update().unwrap();
        }
        panic!("the game runs on and on");
    }

    /// Makes the next frames and gives their payloads.
    pub(crate) fn look(&mut self, scope: &str, numbers: &str) -> BTreeMap<u32, Vec<u8>> {
        let reply = self.numbered(&format!("look @ {scope} {numbers}"));
        let mut words = reply.split(' ').skip(2);
        assert_eq!(words.next(), Some("rcon"), "{reply}");
        words
            .map(|word| {
                let (number, text) = word.split_once('=').unwrap();
                (number.parse().unwrap(), unpacked(text))
            })
            .collect()
    }

    /// Makes the next frame of one environment and reads it.
    pub(crate) fn see(&mut self, scope: &str, number: u32) -> Payload {
        read(&self.look(scope, &number.to_string())[&number])
    }

    /// Asserts that nothing went wrong inside the mod.
    pub(crate) fn assert_quiet(&self) {
        let log = self.log.borrow();
        let faults: Vec<&String> = log
            .iter()
            .filter(|line| line.contains("[factorio_fast]"))
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

/// Reads a payload.
pub(crate) fn read(bytes: &[u8]) -> Payload {
    let mut payload = Payload::default();
    payload.read(bytes).unwrap();
    payload
}

/// Writes a text as `helpers.encode_string` does.
pub(crate) fn packed(text: &str) -> String {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    STANDARD.encode(encoder.finish().unwrap())
}

/// Reads what `helpers.encode_string` wrote.
pub(crate) fn unpacked(text: &str) -> Vec<u8> {
    let bytes = STANDARD.decode(text).unwrap();
    let mut decoder = flate2::read::ZlibDecoder::new(&bytes[..]);
    let mut out = Vec::new();
    decoder.read_to_end(&mut out).unwrap();
    out
}

/// A meadow with a character in the middle; `ops` are more operations, in JSON.
pub(crate) fn meadow(ops: &[&str]) -> String {
    let mut all = vec![r#"["c",128,128]"#];
    all.extend(ops);
    format!(
        r#"{{"seed":7,"width":64,"height":64,"tile":"grass-1","ops":[{}]}}"#,
        all.join(",")
    )
}

/// Gives the item code of a name.
pub(crate) fn item(name: &str) -> u8 {
    let code =
        factorio_fast::contract::codes::code_of(&factorio_fast::contract::codes::ITEM_NAMES, name);
    assert_ne!(code, 0, "{name}");
    code
}

/// Gives the number of a prototype.
pub(crate) fn prototype(name: &str) -> usize {
    vanilla().entity(name).unwrap().index()
}

/// Gives the number of a recipe.
pub(crate) fn recipe(name: &str) -> usize {
    vanilla().recipe(name).unwrap().index()
}
