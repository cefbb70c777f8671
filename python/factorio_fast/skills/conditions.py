"""What must hold before a skill begins, and what holds when it is done, read from the world.

A condition takes the world and the checked parameters, and says what does not hold, or None.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast import prototypes
from factorio_fast.planning.terrain import scenery_names
from factorio_fast.plays.recipes import shortages
from factorio_fast.skills.experts.building import turns_matter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from factorio_fast._core import Entity, World
    from factorio_fast.planning.plan import Placement

    Condition = Callable[[World, Any], str | None]

__all__ = ["AFTER", "BEFORE", "LASTING"]

SLACK_TILES = 1.0
"""A walk may end this much farther away: the character stops within a step."""


def can_build(world: World, parameters: Any) -> str | None:
    """What does not stand yet is carried."""
    left = [part for part in parameters.blueprint if not _stands(world, part)]
    lacking = Counter(part.entity for part in left) - Counter(world.character.inventory())
    return f"{_listed(lacking)} not carried" if lacking else None


def can_defend(world: World, parameters: Any) -> str | None:
    """Turrets that do not stand yet are carried."""
    return can_build(world, parameters)


def can_craft(world: World, parameters: Any) -> str | None:
    """What the items are made of is carried."""
    _, missing = shortages(dict(parameters.items), Counter(world.character.inventory()))
    return f"ingredients lack {_listed(Counter(missing))}" if missing else None


def can_connect_power(world: World, parameters: Any) -> str | None:
    """Poles are carried, and the machines stand."""
    return can_build(world, parameters) or _all_stand(world, parameters.entities)


def can_fuel(world: World, parameters: Any) -> str | None:
    """The machines stand."""
    return _all_stand(world, parameters.targets or ())


def can_hand_over(world: World, parameters: Any) -> str | None:
    """The machine stands, and what it is to be given is carried."""
    lacking = Counter(parameters.items) - Counter(world.character.inventory())
    if lacking:
        return f"{_listed(lacking)} not carried"
    return _all_stand(world, (parameters.target,))


def can_take(world: World, parameters: Any) -> str | None:
    """The machine stands."""
    return _all_stand(world, (parameters.target,))


def can_transfer(world: World, parameters: Any) -> str | None:
    """Both machines stand."""
    return _all_stand(world, (parameters.source, parameters.target))


def can_set_recipes(world: World, parameters: Any) -> str | None:
    """The machines stand."""
    return _all_stand(world, [entry.position for entry in parameters.recipes])


def can_research(world: World, parameters: Any) -> str | None:
    """What the technology needs is researched, and the laboratories stand."""
    if world.is_researched(parameters.technology):
        return None
    facts = prototypes.get("technology", parameters.technology)
    unmet = [name for name in facts.get("prerequisites", ()) if not world.is_researched(name)]
    if unmet:
        return f"{', '.join(unmet)} not researched"
    return _all_stand(world, parameters.labs)


def is_near(world: World, parameters: Any) -> str | None:
    """The character is where it was to go."""
    distance = math.dist(world.character.position, parameters.target)
    if distance <= max(0.75, parameters.reach) + SLACK_TILES:
        return None
    return f"the character is {distance:.1f} tiles from {_text(parameters.target)}"


def is_known(world: World, parameters: Any) -> str | None:
    """What was looked for is known."""
    if parameters.item is None or world.resource_patches(parameters.item):
        return None
    return f"no {parameters.item} is known"


def is_carried(world: World, parameters: Any) -> str | None:
    """The items are carried."""
    lacking = Counter(parameters.items) - Counter(world.character.inventory())
    return f"{_listed(lacking)} not carried" if lacking else None


def is_clear(world: World, parameters: Any) -> str | None:
    """No tree or rock is in the area."""
    if parameters.area is None:
        return None
    names = frozenset(scenery_names())
    for entity in world.entities(None, parameters.area):
        if entity.name in names:
            return f"{entity.name} stands at {_text(entity.position)}"
    return None


def is_built(world: World, parameters: Any) -> str | None:
    """Everything of the blueprint stands."""
    for part in parameters.blueprint:
        if not _stands(world, part):
            return f"no {part.entity} stands at {_text(part.position)}"
    return None


def is_powered(world: World, parameters: Any) -> str | None:
    """The poles stand, and the machines have a network."""
    missing = is_built(world, parameters)
    if missing is not None:
        return missing
    for position in parameters.entities:
        entity = _at(world, position)
        if entity is None:
            return f"nothing stands at {_text(position)}"
        if entity.status == "no-power":
            return f"{entity.name} at {_text(position)} has no network"
    return None


def has_recipes(world: World, parameters: Any) -> str | None:
    """The machines have the recipes."""
    for entry in parameters.recipes:
        entity = _at(world, entry.position)
        if entity is None or entity.recipe != entry.recipe:
            found = "nothing" if entity is None else f"{entity.name} with {entity.recipe}"
            return f"{found} stands at {_text(entry.position)}, not {entry.recipe}"
    return None


def is_gone(world: World, parameters: Any) -> str | None:
    """Nothing stands at the positions."""
    for position in parameters.targets:
        entity = _at(world, position)
        if entity is not None:
            return f"{entity.name} stands at {_text(position)}"
    return None


def is_researched(world: World, parameters: Any) -> str | None:
    """The technology is researched."""
    if world.is_researched(parameters.technology):
        return None
    return f"{parameters.technology} is not researched"


BEFORE: dict[str, tuple[str, Condition]] = {
    "CONNECT_LOGISTICS": ("what does not stand yet is carried", can_build),
    "CONNECT_POWER": ("poles are carried, and the machines stand", can_connect_power),
    "CRAFT": ("what the items are made of is carried", can_craft),
    "DEFEND": ("turrets that do not stand yet are carried", can_defend),
    "FUEL": ("the machines stand", can_fuel),
    "INSERT": ("the machine stands, and what it is to be given is carried", can_hand_over),
    "PLACE_ENTITIES": ("what does not stand yet is carried", can_build),
    "RESEARCH": ("what the technology needs is researched; the labs stand", can_research),
    "SET_RECIPES": ("the machines stand", can_set_recipes),
    "TAKE": ("the machine stands", can_take),
    "TRANSFER": ("both machines stand", can_transfer),
}
"""Of each skill that has one, what must hold before, in words and as a check."""

AFTER: dict[str, tuple[str, Condition]] = {
    "CLEAR_AREA": ("no tree or rock is in the area", is_clear),
    "CONNECT_LOGISTICS": ("everything of the blueprint stands", is_built),
    "CONNECT_POWER": ("the poles stand, and the machines have a network", is_powered),
    "CRAFT": ("the items are carried", is_carried),
    "DEFEND": ("the turrets stand", is_built),
    "EXPLORE": ("what was looked for is known", is_known),
    "GATHER": ("the items are carried", is_carried),
    "NAVIGATE": ("the character is there", is_near),
    "PLACE_ENTITIES": ("everything of the blueprint stands", is_built),
    "REMOVE": ("nothing stands at the positions", is_gone),
    "RESEARCH": ("the technology is researched", is_researched),
    "SET_RECIPES": ("the machines have the recipes", has_recipes),
    "SUPPLY": ("the items are carried", is_carried),
}
"""Of each skill that has one, what holds when it is done, in words and as a check."""

LASTING = frozenset(
    {
        "CONNECT_LOGISTICS",
        "CONNECT_POWER",
        "DEFEND",
        "PLACE_ENTITIES",
        "RESEARCH",
        "SET_RECIPES",
    }
)
"""Skills whose work is to stand for the rest of the plan."""


def _at(world: World, position: tuple[float, float]) -> Entity | None:
    x, y = position
    names = frozenset(scenery_names())
    for entity in world.entities(None, ((x - 0.1, y - 0.1), (x + 0.1, y + 0.1))):
        if entity.name not in names:
            return entity
    return None


def _stands(world: World, part: Placement) -> bool:
    x, y = part.position
    for entity in world.entities(part.entity, ((x - 0.1, y - 0.1), (x + 0.1, y + 0.1))):
        is_there = math.dist(entity.position, part.position) < 0.01  # noqa: PLR2004
        is_turned = entity.direction == part.direction or not turns_matter(part.entity)
        return is_there and is_turned and (part.recipe is None or entity.recipe == part.recipe)
    return False


def _all_stand(world: World, positions: Iterable[tuple[float, float]]) -> str | None:
    for position in positions:
        if _at(world, position) is None:
            return f"nothing stands at {_text(position)}"
    return None


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {item}" for item, count in sorted(counts.items()))


def _text(position: tuple[float, float]) -> str:
    return f"({position[0]:g}, {position[1]:g})"
