//! What a step costs with a factory in view: six ticks, then the observation as an episode writes it (map, rows, mask,
//! state), beside the same on a bare meadow.
//!
//! The character walks a small circle in the middle of the factory, so that the map scrolls as it does in training.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints"
)]

#[path = "factories/mod.rs"]
#[expect(dead_code, reason = "only one of the factories is observed")]
mod factories;

use std::hint::black_box;
use std::time::Instant;

use factorio_fast::action::mask::MaskCache;
use factorio_fast::contract::observation::{MAP_SIDE, RECORD_SIZE};
use factorio_fast::observation::local_map::KeptMap;
use factorio_fast::observation::player_state::{self, Situation};
use factorio_fast::observation::{Record, entities, record};
use factorio_fast::scenario::Scenario;
use factorio_fast::sim::World;
use factorio_fast::sim::command::{Command, apply};
use factorio_fast::sim::position::{Direction, MapPos};
use factorio_fast::sim::sandbox;
use factorio_fast::sim::tick::run;

/// As in a scenario at 10 Hz.
const TICKS_PER_STEP: u32 = 6;
const STEPS: usize = 2_000;
const REPETITIONS: usize = 7;
/// Steps in one direction.
const STEPS_PER_LEG: usize = 4;
/// A free place between the belts of the science base.
const MIDDLE: (f64, f64) = (10.5, -10.5);

fn main() {
    let meadow = sandbox::create(128, 128, 1, "grass-1").expect("the size is allowed");
    let mut base = factories::science::base();
    base.start();
    let running = base.world.clone();
    base.block();
    let mut plain = 0.0;
    for (label, world) in [
        ("meadow", meadow),
        ("factory running", running),
        ("factory backed up", base.world),
    ] {
        let [ticks, observation] = measure(&world);
        let step = ticks + observation;
        if plain == 0.0 {
            plain = step;
        }
        println!(
            "{label:<18} {:>4} entities in view: {:>7.0} steps/s ({:.2} of the meadow), {ticks:>6.0} ns ticks, \
             {observation:>6.0} ns observation",
            in_view(&world),
            1e9 / step,
            plain / step
        );
    }
}

/// Measures the ticks and the observation of a step, nanoseconds each; the least of several runs of the same steps.
fn measure(start: &World) -> [f64; 2] {
    let mut least = vec![[f64::INFINITY; 2]; STEPS];
    for _ in 0..REPETITIONS {
        let mut world = start.clone();
        world.character.position = MapPos::from_tiles(MIDDLE.0, MIDDLE.1);
        let mut observer = Observer::new();
        for (step, least) in least.iter_mut().enumerate() {
            let eighths = (step / STEPS_PER_LEG % 4 * 2) as u8;
            let walk = Command::Walk(Some(Direction::from_eighths(eighths)));
            apply(&mut world, &walk).expect("walking is always allowed");
            let begin = Instant::now();
            run(&mut world, TICKS_PER_STEP);
            let between = Instant::now();
            observer.observe(&mut world);
            let end = Instant::now();
            least[0] = least[0].min((between - begin).as_secs_f64() * 1e9);
            least[1] = least[1].min((end - between).as_secs_f64() * 1e9);
        }
        black_box(&observer.record);
    }
    [0, 1].map(|part| least.iter().map(|step| step[part]).sum::<f64>() / STEPS as f64)
}

/// Counts the entities whose middle lies in the window.
fn in_view(world: &World) -> usize {
    let half = (MAP_SIDE / 2) as i32 * 256;
    let middle = MapPos::from_tiles(MIDDLE.0, MIDDLE.1);
    world
        .entities
        .iter()
        .filter(|(_, entity)| {
            (entity.position.x - middle.x).abs() <= half
                && (entity.position.y - middle.y).abs() <= half
        })
        .count()
}

/// Writes observations of one world as an episode does.
struct Observer {
    map: KeptMap,
    mask: MaskCache,
    record: Box<Record>,
    scenario: Scenario,
    is_first: bool,
}

impl Observer {
    fn new() -> Self {
        Self {
            map: KeptMap::default(),
            mask: MaskCache::default(),
            record: Box::new([0; RECORD_SIZE]),
            scenario: Scenario::builtin("construction_speed").expect("it comes with the package"),
            is_first: true,
        }
    }

    fn observe(&mut self, world: &mut World) {
        let contents_changed = world.changes.contents || world.changes.overflowed || self.is_first;
        self.map
            .update(record::local_map_mut(&mut self.record), world, None);
        let rows = entities::list(world, &mut self.map, record::local_map_of(&self.record));
        record::write_entities(&mut self.record, &rows.numbers);
        self.mask.write(
            record::mask_mut(&mut self.record),
            world,
            &rows.targets,
            self.scenario.palette(),
            contents_changed,
        );
        world.changes.clear();
        let situation = Situation {
            site: None,
            progress: 0.0,
            time_left: 1.0,
            rejected: false,
        };
        let state = player_state::compute(world, &situation);
        record::write_player_state(&mut self.record, &state);
        self.is_first = false;
    }
}
