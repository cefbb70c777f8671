"""What a solver reads of an observation: where it is, what is near, what stands in the way.

Positions are in tiles, x east and y south; the spawn point is the middle of tile (0, 0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast import contract

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Row", "View", "action"]

Tile = tuple[int, int]

_TERRAIN, _RESOURCE, _AMOUNT, _ENTITY, _DIRECTION, _CONTENTS = (
    contract.LOCAL_MAP_CHANNEL_NAMES.index(name)
    for name in ("terrain", "resource", "amount", "entity", "direction", "contents")
)
_X, _Y, _OBJECTIVE_DX, _OBJECTIVE_DY, _DISTANCE, _PROGRESS, _REJECTED = (
    contract.PLAYER_STATE_NAMES.index(name)
    for name in (
        "x",
        "y",
        "objective_dx",
        "objective_dy",
        "objective_distance",
        "objective_progress",
        "rejected",
    )
)
_WATER = contract.TERRAIN_NAMES.index("water") + 1
_PILE = contract.ENTITY_NAMES.index("item-on-ground") + 1
_MOVE_CHOICES, _INTERACT_CHOICES, _TARGET_CHOICES, _ = contract.ACTION_NVEC
_INTERACT_BIT = _MOVE_CHOICES - 1
_TARGET_BIT = _INTERACT_BIT + _INTERACT_CHOICES
_ITEM_BIT = _TARGET_BIT + _TARGET_CHOICES


def action(
    move: int = 0, interact: str = "none", target: int = 0, item: int = 0
) -> NDArray[np.int64]:
    """Make an action; int64; (4,)."""
    return np.array([move, contract.INTERACT_NAMES.index(interact), target, item], np.int64)


@dataclass(frozen=True, slots=True)
class Row:
    """A thing that can be acted on."""

    index: int
    """Its row, the target head's number."""
    kind: str
    """Name of the entity or resource."""
    x: float
    """Tiles east of the spawn tile's corner."""
    y: float
    """Tiles south of it."""
    distance: float
    """Tiles from the character to its centre."""
    state: float
    """Status class, -1 for a ghost, share of amount for a resource."""
    is_resource: bool
    """Whether it is a resource tile."""

    @property
    def is_ghost(self) -> bool:
        """Whether it is a ghost."""
        return self.state < 0

    @property
    def tile(self) -> Tile:
        """The tile that its centre lies on."""
        return math.floor(self.x), math.floor(self.y)


class View:
    """One observation, decoded as far as it is asked for."""

    def __init__(self, obs: dict[str, NDArray[Any]]) -> None:
        self._obs = obs
        state = obs["player_state"]
        scale = contract.POSITION_SCALE_TILES
        self.x = 0.5 + float(state[_X]) * scale
        self.y = 0.5 + float(state[_Y]) * scale
        self.site = (
            self.x + float(state[_OBJECTIVE_DX]) * scale,
            self.y + float(state[_OBJECTIVE_DY]) * scale,
        )
        self.site_distance = float(state[_DISTANCE]) * scale
        self.progress = float(state[_PROGRESS])
        self.was_rejected = bool(state[_REJECTED])
        self.tile: Tile = (math.floor(self.x), math.floor(self.y))
        self._origin = (self.tile[0] - contract.CENTER_CELL, self.tile[1] - contract.CENTER_CELL)
        self._blocked: list[list[bool]] | None = None

    def is_seen(self, tile: Tile) -> bool:
        """Say whether the local map shows a tile."""
        col, row = tile[0] - self._origin[0], tile[1] - self._origin[1]
        return 0 <= col < contract.MAP_SIDE and 0 <= row < contract.MAP_SIDE

    def is_blocked(self, tile: Tile) -> bool:
        """Say whether something that is walked round is seen on a tile."""
        if self._blocked is None:
            cells = self._obs["local_map"]
            terrain, entity = cells[:, :, _TERRAIN], cells[:, :, _ENTITY]
            is_ghost = cells[:, :, _DIRECTION] > contract.GHOST_FLAG
            solid = (entity != 0) & (entity != _PILE) & ~is_ghost
            self._blocked = (solid | (terrain == 0) | (terrain == _WATER)).tolist()
        col, row = tile[0] - self._origin[0], tile[1] - self._origin[1]
        return (
            0 <= col < contract.MAP_SIDE
            and 0 <= row < contract.MAP_SIDE
            and self._blocked[row][col]
        )

    def ore_amount(self, tile: Tile) -> int:
        """Return the amount code of the ore on a tile; 0 where none is seen."""
        cell = self._cell(tile)
        return 0 if cell is None else int(cell[_AMOUNT])

    def eighths(self, tile: Tile) -> int | None:
        """Return the direction of what stands on a tile, in eighths clockwise from north."""
        cell = self._cell(tile)
        if cell is None or cell[_DIRECTION] == 0:
            return None
        return (int(cell[_DIRECTION]) - 1) % contract.GHOST_FLAG

    def contents(self, tile: Tile) -> str | None:
        """Return what the machine on a tile mines, smelts or holds most of."""
        cell = self._cell(tile)
        if cell is None or cell[_CONTENTS] == 0:
            return None
        return contract.ITEM_NAMES[int(cell[_CONTENTS]) - 1]

    def ore_tiles(self) -> int:
        """Count the ore tiles in view."""
        return int(np.count_nonzero(self._obs["local_map"][:, :, _AMOUNT]))

    def rows(self) -> list[Row]:
        """List the things that can be acted on, nearest first."""
        scale = contract.ENTITY_SCALE_TILES
        result = []
        for index, (kind, dx, dy, state) in enumerate(self._obs["entities"].tolist()):
            code = int(kind)
            if code == 0:
                break
            is_resource = code > contract.RESOURCE_KIND_BASE
            name = (
                contract.RESOURCE_NAMES[code - contract.RESOURCE_KIND_BASE - 1]
                if is_resource
                else contract.ENTITY_NAMES[code - 1]
            )
            across, down = dx * scale, dy * scale
            result.append(
                Row(
                    index=index,
                    kind=name,
                    x=self.x + across,
                    y=self.y + down,
                    distance=math.hypot(across, down),
                    state=state,
                    is_resource=is_resource,
                )
            )
        return result

    def may_move(self, move: int) -> bool:
        """Say whether the mask allows a move."""
        return move == 0 or bool(self._obs["action_mask"][move - 1])

    def may(self, interact: str) -> bool:
        """Say whether the mask allows an interaction with some target and item."""
        index = contract.INTERACT_NAMES.index(interact)
        return bool(self._obs["action_mask"][_INTERACT_BIT + index])

    def may_use(self, item: int) -> bool:
        """Say whether the mask allows some interaction with an item of the palette."""
        return bool(self._obs["action_mask"][_ITEM_BIT + item])

    def _cell(self, tile: Tile) -> NDArray[Any] | None:
        if not self.is_seen(tile):
            return None
        cell: NDArray[Any] = self._obs["local_map"][
            tile[1] - self._origin[1], tile[0] - self._origin[0]
        ]
        return cell
