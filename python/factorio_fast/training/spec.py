"""The shapes and codes that a policy is built for, and where they lie in a packed record.

A policy reads packed observation records, one row of bytes per environment, with the fields of the
observation space in sorted order and no gaps. The spec is stored in checkpoints, so that a policy
can be rebuilt without an environment.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from factorio_fast.training.errors import CheckpointError

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATUS_CHANNEL = 5
"""The map's channel of status classes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySpec:
    """Everything about the contract that a network depends on."""

    offsets: dict[str, tuple[int, int]]
    """First byte and end byte of each field in a record."""
    map_shape: tuple[int, int, int]
    """Rows, columns and channels of the local map."""
    entity_shape: tuple[int, int]
    """Rows and columns of the entity table."""
    nvec: tuple[int, ...]
    """Choices per head: move, interact, target, item."""
    channel_max: tuple[int, ...]
    """Largest code of each map channel."""
    entity_kinds: int
    """Number of entity kind codes, the empty code 0 included."""
    status_codes: int
    """Number of values that an entity's status can take: ghost, none, and the status classes."""
    uses_target: tuple[bool, ...]
    """Per interact: whether the target is read."""
    uses_item: tuple[bool, ...]
    """Per interact: whether the item is read."""

    @classmethod
    def from_space(cls, observation: spaces.Space[Any]) -> PolicySpec:
        """Describe an environment's single observation space, with the codes of the contract."""
        from factorio_fast import contract

        if not isinstance(observation, spaces.Dict):
            raise TypeError(f"needs a Dict observation space, got {observation}")
        offsets = {}
        end = 0
        for key in sorted(observation.spaces):
            box = observation[key]
            start, end = end, end + int(np.prod(box.shape or ())) * np.dtype(box.dtype).itemsize
            offsets[key] = (start, end)
        return cls(
            offsets=offsets,
            map_shape=_shape(observation["local_map"]),
            entity_shape=_shape(observation["entities"]),
            nvec=tuple(int(n) for n in contract.ACTION_NVEC),
            channel_max=tuple(int(n) for n in contract.LOCAL_MAP_CHANNEL_MAX),
            entity_kinds=int(contract.ENTITY_KIND_MAX) + 1,
            # The status channel of the map holds the same classes.
            status_codes=int(contract.LOCAL_MAP_CHANNEL_MAX[STATUS_CHANNEL]) + 2,
            uses_target=tuple(bool(flag) for flag in contract.INTERACT_USES_TARGET),
            uses_item=tuple(bool(flag) for flag in contract.INTERACT_USES_ITEM),
        )

    @property
    def record_bytes(self) -> int:
        """Length of one record."""
        return max(end for _, end in self.offsets.values())

    @property
    def vector_keys(self) -> tuple[str, ...]:
        """Names of the flat float fields: player state, in full observations inventory and goal."""
        return tuple(k for k in self.offsets if k not in {"action_mask", "entities", "local_map"})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for a checkpoint."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PolicySpec:
        """Rebuild a spec from a checkpoint's plain values."""
        try:
            return cls(**values)
        except TypeError as error:
            raise CheckpointError(
                f"the checkpoint's policy description does not fit this version: {error}"
            ) from error

    def pack(self, obs: dict[str, NDArray[Any]]) -> NDArray[np.uint8]:
        """Pack one observation into a record.

        Args:
            obs: one environment's observation; arrays as in the observation space.

        Returns:
            The record; uint8; (record_bytes,); owned by the caller.
        """
        record = np.empty(self.record_bytes, dtype=np.uint8)
        for key, (start, end) in self.offsets.items():
            record[start:end] = np.ascontiguousarray(obs[key]).reshape(-1).view(np.uint8)
        return record


def _shape(space: spaces.Space[Any]) -> Any:
    return tuple(int(n) for n in space.shape or ())
