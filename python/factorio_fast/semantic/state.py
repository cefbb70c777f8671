"""All that is known of a world at one moment, as one value.

Example:
    >>> from factorio_fast import World
    >>> from factorio_fast.semantic.state import full_game_state
    >>> world = World(16, 8)
    >>> world.set_resource("iron-ore", ((-2, -2), (2, 2)), 1_000)
    >>> drill = world.place("burner-mining-drill", (0, 0), "east", items={"coal": 5})
    >>> chest = world.place("wooden-chest", (1.5, -0.5))
    >>> world.run(1_000)
    >>> state = full_game_state(world)
    >>> [(entity.name, entity.status) for entity in state.entities]
    [('burner-mining-drill', 'working'), ('wooden-chest', 'normal')]
    >>> state.entities[1].inventory["contents"], state.entities[0].ore_tiles
    ({'iron-ore': 4}, {'iron-ore': 4})
    >>> state == type(state).from_dict(state.to_dict())
    True
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import Field

from factorio_fast import prototypes
from factorio_fast.models import Model
from factorio_fast.semantic.facts import entity_facts, entity_type, module_speed

if TYPE_CHECKING:
    from factorio_fast._core import Entity, World

__all__ = [
    "CharacterState",
    "EntityState",
    "GameState",
    "PowerState",
    "ProductionState",
    "ResearchState",
    "ResourceState",
    "full_game_state",
]

Position = tuple[float, float]
SCENERY_TYPES = frozenset({"tree", "simple-entity", "cliff", "fish"})
"""What is counted and not listed: a map has thousands."""
ENEMY_TYPES = frozenset({"unit-spawner", "turret"})
"""The game's type of worms is `turret`; a player's are `ammo-turret` and the like."""
CHUNK_TILES = 32
# Inventories that are empty are left out.
_INVENTORIES = ("contents", "fuel", "source", "result", "modules", "hand")
_BELT_TYPES = frozenset({"transport-belt", "underground-belt", "splitter"})
_SPED_TYPES = frozenset({"assembling-machine", "furnace", "lab", "mining-drill", "rocket-silo"})
_TURRET_TYPES = frozenset({"ammo-turret"})
_SORTING_TYPES = frozenset({"inserter", "splitter"})


class EntityState(Model):
    """One entity."""

    unit_number: int
    name: str
    type: str
    """The game's type of its prototype, such as `mining-drill`."""
    position: Position
    direction: str
    status: str
    recipe: str | None = None
    products_finished: int = 0
    health: float = 0.0
    inventory: dict[str, dict[str, int]] = Field(default_factory=dict)
    """Items by inventory: `contents`, `fuel`, `source`, `result`, `modules`, `hand`."""
    fluids: dict[str, float] = Field(default_factory=dict)
    burning: tuple[str, float] | None = None
    """The fuel that burns, and the joules left of it."""
    power_network: int | None = None
    lanes: tuple[tuple[str, ...], ...] = ()
    """Of a belt, what lies on each lane, front first."""
    filters: tuple[str, ...] = ()
    filter_mode: str = "whitelist"
    priorities: tuple[str, str] = ("none", "none")
    end: str | None = None
    """Of an underground belt, `input` or `output`."""
    rounds: int = 0
    beacon_speed: float = 0.0
    """Share by which beacons make it faster."""
    ore_tiles: dict[str, int] = Field(default_factory=dict)
    """Of a drill, tiles with each resource that it reaches."""
    ore_amount: dict[str, int] = Field(default_factory=dict)
    """Of a drill, what lies on those tiles."""

    def items(self, kind: str | None = None) -> dict[str, int]:
        """Count what it holds, in one inventory or in all."""
        if kind is not None:
            return self.inventory.get(kind, {})
        counts: dict[str, int] = {}
        for held in self.inventory.values():
            for item, count in held.items():
                counts[item] = counts.get(item, 0) + count
        return counts


class ResourceState(Model):
    """A patch of one resource."""

    name: str
    amount: int
    position: Position
    area: tuple[tuple[int, int], tuple[int, int]]
    n_tiles: int
    n_drills: int = 0
    """Drills that reach into it."""


class PowerState(Model):
    """An electric network in the last tick."""

    number: int
    poles: int
    members: int
    satisfaction: float
    demand_watts: float
    delivered_watts: float
    solar_watts: float
    generator_watts: float
    discharge_watts: float
    stored_joules: float


class ProductionState(Model):
    """What was made and used since the world began."""

    items_made: dict[str, int]
    items_used: dict[str, int]
    items_lost: dict[str, int]
    fluids_made: dict[str, float]
    fluids_used: dict[str, float]


