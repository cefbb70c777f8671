"""A world in words and figures, for planners and language models; needs the extra `plan`.

Example:
    >>> from factorio_fast import World
    >>> from factorio_fast.semantic import SemanticWorldAnalyzer, parse_command
    >>> world = World(32, 16)
    >>> world.set_resource("iron-ore", ((-2, -2), (2, 2)), 1_000)
    >>> drill = world.place("burner-mining-drill", (0, 0), "east")
    >>> chest = world.place("wooden-chest", (1.5, -0.5))
    >>> print(SemanticWorldAnalyzer().find_bottlenecks(world).to_text())
    1. iron-ore: no-fuel at burner-mining-drill (0, 0); put fuel into it: 0/min -> 15/min
    >>> print(parse_command("put 5 coal into the burner drill"))
    insert: item coal, count 5, target burner-mining-drill
"""

from __future__ import annotations

from factorio_fast.semantic.analyzer import SemanticWorldAnalyzer
from factorio_fast.semantic.bottlenecks import Bottleneck, BottleneckReport
from factorio_fast.semantic.delta import DeltaReport, delta_between
from factorio_fast.semantic.description import WorldDescription
from factorio_fast.semantic.environment import Coordinator, SemanticFactorioEnv
from factorio_fast.semantic.language.guard import ParseRefusal
from factorio_fast.semantic.language.parser import NaturalLanguageInterface, parse_command
from factorio_fast.semantic.opportunities import Opportunity, OpportunityReport
from factorio_fast.semantic.production import ProductionAnalysis
from factorio_fast.semantic.state import EntityState, GameState, full_game_state
from factorio_fast.semantic.text import count_tokens
from factorio_fast.semantic.threats import ThreatAssessment

__all__ = [
    "Bottleneck",
    "BottleneckReport",
    "Coordinator",
    "DeltaReport",
    "EntityState",
    "GameState",
    "NaturalLanguageInterface",
    "Opportunity",
    "OpportunityReport",
    "ParseRefusal",
    "ProductionAnalysis",
    "SemanticFactorioEnv",
    "SemanticWorldAnalyzer",
    "ThreatAssessment",
    "WorldDescription",
    "count_tokens",
    "delta_between",
    "full_game_state",
    "parse_command",
]
