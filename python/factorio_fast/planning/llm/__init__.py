"""The planner that asks a language model; needs the extra `llm`."""

from __future__ import annotations

from factorio_fast.planning.llm.drafts import Impossible, PlanDraft, StepDraft, TaskDraft
from factorio_fast.planning.llm.planner import (
    LlmPlanner,
    LlmPlannerError,
    LlmPlannerWarning,
    PlanRefusedError,
)
from factorio_fast.planning.llm.settings import BudgetExceededError, LlmBudget, LlmSettings, Spent
from factorio_fast.planning.llm.transcript import Transcript, TranscriptError

__all__ = [
    "BudgetExceededError",
    "Impossible",
    "LlmBudget",
    "LlmPlanner",
    "LlmPlannerError",
    "LlmPlannerWarning",
    "LlmSettings",
    "PlanDraft",
    "PlanRefusedError",
    "Spent",
    "StepDraft",
    "TaskDraft",
    "Transcript",
    "TranscriptError",
]
