//! Seeds: the n-th episode of an environment that was reset with seed s is the same everywhere.

use crate::sim::rng::mix;

/// Computes the seed of the world of episode `episode` (0 is the one that the reset began).
pub const fn episode_seed(seed: u64, episode: u64) -> u64 {
    // The two are mixed apart first, so that (s, n + 1) and (s + 1, n) have nothing in common.
    mix(mix(seed) ^ mix(episode.wrapping_mul(0xd6e8_feb8_6659_fd93)).rotate_left(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_seeds_and_episodes_never_meet() {
        let mut seen: Vec<u64> = (0..300)
            .flat_map(|seed| (0..300).map(move |n| episode_seed(seed, n)))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 300 * 300);
    }
}
