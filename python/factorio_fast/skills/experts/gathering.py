"""Coming by items: gathering, crafting, fuelling, clearing ground."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast import prototypes
from factorio_fast.planning.cells import Part, footprint
from factorio_fast.planning.terrain import scenery_names
from factorio_fast.plays.recipes import can_craft, shortages
from factorio_fast.skills.agent import SkillError
from factorio_fast.skills.economy import (
    BURNERS,
    FILL,
    FILL_DEFAULT,
    FUELS,
    craft_some,
    fill_fuel,
    gather,
    obtain,
)
from factorio_fast.skills.experts.registry import expert
from factorio_fast.skills.experts.values import counted, placed, point

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from factorio_fast._core import Entity
    from factorio_fast.skills.agent import Agent

__all__ = ["clear_area", "craft", "fuel", "gather_items", "supply"]


@expert("GATHER")
def gather_items(agent: Agent, *, items: Mapping[str, int]) -> dict[str, Any]:
    """Carry at least so many of some raw items: from machines that make them, else by hand."""
    wanted = counted(items)
    raw = {*FUELS, "stone", "iron-ore", "copper-ore"}
    for item in +(wanted - agent.inventory):
        if item not in raw and item in prototypes.names("recipe") and can_craft(item):
            raise SkillError.refused(f'"{item}" is crafted; ask SUPPLY or CRAFT for it')
    gather(agent, wanted)
    return {"carried": {item: agent.count(item) for item in wanted}}


@expert("SUPPLY")
def supply(agent: Agent, *, items: Mapping[str, int]) -> dict[str, Any]:
    """Carry at least so many of some items, gathering and crafting what they are made of."""
    wanted = counted(items)
    obtain(agent, wanted)
    return {"carried": {item: agent.count(item) for item in wanted}}


@expert("CRAFT")
def craft(agent: Agent, *, items: Mapping[str, int]) -> dict[str, Any]:
    """Carry at least so many of some items, crafted of what is carried already."""
    wanted = counted(items)
    _, missing = shortages(dict(wanted), agent.inventory)
    if missing:
        raise SkillError.refused(f"the ingredients lack {dict(missing)}")
    while +(wanted - agent.inventory):
        if not craft_some(agent, wanted):
            raise SkillError.failed(f"only {agent.inventory & wanted} of {dict(wanted)} crafted")
    return {"carried": {item: agent.count(item) for item in wanted}}


@expert("FUEL")
def fuel(
    agent: Agent,
    *,
    targets: Iterable[Any] | None = None,
    coal: int | None = None,
    fuel: str | None = None,
) -> dict[str, Any]:
    """Fill machines up with fuel worth so many pieces of coal each; all of them by default.

    Args:
        agent: who does it.
        targets: positions of machines; None means every machine that burns fuel.
        coal: pieces of coal; wood counts half. None means what lasts a while for each kind.
        fuel: `coal` or `wood` alone; None takes coal that lies ready, else wood.
    """
    if fuel is not None and fuel not in FUELS:
        raise SkillError.refused(f'"{fuel}" is no fuel that is gathered; choose one of {FUELS}')
    if targets is None:
        machines = agent.own(BURNERS)
    else:
        machines = [_burner_at(agent, point(target)) for target in targets]
    fills = [(entity, coal or FILL.get(entity.name, FILL_DEFAULT)) for entity in machines]
    fill_fuel(agent, fills, fuel, patient=True)
    return {"machines": len(fills)}


def _burner_at(agent: Agent, position: tuple[float, float]) -> Entity:
    entity = agent.at(position)
    if entity is None or entity.name not in BURNERS:
        raise SkillError.refused(f"no machine that burns fuel stands at {position}")
    return entity


@expert("CLEAR_AREA")
def clear_area(
    agent: Agent,
    *,
    area: Any = None,
    blueprint: Iterable[Any] | None = None,
) -> dict[str, Any]:
    """Take away trees and rocks from an area, `((left, top), (right, bottom))`, or a building site.

    What is taken is carried; where there is no room for it, the skill fails.
    """
    if area is None and blueprint is None:
        raise SkillError.refused("say an area or a blueprint to clear")
    cleared: Counter[str] = Counter()
    areas = []
    if area is not None:
        (left, top), (right, bottom) = (point(corner) for corner in area)
        if not (0 < right - left <= 512 and 0 < bottom - top <= 512):  # noqa: PLR2004
            raise SkillError.refused(f"an area to clear is 1 to 512 tiles a side, not {area!r}")
        areas.append(((left, top), (right, bottom)))
    for part in placed(blueprint or ()):
        tiles = footprint(Part(part.entity, *part.position, part.direction))
        xs, ys = [x for x, _ in tiles], [y for _, y in tiles]
        areas.append(((min(xs), min(ys)), (max(xs) + 1, max(ys) + 1)))
    for region in areas:
        cleared += clear_region(agent, region)
    return {"cleared": dict(cleared)}


def clear_region(
    agent: Agent, region: tuple[tuple[float, float], tuple[float, float]]
) -> Counter[str]:
    """Take away the trees and rocks that touch an area, and count them."""
    cleared: Counter[str] = Counter()
    names = frozenset(scenery_names())
    standing = [
        (entity.unit_number, entity.name, entity.position)
        for entity in agent.look().entities(None, region)
        if entity.name in names
    ]
    for unit, name, position in standing:
        if not agent.mine_entity(unit, position):
            raise SkillError.failed(f"{name} at {position} cannot be taken away")
        cleared[name] += 1
    return cleared
