//! Nanoseconds per machine and tick: furnaces, assembling machines with short and long crafts, drills; awake and asleep.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints"
)]

use std::time::Instant;

use factorio_fast::contract::codes;
use factorio_fast::prototypes::vanilla;
use factorio_fast::sim::World;
use factorio_fast::sim::entity::Body;
use factorio_fast::sim::position::{Direction, MapPos, TilePos};
use factorio_fast::sim::setup::{SetupOp, execute};
use factorio_fast::sim::tick::run;

/// Machines in a block of four round a substation.
const BLOCK: [(i32, i32); 4] = [(-3, -3), (3, -3), (-3, 3), (3, 3)];
const BLOCKS_PER_SIDE: i32 = 16;
const TICKS: u32 = 900;
const REPETITIONS: u32 = 5;

struct Case {
    label: &'static str,
    machine: &'static str,
    recipe: Option<&'static str>,
    items: &'static [(&'static str, u32)],
    modules: &'static [&'static str],
    is_on_ore: bool,
    is_fed: bool,
}

const PLAIN: Case = Case {
    label: "",
    machine: "assembling-machine-1",
    recipe: None,
    items: &[],
    modules: &[],
    is_on_ore: false,
    is_fed: true,
};

const CASES: [Case; 7] = [
    Case {
        label: "science packs (600 ticks)",
        recipe: Some("automation-science-pack"),
        items: &[("copper-plate", 100), ("iron-gear-wheel", 100)],
        ..PLAIN
    },
    Case {
        label: "gears (60 ticks)",
        recipe: Some("iron-gear-wheel"),
        items: &[("iron-plate", 100)],
        ..PLAIN
    },
    Case {
        label: "gears with speed modules",
        machine: "assembling-machine-2",
        recipe: Some("iron-gear-wheel"),
        items: &[("iron-plate", 100)],
        modules: &["speed-module", "speed-module"],
        ..PLAIN
    },
    Case {
        label: "stone furnaces",
        machine: "stone-furnace",
        items: &[("iron-ore", 50), ("coal", 20)],
        ..PLAIN
    },
    Case {
        label: "electric drills into chests",
        machine: "electric-mining-drill",
        is_on_ore: true,
        ..PLAIN
    },
    Case {
        label: "without ingredients, asleep",
        recipe: Some("iron-gear-wheel"),
        ..PLAIN
    },
    Case {
        label: "without power, asleep",
        recipe: Some("iron-gear-wheel"),
        items: &[("iron-plate", 100)],
        is_fed: false,
        ..PLAIN
    },
];

fn main() {
    for case in &CASES {
        measure(case);
    }
}

fn measure(case: &Case) {
    let start_of_case = field(case);
    let n_machines = (BLOCKS_PER_SIDE * BLOCKS_PER_SIDE) as usize * BLOCK.len();
    let mut best = f64::INFINITY;
    let mut awake = 0;
    for _ in 0..REPETITIONS {
        let mut world = start_of_case.clone();
        run(&mut world, 30);
        awake = world.awake_count();
        let start = Instant::now();
        run(&mut world, TICKS);
        best = best.min(start.elapsed().as_secs_f64());
    }
    let machine_ticks = n_machines as f64 * f64::from(TICKS);
    println!(
        "{:<30} {:>7.2} ns per machine-tick, {awake} of {n_machines} awake",
        case.label,
        best * 1e9 / machine_ticks
    );
}

/// Makes blocks of four machines, a substation and accumulators for all they need.
fn field(case: &Case) -> World {
    let side = BLOCKS_PER_SIDE * 16;
    let mut ops = vec![SetupOp::Map {
        width: side + 16,
        height: side + 16,
        tile: vanilla().tile("grass-1").expect("the tile exists"),
    }];
    ops.push(SetupOp::Research {
        technology: vanilla()
            .technology("automation-science-pack")
            .expect("the technology exists"),
    });
    for block in 0..BLOCKS_PER_SIDE * BLOCKS_PER_SIDE {
        let x = (block % BLOCKS_PER_SIDE) * 16 - side / 2 + 8;
        let y = (block / BLOCKS_PER_SIDE) * 16 - side / 2 + 8;
        if case.is_fed {
            ops.push(entity("substation", x, y, None, &[]));
            for (dx, dy) in [
                (0, -6),
                (0, -4),
                (0, 4),
                (0, 6),
                (-6, 0),
                (-4, 0),
                (4, 0),
                (6, 0),
            ] {
                ops.push(entity("accumulator", x + dx, y + dy, None, &[]));
            }
        }
        for (dx, dy) in BLOCK {
            let (x, y) = (x + dx, y + dy);
            if case.is_on_ore {
                for tile in 0..25 {
                    ops.push(SetupOp::Resource {
                        tile: TilePos::new(x + tile % 5 - 2, y + tile / 5 - 2),
                        code: codes::code_of(&codes::RESOURCE_NAMES, "iron-ore"),
                        amount: 10_000,
                    });
                }
                ops.push(entity("wooden-chest", x, y - 2, None, &[]));
            }
            ops.push(entity(case.machine, x, y, case.recipe, case.items));
        }
    }
    let mut world = World::new();
    execute(&mut world, 1, &ops).expect("the field can be built");
    let all: Vec<u32> = world.entities.iter().map(|(slot, _)| slot).collect();
    for slot in all {
        let Some(reference) = world.reference(slot) else {
            continue;
        };
        let body = world.entity(reference).map(|entity| entity.body);
        if matches!(body, Some(Body::Accumulator(_))) {
            world.set_accumulator(reference, 5e6);
        } else if matches!(body, Some(Body::Crafter(_) | Body::Drill(_))) {
            for module in case.modules {
                let item = vanilla().item(module).expect("the module exists");
                world
                    .insert_module(reference, item)
                    .expect("the machine takes the module");
            }
        }
    }
    world
}

fn entity(name: &str, x: i32, y: i32, recipe: Option<&str>, items: &[(&str, u32)]) -> SetupOp {
    let prototype = vanilla().entity(name).expect("the entity exists");
    let middle = if vanilla()[prototype].tile_width % 2 == 1 {
        0.5
    } else {
        0.0
    };
    SetupOp::Entity {
        prototype,
        position: MapPos::from_tiles(f64::from(x) + middle, f64::from(y) + middle),
        direction: Direction::NORTH,
        recipe: recipe.map(|name| vanilla().recipe(name).expect("the recipe exists")),
        items: items
            .iter()
            .map(|(item, count)| (vanilla().item(item).expect("the item exists"), *count))
            .collect(),
    }
}
