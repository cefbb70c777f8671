"""The flows of collected blueprints are reckoned as the simulation runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blueprint_rig import entries
from blueprint_runs import started
from factorio_fast.semantic import full_game_state
from factorio_fast.semantic.edits import Edits
from factorio_fast.semantic.network import FlowNetwork
from factorio_fast.semantic.production import made_and_used

if TYPE_CHECKING:
    from blueprint_rig import Factory
    from factorio_fast.semantic.edits import PoolKey

NAMES = [
    "automation_science_90",
    "nilaus_basic_smelting",
    "nilaus_engines",
    "nilaus_green_circuits",
    "nilaus_plastic",
    "nilaus_red_circuits",
    "nilaus_red_green_science",
    "nilaus_steel_smelting",
    "red_green_science_60",
    "universal_electric_smelter",
]
WARM_MINUTES, MEASURED_MINUTES = 8, 5
MINUTE_TICKS = 3_600
LEAST_PER_MINUTE = 10
TOLERANCE = 0.05


def ports(factory: Factory, network: FlowNetwork) -> Edits:
    """Say which belts and chests are kept full or empty from outside."""
    stocked: set[PoolKey] = set()
    emptied: set[PoolKey] = set()
    for number, run in enumerate(network.belts.runs):
        for port, entity in factory.inputs:
            if entity.unit_number in run.units and port.get("item"):
                stocked.add((number, "run", port["item"]))
        for _, entity in factory.outputs:
            if entity.unit_number in run.units:
                emptied |= {(number, "run", item) for item in network.held["run", number]}
    emptied |= {
        (entity.unit_number, "store", port["item"])
        for port, entity in factory.outputs
        if port.get("item")
    }
    return Edits(stocked=frozenset(stocked), emptied=frozenset(emptied))


@pytest.mark.parametrize("name", NAMES)
def test_flows_of_a_collected_blueprint_are_those_of_the_simulation(name: str) -> None:
    (entry,) = [entry for entry in entries() if entry["name"] == name]
    factory = started(entry)
    world = factory.world
    world.run(WARM_MINUTES * MINUTE_TICKS)
    state = full_game_state(world)
    before = world.production().items_made
    reckoned, _ = made_and_used(FlowNetwork(state, ports(factory, FlowNetwork(state))))
    world.run(MEASURED_MINUTES * MINUTE_TICKS)
    after = world.production().items_made
    measured = {
        item: (count - before.get(item, 0)) / MEASURED_MINUTES for item, count in after.items()
    }
    made = {item: rate for item, rate in measured.items() if rate >= LEAST_PER_MINUTE}
    assert made
    assert {item: reckoned.get(item, 0.0) for item in made} == pytest.approx(made, rel=TOLERANCE)
