//! Copies that go on: what comes back from a snapshot must do as the original does, and sleepers must have nothing to do.

use serde::Serialize;

use super::Findings;
use crate::sim::entity::{Body, EntityRef};
use crate::sim::tick::tick;
use crate::sim::world::World;

/// Runs a copy and a restored copy side by side, and a copy in which every machine has been woken.
pub(super) fn check(world: &World, ticks: u32, findings: &mut Findings) {
    let mut copy = world.clone();
    let Ok(mut restored) = World::restore(&world.snapshot()) else {
        return;
    };
    for step in 1..=ticks {
        tick(&mut copy);
        tick(&mut restored);
        if copy.digest() != restored.digest() {
            let parts = differing_parts(&copy, &restored);
            findings.add(|| {
                format!(
                    "{step} ticks after a restore the world goes another way: {}",
                    parts.join(", ")
                )
            });
            return;
        }
    }
    check_sleepers(world, findings);
}

/// Wakes every machine of a copy: one that does not sleep again when the original's does has missed its waking.
fn check_sleepers(world: &World, findings: &mut Findings) {
    let mut calm = world.clone();
    let mut roused = world.clone();
    let machines: Vec<EntityRef> = world
        .entities
        .iter()
        .filter(|(_, entity)| is_asleep(world, entity.body))
        .filter_map(|(slot, _)| world.reference(slot))
        .collect();
    for machine in &machines {
        roused.wake(*machine);
    }
    tick(&mut calm);
    tick(&mut roused);
    for machine in machines {
        let (Some(one), Some(other)) = (calm.entity(machine), roused.entity(machine)) else {
            continue;
        };
        if is_asleep(&calm, one.body)
            && !is_asleep(&roused, other.body)
            && !merely_waits(&calm, one.body, &roused, other.body)
        {
            let name = &one.prototype().name;
            findings.add(|| {
                format!(
                    "\"{name}\" at {:?} sleeps as {:?} and has something to do: {:?}",
                    one.position,
                    calm.status(one),
                    roused.status(other),
                )
            });
        }
    }
}

/// Says whether a roused drill has done nothing but stay awake: it does over a belt that moves, as one does where an item
/// was put on upstream, which makes no room for a drill that sleeps.
fn merely_waits(calm: &World, asleep: Body, roused: &World, awake: Body) -> bool {
    let (Body::Drill(one), Body::Drill(other)) = (asleep, awake) else {
        return false;
    };
    let (Some(one), Some(other)) = (calm.drills.get(one), roused.drills.get(other)) else {
        return false;
    };
    let mut other = other.clone();
    other.asleep = one.asleep;
    *one == other
}

fn is_asleep(world: &World, body: Body) -> bool {
    matches!(
        body,
        Body::Drill(_) | Body::Crafter(_) | Body::Lab(_) | Body::Beacon(_) | Body::Boiler(_)
    ) && !world.is_awake(body)
}

/// Names the parts of the state in which two worlds differ.
pub(super) fn differing_parts(one: &World, other: &World) -> Vec<&'static str> {
    fn bytes<T: Serialize>(part: &T) -> Vec<u8> {
        postcard::to_allocvec(part).expect("state is serialisable without limits")
    }
    let mut differing = Vec::new();
    macro_rules! compare {
        ($($part:ident),*) => {
            $(if bytes(&one.$part) != bytes(&other.$part) {
                differing.push(stringify!($part));
            })*
        };
    }
    compare!(
        tick,
        terrain,
        spawn,
        character,
        entities,
        ghosts,
        ground,
        chests,
        drills,
        crafters,
        labs,
        beacons,
        modules,
        inserters,
        inserter_order,
        boilers,
        belts,
        production,
        force,
        research,
        rockets,
        power,
        supplies,
        fluids,
        pollution,
        threats,
        units,
        spawners,
        turrets,
        damaged,
        rng,
        next_unit
    );
    differing
}
