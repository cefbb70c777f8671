from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers.vector import NormalizeReward, RecordEpisodeStatistics

from env_tools import SHORT_WALK, assert_equal_obs, random_actions
from factorio_fast import FactorioVectorEnv, FastFactorioEnv, contract, errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

STAY = np.zeros((3, 4), np.int64)


@pytest.fixture
def envs() -> FactorioVectorEnv:
    """Three environments in the middle of their episodes."""
    envs = FactorioVectorEnv("construction_speed", 3, num_threads=2, render_mode="ansi")
    envs.reset(seed=1)
    for actions in random_actions(np.random.default_rng(0), 20, 3):
        envs.step(actions)
    return envs


def refused(
    envs: FactorioVectorEnv, error: type[Exception], call: Callable[[], object], *parts: str
) -> None:
    """Check that a call fails with these words and leaves all environments as they were."""
    snapshot, records, pictures = envs.snapshot(), envs.records.copy(), envs.render()
    with pytest.raises(error) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)
    assert isinstance(caught.value, errors.FactorioFastError)
    assert envs.snapshot() == snapshot
    assert np.array_equal(envs.records, records)
    assert envs.render() == pictures


def test_copies_are_the_callers_own() -> None:
    envs = FactorioVectorEnv("movement_basic", 3, observation_type="full")
    obs, infos = envs.reset(seed=1)
    kept = {key: value.copy() for key, value in obs.items()}
    steps = infos["episode_steps"]
    for actions in random_actions(np.random.default_rng(0), 20, 3):
        envs.step(actions)
    assert_equal_obs(obs, kept)
    assert steps.tolist() == [0, 0, 0]
    snapshot = envs.snapshot()
    obs["local_map"][:] = 0
    obs["goal"][:] = 0
    assert envs.snapshot() == snapshot
    assert not np.shares_memory(obs["local_map"], envs.records)


def test_views_show_the_present_without_copying() -> None:
    envs = FactorioVectorEnv("movement_basic", 3, copy=False, observation_type="full")
    twins = FactorioVectorEnv("movement_basic", 3, observation_type="full")
    obs, _ = envs.reset(seed=1)
    twins.reset(seed=1)
    assert np.shares_memory(obs["local_map"], envs.records)
    for actions in random_actions(np.random.default_rng(0), 50, 3):
        after, rewards, terminations, truncations, infos = envs.step(actions)
        wanted, *_ = twins.step(actions)
        assert_equal_obs(after, wanted)
        # The first observation's arrays show the same memory.
        assert_equal_obs(obs, wanted)
    kept = (rewards, terminations, truncations, infos["objective_progress"])
    copies = [array.copy() for array in kept]
    envs.step(random_actions(np.random.default_rng(1), 3))
    assert all(np.array_equal(array, copy) for array, copy in zip(kept, copies, strict=True))


def test_spaces_hold_what_is_returned() -> None:
    envs = FactorioVectorEnv("mining_efficiency", 3, observation_type="full")
    obs, _ = envs.reset(seed=1)
    assert envs.observation_space.contains(obs)
    assert envs.action_space.contains(STAY)
    obs, rewards, terminations, truncations, _ = envs.step(STAY)
    assert envs.observation_space.contains(obs)
    assert rewards.shape == (3,)
    assert rewards.dtype == np.float64
    for ends in (terminations, truncations):
        assert ends.shape == (3,)
        assert ends.dtype == np.bool_


def test_send_and_recv_are_step(envs: FactorioVectorEnv) -> None:
    twins = FactorioVectorEnv("construction_speed", 3, num_threads=1)
    twins.restore(envs.snapshot())
    for actions in random_actions(np.random.default_rng(1), 60, 3):
        envs.send(actions)
        obs, *rest, infos = envs.recv()
        wanted, *wanted_rest, wanted_infos = twins.step(actions)
        assert_equal_obs(obs, wanted)
        assert all(np.array_equal(a, b) for a, b in zip(rest, wanted_rest, strict=True))
        np.testing.assert_equal(infos, wanted_infos)


