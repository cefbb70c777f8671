//! Plans that failed once, made small, and what came out by them.

use super::deeds::{Deed, Gift, act};
use super::runner::{Checks, Plan, assert_sound, world_of};
use crate::prototypes::vanilla;
use crate::sim::world::World;

fn plan(deeds: Vec<Deed>) -> Plan {
    Plan {
        seed: 1,
        side: 32,
        deeds,
    }
}

fn place(name: &'static str, at: (f64, f64)) -> Deed {
    Deed::Place {
        name,
        at,
        facing: "north",
        recipe: None,
        filter: None,
    }
}

/// Carries deeds out and asserts that the last one fails and changes nothing.
fn assert_refused(deeds: &[Deed]) {
    let (last, first) = deeds.split_last().unwrap();
    let mut world: World = world_of(&plan(Vec::new()));
    for deed in first {
        act(&mut world, deed, &mut Gift::none()).unwrap();
    }
    let before = world.snapshot();
    assert!(
        act(&mut world, last, &mut Gift::none()).is_err(),
        "{last:?}"
    );
    assert!(world.snapshot() == before, "{last:?} changed the world");
}

#[test]
fn more_crafts_than_can_be_counted_are_not_possible() {
    assert_sound(
        &plan(vec![
            Deed::EnableAll,
            Deed::Craft {
                recipe: "gun-turret",
                count: u32::MAX,
            },
        ]),
        Checks::USUAL,
    );
}

#[test]
fn a_placement_whose_settings_do_not_fit_changes_not_even_the_next_number() {
    assert_refused(&[Deed::Place {
        name: "assembling-machine-1",
        at: (0.5, 0.5),
        facing: "north",
        recipe: Some("automation-science-pack"),
        filter: None,
    }]);
}

#[test]
fn building_beyond_every_map_is_refused_without_a_panic() {
    for x in [1e9, -1e9, f64::INFINITY] {
        let give = Deed::Give {
            item: "pipe",
            count: 1,
        };
        let build = Deed::Build {
            item: "pipe",
            at: (x, 0.0),
            direction: 0,
        };
        assert_refused(&[give, build]);
    }
}

#[test]
fn too_much_fluid_or_energy_changes_nothing() {
    let at = (0.5, 0.5);
    assert_refused(&[
        place("pipe", at),
        Deed::Fluid {
            at,
            fluid: "water",
            amount: 1e6,
        },
    ]);
    let at = (4.0, 4.0);
    assert_refused(&[place("accumulator", at), Deed::Energy { at, joules: 1e9 }]);
}

#[test]
fn a_lane_of_any_number_is_looked_for_without_a_panic() {
    let (at, item) = ((0.5, 0.5), "coal");
    for lane in [i64::MIN, 0, 3, i64::MAX] {
        let lay = Deed::Lay {
            at,
            lane,
            item,
            position: 0,
        };
        assert_refused(&[place("transport-belt", at), lay]);
    }
}

#[test]
fn fuel_that_boilers_and_inserters_light_counts_as_used() {
    let (boiler, chest) = ((8.5, 0.0), (0.5, -0.5));
    let fill = |at| Deed::Insert {
        at,
        item: "coal",
        count: 40,
    };
    let deeds = vec![
        place("boiler", boiler),
        fill(boiler),
        place("burner-inserter", (0.5, 0.5)),
        place("wooden-chest", chest),
        fill(chest),
        place("wooden-chest", (0.5, 1.5)),
        Deed::Run { ticks: 4_000 },
    ];
    let checks = Checks {
        every_ticks: 500,
        ..Checks::USUAL
    };
    let world = super::runner::run(&plan(deeds), checks).unwrap();
    let coal = vanilla().item("coal").unwrap();
    assert_eq!(world.production.items_used(coal), 2, "one in each");
}

#[test]
fn a_craft_that_is_broken_off_has_used_nothing() {
    let at = (0.5, 0.5);
    let deeds = vec![
        Deed::EnableAll,
        place("electric-energy-interface", (6.0, 6.0)),
        place("substation", (4.0, 4.0)),
        Deed::Place {
            name: "assembling-machine-1",
            at,
            facing: "north",
            recipe: Some("iron-gear-wheel"),
            filter: None,
        },
        Deed::Insert {
            at,
            item: "iron-plate",
            count: 2,
        },
        Deed::Run { ticks: 20 },
        Deed::Recipe {
            at,
            recipe: "copper-cable",
        },
    ];
    let world = super::runner::run(&plan(deeds), Checks::USUAL).unwrap();
    let plate = vanilla().item("iron-plate").unwrap();
    assert_eq!(world.production.items_used(plate), 0);
    assert_eq!(world.character.inventory.count(plate), 2);
}

#[test]
fn what_is_destroyed_is_lost_with_all_that_it_holds() {
    let at = (0.5, 0.5);
    let deeds = vec![
        place("wooden-chest", at),
        Deed::Insert {
            at,
            item: "coal",
            count: 70,
        },
        Deed::Destroy { at },
    ];
    let world = super::runner::run(&plan(deeds), Checks::USUAL).unwrap();
    let lost = |name: &str| world.production.items_lost(vanilla().item(name).unwrap());
    assert_eq!((lost("coal"), lost("wooden-chest")), (70, 1));
}

/// The checks themselves must be able to fail.
#[test]
fn a_world_with_something_wrong_is_found_out() {
    let sound = || {
        let mut world: World = world_of(&plan(Vec::new()));
        for deed in [
            place("wooden-chest", (0.5, 0.5)),
            place("stone-furnace", (4.0, 4.0)),
            Deed::Insert {
                at: (4.0, 4.0),
                item: "iron-ore",
                count: 2,
            },
            Deed::Run { ticks: 3 },
        ] {
            act(&mut world, &deed, &mut Gift::none()).unwrap();
            crate::sim::tick::run(&mut world, 3);
        }
        world
    };
    assert_eq!(sound().verify(10), Vec::<String>::new());
    let mut world = sound();
    world
        .grid
        .set_occupant(crate::sim::position::TilePos::new(0, 0), None);
    assert!(world.verify(0)[0].contains("the grid at"));
    let mut world = sound();
    let (_, furnace) = world.crafters.iter().next().unwrap();
    assert!(furnace.asleep, "it waits for fuel");
    let coal = vanilla().item("coal").unwrap();
    world.crafters.get_mut(0).unwrap().insert(coal, 1, 0, &[]);
    assert!(
        world.verify(1)[0].contains("sleeps as"),
        "a missed waking: {:?}",
        world.verify(1)
    );
    let mut world = sound();
    world.crafters.get_mut(0).unwrap().asleep = false;
    assert!(world.verify(0)[0].contains("the list of machines that act"));
    let mut world = sound();
    world.next_unit = 1;
    assert!(world.verify(0).is_empty(), "numbers alone are no fault");
}
