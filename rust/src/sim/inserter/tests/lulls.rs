//! Not looking at a belt changes nothing that looking would have.

use proptest::prelude::*;

use super::*;
use crate::sim::inserter::Lull;

/// A belt that runs east past furnaces, chests and arms on both sides; its last belt leads onto the side of another.
fn beside_a_belt(belt: &str) -> World {
    let mut ops: Vec<SetupOp> = (-8..=8)
        .map(|x| entity(belt, (x, 0), Direction::EAST, &[]))
        .collect();
    ops.extend((-4..=4).map(|y| entity(belt, (9, y), Direction::SOUTH, &[])));
    for (number, x) in (-7..=7).step_by(3).enumerate() {
        let arm = if number % 2 == 0 {
            "inserter"
        } else {
            "burner-inserter"
        };
        ops.push(entity(arm, (x, 1), Direction::NORTH, &[]));
        ops.push(entity("stone-furnace", (x + 1, 3), Direction::NORTH, &[]));
        ops.push(entity(arm, (x, -1), Direction::SOUTH, &[]));
        let sink = if number == 2 {
            "wooden-chest"
        } else {
            "stone-furnace"
        };
        let place = if number == 2 { (x, -2) } else { (x + 1, -2) };
        ops.push(entity(sink, place, Direction::NORTH, &[]));
        // Out of the furnace in the south and back onto the belt.
        ops.push(entity("inserter", (x + 1, 1), Direction::SOUTH, &[]));
    }
    // Drills that dig onto the side of the second belt.
    let (iron_ore, resources) = (item("iron-ore"), &crate::sim::drill::resource_facts);
    let code = (1..=u8::MAX)
        .find(|code| resources(*code).is_some_and(|facts| facts.item == Some(iron_ore)))
        .unwrap();
    for (x, y) in (-4..=4).flat_map(|y| [(10, y), (11, y)]) {
        let tile = TilePos::new(x, y);
        let amount = 1_000;
        ops.push(SetupOp::Resource { tile, code, amount });
    }
    for y in [-2, 0, 2] {
        let fuel = [("coal", 5)];
        ops.push(entity(
            "burner-mining-drill",
            (11, y),
            Direction::WEST,
            &fuel,
        ));
    }
    let mut world = world(ops);
    power_all(&mut world);
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_world_in_which_every_inserter_looks_in_every_tick_is_the_same(
        belt in prop_oneof![Just("transport-belt"), Just("express-transport-belt")],
        seed in any::<u64>(),
        gap in 1..60_u32,
    ) {
        const KINDS: [&str; 4] = ["iron-ore", "coal", "copper-ore", "iron-plate"];
        let mut rng = crate::sim::rng::Rng::new(seed);
        let mut lulled = beside_a_belt(belt);
        let mut looking = lulled.clone();
        let Body::Belt(first) = lulled.entity(at(&lulled, (-8, 0))).unwrap().body else {
            panic!("a belt lies there");
        };
        let (mut has_looked_away, mut has_jammed) = (false, false);
        for _ in 0..3_000 {
            if rng.below(gap) == 0 {
                let (kind, lane) = (KINDS[rng.below(4) as usize], rng.below(2) as usize);
                let place = rng.below(256) as i32;
                for world in [&mut lulled, &mut looking] {
                    world.belts.insert(first, lane, place, item(kind));
                }
            }
            looking.lulls.clear();
            looking.views.clear();
            looking.drill_jams.clear();
            tick(&mut lulled);
            tick(&mut looking);
            has_looked_away |= lulled.lulls.iter().any(Lull::has_been);
            has_jammed |= !lulled.drill_jams.is_empty();
        }
        prop_assert!(has_looked_away, "every inserter looked in every tick");
        prop_assert!(has_jammed || gap > 8, "every drill tried in every tick");
        prop_assert_eq!(lulled.digest(), looking.digest());
    }
}
