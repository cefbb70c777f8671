"""One server for one environment: from a pool, or one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factorio_fast.servers.config import ServerConfig
from factorio_fast.servers.server import FactorioServer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from factorio_fast.servers.pool import FactorioServerPool


def lease(
    *,
    executable: str | Path | Sequence[str] | None = None,
    config: ServerConfig | None = None,
    pool: FactorioServerPool | None = None,
    timeout: float = 60.0,
    **settings: Any,
) -> FactorioServer:
    """Return a ready server; `release` ends the lease.

    Args:
        executable: as `ServerConfig.executable`: `"sim-server"`, `"factorio"`, a path or a command.
        config: how it is started; not used with a pool.
        pool: where to take it from; None starts one that belongs to the caller.
        timeout: how long the pool may take, in seconds.
        **settings: replace settings of `config`.

    Raises:
        ServerStartError: it does not start.
        ServerPoolExhaustedError: the pool has none.
    """
    if pool is not None:
        return pool.get_server(timeout)
    config = config or ServerConfig()
    if executable is not None:
        config = config.replace(executable=executable)
    return FactorioServer(config, **settings).start()


def release(server: FactorioServer, pool: FactorioServerPool | None = None) -> None:
    """Give a leased server back to its pool, or end it."""
    if pool is None:
        server.close()
    else:
        pool.return_server(server)
