//! Scenario files: what they take, what they say by default, and what they answer to mistakes.

use crate::error::ErrorKind;
use crate::prototypes::vanilla;
use crate::scenario::reward::{Term, Weights};
use crate::scenario::{
    BUILTIN, BlueprintSource, Ground, Kind, ObjectiveSpec, Richness, Scenario, StartingBase,
};
use crate::sim::position::Direction;

/// The sketch's own settings, nothing added.
const SKETCHES: [(&str, &str); 4] = [
    (
        "movement_basic",
        "type = 'movement_training'
map_generation = { size = 'tiny', terrain = 'flat', resources = 'none', enemies = 'none' }
objectives = ['reach_waypoint']
episode_length = 300
observation_frequency = 10",
    ),
    (
        "mining_efficiency",
        "type = 'resource_gathering'
map_generation = { size = 'small', resources = { 'iron-ore' = 'rich' }, enemies = 'none' }
objectives = ['mine_1000_ore']
episode_length = 600
observation_frequency = 5",
    ),
    (
        "construction_speed",
        "type = 'building_training'
map_generation = { size = 'small', terrain = 'flat', starting_items = 'construction_kit' }
objectives = ['build_blueprint']
episode_length = 900
observation_frequency = 5",
    ),
    (
        "base_optimization",
        "type = 'strategic_planning'
map_generation = { size = 'large', complexity = 'full_game', starting_base = 'minimal_automation' }
objectives = ['optimize_production_chains']
episode_length = 18000
observation_frequency = 0.1",
    ),
];

const GOOD: &str = "type = 'movement_training'
map_generation = { size = 'tiny' }
objectives = ['reach_waypoint']
episode_length = 300
observation_frequency = 10
";

fn read(text: &str) -> crate::Result<Scenario> {
    Scenario::from_toml(text, "mine.toml")
}

fn message(text: &str) -> String {
    read(text).expect_err("the text has a mistake").to_string()
}

fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "the good text has no {from}");
    GOOD.replace(from, to)
}

fn item(name: &str) -> crate::prototypes::ItemId {
    vanilla().item(name).unwrap()
}

#[test]
fn builtin_scenarios_say_what_the_sketch_says() {
    for ((name, text), (sketch_name, sketch)) in BUILTIN.into_iter().zip(SKETCHES) {
        let builtin = Scenario::from_toml(text, "x.toml").unwrap();
        let sketch = Scenario::from_toml(sketch, &format!("{sketch_name}.toml")).unwrap();
        assert_eq!(builtin.name(), name);
        assert_eq!(sketch.name(), name);
        assert_eq!(builtin.kind(), sketch.kind());
        assert_eq!(builtin.max_steps(), sketch.max_steps());
        assert_eq!(builtin.ticks_per_step(), sketch.ticks_per_step());
        assert_eq!(builtin.objective().name, sketch.objective().name);
        let (built, sketched) = (&builtin.settings().map, &sketch.settings().map);
        assert_eq!(builtin.map_size(), sketch.map_size());
        assert_eq!(built.ground, sketched.ground);
        assert_eq!(built.patches, sketched.patches);
        assert_eq!(built.starting_items, sketched.starting_items);
        assert_eq!(built.starting_base, sketched.starting_base);
        assert!(!builtin.description().is_empty());
    }
}

#[test]
fn times_become_ticks_and_steps() {
    let times: Vec<(u32, u32)> = BUILTIN
        .iter()
        .map(|(name, _)| Scenario::builtin(name).unwrap())
        .map(|scenario| (scenario.ticks_per_step(), scenario.max_steps()))
        .collect();
    assert_eq!(
        times,
        [
            (6, 3_000),
            (12, 3_000),
            (12, 4_500),
            (600, 1_800),
            (3, 720_000)
        ]
    );
    let shorter = format!("max_episode_steps = 50\n{GOOD}");
    assert_eq!(read(&shorter).unwrap().max_steps(), 50);
}

#[test]
fn the_full_game_has_lakes_and_every_ore() {
    let scenario = Scenario::builtin("base_optimization").unwrap();
    let map = &scenario.settings().map;
    assert_eq!(
        (map.ground, map.starting_base),
        (Ground::Lakes, StartingBase::MinimalAutomation)
    );
    let items: Vec<&str> = map
        .patches
        .iter()
        .map(|patch| vanilla()[patch.item].name.as_str())
        .collect();
    assert_eq!(items, ["iron-ore", "copper-ore", "coal", "stone"]);
    assert_eq!(scenario.palette().len(), 32);
    assert_eq!(scenario.kind(), Kind::StrategicPlanning);
    assert_eq!(scenario.kind().name(), "strategic_planning");
}

