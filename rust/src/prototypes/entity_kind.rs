//! The prototype types of entities, and which of them can be rotated.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

macro_rules! entity_kinds {
    ($($variant:ident = $name:literal,)*) => {
        /// The prototype type of an entity; the game's name of each is `name()`.
        #[expect(missing_docs, reason = "each variant is the game's word for the type")]
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum EntityKind {
            $($variant,)*
        }

        impl EntityKind {
            /// Every kind, in alphabetical order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the game's name of the type.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Finds a kind by the game's name.
            ///
            /// # Errors
            /// `UnknownName` if there is no such type.
            pub fn from_name(name: &str) -> Result<Self> {
                match name {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(Error::unknown_name(
                        "entity type",
                        name,
                        Self::ALL.iter().map(|kind| kind.name()),
                    )),
                }
            }
        }
    };
}

entity_kinds! {
    Accumulator = "accumulator",
    AmmoTurret = "ammo-turret",
    ArithmeticCombinator = "arithmetic-combinator",
    ArtilleryTurret = "artillery-turret",
    ArtilleryWagon = "artillery-wagon",
    AssemblingMachine = "assembling-machine",
    Beacon = "beacon",
    Boiler = "boiler",
    BurnerGenerator = "burner-generator",
    Car = "car",
    CargoLandingPad = "cargo-landing-pad",
    CargoWagon = "cargo-wagon",
    Character = "character",
    CharacterCorpse = "character-corpse",
    Cliff = "cliff",
    CombatRobot = "combat-robot",
    ConstantCombinator = "constant-combinator",
    ConstructionRobot = "construction-robot",
    Container = "container",
    CurvedRailA = "curved-rail-a",
    CurvedRailB = "curved-rail-b",
    DeciderCombinator = "decider-combinator",
    DisplayPanel = "display-panel",
    ElectricEnergyInterface = "electric-energy-interface",
    ElectricPole = "electric-pole",
    ElectricTurret = "electric-turret",
    EntityGhost = "entity-ghost",
    Fish = "fish",
    FluidTurret = "fluid-turret",
    FluidWagon = "fluid-wagon",
    Furnace = "furnace",
    Gate = "gate",
    Generator = "generator",
    HalfDiagonalRail = "half-diagonal-rail",
    HeatInterface = "heat-interface",
    HeatPipe = "heat-pipe",
    InfinityCargoWagon = "infinity-cargo-wagon",
    InfinityContainer = "infinity-container",
    InfinityPipe = "infinity-pipe",
    Inserter = "inserter",
    ItemEntity = "item-entity",
    Lab = "lab",
    Lamp = "lamp",
    LandMine = "land-mine",
    LaneSplitter = "lane-splitter",
    LegacyCurvedRail = "legacy-curved-rail",
    LegacyStraightRail = "legacy-straight-rail",
    LinkedBelt = "linked-belt",
    LinkedContainer = "linked-container",
    Loader = "loader",
    Loader1x1 = "loader-1x1",
    Locomotive = "locomotive",
    LogisticContainer = "logistic-container",
    LogisticRobot = "logistic-robot",
    Market = "market",
    MiningDrill = "mining-drill",
    OffshorePump = "offshore-pump",
    Pipe = "pipe",
    PipeToGround = "pipe-to-ground",
    PowerSwitch = "power-switch",
    ProgrammableSpeaker = "programmable-speaker",
    ProxyContainer = "proxy-container",
    Pump = "pump",
    Radar = "radar",
    RailChainSignal = "rail-chain-signal",
    RailRamp = "rail-ramp",
    RailSignal = "rail-signal",
    RailSupport = "rail-support",
    Reactor = "reactor",
    Resource = "resource",
    Roboport = "roboport",
    RocketSilo = "rocket-silo",
    SelectorCombinator = "selector-combinator",
    SimpleEntity = "simple-entity",
    SimpleEntityWithForce = "simple-entity-with-force",
    SimpleEntityWithOwner = "simple-entity-with-owner",
    SolarPanel = "solar-panel",
    SpiderVehicle = "spider-vehicle",
    Splitter = "splitter",
    StorageTank = "storage-tank",
    StraightRail = "straight-rail",
    TemporaryContainer = "temporary-container",
    TileGhost = "tile-ghost",
    TrainStop = "train-stop",
    TransportBelt = "transport-belt",
    Tree = "tree",
    Turret = "turret",
    UndergroundBelt = "underground-belt",
    Unit = "unit",
    UnitSpawner = "unit-spawner",
    Valve = "valve",
    Wall = "wall",
}

impl EntityKind {
    /// Says whether every entity of the type has a direction.
    ///
    /// The data does not say; these are the types whose `supports_direction` is true in the game.
    /// Assembling machines have one only with fluid boxes, which the prototype decides.
    pub(super) const fn has_direction(self) -> bool {
        use EntityKind as Kind;
        matches!(
            self,
            Kind::AmmoTurret
                | Kind::ArithmeticCombinator
                | Kind::ArtilleryTurret
                | Kind::Boiler
                | Kind::BurnerGenerator
                | Kind::ConstantCombinator
                | Kind::CurvedRailA
                | Kind::CurvedRailB
                | Kind::DeciderCombinator
                | Kind::DisplayPanel
                | Kind::ElectricTurret
                | Kind::FluidTurret
                | Kind::Gate
                | Kind::Generator
                | Kind::HalfDiagonalRail
                | Kind::Inserter
                | Kind::LaneSplitter
                | Kind::LegacyCurvedRail
                | Kind::LegacyStraightRail
                | Kind::LinkedBelt
                | Kind::Loader
                | Kind::Loader1x1
                | Kind::MiningDrill
                | Kind::OffshorePump
                | Kind::PipeToGround
                | Kind::Pump
                | Kind::RailChainSignal
                | Kind::RailRamp
                | Kind::RailSignal
                | Kind::RailSupport
                | Kind::SelectorCombinator
                | Kind::Splitter
                | Kind::StorageTank
                | Kind::StraightRail
                | Kind::TrainStop
                | Kind::TransportBelt
                | Kind::Turret
                | Kind::UndergroundBelt
                | Kind::Valve
        )
    }

    /// Says whether the type moves items on lanes: belts, undergrounds, splitters, loaders.
    pub const fn is_belt_like(self) -> bool {
        matches!(
            self,
            Self::TransportBelt
                | Self::UndergroundBelt
                | Self::Splitter
                | Self::LaneSplitter
                | Self::LinkedBelt
                | Self::Loader
                | Self::Loader1x1
        )
    }

    /// Says whether the type makes recipes: assembling machines, furnaces, rocket silos.
    pub const fn is_crafting_machine(self) -> bool {
        matches!(
            self,
            Self::AssemblingMachine | Self::Furnace | Self::RocketSilo
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for &kind in EntityKind::ALL {
            assert_eq!(EntityKind::from_name(kind.name()), Ok(kind));
        }
        assert!(
            EntityKind::ALL
                .windows(2)
                .all(|pair| pair[0].name() < pair[1].name())
        );
    }

    #[test]
    fn an_unknown_kind_suggests_the_nearest() {
        let error = EntityKind::from_name("mining drill").unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown entity type \"mining drill\"; did you mean \"mining-drill\"?"
        );
    }
}
