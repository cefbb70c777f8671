"""Scripted experts: one for every skill, acting through a session's typed commands alone.

An expert takes an `Agent` and the parameters of its task. Bad parameters and preconditions that do
not hold are refused before anything is done; what goes wrong later fails with a reason.
"""

from __future__ import annotations

from factorio_fast.skills.experts import building, gathering, handing, moving
from factorio_fast.skills.experts.registry import EXPERTS, Expert, expert, expert_named, perform

__all__ = [
    "EXPERTS",
    "Expert",
    "building",
    "expert",
    "expert_named",
    "gathering",
    "handing",
    "moving",
    "perform",
]
