"""A server's process: started so that it dies with this one, and ended with all its children.

It knows nothing of Factorio. Windows and macOS have code of their own here that no test has run.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from factorio_fast.servers.process_table import end_group, is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GUARD: Final = Path(__file__).with_name("guard.py")
MAX_LINE_BYTES: Final = 65_536
"""A longer line of output is given on in pieces."""
FIRST_PAUSE_SECONDS: Final = 0.001
LAST_PAUSE_SECONDS: Final = 0.02
END_SECONDS: Final = 10.0
"""How long a killed process may take to be gone; only a hanging kernel needs longer."""


Result = TypeVar("Result")


class Spawner:
    """The thread that starts all processes.

    Linux ends a process that asked for it when the *thread* that started it ends, so that thread
    must live as long as this process does.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._process = 0
        self._wanted: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]]

    def run(self, task: Callable[[], Result]) -> Future[Result]:
        """Run `task` on the thread."""
        with self._mutex:
            if self._process != os.getpid():  # A forked process has no threads yet.
                self._wanted = queue.SimpleQueue()
                threading.Thread(
                    target=self._work, args=(self._wanted,), name="factorio-spawner", daemon=True
                ).start()
                self._process = os.getpid()
            future: Future[Result] = Future()
            self._wanted.put((task, future))
            return future

    @staticmethod
    def _work(wanted: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]]) -> None:
        while True:
            task, future = wanted.get()
            try:
                future.set_result(task())
            except Exception as error:  # noqa: BLE001 - whoever asked gets it
                future.set_exception(error)


SPAWNER: Final = Spawner()


class ServerProcess:
    """A running command whose output is read line by line.

    Args:
        command: program and arguments.
        folder: where it runs.
        environment: all its environment variables.
        on_line: called from a thread of its own with each line of output, without its end; with
            None when the output has ended.
        output: a file that the output goes to, and is read from, so that the process can outlive
            this one.
        dies_with_owner: whether it is killed when this process ends; else it goes on.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        on_line: Callable[[str | None], None] = lambda _: None,
        output: Path | None = None,
        dies_with_owner: bool = True,
    ) -> None:
        self.command = tuple(command)
        self._owner = os.getpid()
        self._mutex = threading.Lock()
        self._exit_status: int | None = None
        self._job: Any = None
        settings: dict[str, Any] = {"cwd": folder, "env": dict(environment), "close_fds": True}
        if sys.platform == "win32":
            settings["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
        else:
            # A session of its own: Ctrl-C in the terminal is for us to handle, not for the server,
            # and the whole group can be killed.
            settings["start_new_session"] = True
        arguments = list(command)
        if dies_with_owner and sys.platform != "win32":
            arguments = [*guard_command(), *command]
        with contextlib.ExitStack() as files:
            settings["stdin"] = subprocess.PIPE if dies_with_owner else subprocess.DEVNULL
            settings["stdout"] = (
                subprocess.PIPE if output is None else files.enter_context(output.open("ab"))
            )
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - what this is for
                arguments, stderr=subprocess.STDOUT, **settings
            )
        if dies_with_owner and sys.platform == "win32":
            from factorio_fast.servers.windows_job import Job

            self._job = Job()
            self._job.add(int(self._popen._handle))  # noqa: SLF001 - the only place that has it
        stream = self._popen.stdout
        self._reader = threading.Thread(
            target=(lambda: read_lines(stream, on_line))
            if stream is not None
            else (lambda: self._follow(output, on_line)),
            name=f"factorio-output-{self.pid}",
            daemon=True,
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._popen.pid

    def poll(self) -> int | None:
        """Return how it ended, as `subprocess` counts; None while it runs.

        What it started is killed as soon as its end is noticed. A process that was forked from the
        owner cannot see the end, and always returns None.
        """
        if self._owner != os.getpid():
            return None
        with self._mutex:
            if self._exit_status is None and self._has_ended():
                # Before its number is given away: it also is the number of the group.
                self._kill_group()
                self._exit_status = self._popen.wait()
            return self._exit_status

    def wait(self, timeout: float) -> bool:
        """Wait until it has ended; return whether it has."""
        deadline = time.monotonic() + timeout
        pause = FIRST_PAUSE_SECONDS
        while self.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(2 * pause, LAST_PAUSE_SECONDS)
        return True

    def terminate(self) -> None:
        """Ask it to end, by SIGTERM."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                self._popen.terminate()

    def kill(self) -> None:
        """End it and everything that it started, at once, and wait until it is gone.

        A process that was forked from the owner ends nothing.
        """
        if self._owner != os.getpid():
            return
        if self.poll() is None:
            self._kill_group()
            self.wait(END_SECONDS)
        self.close()

    def _follow(self, output: Path | None, on_line: Callable[[str | None], None]) -> None:
        # Without a pipe the end of the output is the end of the process.
        if output is None:
            raise AssertionError("without a pipe there is a file")
        rest = b""
        with output.open("rb") as file:
            while True:
                has_ended = self.poll() is not None
                *lines, rest = (rest + file.read()).split(b"\n")
                for line in lines:
                    on_line(line.decode("utf-8", "replace").rstrip("\r"))
                if has_ended:
                    break
                time.sleep(LAST_PAUSE_SECONDS)
        on_line(None)

    def _has_ended(self) -> bool:
        if hasattr(os, "waitid"):
            flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
            try:
                return os.waitid(os.P_PID, self.pid, flags) is not None
            except ChildProcessError:
                return True
        return self._popen.poll() is not None

    def _kill_group(self) -> None:
        with contextlib.suppress(OSError):
            if sys.platform != "win32":
                os.killpg(self.pid, signal.SIGKILL)
            elif self._job is not None:
                self._job.end()
            else:
                self._popen.kill()

    def close(self) -> None:
        """Close what connects us to a process that has ended, after its last line was read."""
        if self._reader is not threading.current_thread():
            self._reader.join(END_SECONDS)
        if self._popen.stdin is not None:
            with contextlib.suppress(OSError):
                self._popen.stdin.close()


class AttachedProcess:
    """A process that another one started.

    Args:
        pid: its number.
        token: what `process_table.start_token` said of it.
    """

    def __init__(self, pid: int, token: str) -> None:
        self.pid = pid
        self._token = token

    def poll(self) -> int | None:
        """Return 0 once it has ended, however it did; None while it runs."""
        return None if is_same(self.pid, self._token) else 0

    def wait(self, timeout: float) -> bool:
        """Wait until it has ended; return whether it has."""
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(LAST_PAUSE_SECONDS)
        return True

    def terminate(self) -> None:
        """Ask it to end."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it and its group at once."""
        end_group(self.pid, self._token)

    def close(self) -> None:
        """Do nothing: nothing connects us to it."""


def guard_command() -> list[str]:
    """Return what stands before a command that is to die with this process."""
    mode = "signal" if sys.platform == "linux" else "watch"
    return [sys.executable, "-I", "-S", str(GUARD), mode, str(os.getpid())]


def read_lines(stream: IO[bytes], on_line: Callable[[str | None], None]) -> None:
    """Give on the lines of a stream until it ends, then None."""
    with stream, contextlib.suppress(OSError, ValueError):
        while line := stream.readline(MAX_LINE_BYTES):
            on_line(line.decode("utf-8", "replace").rstrip("\r\n"))
    on_line(None)
