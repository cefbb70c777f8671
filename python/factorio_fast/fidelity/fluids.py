"""Rows of fluids: pumps, pipes, tanks, refining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.errors import InvalidValueError
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import first_tick, power

if TYPE_CHECKING:
    from collections.abc import Mapping

    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

WATER = "water"
OIL_TECHNOLOGIES = (
    *("oil-processing", "advanced-oil-processing", "plastics", "sulfur-processing"),
    "oil-gathering",
)


def shore() -> tuple[World, Entity, Entity]:
    """Build an offshore pump that fills a storage tank."""
    world = World(32, 32)
    world.set_tiles("water", ((-16, -16), (16, -2)))
    pump = world.place("offshore-pump", (0.5, -1.5), "north")
    tank = world.place("storage-tank", (1.5, 0.5))
    return world, pump, tank


def offshore_rate() -> float:
    """Return the water a second that an offshore pump gives to a tank that is always empty."""
    world, _pump, tank = shore()
    moved = 0.0
    for tick in range(360):
        world.run(1)
        moved += tank.fluids().get(WATER, 0.0) if tick >= 300 else 0.0
        tank.set_fluid(WATER, 0)
    return moved


@measures("FLD-pump-offshore")
def offshore(_: Row) -> Measurement:
    """Water a second."""
    return offshore_rate()


@measures("FLD-tank-half")
def half_tank(_: Row) -> Measurement:
    """Ticks until the tank holds 12,500."""
    world, _pump, tank = shore()
    return first_tick(world, lambda: tank.fluids().get(WATER, 0.0) >= 12_500)


def capacity(name: str) -> float:
    """Return how much water goes into an entity, by halving."""
    low, high = 0.0, 1e6
    while high - low > 1e-6:
        middle = (low + high) / 2
        try:
            World(16, 16).place(name, (0.5, 0.5)).set_fluid(WATER, middle)
        except InvalidValueError:
            high = middle
        else:
            low = middle
    return round(high, 3)


@measures("FLD-pipe")
def capacities(_: Row) -> Measurement:
    """Water that a pipe and a storage tank hold."""
    return capacity("pipe"), capacity("storage-tank")


@measures("FLD-segment")
def segment(_: Row) -> Measurement:
    """Share by which each of ten pipes and a tank is full; all must be alike."""
    world = World(32, 32)
    tank = world.place("storage-tank", (0.5, 0.5))
    # The tank facing north has openings in the north-west and the south-east.
    pipes = [world.place("pipe", (-0.5 - step, -1.5)) for step in range(10)]
    tank.set_fluid(WATER, 5_200)
    world.run(60)
    shares = [pipe.fluids()[WATER] / 100 for pipe in pipes] + [tank.fluids()[WATER] / 25_000]
    if max(shares) - min(shares) > 1e-9:
        raise RuntimeError(f"the members are not equally full: {shares}")
    return shares[0]


@measures("FLD-instant")
def instant(_: Row) -> Measurement:
    """Ticks until water put in at one end of a hundred pipes drives a boiler at the other."""
    world = World(128, 16)
    pipes = [world.place("pipe", (step - 49.5, 0.5)) for step in range(100)]
    pump = world.place("pump", (51, 0.5), "east")
    power(world, (51, -4))
    tank = world.place("storage-tank", (53.5, 1.5))
    world.run(10)
    pipes[0].set_fluid(WATER, 5_000)
    if not pump.valid:
        raise RuntimeError("the pump is gone")
    return first_tick(world, lambda: tank.fluids().get(WATER, 0.0) > 0)


@measures("FLD-extent")
def extent(_: Row) -> Measurement:
    """Longest straight pipeline through which an offshore pump's water comes to the far end."""
    low, high = 300, 340
    while high - low > 1:
        middle = (low + high) // 2
        if is_passed(middle):
            low = middle
        else:
            high = middle
    return low


