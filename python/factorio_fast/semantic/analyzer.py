"""`SemanticWorldAnalyzer`: what a world means, as typed reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.semantic.bottlenecks import find_bottlenecks
from factorio_fast.semantic.delta import delta_between
from factorio_fast.semantic.description import describe_world
from factorio_fast.semantic.opportunities import find_opportunities
from factorio_fast.semantic.production import analyze_production
from factorio_fast.semantic.state import GameState, full_game_state
from factorio_fast.semantic.threats import assess_threats

if TYPE_CHECKING:
    from factorio_fast._core import World
    from factorio_fast.semantic.bottlenecks import BottleneckReport
    from factorio_fast.semantic.delta import DeltaReport
    from factorio_fast.semantic.description import WorldDescription
    from factorio_fast.semantic.opportunities import OpportunityReport
    from factorio_fast.semantic.production import ProductionAnalysis
    from factorio_fast.semantic.threats import ThreatAssessment

__all__ = ["SemanticWorldAnalyzer"]


class SemanticWorldAnalyzer:
    """Analyzes worlds; it keeps nothing, so one serves any number of them.

    Every method takes a `GameState` or a `World`, and its report has `to_text(max_tokens)`.
    """

    def describe_world(self, state: GameState | World) -> WorldDescription:
        """Say what there is."""
        return describe_world(_state_of(state))

    def analyze_production(
        self, state: GameState | World, before: GameState | None = None
    ) -> ProductionAnalysis:
        """Say what is made and used: actual against possible rates, and the links between machines.

        Args:
            state: the world.
            before: an earlier look at it, for measured rates.
        """
        return analyze_production(_state_of(state), before)

    def find_bottlenecks(self, state: GameState | World) -> BottleneckReport:
        """Say what limits each product, and what mending it would gain."""
        return find_bottlenecks(_state_of(state))

    def find_opportunities(self, state: GameState | World) -> OpportunityReport:
        """Say which next steps gain most, those that can be afforded first."""
        return find_opportunities(_state_of(state))

    def assess_threats(
        self, state: GameState | World, before: GameState | None = None
    ) -> ThreatAssessment:
        """Say what may attack, and what stands against it.

        Args:
            state: the world.
            before: an earlier look at it, by which the spread of pollution is reckoned.
        """
        return assess_threats(_state_of(state), before)

    def delta(self, before: GameState, after: GameState | World) -> DeltaReport:
        """Say what changed since an earlier look."""
        return delta_between(before, _state_of(after))


def _state_of(state: GameState | World) -> GameState:
    return state if isinstance(state, GameState) else full_game_state(state)
