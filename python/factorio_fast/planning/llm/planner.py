"""`LlmPlanner`: plans by a language model behind an OpenAI-compatible endpoint.

The model gives plans over the same tasks as the deterministic planner, checked against schemas. It
is told of failures, has a budget, and writes a transcript that can be played again without it. What
it cannot do, the deterministic planner does, with a warning.
"""

from __future__ import annotations

import asyncio
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from factorio_fast._core import World
from factorio_fast.errors import FactorioFastError, MissingExtraError
from factorio_fast.planning.choice import make_plan
from factorio_fast.planning.llm.drafts import Impossible, PlanDraft, mistakes
from factorio_fast.planning.llm.prompt import instructions, question, world_report
from factorio_fast.planning.llm.settings import BudgetExceededError, LlmBudget, LlmSettings
from factorio_fast.planning.plan import Plan, PlanStep
from factorio_fast.planning.planners import planner_named

try:
    import httpx2
    from openai import AsyncOpenAI

    # RunContext is read from the tools' annotations when they are made.
    from pydantic_ai import Agent, ModelRetry, RunContext, ToolOutput  # noqa: TC002
    from pydantic_ai.exceptions import AgentRunError
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.usage import UsageLimits

    from factorio_fast.planning.llm.transcript import (
        MeteredTransport,
        ReplayTransport,
        Transcript,
        TranscriptError,
    )
except ModuleNotFoundError as error:
    raise MissingExtraError.of(error.name or "pydantic-ai-slim", extra="llm") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from factorio_fast.coordination.events import PlanFailure
    from factorio_fast.planning.goals import AnyGoal
    from factorio_fast.planning.llm.drafts import Catalogue
    from factorio_fast.planning.llm.settings import Spent
    from factorio_fast.planning.planners import Planner

__all__ = ["LlmPlanner", "LlmPlannerError", "LlmPlannerWarning", "PlanRefusedError"]

T = TypeVar("T")
MAX_MAP_RADIUS_TILES = 24
"""Of the maps that the model may ask for."""


class LlmPlannerError(FactorioFastError):
    """The language model gave no plan; the message says why."""


class PlanRefusedError(FactorioFastError):
    """The language model says that what is asked for cannot be done, and why."""


class LlmPlannerWarning(UserWarning):
    """The language model gave no plan, and the deterministic planner plans in its place."""


