//! From the four numbers of an action to the commands that they stand for.

use crate::contract::action::{
    INTERACT, ITEM, Interact, MOVE, MOVE_NAMES, NVEC, RejectReason, TARGET,
};
use crate::contract::observation::ENTITY_ROWS;
use crate::error::{Error, ErrorKind, Result};
use crate::observation::TargetRows;
use crate::prototypes::{EntityKind, EntityPrototypeId, ItemId, vanilla};
use crate::sim::World;
use crate::sim::command::Command;
use crate::sim::crafter::recipe_for_machine;
use crate::sim::crafting::recipe_for;
use crate::sim::drill::drop_position;
use crate::sim::entity::{Entity, Target, footprint};
use crate::sim::placement::{built_direction, is_placeable, placed_by};
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};

/// The items that the item head names, at most 32.
pub type Palette = [ItemId];

/// How many tiles in front of the character are tried for a building.
const MAX_FRONT_TILES: i32 = 2;

/// An action whose components are in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// Direction to walk, if any.
    pub walk: Option<Direction>,
    pub interact: Interact,
    pub target: usize,
    pub item: usize,
}

impl Action {
    /// Checks the four numbers.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] naming the head, the value and its limit.
    pub fn parse(numbers: [i64; 4]) -> Result<Self> {
        for (head, (number, limit)) in numbers.into_iter().zip(NVEC).enumerate() {
            if !(0..limit as i64).contains(&number) {
                return Err(Error::new(
                    ErrorKind::InvalidValue,
                    format!(
                        "component \"{}\" of an action must be in 0..{limit}, not {number}",
                        crate::contract::action::HEAD_NAMES[head]
                    ),
                ));
            }
        }
        let walk = (numbers[MOVE] > 0).then(|| Direction::from_eighths(numbers[MOVE] as u8 - 1));
        Ok(Self {
            walk,
            interact: Interact::ALL[numbers[INTERACT] as usize],
            target: numbers[TARGET] as usize,
            item: numbers[ITEM] as usize,
        })
    }

    /// Says in a few words what the action is: `north, build stone-furnace at row 3`.
    pub fn describe(self, palette: &Palette) -> String {
        let mut text = MOVE_NAMES[usize::from(self.numbers()[MOVE])].to_owned();
        if self.interact != Interact::None {
            text.push_str(", ");
            text.push_str(self.interact.name());
            if self.interact.uses_item() {
                let name = palette
                    .get(self.item)
                    .map_or("nothing", |item| &vanilla()[*item].name);
                text.push(' ');
                text.push_str(name);
            }
            if self.interact.uses_target() {
                text.push_str(" at row ");
                text.push_str(&self.target.to_string());
            }
        }
        text
    }

    /// Gives the four numbers back.
    pub fn numbers(self) -> [u8; 4] {
        let walk = self.walk.map_or(0, |direction| direction.eighths() + 1);
        [
            walk,
            self.interact as u8,
            self.target as u8,
            self.item as u8,
        ]
    }
}

/// Finds the command that an interaction stands for; `Ok(None)` where the hands rest.
///
/// # Errors
/// The reason why there is no such command; one that exists may still be refused by `sim::command`.
pub fn interaction(
    world: &World,
    rows: &TargetRows,
    palette: &Palette,
    interact: Interact,
    target: usize,
    item: usize,
) -> std::result::Result<Option<Command>, RejectReason> {
    debug_assert!(target < ENTITY_ROWS, "the target was checked");
    let item_named = || palette.get(item).copied().ok_or(RejectReason::NoItem);
    let named = || rows[target].map(|row| row.target);
    let entity_named = || match named() {
        Some(Target::Entity(reference)) => Ok(reference),
        Some(_) => Err(RejectReason::WrongTarget),
        None => Err(RejectReason::NoTarget),
    };
    let command = match interact {
        Interact::None => return Ok(None),
        Interact::Mine => Command::Mine(named().ok_or(RejectReason::NoTarget)?),
        Interact::Build => build(world, named(), item_named()?)?,
        Interact::Insert => Command::Insert {
            entity: entity_named()?,
            item: item_named()?,
            count: u32::MAX,
        },
        Interact::Take => Command::Take {
            entity: entity_named()?,
            only: None,
        },
        Interact::Craft => Command::Craft {
            recipe: recipe_for(world, item_named()?)?,
            count: 1,
        },
        Interact::SetRecipe => {
            let entity = entity_named()?;
            let machine = world.entity(entity).ok_or(RejectReason::NoTarget)?;
            let recipe = recipe_for_machine(world, machine.prototype(), item_named()?)?;
            Command::SetRecipe { entity, recipe }
        }
        Interact::Rotate => Command::Rotate {
            entity: entity_named()?,
        },
    };
    Ok(Some(command))
}

