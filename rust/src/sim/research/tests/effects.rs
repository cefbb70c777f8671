//! What technologies change, and that nothing is lost on the way.

use super::*;

#[test]
fn every_technology_can_be_reached_and_every_effect_is_applied_or_named_absent() {
    let mut world = world(Vec::new());
    let mut left: Vec<TechnologyId> = (0..vanilla().technologies().len())
        .map(TechnologyId::from_index)
        .collect();
    while !left.is_empty() {
        let before = left.len();
        left.retain(|id| {
            let facts = &vanilla()[*id];
            let is_open = facts
                .prerequisites
                .iter()
                .all(|needed| world.force.is_researched(*needed));
            if is_open {
                match &facts.cost {
                    ResearchCost::Packs { .. } => {
                        assert_eq!(world.check_research(*id, 0), Ok(()), "{}", facts.name);
                    }
                    _ => assert_eq!(
                        world.check_research(*id, 0),
                        Err(ResearchRefusal::ComesByTrigger)
                    ),
                }
                assert_effects(&mut world, *id);
            }
            !is_open
        });
        assert!(left.len() < before, "unreachable: {left:?}");
    }
    let bonuses = &world.force.bonuses;
    assert_eq!(
        (
            bonuses.inserter_stack_size,
            bonuses.bulk_inserter_capacity,
            bonuses.character_inventory_slots,
            bonuses.mining_with_fluid,
        ),
        (2, 11, 10, true)
    );
    assert!((bonuses.laboratory_speed - 2.5).abs() < 1e-9);
}

/// Grants a technology and checks that each effect shows in the force, or is on the list of the absent.
fn assert_effects(world: &mut World, id: TechnologyId) {
    let facts = &vanilla()[id];
    for effect in &facts.effects {
        if let TechnologyEffect::Modifier { kind, .. } = effect {
            let mut force = crate::sim::force::Force::default();
            force.reset();
            force.research(id);
            let alone: Vec<&TechnologyEffect> = facts
                .effects
                .iter()
                .filter(|other| matches!(other, TechnologyEffect::Modifier { kind: k, .. } if !ABSENT_EFFECTS.contains(&k.as_str())))
                .collect();
            assert_eq!(
                force.bonuses == Bonuses::default(),
                alone.is_empty(),
                "{}: {kind}",
                facts.name
            );
        }
    }
    world.grant_technology(id);
    assert!(
        facts
            .unlocked_recipes()
            .all(|recipe| world.is_enabled(recipe))
    );
}

#[test]
fn the_toolbelt_adds_slots_and_keeps_what_is_held() {
    let mut world = world(vec![SetupOp::Items {
        item: item("iron-plate"),
        count: 150,
    }]);
    let before = world.character.inventory.slots().to_vec();
    assert_eq!(before.len(), 80);
    world.grant_technology(technology("toolbelt"));
    let after = world.character.inventory.slots();
    assert_eq!(after.len(), 90);
    assert_eq!(after[..80], before);
    let mut again = world.clone();
    again.clear(1);
    assert_eq!(again.character.inventory.slots().len(), 80);
}

#[test]
fn a_research_world_survives_a_snapshot() {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], 10)])]);
    start(&mut world, "automation");
    run(&mut world, 1_234);
    let mut copy = World::restore(&world.snapshot()).unwrap();
    run(&mut world, 5_000);
    run(&mut copy, 5_000);
    assert_eq!(copy.digest(), world.digest());
    assert!(copy.force.is_researched(technology("automation")));
}

/// Counts an item wherever it can be when nothing is being crafted.
fn total(world: &World, wanted: ItemId) -> u64 {
    let in_labs: u32 = world
        .labs
        .iter()
        .map(|(_, lab)| crate::sim::inventory::count_in(&lab.packs, wanted))
        .sum();
    u64::from(world.character.inventory.count(wanted) + in_labs)
}

