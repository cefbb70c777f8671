"""Splitters that sort and prefer: flows are reckoned as the simulation runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast.semantic import full_game_state
from factorio_fast.semantic.network import FlowNetwork
from fault_rig import COPPER, IRON, belt, powered

if TYPE_CHECKING:
    from factorio_fast import World

Stored = dict[tuple[float, float], dict[str, float]]


def splitter_world(**settings: Any) -> World:
    """Lead iron on one lane and copper on the other into a splitter; two arms empty each output."""
    world = powered()
    belt(world, 0, -9, -1)
    world.place("infinity-chest", (-8.5, -1.5), items={IRON: 200})
    world.place("fast-inserter", (-8.5, -0.5), "north")
    world.place("infinity-chest", (-7.5, 2.5), items={COPPER: 200})
    world.place("inserter", (-7.5, 1.5), "south")
    world.place("splitter", (-0.5, 0), "east", **settings)
    for row, arm, chest, direction in ((-1, -1.5, -2.5, "south"), (0, 1.5, 2.5, "north")):
        belt(world, row, 0, 6)
        for x in (4.5, 5.5):
            world.place("fast-inserter", (x, arm), direction)
            world.place("steel-chest", (x, chest))
    return world


def by_output(stored: Stored) -> dict[str, dict[str, float]]:
    """Sum what the chests at the left and right output hold."""
    totals: dict[str, dict[str, float]] = {"left": {}, "right": {}}
    for (_, y), items in stored.items():
        side = totals["left" if y < 0 else "right"]
        for item, rate in items.items():
            if rate > 1:
                side[item] = side.get(item, 0.0) + rate
    return totals


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"left": {IRON: 75, COPPER: 25.7}, "right": {IRON: 75, COPPER: 25.7}}),
        ({"output_priority": "left"}, {"left": {IRON: 150, COPPER: 51.4}, "right": {}}),
        (
            {"filter": COPPER, "output_priority": "left"},
            {"left": {COPPER: 51.4}, "right": {IRON: 150}},
        ),
        (
            {"filter": COPPER, "output_priority": "right"},
            {"left": {IRON: 150}, "right": {COPPER: 51.4}},
        ),
    ],
    ids=["shares evenly", "prefers the left", "sorts out to the left", "sorts out to the right"],
)
def test_splitter_sorts_as_it_is_set(
    settings: dict[str, Any], expected: dict[str, dict[str, float]]
) -> None:
    world = splitter_world(**settings)
    world.run(3_600)
    network = FlowNetwork(full_game_state(world))
    reckoned: Stored = {}
    for unit, role, item in network.pools:
        if role == "store":
            rates = reckoned.setdefault(network.units[unit].position, {})
            rates[item] = network.inflow((unit, role, item))

    def contents() -> Stored:
        return {
            chest.position: {item: float(n) for item, n in chest.inventory("contents").items()}
            for chest in world.entities("steel-chest")
        }

    before = contents()
    world.run(36_000)
    measured = {
        position: {item: (n - before[position].get(item, 0)) / 10 for item, n in items.items()}
        for position, items in contents().items()
    }
    for side, items in expected.items():
        assert by_output(reckoned)[side] == pytest.approx(items, rel=0.02)
        assert by_output(measured)[side] == pytest.approx(items, rel=0.02)
