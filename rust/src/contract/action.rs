//! The action: four heads, what each choice means, and why a component may be refused.

/// Choices of each head: move, interact, target, item.
pub const NVEC: [usize; 4] = [9, 8, 16, 32];
/// Index of the heads in an action.
pub const MOVE: usize = 0;
pub const INTERACT: usize = 1;
pub const TARGET: usize = 2;
pub const ITEM: usize = 3;
/// Names of the heads.
pub const HEAD_NAMES: [&str; 4] = ["move", "interact", "target", "item"];
/// Names of the moves: 0 stays, 1 to 8 go round the compass clockwise from north.
pub const MOVE_NAMES: [&str; 9] = [
    "stay",
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
];

/// What the hands do in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Interact {
    None = 0,
    Mine = 1,
    Build = 2,
    Insert = 3,
    Take = 4,
    Craft = 5,
    SetRecipe = 6,
    Rotate = 7,
}

impl Interact {
    /// All choices, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Mine,
        Self::Build,
        Self::Insert,
        Self::Take,
        Self::Craft,
        Self::SetRecipe,
        Self::Rotate,
    ];

    /// Whether the choice reads the target head.
    pub const fn uses_target(self) -> bool {
        !matches!(self, Self::None | Self::Craft)
    }

    /// Whether the choice reads the item head.
    pub const fn uses_item(self) -> bool {
        matches!(
            self,
            Self::Build | Self::Insert | Self::Craft | Self::SetRecipe
        )
    }

    /// The name used in files and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Mine => "mine",
            Self::Build => "build",
            Self::Insert => "insert",
            Self::Take => "take",
            Self::Craft => "craft",
            Self::SetRecipe => "set-recipe",
            Self::Rotate => "rotate",
        }
    }

    /// What the choice does, for the generated documents.
    pub const fn description(self) -> &'static str {
        match self {
            Self::None => "nothing; target and item are not read",
            Self::Mine => {
                "mine the target for this step's ticks (progress is kept while the target stays the same)"
            }
            Self::Build => {
                "build the item: on the ghost, if the target row is a ghost of it; on the resource, if it is a resource and \
                 the item is a mining drill; at the target's drop position, or beside it on the character's facing side, \
                 if it is a machine; else in front of the character"
            }
            Self::Insert => {
                "put up to one stack of the item into the target, as far as it has room"
            }
            Self::Take => {
                "take what the target has made or holds, as far as the inventory has room"
            }
            Self::Craft => "queue one craft of the item by hand, with its intermediate products",
            Self::SetRecipe => "set the recipe of the item on the target",
            Self::Rotate => "rotate the target a quarter turn clockwise",
        }
    }
}

/// Why a component of an action was refused. The number is what `info["rejected"]` carries; 0 is `accepted`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[repr(u8)]
pub enum RejectReason {
    /// The way in that direction is blocked.
    Blocked = 1,
    /// The target row is empty, or what it named is gone.
    NoTarget = 2,
    /// The target is too far away for this interaction.
    OutOfReach = 3,
    /// The target cannot be used in this way.
    WrongTarget = 4,
    /// The palette has no item at that index.
    NoItem = 5,
    /// The character does not have the item.
    MissingItem = 6,
    /// The item cannot be used in this way (not buildable, not a fuel, not accepted).
    WrongItem = 7,
    /// There is no room where the item would be built.
    NoSpace = 8,
    /// The inventory, or the target, is full.
    Full = 9,
    /// Nothing is there to take.
    Empty = 10,
    /// No recipe makes the item, or it cannot be made by hand.
    NoRecipe = 11,
    /// The recipe is not researched.
    RecipeLocked = 12,
    /// Ingredients are missing.
    MissingIngredients = 13,
    /// The crafting queue is full.
    QueueFull = 14,
    /// The simulation does not have the mechanic that this needs.
    AbsentMechanic = 15,
    /// The character is dead.
    Dead = 16,
}

impl RejectReason {
    /// All reasons in the order of their numbers.
    pub const ALL: [Self; 16] = [
        Self::Blocked,
        Self::NoTarget,
        Self::OutOfReach,
        Self::WrongTarget,
        Self::NoItem,
        Self::MissingItem,
        Self::WrongItem,
        Self::NoSpace,
        Self::Full,
        Self::Empty,
        Self::NoRecipe,
        Self::RecipeLocked,
        Self::MissingIngredients,
        Self::QueueFull,
        Self::AbsentMechanic,
        Self::Dead,
    ];

    /// The name that `info["rejected"]` shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::NoTarget => "no-target",
            Self::OutOfReach => "out-of-reach",
            Self::WrongTarget => "wrong-target",
            Self::NoItem => "no-item",
            Self::MissingItem => "missing-item",
            Self::WrongItem => "wrong-item",
            Self::NoSpace => "no-space",
            Self::Full => "full",
            Self::Empty => "empty",
            Self::NoRecipe => "no-recipe",
            Self::RecipeLocked => "recipe-locked",
            Self::MissingIngredients => "missing-ingredients",
            Self::QueueFull => "queue-full",
            Self::AbsentMechanic => "absent-mechanic",
            Self::Dead => "dead",
        }
    }
}

impl std::fmt::Display for RejectReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_order() {
        for (index, interact) in Interact::ALL.into_iter().enumerate() {
            assert_eq!(interact as usize, index);
        }
        for (index, reason) in RejectReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index + 1);
        }
    }
}
