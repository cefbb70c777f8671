"""Equal seeds give byte-equal observations, however many threads and environments there are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from env_tools import SCENARIOS, random_actions
from factorio_fast import FactorioVectorEnv, FastFactorioEnv, contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A step of `base_optimization` is a hundred times as long as one of `movement_basic`.
N_STEPS = dict.fromkeys(SCENARIOS, 10000) | {"base_optimization": 1_500}
# 512 environments take their time: one scenario goes all the way.
N_STEPS_OF_512 = {
    "movement_basic": 10_000,
    "mining_efficiency": 300,
    "construction_speed": 300,
    "base_optimization": 20,
}
# Short enough that each environment begins some twenty episodes on the way.
MAX_EPISODE_STEPS = 500
DRAWN = random_actions(np.random.default_rng(0), 512 + 1_021)


def actions_at(step: int, n_envs: int) -> NDArray[np.int64]:
    """Draw a step's actions; those of environment i are the same for every number of them."""
    actions = DRAWN[np.arange(n_envs) + step % 1_021]
    # Half of the steps walk on in the direction of the last hundred: maps scroll far.
    if step % 2:
        actions[:, 0] = (step // 100 + np.arange(n_envs)) % 8 + 1
    return actions


def vector(name: str, n_envs: int, n_threads: int) -> FactorioVectorEnv:
    return FactorioVectorEnv(
        name, n_envs, num_threads=n_threads, copy=False, max_episode_steps=MAX_EPISODE_STEPS
    )


class Trace:
    """A digest of all that environments return, of one of them or of all."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, *arrays: NDArray[Any]) -> None:
        for array in arrays:
            self._hash.update(np.ascontiguousarray(array).tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self._hash.digest() == other._hash.digest()

    __hash__ = None  # type: ignore[assignment]


def traces_of(
    envs: FactorioVectorEnv, steps: range, traced: Sequence[int], *, begin: bool = True
) -> list[Trace]:
    """Step all environments and trace some."""
    traces = [Trace() for _ in traced]
    if begin:
        envs.reset(seed=77)
    for step in steps:
        _, rewards, terminations, truncations, _ = envs.step(actions_at(step, envs.num_envs))
        for index, trace in zip(traced, traces, strict=True):
            ends = (terminations[index], truncations[index])
            trace.add(envs.records[index], rewards[index], *ends)
    return traces


def trace_of_single(name: str, index: int, n_steps: int) -> Trace:
    """Play the episodes of environment `index` alone, reset as the vector does."""
    env = FastFactorioEnv(name, max_episode_steps=MAX_EPISODE_STEPS)
    env.reset(seed=77 + index)
    trace, is_over, record = Trace(), False, np.empty(contract.RECORD_SIZE, np.uint8)
    for step in range(n_steps):
        reward, terminated, truncated = 0.0, False, False
        if is_over:
            env.reset()
        else:
            _, reward, terminated, truncated, _ = env.step(actions_at(step, 512)[index])
        is_over = terminated or truncated
        env.session.observe(record)
        trace.add(record, np.array(reward), np.array(terminated), np.array(truncated))
    return trace


@pytest.mark.parametrize("name", SCENARIOS)
def test_threads_make_no_difference(name: str) -> None:
    n_envs = 17
    one, two = vector(name, n_envs, 1), vector(name, n_envs, 2)
    one.reset(seed=77)
    two.reset(seed=77)
    for step in range(N_STEPS[name]):
        actions = actions_at(step, n_envs)
        _, *results, _ = one.step(actions)
        _, *others, _ = two.step(actions)
        assert one.records.tobytes() == two.records.tobytes(), f"step {step}"
        for found, wanted in zip(results, others, strict=True):
            assert found.tobytes() == wanted.tobytes(), f"step {step}"
    assert one.snapshot() == two.snapshot()


@pytest.mark.parametrize("name", SCENARIOS)
def test_512_environments_are_so_many_single_ones(name: str) -> None:
    n_steps = N_STEPS_OF_512[name]
    traced = (0, 255, 256, 511) if n_steps < 1_000 else (0, 511)
    traces = traces_of(vector(name, 512, 2), range(n_steps), traced)
    assert traces == [trace_of_single(name, index, n_steps) for index in traced]


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_environment_alone_is_one_of_three(name: str) -> None:
    alone = trace_of_single(name, 2, N_STEPS[name])
    assert traces_of(vector(name, 3, 2), range(N_STEPS[name]), [2]) == [alone]


@pytest.mark.parametrize("name", SCENARIOS)
def test_restoring_in_mid_episode_goes_on_alike(name: str) -> None:
    envs = vector(name, 3, 1)
    traces_of(envs, range(321), [])
    snapshot = envs.snapshot()
    rest = range(321, N_STEPS[name])
    wanted = traces_of(envs, rest, range(3), begin=False)
    end = envs.snapshot()
    other = vector(name, 3, 2)
    other.restore(snapshot)
    assert traces_of(other, rest, range(3), begin=False) == wanted
    assert other.snapshot() == end
