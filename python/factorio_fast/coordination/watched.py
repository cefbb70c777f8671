"""A session under watch: it counts, keeps to a budget, can be stopped, and remembers a lost server.

Skills get this one instead of the session itself. Whatever they make of an exception, what ended
them is still known afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from factorio_fast.errors import FactorioFastError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast._core import World
    from factorio_fast.envs.session import Session

__all__ = ["TICKS_PER_SECOND", "SkillStoppedError", "WatchedSession", "WorldLostError"]

TICKS_PER_SECOND = 60
T = TypeVar("T")


class WorldLostError(FactorioFastError, ConnectionError):
    """The world that was stepped is lost: its server died, hangs or has no answer."""


class SkillStoppedError(FactorioFastError):
    """No more steps for this skill: its budget is used up, it was cancelled, or the episode ended.

    `kind` is `timed-out`, `cancelled` or `ended`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class WatchedSession:
    """Steps another session on behalf of one skill.

    Args:
        inner: the session that is stepped.
        budget_ticks: game time after which no step is made.
        on_step: called after every step with this session.
        cancelled: gives a reason once nothing more is to be done.
        discount: per step, of the discounted reward.
    """

    def __init__(
        self,
        inner: Session,
        *,
        budget_ticks: int | None = None,
        on_step: Callable[[WatchedSession], None] | None = None,
        cancelled: Callable[[], str | None] | None = None,
        discount: float = 1.0,
    ) -> None:
        self._discount = discount
        self.inner = inner
        self.budget_ticks = budget_ticks
        self.n_steps = 0
        self.reward = 0.0
        self.discounted_reward = 0.0
        """Each step's reward times the discount to the power of the steps before it."""
        self.terminated = False
        self.truncated = False
        self.lost: str | None = None
        self.stopped: SkillStoppedError | None = None
        self._on_step = on_step
        self._cancelled = cancelled
        self.start_tick = self._guarded(lambda: int(inner.character()["tick"]))
        self.tick = self.start_tick

    @property
    def n_ticks(self) -> int:
        """Ticks that passed under watch."""
        return self.tick - self.start_tick

    @property
    def phase(self) -> str:
        """Where the episode stands."""
        return self.inner.phase

    def reset(self, seed: int, episode: int = 0) -> None:
        """Refuse: a skill works in the world that it is given.

        Raises:
            SkillStoppedError: Always.
        """
        raise SkillStoppedError(
            "ended", f"a skill may not reset its world (seed {seed}, {episode})"
        )

    def step(self, action: list[int]) -> tuple[float, bool, bool]:
        """Carry out one action."""
        return self._stepped(lambda: self.inner.step(action))

    def step_commands(self, commands: list[tuple[Any, ...]]) -> tuple[float, bool, bool]:
        """Carry out typed commands for one step."""
        return self._stepped(lambda: self.inner.step_commands(commands))

    def refusals(self) -> list[str | None]:
        """Say for each command of the last step why it was refused."""
        return self.inner.refusals()

    def look(self) -> World:
        """Return a copy of the world as it is now."""
        return self._guarded(self.inner.look)

    def character(self) -> dict[str, Any]:
        """Return what the character is and has."""
        return self._guarded(self.inner.character)

    def find_path(
        self, position: tuple[float, float], reach: float = 0.75
    ) -> list[tuple[float, float]] | None:
        """Find the waypoints to a position."""
        return self._guarded(lambda: self.inner.find_path(position, reach))

    def set_goal(self, goal: dict[str, Any] | None) -> None:
        """Show another goal in the observation."""
        self._guarded(lambda: self.inner.set_goal(goal))

    def observe(self, out: NDArray[np.uint8]) -> None:
        """Copy the packed record into `out`; uint8; (8576,)."""
        self._guarded(lambda: self.inner.observe(out))

    def full(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the full observation adds."""
        return self._guarded(self.inner.full)

    def action_masks(self) -> NDArray[np.bool_]:
        """Return the mask as booleans; (65,)."""
        return self._guarded(self.inner.action_masks)

    def conditional_mask(self, interact: int) -> NDArray[np.bool_]:
        """Return the exact table of an interaction; (16, 32)."""
        return self._guarded(lambda: self.inner.conditional_mask(interact))

    def info(self) -> dict[str, Any]:
        """Return what `info` says about the last step."""
        return self._guarded(self.inner.info)

    def render_rgb(self) -> NDArray[np.uint8]:
        """Draw the world round the character."""
        return self._guarded(self.inner.render_rgb)

    def render_ansi(self) -> str:
        """Draw the world round the character as text."""
        return self._guarded(self.inner.render_ansi)

    def snapshot(self) -> bytes:
        """Write the episode as bytes."""
        return self._guarded(self.inner.snapshot)

    def restore(self, data: bytes) -> None:
        """Refuse: a skill cannot undo what it did.

        Raises:
            SkillStoppedError: Always.
        """
        raise SkillStoppedError("ended", f"a skill may not restore {len(data)} bytes")

    @property
    def transport_metrics(self) -> dict[str, float]:
        """What passed between a server and here."""
        return self._guarded(lambda: self.inner.transport_metrics)

    def close(self) -> None:
        """Refuse: the session belongs to whoever opened it.

        Raises:
            SkillStoppedError: Always.
        """
        raise SkillStoppedError("ended", "a skill may not close its session")

    def _stepped(self, act: Callable[[], tuple[float, bool, bool]]) -> tuple[float, bool, bool]:
        self._ensure_going()
        reward, terminated, truncated = self._guarded(act)
        self.discounted_reward += self._discount**self.n_steps * reward
        self.n_steps += 1
        self.reward += reward
        info = self._guarded(self.inner.info)
        self.tick = int(info["tick"])
        self.terminated, self.truncated = terminated, truncated
        infrastructure = info.get("infrastructure")
        if infrastructure:
            self.lost = str(infrastructure)
            raise WorldLostError(f"the world is lost: {self.lost}")
        if self._on_step is not None:
            self._on_step(self)
        return reward, terminated, truncated

    def _ensure_going(self) -> None:
        if self.lost is not None:
            raise WorldLostError(f"the world is lost: {self.lost}")
        if self.stopped is None:
            self.stopped = self._reason_to_stop()
        if self.stopped is not None:
            raise self.stopped

    def _reason_to_stop(self) -> SkillStoppedError | None:
        if self.terminated or self.truncated:
            how = "the character died or the objective is reached" if self.terminated else "time"
            return SkillStoppedError("ended", f"the episode has ended: {how}")
        reason = None if self._cancelled is None else self._cancelled()
        if reason is not None:
            return SkillStoppedError("cancelled", reason)
        if self.budget_ticks is not None and self.n_ticks >= self.budget_ticks:
            seconds = self.budget_ticks / TICKS_PER_SECOND
            return SkillStoppedError("timed-out", f"the budget of {seconds:g} s is used up")
        return None

    def _guarded(self, call: Callable[[], T]) -> T:
        """Call the session and remember if its world is lost."""
        try:
            return call()
        except WorldLostError:
            raise
        except (ConnectionError, TimeoutError) as error:
            self.lost = f"{type(error).__name__}: {error}"
            raise WorldLostError(f"the world is lost: {self.lost}") from error