def test_only_recv_follows_send(envs: FactorioVectorEnv) -> None:
    snapshot = envs.snapshot()
    refused(envs, errors.InvalidStateError, envs.recv, "call send before recv")
    envs.send(STAY)
    calls: list[Callable[[], object]] = [
        lambda: envs.send(STAY),
        lambda: envs.step(STAY),
        lambda: envs.reset(seed=1),
        envs.action_masks,
        lambda: envs.conditional_masks(np.zeros(3, np.int64)),
        envs.render,
        envs.snapshot,
        lambda: envs.restore(snapshot),
    ]
    for call in calls:
        with pytest.raises(errors.InvalidStateError, match="call recv before anything else"):
            call()
    envs.recv()
    envs.step(STAY)


@pytest.mark.parametrize("call", ["step", "send"])
@pytest.mark.parametrize(
    ("actions", "part"),
    [
        (np.zeros((2, 4), np.int64), "shape (3, 4), not (2, 4)"),
        (np.zeros(12, np.int64), "shape (3, 4), not (12,)"),
        (np.zeros((3, 4)), "not float64"),
        (np.full((3, 4), np.nan), "not float64"),
        ([[0] * 4, [0] * 4, [0] * 3], "shape (3, 4)"),
        ([[0] * 4, [0] * 4, [0, 0, 16, 0]], 'environment 2: component "target"'),
        (np.full((3, 4), -1), 'environment 0: component "move"'),
    ],
)
def test_wrong_actions_change_nothing(
    envs: FactorioVectorEnv, call: str, actions: Any, part: str
) -> None:
    refused(envs, errors.InvalidValueError, lambda: getattr(envs, call)(actions), part)
    envs.step(STAY)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"seed": -1}, "not -1"),
        ({"seed": 2**64 - 2}, f"not {2**64}"),
        ({"seed": 1.5}, "not 1.5"),
        ({"seed": [1, 2]}, "3 entries, not 2"),
        ({"seed": [1, 2, 3.5]}, "not 3.5"),
        ({"seed": [1, None, 3]}, "not None"),
        ({"options": {"mask": 1}}, '"reset_mask" alone'),
        ({"options": {"reset_mask": [True, True, True]}}, "bool array of shape (3,)"),
        ({"options": {"reset_mask": np.ones(2, np.bool_)}}, "bool array of shape (3,)"),
        ({"options": {"reset_mask": np.ones(3, np.int64)}}, "bool array of shape (3,)"),
        ({"options": {"reset_mask": np.zeros(3, np.bool_)}}, "with a True in it"),
    ],
)
def test_wrong_resets_change_nothing(
    envs: FactorioVectorEnv, arguments: dict[str, Any], part: str
) -> None:
    refused(envs, errors.InvalidValueError, lambda: envs.reset(**arguments), part)


@pytest.mark.parametrize(
    ("settings", "error", "part"),
    [
        ({"num_envs": 0}, errors.InvalidValueError, "num_envs must be at least 1, not 0"),
        ({"num_envs": -1}, errors.InvalidValueError, "not -1"),
        ({"num_envs": 2.0}, errors.InvalidValueError, "not 2.0"),
        ({"num_envs": 2**30}, errors.InvalidValueError, "num_envs must be in 1..=1048576"),
        ({"num_threads": 0}, errors.InvalidValueError, "not 0"),
        ({"num_threads": 10**6}, errors.InvalidValueError, "num_threads must be in 1..=256"),
        ({"autoreset_mode": "Never"}, errors.UnknownNameError, '"NextStep"'),
        ({"backend": "embeded"}, errors.UnknownNameError, '"embedded"'),
        ({"servers": 2}, errors.InvalidValueError, "has no servers"),
        ({"backend": "sim-server", "servers": 9}, errors.InvalidValueError, "must be in"),
        ({"render_mode": "human"}, errors.UnknownNameError, '"rgb_array"'),
        ({"observation_type": "wide"}, errors.UnknownNameError, '"full"'),
        ({"scenario": "movment_basic"}, errors.UnknownNameError, '"movement_basic"'),
    ],
)
def test_wrong_settings_say_what_is_allowed(
    settings: dict[str, Any], error: type[Exception], part: str
) -> None:
    with pytest.raises(error) as caught:
        FactorioVectorEnv(**settings)
    assert part in str(caught.value)


