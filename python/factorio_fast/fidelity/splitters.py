"""Rows of splitters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factorio_fast._core import World
from factorio_fast.fidelity.belts import LANES, clear, fill, line
from factorio_fast.fidelity.registry import measures

if TYPE_CHECKING:
    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

LENGTH = 80
"""Belts of an input: full, they last for 2,560 ticks."""
TICKS = 1_500
WARM_UP = 750
"""Ticks until an output that is a dead end has filled up."""
OUTPUT_LENGTH = 5
NORTH, SOUTH = -0.5, 0.5
"""Of a splitter to the east the left belt is the northern one."""


class Rig:
    """A yellow splitter to the east, its belts full where asked for, its outputs free or not."""

    def __init__(
        self, *, inputs: tuple[float, ...], outputs: tuple[float, ...], **kind: Any
    ) -> None:
        self.world = World(2 * LENGTH + 8, 8)
        self.splitter = self.world.place("splitter", (0.5, 0), "east", **kind)
        self.inputs = {y: line(self.world, "transport-belt", -LENGTH, LENGTH, y) for y in inputs}
        self.outputs = {y: line(self.world, "transport-belt", 1, OUTPUT_LENGTH, y) for y in outputs}
        for belts in self.inputs.values():
            fill(belts)

    def rates(self, free: tuple[float, ...]) -> dict[float, float]:
        """Return the items a second that come off the ends of outputs."""
        taken = dict.fromkeys(free, 0)
        for tick in range(WARM_UP + TICKS):
            self.world.run(1)
            for y in free:
                off = clear(self.outputs[y][-1])
                taken[y] += off if tick >= WARM_UP else 0
        return {y: count / (TICKS / 60) for y, count in taken.items()}


def on_lines(belts: list[Entity]) -> int:
    """Count the items on belts."""
    return sum(sum(belt.inventory().values()) for belt in belts)


@measures("SPL-even")
def even(_: Row) -> Measurement:
    """Rate of an output; both must be alike."""
    rates = Rig(inputs=(NORTH,), outputs=(NORTH, SOUTH)).rates((NORTH, SOUTH))
    if abs(rates[NORTH] - rates[SOUTH]) > 0.1:
        raise RuntimeError(f"the outputs differ: {rates}")
    return rates[NORTH]


@measures("SPL-diff")
def difference(_: Row) -> Measurement:
    """Largest difference of what the outputs have got, lane by lane, in any tick."""
    rig = Rig(inputs=(NORTH,), outputs=(NORTH, SOUTH))
    got = {(y, lane): 0 for y in (NORTH, SOUTH) for lane in LANES}
    seen = dict.fromkeys(got, 0)
    worst = 0
    for _tick in range(600):
        rig.world.run(1)
        for y in (NORTH, SOUTH):
            for lane in LANES:
                now = sum(len(belt.lane_items()[lane - 1]) for belt in rig.outputs[y])
                got[y, lane] += now - seen[y, lane]
            clear(rig.outputs[y][-1])
            for lane in LANES:
                seen[y, lane] = sum(len(belt.lane_items()[lane - 1]) for belt in rig.outputs[y])
        for lane in LANES:
            worst = max(worst, abs(got[NORTH, lane] - got[SOUTH, lane]))
    return worst


@measures("SPL-block")
def blocked(_: Row) -> Measurement:
    """Rate of the free output when the other is a dead end."""
    return Rig(inputs=(NORTH,), outputs=(NORTH, SOUTH)).rates((NORTH,))[NORTH]


@measures("SPL-outprio")
def output_priority(_: Row) -> Measurement:
    """Rates of left and right output."""
    rig = Rig(inputs=(NORTH,), outputs=(NORTH, SOUTH), output_priority="left")
    return tuple(rig.rates((NORTH, SOUTH)).values())


def merged(**kind: Any) -> tuple[float, ...]:
    """Return the rates at which left and right input are taken from when one output is there."""
    rig = Rig(inputs=(NORTH, SOUTH), outputs=(NORTH,), **kind)
    counts = []
    for tick in range(120 + TICKS):
        if tick == 120:
            counts.append([on_lines(rig.inputs[y]) for y in (NORTH, SOUTH)])
        rig.world.run(1)
        clear(rig.outputs[NORTH][-1])
    after = [on_lines(rig.inputs[y]) for y in (NORTH, SOUTH)]
    (before,) = counts
    return tuple((one - two) / (TICKS / 60) for one, two in zip(before, after, strict=True))


@measures("SPL-inprio")
def input_priority(_: Row) -> Measurement:
    """Rates at which left and right input are taken from."""
    return merged(input_priority="left")


@measures("SPL-merge")
def merge(_: Row) -> Measurement:
    """Rate at which each input is taken from; both must be alike."""
    left, right = merged()
    if abs(left - right) > 0.15:
        raise RuntimeError(f"the inputs differ: {left} and {right}")
    return (left + right) / 2
