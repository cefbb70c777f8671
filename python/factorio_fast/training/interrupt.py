"""Ctrl-C that asks first: once to stop at the next safe point, twice to stop at once."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Self, TextIO

if TYPE_CHECKING:
    from types import FrameType, TracebackType


class StopRequest:
    """A context where the first SIGINT or SIGTERM only sets `is_set`, and the next interrupts."""

    def __init__(self, message: str, stream: TextIO | None = None) -> None:
        """Remember what to tell the person who pressed Ctrl-C, and where (standard error)."""
        self.is_set = False
        self._message = message
        self._stream = stream
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Take over the signals, where Python allows it: in the main thread."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.is_set:
            raise KeyboardInterrupt
        self.is_set = True
        stream = self._stream or sys.stderr
        stream.write(f"\n{signal.Signals(number).name}: {self._message}\n")
        stream.flush()
