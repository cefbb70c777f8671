//! Spots: cones of a quantity and a radius on candidate points of square regions, as the game's `spot_noise` lays them.
//!
//! A region takes candidates until the quantity that its density asks for is there. The points and the noise are our
//! own; quantities, radii and counts are the game's (prototype data: `noise-functions`, `resource-autoplace`).

use crate::scenario::generate::noise::value_noise;
use crate::sim::position::TilePos;
use crate::sim::rng::{Rng, mix};

/// Our noise is flatter in the middle of its range than the game's; this brings its spread near to that.
const NOISE_SHARE: f64 = 0.7;

/// A cone: its volume is the quantity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub center: TilePos,
    pub quantity: f64,
    pub radius: f64,
}

impl Spot {
    /// Computes the height of the cone over a tile; below 0 beyond its radius.
    pub(super) fn height_at(&self, tile: TilePos) -> f64 {
        let peak = 3.0 * self.quantity / (std::f64::consts::PI * self.radius * self.radius);
        peak * (1.0 - distance(self.center, tile) / self.radius)
    }
}

/// Computes the distance between two tiles.
pub(super) fn distance(one: TilePos, other: TilePos) -> f64 {
    let (dx, dy) = (f64::from(one.x - other.x), f64::from(one.y - other.y));
    (dx * dx + dy * dy).sqrt()
}

/// Computes a cube root by steps that are exact everywhere; libraries differ in the last bit.
pub(super) fn cube_root(value: f64) -> f64 {
    const N_STEPS: usize = 60;
    if value <= 0.0 {
        return 0.0;
    }
    let mut root = value.max(1.0);
    for _ in 0..N_STEPS {
        root = (2.0 * root + value / (root * root)) / 3.0;
    }
    root
}

/// Gives noise of about -1 to 1 that changes over `cell` tiles.
pub(super) fn noise(seed: u64, purpose: u64, tile: TilePos, cell: i32) -> f64 {
    NOISE_SHARE * value_noise(seed ^ mix(purpose << 8 | cell as u64), tile, cell)
}

/// Draws a tile of a square region.
pub(super) fn draw_in_region(rng: &mut Rng, left_top: TilePos, side: i32) -> TilePos {
    let x = left_top.x + rng.below(side as u32) as i32;
    TilePos::new(x, left_top.y + rng.below(side as u32) as i32)
}

/// Lists the north-western corners of the regions that a map touches; one of them has the origin in its middle.
pub(super) fn regions(width: i32, height: i32, side: i32) -> Vec<TilePos> {
    let reach = |tiles: i32| ((tiles + 1) / 2 + side / 2 - 1) / side;
    let (cols, rows) = (reach(width), reach(height));
    let corner = |index: i32| index * side - side / 2;
    (-rows..=rows)
        .flat_map(|row| (-cols..=cols).map(move |col| TilePos::new(corner(col), corner(row))))
        .collect()
}

/// Draws the candidates of a region, and which of them become spots: those first drawn, until their quantities reach
/// what the mean of the candidates' densities asks for. A candidate that is not `laid` counts for nothing.
pub(super) fn fill_region(
    rng: &mut Rng,
    left_top: TilePos,
    side: i32,
    n_candidates: usize,
    density_at: impl Fn(TilePos) -> f64,
    mut spot_at: impl FnMut(&mut Rng, TilePos) -> Spot,
    mut lay: impl FnMut(Spot) -> bool,
) {
    let candidates: Vec<TilePos> = (0..n_candidates)
        .map(|_| draw_in_region(rng, left_top, side))
        .collect();
    let sum: f64 = candidates.iter().map(|tile| density_at(*tile)).sum();
    let wanted = sum / n_candidates as f64 * f64::from(side) * f64::from(side);
    let mut placed = 0.0;
    for tile in candidates {
        if placed >= wanted {
            break;
        }
        let spot = spot_at(rng, tile);
        if spot.quantity > 0.0 && lay(spot) {
            placed += spot.quantity;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cone_holds_its_quantity() {
        let spot = Spot {
            center: TilePos::new(3, -2),
            quantity: 400_000.0,
            radius: 19.9,
        };
        let area = crate::sim::position::TileArea {
            left: -20,
            top: -25,
            width: 46,
            height: 46,
        };
        let sum: f64 = area.tiles().map(|tile| spot.height_at(tile).max(0.0)).sum();
        assert!((sum / 400_000.0 - 1.0).abs() < 0.01, "{sum}");
    }

    #[test]
    fn cube_roots_are_right_over_the_whole_range() {
        for root in [0.5, 1.0, 7.0, 92.8, 3_000.0] {
            assert!((cube_root(root * root * root) / root - 1.0_f64).abs() < 1e-12);
        }
        assert!(cube_root(0.0).abs() < f64::EPSILON);
    }

    #[test]
    fn regions_cover_the_map_and_one_is_centred() {
        assert_eq!(regions(1_024, 1_024, 1_024).len(), 1);
        assert_eq!(regions(1_026, 1_026, 1_024).len(), 9);
        assert_eq!(regions(512, 512, 1_024), [TilePos::new(-512, -512)]);
        assert_eq!(regions(512, 2_048, 512).len(), 5);
    }
}
