//! The contract, version 2: everything that the environment, the policy and the mod must agree on.
//!
//! It is defined here once. `mods/factorio-gym-mod/contract.lua` and `docs/contract.md` are generated from it
//! ([`generate`]), Python reads it from `_core`, and its [`hash`] is exchanged when a server is joined.
//! It knows no simulation: only names, numbers and layouts. Of the prototypes it knows the names, whose order numbers
//! them on the wire.

pub mod action;
pub mod codes;
pub mod frame;
pub mod generate;
pub mod mask;
pub mod observation;
pub mod wire;

/// The version of the contract; it rises with every change to what is defined under `contract/`.
pub const VERSION: u32 = 2;

/// Hashes the whole contract: the generated Markdown is its canonical text, so any change of a name, number or order shows.
pub fn hash() -> u64 {
    use std::sync::OnceLock;
    static HASH: OnceLock<u64> = OnceLock::new();
    *HASH.get_or_init(|| xxhash_rust::xxh3::xxh3_64(generate::canonical_text().as_bytes()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn hash_depends_on_the_text_alone() {
        assert_eq!(super::hash(), super::hash());
        assert_ne!(super::hash(), 0);
    }
}
