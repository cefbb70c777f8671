//! Strings through all stages; each stage's own tests are beside it.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::prototypes::vanilla;

use super::codec::{MAX_ENTITIES, MAX_JSON_BYTES, MAX_STRING_BYTES};
use super::migrate::GameVersion;
use super::model::ItemRequests;
use super::samples::*;
use super::*;

fn packed(json: &[u8]) -> String {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(json).unwrap();
    format!("0{}", STANDARD.encode(packer.finish().unwrap()))
}

fn string_of(document: &Value) -> String {
    packed(document.to_string().as_bytes())
}

fn of_entities(version: GameVersion, entities: &Value) -> Blueprint {
    let document = json!({"blueprint": {"version": version.packed(), "entities": entities}});
    only(&string_of(&document))
}

fn only(text: &str) -> Blueprint {
    let exchange = decode(text).unwrap();
    let blueprints = exchange.blueprints();
    assert_eq!(blueprints.len(), 1);
    blueprints[0].clone()
}

fn layout(text: &str) -> Layout {
    only(text).layout(vanilla()).unwrap()
}

/// `(name, centre x, centre y, direction)` of each entity.
fn summary(layout: &Layout) -> Vec<(&str, f64, f64, u8)> {
    let entities = layout.entities().iter();
    entities
        .map(|entity| {
            let centre = Position::from_subtiles(entity.x_subtiles, entity.y_subtiles);
            (
                vanilla()[entity.prototype].name.as_str(),
                centre.x,
                centre.y,
                entity.direction,
            )
        })
        .collect()
}

fn refusal(text: &str) -> String {
    let error = decode(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBlueprint);
    error.to_string()
}

fn layout_error(blueprint: &Blueprint) -> Error {
    blueprint.layout(vanilla()).unwrap_err()
}

const V1: GameVersion = GameVersion {
    major: 1,
    minor: 1,
    patch: 110,
    build: 0,
};
const V2: GameVersion = GameVersion::SIMULATED;

#[test]
fn every_sample_is_the_same_after_writing_and_reading() {
    for text in READABLE {
        let first = decode(text).unwrap();
        assert_eq!(decode(&encode(&first).unwrap()).unwrap(), first);
        for blueprint in first.blueprints() {
            blueprint.layout(vanilla()).unwrap();
        }
    }
}

#[test]
fn a_string_of_the_game_gives_what_the_game_shows() {
    let inserters = layout(GAME_INSERTERS);
    assert_eq!(
        summary(&inserters.clone().normalised()),
        [
            ("inserter", 1.5, 0.5, 12),
            ("iron-chest", 2.5, 0.5, 0),
            ("small-electric-pole", 1.5, 1.5, 0),
            ("inserter", 0.5, 1.5, 8),
            ("inserter", 1.5, 2.5, 4),
            ("inserter", 2.5, 1.5, 0),
        ]
    );
    assert_eq!(
        inserters.bounds(),
        Some(TileBox {
            left: -36,
            top: 71,
            right: -33,
            bottom: 74
        })
    );
    assert_eq!(
        summary(&layout(GAME_FURNACE)),
        [("stone-furnace", -27.0, 8.0, 0)]
    );
}

#[test]
fn old_and_new_spelling_of_one_blueprint_give_one_layout() {
    for (new, old) in [
        (BELT_BALANCER, BELT_BALANCER_1_1),
        (SMELTING_COLUMN, SMELTING_COLUMN_1_1),
        (CIRCUITS, CIRCUITS_1_1),
    ] {
        assert_eq!(layout(new), layout(old));
        assert_ne!(only(new), only(old));
    }
}

#[test]
fn settings_are_resolved() {
    let balancer = layout(BELT_BALANCER);
    let splitter = &balancer.entities()[4];
    assert_eq!(splitter.settings.input_priority, Priority::Left);
    assert_eq!(splitter.settings.output_priority, Priority::Right);
    let ends: Vec<_> = balancer.entities()[5..]
        .iter()
        .map(|belt| belt.settings.belt_end)
        .collect();
    assert_eq!(ends[..2], [Some(BeltEnd::Input); 2]);
    assert_eq!(ends[2..], [Some(BeltEnd::Output); 2]);
    let circuits = layout(CIRCUITS);
    let recipe = circuits.entities()[0].settings.recipe.unwrap();
    assert_eq!(vanilla()[recipe].name, "electronic-circuit");
    assert_eq!(circuits.entities()[2].settings.bar, Some(4));
}

