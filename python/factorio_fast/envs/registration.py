"""Registers the environments with Gymnasium, once, when the package is imported.

Gymnasium 1.x has no plug-in mechanism: `import factorio_fast` comes before `gymnasium.make`.
"""

from __future__ import annotations

import gymnasium

__all__ = ["IDS", "SEMANTIC_ID", "register_envs"]

IDS: dict[str, str] = {
    "FactorioFast/MovementBasic-v0": "movement_basic",
    "FactorioFast/MiningEfficiency-v0": "mining_efficiency",
    "FactorioFast/ConstructionSpeed-v0": "construction_speed",
    "FactorioFast/BaseOptimization-v0": "base_optimization",
    "FactorioFast/OpenPlay-v0": "open_play",
}
"""Registered ids and the scenarios that they run."""
SEMANTIC_ID = "FactorioFast/Semantic-v0"
"""The environment in text; making it needs the extra `plan`."""


def register_envs() -> None:
    """Register every id that is not registered yet."""
    for env_id, scenario in IDS.items():
        if env_id not in gymnasium.registry:
            gymnasium.register(
                env_id,
                entry_point="factorio_fast.envs.fast:FastFactorioEnv",
                vector_entry_point="factorio_fast.envs.vector:FactorioVectorEnv",
                kwargs={"scenario": scenario},
            )
    if SEMANTIC_ID not in gymnasium.registry:
        gymnasium.register(
            SEMANTIC_ID,
            entry_point="factorio_fast.semantic.environment:SemanticFactorioEnv",
            kwargs={"scenario": "open_play"},
        )
