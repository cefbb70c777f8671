//! The numbers by which prototypes refer to each other.
//!
//! An id is the position in the name-sorted list of its kind, so it is stable for one version of the game's data only.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! prototype_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub u16);

        impl $name {
            /// Returns the position in the name-sorted list of prototypes.
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            pub(super) fn from_index(index: usize) -> Self {
                Self(u16::try_from(index).expect("a kind has fewer than 65,536 prototypes"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

prototype_ids! {
    /// An item.
    ItemId
    /// A recipe.
    RecipeId
    /// An entity.
    EntityPrototypeId
    /// A technology.
    TechnologyId
    /// A fluid.
    FluidId
    /// A kind of ground.
    TileId
}
