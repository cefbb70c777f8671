"""Writes settings as TOML text: the core reads scenarios in one form only."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from factorio_fast.errors import InvalidScenarioError

__all__ = ["toml_text"]


def toml_text(settings: Mapping[str, object]) -> str:
    """Write settings as TOML: one line for each key, tables inline.

    Raises:
        InvalidScenarioError: A key is no string, or a value is nothing that TOML has.
    """
    return "".join(f"{_key(key, '')} = {_value(value, key)}\n" for key, value in settings.items())


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        where = f" in {path}" if path else ""
        raise InvalidScenarioError(f"keys of scenario settings are strings{where}, not {key!r}")
    return _quoted(key)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's too; DEL is the one character that only TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object, path: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value).lower()
    if isinstance(value, Mapping):
        members = (
            f"{_key(key, path)} = {_value(member, f'{path}.{key}')}"
            for key, member in value.items()
        )
        return "{ " + ", ".join(members) + " }"
    if isinstance(value, Sequence):
        return (
            "[" + ", ".join(_value(member, f"{path}[{i}]") for i, member in enumerate(value)) + "]"
        )
    raise InvalidScenarioError(
        f"{path} takes a string, number, boolean, list or table, not {value!r}"
    )
