//! What a builder asks of a world before building: what is free, what fits, what is wanted.

use super::super::placement::{built_direction, is_placeable, snapped};
use super::super::position::TileArea;
use super::super::world::World;
use super::names::{self, Corners};
use super::{invalid, tiles_of};
use crate::error::Result;
use crate::prototypes::vanilla;

/// The most tiles that are described at once: the largest map.
const MAX_DESCRIBED_TILES: i64 = 2_048 * 2_048;

/// Bits of a tile's description.
pub mod bits {
    /// Nothing can be built there: water, or outside the map.
    pub const UNBUILDABLE: u8 = 1;
    /// Nobody can walk there: deep water, outside the map, or an entity in the way.
    pub const UNWALKABLE: u8 = 2;
    pub const ENTITY: u8 = 4;
    pub const RESOURCE: u8 = 8;
    pub const GHOST: u8 = 16;
    /// Water, in which offshore pumps stand.
    pub const WATER: u8 = 32;
}

/// Describes the tiles of an area, rows from north to south; returns the area and a byte of [`bits`] for each tile.
///
/// # Errors
/// `InvalidValue` for an area without tiles or of more than a map has.
pub fn tiles(world: &World, area: Corners) -> Result<(TileArea, Vec<u8>)> {
    let area = names::tile_area(area)?;
    let count = i64::from(area.width) * i64::from(area.height);
    if count > MAX_DESCRIBED_TILES {
        return Err(invalid(format!(
            "at most {MAX_DESCRIBED_TILES} tiles are described at once, not {count}"
        )));
    }
    let describe = |tile| {
        let cell = world.grid.cell(tile);
        let is_outside = !world.terrain.area().contains(tile);
        let flag = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        flag(is_outside || cell.blocks_building(), bits::UNBUILDABLE)
            | flag(
                is_outside || !super::super::path::is_walkable(world, tile),
                bits::UNWALKABLE,
            )
            | flag(cell.occupant().is_some(), bits::ENTITY)
            | flag(cell.has_resource(), bits::RESOURCE)
            | flag(cell.has_ghost(), bits::GHOST)
            | flag(
                cell.terrain() == crate::contract::codes::TERRAIN_WATER,
                bits::WATER,
            )
    };
    Ok((area, area.tiles().map(describe).collect()))
}

/// Says whether an entity of this name could be built at a position, by a character who stands elsewhere.
///
/// # Errors
/// `UnknownName` for an entity or direction that the game does not have, `InvalidValue` beyond the map's end.
pub fn can_place(world: &World, name: &str, position: (f64, f64), direction: &str) -> Result<bool> {
    let prototype = vanilla().entity(name)?;
    let direction = built_direction(prototype, names::direction(direction)?);
    let place = snapped(prototype, names::map_position(position)?, direction);
    Ok(is_placeable(world, None, prototype, place, direction))
}

/// A ghost as people read it: number, entity, position, direction.
pub type GhostReport = (u32, &'static str, (f64, f64), &'static str);

/// Lists the ghosts in order of their numbers.
pub fn ghosts(world: &World) -> Vec<GhostReport> {
    let mut ghosts: Vec<GhostReport> = world
        .ghosts
        .iter()
        .map(|(_, ghost)| {
            (
                ghost.unit,
                vanilla()[ghost.prototype].name.as_str(),
                tiles_of(ghost.position),
                names::direction_name(ghost.direction),
            )
        })
        .collect();
    ghosts.sort_unstable_by_key(|ghost| ghost.0);
    ghosts
}
