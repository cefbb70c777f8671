//! Where a drill mines and where it drops.

use super::super::entity::Entity;
use super::super::position::{MapPos, TilePos};
use crate::prototypes::{EntityKind, EntityPrototype, vanilla};

/// Gives the point at which a drill drops what it mines.
pub fn drop_position(drill: &Entity) -> MapPos {
    drop_position_of(
        drill.prototype(),
        drill.position,
        drill.direction.quarter_turns(),
    )
}

/// Gives the drop point of a drill of `prototype` at `position`, turned by `quarter_turns` clockwise.
pub fn drop_position_of(
    prototype: &EntityPrototype,
    position: MapPos,
    quarter_turns: u8,
) -> MapPos {
    let (x, y) = prototype.vector_to_place_result.unwrap_or_default();
    let (x, y) = match quarter_turns % 4 {
        0 => (x, y),
        1 => (-y, x),
        2 => (-x, -y),
        _ => (y, -x),
    };
    let vector = MapPos::from_tiles(x, y);
    position.offset(vector.x, vector.y)
}

/// Gives how far from the tile of a drill's middle it drops at most, in tiles along an axis, over all drills.
pub(in crate::sim) fn drop_reach_tiles() -> i32 {
    use std::sync::OnceLock;
    static REACH: OnceLock<i32> = OnceLock::new();
    *REACH.get_or_init(|| {
        vanilla()
            .entities()
            .iter()
            .filter(|entity| entity.kind == EntityKind::MiningDrill)
            .filter_map(|entity| entity.vector_to_place_result)
            // A middle on a tile's edge may lie a tile farther than the vector is long.
            .map(|(x, y)| x.abs().max(y.abs()).ceil() as i32 + 1)
            .max()
            .unwrap_or(0)
    })
}

/// Gives how far from a tile of its own the farthest tile lies that a drill mines, over all drills.
pub(in crate::sim) fn mining_reach_tiles() -> i32 {
    use std::sync::OnceLock;
    static REACH: OnceLock<i32> = OnceLock::new();
    *REACH.get_or_init(|| {
        vanilla()
            .entities()
            .iter()
            .filter(|entity| entity.kind == EntityKind::MiningDrill)
            .map(|entity| {
                let own = f64::from(entity.tile_width) / 2.0;
                (entity.resource_searching_radius - own).ceil().max(0.0) as i32
            })
            .max()
            .unwrap_or(0)
    })
}

/// Lists the tiles that a drill mines, in the order in which it takes from them.
///
/// For the 2 x 2 burner drill the order is measured; wider drills go row by row.
pub fn mined_tiles(prototype: &EntityPrototype, position: MapPos) -> Vec<TilePos> {
    let radius = prototype.resource_searching_radius;
    let center = position.tile();
    if prototype.tile_width == 2 && radius < 1.0 {
        return [(0, -1), (-1, 0), (0, 0), (-1, -1)]
            .map(|(dx, dy)| center.offset(dx, dy))
            .to_vec();
    }
    let reach = radius.ceil() as i32;
    let radius_subtiles = (radius * 256.0) as i32;
    let mut tiles = Vec::new();
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let tile = center.offset(dx, dy);
            let middle = tile.center();
            if (middle.x - position.x).abs() <= radius_subtiles
                && (middle.y - position.y).abs() <= radius_subtiles
            {
                tiles.push(tile);
            }
        }
    }
    tiles
}
