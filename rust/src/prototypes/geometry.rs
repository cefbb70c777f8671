//! Boxes in the game's fixed-point unit, and the layers by which things collide.

use serde_json::Value;

use crate::error::Result;

use super::fields::{Fields, find};

/// Subtiles in a tile: positions in the game are whole multiples of 1/256 tile.
pub const SUBTILES_PER_TILE: i32 = 256;

/// A box relative to the entity's position, in 1/256 tile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SubtileBox {
    /// West edge.
    pub left: i32,
    /// North edge.
    pub top: i32,
    /// East edge.
    pub right: i32,
    /// South edge.
    pub bottom: i32,
}

impl SubtileBox {
    /// Makes the box of two corners in tiles; each coordinate is truncated toward zero, as the game does.
    pub(super) fn from_tiles(left_top: (f64, f64), right_bottom: (f64, f64)) -> Self {
        Self {
            left: subtiles(left_top.0),
            top: subtiles(left_top.1),
            right: subtiles(right_bottom.0),
            bottom: subtiles(right_bottom.1),
        }
    }

    /// Says whether the box has no area, as that of things without a body.
    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }
}

/// Converts tiles to 1/256 tile, truncated toward zero.
pub fn subtiles(tiles: f64) -> i32 {
    (tiles * f64::from(SUBTILES_PER_TILE)) as i32
}

/// The collision layers of an entity or a tile; two things collide if they share a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CollisionMask {
    /// One bit per layer, in the order of `Prototypes::collision_layers`.
    pub layers: u32,
    /// It collides with tiles, but with no entity.
    pub with_tiles_only: bool,
    /// Two of equal mask do not collide.
    pub not_with_itself: bool,
}

impl CollisionMask {
    /// Says whether things of these masks collide.
    pub fn collides_with(self, other: Self) -> bool {
        let exempt = self.not_with_itself && other.not_with_itself && self.layers == other.layers;
        self.layers & other.layers != 0 && !exempt
    }

    pub(super) fn read(fields: &Fields) -> Result<Self> {
        let known = &fields.names().collision_layers;
        let mut layers = 0;
        for layer in fields.texts("collision_layers")? {
            layers |= 1 << find("collision layer", known, &layer)?;
        }
        Ok(Self {
            layers,
            with_tiles_only: fields.flag("colliding_with_tiles_only")?,
            not_with_itself: fields.flag("not_colliding_with_itself")?,
        })
    }

    /// The mask with only the layer `name`.
    pub(super) fn of_layer(fields: &Fields, name: &str) -> Result<Self> {
        let bit = find("collision layer", &fields.names().collision_layers, name)?;
        Ok(Self {
            layers: 1 << bit,
            ..Self::default()
        })
    }
}

/// Reads a point that may be given once or for each of the four directions.
pub(super) fn positions_by_direction(fields: &Fields) -> Result<[(f64, f64); 4]> {
    if let Some(position) = fields.point("position")? {
        let turned = |(x, y): (f64, f64)| (-y, x);
        let east = turned(position);
        let south = turned(east);
        return Ok([position, east, south, turned(south)]);
    }
    let given = fields.points("positions")?;
    <[(f64, f64); 4]>::try_from(given).map_err(|_| {
        fields.wrong(
            "positions",
            "four points",
            fields.value("positions").unwrap_or(&Value::Null),
        )
    })
}
