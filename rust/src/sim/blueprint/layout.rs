//! A blueprint checked against the prototypes, ready to be turned, moved and placed.
//!
//! Positions are centres in 1/256 tile; directions are sixteenths of a turn clockwise from north.
//! Of a [`Layout`] holds: every name is known, every coordinate is on the map, and no two footprints share a tile.

use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{
    EntityKind, EntityPrototype, EntityPrototypeId, ItemId, Prototypes, RecipeId, SUBTILES_PER_TILE,
};

use super::migrate::Dialect;
use super::model::{BeltEnd, Blueprint, Entity, FilterMode, Position, Priority};
use super::overlap::{Footprint, first_overlap};

/// How far from its origin an entity of a blueprint may be: the game's map ends there.
pub const MAX_COORDINATE_TILES: i32 = 1_000_000;

/// An entity of a blueprint, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedEntity {
    /// Its number in the blueprint, unique there.
    pub entity_number: u32,
    pub prototype: EntityPrototypeId,
    /// Centre of the footprint, west to east.
    pub x_subtiles: i32,
    /// Centre of the footprint, north to south.
    pub y_subtiles: i32,
    /// Sixteenths of a turn, 0 to 15; 0 for what has no direction.
    pub direction: u8,
    /// Whether it has a direction.
    pub is_rotatable: bool,
    /// Tiles it takes from west to east, as it is turned.
    pub width_tiles: u32,
    /// Tiles it takes from north to south, as it is turned.
    pub height_tiles: u32,
    pub settings: EntitySettings,
}

/// What a blueprint sets on an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntitySettings {
    pub recipe: Option<RecipeId>,
    /// Always there for an underground belt.
    pub belt_end: Option<BeltEnd>,
    pub input_priority: Priority,
    pub output_priority: Priority,
    pub splitter_filter: Option<ItemId>,
    /// In the order of their slots.
    pub filters: Vec<ItemId>,
    /// Whether `filters` are obeyed.
    pub uses_filters: bool,
    pub filter_mode: FilterMode,
    /// The first closed slot.
    pub bar: Option<u32>,
    /// Items to be brought once it is built, by name.
    pub requests: Vec<(ItemId, u32)>,
    pub is_mirrored: bool,
}

/// An area of tiles: `left` to `right`, `top` to `bottom`, ends excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileBox {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl TileBox {
    /// Gives the tiles from west to east.
    pub const fn width(self) -> i32 {
        self.right - self.left
    }

    /// Gives the tiles from north to south.
    pub const fn height(self) -> i32 {
        self.bottom - self.top
    }
}

/// The checked entities of a blueprint, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    entities: Vec<PlacedEntity>,
}

impl Blueprint {
    /// Checks the entities: see [`Blueprint::layout`].
    ///
    /// # Errors
    /// As [`Blueprint::layout`].
    pub fn entities_checked(&self, prototypes: &Prototypes) -> Result<Vec<PlacedEntity>> {
        Ok(self.layout(prototypes)?.into_entities())
    }

