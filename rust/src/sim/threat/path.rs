//! Path finding: A* over the tiles of the map, with what stands in the way as a detour or, at a price, as a breach.
//!
//! Water and nests close a tile; every other obstacle costs [`MapRules::obstacle_penalty_tiles`](super::rules::MapRules)
//! tiles more, and who follows the path bites its way through. The game searches in steps over several ticks and weighs
//! units too; here a search is finished at once and units do not stand in each other's way.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::figures::{Side, figures};
use super::rules::map_rules;
use crate::sim::entity::Entity;
use crate::sim::grid::Grid;
use crate::sim::position::{TileArea, TilePos};
use crate::sim::slab::Slab;
use crate::sim::world::World;

/// Most tiles that one search looks at; past it, the path leads to the tile nearest to the goal that was found.
pub const MAX_PATH_NODES: usize = 1 << 16;

const STRAIGHT_COST: u32 = 10;
const DIAGONAL_COST: u32 = 14;
/// The eight steps, straight ones first.
const STEPS: [(i32, i32); 8] = [
    (0, -1),
    (1, 0),
    (0, 1),
    (-1, 0),
    (1, -1),
    (1, 1),
    (-1, 1),
    (-1, -1),
];
const NO_STEP: u8 = 255;

/// What a tile is to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    Open,
    /// Something that can be destroyed stands there: the slot of the entity.
    Obstructed(u32),
    /// Water, the end of the map, or a nest.
    Closed,
}

/// Says what a tile is to a unit.
pub(super) fn passage(grid: &Grid, entities: &Slab<Entity>, tile: TilePos) -> Passage {
    let cell = grid.cell(tile);
    if cell.is_walkable() {
        return Passage::Open;
    }
    if cell.blocks_walking() {
        return Passage::Closed;
    }
    let Some((slot, entity)) = cell
        .occupant()
        .and_then(|slot| Some((slot, entities.get(slot)?)))
    else {
        return Passage::Open;
    };
    let facts = figures(entity.prototype);
    if !facts.blocks_units {
        Passage::Open
    } else if facts.side == Side::Enemy || facts.max_health <= 0.0 {
        Passage::Closed
    } else {
        Passage::Obstructed(slot)
    }
}

/// One tile of a search; it counts only where the stamp is the search's.
#[derive(Clone, Copy, Default)]
struct Node {
    stamp: u32,
    cost: u32,
    step: u8,
    is_done: bool,
}

/// Memory of searches, shared by all worlds of a thread: nothing in it outlives a search.
#[derive(Default)]
struct Workspace {
    stamp: u32,
    nodes: Vec<Node>,
    open: BinaryHeap<Reverse<(u32, u32, u32)>>,
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Finds a path from a tile to the edge of `goal` and returns the tiles where it bends, its end last.
///
/// Empty where the unit is there already or cannot get any nearer.
pub(super) fn find_path(world: &World, from: TilePos, goal: TileArea) -> Vec<TilePos> {
    if goal.contains(from) || world.terrain.index(from).is_none() {
        return Vec::new();
    }
    WORKSPACE.with_borrow_mut(|workspace| search(workspace, world, from, goal))
}

fn search(workspace: &mut Workspace, world: &World, from: TilePos, goal: TileArea) -> Vec<TilePos> {
    let area = world.terrain.area();
    let n_tiles = (area.width * area.height) as usize;
    if workspace.nodes.len() < n_tiles {
        workspace.nodes.resize(n_tiles, Node::default());
    }
    workspace.stamp = workspace.stamp.wrapping_add(1);
    if workspace.stamp == 0 {
        workspace.nodes.fill(Node::default());
        workspace.stamp = 1;
    }
    workspace.open.clear();
    let Workspace { stamp, nodes, open } = workspace;
    let stamp = *stamp;
    let index_of = |tile: TilePos| (tile.y - area.top) * area.width + tile.x - area.left;
    let tile_of = |index: u32| {
        TilePos::new(
            area.left + index as i32 % area.width,
            area.top + index as i32 / area.width,
        )
    };
    let penalty = (map_rules().obstacle_penalty_tiles * f64::from(STRAIGHT_COST)) as u32;
    let start = index_of(from) as u32;
    let start_left = estimate(from, goal);
    nodes[start as usize] = Node {
        stamp,
        cost: 0,
        step: NO_STEP,
        is_done: false,
    };
    open.push(Reverse((start_left, start_left, start)));
    let mut nearest = (start_left, start);
    let mut n_looked_at = 0;
    while let Some(Reverse((_, left, index))) = open.pop() {
        let node = &mut nodes[index as usize];
        if node.is_done {
            continue;
        }
        node.is_done = true;
        let cost = node.cost;
        if left < nearest.0 {
            nearest = (left, index);
        }
        n_looked_at += 1;
        if left == 0 || n_looked_at >= MAX_PATH_NODES {
            break;
        }
        let tile = tile_of(index);
        let mut straight_is_open = [false; 4];
        for (step, (dx, dy)) in STEPS.into_iter().enumerate() {
            let to = tile.offset(dx, dy);
            let is_goal = goal.contains(to);
            let diagonal = step >= 4;
            let passage = if is_goal {
                Passage::Open
            } else {
                passage(&world.grid, &world.entities, to)
            };
            if !diagonal {
                straight_is_open[step] = passage == Passage::Open;
            }
            let beside = [(step + 4) % 4, (step + 1) % 4];
            // No corner is cut, and obstacles are breached head on.
            if passage == Passage::Closed
                || diagonal
                    && (passage != Passage::Open
                        || beside.iter().any(|side| !straight_is_open[*side]))
            {
                continue;
            }
            if world.terrain.index(to).is_none() {
                continue;
            }
            let length = if diagonal {
                DIAGONAL_COST
            } else {
                STRAIGHT_COST
            };
            let cost = cost
                + length
                + if matches!(passage, Passage::Obstructed(_)) {
                    penalty
                } else {
                    0
                };
            let to_index = index_of(to) as u32;
            let next = &mut nodes[to_index as usize];
            if next.stamp != stamp || cost < next.cost {
                *next = Node {
                    stamp,
                    cost,
                    step: step as u8,
                    is_done: false,
                };
                let left = estimate(to, goal);
                open.push(Reverse((cost + left, left, to_index)));
            }
        }
    }
    trace(nodes, tile_of(nearest.1), |tile| index_of(tile) as usize)
}

/// The least that the way from a tile to the goal costs.
fn estimate(from: TilePos, goal: TileArea) -> u32 {
    let beyond =
        |value: i32, low: i32, size: i32| (low - value).max(value - (low + size - 1)).max(0) as u32;
    let dx = beyond(from.x, goal.left, goal.width);
    let dy = beyond(from.y, goal.top, goal.height);
    STRAIGHT_COST * dx.max(dy) + (DIAGONAL_COST - STRAIGHT_COST) * dx.min(dy)
}

/// Follows the steps back to the start and keeps the tiles where they turn.
fn trace(nodes: &[Node], end: TilePos, index_of: impl Fn(TilePos) -> usize) -> Vec<TilePos> {
    let mut bends = Vec::new();
    let mut tile = end;
    let mut last_step = NO_STEP;
    loop {
        let step = nodes[index_of(tile)].step;
        if step == NO_STEP {
            break;
        }
        if step != last_step {
            bends.push(tile);
            last_step = step;
        }
        let (dx, dy) = STEPS[usize::from(step)];
        tile = tile.offset(-dx, -dy);
    }
    bends.reverse();
    bends
}
