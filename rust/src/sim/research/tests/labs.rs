//! Labs: how long they take, what they hold, what feeds them.

use super::*;

#[test]
fn lab_automation_takes_6000_ticks_and_ten_packs_in_one_lab() {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], 10)])]);
    start(&mut world, "automation");
    assert_eq!(tick_of(&mut world, "automation", 7_000), 6_000);
    assert_eq!(held(&world, 0, PACK_NAMES[0]), 0);
    assert_eq!(world.production.items_used(item(PACK_NAMES[0])), 10);
    assert!(world.is_enabled(vanilla().recipe("assembling-machine-1").unwrap()));
    tick(&mut world);
    assert_eq!(world.awake_count(), 0, "a lab without research sleeps");
    let entity = world.entity(reference_of_lab(&world, 0)).unwrap();
    assert_eq!(world.status(entity), Status::NoRecipe);
}

#[test]
fn lab_two_labs_take_half_the_time() {
    let packs = [(PACK_NAMES[0], 5)];
    let mut world = world(vec![lab_at(10.5, &packs), lab_at(20.5, &packs)]);
    start(&mut world, "automation");
    assert_eq!(tick_of(&mut world, "automation", 7_000), 3_000);
    assert_eq!(
        held(&world, 0, PACK_NAMES[0]) + held(&world, 1, PACK_NAMES[0]),
        0
    );
}

#[test]
fn lab_logistics_takes_18000_ticks_and_twenty_packs() {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], 25)])]);
    start(&mut world, "logistics");
    assert_eq!(tick_of(&mut world, "logistics", 20_000), 18_000);
    assert_eq!(held(&world, 0, PACK_NAMES[0]), 5);
}

#[test]
fn lab_speed_technologies_add_up_to_half_as_much_again() {
    let mut world = world(vec![
        granted("research-speed-1"),
        granted("research-speed-2"),
        lab_at(10.5, &[(PACK_NAMES[0], 10)]),
    ]);
    assert!((1.0 + world.force.bonuses.laboratory_speed - 1.5).abs() < 1e-12);
    start(&mut world, "automation");
    assert_eq!(tick_of(&mut world, "automation", 7_000), 4_000);
}

#[test]
fn lab_modules_multiply_speed_and_productivity_saves_packs() {
    let mut world = world(vec![
        granted("research-speed-1"),
        lab_at(10.5, &[(PACK_NAMES[0], 10)]),
    ]);
    world.labs.get_mut(0).unwrap().set_effects(Effects {
        speed: 1.5,
        productivity: 0.25,
        ..Effects::default()
    });
    start(&mut world, "automation");
    // 6,000 ticks / (1.2 x 2.5 x 1.25); 10 units of which 8 are paid.
    assert_eq!(tick_of(&mut world, "automation", 7_000), 1_600);
    assert_eq!(held(&world, 0, PACK_NAMES[0]), 2);
}

#[test]
fn two_speed_modules_in_a_lab_make_it_faster_and_come_back_with_it() {
    let mut world = world(vec![
        lab_at(10.5, &[(PACK_NAMES[0], 10), ("speed-module", 2)]),
        SetupOp::Character {
            position: MapPos::from_tiles(10.5, 14.5),
        },
    ]);
    start(&mut world, "automation");
    // Two modules of 20 %.
    let done = tick_of(&mut world, "automation", 7_000);
    assert_eq!(done, 4_286);
    let lab = reference_of_lab(&world, 0);
    let target = crate::sim::entity::Target::Entity(lab);
    apply(&mut world, &Command::Mine(target)).unwrap();
    run(&mut world, 60);
    assert_eq!(world.character.inventory.count(item("speed-module")), 2);
}

#[test]
fn lab_count_red_one_pack_a_second_keeps_five_labs_busy() {
    // Steel processing takes 5 s a unit, so five labs use a pack a second.
    let packs = [(PACK_NAMES[0], 10)];
    let ops = (0..5).map(|n| lab_at(5.0f64.mul_add(f64::from(n), -19.5), &packs));
    let mut world = world(ops.collect());
    start(&mut world, "steel-processing");
    assert_eq!(tick_of(&mut world, "steel-processing", 4_000), 3_000);
    assert_eq!(world.production.items_used(item(PACK_NAMES[0])), 50);
}

