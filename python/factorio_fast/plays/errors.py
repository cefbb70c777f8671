"""What goes wrong in a play."""

from __future__ import annotations

from factorio_fast.errors import FactorioFastError

__all__ = ["PlayError"]


class PlayError(FactorioFastError):
    """A play cannot go on: its plan does not fit what the world is like."""
