"""Rows of electricity: engines, boilers, sun, accumulators, poles, shortage."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from factorio_fast import prototypes
from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import first_tick, power

if TYPE_CHECKING:
    from factorio_fast._core import Entity, PowerNetwork
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

STEAM = 165
"""Temperature of the boiler's steam."""
DAY = 25_200
KILO = 1_000
MEGA = 1_000_000


def network(world: World) -> PowerNetwork:
    """Return the only network of a world."""
    (only,) = world.power()
    return only


def hub(world: World) -> None:
    """Put a substation in the middle of a world; 9 tiles around it there is power."""
    world.place("substation", (0, 0))


def accumulators(world: World, count: int, joules: float = 0.0) -> list[Entity]:
    """Build a row of accumulators in the south of the hub."""
    placed = [world.place("accumulator", (2 * step - 8, 6)) for step in range(count)]
    for accumulator in placed:
        accumulator.set_energy(joules)
    return placed


def running_engine(n_accumulators: int) -> tuple[World, Entity]:
    """Build a steam engine full of steam with accumulators, 300 kW each, to charge."""
    world = World(32, 32)
    hub(world)
    engine = world.place("steam-engine", (-4.5, -4.5))
    accumulators(world, n_accumulators)
    engine.set_fluid("steam", 200, STEAM)
    world.run(2)
    return world, engine


def steam_and_watts(n_accumulators: int) -> tuple[float, float]:
    """Return the steam a second and the watts of an engine with that load."""
    world, engine = running_engine(n_accumulators)
    before = engine.fluids()["steam"]
    world.run(60)
    return before - engine.fluids()["steam"], network(world).generator_watts


@measures("ELE-engine")
def engine_power(_: Row) -> Measurement:
    """Kilowatts of an engine that could give more to accumulators of 1,200 kW."""
    return steam_and_watts(4)[1] / KILO


@measures("ELE-engine-steam")
def engine_steam(_: Row) -> Measurement:
    """Steam a second at that load."""
    return steam_and_watts(4)[0]


@measures("ELE-engine-part")
def engine_part(_: Row) -> Measurement:
    """Steam a second for 90 kW, measured on a load of 300 kW."""
    steam, watts = steam_and_watts(1)
    return steam * 90 * KILO / watts


def boiler_rates() -> tuple[float, float, float]:
    """Return watts, steam a second and water a second of a boiler at full work."""
    world = World(16, 16)
    boiler = world.place("boiler", (0, 0), items={"coal": 20})
    boiler.set_fluid("water", 200)
    world.run(5)

    def joules_left() -> float:
        _, joules = boiler.burning or ("", 0.0)
        return boiler.inventory("fuel").get("coal", 0) * 4e6 + joules + boiler.energy

    before, steam, water = joules_left(), 0.0, 0.0
    seconds = 10
    for _tick in range(60 * seconds):
        boiler.set_fluid("water", 200)
        boiler.set_fluid("steam", 0)
        world.run(1)
        steam += boiler.fluids()["steam"]
        water += 200 - boiler.fluids()["water"]
    return (before - joules_left()) / seconds, steam / seconds, water / seconds


@measures("ELE-boiler")
def boiler(_: Row) -> Measurement:
    """Megawatts, steam a second, water a second."""
    watts, steam, water = boiler_rates()
    return watts / MEGA, steam, water


@measures("ELE-steam-kj")
def steam_energy(_: Row) -> Measurement:
    """Kilojoules in a unit of steam, by what an engine makes of it."""
    steam, watts = steam_and_watts(4)
    return watts / steam / KILO


@measures("ELE-ratio-b")
def engines_per_boiler(_: Row) -> Measurement:
    """Steam of a boiler over steam of an engine, both at full work."""
    return steam_ratio()


def steam_ratio() -> float:
    """Return how many engines use up the steam of a boiler."""
    return boiler_rates()[1] / steam_and_watts(4)[0]


@measures("ELE-ratio-p")
def fed_by_pump(_: Row) -> Measurement:
    """Water of an offshore pump over water of a boiler, and the engines for so many boilers."""
    from factorio_fast.fidelity.fluids import offshore_rate

    boilers = offshore_rate() / boiler_rates()[2]
    return boilers, boilers * steam_ratio()


@cache
def solar_day() -> tuple[float, ...]:
    """Return the watts of a solar panel in every tick of a day; accumulators take all of it."""
    world = World(32, 32)
    hub(world)
    world.place("solar-panel", (-4.5, -4.5))
    accumulators(world, 8)
    watts = []
    for _tick in range(DAY):
        world.run(1)
        watts.append(network(world).solar_watts)
    return tuple(watts)


