"""How an agent comes by items with its own hands: from machines, from the ground, by crafting.

Machines that burn fuel are kept going meanwhile, as far as the agent's own supply reaches.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from factorio_fast import prototypes
from factorio_fast.planning.terrain import ENTITY, scenery_names
from factorio_fast.plays.recipes import can_craft, recipe_of, shortages
from factorio_fast.skills.agent import SkillError

if TYPE_CHECKING:
    from factorio_fast._core import Entity, World
    from factorio_fast.skills.agent import Agent

__all__ = ["FUELS", "Stock", "fill_fuel", "gather", "keep_fuelled", "obtain", "stocks"]

Position = tuple[float, float]

FUELS = ("coal", "wood")
"""What is burnt, the better first."""
ORES = ("coal", "copper-ore", "iron-ore", "stone")
"""What hands dig."""
CHESTS = ("wooden-chest", "iron-chest", "steel-chest")
FURNACES = ("stone-furnace", "steel-furnace")
MAKERS = ("assembling-machine-1", "assembling-machine-2", "assembling-machine-3")
INSERTERS = ("burner-inserter", "inserter", "fast-inserter", "long-handed-inserter")
BURNERS = ("burner-mining-drill", *FURNACES, "boiler", "burner-inserter")
FILL = {"boiler": 20, "burner-inserter": 2}
"""Pieces of coal that a machine is refuelled with; others get `FILL_DEFAULT`."""
FILL_DEFAULT = 8
WOOD_PER_COAL = 2
"""Pieces of wood that burn as long as one of coal."""
HAND_BATCH = 10
"""So many ores are mined before the machines are looked after again."""
TREE_BATCH = 12
ROCK_TILES = 110.0
"""A rock this near is worth the walk when more than a few stones are wanted."""
ROCK_STONES = 8
ROUND_PER_PLACE = 25
"""So many items in every place are worth a round to fetch them; a furnace holds a hundred."""
WAIT_SECONDS = 2.0
MAX_IDLE_SECONDS = 600.0
"""After so long without any gain a supply is given up."""
STEPS = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}


@dataclass(frozen=True)
class Stock:
    """Items that lie ready in a machine or chest."""

    entity: Entity
    position: Position
    item: str
    count: int


def stocks(agent: Agent) -> list[Stock]:
    """List what machines have made and chests hold, but for chests that feed something."""
    world = agent.look()
    fed_from = {
        (math.floor(x + STEPS[direction][0]), math.floor(y + STEPS[direction][1]))
        for x, y, direction in (
            (*inserter.position, inserter.direction)
            for name in INSERTERS
            for inserter in world.entities(name)
        )
        if direction in STEPS
    }
    found = []
    for names, kind in ((CHESTS, "contents"), (FURNACES, "result"), (MAKERS, "result")):
        for name in names:
            for entity in world.entities(name):
                x, y = entity.position
                if kind == "contents" and (math.floor(x), math.floor(y)) in fed_from:
                    continue
                for item, count in entity.inventory(kind).items():
                    found.append(Stock(entity, (x, y), item, count))
    return found


def collect(agent: Agent, missing: Counter[str]) -> bool:
    """Fetch what lies ready of what is missing, if that is worth a round; return whether it was."""
    ready = [stock for stock in stocks(agent) if missing[stock.item] > 0]
    total: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for stock in ready:
        total[stock.item] += stock.count
        places[stock.item] += 1
    worth = {
        item for item in total if total[item] >= min(missing[item], ROUND_PER_PLACE * places[item])
    }
    left = Counter({item: missing[item] for item in worth})
    rest = [stock for stock in ready if stock.item in worth]
    has_moved = False
    while rest and +left:
        here = agent.position
        stock = min(rest, key=lambda stock: math.dist(stock.position, here))
        rest.remove(stock)
        if left[stock.item] <= 0:
            continue
        agent.approach(stock.position)
        taken = agent.take(stock.entity.unit_number, stock.item, left[stock.item])
        left[stock.item] -= taken
        has_moved |= taken > 0
    return has_moved


def gather(agent: Agent, wanted: Counter[str]) -> None:
    """Come to carry at least so many of some items, none of which is crafted by hand.

    Raises:
        SkillError: something cannot be had.
    """
    idle_since = agent.tick
    last = sum((wanted - agent.inventory).values())
    while missing := wanted - agent.inventory:
        left = sum(missing.values())
        if left < last:
            idle_since, last = agent.tick, left
        if agent.tick - idle_since > 60 * MAX_IDLE_SECONDS:
            raise SkillError.failed(f"no more comes in of {dict(missing)}")
        began = agent.tick
        keep_fuelled(agent)
        # Looking after machines is no idleness.
        idle_since += agent.tick - began
        if collect(agent, missing) or dig(agent, missing):
            continue
        agent.wait(WAIT_SECONDS)


def dig(agent: Agent, missing: Counter[str]) -> bool:
    """Mine some of what is missing by hand; return whether anything of it is mined so."""
    if missing["wood"] > 0:
        return chop(agent, missing["wood"])
    for item in ORES:
        if missing[item] > 0:
            if item == "stone" and missing[item] >= ROCK_STONES and break_rock(agent):
                return True
            return dig_ore(agent, item, min(missing[item], HAND_BATCH))
    return False


def chop(agent: Agent, count: int) -> bool:
    """Fell trees near the agent until `count` pieces of wood came of it, a dozen trees at most."""
    here = agent.position
    trees = [
        (math.dist(tree.position, here), tree.unit_number, tree.position)
        for name in tree_names()
        for tree in agent.look().entities(name)
    ]
    if not trees:
        raise SkillError.failed("there is no tree left to fell")
    near = sorted(trees)[: 3 * TREE_BATCH]
    wanted = agent.count("wood") + count
    for _ in range(TREE_BATCH):
        if agent.count("wood") >= wanted or not near:
            break
        here = agent.position
        tree = min(near, key=lambda tree: math.dist(tree[2], here))
        near.remove(tree)
        try:
            agent.mine_entity(tree[1], tree[2])
        except SkillError as error:
            if "no way" not in error.reason:
                raise
    return True


def break_rock(agent: Agent) -> bool:
    """Mine the nearest rock if one is near; return whether there was one."""
    here = agent.position
    rocks = [
        (math.dist(rock.position, here), rock.unit_number, rock.position)
        for name in rock_names()
        for rock in agent.look().entities(name)
    ]
    for distance, unit, position in sorted(rocks)[:3]:
        if distance > ROCK_TILES:
            return False
        try:
            if agent.mine_entity(unit, position):
                return True
        except SkillError as error:
            if "no way" not in error.reason:
                raise
    return False


def dig_ore(agent: Agent, item: str, count: int) -> bool:
    """Mine so many of an ore at the nearest free tile of it.

    Raises:
        SkillError: there is none, or no way to it.
    """
    world = agent.look()
    here = agent.position
    tiles = sorted(
        (math.dist(position, here), position)
        for patch in world.resource_patches(item)
        for position, _ in patch.tiles
    )
    for _, position in tiles[:200]:
        if not is_covered(world, position) and agent.mine_resource(item, position, count):
            return True
    raise SkillError.failed(f'no "{item}" can be mined by hand on the known map')


def is_covered(world: World, position: Position) -> bool:
    """Whether something stands on the tile of a position."""
    x, y = math.floor(position[0]), math.floor(position[1])
    return bool(world.tiles(((x, y), (x + 1, y + 1)))[0, 0] & ENTITY)


def obtain(agent: Agent, wanted: Counter[str]) -> None:
    """Come to carry at least so many of some items: what is crafted is crafted, the rest gathered.

    Raises:
        SkillError: something cannot be had.
    """
    idle_since = agent.tick
    last = math.inf
    while +(wanted - agent.inventory):
        _, missing = shortages(dict(wanted), agent.inventory)
        left = sum(missing.values()) + 0.01 * sum((wanted - agent.inventory).values())
        if left < last:
            idle_since, last = agent.tick, left
        if agent.tick - idle_since > 60 * MAX_IDLE_SECONDS:
            raise SkillError.failed(f"no more comes in of {dict(missing)}")
        began = agent.tick
        keep_fuelled(agent)
        # Looking after machines is no idleness.
        idle_since += agent.tick - began
        if missing and collect(agent, missing):
            continue
        by_hand = Counter({item: n for item, n in missing.items() if item in {*ORES, "wood"}})
        if by_hand and dig(agent, by_hand):
            continue
        if not craft_some(agent, wanted):
            agent.wait(WAIT_SECONDS)


def craft_some(agent: Agent, wanted: Counter[str]) -> bool:
    """Craft as much of what is wanted as the agent's items allow; return whether that was any."""
    has_crafted = False
    for item, count in wanted.items():
        missing = count - agent.count(item)
        if missing <= 0 or not can_craft(item):
            continue
        if not agent.look().is_enabled(item):
            if wait_for_unlock(agent, item):
                has_crafted = True
            continue
        amount = recipe_of(item).results[item]
        crafts = most_crafts(item, -(-missing // amount), agent.inventory)
        if crafts and agent.craft(item, crafts) is None:
            agent.finish_crafting()
            has_crafted = True
    return has_crafted


def most_crafts(item: str, wanted: int, carried: Counter[str]) -> int:
    """Return how many crafts of an item, at most `wanted`, what is carried allows."""
    amount = recipe_of(item).results[item]
    rest = Counter(carried)
    rest.pop(item, None)
    low, high = 0, wanted
    while low < high:
        middle = (low + high + 1) // 2
        _, missing = shortages({item: middle * amount}, rest)
        low, high = (middle, high) if not missing else (low, middle - 1)
    return low


def wait_for_unlock(agent: Agent, item: str) -> bool:
    """Wait a little for a recipe that comes by itself, once enough of something has been made.

    Raises:
        SkillError: the recipe comes by research alone.
    """
    for technology in unlocking(item):
        trigger = prototypes.get("technology", technology).get("research_trigger")
        if trigger and trigger["type"] == "craft-item":
            made = agent.look().production().items_made.get(trigger["item"], 0)
            if made < trigger.get("count", 1):
                return False
            if can_craft(trigger["item"]):
                continue
            return False
    raise SkillError.refused(
        f'recipe "{item}" is locked; research {" or ".join(unlocking(item)) or "nothing"}'
    )


@cache
def unlocking(recipe: str) -> tuple[str, ...]:
    """List the technologies that unlock a recipe."""
    return tuple(
        name
        for name in prototypes.names("technology")
        if any(
            effect.get("recipe") == recipe
            for effect in prototypes.get("technology", name).get("effects", ())
        )
    )


def fuel_of(entity: Entity) -> Counter[str]:
    """Count the fuel that waits in a machine."""
    return Counter(entity.inventory("fuel"))


def keep_fuelled(agent: Agent) -> None:
    """Refuel the machines if one of them has run out, with what fuel can be had quickly."""
    fed = fed_by_belt(agent)
    burners = [entity for entity in agent.own(BURNERS) if tile_of(entity) not in fed]
    if not any(not fuel_of(entity) and is_low(entity) for entity in burners):
        return
    # What still has wood would take no coal; it has its turn when that is burnt.
    needy = [entity for entity in burners if not fuel_of(entity)]
    fill_fuel(agent, [(entity, FILL.get(entity.name, FILL_DEFAULT)) for entity in needy])


def fed_by_belt(agent: Agent) -> set[tuple[int, int]]:
    """Return the middles, as tiles, of machines into which a burner inserter drops from a belt.

    Such inserters are among them: they take their own fuel from that belt.
    """
    world = agent.look()
    fed: set[tuple[int, int]] = set()
    for inserter in world.entities("burner-inserter"):
        dx, dy = STEPS.get(inserter.direction, (0, 0))
        x, y = inserter.position
        if agent.at((x + dx, y + dy), "transport-belt") is None:
            continue
        sink = next(iter(world.entities(None, around(x - dx, y - dy))), None)
        if sink is not None and sink.name in BURNERS:
            fed |= {tile_of(sink), tile_of(inserter)}
    return fed


def around(x: float, y: float) -> tuple[Position, Position]:
    """Return a small area round a position."""
    return (x - 0.1, y - 0.1), (x + 0.1, y + 0.1)


def tile_of(entity: Entity) -> tuple[int, int]:
    """Return the tile of the middle of an entity."""
    return math.floor(entity.position[0]), math.floor(entity.position[1])


def is_low(entity: Entity) -> bool:
    """Whether what burns in a machine lasts for less than a piece of wood more."""
    burning = entity.burning
    spare_joules = 2_000_000 if entity.name != "burner-inserter" else 100_000
    return burning is None or burning[1] < spare_joules


def fill_fuel(
    agent: Agent,
    fills: list[tuple[Entity, int]],
    fuel: str | None = None,
    *,
    patient: bool = False,
) -> None:
    """Fuel machines up to so many pieces of coal, or what burns as long of wood.

    A machine has one slot for fuel, so it gets more of what it holds. Fuel that is not carried is
    fetched: coal that lies ready, else wood.

    Args:
        agent: who does it.
        fills: machines, with pieces of coal for each.
        fuel: what empty machines get; None is coal as far as it lies ready, then wood.
        patient: whether coal is dug by hand for machines that hold some; else they are left.
    """
    wants: list[Fill] = []
    for entity, coal in fills:
        held = fuel_of(entity)
        kind = next(iter(held), None)
        wants.append(Fill(entity.unit_number, entity.position, coal, kind, held[kind or ""]))
    if fuel != "wood":
        need = sum(want.lacks("coal") for want in wants if want.kind in {None, "coal"})
        fetch_coal(agent, need)
    left = [want for want in wants if want.lacks(want.kind or "coal") > 0]
    while left:
        here = agent.position
        want = min(left, key=lambda want: math.dist(want.position, here))
        kind = want.kind or fuel or ("coal" if agent.count("coal") else "wood")
        if kind == "coal" and not agent.count("coal"):
            if fetch_coal(agent, sum(w.lacks("coal") for w in left if w.kind != "wood")):
                continue
            if (patient or fuel == "coal") and dig_ore(agent, "coal", HAND_BATCH):
                continue
        if kind == "wood" and not agent.count("wood"):
            rest = [w for w in left if w.kind == "wood" or (w.kind is None and fuel != "coal")]
            fetch_wood(agent, sum(w.lacks("wood") for w in rest))
            continue
        left.remove(want)
        if agent.count(kind):
            agent.approach(want.position)
            given = agent.insert(want.unit, kind, want.lacks(kind))
            rest_of = replace(want, kind=kind, held=want.held + given)
            if given and rest_of.lacks(kind):
                left.append(rest_of)


@dataclass(frozen=True)
class Fill:
    """A machine that is to be fuelled."""

    unit: int
    position: Position
    coal: int
    """Up to so many pieces of coal."""
    kind: str | None
    """The fuel that it holds."""
    held: int

    def lacks(self, kind: str) -> int:
        """Return how many pieces of a fuel it lacks."""
        return max(0, self.coal * (WOOD_PER_COAL if kind == "wood" else 1) - self.held)


def fetch_coal(agent: Agent, count: int) -> bool:
    """Fetch coal that lies ready until so many pieces are carried; return whether any came in."""
    few = 5
    before = agent.count("coal")
    missing = count - before
    if missing <= 0:
        return False
    ready = sum(stock.count for stock in stocks(agent) if stock.item == "coal")
    if ready >= min(few, missing):
        collect(agent, Counter({"coal": min(missing, ready)}))
    return agent.count("coal") > before


def fetch_wood(agent: Agent, count: int) -> None:
    """Fell trees until about so many pieces of wood are carried."""
    wanted = agent.count("wood") + count
    while agent.count("wood") < wanted:
        chop(agent, wanted - agent.count("wood"))


@cache
def tree_names() -> tuple[str, ...]:
    """List the entities that give wood."""
    return tuple(
        name for name in scenery_names() if prototypes.get("entity", name)["type"] == "tree"
    )


@cache
def rock_names() -> tuple[str, ...]:
    """List the rocks."""
    return tuple(name for name in scenery_names() if "rock" in name)
