//! Holds the collected blueprints to their index: every string can be built, and every port is where the index says.

use std::fs;
use std::path::{Path, PathBuf};

use factorio_fast::prototypes::{EntityKind, vanilla};
use factorio_fast::sim::blueprint::{Content, Layout, decode};
use toml::{Table, Value};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/blueprints")
}

fn entries() -> Vec<Table> {
    let text = fs::read_to_string(folder().join("index.toml")).expect("the index is there");
    let mut index: Table = text.parse().expect("the index is TOML");
    let Some(Value::Array(entries)) = index.remove("blueprint") else {
        panic!("the index lists blueprints");
    };
    entries
        .into_iter()
        .map(|entry| entry.try_into().expect("an entry is a table"))
        .collect()
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} is text"))
}

fn layout(name: &str) -> Layout {
    let string =
        fs::read_to_string(folder().join(format!("{name}.txt"))).expect("the string is there");
    let exchange = decode(string.trim()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let Content::Blueprint(blueprint) = exchange.content else {
        panic!("{name} is no blueprint");
    };
    blueprint
        .layout(vanilla())
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Finds the kind of entity on a tile.
fn kind_on(layout: &Layout, tile: (i32, i32)) -> Option<EntityKind> {
    let entity = layout.entities().iter().find(|entity| {
        let bounds = entity.bounds();
        (bounds.left..bounds.right).contains(&tile.0)
            && (bounds.top..bounds.bottom).contains(&tile.1)
    })?;
    Some(vanilla()[entity.prototype].kind)
}

fn tile(port: &Table) -> (i32, i32) {
    let at = |index: usize| port["tile"][index].as_integer().expect("a tile is whole") as i32;
    (at(0), at(1))
}

fn fits(port_kind: &str, entity: EntityKind) -> bool {
    use EntityKind as Kind;
    match port_kind {
        "belt" => matches!(
            entity,
            Kind::TransportBelt | Kind::UndergroundBelt | Kind::Splitter
        ),
        "chest" => matches!(entity, Kind::Container | Kind::LogisticContainer),
        "fluid" => matches!(entity, Kind::Pipe | Kind::PipeToGround | Kind::StorageTank),
        _ => false,
    }
}

#[test]
fn every_collected_blueprint_can_be_laid_out() {
    let entries = entries();
    assert!(entries.len() >= 24, "only {} blueprints", entries.len());
    for entry in &entries {
        let name = text(entry, "name");
        let count = layout(name).entities().len();
        assert_eq!(Some(count as i64), entry["entities"].as_integer(), "{name}");
    }
}

#[test]
fn every_string_is_listed() {
    let mut listed: Vec<_> = entries()
        .iter()
        .map(|entry| format!("{}.txt", text(entry, "name")))
        .collect();
    let mut there: Vec<_> = fs::read_dir(folder())
        .expect("the folder is there")
        .map(|file| {
            file.expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter(|name| Path::new(name).extension().is_some_and(|it| it == "txt"))
        .collect();
    listed.sort();
    there.sort();
    assert_eq!(listed, there);
}

#[test]
fn every_port_is_on_an_entity_of_its_kind() {
    let prototypes = vanilla();
    for entry in entries() {
        let name = text(&entry, "name");
        let layout = layout(name);
        let ports = ["inputs", "outputs"].map(|key| entry[key].as_array().expect("a list"));
        for port in ports.into_iter().flatten() {
            let port = port.as_table().expect("a port is a table");
            let (kind, item) = (text(port, "kind"), text(port, "item"));
            let entity = kind_on(&layout, tile(port));
            assert!(
                entity.is_some_and(|entity| fits(kind, entity)),
                "{name}: {kind} of {item} at {:?} is {entity:?}",
                tile(port)
            );
            let is_known = if kind == "fluid" {
                prototypes.fluid(item).is_ok()
            } else {
                prototypes.item(item).is_ok()
            };
            assert!(is_known, "{name}: {item}");
        }
    }
}
