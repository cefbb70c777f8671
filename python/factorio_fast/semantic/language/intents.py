"""Which kind of goal a command asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.planning.names import drill_names, fuel_names, furnace_names, power_source_names
from factorio_fast.semantic.language import deeds, readers
from factorio_fast.semantic.language.fields import INTO_WORDS, POWER_WORDS, SMELTED, ground_of
from factorio_fast.semantic.language.reading import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast.planning import goals
    from factorio_fast.semantic.language.reading import Reading

__all__ = ["read_goal"]


def read_goal(reading: Reading) -> goals.AnyGoal:
    """Read the goal of a command.

    Raises:
        RefusedError: It has none, several, or one that lacks something.
    """
    verbs = reading.verbs()
    for is_it, read in _INTENTS:
        if is_it(reading, verbs):
            goal = read(reading)
            reading.finish()
            return goal
    reading.refuse_if_loose()
    raise refused(
        "unknown-intent",
        "it is not clear what is to be done",
        "say what to do: build, automate, mine, gather, craft, research, connect, defend, go, wait",
    )


def _begins(*meanings: str) -> Callable[[Reading, list[str]], bool]:
    return lambda _, verbs: bool(verbs) and verbs[0] in meanings


def _is_explore(reading: Reading, verbs: list[str]) -> bool:
    return verbs[:1] == ["explore"] or (verbs[:1] == ["find"] and bool(reading.tokens))


def _is_defend(reading: Reading, verbs: list[str]) -> bool:
    return verbs[:1] == ["defend"] or reading.has("defence", "defense", "defences", "defenses")


def _is_clear(reading: Reading, verbs: list[str]) -> bool:
    return verbs[:1] == ["clear"] or (verbs[:1] == ["gather"] and reading.scan.area is not None)


def _is_remove(reading: Reading, verbs: list[str]) -> bool:
    is_pickup = verbs[:1] == ["pickup"] and bool(reading.machines())
    return verbs[:1] == ["remove"] or is_pickup


def _is_recipe(reading: Reading, verbs: list[str]) -> bool:
    if reading.has("recipe") or verbs[:1] == ["set"]:
        return True
    # "make the assembler produce gears"
    return verbs[:2] == ["make", "make"]


def _is_electric(reading: Reading, verbs: list[str]) -> bool:
    first = reading.tokens[0].word if reading.tokens else ""
    if verbs[:1] == ["electrify"] or first == "power":
        return True
    is_link = bool(verbs) and verbs[0] in {"connect", "go", "carry", "give", "put", "gather", "add"}
    has_power = reading.has(*POWER_WORDS)
    return (
        is_link
        and has_power
        and bool(reading.machines() or reading.has("everything", "all", "base"))
    )


def _is_belt(reading: Reading, verbs: list[str]) -> bool:
    belts = [
        token
        for token in reading.tokens
        if token.thing is not None and token.thing.name.endswith("transport-belt")
    ]
    is_run = bool(belts) and reading.has("from") and len(reading.things()) >= 3  # noqa: PLR2004 - belt, source, target
    return verbs[:1] == ["connect"] or is_run


def _is_move(reading: Reading, verbs: list[str]) -> bool:
    return bool(verbs) and (verbs[0] == "go" or (verbs[0] == "move" and not _is_carried(reading)))


def _is_carried(reading: Reading) -> bool:
    return len(reading.machines()) >= 1 and len(reading.things()) >= 2  # noqa: PLR2004 - item and machine


def _is_transfer(reading: Reading, verbs: list[str]) -> bool:
    if not verbs or verbs[0] not in {"carry", "move", "take", "put"}:
        return False
    words = [reading.word_before(token) for token in reading.machines()]
    return "from" in words and bool(INTO_WORDS & set(words))


def _is_take(reading: Reading, verbs: list[str]) -> bool:
    if not verbs:
        return False
    words = [reading.word_before(token) for token in reading.machines()]
    return verbs[0] == "take" or (verbs[0] in {"gather", "pickup"} and "from" in words)


def _is_insert(reading: Reading, verbs: list[str]) -> bool:
    if not verbs or verbs[0] not in {"put", "add", "carry", "move", "gather"}:
        return False
    machines = reading.machines()
    words = [reading.word_before(token) for token in machines]
    has_target = bool(INTO_WORDS & set(words)) or reading.has("with")
    is_fuelling = reading.tokens[0].word in {"fuel", "refuel", "fill", "load", "feed"}
    return bool(machines) and (has_target or is_fuelling) and (verbs[0] == "put" or has_target)


def _is_smelter(reading: Reading, verbs: list[str]) -> bool:
    smelters = [
        token
        for token in reading.tokens
        if token.text.startswith("smelter") or token.word in {"smelting", "foundry"}
    ]
    has_furnaces = any(
        token.thing is not None and token.thing.name in furnace_names() for token in reading.tokens
    )
    in_rows = reading.has("array", "column", "line", "row")
    # "12 stone furnaces for copper"
    for_product = any(
        token.thing is not None
        and token.thing.name in SMELTED
        and reading.word_before(token) == "for"
        for token in reading.things()
    )
    return bool(smelters) or "smelt" in verbs or (has_furnaces and (in_rows or for_product))


def _is_research(reading: Reading, verbs: list[str]) -> bool:
    del reading
    return verbs[:1] == ["research"]


def _is_mining(reading: Reading, verbs: list[str]) -> bool:
    has_drills = any(
        token.thing is not None and token.thing.name in drill_names() for token in reading.tokens
    )
    has_ground = ground_of(reading) is not None
    if not has_ground:
        return False
    if reading.has("mining") or ("mine" in verbs and verbs[0] != "mine"):
        return True
    if verbs[:1] == ["expand"]:
        return True
    if verbs[:1] == ["mine"] and (reading.rate_per_minute is not None or has_drills):
        return True
    return (
        has_drills
        and bool(verbs)
        and verbs[0] in {"add", "put", "place", "build"}
        and _is_on(reading)
    )


def _is_on(reading: Reading) -> bool:
    return reading.has("on", "to", "onto", "at", "in", "for") and not reading.has("near")


def _is_power(reading: Reading, verbs: list[str]) -> bool:
    if reading.has("powerplant", "steamplant") or any(
        token.word in {"mw", "kw", "megawatt", "kilowatt", "gw"} for token in reading.tokens
    ):
        return True
    if not verbs or verbs[0] not in {"build", "add", "expand", "make", "want"}:
        return False
    sources = [
        token
        for token in reading.machines()
        if token.thing and token.thing.name in power_source_names()
    ]
    others = [
        token
        for token in reading.things()
        if token not in sources and token.thing and token.thing.name not in fuel_names() | {"steam"}
    ]
    return not others and (bool(sources) or reading.has(*POWER_WORDS))


def _is_automate(reading: Reading, verbs: list[str]) -> bool:
    if "automate" in verbs or reading.has("production", "line"):
        return True
    if reading.has("factory", "output") and reading.things():
        return True
    is_making = bool(verbs) and verbs[0] in {"make", "build", "expand", "craft", "want"}
    return is_making and reading.rate_per_minute is not None


def _is_gather(reading: Reading, verbs: list[str]) -> bool:
    return (
        bool(verbs)
        and verbs[0] in {"gather", "mine", "pickup"}
        and bool(reading.things() or reading.place)
    )


def _is_place(reading: Reading, verbs: list[str]) -> bool:
    return bool(verbs) and verbs[0] in {"place", "build", "put", "add"} and bool(reading.machines())


def _is_craft(reading: Reading, verbs: list[str]) -> bool:
    return bool(verbs) and verbs[0] in {"craft", "make", "build"} and bool(reading.things())


_INTENTS: tuple[
    tuple[Callable[[Reading, list[str]], bool], Callable[[Reading], goals.AnyGoal]], ...
] = (
    (_begins("wait"), deeds.read_wait),
    (_is_research, deeds.read_research),
    (_is_explore, deeds.read_explore),
    (_is_defend, readers.read_defend),
    (_is_clear, deeds.read_clear),
    (_is_remove, deeds.read_remove),
    (_is_recipe, deeds.read_set_recipe),
    (_is_electric, readers.read_electric),
    (_is_belt, deeds.read_belt),
    (_is_transfer, deeds.read_transfer),
    (_is_insert, deeds.read_insert),
    (_is_move, deeds.read_move),
    (_is_take, deeds.read_take),
    (_is_smelter, readers.read_smelter),
    (_is_mining, readers.read_mining),
    (_is_power, readers.read_power),
    (_is_automate, readers.read_automate),
    (_is_gather, deeds.read_gather),
    (_is_place, deeds.read_place),
    (_is_craft, deeds.read_craft),
)
"""The first that fits is taken: the narrower stand before the wider."""
