//! Whatever machines are told to do, items are neither lost nor doubled.

use proptest::prelude::*;

use super::support::{add, crafter, item, world};
use crate::prototypes::{ItemId, RecipeId, vanilla};
use crate::sim::crafter::{can_make, recipe_facts};
use crate::sim::entity::EntityRef;
use crate::sim::inventory::{ItemStack, count_in};
use crate::sim::tick::run;
use crate::sim::world::World;

const MACHINES: [&str; 6] = [
    "assembling-machine-1",
    "assembling-machine-2",
    "assembling-machine-3",
    "centrifuge",
    "stone-furnace",
    "electric-furnace",
];

/// What is done to a machine between ticks.
#[derive(Clone, Debug)]
enum Deed {
    Recipe(prop::sample::Index),
    FeedByHand(u32),
    FeedByInserter(u32),
    Take(u32),
    Module(prop::sample::Index),
    Wait(u32),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        1 => any::<prop::sample::Index>().prop_map(Deed::Recipe),
        3 => (1_u32..60).prop_map(Deed::FeedByHand),
        3 => (1_u32..60).prop_map(Deed::FeedByInserter),
        2 => (1_u32..60).prop_map(Deed::Take),
        1 => any::<prop::sample::Index>().prop_map(Deed::Module),
        4 => (1_u32..900).prop_map(Deed::Wait),
    ]
}

fn solid_recipes(name: &str) -> Vec<RecipeId> {
    let prototype = &vanilla()[vanilla().entity(name).unwrap()];
    (0..vanilla().recipes().len())
        .map(RecipeId::from_index)
        .filter(|id| can_make(prototype, *id) && !vanilla()[*id].uses_fluids())
        .collect()
}

/// What was put in and taken out by deeds, by item: signed counts.
struct Ledger(Vec<i64>);

impl Ledger {
    fn add(&mut self, stack: ItemStack, sign: i64) {
        self.0[stack.item.index()] += sign * i64::from(stack.count);
    }
}

fn wanted(world: &World, machine: EntityRef, recipes: &[RecipeId]) -> Vec<ItemId> {
    let recipe = crafter(world, machine).recipe.unwrap_or(recipes[0]);
    let ingredients = recipe_facts(recipe).ingredients.iter();
    ingredients
        .map(|(item, _)| *item)
        .chain([item("coal")])
        .collect()
}

fn act(
    world: &mut World,
    machine: EntityRef,
    recipes: &[RecipeId],
    deed: &Deed,
    ledger: &mut Ledger,
) {
    match deed {
        Deed::Recipe(index) => {
            // What is being worked on comes back, and counts as used no more.
            let recipe = recipes[index.index(recipes.len())];
            let _ = world.set_recipe(machine, recipe);
        }
        Deed::FeedByHand(count) => {
            for item in wanted(world, machine, recipes) {
                let count = world.insert_by_hand(machine, item, *count);
                ledger.add(ItemStack { item, count }, 1);
            }
        }
        Deed::FeedByInserter(count) => {
            for item in wanted(world, machine, recipes) {
                if world.room_by_inserter(machine.slot, item) > 0 {
                    let stack = ItemStack {
                        item,
                        count: *count,
                    };
                    let count = world.insert_by_inserter(machine.slot, stack);
                    ledger.add(ItemStack { item, count }, 1);
                }
            }
            world.wake_pending();
        }
        Deed::Take(count) => {
            if let Some(stack) = world.offered_to_inserter(machine.slot, &mut |_| true) {
                let taken = world.take_by_inserter(machine.slot, stack.item, *count);
                ledger.add(
                    ItemStack {
                        count: taken,
                        ..stack
                    },
                    -1,
                );
            }
            world.wake_pending();
        }
        Deed::Module(index) => {
            let modules = [
                "speed-module-3",
                "productivity-module-3",
                "efficiency-module",
            ];
            let module = item(modules[index.index(modules.len())]);
            if world.insert_module(machine, module).is_ok() {
                ledger.add(
                    ItemStack {
                        item: module,
                        count: 1,
                    },
                    1,
                );
            }
        }
        Deed::Wait(ticks) => run(world, *ticks),
    }
}

fn held(world: &World, machine: EntityRef, item: ItemId) -> i64 {
    let slots = world.slots(world.entity(machine).unwrap());
    let groups = [slots.fuel, slots.source, slots.result, slots.modules];
    let in_machine: u32 = groups.iter().map(|group| count_in(group, item)).sum();
    let on_ground: u32 = world
        .ground
        .iter()
        .filter(|(_, stack)| stack.item == item)
        .map(|(_, stack)| stack.count)
        .sum();
    i64::from(in_machine) + i64::from(on_ground) + i64::from(world.character.inventory.count(item))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn machines_conserve_items(
        kind in 0..MACHINES.len(),
        first in any::<prop::sample::Index>(),
        deeds in prop::collection::vec(deed(), 1..40),
    ) {
        let mut world = world();
        let name = MACHINES[kind];
        let recipes = solid_recipes(name);
        let machine = if name == "stone-furnace" {
            let prototype = vanilla().entity(name).unwrap();
            let place = crate::sim::position::MapPos::from_tiles(1.0, 1.0);
            world.add_entity(prototype, place, crate::sim::position::Direction::NORTH)
        } else {
            add(&mut world, name, 0.5, 0.5)
        };
        let mut ledger = Ledger(vec![0; vanilla().items().len()]);
        act(&mut world, machine, &recipes, &Deed::Recipe(first), &mut ledger);
        for deed in &deeds {
            act(&mut world, machine, &recipes, deed, &mut ledger);
        }
        for (index, put) in ledger.0.iter().enumerate() {
            let item = ItemId::from_index(index);
            let made = world.production.items_made(item) as i64;
            let used = world.production.items_used(item) as i64;
            prop_assert_eq!(
                put + made - used,
                held(&world, machine, item),
                "{} in {}", &vanilla()[item].name, name
            );
        }
        let mut restored = World::restore(&world.snapshot()).unwrap();
        run(&mut world, 100);
        run(&mut restored, 100);
        prop_assert_eq!(restored.digest(), world.digest());
    }
}
