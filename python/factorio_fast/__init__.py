"""Reinforcement-learning environments for Factorio: a fast simulation behind one contract.

Importing the package registers `FactorioFast/MovementBasic-v0` and its siblings with Gymnasium.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from factorio_fast import contract, errors, prototypes
from factorio_fast._core import Blueprint, RconClient, Scenario, __version__, is_debug_build
from factorio_fast.envs import (
    Backend,
    CompactObservationExtractor,
    EmbeddedBackend,
    FactorioVectorEnv,
    FastActionExecutor,
    FastFactorioEnv,
    Session,
    StepOutcome,
)
from factorio_fast.envs.registration import register_envs
from factorio_fast.envs.steps import scenario_of
from factorio_fast.errors import FactorioFastError
from factorio_fast.scenarios import ScenarioManager
from factorio_fast.servers import FactorioServer, FactorioServerPool, ServerConfig
from factorio_fast.world import Entity, World

if TYPE_CHECKING:
    from factorio_fast._core import Episode
    from factorio_fast.coordination import (
        CoordinationLayer,
        ExecutionMonitor,
        SkillTask,
        TaskQueue,
    )
    from factorio_fast.envs.hierarchical import HierarchicalFactorioEnv
    from factorio_fast.manager import FactorioEnvironmentManager
    from factorio_fast.semantic import (
        NaturalLanguageInterface,
        SemanticFactorioEnv,
        SemanticWorldAnalyzer,
    )
    from factorio_fast.skills import (
        ConstructionPolicy,
        LogisticsPolicy,
        MiningPolicy,
        MovementPolicy,
        SkillLibrary,
    )

_HOMES = {
    "ConstructionPolicy": "skills",
    "CoordinationLayer": "coordination",
    "ExecutionMonitor": "coordination",
    "FactorioEnvironmentManager": "manager",
    "HierarchicalFactorioEnv": "envs.hierarchical",
    "LogisticsPolicy": "skills",
    "MiningPolicy": "skills",
    "MovementPolicy": "skills",
    "NaturalLanguageInterface": "semantic",
    "SemanticFactorioEnv": "semantic",
    "SemanticWorldAnalyzer": "semantic",
    "SkillLibrary": "skills",
    "SkillTask": "coordination",
    "TaskQueue": "coordination",
}
"""Where the names are that are fetched when they are wanted: most of them need an extra."""

__all__ = [
    "Backend",
    "Blueprint",
    "CompactObservationExtractor",
    "ConstructionPolicy",
    "CoordinationLayer",
    "EmbeddedBackend",
    "Entity",
    "ExecutionMonitor",
    "FactorioEnvironmentManager",
    "FactorioFastError",
    "FactorioServer",
    "FactorioServerPool",
    "FactorioVectorEnv",
    "FastActionExecutor",
    "FastFactorioEnv",
    "HierarchicalFactorioEnv",
    "LogisticsPolicy",
    "MiningPolicy",
    "MovementPolicy",
    "NaturalLanguageInterface",
    "RconClient",
    "Scenario",
    "ScenarioManager",
    "SemanticFactorioEnv",
    "SemanticWorldAnalyzer",
    "ServerConfig",
    "Session",
    "SkillLibrary",
    "SkillTask",
    "StepOutcome",
    "TaskQueue",
    "World",
    "__version__",
    "contract",
    "errors",
    "open_session",
    "prototypes",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f'module "{__name__}" has no attribute "{name}"')
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def open_session(scenario: str | Scenario, *, seed: int) -> Episode:
    """Open a session of the embedded world and begin the first episode of `seed`."""
    session = EmbeddedBackend().open(scenario_of(scenario))
    session.reset(seed)
    return session


if is_debug_build:
    warnings.warn(
        "factorio_fast._core is a debug build and slow; build with `make wheel` for speed",
        RuntimeWarning,
        stacklevel=2,
    )

register_envs()
