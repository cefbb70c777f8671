//! The real mod over this game against a world in process: after the same set-up and the same commands they are equal.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Value as Json, json};

use super::super::{Game, GameOptions};
use crate::contract::codes::{ITEM_NAMES, RESOURCE_NAMES, code_of};
use crate::prototypes::{EntityPrototypeId, ItemId, RecipeId, vanilla};
use crate::scenario::{BUILTIN, Scenario, Start};
use crate::sim::World;
use crate::sim::command::{self, Command};
use crate::sim::entity::{EntityRef, Target};
use crate::sim::position::{Direction, MapPos, TilePos};
use crate::sim::rng::Rng;
use crate::sim::setup::{self, SetupOp};
use crate::sim::tick;

/// Reads the files of the mod of this repository.
fn mod_files() -> std::collections::BTreeMap<String, Vec<u8>> {
    fn collect(
        root: &Path,
        folder: &Path,
        files: &mut std::collections::BTreeMap<String, Vec<u8>>,
    ) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy();
                files.insert(name.into_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("mods/factorio-gym-mod");
    let mut files = std::collections::BTreeMap::new();
    collect(&root, &root, &mut files);
    files
}

/// A server with the mod, to which lines go one after the other.
struct Served {
    game: Game,
    sequence: u32,
    surface: String,
}

impl Served {
    fn new() -> Self {
        let mut options = GameOptions::new("factorio-gym-mod", mod_files());
        options.log = Box::new(|line| panic!("the mod logs only failures: {line}"));
        let mut game = Game::new(options).unwrap();
        let reply = game.console("/gym configure {\"udp_port\":0,\"speed\":1,\"fair_play\":false}");
        assert_eq!(reply.text, "ok\n");
        Self {
            game,
            sequence: 0,
            surface: String::new(),
        }
    }

    fn ask(&mut self, verb: &str, rest: &str) -> String {
        self.sequence += 1;
        let line = format!("/gym {verb} {} {rest}", self.sequence);
        let reply = self.game.console(&line).text;
        assert!(reply.starts_with("ok "), "{line}: {reply}");
        reply.trim_end().to_owned()
    }

    fn reset(&mut self, episode: u32, map: &Json) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        std::io::Write::write_all(&mut encoder, map.to_string().as_bytes()).unwrap();
        let text = STANDARD.encode(encoder.finish().unwrap());
        let reply = self.game.console(&format!("/gym put m 1 1 {text}"));
        assert_eq!(reply.text, "ok\n");
        let reply = self.ask("reset", &format!("1 {episode} m"));
        self.surface = format!("gym-1-{episode}");
        reply
    }

    fn step(&mut self, ticks: u32, orders: &[String]) -> String {
        let orders = match orders {
            [] => "-".to_owned(),
            orders => format!("1:{}", orders.join(",")),
        };
        let reply = self.ask("step", &format!("{ticks} {orders}"));
        for _ in 0..ticks {
            assert!(self.game.update().unwrap());
        }
        assert!(!self.game.update().unwrap());
        reply
    }

    fn world(&self) -> World {
        let world = self.game.with_world(&self.surface, World::clone);
        world.unwrap_or_else(|| panic!("there is no surface {}", self.surface))
    }
}

