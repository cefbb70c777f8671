"""A scanned command that goals are read from: what was used of it is ticked off.

A goal is made only if every word of the command was used or says nothing, so that nothing is
overheard and nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from factorio_fast.planning.names import machine_names, resource_names
from factorio_fast.planning.places import Place
from factorio_fast.semantic.facts import stack_size
from factorio_fast.semantic.language.guard import ParseRefusal
from factorio_fast.semantic.language.words import (
    DIRECTION_WORDS,
    SILENT,
    TIME_TICKS,
    VERBS,
    WATTS,
)

if TYPE_CHECKING:
    from factorio_fast.planning.places import Direction
    from factorio_fast.semantic.language.guard import Reason
    from factorio_fast.semantic.language.lexicon import Thing
    from factorio_fast.semantic.language.scanner import Scan, Token

__all__ = ["Reading", "RefusedError", "refused"]

FULL_BELT_PER_MINUTE = 900.0
"""What a yellow belt carries on both lanes (row BLT-flow-transport-belt)."""
PER_WORDS = frozenset({"per", "a", "an", "each", "every"})
RATE_UNITS = frozenset({"second", "sec", "s", "minute", "min", "hour", "hr", "h"})
LED_WORDS = 2
"""How far behind "go" the verb stands that it leads to."""
ARTICLES = frozenset(
    {
        "the",
        "a",
        "an",
        "my",
        "our",
        "all",
        "every",
        "each",
        "of",
        "any",
        "some",
        "nearest",
        "closest",
    }
)
NEAR_WORDS = frozenset({"near", "beside", "by", "around", "alongside"})
AT_WORDS = frozenset(
    {"at", "on", "in", "to", "toward", "towards", "onto", "over", "from", "of", "for"}
)


class RefusedError(Exception):
    """Ends the reading of a command; only the parser sees it."""

    def __init__(self, refusal: ParseRefusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def refused(reason: Reason, message: str, suggestion: str) -> RefusedError:
    """Return what ends a reading, to be raised."""
    return RefusedError(ParseRefusal(reason=reason, message=message, suggestion=suggestion))


class Reading:
    """Reads parts of a command: rates, counts, places, things."""

    def __init__(self, found: Scan) -> None:
        self.scan = found
        self.tokens = found.tokens
        self.used_area = False
        self._refuse_unknown()
        self.rate_per_minute = self._read_rate()
        self.place = self._read_place()

    # --- Refusing --------------------------------------------------------------------------------

    def refuse(self, reason: Reason, message: str, suggestion: str) -> NoReturn:
        """End the reading.

        Raises:
            RefusedError: Always.
        """
        raise refused(reason, message, suggestion)

    def _refuse_unknown(self) -> None:
        unknown = [token.text for token in self.tokens if token.is_unknown]
        if unknown:
            shown = ", ".join(f'"{word}"' for word in unknown[:4])
            self.refuse(
                "unknown-words",
                f"there is no meaning here for {shown}",
                "use names of the game and plain verbs such as build, mine, craft, research, go",
            )

    def finish(self) -> None:
        """Refuse a command of which something was left over."""
        for token in self.tokens:
            if token.is_used or token.word in SILENT or token.text in {",", ";"}:
                continue
            if token.loose:
                self.refuse_loose(token)
            what = f"the number {token.text}" if token.number is not None else f'"{token.text}"'
            self.refuse(
                "ambiguous",
                f"it is not clear what {what} means here",
                "leave it out, or say it with its unit or place",
            )
        if len(self.scan.coordinates) > (1 if self.place is not None else 0):
            self.refuse("ambiguous", "there are several positions", "say one position")
        if self.scan.area is not None and not self.used_area:
            self.refuse(
                "ambiguous", "it is not clear what the size of an area is for", "leave it out"
            )

    def refuse_loose(self, token: Token) -> NoReturn:
        """Refuse a word for several things."""
        self.refuse(
            "ambiguous", f'"{token.text}" could be several things', f"say {_listed(token.loose)}"
        )

    # --- Words -----------------------------------------------------------------------------------

    def use(self, *words: str) -> bool:
        """Tick words off, all of them that there are, and say whether there was one."""
        is_there = False
        for token in self.tokens:
            if token.word in words and not token.is_used:
                token.is_used = is_there = True
        return is_there

    def has(self, *words: str) -> bool:
        """Say whether there is one of some words."""
        return any(token.word in words for token in self.tokens)

    def verbs(self) -> list[str]:
        """List what the verbs of the command mean, in order; a wish counts only where it is all."""
        indices = [index for index, token in enumerate(self.tokens) if token.word in VERBS]
        found = [VERBS[self.tokens[index].word] for index in indices]
        if found[:1] == ["go"] and len(found) > 1 and indices[1] - indices[0] <= LED_WORDS:
            # "go and mine": what is meant comes behind.
            self.tokens[indices[0]].is_used = True
            found = found[1:]
        return [verb for verb in found if verb != "want"] or found

    def use_verbs(self, *meanings: str) -> None:
        """Tick off the verbs of some meanings."""
        for token in self.tokens:
            if VERBS.get(token.word) in meanings:
                token.is_used = True

    def word_before(self, token: Token) -> str:
        """Return the last word in front of a token that is no article and the like."""
        index = next(i for i, other in enumerate(self.tokens) if other is token)
        for other in reversed(self.tokens[:index]):
            if other.number is None and other.word not in ARTICLES:
                return other.word or other.text
        return ""

    # --- Numbers ---------------------------------------------------------------------------------

    def _read_rate(self) -> float | None:
        """Read `30 [plates] per minute`, `2 belts of`, `half a belt of`."""
        rates = []
        for index, token in enumerate(self.tokens):
            per = self.tokens[index + 1] if index + 1 < len(self.tokens) else None
            if token.word in PER_WORDS and per is not None and per.word in RATE_UNITS:
                number = self._number_before(index)
                if number is None or number.number is None:
                    continue
                number.is_used = token.is_used = per.is_used = True
                rates.append(number.number * 3_600.0 / TIME_TICKS[per.word])
        if len(rates) > 1:
            self.refuse(
                "ambiguous", "there are several rates", "say one rate, such as 30 per minute"
            )
        return rates[0] if rates else self._read_belts()

    def _number_before(self, index: int) -> Token | None:
        for token in reversed(self.tokens[max(index - 5, 0) : index]):
            if token.number is not None:
                return None if token.is_used else token
        return None

    def _read_belts(self) -> float | None:
        """Read `a full belt of`, `2 belts of`, `half a belt of`: a rate by what belts carry."""
        for index, token in enumerate(self.tokens):
            is_belt = token.thing is not None and token.thing.name == "transport-belt"
            if not is_belt or index + 2 > len(self.tokens):
                continue
            of, what = [*self.tokens[index + 1 : index + 3], None, None][:2]
            if of is None or of.word != "of" or what is None or what.thing is None:
                continue
            number = self._number_before(index)
            for earlier in self.tokens[max(index - 2, 0) : index]:
                if earlier.word == "full":
                    earlier.is_used = True
            token.is_used = True
            if number is None or number.number is None:
                return FULL_BELT_PER_MINUTE
            number.is_used = True
            return number.number * FULL_BELT_PER_MINUTE
        return None

    def count_before(self, token: Token, *, item: str | None = None) -> int | None:
        """Read the number in front of a thing, `two stacks of` included."""
        index = next(i for i, other in enumerate(self.tokens) if other is token)
        for earlier_index in range(index - 1, max(index - 5, -1), -1):
            earlier = self.tokens[earlier_index]
            if earlier.number is not None and not earlier.is_used:
                stacks = [
                    between
                    for between in self.tokens[earlier_index + 1 : index]
                    if between.word == "stack"
                ]
                earlier.is_used = True
                for between in stacks:
                    between.is_used = True
                size = stack_size(item) if stacks and item is not None else 1
                return self.whole(earlier.number * size)
            if earlier.word == "stack" and item is not None:
                number = self._number_before(earlier_index)
                earlier.is_used = True
                if number is None or number.number is None:
                    return stack_size(item)
                number.is_used = True
                return self.whole(number.number * stack_size(item))
            if earlier.thing is not None or earlier.word in VERBS:
                return None
        return None

    def any_count(self) -> int | None:
        """Read the one number that is left."""
        left = [token for token in self.tokens if token.number is not None and not token.is_used]
        if len(left) != 1 or left[0].number is None:
            return None
        left[0].is_used = True
        return self.whole(left[0].number)

    def whole(self, value: float) -> int:
        """Return a number as a count, or refuse it."""
        if value != int(value) or value < 1:
            self.refuse(
                "out-of-range",
                f"a count is a whole number from 1 on, not {value:g}",
                "say how many",
            )
        return int(value)

    def number_with_unit(self, units: dict[str, float] | dict[str, int]) -> float | None:
        """Read a number that stands before one of some units, times that unit."""
        for index, token in enumerate(self.tokens[1:], 1):
            if token.word in units and not token.is_used:
                number = self.tokens[index - 1]
                if number.number is not None and not number.is_used:
                    number.is_used = token.is_used = True
                    return number.number * units[token.word]
                if number.word in {"a", "an", "one"}:
                    token.is_used = number.is_used = True
                    return float(units[token.word])
        return None

    def watts(self) -> float | None:
        """Read a power."""
        return self.number_with_unit(WATTS)

    # --- Places ----------------------------------------------------------------------------------

    def _read_place(self) -> Place | None:
        places = [place for place in (self._read_direction(), *self._read_near()) if place]
        if self.scan.coordinates:
            places.append(Place.at(*self.scan.coordinates[0]))
        if not places and self.use("here"):
            places.append(Place.here())
        if len({str(place) for place in places}) > 1:
            shown = _listed([str(place) for place in places], "and")
            self.refuse("ambiguous", f"there are several places: {shown}", "say one place")
        return places[0] if places else None

    def _read_direction(self) -> Place | None:
        """Read `20 tiles east of the base`, `to the east`, `on the east side of the base`."""
        directed = [token for token in self.tokens if token.word in DIRECTION_WORDS]
        if not directed:
            return None
        if len(directed) > 1:
            self.refuse("ambiguous", "there are several directions", "say one direction")
        token = directed[0]
        if self.word_before(token) == "facing" or self.has("explore", "scout", "survey"):
            return None
        index = self.tokens.index(token)
        token.is_used = True
        direction = _direction(token.word)
        distance = self._distance()
        target = "base"
        following = self.tokens[index + 1 : index + 5]
        is_of = any(other.word in {"of", "from"} for other in following)
        for other in following:
            if is_of and other.thing is not None:
                name = _place_name(other.thing)
                if name is None:
                    break
                other.is_used = True
                target = name
                break
            if is_of and other.word in {"here", "me", "you"}:
                other.is_used = True
                target = "character"
        is_walk = self.verbs()[:1] in (["go"], ["move"])
        if not is_of and is_walk:
            target = "character"
        return Place.toward(direction, target, distance_tiles=distance)

    def _distance(self) -> float | None:
        for index, token in enumerate(self.tokens[1:], 1):
            number = self.tokens[index - 1]
            if token.word == "tile" and number.number is not None and not number.is_used:
                number.is_used = token.is_used = True
                return number.number
        return None

    def _read_near(self) -> list[Place]:
        """Read `near the iron`, `by the lake`, `on the coal patch`, `to the base`."""
        found = []
        for token in self.tokens:
            if token.thing is None or token.is_used:
                continue
            before = self.word_before(token)
            is_near = before in NEAR_WORDS
            is_there = before in AT_WORDS and self._is_ground(token)
            name = _place_name(token.thing)
            if name is not None and (is_near or is_there):
                token.is_used = True
                self._use_before(token, before)
                found.append(Place.near(name))
        return found

    def _is_ground(self, token: Token) -> bool:
        """Say whether something that "at" or "to" stands before is a place rather than a target."""
        thing = token.thing
        if thing is None:
            return False
        if thing.kind == "landmark":
            return True
        index = self.tokens.index(token)
        after = self.tokens[index + 1].word if index + 1 < len(self.tokens) else ""
        if after in {"patch", "field", "deposit", "vein", "area", "site", "spot"}:
            return True
        has_drills = any(
            other.thing is not None and other.thing.name.endswith("mining-drill")
            for other in self.tokens
        )
        before = self.word_before(token)
        n_things = sum(other.thing is not None for other in self.tokens)
        is_led = self.verbs()[:1] in (["go"], ["move"]) and n_things == 1
        is_walk = is_led and before in {"to", "toward", "towards"}
        is_named = thing.ore is not None or thing.name in machine_names()
        return (is_walk and is_named) or (
            thing.ore is not None and has_drills and before in {"at", "on", "to", "in", "onto"}
        )

    def _use_before(self, token: Token, word: str) -> None:
        index = self.tokens.index(token)
        for other in reversed(self.tokens[:index]):
            if other.word == word:
                other.is_used = True
                return

    def direction(self) -> Direction | None:
        """Read a bare direction, for walking and exploring."""
        for token in self.tokens:
            if token.word in DIRECTION_WORDS and not token.is_used:
                token.is_used = True
                return _direction(token.word)
        return None

    # --- Things ----------------------------------------------------------------------------------

    def things(self) -> list[Token]:
        """List the things that are not used yet."""
        return [token for token in self.tokens if token.thing is not None and not token.is_used]

    def machines(self) -> list[Token]:
        """List the things that are not used yet and can be built."""
        return [
            token
            for token in self.things()
            if token.thing is not None and token.thing.name in machine_names()
        ]

    def refuse_if_loose(self) -> None:
        """Refuse the command if a word for several things stands for what it is about."""
        for token in self.tokens:
            if token.loose and not token.is_used:
                self.refuse_loose(token)


def _direction(word: str) -> Direction:
    return DIRECTION_WORDS[word]  # type: ignore[return-value]


def _place_name(thing: Thing) -> str | None:
    """Return what a place calls a thing, None for what no place is near."""
    if thing.kind == "landmark":
        return thing.name
    if thing.ore is not None:
        return thing.ore
    if thing.name == "water":
        return "water"
    known = machine_names() | resource_names()
    return thing.name if thing.name in known else None


def _listed(words: tuple[str, ...] | list[str], joint: str = "or") -> str:
    return f"{', '.join(words[:-1])} {joint} {words[-1]}" if len(words) > 1 else "".join(words)
