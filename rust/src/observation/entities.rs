//! The rows of things that can be acted on: nearest first, ties by position, so that every backend lists them alike.

use super::local_map::{KeptMap, pile_code};
use crate::contract::codes;
use crate::contract::observation::{
    ENTITY_COLUMNS, ENTITY_ROWS, ENTITY_SCALE_TILES, GHOST_STATE, LOCAL_MAP_SIZE, MAP_CHANNELS,
    MAP_SIDE, MAX_ROWS_PER_NATURAL_KIND, RESOURCE_KIND_BASE, channel,
};
use crate::sim::World;
use crate::sim::entity::{EntityRef, Target, codes_of};
use crate::sim::mining::{is_in_reach, is_resource_in_reach};
use crate::sim::position::{MapPos, Rect, TilePos};
use crate::sim::world::Look;

/// What a row of `entities` names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetRow {
    pub target: Target,
    /// Whether it is near enough to be mined, filled or emptied.
    pub is_in_reach: bool,
}

/// What each row of `entities` names; empty rows are `None`.
pub type TargetRows = [Option<TargetRow>; ENTITY_ROWS];

/// Something in the window that can be acted on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    pub position: MapPos,
    /// What reaching it is measured to.
    body: Rect,
    target: Target,
    /// Breaks the last ties: entities before ghosts before piles before resources.
    class: u8,
    kind: u8,
    /// Resource code of a tree or rock, else 0.
    natural: u8,
    state: f32,
}

impl Thing {
    /// Lists what has its centre on a tile, resources apart.
    pub fn collect(world: &World, tile: TilePos, look: &Look<'_>, things: &mut Vec<Self>) {
        if let Some(entity) = look.entity
            && entity.position.tile() == tile
        {
            let codes = codes_of(entity.prototype);
            things.push(Self {
                position: entity.position,
                body: entity.collision_box(),
                target: Target::Entity(EntityRef {
                    slot: look.entity_slot,
                    unit: entity.unit,
                }),
                class: 0,
                kind: codes.entity,
                natural: codes.resource,
                state: f32::from(world.status(entity) as u8),
            });
        }
        if let Some(ghost) = look.ghost
            && ghost.position.tile() == tile
        {
            things.push(Self {
                position: ghost.position,
                body: point(ghost.position),
                target: Target::Ghost(EntityRef {
                    slot: look.ghost_slot,
                    unit: ghost.unit,
                }),
                class: 1,
                kind: codes_of(ghost.prototype).entity,
                natural: 0,
                state: GHOST_STATE,
            });
        }
        if let Some((position, _)) = look.pile {
            things.push(Self {
                position,
                body: point(position),
                target: Target::Pile(position),
                class: 2,
                kind: pile_code(),
                natural: 0,
                state: f32::from(codes::Status::Normal as u8),
            });
        }
    }
}

const fn point(position: MapPos) -> Rect {
    Rect {
        left: position.x,
        top: position.y,
        right: position.x,
        bottom: position.y,
    }
}

/// A thing on its way into the rows.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    distance_squared: i64,
    thing: Thing,
}

impl Candidate {
    fn key(&self) -> (i64, i32, i32, u8) {
        let Thing {
            position, class, ..
        } = self.thing;
        (self.distance_squared, position.y, position.x, class)
    }
}

/// The nearest few of a kind, sorted.
#[derive(Clone, Debug)]
struct Nearest<const N: usize> {
    items: [Option<Candidate>; N],
    len: usize,
}

impl<const N: usize> Nearest<N> {
    const EMPTY: Self = Self {
        items: [None; N],
        len: 0,
    };

    #[inline]
    fn offer(&mut self, candidate: Candidate) {
        if self.len == N {
            match &self.items[N - 1] {
                Some(last) if candidate.key() < last.key() => {}
                _ => return,
            }
        } else {
            self.len += 1;
        }
        let mut place = self.len - 1;
        while place > 0 {
            match self.items[place - 1] {
                Some(before) if candidate.key() < before.key() => {
                    self.items[place] = Some(before);
                    place -= 1;
                }
                _ => break,
            }
        }
        self.items[place] = Some(candidate);
    }

