"""Fresh worlds, made once for each combination of executable, mods and map, and copied after that.

A server overwrites its save when it ends, so that none ever gets the one that is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factorio_fast.servers.launch import map_settings
from factorio_fast.servers.mods import mod_digest
from factorio_fast.servers.state_folder import locked, sub_folder
from factorio_fast.servers.version import file_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast.servers.config import ServerConfig
    from factorio_fast.servers.launch import ServerFiles
    from factorio_fast.servers.version import GameVersion

MAX_KEPT: Final = 16
"""How many fresh worlds are kept; the ones that were used longest ago are removed."""


def place_fresh_world(
    config: ServerConfig,
    files: ServerFiles,
    version: GameVersion,
    create: Callable[[], None],
    timeout: float,
) -> None:
    """Put a fresh world where a server's save belongs.

    Args:
        config: of the server.
        files: of the server.
        version: of the game.
        create: makes the world at `files.save`; called where none is kept.
        timeout: how long another server may take to make the same world, in seconds.

    Raises:
        RequestTimeoutError: it took longer.
        OSError: the save cannot be written.
    """
    if config.mods_folder is not None:
        # Nobody knows when another mod changes, so its worlds are not kept.
        create()
        return
    key = world_key(config, version)
    kept = sub_folder("worlds") / f"{key}.zip"
    with locked(sub_folder("locks") / key, timeout):
        if kept.is_file():
            shutil.copyfile(kept, files.save)
            kept.touch()
            return
        create()
        # Where there is no room to keep it, this server has it all the same.
        with contextlib.suppress(OSError):
            fresh = kept.with_suffix(".new")
            shutil.copyfile(files.save, fresh)
            fresh.replace(kept)
            remove_oldest(kept.parent)


def world_key(config: ServerConfig, version: GameVersion) -> str:
    """Return what tells one kind of fresh world from another."""
    parts = [
        list(config.command),
        list(file_mark(Path(config.command[0]))),
        str(version),
        list(config.mods_enabled),
        mod_digest(),
        map_settings(),
        sorted(config.environment.items()),
        package_mark() if config.is_simulated else None,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def package_mark() -> list[int]:
    """Return what changes when the simulated server does."""
    from factorio_fast import _core

    return list(file_mark(Path(str(_core.__file__))))


def remove_oldest(folder: Path) -> None:
    """Remove the worlds that were used longest ago, down to the limit."""
    worlds = sorted(folder.glob("*.zip"), key=os.path.getmtime)
    for path in worlds[:-MAX_KEPT]:
        path.unlink(missing_ok=True)
