"""The autoreset modes, against Gymnasium's own implementation of them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from env_tools import SHORT_WALK, assert_equal_obs, random_actions
from factorio_fast import FactorioVectorEnv, FastFactorioEnv, contract, errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from factorio_fast.envs.spaces import ObservationType

N_ENVS = 6
KEPT = ("success", "objective_progress", "episode_steps")


def pair(
    mode: AutoresetMode, observation_type: ObservationType = "compact"
) -> tuple[FactorioVectorEnv, SyncVectorEnv[Any, Any]]:
    """Make the environments and the reference."""
    envs = FactorioVectorEnv(
        SHORT_WALK,
        N_ENVS,
        autoreset_mode=mode,
        observation_type=observation_type,
    )
    make = functools.partial(FastFactorioEnv, SHORT_WALK, observation_type=observation_type)
    return envs, SyncVectorEnv([make] * N_ENVS, autoreset_mode=mode)


def assert_equal_infos(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Compare what both carry, wherever ours says that it is present."""
    for key in KEPT:
        present = found[f"_{key}"]
        assert wanted[f"_{key}"][present].all()
        assert np.allclose(found[key][present], wanted[key][present], atol=1e-6), key
    for term in SHORT_WALK["reward"]:
        present = found["reward_terms"][f"_{term}"]
        terms = (found["reward_terms"][term][present], wanted["reward_terms"][term][present])
        assert np.allclose(*terms, atol=1e-6), term
    for head, name in enumerate(("move", "interact")):
        reasons = np.full(N_ENVS, None, object)
        if name in wanted["rejected"]:
            reasons = wanted["rejected"][name]
        for index in np.flatnonzero(found["_rejected"]):
            code = found["rejected"][index, head]
            assert contract.REJECT_REASONS[code] == (reasons[index] or "accepted")


def actions_of(rng: np.random.Generator, obs: Any) -> NDArray[np.int64]:
    """Walk to the waypoint, but for the last two environments, which wander until time is up."""
    actions = random_actions(rng, N_ENVS)
    dx, dy = (
        obs["player_state"][:, contract.PLAYER_STATE_NAMES.index(f"objective_d{axis}")]
        for axis in "xy"
    )
    eighths = np.round(np.arctan2(dx, -dy) / (np.pi / 4)).astype(np.int64) % 8
    actions[:-2, 0] = eighths[:-2] + 1
    return actions


@pytest.mark.parametrize("observation_type", ["compact", "full"])
@pytest.mark.parametrize("mode", AutoresetMode)
def test_modes_do_what_gymnasium_does(
    mode: AutoresetMode, observation_type: ObservationType
) -> None:
    envs, reference = pair(mode, observation_type)
    rng = np.random.default_rng(0)
    obs, infos = envs.reset(seed=11)
    wanted, wanted_infos = reference.reset(seed=11)
    assert_equal_obs(obs, wanted)
    assert_equal_infos(infos, wanted_infos)
    n_ends = np.zeros(2, np.int64)
    for _ in range(300):
        actions = actions_of(rng, obs)
        obs, rewards, terminations, truncations, infos = envs.step(actions)
        wanted, *rest, wanted_infos = reference.step(actions)
        assert_equal_obs(obs, wanted)
        for found, array in zip((rewards, terminations, truncations), rest, strict=True):
            assert found.dtype == array.dtype
            assert found.tobytes() == array.tobytes()
        assert_equal_infos(infos, wanted_infos)
        ended = terminations | truncations
        n_ends += (terminations.sum(), truncations.sum())
        assert ("final_obs" in infos) == ("final_obs" in wanted_infos)
        if "final_obs" in infos:
            assert_equal_finals(infos, wanted_infos, ended)
        if mode is AutoresetMode.DISABLED and ended.any():
            obs, infos = envs.reset(options={"reset_mask": ended})
            wanted, wanted_infos = reference.reset(options={"reset_mask": ended})
            assert_equal_obs(obs, wanted)
            assert_equal_infos(infos, wanted_infos)
            assert infos["_success"].tolist() == wanted_infos["_success"].tolist()
    assert (n_ends > 10).all(), n_ends
    envs.close()
    reference.close()


