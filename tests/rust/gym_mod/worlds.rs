//! A world behind the mod and one in process go alike: the same set-up and the same commands give the same world, tick by
//! tick, and the frames say what is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use factorio_fast::action::decode::{Action, interaction};
use factorio_fast::contract::action::{Interact, NVEC, RejectReason};
use factorio_fast::contract::codes::{self, RESOURCE_NAMES};
use factorio_fast::contract::mask::{INTERACT_BIT, ITEM_BIT, MOVE_BIT, TARGET_BIT};
use factorio_fast::contract::observation::{
    CENTER_CELL, ENTITY_ROWS, MAP_CHANNELS, MAP_SIDE, RECORD_SIZE, channel,
};
use factorio_fast::env::{Episode, EpisodeOptions};
use factorio_fast::observation::record;
use factorio_fast::protocol::payload::Payload;
use factorio_fast::prototypes::{ItemId, vanilla};
use factorio_fast::scenario::{BUILTIN, Scenario, Start};
use factorio_fast::sim::World;
use factorio_fast::sim::command::Command;
use factorio_fast::sim::entity::Target;
use factorio_fast::sim::position::TilePos;
use factorio_fast::sim::rng::Rng;
use factorio_fast::sim::setup::SetupOp;
use serde_json::{Value, json};

use crate::kit::Server;

/// Writes set-up operations as a transfer says them.
pub(crate) fn lowered(seed: u64, ops: &[SetupOp]) -> String {
    let named = |op: &SetupOp| match op {
        SetupOp::Map { .. } => None,
        SetupOp::Tiles { area, tile } => Some(json!([
            "t",
            area.left,
            area.top,
            area.width,
            area.height,
            vanilla()[*tile].name
        ])),
        SetupOp::Resource { tile, code, amount } => {
            let name = RESOURCE_NAMES[usize::from(*code) - 1];
            Some(json!(["r", name, [tile.x, tile.y, amount]]))
        }
        SetupOp::Entity {
            prototype,
            position,
            direction,
            items,
            recipe,
        } => {
            let held: serde_json::Map<String, Value> = items
                .iter()
                .map(|(item, count)| (vanilla()[*item].name.clone(), json!(count)))
                .collect();
            let held = if held.is_empty() {
                json!(0)
            } else {
                Value::Object(held)
            };
            let recipe = recipe.map_or(json!(0), |recipe| json!(vanilla()[recipe].name));
            let place = factorio_fast::sim::placement::snapped(*prototype, *position, *direction);
            let name = &vanilla()[*prototype].name;
            Some(json!([
                "e",
                name,
                place.x,
                place.y,
                direction.sixteenths(),
                held,
                recipe
            ]))
        }
        SetupOp::Ghost {
            prototype,
            position,
            direction,
        } => {
            let place = factorio_fast::sim::placement::snapped(*prototype, *position, *direction);
            Some(json!([
                "g",
                vanilla()[*prototype].name,
                place.x,
                place.y,
                direction.sixteenths()
            ]))
        }
        SetupOp::Character { position } => Some(json!(["c", position.x, position.y])),
        SetupOp::Items { item, count } => Some(json!(["i", vanilla()[*item].name, count])),
        SetupOp::Research { technology } => Some(json!(["k", vanilla()[*technology].name])),
    };
    let SetupOp::Map {
        width,
        height,
        tile,
    } = &ops[0]
    else {
        panic!("the map comes first");
    };
    let list: Vec<Value> = ops.iter().filter_map(named).collect();
    json!({"seed": seed, "width": width, "height": height, "tile": vanilla()[*tile].name, "ops": list}).to_string()
}

