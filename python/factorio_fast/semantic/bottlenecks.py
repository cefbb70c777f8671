"""What limits each product, and what taking that away would gain.

Every fault that could be and everything that works at its limit is a candidate: the flows are
reckoned once more as if it were mended (`Edits`), and what the products gain is its gain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from factorio_fast.models import Model
from factorio_fast.semantic.candidates import candidates
from factorio_fast.semantic.edits import Edits
from factorio_fast.semantic.facts import technology_packs, worth
from factorio_fast.semantic.network import RESEARCH, FlowNetwork
from factorio_fast.semantic.text import fit_lines, place_text, rate_text

if TYPE_CHECKING:
    from factorio_fast.semantic.candidates import Candidate
    from factorio_fast.semantic.state import GameState

__all__ = ["Bottleneck", "BottleneckReport", "find_bottlenecks"]

MAX_CANDIDATES = 64
"""Candidates that are reckoned through; the rest, of the last kinds, is left out."""
MAX_WORK = 60_000
"""Entities whose flows are reckoned anew, all candidates together; then the rest is left out."""
LEAST_GAIN = 0.002
"""The share of what a product gains at least; less is within what the flows are good for."""

Kind = Literal[
    "no-fuel",
    "no-power",
    "low-power",
    "no-recipe",
    "wrong-recipe",
    "missing-ingredient",
    "depleted",
    "full",
    "no-outlet",
    "blocked-belt",
    "slow-inserter",
    "saturated-belt",
    "too-few-machines",
]


class Bottleneck(Model):
    """One thing that limits a product."""

    kind: Kind
    product: str
    """What gains most by the fix."""
    name: str
    """The entity at fault."""
    units: tuple[int, ...]
    position: tuple[float, float]
    """Of the first unit."""
    item: str | None = None
    """What is missing, in the way, or made instead."""
    fix: str
    """What to do, in words."""
    rate_per_minute: float
    """Of the product, as it is."""
    rate_after_per_minute: float
    """Of the product, with the fix."""
    gains_per_minute: dict[str, float]
    """By product; what the fix costs other products is negative."""
    is_joint: bool = False
    """Whether the rates hold only if the other faults of the report are mended as well."""

    @property
    def gain_per_minute(self) -> float:
        """What the product gains."""
        return self.rate_after_per_minute - self.rate_per_minute

    def __str__(self) -> str:
        """Say it in a line."""
        n_more = f" and {len(self.units) - 1} more" if len(self.units) > 1 else ""
        item = f" ({self.item})" if self.item else ""
        rates = f"{rate_text(self.rate_per_minute)} -> {rate_text(self.rate_after_per_minute)}"
        joint = ", with the other faults mended" if self.is_joint else ""
        return (
            f"{self.product}: {self.kind}{item} at {self.name} "
            f"{place_text(self.position)}{n_more}; {self.fix}: {rates}{joint}"
        )


class BottleneckReport(Model):
    """What limits the products, the greatest gain first."""

    bottlenecks: tuple[Bottleneck, ...]

    @property
    def first(self) -> Bottleneck | None:
        """The one that is worth most to mend."""
        return self.bottlenecks[0] if self.bottlenecks else None

    def of_product(self, item: str) -> list[Bottleneck]:
        """List those that limit one product, the greatest gain first."""
        return [found for found in self.bottlenecks if found.gains_per_minute.get(item, 0) > 0]

    def to_text(self, max_tokens: int = 400) -> str:
        """Render the report, the most important first."""
        if not self.bottlenecks:
            return "nothing limits production, or nothing is produced"
        lines = [f"{rank}. {found}" for rank, found in enumerate(self.bottlenecks, 1)]
        return fit_lines(lines, max_tokens)


def find_bottlenecks(state: GameState) -> BottleneckReport:
    """Find what limits each product, by the flows with each fault mended in turn."""
    packs = technology_packs(state.research.current)[2] if state.research.current else {}
    values = {RESEARCH: sum(worth(pack) * amount for pack, amount in packs.items())}
    base = FlowNetwork(state)
    parts = _Parts(base)
    ranked: list[tuple[float, Bottleneck]] = []
    useless: list[Candidate] = []
    for candidate in candidates(base)[:MAX_CANDIDATES]:
        if parts.work > MAX_WORK:
            break
        now, after = parts.products(candidate.units, candidate.edits)
        gain, bottleneck = _weighed(candidate, now, after, values, is_joint=False)
        if bottleneck is None:
            useless.append(candidate)
        else:
            ranked.append((gain, bottleneck))
    hard = [candidate for candidate in useless if candidate.is_fault]
    if not ranked and len(hard) > 1:
        ranked = _joint(base, hard, values)
    ranked.sort(key=lambda pair: -pair[0])
    return BottleneckReport(bottlenecks=tuple(bottleneck for _, bottleneck in ranked))


class _Parts:
    """The parts of a world that no items pass between: a change in one leaves the others alone."""

    def __init__(self, base: FlowNetwork) -> None:
        self._base = base
        self._now: dict[frozenset[int], dict[str, float]] = {}
        self._states: dict[frozenset[int], GameState] = {}
        self._totals = base.products()
        self.work = 0
        """Entities of which flows were reckoned so far."""

    def products(
        self, units: tuple[int, ...], edits: Edits
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Return the products of the whole world as it is, and with a change at some units."""
        part = frozenset(self._base.component_of(unit) for unit in units)
        if edits.networks:
            # Power is shared by all that stands.
            part = frozenset(map(self._base.component_of, self._base.units))
        if part not in self._now:
            entities = tuple(
                entity
                for unit, entity in self._base.units.items()
                if self._base.component_of(unit) in part
            )
            self._states[part] = self._base.state.model_copy(update={"entities": entities})
            self._now[part] = self._solved(part, Edits())
        now, after = self._now[part], self._solved(part, edits)
        totals = dict(self._totals)
        for item in dict.fromkeys([*now, *after]):
            totals[item] = totals.get(item, 0.0) + after.get(item, 0.0) - now.get(item, 0.0)
        return self._totals, totals

    def _solved(self, part: frozenset[int], edits: Edits) -> dict[str, float]:
        state = self._states[part]
        self.work += len(state.entities)
        return FlowNetwork(state, edits, self._base.satisfaction).products()


