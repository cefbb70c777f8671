//! The contract's values, for `factorio_fast.contract`.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::contract::action::{HEAD_NAMES, Interact, MOVE_NAMES, NVEC, RejectReason};
use crate::contract::{codes, frame, generate, mask, observation as o};
use crate::scenario::reward::Term;

/// Returns every value of the contract by its name.
#[pyfunction]
pub(super) fn contract(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let values = PyDict::new(py);
    values.set_item("VERSION", crate::contract::VERSION)?;
    values.set_item("HASH", format!("{:016x}", crate::contract::hash()))?;
    add_observation(&values)?;
    add_actions(&values)?;
    values.set_item("MASK_SIZE", mask::SIZE)?;
    values.set_item("FLAT_MASK_SIZE", mask::FLAT_SIZE)?;
    values.set_item("TERRAIN_NAMES", codes::TERRAIN_NAMES.to_vec())?;
    values.set_item("RESOURCE_NAMES", codes::RESOURCE_NAMES.to_vec())?;
    values.set_item("STATUS_NAMES", codes::STATUS_NAMES.to_vec())?;
    values.set_item("ENTITY_NAMES", codes::ENTITY_NAMES.to_vec())?;
    values.set_item("ITEM_NAMES", codes::ITEM_NAMES.to_vec())?;
    values.set_item("FRAME_MAGIC", frame::MAGIC)?;
    values.set_item("FRAME_HEADER_BYTES", frame::HEADER_BYTES)?;
    values.set_item("MAX_DATAGRAM_BYTES", frame::MAX_DATAGRAM_BYTES)?;
    Ok(values)
}

fn add_observation(values: &Bound<'_, PyDict>) -> PyResult<()> {
    values.set_item("MAP_SIDE", o::MAP_SIDE)?;
    values.set_item("CENTER_CELL", o::CENTER_CELL)?;
    values.set_item("MAP_CHANNELS", o::MAP_CHANNELS)?;
    values.set_item("PLAYER_STATE_SIZE", o::PLAYER_STATE_SIZE)?;
    values.set_item("ENTITY_ROWS", o::ENTITY_ROWS)?;
    values.set_item("ENTITY_COLUMNS", o::ENTITY_COLUMNS)?;
    values.set_item("RECORD_SIZE", o::RECORD_SIZE)?;
    values.set_item("MASK_OFFSET", o::MASK_OFFSET)?;
    values.set_item("ENTITIES_OFFSET", o::ENTITIES_OFFSET)?;
    values.set_item("LOCAL_MAP_OFFSET", o::LOCAL_MAP_OFFSET)?;
    values.set_item("PLAYER_STATE_OFFSET", o::PLAYER_STATE_OFFSET)?;
    values.set_item("FULL_INVENTORY_SIZE", o::FULL_INVENTORY_SIZE)?;
    values.set_item("FULL_GOAL_SIZE", o::FULL_GOAL_SIZE)?;
    values.set_item(
        "LOCAL_MAP_CHANNEL_NAMES",
        o::channel::DESCRIPTIONS.map(|(name, _)| name).to_vec(),
    )?;
    values.set_item(
        "LOCAL_MAP_CHANNEL_MAX",
        o::channel::MAX.map(u32::from).to_vec(),
    )?;
    values.set_item(
        "PLAYER_STATE_NAMES",
        o::player::DESCRIPTIONS.map(|(name, _)| name).to_vec(),
    )?;
    values.set_item(
        "ENTITY_COLUMN_NAMES",
        o::ENTITY_COLUMN_DESCRIPTIONS.map(|(name, _)| name).to_vec(),
    )?;
    values.set_item("RESOURCE_KIND_BASE", o::RESOURCE_KIND_BASE)?;
    values.set_item("ENTITY_KIND_MAX", o::ENTITY_KIND_MAX)?;
    values.set_item("GHOST_FLAG", o::GHOST_FLAG)?;
    values.set_item("POSITION_SCALE_TILES", o::POSITION_SCALE_TILES)?;
    values.set_item("ENTITY_SCALE_TILES", o::ENTITY_SCALE_TILES)?;
    values.set_item("OVERLAY_WANTED", o::overlay::WANTED)?;
    values.set_item("OVERLAY_OBJECTIVE", o::overlay::OBJECTIVE)?;
    values.set_item("OVERLAY_ENEMY", o::overlay::ENEMY)?;
    values.set_item("OVERLAY_CHARACTER", o::overlay::CHARACTER)
}

fn add_actions(values: &Bound<'_, PyDict>) -> PyResult<()> {
    values.set_item("ACTION_NVEC", NVEC.to_vec())?;
    values.set_item("ACTION_HEAD_NAMES", HEAD_NAMES.to_vec())?;
    values.set_item("MOVE_NAMES", MOVE_NAMES.to_vec())?;
    values.set_item("INTERACT_NAMES", Interact::ALL.map(Interact::name).to_vec())?;
    values.set_item(
        "INTERACT_USES_TARGET",
        Interact::ALL.map(Interact::uses_target).to_vec(),
    )?;
    values.set_item(
        "INTERACT_USES_ITEM",
        Interact::ALL.map(Interact::uses_item).to_vec(),
    )?;
    let reasons: Vec<&str> = std::iter::once("accepted")
        .chain(RejectReason::ALL.map(RejectReason::name))
        .collect();
    values.set_item("REJECT_REASONS", reasons)?;
    values.set_item("REWARD_TERMS", Term::ALL.map(Term::name).to_vec())
}

/// Returns the files that are generated from the contract: path from the repository's root to text.
#[pyfunction]
pub(super) fn generated_files(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let files = PyDict::new(py);
    for (path, text) in generate::files() {
        files.set_item(path, text)?;
    }
    Ok(files)
}
