//! Orders: commands as scripts, planners and skills give them, with things named by number and place.
//!
//! An order is resolved against the world at the moment in which it is carried out, and becomes a
//! [`Command`] like those that the four numbers of an action stand for; nothing is allowed that an action is not,
//! beside what a player does on the map and in menus: ghosts and research.

use serde::{Deserialize, Serialize};

use crate::contract::action::RejectReason;
use crate::prototypes::{EntityPrototypeId, ItemId, RecipeId, TechnologyId};
use crate::sim::World;
use crate::sim::command::Command;
use crate::sim::entity::Target;
use crate::sim::position::{Direction, MapPos};

/// Orders that one step takes at most; more are refused as a whole.
pub const MAX_ORDERS: usize = 256;

/// One order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Walk in a direction until told otherwise; `None` stands still.
    Walk(Option<Direction>),
    /// Mine what lies at a place until told otherwise: a pile, else an entity, else a resource.
    MineAt(MapPos),
    /// Mine the entity of this number until told otherwise.
    MineEntity(u32),
    StopMining,
    Build {
        item: ItemId,
        position: MapPos,
        direction: Direction,
    },
    Insert {
        unit: u32,
        item: ItemId,
        count: u32,
    },
    Take {
        unit: u32,
        only: Option<(ItemId, u32)>,
    },
    Craft {
        recipe: RecipeId,
        count: u32,
    },
    SetRecipe {
        unit: u32,
        recipe: RecipeId,
    },
    Rotate(u32),
    PlaceGhost {
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    },
    RemoveGhost(u32),
    Research(TechnologyId),
}

impl Order {
    /// Finds the command that the order is now.
    ///
    /// # Errors
    /// `NoTarget` where the thing that it names is not there.
    pub fn resolve(&self, world: &World) -> Result<Command, RejectReason> {
        let entity = |unit: u32| world.entity_numbered(unit).ok_or(RejectReason::NoTarget);
        Ok(match *self {
            Self::Walk(direction) => Command::Walk(direction),
            Self::MineAt(position) => {
                let target = world.mining_target_at(position);
                Command::Mine(target.ok_or(RejectReason::NoTarget)?)
            }
            Self::MineEntity(unit) => Command::Mine(Target::Entity(entity(unit)?)),
            Self::StopMining => Command::StopMining,
            Self::Build {
                item,
                position,
                direction,
            } => Command::Build {
                item,
                position,
                direction,
            },
            Self::Insert { unit, item, count } => Command::Insert {
                entity: entity(unit)?,
                item,
                count,
            },
            Self::Take { unit, only } => Command::Take {
                entity: entity(unit)?,
                only,
            },
            Self::Craft { recipe, count } => Command::Craft { recipe, count },
            Self::SetRecipe { unit, recipe } => Command::SetRecipe {
                entity: entity(unit)?,
                recipe,
            },
            Self::Rotate(unit) => Command::Rotate {
                entity: entity(unit)?,
            },
            Self::PlaceGhost {
                prototype,
                position,
                direction,
            } => Command::PlaceGhost {
                prototype,
                position,
                direction,
            },
            Self::RemoveGhost(unit) => Command::RemoveGhost {
                ghost: world.ghost_numbered(unit).ok_or(RejectReason::NoTarget)?,
            },
            Self::Research(technology) => Command::Research { technology },
        })
    }
}
