"""What the tests of the environments share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast import contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from factorio_fast import FastFactorioEnv

IDS = {
    "FactorioFast/MovementBasic-v0": "movement_basic",
    "FactorioFast/MiningEfficiency-v0": "mining_efficiency",
    "FactorioFast/ConstructionSpeed-v0": "construction_speed",
    "FactorioFast/BaseOptimization-v0": "base_optimization",
}
SCENARIOS = tuple(IDS.values())
NVEC = np.array(contract.ACTION_NVEC)

SHORT_WALK: dict[str, Any] = {
    "name": "short_walk",
    "type": "movement_training",
    "map_generation": {"size": "tiny", "terrain": "flat", "resources": "none", "enemies": "none"},
    "objectives": ["reach_waypoint"],
    "objective": {"reach_waypoint": {"min_distance": 2, "radius": 2.0}},
    "episode_length": 3,
    "observation_frequency": 10,
    "reward": {"success": 1.0, "progress": 1.0, "time": -0.01, "rejected": -0.1},
}
"""Episodes of at most 30 steps; random walks end some of them at the waypoint."""


def assert_equal_obs(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Compare two observations byte for byte."""
    assert sorted(found) == sorted(wanted)
    for key, value in wanted.items():
        assert found[key].dtype == value.dtype, key
        assert found[key].shape == value.shape, key
        assert found[key].tobytes() == value.tobytes(), key


def random_actions(rng: np.random.Generator, *lead: int) -> NDArray[np.int64]:
    """Draw actions that walk one way for a while, so that the world about the character changes."""
    return rng.integers(0, NVEC, (*lead, len(NVEC)))


def split_mask(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Cut the 65 booleans into the four heads."""
    return np.split(mask, np.cumsum(NVEC)[:-1], axis=-1)


def legal_action(rng: np.random.Generator, env: FastFactorioEnv) -> NDArray[np.int64]:
    """Draw a whole action that will be accepted, interactions as likely as resting."""
    action = np.zeros(len(NVEC), np.int64)
    heads = split_mask(env.action_masks())
    action[0] = rng.choice(np.flatnonzero(heads[0]))
    action[1] = rng.choice(np.flatnonzero(heads[1]))
    table = env.conditional_masks(int(action[1]))
    choices = np.argwhere(table)
    if len(choices):
        action[2:] = choices[rng.integers(len(choices))]
    else:
        action[1] = 0
    return action
