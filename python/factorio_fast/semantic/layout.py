"""What stands where and hands on to what: arms, belts, and the items that can come to be there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from factorio_fast.semantic.belts import BELT_TYPES, Belts
from factorio_fast.semantic.facts import mined_from, recipe_of, recipes
from factorio_fast.semantic.geometry import Tiles, drop_point, pickup_point, tile_of
from factorio_fast.semantic.machines import (
    CRAFTER_TYPES,
    burns,
    drill_per_minute,
    enabled_recipes,
    is_electric,
    is_fuelled,
    lab_units_per_minute,
    smelting_recipes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from factorio_fast.semantic.edits import Edits
    from factorio_fast.semantic.facts import Recipe
    from factorio_fast.semantic.geometry import Point
    from factorio_fast.semantic.state import EntityState, GameState

__all__ = ["CHEST_TYPES", "Arm", "Layout"]

CHEST_TYPES = frozenset({"container", "logistic-container", "infinity-container"})


@dataclass(slots=True)
class Arm:
    """An inserter or a drill between what it takes from and what it gives to."""

    entity: EntityState
    source: int | None
    """The unit that it takes from; None for nothing, a belt or the ground."""
    target: int | None
    source_runs: list[int] = field(default_factory=list)
    target_run: int | None = None

    @property
    def has_source(self) -> bool:
        """Whether it takes from anything."""
        return self.source is not None or bool(self.source_runs)

    @property
    def has_target(self) -> bool:
        """Whether it gives to anything."""
        return self.target is not None or self.target_run is not None


class Layout:
    """What stands where, under some edits; `satisfaction` is the share that networks give."""

    def __init__(self, state: GameState, edits: Edits, satisfaction: dict[int, float]) -> None:
        self.state = state
        self.edits = edits
        self.satisfaction = satisfaction
        self.units = {entity.unit_number: entity for entity in state.entities}
        # What is made may be made, whatever research says.
        used = {entity.recipe for entity in state.entities if entity.recipe is not None}
        self.enabled = enabled_recipes(state.research.researched) | used
        self._components: dict[int, int] | None = None
        self._read_layout()
        self._spread_items()

    # --- Reading the layout ----------------------------------------------------------------------

    def name_of(self, unit: int) -> str:
        """Return what stands there, by the edits."""
        return self.edits.names.get(unit, self.units[unit].name)

    def recipe_name(self, unit: int) -> str | None:
        """Return what a machine makes, by the edits."""
        return self.edits.recipes.get(unit, self.units[unit].recipe)

    def _read_layout(self) -> None:
        state = self.state
        self.tiles = Tiles(state.entities)
        points: dict[int, tuple[Point | None, Point | None]] = {}
        for entity in state.entities:
            if entity.type == "inserter":
                points[entity.unit_number] = (pickup_point(entity), drop_point(entity))
            elif entity.type == "mining-drill":
                points[entity.unit_number] = (None, drop_point(entity))
        taps = {tile_of(point) for pair in points.values() for point in pair if point is not None}
        belts = [entity for entity in state.entities if entity.type in BELT_TYPES]
        self.belts = Belts(belts, taps, self.edits.names)
        self.arms = {
            unit: self._arm(self.units[unit], pickup, drop)
            for unit, (pickup, drop) in points.items()
        }
        self.arms_into: dict[int, list[Arm]] = {}
        self.arms_from: dict[int, list[Arm]] = {}
        self.arms_onto: dict[int, list[Arm]] = {}
        """Those that drop onto a run."""
        for arm in self.arms.values():
            if arm.target is not None:
                self.arms_into.setdefault(arm.target, []).append(arm)
            if arm.target_run is not None:
                self.arms_onto.setdefault(arm.target_run, []).append(arm)
            if arm.source is not None:
                self.arms_from.setdefault(arm.source, []).append(arm)

    def _arm(self, entity: EntityState, pickup: Point | None, drop: Point | None) -> Arm:
        arm = Arm(entity, None, None)
        if pickup is not None:
            arm.source_runs = self.belts.runs_at(tile_of(pickup))
            source = self.tiles.at(tile_of(pickup))
            if not arm.source_runs and source is not None:
                arm.source = source.unit_number
        if drop is not None:
            arm.target_run = self.belts.run_below(tile_of(drop), drop)
            target = self.tiles.at(tile_of(drop))
            if arm.target_run is None and target is not None:
                arm.target = target.unit_number
        return arm

    def power_of(self, unit: int) -> float:
        """Return the share of its power that an electric entity is given; 1 for others."""
        entity = self.units[unit]
        if not is_electric(entity.name) or unit in self.edits.powered:
            return 1.0
        network = entity.power_network
        if network is None:
            return 0.0
        return self.edits.networks.get(network, self.satisfaction.get(network, 0.0))

    def fires(self, unit: int) -> bool:
        """Say whether a burner has fuel, or is no burner."""
        entity = self.units[unit]
        return not burns(entity.name) or unit in self.edits.fuelled or is_fuelled(entity)

    # --- What can be where -----------------------------------------------------------------------

    def recipes_of(self, unit: int) -> list[Recipe]:
        """List what a machine may make: of a furnace, all that could be put in."""
        entity = self.units[unit]
        if entity.type == "furnace":
            return smelting_recipes(self.name_of(unit), self.enabled)
        name = self.recipe_name(unit)
        return [recipe_of(name)] if name in recipes() and name is not None else []

    def accepts(self, unit: int) -> frozenset[str] | None:
        """Return what a unit takes in; None for anything."""
        if unit not in self._accepts:
            self._accepts[unit] = self._accepted(unit)
        return self._accepts[unit]

    def _accepted(self, unit: int) -> frozenset[str] | None:
        entity = self.units[unit]
        if entity.type in CHEST_TYPES:
            return None
        found: set[str] = set()
        if entity.type in CRAFTER_TYPES:
            for recipe in self.recipes_of(unit):
                found.update(set(recipe.ingredients) - recipe.fluids)
        elif entity.type == "lab":
            found.update(lab_units_per_minute(self.state, entity)[1])
        if burns(entity.name):
            found.update(("coal", "wood", "solid-fuel", "rocket-fuel", "nuclear-fuel"))
        return frozenset(found)

    def can_move(self, arm: Arm, item: str) -> bool:
        """Say whether an inserter takes an item to where it gives."""
        filters = arm.entity.filters
        if filters and (item in filters) == (arm.entity.filter_mode == "blacklist"):
            return False
        if arm.target is None:
            return arm.target_run is not None
        accepted = self.accepts(arm.target)
        return accepted is None or item in accepted

    def _spread_items(self) -> None:
        """Find which items can come to be in each chest, machine's result and run."""
        self._accepts: dict[int, frozenset[str] | None] = {}
        self.held: dict[tuple[str, int], set[str]] = {}
        for unit, entity in self.units.items():
            if entity.type in CHEST_TYPES:
                held = set(entity.items())
                held.update(item for own, _, item in self.edits.stocked if own == unit and item)
                self.held["unit", unit] = held
            elif entity.type in CRAFTER_TYPES and entity.type != "furnace":
                self.held["unit", unit] = {
                    item
                    for recipe in self.recipes_of(unit)
                    for item in recipe.results
                    if item not in recipe.fluids
                }
            elif entity.type == "mining-drill":
                self.held["unit", unit] = set(self._mined(unit))
            else:
                self.held["unit", unit] = set(entity.items("result") | entity.items("source"))
        for number, run in enumerate(self.belts.runs):
            self.held["run", number] = set(run.counts)
        for own, role, item in self.edits.stocked:
            if role == "run":
                self.held["run", own].add(item)
        while self._spread_once():
            pass

    def _spread_once(self) -> bool:
        is_changed = False
        for unit, arm in self.arms.items():
            places = [("run", run) for run in arm.source_runs]
            if arm.source is not None:
                places.append(("unit", arm.source))
            if arm.entity.type == "mining-drill":
                places = [("unit", unit)]
            for place in places:
                moved = {item for item in self.held[place] if self.can_move(arm, item)}
                is_changed |= self._reach(arm, moved)
        for number, run in enumerate(self.belts.runs):
            for after, _ in run.next:
                target = self.held["run", after]
                way = run.way(after)
                passing = {item for item in self.held["run", number] if way.passes(item)}
                if not passing <= target:
                    target |= passing
                    is_changed = True
        return is_changed

    def _reach(self, arm: Arm, items: set[str]) -> bool:
        if arm.target_run is not None:
            target = self.held["run", arm.target_run]
        elif arm.target is not None:
            target = self.held["unit", arm.target]
            if self.units[arm.target].type == "furnace":
                made = {
                    result
                    for recipe in self.recipes_of(arm.target)
                    if items & set(recipe.ingredients)
                    for result in recipe.results
                }
                items = made | items
            elif self.units[arm.target].type not in CHEST_TYPES | {"lab"}:
                return False
        else:
            return False
        if items <= target:
            return False
        target |= items
        return True

    def _mined(self, unit: int) -> dict[str, float]:
        """Return what a drill yields a minute of each item, at full speed."""
        drill = self.units[unit]
        tiles = dict(drill.ore_tiles)
        if not tiles and unit in self.edits.ore:
            tiles = {self._ore_meant(unit): 1}
        rates: dict[str, float] = {}
        for ore, n_tiles in tiles.items():
            per_minute = drill_per_minute(self.state, drill, self.name_of(unit), ore)
            share = n_tiles / sum(tiles.values())
            products = mined_from(ore)[1]
            for item, amount in products.items():
                part = amount / sum(products.values())
                rates[item] = rates.get(item, 0.0) + per_minute * share * part
        return rates

    def _ore_meant(self, unit: int) -> str:
        """Return what a drill on bare ground mined: what lies nearest, or iron ore."""
        x, y = self.units[unit].position
        patches = self.state.resources
        near = min(
            patches,
            key=lambda patch: math.hypot(patch.position[0] - x, patch.position[1] - y),
            default=None,
        )
        return near.name if near is not None else "iron-ore"

    def component_of(self, unit: int) -> int:
        """Return the number of the group of entities that items can pass between."""
        if self._components is None:
            self._components = self._connected()
        return self._components[unit]

    def _connected(self) -> dict[int, int]:
        parents = {unit: unit for unit in self.units}

        def root(unit: int) -> int:
            while parents[unit] != unit:
                parents[unit] = parents[parents[unit]]
                unit = parents[unit]
            return unit

        for first, second in self._neighbours():
            parents[root(first)] = root(second)
        return {unit: root(unit) for unit in self.units}

    def _neighbours(self) -> Iterator[tuple[int, int]]:
        """Give all pairs of entities that items pass between."""
        runs = self.belts.runs
        for unit, arm in self.arms.items():
            ends = [other for other in (arm.source, arm.target) if other is not None]
            numbers = [*arm.source_runs, *([] if arm.target_run is None else [arm.target_run])]
            ends += [runs[number].units[0] for number in numbers]
            yield from ((unit, other) for other in ends)
        for run in runs:
            yield from ((run.units[0], belt) for belt in run.units[1:])
            yield from ((run.units[0], runs[after].units[0]) for after, _ in run.next)
