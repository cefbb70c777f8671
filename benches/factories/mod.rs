//! Reference factories: a smelting line, a science base, and a base of some 3,000 entities made of both.
//!
//! They are built by code, so that benchmarks and tests run the same ones. Everything that they make comes out of
//! drills or of belts that are kept full, and goes into labs or off a belt that is kept empty; [`Factory::block`] takes
//! those ends away, so that the same factory backs up until nothing moves.

pub(crate) mod base;
pub(crate) mod science;
pub(crate) mod smelter;
pub(crate) mod steam;
pub(crate) mod yard;

use factorio_fast::prototypes::vanilla;
use factorio_fast::sim::World;
use factorio_fast::sim::entity::EntityRef;
use factorio_fast::sim::sandbox::{self, supplies};
use factorio_fast::sim::tick::run;

const TICKS_PER_MINUTE: u32 = 3_600;
/// A factory that is not full after an hour never will be.
const MAX_FILLING_MINUTES: u32 = 60;

/// A factory that stands and has been started.
#[derive(Clone)]
pub(crate) struct Factory {
    pub(crate) name: &'static str,
    pub(crate) world: World,
    /// Belts where products leave.
    pub(crate) sinks: Vec<EntityRef>,
    /// What it makes: each of these is made in steady state.
    pub(crate) products: &'static [&'static str],
    /// Ticks until it runs in steady state.
    pub(crate) ticks_to_steady: u32,
}

impl Factory {
    /// Runs it until it is in steady state.
    pub(crate) fn start(&mut self) {
        run(&mut self.world, self.ticks_to_steady);
        self.world.changes.clear();
    }

    /// Blocks every end and runs until nothing is made any more.
    pub(crate) fn block(&mut self) {
        for sink in &self.sinks {
            supplies::release(&mut self.world, *sink).expect("the sink stands");
        }
        while let Some(technology) = self.world.research.queue().first().copied() {
            self.world
                .cancel_research(technology)
                .expect("it is in the queue");
        }
        for _ in 0..MAX_FILLING_MINUTES {
            let before = self.made();
            run(&mut self.world, TICKS_PER_MINUTE);
            // Boilers go on for the drain of machines that stand still, and coal is dug for them.
            let has_made = |((name, after), (_, before))| name != "coal" && after != before;
            if !self.made().into_iter().zip(before).any(has_made) {
                break;
            }
        }
        self.world.changes.clear();
    }

    /// Counts how many of each product were made so far.
    pub(crate) fn made(&self) -> Vec<(&'static str, u64)> {
        self.products
            .iter()
            .map(|name| {
                let item = vanilla().item(name).expect("the item exists");
                (*name, self.world.produced(item))
            })
            .collect()
    }
}

/// Makes all reference factories, smallest first; they are not started yet.
pub(crate) fn all() -> [Factory; 3] {
    [smelter::line(), science::base(), base::large()]
}

/// Queues technologies of red and green packs that change no bonus, and grants what they need.
fn research_red_and_green(world: &mut World) {
    const QUEUED: [&str; 6] = [
        "solar-energy",
        "concrete",
        "battery",
        "plastics",
        "fluid-wagon",
        "cliff-explosives",
    ];
    for name in QUEUED {
        let id = vanilla().technology(name).expect("the technology exists");
        for needed in vanilla()[id].prerequisites.clone() {
            grant_with_prerequisites(world, needed);
        }
    }
    for name in QUEUED.iter().rev() {
        sandbox::start_research(world, name).expect("its prerequisites are granted");
    }
}

fn grant_with_prerequisites(world: &mut World, id: factorio_fast::prototypes::TechnologyId) {
    for needed in vanilla()[id].prerequisites.clone() {
        grant_with_prerequisites(world, needed);
    }
    world.grant_technology(id);
}
