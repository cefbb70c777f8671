"""Lanes that one item clogs for the others: more of it comes than is taken, and nothing overtakes.

On a lane that is full things go on in the order in which they lie. If ninety of a hundred are coal
and four coal a minute are taken, the other ten items go on as slowly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from factorio_fast.semantic.network import FlowNetwork

__all__ = ["JAM_ITEMS_PER_TILE", "Clog", "find_clogs"]

JAM_ITEMS_PER_TILE = 3
"""A lane holds four items a tile; one that stands still may have a gap at its back."""
MAX_CHAIN_RUNS = 200
"""How many runs a lane is followed downstream."""
LEAST_ITEMS = 24
"""Fewer items say too little of how they are mixed."""
CLOGGED_SHARE = 0.5
"""A lane counts as clogged if less than this share of its flow could pass."""


@dataclass(frozen=True, slots=True)
class Clog:
    """A run that is clogged."""

    run: int
    item: str
    """What clogs it."""
    most_per_minute: dict[str, float]
    """What it can carry of each item."""


def find_clogs(network: FlowNetwork) -> list[Clog]:
    """Find the runs on which the order of the items stops them, by the flows without that."""
    clogs = []
    for number in range(len(network.belts.runs)):
        counts = _in_line(network, number)
        if counts is not None:
            clog = _clog(network, number, counts)
            if clog is not None:
                clogs.append(clog)
    return clogs


def _in_line(network: FlowNetwork, number: int) -> dict[str, int] | None:
    """Count what lies on a lane from a run to its end; None where it is not full or not mixed."""
    runs = network.belts.runs
    counts: dict[str, int] = {}
    n_tiles = 0
    for _ in range(MAX_CHAIN_RUNS):
        run = runs[number]
        n_tiles += len(run.nodes)
        for item, count in run.counts.items():
            counts[item] = counts.get(item, 0) + count
        if len(run.next) != 1:
            break
        number = run.next[0][0]
    total = sum(counts.values())
    is_full = total >= JAM_ITEMS_PER_TILE * n_tiles
    return counts if is_full and total >= LEAST_ITEMS and len(counts) > 1 else None


def _clog(network: FlowNetwork, number: int, counts: dict[str, int]) -> Clog | None:
    total = sum(counts.values())
    shares = {
        item: count / total
        for item, count in counts.items()
        if (number, "run", item) not in network.edits.emptied
    }
    flows = {item: network.inflow((number, "run", item)) for item in network.held["run", number]}
    # Of what joins further on the flows here say nothing.
    if len(shares) < len(counts) or not set(counts) <= set(flows):
        return None
    item = min(shares, key=lambda item: flows.get(item, 0.0) / shares[item])
    passing = flows.get(item, 0.0) / shares[item]
    if passing >= CLOGGED_SHARE * sum(flows.values()):
        return None
    most = {other: passing * shares.get(other, 0.0) for other in flows if other != item}
    return Clog(number, item, most)
