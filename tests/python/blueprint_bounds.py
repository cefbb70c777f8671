"""Calculates what a factory can make at most, from prototypes and from what stands where.

Three limits count: how fast its machines craft (with modules and beacons), how much the inserters
beside each machine carry, and how much the belts at its ports carry. What a product needs is
followed through the recipes of the factory down to the inputs. Belts inside are not looked at, nor
are the ticks that machines wait for each other: the result is an upper bound.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blueprint_rig import STEPS, facts_of, tiles_of

if TYPE_CHECKING:
    from blueprint_rig import Factory, Tile
    from factorio_fast import Entity

ITEMS_PER_TILE = 8
"""On a full belt, both lanes."""
LANE_OFFSET_TILES = 60 / 256
"""From the middle of a belt to that of a lane."""
AHEAD_TILES = 64 / 256
"""How far upstream of a belt's middle the item lies that an inserter takes off a full belt."""

LOOKS = 20
TICKS_BETWEEN_LOOKS = 97
"""A prime, so that nothing periodic hides."""


@dataclass(frozen=True)
class Bound:
    """The most of a product that a factory makes."""

    per_minute: float
    limit: str
    """What sets it: `machines`, `inserters`, or the name of a belt's item."""


@dataclass
class Capacity:
    """What the machines of one recipe can do together, crafts a second."""

    recipe: dict[str, Any]
    by_machines: float = 0.0
    with_inserters: float = 0.0
    productivity: float = 0.0
    count: int = 0


@dataclass
class _Arms:
    """Items a second that inserters put into a machine and take out of it."""

    into: float = 0.0
    sources: list[tuple[float, frozenset[str]]] = field(default_factory=list)
    """Of each that puts in: its rate, and the items at its source."""
    out_of: float = 0.0

    def bring(self, item: str) -> float:
        """Return how much of an item they can bring, if they bring nothing else."""
        known = sum(rate for rate, items in self.sources if item in items)
        # What comes rarely may not have been seen on its belt.
        return known or self.into


@dataclass
class _Effects:
    speed: float = 1.0
    productivity: float = 0.0


@dataclass
class Needs:
    """What a product needs of every recipe (crafts) and of every input (units), for one unit."""

    crafts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    inputs: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def bounds(factory: Factory) -> dict[str, Bound]:
    """Calculate the most of each product in `makes`, or at the outputs, a minute.

    The factory must have run: furnaces show their recipe only then.
    """
    capacities = capacities_of(factory)
    sources = sources_of(factory)
    sinks = ports_of(factory, "outputs")
    wanted = [one["item"] for one in factory.entry["makes"]] or sorted(sinks)
    makers = makers_of(capacities)
    needs = {item: Needs() for item in wanted if item in makers}
    for item, need in needs.items():
        follow(item, 1.0, capacities, makers, sources, need)
    alone = {item: least(need, item, capacities, sources, sinks) for item, need in needs.items()}
    # Together they may want more of a shared intermediate than there is.
    share = 1.0
    for recipe, capacity in capacities.items():
        used = sum(
            alone[item].per_minute / 60 * need.crafts[recipe] for item, need in needs.items()
        )
        if used > capacity.with_inserters > 0:
            share = min(share, capacity.with_inserters / used)
    for source, supply in sources.items():
        used = sum(
            alone[item].per_minute / 60 * need.inputs[source] for item, need in needs.items()
        )
        if used > supply:
            share = min(share, supply / used)
    return {item: Bound(bound.per_minute * share, bound.limit) for item, bound in alone.items()}


def least(
    need: Needs,
    item: str,
    capacities: dict[str, Capacity],
    sources: dict[str, float],
    sinks: dict[str, float],
) -> Bound:
    """Find the tightest limit on one product, and what sets it."""
    found = [(sinks.get(item, math.inf), f"belt of {item}")]
    for recipe, crafts in need.crafts.items():
        capacity = capacities[recipe]
        is_by_arms = capacity.with_inserters < capacity.by_machines * (1 - 1e-9)
        limit = ("inserters" if is_by_arms else "machines") + (
            f" of {recipe}" if recipe != item else ""
        )
        found.append((capacity.with_inserters / crafts, limit))
    found.extend(
        (sources[name] / units, f"belt of {name}") for name, units in need.inputs.items() if units
    )
    rate, limit = min(found, key=lambda one: one[0])
    return Bound(rate * 60, limit)


