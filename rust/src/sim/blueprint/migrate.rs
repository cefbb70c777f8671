//! What the names and directions of a document of an older game are in 2.0.
//!
//! Names: the game's own `base/migrations`: `2018-05-22`, `2018-06-12` and `2018-12-27_Factorio_0.17.0.json`,
//! `1.2.0 stack inserter rename.json`, `2.0.0.json` and `2.0.0-internal3.json`.
//! The two rails are renamed by the game itself: 2.0 keeps the 1.x shapes as `legacy-…` and gives their names to new ones.
//!
//! Directions: `defines.direction` had eight values up to 1.1 and has sixteen from 2.0 on, so an old one counts double.

use crate::error::{Error, ErrorKind, Result};

use super::model::{Blueprint, Entity};

/// A game version as [`Blueprint::version`] packs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GameVersion {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
    pub build: u16,
}

impl GameVersion {
    /// The version whose mechanics are simulated, written into exported blueprints.
    pub const SIMULATED: Self = Self {
        major: 2,
        minor: 0,
        patch: 77,
        build: 0,
    };

    /// Splits the packed number.
    pub const fn from_packed(packed: u64) -> Self {
        Self {
            major: (packed >> 48) as u16,
            minor: (packed >> 32) as u16,
            patch: (packed >> 16) as u16,
            build: packed as u16,
        }
    }

    /// Packs the version into one number, 16 bits each, major highest.
    pub const fn packed(self) -> u64 {
        (self.major as u64) << 48
            | (self.minor as u64) << 32
            | (self.patch as u64) << 16
            | self.build as u64
    }
}

const ENTITY_NAMES: &[(&str, &str)] = &[
    ("wall", "stone-wall"),
    ("stack-inserter", "bulk-inserter"),
    ("filter-inserter", "fast-inserter"),
    ("stack-filter-inserter", "bulk-inserter"),
    ("logistic-chest-passive-provider", "passive-provider-chest"),
    ("logistic-chest-active-provider", "active-provider-chest"),
    ("logistic-chest-storage", "storage-chest"),
    ("logistic-chest-buffer", "buffer-chest"),
    ("logistic-chest-requester", "requester-chest"),
    ("straight-rail", "legacy-straight-rail"),
    ("curved-rail", "legacy-curved-rail"),
];

const ITEM_NAMES: &[(&str, &str)] = &[
    ("raw-wood", "wood"),
    ("wall", "stone-wall"),
    ("science-pack-1", "automation-science-pack"),
    ("science-pack-2", "logistic-science-pack"),
    ("science-pack-3", "chemical-science-pack"),
    ("high-tech-science-pack", "utility-science-pack"),
    ("stack-inserter", "bulk-inserter"),
    ("empty-barrel", "barrel"),
    ("filter-inserter", "fast-inserter"),
    ("stack-filter-inserter", "bulk-inserter"),
    ("fusion-reactor-equipment", "fission-reactor-equipment"),
    ("logistic-chest-passive-provider", "passive-provider-chest"),
    ("logistic-chest-active-provider", "active-provider-chest"),
    ("logistic-chest-storage", "storage-chest"),
    ("logistic-chest-buffer", "buffer-chest"),
    ("logistic-chest-requester", "requester-chest"),
    ("effectivity-module", "efficiency-module"),
    ("effectivity-module-2", "efficiency-module-2"),
    ("effectivity-module-3", "efficiency-module-3"),
    ("used-up-uranium-fuel-cell", "depleted-uranium-fuel-cell"),
];

/// `filter-inserter` and `stack-filter-inserter` are not here: 2.0 has no such recipe.
const RECIPE_NAMES: &[(&str, &str)] = &[
    ("wall", "stone-wall"),
    ("science-pack-1", "automation-science-pack"),
    ("science-pack-2", "logistic-science-pack"),
    ("science-pack-3", "chemical-science-pack"),
    ("high-tech-science-pack", "utility-science-pack"),
    ("stack-inserter", "bulk-inserter"),
    ("empty-barrel", "barrel"),
    ("fusion-reactor-equipment", "fission-reactor-equipment"),
    ("fill-water-barrel", "water-barrel"),
    ("fill-crude-oil-barrel", "crude-oil-barrel"),
    ("fill-petroleum-gas-barrel", "petroleum-gas-barrel"),
    ("fill-light-oil-barrel", "light-oil-barrel"),
    ("fill-heavy-oil-barrel", "heavy-oil-barrel"),
    ("fill-lubricant-barrel", "lubricant-barrel"),
    ("fill-sulfuric-acid-barrel", "sulfuric-acid-barrel"),
    ("logistic-chest-passive-provider", "passive-provider-chest"),
    ("logistic-chest-active-provider", "active-provider-chest"),
    ("logistic-chest-storage", "storage-chest"),
    ("logistic-chest-buffer", "buffer-chest"),
    ("logistic-chest-requester", "requester-chest"),
    ("effectivity-module", "efficiency-module"),
    ("effectivity-module-2", "efficiency-module-2"),
    ("effectivity-module-3", "efficiency-module-3"),
];

