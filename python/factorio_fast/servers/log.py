"""A server's log: its own lines and what we did with it, in one file of JSON lines.

The last lines stay in memory for error messages; waiting for a line is waiting here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import threading
import time
from collections import deque
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAIL_LINES: Final = 200
"""How many of the server's last lines are kept in memory."""
SHOWN_LINES: Final = 12
"""How many of them an error message shows."""
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
"""A longer file becomes FILE.1, of which there is one."""
LINE: Final = re.compile(r"^\s*(?P<seconds>\d+\.\d{3}) (?P<text>.*)$")
RCON_READY: Final = re.compile(r"Starting RCON interface at IP ADDR:\(\{[^}]*:(?P<port>\d+)\}\)")

logger = logging.getLogger("factorio_fast.servers")


class ServerLog:
    """What a server says and what happens to it.

    Args:
        name: of the server.
        path: the file of JSON lines.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._changed = threading.Condition()
        self._file: IO[str] | None = None
        self._keeps_open = False
        self._has_ended = False
        self._rcon_port: int | None = None

    def tail(self, count: int = TAIL_LINES) -> tuple[str, ...]:
        """Return the server's last lines."""
        with self._changed:
            return tuple(self._tail)[-count:]

    @property
    def rcon_port(self) -> int | None:
        """Where the server says that its remote console listens, since the last `begin`."""
        with self._changed:
            return self._rcon_port

    def begin(self) -> None:
        """Forget the lines of a process that was before, and keep the file open until `close`."""
        with self._changed:
            self._keeps_open = True
            self._tail.clear()
            self._has_ended = False
            self._rcon_port = None

    def line(self, text: str | None) -> None:
        """Take a line of the server's output; None says that there will be no more."""
        with self._changed:
            if text is None:
                self._has_ended = True
            else:
                self._tail.append(text)
                found = RCON_READY.search(text)
                if found is not None:
                    self._rcon_port = int(found["port"])
                self._write(kind="line", **parsed(text))
            self._changed.notify_all()
        if text is not None:
            is_error = parsed(text)["level"] == "error"
            logger.log(logging.WARNING if is_error else logging.DEBUG, "%s: %s", self.name, text)

    def event(self, kind: str, **fields: Any) -> None:
        """Record something that we did or saw."""
        with self._changed:
            self._write(kind=kind, **fields)
        logger.info("%s: %s %s", self.name, kind, fields)

    def wake(self) -> None:
        """Have everyone who waits look again."""
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until a condition holds, looking at it again with every line.

        Returns:
            Whether it holds.
        """
        with self._changed:
            return self._changed.wait_for(condition, max(0.0, timeout))

    @property
    def has_ended(self) -> bool:
        """Whether the process's output has ended, since the last `begin`."""
        with self._changed:
            return self._has_ended

    def close(self) -> None:
        """Close the file; the lines in memory stay, and later events still reach the file."""
        with self._changed:
            self._keeps_open = False
            self._close_file()

    def _close_file(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _write(self, **fields: Any) -> None:
        # A full disk must not end a server that runs: the line is lost, and memory has it.
        try:
            record = {"time": round(time.time(), 3), "server": self.name, **fields}
            line = json.dumps(record, ensure_ascii=False, default=str) + "\n"
            if self._file is None:
                self._file = self.path.open("a", encoding="utf-8", buffering=1)
            if self._file.seek(0, os.SEEK_END) > MAX_FILE_BYTES:
                self._close_file()
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
                self._file = self.path.open("a", encoding="utf-8", buffering=1)
            self._file.write(line)
        except (OSError, ValueError) as error:
            logger.debug("%s: a line of the log was lost (%s)", self.name, error)
        if not self._keeps_open:
            self._close_file()


def parsed(text: str) -> dict[str, Any]:
    """Return the parts of a line of the game's log: seconds since its start, level and text."""
    found = LINE.match(text)
    rest = text if found is None else found["text"]
    level = "info"
    for word in ("Error", "Warning"):
        if rest.startswith(word):
            level = word.lower()
    return {
        "seconds": None if found is None else float(found["seconds"]),
        "level": level,
        "text": rest,
    }


def with_tail(message: str, tail: tuple[str, ...]) -> str:
    """Return an error's message with the last lines of the log under it."""
    if not tail:
        return f"{message}; the server said nothing"
    lines = "\n".join(f"  | {line}" for line in tail[-SHOWN_LINES:])
    return f"{message}; its last lines:\n{lines}"
