"""Rows of pollution and evolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import ORE_AREA, power

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

BARE = "lab-dark-1"
"""A tile that takes no pollution up."""
MINUTES = 4
CHUNK = 32


def total(world: World) -> float:
    """Return the pollution of all chunks."""
    (left, top), (right, bottom) = world.area
    return sum(
        world.pollution((x, y))
        for y in range(top, bottom, CHUNK)
        for x in range(left, right, CHUNK)
    )


def per_minute(build: Callable[[World], Callable[[], None]]) -> float:
    """Return the pollution a minute of what is built; it is kept supplied every second."""
    world = World(64, 64, tile=BARE)
    supply = build(world)
    for _second in range(10):
        supply()
        world.run(60)
    before = total(world)
    for _second in range(60 * MINUTES):
        supply()
        world.run(60)
    return (total(world) - before) / MINUTES


def nothing() -> None:
    """Supply nothing."""


def burner_drill(world: World) -> Callable[[], None]:
    """Build a burner drill at work."""
    world.set_resource("iron-ore", ORE_AREA, 100_000)
    world.place("burner-mining-drill", (0, 0), items={"coal": 50})
    world.place("infinity-chest", (-0.5, -1.5))
    return nothing


def electric_drill(world: World) -> Callable[[], None]:
    """Build an electric drill at work."""
    power(world)
    world.set_resource("iron-ore", ((-2, -2), (3, 3)), 100_000)
    world.place("electric-mining-drill", (0.5, 0.5))
    world.place("infinity-chest", (0.5, -1.5))
    return nothing


def smelter(name: str) -> Callable[[World], Callable[[], None]]:
    """Return a builder of a furnace at work."""

    def build(world: World) -> Callable[[], None]:
        items = {"iron-ore": 50}
        if name == "electric-furnace":
            power(world)
        else:
            items["coal"] = 50
        machine = world.place(name, (0, 0), items=items)

        def supply() -> None:
            machine.insert("iron-ore", 50)
            machine.take("iron-plate", 100)

        return supply

    return build


def assembler(number: int) -> Callable[[World], Callable[[], None]]:
    """Return a builder of an assembling machine at work."""

    def build(world: World) -> Callable[[], None]:
        power(world)
        name = f"assembling-machine-{number}"
        machine = world.place(name, (0.5, 0.5), recipe="iron-gear-wheel", items={"iron-plate": 100})

        def supply() -> None:
            machine.take("iron-gear-wheel", 100)
            machine.insert("iron-plate", 100)

        return supply

    return build


def boiler(world: World) -> Callable[[], None]:
    """Build a boiler at full work: 60 steam a second go where its box would be full after three."""
    machine = world.place("boiler", (0, 0), items={"coal": 50})

    def supply() -> None:
        machine.insert("coal", 5)
        machine.set_fluid("water", 200)
        machine.set_fluid("steam", 0)

    return supply


@measures("POL-burnerdrill")
def of_burner_drill(_: Row) -> Measurement:
    """Pollution a minute."""
    return per_minute(burner_drill)


@measures("POL-electricdrill")
def of_electric_drill(_: Row) -> Measurement:
    """Pollution a minute."""
    return per_minute(electric_drill)


@measures("POL-furnace")
def of_furnaces(_: Row) -> Measurement:
    """Pollution a minute of each kind."""
    return tuple(per_minute(smelter(f"{kind}-furnace")) for kind in ("stone", "steel", "electric"))


@measures("POL-asm")
def of_assemblers(_: Row) -> Measurement:
    """Pollution a minute of each kind."""
    return tuple(per_minute(assembler(number)) for number in (1, 2, 3))


@measures("POL-boiler")
def of_boiler(_: Row) -> Measurement:
    """Pollution a minute."""
    return per_minute(boiler)


@measures("POL-idle")
def of_idle_machines(_: Row) -> Measurement:
    """Pollution of machines that have fuel or power and nothing to do."""

    def build(world: World) -> Callable[[], None]:
        power(world)
        world.place("stone-furnace", (0, 0), items={"coal": 5})
        world.place("electric-furnace", (4.5, 0.5))
        world.place("assembling-machine-2", (4.5, 4.5), recipe="iron-gear-wheel")
        world.place("burner-mining-drill", (0, 4), items={"coal": 5})
        return nothing

    return per_minute(build)


@measures("POL-grass")
def of_grass(_: Row) -> Measurement:
    """Pollution that a chunk of grass takes up in a minute."""
    return absorbed_per_minute(World(2 * CHUNK, 2 * CHUNK))


def absorbed_per_minute(world: World) -> float:
    """Return the pollution that vanishes from a chunk in a minute; it is too little to spread."""
    place = world.area[0]
    world.pollute(place, 14)
    world.run(3_600)
    return 14 - total(world)


@measures("POL-tree")
def of_tree(_: Row) -> Measurement:
    """Pollution that a tree takes up in a minute."""
    world = World(2 * CHUNK, 2 * CHUNK, tile=BARE)
    world.place("tree-01", (0.5 - CHUNK, 0.5 - CHUNK))
    return absorbed_per_minute(world)


@measures("POL-diffuse")
def diffusion(_: Row) -> Measurement:
    """Pollution that the first update brings to each of the four neighbours."""
    world = World(6 * CHUNK, 6 * CHUNK, tile=BARE)
    world.pollute((1, 1), 1_000)
    around = ((1 + CHUNK, 1), (1 - CHUNK, 1), (1, 1 + CHUNK), (1, 1 - CHUNK))
    for _tick in range(200):
        world.run(1)
        got = {world.pollution(place) for place in around}
        if got != {0.0}:
            if len(got) != 1:
                raise RuntimeError(f"the neighbours got different amounts: {got}")
            return got.pop()
    raise RuntimeError("nothing spread in 200 ticks")


@measures("POL-min")
def least_spread(_: Row) -> Measurement:
    """Pollution that comes to the neighbours of a chunk with a little less than 15."""
    world = World(6 * CHUNK, 6 * CHUNK, tile=BARE)
    world.pollute((1, 1), 14.9)
    world.run(3_600)
    return total(world) - world.pollution((1, 1))


@measures("EVO-time")
def evolution_by_time(_: Row) -> Measurement:
    """Evolution after ten hours of nothing but time."""
    world = World(CHUNK, CHUNK)
    world.run(10 * 3_600 * 60)
    return world.evolution


@measures("EVO-spawner")
def evolution_by_nest(_: Row) -> Measurement:
    """Evolution that the loss of a nest adds."""
    world = World(64, 64)
    nest = world.place("biter-spawner", (0, 0))
    before = world.evolution
    nest.destroy()
    return world.evolution - before