/// Translates what one document calls things and directions into the words of 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Whether the document is of 1.1 or older.
    is_old: bool,
}

impl Dialect {
    /// Tells the dialect of a document: old unless `version` is 2.0 or newer.
    ///
    /// A version that is missing or older than 2.0 is overruled by what only a 2.0 document can hold: `wires`, or a
    /// direction above 7.
    pub fn of(blueprint: &Blueprint) -> Self {
        let version = blueprint.version.map(GameVersion::from_packed);
        let is_new = version.is_some_and(|version| version.major >= 2)
            || blueprint.wires.is_some()
            || blueprint
                .entities
                .iter()
                .any(|entity| entity.direction.is_some_and(|way| way > 7));
        Self { is_old: !is_new }
    }

    /// Names an entity in 2.0.
    pub fn entity_name(self, name: &str) -> &str {
        self.translated(ENTITY_NAMES, name)
    }

    /// Names an item in 2.0.
    pub fn item_name(self, name: &str) -> &str {
        self.translated(ITEM_NAMES, name)
    }

    /// Names a recipe in 2.0.
    pub fn recipe_name(self, name: &str) -> &str {
        self.translated(RECIPE_NAMES, name)
    }

    fn translated<'a>(self, table: &[(&str, &'static str)], name: &'a str) -> &'a str {
        let renamed = table.iter().find(|(old, _)| self.is_old && *old == name);
        renamed.map_or(name, |(_, new)| new)
    }

    /// Gives the direction of an entity in sixteenths of a turn clockwise from north, 0 to 15.
    ///
    /// # Errors
    /// `InvalidBlueprint` if it is 16 or more.
    pub fn direction(self, entity: &Entity) -> Result<u8> {
        match entity.direction.unwrap_or(0) {
            eighths @ 0..=7 if self.is_old => Ok(eighths * 2),
            sixteenths @ 0..=15 => Ok(sixteenths),
            beyond => Err(Error::new(
                ErrorKind::InvalidBlueprint,
                format!("direction must be 0 to 15, it is {beyond}"),
            )),
        }
    }

    /// Says whether an inserter obeys its filters: up to 1.1 the filter inserters did, and no others had any.
    pub fn uses_filters(self, entity: &Entity) -> bool {
        if self.is_old {
            return entity.name.contains("filter-inserter");
        }
        entity.use_filters.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_version_has_sixteen_bits_a_part() {
        // Of `samples::GAME_INSERTERS`, written by the game.
        let version = GameVersion::from_packed(281_479_275_544_576);
        assert_eq!(
            version,
            GameVersion {
                major: 1,
                minor: 1,
                patch: 59,
                build: 0
            }
        );
        assert_eq!(version.packed(), 281_479_275_544_576);
    }

    #[test]
    fn what_only_a_new_document_can_hold_overrules_its_version() {
        let old = Blueprint {
            version: Some(1 << 48),
            ..Blueprint::default()
        };
        assert!(Dialect::of(&old).is_old);
        assert!(
            Dialect::of(&Blueprint::default()).is_old,
            "no version at all"
        );
        let with_wires = Blueprint {
            wires: Some(serde_json::json!([])),
            ..old.clone()
        };
        assert!(!Dialect::of(&with_wires).is_old);
        let west = Entity {
            direction: Some(12),
            ..Entity::default()
        };
        assert!(
            !Dialect::of(&Blueprint {
                entities: vec![west],
                ..old
            })
            .is_old
        );
    }

    #[test]
    fn the_stack_inserter_of_2_0_is_not_renamed() {
        let (old, new) = (Dialect { is_old: true }, Dialect { is_old: false });
        assert_eq!(old.entity_name("stack-inserter"), "bulk-inserter");
        assert_eq!(new.entity_name("stack-inserter"), "stack-inserter");
    }

    #[test]
    fn every_new_name_is_in_the_data() {
        let prototypes = crate::prototypes::vanilla();
        for (_, new) in ENTITY_NAMES {
            prototypes.entity(new).unwrap();
        }
        for (_, new) in ITEM_NAMES {
            prototypes.item(new).unwrap();
        }
        for (_, new) in RECIPE_NAMES {
            prototypes.recipe(new).unwrap();
        }
    }
}
