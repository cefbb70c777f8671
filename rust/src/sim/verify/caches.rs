//! Every cache against the one that is computed anew from the stored state.

use super::Findings;
use crate::sim::slab::Slab;
use crate::sim::snapshot;
use crate::sim::world::World;

/// Compares a world's caches with those of a copy that has been stored and read back.
pub(super) fn check(world: &World, findings: &mut Findings) {
    let rebuilt = match World::restore(&snapshot::to_bytes(world)) {
        Ok(rebuilt) => rebuilt,
        Err(error) => {
            findings.add(|| format!("the snapshot cannot be read back: {error}"));
            return;
        }
    };
    findings.require(world.digest() == rebuilt.digest(), || {
        let parts = super::future::differing_parts(world, &rebuilt);
        format!("a restored world has other bytes: {}", parts.join(", "))
    });
    check_map(world, &rebuilt, findings);
    check_actors(world, &rebuilt, findings);
    world.belts.check_caches(&rebuilt.belts, findings);
    world.fluids.check_caches(&rebuilt.fluids, findings);
    world.power.check_caches(&rebuilt.power, findings);
    for (index, live, counted) in world.pollution_absorption() {
        findings.require_equal(
            || format!("the absorption of chunk {index}"),
            &live,
            &counted,
        );
    }
}

fn check_map(world: &World, rebuilt: &World, findings: &mut Findings) {
    for tile in world.terrain.area().tiles() {
        let (live, anew) = (world.grid.cell(tile), rebuilt.grid.cell(tile));
        findings.require_equal(|| format!("the grid at {tile:?}"), &live, &anew);
    }
    findings.require_equal(
        || "the list of ghosts by tile".to_owned(),
        &world.ghost_tiles,
        &rebuilt.ghost_tiles,
    );
}

fn check_actors(world: &World, rebuilt: &World, findings: &mut Findings) {
    findings.require_equal(
        || "the list of machines that act".to_owned(),
        &world.awake,
        &rebuilt.awake,
    );
    findings.require_equal(
        || "the list of the woken".to_owned(),
        &world.woken.len(),
        &0,
    );
    check_slab(
        "crafting machine",
        &world.crafters,
        &rebuilt.crafters,
        findings,
    );
    check_slab("lab", &world.labs, &rebuilt.labs, findings);
    check_slab("beacon", &world.beacons, &rebuilt.beacons, findings);
    check_slab("boiler", &world.boilers, &rebuilt.boilers, findings);
    check_slab("inserter", &world.inserters, &rebuilt.inserters, findings);
    check_slab("turret", &world.turrets, &rebuilt.turrets, findings);
    check_slab("pump", &world.fluids.pumps, &rebuilt.fluids.pumps, findings);
    for (index, drill) in world.drills.iter() {
        let Some(other) = rebuilt.drills.get(index) else {
            continue;
        };
        // A drill that has its resource at hand must have the right one; one just restored looks for it.
        findings.require_equal(
            || format!("drill {index}"),
            &drill.without_hint(),
            &other.without_hint(),
        );
        findings.require(drill.has_true_hint(), || {
            format!("drill {index} has the wrong time for its resource: {drill:?}")
        });
    }
}

fn check_slab<T: PartialEq + std::fmt::Debug>(
    what: &str,
    live: &Slab<T>,
    rebuilt: &Slab<T>,
    findings: &mut Findings,
) {
    for (index, item) in live.iter() {
        if let Some(other) = rebuilt.get(index) {
            findings.require_equal(|| format!("{what} {index}"), item, other);
        }
    }
    findings.require_equal(
        || format!("the number of {what}s"),
        &live.len(),
        &rebuilt.len(),
    );
}
