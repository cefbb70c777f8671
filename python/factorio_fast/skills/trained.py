"""What networks are told to do in a session: goals that lead to the end of a skill, one by one."""

from __future__ import annotations

import functools
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast.planning.plan import Placement
from factorio_fast.scenarios import ScenarioManager
from factorio_fast.skills.experts.building import turns_matter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from factorio_fast._core import World
    from factorio_fast.coordination.watched import WatchedSession
    from factorio_fast.skills.network import SkillNetwork

__all__ = [
    "BUILT_IN_TRAINING",
    "build",
    "dig",
    "open_play_palette",
    "reason_against_building",
    "reason_against_digging",
    "walk",
]

LEG_TILES = 16.0
"""A way is shown in legs of this length, so that the network need not see round lakes."""
LEG_RADIUS_TILES = 2.0
STEPS_PER_TILE = 12
"""Steps that a tile of a way may take: a step of three ticks walks 0.45 tiles."""
STEPS_SPARE = 60
DIGGING_TILES = 12.0
"""The network that digs walks this far by itself; the one that walks goes the rest."""
MAX_DUG = 50
"""More of an ore than this is not dug by hand."""
STEPS_PER_ORE = 80
"""An ore takes 40 steps without bonuses."""
DUG_BY_HAND = frozenset({"coal", "copper-ore", "iron-ore", "stone"})
BUILT_IN_TRAINING = frozenset(
    {
        "assembling-machine-1",
        "burner-inserter",
        "burner-mining-drill",
        "inserter",
        "iron-chest",
        "small-electric-pole",
        "stone-furnace",
        "transport-belt",
        "wooden-chest",
    }
)
"""What `construction_skill` lets a network build."""
BUILDS_AT_ONCE = 12
"""Ghosts that are shown at a time: training shows at most 14."""
STEPS_PER_BUILD = 60
MAX_BUILDS = 64
"""A longer blueprint is left to the expert."""
SITE_TILES = 4.0

Position = tuple[float, float]


@functools.cache
def open_play_palette() -> tuple[str, ...]:
    """Return the palette of the scenario that skills are made for."""
    return tuple(ScenarioManager().get("open_play").palette)


def walk(
    network: SkillNetwork, session: WatchedSession, target: Position, reach: float
) -> str | None:
    """Walk to within `reach` tiles of a target; say why not, or None."""
    here = session.character()["position"]
    if math.dist(here, target) <= reach:
        return None
    path = session.find_path(target, reach)
    if path is None:
        return "there is no way"
    last, legs = here, []
    for waypoint in path[:-1]:
        if math.dist(last, waypoint) >= LEG_TILES:
            legs.append((waypoint, LEG_RADIUS_TILES))
            last = waypoint
    # The last waypoint is within reach of the target, which may itself be covered.
    legs.append((path[-1] if path else target, 0.75))
    for goal, radius in legs:
        way = math.dist(session.character()["position"], goal)
        session.set_goal({"waypoint": goal, "radius": radius})

        def is_there(goal: Position = goal, radius: float = radius) -> bool:
            position = session.character()["position"]
            return math.dist(position, target) <= reach or math.dist(position, goal) <= radius

        n_steps = STEPS_SPARE + int(way * STEPS_PER_TILE)
        if not network.drive(session, is_reached=is_there, max_steps=n_steps):
            return f"the network did not come to {_text(goal)} in {n_steps} steps"
    session.step_commands([("walk", None)])
    left = math.dist(session.character()["position"], target)
    # The path ends where a tile's middle is within reach; a step may end a little farther away.
    return None if left <= reach + 1 else f"the network ended {left:.1f} tiles away"


def reason_against_digging(session: WatchedSession, items: Mapping[str, int]) -> str | None:
    """Say why a network should not gather items, if there is a reason."""
    if len(items) != 1:
        return "the network digs one ore at a time"
    ((item, count),) = items.items()
    if item not in DUG_BY_HAND:
        return f"no network was trained to gather {item}"
    lacking = count - session.character()["inventory"].get(item, 0)
    if lacking > MAX_DUG:
        return f"the network digs at most {MAX_DUG} ore, not {lacking}"
    if _own_machines(session.look()):
        return "machines may have it ready"
    return None


