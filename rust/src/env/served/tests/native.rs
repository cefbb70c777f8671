//! A server of the contract without a mod, a game or a socket: it answers lines out of worlds of its own.
//!
//! It tells what the mod tells, from the same world that the embedded backend would have, so what the client makes of a
//! frame is tested apart from how the mod makes it. The mod itself is tested against it in `parity`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::contract::codes::{ITEM_NAMES, RESOURCE_NAMES};
use crate::contract::frame::{FULL_HEALTH, NO_CRAFT};
use crate::contract::observation::{CENTER_CELL, MAP_SIDE};
use crate::contract::{self, VERSION};
use crate::env::served::link::{Link, LinkMetrics, Loss};
use crate::env::served::lower::{pack, unpack};
use crate::observation::local_map::{contents_code, item_code};
use crate::observation::player_state::window;
use crate::protocol::assembly::Frame;
use crate::protocol::payload::{self, Payload};
use crate::prototypes::{EntityPrototypeId, ItemId, RecipeId, TechnologyId, vanilla};
use crate::sim::command::{Command, apply};
use crate::sim::entity::{Body, Target};
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::terrain::Resource;
use crate::sim::{World, tick};
use crate::view::mirror::SetupCounts;

type Slots = BTreeMap<(u32, u8), Vec<(u8, u32)>>;

/// What was told of a world already.
#[derive(Clone, Default)]
struct Told {
    carried: Vec<(u8, u32)>,
    resources: BTreeMap<(i32, i32), Resource>,
    entities: BTreeMap<u32, payload::EntityState>,
    ghosts: BTreeMap<u32, payload::GhostState>,
    standing: Vec<u32>,
    piles: BTreeMap<(i32, i32), (u8, u32)>,
    produced: BTreeMap<u8, u64>,
    held: Slots,
    had_crafts: bool,
    recipes: Vec<bool>,
}

struct Place {
    world: World,
    told: Told,
    first_tick: u64,
    /// Clears what `told` does not need to say.
    last_frame: Option<(u64, Vec<u8>)>,
}

/// The server; clones share nothing.
pub(super) struct Native {
    tick: u64,
    places: BTreeMap<u16, Place>,
    transfers: BTreeMap<u32, String>,
    replies: BTreeMap<u32, String>,
    sequence: u32,
    /// Refuses this command of every step, to see what the client makes of it.
    pub(super) refuses: Option<(String, u8)>,
    /// The server is gone once so many lines were answered.
    pub(super) dies_after: Option<usize>,
    n_lines: usize,
    pub(super) miscounts: bool,
}

impl Native {
    pub(super) fn new() -> Self {
        Self {
            tick: 1_000,
            places: BTreeMap::new(),
            transfers: BTreeMap::new(),
            replies: BTreeMap::new(),
            sequence: 0,
            refuses: None,
            dies_after: None,
            n_lines: 0,
            miscounts: false,
        }
    }

