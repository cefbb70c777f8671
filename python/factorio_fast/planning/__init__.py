"""Goals, and the planners that turn a goal into tasks; needs the extra `plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from factorio_fast.planning.choice import make_plan, make_planner

__all__ = ["make_plan", "make_planner"]


def __getattr__(name: str) -> Any:
    # Coordination's tasks are parts of plans, and planners need them: fetched when wanted.
    if name not in __all__:
        raise AttributeError(f'module "{__name__}" has no attribute "{name}"')
    from factorio_fast.planning import choice

    return getattr(choice, name)
