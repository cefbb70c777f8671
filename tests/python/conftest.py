"""What all tests share: which package is under test, and which tests need asking for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import factorio_fast

REPOSITORY = Path(__file__).resolve().parents[2]
# Read when torch is first imported. Its threads wait by spinning: on a machine whose cores are busy
# with something else, two of them take a hundred times as long as one for the tests' small batches.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--slow`."""
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")


def pytest_configure() -> None:
    """Refuse the source tree where `make test-python` promises the installed wheel."""
    if os.environ.get("FACTORIO_FAST_INSTALLED") and REPOSITORY / "python" in package().parents:
        raise pytest.UsageError(f'factorio_fast is not the installed wheel but "{package()}"')


def pytest_report_header() -> str:
    """Say which package is under test."""
    return f"factorio_fast: {package()}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs `--slow` or a Factorio executable where it is not there."""
    needs_slow = pytest.mark.skip(reason="slow: run with --slow")
    needs_factorio = pytest.mark.skip(reason="needs FACTORIO_BIN")
    for item in items:
        if "slow" in item.keywords and not config.getoption("--slow"):
            item.add_marker(needs_slow)
        if "factorio" in item.keywords and not os.environ.get("FACTORIO_BIN"):
            item.add_marker(needs_factorio)


def package() -> Path:
    """Return the folder that factorio_fast was imported from."""
    return Path(factorio_fast.__file__).resolve().parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout."""
    return REPOSITORY