@measures("ELE-solar")
def solar(_: Row) -> Measurement:
    """Peak and mean kilowatts over a day."""
    watts = solar_day()
    return max(watts) / KILO, sum(watts) / len(watts) / KILO


@measures("ELE-day")
def day(_: Row) -> Measurement:
    """Ticks between two dusks: the last tick of full sun is seen twice."""
    world = World(32, 32)
    hub(world)
    world.place("solar-panel", (-4.5, -4.5))
    accumulators(world, 8)
    dusks = []
    before = 0.0
    for _tick in range(2 * DAY):
        world.run(1)
        if world.tick % 600 == 0:
            for accumulator in world.entities("accumulator"):
                accumulator.set_energy(0)
        now = network(world).solar_watts
        if before == 60 * KILO and now < before:
            dusks.append(world.tick)
        before = now
    first, second = dusks
    return second - first


@measures("ELE-day-parts")
def day_parts(_: Row) -> Measurement:
    """Shares of the day: full sun, one of the two ramps, night."""
    watts = solar_day()
    peak = max(watts)
    full = sum(value >= peak for value in watts)
    dark = sum(value == 0 for value in watts)
    return (
        round(full / DAY, 3),
        round((DAY - full - dark) / 2 / DAY, 3),
        round(dark / DAY, 3),
    )