#[test]
fn own_sizes_resources_items_and_rewards_are_read() {
    let scenario = read(
        "name = 'my.own-1'
type = 'resource_gathering'
objectives = ['mine_20_coal']
episode_length = 10
observation_frequency = 60
palette = ['coal', 'wood']
[map_generation]
width = 100
height = 60
starting_items = { wood = 3, coal = 51 }
resources = { coal = { richness = 'poor', patches = 2, distance = [9, 20] }, stone = 'rich' }
trees = 'many'
rocks = 0
[reward]
progress = -2
",
    )
    .unwrap();
    let map = &scenario.settings().map;
    assert_eq!(scenario.name(), "my.own-1");
    assert_eq!(scenario.map_size(), (100, 60));
    assert_eq!(map.starting_items, [(item("coal"), 51), (item("wood"), 3)]);
    assert_eq!(map.patches[0].richness, Richness::Poor);
    assert_eq!(
        (map.patches[0].n_patches, map.patches[0].distance_tiles),
        (2, Some((9, 20)))
    );
    assert_eq!(map.patches[1].richness, Richness::Rich);
    assert_eq!((map.n_trees, map.n_rocks), (100, 0));
    let mut weights = Weights::default();
    weights.0[Term::Progress as usize] = -2.0;
    assert_eq!(*scenario.weights(), weights);
    assert_eq!(scenario.palette(), [item("coal"), item("wood")]);
    let wanted = ObjectiveSpec::MineItems {
        items: vec![item("coal")],
        amount: 20,
    };
    assert_eq!(scenario.objective().spec, wanted);
}

#[test]
fn digests_tell_texts_apart() {
    let (one, other) = (read(GOOD).unwrap(), read(&with("300", "301")).unwrap());
    assert_eq!(one.digest(), read(GOOD).unwrap().digest());
    assert_ne!(one.digest(), other.digest());
    assert_eq!(one.source_text(), GOOD);
}

