"""The flow network of a world: machines, chests and belts as pools and activities of a `Balance`.

What it reckons is what goes on by itself if nobody comes: machines go on as long as what they were
given by hand lasts, chests give and take as long as they are neither empty nor full.
Fluids are taken as there or not there; their pipes are not followed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from factorio_fast.semantic.balance import Balance, Member
from factorio_fast.semantic.belts import BELT_TYPES, Belts
from factorio_fast.semantic.edits import Edits
from factorio_fast.semantic.facts import (
    entity_facts,
    fuel_joules,
    mined_from,
    recipe_of,
    recipes,
    stack_size,
)
from factorio_fast.semantic.geometry import Tiles, drop_point, pickup_point, tile_of
from factorio_fast.semantic.electricity import known_limits, reckoned_satisfaction
from factorio_fast.semantic.machines import (
    CRAFTER_TYPES,
    burns,
    crafts_per_minute,
    drill_per_minute,
    enabled_recipes,
    energy_watts,
    fuel_stock_joules,
    inserter_per_minute,
    is_electric,
    is_fuelled,
    lab_units_per_minute,
    productivity,
    smelting_recipes,
)

if TYPE_CHECKING:
    from factorio_fast.semantic.edits import PoolKey
    from factorio_fast.semantic.facts import Recipe
    from factorio_fast.semantic.state import EntityState, GameState

__all__ = ["Activity", "Arm", "FlowNetwork"]

PLENTY = 1e9
"""A rate above all others, items a minute."""
CHEST_TYPES = frozenset({"container", "logistic-container", "infinity-container"})
MAX_JAMMED_RUNS = 200
"""How many runs a jam is followed downstream; a closed loop is none."""
HORIZON_MINUTES = 10.0
"""The time over which a chest that is also filled spends what it holds, or fills up."""
JAM_ITEMS_PER_TILE = 3
"""A lane holds four items a tile; one that stands still may have a gap at its back."""
RESEARCH = "research"
MEGAJOULES = 1e6


@dataclass(slots=True)
class Activity:
    """Something that goes on at a rate."""

    kind: str
    """`craft`, `mine`, `move` (an inserter), `belt` (a run), `research`, `burn` (a boiler)."""
    unit: int
    """The entity; of a belt, its run."""
    item: str
    """What is made, moved or researched."""
    recipe: str | None
    most: float
    """The rate a minute that it could have by itself: crafts or items."""
    index: int


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


class FlowNetwork:
    """The flows of a world, solved.

    `rates` are by activity; `flows` sums what comes into a pool and what leaves it.
    """

    def __init__(self, state: GameState, edits: Edits | None = None) -> None:
        self.state = state
        self.edits = edits or Edits()
        measured = {
            network.number: (network.satisfaction if network.demand_watts > 0 else 1.0)
            for network in state.power
        }
        limits = known_limits(state)
        self.satisfaction = measured | dict.fromkeys(limits, 1.0)
        self._build()
        shares = reckoned_satisfaction(self, limits, measured)
        if shares != self.satisfaction:
            self.satisfaction = shares
            self._build()

    def _build(self) -> None:
        state = self.state
        self.units = {entity.unit_number: entity for entity in state.entities}
        self.enabled = enabled_recipes(state.research.researched)
        self.activities: list[Activity] = []
        self.pools: dict[PoolKey, int] = {}
        self.givers: dict[PoolKey, list[tuple[int, float]]] = {}
        self.takers: dict[PoolKey, list[tuple[int, float]]] = {}
        self.spare: dict[PoolKey, float] = {}
        self.room: dict[PoolKey, float] = {}
        self.limits: list[tuple[str, int, float, list[int]]] = []
        """What bounds activities together: (`arm` | `machine` | `run`, unit or run, capacity, ...)."""
        self._limit_members: list[list[Member]] = []
        self._priorities: dict[tuple[PoolKey, int], int] = {}
        self._components: dict[int, int] | None = None
        self._read_layout()
        self._spread_items()
        self._add_machines()
        self._add_arms()
        self._add_runs()
        self.rates = self._solve()

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
        points = {}
        taps = set()
        for entity in state.entities:
            if entity.type == "inserter":
                points[entity.unit_number] = (pickup_point(entity), drop_point(entity))
            elif entity.type == "mining-drill":
                points[entity.unit_number] = (None, drop_point(entity))
            for point in points.get(entity.unit_number, ()):
                if point is not None:
                    taps.add(tile_of(point))
        belts = [entity for entity in state.entities if entity.type in BELT_TYPES]
        self.belts = Belts(belts, taps, self.edits.names)
        self.arms: dict[int, Arm] = {}
        for unit, (pickup, drop) in points.items():
            arm = Arm(self.units[unit], None, None)
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
            self.arms[unit] = arm

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
                held.update(
                    item for own, _, item in self.edits.stocked if own == unit and item
                )
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
            self.held["run", number] = set(run.items)
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
                if not self.held["run", number] <= target:
                    target |= self.held["run", number]
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

    # --- Pools and activities --------------------------------------------------------------------

    def _activity(
        self, kind: str, unit: int, item: str, most: float, recipe: str | None = None
    ) -> Activity:
        activity = Activity(kind, unit, item, recipe, most, len(self.activities))
        self.activities.append(activity)
        return activity

    def _give(self, key: PoolKey, activity: Activity, amount: float, priority: int = 0) -> None:
        self.givers.setdefault(key, []).append((activity.index, amount))
        self.takers.setdefault(key, [])
        self._priorities[key, activity.index] = priority

    def _take(self, key: PoolKey, activity: Activity, amount: float, priority: int = 0) -> None:
        self.takers.setdefault(key, []).append((activity.index, amount))
        self.givers.setdefault(key, [])
        self._priorities[key, activity.index] = priority

    def _limit(self, kind: str, owner: int, capacity: float, members: list[Member]) -> None:
        self.limits.append((kind, owner, capacity, [member.activity for member in members]))
        self._limit_members.append(members)

    def _add_machines(self) -> None:
        for unit, entity in self.units.items():
            copies = self.edits.copies.get(unit, 1.0)
            speed = self.power_of(unit) * copies
            if entity.type in CRAFTER_TYPES:
                self._add_crafter(unit, entity, speed)
            elif entity.type == "mining-drill":
                self._add_drill(unit, entity, speed)
            elif entity.type == "lab":
                units, packs = lab_units_per_minute(self.state, entity)
                if packs:
                    activity = self._activity("research", unit, RESEARCH, units * speed)
                    for pack, amount in packs.items():
                        self._take((unit, "in", pack), activity, amount)
                    self._give((unit, "out", RESEARCH), activity, 1.0)
            elif entity.type == "boiler" and burns(entity.name):
                self._add_boiler(unit, entity)

    def _add_crafter(self, unit: int, entity: EntityState, speed: float) -> None:
        name = self.name_of(unit)
        members = []
        for recipe in self.recipes_of(unit):
            solids = set(recipe.ingredients) - recipe.fluids
            if entity.type == "furnace" and not solids & (
                self.held["unit", unit] | set(entity.items("source"))
                | {item for own, _, item in self.edits.stocked if own == unit}
            ):
                continue
            most = crafts_per_minute(entity, name, recipe) * speed
            item = next(iter(recipe.results))
            activity = self._activity("craft", unit, item, most, recipe.name)
            for part, amount in recipe.ingredients.items():
                role = "fluid" if part in recipe.fluids else "in"
                self._take((unit, role, part), activity, amount)
            for part, amount in recipe.results.items():
                role = "fluid-out" if part in recipe.fluids else "out"
                made = amount * (1.0 + productivity(entity))
                self._give((unit, role, part), activity, made)
            if burns(name):
                self._burn(unit, activity, energy_watts(name) * 60.0 / max(most / max(speed, 1e-9), 1e-9))
            if most > 0:
                members.append(Member(activity.index, 1.0 / most))
        if len(members) > 1:
            self._limit("machine", unit, 1.0, members)

    def _burn(self, unit: int, activity: Activity, joules: float) -> None:
        self._take((unit, "fuel", "fuel"), activity, joules / MEGAJOULES)

    def _add_drill(self, unit: int, entity: EntityState, speed: float) -> None:
        for item, per_minute in self._mined(unit).items():
            most = per_minute * speed
            arm = self.arms[unit]
            is_fluid = item == "crude-oil"
            if not arm.has_target and not is_fluid:
                most = 0.0
            activity = self._activity("mine", unit, item, most)
            total = sum(self._mined(unit).values())
            if burns(entity.name):
                self._burn(unit, activity, energy_watts(self.name_of(unit)) * 60.0 / max(total, 1e-9))
            if is_fluid:
                self._give((unit, "fluid-out", item), activity, 1.0)
            else:
                self._deliver(arm, item, activity, priority=1)

    def _add_boiler(self, unit: int, entity: EntityState) -> None:
        """Let a boiler burn what its share of the electricity needs."""
        n_boilers = sum(
            other.type == "boiler" and self.fires(number) for number, other in self.units.items()
        )
        given = sum(network.generator_watts for network in self.state.power)
        most = min(energy_watts(entity.name), given / max(n_boilers, 1)) * 60.0 / MEGAJOULES
        activity = self._activity("burn", unit, "fuel", most)
        self._take((unit, "fuel", "fuel"), activity, 1.0)

    def _deliver(self, arm: Arm, item: str, activity: Activity, priority: int) -> None:
        """Let an arm's activity give an item to where it drops."""
        if arm.target_run is not None:
            self._give((arm.target_run, "run", item), activity, 1.0, priority)
        elif arm.target is not None:
            for key, amount in self._into(arm.target, item):
                self._give(key, activity, amount, priority)

    def _into(self, unit: int, item: str) -> list[tuple[PoolKey, float]]:
        """Return the pool of a unit that an item goes into, and how much of it."""
        entity = self.units[unit]
        if entity.type in CHEST_TYPES:
            return [((unit, "store", item), 1.0)]
        if burns(entity.name) and fuel_joules(item) > 0:
            return [((unit, "fuel", "fuel"), fuel_joules(item) / MEGAJOULES)]
        if entity.type in CRAFTER_TYPES | {"lab"}:
            return [((unit, "in", item), 1.0)]
        # Ammunition of turrets and the like: full as soon as it is filled.
        return [((unit, "filled", item), 1.0)]

    def _out_of(self, unit: int, item: str) -> PoolKey | None:
        entity = self.units[unit]
        if entity.type in CHEST_TYPES:
            return (unit, "store", item)
        if entity.type in CRAFTER_TYPES:
            is_made = any(item in recipe.results for recipe in self.recipes_of(unit))
            return (unit, "out", item) if is_made else None
        return (unit, "in", item) if entity.type == "lab" else None

    def _belt_speed(self, runs: list[int]) -> float:
        if not runs:
            return 0.0
        unit = self.belts.runs[runs[0]].nodes[0][0]
        return float(entity_facts(self.name_of(unit))["speed"])

    def arm_per_minute(self, unit: int) -> float:
        """Return what an inserter can move a minute, with its power and fuel."""
        arm = self.arms[unit]
        target_runs = [] if arm.target_run is None else [arm.target_run]
        rate = inserter_per_minute(
            self.state,
            self.name_of(unit),
            from_belt=self._belt_speed(arm.source_runs),
            onto_belt=self._belt_speed(target_runs),
        )
        served = [other for other in (arm.source, arm.target) if other is not None]
        copies = max((self.edits.copies.get(other, 1.0) for other in [*served, unit]), default=1.0)
        return rate * copies * self.power_of(unit) * self.fires(unit)

    def _add_arms(self) -> None:
        for unit, arm in self.arms.items():
            if arm.entity.type != "inserter" or not arm.has_source or not arm.has_target:
                continue
            most = self.arm_per_minute(unit)
            members = []
            sources: list[tuple[str, PoolKey]] = [
                (item, (run, "run", item))
                for run in arm.source_runs
                for item in sorted(self.held["run", run])
            ]
            if arm.source is not None:
                for item in sorted(self.held["unit", arm.source]):
                    key = self._out_of(arm.source, item)
                    if key is not None:
                        sources.append((item, key))
            for item, key in sources:
                if not self.can_move(arm, item):
                    continue
                activity = self._activity("move", unit, item, most)
                # An inserter takes from a belt before the rest goes on.
                self._take(key, activity, 1.0)
                self._deliver(arm, item, activity, priority=1)
                members.append(Member(activity.index, 1.0))
            if members:
                self._limit("arm", unit, most, members)

    def _add_runs(self) -> None:
        for number, run in enumerate(self.belts.runs):
            onward = []
            for item in sorted(self.held["run", number]):
                for after, priority in run.next:
                    activity = self._activity("belt", number, item, run.per_minute)
                    self._take((number, "run", item), activity, 1.0, 1)
                    self._give((after, "run", item), activity, 1.0, 2 * priority)
                    onward.append(Member(activity.index, 1.0))
            if onward:
                self._limit("run", number, run.per_minute, onward)
        for number, run in enumerate(self.belts.runs):
            coming = [
                Member(index, amount, self._priorities[key, index])
                for item in sorted(self.held["run", number])
                for key in [(number, "run", item)]
                for index, amount in self.givers.get(key, ())
            ]
            if coming:
                jam = self._jam(number)
                self._limit("run", number, 0.0 if jam else run.per_minute, coming)

    def _jam(self, number: int, depth: int = 0) -> str | None:
        """Return what stands at the front of a run that is full and goes nowhere, if anything."""
        run = self.belts.runs[number]
        item = run.front
        key = (number, "run", item or "")
        if item is None or key in self.edits.emptied or depth > MAX_JAMMED_RUNS:
            return None
        if run.n_items < JAM_ITEMS_PER_TILE * len(run.nodes):
            return None
        takers = [self.activities[index] for index, _ in self.takers.get(key, ())]
        if any(activity.kind != "belt" for activity in takers):
            return None
        is_stuck = all(self._jam(after, depth + 1) for after, _ in run.next)
        return item if is_stuck else None

    def jams(self) -> dict[int, str]:
        """Return the runs that stand still for an item that nothing takes, furthest downstream."""
        found = {}
        for number, run in enumerate(self.belts.runs):
            item = self._jam(number)
            if item is not None and not run.next:
                found[number] = item
        return found

    # --- Solving ---------------------------------------------------------------------------------

    def _solve(self) -> list[float]:
        balance = Balance()
        for activity in self.activities:
            balance.activity(min(activity.most, PLENTY))
        for key in dict.fromkeys([*self.givers, *self.takers]):
            spare, room = self._stocks(key)
            self.spare[key], self.room[key] = spare, room
            pool = balance.pool(spare, room)
            self.pools[key] = pool
            for index, amount in self.givers.get(key, ()):
                balance.give(pool, index, amount, self._priorities[key, index])
            for index, amount in self.takers.get(key, ()):
                balance.take(pool, index, amount, self._priorities[key, index])
        for (_, _, capacity, _), members in zip(self.limits, self._limit_members, strict=True):
            balance.limit(capacity, members)
        return balance.solve()

    def _stocks(self, key: PoolKey) -> tuple[float, float]:
        """Return what a pool can spare and has room for, a minute."""
        owner, role, item = key
        is_fed, is_drained = bool(self.givers.get(key)), bool(self.takers.get(key))
        spare, room = self._held_stocks(owner, role, item, is_fed=is_fed, is_drained=is_drained)
        if key in self.edits.stocked:
            spare = math.inf
        if key in self.edits.emptied:
            room = math.inf
        return spare, room

    def _held_stocks(
        self, owner: int, role: str, item: str, *, is_fed: bool, is_drained: bool
    ) -> tuple[float, float]:
        if role == "run":
            is_there = item in self.belts.runs[owner].items and not any(
                emptied[1:] == ("run", item) for emptied in self.edits.emptied
            )
            return (PLENTY if is_there and not is_fed else 0.0), 0.0
        entity = self.units[owner]
        if role == "store":
            return self._chest_stocks(entity, item, is_fed=is_fed, is_drained=is_drained)
        if role == "fuel":
            joules = fuel_stock_joules(entity)
            is_lasting = owner in self.edits.fuelled or (joules > 0 and not is_fed)
            return (math.inf if is_lasting else 0.0), 0.0
        if role == "in":
            return (PLENTY if entity.items("source").get(item, 0) and not is_fed else 0.0), 0.0
        if role == "fluid":
            return (math.inf if entity.fluids.get(item, 0.0) > 1.0 else 0.0), 0.0
        if role == "fluid-out":
            return 0.0, (0.0 if entity.status == "full" else math.inf)
        if role == "out":
            # Without an inserter a result piles up until the machine is full; what inserters feed is
            # that after a few crafts, since they stop then.
            is_hand_fed = not any(
                arm.target == owner and arm.entity.type == "inserter" for arm in self.arms.values()
            )
            is_open = not is_drained and entity.status != "full" and is_hand_fed
            return 0.0, (math.inf if is_open or item == RESEARCH else 0.0)
        return 0.0, 0.0

    def _chest_stocks(
        self, chest: EntityState, item: str, *, is_fed: bool, is_drained: bool
    ) -> tuple[float, float]:
        count = chest.items().get(item, 0)
        if chest.type == "infinity-container":
            return (math.inf if count else 0.0), math.inf
        room = chest_room(chest, item)
        spare = count / HORIZON_MINUTES if is_fed else (PLENTY if count else 0.0)
        return spare, room / HORIZON_MINUTES if is_drained else (math.inf if room > 0 else 0.0)

    # --- Reading the solution --------------------------------------------------------------------

    def work_of(self, unit: int | None) -> tuple[str, str | None] | None:
        """Return what a machine is and what it makes or mines; what does the same is one group."""
        if unit is None:
            return None
        entity = self.units[unit]
        if entity.type == "mining-drill":
            return self.name_of(unit), next(iter(sorted(entity.ore_tiles)), None)
        if entity.type == "furnace":
            made = sorted(
                activity.recipe or ""
                for activity in self.activities
                if activity.unit == unit and activity.kind == "craft"
            )
            return self.name_of(unit), ",".join(made)
        return self.name_of(unit), self.recipe_name(unit)

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

        def join(first: int, second: int) -> None:
            parents[root(first)] = root(second)

        for unit, arm in self.arms.items():
            for other in (arm.source, arm.target):
                if other is not None:
                    join(unit, other)
            runs = [*arm.source_runs, *([] if arm.target_run is None else [arm.target_run])]
            for run in runs:
                join(unit, self.belts.runs[run].units[0])
        for run in self.belts.runs:
            for belt in run.units[1:]:
                join(run.units[0], belt)
            for after, _ in run.next:
                join(run.units[0], self.belts.runs[after].units[0])
        return {unit: root(unit) for unit in self.units}

    def inflow(self, key: PoolKey) -> float:
        """Return what comes into a pool, a minute."""
        return sum(self.rates[index] * amount for index, amount in self.givers.get(key, ()))

    def outflow(self, key: PoolKey) -> float:
        """Return what leaves a pool, a minute."""
        return sum(self.rates[index] * amount for index, amount in self.takers.get(key, ()))

    def products(self) -> dict[str, float]:
        """Return what piles up or is consumed for good, a minute: the output of the whole."""
        totals: dict[str, float] = {}
        for key in self.pools:
            if key[1] in {"store", "out"}:
                gain = self.inflow(key) - self.outflow(key)
                if gain > TINY:
                    totals[key[2]] = totals.get(key[2], 0.0) + gain
        return totals


TINY = 1e-3


def chest_room(chest: EntityState, item: str) -> int:
    """Return how many more of an item a chest holds; slots that are begun count for their item."""
    slots = int(entity_facts(chest.name).get("inventory_size", 0))
    held = chest.items("contents")
    used = sum(math.ceil(count / stack_size(name)) for name, count in held.items())
    own = held.get(item, 0)
    begun = math.ceil(own / stack_size(item)) * stack_size(item) - own
    return max(slots - used, 0) * stack_size(item) + begun


