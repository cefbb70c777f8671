//! Tiles: the kinds of ground.

use crate::error::Result;

use super::entity::Minable;
use super::fields::Fields;
use super::geometry::CollisionMask;
use super::id::FluidId;

/// One kind of ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// The game's name.
    pub name: String,
    /// The layers of things that cannot be on it.
    pub collision: CollisionMask,
    /// Whether a character cannot walk on it.
    pub blocks_walking: bool,
    /// Whether ordinary buildings (a chest, say) cannot stand on it.
    pub blocks_building: bool,
    /// Whether it is water: an offshore pump draws from it and landfill covers it.
    pub is_water: bool,
    /// The fluid that an offshore pump draws from it.
    pub fluid: Option<FluidId>,
    /// Factor on the speed of those who walk on it.
    pub walking_speed_modifier: f64,
    /// Factor on the friction of vehicles.
    pub vehicle_friction_modifier: f64,
    /// Pollution that one tile takes up in a second.
    pub absorptions_per_second: f64,
    /// Whether players lay it and can take it up again.
    pub minable: Option<Minable>,
    /// Whether it is the result of covering water (landfill).
    pub is_foundation: bool,
    /// Colour on the map, red, green, blue.
    pub map_color: [u8; 3],
    /// Whether players do not see it.
    pub hidden: bool,
    /// Which tile covers which where they meet; the higher is on top.
    pub layer: u32,
    /// Sort key.
    pub order: String,
}

impl Tile {
    pub(super) fn read(name: &str, fields: &Fields) -> Result<Self> {
        let collision = CollisionMask::read(fields)?;
        let layer = |layer| CollisionMask::of_layer(fields, layer);
        // Buildings carry `water_tile` and `object` in the game's default masks.
        let building = CollisionMask {
            layers: layer("water_tile")?.layers | layer("object")?.layers,
            ..CollisionMask::default()
        };
        Ok(Self {
            name: name.to_owned(),
            collision,
            blocks_walking: collision.collides_with(layer("player")?),
            blocks_building: collision.collides_with(building),
            is_water: collision.collides_with(layer("water_tile")?) && fields.has("fluid"),
            fluid: fields.fluid("fluid")?,
            walking_speed_modifier: fields.number_or("walking_speed_modifier", 1.0)?,
            vehicle_friction_modifier: fields.number_or("vehicle_friction_modifier", 1.0)?,
            absorptions_per_second: fields.pollution("absorptions_per_second")?,
            minable: Minable::read(fields)?,
            is_foundation: fields.flag("is_foundation")?,
            map_color: fields.need("map_color", fields.color("map_color")?)?,
            hidden: fields.flag("hidden")?,
            layer: fields.need("layer", fields.whole("layer")?)?,
            order: fields.owned_text("order")?.unwrap_or_default(),
        })
    }
}