    fn answer(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[0], "/gym");
        let number = |index: usize| words[index].parse::<u32>().unwrap();
        if matches!(words[1], "reset" | "step" | "look") {
            let sequence = number(2);
            if let Some(reply) = self.replies.get(&sequence) {
                return reply.clone();
            }
            if sequence != self.sequence + 1 {
                return format!("error out-of-sequence {}", self.sequence);
            }
        }
        let reply = match words[1] {
            "hello" => format!(
                "ok {{\"contract_version\":{VERSION},\"contract_hash\":\"{:016x}\",\"has_udp\":false}}",
                contract::hash()
            ),
            "configure" => {
                self.sequence = 0;
                self.replies.clear();
                "ok".to_owned()
            }
            "put" => {
                let text = self.transfers.entry(number(2)).or_default();
                if number(3) == 1 {
                    text.clear();
                }
                text.push_str(words[5]);
                "ok".to_owned()
            }
            "reset" => self.reset(number(3) as u16, number(5)),
            "step" => self.step(number(3), line.splitn(5, ' ').nth(4).unwrap()),
            "look" => {
                let environments: Vec<u16> = words[4]
                    .split(',')
                    .map(|word| word.parse().unwrap())
                    .collect();
                self.look(words[3], &environments)
            }
            "again" => {
                let (tick, payload) = self.places[&(number(2) as u16)].last_frame.clone().unwrap();
                format!("ok {tick} {}", pack(&payload))
            }
            "close" => "ok".to_owned(),
            other => panic!("{other}"),
        };
        if matches!(words[1], "reset" | "step" | "look") {
            self.sequence = number(2);
            self.replies.insert(self.sequence, reply.clone());
        }
        reply
    }

    fn reset(&mut self, environment: u16, transfer: u32) -> String {
        let text = unpack(&self.transfers.remove(&transfer).unwrap(), 1 << 24).unwrap();
        let said: Value = serde_json::from_slice(&text).unwrap();
        let ops = raised(&said);
        let mut world = World::new();
        execute(&mut world, said["seed"].as_u64().unwrap(), &ops).unwrap();
        let mut counts = SetupCounts::of(&world);
        counts.entities += u64::from(self.miscounts);
        let mut told = Told {
            carried: Vec::new(),
            recipes: world.force.enabled_recipes.clone(),
            ..Told::default()
        };
        for (_, entity) in world.entities.iter() {
            told.standing.push(entity.unit);
        }
        for (_, ghost) in world.ghosts.iter() {
            told.standing.push(ghost.unit);
        }
        for tile in world.terrain.area().tiles() {
            if let Some(resource) = world.terrain.resource(tile) {
                told.resources.insert((tile.x, tile.y), resource);
            }
        }
        let place = Place {
            world,
            told,
            first_tick: self.tick,
            last_frame: None,
        };
        self.places.insert(environment, place);
        format!(
            "ok {} {},{},{},{}",
            self.tick, counts.entities, counts.ghosts, counts.resource_tiles, counts.resource_sum
        )
    }

    fn step(&mut self, ticks: u32, actions: &str) -> String {
        let mut refusals = Vec::new();
        if actions != "-" {
            for action in actions.split(';') {
                let (environment, commands) = action.split_once(':').unwrap();
                let place = self.places.get_mut(&environment.parse().unwrap()).unwrap();
                for (index, text) in commands.split(',').enumerate() {
                    let scripted = self
                        .refuses
                        .as_ref()
                        .filter(|(prefix, _)| text.starts_with(prefix.as_str()));
                    let code = scripted.map_or_else(
                        || {
                            let command = command_of(&place.world, text);
                            apply(&mut place.world, &command)
                                .err()
                                .map_or(0, |reason| reason as u8)
                        },
                        |(_, code)| *code,
                    );
                    if code != 0 {
                        refusals.push(format!("{environment}/{index}/{code}"));
                    }
                }
            }
        }
        self.tick += u64::from(ticks);
        for place in self.places.values_mut() {
            tick::run(&mut place.world, ticks);
        }
        let listed = if refusals.is_empty() {
            "-".to_owned()
        } else {
            refusals.join(";")
        };
        format!("ok {} {listed}", self.tick)
    }

    fn look(&mut self, scope: &str, environments: &[u16]) -> String {
        let mut reply = format!("ok {} rcon", self.tick);
        for environment in environments {
            let place = self.places.get_mut(environment).unwrap();
            assert_eq!(place.first_tick + place.world.tick, self.tick);
            let mut bytes = Vec::new();
            told_now(&place.world, &mut place.told, scope)
                .write(&mut bytes)
                .unwrap();
            let _ = write!(reply, " {environment}={}", pack(&bytes));
            place.last_frame = Some((self.tick, bytes));
        }
        reply
    }
}

impl Link for Native {
    fn exchange(&mut self, lines: &[String]) -> Result<Vec<String>, Loss> {
        let mut replies = Vec::new();
        for line in lines {
            self.n_lines += 1;
            if self.dies_after.is_some_and(|last| self.n_lines > last) {
                return Err(Loss::silence("the server is gone"));
            }
            replies.push(self.answer(line));
        }
        Ok(replies)
    }

    fn pause(&mut self, _attempt: u32) -> Result<(), Loss> {
        Ok(())
    }

    fn udp_port(&self) -> u16 {
        0
    }

    fn begin_episode(&mut self, _environment: u16, _episode: u32) {}

    fn frame(&mut self, _environment: u16, _limit: Duration) -> Option<Frame> {
        None
    }

    fn note_missing(&mut self, _environment: u16) {}