    /// Translates the entities to 2.0, snaps them to the tile grid as the game does, and checks them.
    ///
    /// # Errors
    /// `UnknownName` with the nearest names; `InvalidBlueprint` for a wrong direction or coordinate, a number given twice,
    /// something that cannot be built, or two entities on one tile; `AbsentMechanic` for a quality other than normal.
    pub fn layout(&self, prototypes: &Prototypes) -> Result<Layout> {
        let dialect = Dialect::of(self);
        let entities = self
            .entities
            .iter()
            .map(|entity| {
                placed(entity, dialect, prototypes).map_err(|error| {
                    error.within(format!(
                        "blueprint entity {} (\"{}\")",
                        entity.entity_number, entity.name
                    ))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        check_numbers(&entities)?;
        check_overlaps(&entities, prototypes)?;
        Ok(Layout { entities })
    }
}

impl Layout {
    /// Takes entities of which the caller knows that they do not overlap.
    pub(super) fn of_checked(entities: Vec<PlacedEntity>) -> Self {
        Self { entities }
    }

    /// Lists the entities in the order of the blueprint.
    pub fn entities(&self) -> &[PlacedEntity] {
        &self.entities
    }

    /// Gives up the entities.
    pub fn into_entities(self) -> Vec<PlacedEntity> {
        self.entities
    }

    /// Measures the tiles that the entities touch; `None` without entities.
    pub fn bounds(&self) -> Option<TileBox> {
        self.entities
            .iter()
            .map(PlacedEntity::bounds)
            .reduce(|one, other| TileBox {
                left: one.left.min(other.left),
                top: one.top.min(other.top),
                right: one.right.max(other.right),
                bottom: one.bottom.max(other.bottom),
            })
    }

    /// Turns everything clockwise about the origin.
    #[must_use]
    pub fn rotated(mut self, quarter_turns: u8) -> Self {
        for entity in &mut self.entities {
            for _ in 0..quarter_turns % 4 {
                (entity.x_subtiles, entity.y_subtiles) = (-entity.y_subtiles, entity.x_subtiles);
                (entity.width_tiles, entity.height_tiles) =
                    (entity.height_tiles, entity.width_tiles);
                if entity.is_rotatable {
                    entity.direction = (entity.direction + 4) % 16;
                }
            }
        }
        self
    }

    /// Moves everything so that the north-western corner of the bounds is the origin.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        if let Some(bounds) = self.bounds() {
            for entity in &mut self.entities {
                entity.x_subtiles -= bounds.left * SUBTILES_PER_TILE;
                entity.y_subtiles -= bounds.top * SUBTILES_PER_TILE;
            }
        }
        self
    }
}

impl PlacedEntity {
    /// Measures the tiles that the footprint touches.
    pub fn bounds(&self) -> TileBox {
        let half = |size: u32| size as i32 * SUBTILES_PER_TILE / 2;
        let low = |centre: i32, size| (centre - half(size)).div_euclid(SUBTILES_PER_TILE);
        // The last subtile belongs to the tile it is on; a thing without a size still is on one.
        let high = |centre: i32, size| {
            let last_subtile = (centre + half(size) - 1).max(centre - half(size));
            last_subtile.div_euclid(SUBTILES_PER_TILE) + 1
        };
        TileBox {
            left: low(self.x_subtiles, self.width_tiles),
            top: low(self.y_subtiles, self.height_tiles),
            right: high(self.x_subtiles, self.width_tiles),
            bottom: high(self.y_subtiles, self.height_tiles),
        }
    }
}

/// Says whether an entity keeps the position it is given: rails have a grid of their own, vehicles have none.
fn is_off_grid(prototype: &EntityPrototype) -> bool {
    is_rail(prototype.kind)
        || prototype.is_placeable_off_grid
        || prototype.tile_width == 0
        || prototype.tile_height == 0
}

fn is_rail(kind: EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::StraightRail
            | EntityKind::CurvedRailA
            | EntityKind::CurvedRailB
            | EntityKind::HalfDiagonalRail
            | EntityKind::LegacyStraightRail
            | EntityKind::LegacyCurvedRail
            | EntityKind::RailRamp
            | EntityKind::RailSupport
    )
}

fn placed(entity: &Entity, dialect: Dialect, prototypes: &Prototypes) -> Result<PlacedEntity> {
    let id = prototypes.entity(dialect.entity_name(&entity.name))?;
    let prototype = &prototypes[id];
    if prototype.placed_by.is_none() {
        return Err(refused("no item builds it; remove it from the blueprint"));
    }
    check_quality(entity.quality.as_deref())?;
    let direction = if prototype.is_rotatable {
        dialect.direction(entity)?
    } else {
        0
    };
    let may_be_diagonal = is_off_grid(prototype)
        || matches!(
            prototype.kind,
            EntityKind::RailSignal | EntityKind::RailChainSignal
        );
    if !direction.is_multiple_of(4) && !may_be_diagonal {
        return Err(refused(format!(
            "its direction must be north, east, south or west (0, 4, 8, 12), it is {direction}"
        )));
    }
    let mut size = (prototype.tile_width, prototype.tile_height);
    if matches!(direction / 4, 1 | 3) {
        size = (size.1, size.0);
    }
    let (mut x, mut y) = (subtiles(entity.position.x)?, subtiles(entity.position.y)?);
    if !is_off_grid(prototype) {
        (x, y) = (snapped(x, size.0), snapped(y, size.1));
    }
    Ok(PlacedEntity {
        entity_number: entity.entity_number,
        prototype: id,
        x_subtiles: x,
        y_subtiles: y,
        direction,
        is_rotatable: prototype.is_rotatable,
        width_tiles: size.0,
        height_tiles: size.1,
        settings: settings(entity, dialect, prototype.kind, prototypes)?,
    })
}

fn settings(
    entity: &Entity,
    dialect: Dialect,
    kind: EntityKind,
    prototypes: &Prototypes,
) -> Result<EntitySettings> {
    let item = |name: &str| prototypes.item(dialect.item_name(name));
    let recipe = entity
        .recipe
        .as_deref()
        .map(|name| prototypes.recipe(dialect.recipe_name(name)));
    let mut slots: Vec<_> = entity.filters.iter().collect();
    slots.sort_by_key(|slot| slot.index);
    for slot in &slots {
        check_quality(
            slot.extra
                .get("quality")
                .and_then(serde_json::Value::as_str),
        )?;
    }
    let is_underground = kind == EntityKind::UndergroundBelt;
    let requests = entity
        .items
        .as_ref()
        .map(super::model::ItemRequests::counts)
        .unwrap_or_default();
    Ok(EntitySettings {
        recipe: recipe.transpose()?,
        // The game leaves the type out where it is an entrance.
        belt_end: entity.belt_end.or(is_underground.then_some(BeltEnd::Input)),
        input_priority: entity.input_priority.unwrap_or_default(),
        output_priority: entity.output_priority.unwrap_or_default(),
        splitter_filter: entity.splitter_filter().map(item).transpose()?,
        filters: slots
            .iter()
            .filter_map(|slot| slot.name.as_deref())
            .map(item)
            .collect::<Result<_>>()?,
        uses_filters: dialect.uses_filters(entity),
        filter_mode: entity.filter_mode.unwrap_or_default(),
        bar: entity.bar,
        requests: requests
            .into_iter()
            .map(|(name, count)| Ok((item(name)?, count)))
            .collect::<Result<_>>()?,
        is_mirrored: entity.mirror.unwrap_or(false),
    })
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidBlueprint, message)
}

