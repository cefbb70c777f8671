"""Spaces and array views of the contract."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from factorio_fast import contract
from factorio_fast.errors import InvalidValueError, UnknownNameError

__all__ = [
    "Observation",
    "ObservationType",
    "RewardShaping",
    "action_space",
    "check_choice",
    "checked_actions",
    "observation_space",
    "record_views",
]

Observation = dict[str, NDArray[np.generic]]
"""An observation: one array for each key of the observation space."""

_BOUND = float(2**32)
"""Beyond what any number of an observation reaches: counts have 32 bits, and the rest is smaller.
Infinity would say the same, but Gymnasium's checker takes it for a mistake."""

ObservationType = Literal["compact", "full"]
RewardShaping = Literal["dense", "sparse"]


def check_choice(what: str, value: str, choices: object) -> None:
    """Refuse a value that is not one of the choices of a `Literal`."""
    allowed = get_args(choices)
    if value not in allowed:
        listed = ", ".join(f'"{choice}"' for choice in allowed)
        raise UnknownNameError(f'unknown {what} "{value}"; choose one of {listed}')


def observation_space(observation_type: ObservationType = "compact") -> spaces.Dict:
    """Make the observation space of a single environment.

    Raises:
        UnknownNameError: `observation_type` is neither `compact` nor `full`.
    """
    check_choice("observation_type", observation_type, ObservationType)
    c = contract
    members: dict[str, spaces.Space[NDArray[np.generic]]] = {
        "action_mask": spaces.Box(0, 1, (c.MASK_SIZE,), np.bool_),  # type: ignore[arg-type]
        "entities": spaces.Box(-_BOUND, _BOUND, (c.ENTITY_ROWS, c.ENTITY_COLUMNS), np.float32),
        "local_map": spaces.Box(0, 255, (c.MAP_SIDE, c.MAP_SIDE, c.MAP_CHANNELS), np.uint8),
        "player_state": spaces.Box(-_BOUND, _BOUND, (c.PLAYER_STATE_SIZE,), np.float32),
    }
    if observation_type == "full":
        members["inventory"] = spaces.Box(0, _BOUND, (c.FULL_INVENTORY_SIZE,), np.float32)
        members["goal"] = spaces.Box(-_BOUND, _BOUND, (c.FULL_GOAL_SIZE,), np.float32)
    return spaces.Dict(members)


def action_space() -> spaces.MultiDiscrete:
    """Make the action space of a single environment: (move, interact, target, item)."""
    return spaces.MultiDiscrete(np.array(contract.ACTION_NVEC, np.int64))


def record_views(records: NDArray[np.uint8]) -> Observation:
    """View packed records as the four arrays of the compact observation, without copying.

    Args:
        records: packed records; uint8; (8576,) or (num_envs, 8576); C-contiguous.

    Returns:
        One view for each key; the first axis is the environment where the records have one.
    """
    lead = records.shape[:-1]
    lead_strides = records.strides[:-1]
    c = contract

    def view(
        offset: int, dtype: type[np.generic], shape: tuple[int, ...], strides: tuple[int, ...]
    ) -> NDArray[np.generic]:
        return np.ndarray(lead + shape, dtype, records, offset, lead_strides + strides)

    row = c.ENTITY_COLUMNS * 4
    map_row = c.MAP_SIDE * c.MAP_CHANNELS
    return {
        "action_mask": view(c.MASK_OFFSET, np.bool_, (c.MASK_SIZE,), (1,)),
        "entities": view(
            c.ENTITIES_OFFSET, np.float32, (c.ENTITY_ROWS, c.ENTITY_COLUMNS), (row, 4)
        ),
        "local_map": view(
            c.LOCAL_MAP_OFFSET,
            np.uint8,
            (c.MAP_SIDE, c.MAP_SIDE, c.MAP_CHANNELS),
            (map_row, c.MAP_CHANNELS, 1),
        ),
        "player_state": view(c.PLAYER_STATE_OFFSET, np.float32, (c.PLAYER_STATE_SIZE,), (4,)),
    }


def checked_actions(actions: object, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return actions as a C-contiguous int64 array.

    Raises:
        InvalidValueError: They have another shape, are not whole numbers, or are NaN.
    """
    try:
        array = np.asarray(actions)
    except ValueError as error:
        raise InvalidValueError(f"actions must have shape {shape}: {error}") from None
    if array.shape != shape:
        raise InvalidValueError(f"actions must have shape {shape}, not {array.shape}")
    if array.dtype.kind not in "iu":
        raise InvalidValueError(
            f"actions must be whole numbers (an integer dtype), not {array.dtype}"
        )
    return np.ascontiguousarray(array, np.int64)
