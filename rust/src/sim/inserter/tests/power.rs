//! Inserters on an electric network.

use super::*;
use crate::contract::codes::Status;
use crate::sim::tick::run;

/// A chest of plates, an inserter at (0, 0), a chest behind, a pole beside it and a source of `source`.
fn wired(name: &str, source: Option<&str>) -> World {
    let far = if name.starts_with("long") { 2 } else { 1 };
    let mut ops = vec![
        chest((0, -far), &[("iron-plate", 1000)]),
        chest((0, far), &[]),
        entity(name, (0, 0), Direction::NORTH, &[]),
        entity("small-electric-pole", (1, 0), Direction::NORTH, &[]),
    ];
    if let Some(source) = source {
        ops.push(entity(source, (3, 0), Direction::NORTH, &[]));
    }
    let mut world = world(ops);
    world.settle();
    world
}

fn demand_joules(world: &World) -> f64 {
    world
        .network_at(at(world, (1, 0)))
        .unwrap()
        .stats
        .demand_joules
}

#[test]
fn ins_energy_and_drain_of_electric_inserters() {
    // Joules per item without drain, and drain in watts.
    let expected = [
        ("inserter", 70, 6_650.0, 400.0),
        ("long-handed-inserter", 50, 7_000.0, 400.0),
        ("fast-inserter", 24, 8_120.0, 500.0),
        ("bulk-inserter", 24, 23_200.0, 1_000.0),
    ];
    for (name, cycle, joules, drain_watts) in expected {
        let mut world = wired(name, Some("electric-energy-interface"));
        run(&mut world, 4 * cycle);
        let mut asked = 0.0;
        for _ in 0..cycle {
            tick(&mut world);
            asked += demand_joules(&world);
        }
        let drained = drain_watts / 60.0 * f64::from(cycle);
        assert!(
            (asked - drained - joules).abs() < 1.0,
            "{name}: {asked} with {drained} of drain"
        );
    }
}

#[test]
fn an_inserter_without_power_stops_and_goes_on_when_it_returns() {
    let mut world = wired("fast-inserter", Some("electric-energy-interface"));
    run(&mut world, 100);
    let before = count_at(&world, (0, 1), "iron-plate");
    assert!(before > 0);
    let source = at(&world, (3, 0));
    world.remove_entity(source);
    world.settle();
    run(&mut world, 5);
    let stopped = inserter_at(&world, (0, 0)).hand;
    run(&mut world, 100);
    assert_eq!(inserter_at(&world, (0, 0)).hand, stopped);
    assert_eq!(inserter_at(&world, (0, 0)).status, Status::NoPower);
    let interface = vanilla().entity("electric-energy-interface").unwrap();
    world.add_entity(interface, MapPos::from_tiles(3.0, 0.0), Direction::NORTH);
    world.settle();
    run(&mut world, 100);
    assert!(count_at(&world, (0, 1), "iron-plate") > before + 2);
}

#[test]
fn an_inserter_that_waits_asleep_asks_for_its_drain_only() {
    let mut world = wired("inserter", Some("electric-energy-interface"));
    let source = at(&world, (0, -1));
    world.take_by_inserter(source.slot, item("iron-plate"), 1000);
    run(&mut world, 200);
    assert!(world.inserter_order.is_empty());
    assert!((demand_joules(&world) - 400.0 / 60.0).abs() < 1e-9);
}
