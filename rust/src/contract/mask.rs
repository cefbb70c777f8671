//! The mask: 64 bits for the 65 choices. Staying is always legal and has no bit.

/// Bits of the mask.
pub const SIZE: usize = 64;
/// Entries of the flat mask that MaskablePPO expects: all choices of all heads.
pub const FLAT_SIZE: usize = 65;
/// First bit of each head: moves 1 to 8, interactions, targets, items.
pub const MOVE_BIT: usize = 0;
pub const INTERACT_BIT: usize = 8;
pub const TARGET_BIT: usize = 16;
pub const ITEM_BIT: usize = 32;

/// Widens the 64 bits to the 65 booleans (move, interact, target, item), staying set.
pub fn flatten(mask: &[u8; SIZE], flat: &mut [u8; FLAT_SIZE]) {
    flat[0] = 1;
    flat[1..].copy_from_slice(mask);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::action::NVEC;

    #[test]
    fn bits_cover_all_choices_but_staying() {
        assert_eq!(FLAT_SIZE, NVEC.iter().sum::<usize>());
        assert_eq!(INTERACT_BIT, NVEC[0] - 1);
        assert_eq!(TARGET_BIT, INTERACT_BIT + NVEC[1]);
        assert_eq!(ITEM_BIT, TARGET_BIT + NVEC[2]);
        assert_eq!(SIZE, ITEM_BIT + NVEC[3]);
    }

    #[test]
    fn flat_mask_starts_with_staying() {
        let mut mask = [0; SIZE];
        mask[MOVE_BIT + 2] = 1;
        let mut flat = [7; FLAT_SIZE];
        flatten(&mask, &mut flat);
        assert_eq!((flat[0], flat[3], flat[4], flat[64]), (1, 1, 0, 0));
    }
}