#[test]
fn a_book_gives_all_its_blueprints_in_order() {
    let exchange = decode(BOOK).unwrap();
    let labels: Vec<_> = exchange
        .blueprints()
        .iter()
        .map(|one| one.label.clone().unwrap())
        .collect();
    assert_eq!(
        labels,
        ["2-2 belt balancer", "circuits", "4 stone furnaces"]
    );
}

#[test]
fn planners_are_named_in_the_refusal() {
    assert!(
        refusal(DECONSTRUCTION_PLANNER)
            .contains("(schema): this is the string of a deconstruction planner")
    );
    assert!(refusal(UPGRADE_PLANNER).contains("upgrade planner, not of a blueprint"));
}

#[test]
fn white_space_around_and_inside_is_dropped() {
    let (head, tail) = CIRCUITS.split_at(76);
    assert_eq!(only(&format!("\n  {head}\r\n{tail}\n\n")), only(CIRCUITS));
}

#[test]
fn each_stage_says_that_it_failed() {
    for (text, message) in [
        ("", "(prefix): the string is empty"),
        ("   \n", "(prefix): the string is empty"),
        ("{\"blueprint\":{}}", "(prefix): this is JSON"),
        (
            "1eNq",
            "(prefix): a string starts with the version byte \"0\", this one with \"1\"",
        ),
        ("0", "(base64): nothing follows the version byte"),
        ("0eN*q", "(base64): Invalid"),
        ("0AAAA", "(zlib): "),
    ] {
        let found = refusal(text);
        assert!(found.contains(message), "{text:?}: {found}");
    }
    for (json, message) in [
        ("", "(json): EOF"),
        ("{", "(json): EOF"),
        ("{\"blueprint\":{\"entities\":[}}", "(json): "),
        ("[]", "(schema): "),
        ("{}", "(schema): none of the keys"),
        (
            "{\"blueprint\":{},\"blueprint_book\":{}}",
            "(schema): several of the keys",
        ),
        (
            "{\"blueprint\":{\"entities\":[{\"name\":\"pipe\"}]}}",
            "(schema): missing field `entity_number`",
        ),
        (
            "{\"blueprint\":{\"entities\":{\"1\":2}}}",
            "(schema): entities is an object, not a list",
        ),
        ("\u{1}", "(json): "),
    ] {
        let found = refusal(&packed(json.as_bytes()));
        assert!(found.contains(message), "{json:?}: {found}");
    }
    assert!(refusal(&packed(b"{\"blueprint\":{\"label\":\"\xff\"}}")).contains("(json)"));
}

#[test]
fn what_follows_the_data_is_refused() {
    let mut bytes = STANDARD.decode(&CIRCUITS[1..]).unwrap();
    bytes.extend([1, 2, 3]);
    let found = refusal(&format!("0{}", STANDARD.encode(bytes)));
    assert!(
        found.contains("the data ends 3 bytes before the string does"),
        "{found}"
    );
}

#[test]
fn a_string_cut_off_anywhere_is_refused() {
    for end in 0..BELT_BALANCER.trim_end_matches('=').len() {
        refusal(&BELT_BALANCER[..end]);
    }
}

#[test]
fn a_zip_bomb_stops_at_the_limit() {
    let bomb = packed(&vec![b' '; MAX_JSON_BYTES + 1]);
    assert!(bomb.len() < 64 << 10, "it is small");
    assert!(
        refusal(&bomb).contains("(zlib): it inflates to more than the limit of 33554432 bytes")
    );
    assert!(
        refusal(&packed(&vec![b' '; MAX_JSON_BYTES])).contains("(json): EOF"),
        "the limit itself is allowed"
    );
    let long = "0".repeat(MAX_STRING_BYTES + 1);
    assert!(refusal(&long).contains("the string has 8388609 bytes, the limit is 8388608"));
}

