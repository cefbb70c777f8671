"""The four policies: a trained network where there is one that can do it, else the scripted expert.

A network is steered by the goal that its observation shows, watched by a budget, and replaced by
the expert where it does not come to the end; the result says so, and why.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from factorio_fast.coordination.tasks import SkillResult, SkillStatus, SkillTask
from factorio_fast.coordination.watched import (
    TICKS_PER_SECOND,
    SkillStoppedError,
    WatchedSession,
)
from factorio_fast.errors import (
    InvalidStateError,
    InvalidValueError,
    MissingExtraError,
    UnknownNameError,
)
from factorio_fast.skills import trained
from factorio_fast.skills.experts import perform
from factorio_fast.skills.network import SkillNetwork, WeightsError
from factorio_fast.skills.spec import GROUPS, SkillSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factorio_fast.envs.session import Session

__all__ = [
    "POLICIES",
    "WEIGHTS_FOLDER",
    "ConstructionPolicy",
    "LogisticsPolicy",
    "MiningPolicy",
    "MovementPolicy",
    "SkillPolicy",
]

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
"""Where the package's weights are."""


class SkillPolicy:
    """Carries out the skills of one group.

    Args:
        network: the trained network; None leaves everything to the expert.
        session: where it acts if no other session is given.
        palette: the items of the session's scenario; None takes those of `open_play`.
        reason: why there is no network.
    """

    group: ClassVar[str] = ""
    weights: ClassVar[str] = ""
    """The standard name of its weights."""

    def __init__(
        self,
        network: SkillNetwork | None = None,
        *,
        session: Session | None = None,
        palette: Sequence[str] | None = None,
        reason: str = "",
    ) -> None:
        self.network = network
        self.session = session
        self.reason = reason or ("" if network is not None else "no weights were loaded")
        self._palette = None if palette is None else tuple(palette)

    @classmethod
    def load(
        cls,
        weights: str | Path | None = None,
        *,
        session: Session | None = None,
        palette: Sequence[str] | None = None,
    ) -> Self:
        """Read weights: by a name of the package, or by a path.

        The package has no weights under some of the standard names; then the expert does it all.

        Raises:
            WeightsError: A path leads to none, or what is there cannot be used.
            MissingExtraError: torch is not installed.
        """
        name = Path(cls.weights if weights is None else weights)
        path = name if name.exists() or name.parent != Path() else WEIGHTS_FOLDER / name
        if not path.exists() and str(name) == cls.weights:
            reason = f'the package has no weights "{name}" for {cls.group}'
            return cls(session=session, palette=palette, reason=reason)
        if not path.exists():
            raise WeightsError(f'there are no weights "{weights}", nor in "{WEIGHTS_FOLDER}"')
        network = SkillNetwork.load(path, skill=cls.group)
        return cls(network, session=session, palette=palette)

    @property
    def skills(self) -> tuple[str, ...]:
        """The skills that it carries out; the first is meant where only its name is given."""
        return GROUPS[self.group]

    def bind(self, session: Session) -> Self:
        """Act in this session from now on."""
        self.session = session
        return self

    def execute(
        self,
        parameters: dict[str, Any],
        *,
        skill: str | None = None,
        session: Session | None = None,
        budget_seconds: float | None = None,
    ) -> SkillResult:
        """Carry a skill out and say what came of it.

        Args:
            parameters: what the skill takes; a key `skill` names it, if no argument does.
            skill: which of its skills; the first by default.
            session: where; by default the one it is bound to.
            budget_seconds: game time; by default that of the skill.

        Raises:
            UnknownNameError: It has no such skill.
            InvalidStateError: There is no session.
            WorldLostError: The session's world was lost.
        """
        values = dict(parameters)
        name = str(skill or values.pop("skill", self.skills[0]))
        if name not in self.skills:
            listed = ", ".join(self.skills)
            raise UnknownNameError(f'"{name}" is no skill of {self.group}; there are {listed}')
        inner = session or self.session
        if inner is None:
            raise InvalidStateError(f'skill "{name}" has no session: pass one, or call bind')
        spec = SkillSpec.of(name)
        mistake = spec.mistake_in(values)
        if mistake is not None:
            return SkillResult(skill=name, status=SkillStatus.REFUSED, reason=mistake)
        seconds = spec.budget_seconds if budget_seconds is None else budget_seconds
        if seconds <= 0:
            raise InvalidValueError(f"a budget is above 0 s, not {seconds}")
        watched = inner if isinstance(inner, WatchedSession) else _watched(inner, seconds)
        counted = (watched.n_steps, watched.n_ticks, watched.reward)
        try:
            result = self._carry_out(name, values, watched, seconds)
        except SkillStoppedError as error:
            if watched is inner:
                raise
            kinds = {"timed-out": SkillStatus.TIMED_OUT}
            status = kinds.get(error.kind, SkillStatus.WORLD_CHANGED)
            result = SkillResult(skill=name, status=status, reason=str(error))
        return result.model_copy(
            update={
                "n_steps": watched.n_steps - counted[0],
                "n_ticks": watched.n_ticks - counted[1],
                "reward": watched.reward - counted[2],
            }
        )

    def _carry_out(
        self, name: str, values: dict[str, Any], watched: WatchedSession, seconds: float
    ) -> SkillResult:
        reason = self._reason_against_network(name, values, watched)
        if reason is None and self.network is not None:
            try:
                reason = self._by_network(name, values, watched)
            finally:
                # What was shown was for the network; a lost world has nothing to show.
                if watched.lost is None:
                    watched.inner.set_goal(None)
            if reason is None:
                details = {"how": "network", "weights": self.network.path.name}
                return SkillResult(skill=name, status=SkillStatus.DONE, details=details)
        left = max(1.0, seconds - watched.n_ticks / TICKS_PER_SECOND)
        result = perform(watched, SkillTask(name, values, budget_seconds=min(left, 36_000.0)))
        details = {**result.details, "how": "expert", "fallback": reason or self.reason}
        return result.model_copy(update={"details": details})

    def _reason_against_network(
        self, name: str, values: dict[str, Any], watched: WatchedSession
    ) -> str | None:
        """Say why the network should not even try, if there is a reason."""
        del values, watched
        return self.reason or f"no network was trained for {name}"

    def _by_network(self, name: str, values: dict[str, Any], watched: WatchedSession) -> str | None:
        """Let the network do it; say why it did not come to the end, or None."""
        del values, watched
        return f"no network was trained for {name}"

    def _palette_differs(self) -> bool:
        if self.network is None or self.network.palette is None:
            return False
        return (self._palette or trained.open_play_palette()) != self.network.palette


