"""The mask tells exactly what is accepted: bits against whole actions, tried out on forks.

The core's own tests do this over many more worlds; here it is what a user of Python sees.
"""

from __future__ import annotations

import numpy as np
import pytest

from env_tools import NVEC, SCENARIOS, legal_action, random_actions, split_mask
from factorio_fast import FastFactorioEnv, contract

USES_TARGET = contract.INTERACT_USES_TARGET
USES_ITEM = contract.INTERACT_USES_ITEM
N_WORLDS = 6


def worlds(name: str, n_steps: int) -> list[FastFactorioEnv]:
    """Play some episodes into their middle, legally, so that things stand about."""
    found = []
    for seed in range(N_WORLDS):
        env = FastFactorioEnv(name)
        env.reset(seed=seed)
        rng = np.random.default_rng(seed)
        for _ in range(int(rng.integers(n_steps))):
            if any(env.step(legal_action(rng, env))[2:4]):
                env.reset()
        found.append(env)
    return found


def rejected(env: FastFactorioEnv, action: list[int]) -> dict[str, str]:
    """Try an action on a fork and say what was refused."""
    info = env.fork().step(np.array(action))[4]
    refused: dict[str, str] = info["rejected"]
    return refused


@pytest.mark.parametrize("name", SCENARIOS)
def test_moves_are_accepted_where_their_bit_is_set(name: str) -> None:
    seen = set()
    for env in worlds(name, 160):
        for move, legal in enumerate(split_mask(env.action_masks())[0]):
            assert ("move" not in rejected(env, [move, 0, 0, 0])) == legal, f"move {move}"
            seen.add(bool(legal))
    assert True in seen


@pytest.mark.parametrize("name", SCENARIOS)
def test_interactions_are_accepted_where_the_table_says(name: str) -> None:
    rng = np.random.default_rng(0)
    n_accepted = n_refused = 0
    for env in worlds(name, 160):
        for interact in range(1, NVEC[1]):
            table = env.conditional_masks(interact)
            legal, illegal = np.argwhere(table), np.argwhere(~table)
            for rows, accepted in ((legal, True), (illegal, False)):
                n_tried = min(len(rows), 12)
                for row in rng.permutation(len(rows))[:n_tried]:
                    target, item = rows[row].tolist()
                    reasons = rejected(env, [0, interact, target, item])
                    assert ("interact" not in reasons) == accepted, (interact, target, item)
                n_accepted += n_tried * accepted
                n_refused += n_tried * (not accepted)
    assert n_refused > 100
    # Only trees and rocks can be mined on a walk.
    assert n_accepted > (0 if name == "movement_basic" else 40)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_bit_is_set_where_some_whole_action_has_it(name: str) -> None:
    for env in worlds(name, 160):
        _, interacts, targets, items = split_mask(env.action_masks())
        wanted_interacts = np.zeros(NVEC[1], np.bool_)
        wanted_targets, wanted_items = np.zeros(NVEC[2], np.bool_), np.zeros(NVEC[3], np.bool_)
        wanted_interacts[0] = True
        for interact in range(1, NVEC[1]):
            table = env.conditional_masks(interact)
            wanted_interacts[interact] = table.any()
            if USES_TARGET[interact]:
                wanted_targets |= table.any(axis=1)
            else:
                assert (table == table[:1]).all()
            if USES_ITEM[interact]:
                wanted_items |= table.any(axis=0)
            else:
                assert (table == table[:, :1]).all()
        assert np.array_equal(interacts, wanted_interacts)
        for found, wanted in ((targets, wanted_targets), (items, wanted_items)):
            # A head with nothing legal shows its index 0.
            wanted[0] |= not wanted.any()
            assert np.array_equal(found, wanted)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_65_booleans_are_those_of_the_observation(name: str) -> None:
    env = FastFactorioEnv(name)
    env.reset(seed=1)
    for action in random_actions(np.random.default_rng(0), 100):
        obs, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            break
        mask = env.action_masks()
        assert mask.shape == (contract.FLAT_MASK_SIZE,)
        assert mask.dtype == np.bool_
        assert mask[0]
        assert np.array_equal(mask[1:], obs["action_mask"])
        assert all(head.any() for head in split_mask(mask))


def test_resting_accepts_every_target_and_item() -> None:
    env = FastFactorioEnv("construction_speed")
    env.reset(seed=1)
    assert env.conditional_masks(0).all()
    assert rejected(env, [0, 0, 15, 31]) == {}


def test_masks_are_the_callers_own() -> None:
    env = FastFactorioEnv("construction_speed")
    env.reset(seed=1)
    mask, table = env.action_masks(), env.conditional_masks(2)
    wanted = mask.copy(), table.copy()
    mask[:] = False
    table[:] = False
    assert np.array_equal(env.action_masks(), wanted[0])
    assert np.array_equal(env.conditional_masks(2), wanted[1])
