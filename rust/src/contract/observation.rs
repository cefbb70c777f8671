//! The observation: its arrays, its one packed record, and the meaning of every channel and field.

/// Cells along one side of the local map; the character's tile is cell `[CENTER_CELL, CENTER_CELL]`.
pub const MAP_SIDE: usize = 32;
/// Row and column of the character's tile in the local map.
pub const CENTER_CELL: usize = 16;
/// Channels of the local map.
pub const MAP_CHANNELS: usize = 8;
/// Fields of `player_state`.
pub const PLAYER_STATE_SIZE: usize = 16;
/// Rows of `entities`.
pub const ENTITY_ROWS: usize = 16;
/// Columns of `entities`: kind code, dx, dy, state.
pub const ENTITY_COLUMNS: usize = 4;

/// Byte offset of `action_mask` (64 x u8, 0 or 1) in the packed record.
pub const MASK_OFFSET: usize = 0;
/// Byte offset of `entities` (16 x 4 x f32, little endian) in the packed record.
pub const ENTITIES_OFFSET: usize = 64;
/// Byte offset of `local_map` (32 x 32 x 8 x u8) in the packed record.
pub const LOCAL_MAP_OFFSET: usize = 320;
/// Byte offset of `player_state` (16 x f32, little endian) in the packed record.
pub const PLAYER_STATE_OFFSET: usize = 8_512;
/// Bytes of one packed record; keys in sorted order, no padding.
pub const RECORD_SIZE: usize = 8_576;
/// Bytes of the local map.
pub const LOCAL_MAP_SIZE: usize = MAP_SIDE * MAP_SIDE * MAP_CHANNELS;

/// Size of the `inventory` array that `observation_type="full"` adds: the counts of the palette's items.
pub const FULL_INVENTORY_SIZE: usize = 32;
/// Size of the `goal` array that `observation_type="full"` adds.
pub const FULL_GOAL_SIZE: usize = 16;

/// Channels of the local map, in order.
pub mod channel {
    pub const TERRAIN: usize = 0;
    pub const RESOURCE: usize = 1;
    pub const AMOUNT: usize = 2;
    pub const ENTITY: usize = 3;
    pub const DIRECTION: usize = 4;
    pub const STATUS: usize = 5;
    pub const CONTENTS: usize = 6;
    pub const OVERLAY: usize = 7;

    /// Name and meaning of each channel.
    pub const DESCRIPTIONS: [(&str, &str); super::MAP_CHANNELS] = [
        ("terrain", "terrain class; 0 is outside the map"),
        (
            "resource",
            "resource kind: ores, coal, stone, oil, tree, rock",
        ),
        (
            "amount",
            "resource amount on a log scale: 0, then 8 steps per doubling (`resource_amount_code`)",
        ),
        ("entity", "entity code of what stands on the cell"),
        (
            "direction",
            "1 + direction in eighths clockwise from north, plus 16 if the entity is a ghost",
        ),
        ("status", "status class of the machine"),
        (
            "contents",
            "item code of what the machine mines, smelts or crafts, or holds most of",
        ),
        (
            "overlay",
            "bit set: 1 blueprint cell wanted, 2 objective (waypoint), 4 enemy, 8 own character",
        ),
    ];
    /// The largest value that each channel can take: divide by it to scale a channel to 0..1.
    pub const MAX: [u8; super::MAP_CHANNELS] = [
        crate::contract::codes::TERRAIN_NAMES.len() as u8,
        crate::contract::codes::RESOURCE_NAMES.len() as u8,
        255,
        crate::contract::codes::ENTITY_NAMES.len() as u8,
        24,
        crate::contract::codes::STATUS_NAMES.len() as u8,
        crate::contract::codes::ITEM_NAMES.len() as u8,
        15,
    ];
}

/// Added to the direction channel where the cell shows a ghost.
pub const GHOST_FLAG: u8 = 16;

/// Bits of the overlay channel.
pub mod overlay {
    pub const WANTED: u8 = 1;
    pub const OBJECTIVE: u8 = 2;
    pub const ENEMY: u8 = 4;
    pub const CHARACTER: u8 = 8;
}

/// Fields of `player_state`, in order.
pub mod player {
    pub const X: usize = 0;
    pub const Y: usize = 1;
    pub const HEALTH: usize = 2;
    pub const HEADING_SIN: usize = 3;
    pub const HEADING_COS: usize = 4;
    pub const MINING_PROGRESS: usize = 5;
    pub const CRAFTING_PROGRESS: usize = 6;
    pub const CRAFTING_QUEUE: usize = 7;
    pub const INVENTORY_FILL: usize = 8;
    pub const OBJECTIVE_DX: usize = 9;
    pub const OBJECTIVE_DY: usize = 10;
    pub const OBJECTIVE_DISTANCE: usize = 11;
    pub const OBJECTIVE_PROGRESS: usize = 12;
    pub const TIME_LEFT: usize = 13;
    pub const POWER_SATISFACTION: usize = 14;
    pub const REJECTED: usize = 15;

