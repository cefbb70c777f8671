"""Sets up the collected blueprints: builds, powers and supplies one, and empties its outputs.

`tests/data/blueprints/index.toml` says where the ports are, in the tiles of each blueprint string.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from factorio_fast import Blueprint, World, prototypes

if TYPE_CHECKING:
    from factorio_fast import Entity

FOLDER = Path(__file__).resolve().parents[1] / "data" / "blueprints"
MARGIN_TILES = 12
"""Free tiles around a blueprint: room for its power supply and for what feeds splitters."""

BELTS = {"splitter": "transport-belt", "underground-belt": "transport-belt"}
STEPS = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}
LANES = {"both": None, "left": 1, "right": 2}

Tile = tuple[int, int]


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """Return the entries of the index, in its order."""
    index = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))
    return tuple(index["blueprint"])


@dataclass
class Factory:
    """A blueprint that stands in a world of its own."""

    entry: dict[str, Any]
    world: World
    entities: list[Entity]
    """What was built of it, in the order of the string."""
    offset: Tile
    """What is added to a tile of the string to give the tile in the world."""
    area: tuple[Tile, Tile]
    """The tiles that it covers, right and bottom excluded."""
    inputs: list[tuple[dict[str, Any], Entity]] = field(default_factory=list)
    outputs: list[tuple[dict[str, Any], Entity]] = field(default_factory=list)
    """The ports, each with the entity that is kept full or empty."""

    @classmethod
    def build(
        cls, entry: dict[str, Any], string: str | None = None, margin_tiles: int = MARGIN_TILES
    ) -> Self:
        """Build the blueprint of an entry; nothing is supplied yet."""
        text = string or (FOLDER / f"{entry['name']}.txt").read_text(encoding="ascii").strip()
        declared = Blueprint.from_string(text).entities
        edges = [(x, y) for _, x, y, _ in declared]
        width = max(x for x, _ in edges) - min(x for x, _ in edges) + 20 + 2 * margin_tiles
        height = max(y for _, y in edges) - min(y for _, y in edges) + 20 + 2 * margin_tiles
        side = 2 * math.ceil(max(width, height) / 2)
        world = World(side, side)
        world.enable_all_recipes()
        corner = (margin_tiles - side // 2, margin_tiles - side // 2)
        built = world.import_blueprint(text, corner, skip_absent=True)
        tiles = [tile for entity in built for tile in tiles_of(entity)]
        area = (
            (min(x for x, _ in tiles), min(y for _, y in tiles)),
            (max(x for x, _ in tiles) + 1, max(y for _, y in tiles) + 1),
        )
        return cls(entry, world, built, offset_of(declared, built), area)

    def on(self, tile: Tile) -> Entity:
        """Return the entity of the blueprint on a tile of its string."""
        wanted = (tile[0] + self.offset[0], tile[1] + self.offset[1])
        for entity in self.entities:
            if wanted in tiles_of(entity):
                return entity
        raise LookupError(f"nothing stands on {tile} of {self.entry['name']}")

    def connect(self) -> None:
        """Keep the inputs full and the outputs empty from now on."""
        for port in self.entry["inputs"]:
            entity = self.beyond(port, is_input=True)
            if port["kind"] == "belt":
                entity.keep_full(port["item"], lane=LANES[port["lane"]])
            else:
                entity.keep_full(port["item"])
            self.inputs.append((port, entity))
        for port in self.entry["outputs"]:
            entity = self.beyond(port, is_input=False)
            entity.keep_empty()
            self.outputs.append((port, entity))

    def beyond(self, port: dict[str, Any], *, is_input: bool) -> Entity:
        """Return what supplies or empties a port: of a splitter, a belt beside it."""
        tile = (port["tile"][0], port["tile"][1])
        entity = self.on(tile)
        if not entity.name.endswith("splitter"):
            return entity
        step = STEPS[entity.direction]
        way = -1 if is_input else 1
        x = tile[0] + self.offset[0] + way * step[0]
        y = tile[1] + self.offset[1] + way * step[1]
        belt = entity.name.replace("splitter", "transport-belt")
        return self.world.place(belt, (x + 0.5, y + 0.5), entity.direction)

    def moved(self) -> dict[str, float]:
        """Read what has left through the outputs so far, by item or fluid."""
        left: dict[str, float] = {}
        for unit, port, entity in {
            entity.unit_number: (entity.unit_number, port, entity) for port, entity in self.outputs
        }.values():
            del unit
            for item, count in entity.moved().items():
                name = port["item"] if item == "fluid" else item
                left[name] = left.get(name, 0) + count
        return left

    def electrify(self) -> None:
        """Give every electric network that wants power as much as it wants."""
        poles = [entity for entity in self.entities if is_pole(entity.name)]
        tried: set[Tile] = set()
        starved = self._starved_networks()
        for pole in poles:
            if not starved:
                return
            self._power_from_outside(pole, starved, tried)
            starved = self._starved_networks()
        if starved:
            raise RuntimeError(f"{starved} networks of {self.entry['name']} get no power")

    def _starved_networks(self) -> int:
        """Count the networks with members that nothing supplies."""
        self.world.run(1)
        return sum(n.members > 0 and n.solar_watts <= 0 for n in self.world.power())

    def _power_from_outside(self, pole: Entity, n_starved: int, tried: set[Tile]) -> None:
        """Build a pole and an interface outside within reach of a pole, if that helps."""
        reach = facts_of("entity", pole.name)["maximum_wire_distance"]
        half = size_of(pole.name)[0] / 2
        (left, top), (right, bottom) = self.area
        x, y = pole.position
        # One row of tiles stays free for the belts that feed splitters.
        away = 1 + half
        north, south = ((x, top - away), (0, -1)), ((x, bottom + away), (0, 1))
        west, east = ((left - away, y), (-1, 0)), ((right + away, y), (1, 0))
        for spot, (step_x, step_y) in (north, south, west, east):
            tile = (math.floor(spot[0]), math.floor(spot[1]))
            is_free = all(abs(tile[0] - a) + abs(tile[1] - b) > 5 for a, b in tried)
            if not is_free or math.dist(spot, pole.position) > reach:
                continue
            mine = self.world.place(pole.name, spot)
            far = half + 1
            source = (spot[0] + far * step_x, spot[1] + far * step_y)
            interface = self.world.place("electric-energy-interface", source)
            if self._starved_networks() < n_starved:
                tried.add(tile)
                return
            self.world.remove(interface)
            self.world.remove(mine)


def is_pole(name: str) -> bool:
    """Say whether an entity is an electric pole."""
    return name == "substation" or name.endswith("electric-pole")


def offset_of(declared: list[tuple[str, float, float, int]], built: list[Entity]) -> Tile:
    """Compare where things of the smallest size are in the string with where they stand."""
    # Solar fields have none: then things of two or three tiles must do.
    sizes = sorted({size_of(entity.name) for entity in built})
    alike = {entity.name for entity in built if size_of(entity.name) == sizes[0]}
    there = [entity.position for entity in built if entity.name in alike]
    here = [(x, y) for name, x, y, _ in declared if name in alike]
    if len(there) != len(here):
        raise RuntimeError("what was built is not what the string declares")
    axes = []
    for axis in (0, 1):
        least = min(math.floor(place[axis]) for place in there)
        axes.append(least - min(math.floor(place[axis]) for place in here))
    return (axes[0], axes[1])


@cache
def facts_of(kind: str, name: str) -> dict[str, Any]:
    """Read a prototype, once."""
    return prototypes.get(kind, name)


@cache
def size_of(name: str) -> Tile:
    """Return the width and height of an entity that faces north, tiles."""
    facts = facts_of("entity", name)
    return (facts["tile_width"], facts["tile_height"])


def tiles_of(entity: Entity) -> list[Tile]:
    """List the tiles that an entity covers."""
    width, height = size_of(entity.name)
    if entity.direction in ("east", "west"):
        width, height = height, width
    left = round(entity.position[0] - width / 2)
    top = round(entity.position[1] - height / 2)
    return [(left + x, top + y) for x in range(width) for y in range(height)]
