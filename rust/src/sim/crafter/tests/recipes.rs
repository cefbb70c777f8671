//! Changing recipes.

use super::support::{add, crafter, feed, item, machine, recipe, world};
use crate::contract::action::RejectReason;
use crate::sim::command::{Command, apply};
use crate::sim::tick::{run, tick};

#[test]
fn asm_refund_gives_everything_back() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-2", "iron-gear-wheel");
    world.insert_by_hand(machine, item("iron-plate"), 7);
    run(&mut world, 60);
    assert!(crafter(&world, machine).is_crafting);
    apply(
        &mut world,
        &Command::SetRecipe {
            entity: machine,
            recipe: recipe("pipe"),
        },
    )
    .unwrap();
    let held = |name: &str| world.character.inventory.count(item(name));
    assert_eq!(
        (held("iron-plate"), held("iron-gear-wheel")),
        (5, 1),
        "one gear was made of two plates; two more were being worked on"
    );
    let crafter = crafter(&world, machine);
    assert_eq!(
        (crafter.progress(), crafter.recipe),
        (0.0, Some(recipe("pipe")))
    );
}

#[test]
fn what_has_no_room_in_the_inventory_spills() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-2", "iron-gear-wheel");
    let slots = world.character.inventory.slots().len() as u32;
    world.character.inventory.insert(item("wood"), slots * 100);
    world.insert_by_hand(machine, item("iron-plate"), 7);
    world.set_recipe(machine, recipe("pipe")).unwrap();
    assert_eq!(world.character.inventory.count(item("iron-plate")), 0);
    let on_ground: u32 = world
        .ground
        .iter()
        .filter(|(_, stack)| stack.item == item("iron-plate"))
        .map(|(_, stack)| stack.count)
        .sum();
    assert_eq!(on_ground, 7);
}

#[test]
fn modules_that_the_new_recipe_forbids_come_back() {
    let mut world = world();
    let machine = machine(&mut world, "assembling-machine-2", "iron-gear-wheel");
    world
        .insert_module(machine, item("productivity-module"))
        .unwrap();
    world.insert_module(machine, item("speed-module")).unwrap();
    world.set_recipe(machine, recipe("transport-belt")).unwrap();
    assert_eq!(
        world.character.inventory.count(item("productivity-module")),
        1
    );
    assert_eq!(world.module_slots(machine.slot).iter().flatten().count(), 1);
}

#[test]
fn recipes_are_refused_with_the_reason() {
    let mut world = world();
    let machine = add(&mut world, "assembling-machine-1", 0.5, 0.5);
    let furnace = add(&mut world, "electric-furnace", 4.5, 0.5);
    let silo = add(&mut world, "rocket-silo", 26.5, 0.5);
    let chemist = add(&mut world, "chemical-plant", -4.5, 0.5);
    for (entity, makes, reason) in [
        (furnace, "iron-plate", RejectReason::WrongTarget),
        (silo, "rocket-part", RejectReason::WrongTarget),
        (machine, "iron-plate", RejectReason::NoRecipe),
        (machine, "concrete", RejectReason::NoRecipe),
        (chemist, "iron-gear-wheel", RejectReason::NoRecipe),
    ] {
        assert_eq!(
            world.set_recipe(entity, recipe(makes)),
            Err(reason),
            "{makes}"
        );
    }
    world.force.enabled_recipes[recipe("pipe").index()] = false;
    assert_eq!(
        world.set_recipe(machine, recipe("pipe")),
        Err(RejectReason::RecipeLocked)
    );
    assert_eq!(
        apply(
            &mut world,
            &Command::SetRecipe {
                entity: silo,
                recipe: recipe("iron-gear-wheel"),
            }
        ),
        Err(RejectReason::OutOfReach)
    );
}

#[test]
fn uranium_processing_gives_either_isotope_at_random() {
    let mut world = world();
    let machine = machine(&mut world, "centrifuge", "uranium-processing");
    for _ in 0..720 * 100 {
        feed(&mut world, machine);
        tick(&mut world);
        super::support::empty(&mut world, machine);
    }
    let (rare, common) = (
        world.produced(item("uranium-235")),
        world.produced(item("uranium-238")),
    );
    // Each is drawn by itself: 0.7 % and 99.3 %.
    assert!((90..=100).contains(&common), "{common}");
    assert!(rare <= 5, "{rare}");
    let used = world.production.items_used(item("uranium-ore"));
    assert!((1_000..=1_010).contains(&used), "{used}");
}

#[test]
fn silos_count_parts_until_a_rocket_takes_them() {
    let mut world = world();
    let silo = add(&mut world, "rocket-silo", 4.5, 0.5);
    assert_eq!(world.rocket_parts(silo.slot), Some(0));
    assert!(!world.take_rocket(silo.slot));
    let mut ticks = 0;
    let mut most_parts = 0;
    while world.produced(item("rocket-part")) < 100 {
        feed(&mut world, silo);
        tick(&mut world);
        most_parts = most_parts.max(world.rocket_parts(silo.slot).unwrap());
        ticks += 1;
        assert!(ticks < 20_000);
    }
    // 3 s a part.
    assert!((18_000..=18_010).contains(&ticks), "{ticks}");
    assert!(most_parts >= 99, "{most_parts}");
    run(&mut world, 2);
    assert_eq!(
        world.rocket_parts(silo.slot),
        Some(0),
        "the rocket has taken its parts"
    );
}