#[test]
fn a_lab_works_with_all_packs_or_sleeps_until_the_missing_one_comes() {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], 5)])]);
    start(&mut world, "fast-inserter");
    start(&mut world, "logistics-2");
    tick(&mut world);
    let lab = reference_of_lab(&world, 0);
    assert_eq!(
        world.status(world.entity(lab).unwrap()),
        Status::NoIngredients
    );
    assert_eq!(world.awake_count(), 0);
    assert!(world.research.current().unwrap().done.abs() < 1e-12);
    world.insert_by_hand(lab, item(PACK_NAMES[1]), 1);
    tick(&mut world);
    assert_eq!(world.status(world.entity(lab).unwrap()), Status::Working);
    run(&mut world, 30 * 60);
    // The one green pack was worth one unit of 30 s; four and a half red ones are left, of which the worn one counts.
    assert!((world.research.current().unwrap().done - 1.0).abs() < 1e-9);
    assert_eq!(
        (
            held(&world, 0, PACK_NAMES[0]),
            held(&world, 0, PACK_NAMES[1])
        ),
        (4, 0)
    );
    assert_eq!(world.awake_count(), 0);
}

#[test]
fn a_lab_without_power_does_nothing() {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], 10)])]);
    let prototype = &vanilla()[vanilla().entity("lab").unwrap()];
    world.labs.get_mut(0).unwrap().energy = Energy::of(prototype);
    start(&mut world, "automation");
    run(&mut world, 100);
    let lab = reference_of_lab(&world, 0);
    assert_eq!(world.status(world.entity(lab).unwrap()), Status::NoPower);
    assert!(world.research.current().unwrap().done.abs() < 1e-12);
}

/// A lab on a pole with ten solar panels, at noon.
fn powered_lab(packs: u32) -> World {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], packs)])]);
    let prototype = &vanilla()[vanilla().entity("lab").unwrap()];
    world.labs.get_mut(0).unwrap().energy = Energy::of(prototype);
    let mut build = |name: &str, x: f64, y: f64| {
        let prototype = vanilla().entity(name).unwrap();
        world.add_entity(prototype, MapPos::from_tiles(x, y), Direction::NORTH);
    };
    build("substation", 14.0, 10.0);
    for n in 0..5 {
        build("solar-panel", 8.5 + 3.0 * f64::from(n), 14.5);
        build("solar-panel", 8.5 + 3.0 * f64::from(n), 5.5);
    }
    world.settle();
    start(&mut world, "automation");
    world
}

#[test]
fn lab_power_a_working_lab_takes_62_kilowatts_with_drain() {
    let mut world = powered_lab(1);
    run(&mut world, 10);
    let demand_watts = |world: &World| {
        let lab = reference_of_lab(world, 0);
        world.network_at(lab).unwrap().stats.demand_joules * 60.0
    };
    assert!((demand_watts(&world) - 62_000.0).abs() < 1e-6);
    run(&mut world, 700);
    assert!(
        (demand_watts(&world) - 2_000.0).abs() < 1e-6,
        "without packs the drain is left"
    );
    assert_eq!(world.awake_count(), 0);
}

#[test]
fn lab_automation_takes_6000_ticks_on_a_network_too() {
    let mut world = powered_lab(10);
    let done = tick_of(&mut world, "automation", 7_000);
    assert!(done.abs_diff(6_000) <= 3, "{done}");
}

#[test]
fn inserters_bring_packs_for_two_units_and_take_whole_ones() {
    let mut world = world(vec![lab_at(10.5, &[])]);
    let lab = reference_of_lab(&world, 0);
    let red = item(PACK_NAMES[0]);
    assert_eq!(world.room_by_inserter(lab.slot, red), 2);
    assert_eq!(world.room_by_inserter(lab.slot, item("iron-plate")), 0);
    let stack = |count| ItemStack { item: red, count };
    assert_eq!(world.insert_by_inserter(lab.slot, stack(3)), 3);
    assert_eq!(world.room_by_inserter(lab.slot, red), 0);
    start(&mut world, "automation");
    run(&mut world, 10);
    assert_eq!(
        world.offered_to_inserter(lab.slot, &mut |_| true),
        Some(stack(2)),
        "the started pack stays"
    );
    assert_eq!(world.take_by_inserter(lab.slot, red, 5), 2);
    assert_eq!(world.offered_to_inserter(lab.slot, &mut |_| true), None);
    assert_eq!(held(&world, 0, PACK_NAMES[0]), 1);
}

