"""A plan's layout drawn into the world that it is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factorio_fast.errors import FactorioFastError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factorio_fast._core import World
    from factorio_fast.envs.session import Session
    from factorio_fast.planning.plan import Placement

__all__ = ["drawn_world", "plan_area"]

GHOSTS_AT_ONCE = 200
"""A step takes at most 256 commands."""

Area = tuple[tuple[float, float], tuple[float, float]]


def drawn_world(session: Session, blueprint: Sequence[Placement]) -> World:
    """Return a copy of the session's world with the layout in it.

    Of an embedded session the layout is drawn as ghosts, of others as if it stood; what has no
    room, such as on a tree that would be taken away first, is left out.
    """
    fork: Any = getattr(session, "fork", None)
    if callable(fork):
        twin: Session = fork()
        for start in range(0, len(blueprint), GHOSTS_AT_ONCE):
            some = blueprint[start : start + GHOSTS_AT_ONCE]
            twin.step_commands(
                [("ghost", part.entity, part.position, part.direction) for part in some]
            )
        return twin.look()
    world = session.look()
    for part in blueprint:
        try:
            world.place(part.entity, part.position, part.direction)
        except FactorioFastError:
            continue
    return world


def plan_area(world: World, blueprint: Sequence[Placement], *, margin: int, longest: int) -> Area:
    """Return the area of a layout and of the character, if that is not too far away."""
    positions = [part.position for part in blueprint] or [world.character.position]
    here = world.character.position
    joined = [*positions, here]
    if _side(joined) + 2 * margin <= longest:
        positions = joined
    xs, ys = [x for x, _ in positions], [y for _, y in positions]
    (left, top), (right, bottom) = world.area
    west, east = _span(min(xs), max(xs), margin, longest, (left, right))
    north, south = _span(min(ys), max(ys), margin, longest, (top, bottom))
    return (west, north), (east, south)


def _side(positions: list[tuple[float, float]]) -> float:
    xs, ys = [x for x, _ in positions], [y for _, y in positions]
    return max(max(xs) - min(xs), max(ys) - min(ys))


def _span(
    low: float, high: float, margin: int, longest: int, limits: tuple[int, int]
) -> tuple[int, int]:
    begin, end = int(low) - margin, int(high) + margin + 1
    if end - begin > longest:
        middle = (begin + end) // 2
        begin, end = middle - longest // 2, middle + longest // 2
    return max(begin, limits[0]), min(end, limits[1])
