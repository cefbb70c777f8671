from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from env_tools import SCENARIOS, SHORT_WALK, assert_equal_obs, legal_action, random_actions
from factorio_fast import FastFactorioEnv, errors

if TYPE_CHECKING:
    from numpy.typing import NDArray


def play(env: FastFactorioEnv, seed: int, n_steps: int) -> None:
    """Take legal actions, so that the world changes."""
    rng = np.random.default_rng(seed)
    for _ in range(n_steps):
        _, _, terminated, truncated, _ = env.step(legal_action(rng, env))
        if terminated or truncated:
            env.reset()


def trace(env: FastFactorioEnv, actions: NDArray[np.int64]) -> list[Any]:
    """Collect all that steps return, episodes included."""
    seen: list[Any] = []
    for action in actions:
        obs, reward, terminated, truncated, info = env.step(action)
        record = b"".join(obs[key].tobytes() for key in sorted(obs))
        seen.append((record, reward, terminated, truncated, info))
        if terminated or truncated:
            break
    return seen


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_restored_episode_goes_on_byte_for_byte(name: str) -> None:
    env = FastFactorioEnv(name, observation_type="full")
    env.reset(seed=2)
    play(env, seed=0, n_steps=150)
    snapshot, digest = env.snapshot(), env.digest()
    here, info = env.obs_extractor.extract(), env.session.info()
    actions = random_actions(np.random.default_rng(1), 300)
    wanted = trace(env, actions)
    for other in (env, FastFactorioEnv(name, observation_type="full")):
        obs, restored_info = other.restore(snapshot)
        assert_equal_obs(obs, here)
        assert restored_info["tick"] == info["tick"]
        assert restored_info["episode_steps"] == info["episode_steps"]
        assert restored_info["objective_progress"] == info["objective_progress"]
        assert other.digest() == digest
        assert other.snapshot() == snapshot
        assert trace(other, actions) == wanted


def test_a_fork_leads_its_own_life() -> None:
    env = FastFactorioEnv("construction_speed", observation_type="full", render_mode="ansi")
    env.reset(seed=2)
    play(env, seed=0, n_steps=40)
    twin = env.fork()
    assert (twin.render_mode, twin.observation_space) == ("ansi", env.observation_space)
    digest = env.digest()
    assert twin.digest() == digest
    play(twin, seed=1, n_steps=40)
    assert twin.digest() != digest
    assert env.digest() == digest
    other = env.fork()
    env.close()
    play(env := other.fork(), seed=1, n_steps=40)
    assert env.digest() == twin.digest()
    assert other.digest() == digest
    # The next episode is the same one for both.
    assert_equal_obs(env.reset()[0], other.reset()[0])


def test_digests_tell_states_apart() -> None:
    env = FastFactorioEnv("movement_basic")
    digests = []
    for seed in (1, 2):
        env.reset(seed=seed)
        digests.append(env.digest())
        for action in ([3, 0, 0, 0], [0, 0, 0, 0], [7, 0, 0, 0]):
            env.step(np.array(action))
            digests.append(env.digest())
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in digests)
    env.reset(seed=1)
    assert env.digest() == digests[0]


def test_a_fork_keeps_length_and_shaping() -> None:
    env = FastFactorioEnv(SHORT_WALK, reward_shaping="sparse", max_episode_steps=3)
    env.reset(seed=1)
    twin = env.fork()
    steps = [twin.step(np.zeros(4, np.int64))[1:4] for _ in range(3)]
    assert steps == [(0.0, False, False), (0.0, False, False), (0.0, False, True)]


def test_a_sparse_snapshot_pays_nothing_extra_in_a_dense_environment() -> None:
    dense = FastFactorioEnv("mining_efficiency")
    sparse = FastFactorioEnv("mining_efficiency", reward_shaping="sparse")
    dense.reset(seed=1)
    sparse.reset(seed=1)
    action = np.array([3, 0, 0, 0])
    dense.step(action)
    sparse.step(action)
    wanted = dense.fork().step(action)[4]["reward_terms"]
    dense.restore(sparse.snapshot())
    assert dense.step(action)[4]["reward_terms"] == wanted


@pytest.fixture
def running() -> FastFactorioEnv:
    env = FastFactorioEnv("construction_speed")
    env.reset(seed=2)
    play(env, seed=0, n_steps=20)
    return env