    #[inline]
    fn would_take(&self, distance_squared: i64) -> bool {
        self.len < N
            || self.items[N - 1].is_none_or(|last| distance_squared <= last.distance_squared)
    }
}

/// Rows of one observation: numbers for the policy, targets for the action.
pub struct Rows {
    pub numbers: [[f32; ENTITY_COLUMNS]; ENTITY_ROWS],
    pub targets: TargetRows,
}

/// Lists the things in the window; `cells` are the bytes that `map` has drawn.
pub fn list(world: &World, map: &KeptMap, cells: &[u8; LOCAL_MAP_SIZE]) -> Rows {
    let from = world.character.position;
    let mut all: Nearest<ENTITY_ROWS> = Nearest::EMPTY;
    let mut natural: [Nearest<MAX_ROWS_PER_NATURAL_KIND>; codes::RESOURCE_NAMES.len()] =
        [const { Nearest::EMPTY }; codes::RESOURCE_NAMES.len()];
    for thing in map.things() {
        let distance_squared = thing.position.distance_squared(from);
        let candidate = Candidate {
            distance_squared,
            thing: *thing,
        };
        if thing.natural == 0 {
            all.offer(candidate);
        } else {
            natural[usize::from(thing.natural) - 1].offer(candidate);
        }
    }
    list_resources(map, cells, from, &mut natural);
    for nearest in &natural {
        for candidate in nearest.items.iter().flatten() {
            all.offer(*candidate);
        }
    }
    let mut rows = Rows {
        numbers: [[0.0; ENTITY_COLUMNS]; ENTITY_ROWS],
        targets: [None; ENTITY_ROWS],
    };
    for (
        index,
        Candidate {
            thing,
            distance_squared,
        },
    ) in all.items.iter().flatten().enumerate()
    {
        let scaled = |delta: i32| (f64::from(delta) / 256.0 / ENTITY_SCALE_TILES) as f32;
        rows.numbers[index] = [
            f32::from(thing.kind),
            scaled(thing.position.x - from.x),
            scaled(thing.position.y - from.y),
            thing.state,
        ];
        let is_in_reach = match thing.target {
            Target::Resource(_) => is_resource_in_reach(*distance_squared),
            _ => is_in_reach(thing.body.distance_squared(from)),
        };
        rows.targets[index] = Some(TargetRow {
            target: thing.target,
            is_in_reach,
        });
    }
    rows
}

/// Offers the resource tiles that nothing covers: ore under a building is no target until the building is gone.
///
/// Code and amount are read from the map's own bytes, which are at hand, instead of from the world.
fn list_resources(
    map: &KeptMap,
    cells: &[u8; LOCAL_MAP_SIZE],
    from: MapPos,
    natural: &mut [Nearest<MAX_ROWS_PER_NATURAL_KIND>],
) {
    let origin = map.origin();
    for (row, bits) in map.resources().iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            let col = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let tile = origin.offset(col as i32, row as i32);
            let position = tile.center();
            let distance_squared = position.distance_squared(from);
            let start = (row * MAP_SIDE + col) * MAP_CHANNELS;
            let code = cells[start + channel::RESOURCE];
            let Some(nearest) = natural.get_mut(usize::from(code).wrapping_sub(1)) else {
                continue;
            };
            if nearest.would_take(distance_squared) {
                let thing = Thing {
                    position,
                    body: point(position),
                    target: Target::Resource(tile),
                    class: 3,
                    kind: RESOURCE_KIND_BASE + code,
                    natural: code,
                    state: f32::from(cells[start + channel::AMOUNT]) / 255.0,
                };
                nearest.offer(Candidate {
                    distance_squared,
                    thing,
                });
            }
        }
    }
}
