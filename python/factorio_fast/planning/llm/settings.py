"""Where the language model is, and what may be spent on it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, PrivateAttr, SecretStr, field_validator

from factorio_fast.errors import FactorioFastError, InvalidValueError
from factorio_fast.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ENVIRONMENT_PREFIX", "BudgetExceededError", "LlmBudget", "LlmSettings", "Spent"]

ENVIRONMENT_PREFIX = "FACTORIO_FAST_LLM_"
"""`FACTORIO_FAST_LLM_MODEL`, `…_BASE_URL`, `…_API_KEY`, … name the settings' fields."""

BYTES_PER_TOKEN = 4
"""What a token of English or JSON comes to, where a server does not count tokens."""


class BudgetExceededError(FactorioFastError):
    """The model may not be asked any more; the message names the budget and its limit."""


class LlmSettings(Model):
    """Where the language model is, and what may be spent on one command.

    Example:
        A server on this machine, and a hosted one whose key is in the environment:

        >>> from factorio_fast.planning.llm.settings import LlmSettings
        >>> LlmSettings(model="qwen3:8b", base_url="http://127.0.0.1:11434/v1").max_calls
        12
        >>> LlmSettings.from_environment(
        ...     {"FACTORIO_FAST_LLM_MODEL": "gpt-5-mini", "FACTORIO_FAST_LLM_API_KEY": "sk-1"}
        ... ).base_url
        'https://api.openai.com/v1'
    """

    model: Annotated[str, Field(min_length=1)]
    """The model's name at the endpoint."""
    base_url: str = "https://api.openai.com/v1"
    """The endpoint, up to and with `/v1`."""
    api_key: SecretStr | None = None
    """The key; it is never written to a transcript."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    is_streamed: bool = False
    """Whether answers are sent as they are made."""
    max_calls: Annotated[int, Field(ge=1, le=1_000)] = 12
    """Requests for one command, its new plans after failures and repeated requests included."""
    max_tokens: Annotated[int, Field(ge=1, le=100_000_000)] = 200_000
    """Tokens for one command, read and written."""
    max_seconds: Annotated[float, Field(gt=0, le=86_400)] = 300.0
    """Seconds of waiting for the model for one command."""
    call_timeout_seconds: Annotated[float, Field(gt=0, le=3_600)] = 60.0
    """Seconds for one answer."""
    max_output_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 4_096
    """Tokens of one answer."""
    max_corrections: Annotated[int, Field(ge=0, le=10)] = 3
    """How often the model may correct an answer that does not fit."""
    max_repeats: Annotated[int, Field(ge=0, le=10)] = 2
    """How often a request is sent again after a 429, a 5xx or a lost connection."""
    max_state_tokens: Annotated[int, Field(ge=100, le=100_000)] = 2_000
    """Tokens of the report on the world in each question."""

    @field_validator("base_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f'base_url begins with http:// or https://, not "{url}"')
        return url.rstrip("/")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """Read the settings that are not given from variables `FACTORIO_FAST_LLM_…`.

        Raises:
            InvalidValueError: No model is named, or a value is out of range.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {
            name: environment[ENVIRONMENT_PREFIX + name.upper()]
            for name in cls.model_fields
            if ENVIRONMENT_PREFIX + name.upper() in environment
        }
        values.update({name: value for name, value in settings.items() if value is not None})
        if "model" not in values:
            raise InvalidValueError(
                f"no language model is named: set {ENVIRONMENT_PREFIX}MODEL, or pass model=…"
            )
        try:
            return cls.model_validate(values)
        except ValueError as error:
            raise InvalidValueError(f"settings of the language model: {error}") from error


class Spent(Model):
    """What was spent on one command."""

    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0


class LlmBudget(Model):
    """What may be spent on one command, and what was; full budgets refuse before they spend."""

    max_calls: int
    max_tokens: int
    max_seconds: float
    clock: Any = time.monotonic
    """Seconds that go on; an argument, so that tests need not wait."""
    _spent: Spent = PrivateAttr(default_factory=Spent)

    @classmethod
    def of(cls, settings: LlmSettings, clock: Callable[[], float] = time.monotonic) -> Self:
        """Make the budget that the settings allow."""
        return cls(
            max_calls=settings.max_calls,
            max_tokens=settings.max_tokens,
            max_seconds=settings.max_seconds,
            clock=clock,
        )

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return self._spent

    @property
    def seconds_left(self) -> float:
        """How long the model may still be waited for."""
        return max(0.0, self.max_seconds - self._spent.seconds)

    def ensure_call(self) -> None:
        """Refuse a call that the budget has no room for.

        Raises:
            BudgetExceededError: One of the budgets is used up.
        """
        spent = self._spent
        for name, used, limit in (
            ("calls", spent.calls, self.max_calls),
            ("tokens", spent.tokens, self.max_tokens),
            ("seconds", spent.seconds, self.max_seconds),
        ):
            if used >= limit:
                raise BudgetExceededError(
                    f"the language model's budget of {limit:g} {name} is used up; raise max_{name}"
                )

    def add(self, *, calls: int = 0, tokens: int = 0, seconds: float = 0.0) -> None:
        """Count what was spent."""
        spent = self._spent
        self._spent = Spent(
            calls=spent.calls + calls,
            tokens=spent.tokens + tokens,
            seconds=spent.seconds + seconds,
        )
