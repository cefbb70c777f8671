//! From settings and a seed to set-up operations and a goal.
//!
//! What is placed later keeps clear of what was placed earlier: spawn point, base, patches, goal, lakes, woods.
//! Whatever is in the way keeps a free ring, so every free tile can be walked to, by construction; `tests` floods maps.
//! Each purpose has a random stream of its own, so that a new kind of decoration does not move the goal.

mod base;
pub(super) mod canvas;
mod layout;
pub(super) mod noise;
mod patches;
mod water;
mod woods;

use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{ItemId, TileId, vanilla};
use crate::scenario::default_map::{self, MapOptions};
use crate::scenario::map_settings::{Ground, MapSettings, NewGame, StartingBase};
use crate::scenario::objective::{Goal, Wanted};
use crate::scenario::objective_spec::{BlueprintSource, EDGE_MARGIN, ObjectiveSpec};
use crate::scenario::settings::Settings;
use crate::sim::position::{MapPos, SUBTILES, TileArea, TilePos};
use crate::sim::rng::{Rng, mix};
use crate::sim::setup::SetupOp;
use canvas::{Canvas, distance_squared};
use patches::Patch;

/// Tiles round the spawn point that stay free.
const SPAWN_CLEARING: i32 = 3;
/// Tiles round a waypoint that stay free.
const WAYPOINT_CLEARING: i32 = 1;
/// Free tiles round a building site.
const SITE_MARGIN: i32 = 3;

/// The start of an episode; lowering into the same one uses its memory again.
#[derive(Clone, Debug)]
pub struct Start {
    /// What builds the world, in order.
    pub ops: Vec<SetupOp>,
    /// What the episode is for.
    pub goal: Goal,
    canvas: Canvas,
    patches: Vec<Patch>,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            ops: Vec::new(),
            goal: Goal::OptimizeProduction {
                items: Vec::new(),
                target_per_minute: 0.0,
            },
            canvas: Canvas::default(),
            patches: Vec::new(),
        }
    }
}

/// What is drawn from one random stream.
#[derive(Clone, Copy)]
enum Purpose {
    Spawn = 1,
    Patches = 2,
    Goal = 3,
    Water = 4,
    Woods = 5,
    Base = 6,
}

/// Computes the start of the episode of `seed`.
pub(super) fn lower(settings: &Settings, seed: u64, start: &mut Start) -> Result<()> {
    let map = &settings.map;
    let stream = |purpose: Purpose| Rng::new(seed ^ mix(purpose as u64));
    let Start {
        ops,
        goal,
        canvas,
        patches,
    } = start;
    ops.clear();
    patches.clear();
    if let Some(new_game) = map.new_game {
        *goal = wide_goal(&settings.objective.spec).expect("the settings were checked for it");
        return lower_new_game(map, new_game, seed, ops);
    }
    canvas.reset(map.width, map.height);
    ops.push(SetupOp::Map {
        width: map.width,
        height: map.height,
        tile: base_tile(),
    });

    let spawn = {
        let (mut rng, radius) = (stream(Purpose::Spawn), map.spawn_radius as i32);
        TilePos::new(rng.between(-radius, radius), rng.between(-radius, radius))
    };
    canvas.reserve_disc(spawn, SPAWN_CLEARING);
    if map.starting_base == StartingBase::MinimalAutomation {
        base::place(spawn, &mut stream(Purpose::Base), canvas, patches, ops)?;
    }
    patches::place(
        &map.patches,
        spawn,
        &mut stream(Purpose::Patches),
        canvas,
        patches,
        ops,
    )?;
    let mut rng = stream(Purpose::Goal);
    *goal = draw_goal(
        &settings.objective.spec,
        spawn,
        patches,
        &mut rng,
        canvas,
        ops,
    )?;
    if map.ground == Ground::Lakes {
        water::place(&mut stream(Purpose::Water), canvas, ops);
    }
    woods::place(
        map.n_trees,
        map.n_rocks,
        &mut stream(Purpose::Woods),
        canvas,
        ops,
    );

    ops.push(SetupOp::Character {
        position: spawn.center(),
    });
    give_items(map, ops);
    Ok(())
}

/// Lowers a map like that of a new game; what the character carries is the scenario's.
fn lower_new_game(
    map: &MapSettings,
    new_game: NewGame,
    seed: u64,
    ops: &mut Vec<SetupOp>,
) -> Result<()> {
    let options = MapOptions {
        width: i64::from(map.width),
        height: i64::from(map.height),
        has_enemies: new_game.has_enemies,
        has_woods: new_game.has_woods,
    };
    ops.extend(default_map::generate(seed, &options)?);
    ops.retain(|op| !matches!(op, SetupOp::Items { .. }));
    give_items(map, ops);
    Ok(())
}

fn give_items(map: &MapSettings, ops: &mut Vec<SetupOp>) {
    ops.extend(
        map.starting_items
            .iter()
            .map(|(item, count)| SetupOp::Items {
                item: *item,
                count: *count,
            }),
    );
}