    fn supply(&mut self, _frame: Frame) -> bool {
        false
    }

    fn metrics(&self) -> LinkMetrics {
        LinkMetrics::default()
    }

    fn close(&mut self) {}
}

/// Reads set-up operations back.
fn raised(said: &Value) -> Vec<SetupOp> {
    let int = |value: &Value| value.as_i64().unwrap() as i32;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut ops = vec![SetupOp::Map {
        width: int(&said["width"]),
        height: int(&said["height"]),
        tile: vanilla().tile(&text(&said["tile"])).unwrap(),
    }];
    for op in said["ops"].as_array().unwrap() {
        let position = |at: usize| MapPos::new(int(&op[at]), int(&op[at + 1]));
        match op[0].as_str().unwrap() {
            "t" => ops.push(SetupOp::Tiles {
                area: TileArea {
                    left: int(&op[1]),
                    top: int(&op[2]),
                    width: int(&op[3]),
                    height: int(&op[4]),
                },
                tile: vanilla().tile(&text(&op[5])).unwrap(),
            }),
            "r" => {
                let name = text(&op[1]);
                let code = RESOURCE_NAMES
                    .iter()
                    .position(|known| *known == name)
                    .unwrap()
                    + 1;
                for place in op[2].as_array().unwrap().chunks(3) {
                    ops.push(SetupOp::Resource {
                        tile: TilePos::new(int(&place[0]), int(&place[1])),
                        code: code as u8,
                        amount: int(&place[2]) as u32,
                    });
                }
            }
            "e" => ops.push(SetupOp::Entity {
                prototype: vanilla().entity(&text(&op[1])).unwrap(),
                position: position(2),
                direction: Direction::from_sixteenths(int(&op[4]) as u8),
                items: op[5].as_object().map_or_else(Vec::new, |items| {
                    items
                        .iter()
                        .map(|(name, count)| (vanilla().item(name).unwrap(), int(count) as u32))
                        .collect()
                }),
                recipe: op[6].as_str().map(|name| vanilla().recipe(name).unwrap()),
            }),
            "g" => ops.push(SetupOp::Ghost {
                prototype: vanilla().entity(&text(&op[1])).unwrap(),
                position: position(2),
                direction: Direction::from_sixteenths(int(&op[4]) as u8),
            }),
            "c" => ops.push(SetupOp::Character {
                position: position(1),
            }),
            "i" => ops.push(SetupOp::Items {
                item: vanilla().item(&text(&op[1])).unwrap(),
                count: int(&op[2]) as u32,
            }),
            "k" => ops.push(SetupOp::Research {
                technology: vanilla().technology(&text(&op[1])).unwrap(),
            }),
            other => panic!("{other}"),
        }
    }
    ops
}

/// Finds the item that builds an entity.
fn placing(prototype: EntityPrototypeId) -> ItemId {
    (0..vanilla().items().len())
        .map(ItemId::from_index)
        .find(|item| vanilla()[*item].place_result == Some(prototype))
        .unwrap()
}

/// Reads a command of a step back.
fn command_of(world: &World, text: &str) -> Command {
    let words: Vec<&str> = text.split(' ').collect();
    let int = |at: usize| words[at].parse::<i32>().unwrap();
    let place = |at: usize| MapPos::new(int(at), int(at + 1));
    let entity = |at: usize| world.entity_numbered(int(at) as u32).unwrap();
    let item = |at: usize| vanilla().item(ITEM_NAMES[int(at) as usize - 1]).unwrap();
    let prototype = |at: usize| EntityPrototypeId::from_index(int(at) as usize);
    match words[0] {
        "W" if words[1] == "-" => Command::Walk(None),
        "W" => Command::Walk(Some(Direction::from_eighths(int(1) as u8))),
        "M" => Command::Mine(match words[1] {
            "e" => Target::Entity(entity(2)),
            "r" => Target::Resource(TilePos::new(int(2), int(3))),
            _ => Target::Pile(place(2)),
        }),
        "S" => Command::StopMining,
        "B" => Command::Build {
            item: placing(prototype(1)),
            position: place(2),
            direction: Direction::from_sixteenths(int(4) as u8),
        },
        "I" => Command::Insert {
            entity: entity(1),
            item: item(2),
            count: int(3) as u32,
        },
        "T" => Command::Take {
            entity: entity(1),
            only: (words.len() > 2).then(|| (item(2), int(3) as u32)),
        },
        "C" => Command::Craft {
            recipe: RecipeId::from_index(int(1) as usize),
            count: int(2) as u32,
        },
        "P" => Command::SetRecipe {
            entity: entity(1),
            recipe: RecipeId::from_index(int(2) as usize),
        },
        "O" => Command::Rotate { entity: entity(1) },
        "G" => Command::PlaceGhost {
            prototype: prototype(1),
            position: place(2),
            direction: Direction::from_sixteenths(int(4) as u8),
        },
        "U" => Command::RemoveGhost {
            ghost: world.ghost_numbered(int(1) as u32).unwrap(),
        },
        "R" => Command::Research {
            technology: TechnologyId::from_index(int(1) as usize),
        },
        other => panic!("{other}"),
    }
}

