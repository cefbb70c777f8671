"""Parts of goals as commands say them: machines, items, fuel, whether all are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from factorio_fast.planning.names import fuel_names, resource_names

if TYPE_CHECKING:
    from factorio_fast.semantic.language.reading import Reading
    from factorio_fast.semantic.language.scanner import Token

__all__ = [
    "INTO_WORDS",
    "POWER_WORDS",
    "SMELTED",
    "asks_power",
    "fuel_of",
    "ground_of",
    "is_class",
    "machine_of",
    "means_all",
    "name_of",
    "only",
    "target_of",
]

Smelted = Literal["iron-plate", "copper-plate", "steel-plate", "stone-brick"]

SMELTED: dict[str, Smelted] = {
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


def name_of(token: Token, *, as_ore: bool = False) -> str:
    """Return the game's name of a thing; of a bare metal its plate, or its ore."""
    if token.thing is None:
        raise ValueError("a token without a thing has no name")
    return token.thing.ore if as_ore and token.thing.ore else token.thing.name


def is_class(token: Token) -> bool:
    """Say whether a bare class of machines was named, such as "furnace"."""
    return token.thing is not None and token.thing.is_class


def only(reading: Reading, tokens: list[Token], what: str) -> Token:
    """Return the one token that there must be."""
    reading.refuse_if_loose()
    if not tokens:
        reading.refuse("missing-item", f"it is not said {what}", f"name {what}")
    if len(tokens) > 1:
        shown = " or ".join(token.text for token in tokens)
        reading.refuse("ambiguous", f"it could be {shown}", f"name one thing for {what}")
    tokens[0].is_used = True
    return tokens[0]


def means_all(reading: Reading, token: Token) -> bool:
    """Say whether all of some machines are meant."""
    index = reading.tokens.index(token)
    words = {other.word for other in reading.tokens[max(index - 3, 0) : index]}
    return bool(words & {"all", "every", "each"})


def target_of(reading: Reading, token: Token, *, item: str | None = None) -> str:
    """Return the machine that a token means: of drills the burner one, where fuel is put in."""
    name = name_of(token)
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


def fuel_of(reading: Reading) -> str | None:
    """Read `with coal`, `on coal`, `coal-fired`."""
    for token in reading.things():
        if name_of(token) in fuel_names() and reading.word_before(token) in {
            "with",
            "on",
            "using",
            "by",
        }:
            token.is_used = True
            return name_of(token)
    return None


def machine_of(reading: Reading, known: frozenset[str]) -> tuple[str | None, int | None]:
    """Read a machine out of some, and how many; a bare class leaves the kind open."""
    found = [token for token in reading.things() if name_of(token) in known]
    if not found:
        return None, None
    token = only(reading, found, "which machine")
    is_bare = token.thing is not None and token.thing.is_class
    return (None if is_bare else name_of(token)), reading.count_before(token)


def ground_of(reading: Reading) -> str | None:
    """Return the resource that a command is about."""
    for token in reading.things():
        if token.thing is not None and token.thing.ore in resource_names():
            return token.thing.ore
    place = reading.place
    if place is not None and place.kind == "near" and place.target in resource_names():
        return place.target
    return None


def asks_power(reading: Reading) -> bool:
    """Read `with power`."""
    return reading.use(*POWER_WORDS)
