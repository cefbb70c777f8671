//! Labs and research: figures that the simulation must hit (`docs/fidelity.md` names the sources).

use super::ResearchRefusal as No;
use super::*;
use crate::contract::codes::Status;
use crate::prototypes::{ItemId, TechnologyEffect};
use crate::sim::command::{Command, apply};
use crate::sim::crafting;
use crate::sim::effects::Effects;
use crate::sim::energy::Energy;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::force::{ABSENT_EFFECTS, Bonuses};
use crate::sim::inventory::ItemStack;
use crate::sim::position::{Direction, MapPos, TilePos};
use crate::sim::rng::Rng;
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::{run, tick};

const PACK_NAMES: [&str; 2] = ["automation-science-pack", "logistic-science-pack"];

fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

fn technology(name: &str) -> TechnologyId {
    vanilla().technology(name).unwrap()
}

fn lab_at(x: f64, items: &[(&str, u32)]) -> SetupOp {
    SetupOp::Entity {
        prototype: vanilla().entity("lab").unwrap(),
        position: MapPos::from_tiles(x, 10.5),
        direction: Direction::NORTH,
        recipe: None,
        items: items
            .iter()
            .map(|(name, count)| (item(name), *count))
            .collect(),
    }
}

fn granted(name: &str) -> SetupOp {
    SetupOp::Research {
        technology: technology(name),
    }
}

/// Makes a world whose labs need no power.
fn world(ops: Vec<SetupOp>) -> World {
    let mut all = vec![SetupOp::Map {
        width: 64,
        height: 64,
        tile: vanilla().tile("grass-1").unwrap(),
    }];
    all.extend(ops);
    let mut world = World::new();
    execute(&mut world, 1, &all).unwrap();
    for index in 0..all.len() as u32 {
        if let Some(lab) = world.labs.get_mut(index) {
            lab.energy = Energy::Void;
        }
    }
    world
}

/// Grants whatever stands before a technology.
fn grant_prerequisites(world: &mut World, name: &str) {
    for needed in vanilla()[technology(name)].prerequisites.clone() {
        grant_prerequisites(world, &vanilla()[needed].name);
        world.grant_technology(needed);
    }
}

fn start(world: &mut World, name: &str) {
    grant_prerequisites(world, name);
    world.start_research(technology(name)).unwrap();
}

/// Runs until a technology is researched and returns the tick; 0 where it is not within `limit` ticks.
fn tick_of(world: &mut World, name: &str, limit: u64) -> u64 {
    while world.tick < limit {
        tick(world);
        if world.force.is_researched(technology(name)) {
            return world.tick;
        }
    }
    0
}

fn reference_of_lab(world: &World, index: u32) -> EntityRef {
    let slot = world
        .entities
        .iter()
        .find(|(_, entity)| entity.body == Body::Lab(index))
        .unwrap()
        .0;
    world.reference(slot).unwrap()
}

fn held(world: &World, index: u32, name: &str) -> u32 {
    let lab = world.labs.get(index).unwrap();
    crate::sim::inventory::count_in(&lab.packs, item(name))
}

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

#[test]
fn the_queue_goes_on_by_itself_and_refuses_what_cannot_be() {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], 200)])]);
    grant_prerequisites(&mut world, "automation");
    let [military, logistics, damage, automation] = [
        "military",
        "logistics",
        "physical-projectile-damage-1",
        "automation",
    ]
    .map(technology);
    assert_eq!(
        world.queue_research(damage),
        Err(No::MissingPrerequisite(military))
    );
    assert_eq!(
        world.start_research(technology("steel-axe")),
        Err(No::ComesByTrigger)
    );
    assert_eq!(
        world.start_research(technology("electronics")),
        Err(No::AlreadyResearched)
    );
    assert_eq!(world.queue_research(military), Ok(()));
    assert_eq!(world.queue_research(military), Err(No::AlreadyQueued));
    assert_eq!(world.queue_research(damage), Ok(()));
    assert_eq!(
        world.start_research(damage),
        Err(No::MissingPrerequisite(military)),
        "it cannot go before what it needs"
    );
    assert_eq!(world.queue_research(logistics), Ok(()));
    assert_eq!(world.cancel_research(automation), Err(No::NotQueued));
    // 10 units of 15 s, then 100 of 30 s, then 20 of 15 s.
    assert_eq!(tick_of(&mut world, "military", 10_000), 9_000);
    assert_eq!(world.research.queue(), [damage, logistics]);
    assert_eq!(world.research.current().unwrap().technology, damage);
    let done = tick_of(&mut world, "physical-projectile-damage-1", 200_000);
    assert_eq!(done, 9_000 + 180_000);
    assert_eq!(tick_of(&mut world, "logistics", 300_000), done + 18_000);
    assert!(world.research.current().is_none());
}

#[test]
fn cancelling_takes_out_what_needs_it_too() {
    let mut world = world(Vec::new());
    grant_prerequisites(&mut world, "automation");
    let [military, logistics, damage] =
        ["military", "logistics", "physical-projectile-damage-1"].map(technology);
    for id in [military, damage, logistics] {
        world.queue_research(id).unwrap();
    }
    world.cancel_research(military).unwrap();
    assert_eq!(world.research.queue(), [logistics]);
}

