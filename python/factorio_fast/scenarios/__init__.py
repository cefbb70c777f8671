"""Scenarios: what there is to play, read from TOML, and scripts that show that it can be solved.

Example:
    >>> from factorio_fast.scenarios import ScenarioManager
    >>> ScenarioManager().get("movement_basic").objective
    'reach_waypoint'
"""

from __future__ import annotations

from factorio_fast.scenarios.manager import ENTRY_POINT_GROUP, ScenarioManager
from factorio_fast.scenarios.solvers import Solver, solver_for

__all__ = ["ENTRY_POINT_GROUP", "ScenarioManager", "Solver", "solver_for"]
