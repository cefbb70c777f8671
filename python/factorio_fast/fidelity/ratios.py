"""Rows of ratios: how many machines of one kind go with another, by the rates that rows measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity import assemblers, electricity, furnaces
from factorio_fast.fidelity.belts import LANES, throughput
from factorio_fast.fidelity.drills import burner_rate, electric_rate
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import counter, ticks_of_rises

if TYPE_CHECKING:
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row

COAL_JOULES = 4e6


def belt_rate() -> float:
    """Return the items a second of a full yellow belt."""
    return throughput("transport-belt", LANES)


@measures("RAT-stone48")
def stone_furnaces(_: Row) -> Measurement:
    """Stone furnaces that use up a belt."""
    return belt_rate() * furnaces.ticks_per_plate("stone-furnace", "iron-plate") / 60


@measures("RAT-steel24")
def steel_furnaces(_: Row) -> Measurement:
    """Steel furnaces that use up a belt."""
    return belt_rate() * furnaces.ticks_per_plate("steel-furnace", "iron-plate") / 60


@measures("RAT-drill30", "RAT-drill60")
def drills(row: Row) -> Measurement:
    """Drills that fill a belt."""
    rate = electric_rate(row) if row.id == "RAT-drill30" else burner_rate(row)
    if not isinstance(rate, float):
        raise TypeError("a rate is one number")
    return belt_rate() / rate


@measures("RAT-coal48")
def coal(_: Row) -> Measurement:
    """Coal a second of 48 stone furnaces, by the fuel that one uses."""
    world = World(16, 16)
    furnace = world.place("stone-furnace", (0, 0), items={"iron-ore": 50, "coal": 50})
    world.run(10)

    def coal_left() -> float:
        _, joules = furnace.burning or ("", 0.0)
        return furnace.inventory("fuel")["coal"] + (joules + furnace.energy) / COAL_JOULES

    before = coal_left()
    world.run(6_000)
    return 48 * (before - coal_left()) / 100


@measures("RAT-boilerbelt")
def boilers(_: Row) -> Measurement:
    """Boilers that a belt of coal feeds."""
    return belt_rate() / (electricity.boiler_rates()[0] / COAL_JOULES)


def craft_ticks(number: int, recipe: str, items: dict[str, int]) -> float:
    """Return the ticks of a craft in an assembling machine, once it runs."""
    world, machine = assemblers.machine(number, recipe, items)
    rises = ticks_of_rises(world, counter(machine, recipe), 5)
    return (rises[-1] - rises[1]) / 3


@measures("RAT-circuit")
def circuits(_: Row) -> Measurement:
    """Cable machines that one circuit machine needs: 3 cable a craft, 2 made a craft."""
    circuit = craft_ticks(1, "electronic-circuit", {"iron-plate": 20, "copper-cable": 60})
    cable = craft_ticks(1, "copper-cable", {"copper-plate": 50})
    return (3 / circuit) / (2 / cable)


@measures("RAT-redgear")
def red_and_gears(_: Row) -> Measurement:
    """Red science machines that one gear machine feeds."""
    items = {"copper-plate": 20, "iron-gear-wheel": 20}
    science = craft_ticks(1, "automation-science-pack", items)
    return science / craft_ticks(1, "iron-gear-wheel", {"iron-plate": 50})


@measures("RAT-steel")
def steel(_: Row) -> Measurement:
    """Iron furnaces that one steel furnace needs, of the same kind."""
    plate = furnaces.ticks_per_plate("stone-furnace", "iron-plate")
    steel_plate = furnaces.ticks_per_plate("stone-furnace", "steel-plate", ore="iron-plate")
    return (5 / steel_plate) / (1 / plate)


@measures("RAT-engine40")
def power_station(_: Row) -> Measurement:
    """Megawatts of 40 engines, and coal a second of 20 boilers, by the rates of one of each."""
    watts = electricity.steam_and_watts(4)[1]
    return 40 * watts / 1e6, 20 * electricity.boiler_rates()[0] / COAL_JOULES
