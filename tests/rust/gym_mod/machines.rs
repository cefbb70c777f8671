//! What is told of machines of every kind, against the picture of the same world in process.

use factorio_fast::contract::action::RejectReason;
use factorio_fast::contract::observation::{CENTER_CELL, LOCAL_MAP_SIZE, MAP_SIDE};
use factorio_fast::observation::local_map::KeptMap;
use factorio_fast::prototypes::vanilla;
use factorio_fast::sim::World;
use factorio_fast::sim::command::{Command, apply};
use factorio_fast::sim::position::{Direction, MapPos, Rect, TileArea, TilePos};
use factorio_fast::sim::setup::{SetupOp, execute};
use factorio_fast::sim::tick;

use crate::kit::Server;
use crate::worlds::{Told, lowered};

/// Set-up operations of a meadow, named by top left tiles.
struct Yard {
    ops: Vec<SetupOp>,
}

impl Yard {
    fn new() -> Self {
        let map = SetupOp::Map {
            width: 96,
            height: 96,
            tile: vanilla().tile("grass-1").unwrap(),
        };
        Self { ops: vec![map] }
    }

    fn put(
        &mut self,
        name: &str,
        (x, y): (i32, i32),
        facing: &str,
        items: &[(&str, u32)],
        recipe: &str,
    ) {
        let prototype = vanilla().entity(name).unwrap();
        let direction = match facing {
            "east" => Direction::EAST,
            "south" => Direction::SOUTH,
            "west" => Direction::WEST,
            _ => Direction::NORTH,
        };
        let facts = &vanilla()[prototype];
        let (mut width, mut height) = (facts.tile_width as i32, facts.tile_height as i32);
        if direction.quarter_turns() % 2 == 1 {
            std::mem::swap(&mut width, &mut height);
        }
        self.ops.push(SetupOp::Entity {
            prototype,
            position: MapPos::new(x * 256 + width * 128, y * 256 + height * 128),
            direction,
            items: items
                .iter()
                .map(|(item, count)| (vanilla().item(item).unwrap(), *count))
                .collect(),
            recipe: (!recipe.is_empty()).then(|| vanilla().recipe(recipe).unwrap()),
        });
    }

    fn bare(&mut self, name: &str, place: (i32, i32), facing: &str) {
        self.put(name, place, facing, &[], "");
    }

    fn character(&mut self, (x, y): (i32, i32)) {
        self.ops.push(SetupOp::Character {
            position: TilePos::new(x, y).center(),
        });
    }
}

/// Runs a world in process and behind the mod and compares what is told, every few ticks.
fn compare(ops: &[SetupOp], seed: u64, rounds: u32, ticks: u32, actions: &str) -> (World, Told) {
    let mut world = World::new();
    execute(&mut world, seed, ops).unwrap();
    let mut server = Server::new();
    server.configure(0);
    let counts = server.reset(1, 0, &lowered(seed, ops));
    assert!(
        counts.starts_with(&format!("{},", world.entities.iter().count())),
        "{counts}"
    );
    let mut told = Told::default();
    let (mut kept, mut cells) = (KeptMap::default(), [0; LOCAL_MAP_SIZE]);
    for round in 0..rounds {
        let frame = server.see(["w", "a"][round as usize % 2], 1);
        told.take(&frame);
        kept.update(&mut cells, &world, None);
        world.changes.clear();
        told.compare(&frame, &world, &cells);
        let tile = world.character.position.tile();
        let (left, top) = (tile.x - CENTER_CELL as i32, tile.y - CENTER_CELL as i32);
        let side = MAP_SIDE as i32 * 256;
        let window = Rect {
            left: left * 256,
            top: top * 256,
            right: left * 256 + side - 1,
            bottom: top * 256 + side - 1,
        };
        let share = world.power_satisfaction_in(&window);
        let near = (frame.character.power_satisfaction - share).abs() < 1e-12;
        assert!(
            near,
            "round {round}: {} {share}",
            frame.character.power_satisfaction
        );
        server.step(ticks, if round == 0 { actions } else { "-" });
        tick::run(&mut world, ticks);
        let digest = server.game.with_world("gym-1-1", World::digest);
        assert_eq!(digest, Some(world.digest()), "round {round}");
    }
    server.assert_quiet();
    (world, told)
}

