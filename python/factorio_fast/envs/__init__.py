"""Gymnasium environments over the embedded world.

- `FastFactorioEnv`: one environment (`gymnasium.Env`)
- `FactorioVectorEnv`: many, stepped in parallel in Rust (`gymnasium.vector.VectorEnv`)
- `CompactObservationExtractor`, `FastActionExecutor`: the pieces that an environment is made of
"""

from __future__ import annotations

from factorio_fast.envs.fast import FastFactorioEnv
from factorio_fast.envs.pieces import CompactObservationExtractor, FastActionExecutor, StepOutcome
from factorio_fast.envs.served import FactorioBackend, ServerAddress, SimServerBackend
from factorio_fast.envs.session import Backend, EmbeddedBackend, Session
from factorio_fast.envs.vector import FactorioVectorEnv

__all__ = [
    "Backend",
    "CompactObservationExtractor",
    "EmbeddedBackend",
    "FactorioBackend",
    "FactorioVectorEnv",
    "FastActionExecutor",
    "FastFactorioEnv",
    "ServerAddress",
    "Session",
    "SimServerBackend",
    "StepOutcome",
]
