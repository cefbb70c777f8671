"""Tests of a real game: skipped where FACTORIO_BIN does not name one, and what they share.

`docs/real-server.md` says how to run them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast.servers import FactorioServer, ServerConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).resolve().parent
FACTS_VARIABLE = "FACTORIO_FACTS"
"""Names the file that what was found out is written to, as JSON."""

PROBE_MOD = Path(__file__).with_name("gym_probe.lua")
PROBE_NAME = "gym-probe"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and skip it where there is no game."""
    needs_factorio = pytest.mark.skip(reason="needs FACTORIO_BIN")
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker("factorio")
            if not os.environ.get("FACTORIO_BIN"):
                item.add_marker(needs_factorio)


@pytest.fixture(scope="session")
def facts() -> Iterator[dict[str, Any]]:
    """What the tests find out about the game; written to FACTORIO_FACTS at the end."""
    found: dict[str, Any] = {}
    yield found
    path = os.environ.get(FACTS_VARIABLE)
    if path:
        Path(path).write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", "utf-8")


@pytest.fixture(scope="session")
def mods_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the mod that provokes what ours never does."""
    folder = tmp_path_factory.mktemp("mods")
    with FactorioServer(ServerConfig(executable="factorio")) as server:
        line = "2.0" if server.version is None else server.version.line
    target = folder / PROBE_NAME
    target.mkdir()
    (target / "control.lua").write_bytes(PROBE_MOD.read_bytes())
    info = {
        "name": PROBE_NAME,
        "version": "1.0.0",
        "title": "Gym probe",
        "author": "factorio_fast",
        "factorio_version": line,
        "dependencies": ["base"],
    }
    (target / "info.json").write_text(json.dumps(info), "utf-8")
    return folder


@pytest.fixture
def start(mods_folder: Path) -> Iterator[Callable[..., FactorioServer]]:
    """Start servers of the game with the probing mod; all are ended after the test."""
    servers: list[FactorioServer] = []

    def start_one(**settings: Any) -> FactorioServer:
        config = ServerConfig(
            executable="factorio",
            mods_enabled=("factorio-gym-mod", PROBE_NAME),
            mods_folder=mods_folder,
        )
        servers.append(FactorioServer(config, **settings))
        return servers[-1].start()

    yield start_one
    for server in servers:
        server.kill()