def oil(factory: Factory) -> Bound:
    """Calculate the petroleum gas of refineries and crackers when all tanks are full.

    Then no more heavy and light oil may be made than is cracked.
    """
    capacities = capacities_of(factory)
    refining, heavy, light = (
        capacities[name]
        for name in ("advanced-oil-processing", "heavy-oil-cracking", "light-oil-cracking")
    )

    def made(capacity: Capacity, fluid: str) -> float:
        amounts = (one["amount"] for one in capacity.recipe["results"] if one["name"] == fluid)
        return float(sum(amounts)) * (1 + capacity.productivity)

    def used(capacity: Capacity, fluid: str) -> float:
        ingredients = capacity.recipe["ingredients"]
        return float(sum(one["amount"] for one in ingredients if one["name"] == fluid))

    # For each craft of a refinery.
    heavy_crafts = made(refining, "heavy-oil") / used(heavy, "heavy-oil")
    light_oil = made(refining, "light-oil") + heavy_crafts * made(heavy, "light-oil")
    light_crafts = light_oil / used(light, "light-oil")
    gas = made(refining, "petroleum-gas") + light_crafts * made(light, "petroleum-gas")
    found = [
        (refining.by_machines, "machines of advanced-oil-processing"),
        (heavy.by_machines / heavy_crafts, "machines of heavy-oil-cracking"),
        (light.by_machines / light_crafts, "machines of light-oil-cracking"),
    ]
    crafts, limit = min(found)
    return Bound(crafts * gas * 60, limit)


def follow(
    item: str,
    amount: float,
    capacities: dict[str, Capacity],
    makers: dict[str, str],
    sources: dict[str, float],
    need: Needs,
) -> None:
    """Add what an amount of an item needs, down to the inputs."""
    recipe = makers.get(item)
    if item in sources or recipe is None:
        need.inputs[item] += amount if item in sources else 0.0
        return
    capacity = capacities[recipe]
    made = sum(one["amount"] for one in capacity.recipe["results"] if one["name"] == item)
    crafts = amount / (made * (1 + capacity.productivity))
    need.crafts[recipe] += crafts
    for one in capacity.recipe["ingredients"]:
        follow(one["name"], crafts * one["amount"], capacities, makers, sources, need)


def makers_of(capacities: dict[str, Capacity]) -> dict[str, str]:
    """Return the recipe that makes each item or fluid."""
    return {
        one["name"]: recipe
        for recipe, capacity in capacities.items()
        for one in capacity.recipe["results"]
    }


def sources_of(factory: Factory) -> dict[str, float]:
    """Return how much of each input can come in, units a second; chests and pipes give all."""
    return ports_of(factory, "inputs")


def ports_of(factory: Factory, key: str) -> dict[str, float]:
    """Return how much of each item the ports carry, units a second."""
    carried: dict[str, float] = defaultdict(float)
    for port in factory.entry[key]:
        rate = math.inf
        if port["kind"] == "belt":
            lanes = 1.0 if port["lane"] == "both" else 0.5
            name = factory.on((port["tile"][0], port["tile"][1])).name
            rate = facts_of("entity", name)["speed"] * 60 * ITEMS_PER_TILE * lanes
        carried[port["item"]] += rate
    return carried


def capacities_of(factory: Factory) -> dict[str, Capacity]:
    """Return what the machines of each recipe can do."""
    capacities: dict[str, Capacity] = {}
    arms = arms_of(factory)
    effects = effects_of(factory)
    for entity in factory.entities:
        if entity.recipe is None:
            continue
        recipe = facts_of("recipe", entity.recipe)
        capacity = capacities.setdefault(entity.recipe, Capacity(recipe))
        effect = effects[entity.unit_number]
        speed = facts_of("entity", entity.name)["crafting_speed"] * effect.speed
        crafts = speed / recipe["energy_required"]
        capacity.by_machines += crafts
        capacity.productivity = effect.productivity
        capacity.count += 1
        solids = [one for one in recipe["ingredients"] if one["type"] == "item"]
        solid_out = sum(one["amount"] for one in recipe["results"] if one["type"] == "item")
        beside = arms[entity.unit_number]
        limits = [crafts]
        if solids:
            limits.append(beside.into / sum(one["amount"] for one in solids))
            limits.extend(beside.bring(one["name"]) / one["amount"] for one in solids)
        if solid_out:
            limits.append(beside.out_of / (solid_out * (1 + effect.productivity)))
        capacity.with_inserters += min(limits)
    return capacities