#[test]
fn floods_of_values_and_depth_are_refused_before_they_are_built() {
    let deep = format!("{{\"blueprint\":{}", "{\"a\":".repeat(10_000));
    assert!(refusal(&packed(deep.as_bytes())).contains("nest deeper than 64 levels"));
    let wide = format!(
        "{{\"blueprint\":{{\"icons\":[{}1]}}}}",
        "{\"a\":0},".repeat(400_000)
    );
    assert!(
        refusal(&packed(wide.as_bytes()))
            .contains("more than the limit of 268435456 bytes of memory")
    );
    let entity = r#"{"entity_number":1,"name":"","position":{"x":0,"y":0}},"#;
    let crowd = format!(
        "{{\"blueprint\":{{\"entities\":[{}0]}}}}",
        entity.repeat(MAX_ENTITIES + 1)
    );
    assert!(refusal(&packed(crowd.as_bytes())).contains("more than 100000 entities"));
}

#[test]
fn unknown_fields_survive() {
    let document = json!({
        "blueprint": {
            "item": "blueprint", "future": [1, {"a": null}], "wires": [[1, 5, 2, 5]],
            "entities": [{
                "entity_number": 1, "name": "iron-chest", "position": {"x": 0.5, "y": 0.5},
                "tags": {"mod": true}, "connections": {"1": {"red": []}}, "control_behavior": {"x": 1.5},
            }],
        },
        "index": 3, "other": "kept",
    });
    let text = encode(&decode(&string_of(&document)).unwrap()).unwrap();
    let bytes = STANDARD.decode(&text[1..]).unwrap();
    let again: Value = serde_json::from_reader(flate2::read::ZlibDecoder::new(&*bytes)).unwrap();
    assert_eq!(again, document);
}

#[test]
fn item_requests_are_read_in_all_three_spellings() {
    for items in [
        json!({"speed-module": 2}),
        json!([{"item": "speed-module", "count": 2}]),
        json!([{"id": {"name": "speed-module"}, "items": {"in_inventory": [
            {"inventory": 4, "stack": 0}, {"inventory": 4, "stack": 1}
        ]}}]),
    ] {
        let blueprint = of_entities(
            V2,
            &json!([{"entity_number": 1, "name": "assembling-machine-2", "position": {"x": 1.5, "y": 1.5}, "items": items}]),
        );
        let placed = blueprint.entities_checked(vanilla()).unwrap();
        assert_eq!(
            placed[0].settings.requests,
            [(vanilla().item("speed-module").unwrap(), 2)]
        );
        let exported = Layout::from_entities(placed)
            .to_blueprint("", vanilla())
            .unwrap();
        assert_eq!(
            exported.entities[0]
                .items
                .as_ref()
                .map(ItemRequests::counts),
            Some([("speed-module", 2)].into())
        );
    }
}

#[test]
fn a_request_that_no_machine_can_hold_is_not_written() {
    let blueprint = of_entities(
        V1,
        &json!([{"entity_number": 1, "name": "beacon", "position": {"x": 1.5, "y": 1.5}, "items": {"speed-module": 4_000_000_000_u32}}]),
    );
    let refused = blueprint
        .layout(vanilla())
        .unwrap()
        .to_blueprint("", vanilla())
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "entity \"beacon\": it has 2 module slots, too few for 4000000000"
    );
}

#[test]
fn old_names_are_translated_and_old_filters_obeyed() {
    let entities = json!([
        {"entity_number": 1, "name": "stack-filter-inserter", "position": {"x": 0.5, "y": 0.5}, "direction": 2,
         "filters": [{"index": 2, "name": "raw-wood"}, {"index": 1, "name": "science-pack-1"}], "filter_mode": "blacklist"},
        {"entity_number": 2, "name": "logistic-chest-storage", "position": {"x": 1.5, "y": 0.5}},
        {"entity_number": 3, "name": "straight-rail", "position": {"x": 5, "y": 1}, "direction": 1},
    ]);
    let old = of_entities(V1, &entities).layout(vanilla()).unwrap();
    assert_eq!(
        summary(&old),
        [
            ("bulk-inserter", 0.5, 0.5, 4),
            ("storage-chest", 1.5, 0.5, 0),
            ("legacy-straight-rail", 5.0, 1.0, 2)
        ]
    );
    let settings = &old.entities()[0].settings;
    let items: Vec<_> = settings
        .filters
        .iter()
        .map(|item| vanilla()[*item].name.as_str())
        .collect();
    assert_eq!(items, ["automation-science-pack", "wood"]);
    assert!(settings.uses_filters);
    let unknown = layout_error(&of_entities(V2, &entities));
    assert_eq!(unknown.kind(), ErrorKind::UnknownName);
    assert!(
        unknown
            .to_string()
            .starts_with("blueprint entity 1 (\"stack-filter-inserter\"): unknown entity")
    );
}

