"""Servers: the game or the simulated one, started, watched, lent and ended.

See `docs/servers.md`.
"""

from __future__ import annotations

from factorio_fast.servers.config import MOD_NAME, SIMULATED_SERVER, ServerConfig
from factorio_fast.servers.hello import Hello
from factorio_fast.servers.leases import lease, release
from factorio_fast.servers.mods import install_mod
from factorio_fast.servers.pool import FactorioServerPool
from factorio_fast.servers.registry import ServerRecord, end_orphans, records
from factorio_fast.servers.server import FactorioServer
from factorio_fast.servers.states import ServerState
from factorio_fast.servers.version import GameVersion

__all__ = [
    "MOD_NAME",
    "SIMULATED_SERVER",
    "FactorioServer",
    "FactorioServerPool",
    "GameVersion",
    "Hello",
    "ServerConfig",
    "ServerRecord",
    "ServerState",
    "end_orphans",
    "install_mod",
    "lease",
    "records",
    "release",
]
