"""Rows of labs and research."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import counter, first_tick, furnace, power

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

RED = "automation-science-pack"


def labs(packs: list[int]) -> tuple[World, list[Entity]]:
    """Build labs with power and red packs."""
    world = World(48, 48)
    power(world, (1, -6))
    world.research(RED)
    placed = [
        world.place("lab", (3 * step + 0.5, 0.5), items={RED: count})
        for step, count in enumerate(packs)
    ]
    return world, placed


def research_ticks(world: World, technology: str) -> int:
    """Research a technology and return the ticks that it takes."""
    world.start_research(technology)
    return first_tick(world, lambda: world.is_researched(technology))


@measures("LAB-automation")
def one_lab(_: Row) -> Measurement:
    """Ticks until it is researched."""
    return research_ticks(labs([10])[0], "automation")


@measures("LAB-two")
def two_labs(_: Row) -> Measurement:
    """Ticks until it is researched."""
    return research_ticks(labs([5, 5])[0], "automation")


@measures("LAB-logistics")
def logistics(_: Row) -> Measurement:
    """Ticks until it is researched, and packs that went."""
    world, (lab,) = labs([30])
    world.research("automation")
    ticks = research_ticks(world, "logistics")
    return ticks, 30 - lab.inventory()[RED]


def unit_ticks(*granted: str) -> float:
    """Return the ticks that a lab takes for a technology, with others granted."""
    world, _labs = labs([20])
    for technology in granted:
        world.research(technology)
    return research_ticks(world, "automation")


@measures("LAB-speed")
def speed(_: Row) -> Measurement:
    """Speed of a lab with two bonuses, by the time of a technology of 6,000 ticks."""
    return round(6_000 / unit_ticks("research-speed-1", "research-speed-2"), 3)


@measures("LAB-power")
def watts(_: Row) -> Measurement:
    """Kilowatts at work."""
    world, _labs = labs([10])
    world.start_research("automation")
    world.run(60)
    return sum(network.delivered_watts for network in world.power()) / 1_000


@measures("LAB-trig-steam", "LAB-trig-elec")
def trigger(row: Row) -> Measurement:
    """Plates that a furnace must make: with one less the technology never comes."""
    technology, metal = {
        "LAB-trig-steam": ("steam-power", "iron"),
        "LAB-trig-elec": ("electronics", "copper"),
    }[row.id]
    return least(lambda count: is_triggered_by_plates(technology, metal, count))


def least(is_enough: Callable[[int], bool]) -> int:
    """Return the least count from 1 to 200 that is enough."""
    low, high = 0, 200
    while high - low > 1:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle
    return high


def is_triggered_by_plates(technology: str, metal: str, count: int) -> bool:
    """Say whether a technology is there some time after a furnace has made plates."""
    world, machine = furnace(ore=f"{metal}-ore", count=min(count, 50))
    left = count - min(count, 50)
    while left > 0 or machine.inventory("source"):
        left -= machine.insert(f"{metal}-ore", left)
        world.run(192)
    world.run(400)
    if machine.inventory("result")[f"{metal}-plate"] != min(count, 100) and count <= 100:
        raise RuntimeError("the furnace has not made what it should")
    return world.is_researched(technology)


@measures("LAB-trig-red")
def lab_trigger(_: Row) -> Measurement:
    """Labs that must be crafted for red science packs."""

    def is_enough(count: int) -> bool:
        world = World(16, 16)
        for technology in ("electronics", "steam-power"):
            world.research(technology)
        for item in ("iron-gear-wheel", "electronic-circuit", "transport-belt"):
            world.character.insert(item, 10 * count)
        if count and world.character.craft("lab", count) != count:
            raise RuntimeError("the labs cannot be crafted")
        first_tick(world, lambda: not world.character.crafting_queue)
        world.run(100)
        return world.is_researched(RED)

    return least(is_enough) if not is_enough(1) else 1


@measures("LAB-trig-lag")
def trigger_lag(_: Row) -> Measurement:
    """Ticks from the fiftieth plate to the technology."""
    world, machine = furnace()
    first_tick(world, lambda: counter(machine, "iron-plate", "result")() >= 50)
    if world.is_researched("steam-power"):
        return 0
    return first_tick(world, lambda: world.is_researched("steam-power"))


def share_done(world: World) -> float:
    """Return the share of the present research that is done."""
    _, share = world.current_research or ("", 0.0)
    return share


@measures("LAB-count-red")
def busy_labs(_: Row) -> Measurement:
    """Labs that one pack a second keeps busy at 5 s a pack, by what one lab uses of it.

    A technology of 10 s a pack is measured and the figure scaled to 5 s.
    """
    world, _labs = labs([10])
    world.start_research("automation")
    world.run(600)
    before = share_done(world)
    world.run(3_000)
    packs_per_second = (share_done(world) - before) * 10 / 50
    return 1 / (packs_per_second * 10 / 5)