fn check_quality(quality: Option<&str>) -> Result<()> {
    match quality {
        None | Some("normal") => Ok(()),
        Some(other) => Err(Error::new(
            ErrorKind::AbsentMechanic,
            format!("quality is not simulated; use \"normal\" instead of \"{other}\""),
        )),
    }
}

/// Converts a coordinate to 1/256 tile.
fn subtiles(tiles: f64) -> Result<i32> {
    if tiles.abs() <= f64::from(MAX_COORDINATE_TILES) {
        return Ok((tiles * f64::from(SUBTILES_PER_TILE)).round() as i32);
    }
    Err(refused(format!(
        "its coordinates must be within {MAX_COORDINATE_TILES} tiles of the origin, one is {tiles}"
    )))
}

/// Moves a centre to where an entity of `size_tiles` can stand: half-way over a tile for an odd size, onto an edge between
/// tiles for an even one.
///
/// Strings before 0.17, and hand-made ones, count from the centre of a tile, so that all their centres are half a tile off;
/// as both cases round the same way, such a blueprint moves as a whole.
fn snapped(centre: i32, size_tiles: u32) -> i32 {
    let half = SUBTILES_PER_TILE / 2;
    let whole = |subtiles: i32| subtiles.div_euclid(SUBTILES_PER_TILE) * SUBTILES_PER_TILE;
    if size_tiles.is_multiple_of(2) {
        whole(centre + half)
    } else {
        whole(centre) + half
    }
}

fn check_numbers(entities: &[PlacedEntity]) -> Result<()> {
    let mut numbers: Vec<u32> = entities.iter().map(|entity| entity.entity_number).collect();
    numbers.sort_unstable();
    match numbers.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(refused(format!(
            "two entities of the blueprint have the same entity_number; give each its own, not {}",
            pair[0]
        ))),
    }
}

/// Checks the footprints of all that is built on the tile grid; rails cross and vehicles stand where they like.
fn check_overlaps(entities: &[PlacedEntity], prototypes: &Prototypes) -> Result<()> {
    let footprints: Vec<_> = entities
        .iter()
        .enumerate()
        .filter(|(_, entity)| !is_off_grid(&prototypes[entity.prototype]))
        .map(|(index, entity)| {
            let TileBox {
                left,
                top,
                right,
                bottom,
            } = entity.bounds();
            (
                index,
                Footprint {
                    left,
                    top,
                    width: right - left,
                    height: bottom - top,
                },
            )
        })
        .collect();
    let Some((one, other)) = first_overlap(&footprints) else {
        return Ok(());
    };
    let described = |index: usize| {
        let entity = &entities[index];
        let centre = Position::from_subtiles(entity.x_subtiles, entity.y_subtiles);
        format!(
            "entity {} (\"{}\" at {}, {})",
            entity.entity_number, prototypes[entity.prototype].name, centre.x, centre.y
        )
    };
    Err(refused(format!(
        "two entities of the blueprint overlap; remove one of {} and {}",
        described(one),
        described(other)
    )))
}
