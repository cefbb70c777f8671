"""Which tiles things stand on, and where inserters and drills take from and drop to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from factorio_fast.semantic.facts import entity_facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factorio_fast.semantic.state import EntityState

__all__ = ["STEPS", "Tile", "Tiles", "drop_point", "left_of", "opposite", "pickup_point", "tile_of"]

Tile = tuple[int, int]
Point = tuple[float, float]

STEPS: dict[str, Tile] = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}
"""A step in tiles in each direction that an entity may face; y goes to the south."""


def opposite(step: Tile) -> Tile:
    """Return the step back."""
    return -step[0], -step[1]


def left_of(step: Tile) -> Tile:
    """Return the step to the left of a step."""
    return step[1], -step[0]


def tile_of(point: Point) -> Tile:
    """Return the tile of a point."""
    return math.floor(point[0]), math.floor(point[1])


def _turned(vector: Point, direction: str) -> Point:
    """Turn a vector that holds for north."""
    x, y = vector
    return {"east": (-y, x), "south": (-x, -y), "west": (y, -x)}.get(direction, (x, y))


def _offset(entity: EntityState, vector: Point) -> Point:
    x, y = _turned(vector, entity.direction)
    return entity.position[0] + x, entity.position[1] + y


def pickup_point(inserter: EntityState) -> Point:
    """Return where an inserter takes from; it faces that."""
    x, y = entity_facts(inserter.name)["pickup_position"]
    return _offset(inserter, (x, y))


def drop_point(entity: EntityState) -> Point | None:
    """Return where an inserter or a drill drops, None for a drill that yields a fluid."""
    facts = entity_facts(entity.name)
    vector = facts.get("insert_position") or facts.get("vector_to_place_result")
    return None if vector is None else _offset(entity, (vector[0], vector[1]))


class Tiles:
    """The entity on every tile that is built upon."""

    def __init__(self, entities: Iterable[EntityState]) -> None:
        self._units: dict[Tile, EntityState] = {}
        for entity in entities:
            for tile in covered(entity):
                self._units[tile] = entity

    def at(self, tile: Tile) -> EntityState | None:
        """Return what stands on a tile."""
        return self._units.get(tile)


def covered(entity: EntityState) -> list[Tile]:
    """List the tiles that an entity covers."""
    facts = entity_facts(entity.name)
    width, height = int(facts.get("tile_width", 1)), int(facts.get("tile_height", 1))
    if entity.direction in {"east", "west"}:
        width, height = height, width
    left = round(entity.position[0] - width / 2)
    top = round(entity.position[1] - height / 2)
    return [(left + x, top + y) for y in range(height) for x in range(width)]