/// Says what changed since the last time.
fn told_now(world: &World, told: &mut Told, scope: &str) -> Payload {
    let mut now = Payload {
        character: character(world),
        ..Payload::default()
    };
    let carried = held_by(world.character.inventory.slots());
    if carried != told.carried {
        now.carried = carried
            .iter()
            .map(|(item, count)| payload::Carried {
                item: *item,
                count: *count,
            })
            .collect();
        if carried.is_empty() {
            now.carried.push(payload::Carried::default());
        }
        told.carried = carried;
    }
    tell_resources(world, told, &mut now);
    tell_things(world, told, scope, &mut now);
    tell_piles(world, told, &mut now);
    for (index, name) in ITEM_NAMES.iter().enumerate() {
        let Ok(item) = vanilla().item(name) else {
            continue;
        };
        let (code, count) = (index as u8 + 1, world.produced(item));
        if told.produced.insert(code, count).unwrap_or(0) != count {
            now.produced.push(payload::Produced { item: code, count });
        }
    }
    now.crafting = world
        .character
        .crafting
        .orders()
        .map(|order| payload::Crafting {
            recipe: order.recipe.index() as u16,
            count: order.remaining,
        })
        .collect();
    let has_crafts = !now.crafting.is_empty();
    if !has_crafts && told.had_crafts {
        now.crafting.push(payload::Crafting {
            recipe: NO_CRAFT,
            count: 0,
        });
    }
    told.had_crafts = has_crafts;
    if told.recipes != world.force.enabled_recipes {
        told.recipes.clone_from(&world.force.enabled_recipes);
        now.recipes = (0..told.recipes.len())
            .filter(|index| told.recipes[*index])
            .map(|index| payload::EnabledRecipe {
                recipe: index as u16,
            })
            .collect();
    }
    now.units = world
        .units
        .iter()
        .map(|(_, unit)| payload::UnitState {
            unit: unit.unit,
            prototype: unit.prototype.index() as u16,
            x: unit.position().x,
            y: unit.position().y,
            health: (world.unit_health(unit) * 256.0) as u32,
        })
        .collect();
    now
}

fn character(world: &World) -> payload::Character {
    let who = &world.character;
    payload::Character {
        x: who.position.x,
        y: who.position.y,
        health: who.health,
        facing: who.facing.eighths(),
        alive: u8::from(who.is_alive()),
        mining_progress: world.mining_progress(),
        crafting_progress: world.crafting_progress(),
        crafting_queue: who.crafting.crafts() as u16,
        occupied_slots: who.inventory.occupied() as u16,
        slots: who.inventory.slots().len() as u16,
        power_satisfaction: world.power_satisfaction_in(&window(who.position)),
    }
}

fn held_by(slots: &[crate::sim::inventory::Slot]) -> Vec<(u8, u32)> {
    let mut sums = BTreeMap::new();
    for stack in slots.iter().flatten() {
        *sums.entry(item_code(stack.item)).or_insert(0) += stack.count;
    }
    sums.into_iter().collect()
}

fn tell_resources(world: &World, told: &mut Told, now: &mut Payload) {
    let mut gone = Vec::new();
    for (place, before) in &mut told.resources {
        let tile = TilePos::new(place.0, place.1);
        let resource = world.terrain.resource(tile);
        let amount = resource.map_or(0, |resource| resource.amount);
        if amount != before.amount {
            now.resources.push(payload::ResourceTile {
                x: place.0 as i16,
                y: place.1 as i16,
                resource: before.code,
                amount,
            });
            before.amount = amount;
            if amount == 0 {
                gone.push(*place);
            }
        }
    }
    for place in gone {
        told.resources.remove(&place);
    }
}

