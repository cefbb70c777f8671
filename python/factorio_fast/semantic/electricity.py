"""What electric networks could give, and what the machines on them ask for at their rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.semantic.facts import entity_facts, inserter_joules, watts
from factorio_fast.semantic.machines import energy_watts, is_electric

if TYPE_CHECKING:
    from factorio_fast.semantic.network import FlowNetwork
    from factorio_fast.semantic.state import EntityState, GameState

__all__ = [
    "demanded_watts",
    "installed_watts",
    "known_limits",
    "most_watts",
    "reckoned_satisfaction",
]

NEAR = 1.25
"""How far a tick's satisfaction may lie from the mean."""
SOLAR_MEAN = 0.7
"""The share of its peak that a solar panel gives over a day (row ELE-solar)."""
# A machine takes a thirtieth of its power as drain where its prototype says nothing.
_DRAIN_SHARE = 1 / 30


def most_watts(generator: str) -> float:
    """Return what a steam engine or turbine gives at most, by the energy in its steam."""
    facts = entity_facts(generator)
    # Steam of 15 degrees has no energy; a unit takes 200 J a degree.
    degrees = float(facts.get("maximum_temperature", 15)) - 15.0
    return float(facts.get("fluid_usage_per_tick", 0)) * 60.0 * degrees * 200.0


def installed_watts(entities: list[EntityState]) -> float | None:
    """Return what the sources of a network give together; None where one has no known limit."""
    total = 0.0
    for entity in entities:
        if entity.type == "generator" and entity.fluids:
            total += most_watts(entity.name)
        elif entity.type == "solar-panel":
            total += watts(entity_facts(entity.name)["production"]) * SOLAR_MEAN
        elif entity.type in {"electric-energy-interface", "accumulator", "burner-generator"}:
            return None
    return total


def demanded_watts(network: FlowNetwork, number: int) -> float:
    """Return what the machines of a network take at the rates of the flows."""
    shares: dict[int, float] = {}
    total = 0.0
    for activity in network.activities:
        if activity.kind == "belt" or activity.most <= 0:
            continue
        rate = network.rates[activity.index]
        if activity.kind == "move" and network.units[activity.unit].power_network == number:
            total += rate / 60.0 * inserter_joules(network.name_of(activity.unit))
        shares[activity.unit] = shares.get(activity.unit, 0.0) + rate / activity.most
    for unit, entity in network.units.items():
        if entity.power_network != number or not is_electric(entity.name):
            continue
        if entity.type == "inserter":
            total += watts(entity_facts(entity.name)["energy_source"].get("drain", "0W"))
            continue
        power = energy_watts(network.name_of(unit))
        total += power * (min(shares.get(unit, 0.0), 1.0) + _DRAIN_SHARE)
    return total


def known_limits(state: GameState) -> dict[int, float]:
    """Return what the sources of networks that run give at most, where that is known."""
    limits = {}
    for power in state.power:
        members = [entity for entity in state.entities if entity.power_network == power.number]
        installed = installed_watts(members)
        if installed and (power.satisfaction > 0 or power.demand_watts <= 0):
            limits[power.number] = installed
    return limits


def reckoned_satisfaction(
    network: FlowNetwork, limits: dict[int, float], measured: dict[int, float]
) -> dict[int, float]:
    """Return the share of its demand that each network meets in the mean.

    Args:
        network: its flows with full power.
        limits: what sources give at most, by network.
        measured: the shares of the last tick, which says little of machines that work in turns.
    """
    shares = dict(measured)
    for number, limit in limits.items():
        wanted = demanded_watts(network, number)
        share = min(1.0, limit / wanted) if wanted > 0 else 1.0
        # Far below it something else is wrong, such as steam.
        if measured[number] * NEAR >= share:
            shares[number] = share
    return shares