#[test]
fn hand_crafting_and_research_lose_and_gain_no_item() {
    for seed in 1..=20 {
        let mut rng = Rng::new(seed);
        let start_items = [("iron-plate", 400), ("copper-plate", 200), ("coal", 50)];
        let mut world = world(vec![
            SetupOp::Character {
                position: MapPos::from_tiles(15.5, 13.5),
            },
            lab_at(10.5, &[]),
            lab_at(20.5, &[]),
        ]);
        start(&mut world, "automation");
        world.queue_research(technology("logistics")).unwrap();
        for (name, count) in start_items {
            world.character.inventory.insert(item(name), count);
        }
        for _ in 0..60 {
            let choices = [PACK_NAMES[0], "iron-gear-wheel", "inserter", "lab"];
            let recipe = vanilla()
                .recipe(choices[rng.between(0, 3) as usize])
                .unwrap();
            let count = rng.between(1, 3) as u32;
            let _ = apply(&mut world, &Command::Craft { recipe, count });
            let lab = reference_of_lab(&world, rng.between(0, 1) as u32);
            let red = item(PACK_NAMES[0]);
            let _ = apply(
                &mut world,
                &Command::Insert {
                    entity: lab,
                    item: red,
                    count: u32::MAX,
                },
            );
            run(&mut world, rng.between(1, 900) as u32);
        }
        while !world.character.crafting.is_empty() {
            tick(&mut world);
        }
        let mut used_packs = 0;
        for index in 0..vanilla().items().len() {
            let id = ItemId::from_index(index);
            let name = vanilla()[id].name.as_str();
            let begun = start_items
                .iter()
                .find(|(known, _)| *known == name)
                .map_or(0, |(_, count)| u64::from(*count));
            let production = &world.production;
            assert_eq!(
                begun + production.items_made(id),
                total(&world, id) + production.items_used(id),
                "{name}, seed {seed}"
            );
            if name == PACK_NAMES[0] {
                used_packs = production.items_used(id);
            }
        }
        assert!(used_packs > 5, "seed {seed} researched {used_packs} packs");
    }
}

#[test]
fn hcr_gear_mod_a_doubled_speed_makes_a_gear_in_16_ticks() {
    let mut world = world(vec![SetupOp::Items {
        item: item("iron-plate"),
        count: 16,
    }]);
    world.force.bonuses.manual_crafting_speed = 1.0;
    let gear = vanilla().recipe("iron-gear-wheel").unwrap();
    let plan = crafting::plan(&world, gear, 8).unwrap();
    crafting::enqueue(&mut world, plan);
    let mut done_at = Vec::new();
    for now in 1..=200 {
        tick(&mut world);
        if world.character.inventory.count(item("iron-gear-wheel")) as usize > done_at.len() {
            done_at.push(now);
        }
    }
    assert_eq!(done_at, (1..=8).map(|n| 16 * n).collect::<Vec<_>>());
}

#[test]
fn chr_mine_ore_mod_the_steel_axe_mines_an_ore_in_60_ticks() {
    let tile = TilePos::new(1, 0);
    let mut world = world(vec![
        granted("steel-axe"),
        SetupOp::Resource {
            tile,
            code: 1,
            amount: 100,
        },
    ]);
    let target = crate::sim::entity::Target::Resource(tile);
    apply(&mut world, &Command::Mine(target)).unwrap();
    let mut done_at = Vec::new();
    for now in 1..=300 {
        tick(&mut world);
        if world.character.inventory.count(item("iron-ore")) as usize > done_at.len() {
            done_at.push(now);
        }
    }
    assert_eq!(done_at, [60, 120, 180, 240, 300]);
}

#[test]
fn an_unlocked_recipe_sets_what_waited_for_it_to_work() {
    let placed = |name: &str, x: f64, items: &[(&str, u32)]| SetupOp::Entity {
        prototype: vanilla().entity(name).unwrap(),
        position: MapPos::from_tiles(x, 11.0),
        direction: Direction::WEST,
        recipe: None,
        items: items
            .iter()
            .map(|(name, count)| (item(name), *count))
            .collect(),
    };
    let mut world = world(vec![
        placed("wooden-chest", 4.5, &[("iron-plate", 20)]),
        placed("burner-inserter", 5.5, &[("coal", 5)]),
        placed("stone-furnace", 7.0, &[("coal", 5)]),
    ]);
    run(&mut world, 600);
    let steel = item("steel-plate");
    assert_eq!(world.awake_count(), 0, "nothing may be smelted yet");
    world.grant_technology(technology("steel-processing"));
    run(&mut world, 3_000);
    assert!(world.produced(steel) >= 2, "{}", world.produced(steel));
}
