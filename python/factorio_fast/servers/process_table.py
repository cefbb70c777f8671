"""Other processes of this machine, told apart from later ones with the same number."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

END_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.01


def start_token(pid: int) -> str | None:
    """Return what says when a process began, or None where there is no such process.

    A number is given away again after its process ended; number and token together are not.
    """
    if sys.platform == "linux":
        try:
            status = Path(f"/proc/{pid}/stat").read_bytes()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except OSError:
            return None
        # The name in brackets may hold anything; the fields after it are numbers but for the state.
        fields = status[status.rindex(b")") + 2 :].split()
        return None if fields[0] in {b"Z", b"X"} else f"{boot}:{fields[19].decode()}"
    if sys.platform == "win32":
        return _windows_start_token(pid)
    listed = subprocess.run(  # noqa: S603 - two words and a number
        ["/bin/ps", "-o", "lstart=,stat=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    text = listed.stdout.strip()
    return None if not text or text.split()[-1].startswith("Z") else " ".join(text.split()[:-1])


def _windows_start_token(pid: int) -> str | None:
    if sys.platform != "win32":
        return None
    import ctypes
    from ctypes import wintypes

    query_limited_information = 0x1000
    still_active = 259
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = wintypes.HANDLE
    handle = kernel.OpenProcess(query_limited_information, False, pid)  # noqa: FBT003
    if not handle:
        return None
    try:
        status = wintypes.DWORD()
        times = [wintypes.FILETIME() for _ in range(4)]
        kernel.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(status))
        if status.value != still_active:
            return None
        kernel.GetProcessTimes(wintypes.HANDLE(handle), *(ctypes.byref(item) for item in times))
        return f"{times[0].dwHighDateTime}:{times[0].dwLowDateTime}"
    finally:
        kernel.CloseHandle(wintypes.HANDLE(handle))


def is_same(pid: int, token: str) -> bool:
    """Return whether the process with this number still is the one that had this token."""
    return start_token(pid) == token


def end_group(pid: int, token: str, *, is_forced: bool = True) -> bool:
    """End a process, and its group where it leads one; return whether it is gone.

    Args:
        pid: its number.
        token: what `start_token` said of it; a process that has another is left alone.
        is_forced: kill it, instead of asking it.
    """
    if not is_same(pid, token):
        return True
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)  # Which ends it at once there.
        else:
            number = signal.SIGKILL if is_forced else signal.SIGTERM
            if os.getpgid(pid) == pid:
                os.killpg(pid, number)
            else:
                os.kill(pid, number)
    deadline = time.monotonic() + END_SECONDS
    while is_same(pid, token) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return not is_same(pid, token)
