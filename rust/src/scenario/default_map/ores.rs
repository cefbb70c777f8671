//! Resources: the starting patches, and the regular ones with what lies in them.
//!
//! Figures and formulas are those of `resource-autoplace` and `resources` (prototype data of 2.0.77). Our own: the
//! points, the noise, that patches never overlap, that a starting patch is scaled to exactly its amount, and that a
//! bounded map always has crude oil and uranium ore, since nobody can walk on to where they would be.

use super::ground::{Ground, LAKE_REACH};
use super::spots::{Spot, cube_root, distance, draw_in_region, fill_region, noise, regions};
use crate::contract::codes::{RESOURCE_NAMES, code_of};
use crate::scenario::generate::canvas::{Canvas, disc, random_tile};
use crate::sim::position::{TileArea, TilePos};
use crate::sim::rng::{Rng, mix};
use crate::sim::setup::SetupOp;
use crate::sim::terrain::MAX_RESOURCE_AMOUNT;

/// Middles of starting patches lie within this distance of the start.
pub const STARTING_RADIUS_TILES: i32 = 120;
/// Candidates for each starting patch.
const N_STARTING_CANDIDATES: usize = 32;
/// Amount of a starting patch for each unit of base density, at normal frequency and size: 20,000 x (1 + 1).
const STARTING_AMOUNT: f64 = 40_000.0;
/// A starting patch is as wide as if it held 1 / this of its amount.
const STARTING_SPLIT: f64 = 0.5;
/// Regular patches set in over so many tiles beyond the starting radius.
const FADE_IN_TILES: f64 = 300.0;
/// There they have fully set in.
const FULL_DISTANCE: f64 = STARTING_RADIUS_TILES as f64 + FADE_IN_TILES;
/// They hold twice as much this far beyond.
const DOUBLE_DENSITY_TILES: f64 = 1_300.0;
const REGION_SIDE: i32 = 1_024;
const MAX_RADIUS: f64 = 32.0;
/// Weight of the noise against the height of a typical patch.
const BLOB_SHARE: f64 = 1.0 / 8.0;
/// Our noise is weaker than the game's; this makes patches as ragged.
const RAGGEDNESS: f64 = 1.4;
/// Share of the radius beyond which nothing lies, whatever the noise says.
const OUTERMOST: f64 = 1.35;
/// Free tiles between two patches.
const GAP: i32 = 2;
/// Tiles round the start without ore.
const START_CLEARING: i32 = 4;
/// Tries to find room for a resource that the map must have.
const MAX_DRAWS: u32 = 4_096;

/// What the prototype data say of a resource.
struct Kind {
    name: &'static str,
    base_density: f64,
    spots_per_km2: f64,
    n_candidates: usize,
    /// Least and largest size of a patch, against the typical one.
    sizes: (f64, f64),
    regular_factor: f64,
    /// Ratio of a starting patch's radius to the cube root of its quantity; none without starting patch.
    starting_factor: Option<f64>,
    /// One tile of so many has the resource, with so much more on it; 1 for ores.
    one_tile_in: u32,
    additional: f64,
}

const fn ore(name: &'static str, base_density: f64, factors: (f64, f64)) -> Kind {
    Kind {
        name,
        base_density,
        spots_per_km2: 2.5,
        n_candidates: 22,
        sizes: (0.25, 2.0),
        regular_factor: factors.0 / 10.0,
        starting_factor: Some(factors.1 / 7.0),
        one_tile_in: 1,
        additional: 0.0,
    }
}

const KINDS: [Kind; 6] = [
    ore("iron-ore", 10.0, (1.1, 1.5)),
    ore("copper-ore", 8.0, (1.1, 1.2)),
    ore("coal", 8.0, (1.0, 1.1)),
    ore("stone", 4.0, (1.0, 1.1)),
    Kind {
        name: "uranium-ore",
        base_density: 0.9,
        spots_per_km2: 1.25,
        n_candidates: 21,
        sizes: (2.0, 4.0),
        regular_factor: 0.1,
        starting_factor: None,
        one_tile_in: 1,
        additional: 0.0,
    },
    Kind {
        name: "crude-oil",
        base_density: 8.2,
        spots_per_km2: 1.8,
        n_candidates: 21,
        sizes: (1.0, 1.0),
        regular_factor: 0.1,
        starting_factor: None,
        one_tile_in: 48,
        additional: 220_000.0,
    },
];

impl Kind {
    /// Amount of the resource for each tile of map, at a distance from the start.
    fn density_at(&self, distance: f64) -> f64 {
        let radius = f64::from(STARTING_RADIUS_TILES);
        let fade = ((distance - radius) / FADE_IN_TILES).clamp(0.0, 1.0);
        let growth = ((distance - FADE_IN_TILES) / DOUBLE_DENSITY_TILES).clamp(0.0, 1.0);
        self.base_density * fade * (1.0 + growth)
    }

