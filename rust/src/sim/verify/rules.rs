//! What holds between any two ticks, whatever was done.

use std::collections::BTreeSet;

use super::Findings;
use crate::sim::entity::{Body, footprint};
use crate::sim::inserter::Rest;
use crate::sim::inventory::{Inventory, Slot, stack_size};
use crate::sim::world::World;

/// Checks all rules.
pub(super) fn check(world: &World, findings: &mut Findings) {
    check_records(world, findings);
    check_places(world, findings);
    check_stacks(world, findings);
    check_order(world, findings);
    check_census(world, findings);
    world.belts.check_lanes(findings);
    world.fluids.check_contents(findings);
    world.power.check_energy(findings);
    for (chunk, amount) in world.pollution.chunks() {
        findings.require(amount.is_finite() && amount >= 0.0, || {
            format!("the pollution of {chunk:?} is {amount}")
        });
    }
}

/// Every record belongs to one entity, and every entity has the record that its body names.
fn check_records(world: &World, findings: &mut Findings) {
    let mut n_bodies = [0; 16];
    for (slot, entity) in world.entities.iter() {
        let (kind, is_there) = match entity.body {
            Body::Plain | Body::Pipe(_) | Body::Radar(_) => continue,
            Body::Chest(index) => (0, world.chests.get(index).is_some()),
            Body::Drill(index) => (1, world.drills.get(index).is_some()),
            Body::Crafter(index) => (2, world.crafters.get(index).is_some()),
            Body::Belt(index) => {
                let belt = world.belts.belt(index);
                (3, belt.is_some_and(|belt| belt.entity == slot))
            }
            Body::Splitter(index) => {
                let splitter = world.belts.splitter(index);
                (4, splitter.is_some_and(|splitter| splitter.entity == slot))
            }
            Body::Inserter(index) => (5, world.inserters.get(index).is_some()),
            Body::Pole(index) => {
                let pole = world.power.poles.get(index);
                (6, pole.is_some_and(|pole| pole.slot == slot))
            }
            Body::Lab(index) => (7, world.labs.get(index).is_some()),
            Body::Boiler(index) => (8, world.boilers.get(index).is_some()),
            Body::Generator(index) => {
                let generator = world.power.generators.get(index);
                (9, generator.is_some_and(|known| known.slot == slot))
            }
            Body::Solar(index) => {
                let solar = world.power.solars.get(index);
                (10, solar.is_some_and(|known| known.slot == slot))
            }
            Body::Accumulator(index) => {
                let accumulator = world.power.accumulators.get(index);
                (11, accumulator.is_some_and(|known| known.slot == slot))
            }
            Body::Pump(index) => (12, world.fluids.pumps.get(index).is_some()),
            Body::Beacon(index) => {
                let beacon = world.beacons.get(index);
                (13, beacon.is_some_and(|known| known.slot == slot))
            }
            Body::Turret(index) => {
                let turret = world.turrets.get(index);
                (14, turret.is_some_and(|known| known.entity.slot == slot))
            }
            Body::Spawner(index) => (15, world.spawners.get(index).is_some()),
        };
        n_bodies[kind] += 1;
        findings.require(is_there, || {
            format!(
                "\"{}\" in slot {slot} has no record",
                entity.prototype().name
            )
        });
    }
    let n_records = [
        world.chests.len(),
        world.drills.len(),
        world.crafters.len(),
        // A splitter is four belts.
        world.belts.counts().0 - 4 * world.belts.counts().1,
        world.belts.counts().1,
        world.inserters.len(),
        world.power.poles.len(),
        world.labs.len(),
        world.boilers.len(),
        world.power.generators.len(),
        world.power.solars.len(),
        world.power.accumulators.len(),
        world.fluids.pumps.len(),
        world.beacons.len(),
        world.turrets.len(),
        world.spawners.len(),
    ];
    findings.require_equal(
        || "the number of entities by kind of record".to_owned(),
        &n_bodies,
        &n_records,
    );
}

