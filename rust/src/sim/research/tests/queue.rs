//! The queue of technologies.

use super::*;

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
