"""Walking, waiting, exploring."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from factorio_fast.coordination.tasks import SkillStatus
from factorio_fast.planning.places import HEADINGS
from factorio_fast.skills.agent import SkillError
from factorio_fast.skills.economy import keep_fuelled
from factorio_fast.skills.experts.registry import expert
from factorio_fast.skills.experts.values import point, seconds_of

if TYPE_CHECKING:
    from factorio_fast.skills.agent import Agent

__all__ = ["explore", "navigate", "wait"]

EDGE_TILES = 3.0
NEAR_TILES = 2.0
STRIDE_TILES = 24.0
"""Explorers decide anew after so many tiles."""


@expert("NAVIGATE")
def navigate(agent: Agent, *, target: Any, reach: float = 1.0) -> dict[str, Any]:
    """Walk to within `reach` tiles of a position."""
    position = point(target)
    if not 0 < reach <= 100:  # noqa: PLR2004
        raise SkillError.refused(f"reach is 0 to 100 tiles, not {reach!r}")
    (left, top), (right, bottom) = agent.look().area
    if not (left - reach <= position[0] <= right + reach) or not (
        top - reach <= position[1] <= bottom + reach
    ):
        raise SkillError.refused(f"{position} is not on the map {agent.look().area}")
    agent.walk_to(position, max(0.75, reach))
    return {"position": agent.position}


@expert("WAIT")
def wait(agent: Agent, *, seconds: float, fuel: bool = False) -> None:
    """Let time pass; with `fuel`, look after the machines' fuel meanwhile."""
    until = agent.tick + 60 * seconds_of(seconds)
    every_seconds = 10.0
    while agent.tick < until:
        left = (until - agent.tick) / 60
        agent.wait(min(left, every_seconds) if fuel else left)
        if fuel:
            keep_fuelled(agent)


@expert("EXPLORE")
def explore(
    agent: Agent,
    *,
    direction: str | None = None,
    distance: float = 100.0,
    item: str | None = None,
) -> dict[str, Any]:
    """Walk so far in a direction, or where there is most of the map, until an item is known.

    Water and the edge of the map end a walk early; it is done if any way was made.
    """
    if direction is not None and direction not in HEADINGS:
        raise SkillError.refused(f'"{direction}" is no direction; choose one of {list(HEADINGS)}')
    start = agent.position
    found = known(agent, item)
    heading = HEADINGS[direction or widest(agent)]
    walked = 0.0
    while not found and distance - walked > NEAR_TILES:
        if not stride_on(agent, heading, min(STRIDE_TILES, distance - walked)):
            break
        before, walked = walked, math.dist(start, agent.position)
        found = known(agent, item)
        if walked < before + 1:
            break
    if item is not None and not found:
        raise SkillError.failed(f'no "{item}" was found within {walked:.0f} tiles')
    if item is None and walked < 1:
        raise SkillError.failed(f"no way leads {direction or 'on'} from {agent.position}")
    return {"walked_tiles": walked, "position": agent.position}


def known(agent: Agent, item: str | None) -> bool:
    """Whether the map that is known has a resource."""
    return item is not None and item != "water" and bool(agent.look().resource_patches(item))


def widest(agent: Agent) -> str:
    """Return the direction in which the map goes on furthest."""
    (left, top), (right, bottom) = agent.look().area
    x, y = agent.position
    room = {"east": right - x, "west": x - left, "south": bottom - y, "north": y - top}
    return max(room, key=lambda name: room[name])


def stride_on(agent: Agent, heading: tuple[float, float], tiles: float) -> bool:
    """Walk on in a direction, round what is in the way; return whether any way was made."""
    (left, top), (right, bottom) = agent.look().area
    x, y = agent.position
    for share in (1.0, 0.75, 0.5, 1.25):
        goal = (x + heading[0] * tiles * share, y + heading[1] * tiles * share)
        goal = (
            min(max(goal[0], left + EDGE_TILES), right - EDGE_TILES),
            min(max(goal[1], top + EDGE_TILES), bottom - EDGE_TILES),
        )
        if math.dist(goal, (x, y)) < 1:
            continue
        try:
            agent.walk_to(goal, NEAR_TILES)
        except SkillError as error:
            if error.status != SkillStatus.FAILED:
                raise
            continue
        return True
    return False
