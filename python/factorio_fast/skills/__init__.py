"""Skills: what a character can be asked to do, by trained networks and scripted experts.

It needs the extra `plan`; networks need `train` besides, and without it the experts do everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from factorio_fast.skills.agent import Agent, SkillError
    from factorio_fast.skills.library import SkillLibrary
    from factorio_fast.skills.network import SkillNetwork, WeightsError
    from factorio_fast.skills.policies import (
        ConstructionPolicy,
        LogisticsPolicy,
        MiningPolicy,
        MovementPolicy,
        SkillPolicy,
    )
    from factorio_fast.skills.spec import SkillSpec, SuccessRecord

__all__ = [
    "Agent",
    "ConstructionPolicy",
    "LogisticsPolicy",
    "MiningPolicy",
    "MovementPolicy",
    "SkillError",
    "SkillLibrary",
    "SkillNetwork",
    "SkillPolicy",
    "SkillSpec",
    "SuccessRecord",
    "WeightsError",
]

_HOMES = {
    "Agent": "agent",
    "ConstructionPolicy": "policies",
    "LogisticsPolicy": "policies",
    "MiningPolicy": "policies",
    "MovementPolicy": "policies",
    "SkillError": "agent",
    "SkillLibrary": "library",
    "SkillNetwork": "network",
    "SkillPolicy": "policies",
    "SkillSpec": "spec",
    "SuccessRecord": "spec",
    "WeightsError": "network",
}


def __getattr__(name: str) -> Any:
    # Experts import parts of `coordination` and of `planning`, which import parts of this package:
    # names are fetched when they are wanted, so that no part needs another half-made.
    if name not in _HOMES:
        raise AttributeError(f'module "{__name__}" has no attribute "{name}"')
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
