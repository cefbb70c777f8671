"""From text to tokens: words with misspellings mended, numbers, things, coordinates."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from factorio_fast.planning.places import DIRECTIONS
from factorio_fast.semantic.language.english import COMMON_WORDS
from factorio_fast.semantic.language.guard import ParseRefusal
from factorio_fast.semantic.language.lexicon import LOOSE, singular, technologies, things
from factorio_fast.semantic.language.quantities import MAX_NUMBER, NUMBER_WORDS, read_number
from factorio_fast.semantic.language.words import PHRASES, SILENT, VERBS, vocabulary

if TYPE_CHECKING:
    from factorio_fast.semantic.language.lexicon import Thing

__all__ = ["Scan", "Token", "mended", "nearest", "scan"]

MAX_PHRASE_WORDS = 4
MIN_MENDED_LETTERS = 3
LEAST_LIKENESS = 0.8
"""How alike a word must be to what it is taken for, by difflib's ratio."""
LEAST_LIKENESS_SHORT = 0.85
"""The same for words of three letters, of which many are alike."""
# Two words that are alike nearly the same could both be meant.
CLEAR_LEAD = 0.03
MAX_COORDINATE = 1_000_000.0

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_COORDINATES = (
    re.compile(rf"\(\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*\)"),
    re.compile(rf"\bx\s*[:=]?\s*({_NUMBER})\s*,?\s*(?:and\s+)?y\s*[:=]?\s*({_NUMBER})"),
    re.compile(
        r"\b(?:at|to|near|around|position|coordinates?|coords|point)\s+"
        rf"({_NUMBER})(?:\s*,\s+|\s*,\s*(?=-)|\s+(?=-?\d+(?:\s|$|\.|,)))({_NUMBER})(?!\d)"
        r"(?!\s*(?:per|/|tiles?\b|x\b|by\b|[a-z]))"
    ),
)
_AREA = re.compile(r"\b(\d+)\s*(?:x|by)\s*(\d+)\b")
_RATE_SHORT = re.compile(r"\s*/\s*(min(?:ute)?|m|s(?:ec(?:ond)?)?|h(?:our|r)?)\b")
_WORD = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?[km]?(?![a-z])|\d+(?:\.\d+)?|[a-z]+(?:'[a-z]+)?|[,;]"
)


@dataclass(slots=True)
class Token:
    """A word, a number or a thing."""

    text: str
    number: float | None = None
    thing: Thing | None = None
    loose: tuple[str, ...] = ()
    is_used: bool = False
    is_unknown: bool = False

    @property
    def word(self) -> str:
        """The word, '' for numbers and things."""
        return self.text if self.number is None and self.thing is None else ""


@dataclass(slots=True)
class Scan:
    """A command taken apart."""

    text: str
    tokens: list[Token]
    coordinates: list[tuple[float, float]] = field(default_factory=list)
    area: tuple[int, int] | None = None


@functools.cache
def _known_words() -> frozenset[str]:
    words = {part for phrase in things() for part in phrase.split()}
    words |= {part for phrase in technologies() for part in phrase.split()}
    words |= {part for phrase in LOOSE for part in phrase.split()}
    return frozenset(words | vocabulary() | NUMBER_WORDS)


@functools.cache
def _names_like(letter: str) -> list[str]:
    """List what a misspelt word may be meant for: few misspell the first letter.

    Words that say nothing are nobody's loss, and a common word is none that is misspelt.
    """
    return sorted(word for word in _known_words() - SILENT if word[0] == letter)


def nearest(word: str) -> str | None:
    """Return the known word that a misspelt one means; None where it could be several, or none."""
    is_short = len(word) <= MIN_MENDED_LETTERS
    cutoff = LEAST_LIKENESS_SHORT if is_short else LEAST_LIKENESS
    found = difflib.get_close_matches(word, _names_like(word[0]), n=3, cutoff=cutoff)
    if not found:
        return None
    likeness = [difflib.SequenceMatcher(None, word, other).ratio() for other in found]
    for other, rival in zip(found[1:], likeness[1:], strict=True):
        if likeness[0] - rival < CLEAR_LEAD and singular(other) != singular(found[0]):
            return None
    return found[0]


