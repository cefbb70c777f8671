//! Cost of what threatens a factory: marching and idle units, pollution, a quiet world. `cargo bench --bench threats`.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::time::Instant;

use factorio_fast::prototypes::vanilla;
use factorio_fast::sim::World;
use factorio_fast::sim::position::{Direction, MapPos};
use factorio_fast::sim::setup::{SetupOp, execute};
use factorio_fast::sim::tick::run;

const SIDE: i32 = 1_024;

fn world(entities: &[(&str, f64, f64)]) -> World {
    let mut ops = vec![SetupOp::Map {
        width: SIDE,
        height: SIDE,
        tile: vanilla().tile("grass-1").expect("the tile exists"),
    }];
    ops.extend(entities.iter().map(|(name, x, y)| SetupOp::Entity {
        prototype: vanilla().entity(name).expect("the entity exists"),
        position: MapPos::from_tiles(*x, *y),
        direction: Direction::NORTH,
        items: Vec::new(),
        recipe: None,
    }));
    ops.push(SetupOp::Character {
        position: MapPos::from_tiles(0.0, 500.0),
    });
    let mut world = World::new();
    execute(&mut world, 1, &ops).expect("the map can be made");
    world
}

fn time(what: &str, per: u64, unit: &str, world: &mut World, ticks: u32) {
    let start = Instant::now();
    run(world, ticks);
    let nanos = start.elapsed().as_nanos() as f64 / f64::from(ticks);
    println!(
        "{what}: {:.1} ns a tick, {:.2} ns a {unit}-tick",
        nanos,
        nanos / per.max(1) as f64
    );
}

fn main() {
    let mut quiet = world(&[("stone-wall", 0.5, 0.5)]);
    time("quiet world", 1, "world", &mut quiet, 1_000_000);

    let biter = vanilla().entity("small-biter").expect("it exists");
    let n_units = 1_000;
    let mut idle = world(&[]);
    for index in 0..n_units {
        let (x, y) = (
            f64::from(index % 40) * 2.0 - 500.0,
            f64::from(index / 40) * 2.0,
        );
        idle.add_unit(biter, MapPos::from_tiles(x, y));
    }
    time("1,000 idle units", 1_000, "unit", &mut idle, 10_000);

    let mut marching = world(&[("stone-furnace", 490.0, 0.0)]);
    let units: Vec<_> = (0..n_units)
        .map(|index| {
            let (x, y) = (
                f64::from(index % 40) * 0.5 - 500.0,
                f64::from(index / 40) * 0.5,
            );
            marching.add_unit(biter, MapPos::from_tiles(x, y))
        })
        .collect();
    let furnace = marching
        .reference(marching.entities.iter().next().map_or(0, |(slot, _)| slot))
        .expect("the furnace stands");
    // The first path makes the thread's workspace.
    marching.clone().send_attack(&units[..1], furnace);
    let start = Instant::now();
    marching.send_attack(&units, furnace);
    println!(
        "one path over 1,000 tiles: {:.0} us",
        start.elapsed().as_secs_f64() * 1e6
    );
    time("1,000 marching units", 1_000, "unit", &mut marching, 4_000);

    let mut dirty = world(&[]);
    for (chunk, _) in dirty.pollution.chunks().collect::<Vec<_>>() {
        let number = dirty.pollution.chunk_of(chunk.tiles().center().tile());
        dirty.pollution.emit(number.expect("it is on the map"), 1e9);
    }
    run(&mut dirty, 60);
    time("1,024 polluted chunks", 1_024, "chunk", &mut dirty, 60_000);
}