    fn typical_quantity_at(&self, distance: f64) -> f64 {
        1e6 / self.spots_per_km2 * self.density_at(distance)
    }

    /// The least amount of a resource on a map, where the start has none: half a patch where they have fully set in.
    fn least_needed(&self) -> f64 {
        self.sizes.0 * self.typical_quantity_at(FULL_DISTANCE) / 2.0
    }

    /// Height of the noise at a distance: a share of a typical patch's.
    fn amplitude_at(&self, distance: f64) -> f64 {
        let mean_size = f64::midpoint(self.sizes.0, self.sizes.1);
        let farthest = DOUBLE_DENSITY_TILES + FADE_IN_TILES;
        let quantity = mean_size * self.typical_quantity_at(distance.min(farthest));
        BLOB_SHARE * height(quantity, self.regular_factor)
    }

    fn spot(&self, rng: &mut Rng, center: TilePos, distance: f64) -> Spot {
        let size = self.sizes.0 + (self.sizes.1 - self.sizes.0) * rng.unit();
        let quantity = size * self.typical_quantity_at(distance);
        Spot {
            center,
            quantity,
            radius: (self.regular_factor * cube_root(quantity)).min(MAX_RADIUS),
        }
    }
}

/// Height of a cone whose radius is `factor` times the cube root of its quantity.
fn height(quantity: f64, factor: f64) -> f64 {
    cube_root(quantity) / (std::f64::consts::PI / 3.0 * factor * factor)
}

/// How much richer tiles are at a distance.
fn richness_at(distance: f64) -> f64 {
    ((DOUBLE_DENSITY_TILES - FADE_IN_TILES + distance) / (2.0 * DOUBLE_DENSITY_TILES)).max(1.0)
}

fn from_start(tile: TilePos) -> f64 {
    distance(TilePos::new(0, 0), tile)
}

fn reach(radius: f64) -> i32 {
    (radius * OUTERMOST).ceil() as i32
}

/// What the placing of resources works on.
pub(super) struct Field<'a> {
    pub seed: u64,
    pub area: TileArea,
    pub ground: &'a Ground,
    pub canvas: &'a mut Canvas,
    pub ops: &'a mut Vec<SetupOp>,
}

/// Lays all resources.
pub(super) fn place(field: &mut Field<'_>) {
    field
        .canvas
        .reserve_disc(TilePos::new(0, 0), START_CLEARING);
    field.canvas.reserve_disc(field.ground.lake, LAKE_REACH);
    for (index, kind) in KINDS.iter().enumerate() {
        if let Some(factor) = kind.starting_factor {
            let mut rng = field.stream(1, index);
            field.place_starting(kind, factor, &mut rng);
        }
    }
    for (index, kind) in KINDS.iter().enumerate() {
        let mut rng = field.stream(2, index);
        let mut n_laid = 0;
        let mut laid = 0.0;
        for corner in regions(field.area.width, field.area.height, REGION_SIDE) {
            fill_region(
                &mut rng,
                corner,
                REGION_SIDE,
                kind.n_candidates,
                |tile| kind.density_at(from_start(tile)),
                |rng, tile| kind.spot(rng, tile, from_start(tile)),
                |spot| {
                    // What would lie off the map is there, only not on it.
                    if !field.area.contains(spot.center) {
                        return true;
                    }
                    let has_room = field.has_room(&spot);
                    if has_room {
                        let seed = mix(field.seed ^ mix(n_laid << 8 | index as u64));
                        field.lay(kind, &spot, seed);
                        n_laid += 1;
                        laid += spot.quantity;
                    }
                    has_room
                },
            );
        }
        if kind.starting_factor.is_none() && laid < kind.least_needed() {
            field.place_needed(kind, &mut rng);
        }
    }
}

