"""Pipes: ways for fluids between machines, above and below the ground.

A pipe joins whatever stands beside it, so those of one fluid keep clear of those of another and of
connections that are not theirs. Long ways go underground, which leaves room to walk.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from factorio_fast import prototypes
from factorio_fast.plays.errors import PlayError
from factorio_fast.plays.site import Cell, Part

if TYPE_CHECKING:
    from factorio_fast.plays.site import Site, Tile

__all__ = ["Pipes", "ports"]

STEPS = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}
OPPOSITE = {"north": "south", "east": "west", "south": "north", "west": "east"}
QUARTERS = {"north": 0, "east": 1, "south": 2, "west": 3}
UNDERGROUND_TILES = 10
"""From one end of an underground pipe to the other, at most (Factorio 2.0.77 prototype data)."""

UNDERGROUND_COST = 4.0
"""What a pair of underground ends costs against one pipe."""


def ports(part: Part) -> dict[str, Tile]:
    """Return the tile before each fluid connection that the recipe of a machine uses, by fluid.

    Ingredients and results take the machine's boxes in order, unless the recipe names the box.
    """
    if part.recipe is None:
        raise PlayError(f"{part.item} at {part.x}, {part.y} has no recipe")
    boxes = prototypes.get("entity", part.item)["fluid_boxes"]
    found: dict[str, Tile] = {}
    for side, kind in (("ingredients", "input"), ("results", "output")):
        of_kind = [box for box in boxes if box["production_type"] == kind]
        for fluid, index in box_numbers(part.recipe, side):
            found[fluid] = front_of(part, of_kind[index]["pipe_connections"][0])
    return found


def all_ports(part: Part) -> list[Tile]:
    """Return the tile in front of every fluid connection of a machine, used or not."""
    boxes = prototypes.get("entity", part.item).get("fluid_boxes", [])
    return [front_of(part, link) for box in boxes for link in box["pipe_connections"]]


def box_numbers(recipe: str, side: str) -> list[tuple[str, int]]:
    """Return each fluid of a side of a recipe with the number of the box that it takes, from 0."""
    parts = prototypes.get("recipe", recipe)[side]
    fluids = [part for part in parts if part["type"] == "fluid"]
    return [
        (part["name"], part.get("fluidbox_index", place + 1) - 1)
        for place, part in enumerate(fluids)
    ]


def front_of(part: Part, link: dict[str, Any]) -> Tile:
    """Return the tile in front of a connection of a part."""
    x, y = link["position"]
    dx, dy = STEPS[{0: "north", 4: "east", 8: "south", 12: "west"}[link["direction"]]]
    x, y = x + dx, y + dy
    for _ in range(QUARTERS[part.direction]):
        x, y = -y, x
    return math.floor(part.x + x), math.floor(part.y + y)


@dataclass
class Pipes:
    """All pipes of a plan."""

    site: Site
    bounds: tuple[Tile, Tile]
    """What pipes may use of the map: the north-western tile, and the one past the last."""
    net_of: dict[Tile, str] = field(default_factory=dict)
    """The net of every tile with a pipe above ground."""
    open_ends: dict[Tile, str] = field(default_factory=dict)
    """Tiles that something opens on to, with the net that may stand there; "" for none."""
    below: set[tuple[Tile, bool]] = field(default_factory=set)
    """Tiles with an underground pipe through or into them, and whether it runs east to west."""

    def keep_clear(self, part: Part) -> None:
        """Note the connections of a machine: only the fluid that each is for may come there."""
        for tile in all_ports(part):
            self.open_ends.setdefault(tile, "")
        for fluid, tile in ports(part).items():
            self.open_ends[tile] = fluid

    def connect(self, net: str, tile: Tile) -> Cell:
        """Plan the way from a tile to the net, or begin the net there.

        Raises:
            PlayError: there is no way.
        """
        members = {place for place, name in self.net_of.items() if name == net}
        if tile in members:
            return Cell(net, ())
        if not self.may_stand(tile, net):
            raise PlayError(f"no pipe of {net} can stand at {tile}")
        if not members:
            return self.lay(net, [(None, tile)])
        return self.lay(net, self.way(net, tile, members))

    def way(self, net: str, start: Tile, goals: set[Tile]) -> list[tuple[Tile | None, Tile]]:
        """Find the cheapest way from a tile to any of the goals as (from, to) moves."""
        best = {start: 0.0}
        came: dict[Tile, Tile | None] = {start: None}
        queue = [(0.0, start)]
        while queue:
            cost, tile = heapq.heappop(queue)
            if cost > best[tile]:
                continue
            if tile in goals:
                return trace(came, tile)
            back = came[tile]
            for step_cost, after in self.moves(net, tile, goals):
                # Where an underground pipe came up, its end is in the way back.
                if back is not None and is_between(after, back, tile):
                    continue
                if cost + step_cost < best.get(after, float("inf")):
                    best[after] = cost + step_cost
                    came[after] = tile
                    heapq.heappush(queue, (cost + step_cost, after))
        raise PlayError(f"no way for {net} from {start}")

    def moves(self, net: str, tile: Tile, goals: set[Tile]) -> list[tuple[float, Tile]]:
        """List where a pipe may go on from a tile, with the cost."""
        found = []
        for dx, dy in STEPS.values():
            after = (tile[0] + dx, tile[1] + dy)
            if after in goals or self.may_stand(after, net):
                found.append((1.0, after))
            if not self.may_dive(after):
                continue
            crosswise = dy == 0
            for length in range(1, UNDERGROUND_TILES + 1):
                end = (after[0] + dx * length, after[1] + dy * length)
                if (end, crosswise) in self.below:
                    break
                beyond = (end[0] + dx, end[1] + dy)
                if self.may_dive(end) and (beyond in goals or self.may_stand(beyond, net)):
                    found.append((UNDERGROUND_COST + 0.01 * length, beyond))
        return found

    def may_dive(self, tile: Tile) -> bool:
        """Whether an end of an underground pipe may stand on a tile."""
        return (
            self.is_inside(tile)
            and tile not in self.site.taken
            and tile not in self.open_ends
            and (tile, True) not in self.below
            and (tile, False) not in self.below
        )

    def may_stand(self, tile: Tile, net: str) -> bool:
        """Whether a pipe of a net may stand on a tile."""
        if not self.is_inside(tile) or tile in self.site.taken:
            return False
        if self.open_ends.get(tile, net) != net:
            return False
        beside = ((tile[0] + dx, tile[1] + dy) for dx, dy in STEPS.values())
        return all(self.net_of.get(place, net) == net for place in beside)

    def is_inside(self, tile: Tile) -> bool:
        """Whether pipes may use a tile at all."""
        (left, top), (right, bottom) = self.bounds
        return left <= tile[0] < right and top <= tile[1] < bottom

    def lay(self, net: str, way: list[tuple[Tile | None, Tile]]) -> Cell:
        """Take the tiles of a way and return its pipes."""
        parts = []
        for before, tile in way:
            if before is not None and abs(tile[0] - before[0]) + abs(tile[1] - before[1]) > 1:
                parts += self.dive(before, tile)
            if tile not in self.net_of:
                self.net_of[tile] = net
                self.site.taken.add(tile)
                parts.append(Part("pipe", tile[0] + 0.5, tile[1] + 0.5))
        return Cell(net, tuple(parts))

    def dive(self, before: Tile, after: Tile) -> list[Part]:
        """Plan the two ends of an underground pipe between two pipes."""
        dx = (after[0] > before[0]) - (after[0] < before[0])
        dy = (after[1] > before[1]) - (after[1] < before[1])
        heading = next(name for name, step in STEPS.items() if step == (dx, dy))
        first, last = (before[0] + dx, before[1] + dy), (after[0] - dx, after[1] - dy)
        length = abs(last[0] - first[0]) + abs(last[1] - first[1])
        for step in range(length + 1):
            self.below.add(((first[0] + dx * step, first[1] + dy * step), dy == 0))
        self.site.taken |= {first, last}
        return [
            Part("pipe-to-ground", first[0] + 0.5, first[1] + 0.5, OPPOSITE[heading]),
            Part("pipe-to-ground", last[0] + 0.5, last[1] + 0.5, heading),
        ]


def is_between(tile: Tile, first: Tile, last: Tile) -> bool:
    """Whether a tile lies on the straight way from one tile to another, ends included."""
    xs, ys = sorted((first[0], last[0])), sorted((first[1], last[1]))
    return xs[0] <= tile[0] <= xs[1] and ys[0] <= tile[1] <= ys[1]


def trace(came: dict[Tile, Tile | None], end: Tile) -> list[tuple[Tile | None, Tile]]:
    """Return the moves that lead to a tile, first to last."""
    moves: list[tuple[Tile | None, Tile]] = []
    tile: Tile | None = end
    while tile is not None:
        moves.append((came[tile], tile))
        tile = came[tile]
    return moves[::-1]
