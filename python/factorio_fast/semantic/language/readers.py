"""Goals to build, read from commands: smelters, mines, automation, power, defence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.planning import goals
from factorio_fast.planning.names import (
    ammo_names,
    drill_names,
    fuel_names,
    furnace_names,
    power_source_names,
)
from factorio_fast.planning.places import Place
from factorio_fast.semantic.language.fields import (
    POWER_WORDS,
    SMELTED,
    asks_power,
    fuel_of,
    ground_of,
    is_class,
    machine_of,
    name_of,
    only,
)
from factorio_fast.semantic.language.reading import refused

if TYPE_CHECKING:
    from factorio_fast.semantic.language.reading import Reading
    from factorio_fast.semantic.language.scanner import Token

__all__ = [
    "read_automate",
    "read_defend",
    "read_electric",
    "read_mining",
    "read_power",
    "read_smelter",
]


def read_smelter(reading: Reading) -> goals.AnyGoal:
    """Read a goal to build smelters."""
    reading.use_verbs(
        "build", "make", "smelt", "add", "place", "expand", "automate", "put", "gather"
    )
    reading.use(
        "array", "column", "line", "row", "smelting", "foundry", "production", "factory", "output"
    )
    fuel = fuel_of(reading)
    furnaces = [token for token in reading.things() if name_of(token) in furnace_names()]
    machine = count = None
    for token in furnaces:
        token.is_used = True
        if not is_class(token):
            machine = name_of(token)
        if not token.text.startswith("smelter"):
            count = reading.count_before(token) or count
    things = [token for token in reading.things() if name_of(token) in SMELTED]
    # "smelt iron ore into plates" names the plate as well.
    names = {SMELTED[name_of(token)] for token in things}
    if len(names) == 1:
        for token in reading.tokens:
            if token.loose and token.text in {"plate", "plates", "ore", "ores"}:
                token.is_used = True
        for token in things:
            token.is_used = True
        item = names.pop()
    else:
        steel = [token for token in things if name_of(token) == "steel-plate"]
        item = SMELTED[name_of(only(reading, steel or things, "what is smelted"))]
        for token in things if steel else ():
            token.is_used = True
    if count is None:
        count = reading.any_count() if reading.rate_per_minute is None and furnaces else None
    return goals.BuildSmelterArray(
        item=item,
        rate_per_minute=reading.rate_per_minute,
        count=count,
        machine=machine,
        fuel=fuel,
        with_power=asks_power(reading),
        place=reading.place,
    )


def read_mining(reading: Reading) -> goals.AnyGoal:
    """Read a goal to expand mining."""
    reading.use_verbs(
        "expand", "mine", "add", "put", "place", "build", "make", "gather", "automate"
    )
    reading.use("mining", "output", "production", "operation", "more")
    fuel = fuel_of(reading)
    machine, count = machine_of(reading, drill_names())
    ground = [token for token in reading.things() if token.thing is not None and token.thing.ore]
    place = reading.place
    if ground:
        item = name_of(only(reading, ground, "what is mined"), as_ore=True)
    else:
        item = ground_of(reading) or ""
        place = None
    if place is not None and place.kind == "near" and place.target == item:
        place = None
    is_total = reading.rate_per_minute is not None and not reading.has(
        "by", "more", "additional", "extra"
    )
    return goals.ExpandMining(
        item=item,
        rate_per_minute=reading.rate_per_minute,
        rate_is_total=is_total,
        count=count,
        machine=machine,
        fuel=fuel,
        place=place,
    )


def read_automate(reading: Reading) -> goals.AnyGoal:
    """Read a goal to automate an item."""
    reading.use_verbs("automate", "build", "make", "expand", "craft", "add", "gather")
    reading.use("production", "line", "output")
    with_power = asks_power(reading)
    for token in reading.things():
        # "a factory for gears" is what is to be built, not where.
        token.is_used |= token.text in {"factory", "factories"}
    things = reading.things()
    machines = [
        token
        for token in things
        if reading.word_before(token) in {"with", "using", "in", "by"}
        and token in reading.machines()
    ]
    machine = count = None
    if machines:
        token = only(reading, machines, "which machine makes it")
        machine = None if is_class(token) else name_of(token)
        count = reading.count_before(token)
    item = only(reading, reading.things(), "what is made")
    if is_class(item):
        return _refused_class(reading, item)
    if item.thing is not None and item.thing.kind == "fluid":
        reading.refuse(
            "unknown-intent", f"{item.text} is a fluid", "name an item that is made of it"
        )
    return goals.AutomateItem(
        item=name_of(item),
        rate_per_minute=reading.rate_per_minute,
        count=count,
        machine=machine,
        with_power=with_power,
        place=reading.place,
    )


def _refused_class(reading: Reading, token: Token) -> goals.AnyGoal:
    if token.text.split()[-1].startswith(("belt", "ammo")):
        return goals.AutomateItem(
            item=name_of(token), rate_per_minute=reading.rate_per_minute, place=reading.place
        )
    raise refused(
        "ambiguous",
        f'"{token.text}" is a class of machines',
        f"say which, such as {name_of(token)}",
    )


def read_electric(reading: Reading) -> goals.AnyGoal:
    """Read a goal to connect power."""
    reading.use_verbs("connect", "electrify", "go", "carry", "put", "gather", "add", "take")
    reading.use(*POWER_WORDS, "everything", "line")
    poles = [token for token in reading.machines() if name_of(token).endswith("pole")]
    machine = None
    for token in poles:
        token.is_used = True
        if not is_class(token):
            machine = name_of(token)
    machines = reading.machines()
    target = None
    if machines:
        token = only(reading, machines, "what is to be connected")
        target = name_of(token)
    reading.refuse_if_loose()
    return goals.ConnectPower(target=target, machine=machine, place=reading.place)


def read_power(reading: Reading) -> goals.AnyGoal:
    """Read a goal to build power."""
    reading.use_verbs("build", "add", "expand", "make", "place")
    reading.use(*POWER_WORDS, "powerplant", "supply", "production", "output", "plant", "capacity")
    watts = reading.watts()
    fuel = fuel_of(reading)
    machine, count = machine_of(reading, power_source_names())
    if reading.use("steamplant"):
        machine = machine or "steam-engine"
    for token in reading.things():
        if token.text == "steam":
            token.is_used = True
            machine = machine or "steam-engine"
        elif name_of(token) in fuel_names():
            token.is_used = True
            fuel = fuel or name_of(token)
    return goals.BuildPower(
        watts=watts, count=count, machine=machine, fuel=fuel, place=reading.place
    )


def read_defend(reading: Reading) -> goals.AnyGoal:
    """Read a goal to defend."""
    # "The copper mine" is a place here.
    reading.use_verbs("defend", "build", "add", "put", "place", "make", "mine")
    reading.use("defence", "defense", "defences", "defenses", "against", "attack")
    ammo = None
    for token in reading.things():
        if name_of(token) in ammo_names():
            token.is_used = True
            ammo = name_of(token)
    machine = count = None
    turrets = [
        token
        for token in reading.machines()
        if "turret" in name_of(token) or "wall" in name_of(token)
    ]
    if turrets:
        token = only(reading, turrets, "what it is defended with")
        machine, count = name_of(token), reading.count_before(token)
    place = reading.place
    for token in reading.things():
        landmark = token.thing is not None and token.thing.kind == "landmark"
        is_enemy = landmark and name_of(token) == "nest"
        if is_enemy:
            token.is_used = True
        elif place is None and token.thing is not None and (landmark or token.thing.ore):
            token.is_used = True
            place = Place.near(name_of(token, as_ore=True))
    if place is not None and place.kind == "near" and place.target == "nest":
        place = None
    machines = reading.machines()
    if place is None and machines:
        place = Place.near(name_of(only(reading, machines, "what is to be defended")))
    return goals.Defend(count=count, machine=machine, ammo=ammo, place=place)
