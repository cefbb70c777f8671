//! Smooth noise from integer hashes: equal on every machine, since only exact float operations follow.

use crate::sim::position::TilePos;
use crate::sim::rng::mix;

/// Gives a value in -1..=1 that changes smoothly over about `cell` tiles.
pub(in crate::scenario) fn value_noise(seed: u64, tile: TilePos, cell: i32) -> f64 {
    let (col, row) = (tile.x.div_euclid(cell), tile.y.div_euclid(cell));
    let (x, y) = (
        smooth(tile.x.rem_euclid(cell), cell),
        smooth(tile.y.rem_euclid(cell), cell),
    );
    let between = |low: f64, high: f64, share: f64| low + (high - low) * share;
    between(
        between(lattice(seed, col, row), lattice(seed, col + 1, row), x),
        between(
            lattice(seed, col, row + 1),
            lattice(seed, col + 1, row + 1),
            x,
        ),
        y,
    )
}

fn smooth(offset: i32, cell: i32) -> f64 {
    let share = f64::from(offset) / f64::from(cell);
    share * share * (3.0 - 2.0 * share)
}

fn lattice(seed: u64, col: i32, row: i32) -> f64 {
    let place = (u64::from(col as u32) << 32) | u64::from(row as u32);
    // 53 bits are exactly a float; the scale is a power of two, so nothing is rounded.
    let bits = mix(seed ^ mix(place)) >> 11;
    bits as f64 / (1_u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_bounded_smooth_and_fixed_for_ever() {
        let mut values = Vec::new();
        for x in -40..40 {
            let here = value_noise(7, TilePos::new(x, -3), 8);
            let next = value_noise(7, TilePos::new(x + 1, -3), 8);
            assert!(here.abs() <= 1.0);
            assert!((here - next).abs() < 0.5, "a jump at {x}");
            values.push(here);
        }
        assert!(values.iter().any(|v| *v > 0.3) && values.iter().any(|v| *v < -0.3));
        let (one, other) = (
            value_noise(7, TilePos::new(0, 0), 8),
            value_noise(8, TilePos::new(0, 0), 8),
        );
        assert!((one - other).abs() > 1e-6, "seeds differ");
    }
}