def _joint(
    base: FlowNetwork, faults: list[Candidate], values: dict[str, float]
) -> list[tuple[float, Bottleneck]]:
    """Weigh faults none of which gains anything alone, each by what the others lack without it."""
    together = Edits()
    for fault in faults:
        together |= fault.edits
    state, satisfaction = base.state, base.satisfaction
    now, after = base.products(), FlowNetwork(state, together, satisfaction).products()
    found = []
    for fault in faults:
        rest = Edits()
        for other in faults:
            if other is not fault:
                rest |= other.edits
        without = FlowNetwork(state, rest, satisfaction).products()
        gain, bottleneck = _weighed(fault, now, after, values, is_joint=True)
        lost = sum(
            _value(item, values) * (after.get(item, 0.0) - without.get(item, 0.0)) for item in after
        )
        if bottleneck is not None and lost > LEAST_GAIN * gain:
            found.append((lost, bottleneck))
    return found


def _value(item: str, values: dict[str, float]) -> float:
    return values[item] if item in values else worth(item)


def _weighed(
    candidate: Candidate,
    now: dict[str, float],
    after: dict[str, float],
    values: dict[str, float],
    *,
    is_joint: bool,
) -> tuple[float, Bottleneck | None]:
    """Return what a fix is worth, and the bottleneck if that is anything."""
    gains = {
        item: after.get(item, 0.0) - now.get(item, 0.0) for item in dict.fromkeys([*now, *after])
    }
    scale = sum(
        _value(item, values) * after.get(item, 0.0) for item, gain in gains.items() if gain > 0
    )
    total = sum(_value(item, values) * gain for item, gain in gains.items())
    if total <= LEAST_GAIN * scale:
        return 0.0, None
    product = max(gains, key=lambda item: gains[item] * _value(item, values))
    return total, Bottleneck(
        kind=candidate.kind,
        product=product,
        name=candidate.name,
        units=candidate.units,
        position=candidate.position,
        item=candidate.item,
        fix=candidate.fix,
        rate_per_minute=now.get(product, 0.0),
        rate_after_per_minute=after.get(product, 0.0),
        gains_per_minute={item: gain for item, gain in gains.items() if abs(gain) > LEAST_GAIN},
        is_joint=is_joint,
    )
