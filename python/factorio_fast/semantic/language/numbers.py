"""Numbers in digits and words, and the quantities that they measure."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MAX_NUMBER", "NUMBER_WORDS", "Quantity", "read_number"]

MAX_NUMBER = 1e12
"""Above it a number is not a wish but an attack or a slip."""

_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905 - reads as it counts
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),  # noqa: SIM905 - as above
        2,
    )
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_GROUPS = {"dozen": 12, "couple": 2, "pair": 2}
NUMBER_WORDS = frozenset({*_UNITS, *_TENS, *_SCALES, *_GROUPS, "half"})
_DIGITS = re.compile(r"^[-+]?\d+(?:\.\d+)?$|^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_SHORT = re.compile(r"^(\d+(?:\.\d+)?)(k|m)$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the words that it takes up."""

    value: float
    n_words: int


def read_number(words: list[str]) -> Quantity | None:
    """Read a number at the beginning of some words, or None.

    Example:
        >>> from factorio_fast.semantic.language.numbers import read_number
        >>> read_number(["two", "hundred", "and", "fifty", "plates"]).value
        250.0
        >>> read_number(["half", "a", "dozen"]).value, read_number(["1.5k"]).value
        (6.0, 1500.0)
        >>> read_number(["plates"]) is None
        True
    """
    if not words:
        return None
    first = words[0]
    if _DIGITS.match(first):
        value, n_words = float(first.replace(",", "")), 1
        # A scale behind it, as in "2 million" and "3 dozen".
        while n_words < len(words) and words[n_words] in {*_SCALES, "dozen"}:
            value *= _SCALES.get(words[n_words], 12)
            n_words += 1
        return Quantity(value, n_words)
    short = _SHORT.match(first)
    if short is not None:
        return Quantity(float(short[1]) * (1_000 if short[2] == "k" else 1_000_000), 1)
    return _read_words(words)


def _read_words(words: list[str]) -> Quantity | None:
    if words[:3] == ["half", "a", "dozen"]:
        return Quantity(6.0, 3)
    if words[:2] in (["half", "a"], ["half", "an"]):
        return Quantity(0.5, 2)
    if words[0] == "half":
        return Quantity(0.5, 1)
    if words[0] in {"a", "an"}:
        if len(words) > 1 and words[1] in {*_SCALES, *_GROUPS}:
            rest = _read_words(["one", *words[1:]])
            return None if rest is None else Quantity(rest.value, rest.n_words)
        return None
    total = current = 0.0
    n_words = 0
    for index, word in enumerate(words):
        if word in _UNITS:
            current += _UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word in _GROUPS and index > 0:
            current = max(current, 1.0) * _GROUPS[word]
        elif word in _GROUPS:
            current = float(_GROUPS[word])
        elif word == "hundred" and index > 0:
            current = max(current, 1.0) * 100
        elif word in _SCALES and index > 0:
            total += max(current, 1.0) * _SCALES[word]
            current = 0.0
        elif word == "and" and index > 0 and words[index - 1] in _SCALES:
            # It belongs to the number only if that goes on.
            following = words[index + 1] if index + 1 < len(words) else ""
            if following not in _UNITS and following not in _TENS:
                break
        else:
            break
        n_words = index + 1
    return Quantity(total + current, n_words) if n_words else None
