"""Sessions that lose their world at a chosen step, over real embedded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from factorio_fast import open_session
from factorio_fast.errors import ServerClosedError

if TYPE_CHECKING:
    from factorio_fast.envs.session import Session

SEED = 3


class LossySession:
    """Passes everything on to a real session, until its server dies.

    Args:
        inner: the session.
        steps_left: how many steps are made before.
        how: whether the step raises, or ends truncated with `info["infrastructure"]`.
    """

    def __init__(
        self, inner: Any, steps_left: int, how: Literal["raise", "infrastructure"] = "raise"
    ) -> None:
        self._inner = inner
        self._steps_left = steps_left
        self._how = how
        self.is_lost = False

    def step(self, action: list[int]) -> tuple[float, bool, bool]:
        self._count()
        if self.is_lost:
            return 0.0, False, True
        result: tuple[float, bool, bool] = self._inner.step(action)
        return result

    def step_commands(self, commands: list[tuple[Any, ...]]) -> tuple[float, bool, bool]:
        self._count()
        if self.is_lost:
            return 0.0, False, True
        result: tuple[float, bool, bool] = self._inner.step_commands(commands)
        return result

    def info(self) -> dict[str, Any]:
        if self.is_lost and self._how == "infrastructure":
            return {"tick": 0, "infrastructure": "server 1 exited with status -9"}
        return dict(self._alive().info())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._alive(), name)

    def _alive(self) -> Any:
        if self.is_lost:
            raise ServerClosedError("the connection was lost")
        return self._inner

    def _count(self) -> None:
        self._alive()
        self._steps_left -= 1
        if self._steps_left < 0:
            self.is_lost = True
            if self._how == "raise":
                raise ServerClosedError("the connection was lost")


def session_of(seed: int = SEED) -> Session:
    return open_session("open_play", seed=seed)


def spot(session: Session, dx: float, dy: float) -> tuple[float, float]:
    """Return the middle of the tile so far from the character."""
    x, y = session.character()["position"]
    return int(x) + dx + 0.5, int(y) + dy + 0.5
