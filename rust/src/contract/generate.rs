//! Generates the files that are derived from the contract: `docs/contract.md`, the mod's `contract.lua` and its
//! `prototypes.lua`.
//!
//! `make generate` writes them, and a test fails when they are stale.

use std::fmt::Write as _;

use super::action::{self, Interact, RejectReason};
use super::{VERSION, codes, frame, mask, observation, wire};

/// Paths of the generated files, from the repository's root, with their text.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("docs/contract.md", markdown()),
        ("mods/factorio-gym-mod/contract.lua", lua()),
        ("mods/factorio-gym-mod/prototypes.lua", prototypes_lua()),
    ]
}

/// The text that the contract's hash is taken over: the Markdown without its line about the hash, and the names whose
/// order numbers prototypes.
pub(super) fn canonical_text() -> String {
    let mut text = format!("version {VERSION}\n");
    write_observation(&mut text);
    write_action(&mut text);
    write_mask(&mut text);
    write_wire(&mut text);
    write_frame(&mut text);
    write_codes(&mut text);
    for (title, _, names) in wire::name_lists() {
        let _ = writeln!(text, "{title}: {}", names.join(" "));
    }
    text
}

/// Writes `docs/contract.md`.
pub fn markdown() -> String {
    let mut text = String::from(
        "<!-- Generated from rust/src/contract by `make generate`. Do not edit. -->\n# The contract\n\n",
    );
    let _ = writeln!(text, "Version {VERSION}, hash `{:016x}`.\n", super::hash());
    text.push_str(
        "What the environment, the policy and the mod agree on.\n\
         Python reads the same values from `factorio_fast.contract`.\n\n",
    );
    write_observation(&mut text);
    write_action(&mut text);
    write_mask(&mut text);
    write_wire(&mut text);
    write_frame(&mut text);
    write_codes(&mut text);
    text
}

fn write_observation(text: &mut String) {
    use observation as o;
    text.push_str(
        "## Observation\n\n| key | dtype | shape | bytes in the record |\n|---|---|---|---|\n",
    );
    for (key, dtype, shape, start, end) in [
        (
            "action_mask",
            "bool",
            "(64,)".to_owned(),
            o::MASK_OFFSET,
            o::ENTITIES_OFFSET,
        ),
        (
            "entities",
            "float32",
            format!("({}, {})", o::ENTITY_ROWS, o::ENTITY_COLUMNS),
            o::ENTITIES_OFFSET,
            o::LOCAL_MAP_OFFSET,
        ),
        (
            "local_map",
            "uint8",
            format!("({}, {}, {})", o::MAP_SIDE, o::MAP_SIDE, o::MAP_CHANNELS),
            o::LOCAL_MAP_OFFSET,
            o::PLAYER_STATE_OFFSET,
        ),
        (
            "player_state",
            "float32",
            format!("({},)", o::PLAYER_STATE_SIZE),
            o::PLAYER_STATE_OFFSET,
            o::RECORD_SIZE,
        ),
    ] {
        let _ = writeln!(text, "| `{key}` | {dtype} | {shape} | {start}..{end} |");
    }
    let _ = writeln!(
        text,
        "\nOne record is {} bytes. `local_map` is indexed [row = y, col = x, channel]; the character's tile is cell [{}, {}].",
        o::RECORD_SIZE,
        o::CENTER_CELL,
        o::CENTER_CELL
    );
    let _ = writeln!(
        text,
        "`observation_type=\"full\"` adds `inventory` (float32, {}: counts of the palette's items) and `goal` (float32, {}).\n",
        o::FULL_INVENTORY_SIZE,
        o::FULL_GOAL_SIZE
    );
    text.push_str("### Channels of `local_map`\n\n| channel | name | largest value | meaning |\n|---|---|---|---|\n");
    for (index, (name, meaning)) in o::channel::DESCRIPTIONS.iter().enumerate() {
        let _ = writeln!(
            text,
            "| {index} | {name} | {} | {meaning} |",
            o::channel::MAX[index]
        );
    }
    text.push_str("\n### Fields of `player_state`\n\n| field | name | meaning |\n|---|---|---|\n");
    for (index, (name, meaning)) in o::player::DESCRIPTIONS.iter().enumerate() {
        let _ = writeln!(text, "| {index} | {name} | {meaning} |");
    }
    text.push_str("\n### Columns of `entities`\n\n| column | name | meaning |\n|---|---|---|\n");
    for (index, (name, meaning)) in o::ENTITY_COLUMN_DESCRIPTIONS.iter().enumerate() {
        let _ = writeln!(text, "| {index} | {name} | {meaning} |");
    }
    let _ = writeln!(
        text,
        "\nRows are the things in the window that can be acted on, nearest first, ties by number; empty rows are zero. \
         At most {} rows go to things of one natural kind (one ore, trees, rocks). RESOURCE_KIND_BASE is {}.\n",
        o::MAX_ROWS_PER_NATURAL_KIND,
        o::RESOURCE_KIND_BASE
    );
}

