"""The contract: shapes, layouts, codes and names, as the Rust core defines them.

Nothing is defined here: every value is read from `factorio_fast._core`. See `docs/contract.md`.
"""

from __future__ import annotations

from typing import Any, Final

from factorio_fast import _core

_values: dict[str, Any] = _core.contract()


def _int(name: str) -> int:
    return int(_values[name])


def _names(name: str) -> tuple[str, ...]:
    return tuple(_values[name])


VERSION: Final = _int("VERSION")
HASH: Final[str] = _values["HASH"]

MAP_SIDE: Final = _int("MAP_SIDE")
CENTER_CELL: Final = _int("CENTER_CELL")
MAP_CHANNELS: Final = _int("MAP_CHANNELS")
PLAYER_STATE_SIZE: Final = _int("PLAYER_STATE_SIZE")
ENTITY_ROWS: Final = _int("ENTITY_ROWS")
ENTITY_COLUMNS: Final = _int("ENTITY_COLUMNS")
FULL_INVENTORY_SIZE: Final = _int("FULL_INVENTORY_SIZE")
FULL_GOAL_SIZE: Final = _int("FULL_GOAL_SIZE")

RECORD_SIZE: Final = _int("RECORD_SIZE")
MASK_OFFSET: Final = _int("MASK_OFFSET")
ENTITIES_OFFSET: Final = _int("ENTITIES_OFFSET")
LOCAL_MAP_OFFSET: Final = _int("LOCAL_MAP_OFFSET")
PLAYER_STATE_OFFSET: Final = _int("PLAYER_STATE_OFFSET")

LOCAL_MAP_CHANNEL_NAMES: Final = _names("LOCAL_MAP_CHANNEL_NAMES")
LOCAL_MAP_CHANNEL_MAX: Final[tuple[int, ...]] = tuple(_values["LOCAL_MAP_CHANNEL_MAX"])
PLAYER_STATE_NAMES: Final = _names("PLAYER_STATE_NAMES")
ENTITY_COLUMN_NAMES: Final = _names("ENTITY_COLUMN_NAMES")
RESOURCE_KIND_BASE: Final = _int("RESOURCE_KIND_BASE")
ENTITY_KIND_MAX: Final = _int("ENTITY_KIND_MAX")
GHOST_FLAG: Final = _int("GHOST_FLAG")
POSITION_SCALE_TILES: Final = float(_values["POSITION_SCALE_TILES"])
ENTITY_SCALE_TILES: Final = float(_values["ENTITY_SCALE_TILES"])
OVERLAY_WANTED: Final = _int("OVERLAY_WANTED")
OVERLAY_OBJECTIVE: Final = _int("OVERLAY_OBJECTIVE")
OVERLAY_ENEMY: Final = _int("OVERLAY_ENEMY")
OVERLAY_CHARACTER: Final = _int("OVERLAY_CHARACTER")

ACTION_NVEC: Final[tuple[int, ...]] = tuple(_values["ACTION_NVEC"])
ACTION_HEAD_NAMES: Final = _names("ACTION_HEAD_NAMES")
MOVE_NAMES: Final = _names("MOVE_NAMES")
INTERACT_NAMES: Final = _names("INTERACT_NAMES")
INTERACT_USES_TARGET: Final[tuple[bool, ...]] = tuple(_values["INTERACT_USES_TARGET"])
INTERACT_USES_ITEM: Final[tuple[bool, ...]] = tuple(_values["INTERACT_USES_ITEM"])
REJECT_REASONS: Final = _names("REJECT_REASONS")
REWARD_TERMS: Final = _names("REWARD_TERMS")

MASK_SIZE: Final = _int("MASK_SIZE")
FLAT_MASK_SIZE: Final = _int("FLAT_MASK_SIZE")

TERRAIN_NAMES: Final = _names("TERRAIN_NAMES")
RESOURCE_NAMES: Final = _names("RESOURCE_NAMES")
STATUS_NAMES: Final = _names("STATUS_NAMES")
ENTITY_NAMES: Final = _names("ENTITY_NAMES")
ITEM_NAMES: Final = _names("ITEM_NAMES")

FRAME_MAGIC: Final = _int("FRAME_MAGIC")
FRAME_HEADER_BYTES: Final = _int("FRAME_HEADER_BYTES")
MAX_DATAGRAM_BYTES: Final = _int("MAX_DATAGRAM_BYTES")
