"""Backends and sessions: where the worlds are that environments step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from factorio_fast import _core
from factorio_fast.envs.served import FactorioBackend, SimServerBackend
from factorio_fast.errors import InvalidValueError, UnknownNameError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BACKENDS", "Backend", "EmbeddedBackend", "Session", "backend_named"]


@runtime_checkable
class Session(Protocol):
    """One world in which episodes are played; `factorio_fast._core.Episode` is the embedded one."""

    @property
    def phase(self) -> str:
        """Where the episode stands: `new`, `running` or `done`."""
        ...

    def reset(self, seed: int, episode: int = 0) -> None:
        """Begin episode number `episode` of the environment seed `seed`."""
        ...

    def step(self, action: list[int]) -> tuple[float, bool, bool]:
        """Carry out one action; returns reward, terminated, truncated."""
        ...

    def step_commands(self, commands: list[tuple[Any, ...]]) -> tuple[float, bool, bool]:
        """Carry out typed commands for one step; returns reward, terminated, truncated."""
        ...

    def refusals(self) -> list[str | None]:
        """Say for each command of the last step why it was refused, None if it was not."""
        ...

    def look(self) -> _core.World:
        """Return a copy of all that is known of the world now."""
        ...

    def character(self) -> dict[str, Any]:
        """Return what the character is and has."""
        ...

    def find_path(
        self, position: tuple[float, float], reach: float = 0.75
    ) -> list[tuple[float, float]] | None:
        """Find the waypoints to within `reach` tiles of a position."""
        ...

    def set_goal(self, goal: dict[str, Any] | None) -> None:
        """Show another goal in the observation, or the scenario's own again."""
        ...

    def observe(self, out: NDArray[np.uint8]) -> None:
        """Copy the packed record into `out`; uint8; (8576,)."""
        ...

    def full(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the full observation adds: inventory (32,) and goal (16,)."""
        ...

    def action_masks(self) -> NDArray[np.bool_]:
        """Return the mask as booleans; (65,)."""
        ...

    def conditional_mask(self, interact: int) -> NDArray[np.bool_]:
        """Return the exact table of an interaction; (16, 32); axes (target, item)."""
        ...

    def info(self) -> dict[str, Any]:
        """Return what `info` says about the last step."""
        ...

    def render_rgb(self) -> NDArray[np.uint8]:
        """Draw the world round the character; uint8; (height, width, 3)."""
        ...

    def render_ansi(self) -> str:
        """Draw the world round the character as coloured text."""
        ...

    def snapshot(self) -> bytes:
        """Write the episode as bytes."""
        ...

    def restore(self, data: bytes) -> None:
        """Go back to a snapshot."""
        ...

    @property
    def transport_metrics(self) -> dict[str, float]:
        """What passed between a server and here; empty where there is none."""
        ...

    def close(self) -> None:
        """Give up what the session owns; may be called twice."""
        ...


class Backend(Protocol):
    """Opens sessions; an environment takes one by name or as an object."""

    def open(self, scenario: _core.Scenario, *, max_steps: int | None, is_sparse: bool) -> Session:
        """Open a session of a scenario."""
        ...


class EmbeddedBackend:
    """The Rust simulation, in this process."""

    def open(
        self, scenario: _core.Scenario, *, max_steps: int | None = None, is_sparse: bool = False
    ) -> _core.Episode:
        """Open a session of a scenario."""
        return _core.Episode(scenario, max_steps=max_steps, is_sparse=is_sparse)


BACKENDS: dict[str, Backend] = {
    "embedded": EmbeddedBackend(),
    "sim-server": SimServerBackend(),
    "factorio": FactorioBackend(),
}
"""The backends that can be named; others may be added."""


def backend_named(backend: str | Backend) -> Backend:
    """Find a backend by name; an object is returned as it is.

    Raises:
        UnknownNameError: There is no such backend.
        InvalidValueError: It is neither a name nor an object that opens sessions.
    """
    if not isinstance(backend, str):
        if not callable(getattr(backend, "open", None)):
            raise InvalidValueError(f"backend must be a name or open sessions, not {backend!r}")
        return backend
    if backend in BACKENDS:
        return BACKENDS[backend]
    known = ", ".join(f'"{name}"' for name in BACKENDS)
    raise UnknownNameError(f'unknown backend "{backend}"; choose one of {known}')
