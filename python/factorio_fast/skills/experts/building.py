"""Building: blueprints, power lines, belts, recipes."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast.coordination.tasks import SkillStatus
from factorio_fast.planning.cells import Part, footprint
from factorio_fast.skills.agent import SkillError
from factorio_fast.skills.experts.gathering import clear_region
from factorio_fast.skills.experts.registry import expert
from factorio_fast.skills.experts.values import placed, point

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from factorio_fast.planning.plan import Placement
    from factorio_fast.skills.agent import Agent

__all__ = ["connect_logistics", "connect_power", "place_entities", "remove", "set_recipes"]

REACH_TILES = 9.5
"""Nearer than this nothing needs walking before it is built; the character reaches ten."""
APPROACH_TILES = 6.0
MAX_TRIES = 4


@expert("PLACE_ENTITIES")
def place_entities(agent: Agent, *, blueprint: Iterable[Any]) -> dict[str, Any]:
    """Build a blueprint in its order and set the recipes that it names.

    What stands there already as it should is left; the items for the rest must be carried.
    """
    parts = placed(blueprint)
    left = [part for part in parts if not stands(agent, part)]
    lacking = Counter(part.entity for part in left) - agent.inventory
    if lacking:
        raise SkillError.refused(f"the blueprint needs {dict(lacking)} more than is carried")
    for part in left:
        build(agent, part)
        if part.recipe is not None:
            set_recipe(agent, part.position, part.recipe)
    return {"built": len(left), "stood": len(parts) - len(left)}


@expert("CONNECT_LOGISTICS")
def connect_logistics(agent: Agent, *, blueprint: Iterable[Any]) -> dict[str, Any]:
    """Build belts and inserters as a blueprint says."""
    return place_entities(agent, blueprint=blueprint) or {}


@expert("CONNECT_POWER")
def connect_power(
    agent: Agent,
    *,
    blueprint: Iterable[Any],
    entities: Iterable[Any] = (),
) -> dict[str, Any]:
    """Build poles as a blueprint says, then check that machines at some places have a network."""
    details = place_entities(agent, blueprint=blueprint) or {}
    for target in entities:
        position = point(target)
        entity = agent.at(position)
        if entity is None:
            raise SkillError(SkillStatus.WORLD_CHANGED, f"nothing stands at {position}")
        if entity.status == "no-power" or entity.power_network is None:
            raise SkillError.failed(f"{entity.name} at {position} has no network")
    return details


@expert("SET_RECIPES")
def set_recipes(agent: Agent, *, recipes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Set the recipes of machines; each entry has `position` and `recipe`."""
    entries = [(point(entry["position"]), str(entry["recipe"])) for entry in recipes]
    for position, _ in entries:
        if agent.at(position) is None:
            raise SkillError.refused(f"no machine stands at {position}")
    for position, recipe in entries:
        set_recipe(agent, position, recipe)
    return {"machines": len(entries)}


@expert("REMOVE")
def remove(agent: Agent, *, targets: Iterable[Any]) -> dict[str, Any]:
    """Take machines away with all that they hold."""
    positions = [point(target) for target in targets]
    for position in positions:
        entity = agent.at(position)
        if entity is not None and not agent.mine_entity(entity.unit_number, entity.position):
            raise SkillError.failed(f"{entity.name} at {position} cannot be taken away")
    return {"removed": len(positions)}


def stands(agent: Agent, part: Placement) -> bool:
    """Whether an entry of a blueprint stands already, turned as it should be."""
    entity = agent.at(part.position, part.entity)
    return (
        entity is not None
        and math.dist(entity.position, part.position) < 0.01  # noqa: PLR2004
        and (part.recipe is None or entity.recipe == part.recipe)
        and (entity.direction == part.direction or not turns_matter(part.entity))
    )


def turns_matter(entity: str) -> bool:
    """Whether it matters where an entity faces."""
    return "belt" in entity or "inserter" in entity or "drill" in entity


def build(agent: Agent, part: Placement) -> None:
    """Build one entry of a blueprint.

    Raises:
        SkillError: the place cannot be reached, or something stands there.
    """
    reason: str | None = "no-space"
    for attempt in range(MAX_TRIES):
        approach(agent, part.position)
        reason = agent.do("build", part.entity, part.position, part.direction)
        if reason is None:
            return
        if reason not in {"no-space", "out-of-reach"}:
            break
        region = covered_area(part)
        if clear_region(agent, region):
            continue
        if attempt == 0 or math.dist(agent.position, part.position) < APPROACH_TILES:
            agent.step_aside(part.position)
    if stands(agent, part):
        return
    raise SkillError.failed(f"{part.entity} at {part.position} is refused: {reason}")


def approach(agent: Agent, position: tuple[float, float]) -> None:
    """Walk to where a position can be built on, over what was just built if need be."""
    if math.dist(agent.position, position) <= REACH_TILES:
        return
    try:
        agent.walk_to(position, APPROACH_TILES)
    except SkillError as error:
        if error.status != SkillStatus.FAILED:
            raise
        agent.walk_to(position, REACH_TILES)


def covered_area(part: Placement) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the area that an entry of a blueprint covers."""
    tiles = footprint(Part(part.entity, *part.position, part.direction))
    xs, ys = [x for x, _ in tiles], [y for _, y in tiles]
    return (min(xs), min(ys)), (max(xs) + 1, max(ys) + 1)


def set_recipe(agent: Agent, position: tuple[float, float], recipe: str) -> None:
    """Set the recipe of the machine at a position.

    Raises:
        SkillError: there is none, or it refuses.
    """
    agent.approach(position)
    entity = agent.at(position)
    if entity is None:
        raise SkillError(SkillStatus.WORLD_CHANGED, f"nothing stands at {position}")
    if entity.recipe == recipe:
        return
    reason = agent.do("set-recipe", entity.unit_number, recipe)
    if reason is not None:
        raise SkillError.failed(f'recipe "{recipe}" at {position} is refused: {reason}')
