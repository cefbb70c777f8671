"""Parameters of tasks, which may come from JSON, as the values that experts work with."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast import prototypes
from factorio_fast.planning.plan import Placement
from factorio_fast.skills.agent import SkillError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["counted", "placed", "point", "seconds_of"]

MAX_ITEMS = 100_000
MAX_PLACEMENTS = 5_000
"""A longer blueprint is refused; plans of this package stay below a thousand."""


def point(value: Any) -> tuple[float, float]:
    """Return a position.

    Raises:
        SkillError: it is none.
    """
    try:
        x, y = (float(part) for part in value)
    except (TypeError, ValueError) as error:
        raise SkillError.refused(f"a position is two numbers, not {value!r}") from error
    if not (math.isfinite(x) and math.isfinite(y)):
        raise SkillError.refused(f"a position is two finite numbers, not {value!r}")
    return x, y


def counted(items: Mapping[str, Any]) -> Counter[str]:
    """Return counts by item.

    Raises:
        SkillError: an item does not exist, or a count is no whole number in range.
    """
    known = frozenset(prototypes.names("item"))
    result: Counter[str] = Counter()
    for item, count in items.items():
        if item not in known:
            raise SkillError.refused(f'there is no item "{item}"')
        if isinstance(count, bool) or int(count) != count or not 0 < count <= MAX_ITEMS:
            raise SkillError.refused(f"a count of {item} is 1 to {MAX_ITEMS}, not {count!r}")
        result[item] += int(count)
    return result


def placed(blueprint: Iterable[Placement | dict[str, Any]]) -> list[Placement]:
    """Return the entries of a blueprint.

    Raises:
        SkillError: there are too many, or one is malformed.
    """
    entries = list(blueprint)
    if len(entries) > MAX_PLACEMENTS:
        raise SkillError.refused(
            f"a blueprint has at most {MAX_PLACEMENTS} entries, not {len(entries)}"
        )
    known = frozenset(prototypes.names("item"))
    result = []
    for entry in entries:
        part = entry if isinstance(entry, Placement) else Placement.model_validate(entry)
        if part.entity not in known:
            raise SkillError.refused(f'there is no item "{part.entity}" to build')
        result.append(part)
    return result


def seconds_of(value: Any) -> float:
    """Return a time.

    Raises:
        SkillError: it is not above 0.
    """
    seconds = float(value)
    if not 0 < seconds < math.inf:
        raise SkillError.refused(f"a time is above 0 seconds, not {value!r}")
    return seconds