class ResearchState(Model):
    """What is researched."""

    current: str | None = None
    progress: float
    researched: tuple[str, ...]
    bonuses: dict[str, float]


class CharacterState(Model):
    """The character."""

    position: Position
    health: float
    inventory: dict[str, int]
    inventory_size: int
    crafting_queue: tuple[tuple[str, int], ...]
    mining_progress: float


class UnitState(Model):
    """A biter or spitter."""

    unit_number: int
    name: str
    position: Position
    health: float


class GameState(Model):
    """Everything that a `World` reports at one tick."""

    tick: int
    area: tuple[tuple[int, int], tuple[int, int]]
    entities: tuple[EntityState, ...]
    """What stands but scenery and enemies, in order of creation."""
    nests: tuple[EntityState, ...]
    """Spawners and worms."""
    units: tuple[UnitState, ...]
    scenery: dict[str, int]
    """How many trees, rocks and the like there are, by type."""
    resources: tuple[ResourceState, ...]
    """Nearest to the spawn point first."""
    power: tuple[PowerState, ...]
    production: ProductionState
    research: ResearchState
    character: CharacterState
    pollution: tuple[tuple[int, int, float], ...]
    """Chunks that are polluted: (x, y, amount), a chunk being 32 tiles."""
    evolution: float
    rockets_launched: int
    items_on_ground: dict[str, int]

    @property
    def seconds(self) -> float:
        """Game time since the world began."""
        return self.tick / 60

    def of_type(self, *types: str) -> list[EntityState]:
        """List the entities of some of the game's types."""
        return [entity for entity in self.entities if entity.type in types]


def full_game_state(world: World) -> GameState:
    """Read all that a world reports, however that was made: by hand, of a scenario, by `look()`."""
    ore = _ore_by_tile(world)
    listed: list[EntityState] = []
    nests: list[EntityState] = []
    scenery: dict[str, int] = {}
    for entity in world.entities():
        kind = entity_type(entity.name)
        if kind in SCENERY_TYPES:
            scenery[kind] = scenery.get(kind, 0) + 1
        else:
            (nests if kind in ENEMY_TYPES else listed).append(_entity_state(entity, kind, ore))
    listed = with_beacons(listed)
    character = world.character
    ground: dict[str, int] = {}
    for _position, item, count in world.items_on_ground():
        ground[item] = ground.get(item, 0) + count
    return GameState(
        tick=world.tick,
        area=world.area,
        entities=tuple(listed),
        nests=tuple(nests),
        units=tuple(
            UnitState(
                unit_number=unit.unit_number,
                name=unit.name,
                position=unit.position,
                health=unit.health,
            )
            for unit in world.units()
        ),
        scenery=scenery,
        resources=_resources(world, listed),
        power=_power(world),
        production=_production(world),
        research=_research(world),
        character=CharacterState(
            position=character.position,
            health=character.health,
            inventory=character.inventory(),
            inventory_size=character.inventory_size,
            crafting_queue=tuple(character.crafting_queue),
            mining_progress=character.mining_progress,
        ),
        pollution=_pollution(world),
        evolution=world.evolution,
        rockets_launched=world.rockets_launched,
        items_on_ground=ground,
    )


def _entity_state(
    entity: Entity, kind: str, ore: dict[tuple[int, int], tuple[str, int]]
) -> EntityState:
    held = {name: entity.inventory(name) for name in _INVENTORIES}
    tiles: dict[str, int] = {}
    amounts: dict[str, int] = {}
    if kind == "mining-drill":
        for name, amount in _ore_under(entity, ore):
            tiles[name] = tiles.get(name, 0) + 1
            amounts[name] = amounts.get(name, 0) + amount
    is_sorting = kind in _SORTING_TYPES
    return EntityState(
        unit_number=entity.unit_number,
        name=entity.name,
        type=kind,
        position=entity.position,
        direction=entity.direction,
        status=entity.status,
        recipe=entity.recipe,
        products_finished=entity.products_finished,
        health=entity.health,
        inventory={name: items for name, items in held.items() if items},
        fluids=entity.fluids(),
        burning=entity.burning,
        power_network=entity.power_network,
        lanes=tuple(tuple(item for item, _ in lane) for lane in entity.lane_items())
        if kind in _BELT_TYPES
        else (),
        filters=tuple(entity.filters) if is_sorting else (),
        filter_mode=entity.filter_mode if is_sorting else "whitelist",
        priorities=entity.priorities if kind == "splitter" else ("none", "none"),
        end=entity.type,
        rounds=entity.rounds if kind in _TURRET_TYPES else 0,
        ore_tiles=tiles,
        ore_amount=amounts,
    )


