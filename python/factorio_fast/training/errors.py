"""What can go wrong in training, each with a message that one line of a terminal can show."""

from __future__ import annotations


class TrainingError(Exception):
    """The root of what `factorio_fast.training` raises on purpose."""


class SettingsError(TrainingError, ValueError):
    """A training setting is unknown, of the wrong type or out of range."""


class CheckpointError(TrainingError, ValueError):
    """A checkpoint cannot be read, or belongs to another contract, scenario or program version."""


class MissingExtraError(TrainingError, ImportError):
    """A package of the extra `train` is not installed."""

    @classmethod
    def of(cls, package: str) -> MissingExtraError:
        """Name the missing package and the one command that brings it."""
        return cls(f"{package} is not installed; run: pip install 'factorio-fast[train]'")