def test_nothing_is_played_before_reset() -> None:
    envs = FactorioVectorEnv("movement_basic", 3, render_mode="ansi")
    calls: list[Callable[[], object]] = [
        lambda: envs.step(STAY),
        lambda: envs.send(STAY),
        envs.action_masks,
        lambda: envs.conditional_masks(np.zeros(3, np.int64)),
        envs.render,
        envs.snapshot,
    ]
    for call in calls:
        with pytest.raises(errors.InvalidStateError, match="reset"):
            call()
    half = np.array([True, False, True])
    envs.reset(seed=1, options={"reset_mask": half})
    with pytest.raises(errors.InvalidStateError, match="environment 1: step was called before"):
        envs.step(STAY)
    envs.reset(seed=1, options={"reset_mask": ~half})
    envs.step(STAY)
    wanted, _ = FactorioVectorEnv("movement_basic", 3).reset(seed=1)
    obs, _ = envs.reset(seed=1)
    assert_equal_obs(obs, wanted)


def test_seeds_are_counted_up_or_listed() -> None:
    envs = FactorioVectorEnv("movement_basic", 3)
    counted, _ = envs.reset(seed=5)
    for seeds in ([5, 6, 7], np.array([5, 6, 7]), (5, 6, 7)):
        listed, _ = FactorioVectorEnv("movement_basic", 3).reset(seed=seeds)  # type: ignore[arg-type]
        assert_equal_obs(listed, counted)
    for index in range(3):
        single, _ = FastFactorioEnv().reset(seed=5 + index)
        assert_equal_obs({key: value[index] for key, value in counted.items()}, single)
    alike, _ = envs.reset(seed=[9, 9, 9])
    assert all((value == value[:1]).all() for value in alike.values())
    unseeded = [FactorioVectorEnv("movement_basic", 3).reset()[0] for _ in range(2)]
    assert unseeded[0]["player_state"].tobytes() != unseeded[1]["player_state"].tobytes()


def test_infos_are_masked_by_who_has_them(envs: FactorioVectorEnv) -> None:
    *_, infos = envs.step(STAY)
    names = [key for key in infos if not key.startswith("_")]
    assert set(names) == {
        "success",
        "objective_progress",
        "episode_steps",
        "rejected",
        "reward_terms",
    }
    assert all(infos[f"_{name}"].tolist() == [True] * 3 for name in names)
    mask = np.array([False, True, False])
    _, infos = envs.reset(options={"reset_mask": mask})
    assert all(infos[f"_{name}"].tolist() == mask.tolist() for name in names)
    assert infos["episode_steps"].tolist() == [21, 0, 21]
    terms = infos["reward_terms"]
    assert set(terms) == {f"{mark}{term}" for term in envs.scenario.reward for mark in ("", "_")}
    assert terms["_success"].tolist() == mask.tolist()


def test_masks_are_those_of_single_environments() -> None:
    envs = FactorioVectorEnv("construction_speed", 4)
    singles = [FastFactorioEnv("construction_speed") for _ in range(4)]
    envs.reset(seed=3)
    for index, single in enumerate(singles):
        single.reset(seed=3 + index)
    rng = np.random.default_rng(0)
    for actions in random_actions(rng, 40, 4):
        masks = envs.action_masks()
        interacts = rng.integers(0, contract.ACTION_NVEC[1], 4)
        tables = envs.conditional_masks(interacts)
        assert masks.shape == (4, 65)
        assert masks.dtype == np.bool_
        assert tables.shape == (4, 16, 32)
        assert tables.dtype == np.bool_
        for index, single in enumerate(singles):
            assert np.array_equal(masks[index], single.action_masks())
            assert np.array_equal(tables[index], single.conditional_masks(int(interacts[index])))
            single.step(actions[index])
        envs.step(actions)
    with pytest.raises(errors.InvalidValueError, match=r"0\.\.8, not 8"):
        envs.conditional_masks(np.full(4, 8))
    with pytest.raises(errors.InvalidValueError, match=r"\(4,\)"):
        envs.conditional_masks(np.zeros(3, np.int64))


def test_every_environment_is_drawn() -> None:
    envs = FactorioVectorEnv("movement_basic", 3, render_mode="rgb_array")
    envs.reset(seed=1)
    frames = envs.render()
    assert frames is not None
    single = FastFactorioEnv("movement_basic", render_mode="rgb_array")
    for index, frame in enumerate(frames):
        single.reset(seed=1 + index)
        alone = single.render()
        assert isinstance(alone, np.ndarray)
        assert np.array_equal(frame, alone)
    silent = FactorioVectorEnv("movement_basic", 1)
    silent.reset(seed=1)
    assert silent.render() is None