impl Field<'_> {
    fn stream(&self, purpose: u64, index: usize) -> Rng {
        Rng::new(self.seed ^ mix(purpose << 8 | index as u64))
    }

    fn has_room(&self, spot: &Spot) -> bool {
        self.ground.is_reachable(spot.center)
            && disc(spot.center, reach(spot.radius))
                .all(|tile| !self.area.contains(tile) || self.canvas.is_clear(tile))
    }

    /// Lays a starting patch where it suits best: near the start, but not always nearest.
    fn place_starting(&mut self, kind: &Kind, factor: f64, rng: &mut Rng) {
        let amount = STARTING_AMOUNT * kind.base_density;
        // The region's target caps the quantity of the one spot; its radius is that of the whole quantity.
        let whole = amount / STARTING_SPLIT;
        let spot_at = |center| Spot {
            center,
            quantity: amount,
            radius: factor * cube_root(whole),
        };
        let radius = STARTING_RADIUS_TILES;
        let mut best: Option<(f64, Spot)> = None;
        let mut n_candidates = 0;
        // On a crowded start the search goes on until there is room at all.
        for _ in 0..MAX_DRAWS {
            let center = draw_in_region(rng, TilePos::new(-radius, -radius), 2 * radius);
            let share = from_start(center) / f64::from(radius);
            let favour = -share - 0.5 * rng.unit();
            let spot = spot_at(center);
            if share < 1.0 && self.has_room(&spot) && best.is_none_or(|(most, _)| favour > most) {
                best = Some((favour, spot));
            }
            n_candidates += 1;
            if n_candidates >= N_STARTING_CANDIDATES && best.is_some() {
                break;
            }
        }
        let Some((_, spot)) = best else { return };
        let seed = rng.next_u64();
        let amplitude = BLOB_SHARE * height(whole, factor);
        let heights: Vec<(TilePos, f64)> = self
            .tiles_of(&spot)
            .filter_map(|tile| {
                let blobs = noise(seed, 1, tile, 8) + noise(seed, 2, tile, 24) - 0.25;
                let height = spot.height_at(tile) + RAGGEDNESS * blobs * amplitude;
                (height >= 1.0).then_some((tile, height))
            })
            .collect();
        let sum: f64 = heights.iter().map(|(_, height)| height).sum();
        for (tile, height) in heights {
            self.put(kind, tile, height * amount / sum);
        }
        self.canvas
            .reserve_disc(spot.center, reach(spot.radius) + GAP);
    }

    /// Lays a resource that the map must have, as it is where patches have fully set in.
    fn place_needed(&mut self, kind: &Kind, rng: &mut Rng) {
        let inner = self.canvas.inner(GAP);
        let seed = rng.next_u64();
        for _ in 0..MAX_DRAWS {
            let center = random_tile(rng, inner);
            let spot = kind.spot(rng, center, FULL_DISTANCE);
            let is_out = from_start(center) - spot.radius > f64::from(STARTING_RADIUS_TILES);
            let is_whole = disc(center, reach(spot.radius)).all(|tile| inner.contains(tile));
            if is_out && is_whole && self.has_room(&spot) {
                self.lay(kind, &spot, seed);
                return;
            }
        }
    }

    /// Lists the tiles that a spot may cover: land of the map.
    fn tiles_of(&self, spot: &Spot) -> impl Iterator<Item = TilePos> {
        disc(spot.center, reach(spot.radius)).filter(|tile| self.ground.is_land(*tile))
    }

    fn lay(&mut self, kind: &Kind, spot: &Spot, seed: u64) {
        let amplitude = kind.amplitude_at(from_start(spot.center));
        let keeps_out = kind.starting_factor.is_none();
        let limit = f64::from(STARTING_RADIUS_TILES);
        let heights: Vec<(TilePos, f64)> = self
            .tiles_of(spot)
            .filter(|tile| !keeps_out || from_start(*tile) > limit)
            .filter_map(|tile| {
                let blobs = noise(seed, 1, tile, 8)
                    + noise(seed, 2, tile, 24)
                    + 1.5 * noise(seed, 3, tile, 64)
                    - 1.0 / 3.0;
                let height = spot.height_at(tile) + RAGGEDNESS * blobs * amplitude;
                (height >= 1.0).then_some((tile, height))
            })
            .collect();
        if kind.one_tile_in == 1 {
            for (tile, height) in heights {
                self.put(kind, tile, height * richness_at(from_start(tile)));
            }
        } else {
            self.lay_wells(kind, spot, &heights, &mut Rng::new(seed));
        }
        self.canvas
            .reserve_disc(spot.center, reach(spot.radius) + GAP);
    }

    /// Lays wells on a few of the tiles, apart as their size of three tiles keeps them; at least one, in the middle.
    fn lay_wells(&mut self, kind: &Kind, spot: &Spot, heights: &[(TilePos, f64)], rng: &mut Rng) {
        const APART: i32 = 3;
        let mut wells: Vec<(TilePos, f64)> = Vec::new();
        for (tile, height) in heights {
            let is_apart = wells.iter().all(|(well, _)| {
                (well.x - tile.x).abs() >= APART || (well.y - tile.y).abs() >= APART
            });
            if rng.chance(1, kind.one_tile_in) && is_apart && self.has_shore(*tile) {
                wells.push((*tile, *height));
            }
        }
        if wells.is_empty() {
            wells.push((spot.center, spot.height_at(spot.center)));
        }
        for (tile, height) in wells {
            let amount = height * f64::from(kind.one_tile_in) + kind.additional;
            self.put(kind, tile, amount * richness_at(from_start(tile)));
        }
    }

    /// Says whether a pumpjack fits: land all round.
    fn has_shore(&self, tile: TilePos) -> bool {
        (-1..=1).all(|dy| (-1..=1).all(|dx| self.ground.is_land(tile.offset(dx, dy))))
    }

    fn put(&mut self, kind: &Kind, tile: TilePos, amount: f64) {
        let amount = (amount.round() as u32).clamp(1, MAX_RESOURCE_AMOUNT);
        self.ops.push(SetupOp::Resource {
            tile,
            code: code_of(&RESOURCE_NAMES, kind.name),
            amount,
        });
    }
}
