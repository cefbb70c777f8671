"""A session that counts the rewards of the steps that are made in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast._core import World
    from factorio_fast.envs.session import Session

__all__ = ["RewardMeter"]


class RewardMeter:
    """Steps another session and sums what its steps were worth."""

    def __init__(self, inner: Session) -> None:
        self.inner = inner
        self.begin()
        self.terminated = self.truncated = False

    def begin(self) -> None:
        """Begin to sum anew."""
        self.reward = 0.0
        self.n_steps = 0

    @property
    def phase(self) -> str:
        """Where the episode stands."""
        return self.inner.phase

    def reset(self, seed: int, episode: int = 0) -> None:
        """Begin an episode."""
        self.inner.reset(seed, episode)
        self.begin()
        self.terminated = self.truncated = False

    def step(self, action: list[int]) -> tuple[float, bool, bool]:
        """Carry out one action."""
        return self._counted(self.inner.step(action))

    def step_commands(self, commands: list[tuple[Any, ...]]) -> tuple[float, bool, bool]:
        """Carry out typed commands for one step."""
        return self._counted(self.inner.step_commands(commands))

    def refusals(self) -> list[str | None]:
        """Say for each command of the last step why it was refused."""
        return self.inner.refusals()

    def look(self) -> World:
        """Return a copy of the world as it is now."""
        return self.inner.look()

    def character(self) -> dict[str, Any]:
        """Return what the character is and has."""
        return self.inner.character()

    def find_path(
        self, position: tuple[float, float], reach: float = 0.75
    ) -> list[tuple[float, float]] | None:
        """Find the waypoints to a position."""
        return self.inner.find_path(position, reach)

    def set_goal(self, goal: dict[str, Any] | None) -> None:
        """Show another goal in the observation."""
        self.inner.set_goal(goal)

    def observe(self, out: NDArray[np.uint8]) -> None:
        """Copy the packed record into `out`; uint8; (8576,)."""
        self.inner.observe(out)

    def full(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the full observation adds."""
        return self.inner.full()

    def action_masks(self) -> NDArray[np.bool_]:
        """Return the mask as booleans; (65,)."""
        return self.inner.action_masks()

    def conditional_mask(self, interact: int) -> NDArray[np.bool_]:
        """Return the exact table of an interaction; (16, 32)."""
        return self.inner.conditional_mask(interact)

    def info(self) -> dict[str, Any]:
        """Return what `info` says about the last step."""
        return self.inner.info()

    def render_rgb(self) -> NDArray[np.uint8]:
        """Draw the world round the character; uint8; (height, width, 3)."""
        return self.inner.render_rgb()

    def render_ansi(self) -> str:
        """Draw the world round the character as coloured text."""
        return self.inner.render_ansi()

    def snapshot(self) -> bytes:
        """Write the episode as bytes."""
        return self.inner.snapshot()

    def restore(self, data: bytes) -> None:
        """Go back to a snapshot."""
        self.inner.restore(data)

    @property
    def transport_metrics(self) -> dict[str, float]:
        """What passed between a server and here; empty where there is none."""
        return self.inner.transport_metrics

    def close(self) -> None:
        """Give up what the session owns; may be called twice."""
        self.inner.close()

    def _counted(self, outcome: tuple[float, bool, bool]) -> tuple[float, bool, bool]:
        reward, terminated, truncated = outcome
        self.reward += reward
        self.n_steps += 1
        self.terminated |= terminated
        self.truncated |= truncated
        return outcome
