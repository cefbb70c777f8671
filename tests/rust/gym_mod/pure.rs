//! Parts of the mod that need no game.

use std::fmt::Write as _;

use factorio_fast::lua::{Options, State};

use crate::kit::mod_files;

/// Runs code in a state in which some files of the mod are required by name.
fn run(required: &[&str], code: &str) -> String {
    let mut files = mod_files();
    let mut control = String::new();
    for name in required {
        let local = name.rsplit('.').next().unwrap();
        let _ = writeln!(control, "{local} = require(\"{name}\")");
    }
    files.insert("control.lua".to_owned(), control.into_bytes());
    let files = files
        .into_iter()
        .map(|(path, bytes)| (format!("__gym__/{path}"), bytes))
        .collect();
    let state = State::new(Options::new("gym", files)).unwrap();
    state.run_control().unwrap();
    state.run::<String>("=(test)", code).unwrap()
}

#[test]
fn commands_are_read_as_they_are_documented() {
    let code = r#"
        local lines = {}
        for _, text in ipairs({
          "S", "W 3", "W -", "M e 12", "M r -4 5", "M p -128 640", "B 0 -128 384 4", "I 7 34 50", "T 7", "T 7 34 2",
          "C 3 5", "P 7 3", "O 7", "G 5 0 0 12", "U 9", "R 0",
          "", "W", "W 8", "W -1", "W 1.5", "W 3 3", "M", "M x 1", "M r 1", "B 999 0 0 0", "B 0 0 0 16", "I 7 0 1",
          "I 7 34 0", "T 7 34", "C 3", "Q 1", "S 1", "R 100000", "U 1e3", "U 0x10", "U 99999999999999999999999",
        }) do
          local command = parsing.command(text)
          lines[#lines + 1] = text .. " -> " .. (command and serpent.line(command, {comment = false}) or "nil")
        end
        return table.concat(lines, "\n")"#;
    let expected = r#"S -> {deed = "stop"}
W 3 -> {deed = "walk", eighths = 3}
W - -> {deed = "walk"}
M e 12 -> {deed = "mine_entity", unit = 12}
M r -4 5 -> {deed = "mine_resource", x = -4, y = 5}
M p -128 640 -> {deed = "mine_pile", x = -128, y = 640}
B 0 -128 384 4 -> {deed = "build", direction = 4, prototype = 0, x = -128, y = 384}
I 7 34 50 -> {count = 50, deed = "insert", item = 34, unit = 7}
T 7 -> {deed = "take", unit = 7}
T 7 34 2 -> {count = 2, deed = "take", item = 34, unit = 7}
C 3 5 -> {count = 5, deed = "craft", recipe = 3}
P 7 3 -> {deed = "set_recipe", recipe = 3, unit = 7}
O 7 -> {deed = "rotate", unit = 7}
G 5 0 0 12 -> {deed = "ghost", direction = 12, prototype = 5, x = 0, y = 0}
U 9 -> {deed = "remove_ghost", unit = 9}
R 0 -> {deed = "research", technology = 0}"#;
    let read = run(&["scripts.parsing"], code);
    let (sound, refused) = read.split_at(expected.len());
    assert_eq!(sound, expected);
    assert_eq!(refused.lines().skip(1).count(), 21);
    for line in refused.lines().skip(1) {
        assert!(line.ends_with("-> nil"), "{line}");
    }
}

#[test]
fn a_writer_keeps_to_the_limits_and_to_the_order_of_sections() {
    let code = r#"
        local contract, w = contract, writer.new()
        local ghost = string.rep("g", contract.SECTIONS.ghosts.bytes)
        local removed = string.rep("r", contract.SECTIONS.removed.bytes)
        local told = w.put_changed("removed", {removed}, "", "")
        local same = w.put_changed("removed", {removed}, told, "")
        local count = 0
        while w.put("ghosts", ghost) do count = count + 1 end
        local lists = w.put_all("inventories", {"0123456789", "0123456789"})
        local payload = w.payload()
        return table.concat({count, contract.SECTIONS.ghosts.max_records, tostring(told == removed and same == told),
          tostring(lists), payload:byte(1), #payload - count * #ghost}, " ")"#;
    let read = run(&["scripts.writer", "contract"], code);
    assert_eq!(
        read, "16384 16384 true true 6 33",
        "3 + ghosts + 3 + 4 + 3 + 20 bytes"
    );
}

#[test]
fn a_frame_is_never_longer_than_its_datagrams() {
    let code = r#"
        local w, limit = writer.new(), contract.MAX_FRAGMENTS * (contract.MAX_DATAGRAM_BYTES - contract.HEADER.bytes)
        for name, section in pairs(contract.SECTIONS) do
          local record = string.rep("x", section.bytes)
          for _ = 1, section.max_records do w.put(name, record) end
        end
        return tostring(#w.payload() <= limit) .. " " .. tostring(#w.payload() > limit - 1000)"#;
    assert_eq!(run(&["scripts.writer", "contract"], code), "true true");
}
