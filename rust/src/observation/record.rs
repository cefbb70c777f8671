//! The packed record of 8,576 bytes: one observation as it lies in memory.

use crate::contract::mask;
use crate::contract::observation::{
    ENTITIES_OFFSET, ENTITY_COLUMNS, ENTITY_ROWS, LOCAL_MAP_OFFSET, LOCAL_MAP_SIZE, MASK_OFFSET,
    PLAYER_STATE_OFFSET, PLAYER_STATE_SIZE, RECORD_SIZE,
};

/// One packed record; the layout is the contract's.
pub type Record = [u8; RECORD_SIZE];

/// Borrows the mask of a record for change.
pub fn mask_mut(record: &mut Record) -> &mut [u8; mask::SIZE] {
    (&mut record[MASK_OFFSET..MASK_OFFSET + mask::SIZE])
        .try_into()
        .expect("the mask has its size")
}

/// Borrows the mask of a record.
pub fn mask_of(record: &Record) -> &[u8; mask::SIZE] {
    record[MASK_OFFSET..MASK_OFFSET + mask::SIZE]
        .try_into()
        .expect("the mask has its size")
}

/// Borrows the local map of a record for change.
pub fn local_map_mut(record: &mut Record) -> &mut [u8; LOCAL_MAP_SIZE] {
    (&mut record[LOCAL_MAP_OFFSET..LOCAL_MAP_OFFSET + LOCAL_MAP_SIZE])
        .try_into()
        .expect("the map has its size")
}

/// Borrows the local map of a record.
pub fn local_map_of(record: &Record) -> &[u8; LOCAL_MAP_SIZE] {
    record[LOCAL_MAP_OFFSET..LOCAL_MAP_OFFSET + LOCAL_MAP_SIZE]
        .try_into()
        .expect("the map has its size")
}

/// Writes the rows of things.
pub fn write_entities(record: &mut Record, rows: &[[f32; ENTITY_COLUMNS]; ENTITY_ROWS]) {
    let bytes = &mut record[ENTITIES_OFFSET..LOCAL_MAP_OFFSET];
    for (chunk, value) in bytes.chunks_exact_mut(4).zip(rows.as_flattened()) {
        chunk.copy_from_slice(&value.to_le_bytes());
    }
}

/// Writes the player's state.
pub fn write_player_state(record: &mut Record, state: &[f32; PLAYER_STATE_SIZE]) {
    let bytes = &mut record[PLAYER_STATE_OFFSET..RECORD_SIZE];
    for (chunk, value) in bytes.chunks_exact_mut(4).zip(state) {
        chunk.copy_from_slice(&value.to_le_bytes());
    }
}
