"""Text from outside: what is no command at all is refused before anybody reads it for meaning."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from factorio_fast.models import Model

__all__ = ["MAX_CHARACTERS", "ParseRefusal", "Reason", "checked_text", "no_command"]

MAX_CHARACTERS = 300
"""A goal needs fewer; longer text is a story, code, or an attack."""

Reason = Literal[
    "empty",
    "too-long",
    "hostile",
    "unknown-words",
    "unknown-intent",
    "missing-item",
    "missing-place",
    "missing-number",
    "ambiguous",
    "several-goals",
    "no-command",
    "out-of-range",
]


class ParseRefusal(Model):
    """Why a command was not understood, and what would be; nothing was changed."""

    reason: Reason
    message: str
    """What is wrong with it, in words."""
    suggestion: str
    """What to say instead, or what is needed."""

    def __str__(self) -> str:
        """Say both."""
        return f"{self.message}; {self.suggestion}"

    def __bool__(self) -> bool:
        """Count as false, so that `if goal:` tells a goal from a refusal."""
        return False


# Curly quotes, dashes and the cross that word processors put in, and what they stand for.
_PLAIN = {
    **dict.fromkeys((0x2018, 0x2019), "'"),
    **dict.fromkeys((0x201C, 0x201D), '"'),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), "-"),
    0x00D7: "x",
}
_CODE = re.compile(
    r"(?:^|\s)/\w"  # console commands
    r"|\b(?:game|script|rcon|remote|storage|global|surface|commands|helpers|os|io|string|table|math"
    r"|_g|sys|subprocess|prototypes)\s*[.:\[]\s*\w"
    r"|\b(?:function|return|local|end|then|loadstring|dofile|pcall|require|import|exec|eval|print"
    r"|select|drop table|insert into \w+ values|rm -rf|sudo|curl|wget)\s*(?:\(|\bfrom\b|-)"
    r"|--\[\[|\]\]|\.\.\.?\s*\"|https?:|\\x|\\u|\bdrop\s+table\b|\brm\s+-rf\b|<\s*/?\s*\w+|\$\(",
    re.IGNORECASE,
)
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|previous|above"
    r"|everything|guideline|safety|limit)"
    r"|\b(?:system|developer)\s+(?:prompt|mode|message)|\byou are (?:now|no longer)\b|\bjailbreak"
    r"|\b(?:act|pretend|behave) as\b|\b(?:reveal|print|show|tell)\b.{0,30}\b(?:prompt|password"
    r"|secret|token|key|instructions)\b|\bassistant\s*:|\bsystem\s*:|\b(?:rcon|admin|root)\b.{0,20}\bpassword"
    r"|\bcheat|\bspawn (?:me|in|items)|\bgive (?:me|yourself) infinite|\binfinite\b|\bgod mode",
    re.IGNORECASE,
)
# The one use of "=" in a command: x=10, y=-20.
_AXES = re.compile(r"\bx\s*=\s*[-+]?\d.{0,20}\by\s*=\s*[-+]?\d", re.IGNORECASE)
_NEGATIONS = frozenset(
    """
    not no never none nothing neither nor don't dont doesn't cannot can't cant won't wont shouldn't
    mustn't isn't without except unless instead stop avoid cancel undo abort quit refuse prevent if
    """.split()  # noqa: SIM905 - reads better
)
_ASKING_ALWAYS = frozenset({"what", "what's", "how", "why", "where", "when", "who", "which"})
_ASKING = _ASKING_ALWAYS | {
    "should",
    "shall",
    "do",
    "does",
    "did",
    "is",
    "are",
    "was",
    "has",
    "have",
}
_ALLOWED = re.compile(r"^[a-z0-9 \t\n.,;:!?'\"()+\-/%&=_]*$", re.IGNORECASE)
_EXAMPLE = 'say one goal in plain English, such as "automate gears at 30 per minute"'


def checked_text(text: object) -> str | ParseRefusal:
    """Return the text in plain lower case, or why it is not even read."""
    if not isinstance(text, str):
        return _refusal("hostile", f"a command is text, not {type(text).__name__}")
    if len(text) > MAX_CHARACTERS:
        return ParseRefusal(
            reason="too-long",
            message=f"the command has {len(text)} characters, more than {MAX_CHARACTERS}",
            suggestion="say one goal at a time",
        )
    plain = unicodedata.normalize("NFKC", text).translate(_PLAIN)
    if not plain.strip():
        return _refusal("empty", "the command is empty")
    refusal = _suspected(plain)
    return plain.lower() if refusal is None else refusal


def no_command(text: str) -> ParseRefusal | None:
    """Return a refusal for what says what not to do, or asks a question, by a checked text."""
    words = re.findall(r"[a-z']+", text)
    negation = next((word for word in words if word in _NEGATIONS), None)
    if negation is not None:
        return ParseRefusal(
            reason="no-command",
            message=f'"{negation}" says what not to do, or on what it depends',
            suggestion="say what to do",
        )
    is_asked = words[:1] and words[0] in (_ASKING if "?" in text else _ASKING_ALWAYS)
    if is_asked:
        return ParseRefusal(
            reason="no-command",
            message="that is a question",
            suggestion="say what to do; what there is stands in the reports",
        )
    return None


def _suspected(text: str) -> ParseRefusal | None:
    """Return a refusal for what is code, an attack on a model, or no text."""
    odd = [char for char in text if unicodedata.category(char)[0] == "C" and char not in "\t\n"]
    if odd:
        return _refusal("hostile", f"the command has a control character, {odd[0]!r}")
    if _CODE.search(text) or "=" in _AXES.sub("", text):
        return _refusal("hostile", "the command looks like code, and text never becomes code here")
    if _INJECTION.search(text):
        return _refusal("hostile", "the command asks for something outside the game's rules")
    odd = [char for char in text if not _ALLOWED.match(char)]
    if odd:
        return _refusal("hostile", f"the command has a character that no goal needs, {odd[0]!r}")
    return None


def _refusal(reason: Reason, message: str) -> ParseRefusal:
    return ParseRefusal(reason=reason, message=message, suggestion=_EXAMPLE)