def is_passed(length: int) -> bool:
    """Say whether water put in at one end of a pipeline of pipes can be pumped off at the other."""
    world = World(length + 40, 16)
    start = -(length // 2)
    pipes = [world.place("pipe", (start + step + 0.5, 0.5)) for step in range(length)]
    end = start + length
    world.place("pump", (end + 1, 0.5), "east")
    power(world, (end + 1, -4))
    tank = world.place("storage-tank", (end + 3.5, 1.5))
    pipes[0].set_fluid(WATER, 100 * length)
    world.run(60)
    return tank.fluids().get(WATER, 0.0) > 0


@measures("FLD-pump")
def pump(_: Row) -> Measurement:
    """Water a second from a full tank to an empty one."""
    world = World(32, 32)
    power(world, (0, -4))
    world.place("pump", (0, 0.5), "east")
    # A tank has openings in its north-west and its south-east.
    source = world.place("storage-tank", (-2.5, -0.5))
    sink = world.place("storage-tank", (2.5, 1.5))
    moved = 0.0
    for tick in range(70):
        source.set_fluid(WATER, 25_000)
        sink.set_fluid(WATER, 0)
        world.run(1)
        moved += sink.fluids().get(WATER, 0.0) if tick >= 10 else 0.0
    return moved


@measures("FLD-ptg")
def underground(_: Row) -> Measurement:
    """Most tiles between two pipes to ground that belong together."""
    return max(gap for gap in range(1, 14) if is_joined(gap))


def is_joined(gap: int) -> bool:
    """Say whether water put into one pipe to ground comes to the other."""
    world = World(32, 8)
    one = world.place("pipe-to-ground", (-7.5, 0.5), "west")
    other = world.place("pipe-to-ground", (-7.5 + gap + 1, 0.5), "east")
    one.set_fluid(WATER, 100)
    world.run(5)
    return WATER in other.fluids()


def rates(
    name: str, recipe: str, fluids: Mapping[str, float], items: Mapping[str, int] | None = None
) -> tuple[dict[str, float], dict[str, float]]:
    """Return what a machine makes and uses in a second, kept supplied and emptied."""
    world = World(48, 48)
    for technology in OIL_TECHNOLOGIES:
        world.research(technology)
    power(world)
    machine = world.place(name, (0.5, 0.5), recipe=recipe)
    products: dict[str, float] = {}
    seconds = 60

    def turn(ticks: int) -> None:
        for fluid, amount in fluids.items():
            machine.set_fluid(fluid, amount)
        for item, count in (items or {}).items():
            machine.insert(item, count)
        for fluid in machine.fluids():
            if fluid not in fluids:
                machine.set_fluid(fluid, 0)
        for item, count in machine.inventory("result").items():
            machine.take(item, count)
        world.run(ticks)

    for _turn in range(60):
        turn(10)
    before = world.production()
    for _turn in range(6 * seconds):
        turn(10)
    after = world.production()
    made = after.fluids_made | after.items_made
    earlier = before.fluids_made | before.items_made
    products = {name: (value - earlier.get(name, 0)) / seconds for name, value in made.items()}
    used = after.fluids_used | after.items_used
    earlier = before.fluids_used | before.items_used
    needs = {name: (value - earlier.get(name, 0)) / seconds for name, value in used.items()}
    return products, needs


@measures("FLD-basic")
def basic(_: Row) -> Measurement:
    """Crude oil in and petroleum out, a second."""
    made, used = rates("oil-refinery", "basic-oil-processing", {"crude-oil": 200})
    return used["crude-oil"], made["petroleum-gas"]


def advanced_rates() -> dict[str, float]:
    """Return what a refinery makes by advanced processing in a second."""
    fluids = {"crude-oil": 200, "water": 100}
    return rates("oil-refinery", "advanced-oil-processing", fluids)[0]


@measures("FLD-adv")
def advanced(_: Row) -> Measurement:
    """Heavy oil, light oil and petroleum, a second."""
    made = advanced_rates()
    return made["heavy-oil"], made["light-oil"], made["petroleum-gas"]


def cracking_rates(fluid: str) -> tuple[float, float]:
    """Return what a chemical plant cracks and what it makes of it, a second."""
    product = {"heavy-oil": "light-oil", "light-oil": "petroleum-gas"}[fluid]
    fluids = {fluid: 60, "water": 60}
    made, used = rates("chemical-plant", f"{fluid}-cracking", fluids)
    return used[fluid], made[product]


@measures("FLD-crack")
def cracking(_: Row) -> Measurement:
    """Heavy and light oil that a plant cracks in a second."""
    return cracking_rates("heavy-oil")[0], cracking_rates("light-oil")[0]


@measures("FLD-205017")
def cracked_down(_: Row) -> Measurement:
    """Petroleum a second of 20 refineries, 5 and 17 plants, by the rates of one of each."""
    made = advanced_rates()
    heavy_in, light_out = cracking_rates("heavy-oil")
    light_in, petroleum_out = cracking_rates("light-oil")
    heavy = min(20 * made["heavy-oil"], 5 * heavy_in)
    light = min(20 * made["light-oil"] + heavy * light_out / heavy_in, 17 * light_in)
    return 20 * made["petroleum-gas"] + light * petroleum_out / light_in


@measures("FLD-plastic")
def plastic(_: Row) -> Measurement:
    """Bars made, coal and petroleum used, a second."""
    made, used = rates("chemical-plant", "plastic-bar", {"petroleum-gas": 40}, {"coal": 10})
    return made["plastic-bar"], used["coal"], used["petroleum-gas"]


@measures("FLD-acid")
def acid(_: Row) -> Measurement:
    """Sulfuric acid a second."""
    items = {"sulfur": 20, "iron-plate": 10}
    return rates("chemical-plant", "sulfuric-acid", {WATER: 200}, items)[0]["sulfuric-acid"]