/// Finds where an item is built when the target row names `target`.
fn build(
    world: &World,
    target: Option<Target>,
    item: ItemId,
) -> std::result::Result<Command, RejectReason> {
    let prototype = placed_by(item)?;
    let direction = built_direction(prototype, world.character.facing);
    let kind = vanilla()[prototype].kind;
    let position = match target {
        Some(Target::Ghost(reference)) => {
            let ghost = world.ghost(reference).ok_or(RejectReason::NoTarget)?;
            if ghost.prototype != prototype {
                return Err(RejectReason::WrongItem);
            }
            return Ok(Command::Build {
                item,
                position: ghost.position,
                direction: ghost.direction,
            });
        }
        Some(Target::Resource(tile)) if kind == EntityKind::MiningDrill => {
            over_tile(prototype, direction, tile)
        }
        Some(Target::Entity(reference)) => {
            let entity = world.entity(reference).ok_or(RejectReason::NoTarget)?;
            if entity.prototype().is_natural() {
                in_front(world, prototype, direction)
            } else {
                beside(
                    entity,
                    prototype,
                    direction,
                    world.character.facing.cardinal(),
                )
            }
        }
        Some(Target::Pile(_) | Target::Resource(_)) | None => in_front(world, prototype, direction),
    };
    Ok(Command::Build {
        item,
        position,
        direction,
    })
}

/// Puts an entity over a tile: centred on it, or with the tile in the north-west of its middle.
fn over_tile(prototype: EntityPrototypeId, direction: Direction, tile: TilePos) -> MapPos {
    let size = footprint(prototype, MapPos::default(), direction);
    TileArea {
        left: tile.x - (size.width - 1) / 2,
        top: tile.y - (size.height - 1) / 2,
        ..size
    }
    .center()
}

/// Puts an entity at the drop point of a drill, or else beside `entity` on the side `facing`.
fn beside(
    entity: &Entity,
    prototype: EntityPrototypeId,
    direction: Direction,
    facing: Direction,
) -> MapPos {
    let area = footprint(entity.prototype, entity.position, entity.direction);
    if entity.prototype().vector_to_place_result.is_some() {
        let drop = drop_position(entity).tile();
        return against(prototype, direction, entity.direction.cardinal(), drop);
    }
    let tile = match facing.quarter_turns() {
        0 => TilePos::new(area.left, area.top - 1),
        1 => TilePos::new(area.left + area.width, area.top),
        2 => TilePos::new(area.left, area.top + area.height),
        _ => TilePos::new(area.left - 1, area.top),
    };
    against(prototype, direction, facing, tile)
}

/// Puts an entity so that it covers `tile` and lies wholly beyond it, seen along `side`.
fn against(
    prototype: EntityPrototypeId,
    direction: Direction,
    side: Direction,
    tile: TilePos,
) -> MapPos {
    let size = footprint(prototype, MapPos::default(), direction);
    let (width, height) = (size.width, size.height);
    let (left, top) = match side.quarter_turns() {
        0 => (tile.x - (width - 1) / 2, tile.y - (height - 1)),
        1 => (tile.x, tile.y - (height - 1) / 2),
        2 => (tile.x - (width - 1) / 2, tile.y),
        _ => (tile.x - (width - 1), tile.y - (height - 1) / 2),
    };
    TileArea {
        left,
        top,
        width,
        height,
    }
    .center()
}

/// Puts an entity in front of the character: the nearest place that is free, or the nearest if none is.
fn in_front(world: &World, prototype: EntityPrototypeId, direction: Direction) -> MapPos {
    let facing = world.character.facing.cardinal();
    let (dx, dy) = facing.steps();
    let place = |distance: i32| {
        let tile = world
            .character
            .position
            .tile()
            .offset(dx * distance, dy * distance);
        against(prototype, direction, facing, tile)
    };
    (1..=MAX_FRONT_TILES)
        .map(place)
        .find(|position| {
            is_placeable(
                world,
                Some(world.character.position),
                prototype,
                *position,
                direction,
            )
        })
        .unwrap_or_else(|| place(1))
}
