"""The flow network of a world: machines, chests and belts as pools and activities of a `Balance`.

What it reckons is what goes on by itself if nobody comes: machines go on as long as what they were
given by hand lasts, chests give and take as long as they are neither empty nor full.
Fluids are taken as there or not there; their pipes are not followed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factorio_fast.semantic.balance import Balance, Member
from factorio_fast.semantic.clogs import JAM_ITEMS_PER_TILE, find_clogs
from factorio_fast.semantic.edits import Edits
from factorio_fast.semantic.electricity import known_limits, reckoned_satisfaction
from factorio_fast.semantic.facts import entity_facts, fuel_joules, recipe_of, stack_size
from factorio_fast.semantic.layout import CHEST_TYPES, Layout
from factorio_fast.semantic.machines import (
    CRAFTER_TYPES,
    burns,
    crafts_per_minute,
    energy_watts,
    fuel_stock_joules,
    inserter_per_minute,
    lab_units_per_minute,
    productivity,
)

if TYPE_CHECKING:
    from factorio_fast.semantic.clogs import Clog
    from factorio_fast.semantic.edits import PoolKey
    from factorio_fast.semantic.layout import Arm
    from factorio_fast.semantic.state import EntityState, GameState

__all__ = ["RESEARCH", "Activity", "FlowNetwork"]

PLENTY = 1e9
"""A rate above all others, items a minute."""
MAX_JAMMED_RUNS = 200
"""How many runs a jam is followed downstream; a closed loop is none."""
HORIZON_MINUTES = 10.0
"""The time over which a chest that is also filled spends what it holds, or fills up."""
RESEARCH = "research"
MEGAJOULES = 1e6
TINY = 1e-3
"""A rate below it is none."""


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


class FlowNetwork(Layout):
    """The flows of a world, solved: `rates` by activity, a minute.

    Args:
        state: the world.
        edits: what is otherwise in it.
        satisfaction: the share of its demand that each network meets, where that is known.
    """

    def __init__(
        self,
        state: GameState,
        edits: Edits | None = None,
        satisfaction: dict[int, float] | None = None,
    ) -> None:
        if satisfaction is not None:
            super().__init__(state, edits or Edits(), satisfaction)
            self._build()
            return
        measured = {
            network.number: (network.satisfaction if network.demand_watts > 0 else 1.0)
            for network in state.power
        }
        limits = known_limits(state)
        super().__init__(state, edits or Edits(), measured | dict.fromkeys(limits, 1.0))
        self._build()
        # One tick says little of machines that work in turns: power is reckoned in the mean.
        shares = reckoned_satisfaction(self, limits, measured)
        if shares != self.satisfaction:
            self.satisfaction = shares
            self._build()

    def _build(self) -> None:
        self.activities: list[Activity] = []
        self.pools: dict[PoolKey, int] = {}
        self.givers: dict[PoolKey, list[tuple[int, float]]] = {}
        self.takers: dict[PoolKey, list[tuple[int, float]]] = {}
        self.spare: dict[PoolKey, float] = {}
        self.room: dict[PoolKey, float] = {}
        self.limits: list[tuple[str, int, float, list[int]]] = []
        """Bounds of activities together: `arm`, `machine` or `run`, its number, capacity, whom."""
        self._limit_members: list[list[Member]] = []
        self._priorities: dict[tuple[PoolKey, int], int] = {}
        self._smelts: dict[int, list[str]] = {}
        self._add_machines()
        self._add_arms()
        self._add_runs()
        self.rates = self._solve()
        self.clogs = find_clogs(self)
        if self.clogs:
            for clog in self.clogs:
                self._add_clog(clog)
            self.rates = self._solve()

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
                self.held["unit", unit]
                | set(entity.items("source"))
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
                self._burn(
                    unit, activity, energy_watts(name) * 60.0 / max(most / max(speed, 1e-9), 1e-9)
                )
            if most > 0:
                members.append(Member(activity.index, 1.0 / most))
        self._smelts[unit] = [self.activities[member.activity].recipe or "" for member in members]
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
                self._burn(
                    unit, activity, energy_watts(self.name_of(unit)) * 60.0 / max(total, 1e-9)
                )
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
                    way = run.way(after)
                    if not way.passes(item):
                        continue
                    activity = self._activity("belt", number, item, run.per_minute)
                    self._take((number, "run", item), activity, 1.0, 1 + way.rank)
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

    def _add_clog(self, clog: Clog) -> None:
        """Bound what a clogged run carries of each item by how they lie in line."""
        for item, most in clog.most_per_minute.items():
            coming = [Member(index, amount) for index, amount in self.givers[clog.run, "run", item]]
            if coming:
                self._limit("clog", clog.run, most, coming)

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
            is_there = item in self.belts.runs[owner].counts and not any(
                emptied[1:] == ("run", item) for emptied in self.edits.emptied
            )
            return (PLENTY if is_there and not is_fed else 0.0), 0.0
        entity = self.units[owner]
        if role == "store":
            return self._chest_stocks(entity, item, is_fed=is_fed, is_drained=is_drained)
        if role in {"out", "fluid-out"}:
            return 0.0, self._room_for_result(entity, role, item, is_drained=is_drained)
        return self._spare_of(entity, role, item, is_fed=is_fed), 0.0

    def _spare_of(self, entity: EntityState, role: str, item: str, *, is_fed: bool) -> float:
        """Return what a machine can go on with of what was put into it by hand."""
        if role == "fuel":
            is_lasting = fuel_stock_joules(entity) > 0 and not is_fed
            return math.inf if is_lasting or entity.unit_number in self.edits.fuelled else 0.0
        if role == "fluid":
            return math.inf if entity.fluids.get(item, 0.0) > 1.0 else 0.0
        is_there = role == "in" and bool(entity.items("source").get(item, 0))
        return PLENTY if is_there and not is_fed else 0.0

    def _room_for_result(
        self, entity: EntityState, role: str, item: str, *, is_drained: bool
    ) -> float:
        """Return how much of a result goes on piling up in a machine, a minute."""
        if item == RESEARCH:
            return math.inf
        if is_drained or entity.status == "full":
            return 0.0
        # Without an inserter a result piles up until the machine is full; one that inserters feed
        # is that after a few crafts, since they stop then.
        arms = self.arms_into.get(entity.unit_number, ())
        is_fed_on = role == "out" and any(arm.entity.type == "inserter" for arm in arms)
        return 0.0 if is_fed_on else math.inf

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
            return self.name_of(unit), ",".join(sorted(self._smelts.get(unit, ())))
        return self.name_of(unit), self.recipe_name(unit)

    def nominal(self, activity: Activity) -> float:
        """Return the rate of an activity with power and fuel; crafts or items a minute."""
        entity = self.units[activity.unit]
        name = self.name_of(activity.unit)
        if activity.kind == "craft" and activity.recipe is not None:
            return crafts_per_minute(entity, name, recipe_of(activity.recipe))
        if activity.kind == "mine":
            return self._mined(activity.unit).get(activity.item, 0.0)
        if activity.kind == "research":
            return lab_units_per_minute(self.state, entity)[0]
        return activity.most

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


def chest_room(chest: EntityState, item: str) -> int:
    """Return how many more of an item a chest holds; slots that are begun count for their item."""
    slots = int(entity_facts(chest.name).get("inventory_size", 0))
    held = chest.items("contents")
    used = sum(math.ceil(count / stack_size(name)) for name, count in held.items())
    own = held.get(item, 0)
    begun = math.ceil(own / stack_size(item)) * stack_size(item) - own
    return max(slots - used, 0) * stack_size(item) + begun
