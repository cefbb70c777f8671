"""What changed between two looks at a world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from factorio_fast.models import Model
from factorio_fast.semantic.text import fit_lines, place_text

if TYPE_CHECKING:
    from factorio_fast.semantic.state import GameState

__all__ = ["Change", "DeltaReport", "delta_between"]

MAX_LISTED = 50
"""Entities that are listed one by one in each of the lists."""


class Change(Model):
    """One entity that came, went or changed."""

    unit_number: int
    name: str
    position: tuple[float, float]
    before: str | None = None
    after: str | None = None

    def __str__(self) -> str:
        """Say it shortly."""
        change = (
            f": {self.before or 'nothing'} -> {self.after or 'nothing'}"
            if self.before or self.after
            else ""
        )
        return f"{self.name} {place_text(self.position)}{change}"


class DeltaReport(Model):
    """What changed since an earlier look."""

    ticks: int
    built: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    statuses: tuple[Change, ...] = ()
    """Machines whose status changed."""
    recipes: tuple[Change, ...] = ()
    produced: dict[str, int] = Field(default_factory=dict)
    """Items made by machines and hands."""
    consumed: dict[str, int] = Field(default_factory=dict)
    lost: dict[str, int] = Field(default_factory=dict)
    inventory: dict[str, int] = Field(default_factory=dict)
    """What the character has more or less of."""
    researched: tuple[str, ...] = ()
    moved_tiles: float = 0.0
    """How far the character stands from where it stood."""
    health: float = 0.0
    """What its health gained or lost."""
    new_units: int = 0
    """Enemies more or less."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed but the time."""
        return self == DeltaReport(ticks=self.ticks)

    def to_text(self, max_tokens: int = 200) -> str:
        """Render it, what was lost first."""
        lines = [f"after {self.ticks / 60:.0f} s:"]
        if self.is_empty:
            return f"nothing changed in {self.ticks / 60:.0f} s"
        if self.health < 0:
            lines.append(f"health {self.health:+.0f}")
        for title, changes in (
            ("gone", self.gone),
            ("built", self.built),
            ("changed", self.statuses),
            ("recipe", self.recipes),
        ):
            lines += [f"{title} {change}" for change in changes]
        for title, counts in (
            ("lost", self.lost),
            ("made", self.produced),
            ("used", self.consumed),
            ("carries", self.inventory),
        ):
            if counts:
                sign = "+" if title == "carries" else ""
                shown = ", ".join(f"{item} {count:{sign}d}" for item, count in counts.items())
                lines.append(f"{title}: {shown}")
        if self.researched:
            lines.append(f"researched: {', '.join(self.researched)}")
        if self.new_units:
            lines.append(f"enemies {self.new_units:+d}")
        return fit_lines(lines, max_tokens)


def delta_between(before: GameState, after: GameState) -> DeltaReport:
    """Report what changed from one look to a later one of the same world."""
    old = {entity.unit_number: entity for entity in before.entities}
    new = {entity.unit_number: entity for entity in after.entities}
    both = [(old[unit], new[unit]) for unit in old if unit in new]
    at_old, at_new = before.character, after.character
    return DeltaReport(
        ticks=after.tick - before.tick,
        built=tuple(
            Change(unit_number=unit, name=entity.name, position=entity.position)
            for unit, entity in new.items()
            if unit not in old
        )[:MAX_LISTED],
        gone=tuple(
            Change(unit_number=unit, name=entity.name, position=entity.position)
            for unit, entity in old.items()
            if unit not in new
        )[:MAX_LISTED],
        statuses=tuple(
            Change(
                unit_number=now.unit_number,
                name=now.name,
                position=now.position,
                before=then.status,
                after=now.status,
            )
            for then, now in both
            # Inserters change with every swing.
            if then.status != now.status and now.type != "inserter"
        )[:MAX_LISTED],
        recipes=tuple(
            Change(
                unit_number=now.unit_number,
                name=now.name,
                position=now.position,
                before=then.recipe,
                after=now.recipe,
            )
            for then, now in both
            if then.recipe != now.recipe and now.type != "furnace"
        )[:MAX_LISTED],
        produced=_difference(before.production.items_made, after.production.items_made),
        consumed=_difference(before.production.items_used, after.production.items_used),
        lost=_difference(before.production.items_lost, after.production.items_lost),
        inventory=_difference(at_old.inventory, at_new.inventory),
        researched=tuple(
            name for name in after.research.researched if name not in before.research.researched
        ),
        moved_tiles=(
            (at_new.position[0] - at_old.position[0]) ** 2
            + (at_new.position[1] - at_old.position[1]) ** 2
        )
        ** 0.5,
        health=at_new.health - at_old.health,
        new_units=len(after.units) - len(before.units),
    )


def _difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    names = dict.fromkeys([*before, *after])
    found = {name: after.get(name, 0) - before.get(name, 0) for name in names}
    return {name: change for name, change in found.items() if change}