#[test]
fn the_queue_holds_seven() {
    let mut world = world(Vec::new());
    for name in ["electronics", "steam-power", "automation-science-pack"] {
        world.grant_technology(technology(name));
    }
    let all = [
        "automation",
        "logistics",
        "military",
        "gun-turret",
        "stone-wall",
        "electric-mining-drill",
        "steel-processing",
    ];
    for name in all {
        world.queue_research(technology(name)).unwrap();
    }
    let eighth = technology("logistic-science-pack");
    assert_eq!(
        world.queue_research(eighth),
        Err(ResearchRefusal::QueueFull)
    );
    assert_eq!(
        world.start_research(eighth),
        Err(ResearchRefusal::QueueFull)
    );
    assert_eq!(world.research.queue().len(), MAX_QUEUED);
}

#[test]
fn switching_keeps_the_progress_of_both() {
    let mut world = world(vec![lab_at(10.5, &[(PACK_NAMES[0], 100)])]);
    let [automation, logistics] = ["automation", "logistics"].map(technology);
    start(&mut world, "automation");
    run(&mut world, 3_000);
    world.start_research(logistics).unwrap();
    assert_eq!(world.research.queue(), [logistics, automation]);
    run(&mut world, 900);
    world.cancel_research(logistics).unwrap();
    assert!((world.research.units_done(logistics) - 1.0).abs() < 1e-9);
    assert!((world.research.units_done(automation) - 5.0).abs() < 1e-9);
    assert_eq!(tick_of(&mut world, "automation", 8_000), 6_900);
}

#[test]
fn an_infinite_technology_costs_more_with_every_level() {
    let mut world = world(Vec::new());
    start(&mut world, "mining-productivity-4");
    let id = technology("mining-productivity-4");
    assert_eq!(world.research.current().unwrap().units as u32, 2_500);
    let before = world.force.bonuses.mining_drill_productivity;
    world.research.current_mut().unwrap().done = 2_500.0;
    tick(&mut world);
    assert_eq!(world.force.levels_of(id), 1);
    assert!((world.force.bonuses.mining_drill_productivity - before - 0.1).abs() < 1e-12);
    assert!(world.research.queue().is_empty());
    world.start_research(id).unwrap();
    assert_eq!(world.research.current().unwrap().units as u32, 5_000);
    assert!(world.research.current().unwrap().done.abs() < 1e-12);
}

#[test]
fn lab_trig_items_made_bring_their_technology() {
    for (name, made, count) in [
        ("steam-power", "iron-plate", 50),
        ("electronics", "copper-plate", 10),
        ("automation-science-pack", "lab", 1),
        ("steel-axe", "steel-plate", 50),
    ] {
        let mut world = world(Vec::new());
        grant_prerequisites(&mut world, name);
        world.production.make_item(item(made), count - 1);
        run(&mut world, 200);
        assert!(
            !world.force.is_researched(technology(name)),
            "{name} too early"
        );
        world.production.make_item(item(made), 1);
        run(&mut world, 60);
        assert!(world.force.is_researched(technology(name)), "{name}");
    }
}

#[test]
fn lab_trig_lag_is_within_24_and_36_ticks_and_is_24_in_the_recorded_case() {
    let lag = |made_at: u32| {
        let mut world = world(Vec::new());
        run(&mut world, made_at);
        world.production.make_item(item("iron-plate"), 50);
        tick_of(&mut world, "steam-power", 3_000) - u64::from(made_at)
    };
    assert_eq!(lag(2_498), 24);
    let lags: Vec<u64> = (100..160).map(lag).collect();
    assert_eq!(
        (lags.iter().min(), lags.iter().max()),
        (Some(&1), Some(&60))
    );
    assert!(lags.iter().all(|lag| lag.abs_diff(24) <= 36));
}

#[test]
fn a_trigger_waits_for_the_prerequisites() {
    let mut world = world(Vec::new());
    world.production.make_item(item("lab"), 1);
    run(&mut world, 200);
    assert!(
        !world
            .force
            .is_researched(technology("automation-science-pack"))
    );
    for name in ["steam-power", "electronics"] {
        world.grant_technology(technology(name));
    }
    run(&mut world, 60);
    assert!(
        world
            .force
            .is_researched(technology("automation-science-pack"))
    );
}

#[test]
fn mined_oil_and_uranium_bring_their_technology() {
    let mut world = world(Vec::new());
    for name in ["oil-processing", "uranium-processing"] {
        grant_prerequisites(&mut world, name);
    }
    run(&mut world, 130);
    assert!(!world.force.is_researched(technology("uranium-processing")));
    world
        .production
        .make_fluid(vanilla().fluid("crude-oil").unwrap(), 10.0);
    world.production.make_item(item("uranium-ore"), 1);
    run(&mut world, 60);
    for name in ["oil-processing", "uranium-processing"] {
        assert!(world.force.is_researched(technology(name)), "{name}");
    }
}

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