def scan(text: str) -> Scan | ParseRefusal:
    """Take a text apart, or say why it cannot be."""
    coordinates: list[tuple[float, float]] = []
    for pattern in _COORDINATES:
        text = pattern.sub(lambda match: _keep(match, coordinates), text)
    area = None
    match = _AREA.search(text)
    if match is not None:
        area = (int(match[1]), int(match[2]))
        text = text[: match.start()] + " " + text[match.end() :]
    text = _RATE_SHORT.sub(lambda match: f" per {match[1]} ", text)
    text = re.sub(r"\bper m\b", "per minute", text)
    text = re.sub(r"(?<=[a-z])[-_](?=[a-z0-9])", " ", text)
    text = re.sub(r"(?<=\d)(?=(?:mw|kw|gw|min|sec|tiles?|x)\b)", " ", text)
    words = [mended(word) for word in _WORD.findall(text)]
    words = _joined(words)
    found = Scan(text=text, tokens=_tokens(words), coordinates=coordinates, area=area)
    return _checked(found)


def _keep(match: re.Match[str], coordinates: list[tuple[float, float]]) -> str:
    coordinates.append((float(match[1]), float(match[2])))
    return " "


def mended(word: str) -> str:
    """Return what a word is meant for: itself, the verb that it is formed of, or one misspelt."""
    if not word.isalpha() or {word, singular(word)} & (_known_words() | COMMON_WORDS):
        return word
    if word.endswith("ing"):
        # "making" is "make", "placing" is "place", "putting" is "put".
        stem = word.removesuffix("ing")
        for verb in (stem, f"{stem}e", stem[:-1]):
            if verb in VERBS:
                return verb
    if len(word) < MIN_MENDED_LETTERS:
        return word
    return nearest(word) or nearest(singular(word)) or word


def _joined(words: list[str]) -> list[str]:
    """Put words together that belong together, such as `north east` and `set up`."""
    result: list[str] = []
    index = 0
    while index < len(words):
        pair = "".join(words[index : index + 2])
        if pair in DIRECTIONS and words[index] in DIRECTIONS:
            result.append(pair)
            index += 2
            continue
        for length in range(MAX_PHRASE_WORDS, 0, -1):
            phrase = tuple(words[index : index + length])
            singulars = tuple(singular(word) for word in phrase)
            if len(phrase) == length and (phrase in PHRASES or singulars in PHRASES):
                result.append(PHRASES.get(phrase) or PHRASES[singulars])
                index += length
                break
        else:
            result.append(words[index])
            index += 1
    return result


def _tokens(words: list[str]) -> list[Token]:
    tokens: list[Token] = []
    index = 0
    while index < len(words):
        quantity = read_number(words[index:])
        phrase, n_words = _phrase_at(words, index)
        if quantity is not None and n_words == 0:
            text = " ".join(words[index : index + quantity.n_words])
            tokens.append(Token(text, number=quantity.value))
            index += quantity.n_words
        elif n_words:
            text = " ".join(words[index : index + n_words])
            thing = things().get(phrase)
            tokens.append(Token(text, thing=thing) if thing else Token(text, loose=LOOSE[phrase]))
            index += n_words
        else:
            word = words[index]
            known = word in _known_words() or singular(word) in _known_words()
            is_plain = word in vocabulary() and singular(word) not in vocabulary()
            single = word if is_plain else singular(word)
            tokens.append(Token(single, is_unknown=not known and word not in ",;"))
            index += 1
    return tokens


def _phrase_at(words: list[str], index: int) -> tuple[str, int]:
    """Return the longest phrase for a thing, and its number of words; 0 for none."""
    for length in range(MAX_PHRASE_WORDS, 0, -1):
        if index + length > len(words):
            continue
        phrase = " ".join(singular(word) for word in words[index : index + length])
        if phrase in things() or phrase in LOOSE:
            return phrase, length
    return "", 0


def _checked(found: Scan) -> Scan | ParseRefusal:
    """Refuse numbers beyond all reason."""
    values = [token.number for token in found.tokens if token.number is not None]
    if any(abs(value) > MAX_NUMBER for value in values):
        return ParseRefusal(
            reason="out-of-range",
            message=f"a number is beyond all measure, {max(values, key=abs):.3g}",
            suggestion=f"say a number up to {MAX_NUMBER:.0e}",
        )
    far = [point for point in found.coordinates if max(map(abs, point)) > MAX_COORDINATE]
    if far:
        return ParseRefusal(
            reason="out-of-range",
            message=f"the map ends before {far[0]}",
            suggestion=f"say coordinates within {MAX_COORDINATE:.0f} tiles of the spawn point",
        )
    return found
