"""The ground of a world as grids, for whoever looks for building sites.

Tiles are addressed by their north-western corner; arrays have the axes (y, x).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from factorio_fast import prototypes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from factorio_fast._core import ResourcePatch, World

__all__ = ["SCENERY_TYPES", "Terrain", "Tile"]

Tile = tuple[int, int]

UNBUILDABLE, UNWALKABLE, ENTITY, RESOURCE, GHOST, WATER = 1, 2, 4, 8, 16, 32
"""The bits of `World.tiles`."""

SCENERY_TYPES = ("tree", "simple-entity")
"""What stands in the way but can be taken away by hand."""

EDGE_TILES = 4
"""Nothing is planned this near to the edge of the map."""


class Terrain:
    """What lies where, and what is planned where.

    Args:
        world: the world as it is known.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        (self.left, self.top), (self.right, self.bottom) = world.area
        bits = world.tiles(world.area)
        self.water: NDArray[np.bool_] = (bits & WATER) != 0
        self.ore: NDArray[np.bool_] = (bits & RESOURCE) != 0
        self.scenery: NDArray[np.bool_] = np.zeros_like(self.water)
        for name in scenery_names():
            for entity in world.entities(name):
                for x, y in _covered(name, entity.position):
                    if self.holds((x, y)):
                        self.scenery[y - self.top, x - self.left] = True
        # Where nothing can be built, even if trees and rocks are taken away.
        self.blocked: NDArray[np.bool_] = ((bits & (UNBUILDABLE | GHOST)) != 0) | (
            ((bits & ENTITY) != 0) & ~self.scenery
        )
        edge = EDGE_TILES
        self.blocked[:edge] = self.blocked[-edge:] = True
        self.blocked[:, :edge] = self.blocked[:, -edge:] = True
        self._ores: dict[str, NDArray[np.int64]] = {}
        self._patches: dict[str, list[ResourcePatch]] = {}

    def holds(self, tile: Tile) -> bool:
        """Whether a tile is on the map."""
        return self.left <= tile[0] < self.right and self.top <= tile[1] < self.bottom

    def index(self, tile: Tile) -> tuple[int, int]:
        """Return the place of a tile in the arrays."""
        return tile[1] - self.top, tile[0] - self.left

    def is_free(self, tile: Tile) -> bool:
        """Whether a tile can be built on, trees and rocks apart."""
        x, y = tile
        return (
            self.left <= x < self.right
            and self.top <= y < self.bottom
            and not self.blocked[y - self.top, x - self.left]
        )

    def claim(self, tiles: Iterable[Tile]) -> None:
        """Plan something on tiles."""
        for tile in tiles:
            self.blocked[self.index(tile)] = True

    def release(self, tiles: Iterable[Tile]) -> None:
        """Take back a claim."""
        for tile in tiles:
            self.blocked[self.index(tile)] = False

    def amounts(self, resource: str) -> NDArray[np.int64]:
        """Return how much of a resource lies on each tile; int64; axes (y, x)."""
        if resource not in self._ores:
            grid = np.zeros(self.water.shape, np.int64)
            for patch in self.patches(resource):
                for (x, y), amount in patch.tiles:
                    grid[math.floor(y) - self.top, math.floor(x) - self.left] = amount
            self._ores[resource] = grid
        return self._ores[resource]

    def patches(self, resource: str) -> list[ResourcePatch]:
        """List the patches of a resource, nearest to the spawn point first."""
        if resource not in self._patches:
            self._patches[resource] = self.world.resource_patches(resource)
        return self._patches[resource]

    def can_place(self, name: str, position: tuple[float, float], direction: str) -> bool:
        """Whether the world itself would let an entity be built there now."""
        return self.world.can_place(name, position, direction)


def scenery_names() -> tuple[str, ...]:
    """List the entities that stand in the way but can be taken away by hand."""
    return _SCENERY


def _find_scenery() -> tuple[str, ...]:
    found = []
    for name in prototypes.names("entity"):
        facts = prototypes.get("entity", name)
        if facts["type"] in SCENERY_TYPES and facts.get("minable"):
            found.append(name)
    return tuple(found)


_SCENERY = _find_scenery()


def _covered(name: str, position: tuple[float, float]) -> list[Tile]:
    """List the tiles that the collision box of a tree or rock touches."""
    box = _BOXES.get(name)
    if box is None:
        (x0, y0), (x1, y1) = prototypes.get("entity", name)["collision_box"]
        box = _BOXES[name] = (x0, y0, x1, y1)
    x, y = position
    return [
        (column, row)
        for column in range(math.floor(x + box[0]), math.floor(x + box[2]) + 1)
        for row in range(math.floor(y + box[1]), math.floor(y + box[3]) + 1)
    ]


_BOXES: dict[str, tuple[float, float, float, float]] = {}