#[test]
fn mistakes_name_file_line_key_value_and_what_is_allowed() {
    let cases = [
        (
            with("size = 'tiny'", "size = 'tinny'"),
            "mine.toml:2: map_generation.size: takes one of \"tiny\", \"small\", \"medium\", \"large\" \
             (did you mean \"tiny\"?), not \"tinny\"",
        ),
        (
            with("episode_length", "episode_lenght"),
            "mine.toml:4: takes the keys \"name\", \"type\", \"description\", \"map_generation\", \
             \"objectives\", \"objective\", \"episode_length\", \"observation_frequency\", \
             \"max_episode_steps\", \"palette\", \"reward\" (did you mean \"episode_length\"?), not \
             \"episode_lenght\"",
        ),
        (
            with("reach_waypoint", "reach_way_point"),
            "mine.toml:3: objectives[0]: takes \"reach_waypoint\", \"mine_<amount>_<item>\", \
             \"build_blueprint\", \"optimize_production_chains\" or \"free_play\" (did you mean \"reach_waypoint\"?), \
             not \"reach_way_point\"",
        ),
        (
            with("frequency = 10", "frequency = 7"),
            "mine.toml:5: observation_frequency: takes a frequency that divides 60 into whole ticks per \
             step, 1 to 3600 (such as 60, 30, 20, 15, 12, 10, 6, 5, 1, 0.5, 0.1), not 7",
        ),
        (
            with("objectives = ['reach_waypoint']\n", ""),
            "mine.toml:1: the key \"objectives\" is missing; it takes a list of one objective's name",
        ),
        (
            format!("palette = ['coal', 'irn-plate']\n{GOOD}"),
            "mine.toml:1: palette[1]: unknown item \"irn-plate\"; did you mean \"iron-plate\"?",
        ),
        (
            format!("{GOOD}[reward]\nprogress = nan\n"),
            "mine.toml:7: reward.progress: takes a finite weight, not nan",
        ),
        (
            format!("{GOOD}[objective.reach_waypoint]\nradius = 99\n"),
            "mine.toml:7: objective.reach_waypoint.radius: takes tiles from 0.25 to 16, not 99",
        ),
        (
            format!("{GOOD}[objective.build_blueprint]\nradius = 1\n"),
            "mine.toml:6: objective: takes the keys \"reach_waypoint\", not \"build_blueprint\"",
        ),
        (
            with(
                "size = 'tiny'",
                "size = 'tiny', starting_items = { coall = 1 }",
            ),
            "mine.toml:2: map_generation.starting_items.coall: unknown item \"coall\"; did you mean \
             \"coal\"?",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(message(&text), wanted);
        assert!(read(&text).is_err());
    }
}

#[test]
fn further_mistakes_are_refused() {
    let cases = [
        (
            with("size = 'tiny'", "size = 'tiny', width = 64"),
            "either \"size\" or both",
        ),
        (
            with("size = 'tiny'", "width = 8, height = 64"),
            "from 32 to 2048, not 8",
        ),
        (
            with("{ size = 'tiny' }", "{}"),
            "the key \"size\" is missing",
        ),
        (with("= 300", "= 0"), "above 0 and at most 3600000, not 0"),
        (with("= 300", "= 0.05"), "at least one step"),
        (with("= 300", "= 'long'"), "not \"long\""),
        (
            with("['reach_waypoint']", "[]"),
            "one objective's name, not a list of 0",
        ),
        (
            with("reach_waypoint", "mine_1000_ore"),
            "there is nothing to mine",
        ),
        (
            with("reach_waypoint", "mine_9_coal"),
            "has nothing, not \"coal\"",
        ),
        (
            with("reach_waypoint", "build_blueprint"),
            "take \"construction_kit\"",
        ),
        (with("= 10", ""), "not valid TOML"),
        (
            with("'tiny'", "'tiny', spawn_radius = -1"),
            "from 0 to 16, not -1",
        ),
        (
            with("'tiny'", "'tiny', starting_items = 'mining_kits'"),
            "\"mining_kit\"?",
        ),
        (
            with("'tiny'", "'tiny', starting_items = { coal = 9999 }"),
            "not 9999",
        ),
        (
            with("'tiny'", "'tiny', starting_base = 'minimal_automation'"),
            "resources lacks \"iron-ore\"",
        ),
        (
            with("'tiny'", "'tiny', resources = { gold = 'rich' }"),
            "resource \"gold\"",
        ),
        (format!("name = '1 bad'\n{GOOD}"), "not \"1 bad\""),
        (
            format!("palette = ['coal', 'coal']\n{GOOD}"),
            "each item once, not \"coal\"",
        ),
        (format!("{GOOD}[reward]\nmoney = 1\n"), "not \"money\""),
    ];
    for (text, part) in cases {
        let message = message(&text);
        assert!(message.contains(part), "{message:?} does not say {part:?}");
        assert!(message.starts_with("mine.toml:"), "{message}");
    }
}

#[test]
fn absent_mechanics_are_named() {
    for (text, part) in [
        (
            with("'tiny'", "'tiny', enemies = 'many'"),
            "does not have enemies yet",
        ),
        (
            with("'tiny'", "'tiny', cliffs = 'normal'"),
            "does not have cliffs yet",
        ),
        (
            with("'tiny'", "'tiny', resources = { 'crude-oil' = 'rich' }"),
            "a way to mine \"crude-oil\" yet",
        ),
    ] {
        let error = read(&text).expect_err("the mechanic is absent");
        assert_eq!(error.kind(), ErrorKind::AbsentMechanic);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn unknown_builtin_names_suggest_the_nearest() {
    let error = Scenario::builtin("movement_basics").expect_err("there is no such scenario");
    assert_eq!(
        error.to_string(),
        "unknown scenario \"movement_basics\"; did you mean \"movement_basic\"?"
    );
}

#[test]
fn blueprint_strings_become_wanted_entities() {
    let text = |json: &str| {
        use base64::Engine as _;
        use std::io::Write as _;
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(json.as_bytes()).unwrap();
        let packed = packer.finish().unwrap();
        let string = format!(
            "0{}",
            base64::engine::general_purpose::STANDARD.encode(packed)
        );
        with("reach_waypoint", "build_blueprint")
            + &format!("[objective.build_blueprint]\nblueprint = '{string}'\n")
    };
    // Format 2.0.77 packs its version as four 16-bit numbers.
    let version = (2_u64 << 48) | (77 << 16);
    let entities = |entities: &str| {
        text(&format!(
            "{{\"blueprint\":{{\"item\":\"blueprint\",\"version\":{version},\"entities\":[{entities}]}}}}"
        ))
    };
    let scenario = read(&entities(
        "{\"entity_number\":1,\"name\":\"burner-mining-drill\",\"position\":{\"x\":10,\"y\":10},\"direction\":4},
         {\"entity_number\":2,\"name\":\"wooden-chest\",\"position\":{\"x\":11.5,\"y\":9.5}}",
    ))
    .unwrap();
    let ObjectiveSpec::BuildBlueprint {
        source:
            BlueprintSource::Given {
                wanted,
                width,
                height,
            },
        ..
    } = &scenario.objective().spec
    else {
        panic!("the blueprint was given");
    };
    assert_eq!((*width, *height), (3, 2));
    let seen: Vec<_> = wanted
        .iter()
        .map(|entity| {
            (
                vanilla()[entity.prototype].name.as_str(),
                entity.position,
                entity.direction,
            )
        })
        .collect();
    let at = crate::sim::position::MapPos::from_tiles;
    assert_eq!(
        seen,
        [
            ("burner-mining-drill", at(1.0, 1.0), Direction::EAST),
            ("wooden-chest", at(2.5, 0.5), Direction::NORTH)
        ]
    );

    let error = read(&entities(
        "{\"entity_number\":1,\"name\":\"roboport\",\"position\":{\"x\":0.5,\"y\":0.5}}",
    ))
    .expect_err("there are no robots");
    assert_eq!(error.kind(), ErrorKind::AbsentMechanic);
    assert!(error.to_string().contains("\"roboport\""), "{error}");
    let broken = with("reach_waypoint", "build_blueprint")
        + "[objective.build_blueprint]\nblueprint = '0eNotreally'\n";
    let error = read(&broken).expect_err("the string is broken");
    assert_eq!(error.kind(), ErrorKind::InvalidBlueprint);
    assert!(
        error
            .to_string()
            .starts_with("mine.toml:7: objective.build_blueprint.blueprint: ")
    );
}
