"""Plans of what takes few tasks: walking, gathering, crafting, handing over, turrets."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast.coordination.tasks import SkillTask
from factorio_fast.planning.cells import Part, Turn, footprint, size_of
from factorio_fast.planning.factory import FactoryPlanner
from factorio_fast.planning.goals import (
    ClearArea,
    ConnectBelt,
    ConnectPower,
    Craft,
    Defend,
    Explore,
    Gather,
    Insert,
    MoveTo,
    PlaceEntity,
    Remove,
    SetRecipe,
    Take,
    Transfer,
    Wait,
)
from factorio_fast.planning.layout import STEPS, LayoutError
from factorio_fast.planning.locate import base_middle, locate
from factorio_fast.plays.recipes import can_craft, recipe_of, shortages

if TYPE_CHECKING:
    from factorio_fast._core import Entity
    from factorio_fast.planning.draft import Draft
    from factorio_fast.planning.goals import (
        AnyGoal,
    )

__all__ = ["plan_simple", "plan_trigger"]

Position = tuple[float, float]

DEFAULT_GATHERED = 50
DEFAULT_HANDED = 10
DEFAULT_CLEAR_TILES = 16
DEFAULT_TURRETS = 4
MAGAZINES_PER_TURRET = 10
TURRET_TILES = 10.0
"""How far turrets stand from the middle of what they defend."""
WALK_SECONDS = 300.0
NO_TURN = Turn()
OPPOSITE = {"north": "south", "south": "north", "east": "west", "west": "east"}
HAND_SECONDS = 300.0


def plan_simple(draft: Draft, goal: AnyGoal, near: Position) -> None:  # noqa: C901, PLR0912 - a table
    """Add the steps of a goal that takes few tasks.

    Raises:
        LayoutError: what it needs is not there.
        PlaceError: its place is not on the known map.
    """
    match goal:
        case MoveTo():
            one(draft, "walk there", "NAVIGATE", WALK_SECONDS, target=near, reach=2.0)
        case Explore():
            one(draft, "explore", "EXPLORE", 1_200.0, **explored(goal))
        case Wait():
            seconds = goal.ticks / 60
            budget = min(36_000.0, seconds + 600)
            one(draft, "wait", "WAIT", budget, seconds=seconds, fuel=True)
        case Gather():
            wanted = draft.carried[goal.item] + (goal.count or DEFAULT_GATHERED)
            budget = 600.0 + 6.0 * wanted
            one(draft, f"gather {goal.item}", "GATHER", budget, items={goal.item: wanted})
        case Craft():
            crafted(draft, goal, near)
        case ClearArea():
            cleared(draft, goal, near)
        case PlaceEntity():
            placed(draft, goal, near)
        case Remove():
            found = standing(draft, goal.machine, near)
            chosen = found if goal.is_all else found[: goal.count or 1]
            targets = [entity.position for entity in chosen]
            one(draft, f"remove {goal.machine}", "REMOVE", HAND_SECONDS, targets=targets)
        case SetRecipe():
            found = standing(draft, goal.machine, near)
            chosen = found if goal.is_all else found[:1]
            recipes = [{"position": e.position, "recipe": goal.recipe} for e in chosen]
            one(draft, f"set recipe {goal.recipe}", "SET_RECIPES", HAND_SECONDS, recipes=recipes)
        case Insert():
            handed(draft, goal, near)
        case Take():
            found = standing(draft, goal.target, near)
            for entity in found if goal.is_all else found[:1]:
                items = {goal.item: goal.count} if goal.item and goal.count else None
                one(
                    draft,
                    f"take from {goal.target}",
                    "TAKE",
                    HAND_SECONDS,
                    target=entity.position,
                    items=items,
                )
        case Transfer():
            transferred(draft, goal, near)
        case Defend():
            defended(draft, goal, near)
        case ConnectPower():
            powered(draft, near)
        case ConnectBelt():
            belted(draft, goal, near)
        case _:
            raise LayoutError("this planner has no plan for such a goal")


def one(draft: Draft, title: str, skill: str, budget: float, /, **parameters: Any) -> None:
    """Add a step of one task."""
    draft.step(title, [SkillTask(skill, parameters, budget_seconds=min(36_000.0, budget))])


def explored(goal: Explore) -> dict[str, Any]:
    """Return the parameters of an exploration, without what was left open."""
    given = {"direction": goal.direction, "distance": goal.distance_tiles, "item": goal.item}
    return {name: value for name, value in given.items() if value is not None}


def standing(draft: Draft, name: str, near: Position) -> list[Entity]:
    """List the machines of a name, the nearest first.

    Raises:
        LayoutError: there is none.
    """
    found = draft.world.entities(name)
    if not found:
        raise LayoutError(f'there is no "{name}" on the known map')
    return sorted(found, key=lambda entity: math.dist(entity.position, near))


def crafted(draft: Draft, goal: Craft, near: Position) -> None:
    """Plan to craft an item and what it is made of, mining and smelting first what is missing.

    Raises:
        LayoutError: hands cannot craft it.
    """
    if not can_craft(goal.item):
        raise LayoutError(f'"{goal.item}" cannot be crafted by hand')
    factory = FactoryPlanner(draft, near)
    factory.unlock([goal.item])
    wanted = draft.carried[goal.item] + goal.count
    _, missing = shortages({goal.item: wanted}, draft.carried)
    for item in ("iron-plate", "copper-plate", "stone-brick"):
        draft.ensure_plates(item, missing[item], near)
    draft.step(
        f"craft {goal.item}",
        [draft.supply(Counter({goal.item: wanted}))],
        after=[f"{wanted} {goal.item} are carried"],
    )


def cleared(draft: Draft, goal: ClearArea, near: Position) -> None:
    """Plan to clear an area."""
    width = goal.width_tiles or DEFAULT_CLEAR_TILES
    height = goal.height_tiles or width
    area = (
        (near[0] - width / 2, near[1] - height / 2),
        (near[0] + width / 2, near[1] + height / 2),
    )
    n_trees = 0
    (left, top), (right, bottom) = area
    for row in range(math.floor(top), math.ceil(bottom)):
        for column in range(math.floor(left), math.ceil(right)):
            if draft.terrain.holds((column, row)):
                n_trees += bool(draft.terrain.scenery[draft.terrain.index((column, row))])
    one(draft, "clear the area", "CLEAR_AREA", 300.0 + 10 * n_trees, area=area)


def placed(draft: Draft, goal: PlaceEntity, near: Position) -> None:
    """Plan to build single machines.

    Raises:
        LayoutError: there is no room for one.
    """
    factory = FactoryPlanner(draft, near)
    direction = goal.direction or "north"
    parts: list[Part] = []
    for _ in range(goal.count):
        template = [Part(goal.machine, 0.5, 0.5, direction)]
        template = [aligned(template[0])]
        found = draft.solver.sites(template, near, choices=[NO_TURN], radius=40)
        chosen = next(
            (
                site
                for site in found
                if draft.terrain.can_place(
                    goal.machine, (site.parts[0].x, site.parts[0].y), direction
                )
            ),
            None,
        )
        if chosen is None:
            raise LayoutError(f'no room for "{goal.machine}" near {near}')
        draft.solver.claim(chosen)
        parts += chosen.parts
    factory.unlock([goal.machine])
    factory.pay_for(parts)
    draft.build(f"build {goal.count} {goal.machine}", parts)


def aligned(part: Part) -> Part:
    """Return a part whose middle lies as its size in tiles asks for."""
    width, height = size_of(part.entity)
    if part.direction in {"east", "west"}:
        width, height = height, width
    return Part(part.entity, (width % 2) / 2, (height % 2) / 2, part.direction)


def handed(draft: Draft, goal: Insert, near: Position) -> None:
    """Plan to put items into machines."""
    count = goal.count or DEFAULT_HANDED
    found = standing(draft, goal.target, near)
    chosen = found if goal.is_all else found[:1]
    total = Counter({goal.item: count * len(chosen)})
    if total - draft.carried:
        draft.step(f"carry {goal.item}", [draft.supply(total)])
    for entity in chosen:
        one(
            draft,
            f"put {goal.item} into {goal.target}",
            "INSERT",
            HAND_SECONDS,
            target=entity.position,
            items={goal.item: count},
        )


def transferred(draft: Draft, goal: Transfer, near: Position) -> None:
    """Plan to carry items from one machine to another.

    Raises:
        LayoutError: no such machine holds the item.
    """
    sources = [e for e in standing(draft, goal.source, near) if e.inventory().get(goal.item)]
    if not sources:
        raise LayoutError(f'no "{goal.source}" holds any {goal.item}')
    source = sources[0]
    count = goal.count or source.inventory()[goal.item]
    targets = [e for e in standing(draft, goal.target, source.position) if e != source]
    if not targets:
        raise LayoutError(f'there is no other "{goal.target}"')
    one(
        draft,
        f"carry {goal.item}",
        "TRANSFER",
        HAND_SECONDS,
        source=source.position,
        target=targets[0].position,
        items={goal.item: count},
    )


def defended(draft: Draft, goal: Defend, near: Position) -> None:
    """Plan a ring of turrets with ammunition.

    Raises:
        LayoutError: they are of a kind that is not built so, or there is no room.
    """
    machine = goal.machine or "gun-turret"
    if machine != "gun-turret":
        raise LayoutError(f'turrets are built of "gun-turret", not of "{machine}"')
    middle = locate(draft.world, goal.place, default=base_middle(draft.world) or near)
    count = goal.count or DEFAULT_TURRETS
    ammo = goal.ammo or "firearm-magazine"
    parts: list[Part] = []
    for number in range(count):
        angle = 2 * math.pi * number / count
        spot = (
            middle[0] + TURRET_TILES * math.cos(angle),
            middle[1] + TURRET_TILES * math.sin(angle),
        )
        found = draft.solver.sites(
            [aligned(Part(machine, 0, 0))], spot, choices=[NO_TURN], radius=20
        )
        if not found:
            raise LayoutError(f"no room for a turret near ({spot[0]:.0f}, {spot[1]:.0f})")
        parts += draft.solver.claim(found[0]).parts
    factory = FactoryPlanner(draft, near)
    factory.unlock([machine, ammo])
    factory.pay_for(parts)
    magazines = MAGAZINES_PER_TURRET * count
    draft.step(f"make {ammo}", [draft.supply(Counter({ammo: magazines, machine: count}))])
    draft.build(
        f"build {count} turrets", parts, skill="DEFEND", ammo=ammo, rounds=MAGAZINES_PER_TURRET
    )


def belted(draft: Draft, goal: ConnectBelt, near: Position) -> None:
    """Plan a belt from one machine to another, with a burner inserter at each end.

    Raises:
        LayoutError: a machine is missing, another belt is asked for, or there is no way.
    """
    if goal.machine not in {None, "transport-belt"}:
        raise LayoutError(f'belts are built of "transport-belt", not of "{goal.machine}"')
    source = standing(draft, goal.source, near)[0]
    others = [e for e in standing(draft, goal.target, source.position) if e != source]
    if not others:
        raise LayoutError(f'there is no other "{goal.target}"')
    target = others[0]
    solver = draft.solver
    last = LayoutError(f"no room for inserters beside {source.name} and {target.name}")
    for leaving, start, heading in sides(draft, source, target.position):
        for entering, goal_tile, flow in sides(draft, target, source.position):
            saved = draft.terrain.blocked.copy()
            solver.claim_parts([leaving, entering])
            if start == goal_tile or not draft.terrain.is_free(goal_tile):
                draft.terrain.blocked[:] = saved
                continue
            try:
                route = solver.route(start, heading, goal_tile, OPPOSITE[flow])
            except LayoutError as error:
                last = error
                draft.terrain.blocked[:] = saved
                continue
            end = Part(
                "transport-belt",
                goal_tile[0] + 0.5,
                goal_tile[1] + 0.5,
                OPPOSITE[flow],
                role="belt",
            )
            into = Part(entering.entity, entering.x, entering.y, flow)
            parts = [*route, end, leaving, into]
            FactoryPlanner(draft, near).pay_for(parts)
            draft.build(
                f"belt from {source.name} to {target.name}",
                parts,
                skill="CONNECT_LOGISTICS",
                coal=2,
            )
            return
    raise last


def sides(
    draft: Draft, entity: Entity, toward: Position
) -> list[tuple[Part, tuple[int, int], str]]:
    """List the inserters that take out of a machine, the nearest to a position first.

    Each comes with the tile beyond it and the direction that leads there.
    """
    body = Part(entity.name, *entity.position, entity.direction)
    covered = set(footprint(body))
    found = []
    for name, (dx, dy) in STEPS.items():
        for x, y in covered:
            tile, beyond = (x + dx, y + dy), (x + 2 * dx, y + 2 * dy)
            if tile in covered or not draft.terrain.is_free(tile):
                continue
            if draft.terrain.is_free(beyond):
                part = Part("burner-inserter", tile[0] + 0.5, tile[1] + 0.5, OPPOSITE[name])
                found.append((part, beyond, name))
    return sorted(found, key=lambda side: math.dist((side[0].x, side[0].y), toward))[:8]


def powered(draft: Draft, near: Position) -> None:
    """Plan poles to machines that have no power.

    Raises:
        LayoutError: all have power, or there is nothing that gives any.
    """
    factory = FactoryPlanner(draft, near)
    lacking = [
        entity
        for entity in draft.world.entities()
        if entity.status == "no-power" and entity.power_network is None
    ]
    if not lacking:
        draft.notes.append("no machine lacks a connection")
        return
    hub = factory.spare_hub(0.0)
    if hub is None:
        raise LayoutError("no power plant stands; build one first")
    n_poles = 0
    factory.hub = hub
    for entity in sorted(lacking, key=lambda e: math.dist(e.position, hub)):
        template = [Part("small-electric-pole", 0.5, 0.5, role="pole")]
        found = draft.solver.sites(template, entity.position, choices=[NO_TURN], radius=3, limit=8)
        if not found:
            raise LayoutError(f"no room for a pole beside {entity.name} at {entity.position}")
        pole = draft.solver.claim(found[0]).parts[0]
        line = draft.solver.poles(factory.hub, (pole.x, pole.y))
        draft.build(
            f"connect {entity.name}",
            [*line, pole],
            skill="CONNECT_POWER",
            entities=[entity.position],
        )
        factory.hub = (pole.x, pole.y)
        n_poles += len(line) + 1


def plan_trigger(draft: Draft, factory: FactoryPlanner, name: str, trigger: dict[str, Any]) -> None:
    """Plan what a technology that comes by itself is waiting for.

    Raises:
        LayoutError: that is nothing that hands can do.
    """
    if trigger["type"] != "craft-item":
        raise LayoutError(f'"{name}" comes by {trigger["type"]}, which this planner cannot do')
    item, count = trigger["item"], trigger.get("count", 1)
    if item in {"iron-plate", "copper-plate"}:
        draft.ensure_plates(item, count, factory.near)
        wanted = draft.carried[item] + count
        one(draft, f"smelt {item}", "GATHER", 1_800.0, items={item: wanted})
        return
    if not can_craft(item):
        raise LayoutError(f'"{name}" comes by making {item}, which hands cannot')
    factory.unlock([item])
    wanted = count * recipe_of(item).results[item] + draft.carried[item]
    _, missing = shortages({item: wanted}, draft.carried)
    for plate in ("iron-plate", "copper-plate", "stone-brick"):
        draft.ensure_plates(plate, missing[plate], factory.near)
    draft.step(f"make {item}", [draft.supply(Counter({item: wanted}))])