/// Writes a command as a step says it.
fn told(command: &Command) -> String {
    let code = |item: ItemId| codes::code_of(&codes::ITEM_NAMES, &vanilla()[item].name);
    match command {
        Command::Walk(None) => "W -".to_owned(),
        Command::Walk(Some(direction)) => format!("W {}", direction.eighths()),
        Command::Mine(Target::Entity(entity) | Target::Ghost(entity)) => {
            format!("M e {}", entity.unit)
        }
        Command::Mine(Target::Resource(tile)) => format!("M r {} {}", tile.x, tile.y),
        Command::Mine(Target::Pile(place)) => format!("M p {} {}", place.x, place.y),
        Command::StopMining => "S".to_owned(),
        Command::Build {
            item,
            position,
            direction,
        } => {
            let prototype = vanilla()[*item].place_result.unwrap();
            let direction = factorio_fast::sim::placement::built_direction(prototype, *direction);
            let place = factorio_fast::sim::placement::snapped(prototype, *position, direction);
            format!(
                "B {} {} {} {}",
                prototype.index(),
                place.x,
                place.y,
                direction.sixteenths()
            )
        }
        Command::Insert { entity, item, .. } => {
            format!("I {} {} 4294967295", entity.unit, code(*item))
        }
        Command::Take { entity, .. } => format!("T {}", entity.unit),
        Command::Craft { recipe, count } => format!("C {} {count}", recipe.index()),
        Command::SetRecipe { entity, recipe } => format!("P {} {}", entity.unit, recipe.index()),
        other => told_turn(other),
    }
}

/// Writes the last of the commands that actions are decoded to.
fn told_turn(command: &Command) -> String {
    let Command::Rotate { entity } = command else {
        panic!("no action is decoded to {command:?}");
    };
    format!("O {}", entity.unit)
}

/// Draws an action; three in four are legal ones, so that worlds go somewhere.
fn draw(rng: &mut Rng, episode: &Episode, mask: &[u8]) -> Action {
    let choose = |rng: &mut Rng, first: usize, size: usize| {
        let legal: Vec<usize> = (0..size).filter(|index| mask[first + index] != 0).collect();
        if legal.is_empty() {
            0
        } else {
            legal[rng.below(legal.len() as u32) as usize]
        }
    };
    if rng.chance(1, 4) {
        return Action::parse(NVEC.map(|size| i64::from(rng.below(size as u32)))).unwrap();
    }
    let can_walk = mask[MOVE_BIT..INTERACT_BIT].iter().any(|bit| *bit != 0);
    let walk = if can_walk && rng.chance(1, 2) {
        choose(rng, MOVE_BIT, 8) as i64 + 1
    } else {
        0
    };
    let interact = choose(rng, INTERACT_BIT, 8);
    let table = episode.conditional_mask(Interact::ALL[interact]);
    let pairs: Vec<(usize, usize)> = (0..ENTITY_ROWS)
        .flat_map(|target| (0..32).map(move |item| (target, item)))
        .filter(|(target, item)| table[*target] >> item & 1 == 1)
        .collect();
    let (target, item) = if pairs.is_empty() {
        (choose(rng, TARGET_BIT, 16), choose(rng, ITEM_BIT, 32))
    } else {
        pairs[rng.below(pairs.len() as u32) as usize]
    };
    Action::parse([walk, interact as i64, target as i64, item as i64]).unwrap()
}

/// Lists the commands that an episode makes of an action, in its order.
fn commands_of(episode: &Episode, action: Action) -> Vec<Command> {
    let command = interaction(
        episode.world(),
        episode.rows(),
        episode.scenario().palette(),
        action.interact,
        action.target,
        action.item,
    );
    let mut commands = Vec::new();
    let may = |command: &Command| factorio_fast::sim::command::check(episode.world(), command);
    match command {
        Ok(Some(command @ Command::Mine(_))) if may(&command).is_ok() => commands.push(command),
        Ok(Some(command)) if may(&command).is_ok() => {
            commands.extend([Command::StopMining, command]);
        }
        _ => commands.push(Command::StopMining),
    }
    commands
}

/// What the frames have told of the things on the surface.
#[derive(Default)]
pub(crate) struct Told {
    /// Status, contents and direction by unit.
    entities: BTreeMap<u32, (u8, u8, u8)>,
    carried: BTreeMap<u8, u32>,
    resources: BTreeMap<(i16, i16), u32>,
    produced: BTreeMap<u8, u64>,
    piles: BTreeMap<(i32, i32), (u8, u32)>,
}

