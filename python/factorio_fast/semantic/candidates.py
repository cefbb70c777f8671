"""What could limit production: faults that are seen, and everything that works at its limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from factorio_fast.semantic.edits import Edits
from factorio_fast.semantic.electricity import demanded_watts, most_watts
from factorio_fast.semantic.facts import entity_facts
from factorio_fast.semantic.layout import CHEST_TYPES
from factorio_fast.semantic.machines import burns, energy_watts, is_electric
from factorio_fast.semantic.supply import missing_supplies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factorio_fast.semantic.bottlenecks import Kind
    from factorio_fast.semantic.network import Activity, FlowNetwork

__all__ = ["Candidate", "candidates"]

AT_LIMIT = 0.98
"""The share of its highest rate from which something counts as working at its limit."""
# Satisfaction above this is a network that gives what is asked of it.
FULL_POWER = 0.995
MIN_LACK_WATTS = 1e3
BETTER_INSERTER = {"burner-inserter": "inserter", "inserter": "fast-inserter"}
SECOND_ONE = 2.0


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One thing that may be a bottleneck, and what mending it changes."""

    kind: Kind
    units: tuple[int, ...]
    name: str
    position: tuple[float, float]
    fix: str
    edits: Edits
    item: str | None = None
    is_fault: bool = True
    """Whether something is wrong there, rather than at its limit."""


def candidates(network: FlowNetwork) -> list[Candidate]:
    """List what may limit production: faults first, then what works at its limit."""
    missing = missing_candidates(network)
    # What makes the wrong thing has no outlet for it; that is no fault of its own.
    misset = {found.units[0] for found in missing if found.kind == "wrong-recipe"}
    return [
        *_without_power(network),
        *_low_power(network),
        *_without_fuel(network),
        *missing,
        *_depleted(network),
        *(found for found in _full(network) if found.units[0] not in misset),
        *_jammed(network),
        *_inserters_at_limit(network),
        *_belts_at_limit(network),
        *_machines_at_limit(network),
    ]


def _grouped(network: FlowNetwork, units: Iterable[int]) -> list[tuple[str, tuple[int, ...]]]:
    """Group units by name and by what they are connected with."""
    groups: dict[tuple[str, int], list[int]] = {}
    for unit in units:
        key = (network.name_of(unit), network.component_of(unit))
        groups.setdefault(key, []).append(unit)
    return [(name, tuple(members)) for (name, _), members in groups.items()]


def _candidate(
    network: FlowNetwork,
    kind: Kind,
    units: tuple[int, ...],
    fix: str,
    edits: Edits,
    *,
    item: str | None = None,
    is_fault: bool = True,
) -> Candidate:
    return Candidate(
        kind=kind,
        units=units,
        name=network.name_of(units[0]),
        position=network.units[units[0]].position,
        fix=fix,
        edits=edits,
        item=item,
        is_fault=is_fault,
    )


def _without_power(network: FlowNetwork) -> list[Candidate]:
    lacking = [
        unit
        for unit, entity in network.units.items()
        if is_electric(entity.name) and entity.power_network is None
    ]
    # A pole serves what stands together: all kinds of a plant are one fault.
    groups: dict[int, list[int]] = {}
    for unit in lacking:
        groups.setdefault(network.component_of(unit), []).append(unit)
    return [
        _candidate(
            network,
            "no-power",
            tuple(units),
            "connect it to power with a pole",
            Edits(powered=frozenset(units)),
        )
        for units in groups.values()
    ]