class MovementPolicy(SkillPolicy):
    """Walks: `NAVIGATE` by the network, `EXPLORE` and `WAIT` by the expert."""

    group = "movement"
    weights = "movement_v2.pth"

    def _reason_against_network(
        self, name: str, values: dict[str, Any], watched: WatchedSession
    ) -> str | None:
        del values, watched
        if self.network is None or name != "NAVIGATE":
            return self.reason or f"no network was trained for {name}"
        return None

    def _by_network(self, name: str, values: dict[str, Any], watched: WatchedSession) -> str | None:
        del name
        if self.network is None:
            return self.reason
        target = (float(values["target"][0]), float(values["target"][1]))
        return trained.walk(self.network, watched, target, max(0.75, values.get("reach", 1.0)))


class MiningPolicy(SkillPolicy):
    """Digs: `GATHER` of one ore by the network where no machine has it, the rest by the expert."""

    group = "mining"
    weights = "mining_v3.pth"

    def _reason_against_network(
        self, name: str, values: dict[str, Any], watched: WatchedSession
    ) -> str | None:
        if self.network is None or name != "GATHER":
            return self.reason or f"no network was trained for {name}"
        return trained.reason_against_digging(watched, values["items"])

    def _by_network(self, name: str, values: dict[str, Any], watched: WatchedSession) -> str | None:
        del name
        if self.network is None:
            return self.reason
        ((item, count),) = values["items"].items()
        return trained.dig(self.network, watched, item, count)


class ConstructionPolicy(SkillPolicy):
    """Builds: `PLACE_ENTITIES` of what it was trained with by the network, else by the expert."""

    group = "construction"
    weights = "construction_v1.pth"

    def _reason_against_network(
        self, name: str, values: dict[str, Any], watched: WatchedSession
    ) -> str | None:
        if self.network is None or name != "PLACE_ENTITIES":
            return self.reason or f"no network was trained for {name}"
        if self._palette_differs():
            return "the network was trained for another palette"
        return trained.reason_against_building(watched, values["blueprint"])

    def _by_network(self, name: str, values: dict[str, Any], watched: WatchedSession) -> str | None:
        del name
        if self.network is None:
            return self.reason
        return trained.build(self.network, watched, values["blueprint"])


class LogisticsPolicy(SkillPolicy):
    """Connects, carries, crafts, researches: all by the expert, for there are no weights."""

    group = "logistics"
    weights = "logistics_v2.pth"


POLICIES: dict[str, type[SkillPolicy]] = {
    policy.group: policy
    for policy in (MovementPolicy, MiningPolicy, ConstructionPolicy, LogisticsPolicy)
}
"""The policies by the name of their group."""


def load_policy(
    group: str,
    folder: Path | None = None,
    *,
    palette: Sequence[str] | None = None,
) -> SkillPolicy:
    """Load a group's policy, by the expert alone where weights or torch are missing.

    Raises:
        WeightsError: A folder's weights are damaged or of another contract.
    """
    policy = POLICIES[group]
    path = None if folder is None else folder / policy.weights
    if path is not None and not path.exists():
        return policy(palette=palette, reason=f'there are no weights "{path}"')
    try:
        return policy.load(path, palette=palette)
    except MissingExtraError as error:
        return policy(palette=palette, reason=f"weights need torch: {error}")


def _watched(session: Session, seconds: float) -> WatchedSession:
    return WatchedSession(session, budget_ticks=math.ceil(seconds * TICKS_PER_SECOND))
