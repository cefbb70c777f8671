"""Environment steps per second on one simulated server, and where their time goes.

`steps_per_second` of a benchmark counts the steps of all environments. `round_trip_us` is the
median time from a line to its reply; `embedded_us` is what a step of all of them costs in this
process, observation included; `client_us` is the processor time that this process takes for it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from factorio_fast import FactorioVectorEnv

if TYPE_CHECKING:
    import numpy as np
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 300


def actions_of(envs: FactorioVectorEnv) -> list[np.ndarray]:
    envs.action_space.seed(0)
    return [envs.action_space.sample() for _ in range(64)]


def seconds_per_step(envs: FactorioVectorEnv, actions: list[np.ndarray]) -> float:
    begin = time.perf_counter()
    for index in range(ROUNDS):
        envs.step(actions[index % len(actions)])
    return (time.perf_counter() - begin) / ROUNDS


@pytest.mark.parametrize("num_envs", [1, 16, 61])
def test_steps_on_a_server(benchmark: BenchmarkFixture, num_envs: int) -> None:
    envs = FactorioVectorEnv("movement_basic", num_envs=num_envs, backend="sim-server", servers=1)
    try:
        envs.reset(seed=1)
        actions = actions_of(envs)
        seconds_per_step(envs, actions)
        benchmark.pedantic(seconds_per_step, (envs, actions), rounds=5)
        assert benchmark.stats is not None
        step = benchmark.stats.stats.min / ROUNDS
        busy = time.process_time()
        seconds_per_step(envs, actions)
        busy = (time.process_time() - busy) / ROUNDS
        metrics = envs.transport_metrics[0]
        embedded = FactorioVectorEnv("movement_basic", num_envs=num_envs, num_threads=1)
        embedded.reset(seed=1)
        alone = seconds_per_step(embedded, actions)
        benchmark.extra_info.update(
            steps_per_second=round(num_envs / step),
            round_trip_us=round(1e6 * metrics["round_trip_p50_seconds"], 1),
            client_us=round(1e6 * busy, 1),
            embedded_us=round(1e6 * alone, 1),
            frame_bytes=round(metrics["datagram_bytes"] / max(metrics["datagrams"], 1), 1),
        )
    finally:
        envs.close()
