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
use crate::sim::position::{MapPos, Rect, SUBTILES, TilePos};
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
    /// The state as it was drawn; that of a machine is not kept but read from the map, which follows it.
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
                state: if codes.resource == 0 {
                    0.0
                } else {
                    f32::from(world.status(entity) as u8)
                },
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

/// Bits of a coordinate within the window, 1/256 tile.
const PLACE_BITS: u32 = (MAP_SIDE as u32 * SUBTILES as u32).ilog2();
/// The class of resources: last.
const RESOURCE_CLASS: u8 = 3;
/// Bits of a thing's class.
const CLASS_BITS: u32 = 2;
/// Marks a choice that is a cell with a resource, not a thing.
const IS_RESOURCE: u32 = 1 << 31;

/// Packs what things are ordered by: distance, then row, column and class. All things of a window differ in it.
#[inline]
fn order_key(distance_squared: i64, position: MapPos, origin: MapPos, class: u8) -> u64 {
    let (x, y) = (position.x - origin.x, position.y - origin.y);
    debug_assert!(
        x >> PLACE_BITS == 0 && y >> PLACE_BITS == 0,
        "only what is in the window is listed"
    );
    let place = (y as u64) << PLACE_BITS | x as u64;
    ((distance_squared as u64) << (2 * PLACE_BITS) | place) << CLASS_BITS | u64::from(class)
}

/// A thing or a resource on its way into the rows.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    key: u64,
    /// Index of the thing, or [`IS_RESOURCE`] and the cell.
    index: u32,
}

/// The nearest few of a kind, sorted; places that are not taken yet come last.
#[derive(Clone, Copy, Debug)]
struct Nearest<const N: usize>([Candidate; N]);

impl<const N: usize> Nearest<N> {
    const EMPTY: Self = Self(
        [Candidate {
            key: u64::MAX,
            index: 0,
        }; N],
    );

    #[inline]
    fn offer(&mut self, candidate: Candidate) {
        if candidate.key >= self.0[N - 1].key {
            return;
        }
        let mut place = N - 1;
        while place > 0 && candidate.key < self.0[place - 1].key {
            self.0[place] = self.0[place - 1];
            place -= 1;
        }
        self.0[place] = candidate;
    }

    /// Gives a squared distance beyond which nothing is taken any more.
    #[inline]
    fn reaches(&self) -> i64 {
        (self.0[N - 1].key >> (2 * PLACE_BITS + CLASS_BITS)) as i64
    }

    fn taken(&self) -> impl Iterator<Item = Candidate> + '_ {
        self.0
            .iter()
            .copied()
            .take_while(|candidate| candidate.key != u64::MAX)
    }
}

/// Rows of one observation: numbers for the policy, targets for the action.
pub struct Rows {
    pub numbers: [[f32; ENTITY_COLUMNS]; ENTITY_ROWS],
    pub targets: TargetRows,
}

/// Lists the things in the window; `cells` are the bytes that `map` has drawn.
///
/// What is listed goes to the front of the map's things: it is likely to be nearest the next time, too, and whatever
/// comes after it is then refused at a glance.
pub fn list(world: &World, map: &mut KeptMap, cells: &[u8; LOCAL_MAP_SIZE]) -> Rows {
    let from = world.character.position;
    let nearest = choose(map, cells, from);
    let mut rows = Rows {
        numbers: [[0.0; ENTITY_COLUMNS]; ENTITY_ROWS],
        targets: [None; ENTITY_ROWS],
    };
    let scaled = |delta: i32| (f64::from(delta) / 256.0 / ENTITY_SCALE_TILES) as f32;
    for (row, candidate) in nearest.taken().enumerate() {
        let thing = if candidate.index & IS_RESOURCE == 0 {
            let thing = map.things()[candidate.index as usize];
            match thing.target {
                Target::Entity(_) if thing.natural == 0 => Thing {
                    state: f32::from(cells[cell_of(map, thing.position) + channel::STATUS]),
                    ..thing
                },
                _ => thing,
            }
        } else {
            resource_in(map, cells, (candidate.index & !IS_RESOURCE) as usize)
        };
        rows.numbers[row] = [
            f32::from(thing.kind),
            scaled(thing.position.x - from.x),
            scaled(thing.position.y - from.y),
            thing.state,
        ];
        let is_in_reach = match thing.target {
            Target::Resource(_) => is_resource_in_reach(thing.position.distance_squared(from)),
            _ => is_in_reach(thing.body.distance_squared(from)),
        };
        rows.targets[row] = Some(TargetRow {
            target: thing.target,
            is_in_reach,
        });
    }
    let mut chosen = nearest.0.map(|candidate| candidate.index);
    let n_chosen = nearest.taken().count();
    map.bring_forward(&mut chosen[..n_chosen]);
    rows
}