@measures("ELE-solar-night")
def midnight(_: Row) -> Measurement:
    """Kilowatts at midnight, half a day after noon."""
    return solar_day()[DAY // 2] / KILO


@measures("ELE-accu")
def accumulator(_: Row) -> Measurement:
    """Megajoules that go in, kilowatts in, kilowatts out."""
    world = World(32, 32)
    power(world)
    storage = world.place("accumulator", (-4, -4))
    world.run(60)
    charge = network(world).charge_watts
    world.run(2_000)
    capacity = storage.energy
    return capacity / MEGA, charge / KILO, discharge_watts() / KILO


def discharge_watts() -> float:
    """Return what a full accumulator gives to more machines than it can drive."""
    world = World(32, 32)
    hub(world)
    (storage,) = accumulators(world, 1, 5 * MEGA)
    world.place("beacon", (-4.5, -4.5))
    world.run(2)
    before = storage.energy
    world.run(60)
    return before - storage.energy


@measures("ELE-accu-ratio")
def accumulators_per_panel(_: Row) -> Measurement:
    """Energy that is missing from dusk to dawn at a constant mean load, over 5 MJ."""
    watts = solar_day()
    mean = sum(watts) / len(watts)
    level, highest, deepest = 0.0, 0.0, 0.0
    for value in watts * 2:
        level += (value - mean) / 60
        highest = max(highest, level)
        deepest = max(deepest, highest - level)
    return deepest / (5 * MEGA)


@measures("ELE-accu-charge")
def charging_time(_: Row) -> Measurement:
    """Ticks from empty to full."""
    world = World(32, 32)
    power(world)
    storage = world.place("accumulator", (-4, -4))
    return first_tick(world, lambda: storage.energy >= 5 * MEGA)


@measures("ELE-satisfaction")
def satisfaction(_: Row) -> Measurement:
    """Percent of the demand that is met, with a supply of 60 % of it.

    A beacon asks for 480 kW and 16 kW of drain, two idle labs for 2 kW of drain each: 500 kW, of
    which five solar panels in the sun give 300 kW.
    """
    world = World(64, 64)
    hub(world)
    for step in range(5):
        world.place("solar-panel", (3 * step - 6.5, 3.5))
    world.place("beacon", (-6.5, -4.5))
    world.place("lab", (-2.5, -4.5))
    world.place("lab", (2.5, -4.5))
    world.run(60)
    met = network(world)
    if abs(met.demand_watts - 500 * KILO) > 1:
        raise RuntimeError(f"beacon and labs ask for {met.demand_watts} W")
    return met.satisfaction * 100


def largest_distances(one: str, other: str) -> tuple[float, float]:
    """Return the largest distance at which poles are wired, and the least at which they are not."""
    size = prototypes.get("entity", other)["tile_width"]
    half = 0.5 if size % 2 else 0.0
    wired, apart = 0.0, 1e9
    limit = 40 if "big" in one else 22
    for x in range(2, limit):
        for y in range(min(x, 12) + 1):
            world = World(96, 96)
            first = world.place(one, (half, half))
            second = world.place(other, (half + x, half + y))
            (x1, y1), (x2, y2) = first.position, second.position
            distance = ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5
            if len(world.power()) == 1:
                wired = max(wired, distance)
            else:
                apart = min(apart, distance)
    return wired, apart


def wire_reach(pole: str) -> float:
    """Return a pole's reach by the prototype data, once the world has borne it out.

    Poles stand on a grid, so the world can only show between which distances the reach ends.
    """
    reach = float(prototypes.get("entity", pole)["maximum_wire_distance"])
    wired, apart = largest_distances(pole, pole)
    return reach if wired <= reach < apart else wired


def supplied_tiles(pole: str) -> int:
    """Return how many tiles in a row from west to east have power, the pole in the middle."""
    count = 0
    for step in range(-12, 13):
        world = World(64, 64)
        source = world.place("substation", (0, -22))
        world.place("electric-energy-interface", (3, -22))
        world.place("big-electric-pole", (0, -12))
        placed = world.place(pole, (0, 0))
        if len(world.power()) != 1:
            world.place("big-electric-pole", (0, -3))
        before = network(world).members
        # A row that misses the pole itself.
        world.place("inserter", (step + 0.5, placed.position[1] + 1.5))
        count += network(world).members - before
        if not source.valid:
            raise RuntimeError("the source is gone")
    return count


@measures("ELE-pole-s", "ELE-pole-m", "ELE-pole-b", "ELE-pole-sub")
def pole(row: Row) -> Measurement:
    """Reach of the wire, and side of the square with power."""
    names = {
        "s": "small-electric-pole",
        "m": "medium-electric-pole",
        "b": "big-electric-pole",
        "sub": "substation",
    }
    name = names[row.id.removeprefix("ELE-pole-")]
    return wire_reach(name), supplied_tiles(name)


@measures("ELE-pole-mixed")
def mixed_poles(_: Row) -> Measurement:
    """Whether a small and a big pole 8 tiles apart are wired: 1 if so."""
    world = World(32, 32)
    small = world.place("small-electric-pole", (0.5, 0.5))
    big = world.place("big-electric-pole", (9, 0))
    if big.position[0] - small.position[0] < 8:
        raise RuntimeError("the poles are nearer than 8 tiles")
    return int(len(world.power()) == 1)


@measures("ELE-nopower")
def no_power(_: Row) -> Measurement:
    """Items that an inserter moves and an assembling machine makes in 600 ticks."""
    world = World(16, 16)
    world.place("infinity-chest", (0.5, -0.5), items={"iron-plate": 100})
    world.place("inserter", (0.5, 0.5))
    chest = world.place("iron-chest", (0.5, 1.5))
    items = {"iron-plate": 10}
    assembler = world.place(
        "assembling-machine-1", (-4.5, 0.5), recipe="iron-gear-wheel", items=items
    )
    world.run(600)
    return sum(chest.inventory().values()) + assembler.inventory().get("iron-gear-wheel", 0)


@measures("ELE-priority")
def priority(_: Row) -> Measurement:
    """Kilowatts of an engine beside solar panels that suffice.

    No machine takes just 50 kW, so two panels, 120 kW, drive an assembling machine of 77.5 kW.
    """
    world = World(32, 32)
    hub(world)
    world.place("solar-panel", (-4.5, -4.5))
    world.place("solar-panel", (-4.5, -1.5))
    engine = world.place("steam-engine", (4.5, -4.5))
    engine.set_fluid("steam", 200, STEAM)
    items = {"iron-plate": 100}
    world.place("assembling-machine-1", (-4.5, 3.5), recipe="iron-gear-wheel", items=items)
    world.run(60)
    now = network(world)
    if now.demand_watts <= 0 or now.satisfaction < 1:
        raise RuntimeError(f"nothing is driven: {now}")
    return now.generator_watts / KILO


@measures("ELE-accu-last")
def accumulator_last(_: Row) -> Measurement:
    """Kilowatts of a charged accumulator beside an engine that suffices for a beacon of 480 kW."""
    world = World(32, 32)
    hub(world)
    engine = world.place("steam-engine", (4.5, -4.5))
    engine.set_fluid("steam", 200, STEAM)
    accumulators(world, 1, 4 * MEGA)
    world.place("beacon", (-4.5, -4.5))
    world.run(60)
    return network(world).discharge_watts / KILO
