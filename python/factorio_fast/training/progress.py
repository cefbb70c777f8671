"""Shows how far a run is: a bar on a terminal, a plain line now and then in a log file."""

from __future__ import annotations

import sys
import time
from typing import TextIO

LINE_EVERY_S = 10.0
"""Pause between lines where no bar can be drawn."""


class Progress:
    """A progress bar over a known number of units."""

    def __init__(
        self,
        total: int,
        *,
        done: int = 0,
        unit: str = "steps",
        label: str = "",
        quiet: bool = False,
    ) -> None:
        """Start at `done` of `total` units."""
        self._stream: TextIO = sys.stderr
        self._total, self._done, self._start = total, done, done
        self._unit, self._label = unit, label
        self._started = time.monotonic()
        # The first line comes at once, as a sign that work is under way.
        self._last = -LINE_EVERY_S
        self._bar = None
        self._quiet = quiet
        if not quiet and self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=total,
                initial=done,
                unit=" " + unit,
                unit_scale=True,
                desc=label or None,
                dynamic_ncols=True,
                file=self._stream,
                smoothing=0.05,
            )

    def update(self, done: int, notes: str = "") -> None:
        """Show that `done` units are finished."""
        step, self._done = done - self._done, done
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.set_postfix_str(notes, refresh=False)
            self._bar.update(step)
            return
        now = time.monotonic()
        if now - self._last < LINE_EVERY_S and done < self._total:
            return
        self._last = now
        rate = (done - self._start) / max(now - self._started, 1e-9)
        left_s = max(self._total - done, 0) / max(rate, 1e-9)
        self._stream.write(
            f"{self._label or 'progress'}: {100 * done / max(self._total, 1):3.0f} % "
            f"{done:,}/{self._total:,} {self._unit}, {rate:,.0f}/s, {left_s:.0f} s left"
            f"{', ' if notes else ''}{notes}\n"
        )
        self._stream.flush()

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