fn write_action(text: &mut String) {
    let _ = writeln!(
        text,
        "## Action\n\n`MultiDiscrete({:?})` = (move, interact, target, item).\n",
        action::NVEC
    );
    text.push_str("| move | name |\n|---|---|\n");
    for (index, name) in action::MOVE_NAMES.iter().enumerate() {
        let _ = writeln!(text, "| {index} | {name} |");
    }
    text.push_str(
        "\n| interact | name | reads target | reads item | meaning |\n|---|---|---|---|---|\n",
    );
    for interact in Interact::ALL {
        let yes = |flag: bool| if flag { "yes" } else { "no" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            interact as u8,
            interact.name(),
            yes(interact.uses_target()),
            yes(interact.uses_item()),
            interact.description()
        );
    }
    text.push_str(
        "\n### Reasons for a refusal\n\n| number | name |\n|---|---|\n| 0 | accepted |\n",
    );
    for reason in RejectReason::ALL {
        let _ = writeln!(text, "| {} | {} |", reason as u8, reason.name());
    }
    text.push('\n');
}

fn write_mask(text: &mut String) {
    let _ = writeln!(
        text,
        "## Mask\n\n{} bits for the {} choices; staying is always legal and has no bit.\n\n| bits | head |\n|---|---|",
        mask::SIZE,
        mask::FLAT_SIZE
    );
    for (first, last, head) in [
        (mask::MOVE_BIT, mask::INTERACT_BIT, "moves 1 to 8"),
        (mask::INTERACT_BIT, mask::TARGET_BIT, "interact"),
        (mask::TARGET_BIT, mask::ITEM_BIT, "target"),
        (mask::ITEM_BIT, mask::SIZE, "item"),
    ] {
        let _ = writeln!(text, "| {first}..{last} | {head} |");
    }
    text.push_str(
        "\nA bit is set where at least one action that reads the choice would be accepted now. \
         `none` is always set, and a head with nothing legal shows its index 0.\n\n",
    );
}

fn write_wire(text: &mut String) {
    let _ = writeln!(
        text,
        "## Requests\n\nThe console command is `/{}`; [wire.md](wire.md) describes its requests.\n\n| limit | value |\n|---|---|",
        wire::COMMAND
    );
    for (name, _, value) in LIMITS {
        let _ = writeln!(text, "| {name} | {value} |");
    }
    text.push_str("\n### Numbered names\n\nA prototype's number is its place in the list of its kind in name order, from 0.\n\n| kind | names |\n|---|---|\n");
    for (title, _, names) in wire::name_lists() {
        let _ = writeln!(text, "| {title} | {} |", names.len());
    }
    text.push_str("\n### Errors\n\n| kind | meaning |\n|---|---|\n");
    for (kind, meaning) in wire::ERROR_KINDS {
        let _ = writeln!(text, "| {kind} | {meaning} |");
    }
    text.push('\n');
}

fn write_frame(text: &mut String) {
    let _ = writeln!(
        text,
        "## Frame\n\nLittle endian. Magic {:#010x}. A datagram is at most {} bytes, a frame at most {} fragments.\n",
        frame::MAGIC,
        frame::MAX_DATAGRAM_BYTES,
        frame::MAX_FRAGMENTS
    );
    let _ = writeln!(
        text,
        "### Header, {} bytes: `{}`\n",
        frame::HEADER_BYTES,
        frame::pack_format(&frame::HEADER)
    );
    write_fields(text, &frame::HEADER);
    for section in &frame::SECTIONS {
        let _ = writeln!(
            text,
            "### Section {}: {}, {} bytes a record: `{}`\n\n{}; at most {} records.\n",
            section.id,
            section.name,
            frame::size_of_fields(section.fields),
            frame::pack_format(section.fields),
            section.meaning,
            section.max_records
        );
        write_fields(text, section.fields);
    }
}

fn write_fields(text: &mut String, fields: &[frame::Field]) {
    text.push_str("| field | pack | meaning |\n|---|---|---|\n");
    for field in fields {
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            field.name, field.pack, field.meaning
        );
    }
    text.push('\n');
}

/// The limits of requests with their titles and their Lua names.
const LIMITS: [(&str, &str, usize); 6] = [
    (
        "environments of a server",
        "MAX_ENVIRONMENTS",
        wire::MAX_ENVIRONMENTS,
    ),
    ("open transfers", "MAX_TRANSFERS", wire::MAX_TRANSFERS),
    (
        "bytes of a transfer",
        "MAX_TRANSFER_BYTES",
        wire::MAX_TRANSFER_BYTES,
    ),
    (
        "parts of a transfer",
        "MAX_TRANSFER_PARTS",
        wire::MAX_TRANSFER_PARTS,
    ),
    (
        "commands of an environment in a step",
        "MAX_COMMANDS_PER_STEP",
        wire::MAX_COMMANDS_PER_STEP,
    ),
    (
        "ticks of a step",
        "MAX_TICKS_PER_STEP",
        wire::MAX_TICKS_PER_STEP,
    ),
];

