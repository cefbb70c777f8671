//! Technologies that come by themselves.

use super::*;

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