def arms_of(factory: Factory) -> dict[int, _Arms]:
    """Return what the inserters beside every entity carry, by its number.

    Runs the factory for a while, to see what comes along on its belts.
    """
    by_tile: dict[Tile, Entity] = {
        tile: entity for entity in factory.entities for tile in tiles_of(entity)
    }
    found: list[tuple[Entity, Entity, float]] = []
    for entity in factory.entities:
        if not entity.name.endswith("inserter"):
            continue
        facts = facts_of("entity", entity.name)
        reach = round(abs(facts["pickup_position"][1]))
        x, y = math.floor(entity.position[0]), math.floor(entity.position[1])
        # It faces what it takes from.
        step_x, step_y = STEPS[entity.direction]
        source = by_tile.get((x + reach * step_x, y + reach * step_y))
        target = by_tile.get((x - reach * step_x, y - reach * step_y))
        if source is not None and target is not None:
            rate = inserter_rate(facts, takes_from_belt=is_belt(source.name))
            found.append((source, target, rate))
    belts = {source.unit_number: source for source, _, _ in found if is_belt(source.name)}
    seen = items_on(factory, belts)
    arms: dict[int, _Arms] = defaultdict(_Arms)
    for source, target, rate in found:
        arms[source.unit_number].out_of += rate
        beside = arms[target.unit_number]
        beside.into += rate
        beside.sources.append((rate, items_at(source) | seen[source.unit_number]))
    return arms


def items_on(factory: Factory, belts: dict[int, Entity]) -> dict[int, set[str]]:
    """Return what comes along on belts, by their number."""
    seen: dict[int, set[str]] = defaultdict(set)
    for _ in range(LOOKS):
        factory.world.run(TICKS_BETWEEN_LOOKS)
        for number, belt in belts.items():
            seen[number].update(item for lane in belt.lane_items() for item, _ in lane)
    return seen


def items_at(source: Entity) -> frozenset[str]:
    """Return the items that can be taken there: products of a machine, contents of a chest."""
    if source.recipe is not None:
        results = facts_of("recipe", source.recipe)["results"]
        return frozenset(one["name"] for one in results)
    return frozenset() if is_belt(source.name) else frozenset(source.inventory())


def inserter_rate(facts: dict[str, Any], *, takes_from_belt: bool) -> float:
    """Return the items a second of an inserter without bonuses.

    From a full belt it takes the item of the nearer lane that lies furthest upstream: less than
    half a turn away (measured on 2.0.76 and 2.0.77).
    """
    turn = 0.5
    if takes_from_belt:
        reach = abs(facts["pickup_position"][1]) - LANE_OFFSET_TILES
        turn -= math.atan2(AHEAD_TILES, reach) / math.tau
    ticks: int = 2 * math.floor(turn / facts["rotation_speed"])
    return 60 / ticks


def is_belt(name: str) -> bool:
    """Say whether an entity is a belt of any kind."""
    return name.endswith(("transport-belt", "underground-belt", "splitter"))


def effects_of(factory: Factory) -> dict[int, _Effects]:
    """Return the effects of modules and beacons on every machine, by its number."""
    effects: dict[int, _Effects] = defaultdict(_Effects)
    beacons = [entity for entity in factory.entities if entity.name == "beacon"]
    for entity in factory.entities:
        if entity.recipe is None:
            continue
        effect = effects[entity.unit_number]
        speed, effect.productivity = module_effects(entity)
        near = [beacon for beacon in beacons if reaches(beacon, entity)]
        if near:
            facts = facts_of("entity", "beacon")
            strength = facts["distribution_effectivity"] * facts["profile"][len(near) - 1]
            speed += sum(module_effects(beacon)[0] for beacon in near) * strength
        effect.speed = max(0.2, 1 + speed)
    return effects


def module_effects(entity: Entity) -> tuple[float, float]:
    """Sum the effects of the modules in an entity: on speed and on productivity."""
    speed = productivity = 0.0
    for name, count in entity.inventory("modules").items():
        effect = facts_of("item", name)["effect"]
        speed += count * effect.get("speed", 0.0)
        productivity += count * effect.get("productivity", 0.0)
    return speed, productivity


def reaches(beacon: Entity, entity: Entity) -> bool:
    """Say whether a beacon acts on a machine: its area overlaps the machine's tiles."""
    distance = facts_of("entity", "beacon")["supply_area_distance"]
    own, other = tiles_of(beacon), tiles_of(entity)
    overlaps = [
        min(place[axis] for place in other) < max(place[axis] for place in own) + 1 + distance
        and max(place[axis] for place in other) + 1 > min(place[axis] for place in own) - distance
        for axis in (0, 1)
    ]
    return all(overlaps)
