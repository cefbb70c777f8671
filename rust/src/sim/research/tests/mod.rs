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

mod effects;
mod labs;
mod queue;
mod triggers;

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
