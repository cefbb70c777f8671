"""Steps per second with whole observations, beside plain copies of as many bytes in the same run.

A rate of copies is how often `numpy` copies one environment's 8,576 bytes in the same second: what
any environment that hands out arrays of the caller's own must pay at least.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from factorio_fast import FactorioVectorEnv, FastFactorioEnv, contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from pytest_benchmark.fixture import BenchmarkFixture

SIZES = (1, 64, 512, 4_096)
N_BATCHES = 16
ROUNDS = 5
SMALL_BASE = Path(__file__).parent / "small_base.toml"
"""Burner drills, furnaces and chests round the spawn point, at work while all is observed."""
HEAD = ("what", "envs", "threads", "copy", "steps/s", "copies/s", "steps per copy")

Table = list[tuple[str, ...]]


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """Collect lines and print them when all is measured."""
    rows: Table = [HEAD]
    yield rows
    plugins = request.config.pluginmanager
    reporter, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
    if len(rows) == 1 or reporter is None or capture is None:
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    with capture.global_and_fixture_disabled():
        reporter.write_line("\n")
        for name, *cells in rows:
            numbers = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
            reporter.write_line("  ".join([name.ljust(widths[0]), *numbers]))


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is measured, for its line in the table."""

    name: str
    n_envs: int
    path: Path | None = None
    """The scenario's file, if it is none of the package's."""
    n_threads: int = 1
    copy: bool = False

    def cells(self) -> tuple[str, ...]:
        """Write what was measured."""
        return self.name, f"{self.n_envs:,}", str(self.n_threads), "yes" if self.copy else "no"


def drawn_actions(n_envs: int) -> list[NDArray[np.int64]]:
    """Draw batches of actions as `action_space.sample()` would."""
    rng = np.random.default_rng(0)
    shape = (N_BATCHES, n_envs, len(contract.ACTION_NVEC))
    return list(rng.integers(0, contract.ACTION_NVEC, shape))


def steps_in_a_round(n_envs: int) -> int:
    """Choose so many steps that a round takes some tenths of a second."""
    return max(8, min(10_000, 100_000 // n_envs))


def copies_per_second(n_envs: int) -> float:
    """Measure how often one environment's observation is copied in a second."""
    source = np.ones((n_envs, contract.RECORD_SIZE), np.uint8)
    target = np.empty_like(source)
    n_copies, rates = steps_in_a_round(n_envs), []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(n_copies):
            np.copyto(target, source)
        rates.append(n_copies * n_envs / (time.perf_counter() - begin))
    return statistics.median(rates)


def measured(benchmark: BenchmarkFixture, work: Callable[[], None], n_steps: int) -> float:
    """Run rounds of `n_steps` environment steps and return the median of steps per second."""
    benchmark.pedantic(work, rounds=ROUNDS, warmup_rounds=1)
    if benchmark.stats is None:
        pytest.skip("nothing is measured with --benchmark-disable")
    rate: float = n_steps / benchmark.stats.stats.median
    benchmark.extra_info["steps_per_second"] = rate
    return rate


def record(benchmark: BenchmarkFixture, table: Table, case: Case, rate: float) -> None:
    """Measure copies beside, and note both."""
    copies = copies_per_second(case.n_envs)
    benchmark.extra_info["copies_per_second"] = copies
    benchmark.extra_info["steps_per_copy"] = rate / copies
    table.append((*case.cells(), f"{rate:,.0f}", f"{copies:,.0f}", f"{rate / copies:.2f}"))


def measure_steps(benchmark: BenchmarkFixture, table: Table, case: Case) -> None:
    scenario = case.path or case.name
    envs = FactorioVectorEnv(scenario, case.n_envs, num_threads=case.n_threads, copy=case.copy)
    envs.reset(seed=0)
    batches, n_steps = drawn_actions(case.n_envs), steps_in_a_round(case.n_envs)

    def work() -> None:
        for index in range(n_steps):
            envs.step(batches[index % N_BATCHES])

    record(benchmark, table, case, measured(benchmark, work, n_steps * case.n_envs))
    envs.close()


@pytest.mark.parametrize("copy", [False, True], ids=["views", "copies"])
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("n_envs", SIZES)
def bench_movement_basic(
    benchmark: BenchmarkFixture, table: Table, n_envs: int, n_threads: int, *, copy: bool
) -> None:
    case = Case(name="movement_basic", n_envs=n_envs, n_threads=n_threads, copy=copy)
    measure_steps(benchmark, table, case)


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("name", ["mining_efficiency", "construction_speed"])
def bench_machines(benchmark: BenchmarkFixture, table: Table, name: str, n_threads: int) -> None:
    measure_steps(benchmark, table, Case(name=name, n_envs=512, n_threads=n_threads))


@pytest.mark.parametrize("n_threads", [1, 2])
def bench_small_base(benchmark: BenchmarkFixture, table: Table, n_threads: int) -> None:
    """Machines at work in view: what they change is drawn in every step."""
    case = Case(name="small_base", n_envs=512, path=SMALL_BASE, n_threads=n_threads)
    measure_steps(benchmark, table, case)


@pytest.mark.parametrize("name", ["movement_basic", "mining_efficiency", "construction_speed"])
def bench_resets(benchmark: BenchmarkFixture, table: Table, name: str) -> None:
    envs = FactorioVectorEnv(name, 512, num_threads=2, copy=False)
    envs.reset(seed=0)

    def work() -> None:
        envs.reset()

    rate = measured(benchmark, work, 512)
    case = Case(name=f"resets of {name}", n_envs=512, n_threads=2)
    table.append((*case.cells(), f"{rate:,.0f}", "", ""))


@pytest.mark.parametrize("name", ["movement_basic", "construction_speed"])
def bench_single(benchmark: BenchmarkFixture, table: Table, name: str) -> None:
    env = FastFactorioEnv(name)
    env.reset(seed=0)
    actions, n_steps = [batch[0] for batch in drawn_actions(1)], 5_000

    def work() -> None:
        for index in range(n_steps):
            _, _, terminated, truncated, _ = env.step(actions[index % N_BATCHES])
            if terminated or truncated:
                env.reset()

    case = Case(name=f"single {name}", n_envs=1, copy=True)
    record(benchmark, table, case, measured(benchmark, work, n_steps))


@pytest.mark.parametrize("n_threads", [1, 2])
def bench_peer(benchmark: BenchmarkFixture, table: Table, n_threads: int) -> None:
    """The peer `factory-sim` (C), whose observation and tasks are its own; `pip install` it."""
    peer: Any = pytest.importorskip("fsim.gym_env", reason="factory-sim is not installed")
    envs = peer.FactorySimVectorEnv(512, "construct_smelting_line", threads=n_threads, copy=False)
    envs.reset(seed=0)
    envs.action_space.seed(0)
    batches, n_steps = [envs.action_space.sample() for _ in range(N_BATCHES)], 40

    def work() -> None:
        for index in range(n_steps):
            envs.step(batches[index % N_BATCHES])

    rate = measured(benchmark, work, n_steps * 512)
    case = Case(name="factory-sim", n_envs=512, n_threads=n_threads)
    table.append((*case.cells(), f"{rate:,.0f}", "", ""))
    envs.close()
