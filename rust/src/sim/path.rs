//! Ways for a walking character: A* over tiles, and the directions that follow a way.
//!
//! Owns nothing: a way is a list of tiles, found anew when something was built across it. Diagonal steps are taken only
//! where both tiles beside them are free, so a body of 0.4 tile that keeps to tile middles touches nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::position::{Direction, MapPos, SUBTILES, TilePos};
use super::world::World;

/// The search gives up after looking at this many tiles.
pub const MAX_SEARCHED_TILES: usize = 1 << 18;
/// Cost of a straight step; a diagonal one costs 7, close to its length of 7.07.
const STRAIGHT_COST: u32 = 5;
const DIAGONAL_COST: u32 = 7;
/// The middle of a tile is reached within this many 1/256 tiles: more than half a stride on any ground of the game.
const ARRIVAL_SUBTILES: i32 = 40;

/// Says whether a character can be anywhere on `tile`.
pub fn is_walkable(world: &World, tile: TilePos) -> bool {
    let cell = world.grid.cell(tile);
    !cell.blocks_walking()
        && (cell.occupant().is_none()
            || world
                .entity_at(tile)
                .is_some_and(|entity| !entity.prototype().collides_with_player))
}

/// Finds a way from `from` to the nearest tile whose middle lies within `reach_subtiles` of `goal`.
///
/// The way leaves out the start and is empty where the start is near enough; `None` where there is no way, or none
/// among the first [`MAX_SEARCHED_TILES`].
pub fn find(
    world: &World,
    from: TilePos,
    goal: MapPos,
    reach_subtiles: i32,
) -> Option<Vec<TilePos>> {
    let area = world.terrain.area();
    let index = |tile: TilePos| {
        area.contains(tile)
            .then(|| ((tile.y - area.top) * area.width + tile.x - area.left) as usize)
    };
    let n_tiles = (area.width * area.height) as usize;
    // Per tile: cost of the best way there and the direction of its last step.
    let mut best: Vec<(u32, u8)> = vec![(u32::MAX, 0); n_tiles];
    let mut open = BinaryHeap::new();
    let reach_squared = i64::from(reach_subtiles) * i64::from(reach_subtiles);
    let left_over = |tile: TilePos| estimate(tile.center(), goal, reach_subtiles);
    best[index(from)?] = (0, 0);
    open.push(Reverse((left_over(from), 0, from)));
    let mut n_searched = 0;
    while let Some(Reverse((_, cost, tile))) = open.pop() {
        let here = index(tile).expect("only tiles of the map are queued");
        if cost > best[here].0 {
            continue;
        }
        if tile.center().distance_squared(goal) <= reach_squared {
            return Some(trace(from, tile, |tile| {
                best[index(tile).expect("ways stay on the map")].1
            }));
        }
        n_searched += 1;
        if n_searched > MAX_SEARCHED_TILES {
            return None;
        }
        for eighths in 0..8 {
            let direction = Direction::from_eighths(eighths);
            let (dx, dy) = direction.steps();
            let next = tile.offset(dx, dy);
            let Some(place) = index(next) else { continue };
            let step = if direction.is_diagonal() {
                DIAGONAL_COST
            } else {
                STRAIGHT_COST
            };
            if cost + step >= best[place].0 || !is_walkable(world, next) {
                continue;
            }
            if direction.is_diagonal()
                && !(is_walkable(world, tile.offset(dx, 0))
                    && is_walkable(world, tile.offset(0, dy)))
            {
                continue;
            }
            best[place] = (cost + step, eighths);
            open.push(Reverse((cost + step + left_over(next), cost + step, next)));
        }
    }
    None
}

/// Estimates the cost from `from` to within reach of `goal`, never too high.
fn estimate(from: MapPos, goal: MapPos, reach_subtiles: i32) -> u32 {
    let (dx, dy) = ((from.x - goal.x).abs(), (from.y - goal.y).abs());
    // The reach may cover both parts of a diagonal, so it is taken off each.
    let (dx, dy) = ((dx - reach_subtiles).max(0), (dy - reach_subtiles).max(0));
    let (long, short) = (dx.max(dy), dx.min(dy));
    (((long - short) * STRAIGHT_COST as i32 + short * DIAGONAL_COST as i32) / SUBTILES) as u32
}