impl Told {
    pub(crate) fn take(&mut self, payload: &Payload) {
        for entity in &payload.entities {
            self.entities.insert(
                entity.unit,
                (entity.status, entity.contents, entity.direction),
            );
        }
        for gone in &payload.removed {
            self.entities.remove(&gone.unit);
        }
        if !payload.carried.is_empty() {
            self.carried = payload
                .carried
                .iter()
                .filter(|record| record.item != 0)
                .map(|record| (record.item, record.count))
                .collect();
        }
        for tile in &payload.resources {
            self.resources.insert((tile.x, tile.y), tile.amount);
        }
        for made in &payload.produced {
            self.produced.insert(made.item, made.count);
        }
        for pile in &payload.piles {
            if pile.count == 0 {
                self.piles.remove(&(pile.x, pile.y));
            } else {
                self.piles.insert((pile.x, pile.y), (pile.item, pile.count));
            }
        }
    }

    /// Counts the things of which some contents were told.
    pub(crate) fn contents(&self) -> usize {
        self.entities
            .values()
            .filter(|(_, contents, _)| *contents != 0)
            .count()
    }

    /// Compares what was told with the world that it is about.
    pub(crate) fn compare(&self, payload: &Payload, world: &World, cells: &[u8]) {
        let character = &payload.character;
        let actual = &world.character;
        assert_eq!(
            (character.x, character.y),
            (actual.position.x, actual.position.y)
        );
        assert_eq!(character.health, actual.health);
        assert_eq!(character.facing, actual.facing.eighths());
        assert_eq!(
            usize::from(character.occupied_slots),
            actual.inventory.occupied()
        );
        let mining = factorio_fast::sim::mining::progress(world);
        assert_eq!(
            character.mining_progress.to_bits(),
            mining.to_bits(),
            "{} {mining}",
            character.mining_progress
        );
        assert_eq!(
            character.crafting_progress.to_bits(),
            actual.crafting.progress().to_bits()
        );
        assert_eq!(
            u32::from(character.crafting_queue),
            actual.crafting.crafts()
        );
        for (code, count) in &self.carried {
            let item = vanilla()
                .item(codes::ITEM_NAMES[usize::from(*code) - 1])
                .unwrap();
            assert_eq!(actual.inventory.count(item), *count);
        }
        for ((x, y), amount) in &self.resources {
            let there = world
                .terrain
                .resource(TilePos::new(i32::from(*x), i32::from(*y)));
            assert_eq!(there.map_or(0, |resource| resource.amount), *amount);
        }
        for (code, count) in &self.produced {
            if let Ok(item) = vanilla().item(codes::ITEM_NAMES[usize::from(*code) - 1]) {
                assert_eq!(world.produced(item), *count);
            }
        }
        self.compare_view(world, cells);
    }

    /// Compares what the picture of the embedded world shows with what was told.
    fn compare_view(&self, world: &World, cells: &[u8]) {
        let center = world.character.position.tile();
        let origin = TilePos::new(center.x - CENTER_CELL as i32, center.y - CENTER_CELL as i32);
        for (_, entity) in world.entities.iter() {
            let tile = entity.position.tile();
            let (col, row) = (tile.x - origin.x, tile.y - origin.y);
            let is_seen =
                (0..MAP_SIDE as i32).contains(&col) && (0..MAP_SIDE as i32).contains(&row);
            if !is_seen {
                continue;
            }
            let start = (row as usize * MAP_SIDE + col as usize) * MAP_CHANNELS;
            let (status, contents) = (
                cells[start + channel::STATUS],
                cells[start + channel::CONTENTS],
            );
            let name = &vanilla()[entity.prototype].name;
            match self.entities.get(&entity.unit) {
                Some(told) => {
                    let wanted = (status, contents, entity.direction.sixteenths());
                    assert_eq!(
                        *told, wanted,
                        "{name} {} in tick {}",
                        entity.unit, world.tick
                    );
                }
                // What was never told of has nothing to tell.
                None => assert!(status <= 1 && contents == 0, "{name}: {status} {contents}"),
            }
        }
        let piles = world.ground.iter().filter(|(place, _)| {
            let tile = place.tile();
            let side = MAP_SIDE as i32;
            (0..side).contains(&(tile.x - origin.x)) && (0..side).contains(&(tile.y - origin.y))
        });
        for (place, stack) in piles {
            let code = codes::code_of(&codes::ITEM_NAMES, &vanilla()[stack.item].name);
            assert_eq!(
                self.piles.get(&(place.x, place.y)),
                Some(&(code, stack.count)),
                "{place:?}"
            );
        }
    }
}

