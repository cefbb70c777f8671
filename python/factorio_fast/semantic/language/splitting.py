"""Commands that ask for several goals at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.semantic.language.guard import ParseRefusal
from factorio_fast.semantic.language.words import VERBS

if TYPE_CHECKING:
    from factorio_fast.semantic.language.scanner import Scan

__all__ = ["several_goals"]

# A verb behind one of these begins another goal.
_JOINTS = frozenset({"and", "then", ";", ",", "after", "before", "afterwards"})
# Verbs that follow a joint without beginning a goal: "go and craft" is one.
_LEADING = frozenset({"go", "automate"})
MAX_WORDS_BETWEEN = 2


def several_goals(found: Scan) -> ParseRefusal | None:
    """Return a refusal if a command has more than one goal."""
    words = [token.word for token in found.tokens]
    first = next((index for index, word in enumerate(words) if word in VERBS), None)
    if first is None:
        return None
    for index in range(first + 1, len(words)):
        if words[index] not in _JOINTS:
            continue
        following = words[index + 1 : index + 2 + MAX_WORDS_BETWEEN]
        verb = next((word for word in following if word in VERBS), None)
        is_led = VERBS[words[first]] in _LEADING and index - first <= MAX_WORDS_BETWEEN
        if verb is not None and not is_led and VERBS[verb] != "smelt":
            return ParseRefusal(
                reason="several-goals",
                message=f'there is more than one goal: "{words[first]}" and "{verb}"',
                suggestion="say one goal at a time",
            )
    return None
