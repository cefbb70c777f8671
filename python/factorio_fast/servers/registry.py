"""What this user's servers leave on the disk about themselves, and the end of those left behind.

Each server has one record while it exists. A record whose owner has gone is an orphan: its process
is killed and its files are removed by the next process of this package that starts a server.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from factorio_fast.errors import RequestTimeoutError
from factorio_fast.servers.process_table import end_group, is_same, start_token
from factorio_fast.servers.state_folder import locked, remove_folder, sub_folder


@dataclass(frozen=True, kw_only=True)
class ServerRecord:
    """What is known of a server without asking it."""

    name: str
    folder: str
    """Its own folder, removed with it."""
    owner_pid: int
    owner_token: str
    pid: int = 0
    """The number of its process; 0 before there is one."""
    token: str = ""
    is_detached: bool = False
    """Whether it is to outlive its owner."""
    command: tuple[str, ...] = ()
    version: str = ""
    rcon_host: str = ""
    rcon_port: int = 0
    rcon_password: str = field(default="", repr=False)
    udp_port: int | None = None
    game_speed: float = 1.0

    @property
    def path(self) -> Path:
        """The record's file."""
        return sub_folder("servers") / f"{self.name}.json"

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self.pid != 0 and is_same(self.pid, self.token)

    @property
    def is_orphan(self) -> bool:
        """Whether nobody will end it, or clean up after it."""
        if self.is_detached and self.pid != 0:
            return not self.is_alive
        return not is_same(self.owner_pid, self.owner_token)

    def write(self) -> None:
        """Write the record, so that a reader finds the old one or the new one."""
        fresh = self.path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)
        fresh.replace(self.path)

    def forget(self) -> None:
        """Remove the record."""
        self.path.unlink(missing_ok=True)

    def end(self) -> bool:
        """Kill its process and remove its files and its record; return whether all is gone."""
        if self.pid != 0 and not end_group(self.pid, self.token):
            return False
        remove_folder(Path(self.folder))
        self.forget()
        return True


def new_record(name: str, folder: Path, *, is_detached: bool) -> ServerRecord:
    """Return the record of a server that this process is about to start."""
    return ServerRecord(
        name=name,
        folder=str(folder),
        owner_pid=os.getpid(),
        owner_token=start_token(os.getpid()) or "",
        is_detached=is_detached,
    )


def records() -> list[ServerRecord]:
    """Return the records of all servers of this user, by name."""
    found = [read_record(path) for path in sub_folder("servers").glob("*.json")]
    return sorted((record for record in found if record is not None), key=lambda item: item.name)


def read_record(path: Path) -> ServerRecord | None:
    """Read a record; None where it is gone or damaged."""
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = {item.name for item in fields(ServerRecord)}
        values = {name: value for name, value in values.items() if name in known}
        values["command"] = tuple(values.get("command", ()))
        return ServerRecord(**values)
    except (OSError, ValueError, TypeError):
        return None


def end_orphans() -> list[ServerRecord]:
    """End what former processes left behind.

    Returns:
        The records of what was ended; none where another process is just doing this.
    """
    ended = []
    with contextlib.suppress(RequestTimeoutError), locked(sub_folder("locks") / "orphans", 0.0):
        ended = [record for record in records() if record.is_orphan and record.end()]
    return ended