fn tell_things(world: &World, told: &mut Told, scope: &str, now: &mut Payload) {
    let tile = world.character.position.tile();
    let view = TileArea {
        left: tile.x - CENTER_CELL as i32,
        top: tile.y - CENTER_CELL as i32,
        width: MAP_SIDE as i32,
        height: MAP_SIDE as i32,
    };
    let mut standing = Vec::new();
    for (slot, entity) in world.entities.iter() {
        standing.push(entity.unit);
        let area =
            crate::sim::entity::footprint(entity.prototype, entity.position, entity.direction);
        let is_machine = matches!(entity.body, Body::Drill(_) | Body::Crafter(_));
        let is_near = area.left < view.left + view.width
            && view.left < area.left + area.width
            && area.top < view.top + view.height
            && view.top < area.top + area.height;
        if !(is_near || scope == "a" || (scope == "m" && is_machine)) {
            continue;
        }
        let is_hurt = world.is_damaged(entity);
        let state = payload::EntityState {
            unit: entity.unit,
            code: 0,
            prototype: entity.prototype.index() as u16,
            x: entity.position.x,
            y: entity.position.y,
            direction: entity.direction.sixteenths(),
            status: world.status(entity) as u8,
            contents: contents_code(world, entity),
            health: if is_hurt {
                (world.health(entity) * 256.0) as u32
            } else {
                FULL_HEALTH
            },
            recipe: world
                .recipe_of(entity)
                .map_or(0, |recipe| recipe.index() as u16 + 1),
        };
        if told.entities.get(&entity.unit) != Some(&state) {
            told.entities.insert(entity.unit, state);
            now.entities.push(state);
        }
        let slots = world.slots(entity);
        let groups = [
            slots.contents,
            slots.fuel,
            slots.source,
            slots.result,
            slots.modules,
        ];
        for (index, group) in groups.iter().enumerate() {
            let key = (entity.unit, index as u8 + 1);
            let held = held_by(group);
            if group.is_empty() || told.held.get(&key) == Some(&held) {
                continue;
            }
            let record = |item, count| payload::Held {
                unit: key.0,
                group: key.1,
                item,
                count,
            };
            if held.is_empty() {
                now.held.push(record(0, 0));
            }
            now.held
                .extend(held.iter().map(|(item, count)| record(*item, *count)));
            told.held.insert(key, held);
        }
        debug_assert!(world.entities.get(slot).is_some());
    }
    for (_, ghost) in world.ghosts.iter() {
        standing.push(ghost.unit);
        let state = payload::GhostState {
            unit: ghost.unit,
            prototype: ghost.prototype.index() as u16,
            x: ghost.position.x,
            y: ghost.position.y,
            direction: ghost.direction.sixteenths(),
        };
        let is_new = !told.standing.contains(&ghost.unit);
        if is_new && !told.ghosts.contains_key(&ghost.unit) {
            now.ghosts.push(state);
        }
        told.ghosts.insert(ghost.unit, state);
    }
    for unit in &told.standing {
        if !standing.contains(unit) {
            now.removed.push(payload::Removed { unit: *unit });
        }
    }
    told.standing = standing;
}

fn tell_piles(world: &World, told: &mut Told, now: &mut Payload) {
    let piles: BTreeMap<(i32, i32), (u8, u32)> = world
        .ground
        .iter()
        .map(|(place, stack)| ((place.x, place.y), (item_code(stack.item), stack.count)))
        .collect();
    let mut tell = |place: &(i32, i32), (item, count): (u8, u32)| {
        now.piles.push(payload::Pile {
            x: place.0,
            y: place.1,
            item,
            count,
        });
    };
    for place in told
        .piles
        .keys()
        .filter(|place| !piles.contains_key(*place))
    {
        tell(place, (0, 0));
    }
    for (place, held) in &piles {
        if told.piles.get(place) != Some(held) {
            tell(place, *held);
        }
    }
    told.piles = piles;
}