/// Finds the first byte of the cell in which a place of the window lies.
fn cell_of(map: &KeptMap, position: MapPos) -> usize {
    let (tile, origin) = (position.tile(), map.origin());
    ((tile.y - origin.y) as usize * MAP_SIDE + (tile.x - origin.x) as usize) * MAP_CHANNELS
}

/// Chooses what is listed.
fn choose(map: &KeptMap, cells: &[u8; LOCAL_MAP_SIZE], from: MapPos) -> Nearest<ENTITY_ROWS> {
    let origin = map.origin();
    let corner = MapPos {
        x: origin.x * SUBTILES,
        y: origin.y * SUBTILES,
    };
    let mut all: Nearest<ENTITY_ROWS> = Nearest::EMPTY;
    let mut natural: [Nearest<MAX_ROWS_PER_NATURAL_KIND>; codes::RESOURCE_NAMES.len()] =
        [Nearest::EMPTY; codes::RESOURCE_NAMES.len()];
    for (index, place) in map.places().iter().enumerate() {
        let distance_squared = place.distance_squared(from);
        // Neither it nor what it would keep out of its natural kind can come into a row.
        if distance_squared > all.reaches() {
            continue;
        }
        let thing = &map.things()[index];
        let candidate = Candidate {
            key: order_key(distance_squared, thing.position, corner, thing.class),
            index: index as u32,
        };
        if thing.natural == 0 {
            all.offer(candidate);
        } else {
            natural[usize::from(thing.natural) - 1].offer(candidate);
        }
    }
    offer_resources(map, cells, from, &mut natural);
    for nearest in &natural {
        for candidate in nearest.taken() {
            all.offer(candidate);
        }
    }
    all
}

/// Offers the resource tiles that nothing covers: ore under a building is no target until the building is gone.
fn offer_resources(
    map: &KeptMap,
    cells: &[u8; LOCAL_MAP_SIZE],
    from: MapPos,
    natural: &mut [Nearest<MAX_ROWS_PER_NATURAL_KIND>],
) {
    let origin = map.origin();
    let corner = MapPos {
        x: origin.x * SUBTILES,
        y: origin.y * SUBTILES,
    };
    for (row, bits) in map.resources().iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            let col = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let cell = row * MAP_SIDE + col;
            let code = cells[cell * MAP_CHANNELS + channel::RESOURCE];
            let Some(nearest) = natural.get_mut(usize::from(code).wrapping_sub(1)) else {
                continue;
            };
            let position = origin.offset(col as i32, row as i32).center();
            let distance_squared = position.distance_squared(from);
            nearest.offer(Candidate {
                key: order_key(distance_squared, position, corner, RESOURCE_CLASS),
                index: IS_RESOURCE | cell as u32,
            });
        }
    }
}

/// Describes the resource in a cell.
///
/// Code and amount are read from the map's own bytes, which are at hand, instead of from the world.
fn resource_in(map: &KeptMap, cells: &[u8; LOCAL_MAP_SIZE], cell: usize) -> Thing {
    let tile = map
        .origin()
        .offset((cell % MAP_SIDE) as i32, (cell / MAP_SIDE) as i32);
    let start = cell * MAP_CHANNELS;
    let code = cells[start + channel::RESOURCE];
    Thing {
        position: tile.center(),
        body: point(tile.center()),
        target: Target::Resource(tile),
        class: RESOURCE_CLASS,
        kind: RESOURCE_KIND_BASE + code,
        natural: code,
        state: f32::from(cells[start + channel::AMOUNT]) / 255.0,
    }
}
