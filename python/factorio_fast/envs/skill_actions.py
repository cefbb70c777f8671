"""What the actions of `HierarchicalFactorioEnv` mean: places, amounts, and skills with parameters.

An action is (skill, place, item, amount). Each skill reads some of the last three and ignores the
others; `SkillActions.table` says exactly which combinations it would begin with.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast import contract, prototypes
from factorio_fast.coordination.tasks import SkillTask
from factorio_fast.errors import UnknownNameError
from factorio_fast.plays.recipes import can_craft, shortages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from factorio_fast._core import Entity, World

__all__ = [
    "AMOUNTS",
    "N_PLACES",
    "PLACE_COLUMNS",
    "RESOURCE_ROWS",
    "SKILL_NAMES",
    "USES",
    "SkillActions",
]

SKILL_NAMES = (
    "WAIT",
    "NAVIGATE",
    "GATHER",
    "CRAFT",
    "SUPPLY",
    "PLACE_ENTITIES",
    "INSERT",
    "TAKE",
    "SET_RECIPES",
    "FUEL",
    "REMOVE",
)
USES: dict[str, tuple[bool, bool, bool]] = {
    "WAIT": (False, False, True),
    "NAVIGATE": (True, False, False),
    "GATHER": (False, True, True),
    "CRAFT": (False, True, True),
    "SUPPLY": (False, True, True),
    "PLACE_ENTITIES": (True, True, False),
    "INSERT": (True, True, True),
    "TAKE": (True, True, True),
    "SET_RECIPES": (True, True, False),
    "FUEL": (True, False, False),
    "REMOVE": (True, False, False),
}
"""Which of place, item and amount each skill reads."""
RESOURCE_ROWS = ("iron-ore", "copper-ore", "coal", "stone", "crude-oil", "uranium-ore")
"""The first rows of the places: the nearest patch of each, always in the same row."""
N_PLACES = 16
"""The other rows are the nearest machines, ties by their number."""
PLACE_COLUMNS = ("is_there", "kind", "dx", "dy", "amount", "status")
"""Kind and status are codes of the contract; distances are in 32 tiles, amounts logarithms."""
AMOUNTS = (1, 2, 5, 10, 20, 50, 100, 200)
"""Counts of items; of `WAIT`, seconds."""
SITE_RADIUS_TILES = 10
"""So far round a place a site for a building is looked for."""
SITE_REACH_TILES = 2.0

_RAW = frozenset({"coal", "copper-ore", "iron-ore", "stone", "wood"})
_SCENERY_TYPES = frozenset({"tree", "simple-entity", "fish", "cliff", "character", "item-entity"})
_ENEMY_TYPES = frozenset({"unit-spawner", "turret"})
_DRILL_TYPES = frozenset({"mining-drill"})
_DISTANCE_TILES = 32.0


class SkillActions:
    """Reads a world as places, says which actions are legal in it, and makes tasks of them.

    Args:
        palette: the items that the item head chooses from.
        budget_seconds: game time that a task may take.
    """

    def __init__(self, palette: Sequence[str], *, budget_seconds: float) -> None:
        self.palette = tuple(palette)
        self.budget_seconds = budget_seconds
        self.nvec = (len(SKILL_NAMES), N_PLACES, contract.FULL_INVENTORY_SIZE, len(AMOUNTS))
        self._machines: list[Entity] = []
        self._patches: dict[str, tuple[tuple[float, float], int]] = {}
        self._carried: dict[str, int] = {}
        self._world: World | None = None
        self._tables: dict[int, NDArray[np.bool_]] = {}

    def look(self, world: World) -> None:
        """Read a world; everything else is about the world that was read last."""
        here = world.character.position
        self._world = world
        self._tables.clear()
        self._carried = world.character.inventory()
        self._patches = {}
        for patch in world.resource_patches():
            nearest = min((tile for tile, _ in patch.tiles), key=lambda tile: math.dist(tile, here))
            known = self._patches.get(patch.name)
            if known is None or math.dist(nearest, here) < math.dist(known[0], here):
                self._patches[patch.name] = (nearest, patch.amount)
        left = [one for one in world.entities() if _is_machine(one.name)]
        left.sort(key=lambda one: (math.dist(one.position, here), one.unit_number))
        self._machines = left[: N_PLACES - len(RESOURCE_ROWS)]

    def places(self) -> NDArray[np.float32]:
        """Return the table of places; float32; (16, 6); axes (place, `PLACE_COLUMNS`)."""
        table = np.zeros((N_PLACES, len(PLACE_COLUMNS)), np.float32)
        if self._world is None:
            return table
        x, y = self._world.character.position
        codes = {name: 1 + code for code, name in enumerate(contract.ENTITY_NAMES)}
        for row, resource in enumerate(RESOURCE_ROWS):
            if resource in self._patches:
                (left, top), amount = self._patches[resource]
                kind = contract.RESOURCE_KIND_BASE + 1 + contract.RESOURCE_NAMES.index(resource)
                table[row] = (1, kind, left - x, top - y, math.log1p(amount), 0)
        for row, machine in enumerate(self._machines, start=len(RESOURCE_ROWS)):
            held = sum(machine.inventory().values())
            status = contract.STATUS_NAMES.index(machine.status)
            dx, dy = machine.position[0] - x, machine.position[1] - y
            table[row] = (1, codes.get(machine.name, 0), dx, dy, math.log1p(held), status)
        table[:, 2:4] /= _DISTANCE_TILES
        return table

    def inventory(self) -> NDArray[np.float32]:
        """Return what is carried of the palette; float32; (32,)."""
        counts = np.zeros(contract.FULL_INVENTORY_SIZE, np.float32)
        for index, item in enumerate(self.palette):
            counts[index] = self._carried.get(item, 0)
        return counts

    def masks(self) -> NDArray[np.bool_]:
        """Return which choices some legal action has; bool; (67,); skill, place, item, amount.

        A head of which nothing is legal shows its first choice.
        """
        skill, place, item, amount = (np.zeros(n, np.bool_) for n in self.nvec)
        for index, name in enumerate(SKILL_NAMES):
            table = self.table(index)
            skill[index] = table.any()
            uses = USES[name]
            place |= table.any(axis=(1, 2)) & uses[0]
            item |= table.any(axis=(0, 2)) & uses[1]
            amount |= table.any(axis=(0, 1)) & uses[2]
        for head in (place, item, amount):
            head[0] |= not head.any()
        return np.concatenate([skill, place, item, amount])

    def table(self, skill: int) -> NDArray[np.bool_]:
        """Return exactly what a skill would begin with; bool; (16, 32, 8); place, item, amount."""
        if skill not in self._tables:
            table = np.zeros(self.nvec[1:], np.bool_)
            self._fill(SKILL_NAMES[skill], table)
            self._tables[skill] = table
        return self._tables[skill]

    def task(self, action: Sequence[int]) -> SkillTask | str:
        """Return the task that an action asks for, or why it is refused."""
        skill, place, item, amount = (int(part) for part in action)
        name = SKILL_NAMES[skill]
        uses = USES[name]
        index = (place, item, amount)
        table = self.table(skill)
        # What a skill does not read may be anything.
        kept = tuple(part if used else slice(None) for part, used in zip(index, uses, strict=True))
        if not table[kept].any():
            return f"{name} cannot begin with place {place}, item {item}, amount {amount}"
        parameters = self._parameters(name, place, item, AMOUNTS[amount])
        if isinstance(parameters, str):
            return parameters
        return SkillTask(name, parameters, budget_seconds=self.budget_seconds)

    # --- Inside ----------------------------------------------------------------------------------

    def _fill(  # noqa: C901 - one branch for each form of parameters
        self, name: str, table: NDArray[np.bool_]
    ) -> None:
        if self._world is None:
            return
        if name == "WAIT":
            seconds = np.array(AMOUNTS) <= self.budget_seconds
            table[:] = seconds[None, None, :]
        elif name == "NAVIGATE":
            for row in self._rows():
                table[row] = True
        elif name in {"FUEL", "REMOVE"}:
            for row, machine in self._machine_rows():
                table[row] = name == "REMOVE" or _burns(machine.name)
        elif name in {"GATHER", "CRAFT", "SUPPLY"}:
            for index, item in enumerate(self.palette):
                for number, amount in enumerate(AMOUNTS):
                    table[:, index, number] = self._can_get(name, item, amount)
        else:
            for index, item in enumerate(self.palette):
                self._fill_item(name, index, item, table)

    def _fill_item(self, name: str, index: int, item: str, table: NDArray[np.bool_]) -> None:
        if name == "PLACE_ENTITIES":
            if self._carried.get(item, 0) and _is_placed(item):
                for row in self._rows():
                    table[row, index] = True
            return
        for row, machine in self._machine_rows():
            if name == "SET_RECIPES":
                table[row, index] = _can_make(machine.name, item) and (
                    self._world is not None and self._world.is_enabled(item)
                )
                continue
            held = machine.inventory().get(item, 0)
            limit = self._carried.get(item, 0) if name == "INSERT" else held
            table[row, index] = np.array(AMOUNTS) <= limit

    def _can_get(self, name: str, item: str, amount: int) -> bool:
        if name == "GATHER":
            return item in _RAW and self._carried.get(item, 0) < amount
        if self._carried.get(item, 0) >= amount or not can_craft(item):
            return False
        if self._world is None or not self._world.is_enabled(item):
            return False
        if name == "SUPPLY":
            return True
        from collections import Counter

        return not shortages({item: amount}, Counter(self._carried))[1]

    def _parameters(  # noqa: PLR0911 - one return for each form of parameters
        self, name: str, place: int, item: int, amount: int
    ) -> dict[str, Any] | str:
        if name == "WAIT":
            return {"seconds": float(amount)}
        if name in {"GATHER", "CRAFT", "SUPPLY"}:
            return {"items": {self.palette[item]: amount}}
        position = self._position(place)
        if position is None:
            return f"there is no place {place}"
        if name == "NAVIGATE":
            return {"target": position, "reach": SITE_REACH_TILES}
        if name in {"FUEL", "REMOVE"}:
            return {"targets": [position]}
        if name == "SET_RECIPES":
            return {"recipes": [{"position": position, "recipe": self.palette[item]}]}
        if name in {"INSERT", "TAKE"}:
            return {"target": position, "items": {self.palette[item]: amount}}
        site = self._site(self.palette[item], position)
        if site is None:
            return f'no site for "{self.palette[item]}" within {SITE_RADIUS_TILES} tiles'
        return {"blueprint": [{"entity": self.palette[item], "position": site}]}

    def _rows(self) -> Iterator[int]:
        for row, resource in enumerate(RESOURCE_ROWS):
            if resource in self._patches:
                yield row
        for row, _ in self._machine_rows():
            yield row

    def _machine_rows(self) -> Iterator[tuple[int, Entity]]:
        yield from enumerate(self._machines, start=len(RESOURCE_ROWS))

    def _position(self, place: int) -> tuple[float, float] | None:
        if place < len(RESOURCE_ROWS):
            found = self._patches.get(RESOURCE_ROWS[place])
            return None if found is None else found[0]
        rows = dict(self._machine_rows())
        return rows[place].position if place in rows else None

    def _site(self, item: str, position: tuple[float, float]) -> tuple[float, float] | None:
        """Find the free place nearest to a position; of drills, one on ore."""
        world = self._world
        if world is None:
            return None
        size = _size_tiles(item)
        half = (size % 2) / 2
        x, y = (math.floor(part) + half for part in position)
        reach = range(-SITE_RADIUS_TILES, SITE_RADIUS_TILES + 1)
        offsets = sorted(((dx, dy) for dx in reach for dy in reach), key=_length)
        for dx, dy in offsets:
            site = (x + dx, y + dy)
            if world.can_place(item, site):
                return site
        return None


def _length(offset: tuple[int, int]) -> tuple[int, int, int]:
    dx, dy = offset
    return dx * dx + dy * dy, dy, dx


def _facts(entity: str) -> dict[str, Any]:
    try:
        return dict(prototypes.get("entity", entity))
    except UnknownNameError:
        return {}


def _is_machine(entity: str) -> bool:
    facts = _facts(entity)
    return facts.get("type", "tree") not in _SCENERY_TYPES | _ENEMY_TYPES


def _is_placed(item: str) -> bool:
    return bool(_facts(item)) and _is_machine(item)


def _burns(entity: str) -> bool:
    return (_facts(entity).get("energy_source") or {}).get("type") == "burner"


def _can_make(entity: str, recipe: str) -> bool:
    facts = _facts(entity)
    if facts.get("type") != "assembling-machine":
        return False
    try:
        category = prototypes.get("recipe", recipe).get("category", "crafting")
    except UnknownNameError:
        return False
    return category in facts.get("crafting_categories", ())


def _size_tiles(entity: str) -> int:
    (left, _), (right, _) = _facts(entity)["collision_box"]
    return max(1, math.ceil(float(right) - float(left)))
