//! Objectives: what an episode is about, how far it has come, and where the character is wanted now.
//!
//! All are functions of the world view and of the goal that the scenario's lowering fixed.

use serde::{Deserialize, Serialize};

use crate::prototypes::{EntityPrototypeId, ItemId};
use crate::sim::World;
use crate::sim::position::{Direction, MapPos, TilePos};

/// An entity that a blueprint wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub prototype: EntityPrototypeId,
    pub position: MapPos,
    pub direction: Direction,
}

/// The goal of one episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Goal {
    /// `reach_waypoint`: be within `radius_subtiles` of a position.
    ReachWaypoint {
        position: MapPos,
        radius_subtiles: i32,
    },
    /// `mine_1000_ore` and its kin: mine so many of these items, by hand or by drill. `sites` are where they lie.
    MineItems {
        items: Vec<ItemId>,
        amount: u64,
        sites: Vec<MapPos>,
    },
    /// `build_blueprint`: build every entity that is wanted.
    BuildBlueprint { wanted: Vec<Wanted> },
    /// `optimize_production_chains`: make items worth `target_per_minute` in the best minute; weights are points an item.
    OptimizeProduction {
        items: Vec<(ItemId, f64)>,
        target_per_minute: f64,
    },
    /// `free_play`: nothing in particular; the episode ends with its time.
    FreePlay,
}

impl Default for Goal {
    fn default() -> Self {
        Self::BuildBlueprint { wanted: Vec::new() }
    }
}

/// Ticks over which production is rated: one minute.
const RATE_WINDOW_TICKS: u64 = 3_600;

/// What an objective remembers during an episode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Distance to the waypoint when the episode began, in 1/256 tile.
    start_distance: f64,
    /// Value of what was made up to the beginning of the present minute, and the tick of it.
    window_start: (u64, f64),
    /// Best minute so far, in points.
    best_per_minute: f64,
    /// Share that is done.
    progress: f64,
}

impl Track {
    /// Begins to follow `goal` in a fresh world.
    pub fn start(goal: &Goal, world: &World) -> Self {
        let mut track = Self {
            window_start: (world.tick, value_made(goal, world)),
            ..Self::default()
        };
        if let Goal::ReachWaypoint { position, .. } = goal {
            track.start_distance = distance(world.character.position, *position);
        }
        track.update(goal, world);
        track
    }

    /// Looks at the world after a step.
    pub fn update(&mut self, goal: &Goal, world: &World) {
        self.progress = match goal {
            Goal::ReachWaypoint {
                position,
                radius_subtiles,
            } => {
                let left = distance(world.character.position, *position);
                let radius = f64::from(*radius_subtiles);
                if left <= radius {
                    1.0
                } else {
                    // Progress never reads 1 before the waypoint is reached.
                    let way = (self.start_distance - radius).max(1.0);
                    (1.0 - (left - radius) / way).clamp(0.0, 0.999)
                }
            }
            Goal::MineItems { items, amount, .. } => {
                let mined: u64 = items.iter().map(|item| world.produced(*item)).sum();
                (mined as f64 / *amount as f64).min(1.0)
            }
            Goal::BuildBlueprint { wanted } => {
                let built = wanted
                    .iter()
                    .filter(|wanted| is_built(world, wanted))
                    .count();
                if wanted.is_empty() {
                    1.0
                } else {
                    built as f64 / wanted.len() as f64
                }
            }
            Goal::OptimizeProduction {
                target_per_minute, ..
            } => {
                self.rate(goal, world);
                (self.best_per_minute / target_per_minute).min(1.0)
            }
            Goal::FreePlay => 0.0,
        };
    }

    fn rate(&mut self, goal: &Goal, world: &World) {
        let (start_tick, start_value) = self.window_start;
        let ticks = world.tick - start_tick;
        if ticks >= RATE_WINDOW_TICKS {
            let value = value_made(goal, world);
            let per_minute = (value - start_value) * RATE_WINDOW_TICKS as f64 / ticks as f64;
            self.best_per_minute = self.best_per_minute.max(per_minute);
            self.window_start = (world.tick, value);
        }
    }

    /// Gives the share of the objective that is done, 0 to 1.
    pub fn progress(&self) -> f64 {
        self.progress
    }

    /// Says whether the objective is reached.
    pub fn is_reached(&self) -> bool {
        self.progress >= 1.0
    }
}

fn value_made(goal: &Goal, world: &World) -> f64 {
    match goal {
        Goal::OptimizeProduction { items, .. } => items
            .iter()
            .map(|(item, points)| world.produced(*item) as f64 * points)
            .sum(),
        _ => 0.0,
    }
}

fn distance(a: MapPos, b: MapPos) -> f64 {
    (a.distance_squared(b) as f64).sqrt()
}

/// Says whether what is wanted stands where it is wanted.
pub fn is_built(world: &World, wanted: &Wanted) -> bool {
    world
        .entity_at(wanted.position.tile())
        .is_some_and(|entity| {
            entity.prototype == wanted.prototype
                && entity.position == wanted.position
                && entity.direction == wanted.direction
        })
}

impl Goal {
    /// Gives the tile that the map marks as the objective.
    pub fn waypoint(&self) -> Option<TilePos> {
        match self {
            Self::ReachWaypoint { position, .. } => Some(position.tile()),
            _ => None,
        }
    }

    /// Says where the character is wanted now: the waypoint, the nearest ore site, the nearest missing entity.
    pub fn site(&self, world: &World) -> Option<MapPos> {
        let from = world.character.position;
        let nearest = |places: &mut dyn Iterator<Item = MapPos>| {
            places.min_by_key(|place| (place.distance_squared(from), place.y, place.x))
        };
        match self {
            Self::ReachWaypoint { position, .. } => Some(*position),
            Self::MineItems { sites, .. } => nearest(&mut sites.iter().copied()),
            Self::BuildBlueprint { wanted } => nearest(
                &mut wanted
                    .iter()
                    .filter(|wanted| !is_built(world, wanted))
                    .map(|wanted| wanted.position),
            ),
            Self::OptimizeProduction { .. } | Self::FreePlay => None,
        }
    }

    /// Fills the `goal` array of `observation_type="full"`: kind, progress figures and up to five sites or items.
    pub fn describe(&self, world: &World, track: &Track) -> [f32; 16] {
        let mut goal = [0.0; 16];
        let (kind, amount) = match self {
            Self::ReachWaypoint {
                radius_subtiles, ..
            } => (1.0, f64::from(*radius_subtiles) / 256.0),
            Self::MineItems { amount, .. } => (2.0, *amount as f64),
            Self::BuildBlueprint { wanted } => (3.0, wanted.len() as f64),
            Self::OptimizeProduction {
                target_per_minute, ..
            } => (4.0, *target_per_minute),
            Self::FreePlay => (5.0, 0.0),
        };
        goal[0] = kind;
        goal[1] = amount as f32;
        goal[2] = track.progress as f32;
        goal[3] = track.best_per_minute as f32;
        if let Some(site) = self.site(world) {
            goal[4] = (f64::from(site.x - world.character.position.x) / 256.0) as f32;
            goal[5] = (f64::from(site.y - world.character.position.y) / 256.0) as f32;
        }
        goal
    }
}
