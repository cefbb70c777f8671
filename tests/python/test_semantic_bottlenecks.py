"""Every planted fault is named first, and mending it gains what was predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factorio_fast import World
from factorio_fast.semantic import SemanticWorldAnalyzer, full_game_state
from fault_rig import at, smelter
from fault_worlds import FAULTS

if TYPE_CHECKING:
    from fault_rig import FaultWorld

TOLERANCE = 0.1


def test_there_are_faults_enough() -> None:
    assert len(FAULTS) >= 30
    assert len({fault.kind for fault in FAULTS}) == 13


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_planted_fault_is_named_first_and_mending_it_gains_what_was_predicted(
    fault: FaultWorld,
) -> None:
    world = fault.build()
    world.run(fault.warm_ticks)
    first = SemanticWorldAnalyzer().find_bottlenecks(world).first
    assert first is not None
    assert (first.kind, first.product, first.item) == (fault.kind, fault.product, fault.item)
    assert at(world, fault.at).unit_number in first.units

    mended = world.fork()
    fault.mend(mended)
    before = fault.rate_per_minute(world.fork())
    after = fault.rate_per_minute(mended)
    assert first.gain_per_minute == pytest.approx(after - before, rel=TOLERANCE)
    assert first.rate_after_per_minute == pytest.approx(after, rel=TOLERANCE)


def test_two_faults_of_which_none_gains_alone_are_named_together() -> None:
    world = World(32, 16)
    world.set_resource("iron-ore", ((-2, -2), (2, 2)), 10_000)
    world.place("burner-mining-drill", (0, 0), "east")
    world.place("stone-furnace", (2, 0))
    world.place("burner-inserter", (3.5, 0.5), "west", items={"coal": 5})
    world.place("wooden-chest", (4.5, 0.5))
    world.run(60)
    report = SemanticWorldAnalyzer().find_bottlenecks(world)
    assert [(found.kind, found.name) for found in report.bottlenecks] == [
        ("no-fuel", "burner-mining-drill"),
        ("no-fuel", "stone-furnace"),
    ]
    assert all(found.is_joint for found in report.bottlenecks)
    assert [found.rate_after_per_minute for found in report.bottlenecks] == pytest.approx([15, 15])


def test_nothing_limits_an_empty_world() -> None:
    report = SemanticWorldAnalyzer().find_bottlenecks(World(16, 16))
    assert report.bottlenecks == ()
    assert report.first is None
    assert report.to_text() == "nothing limits production, or nothing is produced"


def test_analysis_changes_nothing_and_always_says_the_same() -> None:
    world = smelter(n_drills=2, n_furnaces=3, unfuelled=1)
    world.run(2_000)
    before = world.digest()
    reports = [SemanticWorldAnalyzer().find_bottlenecks(world) for _ in range(2)]
    assert world.digest() == before
    assert reports[0] == reports[1]
    state = full_game_state(world)
    assert (
        SemanticWorldAnalyzer().find_bottlenecks(type(state).from_dict(state.to_dict()))
        == (reports[0])
    )
