"""Goals to act, read from commands: research, walking, crafting, placing, handing over, waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from factorio_fast.planning import goals
from factorio_fast.planning.names import (
    HAND_GATHERED,
    furnace_names,
    machine_names,
    recipe_names,
    resource_names,
)
from factorio_fast.planning.places import Place
from factorio_fast.semantic.language.fields import (
    INTO_WORDS,
    is_class,
    means_all,
    name_of,
    only,
    target_of,
)
from factorio_fast.semantic.language.lexicon import singular, technologies
from factorio_fast.semantic.language.reading import refused
from factorio_fast.semantic.language.words import TIME_TICKS

if TYPE_CHECKING:
    from factorio_fast.semantic.language.reading import Reading

RawMaterial = Literal["coal", "copper-ore", "iron-ore", "stone", "wood"]

__all__ = [
    "read_belt",
    "read_clear",
    "read_craft",
    "read_explore",
    "read_gather",
    "read_insert",
    "read_move",
    "read_place",
    "read_remove",
    "read_research",
    "read_set_recipe",
    "read_take",
    "read_transfer",
    "read_wait",
]


def read_research(reading: Reading) -> goals.AnyGoal:
    """Read a goal to research."""
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
    raise refused(
        "missing-item",
        "there is no technology of that name",
        "name a technology, such as automation, logistics, steel processing",
    )


def read_explore(reading: Reading) -> goals.AnyGoal:
    """Read a goal to explore."""
    reading.use_verbs("explore", "find")
    reading.use("map", "area", "world", "surroundings", "more", "find")
    direction = reading.direction()
    place = reading.place
    if direction is None and place is not None and place.direction is not None:
        direction, place = place.direction, None
    distance = reading.number_with_unit({"tile": 1})
    item = None
    for token in reading.things():
        name = name_of(token, as_ore=True)
        if name in resource_names() | {"water"}:
            token.is_used = True
            item = name
    if item is None and place is not None and place.target in resource_names() | {"water"}:
        item, place = place.target, None
    reading.refuse_if_loose()
    return goals.Explore(direction=direction, distance_tiles=distance, item=item, place=place)


def read_gather(reading: Reading) -> goals.AnyGoal:
    """Read a goal to gather."""
    reading.use_verbs("gather", "mine", "pickup")
    reading.use("byhand", "manually", "more")
    tokens = reading.things()
    token = only(reading, tokens, "what is to be gathered")
    name = "wood" if name_of(token) == "trees" else name_of(token, as_ore=True)
    if name_of(token) == "rocks":
        name = "stone"
    count = reading.count_before(token, item=name if name in HAND_GATHERED else None)
    if name not in HAND_GATHERED:
        reading.refuse(
            "unknown-intent",
            f"{token.text} cannot be gathered by hand",
            f"gather {', '.join(HAND_GATHERED)}, or say craft, automate or take",
        )
    if reading.rate_per_minute is not None:
        reading.refuse(
            "ambiguous", "gathering has no rate", "say how many, or expand mining to a rate"
        )
    place = reading.place
    return goals.Gather(item=cast("RawMaterial", name), count=count, place=place)


def read_craft(reading: Reading) -> goals.AnyGoal:
    """Read a goal to craft."""
    verb = reading.verbs()[0]
    is_byhand = reading.use("byhand", "manually")
    reading.use_verbs("craft", "make", "build")
    token = only(reading, reading.things(), "what is to be crafted")
    count = reading.count_before(token, item=name_of(token))
    if verb != "craft" and not is_byhand and count is None:
        reading.refuse(
            "ambiguous",
            f"it is not clear whether to make one {token.text} or to keep making it",
            f"say craft 10 {token.text}, or automate {token.text} at 30 per minute",
        )
    if reading.rate_per_minute is not None:
        reading.refuse("ambiguous", "crafting by hand has no rate", "say how many, or automate it")
    if name_of(token) not in recipe_names():
        reading.refuse("unknown-intent", f"{token.text} cannot be crafted", "gather or smelt it")
    return goals.Craft(item=name_of(token), count=count or 1, place=reading.place)


def read_place(reading: Reading) -> goals.AnyGoal:
    """Read a goal to place machines."""
    reading.use_verbs("place", "build", "put", "add")
    facing = reading.direction() if reading.use("facing") else None
    token = only(reading, reading.machines(), "what is to be placed")
    count = reading.count_before(token)
    return goals.PlaceEntity(
        machine=target_of(reading, token), count=count or 1, direction=facing, place=reading.place
    )


def read_remove(reading: Reading) -> goals.AnyGoal:
    """Read a goal to remove machines."""
    reading.use_verbs("remove", "pickup")
    token = only(reading, reading.machines(), "what is to be removed")
    is_all = means_all(reading, token)
    count = reading.count_before(token)
    return goals.Remove(
        machine=target_of(reading, token), count=count, is_all=is_all, place=reading.place
    )


def read_move(reading: Reading) -> goals.AnyGoal:
    """Read a goal to walk."""
    reading.use_verbs("go", "move")
    if reading.use("home"):
        return goals.MoveTo(place=Place.near("base"))
    if reading.place is None:
        reading.refuse(
            "missing-place", "it is not said where to", "say a place, such as to 10, -20"
        )
    return goals.MoveTo(place=reading.place)


def read_clear(reading: Reading) -> goals.AnyGoal:
    """Read a goal to clear an area."""
    reading.use_verbs("clear", "gather")
    reading.use("ground", "land", "square", "obstacle", "everything", "area")
    for token in reading.things():
        if name_of(token) in {"trees", "rocks", "wood"}:
            token.is_used = True
    width = height = None
    if reading.scan.area is not None:
        width, height = reading.scan.area
        reading.used_area = True
    return goals.ClearArea(width_tiles=width, height_tiles=height, place=reading.place)


def read_insert(reading: Reading) -> goals.AnyGoal:
    """Read a goal to put items in."""
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
    token = only(reading, items, "what is to be put in")
    # A bare metal is its plate in a machine, but a furnace takes the ore.
    target_token = only(reading, targets, "what it is to be put into")
    item = name_of(token)
    is_furnace = name_of(target_token) in furnace_names()
    if (
        is_furnace
        and token.thing is not None
        and token.thing.ore
        and token.text in {"iron", "copper"}
    ):
        item = token.thing.ore
    return goals.Insert(
        item=item,
        count=reading.count_before(token, item=item),
        target=target_of(reading, target_token, item=item),
        is_all=means_all(reading, target_token),
        place=reading.place,
    )


def read_take(reading: Reading) -> goals.AnyGoal:
    """Read a goal to take items out."""
    reading.use_verbs("take", "gather", "pickup")
    machines = reading.machines()
    sources = [token for token in machines if reading.word_before(token) == "from"] or machines
    items = [token for token in reading.things() if token not in sources]
    reading.refuse_if_loose()
    item = count = None
    if items:
        token = only(reading, items, "what is to be taken")
        item = name_of(token)
        count = reading.count_before(token, item=item)
    source = only(reading, sources, "what it is to be taken from")
    return goals.Take(
        item=item,
        count=count,
        target=target_of(reading, source),
        is_all=means_all(reading, source),
        place=reading.place,
    )


def read_transfer(reading: Reading) -> goals.AnyGoal:
    """Read a goal to carry items."""
    reading.use_verbs("carry", "move", "take", "put")
    machines = reading.machines()
    sources = [token for token in machines if reading.word_before(token) == "from"]
    targets = [token for token in machines if reading.word_before(token) in INTO_WORDS]
    source = only(reading, sources, "where it is to be taken from")
    target = only(reading, targets, "where it is to be taken to")
    token = only(reading, reading.things(), "what is to be carried")
    item = name_of(token)
    return goals.Transfer(
        item=item,
        count=reading.count_before(token, item=item),
        source=target_of(reading, source, item=item),
        target=target_of(reading, target, item=item),
        place=reading.place,
    )


def read_set_recipe(reading: Reading) -> goals.AnyGoal:
    """Read a goal to set a recipe."""
    reading.use_verbs("set", "make")
    reading.use("recipe")
    makers = [
        token
        for token in reading.machines()
        if "assembling" in name_of(token)
        or name_of(token) in {"chemical-plant", "oil-refinery", "centrifuge"}
    ]
    machine = only(reading, makers, "which machine")
    token = only(reading, reading.things(), "what it is to make")
    if name_of(token) not in recipe_names():
        reading.refuse("unknown-intent", f"{token.text} has no recipe", "name what is crafted")
    return goals.SetRecipe(
        machine=name_of(machine),
        recipe=name_of(token),
        is_all=means_all(reading, machine),
        place=reading.place,
    )


def read_belt(reading: Reading) -> goals.AnyGoal:
    """Read a goal to connect by belts."""
    reading.use_verbs("connect", "go", "build", "place", "put")
    belts = [token for token in reading.machines() if name_of(token).endswith("transport-belt")]
    machine = None
    for token in belts:
        token.is_used = True
        if not is_class(token):
            machine = name_of(token)
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
    source = only(reading, [token for token in ends if token is not target], "where it comes from")
    target.is_used = True
    return goals.ConnectBelt(
        source=name_of(source, as_ore=True),
        target=name_of(target),
        machine=machine,
        place=reading.place,
    )


def read_wait(reading: Reading) -> goals.AnyGoal:
    """Read a goal to wait."""
    reading.use_verbs("wait")
    ticks = reading.number_with_unit(TIME_TICKS)
    if ticks is None:
        reading.refuse(
            "missing-number", "it is not said how long", "say a time, such as 30 seconds"
        )
    return goals.Wait(ticks=reading.whole(ticks), place=reading.place)