    /// Name and scale of each field.
    pub const DESCRIPTIONS: [(&str, &str); super::PLAYER_STATE_SIZE] = [
        ("x", "tiles east of the spawn point / 32"),
        ("y", "tiles south of the spawn point / 32"),
        ("health", "health / full health, 0..1"),
        ("heading_sin", "east component of the facing unit vector"),
        ("heading_cos", "north component of the facing unit vector"),
        (
            "mining_progress",
            "progress of the item being mined by hand, 0..1",
        ),
        (
            "crafting_progress",
            "progress of the item being crafted by hand, 0..1",
        ),
        (
            "crafting_queue",
            "crafts waiting in the hand-crafting queue / 32",
        ),
        ("inventory_fill", "occupied slots / slots, 0..1"),
        (
            "objective_dx",
            "tiles east to the objective's present site / 32; 0 if it has none",
        ),
        (
            "objective_dy",
            "tiles south to the objective's present site / 32; 0 if it has none",
        ),
        (
            "objective_distance",
            "straight distance to that site in tiles / 32",
        ),
        ("objective_progress", "share of the objective done, 0..1"),
        ("time_left", "share of the episode's steps left, 1..0"),
        (
            "power_satisfaction",
            "share of its demand that the worst-off network in view meets, 1 where there is none",
        ),
        (
            "rejected",
            "1 if a component of the last action was refused, else 0",
        ),
    ];
}

/// Tiles that count as 1.0 in positions and distances of `player_state`.
pub const POSITION_SCALE_TILES: f64 = 32.0;
/// Tiles that count as 1.0 in dx and dy of `entities`.
pub const ENTITY_SCALE_TILES: f64 = 16.0;
/// Crafts that count as 1.0 in the crafting queue's length.
pub const CRAFTING_QUEUE_SCALE: f64 = 32.0;

/// Columns of a row of `entities`.
pub const ENTITY_COLUMN_DESCRIPTIONS: [(&str, &str); ENTITY_COLUMNS] = [
    (
        "kind",
        "entity code (see Codes); a resource tile has RESOURCE_KIND_BASE + its resource code",
    ),
    (
        "dx",
        "tiles east from the character to the thing's centre / 16",
    ),
    (
        "dy",
        "tiles south from the character to the thing's centre / 16",
    ),
    (
        "state",
        "status class of an entity, -1 for a ghost, amount code / 255 for a resource tile",
    ),
];
/// Kind code of a resource tile in `entities` is this plus the resource code.
pub const RESOURCE_KIND_BASE: u8 = 200;
/// The largest kind code.
pub const ENTITY_KIND_MAX: u8 = RESOURCE_KIND_BASE + super::codes::RESOURCE_NAMES.len() as u8;
/// State of a ghost in `entities`.
pub const GHOST_STATE: f32 = -1.0;
/// At most this many rows of `entities` go to things of one natural kind (one ore, trees, rocks), nearest first:
/// without the limit the ore under one's feet would fill all sixteen rows and hide the machines.
pub const MAX_ROWS_PER_NATURAL_KIND: usize = 4;

/// Codes the amount of a resource tile: 0 for none, then 8 steps per doubling, in integers so that every machine agrees.
///
/// `1 + 8 * floor(log2 n) + the next three bits`, capped at 255 (reached at about 3.5 thousand million).
pub const fn resource_amount_code(amount: u32) -> u8 {
    if amount == 0 {
        return 0;
    }
    let exponent = amount.ilog2();
    let fraction = if exponent >= 3 {
        (amount >> (exponent - 3)) & 7
    } else {
        (amount << (3 - exponent)) & 7
    };
    let code = 1 + exponent * 8 + fraction;
    if code > 255 { 255 } else { code as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_has_no_padding() {
        assert_eq!(ENTITIES_OFFSET, MASK_OFFSET + super::super::mask::SIZE);
        assert_eq!(
            LOCAL_MAP_OFFSET,
            ENTITIES_OFFSET + ENTITY_ROWS * ENTITY_COLUMNS * 4
        );
        assert_eq!(PLAYER_STATE_OFFSET, LOCAL_MAP_OFFSET + LOCAL_MAP_SIZE);
        assert_eq!(RECORD_SIZE, PLAYER_STATE_OFFSET + PLAYER_STATE_SIZE * 4);
    }

    #[test]
    fn amount_code_grows_with_the_amount() {
        let codes: Vec<u8> = [0, 1, 2, 3, 4, 8, 9, 100, 1_000, 1_000_000, u32::MAX]
            .into_iter()
            .map(resource_amount_code)
            .collect();
        assert_eq!(codes, [0, 1, 9, 13, 17, 25, 26, 53, 80, 160, 255]);
    }
}
