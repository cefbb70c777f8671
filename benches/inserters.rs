//! Nanoseconds per inserter and tick: swinging from chest to chest, asleep, and over belts.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints"
)]

use std::time::Instant;

use factorio_fast::prototypes::vanilla;
use factorio_fast::sim::World;
use factorio_fast::sim::position::{Direction, MapPos};
use factorio_fast::sim::setup::{SetupOp, execute};
use factorio_fast::sim::tick::run;

const ROWS: i32 = 40;
const COLUMNS: i32 = 50;
const TICKS: u32 = 5_000;

fn main() {
    let swinging = [("iron-plate", 2_000)];
    measure("swinging", &swinging);
    measure("asleep", &[]);
}

fn measure(label: &str, items: &[(&str, u32)]) {
    let mut world = field(items);
    run(&mut world, 200);
    let start = Instant::now();
    run(&mut world, TICKS);
    let seconds = start.elapsed().as_secs_f64();
    let inserter_ticks = f64::from(ROWS * COLUMNS) * f64::from(TICKS);
    println!(
        "{label:<12} {:>8.2} ns per inserter-tick, {} awake",
        seconds * 1e9 / inserter_ticks,
        world.inserter_order.awake_count()
    );
}

/// Makes rows of chest, burner inserter, chest.
fn field(items: &[(&str, u32)]) -> World {
    let mut ops = vec![SetupOp::Map {
        width: 256,
        height: 256,
        tile: vanilla().tile("grass-1").expect("the tile exists"),
    }];
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let (x, y) = (f64::from(column * 2 - 50), f64::from(row * 3 - 60));
            ops.push(entity("steel-chest", x, y, items));
            ops.push(entity("burner-inserter", x, y + 1.0, &[("coal", 5)]));
            ops.push(entity("steel-chest", x, y + 2.0, &[]));
        }
    }
    let mut world = World::new();
    execute(&mut world, 1, &ops).expect("the field can be built");
    world
}

fn entity(name: &str, x: f64, y: f64, items: &[(&str, u32)]) -> SetupOp {
    SetupOp::Entity {
        prototype: vanilla().entity(name).expect("the entity exists"),
        position: MapPos::from_tiles(x + 0.5, y + 0.5),
        direction: Direction::NORTH,
        recipe: None,
        items: items
            .iter()
            .map(|(item, count)| (vanilla().item(item).expect("the item exists"), *count))
            .collect(),
    }
}
