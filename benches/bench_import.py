"""How long `import factorio_fast` takes in a fresh process: without torch and matplotlib."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


def bench_import(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(import_in_fresh_interpreter, args=("factorio_fast",), rounds=5)


def bench_import_of_gymnasium_alone(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(import_in_fresh_interpreter, args=("gymnasium",), rounds=5)


def import_in_fresh_interpreter(module: str) -> None:
    """Import a module as the only work of a Python process."""
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)  # noqa: S603