def dig(network: SkillNetwork, session: WatchedSession, item: str, count: int) -> str | None:
    """Dig an ore by hand until so many are carried; say why not, or None."""

    def held() -> int:
        carried: int = session.character()["inventory"].get(item, 0)
        return carried

    lacking = count - held()
    if lacking <= 0:
        return None
    world = session.look()
    here = session.character()["position"]
    tiles = [tile for patch in world.resource_patches(item)[:4] for tile, _ in patch.tiles]
    if not tiles:
        return f"no {item} is known"
    nearest = min(tiles, key=lambda tile: math.dist(tile, here))
    if math.dist(nearest, here) > DIGGING_TILES:
        return f"{item} is {math.dist(nearest, here):.0f} tiles away"
    made = world.production().items_made.get(item, 0)
    sites = sorted(tiles, key=lambda tile: math.dist(tile, nearest))[:16]
    session.set_goal({"mine": {item: made + lacking}, "sites": sites})
    n_steps = STEPS_SPARE + int(DIGGING_TILES * STEPS_PER_TILE) + lacking * STEPS_PER_ORE
    is_dug = network.drive(
        session,
        is_reached=lambda: held() >= count,
        max_steps=n_steps,
        interacts=("none", "mine"),
    )
    session.step_commands([("stop-mining",), ("walk", None)])
    return None if is_dug else f"the network dug {held()} of {count} {item} in {n_steps} steps"


def reason_against_building(session: WatchedSession, blueprint: Iterable[Any]) -> str | None:
    """Say why a network should not build a blueprint, if there is a reason."""
    parts = placements(blueprint)
    if len(parts) > MAX_BUILDS:
        return f"the network builds at most {MAX_BUILDS} entities, not {len(parts)}"
    unknown = sorted({part.entity for part in parts} - BUILT_IN_TRAINING)
    if unknown:
        return f"no network was trained to build {', '.join(unknown)}"
    if any(part.recipe is not None for part in parts):
        return "the network sets no recipes"
    left = [part for part in parts if not _stands(session.look(), part)]
    lacking = Counter(part.entity for part in left) - Counter(session.character()["inventory"])
    return f"{dict(lacking)} not carried" if lacking else None


def build(network: SkillNetwork, session: WatchedSession, blueprint: Iterable[Any]) -> str | None:
    """Build a blueprint, some ghosts at a time; say why not, or None."""
    world = session.look()
    left = [part for part in placements(blueprint) if not _stands(world, part)]
    for start in range(0, len(left), BUILDS_AT_ONCE):
        some = left[start : start + BUILDS_AT_ONCE]
        reason = _build_some(network, session, some)
        if reason is not None:
            return reason
    return None


def _build_some(
    network: SkillNetwork, session: WatchedSession, parts: Sequence[Placement]
) -> str | None:
    session.step_commands([("ghost", part.entity, part.position, part.direction) for part in parts])
    refused = [reason for reason in session.refusals() if reason is not None]
    session.set_goal(
        {"blueprint": [(part.entity, part.position, part.direction) for part in parts]}
    )
    wanted = {part.position: part for part in parts}

    def is_built() -> bool:
        # Looking copies the world: only after something left the hands is there anything to see.
        if sum(session.character()["inventory"].values()) == is_built_at[0]:
            return False
        is_built_at[0] = sum(session.character()["inventory"].values())
        world = session.look()
        for position in [key for key, part in wanted.items() if _stands(world, part)]:
            del wanted[position]
        return not wanted

    is_built_at = [sum(session.character()["inventory"].values())]
    here = session.character()["position"]
    way = max(math.dist(here, part.position) for part in parts)
    n_steps = STEPS_SPARE + int(way * STEPS_PER_TILE) + len(parts) * STEPS_PER_BUILD
    is_done = not refused and network.drive(
        session, is_reached=is_built, max_steps=n_steps, interacts=("none", "build")
    )
    if not is_done:
        places = {part.position for part in parts}
        left = [unit for unit, _, position, _ in session.look().ghosts() if position in places]
        session.step_commands([("walk", None), *(("remove-ghost", unit) for unit in left)])
        if refused:
            return f"a ghost was refused: {refused[0]}"
        return f"{len(wanted)} of {len(parts)} entities did not stand after {n_steps} steps"
    session.step_commands([("walk", None)])
    return None


def placements(blueprint: Iterable[Any]) -> list[Placement]:
    """Return a blueprint's entries, which may come from JSON."""
    return [
        part if isinstance(part, Placement) else Placement.model_validate(part)
        for part in blueprint
    ]


def _stands(world: World, part: Placement) -> bool:
    x, y = part.position
    for entity in world.entities(part.entity, ((x - 0.1, y - 0.1), (x + 0.1, y + 0.1))):
        return math.dist(entity.position, part.position) < 0.01 and (  # noqa: PLR2004
            entity.direction == part.direction or not turns_matter(part.entity)
        )
    return False


def _own_machines(world: World) -> bool:
    names = ("burner-mining-drill", "electric-mining-drill", "wooden-chest", "iron-chest")
    return any(world.entities(name) for name in names)


def _text(position: Position) -> str:
    return f"({position[0]:.1f}, {position[1]:.1f})"
