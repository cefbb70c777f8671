"""The planner's proof on many maps: every goal from a bare start, carried out and measured.

Run it by itself for the tables, `python benches/bench_plans.py --seeds 20`; the benchmark that
pytest collects times one plan and its execution.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from factorio_fast.planning.trials import PROOF_GOALS, run_trial, table, throughput

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


def bench_smelter_array_from_a_bare_start(benchmark: BenchmarkFixture) -> None:
    goal = next(iter(PROOF_GOALS.values()))
    result = benchmark.pedantic(run_trial, args=(goal, 0), rounds=1)
    assert result.is_reached


def main() -> int:
    """Print the tables; the exit status says whether all goals were reached on 9 of 10 maps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many maps")
    parser.add_argument("--backend", default="embedded")
    parser.add_argument("--rate", type=float, default=16.0, help="quota of the throughput table")
    parser.add_argument("--no-throughput", action="store_true")
    args = parser.parse_args()
    out = sys.stdout
    is_good = True
    for words, goal in PROOF_GOALS.items():
        results = [run_trial(goal, seed, backend=args.backend) for seed in range(args.seeds)]
        n_reached = sum(result.is_reached for result in results)
        wall = sum(result.wall_seconds for result in results)
        out.write(f"{words}: {n_reached} of {args.seeds} in {wall:.0f} s\n{table(results)}\n\n")
        out.flush()
        is_good &= 10 * n_reached >= 9 * args.seeds
    if not args.no_throughput:
        results = list(throughput(rate_per_minute=args.rate, backend=args.backend))
        out.write(f"throughput, {args.rate:g} per minute:\n{table(results)}\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