#[test]
fn belts_and_arms_are_told_as_they_are() {
    let mut yard = Yard::new();
    let fuel = [("coal", 20)];
    yard.put("wooden-chest", (-12, -6), "north", &[("coal", 60)], "");
    yard.put("burner-inserter", (-11, -6), "west", &fuel, "");
    for x in -10..-7 {
        yard.bare("transport-belt", (x, -6), "east");
    }
    yard.bare("underground-belt", (-7, -6), "east");
    yard.bare("stone-wall", (-6, -6), "north");
    yard.bare("underground-belt", (-4, -6), "east");
    yard.bare("splitter", (-3, -6), "east");
    for x in -2..4 {
        yard.bare("transport-belt", (x, -6), "east");
        yard.bare("transport-belt", (x, -5), "east");
    }
    yard.bare("transport-belt", (4, -6), "south");
    yard.bare("transport-belt", (4, -5), "south");
    yard.put("burner-inserter", (4, -3), "north", &fuel, "");
    yard.bare("transport-belt", (4, -4), "south");
    yard.bare("iron-chest", (4, -2), "north");
    // A second tunnel between the ends of the first kind of pair: its entrance has no mate yet.
    yard.bare("underground-belt", (-10, -3), "east");
    yard.bare("underground-belt", (-6, -3), "east");
    yard.bare("underground-belt", (-8, -3), "east");
    yard.character((0, 0));
    let (world, told) = compare(&yard.ops, 3, 90, 13, "-");
    assert!(
        world.tick > 1_000 && told.contents() > 5,
        "{}",
        told.contents()
    );
}

#[test]
fn electric_machines_are_told_as_they_are() {
    let mut yard = Yard::new();
    yard.ops.push(SetupOp::Research {
        technology: vanilla().technology("automation-science-pack").unwrap(),
    });
    yard.ops.push(SetupOp::Research {
        technology: vanilla().technology("automation").unwrap(),
    });
    yard.bare("solar-panel", (-8, -8), "north");
    yard.bare("small-electric-pole", (-5, -7), "north");
    yard.put(
        "assembling-machine-1",
        (-4, -9),
        "north",
        &[("iron-plate", 18)],
        "iron-gear-wheel",
    );
    yard.put(
        "assembling-machine-1",
        (-4, -6),
        "north",
        &[("iron-plate", 4)],
        "iron-gear-wheel",
    );
    yard.bare("assembling-machine-1", (-8, -5), "north");
    yard.put(
        "lab",
        (-5, -3),
        "north",
        &[("automation-science-pack", 3)],
        "",
    );
    yard.bare("small-electric-pole", (-2, -3), "north");
    // A network of its own, without any source.
    yard.bare("small-electric-pole", (10, 10), "north");
    yard.put(
        "lab",
        (11, 10),
        "north",
        &[("automation-science-pack", 3)],
        "",
    );
    yard.ops.push(SetupOp::Resource {
        tile: TilePos::new(-9, 4),
        code: 1,
        amount: 60,
    });
    yard.ops.push(SetupOp::Resource {
        tile: TilePos::new(-8, 5),
        code: 2,
        amount: 2,
    });
    yard.bare("electric-mining-drill", (-10, 3), "east");
    yard.bare("small-electric-pole", (-7, 2), "north");
    yard.character((0, 0));
    let (world, _) = compare(&yard.ops, 4, 50, 11, "-");
    assert!(world.produced(vanilla().item("iron-gear-wheel").unwrap()) > 0);
}