/// Every entity stands on the map alone, and what is kept by slot or number belongs to one that stands.
fn check_places(world: &World, findings: &mut Findings) {
    let mut covered = BTreeSet::new();
    let mut units = BTreeSet::new();
    for (slot, entity) in world.entities.iter() {
        units.insert(entity.unit);
        for tile in footprint(entity.prototype, entity.position, entity.direction).tiles() {
            findings.require(covered.insert(tile), || {
                format!("two entities cover {tile:?}")
            });
        }
        let has_slots = entity.prototype().module_slots > 0;
        findings.require(has_slots == world.modules.contains_key(&slot), || {
            format!(
                "\"{}\" in slot {slot} has the wrong module slots",
                entity.prototype().name
            )
        });
    }
    findings.require_equal(
        || "the number of entity numbers in use".to_owned(),
        &units.len(),
        &world.entities.len(),
    );
    for slot in world.modules.keys() {
        findings.require(world.entities.get(*slot).is_some(), || {
            format!("there are modules in slot {slot}, where no entity is")
        });
    }
    for unit in world.damaged.keys() {
        findings.require(units.contains(unit), || {
            format!("entity {unit} is hurt and does not stand")
        });
    }
}

fn check_stacks(world: &World, findings: &mut Findings) {
    check_inventory("the character", &world.character.inventory, findings);
    for (index, chest) in world.chests.iter() {
        check_inventory(&format!("chest {index}"), chest, findings);
    }
    for (index, crafter) in world.crafters.iter() {
        let what = format!("crafting machine {index}");
        check_slots(&what, crafter.energy.fuel_slots(), true, findings);
        // Machines take ingredients beyond a stack, and one craft may make more than a stack.
        check_slots(&what, &crafter.inputs, false, findings);
        check_slots(&what, &crafter.outputs, false, findings);
    }
    let fuel = world.drills.iter().map(|(_, drill)| &drill.energy);
    let fuel = fuel.chain(world.boilers.iter().map(|(_, boiler)| &boiler.energy));
    let fuel = fuel.chain(world.inserters.iter().map(|(_, inserter)| &inserter.energy));
    for energy in fuel {
        check_slots("a burner", energy.fuel_slots(), true, findings);
    }
    for (index, lab) in world.labs.iter() {
        check_slots(&format!("lab {index}"), &lab.packs, true, findings);
        for (slot, worn) in lab.packs.iter().zip(lab.worn) {
            findings.require(
                (0.0..1.0).contains(&worn) && (worn == 0.0 || slot.is_some()),
                || format!("lab {index} has worn {worn} of {slot:?}"),
            );
        }
    }
    for (index, inserter) in world.inserters.iter() {
        check_slots(
            &format!("the hand of inserter {index}"),
            &[inserter.held],
            true,
            findings,
        );
    }
    for (_, turret) in world.turrets.iter() {
        check_slots("a turret", &[turret.ammo], true, findings);
    }
    for (position, stack) in world.ground.iter() {
        findings.require(stack.count > 0, || {
            format!("nothing lies at {position:?}: {stack:?}")
        });
    }
}

fn check_inventory(what: &str, inventory: &Inventory, findings: &mut Findings) {
    check_slots(what, inventory.slots(), true, findings);
    findings.require_equal(
        || format!("the number of slots in use of {what}"),
        &inventory.occupied(),
        &inventory.slots().iter().flatten().count(),
    );
}

fn check_slots(what: &str, slots: &[Slot], is_limited: bool, findings: &mut Findings) {
    for stack in slots.iter().flatten() {
        findings.require(
            stack.count > 0 && (!is_limited || stack.count <= stack_size(stack.item)),
            || format!("{what} holds {stack:?}"),
        );
    }
}

/// An inserter is in the order exactly while it is not asleep, once.
fn check_order(world: &World, findings: &mut Findings) {
    let (mut listed, mut n_awake) = (Vec::new(), 0);
    for (index, inserter) in world.inserters.iter() {
        if inserter.rest != Rest::Asleep {
            listed.push(index);
        }
        n_awake += usize::from(inserter.rest == Rest::Awake);
    }
    let mut order: Vec<u32> = world.inserter_order.members().collect();
    order.sort_unstable();
    findings.require_equal(|| "the list of inserters".to_owned(), &order, &listed);
    findings.require_equal(
        || "the number of inserters that act".to_owned(),
        &world.inserter_order.awake_count(),
        &n_awake,
    );
}

/// There is no less than nothing of any item.
fn check_census(world: &World, findings: &mut Findings) {
    for (index, count) in world.census().into_iter().enumerate() {
        findings.require(count >= 0, || {
            let name = &crate::prototypes::vanilla().items()[index].name;
            format!("there are {count} \"{name}\"")
        });
    }
}
