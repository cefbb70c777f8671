"""A simulated server as a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from factorio_fast import RconClient
from factorio_fast.sim_server import command

if TYPE_CHECKING:
    from types import TracebackType

PASSWORD = "secret"  # noqa: S105 - of a server that lives for one test
MODS = Path(__file__).resolve().parents[1] / "data" / "mods"
RCON_LINE = re.compile(r"Starting RCON interface at IP ADDR:\(\{127\.0\.0\.1:(\d+)\}\)")
UDP_LINE = re.compile(r"Opening socket for scripts at \(IP ADDR:\(\{127\.0\.0\.1:(\d+)\}\)\)")
END_SECONDS = 60
"""A process that has not ended by then is killed, and its test fails."""


class Folder:
    """What a server reads and writes: config, mods, settings, write-data."""

    def __init__(self, path: Path, *, auto_pause: bool = False) -> None:
        self.path = path
        self.write_data = path / "write-data"
        self.save = self.write_data / "saves" / "test.zip"
        self.config = path / "config.ini"
        self.config.write_text(
            f"[path]\nread-data=/nowhere\nwrite-data={self.write_data}\n", encoding="utf-8"
        )
        self.settings = path / "server-settings.json"
        self.settings.write_text(json.dumps({"auto_pause": auto_pause}), encoding="utf-8")

    def arguments(self, *more: str) -> list[str]:
        """Return a command line with this folder's config and the tests' mods."""
        return [*command(), "--config", str(self.config), "--mod-directory", str(MODS), *more]

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        return subprocess.run(  # noqa: S603 - our own program
            self.arguments(*more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=END_SECONDS,
        )

    def create(self) -> None:
        """Make the save."""
        done = self.run("--create", "test")
        assert done.returncode == 0, done.stdout

    def server(self, *more: str, game_port: int = 0) -> SimServer:
        """Start a server from the save."""
        return SimServer(
            self.arguments(
                "--start-server",
                "test",
                "--server-settings",
                str(self.settings),
                "--bind",
                "127.0.0.1",
                "--port",
                str(game_port),
                "--rcon-bind",
                "127.0.0.1:0",
                "--rcon-password",
                PASSWORD,
                *more,
            )
        )


class SimServer:
    """A running server; as a context manager it is ready at entry and gone at exit."""

    def __init__(self, arguments: list[str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        self.port = int(self.line(RCON_LINE).group(1))
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()

    def client(self) -> RconClient:
        """Return a client that has logged in."""
        return RconClient("127.0.0.1", self.port, PASSWORD, request_timeout=60)

    def console(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def line(self, pattern: re.Pattern[str] | str) -> re.Match[str]:
        """Wait for a line of the output and return where it fits."""
        with self._news:
            seen = 0
            while True:
                for line in self.lines[seen:]:
                    if found := re.search(pattern, line):
                        return found
                seen = len(self.lines)
                assert not self._has_ended or len(self.lines) > seen, "".join(self.lines)
                assert self._news.wait(END_SECONDS), f"no line fits {pattern!r}"

    def wait(self) -> tuple[int, str]:
        """Wait for the end and return the exit status and the whole output."""
        status = self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)
        return status, "".join(self.lines)

    _has_ended = False

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._has_ended = True
            self._news.notify_all()