/// Plays an episode at random, in process and behind the mod, and compares after every step; notes which commands came.
fn play(name: &str, seed: u64, steps: u32, letters: &mut BTreeSet<String>) {
    let scenario = Arc::new(Scenario::builtin(name).unwrap());
    let mut start = Start::default();
    scenario.lower(seed, &mut start).unwrap();
    let mut episode = Episode::new(Arc::clone(&scenario), EpisodeOptions::default());
    episode.reset(seed).unwrap();
    let mut record: factorio_fast::observation::Record = [0; RECORD_SIZE];
    episode.observe(&mut record);

    let mut server = Server::new();
    server.configure(0);
    let counts = server.reset(1, 0, &lowered(seed, &start.ops));
    let world = episode.world();
    let n_entities = world.entities.iter().count();
    assert!(
        counts.starts_with(&format!("{n_entities},{},", world.ghosts.iter().count())),
        "{counts}"
    );
    let mut seen = Told::default();
    let mut rng = Rng::new(seed ^ 0x5eed);
    for step in 0..steps {
        let frame = server.see(["w", "m", "w", "a"][step as usize % 4], 1);
        seen.take(&frame);
        seen.compare(&frame, episode.world(), record::local_map_of(&record));
        let digest = server.game.with_world("gym-1-1", World::digest).unwrap();
        assert_eq!(
            digest,
            episode.world().digest(),
            "{name}, seed {seed}, step {step}"
        );

        let action = draw(&mut rng, &episode, record::mask_of(&record));
        let mut commands: Vec<String> = commands_of(&episode, action).iter().map(told).collect();
        let result = episode.step(action).unwrap();
        let walk = action.walk.filter(|_| result.rejected[0] == 0);
        commands.push(told(&Command::Walk(walk)));
        letters.extend(commands.iter().map(|command| letter_of(command)));
        let refused = server.step(
            scenario.ticks_per_step(),
            &format!("1:{}", commands.join(",")),
        );
        assert_eq!(refused, "-", "{commands:?}: {:?}", refusal_names(&refused));
        episode.observe(&mut record);
        if result.terminated || result.truncated {
            break;
        }
    }
    server.assert_quiet();
}

/// Gives the letters with which a command begins.
fn letter_of(command: &str) -> String {
    let head = &command[..command.len().min(3)];
    head.trim_end_matches(|c: char| c.is_numeric())
        .trim()
        .to_owned()
}

fn refusal_names(refused: &str) -> Vec<&'static str> {
    let code = |part: &str| {
        part.rsplit('/')
            .next()
            .and_then(|code| code.parse::<usize>().ok())
    };
    refused
        .split(';')
        .filter_map(code)
        .filter_map(|code| RejectReason::ALL.get(code.wrapping_sub(1)))
        .map(|reason| reason.name())
        .collect()
}

#[test]
fn worlds_behind_the_mod_go_as_those_in_process() {
    let mut letters = BTreeSet::new();
    for (name, _) in BUILTIN {
        for seed in 0..3 {
            play(name, seed, 100, &mut letters);
        }
    }
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    assert_eq!(
        letters,
        ["B", "C", "I", "M e", "M r", "O", "S", "T", "W", "W -"]
    );
}

#[test]
#[ignore = "minutes: cargo test --features sim-server --test gym_mod -- --ignored many_worlds"]
fn many_worlds_behind_the_mod_go_as_those_in_process() {
    for (name, _) in BUILTIN {
        for seed in 100..120 {
            play(name, seed, 600, &mut BTreeSet::new());
        }
    }
}