def _low_power(network: FlowNetwork) -> list[Candidate]:
    found = []
    for power in network.state.power:
        share_met = network.satisfaction.get(power.number, 1.0)
        if share_met >= FULL_POWER:
            continue
        consumers = [
            unit
            for unit, entity in network.units.items()
            if entity.power_network == power.number and is_electric(entity.name)
        ]
        boilers = [
            unit
            for unit, entity in network.units.items()
            if entity.type == "boiler" and not network.fires(unit)
        ]
        if not consumers:
            continue
        if boilers:
            more = sum(energy_watts(network.units[unit].name) for unit in boilers)
            engines = sum(
                most_watts(entity.name)
                for entity in network.units.values()
                if entity.type == "generator" and entity.power_network == power.number
            )
            most = min(power.delivered_watts + more, max(engines, power.delivered_watts))
            share = min(1.0, most / power.demand_watts)
            edits = Edits(networks={power.number: share}, fuelled=frozenset(boilers))
            fix = "put fuel into the boilers"
            found.append(_candidate(network, "no-fuel", tuple(boilers), fix, edits))
        # Machines that are slow for lack of power would ask for so much more with it.
        wanted = max(demanded_watts(network, power.number), power.demand_watts)
        lack = max((1.0 - share_met) * wanted, MIN_LACK_WATTS)
        fix = f"add {lack / 1e3:.0f} kW of power"
        edits = Edits(networks={power.number: 1.0})
        found.append(_candidate(network, "low-power", tuple(consumers), fix, edits))
    return found


def _without_fuel(network: FlowNetwork) -> list[Candidate]:
    lacking = []
    for unit, entity in network.units.items():
        if entity.type == "boiler" or not burns(entity.name):
            continue
        key = (unit, "fuel", "fuel")
        is_supplied = network.inflow(key) > 0
        if (not network.fires(unit) and not is_supplied) or _is_short(network, key):
            lacking.append(unit)
    return [
        _candidate(network, "no-fuel", units, "put fuel into it", Edits(fuelled=frozenset(units)))
        for _, units in _grouped(network, lacking)
    ]


def _is_short(network: FlowNetwork, key: tuple[int, str, str]) -> bool:
    """Say whether what takes from a pool could take more than comes in."""
    takers = network.takers.get(key, ())
    if network.spare.get(key, 0.0) > 0 or not network.givers.get(key):
        return False
    wanted = sum(network.activities[index].most * amount for index, amount in takers)
    return network.inflow(key) < AT_LIMIT * wanted


def missing_candidates(network: FlowNetwork) -> list[Candidate]:
    """List machines that get nothing of what they need, and those that make the wrong thing."""
    found = []
    for lack in missing_supplies(network):
        if lack.recipe is not None:
            is_set = network.recipe_name(lack.unit) is not None
            found.append(
                _candidate(
                    network,
                    "wrong-recipe" if is_set else "no-recipe",
                    (lack.unit,),
                    f"set the recipe {lack.recipe}",
                    Edits(recipes={lack.unit: lack.recipe}),
                    item=network.recipe_name(lack.unit),
                )
            )
        else:
            found.append(
                _candidate(
                    network,
                    "missing-ingredient",
                    (lack.unit,),
                    f"bring {lack.item}",
                    Edits(stocked=frozenset(lack.pools)),
                    item=lack.item,
                )
            )
    return found


def _depleted(network: FlowNetwork) -> list[Candidate]:
    lacking = [
        unit
        for unit, entity in network.units.items()
        if entity.type == "mining-drill" and not entity.ore_tiles
    ]
    return [
        _candidate(network, "depleted", units, "move it to fresh ore", Edits(ore=frozenset(units)))
        for _, units in _grouped(network, lacking)
    ]


def _full(network: FlowNetwork) -> list[Candidate]:
    found = []
    for unit, entity in network.units.items():
        keys = [
            key
            for key, room in network.room.items()
            if key[0] == unit and key[1] in {"store", "out"} and room <= 0 and network.givers[key]
        ]
        stuck = [key for key in keys if not network.takers.get(key)]
        if stuck and entity.type in CHEST_TYPES:
            edits = Edits(emptied=frozenset(keys))
            found.append(_candidate(network, "full", (unit,), "empty it", edits, item=stuck[0][2]))
        elif stuck:
            edits = Edits(emptied=frozenset(stuck))
            fix = "take its products away with an inserter"
            found.append(_candidate(network, "no-outlet", (unit,), fix, edits, item=stuck[0][2]))
    return found


