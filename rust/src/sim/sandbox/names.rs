//! Directions, positions, areas and inventories as people write them.

use super::super::drill::resource_facts;
use super::super::position::{Direction, MapPos, TileArea};
use super::invalid;
use crate::contract::codes::RESOURCE_NAMES;
use crate::error::{Error, Result};

/// The corners of an area in tiles: left and top included, right and bottom excluded.
pub type Corners = ((f64, f64), (f64, f64));

/// How far from the origin a position may be: the game's map ends there.
const MAX_COORDINATE_TILES: f64 = 1_000_000.0;

const DIRECTIONS: [&str; 8] = [
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
];

/// Reads a direction by its name.
///
/// # Errors
/// `UnknownName` for any other word.
pub fn direction(name: &str) -> Result<Direction> {
    DIRECTIONS
        .iter()
        .position(|known| *known == name)
        .map(|eighths| Direction::from_eighths(eighths as u8))
        .ok_or_else(|| Error::unknown_name("direction", name, DIRECTIONS))
}

/// Finds the code of a resource in the ground by its name.
///
/// # Errors
/// `UnknownName` for what is no resource.
pub fn resource_code(name: &str) -> Result<u8> {
    let known = || {
        (1..=RESOURCE_NAMES.len() as u8)
            .filter(|code| resource_facts(*code).is_some())
            .map(|code| (code, RESOURCE_NAMES[usize::from(code) - 1]))
    };
    known()
        .find(|(_, known)| *known == name)
        .map(|(code, _)| code)
        .ok_or_else(|| Error::unknown_name("resource", name, known().map(|(_, name)| name)))
}

/// Names a direction.
pub fn direction_name(direction: Direction) -> &'static str {
    DIRECTIONS[usize::from(direction.eighths())]
}

/// Reads a position in tiles.
///
/// # Errors
/// `InvalidValue` beyond the end of the game's map, or for what is not a number.
pub fn map_position((x, y): (f64, f64)) -> Result<MapPos> {
    if x.abs() <= MAX_COORDINATE_TILES && y.abs() <= MAX_COORDINATE_TILES {
        return Ok(MapPos::from_tiles(x, y));
    }
    Err(invalid(format!(
        "a position must be within {MAX_COORDINATE_TILES} tiles of the origin, not ({x}, {y})"
    )))
}

/// Reads the tiles of an area: all that its corners touch.
///
/// # Errors
/// `InvalidValue` where it has no tiles or a corner is no position.
pub fn tile_area((first, second): Corners) -> Result<TileArea> {
    map_position(first)?;
    map_position(second)?;
    let (left, top) = (first.0.floor() as i32, first.1.floor() as i32);
    let (right, bottom) = (second.0.ceil() as i32, second.1.ceil() as i32);
    if left < right && top < bottom {
        return Ok(TileArea {
            left,
            top,
            width: right - left,
            height: bottom - top,
        });
    }
    Err(invalid(format!(
        "an area is ((left, top), (right, bottom)) with left < right and top < bottom, not (({}, {}), ({}, {}))",
        first.0, first.1, second.0, second.1
    )))
}

/// Reads how filters are meant: whether they name what is kept out.
///
/// # Errors
/// `UnknownName` for a word other than `whitelist` and `blacklist`.
pub fn is_blacklist(mode: &str) -> Result<bool> {
    match mode {
        "whitelist" => Ok(false),
        "blacklist" => Ok(true),
        _ => Err(Error::unknown_name(
            "filter mode",
            mode,
            ["blacklist", "whitelist"],
        )),
    }
}
