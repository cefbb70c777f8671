"""Where on a map the place of a goal is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from factorio_fast.planning.names import machine_names, resource_names
from factorio_fast.planning.places import HEADINGS
from factorio_fast.planning.terrain import WATER, scenery_names

if TYPE_CHECKING:
    from factorio_fast._core import World
    from factorio_fast.planning.places import Place

__all__ = ["PlaceError", "base_middle", "locate"]

Position = tuple[float, float]

DEFAULT_DISTANCE_TILES = 20.0


class PlaceError(Exception):
    """A place that is not on the known map; the message says what is missing."""


def locate(world: World, place: Place | None, *, default: Position | None = None) -> Position:
    """Return the position that a place means now.

    Raises:
        PlaceError: what it is near is not known, or it is off the map.
    """
    if place is None:
        return default if default is not None else world.character.position
    if place.kind == "here":
        return world.character.position
    if place.kind == "at" and place.position is not None:
        return on_map(world, place.position)
    middle = landmark(world, place.target or "base")
    if place.direction is None:
        return middle
    dx, dy = HEADINGS[place.direction]
    distance = place.distance_tiles or DEFAULT_DISTANCE_TILES
    return on_map(world, (middle[0] + dx * distance, middle[1] + dy * distance))


def on_map(world: World, position: Position) -> Position:
    """Return a position if the map has it.

    Raises:
        PlaceError: it does not.
    """
    (left, top), (right, bottom) = world.area
    if not (left <= position[0] < right and top <= position[1] < bottom):
        raise PlaceError(f"({position[0]:g}, {position[1]:g}) is not on the map {world.area}")
    return position


def landmark(world: World, target: str) -> Position:
    """Return the position of what a place is near."""
    here = world.character.position
    if target == "character":
        return here
    if target == "spawn":
        return 0.5, 0.5
    if target == "base":
        return base_middle(world) or here
    if target == "water":
        return nearest_water(world, here)
    if target in resource_names():
        patches = world.resource_patches(target)
        if not patches:
            raise PlaceError(f'no "{target}" is on the known map; explore first')
        return min((patch.position for patch in patches), key=lambda at: math.dist(at, here))
    names: tuple[str, ...] = (target,)
    if target == "nest":
        names = ("biter-spawner", "spitter-spawner")
    elif target in {"trees", "rocks"}:
        names = tuple(name for name in scenery_names() if ("rock" in name) == (target == "rocks"))
    found = [entity.position for name in names for entity in world.entities(name)]
    if not found:
        raise PlaceError(f'no "{target}" is on the known map')
    return min(found, key=lambda at: math.dist(at, here))


def base_middle(world: World) -> Position | None:
    """Return the middle of what has been built, None where nothing is."""
    built = [
        entity.position
        for name in machine_names()
        if "belt" not in name
        for entity in world.entities(name)
    ]
    if not built:
        return None
    return (
        sum(x for x, _ in built) / len(built),
        sum(y for _, y in built) / len(built),
    )


def nearest_water(world: World, here: Position) -> Position:
    """Return the middle of the nearest tile of water."""
    (left, top), _ = world.area
    rows, columns = np.nonzero(world.tiles(world.area) & WATER)
    if not len(rows):
        raise PlaceError("no water is on the known map; explore first")
    gaps = np.hypot(columns + left + 0.5 - here[0], rows + top + 0.5 - here[1])
    best = int(gaps.argmin())
    return float(columns[best]) + left + 0.5, float(rows[best]) + top + 0.5
