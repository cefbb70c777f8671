"""A world in a few lines: time, character, buildings, ground, power, research, enemies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from factorio_fast.models import Model
from factorio_fast.semantic.text import fit_lines, place_text

if TYPE_CHECKING:
    from factorio_fast.semantic.state import GameState

__all__ = ["PatchView", "WorldDescription", "describe_world"]

MAX_PATCHES = 12
MAX_ITEMS = 12
TROUBLES = frozenset(
    {
        "no-fuel",
        "no-power",
        "low-power",
        "no-ingredients",
        "no-recipe",
        "full",
        "no-resources",
        "damaged",
    }
)


class PatchView(Model):
    """A patch of a resource as seen from the character."""

    name: str
    amount: int
    position: tuple[float, float]
    distance_tiles: float
    direction: str
    n_drills: int


class WorldDescription(Model):
    """What there is, counted."""

    tick: int
    seconds: float
    position: tuple[float, float]
    health: float
    inventory: dict[str, int]
    crafting: tuple[tuple[str, int], ...]
    buildings: dict[str, int]
    """Entities by name."""
    troubles: dict[str, dict[str, int]]
    """Entities that do not work, by status and name."""
    patches: tuple[PatchView, ...]
    """The nearest of each resource first."""
    power_satisfaction: float | None = None
    """Of the worst network that is asked for power."""
    power_watts: float
    research: str | None = None
    research_progress: float
    n_researched: int
    n_nests: int
    n_units: int
    evolution: float
    items_made: dict[str, int]

    def to_text(self, max_tokens: int = 400) -> str:
        """Render it, the character first."""
        where = f"{place_text(self.position)} with {self.health:.0f} health"
        lines = [
            f"{_clock(self.seconds)} of game time; you stand at {where}",
            f"you carry {_counts(self.inventory) or 'nothing'}",
        ]
        if self.crafting:
            queue = ", ".join(f"{count} {name}" for name, count in self.crafting)
            lines.append(f"you craft {queue}")
        lines.append(f"standing: {_counts(self.buildings) or 'nothing is built'}")
        lines += [f"{status}: {_counts(names)}" for status, names in self.troubles.items()]
        if self.power_satisfaction is not None:
            lines.append(
                f"power: {self.power_watts / 1e3:.0f} kW, {self.power_satisfaction:.0%} of demand"
            )
        if self.research is not None:
            lines.append(f"researching {self.research}, {self.research_progress:.0%} done")
        lines += [
            f"{patch.name}: {patch.amount} about {place_text(patch.position)}, "
            f"{patch.distance_tiles:.0f} tiles {patch.direction}"
            + (f", {patch.n_drills} drills on it" if patch.n_drills else "")
            for patch in self.patches
        ]
        if self.n_nests or self.n_units:
            lines.append(f"{self.n_nests} enemy nests and worms, {self.n_units} enemies in sight")
        if self.items_made:
            lines.append(f"made so far: {_counts(self.items_made)}")
        return fit_lines(lines, max_tokens)


def describe_world(state: GameState) -> WorldDescription:
    """Describe a world."""
    character = state.character
    troubles: dict[str, dict[str, int]] = {}
    buildings: dict[str, int] = {}
    for entity in state.entities:
        buildings[entity.name] = buildings.get(entity.name, 0) + 1
        if entity.status in TROUBLES:
            names = troubles.setdefault(entity.status, {})
            names[entity.name] = names.get(entity.name, 0) + 1
    asked = [network for network in state.power if network.demand_watts > 0]
    patches = sorted(
        (_patch_view(state, index) for index in range(len(state.resources))),
        key=lambda patch: patch.distance_tiles,
    )
    return WorldDescription(
        tick=state.tick,
        seconds=state.seconds,
        position=character.position,
        health=character.health,
        inventory=character.inventory,
        crafting=character.crafting_queue,
        buildings=buildings,
        troubles=troubles,
        patches=tuple(_nearest_of_each(patches)[:MAX_PATCHES]),
        power_satisfaction=min((network.satisfaction for network in asked), default=None),
        power_watts=sum(network.delivered_watts for network in state.power),
        research=state.research.current,
        research_progress=state.research.progress,
        n_researched=len(state.research.researched),
        n_nests=len(state.nests),
        n_units=len(state.units),
        evolution=state.evolution,
        items_made=state.production.items_made,
    )


def _patch_view(state: GameState, index: int) -> PatchView:
    patch = state.resources[index]
    x, y = state.character.position
    dx, dy = patch.position[0] - x, patch.position[1] - y
    return PatchView(
        name=patch.name,
        amount=patch.amount,
        position=(round(patch.position[0], 1), round(patch.position[1], 1)),
        distance_tiles=round(math.hypot(dx, dy), 1),
        direction=direction_name(dx, dy),
        n_drills=patch.n_drills,
    )


def _nearest_of_each(patches: list[PatchView]) -> list[PatchView]:
    """Put the nearest patch of each resource in front of the others."""
    firsts: dict[str, PatchView] = {}
    for patch in patches:
        firsts.setdefault(patch.name, patch)
    chosen = list(firsts.values())
    return [*chosen, *(patch for patch in patches if patch not in chosen)]


def direction_name(dx: float, dy: float) -> str:
    """Name the direction of a vector; y goes to the south."""
    names = ("east", "southeast", "south", "southwest", "west", "northwest", "north", "northeast")
    return names[round(math.atan2(dy, dx) / (math.pi / 4)) % len(names)]


def _counts(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    shown = ", ".join(f"{count} {name}" for name, count in ordered[:MAX_ITEMS])
    n_more = len(ordered) - MAX_ITEMS
    return f"{shown} and {n_more} kinds more" if n_more > 0 else shown


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