/// Takes a goal that has no place on the map, if it is one.
fn wide_goal(spec: &ObjectiveSpec) -> Option<Goal> {
    match spec {
        ObjectiveSpec::OptimizeProduction {
            items,
            target_per_minute,
        } => Some(Goal::OptimizeProduction {
            items: items.clone(),
            target_per_minute: *target_per_minute,
        }),
        ObjectiveSpec::FreePlay => Some(Goal::FreePlay),
        _ => None,
    }
}

fn base_tile() -> TileId {
    use std::sync::OnceLock;
    static TILE: OnceLock<TileId> = OnceLock::new();
    *TILE.get_or_init(|| vanilla().tile("grass-1").expect("the game has this tile"))
}

fn no_room(message: String) -> Error {
    Error::new(ErrorKind::InvalidScenario, message)
}

fn draw_goal(
    spec: &ObjectiveSpec,
    spawn: TilePos,
    patches: &[Patch],
    rng: &mut Rng,
    canvas: &mut Canvas,
    ops: &mut Vec<SetupOp>,
) -> Result<Goal> {
    match spec {
        ObjectiveSpec::ReachWaypoint {
            radius_subtiles,
            min_distance_tiles,
            max_distance_tiles,
        } => {
            let range = (*min_distance_tiles, max_distance_tiles.unwrap_or(u32::MAX));
            let tile = canvas
                .draw(rng, EDGE_MARGIN, |canvas, tile| {
                    is_in_range(spawn, tile, range) && canvas.is_clear(tile)
                })
                .ok_or_else(|| {
                    no_room(format!(
                        "no free tile for a waypoint {}",
                        range_words(range)
                    ))
                })?;
            canvas.reserve_disc(tile, WAYPOINT_CLEARING);
            Ok(Goal::ReachWaypoint {
                position: tile.center(),
                radius_subtiles: *radius_subtiles,
            })
        }
        ObjectiveSpec::MineItems { items, amount } => Ok(Goal::MineItems {
            items: items.clone(),
            amount: *amount,
            sites: sites(items, patches),
        }),
        ObjectiveSpec::BuildBlueprint {
            source,
            distance_tiles,
        } => {
            let (relative, width, height) = match source {
                BlueprintSource::Generated {
                    n_entities,
                    buildings,
                } => layout::draw(rng, *n_entities, buildings),
                BlueprintSource::Given {
                    wanted,
                    width,
                    height,
                } => (wanted.clone(), *width, *height),
            };
            let corner = draw_site(rng, canvas, spawn, (width, height), *distance_tiles)?;
            let wanted: Vec<Wanted> = relative
                .into_iter()
                .map(|entity| Wanted {
                    position: entity
                        .position
                        .offset(corner.x * SUBTILES, corner.y * SUBTILES),
                    ..entity
                })
                .collect();
            ops.extend(wanted.iter().map(|entity| SetupOp::Ghost {
                prototype: entity.prototype,
                position: entity.position,
                direction: entity.direction,
            }));
            Ok(Goal::BuildBlueprint { wanted })
        }
        spec => Ok(wide_goal(spec).expect("the others have a place on the map")),
    }
}

fn sites(items: &[ItemId], patches: &[Patch]) -> Vec<MapPos> {
    patches
        .iter()
        .filter(|patch| items.contains(&patch.item))
        .map(|patch| patch.center.center())
        .collect()
}

fn is_in_range(spawn: TilePos, tile: TilePos, (least, most): (u32, u32)) -> bool {
    let squared = |tiles: u32| u64::from(tiles) * u64::from(tiles);
    (squared(least)..=squared(most)).contains(&distance_squared(spawn, tile).unsigned_abs())
}

fn range_words((least, most): (u32, u32)) -> String {
    if most == u32::MAX {
        format!("at least {least} tiles from the spawn point")
    } else {
        format!("{least} to {most} tiles from the spawn point")
    }
}

/// Draws the north-western corner of a building site and keeps the site and its margin free.
fn draw_site(
    rng: &mut Rng,
    canvas: &mut Canvas,
    spawn: TilePos,
    (width, height): (i32, i32),
    distance_tiles: (u32, u32),
) -> Result<TilePos> {
    let corner_of = |center: TilePos| center.offset(-(width / 2), -(height / 2));
    let room = canvas.inner(EDGE_MARGIN);
    let fits = |canvas: &Canvas, center: TilePos| {
        let corner = corner_of(center);
        let far_corner = corner.offset(width - 1, height - 1);
        is_in_range(spawn, center, distance_tiles)
            && room.contains(corner)
            && room.contains(far_corner)
            && canvas.is_area_clear(TileArea {
                left: corner.x,
                top: corner.y,
                width,
                height,
            })
    };
    let center = canvas.draw(rng, EDGE_MARGIN, fits).ok_or_else(|| {
        no_room(format!(
            "no room for a building site of {width} x {height} tiles {}",
            range_words(distance_tiles)
        ))
    })?;
    let corner = corner_of(center);
    canvas.reserve_area(TileArea {
        left: corner.x - SITE_MARGIN,
        top: corner.y - SITE_MARGIN,
        width: width + 2 * SITE_MARGIN,
        height: height + 2 * SITE_MARGIN,
    });
    Ok(corner)
}