def assert_equal_finals(
    infos: dict[str, Any], wanted: dict[str, Any], ended: NDArray[np.bool_]
) -> None:
    """Compare the last observations and infos of the episodes that a step ended."""
    for key in ("_final_obs", "_final_info", "_final_records"):
        assert infos[key].tolist() == ended.tolist()
    assert wanted["_final_obs"].tolist() == ended.tolist()
    assert_equal_infos(infos["final_info"], wanted["final_info"])
    assert infos["final_info"]["_success"].tolist() == ended.tolist()
    for index in range(N_ENVS):
        if ended[index]:
            assert_equal_obs(infos["final_obs"][index], wanted["final_obs"][index])
            mask = infos["final_records"][index, : contract.MASK_SIZE].astype(np.bool_)
            assert np.array_equal(mask, infos["final_obs"][index]["action_mask"])
        else:
            assert infos["final_obs"][index] is None


def test_final_observations_are_kept_by_the_caller() -> None:
    envs, _ = pair(AutoresetMode.SAME_STEP)
    envs.reset(seed=1)
    kept: list[tuple[Any, bytes]] = []
    for _ in range(100):
        *_, infos = envs.step(np.zeros((N_ENVS, 4), np.int64))
        kept += [
            (final, final["local_map"].tobytes())
            for final in infos.get("final_obs", ())
            if final is not None
        ]
    assert len(kept) == N_ENVS * 3
    assert all(final["local_map"].tobytes() == data for final, data in kept)


def test_a_reset_does_not_repeat_the_finals_of_the_step_before() -> None:
    envs = FactorioVectorEnv(
        SHORT_WALK, 2, autoreset_mode=AutoresetMode.SAME_STEP, max_episode_steps=1
    )
    envs.reset(seed=1)
    *_, infos = envs.step(np.zeros((2, 4), np.int64))
    assert infos["_final_obs"].all()
    _, infos = envs.reset(options={"reset_mask": np.array([True, False])})
    assert "final_obs" not in infos
    assert infos["_success"].tolist() == [True, False]


def test_without_autoreset_the_end_must_be_answered() -> None:
    envs = FactorioVectorEnv(
        SHORT_WALK, 2, autoreset_mode=AutoresetMode.DISABLED, max_episode_steps=2
    )
    envs.reset(seed=1)
    stay = np.zeros((2, 4), np.int64)
    envs.step(stay)
    *_, truncations, _ = envs.step(stay)
    assert truncations.all()
    envs.reset(options={"reset_mask": np.array([True, False])})
    snapshot = envs.snapshot()
    for call in (envs.step, envs.send):
        with pytest.raises(errors.InvalidStateError, match=r"environment 1: .*call reset first"):
            call(stay)
    assert envs.snapshot() == snapshot
    envs.reset()
    envs.step(stay)


def test_the_action_at_an_automatic_reset_is_not_looked_at() -> None:
    envs = FactorioVectorEnv(SHORT_WALK, 2, max_episode_steps=1)
    envs.reset(seed=1)
    envs.step(np.zeros((2, 4), np.int64))
    _, rewards, terminations, truncations, infos = envs.step(np.full((2, 4), 99))
    assert rewards.tolist() == [0.0, 0.0]
    assert not (terminations | truncations).any()
    assert infos["episode_steps"].tolist() == [0, 0]


def test_a_mode_that_waits_for_a_reset_is_restored() -> None:
    envs = FactorioVectorEnv(SHORT_WALK, 2, max_episode_steps=3)
    envs.reset(seed=1)
    stay = np.zeros((2, 4), np.int64)
    for _ in range(3):
        envs.step(stay)
    snapshot = envs.snapshot()
    wanted = [envs.step(stay)[0]["player_state"].tobytes() for _ in range(9)]
    envs.restore(snapshot)
    assert [envs.step(stay)[0]["player_state"].tobytes() for _ in range(9)] == wanted