def with_beacons(entities: list[EntityState]) -> list[EntityState]:
    """Return entities with what the beacons among them do."""
    beacons = [
        entity for entity in entities if entity.type == "beacon" and entity.status != "no-power"
    ]
    if not beacons:
        return entities
    found = []
    for entity in entities:
        near = [beacon for beacon in beacons if _reaches(beacon, entity)]
        if entity.type in _SPED_TYPES and near:
            facts = entity_facts(near[0].name)
            strength = facts["distribution_effectivity"] * facts["profile"][len(near) - 1]
            speed = sum(module_speed(beacon.items("modules")) for beacon in near) * strength
            found.append(entity.model_copy(update={"beacon_speed": speed}))
        else:
            found.append(entity)
    return found


def _reaches(beacon: EntityState, entity: EntityState) -> bool:
    """Say whether the area of a beacon overlaps an entity."""
    facts, other = entity_facts(beacon.name), entity_facts(entity.name)
    reach = float(facts["supply_area_distance"])
    sizes = ("tile_width", "tile_height")
    return all(
        abs(beacon.position[axis] - entity.position[axis])
        < reach + (float(facts[size]) + float(other.get(size, 1))) / 2
        for axis, size in enumerate(sizes)
    )


def _ore_by_tile(world: World) -> dict[tuple[int, int], tuple[str, int]]:
    return {
        (math.floor(x), math.floor(y)): (patch.name, amount)
        for patch in world.resource_patches()
        for (x, y), amount in patch.tiles
    }


def _ore_under(drill: Entity, ore: dict[tuple[int, int], tuple[str, int]]) -> list[tuple[str, int]]:
    """List what lies on the tiles that a drill reaches and may mine."""
    facts = entity_facts(drill.name)
    radius = float(facts["resource_searching_radius"])
    categories = facts["resource_categories"]
    x, y = drill.position
    found = []
    for row in range(math.floor(y - radius), math.floor(y + radius) + 1):
        for column in range(math.floor(x - radius), math.floor(x + radius) + 1):
            name, amount = ore.get((column, row), ("", 0))
            if name and entity_facts(name).get("category", "basic-solid") in categories:
                found.append((name, amount))
    return found


def _resources(world: World, entities: list[EntityState]) -> tuple[ResourceState, ...]:
    drills = [entity for entity in entities if entity.type == "mining-drill"]
    return tuple(
        ResourceState(
            name=patch.name,
            amount=patch.amount,
            position=patch.position,
            area=patch.area,
            n_tiles=len(patch.tiles),
            n_drills=sum(
                patch.name in drill.ore_tiles and _is_in(drill.position, patch.area)
                for drill in drills
            ),
        )
        for patch in world.resource_patches()
    )


def _is_in(position: Position, area: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    """Say whether a drill at a position may reach into an area."""
    # An electric drill reaches 2.5 tiles from its middle.
    margin = 3
    (left, top), (right, bottom) = area
    x, y = position
    return left - margin <= x < right + margin and top - margin <= y < bottom + margin


def _power(world: World) -> tuple[PowerState, ...]:
    return tuple(
        PowerState(
            number=network.number,
            poles=network.poles,
            members=network.members,
            satisfaction=network.satisfaction,
            demand_watts=network.demand_watts,
            delivered_watts=network.delivered_watts,
            solar_watts=network.solar_watts,
            generator_watts=network.generator_watts,
            discharge_watts=network.discharge_watts,
            stored_joules=network.stored_joules,
        )
        for network in world.power()
    )


def _production(world: World) -> ProductionState:
    report = world.production()
    return ProductionState(
        items_made=report.items_made,
        items_used=report.items_used,
        items_lost=report.items_lost,
        fluids_made=report.fluids_made,
        fluids_used=report.fluids_used,
    )


def _research(world: World) -> ResearchState:
    current = world.current_research
    return ResearchState(
        current=current[0] if current else None,
        progress=current[1] if current else 0.0,
        researched=tuple(
            name for name in prototypes.names("technology") if world.is_researched(name)
        ),
        bonuses=world.bonuses(),
    )


def _pollution(world: World) -> tuple[tuple[int, int, float], ...]:
    (left, top), (right, bottom) = world.area
    found = []
    for y in range(math.floor(top / CHUNK_TILES), math.ceil(bottom / CHUNK_TILES)):
        for x in range(math.floor(left / CHUNK_TILES), math.ceil(right / CHUNK_TILES)):
            amount = world.pollution(
                (max(x * CHUNK_TILES, left) + 0.5, max(y * CHUNK_TILES, top) + 0.5)
            )
            if amount > 0:
                found.append((x, y, amount))
    return tuple(found)
