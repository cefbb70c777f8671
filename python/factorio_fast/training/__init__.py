"""Training agents with PPO, judging them, and keeping what they learned.

What needs torch is loaded when it is first asked for, so that importing the package stays quick and
works without the extra `train`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from factorio_fast.training.errors import (
    CheckpointError,
    MissingExtraError,
    SettingsError,
    TrainingError,
)
from factorio_fast.training.settings import TrainSettings, default_settings

if TYPE_CHECKING:
    from factorio_fast.training.agents import PolicyAgent, RandomAgent, SolverAgent
    from factorio_fast.training.evaluate import Evaluation, evaluate_batch, evaluate_single
    from factorio_fast.training.ppo import Policy
    from factorio_fast.training.run import Run, TrainResult
    from factorio_fast.training.trainer import Trainer

_LAZY = {
    "Evaluation": "evaluate",
    "Policy": "ppo",
    "PolicyAgent": "agents",
    "RandomAgent": "agents",
    "Run": "run",
    "SolverAgent": "agents",
    "TrainResult": "run",
    "Trainer": "trainer",
    "evaluate_batch": "evaluate",
    "evaluate_single": "evaluate",
}

__all__ = [
    "CheckpointError",
    "Evaluation",
    "MissingExtraError",
    "Policy",
    "PolicyAgent",
    "RandomAgent",
    "Run",
    "SettingsError",
    "SolverAgent",
    "TrainResult",
    "TrainSettings",
    "Trainer",
    "TrainingError",
    "default_settings",
    "evaluate_batch",
    "evaluate_single",
]


def __getattr__(name: str) -> Any:
    """Load a name on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(f"{__name__}.{_LAZY[name]}")
    except ModuleNotFoundError as error:
        if error.name in {"torch", "tensorboard", "matplotlib"}:
            raise MissingExtraError.of(error.name) from error
        raise
    return getattr(module, name)
