//! Where things can be built.

use super::character::is_within;
use super::collision::character_box;
use super::entity::{collision_box, footprint, is_simulated};
use super::fluid::shore::suits_ground;
use super::position::{Direction, MapPos};
use super::world::World;
use crate::contract::action::RejectReason;
use crate::prototypes::{EntityKind, EntityPrototypeId, ItemId, vanilla};

/// Finds what building `item` places, if the simulation has the mechanic.
///
/// # Errors
/// `WrongItem` where it places nothing, `AbsentMechanic` where the simulation cannot run what it places.
pub fn placed_by(item: ItemId) -> Result<EntityPrototypeId, RejectReason> {
    let prototype = vanilla()[item]
        .place_result
        .ok_or(RejectReason::WrongItem)?;
    if is_simulated(prototype) {
        Ok(prototype)
    } else {
        Err(RejectReason::AbsentMechanic)
    }
}

/// Says whether an entity can stand at `position`: on land that suits it, clear of other entities and of the character,
/// and without joining pipes of different fluids.
pub fn is_placeable(
    world: &World,
    character: Option<MapPos>,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) -> bool {
    let is_clear = footprint(prototype, position, direction)
        .tiles()
        .all(|tile| {
            let cell = world.grid.cell(tile);
            !cell.blocks_building() && cell.occupant().is_none()
        });
    is_clear
        && suits_ground(&world.terrain, prototype, position, direction)
        && !world.fluids.would_mix(prototype, position, direction)
        && character.is_none_or(|place| {
            !vanilla()[prototype].collides_with_player
                || !collision_box(prototype, position, direction).touches(&character_box(place))
        })
}

/// Snaps the centre of an entity to the grid: odd sizes to tile centres, even sizes to tile corners.
pub fn snapped(prototype: EntityPrototypeId, position: MapPos, direction: Direction) -> MapPos {
    footprint(prototype, position, direction).center()
}

/// Says whether `position` is near enough to build at.
pub fn is_in_build_reach(character: MapPos, position: MapPos) -> bool {
    is_within(
        position.distance_squared(character),
        vanilla().character().build_distance,
    )
}

/// Gives the direction that an entity takes when it is built facing `wanted`: those that cannot be turned face north.
pub fn built_direction(prototype: EntityPrototypeId, wanted: Direction) -> Direction {
    let facts = &vanilla()[prototype];
    if facts.is_rotatable || facts.kind == EntityKind::MiningDrill {
        wanted.cardinal()
    } else {
        Direction::NORTH
    }
}