/// Writes set-up operations as the mod reads them.
fn map_of(seed: u64, ops: &[SetupOp]) -> Json {
    let mut map = json!({"seed": seed, "ops": []});
    let mut list = Vec::new();
    for op in ops {
        list.push(match op {
            SetupOp::Map {
                width,
                height,
                tile,
            } => {
                map["width"] = json!(width);
                map["height"] = json!(height);
                map["tile"] = json!(vanilla()[*tile].name);
                continue;
            }
            SetupOp::Tiles { area, tile } => json!([
                "t",
                area.left,
                area.top,
                area.width,
                area.height,
                vanilla()[*tile].name
            ]),
            SetupOp::Resource { tile, code, amount } => {
                let name = RESOURCE_NAMES[usize::from(*code) - 1];
                json!(["r", name, [tile.x, tile.y, amount]])
            }
            SetupOp::Entity {
                prototype,
                position,
                direction,
                items,
                recipe,
            } => {
                let held: serde_json::Map<String, Json> = items
                    .iter()
                    .map(|(item, count)| (vanilla()[*item].name.clone(), json!(count)))
                    .collect();
                let held = if held.is_empty() {
                    json!(0)
                } else {
                    Json::Object(held)
                };
                let recipe = recipe.map_or(json!(0), |recipe| json!(vanilla()[recipe].name));
                let name = &vanilla()[*prototype].name;
                let facing = direction.sixteenths();
                json!(["e", name, position.x, position.y, facing, held, recipe])
            }
            SetupOp::Ghost {
                prototype,
                position,
                direction,
            } => {
                let name = &vanilla()[*prototype].name;
                json!(["g", name, position.x, position.y, direction.sixteenths()])
            }
            SetupOp::Character { position } => json!(["c", position.x, position.y]),
            SetupOp::Items { item, count } => json!(["i", vanilla()[*item].name, count]),
            SetupOp::Research { technology } => json!(["k", vanilla()[*technology].name]),
        });
    }
    map["ops"] = Json::Array(list);
    map
}

/// Writes a command as the mod reads it.
fn order_of(world: &World, command: &Command) -> String {
    let code = |item: ItemId| code_of(&ITEM_NAMES, &vanilla()[item].name);
    match *command {
        Command::Walk(None) => "W -".to_owned(),
        Command::Walk(Some(direction)) => format!("W {}", direction.eighths()),
        Command::Mine(Target::Entity(entity)) => format!("M e {}", entity.unit),
        Command::Mine(Target::Resource(tile)) => format!("M r {} {}", tile.x, tile.y),
        Command::Mine(Target::Pile(place)) => format!("M p {} {}", place.x, place.y),
        Command::Mine(Target::Ghost(_)) => unreachable!("ghosts are not mined"),
        Command::StopMining => "S".to_owned(),
        Command::Build {
            item,
            position,
            direction,
        } => {
            let prototype = vanilla()[item].place_result.unwrap();
            let (x, y) = (position.x, position.y);
            format!("B {} {x} {y} {}", prototype.index(), direction.sixteenths())
        }
        Command::Insert { entity, item } => {
            let count = vanilla()[item].stack_size;
            format!("I {} {} {count}", entity.unit, code(item))
        }
        Command::Take { entity } => format!("T {}", entity.unit),
        Command::Craft { recipe, count } => format!("C {} {count}", recipe.index()),
        Command::SetRecipe { entity, recipe } => {
            debug_assert!(world.entity(entity).is_some());
            format!("P {} {}", entity.unit, recipe.index())
        }
        Command::Rotate { entity } => format!("O {}", entity.unit),
    }
}

/// Draws a command that may be legal.
fn draw(world: &World, rng: &mut Rng) -> Command {
    let at = world.character.position;
    let entities: Vec<EntityRef> = world
        .entities
        .iter()
        .filter(|(_, entity)| entity.collision_box().distance_squared(at) < (12 * 256) * (12 * 256))
        .filter_map(|(slot, _)| world.reference(slot))
        .collect();
    let entity = if entities.is_empty() {
        EntityRef { slot: 0, unit: 0 }
    } else {
        entities[rng.below(entities.len() as u32) as usize]
    };
    let held: Vec<ItemId> = {
        let stacks = world.character.inventory.slots().iter().flatten();
        stacks.map(|stack| stack.item).collect()
    };
    let item = if held.is_empty() {
        ItemId::from_index(0)
    } else {
        held[rng.below(held.len() as u32) as usize]
    };
    let offset = |rng: &mut Rng| rng.between(-2_000, 2_000);
    let recipes = vanilla().recipes().len() as u32;
    match rng.below(11) {
        0 | 1 => Command::Walk(Some(Direction::from_eighths(rng.below(8) as u8))),
        2 => Command::Walk(None),
        3 | 4 => {
            let reach = 2;
            let tile = at.tile();
            let near: Vec<TilePos> = (-reach..=reach)
                .flat_map(|dy| (-reach..=reach).map(move |dx| tile.offset(dx, dy)))
                .filter(|tile| world.terrain.resource(*tile).is_some())
                .collect();
            match near.as_slice() {
                [] => Command::Mine(Target::Entity(entity)),
                near => Command::Mine(Target::Resource(
                    near[rng.below(near.len() as u32) as usize],
                )),
            }
        }
        5 => match world.ground.iter().next() {
            Some((place, _)) => Command::Mine(Target::Pile(place)),
            None => Command::StopMining,
        },
        6 => Command::Build {
            item,
            position: MapPos::new(at.x + offset(rng), at.y + offset(rng)),
            direction: Direction::from_eighths(rng.below(4) as u8 * 2),
        },
        7 => Command::Insert { entity, item },
        8 => Command::Take { entity },
        9 => Command::Craft {
            recipe: RecipeId::from_index(rng.below(recipes) as usize),
            count: 1 + rng.below(3),
        },
        _ if rng.below(2) == 0 => Command::Rotate { entity },
        _ => Command::SetRecipe {
            entity,
            recipe: RecipeId::from_index(rng.below(recipes) as usize),
        },
    }
}