/// The code tables with their titles and their Lua names.
const TABLES: [(&str, &str, &[&str]); 5] = [
    ("Terrain classes", "TERRAIN", &codes::TERRAIN_NAMES),
    ("Resource kinds", "RESOURCES", &codes::RESOURCE_NAMES),
    ("Status classes", "STATUSES", &codes::STATUS_NAMES),
    ("Entities", "ENTITIES", &codes::ENTITY_NAMES),
    ("Items and fluids", "ITEMS", &codes::ITEM_NAMES),
];

fn write_codes(text: &mut String) {
    text.push_str("## Codes\n\nA code is the place in its list, from 1; 0 is nothing.\n");
    for (title, _, names) in TABLES {
        let _ = writeln!(text, "\n### {title}\n");
        for (index, name) in names.iter().enumerate() {
            let _ = writeln!(text, "{}. {name}", index + 1);
        }
    }
}

/// Writes the mod's `contract.lua`.
pub fn lua() -> String {
    let mut text = String::from(
        "--- The contract: numbers that the mod shares with the environment.\n\
         --- Generated from rust/src/contract by `make generate`. Do not edit.\nlocal contract = {}\n\n",
    );
    let _ = writeln!(
        text,
        "contract.VERSION = {VERSION}\ncontract.HASH = \"{:016x}\"\n",
        super::hash()
    );
    let _ = writeln!(text, "contract.COMMAND = \"{}\"", wire::COMMAND);
    for (_, name, value) in LIMITS {
        let _ = writeln!(text, "contract.{name} = {value}");
    }
    let _ = writeln!(
        text,
        "\ncontract.MAP_SIDE = {}\ncontract.CENTER_CELL = {}\n",
        observation::MAP_SIDE,
        observation::CENTER_CELL
    );
    let _ = writeln!(
        text,
        "contract.MAGIC = {:#010x}\ncontract.MAX_DATAGRAM_BYTES = {}\ncontract.MAX_FRAGMENTS = {}",
        frame::MAGIC,
        frame::MAX_DATAGRAM_BYTES,
        frame::MAX_FRAGMENTS
    );
    let _ = writeln!(
        text,
        "contract.HEADER = {{ format = \"{}\", bytes = {} }}",
        frame::pack_format(&frame::HEADER),
        frame::HEADER_BYTES
    );
    let _ = writeln!(
        text,
        "contract.FULL_HEALTH = {:#x}\ncontract.NO_CRAFT = {:#x}\n",
        frame::FULL_HEALTH,
        frame::NO_CRAFT
    );
    text.push_str("contract.SECTIONS = {\n");
    for section in &frame::SECTIONS {
        let _ = writeln!(
            text,
            "  {} = {{ id = {}, format = \"{}\", bytes = {}, max_records = {} }},",
            section.name,
            section.id,
            frame::pack_format(section.fields),
            frame::size_of_fields(section.fields),
            section.max_records
        );
    }
    text.push_str("}\n\ncontract.REJECTED = {\n");
    for reason in RejectReason::ALL {
        let _ = writeln!(text, "  [\"{}\"] = {},", reason.name(), reason as u8);
    }
    text.push_str("}\n");
    for (title, name, names) in TABLES {
        let _ = writeln!(text, "\n--- {title}: name to code.\ncontract.{name} = {{");
        for (index, entry) in names.iter().enumerate() {
            let _ = writeln!(text, "  [\"{entry}\"] = {},", index + 1);
        }
        text.push_str("}\n");
    }
    text.push_str("\nreturn contract\n");
    text
}

/// Writes the mod's `prototypes.lua`.
fn prototypes_lua() -> String {
    let mut text = String::from(
        "--- Names whose place in their list, less 1, is their number on the wire, and what the mod asks of their prototypes.\n\
         --- Generated from rust/src/contract by `make generate`. Do not edit.\nlocal names = {}\n",
    );
    for (title, name, names) in wire::name_lists() {
        let _ = writeln!(text, "\n--- {title}.\nnames.{name} = {{");
        for entry in names {
            let _ = writeln!(text, "  \"{entry}\",");
        }
        text.push_str("}\n");
    }
    let prototypes = crate::prototypes::vanilla();
    let codes = prototypes.entities().iter().map(wire::entity_code);
    write_numbers(
        &mut text,
        "Entity codes, in the order of PROTOTYPES",
        "ENTITY_CODES",
        codes,
    );
    let products = prototypes.recipes().iter().map(wire::product_code);
    write_numbers(
        &mut text,
        "Item codes of what recipes make, in the order of RECIPES",
        "PRODUCTS",
        products,
    );
    text.push_str("\nreturn names\n");
    text
}

/// Writes a list of numbers, twenty to a line.
fn write_numbers(text: &mut String, title: &str, name: &str, numbers: impl Iterator<Item = u8>) {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    let _ = writeln!(text, "\n--- {title}.\nnames.{name} = {{");
    for line in numbers.chunks(20) {
        let _ = writeln!(text, "  {},", line.join(", "));
    }
    text.push_str("}\n");
}
