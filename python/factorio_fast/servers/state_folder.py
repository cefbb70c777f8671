"""Where the servers of this user leave their files, and locks that die with their holder.

Nothing here waits for ever: a lock is taken or it is not.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factorio_fast.errors import RequestTimeoutError, ServerStartError

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE_VARIABLE: Final = "FACTORIO_FAST_STATE"
"""The environment variable that names another folder for all of this."""
LOCK_POLL_SECONDS: Final = 0.02
REMOVE_ATTEMPTS: Final = 3

# Locks of files are the process's, so threads of one process are told apart by these.
_mutexes: dict[str, threading.Lock] = {}
_mutexes_guard = threading.Lock()


def state_folder() -> Path:
    """Return the folder, made if it is not there, that only this user can read.

    Raises:
        ServerStartError: it belongs to someone else, or cannot be made.
    """
    named = os.environ.get(STATE_VARIABLE)
    user = os.getuid() if sys.platform != "win32" else os.environ.get("USERNAME", "user")
    folder = Path(named) if named else Path(tempfile.gettempdir()) / f"factorio_fast-{user}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform != "win32":
            # Passwords lie here, and the folder of all temporary files is everyone's.
            status = folder.lstat()
            if status.st_uid != os.getuid() or not folder.is_dir() or folder.is_symlink():
                raise ServerStartError(
                    f"the folder of the servers belongs to someone else; set {STATE_VARIABLE} to "
                    f"another: '{folder}'"
                )
            if status.st_mode & 0o077:
                folder.chmod(0o700)
    except OSError as error:
        raise ServerStartError(
            f"cannot make the folder of the servers; set {STATE_VARIABLE} to another: '{folder}' "
            f"({error.strerror})"
        ) from error
    return folder


def sub_folder(name: str) -> Path:
    """Return a folder within the state folder, made if it is not there."""
    folder = state_folder() / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder and all in it, even while someone still writes a log there."""
    gone = folder.with_name(f".{folder.name}.gone")
    with contextlib.suppress(OSError):
        # Under another name nobody opens a file in it any more.
        folder.rename(gone)
    for path in (gone, folder):
        for _ in range(REMOVE_ATTEMPTS):
            if not path.exists():
                break
            shutil.rmtree(path, ignore_errors=True)


def try_lock(descriptor: int, offset: int = 0) -> bool:
    """Lock one byte of an open file for this process; return whether nobody else has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, offset, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset, os.SEEK_SET)
    except OSError:
        return False
    return True


def unlock(descriptor: int, offset: int = 0) -> None:
    """Give a locked byte back."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, offset, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, offset, os.SEEK_SET)


@contextlib.contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock of `path`, among threads and processes.

    Raises:
        RequestTimeoutError: someone else kept it for `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    with _mutexes_guard:
        mutex = _mutexes.setdefault(str(path), threading.Lock())
    if not mutex.acquire(timeout=timeout):
        raise RequestTimeoutError(f"another thread kept a lock for {timeout:g} s: '{path}'")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not try_lock(descriptor):
                if time.monotonic() >= deadline:
                    raise RequestTimeoutError(
                        f"another process kept a lock for {timeout:g} s: '{path}'"
                    )
                time.sleep(LOCK_POLL_SECONDS)
            yield
        finally:
            # Closing gives the lock back, too.
            os.close(descriptor)
    finally:
        mutex.release()