/// Says in which part two worlds differ; empty where they do not.
fn difference(here: &World, served: &World) -> String {
    let mut told = String::new();
    macro_rules! compare {
        ($($field:ident)*) => {
            $(
                let (a, b) = (format!("{:?}", here.$field), format!("{:?}", served.$field));
                if a != b {
                    let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
                    let from = at.saturating_sub(120);
                    let cut = |text: &str| text.chars().skip(from).take(260).collect::<String>();
                    let _ = writeln!(
                        told, "{}:\n  {}\n  {}", stringify!($field), cut(&a), cut(&b)
                    );
                }
            )*
        };
    }
    compare!(tick spawn character entities ghosts ground chests drills crafters labs beacons inserters boilers
        belts production force research power fluids pollution threats units spawners turrets rng);
    told
}

#[test]
fn the_mod_and_a_world_in_process_stay_equal_through_random_commands() {
    for (index, (name, _)) in BUILTIN.iter().enumerate() {
        let scenario = Scenario::builtin(name).unwrap();
        let mut served = Served::new();
        for episode in 1..=2_u32 {
            let seed = u64::from(episode) * 17 + index as u64;
            let mut start = Start::default();
            scenario.lower(seed, &mut start).unwrap();
            let mut world = World::new();
            setup::execute(&mut world, seed, &start.ops).unwrap();
            let reply = served.reset(episode, &map_of(seed, &start.ops));
            let resources: u64 = world
                .terrain
                .area()
                .tiles()
                .filter_map(|tile| world.terrain.resource(tile))
                .map(|resource| u64::from(resource.amount))
                .sum();
            let counts = format!("{},{}", world.entities.len(), world.ghosts.len());
            assert!(reply.contains(&counts), "{reply}: {counts}");
            assert!(
                reply.ends_with(&format!(",{resources}")),
                "{reply}: {resources}"
            );
            let mut rng = Rng::new(seed);
            assert_eq!(difference(&world, &served.world()), "", "{name}, set up");
            let mut deeds = 0;
            for step in 0..60 {
                let mut orders = Vec::new();
                for _ in 0..40 {
                    let command = draw(&world, &mut rng);
                    if orders.len() < 3 && command::check(&world, &command).is_ok() {
                        orders.push(order_of(&world, &command));
                        command::apply(&mut world, &command).unwrap();
                    }
                }
                deeds += orders.len();
                let ticks = 1 + rng.below(20);
                let reply = served.step(ticks, &orders);
                assert!(
                    reply.ends_with(" -"),
                    "{name}, step {step}: {orders:?}: {reply}"
                );
                tick::run(&mut world, ticks);
                let different = difference(&world, &served.world());
                assert_eq!(different, "", "{name}, step {step}: {orders:?}");
                let scope = if step % 5 == 0 { "a 1" } else { "w 1" };
                served.ask("look", scope);
            }
            assert!(deeds > 60, "{name}: {deeds} commands were legal");
            assert_eq!(world.digest(), served.world().digest(), "{name}");
        }
    }
}

#[test]
fn prototypes_are_numbered_as_the_mod_numbers_them() {
    // The commands above name prototypes by their place in name order.
    let names = vanilla().entities().iter().map(|held| held.name.as_str());
    assert!(names.is_sorted());
    assert!(EntityPrototypeId::from_index(0).index() == 0);
}
