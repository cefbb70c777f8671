"""Numbers in digits and words, and the quantities that they measure."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MAX_NUMBER", "NUMBER_WORDS", "Quantity", "read_number"]

MAX_NUMBER = 1e12
"""Above it a number is not a wish but an attack or a slip."""

_UNITS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
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
        >>> from factorio_fast.semantic.language.quantities import read_number
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
    if words[0] == "half":
        return Quantity(0.5, 2 if words[1:2] in (["a"], ["an"]) else 1)
    if words[0] in {"a", "an"}:
        # "a dozen" is a number, "a lab" is none.
        is_number = words[1:2] and words[1] in {*_SCALES, *_GROUPS}
        return _read_sum(["one", *words[1:]]) if is_number else None
    return _read_sum(words)


def _read_sum(words: list[str]) -> Quantity | None:
    """Read `two hundred and fifty`."""
    total = current = 0.0
    n_words = 0
    for index, word in enumerate(words):
        if word in _UNITS or word in _TENS:
            current += _UNITS.get(word, 0) + _TENS.get(word, 0)
        elif word in _GROUPS:
            current = max(current, 1.0) * _GROUPS[word]
        elif word == "hundred" and index > 0:
            current = max(current, 1.0) * 100
        elif word in _SCALES and index > 0:
            total += max(current, 1.0) * _SCALES[word]
            current = 0.0
        elif not _is_linking(words, index):
            break
        n_words = index + 1
    return Quantity(total + current, n_words) if n_words else None


def _is_linking(words: list[str], index: int) -> bool:
    """Say whether an "and" belongs to a number: it does only if that goes on."""
    if words[index] != "and" or index == 0 or words[index - 1] not in _SCALES:
        return False
    return index + 1 < len(words) and (words[index + 1] in _UNITS or words[index + 1] in _TENS)
