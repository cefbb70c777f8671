"""The experts by name, and how a task is handed to one."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from factorio_fast.coordination.tasks import SkillResult, SkillStatus
from factorio_fast.errors import InvalidValueError, UnknownNameError
from factorio_fast.skills.agent import TICKS_PER_SECOND, Agent, SkillError

if TYPE_CHECKING:
    from factorio_fast.coordination.tasks import SkillTask
    from factorio_fast.envs.session import Session

__all__ = ["EXPERTS", "Expert", "expert", "expert_named", "perform"]


Expert: TypeAlias = Callable[..., dict[str, Any] | None]
"""Carries out one skill: takes the agent and the task's parameters by keyword, returns details."""

F = TypeVar("F", bound=Expert)

EXPERTS: dict[str, Expert] = {}
"""Every scripted expert by the name of its skill."""


def expert(name: str) -> Callable[[F], F]:
    """Register a function as the expert of a skill."""

    def register(function: F) -> F:
        EXPERTS[name] = function
        return function

    return register


def expert_named(name: str) -> Expert:
    """Find an expert.

    Raises:
        UnknownNameError: No expert has that name.
    """
    if name not in EXPERTS:
        known = ", ".join(sorted(EXPERTS))
        raise UnknownNameError(f'no expert for the skill "{name}"; there are {known}')
    return EXPERTS[name]


def perform(session: Session | Agent, task: SkillTask) -> SkillResult:
    """Carry out a task by its expert, within its budget, and say what came of it.

    Args:
        session: where to act, or the agent who acts there already.
        task: what to do; a skill without an expert, or parameters that do not fit, are refused.
    """
    agent = session if isinstance(session, Agent) else Agent(session)
    n_steps, tick, reward = agent.n_steps, agent.tick, agent.reward
    status, reason = SkillStatus.DONE, ""
    details: dict[str, Any] = {}
    agent.deadline_tick = tick + task.budget_seconds * TICKS_PER_SECOND
    try:
        function = expert_named(task.skill)
        inspect.signature(function).bind(agent, **task.parameters)
        details = function(agent, **task.parameters) or {}
    except SkillError as error:
        status, reason = error.status, error.reason
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        # Parameters come from plans that others write: what is wrong with them is a refusal, as
        # long as nothing was done. Later it is a name that the game does not have, or a bug.
        if agent.n_steps == n_steps and not isinstance(error, OSError):
            status, reason = SkillStatus.REFUSED, str(error)
        elif isinstance(error, UnknownNameError | InvalidValueError):
            status, reason = SkillStatus.FAILED, str(error)
        else:
            raise
    finally:
        agent.deadline_tick = math.inf
    return SkillResult(
        skill=task.skill,
        status=status,
        reason=reason,
        n_steps=agent.n_steps - n_steps,
        n_ticks=agent.tick - tick,
        reward=agent.reward - reward,
        details=details,
    )
