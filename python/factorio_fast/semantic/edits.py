"""What would be otherwise: the changes under which a flow network is reckoned anew."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Edits", "PoolKey"]

PoolKey = tuple[int, str, str]
"""A pool by the unit (or run) that it belongs to, its role there and its item."""


@dataclass(frozen=True, kw_only=True)
class Edits:
    """Changes to a world that take one fault away each; empty, the world as it is."""

    recipes: dict[int, str] = field(default_factory=dict)
    """What machines make instead, by unit."""
    names: dict[int, str] = field(default_factory=dict)
    """By what entities are replaced, by unit."""
    copies: dict[int, float] = field(default_factory=dict)
    """How many times machines stand there, with the inserters that serve them."""
    fuelled: frozenset[int] = frozenset()
    """Units that have fuel from now on."""
    powered: frozenset[int] = frozenset()
    """Units that a network without lack serves."""
    networks: dict[int, float] = field(default_factory=dict)
    """The share of their demand that networks meet, by number."""
    stocked: frozenset[PoolKey] = frozenset()
    """Pools that never run out."""
    emptied: frozenset[PoolKey] = frozenset()
    """Pools that never fill up."""
    ore: frozenset[int] = frozenset()
    """Drills that stand on ore again, of the kind that they mined."""

    def __or__(self, other: Edits) -> Edits:
        """Return both changes together."""
        return Edits(
            recipes=self.recipes | other.recipes,
            names=self.names | other.names,
            copies=self.copies | other.copies,
            fuelled=self.fuelled | other.fuelled,
            powered=self.powered | other.powered,
            networks=self.networks | other.networks,
            stocked=self.stocked | other.stocked,
            emptied=self.emptied | other.emptied,
            ore=self.ore | other.ore,
        )
