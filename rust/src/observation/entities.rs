//! The rows of things that can be acted on: nearest first, ties by position, so that every backend lists them alike.

use super::local_map::{KeptMap, pile_code};
use crate::contract::codes;
use crate::contract::observation::{
    ENTITY_COLUMNS, ENTITY_ROWS, ENTITY_SCALE_TILES, GHOST_STATE, MAP_SIDE,
    MAX_ROWS_PER_NATURAL_KIND, RESOURCE_KIND_BASE, resource_amount_code,
};
use crate::sim::World;
use crate::sim::entity::{EntityRef, Target, codes_of};
use crate::sim::position::{MapPos, TilePos};

/// What each row of `entities` names; empty rows are `None`.
pub type TargetRows = [Option<Target>; ENTITY_ROWS];

/// A thing on its way into the rows.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    distance_squared: i64,
    position: MapPos,
    /// Breaks the last ties: entities before ghosts before piles before resources.
    class: u8,
    target: Target,
    kind: u8,
    state: f32,
}

impl Candidate {
    fn key(&self) -> (i64, i32, i32, u8) {
        (
            self.distance_squared,
            self.position.y,
            self.position.x,
            self.class,
        )
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

/// Lists the things in the window that `map` has marked.
pub fn list(world: &World, map: &KeptMap) -> Rows {
    let from = world.character.position;
    let mut all: Nearest<ENTITY_ROWS> = Nearest::EMPTY;
    let mut natural: [Nearest<MAX_ROWS_PER_NATURAL_KIND>; codes::RESOURCE_NAMES.len()] =
        [const { Nearest::EMPTY }; codes::RESOURCE_NAMES.len()];
    let origin = map.origin();
    for row in 0..MAP_SIDE {
        let mut bits = map.things()[row];
        while bits != 0 {
            let col = bits.trailing_zeros();
            bits &= bits - 1;
            let tile = origin.offset(col as i32, row as i32);
            offer_tile(world, tile, from, &mut all, &mut natural);
        }
    }
    for nearest in &natural {
        for candidate in nearest.items.iter().flatten() {
            all.offer(*candidate);
        }
    }
    let mut rows = Rows {
        numbers: [[0.0; ENTITY_COLUMNS]; ENTITY_ROWS],
        targets: [None; ENTITY_ROWS],
    };
    for (index, candidate) in all.items.iter().flatten().enumerate() {
        let scaled = |delta: i32| (f64::from(delta) / 256.0 / ENTITY_SCALE_TILES) as f32;
        rows.numbers[index] = [
            f32::from(candidate.kind),
            scaled(candidate.position.x - from.x),
            scaled(candidate.position.y - from.y),
            candidate.state,
        ];
        rows.targets[index] = Some(candidate.target);
    }
    rows
}

fn offer_tile(
    world: &World,
    tile: TilePos,
    from: MapPos,
    all: &mut Nearest<ENTITY_ROWS>,
    natural: &mut [Nearest<MAX_ROWS_PER_NATURAL_KIND>],
) {
    let look = world.look(tile);
    if let Some(entity) = look.entity
        && entity.position.tile() == tile
    {
        let codes = codes_of(entity.prototype);
        let candidate = Candidate {
            distance_squared: entity.position.distance_squared(from),
            position: entity.position,
            class: 0,
            target: Target::Entity(EntityRef {
                slot: look.entity_slot,
                unit: entity.unit,
            }),
            kind: codes.entity,
            state: f32::from(world.status(entity) as u8),
        };
        if codes.resource == 0 {
            all.offer(candidate);
        } else {
            natural[usize::from(codes.resource) - 1].offer(candidate);
        }
    }
    if let Some(ghost) = look.ghost
        && ghost.position.tile() == tile
    {
        all.offer(Candidate {
            distance_squared: ghost.position.distance_squared(from),
            position: ghost.position,
            class: 1,
            target: Target::Ghost(EntityRef {
                slot: look.ghost_slot,
                unit: ghost.unit,
            }),
            kind: codes_of(ghost.prototype).entity,
            state: GHOST_STATE,
        });
    }
    if let Some((position, _)) = world.ground.on_tile(tile) {
        all.offer(Candidate {
            distance_squared: position.distance_squared(from),
            position,
            class: 2,
            target: Target::Pile(position),
            kind: pile_code(),
            state: f32::from(codes::Status::Normal as u8),
        });
    }
    // Ore under a building cannot be reached; it is no target until the building is gone.
    if let Some(resource) = look.resource
        && look.entity.is_none()
    {
        let nearest = &mut natural[usize::from(resource.code) - 1];
        let position = tile.center();
        let distance_squared = position.distance_squared(from);
        if nearest.would_take(distance_squared) {
            nearest.offer(Candidate {
                distance_squared,
                position,
                class: 3,
                target: Target::Resource(tile),
                kind: RESOURCE_KIND_BASE + resource.code,
                state: f32::from(resource_amount_code(resource.amount)) / 255.0,
            });
        }
    }
}
