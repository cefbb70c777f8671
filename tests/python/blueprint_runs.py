"""Runs the collected blueprints and compares what they do with what they should do.

`runs()` gives the rows of docs/blueprints.md; `scripts/run_blueprints.py` writes that file.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from blueprint_bounds import bounds, oil
from blueprint_rig import FOLDER, Factory, entries, facts_of, is_pole, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTE_TICKS = 3_600
WARM_UP_MINUTES = 10
"""Belts and machines fill meanwhile; `warm_up_minutes` of an entry overrides it."""
MEASURED_MINUTES = 10
BALANCER_WARM_UP_MINUTES = 2
TOLERANCE = 0.05
DAY_TICKS = 25_200
POWER_MARGIN_TILES = 70
"""Room for the beacons that load a power station."""
SAMPLE_TICKS = 60
"""Between two looks at the electric network."""

STAND_INS = {
    "logistic-chest-requester": "steel-chest",
    "logistic-chest-passive-provider": "steel-chest",
}
"""Logistic chests that only inserters use, and a chest of the same size without robots."""

TECHNOLOGIES = (
    "engine",
    "circuit-network",
    "explosives",
    "advanced-circuit",
    "cliff-explosives",
)
"""For labs that take automation and logistic packs: units of 15 s, in an order that is possible."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison."""

    blueprint: str
    what: str
    """What is measured, with its unit."""
    entities: int
    stated: float | None = None
    """By the author."""
    calculated: float | None = None
    limit: str = ""
    """What sets the calculated figure."""
    measured: float
    tolerance: float = TOLERANCE
    is_upper_bound: bool = False
    """Whether less is no disagreement: what machines wait for cannot be calculated."""
    note: str = ""

    @property
    def expected(self) -> float | None:
        """The figure to compare with: what can be calculated, else what is stated."""
        return self.stated if self.calculated is None else self.calculated

    @property
    def difference(self) -> float | None:
        """Of the measured figure from the expected one, as a share of that."""
        return None if not self.expected else self.measured / self.expected - 1

    @property
    def agrees(self) -> bool | None:
        """Whether it is within the tolerance; None without anything to compare with."""
        if self.difference is None:
            return None
        if self.is_upper_bound:
            return self.difference <= self.tolerance
        return abs(self.difference) <= self.tolerance


@cache
def runs() -> tuple[Row, ...]:
    """Run every blueprint of the index."""
    return tuple(row for entry in entries() for row in run(entry))


def run(entry: dict[str, Any]) -> list[Row]:
    """Run one blueprint in the way that suits it."""
    if entry["category"] == "balancer":
        return run_balancer(entry)
    if entry["electric"] == "produces":
        return run_solar(entry) if entry["name"].startswith("solar") else run_steam(entry)
    if entry.get("fills"):
        return run_until_full(entry)
    if entry.get("has_labs"):
        return run_labs(entry)
    return run_flow(entry)


def run_flow(entry: dict[str, Any]) -> list[Row]:
    """Supply the inputs, empty the outputs, and count what comes out."""
    factory = started(entry)
    factory.world.run(entry.get("warm_up_minutes", WARM_UP_MINUTES) * MINUTE_TICKS)
    before = factory.moved()
    factory.world.run(MEASURED_MINUTES * MINUTE_TICKS)
    after = factory.moved()
    calculated = {}
    if entry["makes"]:
        calculated = {"petroleum-gas": oil(factory)} if entry.get("cracks") else bounds(factory)
    rows = []
    for one in entry["makes"]:
        item = one["item"]
        is_stated = one["basis"] == "stated"
        # Where several recipes make the same or machines share unevenly, the index has the sum.
        in_code = None if one.get("by_hand") else calculated.get(item)
        rows.append(
            Row(
                blueprint=entry["name"],
                what=f"{item}/min",
                entities=entry["entities"],
                stated=one["per_minute"] if is_stated else None,
                is_upper_bound=entry.get("is_upper_bound", False),
                calculated=in_code.per_minute if in_code else one.get("per_minute"),
                limit=in_code.limit if in_code else one.get("by_hand", ""),
                measured=(after.get(item, 0) - before.get(item, 0)) / MEASURED_MINUTES,
                tolerance=entry.get("tolerance", TOLERANCE),
            )
        )
    if not rows:
        rows.append(
            Row(
                blueprint=entry["name"],
                what="ticks run",
                entities=entry["entities"],
                measured=factory.world.tick,
                note="nothing is supplied: built and run for its size",
            )
        )
    return rows


def run_until_full(entry: dict[str, Any]) -> list[Row]:
    """Leave the output chests to fill, and count what is in them."""
    factory = started(entry | {"outputs": []})
    factory.world.run(entry["fills"] * MINUTE_TICKS)
    rows = []
    for port in entry["outputs"]:
        held = factory.on((port["tile"][0], port["tile"][1])).inventory("contents")
        stack = facts_of("item", port["item"])["stack_size"]
        rows.append(
            Row(
                blueprint=entry["name"],
                what=f"{port['item']} in its chest",
                entities=entry["entities"],
                calculated=port["slots"] * stack,
                limit=f"chest limited to {port['slots']} slots",
                measured=held.get(port["item"], 0),
                tolerance=0.0,
            )
        )
    return rows


