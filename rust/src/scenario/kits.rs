//! Kits: named sets of starting items, with the palette that goes with each.

use crate::error::Result;
use crate::prototypes::{ItemId, vanilla};

/// A named set of starting items.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kit {
    pub name: &'static str,
    items: &'static [(&'static str, u32)],
    /// Items beside those, which are not of the default palette: the character uses them by itself.
    arms: &'static [(&'static str, u32)],
    /// Items of the default palette that the kit itself does not hold.
    further_palette: &'static [&'static str],
}

/// All kits.
pub(super) const KITS: [Kit; 4] = [
    Kit {
        name: "none",
        items: &[],
        arms: &[],
        further_palette: &[],
    },
    Kit {
        name: "mining_kit",
        // An insertion by hand moves a whole stack of coal, so there is a stack for each drill: 50 coal last 22 minutes.
        items: &[
            ("burner-mining-drill", 16),
            ("wooden-chest", 16),
            ("coal", 800),
            ("wood", 50),
        ],
        arms: &[],
        further_palette: &["iron-ore", "copper-ore", "stone", "stone-furnace"],
    },
    Kit {
        name: "construction_kit",
        items: &[
            ("stone-furnace", 8),
            ("burner-mining-drill", 8),
            ("wooden-chest", 8),
            ("iron-chest", 8),
            ("stone-wall", 24),
        ],
        arms: &[],
        further_palette: &["wood", "stone", "coal"],
    },
    Kit {
        name: "freeplay_kit",
        // What the game's freeplay scenario gives (2.0).
        items: &[
            ("burner-mining-drill", 1),
            ("stone-furnace", 1),
            ("iron-plate", 8),
            ("wood", 1),
        ],
        arms: &[("pistol", 1), ("firearm-magazine", 10)],
        further_palette: &[
            "coal",
            "stone",
            "iron-ore",
            "copper-ore",
            "copper-plate",
            "stone-brick",
            "steel-plate",
            "wooden-chest",
            "iron-chest",
            "stone-wall",
            "iron-gear-wheel",
            "iron-stick",
            "copper-cable",
            "electronic-circuit",
            "transport-belt",
            "burner-inserter",
            "inserter",
            "pipe",
            "small-electric-pole",
            "offshore-pump",
            "boiler",
            "steam-engine",
            "electric-mining-drill",
            "assembling-machine-1",
            "lab",
            "automation-science-pack",
            "underground-belt",
            "splitter",
        ],
    },
];

impl Kit {
    /// Finds a kit by its name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KITS.iter().find(|kit| kit.name == name)
    }

    /// Lists the kit's items and counts.
    pub(super) fn items(&self) -> Result<Vec<(ItemId, u32)>> {
        self.items
            .iter()
            .chain(self.arms)
            .map(|(name, count)| Ok((vanilla().item(name)?, *count)))
            .collect()
    }

    /// Lists the kit's default palette: its items, then what can be made or met with them.
    pub(super) fn palette(&self) -> Result<Vec<ItemId>> {
        let held = self.items.iter().map(|(name, _)| *name);
        held.chain(self.further_palette.iter().copied())
            .map(|name| vanilla().item(name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::action::{ITEM, NVEC};

    #[test]
    fn kits_name_items_of_the_game_and_fit_the_palette() {
        for kit in KITS {
            let palette = kit.palette().expect("the palette names known items");
            assert!(palette.len() <= NVEC[ITEM], "{}", kit.name);
            let mut unique = palette.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), palette.len(), "{} repeats an item", kit.name);
            assert_eq!(
                kit.items().expect("the kit names known items").len(),
                kit.items.len() + kit.arms.len()
            );
        }
    }

    #[test]
    fn kits_fit_the_inventory() {
        for kit in KITS {
            let stacks: u32 = kit
                .items()
                .expect("the kit names known items")
                .into_iter()
                .map(|(item, count)| count.div_ceil(vanilla()[item].stack_size))
                .sum();
            assert!(
                stacks <= vanilla().character().inventory_size,
                "{}",
                kit.name
            );
        }
    }
}
