"""Which goal a command asks for, and its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.planning import goals
from factorio_fast.planning.names import (
    HAND_GATHERED,
    ammo_names,
    drill_names,
    fuel_names,
    furnace_names,
    machine_names,
    power_source_names,
    recipe_names,
    resource_names,
)
from factorio_fast.planning.places import Place
from factorio_fast.semantic.language.lexicon import singular, technologies
from factorio_fast.semantic.language.words import TIME_TICKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast.semantic.language.reading import Reading
    from factorio_fast.semantic.language.scanner import Token

__all__ = ["read_goal"]

SMELTED = {
    "iron-ore": "iron-plate",
    "copper-ore": "copper-plate",
    "stone": "stone-brick",
    "iron-plate": "iron-plate",
    "copper-plate": "copper-plate",
    "steel-plate": "steel-plate",
    "stone-brick": "stone-brick",
}
POWER_WORDS = ("power", "electricity", "electric", "energy", "grid", "network")
INTO_WORDS = frozenset({"into", "in", "to", "inside", "with", "onto"})


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
    reading.refuse(
        "unknown-intent",
        "it is not clear what is to be done",
        "say what to do: build, automate, mine, gather, craft, research, connect, defend, go, wait",
    )


# --- Which goal ----------------------------------------------------------------------------------


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
    return is_link and has_power and bool(reading.machines() or reading.has("everything", "all", "base"))


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
        token.thing is not None and token.thing.name in furnace_names()
        for token in reading.tokens
    )
    in_rows = reading.has("array", "column", "line", "row")
    return bool(smelters) or "smelt" in verbs or (has_furnaces and in_rows)


def _is_research(reading: Reading, verbs: list[str]) -> bool:
    del reading
    return verbs[:1] == ["research"]


def _is_mining(reading: Reading, verbs: list[str]) -> bool:
    has_drills = any(
        token.thing is not None and token.thing.name in drill_names() for token in reading.tokens
    )
    has_ground = _ground(reading) is not None
    if not has_ground:
        return False
    if reading.has("mining") or ("mine" in verbs and verbs[0] != "mine"):
        return True
    if verbs[:1] == ["expand"]:
        return True
    if verbs[:1] == ["mine"] and (reading.rate_per_minute is not None or has_drills):
        return True
    return has_drills and bool(verbs) and verbs[0] in {"add", "put", "place", "build"} and _is_on(reading)


def _is_on(reading: Reading) -> bool:
    return reading.has("on", "to", "onto", "at", "in", "for") and not reading.has("near")


def _is_power(reading: Reading, verbs: list[str]) -> bool:
    if reading.has("powerplant", "steamplant") or any(token.word in {"mw", "kw", "megawatt", "kilowatt", "gw"} for token in reading.tokens):
        return True
    if not verbs or verbs[0] not in {"build", "add", "expand", "make", "want"}:
        return False
    sources = [token for token in reading.machines() if token.thing and token.thing.name in power_source_names()]
    others = [token for token in reading.things() if token not in sources and token.thing and token.thing.name not in fuel_names() | {"steam"}]
    return not others and (bool(sources) or reading.has(*POWER_WORDS))


def _is_automate(reading: Reading, verbs: list[str]) -> bool:
    if "automate" in verbs or reading.has("production", "line"):
        return True
    if reading.has("factory", "output") and reading.things():
        return True
    is_making = bool(verbs) and verbs[0] in {"make", "build", "expand", "craft", "want"}
    return is_making and reading.rate_per_minute is not None


def _is_gather(reading: Reading, verbs: list[str]) -> bool:
    return bool(verbs) and verbs[0] in {"gather", "mine", "pickup"} and bool(reading.things() or reading.place)


def _is_place(reading: Reading, verbs: list[str]) -> bool:
    return bool(verbs) and verbs[0] in {"place", "build", "put", "add"} and bool(reading.machines())


def _is_craft(reading: Reading, verbs: list[str]) -> bool:
    return bool(verbs) and verbs[0] in {"craft", "make", "build"} and bool(reading.things())


# --- Fields --------------------------------------------------------------------------------------


def _name(token: Token, *, as_ore: bool = False) -> str:
    if token.thing is None:
        raise ValueError("a token without a thing has no name")
    return token.thing.ore if as_ore and token.thing.ore else token.thing.name


def _only(reading: Reading, tokens: list[Token], what: str) -> Token:
    """Return the one token that there must be."""
    reading.refuse_if_loose()
    if not tokens:
        reading.refuse("missing-item", f"it is not said {what}", f"name {what}")
    if len(tokens) > 1:
        shown = " or ".join(token.text for token in tokens)
        reading.refuse("ambiguous", f"it could be {shown}", f"name one thing for {what}")
    tokens[0].is_used = True
    return tokens[0]


def _is_all(reading: Reading, token: Token) -> bool:
    """Say whether all of some machines are meant."""
    index = reading.tokens.index(token)
    words = {other.word for other in reading.tokens[max(index - 3, 0) : index]}
    return bool(words & {"all", "every", "each"})


def _target(reading: Reading, token: Token, *, item: str | None = None) -> str:
    """Return the machine that a token means: of drills the burner one, where fuel is put in."""
    name = _name(token)
    is_bare = token.thing is not None and token.thing.is_class
    if is_bare and name == "electric-mining-drill":
        if item in fuel_names():
            return "burner-mining-drill"
        reading.refuse(
            "ambiguous",
            f'"{token.text}" could be two kinds of drill',
            "say burner drill or electric drill",
        )
    return name


def _fuel(reading: Reading) -> str | None:
    """Read `with coal`, `on coal`, `coal-fired`."""
    for token in reading.things():
        if _name(token) in fuel_names() and reading.word_before(token) in {"with", "on", "using", "by"}:
            token.is_used = True
            return _name(token)
    return None


def _machine_of(reading: Reading, known: frozenset[str]) -> tuple[str | None, int | None]:
    """Read a machine out of some, and how many; a bare class leaves the kind open."""
    found = [token for token in reading.things() if _name(token) in known]
    if not found:
        return None, None
    token = _only(reading, found, "which machine")
    is_bare = token.thing is not None and token.thing.is_class
    return (None if is_bare else _name(token)), reading.count_before(token)


def _ground(reading: Reading) -> str | None:
    """Return the resource that a command is about."""
    for token in reading.things():
        if token.thing is not None and token.thing.ore in resource_names():
            return token.thing.ore
    place = reading.place
    if place is not None and place.kind == "near" and place.target in resource_names():
        return place.target
    return None


def _with_power(reading: Reading) -> bool:
    return reading.use(*POWER_WORDS)


# --- Reading each goal ---------------------------------------------------------------------------


def _smelter(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("build", "make", "smelt", "add", "place", "expand", "automate", "put", "gather")
    reading.use("array", "column", "line", "row", "smelting", "foundry", "production", "factory", "output")
    fuel = _fuel(reading)
    furnaces = [token for token in reading.things() if _name(token) in furnace_names()]
    machine = count = None
    for token in furnaces:
        token.is_used = True
        if token.thing is not None and not token.thing.is_class:
            machine = _name(token)
        if not token.text.startswith("smelter"):
            count = reading.count_before(token) or count
    things = [token for token in reading.things() if _name(token) in SMELTED]
    # "smelt iron ore into plates" names the plate as well.
    names = {SMELTED[_name(token)] for token in things}
    if len(names) == 1:
        for token in reading.tokens:
            if token.loose and token.text in {"plate", "plates", "ore", "ores"}:
                token.is_used = True
        for token in things:
            token.is_used = True
        item = names.pop()
    else:
        steel = [token for token in things if _name(token) == "steel-plate"]
        item = SMELTED[_name(_only(reading, steel or things, "what is smelted"))]
        for token in things if steel else ():
            token.is_used = True
    if count is None:
        count = reading.any_count() if reading.rate_per_minute is None and furnaces else None
    return goals.BuildSmelterArray(
        item=item,  # type: ignore[arg-type] - a value of `SMELTED`
        rate_per_minute=reading.rate_per_minute,
        count=count,
        machine=machine,
        fuel=fuel,
        with_power=_with_power(reading),
        place=reading.place,
    )


def _mining(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("expand", "mine", "add", "put", "place", "build", "make", "gather", "automate")
    reading.use("mining", "output", "production", "operation", "more")
    fuel = _fuel(reading)
    machine, count = _machine_of(reading, drill_names())
    ground = [token for token in reading.things() if token.thing is not None and token.thing.ore]
    place = reading.place
    if ground:
        item = _name(_only(reading, ground, "what is mined"), as_ore=True)
    else:
        item = _ground(reading) or ""
        place = None
    if place is not None and place.kind == "near" and place.target == item:
        place = None
    is_total = reading.rate_per_minute is not None and not reading.has("by", "more", "additional", "extra")
    return goals.ExpandMining(
        item=item,
        rate_per_minute=reading.rate_per_minute,
        rate_is_total=is_total,
        count=count,
        machine=machine,
        fuel=fuel,
        place=place,
    )


def _automate(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("automate", "build", "make", "expand", "craft", "add", "gather")
    reading.use("production", "line", "output")
    with_power = _with_power(reading)
    for token in reading.things():
        # "a factory for gears" is what is to be built, not where.
        token.is_used |= token.text in {"factory", "factories"}
    things = reading.things()
    machines = [
        token
        for token in things
        if reading.word_before(token) in {"with", "using", "in", "by"} and token in reading.machines()
    ]
    machine = count = None
    if machines:
        token = _only(reading, machines, "which machine makes it")
        machine = None if token.thing is not None and token.thing.is_class else _name(token)
        count = reading.count_before(token)
    item = _only(reading, reading.things(), "what is made")
    if item.thing is not None and item.thing.is_class:
        return _refused_class(reading, item)
    if item.thing is not None and item.thing.kind == "fluid":
        reading.refuse("unknown-intent", f"{item.text} is a fluid", "name an item that is made of it")
    return goals.AutomateItem(
        item=_name(item),
        rate_per_minute=reading.rate_per_minute,
        count=count,
        machine=machine,
        with_power=with_power,
        place=reading.place,
    )


def _refused_class(reading: Reading, token: Token) -> goals.AnyGoal:
    if token.text.split()[-1].startswith(("belt", "ammo")):
        return goals.AutomateItem(
            item=_name(token), rate_per_minute=reading.rate_per_minute, place=reading.place
        )
    reading.refuse(
        "ambiguous", f'"{token.text}" is a class of machines', f"say which, such as {_name(token)}"
    )


def _electric(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("connect", "electrify", "go", "carry", "put", "gather", "add", "take")
    reading.use(*POWER_WORDS, "everything", "line")
    poles = [token for token in reading.machines() if _name(token).endswith("pole")]
    machine = None
    for token in poles:
        token.is_used = True
        if token.thing is not None and not token.thing.is_class:
            machine = _name(token)
    machines = reading.machines()
    target = None
    if machines:
        token = _only(reading, machines, "what is to be connected")
        target = _name(token)
    reading.refuse_if_loose()
    return goals.ConnectPower(target=target, machine=machine, place=reading.place)


def _power(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("build", "add", "expand", "make", "place")
    reading.use(*POWER_WORDS, "powerplant", "supply", "production", "output", "plant", "capacity")
    watts = reading.watts()
    fuel = _fuel(reading)
    machine, count = _machine_of(reading, power_source_names())
    if reading.use("steamplant"):
        machine = machine or "steam-engine"
    for token in reading.things():
        if token.text == "steam":
            token.is_used = True
            machine = machine or "steam-engine"
        elif _name(token) in fuel_names():
            token.is_used = True
            fuel = fuel or _name(token)
    return goals.BuildPower(
        watts=watts, count=count, machine=machine, fuel=fuel, place=reading.place
    )


def _defend(reading: Reading) -> goals.AnyGoal:
    # "The copper mine" is a place here.
    reading.use_verbs("defend", "build", "add", "put", "place", "make", "mine")
    reading.use("defence", "defense", "defences", "defenses", "against", "attack")
    ammo = None
    for token in reading.things():
        if _name(token) in ammo_names():
            token.is_used = True
            ammo = _name(token)
    machine = count = None
    turrets = [token for token in reading.machines() if "turret" in _name(token) or "wall" in _name(token)]
    if turrets:
        token = _only(reading, turrets, "what it is defended with")
        machine, count = _name(token), reading.count_before(token)
    place = reading.place
    for token in reading.things():
        landmark = token.thing is not None and token.thing.kind == "landmark"
        is_enemy = landmark and _name(token) == "nest"
        if is_enemy:
            token.is_used = True
        elif place is None and token.thing is not None and (landmark or token.thing.ore):
            token.is_used = True
            place = Place.near(_name(token, as_ore=True))
    if place is not None and place.kind == "near" and place.target == "nest":
        place = None
    machines = reading.machines()
    if place is None and machines:
        place = Place.near(_name(_only(reading, machines, "what is to be defended")))
    return goals.Defend(count=count, machine=machine, ammo=ammo, place=place)


def _research(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("research")
    reading.use("technology", "tech")
    words = [
        token
        for token in reading.tokens
        if not token.is_used and (token.text not in {"the", "please", ",", "a"})
    ]
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            parts = [token.text for token in words[start:end]]
            phrase = " ".join(singular(word) for part in parts for word in part.split())
            technology = technologies().get(phrase)
            if technology is not None:
                for token in words[start:end]:
                    token.is_used = True
                return goals.Research(technology=technology)
    reading.refuse(
        "missing-item",
        "there is no technology of that name",
        "name a technology, such as automation, logistics, steel processing",
    )


def _explore(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("explore", "find")
    reading.use("map", "area", "world", "surroundings", "more", "find")
    direction = reading.direction()
    place = reading.place
    if direction is None and place is not None and place.direction is not None:
        direction, place = place.direction, None
    distance = reading.number_with_unit({"tile": 1})
    item = None
    for token in reading.things():
        name = _name(token, as_ore=True)
        if name in resource_names() | {"water"}:
            token.is_used = True
            item = name
    if item is None and place is not None and place.target in resource_names() | {"water"}:
        item, place = place.target, None
    reading.refuse_if_loose()
    return goals.Explore(direction=direction, distance_tiles=distance, item=item, place=place)


def _gather(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("gather", "mine", "pickup")
    reading.use("byhand", "manually", "more")
    tokens = reading.things()
    token = _only(reading, tokens, "what is to be gathered")
    name = "wood" if _name(token) == "trees" else _name(token, as_ore=True)
    if _name(token) == "rocks":
        name = "stone"
    count = reading.count_before(token, item=name if name in HAND_GATHERED else None)
    if name not in HAND_GATHERED:
        reading.refuse(
            "unknown-intent",
            f"{token.text} cannot be gathered by hand",
            f"gather {', '.join(HAND_GATHERED)}, or say craft, automate or take",
        )
    if reading.rate_per_minute is not None:
        reading.refuse("ambiguous", "gathering has no rate", "say how many, or expand mining to a rate")
    place = reading.place
    return goals.Gather(item=name, count=count, place=place)  # type: ignore[arg-type] - checked above


def _craft(reading: Reading) -> goals.AnyGoal:
    verb = reading.verbs()[0]
    is_byhand = reading.use("byhand", "manually")
    reading.use_verbs("craft", "make", "build")
    token = _only(reading, reading.things(), "what is to be crafted")
    count = reading.count_before(token, item=_name(token))
    if verb != "craft" and not is_byhand and count is None:
        reading.refuse(
            "ambiguous",
            f"it is not clear whether to make one {token.text} or to keep making it",
            f"say craft 10 {token.text}, or automate {token.text} at 30 per minute",
        )
    if reading.rate_per_minute is not None:
        reading.refuse("ambiguous", "crafting by hand has no rate", "say how many, or automate it")
    if _name(token) not in recipe_names():
        reading.refuse("unknown-intent", f"{token.text} cannot be crafted", "gather or smelt it")
    return goals.Craft(item=_name(token), count=count or 1, place=reading.place)


def _place(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("place", "build", "put", "add")
    facing = reading.direction() if reading.use("facing") else None
    token = _only(reading, reading.machines(), "what is to be placed")
    count = reading.count_before(token)
    return goals.PlaceEntity(
        machine=_target(reading, token), count=count or 1, direction=facing, place=reading.place
    )


def _remove(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("remove", "pickup")
    token = _only(reading, reading.machines(), "what is to be removed")
    is_all = _is_all(reading, token)
    count = reading.count_before(token)
    return goals.Remove(
        machine=_target(reading, token), count=count, is_all=is_all, place=reading.place
    )


def _move(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("go", "move")
    if reading.use("home"):
        return goals.MoveTo(place=Place.near("base"))
    if reading.place is None:
        reading.refuse("missing-place", "it is not said where to", "say a place, such as to 10, -20")
    return goals.MoveTo(place=reading.place)


def _clear(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("clear", "gather")
    reading.use("ground", "land", "square", "obstacle", "everything", "area")
    for token in reading.things():
        if _name(token) in {"trees", "rocks", "wood"}:
            token.is_used = True
    width = height = None
    if reading.scan.area is not None:
        width, height = reading.scan.area
        reading.used_area = True
    return goals.ClearArea(width_tiles=width, height_tiles=height, place=reading.place)


def _insert(reading: Reading) -> goals.AnyGoal:
    verb = reading.tokens[0].word
    reading.use_verbs("put", "add", "carry", "move", "gather")
    reading.use("fuel", "refuel")
    machines = reading.machines()
    into = [token for token in machines if reading.word_before(token) in INTO_WORDS]
    items = [token for token in reading.things() if token not in machines]
    if not items:
        # A machine may be what is put in, as belts into a chest.
        items = [token for token in machines if token not in into]
    targets = [token for token in machines if token not in items]
    if not items and verb in {"fuel", "refuel"}:
        reading.refuse("missing-item", "it is not said with which fuel", "say refuel with coal")
    token = _only(reading, items, "what is to be put in")
    # A bare metal is its plate in a machine, but a furnace takes the ore.
    target_token = _only(reading, targets, "what it is to be put into")
    item = _name(token)
    is_furnace = _name(target_token) in furnace_names()
    if is_furnace and token.thing is not None and token.thing.ore and token.text in {"iron", "copper"}:
        item = token.thing.ore
    return goals.Insert(
        item=item,
        count=reading.count_before(token, item=item),
        target=_target(reading, target_token, item=item),
        is_all=_is_all(reading, target_token),
        place=reading.place,
    )


def _take(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("take", "gather", "pickup")
    machines = reading.machines()
    sources = [token for token in machines if reading.word_before(token) == "from"] or machines
    items = [token for token in reading.things() if token not in sources]
    reading.refuse_if_loose()
    item = count = None
    if items:
        token = _only(reading, items, "what is to be taken")
        item = _name(token)
        count = reading.count_before(token, item=item)
    source = _only(reading, sources, "what it is to be taken from")
    return goals.Take(
        item=item,
        count=count,
        target=_target(reading, source),
        is_all=_is_all(reading, source),
        place=reading.place,
    )


def _transfer(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("carry", "move", "take", "put")
    machines = reading.machines()
    sources = [token for token in machines if reading.word_before(token) == "from"]
    targets = [token for token in machines if reading.word_before(token) in INTO_WORDS]
    source = _only(reading, sources, "where it is to be taken from")
    target = _only(reading, targets, "where it is to be taken to")
    token = _only(reading, reading.things(), "what is to be carried")
    item = _name(token)
    return goals.Transfer(
        item=item,
        count=reading.count_before(token, item=item),
        source=_target(reading, source, item=item),
        target=_target(reading, target, item=item),
        place=reading.place,
    )


def _set_recipe(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("set", "make")
    reading.use("recipe")
    makers = [token for token in reading.machines() if "assembling" in _name(token) or _name(token) in {"chemical-plant", "oil-refinery", "centrifuge"}]
    machine = _only(reading, makers, "which machine")
    token = _only(reading, reading.things(), "what it is to make")
    if _name(token) not in recipe_names():
        reading.refuse("unknown-intent", f"{token.text} has no recipe", "name what is crafted")
    return goals.SetRecipe(
        machine=_name(machine),
        recipe=_name(token),
        is_all=_is_all(reading, machine),
        place=reading.place,
    )


def _belt(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("connect", "go", "build", "place", "put")
    belts = [token for token in reading.machines() if _name(token).endswith("transport-belt")]
    machine = None
    for token in belts:
        token.is_used = True
        if token.thing is not None and not token.thing.is_class:
            machine = _name(token)
    ends = [
        token
        for token in reading.things()
        if token.thing is not None and (token.thing.name in machine_names() or token.thing.ore)
    ]
    if len(ends) < 2:  # noqa: PLR2004 - a source and a target
        reading.refuse_if_loose()
        reading.refuse(
            "missing-item", "it is not said what is to be connected with what", "name two machines"
        )
    into = [token for token in ends if reading.word_before(token) in {"to", "into", "with", "and"}]
    target = into[-1] if into else ends[-1]
    source = _only(reading, [token for token in ends if token is not target], "where it comes from")
    target.is_used = True
    return goals.ConnectBelt(
        source=_name(source, as_ore=True),
        target=_name(target),
        machine=machine,
        place=reading.place,
    )


def _wait(reading: Reading) -> goals.AnyGoal:
    reading.use_verbs("wait")
    ticks = reading.number_with_unit(TIME_TICKS)
    if ticks is None:
        reading.refuse("missing-number", "it is not said how long", "say a time, such as 30 seconds")
    return goals.Wait(ticks=reading.whole(ticks), place=reading.place)


_INTENTS: tuple[
    tuple[Callable[[Reading, list[str]], bool], Callable[[Reading], goals.AnyGoal]], ...
] = (
    (_begins("wait"), _wait),
    (_is_research, _research),
    (_is_explore, _explore),
    (_is_defend, _defend),
    (_is_clear, _clear),
    (_is_remove, _remove),
    (_is_recipe, _set_recipe),
    (_is_electric, _electric),
    (_is_belt, _belt),
    (_is_transfer, _transfer),
    (_is_insert, _insert),
    (_is_move, _move),
    (_is_take, _take),
    (_is_smelter, _smelter),
    (_is_mining, _mining),
    (_is_power, _power),
    (_is_automate, _automate),
    (_is_gather, _gather),
    (_is_place, _place),
    (_is_craft, _craft),
)
"""The first that fits is taken: the narrower stand before the wider."""