def run_labs(entry: dict[str, Any]) -> list[Row]:
    """Let labs research, and count the packs that they use."""
    factory = started(entry)
    world = factory.world
    for name in TECHNOLOGIES:
        grant_what_it_needs(factory, name)
    left = list(TECHNOLOGIES)

    def used(minutes: int) -> dict[str, int]:
        for _ in range(minutes * 6):
            if world.current_research is None and left:
                world.start_research(left.pop(0))
            world.run(MINUTE_TICKS // 6)
        return world.production().items_used

    before, after = used(WARM_UP_MINUTES), used(MEASURED_MINUTES)
    return [
        Row(
            blueprint=entry["name"],
            what=f"{one['item']} used/min",
            entities=entry["entities"],
            calculated=one["per_minute"],
            limit=one["by_hand"],
            measured=(after[one["item"]] - before.get(one["item"], 0)) / MEASURED_MINUTES,
            is_upper_bound=entry.get("is_upper_bound", False),
        )
        for one in entry["makes"]
    ]


def grant_what_it_needs(factory: Factory, technology: str) -> None:
    """Research all that a technology needs, but nothing that is to be researched here."""
    for name in facts_of("technology", technology).get("prerequisites", []):
        if name not in TECHNOLOGIES and not factory.world.is_researched(name):
            grant_what_it_needs(factory, name)
            factory.world.research(name)


def run_balancer(entry: dict[str, Any]) -> list[Row]:
    """Feed all inputs, then each alone, and look for the output that is furthest off its share."""
    n_inputs = len(entry["inputs"])
    everything = tuple(range(n_inputs))
    known = {"blueprint": entry["name"], "entities": entry["entities"], "limit": "belts"}
    if not entry.get("balances", True):
        rates, belts = output_rates(entry, everything)
        what = "all inputs full: items/min on all outputs together"
        wanted = entry.get("per_minute", belts)
        return [Row(what=what, calculated=wanted, measured=sum(rates), tolerance=0.01, **known)]
    rows = []
    for label, sets in (
        ("all inputs full", [everything]),
        ("each input alone", [(index,) for index in everything]),
    ):
        shares, found = set(), []
        for chosen in sets:
            rates, belts = output_rates(entry, chosen)
            shares.add(belts / len(rates))
            found += rates
        share = min(shares)
        furthest = max(found, key=lambda rate: abs(rate - share))
        what = f"{label}: items/min on the output furthest off"
        rows.append(Row(what=what, calculated=share, measured=furthest, tolerance=0.01, **known))
    return rows


def output_rates(entry: dict[str, Any], chosen: tuple[int, ...]) -> tuple[list[float], float]:
    """Measure items a minute on every output with some inputs full, and on those inputs."""
    factory = started(entry | {"inputs": [entry["inputs"][index] for index in chosen]})
    factory.world.run(BALANCER_WARM_UP_MINUTES * MINUTE_TICKS)
    before = [total(entity.moved()) for _, entity in factory.outputs]
    factory.world.run(MEASURED_MINUTES * MINUTE_TICKS)
    after = [total(entity.moved()) for _, entity in factory.outputs]
    rates = [(b - a) / MEASURED_MINUTES for a, b in zip(before, after, strict=True)]
    return rates, sum(belt_rate(factory, port) for port, _ in factory.inputs)


def belt_rate(factory: Factory, port: dict[str, Any]) -> float:
    """Return what the belt of a port carries, items a minute."""
    name = factory.on((port["tile"][0], port["tile"][1])).name
    speed: float = facts_of("entity", name)["speed"]
    return speed * 8 * 60 * 60


def total(moved: dict[str, float]) -> float:
    """Sum what went through a port."""
    return sum(moved.values())


def run_steam(entry: dict[str, Any]) -> list[Row]:
    """Load steam engines with more than they can give."""
    factory = started(entry, margin=POWER_MARGIN_TILES)
    engines = [entity for entity in factory.entities if entity.name == "steam-engine"]
    engine = facts_of("entity", "steam-engine")
    joules_per_unit = (engine["maximum_temperature"] - 15) * 200
    each = engine["fluid_usage_per_tick"] * 60 * joules_per_unit
    for entity in factory.entities:
        if entity.name == "boiler":
            entity.insert("coal", 5)
    load(factory, 1.1 * each * len(engines))
    factory.world.run(2 * MINUTE_TICKS)
    watts = [sample(factory)[0] for _ in samples(factory, MEASURED_MINUTES * MINUTE_TICKS)]
    return [
        Row(
            blueprint=entry["name"],
            what="kW delivered, overloaded",
            entities=entry["entities"],
            stated=entry["peak_kilowatts"]["rate"],
            calculated=each * len(engines) / 1_000,
            limit=f"{len(engines)} engines",
            measured=sum(watts) / len(watts) / 1_000,
        )
    ]


def run_solar(entry: dict[str, Any]) -> list[Row]:
    """Load solar panels with more than they can give, then with what lasts through the night."""
    factory = started(entry, margin=POWER_MARGIN_TILES)
    panels = sum(entity.name == "solar-panel" for entity in factory.entities)
    peak = panels * kilowatts("solar-panel", "production")
    mean = 0.7 * peak
    load(factory, 1.1e3 * peak)
    found = [sample(factory)[1] for _ in samples(factory, DAY_TICKS)]
    basis = entry["peak_kilowatts"]["basis"]
    common = {"blueprint": entry["name"], "entities": entry["entities"]}
    rows = [
        Row(
            what="kW at noon",
            stated=entry["peak_kilowatts"]["rate"] if basis == "stated" else None,
            calculated=peak,
            limit=f"{panels} panels",
            measured=max(found) / 1_000,
            tolerance=0.01,
            **common,
        ),
        Row(
            what="kW, mean of a day",
            calculated=mean,
            limit=f"{panels} panels x 42 kW",
            measured=sum(found) / len(found) / 1_000,
            tolerance=0.01,
            **common,
        ),
    ]
    # A day to charge the accumulators, and one to see whether they last.
    steady = started(entry, margin=POWER_MARGIN_TILES)
    load(steady, 0.95e3 * mean)
    steady.world.run(DAY_TICKS)
    least = min(sample(steady)[0] for _ in samples(steady, DAY_TICKS))
    wanted = max(network.demand_watts for network in steady.world.power())
    rows.append(
        Row(
            what="kW of a steady load at its lowest, through the night",
            calculated=wanted / 1_000,
            limit="load, in whole beacons",
            measured=least / 1_000,
            tolerance=0.01,
            **common,
        )
    )
    return rows


def kilowatts(name: str, key: str) -> float:
    """Read a power of a prototype."""
    text: str = facts_of("entity", name)[key]
    return float(text.removesuffix("kW"))


def samples(factory: Factory, ticks: int) -> Iterable[int]:
    """Run for some ticks, stopping now and then to be looked at."""
    for tick in range(0, ticks, SAMPLE_TICKS):
        factory.world.run(SAMPLE_TICKS)
        yield tick


def sample(factory: Factory) -> tuple[float, float]:
    """Read the watts that the largest network delivers and those that its panels give."""
    network = max(factory.world.power(), key=lambda one: one.members)
    return network.delivered_watts, network.solar_watts


def load(factory: Factory, watts: float) -> None:
    """Connect as many beacons as take that much at most, with their drain of a thirtieth."""
    world = factory.world
    pole, (x, y) = link_north(factory)
    world.place(pole.name, (x, y))
    each = kilowatts("beacon", "energy_usage") * 1_000 * 31 / 30
    n_beacons = math.floor(watts / each)
    placed = block = 0
    while placed < n_beacons:
        # Blocks alternate to the east and the west of the link.
        offset = 18 * ((block + 1) // 2) * (1 if block % 2 else -1)
        middle = (math.floor(x) + offset, math.floor(y) - 3)
        world.place("substation", middle)
        for row in range(3):
            for column in range(6):
                if placed < n_beacons:
                    place = (middle[0] - 7.5 + 3 * column, middle[1] - 2.5 - 3 * row)
                    world.place("beacon", place)
                    placed += 1
        block += 1


def link_north(factory: Factory) -> tuple[Any, tuple[float, float]]:
    """Find the pole that reaches furthest out of the north side, and a place there."""
    (_, top), _ = factory.area
    poles = [entity for entity in factory.entities if is_pole(entity.name)]
    spare = {}
    for pole in poles:
        away = 1 + size_of(pole.name)[1] / 2
        reach = facts_of("entity", pole.name)["maximum_wire_distance"]
        spare[pole.unit_number] = reach - (pole.position[1] - (top - away))
    best = max(poles, key=lambda pole: spare[pole.unit_number])
    if spare[best.unit_number] < 0:
        raise RuntimeError(f"no pole of {factory.entry['name']} reaches its north side")
    return best, (best.position[0], top - 1 - size_of(best.name)[1] / 2)


def started(entry: dict[str, Any], margin: int = 12) -> Factory:
    """Build a blueprint with power and supplies."""
    factory = Factory.build(entry, string=string_of(entry), margin_tiles=margin)
    if entry["electric"] == "supplied":
        factory.electrify()
    factory.connect()
    return factory


def string_of(entry: dict[str, Any]) -> str:
    """Read a blueprint string, with plain chests for logistic ones."""
    text = (FOLDER / f"{entry['name']}.txt").read_text(encoding="ascii").strip()
    if not entry.get("plain_chests"):
        return text
    document = json.loads(zlib.decompress(base64.b64decode(text[1:])))
    for entity in document["blueprint"]["entities"]:
        entity["name"] = STAND_INS.get(entity["name"], entity["name"])
    return "0" + base64.b64encode(zlib.compress(json.dumps(document).encode(), 9)).decode()