def test_truncated_snapshots_are_refused(running: FastFactorioEnv) -> None:
    snapshot, digest = running.snapshot(), running.digest()
    length = len(snapshot)
    for cut in {*range(min(64, length)), *range(64, length, 97), length - 1}:
        with pytest.raises(errors.InvalidSnapshotError, match="snapshot"):
            running.restore(snapshot[:cut])
    with pytest.raises(errors.InvalidSnapshotError, match="truncated"):
        running.restore(snapshot + b"\0")
    assert running.digest() == digest
    running.restore(snapshot)


def test_damaged_snapshots_are_refused(running: FastFactorioEnv) -> None:
    snapshot, digest = running.snapshot(), running.digest()
    rng = np.random.default_rng(0)
    places = {*range(32), *rng.integers(0, len(snapshot), 300).tolist()}
    for place in places:
        damaged = bytearray(snapshot)
        damaged[place] ^= 1 << int(rng.integers(8))
        with pytest.raises(errors.InvalidSnapshotError):
            running.restore(bytes(damaged))
    for junk in (b"", b"\0" * 400, b"FFSN", rng.bytes(4096)):
        with pytest.raises(errors.InvalidSnapshotError):
            running.restore(junk)
    assert running.digest() == digest


def test_snapshots_of_other_scenarios_are_refused(running: FastFactorioEnv) -> None:
    other = FastFactorioEnv("movement_basic")
    other.reset(seed=1)
    digest = running.digest()
    with pytest.raises(errors.InvalidSnapshotError, match='another scenario than "construction_'):
        running.restore(other.snapshot())
    with pytest.raises(errors.InvalidSnapshotError):
        running.restore(other.replay())
    assert running.digest() == digest


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_replay_ends_in_the_recorded_world(name: str) -> None:
    env = FastFactorioEnv(name)
    env.reset(seed=4)
    rng = np.random.default_rng(0)
    taken = []
    for _ in range(120):
        taken.append(legal_action(rng, env))
        _, _, terminated, truncated, _ = env.step(taken[-1])
        if terminated or truncated:
            break
    replay, digest = env.replay(), env.digest()
    other = FastFactorioEnv(name)
    other.reset(seed=9)
    there = other.digest()
    played = other.run_replay(replay)
    assert played.dtype == np.int64
    assert np.array_equal(played, taken)
    assert (env.digest(), other.digest()) == (digest, there)


def test_a_replay_spans_restores_and_long_episodes() -> None:
    env = FastFactorioEnv(SHORT_WALK, max_episode_steps=500)
    env.reset(seed=1)
    still = np.zeros((60, 4), np.int64)
    trace(env, still[:30])
    snapshot = env.snapshot()
    trace(env, still)
    env.restore(snapshot)
    trace(env, still[:20])
    # Longer than the scenario's own 30 steps.
    assert len(FastFactorioEnv(SHORT_WALK).run_replay(env.replay())) == 50
    env.reset()
    assert env.run_replay(env.replay()).shape == (0, 4)


def test_tampered_replays_are_refused(running: FastFactorioEnv) -> None:
    replay, digest = running.replay(), running.digest()
    for place in range(len(replay)):
        tampered = bytearray(replay)
        tampered[place] ^= 0x10
        with pytest.raises(errors.InvalidSnapshotError, match="replay"):
            running.run_replay(bytes(tampered))
    for cut in range(len(replay)):
        with pytest.raises(errors.InvalidSnapshotError, match="replay"):
            running.run_replay(replay[:cut])
    other = FastFactorioEnv("movement_basic")
    with pytest.raises(errors.InvalidSnapshotError, match="recorded with another"):
        other.run_replay(replay)
    assert running.digest() == digest


def test_threads_share_an_environment_without_deadlock() -> None:
    env = FastFactorioEnv("movement_basic", render_mode="rgb_array")
    env.reset(seed=1)
    frames: list[Any] = []

    def watch() -> None:
        frames.extend(env.render() for _ in range(30))

    watchers = [threading.Thread(target=watch, daemon=True) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    for _ in range(500):
        env.step(np.array([0, 0, 0, 0]))
    for watcher in watchers:
        watcher.join(timeout=60)
        assert not watcher.is_alive()
    assert len(frames) == 90