def _jammed(network: FlowNetwork) -> list[Candidate]:
    groups: dict[tuple[int, str], list[int]] = {}
    stuck = [*network.jams().items(), *((clog.run, clog.item) for clog in network.clogs)]
    for number, item in stuck:
        component = network.component_of(network.belts.runs[number].units[0])
        groups.setdefault((component, item), []).append(number)
    found = []
    for (_, item), runs in groups.items():
        units = tuple(
            dict.fromkeys(unit for number in runs for unit in network.belts.runs[number].units)
        )
        edits = Edits(emptied=frozenset((number, "run", item) for number in runs))
        is_jam = any(number in network.jams() for number in runs)
        less = "" if is_jam else ", and lead less of it there or on a lane of its own"
        fix = f"take the {item} off the belt{less}"
        found.append(_candidate(network, "blocked-belt", units, fix, edits, item=item))
    return found


# --- What works at its limit ---------------------------------------------------------------------


def _is_at_limit(network: FlowNetwork, activities: list[Activity], most: float) -> bool:
    rate = sum(network.rates[activity.index] for activity in activities)
    return most > 0 and rate >= AT_LIMIT * most


def _inserters_at_limit(network: FlowNetwork) -> list[Candidate]:
    moves: dict[int, list[Activity]] = {}
    for activity in network.activities:
        if activity.kind == "move":
            moves.setdefault(activity.unit, []).append(activity)
    groups: dict[tuple[object, ...], list[int]] = {}
    for unit, activities in moves.items():
        if _is_at_limit(network, activities, activities[0].most):
            arm = network.arms[unit]
            key: tuple[object, ...] = (
                network.name_of(unit),
                network.component_of(unit),
                network.work_of(arm.source),
                network.work_of(arm.target),
            )
            groups.setdefault(key, []).append(unit)
    found = []
    for group, members in groups.items():
        better = BETTER_INSERTER.get(str(group[0]))
        if better is not None:
            edits = Edits(names=dict.fromkeys(members, better))
            fix = f"upgrade it to {better}"
        else:
            edits = Edits(copies=dict.fromkeys(members, SECOND_ONE))
            fix = "put a second one beside it"
        found.append(
            _candidate(network, "slow-inserter", tuple(members), fix, edits, is_fault=False)
        )
    return found


def _belts_at_limit(network: FlowNetwork) -> list[Candidate]:
    flows: dict[int, float] = {}
    for kind, owner, _, members in network.limits:
        if kind == "run":
            rate = sum(network.rates[index] for index in members)
            flows[owner] = max(flows.get(owner, 0.0), rate)
    units = [
        unit
        for number, rate in flows.items()
        if rate >= AT_LIMIT * network.belts.runs[number].per_minute
        for unit in network.belts.runs[number].units
    ]
    components = dict.fromkeys(network.component_of(unit) for unit in units)
    found = []
    for component in components:
        # A belt is as fast as its slowest part: the whole line is replaced.
        line = {
            unit: better
            for unit, entity in network.units.items()
            if entity.type in {"transport-belt", "underground-belt", "splitter"}
            and network.component_of(unit) == component
            and (better := entity_facts(network.name_of(unit)).get("next_upgrade")) is not None
        }
        full = tuple(unit for unit in dict.fromkeys(units) if unit in line)
        if full:
            fix = f"upgrade the belts to {line[full[0]]}"
            edits = Edits(names=line)
            found.append(_candidate(network, "saturated-belt", full, fix, edits, is_fault=False))
    return found


def _machines_at_limit(network: FlowNetwork) -> list[Candidate]:
    shares: dict[int, float] = {}
    for activity in network.activities:
        if activity.kind in {"craft", "mine", "research"} and activity.most > 0:
            share = network.rates[activity.index] / activity.most
            shares[activity.unit] = (
                max(shares.get(activity.unit, 0.0), share)
                if activity.kind == "mine"
                else shares.get(activity.unit, 0.0) + share
            )
    groups: dict[tuple[object, ...], list[int]] = {}
    for unit in shares:
        key = (network.work_of(unit), network.component_of(unit))
        groups.setdefault(key, []).append(unit)
    found = []
    for members in groups.values():
        if any(shares[unit] >= AT_LIMIT for unit in members):
            factor = (len(members) + 1) / len(members)
            name = network.name_of(members[0])
            found.append(
                _candidate(
                    network,
                    "too-few-machines",
                    tuple(members),
                    f"add one more {name} to the {len(members)}",
                    Edits(copies=dict.fromkeys(members, factor)),
                    is_fault=False,
                )
            )
    return found