#[test]
fn an_unknown_name_suggests_the_nearest() {
    let blueprint = of_entities(
        V2,
        &json!([{"entity_number": 9, "name": "stone-furnice", "position": {"x": 0, "y": 0}}]),
    );
    let message = layout_error(&blueprint).to_string();
    assert!(
        message.contains("did you mean") && message.contains("\"stone-furnace\""),
        "{message}"
    );
}

#[test]
fn overlapping_entities_are_both_named() {
    let blueprint = of_entities(
        V2,
        &json!([
            {"entity_number": 1, "name": "iron-chest", "position": {"x": 2.5, "y": 0.5}},
            {"entity_number": 2, "name": "assembling-machine-1", "position": {"x": 1.5, "y": 1.5}},
        ]),
    );
    assert_eq!(
        layout_error(&blueprint).to_string(),
        "two entities of the blueprint overlap; remove one of entity 1 (\"iron-chest\" at 2.5, 0.5) and \
         entity 2 (\"assembling-machine-1\" at 1.5, 1.5)"
    );
}

#[test]
fn wrong_entities_are_refused_with_their_number() {
    for (entity, message) in [
        (json!({"name": "tree-01"}), "no item builds it"),
        (
            json!({"name": "inserter", "direction": 3}),
            "(0, 4, 8, 12), it is 3",
        ),
        (
            json!({"name": "inserter", "direction": 16}),
            "direction must be 0 to 15, it is 16",
        ),
        (
            json!({"name": "inserter", "position": {"x": 1e300, "y": 0}}),
            "within 1000000 tiles of the origin",
        ),
        (
            json!({"name": "lab", "quality": "rare"}),
            "use \"normal\" instead of \"rare\"",
        ),
        (
            json!({"name": "assembling-machine-1", "recipe": "iron-gear"}),
            "unknown recipe \"iron-gear\"",
        ),
    ] {
        let mut whole = json!({"entity_number": 5, "position": {"x": 0.5, "y": 0.5}});
        whole
            .as_object_mut()
            .unwrap()
            .append(entity.clone().as_object_mut().unwrap());
        let found = layout_error(&of_entities(V2, &json!([whole]))).to_string();
        assert!(
            found.starts_with("blueprint entity 5 (") && found.contains(message),
            "{found}"
        );
    }
    let twins = json!([
        {"entity_number": 4, "name": "pipe", "position": {"x": 0.5, "y": 0.5}},
        {"entity_number": 4, "name": "pipe", "position": {"x": 1.5, "y": 0.5}},
    ]);
    assert!(
        layout_error(&of_entities(V2, &twins))
            .to_string()
            .ends_with("not 4")
    );
}

#[test]
fn a_blueprint_that_is_half_a_tile_off_moves_as_a_whole() {
    let blueprint = of_entities(
        V1,
        &json!([
            {"entity_number": 1, "name": "transport-belt", "position": {"x": -1, "y": 0}},
            {"entity_number": 2, "name": "stone-furnace", "position": {"x": 0.5, "y": 0.5}},
            {"entity_number": 3, "name": "splitter", "position": {"x": 2, "y": 0.5}, "direction": 2},
        ]),
    );
    assert_eq!(
        summary(&blueprint.layout(vanilla()).unwrap()),
        [
            ("transport-belt", -0.5, 0.5, 0),
            ("stone-furnace", 1.0, 1.0, 0),
            ("splitter", 2.5, 1.0, 4)
        ]
    );
}

#[test]
fn four_quarter_turns_are_none() {
    let start = layout(BELT_BALANCER);
    let turned = start.clone().rotated(1);
    assert_eq!(
        turned.bounds(),
        Some(TileBox {
            left: -7,
            top: 0,
            right: 0,
            bottom: 2
        })
    );
    assert_eq!(turned.entities()[4].direction, 12, "south becomes west");
    assert_eq!(
        (
            turned.entities()[4].width_tiles,
            turned.entities()[4].height_tiles
        ),
        (1, 2)
    );
    assert_eq!(turned.rotated(3), start);
    assert_eq!(start.clone().rotated(4), start);
}