class LlmPlanner:
    """Plans by a language model.

    Args:
        catalogue: the skills that there are; by default those of the package.
        settings: where the model is, and what may be spent; by default from the environment.
        fallback: plans goals that the model leaves to it, and whatever the model cannot; by default
            the deterministic planner.
        transcript: a file that every exchange is written to.
        replay: a transcript that answers instead of the model.
        describe: writes the report on the world within a number of tokens.
        clock: seconds that go on.
    """

    name = "llm"
    understands_commands = True
    """Whether it may be given a command without a goal."""

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        settings: LlmSettings | None = None,
        *,
        fallback: Planner | None = None,
        transcript: str | Path | None = None,
        replay: str | Path | None = None,
        describe: Callable[[World, int], str] = world_report,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = LlmSettings.from_environment() if settings is None else settings
        self._catalogue = _library() if catalogue is None else catalogue
        self._fallback = planner_named("deterministic") if fallback is None else fallback
        self._describe = describe
        self._clock = clock
        self._budget = LlmBudget.of(self.settings, clock)
        self._transcript = None if transcript is None else Transcript(Path(transcript))
        self._replay = None if replay is None else ReplayTransport(Path(replay))

    @property
    def spent(self) -> Spent:
        """What was spent on the present command."""
        return self._budget.spent

    def plan(
        self,
        goal: AnyGoal | None,
        world: World,
        *,
        command: str = "",
        failure: PlanFailure | None = None,
    ) -> Plan:
        """Plan how a goal is reached from a world.

        Args:
            goal: what is wanted; None leaves it to the model to understand the command.
            world: the world as it is now.
            command: what the player said.
            failure: why the plan before did not come to its end; the budget is then what is left
                of that plan's.

        Raises:
            PlanRefusedError: The model says that it cannot be done, and there is no goal that the
                other planner would understand.
            LlmPlannerError: The model gives no plan, and there is no such goal either.
            PlanError: The other planner has no plan either.
            TranscriptError: What is played again is another conversation.
        """
        if failure is None:
            self._budget = LlmBudget.of(self.settings, self._clock)
        try:
            return self._plan_of(self._ask(goal, world, command, failure), goal, world)
        except TranscriptError:
            raise
        except (AgentRunError, BudgetExceededError, PlanRefusedError, LlmPlannerError) as error:
            return self._instead(goal, world, failure, error)

    # --- Asking --------------------------------------------------------------------------------

    def _ask(
        self,
        goal: AnyGoal | None,
        world: World,
        command: str,
        failure: PlanFailure | None,
    ) -> PlanDraft | Impossible:
        """Ask the model, within the budget.

        Raises:
            BudgetExceededError: The budget is used up.
            AgentRunError: The endpoint fails, or the answers do not fit however often corrected.
        """
        self._budget.ensure_call()
        report = self._describe(world, self.settings.max_state_tokens)
        text = question(command or str(goal), goal, report, failure)
        return _finished(self._run(text, world))

    async def _run(self, text: str, world: World) -> PlanDraft | Impossible:
        transport = self._transport()
        settings = self.settings
        async with httpx2.AsyncClient(
            transport=transport, timeout=settings.call_timeout_seconds
        ) as http_client:
            agent = self._agent(self._model(http_client))
            seconds = self._budget.seconds_left
            # The budget counts, repeated requests and earlier plans included.
            limits = UsageLimits(request_limit=None)
            try:
                if settings.is_streamed:
                    result = await agent.run(
                        text,
                        deps=world,
                        usage_limits=limits,
                        timeout=seconds,
                        event_stream_handler=_listen,
                    )
                else:
                    result = await agent.run(text, deps=world, usage_limits=limits, timeout=seconds)
            except TimeoutError as error:
                raise BudgetExceededError(
                    f"the language model's budget of {settings.max_seconds:g} seconds is used up; "
                    "raise max_seconds"
                ) from error
            except AgentRunError as error:
                for cause in _causes(error):
                    if isinstance(cause, BudgetExceededError | TranscriptError):
                        raise cause from error
                raise
        output: PlanDraft | Impossible = result.output
        return output

    def _transport(self) -> httpx2.AsyncBaseTransport:
        if self._replay is not None:
            return MeteredTransport(self._replay, self._budget, self._transcript)
        return MeteredTransport(httpx2.AsyncHTTPTransport(), self._budget, self._transcript)

    def _model(self, http_client: httpx2.AsyncClient) -> OpenAIChatModel:
        settings = self.settings
        key = settings.api_key.get_secret_value() if settings.api_key is not None else "none"
        client = AsyncOpenAI(
            base_url=settings.base_url,
            api_key=key,
            http_client=http_client,
            max_retries=settings.max_repeats,
            timeout=settings.call_timeout_seconds,
        )
        provider = OpenAICompatibleProvider("openai-compatible", openai_client=client)
        options = ModelSettings(max_tokens=settings.max_output_tokens)
        if settings.temperature is not None:
            options["temperature"] = settings.temperature
        return OpenAIChatModel(settings.model, provider=provider, settings=options)

    def _agent(self, model: OpenAIChatModel) -> Agent[World, PlanDraft | Impossible]:
        catalogue = self._catalogue
        agent: Agent[World, PlanDraft | Impossible] = Agent(
            model,
            deps_type=World,
            output_type=[
                ToolOutput(PlanDraft, name="plan", description="Give the plan."),
                ToolOutput(Impossible, name="impossible", description="Say why there is no plan."),
            ],
            instructions=instructions(catalogue),
            retries=self.settings.max_corrections,
        )

        @agent.output_validator
        def check(draft: PlanDraft | Impossible) -> PlanDraft | Impossible:
            if isinstance(draft, PlanDraft):
                found = mistakes(draft, catalogue)
                if found:
                    raise ModelRetry("\n".join(found[:8]))
            return draft

        @agent.tool
        def map_text(context: RunContext[World], x: float, y: float, radius: int) -> str:
            """Draw the map round a position as text, two characters a tile.

            Args:
                context: the world.
                x: tiles to the east.
                y: tiles to the south.
                radius: tiles, at most 24.
            """
            radius = max(1, min(radius, MAX_MAP_RADIUS_TILES))
            west, north = round(x) - radius, round(y) - radius
            area = ((west, north), (west + 2 * radius, north + 2 * radius))
            try:
                return context.deps.to_text(area)
            except FactorioFastError as error:
                return f"refused: {error}"

        @agent.tool
        def can_place(
            context: RunContext[World], entity: str, x: float, y: float, direction: str = "north"
        ) -> str:
            """Say whether an entity could be built at a position.

            Args:
                context: the world.
                entity: the game's name.
                x: its middle, tiles to the east.
                y: its middle, tiles to the south.
                direction: north, east, south or west.
            """
            try:
                fits = context.deps.can_place(entity, (x, y), direction)
            except FactorioFastError as error:
                return f"refused: {error}"
            return "yes" if fits else "no"

        return agent

    # --- What is made of the answer --------------------------------------------------------------

    def _plan_of(self, draft: PlanDraft | Impossible, goal: AnyGoal | None, world: World) -> Plan:
        """Make a plan of a draft; goals in it are planned by the other planner.

        Raises:
            PlanRefusedError: The draft says that there is none.
            LlmPlannerError: The draft leaves a goal to the other planner, which cannot plan it.
        """
        if isinstance(draft, Impossible):
            raise PlanRefusedError(draft.reason)
        steps = []
        inner: list[Plan] = []
        for step in draft.steps:
            if step.goal is None:
                tasks = tuple(task.task() for task in step.tasks)
                steps.append(PlanStep(title=step.title, tasks=tasks))
                continue
            try:
                plan = self._fallback.plan(step.goal, world)
            except FactorioFastError as error:
                raise LlmPlannerError(f'step "{step.title}": {error}') from error
            inner.append(plan)
            steps.append(PlanStep(title=step.title, steps=plan.steps, quantities=plan.quantities))
        return Plan(
            goal=draft.goal if goal is None else goal,
            planner=self.name,
            steps=tuple(steps),
            blueprint=tuple(part for plan in inner for part in plan.blueprint),
            quantities=inner[0].quantities
            if len(inner) == 1
            else Plan.model_fields["quantities"].get_default(),
            notes=(*draft.notes, *(note for plan in inner for note in plan.notes)),
        ).numbered()

    def _instead(
        self, goal: AnyGoal | None, world: World, failure: PlanFailure | None, error: Exception
    ) -> Plan:
        """Let the other planner plan, with a warning.

        Raises:
            PlanRefusedError, LlmPlannerError: There is no goal that it would understand.
        """
        reason = _said(error)
        if goal is None:
            if isinstance(error, PlanRefusedError | LlmPlannerError):
                raise error
            raise LlmPlannerError(f"the language model gives no plan: {reason}") from error
        warnings.warn(
            f"the language model gives no plan ({reason}); the deterministic planner plans instead",
            LlmPlannerWarning,
            stacklevel=3,
        )
        plan = make_plan(self._fallback, goal, world, failure=failure)
        note = f"planned without the language model: {reason}"
        return plan.model_copy(update={"notes": (note, *plan.notes)})


def _library() -> Catalogue:
    from factorio_fast.skills.library import SkillLibrary

    return SkillLibrary.load("experts")


def _finished(work: Coroutine[Any, Any, T]) -> T:
    """Wait for work to end, also where a loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _listen(context: Any, events: Any) -> None:
    """Take a stream's events; listening is what asks for a stream."""
    del context
    async for _event in events:
        pass


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _said(error: Exception) -> str:
    """Return an error's text in one line, without the hints for programmers."""
    lines = str(error).splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
