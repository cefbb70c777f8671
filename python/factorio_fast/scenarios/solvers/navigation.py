"""Walking: the shortest way over the tiles in view, and the move that follows it."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from factorio_fast.scenarios.solvers.view import Tile, View

__all__ = ["Navigator", "find_path", "move_toward"]

_STEPS = ((0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1))
"""The moves 1 to 8 as tiles east and south."""
_DIAGONAL = math.sqrt(2.0)
_MAX_EXPANSIONS = 1024
"""Tiles that a search looks at: those of the local map."""
_REPLAN_TILES = 6
"""A way is looked for again after so many tiles, since the map has scrolled meanwhile."""
_AHEAD_TILES = 8
"""Tiles of the way that are looked at for the next move."""
_PASSED_TILES = 0.75
"""A tile whose middle is this near has been reached: it is no longer aimed at."""
_AIM_SHARE = 0.75
"""Nearer than this share of a stride a tile is not aimed at: the stride would lead past it."""
_STRAIGHT_SHARE = 0.4
"""Below this share of the longer axis the shorter one is not walked: the move is straight."""
_STUCK_STEPS = 2
"""Steps without getting anywhere before a detour is tried."""
_DETOUR_STEPS = 3
"""Steps that a detour takes."""


def find_path(view: View, goal: Tile) -> list[Tile]:
    """Find the shortest way from the character's tile to `goal`, or to the edge of the map in view.

    Returns:
        The tiles to walk over, without the first; empty if there is no way.
    """
    start = view.tile
    came_from: dict[Tile, Tile] = {}
    costs = {start: 0.0}
    queue = [(_octile(start, goal), start)]
    closed: set[Tile] = set()
    for _ in range(_MAX_EXPANSIONS):
        if not queue:
            break
        _, tile = heapq.heappop(queue)
        if tile in closed:
            continue
        if tile == goal or not view.is_seen(tile):
            return _unwind(came_from, tile)
        closed.add(tile)
        for dx, dy in _STEPS:
            near = (tile[0] + dx, tile[1] + dy)
            if near in closed or (near != goal and view.is_blocked(near)):
                continue
            is_diagonal = dx != 0 and dy != 0
            # Corners are not cut: the character is too wide to pass between two diagonal tiles.
            if is_diagonal and (
                view.is_blocked((tile[0] + dx, tile[1])) or view.is_blocked((tile[0], tile[1] + dy))
            ):
                continue
            cost = costs[tile] + (_DIAGONAL if is_diagonal else 1.0)
            if cost < costs.get(near, math.inf):
                costs[near] = cost
                came_from[near] = tile
                heapq.heappush(queue, (cost + _octile(near, goal), near))
    return []


def _octile(tile: Tile, goal: Tile) -> float:
    dx, dy = abs(tile[0] - goal[0]), abs(tile[1] - goal[1])
    return max(dx, dy) + (_DIAGONAL - 1.0) * min(dx, dy)


def _unwind(came_from: dict[Tile, Tile], tile: Tile) -> list[Tile]:
    path = []
    while tile in came_from:
        path.append(tile)
        tile = came_from[tile]
    return path[::-1]


def move_toward(dx: float, dy: float) -> int:
    """Return the move, 0 to 8, that leads nearest to `dx` tiles east and `dy` tiles south."""
    longer = max(abs(dx), abs(dy))
    if longer == 0:
        return 0
    east = 0 if abs(dx) < _STRAIGHT_SHARE * longer else int(math.copysign(1, dx))
    south = 0 if abs(dy) < _STRAIGHT_SHARE * longer else int(math.copysign(1, dy))
    return 1 + _STEPS.index((east, south))


class Navigator:
    """Leads the character to places, step by step."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget where the character was going."""
        self._goal: Tile | None = None
        self._path: list[Tile] = []
        self._planned_at: Tile = (0, 0)
        self._last: tuple[float, float] | None = None
        self._stride = 0.0
        self._n_stuck = 0
        self._detour: list[int] = []
        self._n_detours = 0

    def move(self, view: View, goal: tuple[float, float]) -> int:
        """Return the next move toward a place, whose own tile may be blocked."""
        goal_tile = (math.floor(goal[0]), math.floor(goal[1]))
        self._note_progress(view)
        if self._detour:
            return self._legal(view, self._detour.pop())
        if self._must_plan(view, goal_tile):
            self._goal, self._planned_at = goal_tile, view.tile
            self._path = find_path(view, goal_tile)
        x, y = self._aim(view) or goal
        return self._legal(view, move_toward(x - view.x, y - view.y))

    def _must_plan(self, view: View, goal: Tile) -> bool:
        moved = max(
            abs(view.tile[0] - self._planned_at[0]), abs(view.tile[1] - self._planned_at[1])
        )
        return (
            goal != self._goal
            or moved >= _REPLAN_TILES
            or any(view.is_blocked(tile) for tile in self._path[:_REPLAN_TILES])
            or (not self._path and view.tile != goal)
        )

    def _aim(self, view: View) -> tuple[float, float] | None:
        """Return the place on the way that lies about a stride ahead."""
        gaps = [
            math.hypot(x + 0.5 - view.x, y + 0.5 - view.y) for x, y in self._path[:_AHEAD_TILES]
        ]
        if not gaps:
            return None
        n_passed = gaps.index(min(gaps)) + (min(gaps) < _PASSED_TILES)
        n_passed = min(n_passed, len(gaps) - 1)
        del self._path[:n_passed], gaps[:n_passed]
        far_enough = (i for i, gap in enumerate(gaps) if gap >= _AIM_SHARE * self._stride)
        x, y = self._path[next(far_enough, len(gaps) - 1)]
        return x + 0.5, y + 0.5

    def _note_progress(self, view: View) -> None:
        is_stuck = (view.x, view.y) == self._last
        if self._last is not None:
            # How far a step leads depends on the scenario's frequency: it is learnt by walking.
            walked = math.hypot(view.x - self._last[0], view.y - self._last[1])
            self._stride = max(self._stride, walked)
        self._n_stuck = self._n_stuck + 1 if is_stuck else 0
        self._last = (view.x, view.y)
        if self._n_stuck >= _STUCK_STEPS:
            # Each detour sets out two eighths further round than the one before.
            self._n_stuck = 0
            self._n_detours += 1
            self._detour = [1 + (2 * self._n_detours) % 8] * _DETOUR_STEPS
            self._path = []

    def _legal(self, view: View, move: int) -> int:
        """Return the move, or the nearest one that the mask allows."""
        if view.may_move(move):
            return move
        for turn in (1, -1, 2, -2, 3, -3, 4):
            other = 1 + (move - 1 + turn) % 8
            if view.may_move(other):
                return other
        return 0
