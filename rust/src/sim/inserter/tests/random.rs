//! Whatever is built, no item appears or vanishes, the order holds who is awake, and copies run alike.

use proptest::prelude::*;

use super::*;
use crate::sim::inserter::Rest;
use crate::sim::snapshot;

const SIDE: i32 = 7;
const INSERTERS: [&str; 5] = [
    "burner-inserter",
    "inserter",
    "long-handed-inserter",
    "fast-inserter",
    "bulk-inserter",
];

/// Counts everything that is a plate: held, in chests, on belts, on the ground.
fn plates(world: &World) -> u64 {
    let plate = item("iron-plate");
    let held: u32 = world
        .inserters
        .iter()
        .filter_map(|(_, inserter)| inserter.held)
        .filter(|stack| stack.item == plate)
        .map(|stack| stack.count)
        .sum();
    let stored: u32 = world
        .chests
        .iter()
        .map(|(_, chest)| chest.count(plate))
        .sum();
    let lying: u32 = world
        .ground
        .iter()
        .filter(|(_, stack)| stack.item == plate)
        .map(|(_, stack)| stack.count)
        .sum();
    let on_belts: usize = world
        .entities
        .iter()
        .filter_map(|(_, entity)| match entity.body {
            Body::Belt(index) => Some(index),
            _ => None,
        })
        .flat_map(|index| (0..2).map(move |lane| (index, lane)))
        .flat_map(|(index, lane)| world.belts.items_on(index, lane))
        .filter(|(_, kind)| *kind == plate)
        .count();
    u64::from(held + stored + lying) + on_belts as u64
}

fn assert_order_is_true(world: &World) {
    let waiting = world
        .inserters
        .iter()
        .filter(|(_, inserter)| inserter.rest == Rest::Asleep)
        .count();
    let awake = world
        .inserters
        .iter()
        .filter(|(_, inserter)| inserter.rest == Rest::Awake)
        .count();
    assert_eq!(world.inserter_order.len(), world.inserters.len() - waiting);
    assert_eq!(world.inserter_order.awake_count(), awake);
}

/// Builds what the symbols say on a square: 0 to 19 inserters by kind and facing, chests, belts, the rest bare ground.
fn build(symbols: &[u8]) -> World {
    let mut ops = Vec::new();
    for (index, symbol) in symbols.iter().enumerate() {
        let place = (index as i32 % SIDE, index as i32 / SIDE);
        let facing = FACINGS[usize::from(symbol % 4)];
        match symbol {
            0..20 => ops.push(entity(
                INSERTERS[usize::from(symbol / 4)],
                place,
                facing,
                &[],
            )),
            20..28 => ops.push(entity(
                "wooden-chest",
                place,
                Direction::NORTH,
                &[("iron-plate", 60), ("coal", 3)],
            )),
            28..36 => ops.push(entity("transport-belt", place, facing, &[])),
            _ => {}
        }
    }
    let mut world = world(ops);
    power_all(&mut world);
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn random_graphs_conserve_items_and_restore_mid_swing(
        symbols in proptest::collection::vec(0_u8..40, (SIDE * SIDE) as usize),
        hand in 1_u32..5,
        changes in proptest::collection::vec((0..SIDE, 0..SIDE, 0_u8..2), 0..6),
    ) {
        let mut world = build(&symbols);
        world.force.bonuses.inserter_stack_size = hand - 1;
        world.force.bonuses.bulk_inserter_capacity = 2 * hand - 1;
        let mut expected = plates(&world);
        for round in 0..12 {
            for _ in 0..37 {
                tick(&mut world);
                prop_assert_eq!(plates(&world), expected);
                assert_order_is_true(&world);
            }
            let bytes = snapshot::to_bytes(&world);
            let mut restored: World = snapshot::from_bytes(&bytes).unwrap();
            restored.rebuild_caches();
            prop_assert_eq!(&snapshot::to_bytes(&restored), &bytes);
            world = restored;
            // Something is turned or taken away between ticks.
            if let Some((x, y, kind)) = changes.get(round)
                && let Some(slot) = world.entity_slot_at(TilePos::new(*x, *y))
            {
                let reference = world.reference(slot).unwrap();
                let entity = world.entity(reference).unwrap();
                if *kind == 0 && !matches!(entity.body, Body::Chest(_)) {
                    let direction = entity.direction.rotated();
                    world.turn_entity(reference, direction);
                } else {
                    world.remove_entity(reference);
                }
                world.settle();
                expected = plates(&world);
            }
        }
    }

    #[test]
    fn a_restored_world_runs_like_its_original(
        symbols in proptest::collection::vec(0_u8..40, (SIDE * SIDE) as usize),
    ) {
        let mut world = build(&symbols);
        crate::sim::tick::run(&mut world, 83);
        let mut copy: World = snapshot::from_bytes(&snapshot::to_bytes(&world)).unwrap();
        copy.rebuild_caches();
        for _ in 0..300 {
            tick(&mut world);
            tick(&mut copy);
        }
        prop_assert_eq!(snapshot::to_bytes(&copy), snapshot::to_bytes(&world));
    }
}
