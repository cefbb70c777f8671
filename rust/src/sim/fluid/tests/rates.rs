//! Rates of machines that work on fluids.

use super::{NORTH, build, fluid, is_near, meadow};
use crate::prototypes::{ItemId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::tick::tick;
use crate::sim::world::World;

/// Game seconds over which rates are taken.
const SECONDS: u32 = 200;

struct Rig {
    world: World,
    machine: EntityRef,
}

/// Builds a machine with a recipe, with power for it and for what serves it.
fn rig(machine: &str, recipe: &str) -> Rig {
    let mut world = meadow(64);
    for index in 0..vanilla().recipes().len() {
        world.force.enabled_recipes[index] = true;
    }
    let machine = build(&mut world, machine, 0.5, 0.5, NORTH);
    build(&mut world, "substation", 5.0, 1.0, NORTH);
    for number in 0..8 {
        let (x, y) = (f64::from(number % 4) * 3.0, f64::from(number / 4) * 3.0);
        build(&mut world, "solar-panel", x + 1.5, y + 7.5, NORTH);
    }
    world
        .set_recipe(machine, vanilla().recipe(recipe).unwrap())
        .unwrap();
    Rig { world, machine }
}

impl Rig {
    /// Runs a tick at noon in which inputs are kept full and outputs empty.
    fn tick(&mut self) {
        self.world.tick = 0;
        let boxes = self.world.fluids.boxes_of(self.machine.slot).to_vec();
        for index in boxes {
            let Some((filter, is_open)) = self
                .world
                .fluids
                .get(index)
                .map(|known| (known.filter, known.is_open))
            else {
                continue;
            };
            let (Some(wanted), true) = (filter, is_open) else {
                continue;
            };
            if self.world.fluids.role_of(index) == Some(true) {
                self.world.fluids.put(index, wanted, 1e6, 25.0);
            } else {
                self.world.fluids.take(index, 1e6);
            }
        }
        self.world.contents_changed(self.machine.slot);
        self.world.wake_pending();
        tick(&mut self.world);
    }

    fn made(&self, name: &str) -> f64 {
        match vanilla().item(name) {
            Ok(item) => self.world.production.items_made(item) as f64,
            Err(_) => self.world.production.fluids_made(fluid(name)),
        }
    }

    fn used(&self, name: &str) -> f64 {
        match vanilla().item(name) {
            Ok(item) => self.world.production.items_used(item) as f64,
            Err(_) => self.world.production.fluids_used(fluid(name)),
        }
    }
}

/// Measures how much of each fluid (or item) is made, or used where the name has a minus before it, in a second.
fn rates(machine: &str, recipe: &str, items: &[&str], fluids: &[&str]) -> Vec<f64> {
    let mut rig = rig(machine, recipe);
    let read = |rig: &Rig| -> Vec<f64> {
        fluids
            .iter()
            .map(|name| match name.strip_prefix('-') {
                Some(name) => rig.used(name),
                None => rig.made(name),
            })
            .collect()
    };
    let feed = |rig: &mut Rig| {
        for name in items {
            let item: ItemId = vanilla().item(name).unwrap();
            rig.world.insert_by_hand(rig.machine, item, 50);
        }
    };
    let step = |rig: &mut Rig| {
        feed(rig);
        rig.tick();
        rig.world.take_by_hand(rig.machine, None);
        rig.world.character.inventory.reset(80);
    };
    for _ in 0..1_200 {
        step(&mut rig);
    }
    let before = read(&rig);
    for _ in 0..SECONDS * 60 {
        step(&mut rig);
    }
    read(&rig)
        .into_iter()
        .zip(before)
        .map(|(now, before)| (now - before) / f64::from(SECONDS))
        .collect()
}

fn assert_rates(found: &[f64], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            is_near(*found, *expected, 0.005 * expected),
            "{found} found, {expected} expected"
        );
    }
}

#[test]
fn fld_basic_oil_processing_makes_9_petroleum_gas_of_20_crude_oil_a_second() {
    let found = rates(
        "oil-refinery",
        "basic-oil-processing",
        &[],
        &["-crude-oil", "petroleum-gas"],
    );
    assert_rates(&found, &[20.0, 9.0]);
}

#[test]
fn fld_adv_oil_processing_makes_5_heavy_9_light_and_11_gas_a_second() {
    let found = rates(
        "oil-refinery",
        "advanced-oil-processing",
        &[],
        &["heavy-oil", "light-oil", "petroleum-gas", "-water"],
    );
    assert_rates(&found, &[5.0, 9.0, 11.0, 10.0]);
}

#[test]
fn fld_crack_plants_take_20_heavy_or_15_light_oil_a_second() {
    let heavy = rates("chemical-plant", "heavy-oil-cracking", &[], &["-heavy-oil"]);
    let light = rates("chemical-plant", "light-oil-cracking", &[], &["-light-oil"]);
    assert_rates(&[heavy[0], light[0]], &[20.0, 15.0]);
}

#[test]
fn fld_plastic_makes_2_bars_of_1_coal_and_20_petroleum_gas_a_second() {
    let found = rates(
        "chemical-plant",
        "plastic-bar",
        &["coal"],
        &["plastic-bar", "-coal", "-petroleum-gas"],
    );
    assert_rates(&found, &[2.0, 1.0, 20.0]);
}

#[test]
fn fld_acid_plants_make_50_sulfuric_acid_a_second() {
    let items = ["sulfur", "iron-plate"];
    let found = rates(
        "chemical-plant",
        "sulfuric-acid",
        &items,
        &["sulfuric-acid"],
    );
    assert_rates(&found, &[50.0]);
}

#[test]
fn a_plant_with_one_fluid_takes_it_at_either_input_and_gives_it_at_either_output() {
    for (x, other) in [(-0.5, 1.5), (1.5, -0.5)] {
        let Rig { mut world, machine } = rig("chemical-plant", "lubricant");
        let supply = build(&mut world, "pipe", x, -1.5, NORTH);
        let drain = build(&mut world, "pipe", other, 2.5, NORTH);
        world.put_fluid(supply, fluid("heavy-oil"), 100.0, None);
        for _ in 0..120 {
            tick(&mut world);
        }
        let lubricant = super::amount(&world, drain, 0);
        assert!(lubricant >= 10.0, "{lubricant} with the supply at {x}");
        // With another recipe the ports are two again.
        let cracking = vanilla().recipe("light-oil-cracking").unwrap();
        world.set_recipe(machine, cracking).unwrap();
        let inputs: Vec<_> = world.fluids.boxes_of(machine.slot)[..2]
            .iter()
            .map(|index| world.fluids.get(*index).unwrap().filter)
            .collect();
        assert_eq!(inputs, [Some(fluid("water")), Some(fluid("light-oil"))]);
        assert!(
            world
                .fluids
                .get(world.fluids.boxes_of(machine.slot)[1])
                .unwrap()
                .is_open
        );
    }
}