#[test]
fn inserters_take_packs_out_of_labs_only_for_other_labs() {
    let world = world(vec![
        lab_at(10.5, &[]),
        lab_at(20.5, &[]),
        SetupOp::Entity {
            prototype: vanilla().entity("wooden-chest").unwrap(),
            position: MapPos::from_tiles(30.5, 10.5),
            direction: Direction::NORTH,
            recipe: None,
            items: Vec::new(),
        },
    ]);
    let (first, second) = (reference_of_lab(&world, 0), reference_of_lab(&world, 1));
    let chest = world.entity_slot_at(TilePos::new(30, 10)).unwrap();
    assert!(world.may_pass_on(first.slot, Some(second.slot)));
    assert!(world.may_pass_on(chest, Some(first.slot)));
    assert!(!world.may_pass_on(first.slot, Some(chest)));
    assert!(!world.may_pass_on(first.slot, None));
}

#[test]
fn inserters_feed_a_row_of_labs_from_one_chest() {
    let placed = |name: &str, x: f64, items: &[(&str, u32)]| SetupOp::Entity {
        prototype: vanilla().entity(name).unwrap(),
        position: MapPos::from_tiles(x, 10.5),
        direction: Direction::WEST,
        recipe: None,
        items: items
            .iter()
            .map(|(name, count)| (item(name), *count))
            .collect(),
    };
    let mut world = world(vec![
        placed("wooden-chest", 4.5, &[(PACK_NAMES[0], 40)]),
        placed("burner-inserter", 5.5, &[("coal", 5)]),
        lab_at(7.5, &[]),
        placed("burner-inserter", 9.5, &[("coal", 5)]),
        lab_at(11.5, &[]),
        placed("burner-inserter", 13.5, &[("coal", 5)]),
        placed("wooden-chest", 14.5, &[]),
    ]);
    start(&mut world, "automation");
    world.queue_research(technology("logistics")).unwrap();
    let done = tick_of(&mut world, "automation", 7_000);
    // Two labs halve the time; the second waits for its first pack.
    assert!((3_000..3_300).contains(&done), "{done}");
    let last = world.entity_at(TilePos::new(14, 10)).unwrap();
    assert!(world.slots(last).contents.iter().all(Option::is_none));
    run(&mut world, 3_000);
    let red = item(PACK_NAMES[0]);
    let first = world.entity_at(TilePos::new(4, 10)).unwrap();
    let in_chest = crate::sim::inventory::count_in(world.slots(first).contents, red);
    let in_hands: u32 = world
        .inserters
        .iter()
        .filter_map(|(_, inserter)| inserter.held)
        .map(|stack| stack.count)
        .sum();
    let in_labs = held(&world, 0, PACK_NAMES[0]) + held(&world, 1, PACK_NAMES[0]);
    let left = u64::from(in_chest + in_hands + in_labs);
    assert_eq!(left + world.production.items_used(red), 40);
}

#[test]
fn picking_up_a_lab_loses_the_started_pack_and_counts_it() {
    let mut world = world(vec![
        lab_at(10.5, &[(PACK_NAMES[0], 3)]),
        SetupOp::Character {
            position: MapPos::from_tiles(10.5, 14.5),
        },
    ]);
    start(&mut world, "automation");
    run(&mut world, 900);
    let lab = reference_of_lab(&world, 0);
    let target = crate::sim::entity::Target::Entity(lab);
    apply(&mut world, &Command::Mine(target)).unwrap();
    run(&mut world, 60);
    let red = item(PACK_NAMES[0]);
    assert_eq!(world.character.inventory.count(item("lab")), 1);
    assert_eq!(world.character.inventory.count(red), 1);
    assert_eq!(world.production.items_used(red), 2);
    assert_eq!(world.labs.iter().count(), 0);
}