#[test]
fn steam_and_fluids_are_told_as_they_are() {
    let mut yard = Yard::new();
    let water = vanilla().tile("water").unwrap();
    let area = TileArea {
        left: -9,
        top: -10,
        width: 8,
        height: 6,
    };
    yard.ops.push(SetupOp::Tiles { area, tile: water });
    yard.bare("offshore-pump", (-6, -4), "north");
    for y in -3..2 {
        yard.bare("pipe", (-6, y), "north");
    }
    yard.put("boiler", (-5, 1), "south", &[("coal", 20)], "");
    yard.bare("steam-engine", (-5, 3), "north");
    yard.bare("small-electric-pole", (-1, 4), "north");
    yard.put("lab", (0, 3), "north", &[], "");
    yard.put(
        "assembling-machine-1",
        (0, 6),
        "north",
        &[("iron-plate", 40)],
        "iron-gear-wheel",
    );
    yard.put(
        "gun-turret",
        (5, 5),
        "north",
        &[("firearm-magazine", 8)],
        "",
    );
    yard.character((0, 0));
    let (world, told) = compare(&yard.ops, 5, 40, 9, "-");
    assert!(
        world.tick > 300 && told.contents() > 5,
        "{}",
        told.contents()
    );
}

#[test]
fn enemies_and_what_they_do_are_told() {
    let mut yard = Yard::new();
    yard.bare("biter-spawner", (20, -4), "north");
    yard.bare("small-worm-turret", (10, 8), "north");
    yard.bare("small-worm-turret", (12, 2), "north");
    yard.put(
        "stone-furnace",
        (4, 0),
        "north",
        &[("coal", 5), ("iron-ore", 40)],
        "",
    );
    yard.character((-2, 0));
    yard.ops.push(SetupOp::Items {
        item: vanilla().item("iron-plate").unwrap(),
        count: 30,
    });
    let mut world = World::new();
    execute(&mut world, 6, &yard.ops).unwrap();
    let mut server = Server::new();
    server.configure(0);
    server.reset(1, 0, &lowered(6, &yard.ops));
    let crafted = vanilla().recipe("iron-gear-wheel").unwrap();
    let mut order = format!("1:C {} 9", crafted.index());
    apply(
        &mut world,
        &Command::Craft {
            recipe: crafted,
            count: 9,
        },
    )
    .unwrap();
    let mut most = 0;
    for round in 0.. {
        assert!(round < 400, "worms kill");
        server.step(11, &order);
        tick::run(&mut world, 11);
        order = "-".to_owned();
        let frame = server.see("a", 1);
        assert_eq!(frame.units.len(), world.units.iter().count());
        most = most.max(frame.units.len());
        let told = frame.character;
        let actual = &world.character;
        assert_eq!(
            (told.health, told.x, told.y),
            (actual.health, actual.position.x, actual.position.y)
        );
        assert_eq!(told.alive, u8::from(actual.is_alive()));
        if told.alive == 0 {
            assert_eq!(u32::from(told.crafting_queue), actual.crafting.crafts());
            assert_eq!(
                told.crafting_progress.to_bits(),
                actual.crafting.progress().to_bits()
            );
            assert_eq!(
                usize::from(told.occupied_slots),
                actual.inventory.occupied()
            );
            break;
        }
    }
    assert!(most > 0, "the nest makes units");
    let dead = RejectReason::Dead as u8;
    assert_eq!(
        server.step(5, "1:W 2,W -,S,C 0 1"),
        format!("1/0/{dead};1/3/{dead}")
    );
    server.see("w", 1);
    server.assert_quiet();
}

#[test]
fn what_is_hurt_is_told() {
    let mut yard = Yard::new();
    yard.bare("small-worm-turret", (0, 1), "north");
    yard.put(
        "gun-turret",
        (-9, 0),
        "north",
        &[("firearm-magazine", 10)],
        "",
    );
    yard.bare("stone-wall", (-6, 0), "north");
    yard.character((-14, 0));
    let (world, told) = compare(&yard.ops, 8, 40, 17, "-");
    assert!(
        world
            .entities
            .iter()
            .any(|(_, entity)| world.is_damaged(entity)),
        "there was a fight"
    );
    assert!(told.contents() > 0);
}