def test_gymnasiums_wrappers_fit() -> None:
    base = FactorioVectorEnv(SHORT_WALK, 4)
    envs: gym.vector.VectorEnv[Any, Any, Any] = NormalizeReward(RecordEpisodeStatistics(base))
    envs.reset(seed=1)
    paid, lengths = np.zeros(4), []
    for _ in range(100):
        *_, terminations, truncations, infos = envs.step(envs.action_space.sample())
        paid += np.where(base._arrays["steps"] == 0, 0.0, base._arrays["rewards"])
        for index in np.flatnonzero(terminations | truncations):
            assert infos["_episode"][index]
            assert infos["episode"]["r"][index] == pytest.approx(paid[index])
            lengths.append(int(infos["episode"]["l"][index]))
            assert lengths[-1] == infos["episode_steps"][index]
            paid[index] = 0.0
    assert len(lengths) >= 12
    envs.close()


def snapshot_errors(envs: FactorioVectorEnv, snapshot: bytes) -> None:
    rng = np.random.default_rng(0)
    for cut in range(0, len(snapshot), max(1, len(snapshot) // 50)):
        refused(envs, errors.InvalidSnapshotError, functools.partial(envs.restore, snapshot[:cut]))
    for place in rng.integers(0, len(snapshot), 50):
        damaged = bytearray(snapshot)
        damaged[place] ^= 4
        refused(envs, errors.InvalidSnapshotError, functools.partial(envs.restore, bytes(damaged)))


def test_broken_snapshots_change_nothing(envs: FactorioVectorEnv) -> None:
    snapshot_errors(envs, envs.snapshot())
    two = FactorioVectorEnv("construction_speed", 2)
    two.reset(seed=1)
    refused(
        envs, errors.InvalidSnapshotError, lambda: envs.restore(two.snapshot()), "2 environments"
    )
    other = FactorioVectorEnv("movement_basic", 3)
    other.reset(seed=1)
    refused(
        envs, errors.InvalidSnapshotError, lambda: envs.restore(other.snapshot()), "another scen"
    )


def test_restoring_begins_new_environments_too(envs: FactorioVectorEnv) -> None:
    fresh = FactorioVectorEnv("construction_speed", 3)
    obs = fresh.restore(envs.snapshot())
    assert fresh.snapshot() == envs.snapshot()
    assert np.array_equal(fresh.records, envs.records)
    assert_equal_obs(fresh.reset()[0], envs.reset()[0])
    assert obs["local_map"].shape == (3, 32, 32, 8)


@pytest.mark.parametrize("is_under_way", [False, True])
def test_closing_ends_everything(envs: FactorioVectorEnv, *, is_under_way: bool) -> None:
    snapshot = envs.snapshot()
    if is_under_way:
        envs.send(STAY)
    envs.close()
    envs.close()
    calls: list[Callable[[], object]] = [
        lambda: envs.step(STAY),
        lambda: envs.send(STAY),
        envs.recv,
        lambda: envs.reset(seed=1),
        envs.action_masks,
        envs.render,
        envs.snapshot,
        lambda: envs.restore(snapshot),
    ]
    for call in calls:
        with pytest.raises(errors.ClosedError, match="make new ones") as caught:
            call()
        assert isinstance(caught.value, gym.error.ClosedEnvironmentError)


def test_dropping_during_a_step_is_harmless() -> None:
    arrays: list[NDArray[np.uint8]] = []
    for _ in range(20):
        envs = FactorioVectorEnv("movement_basic", 64, copy=False)
        envs.reset(seed=1)
        arrays.append(envs.records)
        envs.send(np.zeros((64, 4), np.int64))
        del envs
    assert all(array.any() for array in arrays)


def test_threads_share_environments_without_deadlock() -> None:
    envs = FactorioVectorEnv("movement_basic", 64, num_threads=2)
    envs.reset(seed=1)
    actions = np.zeros((64, 4), np.int64)

    def step() -> None:
        for _ in range(200):
            envs.step(actions)
            envs.action_masks()

    threads = [threading.Thread(target=step, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert envs._arrays["steps"].tolist() == [600] * 64


def test_the_mode_may_be_a_name() -> None:
    for mode in AutoresetMode:
        envs = FactorioVectorEnv(SHORT_WALK, 1, autoreset_mode=mode.value)
        assert envs.metadata["autoreset_mode"] is mode