fn trace(from: TilePos, to: TilePos, last_step: impl Fn(TilePos) -> u8) -> Vec<TilePos> {
    let mut way = Vec::new();
    let mut tile = to;
    while tile != from {
        way.push(tile);
        let (dx, dy) = Direction::from_eighths(last_step(tile)).steps();
        tile = tile.offset(-dx, -dy);
    }
    way.reverse();
    way
}

/// Drops the tiles of `way` that have been reached and gives the direction of the next step; `None` at its end.
pub fn follow(way: &mut Vec<TilePos>, position: MapPos) -> Option<Direction> {
    while let Some(next) = way.first() {
        let middle = next.center();
        let part = |delta: i32| {
            if delta.abs() <= ARRIVAL_SUBTILES {
                0
            } else {
                delta.signum()
            }
        };
        let steps = (part(middle.x - position.x), part(middle.y - position.y));
        if steps == (0, 0) {
            way.remove(0);
            continue;
        }
        return (0..8)
            .map(Direction::from_eighths)
            .find(|direction| direction.steps() == steps);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prototypes::vanilla;
    use crate::sim::command::{Command, apply};
    use crate::sim::setup::{SetupOp, execute};
    use crate::sim::tick::tick;

    /// Makes a map with stone walls where the picture has `#`; its middle is the origin.
    fn world_of(picture: &[&str]) -> World {
        let mut world = World::new();
        let (width, height) = (picture[0].len() as i32, picture.len() as i32);
        let mut ops = vec![SetupOp::Map {
            width,
            height,
            tile: vanilla().tile("grass-1").unwrap(),
        }];
        for (row, line) in picture.iter().enumerate() {
            for (col, _) in line.bytes().enumerate().filter(|(_, mark)| *mark == b'#') {
                let tile = TilePos::new(col as i32 - width / 2, row as i32 - height / 2);
                ops.push(SetupOp::Entity {
                    prototype: vanilla().entity("stone-wall").unwrap(),
                    position: tile.center(),
                    direction: Direction::NORTH,
                    items: Vec::new(),
                    recipe: None,
                });
            }
        }
        execute(&mut world, 0, &ops).unwrap();
        world
    }

    fn walk(world: &mut World, from: TilePos, goal: TilePos) -> u32 {
        world.character.position = from.center();
        let mut way = find(world, from, goal.center(), 0).expect("there is a way");
        for ticks in 0..2_000 {
            let direction = follow(&mut way, world.character.position);
            apply(world, &Command::Walk(direction)).expect("the way is free");
            if direction.is_none() {
                assert_eq!(world.character.position.tile(), goal);
                return ticks;
            }
            tick(world);
        }
        panic!("the character did not arrive");
    }

    #[test]
    fn the_character_walks_round_walls_and_through_gaps_of_one_tile() {
        let mut world = world_of(&[
            "..........",
            ".########.",
            ".#......#.",
            ".#.####.#.",
            ".#.#..#.#.",
            ".#.#..#...",
            ".#.####.#.",
            ".#......#.",
            ".########.",
            "..........",
        ]);
        let ticks = walk(&mut world, TilePos::new(-5, -5), TilePos::new(-3, -3));
        assert!((100..200).contains(&ticks), "{ticks}");
        assert_eq!(
            find(
                &world,
                TilePos::new(-5, -5),
                TilePos::new(-1, 0).center(),
                0
            ),
            None,
            "the inner room has no door"
        );
    }

    #[test]
    fn a_way_ends_where_the_goal_is_in_reach() {
        let world = world_of(&["............"]);
        let way = find(
            &world,
            TilePos::new(-6, 0),
            TilePos::new(5, 0).center(),
            3 * SUBTILES,
        );
        assert_eq!(way.unwrap().last(), Some(&TilePos::new(2, 0)));
    }
}
