//! Codes: the small numbers that stand for terrain, resources, entities, items and statuses in observations and frames.
//!
//! A code is an index + 1 into one of these tables; 0 is "nothing". The order is frozen by the contract's version.

/// Terrain classes in code order; 0 is outside the map.
pub const TERRAIN_NAMES: [&str; 3] = ["land", "water", "paved"];
/// Resource kinds in code order; trees and rocks count as resources here, since they are mined for items.
pub const RESOURCE_NAMES: [&str; 8] = [
    "iron-ore",
    "copper-ore",
    "coal",
    "stone",
    "uranium-ore",
    "crude-oil",
    "tree",
    "rock",
];
/// Status classes in code order; 0 is for things without a status.
#[rustfmt::skip]
pub const STATUS_NAMES: [&str; 12] = [
    "normal", "working", "no-fuel", "no-power", "low-power", "no-ingredients", "no-recipe", "full", "no-resources",
    "waiting-for-source", "disabled", "damaged",
];

pub const TERRAIN_LAND: u8 = 1;
pub const TERRAIN_WATER: u8 = 2;
pub const TERRAIN_PAVED: u8 = 3;

pub const RESOURCE_TREE: u8 = 7;
pub const RESOURCE_ROCK: u8 = 8;

/// Status class of a machine or container.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[repr(u8)]
pub enum Status {
    /// Nothing to report: chests, walls, trees.
    #[default]
    Normal = 1,
    Working = 2,
    NoFuel = 3,
    NoPower = 4,
    LowPower = 5,
    NoIngredients = 6,
    NoRecipe = 7,
    /// The output has no room.
    Full = 8,
    NoResources = 9,
    WaitingForSource = 10,
    Disabled = 11,
    Damaged = 12,
}

impl Status {
    /// The name used in documents and renderings.
    pub const fn name(self) -> &'static str {
        STATUS_NAMES[self as usize - 1]
    }
}

/// Looks up `name` in a table and returns its code, or 0 if the table does not have it.
pub fn code_of(table: &[&str], name: &str) -> u8 {
    table
        .iter()
        .position(|entry| *entry == name)
        .map_or(0, |index| index as u8 + 1)
}

/// Entities in code order: the code of an entry is its index + 1. Trees of every kind share `tree`, rocks share `rock`.
#[rustfmt::skip]
pub const ENTITY_NAMES: [&str; 109] = [
    "tree", "rock", "cliff", "fish", "item-on-ground", "character", "character-corpse",
    "accumulator", "active-provider-chest", "arithmetic-combinator", "artillery-turret",
    "artillery-wagon", "assembling-machine-1", "assembling-machine-2", "assembling-machine-3",
    "beacon", "big-electric-pole", "boiler", "buffer-chest", "bulk-inserter", "burner-inserter",
    "burner-mining-drill", "car", "cargo-landing-pad", "cargo-wagon", "centrifuge",
    "chemical-plant", "constant-combinator", "construction-robot", "decider-combinator",
    "display-panel", "electric-furnace", "electric-mining-drill", "express-splitter",
    "express-transport-belt", "express-underground-belt", "fast-inserter", "fast-splitter",
    "fast-transport-belt", "fast-underground-belt", "flamethrower-turret", "fluid-wagon", "gate",
    "gun-turret", "heat-exchanger", "heat-pipe", "inserter", "iron-chest", "lab", "land-mine",
    "laser-turret", "locomotive", "logistic-robot", "long-handed-inserter",
    "medium-electric-pole", "nuclear-reactor", "offshore-pump", "oil-refinery",
    "passive-provider-chest", "pipe", "pipe-to-ground", "power-switch", "programmable-speaker",
    "pump", "pumpjack", "radar", "rail-chain-signal", "rail-signal", "requester-chest",
    "roboport", "rocket-silo", "selector-combinator", "small-electric-pole", "small-lamp",
    "solar-panel", "spidertron", "splitter", "steam-engine", "steam-turbine", "steel-chest",
    "steel-furnace", "stone-furnace", "stone-wall", "storage-chest", "storage-tank",
    "straight-rail", "substation", "tank", "train-stop", "transport-belt", "underground-belt",
    "wooden-chest", "half-diagonal-rail", "curved-rail-a", "curved-rail-b", "small-biter",
    "medium-biter", "big-biter", "behemoth-biter", "small-spitter", "medium-spitter",
    "big-spitter", "behemoth-spitter", "small-worm-turret", "medium-worm-turret",
    "big-worm-turret", "behemoth-worm-turret", "biter-spawner", "spitter-spawner",
];

