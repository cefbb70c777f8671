"""Short text within a budget of tokens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CHARACTERS_PER_TOKEN", "count_tokens", "fit_lines", "place_text", "rate_text"]

CHARACTERS_PER_TOKEN = 4
"""The rule by which tokens are reckoned: four characters each, rounded up.

Tokenizers of language models differ; of English with game names they make fewer tokens than this
more often than not. No tokenizer has to be installed for it.
"""

WHOLE_FROM = 1_000
"""A rate from which on no digits behind the point are shown, nor powers of ten."""


def count_tokens(text: str) -> int:
    """Estimate the tokens of a text.

    Example:
        >>> from factorio_fast.semantic.text import count_tokens
        >>> count_tokens("iron plates"), count_tokens("")
        (3, 0)
    """
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def fit_lines(lines: Sequence[str], max_tokens: int) -> str:
    """Join lines, the most important first, and leave out those that a budget has no room for.

    The last line then says how many are left out. A budget too small for even the first line cuts
    that.

    Example:
        >>> from factorio_fast.semantic.text import fit_lines
        >>> print(fit_lines(["iron is short", "coal is short", "all else is well"], 9))
        iron is short
        (2 lines more)
    """
    if max_tokens <= 0:
        return ""
    text = "\n".join(lines)
    for n_kept in range(len(lines) - 1, 0, -1):
        if count_tokens(text) <= max_tokens:
            return text
        n_left = len(lines) - n_kept
        note = f"({n_left} line{'s' if n_left > 1 else ''} more)"
        text = "\n".join([*lines[:n_kept], note])
    if count_tokens(text) <= max_tokens:
        return text
    return text[: max_tokens * CHARACTERS_PER_TOKEN]


def rate_text(per_minute: float) -> str:
    """Say a rate shortly."""
    return f"{per_minute:.3g}/min" if per_minute < WHOLE_FROM else f"{per_minute:.0f}/min"


def place_text(position: tuple[float, float]) -> str:
    """Say a position shortly."""
    return f"({position[0]:g}, {position[1]:g})"