#[test]
fn a_layout_survives_export() {
    for text in READABLE {
        for blueprint in decode(text).unwrap().blueprints() {
            let start = blueprint.layout(vanilla()).unwrap().normalised();
            let text = encode(&start.to_blueprint("again", vanilla()).unwrap().into()).unwrap();
            assert_eq!(only(&text).label.as_deref(), Some("again"));
            assert_eq!(layout(&text), start);
        }
    }
}

/// Any JSON that a field may hold, without fractions that are not multiples of 1/256.
fn raw_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_entity() -> impl Strategy<Value = Entity> {
    let parts = (
        any::<u32>(),
        "[a-z-]{0,12}",
        -25_600_000..25_600_000,
        -25_600_000..25_600_000,
    );
    let options = (
        prop::option::of(0_u8..16),
        prop::option::of("[a-z-]{1,9}"),
        prop::option::of(prop::collection::btree_map(
            "[a-z-]{1,9}",
            any::<u32>(),
            0..3,
        )),
        prop::option::of(any::<u32>()),
        prop::collection::hash_map("x_[a-z]{1,6}", raw_value(), 0..3),
    );
    (parts, options).prop_map(
        |((entity_number, name, x, y), (direction, recipe, items, bar, extra))| Entity {
            entity_number,
            name,
            position: Position::from_subtiles(x, y),
            direction,
            recipe,
            items: items.map(ItemRequests::Counts),
            bar,
            extra: extra.into_iter().collect(),
            ..Entity::default()
        },
    )
}

fn any_blueprint() -> impl Strategy<Value = Blueprint> {
    let parts = (
        prop::option::of(".{0,20}"),
        prop::collection::vec(any_entity(), 0..12),
        prop::option::of(any::<u64>()),
        prop::collection::hash_map("x_[a-z]{1,6}", raw_value(), 0..3),
    );
    parts.prop_map(|(label, entities, version, extra)| Blueprint {
        label,
        entities,
        version,
        extra: extra.into_iter().collect(),
        ..Blueprint::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_book_is_the_same_after_writing_and_reading(blueprints in prop::collection::vec(any_blueprint(), 0..4)) {
        let members = blueprints.into_iter().zip(0..).map(|(blueprint, index)| Exchange {
            index: Some(index),
            ..Exchange::from(blueprint)
        });
        let book = BlueprintBook { blueprints: members.collect(), ..BlueprintBook::default() };
        let exchange = Exchange { content: Content::Book(Box::new(book)), index: None, extra: serde_json::Map::default() };
        prop_assert_eq!(decode(&encode(&exchange).unwrap()).unwrap(), exchange);
    }

    #[test]
    fn random_text_never_panics(text in ".{0,200}", letters in "0[A-Za-z0-9+/]{0,200}={0,2}") {
        prop_assert!(decode(&text).is_err());
        prop_assert!(decode(&letters).is_err());
    }

    #[test]
    fn random_bytes_never_panic_at_any_stage(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (unpacked, packed) = (format!("0{}", STANDARD.encode(&bytes)), packed(&bytes));
        prop_assert!(decode(&unpacked).is_err());
        prop_assert!(decode(&packed).is_err());
    }

    #[test]
    fn random_fields_never_panic(value in raw_value(), field in "entities|tiles|label|version|wires|snap-to-grid") {
        let text = string_of(&json!({ "blueprint": { field: value } }));
        if let Ok(exchange) = decode(&text) {
            let _ = exchange.blueprints()[0].layout(vanilla());
        }
    }

    #[test]
    fn damaged_strings_never_panic(at in 1..BELT_BALANCER.len() - 1, letter in "[A-Za-z0-9+/]") {
        let damaged = format!("{}{letter}{}", &BELT_BALANCER[..at], &BELT_BALANCER[at + 1..]);
        if let Ok(exchange) = decode(&damaged) {
            prop_assert_eq!(exchange, decode(BELT_BALANCER).unwrap());
        }
    }
}