/// Items, then fluids, in code order: the code of an entry is its index + 1.
#[rustfmt::skip]
pub const ITEM_NAMES: [&str; 202] = [
    "accumulator", "active-provider-chest", "advanced-circuit", "arithmetic-combinator",
    "artillery-shell", "artillery-turret", "artillery-wagon", "assembling-machine-1",
    "assembling-machine-2", "assembling-machine-3", "atomic-bomb", "automation-science-pack",
    "barrel", "battery", "battery-equipment", "battery-mk2-equipment", "beacon",
    "belt-immunity-equipment", "big-electric-pole", "boiler", "buffer-chest", "bulk-inserter",
    "burner-inserter", "burner-mining-drill", "cannon-shell", "car", "cargo-landing-pad",
    "cargo-wagon", "centrifuge", "chemical-plant", "chemical-science-pack", "cliff-explosives",
    "cluster-grenade", "coal", "combat-shotgun", "concrete", "constant-combinator",
    "construction-robot", "copper-cable", "copper-ore", "copper-plate", "crude-oil-barrel",
    "decider-combinator", "defender-capsule", "depleted-uranium-fuel-cell", "destroyer-capsule",
    "discharge-defense-equipment", "display-panel", "distractor-capsule", "efficiency-module",
    "efficiency-module-2", "efficiency-module-3", "electric-engine-unit", "electric-furnace",
    "electric-mining-drill", "electronic-circuit", "energy-shield-equipment",
    "energy-shield-mk2-equipment", "engine-unit", "exoskeleton-equipment",
    "explosive-cannon-shell", "explosive-rocket", "explosive-uranium-cannon-shell", "explosives",
    "express-splitter", "express-transport-belt", "express-underground-belt", "fast-inserter",
    "fast-splitter", "fast-transport-belt", "fast-underground-belt", "firearm-magazine",
    "fission-reactor-equipment", "flamethrower", "flamethrower-ammo", "flamethrower-turret",
    "fluid-wagon", "flying-robot-frame", "gate", "grenade", "gun-turret", "hazard-concrete",
    "heat-exchanger", "heat-pipe", "heavy-armor", "heavy-oil-barrel", "inserter", "iron-chest",
    "iron-gear-wheel", "iron-ore", "iron-plate", "iron-stick", "lab", "land-mine", "landfill",
    "laser-turret", "light-armor", "light-oil-barrel", "locomotive", "logistic-robot",
    "logistic-science-pack", "long-handed-inserter", "low-density-structure", "lubricant-barrel",
    "medium-electric-pole", "military-science-pack", "modular-armor", "night-vision-equipment",
    "nuclear-fuel", "nuclear-reactor", "offshore-pump", "oil-refinery", "passive-provider-chest",
    "personal-laser-defense-equipment", "personal-roboport-equipment",
    "personal-roboport-mk2-equipment", "petroleum-gas-barrel", "piercing-rounds-magazine",
    "piercing-shotgun-shell", "pipe", "pipe-to-ground", "pistol", "plastic-bar", "poison-capsule",
    "power-armor", "power-armor-mk2", "power-switch", "processing-unit",
    "production-science-pack", "productivity-module", "productivity-module-2",
    "productivity-module-3", "programmable-speaker", "pump", "pumpjack", "radar", "rail",
    "rail-chain-signal", "rail-signal", "raw-fish", "refined-concrete", "refined-hazard-concrete",
    "repair-pack", "requester-chest", "roboport", "rocket", "rocket-fuel", "rocket-launcher",
    "rocket-silo", "satellite", "selector-combinator", "shotgun", "shotgun-shell",
    "slowdown-capsule", "small-electric-pole", "small-lamp", "solar-panel",
    "solar-panel-equipment", "solid-fuel", "space-science-pack", "speed-module", "speed-module-2",
    "speed-module-3", "spidertron", "splitter", "steam-engine", "steam-turbine", "steel-chest",
    "steel-furnace", "steel-plate", "stone", "stone-brick", "stone-furnace", "stone-wall",
    "storage-chest", "storage-tank", "submachine-gun", "substation", "sulfur",
    "sulfuric-acid-barrel", "tank", "train-stop", "transport-belt", "underground-belt",
    "uranium-235", "uranium-238", "uranium-cannon-shell", "uranium-fuel-cell", "uranium-ore",
    "uranium-rounds-magazine", "utility-science-pack", "water-barrel", "wood", "wooden-chest",
    "crude-oil", "heavy-oil", "light-oil", "lubricant", "petroleum-gas", "steam", "sulfuric-acid",
    "water",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fit_their_bytes_and_names_are_unique() {
        assert!(ENTITY_NAMES.len() < usize::from(super::super::observation::RESOURCE_KIND_BASE));
        assert!(ITEM_NAMES.len() <= 255);
        for table in [
            &ENTITY_NAMES[..],
            &ITEM_NAMES[..],
            &RESOURCE_NAMES[..],
            &STATUS_NAMES[..],
        ] {
            let mut names = table.to_vec();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.len());
        }
    }

    #[test]
    fn named_constants_match_the_tables() {
        assert_eq!(code_of(&TERRAIN_NAMES, "water"), TERRAIN_WATER);
        assert_eq!(code_of(&TERRAIN_NAMES, "paved"), TERRAIN_PAVED);
        assert_eq!(code_of(&RESOURCE_NAMES, "tree"), RESOURCE_TREE);
        assert_eq!(code_of(&RESOURCE_NAMES, "rock"), RESOURCE_ROCK);
        assert_eq!(Status::Full.name(), "full");
        assert_eq!(code_of(&STATUS_NAMES, "damaged"), Status::Damaged as u8);
    }
}
